/* The real-time core: its clock, the octave tree, the note bank, the meter, the snapshot. */
#include "test.h"

#include "internal.h"

#ifdef HAVE_EBUR128
#include <ebur128.h>
#endif

#define PI 3.14159265358979323846

static double power_db(double power)
{
    return 10.0 * log10(power > 1e-30 ? power : 1e-30);
}

static HhLive *start(HhLiveConfig *config, HhLiveListener *listener, void *user)
{
    size_t size = hh_live_size(config);
    assert_true(size > 0);
    void *memory = aligned_alloc(HH_LIVE_ALIGNMENT, (size + 15) & ~(size_t)15);
    assert_non_null(memory);
    memset(memory, 0xa5, size);
    HhLive *live = hh_live_init(memory, config, listener, user);
    assert_ptr_equal(live, memory);
    return live;
}

static void push_sine(HhLive *live, double frequency, double amplitude, int64_t from, int64_t count)
{
    for (int64_t i = from; i < from + count; i++) {
        double turns = fmod(frequency / live->config.sample_rate * (double)i, 1.0);
        float sample = (float)(amplitude * sin(2.0 * PI * turns));
        hh_live_push(live, &sample, 1);
    }
}

static void positions_are_exact(void **state)
{
    (void)state;
    static const float rates[] = {25.0f, 50.0f, 43.06640625f, 99.99f, 100.0f, 29.97f};
    static const uint32_t sample_rates[] = {8000, 11025, 16000, 44100, 96000};
    for (size_t r = 0; r < 6; r++)
        for (size_t s = 0; s < 5; s++) {
            LivePace pace;
            hh_live_pace_start(&pace, sample_rates[s], rates[r]);
            uint64_t rate = (uint64_t)((double)rates[r] * 524288.0);
            for (uint64_t n = 1; n < 100000; n++) {
                uint64_t exact = (n * sample_rates[s] * 524288u + rate - 1) / rate;
                assert_int_equal(pace.next, exact);
                hh_live_pace_next(&pace);
            }
        }
}

/* The mean squares of octaves 1 to 3, and those of the bands in the last second. */
static void tree_powers(double frequency, double low[4], float bands[HH_LIVE_MAX_OCTAVES])
{
    static float memory[65536];
    LiveArena arena = {.base = (unsigned char *)memory};
    LiveTree tree;
    uint32_t keep[HH_LIVE_MAX_OCTAVES] = {0, 4096, 2048, 1024};
    hh_live_tree_lay(&tree, &arena, 16000, keep);
    for (int64_t i = 0; i < 64000; i += 100) {
        float *room = hh_live_tree_room(&tree, 100);
        for (int64_t j = 0; j < 100; j++)
            room[j] = (float)sin(2.0 * PI * fmod(frequency * (double)(i + j), 1.0));
        hh_live_tree_advance(&tree);
        if (i == 48000 - 100) hh_live_tree_powers(&tree, bands);
    }
    hh_live_tree_powers(&tree, bands);
    for (int o = 1; o < 4; o++) {
        const LiveOctave *octave = &tree.octave[o];
        low[o] = 0.0;
        /* Under a Hann window, so that parts of periods do not matter. */
        for (uint32_t i = 0; i < keep[o]; i++) {
            double x = (double)octave->samples[octave->filled - keep[o] + i];
            low[o] += x * x * (1.0 - cos(2.0 * PI * (i + 0.5) / keep[o])) / keep[o];
        }
    }
}

static void tree_passes_and_stops(void **state)
{
    (void)state;
    double low[4];
    float bands[HH_LIVE_MAX_OCTAVES];
    for (double f = 0.0031; f <= 0.5; f += 0.0047) {
        tree_powers(f, low, bands);
        double gain = power_db(low[1]) - power_db(0.5);
        if (f < 0.2) assert_true(fabs(gain) < 0.001);
        if (f > 0.3) assert_true(gain < -69.9);
        /* Power complementary: the bands hold all of it. */
        double sum = 0.0;
        for (int b = 0; b < 8; b++) sum += (double)bands[b];
        if (f > 0.006) assert_true(fabs(power_db(sum) - power_db(0.5)) < 0.1);
    }
    /* In the middle of a band all is in it. */
    for (int b = 0; b < 8; b++) {
        tree_powers(0.375 / (double)(1 << b), low, bands);
        assert_true(fabs(power_db((double)bands[b]) - power_db(0.5)) < 0.05);
    }
}

static void bad_configurations(void **state)
{
    (void)state;
    HhLiveConfig good, config;
    hh_live_defaults(&good, 16000);
    assert_true(hh_live_size(&good) > 0);
    assert_int_equal(hh_live_size(NULL), 0);
    static _Alignas(16) char memory[65536];
    assert_true(hh_live_size(&good) < sizeof memory);
    assert_null(hh_live_init(memory + 8, &good, NULL, NULL));
    assert_null(hh_live_init(NULL, &good, NULL, NULL));
#define BAD(field, value)                                                                          \
    config = good;                                                                                 \
    config.field = value;                                                                          \
    assert_int_equal(hh_live_size(&config), 0);                                                    \
    assert_null(hh_live_init(memory, &config, NULL, NULL));
    BAD(sample_rate, 7999)
    BAD(sample_rate, 96001)
    BAD(hop, 15)
    BAD(hop, 4097)
    BAD(bank, (HhLiveBank)4)
    BAD(notes, 0)
    BAD(notes, HH_LIVE_MAX_NOTES + 1)
    BAD(notes_per_octave, 11)
    BAD(notes_per_octave, 49)
    BAD(bottom_note, 15.0f)
    BAD(bottom_note, NAN)
    BAD(bottom_note, INFINITY)
    BAD(novelty_rate, 24.0f)
    BAD(novelty_rate, 101.0f)
    BAD(novelty_rate, NAN)
    BAD(bpm_low, 29.0f)
    BAD(bpm_high, 301.0f)
    BAD(bpm_high, 60.0f)
    BAD(latency_ms, -201.0f)
    BAD(latency_ms, 501.0f)
    BAD(silence_db, -121.0f)
    BAD(silence_db, NAN)
    BAD(level_rate, -1.0f)
    BAD(level_rate, 51.0f)
#undef BAD
}

static void snapshot_tells_the_time(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 44100);
    HhLive *live = start(&config, NULL, NULL);
    HhLiveSnapshot snapshot;
    push_sine(live, 440.0, 0.5, 0, 352);
    assert_true(hh_live_read(live, &snapshot));
    assert_int_equal(snapshot.sample, 0);
    push_sine(live, 440.0, 0.5, 352, 1);
    assert_true(hh_live_read(live, &snapshot));
    assert_int_equal(snapshot.sample, 353);
    free(live);
}

/* The snapshot after a steady sine, at the end of a round in which all notes were evaluated. */
static HhLiveSnapshot hear(HhLiveConfig *config, double frequency, double amplitude, double seconds)
{
    HhLive *live = start(config, NULL, NULL);
    int64_t rounds = (int64_t)(seconds * config->sample_rate / config->hop) + 1;
    push_sine(live, frequency, amplitude, 0, rounds * config->hop);
    HhLiveSnapshot snapshot;
    assert_true(hh_live_read(live, &snapshot));
    assert_int_equal(snapshot.sample, rounds * config->hop);
    free(live);
    return snapshot;
}

static double db(double amplitude)
{
    return 2.0 * power_db(amplitude);
}

typedef struct Bank {
    double worst_gain, worst_centre, worst_lower, worst_upper; /* dB, cents */
} Bank;

/* All notes of a configuration: each peaks in its own bin, reads right, and is where it should. */
static Bank check_notes(HhLiveConfig *config, unsigned notes, double seconds)
{
    Bank bank = {.worst_lower = -100.0, .worst_upper = -100.0};
    for (unsigned i = 0; i < notes; i++) {
        double f = (double)config->bottom_note * exp2((double)i / config->notes_per_octave);
        HhLiveSnapshot at = hear(config, f, 0.5, seconds);
        unsigned top = 0;
        for (unsigned j = 1; j < config->notes; j++)
            if (at.note[j] > at.note[top]) top = j;
        assert_int_equal(top, i);
        double own = db((double)at.note[i] / 0.5);
        bank.worst_gain = fmax(bank.worst_gain, fabs(own));
        if (i > 0) bank.worst_lower = fmax(bank.worst_lower, db((double)at.note[i - 1] / 0.5));
        if (i + 1 < notes)
            bank.worst_upper = fmax(bank.worst_upper, db((double)at.note[i + 1] / 0.5));
        /* The response around it, 1 % of its frequency a step: the highest is at the note. */
        double response[5];
        for (int k = -2; k <= 2; k++) {
            double tone = f * (1.0 + 0.01 * k);
            response[k + 2] =
                k == 0 ? own : db((double)hear(config, tone, 0.5, seconds).note[i] / 0.5);
            assert_true(response[k + 2] <= own + 0.01);
        }
        double percent =
            0.5 * (response[3] - response[1]) / (2.0 * response[2] - response[1] - response[3]);
        bank.worst_centre = fmax(bank.worst_centre, fabs(1200.0 * log2(1.0 + 0.01 * percent)));
    }
    return bank;
}

static void every_note_is_in_its_own_bin(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    Bank bank = check_notes(&config, 64, 0.4);
    print_message(
        "# 64 of 64 notes; gain within %.4f dB, centre within %.3f cents, the semitone below "
        "reads %.1f dB, the one above %.1f dB\n",
        bank.worst_gain, bank.worst_centre, bank.worst_lower, bank.worst_upper);
    assert_true(bank.worst_gain < 0.02);
    assert_true(bank.worst_centre < 1.0);
    assert_true(bank.worst_lower < -13.5 && bank.worst_upper < -11.8);
}

/* Other rates, spacings and bottoms. */
static void notes_of_other_configurations(void **state)
{
    (void)state;
    static const struct {
        uint32_t rate;
        float bottom;
        uint16_t notes, per_octave;
        double seconds;
    } cases[] = {
        {8000, 55.0f, 48, 12, 0.7},   {11025, 82.41f, 60, 12, 0.5}, {22050, 65.41f, 36, 24, 1.1},
        {44100, 110.0f, 64, 12, 0.4}, {48000, 77.78f, 40, 12, 0.5}, {96000, 440.0f, 96, 48, 0.4},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        HhLiveConfig config;
        hh_live_defaults(&config, cases[c].rate);
        config.bottom_note = cases[c].bottom;
        config.notes = cases[c].notes;
        config.notes_per_octave = cases[c].per_octave;
        Bank bank = check_notes(&config, config.notes, cases[c].seconds);
        print_message(
            "# %u Hz: gain within %.4f dB, centre within %.3f cents, neighbours %.1f and %.1f "
            "dB\n",
            config.sample_rate, bank.worst_gain, bank.worst_centre, bank.worst_lower,
            bank.worst_upper);
        assert_true(bank.worst_gain < 0.02);
        assert_true(bank.worst_centre < 1.0);
        assert_true(bank.worst_lower < -12.7 && bank.worst_upper < -11.5);
    }
}

/* The alternatives read what the default reads; plain and side by side are the same bits. */
static void all_banks_agree(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    double worst[4] = {0.0};
    for (double f = 100.0; f < 4500.0; f *= 1.0437) {
        HhLiveSnapshot heard[4];
        for (int b = 0; b < 4; b++) {
            config.bank = (HhLiveBank)b;
            heard[b] = hear(&config, f, 0.8, 0.4);
        }
        for (unsigned i = 0; i < 64; i++) {
            assert_true(heard[1].note[i] == heard[2].note[i]);
            for (int b = 1; b < 4; b++)
                worst[b] =
                    fmax(worst[b], fabs((double)heard[b].note[i] - (double)heard[0].note[i]));
        }
    }
    print_message("# differences from the default at amplitude 0.8: goertzel %.1e, sliding %.1e\n",
                  worst[1], worst[3]);
    assert_true(worst[1] < 0.002 && worst[3] < 0.002);
}

/* No drift: after a long loud noise and the length of a block in silence nothing is left. */
static void sliding_sums_do_not_drift(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 8000);
    config.bank = HH_LIVE_BANK_SLIDING;
    config.notes = 8;
    HhLive *live = start(&config, NULL, NULL);
    uint64_t seed = 5;
    HhLiveSnapshot snapshot;
    for (int i = 0; i < 400000; i++) {
        float noise = i < 397000 ? (float)(16.0 * test_noise(&seed)) : 0.0f;
        hh_live_push(live, &noise, 1);
        if (i == 396800) {
            assert_true(hh_live_read(live, &snapshot));
            assert_true(snapshot.note[3] > 0.01f);
        }
    }
    assert_true(hh_live_read(live, &snapshot));
    for (int i = 0; i < 8; i++) assert_true(snapshot.note[i] == 0.0f);
    free(live);
}

static void chroma_has_the_pitch_class(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    for (unsigned i = 0; i < 64; i++) {
        HhLiveSnapshot heard = hear(&config, 110.0 * exp2(i / 12.0), i % 2 ? 0.1 : 0.001, 0.4);
        for (unsigned c = 0; c < 12; c++)
            if (c == (i + 9) % 12)
                assert_true(heard.chroma[c] == 1.0f);
            else
                assert_true(heard.chroma[c] < 0.07f);
    }
    HhLiveSnapshot silence = hear(&config, 440.0, 0.0, 0.4);
    for (unsigned c = 0; c < 12; c++) assert_true(silence.chroma[c] == 0.0f);
    assert_true(silence.tuning_cents == 0.0f);
}

static void tuning_is_found(void **state)
{
    (void)state;
    double worst = 0.0;
    for (int cents = -30; cents <= 30; cents += 6)
        for (unsigned i = 1; i < 48; i += 2) {
            HhLiveConfig config;
            hh_live_defaults(&config, 16000);
            HhLiveSnapshot heard = hear(&config, 110.0 * exp2(i / 12.0 + cents / 1200.0), 0.3, 0.5);
            worst = fmax(worst, fabs((double)heard.tuning_cents - cents));
        }
    print_message("# tuning of single tones up to 30 cents off: within %.2f cents\n", worst);
    assert_true(worst < 3.0);
}

/* A mean on the circle of 100 cents whose memory falls to 1/e in 4 s. */
static void tuning_is_that_of_late(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    HhLive *live = start(&config, NULL, NULL);
    HhLiveSnapshot heard;
    push_sine(live, 440.0 * exp2(0.2 / 12.0), 0.3, 0, 15 * 16000);
    for (int second = 1; second <= 10; second++) {
        push_sine(live, 440.0 * exp2(-0.2 / 12.0), 0.3, 0, 16000);
        assert_true(hh_live_read(live, &heard));
        double before = exp(-second / 4.0), angle = 2.0 * PI * 0.2;
        double mean = atan2((2.0 * before - 1.0) * sin(angle), cos(angle)) / (2.0 * PI);
        assert_true(fabs((double)heard.tuning_cents - 100.0 * mean) < 0.5);
    }
    free(live);
}

/* The K weighting of BS.1770 in double, from the analogue prototypes; state[4]. */
static double weighted(double x, double rate, double state[4])
{
    double k = tan(PI * 1681.974450955533 / rate), q = 0.7071752369554196;
    double vh = pow(10.0, 3.999843853973347 / 20.0), vb = pow(vh, 0.4996667741545416);
    double a0 = 1.0 + k / q + k * k;
    double y = (vh + vb * k / q + k * k) / a0 * x + state[0];
    state[0] = 2.0 * (k * k - vh) / a0 * x - 2.0 * (k * k - 1.0) / a0 * y + state[1];
    state[1] = (vh - vb * k / q + k * k) / a0 * x - (1.0 - k / q + k * k) / a0 * y;
    k = tan(PI * 38.13547087602444 / rate);
    q = 0.5003270373238773;
    a0 = 1.0 + k / q + k * k;
    double z = y + state[2];
    state[2] = -2.0 * y - 2.0 * (k * k - 1.0) / a0 * z + state[3];
    state[3] = y - (1.0 - k / q + k * k) / a0 * z;
    return z;
}

typedef struct Levels {
    const double *x, *k; /* the samples, and weighted */
    double rate;
    unsigned count;
    double worst_rms, worst_loudness, worst_display;
    double display[600]; /* of each slice of 10 ms */
#ifdef HAVE_EBUR128
    ebur128_state *oracle;
    const float *samples;
    int64_t fed;
    double worst_oracle;
#endif
} Levels;

static double mean_db(const double *x, int64_t end, int64_t length)
{
    double sum = 0.0;
    for (int64_t i = end > length ? end - length : 0; i < end; i++) sum += x[i] * x[i];
    return fmax(power_db(sum / (double)length), -120.0);
}

/* As the head of level.c has it: between the noise floor, which rises by 1.5 dB a second, and the
 * top of late, which falls by 1 dB a second. */
static void make_display(Levels *levels)
{
    double floor_db = 0.0, top = -120.0, shown = 0.0;
    for (int n = 0; n < 600; n++) {
        int64_t end = (int64_t)ceil((n + 1) * levels->rate / 100.0);
        double level = mean_db(levels->x, end, (int64_t)(0.05 * levels->rate + 0.5));
        floor_db = fmax(fmin(level, floor_db + 0.015), -60.0);
        top = fmax(level, top - 0.01);
        double low = fmax(fmin(floor_db + 3.0, top - 24.0), -60.0);
        shown = fmax(fmin((level - low) / fmax(top - low, 24.0), 1.0), 0.93 * shown);
        levels->display[n] = shown;
    }
}

static void check_level(void *user, const HhLiveEvent *event)
{
    Levels *levels = user;
    if (event->type != HH_LIVE_LEVEL) return;
    /* n events are at the first 10 ms that are over n / 10 s or later. */
    levels->count++;
    assert_int_equal(event->sample, (int64_t)ceil(levels->count * levels->rate / 10.0));
    assert_true(event->told >= event->sample && event->told - event->sample < HH_LIVE_CHUNK);
    int64_t recent = (int64_t)(0.05 * levels->rate + 0.5),
            momentary = (int64_t)(0.4 * levels->rate + 0.5);
    double rms = mean_db(levels->x, event->sample, recent);
    double loudness = fmax(mean_db(levels->k, event->sample, momentary) - 0.691, -120.0);
    double peak = 0.0;
    for (int64_t i = event->sample > recent ? event->sample - recent : 0; i < event->sample; i++)
        peak = fmax(peak, fabs(levels->x[i]));
    assert_true(fabs((double)event->level.peak_db - fmax(db(peak), -120.0)) < 1e-4);
    levels->worst_rms = fmax(levels->worst_rms, fabs((double)event->level.rms_db - rms));
    double display = levels->display[10 * levels->count - 1];
    levels->worst_display =
        fmax(levels->worst_display, fabs((double)event->level.display - display));
    levels->worst_loudness =
        fmax(levels->worst_loudness, fabs((double)event->level.momentary_lufs - loudness));
#ifdef HAVE_EBUR128
    double oracle;
    ebur128_add_frames_float(levels->oracle, levels->samples + levels->fed,
                             (size_t)(event->sample - levels->fed));
    levels->fed = event->sample;
    ebur128_loudness_momentary(levels->oracle, &oracle);
    /* It takes 100 ms as whole samples. */
    if (levels->count >= 4 && fmod(levels->rate, 10.0) == 0.0)
        levels->worst_oracle =
            fmax(levels->worst_oracle, fabs((double)event->level.momentary_lufs - oracle));
#endif
}

/* A noise whose level and colour change, with a DC offset. */
static void test_sound(float *samples, int count, double rate)
{
    uint64_t seed = 77;
    double low = 0.0;
    for (int i = 0; i < count; i++) {
        double t = i / rate, noise = test_noise(&seed);
        low += 0.02 * (noise - low);
        double level = pow(10.0, -1.0 - 1.5 * sin(2.0 * PI * 0.21 * t));
        samples[i] = (float)(0.01 + level * (fmod(t, 2.0) < 1.0 ? noise : 4.0 * low));
    }
}

static void levels_are_right(void **state)
{
    (void)state;
    static const uint32_t rates[] = {8000, 11025, 16000, 22050, 44100, 48000, 96000};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        HhLiveConfig config;
        hh_live_defaults(&config, rates[r]);
        int count = (int)(6 * rates[r]);
        float *samples = malloc((size_t)count * sizeof *samples);
        double *x = malloc((size_t)count * sizeof *x), *k = malloc((size_t)count * sizeof *k);
        double filter[4] = {0.0};
        assert_true(samples && x && k);
        test_sound(samples, count, rates[r]);
        for (int i = 0; i < count; i++) {
            x[i] = (double)samples[i];
            k[i] = weighted(x[i], rates[r], filter);
        }
        Levels levels = {.x = x, .k = k, .rate = rates[r]};
#ifdef HAVE_EBUR128
        levels.samples = samples;
        levels.oracle = ebur128_init(1, rates[r], EBUR128_MODE_M);
        assert_non_null(levels.oracle);
#endif
        make_display(&levels);
        HhLive *live = start(&config, check_level, &levels);
        hh_live_push(live, samples, (size_t)count);
        assert_true(levels.count >= 59);
        print_message("# %u Hz: RMS within %.4f dB, display within %.4f, momentary loudness within "
                      "%.4f LU",
                      rates[r], levels.worst_rms, levels.worst_display, levels.worst_loudness);
#ifdef HAVE_EBUR128
        print_message(", of libebur128's %.4f LU", levels.worst_oracle);
        assert_true(levels.worst_oracle < 0.02);
        ebur128_destroy(&levels.oracle);
#endif
        print_message("\n");
        /* 50 ms are not whole samples at some rates. */
        assert_true(levels.worst_rms < 0.02 && levels.worst_loudness < 0.005);
        assert_true(levels.worst_display < 0.001);
        free(live);
        free(samples);
        free(x);
        free(k);
    }
}

/* Sines as the head of live.h has them. */
static void full_scale_is_zero_db(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 48000);
    HhLiveSnapshot heard = hear(&config, 1000.0, 1.0, 0.5);
    assert_true(fabs((double)heard.peak_db) < 0.001);
    assert_true(fabs((double)heard.rms_db + 3.0103) < 0.001);
    /* BS.1770: a 997 Hz sine at 0 dBFS in one channel is -3.01 LKFS. */
    heard = hear(&config, 997.0, 1.0, 0.5);
    assert_true(fabs((double)heard.momentary_lufs + 3.01) < 0.01);
    heard = hear(&config, 440.0, 0.0, 0.5);
    assert_true(heard.rms_db == -120.0f && heard.peak_db == -120.0f &&
                heard.momentary_lufs == -120.0f);
    assert_true(heard.display == 0.0f);
}

typedef struct Silences {
    double rate, begun[16], ended[16];
    bool contrast[16];
    unsigned begins, ends;
} Silences;

static void note_silence(void *user, const HhLiveEvent *event)
{
    Silences *silences = user;
    if (event->type != HH_LIVE_SILENCE) return;
    assert_true(silences->begins < 16 && silences->begins == silences->ends + !event->silence.on);
    if (event->silence.on) {
        silences->contrast[silences->begins] = event->silence.contrast;
        silences->begun[silences->begins++] = (double)event->told / silences->rate;
    } else
        silences->ended[silences->ends++] = (double)event->told / silences->rate;
}

/* Noise at levels in dB, one a second; NAN: nothing at all. */
static Silences listen(const double *levels, int seconds, uint32_t rate)
{
    HhLiveConfig config;
    hh_live_defaults(&config, rate);
    Silences silences = {.rate = rate};
    HhLive *live = start(&config, note_silence, &silences);
    uint64_t seed = 3;
    for (int64_t i = 0; i < (int64_t)seconds * rate; i++) {
        double level = levels[i / rate];
        /* Uniform noise is 4.77 dB below its peak. */
        double gain = isnan(level) ? 0.0 : pow(10.0, (level + 4.77) / 20.0);
        float sample = (float)(gain * test_noise(&seed));
        hh_live_push(live, &sample, 1);
    }
    free(live);
    return silences;
}

static void silence_is_told(void **state)
{
    (void)state;
    static const uint32_t rates[] = {8000, 16000, 44100, 96000};
    for (size_t r = 0; r < 4; r++) {
        /* Sound stops: by level; comes back; a line's noise, -50 dB; comes back; a little softer.
         */
        double levels[30];
        for (int s = 0; s < 30; s++)
            levels[s] = s < 4    ? -15.0
                        : s < 6  ? (double)NAN
                        : s < 10 ? -15.0
                        : s < 20 ? -50.0
                                 : -15.0;
        levels[24] = levels[25] = -30.0;
        Silences silences = listen(levels, 30, rates[r]);
        assert_int_equal(silences.begins, 2);
        assert_int_equal(silences.ends, 2);
        print_message("# %u Hz: silence told %.3f s after the sound stopped, %.3f s after only the "
                      "line's noise was left; its end after %.3f and %.3f s\n",
                      rates[r], silences.begun[0] - 4.0, silences.begun[1] - 10.0,
                      silences.ended[0] - 6.0, silences.ended[1] - 20.0);
        assert_true(silences.begun[0] > 4.0 && silences.begun[0] < 4.3 && !silences.contrast[0]);
        assert_true(silences.begun[1] > 10.0 && silences.begun[1] < 10.3 && silences.contrast[1]);
        assert_true(silences.ended[0] > 6.0 && silences.ended[0] < 6.05);
        assert_true(silences.ended[1] > 20.0 && silences.ended[1] < 20.05);
    }
}

/* A steady sound is no silence, however long; nor is a line's noise ever sound after it. */
static void long_sounds_and_long_silences(void **state)
{
    (void)state;
    double levels[300];
    for (int s = 0; s < 300; s++) levels[s] = s < 120 ? -40.0 : s < 124 ? -10.0 : -50.0;
    Silences silences = listen(levels, 300, 8000);
    assert_int_equal(silences.begins, 1);
    assert_int_equal(silences.ends, 0);
    assert_true(silences.begun[0] > 124.0 && silences.begun[0] < 124.3);
    /* A passage of music 30 dB softer, its level swinging, is silence at first and music later. */
    for (int s = 0; s < 300; s++) levels[s] = s < 20 ? -10.0 : s % 2 ? -34.0 : -46.0;
    silences = listen(levels, 300, 8000);
    assert_int_equal(silences.begins, 1);
    assert_int_equal(silences.ends, 1);
    print_message("# a quiet passage is silence from %.2f to %.2f s after its start\n",
                  silences.begun[0] - 20.0, silences.ended[0] - 20.0);
    assert_true(silences.begun[0] > 20.0 && silences.begun[0] < 20.3);
    /* A silence is left slowly: its mean of late is that of 10 s. */
    assert_true(silences.ended[0] > 28.0 && silences.ended[0] < 40.0);
}

/* Contrast is with the last 3 s: a second of softer music changes it little. */
static void contrast_is_with_the_last_seconds(void **state)
{
    (void)state;
    double levels[15];
    for (int s = 0; s < 15; s++) levels[s] = s < 10 ? -10.0 : s < 11 ? -28.0 : -40.0;
    Silences silences = listen(levels, 15, 8000);
    assert_int_equal(silences.begins, 1);
    assert_true(silences.contrast[0] && silences.begun[0] > 11.0 && silences.begun[0] < 11.3);
}

/* Between the clicks of a steady beat there is no silence, once some gaps have been heard. */
static void gaps_between_beats_are_no_silence(void **state)
{
    (void)state;
    const uint32_t rate = 16000;
    const double tempi[] = {90.0, 128.0, 174.0};
    for (size_t k = 0; k < HH_COUNT(tempi); k++) {
        HhLiveConfig config;
        hh_live_defaults(&config, rate);
        Silences silences = {.rate = (double)rate};
        HhLive *live = start(&config, note_silence, &silences);
        uint64_t seed = 5;
        double period = 60.0 / tempi[k];
        unsigned early = 0;
        for (int64_t i = 0; i < 20 * (int64_t)rate; i++) {
            double t = (double)i / (double)rate;
            bool click = t < 16.0 && fmod(t, period) < 0.004;
            float sample = click ? (float)(0.5 * test_noise(&seed)) : 0.0f;
            hh_live_push(live, &sample, 1);
            if (i == 6 * (int64_t)rate) early = silences.begins;
        }
        free(live);
        assert_int_equal(silences.begins, early + 1);
        assert_true(silences.begun[early] > 16.0 - period && silences.begun[early] < 17.0);
    }
}

/* ---- The whole */

/* Everything that is told, as numbers: events, and at each level event the snapshot. */
typedef struct Record {
    HhLive *live;
    uint64_t hash;
    unsigned events;
    int64_t last; /* told */
} Record;

static void hash_bytes(uint64_t *hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *hash = (*hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211ull;
}

#define HASH(hash, value) hash_bytes(hash, &(value), sizeof(value))

static void check_share(float x, float low, float high)
{
    assert_true(x >= low && x <= high);
}

/* Every number is in its range; NaN is in none. */
static void check_snapshot(const HhLiveSnapshot *now)
{
    for (int i = 0; i < HH_LIVE_MAX_NOTES; i++) check_share(now->note[i], 0.0f, 40.0f);
    for (int i = 0; i < 12; i++) check_share(now->chroma[i], 0.0f, 1.0f);
    check_share(now->tuning_cents, -50.0f, 50.0f);
    check_share(now->rms_db, -120.0f, 25.0f);
    check_share(now->peak_db, -120.0f, 25.0f);
    check_share(now->momentary_lufs, -120.0f, 30.0f);
    check_share(now->display, 0.0f, 1.0f);
    check_share(now->novelty, 0.0f, 1e4f);
    for (int i = 0; i < HH_LIVE_BANDS; i++) check_share(now->onset[i], 0.0f, 1.0f);
    check_share(now->bpm, 0.0f, 1200.0f);
    check_share(now->confidence, 0.0f, 1.0f);
    check_share(now->beat_phase, 0.0f, 1.0f);
    assert_true(now->in_bar <= 4);
}

static void hash_snapshot(uint64_t *hash, const HhLiveSnapshot *now)
{
    HASH(hash, now->sample);
    HASH(hash, now->note);
    HASH(hash, now->chroma);
    HASH(hash, now->tuning_cents);
    HASH(hash, now->rms_db);
    HASH(hash, now->peak_db);
    HASH(hash, now->momentary_lufs);
    HASH(hash, now->display);
    HASH(hash, now->novelty);
    HASH(hash, now->onset);
    HASH(hash, now->bpm);
    HASH(hash, now->confidence);
    HASH(hash, now->beat_phase);
    HASH(hash, now->beats);
    HASH(hash, now->in_bar);
    HASH(hash, now->silent);
    HASH(hash, now->silent_by_contrast);
}

static void keep_record(void *user, const HhLiveEvent *event)
{
    Record *record = user;
    HhLiveSnapshot now;
    record->events++;
    assert_true(event->told >= record->last);
    record->last = event->told;
    HASH(&record->hash, event->type);
    HASH(&record->hash, event->sample);
    HASH(&record->hash, event->told);
    switch (event->type) {
    case HH_LIVE_BEAT:
        HASH(&record->hash, event->beat.bpm);
        HASH(&record->hash, event->beat.confidence);
        HASH(&record->hash, event->beat.number);
        HASH(&record->hash, event->beat.in_bar);
        check_share(event->beat.bpm, 1.0f, 1200.0f);
        check_share(event->beat.confidence, 0.0f, 1.0f);
        break;
    case HH_LIVE_ONSET:
        HASH(&record->hash, event->onset.band);
        HASH(&record->hash, event->onset.strength);
        assert_true(event->onset.band < HH_LIVE_BANDS);
        check_share(event->onset.strength, 0.0f, 1.0f);
        break;
    case HH_LIVE_TEMPO:
        HASH(&record->hash, event->tempo.bpm);
        HASH(&record->hash, event->tempo.confidence);
        check_share(event->tempo.confidence, 0.0f, 1.0f);
        break;
    case HH_LIVE_LEVEL:
        HASH(&record->hash, event->level.rms_db);
        HASH(&record->hash, event->level.display);
        assert_true(hh_live_read(record->live, &now));
        check_snapshot(&now);
        hash_snapshot(&record->hash, &now);
        break;
    case HH_LIVE_SILENCE:
        HASH(&record->hash, event->silence.on);
        HASH(&record->hash, event->silence.contrast);
        break;
    }
}

/* Clicks over a chord, noise, pauses, and now and then something that is no sample. */
static float odd_sound(uint64_t *seed, int64_t i, double rate)
{
    double t = (double)i / rate, noise = test_noise(seed);
    if (fmod(t, 7.0) > 6.0) return 0.0f;
    if (noise > 0.9995) return noise > 0.99975 ? NAN : -INFINITY;
    if (noise < -0.9995) return 1e30f;
    double click = fmod(t, 0.47) < 0.01 ? 0.6 * noise : 0.001 * noise;
    return (float)(click + 0.1 * sin(2.0 * PI * fmod(220.0 * t, 1.0)) +
                   0.1 * sin(2.0 * PI * fmod(987.77 * t, 1.0)));
}

/* What is told when `sound` comes in pieces of up to `piece` samples (0: of random sizes). */
static Record listen_to(const HhLiveConfig *config, const float *sound, size_t count, size_t piece)
{
    Record record = {.hash = 14695981039346656037ull};
    uint64_t seed = 99;
    /* Exactly as much as it asks for, so that sanitizers see more. */
    size_t size = hh_live_size(config);
    void *memory = malloc(size);
    assert_true(size > 0 && memory);
    memset(memory, 0xff, size);
    record.live = hh_live_init(memory, config, keep_record, &record);
    assert_non_null(record.live);
    for (size_t i = 0; i < count;) {
        size_t part = piece > 0 ? piece : (size_t)(700.0 * fabs(test_noise(&seed)));
        if (part > count - i) part = count - i;
        hh_live_push(record.live, sound + i, part);
        i += part;
    }
    HhLiveSnapshot now;
    assert_true(hh_live_read(record.live, &now));
    assert_int_equal(now.sample, (int64_t)(count / config->hop * config->hop));
    hash_snapshot(&record.hash, &now);
    free(memory);
    return record;
}

static float *make_odd_sound(size_t count, double rate)
{
    float *sound = malloc(count * sizeof *sound);
    uint64_t seed = 7;
    assert_non_null(sound);
    for (size_t i = 0; i < count; i++) sound[i] = odd_sound(&seed, (int64_t)i, rate);
    return sound;
}

static void pushes_of_any_size_are_the_same(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 7, 64, 128, 1000, 0};
    for (int c = 0; c < 6; c++) {
        HhLiveConfig config;
        hh_live_defaults(&config, c == 1 ? 44100 : c == 2 ? 8000 : 16000);
        if (c == 1) config.novelty_rate = 43.07f;
        if (c == 2) config.hop = 1000;
        if (c >= 3) config.bank = (HhLiveBank)(c - 2);
        if (c == 4) config.tempo_bins_per_tick = 5;
        size_t count = config.sample_rate * (c < 2 ? 25u : 3u);
        float *sound = make_odd_sound(count, config.sample_rate);
        Record first = listen_to(&config, sound, count, pieces[0]);
        assert_true(first.events > (c < 2 ? 300u : 20u));
        for (size_t p = 1; p < 6; p++) {
            Record other = listen_to(&config, sound, count, pieces[p]);
            assert_int_equal(other.events, first.events);
            assert_true(other.hash == first.hash);
        }
        free(sound);
    }
}

/* What is not a number counts as 0, what is too large as 16. */
static void wrong_samples_are_tamed(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    size_t count = 64000;
    float *sound = make_odd_sound(count, 16000.0);
    Record odd = listen_to(&config, sound, count, 128);
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += !(fabsf(sound[i]) <= 16.0f);
        sound[i] = isnan(sound[i]) ? 0.0f : fminf(fmaxf(sound[i], -16.0f), 16.0f);
    }
    assert_true(wrong > 10);
    assert_true(listen_to(&config, sound, count, 128).hash == odd.hash);
    free(sound);
}

/* Any configuration within the ranges works. */
static void random_configurations(void **state)
{
    (void)state;
    uint64_t seed = 20251122;
#define UP_TO(limit) ((uint32_t)((double)(limit)*fabs(test_noise(&seed)) * 0.999999))
    static const float novelty_rates[] = {25.0f, 50.0f, 99.999f, 100.0f};
    for (int c = 0; c < 60; c++) {
        HhLiveConfig config;
        hh_live_defaults(&config, 8000 + UP_TO(88001));
        config.hop = 16 + UP_TO(c % 4 ? 1000 : 4081);
        config.bank = c % 3 ? HH_LIVE_BANK_OCTAVES : (HhLiveBank)UP_TO(4);
        config.notes = (uint16_t)(1 + UP_TO(HH_LIVE_MAX_NOTES));
        config.notes_per_octave = (uint16_t)(12 + UP_TO(37));
        config.bottom_note = (float)(16.0 * exp2(8.0 * fabs(test_noise(&seed))));
        /* At the full rate low notes are slow. */
        if (config.bank != HH_LIVE_BANK_OCTAVES && config.bottom_note < 400.0f)
            config.bottom_note = 400.0f;
        config.novelty_rate = novelty_rates[UP_TO(4)];
        config.bpm_low = (float)(30 + UP_TO(200));
        config.bpm_high = config.bpm_low + 1.0f + (float)UP_TO(269.0f - config.bpm_low);
        config.latency_ms = (float)(-200 + (int)UP_TO(701));
        config.tempo_bins_per_tick = (uint16_t)(c % 2 ? 0 : UP_TO(300));
        config.silence_db = -(float)UP_TO(121);
        config.level_rate = c % 5 ? (float)UP_TO(25) : 1e-7f;
        size_t count = config.sample_rate;
        float *sound = make_odd_sound(count, config.sample_rate);
        (void)listen_to(&config, sound, count, 0);
        free(sound);
    }
#undef UP_TO
}

static uint32_t fake_time;

static uint32_t fake_clock(void)
{
    return fake_time += 3;
}

/* The profile counts what was done, changes nothing, and wraps with its clock. */
static void profile_counts(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    size_t count = 16000 * 4;
    float *sound = make_odd_sound(count, 16000.0);
    Record without = listen_to(&config, sound, count, 128);
    config.clock = fake_clock;
    fake_time = UINT32_MAX - 1000;
    assert_true(listen_to(&config, sound, count, 128).hash == without.hash);
    HhLive *live = start(&config, NULL, NULL);
    HhLiveProfile profile;
    hh_live_push(live, sound, count);
    hh_live_profile(live, &profile);
    assert_int_equal(profile.hop.calls, 500);
    /* 500 rounds, 200 ticks, 100 of these with a round. */
    assert_int_equal(profile.stage[HH_LIVE_STAGE_DECIMATE].calls, 600);
    assert_int_equal(profile.stage[HH_LIVE_STAGE_LEVEL].calls, 600);
    assert_int_equal(profile.stage[HH_LIVE_STAGE_BANK].calls, 700);
    assert_true(profile.stage[HH_LIVE_STAGE_TEMPO].calls >= 200);
    uint64_t stages = 0;
    for (int s = 0; s < HH_LIVE_STAGES; s++) {
        assert_int_equal(profile.stage[s].total, 3u * profile.stage[s].calls);
        assert_int_equal(profile.stage[s].max, 3);
        stages += profile.stage[s].total;
    }
    assert_true(profile.hop.total > stages);
    free(live);
    free(sound);
}

typedef struct Hours {
    int64_t levels, beats, last_beat;
    double rate;
    float bpm;
} Hours;

static void count_hours(void *user, const HhLiveEvent *event)
{
    Hours *hours = user;
    if (event->type == HH_LIVE_BEAT) {
        /* When it sounds, the latency being 0, and not when a chunk happens to end. */
        assert_int_equal(event->told, event->sample);
        hours->beats++;
        hours->last_beat = event->sample;
        hours->bpm = event->beat.bpm;
    }
    if (event->type != HH_LIVE_LEVEL) return;
    hours->levels++;
    assert_int_equal(event->sample, hours->levels * (int64_t)hours->rate / 10);
}

/* Ten hours of a bar that repeats, then what a fresh start says of its end. */
static void run_hours(HhLiveConfig *config, int hours)
{
    size_t bar = config->sample_rate * 2;
    float *sound = malloc(bar * sizeof *sound);
    uint64_t seed = 11;
    assert_non_null(sound);
    for (size_t i = 0; i < bar; i++) {
        double t = (double)i / config->sample_rate, beat = fmod(t, 0.5);
        sound[i] =
            (float)(0.2 * sin(2.0 * PI * 440.0 * t) + 0.5 * exp(-beat * 50.0) * test_noise(&seed));
    }
    Hours told = {.rate = config->sample_rate};
    HhLive *live = start(config, count_hours, &told);
    int bars = hours * 1800;
    HhLiveSnapshot now, fresh;
    for (int b = 0; b < bars; b++) {
        hh_live_push(live, sound, bar);
        if (b % 900) continue;
        assert_true(hh_live_read(live, &now));
        check_snapshot(&now);
    }
    int64_t end = (int64_t)bars * (int64_t)bar;
    assert_int_equal(live->sample, end);
    assert_int_equal(told.levels, (int64_t)hours * 36000);
    double rate = (double)config->novelty_rate, ticks = rate * 3600.0 * hours;
    assert_int_equal(live->tick.next, (int64_t)ceil((ticks + 1.0) * config->sample_rate / rate));
    assert_true(hh_live_read(live, &now));
    assert_int_equal(now.sample, end / config->hop * config->hop);
    /* The last beat is still on a beat, and none was lost. */
    double off = fmod((double)told.last_beat / told.rate + 0.25, 0.5) - 0.25;
    print_message("# after %d hours: %.1f BPM, the last of %lld beats is %.1f ms late\n", hours,
                  (double)told.bpm, (long long)told.beats, 1000.0 * off);
    assert_true(fabs(off) < 0.02 && fabs((double)told.bpm - 120.0) < 0.5);
    assert_true(llabs(told.beats - hours * 7200) < 10);
    free(live);

    /* The end again, from a start that is as far from a round: the same but for rounding. */
    Hours again = {.rate = config->sample_rate};
    live = start(config, count_hours, &again);
    int64_t skipped = end / (int64_t)(bar * config->hop) * (int64_t)(bar * config->hop);
    int64_t rest = end - skipped + (int64_t)(bar * config->hop);
    for (int64_t i = 0; i < rest; i += (int64_t)bar) hh_live_push(live, sound, bar);
    assert_true(hh_live_read(live, &fresh));
    double first_off = fmod((double)again.last_beat / again.rate + 0.25, 0.5) - 0.25;
    print_message("# its last beat is %.1f ms late\n", 1000.0 * first_off);
    assert_true(fabs(first_off - off) < 0.005);
    double worst = 0.0;
    for (int i = 0; i < config->notes; i++)
        worst = fmax(worst, fabs((double)now.note[i] - (double)fresh.note[i]));
    print_message("# against a fresh start: notes within %.1e, RMS %.1e dB, loudness %.1e LU\n",
                  worst, fabs((double)now.rms_db - (double)fresh.rms_db),
                  fabs((double)now.momentary_lufs - (double)fresh.momentary_lufs));
    assert_true(worst < 1e-5);
    assert_true(fabs((double)now.rms_db - (double)fresh.rms_db) < 1e-4);
    assert_true(fabs((double)now.momentary_lufs - (double)fresh.momentary_lufs) < 1e-4);
    assert_true(fabs((double)now.bpm - (double)fresh.bpm) < 0.1);
    free(live);
    free(sound);
}

static void ten_hours(void **state)
{
    (void)state;
    HhLiveConfig config;
    /* HEIHACHI_LONG: as configured by default; else what takes a fifth of the time. */
    bool whole = getenv("HEIHACHI_LONG") != NULL;
    hh_live_defaults(&config, whole ? 16000 : 8000);
    config.bpm_low = 90.0f; /* 120 and nothing else: all beats are alike */
    config.bpm_high = 180.0f;
    if (!whole) {
        config.hop = 1024;
        config.novelty_rate = 25.0f;
        config.tempo_bins_per_tick = 8;
    }
    run_hours(&config, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_exact),
        cmocka_unit_test(tree_passes_and_stops),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(snapshot_tells_the_time),
        cmocka_unit_test(every_note_is_in_its_own_bin),
        cmocka_unit_test(notes_of_other_configurations),
        cmocka_unit_test(all_banks_agree),
        cmocka_unit_test(sliding_sums_do_not_drift),
        cmocka_unit_test(chroma_has_the_pitch_class),
        cmocka_unit_test(tuning_is_found),
        cmocka_unit_test(tuning_is_that_of_late),
        cmocka_unit_test(levels_are_right),
        cmocka_unit_test(full_scale_is_zero_db),
        cmocka_unit_test(silence_is_told),
        cmocka_unit_test(long_sounds_and_long_silences),
        cmocka_unit_test(contrast_is_with_the_last_seconds),
        cmocka_unit_test(gaps_between_beats_are_no_silence),
        cmocka_unit_test(pushes_of_any_size_are_the_same),
        cmocka_unit_test(wrong_samples_are_tamed),
        cmocka_unit_test(random_configurations),
        cmocka_unit_test(profile_counts),
        cmocka_unit_test(ten_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
