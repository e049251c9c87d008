/* Elementwise functions, sums and tile movement, compiled once per CPU level; the same bits at
 * every level.
 *
 * Arrays hold n values, any n, need no alignment and may not overlap unless said otherwise; "in
 * place" means that y may equal x. A tile is [rows][HH_TILE]: each column ("lane") belongs to
 * another frame. Sums over an array use 32 partial sums (element i goes to sum i % 32) that are
 * then added in pairs; sums down the columns of a tile use four partial sums (row i goes to sum i %
 * 4), added as (0 + 1) + (2 + 3). Errors are in units in the last place (ulp), see
 * tests/test_vector.c. */
#ifndef HH_VECTOR_H
#define HH_VECTOR_H

#include <stdbool.h>

#include "kernel/level.h"

typedef struct HhVectorKernels {
    /* ---- sums of arrays */
    float (*dot_f32)(const float *a, const float *b, size_t n);
    /* Float values, products and sums in double. */
    double (*dot_f32_f64)(const float *a, const float *b, size_t n);
    double (*sum_f64)(const double *x, size_t n);
    double (*sum_f32_f64)(const float *x, size_t n); /* summed in double */
    float (*sum_squares_f32)(const float *x, size_t n);
    double (*sum_squares_f32_f64)(const float *x, size_t n); /* squared and summed in double */
    double (*sum_squares_f64)(const double *x, size_t n);
    float (*max_f32)(const float *x, size_t n); /* n >= 1, no NaN */
    double (*max_f64)(const double *x, size_t n);
    float (*max_abs_f32)(const float *x, size_t n); /* 0 for n = 0, a NaN if there is one */
    double (*max_abs_f64)(const double *x, size_t n);
    bool (*finite_f32)(const float *x, size_t n); /* no NaN, no infinity */
    bool (*finite_f64)(const double *x, size_t n);
    bool (*non_negative_f32)(const float *x, size_t n); /* no value below zero */
    bool (*non_negative_f64)(const double *x, size_t n);
    /* Changes of sign between neighbours x[i-1], x[i], 1 <= i < n; |x| <= threshold counts as
     * +0. */
    size_t (*crossings_f32)(const float *x, size_t n, float threshold);
    size_t (*crossings_f64)(const double *x, size_t n, double threshold);

    /* ---- elementwise, in place allowed */
    void (*multiply_f32)(const float *a, const float *b, float *y, size_t n);
    void (*scale_f32)(const float *x, float factor, float *y, size_t n);
    void (*scale_f32_f64)(const float *x, double factor, float *y, size_t n); /* rounded once */
    void (*scale_f64)(const double *x, double factor, double *y, size_t n);
    /* Not in place; rounded once. */
    void (*scale_f64_to_f32)(const double *x, double factor, float *y, size_t n);
    void (*multiply_f64_f32)(const double *a, const float *b, double *y, size_t n); /* y = a * b */
    void (*add_f32)(const float *x, float *y, size_t n);                            /* y += x */
    void (*add_f64)(const double *x, double *y, size_t n);
    void (*add_scaled_f32)(const float *x, float factor, float *y, size_t n); /* y += factor * x */
    void (*add_scaled_f64)(const double *x, double factor, double *y, size_t n);
    void (*clamp_below_f32)(const float *x, float low, float *y, size_t n); /* max(x, low) */
    void (*to_f64)(const float *x, double *y, size_t n);                    /* not in place */
    void (*to_f32)(const double *x, float *y, size_t n); /* not in place; rounds to nearest */

    /* ---- functions, in place allowed. Logarithms: x < 0 or NaN gives NaN; 0 and subnormals give
     * -infinity. exp: overflows to infinity, results below the smallest normal number are 0. */
    void (*sqrt_f32)(const float *x, float *y, size_t n);  /* 0.5 ulp */
    void (*log_f32)(const float *x, float *y, size_t n);   /* 1 */
    void (*log10_f32)(const float *x, float *y, size_t n); /* 2.5 */
    void (*log1p_f32)(const float *x, float *y, size_t n); /* 2; x >= -1 */
    void (*exp_f32)(const float *x, float *y, size_t n);   /* 1 */
    /* 0.501; x >= 0; 0^0 = 1. */
    void (*pow_f32)(const float *x, float exponent, float *y, size_t n);

    /* ---- complex numbers in two arrays (also tiles, with n = rows * HH_TILE), not in place */
    void (*power_f32)(const float *re, const float *im, float *power, size_t n);
    void (*magnitude_f32)(const float *re, const float *im, float *magnitude, size_t n);
    void (*power_f64)(const double *re, const double *im, double *power, size_t n);
    /* sum += conj(a) b */
    void (*add_conjugate_product_f64)(const double *a_re, const double *a_im, const double *b_re,
                                      const double *b_im, double *sum_re, double *sum_im, size_t n);
    /* The magnitude that NumPy's abs gives for complex64(re + i im), bit for bit: for arrays where
     * a later decision or a sequential sum has to come out as librosa's. */
    void (*magnitude_like_numpy)(const double *re, const double *im, float *magnitude, size_t n);
    /* Computed in double and rounded once. */
    void (*magnitude_f64_f32)(const double *re, const double *im, float *magnitude, size_t n);

    /* n complex numbers side by side: their magnitudes through double, whose range no square of a
     * float leaves, rounded once; and y = factor * x. */
    void (*complex_magnitude)(const float *x, float *magnitude, size_t n);
    void (*complex_scale)(const float *x, const float *factor, float *y, size_t n);
    /* The same of doubles; the magnitudes are those of `factor` times x. */
    void (*complex_magnitude_f64)(const double *x, double factor, float *magnitude, size_t n);
    void (*complex_scale_f64)(const double *x, const float *factor, double *y, size_t n);
    /* n complex numbers side by side: magnitude = |x| (rounded once), phase = x / magnitude, 1
     * where that is 0. */
    void (*complex_phase)(const float *x, float *magnitude, float *phase, size_t n);
    /* The same in double; no square leaves the range. Magnitudes to 2 ulp. */
    void (*complex_phase_f64)(const double *x, double *magnitude, double *phase, size_t n);

    /* ---- down the columns of a tile: result l belongs to lane l */
    void (*tile_sum_f32)(const float *tile, size_t rows, float *sum);
    void (*tile_sum_f64)(const double *tile, size_t rows, double *sum);
    /* In NumPy's order, for results that show its rounding: a column that is contiguous there
     * (`pairwise`) in blocks of up to 128 with eight sums each, otherwise one row after the
     * other. */
    void (*tile_sum_like_numpy)(const float *tile, size_t rows, bool pairwise, float *sum);
    void (*tile_dot_f32)(const float *tile, const float *weight, size_t rows,
                         float *sum); /* weight[rows], one per row */
    void (*tile_max_f32)(const float *tile, size_t rows, float *max); /* rows >= 1 */

    /* ---- between tiles and frames; `count` lanes (1..HH_TILE) are moved, `stride` in elements of
     * the frame-major side. From a tile: frame l goes to rows + l * stride. To a tile: lanes from
     * `count` on are set to zero. */
    void (*tile_to_frames_f32)(const float *tile, size_t bins, int count, float *frames,
                               ptrdiff_t stride);
    void (*frames_to_tile_f32)(const float *frames, ptrdiff_t stride, size_t bins, int count,
                               float *tile);
    void (*frames_to_tile_f64)(const double *frames, ptrdiff_t stride, size_t bins, int count,
                               double *tile);
    /* The frame-major side is complex, real and imaginary part side by side; stride counts complex
     * numbers. */
    void (*tile_to_frames_complex)(const float *re, const float *im, size_t bins, int count,
                                   float *frames, ptrdiff_t stride);
    void (*frames_to_tile_complex)(const float *frames, ptrdiff_t stride, size_t bins, int count,
                                   float *re, float *im);
    void (*tile_to_frames_complex_f64)(const double *re, const double *im, size_t bins, int count,
                                       double *frames, ptrdiff_t stride);
    void (*tile_to_frames_complex_f64_f32)(const double *re, const double *im, size_t bins,
                                           int count, float *frames, ptrdiff_t stride);
    void (*frames_to_tile_complex_f64)(const double *frames, ptrdiff_t stride, size_t bins,
                                       int count, double *re, double *im);
} HhVectorKernels;

#endif
