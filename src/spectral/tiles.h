/* Where spectra come from: tiles of HH_TILE frames, transformed from a signal or taken from a
 * finished spectrogram, handed to a body on several threads. Every spectral feature of a whole
 * array is a body.
 *
 *     HhTileSource source;
 *     HH_TRY(hh_tiles_of_signal(context, &source, y, &stft, HH_TILE_POWER));
 *     status = hh_array_make(context, out, HH_FLOAT32, 3, source.channels, source.frames, n_mels);
 *     if (status == HH_OK) status = hh_tiles_run(&source, scratch_bytes, body, &job);
 *     hh_tiles_free(&source);
 */
#ifndef HH_TILES_H
#define HH_TILES_H

#include "base/base.h"
#include "heihachi/spectral.h"
#include "kernel/kernels.h"
#include "spectral/frames.h"

typedef enum HhTileKind {
    HH_TILE_COMPLEX,     /* re and im, float transform; of doubles re_f64 and im_f64 */
    HH_TILE_POWER,       /* `value` = re^2 + im^2, float transform; of doubles as the next */
    HH_TILE_EXACT_POWER, /* `value` = re^2 + im^2, double transform, rounded once */
    /* `value` = |X| as librosa's, double transform: equal but for the last bit of 1 in 10^5. Of
     * doubles rounded once. */
    HH_TILE_MAGNITUDE,
    HH_TILE_DOUBLE, /* re_f64 and im_f64, double transform, of floats and of doubles */
    HH_TILE_GIVEN   /* `value` = what the caller's spectrogram holds */
} HhTileKind;

typedef struct HhTileSource {
    HhContext *context;
    const HhKernels *kernels;
    HhTileKind kind;
    size_t channels, frames, bins, n_fft;
    /* of a signal */
    bool in_double; /* that its samples are */
    HhFft *fft;
    HhFrames *cuts; /* [channels] */
    double *window; /* [n_fft] */
    float *window_f32;
    /* NULL, or the frames to visit (channel * frames + frame), HH_TILE to a tile in this order. Of
     * such a tile `channel` is 0 and `first` the place of lane 0 in the list. */
    const size_t *only;
    size_t only_count;
    /* of a spectrogram */
    const float *spectrogram;
} HhTileSource;

typedef struct HhSpectrumTile {
    size_t channel, first; /* the frame of lane 0 */
    int count;             /* lanes in use; the others are zero */
    float *value;          /* [bins][HH_TILE], may be overwritten */
    float *re, *im;        /* HH_TILE_COMPLEX only */
    /* HH_TILE_DOUBLE, and HH_TILE_COMPLEX of doubles, instead of all that is above. */
    double *re_f64, *im_f64;
} HhSpectrumTile;

/* `scratch` is the running thread's own: the bytes asked for, aligned to HH_ALIGNMENT. */
typedef void HhTileBody(void *arg, const HhSpectrumTile *tile, void *scratch);

/* Of samples in float or in double. */
HhStatus hh_tiles_of_signal(HhContext *context, HhTileSource *source, const HhSignal *y,
                            const HhStftParams *stft, HhTileKind kind);
/* Refuses what is not HH_FLOAT32 {channels, frames, bins}, not finite or negative. n_fft: see
 * heihachi/spectral.h. */
HhStatus hh_tiles_of_spectrogram(HhContext *context, HhTileSource *source,
                                 const HhArray *spectrogram, size_t n_fft);
/* Each value of a tile to the power of `exponent`, in place. */
void hh_tile_power(const HhKernels *kernels, float *tile, size_t bins, double exponent);
HhStatus hh_tiles_run(const HhTileSource *source, size_t scratch_bytes, HhTileBody *body,
                      void *arg);
void hh_tiles_free(HhTileSource *source);

/* Fills in the zeros (hop_length, win_length) and checks. */
HhStatus hh_stft_resolve(HhContext *context, HhStftParams *stft);

#endif
