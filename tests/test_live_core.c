/* The real-time core: its clock, the octave tree, the note bank, the meter, the snapshot. */
#include "test.h"

#include "internal.h"

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
                assert_int_equal(pace.number, n);
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
    for (int64_t i = 0; i < 64000; i += 200) {
        float *room = hh_live_tree_room(&tree, 200);
        for (int64_t j = 0; j < 200; j++)
            room[j] = (float)sin(2.0 * PI * fmod(frequency * (double)(i + j), 1.0));
        hh_live_tree_advance(&tree);
        if (i == 48000 - 200) hh_live_tree_powers(&tree, bands);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_exact),
        cmocka_unit_test(tree_passes_and_stops),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(snapshot_tells_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
