/* Rhythm: onset strength, onsets, tempo, beats.
 *
 *     HhArray tempo = HH_ARRAY_INIT, beats = HH_ARRAY_INIT;
 *     HhBeatTrackParams params;
 *     hh_beat_track_defaults(&params);
 *     params.units = HH_UNITS_TIME;
 *     if (hh_beat_track(context, &sound, &params, &tempo, &beats) != HH_OK)
 *         return complain(hh_context_message(context));
 *     const double *seconds = beats.data;                 // beats.shape[0] of them
 *     hh_array_free(&tempo);
 *     hh_array_free(&beats);
 *
 * The functions of this header bear librosa's names, parameters, defaults and numbers (release
 * 0.11.0), but for hh_tempo_refine(), which is this library's own estimate and the one to show to
 * people.
 *
 * Each function exists twice: from the sound (HhSignal *y), and (..._envelope) from an onset
 * envelope that is already there. An envelope is an HhSignal too, of floats or of doubles: its
 * samples are frames, `hop_length` samples of the sound apart, and its rate is still that of the
 * sound in Hz. hh_onset_strength() makes one. NULL parameters are the defaults.
 *
 * Frames: result t is centred on sample t * hop_length. Results with time run frame-major,
 * {channels, frames, ...}. Functions that return a list of events (`sparse`, the default) take one
 * channel; for several set sparse = false and get flags, {channels, frames}. A sound may be of
 * doubles (channel_f64), which are rounded to float as magnitudes. */
#ifndef HEIHACHI_RHYTHM_H
#define HEIHACHI_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

#include "heihachi/array.h"
#include "heihachi/spectral.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many values become one. */
typedef enum HhAggregate { HH_AGGREGATE_MEAN, HH_AGGREGATE_MEDIAN, HH_AGGREGATE_NONE } HhAggregate;

/* What events are counted in: HH_INT64 frames or samples, or HH_FLOAT64 seconds. */
typedef enum HhUnits { HH_UNITS_FRAMES, HH_UNITS_SAMPLES, HH_UNITS_TIME } HhUnits;

/* ---- onset strength: rises of a mel spectrogram in dB, summarised over bands
 * S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. */
typedef struct HhOnsetStrengthParams {
    size_t size; /* sizeof(HhOnsetStrengthParams) */
    size_t lag;  /* frames between the two that are compared, at least 1; default 1 */
    /* Bands of the maximum filter on the earlier frame, at least 1; default 1 = no filter. */
    size_t max_size;
    /* Remove the mean with a first-order filter; the result is then HH_FLOAT64; default false. */
    bool detrend;
    /* Shift by n_fft / (2 hop_length) frames, so that an onset stands where it is; default true. */
    bool center;
    /* Over bands; default HH_AGGREGATE_MEAN. NONE keeps the bands (hh_onset_strength_multi()
     * only). */
    HhAggregate aggregate;
    /* The spectrogram, default hh_mel_defaults(): 128 bands, 2048 samples every 512;
     * mel.stft.center counts as true. When a spectrogram is given, only mel.stft.n_fft and
     * mel.stft.hop_length matter (for `center`). */
    HhMelParams mel;
    /* hh_onset_strength_multi(): band i sums bins edges[i] to edges[i + 1] - 1. NULL (default): one
     * band of all bins. */
    const size_t *edges;
    size_t edge_count;
} HhOnsetStrengthParams;

HH_API void hh_onset_strength_defaults(HhOnsetStrengthParams *params);
/* -> HH_FLOAT32 {channels, frames}. */
HH_API HhStatus hh_onset_strength(HhContext *context, const HhSignal *y,
                                  const HhOnsetStrengthParams *params, HhArray *envelope);
/* From a spectrogram in dB, HH_FLOAT32 {channels, frames, bins}. `reference`, of the same shape,
 * takes the place of the earlier frame after the maximum filter; NULL computes it. */
HH_API HhStatus hh_onset_strength_spectrogram(HhContext *context, const HhArray *spectrogram,
                                              const HhArray *reference,
                                              const HhOnsetStrengthParams *params,
                                              HhArray *envelope);
/* One envelope for each band of `edges`, or for each bin (HH_AGGREGATE_NONE) -> HH_FLOAT32
 * {channels, frames, bands}. */
HH_API HhStatus hh_onset_strength_multi(HhContext *context, const HhSignal *y,
                                        const HhOnsetStrengthParams *params, HhArray *envelopes);
HH_API HhStatus hh_onset_strength_multi_spectrogram(HhContext *context, const HhArray *spectrogram,
                                                    const HhArray *reference,
                                                    const HhOnsetStrengthParams *params,
                                                    HhArray *envelopes);

/* What HhOnsetStrengthParams.detrend does, to envelopes that are there already, of floats or
 * doubles: y[t] = x[t] - x[t - 1] + 0.99 y[t - 1] -> HH_FLOAT64 {channels, frames}. */
HH_API HhStatus hh_onset_detrend(HhContext *context, const HhSignal *envelope, HhArray *out);

/* ---- peaks: x[n] is one if it is the largest of x[n - pre_max .. n + post_max - 1], at least
 * `delta` above the mean of x[n - pre_avg .. n + post_avg - 1], and more than `wait` after the one
 * before. S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
 * methods", ISMIR 2012. All in frames, rounded up; NaN in hh_onset_detect() means its default. */
typedef struct HhPeakPickParams {
    size_t size;
    double pre_max;  /* at least 0 */
    double post_max; /* above 0 */
    double pre_avg;  /* at least 0 */
    double post_avg; /* above 0 */
    double delta;    /* at least 0 */
    double wait;     /* at least 0 */
} HhPeakPickParams;

/* librosa has no defaults here; these are those of hh_onset_detect() at 22050 Hz and a hop of 512:
 * 1, 1, 4, 5, 0.07, 1. */
HH_API void hh_peak_pick_defaults(HhPeakPickParams *params);
/* Peaks of x[length] -> HH_INT64 {peaks}. */
HH_API HhStatus hh_peak_pick(HhContext *context, const float *x, size_t length,
                             const HhPeakPickParams *params, HhArray *peaks);

/* The same for each channel of a signal, of floats or doubles -> HH_BOOL {channels, length}. NaN is
 * allowed: it is no peak, nor is anything that has one among its neighbours. */
HH_API HhStatus hh_peak_flags(HhContext *context, const HhSignal *x, const HhPeakPickParams *params,
                              HhArray *flags);

typedef struct HhOnsetDetectParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    /* Move each onset back to the minimum before it; needs `sparse`; default false. */
    bool backtrack;
    const float *energy; /* [energy_length] whose minima to move to; default NULL = the envelope */
    size_t energy_length;
    HhUnits units;  /* default HH_UNITS_FRAMES */
    bool normalize; /* scale the envelope to [0, 1] first; default true */
    bool sparse;    /* default true */
    /* Defaults NaN: 30 ms, 0 + 1 frame, 100 ms, 100 ms + 1 frame, 0.07, 30 ms. */
    HhPeakPickParams peak;
} HhOnsetDetectParams;

HH_API void hh_onset_detect_defaults(HhOnsetDetectParams *params);
/* -> {onsets}, or HH_BOOL {channels, frames} if not sparse. An envelope without any rise gives no
 * onsets. */
HH_API HhStatus hh_onset_detect(HhContext *context, const HhSignal *y,
                                const HhOnsetDetectParams *params, HhArray *onsets);
HH_API HhStatus hh_onset_detect_envelope(HhContext *context, const HhSignal *envelope,
                                         const HhOnsetDetectParams *params, HhArray *onsets);

/* Each event moved to the nearest minimum of `energy` at or before it (frame 0 counts as one) ->
 * HH_INT64 {count}. HH_ERROR_EMPTY when there are no events. */
HH_API HhStatus hh_onset_backtrack(HhContext *context, const int64_t *events, size_t count,
                                   const float *energy, size_t length, HhArray *moved);

/* ---- tempogram: autocorrelation of the envelope in a window around each frame
 * P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram", ICASSP 2010. */
typedef struct HhTempogramParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    size_t win_length; /* frames, 1..32768, default 384 */
    bool center;       /* default true */
    HhWindow window;   /* default Hann */
    /* Each frame over its p-norm; default infinity; NaN: not normalised; -infinity and 0 as
     * numpy. */
    double norm;
} HhTempogramParams;

HH_API void hh_tempogram_defaults(HhTempogramParams *params);
/* -> HH_FLOAT64 {channels, frames, win_length}: lag k is 60 * rate / (hop_length * k) BPM. */
HH_API HhStatus hh_tempogram(HhContext *context, const HhSignal *y, const HhTempogramParams *params,
                             HhArray *tempogram);
HH_API HhStatus hh_tempogram_envelope(HhContext *context, const HhSignal *envelope,
                                      const HhTempogramParams *params, HhArray *tempogram);
/* Fourier transform of the window instead (norm unused) -> HH_COMPLEX64, of doubles HH_COMPLEX128
 * {channels, frames, win_length / 2 + 1}. */
HH_API HhStatus hh_fourier_tempogram(HhContext *context, const HhSignal *y,
                                     const HhTempogramParams *params, HhArray *tempogram);
HH_API HhStatus hh_fourier_tempogram_envelope(HhContext *context, const HhSignal *envelope,
                                              const HhTempogramParams *params, HhArray *tempogram);

/* Log of the prior probability (any scale) of a tempo in BPM, which may be infinite. */
typedef double HhTempoPrior(void *user, double bpm);

/* ---- tempogram ratio: a tempogram at multiples of the tempo
 * G. Peeters, "Rhythm classification using spectral rhythm patterns", ISMIR 2005; M. Prockup et
 * al., "Modeling genre with the Music Genome Project", ISMIR 2015. */
typedef struct HhTempogramRatioParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    /* BPM of each lag, [lags] in any order; infinite and NaN ones are left out. Default NULL: 60
     * rate / (hop_length * lag). */
    const double *frequencies;
    /* Multiples of the tempo. Default NULL: 4, 8/3, 3, 2, 4/3, 3/2, 1, 2/3, 3/4, 1/2, 1/3, 3/8,
     * 1/4. */
    const double *factors;
    size_t factor_count; /* of factors; 0 gives {channels, frames, 0} */
    double fill_value;   /* beyond the frequencies, and where the tempo is NaN; default 0 */
} HhTempogramRatioParams;

HH_API void hh_tempogram_ratio_defaults(HhTempogramRatioParams *params);
/* tempogram: HH_FLOAT64 or HH_FLOAT32 {channels, frames, lags}; bpm: [channels][bpm_frames], where
 * bpm_frames is the number of frames, or 1 for one tempo per channel; rate in Hz (not read with
 * `frequencies`). Linear between the two neighbouring lags -> HH_FLOAT64 {channels, frames,
 * factors}. */
HH_API HhStatus hh_tempogram_ratio(HhContext *context, const HhArray *tempogram, double rate,
                                   const double *bpm, size_t bpm_frames,
                                   const HhTempogramRatioParams *params, HhArray *out);

/* ---- tempo: the lag at which the mean tempogram, weighted by a log-normal prior, is largest. */
typedef struct HhTempoParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    double start_bpm;  /* centre of the prior, above 0; default 120 */
    double std_bpm;    /* its width in octaves, above 0; default 1 */
    double ac_size;    /* seconds of the tempogram's window; default 8 */
    double max_tempo;  /* BPM; default 320; NaN: no limit */
    /* Of the tempogram over time; default MEAN; NONE: a tempo for each frame. */
    HhAggregate aggregate;
    HhTempoPrior *prior; /* default NULL: by start_bpm and std_bpm */
    void *prior_user;
} HhTempoParams;

HH_API void hh_tempo_defaults(HhTempoParams *params);
/* -> HH_FLOAT64 {channels}, or {channels, frames}. Quantised to whole lags; with nothing to hear it
 * is the prior's. */
HH_API HhStatus hh_tempo(HhContext *context, const HhSignal *y, const HhTempoParams *params,
                         HhArray *bpm);
HH_API HhStatus hh_tempo_envelope(HhContext *context, const HhSignal *envelope,
                                  const HhTempoParams *params, HhArray *bpm);
/* From an autocorrelation tempogram, HH_FLOAT64 {channels, frames, lags}, of sound at `rate` Hz. */
HH_API HhStatus hh_tempo_tempogram(HhContext *context, const HhArray *tempogram, double rate,
                                   const HhTempoParams *params, HhArray *bpm);

/* ---- beats: the path through the envelope that has strong frames and an even pace
 * D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007). */
typedef struct HhBeatTrackParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    double start_bpm;  /* default 120 */
    double tightness;  /* weight of an even pace, above 0; default 100 */
    bool trim;         /* drop weak beats at both ends; default true */
    /* Default NULL: estimated. Else 1, `channels`, or channels * frames (a tempo for each
     * frame). */
    const double *bpm;
    size_t bpm_count;
    HhTempoPrior *prior; /* as in HhTempoParams */
    void *prior_user;
    HhUnits units; /* default HH_UNITS_FRAMES */
    bool sparse;   /* default true */
} HhBeatTrackParams;

HH_API void hh_beat_track_defaults(HhBeatTrackParams *params);
/* tempo -> HH_FLOAT64 {channels} BPM (0 where there is no onset strength at all; `bpm` itself if it
 * was given), beats -> {beats}, or HH_BOOL {channels, frames} if not sparse. */
HH_API HhStatus hh_beat_track(HhContext *context, const HhSignal *y,
                              const HhBeatTrackParams *params, HhArray *tempo, HhArray *beats);
HH_API HhStatus hh_beat_track_envelope(HhContext *context, const HhSignal *envelope,
                                       const HhBeatTrackParams *params, HhArray *tempo,
                                       HhArray *beats);

/* ---- predominant local pulse: one sinusoid a frame, the strongest of the Fourier tempogram,
 * overlapped and added (P. Grosche and M. Mueller, "Extracting predominant local pulse information
 * from music recordings", IEEE TASLP 2011). */
typedef struct HhPlpParams {
    size_t size;
    size_t hop_length;   /* samples, default 512 */
    size_t win_length;   /* frames, default 384 */
    double tempo_min;    /* BPM, default 30; NaN: no limit */
    double tempo_max;    /* BPM, default 300; NaN: no limit */
    HhTempoPrior *prior; /* default NULL: uniform */
    void *prior_user;
} HhPlpParams;

HH_API void hh_plp_defaults(HhPlpParams *params);
/* -> {channels, frames} of HH_FLOAT32, or HH_FLOAT64 for doubles, in [0, 1]. Reproduces a
 * peculiarity of librosa's: where the phase of the strongest component lies in the left half-plane,
 * its frame outweighs the others by some 10^19. */
HH_API HhStatus hh_plp(HhContext *context, const HhSignal *y, const HhPlpParams *params,
                       HhArray *pulse);
/* undecided -> HH_INT64 {channels}, or NULL if it is of no interest: the frames in which rounding
 * decides, because two components are as good as equal (where the window sees a single onset, all
 * are) or the phase is as good as at the border of that half-plane. */
HH_API HhStatus hh_plp_envelope(HhContext *context, const HhSignal *envelope,
                                const HhPlpParams *params, HhArray *pulse, HhArray *undecided);

/* ---- this library's own: the tempo that explains the envelope, to a fraction of a frame, and how
 * sure it is. */
typedef struct HhTempoRefineParams {
    size_t size;
    size_t hop_length; /* samples, default 512 */
    double min_bpm;    /* default 50 */
    double max_bpm;    /* default 220 */
} HhTempoRefineParams;

typedef struct HhTempoEstimate {
    double bpm; /* NaN if there are no onsets to go by */
    /* [0, 1]: how much of the envelope the beats explain, and no rival does; NaN if bpm is. */
    double confidence;
    /* [0, 1]: how far the envelope at the beats stands above the rest; NaN if bpm is. */
    double beat_confidence;
} HhTempoEstimate;

HH_API void hh_tempo_refine_defaults(HhTempoRefineParams *params);
/* One channel (the mean of the channels for several). `beats` -> HH_FLOAT64 seconds; NULL if not
 * wanted. */
HH_API HhStatus hh_tempo_refine(HhContext *context, const HhSignal *y,
                                const HhTempoRefineParams *params, HhTempoEstimate *estimate,
                                HhArray *beats);
HH_API HhStatus hh_tempo_refine_envelope(HhContext *context, const HhSignal *envelope,
                                         const HhTempoRefineParams *params,
                                         HhTempoEstimate *estimate, HhArray *beats);

#ifdef __cplusplus
}
#endif
#endif
