/* Mel power of every frame, which the spectrum stage computes: kept for what needs the maximum over
 * the track (onset strength and MFCC are relative to it), and the MFCC themselves. */
#include <string.h>

#include "engine/stages.h"
#include "spectral/mel.h"

/* Frames of one task. */
#define FRAMES 2048

static HhStatus begin(HhTrack *track, void **state)
{
    HhMelState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HhMfccParams p;
    hh_mfcc_defaults(&p);
    s->mfcc.columns = p.n_mfcc;
    HH_TRY(hh_cepstrum_make(track->context, &s->cepstrum, HH_MELS, &p));
    return hh_spool_create(track->context, &track->budget, &s->power);
}

static HhStatus join(HhTrack *track, void *state)
{
    HhMelState *s = state;
    const HhSpectrumState *spectrum = track->states[HH_STAGE_INDEX_SPECTRUM];
    size_t n = track->count * HH_MELS;
    if (n == 0) return HH_OK;
    s->maximum = HH_MAX(s->maximum, track->kernels->vector->max_f32(spectrum->mel, n));
    return hh_spool_append(s->power, spectrum->mel, n * sizeof *spectrum->mel);
}

static HhStatus settle(HhTrack *track, void *state)
{
    HhMelState *s = state;
    if (!hh_track_wants(track, HH_FEATURE_MFCC)) return HH_OK;
    HH_TRY(hh_rows_reserve(track->context, &s->mfcc, track->frames));
    s->mfcc.count = track->frames;
    return HH_OK;
}

static size_t close_tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return hh_track_wants(track, HH_FEATURE_MFCC) ? (track->frames + FRAMES - 1) / FRAMES : 0;
}

static HhStatus close_task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)worker;
    HhMelState *s = state;
    size_t first = index * FRAMES, count = HH_MIN((size_t)FRAMES, track->frames - first);
    size_t columns = s->mfcc.columns;
    float *mel = hh_alloc(track->context, count * HH_MELS, sizeof *mel);
    float *mfcc = hh_alloc(track->context, count * columns, sizeof *mfcc);
    HhStatus status = mel && mfcc ? HH_OK : hh_fail_memory(track->context);
    if (status == HH_OK)
        status = hh_spool_read(s->power, first * HH_MELS * sizeof *mel,
                               count * HH_MELS * sizeof *mel, mel);
    if (status == HH_OK)
        status = hh_mfcc_rows(track->context, &s->cepstrum, mel, count, s->maximum, mfcc);
    if (status == HH_OK)
        for (size_t t = 0; t < count; t++)
            memcpy(hh_rows_at(&s->mfcc, first + t), mfcc + t * columns, columns * sizeof *mfcc);
    hh_free(track->context, mel);
    hh_free(track->context, mfcc);
    return status;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HhMelState *s = state;
    if (!hh_track_wants(track, HH_FEATURE_MFCC)) return HH_OK;
    return hh_track_series(track, "mfcc", "", &s->mfcc, HH_HOP / HH_CANONICAL_RATE);
}

static void end(HhTrack *track, void *state)
{
    HhMelState *s = state;
    hh_spool_destroy(s->power);
    hh_cepstrum_free(track->context, &s->cepstrum);
    hh_rows_free(track->context, &s->mfcc);
    hh_free(track->context, s);
}

const HhStage hh_stage_mel = {.name = "mel",
                              .features = HH_FEATURE_MFCC | HH_FEATURE_RHYTHM,
                              .for_images = true,
                              .needs = HH_STAGE_SPECTRUM,
                              .begin = begin,
                              .join = join,
                              .settle = settle,
                              .close_tasks = close_tasks,
                              .close_task = close_task,
                              .conclude = conclude,
                              .end = end};
