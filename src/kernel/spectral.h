/* Kernels of the spectral room: on tiles [rows][HH_TILE] of float, the same bits at every level. */
#ifndef HH_KERNEL_SPECTRAL_H
#define HH_KERNEL_SPECTRAL_H

#include "kernel/level.h"

/* One band of a filter bank: bins first..first+count-1, weights from `weight` on. */
typedef struct HhBand {
    size_t first, count, weight;
} HhBand;

typedef struct HhSpectralKernels {
    /* out[band][lane] = sum over the band's bins of weight * tile[bin][lane]; four partial sums as in tile_dot_f32(). */
    void (*bank)(const float *tile, const HhBand *bands, size_t band_count, const float *weights, float *out);
    /* y = max(10 log10(max(x, amin)) - offset, low); in place allowed */
    void (*decibel)(const float *x, float amin, float offset, float low, float *y, size_t n);
} HhSpectralKernels;

#endif
