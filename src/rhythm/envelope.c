/* See envelope.h. */
#include "rhythm/envelope.h"

#include <math.h>
#include <string.h>

#include "kernel/kernels.h"

/* Hz; seconds times a rate stay whole numbers that a double holds. */
#define MAX_RATE 1e9

/* The array in double; empty on failure. */
static HhStatus widen(HhContext *context, HhArray *array)
{
    HhArray wide = HH_ARRAY_INIT;
    HhStatus status = hh_array_make_like(context, &wide, array, HH_FLOAT64);
    if (status == HH_OK)
        hh_kernels(context)->vector->to_f64(array->data, wide.data, hh_array_count(array));
    hh_array_free(array);
    *array = wide;
    return status;
}

HhCurve hh_curve(const HhSignal *envelope, int channel)
{
    if (envelope->channel_f64) return (HhCurve){NULL, envelope->channel_f64[channel]};
    return (HhCurve){envelope->channel[channel], NULL};
}

HhStatus hh_envelope_make(HhContext *context, const HhSignal *y, size_t hop_length,
                          HhAggregate aggregate, HhEnvelope *envelope)
{
    HhOnsetStrengthParams params;
    hh_onset_strength_defaults(&params);
    params.mel.stft.hop_length = hop_length;
    params.aggregate = aggregate;
    *envelope = (HhEnvelope){.array = HH_ARRAY_INIT};
    HH_TRY(hh_onset_strength(context, y, &params, &envelope->array));
    size_t frames = envelope->array.shape[1];
    HhStatus status = y->channel_f64 ? widen(context, &envelope->array) : HH_OK;
    if (status != HH_OK) return status;
    size_t channels = (size_t)y->channels;
    envelope->context = context;
    envelope->signal = (HhSignal){.channels = y->channels, .length = frames, .rate = y->rate};
    if (y->channel_f64)
        envelope->channel_f64 = hh_alloc(context, channels, sizeof *envelope->channel_f64);
    else
        envelope->channel = hh_alloc(context, channels, sizeof *envelope->channel);
    if (!envelope->channel && !envelope->channel_f64) {
        hh_envelope_free(envelope);
        return hh_fail_memory(context);
    }
    for (size_t c = 0; c < channels; c++)
        if (envelope->channel_f64)
            envelope->channel_f64[c] = (const double *)envelope->array.data + c * frames;
        else
            envelope->channel[c] = (const float *)envelope->array.data + c * frames;
    envelope->signal.channel = envelope->channel;
    envelope->signal.channel_f64 = envelope->channel_f64;
    return HH_OK;
}

void hh_envelope_free(HhEnvelope *envelope)
{
    hh_free(envelope->context, envelope->channel);
    hh_free(envelope->context, envelope->channel_f64);
    hh_array_free(&envelope->array);
}

HhStatus hh_envelope_check(HhContext *context, const HhSignal *envelope, size_t hop_length,
                           bool finite)
{
    if (!envelope || (!envelope->channel && !envelope->channel_f64) || envelope->channels < 1)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "an onset envelope of at least one channel is needed");
    if (envelope->length == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "the onset envelope is empty");
    if (!(envelope->rate > 0.0 && envelope->rate <= MAX_RATE))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a rate of %g Hz; up to %g Hz are possible",
                       envelope->rate, MAX_RATE);
    if (hop_length == 0 || hop_length > HH_MAX_HOP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a hop of %zu samples; 1 to %zu are possible",
                       hop_length, HH_MAX_HOP);
    for (int c = 0; c < envelope->channels; c++) {
        HhCurve curve = hh_curve(envelope, c);
        if (!curve.f32 && !curve.f64)
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "channel %d of the onset envelope is missing", c);
        if (finite && !(curve.f64 ? hh_finite_f64(curve.f64, envelope->length)
                                  : hh_finite_f32(curve.f32, envelope->length)))
            return hh_fail(context, HH_ERROR_NOT_FINITE,
                           "the onset envelope holds NaN or infinity");
    }
    return HH_OK;
}

HhStatus hh_events_check(HhContext *context, const HhSignal *envelope, bool sparse, HhUnits units)
{
    if (sparse && envelope->channels != 1)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a list of events needs one channel, not %d: mix down, or ask for flags",
                       envelope->channels);
    if (units != HH_UNITS_FRAMES && units != HH_UNITS_SAMPLES && units != HH_UNITS_TIME)
        return hh_fail(context, HH_ERROR_ARGUMENT, "unit %d is not known", (int)units);
    return HH_OK;
}

HhStatus hh_events_convert(HhContext *context, const int64_t *frames, size_t count, HhUnits units,
                           size_t hop_length, double rate, HhArray *events)
{
    HH_TRY(
        hh_array_make(context, events, units == HH_UNITS_TIME ? HH_FLOAT64 : HH_INT64, 1, count));
    int64_t *whole = events->data;
    double *seconds = events->data;
    for (size_t i = 0; i < count; i++)
        if (units == HH_UNITS_TIME)
            seconds[i] = (double)(frames[i] * (int64_t)hop_length) / rate;
        else
            whole[i] = units == HH_UNITS_SAMPLES ? frames[i] * (int64_t)hop_length : frames[i];
    return HH_OK;
}

HhStatus hh_events_make(HhContext *context, const unsigned char *flags, size_t frames,
                        HhUnits units, size_t hop_length, double rate, HhArray *events)
{
    int64_t *at = hh_alloc(context, frames, sizeof *at);
    if (!at) return hh_fail_memory(context);
    size_t count = 0;
    for (size_t t = 0; t < frames; t++)
        if (flags[t]) at[count++] = (int64_t)t;
    HhStatus status = hh_events_convert(context, at, count, units, hop_length, rate, events);
    hh_free(context, at);
    return status;
}
