/* Harmony: constant-Q spectra, chromagrams, the tonal centroid, the key.
 *
 *     HhArray chroma = HH_ARRAY_INIT;
 *     // NULL: librosa's defaults
 *     if (hh_chroma_cqt(context, &signal, NULL, &chroma) != HH_OK)
 *         return complain(hh_context_message(context));
 *     // chroma.shape is {channels, frames, 12}, class 0 is C;
 *     // frame t is centred on t * 512 / rate seconds
 *     hh_array_free(&chroma);
 *
 *     HhKey key;
 *     if (hh_key_estimate(context, &signal, NULL, &key) == HH_OK)
 *         printf("%s (%.2f)\n", hh_key_name(key.index), key.confidence);
 *
 * The functions that bear librosa's names (release 0.11) take its parameters and give its numbers.
 * Channels are analysed one by one, except that a tuning which is to be estimated is estimated
 * once, over all of them. Errors common to all: HH_ERROR_EMPTY (no samples), HH_ERROR_NOT_FINITE,
 * HH_ERROR_ARGUMENT, HH_ERROR_MEMORY; for the constant-Q functions (but the pseudo one)
 * HH_ERROR_ARGUMENT also when the highest filter reaches beyond half the sample rate. Of samples in
 * double (channel_f64) there is hh_chroma_stft(); the others take floats. */
#ifndef HEIHACHI_HARMONY_H
#define HEIHACHI_HARMONY_H

#include <stdbool.h>

#include "heihachi/array.h"
#include "heihachi/spectral.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers that librosa writes as None are NAN here. */

/* ---- constant-Q and variable-Q transforms (J. Brown 1991; C. Schoerkhuber and A. Klapuri 2010) */

typedef struct HhCqtParams {
    size_t size;            /* sizeof(HhCqtParams) */
    size_t hop_length;      /* samples, default 512 */
    double fmin;            /* Hz of the lowest bin before tuning; default 0 = C1, 32.703 Hz */
    size_t n_bins;          /* default 84 */
    size_t bins_per_octave; /* default 12; 1..1024 */
    /* [bins_per_octave] ratios in [1, 2), ascending, the first 1; default NULL = equal steps. Of
     * the functions below only hh_vqt() looks at it. */
    const double *intervals;
    double tuning; /* fractions of a bin, default 0; NAN: estimated */
    /* Hz, >= 0, added to each bandwidth; only hh_vqt() looks at it. Default NAN: the equivalent
     * rectangular bandwidths of hearing (Glasberg and Moore 1990). */
    double gamma;
    double filter_scale; /* > 0, default 1; below 1: shorter filters */
    /* Of each filter: default 1 (sum of moduli); any p > 0, INFINITY, 0 or NAN (none). */
    double norm;
    double sparsity; /* [0, 1): share of each filter's spectrum that is dropped; default 0.01 */
    HhWindow window; /* of the filters, default Hann; HH_WINDOW_CUSTOM is refused */
    bool scale;      /* default true: divide each bin by the square root of its filter's length */
    HhPad pad_mode;  /* default HH_PAD_CONSTANT */
} HhCqtParams;

HH_API void hh_cqt_defaults(HhCqtParams *params);

/* {channels, frames, n_bins}, HH_COMPLEX64. */
HH_API HhStatus hh_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                       HhArray *out);
HH_API HhStatus hh_vqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                       HhArray *out);
/* Magnitudes, HH_FLOAT32. pseudo: one transform for all bins and no phase; hybrid: pseudo where the
 * filters are short. */
HH_API HhStatus hh_pseudo_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                              HhArray *out);
HH_API HhStatus hh_hybrid_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                              HhArray *out);

/* Frequency in Hz of each bin: frequencies[n_bins]. A `tuning` of NAN counts as 0. */
HH_API HhStatus hh_cqt_frequencies(HhContext *context, const HhCqtParams *params,
                                   double *frequencies);

/* ---- chromagrams: {channels, frames, n_chroma}, HH_FLOAT32, class 0 is C */

typedef enum HhCqtMode { HH_CQT_FULL, HH_CQT_HYBRID } HhCqtMode;

typedef struct HhChromaCqtParams {
    size_t size;       /* sizeof(HhChromaCqtParams) */
    size_t hop_length; /* samples, default 512 */
    double fmin;       /* Hz, default 0 = C1 */
    /* Of each frame: default INFINITY (largest value 1); p > 0, 0, -INFINITY or NAN (none). */
    double norm;
    /* Smaller values become 0 before the frame is normalised; default 0; NAN: none. */
    double threshold;
    double tuning;          /* fractions of a constant-Q bin; default NAN: estimated */
    size_t n_chroma;        /* default 12 */
    size_t n_octaves;       /* default 7 */
    size_t bins_per_octave; /* a multiple of n_chroma, default 36; 0: n_chroma */
    /* [window_length] weights that smooth the fold across constant-Q bins; default NULL. */
    const double *window;
    size_t window_length;
    HhCqtMode cqt_mode; /* default HH_CQT_FULL */
} HhChromaCqtParams;

HH_API void hh_chroma_cqt_defaults(HhChromaCqtParams *params);
HH_API HhStatus hh_chroma_cqt(HhContext *context, const HhSignal *y,
                              const HhChromaCqtParams *params, HhArray *out);
/* The same from constant-Q magnitudes, HH_FLOAT32 {channels, frames, bins}; ignores hop_length,
 * tuning, n_octaves and cqt_mode. */
HH_API HhStatus hh_chroma_from_cqt(HhContext *context, const HhArray *magnitudes,
                                   const HhChromaCqtParams *params, HhArray *out);

/* Of a variable-Q transform whose octaves are divided as one likes: a class for each interval. */
typedef struct HhChromaVqtParams {
    size_t size;             /* sizeof(HhChromaVqtParams) */
    size_t hop_length;       /* samples, default 512 */
    double fmin;             /* Hz, default 0 = C1 */
    const double *intervals; /* [bins_per_octave] as in HhCqtParams; default NULL = equal steps */
    double norm;             /* of each frame, as above, default INFINITY */
    double threshold;        /* as above, default 0 */
    size_t n_octaves;        /* default 7 */
    size_t bins_per_octave;  /* and classes, default 12 */
    double gamma;            /* Hz, as in HhCqtParams; default 0 */
} HhChromaVqtParams;

HH_API void hh_chroma_vqt_defaults(HhChromaVqtParams *params);
/* {channels, frames, bins_per_octave} */
HH_API HhStatus hh_chroma_vqt(HhContext *context, const HhSignal *y,
                              const HhChromaVqtParams *params, HhArray *out);
/* The same from variable-Q magnitudes, HH_FLOAT32 {channels, frames, bins}; ignores hop_length,
 * intervals, n_octaves and gamma. */
HH_API HhStatus hh_chroma_from_vqt(HhContext *context, const HhArray *magnitudes,
                                   const HhChromaVqtParams *params, HhArray *out);

typedef struct HhChromaStftParams {
    size_t size;       /* sizeof(HhChromaStftParams) */
    HhStftParams stft; /* default: 2048 samples every 512 */
    double norm;       /* as above, default INFINITY */
    double tuning;     /* fractions of a class; default NAN: estimated */
    size_t n_chroma;   /* default 12 */
    double ctroct;     /* octave above A0 = 27.5 Hz on which the weights are centred, default 5 */
    /* Standard deviation of the weights in octaves, default 2; NAN: no weighting. */
    double octwidth;
    bool base_c; /* default true: class 0 is C, not A */
} HhChromaStftParams;

HH_API void hh_chroma_stft_defaults(HhChromaStftParams *params);
HH_API HhStatus hh_chroma_stft(HhContext *context, const HhSignal *y,
                               const HhChromaStftParams *params, HhArray *out);

/* Chroma energy normalised statistics (M. Mueller and S. Ewert, Chroma Toolbox, 2011). */
typedef struct HhChromaCensParams {
    size_t size;               /* sizeof(HhChromaCensParams) */
    HhChromaCqtParams chroma;  /* its norm and threshold are not used */
    double norm;               /* default 2 */
    size_t win_len_smooth;     /* frames, default 41; 0: no smoothing */
    HhWindow smoothing_window; /* default Hann */
} HhChromaCensParams;

HH_API void hh_chroma_cens_defaults(HhChromaCensParams *params);
HH_API HhStatus hh_chroma_cens(HhContext *context, const HhSignal *y,
                               const HhChromaCensParams *params, HhArray *out);

/* The tonal centroid (C. Harte, M. Sandler, M. Gasser, Detecting harmonic change in musical audio,
 * 2006): {channels, frames, 6}, HH_FLOAT64: fifths x and y, minor thirds x and y, major thirds x
 * and y. */
HH_API HhStatus hh_tonnetz(HhContext *context, const HhSignal *y, const HhChromaCqtParams *params,
                           HhArray *out);
/* The same from a chromagram, HH_FLOAT32 {channels, frames, n_chroma}. */
HH_API HhStatus hh_tonnetz_from_chroma(HhContext *context, const HhArray *chroma, HhArray *out);

/* ---- the linear maps behind the chromagrams: HH_FLOAT32 {n_chroma, bins} */
HH_API HhStatus hh_cq_to_chroma(HhContext *context, size_t n_input, const HhChromaCqtParams *params,
                                bool base_c, HhArray *out);
/* `tuning` NAN counts as 0; `norm` of the filters is 2 as librosa's default. {n_chroma, 1 + n_fft /
 * 2}. */
HH_API HhStatus hh_chroma_filters(HhContext *context, double rate, size_t n_fft,
                                  const HhChromaStftParams *params, HhArray *out);

/* ---- the filters behind the constant-Q transforms, at any frequencies */
typedef struct HhWaveletParams {
    size_t size;               /* sizeof(HhWaveletParams) */
    const double *frequencies; /* [count] Hz, above 0, ascending */
    size_t count;              /* 1..65536 */
    double rate;               /* Hz, default 22050 */
    HhWindow window;           /* default Hann; HH_WINDOW_CUSTOM is refused */
    double filter_scale;       /* > 0, default 1 */
    bool pad_fft;              /* rows as long as a power of two; default true */
    double norm;               /* of each filter: p > 0, INFINITY, 0 or NAN (none); default 1 */
    double gamma;              /* Hz, >= 0, default 0; NAN: by hearing, as in HhCqtParams */
    const double *gammas;      /* [count] instead of one gamma; default NULL */
    /* [count] bandwidths over frequency; default NULL: half the relative distance of the
     * neighbours, for which there must be two frequencies. */
    const double *alpha;
} HhWaveletParams;

HH_API void hh_wavelet_defaults(HhWaveletParams *params);
/* Length in samples of each filter, seldom whole, -> HH_FLOAT64 {count}; *cutoff (may be NULL): Hz
 * where the highest one ends. */
HH_API HhStatus hh_wavelet_lengths(HhContext *context, const HhWaveletParams *params,
                                   HhArray *lengths, double *cutoff);
/* The filters, centred -> HH_COMPLEX64 {count, longest}; `lengths` as above, or NULL. */
HH_API HhStatus hh_wavelets(HhContext *context, const HhWaveletParams *params, HhArray *filters,
                            HhArray *lengths);

/* ---- the key of a track */

/* Weights of the twelve degrees of a key, from listeners or from corpora. */
typedef enum HhKeyProfile {
    /* Electronic dance music: A. Faraldo, S. Jorda, P. Herrera, A multi-profile method for key
       estimation in EDM, 2017 ("raw"). */
    HH_KEY_EDM,
    /* C. Krumhansl and E. Kessler, Tracing the dynamic changes in perceived tonal organization,
       1982. */
    HH_KEY_KRUMHANSL,
    HH_KEY_TEMPERLEY, /* D. Temperley, Music and Probability, 2007: Kostka-Payne corpus */
    /* J. Albrecht and D. Shanahan, The use of large corpora to train a new type of key-finding
       algorithm, 2013. */
    HH_KEY_ALBRECHT
} HhKeyProfile;

typedef struct HhKeyParams {
    size_t size;          /* sizeof(HhKeyParams) */
    HhKeyProfile profile; /* default HH_KEY_EDM */
} HhKeyParams;

typedef struct HhKey {
    int index;         /* 0..11: C major .. B major, 12..23: C minor .. B minor, -1: unknown */
    double confidence; /* [0, 1]; 0 if unknown */
    double score[24];  /* of each key: correlation with its profile, [-1, 1] */
} HhKey;

HH_API void hh_key_defaults(HhKeyParams *params);
/* The key of the whole signal. Silence, noise, drums, single tones and rates too low for four
 * octaves (1.1 kHz) give unknown, not an error. */
HH_API HhStatus hh_key_estimate(HhContext *context, const HhSignal *y, const HhKeyParams *params,
                                HhKey *key);
/* The same from the mean of a chromagram whose frames each have the largest value 1, as
 * hh_chroma_cqt() gives, leaving out silent frames; C first, values in [0, 1]. */
HH_API HhStatus hh_key_from_chroma(HhContext *context, const double chroma[12],
                                   const HhKeyParams *params, HhKey *key);
/* "C major" ... "B minor", sharps; "unknown" for anything else. */
HH_API const char *hh_key_name(int index);

#ifdef __cplusplus
}
#endif
#endif
