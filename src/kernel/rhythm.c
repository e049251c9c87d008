/* See rhythm.h. Compiled once per CPU level. The rises and the weighted sums are plain loops, which
 * the compiler turns into vectors; where one value is chosen over another it does not always, and
 * the medians and the predecessors are written with registers.
 *
 * The median bisects on the bit pattern: values at least 0 order like the integers that hold them,
 * so the k-th smallest is the largest v with at most k values below v, found bit by bit from the
 * top. Cost 32 passes over the tile, about 2.7 us for the HH_TILE medians of 128 values each at the
 * widest level; exact. */
#include "kernel/rhythm.h"

#include <math.h>
#include <string.h>

#include "kernel/lanes.h"

static void rise(const float *now, const float *before, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float d = now[i] - before[i];
        out[i] = d > 0.0f ? d : 0.0f;
    }
}

static float rise_sum(const float *now, const float *before, size_t n)
{
    float sum[HH_TILE] = {0};
    size_t i = 0;
    for (; i + HH_TILE <= n; i += HH_TILE)
        for (size_t l = 0; l < HH_TILE; l++) {
            float d = now[i + l] - before[i + l];
            sum[l] += d > 0.0f ? d : 0.0f;
        }
    for (size_t l = 0; i < n; i++, l++) {
        float d = now[i] - before[i];
        sum[l] += d > 0.0f ? d : 0.0f;
    }
    for (size_t half = HH_TILE / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) sum[l] += sum[l + half];
    return sum[0];
}

/* A row of a tile is VECTORS vectors, vector j of them the lanes from j * HH_LANES on. */
enum { VECTORS = HH_TILE / HH_LANES };

static inline HhInts bits_of(const float *tile, size_t row, int j)
{
    return (HhInts)hh_load_f32(tile + row * HH_TILE + (size_t)(j * HH_LANES));
}

/* value[l] = the k-th smallest (from 0) of column l, as an integer. */
static void tile_select(const float *tile, size_t rows, int32_t k, int32_t *value)
{
    HhInts found[VECTORS] = {{0}};
    for (int bit = 30; bit >= 0; bit--) {
        HhInts trial[VECTORS], below[VECTORS] = {{0}};
        for (int j = 0; j < VECTORS; j++) trial[j] = found[j] | (int32_t)(1u << bit);
        for (size_t r = 0; r < rows; r++)
            for (int j = 0; j < VECTORS; j++) below[j] -= bits_of(tile, r, j) < trial[j];
        for (int j = 0; j < VECTORS; j++)
            found[j] = hh_select_i32(below[j] <= k, trial[j], found[j]);
    }
    memcpy(value, found, sizeof found);
}

/* next[l] = the (k + 1)-th smallest when value[l] is the k-th. */
static void tile_next(const float *tile, size_t rows, int32_t k, const int32_t *value,
                      int32_t *next)
{
    HhInts here[VECTORS], above[VECTORS], up_to[VECTORS] = {{0}};
    memcpy(here, value, sizeof here);
    for (int j = 0; j < VECTORS; j++) above[j] = (HhInts){0} + INT32_MAX;
    for (size_t r = 0; r < rows; r++)
        for (int j = 0; j < VECTORS; j++) {
            HhInts x = bits_of(tile, r, j), beyond = x > here[j];
            up_to[j] -= ~beyond;
            above[j] = hh_select_i32(beyond & (x < above[j]), x, above[j]);
        }
    for (int j = 0; j < VECTORS; j++) above[j] = hh_select_i32(up_to[j] > k + 1, here[j], above[j]);
    memcpy(next, above, sizeof above);
}

static void tile_median(const float *tile, size_t rows, float *median)
{
    int32_t low[HH_TILE], high[HH_TILE];
    int32_t k = (int32_t)((rows - 1) / 2);
    tile_select(tile, rows, k, low);
    memcpy(high, low, sizeof high);
    if (rows % 2 == 0) tile_next(tile, rows, k, low, high);
    float a[HH_TILE], b[HH_TILE];
    memcpy(a, low, sizeof a);
    memcpy(b, high, sizeof b);
    for (size_t l = 0; l < HH_TILE; l++) median[l] = 0.5f * (a[l] + b[l]);
}

static void best_predecessor(const double *score, const double *penalty, int from, int to,
                             double *best, double *distance)
{
    /* as many at a time as sixteen registers hold */
    enum { GROUP = HH_LANES == 4 ? HH_TILE / 2 : HH_TILE, COUNT = GROUP / HH_DOUBLE_LANES };
    for (int g = 0; g < HH_TILE; g += GROUP) {
        HhDoubles top[COUNT], at[COUNT];
        for (int j = 0; j < COUNT; j++) {
            top[j] = (HhDoubles){0} - (double)INFINITY;
            at[j] = (HhDoubles){0} - 1.0;
        }
        for (int d = from; d <= to; d++) {
            HhDoubles cost = (HhDoubles){0} + penalty[d - from], where = (HhDoubles){0} + (double)d;
            for (int j = 0; j < COUNT; j++) {
                HhDoubles s = hh_load_f64(score + g + j * HH_DOUBLE_LANES - d) - cost;
                at[j] = hh_select_f64((HhLongs)(s > top[j]), where, at[j]);
                top[j] = hh_max_f64(s, top[j]);
            }
        }
        for (int j = 0; j < COUNT; j++) {
            hh_store_f64(best + g + j * HH_DOUBLE_LANES, top[j]);
            hh_store_f64(distance + g + j * HH_DOUBLE_LANES, at[j]);
        }
    }
}

static void add_weighted(const double *restrict tile, const double *restrict weight, size_t rows,
                         double *restrict sum)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < HH_TILE; l++)
            sum[r * HH_TILE + l] += tile[r * HH_TILE + l] * weight[l];
}

static void windowed_energy(const double *restrict x, const double *restrict squares,
                            size_t win_length, double *restrict energy)
{
    double sum[HH_TILE] = {0};
    for (size_t j = 0; j < win_length; j++)
        for (size_t l = 0; l < HH_TILE; l++) sum[l] += squares[j] * (x[j + l] * x[j + l]);
    memcpy(energy, sum, sizeof sum);
}

static void hann_lags(const double *x, const double *weight, const HhHannTerm *terms,
                      size_t win_length, double *sum)
{
    enum { GROUP = HH_LANES == 16 ? 2 : 1, WIDTH = GROUP * HH_DOUBLE_LANES };
    for (size_t g = 0; g < HH_TILE; g += WIDTH) {
        HhDoubles here[GROUP], s[5][GROUP] = {{{0}}};
        for (size_t v = 0; v < GROUP; v++) here[v] = hh_load_f64(x + g + v * HH_DOUBLE_LANES);
        for (size_t j = 1; j < win_length; j++) {
            size_t k = win_length - 1 - j;
            const double *place = terms[j].at_place, *lag = terms[k].at_lag;
            for (size_t v = 0; v < GROUP; v++) {
                size_t at = g + v * HH_DOUBLE_LANES;
                HhDoubles u = hh_load_f64(weight + at - j);
                s[0][v] += u;
                for (int i = 0; i < 4; i++) s[i + 1][v] += place[i] * u;
                HhDoubles product = (lag[0] * s[0][v] + lag[1] * s[1][v]) +
                                    (lag[2] * s[2][v] + lag[3] * s[3][v]) + lag[4] * s[4][v];
                double *out = sum + k * HH_TILE + at;
                hh_store_f64(out, hh_load_f64(out) + here[v] * hh_load_f64(x + at + k) * product);
            }
        }
    }
}

const HhRhythmKernels HH_AT_LEVEL(hh_rhythm_kernels) = {
    .rise = rise,
    .rise_sum = rise_sum,
    .tile_median = tile_median,
    .best_predecessor = best_predecessor,
    .add_weighted = add_weighted,
    .windowed_energy = windowed_energy,
    .hann_lags = hann_lags,
};
