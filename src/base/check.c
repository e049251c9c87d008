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

HhStatus hh_channels_check(HhContext *context, const HhSignal *y)
{
    if (!y || !y->channel) return hh_fail(context, HH_ERROR_ARGUMENT, "there is no signal");
    if (y->channels < 1 || y->channels > HH_MAX_CHANNELS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a signal of %d channels: 1 to %d", y->channels,
                       HH_MAX_CHANNELS);
    for (int c = 0; c < y->channels; c++)
        if (!y->channel[c] && y->length > 0)
            return hh_fail(context, HH_ERROR_ARGUMENT, "channel %d has no samples", c + 1);
    return HH_OK;
}

HhStatus hh_signal_check(HhContext *context, const HhSignal *y)
{
    HH_TRY(hh_channels_check(context, y));
    for (int c = 0; c < y->channels; c++) {
        const float *x = y->channel[c];
        if (hh_finite_f32(x, y->length)) continue;
        size_t n = 0;
        while (isfinite(x[n])) n++;
        return hh_fail(context, HH_ERROR_NOT_FINITE, "sample %zu of channel %d is %s", n, c + 1,
                       isnan(x[n]) ? "NaN" : "infinite");
    }
    return HH_OK;
}

HhStatus hh_rate_check(HhContext *context, double rate)
{
    if (!(rate > 0.0) || !isfinite(rate))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a sample rate of %g Hz", rate);
    return HH_OK;
}
