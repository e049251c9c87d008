/* What the Fourier kernels (fft_tile.c, compiled once per level) and their front (fft.c) share.
 *
 * A complex transform of `size` points is a sequence of in-place passes, decimation in frequency:
 * pass l replaces every block of radix[l] * below[l] elements by radix[l] blocks of below[l], the
 * last pass by single values. Element e of the transform lies at e + e / run, so that no two legs
 * of a butterfly are a multiple of 4096 bytes apart (they would share one set of the first-level
 * cache, which costs half of the speed).
 *
 * Two kinds of plan use it. In a tile plan every SIMD lane is another frame of 2 * size real
 * samples. In a single plan the HH_TILE lanes are residues of one frame, z[lane + HH_TILE * j]; a
 * last step of radix 16 across the lanes joins them to HH_TILE * size complex points. */
#ifndef HH_FFT_PLAN_H
#define HH_FFT_PLAN_H

#include "base/base.h"
#include "kernel/level.h"

#define HH_FFT_PASSES 20 /* at most, for 2^20 points */

/* Twiddle factors of one element type, as pairs (re, im) unless said otherwise. With e(k, n) =
 * exp(-2 pi i k / n), real size n and complex size m = n / 2: */
#define HH_FFT_TABLES(TYPE)                                                                        \
    {                                                                                              \
        TYPE *pass[HH_FFT_PASSES]; /* [below][radix - 1]: e(j * q, radix * below), q = 1.. */      \
        TYPE *post;                /* tile, [radix[0]][below[0]]: e(a + radix[0] * k, n) / 2 */    \
        TYPE *pre;   /* tile, [below[0] / 2 + 1][radix[0]]: e(-j - q * below[0], n) */             \
        TYPE *cross; /* single, [size]: HH_TILE real parts of e(lane * k, m), then imaginary ones  \
                      */                                                                           \
        TYPE *split; /* single, m / 2 real parts of e(k, n) / 2, then imaginary ones */            \
    }
typedef struct HhFftTables32 HH_FFT_TABLES(float) HhFftTables32;
typedef struct HhFftTables64 HH_FFT_TABLES(double) HhFftTables64;

typedef struct HhFftPlan {
    size_t size; /* complex points in each lane */
    int passes;
    size_t radix[HH_FFT_PASSES], below[HH_FFT_PASSES];
    size_t run; /* elements between two elements of padding */
    /* Where output k lies: tile, [below[0]] within a block of the first pass; single, [size]. */
    uint32_t *position;
    HhFftTables32 f32;
    HhFftTables64 f64;
} HhFftPlan;

static inline size_t hh_fft_padded(const HhFftPlan *plan, size_t element)
{
    return element + element / plan->run;
}

/* Bytes of scratch for the kernels below. */
static inline size_t hh_fft_tile_scratch(const HhFftPlan *plan)
{
    return 2 * (hh_fft_padded(plan, plan->size) + 1) * HH_ALIGNMENT;
}

static inline size_t hh_fft_single_scratch(const HhFftPlan *plan)
{
    return (2 * (hh_fft_padded(plan, plan->size) + 1) + 4 * plan->size) * HH_TILE * sizeof(double);
}

/* The functions of fft.h for sizes with a plan, and a complex transform from and to split arrays of
 * HH_TILE * size points for single plans. A NULL `power` asks for re and im. */
typedef struct HhFftKernels {
    void (*tile_f32)(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count,
                     const float *window, float *re, float *im, float *power, void *scratch);
    void (*tile_f64)(const HhFftPlan *plan, const double *x, ptrdiff_t stride, int count,
                     const double *window, double *re, double *im, float *power, void *scratch);
    void (*tile_mixed)(const HhFftPlan *plan, const float *x, ptrdiff_t stride, int count,
                       const double *window, double *re, double *im, float *power, void *scratch);
    void (*tile_inverse_f32)(const HhFftPlan *plan, const float *re, const float *im, int count,
                             const float *window, float *y, ptrdiff_t stride, void *scratch);
    void (*tile_inverse_f64)(const HhFftPlan *plan, const double *re, const double *im, int count,
                             const double *window, double *y, ptrdiff_t stride, void *scratch);
    void (*tile_inverse_lanes_f32)(const HhFftPlan *plan, const float *re, const float *im,
                                   size_t samples, float *y, void *scratch);
    void (*tile_inverse_lanes_f64)(const HhFftPlan *plan, const double *re, const double *im,
                                   size_t samples, double *y, void *scratch);
    void (*single_f32)(const HhFftPlan *plan, const float *x, const float *window, float *re,
                       float *im, void *scratch);
    void (*single_f64)(const HhFftPlan *plan, const double *x, const double *window, double *re,
                       double *im, void *scratch);
    void (*single_inverse_f32)(const HhFftPlan *plan, const float *re, const float *im,
                               const float *window, float *y, void *scratch);
    void (*single_inverse_f64)(const HhFftPlan *plan, const double *re, const double *im,
                               const double *window, double *y, void *scratch);
    void (*complex_f64)(const HhFftPlan *plan, const double *re, const double *im, double *out_re,
                        double *out_im, void *scratch);
} HhFftKernels;

#endif
