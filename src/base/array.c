/* Result arrays: see array.h. */
#include "base/base.h"

size_t hh_type_bytes(HhType type)
{
    switch (type) {
    case HH_FLOAT32:
        return 4;
    case HH_FLOAT64:
    case HH_COMPLEX64:
    case HH_INT64:
        return 8;
    case HH_BOOL:
        return 1;
    case HH_COMPLEX128:
        return 16;
    }
    return 0;
}

size_t hh_array_count(const HhArray *array)
{
    size_t count = 1;
    for (int i = 0; i < array->dimensions; i++) count *= array->shape[i];
    return count;
}

void hh_array_free(HhArray *array)
{
    if (!array) return;
    if (array->data && array->owner.release) array->owner.release(array->owner.user, array->data);
    *array = (HhArray)HH_ARRAY_INIT;
}

HhStatus hh_array_make(HhContext *context, HhArray *array, HhType type, int dimensions, ...)
{
    if (!array || dimensions < 0 || dimensions > HH_MAX_DIMENSIONS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no array, or one of %d dimensions", dimensions);
    HhArray made = HH_ARRAY_INIT;
    made.type = type;
    made.dimensions = dimensions;
    va_list list;
    va_start(list, dimensions);
    size_t count = 1;
    bool overflow = false;
    for (int i = 0; i < dimensions; i++) {
        made.shape[i] = va_arg(list, size_t);
        if (made.shape[i] != 0 && count > SIZE_MAX / 16 / made.shape[i]) overflow = true;
        count *= made.shape[i];
    }
    va_end(list);
    *array = (HhArray)HH_ARRAY_INIT;
    if (overflow) return hh_fail_memory(context);
    made.data = hh_alloc(context, count, hh_type_bytes(type));
    if (!made.data) return hh_fail_memory(context);
    made.owner = hh_allocator(context);
    *array = made;
    return HH_OK;
}

HhStatus hh_array_make_like(HhContext *context, HhArray *array, const HhArray *model, HhType type)
{
    const size_t *shape = model->shape;
    return hh_array_make(context, array, type, model->dimensions, shape[0], shape[1], shape[2],
                         shape[3]);
}
