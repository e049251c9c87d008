/* Levels of the 44.1 kHz samples: peak, crest, stereo image, energy of the bands above 500 Hz. */
#include "engine/stages.h"

static HhStatus begin(HhTrack *track, void **state)
{
    HhLevelsState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HH_TRY(hh_levels_create(track->context, &s->levels));
    return hh_bands_create(track->context, &s->bands);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return track->block ? 2 : 0;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)worker;
    HhLevelsState *s = state;
    const HhBlock *b = track->block;
    if (index == 1) {
        hh_bands_push_full(s->bands, b->mono, b->count);
        return HH_OK;
    }
    bool stereo = hh_source_info(track->source)->channels >= 2;
    return hh_levels_push(s->levels, b->mono, stereo ? b->channel[0] : NULL,
                          stereo ? b->channel[1] : NULL, b->count);
}

static HhStatus settle(HhTrack *track, void *state)
{
    (void)track;
    HhLevelsState *s = state;
    HH_TRY(hh_levels_finish(s->levels, &s->result));
    return hh_bands_finish(s->bands, s->band_energy, &s->constant_energy);
}

static void end(HhTrack *track, void *state)
{
    HhLevelsState *s = state;
    hh_levels_destroy(s->levels);
    hh_bands_destroy(s->bands);
    hh_free(track->context, s);
}

const HhStage hh_stage_levels = {.name = "levels",
                                 .features = HH_FEATURE_FINGERPRINT,
                                 .begin = begin,
                                 .tasks = tasks,
                                 .task = task,
                                 .settle = settle,
                                 .end = end};
