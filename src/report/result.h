/* A result as a tree (docs/result.schema.json): JSON, YAML and the summaries of many tracks are
 * made from it. */
#ifndef HH_REPORT_RESULT_H
#define HH_REPORT_RESULT_H

#include <jansson.h>

#include "base/base.h"
#include "heihachi/report.h"
#include "report/text.h"

/* *tree is to be released with json_decref(); NULL on failure. `run` may be NULL. */
HhStatus hh_result_tree(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        json_t **tree);
/* Reads a result.json and checks that it is one of this schema version. */
HhStatus hh_result_read(HhContext *context, const char *path, json_t **tree);

void hh_result_json_text(HhText *text, const json_t *tree);
void hh_result_yaml_text(HhText *text, const json_t *tree);
void hh_result_csv_header(HhText *text);
void hh_result_csv_row(HhText *text, const json_t *tree);
void hh_result_markdown_text(HhText *text, const HhAnalysis *analysis);

/* Name in the NPZ file of the time axis of series `index`: series with equal axes share the one of
 * the first of them. The axis that most series have is called "time_s", any other "NAME.time_s". */
void hh_result_axis_name(HhText *text, const HhAnalysis *analysis, size_t index);
/* The first series that has the same time axis as series `index`. */
size_t hh_result_axis_owner(const HhAnalysis *analysis, size_t index);

/* A number of the tree by group and key, NaN if absent; a text, "" if absent. */
double hh_result_number(const json_t *tree, const char *group, const char *name);
const char *hh_result_string(const json_t *tree, const char *group, const char *name);

#endif
