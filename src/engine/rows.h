/* Per-frame values of a track whose length is not known beforehand: rows of floats in blocks that never move, so that
 * tasks may write different rows at the same time. */
#ifndef HH_ROWS_H
#define HH_ROWS_H

#include "base/base.h"

#define HH_ROWS_BLOCK 1024 /* rows; a multiple of HH_TILE, so that a tile never straddles two blocks */

typedef struct HhRows {
    size_t columns, count;
    float **blocks;
    size_t block_count, block_capacity;
} HhRows;

void hh_rows_init(HhRows *rows, size_t columns);
void hh_rows_free(HhContext *context, HhRows *rows);
/* Makes rows 0..count-1 exist; new ones are not set. */
HhStatus hh_rows_reserve(HhContext *context, HhRows *rows, size_t count);
/* Room for rows beyond `count`, which stays: tasks write there in the next round. */
HhStatus hh_rows_reserve_ahead(HhContext *context, HhRows *rows, size_t ahead);
static inline float *hh_rows_at(const HhRows *rows, size_t row)
{
    return rows->blocks[row / HH_ROWS_BLOCK] + row % HH_ROWS_BLOCK * rows->columns;
}
/* All rows as one array {count, columns}; the blocks are freed as they are copied. */
HhStatus hh_rows_take(HhContext *context, HhRows *rows, HhArray *array);

#endif
