/* Pitch for the other rooms: plans that many threads share, tiles of frames, streams.
 *
 * A plan is constant after it is made. Frames are `hop` samples apart; a call on `count` frames reads
 * (count - 1) * hop + frame_length samples and gives the same bits however the frames are split into calls. Scratch is
 * each thread's own, aligned to 64 (hh_alloc). Nothing here allocates but the create functions, and the rows of a stream
 * as they grow. */
#ifndef HH_PITCH_H
#define HH_PITCH_H

#include "base/base.h"
#include "heihachi/pitch.h"
#include "kernel/kernels.h"
#include "spectral/frames.h"

/* Frames that the one-shot functions hand out to a thread at a time. */
enum { HH_PITCH_CHUNK = 8 * HH_TILE };

/* ---- what the one-shot functions share */

/* NULL, empty, or not finite signals. */
HhStatus hh_pitch_check_signal(HhContext *context, const HhSignal *y);
/* Samples of `count` frames from `first` on: points into the signal, or into scratch[(count - 1) * hop + frame_length]. */
const float *hh_pitch_samples(const HhFrames *frames, size_t first, size_t count, float *scratch);
/* Copies the caller's parameters over the defaults in `params` (both begin with their size). */
HhStatus hh_pitch_params(HhContext *context, void *params, size_t size, const void *given);

/* ---- YIN */

typedef struct HhYinPlan HhYinPlan;

HhStatus hh_yin_plan_create(HhContext *context, const HhYinParams *params, double rate, HhYinPlan **plan);
void hh_yin_plan_destroy(HhYinPlan *plan); /* accepts NULL */
size_t hh_yin_scratch(const HhYinPlan *plan); /* bytes */
/* f0[count] in Hz. Any count; many frames at once are cheaper than few (blocks are shared). */
void hh_yin_frames(const HhYinPlan *plan, const float *samples, size_t count, double *f0, void *scratch);

/* The normalised difference, tile by tile, for what is built on YIN:
 *     hh_yin_tiles_begin(&tiles, plan, samples, count, scratch);
 *     while (hh_yin_tiles_next(&tiles)) use(tiles.first, tiles.lanes, tiles.difference); */
typedef struct HhYinTiles {
    const HhYinPlan *plan;
    const float *samples;
    size_t count, next;
    void *scratch;
    size_t first;                /* frame of lane 0 */
    int lanes;                   /* frames in this tile, 1..HH_TILE */
    const HhYinReal *difference; /* [hh_yin_lags(plan)][HH_TILE], the first row is lag hh_yin_first_lag(plan) */
} HhYinTiles;

void hh_yin_tiles_begin(HhYinTiles *tiles, const HhYinPlan *plan, const float *samples, size_t count, void *scratch);
bool hh_yin_tiles_next(HhYinTiles *tiles);
size_t hh_yin_lags(const HhYinPlan *plan);
size_t hh_yin_first_lag(const HhYinPlan *plan);
/* Where the parabola through rows row-1..row+1 of a lane has its extremum, relative to `row`: in (-1, 1). */
double hh_yin_shift(const HhYinReal *difference, size_t lags, size_t row, int lane);

#endif
