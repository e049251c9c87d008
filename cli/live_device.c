/* A sound device: which driver has it, and its samples from the ring to the analysis. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live_device.h"

#define RING_SECONDS 1.3
#define SILENT_S     5 /* without one callback a device is lost */

struct LiveDevice {
    const LiveDriver *driver;
    void *handle;
    LiveStream stream;
    int64_t heard_ns;
    bool started;
};

static const LiveDriver *const drivers[] = {&live_jack, &live_portaudio};

bool live_choose_channels(const LiveMix *mix, long channels, const char *name, uint64_t *chosen)
{
    uint64_t all = channels >= 64 ? UINT64_MAX : ((uint64_t)1 << channels) - 1;
    *chosen = mix->chosen ? mix->chosen : all;
    if (*chosen != 0 && (*chosen & ~all) == 0) return true;
    (void)cli_error(0, "%s: has %ld channel%s, not all that --mix names", name, channels,
                    channels == 1 ? "" : "s");
    return false;
}

void live_device_list(void)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) count += drivers[i]->list();
    if (count == 0) (void)cli_error(0, "there is no sound device that can be listened to");
}

/* "jack", "jack:NAME", "portaudio:NAME"; any other name is one of PortAudio's. */
static const LiveDriver *find_driver(const char **name)
{
    for (size_t i = 0; *name && i < sizeof drivers / sizeof *drivers; i++) {
        size_t length = strlen(drivers[i]->prefix);
        if (strncmp(*name, drivers[i]->prefix, length) != 0) continue;
        if ((*name)[length] != '\0' && (*name)[length] != ':') continue;
        *name = (*name)[length] == ':' && (*name)[length + 1] ? *name + length + 1 : NULL;
        return drivers[i];
    }
    return !*name && live_jack_runs() ? &live_jack : &live_portaudio;
}

LiveDevice *live_device_open(const char *name, double rate, long channels, const LiveMix *mix)
{
    LiveDevice *d = cli_alloc(1, sizeof *d);
    d->driver = find_driver(&name);
    if (sem_init(&d->stream.ready, 0, 0) != 0) exit(cli_error(CLI_OUTPUT, "no semaphore"));
    d->handle = d->driver->open(name, rate, channels, mix, &d->stream);
    bool good = d->stream.rate >= HH_LIVE_MIN_RATE && d->stream.rate <= HH_LIVE_MAX_RATE;
    if (d->handle && !good)
        (void)cli_error(0, "%s: its rate is %g Hz, not %d to %d", d->stream.name, d->stream.rate,
                        HH_LIVE_MIN_RATE, HH_LIVE_MAX_RATE);
    if (d->handle && good) {
        d->stream.ring = live_ring_create((size_t)(RING_SECONDS * d->stream.rate), d->stream.rate);
        if (!d->stream.ring) exit(cli_error(CLI_OUTPUT, "out of memory"));
        return d;
    }
    live_device_close(d);
    return NULL;
}

double live_device_rate(const LiveDevice *d)
{
    return d->stream.rate;
}

const char *live_device_name(const LiveDevice *d)
{
    return d->stream.name;
}

float live_device_latency_ms(const LiveDevice *d)
{
    double ms = 1e3 * d->stream.input_latency_s;
    return (float)(ms < 0.0 ? 0.0 : ms > 100.0 ? 100.0 : ms);
}

void live_device_state(const LiveDevice *d, LiveDeviceState *state)
{
    live_ring_losses(d->stream.ring, &state->xruns, &state->lost);
    state->input_latency_ms = 1e3 * d->stream.input_latency_s;
}

/* Waits for the callback a tenth of a second at most. */
static void wait_for_callback(LiveDevice *d)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)sem_timedwait(&d->stream.ready, &until);
}

/* The device is gone, or gives nothing: the exit code, negative, after a complaint; else 0. */
static long check_device(LiveDevice *d)
{
    if (atomic_load_explicit(&d->stream.gone, memory_order_acquire) ||
        !d->driver->active(d->handle)) {
        (void)cli_error(0, "%s: the sound device is gone", d->stream.name);
        return -CLI_DEVICE;
    }
    if (live_now_ns() - d->heard_ns < (int64_t)SILENT_S * 1000000000) return 0;
    (void)cli_error(0, "%s: the sound device has given nothing for %d seconds", d->stream.name,
                    SILENT_S);
    return -CLI_DEVICE;
}

long live_device_read(void *device, float *samples, size_t count, int stop, int64_t *end_ns)
{
    LiveDevice *d = device;
    struct pollfd end = {stop, POLLIN, 0};
    if (!d->started) {
        d->started = true;
        d->heard_ns = live_now_ns();
        if (!d->driver->start(d->handle)) return -CLI_DEVICE;
    }
    for (;;) {
        size_t got = live_ring_read(d->stream.ring, samples, count, end_ns);
        if (poll(&end, 1, 0) > 0) return 0;
        if (got > 0) {
            d->heard_ns = live_now_ns();
            return (long)got;
        }
        long lost = check_device(d);
        if (lost < 0) return lost;
        wait_for_callback(d);
    }
}

void live_device_close(LiveDevice *d)
{
    if (!d) return;
    if (d->handle) d->driver->close(d->handle);
    live_ring_destroy(d->stream.ring);
    (void)sem_destroy(&d->stream.ready);
    free(d->stream.name);
    free(d);
}
