/* Tuning of the track from the peaks of its spectra, in memory that does not grow: one counter a
 * worker, integer counts, so that their sum does not depend on who counted what. One round behind
 * the spectra. */
#include "engine/stages.h"

/* One counter for the chromagram, which wants the tuning in its own bins, and one in semitones for
 * people. */
static const int bins_per_octave[2] = {36, 12};

static HhStatus begin(HhTrack *track, void **state)
{
    HhTuningState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    s->counters = hh_zalloc(track->context, 2 * track->workers, sizeof *s->counters);
    if (!s->counters) return hh_fail_memory(track->context);
    HhTuningParams p;
    hh_tuning_defaults(&p);
    for (size_t i = 0; i < 2 * track->workers; i++)
        HH_TRY(hh_tuning_counter_create(track->context, HH_CANONICAL_RATE, HH_FRAME,
                                        bins_per_octave[i % 2], &s->counters[i]));
    s->scratch_bytes = (hh_tuning_counter_scratch(s->counters[0]) + HH_ALIGNMENT - 1) /
                       HH_ALIGNMENT * HH_ALIGNMENT;
    s->scratch = hh_alloc(track->context, track->workers, s->scratch_bytes);
    return s->scratch ? HH_OK : hh_fail_memory(track->context);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return (track->before->count + HH_TILE - 1) / HH_TILE;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    HhTuningState *s = state;
    hh_tuning_counter_push(s->counters + 2 * (size_t)worker, 2,
                           track->before->magnitude + index * HH_BINS * HH_TILE,
                           hh_track_lanes(track->before->count, index),
                           s->scratch + (size_t)worker * s->scratch_bytes);
    return HH_OK;
}

static HhStatus settle(HhTrack *track, void *state)
{
    HhTuningState *s = state;
    for (size_t i = 2; i < 2 * track->workers; i++)
        hh_tuning_counter_merge(s->counters[i % 2], s->counters[i]);
    s->tuning = hh_tuning_counter_finish(s->counters[0]);
    track->analysis->harmony.tuning = hh_tuning_counter_finish(s->counters[1]);
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    HhTuningState *s = state;
    for (size_t i = 0; s->counters && i < 2 * track->workers; i++)
        hh_tuning_counter_destroy(s->counters[i]);
    hh_free(track->context, s->counters);
    hh_free(track->context, s->scratch);
    hh_free(track->context, s);
}

const HhStage hh_stage_tuning = {.name = "tuning",
                                 .needs = HH_STAGE_SPECTRUM,
                                 .begin = begin,
                                 .tasks = tasks,
                                 .task = task,
                                 .settle = settle,
                                 .end = end};
