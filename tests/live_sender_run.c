/* Runs one sender of `heihachi live` on beats made here, so that a receiver can be asked what came.
 *
 *     live_sender_run URL BPM SECONDS [LEAD_MS [SILENCE_FROM SILENCE_TO]]
 *
 * Each beat is an onset in the low band as well; fifty snapshots a second show a level that falls
 * after each beat and the note A4. Beats are told LEAD_MS before they are due. LEAD_MS = "fast":
 * nothing waits, and time is counted as `heihachi live --fast` does. Bars have four beats; the
 * first beat is the first of a bar, and due half a second after the start. In the silence nothing
 * is told but its beginning and its end.
 *
 * Prints an object of JSON, whose first line comes when the sender is open: the times of the beats
 * in ns of CLOCK_MONOTONIC, and the sender's counts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../cli/live_senders.h"

#define RATE        48000.0
#define SNAPSHOT_NS 20000000

typedef struct Run {
    const LiveSender *sender;
    void *handle;
    bool fast;
    double period_ns;
    int64_t start_ns, lead_ns, length_ns, silence_ns[2], now_ns;
    int64_t wake_ns, next_snapshot_ns;
    long told; /* beats */
    bool silent;
} Run;

static int64_t beat_ns(const Run *r, long n)
{
    return r->start_ns + 500000000 + llround((double)n * r->period_ns);
}

static LiveTime at(const Run *r, int64_t due_ns)
{
    return (LiveTime){1e-9 * (double)(due_ns - r->start_ns), due_ns, r->now_ns};
}

static void hand_on(Run *r, HhLiveEvent *event, int64_t due_ns)
{
    const LiveTime time = at(r, due_ns);
    event->sample = llround(time.seconds * RATE);
    event->told = llround(1e-9 * (double)(r->now_ns - r->start_ns) * RATE);
    if (r->sender->on_event) r->sender->on_event(r->handle, event, &time);
    if (r->sender->on_time) r->wake_ns = r->sender->on_time(r->handle, r->now_ns);
}

static bool in_silence(const Run *r, int64_t ns)
{
    return ns >= r->silence_ns[0] && ns < r->silence_ns[1];
}

static void beat(Run *r, long n)
{
    HhLiveEvent event = {.type = HH_LIVE_BEAT,
                         .beat = {.bpm = (float)(60e9 / r->period_ns),
                                  .confidence = 0.75f,
                                  .number = (uint32_t)n,
                                  .in_bar = (uint8_t)(n % 4 + 1)}};
    HhLiveEvent onset = {.type = HH_LIVE_ONSET, .onset = {.band = 0, .strength = 0.5f}};
    hand_on(r, &event, beat_ns(r, n));
    hand_on(r, &onset, beat_ns(r, n));
    if (r->fast) return;
    (void)printf("%s%lld", n > 0 ? ", " : "", (long long)beat_ns(r, n));
}

static void snapshot(Run *r)
{
    double since = fmod((double)(r->now_ns - beat_ns(r, 0)) + 1e3 * r->period_ns, r->period_ns);
    float fall = r->silent ? 0.0f : (float)exp(-since / 1e8);
    HhLiveSnapshot s = {.sample = llround(1e-9 * (double)(r->now_ns - r->start_ns) * RATE),
                        .tuning_cents = -12.5f,
                        .rms_db = -20.0f,
                        .peak_db = -10.0f,
                        .momentary_lufs = -23.0f,
                        .display = fall,
                        .bpm = (float)(60e9 / r->period_ns),
                        .confidence = 0.75f,
                        .beat_phase = (float)(since / r->period_ns),
                        .in_bar = (uint8_t)((r->told + 3) % 4 + 1),
                        .onset = {fall, 0.25f, 0.0f},
                        .silent = r->silent};
    s.note[24] = 0.5f; /* A4 of a bank from A2 on */
    s.chroma[9] = 1.0f;
    const LiveTime time = at(r, r->now_ns);
    if (r->sender->on_snapshot) r->sender->on_snapshot(r->handle, &s, &time);
    if (r->sender->on_time) r->wake_ns = r->sender->on_time(r->handle, r->now_ns);
}

static void silence(Run *r)
{
    bool on = in_silence(r, r->now_ns);
    if (on == r->silent) return;
    r->silent = on;
    HhLiveEvent event = {.type = HH_LIVE_SILENCE, .silence = {.on = on}};
    hand_on(r, &event, r->now_ns);
}

/* Senders that do not plan get a beat when it is due, the others when it is told. */
static int64_t next_beat_ns(const Run *r)
{
    return beat_ns(r, r->told) - (r->sender->early ? r->lead_ns : 0);
}

static void step(Run *r)
{
    silence(r);
    if (r->now_ns >= next_beat_ns(r)) {
        if (!in_silence(r, beat_ns(r, r->told))) beat(r, r->told);
        r->told++;
    }
    if (r->now_ns >= r->next_snapshot_ns) {
        snapshot(r);
        r->next_snapshot_ns += SNAPSHOT_NS;
    }
    if (r->sender->on_time && r->now_ns >= r->wake_ns)
        r->wake_ns = r->sender->on_time(r->handle, r->now_ns);
}

static void sleep_until(Run *r, int64_t ns)
{
    const struct timespec until = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    if (!r->fast) (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    r->now_ns = r->fast ? ns : live_now_ns();
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void loop(Run *r)
{
    int64_t end_ns = r->start_ns + r->length_ns;
    r->next_snapshot_ns = r->start_ns;
    while (r->now_ns < end_ns) {
        step(r);
        int64_t next = sooner(next_beat_ns(r), r->next_snapshot_ns);
        if (r->sender->on_time) next = sooner(next, r->wake_ns);
        sleep_until(r, next > r->now_ns ? next : r->now_ns + 100000);
    }
}

static bool open_url(Run *r, const char *url)
{
    size_t length = strcspn(url, ":");
    for (size_t i = 0; i < live_sender_count; i++)
        if (strlen(live_senders[i].scheme) == length &&
            strncmp(live_senders[i].scheme, url, length) == 0)
            r->sender = &live_senders[i];
    if (!r->sender || url[length] != ':') {
        (void)fprintf(stderr, "%s: no such sender\n", url);
        return false;
    }
    char *message = NULL;
    const LiveSenderSetup setup = {.address = url + length + 1,
                                   .sample_rate = RATE,
                                   .notes = 64,
                                   .bottom_note = 110.0f,
                                   .notes_per_octave = 12,
                                   .real_time = !r->fast,
                                   .now_ns = r->now_ns};
    r->handle = r->sender->open(&setup, &message);
    if (!r->handle) (void)fprintf(stderr, "%s: %s\n", url, message);
    free(message);
    return r->handle != NULL;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5 && argc != 7) return 2;
    Run r = {.period_ns = 60e9 / atof(argv[2]), .length_ns = llround(1e9 * atof(argv[3]))};
    r.fast = argc > 4 && strcmp(argv[4], "fast") == 0;
    r.lead_ns = argc > 4 && !r.fast ? llround(1e6 * atof(argv[4])) : 0;
    r.start_ns = r.now_ns = r.fast ? 0 : live_now_ns();
    for (int i = 0; i < 2; i++)
        r.silence_ns[i] = argc > 6 ? r.start_ns + llround(1e9 * atof(argv[5 + i])) : INT64_MAX;
    if (!open_url(&r, argv[1])) return 1;
    (void)printf("{\"beats\": [\n");
    (void)fflush(stdout);
    loop(&r);
    LiveSenderCounts counts;
    r.sender->count(r.handle, &counts);
    (void)printf("], \"sent\": %llu, \"lost\": %llu, \"connected\": %s}\n",
                 (unsigned long long)counts.sent, (unsigned long long)counts.lost,
                 counts.connected ? "true" : "false");
    r.sender->close(r.handle, r.now_ns);
    return 0;
}
