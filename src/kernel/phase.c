/* See phase.h. The functions of an angle are those of elementary.h: 2 ulp in double; in float the
 * double's value rounded. The float form rounds where NumPy does (the difference of two angles, the
 * running phase, cosine and sine before they meet the magnitude), because a phase that has grown to
 * 10^6 shows it. */
#include "kernel/phase.h"

#include "kernel/elementary.h"

#define DEFINE_POLAR(NAME, TYPE)                                                                   \
    static void NAME(const TYPE *restrict x, TYPE *restrict angle, TYPE *restrict magnitude,       \
                     size_t n)                                                                     \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            double re = (double)x[2 * i], im = (double)x[2 * i + 1];                               \
            angle[i] = (TYPE)hh_atan2_f64(im, re);                                                 \
            magnitude[i] = (TYPE)sqrt(re * re + im * im);                                          \
        }                                                                                          \
    }

enum { CHUNK = 64 };

/* Cosine and sine wait in arrays: gcc 12 leaves out their rounding to float where it packs the two
 * of one bin into a register. */
#define DEFINE_VOCODE(NAME, TYPE)                                                                  \
    static void NAME(const TYPE *restrict angle, const TYPE *restrict next_angle,                  \
                     const TYPE *restrict magnitude, const TYPE *restrict next_magnitude,          \
                     double between, const double *restrict advance, TYPE *restrict phase,         \
                     TYPE *restrict out, size_t n)                                                 \
    {                                                                                              \
        const double turn = 6.28318530717958623;                                                   \
        TYPE cosines[CHUNK], sines[CHUNK];                                                         \
        for (size_t first = 0; first < n; first += CHUNK) {                                        \
            size_t end = n - first < CHUNK ? n : first + CHUNK;                                    \
            for (size_t i = first; i < end; i++) {                                                 \
                double sine, cosine;                                                               \
                hh_sin_cos_f64((double)phase[i], &sine, &cosine);                                  \
                cosines[i - first] = (TYPE)cosine;                                                 \
                sines[i - first] = (TYPE)sine;                                                     \
                TYPE step = next_angle[i] - angle[i];                                              \
                double beyond = (double)step - advance[i];                                         \
                beyond = beyond - turn * hh_round_f64(beyond / turn);                              \
                phase[i] = (TYPE)((double)phase[i] + (advance[i] + beyond));                       \
            }                                                                                      \
            for (size_t i = first; i < end; i++) {                                                 \
                double size =                                                                      \
                    (1.0 - between) * (double)magnitude[i] + between * (double)next_magnitude[i];  \
                out[2 * i] = (TYPE)((double)cosines[i - first] * size);                            \
                out[2 * i + 1] = (TYPE)((double)sines[i - first] * size);                          \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_POLAR(polar_f32, float)
DEFINE_POLAR(polar_f64, double)
DEFINE_VOCODE(vocode_f32, float)
DEFINE_VOCODE(vocode_f64, double)

const HhPhaseKernels HH_AT_LEVEL(hh_phase_kernels) = {
    .polar_f32 = polar_f32,
    .polar_f64 = polar_f64,
    .vocode_f32 = vocode_f32,
    .vocode_f64 = vocode_f64,
};
