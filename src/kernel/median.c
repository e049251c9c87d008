/* See median.h. Minima and maxima only select, so every level gives the same bits. */
#include "kernel/median.h"

#include <stdbool.h>

#include "kernel/lanes.h"

#define HH_INLINE static inline __attribute__((always_inline))

typedef HhFloats V;

/* ---- the network for width 31 ---- */

/* Where the network reads: value i is a vector out of row[i], or out of row i of a tile. */
typedef struct Source {
    bool rows;
    const float *const *row;
    const float *tile;
    size_t offset;
} Source;

HH_INLINE V value(Source x, int i)
{
    return hh_load_f32(x.rows ? x.row[i] + x.offset : x.tile + i * HH_TILE);
}

HH_INLINE void order(V *a, int i, int j)
{
    V low = hh_min_f32(a[i], a[j]);
    a[j] = hh_max_f32(a[i], a[j]);
    a[i] = low;
}

/* M. W. Green's network of sixty comparisons, 1969. */
HH_INLINE void sort16(V *a)
{
    order(a, 0, 1), order(a, 2, 3), order(a, 4, 5), order(a, 6, 7), order(a, 8, 9);
    order(a, 10, 11), order(a, 12, 13), order(a, 14, 15), order(a, 0, 2), order(a, 4, 6);
    order(a, 8, 10), order(a, 12, 14), order(a, 1, 3), order(a, 5, 7), order(a, 9, 11);
    order(a, 13, 15), order(a, 0, 4), order(a, 8, 12), order(a, 1, 5), order(a, 9, 13);
    order(a, 2, 6), order(a, 10, 14), order(a, 3, 7), order(a, 11, 15), order(a, 0, 8);
    order(a, 1, 9), order(a, 2, 10), order(a, 3, 11), order(a, 4, 12), order(a, 5, 13);
    order(a, 6, 14), order(a, 7, 15), order(a, 5, 10), order(a, 6, 9), order(a, 3, 12);
    order(a, 13, 14), order(a, 4, 8), order(a, 7, 11), order(a, 1, 2), order(a, 1, 4);
    order(a, 7, 13), order(a, 2, 8), order(a, 11, 14), order(a, 2, 4), order(a, 5, 6);
    order(a, 9, 10), order(a, 11, 13), order(a, 3, 8), order(a, 7, 12), order(a, 6, 8);
    order(a, 10, 12), order(a, 3, 5), order(a, 7, 9), order(a, 3, 4), order(a, 5, 6);
    order(a, 7, 8), order(a, 9, 10), order(a, 11, 12), order(a, 6, 7), order(a, 8, 9);
}

/* Two sorted pairs a[0..1], a[2..3] into four, two sorted fours into eight (K. E. Batcher,
 * 1968). */
HH_INLINE void merge4(V *a)
{
    order(a, 0, 2), order(a, 1, 3), order(a, 1, 2);
}

HH_INLINE void merge8(V *a)
{
    order(a, 0, 4), order(a, 1, 5), order(a, 2, 6), order(a, 3, 7), order(a, 2, 4), order(a, 3, 5);
    order(a, 1, 2), order(a, 3, 4), order(a, 5, 6);
}

/* The middle n ranks of the union of the sorted a[2n] and b[n], sorted. The lesser 2n of the union
 * are a[0..n-1], min(a[n], b[n-1]), ..., min(a[2n-1], b[0]); they rise and then fall, so that the
 * greater half of them is found by comparing elements n apart, and sorted by halving (Batcher's
 * bitonic merge). */
HH_INLINE void middle(const int n, const V *a, const V *b, V *out)
{
    for (int i = 0; i < n; i++) out[i] = hh_max_f32(a[i], hh_min_f32(a[n + i], b[n - 1 - i]));
    if (n == 8) order(out, 0, 4), order(out, 1, 5), order(out, 2, 6), order(out, 3, 7);
    if (n >= 4)
        for (int i = 0; i < n; i += 4) order(out, i, i + 2), order(out, i + 1, i + 3);
    for (int i = 0; i < n; i += 2) order(out, i, i + 1);
}

HH_INLINE void load_pair(Source x, int i, V *pair)
{
    pair[0] = value(x, i), pair[1] = value(x, i + 1);
    order(pair, 0, 1);
}

HH_INLINE void join_pairs(const V *p, const V *q, V *four)
{
    four[0] = p[0], four[1] = p[1], four[2] = q[0], four[3] = q[1];
    merge4(four);
}

HH_INLINE void join_fours(const V *p, const V *q, V *eight)
{
    for (int i = 0; i < 4; i++) eight[i] = p[i], eight[4 + i] = q[i];
    merge8(eight);
}

/* Outputs j and j + 1: four candidates, the sorted pair that both share, and the value that each
 * has to itself. */
HH_INLINE void finish_pair(Source x, int j, const V *four, const V *pair, V *out)
{
    V two[2];
    middle(2, four, pair, two);
    out[j] = hh_max_f32(two[0], hh_min_f32(two[1], value(x, j)));
    out[j + 1] = hh_max_f32(two[0], hh_min_f32(two[1], value(x, j + 31)));
}

/* Outputs j .. j + 3: eight candidates, the four values that all share, and the pairs that two of
 * them share. */
HH_INLINE void finish_four(Source x, int j, const V *eight, const V *shared, const V *left,
                           const V *right, V *out)
{
    V four[4];
    middle(4, eight, shared, four);
    finish_pair(x, j, four, left, out);
    finish_pair(x, j + 2, four, right, out);
}

/* out[j] = median of the values j .. j + 30, j = 0 .. 15. Outputs 0-15 share 15-30; 0-7 in addition
 * 7-14, 8-15 31-38; of these 0-3 share 3-6, 4-7 31-34, 8-11 11-14, 12-15 39-42; and outputs j, j +
 * 1 share j + 1, j + 2 (j divisible by four) or j + 29, j + 30. */
HH_INLINE void median31(Source x, V *out)
{
    V core[16], shared[8], half[8], pair[2];
    V p5[2], p9[2], p13[2], p31[2], p35[2], p39[2], f3[4], f7[4], f11[4], f31[4], f35[4], f39[4];
    for (int i = 0; i < 16; i++) core[i] = value(x, 15 + i);
    sort16(core);

    load_pair(x, 7, pair), load_pair(x, 9, p9);
    join_pairs(pair, p9, f7);
    load_pair(x, 11, pair), load_pair(x, 13, p13);
    join_pairs(pair, p13, f11);
    join_fours(f7, f11, shared);
    middle(8, core, shared, half);

    load_pair(x, 3, pair), load_pair(x, 5, p5);
    join_pairs(pair, p5, f3);
    load_pair(x, 31, p31), load_pair(x, 33, pair);
    join_pairs(p31, pair, f31);
    load_pair(x, 1, pair);
    finish_four(x, 0, half, f3, pair, p31, out);
    load_pair(x, 35, p35);
    finish_four(x, 4, half, f31, p5, p35, out);

    load_pair(x, 37, pair);
    join_pairs(p35, pair, f35);
    join_fours(f31, f35, shared);
    middle(8, core, shared, half);

    load_pair(x, 39, p39), load_pair(x, 41, pair);
    join_pairs(p39, pair, f39);
    finish_four(x, 8, half, f11, p9, p39, out);
    load_pair(x, 43, pair);
    finish_four(x, 12, half, f39, p13, pair, out);
}

static void frequency31(const float *padded, size_t bins, float *tile)
{
    for (size_t b = 0; b < bins; b += 16)
        for (size_t l = 0; l < HH_TILE; l += HH_LANES) {
            V out[16];
            median31((Source){false, NULL, padded + b * HH_TILE + l, 0}, out);
            for (size_t j = 0; j < 16; j++) hh_store_f32(tile + (b + j) * HH_TILE + l, out[j]);
        }
}

typedef float Four __attribute__((vector_size(16)));

/* to[c * to_pitch + r] = from[r * from_pitch + c] for r, c < HH_TILE, four by four. */
HH_INLINE void transpose(const float *from, size_t from_pitch, float *to, size_t to_pitch)
{
    for (size_t r = 0; r < HH_TILE; r += 4)
        for (size_t c = 0; c < HH_TILE; c += 4) {
            Four v[4];
            for (size_t i = 0; i < 4; i++)
                memcpy(&v[i], from + (r + i) * from_pitch + c, sizeof v[i]);
            Four a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5),
                 b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
            Four d = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5),
                 e = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
            v[0] = __builtin_shufflevector(a, d, 0, 1, 4, 5);
            v[1] = __builtin_shufflevector(a, d, 2, 3, 6, 7);
            v[2] = __builtin_shufflevector(b, e, 0, 1, 4, 5);
            v[3] = __builtin_shufflevector(b, e, 2, 3, 6, 7);
            for (size_t i = 0; i < 4; i++) memcpy(to + (c + i) * to_pitch + r, &v[i], sizeof v[i]);
        }
}

static void time31(const float *const *row, size_t begin, size_t end, float *tile)
{
    float frames[HH_TILE * HH_TILE];
    for (size_t b = begin; b < end; b += HH_TILE, tile += HH_TILE * HH_TILE) {
        for (size_t l = 0; l < HH_TILE; l += HH_LANES) {
            V out[16];
            median31((Source){true, row + 1, NULL, b + l}, out);
            for (size_t j = 0; j < 16; j++) hh_store_f32(frames + j * HH_TILE + l, out[j]);
        }
        transpose(frames, HH_TILE, tile, HH_TILE);
    }
}

/* ---- any width: a sorted window ---- */

/* Inserts x into the sorted window[n], n vectors `step` floats apart. */
HH_INLINE void insert(float *window, size_t n, size_t step, V x)
{
    V below = x;
    for (size_t i = 0; i < n; i++) {
        V v = hh_load_f32(window + i * step);
        hh_store_f32(window + i * step, i ? hh_max_f32(below, hh_min_f32(v, x)) : hh_min_f32(v, x));
        below = v;
    }
    hh_store_f32(window + n * step, n ? hh_max_f32(below, x) : x);
}

/* Takes `out` from the sorted window[n] and puts `in` into it. With the window d of n - 1 values
 * that is left, the new one is max(d[i-1], min(d[i], in)). */
HH_INLINE void replace(float *window, size_t n, size_t step, V out, V in)
{
    V v = hh_load_f32(window), below = in;
    for (size_t i = 0; i + 1 < n; i++) {
        V next = hh_load_f32(window + (i + 1) * step);
        V left = (V)hh_select_i32(v < out, (HhInts)v, (HhInts)next);
        V x = hh_min_f32(left, in);
        hh_store_f32(window + i * step, i ? hh_max_f32(below, x) : x);
        below = left;
        v = next;
    }
    hh_store_f32(window + (n - 1) * step, n > 1 ? hh_max_f32(below, in) : in);
}

static void frequency_any(const float *padded, size_t width, size_t bins, float *sorted,
                          float *tile)
{
    for (size_t l = 0; l < HH_TILE; l += HH_LANES) {
        const float *x = padded + l;
        float *window = sorted + l;
        for (size_t i = 0; i < width; i++) insert(window, i, HH_TILE, hh_load_f32(x + i * HH_TILE));
        for (size_t b = 0;; b++) {
            hh_store_f32(tile + b * HH_TILE + l, hh_load_f32(window + width / 2 * HH_TILE));
            if (b + 1 == bins) break;
            replace(window, width, HH_TILE, hh_load_f32(x + b * HH_TILE),
                    hh_load_f32(x + (b + width) * HH_TILE));
        }
    }
}

static void time_any(const float *const *row, size_t width, size_t begin, size_t end, float *sorted,
                     float *tile)
{
    float frames[HH_TILE * HH_TILE];
    for (size_t b = begin; b < end; b += HH_TILE, tile += HH_TILE * HH_TILE) {
        for (size_t l = 0; l < HH_TILE; l += HH_LANES, sorted += width * HH_LANES)
            for (size_t j = 0; j < HH_TILE; j++) {
                V out = hh_load_f32(row[j] + b + l), in = hh_load_f32(row[j + width] + b + l);
                replace(sorted, width, HH_LANES, out, in);
                hh_store_f32(frames + j * HH_TILE + l, hh_load_f32(sorted + width / 2 * HH_LANES));
            }
        transpose(frames, HH_TILE, tile, HH_TILE);
    }
}

/* ---- the table ---- */

static void frequency(const float *padded, size_t width, size_t bins, float *sorted, float *tile)
{
    if (width == 31)
        frequency31(padded, bins, tile);
    else
        frequency_any(padded, width, bins, sorted, tile);
}

static void time_axis(const float *const *row, size_t width, size_t begin, size_t end,
                      float *sorted, float *tile)
{
    if (width == 31)
        time31(row, begin, end, tile);
    else
        time_any(row, width, begin, end, sorted, tile);
}

static void time_start(const float *const *row, size_t width, size_t begin, size_t end,
                       float *sorted)
{
    if (width == 31) return;
    for (size_t b = begin; b < end; b += HH_LANES, sorted += width * HH_LANES)
        for (size_t i = 0; i < width; i++) insert(sorted, i, HH_LANES, hh_load_f32(row[i] + b));
}

static void to_rows(const float *tile, size_t bins, float *rows, size_t pitch)
{
    for (size_t b = 0; b < bins; b += HH_TILE)
        transpose(tile + b * HH_TILE, HH_TILE, rows + b, pitch);
}

extern const HhMedianKernels HH_AT_LEVEL(hh_median_kernels);

const HhMedianKernels HH_AT_LEVEL(hh_median_kernels) = {
    .frequency = frequency,
    .time = time_axis,
    .time_start = time_start,
    .to_rows = to_rows,
};
