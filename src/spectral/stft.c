/* Short-time Fourier transform, spectrogram, magnitude and phase, as librosa.stft and
 * librosa.magphase.
 *
 * J. B. Allen and L. Rabiner, "A unified approach to short-time Fourier analysis and synthesis",
 * Proc. IEEE 1977. HH_TILE frames are transformed side by side (kernel/fft.h) and turned into
 * frame-major rows. The transform is in double also of float samples, as librosa's, whose weak
 * bins beside strong ones are right to 1e-7 of themselves. Cost: one transform per frame, about
 * half of the time goes into writing the result. Tolerance: each number rounded once, from 1e-15 of
 * the frame's peak. */
#include <math.h>
#include <string.h>

#include "base/platform.h"
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
    void *out;
    double power;
} Job;

static void store_complex(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhTileSource *s = job->source;
    (void)scratch;
    const HhVectorKernels *vector = s->kernels->vector;
    size_t at = 2 * (tile->channel * s->frames + tile->first) * s->bins;
    if (s->in_double)
        vector->tile_to_frames_complex_f64(tile->re_f64, tile->im_f64, s->bins, tile->count,
                                           (double *)job->out + at, (ptrdiff_t)s->bins);
    else
        vector->tile_to_frames_complex_f64_f32(tile->re_f64, tile->im_f64, s->bins, tile->count,
                                               (float *)job->out + at, (ptrdiff_t)s->bins);
}

HhStatus hh_stft(HhContext *context, const HhSignal *y, const HhStftParams *params, HhArray *out)
{
    HhStftParams p;
    hh_stft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p, HH_TILE_DOUBLE));
    HhType type = source.in_double ? HH_COMPLEX128 : HH_COMPLEX64;
    HhStatus status =
        hh_array_make(context, out, type, 3, source.channels, source.frames, source.bins);
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
    float *out = (float *)job->out + (tile->channel * s->frames + tile->first) * s->bins;
    vector->tile_to_frames_f32(tile->value, s->bins, tile->count, out, (ptrdiff_t)s->bins);
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
    const HhVectorKernels *vector;
    const HhArray *spectrum;
    void *magnitude, *phase;
    size_t count;
    double power;
} PhaseJob;

static void raise_to(double power, double *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = power == 2.0 ? x[i] * x[i] : pow(x[i], power);
}

/* One block of complex numbers. No square leaves the range of a double, and numbers below the
 * normal ones are kept: they have a phase too. */
static void phase_block(void *arg, size_t index, int worker)
{
    const PhaseJob *job = arg;
    const HhVectorKernels *vector = job->vector;
    (void)worker;
    size_t first = index * PHASE_BLOCK, count = HH_MIN((size_t)PHASE_BLOCK, job->count - first);
    uint32_t mode = hh_platform_keep_subnormals();
    if (job->spectrum->type == HH_COMPLEX128) {
        double *magnitude = (double *)job->magnitude + first;
        vector->complex_phase_f64((const double *)job->spectrum->data + 2 * first, magnitude,
                                  (double *)job->phase + 2 * first, count);
        if (job->power != 1.0) raise_to(job->power, magnitude, count);
    } else {
        float *magnitude = (float *)job->magnitude + first;
        vector->complex_phase((const float *)job->spectrum->data + 2 * first, magnitude,
                              (float *)job->phase + 2 * first, count);
        if (job->power != 1.0) vector->pow_f32(magnitude, (float)job->power, magnitude, count);
    }
    hh_platform_restore_subnormals(mode);
}

HhStatus hh_magphase(HhContext *context, const HhArray *spectrum, double power, HhArray *magnitude,
                     HhArray *phase)
{
    if (!spectrum || !spectrum->data ||
        (spectrum->type != HH_COMPLEX64 && spectrum->type != HH_COMPLEX128))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "magnitude and phase are those of complex numbers");
    if (!(power > 0.0) || !isfinite(power))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the magnitude to the power of %g: more than 0",
                       power);
    HhType real = spectrum->type == HH_COMPLEX128 ? HH_FLOAT64 : HH_FLOAT32;
    HH_TRY(hh_array_make_like(context, magnitude, spectrum, real));
    HhStatus status = hh_array_make_like(context, phase, spectrum, spectrum->type);
    if (status != HH_OK) {
        hh_array_free(magnitude);
        return status;
    }
    PhaseJob job = {hh_kernels(context)->vector, spectrum, magnitude->data, phase->data,
                    hh_array_count(spectrum),    power};
    hh_parallel_for(context, (job.count + PHASE_BLOCK - 1) / PHASE_BLOCK, phase_block, &job);
    return HH_OK;
}
