/* Sliding medians against a sorted copy of each window, at every CPU level. */
#include "test.h"

#include "kernel/kernels.h"

enum { MOST_WIDTH = 101 };

static const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
static const size_t widths[] = {1, 2, 3, 4, 7, 13, 16, 17, 30, 31, 32, 63, 101};

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The definition: x[n] continued by reflection, the value of rank width / 2 around position i. */
static float slow_median(const float *x, size_t n, size_t step, size_t i, size_t width)
{
    float window[MOST_WIDTH];
    for (size_t k = 0; k < width; k++) {
        ptrdiff_t j = (ptrdiff_t)(i + k) - (ptrdiff_t)(width / 2);
        while (j < 0 || j >= (ptrdiff_t)n) j = j < 0 ? -1 - j : 2 * (ptrdiff_t)n - 1 - j;
        window[k] = x[(size_t)j * step];
    }
    qsort(window, width, sizeof *window, compare);
    return window[width / 2];
}

/* Few different values half of the time, so that windows hold equal ones. */
static void fill(float *x, size_t n, bool ties, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) x[i] = (float)(test_noise(seed) + 1.0);
    for (size_t i = 0; i < n && ties; i++) x[i] = floorf(x[i] * 3.0f);
}

static void reflection(void **state)
{
    (void)state;
    const size_t expected[] = {2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2};
    for (ptrdiff_t i = -9; i < 4; i++) assert_int_equal(hh_reflect(i, 3), expected[i + 9]);
    assert_int_equal(hh_reflect(-5, 1), 0);
}

static void along_frequency(const HhMedianKernels *kernels, size_t width, size_t bins, bool ties,
                            uint64_t *seed)
{
    size_t above = (bins + HH_TILE - 1) / HH_TILE * HH_TILE, low = width / 2;
    float *x = malloc(bins * HH_TILE * sizeof *x);
    float *padded = hh_zalloc(NULL, (above + width) * HH_TILE, sizeof *padded);
    float *sorted = hh_alloc(NULL, width * HH_TILE, sizeof *sorted),
          *y = hh_alloc(NULL, above * HH_TILE, sizeof *y);
    fill(x, bins * HH_TILE, ties, seed);
    for (size_t i = 0; i < bins + width - 1; i++)
        memcpy(padded + i * HH_TILE, x + hh_reflect((ptrdiff_t)i - (ptrdiff_t)low, bins) * HH_TILE,
               HH_TILE * sizeof *x);
    kernels->frequency(padded, width, above, sorted, y);
    for (size_t b = 0; b < bins; b++)
        for (size_t l = 0; l < HH_TILE; l++)
            assert_true(y[b * HH_TILE + l] == slow_median(x + l, bins, HH_TILE, b, width));
    free(x);
    hh_free(NULL, padded);
    hh_free(NULL, sorted);
    hh_free(NULL, y);
}

static void along_time(const HhMedianKernels *kernels, size_t width, size_t frames, bool ties,
                       uint64_t *seed)
{
    const size_t bins = 48, begin = 16, end = 48;
    float *x = malloc(frames * bins * sizeof *x);
    float *sorted = hh_alloc(NULL, width * (end - begin), sizeof *sorted),
          *y = hh_alloc(NULL, bins * HH_TILE, sizeof *y);
    const float *row[MOST_WIDTH + HH_TILE];
    fill(x, frames * bins, ties, seed);
    for (size_t t = 0; t < frames; t += HH_TILE) {
        for (size_t i = 0; i < width + HH_TILE; i++)
            row[i] = x + hh_reflect((ptrdiff_t)(t + i) - (ptrdiff_t)(width / 2) - 1, frames) * bins;
        if (t == 0) kernels->time_start(row, width, begin, end, sorted);
        kernels->time(row, width, begin, end, sorted, y);
        for (size_t b = begin; b < end; b++)
            for (size_t l = 0; l < HH_TILE && t + l < frames; l++)
                assert_true(y[(b - begin) * HH_TILE + l] ==
                            slow_median(x + b, frames, bins, t + l, width));
    }
    free(x);
    hh_free(NULL, sorted);
    hh_free(NULL, y);
}

static void medians(void **state)
{
    (void)state;
    const size_t lengths[] = {1, 5, 16, 33, 80};
    uint64_t seed = 7;
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        const HhKernels *kernels = hh_kernels_at(levels[i]);
        for (size_t w = 0; kernels && w < HH_COUNT(widths); w++)
            for (size_t n = 0; n < HH_COUNT(lengths); n++) {
                along_frequency(kernels->median, widths[w], lengths[n], n % 2 == 0, &seed);
                along_time(kernels->median, widths[w], lengths[n], n % 2 == 1, &seed);
            }
    }
}

/* A network of minima and maxima that gives the median of all arrangements of zeros and ones gives
 * that of all values. The 2^31 arrangements are too many; these are those around the tipping point:
 * fifteen or sixteen ones, at random. */
static void network_selects_the_middle(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        const HhKernels *kernels = hh_kernels_at(levels[i]);
        if (!kernels) continue;
        _Alignas(64) static float padded[46 * HH_TILE], y[16 * HH_TILE];
        for (int round = 0; round < 2000; round++) {
            for (size_t l = 0; l < HH_TILE; l++) {
                for (size_t r = 0; r < 46; r++) padded[r * HH_TILE + l] = 0.0f;
                for (int ones = 0; ones < 23;) {
                    float *x =
                        &padded[(size_t)((test_noise(&seed) + 1.0) * 23.0) % 46 * HH_TILE + l];
                    if (*x == 0.0f) *x = 1.0f, ones++;
                }
            }
            kernels->median->frequency(padded, 31, 16, NULL, y);
            for (size_t l = 0; l < HH_TILE; l++)
                for (size_t j = 0; j < 16; j++) {
                    int ones = 0;
                    for (size_t r = j; r < j + 31; r++) ones += padded[r * HH_TILE + l] == 1.0f;
                    assert_true(y[j * HH_TILE + l] == (ones >= 16 ? 1.0f : 0.0f));
                }
        }
    }
}

static void rows_of_a_tile(void **state)
{
    (void)state;
    enum { BINS = 48, PITCH = 50 };
    _Alignas(64) static float tile[BINS * HH_TILE], rows[HH_TILE * PITCH];
    for (size_t i = 0; i < HH_COUNT(tile); i++) tile[i] = (float)i;
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        const HhKernels *kernels = hh_kernels_at(levels[i]);
        if (!kernels) continue;
        kernels->median->to_rows(tile, BINS, rows, PITCH);
        for (size_t l = 0; l < HH_TILE; l++)
            for (size_t b = 0; b < BINS; b++)
                assert_true(rows[l * PITCH + b] == tile[b * HH_TILE + l]);
    }
}

/* ---- masks */

static double slow_mask(double x, double reference, double power, bool split)
{
    double z = x > reference ? x : reference;
    if (isinf(power)) return x > reference;
    if (z < 0x1p-126) return split ? 0.5 : 0.0;
    double a = pow(x / z, power), b = pow(reference / z, power);
    return a / (a + b);
}

static void masks(void **state)
{
    (void)state;
    enum { N = 4096 };
    _Alignas(64) static float h[N], p[N], a[N], b[N];
    const HhMask settings[] = {{2, 1, 1},    {2, 3, 1.5f},     {1, 1, 1},
                               {1, 1, 2},    {INFINITY, 1, 1}, {INFINITY, 2, 2},
                               {0.5f, 1, 1}, {3.7f, 1, 4},     {40, 1, 1}};
    uint64_t seed = 3;
    for (size_t i = 0; i < N; i++) {
        h[i] = ldexpf((float)(test_noise(&seed) + 1.0), (int)(test_noise(&seed) * 55.0));
        p[i] = i % 3 ? h[i] * (float)(1.0 + test_noise(&seed))
                     : ldexpf(1.0f, (int)(test_noise(&seed) * 55.0));
        if (i % 17 == 0) h[i] = 0;
        if (i % 34 == 0) p[i] = i % 68 ? 0.0f : h[i];
        if (i % 50 == 1) p[i] = h[i];
    }
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        const HhKernels *kernels = hh_kernels_at(levels[i]);
        for (size_t s = 0; kernels && s < HH_COUNT(settings); s++) {
            const HhMask *m = &settings[s];
            bool split = m->harmonic_margin == 1.0f && m->percussive_margin == 1.0f;
            kernels->mask->masks(m, h, p, N, a, b);
            double worst = 0;
            for (size_t k = 0; k < N; k++) {
                double power = (double)m->power;
                double x =
                    slow_mask((double)h[k], (double)(p[k] * m->harmonic_margin), power, split);
                double y =
                    slow_mask((double)p[k], (double)(h[k] * m->percussive_margin), power, split);
                /* masks below 1e-30 stand for zero */
                if (x > 1e-30 || a[k] > 1e-30f) worst = fmax(worst, fabs((double)a[k] - x) / x);
                if (y > 1e-30 || b[k] > 1e-30f) worst = fmax(worst, fabs((double)b[k] - y) / y);
            }
            assert_true(
                worst <
                (m->power > 2.0f && !isinf(m->power) ? 1e-7 * (double)m->power + 4e-7 : 4e-7));
            float c[2 * HH_TILE], d[2 * HH_TILE];
            memcpy(c, h, sizeof c);
            memcpy(d, p, sizeof d);
            kernels->mask->masks(m, c, d, 2 * HH_TILE, c, d); /* in place */
            assert_memory_equal(c, a, sizeof c);
            assert_memory_equal(d, b, sizeof d);
        }
    }
}

static void applied_masks_and_energies(void **state)
{
    (void)state;
    enum { ROWS = 40, N = ROWS * HH_TILE };
    _Alignas(64) static float mask[N], re[N], im[N], y_re[N], y_im[N];
    uint64_t seed = 5;
    for (size_t i = 0; i < N; i++) {
        mask[i] = (float)fabs(test_noise(&seed));
        re[i] = (float)test_noise(&seed);
        im[i] = (float)test_noise(&seed);
    }
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        const HhKernels *kernels = hh_kernels_at(levels[i]);
        if (!kernels) continue;
        kernels->mask->apply(mask, re, im, N, y_re, y_im);
        for (size_t k = 0; k < N; k++)
            assert_true(y_re[k] == mask[k] * re[k] && y_im[k] == mask[k] * im[k]);
        float sum[HH_TILE] = {0};
        kernels->mask->energy(re, im, ROWS, sum);
        for (size_t l = 0; l < HH_TILE; l++) {
            float expected = 0;
            for (size_t r = l; r < N; r += HH_TILE) expected += re[r] * re[r] + im[r] * im[r];
            assert_true(sum[l] == expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reflection),
        cmocka_unit_test(medians),
        cmocka_unit_test(network_selects_the_middle),
        cmocka_unit_test(rows_of_a_tile),
        cmocka_unit_test(masks),
        cmocka_unit_test(applied_masks_and_energies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
