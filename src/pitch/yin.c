/* YIN: A. de Cheveigne and H. Kawahara, "YIN, a fundamental frequency estimator for speech and
 * music", JASA 111(4), 2002, equations 6 to 8 and steps 3 to 5, in the form of librosa 0.11: d(k)
 * = 2 (r(0) - r(k)) - sum_{m < k} x[m]^2,   r(k) = sum_{n < L - k} x[n] x[n + k]   (d(1) without
 * x[0]^2) d'(k) = d(k) / mean(d(1) .. d(k)). This departs from the paper: r shrinks with the lag,
 * and the energy of the last k samples is not taken off, which pulls low pitches up by some cents;
 * and the parabola of step 5 goes through d', not d. HH_YIN_FULL does both as the paper: d(k) is
 * the sum of (x[n] - x[n + k])^2, n < L - k.
 *
 * Only lags up to `last` are wanted, so a frame is cut into blocks of B >= last samples: a product
 * x[n] x[n + k] lies within a block or between neighbours. With a_i the spectrum, 2B points, of
 * block i, r = inverse( sum_i |a_i|^2 + sum_i (-1)^f conj(a_i) a_(i+1) ); the delay of one block is
 * half of 2B points, therefore the (-1)^f, and no lag wraps around into 0..B. If blocks of
 * neighbouring frames coincide, each is transformed once: one forward and one inverse transform of
 * 2B points per frame, 1024 instead of 4096 with librosa's defaults at 22.05 kHz. The rest is
 * prefix sums with a frame in each lane.
 *
 * Everything after the samples is in double, tolerance against the definition 1e-9 of f0. librosa
 * takes float up to the mean, and in up to 1 frame in 100 its rounding decides which trough is the
 * first below the threshold; for results that are compared with librosa's, hh_yin() therefore
 * follows its arithmetic bit by bit (kernel/fftpack.c), in twice the time, and hh_pyin(), where a
 * trough can lie as close to one of a hundred thresholds, with it. With samples in double librosa
 * is in double as well, and so are both, without counting bits. The analysis of whole tracks takes
 * spectra and correlation in float, in 0.6 of the time: r is then off by up to 5e-7 of r(0); its
 * pYIN is in double. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/platform.h"
#include "pitch/pitch.h"
#include "pitch/yin_float.h"
#include "spectral/tiles.h"

struct HhYinPlan {
    HhContext *context;
    const HhKernels *kernels;
    double rate;
    HhYinReal threshold;
    bool full;      /* HH_YIN_FULL */
    bool in_double; /* that the samples are */
    size_t frame_length, hop;
    size_t first, last;   /* lags */
    size_t block, blocks; /* samples of a block, blocks of a frame (the last one may be shorter) */
    size_t step; /* hops from one block of a frame to its next, where frames share blocks; else 0 */
    HhFft *fft;
    double *window, *last_window; /* 1 for the samples of a block, then 0 */
    float *quick_window;          /* not NULL: spectra and correlation in float ... */
    HhYinPlan *precise;           /* ... but for frames whose energy leaves the range of a float */
    HhYinFloat *in_float;         /* not NULL: as librosa, without blocks, fft and windows */
};

/* Where things are in the scratch of one thread. */
typedef struct Scratch {
    HhYinReal *re[2], *im[2]; /* spectra of blocks: low and high, or before and now */
    HhYinReal *s_re, *s_im;   /* spectrum of the correlation */
    HhYinReal *r;             /* correlation, [lag][HH_TILE] */
    struct {
        float *re[2], *im[2], *s_re, *s_im, *r;
    } quick;               /* the same in float, where the plan has a quick_window */
    HhYinReal *difference; /* [lag][HH_TILE] */
    HhYinReal *raw;        /* [lag][HH_TILE], HH_YIN_FULL only */
    void *samples;         /* of one tile of blocks, each with zeros behind */
    void *x, *tail;        /* [last][HH_TILE], the first and the last samples of a frame */
    float *rows, *work;    /* [in_float->size][HH_TILE], in float only */
    void *fft;
} Scratch;

void hh_yin_defaults(HhYinParams *params)
{
    *params = (HhYinParams){
        .size = sizeof *params,
        .fmin = HH_PITCH_C2_HZ,
        .fmax = HH_PITCH_C7_HZ,
        .frame_length = 2048,
        .trough_threshold = 0.1,
        .center = true,
        .pad = HH_PAD_CONSTANT,
        .difference = HH_YIN_LIBROSA,
    };
}

/* ---- the plan ---- */

static HhStatus check(HhContext *context, const HhYinParams *p, double rate)
{
    if (p->frame_length < 4 || p->frame_length > (size_t)1 << 20)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "frames of %zu samples, 4 to 1048576 are possible", p->frame_length);
    if (p->hop_length > HH_MAX_HOP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a hop of %zu samples; up to %zu are possible",
                       p->hop_length, HH_MAX_HOP);
    if (!(p->fmax <= rate / 2))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "fmax=%.3f cannot exceed half the sample rate, %g", p->fmax, rate / 2);
    if (!(p->fmin < p->fmax))
        return hh_fail(context, HH_ERROR_ARGUMENT, "fmin=%.3f must be less than fmax=%.3f", p->fmin,
                       p->fmax);
    if (!(p->fmin > 0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "fmin=%.3f must be above zero", p->fmin);
    if (!(rate / p->fmin < (double)p->frame_length - 1))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "fmin=%.3f is too small for frames of %zu samples at %g Hz; at least %.3f",
                       p->fmin, p->frame_length, rate, rate / ((double)p->frame_length - 1));
    if (p->difference != HH_YIN_LIBROSA && p->difference != HH_YIN_FULL)
        return hh_fail(context, HH_ERROR_ARGUMENT, "difference function %d is not known",
                       (int)p->difference);
    if (isnan(p->trough_threshold))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the trough threshold is NaN");
    const size_t half = p->frame_length / 2;
    if (rate / p->fmin >= (double)half)
        hh_log(context, HH_LOG_WARNING,
               "less than two periods of fmin=%.3f fit into frames of %zu samples at %g Hz",
               p->fmin, p->frame_length, rate);
    return HH_OK;
}

static bool power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static void choose_blocks(HhYinPlan *plan)
{
    size_t block = 16;
    while (block < plan->last) block *= 2;
    if (power_of_two(plan->hop) && plan->hop < plan->frame_length) block = HH_MAX(block, plan->hop);
    plan->block = block;
    plan->blocks = (plan->frame_length + block - 1) / block;
    bool coincide = block % plan->hop == 0 && plan->frame_length % block == 0;
    size_t step = block / plan->hop;
    plan->step = coincide && plan->blocks > 1 && (plan->blocks - 1) * step <= HH_TILE ? step : 0;
}

static HhStatus make_windows(HhYinPlan *plan)
{
    size_t size = 2 * plan->block;
    plan->window = hh_zalloc(plan->context, size, sizeof(double));
    plan->last_window = hh_zalloc(plan->context, size, sizeof(double));
    if (!plan->window || !plan->last_window) return hh_fail_memory(plan->context);
    size_t rest = plan->frame_length - (plan->blocks - 1) * plan->block;
    for (size_t n = 0; n < plan->block; n++) plan->window[n] = 1.0;
    for (size_t n = 0; n < rest; n++) plan->last_window[n] = 1.0;
    return hh_fft_create(plan->context, size, &plan->fft);
}

/* Doubles are read by OF_DOUBLES only. */
typedef enum Arithmetic { IN_DOUBLE, QUICK, AS_LIBROSA, OF_DOUBLES } Arithmetic;

static HhStatus create(HhContext *context, const HhYinParams *params, double rate,
                       Arithmetic arithmetic, HhYinPlan **out);

static HhStatus make_quick(HhYinPlan *plan, const HhYinParams *params)
{
    HH_TRY(create(plan->context, params, plan->rate, IN_DOUBLE, &plan->precise));
    plan->quick_window = hh_zalloc(plan->context, 2 * plan->block, sizeof(float));
    if (!plan->quick_window) return hh_fail_memory(plan->context);
    for (size_t n = 0; n < plan->block; n++) plan->quick_window[n] = 1.0f;
    return HH_OK;
}

static HhStatus create(HhContext *context, const HhYinParams *params, double rate,
                       Arithmetic arithmetic, HhYinPlan **out)
{
    *out = NULL;
    HH_TRY(check(context, params, rate));
    HhYinPlan *plan = hh_zalloc(context, 1, sizeof *plan);
    if (!plan) return hh_fail_memory(context);
    plan->context = context;
    plan->kernels = hh_kernels(context);
    plan->rate = rate;
    plan->threshold = (HhYinReal)params->trough_threshold;
    plan->full = params->difference == HH_YIN_FULL;
    plan->in_double = arithmetic == OF_DOUBLES;
    plan->frame_length = params->frame_length;
    plan->hop = params->hop_length ? params->hop_length : params->frame_length / 4;
    plan->first = (size_t)floor(rate / params->fmax);
    plan->last = HH_MIN((size_t)ceil(rate / params->fmin), params->frame_length - 1);
    HhStatus status;
    if (arithmetic == AS_LIBROSA) {
        status = hh_yin_float_create(context, plan->frame_length, &plan->in_float);
    } else {
        choose_blocks(plan);
        status = make_windows(plan);
        if (status == HH_OK && arithmetic == QUICK && plan->step && !plan->full)
            status = make_quick(plan, params);
    }
    if (status != HH_OK) {
        hh_yin_plan_destroy(plan);
        return status;
    }
    *out = plan;
    return HH_OK;
}

HhStatus hh_yin_plan_create(HhContext *context, const HhYinParams *params, double rate,
                            HhYinPlan **out)
{
    return create(context, params, rate, IN_DOUBLE, out);
}

HhStatus hh_yin_plan_create_quick(HhContext *context, const HhYinParams *params, double rate,
                                  HhYinPlan **out)
{
    return create(context, params, rate, QUICK, out);
}

HhStatus hh_yin_plan_create_float(HhContext *context, const HhYinParams *params, double rate,
                                  HhYinPlan **out)
{
    return create(context, params, rate,
                  params->difference == HH_YIN_LIBROSA ? AS_LIBROSA : IN_DOUBLE, out);
}

HhStatus hh_yin_plan_create_f64(HhContext *context, const HhYinParams *params, double rate,
                                HhYinPlan **out)
{
    return create(context, params, rate, OF_DOUBLES, out);
}

void hh_yin_plan_destroy(HhYinPlan *plan)
{
    if (!plan) return;
    hh_yin_float_destroy(plan->context, plan->in_float);
    hh_fft_destroy(plan->fft);
    hh_free(plan->context, plan->window);
    hh_free(plan->context, plan->last_window);
    hh_free(plan->context, plan->quick_window);
    hh_yin_plan_destroy(plan->precise);
    hh_free(plan->context, plan);
}

size_t hh_yin_lags(const HhYinPlan *plan)
{
    return plan->last - plan->first + 1;
}

size_t hh_yin_first_lag(const HhYinPlan *plan)
{
    return plan->first;
}

size_t hh_yin_hop(const HhYinPlan *plan)
{
    return plan->hop;
}

/* ---- scratch ---- */

static size_t sample_bytes(const HhYinPlan *plan)
{
    return plan->in_double ? sizeof(double) : sizeof(float);
}

/* Sample n of x. */
static const void *sample(const HhYinPlan *plan, const void *x, size_t n)
{
    return (const char *)x + n * sample_bytes(plan);
}

/* Takes `bytes` from an area that begins at `base` (NULL: only counts). */
static void *take(char *base, size_t *used, size_t bytes)
{
    void *p = base ? base + *used : NULL;
    *used += (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return p;
}

static size_t lay_out_float(const HhYinPlan *plan, void *base, Scratch *s)
{
    size_t used = 0, rows = plan->in_float->size * HH_TILE * sizeof(float);
    s->rows = take(base, &used, rows);
    s->work = take(base, &used, rows);
    s->x = take(base, &used, plan->last * HH_TILE * sizeof(float));
    s->difference = take(base, &used, hh_yin_lags(plan) * HH_TILE * sizeof(HhYinReal));
    return used;
}

static void lay_out_spectra(const HhYinPlan *plan, void *base, size_t *used, Scratch *s)
{
    size_t spectrum = hh_fft_bins(plan->fft) * HH_TILE * sizeof(HhYinReal);
    for (int i = 0; i < 2; i++) {
        s->re[i] = take(base, used, spectrum);
        s->im[i] = take(base, used, spectrum);
    }
    s->s_re = take(base, used, spectrum);
    s->s_im = take(base, used, spectrum);
    s->r = take(base, used, (plan->last + 1) * HH_TILE * sizeof(HhYinReal));
}

static void lay_out_quick_spectra(const HhYinPlan *plan, void *base, size_t *used, Scratch *s)
{
    size_t spectrum = hh_fft_bins(plan->fft) * HH_TILE * sizeof(float);
    for (int i = 0; i < 2; i++) {
        s->quick.re[i] = take(base, used, spectrum);
        s->quick.im[i] = take(base, used, spectrum);
    }
    s->quick.s_re = take(base, used, spectrum);
    s->quick.s_im = take(base, used, spectrum);
    s->quick.r = take(base, used, (plan->last + 1) * HH_TILE * sizeof(float));
}

static size_t lay_out(const HhYinPlan *plan, void *base, Scratch *s)
{
    if (plan->in_float) return lay_out_float(plan, base, s);
    size_t used = 0, of_sample = sample_bytes(plan);
    if (plan->quick_window)
        lay_out_quick_spectra(plan, base, &used, s);
    else
        lay_out_spectra(plan, base, &used, s);
    s->difference = take(base, &used, hh_yin_lags(plan) * HH_TILE * sizeof(HhYinReal));
    s->samples = take(base, &used, HH_TILE * 2 * plan->block * of_sample);
    s->x = take(base, &used, plan->last * HH_TILE * of_sample);
    s->raw = take(base, &used, plan->full ? hh_yin_lags(plan) * HH_TILE * sizeof(HhYinReal) : 0);
    s->tail = take(base, &used, plan->full ? plan->last * HH_TILE * of_sample : 0);
    s->fft = take(base, &used, hh_fft_scratch(plan->fft));
    return used;
}

/* The precise plan's scratch, if there is one, follows the plan's own. */
size_t hh_yin_scratch(const HhYinPlan *plan)
{
    Scratch s;
    return lay_out(plan, NULL, &s) + (plan->precise ? hh_yin_scratch(plan->precise) : 0);
}

/* ---- correlation ---- */

/* `length` samples of each of `lanes` blocks, one every *stride (the hop, at first), as the
 * transform reads them: 2B of each. In place where the signal goes on that far (`known` samples),
 * else in a copy with zeros behind. */
static const void *samples_of_blocks(const HhYinPlan *plan, const void *x, size_t known,
                                     size_t lanes, size_t length, ptrdiff_t *stride, Scratch *s)
{
    size_t size = 2 * plan->block, bytes = sample_bytes(plan);
    if ((lanes - 1) * plan->hop + size <= known) return x;
    memset(s->samples, 0, lanes * size * bytes);
    for (size_t l = 0; l < lanes; l++)
        memcpy((char *)s->samples + l * size * bytes, sample(plan, x, l * plan->hop),
               length * bytes);
    *stride = (ptrdiff_t)size;
    return s->samples;
}

static void transform_blocks(const HhYinPlan *plan, const void *x, ptrdiff_t stride, int lanes,
                             const double *window, HhYinReal *re, HhYinReal *im, void *scratch)
{
    if (plan->in_double)
        hh_fft_tile_f64(plan->fft, x, stride, lanes, window, re, im, scratch);
    else
        hh_fft_tile_mixed(plan->fft, x, stride, lanes, window, re, im, scratch);
}

/* One tile of blocks of a call on tiles->count frames, from block `first` on. */
static void transform_shared(const HhYinTiles *tiles, size_t first, int half, Scratch *s)
{
    const HhYinPlan *plan = tiles->plan;
    size_t total = tiles->count + (plan->blocks - 1) * plan->step;
    size_t lanes = first < total ? HH_MIN(total - first, (size_t)HH_TILE) : 0;
    size_t values = hh_fft_bins(plan->fft) * HH_TILE, at = first * plan->hop;
    size_t end = (tiles->count - 1) * plan->hop + plan->frame_length;
    ptrdiff_t stride = (ptrdiff_t)plan->hop;
    const void *x = NULL;
    if (lanes)
        x = samples_of_blocks(plan, sample(plan, tiles->samples, at), end - at, lanes, plan->block,
                              &stride, s);
    if (plan->quick_window && x) {
        hh_fft_tile_f32(plan->fft, x, stride, (int)lanes, plan->quick_window, s->quick.re[half],
                        s->quick.im[half], s->fft);
    } else if (plan->quick_window) {
        memset(s->quick.re[half], 0, values * sizeof(float));
        memset(s->quick.im[half], 0, values * sizeof(float));
    } else if (x) {
        transform_blocks(plan, x, stride, (int)lanes, plan->window, s->re[half], s->im[half],
                         s->fft);
    } else {
        memset(s->re[half], 0, values * sizeof(HhYinReal));
        memset(s->im[half], 0, values * sizeof(HhYinReal));
    }
}

/* Tile t finds its low blocks where tile t - 1 had its high ones. */
static void correlate_shared(const HhYinTiles *tiles, Scratch *s)
{
    const HhYinPlan *plan = tiles->plan;
    const HhYinKernels *k = plan->kernels->yin;
    size_t bins = hh_fft_bins(plan->fft);
    int low = (int)(tiles->first / HH_TILE % 2), high = !low;
    if (tiles->first == 0) transform_shared(tiles, 0, low, s);
    transform_shared(tiles, tiles->first + HH_TILE, high, s);
    if (plan->quick_window) {
        k->join_shared_f32(s->quick.re[low], s->quick.im[low], s->quick.re[high], s->quick.im[high],
                           bins, plan->blocks, plan->step, s->quick.s_re, s->quick.s_im);
        hh_fft_tile_inverse_lanes_f32(plan->fft, s->quick.s_re, s->quick.s_im, plan->last + 1,
                                      s->quick.r, s->fft);
        return;
    }
    k->join_shared(s->re[low], s->im[low], s->re[high], s->im[high], bins, plan->blocks, plan->step,
                   s->s_re, s->s_im);
    hh_fft_tile_inverse_lanes_f64(plan->fft, s->s_re, s->s_im, plan->last + 1, s->r, s->fft);
}

static void correlate_alone(const HhYinTiles *tiles, Scratch *s)
{
    const HhYinPlan *plan = tiles->plan;
    const void *x = sample(plan, tiles->samples, tiles->first * plan->hop);
    size_t bins = hh_fft_bins(plan->fft), lanes = (size_t)tiles->lanes;
    size_t known = (tiles->count - 1 - tiles->first) * plan->hop + plan->frame_length;
    for (size_t i = 0; i < plan->blocks; i++) {
        size_t begin = i * plan->block;
        bool is_last = i + 1 == plan->blocks;
        size_t length = is_last ? plan->frame_length - begin : plan->block;
        int now = (int)(i % 2), before = !now;
        ptrdiff_t stride = (ptrdiff_t)plan->hop;
        const void *block = samples_of_blocks(plan, sample(plan, x, begin), known - begin, lanes,
                                              length, &stride, s);
        transform_blocks(plan, block, stride, tiles->lanes,
                         is_last ? plan->last_window : plan->window, s->re[now], s->im[now],
                         s->fft);
        plan->kernels->yin->join(i ? s->re[before] : NULL, i ? s->im[before] : NULL, s->re[now],
                                 s->im[now], bins, s->s_re, s->s_im);
    }
    hh_fft_tile_inverse_lanes_f64(plan->fft, s->s_re, s->s_im, plan->last + 1, s->r, s->fft);
}

/* ---- tiles ---- */

void hh_yin_tiles_begin(HhYinTiles *tiles, const HhYinPlan *plan, const void *samples, size_t count,
                        void *scratch)
{
    *tiles = (HhYinTiles){.plan = plan, .samples = samples, .count = count, .scratch = scratch};
}

static void difference_in_float(const HhYinTiles *tiles, const Scratch *s)
{
    const HhYinPlan *plan = tiles->plan;
    const HhYinFloat *transform = plan->in_float;
    const HhFftpackKernels *k = plan->kernels->fftpack;
    size_t length = plan->frame_length;
    plan->kernels->vector->frames_to_tile_f32(
        sample(plan, tiles->samples, tiles->first * plan->hop), (ptrdiff_t)plan->hop, length,
        tiles->lanes, s->rows);
    memset(s->rows + length * HH_TILE, 0, (transform->size - length) * HH_TILE * sizeof *s->rows);
    memcpy(s->x, s->rows, plan->last * HH_TILE * sizeof *s->rows);
    uint32_t mode = hh_platform_keep_subnormals();
    k->correlate(transform->passes, transform->count, transform->size, plan->last, s->rows,
                 s->work);
    k->difference(s->rows, s->x, plan->first, plan->last, s->difference);
    hh_platform_restore_subnormals(mode);
}

/* plan->last samples of each frame of the tile, from sample `from` of the first frame on. */
static void rows_of_samples(const HhYinTiles *tiles, size_t from, void *rows)
{
    const HhYinPlan *plan = tiles->plan;
    const HhVectorKernels *v = plan->kernels->vector;
    const void *x = sample(plan, tiles->samples, tiles->first * plan->hop + from);
    if (plan->in_double)
        v->frames_to_tile_f64(x, (ptrdiff_t)plan->hop, plan->last, tiles->lanes, rows);
    else
        v->frames_to_tile_f32(x, (ptrdiff_t)plan->hop, plan->last, tiles->lanes, rows);
}

static void difference_by_blocks(HhYinTiles *tiles, Scratch *s)
{
    const HhYinPlan *plan = tiles->plan;
    const HhYinKernels *k = plan->kernels->yin;
    size_t first = plan->first, last = plan->last;
    if (plan->step)
        correlate_shared(tiles, s);
    else
        correlate_alone(tiles, s);
    rows_of_samples(tiles, 0, s->x);
    if (plan->full) {
        rows_of_samples(tiles, plan->frame_length - last, s->tail);
        if (plan->in_double)
            k->full_difference_f64(s->r, s->x, s->tail, first, last, s->difference, s->raw);
        else
            k->full_difference(s->r, s->x, s->tail, first, last, s->difference, s->raw);
        tiles->parabola = s->raw;
    } else if (plan->quick_window) {
        k->difference_f32(s->quick.r, s->x, first, last, s->difference);
    } else if (plan->in_double) {
        k->difference_f64(s->r, s->x, first, last, s->difference);
    } else {
        k->difference(s->r, s->x, first, last, s->difference);
    }
}

bool hh_yin_tiles_next(HhYinTiles *tiles)
{
    if (tiles->next >= tiles->count) return false;
    Scratch s;
    (void)lay_out(tiles->plan, tiles->scratch, &s);
    tiles->first = tiles->next;
    tiles->lanes = (int)HH_MIN(tiles->count - tiles->first, (size_t)HH_TILE);
    tiles->next = tiles->first + (size_t)tiles->lanes;
    tiles->difference = tiles->parabola = s.difference;
    if (tiles->plan->in_float)
        difference_in_float(tiles, &s);
    else
        difference_by_blocks(tiles, &s);
    return true;
}

double hh_yin_shift(const HhYinReal *parabola, size_t lags, size_t row, int lane)
{
    if (row == 0 || row + 1 >= lags) return 0.0;
    const HhYinReal *here = parabola + row * HH_TILE + lane;
    double left = (double)here[-HH_TILE], right = (double)here[HH_TILE];
    double a = right + left - 2.0 * (double)here[0];
    double b = (right - left) / 2.0;
    return fabs(b) >= fabs(a) ? 0.0 : -b / a;
}

/* What the paper's difference function is made of, at one lag of one frame: d(k) = 2 (r(0) - r(k))
 * less the energies of the first and of the last k samples. */
typedef struct Difference {
    const HhYinPlan *plan;
    const Scratch *s;
    const float *x; /* the frame */
    int lane;
    size_t lag;
    double first, last; /* energies */
} Difference;

static double correlation(const Difference *d, size_t lag)
{
    size_t at = lag * HH_TILE + (size_t)d->lane;
    return d->plan->quick_window ? (double)d->s->quick.r[at] : (double)d->s->r[at];
}

static void go_to(Difference *d, size_t lag)
{
    const size_t n = d->plan->frame_length;
    for (; d->lag < lag; d->lag++) {
        double a = (double)d->x[d->lag], b = (double)d->x[n - 1 - d->lag];
        d->first += a * a;
        d->last += b * b;
    }
    for (; d->lag > lag; d->lag--) {
        double a = (double)d->x[d->lag - 1], b = (double)d->x[n - d->lag];
        d->first -= a * a;
        d->last -= b * b;
    }
}

static double difference_at(Difference *d, size_t lag)
{
    go_to(d, lag);
    return 2.0 * (correlation(d, 0) - correlation(d, lag)) - d->first - d->last;
}

/* The period where the paper's difference has its minimum, from librosa's trough on, which lies up
 * to 2 % below at the longest lags; NaN if there is none in reach, or if more than the threshold of
 * the energy does not repeat. */
static double true_period(const HhYinPlan *plan, const Scratch *s, const float *x, int lane,
                          size_t lag)
{
    const HhVectorKernels *v = plan->kernels->vector;
    Difference d = {.plan = plan, .s = s, .x = x, .lane = lane, .lag = lag};
    d.first = v->sum_squares_f32_f64(x, lag);
    d.last = v->sum_squares_f32_f64(x + plan->frame_length - lag, lag);
    size_t low = lag - HH_MIN(lag - 1, lag / 32 + 2), high = HH_MIN(lag + lag / 32 + 2, plan->last);
    double here = difference_at(&d, lag);
    while (lag < high && difference_at(&d, lag + 1) < here) here = difference_at(&d, ++lag);
    while (lag > low && difference_at(&d, lag - 1) < here) here = difference_at(&d, --lag);
    if (lag <= low || lag >= high) return (double)NAN;
    double left = difference_at(&d, lag - 1), right = difference_at(&d, lag + 1);
    double bend = left + right - 2.0 * here;
    go_to(&d, lag);
    double energy = 2.0 * correlation(&d, 0) - d.first - d.last; /* of both ends that are compared
                                                                  */
    bool repeats = bend > 0.0 && here < (double)plan->threshold * energy;
    return repeats ? (double)lag + 0.5 * (left - right) / bend : (double)NAN;
}

static void true_pitches(const HhYinTiles *tiles, const int *row, double *pitch)
{
    const HhYinPlan *plan = tiles->plan;
    Scratch s;
    (void)lay_out(plan, tiles->scratch, &s);
    for (int l = 0; l < tiles->lanes; l++) {
        const float *x = sample(plan, tiles->samples, (tiles->first + (size_t)l) * plan->hop);
        size_t lag = plan->first + (size_t)row[l];
        pitch[tiles->first + (size_t)l] =
            lag > 1 ? plan->rate / true_period(plan, &s, x, l, lag) : (double)NAN;
    }
}

/* The frames of a tile whose energy a float holds badly, again in double. */
static void repeat_extremes(const HhYinTiles *tiles, double *f0, double *pitch)
{
    const HhYinPlan *plan = tiles->plan;
    Scratch s;
    size_t own = lay_out(plan, tiles->scratch, &s);
    const float *x = sample(plan, tiles->samples, tiles->first * plan->hop);
    double again[2][HH_TILE];
    bool repeated = false;
    for (int l = 0; l < tiles->lanes; l++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a precise plan has a quick one */
        float energy = s.quick.r[l];
        if (energy > 1e-20f && energy < 1e30f) continue;
        if (plan->kernels->vector->max_abs_f32(x + (size_t)l * plan->hop, plan->frame_length) == 0)
            continue;
        if (!repeated)
            hh_yin_frames(plan->precise, x, (size_t)tiles->lanes, again[0], pitch ? again[1] : NULL,
                          (char *)tiles->scratch + own);
        repeated = true;
        f0[tiles->first + (size_t)l] = again[0][l];
        if (pitch) pitch[tiles->first + (size_t)l] = again[1][l];
    }
}

void hh_yin_frames(const HhYinPlan *plan, const void *samples, size_t count, double *f0,
                   double *pitch, void *scratch)
{
    HhYinTiles tiles;
    size_t lags = hh_yin_lags(plan);
    hh_yin_tiles_begin(&tiles, plan, samples, count, scratch);
    while (hh_yin_tiles_next(&tiles)) {
        int row[HH_TILE];
        plan->kernels->yin->first_trough(tiles.difference, lags, plan->threshold, row);
        for (int l = 0; l < tiles.lanes; l++) {
            double shift = hh_yin_shift(tiles.parabola, lags, (size_t)row[l], l);
            f0[tiles.first + (size_t)l] =
                plan->rate / ((double)(plan->first + (size_t)row[l]) + shift);
        }
        if (pitch) true_pitches(&tiles, row, pitch);
        if (plan->precise) repeat_extremes(&tiles, f0, pitch);
    }
}

/* ---- the whole signal ---- */

typedef struct Job {
    const HhYinPlan *plan;
    HhFrames *frames;     /* [channels] */
    size_t count, chunks; /* of one channel */
    char *scratch;
    size_t scratch_bytes, padded_bytes; /* of one thread */
    double *f0;
} Job;

static void run_chunk(void *arg, size_t index, int worker)
{
    Job *job = arg;
    size_t channel = index / job->chunks, first = index % job->chunks * HH_PITCH_CHUNK;
    size_t count = HH_MIN(job->count - first, (size_t)HH_PITCH_CHUNK);
    char *scratch = job->scratch + (size_t)worker * (job->scratch_bytes + job->padded_bytes);
    const void *x =
        hh_frames_get_either(&job->frames[channel], first, count, scratch + job->scratch_bytes);
    hh_yin_frames(job->plan, x, count, job->f0 + channel * job->count + first, NULL, scratch);
}

static HhStatus run(HhContext *context, Job *job, const HhSignal *y, const HhYinParams *p,
                    HhArray *f0)
{
    const HhYinPlan *plan = job->plan;
    for (size_t c = 0; c < (size_t)y->channels; c++)
        HH_TRY(hh_frames_of_channel(context, &job->frames[c], y, c, plan->frame_length, plan->hop,
                                    p->center, p->pad));
    job->count = job->frames[0].count;
    job->chunks = (job->count + HH_PITCH_CHUNK - 1) / HH_PITCH_CHUNK;
    job->scratch_bytes = hh_yin_scratch(plan);
    size_t padded = hh_frames_scratch(&job->frames[0], HH_PITCH_CHUNK) * sample_bytes(plan);
    job->padded_bytes = (padded + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    job->scratch =
        hh_alloc(context, (size_t)hh_workers(context), job->scratch_bytes + job->padded_bytes);
    if (!job->scratch) return hh_fail_memory(context);
    HhStatus status = hh_array_make(context, f0, HH_FLOAT64, 2, (size_t)y->channels, job->count);
    if (status == HH_OK) {
        job->f0 = f0->data;
        hh_parallel_for(context, (size_t)y->channels * job->chunks, run_chunk, job);
    }
    hh_free(context, job->scratch);
    return status;
}

HhStatus hh_yin(HhContext *context, const HhSignal *y, const HhYinParams *params, HhArray *f0)
{
    if (!f0) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    *f0 = (HhArray)HH_ARRAY_INIT;
    HhYinParams p;
    hh_yin_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_signal_check_either(context, y));
    HH_TRY(hh_rate_check(context, y->rate));
    HhYinPlan *plan;
    if (y->channel_f64)
        HH_TRY(hh_yin_plan_create_f64(context, &p, y->rate, &plan));
    else
        HH_TRY(hh_yin_plan_create_float(context, &p, y->rate, &plan));
    Job job = {.plan = plan};
    job.frames = hh_alloc(context, (size_t)y->channels, sizeof *job.frames);
    HhStatus status = job.frames ? run(context, &job, y, &p, f0) : hh_fail_memory(context);
    hh_free(context, job.frames);
    hh_yin_plan_destroy(plan);
    return status;
}
