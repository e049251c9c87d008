/* See viterbi.h. Targets travel in tiles.
 *
 * Because f is concave, the best source of a target never lies before that of an earlier target
 * (the matrix is totally monotone; A. Aggarwal et al., "Geometric applications of a
 * matrix-searching algorithm", Algorithmica 2, 1987). So the best sources of the first target of
 * each tile bracket those of the tile: about a fifth of a band of 101 is looked at. Rounding does
 * not spoil this: f bends by at least 1 / width^2 per step, many orders of magnitude above the
 * error of a sum. */
#include "kernel/viterbi.h"

#include <math.h>

#include "kernel/lanes.h"

extern const HhViterbiKernels HH_AT_LEVEL(hh_viterbi_kernels);

enum { VECTORS = HH_TILE / HH_DOUBLE_LANES };

typedef long long Mask __attribute__((vector_size(sizeof(HhDoubles))));

static inline HhDoubles choose(Mask mask, HhDoubles yes, HhDoubles no)
{
    return (HhDoubles)(((Mask)yes & mask) | ((Mask)no & ~mask));
}

/* Sources first_source..end-1 to the tile of targets that begins at `first`. Explicit vectors: left
 * to itself, the compiler takes the inner loop apart into scalars. */
static inline void raise_tile(const HhBandMatrix *band, const double *value, double base,
                              size_t first_source, size_t end, size_t first, double *best,
                              double *from)
{
    HhDoubles b[VECTORS], f[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
        b[i] = hh_load_f64(best + i * HH_DOUBLE_LANES);
        f[i] = hh_load_f64(from + i * HH_DOUBLE_LANES);
    }
    HhDoubles index = (HhDoubles){0} + (base + (double)first_source);
    for (size_t k = first_source; k < end; k++, index += 1.0) {
        const double *weight = band->row[k] + ((ptrdiff_t)first - (ptrdiff_t)k);
        for (int i = 0; i < VECTORS; i++) {
            HhDoubles sum = hh_load_f64(weight + i * HH_DOUBLE_LANES) + value[k];
            Mask higher = sum > b[i];
            b[i] = choose(higher, sum, b[i]);
            f[i] = choose(higher, index, f[i]);
        }
    }
    for (int i = 0; i < VECTORS; i++) {
        hh_store_f64(best + i * HH_DOUBLE_LANES, b[i]);
        hh_store_f64(from + i * HH_DOUBLE_LANES, f[i]);
    }
}

static size_t first_source_of(const HhBandMatrix *band, size_t j)
{
    return j > band->right ? j - band->right : 0;
}

static size_t last_source_of(const HhBandMatrix *band, size_t j)
{
    return j + band->left < band->states ? j + band->left : band->states - 1;
}

/* The first best source of target j among low..last_source_of(j). */
static inline size_t best_source(const HhBandMatrix *band, const double *value, size_t j,
                                 size_t low, double *highest)
{
    HhDoubles best[VECTORS], from[VECTORS], index[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
        for (int l = 0; l < HH_DOUBLE_LANES; l++)
            index[i][l] = (double)(low + (size_t)(i * HH_DOUBLE_LANES + l));
        best[i] = (HhDoubles){0} - (double)INFINITY;
        from[i] = index[i];
    }
    const double *column = band->column[j] - (ptrdiff_t)j;
    size_t high = last_source_of(band, j);
    for (size_t k = low; k <= high; k += HH_TILE) {
        for (int i = 0; i < VECTORS; i++) {
            size_t at = k + (size_t)(i * HH_DOUBLE_LANES);
            HhDoubles sum = hh_load_f64(value + at) + hh_load_f64(column + at);
            Mask higher = sum > best[i];
            best[i] = choose(higher, sum, best[i]);
            from[i] = choose(higher, index[i], from[i]);
            index[i] += HH_TILE;
        }
    }
    /* the highest of all lanes, and of equal ones the first source */
    double top = best[0][0];
    for (int i = 0; i < VECTORS; i++)
        for (int l = 0; l < HH_DOUBLE_LANES; l++) top = best[i][l] > top ? best[i][l] : top;
    double source = (double)band->states;
    for (int i = 0; i < VECTORS; i++)
        for (int l = 0; l < HH_DOUBLE_LANES; l++)
            source = best[i][l] == top && from[i][l] < source ? from[i][l] : source;
    *highest = top;
    return (size_t)source;
}

static void spread(const HhBandMatrix *band, const double *value, double base, double *best,
                   double *from)
{
    double ignored;
    size_t low = best_source(band, value, 0, 0, &ignored);
    for (size_t first = 0; first < band->states; first += HH_TILE) {
        size_t next = first + HH_TILE < band->states ? first + HH_TILE : band->states - 1;
        size_t reach = first_source_of(band, next);
        size_t high = best_source(band, value, next, reach > low ? reach : low, &ignored);
        raise_tile(band, value, base, low, high + 1, first, best + first, from + first);
        low = high;
    }
}

static void spread_one(const HhBandMatrix *band, size_t k, double value, double index, double *best,
                       double *from)
{
    size_t low = k > band->left ? k - band->left : 0;
    size_t high = k + band->right < band->states ? k + band->right : band->states - 1;
    for (size_t j = low / HH_TILE * HH_TILE; j <= high; j += HH_TILE) {
        const double *weight = band->row[k] + ((ptrdiff_t)j - (ptrdiff_t)k);
        for (int i = 0; i < HH_TILE; i += HH_DOUBLE_LANES) {
            HhDoubles sum = hh_load_f64(weight + i) + value, b = hh_load_f64(best + j + i),
                      f = hh_load_f64(from + j + i);
            Mask higher = sum > b;
            hh_store_f64(best + j + i, choose(higher, sum, b));
            hh_store_f64(from + j + i, choose(higher, (HhDoubles){0} + index, f));
        }
    }
}

static void gather(const HhBandMatrix *band, const double *value, size_t j, double base,
                   double *best, double *from)
{
    double highest;
    size_t source = best_source(band, value, j, first_source_of(band, j), &highest);
    if (highest > *best) {
        *best = highest;
        *from = base + (double)source;
    }
}

static void settle(const double *restrict best, const double *restrict from, double add, size_t n,
                   double *restrict value, uint16_t *restrict pointer, double *lowest,
                   double *highest)
{
    double low[HH_TILE], high[HH_TILE];
    for (int l = 0; l < HH_TILE; l++) {
        low[l] = (double)INFINITY;
        high[l] = -(double)INFINITY;
    }
    for (size_t i = 0; i < n; i += HH_TILE) {
        size_t count = n - i < HH_TILE ? n - i : HH_TILE;
        for (size_t l = 0; l < count; l++) {
            double v = best[i + l] + add;
            value[i + l] = v;
            pointer[i + l] = (uint16_t)(int)from[i + l];
            low[l] = v < low[l] ? v : low[l];
            high[l] = v > high[l] ? v : high[l];
        }
    }
    *lowest = low[0];
    *highest = high[0];
    for (int l = 1; l < HH_TILE; l++) {
        *lowest = low[l] < *lowest ? low[l] : *lowest;
        *highest = high[l] > *highest ? high[l] : *highest;
    }
}

const HhViterbiKernels HH_AT_LEVEL(hh_viterbi_kernels) = {
    .spread = spread,
    .spread_one = spread_one,
    .gather = gather,
    .settle = settle,
};
