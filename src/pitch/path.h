/* The most probable path of a pitch that may fall silent: Viterbi decoding over 2 * pitches states,
 * the first half voiced, the second unvoiced, with a triangular law of pitch changes and one
 * probability of switching between the halves.
 *
 * Observations come frame by frame: some voiced states have a probability, all other voiced ones
 * have none, all unvoiced ones the same. States go out when the end is known: hh_path_finish(). */
#ifndef HH_PATH_H
#define HH_PATH_H

#include "base/base.h"
#include "kernel/kernels.h"

typedef struct HhPathPlan HhPathPlan; /* constant, shareable */
typedef struct HhPath HhPath;

/* `width` states wide (1..pitches) is the law of pitch changes; pitches 2..32767; 0 < switch_prob
 * < 1. It is cut at the ends of the range (librosa's comes in again at the other end if width is
 * even and equal to pitches). */
HhStatus hh_path_plan_create(HhContext *context, size_t pitches, size_t width, double switch_prob,
                             HhPathPlan **plan);
void hh_path_plan_destroy(HhPathPlan *plan); /* accepts NULL */

HhStatus hh_path_create(HhContext *context, const HhPathPlan *plan, HhPath **path);
void hh_path_destroy(HhPath *path); /* accepts NULL */
/* log_prob[count] of the voiced states pitch[count], ascending; those not named have log(0 +
 * DBL_MIN). */
HhStatus hh_path_push(HhPath *path, const uint16_t *pitch, const double *log_prob, size_t count,
                      double log_unvoiced);
/* The state of every frame that was pushed (pitch, or pitch + pitches if unvoiced); valid until the
 * path is destroyed. No frame may follow. */
HhStatus hh_path_finish(HhPath *path, const uint16_t **states, size_t *frames);
/* Bytes of the trellis that are kept, for tests: what has not been decided yet. */
size_t hh_path_pending(const HhPath *path);

#endif
