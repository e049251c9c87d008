/* Beats: the path through the onset envelope that collects most strength at an even pace.
 *
 * D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007), at
 * librosa's numbers: median envelope, Gaussian of 1/32 beat, search from half a beat to two beats
 * back, first (nearest) maximum wins, all in double. librosa's smoothing never reads envelope[0];
 * neither does this. The dynamic programme runs HH_TILE frames at a time: the nearest predecessor
 * of a frame is half a beat back, so frames closer together than that do not depend on each other.
 * Cost: three beat periods of multiply-adds a frame; equal to librosa's beats but for ties in the
 * last bit. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"

typedef struct Tracker {
    HhContext *context;
    const HhKernels *k;
    size_t frames;
    const double *period; /* [1] or [frames] frames per beat, whole numbers */
    bool varying;
    double tightness;
    double *local; /* [frames] smoothed strength */
    double *score; /* [frames + HH_TILE] cumulated, behind `reach` values of -infinity */
    int64_t *back; /* [frames] the beat before, or -1 */
    size_t reach;  /* frames of the longest step back */
    double *table; /* [reach + 1] log(d), and the same of penalties or of window weights */
    double *weights;
    double *memory; /* behind `score` */
} Tracker;

static void tracker_free(Tracker *t)
{
    hh_free(t->context, t->local);
    hh_free(t->context, t->memory);
    hh_free(t->context, t->back);
    hh_free(t->context, t->table);
    hh_free(t->context, t->weights);
}

static HhStatus tracker_make(Tracker *t)
{
    double longest = 0.0;
    for (size_t i = 0; i < (t->varying ? t->frames : 1); i++)
        longest = HH_MAX(longest, t->period[i]);
    t->reach = 2 * (size_t)longest;
    t->local = hh_zalloc(t->context, t->frames, sizeof *t->local);
    t->memory = hh_alloc(t->context, t->reach + t->frames + HH_TILE, sizeof *t->memory);
    t->back = hh_alloc(t->context, t->frames, sizeof *t->back);
    t->table = hh_alloc(t->context, t->reach + 1, sizeof *t->table);
    t->weights = hh_alloc(t->context, t->reach + 1, sizeof *t->weights);
    if (!t->local || !t->memory || !t->back || !t->table || !t->weights) {
        tracker_free(t);
        return hh_fail_memory(t->context);
    }
    t->score = t->memory + t->reach;
    for (size_t i = 0; i < t->reach + t->frames + HH_TILE; i++) t->memory[i] = -(double)INFINITY;
    for (size_t d = 0; d <= t->reach; d++) t->table[d] = log((double)d);
    return HH_OK;
}

/* ---- envelope over its standard deviation ---- */

#define REAL     float
#define REAL_MIN FLT_MIN
#define ROOT     sqrtf
#define NAME(x)  x##_f32
#include "rhythm/normalise_of.h"
#define REAL     double
#define REAL_MIN DBL_MIN
#define ROOT     sqrt
#define NAME(x)  x##_f64
#include "rhythm/normalise_of.h"

/* ---- smoothing ---- */

/* weights[k], k = 0..2 period: the Gaussian around k = period. */
static void gaussian(double period, double *weights)
{
    for (size_t k = 0; k <= 2 * (size_t)period; k++) {
        double x = ((double)k - period) * 32.0 / period;
        weights[k] = exp(-0.5 * (x * x));
    }
}

/* Range of k over which x[i + period - k] is summed: librosa's, which leaves out x[0]. */
static void kernel_range(size_t i, size_t n, size_t period, size_t *first, size_t *last)
{
    *first = i + period + 1 > n ? i + period + 1 - n : 0;
    *last = HH_MIN(i + period, 2 * period + 1);
}

/* One tempo: for each k, one multiply-add over all frames, so that each frame's sum runs through k
 * in librosa's order. */
static void smooth_even(Tracker *t, const double *x)
{
    size_t period = (size_t)t->period[0], n = t->frames;
    gaussian(t->period[0], t->weights);
    for (size_t k = 0; k <= 2 * period; k++) {
        /* frames i with kernel_range containing k: 1 <= i + period - k <= n - 1 */
        size_t first = k + 1 > period ? k + 1 - period : 0, end = HH_MIN(n, n + k - period);
        if (n + k < period || first >= end) continue;
        t->k->vector->add_scaled_f64(x + first + period - k, t->weights[k], t->local + first,
                                     end - first);
    }
}

static void smooth_varying(Tracker *t, const double *x)
{
    for (size_t i = 0; i < t->frames; i++) {
        size_t period = (size_t)t->period[i], first, last;
        if (i == 0 || t->period[i] != t->period[i - 1]) gaussian(t->period[i], t->weights);
        kernel_range(i, t->frames, period, &first, &last);
        for (size_t k = first; k < last; k++) t->local[i] += t->weights[k] * x[i + period - k];
    }
}

static HhStatus smooth(Tracker *t, HhCurve envelope)
{
    float *work = hh_alloc(t->context, t->frames, sizeof *work); /* of float envelopes */
    double *x = hh_alloc(t->context, t->frames, sizeof *x);
    if (work && x) {
        if (envelope.f64) {
            normalise_f64(envelope.f64, t->frames, x);
        } else {
            normalise_f32(envelope.f32, t->frames, work);
            t->k->vector->to_f64(work, x, t->frames);
        }
        if (t->varying)
            smooth_varying(t, x);
        else
            smooth_even(t, x);
    }
    HhStatus status = work && x ? HH_OK : hh_fail_memory(t->context);
    hh_free(t->context, work);
    hh_free(t->context, x);
    return status;
}

/* ---- dynamic programme ---- */

static void penalties(const Tracker *t, double period, int from, int to)
{
    double centre = log(period);
    for (int d = from; d <= to; d++) {
        double x = t->table[d] - centre;
        t->weights[d - from] = t->tightness * (x * x);
    }
}

/* Half a beat, rounded to even as numpy does, to two beats. A step is at least one frame. */
static void step_range(double period, int *from, int *to)
{
    *from = (int)HH_MAX(nearbyint(period / 2.0), 1.0);
    *to = (int)(2.0 * period);
}

typedef struct Start {
    double threshold;
    bool found;
} Start;

static void take_step(Tracker *t, Start *start, size_t i, double best, double distance)
{
    int64_t before = distance > 0.0 ? (int64_t)i - (int64_t)distance : -1;
    t->score[i] = before >= 0 ? t->local[i] + best : t->local[i];
    if (!start->found && t->local[i] < start->threshold) {
        t->back[i] = -1;
    } else {
        t->back[i] = before;
        start->found = true;
    }
}

static void programme(Tracker *t)
{
    Start start = {0.01 * t->k->vector->max_f64(t->local, t->frames), false};
    double best[HH_TILE], distance[HH_TILE];
    int from, to;
    step_range(t->period[0], &from, &to);
    penalties(t, t->period[0], from, to);
    size_t block = 1;
    for (size_t i = 0; i < t->frames; i += block) {
        if (t->varying) {
            step_range(t->period[i], &from, &to);
            if (i == 0 || t->period[i] != t->period[i - 1]) penalties(t, t->period[i], from, to);
        } else {
            block = HH_MIN(HH_MIN((size_t)from, (size_t)HH_TILE), t->frames - i);
        }
        t->k->rhythm->best_predecessor(t->score + i, t->weights, from, to, best, distance);
        for (size_t l = 0; l < block; l++) take_step(t, &start, i + l, best[l], distance[l]);
    }
}

/* ---- the path ---- */

static bool is_local_maximum(const double *x, size_t n, size_t i)
{
    return i > 0 && x[i] > x[i - 1] && (i + 1 == n || x[i] >= x[i + 1]);
}

static size_t highest_score(const Tracker *t)
{
    size_t best = 0;
    for (size_t i = 1; i < t->frames; i++)
        if (t->score[i] > t->score[best]) best = i;
    return best;
}

/* The last local maximum of the score that reaches half their median; x[frames] is work space. */
static size_t last_beat(const Tracker *t, double *x)
{
    size_t count = 0;
    for (size_t i = 0; i < t->frames; i++)
        if (is_local_maximum(t->score, t->frames, i)) x[count++] = t->score[i];
    double threshold = 0.0;
    if (count > 0) {
        hh_sort_f64(x, count);
        threshold = 0.5 * (count % 2 ? x[count / 2] : 0.5 * (x[count / 2 - 1] + x[count / 2]));
    }
    for (size_t i = t->frames; i-- > 0;)
        if (is_local_maximum(t->score, t->frames, i) && t->score[i] >= threshold) return i;
    return t->frames - 1;
}

/* Half the RMS of the beats' strengths smoothed by a five-point Hann window (0, 1/2, 1, 1/2, 0),
 * two values longer than the list; 0 if not trimming. */
static double trim_threshold(const Tracker *t, const unsigned char *flags, bool trim)
{
    if (!trim) return 0.0;
    double sum = 0.0, x[3] = {0.0, 0.0, 0.0}; /* strengths of the last three beats, newest last */
    size_t count = 0;
    for (size_t i = 0; i < t->frames; i++)
        if (flags[i]) {
            x[0] = x[1];
            x[1] = x[2];
            x[2] = t->local[i];
            double smooth = 0.5 * x[0] + x[1] + 0.5 * x[2];
            if (count > 0) sum += smooth * smooth;
            count++;
        }
    double last = 0.5 * x[1] + x[2], after = 0.5 * x[2];
    sum += last * last + after * after;
    return 0.5 * sqrt(sum / (double)(count + 2));
}

static void trim_ends(const Tracker *t, bool trim, unsigned char *flags)
{
    double threshold = trim_threshold(t, flags, trim);
    for (size_t i = 0; i < t->frames && t->local[i] <= threshold; i++) flags[i] = 0;
    for (size_t i = t->frames; i-- > 0 && t->local[i] <= threshold;) flags[i] = 0;
}

static HhStatus track(Tracker *t, HhCurve envelope, HhBeatEnd end, bool trim, unsigned char *flags)
{
    HH_TRY(smooth(t, envelope));
    programme(t);
    double *work = hh_alloc(t->context, t->frames, sizeof *work);
    if (!work) return hh_fail_memory(t->context);
    memset(flags, 0, t->frames);
    size_t last = end == HH_BEAT_END_HIGHEST ? highest_score(t) : last_beat(t, work);
    for (int64_t i = (int64_t)last; i >= 0; i = t->back[i]) flags[i] = 1;
    hh_free(t->context, work);
    trim_ends(t, trim, flags);
    return HH_OK;
}

HhStatus hh_beat_flags(HhContext *context, HhCurve envelope, size_t frames, double rate,
                       size_t hop_length, const double *bpm, bool varying, double tightness,
                       HhBeatEnd end, bool trim, unsigned char *flags)
{
    size_t tempos = varying ? frames : 1;
    double *period = hh_alloc(context, tempos, sizeof *period);
    if (!period) return hh_fail_memory(context);
    HhStatus status = HH_OK;
    for (size_t i = 0; i < tempos && status == HH_OK; i++) {
        period[i] = nearbyint(rate / (double)hop_length * 60.0 / bpm[i]);
        if (!(bpm[i] > 0.0) || !(period[i] >= 1.0) || period[i] > 1e6)
            status = hh_fail(context, HH_ERROR_ARGUMENT,
                             "%g BPM at %g frames/s: a beat must last 1 to 1000000 frames", bpm[i],
                             rate / (double)hop_length);
    }
    Tracker t = {.context = context,
                 .k = hh_kernels(context),
                 .frames = frames,
                 .period = period,
                 .varying = varying,
                 .tightness = (double)(float)tightness};
    if (status == HH_OK) status = tracker_make(&t);
    if (status == HH_OK) {
        status = track(&t, envelope, end, trim, flags);
        tracker_free(&t);
    }
    hh_free(context, period);
    return status;
}

/* ---- public ---- */

void hh_beat_track_defaults(HhBeatTrackParams *params)
{
    *params = (HhBeatTrackParams){.size = sizeof *params,
                                  .hop_length = 512,
                                  .start_bpm = 120.0,
                                  .tightness = 100.0,
                                  .trim = true,
                                  .units = HH_UNITS_FRAMES,
                                  .sparse = true};
}

static HhStatus read_params(HhContext *context, const HhSignal *y, const HhBeatTrackParams *given,
                            HhBeatTrackParams *p)
{
    hh_beat_track_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the hop must be at least one sample");
    if (!(p->tightness > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "tightness=%g must be above 0", p->tightness);
    if (!(p->start_bpm > 0.0) || !isfinite(p->start_bpm))
        return hh_fail(context, HH_ERROR_ARGUMENT, "start_bpm=%g must be above 0", p->start_bpm);
    return y ? hh_events_check(context, y, p->sparse, p->units) : HH_OK;
}

/* Estimates one tempo for each channel, or copies what was given -> {channels}, {1} or {channels,
 * frames}. */
static HhStatus tempos(HhContext *context, const HhSignal *envelope, const HhBeatTrackParams *p,
                       HhArray *tempo)
{
    size_t channels = (size_t)envelope->channels, frames = envelope->length;
    if (p->bpm) {
        size_t n = p->bpm_count;
        if (n != 1 && n != channels && n != channels * frames)
            return hh_fail(context, HH_ERROR_ARGUMENT, "%zu tempos for %zu channels of %zu frames",
                           n, channels, frames);
        bool each = n != 1 && n != channels;
        HH_TRY(
            hh_array_make(context, tempo, HH_FLOAT64, each ? 2 : 1, each ? channels : n, frames));
        memcpy(tempo->data, p->bpm, n * sizeof *p->bpm);
        return HH_OK;
    }
    HhTempoParams params;
    hh_tempo_defaults(&params);
    params.hop_length = p->hop_length;
    params.start_bpm = p->start_bpm;
    params.prior = p->prior;
    params.prior_user = p->prior_user;
    return hh_tempo_envelope(context, envelope, &params, tempo);
}

static HhStatus no_beats(HhContext *context, const HhSignal *envelope, const HhBeatTrackParams *p,
                         HhArray *tempo, HhArray *beats)
{
    size_t channels = (size_t)envelope->channels;
    HH_TRY(hh_array_make(context, tempo, HH_FLOAT64, 1, channels));
    memset(tempo->data, 0, channels * sizeof(double));
    HhStatus status =
        p->sparse
            ? hh_events_convert(context, NULL, 0, p->units, p->hop_length, envelope->rate, beats)
            : hh_array_make(context, beats, HH_BOOL, 2, channels, envelope->length);
    if (status != HH_OK) hh_array_free(tempo);
    if (status == HH_OK && !p->sparse) memset(beats->data, 0, hh_array_count(beats));
    return status;
}

static HhStatus beats_of(HhContext *context, const HhSignal *envelope, const HhBeatTrackParams *p,
                         const HhArray *tempo, HhArray *beats)
{
    size_t channels = (size_t)envelope->channels, frames = envelope->length,
           given = hh_array_count(tempo);
    bool varying = tempo->dimensions == 2;
    unsigned char *flags = hh_zalloc(context, channels * frames, 1);
    if (!flags) return hh_fail_memory(context);
    HhStatus status = HH_OK;
    for (size_t c = 0; status == HH_OK && c < channels; c++) {
        const double *bpm = (const double *)tempo->data + (varying      ? c * frames
                                                           : given == 1 ? 0
                                                                        : c);
        status = hh_beat_flags(context, hh_curve(envelope, (int)c), frames, envelope->rate,
                               p->hop_length, bpm, varying, p->tightness, HH_BEAT_END_LIBROSA,
                               p->trim, flags + c * frames);
    }
    if (status == HH_OK && p->sparse)
        status =
            hh_events_make(context, flags, frames, p->units, p->hop_length, envelope->rate, beats);
    else if (status == HH_OK &&
             (status = hh_array_make(context, beats, HH_BOOL, 2, channels, frames)) == HH_OK)
        memcpy(beats->data, flags, channels * frames);
    hh_free(context, flags);
    return status;
}

static bool holds_anything(HhCurve x, size_t length)
{
    for (size_t t = 0; t < length; t++)
        if (x.f64 ? x.f64[t] < 0.0 || x.f64[t] > 0.0 : x.f32[t] < 0.0f || x.f32[t] > 0.0f)
            return true;
    return false;
}

HhStatus hh_beat_track_envelope(HhContext *context, const HhSignal *envelope,
                                const HhBeatTrackParams *params, HhArray *tempo, HhArray *beats)
{
    HhBeatTrackParams p;
    HH_TRY(read_params(context, envelope, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    bool any = false;
    for (int c = 0; c < envelope->channels; c++)
        any |= holds_anything(hh_curve(envelope, c), envelope->length);
    if (!any) return no_beats(context, envelope, &p, tempo, beats);
    if (envelope->length < 2)
        return hh_fail(context, HH_ERROR_TOO_SHORT, "one frame is too short to track beats in");
    HH_TRY(tempos(context, envelope, &p, tempo));
    HhStatus status = beats_of(context, envelope, &p, tempo, beats);
    if (status != HH_OK) hh_array_free(tempo);
    return status;
}

HhStatus hh_beat_track(HhContext *context, const HhSignal *y, const HhBeatTrackParams *params,
                       HhArray *tempo, HhArray *beats)
{
    HhBeatTrackParams p;
    HH_TRY(read_params(context, y, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEDIAN, &envelope));
    HhStatus status = hh_beat_track_envelope(context, &envelope.signal, &p, tempo, beats);
    hh_envelope_free(&envelope);
    return status;
}
