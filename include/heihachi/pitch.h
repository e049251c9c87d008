/* Pitch: the fundamental frequency of a voice (YIN, pYIN), the peaks of a spectrum, and how far a
 * recording is from A4 = 440 Hz.
 *
 *     HhYinParams params;
 *     hh_yin_defaults(&params);
 *     params.fmin = 80.0;
 *     HhArray f0 = HH_ARRAY_INIT;
 *     if (hh_yin(context, &y, &params, &f0) == HH_OK)
 *         printf("%.1f Hz\n", ((const double *)f0.data)[0]); // channel 0, frame 0
 *     hh_array_free(&f0);
 *
 * The functions give what librosa 0.11 gives under the same names; its parameters are here with its
 * defaults, except that fmin and fmax of YIN and pYIN, which librosa makes obligatory, default to
 * the range it recommends (C2 to C7). Every function takes NULL parameters as the defaults. Input
 * with NaN or infinity is refused (HH_ERROR_NOT_FINITE). Signals may be of doubles (channel_f64):
 * YIN and pYIN then compute in double from end to end, the others round magnitudes to float once.
 */
#ifndef HEIHACHI_PITCH_H
#define HEIHACHI_PITCH_H

#include "heihachi/spectral.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HH_PITCH_C2_HZ 65.40639132514966
#define HH_PITCH_C7_HZ 2093.004522404789

/* ---- YIN. A. de Cheveigne and H. Kawahara, "YIN, a fundamental frequency estimator for speech and
 * music", JASA 2002 */

/* The difference function. librosa's leaves out the energy of the last samples of a frame, which
 * pulls low pitches up: by 2 to 7 cents at 110 Hz with its defaults. The full one, which is that of
 * the paper, finds tones within a cent. */
typedef enum HhYinDifference { HH_YIN_LIBROSA, HH_YIN_FULL } HhYinDifference;

typedef struct HhYinParams {
    size_t size;         /* sizeof(HhYinParams) */
    double fmin;         /* Hz, > 0, rate / fmin < frame_length - 1; default HH_PITCH_C2_HZ */
    double fmax;         /* Hz, > fmin, at most rate / 2; default HH_PITCH_C7_HZ */
    size_t frame_length; /* samples, default 2048 */
    size_t hop_length;   /* samples, default 0 = frame_length / 4 */
    /* The first trough of the normalised difference below this is the period; default 0.1. */
    double trough_threshold;
    bool center;                /* default true: frame t is centred on sample t * hop_length */
    HhPad pad;                  /* default HH_PAD_CONSTANT */
    HhYinDifference difference; /* default HH_YIN_LIBROSA */
} HhYinParams;

HH_API void hh_yin_defaults(HhYinParams *params);

/* f0 in Hz for every frame, voiced or not: {channels, frames}, HH_FLOAT64. Silence gives rate /
 * floor(rate / fmax). With HH_YIN_LIBROSA every bit of a float signal's is as in librosa on float32
 * samples, whose rounding decides up to 1 frame in 100; HH_YIN_FULL is in double, and so is every
 * signal of doubles. */
HH_API HhStatus hh_yin(HhContext *context, const HhSignal *y, const HhYinParams *params,
                       HhArray *f0);

/* ---- pYIN. M. Mauch and S. Dixon, "pYIN: a fundamental frequency estimator using probabilistic
 * threshold distributions", ICASSP 2014. Its troughs are those of HH_YIN_LIBROSA, of a float signal
 * to the bit. */

typedef struct HhPyinParams {
    size_t size;                /* sizeof(HhPyinParams) */
    double fmin;                /* Hz, as in HhYinParams */
    double fmax;                /* Hz, as in HhYinParams */
    size_t frame_length;        /* samples, default 2048 */
    size_t hop_length;          /* samples, default 0 = frame_length / 4 */
    int n_thresholds;           /* 0..1000, default 100; 0: no frame is voiced */
    double beta_parameters[2];  /* shape of the Beta prior of the threshold, > 0; default 2, 18 */
    double boltzmann_parameter; /* > 0, default 2: larger favours shorter periods more */
    double resolution;          /* of f0 in semitones, > 0, default 0.1; above 1 counts as 1 */
    double max_transition_rate; /* octaves per second, >= 0, default 35.92 */
    double switch_prob;         /* (0, 1), default 0.01: voiced to unvoiced or back, per frame */
    /* [0, 1], default 0.01: for the deepest trough where none is below the threshold. */
    double no_trough_prob;
    double fill_na; /* f0 of unvoiced frames, default NaN */
    /* Default false; true (librosa: fill_na=None) keeps the best guess instead of fill_na. */
    bool keep_unvoiced;
    bool center; /* default true */
    HhPad pad;   /* default HH_PAD_CONSTANT */
} HhPyinParams;

HH_API void hh_pyin_defaults(HhPyinParams *params);

/* f0 in Hz, quantised to `resolution` semitones above fmin (HH_FLOAT64), whether the frame is
 * voiced (HH_BOOL) and how probable that is (HH_FLOAT64, [0, 1]): each {channels, frames}.
 * voiced_flag and voiced_prob may be NULL. */
HH_API HhStatus hh_pyin(HhContext *context, const HhSignal *y, const HhPyinParams *params,
                        HhArray *f0, HhArray *voiced_flag, HhArray *voiced_prob);

/* ---- peaks of the spectrum. J. O. Smith, "Spectral Audio Signal Processing", 2011: sinusoidal
 * peak interpolation */

/* What `threshold` is relative to, frame by frame; HH_PEAK_VALUE compares with `reference_value`
 * alone. */
typedef enum HhPeakReference { HH_PEAK_MAX, HH_PEAK_MEAN, HH_PEAK_VALUE } HhPeakReference;

typedef struct HhPiptrackParams {
    size_t size;               /* sizeof(HhPiptrackParams) */
    HhStftParams stft;         /* hh_stft_defaults(): 2048, 512, Hann */
    double fmin;               /* Hz, default 150; below 0 means 0 */
    double fmax;               /* Hz, default 4000; lowered to rate / 2 */
    double threshold;          /* default 0.1: a peak exceeds threshold times the reference */
    HhPeakReference reference; /* default HH_PEAK_MAX */
    double reference_value;    /* for HH_PEAK_VALUE: a peak exceeds its absolute value; default 0 */
} HhPiptrackParams;

HH_API void hh_piptrack_defaults(HhPiptrackParams *params);

/* Dense: frequency in Hz and interpolated magnitude where a bin is a peak, 0 elsewhere; each
 * {channels, frames, bins}, HH_FLOAT32. */
HH_API HhStatus hh_piptrack(HhContext *context, const HhSignal *y, const HhPiptrackParams *params,
                            HhArray *pitches, HhArray *magnitudes);
/* From a magnitude or power spectrogram {channels, frames, bins}, HH_FLOAT32, not negative, of a
 * signal at `rate` Hz. If stft.n_fft does not fit the number of bins, 2 * (bins - 1) is taken; the
 * rest of `stft` is not used. */
HH_API HhStatus hh_piptrack_spectrogram(HhContext *context, const HhArray *s, double rate,
                                        const HhPiptrackParams *params, HhArray *pitches,
                                        HhArray *magnitudes);

/* ---- tuning */

typedef struct HhTuningParams {
    size_t size;               /* sizeof(HhTuningParams) */
    double resolution;         /* > 0, default 0.01: of a bin */
    int bins_per_octave;       /* >= 1, default 12 */
    HhPiptrackParams piptrack; /* hh_piptrack_defaults() */
    double none;               /* the tuning of what has no peaks; default 0 */
} HhTuningParams;

HH_API void hh_tuning_defaults(HhTuningParams *params);

/* Tuning of a set of frequencies in Hz (those that are not positive are left out), as a fraction of
 * a bin in [-0.5, 0.5); `none` (and a warning in the log) if there are none. `piptrack` in params
 * is not used. */
HH_API HhStatus hh_pitch_tuning(HhContext *context, const double *frequencies, size_t count,
                                const HhTuningParams *params, double *tuning);
/* Tuning of a signal: one number over all channels, from the stronger half of the peaks. Memory
 * grows with the number of peaks. */
HH_API HhStatus hh_estimate_tuning(HhContext *context, const HhSignal *y,
                                   const HhTuningParams *params, double *tuning);
HH_API HhStatus hh_estimate_tuning_spectrogram(HhContext *context, const HhArray *s, double rate,
                                               const HhTuningParams *params, double *tuning);

#ifdef __cplusplus
}
#endif
#endif
