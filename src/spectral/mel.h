/* Mel filter bank and MFCC on tiles and rows: the parts that the one-pass engine shares with
 * hh_melspectrogram() and hh_mfcc(). Plans are constant once made and may be shared by threads. */
#ifndef HH_MEL_H
#define HH_MEL_H

#include "base/base.h"
#include "heihachi/spectral.h"
#include "kernel/kernels.h"
#include "spectral/tiles.h"

/* A sparse filter bank. Zero it before the first use; hh_mel_bank_free() accepts that too. */
typedef struct HhMelBank {
    size_t n_mels, bins;
    HhFilterBand *bands; /* [n_mels] */
    float *weights;      /* those of all bands, one after the other */
} HhMelBank;

/* `params` resolved by the caller (defaults applied); `bins` = n_fft / 2 + 1. */
HhStatus hh_mel_bank_make(HhContext *context, HhMelBank *bank, double rate, size_t n_fft,
                          const HhMelParams *params);
void hh_mel_bank_free(HhContext *context, HhMelBank *bank);

/* hh_melspectrogram() from tiles of this kind, HH_TILE_POWER or HH_TILE_EXACT_POWER; parameters
 * with defaults applied. */
HhStatus hh_mel_of_signal(HhContext *context, const HhSignal *y, const HhMelParams *params,
                          HhTileKind kind, HhArray *out);

/* tile[bins][HH_TILE] -> mel[n_mels][HH_TILE] */
static inline void hh_mel_bank_tile(const HhMelBank *bank, const HhKernels *kernels,
                                    const float *tile, float *mel)
{
    kernels->spectral->bank(tile, bank->bands, bank->n_mels, bank->weights, mel);
}

/* Discrete cosine transform with lifter, as a matrix. */
typedef struct HhCepstrum {
    size_t n_mels, n_mfcc;
    float *weights; /* [n_mfcc][n_mels] */
} HhCepstrum;

HhStatus hh_cepstrum_make(HhContext *context, HhCepstrum *cepstrum, size_t n_mels,
                          const HhMfccParams *params);
void hh_cepstrum_free(HhContext *context, HhCepstrum *cepstrum);

/* Mel power rows [frames][n_mels] -> [frames][n_mfcc]. Powers become decibels, of reference 1, at
 * least those of 1e-10 and at most 80 dB below `max_power`, the largest value of the whole track.
 * May be called for any stretch of frames: each row depends on itself and max_power alone.
 * Allocates its scratch; runs on the context's threads. */
HhStatus hh_mfcc_rows(HhContext *context, const HhCepstrum *cepstrum, const float *mel,
                      size_t frames, float max_power, float *mfcc);

/* Frequency of bin k of a transform of n_fft points, in the rounding of numpy.fft.rfftfreq. */
static inline double hh_bin_frequency(size_t k, size_t n_fft, double rate)
{
    return (double)k * (1.0 / ((double)n_fft * (1.0 / rate)));
}

#endif
