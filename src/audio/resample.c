/* Rate conversion by libsoxr (R. Sykes, the SoX resampler library), quality HQ, one channel at a
 * time as librosa does it.
 *
 * Input always reaches libsoxr in blocks of BLOCK samples counted from the start, whatever the
 * caller's pieces, so that the output cannot depend on them. libsoxr's own output length is
 * rounded; librosa's is ceil(n * ratio) with zeros at the end, so the count is kept here. */
#include <math.h>
#include <soxr.h>
#include <string.h>

#include "base/base.h"
#include "base/platform.h"
#include "heihachi/audio.h"
#include "kernel/kernels.h"

#define BLOCK      4096u
#define MAX_FACTOR 256.0

struct HhResampler {
    HhContext *context;
    double ratio;
    size_t channels;
    bool copies; /* equal rates */
    uint64_t taken, given;
    size_t held;     /* samples per channel in `input` */
    size_t capacity; /* samples per channel of `output` */
    soxr_t soxr[HH_MAX_CHANNELS];
    float *input[HH_MAX_CHANNELS];
    float *output[HH_MAX_CHANNELS];
    float *memory;
};

static uint64_t wanted_length(uint64_t input, double ratio)
{
    return (uint64_t)ceil((double)input * ratio);
}

/* Samples that a block may become in one call. */
static size_t room_for_block(double ratio)
{
    return (size_t)ceil((double)BLOCK * HH_MAX(ratio, 1.0)) + 64;
}

/* Of one channel; NULL if there is no memory. */
static soxr_t open_soxr(double from, double to, HhType type)
{
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_datatype_t sample = type == HH_FLOAT64 ? SOXR_FLOAT64_I : SOXR_FLOAT32_I;
    const soxr_io_spec_t io = soxr_io_spec(sample, sample);
    soxr_error_t error = NULL;
    soxr_t soxr = soxr_create(from, to, 1, &error, &io, &quality, NULL);
    if (!error) return soxr;
    if (soxr) soxr_delete(soxr);
    return NULL;
}

static HhStatus check_rates(HhContext *context, double from, double to)
{
    if (isfinite(from) && isfinite(to) && from > 0.0 && to > 0.0 && from / to <= MAX_FACTOR &&
        to / from <= MAX_FACTOR)
        return HH_OK;
    return hh_fail(context, HH_ERROR_ARGUMENT,
                   "cannot go from %g Hz to %g Hz: both positive, factor at most %g", from, to,
                   MAX_FACTOR);
}

HhStatus hh_resampler_create(HhContext *context, double from_rate, double to_rate, int channels,
                             HhResampler **resampler)
{
    if (!resampler) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the resampler");
    *resampler = NULL;
    HH_TRY(check_rates(context, from_rate, to_rate));
    if (channels < 1 || channels > HH_MAX_CHANNELS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%d channels; 1 to %d are supported", channels,
                       HH_MAX_CHANNELS);
    HhResampler *r = hh_zalloc(context, 1, sizeof *r);
    if (!r) return hh_fail_memory(context);
    r->context = context;
    r->ratio = to_rate / from_rate;
    r->channels = (size_t)channels;
    r->copies = from_rate == to_rate;
    r->capacity = room_for_block(r->ratio);
    r->memory = hh_alloc(context, r->channels * (BLOCK + r->capacity), sizeof *r->memory);
    bool good = r->memory != NULL;
    for (size_t c = 0; good && c < r->channels; c++) {
        r->input[c] = r->memory + c * BLOCK;
        r->output[c] = r->memory + r->channels * BLOCK + c * r->capacity;
        if (r->copies) continue;
        r->soxr[c] = open_soxr(from_rate, to_rate, HH_FLOAT32);
        good = r->soxr[c] != NULL;
    }
    if (!good) {
        hh_resampler_destroy(r);
        return hh_fail_memory(context);
    }
    *resampler = r;
    return HH_OK;
}

void hh_resampler_destroy(HhResampler *resampler)
{
    if (!resampler) return;
    for (size_t c = 0; c < resampler->channels; c++)
        if (resampler->soxr[c]) soxr_delete(resampler->soxr[c]);
    hh_free(resampler->context, resampler->memory);
    hh_free(resampler->context, resampler);
}

/* Hands on `count` samples of `output`, but not more than the whole output may have. */
static HhStatus give(HhResampler *r, size_t count, uint64_t limit, HhResamplerSink *sink,
                     void *user)
{
    count = (size_t)HH_MIN((uint64_t)count, limit > r->given ? limit - r->given : 0);
    r->given += count;
    return count ? sink(user, (const float *const *)r->output, count) : HH_OK;
}

/* One call of libsoxr per channel. Subnormals are flushed here as they are in hh_parallel_for(), so
 * that a whole signal and a piecewise one give the same bytes. */
static bool process(HhResampler *r, size_t offset, size_t count, bool end, size_t *used,
                    size_t *made)
{
    bool good = true;
    uint32_t mode = hh_platform_flush_subnormals();
    for (size_t c = 0; good && c < r->channels; c++)
        good = !soxr_process(r->soxr[c], end ? NULL : r->input[c] + offset, count, used,
                             r->output[c], r->capacity, made);
    hh_platform_restore_subnormals(mode);
    return good;
}

/* Puts `count` samples of `input` through (or its end) until libsoxr gives no more. */
static HhStatus convert(HhResampler *r, size_t count, bool end, uint64_t limit,
                        HhResamplerSink *sink, void *user)
{
    size_t offset = 0;
    for (;;) {
        size_t used = 0, made = 0;
        if (!process(r, offset, end ? 0 : count - offset, end, &used, &made))
            return hh_fail(r->context, HH_ERROR_INTERNAL, "libsoxr reports an error");
        offset += used;
        HH_TRY(give(r, made, limit, sink, user));
        if (made < r->capacity && (end || offset >= count)) return HH_OK;
    }
}

static HhStatus copy(HhResampler *r, size_t count, HhResamplerSink *sink, void *user)
{
    for (size_t c = 0; c < r->channels; c++)
        memcpy(r->output[c], r->input[c], count * sizeof(float));
    return give(r, count, UINT64_MAX, sink, user);
}

static HhStatus flush_input(HhResampler *r, HhResamplerSink *sink, void *user)
{
    size_t count = r->held;
    r->held = 0;
    if (count == 0) return HH_OK;
    return r->copies ? copy(r, count, sink, user)
                     : convert(r, count, false, UINT64_MAX, sink, user);
}

HhStatus hh_resampler_push(HhResampler *resampler, const float *const *channel, size_t count,
                           HhResamplerSink *sink, void *user)
{
    if (!resampler || (!channel && count) || !sink)
        return hh_fail(resampler ? resampler->context : NULL, HH_ERROR_ARGUMENT,
                       "no resampler, input or sink");
    for (size_t c = 0; c < resampler->channels && count > 0; c++)
        if (!channel[c])
            return hh_fail(resampler->context, HH_ERROR_ARGUMENT, "channel %zu has no samples",
                           c + 1);
    for (size_t offset = 0; offset < count;) {
        size_t part = HH_MIN(count - offset, BLOCK - resampler->held);
        for (size_t c = 0; c < resampler->channels; c++)
            memcpy(resampler->input[c] + resampler->held, channel[c] + offset,
                   part * sizeof(float));
        resampler->held += part;
        resampler->taken += part;
        offset += part;
        if (resampler->held == BLOCK) HH_TRY(flush_input(resampler, sink, user));
    }
    return HH_OK;
}

HhStatus hh_resampler_finish(HhResampler *resampler, HhResamplerSink *sink, void *user)
{
    if (!resampler || !sink) return HH_ERROR_ARGUMENT;
    uint64_t limit = wanted_length(resampler->taken, resampler->ratio);
    HH_TRY(flush_input(resampler, sink, user));
    if (resampler->taken == 0 || resampler->copies) return HH_OK;
    HH_TRY(convert(resampler, 0, true, limit, sink, user));
    for (size_t c = 0; c < resampler->channels; c++)
        memset(resampler->output[c], 0, resampler->capacity * sizeof(float));
    while (resampler->given < limit)
        HH_TRY(give(resampler, resampler->capacity, limit, sink, user));
    return HH_OK;
}

/* ---- whole signals: one channel is one job, read and written where it lies ---- */

typedef struct Whole {
    HhContext *context;
    const HhSignal *signal;
    double rate;
    HhArray *out;
    HhStatus *status; /* [channels] */
} Whole;

/* x[count] -> y[length], both of the type. */
static HhStatus resample_row(const Whole *whole, HhType type, const char *x, size_t count, char *y,
                             size_t length)
{
    const size_t bytes = hh_type_bytes(type),
                 room = room_for_block(whole->rate / whole->signal->rate);
    soxr_t soxr = open_soxr(whole->signal->rate, whole->rate, type);
    if (!soxr) return hh_fail_memory(whole->context);
    size_t taken = 0, given = 0;
    soxr_error_t error = NULL;
    while (given < length) {
        const size_t part = HH_MIN(count - taken, BLOCK);
        size_t used = 0, made = 0;
        error = soxr_process(soxr, part > 0 ? x + taken * bytes : NULL, part, &used,
                             y + given * bytes, HH_MIN(length - given, room), &made);
        if (!error && part > 0 && used == 0 && made == 0) error = "neither takes nor gives";
        if (error || (part == 0 && made == 0)) break;
        taken += used;
        given += made;
    }
    soxr_delete(soxr);
    if (error) return hh_fail(whole->context, HH_ERROR_INTERNAL, "libsoxr reports an error");
    memset(y + given * bytes, 0, (length - given) * bytes);
    return HH_OK;
}

/* libsoxr works in float at this quality: doubles beyond its range go through it times a power of
 * two. */
static HhStatus resample_scaled(const Whole *whole, const double *x, size_t count, double peak,
                                double *y, size_t length)
{
    int exponent;
    frexp(peak, &exponent);
    double *scaled = hh_alloc(whole->context, count, sizeof *scaled);
    if (!scaled) return hh_fail_memory(whole->context);
    for (size_t n = 0; n < count; n++) scaled[n] = ldexp(x[n], -exponent);
    HhStatus status =
        resample_row(whole, HH_FLOAT64, (const char *)scaled, count, (char *)y, length);
    hh_free(whole->context, scaled);
    for (size_t n = 0; n < length && status == HH_OK; n++) y[n] = ldexp(y[n], exponent);
    return status;
}

static void resample_channel(void *arg, size_t index, int worker)
{
    (void)worker;
    const Whole *whole = arg;
    const HhSignal *signal = whole->signal;
    const size_t count = signal->length, length = whole->out->shape[1];
    const HhType type = whole->out->type;
    char *y = (char *)whole->out->data + index * length * hh_type_bytes(type);
    const void *x = type == HH_FLOAT64 ? (const void *)signal->channel_f64[index]
                                       : (const void *)signal->channel[index];
    if (signal->rate == whole->rate) {
        memcpy(y, x, count * hh_type_bytes(type));
        return;
    }
    double peak = 0.0;
    if (type == HH_FLOAT64) peak = hh_kernels(whole->context)->vector->max_abs_f64(x, count);
    if (peak == 0.0 || (peak > 1e-15 && peak < 1e15))
        whole->status[index] = resample_row(whole, type, x, count, y, length);
    else
        whole->status[index] = resample_scaled(whole, x, count, peak, (double *)(void *)y, length);
}

HhStatus hh_resample(HhContext *context, const HhSignal *signal, double rate, HhArray *out)
{
    if (!out) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    *out = (HhArray)HH_ARRAY_INIT;
    HH_TRY(hh_signal_check_either(context, signal));
    if (signal->length == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "there are no samples to resample");
    HH_TRY(check_rates(context, signal->rate, rate));
    Whole whole = {.context = context, .signal = signal, .rate = rate, .out = out};
    size_t channels = (size_t)signal->channels;
    HH_TRY(hh_array_make(context, out, signal->channel_f64 ? HH_FLOAT64 : HH_FLOAT32, 2, channels,
                         (size_t)wanted_length(signal->length, rate / signal->rate)));
    whole.status = hh_zalloc(context, channels, sizeof *whole.status);
    HhStatus status = whole.status ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) hh_parallel_for(context, channels, resample_channel, &whole);
    for (size_t c = 0; c < channels && status == HH_OK; c++) status = whole.status[c];
    hh_free(context, whole.status);
    if (status != HH_OK) hh_array_free(out);
    return status;
}
