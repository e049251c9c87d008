/* Writes every report of a few analyses made by hand into a folder, for tests/test_schema.py and
 * for looking at: report_samples FOLDER */
#include "report_builder.h"

#include <errno.h>
#include <sys/stat.h>

#include "test.h"

static void folder(const char *path)
{
    if (mkdir(path, 0777) != 0) assert_int_equal(errno, EEXIST);
}

static void sample(const char *parent, const char *name, const HhAnalysis *analysis,
                   const char *audio)
{
    char path[4096], plots[4200];
    HhReportRun run;
    hh_report_run_defaults(&run);
    run.started = "2026-01-31T12:00:00Z";
    run.seconds = 1.25;
    run.cpu_seconds = 2.5;
    run.threads = 2;
    run.cpu_level = "x86-64-v3";
    snprintf(path, sizeof path, "%s/%s", parent, name);
    folder(path);
    snprintf(plots, sizeof plots, "%s/result.json", path);
    assert_int_equal(hh_report_json(NULL, analysis, &run, plots), HH_OK);
    snprintf(plots, sizeof plots, "%s/result.yaml", path);
    assert_int_equal(hh_report_yaml(NULL, analysis, &run, plots), HH_OK);
    snprintf(plots, sizeof plots, "%s/result.csv", path);
    assert_int_equal(hh_report_csv(NULL, analysis, plots), HH_OK);
    snprintf(plots, sizeof plots, "%s/result.md", path);
    assert_int_equal(hh_report_markdown(NULL, analysis, plots), HH_OK);
    snprintf(plots, sizeof plots, "%s/features.npz", path);
    assert_int_equal(hh_report_npz(NULL, analysis, plots), HH_OK);
    snprintf(plots, sizeof plots, "%s/plots", path);
    assert_int_equal(hh_report_plots(NULL, analysis, NULL, plots, NULL), HH_OK);
    snprintf(plots, sizeof plots, "%s/report.html", path);
    assert_int_equal(hh_report_html(NULL, analysis, &run, audio, plots), HH_OK);
}

static void index_page(const char *parent)
{
    static const char *const names[] = {"track", "clip", "mix", "plain", "bare"};
    char results[HH_COUNT(names)][4200], links[HH_COUNT(names)][32], path[4200];
    HhReportEntry entries[HH_COUNT(names)];
    for (size_t i = 0; i < HH_COUNT(names); i++) {
        snprintf(results[i], sizeof results[i], "%s/%s/result.json", parent, names[i]);
        snprintf(links[i], sizeof links[i], "./%s/report.html", names[i]);
        entries[i] = (HhReportEntry){results[i], links[i]};
    }
    snprintf(path, sizeof path, "%s/index.html", parent);
    assert_int_equal(hh_report_index_html(NULL, entries, HH_COUNT(names), path), HH_OK);
    snprintf(path, sizeof path, "%s/summary.csv", parent);
    assert_int_equal(hh_report_summary_csv(NULL, entries, HH_COUNT(names), path), HH_OK);
}

int main(int count, char **arguments)
{
    assert_int_equal(count, 2);
    folder(arguments[1]);
    static const struct {
        const char *name;
        double duration_s;
        bool images;
    } tracks[] = {{"track", 184.3, true},
                  {"clip", 0.5, true},
                  {"mix", 7265.0, true},
                  {"plain", 184.3, false}};
    for (size_t i = 0; i < HH_COUNT(tracks); i++) {
        HhAnalysis *analysis = builder_make(tracks[i].duration_s, tracks[i].images);
        sample(arguments[1], tracks[i].name, analysis, "../track.wav");
        builder_destroy(analysis);
    }
    HhAnalysis *bare = builder_make_bare();
    sample(arguments[1], "bare", bare, NULL);
    builder_destroy(bare);
    index_page(arguments[1]);
    return 0;
}
