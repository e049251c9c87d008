/* heihachi process: from the command line to a folder for each track. */
#include "process.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* ---- settings ---- */

static const CliCommand *command(void)
{
    return cli_find_command("process");
}

static bool set_profile(Settings *s, const char *name)
{
    static const struct {
        const char *name;
        unsigned features;
    } profiles[] = {
        {"fast", HH_FEATURES_FAST}, {"default", HH_FEATURES_DEFAULT}, {"full", HH_FEATURES_FULL}};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (strcmp(profiles[i].name, name) == 0) {
            s->profile = profiles[i].features;
            return true;
        }
    return cli_usage_error(
               command(), "there is no profile \"%s\"; there are fast, default and full", name) < 0;
}

static bool set_features(Settings *s, const char *list)
{
    HhContext *context;
    if (hh_context_create(NULL, &context) != HH_OK)
        return cli_error(CLI_OUTPUT, "out of memory") < 0;
    bool good = hh_features_parse(context, list, &s->listed) == HH_OK;
    if (!good) (void)cli_usage_error(command(), "%s", hh_context_message(context));
    hh_context_destroy(context);
    return good;
}

static bool set_formats(Settings *s, const char *list)
{
    static const struct {
        const char *name;
        unsigned bit;
    } formats[] = {
        {"json", 0}, {"csv", FORMAT_CSV}, {"yaml", FORMAT_YAML}, {"md", FORMAT_MARKDOWN}};
    s->formats = 0;
    while (*list) {
        size_t length = strcspn(list, ","), i = 0;
        while (i < 4 &&
               (strlen(formats[i].name) != length || strncmp(formats[i].name, list, length) != 0))
            i++;
        if (i == 4)
            return cli_usage_error(command(),
                                   "there is no format \"%.*s\"; there are json, csv, yaml and md",
                                   (int)length, list) < 0;
        s->formats |= formats[i].bit;
        list += length + (list[length] == ',');
    }
    return true;
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = cli_copy(value);
}

static bool set_option(void *user, const CliOption *option, const char *value)
{
    Settings *s = user;
    const char *name = option ? option->name : "";
    if (!option) {
        s->inputs = cli_grow(s->inputs, s->input_count + 1, sizeof *s->inputs);
        s->inputs[s->input_count++] = cli_copy(value);
        return true;
    }
    if (strcmp(name, "profile") == 0) return set_profile(s, value);
    if (strcmp(name, "features") == 0) return set_features(s, value);
    if (strcmp(name, "format") == 0) return set_formats(s, value);
    if (strcmp(name, "threads") == 0) {
        if (cli_number(value, 0, 256, &s->threads)) return true;
        return cli_usage_error(command(), "--threads takes a number from 0 to 256, not \"%s\"",
                               value) < 0;
    }
    if (strcmp(name, "output") == 0) set_text(&s->output, value);
    if (strcmp(name, "cache-dir") == 0) set_text(&s->cache_folder, value);
    if (strcmp(name, "log-file") == 0) set_text(&s->log_path, value);
    if (strcmp(name, "config") == 0) set_text(&s->config, value);
    if (strcmp(name, "plots") == 0) s->plots = true;
    if (strcmp(name, "skip-existing") == 0) s->skip_existing = true;
    if (strcmp(name, "resume") == 0) s->resume = true;
    if (strcmp(name, "quiet") == 0) s->quiet = true;
    if (strcmp(name, "verbose") == 0) s->verbose++;
    return true;
}

/* The first look at the command line is only for --config: the file comes first, what is on the
 * line wins. */
static bool find_config(void *user, const CliOption *option, const char *value)
{
    if (option && strcmp(option->name, "config") == 0) set_text(user, value);
    return true;
}

static int read_settings(int argc, char **argv, Settings *s)
{
    char *config = NULL;
    *s = (Settings){.profile = HH_FEATURES_DEFAULT};
    int code = cli_parse(command(), argc, argv, find_config, &config);
    if (code < 0 && config) code = config_read(command(), config, set_option, s);
    free(config);
    if (code < 0) code = cli_parse(command(), argc, argv, set_option, s);
    if (code >= 0) return code;
    s->features = s->listed ? s->listed : s->profile;
    if (s->input_count == 0)
        return cli_usage_error(command(), "process needs a sound file or a folder");
    if (!s->output || !*s->output) return cli_usage_error(command(), "process needs --output DIR");
    return -1;
}

static void free_settings(Settings *s)
{
    for (size_t i = 0; i < s->input_count; i++) free(s->inputs[i]);
    free(s->inputs);
    free(s->output);
    free(s->cache_folder);
    free(s->log_path);
    free(s->config);
}

/* ---- one track ---- */

#define LEAST_ROOM 2e6 /* bytes; the result of a short track */

typedef enum Outcome { NOT_DONE, ANALYSED, LEFT_ALONE, FAILED } Outcome;

typedef struct Batch {
    const Settings *settings;
    const Inputs *inputs;
    Progress *progress;
    Outcome *outcome;
    atomic_size_t next;
    int threads; /* of each worker's context */
    atomic_bool no_output, disk_full;
    bool any_result; /* of this run or an earlier one */
} Batch;

typedef struct Track {
    Batch *batch;
    HhContext *context;
    size_t index;
    double started, cpu_started;
    char stamp[32];
    char *message; /* of a failure that is not the library's */
} Track;

static volatile sig_atomic_t interrupts;

static void on_signal(int number)
{
    (void)number;
    if (interrupts++ > 0)
        _exit(CLI_INTERRUPTED); /* the second time at once: what lies under final names is whole */
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0.0;
}

/* Of this thread if each track has one, else of all. */
static double processor_seconds(const Batch *batch)
{
    return seconds(batch->threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID);
}

static bool on_progress(void *user, double done_s, double total_s)
{
    const Track *track = user;
    progress_at(track->batch->progress, track->index, done_s, total_s);
    return interrupts == 0;
}

static void on_log(void *user, HhLogLevel level, const char *message)
{
    progress_log(user, level, message);
}

/* "track.flac: 174.02 BPM, F minor, -7.3 LUFS, 3:05 in 1.9 s". */
static char *summary_line(const Track *track, const HhAnalysis *a, const char *how)
{
    char tempo[32] = "", loudness[32] = "";
    if (a->rhythm.tempo_bpm > 0.0)
        (void)snprintf(tempo, sizeof tempo, "%.2f BPM, ", a->rhythm.tempo_bpm);
    if (a->loudness.integrated_lufs > -1000.0)
        (void)snprintf(loudness, sizeof loudness, "%.1f LUFS, ", a->loudness.integrated_lufs);
    bool key = a->harmony.key && strcmp(a->harmony.key, "unknown") != 0;
    int length = (int)(a->input.duration_s + 0.5);
    return cli_format("%s: %s%s%s%s%d:%02d, %s %.1f s", a->input.path, tempo,
                      key ? a->harmony.key : "", key ? ", " : "", loudness, length / 60,
                      length % 60, how, seconds(CLOCK_MONOTONIC) - track->started);
}

static HhStatus write_track(Track *track, const HhAnalysis *analysis, Finish how)
{
    const Batch *batch = track->batch;
    HhReportRun run;
    hh_report_run_defaults(&run);
    run.started = track->stamp;
    run.seconds = seconds(CLOCK_MONOTONIC) - track->started;
    run.cpu_seconds = processor_seconds(batch) - track->cpu_started;
    run.threads = batch->threads;
    run.cpu_level = hh_context_cpu(track->context);
    HhStatus status =
        output_write(track->context, batch->settings, &batch->inputs->list[track->index],
                     track->index, analysis, &run, &track->message);
    if (status != HH_OK) return status;
    char *line =
        summary_line(track, analysis, how == FINISH_CACHED ? "from the cache in" : "analysed in");
    progress_finish(batch->progress, track->index, analysis->input.duration_s, how, line);
    free(line);
    return HH_OK;
}

static bool is_to_be_left(const Track *track, const char *hash)
{
    const Settings *s = track->batch->settings;
    const Input *input = &track->batch->inputs->list[track->index];
    if (!(s->skip_existing && output_exists(s, input->name)) &&
        !(s->resume && hash[0] && output_matches(s, input->name, hash)))
        return false;
    char *line = cli_format("%s: has its result, left alone", input->path);
    progress_finish(track->batch->progress, track->index, 0.0, FINISH_LEFT_ALONE, line);
    free(line);
    return true;
}

static HhStatus analyse(Track *track)
{
    const Settings *s = track->batch->settings;
    HhAnalysis *analysis;
    HhAnalyseParams params;
    hh_analyse_defaults(&params);
    params.features = s->features;
    params.images = s->plots;
    params.progress = on_progress;
    params.progress_user = track;
    const char *path = track->batch->inputs->list[track->index].path;
    HhStatus status = hh_analyse_file(track->context, path, &params, &analysis);
    if (status != HH_OK) return status;
    if (s->cache_folder && !cache_store(s, analysis)) {
        char *message = cli_format("%s: cannot keep an analysis in this cache", s->cache_folder);
        progress_log(track->batch->progress, HH_LOG_WARNING, message);
        free(message);
    }
    status = write_track(track, analysis, FINISH_ANALYSED);
    hh_analysis_destroy(analysis);
    return status;
}

static HhStatus work_on(Track *track)
{
    Batch *batch = track->batch;
    const Settings *s = batch->settings;
    const char *path = batch->inputs->list[track->index].path;
    char hash[33] = "";
    if (s->resume || s->cache_folder) (void)hh_hash_file(track->context, path, hash, NULL);
    if (is_to_be_left(track, hash)) {
        batch->outcome[track->index] = LEFT_ALONE;
        return HH_OK;
    }
    Cached *cached = s->cache_folder && hash[0] ? cache_load(s, path, hash) : NULL;
    HhStatus status =
        cached ? write_track(track, cached_analysis(cached), FINISH_CACHED) : analyse(track);
    cached_free(cached);
    if (status == HH_OK) batch->outcome[track->index] = ANALYSED;
    return status;
}

/* A message that names the input. */
static void report_failure(const Track *track, HhStatus status)
{
    const char *path = track->batch->inputs->list[track->index].path,
               *message = hh_context_message(track->context);
    if (track->message)
        message = track->message;
    else if (!*message)
        message = hh_status_text(status);
    char *text = strstr(message, path) ? cli_copy(message) : cli_format("%s: %s", path, message);
    progress_fail(track->batch->progress, track->index, text);
    free(text);
    track->batch->outcome[track->index] = FAILED;
    if (status != HH_ERROR_WRITE) return;
    Batch *batch = track->batch;
    batch->no_output = true;
    struct statvfs disk;
    if (statvfs(batch->settings->output, &disk) == 0 &&
        (double)disk.f_bavail * (double)disk.f_frsize < LEAST_ROOM &&
        !atomic_exchange(&batch->disk_full, true))
        (void)cli_error(0,
                        "%s: the disk is full, so the run ends here; make room, then go on with "
                        "--resume",
                        batch->settings->output);
}

static void *work(void *arg)
{
    Batch *batch = arg;
    HhContextParams params = HH_CONTEXT_PARAMS_INIT;
    params.threads = batch->threads;
    params.log = on_log;
    params.log_user = batch->progress;
    HhContext *context;
    if (hh_context_create(&params, &context) != HH_OK) exit(cli_error(CLI_OUTPUT, "out of memory"));
    while (interrupts == 0 && !batch->disk_full) {
        Track track = {batch,
                       context,
                       atomic_fetch_add(&batch->next, 1),
                       seconds(CLOCK_MONOTONIC),
                       processor_seconds(batch),
                       "",
                       NULL};
        if (track.index >= batch->inputs->count) break;
        time_t now = time(NULL);
        struct tm parts;
        (void)strftime(track.stamp, sizeof track.stamp, "%Y-%m-%dT%H:%M:%SZ",
                       gmtime_r(&now, &parts));
        HhStatus status = work_on(&track);
        if (status != HH_OK && status != HH_ERROR_CANCELLED) report_failure(&track, status);
        free(track.message);
    }
    hh_context_destroy(context);
    return NULL;
}

/* ---- the batch ---- */

static void run_workers(Batch *batch)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN), threads = batch->settings->threads;
    if (threads == 0) threads = processors < 1 ? 1 : processors > 256 ? 256 : processors;
    size_t count = batch->inputs->count;
    size_t workers = count < (size_t)threads ? count : (size_t)threads;
    batch->threads = (int)(threads / (long)workers);
    pthread_t *started = cli_alloc(workers, sizeof *started);
    size_t running = 0;
    while (running + 1 < workers && pthread_create(&started[running], NULL, work, batch) == 0)
        running++;
    (void)work(batch);
    for (size_t i = 0; i < running; i++) (void)pthread_join(started[i], NULL);
    free(started);
}

static int finish(Batch *batch, size_t failed)
{
    size_t count = batch->inputs->count;
    bool *has_result = cli_alloc(count, sizeof *has_result);
    for (size_t i = 0; i < count; i++) {
        failed += batch->outcome[i] == FAILED;
        has_result[i] = batch->outcome[i] == ANALYSED || batch->outcome[i] == LEFT_ALONE ||
                        output_exists(batch->settings, batch->inputs->list[i].name);
        batch->any_result |= has_result[i];
    }
    int code = interrupts         ? CLI_INTERRUPTED
               : batch->no_output ? CLI_OUTPUT
               : failed           ? CLI_FAILED
                                  : CLI_DONE;
    HhContext *context;
    if (batch->inputs->several && hh_context_create(NULL, &context) == HH_OK) {
        if (output_summary(context, batch->settings, batch->inputs, has_result) != HH_OK)
            code = cli_error(CLI_OUTPUT, "%s", hh_context_message(context));
        hh_context_destroy(context);
    }
    free(has_result);
    return code;
}

/* The page to open, as the last line. */
static void say_where(const Batch *batch)
{
    const Inputs *inputs = batch->inputs;
    bool several = inputs->several;
    bool made = several ? batch->any_result : batch->outcome[0] == ANALYSED;
    if (batch->settings->quiet || !made) return;
    char *name = several ? cli_copy("index.html") : cli_join(inputs->list[0].name, "report.html");
    char *path = cli_join(batch->settings->output, name);
    (void)printf("open %s\n", cli_printable(path));
    free(path);
    free(name);
}

static int run_batch(const Settings *settings, const Inputs *inputs, size_t failed)
{
    Batch batch = {.settings = settings,
                   .inputs = inputs,
                   .outcome = cli_alloc(inputs->count, sizeof *batch.outcome)};
    batch.progress = progress_start(settings, inputs);
    cli_catch_signals(on_signal);
    run_workers(&batch);
    int code = finish(&batch, failed);
    progress_end(batch.progress, interrupts > 0);
    if (code != CLI_OUTPUT) say_where(&batch);
    free(batch.outcome);
    return code;
}

int command_process(int argc, char **argv)
{
    Settings settings;
    Inputs inputs = {0};
    size_t failed = 0;
    int code = read_settings(argc, argv, &settings);
    if (code < 0) code = output_prepare(settings.output);
    if (code < 0 && settings.cache_folder) {
        struct stat status;
        int reason = mkdir(settings.cache_folder, 0777) == 0 ? 0 : errno;
        if (stat(settings.cache_folder, &status) != 0 || !S_ISDIR(status.st_mode))
            code = cli_error(CLI_OUTPUT, "%s: cannot make this cache: %s", settings.cache_folder,
                             strerror(reason));
    }
    if (code < 0) {
        inputs_find(settings.inputs, settings.input_count, &inputs, &failed);
        inputs_name(&inputs, settings.output);
        code = inputs.count > 0 ? run_batch(&settings, &inputs, failed) : CLI_FAILED;
    }
    inputs_free(&inputs);
    free_settings(&settings);
    return code;
}
