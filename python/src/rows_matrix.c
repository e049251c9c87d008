/* include/heihachi/matrix.h for Python: arrays {outer, length, inner}, see along() of
 * heihachi/_arguments.py. */
#include "table.h"

DEFAULTS(hh_delta_defaults, HhDeltaParams)
DEFAULTS(hh_stack_memory_defaults, HhStackParams)
DEFAULTS(hh_normalize_defaults, HhNormalizeParams)
DEFAULTS(hh_zero_crossings_defaults, HhZeroCrossingsParams)

/* What hh_softmask() and hh_sync() take beside arrays. */
typedef struct MaskParams {
    double power;
    bool split_zeros;
} MaskParams;

typedef struct SyncParams {
    const size_t *boundary;
    size_t count;
} SyncParams;

static void mask_defaults_any(void *params)
{
    *(MaskParams *)params = (MaskParams){.power = 1.0};
}

static void sync_defaults_any(void *params)
{
    *(SyncParams *)params = (SyncParams){0};
}

/* The array of an argument, which must be there with three axes. */
static HhStatus view_of(const Inputs *in, int index, HhAxisView *view)
{
    const HhArray *array = input_array(in, index);
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
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_delta(context, &view, params, out) : status;
}

static HhStatus normalize_run(HhContext *context, const Inputs *in, const void *params,
                              HhArray *out)
{
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_normalize(context, &view, params, out) : status;
}

static HhStatus softmask_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    const MaskParams *p = params;
    HhAxisView x, reference;
    HhStatus status = view_of(in, 0, &x);
    if (status == HH_OK) status = view_of(in, 1, &reference);
    if (status != HH_OK) return status;
    return hh_softmask(context, &x, &reference, p->power, p->split_zeros, out);
}

static HhStatus local_maxima_run(HhContext *context, const Inputs *in, const void *params,
                                 HhArray *out)
{
    (void)params;
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_local_maxima(context, &view, out) : status;
}

static HhStatus local_minima_run(HhContext *context, const Inputs *in, const void *params,
                                 HhArray *out)
{
    (void)params;
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_local_minima(context, &view, out) : status;
}

static HhStatus sync_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    const SyncParams *p = params;
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    if (status != HH_OK) return status;
    if (p->count == 0) return HH_ERROR_ARGUMENT;
    return hh_sync(context, &view, p->boundary, p->count - 1, out);
}

static HhStatus stack_memory_run(HhContext *context, const Inputs *in, const void *params,
                                 HhArray *out)
{
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_stack_memory(context, &view, params, out) : status;
}

static HhStatus zero_crossings_run(HhContext *context, const Inputs *in, const void *params,
                                   HhArray *out)
{
    HhAxisView view;
    HhStatus status = view_of(in, 0, &view);
    return status == HH_OK ? hh_zero_crossings(context, &view, params, out) : status;
}

static const Field delta_fields[] = {
    SIZE(HhDeltaParams, width),     SIZE(HhDeltaParams, order), SIZE(HhDeltaParams, poly_order),
    DOUBLE(HhDeltaParams, spacing), INT(HhDeltaParams, mode),   DOUBLE(HhDeltaParams, cval),
};
static const Field stack_fields[] = {
    SIZE(HhStackParams, n_steps),
    INT(HhStackParams, pad),
    BOOL(HhStackParams, frame_major),
    FIELD(HhStackParams, "delay", FIELD_OFFSET, delay),
};
static const Field zero_crossings_fields[] = {
    DOUBLE(HhZeroCrossingsParams, threshold),
    BOOL(HhZeroCrossingsParams, first),
    BOOL(HhZeroCrossingsParams, zero_pos),
};
static const Field normalize_fields[] = {
    DOUBLE(HhNormalizeParams, norm),
    DOUBLE(HhNormalizeParams, threshold),
    INT(HhNormalizeParams, fill),
};
static const Field mask_fields[] = {DOUBLE(MaskParams, power), BOOL(MaskParams, split_zeros)};
static const Field sync_fields[] = {
    FIELD_TWO(SyncParams, "boundary", FIELD_SIZES, boundary, count),
};

static const Row rows[] = {
    {"delta", "m", "v", hh_delta_defaults_any, delta_run, delta_fields, COUNT(delta_fields)},
    {"stack_memory", "m", "v", hh_stack_memory_defaults_any, stack_memory_run, stack_fields,
     COUNT(stack_fields)},
    {"normalize", "m", "v", hh_normalize_defaults_any, normalize_run, normalize_fields,
     COUNT(normalize_fields)},
    {"softmask", "mm", "v", mask_defaults_any, softmask_run, mask_fields, COUNT(mask_fields)},
    {"local_maxima", "m", "v", NULL, local_maxima_run, NULL, 0},
    {"local_minima", "m", "v", NULL, local_minima_run, NULL, 0},
    {"sync", "m", "v", sync_defaults_any, sync_run, sync_fields, COUNT(sync_fields)},
    {"zero_crossings", "m", "v", hh_zero_crossings_defaults_any, zero_crossings_run,
     zero_crossings_fields, COUNT(zero_crossings_fields)},
};

const Rows matrix_rows = {rows, COUNT(rows)};
