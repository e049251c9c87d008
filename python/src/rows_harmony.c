/* include/heihachi/harmony.h for Python. */
#include "table.h"

DEFAULTS(hh_cqt_defaults, HhCqtParams)
DEFAULTS(hh_chroma_cqt_defaults, HhChromaCqtParams)
DEFAULTS(hh_chroma_stft_defaults, HhChromaStftParams)
DEFAULTS(hh_chroma_cens_defaults, HhChromaCensParams)
DEFAULTS(hh_chroma_vqt_defaults, HhChromaVqtParams)
DEFAULTS(hh_wavelet_defaults, HhWaveletParams)

RUN_SIGNAL(hh_cqt)
RUN_SIGNAL(hh_vqt)
RUN_SIGNAL(hh_pseudo_cqt)
RUN_SIGNAL(hh_hybrid_cqt)
RUN_SIGNAL(hh_chroma_cqt)
RUN_SIGNAL(hh_chroma_stft)
RUN_SIGNAL(hh_chroma_cens)
RUN_SIGNAL(hh_chroma_vqt)
RUN_ARRAY(hh_chroma_from_cqt)
RUN_ARRAY(hh_chroma_from_vqt)

static HhStatus chroma_filters_run(HhContext *context, const Inputs *in, const void *params,
                                   HhArray *out)
{
    if (!(in->number[1] >= 1.0 && in->number[1] <= 1 << 20)) return HH_ERROR_ARGUMENT;
    return hh_chroma_filters(context, in->number[0], (size_t)in->number[1], params, out);
}

static HhStatus wavelets_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    (void)in;
    return hh_wavelets(context, params, &out[0], &out[1]);
}

static const Field cqt_fields[] = {
    SIZE(HhCqtParams, hop_length),
    DOUBLE(HhCqtParams, fmin),
    SIZE(HhCqtParams, n_bins),
    SIZE(HhCqtParams, bins_per_octave),
    FIELD(HhCqtParams, "intervals", FIELD_DOUBLES, intervals),
    DOUBLE(HhCqtParams, tuning),
    DOUBLE(HhCqtParams, gamma),
    DOUBLE(HhCqtParams, filter_scale),
    DOUBLE(HhCqtParams, norm),
    DOUBLE(HhCqtParams, sparsity),
    FIELD(HhCqtParams, "window", FIELD_WINDOW, window),
    BOOL(HhCqtParams, scale),
    FIELD(HhCqtParams, "pad", FIELD_INT, pad_mode),
};
#define CHROMA_CQT_FIELDS(TYPE, AT)                                                                \
    FIELD(TYPE, "hop_length", FIELD_SIZE, AT hop_length),                                          \
        FIELD(TYPE, "fmin", FIELD_DOUBLE, AT fmin),                                                \
        FIELD(TYPE, "threshold", FIELD_DOUBLE, AT threshold),                                      \
        FIELD(TYPE, "tuning", FIELD_DOUBLE, AT tuning),                                            \
        FIELD(TYPE, "n_chroma", FIELD_SIZE, AT n_chroma),                                          \
        FIELD(TYPE, "n_octaves", FIELD_SIZE, AT n_octaves),                                        \
        FIELD(TYPE, "bins_per_octave", FIELD_SIZE, AT bins_per_octave),                            \
        FIELD_TWO(TYPE, "fold_window", FIELD_DOUBLES, AT window, AT window_length),                \
        FIELD(TYPE, "cqt_mode", FIELD_INT, AT cqt_mode)
static const Field chroma_cqt_fields[] = {CHROMA_CQT_FIELDS(HhChromaCqtParams, ),
                                          DOUBLE(HhChromaCqtParams, norm)};
static const Field chroma_cens_fields[] = {
    CHROMA_CQT_FIELDS(HhChromaCensParams, chroma.),
    DOUBLE(HhChromaCensParams, norm),
    SIZE(HhChromaCensParams, win_len_smooth),
    FIELD(HhChromaCensParams, "smoothing_window", FIELD_WINDOW, smoothing_window),
};
static const Field chroma_stft_fields[] = {
    STFT_FIELDS(HhChromaStftParams, stft.), DOUBLE(HhChromaStftParams, norm),
    DOUBLE(HhChromaStftParams, tuning),     SIZE(HhChromaStftParams, n_chroma),
    DOUBLE(HhChromaStftParams, ctroct),     DOUBLE(HhChromaStftParams, octwidth),
    BOOL(HhChromaStftParams, base_c),
};

static const Field chroma_vqt_fields[] = {
    SIZE(HhChromaVqtParams, hop_length),
    DOUBLE(HhChromaVqtParams, fmin),
    FIELD(HhChromaVqtParams, "intervals", FIELD_DOUBLES, intervals),
    DOUBLE(HhChromaVqtParams, norm),
    DOUBLE(HhChromaVqtParams, threshold),
    SIZE(HhChromaVqtParams, n_octaves),
    SIZE(HhChromaVqtParams, bins_per_octave),
    DOUBLE(HhChromaVqtParams, gamma),
};
/* `alpha` is as long as `frequencies`. */
static const Field wavelet_fields[] = {
    FIELD_TWO(HhWaveletParams, "frequencies", FIELD_DOUBLES, frequencies, count),
    DOUBLE(HhWaveletParams, rate),
    FIELD(HhWaveletParams, "window", FIELD_WINDOW, window),
    DOUBLE(HhWaveletParams, filter_scale),
    BOOL(HhWaveletParams, pad_fft),
    DOUBLE(HhWaveletParams, norm),
    DOUBLE(HhWaveletParams, gamma),
    FIELD(HhWaveletParams, "alpha", FIELD_DOUBLES, alpha),
};

#define CQT_ROW(NAME)                                                                              \
    {                                                                                              \
#NAME, "yd", "t", hh_cqt_defaults_any, hh_##NAME##_run, cqt_fields, COUNT(cqt_fields)      \
    }
#define CHROMA_CQT_ROW(NAME, INPUTS, RUN)                                                          \
    {                                                                                              \
        NAME, INPUTS, "t", hh_chroma_cqt_defaults_any, RUN, chroma_cqt_fields,                     \
            COUNT(chroma_cqt_fields)                                                               \
    }

static const Row rows[] = {
    CQT_ROW(cqt),
    CQT_ROW(vqt),
    CQT_ROW(pseudo_cqt),
    CQT_ROW(hybrid_cqt),
    CHROMA_CQT_ROW("chroma_cqt", "yd", hh_chroma_cqt_run),
    CHROMA_CQT_ROW("chroma_from_cqt", "s", hh_chroma_from_cqt_run),
    {"chroma_stft", "Yd", "t", hh_chroma_stft_defaults_any, hh_chroma_stft_run, chroma_stft_fields,
     COUNT(chroma_stft_fields)},
    {"chroma_cens", "yd", "t", hh_chroma_cens_defaults_any, hh_chroma_cens_run, chroma_cens_fields,
     COUNT(chroma_cens_fields)},
    {"chroma_vqt", "yd", "t", hh_chroma_vqt_defaults_any, hh_chroma_vqt_run, chroma_vqt_fields,
     COUNT(chroma_vqt_fields)},
    {"chroma_from_vqt", "s", "t", hh_chroma_vqt_defaults_any, hh_chroma_from_vqt_run,
     chroma_vqt_fields, COUNT(chroma_vqt_fields)},
    {"wavelets", "", "vv", hh_wavelet_defaults_any, wavelets_run, wavelet_fields,
     COUNT(wavelet_fields)},
    /* rate, n_fft */
    {"chroma_filters", "dd", "v", hh_chroma_stft_defaults_any, chroma_filters_run,
     chroma_stft_fields, COUNT(chroma_stft_fields)},
};

const Rows harmony_rows = {rows, COUNT(rows)};
