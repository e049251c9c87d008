/* See spectral.h. */
#include "kernel/spectral.h"

#include "kernel/elementary.h"
#include "kernel/lanes.h"

static void bank(const float *tile, const HhFilterBand *bands, size_t band_count,
                 const float *weights, float *out)
{
    for (size_t b = 0; b < band_count; b++) {
        const float *x = tile + bands[b].first * HH_TILE, *w = weights + bands[b].weight;
        size_t count = bands[b].count;
        for (int g = 0; g < HH_TILE; g += HH_LANES) {
            HhFloats s[4] = {{0}};
            size_t r = 0;
            for (; r + 4 <= count; r += 4)
                for (size_t j = 0; j < 4; j++)
                    s[j] += hh_load_f32(x + (r + j) * HH_TILE + g) * w[r + j];
            for (size_t j = 0; r + j < count; j++)
                s[j] += hh_load_f32(x + (r + j) * HH_TILE + g) * w[r + j];
            hh_store_f32(out + b * HH_TILE + g, (s[0] + s[1]) + (s[2] + s[3]));
        }
    }
}

static void decibel(const float *x, float amin, float offset, float low, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float value = x[i] > amin ? x[i] : amin;
        value = 10.0f * hh_log10_f32(value) - offset;
        y[i] = value > low ? value : low;
    }
}

static void decibel_f64(const double *x, double amin, double offset, double low, double *y,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value = x[i] > amin ? x[i] : amin;
        value = 10.0 * hh_log10_f64(value) - offset;
        y[i] = value > low ? value : low;
    }
}

static void divide_where(const float *restrict x, const float *restrict weight, float *restrict y,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = x[i] / (weight[i] > FLT_MIN ? weight[i] : 1.0f);
}

static void divide_where_f64(const double *restrict x, const double *restrict weight,
                             double *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = x[i] / (weight[i] > DBL_MIN ? weight[i] : 1.0);
}

/* ---- descriptors */

static void bandwidth(const float *x, const float *frequency, size_t rows, const float *centre,
                      float p, bool normalise, float *out)
{
    for (int g = 0; g < HH_TILE; g += HH_LANES) {
        HhFloats c = hh_load_f32(centre + g), weighted[4] = {{0}}, total[4] = {{0}};
        for (size_t r = 0; r < rows; r++) {
            HhFloats value = hh_load_f32(x + r * HH_TILE + g), away = frequency[r] - c;
            if (p == 2.0f)
                away *= away;
            else
                for (int l = 0; l < HH_LANES; l++) away[l] = hh_pow_f32(fabsf(away[l]), p);
            weighted[r % 4] += value * away;
            total[r % 4] += value;
        }
        HhFloats sum = (weighted[0] + weighted[1]) + (weighted[2] + weighted[3]);
        HhFloats norm = (total[0] + total[1]) + (total[2] + total[3]);
        for (int l = 0; l < HH_LANES; l++) {
            float mean = normalise && norm[l] >= FLT_MIN ? sum[l] / norm[l] : sum[l];
            out[g + l] = p == 2.0f ? sqrtf(mean) : hh_pow_f32(mean, 1.0f / p);
        }
    }
}

static void rolloff(const float *x, size_t rows, float share, int32_t *row)
{
    for (int g = 0; g < HH_TILE; g += HH_LANES) {
        HhFloats total = {0}, sum = {0};
        HhInts below = {0};
        for (size_t r = 0; r < rows; r++) total += hh_load_f32(x + r * HH_TILE + g);
        total *= share;
        for (size_t r = 0; r < rows; r++) {
            sum += hh_load_f32(x + r * HH_TILE + g);
            below -= sum < total; /* a comparison that holds is -1 */
        }
        memcpy(row + g, &below, sizeof below);
    }
}

/* The logarithm of a product is taken instead of the sum of logarithms: exponents are added up as
 * integers, significands in [1, 2) are multiplied, 64 rows at a time, so that there is one
 * logarithm for 64 values. */
static void flatness(const float *x, size_t rows, float amin, float *out)
{
    enum { BLOCK = 64 };
    float sum[HH_TILE] = {0}, log_sum[HH_TILE] = {0};
    int32_t exponents[HH_TILE] = {0};
    for (size_t first = 0; first < rows; first += BLOCK) {
        size_t end = rows - first > BLOCK ? first + BLOCK : rows;
        float product[HH_TILE];
        for (int l = 0; l < HH_TILE; l++) product[l] = 1.0f;
        for (size_t r = first; r < end; r++)
            for (int l = 0; l < HH_TILE; l++) {
                float value = x[r * HH_TILE + (size_t)l];
                value = value > amin ? value : amin;
                int32_t bits = hh_bits_f32(value);
                exponents[l] += bits >> 23;
                product[l] *= hh_from_bits_f32((bits & 0x007fffff) | 0x3f800000);
                sum[l] += value;
            }
        for (int l = 0; l < HH_TILE; l++) log_sum[l] += hh_log2_f32(product[l]);
    }
    for (int l = 0; l < HH_TILE; l++) {
        float count = (float)rows;
        float mean_log2 = (log_sum[l] + (float)(exponents[l] - 127 * (int32_t)rows)) / count;
        out[l] = hh_exp2_f32(mean_log2) / (sum[l] / count);
    }
}

/* Insertion into two sorted lists of k: each value sinks to its place by minima and maxima. k is a
 * constant in each copy, so that the lists stay in registers. */
static inline __attribute__((always_inline)) void extremes_of(const float *x, size_t rows, int k,
                                                              float *low, float *high)
{
    for (int g = 0; g < HH_TILE; g += HH_LANES) {
        HhFloats smallest[HH_SELECT_MAX], largest[HH_SELECT_MAX];
        for (int j = 0; j < k; j++) {
            smallest[j] = (HhFloats){0} + HUGE_VALF;
            largest[j] = (HhFloats){0} - HUGE_VALF;
        }
        for (size_t r = 0; r < rows; r++) {
            HhFloats up = hh_load_f32(x + r * HH_TILE + g), down = up;
            for (int j = 0; j < k; j++) {
                HhFloats kept = hh_min_f32(up, smallest[j]), held = hh_max_f32(down, largest[j]);
                up = hh_max_f32(up, smallest[j]);
                down = hh_min_f32(down, largest[j]);
                smallest[j] = kept;
                largest[j] = held;
            }
        }
        HhFloats lows = smallest[0], highs = largest[k - 1];
        for (int j = 1; j < k; j++) {
            lows += smallest[j];
            highs += largest[k - 1 - j];
        }
        hh_store_f32(low + g, lows / (float)k);
        hh_store_f32(high + g, highs / (float)k);
    }
}

static void extremes(const float *x, size_t rows, size_t k, float *low, float *high)
{
#define EXTREMES(K)                                                                                \
    case K:                                                                                        \
        extremes_of(x, rows, K, low, high);                                                        \
        break;
    switch (k) {
        EXTREMES(1)
        EXTREMES(2)
        EXTREMES(3)
        EXTREMES(4)
        EXTREMES(5)
        EXTREMES(6)
        EXTREMES(7)
        EXTREMES(8)
        EXTREMES(9)
        EXTREMES(10)
        EXTREMES(11)
        EXTREMES(12)
        EXTREMES(13)
        EXTREMES(14)
        EXTREMES(15)
        EXTREMES(16)
    }
#undef EXTREMES
}

const HhSpectralKernels HH_AT_LEVEL(hh_spectral_kernels) = {
    .bank = bank,
    .decibel = decibel,
    .decibel_f64 = decibel_f64,
    .divide_where = divide_where,
    .divide_where_f64 = divide_where_f64,
    .bandwidth = bandwidth,
    .rolloff = rolloff,
    .flatness = flatness,
    .extremes = extremes,
};
