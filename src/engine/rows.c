/* See rows.h. */
#include "engine/rows.h"

#include <string.h>

void hh_rows_init(HhRows *rows, size_t columns)
{
    *rows = (HhRows){.columns = columns};
}

void hh_rows_free(HhContext *context, HhRows *rows)
{
    for (size_t i = 0; i < rows->block_count; i++) hh_free(context, rows->blocks[i]);
    hh_free(context, rows->blocks);
    hh_rows_init(rows, rows->columns);
}

HhStatus hh_rows_reserve(HhContext *context, HhRows *rows, size_t count)
{
    size_t needed = (count + HH_ROWS_BLOCK - 1) / HH_ROWS_BLOCK;
    if (needed > rows->block_capacity) {
        size_t capacity = HH_MAX(needed, 2 * rows->block_capacity + 16);
        float **blocks = hh_alloc(context, capacity, sizeof *blocks);
        if (!blocks) return hh_fail_memory(context);
        if (rows->block_count > 0) memcpy(blocks, rows->blocks, rows->block_count * sizeof *blocks);
        hh_free(context, rows->blocks);
        rows->blocks = blocks;
        rows->block_capacity = capacity;
    }
    while (rows->block_count < needed) {
        float *block = hh_alloc(context, HH_ROWS_BLOCK * rows->columns, sizeof *block);
        if (!block) return hh_fail_memory(context);
        rows->blocks[rows->block_count++] = block;
    }
    rows->count = HH_MAX(rows->count, count);
    return HH_OK;
}

HhStatus hh_rows_reserve_ahead(HhContext *context, HhRows *rows, size_t ahead)
{
    size_t count = rows->count;
    HhStatus status = hh_rows_reserve(context, rows, count + ahead);
    rows->count = count;
    return status;
}

HhStatus hh_rows_take(HhContext *context, HhRows *rows, HhArray *array)
{
    HH_TRY(hh_array_make(context, array, HH_FLOAT32, 2, rows->count, rows->columns));
    float *to = array->data;
    for (size_t i = 0; i * HH_ROWS_BLOCK < rows->count; i++) {
        size_t n = HH_MIN((size_t)HH_ROWS_BLOCK, rows->count - i * HH_ROWS_BLOCK) * rows->columns;
        memcpy(to, rows->blocks[i], n * sizeof *to);
        to += n;
        hh_free(context, rows->blocks[i]);
        rows->blocks[i] = NULL;
    }
    hh_rows_free(context, rows);
    return HH_OK;
}
