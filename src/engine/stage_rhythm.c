/* Onset strength from the mel rows when their maximum is known, then onsets, tempo and beats. */
#include "engine/stages.h"

#include <string.h>

/* Columns of the tempogram picture. */
#define COLUMNS 512
/* Mel rows read back at a time. */
#define ROWS    512

static HhStatus begin(HhTrack *track, void **state)
{
    HhRhythmState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    return HH_OK;
}

static size_t close_tasks(const HhTrack *track, const void *state)
{
    (void)track;
    (void)state;
    return 1;
}

static HhStatus strength(HhTrack *track, float *envelope)
{
    const HhMelState *mel = track->states[HH_STAGE_INDEX_MEL];
    HhOnsetSetup setup = {.bands = HH_MELS,
                          .frames = track->frames,
                          .lag = 1,
                          .max_size = 1,
                          .shift = HH_FRAME / (2 * HH_HOP),
                          .aggregate = HH_AGGREGATE_MEAN,
                          .power = true,
                          .maximum = mel->maximum};
    HhOnsetStream *stream;
    HH_TRY(hh_onset_stream_create(track->context, &setup, &stream));
    float *rows = hh_alloc(track->context, ROWS * HH_MELS, sizeof *rows);
    HhStatus status = rows ? HH_OK : hh_fail_memory(track->context);
    for (size_t first = 0; status == HH_OK && first < track->frames; first += ROWS) {
        size_t count = HH_MIN((size_t)ROWS, track->frames - first), bytes = HH_MELS * sizeof *rows;
        status = hh_spool_read(mel->power, first * bytes, count * bytes, rows);
        if (status == HH_OK) hh_onset_stream_push(stream, rows, count, envelope);
    }
    hh_free(track->context, rows);
    hh_onset_stream_destroy(stream);
    return status;
}

static HhStatus close_task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)index;
    (void)worker;
    HhRhythmState *s = state;
    HH_TRY(hh_rows_init(track->context, &s->onset_strength, 1, track->frames));
    s->onset_strength.count = track->frames;
    float *envelope = s->onset_strength.values;
    memset(envelope, 0, track->frames * sizeof *envelope);
    HhStatus status = strength(track, envelope);
    /* The mean envelope for the beats too, as the fingerprint's definition has it. */
    if (status == HH_OK)
        status = hh_rhythm_analyse(
            track->context, envelope, envelope, track->frames, HH_CANONICAL_RATE, HH_HOP,
            track->params.images ? HH_MIN((size_t)COLUMNS, track->frames) : 0, &s->rhythm);
    return status;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HhRhythmState *s = state;
    HhRhythmSummary *summary = &track->analysis->rhythm;
    summary->tempo_bpm = s->rhythm.tempo_bpm;
    summary->tempo_confidence = s->rhythm.tempo_confidence;
    summary->beat_confidence = s->rhythm.beat_confidence;
    summary->beats = s->rhythm.beats;
    summary->beats_s = s->rhythm.beats_s;
    summary->onsets = s->rhythm.onsets;
    summary->onsets_s = s->rhythm.onsets_s;
    s->rhythm.beats_s = s->rhythm.onsets_s = NULL; /* the analysis owns them now */
    return hh_track_series(track, "onset_strength", "", &s->onset_strength,
                           HH_HOP / HH_CANONICAL_RATE);
}

static void end(HhTrack *track, void *state)
{
    HhRhythmState *s = state;
    hh_rhythm_free(track->context, &s->rhythm);
    hh_rows_free(track->context, &s->onset_strength);
    hh_free(track->context, s);
}

const HhStage hh_stage_rhythm = {.name = "rhythm",
                                 .features = HH_FEATURE_RHYTHM | HH_FEATURE_FINGERPRINT,
                                 .for_images = true,
                                 .needs = HH_STAGE_MEL,
                                 .begin = begin,
                                 .close_tasks = close_tasks,
                                 .close_task = close_task,
                                 .conclude = conclude,
                                 .end = end};
