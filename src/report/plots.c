/* The eight plots, as rows of a table. See plots.h and canvas.h.
 *
 * PNG and SVG come from the same drawing calls. In an SVG, lines and letters are vectors (letters
 * as outlines, so that it looks the same where the font is missing) and heat maps are pixels. */
#include "report/plots.h"

#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "report/output.h"
#include "report/svg.h"

static const double TOP = 54.0;    /* of the first panel */
static const double BOTTOM = 62.0; /* below the last */
/* Decibels shown below the loudest value. */
static const double DECIBELS = 80.0;

static HhRect panel(double height)
{
    return (HhRect){HH_PANEL_LEFT, TOP, HH_PANEL_RIGHT, height - BOTTOM};
}

static double duration(const HhPlotData *data)
{
    double seconds = data->analysis->input.duration_s;
    return seconds > 0.0 && isfinite(seconds) ? seconds : 1.0;
}

static HhAxis time_axis(const HhPlotData *data)
{
    return (HhAxis){HH_SCALE_LINEAR, HH_AXIS_TIME, 0.0, duration(data)};
}

/* ---- heat maps */

/* Smallest and largest finite value; false if there is none. */
static bool extremes(const HhImage *image, double *low, double *high)
{
    *low = (double)INFINITY, *high = -(double)INFINITY;
    for (size_t i = 0; i < image->columns * image->rows; i++) {
        double v = (double)image->values[i];
        if (!isfinite(v)) continue;
        *low = fmin(*low, v), *high = fmax(*high, v);
    }
    return *low <= *high;
}

/* What the ends of the colour scale stand for, if the values lie from `low` to `high`. */
static HhAxis color_axis(double low, double high, bool decibels)
{
    low = decibels ? fmax(low, high - DECIBELS) : fmin(low, 0.0);
    /* The same everywhere, as in silence: dark. */
    if (!(high - low > 1e-9)) high = low + (decibels ? DECIBELS : 1.0);
    return (HhAxis){HH_SCALE_LINEAR, HH_AXIS_NUMBER, low, high};
}

static HhAxis color_range(const HhImage *image)
{
    double low, high;
    if (!extremes(image, &low, &high)) low = high = 0.0;
    return color_axis(low, high, strcmp(image->unit, "dB") == 0);
}

/* How the rows of a frequency image are spaced, and the logarithmic axis that shows them. */
static void frequency_axes(const HhImage *image, HhAxis *rows, HhAxis *shown)
{
    *rows = (HhAxis){image->log_rows ? HH_SCALE_LOG : HH_SCALE_LINEAR, HH_AXIS_HERTZ, image->low,
                     image->high};
    *shown = (HhAxis){HH_SCALE_LOG, HH_AXIS_HERTZ,
                      image->log_rows ? image->low : fmax(image->low, 20.0), image->high};
}

static void heat_panel(HhCanvas *canvas, const HhPlotData *data, HhRect rect, const HhImage *image,
                       const HhAxis *rows, const HhAxis *shown, const HhAxis *range,
                       const char *x_label, const char *y_label, const char *scale_label)
{
    HhAxis x = time_axis(data);
    hh_canvas_heat(canvas, rect, &x, shown, image, rows, range->low, range->high);
    hh_canvas_axes(canvas, rect, &x, x_label, shown, y_label);
    hh_canvas_scale(canvas, rect, range->low, range->high, scale_label);
}

static void draw_spectrogram(HhCanvas *canvas, const HhPlotData *data)
{
    HhAxis rows, shown, range = color_range(data->spectrogram), x = time_axis(data);
    frequency_axes(data->spectrogram, &rows, &shown);
    heat_panel(canvas, data, panel(canvas->height), data->spectrogram, &rows, &shown, &range,
               hh_axis_time_label(&x), "frequency (Hz)", "level (dB)");
}

static void draw_mel(HhCanvas *canvas, const HhPlotData *data)
{
    const HhImage *image = data->mel;
    HhAxis rows = {HH_SCALE_MEL, HH_AXIS_HERTZ, image->low, image->high},
           range = color_range(image), x = time_axis(data);
    heat_panel(canvas, data, panel(canvas->height), image, &rows, &rows, &range,
               hh_axis_time_label(&x), "frequency (Hz, mel scale)", "level (dB)");
}

static void draw_chroma(HhCanvas *canvas, const HhPlotData *data)
{
    HhAxis rows = {HH_SCALE_LINEAR, HH_AXIS_PITCH_CLASS, 0.0, 12.0},
           range = color_range(data->chroma), x = time_axis(data);
    heat_panel(canvas, data, panel(canvas->height), data->chroma, &rows, &rows, &range,
               hh_axis_time_label(&x), "pitch class", "energy, relative");
}

/* The tempo of the track as a dashed line, and its value in the title line. */
static void draw_tempo(HhCanvas *canvas, const HhAxis *rows, double tempo)
{
    if (!(tempo > rows->low && tempo < rows->high)) return;
    HhText words = HH_TEXT_INIT(canvas->context);
    hh_text_put(&words, "dashed: ");
    hh_text_fixed(&words, tempo, 2, "");
    hh_text_put(&words, " BPM");
    if (words.failed)
        canvas->failed = true;
    else
        hh_canvas_text(canvas, HH_PANEL_RIGHT, 28.0, 15.0, HH_ALIGN_RIGHT, canvas->theme->ink,
                       false, words.data);
    hh_text_free(&words);
    if (!(canvas->layers & HH_LAYER_DATA)) return;
    HhRect rect = panel(canvas->height);
    double y = rect.bottom - hh_axis_share(rows, tempo) * (rect.bottom - rect.top);
    const double dashes[] = {8.0, 6.0};
    cairo_set_dash(canvas->cr, dashes, 2, 0.0);
    cairo_set_line_width(canvas->cr, 1.5);
    cairo_set_source_rgba(canvas->cr, 1.0, 1.0, 1.0, 0.9);
    cairo_move_to(canvas->cr, rect.left, y);
    cairo_line_to(canvas->cr, rect.right, y);
    cairo_stroke(canvas->cr);
    cairo_set_dash(canvas->cr, NULL, 0, 0.0);
}

static void draw_tempogram(HhCanvas *canvas, const HhPlotData *data)
{
    const HhImage *image = data->tempogram;
    HhAxis rows = {image->log_rows ? HH_SCALE_LOG : HH_SCALE_LINEAR, HH_AXIS_BPM, image->low,
                   image->high};
    HhAxis range = color_range(image), x = time_axis(data);
    heat_panel(canvas, data, panel(canvas->height), image, &rows, &rows, &range,
               hh_axis_time_label(&x), "tempo (BPM)", "autocorrelation");
    draw_tempo(canvas, &rows, data->analysis->rhythm.tempo_bpm);
}

/* White letters on a dark plate, in the corner of a heat map. */
static void badge(HhCanvas *canvas, HhRect rect, const char *text)
{
    double width = hh_canvas_text_width(canvas, 16.0, true, text) + 20.0;
    if (canvas->layers & HH_LAYER_INK) {
        cairo_set_source_rgba(canvas->cr, 0.0, 0.0, 0.0, 0.65);
        cairo_rectangle(canvas->cr, rect.left + 10.0, rect.top + 10.0, width, 28.0);
        cairo_fill(canvas->cr);
    }
    hh_canvas_text(canvas, rect.left + 20.0, rect.top + 24.0, 16.0, HH_ALIGN_LEFT,
                   (HhColor){1, 1, 1}, true, text);
}

/* Both parts with one colour scale, so that they can be compared. */
static void draw_hpss(HhCanvas *canvas, const HhPlotData *data)
{
    HhRect all = panel(canvas->height), upper = all, lower = all;
    upper.bottom = 0.5 * (all.top + all.bottom) - 12.0;
    lower.top = 0.5 * (all.top + all.bottom) + 12.0;
    double low[2], high[2];
    if (!extremes(data->harmonic, &low[0], &high[0])) low[0] = high[0] = 0.0;
    if (!extremes(data->percussive, &low[1], &high[1])) low[1] = low[0], high[1] = high[0];
    HhAxis range = color_axis(fmin(low[0], low[1]), fmax(high[0], high[1]), true), rows, shown,
           x = time_axis(data);
    frequency_axes(data->harmonic, &rows, &shown);
    heat_panel(canvas, data, upper, data->harmonic, &rows, &shown, &range, NULL, "frequency (Hz)",
               "level (dB)");
    badge(canvas, upper, "Harmonic");
    frequency_axes(data->percussive, &rows, &shown);
    heat_panel(canvas, data, lower, data->percussive, &rows, &shown, &range, hh_axis_time_label(&x),
               "frequency (Hz)", "level (dB)");
    badge(canvas, lower, "Percussive");
}

/* ---- curves */

/* Largest and smallest value of a series between two times; false if it has none there. */
static bool series_extremes(const HhSeries *series, double from, double to, double *low,
                            double *high)
{
    const float *values = series->values.data;
    size_t rows = series->values.shape[0], columns = series->values.shape[1];
    double first = ceil((from - series->start_s) / series->hop_s),
           last = ceil((to - series->start_s) / series->hop_s);
    size_t begin = (size_t)fmin(fmax(first, 0.0), (double)rows),
           end = (size_t)fmin(fmax(last, 0.0), (double)rows);
    *low = (double)INFINITY, *high = -(double)INFINITY;
    for (size_t t = begin; t < end; t++) {
        double v = (double)values[t * columns];
        if (isfinite(v)) *low = fmin(*low, v), *high = fmax(*high, v);
    }
    return *low <= *high;
}

/* The area under the curve of a series, filled: the maximum of each unit, or each value if those
 * are fewer. */
static void fill_curve(HhCanvas *canvas, HhRect rect, const HhAxis *x, const HhAxis *y,
                       const HhSeries *series)
{
    double width = rect.right - rect.left, height = rect.bottom - rect.top,
           zero = rect.bottom - hh_axis_share(y, 0.0) * height;
    size_t points = (size_t)fmin(width, ceil(x->high / series->hop_s));
    double step = x->high / (double)HH_MAX(points, (size_t)1), low, high;
    cairo_new_path(canvas->cr);
    cairo_move_to(canvas->cr, rect.left, zero);
    for (size_t i = 0; i < points; i++)
        if (series_extremes(series, (double)i * step, ((double)i + 1.0) * step, &low, &high))
            cairo_line_to(canvas->cr, rect.left + hh_axis_share(x, (double)i * step) * width,
                          rect.bottom - hh_axis_share(y, high) * height);
    cairo_line_to(canvas->cr, rect.right, zero);
    cairo_close_path(canvas->cr);
    hh_canvas_color(canvas, hh_color_data, 0.9);
    cairo_fill_preserve(canvas->cr);
    cairo_set_line_width(canvas->cr, 1.0); /* a peak of one point has an area of nothing */
    cairo_stroke(canvas->cr);
}

/* How many beats stand between two that are drawn: 1, 4, 16 ..., so that they can be told apart. 0:
 * there are none. */
static size_t beat_stride(const HhPlotData *data, HhRect rect)
{
    size_t beats = data->analysis->rhythm.beats_s ? data->analysis->rhythm.beats : 0,
           stride = beats > 0;
    while (stride && (rect.right - rect.left) * (double)stride / (double)beats < 6.0) stride *= 4;
    return stride;
}

/* A line at beats, from share `from` to share `to` of the height. */
static void draw_beats(HhCanvas *canvas, const HhPlotData *data, HhRect rect, double from,
                       double to, double alpha)
{
    double height = rect.bottom - rect.top, seconds = duration(data);
    size_t stride = beat_stride(data, rect);
    if (!stride) return;
    hh_canvas_color(canvas, hh_color_accent, alpha);
    cairo_set_line_width(canvas->cr, 1.2);
    for (size_t i = 0; i < data->analysis->rhythm.beats; i += stride) {
        double at =
            rect.left + data->analysis->rhythm.beats_s[i] / seconds * (rect.right - rect.left);
        if (!(at >= rect.left && at <= rect.right)) continue;
        cairo_move_to(canvas->cr, at, rect.bottom - from * height);
        cairo_line_to(canvas->cr, at, rect.bottom - to * height);
    }
    cairo_stroke(canvas->cr);
}

/* What the colours of a curve mean, at the right end of the title line. */
static void legend(HhCanvas *canvas, const char *curve, size_t stride)
{
    if (!(canvas->layers & HH_LAYER_INK)) return;
    double x = HH_PANEL_RIGHT;
    if (stride) {
        char beats[48];
        if (stride == 1)
            snprintf(beats, sizeof beats, "beat");
        else
            snprintf(beats, sizeof beats, "every %zuth beat", stride);
        x -= hh_canvas_text(canvas, x, 28.0, 15.0, HH_ALIGN_RIGHT, canvas->theme->ink, false,
                            beats) +
             10.0;
        hh_canvas_color(canvas, hh_color_accent, 1.0);
        cairo_rectangle(canvas->cr, x - 2.0, 20.0, 2.5, 16.0);
        cairo_fill(canvas->cr);
        x -= 22.0;
    }
    x -= hh_canvas_text(canvas, x, 28.0, 15.0, HH_ALIGN_RIGHT, canvas->theme->ink, false, curve) +
         8.0;
    hh_canvas_color(canvas, hh_color_data, 1.0);
    cairo_rectangle(canvas->cr, x - 16.0, 21.0, 16.0, 14.0);
    cairo_fill(canvas->cr);
}

/* Where the axis of a waveform ends: 1 if the peak is near full scale, else a round number above
 * it, so that quiet tracks can be seen and loud ones fill the plot. */
static double round_limit(double peak)
{
    static const double shares[] = {1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0};
    if (!(peak > 0.0) || !isfinite(peak)) return 1.0;
    double decade = pow(10.0, floor(log10(peak)));
    for (size_t i = 0; i < HH_COUNT(shares); i++)
        if (peak <= 1.0001 * shares[i] * decade) return shares[i] * decade;
    return 10.0 * decade;
}

/* Extreme value of one row of an image over some columns. */
static double extreme_of(const HhImage *image, size_t first, size_t last, size_t row, bool largest)
{
    double found = (double)NAN;
    for (size_t c = first; c < last; c++) {
        double v = (double)image->values[c * image->rows + row];
        if (isfinite(v))
            found = largest ? fmax(found, v) : fmin(found, v); /* a NaN gives way to a number */
    }
    return found;
}

/* A line to point `point` of `points`: the extreme of its columns, amid them; the first and the
 * last point reach to the edges. */
static void outline_point(HhCanvas *canvas, HhRect rect, const HhAxis *x, const HhAxis *y,
                          const HhImage *image, size_t point, size_t points, bool upper)
{
    size_t first = point * image->columns / points, last = (point + 1) * image->columns / points;
    double value = extreme_of(image, first, last, upper ? image->rows - 1 : 0, upper);
    double middle = 0.5 * (double)(first + last) * image->column_s;
    double time = point == 0 ? 0.0 : point + 1 == points ? x->high : middle;
    if (isfinite(value) && time <= x->high)
        cairo_line_to(canvas->cr, rect.left + hh_axis_share(x, time) * (rect.right - rect.left),
                      rect.bottom - hh_axis_share(y, value) * (rect.bottom - rect.top));
}

/* Once along the maxima and back along the minima, at most two points per unit of width. */
static void outline_waveform(HhCanvas *canvas, HhRect rect, const HhAxis *x, const HhAxis *y,
                             const HhImage *image)
{
    size_t points = HH_MIN(image->columns, (size_t)(2.0 * (rect.right - rect.left)));
    cairo_new_path(canvas->cr);
    for (size_t i = 0; i < points; i++) outline_point(canvas, rect, x, y, image, i, points, true);
    for (size_t i = points; i-- > 0;) outline_point(canvas, rect, x, y, image, i, points, false);
    cairo_close_path(canvas->cr);
    hh_canvas_color(canvas, hh_color_data, 1.0);
    cairo_fill(canvas->cr);
}

static void draw_waveform(HhCanvas *canvas, const HhPlotData *data)
{
    HhRect rect = panel(canvas->height);
    double low, high;
    bool any = data->waveform ? extremes(data->waveform, &low, &high)
                              : series_extremes(data->rms, 0.0, (double)INFINITY, &low, &high);
    double limit = round_limit(any ? fmax(fabs(low), fabs(high)) : 1.0);
    HhAxis x = time_axis(data),
           y = {HH_SCALE_LINEAR, HH_AXIS_NUMBER, data->waveform ? -limit : 0.0, limit};
    if (canvas->layers & HH_LAYER_DATA) {
        if (data->waveform)
            outline_waveform(canvas, rect, &x, &y, data->waveform);
        else
            fill_curve(canvas, rect, &x, &y, data->rms);
        if (data->waveform) draw_beats(canvas, data, rect, 0.0, 0.06, 0.9);
        draw_beats(canvas, data, rect, 0.94, 1.0, 0.9);
    }
    legend(canvas, data->waveform ? "mean of the channels" : "level of a frame",
           beat_stride(data, rect));
    hh_canvas_axes(canvas, rect, &x, hh_axis_time_label(&x), &y,
                   data->waveform ? "amplitude" : "RMS");
}

static void draw_onset(HhCanvas *canvas, const HhPlotData *data)
{
    HhRect rect = panel(canvas->height);
    double low, high;
    if (!series_extremes(data->onset_strength, 0.0, (double)INFINITY, &low, &high) || !(high > 0.0))
        high = 1.0;
    HhAxis x = time_axis(data), y = {HH_SCALE_LINEAR, HH_AXIS_NUMBER, 0.0, high * 1.05};
    if (canvas->layers & HH_LAYER_DATA) {
        draw_beats(canvas, data, rect, 0.0, 1.0, 0.3);
        draw_beats(canvas, data, rect, 0.94, 1.0, 0.9);
        fill_curve(canvas, rect, &x, &y, data->onset_strength);
    }
    legend(canvas, "onset strength", beat_stride(data, rect));
    hh_canvas_axes(canvas, rect, &x, hh_axis_time_label(&x), &y, "onset strength");
}

static void draw_radar(HhCanvas *canvas, const HhPlotData *data)
{
    hh_radar_draw(canvas, &data->analysis->fingerprint);
}

/* ---- the table */

static bool has_waveform(const HhPlotData *data)
{
    return data->waveform || data->rms;
}
static bool has_spectrogram(const HhPlotData *data)
{
    return data->spectrogram != NULL;
}
static bool has_mel(const HhPlotData *data)
{
    return data->mel != NULL;
}
static bool has_chroma(const HhPlotData *data)
{
    return data->chroma != NULL;
}
static bool has_onset(const HhPlotData *data)
{
    return data->onset_strength != NULL;
}
static bool has_tempogram(const HhPlotData *data)
{
    return data->tempogram != NULL;
}
static bool has_hpss(const HhPlotData *data)
{
    return data->harmonic && data->percussive;
}
static bool has_radar(const HhPlotData *data)
{
    return data->analysis->fingerprint.version != 0;
}

/* In the order of HH_PLOT_LIST. */
static const struct {
    bool (*available)(const HhPlotData *data);
    void (*draw)(HhCanvas *canvas, const HhPlotData *data);
    double height;
    bool time;
} plots[HH_PLOT_COUNT] = {
    {has_waveform, draw_waveform, 340.0, true}, {has_spectrogram, draw_spectrogram, 560.0, true},
    {has_mel, draw_mel, 500.0, true},           {has_chroma, draw_chroma, 440.0, true},
    {has_onset, draw_onset, 340.0, true},       {has_tempogram, draw_tempogram, 480.0, true},
    {has_hpss, draw_hpss, 860.0, true},         {has_radar, draw_radar, 930.0, false},
};

static const char *const files[] = {
#define FILE_NAME(index, name, file, title) file,
    HH_PLOT_LIST(FILE_NAME)
#undef FILE_NAME
};
static const char *const titles[] = {
#define TITLE(index, name, file, title) title,
    HH_PLOT_LIST(TITLE)
#undef TITLE
};

bool hh_plot_available(const HhPlotData *data, int index)
{
    return plots[index].available(data);
}

const char *hh_plot_title(const HhPlotData *data, int index)
{
    return (1u << index) == HH_PLOT_WAVEFORM && !data->waveform ? "Level" : titles[index];
}

double hh_plot_height(int index)
{
    return plots[index].height;
}

HhRect hh_plot_area(int index)
{
    return panel(plots[index].height);
}

bool hh_plot_has_time(int index)
{
    return plots[index].time;
}

const char *hh_report_plot_name(int index)
{
    return index >= 0 && index < HH_PLOT_COUNT ? files[index] : NULL;
}

/* ---- files */

static cairo_status_t append(void *text, const unsigned char *bytes, unsigned length)
{
    hh_text_bytes(text, bytes, length);
    return ((HhText *)text)->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

/* The same letters on every machine that has the same font: no hinting, no sub-pixel colours. */
static void plain_font(cairo_t *cr)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
}

static void draw(HhCanvas *canvas, const HhPlotData *data, int index)
{
    plain_font(canvas->cr);
    if (canvas->layers & HH_LAYER_BACKGROUND) {
        hh_canvas_color(canvas, canvas->theme->background, 1.0);
        cairo_paint(canvas->cr);
    }
    /* A picture that stands alone tells its track; on a page the heading does. */
    const char *path = canvas->layers & HH_LAYER_BACKGROUND ? data->analysis->input.path : NULL;
    hh_canvas_title(canvas, hh_plot_title(data, index), path ? hh_path_name(path) : "");
    plots[index].draw(canvas, data);
}

static cairo_surface_t *make_surface(HhPlotFormat format, unsigned layers, double height,
                                     double scale, HhText *out)
{
    if (format == HH_PLOT_PNG)
        return cairo_image_surface_create(
            layers & HH_LAYER_BACKGROUND ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32,
            (int)lrint(HH_CANVAS_WIDTH * scale), (int)lrint(height * scale));
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(append, out, HH_CANVAS_WIDTH, height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return surface;
}

/* Draws and encodes; an SVG still has cairo's numbers. */
static HhStatus encode(const HhPlotData *data, int index, HhPlotFormat format, unsigned layers,
                       const HhTheme *theme, double scale, HhText *out)
{
    double height = plots[index].height;
    cairo_surface_t *surface = make_surface(format, layers, height, scale, out);
    HhCanvas canvas = {data->context, cairo_create(surface),
                       theme,         layers,
                       height,        format == HH_PLOT_PNG ? scale : 1.0,
                       false};
    if (format == HH_PLOT_PNG) cairo_scale(canvas.cr, scale, scale);
    draw(&canvas, data, index);
    cairo_status_t status = cairo_status(canvas.cr);
    cairo_destroy(canvas.cr);
    if (status == CAIRO_STATUS_SUCCESS && format == HH_PLOT_PNG)
        status = cairo_surface_write_to_png_stream(surface, append, out);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (canvas.failed || out->failed || status == CAIRO_STATUS_NO_MEMORY)
        return hh_fail_memory(data->context);
    if (status != CAIRO_STATUS_SUCCESS)
        return hh_fail(data->context, HH_ERROR_INTERNAL, "plot %s: %s", files[index],
                       cairo_status_to_string(status));
    return HH_OK;
}

HhStatus hh_plot_render(const HhPlotData *data, int index, HhPlotFormat format, unsigned layers,
                        const HhTheme *theme, double scale, HhText *out)
{
    if (format == HH_PLOT_PNG) return encode(data, index, format, layers, theme, scale, out);
    HhText document = HH_TEXT_INIT(data->context);
    HhStatus status = encode(data, index, format, layers, theme, scale, &document);
    if (status == HH_OK) hh_svg_renumber(out, &document);
    hh_text_free(&document);
    return status == HH_OK && out->failed ? hh_fail_memory(data->context) : status;
}

void hh_report_plot_defaults(HhReportPlotParams *params)
{
    *params = (HhReportPlotParams){sizeof *params, HH_PLOTS_ALL, true, true, 1.0};
}

static HhStatus write_plot(const HhPlotData *data, int index, HhPlotFormat format, double scale,
                           const char *folder)
{
    HhText picture = HH_TEXT_INIT(data->context), path = HH_TEXT_INIT(data->context);
    HhStatus status =
        hh_plot_render(data, index, format, HH_LAYER_ALL, &hh_theme_light, scale, &picture);
    hh_text_format(&path, "%s/%s.%s", folder, files[index], format == HH_PLOT_PNG ? "png" : "svg");
    if (status == HH_OK && path.failed) status = hh_fail_memory(data->context);
    if (status == HH_OK) status = hh_output_write(data->context, path.data, &picture);
    hh_text_free(&path);
    hh_text_free(&picture);
    return status;
}

static HhStatus write_plots(const HhPlotData *data, const HhReportPlotParams *params,
                            const char *folder, unsigned *drawn)
{
    for (int i = 0; i < HH_PLOT_COUNT; i++) {
        if (!(params->plots >> i & 1u) || !hh_plot_available(data, i)) continue;
        if (params->png) HH_TRY(write_plot(data, i, HH_PLOT_PNG, params->scale, folder));
        if (params->svg) HH_TRY(write_plot(data, i, HH_PLOT_SVG, params->scale, folder));
        *drawn |= 1u << i;
    }
    return HH_OK;
}

HhStatus hh_report_plots(HhContext *context, const HhAnalysis *analysis,
                         const HhReportPlotParams *params, const char *folder, unsigned *drawn)
{
    HhReportPlotParams defaults;
    unsigned made = 0;
    hh_report_plot_defaults(&defaults);
    if (drawn) *drawn = 0;
    if (!params) params = &defaults;
    if (params->size != sizeof *params || !(params->scale >= 0.25 && params->scale <= 8.0) ||
        !folder)
        return hh_fail(context, HH_ERROR_ARGUMENT, "plots need a folder and a scale of 0.25 to 8");
    HhPlotData data;
    HH_TRY(hh_plot_data_make(context, analysis, &data));
    HhStatus status = HH_OK;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        status = hh_fail(context, HH_ERROR_WRITE, "the folder %s cannot be made", folder);
    if (status == HH_OK) status = write_plots(&data, params, folder, &made);
    hh_plot_data_free(&data);
    if (drawn) *drawn = made;
    return status;
}
