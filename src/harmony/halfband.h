/* Halves a sample rate, as libsoxr's recipe HQ does for a ratio of 2:1.
 *
 * One linear-phase filter of 389 taps, a Kaiser-windowed sinc, aligned to zero phase: y[m] = sum_j
 * h[j] x[2m - 194 + j], with zeros outside the signal; ceil(N / 2) samples come out. It is applied
 * by overlap-save on a fixed grid of blocks: block b makes the samples b * HH_HALFBAND_BLOCK .. of
 * the output, whatever range was asked for, so the bits do not depend on how the signal is cut up.
 * Sixteen blocks run side by side in the lanes of one transform. */
#ifndef HH_HALFBAND_H
#define HH_HALFBAND_H

#include "base/base.h"
#include "harmony/chain.h"
#include "kernel/kernels.h"

enum {
    HH_HALFBAND_REACH = 194, /* samples on either side of the centre tap */
    HH_HALFBAND_SIZE = 2048, /* samples that a block looks at */
    /* From block to block, in input samples. */
    HH_HALFBAND_STEP = HH_HALFBAND_SIZE - 2 * HH_HALFBAND_REACH,
    HH_HALFBAND_BLOCK = HH_HALFBAND_STEP / 2 /* output samples of a block */
};

typedef struct HhHalfband HhHalfband;

/* Constant after it is made; may be shared by threads. */
HhStatus hh_halfband_create(HhContext *context, HhHalfband **halfband);
void hh_halfband_destroy(HhHalfband *halfband);         /* accepts NULL */
size_t hh_halfband_scratch(const HhHalfband *halfband); /* bytes */

/* Blocks first .. first + count - 1 of the halved signal, to y[0]; the last block ends with the
 * signal. */
void hh_halfband_blocks(const HhHalfband *halfband, const HhStretch *x, size_t first, size_t count,
                        float *y, void *scratch);

/* The same for a signal that arrives in pieces. */
typedef struct HhHalfbandStream HhHalfbandStream;
HhStatus hh_halfband_stream_create(HhContext *context, const HhHalfband *halfband,
                                   HhHalfbandStream **stream);
void hh_halfband_stream_destroy(HhHalfbandStream *stream);
/* Most samples that one push of `count` can give. */
size_t hh_halfband_stream_room(size_t count);
/* Both return the samples written to y. finish() needs room for hh_halfband_stream_room(0); then
 * the stream is done. */
size_t hh_halfband_stream_push(HhHalfbandStream *stream, const float *x, size_t count, float *y);
size_t hh_halfband_stream_finish(HhHalfbandStream *stream, float *y);

#endif
