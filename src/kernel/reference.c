/* See reference.h. Sums run in long double, so that what they differ by from the kernels is the
 * kernels' error. */
#include "kernel/reference.h"

#include <math.h>

static const long double two_pi = 6.283185307179586476925286766559L;

void hh_reference_dft_bin(const double *x, size_t n, size_t k, double *re, double *im)
{
    long double a = 0, b = 0;
    for (size_t j = 0; j < n; j++) {
        long double angle = two_pi * (long double)(j * k % n) / (long double)n;
        a += (long double)x[j] * cosl(angle);
        b -= (long double)x[j] * sinl(angle);
    }
    *re = (double)a;
    *im = (double)b;
}

void hh_reference_dft(const double *x, size_t n, double *re, double *im)
{
    for (size_t k = 0; k <= n / 2; k++) hh_reference_dft_bin(x, n, k, &re[k], &im[k]);
}

void hh_reference_inverse_dft(const double *re, const double *im, size_t n, double *x)
{
    for (size_t j = 0; j < n; j++) {
        long double sum = (long double)re[0];
        for (size_t k = 1; 2 * k < n; k++) {
            long double angle = two_pi * (long double)(j * k % n) / (long double)n;
            sum += 2 * ((long double)re[k] * cosl(angle) - (long double)im[k] * sinl(angle));
        }
        if (n % 2 == 0) sum += (long double)(j % 2 ? -re[n / 2] : re[n / 2]);
        x[j] = (double)(sum / (long double)n);
    }
}
