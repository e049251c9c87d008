/* Kernels of the functions on arrays seen along one axis (heihachi/matrix.h), for float and for
 * double; the same bits at every level.
 *
 * An array {length, inner} with the axis first is one run of length * inner values in which the
 * neighbours along the axis stand `stride` = inner values apart: so a rule about neighbours is one
 * loop over the run, whichever way the axis lies. Sums are added in double. */
#ifndef HH_KERNEL_MATRIX_H
#define HH_KERNEL_MATRIX_H

#include <stdbool.h>

#include "kernel/level.h"

/* What is accumulated out of values x. */
typedef enum HhReduction {
    HH_REDUCE_MAX,     /* the largest |x|; from 0 on */
    HH_REDUCE_MIN,     /* the smallest |x|; from infinity on */
    HH_REDUCE_COUNT,   /* of x != 0 */
    HH_REDUCE_SUM,     /* of |x| */
    HH_REDUCE_SQUARES, /* of x^2 */
    HH_REDUCE_POWERS   /* of |x|^p */
} HhReduction;

/* x and y are arrays of the type that the table is for, and do not overlap. */
typedef struct HhMatrixKernels {
    void (*narrow)(const double *x, void *y, size_t n); /* y = x, rounded to nearest */
    /* total[i] takes in x[i]. */
    void (*reduce)(HhReduction reduction, double p, const void *x, double *total, size_t n);
    /* total[n] = the sums of n columns of x[rows][stride]. */
    void (*sum_rows)(const void *x, size_t stride, size_t rows, double *total, size_t n);
    double (*sum)(const void *x, size_t n); /* of x, in 8 partial ones: x[i] to partial i % 8 */
    double (*dot)(const double *weight, const void *x, size_t n); /* in 32 partial sums */
    /* One total out of n >= 1, in partial ones as above. */
    double (*fold)(HhReduction reduction, const double *total, size_t n);
    /* |x| of n complex numbers side by side, in double and without overflow. */
    void (*magnitudes)(const void *x, double *magnitude, size_t n);
    /* y[i] = x[i] / by[i], the quotient in double. */
    void (*divide)(const void *x, const double *by, void *y, size_t n);
    void (*divide_complex)(const void *x, const double *by, void *y, size_t n);
    void (*divide_all)(const void *x, double by, void *y, size_t n);
    /* x^p / (x^p + r^p) by way of x / z and r / z, z = max(x, r); `nothing` where z is below the
     * smallest normal number. */
    void (*soft_mask)(const void *x, const void *r, double p, double nothing, void *y, size_t n);
    void (*hard_mask)(const void *x, const void *r, uint8_t *y, size_t n); /* x > r */
    /* y[i] = x[i] beyond x[i - stride] and at least as far as x[i + stride]; beyond is above, or
     * below for minima. Without `after` the second condition is left out. */
    void (*local_maxima)(const void *x, size_t stride, bool after, uint8_t *y, size_t n);
    void (*local_minima)(const void *x, size_t stride, bool after, uint8_t *y, size_t n);
    /* y[i] = the signs of x[i] and x[i - stride] differ; |x| <= threshold counts as +0. Signs are
     * two (the sign bit), or three if `zero` has its own; then a NaN differs from everything. */
    void (*crossings)(const void *x, size_t stride, double threshold, bool zero, uint8_t *y,
                      size_t n);
    /* y[i] = sum over k < taps of weight[k] x[i + k stride], in the order of k. */
    void (*correlate)(const void *x, const double *weight, size_t taps, size_t stride, void *y,
                      size_t n);
} HhMatrixKernels;

/* Of float, of double. */
typedef HhMatrixKernels HhMatrixTables[2];

#endif
