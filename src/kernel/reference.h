/* Definitions, written as the textbook has them, in double: slow, for tests. */
#ifndef HH_REFERENCE_H
#define HH_REFERENCE_H

#include <stddef.h>

/* One value of the discrete Fourier transform of n real samples, X[k] = sum_j x[j] exp(-2 pi i j k
 * / n), in O(n). */
void hh_reference_dft_bin(const double *x, size_t n, size_t k, double *re, double *im);

/* Bins 0..n/2, in O(n^2). */
void hh_reference_dft(const double *x, size_t n, double *re, double *im);

/* The n real samples whose transform has these bins 0..n/2 (the imaginary parts of the first and,
 * for even n, the last are ignored), in O(n^2). */
void hh_reference_inverse_dft(const double *re, const double *im, size_t n, double *x);

#endif
