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

#endif
