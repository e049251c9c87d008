/* Means over segments: see heihachi/matrix.h. Complex numbers are two lines side by side. Sums in
 * double are rounded once, so that they are nearer to the means than NumPy's sums in float. */
#include <math.h>

#include "matrix/along.h"

typedef struct Job {
    HhAxisView x; /* of real numbers */
    const HhMatrixKernels *k;
    const size_t *boundary;
    size_t segments, bytes;
    unsigned char *out;
} Job;

static double mean(double sum, size_t count)
{
    return count > 0 ? sum / (double)count : (double)NAN;
}

/* Segments of one line in one run of memory. */
static void contiguous_line(const Job *job, size_t line)
{
    const unsigned char *x = (const unsigned char *)job->x.data + line * job->x.length * job->bytes;
    unsigned char *out = job->out + line * job->segments * job->bytes;
    double means[HH_LINES];
    for (size_t first = 0; first < job->segments; first += HH_LINES) {
        size_t n = HH_MIN(job->segments - first, HH_LINES);
        const size_t *boundary = job->boundary + first;
        for (size_t s = 0; s < n; s++) {
            size_t count = boundary[s + 1] - boundary[s];
            means[s] = mean(job->k->sum(x + boundary[s] * job->bytes, count), count);
        }
        job->k->narrow(means, out + first * job->bytes, n);
    }
}

static void mean_lines(void *arg, const HhPiece *piece)
{
    const Job *job = arg;
    const HhAxisView *x = &job->x;
    if (x->inner == 1) {
        contiguous_line(job, piece->outer);
        return;
    }
    const unsigned char *from = (const unsigned char *)x->data +
                                (piece->outer * x->length * x->inner + piece->first) * job->bytes;
    size_t n = piece->count, row = x->inner * job->bytes;
    double total[HH_LINES];
    for (size_t s = 0; s < job->segments; s++) {
        size_t begin = job->boundary[s], end = job->boundary[s + 1];
        job->k->sum_rows(from + begin * row, x->inner, end - begin, total, n);
        for (size_t i = 0; i < n; i++) total[i] = mean(total[i], end - begin);
        size_t place = (piece->outer * job->segments + s) * x->inner + piece->first;
        job->k->narrow(total, job->out + place * job->bytes, n);
    }
}

/* Segments of nothing. */
static void make_nan(const Job *job, size_t count)
{
    const double nan = (double)NAN;
    for (size_t i = 0; i < count; i++) job->k->narrow(&nan, job->out + i * job->bytes, 1);
}

HhStatus hh_sync(HhContext *context, const HhAxisView *x, const size_t *boundary, size_t segments,
                 HhArray *out)
{
    HH_TRY(hh_view_check(context, x, true));
    if (!boundary) return hh_fail(context, HH_ERROR_ARGUMENT, "there are no boundaries");
    for (size_t s = 0; s <= segments; s++)
        if (boundary[s] > x->length || (s > 0 && boundary[s] < boundary[s - 1]))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "boundary %zu is %zu: ascending, and at most %zu", s, boundary[s],
                           x->length);
    HH_TRY(hh_array_make(context, out, x->type, 3, x->outer, segments, x->inner));
    size_t parts = hh_view_complex(x) ? 2 : 1;
    Job job = {.x = *x,
               .k = hh_view_kernels(context, x),
               .boundary = boundary,
               .segments = segments,
               .bytes = hh_type_bytes(x->type) / parts,
               .out = out->data};
    job.x.inner *= parts;
    if (x->length > 0)
        hh_each_line(context, &job.x, mean_lines, &job);
    else
        make_nan(&job, hh_array_count(out) * parts);
    return HH_OK;
}
