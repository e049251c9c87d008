/* Real Fourier transforms, forward and inverse, in float and in double.
 *
 * The lane-batched form takes HH_TILE frames at once: frame l starts at x + l * stride, its bins
 * come out as column l of re[bin][HH_TILE] and im[bin][HH_TILE], bins = size/2 + 1. `count`
 * (1..HH_TILE) frames are read; the columns of the others are zero. No scaling forward; the inverse
 * divides by size and ignores the imaginary part of the first and (even size) last bin. `window`
 * has `size` values or is NULL: it multiplies the samples before a forward and after an inverse
 * transform. Convention: X[k] = sum_n x[n] exp(-2 pi i k n / size).
 *
 * Sizes: any from 1 to 2^20. Fast in tiles: even ones from 32 to 65536 without a prime factor above
 * 5; fast as single frames: multiples of 512 without one. The rest is done in double by Bluestein's
 * algorithm (L. Bluestein, 1970), ten to twenty times slower. Errors against the whole spectrum:
 * below -130 dB in float, -290 dB in double. A frame's result is the same to the last bit at every
 * CPU level, in any lane and beside any other frames; a single frame and a tile differ within the
 * errors above.
 *
 * A plan is constant after it is made and may be shared by threads; `scratch` is hh_fft_scratch()
 * bytes, aligned to 64, of each thread's own. */
#ifndef HH_FFT_H
#define HH_FFT_H

#include "base/base.h"
#include "kernel/level.h"

typedef struct HhFft HhFft;

HhStatus hh_fft_create(HhContext *context, size_t size, HhFft **fft);
void hh_fft_destroy(HhFft *fft); /* accepts NULL */
size_t hh_fft_size(const HhFft *fft);
size_t hh_fft_bins(const HhFft *fft);
size_t hh_fft_scratch(const HhFft *fft); /* bytes, enough for any call below */

void hh_fft_tile_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                     const float *window, float *re, float *im, void *scratch);
/* power[bin][HH_TILE] = re^2 + im^2, without writing re and im. */
void hh_fft_tile_power_f32(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                           const float *window, float *power, void *scratch);
/* Frame l goes to y + l * stride, overwriting `size` samples. */
void hh_fft_tile_inverse_f32(const HhFft *fft, const float *re, const float *im, int count,
                             const float *window, float *y, ptrdiff_t stride, void *scratch);
/* The first `samples` samples of HH_TILE frames, left as a tile: y[samples][HH_TILE]. */
void hh_fft_tile_inverse_lanes_f32(const HhFft *fft, const float *re, const float *im,
                                   size_t samples, float *y, void *scratch);

/* The same in double; _mixed reads float samples and does everything after in double. */
void hh_fft_tile_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count,
                     const double *window, double *re, double *im, void *scratch);
void hh_fft_tile_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                       const double *window, double *re, double *im, void *scratch);
/* power[bin][HH_TILE] = re^2 + im^2 in double, rounded once. */
void hh_fft_tile_power_f64(const HhFft *fft, const double *x, ptrdiff_t stride, int count,
                           const double *window, float *power, void *scratch);
void hh_fft_tile_power_mixed(const HhFft *fft, const float *x, ptrdiff_t stride, int count,
                             const double *window, float *power, void *scratch);
void hh_fft_tile_inverse_f64(const HhFft *fft, const double *re, const double *im, int count,
                             const double *window, double *y, ptrdiff_t stride, void *scratch);
void hh_fft_tile_inverse_lanes_f64(const HhFft *fft, const double *re, const double *im,
                                   size_t samples, double *y, void *scratch);

/* One frame: re[bins], im[bins]. For streaming; about twice the cost per frame of a full tile at
 * multiples of 512, up to that of a whole tile at other sizes. */
void hh_fft_f32(const HhFft *fft, const float *x, const float *window, float *re, float *im,
                void *scratch);
void hh_fft_inverse_f32(const HhFft *fft, const float *re, const float *im, const float *window,
                        float *y, void *scratch);
void hh_fft_f64(const HhFft *fft, const double *x, const double *window, double *re, double *im,
                void *scratch);
void hh_fft_inverse_f64(const HhFft *fft, const double *re, const double *im, const double *window,
                        double *y, void *scratch);

#endif
