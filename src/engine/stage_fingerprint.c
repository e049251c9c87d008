/* The fingerprint, from what the other stages have gathered. */
#include <math.h>

#include "engine/stages.h"
#include "fingerprint/compute.h"

static const float *series(const HhTrack *track, const char *name)
{
    return hh_analysis_series(track->analysis, name)->values.data;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    (void)state;
    const HhLevelsState *levels = track->states[HH_STAGE_INDEX_LEVELS];
    const HhRhythmState *rhythm = track->states[HH_STAGE_INDEX_RHYTHM];
    const HhHarmonyState *harmony = track->states[HH_STAGE_INDEX_HARMONY];
    const HhLoudnessState *loudness = track->states[HH_STAGE_INDEX_LOUDNESS];
    HhFingerprintInputs in = {
        .file_rate = hh_source_info(track->source)->rate,
        .loudness_lufs = loudness->canonical_lufs,
        .levels = levels->result,
        .tempo_bpm = rhythm->rhythm.librosa_tempo_bpm,
        .beats_s = rhythm->rhythm.librosa_beat_s,
        .beats = rhythm->rhythm.librosa_beats,
        .onsets = track->analysis->rhythm.onsets,
        .frames = track->frames,
        .rms = series(track, "rms"),
        .centroid_hz = series(track, "spectral_centroid"),
        .rolloff_hz = series(track, "spectral_rolloff"),
        .flatness = series(track, "spectral_flatness"),
        .f0_hz = series(track, "f0"),
        .harmonic_rms = track->analysis->separation.harmonic_rms,
        .percussive_rms = track->analysis->separation.percussive_rms,
        .chroma_mean = harmony->chroma_mean,
        .constant_energy = levels->constant_energy,
    };
    for (int i = 0; i < HH_BANDS; i++) in.band_energy[i] = levels->band_energy[i];
    return hh_fingerprint_compute(track->context, &in, &track->analysis->fingerprint);
}

const HhStage hh_stage_fingerprint = {.name = "fingerprint",
                                      .features = HH_FEATURE_FINGERPRINT,
                                      .needs = HH_STAGE_LOUDNESS | HH_STAGE_LEVELS |
                                               HH_STAGE_SPECTRUM | HH_STAGE_OCTAVES |
                                               HH_STAGE_HPSS | HH_STAGE_PITCH | HH_STAGE_TUNING |
                                               HH_STAGE_HARMONY | HH_STAGE_MEL | HH_STAGE_RHYTHM,
                                      .conclude = conclude};
