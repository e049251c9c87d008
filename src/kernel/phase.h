/* Complex numbers by magnitude and angle: what the phase vocoder does for each bin of a frame. See
 * phase.c. */
#ifndef HH_KERNEL_PHASE_H
#define HH_KERNEL_PHASE_H

#include <stddef.h>

#include "kernel/level.h"

typedef struct HhPhaseKernels {
    /* n complex numbers side by side -> their angles, (-pi, pi], and magnitudes; of floats through
     * double and rounded once, of doubles within 2 ulp where no square leaves the range. */
    void (*polar_f32)(const float *x, float *angle, float *magnitude, size_t n);
    void (*polar_f64)(const double *x, double *angle, double *magnitude, size_t n);
    /* One frame of the phase vocoder, n bins: out = exp(i phase) times the magnitude that lies
     * `between` (0..1) the two columns, each given by angle and magnitude; then phase += advance[]
     * + the principal value of (angle step - advance[]). */
    void (*vocode_f32)(const float *angle, const float *next_angle, const float *magnitude,
                       const float *next_magnitude, double between, const double *advance,
                       float *phase, float *out, size_t n);
    void (*vocode_f64)(const double *angle, const double *next_angle, const double *magnitude,
                       const double *next_magnitude, double between, const double *advance,
                       double *phase, double *out, size_t n);
} HhPhaseKernels;

#endif
