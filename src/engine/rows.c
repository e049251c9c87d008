/* See rows.h. */
#include "engine/rows.h"

#include <string.h>

HhStatus hh_rows_init(HhContext *context, HhRows *rows, size_t columns, size_t expected)
{
    *rows = (HhRows){.columns = columns};
    return hh_rows_reserve(context, rows, expected);
}

void hh_rows_free(HhContext *context, HhRows *rows)
{
    hh_free(context, rows->values);
    *rows = (HhRows){.columns = rows->columns};
}

HhStatus hh_rows_reserve(HhContext *context, HhRows *rows, size_t count)
{
    if (count <= rows->capacity) return HH_OK;
    size_t capacity = HH_MAX(count, rows->capacity + rows->capacity / 2);
    float *values = hh_alloc(context, capacity * rows->columns, sizeof *values);
    if (!values) return hh_fail_memory(context);
    if (rows->count > 0) memcpy(values, rows->values, rows->count * rows->columns * sizeof *values);
    hh_free(context, rows->values);
    rows->values = values;
    rows->capacity = capacity;
    return HH_OK;
}

HhStatus hh_rows_take(HhContext *context, HhRows *rows, HhArray *array)
{
    *array = (HhArray){
        HH_FLOAT32, 2, {rows->count, rows->columns, 0, 0}, rows->values, hh_allocator(context)};
    *rows = (HhRows){.columns = rows->columns};
    return HH_OK;
}
