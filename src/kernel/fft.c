/* First light: a plain double transform behind the interface of fft.h, to be replaced by the lane-batched one. */
#include "kernel/fft.h"

#include <math.h>
#include <string.h>

#include "kernel/fft_plan.h"
#include "kernel/kernels.h"

struct HhFft {
    HhContext *context;
    const HhFftKernels *kernels;
    size_t size;
    bool lanes; /* `plan` is made, for half of `size` */
    HhFftPlan plan;
    double *cos_table, *sin_table; /* [size] exp(-2 pi i n / size) */
};

static const double two_pi = 6.283185307179586;

/* exp(-2 pi i k / n): the angle is folded into an eighth of the circle first, so that symmetric values are exactly
 * symmetric. */
static void twiddle(size_t k, size_t n, double *re, double *im)
{
    k %= n;
    size_t eighths = 8 * k / n;
    size_t fold = (eighths + 1) / 2 * 2; /* the nearest multiple of a quarter, in eighths */
    double angle = two_pi * ((double)(8 * k) - (double)(fold * n)) / (8.0 * (double)n);
    double c = cos(angle), s = -sin(angle);
    switch (fold % 8) {
    case 0: *re = c, *im = s; return;
    case 2: *re = s, *im = -c; return;
    case 4: *re = -c, *im = -s; return;
    default: *re = -s, *im = c; return;
    }
}

static void add_passes(HhFftPlan *plan, size_t radix, size_t passes)
{
    while (passes-- > 0) plan->radix[plan->passes++] = radix;
}

/* Splits a size into radices; false if a prime above 5 remains. A last pass, which has no twiddle factors, is best done
 * sixteen at a time (measured: 5 to 10 % of the whole), any other eight at a time. */
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

/* Output k of a block: its lowest digit chooses the block that pass 1 made, the next one that of pass 2 ... */
static void fill_positions(HhFftPlan *plan)
{
    for (size_t k = 0; k < plan->below[0]; k++) {
        size_t rest = k, element = 0;
        for (int l = 1; l < plan->passes; l++) {
            element += rest % plan->radix[l] * plan->below[l];
            rest /= plan->radix[l];
        }
        plan->position[k] = (uint32_t)hh_fft_padded(plan, element);
    }
}

#define DEFINE_TABLES(NAME, TYPE)                                                                  \
    static bool make_tables_##NAME(HhContext *context, HhFftPlan *plan)                            \
    {                                                                                              \
        const size_t radix = plan->radix[0], below = plan->below[0], size = 2 * plan->size;        \
        double re, im;                                                                             \
        for (int l = 0; l + 1 < plan->passes; l++) {                                               \
            size_t r = plan->radix[l], m = plan->below[l];                                         \
            TYPE *w = plan->NAME.pass[l] = hh_alloc(context, 2 * (r - 1) * m, sizeof *w);          \
            if (!w) return false;                                                                  \
            for (size_t j = 0; j < m; j++)                                                         \
                for (size_t q = 1; q < r; q++) {                                                   \
                    twiddle(j * q, r * m, &re, &im);                                               \
                    *w++ = (TYPE)re, *w++ = (TYPE)im;                                              \
                }                                                                                  \
        }                                                                                          \
        TYPE *post = plan->NAME.post = hh_alloc(context, size, sizeof *post);                      \
        TYPE *pre = plan->NAME.pre = hh_alloc(context, 2 * radix * (below / 2 + 1), sizeof *pre);  \
        if (!post || !pre) return false;                                                           \
        for (size_t a = 0; a < radix; a++)                                                         \
            for (size_t k = 0; k < below; k++) {                                                   \
                twiddle(a + radix * k, size, &re, &im);                                            \
                *post++ = (TYPE)(0.5 * re), *post++ = (TYPE)(0.5 * im);                            \
            }                                                                                      \
        for (size_t j = 0; j <= below / 2; j++)                                                    \
            for (size_t q = 0; q < radix; q++) {                                                   \
                twiddle(j + q * below, size, &re, &im);                                            \
                *pre++ = (TYPE)re, *pre++ = (TYPE)-im;                                             \
            }                                                                                      \
        return true;                                                                               \
    }                                                                                              \
    static void free_tables_##NAME(HhContext *context, HhFftPlan *plan)                            \
    {                                                                                              \
        for (int l = 0; l < HH_FFT_PASSES; l++) hh_free(context, plan->NAME.pass[l]);              \
        hh_free(context, plan->NAME.post);                                                         \
        hh_free(context, plan->NAME.pre);                                                          \
    }
DEFINE_TABLES(f32, float)
DEFINE_TABLES(f64, double)

static bool make_plan(HhContext *context, HhFftPlan *plan)
{
    layout(plan);
    plan->position = hh_alloc(context, plan->below[0], sizeof *plan->position);
    if (!plan->position) return false;
    fill_positions(plan);
    return make_tables_f32(context, plan) && make_tables_f64(context, plan);
}

HhStatus hh_fft_create(HhContext *context, size_t size, HhFft **out)
{
    *out = NULL;
    if (size < 1 || size > (size_t)1 << 20)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a transform of %zu points", size);
    HhFft *fft = hh_zalloc(context, 1, sizeof *fft);
    if (!fft) return hh_fail_memory(context);
    fft->context = context;
    fft->kernels = hh_kernels(context)->fft;
    fft->size = size;
    fft->plan.size = size / 2;
    fft->lanes = size % 2 == 0 && size >= 32 && size <= 65536 && factor(&fft->plan);
    if (fft->lanes && !make_plan(context, &fft->plan)) {
        hh_fft_destroy(fft);
        return hh_fail_memory(context);
    }
    fft->cos_table = hh_alloc(context, size, sizeof(double));
    fft->sin_table = hh_alloc(context, size, sizeof(double));
    if (!fft->cos_table || !fft->sin_table) {
        hh_fft_destroy(fft);
        return hh_fail_memory(context);
    }
    for (size_t n = 0; n < size; n++) twiddle(n, size, &fft->cos_table[n], &fft->sin_table[n]);
    *out = fft;
    return HH_OK;
}

void hh_fft_destroy(HhFft *fft)
{
    if (!fft) return;
    hh_free(fft->context, fft->plan.position);
    free_tables_f32(fft->context, &fft->plan);
    free_tables_f64(fft->context, &fft->plan);
    hh_free(fft->context, fft->cos_table);
    hh_free(fft->context, fft->sin_table);
    hh_free(fft->context, fft);
}

size_t hh_fft_size(const HhFft *fft)
{
    return fft->size;
}

size_t hh_fft_bins(const HhFft *fft)
{
    return fft->size / 2 + 1;
}

size_t hh_fft_scratch(const HhFft *fft)
{
    size_t lanes = fft->lanes ? 2 * (hh_fft_padded(&fft->plan, fft->plan.size) + 1) * HH_ALIGNMENT : 0;
    return HH_MAX(lanes, (6 * fft->size + 64) * sizeof(double));
}

/* y = DFT of x (complex), decimation in time while even, direct sum for an odd rest. `step` strides x and the tables. */
static void transform(const HhFft *fft, size_t n, size_t step, double *re, double *im, double *work_re,
                      double *work_im)
{
    if (n == 1) return;
    if (n % 2) {
        for (size_t k = 0; k < n; k++) {
            double a = 0, b = 0;
            for (size_t j = 0; j < n; j++) {
                size_t t = (j * k % n) * step;
                double c = fft->cos_table[t], s = fft->sin_table[t];
                a += re[j] * c - im[j] * s;
                b += re[j] * s + im[j] * c;
            }
            work_re[k] = a;
            work_im[k] = b;
        }
        memcpy(re, work_re, n * sizeof *re);
        memcpy(im, work_im, n * sizeof *im);
        return;
    }
    size_t half = n / 2;
    for (size_t j = 0; j < half; j++) {
        work_re[j] = re[2 * j];
        work_im[j] = im[2 * j];
        work_re[half + j] = re[2 * j + 1];
        work_im[half + j] = im[2 * j + 1];
    }
    transform(fft, half, step * 2, work_re, work_im, re, im);
    transform(fft, half, step * 2, work_re + half, work_im + half, re + half, im + half);
    for (size_t k = 0; k < half; k++) {
        double c = fft->cos_table[k * step], s = fft->sin_table[k * step];
        double a = work_re[half + k] * c - work_im[half + k] * s;
        double b = work_re[half + k] * s + work_im[half + k] * c;
        re[k] = work_re[k] + a;
        im[k] = work_im[k] + b;
        re[half + k] = work_re[k] - a;
        im[half + k] = work_im[k] - b;
    }
}

static void forward(const HhFft *fft, double *buffer)
{
    size_t n = fft->size;
    memset(buffer + n, 0, n * sizeof *buffer);
    transform(fft, n, 1, buffer, buffer + n, buffer + 2 * n, buffer + 3 * n);
}

static void backward(const HhFft *fft, double *buffer)
{
    size_t n = fft->size;
    for (size_t k = n / 2 + 1; k < n; k++) {
        buffer[k] = buffer[n - k];
        buffer[n + k] = -buffer[n + n - k];
    }
    buffer[n] = 0;
    if (n % 2 == 0) buffer[n + n / 2] = 0;
    for (size_t k = 0; k < n; k++) buffer[n + k] = -buffer[n + k];
    transform(fft, n, 1, buffer, buffer + n, buffer + 2 * n, buffer + 3 * n);
}

#define DEFINE(NAME, IN, WIN, OUT, STEP)                                                           \
    static void NAME(const HhFft *fft, const IN *x, const WIN *window, OUT *re, OUT *im,           \
                     OUT *power, double *buffer)                                                   \
    {                                                                                              \
        for (size_t n = 0; n < fft->size; n++)                                                     \
            buffer[n] = (double)x[n] * (window ? (double)window[n] : 1.0);                         \
        forward(fft, buffer);                                                                      \
        for (size_t k = 0; k < fft->size / 2 + 1; k++) {                                           \
            double a = buffer[k], b = buffer[fft->size + k];                                       \
            if (re) re[k * STEP] = (OUT)a, im[k * STEP] = (OUT)b;                                  \
            if (power) power[k * STEP] = (OUT)(a * a + b * b);                                     \
        }                                                                                          \
    }
DEFINE(one_f32, float, float, float, 1)
DEFINE(one_f64, double, double, double, 1)
DEFINE(lane_f32, float, float, float, HH_TILE)
DEFINE(lane_f64, double, double, double, HH_TILE)
DEFINE(lane_mixed, float, double, double, HH_TILE)

#define DEFINE_INVERSE(NAME, T, STEP)                                                              \
    static void NAME(const HhFft *fft, const T *re, const T *im, const T *window, T *y,            \
                     double *buffer)                                                               \
    {                                                                                              \
        for (size_t k = 0; k < fft->size / 2 + 1; k++) {                                           \
            buffer[k] = (double)re[k * STEP];                                                      \
            buffer[fft->size + k] = (double)im[k * STEP];                                          \
        }                                                                                          \
        backward(fft, buffer);                                                                     \
        for (size_t n = 0; n < fft->size; n++)                                                     \
            y[n] = (T)(buffer[n] / (double)fft->size) * (window ? window[n] : (T)1);               \
    }
DEFINE_INVERSE(one_inverse_f32, float, 1)
DEFINE_INVERSE(one_inverse_f64, double, 1)
DEFINE_INVERSE(lane_inverse_f32, float, HH_TILE)
DEFINE_INVERSE(lane_inverse_f64, double, HH_TILE)

void hh_fft_tile_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count, const float *window, float *re,
                     float *im, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_f32(&fft->plan, x, stride, count, window, re, im, NULL, scratch);
        return;
    }
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_f32(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_power_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count, const float *window,
                           float *power, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_f32(&fft->plan, x, stride, count, window, NULL, NULL, power, scratch);
        return;
    }
    memset(power, 0, hh_fft_bins(fft) * HH_TILE * sizeof *power);
    for (int l = 0; l < count; l++) lane_f32(fft, x + l * stride, window, NULL, NULL, power + l, scratch);
}

void hh_fft_tile_inverse_f32(const HhFft *fft, const float *re, const float *im, int count, const float *window,
                             float *y, ptrdiff_t stride, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_inverse_f32(&fft->plan, re, im, count, window, y, stride, scratch);
        return;
    }
    for (int l = 0; l < count; l++) lane_inverse_f32(fft, re + l, im + l, window, y + l * stride, scratch);
}

void hh_fft_tile_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count, const double *window, double *re,
                     double *im, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_f64(&fft->plan, x, stride, count, window, re, im, scratch);
        return;
    }
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_f64(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count, const double *window, double *re,
                       double *im, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_mixed(&fft->plan, x, stride, count, window, re, im, scratch);
        return;
    }
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_mixed(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_inverse_f64(const HhFft *fft, const double *re, const double *im, int count, const double *window,
                             double *y, ptrdiff_t stride, void *scratch)
{
    if (fft->lanes) {
        fft->kernels->tile_inverse_f64(&fft->plan, re, im, count, window, y, stride, scratch);
        return;
    }
    for (int l = 0; l < count; l++) lane_inverse_f64(fft, re + l, im + l, window, y + l * stride, scratch);
}

void hh_fft_f32(const HhFft *fft, const float *x, const float *window, float *re, float *im, void *scratch)
{
    one_f32(fft, x, window, re, im, NULL, scratch);
}

void hh_fft_inverse_f32(const HhFft *fft, const float *re, const float *im, const float *window, float *y, void *scratch)
{
    one_inverse_f32(fft, re, im, window, y, scratch);
}

void hh_fft_f64(const HhFft *fft, const double *x, const double *window, double *re, double *im, void *scratch)
{
    one_f64(fft, x, window, re, im, NULL, scratch);
}

void hh_fft_inverse_f64(const HhFft *fft, const double *re, const double *im, const double *window, double *y,
                        void *scratch)
{
    one_inverse_f64(fft, re, im, window, y, scratch);
}
