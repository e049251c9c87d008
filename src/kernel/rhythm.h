/* Kernels of onset strength and beat tracking; the same bits at every level. */
#ifndef HH_KERNEL_RHYTHM_H
#define HH_KERNEL_RHYTHM_H

#include "kernel/level.h"

/* Place j and lag k of a Hann window of N: cos and sin of 2 pi j / N and of twice that, and what
 * weight the sums of 1 and of these four have in the product of w[j] and w[j + k]. */
typedef struct HhHannTerm {
    double at_place[4], at_lag[5];
} HhHannTerm;

typedef struct HhRhythmKernels {
    /* rise[i] = max(0, now[i] - before[i]); in place allowed. */
    void (*rise)(const float *now, const float *before, float *rise, size_t n);
    /* Sum of max(0, now[i] - before[i]), in HH_TILE partial sums. */
    float (*rise_sum)(const float *now, const float *before, size_t n);
    /* Median of each column of tile[rows][HH_TILE], values at least 0, rows at least 1: the mean of
     * the two middle ones if rows is even. By bisection on the bits: 31 counts whatever the values
     * are. */
    void (*tile_median)(const float *tile, size_t rows, float *median);
    /* One block of the dynamic programme of beats: for lane l < HH_TILE the largest of score[l - d]
     * - penalty[d - from], d = from..to, and the first d that reaches it. best is -infinity and
     * distance -1 where no score is above that. */
    void (*best_predecessor)(const double *score, const double *penalty, int from, int to,
                             double *best, double *distance);
    /* sum[r][l] += tile[r][l] * weight[l], tiles of `rows` rows. */
    void (*add_weighted)(const double *tile, const double *weight, size_t rows, double *sum);
    /* energy[l] = sum over j of squares[j] x[l + j]^2. */
    void (*windowed_energy)(const double *x, const double *squares, size_t win_length,
                            double *energy);
    /* sum[k][l] += x[l] x[l + k] g, where g = sum over j of w[j] w[j + k] weight[l - j], j >= 1 and
     * j + k < win_length. */
    void (*hann_lags)(const double *x, const double *weight, const HhHannTerm *terms,
                      size_t win_length, double *sum);
} HhRhythmKernels;

#endif
