/* Rules about a value and its neighbours along the axis: local maxima and minima, zero crossings
 * (heihachi/matrix.h). Both ends have rules of their own, all between is one run of memory. */
#include <math.h>
#include <string.h>

#include "matrix/along.h"

typedef struct Job {
    const HhAxisView *x;
    const HhMatrixKernels *k;
    bool minima;                     /* of local_run */
    const HhZeroCrossingsParams *of; /* of crossings_run */
    uint8_t *out;
} Job;

/* Value of place `place` along the axis in block `outer`, its first across. */
static const unsigned char *value_at(const HhAxisView *x, size_t outer, size_t place)
{
    size_t index = (outer * x->length + place) * x->inner;
    return (const unsigned char *)x->data + index * hh_type_bytes(x->type);
}

static void local_run(void *arg, const HhPiece *piece)
{
    const Job *job = arg;
    const HhAxisView *x = job->x;
    size_t inner = x->inner, last = x->length - 1;
    uint8_t *out = job->out + piece->outer * x->length * inner;
    void (*rule)(const void *, size_t, bool, uint8_t *, size_t) =
        job->minima ? job->k->local_minima : job->k->local_maxima;
    size_t begin = HH_MAX(piece->begin, (size_t)1), end = HH_MIN(piece->end, last);
    if (piece->begin == 0) memset(out, 0, inner);
    if (begin < end)
        rule(value_at(x, piece->outer, begin), inner, true, out + begin * inner,
             (end - begin) * inner);
    if (piece->end > last && last > 0)
        rule(value_at(x, piece->outer, last), inner, false, out + last * inner, inner);
}

static HhStatus local(HhContext *context, const HhAxisView *x, bool minima, HhArray *out)
{
    HH_TRY(hh_view_check(context, x, false));
    HH_TRY(hh_array_make(context, out, HH_BOOL, 3, x->outer, x->length, x->inner));
    Job job = {.x = x, .k = hh_view_kernels(context, x), .minima = minima, .out = out->data};
    hh_each_run(context, x, local_run, &job);
    return HH_OK;
}

HhStatus hh_local_maxima(HhContext *context, const HhAxisView *x, HhArray *out)
{
    return local(context, x, false, out);
}

HhStatus hh_local_minima(HhContext *context, const HhAxisView *x, HhArray *out)
{
    return local(context, x, true, out);
}

void hh_zero_crossings_defaults(HhZeroCrossingsParams *params)
{
    *params = (HhZeroCrossingsParams){
        .size = sizeof *params, .threshold = 1e-10, .first = true, .zero_pos = true};
}

static void crossings_run(void *arg, const HhPiece *piece)
{
    const Job *job = arg;
    const HhAxisView *x = job->x;
    size_t inner = x->inner, begin = HH_MAX(piece->begin, (size_t)1);
    uint8_t *out = job->out + piece->outer * x->length * inner;
    if (piece->begin == 0) memset(out, job->of->first ? 1 : 0, inner);
    if (begin < piece->end)
        job->k->crossings(value_at(x, piece->outer, begin), inner, job->of->threshold,
                          !job->of->zero_pos, out + begin * inner, (piece->end - begin) * inner);
}

HhStatus hh_zero_crossings(HhContext *context, const HhAxisView *x,
                           const HhZeroCrossingsParams *params, HhArray *out)
{
    HhZeroCrossingsParams p;
    hh_zero_crossings_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_view_check(context, x, false));
    HH_TRY(hh_array_make(context, out, HH_BOOL, 3, x->outer, x->length, x->inner));
    Job job = {.x = x, .k = hh_view_kernels(context, x), .of = &p, .out = out->data};
    hh_each_run(context, x, crossings_run, &job);
    return HH_OK;
}
