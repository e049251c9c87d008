/* Cuts a signal into overlapping frames, with the padding of a centred analysis, HH_TILE frames at
 * a time. */
#ifndef HH_FRAMES_H
#define HH_FRAMES_H

#include "base/base.h"
#include "heihachi/spectral.h"
#include "kernel/level.h"

/* More would be no analysis; products of a hop and a count of frames stay far from overflow. */
#define HH_MAX_HOP ((size_t)1 << 30)

typedef struct HhFrames {
    const float *x;
    size_t length;       /* samples */
    size_t frame_length; /* samples */
    size_t hop;          /* samples */
    size_t pad;          /* samples before the first and after the last */
    HhPad mode;
    size_t count;   /* frames */
    bool in_double; /* that the samples are: in x_f64, not in x */
    const double *x_f64;
} HhFrames;

/* Counts the frames as librosa does: 1 + (length + 2 * pad - frame_length) / hop, pad =
 * frame_length / 2 if centred; hop in 1..HH_MAX_HOP. HH_ERROR_TOO_SHORT when there is not one whole
 * frame. */
HhStatus hh_frames_init(HhContext *context, HhFrames *frames, const float *x, size_t length,
                        size_t frame_length, size_t hop, bool center, HhPad mode);
/* The same of channel `channel` of a signal, of floats or of doubles. */
HhStatus hh_frames_of_channel(HhContext *context, HhFrames *frames, const HhSignal *y,
                              size_t channel, size_t frame_length, size_t hop, bool center,
                              HhPad mode);

/* Samples of scratch that hh_frames_get() needs for up to `most` frames at a time. */
size_t hh_frames_scratch(const HhFrames *frames, size_t most);

/* Frames first..first+count-1 (count >= 1): frame i starts at the returned pointer + i * hop.
 * Points into x where it can, into scratch at the edges. */
const float *hh_frames_get(const HhFrames *frames, size_t first, size_t count, float *scratch);
const double *hh_frames_get_f64(const HhFrames *frames, size_t first, size_t count,
                                double *scratch);
/* Of either type, as the samples are. */
const void *hh_frames_get_either(const HhFrames *frames, size_t first, size_t count, void *scratch);

#endif
