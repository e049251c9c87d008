/* Peaks of magnitude spectra. See pitch/piptrack.c for the method. */
#ifndef HH_KERNEL_PEAKS_H
#define HH_KERNEL_PEAKS_H

#include "kernel/level.h"

typedef struct HhPeakKernels {
    /* For bins first..last-1, 1 <= first, last < bins: where s exceeds limit and both neighbours
     * (of those that exceed the limit; the right one may be equal), the interpolated bin times
     * scale / divisor and the interpolated height; else 0. */
    void (*interpolate)(const float *s, size_t first, size_t last, float limit, double scale,
                        double divisor, float *pitch, float *magnitude);
    /* A tile of powers [bins][HH_TILE], 1 <= first <= last < bins. top[HH_TILE]: the largest
     * magnitude of each lane. Bit l of candidates[k], first <= k < last: the magnitude of lane l at
     * k may exceed threshold * top and those of both neighbours, if each is only known to
     * tolerance / 2 * top. */
    void (*candidates)(const float *tile, size_t bins, size_t first, size_t last, float threshold,
                       float tolerance, float *top, uint16_t *candidates);
} HhPeakKernels;

#endif
