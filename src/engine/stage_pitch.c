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
    HhRows f0, pitch; /* as librosa's; NaN where nothing repeats */
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
    if (!s->scratch) return hh_fail_memory(track->context);
    size_t expected = HH_MAX(track->expected_frames, track->params.chunk);
    HH_TRY(hh_rows_init(track->context, &s->f0, 1, expected));
    return hh_rows_init(track->context, &s->pitch, 1, expected);
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
    double f0[FRAMES], pitch[FRAMES];
    hh_yin_frames(s->plan, samples, count, f0, pitch,
                  s->scratch + (size_t)worker * s->scratch_bytes);
    for (size_t t = 0; t < count; t++) {
        *hh_rows_at(&s->f0, track->first + first + t) = (float)f0[t];
        *hh_rows_at(&s->pitch, track->first + first + t) = (float)pitch[t];
    }
    return HH_OK;
}

/* Rows for the next round. */
static HhStatus join(HhTrack *track, void *state)
{
    PitchState *s = state;
    size_t count = track->first + track->count;
    s->f0.count = s->pitch.count = count;
    HH_TRY(hh_rows_reserve(track->context, &s->f0, count + track->params.chunk));
    return hh_rows_reserve(track->context, &s->pitch, count + track->params.chunk);
}

/* The median over the frames that have a pitch. */
static HhStatus conclude(HhTrack *track, void *state)
{
    PitchState *s = state;
    HH_TRY(hh_track_series(track, "f0", "Hz", &s->f0, HH_HOP / HH_CANONICAL_RATE));
    float *pitch = s->pitch.values, *work = hh_alloc(track->context, track->frames, sizeof *work);
    if (!work) return hh_fail_memory(track->context);
    size_t count = 0;
    for (size_t t = 0; t < track->frames; t++)
        if (!isnan(pitch[t])) pitch[count++] = pitch[t];
    track->analysis->pitch.median_hz = hh_median(pitch, count, work);
    hh_free(track->context, work);
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    PitchState *s = state;
    hh_yin_plan_destroy(s->plan);
    hh_free(track->context, s->scratch);
    hh_rows_free(track->context, &s->f0);
    hh_rows_free(track->context, &s->pitch);
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
