/* Kernels of the spectral room: on tiles [rows][HH_TILE] of float, the same bits at every level. */
#ifndef HH_KERNEL_SPECTRAL_H
#define HH_KERNEL_SPECTRAL_H

#include <stdbool.h>

#include "kernel/level.h"

/* One band of a filter bank: bins first..first+count-1, weights from `weight` on. */
typedef struct HhFilterBand {
    size_t first, count, weight;
} HhFilterBand;

typedef struct HhSpectralKernels {
    /* out[band][lane] = sum over the band's bins of weight * tile[bin][lane]; four partial sums as
     * in tile_dot_f32(). */
    void (*bank)(const float *tile, const HhFilterBand *bands, size_t band_count,
                 const float *weights, float *out);
    /* y = max(10 log10(max(x, amin)) - offset, low); in place allowed */
    void (*decibel)(const float *x, float amin, float offset, float low, float *y, size_t n);
    void (*decibel_f64)(const double *x, double amin, double offset, double low, double *y,
                        size_t n);
    /* y = x / weight where weight > FLT_MIN, else x */
    void (*divide_where)(const float *x, const float *weight, float *y, size_t n);
    /* The same where weight > DBL_MIN. */
    void (*divide_where_f64)(const double *x, const double *weight, double *y, size_t n);

    /* ---- descriptors; x[rows][HH_TILE] are magnitudes, results [HH_TILE] */
    /* (sum x |f - centre|^p / norm)^(1/p), norm = sum x (1 for lanes below FLT_MIN, and for all if
     * `normalise` is false) */
    void (*bandwidth)(const float *x, const float *frequency, size_t rows, const float *centre,
                      float p, bool normalise, float *out);
    /* First row at which the running sum, added row by row in float, reaches share * total. */
    void (*rolloff)(const float *x, size_t rows, float share, int32_t *row);
    /* Geometric over arithmetic mean of max(amin, x); x are powers. */
    void (*flatness)(const float *x, size_t rows, float amin, float *out);
    /* Means of the k smallest and of the k largest, 1 <= k <= HH_SELECT_MAX, k <= rows. */
    void (*extremes)(const float *x, size_t rows, size_t k, float *low, float *high);
} HhSpectralKernels;

enum { HH_SELECT_MAX = 16 };

#endif
