/* Pitch for the other rooms: plans that many threads share, tiles of frames, streams.
 *
 * A plan is constant after it is made. Frames are `hop` samples apart; a call on `count` frames
 * reads (count - 1) * hop + frame_length samples and gives the same bits however the frames are
 * split into calls. Scratch is each thread's own, aligned to 64 (hh_alloc). Nothing here allocates
 * but the create functions, and the rows of a stream as they grow. */
#ifndef HH_PITCH_H
#define HH_PITCH_H

#include "base/base.h"
#include "heihachi/pitch.h"
#include "kernel/kernels.h"
#include "spectral/frames.h"

/* Frames that the one-shot functions hand out to a thread at a time. */
enum { HH_PITCH_CHUNK = 8 * HH_TILE };

/* ---- YIN */

typedef struct HhYinPlan HhYinPlan;

HhStatus hh_yin_plan_create(HhContext *context, const HhYinParams *params, double rate,
                            HhYinPlan **plan);
/* The same, bit by bit as librosa computes it from float samples: dearer, and no better. With
 * HH_YIN_FULL, which librosa does not know, it is the plan above. */
HhStatus hh_yin_plan_create_float(HhContext *context, const HhYinParams *params, double rate,
                                  HhYinPlan **plan);
/* Of samples in double: as librosa computes it from them, up to the rounding. */
HhStatus hh_yin_plan_create_f64(HhContext *context, const HhYinParams *params, double rate,
                                HhYinPlan **plan);
/* The same with float transforms where frames share blocks (their length and the hop powers of
 * two): 0.6 of the cost. The normalised difference is then off by up to 1e-6 of the frame's energy
 * over the mean difference up to that lag: 1e-5 in most music, 5e-4 at the shortest lags under a
 * lone sub bass. A frame with troughs that close to each other or to the threshold may take another
 * one. */
HhStatus hh_yin_plan_create_quick(HhContext *context, const HhYinParams *params, double rate,
                                  HhYinPlan **plan);
void hh_yin_plan_destroy(HhYinPlan *plan);    /* accepts NULL */
size_t hh_yin_scratch(const HhYinPlan *plan); /* bytes */
/* f0[count] in Hz as librosa defines it, a number for every frame, of samples in float (a plan of
 * _f64: in double). pitch[count] if not NULL (not for that plan, nor for one in librosa's float
 * arithmetic): what the frame repeats with, at the minimum of the
 * paper's difference function, within a cent on sines, where librosa's is up to 16 cents sharp at
 * the lowest notes; NaN where a larger share of the energy than the threshold does not repeat. Any
 * count; many frames at once are cheaper than few (blocks are shared). */
void hh_yin_frames(const HhYinPlan *plan, const void *samples, size_t count, double *f0,
                   double *pitch, void *scratch);

/* The normalised difference, tile by tile, for what is built on YIN:
 *     hh_yin_tiles_begin(&tiles, plan, samples, count, scratch);
 *     while (hh_yin_tiles_next(&tiles)) use(tiles.first, tiles.lanes, tiles.difference); */
typedef struct HhYinTiles {
    const HhYinPlan *plan;
    const void *samples; /* of the plan's type */
    size_t count, next;
    void *scratch;
    size_t first; /* frame of lane 0 */
    int lanes;    /* frames in this tile, 1..HH_TILE */
    /* [hh_yin_lags(plan)][HH_TILE], the first row is lag hh_yin_first_lag(plan). */
    const HhYinReal *difference;
    const HhYinReal *parabola; /* the same shape: what periods are refined on */
} HhYinTiles;

void hh_yin_tiles_begin(HhYinTiles *tiles, const HhYinPlan *plan, const void *samples, size_t count,
                        void *scratch);
bool hh_yin_tiles_next(HhYinTiles *tiles);
size_t hh_yin_lags(const HhYinPlan *plan);
size_t hh_yin_first_lag(const HhYinPlan *plan);
size_t hh_yin_hop(const HhYinPlan *plan);
/* Where the parabola through rows row-1..row+1 of a lane has its extremum, relative to `row`: in
 * (-1, 1). */
double hh_yin_shift(const HhYinReal *parabola, size_t lags, size_t row, int lane);

/* ---- pYIN: frames are observed in any order, on many threads, and then pushed in the order of
 * time */

typedef struct HhPyinPlan HhPyinPlan;

HhStatus hh_pyin_plan_create(HhContext *context, const HhPyinParams *params, double rate,
                             HhPyinPlan **plan);
void hh_pyin_plan_destroy(HhPyinPlan *plan);    /* accepts NULL */
size_t hh_pyin_scratch(const HhPyinPlan *plan); /* bytes */

/* What up to HH_PITCH_CHUNK frames say of their pitch. */
typedef struct HhPyinFrames HhPyinFrames;

HhStatus hh_pyin_frames_create(HhContext *context, const HhPyinPlan *plan, HhPyinFrames **frames);
void hh_pyin_frames_destroy(HhPyinFrames *frames); /* accepts NULL */
void hh_pyin_observe(const HhPyinPlan *plan, const void *samples, size_t count,
                     HhPyinFrames *frames, void *scratch);

typedef struct HhPyin HhPyin;

HhStatus hh_pyin_create(HhContext *context, const HhPyinPlan *plan, HhPyin **pyin);
void hh_pyin_destroy(HhPyin *pyin); /* accepts NULL */
HhStatus hh_pyin_push(HhPyin *pyin, const HhPyinFrames *frames);
/* Rows of all frames that were pushed; voiced_flag and voiced_prob may be NULL. Each has room for
 * hh_pyin_count(). */
size_t hh_pyin_count(const HhPyin *pyin);
HhStatus hh_pyin_finish(HhPyin *pyin, double *f0, bool *voiced_flag, double *voiced_prob);

/* ---- peaks of the spectrum */

/* Which bins of a magnitude spectrum can be peaks, and how they are read. */
typedef struct HhPeakPlan {
    const HhKernels *kernels;
    size_t bins, first, last; /* bins first..last-1 are looked at */
    double rate, n_fft;
    float threshold;
    HhPeakReference reference;
    float limit; /* for HH_PEAK_VALUE */
} HhPeakPlan;

HhStatus hh_peak_plan_init(HhContext *context, HhPeakPlan *plan, const HhPiptrackParams *params,
                           double rate, size_t n_fft, size_t bins);
/* One frame: spectrum[bins] to pitch[bins] and magnitude[bins], of which only first..last-1 are
 * written. */
void hh_peaks(const HhPeakPlan *plan, const float *spectrum, float *pitch, float *magnitude);

/* Tuning from spectra as they pass by, in memory that does not grow. The magnitude that separates
 * the stronger half of the peaks is known to 1/32 octave (librosa takes the exact median), so that
 * up to 2 in 100 peaks may be counted that librosa leaves out. Adding is exact integer counting:
 * any order, and any split into accumulators that are merged at the end, gives the same result. */
typedef struct HhTuningCounter HhTuningCounter;

HhStatus hh_tuning_counter_create(HhContext *context, double rate, size_t n_fft,
                                  int bins_per_octave, HhTuningCounter **counter);
void hh_tuning_counter_destroy(HhTuningCounter *counter);         /* accepts NULL */
size_t hh_tuning_counter_scratch(const HhTuningCounter *counter); /* bytes */
/* A tile of magnitudes [n_fft / 2 + 1][HH_TILE], of which the first `lanes` columns are frames,
 * into `count` counters of the same rate and n_fft. */
void hh_tuning_counter_push(HhTuningCounter *const *counters, size_t count, const float *tile,
                            int lanes, void *scratch);
void hh_tuning_counter_merge(HhTuningCounter *into, const HhTuningCounter *from);
/* In [-0.5, 0.5) of a bin; 0 if there was no peak. */
double hh_tuning_counter_finish(const HhTuningCounter *counter);

#endif
