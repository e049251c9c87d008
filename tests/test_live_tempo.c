/* The real-time core: novelty, onsets, tempo, beats and their controls. */
#include "test.h"

#include "internal.h"

#define RATE 16000

typedef struct Beats {
    size_t count;
    double time[2048], told[2048], bpm[2048];
    float confidence[2048];
    uint32_t number[2048];
    size_t onsets[HH_LIVE_BANDS], tempi, others;
    double last_onset[HH_LIVE_BANDS];
    float bpm_now;
    uint64_t hash;
} Beats;

static void listen(void *user, const HhLiveEvent *event)
{
    Beats *beats = user;
    const double rate = RATE;
    beats->hash = (beats->hash ^ (uint64_t)event->sample ^ (uint64_t)event->type) * 1099511628211u;
    switch (event->type) {
    case HH_LIVE_BEAT:
        assert_true(beats->count < 2048);
        assert_true(event->beat.bpm >= 25.0f && event->beat.bpm <= 320.0f);
        assert_true(event->beat.confidence >= 0.0f && event->beat.confidence <= 1.0f);
        assert_true(event->beat.in_bar <= 4);
        beats->time[beats->count] = (double)event->sample / rate;
        beats->told[beats->count] = (double)event->told / rate;
        beats->bpm[beats->count] = (double)event->beat.bpm;
        beats->confidence[beats->count] = event->beat.confidence;
        beats->number[beats->count++] = event->beat.number;
        break;
    case HH_LIVE_ONSET:
        assert_true(event->onset.band < HH_LIVE_BANDS);
        assert_true(event->onset.strength > 0.0f && event->onset.strength <= 1.0f);
        beats->onsets[event->onset.band]++;
        beats->last_onset[event->onset.band] = (double)event->sample / rate;
        break;
    case HH_LIVE_TEMPO:
        beats->tempi++;
        beats->bpm_now = event->tempo.bpm;
        break;
    default:
        beats->others++;
    }
}

static HhLive *start(const HhLiveConfig *config, Beats *beats)
{
    size_t size = hh_live_size(config);
    assert_true(size > 0);
    void *memory = aligned_alloc(HH_LIVE_ALIGNMENT, (size + 15) & ~(size_t)15);
    assert_non_null(memory);
    memset(memory, 0x5a, size);
    *beats = (Beats){0};
    return hh_live_init(memory, config, listen, beats);
}

static HhLive *start_default(Beats *beats)
{
    HhLiveConfig config;
    hh_live_defaults(&config, RATE);
    config.notes = 1;
    config.level_rate = 0.0f;
    return start(&config, beats);
}

/* Clicks from `first` (seconds since the start) every 60 / bpm, until `end`. */
static void push_clicks(HhLive *live, double first, double bpm, double end)
{
    double rate = live->config.sample_rate, next = first;
    while (next < (double)live->sample / rate) next += 60.0 / bpm;
    int64_t stop = (int64_t)(end * rate), click = (int64_t)(next * rate + 0.5);
    while (live->sample < stop) {
        float sample = 0.0f;
        if (live->sample == click) {
            sample = 0.8f;
            next += 60.0 / bpm;
            click = (int64_t)(next * rate + 0.5);
        }
        hh_live_push(live, &sample, 1);
    }
}

static void push_silence(HhLive *live, double seconds)
{
    float nothing[160] = {0};
    for (int i = 0; i < (int)(seconds * RATE / 160.0); i++) hh_live_push(live, nothing, 160);
}

/* Seconds to the nearest click. */
static double off_click(double time, double first, double bpm)
{
    double beats = (time - first) * bpm / 60.0;
    return fabs(beats - floor(beats + 0.5)) * 60.0 / bpm;
}

/* How many beats there are from one time to another, each of this tempo and on a click. */
static size_t check_beats(const Beats *beats, double from, double to, double first, double bpm,
                          double within)
{
    size_t count = 0;
    for (size_t i = 0; i < beats->count; i++) {
        if (beats->time[i] < from || beats->time[i] > to) continue;
        count++;
        assert_true(fabs(beats->bpm[i] - bpm) < 0.5);
        assert_true(off_click(beats->time[i], first, bpm) < within);
    }
    return count;
}

/* All tempi in steps of 0.7: within 0.5 BPM and 20 ms, and on average much closer. */
static void click_trains(void **state)
{
    (void)state;
    static Beats beats;
    double stable[256], sum_bpm = 0.0;
    size_t tempi = 0, counted = 0;
    for (double bpm = 60.0; bpm <= 200.0; bpm += 0.7) {
        HhLive *live = start_default(&beats);
        push_clicks(live, 0.3, bpm, 16.0);
        double steady = 0.0;
        size_t checked = 0;
        for (size_t i = 0; i < beats.count; i++) {
            if (fabs(beats.bpm[i] - bpm) >= 0.5) steady = beats.told[i];
            if (beats.time[i] < 8.0 || beats.time[i] > 15.9) continue;
            checked++;
            counted++;
            sum_bpm += fabs(beats.bpm[i] - bpm);
            if (fabs(beats.bpm[i] - bpm) >= 0.5 || off_click(beats.time[i], 0.3, bpm) >= 0.02)
                fail_msg("%.1f BPM: %.3f told at %.4f, %.4f off a click", bpm, beats.bpm[i],
                         beats.time[i], off_click(beats.time[i], 0.3, bpm));
        }
        /* Every click has its beat. */
        assert_true(fabs((double)checked - 7.9 * bpm / 60.0) <= 1.5);
        stable[tempi++] = steady;
        free(live);
    }
    assert_true(tempi == 201);
    assert_true(sum_bpm / (double)counted < 0.1);
    size_t late = 0;
    for (size_t i = 0; i < tempi; i++) late += stable[i] > 6.0;
    assert_true(late < tempi / 2);
}

/* Told at the same sample as it sounds, or so much before or after it. */
static void latency_shifts_the_telling(void **state)
{
    (void)state;
    static Beats now, early, late;
    HhLiveConfig config;
    hh_live_defaults(&config, RATE);
    config.notes = 1;
    HhLive *live = start(&config, &now);
    push_clicks(live, 0.3, 117.3, 20.0);
    free(live);
    config.latency_ms = 100.0f;
    live = start(&config, &early);
    push_clicks(live, 0.3, 117.3, 20.0);
    free(live);
    config.latency_ms = -50.0f;
    live = start(&config, &late);
    push_clicks(live, 0.3, 117.3, 20.0);
    free(live);
    size_t counted = 0;
    for (size_t i = 0; i < now.count; i++) {
        if (now.time[i] < 10.0) continue;
        counted++;
        assert_true(fabs(now.told[i] - now.time[i]) <= 1.0 / RATE);
    }
    assert_true(counted > 15);
    for (size_t i = 0; i < early.count; i++)
        if (early.time[i] > 10.0)
            assert_true(fabs(early.time[i] - early.told[i] - 0.1) <= 1.0 / RATE);
    for (size_t i = 0; i < late.count; i++)
        if (late.time[i] > 10.0)
            assert_true(fabs(late.told[i] - late.time[i] - 0.05) <= 1.0 / RATE);
    /* None is told after it sounded, of those told ahead. */
    for (size_t i = 0; i < now.count; i++) assert_true(now.told[i] <= now.time[i]);
}

static void tempo_changes_are_followed(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    push_clicks(live, 0.3, 100.0, 15.0);
    push_clicks(live, 15.2, 130.0, 30.0);
    assert_true(check_beats(&beats, 8.0, 14.9, 0.3, 100.0, 0.02) > 8);
    assert_true(check_beats(&beats, 23.0, 29.9, 15.2, 130.0, 0.02) > 12);
    free(live);
}

static void silence_runs_on(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    push_clicks(live, 0.3, 124.0, 20.0);
    float before = live->now.confidence;
    push_silence(live, 20.0);
    size_t late = check_beats(&beats, 20.0, 39.9, 0.3, 124.0, 0.05);
    assert_true(late >= 40 && late <= 42);
    assert_true(live->now.confidence < before);
    free(live);

    /* And from nothing comes nothing. */
    live = start_default(&beats);
    push_silence(live, 30.0);
    assert_int_equal(beats.count, 0);
    assert_int_equal(beats.onsets[0] + beats.onsets[1] + beats.onsets[2], 0);
    assert_true(live->now.bpm == 0.0f);
    free(live);
}

static void tapping(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    push_silence(live, 1.0);
    for (int i = 0; i < 4; i++) {
        hh_live_tap(live);
        push_silence(live, 0.5);
    }
    hh_live_tap(live);
    double last = (double)live->sample / RATE;
    push_silence(live, 5.0);
    assert_true(fabs((double)live->now.bpm - 120.0) < 0.5);
    size_t late = check_beats(&beats, last + 1.0 / RATE, last + 5.0, last, 120.0, 0.01);
    assert_true(late >= 9 && late <= 10);

    /* Half a day after, longer than 31 bits of samples, a row begins anew. */
    live->beat.tap[0] -= INT64_C(3) << 30;
    for (int i = 0; i < 3; i++) {
        hh_live_tap(live);
        push_silence(live, 0.4);
    }
    assert_true(fabs((double)live->now.bpm - 150.0) < 0.5);
    free(live);
}

/* Clicks at so many a minute since the start, or none. */
static void push(HhLive *live, double bpm, double end)
{
    push_clicks(live, bpm > 0.0 ? 0.0 : 1e6, bpm > 0.0 ? bpm : 60.0, end);
}

/* Beats from now on: this tempo, one of them now. */
static void check_held(HhLive *live, Beats *beats, double clicks, double bpm)
{
    double now = (double)live->sample / RATE;
    size_t from = beats->count;
    push(live, clicks, now + 10.0);
    assert_true(fabs((double)(beats->count - from) - bpm / 6.0) <= 1.0);
    for (size_t i = from; i < beats->count; i++) {
        assert_true(fabs(beats->bpm[i] - bpm) < 0.5);
        assert_true(off_click(beats->time[i], now, bpm) < 0.03);
    }
}

/* Taps beyond the range set the tempo, whether or not there are clicks in an octave of it. */
static void taps_beyond_the_range(void **state)
{
    (void)state;
    static Beats beats;
    static const struct {
        double clicks, tapped;
    } row[] = {{0.0, 50.0}, {0.0, 30.0}, {0.0, 240.0}, {100.0, 50.0}, {120.0, 240.0}};
    for (size_t r = 0; r < sizeof row / sizeof *row; r++) {
        HhLive *live = start_default(&beats);
        push(live, row[r].clicks, 12.0);
        hh_live_tap(live);
        push(live, row[r].clicks, 12.0 + 60.0 / row[r].tapped);
        hh_live_tap(live);
        check_held(live, &beats, row[r].clicks, row[r].tapped);
        free(live);
    }
}

/* At the lower end of the range the beat may be folded; who halves it has the last word. */
static void halves_of_what_was_folded(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    assert_true(hh_live_range(live, 58.0f, 150.0f));
    push_clicks(live, 0.0, 59.0, 20.0 * 60.0 / 59.0);
    assert_true(fabs((double)live->now.bpm - 59.0) < 0.5);
    assert_true(hh_live_range(live, 60.0f, 150.0f));
    push_clicks(live, 0.0, 59.0, 30.0 * 60.0 / 59.0);
    assert_true(fabs((double)live->now.bpm - 118.0) < 0.5);
    hh_live_half(live);
    check_held(live, &beats, 59.0, 59.0);
    /* Until the music has another tempo. */
    push_clicks(live, 0.0, 90.0, 60.0);
    assert_true(fabs((double)live->now.bpm - 90.0) < 0.5);
    assert_false(live->beat.held);
    free(live);
}

static void double_half_nudge(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    push_clicks(live, 0.3, 90.0, 12.0);
    assert_true(fabs((double)live->now.bpm - 90.0) < 0.5);
    hh_live_double(live);
    size_t from = beats.count;
    push_clicks(live, 0.3, 90.0, 18.0);
    assert_true(fabs((double)live->now.bpm - 180.0) < 1.0);
    assert_true(beats.count - from >= 17 && beats.count - from <= 19);
    for (size_t i = from; i < beats.count; i++)
        assert_true(off_click(beats.time[i], 0.3, 180.0) < 0.02);
    hh_live_half(live);
    hh_live_half(live);
    from = beats.count;
    push_clicks(live, 0.3, 90.0, 26.0);
    assert_true(fabs((double)live->now.bpm - 45.0) < 0.5);
    assert_true(beats.count - from >= 5 && beats.count - from <= 7);
    for (size_t i = from; i < beats.count; i++)
        assert_true(off_click(beats.time[i], 0.3, 90.0) < 0.02);
    hh_live_double(live);
    hh_live_nudge(live, 80.0f);
    from = beats.count + 1;
    push_clicks(live, 0.3, 90.0, 34.0);
    assert_true(beats.count > from + 8);
    for (size_t i = from; i < beats.count; i++)
        assert_true(off_click(beats.time[i], 0.38, 90.0) < 0.02);
    /* Too fast and too slow are refused. */
    for (int i = 0; i < 5; i++) hh_live_half(live);
    assert_true(live->now.bpm >= 30.0f);
    hh_live_nudge(live, NAN);
    hh_live_latency(live, NAN);
    push_clicks(live, 0.3, 90.0, 36.0);
    free(live);

    /* All nudges together move beats by a second at most. */
    live = start_default(&beats);
    push_clicks(live, 0.3, 90.0, 12.0);
    for (int i = 0; i < 100000; i++) hh_live_nudge(live, 1000.0f);
    hh_live_nudge(live, -250.0f);
    from = beats.count + 2;
    push_clicks(live, 0.3, 90.0, 20.0);
    assert_true(beats.count > from + 8);
    for (size_t i = from; i < beats.count; i++)
        assert_true(off_click(beats.time[i], 1.05, 90.0) < 0.02);
    free(live);
}

/* A nudge may put a beat before what has been taken in: it is told with the next sample, whatever
 * the size of the push that holds it. */
static void a_nudge_into_the_past(void **state)
{
    (void)state;
    static Beats beats;
    static const float silence[RATE];
    for (float ms = -1000.0f; ms < -100.0f; ms += 300.0f) {
        uint64_t hash[2];
        for (size_t each = 0; each < 2; each++) {
            HhLive *live = start_default(&beats);
            push_clicks(live, 0.3, 120.0, 6.0);
            size_t from = beats.count, length = each ? 1 : RATE;
            double now = (double)live->sample / RATE;
            hh_live_nudge(live, ms);
            for (size_t i = 0; i < RATE; i += length) hh_live_push(live, silence + i, length);
            assert_true(beats.count > from && beats.told[from] == now);
            for (size_t i = from; i < beats.count; i++) assert_true(beats.time[i] >= beats.told[i]);
            hash[each] = beats.hash;
            free(live);
        }
        assert_true(hash[0] == hash[1]);
    }
}

static void ranges(void **state)
{
    (void)state;
    static Beats beats;
    HhLive *live = start_default(&beats);
    assert_false(hh_live_range(live, 20.0f, 100.0f));
    assert_false(hh_live_range(live, 100.0f, 100.0f));
    assert_false(hh_live_range(live, NAN, 100.0f));
    assert_false(hh_live_range(live, 60.0f, 301.0f));
    push_clicks(live, 0.3, 160.0, 10.0);
    assert_true(fabs((double)live->now.bpm - 160.0) < 0.5);
    assert_true(hh_live_range(live, 60.0f, 100.0f));
    push_clicks(live, 0.3, 160.0, 25.0);
    assert_true(fabs((double)live->now.bpm - 80.0) < 0.5);
    free(live);
    /* Every corner works. */
    static const float range[][2] = {
        {30.0f, 31.0f}, {30.0f, 300.0f}, {299.0f, 300.0f}, {30.0f, 60.0f}};
    static const float rates[] = {25.0f, 50.0f, 55.5f, 100.0f};
    for (size_t r = 0; r < 4; r++)
        for (size_t n = 0; n < 4; n++) {
            HhLiveConfig config;
            hh_live_defaults(&config, 8000);
            config.notes = 1;
            config.bpm_low = range[r][0];
            config.bpm_high = range[r][1];
            config.novelty_rate = rates[n];
            live = start(&config, &beats);
            push_clicks(live, 0.1, 100.0, 8.0);
            assert_true(live->beat.tempo.rows >= 3);
            assert_true(live->now.confidence >= 0.0f && live->now.confidence <= 1.0f);
            free(live);
        }
}

/* A range whose tempi are an octave away: beats go on without a jump, every second one of them, or
 * one more between two. */
static void a_range_folds_without_a_jump(void **state)
{
    (void)state;
    static Beats beats;
    static const float range[][2] = {{60.0f, 100.0f}, {200.0f, 300.0f}, {90.0f, 180.0f}};
    static const double told[] = {64.0, 256.0, 128.0};
    for (size_t r = 0; r < 3; r++) {
        HhLive *live = start_default(&beats);
        push_clicks(live, 0.3, 128.0, 12.1);
        assert_true(hh_live_range(live, range[r][0], range[r][1]));
        size_t from = beats.count;
        uint32_t agreed = live->beat.agreed;
        for (double end = 12.2; end < 16.0; end += 0.1) {
            push_clicks(live, 0.3, 128.0, end);
            assert_true(live->beat.agreed >= agreed);
            assert_true(fabs((double)live->now.bpm - told[r]) < 0.5);
        }
        assert_true(fabs((double)(beats.count - from) - 3.9 * told[r] / 60.0) <= 1.0);
        for (size_t i = from; i < beats.count; i++)
            assert_true(off_click(beats.time[i], 0.3, told[r] > 128.0 ? 256.0 : 128.0) < 0.01);
        free(live);
    }
}

/* The place in the bar by what the network has said: of several that are clearly more likely than
 * the one so far the most likely is taken. */
static void the_likeliest_first_of_a_bar(void **state)
{
    (void)state;
    static Beats beats;
    static const float bar[][4] = {
        {0.0f, 1.1f, 2.0f, 0.0f}, {0.0f, 1.1f, 0.0f, 2.0f}, {0.0f, 0.9f, 0.5f, 0.9f}};
    static const uint8_t one[] = {2, 3, 0};
    for (size_t b = 0; b < 3; b++) {
        HhLive *live = start_default(&beats);
        live->beat.number = 8;
        live->beat.running = true;
        live->beat.period = RATE;
        memcpy(live->beat.bar, bar[b], sizeof bar[b]);
        for (uint8_t at = 1; at <= 4; at++) {
            hh_live_tell_beat(live);
            assert_int_equal(live->now.in_bar, (at + 4 - one[b]) % 4 + 1);
        }
        assert_int_equal(live->beat.one, one[b]);
        free(live);
    }
}

/* The network's answers are HH_LIVE_LAG steps late, at 280 BPM and 25 Hz more than half a beat:
 * they count for the beat that they are about. */
static void bars_at_slow_ticks(void **state)
{
    (void)state;
    static Beats beats;
    static double answer[25 * 40]; /* when the sound was that the odds are of */
    static float odds[25 * 40];
    HhLiveConfig config;
    hh_live_defaults(&config, RATE);
    config.notes = 1;
    config.novelty_rate = 25.0f;
    config.bpm_low = 180.0f;
    config.bpm_high = 300.0f;
    HhLive *live = start(&config, &beats);
    LiveBeat *beat = &live->beat;
    size_t learnt = 0, right = 0;
    for (size_t tick = 0; tick < 25 * 40; tick++) {
        float before[4];
        memcpy(before, beat->bar, sizeof before);
        push_clicks(live, 0.3, 280.0, (double)(tick + 1) / 25.0);
        answer[tick] = (double)(tick + 1 - HH_LIVE_LAG) / 25.0;
        odds[tick] = beat->odds[1];
        for (uint32_t k = 0; tick > 25 * 10 && k < 4; k++) {
            if (beat->bar[k] == before[k] * 0.97f || beat->bar[k] == before[k]) continue;
            learnt++;
            size_t of = beats.count;
            while (of > 0 && beats.time[of - 1] > answer[tick]) of--;
            float most = -6.0f;
            for (size_t t = tick - 8; t <= tick; t++)
                if (fabs(answer[t] - beats.time[of - 1]) < 0.12 * 60.0 / 280.0)
                    most = fmaxf(most, odds[t]);
            float added = beat->bar[k] - before[k] * 0.97f;
            right += (beats.number[of - 1] + 1) % 4 == k && fabsf(added - most) < 1e-4f;
        }
    }
    assert_true(fabs((double)live->now.bpm - 280.0) < 0.5);
    assert_true(fabs((double)learnt - 29.9 * 280.0 / 60.0) <= 2.0);
    assert_true(right > learnt * 9 / 10);
    free(live);
}

static double strength(const LiveTempo *tempo, uint32_t bin)
{
    return hypot((double)tempo->bin[bin].re, (double)tempo->bin[bin].im) /
           tempo->window[tempo->bin[bin].window];
}

/* Few bins a tick: each is brought up to date in every cycle, the strongest first, to the same sums
 * as all at once. */
static void staggered(void **state)
{
    (void)state;
    static Beats all_beats, few_beats;
    HhLiveConfig config;
    hh_live_defaults(&config, RATE);
    config.notes = 1;
    HhLive *all = start(&config, &all_beats);
    config.tempo_bins_per_tick = 5;
    HhLive *few = start(&config, &few_beats);
    const LiveTempo *tempo = &few->beat.tempo;
    uint32_t cycle = (tempo->bins + 4) / 5, compared = 0;
    float samples[RATE / 50] = {0};
    for (uint32_t tick = 0; tick < 50 * 40; tick++) {
        for (int i = 0; i < RATE / 50; i++) {
            int64_t at = (int64_t)tick * (RATE / 50) + i;
            samples[i] = at % (RATE * 60 / 128) == 0 ? 0.8f : 0.0f;
        }
        hh_live_push(all, samples, RATE / 50);
        hh_live_push(few, samples, RATE / 50);
        uint32_t fresh = 0;
        for (uint32_t b = 0; b < tempo->bins; b++) {
            assert_true(tempo->ticks - tempo->bin[b].at <= 2 * cycle);
            if (tempo->bin[b].at != tempo->ticks) continue;
            fresh++;
            assert_int_equal(tempo->bin[b].re, all->beat.tempo.bin[b].re);
            assert_int_equal(tempo->bin[b].im, all->beat.tempo.bin[b].im);
            compared++;
        }
        assert_true(fresh <= 5);
    }
    assert_true(compared > 5 * 1990);
    for (uint32_t b = 0; b < tempo->bins; b++)
        assert_true(strength(tempo, b) < 1.5 * strength(tempo, tempo->order[0]));
    assert_true(strength(tempo, tempo->order[tempo->bins - 1]) <
                0.2 * strength(tempo, tempo->order[0]));
    assert_true(fabs((double)all->now.bpm - 128.0) < 0.1);
    assert_true(fabs((double)few->now.bpm - 128.0) < 0.1);
    free(all);
    free(few);
}

static double sum_of_states(const LiveTempo *tempo)
{
    double sum = 0.0;
    for (uint32_t m = 0; m < tempo->rows; m++)
        for (uint32_t i = 0; i < tempo->length[m]; i++)
            sum += (double)tempo->state[tempo->first[m] + i];
    return sum;
}

/* The two neighbours that are the most likely together. */
static double best_pair(const LiveTempo *tempo)
{
    double best = 0.0;
    for (uint32_t m = 0; m < tempo->rows; m++) {
        const float *row = tempo->state + tempo->first[m];
        for (uint32_t i = 0, before = tempo->length[m] - 1u; i < tempo->length[m]; before = i++)
            best = fmax(best, (double)row[before] + (double)row[i]);
    }
    return best;
}

/* The best is a share of all that there is, on whichever ticks the beats fall. */
static void best_is_a_probability(void **state)
{
    (void)state;
    static LiveTempo tempo;
    for (int late = 0; late < 2; late++) {
        tempo = (LiveTempo){0};
        hh_live_tempo_start(&tempo, 50.0f, 60.0f, 200.0f, 0);
        for (int i = 0; i < 4000; i++) {
            bool beat = i % 24 == late;
            hh_live_tempo_step(&tempo, beat ? 4.0f : -4.0f, beat ? 5.0f : -1.0f, 0.0f, false);
            double sum = sum_of_states(&tempo);
            assert_true(fabs((double)tempo.sum / sum - 1.0) < 1e-5);
            if (tempo.ticks % 2 == 1)
                assert_true(fabs((double)tempo.best - best_pair(&tempo) / sum) < 1e-5);
        }
        assert_int_equal((int)(tempo.interval[tempo.best_row] + 0.5f), 24);
        assert_true(tempo.best > 0.5f && tempo.best < 0.999f);
    }
}

/* A beat that is set has 99 % whatever the sum was. */
static void a_set_beat_is_nearly_sure(void **state)
{
    (void)state;
    static LiveTempo tempo;
    for (int ticks = 2400; ticks < 2450; ticks++) {
        tempo = (LiveTempo){0};
        hh_live_tempo_start(&tempo, 50.0f, 60.0f, 200.0f, 0);
        for (int i = 0; i < ticks; i++) {
            bool beat = i % 25 == 0;
            hh_live_tempo_step(&tempo, beat ? 4.0f : -4.0f, beat ? 5.0f : -1.0f, 0.0f, false);
        }
        hh_live_tempo_set(&tempo, 33.0f, 40.25f);
        assert_true(fabs(sum_of_states(&tempo) - 1.0) < 1e-5);
        assert_true(fabs((double)tempo.sum - 1.0) < 1e-5);
        assert_true(fabs(best_pair(&tempo) - 0.99) < 0.002);
    }
}

/* The sums of the bank after long are those of a transform of the window; the probabilities add up
 * to what two ticks of evidence make of 1. */
static void bank_does_not_drift(void **state)
{
    (void)state;
    static LiveTempo tempo;
    tempo = (LiveTempo){0};
    hh_live_tempo_start(&tempo, 50.0f, 60.0f, 200.0f, 0);
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        hh_live_tempo_step(&tempo, (float)(4.0 * test_noise(&seed)), 0.0f, 0.0f, false);
        assert_true(tempo.sum > 0.4f && tempo.sum < 10.0f);
    }
    assert_true(fabs(sum_of_states(&tempo) / (double)tempo.sum - 1.0) < 1e-5);
    for (uint32_t b = 0; b < tempo.bins; b++) {
        uint32_t window = tempo.window[tempo.bin[b].window];
        double re = 0.0, im = 0.0;
        for (uint32_t i = tempo.ticks - window; i < tempo.ticks; i++) {
            double value = tempo.history[i % HH_LIVE_HISTORY];
            double angle =
                2.0 * 3.14159265358979 * (double)tempo.bin[b].k * (double)(i % window) / window;
            re += value * cos(angle) * 256.0;
            im -= value * sin(angle) * 256.0;
        }
        /* Cut by less than one each, and the table's rounding. */
        double bound = 2.0 * window + 1.0;
        assert_true(fabs(re - tempo.bin[b].re) < bound * 8.0);
        assert_true(fabs(im - tempo.bin[b].im) < bound * 8.0);
    }
}

/* The state space is sure of something in everything; in noise the confidence is not. 8 kHz: at
 * that rate noise sounds the most like beats. */
static void noise_has_no_sure_beat(void **state)
{
    (void)state;
    static Beats beats;
    static const uint32_t rates[] = {8000, 16000};
    static const double most[] = {0.7, 0.45}, mean[] = {0.55, 0.3};
    for (size_t r = 0; r < 2; r++) {
        double sum = 0.0;
        size_t count = 0;
        for (uint64_t seed = 1; seed <= 8; seed++) {
            HhLiveConfig config;
            hh_live_defaults(&config, rates[r]);
            config.notes = 1;
            HhLive *live = start(&config, &beats);
            uint64_t noise = seed;
            for (uint32_t i = 0; i < 30 * rates[r]; i++) {
                float sample = (float)(0.3 * test_noise(&noise));
                hh_live_push(live, &sample, 1);
            }
            for (size_t i = 0; i < beats.count; i++) {
                if (beats.told[i] * RATE < 5.0 * rates[r]) continue;
                assert_true((double)beats.confidence[i] < most[r]);
                sum += (double)beats.confidence[i];
                count++;
            }
            free(live);
        }
        assert_true(sum < mean[r] * (double)count);
    }
}

static void onsets_have_their_bands(void **state)
{
    (void)state;
    static Beats beats;
    static const double tones[HH_LIVE_BANDS] = {80.0, 900.0, 5000.0};
    for (size_t band = 0; band < HH_LIVE_BANDS; band++) {
        HhLive *live = start_default(&beats);
        for (int64_t i = 0; i < RATE * 8; i++) {
            double since = (double)(i % (RATE / 2)) / RATE;
            double fade = exp(-since * 20.0) * (1.0 - exp(-since * 300.0));
            float sample = (float)(0.5 * fade * sin(2.0 * 3.14159265358979 * tones[band] * since));
            hh_live_push(live, &sample, 1);
        }
        /* 16 sounds: all heard in their band, hardly one in another; but the middle hears how the
         * low ones begin. */
        assert_true(beats.onsets[band] >= 14 && beats.onsets[band] <= 17);
        for (size_t other = 0; other < HH_LIVE_BANDS; other++)
            if (other != band && (band != 0 || other != 1)) assert_true(beats.onsets[other] <= 2);
        double late = fmod(beats.last_onset[band], 0.5);
        assert_true(late < 0.05 || late > 0.49);
        free(live);
    }
}

/* Noise, steps, NaN: nothing but numbers within their range comes out, and the same every time. */
static void nothing_breaks_it(void **state)
{
    (void)state;
    static Beats first, second;
    for (int pass = 0; pass < 2; pass++) {
        Beats *beats = pass == 0 ? &first : &second;
        HhLive *live = start_default(beats);
        uint64_t seed = 7;
        float block[777];
        for (int b = 0; b < 600; b++) {
            for (int i = 0; i < 777; i++) {
                double noise = test_noise(&seed);
                block[i] = b % 7 == 0 ? NAN : b % 11 == 0 ? INFINITY : (float)(noise * (b % 5));
            }
            size_t cut = pass == 0 ? 777 : (size_t)(1 + b % 776);
            hh_live_push(live, block, cut);
            hh_live_push(live, block + cut, 777 - cut);
            assert_true(live->now.bpm >= 0.0f && live->now.bpm <= 320.0f);
            assert_true(live->now.confidence >= 0.0f && live->now.confidence <= 1.0f);
            assert_true(live->now.beat_phase >= 0.0f && live->now.beat_phase <= 1.0f);
            assert_true(live->now.novelty >= 0.0f && live->now.novelty < 1000.0f);
        }
        free(live);
    }
    assert_true(first.hash == second.hash);
    assert_int_equal(first.count, second.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(click_trains),
        cmocka_unit_test(latency_shifts_the_telling),
        cmocka_unit_test(tempo_changes_are_followed),
        cmocka_unit_test(silence_runs_on),
        cmocka_unit_test(tapping),
        cmocka_unit_test(taps_beyond_the_range),
        cmocka_unit_test(halves_of_what_was_folded),
        cmocka_unit_test(double_half_nudge),
        cmocka_unit_test(a_nudge_into_the_past),
        cmocka_unit_test(ranges),
        cmocka_unit_test(a_range_folds_without_a_jump),
        cmocka_unit_test(the_likeliest_first_of_a_bar),
        cmocka_unit_test(bars_at_slow_ticks),
        cmocka_unit_test(staggered),
        cmocka_unit_test(best_is_a_probability),
        cmocka_unit_test(a_set_beat_is_nearly_sure),
        cmocka_unit_test(bank_does_not_drift),
        cmocka_unit_test(noise_has_no_sure_beat),
        cmocka_unit_test(onsets_have_their_bands),
        cmocka_unit_test(nothing_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
