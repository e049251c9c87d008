/* Signals go in as HhSignal (a view, the caller's memory), results come out as HhArray (the
 * library's memory).
 *
 * Layout of a result: the last axis of `shape` is contiguous. A spectrogram of a stereo signal has
 * the shape {2, frames, bins}: frame-major, each frame contiguous. (To NumPy that is librosa's (2,
 * bins, frames) with the last two axes swapped, so no copy is needed.) For a signal of one channel
 * the channel axis is there too, with length 1. */
#ifndef HEIHACHI_ARRAY_H
#define HEIHACHI_ARRAY_H

#include "heihachi/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sound in memory: planar samples, nominally in [-1, 1]; `rate` in Hz. A view: it owns nothing. */
typedef struct HhSignal {
    const float *const *channel; /* [channels] pointers to [length] samples */
    int channels;                /* 1 or more */
    size_t length;               /* samples per channel */
    double rate;                 /* Hz */
    /* NULL, or the samples in double; `channel` is not read then and may be NULL. Functions that do
     * not say that they take doubles refuse a signal without `channel`. */
    const double *const *channel_f64;
} HhSignal;

/* Of a file, of a whole analysis and of what works piece by piece; other functions take any number.
 */
#define HH_MAX_CHANNELS 64

typedef enum HhType {
    HH_FLOAT32,
    HH_FLOAT64,
    HH_COMPLEX64, /* two float32: real, imaginary */
    HH_INT64,
    HH_BOOL,      /* one byte, 0 or 1 */
    HH_COMPLEX128 /* two float64 */
} HhType;

#define HH_MAX_DIMENSIONS 4

/* Zero it (HH_ARRAY_INIT), hand it to a function, use it, hh_array_free() it. A function that fails
 * leaves it empty. */
typedef struct HhArray {
    HhType type;
    int dimensions;
    size_t shape[HH_MAX_DIMENSIONS];
    void *data; /* aligned to 64 bytes */
    HhAllocator owner;
} HhArray;

#define HH_ARRAY_INIT                                                                              \
    {                                                                                              \
        HH_FLOAT32, 0, {0, 0, 0, 0}, NULL,                                                         \
        {                                                                                          \
            NULL, NULL, NULL                                                                       \
        }                                                                                          \
    }

/* Number of elements (1 for a scalar of no dimensions) and bytes of one element. */
HH_API size_t hh_array_count(const HhArray *array);
HH_API size_t hh_type_bytes(HhType type);
/* Accepts NULL and an empty array; leaves it empty. */
HH_API void hh_array_free(HhArray *array);

#ifdef __cplusplus
}
#endif
#endif
