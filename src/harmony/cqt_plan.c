/* Plans of the constant-Q transforms: see cqt.c for the octaves. */
#include <math.h>

#include "harmony/cqt.h"

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
static bool same_filters(const HhGrid *grid, const HhOctave *octave, const HhOctave *above,
                         double rate)
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

/* The octave's basis; `plain` keeps the unscaled one and *above the scale of its first row, for the
 * next octave to use if it can. */
static HhStatus octave_basis(HhContext *context, const HhGrid *grid, HhOctave *octave,
                             double top_rate, double factor, bool scale, bool reuse,
                             HhSparse *plain, double *above)
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
    octave->relative = reuse ? scales[0] / *above : 0.0;
    *above = scales[0];
    hh_free(context, scales);
    return status;
}

static void find_columns(HhOctave *octave)
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
    double scale = 1.0;
    HhStatus status = HH_OK;
    int level = 0;
    for (size_t i = 0; i < plan->octaves && status == HH_OK; i++) {
        HhOctave *o = &plan->octave[i];
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
            status =
                octave_basis(context, grid, o, top_rate, factor, p->scale, reuse, &plain, &scale);
        if (status == HH_OK) find_columns(o);
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
        if (!made->octave) status = hh_fail_memory(context);
    }
    if (status == HH_OK) status = make_octaves(made, params, &grid, rate);
    for (int l = 0; status == HH_OK && l < made->levels; l++)
        made->undo[l] = (float)exp2(-0.5 * (made->halvings + l));
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
    for (int i = 0; i < HH_CQT_SIZES; i++) hh_fft_destroy(plan->fft[i]);
    hh_free(plan->context, plan->octave);
    hh_free(plan->context, plan);
}

int hh_cqt_plan_halvings(const HhCqtPlan *plan)
{
    return plan->halvings;
}

int hh_cqt_plan_levels(const HhCqtPlan *plan)
{
    return plan->levels;
}

size_t hh_cqt_plan_bins(const HhCqtPlan *plan)
{
    return plan->bins;
}
