/* A tempogram at multiples of the tempo: see heihachi/rhythm.h.
 *
 * Frame by frame the lags' values, a function of their BPM, are read at tempo times factor by
 * linear interpolation, in double as numpy.interp does. The BPM are sorted once; cost: one
 * bisection per factor and frame. */
#include <float.h>
#include <math.h>

#include "base/base.h"
#include "heihachi/rhythm.h"

static const double metric_factors[] = {4.0,       8.0 / 3.0, 3.0,       2.0,       4.0 / 3.0,
                                        3.0 / 2.0, 1.0,       2.0 / 3.0, 3.0 / 4.0, 0.5,
                                        1.0 / 3.0, 3.0 / 8.0, 0.25};

void hh_tempogram_ratio_defaults(HhTempogramRatioParams *params)
{
    *params = (HhTempogramRatioParams){.size = sizeof *params, .hop_length = 512};
}

/* Lags with a finite BPM, by ascending BPM. */
typedef struct Grid {
    size_t count;
    double *bpm; /* [count] */
    size_t *lag;
} Grid;

typedef struct Job {
    const HhArray *tempogram;
    const double *bpm, *factors;
    size_t bpm_frames, factor_count;
    double fill_value;
    Grid grid;
    double *out;
} Job;

/* Equal ones stay in order. Lags that ascend in time fall in BPM, so that this only turns them
 * round. */
static void sort_grid(Grid *grid, double *spare_bpm, size_t *spare_lag)
{
    double *bpm = grid->bpm;
    size_t *lag = grid->lag, n = grid->count;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t start = 0; start < n; start += 2 * width) {
            size_t middle = HH_MIN(start + width, n), end = HH_MIN(start + 2 * width, n);
            size_t i = start, j = middle;
            for (size_t at = start; at < end; at++) {
                size_t from = i < middle && (j == end || bpm[i] <= bpm[j]) ? i++ : j++;
                spare_bpm[at] = bpm[from];
                spare_lag[at] = lag[from];
            }
        }
        double *old_bpm = bpm;
        size_t *old_lag = lag;
        bpm = spare_bpm;
        lag = spare_lag;
        spare_bpm = old_bpm;
        spare_lag = old_lag;
    }
    for (size_t i = 0; i < n && bpm != grid->bpm; i++) {
        grid->bpm[i] = bpm[i];
        grid->lag[i] = lag[i];
    }
}

static HhStatus make_grid(HhContext *context, size_t lags, double rate,
                          const HhTempogramRatioParams *p, Grid *grid)
{
    grid->bpm = hh_alloc(context, lags, 2 * sizeof *grid->bpm);
    grid->lag = hh_alloc(context, lags, 2 * sizeof *grid->lag);
    if (!grid->bpm || !grid->lag) return hh_fail_memory(context);
    for (size_t lag = 0; lag < lags; lag++) {
        double bpm = p->frequencies ? p->frequencies[lag]
                                    : 60.0 * rate / ((double)p->hop_length * (double)lag);
        if (!isfinite(bpm)) continue;
        grid->bpm[grid->count] = bpm;
        grid->lag[grid->count++] = lag;
    }
    if (grid->count == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "none of %zu lags has a finite BPM", lags);
    sort_grid(grid, grid->bpm + lags, grid->lag + lags);
    return HH_OK;
}

static double at_lag(const Job *job, size_t row, size_t lag)
{
    size_t index = row * job->tempogram->shape[2] + lag;
    return job->tempogram->type == HH_FLOAT32 ? (double)((const float *)job->tempogram->data)[index]
                                              : ((const double *)job->tempogram->data)[index];
}

static double read_at(const Job *job, size_t row, double bpm)
{
    const Grid *grid = &job->grid;
    size_t low = 0, high = grid->count;
    if (!(bpm >= grid->bpm[0] && bpm <= grid->bpm[grid->count - 1])) return job->fill_value;
    while (high - low > 1) { /* bpm[low] <= bpm < bpm[high] */
        size_t middle = low + (high - low) / 2;
        if (grid->bpm[middle] <= bpm)
            low = middle;
        else
            high = middle;
    }
    double left = at_lag(job, row, grid->lag[low]), y = left;
    if (bpm != grid->bpm[low]) {
        double right = at_lag(job, row, grid->lag[high]);
        y = (right - left) / (grid->bpm[high] - grid->bpm[low]) * (bpm - grid->bpm[low]) + left;
    }
    if (isnan(y)) return job->fill_value;
    return HH_MIN(HH_MAX(y, -DBL_MAX), DBL_MAX);
}

static void ratio_row(void *arg, size_t row, int worker)
{
    (void)worker;
    const Job *job = arg;
    size_t frames = job->tempogram->shape[1], channel = row / frames, frame = row % frames;
    double bpm = job->bpm[job->bpm_frames == 1 ? channel : channel * frames + frame];
    for (size_t i = 0; i < job->factor_count; i++)
        job->out[row * job->factor_count + i] = read_at(job, row, bpm * job->factors[i]);
}

static HhStatus check(HhContext *context, const HhArray *tempogram, double rate, const double *bpm,
                      size_t bpm_frames, const HhTempogramRatioParams *p)
{
    bool real = tempogram && (tempogram->type == HH_FLOAT32 || tempogram->type == HH_FLOAT64);
    if (!real || tempogram->dimensions != 3 || !tempogram->data || hh_array_count(tempogram) == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a tempogram is of floats or doubles, {channels, frames, lags}, not empty");
    if (!bpm || (bpm_frames != 1 && bpm_frames != tempogram->shape[1]))
        return hh_fail(context, HH_ERROR_ARGUMENT, "tempi of %zu frames for a tempogram of %zu",
                       bpm ? bpm_frames : 0, tempogram->shape[1]);
    if (p->frequencies) return HH_OK;
    if (p->hop_length == 0) return hh_fail(context, HH_ERROR_ARGUMENT, "hop_length=0");
    return hh_rate_check(context, rate);
}

HhStatus hh_tempogram_ratio(HhContext *context, const HhArray *tempogram, double rate,
                            const double *bpm, size_t bpm_frames,
                            const HhTempogramRatioParams *params, HhArray *out)
{
    HhTempogramRatioParams p;
    hh_tempogram_ratio_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(check(context, tempogram, rate, bpm, bpm_frames, &p));
    Job job = {.tempogram = tempogram,
               .bpm = bpm,
               .bpm_frames = bpm_frames,
               .factors = p.factors ? p.factors : metric_factors,
               .factor_count = p.factors ? p.factor_count : HH_COUNT(metric_factors),
               .fill_value = p.fill_value};
    size_t channels = tempogram->shape[0], frames = tempogram->shape[1];
    HhStatus status = make_grid(context, tempogram->shape[2], rate, &p, &job.grid);
    if (status == HH_OK)
        status = hh_array_make(context, out, HH_FLOAT64, 3, channels, frames, job.factor_count);
    if (status == HH_OK) {
        job.out = out->data;
        hh_parallel_for(context, channels * frames, ratio_row, &job);
    }
    hh_free(context, job.grid.bpm);
    hh_free(context, job.grid.lag);
    return status;
}
