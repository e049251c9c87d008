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

#define DEFINE_CONVERGE(NAME, TYPE, TINY)                                                          \
    static void NAME(const TYPE *restrict rebuilt, TYPE *restrict previous,                        \
                     const TYPE *restrict target, TYPE momentum, double *restrict angles,          \
                     size_t n)                                                                     \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            TYPE re = rebuilt[2 * i] - momentum * previous[2 * i];                                 \
            TYPE im = rebuilt[2 * i + 1] - momentum * previous[2 * i + 1];                         \
            TYPE size = (TYPE)sqrt((double)re * (double)re + (double)im * (double)im);             \
            TYPE inverse = (TYPE)1.0 / (size + TINY);                                              \
            angles[2 * i] = (double)(re * inverse * target[i]);                                    \
            angles[2 * i + 1] = (double)(im * inverse * target[i]);                                \
            previous[2 * i] = rebuilt[2 * i];                                                      \
            previous[2 * i + 1] = rebuilt[2 * i + 1];                                              \
        }                                                                                          \
    }

/* The quotient by R. L. Smith, "Algorithm 116: Complex division", CACM 1962. */
#define DEFINE_REASSIGN(NAME, TYPE, ABS)                                                           \
    static void NAME(const TYPE *restrict numerator, const TYPE *restrict denominator,             \
                     const TYPE *restrict magnitude, const double *restrict base,                  \
                     const HhReassign *how, double *restrict out, size_t n)                        \
    {                                                                                              \
        const TYPE scale = (TYPE)how->scale, least = (TYPE)how->least;                             \
        const double low = how->low, high = how->high;                                             \
        const bool imaginary = how->imaginary, fill = how->fill;                                   \
        for (size_t i = 0; i < n; i++) {                                                           \
            TYPE a_re = numerator[2 * i], a_im = numerator[2 * i + 1];                             \
            TYPE b_re = denominator[2 * i], b_im = denominator[2 * i + 1];                         \
            bool turned = ABS(b_re) < ABS(b_im);                                                   \
            TYPE large = turned ? b_im : b_re, small = turned ? b_re : b_im;                       \
            TYPE ratio = small / large, inverse = (TYPE)1.0 / (large + small * ratio);             \
            TYPE re = (turned ? a_re * ratio + a_im : a_re + a_im * ratio) * inverse;              \
            TYPE im = (turned ? a_im * ratio - a_re : a_im - a_re * ratio) * inverse;              \
            TYPE part = imaginary ? -im : re, over = imaginary ? -a_im : a_re;                     \
            part = large == (TYPE)0.0 ? over / ABS(large) : part;                                  \
            double value = base[i] + (double)(part * scale);                                       \
            value = magnitude[i] < least ? (double)NAN : value;                                    \
            value = fill && value != value ? base[i] : value;                                      \
            value = value < low ? low : value;                                                     \
            out[i] = value > high ? high : value;                                                  \
        }                                                                                          \
    }

static void magnitude_f64(const double *restrict x, double *restrict magnitude, size_t n)
{
    for (size_t i = 0; i < n; i++)
        magnitude[i] = sqrt(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
}

DEFINE_POLAR(polar_f32, float)
DEFINE_POLAR(polar_f64, double)
DEFINE_VOCODE(vocode_f32, float)
DEFINE_VOCODE(vocode_f64, double)
DEFINE_CONVERGE(converge_f32, float, FLT_MIN)
DEFINE_CONVERGE(converge_f64, double, DBL_MIN)
DEFINE_REASSIGN(reassign_f32, float, fabsf)
DEFINE_REASSIGN(reassign_f64, double, fabs)

const HhPhaseKernels HH_AT_LEVEL(hh_phase_kernels) = {
    .polar_f32 = polar_f32,
    .polar_f64 = polar_f64,
    .vocode_f32 = vocode_f32,
    .vocode_f64 = vocode_f64,
    .converge_f32 = converge_f32,
    .converge_f64 = converge_f64,
    .reassign_f32 = reassign_f32,
    .reassign_f64 = reassign_f64,
    .magnitude_f64 = magnitude_f64,
};
