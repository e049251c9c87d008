/* include/heihachi/pitch.h for Python. */
#include "table.h"

DEFAULTS(hh_yin_defaults, HhYinParams)
DEFAULTS(hh_pyin_defaults, HhPyinParams)
DEFAULTS(hh_piptrack_defaults, HhPiptrackParams)
DEFAULTS(hh_tuning_defaults, HhTuningParams)

RUN_SIGNAL(hh_yin)
RUN_SIGNAL_PAIR(hh_piptrack)

static HhStatus pyin_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    return hh_pyin(context, &in->signal.view, params, &out[0], &out[1], &out[2]);
}

static HhStatus piptrack_from_run(HhContext *context, const Inputs *in, const void *params,
                                  HhArray *out)
{
    return hh_piptrack_spectrogram(context, input_array(in, 0), in->number[0], params, &out[0],
                                   &out[1]);
}

static HhStatus tuning_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    double value;
    HhStatus status = hh_estimate_tuning(context, &in->signal.view, params, &value);
    return status == HH_OK ? core_scalar(value, out) : status;
}

static HhStatus tuning_from_run(HhContext *context, const Inputs *in, const void *params,
                                HhArray *out)
{
    double value;
    HhStatus status =
        hh_estimate_tuning_spectrogram(context, input_array(in, 0), in->number[0], params, &value);
    return status == HH_OK ? core_scalar(value, out) : status;
}

static const Field yin_fields[] = {
    DOUBLE(HhYinParams, fmin),
    DOUBLE(HhYinParams, fmax),
    SIZE(HhYinParams, frame_length),
    SIZE(HhYinParams, hop_length),
    DOUBLE(HhYinParams, trough_threshold),
    BOOL(HhYinParams, center),
    INT(HhYinParams, pad),
};
static const Field pyin_fields[] = {
    DOUBLE(HhPyinParams, fmin),
    DOUBLE(HhPyinParams, fmax),
    SIZE(HhPyinParams, frame_length),
    SIZE(HhPyinParams, hop_length),
    INT(HhPyinParams, n_thresholds),
    FIELD(HhPyinParams, "beta_a", FIELD_DOUBLE, beta_parameters[0]),
    FIELD(HhPyinParams, "beta_b", FIELD_DOUBLE, beta_parameters[1]),
    DOUBLE(HhPyinParams, boltzmann_parameter),
    DOUBLE(HhPyinParams, resolution),
    DOUBLE(HhPyinParams, max_transition_rate),
    DOUBLE(HhPyinParams, switch_prob),
    DOUBLE(HhPyinParams, no_trough_prob),
    DOUBLE(HhPyinParams, fill_na),
    BOOL(HhPyinParams, keep_unvoiced),
    BOOL(HhPyinParams, center),
    INT(HhPyinParams, pad),
};
#define PIPTRACK_FIELDS(TYPE, AT)                                                                  \
    STFT_FIELDS(TYPE, AT stft.), FIELD(TYPE, "fmin", FIELD_DOUBLE, AT fmin),                       \
        FIELD(TYPE, "fmax", FIELD_DOUBLE, AT fmax),                                                \
        FIELD(TYPE, "threshold", FIELD_DOUBLE, AT threshold),                                      \
        FIELD(TYPE, "reference", FIELD_INT, AT reference),                                         \
        FIELD(TYPE, "reference_value", FIELD_DOUBLE, AT reference_value)
static const Field piptrack_fields[] = {PIPTRACK_FIELDS(HhPiptrackParams, )};
static const Field tuning_fields[] = {
    DOUBLE(HhTuningParams, resolution),
    INT(HhTuningParams, bins_per_octave),
    DOUBLE(HhTuningParams, none),
    PIPTRACK_FIELDS(HhTuningParams, piptrack.),
};

static const Row rows[] = {
    {"yin", "Yd", "p", hh_yin_defaults_any, hh_yin_run, yin_fields, COUNT(yin_fields)},
    {"pyin", "Yd", "ppp", hh_pyin_defaults_any, pyin_run, pyin_fields, COUNT(pyin_fields)},
    {"piptrack", "Yd", "tt", hh_piptrack_defaults_any, hh_piptrack_run, piptrack_fields,
     COUNT(piptrack_fields)},
    {"piptrack_from", "sd", "tt", hh_piptrack_defaults_any, piptrack_from_run, piptrack_fields,
     COUNT(piptrack_fields)},
    {"estimate_tuning", "Yd", "v", hh_tuning_defaults_any, tuning_run, tuning_fields,
     COUNT(tuning_fields)},
    {"estimate_tuning_from", "sd", "v", hh_tuning_defaults_any, tuning_from_run, tuning_fields,
     COUNT(tuning_fields)},
};

const Rows pitch_rows = {rows, COUNT(rows)};
