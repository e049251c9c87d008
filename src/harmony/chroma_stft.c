/* Chroma from the short-time Fourier transform (D. Ellis, Chroma feature analysis and synthesis,
 * 2007).
 *
 * Each bin of the power spectrum is shared out to the classes by a Gaussian bump around its pitch,
 * and the octaves are weighted by a wide one. Cost per frame: one transform and n_chroma * (n_fft /
 * 2 + 1) multiplications. Tolerance 1e-4 of a normalised frame; the tuning, where it is estimated,
 * is librosa's (from the power spectrogram, which is then kept). */
#include <math.h>
#include <string.h>

#include "harmony/basis.h"
#include "harmony/harmony.h"
#include "heihachi/pitch.h"
#include "kernel/kernels.h"
#include "spectral/tiles.h"

void hh_chroma_stft_defaults(HhChromaStftParams *params)
{
    *params = (HhChromaStftParams){
        .size = sizeof *params,
        .norm = HUGE_VAL,
        .tuning = (double)NAN,
        .n_chroma = 12,
        .ctroct = 5.0,
        .octwidth = 2.0,
        .base_c = true,
    };
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static HhStatus check(HhContext *context, const HhChromaStftParams *p)
{
    if (p->n_chroma == 0 || p->n_chroma > 1024)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu classes are outside 1..1024", p->n_chroma);
    if (isinf(p->tuning))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a tuning of %g is not possible", p->tuning);
    if (!isfinite(p->ctroct) || isinf(p->octwidth) || p->octwidth == 0.0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "octaves cannot be weighted around %g with a width of %g", p->ctroct,
                       p->octwidth);
    return hh_normalize_check(context, p->norm);
}

/* Pitch of bin k in classes above A0. Bin 0 counts as an octave and a half below bin 1. */
static double pitch(const HhChromaStftParams *p, double tuning, double rate, size_t n_fft, size_t k)
{
    double classes = (double)p->n_chroma, a440 = 440.0 * exp2(tuning / classes);
    double frequency = rate * (double)(k > 0 ? k : 1) / (double)n_fft;
    return classes * log2(frequency / (a440 / 16.0)) - (k > 0 ? 0.0 : 1.5 * classes);
}

/* Column of the filter bank for one bin: column[n_chroma]. */
static void bin_weights(const HhChromaStftParams *p, double q, double width, double *column)
{
    double classes = (double)p->n_chroma, half = nearbyint(classes / 2.0), sum = 0.0;
    for (size_t c = 0; c < p->n_chroma; c++) {
        double away = fmod(q - (double)c + half + 10.0 * classes, classes);
        if (away < 0.0) away += classes;
        away -= half;
        column[c] = exp(-0.5 * (2.0 * away / width) * (2.0 * away / width));
        sum += column[c] * column[c];
    }
    double octaves = (q / classes - p->ctroct) / p->octwidth;
    double scale = (isnan(p->octwidth) ? 1.0 : exp(-0.5 * octaves * octaves)) /
                   (sqrt(sum) < 2.2250738585072014e-308 ? 1.0 : sqrt(sum));
    for (size_t c = 0; c < p->n_chroma; c++) column[c] *= scale;
}

/* filters[n_chroma][1 + n_fft / 2]; column[n_chroma] is scratch. */
static void make_filters(const HhChromaStftParams *p, double tuning, double rate, size_t n_fft,
                         double *column, float *filters)
{
    size_t bins = 1 + n_fft / 2, roll = p->base_c ? 3 * (p->n_chroma / 12) : 0;
    for (size_t k = 0; k < bins; k++) {
        double q = pitch(p, tuning, rate, n_fft, k);
        double width = k + 1 < n_fft ? HH_MAX(pitch(p, tuning, rate, n_fft, k + 1) - q, 1.0) : 1.0;
        bin_weights(p, q, width, column);
        /* Rolled down: row 0 is what was row `roll`, C instead of A. */
        for (size_t c = 0; c < p->n_chroma; c++)
            filters[c * bins + k] = (float)column[(c + roll) % p->n_chroma];
    }
}

HhStatus hh_chroma_filters(HhContext *context, double rate, size_t n_fft,
                           const HhChromaStftParams *params, HhArray *out)
{
    HhChromaStftParams p;
    hh_chroma_stft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(check(context, &p));
    HH_TRY(hh_rate_check(context, rate));
    if (n_fft < 2 || n_fft > 1u << 24)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a transform of %zu samples is outside 2..2^24",
                       n_fft);
    double *column = hh_alloc(context, p.n_chroma, sizeof *column);
    if (!column) return hh_fail_memory(context);
    HhStatus status = hh_array_make(context, out, HH_FLOAT32, 2, p.n_chroma, 1 + n_fft / 2);
    if (status == HH_OK)
        make_filters(&p, isnan(p.tuning) ? 0.0 : p.tuning, rate, n_fft, column, out->data);
    hh_free(context, column);
    return status;
}

typedef struct Fold {
    const HhKernels *kernels;
    HhSparse filters; /* real and in fact dense */
    size_t frames;
    float *out;
} Fold;

static void fold_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Fold *job = arg;
    size_t classes = job->filters.rows;
    job->kernels->harmony->sparse_real(&job->filters, tile->value, scratch);
    job->kernels->vector->tile_to_frames_f32(
        scratch, classes, tile->count,
        job->out + (tile->channel * job->frames + tile->first) * classes, (ptrdiff_t)classes);
}

/* Takes over the filters' values. */
static HhStatus as_sparse(HhContext *context, HhArray *filters, HhSparse *m)
{
    size_t rows = filters->shape[0], bins = filters->shape[1];
    *m = (HhSparse){rows, hh_alloc(context, rows + 1, sizeof *m->start),
                    hh_alloc(context, rows * bins, sizeof *m->column),
                    hh_alloc(context, rows * bins, sizeof *m->re), NULL};
    if (!m->start || !m->column || !m->re) {
        hh_sparse_free(context, m);
        return hh_fail_memory(context);
    }
    for (size_t i = 0; i <= rows; i++) m->start[i] = (uint32_t)(i * bins);
    for (size_t i = 0; i < rows * bins; i++) m->column[i] = (uint32_t)(i % bins);
    memcpy(m->re, filters->data, rows * bins * sizeof *m->re);
    return HH_OK;
}

static HhStatus fold_source(HhContext *context, const HhTileSource *source, double rate,
                            const HhChromaStftParams *p, HhArray *out)
{
    HhArray filters = HH_ARRAY_INIT;
    HH_TRY(hh_chroma_filters(context, rate, source->n_fft, p, &filters));
    Fold job = {.kernels = source->kernels, .frames = source->frames};
    HhStatus status = as_sparse(context, &filters, &job.filters);
    hh_array_free(&filters);
    if (status != HH_OK) return status;
    status =
        hh_array_make(context, out, HH_FLOAT32, 3, source->channels, source->frames, p->n_chroma);
    if (status == HH_OK) {
        job.out = out->data;
        status = hh_tiles_run(source, p->n_chroma * HH_TILE * sizeof(float), fold_tile, &job);
        if (status == HH_OK)
            hh_normalize_rows(out->data, source->channels * source->frames, p->n_chroma, p->norm);
        else
            hh_array_free(out);
    }
    hh_sparse_free(context, &job.filters);
    return status;
}

/* The power spectrogram is needed twice: for the tuning, then for the chroma. */
static HhStatus untuned(HhContext *context, const HhSignal *y, HhChromaStftParams *p, HhArray *out)
{
    HhArray power = HH_ARRAY_INIT;
    p->stft.size = sizeof p->stft;
    HH_TRY(hh_spectrogram(context, y, &p->stft, 2.0, &power));
    HhTuningParams tuning;
    hh_tuning_defaults(&tuning);
    tuning.bins_per_octave = (int)p->n_chroma;
    HhStatus status = hh_estimate_tuning_spectrogram(context, &power, y->rate, &tuning, &p->tuning);
    HhTileSource source;
    if (status == HH_OK) status = hh_tiles_of_spectrogram(context, &source, &power, p->stft.n_fft);
    if (status == HH_OK) {
        status = fold_source(context, &source, y->rate, p, out);
        hh_tiles_free(&source);
    }
    hh_array_free(&power);
    return status;
}

HhStatus hh_chroma_stft(HhContext *context, const HhSignal *y, const HhChromaStftParams *params,
                        HhArray *out)
{
    HhChromaStftParams p;
    hh_chroma_stft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_harmony_check_either(context, y));
    HH_TRY(check(context, &p));
    if (isnan(p.tuning)) return untuned(context, y, &p, out);
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p.stft, HH_TILE_POWER));
    HhStatus status = fold_source(context, &source, y->rate, &p, out);
    hh_tiles_free(&source);
    return status;
}
