/* result.json files as the summary of a batch reads them. */
#include "fuzz.h"
#include "heihachi/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char out[80];
    const char *path = fuzz_file(bytes, size, ".json");
    HhReportEntry entries[] = {{path, "./track/report.html"}, {path, NULL}};
    (void)snprintf(out, sizeof out, "%s.out", path);
    (void)hh_report_summary_csv(NULL, entries, 2, out);
    (void)hh_report_index_html(NULL, entries, 2, out);
    (void)unlink(out);
    (void)unlink(path);
    return 0;
}
