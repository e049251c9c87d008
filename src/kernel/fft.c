/* Plans of real Fourier transforms, and which kernel serves a call.
 *
 * Even sizes without a prime above 5 go to the lane-batched kernels up to 65536 points, and frame
 * by frame to the single-frame kernels above that, if they are multiples of 512. Every other size
 * becomes a convolution with a chirp (L. Bluestein, "A linear filtering approach to the computation
 * of discrete Fourier transform", IEEE Trans. Audio Electroacoustics, 1970), done in double by the
 * single-frame kernels; below 32 points the definition itself does. Error relative to the whole
 * spectrum: float below -130 dB, double below -290 dB. */
#include "kernel/fft.h"

#include <math.h>
#include <string.h>

#include "kernel/fft_plan.h"
#include "kernel/kernels.h"

#define LARGEST      ((size_t)1 << 20)
#define LARGEST_TILE 65536

/* How a single frame is transformed. */
typedef enum Method { METHOD_DIRECT, METHOD_CHIRP, METHOD_SINGLE, METHOD_TILE } Method;

struct HhFft {
    HhContext *context;
    const HhFftKernels *kernels;
    size_t size;
    Method method;
    bool has_tile;
    HhFftPlan tile, single;
    /* METHOD_CHIRP: exp(-pi i j^2 / size) for j < size, and the spectrum of its conjugate, divided
     * by the points of `single`. METHOD_DIRECT: chirp holds exp(-2 pi i j / size). */
    double *chirp_re, *chirp_im, *filter_re, *filter_im;
};

/* ---- plans */

/* exp(-2 pi i k / n): the angle is folded into an eighth of the circle first, so that symmetric
 * values are exactly symmetric. */
static void twiddle(size_t k, size_t n, double *re, double *im)
{
    const double two_pi = 6.283185307179586;
    k %= n;
    size_t fold = (8 * k / n + 1) / 2; /* the nearest quarter */
    double angle = two_pi * ((double)(4 * k) - (double)(fold * n)) / (4.0 * (double)n);
    double c = cos(angle), s = -sin(angle);
    switch (fold % 4) {
    case 0:
        *re = c, *im = s;
        return;
    case 1:
        *re = s, *im = -c;
        return;
    case 2:
        *re = -c, *im = -s;
        return;
    default:
        *re = -s, *im = c;
        return;
    }
}

static void add_passes(HhFftPlan *plan, size_t radix, size_t passes)
{
    while (passes-- > 0) plan->radix[plan->passes++] = radix;
}

/* Splits a size into radices; false if a prime above 5 remains. A last pass, which has no twiddle
 * factors, is best done sixteen at a time (measured: 5 to 10 % of the whole), any other eight at a
 * time. */
static bool factor(HhFftPlan *plan)
{
    size_t rest = plan->size, twos = 0, threes = 0, fives = 0;
    for (; rest % 2 == 0; rest /= 2) twos++;
    for (; rest % 3 == 0; rest /= 3) threes++;
    for (; rest % 5 == 0; rest /= 5) fives++;
    bool sixteen = twos >= 6 || (twos == 4 && threes + fives > 0);
    if (sixteen) twos -= 4;
    size_t fours = twos % 3 == 0 ? 0 : twos % 3 == 2 ? 1 : twos >= 4 ? 2 : 0;
    size_t eights = (twos - 2 * fours) / 3;
    plan->passes = 0;
    add_passes(plan, 8, eights);
    add_passes(plan, 4, fours);
    add_passes(plan, 2, twos - 3 * eights - 2 * fours);
    add_passes(plan, 5, fives);
    add_passes(plan, 3, threes);
    add_passes(plan, 16, sixteen);
    return rest == 1;
}

static void layout(HhFftPlan *plan)
{
    size_t below = plan->size;
    plan->run = plan->size;
    for (int l = 0; l < plan->passes; l++) {
        below /= plan->radix[l];
        plan->below[l] = below;
        if (below >= 32) plan->run = below;
    }
}

/* Output k of the passes from `first` on: its lowest digit chooses the block that the first of them
 * made, and so on. */
static bool make_positions(HhContext *context, HhFftPlan *plan, int first)
{
    size_t outputs = first ? plan->below[first - 1] : plan->size;
    plan->position = hh_alloc(context, outputs, sizeof *plan->position);
    for (size_t k = 0; plan->position && k < outputs; k++) {
        size_t rest = k, element = 0;
        for (int l = first; l < plan->passes; l++) {
            element += rest % plan->radix[l] * plan->below[l];
            rest /= plan->radix[l];
        }
        plan->position[k] = (uint32_t)hh_fft_padded(plan, element);
    }
    return plan->position;
}

/* A table in double and, if `narrow` is not NULL, rounded to float; entry(plan, i, value) gives
 * value i. */
typedef void Entry(const HhFftPlan *plan, int pass, size_t i, double *value);

static bool make_table(HhContext *context, const HhFftPlan *plan, int pass, size_t values,
                       Entry *entry, double **wide, float **narrow)
{
    double *w = *wide = hh_alloc(context, values, sizeof *w);
    if (!w) return false;
    for (size_t i = 0; i < values; i++) entry(plan, pass, i, &w[i]);
    if (!narrow) return true;
    float *f = *narrow = hh_alloc(context, values, sizeof *f);
    for (size_t i = 0; f && i < values; i++) f[i] = (float)w[i];
    return f;
}

static void pass_entry(const HhFftPlan *plan, int pass, size_t i, double *value)
{
    size_t legs = plan->radix[pass] - 1, j = i / 2 / legs, q = i / 2 % legs + 1;
    double w[2];
    twiddle(j * q, plan->radix[pass] * plan->below[pass], &w[0], &w[1]);
    *value = w[i % 2];
}

static void post_entry(const HhFftPlan *plan, int pass, size_t i, double *value)
{
    (void)pass;
    size_t a = i / 2 / plan->below[0], k = i / 2 % plan->below[0];
    double w[2];
    twiddle(a + plan->radix[0] * k, 2 * plan->size, &w[0], &w[1]);
    *value = w[i % 2] * 0.5;
}

static void pre_entry(const HhFftPlan *plan, int pass, size_t i, double *value)
{
    (void)pass;
    size_t j = i / 2 / plan->radix[0], q = i / 2 % plan->radix[0];
    double w[2];
    twiddle(j + q * plan->below[0], 2 * plan->size, &w[0], &w[1]);
    *value = i % 2 ? -w[1] : w[0];
}

static void cross_entry(const HhFftPlan *plan, int pass, size_t i, double *value)
{
    (void)pass;
    size_t k = i / (2 * HH_TILE), lane = i % HH_TILE;
    double w[2];
    twiddle(lane * k, HH_TILE * plan->size, &w[0], &w[1]);
    *value = w[i / HH_TILE % 2];
}

static void split_entry(const HhFftPlan *plan, int pass, size_t i, double *value)
{
    (void)pass;
    size_t half = HH_TILE * plan->size / 2;
    double w[2];
    twiddle(i % half, 4 * half, &w[0], &w[1]);
    *value = w[i / half] * 0.5;
}

static bool make_passes(HhContext *context, HhFftPlan *plan, bool narrow)
{
    for (int l = 0; l + 1 < plan->passes; l++)
        if (!make_table(context, plan, l, 2 * (plan->radix[l] - 1) * plan->below[l], pass_entry,
                        &plan->f64.pass[l], narrow ? &plan->f32.pass[l] : NULL))
            return false;
    return true;
}

static bool make_tile(HhContext *context, HhFftPlan *plan)
{
    size_t bins = 2 * plan->size, half = 2 * plan->radix[0] * (plan->below[0] / 2 + 1);
    return make_positions(context, plan, 1) && make_passes(context, plan, true) &&
           make_table(context, plan, 0, bins, post_entry, &plan->f64.post, &plan->f32.post) &&
           make_table(context, plan, 0, half, pre_entry, &plan->f64.pre, &plan->f32.pre);
}

/* `real`: for real frames of either type; else for complex_f64() only. */
static bool make_single(HhContext *context, HhFftPlan *plan, bool real)
{
    size_t points = HH_TILE * plan->size;
    return make_positions(context, plan, 0) && make_passes(context, plan, real) &&
           make_table(context, plan, 0, 2 * points, cross_entry, &plan->f64.cross,
                      real ? &plan->f32.cross : NULL) &&
           (!real ||
            make_table(context, plan, 0, points, split_entry, &plan->f64.split, &plan->f32.split));
}

static void free_plan(HhContext *context, HhFftPlan *plan)
{
    hh_free(context, plan->position);
    for (int l = 0; l < HH_FFT_PASSES; l++) {
        hh_free(context, plan->f32.pass[l]);
        hh_free(context, plan->f64.pass[l]);
    }
    hh_free(context, plan->f32.post);
    hh_free(context, plan->f64.post);
    hh_free(context, plan->f32.pre);
    hh_free(context, plan->f64.pre);
    hh_free(context, plan->f32.cross);
    hh_free(context, plan->f64.cross);
    hh_free(context, plan->f32.split);
    hh_free(context, plan->f64.split);
}

/* Chooses the radices of a plan; false if the size has none. */
static bool prepare(HhFftPlan *plan, size_t size)
{
    plan->size = size;
    if (!factor(plan)) return false;
    layout(plan);
    return true;
}

static bool make_direct(HhFft *fft)
{
    fft->chirp_re = hh_alloc(fft->context, fft->size, sizeof(double));
    fft->chirp_im = hh_alloc(fft->context, fft->size, sizeof(double));
    if (!fft->chirp_re || !fft->chirp_im) return false;
    for (size_t j = 0; j < fft->size; j++)
        twiddle(j, fft->size, &fft->chirp_re[j], &fft->chirp_im[j]);
    return true;
}

static bool make_chirp(HhFft *fft)
{
    HhContext *context = fft->context;
    const size_t n = fft->size;
    size_t points = 512;
    while (points < 2 * n - 1) points *= 2;
    prepare(&fft->single, points / HH_TILE);
    fft->chirp_re = hh_alloc(context, n, sizeof(double));
    fft->chirp_im = hh_alloc(context, n, sizeof(double));
    fft->filter_re = hh_alloc(context, points, sizeof(double));
    fft->filter_im = hh_alloc(context, points, sizeof(double));
    double *re = hh_zalloc(context, points, sizeof *re),
           *im = hh_zalloc(context, points, sizeof *im);
    void *scratch = hh_alloc(context, 1, hh_fft_single_scratch(&fft->single));
    bool made = fft->chirp_re && fft->chirp_im && fft->filter_re && fft->filter_im && re && im &&
                scratch && make_single(context, &fft->single, false);
    if (made) {
        for (size_t j = 0; j < n; j++) {
            twiddle(j * j, 2 * n, &fft->chirp_re[j], &fft->chirp_im[j]);
            size_t mirror = j ? points - j : 0;
            re[j] = re[mirror] = fft->chirp_re[j] / (double)points;
            im[j] = im[mirror] = -fft->chirp_im[j] / (double)points;
        }
        fft->kernels->complex_f64(&fft->single, re, im, fft->filter_re, fft->filter_im, scratch);
    }
    hh_free(context, re);
    hh_free(context, im);
    hh_free(context, scratch);
    return made;
}

static bool make(HhFft *fft)
{
    const size_t n = fft->size;
    fft->has_tile = n % 2 == 0 && n >= 32 && n <= LARGEST_TILE && prepare(&fft->tile, n / 2);
    if (fft->has_tile && !make_tile(fft->context, &fft->tile)) return false;
    if (n % (32 * HH_TILE) == 0 && prepare(&fft->single, n / (2 * HH_TILE))) {
        fft->method = METHOD_SINGLE;
        return make_single(fft->context, &fft->single, true);
    }
    fft->method = fft->has_tile ? METHOD_TILE : n < 32 ? METHOD_DIRECT : METHOD_CHIRP;
    if (fft->method == METHOD_DIRECT) return make_direct(fft);
    return fft->method == METHOD_TILE || make_chirp(fft);
}

HhStatus hh_fft_create(HhContext *context, size_t size, HhFft **out)
{
    *out = NULL;
    if (size < 1 || size > LARGEST)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a transform of %zu points: 1 to %zu are possible", size, LARGEST);
    HhFft *fft = hh_zalloc(context, 1, sizeof *fft);
    if (!fft) return hh_fail_memory(context);
    fft->context = context;
    fft->kernels = hh_kernels(context)->fft;
    fft->size = size;
    if (!make(fft)) {
        hh_fft_destroy(fft);
        return hh_fail_memory(context);
    }
    *out = fft;
    return HH_OK;
}

void hh_fft_destroy(HhFft *fft)
{
    if (!fft) return;
    HhContext *context = fft->context;
    free_plan(context, &fft->tile);
    free_plan(context, &fft->single);
    hh_free(context, fft->chirp_re);
    hh_free(context, fft->chirp_im);
    hh_free(context, fft->filter_re);
    hh_free(context, fft->filter_im);
    hh_free(context, fft);
}

size_t hh_fft_size(const HhFft *fft)
{
    return fft->size;
}

size_t hh_fft_bins(const HhFft *fft)
{
    return fft->size / 2 + 1;
}

/* ---- scratch: nested calls each carve what they need from the front and hand the rest down. */

/* A frame and its spectrum, in either type. */
typedef struct Frame32 {
    float *x, *re, *im;
    void *rest;
} Frame32;

typedef struct Frame64 {
    double *x, *re, *im;
    void *rest;
} Frame64;

static size_t rounded(size_t values)
{
    return (values + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

static size_t frame_bytes(const HhFft *fft)
{
    return (rounded(fft->size) + 2 * rounded(hh_fft_bins(fft))) * sizeof(double);
}

static Frame32 carve32(const HhFft *fft, void *scratch)
{
    float *x = scratch, *re = x + rounded(fft->size), *im = re + rounded(hh_fft_bins(fft));
    return (Frame32){x, re, im, (char *)scratch + frame_bytes(fft)};
}

static Frame64 carve64(const HhFft *fft, void *scratch)
{
    double *x = scratch, *re = x + rounded(fft->size), *im = re + rounded(hh_fft_bins(fft));
    return (Frame64){x, re, im, (char *)scratch + frame_bytes(fft)};
}

size_t hh_fft_scratch(const HhFft *fft)
{
    size_t tile = fft->has_tile ? hh_fft_tile_scratch(&fft->tile) : 0, single = 0;
    if (fft->method == METHOD_TILE) single = 2 * hh_fft_bins(fft) * HH_TILE * sizeof(double) + tile;
    if (fft->method == METHOD_SINGLE || fft->method == METHOD_CHIRP)
        single = hh_fft_single_scratch(&fft->single);
    return HH_MAX(tile, 2 * frame_bytes(fft) + single);
}

/* ---- sizes without a plan, in double; `x` is windowed already and not scaled afterwards */

static void direct_forward(const HhFft *fft, const double *x, double *re, double *im)
{
    const size_t n = fft->size;
    for (size_t k = 0; k < hh_fft_bins(fft); k++) {
        double a = 0, b = 0;
        for (size_t j = 0; j < n; j++) {
            a += x[j] * fft->chirp_re[j * k % n];
            b += x[j] * fft->chirp_im[j * k % n];
        }
        re[k] = a;
        im[k] = b;
    }
}

static void direct_inverse(const HhFft *fft, const double *re, const double *im, double *x)
{
    const size_t n = fft->size;
    for (size_t j = 0; j < n; j++) {
        double sum = 0;
        for (size_t k = 1; 2 * k < n; k++)
            sum += re[k] * fft->chirp_re[j * k % n] + im[k] * fft->chirp_im[j * k % n];
        sum = re[0] + 2 * sum;
        if (n % 2 == 0) sum += j % 2 ? -re[n / 2] : re[n / 2];
        x[j] = sum / (double)n;
    }
}

/* Four arrays of the convolution's points, and what complex_f64() needs. */
typedef struct Convolution {
    double *re, *im, *out_re, *out_im;
    void *rest;
} Convolution;

static Convolution carve_convolution(const HhFft *fft, void *scratch)
{
    size_t points = HH_TILE * fft->single.size;
    double *p = scratch;
    return (Convolution){p, p + points, p + 2 * points, p + 3 * points, p + 4 * points};
}

/* Circular convolution of re, im with the chirp; the result, times the chirp, is the transform of
 * what was multiplied with the chirp before. */
static void convolve(const HhFft *fft, const Convolution *c)
{
    const size_t n = fft->size, points = HH_TILE * fft->single.size;
    memset(c->re + n, 0, (points - n) * sizeof(double));
    memset(c->im + n, 0, (points - n) * sizeof(double));
    fft->kernels->complex_f64(&fft->single, c->re, c->im, c->out_re, c->out_im, c->rest);
    for (size_t k = 0; k < points; k++) {
        double re = c->out_re[k], im = c->out_im[k];
        c->re[k] = re * fft->filter_re[k] - im * fft->filter_im[k];
        c->im[k] = re * fft->filter_im[k] + im * fft->filter_re[k];
    }
    /* inverse: real and imaginary parts change places */
    fft->kernels->complex_f64(&fft->single, c->im, c->re, c->out_im, c->out_re, c->rest);
}

static void chirp_forward(const HhFft *fft, const double *x, double *re, double *im, void *scratch)
{
    const Convolution c = carve_convolution(fft, scratch);
    const double *w_re = fft->chirp_re, *w_im = fft->chirp_im;
    for (size_t j = 0; j < fft->size; j++) {
        c.re[j] = x[j] * w_re[j];
        c.im[j] = x[j] * w_im[j];
    }
    convolve(fft, &c);
    for (size_t k = 0; k < hh_fft_bins(fft); k++) {
        re[k] = c.out_re[k] * w_re[k] - c.out_im[k] * w_im[k];
        im[k] = c.out_re[k] * w_im[k] + c.out_im[k] * w_re[k];
    }
    im[0] = 0;
    if (fft->size % 2 == 0) im[fft->size / 2] = 0;
}

/* x = conj(transform of conj(X)) / n */
static void chirp_inverse(const HhFft *fft, const double *re, const double *im, double *x,
                          void *scratch)
{
    const Convolution c = carve_convolution(fft, scratch);
    const double *w_re = fft->chirp_re, *w_im = fft->chirp_im;
    const size_t n = fft->size;
    for (size_t j = 0; j < n; j++) {
        size_t k = HH_MIN(j, n - j);
        double a = re[k], b = k == 0 || 2 * k == n ? 0.0 : j == k ? -im[k] : im[k];
        c.re[j] = a * w_re[j] - b * w_im[j];
        c.im[j] = a * w_im[j] + b * w_re[j];
    }
    convolve(fft, &c);
    for (size_t j = 0; j < n; j++)
        x[j] = (c.out_re[j] * w_re[j] - c.out_im[j] * w_im[j]) / (double)n;
}

static void slow_forward(const HhFft *fft, const double *x, double *re, double *im, void *scratch)
{
    if (fft->method == METHOD_DIRECT)
        direct_forward(fft, x, re, im);
    else
        chirp_forward(fft, x, re, im, scratch);
}

static void slow_inverse(const HhFft *fft, const double *re, const double *im, double *x,
                         void *scratch)
{
    if (fft->method == METHOD_DIRECT)
        direct_inverse(fft, re, im, x);
    else
        chirp_inverse(fft, re, im, x, scratch);
}

/* ---- one frame */

void hh_fft_f32(const HhFft *fft, const float *x, const float *window, float *re, float *im,
                void *scratch)
{
    const size_t n = fft->size, bins = hh_fft_bins(fft);
    if (fft->method == METHOD_SINGLE) {
        fft->kernels->single_f32(&fft->single, x, window, re, im, scratch);
        return;
    }
    if (fft->method == METHOD_TILE) {
        float *tile_re = scratch, *tile_im = tile_re + bins * HH_TILE;
        fft->kernels->tile_f32(&fft->tile, x, 0, 1, window, tile_re, tile_im, NULL,
                               tile_im + bins * HH_TILE);
        for (size_t k = 0; k < bins; k++)
            re[k] = tile_re[k * HH_TILE], im[k] = tile_im[k * HH_TILE];
        return;
    }
    const Frame64 frame = carve64(fft, scratch);
    for (size_t j = 0; j < n; j++) frame.x[j] = (double)x[j] * (window ? (double)window[j] : 1.0);
    slow_forward(fft, frame.x, frame.re, frame.im, frame.rest);
    for (size_t k = 0; k < bins; k++) re[k] = (float)frame.re[k], im[k] = (float)frame.im[k];
}

void hh_fft_f64(const HhFft *fft, const double *x, const double *window, double *re, double *im,
                void *scratch)
{
    const size_t n = fft->size, bins = hh_fft_bins(fft);
    if (fft->method == METHOD_SINGLE) {
        fft->kernels->single_f64(&fft->single, x, window, re, im, scratch);
        return;
    }
    if (fft->method == METHOD_TILE) {
        double *tile_re = scratch, *tile_im = tile_re + bins * HH_TILE;
        fft->kernels->tile_f64(&fft->tile, x, 0, 1, window, tile_re, tile_im, NULL,
                               tile_im + bins * HH_TILE);
        for (size_t k = 0; k < bins; k++)
            re[k] = tile_re[k * HH_TILE], im[k] = tile_im[k * HH_TILE];
        return;
    }
    const Frame64 frame = carve64(fft, scratch);
    for (size_t j = 0; j < n; j++) frame.x[j] = x[j] * (window ? window[j] : 1.0);
    slow_forward(fft, frame.x, re, im, frame.rest);
}

void hh_fft_inverse_f32(const HhFft *fft, const float *re, const float *im, const float *window,
                        float *y, void *scratch)
{
    const size_t n = fft->size, bins = hh_fft_bins(fft);
    if (fft->method == METHOD_SINGLE) {
        fft->kernels->single_inverse_f32(&fft->single, re, im, window, y, scratch);
        return;
    }
    if (fft->method == METHOD_TILE) {
        float *tile_re = scratch, *tile_im = tile_re + bins * HH_TILE;
        memset(scratch, 0, 2 * bins * HH_TILE * sizeof(float));
        for (size_t k = 0; k < bins; k++)
            tile_re[k * HH_TILE] = re[k], tile_im[k * HH_TILE] = im[k];
        fft->kernels->tile_inverse_f32(&fft->tile, tile_re, tile_im, 1, window, y, 0,
                                       tile_im + bins * HH_TILE);
        return;
    }
    const Frame64 frame = carve64(fft, scratch);
    for (size_t k = 0; k < bins; k++) frame.re[k] = (double)re[k], frame.im[k] = (double)im[k];
    slow_inverse(fft, frame.re, frame.im, frame.x, frame.rest);
    for (size_t j = 0; j < n; j++) y[j] = (float)(frame.x[j] * (window ? (double)window[j] : 1.0));
}

void hh_fft_inverse_f64(const HhFft *fft, const double *re, const double *im, const double *window,
                        double *y, void *scratch)
{
    const size_t n = fft->size, bins = hh_fft_bins(fft);
    if (fft->method == METHOD_SINGLE) {
        fft->kernels->single_inverse_f64(&fft->single, re, im, window, y, scratch);
        return;
    }
    if (fft->method == METHOD_TILE) {
        double *tile_re = scratch, *tile_im = tile_re + bins * HH_TILE;
        memset(scratch, 0, 2 * bins * HH_TILE * sizeof(double));
        for (size_t k = 0; k < bins; k++)
            tile_re[k * HH_TILE] = re[k], tile_im[k * HH_TILE] = im[k];
        fft->kernels->tile_inverse_f64(&fft->tile, tile_re, tile_im, 1, window, y, 0,
                                       tile_im + bins * HH_TILE);
        return;
    }
    slow_inverse(fft, re, im, y, scratch);
    for (size_t j = 0; window && j < n; j++) y[j] *= window[j];
}

/* ---- tiles; without a tile plan one frame after another */

void hh_fft_tile_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                     const float *window, float *re, float *im, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_f32(&fft->tile, x, stride, count, window, re, im, NULL, scratch);
        return;
    }
    const size_t bins = hh_fft_bins(fft);
    const Frame32 frame = carve32(fft, scratch);
    memset(re, 0, bins * HH_TILE * sizeof *re);
    memset(im, 0, bins * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) {
        hh_fft_f32(fft, x + l * stride, window, frame.re, frame.im, frame.rest);
        for (size_t k = 0; k < bins; k++) {
            re[k * HH_TILE + (size_t)l] = frame.re[k];
            im[k * HH_TILE + (size_t)l] = frame.im[k];
        }
    }
}

void hh_fft_tile_power_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                           const float *window, float *power, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_f32(&fft->tile, x, stride, count, window, NULL, NULL, power, scratch);
        return;
    }
    const size_t bins = hh_fft_bins(fft);
    const Frame32 frame = carve32(fft, scratch);
    memset(power, 0, bins * HH_TILE * sizeof *power);
    for (int l = 0; l < count; l++) {
        hh_fft_f32(fft, x + l * stride, window, frame.re, frame.im, frame.rest);
        for (size_t k = 0; k < bins; k++)
            power[k * HH_TILE + (size_t)l] = frame.re[k] * frame.re[k] + frame.im[k] * frame.im[k];
    }
}

static void take_column32(const HhFft *fft, const float *re, const float *im, int l,
                          const Frame32 *frame)
{
    for (size_t k = 0; k < hh_fft_bins(fft); k++) {
        frame->re[k] = re[k * HH_TILE + (size_t)l];
        frame->im[k] = im[k * HH_TILE + (size_t)l];
    }
}

void hh_fft_tile_inverse_f32(const HhFft *fft, const float *re, const float *im, int count,
                             const float *window, float *y, ptrdiff_t stride, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_inverse_f32(&fft->tile, re, im, count, window, y, stride, scratch);
        return;
    }
    const Frame32 frame = carve32(fft, scratch);
    for (int l = 0; l < count; l++) {
        take_column32(fft, re, im, l, &frame);
        hh_fft_inverse_f32(fft, frame.re, frame.im, window, y + l * stride, frame.rest);
    }
}

void hh_fft_tile_inverse_lanes_f32(const HhFft *fft, const float *re, const float *im,
                                   size_t samples, float *y, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_inverse_lanes_f32(&fft->tile, re, im, samples, y, scratch);
        return;
    }
    const Frame32 frame = carve32(fft, scratch);
    for (int l = 0; l < HH_TILE; l++) {
        take_column32(fft, re, im, l, &frame);
        hh_fft_inverse_f32(fft, frame.re, frame.im, NULL, frame.x, frame.rest);
        for (size_t j = 0; j < samples; j++) y[j * HH_TILE + (size_t)l] = frame.x[j];
    }
}

/* Of frames of doubles, or of floats if `narrow`; into those of re, im and power that are not NULL.
 */
static void frame_by_frame(const HhFft *fft, const void *x, bool narrow, ptrdiff_t stride,
                           int count, const double *window, double *re, double *im, float *power,
                           void *scratch)
{
    const size_t bins = hh_fft_bins(fft);
    const Frame64 frame = carve64(fft, scratch);
    for (ptrdiff_t l = 0; l < HH_TILE; l++) {
        if (l >= count) {
            memset(frame.re, 0, bins * sizeof *frame.re);
            memset(frame.im, 0, bins * sizeof *frame.im);
        } else if (narrow) {
            for (size_t j = 0; j < fft->size; j++)
                frame.x[j] = (double)((const float *)x)[l * stride + (ptrdiff_t)j];
            hh_fft_f64(fft, frame.x, window, frame.re, frame.im, frame.rest);
        } else {
            hh_fft_f64(fft, (const double *)x + l * stride, window, frame.re, frame.im, frame.rest);
        }
        for (size_t k = 0; k < bins; k++) {
            double a = frame.re[k], b = frame.im[k];
            if (power) power[k * HH_TILE + (size_t)l] = (float)(a * a + b * b);
            if (re) re[k * HH_TILE + (size_t)l] = a;
            if (im) im[k * HH_TILE + (size_t)l] = b;
        }
    }
}

void hh_fft_tile_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count,
                     const double *window, double *re, double *im, void *scratch)
{
    if (fft->has_tile)
        fft->kernels->tile_f64(&fft->tile, x, stride, count, window, re, im, NULL, scratch);
    else
        frame_by_frame(fft, x, false, stride, count, window, re, im, NULL, scratch);
}

void hh_fft_tile_power_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count,
                           const double *window, float *power, void *scratch)
{
    if (fft->has_tile)
        fft->kernels->tile_f64(&fft->tile, x, stride, count, window, NULL, NULL, power, scratch);
    else
        frame_by_frame(fft, x, false, stride, count, window, NULL, NULL, power, scratch);
}

void hh_fft_tile_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                       const double *window, double *re, double *im, void *scratch)
{
    if (fft->has_tile)
        fft->kernels->tile_mixed(&fft->tile, x, stride, count, window, re, im, NULL, scratch);
    else
        frame_by_frame(fft, x, true, stride, count, window, re, im, NULL, scratch);
}

void hh_fft_tile_power_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                             const double *window, float *power, void *scratch)
{
    if (fft->has_tile)
        fft->kernels->tile_mixed(&fft->tile, x, stride, count, window, NULL, NULL, power, scratch);
    else
        frame_by_frame(fft, x, true, stride, count, window, NULL, NULL, power, scratch);
}

/* Lane l of a tile of spectra. */
static void take_column64(const HhFft *fft, const double *re, const double *im, int l,
                          const Frame64 *frame)
{
    for (size_t k = 0; k < hh_fft_bins(fft); k++) {
        frame->re[k] = re[k * HH_TILE + (size_t)l];
        frame->im[k] = im[k * HH_TILE + (size_t)l];
    }
}

void hh_fft_tile_inverse_f64(const HhFft *fft, const double *re, const double *im, int count,
                             const double *window, double *y, ptrdiff_t stride, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_inverse_f64(&fft->tile, re, im, count, window, y, stride, scratch);
        return;
    }
    const Frame64 frame = carve64(fft, scratch);
    for (int l = 0; l < count; l++) {
        take_column64(fft, re, im, l, &frame);
        hh_fft_inverse_f64(fft, frame.re, frame.im, window, y + l * stride, frame.rest);
    }
}

void hh_fft_tile_inverse_lanes_f64(const HhFft *fft, const double *re, const double *im,
                                   size_t samples, double *y, void *scratch)
{
    if (fft->has_tile) {
        fft->kernels->tile_inverse_lanes_f64(&fft->tile, re, im, samples, y, scratch);
        return;
    }
    const Frame64 frame = carve64(fft, scratch);
    for (int l = 0; l < HH_TILE; l++) {
        take_column64(fft, re, im, l, &frame);
        hh_fft_inverse_f64(fft, frame.re, frame.im, NULL, frame.x, frame.rest);
        for (size_t j = 0; j < samples; j++) y[j * HH_TILE + (size_t)l] = frame.x[j];
    }
}
