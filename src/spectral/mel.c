/* Mel filter bank and mel spectrogram, as librosa.filters.mel and librosa.feature.melspectrogram.
 *
 * Scale: M. Slaney, "Auditory Toolbox", 1998 (linear to 1 kHz, then logarithmic), or that of the
 * Hidden Markov Model Toolkit, 2595 log10(1 + f / 700). A band is a triangle over the two
 * neighbouring band centres, so that a bin belongs to two bands at most: only those weights are
 * kept. Cost per frame: one transform and two multiplications per bin. Tolerance: float transform
 * and sums, 1e-6 of a frame's peak. */
#include "spectral/mel.h"

#include <math.h>
#include <string.h>

#include "spectral/tiles.h"

void hh_mel_defaults(HhMelParams *params)
{
    *params = (HhMelParams){.size = sizeof *params, .power = 2.0, .n_mels = 128, .norm_power = 1.0};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static double hz_to_mel(double hz, bool htk)
{
    if (htk) return 2595.0 * log10(1.0 + hz / 700.0);
    return hz >= 1000.0 ? 15.0 + log(hz / 1000.0) / (log(6.4) / 27.0) : hz / (200.0 / 3.0);
}

static double mel_to_hz(double mel, bool htk)
{
    if (htk) return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
    return mel >= 15.0 ? 1000.0 * exp(log(6.4) / 27.0 * (mel - 15.0)) : 200.0 / 3.0 * mel;
}

static HhStatus check(HhContext *context, double rate, const HhMelParams *p, double fmax)
{
    HH_TRY(hh_rate_check(context, rate));
    if (p->n_mels < 1 || p->n_mels > 65536)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu mel bands: 1 to 65536", p->n_mels);
    if (!(p->fmin >= 0.0) || !(fmax > p->fmin) || !isfinite(fmax))
        return hh_fail(context, HH_ERROR_ARGUMENT, "mel bands from %g to %g Hz", p->fmin, fmax);
    if ((unsigned)p->norm > HH_MEL_NORM_POWER)
        return hh_fail(context, HH_ERROR_ARGUMENT, "mel norm %d is not known", (int)p->norm);
    if (p->norm == HH_MEL_NORM_POWER && !(p->norm_power > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a mel norm of power %g: more than 0",
                       p->norm_power);
    return HH_OK;
}

/* The factor of one band's weights, which are peak-1 triangles so far. */
static double band_norm(const HhMelParams *p, const double *edge, const float *w, size_t count)
{
    if (p->norm == HH_MEL_NORM_SLANEY) return 2.0 / (edge[2] - edge[0]);
    if (p->norm == HH_MEL_NORM_NONE) return 1.0;
    double length = 0.0;
    for (size_t k = 0; k < count; k++)
        length = isinf(p->norm_power) ? fmax(length, (double)w[k])
                                      : length + pow((double)w[k], p->norm_power);
    if (!isinf(p->norm_power)) length = pow(length, 1.0 / p->norm_power);
    return length < 1.17549435e-38 ? 1.0 : 1.0 / length;
}

/* The weights of the band between edge[0] and edge[2] into w[bins]; its first bin and their number
 * into `band`. */
static void fill_band(const HhMelParams *p, const double *edge, double rate, size_t n_fft,
                      size_t bins, float *w, HhFilterBand *band)
{
    band->first = band->count = 0;
    for (size_t k = 0; k < bins; k++) {
        double f = hh_bin_frequency(k, n_fft, rate);
        double rise = (f - edge[0]) / (edge[1] - edge[0]),
               fall = (edge[2] - f) / (edge[2] - edge[1]);
        float weight = (float)fmax(0.0, fmin(rise, fall));
        if (weight > 0.0f) {
            if (band->count == 0) band->first = k;
            w[band->count++] = weight;
        } else if (band->count > 0) {
            break;
        }
    }
    double norm = band_norm(p, edge, w, band->count);
    for (size_t k = 0; k < band->count; k++) w[k] = (float)((double)w[k] * norm);
}

HhStatus hh_mel_bank_make(HhContext *context, HhMelBank *bank, double rate, size_t n_fft,
                          const HhMelParams *params)
{
    *bank = (HhMelBank){.n_mels = params->n_mels, .bins = n_fft / 2 + 1};
    double fmax = params->fmax == 0.0 ? rate / 2.0 : params->fmax;
    HH_TRY(check(context, rate, params, fmax));
    double low = hz_to_mel(params->fmin, params->htk), high = hz_to_mel(fmax, params->htk);
    size_t edges = params->n_mels + 2;
    double *edge = hh_alloc(context, edges, sizeof *edge);
    /* a bin is in two bands at most; each band's row is built at full length before the next one
     * starts */
    bank->weights = hh_alloc(context, 3 * bank->bins, sizeof *bank->weights);
    bank->bands = hh_alloc(context, bank->n_mels, sizeof *bank->bands);
    if (!edge || !bank->weights || !bank->bands) {
        hh_free(context, edge);
        hh_mel_bank_free(context, bank);
        return hh_fail_memory(context);
    }
    double step = (high - low) / (double)(edges - 1);
    for (size_t i = 0; i < edges; i++)
        edge[i] = mel_to_hz(i == edges - 1 ? high : low + (double)i * step, params->htk);
    size_t used = 0, empty = 0;
    for (size_t m = 0; m < bank->n_mels; m++) {
        bank->bands[m].weight = used;
        fill_band(params, edge + m, rate, n_fft, bank->bins, bank->weights + used, &bank->bands[m]);
        used += bank->bands[m].count;
        empty += bank->bands[m].count == 0 && edge[m] != 0.0;
    }
    hh_free(context, edge);
    if (empty > 0)
        hh_log(context, HH_LOG_WARNING,
               "%zu of %zu mel bands hold no bin: use fewer bands or a larger n_fft", empty,
               bank->n_mels);
    return HH_OK;
}

void hh_mel_bank_free(HhContext *context, HhMelBank *bank)
{
    hh_free(context, bank->bands);
    hh_free(context, bank->weights);
    *bank = (HhMelBank){0};
}

HhStatus hh_mel_filters(HhContext *context, double rate, const HhMelParams *params, HhArray *out)
{
    HhMelParams p;
    hh_mel_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_stft_resolve(context, &p.stft));
    HhMelBank bank;
    HH_TRY(hh_mel_bank_make(context, &bank, rate, p.stft.n_fft, &p));
    HhStatus status = hh_array_make(context, out, HH_FLOAT32, 2, bank.n_mels, bank.bins);
    if (status == HH_OK) {
        float *rows = out->data;
        memset(rows, 0, bank.n_mels * bank.bins * sizeof *rows);
        for (size_t m = 0; m < bank.n_mels; m++)
            memcpy(rows + m * bank.bins + bank.bands[m].first, bank.weights + bank.bands[m].weight,
                   bank.bands[m].count * sizeof *rows);
    }
    hh_mel_bank_free(context, &bank);
    return status;
}

/* ---- mel spectrogram */

typedef struct Job {
    const HhTileSource *source;
    const HhMelBank *bank;
    float *out;
    double power; /* still to be applied to the tile's values */
} Job;

static void mel_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhTileSource *s = job->source;
    const HhVectorKernels *vector = s->kernels->vector;
    size_t n_mels = job->bank->n_mels;
    hh_tile_power(s->kernels, tile->value, s->bins, job->power);
    hh_mel_bank_tile(job->bank, s->kernels, tile->value, scratch);
    vector->tile_to_frames_f32(scratch, n_mels, tile->count,
                               job->out + (tile->channel * s->frames + tile->first) * n_mels,
                               (ptrdiff_t)n_mels);
}

static HhStatus run(HhContext *context, HhTileSource *source, double rate, const HhMelParams *p,
                    double power, HhArray *out)
{
    HhMelBank bank = {0};
    HhStatus status = hh_mel_bank_make(context, &bank, rate, source->n_fft, p);
    if (status == HH_OK)
        status = hh_array_make(context, out, HH_FLOAT32, 3, source->channels, source->frames,
                               bank.n_mels);
    if (status == HH_OK) {
        Job job = {source, &bank, out->data, power};
        status = hh_tiles_run(source, bank.n_mels * HH_TILE * sizeof(float), mel_tile, &job);
        if (status != HH_OK) hh_array_free(out);
    }
    hh_mel_bank_free(context, &bank);
    hh_tiles_free(source);
    return status;
}

HhStatus hh_mel_of_signal(HhContext *context, const HhSignal *y, const HhMelParams *params,
                          HhTileKind kind, HhArray *out)
{
    if (!(params->power > 0.0) || !isfinite(params->power))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the magnitude to the power of %g: more than 0",
                       params->power);
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &params->stft, kind));
    return run(context, &source, y->rate, params, params->power / 2.0, out);
}

HhStatus hh_melspectrogram(HhContext *context, const HhSignal *y, const HhMelParams *params,
                           HhArray *out)
{
    HhMelParams p;
    hh_mel_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    return hh_mel_of_signal(context, y, &p, HH_TILE_POWER, out);
}

HhStatus hh_melspectrogram_from(HhContext *context, const HhArray *spectrogram, double rate,
                                const HhMelParams *params, HhArray *out)
{
    HhMelParams p;
    hh_mel_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_spectrogram(context, &source, spectrogram, p.stft.n_fft));
    return run(context, &source, rate, &p, 1.0, out);
}
