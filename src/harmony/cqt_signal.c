/* Constant-Q transforms of whole signals: see cqt.c. */
#include <math.h>
#include <string.h>

#include "harmony/cqt.h"
#include "harmony/overlap.h"
#include "spectral/tiles.h"

/* ---- the decimation chain, each level whole */

static HhStatus store_samples(void *user, int level, const float *samples, size_t count)
{
    float **to = user;
    memcpy(to[level], samples, count * sizeof *samples);
    to[level] += count;
    return HH_OK;
}

static size_t store_size(const HhCqtPlan *plan, size_t length)
{
    size_t total = 0;
    for (int l = plan->halvings > 0 ? 0 : 1; l < plan->levels; l++)
        total += hh_chain_length(length, plan->halvings + l);
    return total;
}

/* The levels of one channel, one after the other in `store`; level 0 is the input itself, if that
 * is not halved early. */
static HhStatus fill_levels(HhContext *context, const HhCqtPlan *plan, const float *x,
                            size_t length, float *store, HhStretch *levels)
{
    float *to[HH_CHAIN_LEVELS]; /* where the next samples of a level go */
    for (int l = 0; l < plan->levels; l++) {
        size_t samples = hh_chain_length(length, plan->halvings + l);
        bool own = l == 0 && plan->halvings == 0;
        levels[l] = (HhStretch){own ? x : store, 0, samples, samples};
        to[l] = own ? NULL : store;
        if (!own) store += samples;
    }
    HhChain *chain;
    HH_TRY(hh_chain_create(context, plan->halvings, plan->levels, store_samples, to, &chain));
    const size_t piece = 16384; /* so that it is halved on while it is in the cache */
    HhStatus status = HH_OK;
    for (size_t at = 0; at < length && status == HH_OK; at += piece)
        status = hh_chain_push(chain, x + at, HH_MIN(piece, length - at));
    if (status == HH_OK) status = hh_chain_finish(chain);
    hh_chain_destroy(chain);
    return status;
}

/* ---- octaves whose frames overlap almost wholly */

typedef struct Overlapped {
    HhOverlap *overlap; /* NULL: this octave is transformed frame by frame */
    bool shared;        /* with the octave above */
    double gain;
    HhFft *inverse;
    size_t groups; /* of HH_TILE blocks */
} Overlapped;

typedef struct SignalJob {
    const HhCqtPlan *plan;
    HhStretch levels[HH_CHAIN_LEVELS];
    size_t frames;
    HhCqtOutput output;
    Overlapped *overlapped; /* [octaves] */
    HhCqtRows *rows;        /* [octaves] */
    size_t groups;          /* of all octaves */
    char *scratch;
    size_t scratch_bytes; /* of each worker */
} SignalJob;

static size_t samples_bytes(size_t n_fft)
{
    return HH_TILE * hh_overlap_block(n_fft) * sizeof(float);
}

static HhStatus prepare_octave(HhContext *context, SignalJob *job, size_t i)
{
    const HhOctave *o = &job->plan->octave[i];
    Overlapped *own = &job->overlapped[i];
    if (!hh_overlap_pays(o->bins, o->n_fft, o->hop)) return HH_OK;
    if (i > 0 && o->relative != 0.0 && own[-1].overlap) {
        *own = (Overlapped){own[-1].overlap, true, own[-1].gain * o->relative, NULL, 0};
    } else {
        own->gain = 1.0;
        HH_TRY(hh_overlap_create(context, &o->basis, o->n_fft, &own->overlap));
    }
    HH_TRY(hh_fft_create(context, hh_overlap_block(o->n_fft) / o->hop, &own->inverse));
    size_t group = HH_TILE * hh_overlap_frames(o->n_fft, o->hop);
    own->groups = (job->frames + group - 1) / group;
    job->groups += own->groups;
    job->scratch_bytes =
        HH_MAX(job->scratch_bytes,
               samples_bytes(o->n_fft) + hh_overlap_scratch(own->overlap, o->hop, own->inverse));
    size_t floats = (job->frames + HH_TILE - 1) / HH_TILE * HH_TILE * o->bins;
    job->rows[i].re = hh_alloc(context, 2 * floats, sizeof(float));
    if (!job->rows[i].re) return hh_fail_memory(context);
    job->rows[i].im = job->rows[i].re + floats;
    return HH_OK;
}

static HhStatus prepare(HhContext *context, SignalJob *job)
{
    const HhCqtPlan *plan = job->plan;
    job->scratch_bytes = hh_cqt_tile_scratch(plan);
    job->overlapped = hh_zalloc(context, plan->octaves, sizeof *job->overlapped);
    job->rows = hh_zalloc(context, plan->octaves, sizeof *job->rows);
    if (!job->overlapped || !job->rows) return hh_fail_memory(context);
    for (size_t i = 0; i < plan->octaves; i++) HH_TRY(prepare_octave(context, job, i));
    job->scratch = hh_alloc(context, (size_t)hh_workers(context), job->scratch_bytes);
    return job->scratch ? HH_OK : hh_fail_memory(context);
}

static void release(HhContext *context, SignalJob *job)
{
    for (size_t i = 0; job->overlapped && i < job->plan->octaves; i++) {
        if (!job->overlapped[i].shared) hh_overlap_destroy(job->overlapped[i].overlap);
        hh_fft_destroy(job->overlapped[i].inverse);
    }
    for (size_t i = 0; job->rows && i < job->plan->octaves; i++) hh_free(context, job->rows[i].re);
    hh_free(context, job->overlapped);
    hh_free(context, job->rows);
    hh_free(context, job->scratch);
}

/* One group of blocks of one octave. */
static void group_task(void *arg, size_t index, int worker)
{
    const SignalJob *job = arg;
    size_t i = 0;
    while (index >= job->overlapped[i].groups) index -= job->overlapped[i++].groups;
    const HhOctave *o = &job->plan->octave[i];
    const Overlapped *own = &job->overlapped[i];
    size_t block = hh_overlap_block(o->n_fft), frames = hh_overlap_frames(o->n_fft, o->hop);
    size_t first = index * HH_TILE * frames, used = (frames - 1) * o->hop + o->n_fft;
    char *scratch = job->scratch + (size_t)worker * job->scratch_bytes;
    float *samples = (float *)(void *)scratch;
    int count = 0;
    for (size_t at = first; count < HH_TILE && at < job->frames; at += frames, count++) {
        float *to = samples + (size_t)count * block;
        const float *x = hh_octave_samples(job->plan, o, &job->levels[o->level], at, frames, to);
        if (x != to) memcpy(to, x, used * sizeof *to);
        memset(to + used, 0, (block - used) * sizeof *to);
    }
    size_t tile = first / HH_TILE, stride = o->bins * HH_TILE;
    hh_overlap_run(own->overlap, o->hop, own->inverse, samples, count,
                   own->gain * (double)job->plan->undo[o->level], job->rows[i].re + tile * stride,
                   job->rows[i].im + tile * stride, stride,
                   (job->frames + HH_TILE - 1) / HH_TILE - tile, scratch + samples_bytes(o->n_fft));
}

/* Rounding in a block is of the order of 1e-16 of its largest value; what chroma makes of a frame
 * is relative to the frame, and is to be good to 1e-5 of that. */
static void find_least(const SignalJob *job)
{
    const HhVectorKernels *vector = job->plan->kernels->vector;
    size_t padded = (job->frames + HH_TILE - 1) / HH_TILE * HH_TILE;
    for (size_t i = 0; i < job->plan->octaves; i++) {
        HhCqtRows *rows = &job->rows[i];
        if (rows->re)
            rows->least =
                1e-9f * vector->max_abs_f32(rows->re, 2 * padded * job->plan->octave[i].bins);
    }
}

/* ---- frames, shared out to the threads */

enum { FRAMES_PER_TASK = 4 * HH_TILE };

static void frames_task(void *arg, size_t index, int worker)
{
    const SignalJob *job = arg;
    size_t first = index * FRAMES_PER_TASK;
    HhCqtOutput output = job->output;
    output.frames += first * output.stride;
    hh_cqt_of_levels(job->plan, job->levels, first,
                     HH_MIN((size_t)FRAMES_PER_TASK, job->frames - first), &output,
                     job->scratch + (size_t)worker * job->scratch_bytes);
}

static HhStatus signal(HhContext *context, const HhCqtPlan *plan, const HhChromaFold *fold,
                       const HhSignal *y, bool magnitude, HhArray *out)
{
    if (y->length >> plan->halvings == 0)
        return hh_fail(context, HH_ERROR_TOO_SHORT, "%zu samples are too few for %zu octaves",
                       y->length, plan->octaves);
    SignalJob job = {.plan = plan,
                     .frames =
                         hh_cqt_frame_count(plan, hh_chain_length(y->length, plan->halvings))};
    size_t columns = fold ? fold->matrix.rows : plan->bins;
    HhType type = magnitude || fold ? HH_FLOAT32 : HH_COMPLEX64;
    HH_TRY(hh_array_make(context, out, type, 3, (size_t)y->channels, job.frames, columns));
    float *store = hh_alloc(context, store_size(plan, y->length), sizeof *store);
    HhStatus status = store ? prepare(context, &job) : hh_fail_memory(context);
    for (int c = 0; c < y->channels && status == HH_OK; c++) {
        status = fill_levels(context, plan, y->channel[c], y->length, store, job.levels);
        if (status != HH_OK) break;
        job.output = hh_cqt_output(plan, magnitude, fold, out->data);
        job.output.frames += (size_t)c * job.frames * job.output.stride;
        job.output.rows = job.rows;
        /* chroma is relative to its frame, of which the lowest octave needs it most */
        job.output.precise = fold ? 1 : plan->octaves;
        hh_parallel_for(context, job.groups, group_task, &job);
        find_least(&job);
        hh_parallel_for(context, (job.frames + FRAMES_PER_TASK - 1) / FRAMES_PER_TASK, frames_task,
                        &job);
    }
    release(context, &job);
    hh_free(context, store);
    if (status != HH_OK) hh_array_free(out);
    return status;
}

HhStatus hh_cqt_signal(HhContext *context, const HhCqtPlan *plan, const HhSignal *y, bool magnitude,
                       HhArray *out)
{
    return signal(context, plan, NULL, y, magnitude, out);
}

HhStatus hh_chroma_signal(HhContext *context, const HhCqtPlan *plan, const HhChromaFold *fold,
                          const HhSignal *y, HhArray *out)
{
    return signal(context, plan, fold, y, true, out);
}

/* ---- the public functions */

void hh_cqt_defaults(HhCqtParams *params)
{
    *params = (HhCqtParams){
        .size = sizeof *params,
        .hop_length = 512,
        .n_bins = 84,
        .bins_per_octave = 12,
        .gamma = (double)NAN,
        .filter_scale = 1.0,
        .norm = 1.0,
        .sparsity = 0.01,
        .scale = true,
    };
}

static HhStatus transform_signal(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                                 bool variable, HhArray *out)
{
    HhCqtParams p;
    hh_cqt_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_harmony_begin(context, y, p.bins_per_octave, &p.tuning));
    HhCqtPlan *plan;
    HH_TRY(hh_cqt_plan_create(context, &p, variable, y->rate, &plan));
    HhStatus status = hh_cqt_signal(context, plan, y, false, out);
    hh_cqt_plan_destroy(plan);
    return status;
}

HhStatus hh_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params, HhArray *out)
{
    return transform_signal(context, y, params, false, out);
}

HhStatus hh_vqt(HhContext *context, const HhSignal *y, const HhCqtParams *params, HhArray *out)
{
    return transform_signal(context, y, params, true, out);
}

HhStatus hh_cqt_frequencies(HhContext *context, const HhCqtParams *params, double *frequencies)
{
    HhCqtParams p;
    hh_cqt_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (isnan(p.tuning)) p.tuning = 0.0;
    HhGrid grid;
    HH_TRY(hh_grid_create(context, &p, false, 0.0, &grid));
    memcpy(frequencies, grid.frequency, grid.bins * sizeof *frequencies);
    hh_grid_destroy(&grid);
    return HH_OK;
}
