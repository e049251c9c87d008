/* The mean of the channels at 22.05 kHz, for the low bands of the fingerprint. */
#include "engine/stages.h"
#include "harmony/halfband.h"

typedef struct HalfState {
    HhHalfband *filter;
    HhHalfbandStream *stream;
    float *output;
    size_t output_room;
} HalfState;

static HhStatus begin(HhTrack *track, void **state)
{
    HalfState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HH_TRY(hh_halfband_create(track->context, &s->filter));
    return hh_halfband_stream_create(track->context, s->filter, &s->stream);
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
    HalfState *s = state;
    HhBands *bands = ((HhLevelsState *)track->states[HH_STAGE_INDEX_LEVELS])->bands;
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
    hh_bands_push_half(bands, s->output, made);
    if (track->last_block)
        hh_bands_push_half(bands, s->output, hh_halfband_stream_finish(s->stream, s->output));
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    HalfState *s = state;
    hh_halfband_stream_destroy(s->stream);
    hh_halfband_destroy(s->filter);
    hh_free(track->context, s->output);
    hh_free(track->context, s);
}

const HhStage hh_stage_half = {.name = "half",
                               .features = HH_FEATURE_FINGERPRINT,
                               .needs = HH_STAGE_LEVELS,
                               .begin = begin,
                               .tasks = tasks,
                               .task = task,
                               .end = end};
