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

/* Lanes of two tiles side by side, so that a lane finds its later blocks at a fixed distance. */
static inline void side_by_side(const HhYinReal *restrict low, const HhYinReal *restrict high,
                                size_t bins, HhYinReal rows[GROUP][TWO_TILES])
{
    for (size_t f = 0; f < bins; f++) {
        memcpy(rows[f], low + f * HH_TILE, HH_TILE * sizeof *low);
        memcpy(rows[f] + HH_TILE, high + f * HH_TILE, HH_TILE * sizeof *high);
    }
}

/* One bin; `sign` = (-1)^bin. A register of lanes at a time: left to the compiler, the lanes become
 * vectors only where the number of blocks is a constant. */
static inline void join_row(const HhYinReal *re, const HhYinReal *im, HhYinReal sign, size_t blocks,
                            size_t step, HhYinReal *s_re, HhYinReal *s_im)
{
    for (size_t l = 0; l < HH_TILE; l += HH_DOUBLE_LANES) {
        HhDoubles sum_re = {0}, sum_im = {0}, a_re = hh_load_f64(re + l),
                  a_im = hh_load_f64(im + l);
        for (size_t i = 1; i < blocks; i++) {
            HhDoubles b_re = hh_load_f64(re + l + i * step), b_im = hh_load_f64(im + l + i * step);
            sum_re += a_re * (a_re + sign * b_re) + a_im * (a_im + sign * b_im);
            sum_im += sign * (a_re * b_im - a_im * b_re);
            a_re = b_re;
            a_im = b_im;
        }
        hh_store_f64(s_re + l, sum_re + (a_re * a_re + a_im * a_im));
        hh_store_f64(s_im + l, sum_im);
    }
}

static inline void join_bins(const HhYinReal *low_re, const HhYinReal *low_im,
                             const HhYinReal *high_re, const HhYinReal *high_im, size_t bins,
                             size_t blocks, size_t step, HhYinReal *s_re, HhYinReal *s_im)
{
    HhYinReal re[GROUP][TWO_TILES], im[GROUP][TWO_TILES];
    for (size_t f = 0; f < bins; f += GROUP) {
        size_t count = bins - f < GROUP ? bins - f : GROUP, at = f * HH_TILE;
        side_by_side(low_re + at, high_re + at, count, re);
        side_by_side(low_im + at, high_im + at, count, im);
        for (size_t i = 0; i < count; i += 2)
            join_row(re[i], im[i], (HhYinReal)1, blocks, step, s_re + at + i * HH_TILE,
                     s_im + at + i * HH_TILE);
        for (size_t i = 1; i < count; i += 2)
            join_row(re[i], im[i], (HhYinReal)-1, blocks, step, s_re + at + i * HH_TILE,
                     s_im + at + i * HH_TILE);
    }
}

/* The layouts of 2048 samples every 512 at 22.05 and 44.1 kHz are compiled for themselves: without
 * the loop over blocks they take a tenth less. */
static void join_shared(const HhYinReal *low_re, const HhYinReal *low_im, const HhYinReal *high_re,
                        const HhYinReal *high_im, size_t bins, size_t blocks, size_t step,
                        HhYinReal *s_re, HhYinReal *s_im)
{
    if (blocks == 4 && step == 1)
        join_bins(low_re, low_im, high_re, high_im, bins, 4, 1, s_re, s_im);
    else if (blocks == 2 && step == 2)
        join_bins(low_re, low_im, high_re, high_im, bins, 2, 2, s_re, s_im);
    else
        join_bins(low_re, low_im, high_re, high_im, bins, blocks, step, s_re, s_im);
}

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

static void difference(const HhYinReal *restrict r, const float *restrict x, size_t first,
                       size_t last, HhYinReal *restrict y)
{
    HhYinReal energy[HH_TILE] = {0}, sum[HH_TILE] = {0};
    for (size_t k = 1; k <= last; k++) {
        const HhYinReal *rk = r + k * HH_TILE;
        const float *before = x + (k - 1) * HH_TILE;
        HhYinReal d[HH_TILE], reciprocal = (HhYinReal)1 / (HhYinReal)k;
        /* librosa: the energy of the first sample is missing from the difference at lag 1, and only
         * there. */
        HhYinReal counted = k == 1 ? (HhYinReal)0 : (HhYinReal)1;
        for (int l = 0; l < HH_TILE; l++) {
            energy[l] += (HhYinReal)before[l] * (HhYinReal)before[l];
            d[l] = (HhYinReal)2 * (r[l] - rk[l]) - counted * energy[l];
            sum[l] += d[l];
        }
        if (k < first) continue;
        HhYinReal *row = y + (k - first) * HH_TILE;
        for (int l = 0; l < HH_TILE; l++)
            row[l] = d[l] / (sum[l] * reciprocal + (HhYinReal)FLT_MIN);
    }
}

static void full_difference(const HhYinReal *restrict r, const float *restrict x,
                            const float *restrict tail, size_t first, size_t last,
                            HhYinReal *restrict y, HhYinReal *restrict raw)
{
    HhYinReal energy[HH_TILE] = {0}, sum[HH_TILE] = {0};
    for (size_t k = 1; k <= last; k++) {
        const HhYinReal *rk = r + k * HH_TILE;
        const float *before = x + (k - 1) * HH_TILE, *after = tail + (last - k) * HH_TILE;
        HhYinReal reciprocal = (HhYinReal)1 / (HhYinReal)k;
        size_t row = (k > first ? k - first : 0) * HH_TILE;
        for (int l = 0; l < HH_TILE; l++) {
            energy[l] += (HhYinReal)before[l] * (HhYinReal)before[l] +
                         (HhYinReal)after[l] * (HhYinReal)after[l];
            HhYinReal d = (HhYinReal)2 * (r[l] - rk[l]) - energy[l];
            sum[l] += d;
            raw[row + (size_t)l] = d;
            y[row + (size_t)l] = d / (sum[l] * reciprocal + (HhYinReal)FLT_MIN);
        }
    }
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
    .join_shared = join_shared,
    .join = join,
    .difference = difference,
    .full_difference = full_difference,
    .first_trough = first_trough,
};
