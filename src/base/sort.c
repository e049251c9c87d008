/* Sorting in place without memory of its own, which qsort() of the C library does not promise, and
 * without a call per comparison. At worst count * log(count). */
#include "base/base.h"

#define SORT_TYPE       float
#define SORT_NAME(part) part##_f32
#include "base/sort_of.h"
#undef SORT_TYPE
#undef SORT_NAME

#define SORT_TYPE       double
#define SORT_NAME(part) part##_f64
#include "base/sort_of.h"
#undef SORT_TYPE
#undef SORT_NAME

#define SORT_TYPE       size_t
#define SORT_NAME(part) part##_size
#include "base/sort_of.h"
#undef SORT_TYPE
#undef SORT_NAME

/* Twice the halvings that good partitions need. */
static int deepest(size_t count)
{
    int depth = 0;
    for (; count > 1; count /= 2) depth += 2;
    return depth;
}

void hh_sort_f32(float *x, size_t count)
{
    range_f32(x, count, deepest(count));
}

void hh_sort_f64(double *x, size_t count)
{
    range_f64(x, count, deepest(count));
}

void hh_sort_sizes(size_t *x, size_t count)
{
    range_size(x, count, deepest(count));
}
