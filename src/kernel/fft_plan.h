/* What the Fourier kernels (fft_tile.c, compiled once per level) and their front (fft.c) share.
 *
 * A complex transform of `size` points is a sequence of in-place passes, decimation in frequency: pass l replaces every
 * block of radix[l] * below[l] elements by radix[l] blocks of below[l], the last pass by single values. Element e of
 * the transform lies at e + e / run, so that no two legs of a butterfly are a multiple of 4096 bytes apart (they would
 * share one set of the first-level cache, which costs half of the speed). */
#ifndef HH_FFT_PLAN_H
#define HH_FFT_PLAN_H

#include "base/base.h"
#include "kernel/level.h"

#define HH_FFT_PASSES 20 /* at most, for 2^20 points */

/* Twiddle factors of one element type, as pairs (re, im). */
typedef struct HhFftTables32 {
    float *pass[HH_FFT_PASSES]; /* [below][radix - 1]: exp(-2 pi i j q / (radix * below)), q = 1.. */
    float *post, *pre;          /* see HhFftPlan */
} HhFftTables32;

typedef struct HhFftTables64 {
    double *pass[HH_FFT_PASSES];
    double *post, *pre;
} HhFftTables64;

typedef struct HhFftPlan {
    size_t size; /* complex points, half of the real ones */
    int passes;
    size_t radix[HH_FFT_PASSES], below[HH_FFT_PASSES];
    size_t run;         /* elements between two elements of padding */
    uint32_t *position; /* [below[0]] where output k of a block of the first pass lies within the block */
    /* For the step between real and complex spectra, with e(k) = exp(-2 pi i k / (2 * size)):
     * post[a * below[0] + k] = e(a + radix[0] * k) / 2 and pre[j * radix[0] + q] = conj(e(j + q * below[0])). */
    HhFftTables32 f32;
    HhFftTables64 f64;
} HhFftPlan;

static inline size_t hh_fft_padded(const HhFftPlan *plan, size_t element)
{
    return element + element / plan->run;
}

typedef struct HhFftKernels {
    /* The functions of fft.h for sizes with a plan. A NULL `power` asks for re and im. */
    void (*tile_f32)(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count, const float *window,
                     float *re, float *im, float *power, void *scratch);
    void (*tile_f64)(const HhFftPlan *plan, const double *x, ptrdiff_t stride, int count, const double *window,
                     double *re, double *im, void *scratch);
    void (*tile_mixed)(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count, const double *window,
                       double *re, double *im, void *scratch);
    void (*tile_inverse_f32)(const HhFftPlan *plan, const float *re, const float *im, int count, const float *window,
                             float *y, ptrdiff_t stride, void *scratch);
    void (*tile_inverse_f64)(const HhFftPlan *plan, const double *re, const double *im, int count,
                             const double *window, double *y, ptrdiff_t stride, void *scratch);
} HhFftKernels;

#endif
