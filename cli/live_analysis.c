/* The core on its thread, and what crosses between that thread and the control thread: events and
 * commands through rings with one writer and one reader, the time of the samples in one number,
 * the profile under a lock. The snapshot is the core's own affair.
 *
 * Time: a block that ends with sample n at time t says that sample 0 was at t - n / rate. Blocks
 * come late, never early, and clocks drift by some 100 ppm; so the estimate follows slowly, and
 * jumps where it is off by more than a gap can explain. */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live.h"

#define EVENTS         4096u
#define COMMANDS       128u
#define JUMP_NS        60000000 /* 60 ms */
#define FOLLOW_SECONDS 2.0      /* of sound, in which the estimate follows by 63 % */
#define PUBLISH_HOPS   16u      /* the profile is handed over */

typedef struct Order {
    LiveCommand command;
    float value;
} Order;

struct LiveAnalysis {
    HhLiveConfig config;
    void *memory;
    HhLive *live;
    HhLiveListener *listener;
    void *user;

    HhLiveEvent events[EVENTS];
    atomic_size_t event_head; /* written by the analysis */
    atomic_size_t event_tail; /* written by the control thread */
    atomic_uint_fast64_t lost;
    Order orders[COMMANDS];
    atomic_size_t order_head, order_tail;
    atomic_int_fast64_t origin_ns; /* when sample 0 was */
    bool placed;                   /* origin_ns is known */
    int64_t taken;

    pthread_mutex_t lock;
    HhLiveProfile profile;
    size_t since_published;

    pthread_t thread;
    bool started, patient, told;
    LiveRead *read;
    void *source;
    int wake[2], stop[2];
    atomic_bool ended, stopping;
    int code;
};

int64_t live_samples_ns(int64_t samples, uint32_t rate)
{
    int64_t seconds = samples / (int64_t)rate, rest = samples % (int64_t)rate;
    return seconds * 1000000000 + rest * 1000000000 / (int64_t)rate;
}

bool live_sleep_until(int64_t until_ns, int stop)
{
    struct pollfd wait = {stop, POLLIN, 0};
    for (int64_t left; (left = until_ns - live_now_ns()) > 0;) {
        const struct timespec time = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
        if (ppoll(&wait, 1, &time, NULL) > 0) return false;
    }
    return true;
}

static void poke(int descriptor)
{
    /* Full is as good as written: someone will look. */
    ssize_t done = write(descriptor, "", 1);
    (void)done;
}

/* ---- events ---- */

static void wait_for_room(LiveAnalysis *a, size_t head)
{
    const struct timespec pause = {0, 1000000};
    while (head - atomic_load_explicit(&a->event_tail, memory_order_acquire) >= EVENTS) {
        if (atomic_load_explicit(&a->stopping, memory_order_relaxed)) return;
        poke(a->wake[1]);
        (void)nanosleep(&pause, NULL);
    }
}

static void on_event(void *user, const HhLiveEvent *event)
{
    LiveAnalysis *a = user;
    if (a->listener) {
        a->listener(a->user, event);
        return;
    }
    size_t head = atomic_load_explicit(&a->event_head, memory_order_relaxed);
    if (a->patient) wait_for_room(a, head);
    if (head - atomic_load_explicit(&a->event_tail, memory_order_acquire) >= EVENTS) {
        atomic_fetch_add_explicit(&a->lost, 1, memory_order_relaxed);
        return;
    }
    a->events[head % EVENTS] = *event;
    atomic_store_explicit(&a->event_head, head + 1, memory_order_release);
    a->told = true;
}

bool live_analysis_take(LiveAnalysis *a, HhLiveEvent *event)
{
    size_t tail = atomic_load_explicit(&a->event_tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&a->event_head, memory_order_acquire)) return false;
    *event = a->events[tail % EVENTS];
    atomic_store_explicit(&a->event_tail, tail + 1, memory_order_release);
    return true;
}

uint64_t live_analysis_lost(const LiveAnalysis *a)
{
    return atomic_load_explicit(&a->lost, memory_order_relaxed);
}

/* ---- commands ---- */

void live_analysis_command(LiveAnalysis *a, LiveCommand command, float value)
{
    size_t head = atomic_load_explicit(&a->order_head, memory_order_relaxed);
    if (head - atomic_load_explicit(&a->order_tail, memory_order_acquire) >= COMMANDS) return;
    a->orders[head % COMMANDS] = (Order){command, value};
    atomic_store_explicit(&a->order_head, head + 1, memory_order_release);
}

static void obey(LiveAnalysis *a, const Order *order)
{
    switch (order->command) {
    case LIVE_TAP:
        hh_live_tap(a->live);
        break;
    case LIVE_DOUBLE:
        hh_live_double(a->live);
        break;
    case LIVE_HALF:
        hh_live_half(a->live);
        break;
    case LIVE_NUDGE:
        hh_live_nudge(a->live, order->value);
        break;
    case LIVE_LATENCY:
        hh_live_latency(a->live, order->value);
        break;
    }
}

static void take_orders(LiveAnalysis *a)
{
    size_t tail = atomic_load_explicit(&a->order_tail, memory_order_relaxed);
    while (tail != atomic_load_explicit(&a->order_head, memory_order_acquire)) {
        obey(a, &a->orders[tail++ % COMMANDS]);
        atomic_store_explicit(&a->order_tail, tail, memory_order_release);
    }
}

/* ---- samples ---- */

static void place(LiveAnalysis *a, size_t count, int64_t end_ns)
{
    int64_t seen = end_ns - live_samples_ns(a->taken + (int64_t)count, a->config.sample_rate);
    int64_t known = atomic_load_explicit(&a->origin_ns, memory_order_relaxed);
    int64_t off = seen - known;
    if (!a->placed || off > JUMP_NS || off < -JUMP_NS) {
        known = seen;
        a->placed = true;
    } else {
        double share = (double)count / (FOLLOW_SECONDS * (double)a->config.sample_rate);
        known += (int64_t)((double)off * (share < 1.0 ? share : 1.0));
    }
    atomic_store_explicit(&a->origin_ns, known, memory_order_relaxed);
}

int64_t live_analysis_time(const LiveAnalysis *a, int64_t sample)
{
    return atomic_load_explicit(&a->origin_ns, memory_order_relaxed) +
           live_samples_ns(sample, a->config.sample_rate);
}

static void publish(LiveAnalysis *a, size_t count)
{
    a->since_published += count;
    if (a->since_published < PUBLISH_HOPS * (size_t)a->config.hop) return;
    a->since_published = 0;
    (void)pthread_mutex_lock(&a->lock);
    hh_live_profile(a->live, &a->profile);
    (void)pthread_mutex_unlock(&a->lock);
}

void live_analysis_push(LiveAnalysis *a, const float *samples, size_t count, int64_t end_ns)
{
    take_orders(a);
    place(a, count, end_ns);
    hh_live_push(a->live, samples, count);
    a->taken += (int64_t)count;
    if (a->config.clock) publish(a, count);
}

bool live_analysis_snapshot(const LiveAnalysis *a, HhLiveSnapshot *snapshot)
{
    return hh_live_read(a->live, snapshot);
}

void live_analysis_profile(LiveAnalysis *a, HhLiveProfile *profile)
{
    (void)pthread_mutex_lock(&a->lock);
    *profile = a->profile;
    (void)pthread_mutex_unlock(&a->lock);
}

/* ---- the thread ---- */

static void *run(void *user)
{
    LiveAnalysis *a = user;
    float block[1024];
    size_t most = a->config.hop < 1024 ? a->config.hop : 1024;
    for (;;) {
        int64_t end_ns = 0;
        long got = a->read(a->source, block, most, a->stop[0], &end_ns);
        if (got <= 0) {
            a->code = (int)-got;
            break;
        }
        live_analysis_push(a, block, (size_t)got, end_ns);
        if (a->told) poke(a->wake[1]);
        a->told = false;
    }
    atomic_store_explicit(&a->ended, true, memory_order_release);
    poke(a->wake[1]);
    return NULL;
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) return false;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

LiveAnalysis *live_analysis_create(const HhLiveConfig *config, HhLiveListener *listener, void *user)
{
    size_t size = hh_live_size(config);
    if (size == 0) return NULL;
    LiveAnalysis *a = cli_alloc(1, sizeof *a);
    a->config = *config;
    a->listener = listener;
    a->user = user;
    a->wake[0] = a->wake[1] = a->stop[0] = a->stop[1] = -1;
    (void)pthread_mutex_init(&a->lock, NULL);
    if (posix_memalign(&a->memory, 64, size) != 0) exit(cli_error(CLI_OUTPUT, "out of memory"));
    a->live = hh_live_init(a->memory, config, on_event, a);
    if (a->live) return a;
    live_analysis_destroy(a);
    return NULL;
}

bool live_analysis_start(LiveAnalysis *a, LiveRead *read_samples, void *source, bool patient)
{
    a->read = read_samples;
    a->source = source;
    a->patient = patient;
    a->started =
        open_pipe(a->wake) && open_pipe(a->stop) && pthread_create(&a->thread, NULL, run, a) == 0;
    if (!a->started) (void)cli_error(0, "no thread for the analysis: %s", strerror(errno));
    return a->started;
}

int live_analysis_wake(const LiveAnalysis *a)
{
    return a->wake[0];
}

bool live_analysis_ended(LiveAnalysis *a, int *code)
{
    if (!atomic_load_explicit(&a->ended, memory_order_acquire)) return false;
    *code = a->code;
    return atomic_load_explicit(&a->event_head, memory_order_acquire) ==
           atomic_load_explicit(&a->event_tail, memory_order_relaxed);
}

void live_analysis_destroy(LiveAnalysis *a)
{
    if (!a) return;
    if (a->started) {
        atomic_store_explicit(&a->stopping, true, memory_order_relaxed);
        poke(a->stop[1]);
        (void)pthread_join(a->thread, NULL);
    }
    for (int i = 0; i < 2; i++) {
        if (a->wake[i] >= 0) (void)close(a->wake[i]);
        if (a->stop[i] >= 0) (void)close(a->stop[i]);
    }
    (void)pthread_mutex_destroy(&a->lock);
    free(a->memory);
    free(a);
}
