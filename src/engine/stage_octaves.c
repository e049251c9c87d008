/* The mean of the channels, halved for each octave and kept: the constant-Q pass can only start
 * when the tuning is known. */
#include "engine/stages.h"

static HhStatus keep(void *user, int level, const float *samples, size_t count)
{
    HhOctavesState *s = user;
    return hh_spool_append(s->levels[level], samples, count * sizeof *samples);
}

static HhStatus begin(HhTrack *track, void **state)
{
    HhOctavesState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    if (hh_track_has(track, HH_STAGE_LEVELS))
        s->bands = ((HhLevelsState *)track->states[HH_STAGE_INDEX_LEVELS])->bands;
    for (int l = 0; l < HH_OCTAVE_LEVELS; l++)
        HH_TRY(hh_spool_create(track->context, &track->budget, &s->levels[l]));
    return hh_chain_create(track->context, 1, HH_OCTAVE_LEVELS, keep, s, &s->chain);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return track->block ? 1 : 0;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)index;
    (void)worker;
    HhOctavesState *s = state;
    HH_TRY(hh_chain_push(s->chain, track->block->mono, track->block->count));
    return track->last_block ? hh_chain_finish(s->chain) : HH_OK;
}

static void end(HhTrack *track, void *state)
{
    HhOctavesState *s = state;
    hh_chain_destroy(s->chain);
    for (int l = 0; l < HH_OCTAVE_LEVELS; l++) hh_spool_destroy(s->levels[l]);
    hh_free(track->context, s);
}

const HhStage hh_stage_octaves = {.name = "octaves",
                                  .features = HH_FEATURE_HARMONY | HH_FEATURE_FINGERPRINT,
                                  .begin = begin,
                                  .tasks = tasks,
                                  .task = task,
                                  .end = end};
