/* Reports: an analysis as files that people read, plot and load elsewhere.
 *
 *     HhReportRun run;
 *     hh_report_run_defaults(&run);
 *     run.started = "2026-01-31T12:00:00Z", run.seconds = 1.9, run.threads = 2;
 *     hh_report_json(context, analysis, &run, "out/track/result.json");
 *     hh_report_npz(context, analysis, "out/track/features.npz");
 *     hh_report_plots(context, analysis, NULL, "out/track/plots", NULL);
 *     hh_report_html(context, analysis, &run, "../../music/track.flac", "out/track/report.html");
 *
 * Every file is written under a temporary name in its folder and renamed when it is whole: under
 * the final name there is the old file or the new one, never a half. A full disk gives
 * HH_ERROR_WRITE with the file's name in hh_context_message(). The folder must exist
 * (hh_report_plots() makes its own).
 *
 * The same analysis gives the same bytes, wherever and whenever; what depends on the clock or the
 * machine stands in `run` of the JSON, the YAML and the HTML alone. Fields and units:
 * docs/formats.md and docs/result.schema.json. */
#ifndef HEIHACHI_REPORT_H
#define HEIHACHI_REPORT_H

#include <stddef.h>

#include "heihachi/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a field of the result changes its name or meaning; new fields do not raise it. */
#define HH_RESULT_SCHEMA_VERSION 1

/* Facts of one run. A text that is NULL and a number that is NaN (threads: 0) are written as
 * null. */
typedef struct HhReportRun {
    size_t size;         /* sizeof(HhReportRun) */
    const char *started; /* UTC, ISO 8601 */
    double seconds;      /* of the wall clock, for this file */
    double cpu_seconds;  /* of processor time, for this file */
    int threads;
    const char *cpu_level; /* hh_context_cpu() */
} HhReportRun;

HH_API void hh_report_run_defaults(HhReportRun *run); /* nothing known */

/* ---- one track, one file. `run` may be NULL (then `run` is null in the file). */

HH_API HhStatus hh_report_json(HhContext *context, const HhAnalysis *analysis,
                               const HhReportRun *run, const char *path);
/* The same tree as the JSON. */
HH_API HhStatus hh_report_yaml(HhContext *context, const HhAnalysis *analysis,
                               const HhReportRun *run, const char *path);
/* A line of names and a line of values (RFC 4180): lists are counted, values that are not known are
 * empty. */
HH_API HhStatus hh_report_csv(HhContext *context, const HhAnalysis *analysis, const char *path);
HH_API HhStatus hh_report_markdown(HhContext *context, const HhAnalysis *analysis,
                                   const char *path);
/* The series, their time axes, beats, onsets and the fingerprint as NumPy arrays. */
HH_API HhStatus hh_report_npz(HhContext *context, const HhAnalysis *analysis, const char *path);

typedef enum HhReportFormat {
    HH_REPORT_JSON,
    HH_REPORT_YAML,
    HH_REPORT_CSV,
    HH_REPORT_MARKDOWN
} HhReportFormat;

/* The bytes of those files in memory: *text is terminated by 0, which *length (may be NULL) does
 * not count. Free it with hh_report_text_free(). CSV and Markdown do not look at `run`. */
HH_API HhStatus hh_report_text(HhContext *context, const HhAnalysis *analysis,
                               const HhReportRun *run, HhReportFormat format, char **text,
                               size_t *length);
HH_API void hh_report_text_free(HhContext *context, char *text);

/* ---- plots. Position, name of the file without its ending, title. */
#define HH_PLOT_LIST(X)                                                                            \
    X(0, WAVEFORM, "waveform", "Waveform")                                                         \
    X(1, SPECTROGRAM, "spectrogram", "Spectrogram")                                                \
    X(2, MEL, "mel", "Mel spectrogram")                                                            \
    X(3, CHROMA, "chromagram", "Chromagram")                                                       \
    X(4, ONSET, "onset_strength", "Onset strength and beats")                                      \
    X(5, TEMPOGRAM, "tempogram", "Tempogram")                                                      \
    X(6, HPSS, "hpss", "Harmonic and percussive parts")                                            \
    X(7, RADAR, "fingerprint", "Fingerprint")

enum {
#define HH_PLOT_BIT(index, name, file, title) HH_PLOT_##name = 1u << index,
    HH_PLOT_LIST(HH_PLOT_BIT)
#undef HH_PLOT_BIT
        HH_PLOT_COUNT = 8,
    HH_PLOTS_ALL = (1u << 8) - 1
};

typedef struct HhReportPlotParams {
    size_t size;    /* sizeof(HhReportPlotParams) */
    unsigned plots; /* HH_PLOT_... bits, default HH_PLOTS_ALL */
    bool png, svg;  /* default true, true */
    double scale; /* pixels of a PNG for one unit of its 1200 units of width, 0.25..8, default 1 */
} HhReportPlotParams;

HH_API void hh_report_plot_defaults(HhReportPlotParams *params);

/* Writes FOLDER/NAME.png and .svg; makes the folder if only its last part is missing. A plot whose
 * data the analysis does not hold is left out: *drawn (may be NULL) tells which were made. `params`
 * may be NULL. */
HH_API HhStatus hh_report_plots(HhContext *context, const HhAnalysis *analysis,
                                const HhReportPlotParams *params, const char *folder,
                                unsigned *drawn);
/* "spectrogram"; NULL if there is no such plot. */
HH_API const char *hh_report_plot_name(int index);

/* ---- pages: one file each, no network, no other files. */

/* A page for a track: figures, plots (from the images if the analysis has them, else what the
 * series allow) and a player. `audio_href` is the address of the audio as seen from the page: a
 * relative path or a file:, http: or https: address, percent-encoded; NULL for a page without a
 * player. */
HH_API HhStatus hh_report_html(HhContext *context, const HhAnalysis *analysis,
                               const HhReportRun *run, const char *audio_href, const char *path);
/* The address for a path on this machine: percent-encoded, "./" put before a relative one and
 * file:// before an absolute one. Free it with hh_report_text_free(). */
HH_API HhStatus hh_report_href(HhContext *context, const char *path, char **href);

/* ---- several tracks. They are read from their result.json, so a resumed batch has all of its
 * tracks in the summary. */
typedef struct HhReportEntry {
    const char *result; /* path of a result.json */
    const char *href;   /* address of the track's page as seen from the index, or NULL */
} HhReportEntry;

/* One header, then one row for each entry, as hh_report_csv() writes them. A result that cannot be
 * read gives HH_ERROR_READ or HH_ERROR_FORMAT, and nothing is written. */
HH_API HhStatus hh_report_summary_csv(HhContext *context, const HhReportEntry *entries,
                                      size_t count, const char *path);
/* A page with a table of the tracks that sorts by a click on a heading and filters by name. */
HH_API HhStatus hh_report_index_html(HhContext *context, const HhReportEntry *entries, size_t count,
                                     const char *path);

#ifdef __cplusplus
}
#endif
#endif
