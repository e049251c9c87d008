/* See rhythm.h. Compiled once per CPU level. Plain loops over HH_TILE lanes, which the compiler
 * turns into vectors.
 *
 * The median bisects on the bit pattern: values at least 0 order like the integers that hold them,
 * so the k-th smallest is the largest v with at most k values below v, found bit by bit from the
 * top. Cost 32 passes over the tile, about 0.1 us for the median of 128 values at the widest level;
 * exact. */
#include "kernel/rhythm.h"

#include <math.h>
#include <string.h>

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

static int32_t bits_of(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* value[l] = the k-th smallest (from 0) of column l, as an integer. */
static void tile_select(const float *restrict tile, size_t rows, int32_t k, int32_t *restrict value)
{
    int32_t found[HH_TILE] = {0};
    for (int bit = 30; bit >= 0; bit--) {
        int32_t trial[HH_TILE], below[HH_TILE] = {0};
        for (size_t l = 0; l < HH_TILE; l++) trial[l] = found[l] | (int32_t)(1u << bit);
        for (size_t r = 0; r < rows; r++)
            for (size_t l = 0; l < HH_TILE; l++)
                below[l] += bits_of(tile[r * HH_TILE + l]) < trial[l] ? 1 : 0;
        for (size_t l = 0; l < HH_TILE; l++) found[l] = below[l] <= k ? trial[l] : found[l];
    }
    memcpy(value, found, sizeof found);
}

/* next[l] = the (k + 1)-th smallest when value[l] is the k-th. */
static void tile_next(const float *restrict tile, size_t rows, int32_t k,
                      const int32_t *restrict value, int32_t *restrict next)
{
    int32_t above[HH_TILE], up_to[HH_TILE] = {0};
    for (size_t l = 0; l < HH_TILE; l++) above[l] = INT32_MAX;
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < HH_TILE; l++) {
            int32_t x = bits_of(tile[r * HH_TILE + l]);
            up_to[l] += x <= value[l] ? 1 : 0;
            above[l] = x > value[l] && x < above[l] ? x : above[l];
        }
    for (size_t l = 0; l < HH_TILE; l++) next[l] = up_to[l] > k + 1 ? value[l] : above[l];
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
    double top[HH_TILE], at[HH_TILE];
    for (int l = 0; l < HH_TILE; l++) {
        top[l] = (double)-INFINITY;
        at[l] = -1.0;
    }
    for (int d = from; d <= to; d++) {
        double cost = penalty[d - from], where = (double)d;
        for (int l = 0; l < HH_TILE; l++) {
            double s = score[l - d] - cost;
            at[l] = s > top[l] ? where : at[l];
            top[l] = s > top[l] ? s : top[l];
        }
    }
    memcpy(best, top, sizeof top);
    memcpy(distance, at, sizeof at);
}

static void add_weighted(const double *restrict tile, const double *restrict weight, size_t rows,
                         double *restrict sum)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < HH_TILE; l++)
            sum[r * HH_TILE + l] += tile[r * HH_TILE + l] * weight[l];
}

const HhRhythmKernels HH_AT_LEVEL(hh_rhythm_kernels) = {rise, rise_sum, tile_median,
                                                        best_predecessor, add_weighted};
