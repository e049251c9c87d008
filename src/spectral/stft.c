/* Short-time Fourier transform, spectrogram, magnitude and phase, as librosa.stft and
 * librosa.magphase.
 *
 * J. B. Allen and L. Rabiner, "A unified approach to short-time Fourier analysis and synthesis",
 * Proc. IEEE 1977. HH_TILE frames are transformed side by side (kernel/fft.h) and turned into
 * frame-major rows. Cost: one transform per frame, about half of the time goes into writing the
 * result. Tolerance: 1e-7 of the frame's peak (librosa transforms in double). */
#include <math.h>
#include <string.h>

#include "spectral/tiles.h"

void hh_stft_defaults(HhStftParams *params)
{
    *params = (HhStftParams){.size = sizeof *params,
                             .n_fft = 2048,
                             .window = {HH_WINDOW_HANN, 0.0, NULL},
                             .center = true,
                             .pad = HH_PAD_CONSTANT};
}

typedef struct Job {
    const HhTileSource *source;
    float *out;
    double power;
} Job;

static void store_complex(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhTileSource *s = job->source;
    (void)scratch;
    float *out = job->out + 2 * (tile->channel * s->frames + tile->first) * s->bins;
    s->kernels->vector->tile_to_frames_complex(tile->re, tile->im, s->bins, tile->count, out,
                                               (ptrdiff_t)s->bins);
}

HhStatus hh_stft(HhContext *context, const HhSignal *y, const HhStftParams *params, HhArray *out)
{
    HhStftParams p;
    hh_stft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p, HH_TILE_COMPLEX));
    HhStatus status =
        hh_array_make(context, out, HH_COMPLEX64, 3, source.channels, source.frames, source.bins);
    if (status == HH_OK) {
        status = hh_tiles_run(&source, 0, store_complex, &(Job){&source, out->data, 1.0});
        if (status != HH_OK) hh_array_free(out);
    }
    hh_tiles_free(&source);
    return status;
}

static void store_magnitude(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhTileSource *s = job->source;
    const HhVectorKernels *vector = s->kernels->vector;
    (void)scratch;
    hh_tile_power(s->kernels, tile->value, s->bins, job->power);
    vector->tile_to_frames_f32(tile->value, s->bins, tile->count,
                               job->out + (tile->channel * s->frames + tile->first) * s->bins,
                               (ptrdiff_t)s->bins);
}

HhStatus hh_spectrogram(HhContext *context, const HhSignal *y, const HhStftParams *params,
                        double power, HhArray *out)
{
    HhStftParams p;
    hh_stft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!(power > 0.0) || !isfinite(power))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the magnitude to the power of %g: more than 0",
                       power);
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p, HH_TILE_MAGNITUDE));
    HhStatus status =
        hh_array_make(context, out, HH_FLOAT32, 3, source.channels, source.frames, source.bins);
    if (status == HH_OK) {
        status = hh_tiles_run(&source, 0, store_magnitude, &(Job){&source, out->data, power});
        if (status != HH_OK) hh_array_free(out);
    }
    hh_tiles_free(&source);
    return status;
}

/* ---- magnitude and phase */

enum { PHASE_BLOCK = 4096 };

typedef struct PhaseJob {
    const float *spectrum;
    float *magnitude, *phase;
    size_t count;
    double power;
    const HhVectorKernels *vector;
} PhaseJob;

/* One block of complex numbers; in double, so that tiny and huge magnitudes neither vanish nor
 * overflow. */
static void phase_block(void *arg, size_t index, int worker)
{
    const PhaseJob *job = arg;
    (void)worker;
    size_t first = index * PHASE_BLOCK, count = HH_MIN((size_t)PHASE_BLOCK, job->count - first);
    float *magnitude = job->magnitude + first;
    job->vector->complex_phase(job->spectrum + 2 * first, magnitude, job->phase + 2 * first, count);
    if (job->power != 1.0) job->vector->pow_f32(magnitude, (float)job->power, magnitude, count);
}

HhStatus hh_magphase(HhContext *context, const HhArray *spectrum, double power, HhArray *magnitude,
                     HhArray *phase)
{
    if (!spectrum || spectrum->type != HH_COMPLEX64 || !spectrum->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "magnitude and phase are those of complex numbers");
    if (!(power > 0.0) || !isfinite(power))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the magnitude to the power of %g: more than 0",
                       power);
    HH_TRY(hh_array_make_like(context, magnitude, spectrum, HH_FLOAT32));
    HhStatus status = hh_array_make_like(context, phase, spectrum, HH_COMPLEX64);
    if (status != HH_OK) {
        hh_array_free(magnitude);
        return status;
    }
    PhaseJob job = {spectrum->data,           magnitude->data, phase->data,
                    hh_array_count(spectrum), power,           hh_kernels(context)->vector};
    hh_parallel_for(context, (job.count + PHASE_BLOCK - 1) / PHASE_BLOCK, phase_block, &job);
    return HH_OK;
}
