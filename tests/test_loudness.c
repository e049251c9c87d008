/* loudness: the cases of EBU Tech 3341 and 3342 made here, the definition in double, libebur128
 * where it is installed. */
#define _DEFAULT_SOURCE /* M_PI */
#include "test.h"

#include <dirent.h>
#ifdef HAVE_EBUR128
#include <ebur128.h>
#endif

#include "heihachi/audio.h"
#include "heihachi/loudness.h"
#include "kernel/kernels.h"

typedef struct Sound {
    float *plane[8];
    HhSignal signal;
} Sound;

static Sound make_sound(int channels, double rate, double seconds)
{
    Sound s = {.signal = {.channels = channels, .rate = rate, .length = (size_t)(rate * seconds)}};
    for (int c = 0; c < channels; c++)
        assert_non_null(s.plane[c] = calloc(s.signal.length + 1, sizeof(float)));
    return s;
}

static void free_sound(Sound *s)
{
    for (int c = 0; c < s->signal.channels; c++) free(s->plane[c]);
}

static const HhSignal *view(Sound *s)
{
    s->signal.channel = (const float *const *)s->plane;
    return &s->signal;
}

/* A sine on one channel from one time to another, with its phase counted from the start of the
 * sound. */
static void add_sine(Sound *s, int channel, double from, double to, double hz, double decibels)
{
    double gain = pow(10.0, decibels / 20.0);
    for (size_t n = (size_t)(from * s->signal.rate);
         n < (size_t)(to * s->signal.rate) && n < s->signal.length; n++)
        s->plane[channel][n] += (float)(gain * sin(2.0 * M_PI * hz * (double)n / s->signal.rate));
}

static void fill_noise(Sound *s, double gain)
{
    uint64_t seed = 11;
    for (int c = 0; c < s->signal.channels; c++)
        for (size_t n = 0; n < s->signal.length; n++)
            s->plane[c][n] = (float)(gain * test_noise(&seed));
}

static HhLoudnessResult measure(Sound *s)
{
    HhLoudnessResult r;
    assert_int_equal(hh_loudness(NULL, view(s), NULL, &r), HH_OK);
    return r;
}

static void assert_near(double value, double expected, double bound)
{
    if (!(fabs(value - expected) <= bound))
        print_error("%.6f is not %.6f +- %g\n", value, expected, bound);
    assert_true(fabs(value - expected) <= bound);
}

/* ---- EBU Tech 3341, table 1: stereo sines of 1000 Hz in phase ---- */

static void tech_3341(void **state)
{
    (void)state;
    static const struct {
        double seconds[5], level[5], expected;
    } cases[] = {{{20}, {-23}, -23.0},
                 {{20}, {-33}, -33.0},
                 {{10, 60, 10}, {-36, -23, -36}, -23.0},
                 {{10, 10, 60, 10, 10}, {-72, -36, -23, -36, -72}, -23.0},
                 {{20, 20.1, 20}, {-26, -20, -26}, -23.0}};
    static const double rates[] = {44100, 48000};
    for (size_t r = 0; r < HH_COUNT(rates); r++)
        for (size_t i = 0; i < HH_COUNT(cases); i++) {
            double total = 0.0, at = 0.0;
            for (int k = 0; k < 5; k++) total += cases[i].seconds[k];
            Sound s = make_sound(2, rates[r], total);
            for (int k = 0; k < 5; at += cases[i].seconds[k++])
                for (int c = 0; c < 2; c++)
                    add_sine(&s, c, at, at + cases[i].seconds[k], 1000.0, cases[i].level[k]);
            HhLoudnessResult result = measure(&s);
            assert_near(result.integrated_lufs, cases[i].expected, 0.1);
            if (i < 2) {
                assert_near(result.momentary_max_lufs, cases[i].expected, 0.1);
                assert_near(result.short_term_max_lufs, cases[i].expected, 0.1);
                assert_near(result.sample_peak_dbfs, cases[i].level[0], 0.1);
            }
            free_sound(&s);
        }
}

/* Case 6: 5.0 channels, here as 5.1 with a loud low-frequency channel that must not count. */
static void surround_weights(void **state)
{
    (void)state;
    static const double level[6] = {-28, -28, -24, 0, -30, -30};
    Sound s = make_sound(6, 48000, 20);
    for (int c = 0; c < 6; c++) add_sine(&s, c, 0, 20, 1000.0, level[c]);
    assert_near(measure(&s).integrated_lufs, -23.0, 0.1);
    const HhSpeaker only_first[6] = {HH_SPEAKER_FRONT};
    HhLoudnessParams params;
    HhLoudnessResult result;
    hh_loudness_defaults(&params);
    params.speakers = only_first;
    params.true_peak = 0;
    assert_int_equal(hh_loudness(NULL, view(&s), &params, &result), HH_OK);
    assert_near(result.integrated_lufs, -31.0, 0.1);
    assert_true(isnan(result.true_peak_dbtp));
    assert_near(result.sample_peak_dbfs, 0.0, 0.01);
    free_sound(&s);
}

/* Tech 3342, table 1. */
static void tech_3342(void **state)
{
    (void)state;
    static const struct {
        double level[5], expected;
    } cases[] = {{{-20, -30}, 10.0},
                 {{-20, -15}, 5.0},
                 {{-40, -20}, 20.0},
                 {{-50, -35, -20, -35, -50}, 15.0}};
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        int parts = i < 3 ? 2 : 5;
        Sound s = make_sound(2, 44100, 20.0 * parts);
        for (int k = 0; k < parts; k++)
            for (int c = 0; c < 2; c++)
                add_sine(&s, c, 20.0 * k, 20.0 * (k + 1), 1000.0, cases[i].level[k]);
        assert_near(measure(&s).range_lu, cases[i].expected, 1.0);
        free_sound(&s);
    }
}

/* A sine at a quarter of the rate, 45 degrees off: samples at -3.01 dB, peaks at 0 dB between them
 * (Tech 3341, 15-19). */
static void peaks_between_samples(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000, 96000};
    for (size_t r = 0; r < HH_COUNT(rates); r++) {
        Sound s = make_sound(1, rates[r], 1.0);
        for (size_t n = 0; n < s.signal.length; n++) {
            double fade = fmin(1.0, (double)n / 4000.0);
            s.plane[0][n] = (float)(0.5 * fade * sin(M_PI / 2.0 * (double)n + M_PI / 4.0));
        }
        HhLoudnessResult result = measure(&s);
        assert_near(result.sample_peak_dbfs, -6.02 - 3.01, 0.01);
        assert_near(result.true_peak_dbtp, -6.02, 0.2);
        free_sound(&s);
    }
    Sound s = make_sound(1, 192000, 0.5); /* no oversampling here */
    fill_noise(&s, 0.9);
    HhLoudnessResult result = measure(&s);
    assert_true(result.true_peak_dbtp == result.sample_peak_dbfs);
    free_sound(&s);
}

/* ---- the definition ---- */

/* K-weighting at 48 kHz with the coefficients that BS.1770-4 prints; energy of the whole in
 * double. */
static void agrees_with_the_tables_at_48_khz(void **state)
{
    (void)state;
    static const double b[2][3] = {{1.53512485958697, -2.69169618940638, 1.19839281085285},
                                   {1.0, -2.0, 1.0}};
    static const double a[2][2] = {{-1.69065929318241, 0.73248077421585},
                                   {-1.99004745483398, 0.99007225036621}};
    Sound s = make_sound(1, 48000, 0.4);
    fill_noise(&s, 0.3);
    double energy = 0.0, x1[2] = {0}, x2[2] = {0}, y1[2] = {0}, y2[2] = {0};
    for (size_t n = 0; n < s.signal.length; n++) {
        double v = (double)s.plane[0][n];
        for (int i = 0; i < 2; i++) {
            double y =
                b[i][0] * v + b[i][1] * x1[i] + b[i][2] * x2[i] - a[i][0] * y1[i] - a[i][1] * y2[i];
            x2[i] = x1[i];
            x1[i] = v;
            y2[i] = y1[i];
            y1[i] = y;
            v = y;
        }
        energy += v * v;
    }
    double expected = 10.0 * log10(energy / (double)s.signal.length) - 0.691;
    HhLoudnessResult result = measure(&s);
    assert_near(result.integrated_lufs, expected, 1e-6);
    assert_near(result.momentary_max_lufs, expected, 1e-6);
    free_sound(&s);
}

/* The rate hardly matters: 997 Hz at 0 dB is -3.01 LUFS in one channel. */
static void any_rate(void **state)
{
    (void)state;
    static const double rates[] = {8000,  11025, 22050, 32000,  44100,
                                   48000, 88200, 96000, 192000, 384000};
    for (size_t i = 0; i < HH_COUNT(rates); i++) {
        Sound s = make_sound(1, rates[i], 4.0);
        add_sine(&s, 0, 0, 4, 997.0, 0.0);
        assert_near(measure(&s).integrated_lufs, -3.01, 0.15);
        free_sound(&s);
    }
}

static void skipping_does_not_change_the_peak(void **state)
{
    (void)state;
    Sound s = make_sound(1, 44100, 1.0);
    fill_noise(&s, 1.0);
    for (size_t n = 0; n < s.signal.length; n++)
        s.plane[0][n] *= (float)pow(sin(1e-4 * (double)n), 8.0);
    double expected = 0.0; /* windowed sinc in double, everywhere */
    for (size_t n = 48; n < s.signal.length; n++)
        for (int b = 0; b < 4; b++) {
            double sum = 0.0;
            for (int k = 0; k * 4 + b <= 48; k++) {
                int j = 4 * k + b, m = j - 24;
                double h = m ? sin(M_PI * m / 4.0) / (M_PI * m / 4.0) : 1.0;
                sum += 0.5 * (1.0 - cos(2.0 * M_PI * j / 48.0)) * h *
                       (double)s.plane[0][n - (size_t)k];
            }
            expected = fmax(expected, fabs(sum));
        }
    assert_near(measure(&s).true_peak_dbtp, 20.0 * log10(expected), 1e-4);
    free_sound(&s);
}

/* ---- independence ---- */

static void pieces_and_levels_do_not_matter(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 63, 64, 4409, 100000};
    Sound s = make_sound(3, 44100, 4.7);
    fill_noise(&s, 0.7);
    const HhSignal *signal = view(&s);
    HhLoudnessResult expected = measure(&s);
    for (size_t i = 0; i < HH_COUNT(pieces); i++) {
        HhLoudness *l;
        HhLoudnessResult result;
        assert_int_equal(hh_loudness_create(NULL, 44100, 3, NULL, &l), HH_OK);
        for (size_t at = 0; at < signal->length; at += pieces[i]) {
            const float *part[] = {s.plane[0] + at, s.plane[1] + at, s.plane[2] + at};
            assert_int_equal(hh_loudness_push(l, part, HH_MIN(pieces[i], signal->length - at)),
                             HH_OK);
        }
        assert_int_equal(hh_loudness_result(l, &result), HH_OK);
        assert_memory_equal(&result, &expected, sizeof result);
        hh_loudness_destroy(l);
    }
    for (int level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        HhContextParams p = HH_CONTEXT_PARAMS_INIT;
        HhContext *context;
        HhLoudnessResult result;
        p.cpu_level = (HhCpuLevel)level;
        p.threads = 3;
        assert_int_equal(hh_context_create(&p, &context), HH_OK);
        assert_int_equal(hh_loudness(context, signal, NULL, &result), HH_OK);
        assert_memory_equal(&result, &expected, sizeof result);
        hh_context_destroy(context);
    }
    free_sound(&s);
}

static void history_has_a_row_per_100_ms(void **state)
{
    (void)state;
    Sound s = make_sound(1, 44100, 6.05);
    add_sine(&s, 0, 0, 7, 1000.0, -10.0);
    const HhSignal *signal = view(&s);
    HhLoudness *l;
    HhLoudnessResult result;
    HhArray levels;
    assert_int_equal(hh_loudness_create(NULL, 44100, 1, NULL, &l), HH_OK);
    assert_int_equal(hh_loudness_push(l, signal->channel, signal->length), HH_OK);
    assert_int_equal(hh_loudness_result(l, &result), HH_OK);
    assert_int_equal(hh_loudness_history(l, &levels), HH_OK);
    assert_int_equal(levels.shape[0], 60);
    assert_int_equal(levels.shape[1], 2);
    const float *row = levels.data;
    assert_near((double)row[2 * 59], result.integrated_lufs, 0.01);
    assert_near((double)row[2 * 59 + 1], result.integrated_lufs, 0.01);
    assert_near((double)row[0], result.integrated_lufs - 6.02, 0.1); /* one part of four */
    hh_array_free(&levels);
    hh_loudness_destroy(l);
    free_sound(&s);
}

/* ---- edges ---- */

static void silence_and_short_sounds(void **state)
{
    (void)state;
    Sound s = make_sound(2, 44100, 5.0);
    HhLoudnessResult r = measure(&s);
    assert_true(isinf(r.integrated_lufs) && r.integrated_lufs < 0.0);
    assert_true(isinf(r.sample_peak_dbfs) && isinf(r.true_peak_dbtp) &&
                isinf(r.momentary_max_lufs));
    assert_true(isnan(r.range_lu));
    /* A range takes two short-term levels: 3 s and one second more, or two that pass the gates. */
    fill_noise(&s, 0.5);
    const double seconds[] = {2.9, 3.0, 3.1, 3.9, 4.0, 4.1, 5.0};
    for (size_t i = 0; i < HH_COUNT(seconds); i++) {
        s.signal.length = (size_t)(seconds[i] * 44100.0 + 0.5);
        assert_true(isnan(measure(&s).range_lu) == (seconds[i] < 4.0));
    }
    for (int c = 0; c < 2; c++) memset(s.plane[c], 0, 4 * 44100 * sizeof(float));
    r = measure(&s);
    assert_true(isfinite(r.integrated_lufs) && isnan(r.range_lu));
    for (int c = 0; c < 2; c++) memset(s.plane[c], 0, 5 * 44100 * sizeof(float));
    s.plane[0][0] = 0.5f;
    s.signal.length = 1;
    r = measure(&s);
    assert_near(r.sample_peak_dbfs, -6.02, 0.01);
    assert_near(r.true_peak_dbtp, -6.02, 0.01);
    assert_true(isnan(r.integrated_lufs) && isnan(r.momentary_max_lufs) && isnan(r.range_lu));
    s.signal.length = 0;
    assert_int_equal(hh_loudness(NULL, view(&s), NULL, &r), HH_ERROR_EMPTY);
    s.signal.length = 44100;
    s.plane[1][44000] = NAN;
    assert_int_equal(hh_loudness(NULL, view(&s), NULL, &r), HH_ERROR_NOT_FINITE);
    s.plane[1][44000] = -INFINITY;
    assert_int_equal(hh_loudness(NULL, view(&s), NULL, &r), HH_ERROR_NOT_FINITE);
    free_sound(&s);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    HhLoudness *l;
    HhLoudnessParams params;
    HhLoudnessResult r;
    hh_loudness_defaults(&params);
    assert_int_equal(hh_loudness_create(NULL, (double)NAN, 1, NULL, &l), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_create(NULL, 44100, 0, NULL, &l), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_create(NULL, 44100, 65, NULL, &l), HH_ERROR_ARGUMENT);
    params.size = 1000;
    assert_int_equal(hh_loudness_create(NULL, 44100, 1, &params, &l), HH_ERROR_ARGUMENT);
    assert_null(l);
    assert_int_equal(hh_loudness_create(NULL, 44100, 1, NULL, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness(NULL, NULL, NULL, &r), HH_ERROR_ARGUMENT);
    float x[8] = {0.0f};
    const float *planes[] = {x, NULL};
    HhSignal signal = {planes, 2, 8, 44100.0};
    assert_int_equal(hh_loudness(NULL, &signal, NULL, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness(NULL, &signal, NULL, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_create(NULL, 44100, 2, NULL, &l), HH_OK);
    assert_int_equal(hh_loudness_push(l, planes, 8), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_push(l, NULL, 8), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_push(l, planes, 0), HH_OK);
    hh_loudness_destroy(l);
    signal.channel = NULL;
    assert_int_equal(hh_loudness(NULL, &signal, NULL, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_push(NULL, NULL, 0), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_result(NULL, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_loudness_history(NULL, NULL), HH_ERROR_ARGUMENT);
    hh_loudness_destroy(NULL);
}

static long left;

static void *limited_allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    void *memory = NULL;
    return left-- > 0 && posix_memalign(&memory, alignment, bytes) == 0 ? memory : NULL;
}

static void limited_release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static void out_of_memory_is_reported(void **state)
{
    (void)state;
    Sound s = make_sound(1, 4000, 500.0); /* 5000 parts: the list grows once */
    fill_noise(&s, 0.5);
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.allocator = (HhAllocator){limited_allocate, limited_release, NULL};
    HhStatus status = HH_ERROR_MEMORY;
    for (long limit = 1; status != HH_OK; limit++) {
        HhContext *context;
        HhLoudnessResult r;
        left = limit;
        assert_true(limit < 20);
        assert_int_equal(hh_context_create(&p, &context), HH_OK);
        status = hh_loudness(context, view(&s), NULL, &r);
        assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
        hh_context_destroy(context);
    }
    free_sound(&s);
}

/* ---- libebur128 ---- */

#ifdef HAVE_EBUR128
static void compare_with_ebur128(const HhSignal *s)
{
    HhLoudnessResult r;
    assert_int_equal(hh_loudness(NULL, s, NULL, &r), HH_OK);
    size_t channels = (size_t)s->channels;
    float *mixed = malloc(s->length * channels * sizeof *mixed);
    assert_non_null(mixed);
    for (size_t n = 0; n < s->length; n++)
        for (size_t c = 0; c < channels; c++) mixed[n * channels + c] = s->channel[c][n];
    ebur128_state *e = ebur128_init((unsigned)channels, (unsigned long)s->rate,
                                    EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK |
                                        EBUR128_MODE_SAMPLE_PEAK);
    assert_non_null(e);
    assert_int_equal(ebur128_add_frames_float(e, mixed, s->length), EBUR128_SUCCESS);
    double integrated, range, peak = 0.0, one;
    assert_int_equal(ebur128_loudness_global(e, &integrated), EBUR128_SUCCESS);
    assert_int_equal(ebur128_loudness_range(e, &range), EBUR128_SUCCESS);
    for (unsigned c = 0; c < channels; c++) {
        assert_int_equal(ebur128_true_peak(e, c, &one), EBUR128_SUCCESS);
        peak = fmax(peak, one);
    }
    if (isfinite(integrated))
        assert_near(r.integrated_lufs, integrated, 0.001);
    else
        assert_false(isfinite(r.integrated_lufs));
    if (isnan(r.range_lu))
        assert_near(range, 0.0, 0.0);
    else
        assert_near(r.range_lu, range, 0.001);
    if (peak > 0.0) assert_near(r.true_peak_dbtp, 20.0 * log10(peak), 0.001);
    ebur128_destroy(&e);
    free(mixed);
}

static void agrees_with_ebur128(void **state)
{
    (void)state;
    static const double rates[] = {8000, 11025, 22050, 44100, 48000, 96000, 192000};
    for (size_t i = 0; i < HH_COUNT(rates); i++)
        for (int channels = 1; channels <= 6; channels++) {
            Sound s = make_sound(channels, rates[i], 6.3);
            fill_noise(&s, 0.8);
            /* Loud and soft seconds for the gates and the range. */
            for (size_t n = 0; n < s.signal.length; n++)
                for (int c = 0; c < channels; c++)
                    s.plane[c][n] *=
                        (float)pow(0.1, fmod(floor((double)n / rates[i]) * 0.7 + 0.3 * c, 2.3));
            compare_with_ebur128(view(&s));
            free_sound(&s);
        }
}

/* Real sound: every file below the folder in HEIHACHI_AUDIO. */
static size_t compare_folder(const char *path)
{
    size_t compared = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        char child[4096];
        HhAudio audio;
        if (entry->d_name[0] == '.' ||
            snprintf(child, sizeof child, "%s/%s", path, entry->d_name) >= (int)sizeof child)
            continue;
        compared += compare_folder(child);
        if (hh_decode_file(NULL, child, NULL, &audio) != HH_OK) continue;
        /* the long ones are measured elsewhere */
        if (audio.signal.length < 4000000) {
            compare_with_ebur128(&audio.signal);
            compared++;
        }
        hh_audio_free(&audio);
    }
    if (dir) (void)closedir(dir);
    return compared;
}

static void agrees_with_ebur128_on_real_sound(void **state)
{
    (void)state;
    const char *folder = getenv("HEIHACHI_AUDIO");
    if (!folder) SKIP("HEIHACHI_AUDIO names no folder of music");
    size_t compared = compare_folder(folder);
    print_message("%zu files\n", compared);
    assert_true(compared > 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tech_3341),
        cmocka_unit_test(surround_weights),
        cmocka_unit_test(tech_3342),
        cmocka_unit_test(peaks_between_samples),
        cmocka_unit_test(agrees_with_the_tables_at_48_khz),
        cmocka_unit_test(any_rate),
        cmocka_unit_test(skipping_does_not_change_the_peak),
        cmocka_unit_test(pieces_and_levels_do_not_matter),
        cmocka_unit_test(history_has_a_row_per_100_ms),
        cmocka_unit_test(silence_and_short_sounds),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(out_of_memory_is_reported),
#ifdef HAVE_EBUR128
        cmocka_unit_test(agrees_with_ebur128),
        cmocka_unit_test(agrees_with_ebur128_on_real_sound),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
