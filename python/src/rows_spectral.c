/* include/heihachi/spectral.h for Python. */
#include "table.h"

DEFAULTS(hh_stft_defaults, HhStftParams)
DEFAULTS(hh_istft_defaults, HhIstftParams)
DEFAULTS(hh_power_to_db_defaults, HhDbParams)
DEFAULTS(hh_amplitude_to_db_defaults, HhDbParams)
DEFAULTS(hh_mel_defaults, HhMelParams)
DEFAULTS(hh_mfcc_defaults, HhMfccParams)
DEFAULTS(hh_spectral_centroid_defaults, HhCentroidParams)
DEFAULTS(hh_spectral_bandwidth_defaults, HhBandwidthParams)
DEFAULTS(hh_spectral_rolloff_defaults, HhRolloffParams)
DEFAULTS(hh_spectral_flatness_defaults, HhFlatnessParams)
DEFAULTS(hh_spectral_contrast_defaults, HhContrastParams)
DEFAULTS(hh_zero_crossing_rate_defaults, HhZeroCrossingParams)
DEFAULTS(hh_rms_defaults, HhRmsParams)
DEFAULTS(hh_window_sumsquare_defaults, HhWindowSumsquareParams)
DEFAULTS(hh_poly_features_defaults, HhPolyParams)

RUN_SIGNAL(hh_stft)
RUN_ARRAY(hh_istft)
RUN_ARRAY(hh_power_to_db)
RUN_ARRAY(hh_amplitude_to_db)
RUN_SIGNAL(hh_melspectrogram)
RUN_ARRAY_RATE(hh_melspectrogram_from)
RUN_SIGNAL(hh_mfcc)
RUN_SIGNAL(hh_spectral_centroid)
RUN_ARRAY_RATE(hh_spectral_centroid_from)
RUN_SIGNAL(hh_spectral_bandwidth)
RUN_ARRAY_RATE(hh_spectral_bandwidth_from)
RUN_SIGNAL(hh_spectral_rolloff)
RUN_ARRAY_RATE(hh_spectral_rolloff_from)
RUN_SIGNAL(hh_spectral_flatness)
RUN_ARRAY(hh_spectral_flatness_from)
RUN_SIGNAL(hh_spectral_contrast)
RUN_ARRAY_RATE(hh_spectral_contrast_from)
RUN_SIGNAL(hh_poly_features)
RUN_ARRAY_RATE(hh_poly_features_from)
RUN_SIGNAL(hh_zero_crossing_rate)
RUN_SIGNAL(hh_rms)

static HhStatus magphase_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    (void)params;
    return hh_magphase(context, input_array(in, 0), in->number[0], &out[0], &out[1]);
}

static HhStatus autocorrelate_run(HhContext *context, const Inputs *in, const void *params,
                                  HhArray *out)
{
    (void)params;
    if (!(in->number[0] >= 0.0 && in->number[0] <= 1e15)) return HH_ERROR_ARGUMENT;
    return hh_autocorrelate(context, input_array(in, 0), (size_t)in->number[0], out);
}

static HhStatus mel_filters_run(HhContext *context, const Inputs *in, const void *params,
                                HhArray *out)
{
    return hh_mel_filters(context, in->number[0], params, out);
}

typedef struct WindowParams {
    HhWindow window;
    bool periodic;
} WindowParams;

static void window_defaults(void *params)
{
    WindowParams *typed = params;
    *typed = (WindowParams){.periodic = true};
}

static HhStatus window_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    const WindowParams *p = params;
    return hh_window(context, &p->window, (size_t)in->number[0], p->periodic, out);
}

/* Frames; whether the result is of doubles. */
static HhStatus window_sumsquare_run(HhContext *context, const Inputs *in, const void *params,
                                     HhArray *out)
{
    if (!(in->number[0] >= 1.0 && in->number[0] <= 1e15)) return HH_ERROR_ARGUMENT;
    return hh_window_sumsquare(context, (size_t)in->number[0], params,
                               in->number[1] != 0.0 ? HH_FLOAT64 : HH_FLOAT32, out);
}

static const Field window_fields[] = {
    FIELD(WindowParams, "kind", FIELD_INT, window.kind),
    FIELD(WindowParams, "parameter", FIELD_DOUBLE, window.parameter),
    BOOL(WindowParams, periodic),
};
static const Field stft_fields[] = {STFT_FIELDS(HhStftParams, )};
static const Field istft_fields[] = {
    SIZE(HhIstftParams, n_fft),      SIZE(HhIstftParams, hop_length),
    SIZE(HhIstftParams, win_length), FIELD(HhIstftParams, "window", FIELD_WINDOW, window),
    BOOL(HhIstftParams, center),     SIZE(HhIstftParams, length),
};
static const Field db_fields[] = {
    DOUBLE(HhDbParams, reference),
    DOUBLE(HhDbParams, amin),
    DOUBLE(HhDbParams, top_db),
};
static const Field mel_fields[] = {STFT_FIELDS(HhMelParams, stft.), MEL_FIELDS(HhMelParams, )};
static const Field mfcc_fields[] = {
    STFT_FIELDS(HhMfccParams, mel.stft.),
    MEL_FIELDS(HhMfccParams, mel.),
    SIZE(HhMfccParams, n_mfcc),
    INT(HhMfccParams, dct_type),
    BOOL(HhMfccParams, ortho),
    DOUBLE(HhMfccParams, lifter),
};
static const Field centroid_fields[] = {
    STFT_FIELDS(HhCentroidParams, stft.),
    FIELD(HhCentroidParams, "frequencies", FIELD_DOUBLES, frequencies),
};
static const Field bandwidth_fields[] = {
    STFT_FIELDS(HhBandwidthParams, stft.),
    DOUBLE(HhBandwidthParams, p),
    BOOL(HhBandwidthParams, norm),
    FIELD(HhBandwidthParams, "frequencies", FIELD_DOUBLES, frequencies),
};
static const Field rolloff_fields[] = {
    STFT_FIELDS(HhRolloffParams, stft.),
    DOUBLE(HhRolloffParams, roll_percent),
    FIELD(HhRolloffParams, "frequencies", FIELD_DOUBLES, frequencies),
};
static const Field flatness_fields[] = {
    STFT_FIELDS(HhFlatnessParams, stft.),
    DOUBLE(HhFlatnessParams, amin),
    DOUBLE(HhFlatnessParams, power),
};
static const Field contrast_fields[] = {
    STFT_FIELDS(HhContrastParams, stft.), DOUBLE(HhContrastParams, fmin),
    SIZE(HhContrastParams, n_bands),      DOUBLE(HhContrastParams, quantile),
    BOOL(HhContrastParams, linear),
};
/* `frequencies` have a value for each bin, or, per_frame, for each value of the spectrogram. */
static const Field poly_fields[] = {
    STFT_FIELDS(HhPolyParams, stft.),
    SIZE(HhPolyParams, order),
    FIELD(HhPolyParams, "frequencies", FIELD_DOUBLES, frequencies),
    BOOL(HhPolyParams, per_frame),
};
static const Field zero_crossing_fields[] = {
    SIZE(HhZeroCrossingParams, frame_length), SIZE(HhZeroCrossingParams, hop_length),
    BOOL(HhZeroCrossingParams, center),       DOUBLE(HhZeroCrossingParams, threshold),
    BOOL(HhZeroCrossingParams, pad),          BOOL(HhZeroCrossingParams, zero_pos),
};
static const Field rms_fields[] = {
    SIZE(HhRmsParams, frame_length),
    SIZE(HhRmsParams, hop_length),
    BOOL(HhRmsParams, center),
    INT(HhRmsParams, pad),
};

static const Field sumsquare_fields[] = {
    SIZE(HhWindowSumsquareParams, n_fft),
    SIZE(HhWindowSumsquareParams, hop_length),
    SIZE(HhWindowSumsquareParams, win_length),
    FIELD(HhWindowSumsquareParams, "window", FIELD_WINDOW, window),
    DOUBLE(HhWindowSumsquareParams, norm),
};

static const Row rows[] = {
    /* length */
    {"window", "d", "v", window_defaults, window_run, window_fields, COUNT(window_fields)},
    {"window_sumsquare", "dd", "v", hh_window_sumsquare_defaults_any, window_sumsquare_run,
     sumsquare_fields, COUNT(sumsquare_fields)},
    {"stft", "Y", "t", hh_stft_defaults_any, hh_stft_run, stft_fields, COUNT(stft_fields)},
    {"istft", "S", "p", hh_istft_defaults_any, hh_istft_run, istft_fields, COUNT(istft_fields)},
    /* {rows, n}, lags */
    {"autocorrelate", "md", "v", NULL, autocorrelate_run, NULL, 0},
    /* of any layout: value by value */
    {"magphase", "md", "vv", NULL, magphase_run, NULL, 0},
    {"power_to_db", "m", "v", hh_power_to_db_defaults_any, hh_power_to_db_run, db_fields,
     COUNT(db_fields)},
    {"amplitude_to_db", "m", "v", hh_amplitude_to_db_defaults_any, hh_amplitude_to_db_run,
     db_fields, COUNT(db_fields)},
    {"mel_filters", "d", "v", hh_mel_defaults_any, mel_filters_run, mel_fields, COUNT(mel_fields)},
    {"melspectrogram", "Yd", "t", hh_mel_defaults_any, hh_melspectrogram_run, mel_fields,
     COUNT(mel_fields)},
    {"melspectrogram_from", "sd", "t", hh_mel_defaults_any, hh_melspectrogram_from_run, mel_fields,
     COUNT(mel_fields)},
    {"mfcc", "Yd", "t", hh_mfcc_defaults_any, hh_mfcc_run, mfcc_fields, COUNT(mfcc_fields)},
    {"spectral_centroid", "Yd", "t", hh_spectral_centroid_defaults_any, hh_spectral_centroid_run,
     centroid_fields, COUNT(centroid_fields)},
    {"spectral_centroid_from", "sd", "t", hh_spectral_centroid_defaults_any,
     hh_spectral_centroid_from_run, centroid_fields, COUNT(centroid_fields)},
    {"spectral_bandwidth", "Yd", "t", hh_spectral_bandwidth_defaults_any, hh_spectral_bandwidth_run,
     bandwidth_fields, COUNT(bandwidth_fields)},
    {"spectral_bandwidth_from", "sd", "t", hh_spectral_bandwidth_defaults_any,
     hh_spectral_bandwidth_from_run, bandwidth_fields, COUNT(bandwidth_fields)},
    {"spectral_rolloff", "Yd", "t", hh_spectral_rolloff_defaults_any, hh_spectral_rolloff_run,
     rolloff_fields, COUNT(rolloff_fields)},
    {"spectral_rolloff_from", "sd", "t", hh_spectral_rolloff_defaults_any,
     hh_spectral_rolloff_from_run, rolloff_fields, COUNT(rolloff_fields)},
    {"spectral_flatness", "Y", "t", hh_spectral_flatness_defaults_any, hh_spectral_flatness_run,
     flatness_fields, COUNT(flatness_fields)},
    {"spectral_flatness_from", "s", "t", hh_spectral_flatness_defaults_any,
     hh_spectral_flatness_from_run, flatness_fields, COUNT(flatness_fields)},
    {"spectral_contrast", "Yd", "t", hh_spectral_contrast_defaults_any, hh_spectral_contrast_run,
     contrast_fields, COUNT(contrast_fields)},
    {"spectral_contrast_from", "sd", "t", hh_spectral_contrast_defaults_any,
     hh_spectral_contrast_from_run, contrast_fields, COUNT(contrast_fields)},
    {"poly_features", "Yd", "t", hh_poly_features_defaults_any, hh_poly_features_run, poly_fields,
     COUNT(poly_fields)},
    {"poly_features_from", "Sd", "t", hh_poly_features_defaults_any, hh_poly_features_from_run,
     poly_fields, COUNT(poly_fields)},
    {"zero_crossing_rate", "Y", "t", hh_zero_crossing_rate_defaults_any, hh_zero_crossing_rate_run,
     zero_crossing_fields, COUNT(zero_crossing_fields)},
    {"rms", "Y", "t", hh_rms_defaults_any, hh_rms_run, rms_fields, COUNT(rms_fields)},
};

const Rows spectral_rows = {rows, COUNT(rows)};
