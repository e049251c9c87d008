/* kernel/vector: against libm and plain loops in double; the same bytes at every level. */
#include "test.h"

#include <float.h>

#include "kernel/elementary.h"
#include "kernel/kernels.h"

enum { MOST = 1 << 16, LEVELS = 3 };

static const HhKernels *levels[LEVELS];
static int level_count;

static int find_levels(void **state)
{
    (void)state;
    for (int level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        const HhKernels *k = hh_kernels_at((HhCpuLevel)level);
        if (k) levels[level_count++] = k;
    }
    return level_count > 0 ? 0 : -1;
}

static void fill_f32(float *x, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) x[i] = (float)test_noise(&seed);
}

static void fill_f64(double *x, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) x[i] = test_noise(&seed);
}

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- functions of one float: over bit patterns of the whole range, in ulp of the true value */

static double ulp_f32(double truth)
{
    int e;
    frexp(fmax(fabs(truth), (double)FLT_MIN), &e);
    return ldexp(1.0, e - 24);
}

static double ulp_f64(double truth)
{
    int e;
    frexp(fmax(fabs(truth), DBL_MIN), &e);
    return ldexp(1.0, e - 53);
}

typedef void (*Map)(const float *x, float *y, size_t n);

/* Two that other kernels are made of and the table has not. */
static void log2_plain(const float *x, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = hh_log2_f32(x[i]);
}

static void exp2_plain(const float *x, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = hh_exp2_f32(x[i]);
}

/* Worst error of `plain` or, without it, of a member over [low, high], about a million values
 * equally spaced in bits; the levels must agree in every bit. */
static double worst_ulp(Map plain, size_t member, double (*truth)(double), float low, float high)
{
    static float x[MOST], y[MOST], other[MOST];
    uint32_t from, to;
    memcpy(&from, &low, sizeof from);
    memcpy(&to, &high, sizeof to);
    if (low < 0.0f) { /* negative numbers: bits grow away from zero */
        uint32_t t = from;
        from = to;
        to = t;
    }
    double worst = 0.0;
    uint32_t step = (to - from) / 1000003 + 1, bits = from;
    while (bits <= to && bits >= from) {
        size_t n = 0;
        for (; n < MOST && bits <= to && bits >= from; bits += step) x[n++] = from_bits(bits);
        for (int level = 0; level < level_count; level++) {
            Map map = plain;
            if (!plain) memcpy(&map, (const char *)levels[level]->vector + member, sizeof map);
            map(x, level == 0 ? y : other, n);
            if (level > 0) assert_memory_equal(y, other, n * sizeof *y);
        }
        for (size_t i = 0; i < n; i++) {
            double t = truth((double)x[i]);
            if (fabs(t) > (double)FLT_MAX) continue;
            if (fabs(t) < (double)FLT_MIN && t != 0.0) continue;
            double error = fabs((double)y[i] - t) / ulp_f32(t);
            if (error > worst) worst = error;
        }
    }
    return worst;
}

#define WORST(NAME, TRUTH, LOW, HIGH)                                                              \
    worst_ulp(NULL, offsetof(HhVectorKernels, NAME), TRUTH, LOW, HIGH)
#define WORST_PLAIN(NAME, TRUTH, LOW, HIGH) worst_ulp(NAME, 0, TRUTH, LOW, HIGH)
#define AT_MOST(VALUE, BOUND)                                                                      \
    do {                                                                                           \
        double value_ = (VALUE);                                                                   \
        print_message("# %s: %.3f (bound %.3f)\n", #VALUE, value_, (double)(BOUND));               \
        assert_true(value_ <= (BOUND));                                                            \
    } while (0)

static void float_functions_in_ulp(void **state)
{
    (void)state;
    AT_MOST(WORST(sqrt_f32, sqrt, FLT_MIN, FLT_MAX), 0.5000001);
    AT_MOST(WORST(log_f32, log, FLT_MIN, FLT_MAX), 1.0);
    AT_MOST(WORST(log_f32, log, 0.5f, 2.0f), 1.0);
    AT_MOST(WORST_PLAIN(log2_plain, log2, FLT_MIN, FLT_MAX), 1.5);
    AT_MOST(WORST_PLAIN(log2_plain, log2, 0.5f, 2.0f), 1.5);
    AT_MOST(WORST(log10_f32, log10, FLT_MIN, FLT_MAX), 2.5);
    AT_MOST(WORST(log10_f32, log10, 0.5f, 2.0f), 2.5);
    AT_MOST(WORST(log1p_f32, log1p, 1e-30f, 1e30f), 2.0);
    AT_MOST(WORST(log1p_f32, log1p, -0.999999f, -1e-30f), 2.0);
    AT_MOST(WORST(exp_f32, exp, 1e-10f, 88.7f), 1.0);
    AT_MOST(WORST(exp_f32, exp, -87.3f, -1e-10f), 1.0);
    AT_MOST(WORST_PLAIN(exp2_plain, exp2, 1e-10f, 127.99f), 1.0);
    AT_MOST(WORST_PLAIN(exp2_plain, exp2, -125.9f, -1e-10f), 1.0);
}

static void float_functions_at_the_edges(void **state)
{
    (void)state;
    const float inf = HUGE_VALF;
    float x[] = {0.0f, -0.0f, -1.0f, inf, -inf, NAN, 1.0f, 1000.0f, -1000.0f};
    float y[HH_COUNT(x)];
    for (int level = 0; level < level_count; level++) {
        const HhVectorKernels *k = levels[level]->vector;
        void (*logs[])(const float *, float *, size_t) = {k->log_f32, log2_plain, k->log10_f32};
        for (size_t i = 0; i < HH_COUNT(logs); i++) {
            logs[i](x, y, HH_COUNT(x));
            assert_true(y[0] == -inf && y[1] == -inf && isnan(y[2]) && y[3] == inf && isnan(y[4]) &&
                        isnan(y[5]));
            assert_true(y[6] == 0.0f);
        }
        void (*exps[])(const float *, float *, size_t) = {k->exp_f32, exp2_plain};
        for (size_t i = 0; i < HH_COUNT(exps); i++) {
            exps[i](x, y, HH_COUNT(x));
            assert_true(y[0] == 1.0f && y[3] == inf && y[4] == 0.0f && isnan(y[5]) && y[7] == inf &&
                        y[8] == 0.0f);
        }
        k->log1p_f32(x, y, 4);
        assert_true(y[0] == 0.0f && y[2] == -inf && y[3] == inf);
        k->pow_f32(x, 0.0f, y, 1);
        assert_true(y[0] == 1.0f);
        k->pow_f32(x, 2.0f, y, 4);
        assert_true(y[0] == 0.0f && y[3] == inf);
    }
}

static void powers_in_ulp(void **state)
{
    (void)state;
    static float a[MOST], y[MOST], other[MOST];
    const float exponents[] = {0.5f, 1.7f, 2.0f, -1.0f, 3.3f};
    uint64_t seed = 5;
    for (size_t i = 0; i < MOST; i++) a[i] = (float)exp(20.0 * test_noise(&seed));
    double worst = 0.0;
    for (size_t e = 0; e < HH_COUNT(exponents); e++) {
        for (int level = 0; level < level_count; level++) {
            levels[level]->vector->pow_f32(a, exponents[e], level ? other : y, MOST);
            if (level) assert_memory_equal(y, other, sizeof y);
        }
        for (size_t i = 0; i < MOST; i++) {
            double t = pow((double)a[i], (double)exponents[e]);
            worst = fmax(worst, fabs((double)y[i] - t) / ulp_f32(t));
        }
    }
    AT_MOST(worst, 0.501);
}

/* Those of elementary.h that other kernels are made of; what the levels make of them, the kernels'
 * own tests compare. */
static void double_functions_in_ulp(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int wide = 0; wide < 2; wide++) {
        double worst[3] = {0};
        for (size_t i = 0; i < MOST; i++) {
            double x = exp((wide ? 708.0 : 0.5) * test_noise(&seed)), y = hh_log_f64(x);
            worst[0] = fmax(worst[0], fabs(y - log(x)) / ulp_f64(log(x)));
            worst[1] = fmax(worst[1], fabs(hh_log10_f64(x) - log10(x)) / ulp_f64(log10(x)));
            worst[2] = fmax(worst[2], fabs(hh_exp_f64(y) - exp(y)) / ulp_f64(exp(y)));
        }
        AT_MOST(worst[0], 1.5);
        AT_MOST(worst[1], 2.5);
        AT_MOST(worst[2], 1.5);
    }
    double last = 0.0; /* the smallest normal results, below 2^-1021 */
    for (double x = -708.3964; x < -707.7; x += 1e-5)
        last = fmax(last, fabs(hh_exp_f64(x) - exp(x)) / ulp_f64(exp(x)));
    AT_MOST(last, 1.5);
    assert_true(hh_log_f64(0.0) == -HUGE_VAL && isnan(hh_log_f64(-1.0)) &&
                hh_log_f64(HUGE_VAL) == HUGE_VAL);
    assert_true(hh_exp_f64(0.0) == 1.0 && hh_exp_f64(800.0) == HUGE_VAL &&
                hh_exp_f64(HUGE_VAL) == HUGE_VAL && hh_exp_f64(-800.0) == 0.0);
    assert_true(fabs(hh_exp_f64(709.7) - exp(709.7)) <= 1.5 * ulp_f64(exp(709.7)));
}

/* Angles of the whole plane, and sines of angles up to 2^30 quarter turns. */
static void angles_in_ulp(void **state)
{
    (void)state;
    uint64_t seed = 4;
    double worst[3] = {0};
    for (size_t i = 0; i < 16 * MOST; i++) {
        double x = test_noise(&seed), y = test_noise(&seed);
        if (i % 2) y = x * exp(20.0 * y) * (y > 0.0 ? 1.0 : -1.0);
        double angle = atan2(y, x), sine, cosine;
        worst[0] = fmax(worst[0], fabs(hh_atan2_f64(y, x) - angle) / ulp_f64(angle));
        double far = 10.0 * x * pow(1.6e8, (double)(i % 8) / 7.0);
        hh_sin_cos_f64(far, &sine, &cosine);
        worst[1] = fmax(worst[1], fabs(sine - sin(far)) / ulp_f64(sin(far)));
        worst[2] = fmax(worst[2], fabs(cosine - cos(far)) / ulp_f64(cos(far)));
    }
    AT_MOST(worst[0], 2.0);
    AT_MOST(worst[1], 2.0);
    AT_MOST(worst[2], 2.0);
    for (int i = 0; i < 5; i++) { /* the axes, with either sign of zero, and the diagonals */
        const double values[] = {0.0, -0.0, 1.0, -1.0, 1e-300};
        for (int j = 0; j < 5; j++) {
            double y = values[i], x = values[j], got = hh_atan2_f64(y, x);
            assert_true(fabs(got - atan2(y, x)) <= 5e-16 && signbit(got) == signbit(y));
        }
    }
    assert_true(isnan(hh_atan2_f64((double)NAN, 1.0)) && isnan(hh_atan2_f64(1.0, (double)NAN)));
}

/* ---- sums: any length, against double; one set of bits */

static void sums(void **state)
{
    (void)state;
    static float a[4099], b[4099];
    static double c[4099];
    fill_f32(a, 4099, 1);
    fill_f32(b, 4099, 2);
    fill_f64(c, 4099, 3);
    const size_t lengths[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1025, 4099};
    for (size_t i = 0; i < HH_COUNT(lengths); i++) {
        size_t n = lengths[i];
        long double sums[4] = {0};
        for (size_t j = 0; j < n; j++) {
            sums[0] += (long double)a[j];
            sums[1] += (long double)((double)a[j] * (double)b[j]);
            sums[2] += (long double)((double)a[j] * (double)a[j]);
            sums[3] += (long double)c[j];
        }
        double sum = (double)sums[0], dot = (double)sums[1], squares = (double)sums[2];
        double sum64 = (double)sums[3];
        double float_bound = 1e-6 * (double)n, bound = 1e-15 * (double)n;
        float first[2];
        double first64[4];
        for (int level = 0; level < level_count; level++) {
            const HhVectorKernels *k = levels[level]->vector;
            float f[2] = {k->dot_f32(a, b, n), k->sum_squares_f32(a, n)};
            double g[4] = {k->sum_f64(c, n), k->sum_f32_f64(a, n), k->dot_f32_f64(a, b, n),
                           k->sum_squares_f32_f64(a, n)};
            assert_true(fabs((double)f[0] - dot) <= float_bound);
            assert_true(fabs((double)f[1] - squares) <= float_bound);
            assert_true(fabs(g[0] - sum64) <= bound && fabs(g[1] - sum) <= bound);
            assert_true(fabs(g[2] - dot) <= bound && fabs(g[3] - squares) <= bound);
            if (level) {
                assert_memory_equal(f, first, sizeof f);
                assert_memory_equal(g, first64, sizeof g);
            }
            memcpy(first, f, sizeof f);
            memcpy(first64, g, sizeof g);
        }
    }
}

static void extremes_and_checks(void **state)
{
    (void)state;
    static float x[1000];
    static double w[1000];
    const size_t lengths[] = {1, 3, 16, 17, 255, 1000};
    for (int level = 0; level < level_count; level++) {
        const HhVectorKernels *k = levels[level]->vector;
        for (size_t i = 0; i < HH_COUNT(lengths); i++) {
            size_t n = lengths[i];
            for (size_t at = 0; at < n; at += n / 3 + 1) { /* the odd one out at several places */
                fill_f32(x, n, 7);
                for (size_t j = 0; j < n; j++) w[j] = (double)x[j];
                assert_true(k->finite_f32(x, n) && k->finite_f64(w, n));
                x[at] = -3.0f;
                assert_true(k->max_abs_f32(x, n) == 3.0f);
                assert_false(k->non_negative_f32(x, n));
                for (size_t j = 0; j < n; j++) x[j] = fabsf(x[j]);
                assert_true(k->non_negative_f32(x, n));
                w[at] = 5.0;
                assert_true(k->max_f32(x, n) == 3.0f && k->max_f64(w, n) == 5.0);
                x[at] = NAN;
                w[at] = HUGE_VAL;
                assert_false(k->finite_f32(x, n) || k->finite_f64(w, n));
                assert_true(isnan(k->max_abs_f32(x, n)));
                x[at] = -HUGE_VALF;
                assert_false(k->finite_f32(x, n));
                assert_true(k->max_abs_f32(x, n) == HUGE_VALF);
            }
        }
        assert_true(k->max_abs_f32(x, 0) == 0.0f && k->finite_f32(x, 0) &&
                    k->non_negative_f32(x, 0));
        const float wave[] = {1.0f, -1.0f, -1e-11f, -1.0f, 0.0f, -0.0f, 2.0f, -2.0f};
        assert_int_equal(k->crossings_f32(wave, HH_COUNT(wave), 1e-10f), 5);
        assert_int_equal(k->crossings_f32(wave, HH_COUNT(wave), 1.5f), 1);
        assert_int_equal(k->crossings_f32(wave, 1, 0.0f), 0);
    }
}

static void elementwise(void **state)
{
    (void)state;
    enum { N = 1003 };
    static float a[N], b[N], y[N], f[N];
    static double c[N], z[N], d[N];
    for (int level = 0; level < level_count; level++) {
        const HhVectorKernels *k = levels[level]->vector;
        fill_f32(a, N, 11);
        fill_f32(b, N, 12);
        fill_f64(c, N, 13);
#define EACH(CALL, RESULT, WANTED)                                                                 \
    do {                                                                                           \
        memcpy(y, b, sizeof y);                                                                    \
        memcpy(z, c, sizeof z);                                                                    \
        CALL;                                                                                      \
        for (size_t i = 0; i < N; i++) assert_true((RESULT) == (WANTED));                          \
    } while (0)
        EACH(k->multiply_f32(a, b, y, N), y[i], a[i] * b[i]);
        EACH(k->scale_f32(a, 0.3f, y, N), y[i], a[i] * 0.3f);
        EACH(k->scale_f32_f64(a, 0.3, y, N), y[i], (float)((double)a[i] * 0.3));
        EACH(k->scale_f64(c, 0.3, z, N), z[i], c[i] * 0.3);
        EACH(k->add_f32(a, y, N), y[i], b[i] + a[i]);
        EACH(k->add_f64(c, z, N), z[i], c[i] + c[i]);
        EACH(k->add_scaled_f32(a, 0.7f, y, N), y[i], b[i] + 0.7f * a[i]);
        EACH(k->add_scaled_f64(c, 0.7, z, N), z[i], c[i] + 0.7 * c[i]);
        EACH(k->clamp_below_f32(a, 0.1f, y, N), y[i], fmaxf(a[i], 0.1f));
        EACH(k->to_f64(a, z, N), z[i], (double)a[i]);
        EACH(k->to_f32(c, y, N), y[i], (float)c[i]);
        EACH(k->power_f32(a, b, y, N), y[i], a[i] * a[i] + b[i] * b[i]);
        EACH(k->magnitude_f32(a, b, y, N), y[i], sqrtf(a[i] * a[i] + b[i] * b[i]));
        fill_f64(d, N, 14);
        EACH(k->power_f64(c, d, z, N), z[i], c[i] * c[i] + d[i] * d[i]);
#undef EACH
        /* NumPy's: scaled by the larger part, 1 + q^2 fused */
        for (size_t i = 0; i < N; i++) d[i] *= pow(10.0, -3.0 * fabs(c[i]));
        c[0] = d[0] = 0.0;
        k->magnitude_like_numpy(c, d, f, N);
        for (size_t i = 0; i < N; i++) {
            float re = fabsf((float)c[i]), im = fabsf((float)d[i]), big = fmaxf(re, im);
            float q = big > 0.0f ? fminf(re, im) / big : 0.0f;
            assert_true(f[i] == big * sqrtf(fmaf(q, q, 1.0f)));
        }
    }
}

static void magnitude_and_phase(void **state)
{
    (void)state;
    const float x[] = {3.0f, -4.0f, 0.0f, 0.0f, 1e-30f, 1e-30f, 3e38f, 0.0f};
    float magnitude[4], phase[8];
    for (int level = 0; level < level_count; level++) {
        levels[level]->vector->complex_phase(x, magnitude, phase, 4);
        assert_true(magnitude[0] == 5.0f && phase[0] == 0.6f && phase[1] == -0.8f);
        assert_true(magnitude[1] == 0.0f && phase[2] == 1.0f && phase[3] == 0.0f);
        assert_true(fabsf(magnitude[2] - 1.41421356e-30f) < 1e-36f &&
                    fabsf(phase[4] - 0.70710678f) < 1e-6f);
        assert_true(magnitude[3] == 3e38f && phase[6] == 1.0f);
    }
    enum { N = 77 };
    float z[2 * N], factor[N], size[N], y[2 * N];
    fill_f32(z, 2 * N, 41);
    fill_f32(factor, N, 42);
    z[0] = 3e38f, z[2] = 1e-30f, z[3] = -2e-30f; /* squares out of the range of float */
    for (int level = 0; level < level_count; level++) {
        levels[level]->vector->complex_magnitude(z, size, N);
        levels[level]->vector->complex_scale(z, factor, y, N);
        for (size_t i = 0; i < N; i++) {
            double re = (double)z[2 * i], im = (double)z[2 * i + 1];
            assert_true(size[i] == (float)sqrt(re * re + im * im));
            assert_true(y[2 * i] == factor[i] * z[2 * i] &&
                        y[2 * i + 1] == factor[i] * z[2 * i + 1]);
        }
    }
}

/* ---- tiles */

static void columns(void **state)
{
    (void)state;
    enum { ROWS = 1025 };
    static float x[ROWS * HH_TILE], w[ROWS], first[3][HH_TILE];
    static double xd[ROWS * HH_TILE], first64[HH_TILE];
    fill_f32(x, ROWS * HH_TILE, 21);
    fill_f32(w, ROWS, 22);
    fill_f64(xd, ROWS * HH_TILE, 23);
    const size_t heights[] = {1, 2, 3, 4, 7, ROWS};
    for (size_t h = 0; h < HH_COUNT(heights); h++)
        for (int level = 0; level < level_count; level++) {
            const HhVectorKernels *k = levels[level]->vector;
            size_t rows = heights[h];
            float got[3][HH_TILE];
            double got64[HH_TILE];
            k->tile_sum_f32(x, rows, got[0]);
            k->tile_dot_f32(x, w, rows, got[1]);
            k->tile_max_f32(x, rows, got[2]);
            float like_numpy[2][HH_TILE];
            k->tile_sum_like_numpy(x, rows, false, like_numpy[0]);
            k->tile_sum_like_numpy(x, rows, true, like_numpy[1]);
            k->tile_sum_f64(xd, rows, got64);
            for (size_t l = 0; l < HH_TILE; l++) {
                double sum = 0, dot = 0, most = -2, sum64 = 0;
                float run = 0;
                for (size_t r = 0; r < rows; r++) {
                    double value = (double)x[r * HH_TILE + l];
                    sum += value;
                    dot += value * (double)w[r];
                    most = fmax(most, value);
                    sum64 += xd[r * HH_TILE + l];
                    run += x[r * HH_TILE + l];
                }
                assert_true(fabs((double)got[0][l] - sum) < 1e-6 * (double)rows);
                assert_true(fabs((double)got[1][l] - dot) < 1e-6 * (double)rows);
                assert_true((double)got[2][l] == most && like_numpy[0][l] == run);
                assert_true(fabs((double)like_numpy[1][l] - sum) < 1e-6 * (double)rows);
                assert_true(fabs(got64[l] - sum64) < 1e-15 * (double)rows);
            }
            if (level) {
                assert_memory_equal(got, first, sizeof got);
                assert_memory_equal(got64, first64, sizeof got64);
            }
            memcpy(first, got, sizeof got);
            memcpy(first64, got64, sizeof got64);
        }
}

static void tiles_and_frames(void **state)
{
    (void)state;
    enum { BINS = 133, STRIDE = 140 };
    static float tile[BINS * HH_TILE], other[BINS * HH_TILE], back[2][BINS * HH_TILE];
    static double fine[2][BINS * HH_TILE];
    static float frames[2 * STRIDE * HH_TILE];
    fill_f32(tile, BINS * HH_TILE, 31);
    fill_f32(other, BINS * HH_TILE, 32);
    for (size_t i = 0; i < BINS * HH_TILE; i++) {
        fine[0][i] = (double)tile[i] * (1.0 + 1e-9);
        fine[1][i] = (double)other[i] / 3.0;
    }
    const size_t widths[] = {1, 3, 4, 5, 8, 64, 67, BINS};
    for (int level = 0; level < level_count; level++)
        for (size_t w = 0; w < HH_COUNT(widths); w++)
            for (int count = 1; count <= HH_TILE; count++) {
                const HhVectorKernels *k = levels[level]->vector;
                size_t bins = widths[w];
                for (size_t i = 0; i < HH_COUNT(frames); i++) frames[i] = 9.0f;
                k->tile_to_frames_f32(tile, bins, count, frames, STRIDE);
                for (size_t l = 0; l < HH_TILE; l++)
                    for (size_t b = 0; b < STRIDE; b++)
                        assert_true(frames[l * STRIDE + b] ==
                                    ((int)l < count && b < bins ? tile[b * HH_TILE + l] : 9.0f));
                k->frames_to_tile_f32(frames, STRIDE, bins, count, back[0]);
                for (size_t i = 0; i < bins * HH_TILE; i++)
                    assert_true(back[0][i] == ((int)(i % HH_TILE) < count ? tile[i] : 0.0f));

                k->tile_to_frames_complex_f64_f32(fine[0], fine[1], bins, count, frames, STRIDE);
                for (size_t l = 0; l < (size_t)count; l++)
                    for (size_t b = 0; b < bins; b++) {
                        const float *z = frames + 2 * (l * STRIDE + b);
                        assert_true(z[0] == (float)fine[0][b * HH_TILE + l]);
                        assert_true(z[1] == (float)fine[1][b * HH_TILE + l]);
                    }
                k->tile_to_frames_complex(tile, other, bins, count, frames, STRIDE);
                for (size_t l = 0; l < (size_t)count; l++)
                    for (size_t b = 0; b < bins; b++) {
                        assert_true(frames[2 * (l * STRIDE + b)] == tile[b * HH_TILE + l]);
                        assert_true(frames[2 * (l * STRIDE + b) + 1] == other[b * HH_TILE + l]);
                    }
                k->frames_to_tile_complex(frames, STRIDE, bins, count, back[0], back[1]);
                for (size_t i = 0; i < bins * HH_TILE; i++) {
                    assert_true(back[0][i] == ((int)(i % HH_TILE) < count ? tile[i] : 0.0f));
                    assert_true(back[1][i] == ((int)(i % HH_TILE) < count ? other[i] : 0.0f));
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float_functions_in_ulp), cmocka_unit_test(float_functions_at_the_edges),
        cmocka_unit_test(powers_in_ulp),          cmocka_unit_test(double_functions_in_ulp),
        cmocka_unit_test(angles_in_ulp),          cmocka_unit_test(sums),
        cmocka_unit_test(extremes_and_checks),    cmocka_unit_test(elementwise),
        cmocka_unit_test(magnitude_and_phase),    cmocka_unit_test(columns),
        cmocka_unit_test(tiles_and_frames),
    };
    return cmocka_run_group_tests(tests, find_levels, NULL);
}
