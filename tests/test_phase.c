/* The functions of heihachi/phase.h, and autocorrelation, against their definitions in double;
 * every level and number of threads; bad input; failing memory. */
#include "test.h"

#include "heihachi/phase.h"

static const double pi = 3.14159265358979323846;

/* ---- sounds */

enum { LENGTH = 6000, CHANNELS = 2 };

static float planes[CHANNELS][LENGTH];
static double planes_f64[CHANNELS][LENGTH];
static const float *plane_list[CHANNELS] = {planes[0], planes[1]};

static int make_sound(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int n = 0; n < LENGTH; n++) {
        planes_f64[0][n] = 0.5 * sin(0.05 * n) + 0.3 * test_noise(&seed) * exp(-(n % 3000) / 500.0);
        planes_f64[1][n] = 0.2 * test_noise(&seed);
        for (int c = 0; c < CHANNELS; c++) planes[c][n] = (float)planes_f64[c][n];
    }
    return 0;
}

static HhSignal sound(size_t length)
{
    return (HhSignal){
        .channel = plane_list, .channels = CHANNELS, .length = length, .rate = 22050.0};
}

static HhArray view(HhType type, size_t channels, size_t frames, size_t bins, const void *data)
{
    return (HhArray){.type = type,
                     .dimensions = 3,
                     .shape = {channels, frames, bins},
                     .data = (void *)(uintptr_t)data};
}

/* ---- phase vocoder */

enum { FRAMES = 40, BINS = 300, STEPS = 80 };

static float spectrum_f32[CHANNELS][FRAMES][BINS][2];
static double spectrum_f64[CHANNELS][FRAMES][BINS][2];

static void make_spectrum(void)
{
    uint64_t seed = 7;
    for (int i = 0; i < CHANNELS * FRAMES * BINS * 2; i++) {
        double value = i % 97 < 2 ? 0.0 : test_noise(&seed);
        (&spectrum_f32[0][0][0][0])[i] = (float)value;
        (&spectrum_f64[0][0][0][0])[i] = (double)(float)value;
    }
}

/* One bin of one channel by the definition; with `narrow`, angles and the running phase are
 * rounded to float. */
static void vocode(int channel, int bin, double rate, double advance, bool narrow, size_t steps,
                   double (*out)[2])
{
    double phase = 0.0;
    for (size_t t = 0; t < steps; t++) {
        double at = (double)t * rate, angle[2] = {0}, magnitude[2] = {0};
        for (size_t j = 0; j < 2; j++) {
            size_t column = (size_t)at + j;
            if (column >= FRAMES) continue;
            const double *x = spectrum_f64[channel][column][bin];
            angle[j] = atan2(x[1], x[0]);
            magnitude[j] = hypot(x[0], x[1]);
            if (narrow) angle[j] = (double)(float)angle[j];
        }
        if (t == 0) phase = angle[0];
        double between = at - floor(at);
        double size = (1.0 - between) * magnitude[0] + between * magnitude[1];
        out[t][0] = size * cos(phase);
        out[t][1] = size * sin(phase);
        double step = angle[1] - angle[0];
        if (narrow) step = (double)(float)step;
        step -= advance;
        phase += advance + (step - 2.0 * pi * rint(step / (2.0 * pi)));
        if (narrow) phase = (double)(float)phase;
    }
}

static void the_vocoder_is_its_definition(void **state)
{
    (void)state;
    make_spectrum();
    const struct {
        double rate;
        size_t n_fft, hop, steps;
    } cases[] = {{1.0, 0, 0, 40}, {1.7, 599, 100, 24}, {0.5, 598, 1, 80}, {100.0, 0, 64, 1}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int narrow = 0; narrow < 2; narrow++) {
            HhArray x = narrow ? view(HH_COMPLEX64, CHANNELS, FRAMES, BINS, spectrum_f32)
                               : view(HH_COMPLEX128, CHANNELS, FRAMES, BINS, spectrum_f64);
            HhArray out = HH_ARRAY_INIT;
            HhPhaseVocoderParams p;
            hh_phase_vocoder_defaults(&p);
            p.rate = cases[i].rate;
            p.n_fft = cases[i].n_fft;
            p.hop_length = cases[i].hop;
            assert_int_equal(hh_phase_vocoder(NULL, &x, &p, &out), HH_OK);
            size_t steps = cases[i].steps;
            assert_true(out.type == x.type && out.dimensions == 3 && out.shape[0] == CHANNELS &&
                        out.shape[1] == steps && out.shape[2] == BINS);
            double worst = 0.0, truth[STEPS][2];
            for (int c = 0; c < CHANNELS; c++)
                for (int k = 0; k < BINS; k++) {
                    double n_fft = cases[i].n_fft ? (double)cases[i].n_fft : 2.0 * (BINS - 1);
                    double hop = cases[i].hop ? (double)cases[i].hop : floor(n_fft / 4.0);
                    vocode(c, k, p.rate, hop * 2.0 * pi * k / n_fft, narrow, steps, truth);
                    for (size_t t = 0; t < steps; t++)
                        for (size_t j = 0; j < 2; j++) {
                            size_t at = 2 * (((size_t)c * steps + t) * BINS + (size_t)k) + j;
                            double got = narrow ? (double)((const float *)out.data)[at]
                                                : ((const double *)out.data)[at];
                            worst = fmax(worst, fabs(got - truth[t][j]));
                        }
                }
            /* in float the running phase reaches 3e4, whose last place is 2e-3 */
            assert_true(worst <= (narrow ? 4e-3 : 1e-10));
            hh_array_free(&out);
        }
}

/* A steady sine stays one, at every speed. */
static void the_vocoder_keeps_the_pitch(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    static float sine[LENGTH];
    const float *list[] = {sine};
    for (int n = 0; n < LENGTH; n++) sine[n] = (float)sin(2.0 * pi * 0.04 * n);
    y.channel = list;
    y.channels = 1;
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = 512;
    HhIstftParams back;
    hh_istft_defaults(&back);
    for (double rate = 0.4; rate < 2.0; rate += 0.35) {
        HhArray x = HH_ARRAY_INIT, other = HH_ARRAY_INIT, out = HH_ARRAY_INIT;
        assert_int_equal(hh_stft(NULL, &y, &stft, &x), HH_OK);
        HhPhaseVocoderParams p;
        hh_phase_vocoder_defaults(&p);
        p.rate = rate;
        assert_int_equal(hh_phase_vocoder(NULL, &x, &p, &other), HH_OK);
        assert_int_equal(hh_istft(NULL, &other, &back, &out), HH_OK);
        const float *z = out.data;
        size_t count = out.shape[1];
        assert_true(fabs((double)count - LENGTH / rate) < 300.0);
        /* x[n-1] + x[n+1] = 2 cos(w) x[n] for a sine of w radians a sample */
        double sum = 0.0, power = 0.0;
        for (size_t n = 600; n + 600 < count; n++) {
            sum += (double)z[n] * ((double)z[n - 1] + (double)z[n + 1]);
            power += (double)z[n] * (double)z[n];
        }
        assert_true(fabs(acos(sum / power / 2.0) - 2.0 * pi * 0.04) < 1e-4);
        hh_array_free(&x);
        hh_array_free(&other);
        hh_array_free(&out);
    }
}

static void the_vocoder_refuses(void **state)
{
    (void)state;
    HhArray out = HH_ARRAY_INIT, x = view(HH_COMPLEX64, 1, FRAMES, BINS, spectrum_f32);
    HhPhaseVocoderParams p;
#define REFUSES(STATUS, CHANGE)                                                                    \
    do {                                                                                           \
        HhArray other = x;                                                                         \
        hh_phase_vocoder_defaults(&p);                                                             \
        CHANGE;                                                                                    \
        assert_int_equal(hh_phase_vocoder(NULL, &other, &p, &out), STATUS);                        \
        assert_null(out.data);                                                                     \
    } while (0)
    REFUSES(HH_ERROR_ARGUMENT, p.rate = 0.0);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = -1.0);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = (double)NAN);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = (double)INFINITY);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = 1e-300);
    REFUSES(HH_ERROR_ARGUMENT, p.n_fft = 600);
    REFUSES(HH_ERROR_ARGUMENT, p.size = 4);
    REFUSES(HH_ERROR_ARGUMENT, other.type = HH_FLOAT32);
    REFUSES(HH_ERROR_ARGUMENT, other.dimensions = 2);
    REFUSES(HH_ERROR_ARGUMENT, other.shape[2] = 1);
    REFUSES(HH_ERROR_ARGUMENT, other.data = NULL);
    REFUSES(HH_ERROR_EMPTY, other.shape[0] = 0);
    REFUSES(HH_ERROR_EMPTY, other.shape[1] = 0);
    REFUSES(HH_ERROR_EMPTY, other.shape[2] = 0);
#undef REFUSES
    assert_int_equal(hh_phase_vocoder(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
}

/* ---- autocorrelation */

static void autocorrelation_is_its_definition(void **state)
{
    (void)state;
    const struct {
        size_t rows, length, most;
    } cases[] = {{1, 1, 0},    {2, 2, 0},     {1, 17, 5},     {3, 255, 0},    {2, 256, 0},
                 {1, 257, 0},  {2, 513, 514}, {1, 6000, 0},   {2, 6000, 700}, {1, 6000, 256},
                 {1, 6000, 1}, {40, 150, 0},  {2, 3000, 257}, {2, 3000, 511}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int narrow = 0; narrow < 2; narrow++) {
            size_t rows = cases[i].rows, length = cases[i].length;
            size_t lags = cases[i].most ? HH_MIN(cases[i].most, length) : length;
            const void *data = narrow ? (const void *)planes : (const void *)planes_f64;
            HhArray y = {.type = narrow ? HH_FLOAT32 : HH_FLOAT64,
                         .dimensions = 2,
                         .shape = {rows, length},
                         .data = (void *)(uintptr_t)data};
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_autocorrelate(NULL, &y, cases[i].most, &out), HH_OK);
            assert_true(out.type == y.type && out.dimensions == 2 && out.shape[0] == rows &&
                        out.shape[1] == lags);
            for (size_t r = 0; r < rows; r++) {
                double worst = 0.0, energy = 0.0;
                for (size_t lag = 0; lag < lags; lag++) {
                    double sum = 0.0;
                    for (size_t n = r * length; n + lag < (r + 1) * length; n++) {
                        const double *x = &planes_f64[0][0];
                        const float *z = &planes[0][0];
                        sum += narrow ? (double)z[n] * (double)z[n + lag] : x[n] * x[n + lag];
                    }
                    if (lag == 0) energy = sum;
                    size_t at = r * lags + lag;
                    double got = narrow ? (double)((const float *)out.data)[at]
                                        : ((const double *)out.data)[at];
                    worst = fmax(worst, fabs(got - sum));
                }
                assert_true(worst <= (narrow ? 6e-8 : 1e-14) * energy);
            }
            hh_array_free(&out);
        }
}

static void autocorrelation_of_odd_rows(void **state)
{
    (void)state;
    HhArray out = HH_ARRAY_INIT;
    float rows[3][700] = {{0}};
    rows[0][350] = NAN;
    rows[1][3] = 2.0f;
    rows[2][699] = INFINITY;
    HhArray y = {.type = HH_FLOAT32, .dimensions = 2, .shape = {3, 700}, .data = rows};
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_OK);
    const float *got = out.data;
    for (size_t lag = 0; lag < 700; lag++) {
        assert_true(isnan(got[lag]) && isnan(got[1400 + lag]));
        assert_true(fabsf(got[700 + lag] - (lag == 0 ? 4.0f : 0.0f)) < 1e-6f);
    }
    hh_array_free(&out);
    y.type = HH_COMPLEX64;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.type = HH_FLOAT32;
    y.dimensions = 1;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.dimensions = 2;
    y.data = NULL;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.data = rows;
    y.shape[1] = 0;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_EMPTY);
    y.shape[0] = 0;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_EMPTY);
    assert_int_equal(hh_autocorrelate(NULL, NULL, 0, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
}

/* ---- everything: same bytes for any level and number of threads, clean failure without memory */

typedef HhStatus Make(HhContext *context, const HhSignal *y, HhArray *out);

static HhStatus make_vocoder(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhPhaseVocoderParams p;
    hh_phase_vocoder_defaults(&p);
    p.rate = 0.7;
    HhArray x = view(HH_COMPLEX64, CHANNELS, FRAMES, BINS, spectrum_f32);
    return hh_phase_vocoder(context, &x, &p, out);
}

static HhStatus make_vocoder_f64(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhArray x = view(HH_COMPLEX128, CHANNELS, FRAMES, BINS, spectrum_f64);
    return hh_phase_vocoder(context, &x, NULL, out);
}

static HhStatus make_autocorrelation(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray x = {.type = HH_FLOAT32,
                 .dimensions = 2,
                 .shape = {CHANNELS, y->length},
                 .data = (void *)(uintptr_t)planes};
    return hh_autocorrelate(context, &x, 5000, out);
}

static HhStatus make_autocorrelation_f64(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray x = {.type = HH_FLOAT64,
                 .dimensions = 2,
                 .shape = {9, y->length / 9},
                 .data = (void *)(uintptr_t)planes_f64};
    return hh_autocorrelate(context, &x, 0, out);
}

static Make *const makers[] = {make_vocoder, make_vocoder_f64, make_autocorrelation,
                               make_autocorrelation_f64};

static void levels_and_threads_do_not_matter(void **state)
{
    (void)state;
    make_spectrum();
    HhSignal y = sound(LENGTH);
    for (size_t i = 0; i < HH_COUNT(makers); i++) {
        HhArray first = HH_ARRAY_INIT;
        for (int level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++)
            for (int threads = 1; threads <= 3; threads += 2) {
                HhContextParams p = HH_CONTEXT_PARAMS_INIT;
                p.threads = threads;
                p.cpu_level = (HhCpuLevel)level;
                HhContext *context;
                assert_int_equal(hh_context_create(&p, &context), HH_OK);
                HhArray out = HH_ARRAY_INIT;
                assert_int_equal(makers[i](context, &y, &out), HH_OK);
                if (first.data) {
                    assert_true(hh_array_count(&out) == hh_array_count(&first));
                    assert_memory_equal(out.data, first.data,
                                        hh_array_count(&out) * hh_type_bytes(out.type));
                    hh_array_free(&out);
                } else {
                    first = out;
                    first.owner = hh_allocator(NULL);
                }
                hh_context_destroy(context);
            }
        hh_array_free(&first);
    }
}

static long allocations, allowed;

static void *failing_allocate(void *user, size_t alignment, size_t bytes)
{
    HhAllocator normal = hh_allocator(NULL);
    (void)user;
    if (allowed-- <= 0) return NULL;
    allocations++;
    return normal.allocate(normal.user, alignment, bytes);
}

static void failing_release(void *user, void *memory)
{
    HhAllocator normal = hh_allocator(NULL);
    (void)user;
    allocations -= memory != NULL;
    normal.release(normal.user, memory);
}

static void out_of_memory_is_reported(void **state)
{
    (void)state;
    HhSignal y = sound(3000);
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.allocator = (HhAllocator){failing_allocate, failing_release, NULL};
    for (size_t i = 0; i < HH_COUNT(makers); i++) {
        HhStatus status = HH_ERROR_MEMORY;
        for (long n = 1; status != HH_OK; n++) {
            assert_true(n < 1000);
            allowed = n;
            HhContext *context;
            assert_int_equal(hh_context_create(&p, &context), HH_OK);
            HhArray out = HH_ARRAY_INIT;
            status = makers[i](context, &y, &out);
            if (status != HH_OK) {
                assert_int_equal(status, HH_ERROR_MEMORY);
                assert_null(out.data);
            }
            hh_array_free(&out);
            hh_context_destroy(context);
            assert_int_equal(allocations, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vocoder_is_its_definition),
        cmocka_unit_test(the_vocoder_keeps_the_pitch),
        cmocka_unit_test(the_vocoder_refuses),
        cmocka_unit_test(autocorrelation_is_its_definition),
        cmocka_unit_test(autocorrelation_of_odd_rows),
        cmocka_unit_test(levels_and_threads_do_not_matter),
        cmocka_unit_test(out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_sound, NULL);
}
