/* Peaks of the spectrum by parabolic interpolation, as librosa.piptrack.
 *
 * J. O. Smith, "Spectral Audio Signal Processing", W3K 2011, "Quadratic interpolation of spectral
 * peaks"; on magnitudes, not on their logarithm. The magnitudes come from the double transform and
 * are rounded as librosa's, because whether a bin is a peak hangs on their last bits. Cost: one
 * transform and about 2 ns per bin. Tolerance: equal but for the last bits. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "pitch/pitch.h"
#include "spectral/tiles.h"

void hh_piptrack_defaults(HhPiptrackParams *params)
{
    memset(params, 0, sizeof *params);
    params->size = sizeof *params;
    hh_stft_defaults(&params->stft);
    params->fmin = 150.0;
    params->fmax = 4000.0;
    params->threshold = 0.1;
    params->reference = HH_PEAK_MAX;
}

/* The largest float that is not above x: then a float exceeds the one exactly if it exceeds the
 * other. */
static float float_below(double x)
{
    float f = (float)x;
    return (double)f > x ? nextafterf(f, -FLT_MAX) : f;
}

HhStatus hh_peak_plan_init(HhContext *context, HhPeakPlan *plan, const HhPiptrackParams *p,
                           double rate, size_t n_fft, size_t bins)
{
    HH_TRY(hh_rate_check(context, rate));
    if (isnan(p->fmin) || isnan(p->fmax))
        return hh_fail(context, HH_ERROR_ARGUMENT, "fmin=%g and fmax=%g must be numbers", p->fmin,
                       p->fmax);
    if (!isfinite(p->threshold) || !isfinite(p->reference_value))
        return hh_fail(context, HH_ERROR_ARGUMENT, "threshold %g or reference %g is not finite",
                       p->threshold, p->reference_value);
    if ((int)p->reference < HH_PEAK_MAX || p->reference > HH_PEAK_VALUE)
        return hh_fail(context, HH_ERROR_ARGUMENT, "reference %d is not known", (int)p->reference);
    *plan = (HhPeakPlan){
        .kernels = hh_kernels(context), .bins = bins, .rate = rate, .n_fft = (double)n_fft};
    plan->threshold = (float)p->threshold;
    plan->reference = p->reference;
    plan->limit = float_below(fabs(p->reference_value));
    double fmax = fmin(p->fmax, rate / 2.0), low = fmax > 0.0 ? fmax : 0.0;
    double hz_of_bin = 1.0 / ((double)n_fft * (1.0 / rate));
    plan->first = 1; /* bin 0 is never a peak */
    while (plan->first < bins && (double)plan->first * hz_of_bin < p->fmin) plan->first++;
    plan->last = plan->first;
    while (plan->last < bins && (double)plan->last * hz_of_bin < low) plan->last++;
    return HH_OK;
}

static float limit_of(const HhPeakPlan *plan, const float *spectrum)
{
    const HhVectorKernels *vector = plan->kernels->vector;
    switch (plan->reference) {
    case HH_PEAK_MAX:
        return plan->threshold * vector->max_f32(spectrum, plan->bins);
    case HH_PEAK_MEAN:
        return plan->threshold *
               (float)(vector->sum_f32_f64(spectrum, plan->bins) / (double)plan->bins);
    default:
        return plan->limit;
    }
}

/* The last bin has no parabola: the peak is where it is. */
static void last_bin(const HhPeakPlan *plan, const float *s, float limit, float *pitch,
                     float *magnitude)
{
    size_t k = plan->bins - 1;
    float here = s[k] > limit ? s[k] : 0.0f, left = s[k - 1] > limit ? s[k - 1] : 0.0f;
    pitch[k] = here > left ? (float)((double)k * plan->rate / plan->n_fft) : 0.0f;
    magnitude[k] = here > left ? s[k] : 0.0f;
}

void hh_peaks(const HhPeakPlan *plan, const float *spectrum, float *pitch, float *magnitude)
{
    if (plan->first >= plan->last) return;
    float limit = limit_of(plan, spectrum);
    bool ends = plan->last == plan->bins;
    plan->kernels->peaks->interpolate(spectrum, plan->first, ends ? plan->last - 1 : plan->last,
                                      limit, plan->rate, plan->n_fft, pitch, magnitude);
    if (ends) last_bin(plan, spectrum, limit, pitch, magnitude);
}

/* ---- whole arrays ---- */

typedef struct Job {
    const HhTileSource *source;
    HhPeakPlan plan;
    float *pitches, *magnitudes;
} Job;

static void store(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    size_t bins = job->source->bins;
    float *rows = scratch;
    job->source->kernels->vector->tile_to_frames_f32(tile->value, bins, tile->count, rows,
                                                     (ptrdiff_t)bins);
    for (int l = 0; l < tile->count; l++) {
        size_t at = (tile->channel * job->source->frames + tile->first + (size_t)l) * bins;
        memset(job->pitches + at, 0, bins * sizeof *job->pitches);
        memset(job->magnitudes + at, 0, bins * sizeof *job->magnitudes);
        hh_peaks(&job->plan, rows + (size_t)l * bins, job->pitches + at, job->magnitudes + at);
    }
}

static HhStatus run(HhContext *context, const HhTileSource *source, const HhPiptrackParams *p,
                    double rate, HhArray *pitches, HhArray *magnitudes)
{
    Job job = {.source = source};
    HH_TRY(hh_peak_plan_init(context, &job.plan, p, rate, source->n_fft, source->bins));
    size_t channels = source->channels, frames = source->frames, bins = source->bins;
    HhStatus status = hh_array_make(context, pitches, HH_FLOAT32, 3, channels, frames, bins);
    if (status == HH_OK)
        status = hh_array_make(context, magnitudes, HH_FLOAT32, 3, channels, frames, bins);
    if (status == HH_OK) {
        job.pitches = pitches->data;
        job.magnitudes = magnitudes->data;
        status = hh_tiles_run(source, HH_TILE * bins * sizeof(float), store, &job);
    }
    if (status != HH_OK) {
        hh_array_free(pitches);
        hh_array_free(magnitudes);
    }
    return status;
}

static HhStatus begin(HhContext *context, const HhPiptrackParams *params, HhPiptrackParams *p,
                      HhArray *pitches, HhArray *magnitudes)
{
    if (!pitches || !magnitudes)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    *pitches = *magnitudes = (HhArray)HH_ARRAY_INIT;
    hh_piptrack_defaults(p);
    return hh_params_read(context, params, p, sizeof *p);
}

HhStatus hh_piptrack(HhContext *context, const HhSignal *y, const HhPiptrackParams *params,
                     HhArray *pitches, HhArray *magnitudes)
{
    HhPiptrackParams p;
    HH_TRY(begin(context, params, &p, pitches, magnitudes));
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p.stft, HH_TILE_MAGNITUDE));
    HhStatus status = run(context, &source, &p, y->rate, pitches, magnitudes);
    hh_tiles_free(&source);
    return status;
}

HhStatus hh_piptrack_spectrogram(HhContext *context, const HhArray *s, double rate,
                                 const HhPiptrackParams *params, HhArray *pitches,
                                 HhArray *magnitudes)
{
    HhPiptrackParams p;
    HH_TRY(begin(context, params, &p, pitches, magnitudes));
    HhTileSource source;
    HH_TRY(hh_tiles_of_spectrogram(context, &source, s, p.stft.n_fft));
    HhStatus status = run(context, &source, &p, rate, pitches, magnitudes);
    hh_tiles_free(&source);
    return status;
}
