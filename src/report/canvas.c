/* See canvas.h. */
#include "report/canvas.h"

#include <math.h>
#include <string.h>

#include "report/colormap.h"

const HhTheme hh_theme_light = {{1, 1, 1}, {0.10, 0.12, 0.15}, {0.36, 0.39, 0.44}, {0.5, 0.5, 0.5}};
const HhTheme hh_theme_dark = {
    {0.07, 0.08, 0.10}, {0.92, 0.94, 0.96}, {0.63, 0.67, 0.72}, {0.6, 0.6, 0.6}};
const HhColor hh_color_data = {0.27, 0.49, 0.78};
const HhColor hh_color_accent = {0.86, 0.34, 0.08};

static const double TITLE = 21.0, LABEL = 16.0, TICK = 15.0;

void hh_canvas_color(HhCanvas *canvas, HhColor color, double alpha)
{
    cairo_set_source_rgba(canvas->cr, color.r, color.g, color.b, alpha);
}

static void font(HhCanvas *canvas, double size, bool bold)
{
    cairo_select_font_face(canvas->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(canvas->cr, size);
}

double hh_canvas_text_width(HhCanvas *canvas, double size, bool bold, const char *text)
{
    cairo_text_extents_t extents;
    font(canvas, size, bold);
    cairo_text_extents(canvas->cr, text, &extents);
    return extents.x_advance;
}

double hh_canvas_text(HhCanvas *canvas, double x, double y, double size, HhAlign align,
                      HhColor color, bool bold, const char *text)
{
    double width = hh_canvas_text_width(canvas, size, bold, text);
    if (!(canvas->layers & HH_LAYER_INK)) return width;
    hh_canvas_color(canvas, color, 1.0);
    /* 0.36 of the size: half the height of a capital */
    cairo_move_to(canvas->cr,
                  x - width * (align == HH_ALIGN_CENTER  ? 0.5
                               : align == HH_ALIGN_RIGHT ? 1.0
                                                         : 0.0),
                  y + 0.36 * size);
    cairo_show_text(canvas->cr, text);
    return width;
}

static void upright_text(HhCanvas *canvas, double x, double y, double size, HhColor color,
                         const char *text)
{
    cairo_save(canvas->cr);
    cairo_translate(canvas->cr, x, y);
    cairo_rotate(canvas->cr, -1.5707963267948966);
    hh_canvas_text(canvas, 0, 0, size, HH_ALIGN_CENTER, color, false, text);
    cairo_restore(canvas->cr);
}

void hh_canvas_title(HhCanvas *canvas, const char *title, const char *track)
{
    double x = HH_PANEL_LEFT;
    x += hh_canvas_text(canvas, x, 27.0, TITLE, HH_ALIGN_LEFT, canvas->theme->ink, true, title) +
         18.0;
    HhText name = HH_TEXT_INIT(canvas->context);
    hh_text_utf8(&name, track);
    /* Shorten by whole characters until it fits. */
    double room = HH_PANEL_RIGHT - 250.0 - x;
    bool cut = false;
    while (name.length > 1 && !name.failed &&
           hh_canvas_text_width(canvas, LABEL, false, name.data) > room - (cut ? 16.0 : 0.0)) {
        size_t end = name.length - 1;
        while (end > 1 && ((unsigned char)name.data[end] & 0xc0) == 0x80) end--;
        name.length = end;
        name.data[end] = '\0';
        cut = true;
    }
    if (cut) hh_text_put(&name, "\xe2\x80\xa6");
    if (name.failed)
        canvas->failed = true;
    else if (name.length)
        hh_canvas_text(canvas, x, 28.0, LABEL, HH_ALIGN_LEFT, canvas->theme->muted, false,
                       name.data);
    hh_text_free(&name);
}

static void line(HhCanvas *canvas, double x0, double y0, double x1, double y1)
{
    cairo_move_to(canvas->cr, x0, y0);
    cairo_line_to(canvas->cr, x1, y1);
    cairo_stroke(canvas->cr);
}

static void x_axis(HhCanvas *canvas, HhRect rect, const HhAxis *x, const char *label)
{
    HhTick ticks[HH_TICKS_MAX];
    double width = rect.right - rect.left;
    size_t count = hh_axis_ticks(x, width, x->high >= 3600.0 ? 110.0 : 84.0, ticks);
    for (size_t i = 0; i < count; i++) {
        double at = rect.left + ticks[i].share * width;
        hh_canvas_color(canvas, canvas->theme->grid, 0.28);
        line(canvas, at, rect.top, at, rect.bottom);
        hh_canvas_color(canvas, canvas->theme->muted, 1.0);
        line(canvas, at, rect.bottom, at, rect.bottom + 6.0);
        if (label)
            hh_canvas_text(canvas, at, rect.bottom + 18.0, TICK, HH_ALIGN_CENTER,
                           canvas->theme->ink, false, ticks[i].label);
    }
    if (label)
        hh_canvas_text(canvas, 0.5 * (rect.left + rect.right), rect.bottom + 42.0, LABEL,
                       HH_ALIGN_CENTER, canvas->theme->ink, false, label);
}

static void y_axis(HhCanvas *canvas, HhRect rect, const HhAxis *y, const char *label)
{
    HhTick ticks[HH_TICKS_MAX];
    double height = rect.bottom - rect.top;
    size_t count = hh_axis_ticks(y, height, 22.0, ticks);
    if (y->kind == HH_AXIS_NUMBER) count = hh_axis_ticks(y, height, 44.0, ticks);
    for (size_t i = 0; i < count; i++) {
        double at = rect.bottom - ticks[i].share * height;
        if (y->kind != HH_AXIS_PITCH_CLASS) {
            hh_canvas_color(canvas, canvas->theme->grid, 0.28);
            line(canvas, rect.left, at, rect.right, at);
        }
        hh_canvas_color(canvas, canvas->theme->muted, 1.0);
        line(canvas, rect.left - 6.0, at, rect.left, at);
        hh_canvas_text(canvas, rect.left - 10.0, at, TICK, HH_ALIGN_RIGHT, canvas->theme->ink,
                       false, ticks[i].label);
    }
    upright_text(canvas, 20.0, 0.5 * (rect.top + rect.bottom), LABEL, canvas->theme->ink, label);
}

void hh_canvas_axes(HhCanvas *canvas, HhRect rect, const HhAxis *x, const char *x_label,
                    const HhAxis *y, const char *y_label)
{
    if (!(canvas->layers & HH_LAYER_INK)) return;
    cairo_set_line_width(canvas->cr, 1.0);
    x_axis(canvas, rect, x, x_label);
    y_axis(canvas, rect, y, y_label);
    hh_canvas_color(canvas, canvas->theme->muted, 1.0);
    cairo_rectangle(canvas->cr, rect.left, rect.top, rect.right - rect.left,
                    rect.bottom - rect.top);
    cairo_stroke(canvas->cr);
}

/* ---- heat maps */

/* Mean of the finite values among `count` at `stride`; NaN if there are none. */
static double mean(const float *values, size_t count, size_t stride)
{
    double sum = 0.0;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i * stride])) sum += (double)values[i * stride], used++;
    return used ? sum / (double)used : (double)NAN;
}

/* The cells from share `from` to share `to` of `cells`: at least one if any is there at all. */
static bool cell_range(double from, double to, size_t cells, size_t *first, size_t *count)
{
    double low = floor(from * (double)cells + 1e-9), high = ceil(to * (double)cells - 1e-9);
    if (!(low < (double)cells && high > 0.0)) return false;
    *first = (size_t)fmax(low, 0.0);
    size_t last = (size_t)fmin(fmax(high, low + 1.0), (double)cells);
    *count = last - *first;
    /* When the picture has more pixels than cells, each pixel shows the one cell that holds its
     * middle. */
    double width = (to - from) * (double)cells;
    if (width < 1.0) {
        *first = (size_t)fmin(fmax(0.5 * (from + to) * (double)cells, 0.0), (double)cells - 1.0);
        *count = 1;
    }
    return *count > 0;
}

/* The rows of an image that one line of pixels shows. */
typedef struct Span {
    size_t first, count;
} Span;

/* A span for each of `height` lines, the topmost first. */
static void find_spans(const HhAxis *shown, const HhAxis *rows, size_t cells, int height,
                       Span *spans)
{
    double top = hh_axis_share(rows, hh_axis_value(shown, 1.0));
    for (int y = 0; y < height; y++) {
        double bottom = hh_axis_share(rows, hh_axis_value(shown, 1.0 - (y + 1.0) / height));
        if (!cell_range(bottom, top, cells, &spans[y].first, &spans[y].count))
            spans[y] = (Span){0, 0};
        top = bottom;
    }
}

static uint32_t color_of(const uint32_t colors[256], double value, double low, double high)
{
    double share = (value - low) / (high - low);
    return colors[isfinite(share) ? (int)lrint(255.0 * fmin(fmax(share, 0.0), 1.0)) : 0];
}

/* One column of pixels: `means` has the mean of each row over the columns that the pixels cover. */
static void paint_column(unsigned char *pixels, int stride, int height, const double *means,
                         const Span *spans, const uint32_t colors[256], double low, double high)
{
    for (int y = 0; y < height; y++) {
        size_t used = 0;
        double sum = 0.0;
        for (size_t r = spans[y].first; r < spans[y].first + spans[y].count; r++)
            if (isfinite(means[r])) sum += means[r], used++;
        uint32_t color = color_of(colors, used ? sum / (double)used : low, low, high);
        memcpy(pixels + (ptrdiff_t)y * stride, &color, sizeof color);
    }
}

static void paint(cairo_surface_t *surface, const HhAxis *x, const HhImage *image,
                  const Span *spans, double *means, double low, double high)
{
    uint32_t colors[256];
    hh_colormap(colors);
    int width = cairo_image_surface_get_width(surface),
        height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    unsigned char *pixels = cairo_image_surface_get_data(surface);
    double end = (double)image->columns * image->column_s;
    cairo_surface_flush(surface);
    for (int column = 0; column < width; column++) {
        double from = hh_axis_value(x, (double)column / width) / end,
               to = hh_axis_value(x, (column + 1.0) / width) / end;
        size_t first, count;
        bool any = cell_range(from, to, image->columns, &first, &count);
        for (size_t r = 0; r < image->rows; r++)
            means[r] = any ? mean(image->values + first * image->rows + r, count, image->rows)
                           : (double)NAN;
        paint_column(pixels + 4 * column, stride, height, means, spans, colors, low, high);
    }
    cairo_surface_mark_dirty(surface);
}

/* Puts the surface into the rectangle, pixel by pixel. */
static void place(HhCanvas *canvas, cairo_surface_t *surface, HhRect rect, int columns, int lines)
{
    cairo_save(canvas->cr);
    cairo_translate(canvas->cr, rect.left, rect.top);
    cairo_scale(canvas->cr, (rect.right - rect.left) / columns, (rect.bottom - rect.top) / lines);
    cairo_set_source_surface(canvas->cr, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(canvas->cr), CAIRO_FILTER_NEAREST);
    cairo_rectangle(canvas->cr, 0, 0, columns, lines);
    cairo_fill(canvas->cr);
    cairo_restore(canvas->cr);
}

void hh_canvas_heat(HhCanvas *canvas, HhRect rect, const HhAxis *x, const HhAxis *y,
                    const HhImage *image, const HhAxis *rows, double low, double high)
{
    if (!(canvas->layers & HH_LAYER_DATA)) return;
    int columns = (int)lrint((rect.right - rect.left) * canvas->scale);
    int lines = (int)lrint((rect.bottom - rect.top) * canvas->scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, lines);
    double *means = hh_alloc(canvas->context, image->rows, sizeof *means);
    Span *spans = hh_alloc(canvas->context, (size_t)lines, sizeof *spans);
    if (means && spans && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        find_spans(y, rows, image->rows, lines, spans);
        paint(surface, x, image, spans, means, low, high);
        place(canvas, surface, rect, columns, lines);
    } else
        canvas->failed = true;
    hh_free(canvas->context, means);
    hh_free(canvas->context, spans);
    cairo_surface_destroy(surface);
}

static void scale_bar(HhCanvas *canvas, double left, double right, double top, double bottom)
{
    uint32_t colors[256];
    hh_colormap(colors);
    cairo_pattern_t *bar = cairo_pattern_create_linear(0, bottom, 0, top);
    for (int i = 0; i < 256; i += 5)
        cairo_pattern_add_color_stop_rgb(bar, i / 255.0, (colors[i] >> 16 & 255) / 255.0,
                                         (colors[i] >> 8 & 255) / 255.0, (colors[i] & 255) / 255.0);
    cairo_set_source(canvas->cr, bar);
    cairo_rectangle(canvas->cr, left, top, right - left, bottom - top);
    cairo_fill(canvas->cr);
    cairo_pattern_destroy(bar);
}

void hh_canvas_scale(HhCanvas *canvas, HhRect rect, double low, double high, const char *label)
{
    double left = rect.right + 18.0, right = left + 16.0, height = rect.bottom - rect.top;
    const HhAxis axis = {HH_SCALE_LINEAR, HH_AXIS_NUMBER, low, high};
    if (canvas->layers & HH_LAYER_DATA) scale_bar(canvas, left, right, rect.top, rect.bottom);
    if (!(canvas->layers & HH_LAYER_INK)) return;
    HhTick ticks[HH_TICKS_MAX];
    size_t count = hh_axis_ticks(&axis, height, 44.0, ticks);
    cairo_set_line_width(canvas->cr, 1.0);
    hh_canvas_color(canvas, canvas->theme->muted, 1.0);
    cairo_rectangle(canvas->cr, left, rect.top, right - left, height);
    cairo_stroke(canvas->cr);
    for (size_t i = 0; i < count; i++) {
        double at = rect.bottom - ticks[i].share * height;
        hh_canvas_color(canvas, canvas->theme->muted, 1.0);
        line(canvas, right, at, right + 5.0, at);
        hh_canvas_text(canvas, right + 8.0, at, TICK, HH_ALIGN_LEFT, canvas->theme->ink, false,
                       ticks[i].label);
    }
    upright_text(canvas, HH_CANVAS_WIDTH - 16.0, 0.5 * (rect.top + rect.bottom), LABEL,
                 canvas->theme->ink, label);
}
