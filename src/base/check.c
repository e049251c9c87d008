/* What the public functions ask of their arguments: see base.h. */
#include <math.h>
#include <string.h>

#include "base/base.h"

HhStatus hh_params_read(HhContext *context, const void *given, void *params, size_t bytes)
{
    if (!given) return HH_OK;
    size_t size;
    memcpy(&size, given, sizeof size);
    if (size < sizeof size || size > bytes)
        return hh_fail(context, HH_ERROR_ARGUMENT, "parameters of %zu bytes, this version has %zu",
                       size, bytes);
    memcpy(params, given, size);
    return HH_OK;
}

bool hh_finite_f32(const float *x, size_t count)
{
    /* An exponent of all ones carries into the sign. */
    const uint32_t exponent = 0x7f800000u, lowest = 0x00800000u;
    for (size_t i = 0; i < count;) {
        size_t end = HH_MIN(count, i + 4096);
        uint32_t odd = 0;
        for (; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            odd |= (bits & exponent) + lowest;
        }
        if (odd >> 31) return false;
    }
    return true;
}

bool hh_finite_f64(const double *x, size_t count)
{
    const uint64_t exponent = (uint64_t)0x7ff << 52, lowest = (uint64_t)1 << 52;
    for (size_t i = 0; i < count;) {
        size_t end = HH_MIN(count, i + 4096);
        uint64_t odd = 0;
        for (; i < end; i++) {
            uint64_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            odd |= (bits & exponent) + lowest;
        }
        if (odd >> 63) return false;
    }
    return true;
}

static HhStatus check_channels(HhContext *context, const HhSignal *y, bool in_double)
{
    if (y->channels < 1)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a signal of %d channels: at least 1",
                       y->channels);
    for (int c = 0; c < y->channels && y->length > 0; c++)
        if (in_double ? !y->channel_f64[c] : !y->channel[c])
            return hh_fail(context, HH_ERROR_ARGUMENT, "channel %d has no samples", c + 1);
    return HH_OK;
}

HhStatus hh_channels_check(HhContext *context, const HhSignal *y)
{
    if (y && !y->channel && y->channel_f64)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "this function takes float samples, the signal has doubles");
    if (!y || !y->channel) return hh_fail(context, HH_ERROR_ARGUMENT, "there is no signal");
    return check_channels(context, y, false);
}

static HhStatus fail_not_finite(HhContext *context, size_t sample, int channel, double value)
{
    return hh_fail(context, HH_ERROR_NOT_FINITE, "sample %zu of channel %d is %s", sample,
                   channel + 1, isnan(value) ? "NaN" : "infinite");
}

HhStatus hh_signal_check(HhContext *context, const HhSignal *y)
{
    HH_TRY(hh_channels_check(context, y));
    for (int c = 0; c < y->channels; c++) {
        const float *x = y->channel[c];
        if (hh_finite_f32(x, y->length)) continue;
        size_t n = 0;
        while (isfinite(x[n])) n++;
        return fail_not_finite(context, n, c, (double)x[n]);
    }
    return HH_OK;
}

HhStatus hh_signal_check_either(HhContext *context, const HhSignal *y)
{
    if (!y || !y->channel_f64) return hh_signal_check(context, y);
    HH_TRY(check_channels(context, y, true));
    for (int c = 0; c < y->channels; c++) {
        const double *x = y->channel_f64[c];
        if (hh_finite_f64(x, y->length)) continue;
        size_t n = 0;
        while (isfinite(x[n])) n++;
        return fail_not_finite(context, n, c, x[n]);
    }
    return HH_OK;
}

HhStatus hh_rate_check(HhContext *context, double rate)
{
    if (!(rate > 0.0) || !isfinite(rate))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a sample rate of %g Hz", rate);
    return HH_OK;
}
