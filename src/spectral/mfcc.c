/* Mel-frequency cepstral coefficients, as librosa.feature.mfcc.
 *
 * S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word
 * recognition", IEEE Trans. ASSP 1980: a cosine transform of the logarithm of mel bands. It is a
 * small matrix product here, with frames in lanes. The 80 dB floor needs the largest value of the
 * whole track, hence two passes. Cost per frame beyond the mel spectrum: n_mels logarithms and
 * n_mels * n_mfcc multiplications. Tolerance: 1e-6 of the largest coefficient; the transform is the
 * double one, because the logarithm shows the float one's noise in bands 70 dB below the others. */
#include <math.h>

#include "spectral/mel.h"
#include "spectral/tiles.h"

static const double pi = 3.14159265358979323846;

void hh_mfcc_defaults(HhMfccParams *params)
{
    *params = (HhMfccParams){.size = sizeof *params, .n_mfcc = 20, .dct_type = 2, .ortho = true};
    hh_mel_defaults(&params->mel);
}

/* Weight of input n in output k: scipy.fft.dct's types and norms. */
static double dct_weight(int type, bool ortho, size_t k, size_t n, size_t size)
{
    double kk = (double)k, nn = (double)n, N = (double)size;
    if (type == 1) {
        bool input_end = n == 0 || n == size - 1, output_end = k == 0 || k == size - 1;
        double w = (input_end ? 1.0 : 2.0) * cos(pi * kk * nn / (N - 1.0));
        if (!ortho) return w;
        return w * (input_end ? sqrt(2.0) : 1.0) * 0.5 * sqrt((output_end ? 1.0 : 2.0) / (N - 1.0));
    }
    if (type == 2)
        return 2.0 * cos(pi * kk * (2.0 * nn + 1.0) / (2.0 * N)) *
               (ortho ? sqrt(1.0 / ((k == 0 ? 4.0 : 2.0) * N)) : 1.0);
    double w = (n == 0 ? 1.0 : 2.0) * cos(pi * nn * (2.0 * kk + 1.0) / (2.0 * N));
    return ortho ? w * (n == 0 ? sqrt(1.0 / N) : sqrt(0.5 / N)) : w;
}

HhStatus hh_cepstrum_make(HhContext *context, HhCepstrum *cepstrum, size_t n_mels,
                          const HhMfccParams *params)
{
    *cepstrum = (HhCepstrum){n_mels, HH_MIN(params->n_mfcc, n_mels), NULL};
    if (params->n_mfcc < 1)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no coefficient is asked for");
    if (params->dct_type < 1 || params->dct_type > 3)
        return hh_fail(context, HH_ERROR_ARGUMENT, "cosine transform of type %d: 1 to 3",
                       params->dct_type);
    if (params->dct_type == 1 && n_mels < 2)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a cosine transform of type 1 needs two bands");
    if (!(params->lifter >= 0.0) || !isfinite(params->lifter))
        return hh_fail(context, HH_ERROR_ARGUMENT, "lifter is %g: 0 or more", params->lifter);
    cepstrum->weights = hh_alloc(context, cepstrum->n_mfcc * n_mels, sizeof *cepstrum->weights);
    if (!cepstrum->weights) return hh_fail_memory(context);
    for (size_t k = 0; k < cepstrum->n_mfcc; k++) {
        double lift = params->lifter > 0.0
                          ? 1.0 + params->lifter / 2.0 * sin(pi * (double)(k + 1) / params->lifter)
                          : 1.0;
        for (size_t n = 0; n < n_mels; n++)
            cepstrum->weights[k * n_mels + n] =
                (float)(lift * dct_weight(params->dct_type, params->ortho, k, n, n_mels));
    }
    return HH_OK;
}

void hh_cepstrum_free(HhContext *context, HhCepstrum *cepstrum)
{
    hh_free(context, cepstrum->weights);
    *cepstrum = (HhCepstrum){0};
}

/* ---- rows: one tile of frames at a time */

typedef struct Rows {
    const HhKernels *kernels;
    const HhCepstrum *cepstrum;
    const float *in; /* [frames][n_mels] */
    size_t frames;
    bool decibel; /* `in` is power and still to become dB */
    float low;    /* dB */
    float *out;   /* [frames][n_mfcc] */
    float *memory;
    size_t each; /* floats per worker */
} Rows;

static void rows_tile(void *arg, size_t index, int worker)
{
    const Rows *rows = arg;
    const HhVectorKernels *vector = rows->kernels->vector;
    size_t n_mels = rows->cepstrum->n_mels, n_mfcc = rows->cepstrum->n_mfcc,
           first = index * HH_TILE;
    int count = (int)HH_MIN((size_t)HH_TILE, rows->frames - first);
    float *tile = rows->memory + (size_t)worker * rows->each, *result = tile + n_mels * HH_TILE;
    vector->frames_to_tile_f32(rows->in + first * n_mels, (ptrdiff_t)n_mels, n_mels, count, tile);
    if (rows->decibel)
        rows->kernels->spectral->decibel(tile, 1e-10f, 0.0f, rows->low, tile, n_mels * HH_TILE);
    for (size_t k = 0; k < n_mfcc; k++)
        vector->tile_dot_f32(tile, rows->cepstrum->weights + k * n_mels, n_mels,
                             result + k * HH_TILE);
    vector->tile_to_frames_f32(result, n_mfcc, count, rows->out + first * n_mfcc,
                               (ptrdiff_t)n_mfcc);
}

static HhStatus run_rows(HhContext *context, Rows *rows)
{
    rows->kernels = hh_kernels(context);
    rows->each = (rows->cepstrum->n_mels + rows->cepstrum->n_mfcc) * HH_TILE;
    rows->memory =
        hh_alloc(context, (size_t)hh_workers(context), rows->each * sizeof *rows->memory);
    if (!rows->memory) return hh_fail_memory(context);
    hh_parallel_for(context, (rows->frames + HH_TILE - 1) / HH_TILE, rows_tile, rows);
    hh_free(context, rows->memory);
    return HH_OK;
}

HhStatus hh_mfcc_rows(HhContext *context, const HhCepstrum *cepstrum, const float *mel,
                      size_t frames, float max_power, float *mfcc)
{
    double peak = 10.0 * log10(fmax(1e-10, (double)max_power));
    Rows rows = {.cepstrum = cepstrum,
                 .in = mel,
                 .frames = frames,
                 .decibel = true,
                 .low = (float)(peak - 80.0),
                 .out = mfcc};
    return run_rows(context, &rows);
}

HhStatus hh_mfcc(HhContext *context, const HhSignal *y, const HhMfccParams *params, HhArray *out)
{
    HhMfccParams p;
    hh_mfcc_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhCepstrum cepstrum;
    HH_TRY(hh_cepstrum_make(context, &cepstrum, p.mel.n_mels, &p));
    HhArray mel = HH_ARRAY_INIT;
    HhStatus status = hh_mel_of_signal(context, y, &p.mel, HH_TILE_EXACT_POWER, &mel);
    if (status == HH_OK)
        status =
            hh_array_make(context, out, HH_FLOAT32, 3, mel.shape[0], mel.shape[1], cepstrum.n_mfcc);
    if (status == HH_OK) {
        float peak = hh_kernels(context)->vector->max_f32(mel.data, hh_array_count(&mel));
        status = hh_mfcc_rows(context, &cepstrum, mel.data, mel.shape[0] * mel.shape[1], peak,
                              out->data);
        if (status != HH_OK) hh_array_free(out);
    }
    hh_array_free(&mel);
    hh_cepstrum_free(context, &cepstrum);
    return status;
}

HhStatus hh_mfcc_from(HhContext *context, const HhArray *mel_db, const HhMfccParams *params,
                      HhArray *out)
{
    HhMfccParams p;
    hh_mfcc_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!mel_db || mel_db->type != HH_FLOAT32 || mel_db->dimensions != 3 || !mel_db->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a mel spectrogram is float of {channels, frames, bands}");
    if (hh_array_count(mel_db) == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "an empty mel spectrogram");
    HhCepstrum cepstrum;
    HH_TRY(hh_cepstrum_make(context, &cepstrum, mel_db->shape[2], &p));
    HhStatus status = hh_array_make(context, out, HH_FLOAT32, 3, mel_db->shape[0], mel_db->shape[1],
                                    cepstrum.n_mfcc);
    if (status == HH_OK) {
        Rows rows = {.cepstrum = &cepstrum,
                     .in = mel_db->data,
                     .frames = mel_db->shape[0] * mel_db->shape[1],
                     .out = out->data};
        status = run_rows(context, &rows);
        if (status != HH_OK) hh_array_free(out);
    }
    hh_cepstrum_free(context, &cepstrum);
    return status;
}
