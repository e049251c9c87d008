/* Spectral centroid, bandwidth, rolloff, flatness and contrast of whole arrays, as librosa.feature
 * has them: tiles from a signal or a spectrogram through the plans of descriptors.h. From a signal
 * the magnitudes are those of the double transform, rounded to float as librosa rounds them. Cost
 * per frame: that transform and the descriptor. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "spectral/descriptors.h"
#include "spectral/tiles.h"

typedef struct Job {
    const HhTileSource *source;
    const HhDescriptors *plan;
    double *f64; /* [channels][frames] of whatever the feature gives */
    float *f32;
    double power;           /* flatness: of the magnitude */
    const double *centroid; /* bandwidth: the caller's, or NULL */
    float *valley, *peak;   /* contrast: [channels][frames][bands] */
} Job;

static size_t row_of(const Job *job, const HhSpectrumTile *tile)
{
    return tile->channel * job->source->frames + tile->first;
}

/* Opens y, or else the spectrogram, and makes the plan. */
static HhStatus begin(HhContext *context, const HhSignal *y, const HhArray *spectrogram,
                      const HhStftParams *stft, HhDescriptorParams *p, HhTileSource *source,
                      HhDescriptors *plan)
{
    *plan = (HhDescriptors){0};
    if (spectrogram || !y)
        HH_TRY(hh_tiles_of_spectrogram(context, source, spectrogram, stft->n_fft));
    else
        HH_TRY(hh_tiles_of_signal(context, source, y, stft, HH_TILE_MAGNITUDE));
    p->n_fft = source->n_fft;
    HhStatus status = HH_OK;
    if (source->n_fft / 2 + 1 != source->bins)
        status = hh_fail(context, HH_ERROR_ARGUMENT, "a spectrogram of %zu bins", source->bins);
    if (status == HH_OK) status = hh_descriptors_make(context, plan, p);
    if (status != HH_OK) hh_tiles_free(source);
    return status;
}

/* Makes `out`, runs the body and closes what begin() has opened. */
static HhStatus run(HhContext *context, Job *job, HhTileSource *source, HhDescriptors *plan,
                    HhType type, HhTileBody *body, HhArray *out)
{
    job->source = source;
    job->plan = plan;
    HhStatus status =
        hh_array_make(context, out, type, 3, source->channels, source->frames, (size_t)1);
    if (status == HH_OK) {
        job->f64 = out->data;
        job->f32 = out->data;
        status = hh_tiles_run(source, hh_descriptors_scratch(plan), body, job);
        if (status != HH_OK) hh_array_free(out);
    }
    hh_descriptors_free(plan);
    hh_tiles_free(source);
    return status;
}

/* ---- centroid */

void hh_spectral_centroid_defaults(HhCentroidParams *params)
{
    *params = (HhCentroidParams){.size = sizeof *params};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static void centroid_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    float lanes[HH_TILE];
    (void)scratch;
    hh_tile_centroid(job->plan, job->source->kernels, tile->value, lanes);
    for (int l = 0; l < tile->count; l++)
        job->f64[row_of(job, tile) + (size_t)l] = (double)lanes[l];
}

static HhStatus centroid(HhContext *context, const HhSignal *y, const HhArray *S, double rate,
                         const HhCentroidParams *params, HhArray *out)
{
    HhCentroidParams p;
    hh_spectral_centroid_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhDescriptorParams d;
    hh_descriptor_defaults(&d, rate, p.stft.n_fft);
    d.frequencies = p.frequencies;
    d.contrast_fmin = 0.0;
    HhTileSource source;
    HhDescriptors plan;
    HH_TRY(begin(context, y, S, &p.stft, &d, &source, &plan));
    return run(context, &(Job){0}, &source, &plan, HH_FLOAT64, centroid_tile, out);
}

HhStatus hh_spectral_centroid(HhContext *context, const HhSignal *y, const HhCentroidParams *params,
                              HhArray *out)
{
    return centroid(context, y, NULL, y ? y->rate : 0.0, params, out);
}

HhStatus hh_spectral_centroid_from(HhContext *context, const HhArray *spectrogram, double rate,
                                   const HhCentroidParams *params, HhArray *out)
{
    return centroid(context, NULL, spectrogram, rate, params, out);
}

/* ---- bandwidth */

void hh_spectral_bandwidth_defaults(HhBandwidthParams *params)
{
    *params = (HhBandwidthParams){.size = sizeof *params, .p = 2.0, .norm = true};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static void bandwidth_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhDescriptors *plan = job->plan;
    float centre[HH_TILE] = {0}, lanes[HH_TILE];
    size_t row = row_of(job, tile);
    (void)scratch;
    if (job->centroid)
        for (int l = 0; l < tile->count; l++) centre[l] = (float)job->centroid[row + (size_t)l];
    else
        hh_tile_centroid(plan, job->source->kernels, tile->value, centre);
    job->source->kernels->spectral->bandwidth(tile->value, plan->frequency, plan->bins, centre,
                                              plan->bandwidth_p, plan->bandwidth_norm, lanes);
    for (int l = 0; l < tile->count; l++) job->f64[row + (size_t)l] = (double)lanes[l];
}

static HhStatus bandwidth(HhContext *context, const HhSignal *y, const HhArray *S, double rate,
                          const HhBandwidthParams *params, HhArray *out)
{
    HhBandwidthParams p;
    hh_spectral_bandwidth_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhDescriptorParams d;
    hh_descriptor_defaults(&d, rate, p.stft.n_fft);
    d.frequencies = p.frequencies;
    d.contrast_fmin = 0.0;
    d.bandwidth_p = p.p;
    d.bandwidth_norm = p.norm;
    HhTileSource source;
    HhDescriptors plan;
    HH_TRY(begin(context, y, S, &p.stft, &d, &source, &plan));
    return run(context, &(Job){.centroid = p.centroid}, &source, &plan, HH_FLOAT64, bandwidth_tile,
               out);
}

HhStatus hh_spectral_bandwidth(HhContext *context, const HhSignal *y,
                               const HhBandwidthParams *params, HhArray *out)
{
    return bandwidth(context, y, NULL, y ? y->rate : 0.0, params, out);
}

HhStatus hh_spectral_bandwidth_from(HhContext *context, const HhArray *spectrogram, double rate,
                                    const HhBandwidthParams *params, HhArray *out)
{
    return bandwidth(context, NULL, spectrogram, rate, params, out);
}

/* ---- rolloff */

void hh_spectral_rolloff_defaults(HhRolloffParams *params)
{
    *params = (HhRolloffParams){.size = sizeof *params, .roll_percent = 0.85};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static void rolloff_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    double lanes[HH_TILE];
    (void)scratch;
    hh_tile_rolloff(job->plan, job->source->kernels, tile->value, lanes);
    memcpy(job->f64 + row_of(job, tile), lanes, (size_t)tile->count * sizeof *lanes);
}

static HhStatus rolloff(HhContext *context, const HhSignal *y, const HhArray *S, double rate,
                        const HhRolloffParams *params, HhArray *out)
{
    HhRolloffParams p;
    hh_spectral_rolloff_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhDescriptorParams d;
    hh_descriptor_defaults(&d, rate, p.stft.n_fft);
    d.frequencies = p.frequencies;
    d.contrast_fmin = 0.0;
    d.roll_percent = p.roll_percent;
    HhTileSource source;
    HhDescriptors plan;
    HH_TRY(begin(context, y, S, &p.stft, &d, &source, &plan));
    return run(context, &(Job){0}, &source, &plan, HH_FLOAT64, rolloff_tile, out);
}

HhStatus hh_spectral_rolloff(HhContext *context, const HhSignal *y, const HhRolloffParams *params,
                             HhArray *out)
{
    return rolloff(context, y, NULL, y ? y->rate : 0.0, params, out);
}

HhStatus hh_spectral_rolloff_from(HhContext *context, const HhArray *spectrogram, double rate,
                                  const HhRolloffParams *params, HhArray *out)
{
    return rolloff(context, NULL, spectrogram, rate, params, out);
}

/* ---- flatness */

void hh_spectral_flatness_defaults(HhFlatnessParams *params)
{
    *params = (HhFlatnessParams){.size = sizeof *params, .amin = 1e-10, .power = 2.0};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

/* librosa adds the logarithms up in float: a thousand of nearly equal ones, as in silence, are off
 * by up to 3e-4 that way, always in one direction. So they are added in its order here: that of one
 * contiguous column, or of several channels. */
static void flatness_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhTileSource *s = job->source;
    const HhVectorKernels *vector = s->kernels->vector;
    float *x = tile->value, sum[HH_TILE], logs[HH_TILE], rows = (float)s->bins;
    (void)scratch;
    hh_tile_power(s->kernels, x, s->bins, job->power);
    vector->clamp_below_f32(x, job->plan->flatness_amin, x, s->bins * HH_TILE);
    vector->tile_sum_like_numpy(x, s->bins, s->channels == 1, sum);
    vector->log_f32(x, x, s->bins * HH_TILE);
    vector->tile_sum_like_numpy(x, s->bins, s->channels == 1, logs);
    for (int l = 0; l < HH_TILE; l++) logs[l] /= rows;
    vector->exp_f32(logs, logs, HH_TILE);
    for (int l = 0; l < tile->count; l++)
        job->f32[row_of(job, tile) + (size_t)l] = logs[l] / (sum[l] / rows);
}

static HhStatus flatness(HhContext *context, const HhSignal *y, const HhArray *S,
                         const HhFlatnessParams *params, HhArray *out)
{
    HhFlatnessParams p;
    hh_spectral_flatness_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!(p.power > 0.0) || !isfinite(p.power))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the magnitude to the power of %g: more than 0",
                       p.power);
    HhDescriptorParams d;
    hh_descriptor_defaults(&d, 1.0, p.stft.n_fft); /* flatness knows no frequencies */
    d.contrast_fmin = 0.0;
    d.flatness_amin = p.amin;
    HhTileSource source;
    HhDescriptors plan;
    HH_TRY(begin(context, y, S, &p.stft, &d, &source, &plan));
    return run(context, &(Job){.power = p.power}, &source, &plan, HH_FLOAT32, flatness_tile, out);
}

HhStatus hh_spectral_flatness(HhContext *context, const HhSignal *y, const HhFlatnessParams *params,
                              HhArray *out)
{
    return flatness(context, y, NULL, params, out);
}

HhStatus hh_spectral_flatness_from(HhContext *context, const HhArray *spectrogram,
                                   const HhFlatnessParams *params, HhArray *out)
{
    return flatness(context, NULL, spectrogram, params, out);
}

/* ---- contrast */

void hh_spectral_contrast_defaults(HhContrastParams *params)
{
    *params =
        (HhContrastParams){.size = sizeof *params, .fmin = 200.0, .n_bands = 6, .quantile = 0.02};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

static void contrast_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhKernels *kernels = job->source->kernels;
    size_t bands = job->plan->contrast_count, at = row_of(job, tile) * bands;
    float *valley = scratch, *peak = valley + bands * HH_TILE;
    hh_tile_contrast(job->plan, kernels, tile->value, valley, peak, peak + bands * HH_TILE);
    kernels->vector->tile_to_frames_f32(valley, bands, tile->count, job->valley + at,
                                        (ptrdiff_t)bands);
    kernels->vector->tile_to_frames_f32(peak, bands, tile->count, job->peak + at, (ptrdiff_t)bands);
}

/* librosa.power_to_db of the means, each with its own floor of 80 dB below its maximum */
static void means_to_db(const HhKernels *kernels, double *x, size_t count)
{
    double peak = 10.0 * log10(fmax(1e-10, kernels->vector->max_f64(x, count)));
    kernels->spectral->decibel_f64(x, 1e-10, 0.0, peak - 80.0, x, count);
}

/* out = peak - valley; `work` has room for `count` doubles */
static void difference(const HhKernels *kernels, const Job *job, size_t count, bool linear,
                       double *work, double *out)
{
    kernels->vector->to_f64(job->peak, out, count);
    kernels->vector->to_f64(job->valley, work, count);
    if (!linear) {
        means_to_db(kernels, out, count);
        means_to_db(kernels, work, count);
    }
    kernels->vector->add_scaled_f64(work, -1.0, out, count);
}

static HhStatus run_contrast(HhContext *context, const HhTileSource *source,
                             const HhDescriptors *plan, bool linear, HhArray *out)
{
    size_t bands = plan->contrast_count, count = source->channels * source->frames * bands;
    Job job = {.source = source, .plan = plan};
    job.valley = hh_alloc(context, count, sizeof *job.valley);
    job.peak = hh_alloc(context, count, sizeof *job.peak);
    double *work = hh_alloc(context, count, sizeof *work);
    HhStatus status = job.valley && job.peak && work ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK)
        status = hh_tiles_run(source, hh_descriptors_scratch(plan), contrast_tile, &job);
    if (status == HH_OK)
        status =
            hh_array_make(context, out, HH_FLOAT64, 3, source->channels, source->frames, bands);
    if (status == HH_OK) difference(source->kernels, &job, count, linear, work, out->data);
    hh_free(context, job.valley);
    hh_free(context, job.peak);
    hh_free(context, work);
    return status;
}

static HhStatus contrast(HhContext *context, const HhSignal *y, const HhArray *S, double rate,
                         const HhContrastParams *params, HhArray *out)
{
    HhContrastParams p;
    hh_spectral_contrast_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!(p.fmin > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "contrast from %g Hz: more than 0", p.fmin);
    HhDescriptorParams d;
    hh_descriptor_defaults(&d, rate, p.stft.n_fft);
    d.frequencies = p.frequencies;
    d.contrast_fmin = p.fmin;
    d.contrast_bands = p.n_bands;
    d.contrast_quantile = p.quantile;
    HhTileSource source;
    HhDescriptors plan;
    HH_TRY(begin(context, y, S, &p.stft, &d, &source, &plan));
    HhStatus status = run_contrast(context, &source, &plan, p.linear, out);
    hh_descriptors_free(&plan);
    hh_tiles_free(&source);
    return status;
}

HhStatus hh_spectral_contrast(HhContext *context, const HhSignal *y, const HhContrastParams *params,
                              HhArray *out)
{
    return contrast(context, y, NULL, y ? y->rate : 0.0, params, out);
}

HhStatus hh_spectral_contrast_from(HhContext *context, const HhArray *spectrogram, double rate,
                                   const HhContrastParams *params, HhArray *out)
{
    return contrast(context, NULL, spectrogram, rate, params, out);
}
