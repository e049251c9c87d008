/* Sliding medians down the columns and along the rows of a spectrogram, HH_TILE frames at a time.
 *
 * Each output is one of its inputs, the one of rank width / 2 (from 0) of the `width` values around
 * it: position i takes i - width / 2 .. i - width / 2 + width - 1, as scipy.ndimage.median_filter
 * does, also for an even width. The caller supplies the values beyond the ends (hh_reflect()). No
 * input may be NaN.
 *
 * Lanes are independent signals: along frequency the frames of a tile, along time neighbouring
 * bins.
 *
 * Width 31 is a fixed network of minima and maxima (after the hierarchical tiling of median
 * filters, A. Adams, "Fast median filters using separable sorting networks", 2021, carried over to
 * one dimension): sixteen neighbouring outputs share sixteen inputs, which are sorted once. The
 * group of outputs is halved four times; each half merges the inputs that it shares in addition and
 * keeps only the ranks that can still be the median: 16 -> 8 -> 4 -> 2 -> 1. That is 28 operations
 * per output. Other widths keep the window sorted and replace one value per step, without branches:
 * about 4 * width operations per output. */
#ifndef HH_MEDIAN_H
#define HH_MEDIAN_H

#include "kernel/level.h"

typedef struct HhMedianKernels {
    /* Along frequency. padded[width / 2 + bins + (width - 1) / 2][HH_TILE] are the bins of a tile
     * with what lies beyond its ends; bins is a multiple of HH_TILE. sorted[width][HH_TILE] is
     * scratch. Writes tile[bins][HH_TILE]. */
    void (*frequency)(const float *padded, size_t width, size_t bins, float *sorted, float *tile);

    /* Along time, for the frames t .. t + HH_TILE - 1 and the bins [begin, end), multiples of
     * HH_TILE. row[i] is frame t - width / 2 - 1 + i, i < width + HH_TILE, each a row of bins.
     * sorted[(end - begin) * width] holds the sorted windows of these bins at frame t - 1 and is
     * left with those of the last frame. Writes tile[end - begin][HH_TILE]. */
    void (*time)(const float *const *row, size_t width, size_t begin, size_t end, float *sorted,
                 float *tile);
    /* Makes the sorted windows of frame t - 1 out of row[0 .. width - 1]. */
    void (*time_start)(const float *const *row, size_t width, size_t begin, size_t end,
                       float *sorted);

    /* tile[bins][HH_TILE] to rows, frame l at rows + l * pitch; bins is a multiple of HH_TILE. */
    void (*to_rows)(const float *tile, size_t bins, float *rows, size_t pitch);
} HhMedianKernels;

/* Index i of a sequence of n >= 1 values that is continued by reflection: d c b a | a b c d | d c b
 * a. */
static inline size_t hh_reflect(ptrdiff_t i, size_t n)
{
    ptrdiff_t period = 2 * (ptrdiff_t)n;
    ptrdiff_t j = ((i % period) + period) % period;
    return (size_t)(j < (ptrdiff_t)n ? j : period - 1 - j);
}

#endif
