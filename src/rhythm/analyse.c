/* Onsets, tempo, beats and the picture of the tempogram from the envelopes of a track, for the
 * engine (rhythm.h). */
#include <math.h>
#include <string.h>

#include "rhythm/envelope.h"

/* librosa's tempogram window at the engine's frames: 8 s. */
#define WINDOW_S 8.0

void hh_rhythm_free(HhContext *context, HhRhythm *rhythm)
{
    hh_free(context, rhythm->librosa_beat_s);
    hh_free(context, rhythm->beats_s);
    hh_free(context, rhythm->onsets_s);
    hh_free(context, rhythm->tempogram);
    *rhythm = (HhRhythm){0};
}

/* Copies HH_FLOAT64 events into memory of their own and frees the array. */
static HhStatus keep(HhContext *context, HhArray *events, double **seconds, size_t *count)
{
    size_t n = events->shape[0];
    *seconds = hh_alloc(context, n, sizeof **seconds);
    if (*seconds) {
        memcpy(*seconds, events->data, n * sizeof **seconds);
        *count = n;
    }
    hh_array_free(events);
    return *seconds ? HH_OK : hh_fail_memory(context);
}

static HhStatus onsets(HhContext *context, const HhSignal *envelope, size_t hop_length,
                       HhRhythm *rhythm)
{
    HhOnsetDetectParams params;
    hh_onset_detect_defaults(&params);
    params.hop_length = hop_length;
    params.units = HH_UNITS_TIME;
    HhArray events = HH_ARRAY_INIT;
    HH_TRY(hh_onset_detect_envelope(context, envelope, &params, &events));
    return keep(context, &events, &rhythm->onsets_s, &rhythm->onsets);
}

static HhStatus librosa_beats(HhContext *context, const HhSignal *envelope, size_t hop_length,
                              HhRhythm *rhythm)
{
    HhBeatTrackParams params;
    hh_beat_track_defaults(&params);
    params.hop_length = hop_length;
    params.units = HH_UNITS_TIME;
    HhArray events = HH_ARRAY_INIT, tempo = HH_ARRAY_INIT;
    HH_TRY(hh_beat_track_envelope(context, envelope, &params, &tempo, &events));
    rhythm->librosa_tempo_bpm = *(double *)tempo.data;
    hh_array_free(&tempo);
    return keep(context, &events, &rhythm->librosa_beat_s, &rhythm->librosa_beats);
}

static HhStatus refined(HhContext *context, const HhSignal *envelope, size_t hop_length,
                        HhRhythm *rhythm)
{
    HhTempoRefineParams params;
    hh_tempo_refine_defaults(&params);
    params.hop_length = hop_length;
    HhTempoEstimate estimate;
    HhArray events = HH_ARRAY_INIT;
    rhythm->tempo_bpm = rhythm->tempo_confidence = rhythm->beat_confidence = (double)NAN;
    if (hh_kernels(context)->vector->max_abs_f32(envelope->channel[0], envelope->length) <
        HH_LEAST_RISE_DB)
        return HH_OK;
    HH_TRY(hh_tempo_refine_envelope(context, envelope, &params, &estimate, &events));
    rhythm->tempo_bpm = estimate.bpm;
    rhythm->tempo_confidence = estimate.confidence;
    rhythm->beat_confidence = estimate.beat_confidence;
    return keep(context, &events, &rhythm->beats_s, &rhythm->beats);
}

static HhStatus picture(HhContext *context, const float *envelope, size_t frames, double rate,
                        size_t hop_length, size_t columns, HhRhythm *rhythm)
{
    rhythm->lags = hh_tempo_lags(WINDOW_S, rate, hop_length);
    rhythm->tempogram = hh_alloc(context, columns * rhythm->lags, sizeof *rhythm->tempogram);
    if (!rhythm->tempogram) return hh_fail_memory(context);
    rhythm->columns = columns;
    return hh_tempogram_means(context, (HhCurve){.f32 = envelope}, frames, rhythm->lags, columns,
                              rhythm->tempogram);
}

HhStatus hh_rhythm_analyse(HhContext *context, const float *mean, const float *median,
                           size_t frames, double rate, size_t hop_length, size_t columns,
                           HhRhythm *rhythm)
{
    *rhythm = (HhRhythm){0};
    const HhSignal of_mean = {&mean, 1, frames, rate}, of_median = {&median, 1, frames, rate};
    HhStatus status = onsets(context, &of_mean, hop_length, rhythm);
    if (status == HH_OK) status = librosa_beats(context, &of_median, hop_length, rhythm);
    if (status == HH_OK) status = refined(context, &of_mean, hop_length, rhythm);
    if (status == HH_OK && columns > 0)
        status = picture(context, mean, frames, rate, hop_length, columns, rhythm);
    if (status != HH_OK) hh_rhythm_free(context, rhythm);
    return status;
}
