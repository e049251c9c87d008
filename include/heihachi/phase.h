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

#ifdef __cplusplus
}
#endif
#endif
