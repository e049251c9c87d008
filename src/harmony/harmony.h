/* Harmony for the engine and for the other files of this folder: constant-Q frames of any range,
 * made from samples that a callback delivers, and what follows from them. Nothing here allocates
 * but the ..._create functions.
 *
 *     HhCqtParams p;
 *     hh_cqt_defaults(&p);
 *     p.n_bins = 252, p.bins_per_octave = 36, p.tuning = tuning;
 *     hh_cqt_plan_create(context, &p, false, 44100.0, &plan);
 *     hh_chroma_fold_create(context, plan, NULL, &fold);
 *     // `read` gives samples of the levels of a decimation chain (chain.h) with
 *     // hh_cqt_plan_halvings(plan) early halvings and hh_cqt_plan_levels(plan) levels
 *     hh_chroma_frames(plan, fold, read, user, length, first, count, chroma, scratch);
 *     hh_tonnetz_rows(chroma, count, 12, tonnetz);
 *
 * Frame t does not depend on the range in which it was asked for, to the bit. */
#ifndef HH_HARMONY_H
#define HH_HARMONY_H

#include "base/base.h"
#include "heihachi/harmony.h"

/* ---- constant-Q frames */

/* Constant after it is made; may be shared by threads. */
typedef struct HhCqtPlan HhCqtPlan;

/* For sounds at `rate` Hz. params->tuning must be a number; intervals and gamma count only if
 * `variable` (vqt). */
HhStatus hh_cqt_plan_create(HhContext *context, const HhCqtParams *params, bool variable,
                            double rate, HhCqtPlan **plan);
void hh_cqt_plan_destroy(HhCqtPlan *plan); /* accepts NULL */
/* The chain that the plan wants: early halvings, and levels. */
int hh_cqt_plan_halvings(const HhCqtPlan *plan);
int hh_cqt_plan_levels(const HhCqtPlan *plan);
size_t hh_cqt_plan_bins(const HhCqtPlan *plan);
/* Frames of a signal whose level 0 has `length` samples. */
size_t hh_cqt_frame_count(const HhCqtPlan *plan, size_t length);

/* Samples first .. first + count - 1 of a level of the chain; called once per level and range, with
 * first + count <= hh_chain_length(length, level). */
typedef HhStatus HhReadSamples(void *user, int level, size_t first, size_t count, float *samples);

/* Bytes of scratch, aligned to 64, for ranges of up to `count` frames. */
size_t hh_cqt_scratch(const HhCqtPlan *plan, size_t count);

/* Frames first .. first + count - 1, frame-major: magnitudes out[count][bins], or complex numbers
 * out[count][bins][2]. Only for HH_PAD_CONSTANT. The status is that of `read`. */
HhStatus hh_cqt_frames(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                       size_t first, size_t count, bool magnitude, float *out, void *scratch);

/* ---- chroma */

typedef struct HhChromaFold HhChromaFold;

/* From the bins of the plan to classes. `params` as for hh_chroma_cqt(): fmin, norm, threshold,
 * n_chroma, bins_per_octave and window count. */
HhStatus hh_chroma_fold_create(HhContext *context, const HhCqtPlan *plan,
                               const HhChromaCqtParams *params, HhChromaFold **fold);
void hh_chroma_fold_destroy(HhChromaFold *fold); /* accepts NULL */

/* Chroma of the frames, out[count][n_chroma]: folded, cut at the threshold and normalised. Scratch
 * as for hh_cqt_frames(). */
HhStatus hh_chroma_frames(const HhCqtPlan *plan, const HhChromaFold *fold, HhReadSamples *read,
                          void *user, size_t length, size_t first, size_t count, float *out,
                          void *scratch);

/* Tonal centroids of chroma rows: tonnetz[count][6] from chroma[count][n_chroma]. */
void hh_tonnetz_rows(const float *chroma, size_t count, size_t n_chroma, double *tonnetz);

/* ---- the key: the mean chroma of the frames that are not silent */

typedef struct HhChromaMean {
    double sum[12];
    size_t frames;
} HhChromaMean; /* zero it */

/* Adds chroma rows, rows[count][12], each normalised to the largest value 1; rows of zeros do not
 * count. */
void hh_chroma_mean_add(HhChromaMean *mean, const float *rows, size_t count);
/* What hh_key_from_chroma() takes; zeros if there were no frames. */
void hh_chroma_mean_get(const HhChromaMean *mean, double chroma[12]);

/* ---- shared by the files of this folder */

/* Signal valid, not empty, finite. */
HhStatus hh_harmony_check(HhContext *context, const HhSignal *y);
HhStatus hh_harmony_check_either(HhContext *context, const HhSignal *y); /* also of doubles */
/* The same; and where `tuning` is NAN, it becomes that of the signal in fractions of a bin. */
HhStatus hh_harmony_begin(HhContext *context, const HhSignal *y, size_t bins_per_octave,
                          double *tuning);
/* librosa.util.normalize of each row; p = NAN does nothing. */
HhStatus hh_normalize_check(HhContext *context, double p);
void hh_normalize_rows(float *rows, size_t count, size_t columns, double p);

/* Runs a whole signal through the plan; output {channels, frames, bins}, HH_COMPLEX64 or
 * magnitudes. */
HhStatus hh_cqt_signal(HhContext *context, const HhCqtPlan *plan, const HhSignal *y, bool magnitude,
                       HhArray *out);
/* The same folded to chroma rows. */
HhStatus hh_chroma_signal(HhContext *context, const HhCqtPlan *plan, const HhChromaFold *fold,
                          const HhSignal *y, HhArray *out);

#endif
