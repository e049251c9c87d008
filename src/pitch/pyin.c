/* pYIN: M. Mauch and S. Dixon, "pYIN: a fundamental frequency estimator using probabilistic
 * threshold distributions", ICASSP 2014, in the form of librosa 0.11 (which follows the authors'
 * program where it differs from the paper).
 *
 * Each threshold of YIN has a prior probability, a Beta distribution in classes of 1 /
 * n_thresholds. For each threshold the troughs below it share its probability by a truncated
 * geometric (Boltzmann) law, shorter periods first; where none is below, the deepest gets a small
 * part. The troughs' probabilities are the observations of a hidden Markov model over pitches,
 * voiced and unvoiced (path.c). f0 is the pitch of the most probable path.
 *
 * As in librosa, of two candidates for one pitch the longer period overwrites the other, however
 * improbable it is; and a candidate that rounds to one pitch above the last is lost. The
 * probabilities are in double, the difference function as yin.c tells. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "pitch/path.h"
#include "pitch/pitch.h"
#include "spectral/tiles.h"

struct HhPyinPlan {
    HhContext *context;
    HhYinPlan *yin;
    HhPathPlan *path;
    HhPyinParams params;
    double rate;
    size_t lags, troughs; /* troughs: the most that a frame can have */
    size_t pitches;
    int per_octave; /* pitches */
    size_t thresholds;
    double *threshold; /* [thresholds] */
    double *prior;     /* [thresholds] probability of each threshold */
    /* [thresholds + 1] what the deepest trough gets, by the number of thresholds not above it. */
    double *no_trough;
    double *share; /* [troughs + 1] of the first of n troughs */
    double decay;  /* from one trough to the next */
};

struct HhPyinFrames {
    HhContext *context;
    size_t count;
    size_t first[HH_PITCH_CHUNK + 1]; /* where the candidates of a frame begin */
    double voiced_prob[HH_PITCH_CHUNK];
    double log_unvoiced[HH_PITCH_CHUNK];
    uint16_t *pitch; /* ascending within a frame */
    double *log_prob;
};

struct HhPyin {
    HhContext *context;
    const HhPyinPlan *plan;
    HhPath *path;
    double *voiced_prob;
    size_t count, capacity;
};

void hh_pyin_defaults(HhPyinParams *params)
{
    *params = (HhPyinParams){
        .size = sizeof *params,
        .fmin = HH_PITCH_C2_HZ,
        .fmax = HH_PITCH_C7_HZ,
        .frame_length = 2048,
        .n_thresholds = 100,
        .beta_parameters = {2.0, 18.0},
        .boltzmann_parameter = 2.0,
        .resolution = 0.1,
        .max_transition_rate = 35.92,
        .switch_prob = 0.01,
        .no_trough_prob = 0.01,
        .fill_na = (double)NAN,
        .center = true,
        .pad = HH_PAD_CONSTANT,
    };
}

/* ---- the prior ---- */

/* The continued fraction of the incomplete beta function, NIST DLMF 8.17.22, by the method of Lentz
 * (1976). It converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= 1000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change = 1.0;
        for (int i = 0; i < 2; i++) {
            double term = i ? odd : even;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1.0) < 1e-16) break;
    }
    return value;
}

/* Cumulative distribution of Beta(a, b). */
static double beta_cdf(double a, double b, double x)
{
    if (x <= 0.0) return 0.0;
    if (x >= 1.0) return 1.0;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

static void fill_tables(HhPyinPlan *plan)
{
    const HhPyinParams *p = &plan->params;
    size_t n = plan->thresholds;
    double step = 1.0 / (double)n, below = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        plan->threshold[i] = i + 1 == n ? 1.0 : (double)(i + 1) * step;
        double upto = beta_cdf(p->beta_parameters[0], p->beta_parameters[1], plan->threshold[i]);
        plan->prior[i] = upto - below;
        below = upto;
        plan->no_trough[i] = p->no_trough_prob * sum;
        sum += plan->prior[i];
    }
    plan->no_trough[n] = p->no_trough_prob * sum;
    plan->decay = exp(-p->boltzmann_parameter);
    plan->share[0] = 0.0;
    for (size_t i = 1; i <= plan->troughs; i++)
        plan->share[i] = (1.0 - plan->decay) / (1.0 - exp(-p->boltzmann_parameter * (double)i));
}

/* ---- the plan ---- */

static HhStatus check(HhContext *context, const HhPyinParams *p)
{
    if (p->n_thresholds < 0 || p->n_thresholds > 1000)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%d thresholds, 0 to 1000 are possible",
                       p->n_thresholds);
    for (int i = 0; i < 2; i++)
        if (!(p->beta_parameters[i] > 0) || !(p->beta_parameters[i] < 1e6))
            return hh_fail(context, HH_ERROR_ARGUMENT, "a Beta distribution with parameters %g, %g",
                           p->beta_parameters[0], p->beta_parameters[1]);
    if (!(p->boltzmann_parameter > 0) || !isfinite(p->boltzmann_parameter))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a Boltzmann parameter of %g must be above 0",
                       p->boltzmann_parameter);
    if (!(p->resolution >= 1e-4) || !isfinite(p->resolution))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a resolution of %g semitones; at least 1e-4 is possible", p->resolution);
    if (!(p->max_transition_rate >= 0) || !isfinite(p->max_transition_rate))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a transition rate of %g octaves per second",
                       p->max_transition_rate);
    if (!(p->no_trough_prob >= 0) || !(p->no_trough_prob <= 1))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a probability of %g", p->no_trough_prob);
    return HH_OK;
}

static HhStatus make_path(HhPyinPlan *plan, size_t hop)
{
    const HhPyinParams *p = &plan->params;
    double bins = ceil(1.0 / p->resolution);
    plan->per_octave = (int)(12.0 * bins);
    double pitches = floor((double)plan->per_octave * log2(p->fmax / p->fmin)) + 1.0;
    double semitones = rint(p->max_transition_rate * 12.0 * (double)hop / plan->rate);
    double width = semitones * bins + 1.0;
    if (pitches > 32767.0)
        return hh_fail(plan->context, HH_ERROR_ARGUMENT,
                       "%.0f pitches, at most 32767 are possible: a coarser resolution", pitches);
    if (pitches < 2.0 || width > pitches)
        return hh_fail(plan->context, HH_ERROR_ARGUMENT,
                       "the range from fmin to fmax has %.0f pitches, fewer than the "
                       "%.0f that may be crossed in one hop",
                       pitches, width);
    plan->pitches = (size_t)pitches;
    return hh_path_plan_create(plan->context, plan->pitches, (size_t)width, p->switch_prob,
                               &plan->path);
}

typedef HhStatus MakeYin(HhContext *context, const HhYinParams *params, double rate,
                         HhYinPlan **plan);

static HhStatus fill_plan(HhPyinPlan *plan, MakeYin *make_yin)
{
    const HhPyinParams *p = &plan->params;
    HhYinParams yin;
    hh_yin_defaults(&yin);
    yin.fmin = p->fmin;
    yin.fmax = p->fmax;
    yin.frame_length = p->frame_length;
    yin.hop_length = p->hop_length;
    HH_TRY(make_yin(plan->context, &yin, plan->rate, &plan->yin));
    HH_TRY(make_path(plan, hh_yin_hop(plan->yin)));
    plan->lags = hh_yin_lags(plan->yin);
    plan->troughs = plan->lags / 2 + 1;
    plan->thresholds = (size_t)p->n_thresholds;
    plan->threshold = hh_alloc(plan->context, plan->thresholds, sizeof *plan->threshold);
    plan->prior = hh_alloc(plan->context, plan->thresholds, sizeof *plan->prior);
    plan->no_trough = hh_alloc(plan->context, plan->thresholds + 1, sizeof *plan->no_trough);
    plan->share = hh_alloc(plan->context, plan->troughs + 1, sizeof *plan->share);
    if (!plan->threshold || !plan->prior || !plan->no_trough || !plan->share)
        return hh_fail_memory(plan->context);
    fill_tables(plan);
    return HH_OK;
}

static HhStatus create(HhContext *context, const HhPyinParams *params, double rate,
                       MakeYin *make_yin, HhPyinPlan **out)
{
    *out = NULL;
    HH_TRY(check(context, params));
    HhPyinPlan *plan = hh_zalloc(context, 1, sizeof *plan);
    if (!plan) return hh_fail_memory(context);
    plan->context = context;
    plan->params = *params;
    plan->rate = rate;
    HhStatus status = fill_plan(plan, make_yin);
    if (status != HH_OK) {
        hh_pyin_plan_destroy(plan);
        return status;
    }
    *out = plan;
    return HH_OK;
}

HhStatus hh_pyin_plan_create(HhContext *context, const HhPyinParams *params, double rate,
                             HhPyinPlan **out)
{
    return create(context, params, rate, hh_yin_plan_create, out);
}

void hh_pyin_plan_destroy(HhPyinPlan *plan)
{
    if (!plan) return;
    hh_yin_plan_destroy(plan->yin);
    hh_path_plan_destroy(plan->path);
    hh_free(plan->context, plan->threshold);
    hh_free(plan->context, plan->prior);
    hh_free(plan->context, plan->no_trough);
    hh_free(plan->context, plan->share);
    hh_free(plan->context, plan);
}

/* ---- the candidates of a frame ---- */

/* Scratch of one thread, behind that of YIN. */
typedef struct Scratch {
    double *part;     /* [thresholds] what the next trough gets of each threshold */
    double *prob;     /* [troughs] */
    double *height;   /* [troughs] */
    uint32_t *row;    /* [troughs + 1] */
    uint32_t *passed; /* [troughs] thresholds that are not above the trough */
    uint32_t *below;  /* [thresholds + 1] troughs below each threshold */
} Scratch;

static size_t aligned(size_t bytes)
{
    return (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

typedef struct Parts {
    size_t yin, doubles, indices; /* bytes: of YIN, of each array of either type */
} Parts;

static Parts parts_of(const HhPyinPlan *plan)
{
    size_t longest = plan->thresholds + plan->troughs;
    return (Parts){aligned(hh_yin_scratch(plan->yin)), aligned(longest * sizeof(double)),
                   aligned((longest + 1) * sizeof(uint32_t))};
}

size_t hh_pyin_scratch(const HhPyinPlan *plan)
{
    Parts parts = parts_of(plan);
    return parts.yin + 3 * parts.doubles + 3 * parts.indices;
}

static Scratch lay_out(const HhPyinPlan *plan, char *scratch)
{
    Parts parts = parts_of(plan);
    char *doubles = scratch + parts.yin, *indices = doubles + 3 * parts.doubles;
    return (Scratch){.part = (double *)(void *)doubles,
                     .prob = (double *)(void *)(doubles + parts.doubles),
                     .height = (double *)(void *)(doubles + 2 * parts.doubles),
                     .row = (uint32_t *)(void *)indices,
                     .passed = (uint32_t *)(void *)(indices + parts.indices),
                     .below = (uint32_t *)(void *)(indices + 2 * parts.indices)};
}

/* Rows of the troughs of one lane, ascending. */
static size_t find_troughs(const HhYinReal *difference, size_t lags, int lane, uint32_t *row)
{
    const HhYinReal *d = difference + lane;
    size_t count = 0;
    HhYinReal left = d[0], here = d[HH_TILE];
    row[0] = 0;
    count += left < here;
    for (size_t i = 1; i + 1 < lags; i++) {
        HhYinReal right = d[(i + 1) * HH_TILE];
        row[count] = (uint32_t)i;
        count += (here < left) & (here <= right);
        left = here;
        here = right;
    }
    row[count] = (uint32_t)(lags - 1);
    return count + (here < left);
}

/* How many thresholds are not above this height. */
static uint32_t thresholds_passed(const HhPyinPlan *plan, double height)
{
    double guess = height * (double)plan->thresholds;
    size_t m =
        guess > 0.0 ? (guess < (double)plan->thresholds ? (size_t)guess : plan->thresholds) : 0;
    while (m > 0 && height < plan->threshold[m - 1]) m--;
    while (m < plan->thresholds && !(height < plan->threshold[m])) m++;
    return (uint32_t)m;
}

/* prob[count] from height[count]. */
static void weigh_troughs(const HhPyinPlan *plan, size_t count, Scratch *s)
{
    size_t n = plan->thresholds, deepest = 0;
    memset(s->below, 0, (n + 1) * sizeof *s->below);
    for (size_t q = 0; q < count; q++) {
        s->passed[q] = thresholds_passed(plan, s->height[q]);
        s->below[s->passed[q]]++;
        if (s->height[q] < s->height[deepest]) deepest = q;
    }
    uint32_t below = 0;
    for (size_t i = s->passed[deepest]; i < n; i++) {
        below += s->below[i];
        s->part[i] = plan->prior[i] * plan->share[below];
    }
    for (size_t q = 0; q < count; q++) {
        double sum = 0.0;
        for (size_t i = s->passed[q]; i < n; i++) {
            sum += s->part[i];
            s->part[i] *= plan->decay;
        }
        s->prob[q] = sum;
    }
    s->prob[deepest] += plan->no_trough[s->passed[deepest]];
}

static size_t pitch_of(const HhPyinPlan *plan, double period)
{
    double bin = rint((double)plan->per_octave * log2(plan->rate / period / plan->params.fmin));
    return bin <= 0.0 ? 0 : HH_MIN((size_t)bin, plan->pitches);
}

/* Appends the candidates of one frame, lowest pitch (longest period) first. */
static void observe_frame(const HhPyinPlan *plan, const HhYinReal *difference, int lane,
                          HhPyinFrames *frames, Scratch *s)
{
    size_t count = find_troughs(difference, plan->lags, lane, s->row),
           at = frames->first[frames->count];
    for (size_t q = 0; q < count; q++)
        s->height[q] = (double)difference[s->row[q] * HH_TILE + (size_t)lane];
    if (count > 0) weigh_troughs(plan, count, s);
    double voiced = 0.0;
    size_t latest = plan->pitches;
    for (size_t q = count; q-- > 0;) {
        double prob = s->prob[q];
        if (!(prob > 0.0)) continue;
        double shift = hh_yin_shift(difference, plan->lags, s->row[q], lane);
        size_t pitch = pitch_of(plan, (double)(hh_yin_first_lag(plan->yin) + s->row[q]) + shift);
        if (pitch == latest || pitch == plan->pitches) continue;
        latest = pitch;
        voiced += prob;
        frames->pitch[at] = (uint16_t)pitch;
        frames->log_prob[at++] = log(prob + DBL_MIN);
    }
    voiced = HH_MIN(voiced, 1.0);
    frames->voiced_prob[frames->count] = voiced;
    frames->log_unvoiced[frames->count] = log((1.0 - voiced) / (double)plan->pitches + DBL_MIN);
    frames->first[++frames->count] = at;
}

HhStatus hh_pyin_frames_create(HhContext *context, const HhPyinPlan *plan, HhPyinFrames **out)
{
    *out = NULL;
    HhPyinFrames *frames = hh_zalloc(context, 1, sizeof *frames);
    if (!frames) return hh_fail_memory(context);
    frames->context = context;
    frames->pitch = hh_alloc(context, plan->troughs * HH_PITCH_CHUNK, sizeof *frames->pitch);
    frames->log_prob = hh_alloc(context, plan->troughs * HH_PITCH_CHUNK, sizeof *frames->log_prob);
    if (!frames->pitch || !frames->log_prob) {
        hh_pyin_frames_destroy(frames);
        return hh_fail_memory(context);
    }
    *out = frames;
    return HH_OK;
}

void hh_pyin_frames_destroy(HhPyinFrames *frames)
{
    if (!frames) return;
    hh_free(frames->context, frames->pitch);
    hh_free(frames->context, frames->log_prob);
    hh_free(frames->context, frames);
}

void hh_pyin_observe(const HhPyinPlan *plan, const void *samples, size_t count,
                     HhPyinFrames *frames, void *scratch)
{
    Scratch s = lay_out(plan, scratch);
    frames->count = 0;
    frames->first[0] = 0;
    HhYinTiles tiles;
    hh_yin_tiles_begin(&tiles, plan->yin, samples, HH_MIN(count, (size_t)HH_PITCH_CHUNK), scratch);
    while (hh_yin_tiles_next(&tiles))
        for (int l = 0; l < tiles.lanes; l++) observe_frame(plan, tiles.difference, l, frames, &s);
}

/* ---- the stream ---- */

HhStatus hh_pyin_create(HhContext *context, const HhPyinPlan *plan, HhPyin **out)
{
    *out = NULL;
    HhPyin *pyin = hh_zalloc(context, 1, sizeof *pyin);
    if (!pyin) return hh_fail_memory(context);
    pyin->context = context;
    pyin->plan = plan;
    HhStatus status = hh_path_create(context, plan->path, &pyin->path);
    if (status != HH_OK) {
        hh_pyin_destroy(pyin);
        return status;
    }
    *out = pyin;
    return HH_OK;
}

void hh_pyin_destroy(HhPyin *pyin)
{
    if (!pyin) return;
    hh_path_destroy(pyin->path);
    hh_free(pyin->context, pyin->voiced_prob);
    hh_free(pyin->context, pyin);
}

static HhStatus reserve(HhPyin *pyin, size_t count)
{
    if (count <= pyin->capacity) return HH_OK;
    size_t capacity = HH_MAX(count, 2 * pyin->capacity);
    double *voiced_prob = hh_alloc(pyin->context, capacity, sizeof *voiced_prob);
    if (!voiced_prob) return hh_fail_memory(pyin->context);
    if (pyin->count) memcpy(voiced_prob, pyin->voiced_prob, pyin->count * sizeof *voiced_prob);
    hh_free(pyin->context, pyin->voiced_prob);
    pyin->voiced_prob = voiced_prob;
    pyin->capacity = capacity;
    return HH_OK;
}

HhStatus hh_pyin_push(HhPyin *pyin, const HhPyinFrames *frames)
{
    HH_TRY(reserve(pyin, pyin->count + frames->count));
    for (size_t t = 0; t < frames->count; t++) {
        size_t at = frames->first[t];
        HH_TRY(hh_path_push(pyin->path, frames->pitch + at, frames->log_prob + at,
                            frames->first[t + 1] - at, frames->log_unvoiced[t]));
        pyin->voiced_prob[pyin->count++] = frames->voiced_prob[t];
    }
    return HH_OK;
}

size_t hh_pyin_count(const HhPyin *pyin)
{
    return pyin->count;
}

HhStatus hh_pyin_finish(HhPyin *pyin, double *f0, bool *voiced_flag, double *voiced_prob)
{
    const HhPyinPlan *plan = pyin->plan;
    const uint16_t *states;
    size_t count;
    HH_TRY(hh_path_finish(pyin->path, &states, &count));
    for (size_t t = 0; t < count; t++) {
        bool voiced = states[t] < plan->pitches;
        size_t pitch = voiced ? states[t] : states[t] - plan->pitches;
        bool filled = !voiced && !plan->params.keep_unvoiced;
        f0[t] = filled ? plan->params.fill_na
                       : plan->params.fmin * pow(2.0, (double)pitch / (double)plan->per_octave);
        if (voiced_flag) voiced_flag[t] = voiced;
        if (voiced_prob) voiced_prob[t] = pyin->voiced_prob[t];
    }
    return HH_OK;
}

/* ---- the whole signal: rounds of chunks, observed side by side, then pushed channel by channel
 * ---- */

enum { ROUND = 16 }; /* chunks */

typedef struct Job {
    const HhPyinPlan *plan;
    size_t channels, count, chunks; /* frames and chunks of one channel */
    HhFrames *frames;               /* [channels] */
    HhPyin **pyin;                  /* [channels] */
    HhStatus *status;               /* [channels] */
    HhPyinFrames **observed;        /* [channels][ROUND] */
    size_t first_chunk, round;      /* of this round */
    char *scratch;
    size_t scratch_bytes, sample_bytes; /* of one thread */
} Job;

static void observe_chunk(void *arg, size_t index, int worker)
{
    Job *job = arg;
    size_t channel = index / job->round, chunk = index % job->round;
    size_t first = (job->first_chunk + chunk) * HH_PITCH_CHUNK;
    size_t count = HH_MIN(job->count - first, (size_t)HH_PITCH_CHUNK);
    char *scratch = job->scratch + (size_t)worker * (job->scratch_bytes + job->sample_bytes);
    const void *x =
        hh_frames_get_either(&job->frames[channel], first, count, scratch + job->scratch_bytes);
    hh_pyin_observe(job->plan, x, count, job->observed[channel * ROUND + chunk], scratch);
}

static void push_channel(void *arg, size_t channel, int worker)
{
    Job *job = arg;
    (void)worker;
    for (size_t i = 0; i < job->round && job->status[channel] == HH_OK; i++)
        job->status[channel] = hh_pyin_push(job->pyin[channel], job->observed[channel * ROUND + i]);
}

static HhStatus prepare(HhContext *context, Job *job, const HhSignal *y, const HhPyinParams *p)
{
    const HhPyinPlan *plan = job->plan;
    size_t hop = hh_yin_hop(plan->yin);
    job->channels = (size_t)y->channels;
    job->frames = hh_alloc(context, job->channels, sizeof *job->frames);
    job->pyin = hh_zalloc(context, job->channels, sizeof *job->pyin);
    job->status = hh_zalloc(context, job->channels, sizeof *job->status);
    if (!job->frames || !job->pyin || !job->status) return hh_fail_memory(context);
    for (size_t c = 0; c < job->channels; c++)
        HH_TRY(hh_frames_of_channel(context, &job->frames[c], y, c, p->frame_length, hop, p->center,
                                    p->pad));
    job->count = job->frames[0].count;
    job->chunks = (job->count + HH_PITCH_CHUNK - 1) / HH_PITCH_CHUNK;
    job->scratch_bytes = aligned(hh_pyin_scratch(plan));
    job->sample_bytes = aligned(hh_frames_scratch(&job->frames[0], HH_PITCH_CHUNK) *
                                (y->channel_f64 ? sizeof(double) : sizeof(float)));
    job->scratch =
        hh_alloc(context, (size_t)hh_workers(context), job->scratch_bytes + job->sample_bytes);
    job->observed = hh_zalloc(context, job->channels * ROUND, sizeof *job->observed);
    if (!job->scratch || !job->observed) return hh_fail_memory(context);
    for (size_t i = 0; i < job->channels * ROUND; i++)
        if (i % ROUND < job->chunks)
            HH_TRY(hh_pyin_frames_create(context, plan, &job->observed[i]));
    for (size_t c = 0; c < job->channels; c++) HH_TRY(hh_pyin_create(context, plan, &job->pyin[c]));
    return HH_OK;
}

static HhStatus decode(HhContext *context, Job *job)
{
    for (job->first_chunk = 0; job->first_chunk < job->chunks; job->first_chunk += job->round) {
        job->round = HH_MIN(job->chunks - job->first_chunk, (size_t)ROUND);
        hh_parallel_for(context, job->channels * job->round, observe_chunk, job);
        hh_parallel_for(context, job->channels, push_channel, job);
        for (size_t c = 0; c < job->channels; c++) HH_TRY(job->status[c]);
    }
    return HH_OK;
}

static void clean_up(HhContext *context, Job *job)
{
    for (size_t i = 0; job->observed && i < job->channels * ROUND; i++)
        hh_pyin_frames_destroy(job->observed[i]);
    for (size_t c = 0; job->pyin && c < job->channels; c++) hh_pyin_destroy(job->pyin[c]);
    hh_free(context, job->frames);
    hh_free(context, job->pyin);
    hh_free(context, job->status);
    hh_free(context, job->observed);
    hh_free(context, job->scratch);
}

static HhStatus store(HhContext *context, Job *job, HhArray *f0, HhArray *voiced_flag,
                      HhArray *voiced_prob)
{
    HH_TRY(hh_array_make(context, f0, HH_FLOAT64, 2, job->channels, job->count));
    if (voiced_flag)
        HH_TRY(hh_array_make(context, voiced_flag, HH_BOOL, 2, job->channels, job->count));
    if (voiced_prob)
        HH_TRY(hh_array_make(context, voiced_prob, HH_FLOAT64, 2, job->channels, job->count));
    for (size_t c = 0; c < job->channels; c++) {
        size_t at = c * job->count;
        HH_TRY(hh_pyin_finish(job->pyin[c], (double *)f0->data + at,
                              voiced_flag ? (bool *)voiced_flag->data + at : NULL,
                              voiced_prob ? (double *)voiced_prob->data + at : NULL));
    }
    return HH_OK;
}

HhStatus hh_pyin(HhContext *context, const HhSignal *y, const HhPyinParams *params, HhArray *f0,
                 HhArray *voiced_flag, HhArray *voiced_prob)
{
    if (!f0) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    HhArray *const out[] = {f0, voiced_flag, voiced_prob};
    for (size_t i = 0; i < HH_COUNT(out); i++)
        if (out[i]) *out[i] = (HhArray)HH_ARRAY_INIT;
    HhPyinParams p;
    hh_pyin_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_signal_check_either(context, y));
    HH_TRY(hh_rate_check(context, y->rate));
    MakeYin *make_yin = y->channel_f64 ? hh_yin_plan_create_f64 : hh_yin_plan_create_float;
    HhPyinPlan *plan;
    HH_TRY(create(context, &p, y->rate, make_yin, &plan));
    Job job = {.plan = plan};
    HhStatus status = prepare(context, &job, y, &p);
    if (status == HH_OK) status = decode(context, &job);
    if (status == HH_OK) status = store(context, &job, f0, voiced_flag, voiced_prob);
    clean_up(context, &job);
    hh_pyin_plan_destroy(plan);
    for (size_t i = 0; i < HH_COUNT(out) && status != HH_OK; i++) hh_array_free(out[i]);
    return status;
}
