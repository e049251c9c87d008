/* The tempo that explains the onset envelope, to a fraction of a frame, with confidences. This
 * library's own method:
 *
 * 1. g = the part of the envelope above its mean over 0.4 s, smoothed over 12 ms.
 * 2. A = mean over the track of g's autocorrelation in windows of 8 s
 * (hh_tempogram_mean_of_some()), over that of the window, so that all lags count alike; that of the
 * whole clip if it is shorter, up to three quarters of its length.
 * 3. For each period T of a grid of 140 steps an octave: on(T) = mean of A at T, 2T, ... 8T. A
 * multiple of the true period has the same on(T), but then A is as high halfway (or at thirds)
 * between: what exceeds 0.9 of on(T) there counts against it. A log-normal prior around 120
 * BPM, 1.75 octaves wide, decides between what is left.
 * 4. Ellis' beats (beat.c) at the best T; then the period within 1.5 % for which the phases of the
 * beats, weighted by g, agree best, |sum g exp(-2 pi i t / T)|: a regression in which beats of a
 * passage that is out of step cancel instead of bending the line.
 *
 * confidence = depth * (1 - closeness / 2), both clamped to [0, 1]: depth = (on - m) / (1 - m), m =
 * mean of A, is 1 for a train of clicks and about 0 for noise; closeness = 1 - (best - rival) / 0.1
 * of the scores, the rival being the best period that is more than 8 % away. beat_confidence = 1 -
 * (mean of g) / (mean of the largest g within a frame of a beat).
 *
 * The constants are the middle of a plateau on which 20 of 23 tracks with known tempo and all click
 * trains of 60 to 200 BPM come out right (librosa's rule: 15 of the 23). Click trains are right to
 * 0.5 %, a test holds that. Cost: that of the tempogram mean and of one run of the beat tracker. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"

#define STEPS_PER_OCTAVE 140
#define MULTIPLES        8
#define PRIOR_BPM        120.0
#define PRIOR_OCTAVES    1.75
#define OFF_BEAT_SHARE   0.9
#define WINDOW_S         8.0
/* Windows that begin within one: the mean over all of them is the same to a few parts in 1e4. */
#define WINDOWS          64
#define MEAN_S           0.4
#define SMOOTH_S         0.012
/* Lags that the comb looks at: beyond, too little of the clip overlaps. */
#define LAG_SHARE        0.75
#define TIGHTNESS        100.0
#define SEARCH           0.015
/* Two beats make a tempo from this length and this autocorrelation on. */
#define SHORTEST_S       1.0
#define REPEATS          0.5
/* Beats that the last step looks at, from the middle of the track. */
#define MAX_BEATS        2048

static const double two_pi = 6.283185307179586;

void hh_tempo_refine_defaults(HhTempoRefineParams *params)
{
    *params = (HhTempoRefineParams){sizeof *params, 512, 50.0, 220.0};
}

/* ---- 1: accents ---- */

/* x mirrored at its ends, the last value not repeated. */
static double mirrored(const float *x, size_t n, ptrdiff_t i)
{
    if (n == 1) return (double)x[0];
    ptrdiff_t period = 2 * ((ptrdiff_t)n - 1);
    i = ((i % period) + period) % period;
    return (double)x[i < (ptrdiff_t)n ? i : period - i];
}

/* g = max(0, x - mean of x over 2 half + 1 frames). */
static void above_mean(const float *x, size_t n, ptrdiff_t half, float *g)
{
    double sum = 0.0;
    for (ptrdiff_t i = -half; i <= half; i++) sum += mirrored(x, n, i);
    for (size_t t = 0; t < n; t++) {
        double over = (double)x[t] - sum / (double)(2 * half + 1);
        g[t] = over > 0.0 ? (float)over : 0.0f;
        sum += mirrored(x, n, (ptrdiff_t)t + half + 1) - mirrored(x, n, (ptrdiff_t)t - half);
    }
}

/* Gaussian of `sigma` frames over four of them to each side, and four frames at least, in place;
 * zeros beyond the ends. */
static HhStatus smooth(HhContext *context, float *g, size_t n, double sigma)
{
    const size_t reach = HH_MAX((size_t)(4.0 * sigma), (size_t)4), taps = 2 * reach + 1;
    double *weight = hh_alloc(context, taps, sizeof *weight), total = 0.0;
    double *copy = hh_zalloc(context, n + 2 * reach, sizeof *copy);
    HhStatus status = weight && copy ? HH_OK : hh_fail_memory(context);
    for (size_t k = 0; status == HH_OK && k < taps; k++) {
        double x = ((double)k - (double)reach) / sigma;
        total += weight[k] = exp(-0.5 * x * x);
    }
    for (size_t t = 0; status == HH_OK && t < n; t++) copy[t + reach] = (double)g[t];
    for (size_t t = 0; status == HH_OK && t < n; t++) {
        double sum = 0.0;
        for (size_t k = 0; k < taps; k++) sum += weight[k] * copy[t + k];
        g[t] = (float)(sum / total);
    }
    hh_free(context, weight);
    hh_free(context, copy);
    return status;
}

/* ---- 2: autocorrelation ---- */

/* A[lags] over the autocorrelation of the periodic Hann window of that length, kept from dividing
 * by less than 0.05. For w[n] = (1 - cos(a n)) / 2 the sum of w[n] w[n + k] has a closed form,
 * exact for this purpose: proportional to (1 - k/L) (2 + cos(a k)) / 3 + sin(a k) / (2 pi). */
static void undo_window(double *a, size_t lags)
{
    for (size_t k = 0; k < lags; k++) {
        double x = (double)k / (double)lags, angle = two_pi * x;
        double window = (1.0 - x) * (2.0 + cos(angle)) / 3.0 + sin(angle) / two_pi;
        a[k] /= HH_MAX(window, 0.05);
    }
}

static double at_lag(const double *a, size_t lags, double lag)
{
    size_t i = (size_t)lag;
    if (i + 1 >= lags) return a[lags - 1];
    double part = lag - (double)i;
    return a[i] + part * (a[i + 1] - a[i]);
}

/* ---- 3: period ---- */

typedef struct Comb {
    double on, off;
} Comb;

/* Means of A on the multiples of `period`, and between them: the higher of halfway and at the
 * thirds. */
static Comb comb_of(const double *a, size_t lags, double period)
{
    double on = 0.0, half = 0.0, third = 0.0;
    int count = 0;
    for (int m = 1; m <= MULTIPLES && (m == 1 || m * period < LAG_SHARE * (double)lags);
         m++, count++) {
        on += at_lag(a, lags, m * period);
        half += at_lag(a, lags, (m - 0.5) * period);
        third += 0.5 * (at_lag(a, lags, (m - 1.0 / 3.0) * period) +
                        at_lag(a, lags, (m - 2.0 / 3.0) * period));
    }
    return (Comb){on / count, HH_MAX(half, third) / count};
}

static double score_of(const double *a, size_t lags, double frame_rate, double bpm)
{
    Comb comb = comb_of(a, lags, 60.0 * frame_rate / bpm);
    double octaves = log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES;
    double share = comb.off / HH_MAX(comb.on, 1e-3);
    return comb.on - HH_MAX(share - OFF_BEAT_SHARE, 0.0) - 0.5 * octaves * octaves;
}

static double clamp(double x)
{
    return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
}

/* The best tempo of the grid, how much it is to be trusted, and A on its multiples. */
static double coarse_tempo(const double *a, size_t lags, double frame_rate,
                           const HhTempoRefineParams *p, double *confidence, double *repeats)
{
    double best = -HUGE_VAL, rival = -HUGE_VAL, bpm = p->max_bpm, mean = 0.0;
    int steps = (int)floor(log2(p->max_bpm / p->min_bpm) * STEPS_PER_OCTAVE);
    for (int i = 0; i <= steps; i++) {
        double candidate = p->min_bpm * exp2((double)i / STEPS_PER_OCTAVE);
        if (60.0 * frame_rate / candidate > LAG_SHARE * (double)lags) continue;
        double score = score_of(a, lags, frame_rate, candidate);
        if (score > best) {
            best = score;
            bpm = candidate;
        }
    }
    for (int i = 0; i <= steps; i++) {
        double candidate = p->min_bpm * exp2((double)i / STEPS_PER_OCTAVE);
        if (fabs(log(candidate / bpm)) > 0.08 &&
            60.0 * frame_rate / candidate <= LAG_SHARE * (double)lags)
            rival = HH_MAX(rival, score_of(a, lags, frame_rate, candidate));
    }
    for (size_t k = 1; k < lags; k++) mean += a[k] / (double)(lags - 1);
    double on = comb_of(a, lags, 60.0 * frame_rate / bpm).on;
    double depth = mean < 1.0 ? clamp((on - mean) / (1.0 - mean)) : 0.0;
    *confidence = depth * (1.0 - 0.5 * clamp(1.0 - (best - rival) / 0.1));
    *repeats = on;
    return bpm;
}

/* ---- 4: beats ---- */

static float accent_at(const float *g, size_t frames, size_t t)
{
    float largest = g[t];
    if (t > 0 && g[t - 1] > largest) largest = g[t - 1];
    if (t + 1 < frames && g[t + 1] > largest) largest = g[t + 1];
    return largest;
}

/* |sum of accent * exp(-2 pi i t / period)| over beats in frames. */
static double agreement(const double *beats, const double *accents, size_t count, double period)
{
    double re = 0.0, im = 0.0;
    for (size_t i = 0; i < count; i++) {
        double phase = beats[i] / period;
        phase = two_pi * (phase - floor(phase));
        re += accents[i] * cos(phase);
        im += accents[i] * sin(phase);
    }
    return re * re + im * im;
}

/* The period around `period` for which the beats agree best, on a grid of a tenth of the resolution
 * of their span and then by the parabola through the best three. */
static double fine_period(const double *beats, const double *accents, size_t count, double period)
{
    double span = beats[count - 1] - beats[0];
    double frequency = 1.0 / period, step = 0.1 / span;
    int reach = (int)ceil(SEARCH * frequency / step), best = 0;
    double highest = -1.0;
    for (int i = -reach; i <= reach; i++) {
        double value = agreement(beats, accents, count, 1.0 / (frequency + i * step));
        if (value > highest) {
            highest = value;
            best = i;
        }
    }
    double below = agreement(beats, accents, count, 1.0 / (frequency + (best - 1) * step));
    double above = agreement(beats, accents, count, 1.0 / (frequency + (best + 1) * step));
    double bend = below - 2.0 * highest + above;
    double shift = bend < 0.0 ? HH_MAX(-1.0, HH_MIN(1.0, 0.5 * (below - above) / bend)) : 0.0;
    return 1.0 / (frequency + (best + shift) * step);
}

/* Beats of flags[frames] as seconds; refines bpm and fills in the confidence. `repeats` is A
 * on the multiples of the period. */
static HhStatus finish(HhContext *context, const float *g, const unsigned char *flags,
                       size_t frames, double rate, size_t hop, double repeats,
                       HhTempoEstimate *estimate, HhArray *seconds)
{
    size_t count = 0;
    double sum = 0.0, on_beats = 0.0;
    for (size_t t = 0; t < frames; t++) {
        count += flags[t];
        sum += (double)g[t];
    }
    double *beats = hh_alloc(context, 2 * count, sizeof *beats), *accents = beats + count;
    if (!beats) return hh_fail_memory(context);
    for (size_t t = 0, i = 0; t < frames; t++)
        if (flags[t]) {
            beats[i] = (double)t;
            accents[i] = (double)accent_at(g, frames, t);
            on_beats += accents[i++];
        }
    size_t used = HH_MIN(count, (size_t)MAX_BEATS), first = (count - used) / 2;
    double frame_rate = rate / (double)hop;
    bool enough = count >= 3 ||
                  (count == 2 && repeats >= REPEATS && (double)frames >= SHORTEST_S * frame_rate);
    if (enough && on_beats > 0.0) {
        estimate->bpm =
            60.0 * frame_rate /
            fine_period(beats + first, accents + first, used, 60.0 * frame_rate / estimate->bpm);
        estimate->beat_confidence =
            clamp(1.0 - (sum / (double)frames) / (on_beats / (double)count));
    } else {
        *estimate = (HhTempoEstimate){(double)NAN, (double)NAN, (double)NAN};
        count = 0;
    }
    HhStatus status = seconds ? hh_array_make(context, seconds, HH_FLOAT64, 1, count) : HH_OK;
    if (status == HH_OK && seconds)
        for (size_t i = 0; i < count; i++)
            ((double *)seconds->data)[i] = beats[i] * (double)hop / rate;
    hh_free(context, beats);
    return status;
}

static HhStatus unknown(HhContext *context, HhTempoEstimate *estimate, HhArray *beats)
{
    *estimate = (HhTempoEstimate){(double)NAN, (double)NAN, (double)NAN};
    return beats ? hh_array_make(context, beats, HH_FLOAT64, 1, (size_t)0) : HH_OK;
}

/* a[lags] of a clip shorter than a window, lags <= frames: the mean product of the frames that are
 * there, over that at lag 0. A window that reaches beyond both ends would see mostly zeros. */
static void autocorrelate_clip(const float *g, size_t frames, size_t lags, double *a)
{
    for (size_t k = 0; k < lags; k++) {
        double sum = 0.0;
        for (size_t t = 0; t + k < frames; t++) sum += (double)g[t] * (double)g[t + k];
        a[k] = sum / (double)(frames - k);
    }
    double scale = a[0] > 0.0 ? 1.0 / a[0] : 0.0;
    for (size_t k = 0; k < lags; k++) a[k] *= scale;
}

/* a[lags] of the accents; a[0] is the share of windows that sound, and the rest is the mean over
 * those. */
static HhStatus autocorrelate(HhContext *context, const float *g, size_t frames, size_t lags,
                              double *a)
{
    if (frames <= lags) {
        autocorrelate_clip(g, frames, lags, a);
        return HH_OK;
    }
    HH_TRY(hh_tempogram_mean_of_some(context, (HhCurve){.f32 = g}, frames, lags,
                                     HH_MAX(lags / WINDOWS, (size_t)1), a));
    double scale = a[0] > 0.0 ? 1.0 / a[0] : 0.0;
    for (size_t k = 0; k < lags; k++) a[k] *= scale;
    undo_window(a, lags);
    return HH_OK;
}

static HhStatus refine(HhContext *context, const float *envelope, size_t frames, double rate,
                       const HhTempoRefineParams *p, HhTempoEstimate *estimate, HhArray *beats)
{
    double frame_rate = rate / (double)p->hop_length;
    size_t lags = HH_MIN((size_t)(WINDOW_S * frame_rate), frames);
    if (lags > HH_TEMPOGRAM_MOST)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a hop of %zu samples at %g Hz: %g s of it are more than %d frames",
                       p->hop_length, rate, WINDOW_S, HH_TEMPOGRAM_MOST);
    double shortest = 60.0 * frame_rate / p->max_bpm;
    if (lags < 3 || shortest < 2.0 || shortest > LAG_SHARE * (double)lags ||
        !(hh_kernels(context)->vector->max_abs_f32(envelope, frames) > 0.0f))
        return unknown(context, estimate, beats);
    float *g = hh_alloc(context, frames, sizeof *g);
    double *a = hh_alloc(context, lags, sizeof *a);
    unsigned char *flags = hh_alloc(context, frames, 1);
    double repeats = 0.0;
    HhStatus status = g && a && flags ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) {
        above_mean(envelope, frames, (ptrdiff_t)(0.5 * MEAN_S * frame_rate), g);
        status = smooth(context, g, frames, SMOOTH_S * frame_rate);
    }
    if (status == HH_OK) status = autocorrelate(context, g, frames, lags, a);
    if (status == HH_OK) {
        estimate->bpm = coarse_tempo(a, lags, frame_rate, p, &estimate->confidence, &repeats);
        status = hh_beat_flags(context, (HhCurve){.f32 = envelope}, frames, rate, p->hop_length,
                               &estimate->bpm, false, TIGHTNESS, HH_BEAT_END_HIGHEST, true, flags);
    }
    if (status == HH_OK)
        status = finish(context, g, flags, frames, rate, p->hop_length, repeats, estimate, beats);
    hh_free(context, g);
    hh_free(context, a);
    hh_free(context, flags);
    return status;
}

/* ---- public ---- */

static HhStatus read_params(HhContext *context, const HhTempoRefineParams *given,
                            HhTempoRefineParams *p)
{
    hh_tempo_refine_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the hop must be at least one sample");
    if (!(p->min_bpm >= 10.0 && p->min_bpm < p->max_bpm && p->max_bpm <= 1000.0))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "tempo from %g to %g BPM: 10 <= min_bpm < max_bpm <= 1000", p->min_bpm,
                       p->max_bpm);
    return HH_OK;
}

HhStatus hh_tempo_refine_envelope(HhContext *context, const HhSignal *envelope,
                                  const HhTempoRefineParams *params, HhTempoEstimate *estimate,
                                  HhArray *beats)
{
    HhTempoRefineParams p;
    HH_TRY(read_params(context, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    size_t frames = envelope->length;
    if (envelope->channels == 1)
        return refine(context, envelope->channel[0], frames, envelope->rate, &p, estimate, beats);
    float *mean = hh_zalloc(context, frames, sizeof *mean);
    if (!mean) return hh_fail_memory(context);
    for (int c = 0; c < envelope->channels; c++)
        hh_kernels(context)->vector->add_scaled_f32(envelope->channel[c],
                                                    1.0f / (float)envelope->channels, mean, frames);
    HhStatus status = refine(context, mean, frames, envelope->rate, &p, estimate, beats);
    hh_free(context, mean);
    return status;
}

HhStatus hh_tempo_refine(HhContext *context, const HhSignal *y, const HhTempoRefineParams *params,
                         HhTempoEstimate *estimate, HhArray *beats)
{
    HhTempoRefineParams p;
    HH_TRY(read_params(context, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEAN, &envelope));
    float rise = hh_kernels(context)->vector->max_abs_f32(envelope.array.data,
                                                          hh_array_count(&envelope.array));
    HhStatus status = rise < HH_LEAST_RISE_DB ? unknown(context, estimate, beats)
                                              : hh_tempo_refine_envelope(context, &envelope.signal,
                                                                         &p, estimate, beats);
    hh_envelope_free(&envelope);
    return status;
}
