/* See matrix.h. */
#include "kernel/matrix.h"

#include <float.h>
#include <math.h>

#include "kernel/elementary.h"
#include "kernel/lanes.h"

enum { PARTIAL = 8 };

/* x^p for x >= 0, p > 0; off by 1e-16 p |log x| of its value and an ulp. */
static inline double power_f64(double x, double p)
{
    return hh_exp_f64(p * hh_log_f64(x));
}

static inline float power_f32(float x, double p)
{
    return hh_pow_f32(x, (float)p);
}

static inline double joined(HhReduction reduction, double a, double b)
{
    if (reduction == HH_REDUCE_MAX) return b > a ? b : a;
    if (reduction == HH_REDUCE_MIN) return b < a ? b : a;
    return a + b;
}

static double fold(HhReduction reduction, const double *total, size_t n)
{
    double part[PARTIAL], all = total[0];
    if (n < PARTIAL) {
        for (size_t i = 1; i < n; i++) all = joined(reduction, all, total[i]);
        return all;
    }
    for (size_t i = 0; i < PARTIAL; i++) part[i] = total[i];
    for (size_t i = PARTIAL; i < n; i++)
        part[i % PARTIAL] = joined(reduction, part[i % PARTIAL], total[i]);
    all = part[0];
    for (size_t i = 1; i < PARTIAL; i++) all = joined(reduction, all, part[i]);
    return all;
}

/* The largest number of the type that is not above x; NaN stays NaN. */
static inline float at_most_f32(double x)
{
    float y = (float)x;
    return (double)y > x ? nextafterf(y, -HUGE_VALF) : y;
}

static inline double at_most_f64(double x)
{
    return x;
}

static inline int sign_f32(float x)
{
    return hh_bits_f32(x) < 0;
}

static inline int sign_f64(double x)
{
    return hh_bits_f64(x) < 0;
}

static inline HhDoubles load_f32(const float *x)
{
    return hh_load_f32_f64(x);
}

static inline HhDoubles load_f64(const double *x)
{
    return hh_load_f64(x);
}

#define OF(name) name##_f32
#define REAL     float
#define ABS      fabsf
#define LARGEST  FLT_MAX
#define SMALLEST FLT_MIN
#define ROOT     sqrtf
#define POWER    power_f32
#include "kernel/matrix_of.h"
#undef OF
#undef REAL
#undef ABS
#undef LARGEST
#undef SMALLEST
#undef ROOT
#undef POWER

#define OF(name) name##_f64
#define REAL     double
#define ABS      fabs
#define LARGEST  DBL_MAX
#define SMALLEST DBL_MIN
#define ROOT     sqrt
#define POWER    power_f64
#include "kernel/matrix_of.h"

extern const HhMatrixTables HH_AT_LEVEL(hh_matrix_kernels);

#define TABLE(TYPE)                                                                                \
    {                                                                                              \
        .narrow = narrow_##TYPE, .reduce = reduce_##TYPE, .sum_rows = sum_rows_##TYPE,             \
        .sum = sum_##TYPE, .dot = dot_##TYPE, .fold = fold, .magnitudes = magnitudes_##TYPE,       \
        .divide = divide_##TYPE, .divide_complex = divide_complex_##TYPE,                          \
        .divide_all = divide_all_##TYPE, .soft_mask = soft_mask_##TYPE,                            \
        .hard_mask = hard_mask_##TYPE, .local_maxima = local_maxima_##TYPE,                        \
        .local_minima = local_minima_##TYPE, .crossings = crossings_##TYPE,                        \
        .correlate = correlate_##TYPE,                                                             \
    }

const HhMatrixTables HH_AT_LEVEL(hh_matrix_kernels) = {TABLE(f32), TABLE(f64)};
