/* include/heihachi/separation.h for Python. */
#include "table.h"

DEFAULTS(hh_hpss_defaults, HhHpssParams)

RUN_SIGNAL_PAIR(hh_hpss)
RUN_SIGNAL(hh_harmonic)
RUN_SIGNAL(hh_percussive)

static HhStatus decompose_run(HhContext *context, const Inputs *in, const void *params,
                              HhArray *out)
{
    return hh_decompose_hpss(context, input_array(in, 0), params, &out[0], &out[1]);
}

static const Field fields[] = {
    SIZE(HhHpssParams, harmonic_width),    SIZE(HhHpssParams, percussive_width),
    DOUBLE(HhHpssParams, power),           BOOL(HhHpssParams, mask),
    DOUBLE(HhHpssParams, harmonic_margin), DOUBLE(HhHpssParams, percussive_margin),
    STFT_FIELDS(HhHpssParams, stft.),
};

static const Row rows[] = {
    {"hpss", "y", "pp", hh_hpss_defaults_any, hh_hpss_run, fields, COUNT(fields)},
    {"harmonic", "y", "p", hh_hpss_defaults_any, hh_harmonic_run, fields, COUNT(fields)},
    {"percussive", "y", "p", hh_hpss_defaults_any, hh_percussive_run, fields, COUNT(fields)},
    {"decompose_hpss", "S", "tt", hh_hpss_defaults_any, decompose_run, fields, COUNT(fields)},
};

const Rows separation_rows = {rows, COUNT(rows)};
