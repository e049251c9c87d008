/* engine: one result for any chunk, thread count and CPU level; bounded memory; cancellation; odd
 * input. */
#include "test.h"

#include <fcntl.h>

#include "base/spool.h"
#include "fingerprint/bands.h"
#include "engine/image.h"
#include "engine/rows.h"
#include "heihachi/engine.h"

#define RATE 44100.0

/* Drums, bass and a chord: enough for every feature to have something to say. */
static float **music(int channels, size_t n)
{
    float **x = malloc((size_t)channels * sizeof *x);
    uint64_t seed = 3;
    for (int c = 0; c < channels; c++) x[c] = malloc(n * sizeof **x);
    for (size_t i = 0; i < n; i++) {
        double t = (double)i / RATE, beat = fmod(t, 60.0 / 174.0),
               drum = 0.5 * test_noise(&seed) * exp(-40 * beat);
        double tone = 0.08 * sin(6.283185307 * 55 * t);
        const double chord[3] = {220.0, 261.63, 329.63};
        for (int k = 0; k < 3; k++) tone += 0.1 * sin(6.283185307 * chord[k] * t);
        for (int c = 0; c < channels; c++) x[c][i] = (float)(drum + tone * (c ? 0.8 : 1.0));
    }
    return x;
}

static void release(float **x, int channels)
{
    for (int c = 0; c < channels; c++) free(x[c]);
    free(x);
}

static HhAnalysis *analyse(const HhSignal *signal, unsigned features, bool images, size_t chunk,
                           int threads, HhCpuLevel level, HhContext **context, size_t memory)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = threads;
    p.cpu_level = level;
    assert_int_equal(hh_context_create(&p, context), HH_OK);
    HhAnalyseParams a;
    hh_analyse_defaults(&a);
    a.features = features;
    a.images = images;
    a.chunk = chunk;
    a.memory = memory;
    HhAnalysis *analysis;
    HhStatus status = hh_analyse_signal(*context, signal, &a, &analysis);
    if (status != HH_OK) print_error("%s\n", hh_context_message(*context));
    assert_int_equal(status, HH_OK);
    return analysis;
}

static void assert_same(const HhAnalysis *a, const HhAnalysis *b)
{
    assert_memory_equal(&a->loudness, &b->loudness, sizeof a->loudness);
    assert_memory_equal(&a->fingerprint, &b->fingerprint, sizeof a->fingerprint);
    assert_memory_equal(&a->spectral, &b->spectral, sizeof a->spectral);
    assert_memory_equal(&a->separation, &b->separation, sizeof a->separation);
    assert_string_equal(a->harmony.key, b->harmony.key);
    assert_memory_equal(a->harmony.chroma, b->harmony.chroma, sizeof a->harmony.chroma);
    assert_true(a->harmony.tuning == b->harmony.tuning ||
                (isnan(a->harmony.tuning) && isnan(b->harmony.tuning)));
    assert_int_equal(a->rhythm.beats, b->rhythm.beats);
    assert_int_equal(a->rhythm.onsets, b->rhythm.onsets);
    if (a->rhythm.beats)
        assert_memory_equal(a->rhythm.beats_s, b->rhythm.beats_s, a->rhythm.beats * sizeof(double));
    assert_int_equal(a->series_count, b->series_count);
    for (size_t i = 0; i < a->series_count; i++) {
        assert_string_equal(a->series[i].name, b->series[i].name);
        assert_int_equal(hh_array_count(&a->series[i].values),
                         hh_array_count(&b->series[i].values));
        assert_memory_equal(a->series[i].values.data, b->series[i].values.data,
                            hh_array_count(&a->series[i].values) * sizeof(float));
    }
    assert_int_equal(a->image_count, b->image_count);
    for (size_t i = 0; i < a->image_count; i++) {
        assert_int_equal(a->images[i].columns, b->images[i].columns);
        assert_memory_equal(a->images[i].values, b->images[i].values,
                            a->images[i].columns * a->images[i].rows * sizeof(float));
    }
}

static void same_bytes_however_it_runs(void **state)
{
    (void)state;
    const size_t n = 300001;
    float **x = music(2, n);
    const HhSignal signal = {(const float *const *)x, 2, n, RATE};
    HhContext *contexts[2];
    HhAnalysis *want = analyse(&signal, HH_FEATURES_FULL, true, 128, 1, HH_CPU_BEST, &contexts[0],
                               (size_t)32 << 20);
    assert_true(want->series_count >= 14 && want->image_count == 7);
    assert_string_equal(want->harmony.key, "A minor");
    const struct {
        size_t chunk;
        int threads;
        HhCpuLevel level;
        size_t memory;
    } runs[] = {
        {1, 1, HH_CPU_BEST, (size_t)32 << 20},
        {48, 3, HH_CPU_BEST, (size_t)32 << 20},
        {65536, 2, HH_CPU_BEST, (size_t)32 << 20},
        {128, 1, HH_CPU_BASE, 0},
        {128, 2, HH_CPU_X86_V3, 0},
    };
    for (size_t i = 0; i < HH_COUNT(runs); i++) {
        HhAnalysis *got = analyse(&signal, HH_FEATURES_FULL, true, runs[i].chunk, runs[i].threads,
                                  runs[i].level, &contexts[1], runs[i].memory);
        assert_same(want, got);
        hh_analysis_destroy(got);
        hh_context_destroy(contexts[1]);
    }
    hh_analysis_destroy(want);
    hh_context_destroy(contexts[0]);
    release(x, 2);
}

static void each_feature_alone_gives_what_all_give(void **state)
{
    (void)state;
    const size_t n = 200000;
    float **x = music(1, n);
    const HhSignal signal = {(const float *const *)x, 1, n, RATE};
    HhContext *contexts[2];
    HhAnalysis *all =
        analyse(&signal, HH_FEATURES_FULL, false, 128, 1, HH_CPU_BEST, &contexts[0], 1 << 20);
    for (unsigned bit = HH_FEATURE_LOUDNESS; bit <= HH_FEATURE_FINGERPRINT; bit <<= 1) {
        HhAnalysis *one = analyse(&signal, bit, false, 128, 1, HH_CPU_BEST, &contexts[1], 1 << 20);
        assert_int_equal(one->features, bit);
        for (size_t i = 0; i < one->series_count; i++) {
            const HhSeries *same = hh_analysis_series(all, one->series[i].name);
            assert_non_null(same);
            assert_memory_equal(same->values.data, one->series[i].values.data,
                                hh_array_count(&same->values) * sizeof(float));
        }
        if (bit == HH_FEATURE_FINGERPRINT)
            assert_memory_equal(&one->fingerprint, &all->fingerprint, sizeof one->fingerprint);
        if (bit == HH_FEATURE_LOUDNESS) {
            assert_memory_equal(&one->loudness, &all->loudness, sizeof one->loudness);
            assert_true(isnan(one->rhythm.tempo_bpm) && one->fingerprint.version == 0);
            assert_int_equal(one->fingerprint.status[0], HH_FP_ABSENT);
            assert_null(hh_analysis_series(one, "chroma"));
        }
        hh_analysis_destroy(one);
        hh_context_destroy(contexts[1]);
    }
    hh_analysis_destroy(all);
    hh_context_destroy(contexts[0]);
    release(x, 1);
}

static void one_fingerprint_at_every_rate(void **state)
{
    (void)state;
    /* The same sines, made at 44.1, 48, 88.2 and 96 kHz. */
    const double rates[] = {44100, 48000, 88200, 96000};
    HhFingerprint prints[4];
    for (int r = 0; r < 4; r++) {
        size_t n = (size_t)(13 * rates[r]); /* too long to be transformed whole for the bands */
        float *x = malloc(n * sizeof *x);
        for (size_t i = 0; i < n; i++) {
            double t = (double)i / rates[r];
            x[i] = (float)((0.3 + 0.2 * sin(6.283185307 * 2.5 * t)) *
                           (sin(6.283185307 * 110 * t) + 0.5 * sin(6.283185307 * 1318.5 * t) +
                            0.2 * sin(6.283185307 * 5274 * t)));
        }
        const float *plane = x;
        const HhSignal signal = {&plane, 1, n, rates[r]};
        HhContext *context;
        HhAnalysis *a =
            analyse(&signal, HH_FEATURE_FINGERPRINT, false, 128, 1, HH_CPU_BEST, &context, 1 << 24);
        prints[r] = a->fingerprint;
        hh_analysis_destroy(a);
        hh_context_destroy(context);
        free(x);
    }
    /* Of these sines 1 / 1.29 of the energy is at 110 Hz, the others are at 1318 and 5274 Hz. */
    const double shares[HH_BANDS] = {0, 1 / 1.29, 0, 0.25 / 1.29, 0, 0.04 / 1.29, 0};
    for (int b = 0; b < HH_BANDS; b++) assert_true(fabs(prints[0].values[b] - shares[b]) < 2e-3);
    for (int r = 1; r < 4; r++)
        for (int i = 0; i < HH_FP_COUNT; i++) {
            if (prints[0].status[i] != HH_FP_OK) continue;
            double scale = i == HH_FP_LOUDNESS || i == HH_FP_CREST || i == HH_FP_BASS_MID_RATIO ||
                                   i == HH_FP_TEMPO
                               ? 1
                               : 0.1;
            if (!(fabs(prints[r].values[i] - prints[0].values[i]) <= 0.02 * scale))
                print_error("%s: %g at 44100, %g at %g\n", hh_fingerprint_name(i),
                            prints[0].values[i], prints[r].values[i], rates[r]);
            assert_true(fabs(prints[r].values[i] - prints[0].values[i]) <= 0.02 * scale);
        }
}

static void next_to_nothing_has_an_answer(void **state)
{
    (void)state;
    const size_t lengths[] = {1, 100, 2047, 5000, 44100};
    float *zeros = calloc(44100, sizeof *zeros), *ones = malloc(44100 * sizeof *ones);
    float *faint = malloc(44100 * sizeof *faint); /* squares of it are 0 in float */
    for (size_t i = 0; i < 44100; i++) ones[i] = i % 2 ? 1.0f : -1.0f;
    for (size_t i = 0; i < 44100; i++) faint[i] = 1e-40f * ones[i];
    const float *planes[3] = {zeros, ones, faint};
    for (size_t l = 0; l < HH_COUNT(lengths); l++)
        for (int kind = 0; kind < 3; kind++) {
            const HhSignal signal = {&planes[kind], 1, lengths[l], RATE};
            HhContext *context;
            HhAnalysis *a =
                analyse(&signal, HH_FEATURES_FULL, true, 128, 1, HH_CPU_BEST, &context, 0);
            assert_true(a->input.samples == lengths[l]);
            for (int i = 0; i < HH_FP_COUNT; i++)
                assert_true(isfinite(a->fingerprint.values[i]) ==
                            (a->fingerprint.status[i] == HH_FP_OK ||
                             a->fingerprint.status[i] == HH_FP_ABOVE_NYQUIST));
            for (int i = 0; kind == 2 && i < HH_BANDS; i++)
                assert_int_equal(a->fingerprint.status[i], HH_FP_SILENT);
            if (kind == 0) {
                assert_string_equal(a->harmony.key, "unknown");
                assert_true(isnan(a->rhythm.tempo_bpm));
                assert_int_equal(a->fingerprint.status[HH_FP_LOUDNESS],
                                 lengths[l] < 17640 ? HH_FP_TOO_SHORT : HH_FP_SILENT);
                assert_int_equal(a->fingerprint.status[HH_FP_TEMPO], HH_FP_SILENT);
                assert_int_equal(a->fingerprint.status[HH_FP_RHYTHM_STABILITY], HH_FP_SILENT);
            }
            hh_analysis_destroy(a);
            hh_context_destroy(context);
        }
    free(zeros);
    free(ones);
    free(faint);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    HhContext *context;
    HhAnalysis *a = (HhAnalysis *)1;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    float x[100] = {0};
    const float *plane = x;
    HhSignal signal = {&plane, 1, 0, RATE};
    assert_int_equal(hh_analyse_signal(context, &signal, NULL, &a), HH_ERROR_EMPTY);
    assert_null(a);
    signal.length = 100;
    signal.rate = 10;
    assert_int_equal(hh_analyse_signal(context, &signal, NULL, &a), HH_ERROR_ARGUMENT);
    signal.rate = RATE;
    x[50] = NAN;
    assert_int_equal(hh_analyse_signal(context, &signal, NULL, &a), HH_ERROR_NOT_FINITE);
    assert_non_null(strstr(hh_context_message(context), "50"));
    x[50] = -1e18f;
    assert_int_equal(hh_analyse_signal(context, &signal, NULL, &a), HH_ERROR_FORMAT);
    assert_non_null(strstr(hh_context_message(context), "sample 50 of channel 1"));
    assert_int_equal(hh_analyse_signal(context, NULL, NULL, &a), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_analyse_file(context, "/nonexistent/track.wav", NULL, &a), HH_ERROR_OPEN);
    assert_non_null(strstr(hh_context_message(context), "/nonexistent/track.wav"));
    assert_null(a);
    unsigned features;
    assert_int_equal(hh_features_parse(context, "rhythm,loudness", &features), HH_OK);
    assert_int_equal(features, HH_FEATURE_RHYTHM | HH_FEATURE_LOUDNESS);
    assert_int_equal(hh_features_parse(context, "all", &features), HH_OK);
    assert_int_equal(features, HH_FEATURES_FULL);
    assert_int_equal(hh_features_parse(context, "rhythm,groove", &features), HH_ERROR_ARGUMENT);
    assert_non_null(strstr(hh_context_message(context), "groove"));
    assert_int_equal(hh_features_parse(context, "", &features), HH_ERROR_ARGUMENT);
    HhAnalyseParams p;
    hh_analyse_defaults(&p);
    p.features = 1u << 30;
    x[50] = 0;
    assert_int_equal(hh_analyse_signal(context, &signal, &p, &a), HH_ERROR_ARGUMENT);
    hh_analyse_defaults(&p);
    p.chunk = 0;
    assert_int_equal(hh_analyse_signal(context, &signal, &p, &a), HH_ERROR_ARGUMENT);
    hh_analysis_destroy(NULL);
    hh_context_destroy(context);
}

static bool stop_after_one_second(void *user, double done_s, double total_s)
{
    assert_true(total_s > 9.9 && total_s < 10.1);
    *(int *)user += 1;
    return done_s < 1.0;
}

static void cancelling_stops(void **state)
{
    (void)state;
    const size_t n = 441000;
    float **x = music(1, n);
    const HhSignal signal = {(const float *const *)x, 1, n, RATE};
    HhAnalyseParams p;
    int calls = 0;
    hh_analyse_defaults(&p);
    p.chunk = 16;
    p.progress = stop_after_one_second;
    p.progress_user = &calls;
    HhAnalysis *a;
    assert_int_equal(hh_analyse_signal(NULL, &signal, &p, &a), HH_ERROR_CANCELLED);
    assert_null(a);
    assert_true(calls >= 2 && calls < 20);
    release(x, 1);
}

/* An allocator that fails at the n-th call: every failure is reported, nothing leaks, nothing
 * crashes. */
typedef struct Failing {
    long left, live;
} Failing;

static void *failing_allocate(void *user, size_t alignment, size_t bytes)
{
    Failing *f = user;
    void *memory = NULL;
    if (f->left-- <= 0 || posix_memalign(&memory, alignment, bytes) != 0) return NULL;
    f->live++;
    return memory;
}

static void failing_release(void *user, void *memory)
{
    if (memory) ((Failing *)user)->live--;
    free(memory);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    const size_t n = 12000;
    float **x = music(2, n);
    const HhSignal signal = {(const float *const *)x, 2, n, 48000};
    for (long budget = 1;; budget += budget < 200 ? 1 : 37) {
        Failing failing = {budget, 0};
        HhContextParams p = HH_CONTEXT_PARAMS_INIT;
        p.allocator = (HhAllocator){failing_allocate, failing_release, &failing};
        HhContext *context;
        assert_int_equal(hh_context_create(&p, &context), HH_OK);
        HhAnalyseParams params;
        hh_analyse_defaults(&params);
        params.features = HH_FEATURES_FULL;
        params.images = true;
        HhAnalysis *a;
        HhStatus status = hh_analyse_signal(context, &signal, &params, &a);
        if (status == HH_OK)
            hh_analysis_destroy(a);
        else
            assert_int_equal(status, HH_ERROR_MEMORY);
        hh_context_destroy(context);
        assert_int_equal(failing.live, 0);
        if (status == HH_OK) break;
    }
    release(x, 2);
}

/* Open descriptors that a child process would inherit. */
static int inherited_descriptors(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++) {
        int flags = fcntl(i, F_GETFD);
        count += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return count;
}

static void spool_keeps_what_it_was_given(void **state)
{
    (void)state;
    const int inherited = inherited_descriptors();
    const size_t budgets[] = {0, (size_t)2 << 20, (size_t)1 << 30};
    for (size_t b = 0; b < HH_COUNT(budgets); b++) {
        HhSpoolBudget budget = {budgets[b]};
        HhSpool *spool;
        assert_int_equal(hh_spool_create(NULL, &budget, &spool), HH_OK);
        unsigned char piece[70001];
        size_t total = 0;
        for (int i = 0; i < 90; i++) {
            for (size_t k = 0; k < sizeof piece; k++)
                piece[k] = (unsigned char)((total + k) * 31 >> 3);
            assert_int_equal(hh_spool_append(spool, piece, sizeof piece), HH_OK);
            total += sizeof piece;
        }
        assert_int_equal(hh_spool_bytes(spool), total);
        assert_int_equal(inherited_descriptors(), inherited);
        for (size_t at = 0; at + sizeof piece <= total; at += 123457) {
            assert_int_equal(hh_spool_read(spool, at, sizeof piece, piece), HH_OK);
            for (size_t k = 0; k < sizeof piece; k++)
                assert_int_equal(piece[k], (unsigned char)((at + k) * 31 >> 3));
        }
        assert_int_equal(hh_spool_read(spool, total - 1, 2, piece), HH_ERROR_INTERNAL);
        hh_spool_destroy(spool);
    }
    setenv("TMPDIR", "/nonexistent/folder", 1);
    HhSpoolBudget none = {0};
    HhSpool *spool;
    unsigned char *large = calloc(3, (size_t)1 << 20);
    assert_int_equal(hh_spool_create(NULL, &none, &spool), HH_OK);
    assert_int_equal(hh_spool_append(spool, large, (size_t)3 << 20), HH_ERROR_WRITE);
    hh_spool_destroy(spool);
    hh_spool_destroy(NULL);
    unsetenv("TMPDIR");
    free(large);
}

static void images_stay_small(void **state)
{
    (void)state;
    const size_t counts[] = {1, 4095, 4096, 5000, 100000};
    for (size_t c = 0; c < HH_COUNT(counts); c++) {
        HhImageBuilder mean, extremes;
        HhImage a = {0}, b = {0};
        assert_int_equal(hh_image_begin(NULL, &mean, 1, HH_IMAGE_MEAN), HH_OK);
        assert_int_equal(hh_image_begin(NULL, &extremes, 2, HH_IMAGE_MIN_MAX), HH_OK);
        for (size_t i = 0; i < counts[c]; i++) {
            float v = (float)i, pair[2] = {-(float)i, (float)i};
            hh_image_add(&mean, &v);
            hh_image_add(&extremes, pair);
        }
        hh_image_finish(&mean, 0.5, &a);
        hh_image_finish(&extremes, 0.5, &b);
        assert_true(a.columns <= HH_IMAGE_COLUMNS && a.columns == b.columns);
        size_t group = (size_t)(a.column_s / 0.5);
        assert_int_equal((counts[c] + group - 1) / group, a.columns);
        for (size_t i = 0; i < a.columns; i++) {
            size_t first = i * group, last = HH_MIN(first + group, counts[c]) - 1;
            assert_true(fabs((double)a.values[i] - 0.5 * (double)(first + last)) <= 1e-3);
            assert_true(b.values[2 * i] == -(float)last && b.values[2 * i + 1] == (float)last);
        }
        hh_free(NULL, a.values);
        hh_free(NULL, b.values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_however_it_runs),
        cmocka_unit_test(each_feature_alone_gives_what_all_give),
        cmocka_unit_test(one_fingerprint_at_every_rate),
        cmocka_unit_test(next_to_nothing_has_an_answer),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(cancelling_stops),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(spool_keeps_what_it_was_given),
        cmocka_unit_test(images_stay_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
