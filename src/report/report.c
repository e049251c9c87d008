/* The text reports: see report.h. */
#include "heihachi/report.h"

#include "report/output.h"
#include "report/result.h"

static HhStatus render(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                       HhReportFormat format, HhText *text)
{
    json_t *tree;
    HH_TRY(hh_result_tree(context, analysis, run, &tree));
    switch (format) {
    case HH_REPORT_JSON:
        hh_result_json_text(text, tree);
        break;
    case HH_REPORT_YAML:
        hh_result_yaml_text(text, tree);
        break;
    case HH_REPORT_MARKDOWN:
        hh_result_markdown_text(text, analysis);
        break;
    case HH_REPORT_CSV:
        hh_result_csv_header(text);
        hh_result_csv_row(text, tree);
        break;
    default:
        json_decref(tree);
        return hh_fail(context, HH_ERROR_ARGUMENT, "no report format %d", (int)format);
    }
    json_decref(tree);
    return text->failed ? hh_fail_memory(context) : HH_OK;
}

HhStatus hh_report_text(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        HhReportFormat format, char **text, size_t *length)
{
    if (!text) return hh_fail(context, HH_ERROR_ARGUMENT, "nowhere to put the text");
    *text = NULL;
    HhText made = HH_TEXT_INIT(context);
    HhStatus status = render(context, analysis, run, format, &made);
    if (status != HH_OK) {
        hh_text_free(&made);
        return status;
    }
    *text = made.data;
    if (length) *length = made.length;
    return HH_OK;
}

void hh_report_text_free(HhContext *context, char *text)
{
    hh_free(context, text);
}

static HhStatus write_report(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                             HhReportFormat format, const char *path)
{
    HhText text = HH_TEXT_INIT(context);
    HhStatus status = render(context, analysis, run, format, &text);
    if (status == HH_OK) status = hh_output_write(context, path, &text);
    hh_text_free(&text);
    return status;
}

HhStatus hh_report_json(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        const char *path)
{
    return write_report(context, analysis, run, HH_REPORT_JSON, path);
}

HhStatus hh_report_yaml(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        const char *path)
{
    return write_report(context, analysis, run, HH_REPORT_YAML, path);
}

HhStatus hh_report_csv(HhContext *context, const HhAnalysis *analysis, const char *path)
{
    return write_report(context, analysis, NULL, HH_REPORT_CSV, path);
}

HhStatus hh_report_markdown(HhContext *context, const HhAnalysis *analysis, const char *path)
{
    return write_report(context, analysis, NULL, HH_REPORT_MARKDOWN, path);
}

HhStatus hh_report_summary_csv(HhContext *context, const HhReportEntry *entries, size_t count,
                               const char *path)
{
    if (count && !entries) return hh_fail(context, HH_ERROR_ARGUMENT, "no entries for the summary");
    HhText text = HH_TEXT_INIT(context);
    HhStatus status = HH_OK;
    hh_result_csv_header(&text);
    for (size_t i = 0; i < count && status == HH_OK; i++) {
        json_t *tree;
        status = hh_result_read(context, entries[i].result, &tree);
        if (status == HH_OK) {
            hh_result_csv_row(&text, tree);
            json_decref(tree);
        }
    }
    if (status == HH_OK) status = hh_output_write(context, path, &text);
    hh_text_free(&text);
    return status;
}
