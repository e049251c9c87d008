/* Tempograms: autocorrelation, or Fourier transform, of the onset envelope in a window that moves
 * frame by frame.
 *
 * P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram - a mid-level tempo representation for
 * music signals", ICASSP 2010. The windowed frames, transforms and norms are in double, as
 * librosa's; the autocorrelation goes through the power spectrum of the frame padded to a power of
 * two, HH_TILE frames at a time. Cost: two transforms of 1024 points a frame at the default window
 * (one for means over frames); tolerance 1e-12 of the frame's maximum. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"
#include "spectral/window.h"

/* Frames of one unit of parallel work. */
#define CHUNK 1024

/* Padded envelope, window and transform of one tempogram. */
typedef struct Plan {
    HhContext *context;
    const HhKernels *k;
    HhFft *fft;
    size_t win_length, bins;
    double *window;         /* [fft size] zero after win_length */
    double *padded;         /* [padded_length + fft size] */
    size_t step, frames;    /* windows start every `step` frames of the envelope */
    unsigned char *scratch; /* [workers] scratch areas */
    size_t scratch_bytes;
} Plan;

static void plan_free(Plan *p)
{
    hh_fft_destroy(p->fft);
    hh_free(p->context, p->window);
    hh_free(p->context, p->padded);
    hh_free(p->context, p->scratch);
}

/* numpy.pad's linear ramp from 0 to the edge value, rounded to the envelope's type. */
void hh_tempogram_pad(HhCurve x, size_t length, size_t pad, double *y)
{
    for (size_t i = 0; i < length; i++) y[pad + i] = x.f64 ? x.f64[i] : (double)x.f32[i];
    double first = y[pad], last = y[pad + length - 1];
    for (size_t i = 0; i < pad; i++) {
        double rise = (double)i / (double)pad;
        double before = first * rise, after = last * rise;
        y[i] = x.f64 ? before : (double)(float)before;
        y[pad + length + pad - 1 - i] = x.f64 ? after : (double)(float)after;
    }
}

/* Scratch of one worker: the transform's, power and zeros as tiles, HH_TILE frames. */
static size_t tile_bytes(const Plan *p)
{
    return p->bins * HH_TILE * sizeof(double);
}

static HhStatus plan_make(HhContext *context, size_t length, const HhTempogramParams *params,
                          Plan *p)
{
    *p = (Plan){
        .context = context, .k = hh_kernels(context), .win_length = params->win_length, .step = 1};
    size_t win = params->win_length, pad = params->center ? win / 2 : 0, size = 32;
    if (win == 0 || win > HH_TEMPOGRAM_MOST)
        return hh_fail(context, HH_ERROR_ARGUMENT, "win_length=%zu must be 1 to %d frames", win,
                       HH_TEMPOGRAM_MOST);
    if (length + 2 * pad < win)
        return hh_fail(context, HH_ERROR_TOO_SHORT,
                       "an envelope of %zu frames is shorter than the window of %zu", length, win);
    while (size < 2 * win - 1) size *= 2;
    if (size >= 128 && size / 4 * 3 >= 2 * win - 1) size = size / 4 * 3;
    p->frames = params->center ? HH_MIN(length, length + 2 * pad - win + 1) : length - win + 1;
    HH_TRY(hh_fft_create(context, size, &p->fft));
    p->bins = hh_fft_bins(p->fft);
    size_t frames_bytes = HH_TILE * size * sizeof(double);
    p->scratch_bytes = (hh_fft_scratch(p->fft) + 3 * tile_bytes(p) + frames_bytes + 63) / 64 * 64;
    p->window = hh_zalloc(context, size, sizeof *p->window);
    p->padded = hh_zalloc(context, length + 2 * pad + size + HH_TILE, sizeof *p->padded);
    p->scratch = hh_alloc(context, (size_t)hh_workers(context), p->scratch_bytes);
    HhStatus status = p->window && p->padded && p->scratch ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) status = hh_window_make(context, &params->window, win, true, p->window);
    if (status != HH_OK) plan_free(p);
    return status;
}

typedef struct Scratch {
    double *re, *im, *zero, *frames;
    void *fft;
} Scratch;

static Scratch worker_scratch(const Plan *p, int worker)
{
    unsigned char *base = p->scratch + (size_t)worker * p->scratch_bytes;
    size_t tile = tile_bytes(p);
    Scratch s;
    s.re = (double *)(void *)base;
    s.im = (double *)(void *)(base + tile);
    s.zero = (double *)(void *)(base + 2 * tile);
    s.frames = (double *)(void *)(base + 3 * tile);
    s.fft = base + 3 * tile + HH_TILE * hh_fft_size(p->fft) * sizeof(double);
    return s;
}

/* Power spectra of `count` frames from `first` on -> s->re. */
static void power_tile(const Plan *p, size_t first, size_t count, Scratch *s)
{
    hh_fft_tile_f64(p->fft, p->padded + first * p->step, (ptrdiff_t)p->step, (int)count, p->window,
                    s->re, s->im, s->fft);
    p->k->vector->power_f64(s->re, s->im, s->zero, p->bins * HH_TILE);
    memcpy(s->re, s->zero, tile_bytes(p));
}

/* ---- the whole tempogram ---- */

static double norm_of(const double *x, size_t n, double norm)
{
    bool largest = isinf(norm) && norm > 0.0, smallest = isinf(norm) && norm < 0.0;
    double length = smallest ? DBL_MAX : 0.0;
    for (size_t i = 0; i < n; i++) {
        double a = fabs(x[i]);
        if (largest)
            length = a > length ? a : length;
        else if (smallest)
            length = a < length ? a : length;
        else
            length += norm > 0.0 ? pow(a, norm) : a > 0.0 ? 1.0 : 0.0;
    }
    return isfinite(norm) && norm > 0.0 ? pow(length, 1.0 / norm) : length;
}

typedef struct Whole {
    Plan plan;
    double norm;
    double *out; /* [frames][win_length] */
} Whole;

static void whole_tile(void *arg, size_t index, int worker)
{
    Whole *w = arg;
    const Plan *p = &w->plan;
    Scratch s = worker_scratch(p, worker);
    size_t first = index * HH_TILE, count = HH_MIN((size_t)HH_TILE, p->frames - first),
           size = hh_fft_size(p->fft);
    power_tile(p, first, count, &s);
    memset(s.zero, 0, tile_bytes(p));
    hh_fft_tile_inverse_f64(p->fft, s.re, s.zero, (int)count, NULL, s.frames, (ptrdiff_t)size,
                            s.fft);
    for (size_t t = 0; t < count; t++) {
        const double *lags = s.frames + t * size;
        double *out = w->out + (first + t) * p->win_length;
        double length = isnan(w->norm) ? 1.0 : norm_of(lags, p->win_length, w->norm);
        if (length < DBL_MIN) length = 1.0;
        for (size_t i = 0; i < p->win_length; i++) out[i] = lags[i] / length;
    }
}

void hh_tempogram_defaults(HhTempogramParams *params)
{
    *params = (HhTempogramParams){.size = sizeof *params,
                                  .hop_length = 512,
                                  .win_length = 384,
                                  .center = true,
                                  .window = {.kind = HH_WINDOW_HANN},
                                  .norm = (double)INFINITY};
}

static HhStatus read_params(HhContext *context, const HhTempogramParams *given,
                            HhTempogramParams *p)
{
    hh_tempogram_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->win_length == 0 || p->win_length > HH_TEMPOGRAM_MOST)
        return hh_fail(context, HH_ERROR_ARGUMENT, "win_length=%zu must be 1 to %d frames",
                       p->win_length, HH_TEMPOGRAM_MOST);
    if (p->norm < 0.0 && !isinf(p->norm))
        return hh_fail(context, HH_ERROR_ARGUMENT, "norm=%g must be at least 0, infinite or NaN",
                       p->norm);
    return HH_OK;
}

HhStatus hh_tempogram_envelope(HhContext *context, const HhSignal *envelope,
                               const HhTempogramParams *params, HhArray *tempogram)
{
    HhTempogramParams p;
    HH_TRY(read_params(context, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    Whole w = {.norm = p.norm};
    HH_TRY(plan_make(context, envelope->length, &p, &w.plan));
    HhStatus status = hh_array_make(context, tempogram, HH_FLOAT64, 3, (size_t)envelope->channels,
                                    w.plan.frames, p.win_length);
    for (int c = 0; status == HH_OK && c < envelope->channels; c++) {
        w.out = (double *)tempogram->data + (size_t)c * w.plan.frames * p.win_length;
        hh_tempogram_pad(hh_curve(envelope, c), envelope->length, p.center ? p.win_length / 2 : 0,
                         w.plan.padded);
        hh_parallel_for(context, (w.plan.frames + HH_TILE - 1) / HH_TILE, whole_tile, &w);
    }
    plan_free(&w.plan);
    return status;
}

typedef HhStatus FromEnvelope(HhContext *context, const HhSignal *envelope,
                              const HhTempogramParams *params, HhArray *tempogram);

static HhStatus from_sound(HhContext *context, const HhSignal *y, const HhTempogramParams *params,
                           FromEnvelope *from_envelope, HhArray *tempogram)
{
    HhTempogramParams p;
    HH_TRY(read_params(context, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEAN, &envelope));
    HhStatus status = from_envelope(context, &envelope.signal, &p, tempogram);
    hh_envelope_free(&envelope);
    return status;
}

HhStatus hh_tempogram(HhContext *context, const HhSignal *y, const HhTempogramParams *params,
                      HhArray *tempogram)
{
    return from_sound(context, y, params, hh_tempogram_envelope, tempogram);
}

HhStatus hh_fourier_tempogram_envelope(HhContext *context, const HhSignal *envelope,
                                       const HhTempogramParams *params, HhArray *tempogram)
{
    HhTempogramParams p;
    HH_TRY(read_params(context, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = p.win_length;
    stft.hop_length = 1;
    stft.center = p.center;
    stft.window = p.window;
    return hh_stft(context, envelope, &stft, tempogram);
}

HhStatus hh_fourier_tempogram(HhContext *context, const HhSignal *y,
                              const HhTempogramParams *params, HhArray *tempogram)
{
    return from_sound(context, y, params, hh_fourier_tempogram_envelope, tempogram);
}

/* ---- means ---- */

typedef struct Means {
    Plan plan;
    size_t columns;
    double *power; /* [columns][bins], weighted sum */
} Means;

static size_t column_start(const Means *m, size_t column)
{
    return (size_t)((double)m->plan.frames * (double)column / (double)m->columns);
}

/* Sum over the column's frames of power spectrum / energy of the windowed frame (which is lag
 * 0). */
static void mean_column(void *arg, size_t index, int worker)
{
    Means *m = arg;
    const Plan *p = &m->plan;
    Scratch s = worker_scratch(p, worker);
    size_t first = column_start(m, index), end = column_start(m, index + 1),
           size = hh_fft_size(p->fft);
    double *sum = s.frames; /* [bins][HH_TILE], fits: bins <= size */
    memset(sum, 0, tile_bytes(p));
    for (size_t t = first; t < end; t += HH_TILE) {
        size_t count = HH_MIN((size_t)HH_TILE, end - t);
        power_tile(p, t, count, &s);
        double energy[HH_TILE], weight[HH_TILE];
        p->k->vector->tile_sum_f64(s.re, p->bins, energy);
        for (size_t l = 0; l < HH_TILE; l++) {
            double e =
                (2.0 * energy[l] - s.re[l] - s.re[(p->bins - 1) * HH_TILE + l]) / (double)size;
            weight[l] = e < DBL_MIN ? 0.0 : 1.0 / e;
        }
        p->k->rhythm->add_weighted(s.re, weight, p->bins, sum);
    }
    for (size_t b = 0; b < p->bins; b++)
        m->power[index * p->bins + b] = p->k->vector->sum_f64(sum + b * HH_TILE, HH_TILE);
}

static HhStatus weighted_powers(HhContext *context, HhCurve envelope, size_t frames,
                                size_t win_length, size_t step, size_t columns, Means *m)
{
    HhTempogramParams params;
    hh_tempogram_defaults(&params);
    params.win_length = win_length;
    *m = (Means){.columns = columns};
    HH_TRY(plan_make(context, frames, &params, &m->plan));
    m->plan.step = step;
    m->plan.frames = (m->plan.frames + step - 1) / step;
    m->power = hh_alloc(context, columns * m->plan.bins, sizeof *m->power);
    if (!m->power) {
        plan_free(&m->plan);
        return hh_fail_memory(context);
    }
    hh_tempogram_pad(envelope, frames, win_length / 2, m->plan.padded);
    hh_parallel_for(context, columns, mean_column, m);
    return HH_OK;
}

/* Mean autocorrelation of one column of weighted powers over `frames` frames ->
 * lags[win_length]. */
static void to_lags(const Means *m, const double *power, size_t frames, double *lags)
{
    Scratch s = worker_scratch(&m->plan, 0);
    memset(s.zero, 0, m->plan.bins * sizeof *s.zero);
    hh_fft_inverse_f64(m->plan.fft, power, s.zero, NULL, s.frames, s.fft);
    for (size_t i = 0; i < m->plan.win_length; i++)
        lags[i] = frames ? s.frames[i] / (double)frames : 0.0;
}

HhStatus hh_tempogram_means(HhContext *context, HhCurve envelope, size_t frames, size_t win_length,
                            size_t columns, double *means)
{
    Means m;
    HH_TRY(weighted_powers(context, envelope, frames, win_length, 1, columns, &m));
    for (size_t c = 0; c < columns; c++)
        to_lags(&m, m.power + c * m.plan.bins, column_start(&m, c + 1) - column_start(&m, c),
                means + c * win_length);
    hh_free(context, m.power);
    plan_free(&m.plan);
    return HH_OK;
}

HhStatus hh_tempogram_mean_of_some(HhContext *context, HhCurve envelope, size_t frames,
                                   size_t win_length, size_t step, double *mean)
{
    Means m;
    size_t columns = (frames + CHUNK * step - 1) / (CHUNK * step);
    HH_TRY(weighted_powers(context, envelope, frames, win_length, step, columns, &m));
    for (size_t c = 1; c < columns; c++)
        m.plan.k->vector->add_scaled_f64(m.power + c * m.plan.bins, 1.0, m.power, m.plan.bins);
    to_lags(&m, m.power, m.plan.frames, mean);
    hh_free(context, m.power);
    plan_free(&m.plan);
    return HH_OK;
}
