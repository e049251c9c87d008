/* See fields.h. */
#include "report/fields.h"

#include <string.h>

#define FIELD(group, name, title, unit, decimals)                                                  \
    {                                                                                              \
#group, #name, title, unit, decimals, offsetof(HhAnalysis, group.name)                     \
    }

const HhField hh_fields[] = {
    FIELD(loudness, integrated_lufs, "Integrated loudness", "LUFS", 1),
    FIELD(loudness, range_lu, "Loudness range", "LU", 1),
    FIELD(loudness, momentary_max_lufs, "Loudest 400 ms", "LUFS", 1),
    FIELD(loudness, short_term_max_lufs, "Loudest 3 s", "LUFS", 1),
    FIELD(loudness, true_peak_dbtp, "True peak", "dBTP", 1),
    FIELD(loudness, sample_peak_dbfs, "Sample peak", "dBFS", 1),
    FIELD(rhythm, tempo_bpm, "Tempo", "BPM", 2),
    FIELD(rhythm, tempo_confidence, "Confidence of the tempo", "", 2),
    FIELD(rhythm, beat_confidence, "Confidence of the beats", "", 2),
    FIELD(harmony, key_confidence, "Confidence of the key", "", 2),
    FIELD(harmony, tuning, "Tuning", "semitones from A4 = 440 Hz", 2),
    FIELD(pitch, median_hz, "Median pitch (YIN)", "Hz", 1),
    FIELD(pitch, pyin_median_hz, "Median pitch of voiced frames (pYIN)", "Hz", 1),
    FIELD(pitch, voiced_share, "Share of voiced frames", "", 3),
    FIELD(spectral, centroid_hz, "Median spectral centroid", "Hz", 0),
    FIELD(spectral, bandwidth_hz, "Median spectral bandwidth", "Hz", 0),
    FIELD(spectral, rolloff_hz, "Median spectral rolloff", "Hz", 0),
    FIELD(spectral, flatness, "Median spectral flatness", "", 5),
    FIELD(spectral, zero_crossing_rate, "Median zero crossing rate", "per sample", 4),
    FIELD(spectral, rms_dbfs, "Median RMS level", "dBFS", 1),
    FIELD(spectral, centroid_mean_hz, "Mean spectral centroid", "Hz", 0),
    FIELD(spectral, bandwidth_mean_hz, "Mean spectral bandwidth", "Hz", 0),
    FIELD(spectral, rolloff_mean_hz, "Mean spectral rolloff", "Hz", 0),
    FIELD(spectral, flatness_mean, "Mean spectral flatness", "", 5),
    FIELD(spectral, zero_crossing_rate_mean, "Mean zero crossing rate", "per sample", 4),
    FIELD(separation, harmonic_ratio, "Harmonic share", "", 3),
    FIELD(separation, harmonic_rms, "RMS of the harmonic part", "", 4),
    FIELD(separation, percussive_rms, "RMS of the percussive part", "", 4),
};

const size_t hh_field_count = sizeof hh_fields / sizeof *hh_fields;

const char *const hh_pitch_class_names[12] = {"C",  "C#", "D",  "D#", "E",  "F",
                                              "F#", "G",  "G#", "A",  "A#", "B"};

double hh_field_value(const HhField *field, const HhAnalysis *analysis)
{
    double value;
    memcpy(&value, (const char *)analysis + field->offset, sizeof value);
    return value;
}
