/* Spectra: the short-time Fourier transform and what is read off it.
 *
 *     HhMelParams params;
 *     hh_mel_defaults(&params);
 *     params.n_mels = 64;
 *     HhArray mel = HH_ARRAY_INIT;                          // {channels, frames, 64}, float
 *     if (hh_melspectrogram(context, &sound, &params, &mel) != HH_OK)
 *         return complain(hh_context_message(context));
 *     const float *first_frame = mel.data;
 *     hh_array_free(&mel);
 *
 * The functions of this header bear librosa's names, parameters, defaults and numbers (release
 * 0.11.0). NULL parameters are the defaults. Each feature exists twice: from the sound (HhSignal
 * *y), and, with _from, from a spectrogram that is already there: HH_FLOAT32 {channels, frames,
 * bins}, magnitudes unless said otherwise, bins = n_fft / 2 + 1. If stft.n_fft does not fit the
 * bins, 2 * (bins - 1) is taken; nothing else of `stft` is used then.
 *
 * Frames: result t is centred on sample t * hop_length. Results run frame-major: {channels, frames,
 * values}, also where there is one value per frame. A signal that holds NaN or infinity is refused
 * with HH_ERROR_NOT_FINITE.
 *
 * Every function of this header that takes a signal takes one of doubles too (channel_f64). Its
 * transform and its inverse are in double from end to end; the features transform it in double and
 * round the magnitudes to float once, so that their results are of the types given below. */
#ifndef HEIHACHI_SPECTRAL_H
#define HEIHACHI_SPECTRAL_H

#include <stdbool.h>

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What stands before the first and after the last sample of a centred analysis (numpy.pad's modes).
 * The Fourier transforms refuse HH_PAD_WRAP, as librosa does. */
typedef enum HhPad {
    HH_PAD_CONSTANT, /* zeros */
    HH_PAD_EDGE,
    HH_PAD_REFLECT,
    HH_PAD_SYMMETRIC,
    HH_PAD_LINEAR_RAMP,
    HH_PAD_WRAP
} HhPad;

/* The windows of scipy.signal.get_window. */
typedef enum HhWindowKind {
    HH_WINDOW_HANN,
    HH_WINDOW_HAMMING,
    HH_WINDOW_BLACKMAN,
    HH_WINDOW_BLACKMAN_HARRIS,
    HH_WINDOW_BARTLETT,
    HH_WINDOW_BOXCAR,
    HH_WINDOW_KAISER,   /* parameter = beta */
    HH_WINDOW_GAUSSIAN, /* parameter = standard deviation in samples */
    HH_WINDOW_CUSTOM,   /* values[length], the caller's */
    HH_WINDOW_TRIANGULAR,
    HH_WINDOW_PARZEN,
    HH_WINDOW_BOHMAN,
    HH_WINDOW_NUTTALL,
    HH_WINDOW_FLAT_TOP,
    HH_WINDOW_BARTLETT_HANN,
    HH_WINDOW_COSINE,
    /* Parameter = share of the window that is tapered, [0, 1]; scipy's default is 0.5. */
    HH_WINDOW_TUKEY
} HhWindowKind;

typedef struct HhWindow {
    HhWindowKind kind;
    double parameter;
    const double *values;
} HhWindow;

/* The window's values, periodic (as all analyses take it) or symmetric -> HH_FLOAT64 {length};
 * length >= 1. */
HH_API HhStatus hh_window(HhContext *context, const HhWindow *window, size_t length, bool periodic,
                          HhArray *out);

/* Common to everything that starts from a short-time Fourier transform. */
typedef struct HhStftParams {
    size_t size;       /* sizeof(HhStftParams) */
    size_t n_fft;      /* samples of a frame, 1..2^20, default 2048 */
    size_t hop_length; /* samples, default 0 = win_length / 4; the features' defaults set 512 */
    /* Samples, at most n_fft, default 0 = n_fft; shorter windows stand in the middle of the
     * frame. */
    size_t win_length;
    HhWindow window; /* periodic; default Hann */
    bool center;     /* default true: frame t is centred on sample t * hop_length */
    HhPad pad;       /* default HH_PAD_CONSTANT */
} HhStftParams;

HH_API void hh_stft_defaults(HhStftParams *params);

/* ---- the transform -> HH_COMPLEX64 {channels, frames, bins}; of doubles HH_COMPLEX128.
 * frames = 1 + (length + 2 * (n_fft / 2) - n_fft) / hop_length if centred, else 1 + (length -
 * n_fft) / hop_length. An empty signal gives one frame of zeros (centred, zero padding). The
 * transform is computed in double; of float samples each number is rounded once. */
HH_API HhStatus hh_stft(HhContext *context, const HhSignal *y, const HhStftParams *params,
                        HhArray *out);

/* |stft|^power -> HH_FLOAT32 {channels, frames, bins}; power > 0. Computed in double before the
 * magnitude is rounded to float. */
HH_API HhStatus hh_spectrogram(HhContext *context, const HhSignal *y, const HhStftParams *params,
                               double power, HhArray *out);

typedef struct HhIstftParams {
    size_t size;       /* sizeof(HhIstftParams) */
    size_t n_fft;      /* samples, default 0 = 2 * (bins - 1); odd sizes must be given */
    size_t hop_length; /* samples, default 0 = win_length / 4 */
    size_t win_length; /* samples, default 0 = n_fft */
    HhWindow window;   /* that of the forward transform; default Hann */
    bool center;       /* default true */
    size_t length;     /* samples to give; default 0 = as many as the frames say */
} HhIstftParams;

HH_API void hh_istft_defaults(HhIstftParams *params);
/* Least-squares inverse: D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier
 * transform", 1984. `spectrum` is {channels, frames, bins}, HH_COMPLEX64 -> HH_FLOAT32 {channels,
 * samples}, or HH_COMPLEX128 -> HH_FLOAT64. */
HH_API HhStatus hh_istft(HhContext *context, const HhArray *spectrum, const HhIstftParams *params,
                         HhArray *out);

/* magnitude = |spectrum|^power (HH_FLOAT32), phase = spectrum / |spectrum| (HH_COMPLEX64; 1 where
 * the spectrum is 0), of the spectrum's shape; HH_FLOAT64 and HH_COMPLEX128 of an HH_COMPLEX128. */
HH_API HhStatus hh_magphase(HhContext *context, const HhArray *spectrum, double power,
                            HhArray *magnitude, HhArray *phase);

/* ---- decibels. Input HH_FLOAT32, HH_FLOAT64, HH_COMPLEX64 or HH_COMPLEX128 (of the last two the
 * magnitude is taken) of any shape; the result has the input's shape and precision. Reference and
 * floor are one for the whole array, channels included. */
typedef enum HhDbReference {
    HH_DB_REFERENCE_VALUE, /* |reference| */
    HH_DB_REFERENCE_MAX,   /* the largest input, is 0 dB then */
    HH_DB_REFERENCE_MEAN,
    HH_DB_REFERENCE_MEDIAN
} HhDbReference;

typedef struct HhDbParams {
    size_t size;                  /* sizeof(HhDbParams) */
    HhDbReference reference_kind; /* default HH_DB_REFERENCE_VALUE */
    double reference;             /* default 1 */
    /* Smaller inputs are raised to it, above 0; default 1e-10 (power), 1e-5 (amplitude). */
    double amin;
    /* dB below the largest value at which the result is cut off; default 80; INFINITY: none. */
    double top_db;
} HhDbParams;

HH_API void hh_power_to_db_defaults(HhDbParams *params);
HH_API void hh_amplitude_to_db_defaults(HhDbParams *params);
/* 10 log10(max(amin, S) / max(amin, reference)) */
HH_API HhStatus hh_power_to_db(HhContext *context, const HhArray *power, const HhDbParams *params,
                               HhArray *out);
/* The same of S^2. */
HH_API HhStatus hh_amplitude_to_db(HhContext *context, const HhArray *amplitude,
                                   const HhDbParams *params, HhArray *out);
/* reference * 10^(S/10), and reference * 10^(S/20) */
HH_API HhStatus hh_db_to_power(HhContext *context, const HhArray *db, double reference,
                               HhArray *out);
HH_API HhStatus hh_db_to_amplitude(HhContext *context, const HhArray *db, double reference,
                                   HhArray *out);

/* ---- mel bands */
typedef enum HhMelNorm {
    HH_MEL_NORM_SLANEY, /* equal area: each triangle is divided by half its width in Hz */
    HH_MEL_NORM_NONE,   /* peak 1 */
    HH_MEL_NORM_POWER   /* each band divided by its p-norm */
} HhMelNorm;

typedef struct HhMelParams {
    size_t size;       /* sizeof(HhMelParams) */
    HhStftParams stft; /* default: 2048 samples every 512 */
    double power;      /* of the magnitude, above 0; default 2 */
    size_t n_mels;     /* bands, at least 1; default 128 */
    double fmin;       /* Hz, default 0 */
    double fmax;       /* Hz, default 0 = half the rate */
    bool htk;          /* HTK's mel scale instead of Slaney's; default false */
    HhMelNorm norm;    /* default HH_MEL_NORM_SLANEY */
    double norm_power; /* p for HH_MEL_NORM_POWER, above 0, INFINITY = maximum; default 1 */
} HhMelParams;

HH_API void hh_mel_defaults(HhMelParams *params);
/* The weights -> HH_FLOAT32 {n_mels, n_fft / 2 + 1}; n_fft is params->stft.n_fft, `rate` in Hz. */
HH_API HhStatus hh_mel_filters(HhContext *context, double rate, const HhMelParams *params,
                               HhArray *out);
/* -> HH_FLOAT32 {channels, frames, n_mels} */
HH_API HhStatus hh_melspectrogram(HhContext *context, const HhSignal *y, const HhMelParams *params,
                                  HhArray *out);
/* The spectrogram is used as it is (a power spectrogram for librosa's numbers). */
HH_API HhStatus hh_melspectrogram_from(HhContext *context, const HhArray *spectrogram, double rate,
                                       const HhMelParams *params, HhArray *out);

typedef struct HhMfccParams {
    size_t size;     /* sizeof(HhMfccParams) */
    HhMelParams mel; /* default: hh_mel_defaults() */
    size_t n_mfcc;   /* coefficients, at least 1, default 20; not more than n_mels are given */
    int dct_type;    /* 1, 2 (default) or 3 */
    bool ortho;      /* orthonormal transform; default true */
    /* Lifter L: coefficient n is multiplied by 1 + L/2 sin(pi (n + 1) / L); default 0 = none. */
    double lifter;
} HhMfccParams;

HH_API void hh_mfcc_defaults(HhMfccParams *params);
/* -> HH_FLOAT32 {channels, frames, n_mfcc}. The 80 dB floor is below the largest value of all
 * channels. */
HH_API HhStatus hh_mfcc(HhContext *context, const HhSignal *y, const HhMfccParams *params,
                        HhArray *out);
/* From a mel spectrogram in dB {channels, frames, bands}; params->mel is not used. */
HH_API HhStatus hh_mfcc_from(HhContext *context, const HhArray *mel_db, const HhMfccParams *params,
                             HhArray *out);

/* ---- one frame, one number (or a few). All take magnitudes that are not negative, and
 * `frequencies` in Hz: those of the bins, [bins], ascending; NULL (default) = n * rate / n_fft. */
typedef struct HhCentroidParams {
    size_t size;       /* sizeof(HhCentroidParams) */
    HhStftParams stft; /* default: 2048 samples every 512 */
    const double *frequencies;
} HhCentroidParams;

HH_API void hh_spectral_centroid_defaults(HhCentroidParams *params);
/* Mean frequency, weighted by magnitude; 0 for silence -> HH_FLOAT64 {channels, frames, 1} Hz. */
HH_API HhStatus hh_spectral_centroid(HhContext *context, const HhSignal *y,
                                     const HhCentroidParams *params, HhArray *out);
HH_API HhStatus hh_spectral_centroid_from(HhContext *context, const HhArray *spectrogram,
                                          double rate, const HhCentroidParams *params,
                                          HhArray *out);

typedef struct HhBandwidthParams {
    size_t size;            /* sizeof(HhBandwidthParams) */
    HhStftParams stft;      /* default: 2048 samples every 512 */
    double p;               /* exponent of the deviation, above 0; default 2 */
    bool norm;              /* magnitudes of a frame divided by their sum; default true */
    const double *centroid; /* [channels][frames] Hz; NULL (default) = the spectral centroid */
    const double *frequencies;
} HhBandwidthParams;

HH_API void hh_spectral_bandwidth_defaults(HhBandwidthParams *params);
/* (sum_k S[k] |f[k] - centroid|^p)^(1/p) -> HH_FLOAT64 {channels, frames, 1} Hz */
HH_API HhStatus hh_spectral_bandwidth(HhContext *context, const HhSignal *y,
                                      const HhBandwidthParams *params, HhArray *out);
HH_API HhStatus hh_spectral_bandwidth_from(HhContext *context, const HhArray *spectrogram,
                                           double rate, const HhBandwidthParams *params,
                                           HhArray *out);

typedef struct HhRolloffParams {
    size_t size;         /* sizeof(HhRolloffParams) */
    HhStftParams stft;   /* default: 2048 samples every 512 */
    double roll_percent; /* share, 0 < roll_percent < 1; default 0.85 */
    const double *frequencies;
} HhRolloffParams;

HH_API void hh_spectral_rolloff_defaults(HhRolloffParams *params);
/* Lowest frequency below which lies `roll_percent` of the sum of magnitudes -> HH_FLOAT64
 * {channels, frames, 1} Hz */
HH_API HhStatus hh_spectral_rolloff(HhContext *context, const HhSignal *y,
                                    const HhRolloffParams *params, HhArray *out);
HH_API HhStatus hh_spectral_rolloff_from(HhContext *context, const HhArray *spectrogram,
                                         double rate, const HhRolloffParams *params, HhArray *out);

typedef struct HhFlatnessParams {
    size_t size;       /* sizeof(HhFlatnessParams) */
    HhStftParams stft; /* default: 2048 samples every 512 */
    double amin;       /* smaller values of S^power are raised to it, above 0; default 1e-10 */
    double power;      /* of the magnitude, above 0; default 2 */
} HhFlatnessParams;

HH_API void hh_spectral_flatness_defaults(HhFlatnessParams *params);
/* Geometric over arithmetic mean, (0, 1] -> HH_FLOAT32 {channels, frames, 1} */
HH_API HhStatus hh_spectral_flatness(HhContext *context, const HhSignal *y,
                                     const HhFlatnessParams *params, HhArray *out);
HH_API HhStatus hh_spectral_flatness_from(HhContext *context, const HhArray *spectrogram,
                                          const HhFlatnessParams *params, HhArray *out);

typedef struct HhContrastParams {
    size_t size;       /* sizeof(HhContrastParams) */
    HhStftParams stft; /* default: 2048 samples every 512 */
    /* Hz, above 0: upper edge of the first band, the others are octaves; default 200. */
    double fmin;
    size_t n_bands; /* octaves, at least 1; default 6 */
    /* Share of a band's bins that are its peak and its valley, 0 < quantile < 1; default 0.02. */
    double quantile;
    bool linear; /* difference of magnitudes instead of dB; default false */
    const double *frequencies;
} HhContrastParams;

HH_API void hh_spectral_contrast_defaults(HhContrastParams *params);
/* Peak above valley in each band -> HH_FLOAT64 {channels, frames, n_bands + 1} dB.
 * D.-N. Jiang et al., "Music type classification by spectral contrast feature", ICME 2002. */
HH_API HhStatus hh_spectral_contrast(HhContext *context, const HhSignal *y,
                                     const HhContrastParams *params, HhArray *out);
HH_API HhStatus hh_spectral_contrast_from(HhContext *context, const HhArray *spectrogram,
                                          double rate, const HhContrastParams *params,
                                          HhArray *out);

typedef struct HhPolyParams {
    size_t size;               /* sizeof(HhPolyParams) */
    HhStftParams stft;         /* default: 2048 samples every 512 */
    size_t order;              /* of the polynomial, 0 to 100, default 1 */
    const double *frequencies; /* as above */
    /* `frequencies` are [channels][frames][bins], a row for each frame; default false. */
    bool per_frame;
    /* Share of the largest singular value below which one counts as 0; default 0 = bins * 2^-52. */
    double rcond;
} HhPolyParams;

HH_API void hh_poly_features_defaults(HhPolyParams *params);
/* Coefficients of the polynomial in frequency that is nearest to each frame (least squares over
 * scaled powers, as numpy.polyfit), the highest power first -> HH_FLOAT64 {channels, frames, order
 * + 1}. Values of a spectrogram may have any sign, and it may be HH_FLOAT64. */
HH_API HhStatus hh_poly_features(HhContext *context, const HhSignal *y, const HhPolyParams *params,
                                 HhArray *out);
HH_API HhStatus hh_poly_features_from(HhContext *context, const HhArray *spectrogram, double rate,
                                      const HhPolyParams *params, HhArray *out);

typedef struct HhZeroCrossingParams {
    size_t size;         /* sizeof(HhZeroCrossingParams) */
    size_t frame_length; /* samples, default 2048 */
    size_t hop_length;   /* samples, default 512 */
    bool center;         /* default true; the padding repeats the first and the last sample */
    double threshold;    /* magnitudes up to it count as 0, at least 0; default 1e-10 */
    bool pad;            /* count the first sample of each frame as a crossing; default false */
    bool zero_pos;       /* 0 counts as positive (default true), or as a sign of its own (false) */
} HhZeroCrossingParams;

HH_API void hh_zero_crossing_rate_defaults(HhZeroCrossingParams *params);
/* Share of samples whose sign differs from the one before -> HH_FLOAT64 {channels, frames, 1} */
HH_API HhStatus hh_zero_crossing_rate(HhContext *context, const HhSignal *y,
                                      const HhZeroCrossingParams *params, HhArray *out);

typedef struct HhRmsParams {
    size_t size;         /* sizeof(HhRmsParams) */
    size_t frame_length; /* samples, default 2048 */
    size_t hop_length;   /* samples, default 512 */
    bool center;         /* default true */
    HhPad pad;           /* default HH_PAD_CONSTANT */
} HhRmsParams;

HH_API void hh_rms_defaults(HhRmsParams *params);
/* Root of the mean square of each frame -> HH_FLOAT32 {channels, frames, 1} */
HH_API HhStatus hh_rms(HhContext *context, const HhSignal *y, const HhRmsParams *params,
                       HhArray *out);
/* From a magnitude spectrogram of frame_length / 2 + 1 bins (boxcar window for the same
 * numbers). */
HH_API HhStatus hh_rms_from(HhContext *context, const HhArray *spectrogram,
                            const HhRmsParams *params, HhArray *out);

/* ---- the sum of squared windows over time, by which overlap-add has to be divided */
typedef struct HhWindowSumsquareParams {
    size_t size;       /* sizeof(HhWindowSumsquareParams) */
    size_t n_fft;      /* samples, 1..2^20, default 2048 */
    size_t hop_length; /* samples, at least 1, default 512 */
    size_t win_length; /* samples, at most n_fft, default 0 = n_fft */
    HhWindow window;   /* periodic, default Hann */
    /* The window is divided by its norm first: p > 0, 0, INFINITY or -INFINITY; default NAN: not.
     */
    double norm;
} HhWindowSumsquareParams;

HH_API void hh_window_sumsquare_defaults(HhWindowSumsquareParams *params);
/* Of n_frames >= 1 frames -> HH_FLOAT32 or HH_FLOAT64 {n_fft + hop_length * (n_frames - 1)}, added
 * up in that type. */
HH_API HhStatus hh_window_sumsquare(HhContext *context, size_t n_frames,
                                    const HhWindowSumsquareParams *params, HhType type,
                                    HhArray *out);

/* ---- autocorrelation: sum_i y[i] y[i + lag] of each row. `y` is HH_FLOAT32 or HH_FLOAT64 {rows,
 * n} (complex rows, which librosa takes, are not); -> the same type {rows, min(max_size, n)}, lags
 * from 0 on; max_size 0 gives all n. Computed in double. A row that holds NaN or infinity gives
 * NaN. */
HH_API HhStatus hh_autocorrelate(HhContext *context, const HhArray *y, size_t max_size,
                                 HhArray *out);

#ifdef __cplusplus
}
#endif
#endif
