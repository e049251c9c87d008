/* Samples of many frames at once, padded at the edges of the signal. */
#include "pitch/pitch.h"

const float *hh_pitch_samples(const HhFrames *frames, size_t first, size_t count, float *scratch)
{
    ptrdiff_t begin = (ptrdiff_t)(first * frames->hop) - (ptrdiff_t)frames->pad;
    ptrdiff_t end = begin + (ptrdiff_t)((count - 1) * frames->hop + frames->frame_length);
    if (begin >= 0 && end <= (ptrdiff_t)frames->length) return frames->x + begin;
    for (ptrdiff_t i = begin; i < end; i++) scratch[i - begin] = hh_frames_sample(frames, i);
    return scratch;
}
