/* Level statistics of a track in one pass: crest, the 500 ms peaks and crests, the loudness steps,
 * the stereo image. */
#ifndef HH_LEVELS_H
#define HH_LEVELS_H

#include "base/base.h"

typedef struct HhLevels HhLevels;

HhStatus hh_levels_create(HhContext *context, HhLevels **levels);
void hh_levels_destroy(HhLevels *levels); /* accepts NULL */

/* Samples at 44.1 kHz, any block sizes: the mean of the channels; left and right are NULL for a
 * track of one channel. */
HhStatus hh_levels_push(HhLevels *levels, const float *mono, const float *left, const float *right,
                        size_t count);

typedef struct HhLevelsResult {
    uint64_t samples;
    double peak, rms; /* of the mean of the channels */
    bool stereo;
    double width;       /* E_side / (E_mid + E_side) */
    double correlation; /* Pearson's, means removed; NaN if a channel is constant */
    size_t frames;      /* whole 500 ms frames, one every 250 ms */
    double crest_std;   /* dB, population, over those frames */
    /* DB, population, RMS of 2048 samples every 250 ms, floored 80 dB below the loudest. */
    double loudness_std;
    double peak_cv; /* std / mean of the peaks of frames every 250 ms, the last ones shorter */
} HhLevelsResult;

HhStatus hh_levels_finish(HhLevels *levels, HhLevelsResult *result);

#endif
