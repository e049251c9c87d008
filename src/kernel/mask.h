/* Soft masks out of the two medians of a spectrogram, and what they do to it, on tiles of HH_TILE
 * frames.
 *
 * The mask of x against a reference r is x^p / (x^p + r^p), computed from x / z and r / z with z =
 * max(x, r) so that nothing overflows (librosa.util.softmask; a Wiener filter for p = 2: D.
 * Fitzgerald, "Harmonic/percussive separation using median filtering", 2010). Where z is below the
 * smallest normal number the mask is 0.5 if both margins are 1, and 0 otherwise. p = infinity gives
 * 1 where x > r and 0 elsewhere.
 *
 * For p = 1 and p = 2 z is rounded to a power of two, which makes the division by it exact and
 * leaves one division for each mask (one for both if the margins are 1). For other p the lesser of
 * x / z and r / z is raised through double. A quotient below the smallest normal number counts as
 * 0. Errors, of the value: 4e-7 for powers up to 2 and infinity, 4e-7 + 1e-7 p above (the rounding
 * of the quotient). */
#ifndef HH_MASK_H
#define HH_MASK_H

#include "kernel/level.h"

typedef struct HhMask {
    float power;                              /* above 0, or infinity */
    float harmonic_margin, percussive_margin; /* at least 1 */
} HhMask;

typedef struct HhMaskKernels {
    /* Both masks of n values, from the median along time and the one along frequency, n a multiple
     * of HH_TILE; the harmonic mask is that of harmonic against percussive * harmonic_margin. In
     * place allowed. */
    void (*masks)(const HhMask *mask, const float *harmonic, const float *percussive, size_t n,
                  float *harmonic_mask, float *percussive_mask);
    /* y = mask * x, n a multiple of HH_TILE. In place allowed. */
    void (*apply)(const float *mask, const float *re, const float *im, size_t n, float *y_re,
                  float *y_im);
    /* sum[l] += re^2 + im^2 down the columns of a tile, from the first row on. */
    void (*energy)(const float *re, const float *im, size_t rows, float *sum);
} HhMaskKernels;

#endif
