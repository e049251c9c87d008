/* See harmony.h. Explicit vectors, because the accumulators of a row must stay in registers over
 * its entries. Cost: four multiplications and four additions per complex entry and lane. */
#include "kernel/harmony.h"

typedef float Vector __attribute__((vector_size(4 * HH_LANES), may_alias));
enum { VECTORS = HH_TILE / HH_LANES };

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

extern const HhHarmonyKernels HH_AT_LEVEL(hh_harmony_kernels);

const HhHarmonyKernels HH_AT_LEVEL(hh_harmony_kernels) = {
    .sparse_complex = sparse_complex,
    .sparse_real = sparse_real,
    .fold_spectrum = fold_spectrum,
};
