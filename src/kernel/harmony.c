/* See harmony.h. Explicit vectors, because the accumulators of a row must stay in registers over
 * its entries. Cost: four multiplications and four additions per complex entry and lane. */
#include "kernel/harmony.h"

typedef float Vector __attribute__((vector_size(4 * HH_LANES), may_alias));
typedef double Doubles __attribute__((vector_size(4 * HH_LANES), may_alias));
enum { VECTORS = HH_TILE / HH_LANES, DOUBLES = 2 * VECTORS };

static void sparse_complex(const HhSparse *matrix, const float *re, const float *im, float *y_re,
                           float *y_im)
{
    const Vector *x_re = (const Vector *)re, *x_im = (const Vector *)im;
    Vector *out_re = (Vector *)y_re, *out_im = (Vector *)y_im;
    for (size_t r = 0; r < matrix->rows; r++) {
        Vector sum_re[VECTORS] = {{0}}, sum_im[VECTORS] = {{0}};
        for (uint32_t i = matrix->start[r]; i < matrix->start[r + 1]; i++) {
            const size_t at = (size_t)matrix->column[i] * VECTORS;
            const float a = matrix->re[i], b = matrix->im[i];
            for (int v = 0; v < VECTORS; v++) {
                sum_re[v] += a * x_re[at + (size_t)v] - b * x_im[at + (size_t)v];
                sum_im[v] += a * x_im[at + (size_t)v] + b * x_re[at + (size_t)v];
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            out_re[r * VECTORS + (size_t)v] = sum_re[v];
            out_im[r * VECTORS + (size_t)v] = sum_im[v];
        }
    }
}

static void sparse_real(const HhSparse *matrix, const float *x, float *y)
{
    const Vector *in = (const Vector *)x;
    Vector *out = (Vector *)y;
    for (size_t r = 0; r < matrix->rows; r++) {
        Vector sum[VECTORS] = {{0}};
        for (uint32_t i = matrix->start[r]; i < matrix->start[r + 1]; i++) {
            const size_t at = (size_t)matrix->column[i] * VECTORS;
            const float a = matrix->re[i];
            for (int v = 0; v < VECTORS; v++) sum[v] += a * in[at + (size_t)v];
        }
        for (int v = 0; v < VECTORS; v++) out[r * VECTORS + (size_t)v] = sum[v];
    }
}

static void fold_spectrum(const float *re, const float *im, const float *pass, const float *fold,
                          size_t half, float *y_re, float *y_im)
{
    const Vector *x_re = (const Vector *)re, *x_im = (const Vector *)im;
    Vector *out_re = (Vector *)y_re, *out_im = (Vector *)y_im;
    for (size_t k = 0; k <= half / 2; k++) {
        const size_t low = k * VECTORS, high = (half - k) * VECTORS;
        const float a = pass[k], b = fold[k];
        for (size_t v = 0; v < VECTORS; v++) {
            out_re[low + v] = a * x_re[low + v] + b * x_re[high + v];
            out_im[low + v] = a * x_im[low + v] - b * x_im[high + v];
        }
    }
}

typedef struct Filters {
    const double *a_re, *a_im, *b_re, *b_im;
} Filters;

/* Bins that are their own mirrors, k = 0 and k = period / 2: conjugates meet, and the sum is
 * real. */
static void fold_own(const Doubles *re, const Doubles *im, const Filters *f, size_t half,
                     size_t period, size_t k, Doubles *a, Doubles *b)
{
    *a = *b = (Doubles){0};
    for (size_t i = k; i <= half; i += period) {
        const double times = i == 0 || i == half ? 1.0 : 2.0;
        const Doubles r = re[i * DOUBLES], j = im[i * DOUBLES];
        *a += times * (f->a_re[i] * r - f->a_im[i] * j);
        *b += times * (f->b_re[i] * r - f->b_im[i] * j);
    }
}

static void fold_pairs(const Doubles *re, const Doubles *im, const Filters *f, size_t half,
                       size_t period, size_t k, Doubles sum[4])
{
    for (int o = 0; o < 4; o++) sum[o] = (Doubles){0};
    for (size_t low = k, high = period - k; low <= half; low += period, high += period) {
        Doubles r = re[low * DOUBLES], j = im[low * DOUBLES];
        sum[0] += f->a_re[low] * r - f->a_im[low] * j;
        sum[1] += f->a_re[low] * j + f->a_im[low] * r;
        sum[2] += f->b_re[low] * r - f->b_im[low] * j;
        sum[3] += f->b_re[low] * j + f->b_im[low] * r;
        r = re[high * DOUBLES], j = im[high * DOUBLES];
        sum[0] += f->a_re[high] * r - f->a_im[high] * j;
        sum[1] -= f->a_re[high] * j + f->a_im[high] * r;
        sum[2] += f->b_re[high] * r - f->b_im[high] * j;
        sum[3] -= f->b_re[high] * j + f->b_im[high] * r;
    }
}

/* Z[2 half - k] is the conjugate of Z[k]: each bin of the upper half is one of the lower. */
static void filter_fold(const double *re, const double *im, const double *filters, size_t half,
                        size_t hop, double *a_re, double *a_im, double *b_re, double *b_im)
{
    const size_t bins = half + 1, period = 2 * half / hop;
    const Filters f = {filters, filters + bins, filters + 2 * bins, filters + 3 * bins};
    Doubles *const out[] = {(Doubles *)a_re, (Doubles *)a_im, (Doubles *)b_re, (Doubles *)b_im};
    for (size_t k = 0; k <= period / 2; k++) {
        for (size_t v = 0; v < DOUBLES; v++) {
            const Doubles *x_re = (const Doubles *)re + v, *x_im = (const Doubles *)im + v;
            Doubles sum[4] = {{0}};
            if (k == 0 || k == period / 2)
                fold_own(x_re, x_im, &f, half, period, k, &sum[0], &sum[2]);
            else
                fold_pairs(x_re, x_im, &f, half, period, k, sum);
            for (int o = 0; o < 4; o++) out[o][k * DOUBLES + v] = sum[o];
        }
    }
}

extern const HhHarmonyKernels HH_AT_LEVEL(hh_harmony_kernels);

const HhHarmonyKernels HH_AT_LEVEL(hh_harmony_kernels) = {
    .sparse_complex = sparse_complex,
    .sparse_real = sparse_real,
    .fold_spectrum = fold_spectrum,
    .filter_fold = filter_fold,
};
