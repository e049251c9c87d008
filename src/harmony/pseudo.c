/* Pseudo and hybrid constant-Q transforms: see heihachi/harmony.h.
 *
 * pseudo: the magnitudes of one short-time spectrum through the magnitudes of the filters' spectra.
 * hybrid: that for the bins whose filters are shorter than two hops, the full transform for those
 * below. Cost: one transform per frame of the longest filter's size. */
#include <math.h>
#include <string.h>

#include "harmony/basis.h"
#include "harmony/harmony.h"
#include "kernel/kernels.h"
#include "spectral/tiles.h"

typedef struct Pseudo {
    const HhKernels *kernels;
    HhSparse basis; /* real, scaled */
    size_t frames;
    float *out;
} Pseudo;

static void pseudo_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Pseudo *job = arg;
    float *rows = scratch;
    size_t columns = job->basis.rows;
    job->kernels->harmony->sparse_real(&job->basis, tile->value, rows);
    job->kernels->vector->tile_to_frames_f32(
        rows, columns, tile->count,
        job->out + (tile->channel * job->frames + tile->first) * columns, (ptrdiff_t)columns);
}

static HhStatus pseudo_basis(HhContext *context, const HhGrid *grid, double rate, size_t n_fft,
                             bool scale, HhSparse *basis)
{
    HhSparse plain = {0};
    double *scales = hh_alloc(context, grid->bins, sizeof *scales);
    HhStatus status = scales
                          ? hh_basis_create(context, grid, 0, grid->bins, rate, n_fft, true, &plain)
                          : hh_fail_memory(context);
    if (status == HH_OK) {
        for (size_t k = 0; k < grid->bins; k++)
            scales[k] = sqrt((scale ? 1.0 : hh_grid_length(grid, k, rate)) / (double)n_fft);
        status = hh_sparse_scaled(context, &plain, scales, basis);
    }
    hh_sparse_free(context, &plain);
    hh_free(context, scales);
    return status;
}

/* The least transform size: a power of two of at least two hops. */
static size_t least_size(size_t hop)
{
    size_t size = 2;
    while (size < 2 * hop) size *= 2;
    return size;
}

static HhStatus pseudo_of_grid(HhContext *context, const HhSignal *y, const HhCqtParams *p,
                               const HhGrid *grid, HhArray *out)
{
    size_t n_fft = hh_grid_fft_size(grid, 0, grid->bins, y->rate);
    if (n_fft == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "the filter at %g Hz is shorter than a sample or longer than 2^20 "
                       "samples",
                       grid->frequency[0]);
    n_fft = HH_MAX(n_fft, least_size(p->hop_length));
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = n_fft;
    stft.hop_length = p->hop_length;
    stft.pad = p->pad_mode;
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &stft, HH_TILE_MAGNITUDE));
    Pseudo job = {.kernels = source.kernels, .frames = source.frames};
    HhStatus status = pseudo_basis(context, grid, y->rate, n_fft, p->scale, &job.basis);
    if (status == HH_OK)
        status =
            hh_array_make(context, out, HH_FLOAT32, 3, source.channels, source.frames, grid->bins);
    if (status == HH_OK) {
        job.out = out->data;
        status = hh_tiles_run(&source, grid->bins * HH_TILE * sizeof(float), pseudo_tile, &job);
        if (status != HH_OK) hh_array_free(out);
    }
    hh_sparse_free(context, &job.basis);
    hh_tiles_free(&source);
    return status;
}

static HhStatus prepare(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                        HhCqtParams *p)
{
    hh_cqt_defaults(p);
    HH_TRY(hh_params_read(context, params, p, sizeof *p));
    return hh_harmony_begin(context, y, p->bins_per_octave, &p->tuning);
}

HhStatus hh_pseudo_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                       HhArray *out)
{
    HhCqtParams p;
    HH_TRY(prepare(context, y, params, &p));
    HhGrid grid;
    HH_TRY(hh_grid_create(context, &p, true, 0.0, &grid));
    HhStatus status = pseudo_of_grid(context, y, &p, &grid, out);
    hh_grid_destroy(&grid);
    return status;
}

/* Puts the bins of `low` below those of `high`, as many frames as both have. */
static HhStatus stack(HhContext *context, const HhArray *low, const HhArray *high, HhArray *out)
{
    size_t channels = low->shape[0], frames = HH_MIN(low->shape[1], high->shape[1]);
    size_t bins = low->shape[2] + high->shape[2];
    HH_TRY(hh_array_make(context, out, HH_FLOAT32, 3, channels, frames, bins));
    const HhArray *part[2] = {low, high};
    for (size_t c = 0; c < channels; c++)
        for (size_t t = 0; t < frames; t++)
            for (size_t i = 0, at = 0; i < 2; at += part[i++]->shape[2])
                memcpy((float *)out->data + (c * frames + t) * bins + at,
                       (const float *)part[i]->data +
                           (c * part[i]->shape[1] + t) * part[i]->shape[2],
                       part[i]->shape[2] * sizeof(float));
    return HH_OK;
}

static HhStatus full_magnitudes(HhContext *context, const HhSignal *y, const HhCqtParams *p,
                                HhArray *out)
{
    HhCqtPlan *plan;
    HH_TRY(hh_cqt_plan_create(context, p, false, y->rate, &plan));
    HhStatus status = hh_cqt_signal(context, plan, y, true, out);
    hh_cqt_plan_destroy(plan);
    return status;
}

HhStatus hh_hybrid_cqt(HhContext *context, const HhSignal *y, const HhCqtParams *params,
                       HhArray *out)
{
    HhCqtParams p;
    HH_TRY(prepare(context, y, params, &p));
    HhGrid grid;
    HH_TRY(hh_grid_create(context, &p, true, 0.0, &grid));
    size_t full = grid.bins; /* the filters get shorter towards the top */
    while (full > 0 &&
           exp2(ceil(log2(hh_grid_length(&grid, full - 1, y->rate)))) < 2.0 * (double)p.hop_length)
        full--;
    HhCqtParams low = p, high = p;
    low.n_bins = full;
    high.n_bins = p.n_bins - full;
    high.fmin = full < grid.bins ? grid.frequency[full] : 0.0;
    high.tuning = 0.0;
    hh_grid_destroy(&grid);
    if (high.n_bins == 0) return full_magnitudes(context, y, &low, out);
    if (low.n_bins == 0) return hh_pseudo_cqt(context, y, &high, out);
    HhArray parts[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    HhStatus status = full_magnitudes(context, y, &low, &parts[0]);
    if (status == HH_OK) status = hh_pseudo_cqt(context, y, &high, &parts[1]);
    if (status == HH_OK) status = stack(context, &parts[0], &parts[1], out);
    hh_array_free(&parts[0]);
    hh_array_free(&parts[1]);
    return status;
}
