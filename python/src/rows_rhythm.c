/* include/heihachi/rhythm.h for Python: what is made of an onset envelope, a signal of frames,
 * which comes from onset_strength_multi(). */
#include "table.h"

DEFAULTS(hh_onset_strength_defaults, HhOnsetStrengthParams)
DEFAULTS(hh_peak_pick_defaults, HhPeakPickParams)
DEFAULTS(hh_onset_detect_defaults, HhOnsetDetectParams)
DEFAULTS(hh_tempogram_defaults, HhTempogramParams)
DEFAULTS(hh_tempo_defaults, HhTempoParams)
DEFAULTS(hh_beat_track_defaults, HhBeatTrackParams)
DEFAULTS(hh_plp_defaults, HhPlpParams)
DEFAULTS(hh_tempogram_ratio_defaults, HhTempogramRatioParams)

RUN_SIGNAL(hh_onset_strength_multi)
RUN_SIGNAL(hh_peak_flags)
RUN_SIGNAL(hh_onset_detect_envelope)
RUN_SIGNAL(hh_tempogram_envelope)
RUN_SIGNAL(hh_fourier_tempogram_envelope)
RUN_SIGNAL(hh_tempo_envelope)
RUN_ARRAY_RATE(hh_tempo_tempogram)
RUN_SIGNAL_PAIR(hh_beat_track_envelope)
RUN_SIGNAL_PAIR(hh_plp_envelope)

static HhStatus strength_multi_from_run(HhContext *context, const Inputs *in, const void *params,
                                        HhArray *out)
{
    return hh_onset_strength_multi_spectrogram(context, input_array(in, 0), input_array(in, 1),
                                               params, out);
}

static HhStatus detrend_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    (void)params;
    return hh_onset_detrend(context, &in->signal.view, out);
}

/* A tempogram, and the tempo of each of its frames: an array of doubles of as many. */
static HhStatus tempogram_ratio_run(HhContext *context, const Inputs *in, const void *params,
                                    HhArray *out)
{
    const HhArray *tempogram = input_array(in, 0), *bpm = input_array(in, 1);
    if (!tempogram || !bpm || bpm->type != HH_FLOAT64 || bpm->dimensions != 1 ||
        bpm->shape[0] != tempogram->shape[0] * tempogram->shape[1])
        return HH_ERROR_ARGUMENT;
    return hh_tempogram_ratio(context, tempogram, 1.0, bpm->data, tempogram->shape[1], params, out);
}

static const Field strength_fields[] = {
    SIZE(HhOnsetStrengthParams, lag),
    SIZE(HhOnsetStrengthParams, max_size),
    BOOL(HhOnsetStrengthParams, detrend),
    FIELD(HhOnsetStrengthParams, "shift", FIELD_BOOL, center), /* "center" is the transform's */
    INT(HhOnsetStrengthParams, aggregate),
    STFT_FIELDS(HhOnsetStrengthParams, mel.stft.),
    MEL_FIELDS(HhOnsetStrengthParams, mel.),
    FIELD_TWO(HhOnsetStrengthParams, "edges", FIELD_SIZES, edges, edge_count),
};
#define PEAK_FIELDS(TYPE, AT)                                                                      \
    FIELD(TYPE, "pre_max", FIELD_DOUBLE, AT pre_max),                                              \
        FIELD(TYPE, "post_max", FIELD_DOUBLE, AT post_max),                                        \
        FIELD(TYPE, "pre_avg", FIELD_DOUBLE, AT pre_avg),                                          \
        FIELD(TYPE, "post_avg", FIELD_DOUBLE, AT post_avg),                                        \
        FIELD(TYPE, "delta", FIELD_DOUBLE, AT delta), FIELD(TYPE, "wait", FIELD_DOUBLE, AT wait)
static const Field peak_fields[] = {PEAK_FIELDS(HhPeakPickParams, )};
static const Field detect_fields[] = {
    SIZE(HhOnsetDetectParams, hop_length), BOOL(HhOnsetDetectParams, backtrack),
    INT(HhOnsetDetectParams, units),       BOOL(HhOnsetDetectParams, normalize),
    BOOL(HhOnsetDetectParams, sparse),     PEAK_FIELDS(HhOnsetDetectParams, peak.),
};
static const Field tempogram_fields[] = {
    SIZE(HhTempogramParams, hop_length), SIZE(HhTempogramParams, win_length),
    BOOL(HhTempogramParams, center),     FIELD(HhTempogramParams, "window", FIELD_WINDOW, window),
    DOUBLE(HhTempogramParams, norm),
};
static const Field tempo_fields[] = {
    SIZE(HhTempoParams, hop_length),
    DOUBLE(HhTempoParams, start_bpm),
    DOUBLE(HhTempoParams, std_bpm),
    DOUBLE(HhTempoParams, ac_size),
    DOUBLE(HhTempoParams, max_tempo),
    INT(HhTempoParams, aggregate),
    FIELD_TWO(HhTempoParams, "prior", FIELD_PRIOR, prior, prior_user),
};
static const Field beat_fields[] = {
    SIZE(HhBeatTrackParams, hop_length),
    DOUBLE(HhBeatTrackParams, start_bpm),
    DOUBLE(HhBeatTrackParams, tightness),
    BOOL(HhBeatTrackParams, trim),
    FIELD_TWO(HhBeatTrackParams, "bpm", FIELD_DOUBLES, bpm, bpm_count),
    FIELD_TWO(HhBeatTrackParams, "prior", FIELD_PRIOR, prior, prior_user),
    INT(HhBeatTrackParams, units),
    BOOL(HhBeatTrackParams, sparse),
};
static const Field plp_fields[] = {
    SIZE(HhPlpParams, hop_length),
    SIZE(HhPlpParams, win_length),
    DOUBLE(HhPlpParams, tempo_min),
    DOUBLE(HhPlpParams, tempo_max),
    FIELD_TWO(HhPlpParams, "prior", FIELD_PRIOR, prior, prior_user),
};
static const Field ratio_fields[] = {
    FIELD(HhTempogramRatioParams, "frequencies", FIELD_DOUBLES, frequencies),
    FIELD_TWO(HhTempogramRatioParams, "factors", FIELD_DOUBLES, factors, factor_count),
    DOUBLE(HhTempogramRatioParams, fill_value),
};

#define ROW(NAME, INPUTS, RESULTS, DEFAULT, RUN, FIELDS)                                           \
    {                                                                                              \
        NAME, INPUTS, RESULTS, DEFAULT##_any, RUN, FIELDS, COUNT(FIELDS)                           \
    }

static const Row rows[] = {
    ROW("onset_strength_multi", "Yd", "t", hh_onset_strength_defaults, hh_onset_strength_multi_run,
        strength_fields),
    ROW("onset_strength_multi_from", "ss", "t", hh_onset_strength_defaults, strength_multi_from_run,
        strength_fields),
    {"onset_detrend", "Y", "p", NULL, detrend_run, NULL, 0},
    ROW("peak_flags", "Y", "p", hh_peak_pick_defaults, hh_peak_flags_run, peak_fields),
    /* As frames or flags: (onsets,), or (channels, frames) if not sparse. */
    ROW("onset_detect_envelope", "Yd", "v", hh_onset_detect_defaults, hh_onset_detect_envelope_run,
        detect_fields),
    ROW("tempogram_envelope", "Yd", "t", hh_tempogram_defaults, hh_tempogram_envelope_run,
        tempogram_fields),
    ROW("fourier_tempogram_envelope", "Yd", "t", hh_tempogram_defaults,
        hh_fourier_tempogram_envelope_run, tempogram_fields),
    /* (channels,), or (channels, frames) without aggregation */
    ROW("tempo_envelope", "Yd", "p", hh_tempo_defaults, hh_tempo_envelope_run, tempo_fields),
    ROW("tempo_tempogram", "Sd", "p", hh_tempo_defaults, hh_tempo_tempogram_run, tempo_fields),
    /* `frequencies` have a value for each lag. */
    ROW("tempogram_ratio", "Sm", "t", hh_tempogram_ratio_defaults, tempogram_ratio_run,
        ratio_fields),
    ROW("beat_track_envelope", "Yd", "pv", hh_beat_track_defaults, hh_beat_track_envelope_run,
        beat_fields),
    ROW("plp_envelope", "Yd", "pp", hh_plp_defaults, hh_plp_envelope_run, plp_fields),
};

const Rows rhythm_rows = {rows, COUNT(rows)};
