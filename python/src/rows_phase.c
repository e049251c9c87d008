/* include/heihachi/phase.h for Python. */
#include "table.h"

DEFAULTS(hh_phase_vocoder_defaults, HhPhaseVocoderParams)
DEFAULTS(hh_griffinlim_defaults, HhGriffinLimParams)
DEFAULTS(hh_reassigned_spectrogram_defaults, HhReassignedParams)

RUN_ARRAY(hh_phase_vocoder)

/* Magnitudes, and phases or None. */
static HhStatus griffinlim_run(HhContext *context, const Inputs *in, const void *params,
                               HhArray *out)
{
    return hh_griffinlim(context, input_array(in, 0), input_array(in, 1), params, out);
}

static HhStatus reassigned_run(HhContext *context, const Inputs *in, const void *params,
                               HhArray *out)
{
    return hh_reassigned_spectrogram(context, &in->signal.view, input_array(in, 0), params, &out[0],
                                     &out[1], &out[2]);
}

static const Field vocoder_fields[] = {
    DOUBLE(HhPhaseVocoderParams, rate),
    SIZE(HhPhaseVocoderParams, hop_length),
    SIZE(HhPhaseVocoderParams, n_fft),
};
static const Field griffinlim_fields[] = {
    SIZE(HhGriffinLimParams, n_iter),
    SIZE(HhGriffinLimParams, length),
    DOUBLE(HhGriffinLimParams, momentum),
    STFT_FIELDS(HhGriffinLimParams, ),
};
static const Field reassigned_fields[] = {
    BOOL(HhReassignedParams, reassign_frequencies),
    BOOL(HhReassignedParams, reassign_times),
    DOUBLE(HhReassignedParams, ref_power),
    BOOL(HhReassignedParams, fill_nan),
    BOOL(HhReassignedParams, clip),
    STFT_FIELDS(HhReassignedParams, stft.),
};

static const Row rows[] = {
    {"phase_vocoder", "S", "t", hh_phase_vocoder_defaults_any, hh_phase_vocoder_run, vocoder_fields,
     COUNT(vocoder_fields)},
    {"griffinlim", "SS", "p", hh_griffinlim_defaults_any, griffinlim_run, griffinlim_fields,
     COUNT(griffinlim_fields)},
    {"reassigned_spectrogram", "YdS", "ttt", hh_reassigned_spectrogram_defaults_any, reassigned_run,
     reassigned_fields, COUNT(reassigned_fields)},
};

const Rows phase_rows = {rows, COUNT(rows)};
