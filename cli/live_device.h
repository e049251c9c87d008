/* What live_device.c asks of JACK and of PortAudio. */
#ifndef HH_CLI_LIVE_DEVICE_H
#define HH_CLI_LIVE_DEVICE_H

#include <semaphore.h>
#include <stdatomic.h>

#include "live.h"
#include "live_ring.h"

/* What the audio callback and the analysis share. The driver sets what is above the line before
 * its callback may run. */
typedef struct LiveStream {
    double rate;
    uint64_t chosen; /* bit c: channel c is mixed in */
    double input_latency_s;
    char *name; /* to be shown */
    LiveRing *ring;
    /* ---- */
    sem_t ready;      /* posted by the callback */
    atomic_bool gone; /* the device said that it ends */
} LiveStream;

/* `name` is what the driver calls the device, NULL for its default. `rate` 0 = the device's own.
 * `channels` 0 = as many as there are. On failure NULL after a complaint. */
typedef struct LiveDriver {
    const char *prefix; /* "jack" */
    void *(*open)(const char *name, double rate, long channels, const LiveMix *mix,
                  LiveStream *stream);
    bool (*start)(void *handle);
    bool (*active)(void *handle);
    void (*close)(void *handle);
    size_t (*list)(void); /* to standard output; how many */
} LiveDriver;

extern const LiveDriver live_jack, live_portaudio;

bool live_jack_runs(void);

/* The channels to mix, all if none are chosen; false after a complaint. */
bool live_choose_channels(const LiveMix *mix, long channels, const char *name, uint64_t *chosen);

#endif
