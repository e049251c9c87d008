/* Onset strength: the mean or median, over mel bands, of the rise of the level in dB since `lag`
 * frames before.
 *
 * S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013;
 * parameters, padding and the range of 80 dB below the maximum of all channels are librosa's. dB in
 * float, sums over bands in HH_TILE partial sums. Cost: one logarithm and two operations for each
 * band and frame; tolerance 1e-5 of a value + 2e-6 of the maximum. */
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"
#include "spectral/mel.h"

/* Rows of dB that are worked on together. */
#define BLOCK  64
#define TOP_DB 80.0f
#define AMIN   1e-10f

struct HhOnsetStream {
    HhContext *context;
    const HhKernels *k;
    HhOnsetSetup setup;
    size_t *edges; /* [slices + 1] */
    size_t slices;
    size_t position; /* rows pushed */
    float floor_db;
    float *now; /* [lag + BLOCK][bands] dB; the first `lag` rows are the last of the block before */
    float *reference; /* the same after the maximum filter; NULL: `now` serves */
    float *rise;      /* [HH_TILE][bands] */
    float *tile;      /* [bands][HH_TILE] */
    float *mirrored;  /* [5 bands] work of the maximum filter */
};

void hh_onset_stream_destroy(HhOnsetStream *stream)
{
    if (!stream) return;
    HhContext *context = stream->context;
    hh_free(context, stream->edges);
    hh_free(context, stream->now);
    hh_free(context, stream->reference);
    hh_free(context, stream->rise);
    hh_free(context, stream->tile);
    hh_free(context, stream->mirrored);
    hh_free(context, stream);
}

static bool allocate(HhOnsetStream *s)
{
    size_t rows = s->setup.lag + BLOCK;
    s->now = hh_zalloc(s->context, rows * s->setup.bands, sizeof *s->now);
    s->reference = hh_zalloc(s->context, rows * s->setup.bands, sizeof *s->reference);
    s->rise = hh_alloc(s->context, HH_TILE * s->setup.bands, sizeof *s->rise);
    s->tile = hh_alloc(s->context, HH_TILE * s->setup.bands, sizeof *s->tile);
    s->mirrored = hh_alloc(s->context, 5 * s->setup.bands, sizeof *s->mirrored);
    s->edges = hh_alloc(s->context, s->slices + 1, sizeof *s->edges);
    return s->now && s->reference && s->rise && s->tile && s->mirrored && s->edges;
}

HhStatus hh_onset_stream_create(HhContext *context, const HhOnsetSetup *setup,
                                HhOnsetStream **stream)
{
    *stream = NULL;
    if (setup->bands == 0 || setup->lag == 0 || setup->max_size == 0 ||
        setup->lag > ((size_t)1 << 24))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "%zu bands, lag %zu, max_size %zu: all must be at least 1", setup->bands,
                       setup->lag, setup->max_size);
    HhOnsetStream *s = hh_zalloc(context, 1, sizeof *s);
    if (!s) return hh_fail_memory(context);
    s->context = context;
    s->k = hh_kernels(context);
    s->setup = *setup;
    s->slices = setup->edges ? setup->slices : 1;
    if (!allocate(s)) {
        hh_onset_stream_destroy(s);
        return hh_fail_memory(context);
    }
    for (size_t i = 0; i <= s->slices; i++)
        s->edges[i] = setup->edges ? setup->edges[i] : i * setup->bands;
    s->setup.edges = NULL;
    float loudest = setup->maximum > AMIN ? setup->maximum : AMIN;
    s->k->vector->log10_f32(&loudest, &loudest, 1);
    s->floor_db = 10.0f * loudest - TOP_DB;
    *stream = s;
    return HH_OK;
}

size_t hh_onset_stream_width(const HhOnsetStream *stream)
{
    return stream->setup.aggregate == HH_AGGREGATE_NONE ? stream->setup.bands : stream->slices;
}

static void power_to_db(const HhOnsetStream *s, const float *power, float *db, size_t n)
{
    const HhVectorKernels *v = s->k->vector;
    v->clamp_below_f32(power, AMIN, db, n);
    v->log10_f32(db, db, n);
    v->scale_f32(db, 10.0f, db, n);
    v->clamp_below_f32(db, s->floor_db, db, n);
}

/* Largest of the `size` values around each, by scipy's maximum_filter1d: centre size / 2, edges
 * mirrored with the last value repeated. The maximum of 2 w values is that of two neighbouring
 * maxima of w; work[5 n]. */
static void maximum_filter(const float *x, size_t n, size_t size, float *work, float *y)
{
    size = HH_MIN(size, 4 * n); /* which sees all values from every place */
    size_t before = size / 2, length = n + size - 1, period = 2 * n;
    for (size_t i = 0; i < length; i++) {
        size_t m = (i + 2 * period - before) % period;
        work[i] = x[m < n ? m : period - 1 - m];
    }
    for (size_t width = 1, step; width < size; width += step) {
        step = HH_MIN(width, size - width);
        length -= step;
        for (size_t i = 0; i < length; i++)
            work[i] = work[i + step] > work[i] ? work[i + step] : work[i];
    }
    memcpy(y, work, n * sizeof *y);
}

/* Strength of up to HH_TILE rows -> out[count][width]. */
static void summarise(HhOnsetStream *s, const float *now, const float *before, size_t count,
                      float *out)
{
    size_t bands = s->setup.bands;
    float median[HH_TILE];
    switch (s->setup.aggregate) {
    case HH_AGGREGATE_NONE:
        s->k->rhythm->rise(now, before, out, count * bands);
        break;
    case HH_AGGREGATE_MEAN:
        for (size_t t = 0; t < count; t++)
            for (size_t i = 0; i < s->slices; i++) {
                size_t first = t * bands + s->edges[i], width = s->edges[i + 1] - s->edges[i];
                out[t * s->slices + i] =
                    s->k->rhythm->rise_sum(now + first, before + first, width) / (float)width;
            }
        break;
    case HH_AGGREGATE_MEDIAN:
        s->k->rhythm->rise(now, before, s->rise, count * bands);
        s->k->vector->frames_to_tile_f32(s->rise, (ptrdiff_t)bands, bands, (int)count, s->tile);
        for (size_t i = 0; i < s->slices; i++) {
            s->k->rhythm->tile_median(s->tile + s->edges[i] * HH_TILE,
                                      s->edges[i + 1] - s->edges[i], median);
            for (size_t t = 0; t < count; t++) out[t * s->slices + i] = median[t];
        }
        break;
    }
}

/* Rows position .. position + count - 1 stand in now[lag..]. */
static void strengths(HhOnsetStream *s, size_t count, float *envelope)
{
    size_t width = hh_onset_stream_width(s), bands = s->setup.bands, lag = s->setup.lag;
    size_t skip = s->position < lag ? HH_MIN(lag - s->position, count) : 0;
    for (size_t t = skip; t < count; t += HH_TILE) {
        size_t place = s->position + t + s->setup.shift;
        if (place >= s->setup.frames) break;
        size_t many = HH_MIN(HH_MIN((size_t)HH_TILE, count - t), s->setup.frames - place);
        summarise(s, s->now + (lag + t) * bands, s->reference + t * bands, many,
                  envelope + place * width);
    }
}

void hh_onset_stream_push_reference(HhOnsetStream *s, const float *rows, const float *reference,
                                    size_t count, float *envelope)
{
    size_t bands = s->setup.bands, lag = s->setup.lag;
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t many = HH_MIN((size_t)BLOCK, count - first);
        float *now = s->now + lag * bands, *before = s->reference + lag * bands;
        if (s->setup.power)
            power_to_db(s, rows + first * bands, now, many * bands);
        else
            memcpy(now, rows + first * bands, many * bands * sizeof *now);
        if (reference)
            memcpy(before, reference + first * bands, many * bands * sizeof *before);
        else if (s->setup.max_size == 1)
            memcpy(before, now, many * bands * sizeof *before);
        else
            for (size_t t = 0; t < many; t++)
                maximum_filter(now + t * bands, bands, s->setup.max_size, s->mirrored,
                               before + t * bands);
        strengths(s, many, envelope);
        memmove(s->now, s->now + many * bands, lag * bands * sizeof *now);
        memmove(s->reference, s->reference + many * bands, lag * bands * sizeof *before);
        s->position += many;
    }
}

void hh_onset_stream_push(HhOnsetStream *stream, const float *rows, size_t count, float *envelope)
{
    hh_onset_stream_push_reference(stream, rows, NULL, count, envelope);
}

/* ---- public ---- */

void hh_onset_strength_defaults(HhOnsetStrengthParams *params)
{
    *params = (HhOnsetStrengthParams){.size = sizeof *params,
                                      .lag = 1,
                                      .max_size = 1,
                                      .center = true,
                                      .aggregate = HH_AGGREGATE_MEAN};
    hh_mel_defaults(&params->mel);
}

static HhStatus read_params(HhContext *context, const HhOnsetStrengthParams *given, bool multi,
                            HhOnsetStrengthParams *p)
{
    hh_onset_strength_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->lag == 0 || p->max_size == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "lag=%zu and max_size=%zu must be at least 1",
                       p->lag, p->max_size);
    if (p->mel.stft.n_fft == 0 || p->mel.stft.hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "n_fft=%zu and hop_length=%zu must be at least 1", p->mel.stft.n_fft,
                       p->mel.stft.hop_length);
    if (p->aggregate != HH_AGGREGATE_MEAN && p->aggregate != HH_AGGREGATE_MEDIAN &&
        !(multi && p->aggregate == HH_AGGREGATE_NONE))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "onset strength over all bands needs the mean or the median");
    if (!multi) p->edges = NULL;
    return HH_OK;
}

/* librosa's fix_frames: sorted, without repeats and without what lies beyond the last band. */
static HhStatus fix_edges(HhContext *context, const HhOnsetStrengthParams *p, size_t bands,
                          size_t *edges, size_t *slices)
{
    size_t kept = 0;
    memcpy(edges, p->edges, p->edge_count * sizeof *edges);
    hh_sort_sizes(edges, p->edge_count);
    for (size_t i = 0; i < p->edge_count; i++)
        if (edges[i] <= bands && (kept == 0 || edges[i] != edges[kept - 1]))
            edges[kept++] = edges[i];
    if (kept < 2)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the %zu edges leave no band between 0 and %zu",
                       p->edge_count, bands);
    *slices = kept - 1;
    return HH_OK;
}

/* scipy.signal.lfilter([1, -1], [1, -0.99]) down the columns of x[frames][width]. */
static HhStatus remove_mean(HhContext *context, HhArray *array, size_t channels, size_t frames,
                            size_t width)
{
    HhArray out = HH_ARRAY_INIT;
    HH_TRY(hh_array_make(context, &out, HH_FLOAT64, 3, channels, frames, width));
    const float *x = array->data;
    double *y = out.data;
    for (size_t c = 0; c < channels; c++)
        for (size_t t = 0; t < frames; t++)
            for (size_t i = 0; i < width; i++) {
                size_t at = (c * frames + t) * width + i;
                double past = t > 0 ? 0.99 * y[at - width] - (double)x[at - width] : 0.0;
                y[at] = (double)x[at] + past;
            }
    hh_array_free(array);
    *array = out;
    return HH_OK;
}

typedef struct Detrend {
    const HhSignal *envelope;
    double *out; /* [channels][frames] */
} Detrend;

static void detrend_channel(void *arg, size_t index, int worker)
{
    (void)worker;
    const Detrend *job = arg;
    HhCurve x = hh_curve(job->envelope, (int)index);
    double *y = job->out + index * job->envelope->length, past = 0.0;
    for (size_t t = 0; t < job->envelope->length; t++) {
        double value = x.f64 ? x.f64[t] : (double)x.f32[t];
        y[t] = value + past;
        past = 0.99 * y[t] - value;
    }
}

HhStatus hh_onset_detrend(HhContext *context, const HhSignal *envelope, HhArray *out)
{
    HH_TRY(hh_envelope_check(context, envelope, 1, false));
    size_t channels = (size_t)envelope->channels;
    HH_TRY(hh_array_make(context, out, HH_FLOAT64, 2, channels, envelope->length));
    Detrend job = {envelope, out->data};
    hh_parallel_for(context, channels, detrend_channel, &job);
    return HH_OK;
}

static HhStatus run_channels(HhContext *context, const HhArray *rows, const HhArray *reference,
                             const HhOnsetSetup *setup, HhArray *out)
{
    size_t frames = rows->shape[1], bands = rows->shape[2];
    for (size_t c = 0; c < rows->shape[0]; c++) {
        HhOnsetStream *stream;
        HH_TRY(hh_onset_stream_create(context, setup, &stream));
        const float *x = (const float *)rows->data + c * frames * bands;
        const float *ref = reference ? (const float *)reference->data + c * frames * bands : NULL;
        float *y = (float *)out->data + c * setup->frames * hh_onset_stream_width(stream);
        hh_onset_stream_push_reference(stream, x, ref, frames, y);
        hh_onset_stream_destroy(stream);
    }
    return HH_OK;
}

/* rows {channels, frames, bands} -> {channels, frames, width}. */
static HhStatus strength_of_rows(HhContext *context, const HhArray *rows, const HhArray *reference,
                                 bool power, const HhOnsetStrengthParams *p, HhArray *out)
{
    const HhKernels *k = hh_kernels(context);
    size_t channels = rows->shape[0], frames = rows->shape[1], bands = rows->shape[2];
    size_t without = (frames > p->lag ? frames - p->lag : 0) + p->lag;
    HhOnsetSetup setup = {.bands = bands,
                          .frames = p->center ? frames : without,
                          .lag = p->lag,
                          .max_size = p->max_size,
                          .shift = p->center ? p->mel.stft.n_fft / (2 * p->mel.stft.hop_length) : 0,
                          .aggregate = p->aggregate,
                          .power = power};
    if (power) setup.maximum = k->vector->max_f32(rows->data, channels * frames * bands);
    size_t *edges = p->edges ? hh_alloc(context, p->edge_count, sizeof *edges) : NULL;
    if (p->edges && !edges) return hh_fail_memory(context);
    HhStatus status = edges ? fix_edges(context, p, bands, edges, &setup.slices) : HH_OK;
    setup.edges = edges;
    size_t width = p->aggregate == HH_AGGREGATE_NONE ? bands : edges ? setup.slices : 1;
    if (status == HH_OK)
        status = hh_array_make(context, out, HH_FLOAT32, 3, channels, setup.frames, width);
    if (status == HH_OK) {
        memset(out->data, 0, hh_array_count(out) * sizeof(float));
        if (p->lag < frames) status = run_channels(context, rows, reference, &setup, out);
    }
    if (status == HH_OK && p->detrend)
        status = remove_mean(context, out, channels, setup.frames, width);
    if (status != HH_OK) hh_array_free(out);
    hh_free(context, edges);
    return status;
}

static HhStatus check_spectrogram(HhContext *context, const HhArray *s, const HhArray *reference)
{
    if (!s || s->type != HH_FLOAT32 || s->dimensions != 3 || !s->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a float32 spectrogram {channels, frames, bins} is needed");
    if (hh_array_count(s) == 0) return hh_fail(context, HH_ERROR_EMPTY, "the spectrogram is empty");
    if (reference &&
        (reference->type != HH_FLOAT32 || reference->dimensions != 3 || !reference->data ||
         memcmp(reference->shape, s->shape, 3 * sizeof *s->shape) != 0))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "the reference must have the shape of the spectrogram");
    const HhKernels *k = hh_kernels(context);
    if (!k->vector->finite_f32(s->data, hh_array_count(s)) ||
        (reference && !k->vector->finite_f32(reference->data, hh_array_count(s))))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the spectrogram holds NaN or infinity");
    return HH_OK;
}

static HhStatus from_sound(HhContext *context, const HhSignal *y,
                           const HhOnsetStrengthParams *given, bool multi, HhArray *out)
{
    HhOnsetStrengthParams p;
    HH_TRY(read_params(context, given, multi, &p));
    HhArray rows = HH_ARRAY_INIT;
    p.mel.stft.center = true;
    /* From a double transform: where a band is 60 dB below another, the noise of a float one is a
     * hundredth of a dB, and librosa's is not there. */
    HH_TRY(hh_mel_of_signal(context, y, &p.mel, HH_TILE_EXACT_POWER, &rows));
    HhStatus status = strength_of_rows(context, &rows, NULL, true, &p, out);
    hh_array_free(&rows);
    return status;
}

static HhStatus from_spectrogram(HhContext *context, const HhArray *spectrogram,
                                 const HhArray *reference, const HhOnsetStrengthParams *given,
                                 bool multi, HhArray *out)
{
    HhOnsetStrengthParams p;
    HH_TRY(read_params(context, given, multi, &p));
    HH_TRY(check_spectrogram(context, spectrogram, reference));
    return strength_of_rows(context, spectrogram, reference, false, &p, out);
}

/* {channels, frames, 1} -> {channels, frames}. */
static HhStatus drop_axis(HhStatus status, HhArray *envelope)
{
    if (status == HH_OK) envelope->dimensions = 2;
    return status;
}

HhStatus hh_onset_strength(HhContext *context, const HhSignal *y,
                           const HhOnsetStrengthParams *params, HhArray *envelope)
{
    return drop_axis(from_sound(context, y, params, false, envelope), envelope);
}

HhStatus hh_onset_strength_spectrogram(HhContext *context, const HhArray *spectrogram,
                                       const HhArray *reference,
                                       const HhOnsetStrengthParams *params, HhArray *envelope)
{
    return drop_axis(from_spectrogram(context, spectrogram, reference, params, false, envelope),
                     envelope);
}

HhStatus hh_onset_strength_multi(HhContext *context, const HhSignal *y,
                                 const HhOnsetStrengthParams *params, HhArray *envelopes)
{
    return from_sound(context, y, params, true, envelopes);
}

HhStatus hh_onset_strength_multi_spectrogram(HhContext *context, const HhArray *spectrogram,
                                             const HhArray *reference,
                                             const HhOnsetStrengthParams *params,
                                             HhArray *envelopes)
{
    return from_spectrogram(context, spectrogram, reference, params, true, envelopes);
}
