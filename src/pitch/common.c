/* What the functions of this room begin with. */
#include <string.h>

#include "pitch/pitch.h"

HhStatus hh_pitch_check_signal(HhContext *context, const HhSignal *y)
{
    if (!y || !y->channel || y->channels < 1 || y->channels > HH_MAX_CHANNELS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no signal, or one of %d channels", y ? y->channels : 0);
    if (!(y->rate > 0) || !(y->rate < 1e9))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a sample rate of %g Hz", y->rate);
    const HhKernels *k = hh_kernels(context);
    for (int c = 0; c < y->channels; c++) {
        if (!y->channel[c] && y->length > 0)
            return hh_fail(context, HH_ERROR_ARGUMENT, "channel %d has no samples", c);
        if (!k->vector->finite_f32(y->channel[c], y->length))
            return hh_fail(context, HH_ERROR_NOT_FINITE, "channel %d holds NaN or infinity", c);
    }
    return HH_OK;
}

const float *hh_pitch_samples(const HhFrames *frames, size_t first, size_t count, float *scratch)
{
    ptrdiff_t begin = (ptrdiff_t)(first * frames->hop) - (ptrdiff_t)frames->pad;
    ptrdiff_t end = begin + (ptrdiff_t)((count - 1) * frames->hop + frames->frame_length);
    if (begin >= 0 && end <= (ptrdiff_t)frames->length) return frames->x + begin;
    for (ptrdiff_t i = begin; i < end; i++) scratch[i - begin] = hh_frames_sample(frames, i);
    return scratch;
}

HhStatus hh_pitch_params(HhContext *context, void *params, size_t size, const void *given)
{
    if (!given) return HH_OK;
    size_t given_size;
    memcpy(&given_size, given, sizeof given_size);
    if (given_size < sizeof given_size || given_size > size)
        return hh_fail(context, HH_ERROR_ARGUMENT, "parameters of %zu bytes, at most %zu are known", given_size, size);
    memcpy(params, given, given_size);
    return HH_OK;
}
