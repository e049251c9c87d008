/* Peaks of one magnitude spectrum, bins in lanes. See pitch/piptrack.c for the method. */
#ifndef HH_KERNEL_PEAKS_H
#define HH_KERNEL_PEAKS_H

#include "kernel/level.h"

typedef struct HhPeakKernels {
    /* For bins first..last-1, 1 <= first, last < bins: where s exceeds limit and both neighbours
     * (of those that exceed the limit; the right one may be equal), the interpolated bin times
     * scale / divisor and the interpolated height; else 0. */
    void (*interpolate)(const float *s, size_t first, size_t last, float limit, double scale,
                        double divisor, float *pitch, float *magnitude);
} HhPeakKernels;

#endif
