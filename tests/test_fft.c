/* Fourier transforms against the definition, at every size class and CPU level. */
#include "test.h"

#include "kernel/fft.h"
#include "kernel/kernels.h"

#define FLOAT_DB  130.0
#define DOUBLE_DB 290.0
#define HOP       13

/* Each class of fft.h: the definition, Bluestein (primes, odd sizes, primes above 5 in even ones),
 * tiles of every radix and their combinations, single frames. */
static const size_t small_sizes[] = {
    1,   2,   3,   4,   5,   7,   8,   12,  16,  17,  30,  31,  32,  33,  34,  36,
    37,  40,  45,  48,  50,  54,  60,  64,  80,  81,  90,  96,  97,  100, 101, 108,
    125, 127, 128, 135, 144, 150, 160, 162, 192, 200, 225, 243, 250, 251, 256, 257,
    270, 300, 320, 360, 384, 400, 432, 450, 480, 486, 500, 509, 512, 576, 640, 648};
static const size_t large_sizes[] = {720,   768,   882,    1000,   1024,   1025,    1151,   1200,
                                     1536,  1875,  2000,   2048,   2187,   2560,    3000,   4096,
                                     4410,  6144,  8192,   16384,  32768,  44100,   65521,  65536,
                                     65538, 98304, 131072, 262144, 524288, 1000003, 1048576};

typedef struct Rig {
    HhContext *context;
    HhFft *fft;
    size_t n, bins;
    float *x, *window, *re, *im, *power, *y;
    double *x64, *window64, *re64, *im64, *y64;
    double *want_re[2], *want_im[2]; /* the definition, of the first and the last lane */
    void *scratch;
} Rig;

/* ---- the definition, in long double, so that what a kernel differs by is its own error */

static const long double two_pi = 6.283185307179586476925286766559L;

/* X[k] = sum_j x[j] exp(-2 pi i j k / n). */
static void definition_of_bin(const double *x, size_t n, size_t k, double *re, double *im)
{
    long double a = 0, b = 0;
    for (size_t j = 0; j < n; j++) {
        long double angle = two_pi * (long double)(j * k % n) / (long double)n;
        a += (long double)x[j] * cosl(angle);
        b -= (long double)x[j] * sinl(angle);
    }
    *re = (double)a;
    *im = (double)b;
}

/* The n real samples whose transform has these bins 0..n/2; the imaginary parts of the first and,
 * for even n, the last are ignored. */
static void definition_of_inverse(const double *re, const double *im, size_t n, double *x)
{
    for (size_t j = 0; j < n; j++) {
        long double sum = (long double)re[0];
        for (size_t k = 1; 2 * k < n; k++) {
            long double angle = two_pi * (long double)(j * k % n) / (long double)n;
            sum += 2 * ((long double)re[k] * cosl(angle) - (long double)im[k] * sinl(angle));
        }
        if (n % 2 == 0) sum += (long double)(j % 2 ? -re[n / 2] : re[n / 2]);
        x[j] = (double)(sum / (long double)n);
    }
}

static float noise(uint64_t *seed)
{
    return (float)test_noise(seed);
}

static HhContext *context_at(HhCpuLevel level)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.cpu_level = level;
    HhContext *context;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    return context;
}

static Rig rig_make(size_t n, HhCpuLevel level)
{
    Rig r = {.context = context_at(level), .n = n, .bins = n / 2 + 1};
    assert_int_equal(hh_fft_create(r.context, n, &r.fft), HH_OK);
    assert_int_equal(hh_fft_size(r.fft), n);
    assert_int_equal(hh_fft_bins(r.fft), r.bins);
    size_t samples = n + (HH_TILE - 1) * HOP, tile = r.bins * HH_TILE;
    r.x = hh_alloc(NULL, samples, sizeof *r.x);
    r.window = hh_alloc(NULL, n, sizeof *r.window);
    r.re = hh_alloc(NULL, tile, sizeof *r.re);
    r.im = hh_alloc(NULL, tile, sizeof *r.im);
    r.power = hh_alloc(NULL, tile, sizeof *r.power);
    r.y = hh_alloc(NULL, n * HH_TILE, sizeof *r.y);
    r.x64 = hh_alloc(NULL, samples, sizeof *r.x64);
    r.window64 = hh_alloc(NULL, n, sizeof *r.window64);
    r.re64 = hh_alloc(NULL, tile, sizeof *r.re64);
    r.im64 = hh_alloc(NULL, tile, sizeof *r.im64);
    r.y64 = hh_alloc(NULL, n * HH_TILE, sizeof *r.y64);
    r.scratch = hh_alloc(NULL, 1, hh_fft_scratch(r.fft));
    uint64_t seed = 77 + n;
    for (size_t i = 0; i < samples; i++) r.x64[i] = (double)(r.x[i] = noise(&seed));
    for (size_t i = 0; i < n; i++) {
        r.window[i] = 0.6f + 0.4f * noise(&seed);
        r.window64[i] = (double)r.window[i];
    }
    return r;
}

static void rig_free(Rig *r)
{
    void *all[] = {r->x,          r->window,     r->re,         r->im,        r->power, r->y,
                   r->x64,        r->window64,   r->re64,       r->im64,      r->y64,   r->scratch,
                   r->want_re[0], r->want_im[0], r->want_re[1], r->want_im[1]};
    for (size_t i = 0; i < HH_COUNT(all); i++) hh_free(NULL, all[i]);
    hh_fft_destroy(r->fft);
    hh_context_destroy(r->context);
}

/* ---- errors in dB below the reference */

typedef struct Ratio {
    double signal, error;
} Ratio;

static void ratio_add(Ratio *r, double reference, double value)
{
    r->signal += reference * reference;
    r->error += (value - reference) * (value - reference);
}

static void ratio_check(Ratio r, double bound, const char *what, size_t n)
{
    double db = r.error > 0 ? 10 * log10(r.signal / r.error) : HUGE_VAL;
    if (!(db >= bound)) fail_msg("%s of %zu points: %.1f dB, want %.1f", what, n, db, bound);
}

/* Bins to look at: all of small sizes, else the ends, the middle and some between. */
static size_t bin_step(size_t n)
{
    return n <= 700 ? 1 : (n / 2) / (n < 5000 ? 24 : 6) + 1;
}

static size_t next_bin(const Rig *r, size_t k)
{
    size_t step = bin_step(r->n), last = r->bins - 1;
    return k < last && k + step > last ? last : k + step;
}

static void define(Rig *r)
{
    double *frame = hh_alloc(NULL, r->n, sizeof *frame);
    for (size_t i = 0; i < 2; i++) {
        r->want_re[i] = hh_alloc(NULL, r->bins, sizeof(double));
        r->want_im[i] = hh_alloc(NULL, r->bins, sizeof(double));
        for (size_t j = 0; j < r->n; j++)
            frame[j] = r->x64[i * (HH_TILE - 1) * HOP + j] * r->window64[j];
        for (size_t k = 0; k < r->bins; k = next_bin(r, k))
            definition_of_bin(frame, r->n, k, &r->want_re[i][k], &r->want_im[i][k]);
    }
    hh_free(NULL, frame);
}

typedef void BinCheck(const Rig *r, size_t lane, size_t bin, double re, double im, Ratio *ratio);

static void against_definition(const Rig *r, BinCheck *check, double bound, const char *what)
{
    Ratio ratio = {0, 0};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < r->bins; k = next_bin(r, k))
            check(r, i * (HH_TILE - 1), k, r->want_re[i][k], r->want_im[i][k], &ratio);
    ratio_check(ratio, bound, what, r->n);
}

static void check_spectrum(const Rig *r, size_t lane, size_t bin, double re, double im,
                           Ratio *ratio)
{
    ratio_add(ratio, re, (double)r->re[bin * HH_TILE + lane]);
    ratio_add(ratio, im, (double)r->im[bin * HH_TILE + lane]);
}

static void check_spectrum64(const Rig *r, size_t lane, size_t bin, double re, double im,
                             Ratio *ratio)
{
    ratio_add(ratio, re, r->re64[bin * HH_TILE + lane]);
    ratio_add(ratio, im, r->im64[bin * HH_TILE + lane]);
}

static void check_power(const Rig *r, size_t lane, size_t bin, double re, double im, Ratio *ratio)
{
    ratio_add(ratio, re * re + im * im, (double)r->power[bin * HH_TILE + lane]);
}

static void round_trip(const Rig *r)
{
    Ratio ratio = {0, 0}, ratio64 = {0, 0};
    for (int l = 0; l < HH_TILE; l++)
        for (size_t j = 0; j < r->n; j++) {
            double x = r->x64[(size_t)l * HOP + j] * r->window64[j] * r->window64[j];
            ratio_add(&ratio, x, (double)r->y[(size_t)l * r->n + j]);
            ratio_add(&ratio64, x, r->y64[(size_t)l * r->n + j]);
        }
    ratio_check(ratio, FLOAT_DB, "round trip in float", r->n);
    ratio_check(ratio64, DOUBLE_DB, "round trip in double", r->n);
}

static void check_tiles(Rig *r)
{
    hh_fft_tile_f32(r->fft, r->x, HOP, HH_TILE, r->window, r->re, r->im, r->scratch);
    against_definition(r, check_spectrum, FLOAT_DB, "tile in float");
    hh_fft_tile_power_f32(r->fft, r->x, HOP, HH_TILE, r->window, r->power, r->scratch);
    against_definition(r, check_power, FLOAT_DB - 5, "power");
    hh_fft_tile_mixed(r->fft, r->x, HOP, HH_TILE, r->window64, r->re64, r->im64, r->scratch);
    against_definition(r, check_spectrum64, DOUBLE_DB, "tile of mixed types");
    hh_fft_tile_f64(r->fft, r->x64, HOP, HH_TILE, r->window64, r->re64, r->im64, r->scratch);
    against_definition(r, check_spectrum64, DOUBLE_DB, "tile in double");
    ptrdiff_t stride = (ptrdiff_t)r->n;
    hh_fft_tile_inverse_f32(r->fft, r->re, r->im, HH_TILE, r->window, r->y, stride, r->scratch);
    hh_fft_tile_inverse_f64(r->fft, r->re64, r->im64, HH_TILE, r->window64, r->y64, stride,
                            r->scratch);
    round_trip(r);
}

/* The functions for one frame, lane by lane into the arrays of tiles. */
static void check_frames(Rig *r)
{
    float *re = hh_alloc(NULL, r->bins, sizeof *re), *im = hh_alloc(NULL, r->bins, sizeof *im);
    double *re64 = hh_alloc(NULL, r->bins, sizeof *re64),
           *im64 = hh_alloc(NULL, r->bins, sizeof *im64);
    for (size_t l = 0; l < HH_TILE; l++) {
        hh_fft_f32(r->fft, r->x + l * HOP, r->window, re, im, r->scratch);
        hh_fft_f64(r->fft, r->x64 + l * HOP, r->window64, re64, im64, r->scratch);
        hh_fft_inverse_f32(r->fft, re, im, r->window, r->y + l * r->n, r->scratch);
        hh_fft_inverse_f64(r->fft, re64, im64, r->window64, r->y64 + l * r->n, r->scratch);
        for (size_t k = 0; k < r->bins; k++) {
            r->re[k * HH_TILE + l] = re[k], r->im[k * HH_TILE + l] = im[k];
            r->re64[k * HH_TILE + l] = re64[k], r->im64[k * HH_TILE + l] = im64[k];
        }
    }
    hh_free(NULL, re);
    hh_free(NULL, im);
    hh_free(NULL, re64);
    hh_free(NULL, im64);
    against_definition(r, check_spectrum, FLOAT_DB, "frame in float");
    against_definition(r, check_spectrum64, DOUBLE_DB, "frame in double");
    round_trip(r);
}

static void small_sizes_match_the_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < HH_COUNT(small_sizes); i++) {
        Rig r = rig_make(small_sizes[i], HH_CPU_BEST);
        define(&r);
        check_tiles(&r);
        check_frames(&r);
        rig_free(&r);
    }
}

static void large_sizes_match_the_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < HH_COUNT(large_sizes) && large_sizes[i] <= 131072; i++) {
        Rig r = rig_make(large_sizes[i], HH_CPU_BEST);
        define(&r);
        check_tiles(&r);
        if (r.n <= 65536) check_frames(&r); /* above, tiles are made of the same frames */
        rig_free(&r);
    }
}

/* One frame of the sizes that would take the test too long in tiles: some bins, and back. */
static void largest_sizes_match_the_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < HH_COUNT(large_sizes); i++) {
        const size_t n = large_sizes[i], bins = n / 2 + 1;
        if (n <= 131072) continue;
        HhFft *fft;
        assert_int_equal(hh_fft_create(NULL, n, &fft), HH_OK);
        double *x = hh_alloc(NULL, n, sizeof *x), *re = hh_alloc(NULL, bins, sizeof *re);
        double *im = hh_alloc(NULL, bins, sizeof *im), *y = hh_alloc(NULL, n, sizeof *y);
        float *x32 = hh_alloc(NULL, n, sizeof *x32), *re32 = hh_alloc(NULL, bins, sizeof *re32);
        float *im32 = hh_alloc(NULL, bins, sizeof *im32), *y32 = hh_alloc(NULL, n, sizeof *y32);
        void *scratch = hh_alloc(NULL, 1, hh_fft_scratch(fft));
        uint64_t seed = n;
        for (size_t j = 0; j < n; j++) x[j] = (double)(x32[j] = noise(&seed));
        hh_fft_f64(fft, x, NULL, re, im, scratch);
        hh_fft_f32(fft, x32, NULL, re32, im32, scratch);
        hh_fft_inverse_f64(fft, re, im, NULL, y, scratch);
        hh_fft_inverse_f32(fft, re32, im32, NULL, y32, scratch);
        Ratio forward = {0, 0}, forward32 = {0, 0}, back = {0, 0}, back32 = {0, 0};
        for (size_t k = 1; k < bins; k = k * 29 + 3) {
            double a, b;
            definition_of_bin(x, n, k, &a, &b);
            ratio_add(&forward, a, re[k]), ratio_add(&forward, b, im[k]);
            ratio_add(&forward32, a, (double)re32[k]), ratio_add(&forward32, b, (double)im32[k]);
        }
        for (size_t j = 0; j < n; j++)
            ratio_add(&back, x[j], y[j]), ratio_add(&back32, x[j], (double)y32[j]);
        ratio_check(forward, DOUBLE_DB, "frame in double", n);
        ratio_check(forward32, FLOAT_DB - 5, "frame in float", n);
        ratio_check(back, DOUBLE_DB, "round trip in double", n);
        ratio_check(back32, FLOAT_DB - 5, "round trip in float", n);
        void *all[] = {x, re, im, y, x32, re32, im32, y32, scratch};
        for (size_t j = 0; j < HH_COUNT(all); j++) hh_free(NULL, all[j]);
        hh_fft_destroy(fft);
    }
}

static void inverse_matches_the_definition(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 9, 32, 37, 50, 96, 128, 135, 250, 512};
    for (size_t i = 0; i < HH_COUNT(sizes); i++) {
        Rig r = rig_make(sizes[i], HH_CPU_BEST);
        double *re = hh_alloc(NULL, r.bins, sizeof *re), *im = hh_alloc(NULL, r.bins, sizeof *im);
        double *x = hh_alloc(NULL, r.n, sizeof *x);
        uint64_t seed = 5;
        /* any values, also where a real signal's spectrum has no imaginary part */
        for (size_t k = 0; k < r.bins * HH_TILE; k++) {
            r.re64[k] = (double)(r.re[k] = noise(&seed));
            r.im64[k] = (double)(r.im[k] = noise(&seed));
        }
        ptrdiff_t stride = (ptrdiff_t)r.n;
        hh_fft_tile_inverse_f32(r.fft, r.re, r.im, HH_TILE, NULL, r.y, stride, r.scratch);
        hh_fft_tile_inverse_f64(r.fft, r.re64, r.im64, HH_TILE, NULL, r.y64, stride, r.scratch);
        const size_t lane = 6;
        double *lanes = hh_alloc(NULL, r.n * HH_TILE, sizeof *lanes);
        float *lanes32 = hh_alloc(NULL, r.n * HH_TILE, sizeof *lanes32);
        for (size_t samples = r.n; samples > 0; samples /= 3) {
            hh_fft_tile_inverse_lanes_f64(r.fft, r.re64, r.im64, samples, lanes, r.scratch);
            hh_fft_tile_inverse_lanes_f32(r.fft, r.re, r.im, samples, lanes32, r.scratch);
            for (size_t j = 0; j < samples; j++)
                for (size_t l = 0; l < HH_TILE; l++) {
                    assert_true(lanes[j * HH_TILE + l] == r.y64[l * r.n + j]);
                    assert_true(lanes32[j * HH_TILE + l] == r.y[l * r.n + j]);
                }
        }
        hh_free(NULL, lanes);
        hh_free(NULL, lanes32);
        for (size_t k = 0; k < r.bins; k++)
            re[k] = r.re64[k * HH_TILE + lane], im[k] = r.im64[k * HH_TILE + lane];
        definition_of_inverse(re, im, r.n, x);
        Ratio ratio = {0, 0}, ratio64 = {0, 0}, frame = {0, 0};
        for (size_t j = 0; j < r.n; j++) ratio_add(&ratio, x[j], (double)r.y[lane * r.n + j]);
        for (size_t j = 0; j < r.n; j++) ratio_add(&ratio64, x[j], r.y64[lane * r.n + j]);
        hh_fft_inverse_f64(r.fft, re, im, NULL, r.y64, r.scratch);
        for (size_t j = 0; j < r.n; j++) ratio_add(&frame, x[j], r.y64[j]);
        ratio_check(ratio, FLOAT_DB, "inverse tile in float", r.n);
        ratio_check(ratio64, DOUBLE_DB, "inverse tile in double", r.n);
        ratio_check(frame, DOUBLE_DB, "inverse frame in double", r.n);
        hh_free(NULL, re);
        hh_free(NULL, im);
        hh_free(NULL, x);
        rig_free(&r);
    }
}

/* ---- what must be equal to the last bit */

static const size_t exact_sizes[] = {9,   32,  37,  50,  64,   96,   100,  128,
                                     256, 486, 512, 750, 1024, 1536, 2048, 4096};

static void same(const void *a, const void *b, size_t bytes, const char *what, size_t n)
{
    if (memcmp(a, b, bytes) != 0) fail_msg("%s differ at %zu points", what, n);
}

/* Every function once; hops that are a fraction of the frame as in practice. */
static void run_all(Rig *r)
{
    ptrdiff_t stride = (ptrdiff_t)r->n;
    hh_fft_tile_power_f32(r->fft, r->x, HOP, HH_TILE, r->window, r->power, r->scratch);
    hh_fft_tile_f32(r->fft, r->x, HOP, HH_TILE, r->window, r->re, r->im, r->scratch);
    hh_fft_tile_inverse_f32(r->fft, r->re, r->im, HH_TILE, r->window, r->y, stride, r->scratch);
    hh_fft_tile_mixed(r->fft, r->x, HOP, HH_TILE, r->window64, r->re64, r->im64, r->scratch);
    hh_fft_tile_inverse_f64(r->fft, r->re64, r->im64, HH_TILE, r->window64, r->y64, stride,
                            r->scratch);
}

static void run_frames(Rig *r)
{
    hh_fft_f32(r->fft, r->x, r->window, r->re, r->im, r->scratch);
    hh_fft_inverse_f32(r->fft, r->re, r->im, r->window, r->y, r->scratch);
    hh_fft_f64(r->fft, r->x64, r->window64, r->re64, r->im64, r->scratch);
    hh_fft_inverse_f64(r->fft, r->re64, r->im64, r->window64, r->y64, r->scratch);
}

static void levels_give_the_same_bits(void **state)
{
    (void)state;
    const HhCpuLevel levels[] = {HH_CPU_X86_V3, HH_CPU_X86_V4};
    for (size_t i = 0; i < HH_COUNT(exact_sizes); i++)
        for (size_t j = 0; j < HH_COUNT(levels); j++) {
            if (!hh_kernels_at(levels[j])) continue;
            const size_t n = exact_sizes[i];
            Rig a = rig_make(n, HH_CPU_BASE), b = rig_make(n, levels[j]);
            size_t tile = a.bins * HH_TILE, samples = n * HH_TILE;
            run_all(&a), run_all(&b);
            same(a.power, b.power, tile * sizeof(float), "powers of levels", n);
            same(a.re, b.re, tile * sizeof(float), "float spectra of levels", n);
            same(a.im, b.im, tile * sizeof(float), "float spectra of levels", n);
            same(a.y, b.y, samples * sizeof(float), "float inverses of levels", n);
            same(a.re64, b.re64, tile * sizeof(double), "double spectra of levels", n);
            same(a.im64, b.im64, tile * sizeof(double), "double spectra of levels", n);
            same(a.y64, b.y64, samples * sizeof(double), "double inverses of levels", n);
            run_frames(&a), run_frames(&b);
            same(a.re, b.re, a.bins * sizeof(float), "frames of levels", n);
            same(a.im, b.im, a.bins * sizeof(float), "frames of levels", n);
            same(a.y, b.y, n * sizeof(float), "inverse frames of levels", n);
            same(a.re64, b.re64, a.bins * sizeof(double), "double frames of levels", n);
            same(a.im64, b.im64, a.bins * sizeof(double), "double frames of levels", n);
            same(a.y64, b.y64, n * sizeof(double), "double inverse frames of levels", n);
            rig_free(&a);
            rig_free(&b);
        }
}

/* A frame's result depends neither on its lane, nor on the other frames, nor on how many there
 * are. */
static void lanes_are_independent(void **state)
{
    (void)state;
    for (HhCpuLevel level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        if (!hh_kernels_at(level)) continue;
        for (size_t i = 0; i < HH_COUNT(exact_sizes); i++) {
            Rig a = rig_make(exact_sizes[i], level), b = rig_make(exact_sizes[i], level);
            ptrdiff_t stride = (ptrdiff_t)a.n;
            run_all(&a);
            for (int l = 0; l < HH_TILE; l += 5) {
                int count = l == 5 ? 3 : 1;
                hh_fft_tile_power_f32(b.fft, b.x + l * HOP, HOP, count, b.window, b.power,
                                      b.scratch);
                hh_fft_tile_f32(b.fft, b.x + l * HOP, HOP, count, b.window, b.re, b.im, b.scratch);
                hh_fft_tile_mixed(b.fft, b.x + l * HOP, HOP, count, b.window64, b.re64, b.im64,
                                  b.scratch);
                for (size_t k = 0; k < a.bins * HH_TILE; k++) {
                    int lane = (int)(k % HH_TILE);
                    size_t other = k + (size_t)l;
                    assert_true(b.power[k] == (lane < count ? a.power[other] : 0));
                    assert_true(b.re[k] == (lane < count ? a.re[other] : 0));
                    assert_true(b.im[k] == (lane < count ? a.im[other] : 0));
                    assert_true(b.re64[k] == (lane < count ? a.re64[other] : 0));
                    assert_true(b.im64[k] == (lane < count ? a.im64[other] : 0));
                }
                hh_fft_tile_inverse_f32(b.fft, b.re, b.im, count, b.window, b.y, stride, b.scratch);
                hh_fft_tile_inverse_f64(b.fft, b.re64, b.im64, count, b.window64, b.y64, stride,
                                        b.scratch);
                size_t samples = (size_t)count * a.n;
                same(b.y, a.y + (size_t)l * a.n, samples * sizeof(float),
                     "inverses of fewer frames", a.n);
                same(b.y64, a.y64 + (size_t)l * a.n, samples * sizeof(double),
                     "inverses of fewer frames", a.n);
            }
            rig_free(&a);
            rig_free(&b);
        }
    }
}

/* The same frames by any stride: where frames overlap in a regular way the kernels may share
 * work. */
static void strides_give_the_same_bits(void **state)
{
    (void)state;
    const size_t sizes[] = {64, 96, 256, 512, 1024, 2048, 4096};
    for (size_t i = 0; i < HH_COUNT(sizes); i++)
        for (size_t divisor = 1; divisor <= 32; divisor *= 2) {
            const size_t n = sizes[i], hop = n / divisor;
            Rig r = rig_make(n, HH_CPU_BEST);
            float *signal = hh_alloc(NULL, n + 15 * hop, sizeof *signal);
            float *apart = hh_alloc(NULL, 16 * (n + 3), sizeof *apart);
            float *power = hh_alloc(NULL, r.bins * HH_TILE, sizeof *power);
            uint64_t seed = 3;
            for (size_t j = 0; j < n + 15 * hop; j++) signal[j] = noise(&seed);
            for (size_t l = 0; l < HH_TILE; l++)
                memcpy(apart + l * (n + 3), signal + l * hop, n * sizeof *apart);
            hh_fft_tile_power_f32(r.fft, signal, (ptrdiff_t)hop, HH_TILE, r.window, r.power,
                                  r.scratch);
            hh_fft_tile_power_f32(r.fft, apart, (ptrdiff_t)n + 3, HH_TILE, r.window, power,
                                  r.scratch);
            same(r.power, power, r.bins * HH_TILE * sizeof *power, "powers of strides", n);
            hh_free(NULL, signal);
            hh_free(NULL, apart);
            hh_free(NULL, power);
            rig_free(&r);
        }
}

static void check_rounded_power(const Rig *r, const char *what)
{
    for (size_t k = 0; k < r->bins * HH_TILE; k++) {
        float expected = (float)(r->re64[k] * r->re64[k] + r->im64[k] * r->im64[k]);
        if (r->power[k] != expected)
            fail_msg("power %s at %zu points: %.9g, not %.9g", what, r->n, (double)r->power[k],
                     (double)expected);
    }
}

/* Of whole tiles and of one that is not full, whose other lanes are zero. */
static void powers_in_double_are_those_of_the_spectrum(void **state)
{
    (void)state;
    for (HhCpuLevel level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        if (!hh_kernels_at(level)) continue;
        for (size_t i = 0; i < HH_COUNT(exact_sizes); i++) {
            Rig r = rig_make(exact_sizes[i], level);
            for (int count = 3; count <= HH_TILE; count += HH_TILE - 3) {
                hh_fft_tile_mixed(r.fft, r.x, HOP, count, r.window64, r.re64, r.im64, r.scratch);
                hh_fft_tile_power_mixed(r.fft, r.x, HOP, count, r.window64, r.power, r.scratch);
                check_rounded_power(&r, "of mixed types");
                hh_fft_tile_f64(r.fft, r.x64, HOP, count, r.window64, r.re64, r.im64, r.scratch);
                hh_fft_tile_power_f64(r.fft, r.x64, HOP, count, r.window64, r.power, r.scratch);
                check_rounded_power(&r, "in double");
            }
            rig_free(&r);
        }
    }
}

static void no_window_is_a_window_of_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < HH_COUNT(exact_sizes); i++) {
        Rig a = rig_make(exact_sizes[i], HH_CPU_BEST), b = rig_make(exact_sizes[i], HH_CPU_BEST);
        size_t tile = a.bins * HH_TILE;
        for (size_t j = 0; j < a.n; j++) a.window[j] = 1, a.window64[j] = 1;
        run_all(&a);
        ptrdiff_t stride = (ptrdiff_t)b.n;
        hh_fft_tile_power_f32(b.fft, b.x, HOP, HH_TILE, NULL, b.power, b.scratch);
        hh_fft_tile_f32(b.fft, b.x, HOP, HH_TILE, NULL, b.re, b.im, b.scratch);
        hh_fft_tile_mixed(b.fft, b.x, HOP, HH_TILE, NULL, b.re64, b.im64, b.scratch);
        hh_fft_tile_inverse_f32(b.fft, b.re, b.im, HH_TILE, NULL, b.y, stride, b.scratch);
        hh_fft_tile_inverse_f64(b.fft, b.re64, b.im64, HH_TILE, NULL, b.y64, stride, b.scratch);
        same(a.power, b.power, tile * sizeof(float), "powers without window", a.n);
        same(a.re, b.re, tile * sizeof(float), "spectra without window", a.n);
        same(a.re64, b.re64, tile * sizeof(double), "double spectra without window", a.n);
        same(a.y, b.y, a.n * HH_TILE * sizeof(float), "inverses without window", a.n);
        same(a.y64, b.y64, a.n * HH_TILE * sizeof(double), "double inverses without window", a.n);
        run_frames(&a);
        hh_fft_f32(b.fft, b.x, NULL, b.re, b.im, b.scratch);
        hh_fft_inverse_f32(b.fft, b.re, b.im, NULL, b.y, b.scratch);
        hh_fft_f64(b.fft, b.x64, NULL, b.re64, b.im64, b.scratch);
        hh_fft_inverse_f64(b.fft, b.re64, b.im64, NULL, b.y64, b.scratch);
        same(a.y, b.y, a.n * sizeof(float), "inverse frames without window", a.n);
        same(a.y64, b.y64, a.n * sizeof(double), "double inverse frames without window", a.n);
        rig_free(&a);
        rig_free(&b);
    }
}

static void one_bad_frame_spoils_no_other(void **state)
{
    (void)state;
    Rig a = rig_make(256, HH_CPU_BEST), b = rig_make(256, HH_CPU_BEST);
    float *apart = hh_alloc(NULL, 16 * 256, sizeof *apart);
    for (size_t l = 0; l < HH_TILE; l++)
        memcpy(apart + l * 256, a.x + l * HOP, 256 * sizeof *apart);
    hh_fft_tile_power_f32(a.fft, apart, 256, HH_TILE, NULL, a.power, a.scratch);
    apart[3 * 256 + 17] = NAN;
    apart[256] = INFINITY;
    hh_fft_tile_power_f32(b.fft, apart, 256, HH_TILE, NULL, b.power, b.scratch);
    for (size_t k = 0; k < a.bins * HH_TILE; k++)
        if (k % HH_TILE == 3)
            assert_true(isnan(b.power[k]));
        else if (k % HH_TILE != 1)
            assert_true(a.power[k] == b.power[k]);
    /* the frame that stands in for missing ones may be bad too */
    hh_fft_tile_power_f32(b.fft, apart + 3 * 256, 256, 1, NULL, b.power, b.scratch);
    for (size_t k = 0; k < a.bins * HH_TILE; k++)
        if (k % HH_TILE) assert_true(b.power[k] == 0);
    hh_free(NULL, apart);
    rig_free(&a);
    rig_free(&b);
}

static void inverse_writes_its_frames_only(void **state)
{
    (void)state;
    const size_t sizes[] = {33, 50, 64, 512, 1024};
    for (size_t i = 0; i < HH_COUNT(sizes); i++) {
        Rig r = rig_make(sizes[i], HH_CPU_BEST);
        const size_t stride = r.n + 5;
        float *y = hh_alloc(NULL, stride * HH_TILE, sizeof *y);
        for (int count = 1; count <= HH_TILE; count += 3) {
            for (size_t j = 0; j < stride * HH_TILE; j++) y[j] = 99;
            run_all(&r);
            hh_fft_tile_inverse_f32(r.fft, r.re, r.im, count, NULL, y, (ptrdiff_t)stride,
                                    r.scratch);
            for (size_t j = 0; j < stride * HH_TILE; j++) {
                bool inside = j % stride < r.n && j / stride < (size_t)count;
                assert_true((y[j] == 99) == !inside);
            }
        }
        hh_free(NULL, y);
        rig_free(&r);
    }
}

/* ---- failure */

typedef struct Meter {
    int left, held;
} Meter;

static void *meter_allocate(void *user, size_t alignment, size_t bytes)
{
    Meter *m = user;
    if (m->left-- <= 0) return NULL;
    void *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    m->held += memory != NULL;
    return memory;
}

static void meter_release(void *user, void *memory)
{
    Meter *m = user;
    m->held -= memory != NULL;
    free(memory);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    const size_t sizes[] = {31, 37, 96, 2048};
    for (size_t i = 0; i < HH_COUNT(sizes); i++)
        for (int allowed = 0;; allowed++) {
            Meter meter = {1000, 0};
            HhContextParams p = HH_CONTEXT_PARAMS_INIT;
            p.allocator = (HhAllocator){meter_allocate, meter_release, &meter};
            HhContext *context;
            assert_int_equal(hh_context_create(&p, &context), HH_OK);
            int before = meter.held;
            meter.left = allowed;
            HhFft *fft;
            HhStatus status = hh_fft_create(context, sizes[i], &fft);
            if (status != HH_OK) assert_null(fft);
            hh_fft_destroy(fft);
            assert_int_equal(meter.held, before);
            meter.left = 1000;
            hh_context_destroy(context);
            if (status == HH_OK) break;
            assert_int_equal(status, HH_ERROR_MEMORY);
        }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    HhFft *fft = (HhFft *)1;
    assert_int_equal(hh_fft_create(NULL, 0, &fft), HH_ERROR_ARGUMENT);
    assert_null(fft);
    assert_int_equal(hh_fft_create(NULL, ((size_t)1 << 20) + 1, &fft), HH_ERROR_ARGUMENT);
    assert_null(fft);
    hh_fft_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_sizes_match_the_definition),
        cmocka_unit_test(large_sizes_match_the_definition),
        cmocka_unit_test(largest_sizes_match_the_definition),
        cmocka_unit_test(inverse_matches_the_definition),
        cmocka_unit_test(levels_give_the_same_bits),
        cmocka_unit_test(lanes_are_independent),
        cmocka_unit_test(strides_give_the_same_bits),
        cmocka_unit_test(powers_in_double_are_those_of_the_spectrum),
        cmocka_unit_test(no_window_is_a_window_of_ones),
        cmocka_unit_test(one_bad_frame_spoils_no_other),
        cmocka_unit_test(inverse_writes_its_frames_only),
        cmocka_unit_test(failing_memory_leaks_nothing),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
