/* A MIDI output of the ALSA sequencer: the kernel holds each message until its time, on a queue
 * that counts real time. Messages are given their distance from now, so the queue's clock and ours
 * cannot drift apart. */
#include "live_senders.h"

#include <alloca.h>
#include <alsa/asoundlib.h>
#include <stdlib.h>
#include <time.h>

#define CLOSE_STEPS   20
#define CLOSE_STEP_NS 10000000

typedef struct AlsaPort {
    snd_seq_t *sequencer;
    int port, queue;
    int64_t last_ns; /* when the last message is due */
} AlsaPort;

static void port_free(AlsaPort *p)
{
    if (p->sequencer) (void)snd_seq_close(p->sequencer);
    free(p);
}

static void quiet(const char *file, int line, const char *function, int code, const char *format,
                  ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)code;
    (void)format;
}

static bool connect_target(AlsaPort *p, const char *target, char **message)
{
    snd_seq_addr_t address;
    if (*target == '\0') return true;
    int code = snd_seq_parse_address(p->sequencer, &address, target);
    if (code >= 0) code = snd_seq_connect_to(p->sequencer, p->port, address.client, address.port);
    if (code < 0)
        *message =
            cli_format("the ALSA sequencer has no port \"%s\": %s", target, snd_strerror(code));
    return code >= 0;
}

static bool start(AlsaPort *p, const char *target, char **message)
{
    (void)snd_lib_error_set_handler(quiet); /* it is told better below */
    int code = snd_seq_open(&p->sequencer, "default", SND_SEQ_OPEN_OUTPUT, SND_SEQ_NONBLOCK);
    if (code < 0) {
        p->sequencer = NULL;
        *message = cli_format("the ALSA sequencer cannot be opened (has this kernel one, "
                              "/dev/snd/seq?): %s",
                              snd_strerror(code));
        return false;
    }
    (void)snd_seq_set_client_name(p->sequencer, "Heihachi");
    p->port = snd_seq_create_simple_port(
        p->sequencer, "clock", SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ,
        SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION);
    p->queue = p->port >= 0 ? snd_seq_alloc_named_queue(p->sequencer, "Heihachi") : -1;
    if (p->queue < 0) {
        *message = cli_copy("the ALSA sequencer gives no port or no queue");
        return false;
    }
    (void)snd_seq_start_queue(p->sequencer, p->queue, NULL);
    (void)snd_seq_drain_output(p->sequencer);
    return connect_target(p, target, message);
}

static void *alsa_open(const char *target, char **message)
{
    AlsaPort *p = cli_alloc(1, sizeof *p);
    if (start(p, target, message)) return p;
    port_free(p);
    return NULL;
}

static snd_seq_event_type_t type_of(const LiveClockMessage *message)
{
    switch (message->bytes[0]) {
    case LIVE_MIDI_POSITION:
        return SND_SEQ_EVENT_SONGPOS;
    case LIVE_MIDI_START:
        return SND_SEQ_EVENT_START;
    case LIVE_MIDI_CONTINUE:
        return SND_SEQ_EVENT_CONTINUE;
    case LIVE_MIDI_STOP:
        return SND_SEQ_EVENT_STOP;
    default:
        return SND_SEQ_EVENT_CLOCK;
    }
}

static bool alsa_send(void *port, const LiveClockMessage *message)
{
    AlsaPort *p = port;
    snd_seq_event_t event;
    snd_seq_ev_clear(&event);
    event.type = type_of(message);
    event.data.control.value = message->bytes[1] | message->bytes[2] << 7; /* of a position */
    int64_t wait_ns = message->at_ns - live_now_ns();
    if (wait_ns < 0) wait_ns = 0;
    snd_seq_real_time_t wait = {.tv_sec = (unsigned)(wait_ns / 1000000000),
                                .tv_nsec = (unsigned)(wait_ns % 1000000000)};
    snd_seq_ev_set_source(&event, (unsigned char)p->port);
    snd_seq_ev_set_subs(&event);
    snd_seq_ev_schedule_real(&event, (unsigned char)p->queue, 1, &wait);
    p->last_ns = message->at_ns;
    return snd_seq_event_output_direct(p->sequencer, &event) >= 0;
}

static bool alsa_connected(void *port)
{
    AlsaPort *p = port;
    snd_seq_port_info_t *info;
    snd_seq_port_info_alloca(&info);
    return snd_seq_get_port_info(p->sequencer, p->port, info) >= 0 &&
           snd_seq_port_info_get_read_use(info) > 0;
}

static void alsa_close(void *port)
{
    AlsaPort *p = port;
    const struct timespec step = {.tv_nsec = CLOSE_STEP_NS};
    for (int i = 0; i < CLOSE_STEPS && live_now_ns() <= p->last_ns; i++)
        (void)nanosleep(&step, NULL);
    port_free(p);
}

const LiveMidiPort live_midi_alsa = {"alsa", alsa_open, alsa_send, alsa_connected, alsa_close};
