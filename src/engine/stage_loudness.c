/* BS.1770 loudness: of the file's own channels at its own rate for the result, and at 44.1 kHz for
 * the fingerprint, so that the same track at another rate has the same value. */
#include <math.h>

#include "engine/stages.h"

static HhStatus begin(HhTrack *track, void **state)
{
    HhLoudnessState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    const HhAudioInfo *info = hh_source_info(track->source);
    HhLoudnessParams p;
    hh_loudness_defaults(&p);
    p.true_peak = hh_track_wants(track, HH_FEATURE_LOUDNESS);
    HH_TRY(hh_loudness_create(track->context, info->rate, info->channels, &p, &s->native));
    if (info->rate == HH_CANONICAL_RATE || !hh_track_wants(track, HH_FEATURE_FINGERPRINT))
        return HH_OK;
    p.true_peak = false;
    return hh_loudness_create(track->context, HH_CANONICAL_RATE, info->channels, &p, &s->canonical);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    const HhLoudnessState *s = state;
    return !track->block ? 0 : s->canonical ? 2 : 1;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)worker;
    HhLoudnessState *s = state;
    const HhBlock *b = track->block;
    if (index == 1)
        return hh_loudness_push(s->canonical, (const float *const *)b->channel, b->count);
    return hh_loudness_push(s->native, (const float *const *)b->native, b->native_count);
}

static HhStatus settle(HhTrack *track, void *state)
{
    HhLoudnessState *s = state;
    HhLoudnessResult r;
    HH_TRY(hh_loudness_result(s->native, &r));
    track->analysis->loudness =
        (HhLoudnessSummary){r.integrated_lufs,     r.range_lu,       r.momentary_max_lufs,
                            r.short_term_max_lufs, r.true_peak_dbtp, r.sample_peak_dbfs};
    if (s->canonical) HH_TRY(hh_loudness_result(s->canonical, &r));
    s->canonical_lufs = r.integrated_lufs;
    return HH_OK;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HhLoudnessState *s = state;
    HhArray levels = HH_ARRAY_INIT;
    HH_TRY(hh_loudness_history(s->native, &levels));
    return hh_track_series_array(track, "loudness", "LUFS", &levels, 0.1, 0.1);
}

static void end(HhTrack *track, void *state)
{
    HhLoudnessState *s = state;
    hh_loudness_destroy(s->native);
    hh_loudness_destroy(s->canonical);
    hh_free(track->context, s);
}

const HhStage hh_stage_loudness = {.name = "loudness",
                                   .features = HH_FEATURE_LOUDNESS,
                                   .begin = begin,
                                   .tasks = tasks,
                                   .task = task,
                                   .settle = settle,
                                   .conclude = conclude,
                                   .end = end};
