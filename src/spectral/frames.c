/* See frames.h. The padding rules are numpy.pad's. */
#include "spectral/frames.h"

#include <string.h>

HhStatus hh_frames_init(HhContext *context, HhFrames *frames, const float *x, size_t length,
                        size_t frame_length, size_t hop, bool center, HhPad mode)
{
    if (frame_length == 0 || hop == 0 || hop > HH_MAX_HOP)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "frames of %zu samples, one every %zu; at least one sample, and a hop of at "
                       "most %zu, are possible",
                       frame_length, hop, HH_MAX_HOP);
    size_t pad = center ? frame_length / 2 : 0;
    if (length == 0 && pad > 0 && mode != HH_PAD_CONSTANT)
        return hh_fail(context, HH_ERROR_EMPTY, "an empty signal can only be padded with zeros");
    if (length + 2 * pad < frame_length)
        return hh_fail(context, HH_ERROR_TOO_SHORT, "%zu samples are fewer than one frame of %zu",
                       length, frame_length);
    *frames = (HhFrames){.x = x,
                         .length = length,
                         .frame_length = frame_length,
                         .hop = hop,
                         .pad = pad,
                         .mode = mode,
                         .count = 1 + (length + 2 * pad - frame_length) / hop};
    return HH_OK;
}

HhStatus hh_frames_of_channel(HhContext *context, HhFrames *frames, const HhSignal *y,
                              size_t channel, size_t frame_length, size_t hop, bool center,
                              HhPad mode)
{
    const float *x = y->channel_f64 ? NULL : y->channel[channel];
    HH_TRY(hh_frames_init(context, frames, x, y->length, frame_length, hop, center, mode));
    frames->in_double = y->channel_f64 != NULL;
    if (frames->in_double) frames->x_f64 = y->channel_f64[channel];
    return HH_OK;
}

size_t hh_frames_scratch(const HhFrames *frames, size_t most)
{
    return frames->frame_length + (HH_MIN(frames->count, most) - 1) * frames->hop;
}

/* Which sample of the signal stands at `index` of the padded one, outside it; `factor` is what it
 * is multiplied by. */
static ptrdiff_t source_of(const HhFrames *frames, ptrdiff_t index, double *factor)
{
    ptrdiff_t n = (ptrdiff_t)frames->length, edge = index < 0 ? 0 : n - 1;
    *factor = 1.0;
    switch (frames->mode) {
    case HH_PAD_CONSTANT:
        *factor = 0.0;
        return 0;
    case HH_PAD_EDGE:
        return edge;
    case HH_PAD_REFLECT: {
        if (n == 1) return 0;
        ptrdiff_t period = 2 * (n - 1);
        ptrdiff_t i = ((index % period) + period) % period;
        return i < n ? i : period - i;
    }
    case HH_PAD_SYMMETRIC: {
        ptrdiff_t period = 2 * n;
        ptrdiff_t i = ((index % period) + period) % period;
        return i < n ? i : period - 1 - i;
    }
    case HH_PAD_LINEAR_RAMP: {
        /* from 0 at the outermost padded sample to the edge value, which itself is not repeated */
        double pad = (double)frames->pad;
        double away = index < 0 ? (double)-index : (double)(index - n + 1);
        *factor = (pad - away) / pad;
        return edge;
    }
    case HH_PAD_WRAP:
        return ((index % n) + n) % n;
    }
    return edge;
}

static float outside_f32(const HhFrames *frames, ptrdiff_t index)
{
    double factor;
    ptrdiff_t at = source_of(frames, index, &factor);
    return factor == 0.0 ? 0.0f : (float)((double)frames->x[at] * factor);
}

static double outside_f64(const HhFrames *frames, ptrdiff_t index)
{
    double factor;
    ptrdiff_t at = source_of(frames, index, &factor);
    return factor == 0.0 ? 0.0 : frames->x_f64[at] * factor;
}

#define DEFINE_GET(NAME, TYPE, SAMPLES, OUTSIDE)                                                   \
    const TYPE *NAME(const HhFrames *frames, size_t first, size_t count, TYPE *scratch)            \
    {                                                                                              \
        ptrdiff_t begin = (ptrdiff_t)(first * frames->hop) - (ptrdiff_t)frames->pad;               \
        ptrdiff_t end = begin + (ptrdiff_t)((count - 1) * frames->hop + frames->frame_length);     \
        if (begin >= 0 && end <= (ptrdiff_t)frames->length) return frames->SAMPLES + begin;        \
        ptrdiff_t i = begin;                                                                       \
        for (; i < end && i < 0; i++) scratch[i - begin] = OUTSIDE(frames, i);                     \
        ptrdiff_t inside = HH_MIN(end, (ptrdiff_t)frames->length) - i;                             \
        if (inside > 0) {                                                                          \
            memcpy(scratch + (i - begin), frames->SAMPLES + i, (size_t)inside * sizeof *scratch);  \
            i += inside;                                                                           \
        }                                                                                          \
        for (; i < end; i++) scratch[i - begin] = OUTSIDE(frames, i);                              \
        return scratch;                                                                            \
    }

DEFINE_GET(hh_frames_get, float, x, outside_f32)
DEFINE_GET(hh_frames_get_f64, double, x_f64, outside_f64)

const void *hh_frames_get_either(const HhFrames *frames, size_t first, size_t count, void *scratch)
{
    if (frames->in_double) return hh_frames_get_f64(frames, first, count, scratch);
    return hh_frames_get(frames, first, count, scratch);
}
