/* The engine: everything about a track, decoded once and transformed once.
 *
 *     HhAnalyseParams params;
 *     hh_analyse_defaults(&params);
 *     HhAnalysis *analysis;
 *     if (hh_analyse_file(context, "track.flac", &params, &analysis) != HH_OK)
 *         return complain(hh_context_message(context));
 *     printf("%.2f BPM, %s, %.1f LUFS\n", analysis->rhythm.tempo_bpm, analysis->harmony.key,
 *            analysis->loudness.integrated_lufs);
 *     hh_analysis_destroy(analysis);
 *
 * The analysis runs at 44.1 kHz (other rates are resampled) on the mean of the channels, loudness
 * and stereo figures on the channels themselves, so that one track gives one result whatever file
 * it comes from. Frames have 2048 samples and stand every 512; frame t is centred on t * 512 /
 * 44100 s. Results do not depend on the number of threads.
 *
 * A double that is not known is NaN, a text that is not known is "unknown", a list that was not
 * asked for is NULL. */
#ifndef HEIHACHI_ENGINE_H
#define HEIHACHI_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "heihachi/array.h"
#include "heihachi/fingerprint.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What can be asked for; each pulls in what it needs. The names are those of `heihachi process
 * --features`. */
#define HH_FEATURE_LIST(X)                                                                         \
    X(0, LOUDNESS, "loudness", "BS.1770 loudness, range, sample and true peak")                    \
    X(1, SPECTRAL, "spectral",                                                                     \
      "centroid, bandwidth, rolloff, flatness, contrast, zero crossings, RMS")                     \
    X(2, MFCC, "mfcc", "mel spectrum and 20 MFCCs")                                                \
    X(3, RHYTHM, "rhythm", "onset strength, onsets, tempo, beats")                                 \
    X(4, HARMONY, "harmony", "tuning, chromagram, tonnetz, key")                                   \
    X(5, HPSS, "hpss", "harmonic and percussive level")                                            \
    X(6, PITCH, "pitch", "fundamental frequency by YIN")                                           \
    X(7, PYIN, "pyin", "fundamental frequency and voicing by probabilistic YIN")                   \
    X(8, FINGERPRINT, "fingerprint", "the 25-value fingerprint")

enum {
#define HH_FEATURE_BIT(bit, name, text, what) HH_FEATURE_##name = 1u << bit,
    HH_FEATURE_LIST(HH_FEATURE_BIT)
#undef HH_FEATURE_BIT
};

/* Profiles: fast leaves out hpss, harmony, pitch and the fingerprint; default is everything but
 * pyin. */
#define HH_FEATURES_FAST (HH_FEATURE_LOUDNESS | HH_FEATURE_SPECTRAL | HH_FEATURE_RHYTHM)
#define HH_FEATURES_FULL                                                                           \
    (HH_FEATURE_LOUDNESS | HH_FEATURE_SPECTRAL | HH_FEATURE_MFCC | HH_FEATURE_RHYTHM |             \
     HH_FEATURE_HARMONY | HH_FEATURE_HPSS | HH_FEATURE_PITCH | HH_FEATURE_PYIN |                   \
     HH_FEATURE_FINGERPRINT)
#define HH_FEATURES_DEFAULT (HH_FEATURES_FULL & ~(unsigned)HH_FEATURE_PYIN)

typedef struct HhAnalyseParams {
    size_t size;
    unsigned features; /* HH_FEATURE_... bits, default HH_FEATURES_DEFAULT */
    bool images;       /* also make the pictures that plots need; default false */
    /* Bytes of per-frame rows and samples kept in memory before they go to a temporary file;
     * default 30 MB. */
    size_t memory;
    size_t chunk; /* frames analysed at once; any value gives the same result; default 128 */
    /* Called now and then; `total_s` is 0 if the length is not known. Return false to cancel
     * (HH_ERROR_CANCELLED). */
    bool (*progress)(void *user, double done_s, double total_s);
    void *progress_user;
} HhAnalyseParams;

HH_API void hh_analyse_defaults(HhAnalyseParams *params);

/* Feature bits of a comma-separated list of names ("rhythm,loudness", "all"); HH_ERROR_ARGUMENT for
 * an unknown one. */
HH_API HhStatus hh_features_parse(HhContext *context, const char *names, unsigned *features);

/* ---- the result */

/* Version of the numbers: raised whenever a value may change for the same file. Caches depend on
 * it. */
#define HH_ANALYSIS_VERSION 1

/* A dense array over time: values[rows][columns] in float, row t at start_s + t * hop_s. */
typedef struct HhSeries {
    const char *name; /* "onset_strength"; the key in the NPZ file */
    const char *unit; /* "Hz", "dB", "" */
    HhArray values;   /* {rows, columns}, HH_FLOAT32 */
    double start_s, hop_s;
} HhSeries;

/* A picture reduced to at most 4096 columns, for plots: values[column][row], the first row
 * lowest. */
typedef struct HhImage {
    /* "spectrogram", "mel", "chroma", "tempogram", "harmonic", "percussive", "waveform". */
    const char *name;
    const char *unit; /* "dB", "" */
    size_t columns, rows;
    float *values;
    double column_s; /* seconds of one column */
    /* Lower edge of the first row and upper edge of the last: Hz, pitch class or BPM. */
    double low, high;
    bool log_rows; /* rows are equally spaced in log frequency */
} HhImage;         /* "waveform" has two rows: minimum and maximum of the mean of the channels */

typedef struct HhInput {
    char *path;     /* as given */
    char *format;   /* "WAV, PCM 16 bit", "MP3" */
    char hash[33];  /* XXH3-128 of the file's bytes, hexadecimal; "" for a signal from memory */
    uint64_t bytes; /* of the file */
    double rate;    /* Hz, of the file */
    int channels;
    uint64_t samples; /* per channel, at the file's rate */
    double duration_s;
} HhInput;

typedef struct HhLoudnessSummary {
    double integrated_lufs, range_lu, momentary_max_lufs, short_term_max_lufs;
    double true_peak_dbtp, sample_peak_dbfs;
} HhLoudnessSummary;

typedef struct HhRhythmSummary {
    double tempo_bpm, tempo_confidence; /* confidence in [0, 1] */
    double *beats_s;
    size_t beats;
    double beat_confidence;
    double *onsets_s;
    size_t onsets;
} HhRhythmSummary;

typedef struct HhHarmonySummary {
    const char *key;       /* "C major" ... "B minor", sharps; or "unknown" */
    double key_confidence; /* [0, 1] */
    double tuning;         /* fractions of a semitone from A4 = 440 Hz, [-0.5, 0.5) */
    double chroma[12];     /* mean chromagram, C first, sum 1; NaN if unknown */
} HhHarmonySummary;

typedef struct HhPitchSummary {
    double median_hz;      /* of YIN over the frames that repeat */
    double pyin_median_hz; /* of pYIN over voiced frames */
    double voiced_share;   /* of frames, by pYIN */
} HhPitchSummary;

/* Median over frames, and mean. */
typedef struct HhSpectralSummary {
    double centroid_hz, bandwidth_hz, rolloff_hz, flatness, zero_crossing_rate, rms_dbfs;
    double centroid_mean_hz, bandwidth_mean_hz, rolloff_mean_hz, flatness_mean,
        zero_crossing_rate_mean;
    double contrast_db[7];
} HhSpectralSummary;

typedef struct HhSeparationSummary {
    double harmonic_ratio; /* RMS of the harmonic signal over the sum of both RMS */
    double harmonic_rms, percussive_rms;
} HhSeparationSummary;

typedef struct HhAnalysis {
    unsigned features; /* what was computed */
    HhInput input;
    HhLoudnessSummary loudness;
    HhRhythmSummary rhythm;
    HhHarmonySummary harmony;
    HhPitchSummary pitch;
    HhSpectralSummary spectral;
    HhSeparationSummary separation;
    HhFingerprint fingerprint;
    HhSeries *series;
    size_t series_count;
    HhImage *images;
    size_t image_count;
    HhContext *context; /* whose allocator owns all this; it must outlive the analysis */
} HhAnalysis;

/* *analysis is NULL on failure. `params` may be NULL. */
HH_API HhStatus hh_analyse_file(HhContext *context, const char *path, const HhAnalyseParams *params,
                                HhAnalysis **analysis);
HH_API HhStatus hh_analyse_signal(HhContext *context, const HhSignal *signal,
                                  const HhAnalyseParams *params, HhAnalysis **analysis);
HH_API void hh_analysis_destroy(HhAnalysis *analysis);

/* The series or image of this name, or NULL. */
HH_API const HhSeries *hh_analysis_series(const HhAnalysis *analysis, const char *name);
HH_API const HhImage *hh_analysis_image(const HhAnalysis *analysis, const char *name);

#ifdef __cplusplus
}
#endif
#endif
