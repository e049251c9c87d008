/* The mean of the channels at 22.05 kHz, kept for the constant-Q pass that can only start when the
 * tuning is known; on the way it feeds the low bands of the fingerprint. */
#include "engine/stages.h"

static HhStatus begin(HhTrack *track, void **state)
{
    HhHalfState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HH_TRY(hh_halfband_create(track->context, &s->filter));
    HH_TRY(hh_halfband_stream_create(track->context, s->filter, &s->stream));
    return hh_spool_create(track->context, &track->budget, &s->samples);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return track->block ? 1 : 0;
}

static HhStatus keep(HhTrack *track, HhHalfState *s, size_t count)
{
    s->length += count;
    if (hh_track_has(track, HH_STAGE_LEVELS)) {
        HhLevelsState *levels = track->states[HH_STAGE_INDEX_LEVELS];
        hh_bands_push_half(levels->bands, s->output, count);
    }
    return hh_spool_append(s->samples, s->output, count * sizeof *s->output);
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)index;
    (void)worker;
    HhHalfState *s = state;
    size_t room = HH_MAX(hh_halfband_stream_room(track->block->count), hh_halfband_stream_room(0));
    if (room > s->output_room) {
        hh_free(track->context, s->output);
        s->output_room = 0;
        s->output = hh_alloc(track->context, room, sizeof *s->output);
        if (!s->output) return hh_fail_memory(track->context);
        s->output_room = room;
    }
    size_t made =
        hh_halfband_stream_push(s->stream, track->block->mono, track->block->count, s->output);
    HH_TRY(keep(track, s, made));
    if (!track->last_block) return HH_OK;
    return keep(track, s, hh_halfband_stream_finish(s->stream, s->output));
}

static void end(HhTrack *track, void *state)
{
    HhHalfState *s = state;
    hh_spool_destroy(s->samples);
    hh_halfband_stream_destroy(s->stream);
    hh_halfband_destroy(s->filter);
    hh_free(track->context, s->output);
    hh_free(track->context, s);
}

const HhStage hh_stage_half = {.name = "half",
                               .features = HH_FEATURE_HARMONY | HH_FEATURE_FINGERPRINT,
                               .begin = begin,
                               .tasks = tasks,
                               .task = task,
                               .end = end};
