/* The parts of `heihachi live`.
 *
 *     sound device   --callback-->  ring of blocks  --+
 *     file, standard input  --------------------------+-->  analysis: hh_live_push()
 *                                                              |  queue of events, snapshot
 *     keys, timers, HTTP  -->  control: lines, view, record, senders
 *
 * The audio callback only copies into a ring. The analysis thread owns the HhLive. The control
 * thread (the one that runs the command) does all the rest: it prints, draws, answers and sends;
 * what is slow there delays no analysis. With --fast one thread does both in turn, on a clock that
 * counts samples. */
#ifndef HH_CLI_LIVE_H
#define HH_CLI_LIVE_H

#include "cli.h"

#include "../realtime/live.h"

/* ---- senders: live_senders*.c
 *
 * A sender hands events on to other programs and devices. It is asked for by --send URL, whose
 * scheme names its row of live_senders[]; the rest of the URL is the sender's own business. All
 * its functions are called from the control thread, one at a time, and must come back soon (a
 * millisecond or so): sockets are non-blocking, and what cannot be sent is counted and dropped.
 *
 * Times are nanoseconds of one clock, `now_ns` of every call: CLOCK_MONOTONIC when the sound comes
 * in real time, the samples taken in when it does not (--fast). */

#define LIVE_NEVER INT64_MAX

/* When an event is. */
typedef struct LiveTime {
    double seconds; /* of sound from its start: the event's `sample` divided by the rate */
    int64_t due_ns; /* when it is to be seen or heard at the receiver: --latency is taken off */
    int64_t now_ns; /* of this call */
} LiveTime;

typedef struct LiveSenderSetup {
    const char *address; /* what follows "SCHEME:" in the URL, as "//127.0.0.1:9000/name" */
    double sample_rate;  /* of HhLiveEvent.sample */
    uint16_t notes;      /* in use of HhLiveSnapshot.note[] */
    float bottom_note;   /* Hz */
    uint16_t notes_per_octave;
    bool real_time; /* false: now_ns counts samples */
    int64_t now_ns;
} LiveSenderSetup;

typedef struct LiveSenderCounts {
    uint64_t sent, lost; /* packets or messages */
    bool connected;      /* someone can hear it, as far as is known: true for UDP */
} LiveSenderCounts;

typedef struct LiveSender {
    const char *scheme;  /* "osc" */
    const char *form;    /* of the URL: "osc://HOST[:PORT][/PREFIX]" */
    const char *summary; /* one line for --help, no capital, no full stop */
    /* True: on_event() as soon as an event is told, so that the sender can plan for `due_ns`, which
     * for a beat may lie ahead. False: on_event() when it is due. */
    bool early;
    /* A handle, or NULL with *message to be freed: the address is wrong or cannot be opened. */
    void *(*open)(const LiveSenderSetup *setup, char **message);
    void (*on_event)(void *handle, const HhLiveEvent *event, const LiveTime *time); /* may be NULL
                                                                                     */
    /* About 50 times a second; may be NULL. time->seconds and due_ns are those of snapshot->sample.
     */
    void (*on_snapshot)(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time);
    /* May be NULL. Called once after open(), then whenever the time has come that it gave back;
     * LIVE_NEVER: not before the next event or snapshot, after each of which it is called too. */
    int64_t (*on_time)(void *handle, int64_t now_ns);
    void (*count)(void *handle, LiveSenderCounts *counts);
    void (*close)(void *handle, int64_t now_ns); /* says goodbye (MIDI stop) and frees */
} LiveSender;

/* live_senders.c; in the order in which --help lists them. */
extern const LiveSender live_senders[];
extern const size_t live_sender_count;

/* ---- live_lines.c: events and snapshots as JSON, one line each, and back */

#define LIVE_MOST_SAMPLES ((int64_t)1 << 53)

typedef struct LiveLine {
    char text[4096]; /* with the newline and a zero */
    size_t length;
} LiveLine;

/* `samples`: also "sample" and "told_sample", which are what a session is read by. */
void live_line_event(LiveLine *line, const HhLiveEvent *event, double rate, bool samples);
void live_line_snapshot(LiveLine *line, const HhLiveSnapshot *snapshot, double rate, size_t notes);
void live_line_xrun(LiveLine *line, int64_t sample, double rate, uint64_t count, uint64_t lost);
/* The note banks, as --bank and sessions name them. */
extern const char *const live_bank_names[HH_LIVE_BANK_SLIDING + 1];
bool live_find_bank(const char *name, HhLiveBank *bank);
/* False if something is missing or wrong. `tree` is a json_t of jansson. */
struct json_t;
bool live_parse_event(const struct json_t *tree, HhLiveEvent *event);
bool live_parse_snapshot(const struct json_t *tree, HhLiveSnapshot *snapshot);

/* ---- live_input.c: a file or raw samples, mixed to one channel */

typedef enum LiveFormat { LIVE_F32, LIVE_S16 } LiveFormat;

typedef struct LiveMix {
    uint64_t chosen; /* bit c: channel c is mixed in; 0 = all */
} LiveMix;

typedef struct LiveInput LiveInput;

/* NULL after a complaint. What lies outside 8 to 96 kHz is resampled to 48 kHz. */
LiveInput *live_input_file(HhContext *context, const char *path, const LiveMix *mix);
/* Samples of the machine's byte order, interleaved, from standard input. */
LiveInput *live_input_raw(double rate, int channels, LiveFormat format, const LiveMix *mix);
double live_input_rate(const LiveInput *input);
/* Reads up to `count` samples; 0 = the end, -1 = it failed and was complained about. Raw samples
 * are handed on as soon as there are some. `stop` (may be -1) is a descriptor that ends the waiting
 * for them when it can be read. */
long live_input_read(LiveInput *input, float *mono, size_t count, int stop);
void live_input_close(LiveInput *input); /* accepts NULL */

/* ---- live_analysis.c: the core, on a thread of its own or within the caller's */

typedef enum LiveCommand {
    LIVE_TAP,
    LIVE_DOUBLE,
    LIVE_HALF,
    LIVE_NUDGE,  /* ms */
    LIVE_LATENCY /* ms, of the core */
} LiveCommand;

typedef struct LiveAnalysis LiveAnalysis;

/* Where the sound comes from, on the thread of the analysis: gives samples and the time at which
 * the last of them was taken in. 0 = the end; negative: an exit code, after a complaint. `stop` can
 * be read when it must end. */
typedef long LiveRead(void *source, float *samples, size_t count, int stop, int64_t *end_ns);

/* NULL if the configuration is out of range. With `listener` the analysis runs within
 * live_analysis_push() and calls it; without, on a thread, and events wait to be taken. */
LiveAnalysis *live_analysis_create(const HhLiveConfig *config, HhLiveListener *listener,
                                   void *user);
void live_analysis_push(LiveAnalysis *analysis, const float *samples, size_t count, int64_t end_ns);
/* Starts the thread. `patient`: it waits when nobody takes its events, as a file can; a sound
 * device cannot, and events are lost and counted. */
bool live_analysis_start(LiveAnalysis *analysis, LiveRead *read, void *source, bool patient);
/* A descriptor that can be read when there is something to take, or the thread has ended. */
int live_analysis_wake(const LiveAnalysis *analysis);
bool live_analysis_take(LiveAnalysis *analysis, HhLiveEvent *event);
/* True when the thread has ended and every event is taken; *code is its exit code. */
bool live_analysis_ended(LiveAnalysis *analysis, int *code);
bool live_analysis_snapshot(const LiveAnalysis *analysis, HhLiveSnapshot *snapshot);
void live_analysis_profile(LiveAnalysis *analysis, HhLiveProfile *profile);
/* From one other thread than the analysis'. Dropped if a hundred wait. */
void live_analysis_command(LiveAnalysis *analysis, LiveCommand command, float value);
/* When this sample was taken in or will be, on the clock of `end_ns`. */
int64_t live_analysis_time(const LiveAnalysis *analysis, int64_t sample);
uint64_t live_analysis_lost(const LiveAnalysis *analysis); /* events */
/* Stops the thread, and frees; accepts NULL. */
void live_analysis_destroy(LiveAnalysis *analysis);

/* CLOCK_MONOTONIC */
int64_t live_now_ns(void);
/* False if `stop` could be read before. */
bool live_sleep_until(int64_t until_ns, int stop);
/* Nanoseconds of so many samples, exact to one for any count. */
int64_t live_samples_ns(int64_t samples, uint32_t rate);

/* ---- live_control.c: what the control thread does with events and snapshots */

typedef struct LiveOptions {
    const CliCommand *command;
    char *file, *device, *record, *replay;
    bool raw, fast, json, quiet, list_devices;
    double rate;
    long channels, port;
    LiveFormat format;
    LiveMix mix;
    HhLiveConfig config; /* all but sample_rate and hop */
    float latency_ms;
    bool latency_given;
    char **send;
    size_t send_count;
} LiveOptions;

typedef struct LiveControl LiveControl;
typedef struct LiveDevice LiveDevice;

typedef struct LiveControlSetup {
    const LiveOptions *options;
    HhLiveConfig config;
    LiveAnalysis *analysis; /* NULL when a session is replayed */
    bool real_time;
    bool lines, view;
    float lead_ms;      /* how much earlier than --latency says the core tells beats */
    const char *name;   /* of the source, to be shown */
    LiveDevice *device; /* NULL if there is none */
} LiveControlSetup;

/* NULL after a complaint; *code is the exit code. */
LiveControl *live_control_create(const LiveControlSetup *setup, int *code);
/* What happened at `now_ns`. */
void live_control_event(LiveControl *control, const HhLiveEvent *event, int64_t now_ns);
void live_control_snapshot(LiveControl *control, const HhLiveSnapshot *snapshot, int64_t now_ns);
/* Does what is due until `until_ns`: in real time it waits for it, else it jumps. */
void live_control_run(LiveControl *control, int64_t until_ns);
/* Real time with a thread of analysis: until the sound ends or a person wants it to. */
int live_control_loop(LiveControl *control);
bool live_control_stopped(const LiveControl *control);
/* Ends the senders, the record and the view; returns `code` or why that failed. Frees. */
int live_control_finish(LiveControl *control, int code);

/* ---- live_record.c: a session as JSON lines, and its replay */

typedef struct LiveRecord LiveRecord;

/* Writes under a temporary name; NULL after a complaint. */
LiveRecord *live_record_create(const char *path, const LiveControlSetup *setup);
void live_record_event(LiveRecord *record, const HhLiveEvent *event);
void live_record_snapshot(LiveRecord *record, const HhLiveSnapshot *snapshot);
/* Puts it in its place, whole, and frees; false after a complaint. */
bool live_record_finish(LiveRecord *record);

typedef struct LiveReplay LiveReplay;

/* Reads the header: the configuration of that session, and its latency. NULL after a complaint. */
LiveReplay *live_replay_open(const char *path, HhLiveConfig *config, float *latency_ms);
/* The next line: 1 an event, 2 a snapshot, 0 the end, -1 after a complaint. */
int live_replay_next(LiveReplay *replay, HhLiveEvent *event, HhLiveSnapshot *snapshot);
void live_replay_close(LiveReplay *replay); /* accepts NULL */

/* ---- live_http.c: what happens, for a browser or a script on this machine */

typedef struct LiveDeviceState {
    uint64_t xruns; /* gaps in the sound */
    uint64_t lost;  /* samples that were missing, as far as is known */
    double input_latency_ms;
} LiveDeviceState;

typedef struct LiveSenderReport {
    const char *url;
    LiveSenderCounts counts;
} LiveSenderReport;

#define LIVE_MOST_REPORTS 16

typedef struct LiveHttpState {
    HhLiveProfile profile; /* in nanoseconds */
    LiveDeviceState device;
    float latency_ms;
    uint64_t events, events_lost;
    LiveSenderReport senders[LIVE_MOST_REPORTS]; /* the first ones */
    size_t sender_count;
} LiveHttpState;

typedef struct LiveHttp LiveHttp;

/* On 127.0.0.1 only; port 0 takes a free one and tells it on standard error. NULL after a
 * complaint. */
LiveHttp *live_http_start(uint16_t port, const LiveControlSetup *setup);
void live_http_snapshot(LiveHttp *http, const HhLiveSnapshot *snapshot);
void live_http_state(LiveHttp *http, const LiveHttpState *state);
void live_http_stop(LiveHttp *http); /* accepts NULL */

/* ---- live_device.c: JACK and PortAudio */

/* By its name as --list-devices prints it, NULL for JACK if it runs and the default of PortAudio
 * else. `rate` and `channels` may be 0: what the device has. NULL after a complaint. */
LiveDevice *live_device_open(const char *name, double rate, long channels, const LiveMix *mix);
double live_device_rate(const LiveDevice *device);
const char *live_device_name(const LiveDevice *device);
float live_device_latency_ms(const LiveDevice *device); /* from the air to the ring */
LiveRead live_device_read;
void live_device_state(const LiveDevice *device, LiveDeviceState *state);
void live_device_close(LiveDevice *device); /* accepts NULL */
void live_device_list(void);

/* ---- live_view.c: for a person at a terminal */

typedef enum LiveKeyAction {
    LIVE_KEY_NONE,
    LIVE_KEY_TAP,
    LIVE_KEY_DOUBLE,
    LIVE_KEY_HALF,
    LIVE_KEY_NUDGE,
    LIVE_KEY_LATENCY,
    LIVE_KEY_QUIT
} LiveKeyAction;

typedef struct LiveKey {
    LiveKeyAction action;
    float ms; /* of NUDGE and LATENCY */
} LiveKey;

typedef struct LiveView LiveView;

/* Takes the terminal. */
LiveView *live_view_start(const LiveControlSetup *setup);
void live_view_event(LiveView *view, const HhLiveEvent *event, int64_t now_ns);
void live_view_snapshot(LiveView *view, const HhLiveSnapshot *snapshot);
void live_view_latency(LiveView *view, float ms);
void live_view_xruns(LiveView *view, uint64_t count);
/* Draws if it is time for a frame. */
void live_view_draw(LiveView *view, int64_t now_ns);
int64_t live_view_next(const LiveView *view); /* when the next frame is due */
int live_view_keys(const LiveView *view);     /* a descriptor, -1 for none; accepts NULL */
bool live_view_key(LiveView *view, LiveKey *key);
void live_view_stop(LiveView *view); /* gives the terminal back, and frees */

#endif
