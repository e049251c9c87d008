/* What the constant-Q transforms and the decimator do to tiles, compiled once per CPU level.
 *
 * A tile is [rows][HH_TILE], aligned to 64 bytes; each lane is another frame or block, and no lane
 * looks at another. */
#ifndef HH_KERNEL_HARMONY_H
#define HH_KERNEL_HARMONY_H

#include "kernel/level.h"

/* A sparse matrix by rows: row r has the entries start[r] .. start[r+1]-1. `im` is NULL for a real
 * matrix. */
typedef struct HhSparse {
    size_t rows;
    uint32_t *start;  /* [rows + 1] */
    uint32_t *column; /* [entries], ascending within a row */
    float *re, *im;   /* [entries] */
} HhSparse;

typedef struct HhHarmonyKernels {
    /* y[r] = sum over the entries of row r of value * x[column], added one after the other. */
    void (*sparse_complex)(const HhSparse *matrix, const float *re, const float *im, float *y_re,
                           float *y_im);
    void (*sparse_real)(const HhSparse *matrix, const float *x, float *y);
    /* The spectrum of every other sample of a filtered block: with X of size 2 * half (half + 1
     * bins), y[k] = pass[k] * X[k] + fold[k] * conj(X[half - k]),  k = 0 .. half / 2. */
    void (*fold_spectrum)(const float *re, const float *im, const float *pass, const float *fold,
                          size_t half, float *y_re, float *y_im);
    /* Two real filters on a block's spectrum X of half + 1 bins, and of the result every
     * `hop`-th sample. filters[4][half + 1]: re and im of the first, re and im of the second.
     * y[k] = sum over j < hop of Z[k + j period], Z = X * filter, period = 2 half / hop, k = 0 ..
     * period / 2; an even hop that divides `half`. */
    void (*filter_fold)(const double *re, const double *im, const double *filters, size_t half,
                        size_t hop, double *a_re, double *a_im, double *b_re, double *b_im);
} HhHarmonyKernels;

#endif
