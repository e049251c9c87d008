/* Division of lines by their norm: see heihachi/matrix.h.
 *
 * Up to HH_LINES lines at a time: one total each, all in double. Where the axis is contiguous a
 * line is walked in steps of HH_LINES values instead, which gives as many totals to fold into one.
 * The quotients are librosa's to the last place of the result's type, but for what the order of a
 * sum in double changes. Cost: three passes over values that are then in the cache. */
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "matrix/along.h"

void hh_normalize_defaults(HhNormalizeParams *params)
{
    *params = (HhNormalizeParams){
        .size = sizeof *params, .norm = (double)INFINITY, .threshold = (double)NAN};
}

typedef struct Job {
    HhContext *context;
    const HhAxisView *x;
    const HhMatrixKernels *k, *doubles; /* of the real type of x; of double */
    HhReduction reduction;
    double norm, threshold;
    HhNormFill fill;
    size_t parts, bytes; /* of a value: 1 or 2 numbers, and how many bytes in all */
    unsigned char *out;
    atomic_bool odd; /* something was not finite */
} Job;

static HhReduction reduction_of(double norm)
{
    if (isinf(norm)) return norm > 0.0 ? HH_REDUCE_MAX : HH_REDUCE_MIN;
    if (norm == 0.0) return HH_REDUCE_COUNT;
    if (norm == 1.0) return HH_REDUCE_SUM;
    return norm == 2.0 ? HH_REDUCE_SQUARES : HH_REDUCE_POWERS;
}

/* Each of n <= HH_LINES values joins its total. */
static void join(const Job *job, const unsigned char *x, double *total, size_t n)
{
    double magnitude[HH_LINES];
    if (job->parts == 1) {
        job->k->reduce(job->reduction, job->norm, x, total, n);
        return;
    }
    job->k->magnitudes(x, magnitude, n);
    job->doubles->reduce(job->reduction, job->norm, magnitude, total, n);
}

static void clear(const Job *job, double *total, size_t n)
{
    double start = job->reduction == HH_REDUCE_MIN ? (double)INFINITY : 0.0;
    for (size_t i = 0; i < n; i++) total[i] = start;
}

/* By what a line is divided whose total this is; NaN if it is to be filled. */
static double divisor(const Job *job, double total)
{
    if (job->reduction == HH_REDUCE_SQUARES) total = sqrt(total);
    if (job->reduction == HH_REDUCE_POWERS) total = pow(total, 1.0 / job->norm);
    if (!(total < job->threshold)) return total;
    if (job->fill == HH_NORM_FILL_NONE) return 1.0;
    return job->fill == HH_NORM_FILL_ONE ? (double)NAN : (double)INFINITY;
}

/* Every value of a line that HH_NORM_FILL_ONE fills. */
static double filling(const Job *job)
{
    return isinf(job->norm) ? 1.0 : pow((double)job->x->length, -1.0 / job->norm);
}

/* `count` values `step` bytes apart. */
static void fill_line(const Job *job, unsigned char *out, size_t step, size_t count)
{
    double value[2] = {filling(job), 0.0};
    for (size_t i = 0; i < count; i++) job->k->narrow(value, out + i * step, job->parts);
}

/* One line in one run of memory. */
static void contiguous_line(Job *job, size_t line)
{
    size_t n = job->x->length, bytes = job->bytes;
    const unsigned char *x = (const unsigned char *)job->x->data + line * n * bytes;
    unsigned char *out = job->out + line * n * bytes;
    double total[HH_LINES];
    clear(job, total, HH_MIN(n, HH_LINES));
    if (!hh_view_finite(job->context, job->x, x, n * job->parts)) job->odd = true;
    for (size_t i = 0; i < n; i += HH_LINES)
        join(job, x + i * bytes, total, HH_MIN(n - i, HH_LINES));
    double by = divisor(job, job->k->fold(job->reduction, total, HH_MIN(n, HH_LINES)));
    job->k->divide_all(x, by, out, n * job->parts);
    if (isnan(by)) fill_line(job, out, bytes, n);
}

static void normalize_lines(void *arg, const HhPiece *piece)
{
    Job *job = arg;
    const HhAxisView *x = job->x;
    if (x->inner == 1) {
        contiguous_line(job, piece->outer);
        return;
    }
    size_t step = x->inner * job->bytes, n = piece->count;
    size_t offset = (piece->outer * x->length * x->inner + piece->first) * job->bytes;
    const unsigned char *from = (const unsigned char *)x->data + offset;
    double by[HH_LINES];
    clear(job, by, n);
    for (size_t i = 0; i < x->length; i++) {
        if (!hh_view_finite(job->context, x, from + i * step, n * job->parts)) job->odd = true;
        join(job, from + i * step, by, n);
    }
    for (size_t i = 0; i < n; i++) by[i] = divisor(job, by[i]);
    for (size_t i = 0; i < x->length; i++) {
        const unsigned char *row = from + i * step;
        unsigned char *out = job->out + offset + i * step;
        (job->parts == 1 ? job->k->divide : job->k->divide_complex)(row, by, out, n);
    }
    for (size_t i = 0; i < n; i++)
        if (isnan(by[i])) fill_line(job, job->out + offset + i * job->bytes, step, x->length);
}

static HhStatus read_params(HhContext *context, const HhNormalizeParams *given, const HhAxisView *x,
                            HhNormalizeParams *p)
{
    hh_normalize_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (isnan(p->threshold)) p->threshold = hh_view_double(x) ? DBL_MIN : (double)FLT_MIN;
    if (!(p->threshold > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "threshold=%g must be positive", p->threshold);
    if ((unsigned)p->fill > HH_NORM_FILL_ZEROS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no filling %d", (int)p->fill);
    if (p->norm < 0.0 && !isinf(p->norm))
        return hh_fail(context, HH_ERROR_ARGUMENT, "norm=%g must not be negative", p->norm);
    if (p->norm == 0.0 && p->fill == HH_NORM_FILL_ONE)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "norm=0 cannot be made 1 by filling: use no filling or zeros");
    return HH_OK;
}

HhStatus hh_normalize(HhContext *context, const HhAxisView *x, const HhNormalizeParams *params,
                      HhArray *out)
{
    HhNormalizeParams p;
    HH_TRY(hh_view_check(context, x, true));
    HH_TRY(read_params(context, params, x, &p));
    HH_TRY(hh_array_make(context, out, x->type, 3, x->outer, x->length, x->inner));
    Job job = {.context = context,
               .x = x,
               .k = hh_view_kernels(context, x),
               .doubles = &hh_kernels(context)->matrix[1],
               .reduction = reduction_of(p.norm),
               .norm = p.norm,
               .threshold = p.threshold,
               .fill = p.fill,
               .parts = hh_view_complex(x) ? 2 : 1,
               .bytes = hh_type_bytes(x->type),
               .out = out->data};
    if (isnan(p.norm)) {
        size_t count = hh_array_count(out);
        if (count > 0) memcpy(out->data, x->data, count * job.bytes);
        job.odd = !hh_view_finite(context, x, x->data, count * job.parts);
    } else {
        hh_each_line(context, x, normalize_lines, &job);
    }
    if (!job.odd) return HH_OK;
    hh_array_free(out);
    return hh_fail(context, HH_ERROR_NOT_FINITE, "the array holds NaN or infinity");
}
