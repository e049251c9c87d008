/* The fingerprint: 25 values that say what a track sounds like, and how far two tracks are apart.
 *
 *     // `one` and `two` are HhAnalysis of hh_analyse_file() (engine.h)
 *     HhFingerprintComparison c;
 *     if (hh_fingerprint_compare(context, &one->fingerprint, &two->fingerprint, NULL,
 *                                HH_FP_WEIGHTS_DEFAULT, &c) != HH_OK)
 *         return complain(hh_context_message(context));
 *     printf("%.3f apart, tempo alone %.3f\n", c.distance, sqrt(c.contribution[HH_FP_TEMPO]));
 *     hh_fingerprint_write(context, &one->fingerprint, "one.json");
 *
 * Each value has a name, a unit and a status; docs/fingerprint.md defines them. */
#ifndef HEIHACHI_FINGERPRINT_H
#define HEIHACHI_FINGERPRINT_H

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Position, name, unit and the weight in the distance (before the weights are divided by their
 * sum). */
#define HH_FINGERPRINT_LIST(X)                                                                     \
    X(0, SUB_BASS, "sub_bass", "share of energy", 0.04)                                            \
    X(1, BASS, "bass", "share of energy", 0.06)                                                    \
    X(2, LOW_MID, "low_mid", "share of energy", 0.05)                                              \
    X(3, MID, "mid", "share of energy", 0.06)                                                      \
    X(4, UPPER_MID, "upper_mid", "share of energy", 0.05)                                          \
    X(5, PRESENCE, "presence", "share of energy", 0.04)                                            \
    X(6, AIR, "air", "share of energy", 0.03)                                                      \
    X(7, LOUDNESS, "loudness", "LUFS", 0.10)                                                       \
    X(8, CREST, "crest", "dB", 0.08)                                                               \
    X(9, BASS_MID_RATIO, "bass_mid_ratio", "dB", 0.05)                                             \
    X(10, TEMPO, "tempo", "BPM", 0.08)                                                             \
    X(11, RHYTHM_STABILITY, "rhythm_stability", "", 0.04)                                          \
    X(12, TRANSIENT_DENSITY, "transient_density", "onsets per 0.1 s", 0.04)                        \
    X(13, SILENCE_RATIO, "silence_ratio", "share of frames", 0.02)                                 \
    X(14, CENTROID, "centroid", "8 kHz", 0.05)                                                     \
    X(15, ROLLOFF, "rolloff", "10 kHz", 0.04)                                                      \
    X(16, FLATNESS, "flatness", "", 0.03)                                                          \
    X(17, HARMONIC_RATIO, "harmonic_ratio", "", 0.04)                                              \
    X(18, PITCH_STABILITY, "pitch_stability", "", 0.03)                                            \
    X(19, CHROMA_ENERGY, "chroma_energy", "", 0.02)                                                \
    X(20, DYNAMIC_RANGE_VARIATION, "dynamic_range_variation", "6 dB", 0.02)                        \
    X(21, LOUDNESS_VARIATION, "loudness_variation", "dB", 0.02)                                    \
    X(22, PEAK_CONSISTENCY, "peak_consistency", "", 0.01)                                          \
    X(23, STEREO_WIDTH, "stereo_width", "share of energy", 0.02)                                   \
    X(24, PHASE_CORRELATION, "phase_correlation", "", 0.01)

typedef enum HhFingerprintDimension {
#define HH_FINGERPRINT_ENUM(index, name, text, unit, weight) HH_FP_##name = index,
    HH_FINGERPRINT_LIST(HH_FINGERPRINT_ENUM)
#undef HH_FINGERPRINT_ENUM
        HH_FP_COUNT = 25
} HhFingerprintDimension;

/* Why a value is or is not there. */
typedef enum HhFingerprintStatus {
    HH_FP_OK,           /* defined */
    HH_FP_ABSENT,       /* not computed */
    HH_FP_SILENT,       /* the track has no energy where this value needs some */
    HH_FP_TOO_SHORT,    /* too few frames or beats */
    HH_FP_ABOVE_NYQUIST /* the file's rate leaves this band empty; the value is 0 */
} HhFingerprintStatus;

/* Raised with every change of a definition: fingerprints of different versions are not compared. */
#define HH_FINGERPRINT_VERSION 1

typedef struct HhFingerprint {
    double values[HH_FP_COUNT]; /* NaN where the status is neither OK nor ABOVE_NYQUIST */
    HhFingerprintStatus status[HH_FP_COUNT];
    int version;                 /* HH_FINGERPRINT_VERSION; 0 = there is none */
    double rms_minus_0_691_lufs; /* the historical "loudness": 20 log10 rms + 0.691; an extra */
} HhFingerprint;

HH_API const char *hh_fingerprint_name(int dimension); /* "sub_bass" ...; NULL outside 0..24 */
HH_API const char *hh_fingerprint_unit(int dimension);
HH_API const char *hh_fingerprint_status_name(HhFingerprintStatus status); /* "ok", "absent", ... */

/* ---- distance
 *
 * The normaliser maps each value v to [0, 1]; of the mapped values a and b of two tracks then
 *
 *     z = clip((v - low) / (high - low), 0, 1)
 *     distance = sqrt(sum_i w_i (a_i - b_i)^2),  sum_i w_i = 1
 *     similarity = 1 - distance
 *
 * A dimension that is undefined in either track takes no part; the other weights are scaled up. */
typedef struct HhFingerprintNormaliser {
    size_t count; /* fingerprints it was fitted to; 0: the typical ranges */
    double low[HH_FP_COUNT], high[HH_FP_COUNT]; /* 5th and 95th percentile */
    double min[HH_FP_COUNT], max[HH_FP_COUNT], mean[HH_FP_COUNT], std[HH_FP_COUNT];
} HhFingerprintNormaliser;

#define HH_FP_MIN_FIT 10 /* fingerprints that a fit needs */

/* Typical ranges of music, for when there is no library to fit to. */
HH_API void hh_fingerprint_normaliser_typical(HhFingerprintNormaliser *normaliser);
/* Linear percentiles over `count` >= HH_FP_MIN_FIT fingerprints, undefined values left out (a
 * dimension with fewer than HH_FP_MIN_FIT values keeps its typical range). */
HH_API HhStatus hh_fingerprint_normaliser_fit(HhContext *context, const HhFingerprint *fingerprints,
                                              size_t count, HhFingerprintNormaliser *normaliser);

typedef enum HhFingerprintWeights {
    HH_FP_WEIGHTS_DEFAULT, /* those of HH_FINGERPRINT_LIST */
    HH_FP_WEIGHTS_EQUAL,
    HH_FP_WEIGHTS_FREQUENCY, /* the seven bands count double */
    HH_FP_WEIGHTS_DYNAMICS   /* loudness, crest and bass to mid ratio count double */
} HhFingerprintWeights;

typedef struct HhFingerprintComparison {
    double distance, similarity; /* [0, 1] */
    /* w_i (a_i - b_i)^2; they sum to distance^2; 0 where left out. */
    double contribution[HH_FP_COUNT];
    double normalised_a[HH_FP_COUNT], normalised_b[HH_FP_COUNT];
    int compared; /* dimensions that took part */
} HhFingerprintComparison;

/* `normaliser` NULL: the typical ranges. HH_ERROR_ARGUMENT if the versions differ or no dimension
 * can be compared. */
HH_API HhStatus hh_fingerprint_compare(HhContext *context, const HhFingerprint *a,
                                       const HhFingerprint *b,
                                       const HhFingerprintNormaliser *normaliser,
                                       HhFingerprintWeights weights,
                                       HhFingerprintComparison *comparison);

/* ---- files (docs/fingerprint.md)
 *
 * A fingerprint file is a JSON object {"format": "heihachi-fingerprint", "version", "names",
 * "units", "values", "status", "extras"}; a result.json holds the same under "fingerprint". Read
 * accepts both. Writing is atomic. */
HH_API HhStatus hh_fingerprint_write(HhContext *context, const HhFingerprint *fingerprint,
                                     const char *path);
HH_API HhStatus hh_fingerprint_read(HhContext *context, const char *path,
                                    HhFingerprint *fingerprint);
HH_API HhStatus hh_fingerprint_normaliser_write(HhContext *context,
                                                const HhFingerprintNormaliser *normaliser,
                                                const char *path);
HH_API HhStatus hh_fingerprint_normaliser_read(HhContext *context, const char *path,
                                               HhFingerprintNormaliser *normaliser);

#ifdef __cplusplus
}
#endif
#endif
