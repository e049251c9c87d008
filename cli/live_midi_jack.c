/* A MIDI output of JACK. The control thread puts messages with their times into a ring; the process
 * callback writes those that fall into its period at their sample. It neither allocates nor locks.
 *
 * JACK tells the sample of a time (jack_time_to_frames); what it writes into a period is heard by
 * the port's playback latency later, which is taken off first. JACK's clock counts microseconds
 * from a start of its own, so each message carries its distance from now. */
#include "live_senders.h"

#include <jack/jack.h>
#include <jack/midiport.h>
#include <jack/ringbuffer.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RING_MESSAGES 256
#define CLOSE_STEPS   20
#define CLOSE_STEP_NS 10000000

typedef struct Queued {
    jack_time_t at_us;
    uint8_t bytes[3];
    uint8_t count;
} Queued;

typedef struct JackPort {
    jack_client_t *client;
    jack_port_t *port;
    jack_ringbuffer_t *ring;
    atomic_bool gone; /* the server has ended */
} JackPort;

/* The sample of the period at which a message is written; at least 0: what is late comes at once.
 */
static int64_t place(const JackPort *p, const Queued *queued, int64_t latency)
{
    int64_t frame = (int64_t)jack_time_to_frames(p->client, queued->at_us) -
                    (int64_t)jack_last_frame_time(p->client);
    /* Both wrap at 32 bits. */
    frame = (int64_t)(int32_t)(uint32_t)frame - latency;
    return frame > 0 ? frame : 0;
}

static int process(jack_nframes_t frames, void *user)
{
    JackPort *p = user;
    void *out = jack_port_get_buffer(p->port, frames);
    jack_latency_range_t latency;
    Queued queued;
    int64_t before = 0; /* events of a period must be in order */
    jack_midi_clear_buffer(out);
    jack_port_get_latency_range(p->port, JackPlaybackLatency, &latency);
    while (jack_ringbuffer_peek(p->ring, (char *)&queued, sizeof queued) == sizeof queued) {
        int64_t at = place(p, &queued, latency.min);
        if (at < before) at = before;
        if (at >= (int64_t)frames) break;
        if (jack_midi_event_write(out, (jack_nframes_t)at, queued.bytes, queued.count) != 0) break;
        before = at;
        jack_ringbuffer_read_advance(p->ring, sizeof queued);
    }
    return 0;
}

static void server_gone(void *user)
{
    atomic_store(&((JackPort *)user)->gone, true);
}

static void port_free(JackPort *p)
{
    if (p->client) (void)jack_client_close(p->client);
    if (p->ring) jack_ringbuffer_free(p->ring);
    free(p);
}

static void quiet(const char *text)
{
    (void)text;
}

static bool start(JackPort *p, const char *target, char **message)
{
    /* The library writes to standard error what is told better below. */
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    p->client = jack_client_open("heihachi-clock", JackNoStartServer, NULL);
    if (!p->client) {
        *message = cli_copy("there is no JACK server that runs");
        return false;
    }
    p->ring = jack_ringbuffer_create(RING_MESSAGES * sizeof(Queued));
    p->port = jack_port_register(p->client, "clock", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    jack_on_shutdown(p->client, server_gone, p);
    if (!p->ring || !p->port || jack_set_process_callback(p->client, process, p) != 0 ||
        jack_activate(p->client) != 0) {
        *message = cli_copy("JACK gives no MIDI port");
        return false;
    }
    if (*target != '\0' && jack_connect(p->client, jack_port_name(p->port), target) != 0) {
        *message = cli_format("JACK has no MIDI input \"%s\"", target);
        return false;
    }
    return true;
}

static void *jack_open(const char *target, char **message)
{
    JackPort *p = cli_alloc(1, sizeof *p);
    if (start(p, target, message)) return p;
    port_free(p);
    return NULL;
}

static bool jack_send(void *port, const LiveClockMessage *message)
{
    JackPort *p = port;
    int64_t at_us = (int64_t)jack_get_time() + (message->at_ns - live_now_ns()) / 1000;
    Queued queued = {.at_us = at_us > 0 ? (jack_time_t)at_us : 0, .count = message->count};
    memcpy(queued.bytes, message->bytes, sizeof queued.bytes);
    if (atomic_load(&p->gone) || jack_ringbuffer_write_space(p->ring) < sizeof queued) return false;
    return jack_ringbuffer_write(p->ring, (const char *)&queued, sizeof queued) == sizeof queued;
}

static bool jack_connected(void *port)
{
    const JackPort *p = port;
    return !atomic_load(&p->gone) && jack_port_connected(p->port) > 0;
}

static void jack_close(void *port)
{
    JackPort *p = port;
    const struct timespec step = {.tv_nsec = CLOSE_STEP_NS};
    for (int i = 0;
         i < CLOSE_STEPS && !atomic_load(&p->gone) && jack_ringbuffer_read_space(p->ring) > 0; i++)
        (void)nanosleep(&step, NULL);
    /* What the last period wrote is read in the one after it. */
    (void)nanosleep(&step, NULL);
    port_free(p);
}

const LiveMidiPort live_midi_jack = {"jack", jack_open, jack_send, jack_connected, jack_close};
