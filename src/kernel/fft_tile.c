/* Compiled once per level: real Fourier transforms in float and in double, lane-batched
 * (fft_lanes.h) and of single frames (fft_single.h). */
#include <string.h>

#include "kernel/fft_plan.h"
#include "kernel/fft_transpose.h"

#define REAL         float
#define LANES        HH_LANES
#define FN(name)     name##_f32
#define TABLES       f32
#define NARROW_INPUT 0
#include "kernel/fft_lanes.h"
#include "kernel/fft_single.h"
#undef REAL
#undef LANES
#undef FN
#undef TABLES
#undef NARROW_INPUT

#define REAL         double
#define LANES        HH_LANES_F64
#define FN(name)     name##_f64
#define TABLES       f64
#define NARROW_INPUT 1
#include "kernel/fft_lanes.h"
#include "kernel/fft_single.h"

static void tile_float(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count,
                       const float *window, float *re, float *im, float *power, void *scratch)
{
    tile_f32(plan, x, false, stride, count, window, re, im, power, scratch);
}

static void tile_double(const HhFftPlan *plan, const double *x, ptrdiff_t stride, int count,
                        const double *window, double *re, double *im, float *power, void *scratch)
{
    tile_f64(plan, x, false, stride, count, window, re, im, power, scratch);
}

static void tile_mixed(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count,
                       const double *window, double *re, double *im, float *power, void *scratch)
{
    tile_f64(plan, x, true, stride, count, window, re, im, power, scratch);
}

extern const HhFftKernels HH_AT_LEVEL(hh_fft_kernels);

const HhFftKernels HH_AT_LEVEL(hh_fft_kernels) = {
    .tile_f32 = tile_float,
    .tile_f64 = tile_double,
    .tile_mixed = tile_mixed,
    .tile_inverse_f32 = tile_inverse_f32,
    .tile_inverse_f64 = tile_inverse_f64,
    .tile_inverse_lanes_f32 = tile_inverse_lanes_f32,
    .tile_inverse_lanes_f64 = tile_inverse_lanes_f64,
    .single_f32 = single_f32,
    .single_f64 = single_f64,
    .single_inverse_f32 = single_inverse_f32,
    .single_inverse_f64 = single_inverse_f64,
    .complex_f64 = complex_transform_f64,
};
