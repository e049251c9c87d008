/* The transform that librosa's autocorrelation of a frame is made of, for kernel/fftpack.h.
 * Constant after it is made. */
#ifndef HH_YIN_FLOAT_H
#define HH_YIN_FLOAT_H

#include "base/base.h"
#include "kernel/fftpack.h"

typedef struct HhYinFloat {
    size_t size; /* rows; at least 2 * frame_length - 1 */
    size_t count;
    HhFftpackPass passes[HH_FFTPACK_PASSES];
    float *twiddles; /* of all passes */
} HhYinFloat;

HhStatus hh_yin_float_create(HhContext *context, size_t frame_length, HhYinFloat **out);
void hh_yin_float_destroy(HhContext *context, HhYinFloat *plan); /* accepts NULL */

#endif
