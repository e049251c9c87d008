/* Rhythm for the one-pass engine: everything from rows of mel power and their maximum, in memory
 * that grows by a few bytes a frame. The public functions (heihachi/rhythm.h) drive the same code.
 *
 *     float *envelope = hh_zalloc(context, frames, sizeof *envelope);
 *     HhOnsetSetup setup = {.bands = 128, .frames = frames, .lag = 1, .max_size = 1,
 *                           .shift = n_fft / (2 * hop), .aggregate = HH_AGGREGATE_MEAN,
 *                           .power = true, .maximum = largest_mel_power};
 *     hh_onset_stream_create(context, &setup, &stream);
 *     // blocks of any size, in order
 *     while (rows remain) hh_onset_stream_push(stream, rows, count, envelope);
 *     hh_onset_stream_destroy(stream);
 *     hh_rhythm_analyse(context, envelope, median_envelope, frames, rate, hop, columns, &rhythm);
 */
#ifndef HH_RHYTHM_H
#define HH_RHYTHM_H

#include "base/base.h"
#include "heihachi/rhythm.h"

/* One channel of an envelope, in float, or in double if `f64` is there. */
typedef struct HhCurve {
    const float *f32;
    const double *f64;
} HhCurve;

/* ---- onset strength ---- */

typedef struct HhOnsetSetup {
    size_t bands;          /* values of a row */
    size_t frames;         /* length of the envelope */
    size_t lag, max_size;  /* as HhOnsetStrengthParams */
    size_t shift;          /* frames that the envelope is moved to the right */
    HhAggregate aggregate; /* over the bands of a slice; NONE: each band for itself */
    /* Slice i holds bands edges[i] to edges[i + 1] - 1, ascending; NULL: one slice of all. */
    const size_t *edges;
    size_t slices; /* 0 for NULL */
    bool power;    /* rows are power; otherwise dB, and a `reference` may be pushed */
    float maximum; /* of all rows of all channels, for the 80 dB range; unused for rows in dB */
} HhOnsetSetup;

typedef struct HhOnsetStream HhOnsetStream;

HhStatus hh_onset_stream_create(HhContext *context, const HhOnsetSetup *setup,
                                HhOnsetStream **stream);
void hh_onset_stream_destroy(HhOnsetStream *stream); /* accepts NULL */
/* Values per frame: the number of slices, or of bands for HH_AGGREGATE_NONE. */
size_t hh_onset_stream_width(const HhOnsetStream *stream);
/* The next `count` rows[count][bands]. `envelope` is the whole array [frames][width], zero at the
 * start: the values of these rows go to their place in it (what would fall behind its end is
 * dropped). Bit-equal for any cut into blocks. */
void hh_onset_stream_push(HhOnsetStream *stream, const float *rows, size_t count, float *envelope);
/* The same with reference[count][bands] in place of the maximum filter. */
void hh_onset_stream_push_reference(HhOnsetStream *stream, const float *rows,
                                    const float *reference, size_t count, float *envelope);

/* ---- tempogram ---- */

#define HH_TEMPOGRAM_MOST 32768 /* frames of a window */

/* The mean of the (centred, Hann, maximum-normalised) tempogram over each of `columns` equal parts
 * of the frames: means[columns][win_length]. As lag 0 is the maximum of a frame, the mean of the
 * normalised autocorrelations is the inverse transform of the weighted mean of the power spectra:
 * one transform a frame, nothing kept. columns >= 1. */
HhStatus hh_tempogram_means(HhContext *context, HhCurve envelope, size_t frames, size_t win_length,
                            size_t columns, double *means);
/* The same over every `step`-th frame. */
HhStatus hh_tempogram_mean_of_some(HhContext *context, HhCurve envelope, size_t frames,
                                   size_t win_length, size_t step, double *mean);
/* The mean over all frames, in a third of the time (tempogram_mean.c). */
HhStatus hh_tempogram_mean(HhContext *context, HhCurve envelope, size_t frames, size_t win_length,
                           double *mean);
/* The envelope with `pad` frames before and behind it, as a tempogram pads it -> y[pad + length +
 * pad]. */
void hh_tempogram_pad(HhCurve x, size_t length, size_t pad, double *y);

/* Frames of the tempo's autocorrelation window: floor(int(seconds * rate) / hop). */
size_t hh_tempo_lags(double seconds, double rate, size_t hop_length);
/* The tempo of an aggregated tempogram tg[lags], by librosa's rule. Overwrites scratch[lags]. */
double hh_tempo_pick(const HhTempoParams *params, const double *tg, size_t lags, double rate,
                     double *scratch);

/* The onset strength of a sound, in dB, that never rises by this much is that of a steady one:
 * music has 3 dB and more, the rounding of a tone 0.1. */
#define HH_LEAST_RISE_DB 0.5f

/* ---- beats ---- */

/* Where the path of beats ends. librosa's end may lie behind the last onset and pull the beat
 * before it out of place. */
typedef enum HhBeatEnd {
    /* In the last local maximum of the score that reaches half the median of them. */
    HH_BEAT_END_LIBROSA,
    HH_BEAT_END_HIGHEST /* in the highest score */
} HhBeatEnd;

/* Ellis' dynamic programme at librosa's numbers: flags[frames]. bpm[1], or bpm[frames] if
 * varying. */
HhStatus hh_beat_flags(HhContext *context, HhCurve envelope, size_t frames, double rate,
                       size_t hop_length, const double *bpm, bool varying, double tightness,
                       HhBeatEnd end, bool trim, unsigned char *flags);

/* ---- everything for the engine ---- */

typedef struct HhRhythm {
    double librosa_tempo_bpm; /* librosa's estimate from the median envelope; 0 for silence */
    size_t librosa_beats;     /* how many beats its tracker finds */
    double *librosa_beat_s;   /* [librosa_beats] */
    double tempo_bpm, tempo_confidence, beat_confidence; /* HhTempoEstimate */
    double *beats_s;                                     /* [beats] of hh_tempo_refine() */
    size_t beats;
    double *onsets_s; /* [onsets] of hh_onset_detect() with its defaults */
    size_t onsets;
    double *tempogram;    /* [columns][lags]; NULL for columns = 0 */
    size_t columns, lags; /* lag k is 60 * rate / (hop * k) BPM */
} HhRhythm;

/* From the mean envelope (onsets, tempo) and the median envelope (librosa's beats). Overwrites
 * *rhythm; hh_rhythm_free() after. `columns` = 0: no picture. */
HhStatus hh_rhythm_analyse(HhContext *context, const float *mean, const float *median,
                           size_t frames, double rate, size_t hop_length, size_t columns,
                           HhRhythm *rhythm);
void hh_rhythm_free(HhContext *context, HhRhythm *rhythm);

#endif
