/* The parts of `heihachi process`. */
#ifndef HH_CLI_PROCESS_H
#define HH_CLI_PROCESS_H

#include <stdio.h>

#include "cli.h"

/* ---- settings: the command line over the configuration file */

typedef enum Format { FORMAT_CSV = 1, FORMAT_YAML = 2, FORMAT_MARKDOWN = 4 } Format;

typedef struct Settings {
    char *output;
    unsigned profile, listed; /* features of --profile, and of --features: 0 if it is not given */
    unsigned features;        /* what is computed: the list, else the profile */
    unsigned formats;         /* Format bits; JSON is always written */
    bool plots, skip_existing, resume, quiet;
    int verbose;
    long threads;
    char *cache_folder, *log_path, *config;
    char **inputs;
    size_t input_count;
} Settings;

/* config.c: reads YAML; calls `set` as cli_parse() does. Returns -1 or an exit code. `name` is for
 * messages. */
int config_parse(const CliCommand *command, const char *name, const unsigned char *bytes,
                 size_t length, CliSet *set, void *user);
int config_read(const CliCommand *command, const char *path, CliSet *set, void *user);

/* ---- inputs.c: which files, and the name of the folder of each */

typedef struct Input {
    char *path;
    char *name;     /* of its folder below the output folder */
    uint64_t bytes; /* 0 if it cannot be examined */
} Input;

typedef struct Inputs {
    Input *list;
    size_t count;
    bool several; /* several files, or a folder was given */
} Inputs;

/* Finds the files, in the order of their paths, each once. Complains about a folder that cannot be
 * read or holds no sound file, and counts it in *failed. */
void inputs_find(char *const *paths, size_t count, Inputs *inputs, size_t *failed);
/* Gives each input its name: `output` tells which are taken by others. */
void inputs_name(Inputs *inputs, const char *output);
void inputs_free(Inputs *inputs);

/* ---- output.c: the folder of a track, whole or not at all */

/* Makes the output folder with its parents; puts back what dead runs put aside in it and removes
 * what they left unfinished. Returns -1 or CLI_OUTPUT. */
int output_prepare(const char *folder);
/* Writes all files of a track into a temporary folder and renames it to output/name. *message is
 * what went wrong here, to be freed; NULL if the context has the message. */
HhStatus output_write(HhContext *context, const Settings *settings, const Input *input,
                      size_t index, const HhAnalysis *analysis, const HhReportRun *run,
                      char **message);
bool output_exists(const Settings *settings, const char *name);
/* True if output/name is whole, made from bytes of this hash, and has all that is asked for. */
bool output_matches(const Settings *settings, const char *name, const char *hash);
/* True if output/name is a result of the file at `path` and may be replaced. */
bool output_belongs_to(const char *output, const char *name, const char *path);
/* summary.csv and index.html of all tracks that have a result. */
HhStatus output_summary(HhContext *context, const Settings *settings, const Inputs *inputs,
                        const bool *has_result);
void remove_tree(const char *path);

/* ---- cache.c: analyses by the hash of the audio, the version and the parameters */

typedef struct Cached Cached;

/* The analysis of this file, or NULL. */
Cached *cache_load(const Settings *settings, const char *path, const char *hash);
HhAnalysis *cached_analysis(Cached *cached);
void cached_free(Cached *cached); /* accepts NULL */
/* Keeps an analysis; false if it could not be written. */
bool cache_store(const Settings *settings, const HhAnalysis *analysis);

/* ---- progress.c: what a person sees meanwhile. All calls may come from several threads. */

typedef struct Progress Progress;

Progress *progress_start(const Settings *settings, const Inputs *inputs);
/* The track at `index` has come to `done_s` of `total_s`. */
void progress_at(Progress *progress, size_t index, double done_s, double total_s);
/* The track is finished: prints its line. `skipped`: nothing was done for it. */
typedef enum Finish { FINISH_ANALYSED, FINISH_CACHED, FINISH_LEFT_ALONE } Finish;
void progress_finish(Progress *progress, size_t index, double duration_s, Finish how,
                     const char *line);
void progress_fail(Progress *progress, size_t index, const char *message);
void progress_log(Progress *progress, HhLogLevel level, const char *message);
/* Prints the last line and frees. */
void progress_end(Progress *progress, bool interrupted);

#endif
