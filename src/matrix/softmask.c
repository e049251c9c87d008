/* Soft and hard masks of one array against another: see heihachi/matrix.h.
 *
 * Powers 1, 2 and 0.5 are librosa's to the last place. Others are raised in double, once for both
 * quotients since the larger is 1, with an exponent of the arrays' type as NumPy's: (1 + p) 1e-7 of
 * the value for float, (1 + p |log of the quotient|) 1e-15 for double. */
#include <float.h>
#include <math.h>
#include <stdatomic.h>

#include "matrix/along.h"

typedef struct Job {
    HhContext *context;
    const HhAxisView *x, *reference;
    const HhMatrixKernels *k;
    double power, nothing;
    unsigned char *out;
    atomic_bool negative;
} Job;

static void mask_run(void *arg, const HhPiece *piece)
{
    Job *job = arg;
    const HhAxisView *x = job->x;
    size_t first = (piece->outer * x->length + piece->begin) * x->inner;
    size_t n = (piece->end - piece->begin) * x->inner, bytes = hh_type_bytes(x->type);
    const unsigned char *a = (const unsigned char *)x->data + first * bytes;
    const unsigned char *b = (const unsigned char *)job->reference->data + first * bytes;
    if (!hh_view_non_negative(job->context, x, a, n) ||
        !hh_view_non_negative(job->context, x, b, n))
        job->negative = true;
    if (isinf(job->power))
        job->k->hard_mask(a, b, job->out + first, n);
    else
        job->k->soft_mask(a, b, job->power, job->nothing, job->out + first * bytes, n);
}

HhStatus hh_softmask(HhContext *context, const HhAxisView *x, const HhAxisView *reference,
                     double power, bool split_zeros, HhArray *out)
{
    HH_TRY(hh_view_check(context, x, false));
    HH_TRY(hh_view_check(context, reference, false));
    if (x->type != reference->type || x->outer != reference->outer ||
        x->length != reference->length || x->inner != reference->inner)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "%zu x %zu x %zu values against %zu x %zu x %zu, or of another type",
                       x->outer, x->length, x->inner, reference->outer, reference->length,
                       reference->inner);
    if (!(power > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "power=%g must be positive", power);
    HH_TRY(hh_array_make(context, out, isinf(power) ? HH_BOOL : x->type, 3, x->outer, x->length,
                         x->inner));
    Job job = {.context = context,
               .x = x,
               .reference = reference,
               .k = hh_view_kernels(context, x),
               .power = power,
               .nothing = split_zeros ? 0.5 : 0.0,
               .out = out->data};
    hh_each_run(context, x, mask_run, &job);
    if (!job.negative) return HH_OK;
    hh_array_free(out);
    return hh_fail(context, HH_ERROR_ARGUMENT, "an array of masks holds a negative value");
}
