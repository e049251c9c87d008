/* The table of feature_table.h. Names and parameters are librosa's; values that it does not have
 * here are in the headers. */
#include "feature_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- parameters that several functions share: TYPE is the struct, AT the member that holds the
 * group ---- */

#define SIZE(TYPE, NAME, MEMBER)                                                                   \
    {                                                                                              \
        NAME, FEATURE_SIZE, offsetof(TYPE, MEMBER), 0, 0.0, NULL                                   \
    }
#define INT(TYPE, NAME, MEMBER)                                                                    \
    {                                                                                              \
        NAME, FEATURE_INT, offsetof(TYPE, MEMBER), 0, 0.0, NULL                                    \
    }
#define DOUBLE(TYPE, NAME, MEMBER)                                                                 \
    {                                                                                              \
        NAME, FEATURE_DOUBLE, offsetof(TYPE, MEMBER), 0, (double)NAN, NULL                         \
    }
#define DOUBLE_NONE(TYPE, NAME, MEMBER, NONE)                                                      \
    {                                                                                              \
        NAME, FEATURE_DOUBLE, offsetof(TYPE, MEMBER), 0, NONE, NULL                                \
    }
#define BOOL(TYPE, NAME, MEMBER)                                                                   \
    {                                                                                              \
        NAME, FEATURE_BOOL, offsetof(TYPE, MEMBER), 0, 0.0, NULL                                   \
    }
#define CHOICE(TYPE, NAME, MEMBER, CHOICES)                                                        \
    {                                                                                              \
        NAME, FEATURE_CHOICE, offsetof(TYPE, MEMBER), 0, 0.0, CHOICES                              \
    }
#define WINDOW(TYPE, NAME, MEMBER)                                                                 \
    {                                                                                              \
        NAME, FEATURE_WINDOW, offsetof(TYPE, MEMBER), 0, 0.0, NULL                                 \
    }
#define TWO(TYPE, NAME, KIND, FIRST, SECOND)                                                       \
    {                                                                                              \
        NAME, KIND, offsetof(TYPE, FIRST), offsetof(TYPE, SECOND), 0.0, NULL                       \
    }
#define PAD(TYPE, MEMBER)                                                                          \
    CHOICE(TYPE, "pad_mode", MEMBER, "constant|edge|reflect|symmetric|linear_ramp|wrap")
#define AGGREGATE(TYPE) CHOICE(TYPE, "aggregate", aggregate, "mean|median|none")
#define UNITS(TYPE)     CHOICE(TYPE, "units", units, "frames|samples|time")

#define STFT(TYPE, AT)                                                                             \
    SIZE(TYPE, "n_fft", AT n_fft), SIZE(TYPE, "hop_length", AT hop_length),                        \
        SIZE(TYPE, "win_length", AT win_length), WINDOW(TYPE, "window", AT window),                \
        PAD(TYPE, AT pad)
#define STFT_CENTER(TYPE, AT) STFT(TYPE, AT), BOOL(TYPE, "center", AT center)
#define MEL(TYPE, AT)                                                                              \
    DOUBLE(TYPE, "power", AT power), SIZE(TYPE, "n_mels", AT n_mels),                              \
        DOUBLE(TYPE, "fmin", AT fmin), DOUBLE_NONE(TYPE, "fmax", AT fmax, 0.0),                    \
        BOOL(TYPE, "htk", AT htk)
#define MEL_NORM(TYPE, NAME, AT) TWO(TYPE, NAME, FEATURE_MEL_NORM, AT norm, AT norm_power)
#define HPSS_MASKS                                                                                 \
    TWO(HhHpssParams, "kernel_size", FEATURE_SIZE_PAIR, harmonic_width, percussive_width),         \
        TWO(HhHpssParams, "margin", FEATURE_DOUBLE_PAIR, harmonic_margin, percussive_margin),      \
        DOUBLE(HhHpssParams, "power", power), BOOL(HhHpssParams, "mask", mask)
#define CQT                                                                                        \
    SIZE(HhCqtParams, "hop_length", hop_length), DOUBLE_NONE(HhCqtParams, "fmin", fmin, 0.0),      \
        SIZE(HhCqtParams, "n_bins", n_bins),                                                       \
        SIZE(HhCqtParams, "bins_per_octave", bins_per_octave),                                     \
        DOUBLE(HhCqtParams, "tuning", tuning), DOUBLE(HhCqtParams, "filter_scale", filter_scale),  \
        DOUBLE(HhCqtParams, "norm", norm), DOUBLE(HhCqtParams, "sparsity", sparsity),              \
        WINDOW(HhCqtParams, "window", window), BOOL(HhCqtParams, "scale", scale),                  \
        PAD(HhCqtParams, pad_mode)
#define CHROMA_CQT(TYPE, AT)                                                                       \
    SIZE(TYPE, "hop_length", AT hop_length), DOUBLE_NONE(TYPE, "fmin", AT fmin, 0.0),              \
        DOUBLE(TYPE, "tuning", AT tuning), SIZE(TYPE, "n_chroma", AT n_chroma),                    \
        SIZE(TYPE, "n_octaves", AT n_octaves), SIZE(TYPE, "bins_per_octave", AT bins_per_octave),  \
        CHOICE(TYPE, "cqt_mode", AT cqt_mode, "full|hybrid")
#define PEAK                                                                                       \
    DOUBLE(HhOnsetDetectParams, "pre_max", peak.pre_max),                                          \
        DOUBLE(HhOnsetDetectParams, "post_max", peak.post_max),                                    \
        DOUBLE(HhOnsetDetectParams, "pre_avg", peak.pre_avg),                                      \
        DOUBLE(HhOnsetDetectParams, "post_avg", peak.post_avg),                                    \
        DOUBLE(HhOnsetDetectParams, "delta", peak.delta),                                          \
        DOUBLE(HhOnsetDetectParams, "wait", peak.wait)
#define ONSET_STRENGTH                                                                             \
    SIZE(HhOnsetStrengthParams, "lag", lag), SIZE(HhOnsetStrengthParams, "max_size", max_size),    \
        BOOL(HhOnsetStrengthParams, "detrend", detrend),                                           \
        BOOL(HhOnsetStrengthParams, "center", center), AGGREGATE(HhOnsetStrengthParams),           \
        STFT(HhOnsetStrengthParams, mel.stft.), MEL(HhOnsetStrengthParams, mel.),                  \
        MEL_NORM(HhOnsetStrengthParams, "norm", mel.)

/* ---- the library's functions with untyped parameters ---- */

/* TYPE is the struct that FUNCTION fills: a request has room for it. */
#define DEFAULTS(FUNCTION, TYPE)                                                                   \
    _Static_assert(sizeof(TYPE) <= FEATURE_ROOM, "raise FEATURE_ROOM");                            \
    static void FUNCTION##_any(void *values)                                                       \
    {                                                                                              \
        TYPE *params = values;                                                                     \
        FUNCTION(params);                                                                          \
    }
#define ONE(FUNCTION)                                                                              \
    static HhStatus FUNCTION##_any(HhContext *context, const HhSignal *y, const void *values,      \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, y, values, out);                                                  \
    }
#define PAIR(FUNCTION)                                                                             \
    static HhStatus FUNCTION##_any(HhContext *context, const HhSignal *y, const void *values,      \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, y, values, &out[0], &out[1]);                                     \
    }

DEFAULTS(hh_stft_defaults, HhStftParams)
DEFAULTS(hh_hpss_defaults, HhHpssParams)
DEFAULTS(hh_yin_defaults, HhYinParams)
DEFAULTS(hh_pyin_defaults, HhPyinParams)
DEFAULTS(hh_piptrack_defaults, HhPiptrackParams)
DEFAULTS(hh_tuning_defaults, HhTuningParams)
DEFAULTS(hh_cqt_defaults, HhCqtParams)
DEFAULTS(hh_chroma_cqt_defaults, HhChromaCqtParams)
DEFAULTS(hh_chroma_stft_defaults, HhChromaStftParams)
DEFAULTS(hh_chroma_cens_defaults, HhChromaCensParams)
DEFAULTS(hh_mel_defaults, HhMelParams)
DEFAULTS(hh_mfcc_defaults, HhMfccParams)
DEFAULTS(hh_spectral_centroid_defaults, HhCentroidParams)
DEFAULTS(hh_spectral_bandwidth_defaults, HhBandwidthParams)
DEFAULTS(hh_spectral_rolloff_defaults, HhRolloffParams)
DEFAULTS(hh_spectral_flatness_defaults, HhFlatnessParams)
DEFAULTS(hh_spectral_contrast_defaults, HhContrastParams)
DEFAULTS(hh_zero_crossing_rate_defaults, HhZeroCrossingParams)
DEFAULTS(hh_rms_defaults, HhRmsParams)
DEFAULTS(hh_onset_strength_defaults, HhOnsetStrengthParams)
DEFAULTS(hh_onset_detect_defaults, HhOnsetDetectParams)
DEFAULTS(hh_tempogram_defaults, HhTempogramParams)
DEFAULTS(hh_tempo_defaults, HhTempoParams)
DEFAULTS(hh_beat_track_defaults, HhBeatTrackParams)
DEFAULTS(hh_plp_defaults, HhPlpParams)

ONE(hh_stft)
ONE(hh_harmonic)
ONE(hh_percussive)
ONE(hh_yin)
ONE(hh_cqt)
ONE(hh_vqt)
ONE(hh_pseudo_cqt)
ONE(hh_hybrid_cqt)
ONE(hh_chroma_cqt)
ONE(hh_chroma_stft)
ONE(hh_chroma_cens)
ONE(hh_tonnetz)
ONE(hh_melspectrogram)
ONE(hh_mfcc)
ONE(hh_spectral_centroid)
ONE(hh_spectral_bandwidth)
ONE(hh_spectral_rolloff)
ONE(hh_spectral_flatness)
ONE(hh_spectral_contrast)
ONE(hh_zero_crossing_rate)
ONE(hh_rms)
ONE(hh_onset_strength)
ONE(hh_onset_strength_multi)
ONE(hh_onset_detect)
ONE(hh_tempogram)
ONE(hh_fourier_tempogram)
ONE(hh_tempo)
ONE(hh_plp)
PAIR(hh_hpss)
PAIR(hh_piptrack)
PAIR(hh_beat_track)

static HhStatus hh_pyin_any(HhContext *context, const HhSignal *y, const void *values, HhArray *out)
{
    return hh_pyin(context, y, values, &out[0], &out[1], &out[2]);
}

/* istft(stft(y), length=len(y)), both with the same parameters. */
static HhStatus reconstruct(HhContext *context, const HhSignal *y, const void *values, HhArray *out)
{
    HhStftParams stft;
    memcpy(&stft, values, sizeof stft);
    HhIstftParams inverse;
    hh_istft_defaults(&inverse);
    inverse.n_fft = stft.n_fft;
    inverse.hop_length = stft.hop_length;
    inverse.win_length = stft.win_length;
    inverse.window = stft.window;
    inverse.center = stft.center;
    inverse.length = y->length;
    HhArray spectrum = HH_ARRAY_INIT;
    HhStatus status = hh_stft(context, y, &stft, &spectrum);
    if (status == HH_OK) status = hh_istft(context, &spectrum, &inverse, out);
    hh_array_free(&spectrum);
    return status;
}

/* The separated transforms of stft(y). */
static HhStatus decompose(HhContext *context, const HhSignal *y, const void *values, HhArray *out)
{
    const HhHpssParams *params = values;
    HhArray spectrum = HH_ARRAY_INIT;
    HhStatus status = hh_stft(context, y, &params->stft, &spectrum);
    if (status == HH_OK) status = hh_decompose_hpss(context, &spectrum, params, &out[0], &out[1]);
    hh_array_free(&spectrum);
    return status;
}

static void release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* One number for all channels: an array of no dimensions. */
static HhStatus tuning(HhContext *context, const HhSignal *y, const void *values, HhArray *out)
{
    double value;
    HhStatus status = hh_estimate_tuning(context, y, values, &value);
    if (status != HH_OK) return status;
    *out = (HhArray){
        .type = HH_FLOAT64, .data = cli_alloc(1, sizeof value), .owner = {NULL, release, NULL}};
    memcpy(out->data, &value, sizeof value);
    return HH_OK;
}

/* ---- parameters of each function ---- */

static const FeatureParam stft_params[] = {STFT_CENTER(HhStftParams, )};
static const FeatureParam hpss_params[] = {HPSS_MASKS, STFT_CENTER(HhHpssParams, stft.)};
static const FeatureParam yin_params[] = {
    DOUBLE(HhYinParams, "fmin", fmin),
    DOUBLE(HhYinParams, "fmax", fmax),
    SIZE(HhYinParams, "frame_length", frame_length),
    SIZE(HhYinParams, "hop_length", hop_length),
    DOUBLE(HhYinParams, "trough_threshold", trough_threshold),
    BOOL(HhYinParams, "center", center),
    PAD(HhYinParams, pad),
    CHOICE(HhYinParams, "difference", difference, "librosa|full"),
};
static const FeatureParam pyin_params[] = {
    DOUBLE(HhPyinParams, "fmin", fmin),
    DOUBLE(HhPyinParams, "fmax", fmax),
    SIZE(HhPyinParams, "frame_length", frame_length),
    SIZE(HhPyinParams, "hop_length", hop_length),
    INT(HhPyinParams, "n_thresholds", n_thresholds),
    TWO(HhPyinParams, "beta_parameters", FEATURE_DOUBLE_PAIR, beta_parameters[0],
        beta_parameters[1]),
    DOUBLE(HhPyinParams, "boltzmann_parameter", boltzmann_parameter),
    DOUBLE(HhPyinParams, "resolution", resolution),
    DOUBLE(HhPyinParams, "max_transition_rate", max_transition_rate),
    DOUBLE(HhPyinParams, "switch_prob", switch_prob),
    DOUBLE(HhPyinParams, "no_trough_prob", no_trough_prob),
    TWO(HhPyinParams, "fill_na", FEATURE_FILL, fill_na, keep_unvoiced),
    BOOL(HhPyinParams, "center", center),
    PAD(HhPyinParams, pad),
};
static const FeatureParam piptrack_params[] = {
    STFT_CENTER(HhPiptrackParams, stft.),
    DOUBLE(HhPiptrackParams, "fmin", fmin),
    DOUBLE(HhPiptrackParams, "fmax", fmax),
    DOUBLE(HhPiptrackParams, "threshold", threshold),
};
static const FeatureParam tuning_params[] = {
    DOUBLE(HhTuningParams, "resolution", resolution),
    INT(HhTuningParams, "bins_per_octave", bins_per_octave),
    STFT_CENTER(HhTuningParams, piptrack.stft.),
    DOUBLE(HhTuningParams, "fmin", piptrack.fmin),
    DOUBLE(HhTuningParams, "fmax", piptrack.fmax),
    DOUBLE(HhTuningParams, "threshold", piptrack.threshold),
};
static const FeatureParam cqt_params[] = {CQT};
static const FeatureParam vqt_params[] = {CQT, DOUBLE(HhCqtParams, "gamma", gamma)};
static const FeatureParam chroma_cqt_params[] = {
    CHROMA_CQT(HhChromaCqtParams, ),
    DOUBLE(HhChromaCqtParams, "norm", norm),
    DOUBLE(HhChromaCqtParams, "threshold", threshold),
};
static const FeatureParam chroma_stft_params[] = {
    STFT_CENTER(HhChromaStftParams, stft.),       DOUBLE(HhChromaStftParams, "norm", norm),
    DOUBLE(HhChromaStftParams, "tuning", tuning), SIZE(HhChromaStftParams, "n_chroma", n_chroma),
    DOUBLE(HhChromaStftParams, "ctroct", ctroct), DOUBLE(HhChromaStftParams, "octwidth", octwidth),
    BOOL(HhChromaStftParams, "base_c", base_c),
};
static const FeatureParam chroma_cens_params[] = {
    CHROMA_CQT(HhChromaCensParams, chroma.),
    DOUBLE(HhChromaCensParams, "norm", norm),
    SIZE(HhChromaCensParams, "win_len_smooth", win_len_smooth),
    WINDOW(HhChromaCensParams, "smoothing_window", smoothing_window),
};
static const FeatureParam mel_params[] = {STFT_CENTER(HhMelParams, stft.), MEL(HhMelParams, ),
                                          MEL_NORM(HhMelParams, "norm", )};
static const FeatureParam mfcc_params[] = {
    SIZE(HhMfccParams, "n_mfcc", n_mfcc),
    INT(HhMfccParams, "dct_type", dct_type),
    {"norm", FEATURE_FLAG, offsetof(HhMfccParams, ortho), 0, 0.0, "none|ortho"},
    DOUBLE(HhMfccParams, "lifter", lifter),
    MEL_NORM(HhMfccParams, "mel_norm", mel.),
    STFT_CENTER(HhMfccParams, mel.stft.),
    MEL(HhMfccParams, mel.),
};
static const FeatureParam centroid_params[] = {STFT_CENTER(HhCentroidParams, stft.)};
static const FeatureParam bandwidth_params[] = {
    STFT_CENTER(HhBandwidthParams, stft.),
    DOUBLE(HhBandwidthParams, "p", p),
    BOOL(HhBandwidthParams, "norm", norm),
};
static const FeatureParam rolloff_params[] = {
    STFT_CENTER(HhRolloffParams, stft.), DOUBLE(HhRolloffParams, "roll_percent", roll_percent)};
static const FeatureParam flatness_params[] = {
    STFT_CENTER(HhFlatnessParams, stft.),
    DOUBLE(HhFlatnessParams, "amin", amin),
    DOUBLE(HhFlatnessParams, "power", power),
};
static const FeatureParam contrast_params[] = {
    STFT_CENTER(HhContrastParams, stft.),       DOUBLE(HhContrastParams, "fmin", fmin),
    SIZE(HhContrastParams, "n_bands", n_bands), DOUBLE(HhContrastParams, "quantile", quantile),
    BOOL(HhContrastParams, "linear", linear),
};
static const FeatureParam zero_crossing_params[] = {
    SIZE(HhZeroCrossingParams, "frame_length", frame_length),
    SIZE(HhZeroCrossingParams, "hop_length", hop_length),
    BOOL(HhZeroCrossingParams, "center", center),
    DOUBLE(HhZeroCrossingParams, "threshold", threshold),
    BOOL(HhZeroCrossingParams, "pad", pad),
    BOOL(HhZeroCrossingParams, "zero_pos", zero_pos),
};
static const FeatureParam rms_params[] = {
    SIZE(HhRmsParams, "frame_length", frame_length),
    SIZE(HhRmsParams, "hop_length", hop_length),
    BOOL(HhRmsParams, "center", center),
    PAD(HhRmsParams, pad),
};
static const FeatureParam strength_params[] = {ONSET_STRENGTH};
static const FeatureParam strength_multi_params[] = {
    ONSET_STRENGTH, TWO(HhOnsetStrengthParams, "channels", FEATURE_SIZE_LIST, edges, edge_count)};
static const FeatureParam detect_params[] = {
    SIZE(HhOnsetDetectParams, "hop_length", hop_length),
    BOOL(HhOnsetDetectParams, "backtrack", backtrack),
    UNITS(HhOnsetDetectParams),
    BOOL(HhOnsetDetectParams, "normalize", normalize),
    BOOL(HhOnsetDetectParams, "sparse", sparse),
    PEAK,
};
static const FeatureParam tempogram_params[] = {
    SIZE(HhTempogramParams, "hop_length", hop_length),
    SIZE(HhTempogramParams, "win_length", win_length),
    BOOL(HhTempogramParams, "center", center),
    WINDOW(HhTempogramParams, "window", window),
    DOUBLE(HhTempogramParams, "norm", norm),
};
/* Without the last: the Fourier tempogram is not normalised. */
#define FOURIER_TEMPOGRAM_PARAMS (COUNT(tempogram_params) - 1)
static const FeatureParam tempo_params[] = {
    SIZE(HhTempoParams, "hop_length", hop_length), DOUBLE(HhTempoParams, "start_bpm", start_bpm),
    DOUBLE(HhTempoParams, "std_bpm", std_bpm),     DOUBLE(HhTempoParams, "ac_size", ac_size),
    DOUBLE(HhTempoParams, "max_tempo", max_tempo), AGGREGATE(HhTempoParams),
};
static const FeatureParam beat_params[] = {
    SIZE(HhBeatTrackParams, "hop_length", hop_length),
    DOUBLE(HhBeatTrackParams, "start_bpm", start_bpm),
    DOUBLE(HhBeatTrackParams, "tightness", tightness),
    BOOL(HhBeatTrackParams, "trim", trim),
    TWO(HhBeatTrackParams, "bpm", FEATURE_DOUBLE_LIST, bpm, bpm_count),
    UNITS(HhBeatTrackParams),
    BOOL(HhBeatTrackParams, "sparse", sparse),
};
static const FeatureParam plp_params[] = {
    SIZE(HhPlpParams, "hop_length", hop_length),
    SIZE(HhPlpParams, "win_length", win_length),
    DOUBLE(HhPlpParams, "tempo_min", tempo_min),
    DOUBLE(HhPlpParams, "tempo_max", tempo_max),
};

/* ---- the functions ---- */

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROW(NAME, DEFAULT, RUN, PARAMS)                                                            \
    {                                                                                              \
        NAME, {NULL, NULL, NULL}, DEFAULT##_any, RUN, PARAMS, COUNT(PARAMS), false                 \
    }
#define ROW_PARTS(NAME, DEFAULT, RUN, PARAMS, ...)                                                 \
    {                                                                                              \
        NAME, {__VA_ARGS__}, DEFAULT##_any, RUN, PARAMS, COUNT(PARAMS), false                      \
    }

const Feature cli_feature_rows[] = {
    ROW("stft", hh_stft_defaults, hh_stft_any, stft_params),
    ROW("reconstruct", hh_stft_defaults, reconstruct, stft_params),
    ROW_PARTS("effects.hpss", hh_hpss_defaults, hh_hpss_any, hpss_params, "harmonic", "percussive"),
    ROW("effects.harmonic", hh_hpss_defaults, hh_harmonic_any, hpss_params),
    ROW("effects.percussive", hh_hpss_defaults, hh_percussive_any, hpss_params),
    ROW_PARTS("decompose.hpss", hh_hpss_defaults, decompose, hpss_params, "harmonic", "percussive"),
    ROW("yin", hh_yin_defaults, hh_yin_any, yin_params),
    ROW_PARTS("pyin", hh_pyin_defaults, hh_pyin_any, pyin_params, "f0", "voiced_flag",
              "voiced_prob"),
    ROW_PARTS("piptrack", hh_piptrack_defaults, hh_piptrack_any, piptrack_params, "pitches",
              "magnitudes"),
    ROW("estimate_tuning", hh_tuning_defaults, tuning, tuning_params),
    ROW("cqt", hh_cqt_defaults, hh_cqt_any, cqt_params),
    ROW("vqt", hh_cqt_defaults, hh_vqt_any, vqt_params),
    ROW("hybrid_cqt", hh_cqt_defaults, hh_hybrid_cqt_any, cqt_params),
    ROW("pseudo_cqt", hh_cqt_defaults, hh_pseudo_cqt_any, cqt_params),
    ROW("feature.chroma_cqt", hh_chroma_cqt_defaults, hh_chroma_cqt_any, chroma_cqt_params),
    ROW("feature.chroma_stft", hh_chroma_stft_defaults, hh_chroma_stft_any, chroma_stft_params),
    ROW("feature.chroma_cens", hh_chroma_cens_defaults, hh_chroma_cens_any, chroma_cens_params),
    ROW("feature.tonnetz", hh_chroma_cqt_defaults, hh_tonnetz_any, chroma_cqt_params),
    ROW("feature.melspectrogram", hh_mel_defaults, hh_melspectrogram_any, mel_params),
    ROW("feature.mfcc", hh_mfcc_defaults, hh_mfcc_any, mfcc_params),
    ROW("feature.spectral_centroid", hh_spectral_centroid_defaults, hh_spectral_centroid_any,
        centroid_params),
    ROW("feature.spectral_bandwidth", hh_spectral_bandwidth_defaults, hh_spectral_bandwidth_any,
        bandwidth_params),
    ROW("feature.spectral_rolloff", hh_spectral_rolloff_defaults, hh_spectral_rolloff_any,
        rolloff_params),
    ROW("feature.spectral_flatness", hh_spectral_flatness_defaults, hh_spectral_flatness_any,
        flatness_params),
    ROW("feature.spectral_contrast", hh_spectral_contrast_defaults, hh_spectral_contrast_any,
        contrast_params),
    ROW("feature.zero_crossing_rate", hh_zero_crossing_rate_defaults, hh_zero_crossing_rate_any,
        zero_crossing_params),
    ROW("feature.rms", hh_rms_defaults, hh_rms_any, rms_params),
    ROW("onset.onset_strength", hh_onset_strength_defaults, hh_onset_strength_any, strength_params),
    ROW("onset.onset_strength_multi", hh_onset_strength_defaults, hh_onset_strength_multi_any,
        strength_multi_params),
    ROW("onset.onset_detect", hh_onset_detect_defaults, hh_onset_detect_any, detect_params),
    ROW("feature.tempogram", hh_tempogram_defaults, hh_tempogram_any, tempogram_params),
    {"feature.fourier_tempogram",
     {NULL, NULL, NULL},
     hh_tempogram_defaults_any,
     hh_fourier_tempogram_any,
     tempogram_params,
     FOURIER_TEMPOGRAM_PARAMS,
     false},
    {"feature.tempo",
     {NULL, NULL, NULL},
     hh_tempo_defaults_any,
     hh_tempo_any,
     tempo_params,
     COUNT(tempo_params),
     true},
    {"beat.beat_track",
     {"tempo", "beats", NULL},
     hh_beat_track_defaults_any,
     hh_beat_track_any,
     beat_params,
     COUNT(beat_params),
     true},
    ROW("beat.plp", hh_plp_defaults, hh_plp_any, plp_params),
};

const size_t cli_feature_count = COUNT(cli_feature_rows);
