/* Root mean square and zero-crossing rate of frames, as librosa.feature.rms and zero_crossing_rate.
 * Each frame is summed by itself: a quarter of a microsecond for 2048 samples. Tolerance: crossings
 * are counted exactly, rms to 1e-6. */
#include <math.h>

#include "spectral/tiles.h"

void hh_rms_defaults(HhRmsParams *params)
{
    *params = (HhRmsParams){.size = sizeof *params,
                            .frame_length = 2048,
                            .hop_length = 512,
                            .center = true,
                            .pad = HH_PAD_CONSTANT};
}

void hh_zero_crossing_rate_defaults(HhZeroCrossingParams *params)
{
    *params = (HhZeroCrossingParams){.size = sizeof *params,
                                     .frame_length = 2048,
                                     .hop_length = 512,
                                     .center = true,
                                     .threshold = 1e-10,
                                     .zero_pos = true};
}

/* ---- frames of samples, HH_TILE at a time */

typedef struct Job {
    HhContext *context;
    const HhKernels *kernels;
    size_t channels;
    HhFrames *cuts;
    void *memory;
    size_t each; /* samples of scratch per worker */
    bool in_double;
    const HhZeroCrossingParams *zero; /* NULL: rms */
    float *f32;
    double *f64;
} Job;

/* Changes between the signs -1, 0 and 1. */
#define DEFINE_COUNT_SIGNS(NAME, TYPE)                                                             \
    static size_t NAME(const TYPE *x, size_t n, TYPE threshold)                                    \
    {                                                                                              \
        size_t count = 0;                                                                          \
        int before = (x[0] > threshold) - (x[0] < -threshold);                                     \
        for (size_t i = 1; i < n; i++) {                                                           \
            int here = (x[i] > threshold) - (x[i] < -threshold);                                   \
            count += here != before;                                                               \
            before = here;                                                                         \
        }                                                                                          \
        return count;                                                                              \
    }

DEFINE_COUNT_SIGNS(count_signs_f32, float)
DEFINE_COUNT_SIGNS(count_signs_f64, double)

static double rate_of(const HhZeroCrossingParams *p, size_t crossings, size_t n)
{
    return (double)(crossings + (p->pad ? 1 : 0)) / (double)n;
}

/* One frame of n samples; `at` is its place in the result. */
static void measure_floats(const Job *job, const float *x, size_t n, size_t at)
{
    const HhZeroCrossingParams *p = job->zero;
    const HhVectorKernels *vector = job->kernels->vector;
    if (!p)
        job->f32[at] = sqrtf(vector->sum_squares_f32(x, n) / (float)n);
    else if (p->zero_pos)
        job->f64[at] = rate_of(p, vector->crossings_f32(x, n, (float)p->threshold), n);
    else
        job->f64[at] = rate_of(p, count_signs_f32(x, n, (float)p->threshold), n);
}

static void measure_doubles(const Job *job, const double *x, size_t n, size_t at)
{
    const HhZeroCrossingParams *p = job->zero;
    const HhVectorKernels *vector = job->kernels->vector;
    if (!p)
        job->f32[at] = (float)sqrt(vector->sum_squares_f64(x, n) / (double)n);
    else if (p->zero_pos)
        job->f64[at] = rate_of(p, vector->crossings_f64(x, n, p->threshold), n);
    else
        job->f64[at] = rate_of(p, count_signs_f64(x, n, p->threshold), n);
}

static void run_frames(void *arg, size_t index, int worker)
{
    const Job *job = arg;
    size_t frames = job->cuts[0].count, tiles = (frames + HH_TILE - 1) / HH_TILE;
    size_t channel = index / tiles, first = index % tiles * HH_TILE;
    const HhFrames *cut = &job->cuts[channel];
    size_t count = HH_MIN((size_t)HH_TILE, frames - first), n = cut->frame_length;
    size_t at = channel * frames + first, own = (size_t)worker * job->each;
    if (job->in_double) {
        const double *x = hh_frames_get_f64(cut, first, count, (double *)job->memory + own);
        for (size_t l = 0; l < count; l++) measure_doubles(job, x + l * cut->hop, n, at + l);
    } else {
        const float *x = hh_frames_get(cut, first, count, (float *)job->memory + own);
        for (size_t l = 0; l < count; l++) measure_floats(job, x + l * cut->hop, n, at + l);
    }
}

static HhStatus prepare(Job *job, const HhSignal *y, size_t frame_length, size_t hop, bool center,
                        HhPad pad)
{
    job->cuts = hh_zalloc(job->context, job->channels, sizeof *job->cuts);
    if (!job->cuts) return hh_fail_memory(job->context);
    for (size_t c = 0; c < job->channels; c++)
        HH_TRY(hh_frames_of_channel(job->context, &job->cuts[c], y, c, frame_length, hop, center,
                                    pad));
    job->each = hh_frames_scratch(&job->cuts[0], HH_TILE);
    job->memory = hh_alloc(job->context, (size_t)hh_workers(job->context) * job->each,
                           job->in_double ? sizeof(double) : sizeof(float));
    return job->memory ? HH_OK : hh_fail_memory(job->context);
}

static HhStatus run(HhContext *context, Job *job, const HhSignal *y, size_t frame_length,
                    size_t hop, bool center, HhPad pad, HhArray *out)
{
    HH_TRY(hh_signal_check_either(context, y));
    job->in_double = y->channel_f64 != NULL;
    job->context = context;
    job->kernels = hh_kernels(context);
    job->channels = (size_t)y->channels;
    HhStatus status = prepare(job, y, frame_length, hop, center, pad);
    if (status == HH_OK)
        status = hh_array_make(context, out, job->zero ? HH_FLOAT64 : HH_FLOAT32, 3, job->channels,
                               job->cuts[0].count, (size_t)1);
    if (status == HH_OK) {
        job->f64 = out->data;
        job->f32 = out->data;
        size_t tiles = (job->cuts[0].count + HH_TILE - 1) / HH_TILE;
        hh_parallel_for(context, job->channels * tiles, run_frames, job);
    }
    hh_free(context, job->cuts);
    hh_free(context, job->memory);
    return status;
}

HhStatus hh_rms(HhContext *context, const HhSignal *y, const HhRmsParams *params, HhArray *out)
{
    HhRmsParams p;
    hh_rms_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if ((unsigned)p.pad > HH_PAD_WRAP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "padding %d", (int)p.pad);
    return run(context, &(Job){0}, y, p.frame_length, p.hop_length, p.center, p.pad, out);
}

HhStatus hh_zero_crossing_rate(HhContext *context, const HhSignal *y,
                               const HhZeroCrossingParams *params, HhArray *out)
{
    HhZeroCrossingParams p;
    hh_zero_crossing_rate_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!(p.threshold >= 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a threshold of %g: 0 or more", p.threshold);
    return run(context, &(Job){.zero = &p}, y, p.frame_length, p.hop_length, p.center, HH_PAD_EDGE,
               out);
}

/* ---- from a spectrogram: by Parseval, the first and (even length) last bin count half */

typedef struct SpectrumJob {
    const HhTileSource *source;
    size_t frame_length;
    float *out;
} SpectrumJob;

static void spectrum_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const SpectrumJob *job = arg;
    const HhTileSource *s = job->source;
    float sum[HH_TILE];
    (void)scratch;
    hh_tile_power(s->kernels, tile->value, s->bins, 2.0);
    for (size_t l = 0; l < HH_TILE; l++) {
        tile->value[l] *= 0.5f;
        if (job->frame_length % 2 == 0) tile->value[(s->bins - 1) * HH_TILE + l] *= 0.5f;
    }
    s->kernels->vector->tile_sum_f32(tile->value, s->bins, sum);
    float length = (float)job->frame_length;
    for (int l = 0; l < tile->count; l++)
        job->out[tile->channel * s->frames + tile->first + (size_t)l] =
            sqrtf(2.0f * sum[l] / (length * length));
}

HhStatus hh_rms_from(HhContext *context, const HhArray *spectrogram, const HhRmsParams *params,
                     HhArray *out)
{
    HhRmsParams p;
    hh_rms_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_spectrogram(context, &source, spectrogram, p.frame_length));
    if (p.frame_length / 2 + 1 != source.bins)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "frames of %zu samples have %zu bins, the spectrogram has %zu",
                       p.frame_length, p.frame_length / 2 + 1, source.bins);
    HH_TRY(hh_array_make(context, out, HH_FLOAT32, 3, source.channels, source.frames, (size_t)1));
    SpectrumJob job = {&source, p.frame_length, out->data};
    HhStatus status = hh_tiles_run(&source, 0, spectrum_tile, &job);
    if (status != HH_OK) hh_array_free(out);
    return status;
}
