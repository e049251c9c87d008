/* Phases: slower and faster without another pitch, sound from magnitudes alone, and spectrograms
 * whose energy is moved to where it belongs.
 *
 *     HhPhaseVocoderParams params;
 *     hh_phase_vocoder_defaults(&params);
 *     params.rate = 1.5;                                    // one and a half times as fast
 *     HhArray fast = HH_ARRAY_INIT;
 *     status = hh_phase_vocoder(context, &spectrum, &params, &fast);
 *
 * The functions of this header bear librosa's names, parameters, defaults and numbers (release
 * 0.11.0), in float and in double. Spectra run frame-major: {channels, frames, bins}, bins = n_fft
 * / 2 + 1. NULL parameters are the defaults. */
#ifndef HEIHACHI_PHASE_H
#define HEIHACHI_PHASE_H

#include "heihachi/spectral.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct HhPhaseVocoderParams {
    size_t size;       /* sizeof(HhPhaseVocoderParams) */
    double rate;       /* speed, above 0: 2 halves the number of frames; default 1 */
    size_t hop_length; /* samples between the spectrum's frames; default 0 = n_fft / 4 */
    size_t n_fft;      /* default 0 = 2 * (bins - 1); odd sizes must be given */
} HhPhaseVocoderParams;

HH_API void hh_phase_vocoder_defaults(HhPhaseVocoderParams *params);
/* `spectrum` is HH_COMPLEX64 or HH_COMPLEX128 {channels, frames, bins}; -> the same type {channels,
 * ceil(frames / rate), bins}. Magnitudes are interpolated between frames; the phases advance as in
 * the spectrum, from those of its first frame. As in librosa the running phase is held in the
 * spectrum's precision: of HH_COMPLEX64 it loses 10^-7 of its size, which grows by up to pi *
 * hop_length a frame. A NaN spoils its bin from there on. */
HH_API HhStatus hh_phase_vocoder(HhContext *context, const HhArray *spectrum,
                                 const HhPhaseVocoderParams *params, HhArray *out);

typedef struct HhGriffinLimParams {
    size_t size;       /* sizeof(HhGriffinLimParams) */
    size_t n_iter;     /* default 32; 0 inverts the phases that are given */
    size_t n_fft;      /* samples, default 0 = 2 * (bins - 1); odd sizes must be given */
    size_t hop_length; /* samples, default 0 = win_length / 4 */
    size_t win_length; /* samples, default 0 = n_fft */
    HhWindow window;   /* default Hann */
    bool center;       /* default true */
    HhPad pad;         /* default HH_PAD_CONSTANT */
    size_t length;     /* samples to give; default 0 = as many as the frames say */
    double momentum;   /* at least 0 (the original algorithm), above 1 unstable; default 0.99 */
} HhGriffinLimParams;

HH_API void hh_griffinlim_defaults(HhGriffinLimParams *params);
/* Sound whose magnitudes are `magnitude`, HH_FLOAT32 or HH_FLOAT64 {channels, frames, bins}; -> the
 * same type {channels, samples}. `phases` are complex numbers of modulus 1 to start from, of the
 * magnitude's shape, HH_COMPLEX64 or HH_COMPLEX128 after its type; NULL: 1. A length whose
 * transform has another number of frames is refused. The iteration multiplies rounding: of float
 * magnitudes 32 of them end 1e-4 of the peak from the same in double, as librosa's do; of double
 * ones 1e-12 from librosa. */
HH_API HhStatus hh_griffinlim(HhContext *context, const HhArray *magnitude, const HhArray *phases,
                              const HhGriffinLimParams *params, HhArray *out);

typedef struct HhReassignedParams {
    size_t size;               /* sizeof(HhReassignedParams) */
    HhStftParams stft;         /* default: hh_stft_defaults() */
    bool reassign_frequencies; /* default true; at least one of the two */
    bool reassign_times;       /* default true */
    /* |X|^2 below which frequency and time are NaN, at least 0; default 1e-6. A value that depends
     * on the magnitudes (librosa's callable) is found from a spectrum that is then handed in. */
    double ref_power;
    bool fill_nan; /* the bin's frequency and the frame's time instead of NaN; default false */
    bool clip;     /* to 0..rate / 2 and to 0..duration; default true */
} HhReassignedParams;

HH_API void hh_reassigned_spectrogram_defaults(HhReassignedParams *params);
/* Where the energy of each bin lies: Hz and seconds -> HH_FLOAT64 {channels, frames, bins}, and
 * magnitudes -> HH_FLOAT32, or HH_FLOAT64 for samples in double. What is not reassigned is the
 * bin's frequency or the frame's time. `spectrum` is NULL or the transform of y with the same
 * parameters; the magnitudes are as exact as it is then. Bins without energy are NaN or, with
 * ref_power 0, may be clipped infinities. */
HH_API HhStatus hh_reassigned_spectrogram(HhContext *context, const HhSignal *y,
                                          const HhArray *spectrum, const HhReassignedParams *params,
                                          HhArray *frequencies, HhArray *times,
                                          HhArray *magnitudes);

#ifdef __cplusplus
}
#endif
#endif
