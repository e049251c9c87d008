/* See mask.h. */
#include "kernel/mask.h"

#include <math.h>
#include <stdbool.h>

#include "kernel/elementary.h"

static const float smallest_normal = 0x1p-126f;

/* 2^k with 1 <= z 2^k < 2 for a normal z below 2^127; for larger ones 2^-126, which serves as
 * well. */
static inline float exact_scale(float z)
{
    float scale = hh_from_bits_f32(0x7f000000 - (hh_bits_f32(z) & 0x7f800000));
    return scale > smallest_normal ? scale : smallest_normal;
}

static inline float greater(float a, float b)
{
    return a > b ? a : b;
}

/* p = 1 or 2 against a reference with a margin. */
static inline float simple_mask(float x, float reference, bool square, float nothing)
{
    float z = greater(x, reference), scale = exact_scale(z);
    float a = x * scale, b = reference * scale;
    if (square) a *= a, b *= b;
    float mask = a / (a + b);
    return z < smallest_normal ? nothing : mask;
}

static inline float any_mask(float x, float reference, float power, float nothing)
{
    float z = greater(x, reference), y = x > reference ? reference : x;
    float raised = hh_pow_f32(y / z, power);
    float mask = (x > reference ? 1.0f : raised) / (1.0f + raised);
    return z < smallest_normal ? nothing : mask;
}

/* The loops below work on HH_TILE values at a time through local arrays, so that they are vector
 * code in place too. */
#define EACH_TILE(n) for (size_t i = 0; i < (n); i += HH_TILE, h += HH_TILE, p += HH_TILE)
#define EACH_LANE    for (size_t l = 0; l < HH_TILE; l++)

static inline void put(const float *a, const float *b, size_t i, float *h_mask, float *p_mask)
{
    EACH_LANE
        h_mask[i + l] = a[l];
    EACH_LANE
        p_mask[i + l] = b[l];
}

/* Margins of 1: the two masks are complementary and share their denominator. */
static inline void share(const float *h, const float *p, size_t n, bool square, float *h_mask,
                         float *p_mask)
{
    float a[HH_TILE], b[HH_TILE];
    EACH_TILE (n) {
        EACH_LANE {
            float z = greater(h[l], p[l]), scale = exact_scale(z);
            float x = h[l] * scale, y = p[l] * scale;
            if (square) x *= x, y *= y;
            float inverse = 1.0f / (x + y);
            x *= inverse;
            y *= inverse;
            a[l] = z < smallest_normal ? 0.5f : x;
            b[l] = z < smallest_normal ? 0.5f : y;
        }
        put(a, b, i, h_mask, p_mask);
    }
}

static inline void simple(const HhMask *mask, const float *h, const float *p, size_t n, bool square,
                          float *h_mask, float *p_mask)
{
    float a[HH_TILE], b[HH_TILE], h_margin = mask->harmonic_margin,
                                  p_margin = mask->percussive_margin;
    EACH_TILE (n) {
        EACH_LANE
            a[l] = simple_mask(h[l], p[l] * h_margin, square, 0.0f);
        EACH_LANE
            b[l] = simple_mask(p[l], h[l] * p_margin, square, 0.0f);
        put(a, b, i, h_mask, p_mask);
    }
}

static void raised(const HhMask *mask, const float *h, const float *p, size_t n, float nothing,
                   float *h_mask, float *p_mask)
{
    float a[HH_TILE], b[HH_TILE], h_margin = mask->harmonic_margin,
                                  p_margin = mask->percussive_margin;
    float power = mask->power;
    EACH_TILE (n) {
        EACH_LANE
            a[l] = any_mask(h[l], p[l] * h_margin, power, nothing);
        EACH_LANE
            b[l] = any_mask(p[l], h[l] * p_margin, power, nothing);
        put(a, b, i, h_mask, p_mask);
    }
}

static void binary(const HhMask *mask, const float *h, const float *p, size_t n, float *h_mask,
                   float *p_mask)
{
    float a[HH_TILE], b[HH_TILE], h_margin = mask->harmonic_margin,
                                  p_margin = mask->percussive_margin;
    EACH_TILE (n) {
        EACH_LANE
            a[l] = h[l] > p[l] * h_margin ? 1.0f : 0.0f;
        EACH_LANE
            b[l] = p[l] > h[l] * p_margin ? 1.0f : 0.0f;
        put(a, b, i, h_mask, p_mask);
    }
}

static void masks(const HhMask *mask, const float *h, const float *p, size_t n, float *h_mask,
                  float *p_mask)
{
    bool even = mask->harmonic_margin == 1.0f && mask->percussive_margin == 1.0f;
    if (isinf(mask->power))
        binary(mask, h, p, n, h_mask, p_mask);
    else if (mask->power == 2.0f && even)
        share(h, p, n, true, h_mask, p_mask);
    else if (mask->power == 2.0f)
        simple(mask, h, p, n, true, h_mask, p_mask);
    else if (mask->power == 1.0f && even)
        share(h, p, n, false, h_mask, p_mask);
    else if (mask->power == 1.0f)
        simple(mask, h, p, n, false, h_mask, p_mask);
    else
        raised(mask, h, p, n, even ? 0.5f : 0.0f, h_mask, p_mask);
}

static void apply(const float *mask, const float *re, const float *im, size_t n, float *y_re,
                  float *y_im)
{
    for (size_t i = 0; i < n; i += HH_TILE) {
        float a[HH_TILE], b[HH_TILE];
        EACH_LANE
            a[l] = mask[i + l] * re[i + l];
        EACH_LANE
            b[l] = mask[i + l] * im[i + l];
        put(a, b, i, y_re, y_im);
    }
}

static void energy(const float *re, const float *im, size_t rows, float *sum)
{
    float total[HH_TILE];
    EACH_LANE
        total[l] = sum[l];
    for (size_t r = 0; r < rows; r++, re += HH_TILE, im += HH_TILE)
        EACH_LANE
            total[l] += re[l] * re[l] + im[l] * im[l];
    EACH_LANE
        sum[l] = total[l];
}

extern const HhMaskKernels HH_AT_LEVEL(hh_mask_kernels);

const HhMaskKernels HH_AT_LEVEL(hh_mask_kernels) = {
    .masks = masks,
    .apply = apply,
    .energy = energy,
};
