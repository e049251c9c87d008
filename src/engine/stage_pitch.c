/* Fundamental frequency of every frame by YIN. */
#include <math.h>

#include "engine/stages.h"
#include "fingerprint/compute.h"

/* Frames of one task: neighbouring frames share work, so not too few. */
#define FRAMES 128

typedef struct PitchState {
    HhYinPlan *plan;
    char *scratch;
    size_t scratch_bytes;
    bool *heard; /* by worker: a sample that is not 0 */
    HhRows f0;
} PitchState;

static HhStatus begin(HhTrack *track, void **state)
{
    PitchState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HhYinParams p;
    hh_yin_defaults(&p);
    p.frame_length = HH_FRAME;
    p.hop_length = HH_HOP;
    HH_TRY(hh_yin_plan_create_quick(track->context, &p, HH_CANONICAL_RATE, &s->plan));
    s->scratch_bytes = (hh_yin_scratch(s->plan) + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    s->scratch = hh_alloc(track->context, track->workers, s->scratch_bytes);
    s->heard = hh_zalloc(track->context, track->workers, sizeof *s->heard);
    if (!s->scratch || !s->heard) return hh_fail_memory(track->context);
    return hh_rows_init(track->context, &s->f0, 1,
                        HH_MAX(track->expected_frames, track->params.chunk));
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return (track->count + FRAMES - 1) / FRAMES;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    PitchState *s = state;
    size_t first = index * FRAMES, count = HH_MIN((size_t)FRAMES, track->count - first);
    const float *samples = track->samples + first * HH_HOP;
    size_t length = (count - 1) * HH_HOP + HH_FRAME;
    for (size_t i = 0; i < length && !s->heard[worker]; i++) s->heard[worker] = samples[i] != 0.0f;
    double f0[FRAMES];
    hh_yin_frames(s->plan, samples, count, f0, s->scratch + (size_t)worker * s->scratch_bytes);
    for (size_t t = 0; t < count; t++) *hh_rows_at(&s->f0, track->first + first + t) = (float)f0[t];
    return HH_OK;
}

/* Rows for the next round. */
static HhStatus join(HhTrack *track, void *state)
{
    PitchState *s = state;
    s->f0.count = track->first + track->count;
    return hh_rows_reserve(track->context, &s->f0, s->f0.count + track->params.chunk);
}

/* YIN gives a number for silence too, which is no pitch of the track. */
static HhStatus conclude(HhTrack *track, void *state)
{
    PitchState *s = state;
    bool heard = false;
    for (size_t i = 0; i < track->workers; i++) heard = heard || s->heard[i];
    HH_TRY(hh_track_series(track, "f0", "Hz", &s->f0, HH_HOP / HH_CANONICAL_RATE));
    const HhArray *f0 = &hh_analysis_series(track->analysis, "f0")->values;
    float *work = hh_alloc(track->context, track->frames, sizeof *work);
    if (!work) return hh_fail_memory(track->context);
    track->analysis->pitch.median_hz =
        heard ? hh_median(f0->data, track->frames, work) : (double)NAN;
    hh_free(track->context, work);
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    PitchState *s = state;
    hh_yin_plan_destroy(s->plan);
    hh_free(track->context, s->scratch);
    hh_free(track->context, s->heard);
    hh_rows_free(track->context, &s->f0);
    hh_free(track->context, s);
}

const HhStage hh_stage_pitch = {.name = "pitch",
                                .features = HH_FEATURE_PITCH | HH_FEATURE_FINGERPRINT,
                                .begin = begin,
                                .tasks = tasks,
                                .task = task,
                                .join = join,
                                .conclude = conclude,
                                .end = end};
