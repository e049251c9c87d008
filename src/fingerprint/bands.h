/* Energy below each edge of the seven bands, in one pass.
 *
 * The definition is the power spectrum of the whole track (one rectangular transform). Here the
 * power is estimated with long sine windows that overlap by half: their squares sum to one, so the
 * total is the exact energy, and the blur at an edge is that of the window: 0.2 Hz for the edges up
 * to 500 Hz (a window of 12 s on the signal decimated to 2756.25 Hz), 5 Hz above (0.37 s at 44.1
 * kHz). Around an edge up to 500 Hz that has sound beside it the lines of the track's own spectrum
 * are computed (zoom.h), up to a length of 10 minutes. A clip of up to 11.9 s, for which that would
 * be coarser than the lines of its own spectrum, is transformed whole. */
#ifndef HH_BANDS_H
#define HH_BANDS_H

#include "base/base.h"

#define HH_BANDS 7

typedef struct HhBands HhBands;

/* Lower edge of band 0..6, and the upper edge of the last as number 7: 20, 60, 250, 500, 2000,
 * 4000, 6000, 20000 Hz. */
double hh_bands_edge(int edge);

HhStatus hh_bands_create(HhContext *context, HhBands **bands);
void hh_bands_destroy(HhBands *bands); /* accepts NULL */

/* The same samples twice, any block sizes: `full` at 44.1 kHz, and `low` their 16:1 decimation at
 * 2756.25 Hz, level 3 of the decimation chain (harmony/chain.h) with its gain taken back. The two
 * may run in different threads. */
enum { HH_BANDS_DECIMATION = 16 };
void hh_bands_push_full(HhBands *bands, const float *full, size_t count);
HhStatus hh_bands_push_low(HhBands *bands, const float *low, size_t count);
/* Energy (sum of squares of 44.1 kHz samples) in each band, and of the constant part. */
HhStatus hh_bands_finish(HhBands *bands, double energy[HH_BANDS], double *constant);

#endif
