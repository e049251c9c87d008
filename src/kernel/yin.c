/* See yin.h. Compiled once per CPU level; a lane never meets another, so every level gives the same
 * bits. */
#include "kernel/yin.h"

#include <float.h>
#include <string.h>

#include "kernel/lanes.h"

extern const HhYinKernels HH_AT_LEVEL(hh_yin_kernels);

/* Bins that join_shared() lays side by side before it uses them: loads that straddle two stores of
 * a moment ago stall. */
enum { TWO_TILES = 2 * HH_TILE, GROUP = 8 };

#define REAL     float
#define V        HhFloats
#define LANES    HH_LANES
#define LOAD     hh_load_f32
#define STORE    hh_store_f32
#define FN(name) name##_f32
#include "kernel/yin_lanes.h"

#define REAL     HhYinReal
#define V        HhDoubles
#define LANES    HH_DOUBLE_LANES
#define LOAD     hh_load_f64
#define STORE    hh_store_f64
#define FN(name) name##_f64
#include "kernel/yin_lanes.h"

#define REAL     float
#define SAMPLE   float
#define TINY     FLT_MIN
#define FN(name) name##_quick
#include "kernel/yin_difference.h"

#define REAL     HhYinReal
#define SAMPLE   float
#define TINY     FLT_MIN
#define FN(name) name##_of_floats
#include "kernel/yin_difference.h"

#define REAL     HhYinReal
#define SAMPLE   double
#define TINY     DBL_MIN
#define FN(name) name##_of_doubles
#include "kernel/yin_difference.h"

static void join_first(const HhYinReal *restrict b_re, const HhYinReal *restrict b_im, size_t bins,
                       HhYinReal *restrict s_re, HhYinReal *restrict s_im)
{
    for (size_t i = 0; i < bins * HH_TILE; i++) s_re[i] = b_re[i] * b_re[i] + b_im[i] * b_im[i];
    memset(s_im, 0, bins * HH_TILE * sizeof *s_im);
}

static void join_next(const HhYinReal *restrict a_re, const HhYinReal *restrict a_im,
                      const HhYinReal *restrict b_re, const HhYinReal *restrict b_im, size_t bins,
                      HhYinReal *restrict s_re, HhYinReal *restrict s_im)
{
    HhYinReal sign = 1;
    for (size_t f = 0; f < bins; f++, sign = -sign) {
        for (size_t i = f * HH_TILE; i < (f + 1) * HH_TILE; i++) {
            s_re[i] += b_re[i] * b_re[i] + b_im[i] * b_im[i] +
                       sign * (a_re[i] * b_re[i] + a_im[i] * b_im[i]);
            s_im[i] += sign * (a_re[i] * b_im[i] - a_im[i] * b_re[i]);
        }
    }
}

static void join(const HhYinReal *a_re, const HhYinReal *a_im, const HhYinReal *b_re,
                 const HhYinReal *b_im, size_t bins, HhYinReal *s_re, HhYinReal *s_im)
{
    if (a_re)
        join_next(a_re, a_im, b_re, b_im, bins, s_re, s_im);
    else
        join_first(b_re, b_im, bins, s_re, s_im);
}

static void first_trough(const HhYinReal *restrict y, size_t rows, HhYinReal threshold,
                         int *restrict row)
{
    HhYinReal lowest[HH_TILE], lowest_row[HH_TILE], trough[HH_TILE];
    for (int l = 0; l < HH_TILE; l++) {
        lowest[l] = y[l];
        lowest_row[l] = 0;
        trough[l] = ((y[l] < y[HH_TILE + l]) & (y[l] < threshold)) ? (HhYinReal)0 : (HhYinReal)-1;
    }
    for (size_t i = 1; i < rows; i++) {
        const HhYinReal *here = y + i * HH_TILE, *left = here - HH_TILE;
        const HhYinReal *right = i + 1 < rows ? here + HH_TILE : here;
        HhYinReal index = (HhYinReal)i;
        for (int l = 0; l < HH_TILE; l++) {
            int lower = here[l] < lowest[l];
            lowest[l] = lower ? here[l] : lowest[l];
            lowest_row[l] = lower ? index : lowest_row[l];
            int found = (here[l] < left[l]) & (here[l] <= right[l]) & (here[l] < threshold) &
                        (trough[l] < 0);
            trough[l] = found ? index : trough[l];
        }
    }
    for (int l = 0; l < HH_TILE; l++) row[l] = (int)(trough[l] < 0 ? lowest_row[l] : trough[l]);
}

const HhYinKernels HH_AT_LEVEL(hh_yin_kernels) = {
    .join_shared = join_shared_f64,
    .join_shared_f32 = join_shared_f32,
    .join = join,
    .difference = difference_of_floats,
    .difference_f32 = difference_quick,
    .difference_f64 = difference_of_doubles,
    .full_difference = full_difference_of_floats,
    .full_difference_f64 = full_difference_of_doubles,
    .first_trough = first_trough,
};
