/* MIDI clock to other programs and devices: live_clock.c says what is told when, a port carries it.
 *
 * The messages of the next 100 ms are handed to the port with the time of each, which the port
 * keeps to: JACK to the sample, the ALSA sequencer to the resolution of the kernel's timer. So
 * neither the time at which this thread wakes nor what else it does moves a pulse. */
#include "live_senders.h"

#include <stdlib.h>
#include <string.h>

#define HORIZON_NS 100000000 /* four periods of 1024 samples at 48 kHz, or a late thread */
#define WAKE_NS    10000000

typedef struct Midi {
    const LiveMidiPort *port;
    void *handle;
    LiveClock clock;
    uint64_t sent, lost;
} Midi;

#define WANTED "midi:jack or midi:alsa is wanted, perhaps with :PORT after it"

static const LiveMidiPort *const ports[] = {
    &live_midi_jack,
#ifdef HAVE_ALSA
    &live_midi_alsa,
#endif
};

/* "NAME" or "NAME:TARGET" */
static const LiveMidiPort *find_port(const char *address, const char **target)
{
    size_t length = strcspn(address, ":");
    *target = address[length] == ':' ? address + length + 1 : "";
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (strlen(ports[i]->name) == length && strncmp(ports[i]->name, address, length) == 0)
            return ports[i];
    return NULL;
}

void *live_midi_open(const LiveSenderSetup *setup, char **message)
{
    const char *target;
    const LiveMidiPort *port = find_port(setup->address, &target);
    if (!port || (setup->address[strlen(port->name)] == ':' && *target == '\0')) {
#ifdef HAVE_ALSA
        *message = cli_copy(WANTED);
#else
        *message = cli_copy(WANTED "; this program was built without ALSA");
#endif
        return NULL;
    }
    if (!setup->real_time) {
        *message = cli_copy("MIDI needs real time");
        return NULL;
    }
    Midi *midi = cli_alloc(1, sizeof *midi);
    midi->port = port;
    midi->handle = port->open(target, message);
    if (midi->handle) return midi;
    free(midi);
    return NULL;
}

void live_midi_event(void *handle, const HhLiveEvent *event, const LiveTime *time)
{
    Midi *midi = handle;
    if (event->type == HH_LIVE_BEAT)
        live_clock_beat(&midi->clock, event, time->due_ns, time->now_ns);
    else if (event->type == HH_LIVE_SILENCE && !event->silence.contrast)
        live_clock_silence(&midi->clock, event->silence.on, time->due_ns);
}

static void send_message(Midi *midi, const LiveClockMessage *message)
{
    if (midi->port->send(midi->handle, message))
        midi->sent++;
    else
        midi->lost++;
}

int64_t live_midi_time(void *handle, int64_t now_ns)
{
    Midi *midi = handle;
    LiveClockMessage message;
    while (live_clock_next(&midi->clock, now_ns + HORIZON_NS, &message))
        send_message(midi, &message);
    return now_ns + WAKE_NS;
}

void live_midi_count(void *handle, LiveSenderCounts *counts)
{
    Midi *midi = handle;
    *counts = (LiveSenderCounts){midi->sent, midi->lost, midi->port->connected(midi->handle)};
}

void live_midi_close(void *handle, int64_t now_ns)
{
    Midi *midi = handle;
    LiveClockMessage message;
    /* Stop is the last message, and comes after the pulses that are told already. */
    live_clock_stop(&midi->clock, now_ns);
    while (midi->clock.stop_pending &&
           live_clock_next(&midi->clock, now_ns + 2 * HORIZON_NS, &message))
        send_message(midi, &message);
    midi->port->close(midi->handle);
    free(midi);
}
