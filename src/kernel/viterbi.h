/* Max-plus products with a band matrix: one step of Viterbi decoding. See pitch/path.c.
 *
 * A source k reaches the targets k - left .. k + right with weight(k, j) = f(j - k) + g(k), f
 * strictly concave. Everything is exact: the value is that of a search over all sources, and of
 * several sources that give the same sum the first one counts. */
#ifndef HH_KERNEL_VITERBI_H
#define HH_KERNEL_VITERBI_H

#include "kernel/level.h"

typedef struct HhBandMatrix {
    size_t states;
    size_t left, right;
    /* row[k][j - k] for targets j; -infinity for HH_TILE more on both sides of the band. */
    const double *const *row;
    /* column[j][k - j] for sources k = j - right .. j + left; -infinity where there is no such
     * source and for HH_TILE more after it. */
    const double *const *column;
} HhBandMatrix;

/* Values and results of n states are arrays of hh_band_padded(n) elements; behind the last state,
 * values are -infinity. */
static inline size_t hh_band_padded(size_t states)
{
    return states / HH_TILE * HH_TILE + 2 * HH_TILE;
}

typedef struct HhViterbiKernels {
    /* best[j] = max(best[j], max over k of value[k] + weight(k, j)); where this raises best[j],
     * from[j] = base + k. */
    void (*spread)(const HhBandMatrix *band, const double *value, double base, double *best,
                   double *from);
    /* The same for one source k, which is called `index`. */
    void (*spread_one)(const HhBandMatrix *band, size_t k, double value, double index, double *best,
                       double *from);
    /* The same for one target j. */
    void (*gather)(const HhBandMatrix *band, const double *value, size_t j, double base,
                   double *best, double *from);
    /* value[i] = best[i] + add for i < n and pointer[i] = from[i]; returns the extrema of the
     * values. */
    void (*settle)(const double *best, const double *from, double add, size_t n, double *value,
                   uint16_t *pointer, double *lowest, double *highest);
} HhViterbiKernels;

#endif
