/* The sort of one type, for sort.c: included once per type with SORT_TYPE and SORT_NAME(part)
 * defined.
 *
 * Introsort (D. R. Musser, "Introspective sorting and selection algorithms", 1997): quicksort with
 * C. A. R. Hoare's partition and the median of three, insertion sort for what is short, heap sort
 * where the partitions are bad. With NaN among the numbers it ends, in no particular order. */

static void SORT_NAME(swap)(SORT_TYPE *a, SORT_TYPE *b)
{
    SORT_TYPE c = *a;
    *a = *b;
    *b = c;
}

static void SORT_NAME(insertion)(SORT_TYPE *x, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        SORT_TYPE value = x[i];
        size_t k = i;
        for (; k > 0 && value < x[k - 1]; k--) x[k] = x[k - 1];
        x[k] = value;
    }
}

static void SORT_NAME(sift_down)(SORT_TYPE *x, size_t root, size_t count)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && x[child] < x[child + 1]) child++;
        if (!(x[root] < x[child])) return;
        SORT_NAME(swap)(&x[root], &x[child]);
    }
}

static void SORT_NAME(heap)(SORT_TYPE *x, size_t count)
{
    for (size_t i = count / 2; i-- > 0;) SORT_NAME(sift_down)(x, i, count);
    for (size_t end = count; end-- > 1;) {
        SORT_NAME(swap)(&x[0], &x[end]);
        SORT_NAME(sift_down)(x, 0, end);
    }
}

/* The number k in [1, count - 1] such that none of the first k is above any of the others. */
static size_t SORT_NAME(partition)(SORT_TYPE *x, size_t count)
{
    SORT_TYPE a = x[0], b = x[count / 2], c = x[count - 1];
    SORT_TYPE low = a < b ? a : b, high = a < b ? b : a;
    SORT_TYPE pivot = c < low ? low : high < c ? high : c;
    for (size_t i = 0, k = count - 1;; i++, k--) {
        while (x[i] < pivot) i++;
        while (pivot < x[k]) k--;
        if (i >= k) return k + 1;
        SORT_NAME(swap)(&x[i], &x[k]);
    }
}

static void SORT_NAME(range)(SORT_TYPE *x, size_t count, int depth)
{
    while (count > 16) {
        if (depth-- == 0) {
            SORT_NAME(heap)(x, count);
            return;
        }
        size_t k = SORT_NAME(partition)(x, count);
        if (k < count - k) {
            SORT_NAME(range)(x, k, depth);
            x += k;
            count -= k;
        } else {
            SORT_NAME(range)(x + k, count - k, depth);
            count = k;
        }
    }
    SORT_NAME(insertion)(x, count);
}
