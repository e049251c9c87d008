/* Chromagram by the constant-Q transform at the track's tuning, tonal centroids and the key. Runs
 * when all is read. */
#include <math.h>

#include "engine/stages.h"

/* Frames of one task. */
#define RANGE 2048

static HhStatus begin(HhTrack *track, void **state)
{
    HhHarmonyState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    return HH_OK;
}

static HhStatus settle(HhTrack *track, void *state)
{
    HhHarmonyState *s = state;
    const HhTuningState *tuning = track->states[HH_STAGE_INDEX_TUNING];
    HhChromaCqtParams chroma;
    HhCqtParams p;
    hh_chroma_cqt_defaults(&chroma);
    hh_cqt_defaults(&p);
    p.bins_per_octave = chroma.bins_per_octave;
    p.n_bins = chroma.n_octaves * chroma.bins_per_octave;
    p.hop_length = HH_HOP;
    p.tuning = tuning->tuning;
    HH_TRY(hh_cqt_plan_create(track->context, &p, false, HH_CANONICAL_RATE, &s->plan));
    if (hh_cqt_plan_halvings(s->plan) != 1 || hh_cqt_plan_levels(s->plan) != HH_OCTAVE_LEVELS)
        return hh_fail(track->context, HH_ERROR_INTERNAL,
                       "the constant-Q plan wants another decimation chain");
    HH_TRY(hh_chroma_fold_create(track->context, s->plan, &chroma, &s->fold));
    s->frames = hh_cqt_frame_count(s->plan, hh_chain_length((size_t)track->length, 1));
    s->scratch_bytes =
        (hh_cqt_scratch(s->plan, RANGE) + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    s->scratch = hh_alloc(track->context, track->workers, s->scratch_bytes);
    if (!s->scratch) return hh_fail_memory(track->context);
    HH_TRY(hh_rows_init(track->context, &s->chroma, 12, s->frames));
    HH_TRY(hh_rows_init(track->context, &s->tonnetz, 6, s->frames));
    s->chroma.count = s->tonnetz.count = s->frames;
    return HH_OK;
}

static size_t close_tasks(const HhTrack *track, const void *state)
{
    (void)track;
    return (((const HhHarmonyState *)state)->frames + RANGE - 1) / RANGE;
}

static HhStatus read_level(void *user, int level, size_t first, size_t count, float *samples)
{
    const HhOctavesState *octaves = user;
    return hh_spool_read(octaves->levels[level], first * sizeof *samples, count * sizeof *samples,
                         samples);
}

static HhStatus close_task(HhTrack *track, void *state, size_t index, int worker)
{
    HhHarmonyState *s = state;
    size_t first = index * RANGE, count = HH_MIN((size_t)RANGE, s->frames - first);
    void *scratch = s->scratch + (size_t)worker * s->scratch_bytes;
    float *chroma = hh_alloc(track->context, count * 12, sizeof *chroma);
    double *tonnetz = hh_alloc(track->context, count * 6, sizeof *tonnetz);
    HhStatus status =
        !chroma || !tonnetz
            ? hh_fail_memory(track->context)
            : hh_chroma_frames(s->plan, s->fold, read_level, track->states[HH_STAGE_INDEX_OCTAVES],
                               hh_chain_length((size_t)track->length, 1), first, count, chroma,
                               scratch);
    if (status == HH_OK) {
        hh_tonnetz_rows(chroma, count, 12, tonnetz);
        for (size_t t = 0; t < count; t++) {
            float *c = hh_rows_at(&s->chroma, first + t), *z = hh_rows_at(&s->tonnetz, first + t);
            for (size_t i = 0; i < 12; i++) c[i] = chroma[t * 12 + i];
            for (size_t i = 0; i < 6; i++) z[i] = (float)tonnetz[t * 6 + i];
        }
    }
    hh_free(track->context, chroma);
    hh_free(track->context, tonnetz);
    return status;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HhHarmonyState *s = state;
    HhHarmonySummary *summary = &track->analysis->harmony;
    HhChromaMean sum = {{0}, 0};
    double mean[12], total = 0, all = 0;
    for (size_t t = 0; t < s->frames; t++) hh_chroma_mean_add(&sum, hh_rows_at(&s->chroma, t), 1);
    hh_chroma_mean_get(&sum, mean);
    for (size_t i = 0; i < 12; i++) {
        total += mean[i];
        all += sum.sum[i];
    }
    /* Silent frames count as zeros. */
    s->chroma_mean = s->frames > 0 ? all / (12.0 * (double)s->frames) : 0.0;
    HhKey key;
    HH_TRY(hh_key_from_chroma(track->context, mean, NULL, &key));
    summary->key = hh_key_name(key.index);
    summary->key_confidence = key.confidence;
    for (size_t i = 0; i < 12; i++) summary->chroma[i] = total > 0 ? mean[i] / total : (double)NAN;
    HH_TRY(hh_track_series(track, "chroma", "", &s->chroma, HH_HOP / HH_CANONICAL_RATE));
    return hh_track_series(track, "tonnetz", "", &s->tonnetz, HH_HOP / HH_CANONICAL_RATE);
}

static void end(HhTrack *track, void *state)
{
    HhHarmonyState *s = state;
    hh_cqt_plan_destroy(s->plan);
    hh_chroma_fold_destroy(s->fold);
    hh_free(track->context, s->scratch);
    hh_rows_free(track->context, &s->chroma);
    hh_rows_free(track->context, &s->tonnetz);
    hh_free(track->context, s);
}

const HhStage hh_stage_harmony = {.name = "harmony",
                                  .features = HH_FEATURE_HARMONY | HH_FEATURE_FINGERPRINT,
                                  .needs = HH_STAGE_OCTAVES | HH_STAGE_TUNING,
                                  .begin = begin,
                                  .settle = settle,
                                  .close_tasks = close_tasks,
                                  .close_task = close_task,
                                  .conclude = conclude,
                                  .end = end};
