/* The mean of the channels, halved for each octave and kept: the constant-Q pass can only start
 * when the tuning is known. On the way it feeds the low bands of the fingerprint. */
#include "engine/stages.h"

/* The chain gains a root of 2 with each halving. */
enum { BANDS_LEVEL = 3 };
static const float bands_gain = 0.25f;

static HhStatus feed_bands(const HhOctavesState *s, const float *samples, size_t count)
{
    float low[1024];
    for (size_t n = 0; n < count; n += HH_COUNT(low)) {
        size_t piece = HH_MIN(count - n, HH_COUNT(low));
        for (size_t i = 0; i < piece; i++) low[i] = bands_gain * samples[n + i];
        HH_TRY(hh_bands_push_low(s->bands, low, piece));
    }
    return HH_OK;
}

static HhStatus keep(void *user, int level, const float *samples, size_t count)
{
    HhOctavesState *s = user;
    if (level == BANDS_LEVEL && s->bands) HH_TRY(feed_bands(s, samples, count));
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
