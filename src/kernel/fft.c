/* First light: a plain double transform behind the interface of fft.h, to be replaced by the lane-batched one. */
#include "kernel/fft.h"

#include <math.h>
#include <string.h>

struct HhFft {
    HhContext *context;
    size_t size;
    double *cos_table, *sin_table; /* [size] exp(-2 pi i n / size) */
};

static const double two_pi = 6.283185307179586;

HhStatus hh_fft_create(HhContext *context, size_t size, HhFft **out)
{
    *out = NULL;
    if (size < 1 || size > (size_t)1 << 20)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a transform of %zu points", size);
    HhFft *fft = hh_zalloc(context, 1, sizeof *fft);
    if (!fft) return hh_fail_memory(context);
    fft->context = context;
    fft->size = size;
    fft->cos_table = hh_alloc(context, size, sizeof(double));
    fft->sin_table = hh_alloc(context, size, sizeof(double));
    if (!fft->cos_table || !fft->sin_table) {
        hh_fft_destroy(fft);
        return hh_fail_memory(context);
    }
    for (size_t n = 0; n < size; n++) {
        fft->cos_table[n] = cos(two_pi * (double)n / (double)size);
        fft->sin_table[n] = -sin(two_pi * (double)n / (double)size);
    }
    *out = fft;
    return HH_OK;
}

void hh_fft_destroy(HhFft *fft)
{
    if (!fft) return;
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
    return (6 * fft->size + 64) * sizeof(double);
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
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_f32(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_power_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count, const float *window,
                           float *power, void *scratch)
{
    memset(power, 0, hh_fft_bins(fft) * HH_TILE * sizeof *power);
    for (int l = 0; l < count; l++) lane_f32(fft, x + l * stride, window, NULL, NULL, power + l, scratch);
}

void hh_fft_tile_inverse_f32(const HhFft *fft, const float *re, const float *im, int count, const float *window,
                             float *y, ptrdiff_t stride, void *scratch)
{
    for (int l = 0; l < count; l++) lane_inverse_f32(fft, re + l, im + l, window, y + l * stride, scratch);
}

void hh_fft_tile_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count, const double *window, double *re,
                     double *im, void *scratch)
{
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_f64(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count, const double *window, double *re,
                       double *im, void *scratch)
{
    memset(re, 0, hh_fft_bins(fft) * HH_TILE * sizeof *re);
    memset(im, 0, hh_fft_bins(fft) * HH_TILE * sizeof *im);
    for (int l = 0; l < count; l++) lane_mixed(fft, x + l * stride, window, re + l, im + l, NULL, scratch);
}

void hh_fft_tile_inverse_f64(const HhFft *fft, const double *re, const double *im, int count, const double *window,
                             double *y, ptrdiff_t stride, void *scratch)
{
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
