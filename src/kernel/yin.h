/* The inner loops of YIN: frames in lanes. See pitch/yin.c for the method. */
#ifndef HH_KERNEL_YIN_H
#define HH_KERNEL_YIN_H

#include <stddef.h>

#include "kernel/level.h"

typedef double HhYinReal;

typedef struct HhYinKernels {
    /* Spectra of the correlation of frames that are made of `blocks` blocks, from the spectra of
     * blocks: s_l = sum_i |a_(l + i step)|^2 + sum_i (-1)^bin conj(a_(l + i step)) a_(l + (i + 1)
     * step). Blocks 0..15 are the lanes of `low`, 16..31 those of `high`; (blocks - 1) * step <=
     * HH_TILE. */
    void (*join_shared)(const HhYinReal *low_re, const HhYinReal *low_im, const HhYinReal *high_re,
                        const HhYinReal *high_im, size_t bins, size_t blocks, size_t step,
                        HhYinReal *s_re, HhYinReal *s_im);
    void (*join_shared_f32)(const float *low_re, const float *low_im, const float *high_re,
                            const float *high_im, size_t bins, size_t blocks, size_t step,
                            float *s_re, float *s_im);
    /* The same one block at a time: s += |b|^2 + (-1)^bin conj(a) b; for the first block (a NULL) s
     * = |b|^2. */
    void (*join)(const HhYinReal *a_re, const HhYinReal *a_im, const HhYinReal *b_re,
                 const HhYinReal *b_im, size_t bins, HhYinReal *s_re, HhYinReal *s_im);
    /* Cumulative mean normalised difference for lags first..last, from the correlation r[last +
     * 1][HH_TILE] and the first samples x[last][HH_TILE]: y[last - first + 1][HH_TILE]. */
    void (*difference)(const HhYinReal *r, const float *x, size_t first, size_t last, HhYinReal *y);
    void (*difference_f32)(const float *r, const float *x, size_t first, size_t last, HhYinReal *y);
    /* Samples in double; what is added to the mean is then the smallest double, not float. */
    void (*difference_f64)(const HhYinReal *r, const double *x, size_t first, size_t last,
                           HhYinReal *y);
    /* The same from the full difference, with the last samples tail[last][HH_TILE]; raw[] is the
     * difference itself. */
    void (*full_difference)(const HhYinReal *r, const float *x, const float *tail, size_t first,
                            size_t last, HhYinReal *y, HhYinReal *raw);
    void (*full_difference_f64)(const HhYinReal *r, const double *x, const double *tail,
                                size_t first, size_t last, HhYinReal *y, HhYinReal *raw);
    /* Row of the first trough below `threshold`, or of the first minimum if there is none; rows
     * >= 2. */
    void (*first_trough)(const HhYinReal *y, size_t rows, HhYinReal threshold, int *row);
} HhYinKernels;

#endif
