/* See viterbi.h. Targets travel in tiles. Most pairs of a tile of sources and a tile of targets are passed over, because the
 * best that the sources could give is below what every target has for certain (its own weight to itself). */
#include "kernel/viterbi.h"

#include <math.h>
#include <string.h>

#include "kernel/level.h"

extern const HhViterbiKernels HH_AT_LEVEL(hh_viterbi_kernels);

static inline double max_of_tile(const double *x)
{
    double m[4] = {x[0], x[1], x[2], x[3]};
    for (int i = 4; i < HH_TILE; i += 4)
        for (int l = 0; l < 4; l++) m[l] = x[i + l] > m[l] ? x[i + l] : m[l];
    double a = m[0] > m[1] ? m[0] : m[1], b = m[2] > m[3] ? m[2] : m[3];
    return a > b ? a : b;
}

/* What every target of this tile has for certain. */
static inline double floor_of_tile(const HhBandMatrix *band, const double *value, const double *best, size_t first,
                                   size_t count)
{
    double lowest = INFINITY;
    for (size_t l = 0; l < count; l++) {
        double own = value[first + l] + band->self[first + l];
        double sure = own > best[l] ? own : best[l];
        lowest = sure < lowest ? sure : lowest;
    }
    return lowest;
}

static inline void raise_tile(const double *restrict weight, double value, double index, double *restrict best,
                              double *restrict from)
{
    for (int l = 0; l < HH_TILE; l++) {
        double sum = value + weight[l];
        int higher = sum > best[l];
        best[l] = higher ? sum : best[l];
        from[l] = higher ? index : from[l];
    }
}

/* Sources first_source..end-1 to the tile of targets that begins at `first`. */
static inline void raise_from(const HhBandMatrix *band, const double *value, double base, size_t first_source, size_t end,
                              size_t first, double *best, double *from)
{
    double b[HH_TILE], f[HH_TILE];
    memcpy(b, best, sizeof b);
    memcpy(f, from, sizeof f);
    for (size_t k = first_source; k < end; k++)
        raise_tile(band->row[k] + ((ptrdiff_t)first - (ptrdiff_t)k), value[k], base + (double)k, b, f);
    memcpy(best, b, sizeof b);
    memcpy(from, f, sizeof f);
}

static void spread(const HhBandMatrix *band, const double *value, double base, double *tile_max, double *best, double *from)
{
    size_t tiles = hh_band_padded(band->states) / HH_TILE;
    for (size_t i = 0; i < tiles; i++) tile_max[i] = max_of_tile(value + i * HH_TILE);
    for (size_t j = 0; j < tiles; j++) {
        size_t first = j * HH_TILE;
        size_t count = band->states - first < HH_TILE ? band->states - first : HH_TILE;
        double sure = floor_of_tile(band, value, best + first, first, count);
        size_t low = first > band->right ? first - band->right : 0;
        size_t high = first + HH_TILE + band->left < band->states ? first + HH_TILE + band->left : band->states;
        const double *bound = band->bound + j * band->reach + band->before - j;
        for (size_t i = low / HH_TILE; i * HH_TILE < high; i++) {
            if (tile_max[i] + bound[i] < sure) continue;
            size_t begin = i * HH_TILE < low ? low : i * HH_TILE;
            size_t end = (i + 1) * HH_TILE > high ? high : (i + 1) * HH_TILE;
            raise_from(band, value, base, begin, end, first, best + first, from + first);
        }
    }
}

static void spread_one(const HhBandMatrix *band, size_t k, double value, double index, double *best, double *from)
{
    size_t low = k > band->left ? k - band->left : 0;
    size_t high = k + band->right < band->states ? k + band->right : band->states - 1;
    const double *row = band->row[k] - (ptrdiff_t)k;
    for (size_t j = low; j <= high; j++) {
        double sum = value + row[j];
        int higher = sum > best[j];
        best[j] = higher ? sum : best[j];
        from[j] = higher ? index : from[j];
    }
}

static void gather(const HhBandMatrix *band, const double *value, size_t j, double base, double *best, double *from)
{
    size_t low = j > band->right ? j - band->right : 0;
    size_t high = j + band->left < band->states ? j + band->left + 1 : band->states;
    const double *column = band->column[j] - (ptrdiff_t)j;
    double b[HH_TILE], f[HH_TILE];
    for (int l = 0; l < HH_TILE; l++) {
        b[l] = -INFINITY;
        f[l] = 0;
    }
    size_t k = low;
    for (; k + HH_TILE <= high; k += HH_TILE) {
        for (int l = 0; l < HH_TILE; l++) {
            double sum = value[k + (size_t)l] + column[k + (size_t)l];
            int higher = sum > b[l];
            b[l] = higher ? sum : b[l];
            f[l] = higher ? (double)(k + (size_t)l) : f[l];
        }
    }
    for (int l = 0; k < high; k++, l++) {
        double sum = value[k] + column[k];
        if (sum > b[l]) {
            b[l] = sum;
            f[l] = (double)k;
        }
    }
    double top = b[0], at = f[0];
    for (int l = 1; l < HH_TILE; l++) {
        if (b[l] > top || (b[l] == top && f[l] < at)) {
            top = b[l];
            at = f[l];
        }
    }
    if (top > *best) {
        *best = top;
        *from = base + at;
    }
}

static void settle(const double *restrict best, const double *restrict from, double add, size_t n,
                   double *restrict value, uint16_t *restrict pointer, double *lowest, double *highest)
{
    double low[HH_TILE], high[HH_TILE];
    for (int l = 0; l < HH_TILE; l++) {
        low[l] = INFINITY;
        high[l] = -INFINITY;
    }
    size_t i = 0;
    for (; i + HH_TILE <= n; i += HH_TILE) {
        for (int l = 0; l < HH_TILE; l++) {
            double v = best[i + (size_t)l] + add;
            value[i + (size_t)l] = v;
            pointer[i + (size_t)l] = (uint16_t)(int)from[i + (size_t)l];
            low[l] = v < low[l] ? v : low[l];
            high[l] = v > high[l] ? v : high[l];
        }
    }
    for (int l = 0; i < n; i++, l++) {
        double v = best[i] + add;
        value[i] = v;
        pointer[i] = (uint16_t)(int)from[i];
        low[l] = v < low[l] ? v : low[l];
        high[l] = v > high[l] ? v : high[l];
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
