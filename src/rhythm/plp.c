/* Predominant local pulse: of the Fourier tempogram of each frame the strongest component alone, as
 * a windowed sinusoid, overlapped and added; its positive half, over its maximum.
 *
 * P. Grosche and M. Mueller, "Extracting predominant local pulse information from music
 * recordings", IEEE TASLP 19 (2011), at librosa's numbers. Its peculiarity is kept: components are
 * scaled by the largest of the frame in NumPy's order of complex numbers (real part first), which
 * is 0 when the component's real part is negative; such a component is then divided by
 * sqrt(smallest float) and outweighs the others. The transform is in double, single components are
 * added by their definition. Cost: a transform and one sinusoid a frame; tolerance 1e-4 of the
 * maximum. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"
#include "spectral/window.h"

/* Levels (natural logarithms) this near, and a real part this small beside the magnitude, are a
 * matter of how the envelope was rounded: librosa's is known to 10^-5 here. */
static const double NEAR = 1e-5;

typedef struct Pulse {
    HhContext *context;
    const HhKernels *k;
    HhFft *fft;
    size_t win_length, bins, frames; /* frames of the transform */
    size_t first_bin, end_bin;       /* inside the tempo limits */
    double *window;                  /* [win_length] */
    double *log_prior;               /* [bins] or NULL */
    double *cosine, *sine;           /* [win_length] of 2 pi n / win_length */
    bool wide;                       /* the envelope is in double */
    float *padded;                   /* or */
    double *padded_f64;
    double *re, *im;    /* [bins][HH_TILE] */
    double *spectrum;   /* [2][bins] one frame, rounded as librosa keeps it */
    double *level;      /* [bins] */
    float *level_f32;   /* [bins] */
    int64_t *undecided; /* frames of the channel in which rounding decides, counted up; or NULL */
    double *sum;        /* [frames - 1 + win_length] overlapped sinusoids */
    void *scratch;
} Pulse;

static void pulse_free(Pulse *p)
{
    hh_fft_destroy(p->fft);
    hh_free(p->context, p->window);
    hh_free(p->context, p->log_prior);
    hh_free(p->context, p->cosine);
    hh_free(p->context, p->sine);
    hh_free(p->context, p->padded);
    hh_free(p->context, p->padded_f64);
    hh_free(p->context, p->re);
    hh_free(p->context, p->im);
    hh_free(p->context, p->spectrum);
    hh_free(p->context, p->level);
    hh_free(p->context, p->level_f32);
    hh_free(p->context, p->sum);
    hh_free(p->context, p->scratch);
}

static bool pulse_allocate(Pulse *p, size_t length)
{
    size_t win = p->win_length;
    p->window = hh_alloc(p->context, win, sizeof *p->window);
    p->cosine = hh_alloc(p->context, win, sizeof *p->cosine);
    p->sine = hh_alloc(p->context, win, sizeof *p->sine);
    size_t padded = length + 2 * (win / 2) + win + HH_TILE;
    if (p->wide)
        p->padded_f64 = hh_zalloc(p->context, padded, sizeof *p->padded_f64);
    else
        p->padded = hh_zalloc(p->context, padded, sizeof *p->padded);
    p->re = hh_alloc(p->context, p->bins * HH_TILE, sizeof *p->re);
    p->im = hh_alloc(p->context, p->bins * HH_TILE, sizeof *p->im);
    p->spectrum = hh_alloc(p->context, 2 * p->bins, sizeof *p->spectrum);
    p->level = hh_alloc(p->context, p->bins, sizeof *p->level);
    p->level_f32 = hh_alloc(p->context, p->bins, sizeof *p->level_f32);
    p->sum = hh_alloc(p->context, p->frames - 1 + win, sizeof *p->sum);
    p->scratch = hh_alloc(p->context, hh_fft_scratch(p->fft), 1);
    return p->window && p->cosine && p->sine && (p->padded || p->padded_f64) && p->re && p->im &&
           p->spectrum && p->level && p->level_f32 && p->sum && p->scratch;
}

/* Bins whose tempo lies inside the limits, and their prior. */
static HhStatus limit_bins(Pulse *p, const HhPlpParams *params, double rate)
{
    double step = rate * 60.0 / (double)params->hop_length / (double)p->win_length;
    p->first_bin = 0;
    p->end_bin = p->bins;
    if (!isnan(params->tempo_min))
        while (p->first_bin < p->bins && (double)p->first_bin * step < params->tempo_min)
            p->first_bin++;
    if (!isnan(params->tempo_max))
        while (p->end_bin > p->first_bin && (double)(p->end_bin - 1) * step > params->tempo_max)
            p->end_bin--;
    if (!params->prior) return HH_OK;
    p->log_prior = hh_alloc(p->context, p->bins, sizeof *p->log_prior);
    if (!p->log_prior) return hh_fail_memory(p->context);
    for (size_t b = 0; b < p->bins; b++)
        p->log_prior[b] = params->prior(params->prior_user, (double)b * step);
    return HH_OK;
}

static HhStatus pulse_make(HhContext *context, const HhSignal *envelope, const HhPlpParams *params,
                           Pulse *p)
{
    size_t win = params->win_length, length = envelope->length;
    *p = (Pulse){.context = context,
                 .k = hh_kernels(context),
                 .win_length = win,
                 .wide = envelope->channel_f64};
    HH_TRY(hh_fft_create(context, win, &p->fft));
    p->bins = hh_fft_bins(p->fft);
    p->frames = length + 2 * (win / 2) - win + 1;
    HhStatus status = pulse_allocate(p, length) ? HH_OK : hh_fail_memory(context);
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    if (status == HH_OK) status = hh_window_make(context, &hann, win, true, p->window);
    if (status == HH_OK) status = limit_bins(p, params, envelope->rate);
    if (status != HH_OK) pulse_free(p);
    for (size_t n = 0; status == HH_OK && n < win; n++) {
        double angle = 6.283185307179586 * (double)n / (double)win;
        p->cosine[n] = cos(angle);
        p->sine[n] = sin(angle);
    }
    return status;
}

/* The bins of one frame, 0 outside the limits, rounded to the type that librosa keeps them in. */
static void take_frame(Pulse *p, size_t lane)
{
    double *re = p->spectrum, *im = re + p->bins;
    memset(p->spectrum, 0, 2 * p->bins * sizeof *p->spectrum);
    for (size_t b = p->first_bin; b < p->end_bin; b++) {
        re[b] = p->re[b * HH_TILE + lane];
        im[b] = p->im[b * HH_TILE + lane];
    }
    for (size_t b = 0; !p->wide && b < 2 * p->bins; b++)
        p->spectrum[b] = (double)(float)p->spectrum[b];
}

/* log(1 + 10^6 |X|) of each bin, in float. */
static void float_levels(Pulse *p)
{
    const double *re = p->spectrum, *im = re + p->bins;
    for (size_t b = 0; b < p->bins; b++)
        p->level_f32[b] = (float)sqrt(re[b] * re[b] + im[b] * im[b]) * 1e6f;
    p->k->vector->log1p_f32(p->level_f32, p->level_f32, p->bins);
    p->k->vector->to_f64(p->level_f32, p->level, p->bins);
}

/* The same in double. Without a prior the logarithm only decides between magnitudes that are about
 * equal, and is taken of these; the others stay at 0. */
static void double_levels(Pulse *p)
{
    const double *re = p->spectrum, *im = re + p->bins;
    double largest = 0.0;
    for (size_t b = 0; b < p->bins; b++) {
        p->level[b] = re[b] * re[b] + im[b] * im[b];
        largest = HH_MAX(largest, p->level[b]);
    }
    double least = p->log_prior ? 0.0 : largest * (1.0 - 4.0 * NEAR);
    for (size_t b = 0; b < p->bins; b++)
        p->level[b] = p->level[b] >= least ? log1p(1e6 * hypot(re[b], im[b])) : 0.0;
}

/* Levels with the prior -> p->level. Returns the largest. */
static double levels(Pulse *p)
{
    double highest = -(double)INFINITY;
    if (p->wide)
        double_levels(p);
    else
        float_levels(p);
    for (size_t b = 0; b < p->bins; b++) {
        if (p->log_prior) p->level[b] += p->log_prior[b];
        if (p->log_prior && !p->wide) p->level[b] = (double)(float)p->level[b];
        highest = p->level[b] > highest ? p->level[b] : highest;
    }
    return highest;
}

/* Adds bin `b`, of value re + i im, of the frame that starts at p->sum[start]: its inverse
 * transform, windowed. */
static void add_sinusoid(Pulse *p, size_t b, double re, double im, size_t start)
{
    size_t win = p->win_length;
    bool edge = b == 0 || 2 * b == win;
    double weight = (edge ? 1.0 : 2.0) / (double)win;
    double a = weight * re, c = edge ? 0.0 : weight * im;
    double *sum = p->sum + start;
    for (size_t n = 0, phase = 0; n < win; n++) {
        sum[n] += p->window[n] * (a * p->cosine[phase] - c * p->sine[phase]);
        phase += b;
        if (phase >= win) phase -= win;
    }
}

/* NumPy's order of complex numbers: the real part decides, then the imaginary one. */
static bool above(double re, double im, double other_re, double other_im)
{
    return re > other_re || (re >= other_re && im > other_im);
}

/* Whether two levels are as good as the highest, or the sign of its real part, which is that of
 * the scale, is as good as open. */
static bool is_undecided(const Pulse *p, double highest)
{
    const double *re = p->spectrum, *im = re + p->bins;
    int near = 0;
    for (size_t b = 0; b < p->bins; b++) {
        if (!(p->level[b] >= highest - NEAR) || (re[b] == 0.0 && im[b] == 0.0)) continue;
        if (++near > 1 || fabs(re[b]) <= NEAR * fabs(im[b])) return true;
    }
    return false;
}

/* Keeps the bins that reach the largest level, scales them, adds them. */
static void add_frame(Pulse *p, size_t lane, size_t start)
{
    take_frame(p, lane);
    double highest = levels(p), *re = p->spectrum, *im = re + p->bins;
    if (p->undecided) *p->undecided += is_undecided(p, highest);
    double top_re = -(double)INFINITY, top_im = -(double)INFINITY;
    for (size_t b = 0; b < p->bins; b++) {
        if (p->level[b] < highest) re[b] = im[b] = 0.0;
        if (above(re[b], im[b], top_re, top_im)) {
            top_re = re[b];
            top_im = im[b];
        }
    }
    double top = sqrt(top_re * top_re + top_im * top_im);
    double scale = 1.0 / (p->wide ? sqrt(DBL_MIN) + top : (double)(sqrtf(FLT_MIN) + (float)top));
    for (size_t b = 0; b < p->bins; b++)
        if (re[b] < 0.0 || re[b] > 0.0 || im[b] < 0.0 || im[b] > 0.0)
            add_sinusoid(p, b, re[b] * scale, im[b] * scale, start);
}

/* Overlapped sinusoids over the sum of squared windows, positive half -> the start of p->sum.
 * Returns the largest. */
static double finish(Pulse *p, size_t length)
{
    double weight = 0.0, largest = 0.0, least = p->wide ? DBL_MIN : (double)FLT_MIN;
    size_t from = 0, to = 0; /* weight = sum of window[n]^2, n = from..to-1 */
    for (size_t t = 0; t < length; t++) {
        size_t at = t + p->win_length / 2;
        size_t last = HH_MIN(at + 1, p->win_length),
               first = at + 1 > p->frames ? at + 1 - p->frames : 0;
        for (; to < last; to++) weight += p->window[to] * p->window[to];
        for (; from < first; from++) weight -= p->window[from] * p->window[from];
        double y = HH_MAX(p->sum[at], 0.0);
        if (weight > least) y /= weight;
        p->sum[t] = p->wide ? y : (double)(float)y;
        largest = HH_MAX(largest, p->sum[t]);
    }
    return largest >= least ? largest : 1.0;
}

/* The pulse of one channel -> pulse[length] of the envelope's type. */
static void run(Pulse *p, HhCurve envelope, size_t length, void *pulse)
{
    float *pulse_f32 = pulse;
    double *pulse_f64 = pulse;
    if (p->wide)
        memcpy(p->padded_f64 + p->win_length / 2, envelope.f64, length * sizeof(double));
    else
        memcpy(p->padded + p->win_length / 2, envelope.f32, length * sizeof(float));
    memset(p->sum, 0, (p->frames - 1 + p->win_length) * sizeof *p->sum);
    for (size_t first = 0; first < p->frames; first += HH_TILE) {
        size_t count = HH_MIN((size_t)HH_TILE, p->frames - first);
        if (p->wide)
            hh_fft_tile_f64(p->fft, p->padded_f64 + first, 1, (int)count, p->window, p->re, p->im,
                            p->scratch);
        else
            hh_fft_tile_mixed(p->fft, p->padded + first, 1, (int)count, p->window, p->re, p->im,
                              p->scratch);
        for (size_t l = 0; l < count; l++) add_frame(p, l, first + l);
    }
    double largest = finish(p, length);
    for (size_t t = 0; t < length; t++)
        if (p->wide)
            pulse_f64[t] = p->sum[t] / largest;
        else
            pulse_f32[t] = (float)(p->sum[t] / largest);
}

/* ---- public ---- */

void hh_plp_defaults(HhPlpParams *params)
{
    *params = (HhPlpParams){.size = sizeof *params,
                            .hop_length = 512,
                            .win_length = 384,
                            .tempo_min = 30.0,
                            .tempo_max = 300.0};
}

static HhStatus read_params(HhContext *context, const HhPlpParams *given, HhPlpParams *p)
{
    hh_plp_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the hop must be at least one sample");
    if (p->win_length == 0 || p->win_length > 32768)
        return hh_fail(context, HH_ERROR_ARGUMENT, "win_length=%zu must be 1 to 32768 frames",
                       p->win_length);
    if (p->tempo_max <= p->tempo_min)
        return hh_fail(context, HH_ERROR_ARGUMENT, "tempo_max=%g must be larger than tempo_min=%g",
                       p->tempo_max, p->tempo_min);
    return HH_OK;
}

HhStatus hh_plp_envelope(HhContext *context, const HhSignal *envelope, const HhPlpParams *params,
                         HhArray *pulse, HhArray *undecided)
{
    HhPlpParams p;
    HH_TRY(read_params(context, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, true));
    Pulse work;
    HH_TRY(pulse_make(context, envelope, &p, &work));
    HhType type = work.wide ? HH_FLOAT64 : HH_FLOAT32;
    size_t channels = (size_t)envelope->channels, bytes = envelope->length * hh_type_bytes(type);
    HhStatus status = hh_array_make(context, pulse, type, 2, channels, envelope->length);
    if (status == HH_OK && undecided)
        status = hh_array_make(context, undecided, HH_INT64, 1, channels, (size_t)0);
    if (status != HH_OK) hh_array_free(pulse);
    for (size_t c = 0; status == HH_OK && c < channels; c++) {
        if (undecided) {
            work.undecided = (int64_t *)undecided->data + c;
            *work.undecided = 0;
        }
        run(&work, hh_curve(envelope, (int)c), envelope->length, (char *)pulse->data + c * bytes);
    }
    pulse_free(&work);
    return status;
}

HhStatus hh_plp(HhContext *context, const HhSignal *y, const HhPlpParams *params, HhArray *pulse)
{
    HhPlpParams p;
    HH_TRY(read_params(context, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEDIAN, &envelope));
    HhStatus status = hh_plp_envelope(context, &envelope.signal, &p, pulse, NULL);
    hh_envelope_free(&envelope);
    return status;
}
