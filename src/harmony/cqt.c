/* See harmony.h and heihachi/harmony.h: cqt and vqt.
 *
 * Octave by octave from the top (C. Schoerkhuber and A. Klapuri, Constant-Q transform toolbox for
 * music processing, 2010): each octave's filters look at a signal of half the rate of the octave
 * above, so all octaves use transforms of the same size. Rates, hops, sizes and scales are
 * librosa's:
 *
 *     early    while the highest filter leaves more than two octaves free and the hop has factors
 *              of two to spare, the signal is halved before anything else
 *     level i  of the decimation chain has rate / 2^i and hop / 2^i; the chain stops where the hop
 *              is odd
 *
 * A whole signal is halved by libsoxr, with the root of 2 that librosa gives each halved signal; it
 * is taken back from the rows. Ranges (the engine's) go through the decimator of halfband.h. The
 * root by which librosa scales the filters of an octave and the division by the root of the
 * filter's length are in the entries of the sparse basis. Sixteen frames travel in the lanes of a
 * tile: transform, then one multiplication per entry of the basis.
 *
 * Departure: transforms are single precision but for the lowest octave (librosa: double, rounded).
 * Tolerance against librosa: 1e-5 of a value plus 2e-6 of the largest. Cost per frame of the
 * default: seven transforms of 1024 samples. */
#include <math.h>
#include <soxr.h>
#include <string.h>

#include "harmony/basis.h"
#include "harmony/chroma.h"
#include "harmony/halfband.h"
#include "harmony/harmony.h"
#include "kernel/kernels.h"
#include "spectral/frames.h"
#include "spectral/tiles.h"

enum { MAX_LEVELS = 64, MAX_SIZES = 21, PRECISE_OCTAVES = 1 };

typedef struct Octave {
    size_t first, bins; /* rows of the result */
    int level;          /* of the decimation chain */
    size_t hop, n_fft;  /* samples at that level */
    const HhFft *fft;
    HhSparse basis;    /* scaled */
    bool precise;      /* double transform */
    size_t low, count; /* bins that the basis looks at: low .. low + count - 1 */
} Octave;

struct HhCqtPlan {
    HhContext *context;
    const HhKernels *kernels;
    HhHalfband *halfband;
    HhFft *fft[MAX_SIZES]; /* by the binary logarithm of the size */
    Octave *octave;
    size_t octaves, bins;
    int halvings, levels;
    HhPad pad;
};

/* ---- making a plan */

static int factors_of_two(size_t x)
{
    int count = 0;
    while (x > 0 && x % 2 == 0) {
        x /= 2;
        count++;
    }
    return count;
}

static int early_halvings(double rate, double cutoff, size_t hop, size_t octaves)
{
    double room = ceil(log2(0.5 * rate / cutoff)) - 2.0;
    double spare = (double)factors_of_two(hop) - (double)octaves + 1.0;
    return (int)HH_MAX(0.0, HH_MIN(room, spare));
}

static HhStatus transform(HhCqtPlan *plan, size_t n_fft, const HhFft **fft)
{
    int order = factors_of_two(n_fft);
    if (!plan->fft[order]) HH_TRY(hh_fft_create(plan->context, n_fft, &plan->fft[order]));
    *fft = plan->fft[order];
    return HH_OK;
}

/* Whether the filters of the octave, at `rate`, are sample for sample those of the octave above it
 * at twice the rate. */
static bool same_filters(const HhGrid *grid, const Octave *octave, const Octave *above, double rate)
{
    if (octave->bins != above->bins || octave->level != above->level + 1 ||
        octave->n_fft != above->n_fft)
        return false;
    for (size_t i = 0; i < octave->bins; i++) {
        size_t k = octave->first + i, k2 = above->first + i;
        double length = hh_grid_length(grid, k, rate),
               length2 = hh_grid_length(grid, k2, 2.0 * rate);
        bool near =
            fabs(length - length2) < 1e-9 * length &&
            fabs(2.0 * grid->frequency[k] - grid->frequency[k2]) < 1e-13 * grid->frequency[k2];
        if (!near || floor(length / 2.0) != floor(length2 / 2.0) ||
            ceil(length / 2.0) != ceil(length2 / 2.0))
            return false;
    }
    return true;
}

/* The octave's basis; `plain` keeps the unscaled one, for the next octave to use if it can. */
static HhStatus octave_basis(HhContext *context, const HhGrid *grid, Octave *octave,
                             double top_rate, double factor, bool scale, bool reuse,
                             HhSparse *plain)
{
    double rate = ldexp(top_rate, -octave->level);
    if (!reuse) {
        hh_sparse_free(context, plain);
        HH_TRY(hh_basis_create(context, grid, octave->first, octave->bins, rate, octave->n_fft,
                               false, plain));
    }
    double *scales = hh_alloc(context, octave->bins, sizeof *scales);
    if (!scales) return hh_fail_memory(context);
    for (size_t i = 0; i < octave->bins; i++) {
        scales[i] = ldexp(factor, octave->level);
        if (scale) scales[i] /= sqrt(hh_grid_length(grid, octave->first + i, top_rate));
    }
    HhStatus status = hh_sparse_scaled(context, plain, scales, &octave->basis);
    hh_free(context, scales);
    return status;
}

static void find_columns(Octave *octave)
{
    const HhSparse *basis = &octave->basis;
    uint32_t low = UINT32_MAX, high = 0;
    for (uint32_t i = 0; i < basis->start[basis->rows]; i++) {
        low = HH_MIN(low, basis->column[i]);
        high = HH_MAX(high, basis->column[i]);
    }
    octave->low = low;
    octave->count = high - low + 1;
}

static HhStatus make_octaves(HhCqtPlan *plan, const HhCqtParams *p, const HhGrid *grid, double rate)
{
    HhContext *context = plan->context;
    size_t hop = p->hop_length >> plan->halvings, end = p->n_bins;
    double top_rate = ldexp(rate, -plan->halvings);
    /* librosa scales the early-halved signal by 2^(halvings / 2), and twice if the result is not to
     * be scaled */
    double factor = exp2((p->scale ? 0.5 : 1.0) * plan->halvings);
    HhSparse plain = {0};
    HhStatus status = HH_OK;
    int level = 0;
    for (size_t i = 0; i < plan->octaves && status == HH_OK; i++) {
        Octave *o = &plan->octave[i];
        o->bins = HH_MIN(end, p->bins_per_octave);
        o->first = end -= o->bins;
        o->level = level;
        o->hop = hop;
        o->n_fft = hh_grid_fft_size(grid, o->first, o->bins, ldexp(top_rate, -level));
        plan->levels = level + 1;
        if (o->n_fft == 0) {
            status = hh_fail(context, HH_ERROR_ARGUMENT,
                             "the filter at %g Hz is shorter than a sample or longer than "
                             "2^20 samples",
                             grid->frequency[o->first]);
            break;
        }
        status = transform(plan, o->n_fft, &o->fft);
        bool reuse = i > 0 && same_filters(grid, o, o - 1, ldexp(top_rate, -level));
        if (status == HH_OK)
            status = octave_basis(context, grid, o, top_rate, factor, p->scale, reuse, &plain);
        if (status == HH_OK) find_columns(o);
        o->precise = i + PRECISE_OCTAVES >= plan->octaves;
        if (hop % 2 == 0) {
            hop /= 2;
            level++;
        }
    }
    hh_sparse_free(context, &plain);
    return status;
}

HhStatus hh_cqt_plan_create(HhContext *context, const HhCqtParams *params, bool variable,
                            double rate, HhCqtPlan **plan)
{
    *plan = NULL;
    HhGrid grid;
    HH_TRY(hh_grid_create(context, params, !variable, variable ? params->gamma : 0.0, &grid));
    HhStatus status = HH_OK;
    HhCqtPlan *made = NULL;
    if (grid.cutoff > 0.5 * rate)
        status = hh_fail(context, HH_ERROR_ARGUMENT,
                         "the filters reach to %g Hz, beyond half the sample rate of %g Hz",
                         grid.cutoff, rate);
    if (status == HH_OK && !(made = hh_zalloc(context, 1, sizeof *made)))
        status = hh_fail_memory(context);
    if (status == HH_OK) {
        made->context = context;
        made->kernels = hh_kernels(context);
        made->bins = params->n_bins;
        made->pad = params->pad_mode;
        made->octaves = (params->n_bins + params->bins_per_octave - 1) / params->bins_per_octave;
        made->halvings = early_halvings(rate, grid.cutoff, params->hop_length, made->octaves);
        made->octave = hh_zalloc(context, made->octaves, sizeof *made->octave);
        status =
            made->octave ? hh_halfband_create(context, &made->halfband) : hh_fail_memory(context);
    }
    if (status == HH_OK) status = make_octaves(made, params, &grid, rate);
    hh_grid_destroy(&grid);
    if (status == HH_OK)
        *plan = made;
    else
        hh_cqt_plan_destroy(made);
    return status;
}

void hh_cqt_plan_destroy(HhCqtPlan *plan)
{
    if (!plan) return;
    for (size_t i = 0; plan->octave && i < plan->octaves; i++)
        hh_sparse_free(plan->context, &plan->octave[i].basis);
    for (int i = 0; i < MAX_SIZES; i++) hh_fft_destroy(plan->fft[i]);
    hh_halfband_destroy(plan->halfband);
    hh_free(plan->context, plan->octave);
    hh_free(plan->context, plan);
}

int hh_cqt_plan_halvings(const HhCqtPlan *plan)
{
    return plan->halvings;
}

size_t hh_cqt_plan_bins(const HhCqtPlan *plan)
{
    return plan->bins;
}

static size_t half(size_t length)
{
    return length / 2 + length % 2;
}

size_t hh_cqt_frame_count(const HhCqtPlan *plan, size_t length)
{
    size_t frames = SIZE_MAX;
    for (size_t i = 0; i < plan->octaves; i++) {
        const Octave *o = &plan->octave[i];
        size_t samples = length;
        for (int l = 0; l < o->level; l++) samples = half(samples);
        frames = HH_MIN(frames, 1 + (samples - o->n_fft % 2) / o->hop);
    }
    return frames;
}

/* ---- frames from the levels of the decimation chain */

/* What becomes of the frames. */
typedef struct Output {
    enum { COMPLEX, MAGNITUDE, CHROMA } kind;
    const HhChromaFold *fold;
    float *frames;     /* the first frame's values */
    size_t stride;     /* floats from frame to frame */
    const float *undo; /* [levels] factors on the rows of each level's octaves; NULL: none */
} Output;

static Output make_output(const HhCqtPlan *plan, bool magnitude, const HhChromaFold *fold,
                          float *frames)
{
    if (fold) return (Output){CHROMA, fold, frames, fold->matrix.rows};
    return magnitude ? (Output){MAGNITUDE, NULL, frames, plan->bins}
                     : (Output){COMPLEX, NULL, frames, 2 * plan->bins};
}

/* The scratch of one tile of frames. */
typedef struct TileScratch {
    float *input, *re, *im; /* samples; spectrum */
    double *precise_re, *precise_im;
    float *rows_re, *rows_im, *magnitude; /* tiles of plan->bins rows */
    void *fft;
    size_t bytes;
} TileScratch;

/* Lays the areas out from `base`; with base NULL only to know the size. */
static TileScratch tile_scratch(const HhCqtPlan *plan, void *base)
{
    size_t input = 0, bins = 0, fft = 0, rows = plan->bins * HH_TILE;
    for (size_t i = 0; i < plan->octaves; i++) {
        const Octave *o = &plan->octave[i];
        input = HH_MAX(input, (HH_TILE - 1) * o->hop + o->n_fft);
        bins = HH_MAX(bins, hh_fft_bins(o->fft));
        fft = HH_MAX(fft, hh_fft_scratch(o->fft));
    }
    TileScratch s = {0};
    const size_t floats[] = {input, bins * HH_TILE, bins * HH_TILE,    rows,
                             rows,  rows,           4 * bins * HH_TILE};
    float *precise = NULL;
    float **areas[] = {&s.input, &s.re, &s.im, &s.rows_re, &s.rows_im, &s.magnitude, &precise};
    for (size_t i = 0; i < HH_COUNT(floats); i++) {
        if (base) *areas[i] = (float *)(void *)((char *)base + s.bytes);
        s.bytes += (floats[i] + HH_TILE - 1) / HH_TILE * HH_TILE * sizeof(float);
    }
    s.precise_re = (double *)(void *)precise;
    s.precise_im = base ? s.precise_re + bins * HH_TILE : NULL;
    if (base) s.fft = (char *)base + s.bytes;
    s.bytes += (fft + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return s;
}

static const float *octave_samples(const HhCqtPlan *plan, const Octave *o, const HhStretch *level,
                                   size_t frame, int count, float *copy)
{
    if (plan->pad != HH_PAD_CONSTANT) { /* whole signals only */
        HhFrames frames = {level->x, level->length, o->n_fft, o->hop, o->n_fft / 2, plan->pad, 0};
        return hh_frames_get(&frames, frame, (size_t)count, copy);
    }
    ptrdiff_t begin = (ptrdiff_t)(frame * o->hop) - (ptrdiff_t)(o->n_fft / 2);
    return hh_stretch_samples(level, begin, (size_t)(count - 1) * o->hop + o->n_fft, copy);
}

/* Frames frame .. frame + count - 1, count <= HH_TILE, to `out`. */
static void tile_of_frames(const HhCqtPlan *plan, const HhStretch *levels, size_t frame, int count,
                           const Output *output, float *out, const TileScratch *s)
{
    const HhKernels *k = plan->kernels;
    for (size_t i = 0; i < plan->octaves; i++) {
        const Octave *o = &plan->octave[i];
        const float *x = octave_samples(plan, o, &levels[o->level], frame, count, s->input);
        if (o->precise) {
            size_t from = o->low * HH_TILE, values = o->count * HH_TILE;
            hh_fft_tile_mixed(o->fft, x, (ptrdiff_t)o->hop, count, NULL, s->precise_re,
                              s->precise_im, s->fft);
            k->vector->to_f32(s->precise_re + from, s->re + from, values);
            k->vector->to_f32(s->precise_im + from, s->im + from, values);
        } else {
            hh_fft_tile_f32(o->fft, x, (ptrdiff_t)o->hop, count, NULL, s->re, s->im, s->fft);
        }
        float *re = s->rows_re + o->first * HH_TILE, *im = s->rows_im + o->first * HH_TILE;
        k->harmony->sparse_complex(&o->basis, s->re, s->im, re, im);
        if (output->undo && output->undo[o->level] != 1.0f) {
            k->vector->scale_f32(re, output->undo[o->level], re, o->bins * HH_TILE);
            k->vector->scale_f32(im, output->undo[o->level], im, o->bins * HH_TILE);
        }
    }
    if (output->kind == COMPLEX) {
        k->vector->tile_to_frames_complex(s->rows_re, s->rows_im, plan->bins, count, out,
                                          (ptrdiff_t)plan->bins);
        return;
    }
    k->vector->magnitude_f32(s->rows_re, s->rows_im, s->magnitude, plan->bins * HH_TILE);
    if (output->kind == MAGNITUDE) {
        k->vector->tile_to_frames_f32(s->magnitude, plan->bins, count, out, (ptrdiff_t)plan->bins);
        return;
    }
    const HhChromaFold *fold = output->fold;
    float *folded = s->rows_re; /* no longer needed, and has at least as many rows */
    k->harmony->sparse_real(&fold->matrix, s->magnitude, folded);
    k->vector->tile_to_frames_f32(folded, fold->matrix.rows, count, out,
                                  (ptrdiff_t)fold->matrix.rows);
    hh_chroma_finish(fold, out, (size_t)count);
}

static void frames_of_levels(const HhCqtPlan *plan, const HhStretch *levels, size_t first,
                             size_t count, const Output *output, void *scratch)
{
    TileScratch s = tile_scratch(plan, scratch);
    for (size_t t = 0; t < count; t += HH_TILE)
        tile_of_frames(plan, levels, first + t, (int)HH_MIN((size_t)HH_TILE, count - t), output,
                       output->frames + t * output->stride, &s);
}

/* ---- ranges: every level just long enough for the frames asked for */

/* Stretches of the levels for a range; level i + 1 is made in whole blocks of the decimator. */
static void range_levels(const HhCqtPlan *plan, size_t length, size_t first, size_t count,
                         HhStretch *levels)
{
    size_t samples = length;
    for (int l = 0; l < plan->levels; l++) {
        levels[l] = (HhStretch){NULL, 0, 0, samples};
        samples = half(samples);
    }
    for (int l = plan->levels - 1; l >= 0; l--) {
        ptrdiff_t begin = PTRDIFF_MAX, end = 0;
        for (size_t i = 0; i < plan->octaves; i++) {
            const Octave *o = &plan->octave[i];
            if (o->level != l) continue;
            ptrdiff_t centre = (ptrdiff_t)(first * o->hop), reach = (ptrdiff_t)(o->n_fft / 2);
            begin = HH_MIN(begin, centre - reach);
            end = HH_MAX(end, centre + (ptrdiff_t)((count - 1) * o->hop + o->n_fft) - reach);
        }
        if (l + 1 < plan->levels) {
            const HhStretch *below = &levels[l + 1];
            begin = HH_MIN(begin, 2 * (ptrdiff_t)below->first - HH_HALFBAND_REACH);
            end = HH_MAX(end, 2 * (ptrdiff_t)(below->first + below->count) + HH_HALFBAND_REACH);
        }
        ptrdiff_t block = l > 0 ? HH_HALFBAND_BLOCK : 1, whole = (ptrdiff_t)levels[l].length;
        begin = HH_MIN(HH_MAX(begin, 0), whole) / block * block;
        end = HH_MIN((HH_MAX(end, 0) + block - 1) / block * block, whole);
        levels[l].first = (size_t)begin;
        levels[l].count = (size_t)HH_MAX(end - begin, 0);
    }
}

/* Most samples that each level of a range can have. */
static void range_bounds(const HhCqtPlan *plan, size_t count, size_t *bounds)
{
    size_t below = 0;
    for (int l = plan->levels - 1; l >= 0; l--) {
        size_t reach = below, hop = 0;
        for (size_t i = 0; i < plan->octaves; i++) {
            if (plan->octave[i].level != l) continue;
            reach = HH_MAX(reach, plan->octave[i].n_fft);
            hop = plan->octave[i].hop;
        }
        reach += HH_HALFBAND_BLOCK;
        bounds[l] = (count * hop + 2 * reach + HH_TILE - 1) / HH_TILE * HH_TILE;
        below = 2 * reach + HH_HALFBAND_REACH;
    }
}

size_t hh_cqt_scratch(const HhCqtPlan *plan, size_t count)
{
    size_t bounds[MAX_LEVELS], floats = 0;
    range_bounds(plan, count, bounds);
    for (int l = 0; l < plan->levels; l++) floats += bounds[l];
    size_t halfband =
        (hh_halfband_scratch(plan->halfband) + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return floats * sizeof(float) + HH_MAX(halfband, tile_scratch(plan, NULL).bytes);
}

static HhStatus range(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                      size_t first, size_t count, const Output *output, void *scratch)
{
    if (count == 0) return HH_OK;
    HhStretch levels[MAX_LEVELS];
    size_t bounds[MAX_LEVELS];
    range_levels(plan, length, first, count, levels);
    range_bounds(plan, count, bounds);
    float *x[MAX_LEVELS], *at = scratch;
    for (int l = 0; l < plan->levels; l++) {
        levels[l].x = x[l] = at;
        at += bounds[l];
    }
    HH_TRY(read(user, levels[0].first, levels[0].count, x[0]));
    for (int l = 1; l < plan->levels; l++)
        hh_halfband_blocks(plan->halfband, &levels[l - 1], levels[l].first / HH_HALFBAND_BLOCK,
                           (levels[l].count + HH_HALFBAND_BLOCK - 1) / HH_HALFBAND_BLOCK, x[l], at);
    frames_of_levels(plan, levels, first, count, output, at);
    return HH_OK;
}

HhStatus hh_cqt_frames(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                       size_t first, size_t count, bool magnitude, float *out, void *scratch)
{
    Output output = make_output(plan, magnitude, NULL, out);
    return range(plan, read, user, length, first, count, &output, scratch);
}

HhStatus hh_chroma_frames(const HhCqtPlan *plan, const HhChromaFold *fold, HhReadSamples *read,
                          void *user, size_t length, size_t first, size_t count, float *out,
                          void *scratch)
{
    Output output = make_output(plan, true, fold, out);
    return range(plan, read, user, length, first, count, &output, scratch);
}

/* ---- whole signals: each level whole, the frames shared out to the threads */

enum { FRAMES_PER_TASK = 4 * HH_TILE };

typedef struct SignalJob {
    const HhCqtPlan *plan;
    HhStretch levels[MAX_LEVELS];
    float undo[MAX_LEVELS]; /* what decimate() gained */
    size_t frames;
    Output output;
    char *scratch;
    size_t scratch_bytes;
} SignalJob;

static void signal_task(void *arg, size_t index, int worker)
{
    SignalJob *job = arg;
    size_t first = index * FRAMES_PER_TASK;
    Output output = job->output;
    output.frames += first * output.stride;
    frames_of_levels(job->plan, job->levels, first,
                     HH_MIN((size_t)FRAMES_PER_TASK, job->frames - first), &output,
                     job->scratch + (size_t)worker * job->scratch_bytes);
}

/* By libsoxr, and the energy kept at each step, as librosa does: where the sound is 80 dB below its
 * surroundings the rounding noise of the resampler is what a normalised chroma shows, and only the
 * same operations have the same noise. In pieces, which do not change it, so that libsoxr's buffers
 * stay small. */
static HhStatus decimate(HhContext *context, int halvings, const float *x, size_t length, float *y,
                         size_t wanted)
{
    enum { PIECE = 16384 };
    const double gain = 1.0 / sqrt(ldexp(1.0, -halvings));
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    soxr_error_t error = NULL;
    soxr_t soxr = soxr_create(ldexp(1.0, halvings), 1.0, 1, &error, &io, &quality, NULL);
    size_t taken = 0, made = 0;
    while (!error && made < wanted) {
        size_t piece = HH_MIN(length - taken, (size_t)PIECE), used = 0, got = 0;
        error = soxr_process(soxr, piece ? x + taken : NULL, piece, &used, y + made,
                             HH_MIN(wanted - made, (size_t)PIECE), &got);
        if (piece == 0 && got == 0) break;
        taken += used;
        for (size_t n = made; n < made + got; n++) y[n] = (float)((double)y[n] * gain);
        made += got;
    }
    soxr_delete(soxr);
    if (error)
        return hh_fail(context, HH_ERROR_INTERNAL, "decimation by %g failed: %s",
                       ldexp(1.0, halvings), error);
    memset(y + made, 0, (wanted - made) * sizeof *y);
    return HH_OK;
}

static size_t early_length(int halvings, size_t length)
{
    for (int i = 0; i < halvings; i++) length = half(length);
    return length;
}

/* Fills the levels from one channel; they live in `store`, one after the other (level 0 only if it
 * is not the input). */
static HhStatus fill_levels(HhContext *context, const HhCqtPlan *plan, const float *x,
                            size_t length, float *store, HhStretch *levels)
{
    size_t samples = early_length(plan->halvings, length);
    if (plan->halvings > 0) {
        HH_TRY(decimate(context, plan->halvings, x, length, store, samples));
        x = store;
        store += samples;
    }
    levels[0] = (HhStretch){x, 0, samples, samples};
    for (int l = 1; l < plan->levels; l++) {
        HH_TRY(decimate(context, 1, x, samples, store, half(samples)));
        samples = half(samples);
        levels[l] = (HhStretch){x = store, 0, samples, samples};
        store += samples;
    }
    return HH_OK;
}

static size_t level_store(const HhCqtPlan *plan, size_t length)
{
    size_t samples = early_length(plan->halvings, length), total = plan->halvings > 0 ? samples : 0;
    for (int l = 1; l < plan->levels; l++) total += samples = half(samples);
    return total;
}

static HhStatus signal(HhContext *context, const HhCqtPlan *plan, const HhChromaFold *fold,
                       const HhSignal *y, bool magnitude, HhArray *out)
{
    if (y->length >> plan->halvings == 0)
        return hh_fail(context, HH_ERROR_TOO_SHORT, "%zu samples are too few for %zu octaves",
                       y->length, plan->octaves);
    SignalJob job = {.plan = plan,
                     .frames = hh_cqt_frame_count(plan, early_length(plan->halvings, y->length))};
    size_t columns = fold ? fold->matrix.rows : plan->bins;
    HhType type = magnitude || fold ? HH_FLOAT32 : HH_COMPLEX64;
    job.scratch_bytes = tile_scratch(plan, NULL).bytes;
    HH_TRY(hh_array_make(context, out, type, 3, (size_t)y->channels, job.frames, columns));
    float *store = hh_alloc(context, level_store(plan, y->length), sizeof *store);
    job.scratch = hh_alloc(context, (size_t)hh_workers(context), job.scratch_bytes);
    HhStatus status = store && job.scratch ? HH_OK : hh_fail_memory(context);
    for (int l = 0; l < plan->levels; l++) job.undo[l] = (float)exp2(-0.5 * (plan->halvings + l));
    for (int c = 0; c < y->channels && status == HH_OK; c++) {
        status = fill_levels(context, plan, y->channel[c], y->length, store, job.levels);
        if (status != HH_OK) break;
        job.output = make_output(plan, magnitude, fold, out->data);
        job.output.frames += (size_t)c * job.frames * job.output.stride;
        job.output.undo = job.undo;
        hh_parallel_for(context, (job.frames + FRAMES_PER_TASK - 1) / FRAMES_PER_TASK, signal_task,
                        &job);
    }
    hh_free(context, store);
    hh_free(context, job.scratch);
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
    HH_TRY(hh_harmony_check(context, y));
    HH_TRY(hh_harmony_tuning(context, y, p.bins_per_octave, &p.tuning));
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
