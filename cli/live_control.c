/* The control thread: takes events and snapshots, and hands them to lines, view, record, HTTP and
 * senders, each when it is due. Works on whatever clock its caller counts: see live_control_run().
 *
 * A beat is told a little before it is due (lead_ms), because sound comes in blocks and the core
 * works in hops: what waits in `due` is then sent at its own time and not when a block happened to
 * come. */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live.h"
#include "live_screen.h"

#define DUE             256u
#define SNAPSHOT_NS     20000000
#define LONGEST_WAIT_NS 500000000

typedef struct Sending {
    const LiveSender *kind;
    void *handle;
    int64_t wake_ns;
} Sending;

typedef struct Due {
    HhLiveEvent event;
    int64_t due_ns;
} Due;

struct LiveControl {
    LiveControlSetup setup;
    double rate;
    float latency_ms;
    Sending *senders;
    size_t sender_count;
    Due due[DUE]; /* the earliest first */
    size_t due_count;
    int64_t snapshot_ns, now_ns;
    bool unflushed;
    HhLiveSnapshot snapshot;
    LiveRecord *record;
    LiveView *view;
    LiveHttp *http;
    LiveDeviceState device;
    uint64_t events;
    bool quit, output_failed, pipe_broken;
};

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    /* The second one does not wait for anything. */
    if (caught) {
        screen_restore();
        _exit(CLI_INTERRUPTED);
    }
    caught = number;
}

/* ---- time ---- */

static int64_t ms_ns(float ms)
{
    return (int64_t)((double)ms * 1e6);
}

/* When a sample is due at the receivers. */
static int64_t due_time(const LiveControl *c, int64_t sample, int64_t told, int64_t now_ns)
{
    uint32_t rate = c->setup.config.sample_rate;
    int64_t at = c->setup.real_time && c->setup.analysis
                     ? live_analysis_time(c->setup.analysis, sample)
                     : now_ns + live_samples_ns(sample - told, rate);
    return at - ms_ns(c->latency_ms);
}

/* ---- events ---- */

static void output_fails(LiveControl *c)
{
    c->output_failed = true;
    c->pipe_broken = errno == EPIPE;
}

static void print_line(LiveControl *c, const LiveLine *line)
{
    if (fwrite(line->text, 1, line->length, stdout) != line->length) output_fails(c);
    c->unflushed = true;
}

static void send_event(LiveControl *c, const HhLiveEvent *event, int64_t due_ns, int64_t now_ns,
                       bool early)
{
    LiveTime time = {(double)event->sample / c->rate, due_ns, now_ns};
    for (size_t i = 0; i < c->sender_count; i++) {
        Sending *s = &c->senders[i];
        if (s->kind->early != early) continue;
        if (s->kind->on_event) s->kind->on_event(s->handle, event, &time);
        if (s->kind->on_time) s->wake_ns = s->kind->on_time(s->handle, now_ns);
    }
}

/* What is due: to the view and to the senders that do not plan. */
static void act(LiveControl *c, const Due *due, int64_t now_ns)
{
    send_event(c, &due->event, due->due_ns, now_ns, false);
    if (c->view) live_view_event(c->view, &due->event, now_ns);
}

static void keep_until_due(LiveControl *c, const Due *due)
{
    size_t at = c->due_count++;
    for (; at > 0 && c->due[at - 1].due_ns > due->due_ns; at--) c->due[at] = c->due[at - 1];
    c->due[at] = *due;
}

static void act_on_due(LiveControl *c, int64_t now_ns)
{
    size_t done = 0;
    while (done < c->due_count && c->due[done].due_ns <= now_ns) act(c, &c->due[done++], now_ns);
    c->due_count -= done;
    memmove(c->due, c->due + done, c->due_count * sizeof *c->due);
}

void live_control_event(LiveControl *c, const HhLiveEvent *event, int64_t now_ns)
{
    LiveLine line;
    c->events++;
    if (c->setup.lines) {
        live_line_event(&line, event, c->rate, false);
        print_line(c, &line);
    }
    if (c->record) live_record_event(c->record, event);
    if (c->sender_count == 0 && !c->view) return;
    Due due = {*event, due_time(c, event->sample, event->told, now_ns)};
    send_event(c, event, due.due_ns, now_ns, true);
    if (due.due_ns > now_ns && c->due_count < DUE)
        keep_until_due(c, &due);
    else
        act(c, &due, now_ns);
}

/* The core runs `lead_ms` ahead; its phase is put back by that. */
static float heard_phase(const LiveControl *c, const HhLiveSnapshot *s)
{
    float phase = s->beat_phase - s->bpm / 60.0f * c->setup.lead_ms * 1e-3f;
    while (phase < 0.0f) phase += 1.0f;
    return phase < 1.0f ? phase : 0.0f;
}

void live_control_snapshot(LiveControl *c, const HhLiveSnapshot *snapshot, int64_t now_ns)
{
    c->snapshot = *snapshot;
    if (c->setup.lead_ms > 0.0f) c->snapshot.beat_phase = heard_phase(c, snapshot);
    if (c->record) live_record_snapshot(c->record, &c->snapshot);
    LiveTime time = {(double)snapshot->sample / c->rate,
                     due_time(c, snapshot->sample, snapshot->sample, now_ns), now_ns};
    for (size_t i = 0; i < c->sender_count; i++) {
        Sending *s = &c->senders[i];
        if (s->kind->on_snapshot) s->kind->on_snapshot(s->handle, &c->snapshot, &time);
        if (s->kind->on_time) s->wake_ns = s->kind->on_time(s->handle, now_ns);
    }
    if (c->view) live_view_snapshot(c->view, &c->snapshot);
    if (c->http) live_http_snapshot(c->http, &c->snapshot);
}

/* ---- what is due ---- */

static void wake_senders(LiveControl *c, int64_t now_ns)
{
    for (size_t i = 0; i < c->sender_count; i++) {
        Sending *s = &c->senders[i];
        /* A sender that asks for what is past is called again at the next step, not for ever. */
        if (s->kind->on_time && s->wake_ns <= now_ns)
            s->wake_ns = s->kind->on_time(s->handle, now_ns);
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ns(const LiveControl *c)
{
    int64_t next = c->due_count > 0 ? c->due[0].due_ns : LIVE_NEVER;
    for (size_t i = 0; i < c->sender_count; i++)
        if (c->senders[i].kind->on_time) next = sooner(next, c->senders[i].wake_ns);
    return next;
}

static void set_latency(LiveControl *c, float ms)
{
    float core = ms + c->setup.config.latency_ms - c->setup.options->latency_ms;
    if (core < -200.0f || core > 500.0f) return;
    c->latency_ms = ms;
    live_analysis_command(c->setup.analysis, LIVE_LATENCY, core);
}

static void on_key(LiveControl *c, const LiveKey *key)
{
    LiveAnalysis *a = c->setup.analysis;
    if (key->action == LIVE_KEY_QUIT) c->quit = true;
    if (!a || key->action == LIVE_KEY_QUIT) return;
    switch (key->action) {
    case LIVE_KEY_TAP:
        live_analysis_command(a, LIVE_TAP, 0.0f);
        break;
    case LIVE_KEY_DOUBLE:
        live_analysis_command(a, LIVE_DOUBLE, 0.0f);
        break;
    case LIVE_KEY_HALF:
        live_analysis_command(a, LIVE_HALF, 0.0f);
        break;
    case LIVE_KEY_NUDGE:
        live_analysis_command(a, LIVE_NUDGE, key->ms);
        break;
    case LIVE_KEY_LATENCY:
        set_latency(c, c->latency_ms + key->ms);
        live_view_latency(c->view, c->latency_ms);
        break;
    case LIVE_KEY_NONE:
    case LIVE_KEY_QUIT:
        break;
    }
}

static void show(LiveControl *c, int64_t now_ns)
{
    LiveKey key;
    if (!c->view) return;
    while (live_view_key(c->view, &key)) on_key(c, &key);
    live_view_draw(c->view, now_ns);
}

static void flush_lines(LiveControl *c)
{
    if (c->unflushed && fflush(stdout) != 0) output_fails(c);
    c->unflushed = false;
}

static void answer(LiveControl *c)
{
    if (!c->http) return;
    LiveHttpState state = {.device = c->device, .latency_ms = c->latency_ms, .events = c->events};
    for (size_t i = 0; i < c->sender_count && i < LIVE_MOST_REPORTS; i++) {
        const Sending *s = &c->senders[i];
        LiveSenderReport *report = &state.senders[state.sender_count++];
        report->url = c->setup.options->send[i];
        s->kind->count(s->handle, &report->counts);
    }
    if (c->setup.analysis) {
        live_analysis_profile(c->setup.analysis, &state.profile);
        state.events_lost = live_analysis_lost(c->setup.analysis);
    }
    live_http_state(c->http, &state);
}

bool live_control_stopped(const LiveControl *c)
{
    return c->quit || caught || c->output_failed;
}

/* Waits for a key, a signal, the analysis, or until then. */
static void wait_until(LiveControl *c, int64_t until_ns)
{
    int64_t left = until_ns - live_now_ns();
    if (left <= 0) return;
    if (left > LONGEST_WAIT_NS) left = LONGEST_WAIT_NS;
    const struct timespec wait = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
    int analysis = c->setup.analysis ? live_analysis_wake(c->setup.analysis) : -1;
    struct pollfd list[] = {{analysis, POLLIN, 0}, {live_view_keys(c->view), POLLIN, 0}};
    if (ppoll(list, 2, &wait, NULL) > 0 && (list[0].revents & POLLIN)) {
        char bytes[64];
        while (read(analysis, bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
        }
    }
}

/* Does what is due now, and waits for what is next, until then at most. */
static void step(LiveControl *c, int64_t now_ns, int64_t until_ns)
{
    act_on_due(c, now_ns);
    wake_senders(c, now_ns);
    show(c, now_ns);
    flush_lines(c);
    answer(c);
    int64_t next = sooner(next_ns(c), until_ns);
    if (c->view) next = sooner(next, live_view_next(c->view));
    if (!live_control_stopped(c)) wait_until(c, next);
}

void live_control_run(LiveControl *c, int64_t until_ns)
{
    if (c->setup.real_time) {
        do {
            step(c, live_now_ns(), until_ns);
        } while (live_now_ns() < until_ns && !live_control_stopped(c));
        return;
    }
    for (int64_t next, before = -1; (next = next_ns(c)) <= until_ns && next != before;
         before = next) {
        act_on_due(c, next);
        wake_senders(c, next);
    }
    c->now_ns = until_ns;
    answer(c);
}

/* ---- the loop of real time ---- */

static void take_events(LiveControl *c, int64_t now_ns)
{
    HhLiveEvent event;
    while (live_analysis_take(c->setup.analysis, &event)) live_control_event(c, &event, now_ns);
}

static void tell_xruns(LiveControl *c)
{
    LiveDeviceState before = c->device;
    if (!c->setup.device) return;
    live_device_state(c->setup.device, &c->device);
    if (c->device.xruns == before.xruns && c->device.lost == before.lost) return;
    if (c->setup.lines) {
        LiveLine line;
        live_line_xrun(&line, c->snapshot.sample, c->rate, c->device.xruns, c->device.lost);
        print_line(c, &line);
    }
    if (c->view) live_view_xruns(c->view, c->device.xruns);
}

int live_control_loop(LiveControl *c)
{
    LiveAnalysis *a = c->setup.analysis;
    int code = CLI_DONE;
    c->snapshot_ns = live_now_ns();
    while (!live_control_stopped(c)) {
        bool ended = live_analysis_ended(a, &code);
        int64_t now_ns = live_now_ns();
        take_events(c, now_ns);
        tell_xruns(c);
        if (now_ns >= c->snapshot_ns) {
            HhLiveSnapshot snapshot;
            if (live_analysis_snapshot(a, &snapshot)) live_control_snapshot(c, &snapshot, now_ns);
            c->snapshot_ns += SNAPSHOT_NS;
            if (c->snapshot_ns < now_ns) c->snapshot_ns = now_ns + SNAPSHOT_NS;
        }
        if (ended) break;
        step(c, now_ns, c->snapshot_ns);
    }
    return code;
}

/* ---- begin and end ---- */

static bool open_sender(LiveControl *c, const char *url, int64_t now_ns)
{
    const char *colon = strchr(url, ':');
    size_t length = colon ? (size_t)(colon - url) : strlen(url);
    const LiveSender *kind = NULL;
    for (size_t i = 0; i < live_sender_count; i++)
        if (strlen(live_senders[i].scheme) == length &&
            strncmp(live_senders[i].scheme, url, length) == 0)
            kind = &live_senders[i];
    if (!kind) {
        (void)cli_usage_error(c->setup.options->command, "--send %s: there is no sender \"%.*s\"",
                              url, (int)length, url);
        return false;
    }
    LiveSenderSetup setup = {colon ? colon + 1 : "",
                             c->rate,
                             c->setup.config.notes,
                             c->setup.config.bottom_note,
                             c->setup.config.notes_per_octave,
                             c->setup.real_time,
                             now_ns};
    char *message = NULL;
    void *handle = kind->open(&setup, &message);
    if (!handle) {
        (void)cli_error(0, "--send %s: %s", url, message ? message : "cannot be opened");
        free(message);
        return false;
    }
    int64_t wake = kind->on_time ? kind->on_time(handle, now_ns) : LIVE_NEVER;
    c->senders[c->sender_count++] = (Sending){kind, handle, wake};
    return true;
}

static bool open_senders(LiveControl *c)
{
    const LiveOptions *o = c->setup.options;
    int64_t now_ns = c->setup.real_time ? live_now_ns() : 0;
    c->senders = cli_alloc(o->send_count, sizeof *c->senders);
    for (size_t i = 0; i < o->send_count; i++)
        if (!open_sender(c, o->send[i], now_ns)) return false;
    return true;
}

static int open_parts(LiveControl *c)
{
    const LiveOptions *o = c->setup.options;
    if (!open_senders(c)) return CLI_USAGE;
    if (o->record && !(c->record = live_record_create(o->record, &c->setup))) return CLI_OUTPUT;
    if (o->port >= 0 && !(c->http = live_http_start((uint16_t)o->port, &c->setup)))
        return CLI_FAILED;
    if (c->setup.view && !(c->view = live_view_start(&c->setup))) return CLI_FAILED;
    return CLI_DONE;
}

LiveControl *live_control_create(const LiveControlSetup *setup, int *code)
{
    LiveControl *c = cli_alloc(1, sizeof *c);
    c->setup = *setup;
    c->rate = (double)setup->config.sample_rate;
    c->latency_ms = setup->options->latency_ms;
    (void)signal(SIGPIPE, SIG_IGN);
    cli_catch_signals(on_signal);
    *code = open_parts(c);
    if (*code == CLI_DONE) return c;
    c->quit = true;
    (void)live_control_finish(c, *code);
    return NULL;
}

int live_control_finish(LiveControl *c, int code)
{
    int64_t now_ns = c->setup.real_time ? live_now_ns() : c->now_ns;
    if (c->view) live_view_stop(c->view);
    flush_lines(c);
    for (size_t i = 0; i < c->sender_count; i++)
        c->senders[i].kind->close(c->senders[i].handle, now_ns);
    live_http_stop(c->http);
    if (c->device.xruns > 0)
        (void)cli_error(
            0, "%s: the sound had %" PRIu64 " gaps, %" PRIu64 " samples are known to be missing",
            c->setup.name, c->device.xruns, c->device.lost);
    if (c->record && !live_record_finish(c->record) && code == CLI_DONE) code = CLI_OUTPUT;
    if (caught && code == CLI_DONE) code = CLI_INTERRUPTED;
    bool broken = c->pipe_broken;
    free(c->senders);
    free(c);
    /* Who read the lines has gone: end as any other filter, but with the session in its place. */
    if (broken) (void)signal(SIGPIPE, SIG_DFL);
    if (broken) (void)raise(SIGPIPE);
    return code;
}
