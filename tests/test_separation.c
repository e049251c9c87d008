/* Harmonic-percussive separation: against its definition in double, and its promises: reflection at
 * the ends, the same bytes for all pushes, threads and levels, sums of the parts, failures without
 * leaks. */
#include "test.h"

#include <float.h>

#include "heihachi/separation.h"
#include "kernel/kernels.h"
#include "separation/hpss.h"
#include "spectral/window.h"

static const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
static const double two_pi = 6.283185307179586;

static HhContext *make_context(int threads, HhCpuLevel level)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = threads;
    p.cpu_level = level;
    HhContext *context;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    return context;
}

/* Worst excess over 1e-5 |b| + 2e-6 max |b|, as a multiple of it. */
static double excess(const float *a, const double *b, size_t n)
{
    double peak = 0, worst = 0;
    for (size_t i = 0; i < n; i++) peak = fmax(peak, fabs(b[i]));
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs((double)a[i] - b[i]) / (1e-5 * fabs(b[i]) + 2e-6 * peak));
    return worst;
}

/* ---- the definition */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double slow_median(const double *x, size_t n, size_t step, size_t i, size_t width)
{
    double window[128];
    for (size_t k = 0; k < width; k++)
        window[k] = x[hh_reflect((ptrdiff_t)(i + k) - (ptrdiff_t)(width / 2), n) * step];
    qsort(window, width, sizeof *window, compare);
    return window[width / 2];
}

static double slow_mask(double x, double reference, double power, bool split)
{
    double z = fmax(x, reference);
    if (isinf(power)) return x > reference;
    if (z < 0x1p-126) return split ? 0.5 : 0.0;
    double a = pow(x / z, power), b = pow(reference / z, power);
    return a / (a + b);
}

/* Both masks of magnitudes [frames][bins]. */
static void slow_masks(const double *x, size_t frames, size_t bins, const HhHpssParams *p,
                       double *h_mask, double *p_mask)
{
    bool split = p->harmonic_margin == 1.0 && p->percussive_margin == 1.0;
    for (size_t t = 0; t < frames; t++)
        for (size_t b = 0; b < bins; b++) {
            double h = slow_median(x + b, frames, bins, t, p->harmonic_width);
            double v = slow_median(x + t * bins, bins, 1, b, p->percussive_width);
            h_mask[t * bins + b] = slow_mask(h, v * p->harmonic_margin, p->power, split);
            p_mask[t * bins + b] = slow_mask(v, h * p->percussive_margin, p->power, split);
        }
}

/* hh_hpss() of one channel, zero-padded and centred, by sums. */
static void slow_hpss(const float *y, size_t length, const HhHpssParams *p, double *harmonic,
                      double *percussive)
{
    size_t n = p->stft.n_fft, hop = p->stft.hop_length, bins = n / 2 + 1, frames = 1 + length / hop;
    double *re = calloc(frames * bins, sizeof *re), *im = calloc(frames * bins, sizeof *im);
    double *magnitude = calloc(frames * bins, sizeof *magnitude),
           *norm = calloc(length, sizeof *norm);
    double *mask[2] = {calloc(frames * bins, sizeof **mask), calloc(frames * bins, sizeof **mask)};
    double *window = calloc(n, sizeof *window), *out[2] = {harmonic, percussive};
    for (size_t i = 0; i < n; i++) window[i] = 0.5 - 0.5 * cos(two_pi * (double)i / (double)n);
    for (size_t t = 0; t < frames; t++)
        for (size_t b = 0; b < bins; b++) {
            for (size_t i = 0; i < n; i++) {
                ptrdiff_t at = (ptrdiff_t)(t * hop + i) - (ptrdiff_t)(n / 2);
                if (at < 0 || at >= (ptrdiff_t)length) continue;
                double angle = two_pi * (double)(b * i % n) / (double)n;
                re[t * bins + b] += (double)y[at] * window[i] * cos(angle);
                im[t * bins + b] -= (double)y[at] * window[i] * sin(angle);
            }
            magnitude[t * bins + b] = hypot(re[t * bins + b], im[t * bins + b]);
        }
    slow_masks(magnitude, frames, bins, p, mask[0], mask[1]);
    memset(harmonic, 0, length * sizeof *harmonic);
    memset(percussive, 0, length * sizeof *percussive);
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < n; i++) {
            ptrdiff_t at = (ptrdiff_t)(t * hop + i) - (ptrdiff_t)(n / 2);
            if (at < 0 || at >= (ptrdiff_t)length) continue;
            norm[at] += window[i] * window[i];
            for (size_t b = 0; b < bins; b++) {
                double angle = two_pi * (double)(b * i % n) / (double)n,
                       twice = b == 0 || 2 * b == n ? 1.0 : 2.0;
                for (int k = 0; k < 2; k++) {
                    double m = mask[k][t * bins + b] * twice / (double)n * window[i];
                    out[k][at] +=
                        p->mask
                            ? m * cos(angle)
                            : m * (re[t * bins + b] * cos(angle) - im[t * bins + b] * sin(angle));
                }
            }
        }
    for (size_t i = 0; i < length; i++)
        if (norm[i] > 0x1p-126) harmonic[i] /= norm[i], percussive[i] /= norm[i];
    void *owned[] = {re, im, magnitude, norm, mask[0], mask[1], window};
    for (size_t i = 0; i < HH_COUNT(owned); i++) free(owned[i]);
}

/* A tone that glides, strokes and noise. */
static void make_sound(float *y, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        double t = (double)i;
        y[i] = (float)(0.4 * sin(0.31 * t + 2e-5 * t * t) + 0.05 * test_noise(&seed));
        if (i % 157 == 90) y[i] += 0.7f;
    }
}

static HhHpssParams small_params(void)
{
    HhHpssParams p;
    hh_hpss_defaults(&p);
    p.stft.n_fft = 64;
    p.stft.hop_length = 16;
    return p;
}

static void sound_by_definition(void **state)
{
    (void)state;
    enum { LENGTH = 1500 };
    static float y[LENGTH];
    static double h[LENGTH], v[LENGTH];
    make_sound(y, LENGTH, 1);
    const struct {
        size_t length, hop, h_width, p_width;
        double power, h_margin, p_margin;
        bool mask;
    } cases[] = {
        {LENGTH, 16, 31, 31, 2, 1, 1, false}, {LENGTH, 16, 17, 5, 2, 3, 3, false},
        {LENGTH, 24, 31, 13, 1, 1, 1, false}, {LENGTH, 16, 9, 8, 0.5, 1, 2, false},
        {LENGTH, 10, 31, 31, 3, 1, 1, false}, {200, 16, 31, 31, 2, 1, 1, false},
        {20, 16, 40, 31, 2, 1, 1, false},     {1, 16, 31, 31, 2, 1, 1, false},
        {LENGTH, 40, 4, 70, 2, 1, 1, false},  {LENGTH, 100, 31, 31, 2, 1, 1, false},
        {LENGTH, 16, 31, 31, 2, 1, 1, true},
    };
    for (size_t c = 0; c < HH_COUNT(cases); c++) {
        HhHpssParams p = small_params();
        p.stft.hop_length = cases[c].hop;
        p.harmonic_width = cases[c].h_width;
        p.percussive_width = cases[c].p_width;
        p.power = cases[c].power;
        p.harmonic_margin = cases[c].h_margin;
        p.percussive_margin = cases[c].p_margin;
        p.mask = cases[c].mask;
        const float *channel = y;
        HhSignal signal = {&channel, 1, cases[c].length, 22050};
        HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT;
        assert_int_equal(hh_hpss(NULL, &signal, &p, &a, &b), HH_OK);
        assert_int_equal(a.dimensions, 2);
        assert_int_equal(a.shape[1], cases[c].length);
        slow_hpss(y, cases[c].length, &p, h, v);
        /* without overlap a sample is divided by its one window, up to 1 / w = 415 here, and its
         * rounding with it */
        double bound = cases[c].hop > 64 ? 415 * 1.2e-7 / 1e-5 : 1.0;
        assert_true(excess(a.data, h, cases[c].length) < bound);
        assert_true(excess(b.data, v, cases[c].length) < bound);
        hh_array_free(&a);
        hh_array_free(&b);
    }
}

static void spectrogram_by_definition(void **state)
{
    (void)state;
    enum { CHANNELS = 2, FRAMES = 70, BINS = 37, PLANE = FRAMES * BINS };
    static float x[2 * CHANNELS * PLANE];
    static double magnitude[CHANNELS * PLANE], h[PLANE], v[PLANE];
    uint64_t seed = 2;
    for (size_t i = 0; i < HH_COUNT(x); i++)
        x[i] = (float)(test_noise(&seed) * exp2(20.0 * test_noise(&seed)));
    memset(x, 0, 600 * sizeof *x);
    const double powers[] = {2, 1, 1.7, (double)INFINITY};
    for (int c = 0; c < 16; c++) {
        bool complex = c & 1;
        HhHpssParams p;
        hh_hpss_defaults(&p);
        p.mask = c & 2;
        p.power = powers[c / 4];
        p.harmonic_width = c == 8 ? 31 : 13;
        if (c >= 12) p.harmonic_margin = 1.5;
        HhArray s = {complex ? HH_COMPLEX64 : HH_FLOAT32,
                     3,
                     {CHANNELS, FRAMES, BINS},
                     x,
                     {NULL, NULL, NULL}};
        HhArray a, b;
        for (size_t i = 0; i < CHANNELS * PLANE; i++) {
            if (!complex) x[i] = fabsf(x[i]);
            magnitude[i] = complex ? (double)(float)hypot((double)x[2 * i], (double)x[2 * i + 1])
                                   : (double)x[i];
        }
        assert_int_equal(hh_decompose_hpss(NULL, &s, &p, &a, &b), HH_OK);
        assert_int_equal(a.type, p.mask ? (isinf(p.power) ? HH_BOOL : HH_FLOAT32) : s.type);
        for (size_t channel = 0; channel < CHANNELS; channel++) {
            slow_masks(magnitude + channel * PLANE, FRAMES, BINS, &p, h, v);
            for (size_t i = 0; i < PLANE; i++) {
                size_t at = channel * PLANE + i;
                double got = p.mask ? a.type == HH_BOOL ? ((unsigned char *)a.data)[at]
                                                        : (double)((float *)a.data)[at]
                                    : (double)((float *)a.data)[complex ? 2 * at + 1 : at];
                double other = p.mask ? b.type == HH_BOOL ? ((unsigned char *)b.data)[at]
                                                          : (double)((float *)b.data)[at]
                                      : (double)((float *)b.data)[complex ? 2 * at + 1 : at];
                double factor = p.mask ? 1.0 : complex ? (double)x[2 * at + 1] : (double)x[at];
                assert_true(fabs(got - h[i] * factor) <= 1e-6 * fabs(h[i] * factor) + 1e-30);
                assert_true(fabs(other - v[i] * factor) <= 1e-6 * fabs(v[i] * factor) + 1e-30);
            }
        }
        hh_array_free(&a);
        hh_array_free(&b);
    }
}

/* Doubles, also such as no float holds: the masks do not know of a power of two. */
static void spectrogram_of_doubles(void **state)
{
    (void)state;
    enum { CHANNELS = 2, FRAMES = 40, BINS = 37, PLANE = FRAMES * BINS };
    static double x[2 * CHANNELS * PLANE], magnitude[CHANNELS * PLANE], h[PLANE], v[PLANE];
    const double powers[] = {2, 1.7, (double)INFINITY};
    const int exponents[] = {0, 900, -900};
    for (int c = 0; c < 36; c++) {
        bool complex = c & 1;
        int exponent = exponents[c / 4 % 3];
        HhHpssParams p;
        hh_hpss_defaults(&p);
        p.mask = c & 2;
        p.power = powers[c / 12];
        p.harmonic_width = 13;
        if (c / 12 == 2) p.harmonic_margin = 1.5;
        uint64_t seed = 3;
        for (size_t i = 0; i < HH_COUNT(x); i++) {
            x[i] = i < 600 ? 0.0 : test_noise(&seed) * exp2(20.0 * test_noise(&seed));
            if (!complex) x[i] = fabs(x[i]);
        }
        for (size_t i = 0; i < CHANNELS * PLANE; i++)
            magnitude[i] = (double)(float)(complex ? hypot(x[2 * i], x[2 * i + 1]) : x[i]);
        for (size_t i = 0; i < HH_COUNT(x); i++) x[i] = ldexp(x[i], exponent);
        HhArray s = {complex ? HH_COMPLEX128 : HH_FLOAT64,
                     3,
                     {CHANNELS, FRAMES, BINS},
                     x,
                     {NULL, NULL, NULL}};
        HhArray part[2];
        assert_int_equal(hh_decompose_hpss(NULL, &s, &p, &part[0], &part[1]), HH_OK);
        assert_int_equal(part[0].type, p.mask ? (isinf(p.power) ? HH_BOOL : HH_FLOAT64) : s.type);
        for (size_t i = 0; i < 2 * CHANNELS * PLANE; i++) {
            size_t at = i % (CHANNELS * PLANE), which = i / (CHANNELS * PLANE);
            if (at % PLANE == 0) slow_masks(magnitude + at, FRAMES, BINS, &p, h, v);
            double mask = (which ? v : h)[at % PLANE];
            const double *y = part[which].data;
            const unsigned char *flags = part[which].data;
            size_t number = complex ? 2 * at + 1 : at;
            double got = p.mask ? (isinf(p.power) ? (double)flags[at] : y[at]) : y[number];
            double want = p.mask ? mask : mask * x[number];
            /* of the value: what the header promises of masks in float */
            assert_true(fabs(got - want) <= 1e-5 * fabs(want) + (p.mask ? 1e-30 : 0.0));
        }
        hh_array_free(&part[0]);
        hh_array_free(&part[1]);
    }
}

/* ---- what it is for */

static double energy(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Doubles that differ by less than a float can tell. */
static void ties_of_floats_are_settled_in_double(void **state)
{
    (void)state;
    enum { FRAMES = 40, BINS = 50, CELLS = FRAMES * BINS };
    static double x[CELLS], h[CELLS], v[CELLS];
    uint64_t seed = 7;
    for (int i = 0; i < CELLS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x[i] = i % 97 == 0 ? 0.0 : 1.0 + 1e-12 * (double)(seed >> 54);
    }
    HhArray s = {.type = HH_FLOAT64, .dimensions = 2, .shape = {FRAMES, BINS}, .data = x};
    HhHpssParams p;
    hh_hpss_defaults(&p);
    p.power = (double)INFINITY;
    p.percussive_width = 8;
    slow_masks(x, FRAMES, BINS, &p, h, v);
    for (int mask = 0; mask < 2; mask++) {
        p.mask = mask;
        HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT;
        assert_int_equal(hh_decompose_hpss(NULL, &s, &p, &a, &b), HH_OK);
        int decided = 0;
        for (int i = 0; i < CELLS; i++) {
            double got = mask ? ((unsigned char *)a.data)[i] : ((double *)a.data)[i];
            double other = mask ? ((unsigned char *)b.data)[i] : ((double *)b.data)[i];
            assert_true(got == (mask ? h[i] : h[i] * x[i]));
            assert_true(other == (mask ? v[i] : v[i] * x[i]));
            decided += h[i] != v[i];
        }
        assert_true(decided > CELLS / 2);
        hh_array_free(&a);
        hh_array_free(&b);
    }
}

static void sine_is_harmonic_and_clicks_are_percussive(void **state)
{
    (void)state;
    enum { LENGTH = 3 * 22050 };
    static float sine[LENGTH], clicks[LENGTH];
    for (size_t i = 0; i < LENGTH; i++)
        sine[i] = (float)(0.5 * sin(two_pi * 440.0 * (double)i / 22050.0));
    for (size_t i = 4000; i < LENGTH; i += 5512) clicks[i] = 0.9f;
    const float *channels[] = {sine, clicks};
    HhSignal signal = {channels, 2, LENGTH, 22050};
    HhArray h, p;
    assert_int_equal(hh_hpss(NULL, &signal, NULL, &h, &p), HH_OK);
    assert_int_equal(h.shape[0], 2);
    const float *a = h.data, *b = p.data;
    double sine_share = energy(a, LENGTH) / (energy(a, LENGTH) + energy(b, LENGTH));
    double click_share =
        energy(a + LENGTH, LENGTH) / (energy(a + LENGTH, LENGTH) + energy(b + LENGTH, LENGTH));
    assert_true(sine_share > 0.99);
    assert_true(click_share < 0.01);
    for (size_t i = 0; i < LENGTH; i++) { /* with margins of 1 the parts make the whole */
        assert_true(fabsf(a[i] + b[i] - sine[i]) < 2e-6f);
        assert_true(fabsf(a[LENGTH + i] + b[LENGTH + i] - clicks[i]) < 2e-6f);
    }
    hh_array_free(&h);
    hh_array_free(&p);
}

/* ---- the same bytes */

enum { LONG = 22000 };

static void same_bytes_for_threads_and_levels(void **state)
{
    (void)state;
    static float y[2][LONG];
    make_sound(y[0], LONG, 4);
    make_sound(y[1], LONG, 5);
    const float *channels[] = {y[0], y[1]};
    HhSignal signal = {channels, 2, LONG, 22050};
    for (int c = 0; c < 5; c++) {
        HhHpssParams p = small_params();
        if (c == 1) p.power = (double)INFINITY;
        if (c == 2) p.harmonic_width = 18, p.stft.hop_length = 24, p.stft.center = false;
        if (c == 3) p.harmonic_margin = 2, p.stft.hop_length = 70;
        if (c == 4) p.power = 1.3;
        HhArray first[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
        for (size_t l = 0; l < HH_COUNT(levels); l++)
            for (int threads = 1; threads <= 3; threads += 2) {
                if (!hh_kernels_at(levels[l])) continue;
                HhContext *context = make_context(threads, levels[l]);
                HhArray a[2], one;
                assert_int_equal(hh_hpss(context, &signal, &p, &a[0], &a[1]), HH_OK);
                for (int i = 0; i < 2; i++) {
                    if (first[i].data) assert_memory_equal(a[i].data, first[i].data, sizeof y);
                    assert_int_equal((i ? hh_percussive : hh_harmonic)(context, &signal, &p, &one),
                                     HH_OK);
                    assert_memory_equal(a[i].data, one.data, sizeof y);
                    hh_array_free(&one);
                    if (first[i].data)
                        hh_array_free(&a[i]);
                    else
                        assert_int_equal(
                            hh_array_make(NULL, &first[i], HH_FLOAT32, 2, (size_t)2, (size_t)LONG),
                            HH_OK),
                            memcpy(first[i].data, a[i].data, sizeof y), hh_array_free(&a[i]);
                }
                hh_context_destroy(context);
            }
        hh_array_free(&first[0]);
        hh_array_free(&first[1]);
    }
}

static void same_masks_for_threads(void **state)
{
    (void)state;
    enum { FRAMES = 1100, BINS = 20 };
    static float x[FRAMES * BINS];
    static double wide[2 * FRAMES * BINS];
    uint64_t seed = 6;
    for (size_t i = 0; i < HH_COUNT(x); i++) x[i] = (float)fabs(test_noise(&seed));
    for (size_t i = 0; i < HH_COUNT(wide); i++) wide[i] = fabs(test_noise(&seed));
    const struct {
        HhType type;
        void *data;
    } cases[] = {{HH_FLOAT32, x}, {HH_FLOAT64, wide}, {HH_COMPLEX128, wide}};
    for (size_t c = 0; c < HH_COUNT(cases); c++)
        for (size_t l = 0; l < HH_COUNT(levels); l++) {
            if (!hh_kernels_at(levels[l])) continue;
            HhArray s = {cases[c].type, 2, {FRAMES, BINS}, cases[c].data, {NULL, NULL, NULL}};
            HhArray a[2], b[2];
            HhContext *context = make_context(3, levels[l]);
            assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a[0], &a[1]), HH_OK);
            assert_int_equal(hh_decompose_hpss(context, &s, NULL, &b[0], &b[1]), HH_OK);
            for (int i = 0; i < 2; i++) {
                assert_int_equal(a[i].dimensions, 2);
                assert_memory_equal(a[i].data, b[i].data,
                                    FRAMES * BINS * hh_type_bytes(cases[c].type));
                hh_array_free(&a[i]);
                hh_array_free(&b[i]);
            }
            hh_context_destroy(context);
        }
}

typedef struct Stream {
    float *h, *p;
    double h_energy[400], p_energy[400];
    size_t samples, frames;
} Stream;

static void take_samples(void *user, size_t first, size_t count, const float *harmonic,
                         const float *percussive)
{
    Stream *s = user;
    assert_int_equal(first, s->samples);
    s->samples += count;
    memcpy(s->h + first, harmonic, count * sizeof *harmonic);
    memcpy(s->p + first, percussive, count * sizeof *percussive);
}

static void take_frames(void *user, const HhHpssTile *tile)
{
    Stream *s = user;
    assert_int_equal(tile->first, s->frames);
    for (int l = 0; l < tile->count; l++) {
        double sum = 0;
        for (size_t b = 0; b < 33; b++) {
            size_t at = b * HH_TILE + (size_t)l;
            double re = (double)(tile->harmonic_mask[at] * tile->re[at]);
            double im = (double)(tile->harmonic_mask[at] * tile->im[at]);
            sum += re * re + im * im;
        }
        assert_true(fabs(sum - tile->harmonic_energy[l]) <= 1e-5 * sum + 1e-12);
        s->h_energy[s->frames] = tile->harmonic_energy[l];
        s->p_energy[s->frames++] = tile->percussive_energy[l];
    }
}

/* The transforms of a signal go in one at a time, in odd groups and in whole tiles. */
static void same_bytes_for_pushes(void **state)
{
    (void)state;
    enum { LENGTH = 3000, N = 64, HOP = 16, BINS = 33, FRAMES = 1 + LENGTH / HOP };
    static float y[LENGTH], padded[LENGTH + 2 * N], spectrum[2][FRAMES][BINS], window[N];
    static double exact[N], square[N];
    make_sound(y, LENGTH, 9);
    memcpy(padded + N / 2, y, sizeof y);
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    assert_int_equal(hh_window_make(NULL, &hann, N, true, exact), HH_OK);
    for (size_t i = 0; i < N; i++) window[i] = (float)exact[i], square[i] = exact[i] * exact[i];
    HhFft *fft;
    assert_int_equal(hh_fft_create(NULL, N, &fft), HH_OK);
    void *scratch = hh_alloc(NULL, hh_fft_scratch(fft), 1);
    _Alignas(64) static double wide[2][BINS * HH_TILE];
    _Alignas(64) static float re[BINS * HH_TILE], im[BINS * HH_TILE];
    for (size_t t = 0; t < FRAMES; t++) {
        hh_fft_tile_mixed(fft, padded + t * HOP, HOP, 1, exact, wide[0], wide[1], scratch);
        for (size_t i = 0; i < 2; i++)
            for (size_t b = 0; b < BINS; b++) spectrum[i][t][b] = (float)wide[i][b * HH_TILE];
    }
    HhHpssConfig config = {.bins = BINS,
                           .harmonic_width = 31,
                           .percussive_width = 31,
                           .mask = {2, 1, 1},
                           .frames = take_frames,
                           .energies = true,
                           .samples = take_samples,
                           .harmonic = true,
                           .percussive = true,
                           .fft = fft,
                           .window = window,
                           .window_square = square,
                           .hop = HOP,
                           .trim = N / 2,
                           .gain = 1};
    static Stream streams[4];
    const char *steps[] = {"\1", "\20", "\5\20\3", "\17\1\2\12"};
    for (int s = 0; s < 4; s++) {
        streams[s].h = calloc(LENGTH, sizeof(float));
        streams[s].p = calloc(LENGTH, sizeof(float));
        config.user = &streams[s];
        HhHpss *hpss;
        assert_int_equal(hh_hpss_create(NULL, &config, &hpss), HH_OK);
        for (size_t t = 0, step = 0; t < FRAMES; step++) {
            size_t count = HH_MIN((size_t)steps[s][step % strlen(steps[s])], FRAMES - t);
            for (size_t l = 0; l < HH_TILE; l++)
                for (size_t b = 0; b < BINS; b++) {
                    re[b * HH_TILE + l] = l < count ? spectrum[0][t + l][b] : 1e9f;
                    im[b * HH_TILE + l] = l < count ? spectrum[1][t + l][b] : -1e9f;
                }
            hh_hpss_push(hpss, re, im, NULL, (int)count);
            t += count;
        }
        hh_hpss_finish(hpss, LENGTH);
        hh_hpss_destroy(hpss);
        assert_int_equal(streams[s].samples, LENGTH);
        assert_int_equal(streams[s].frames, FRAMES);
        assert_memory_equal(streams[s].h, streams[0].h, sizeof y);
        assert_memory_equal(streams[s].p, streams[0].p, sizeof y);
        assert_memory_equal(streams[s].h_energy, streams[0].h_energy, sizeof streams[s].h_energy);
        assert_memory_equal(streams[s].p_energy, streams[0].p_energy, sizeof streams[s].p_energy);
    }
    HhHpssParams p = small_params();
    const float *channel = y;
    HhSignal signal = {&channel, 1, LENGTH, 22050};
    HhArray a, b;
    assert_int_equal(hh_hpss(NULL, &signal, &p, &a, &b), HH_OK);
    assert_memory_equal(a.data, streams[0].h, sizeof y);
    assert_memory_equal(b.data, streams[0].p, sizeof y);
    hh_array_free(&a);
    hh_array_free(&b);
    for (int s = 0; s < 4; s++) free(streams[s].h), free(streams[s].p);
    hh_hpss_destroy(NULL);
    hh_free(NULL, scratch);
    hh_fft_destroy(fft);
}

/* Very quiet and very loud signals give what they give at full scale, to the bit, times their
 * scale. */
static void any_scale(void **state)
{
    (void)state;
    enum { LENGTH = 2000 };
    static float y[LENGTH], z[LENGTH];
    make_sound(y, LENGTH, 10);
    HhHpssParams p = small_params();
    const float *channel = y;
    HhSignal signal = {&channel, 1, LENGTH, 22050};
    HhArray a, b, c, d;
    assert_int_equal(hh_hpss(NULL, &signal, &p, &a, &b), HH_OK);
    const int exponents[] = {-90, -30, -10, 30, 110};
    channel = z;
    for (size_t e = 0; e < HH_COUNT(exponents); e++) {
        for (size_t i = 0; i < LENGTH; i++) z[i] = ldexpf(y[i], exponents[e]);
        assert_int_equal(hh_hpss(NULL, &signal, &p, &c, &d), HH_OK);
        for (size_t i = 0; i < LENGTH; i++) {
            assert_true(((float *)c.data)[i] == ldexpf(((float *)a.data)[i], exponents[e]));
            assert_true(((float *)d.data)[i] == ldexpf(((float *)b.data)[i], exponents[e]));
        }
        hh_array_free(&c);
        hh_array_free(&d);
    }
    hh_array_free(&a);
    hh_array_free(&b);
}

/* Peaks whose power of two, or its inverse, leaves the range of float: the parts are still those of
 * full scale times the scale, but for samples and results below the smallest normal number, which
 * count as 0. */
static void ends_of_the_range(void **state)
{
    (void)state;
    enum { LENGTH = 2000 };
    static float y[LENGTH], z[LENGTH];
    make_sound(y, LENGTH, 10);
    float top = 0.0f;
    for (size_t i = 0; i < LENGTH; i++) top = fmaxf(top, fabsf(y[i]));
    const double peaks[] = {3.4e38, 2e38, 1.6e38, 3e-36, 2e-38, 2e-39, 1e-40, 1e-44};
    for (size_t e = 0; e < HH_COUNT(peaks); e++)
        for (int binary = 0; binary < 2; binary++) {
            HhHpssParams p = small_params();
            p.power = binary ? (double)INFINITY : 2.0;
            double scale = peaks[e] / (double)top, bound = 1e-6 * peaks[e] + 2.0 * (double)FLT_MIN;
            for (size_t i = 0; i < LENGTH; i++) z[i] = (float)((double)y[i] * scale);
            const float *channel = y;
            HhSignal signal = {&channel, 1, LENGTH, 22050};
            HhArray want[2], got[2];
            assert_int_equal(hh_hpss(NULL, &signal, &p, &want[0], &want[1]), HH_OK);
            channel = z;
            assert_int_equal(hh_hpss(NULL, &signal, &p, &got[0], &got[1]), HH_OK);
            for (int part = 0; part < 2; part++) {
                const float *a = got[part].data, *b = want[part].data;
                for (size_t i = 0; i < LENGTH; i++) /* also false for NaN */
                    assert_true(fabs((double)a[i] - (double)b[i] * scale) <= bound);
                hh_array_free(&got[part]);
                hh_array_free(&want[part]);
            }
        }
}

static void silence_and_nothing(void **state)
{
    (void)state;
    static const float zeros[5000];
    const float *channel = zeros;
    HhSignal signal = {&channel, 1, 5000, 22050};
    HhArray a, b;
    for (int mask = 0; mask < 2; mask++) {
        HhHpssParams p;
        hh_hpss_defaults(&p);
        p.power = mask ? (double)INFINITY : 2.0;
        signal.length = 5000;
        assert_int_equal(hh_hpss(NULL, &signal, &p, &a, &b), HH_OK);
        assert_memory_equal(a.data, zeros, sizeof zeros);
        assert_memory_equal(b.data, zeros, sizeof zeros);
        hh_array_free(&a);
        hh_array_free(&b);
        signal.length = 0;
        assert_int_equal(hh_hpss(NULL, &signal, &p, &a, &b), HH_OK);
        assert_int_equal(hh_array_count(&a), 0);
        hh_array_free(&a);
        hh_array_free(&b);
    }
}

/* ---- refusals */

static HhStatus try_params(const HhHpssParams *p, size_t length, float odd_sample)
{
    static float y[4000];
    make_sound(y, 4000, 12);
    y[3] = odd_sample;
    const float *channel = y;
    HhSignal signal = {&channel, 1, length, 22050};
    HhArray a = {HH_BOOL, 1, {1}, y, {NULL, NULL, NULL}}, b = a;
    HhStatus status = hh_hpss(NULL, &signal, p, &a, &b);
    assert_true(status == HH_OK || (!a.data && !b.data));
    hh_array_free(&a);
    hh_array_free(&b);
    return status;
}

static void refusals(void **state)
{
    (void)state;
    HhHpssParams p;
    hh_hpss_defaults(&p);
    assert_int_equal(try_params(&p, 4000, 0), HH_OK);
    assert_int_equal(try_params(&p, 4000, NAN), HH_ERROR_NOT_FINITE);
    assert_int_equal(try_params(&p, 4000, INFINITY), HH_ERROR_NOT_FINITE);
#define REFUSED(FIELD, VALUE, STATUS)                                                              \
    do {                                                                                           \
        hh_hpss_defaults(&p);                                                                      \
        p.FIELD = VALUE;                                                                           \
        assert_int_equal(try_params(&p, 1000, 0), STATUS);                                         \
    } while (0)
    REFUSED(size, sizeof p + 1, HH_ERROR_ARGUMENT);
    REFUSED(harmonic_width, 0, HH_ERROR_ARGUMENT);
    REFUSED(percussive_width, 0, HH_ERROR_ARGUMENT);
    REFUSED(harmonic_width, SIZE_MAX, HH_ERROR_ARGUMENT);
    REFUSED(power, 0, HH_ERROR_ARGUMENT);
    REFUSED(power, -1, HH_ERROR_ARGUMENT);
    REFUSED(power, (double)NAN, HH_ERROR_ARGUMENT);
    REFUSED(harmonic_margin, 0.99, HH_ERROR_ARGUMENT);
    REFUSED(percussive_margin, (double)NAN, HH_ERROR_ARGUMENT);
    REFUSED(percussive_margin, (double)INFINITY, HH_ERROR_ARGUMENT);
    REFUSED(harmonic_margin, 1e39, HH_ERROR_ARGUMENT); /* beyond float */
    REFUSED(percussive_margin, 1e39, HH_ERROR_ARGUMENT);
    REFUSED(percussive_margin, (double)FLT_MAX, HH_OK);
    REFUSED(power, 1e-39, HH_ERROR_ARGUMENT); /* no normal float */
    REFUSED(stft.n_fft, 0, HH_ERROR_ARGUMENT);
    REFUSED(stft.win_length, 2049, HH_ERROR_ARGUMENT);
    REFUSED(stft.pad, HH_PAD_WRAP, HH_ERROR_ARGUMENT);
    REFUSED(stft.center, false, HH_ERROR_TOO_SHORT);
    HhArray a, b;
    const float *none = NULL;
    HhSignal signal = {&none, 1, 10, 22050};
    assert_int_equal(hh_hpss(NULL, &signal, NULL, &a, &b), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_hpss(NULL, NULL, NULL, &a, &b), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_hpss(NULL, &signal, NULL, NULL, &b), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_harmonic(NULL, &signal, NULL, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_percussive(NULL, &signal, NULL, NULL), HH_ERROR_ARGUMENT);

    float x[6] = {0, 1, 2, 3, 4, 5};
    HhArray s = {HH_FLOAT32, 2, {2, 3}, x, {NULL, NULL, NULL}};
    hh_hpss_defaults(&p);
    p.mask = true;
    p.power = 1e39; /* beyond float: infinite */
    assert_int_equal(hh_decompose_hpss(NULL, &s, &p, &a, &b), HH_OK);
    assert_true(a.type == HH_BOOL && b.type == HH_BOOL);
    hh_array_free(&a);
    hh_array_free(&b);
    assert_int_equal(hh_decompose_hpss(NULL, NULL, NULL, &a, &b), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, NULL), HH_ERROR_ARGUMENT);
    x[4] = -1;
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_ARGUMENT);
    x[4] = NAN;
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_NOT_FINITE);
    s.dimensions = 1;
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_ARGUMENT);
    double wide[6] = {0, 1, 2, -1, 4, 5};
    s = (HhArray){HH_FLOAT64, 2, {2, 3}, wide, {NULL, NULL, NULL}};
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_ARGUMENT);
    wide[3] = -(double)INFINITY;
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_NOT_FINITE);
    s = (HhArray){HH_COMPLEX128, 2, {1, 3}, wide, {NULL, NULL, NULL}};
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_NOT_FINITE);
    const double *channel_f64 = wide;
    HhSignal doubles = {.channels = 1, .length = 3, .rate = 22050, .channel_f64 = &channel_f64};
    assert_int_equal(hh_hpss(NULL, &doubles, NULL, &a, &b), HH_ERROR_ARGUMENT);
    s = (HhArray){HH_FLOAT32, 2, {0, 3}, x, {NULL, NULL, NULL}};
    assert_int_equal(hh_decompose_hpss(NULL, &s, NULL, &a, &b), HH_ERROR_EMPTY);
}

typedef struct Meter {
    int left, held;
} Meter;

static void *metered_allocate(void *user, size_t alignment, size_t bytes)
{
    Meter *meter = user;
    if (meter->left-- <= 0) return NULL;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, bytes)) return NULL;
    meter->held++;
    return memory;
}

static void metered_release(void *user, void *memory)
{
    if (memory) ((Meter *)user)->held--;
    free(memory);
}

static void failing_allocations(void **state)
{
    (void)state;
    static float y[1000];
    make_sound(y, 1000, 13);
    const float *channel = y;
    HhSignal signal = {&channel, 1, 1000, 22050};
    HhArray s = {HH_COMPLEX64, 2, {20, 25}, y, {NULL, NULL, NULL}};
    for (int kind = 0; kind < 3; kind++) {
        HhHpssParams p = small_params();
        if (kind == 1) p.power = (double)INFINITY;
        HhStatus status = HH_ERROR_MEMORY;
        int allowed = 0;
        for (; status != HH_OK; allowed++) {
            assert_true(allowed < 200);
            Meter meter = {1, 0};
            HhContextParams c = HH_CONTEXT_PARAMS_INIT;
            c.allocator = (HhAllocator){metered_allocate, metered_release, &meter};
            HhContext *context;
            assert_int_equal(hh_context_create(&c, &context), HH_OK);
            meter.left = allowed;
            HhArray a, b;
            status = kind == 2 ? hh_decompose_hpss(context, &s, &p, &a, &b)
                               : hh_hpss(context, &signal, &p, &a, &b);
            assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
            hh_array_free(&a);
            hh_array_free(&b);
            assert_int_equal(meter.held, 1);
            hh_context_destroy(context);
            assert_int_equal(meter.held, 0);
        }
        assert_true(allowed > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_by_definition),
        cmocka_unit_test(spectrogram_by_definition),
        cmocka_unit_test(spectrogram_of_doubles),
        cmocka_unit_test(ties_of_floats_are_settled_in_double),
        cmocka_unit_test(sine_is_harmonic_and_clicks_are_percussive),
        cmocka_unit_test(same_bytes_for_threads_and_levels),
        cmocka_unit_test(same_masks_for_threads),
        cmocka_unit_test(same_bytes_for_pushes),
        cmocka_unit_test(any_scale),
        cmocka_unit_test(ends_of_the_range),
        cmocka_unit_test(silence_and_nothing),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
