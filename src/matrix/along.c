/* Views of arrays along an axis, and their pieces: see along.h. */
#include "matrix/along.h"

#include "base/platform.h"

/* Values of a unit of parallel work: enough to make handing it out cheap. */
enum { UNIT = 1 << 15 };

bool hh_view_complex(const HhAxisView *x)
{
    return x->type == HH_COMPLEX64 || x->type == HH_COMPLEX128;
}

bool hh_view_double(const HhAxisView *x)
{
    return x->type == HH_FLOAT64 || x->type == HH_COMPLEX128;
}

const HhMatrixKernels *hh_view_kernels(const HhContext *context, const HhAxisView *x)
{
    return &hh_kernels(context)->matrix[hh_view_double(x) ? 1 : 0];
}

bool hh_view_finite(const HhContext *context, const HhAxisView *x, const void *numbers,
                    size_t count)
{
    const HhVectorKernels *vector = hh_kernels(context)->vector;
    return hh_view_double(x) ? vector->finite_f64(numbers, count)
                             : vector->finite_f32(numbers, count);
}

bool hh_view_non_negative(const HhContext *context, const HhAxisView *x, const void *numbers,
                          size_t count)
{
    const HhVectorKernels *vector = hh_kernels(context)->vector;
    return hh_view_double(x) ? vector->non_negative_f64(numbers, count)
                             : vector->non_negative_f32(numbers, count);
}

HhStatus hh_view_check(HhContext *context, const HhAxisView *x, bool complex)
{
    if (!x) return hh_fail(context, HH_ERROR_ARGUMENT, "there is no array");
    bool real = x->type == HH_FLOAT32 || x->type == HH_FLOAT64;
    if (!real && !(complex && hh_view_complex(x)))
        return hh_fail(context, HH_ERROR_ARGUMENT, "an array of type %d: floats or doubles%s",
                       (int)x->type, complex ? ", real or complex" : "");
    const size_t shape[3] = {x->outer, x->length, x->inner};
    size_t count = hh_type_bytes(x->type);
    for (int i = 0; i < 3; i++) {
        if (shape[i] > 0 && count > PTRDIFF_MAX / shape[i])
            return hh_fail(context, HH_ERROR_ARGUMENT, "an array of %zu x %zu x %zu values",
                           x->outer, x->length, x->inner);
        count *= shape[i];
    }
    if (!x->data && count > 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the array has no values");
    return HH_OK;
}

/* A unit is `pieces` of the total, piece i one of `cuts` in block i / cuts. */
typedef struct Job {
    const HhAxisView *x;
    HhPieceBody *body;
    void *arg;
    bool along;
    size_t cuts, width, pieces, total;
} Job;

static void run_unit(void *arg, size_t index, int worker)
{
    (void)worker;
    const Job *job = arg;
    const HhAxisView *x = job->x;
    uint32_t mode = hh_platform_keep_subnormals();
    size_t end = HH_MIN((index + 1) * job->pieces, job->total);
    for (size_t i = index * job->pieces; i < end; i++) {
        size_t from = i % job->cuts * job->width;
        HhPiece piece = {i / job->cuts, 0, x->length, 0, x->inner};
        if (job->along) {
            piece.begin = from;
            piece.end = HH_MIN(x->length, from + job->width);
        } else {
            piece.first = from;
            piece.count = HH_MIN(x->inner - from, job->width);
        }
        job->body(job->arg, &piece);
    }
    hh_platform_restore_subnormals(mode);
}

/* Pieces of `width` places along the axis or across it. */
static void each(HhContext *context, Job *job, size_t width)
{
    const HhAxisView *x = job->x;
    if (x->outer == 0 || x->length == 0 || x->inner == 0) return;
    size_t across = job->along ? x->inner : x->length, places = job->along ? x->length : x->inner;
    job->width = HH_MIN(width, places);
    job->cuts = (places - 1) / job->width + 1;
    job->total = x->outer * job->cuts;
    size_t values = across > UNIT / job->width ? UNIT : across * job->width;
    job->pieces = UNIT / values;
    hh_parallel_for(context, (job->total - 1) / job->pieces + 1, run_unit, job);
}

void hh_each_run(HhContext *context, const HhAxisView *x, HhPieceBody *body, void *arg)
{
    Job job = {.x = x, .body = body, .arg = arg, .along = true};
    each(context, &job, x->inner >= UNIT ? 1 : UNIT / HH_MAX(x->inner, (size_t)1));
}

void hh_each_line(HhContext *context, const HhAxisView *x, HhPieceBody *body, void *arg)
{
    Job job = {.x = x, .body = body, .arg = arg, .along = false};
    each(context, &job, HH_LINES);
}
