/* Per-frame values of a track whose length is known roughly or not at all: one array that grows
 * between rounds and is handed over as it is. Tasks write different rows at the same time; nothing
 * moves during a round. */
#ifndef HH_ROWS_H
#define HH_ROWS_H

#include "base/base.h"

typedef struct HhRows {
    size_t columns, count, capacity; /* values of a row, rows, rows there is room for */
    float *values;
} HhRows;

/* Room for `expected` rows is asked for at once, so that a track of known length is never copied;
 * untouched memory costs nothing. */
HhStatus hh_rows_init(HhContext *context, HhRows *rows, size_t columns, size_t expected);
void hh_rows_free(HhContext *context, HhRows *rows);
/* Room for rows 0..count-1; `rows->count` stays. */
HhStatus hh_rows_reserve(HhContext *context, HhRows *rows, size_t count);
static inline float *hh_rows_at(const HhRows *rows, size_t row)
{
    return rows->values + row * rows->columns;
}
/* Hands the rows over as an array {count, columns}; none are left. */
HhStatus hh_rows_take(HhContext *context, HhRows *rows, HhArray *array);

#endif
