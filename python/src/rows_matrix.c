/* include/heihachi/matrix.h for Python: arrays {outer, length, inner}, see along() of
 * heihachi/_arguments.py. */
#include "table.h"

DEFAULTS(hh_delta_defaults, HhDeltaParams)

/* The array of the first argument, which must be there with three axes. */
static HhStatus first_view(const Inputs *in, HhAxisView *view)
{
    const HhArray *array = input_array(in, 0);
    if (!array || array->dimensions != 3) return HH_ERROR_ARGUMENT;
    *view = (HhAxisView){.type = array->type,
                         .outer = array->shape[0],
                         .length = array->shape[1],
                         .inner = array->shape[2],
                         .data = array->data};
    return HH_OK;
}

static HhStatus delta_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    HhAxisView view;
    HhStatus status = first_view(in, &view);
    return status == HH_OK ? hh_delta(context, &view, params, out) : status;
}

static const Field delta_fields[] = {
    SIZE(HhDeltaParams, width),     SIZE(HhDeltaParams, order), SIZE(HhDeltaParams, poly_order),
    DOUBLE(HhDeltaParams, spacing), INT(HhDeltaParams, mode),   DOUBLE(HhDeltaParams, cval),
};

static const Row rows[] = {
    {"delta", "m", "v", hh_delta_defaults_any, delta_run, delta_fields, COUNT(delta_fields)},
};

const Rows matrix_rows = {rows, COUNT(rows)};
