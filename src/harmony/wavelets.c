/* The filters of the constant-Q transforms at any frequencies, in time: see heihachi/harmony.h and
 * basis.c. Computed in double, rounded once. Cost: a sine and a cosine a sample. */
#include <math.h>
#include <string.h>

#include "harmony/basis.h"

void hh_wavelet_defaults(HhWaveletParams *params)
{
    *params = (HhWaveletParams){
        .size = sizeof *params, .rate = 22050.0, .filter_scale = 1.0, .pad_fft = true, .norm = 1.0};
}

static HhStatus open_grid(HhContext *context, const HhWaveletParams *given, HhWaveletParams *p,
                          HhGrid *grid)
{
    hh_wavelet_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    return hh_grid_of_wavelets(context, p, grid);
}

static HhStatus make_lengths(HhContext *context, const HhGrid *grid, double rate, HhArray *lengths)
{
    HH_TRY(hh_array_make(context, lengths, HH_FLOAT64, 1, grid->bins));
    for (size_t k = 0; k < grid->bins; k++)
        ((double *)lengths->data)[k] = hh_grid_length(grid, k, rate);
    return HH_OK;
}

HhStatus hh_wavelet_lengths(HhContext *context, const HhWaveletParams *params, HhArray *lengths,
                            double *cutoff)
{
    HhWaveletParams p;
    HhGrid grid;
    HH_TRY(open_grid(context, params, &p, &grid));
    if (cutoff) *cutoff = grid.cutoff;
    HhStatus status = make_lengths(context, &grid, p.rate, lengths);
    hh_grid_destroy(&grid);
    return status;
}

typedef struct Job {
    HhContext *context;
    const HhGrid *grid;
    double rate;
    size_t longest;
    double *scratch;  /* [workers][3][longest] */
    float *out;       /* [filters][longest] complex */
    HhStatus *status; /* [workers] */
} Job;

static void make_row(void *arg, size_t k, int worker)
{
    Job *job = arg;
    double *window = job->scratch + (size_t)worker * 3 * job->longest, scale;
    double *re = window + job->longest, *im = re + job->longest;
    float *out = job->out + 2 * k * job->longest;
    size_t count = hh_grid_samples(job->grid, k, job->rate);
    HhStatus status = HH_OK;
    memset(out, 0, 2 * job->longest * sizeof *out);
    if (count == 0) return;
    status = hh_grid_filter(job->context, job->grid, k, job->rate, window, re, im, &scale);
    if (status != HH_OK) {
        job->status[worker] = status;
        return;
    }
    out += 2 * ((job->longest - count) / 2);
    for (size_t n = 0; n < count; n++) {
        out[2 * n] = (float)(re[n] / scale);
        out[2 * n + 1] = (float)(im[n] / scale);
    }
}

/* By doubling and not by a logarithm, which takes a length just above a power of two for it. */
static size_t row_length(const HhGrid *grid, double rate, bool pad_fft)
{
    double longest = 1.0;
    for (size_t k = 0; k < grid->bins; k++)
        longest = HH_MAX(longest, hh_grid_length(grid, k, rate));
    size_t samples = (size_t)ceil(longest), power = 1;
    while (power < samples) power *= 2;
    return pad_fft ? power : samples;
}

static HhStatus make_rows(Job *job)
{
    HhContext *context = job->context;
    size_t workers = (size_t)hh_workers(context);
    job->scratch = hh_alloc(context, workers * 3, job->longest * sizeof *job->scratch);
    job->status = hh_zalloc(context, workers, sizeof *job->status);
    HhStatus status = job->scratch && job->status ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) hh_parallel_for(context, job->grid->bins, make_row, job);
    for (size_t w = 0; w < workers && status == HH_OK; w++) status = job->status[w];
    hh_free(context, job->scratch);
    hh_free(context, job->status);
    return status;
}

HhStatus hh_wavelets(HhContext *context, const HhWaveletParams *params, HhArray *filters,
                     HhArray *lengths)
{
    HhWaveletParams p;
    HhGrid grid;
    HH_TRY(open_grid(context, params, &p, &grid));
    Job job = {.context = context,
               .grid = &grid,
               .rate = p.rate,
               .longest = row_length(&grid, p.rate, p.pad_fft)};
    HhStatus status = hh_array_make(context, filters, HH_COMPLEX64, 2, grid.bins, job.longest);
    if (status == HH_OK) {
        job.out = filters->data;
        status = make_rows(&job);
        if (status == HH_OK && lengths) status = make_lengths(context, &grid, p.rate, lengths);
        if (status != HH_OK) hh_array_free(filters);
    }
    hh_grid_destroy(&grid);
    return status;
}
