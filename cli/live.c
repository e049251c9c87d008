/* heihachi live: the command line, and which source is run in which way.
 *
 *     --fast       one thread, a clock that counts samples
 *     --replay     one thread, the clock of the session, or with --fast one that counts samples
 *     all others   the analysis on its thread, real time */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "live_screen.h"

/* A beat is told to the control thread so much before it is due, which is more than the blocks of
 * sound devices and the hop of the core take. */
#define LEAD_MS            25.0f
#define SNAPSHOTS_A_SECOND 50u

/* ---- options ---- */

static bool bad_value(const LiveOptions *o, const CliOption *option, const char *value,
                      const char *wanted)
{
    return cli_usage_error(o->command, "--%s: %s, not \"%s\"", option->name, wanted, value) < 0;
}

static bool number_in(const char *text, double low, double high, double *value)
{
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *value >= low && *value <= high;
}

static bool set_float(const LiveOptions *o, const CliOption *option, const char *value, double low,
                      double high, float *to)
{
    double number;
    if (number_in(value, low, high, &number)) {
        *to = (float)number;
        return true;
    }
    char *wanted = cli_format("a number from %g to %g", low, high);
    (void)bad_value(o, option, value, wanted);
    free(wanted);
    return false;
}

static bool set_whole(const LiveOptions *o, const CliOption *option, const char *value, long low,
                      long high, long *to)
{
    if (cli_number(value, low, high, to)) return true;
    char *wanted = cli_format("a whole number from %ld to %ld", low, high);
    (void)bad_value(o, option, value, wanted);
    free(wanted);
    return false;
}

/* "LOW-HIGH" */
static bool set_bpm(LiveOptions *o, const CliOption *option, const char *value)
{
    static const char wanted[] = "a range within 30-300, as 60-200";
    char *end;
    float low = strtof(value, &end), high = *end == '-' ? strtof(end + 1, &end) : 0.0f;
    if (*end != '\0' || !(low >= 30.0f && high <= 300.0f && low < high))
        return bad_value(o, option, value, wanted);
    o->config.bpm_low = low;
    o->config.bpm_high = high;
    return true;
}

static bool set_format(LiveOptions *o, const CliOption *option, const char *value)
{
    if (strcmp(value, "f32") != 0 && strcmp(value, "s16") != 0)
        return bad_value(o, option, value, "f32 or s16");
    o->format = value[0] == 'f' ? LIVE_F32 : LIVE_S16;
    return true;
}

/* "1,2": channels that are mixed, from 1 */
static bool set_mix(LiveOptions *o, const CliOption *option, const char *value)
{
    const char *at = value;
    o->mix.chosen = 0;
    for (;;) {
        char *end;
        long channel = strtol(at, &end, 10);
        if (end == at || channel < 1 || channel > 64 || (*end != ',' && *end != '\0'))
            return bad_value(o, option, value, "channels from 1 to 64, separated by commas");
        o->mix.chosen |= (uint64_t)1 << (channel - 1);
        if (*end == '\0') return true;
        at = end + 1;
    }
}

static bool set_core(LiveOptions *o, const CliOption *option, const char *value)
{
    const char *name = option->name;
    HhLiveConfig *k = &o->config;
    long whole = 0;
    if (strcmp(name, "bpm") == 0) return set_bpm(o, option, value);
    if (strcmp(name, "bank") == 0)
        return live_find_bank(value, &k->bank) ||
               bad_value(o, option, value, "octaves, goertzel, lanes or sliding");
    if (strcmp(name, "silence") == 0)
        return set_float(o, option, value, -120.0, 0.0, &k->silence_db);
    if (strcmp(name, "levels") == 0)
        return set_float(o, option, value, 0.0, (double)k->novelty_rate, &k->level_rate);
    if (strcmp(name, "bottom") == 0)
        return set_float(o, option, value, 16.0, 20000.0, &k->bottom_note);
    if (strcmp(name, "notes") == 0) {
        if (!set_whole(o, option, value, 1, HH_LIVE_MAX_NOTES, &whole)) return false;
        k->notes = (uint16_t)whole;
        return true;
    }
    if (!set_whole(o, option, value, 0, 1000, &whole)) return false;
    k->tempo_bins_per_tick = (uint16_t)whole; /* --stagger */
    return true;
}

static bool set_flag(LiveOptions *o, const char *name)
{
    if (strcmp(name, "fast") == 0)
        o->fast = true;
    else if (strcmp(name, "json") == 0)
        o->json = true;
    else if (strcmp(name, "quiet") == 0)
        o->quiet = true;
    else
        o->list_devices = true;
    return true;
}

static bool set_text(char **to, const char *value)
{
    free(*to);
    *to = cli_copy(value);
    return true;
}

static bool set_input(LiveOptions *o, const CliOption *option, const char *value)
{
    const char *name = option->name;
    long rate;
    if (strcmp(name, "file") == 0) return set_text(&o->file, value);
    if (strcmp(name, "device") == 0) return set_text(&o->device, value);
    if (strcmp(name, "replay") == 0) return set_text(&o->replay, value);
    if (strcmp(name, "format") == 0) return set_format(o, option, value);
    if (strcmp(name, "mix") == 0) return set_mix(o, option, value);
    if (strcmp(name, "channels") == 0) return set_whole(o, option, value, 1, 64, &o->channels);
    if (!set_whole(o, option, value, HH_LIVE_MIN_RATE, HH_LIVE_MAX_RATE, &rate)) return false;
    o->rate = (double)rate;
    return true;
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0) return true;
    return false;
}

static bool set_option(void *user, const CliOption *option, const char *value)
{
    static const char *const inputs[] = {"file",   "device", "replay",   "rate",
                                         "format", "mix",    "channels", NULL};
    LiveOptions *o = user;
    if (!option && strcmp(value, "-") != 0)
        return cli_usage_error(o->command,
                               "live takes no argument but \"-\", standard input: \"%s\"; a file "
                               "is named by --file",
                               value) < 0;
    if (!option) {
        o->raw = true;
        return true;
    }
    const char *name = option->name;
    if (!option->argument) return set_flag(o, name);
    if (is_one_of(name, inputs)) return set_input(o, option, value);
    if (strcmp(name, "record") == 0) return set_text(&o->record, value);
    if (strcmp(name, "http") == 0) return set_whole(o, option, value, 0, 65535, &o->port);
    if (strcmp(name, "latency") == 0) {
        o->latency_given = true;
        return set_float(o, option, value, -200.0, 400.0, &o->latency_ms);
    }
    if (strcmp(name, "send") == 0) {
        o->send = cli_grow(o->send, o->send_count + 1, sizeof *o->send);
        o->send[o->send_count++] = cli_copy(value);
        return true;
    }
    return set_core(o, option, value);
}

static int check(const LiveOptions *o)
{
    int inputs = (o->file != NULL) + o->raw + (o->device != NULL) + (o->replay != NULL);
    if (inputs > 1)
        return cli_usage_error(o->command, "one of --file, --device, --replay and -, not more");
    if (o->raw && o->rate == 0.0) return cli_usage_error(o->command, "raw samples need --rate");
    if (!o->raw && o->rate != 0.0 && inputs > 0 && !o->device)
        return cli_usage_error(o->command, "--rate is for raw samples and devices");
    if (o->list_devices && inputs > 0)
        return cli_usage_error(o->command, "--list-devices lists, and listens to nothing");
    if (o->fast && !o->file && !o->raw && !o->replay)
        return cli_usage_error(o->command, "--fast needs --file, --replay or -");
    if (o->record && o->replay && strcmp(o->record, o->replay) == 0)
        return cli_usage_error(o->command, "--record and --replay name the same file");
    if (o->json && o->quiet) return cli_usage_error(o->command, "--json or --quiet, not both");
    return CLI_DONE;
}

/* ---- running ---- */

static uint32_t clock_ns(void)
{
    return (uint32_t)live_now_ns();
}

/* What was asked for, at the rate of the source. */
static HhLiveConfig configure(const LiveOptions *o, double rate, float ahead_ms)
{
    HhLiveConfig config = o->config, at_rate;
    hh_live_defaults(&at_rate, (uint32_t)rate);
    config.sample_rate = at_rate.sample_rate;
    config.hop = at_rate.hop;
    config.latency_ms = o->latency_ms + ahead_ms;
    if (config.latency_ms > 500.0f) config.latency_ms = 500.0f;
    config.clock = o->port >= 0 ? clock_ns : NULL;
    return config;
}

static int wrong_settings(const LiveOptions *o)
{
    return cli_usage_error(o->command, "the core cannot work with these settings together");
}

/* Lines go to a file or a pipe, and to a terminal where no view can be. */
static void choose_output(LiveControlSetup *setup)
{
    const LiveOptions *o = setup->options;
    setup->view = !o->json && !o->quiet && !o->fast && screen_possible();
    setup->lines = !setup->view && !o->quiet;
    if (setup->real_time && (setup->view || o->send_count > 0)) setup->lead_ms = LEAD_MS;
}

/* ---- --fast ---- */

typedef struct Fast {
    LiveControl *control;
    uint32_t rate;
} Fast;

static void on_fast_event(void *user, const HhLiveEvent *event)
{
    Fast *fast = user;
    int64_t now_ns = live_samples_ns(event->told, fast->rate);
    live_control_run(fast->control, now_ns);
    live_control_event(fast->control, event, now_ns);
}

static long read_full(LiveInput *input, float *samples, size_t count)
{
    size_t have = 0;
    while (have < count) {
        long got = live_input_read(input, samples + have, count - have, -1);
        if (got < 0) return -1;
        if (got == 0) break;
        have += (size_t)got;
    }
    return (long)have;
}

static int run_fast(const LiveOptions *o, LiveInput *input, const char *name)
{
    LiveControlSetup setup = {.options = o, .name = name};
    Fast fast = {NULL, (uint32_t)live_input_rate(input)};
    choose_output(&setup);
    setup.config = configure(o, live_input_rate(input), setup.lead_ms);
    setup.analysis = live_analysis_create(&setup.config, on_fast_event, &fast);
    if (!setup.analysis) return wrong_settings(o);
    int code;
    fast.control = live_control_create(&setup, &code);
    size_t most = fast.rate / SNAPSHOTS_A_SECOND;
    float *block = cli_alloc(most, sizeof *block);
    int64_t taken = 0;
    bool snapshots = o->record || o->send_count > 0 || o->port >= 0;
    while (code == CLI_DONE && !live_control_stopped(fast.control)) {
        long got = read_full(input, block, most);
        if (got <= 0) {
            code = got < 0 ? CLI_FAILED : CLI_DONE;
            break;
        }
        taken += got;
        int64_t now_ns = live_samples_ns(taken, fast.rate);
        HhLiveSnapshot snapshot;
        live_analysis_push(setup.analysis, block, (size_t)got, now_ns);
        live_control_run(fast.control, now_ns);
        if (snapshots && live_analysis_snapshot(setup.analysis, &snapshot))
            live_control_snapshot(fast.control, &snapshot, now_ns);
    }
    free(block);
    if (fast.control) code = live_control_finish(fast.control, code);
    live_analysis_destroy(setup.analysis);
    return code;
}

/* ---- real time ---- */

/* A file gives its samples when they would sound; standard input when they come. */
typedef struct Paced {
    LiveInput *input;
    bool file;
    uint32_t rate;
    int64_t taken, start_ns;
} Paced;

static long read_paced(void *user, float *samples, size_t count, int stop, int64_t *end_ns)
{
    Paced *p = user;
    long got = live_input_read(p->input, samples, count, stop);
    if (got <= 0) return got;
    if (p->taken == 0) p->start_ns = live_now_ns();
    p->taken += got;
    *end_ns = p->start_ns + live_samples_ns(p->taken, p->rate);
    if (!p->file)
        *end_ns = live_now_ns();
    else if (!live_sleep_until(*end_ns, stop))
        return 0;
    return got;
}

static int run_in_real_time(const LiveOptions *o, LiveControlSetup *setup, double rate,
                            float input_latency_ms, LiveRead *read_samples, void *source,
                            bool patient)
{
    int code;
    setup->options = o;
    setup->real_time = true;
    choose_output(setup);
    setup->lead_ms += input_latency_ms;
    setup->config = configure(o, rate, setup->lead_ms);
    setup->analysis = live_analysis_create(&setup->config, NULL, NULL);
    if (!setup->analysis) return wrong_settings(o);
    LiveControl *control = live_control_create(setup, &code);
    if (control && !live_analysis_start(setup->analysis, read_samples, source, patient))
        code = CLI_FAILED;
    if (control && code == CLI_DONE) code = live_control_loop(control);
    if (control) code = live_control_finish(control, code);
    live_analysis_destroy(setup->analysis);
    return code;
}

static int run_input(const LiveOptions *o, HhContext *context)
{
    const char *name = o->raw ? "standard input" : o->file;
    LiveInput *input =
        o->raw ? live_input_raw(o->rate, o->channels > 0 ? (int)o->channels : 1, o->format, &o->mix)
               : live_input_file(context, o->file, &o->mix);
    if (!input) return CLI_FAILED;
    int code;
    if (o->fast) {
        code = run_fast(o, input, name);
    } else {
        Paced paced = {.input = input, .file = !o->raw, .rate = (uint32_t)live_input_rate(input)};
        LiveControlSetup setup = {.name = name};
        code = run_in_real_time(o, &setup, live_input_rate(input), 0.0f, read_paced, &paced, true);
    }
    live_input_close(input);
    return code;
}

static int run_device(const LiveOptions *o)
{
    LiveDevice *device = live_device_open(o->device, o->rate, o->channels, &o->mix);
    if (!device) return CLI_DEVICE;
    LiveControlSetup setup = {.name = live_device_name(device), .device = device};
    int code = run_in_real_time(o, &setup, live_device_rate(device), live_device_latency_ms(device),
                                live_device_read, device, false);
    live_device_close(device);
    return code;
}

/* ---- --replay ---- */

static int replay(const LiveOptions *o)
{
    LiveOptions options = *o; /* with the latency of the session */
    LiveControlSetup setup = {.options = &options, .real_time = !o->fast, .name = o->replay};
    float latency_ms;
    LiveReplay *session = live_replay_open(o->replay, &setup.config, &latency_ms);
    if (!session) return CLI_FAILED;
    if (!o->latency_given) options.latency_ms = latency_ms;
    choose_output(&setup);
    setup.lead_ms = 0.0f;
    int code, kind = 0;
    LiveControl *control = live_control_create(&setup, &code);
    int64_t start_ns = o->fast ? 0 : live_now_ns();
    HhLiveEvent event;
    HhLiveSnapshot snapshot;
    while (control && !live_control_stopped(control) &&
           (kind = live_replay_next(session, &event, &snapshot)) > 0) {
        int64_t sample = kind == 1 ? event.told : snapshot.sample;
        int64_t now_ns = start_ns + live_samples_ns(sample, setup.config.sample_rate);
        live_control_run(control, now_ns);
        if (live_control_stopped(control)) break;
        if (kind == 1)
            live_control_event(control, &event, now_ns);
        else
            live_control_snapshot(control, &snapshot, now_ns);
    }
    if (kind < 0) code = CLI_FAILED;
    if (control) code = live_control_finish(control, code);
    live_replay_close(session);
    return code;
}

int command_live(int argc, char **argv)
{
    LiveOptions o = {.command = cli_find_command("live"), .port = -1};
    HhContext *context = NULL;
    hh_live_defaults(&o.config, 48000);
    int code = cli_parse(o.command, argc, argv, set_option, &o);
    if (code < 0)
        code = check(&o);
    else
        goto end;
    if (code != CLI_DONE) goto end;
    if (hh_context_create(NULL, &context) != HH_OK)
        code = cli_error(CLI_OUTPUT, "out of memory");
    else if (o.replay)
        code = replay(&o);
    else if (o.list_devices)
        live_device_list();
    else if (o.file || o.raw)
        code = run_input(&o, context);
    else
        code = run_device(&o);
end:
    hh_context_destroy(context);
    for (size_t i = 0; i < o.send_count; i++) free(o.send[i]);
    free(o.send);
    free(o.file);
    free(o.device);
    free(o.record);
    free(o.replay);
    return code;
}
