/* Harmonic-percussive separation: what sounds on, and what strikes.
 *
 *     HhArray harmonic = HH_ARRAY_INIT, percussive = HH_ARRAY_INIT;
 *     if (hh_hpss(context, &signal, NULL, &harmonic, &percussive) != HH_OK) ...
 *     const float *left = harmonic.data; // {channels, length}, as long as the signal
 *
 * In a spectrogram a held tone is a ridge along time and a stroke a ridge along frequency. A median
 * filter along time keeps the first and removes the second, one along frequency the opposite; each
 * part is the spectrogram times a mask that tells how much of a cell is the one median and how much
 * the other (D. Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010).
 * With margins above 1 (J. Driedger, M. Mueller, S. Disch, "Extending harmonic-percussive
 * separation of audio signals", ISMIR 2014) a cell must exceed the other median by that factor, and
 * what is neither is in neither part. At the ends the spectrogram is continued by reflection
 * (d c b a | a b c d | d c b a), however short it is. Numbers are those of librosa 0.11 to 1e-5 of
 * the value plus 2e-6 of the maximum. */
#ifndef HEIHACHI_SEPARATION_H
#define HEIHACHI_SEPARATION_H

#include <stdbool.h>

#include "heihachi/spectral.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct HhHpssParams {
    size_t size;             /* sizeof(HhHpssParams) */
    size_t harmonic_width;   /* frames under the median along time, 1 to 2^20, default 31 */
    size_t percussive_width; /* bins under the median along frequency, 1 to 2^20, default 31 */
    double power; /* exponent of the masks, FLT_MIN or more, default 2; INFINITY: yes or no */
    bool mask;    /* give the masks instead of the masked spectra, default false */
    double harmonic_margin;   /* 1 to FLT_MAX, default 1 */
    double percussive_margin; /* 1 to FLT_MAX, default 1 */
    HhStftParams stft; /* of signals; its window is ignored, as librosa does: it is always Hann */
} HhHpssParams;

HH_API void hh_hpss_defaults(HhHpssParams *params);

/* Of sound in float -> HH_FLOAT32 {channels, length}. With params->mask the masks themselves are
 * transformed back into sound. */
HH_API HhStatus hh_hpss(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                        HhArray *harmonic, HhArray *percussive);
/* One part of hh_hpss(), at two thirds of its cost. */
HH_API HhStatus hh_harmonic(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                            HhArray *harmonic);
HH_API HhStatus hh_percussive(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                              HhArray *percussive);

/* Of a spectrogram {channels, frames, bins} or {frames, bins}: HH_COMPLEX64, or HH_FLOAT32
 * magnitudes, finite and not negative. Both parts have its shape and type; with params->mask they
 * are HH_FLOAT32, or HH_BOOL if the power is infinite. HH_COMPLEX128 and HH_FLOAT64 are masked in
 * double; the masks are made in float (of magnitudes that are scaled where a float does not hold
 * them) and given as HH_FLOAT64. */
HH_API HhStatus hh_decompose_hpss(HhContext *context, const HhArray *spectrogram,
                                  const HhHpssParams *params, HhArray *harmonic,
                                  HhArray *percussive);

#ifdef __cplusplus
}
#endif
#endif
