/* Complex numbers by magnitude and angle: what the phase vocoder does for each bin of a frame. See
 * phase.c. */
#ifndef HH_KERNEL_PHASE_H
#define HH_KERNEL_PHASE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/level.h"

/* What becomes of the quotient of two spectra: base + scale * its real or (negative) imaginary
 * part; `base` again or NaN where the magnitude is below `least`; kept between low and high. */
typedef struct HhReassign {
    bool imaginary, fill;
    double scale, least, low, high;
} HhReassign;

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
    /* One step of Griffin and Lim, n complex numbers side by side: angles = target * a / (|a| +
     * tiny), a = rebuilt - momentum * previous; then previous = rebuilt. Rounded as NumPy's
     * operations; the float form's result is widened. */
    void (*converge_f32)(const float *rebuilt, float *previous, const float *target, float momentum,
                         double *angles, size_t n);
    void (*converge_f64)(const double *rebuilt, double *previous, const double *target,
                         double momentum, double *angles, size_t n);
    /* See HhReassign. The quotient is NumPy's: NaN for 0 / 0, infinite for other numbers over 0. */
    void (*reassign_f32)(const float *numerator, const float *denominator, const float *magnitude,
                         const double *base, const HhReassign *how, double *out, size_t n);
    void (*reassign_f64)(const double *numerator, const double *denominator,
                         const double *magnitude, const double *base, const HhReassign *how,
                         double *out, size_t n);
    /* Magnitudes of n complex numbers side by side. */
    void (*magnitude_f64)(const double *x, double *magnitude, size_t n);
} HhPhaseKernels;

#endif
