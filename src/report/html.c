/* report.html: the page of one track. Each plot is a stack of pictures: the data, then the ink in
 * the colours of the reader's theme, then an area that moves the cursor. Plots keep their shape and
 * fill the width of the page. */
#include <math.h>
#include <string.h>

#include "heihachi/version.h"
#include "report/fields.h"
#include "report/output.h"
#include "report/page.h"
#include "report/plots.h"

static const char absent[] = "\xe2\x80\x93"; /* en dash */

/* ---- figures */

static void card_begin(HhText *text, const char *title)
{
    hh_text_format(text, "<li><span>%s</span><b>", title);
}

/* `confidence` NaN: none. */
static void card_end(HhText *text, double confidence)
{
    hh_text_put(text, "</b>");
    if (isfinite(confidence)) {
        hh_text_put(text, "<span>confidence ");
        hh_text_fixed(text, confidence, 2, "");
        hh_text_put(text, "</span>");
    }
    hh_text_put(text, "</li>\n");
}

static void card(HhText *text, const char *title, double value, int decimals, const char *unit,
                 double confidence)
{
    if (!isfinite(value)) return;
    card_begin(text, title);
    hh_text_fixed(text, value, decimals, absent);
    hh_text_format(text, " <small>%s</small>", unit);
    card_end(text, confidence);
}

static void cards(HhText *text, const HhAnalysis *a)
{
    const double none = (double)NAN;
    hh_text_put(text, "<ul class=\"cards\">\n");
    card_begin(text, "Duration");
    hh_page_duration(text, a->input.duration_s);
    card_end(text, none);
    card(text, "Tempo", a->rhythm.tempo_bpm, 2, "BPM", a->rhythm.tempo_confidence);
    if (a->features & HH_FEATURE_HARMONY) {
        card_begin(text, "Key");
        hh_text_html(text, a->harmony.key ? a->harmony.key : "unknown");
        card_end(text, a->harmony.key_confidence);
    }
    card(text, "Integrated loudness", a->loudness.integrated_lufs, 1, "LUFS", none);
    card(text, "Loudness range", a->loudness.range_lu, 1, "LU", none);
    card(text, "True peak", a->loudness.true_peak_dbtp, 1, "dBTP", none);
    card(text, "Tuning", 100.0 * a->harmony.tuning, 0, "cents", none);
    card(text, "Harmonic share", 100.0 * a->separation.harmonic_ratio, 0, "%", none);
    if (a->features & HH_FEATURE_RHYTHM)
        card(text, "Beats", (double)a->rhythm.beats, 0, "", a->rhythm.beat_confidence);
    hh_text_put(text, "</ul>\n");
}

static void row(HhText *text, const char *title, double value, int decimals, const char *unit)
{
    hh_text_format(text, "<tr><th scope=\"row\">%s</th><td class=\"n\">", title);
    hh_text_fixed(text, value, decimals, absent);
    bool multiple = *unit >= '0' && *unit <= '9'; /* "8 kHz": the value is in parts of it */
    hh_text_format(text, "</td><td class=\"u\">%s%s</td></tr>\n", multiple ? "\xc3\x97 " : "",
                   unit);
}

static void group(HhText *text, const HhAnalysis *a, const char *name, const char *title)
{
    hh_text_format(text, "<div><h2>%s</h2><table>\n", title);
    for (size_t i = 0; i < hh_field_count; i++)
        if (strcmp(hh_fields[i].group, name) == 0)
            row(text, hh_fields[i].title, hh_field_value(&hh_fields[i], a), hh_fields[i].decimals,
                hh_fields[i].unit);
    hh_text_put(text, "</table></div>\n");
}

static void fingerprint_table(HhText *text, const HhFingerprint *f)
{
    hh_text_put(text, "<div><h2>Fingerprint</h2><table>\n");
    for (int i = 0; i < HH_FP_COUNT; i++)
        row(text, hh_fingerprint_name(i), f->values[i], 4, hh_fingerprint_unit(i));
    hh_text_put(text, "</table></div>\n");
}

static void tables(HhText *text, const HhAnalysis *a)
{
    hh_text_put(text, "<details><summary>All figures</summary>\n<div class=\"tables\">\n");
    if (a->features & HH_FEATURE_LOUDNESS) group(text, a, "loudness", "Loudness");
    if (a->features & HH_FEATURE_RHYTHM) group(text, a, "rhythm", "Rhythm");
    if (a->features & HH_FEATURE_HARMONY) group(text, a, "harmony", "Harmony");
    if (a->features & (HH_FEATURE_PITCH | HH_FEATURE_PYIN)) group(text, a, "pitch", "Pitch");
    if (a->features & HH_FEATURE_SPECTRAL) group(text, a, "spectral", "Spectrum");
    if (a->features & HH_FEATURE_HPSS)
        group(text, a, "separation", "Harmonic and percussive parts");
    if (a->fingerprint.version) fingerprint_table(text, &a->fingerprint);
    hh_text_put(text, "</div>\n</details>\n");
}

/* ---- plots */

/* A picture as an address that holds it. */
static HhStatus data_uri(HhText *text, const HhPlotData *data, int plot, unsigned layers,
                         const HhTheme *theme)
{
    HhText picture = HH_TEXT_INIT(data->context);
    HhStatus status = hh_plot_render(data, plot, HH_PLOT_SVG, layers, theme, 1.0, &picture);
    hh_text_put(text, "data:image/svg+xml;base64,");
    if (status == HH_OK) hh_text_base64(text, picture.data, picture.length);
    hh_text_free(&picture);
    return status;
}

static void percent(HhText *text, const char *property, double share)
{
    hh_text_format(text, "%s:", property);
    hh_text_fixed(text, 100.0 * share, 4, "0");
    hh_text_put(text, "%;");
}

static void cursor_area(HhText *text, int plot)
{
    HhRect area = hh_plot_area(plot);
    double height = hh_plot_height(plot);
    hh_text_put(text, "<div class=\"area\" style=\"");
    percent(text, "left", area.left / HH_CANVAS_WIDTH);
    percent(text, "width", (area.right - area.left) / HH_CANVAS_WIDTH);
    percent(text, "top", area.top / height);
    percent(text, "height", (area.bottom - area.top) / height);
    hh_text_put(text, "\"><div class=\"cursor\"></div></div>\n");
}

static HhStatus figure(HhText *text, const HhPlotData *data, int plot)
{
    hh_text_format(text,
                   "<figure class=\"plot\"><div class=\"stack\" "
                   "style=\"aspect-ratio:%d/%d\">\n<img alt=\"\" src=\"",
                   (int)HH_CANVAS_WIDTH, (int)hh_plot_height(plot));
    HH_TRY(data_uri(text, data, plot, HH_LAYER_DATA, &hh_theme_light));
    hh_text_put(text, "\">\n<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"");
    HH_TRY(data_uri(text, data, plot, HH_LAYER_INK, &hh_theme_dark));
    hh_text_format(text, "\"><img alt=\"%s\" src=\"", hh_plot_title(data, plot));
    HH_TRY(data_uri(text, data, plot, HH_LAYER_INK, &hh_theme_light));
    hh_text_put(text, "\"></picture>\n");
    if (hh_plot_has_time(plot)) cursor_area(text, plot);
    hh_text_put(text, "</div></figure>\n");
    return HH_OK;
}

static HhStatus figures(HhText *text, HhContext *context, const HhAnalysis *a)
{
    HhPlotData data;
    HH_TRY(hh_plot_data_make(context, a, &data));
    HhStatus status = HH_OK;
    for (int i = 0; i < HH_PLOT_COUNT && status == HH_OK; i++)
        if (hh_plot_available(&data, i)) status = figure(text, &data, i);
    hh_plot_data_free(&data);
    return status;
}

/* ---- the page */

static void heading(HhText *text, const HhAnalysis *a, const char *name)
{
    hh_text_put(text, "<main data-duration=\"");
    hh_text_number(text, a->input.duration_s, 12);
    hh_text_put(text, "\">\n<h1>");
    hh_text_html(text, name);
    hh_text_put(text, "</h1>\n<p class=\"sub\">");
    if (a->input.format) {
        hh_text_html(text, a->input.format);
        hh_text_put(text, " \xc2\xb7 ");
    }
    hh_text_number(text, a->input.rate / 1000.0, 6);
    hh_text_format(text, " kHz \xc2\xb7 %d channel%s</p>\n", a->input.channels,
                   a->input.channels == 1 ? "" : "s");
}

static void player(HhText *text, const char *href)
{
    if (!href) return;
    hh_text_put(text, "<div class=\"player\"><audio controls preload=\"metadata\" src=\"");
    hh_page_href(text, href);
    hh_text_put(text,
                "\"></audio><p class=\"note\">Click a plot to go there; space plays and pauses, "
                "the arrow keys move 5 seconds.</p><input type=\"file\" accept=\"audio/*\" "
                "aria-label=\"The audio file\" hidden></div>\n");
}

static void footer(HhText *text, const HhAnalysis *a, const HhReportRun *run)
{
    hh_text_format(text, "<footer>Heihachi %s, analysis version %d", hh_version(),
                   HH_ANALYSIS_VERSION);
    if (a->input.hash[0]) {
        hh_text_put(text, " \xc2\xb7 XXH3-128 ");
        hh_text_html(text, a->input.hash);
    }
    if (run && run->started) {
        hh_text_put(text, " \xc2\xb7 ");
        hh_text_html(text, run->started);
    }
    if (run && isfinite(run->seconds)) {
        hh_text_put(text, " \xc2\xb7 analysed in ");
        hh_text_number(text, run->seconds, 3);
        hh_text_put(text, " s");
    }
    hh_text_put(text, "</footer>\n");
}

HhStatus hh_report_html(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        const char *audio_href, const char *path)
{
    if (!analysis) return hh_fail(context, HH_ERROR_ARGUMENT, "no analysis to report");
    if (run && run->size != sizeof *run)
        return hh_fail(context, HH_ERROR_ARGUMENT, "HhReportRun of %zu bytes, not %zu", run->size,
                       sizeof *run);
    const char *name =
        analysis->input.path ? hh_path_name(analysis->input.path) : "A signal from memory";
    HhText text = HH_TEXT_INIT(context);
    hh_page_begin(&text, name);
    heading(&text, analysis, name);
    cards(&text, analysis);
    player(&text, audio_href);
    HhStatus status = figures(&text, context, analysis);
    tables(&text, analysis);
    footer(&text, analysis, run);
    hh_page_end(&text, hh_page_track_script);
    if (status == HH_OK) status = hh_output_write(context, path, &text);
    hh_text_free(&text);
    return status;
}

HhStatus hh_report_href(HhContext *context, const char *path, char **href)
{
    if (!href) return hh_fail(context, HH_ERROR_ARGUMENT, "nowhere to put the address");
    *href = NULL;
    if (!path || !*path) return hh_fail(context, HH_ERROR_ARGUMENT, "no path for the address");
    HhText text = HH_TEXT_INIT(context);
    hh_text_put(&text, *path == '/' ? "file://" : "./");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~/", *c) != NULL;
        if (plain)
            hh_text_bytes(&text, c, 1);
        else
            hh_text_format(&text, "%%%02X", (unsigned)*c);
    }
    if (text.failed) {
        hh_text_free(&text);
        return hh_fail_memory(context);
    }
    *href = text.data;
    return HH_OK;
}
