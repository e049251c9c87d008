/* Tempo: the lag at which the mean tempogram, in log, plus a log-normal prior is largest.
 *
 * The rule, window and prior are librosa's (D. Ellis, "Beat tracking by dynamic programming", 2007,
 * section 3.2). All in double; the mean over time never holds the tempogram. */
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"

void hh_tempo_defaults(HhTempoParams *params)
{
    *params = (HhTempoParams){.size = sizeof *params,
                              .hop_length = 512,
                              .start_bpm = 120.0,
                              .std_bpm = 1.0,
                              .ac_size = 8.0,
                              .max_tempo = 320.0,
                              .aggregate = HH_AGGREGATE_MEAN};
}

size_t hh_tempo_lags(double seconds, double rate, size_t hop_length)
{
    double samples = trunc(seconds * rate);
    return samples >= 0.0 && samples < 1e15 ? (size_t)(samples / (double)hop_length) : 0;
}

static double log_prior(const HhTempoParams *p, double bpm)
{
    if (p->prior) return p->prior(p->prior_user, bpm);
    double octaves = (log2(bpm) - log2(p->start_bpm)) / p->std_bpm;
    return -0.5 * octaves * octaves;
}

/* BPM of each lag; that of lag 0 is infinite. */
static double lag_bpm(size_t lag, double rate, size_t hop)
{
    return lag == 0 ? (double)INFINITY : 60.0 * rate / ((double)hop * (double)lag);
}

/* Log prior of each lag, -infinity from max_tempo up. */
static void prior_of_lags(const HhTempoParams *p, size_t lags, double rate, double *prior)
{
    size_t first = 0;
    if (!isnan(p->max_tempo)) {
        while (first < lags && !(lag_bpm(first, rate, p->hop_length) < p->max_tempo)) first++;
        if (first == lags) first = 0;
    }
    for (size_t i = 0; i < lags; i++)
        prior[i] = i < first ? -(double)INFINITY : log_prior(p, lag_bpm(i, rate, p->hop_length));
}

static double pick(const HhTempoParams *p, const double *tg, const double *prior, size_t lags,
                   double rate)
{
    size_t best = 0;
    double highest = -(double)INFINITY;
    for (size_t i = 0; i < lags; i++) {
        double score = log1p(1e6 * tg[i]) + prior[i];
        if (score > highest) {
            highest = score;
            best = i;
        }
    }
    return lag_bpm(best, rate, p->hop_length);
}

/* Median over frames of each lag. */
static HhStatus median_lags(HhContext *context, const double *tg, size_t frames, size_t lags,
                            double *median)
{
    double *column = hh_alloc(context, frames, sizeof *column);
    if (!column) return hh_fail_memory(context);
    for (size_t i = 0; i < lags; i++) {
        for (size_t t = 0; t < frames; t++) column[t] = tg[t * lags + i];
        hh_sort_f64(column, frames);
        median[i] = 0.5 * (column[(frames - 1) / 2] + column[frames / 2]);
    }
    hh_free(context, column);
    return HH_OK;
}

static void mean_lags(const double *tg, size_t frames, size_t lags, double *mean)
{
    memset(mean, 0, lags * sizeof *mean);
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < lags; i++) mean[i] += tg[t * lags + i];
    for (size_t i = 0; i < lags; i++) mean[i] /= (double)frames;
}

static HhStatus read_params(HhContext *context, const HhTempoParams *given, HhTempoParams *p)
{
    hh_tempo_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the hop must be at least one sample");
    if (!(p->start_bpm > 0.0) || !isfinite(p->start_bpm))
        return hh_fail(context, HH_ERROR_ARGUMENT, "start_bpm=%g must be above 0", p->start_bpm);
    if (!(p->std_bpm > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "std_bpm=%g must be above 0", p->std_bpm);
    if (p->aggregate != HH_AGGREGATE_MEAN && p->aggregate != HH_AGGREGATE_MEDIAN &&
        p->aggregate != HH_AGGREGATE_NONE)
        return hh_fail(context, HH_ERROR_ARGUMENT, "aggregate %d is not known", (int)p->aggregate);
    return HH_OK;
}

/* Tempo of one channel's tempogram tg[frames][lags] -> bpm[1], or bpm[frames]. */
static HhStatus tempo_of(HhContext *context, const HhTempoParams *p, const double *tg,
                         size_t frames, size_t lags, double rate, double *bpm)
{
    double *prior = hh_alloc(context, 2 * lags, sizeof *prior), *column = prior + lags;
    if (!prior) return hh_fail_memory(context);
    prior_of_lags(p, lags, rate, prior);
    HhStatus status = HH_OK;
    if (p->aggregate == HH_AGGREGATE_NONE) {
        for (size_t t = 0; t < frames; t++) bpm[t] = pick(p, tg + t * lags, prior, lags, rate);
    } else {
        if (p->aggregate == HH_AGGREGATE_MEAN)
            mean_lags(tg, frames, lags, column);
        else
            status = median_lags(context, tg, frames, lags, column);
        if (status == HH_OK) *bpm = pick(p, column, prior, lags, rate);
    }
    hh_free(context, prior);
    return status;
}

HhStatus hh_tempo_tempogram(HhContext *context, const HhArray *tempogram, double rate,
                            const HhTempoParams *params, HhArray *bpm)
{
    HhTempoParams p;
    HH_TRY(read_params(context, params, &p));
    if (!tempogram || tempogram->type != HH_FLOAT64 || tempogram->dimensions != 3 ||
        !tempogram->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a float64 tempogram {channels, frames, lags} is needed");
    size_t channels = tempogram->shape[0], frames = tempogram->shape[1], lags = tempogram->shape[2];
    if (channels == 0 || frames == 0 || lags == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "the tempogram is empty");
    if (!(rate > 0.0) || !isfinite(rate))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a rate of %g Hz", rate);
    if (!hh_kernels(context)->vector->finite_f64(tempogram->data, hh_array_count(tempogram)))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the tempogram holds NaN or infinity");
    bool each = p.aggregate == HH_AGGREGATE_NONE;
    size_t width = each ? frames : 1;
    HH_TRY(hh_array_make(context, bpm, HH_FLOAT64, each ? 2 : 1, channels, frames));
    HhStatus status = HH_OK;
    for (size_t c = 0; status == HH_OK && c < channels; c++)
        status = tempo_of(context, &p, (const double *)tempogram->data + c * frames * lags, frames,
                          lags, rate, (double *)bpm->data + c * width);
    if (status != HH_OK) hh_array_free(bpm);
    return status;
}

double hh_tempo_pick(const HhTempoParams *params, const double *tg, size_t lags, double rate,
                     double *prior)
{
    prior_of_lags(params, lags, rate, prior);
    return pick(params, tg, prior, lags, rate);
}

/* The mean needs no tempogram in memory. */
static HhStatus tempo_by_mean(HhContext *context, const HhSignal *envelope, const HhTempoParams *p,
                              size_t lags, HhArray *bpm)
{
    size_t channels = (size_t)envelope->channels;
    double *tg = hh_alloc(context, 2 * lags, sizeof *tg);
    if (!tg) return hh_fail_memory(context);
    HhStatus status = hh_array_make(context, bpm, HH_FLOAT64, 1, channels);
    for (size_t c = 0; status == HH_OK && c < channels; c++) {
        status = hh_tempogram_mean(context, hh_curve(envelope, (int)c), envelope->length, lags, tg);
        if (status == HH_OK)
            ((double *)bpm->data)[c] = hh_tempo_pick(p, tg, lags, envelope->rate, tg + lags);
    }
    if (status != HH_OK) hh_array_free(bpm);
    hh_free(context, tg);
    return status;
}

HhStatus hh_tempo_envelope(HhContext *context, const HhSignal *envelope,
                           const HhTempoParams *params, HhArray *bpm)
{
    HhTempoParams p;
    HH_TRY(read_params(context, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    size_t lags = hh_tempo_lags(p.ac_size, envelope->rate, p.hop_length);
    if (lags == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "ac_size=%g s is shorter than one frame of %zu samples", p.ac_size,
                       p.hop_length);
    if (lags > HH_TEMPOGRAM_MOST)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "ac_size=%g s is %zu frames of %zu samples; at most %d are possible",
                       p.ac_size, lags, p.hop_length, HH_TEMPOGRAM_MOST);
    if (p.aggregate == HH_AGGREGATE_MEAN) return tempo_by_mean(context, envelope, &p, lags, bpm);
    HhTempogramParams tempogram;
    hh_tempogram_defaults(&tempogram);
    tempogram.hop_length = p.hop_length;
    tempogram.win_length = lags;
    HhArray tg = HH_ARRAY_INIT;
    HH_TRY(hh_tempogram_envelope(context, envelope, &tempogram, &tg));
    HhStatus status = hh_tempo_tempogram(context, &tg, envelope->rate, &p, bpm);
    hh_array_free(&tg);
    return status;
}

HhStatus hh_tempo(HhContext *context, const HhSignal *y, const HhTempoParams *params, HhArray *bpm)
{
    HhTempoParams p;
    HH_TRY(read_params(context, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEAN, &envelope));
    HhStatus status = hh_tempo_envelope(context, &envelope.signal, &p, bpm);
    hh_envelope_free(&envelope);
    return status;
}
