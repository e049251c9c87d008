/* Autocorrelation in float, operation by operation as SciPy's transforms do it. See fftpack.c. */
#ifndef HH_KERNEL_FFTPACK_H
#define HH_KERNEL_FFTPACK_H

#include <stddef.h>

#include "kernel/level.h"

/* One pass: `stride` groups of `radix` spectra of `length` points each become `stride` spectra of
 * radix * length points (forward), or the other way round (backward). radix * length * stride is
 * the size of the transform. */
typedef struct HhFftpackPass {
    size_t radix; /* 2, 3, 4 or 5 */
    size_t length, stride;
    /* exp(2 pi i f q / (radix * length)), [f - 1][q - 1][2]; 1 <= f < (length + 1) / 2, 1 <= q <
     * radix. */
    const float *twiddles;
} HhFftpackPass;

/* Room for the factors of any size up to 2^21, twice the longest frame: 3^13 has the most. */
enum { HH_FFTPACK_PASSES = 16 };

typedef struct HhFftpackKernels {
    /* x[size][HH_TILE]: in, the samples and zeros behind; out, rows 0..last are the correlation,
     * the others are spent. Passes are in the order of the backward transform, work is as large as
     * x. */
    void (*correlate)(const HhFftpackPass *passes, size_t count, size_t size, size_t last, float *x,
                      float *work);
    /* Cumulative mean normalised difference for lags first..last, as HhYinKernels.difference, from
     * r[last + 1][HH_TILE] and the first samples x[last][HH_TILE]. */
    void (*difference)(const float *r, const float *x, size_t first, size_t last, double *y);
} HhFftpackKernels;

#endif
