/* The decimation chain of the constant-Q transforms: a signal, halved again and again.
 *
 * By libsoxr, and the energy kept at each step, as librosa does: where the sound is 80 dB below its
 * surroundings the rounding noise of the resampler is what a normalised chroma shows, and only the
 * same operations have the same noise.
 *
 *     hh_chain_create(context, early, levels, take, user, &chain);
 *     for each piece of the signal: hh_chain_push(chain, x, count);
 *     hh_chain_finish(chain);
 *
 * Level 0 is the signal halved `early` times in one step, level l is level l - 1 halved; of an odd
 * number of samples one more than half remains. The size of the pieces does not change a bit. */
#ifndef HH_CHAIN_H
#define HH_CHAIN_H

#include "base/base.h"

enum { HH_CHAIN_LEVELS = 64 };

typedef struct HhChain HhChain;

/* The next samples of one level, in order. What it returns, if not HH_OK, ends the push. */
typedef HhStatus HhTakeLevel(void *user, int level, const float *samples, size_t count);

/* early >= 0, 1 <= levels <= HH_CHAIN_LEVELS. Without early halvings level 0 is the signal itself,
 * and is not given out. */
HhStatus hh_chain_create(HhContext *context, int early, int levels, HhTakeLevel *take, void *user,
                         HhChain **chain);
void hh_chain_destroy(HhChain *chain); /* accepts NULL */
HhStatus hh_chain_push(HhChain *chain, const float *samples, size_t count);
/* Gives out the rest of every level; the chain is done. */
HhStatus hh_chain_finish(HhChain *chain);

/* Samples of a signal of `length` after `halvings`. */
size_t hh_chain_length(size_t length, int halvings);

/* A stretch of a signal: samples first .. first + count - 1 of one that has `length`; the rest
 * counts as zero. */
typedef struct HhStretch {
    const float *x;
    size_t first, count, length;
} HhStretch;

/* `count` samples from index `begin`, which may be negative: in place, or in `copy` with zeros
 * where there is no signal. */
const float *hh_stretch_samples(const HhStretch *x, ptrdiff_t begin, size_t count, float *copy);

#endif
