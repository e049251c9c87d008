/* index.html: the table of several tracks, read from their results. */
#include <math.h>
#include <string.h>

#include "report/output.h"
#include "report/page.h"
#include "report/result.h"

typedef struct Column {
    const char *title, *unit, *group, *name;
    int decimals; /* -1: text; -2: a duration */
    double factor;
} Column;

static const Column columns[] = {
    {"Duration", "", "input", "duration_s", -2, 1},
    {"Tempo", "BPM", "rhythm", "tempo_bpm", 2, 1},
    {"Key", "", "harmony", "key", -1, 1},
    {"Loudness", "LUFS", "loudness", "integrated_lufs", 1, 1},
    {"Range", "LU", "loudness", "range_lu", 1, 1},
    {"True peak", "dBTP", "loudness", "true_peak_dbtp", 1, 1},
    {"Centroid", "Hz", "spectral", "centroid_hz", 0, 1},
    {"Harmonic", "%", "separation", "harmonic_ratio", 0, 100},
    {"Format", "", "input", "format", -1, 1},
};

static void head(HhText *text)
{
    hh_text_put(text, "<div class=\"scroll\"><table>\n<thead><tr><th><button "
                      "type=\"button\">Track</button><small></small></th>");
    for (size_t i = 0; i < HH_COUNT(columns); i++)
        hh_text_format(text, "<th%s><button type=\"button\">%s</button><small>%s</small></th>",
                       columns[i].decimals == -1 ? "" : " class=\"n\"", columns[i].title,
                       columns[i].unit);
    hh_text_put(text, "</tr></thead>\n<tbody>\n");
}

static void text_cell(HhText *text, const char *value)
{
    bool unknown = strcmp(value, "unknown") == 0;
    hh_text_put(text, "<td data-v=\"");
    hh_text_html(text, unknown ? "" : value);
    hh_text_put(text, "\">");
    hh_text_html(text, value);
    hh_text_put(text, "</td>");
}

static void cell(HhText *text, const json_t *tree, const Column *column)
{
    if (column->decimals == -1) {
        text_cell(text, hh_result_string(tree, column->group, column->name));
        return;
    }
    double value = column->factor * hh_result_number(tree, column->group, column->name);
    hh_text_put(text, "<td class=\"n\" data-v=\"");
    hh_text_number(text, value, 12);
    hh_text_put(text, "\">");
    if (column->decimals == -2)
        hh_page_duration(text, value);
    else
        hh_text_fixed(text, value, column->decimals, "\xe2\x80\x93");
    hh_text_put(text, "</td>");
}

static void track_row(HhText *text, const json_t *tree, const char *href)
{
    const char *name = hh_result_string(tree, "input", "name");
    hh_text_put(text, "<tr><td class=\"t\" data-v=\"");
    hh_text_html(text, name);
    hh_text_put(text, "\" title=\"");
    hh_text_html(text, hh_result_string(tree, "input", "path"));
    hh_text_put(text, "\">");
    if (href) {
        hh_text_put(text, "<a href=\"");
        hh_page_href(text, href);
        hh_text_put(text, "\">");
    }
    hh_text_html(text, name);
    hh_text_put(text, href ? "</a></td>" : "</td>");
    for (size_t i = 0; i < HH_COUNT(columns); i++) cell(text, tree, &columns[i]);
    hh_text_put(text, "</tr>\n");
}

static HhStatus rows(HhContext *context, HhText *text, const HhReportEntry *entries, size_t count,
                     double *seconds)
{
    for (size_t i = 0; i < count; i++) {
        json_t *tree;
        HH_TRY(hh_result_read(context, entries[i].result, &tree));
        double duration = hh_result_number(tree, "input", "duration_s");
        if (isfinite(duration)) *seconds += duration;
        track_row(text, tree, entries[i].href);
        json_decref(tree);
    }
    return HH_OK;
}

HhStatus hh_report_index_html(HhContext *context, const HhReportEntry *entries, size_t count,
                              const char *path)
{
    if (count && !entries) return hh_fail(context, HH_ERROR_ARGUMENT, "no entries for the index");
    HhText body = HH_TEXT_INIT(context), text = HH_TEXT_INIT(context);
    double seconds = 0.0;
    HhStatus status = rows(context, &body, entries, count, &seconds);
    hh_page_begin(&text, "Tracks");
    hh_text_format(&text, "<main>\n<h1>Tracks</h1>\n<p class=\"sub\">%zu track%s, ", count,
                   count == 1 ? "" : "s");
    hh_page_duration(&text, seconds);
    hh_text_put(&text,
                "</p>\n<input type=\"search\" placeholder=\"Filter\" aria-label=\"Filter\">\n");
    head(&text);
    hh_text_bytes(&text, body.data ? body.data : "", body.length);
    hh_text_put(&text, "</tbody>\n</table></div>\n<p class=\"note\"></p>\n");
    hh_page_end(&text, hh_page_index_script);
    if (body.failed) text.failed = true;
    if (status == HH_OK) status = hh_output_write(context, path, &text);
    hh_text_free(&body);
    hh_text_free(&text);
    return status;
}
