/* Savitzky-Golay derivatives: see heihachi/matrix.h.
 *
 * The derivative at t of the polynomial nearest to values x_k at places k = -h..h is linear in the
 * values: sum over k of w_k x_k with
 *     w_k = sum over j <= order of P_j^(d)(t) P_j(k),
 * P_j the polynomials that are orthonormal on the places (P. A. Gorry, "General least-squares
 * smoothing and differentiation by the convolution (Savitzky-Golay) method", 1990). They come from
 * their three-term recurrence, with places scaled to [-1, 1], which keeps the weights exact to
 * about 1e-14 where powers of k would not. t = 0 gives the weights inside, t = -h..-1 and 1..h
 * those of HH_DELTA_INTERP at the ends; librosa fits those ends in the type of the data, here they
 * are in double. Cost: `width` products a value, in double. */
#include <math.h>
#include <string.h>

#include "base/platform.h"
#include "matrix/along.h"

enum { MOST_WIDTH = 4095 };

void hh_delta_defaults(HhDeltaParams *params)
{
    *params = (HhDeltaParams){.size = sizeof *params, .width = 9, .order = 1, .spacing = 1.0};
}

/* ---- weights ---- */

/* Three polynomials of the recurrence at the places, then three with their derivatives at t. */
typedef struct Recurrence {
    size_t width, order; /* of the derivative */
    double *at[3];       /* [width] */
    double *slope[3];    /* [order + 1] */
} Recurrence;

static double place(size_t width, size_t k)
{
    size_t half = width / 2;
    return ((double)k - (double)half) / (double)half;
}

static double norm_of(const Recurrence *r, int which)
{
    double sum = 0.0;
    for (size_t k = 0; k < r->width; k++) sum += r->at[which][k] * r->at[which][k];
    return sqrt(sum);
}

static void scale(Recurrence *r, int which, double by)
{
    for (size_t k = 0; k < r->width; k++) r->at[which][k] *= by;
    for (size_t d = 0; d <= r->order; d++) r->slope[which][d] *= by;
}

/* P_next = x P_now - (x P_now . P_before) P_before, then its norm made 1. */
static void advance(Recurrence *r, double t, int before, int now, int next)
{
    double beta = 0.0;
    for (size_t k = 0; k < r->width; k++)
        beta += place(r->width, k) * r->at[now][k] * r->at[before][k];
    for (size_t k = 0; k < r->width; k++)
        r->at[next][k] = place(r->width, k) * r->at[now][k] - beta * r->at[before][k];
    for (size_t d = 0; d <= r->order; d++) {
        double lower = d > 0 ? (double)d * r->slope[now][d - 1] : 0.0;
        r->slope[next][d] = t * r->slope[now][d] + lower - beta * r->slope[before][d];
    }
    scale(r, next, 1.0 / norm_of(r, next));
}

/* Weights of the derivative at place `at` of width places; memory: 3 * (width + order + 1). */
static void make_weights(const HhDeltaParams *p, size_t at, double *memory, double *weight)
{
    Recurrence r = {.width = p->width, .order = p->order};
    for (int i = 0; i < 3; i++) {
        r.at[i] = memory + (size_t)i * (p->width + p->order + 1);
        r.slope[i] = r.at[i] + p->width;
    }
    memset(memory, 0, 3 * (p->width + p->order + 1) * sizeof *memory);
    memset(weight, 0, p->width * sizeof *weight);
    size_t half = p->width / 2;
    double t = place(p->width, at), factor = pow((double)half * p->spacing, -(double)p->order);
    for (size_t k = 0; k < p->width; k++) r.at[0][k] = 1.0;
    r.slope[0][0] = 1.0;
    scale(&r, 0, 1.0 / norm_of(&r, 0));
    for (size_t j = 0;; j++) {
        int now = (int)(j % 3), next = (int)((j + 1) % 3), before = (int)((j + 2) % 3);
        for (size_t k = 0; k < p->width; k++)
            weight[k] += factor * r.slope[now][p->order] * r.at[now][k];
        if (j == p->poly_order) break;
        advance(&r, t, before, now, next);
    }
}

/* ---- along the axis ---- */

typedef struct Job {
    HhContext *context;
    const HhAxisView *x;
    const HhMatrixKernels *k;
    HhDeltaParams p;
    const double *weight; /* [width] inside, or with HH_DELTA_INTERP [width][width] by place */
    size_t half, bytes;
    unsigned char *out;
    HhStatus *status; /* [outer] of the ends */
} Job;

static const unsigned char *row_at(const Job *job, size_t outer, size_t row)
{
    return (const unsigned char *)job->x->data +
           (outer * job->x->length + row) * job->x->inner * job->bytes;
}

static unsigned char *out_at(const Job *job, size_t outer, size_t row)
{
    return job->out + (outer * job->x->length + row) * job->x->inner * job->bytes;
}

static const double *middle_weight(const Job *job)
{
    return job->p.mode == HH_DELTA_INTERP ? job->weight + job->half * job->p.width : job->weight;
}

static void inside(void *arg, const HhPiece *piece)
{
    const Job *job = arg;
    const HhAxisView *x = job->x;
    size_t begin = HH_MAX(piece->begin, job->half);
    size_t end = x->length > job->half ? HH_MIN(piece->end, x->length - job->half) : 0;
    if (begin < end)
        job->k->correlate(row_at(job, piece->outer, begin - job->half), middle_weight(job),
                          job->p.width, x->inner, out_at(job, piece->outer, begin),
                          (end - begin) * x->inner);
}

static void interpolated_ends(const Job *job, size_t outer)
{
    const HhAxisView *x = job->x;
    size_t width = job->p.width, last = x->length - width;
    for (size_t i = 0; i < job->half; i++) {
        size_t j = width - 1 - i;
        job->k->correlate(row_at(job, outer, 0), job->weight + i * width, width, x->inner,
                          out_at(job, outer, i), x->inner);
        job->k->correlate(row_at(job, outer, last), job->weight + j * width, width, x->inner,
                          out_at(job, outer, last + j), x->inner);
    }
}

/* What row of n stands at `i`; n for cval. */
static size_t source_row(HhDeltaMode mode, ptrdiff_t i, ptrdiff_t n)
{
    if (i >= 0 && i < n) return (size_t)i;
    ptrdiff_t period = 2 * n - 2;
    switch (mode) {
    case HH_DELTA_NEAREST:
        return i < 0 ? 0 : (size_t)n - 1;
    case HH_DELTA_MIRROR:
        if (n == 1) return 0;
        i = (i % period + period) % period;
        return (size_t)(i < n ? i : period - i);
    case HH_DELTA_WRAP:
        return (size_t)((i % n + n) % n);
    case HH_DELTA_CONSTANT:
    case HH_DELTA_INTERP:
        break;
    }
    return (size_t)n;
}

/* Rows [begin, end) through a copy of what they see, continued beyond the ends. */
static void continued_rows(const Job *job, size_t outer, size_t begin, size_t end,
                           unsigned char *copy)
{
    const HhAxisView *x = job->x;
    size_t row_bytes = x->inner * job->bytes, rows = end - begin + 2 * job->half;
    for (size_t r = 0; r < rows; r++) {
        ptrdiff_t i = (ptrdiff_t)(begin + r) - (ptrdiff_t)job->half;
        size_t from = source_row(job->p.mode, i, (ptrdiff_t)x->length);
        unsigned char *to = copy + r * row_bytes;
        if (from < x->length)
            memcpy(to, row_at(job, outer, from), row_bytes);
        else
            for (size_t n = 0; n < x->inner; n++)
                job->k->narrow(&job->p.cval, to + n * job->bytes, 1);
    }
    job->k->correlate(copy, job->weight, job->p.width, x->inner, out_at(job, outer, begin),
                      (end - begin) * x->inner);
}

static void ends(void *arg, size_t outer, int worker)
{
    (void)worker;
    Job *job = arg;
    size_t length = job->x->length, low = HH_MIN(job->half, length);
    uint32_t mode = hh_platform_keep_subnormals();
    if (job->p.mode == HH_DELTA_INTERP) {
        interpolated_ends(job, outer);
    } else {
        unsigned char *copy =
            hh_alloc(job->context, (low + 2 * job->half) * job->x->inner, job->bytes);
        if (copy) {
            continued_rows(job, outer, 0, low, copy);
            if (length > low)
                continued_rows(job, outer, HH_MAX(low, length - job->half), length, copy);
        } else {
            job->status[outer] = HH_ERROR_MEMORY;
        }
        hh_free(job->context, copy);
    }
    hh_platform_restore_subnormals(mode);
}

/* ---- the function ---- */

static HhStatus read_params(HhContext *context, const HhDeltaParams *given, const HhAxisView *x,
                            HhDeltaParams *p)
{
    hh_delta_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->poly_order == 0) p->poly_order = p->order;
    if ((unsigned)p->mode > HH_DELTA_WRAP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no mode %d", (int)p->mode);
    if (p->width < 3 || p->width % 2 != 1 || p->width > MOST_WIDTH)
        return hh_fail(context, HH_ERROR_ARGUMENT, "width=%zu must be odd and 3 to %d", p->width,
                       MOST_WIDTH);
    if (p->mode == HH_DELTA_INTERP && p->width > x->length)
        return hh_fail(context, HH_ERROR_TOO_SHORT,
                       "width=%zu exceeds the %zu values of the axis: another mode goes on beyond "
                       "the ends",
                       p->width, x->length);
    if (p->order < 1) return hh_fail(context, HH_ERROR_ARGUMENT, "order must be at least 1");
    if (p->poly_order >= p->width)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a polynomial of order %zu under %zu values",
                       p->poly_order, p->width);
    if (p->spacing == 0.0 || !isfinite(p->spacing))
        return hh_fail(context, HH_ERROR_ARGUMENT, "spacing=%g", p->spacing);
    return HH_OK;
}

static HhStatus run(Job *job)
{
    HhContext *context = job->context;
    const HhDeltaParams *p = &job->p;
    bool each_place = p->mode == HH_DELTA_INTERP, flat = p->order > p->poly_order;
    size_t sets = each_place ? p->width : 1, outers = job->x->outer;
    double *weight = hh_zalloc(context, sets * p->width, sizeof *weight);
    double *memory = hh_alloc(context, flat ? 0 : 3 * (p->width + p->order + 1), sizeof *memory);
    job->status = hh_zalloc(context, outers, sizeof *job->status);
    HhStatus status = weight && memory && job->status ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) {
        for (size_t i = 0; i < sets && !flat; i++)
            make_weights(p, each_place ? i : job->half, memory, weight + i * p->width);
        job->weight = weight;
        hh_each_run(context, job->x, inside, job);
        if (job->x->length > 0 && job->x->inner > 0) hh_parallel_for(context, outers, ends, job);
    }
    for (size_t i = 0; i < outers && status == HH_OK; i++)
        if (job->status[i] != HH_OK) status = hh_fail_memory(context);
    hh_free(context, weight);
    hh_free(context, memory);
    hh_free(context, job->status);
    return status;
}

HhStatus hh_delta(HhContext *context, const HhAxisView *x, const HhDeltaParams *params,
                  HhArray *out)
{
    HhDeltaParams p;
    HH_TRY(hh_view_check(context, x, false));
    HH_TRY(read_params(context, params, x, &p));
    HH_TRY(hh_array_make(context, out, x->type, 3, x->outer, x->length, x->inner));
    Job job = {.context = context,
               .x = x,
               .k = hh_view_kernels(context, x),
               .p = p,
               .half = p.width / 2,
               .bytes = hh_type_bytes(x->type),
               .out = out->data};
    HhStatus status = run(&job);
    if (status != HH_OK) hh_array_free(out);
    return status;
}
