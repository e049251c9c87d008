/* Spectra: the short-time Fourier transform and what is read off it. */
#ifndef HEIHACHI_SPECTRAL_H
#define HEIHACHI_SPECTRAL_H

#include <stdbool.h>

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What stands before the first and after the last sample of a centred analysis (numpy.pad's modes). */
typedef enum HhPad {
    HH_PAD_CONSTANT, /* zeros */
    HH_PAD_EDGE,
    HH_PAD_REFLECT,
    HH_PAD_SYMMETRIC,
    HH_PAD_LINEAR_RAMP,
    HH_PAD_WRAP
} HhPad;

typedef enum HhWindowKind {
    HH_WINDOW_HANN,
    HH_WINDOW_HAMMING,
    HH_WINDOW_BLACKMAN,
    HH_WINDOW_BLACKMAN_HARRIS,
    HH_WINDOW_BARTLETT,
    HH_WINDOW_BOXCAR,
    HH_WINDOW_KAISER,   /* parameter = beta */
    HH_WINDOW_GAUSSIAN, /* parameter = standard deviation in samples */
    HH_WINDOW_CUSTOM    /* values[length], the caller's */
} HhWindowKind;

typedef struct HhWindow {
    HhWindowKind kind;
    double parameter;
    const double *values;
} HhWindow;

/* Common to everything that starts from a short-time Fourier transform. */
typedef struct HhStftParams {
    size_t size;       /* sizeof(HhStftParams) */
    size_t n_fft;      /* samples of a frame, default 2048 */
    size_t hop_length; /* samples, default 0 = win_length / 4 */
    size_t win_length; /* samples, default 0 = n_fft */
    HhWindow window;   /* periodic; default Hann */
    bool center;       /* default true: frame t is centred on sample t * hop_length */
    HhPad pad;         /* default HH_PAD_CONSTANT */
} HhStftParams;

HH_API void hh_stft_defaults(HhStftParams *params);

#ifdef __cplusplus
}
#endif
#endif
