/* Elementary functions of one value, for kernels: plain C without branches, so that a loop over
 * them becomes vector code and gives the same bits at every level. Errors in ulp are measured in
 * tests/test_vector.c.
 *
 * The float polynomials are minimax fits (weighted least squares, C. L. Lawson's iteration) of
 *     log(1 + r) = r - r^2/2 + r^3 P(r), sqrt(1/2) - 1 <= r <= sqrt(2) - 1    relative error 5.8e-9
 *     exp(r)     = 1 + r + r^2/2 + r^3 P(r), |r| <= log(2)/2                  relative error 3.7e-9
 * the double ones Taylor series, but for the arctangent. */
#ifndef HH_KERNEL_ELEMENTARY_H
#define HH_KERNEL_ELEMENTARY_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline int32_t hh_bits_f32(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float hh_from_bits_f32(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int64_t hh_bits_f64(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double hh_from_bits_f64(int64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = 2^e (1 + r) for a normal x, sqrt(1/2) <= 1 + r < sqrt(2). Returns r. */
static inline float hh_split_f32(float x, float *e)
{
    const int32_t root_half = 0x3f3504f3; /* sqrt(1/2) */
    /* without a sign: the difference wraps around for a negative x, whose result nobody uses */
    int32_t offset = (int32_t)((uint32_t)hh_bits_f32(x) - (uint32_t)root_half);
    int32_t exponent = offset >> 23;
    *e = (float)exponent;
    return hh_from_bits_f32((offset & 0x007fffff) + root_half) - 1.0f;
}

/* log(1 + r) - r, for r of hh_split_f32() */
static inline float hh_log_rest_f32(float r)
{
    float p = -7.634497307e-02f;
    p = p * r + 1.276158233e-01f;
    p = p * r - 1.316018464e-01f;
    p = p * r + 1.420175745e-01f;
    p = p * r - 1.662335707e-01f;
    p = p * r + 2.000122689e-01f;
    p = p * r - 2.500082104e-01f;
    p = p * r + 3.333333171e-01f;
    float r2 = r * r;
    return r2 * r * p - 0.5f * r2;
}

/* The logarithm's values outside the normal positive numbers. */
static inline float hh_log_edges_f32(float x, float y)
{
    y = x > FLT_MAX ? x : y;
    y = x < FLT_MIN ? -HUGE_VALF : y;
    return x >= 0.0f ? y : NAN;
}

static inline float hh_log_f32(float x)
{
    float e, r = hh_split_f32(x, &e);
    float y = hh_log_rest_f32(r) + e * -2.12194440e-4f;
    y = y + r;
    return hh_log_edges_f32(x, y + e * 0.693359375f);
}

static inline float hh_log2_f32(float x)
{
    /* 1 / log(2) = 1 + 0.4427: the leading term is kept whole */
    float e, r = hh_split_f32(x, &e), rest = hh_log_rest_f32(r);
    float y = 0.44269504089f * rest + 0.44269504089f * r;
    y = (y + rest) + r;
    return hh_log_edges_f32(x, y + e);
}

static inline float hh_log10_f32(float x)
{
    float e, r = hh_split_f32(x, &e), rest = hh_log_rest_f32(r);
    float y = e * 4.605038981e-6f + rest * 0.4342944819f; /* log10(2) = 0.30102539 + 4.605e-6 */
    y = y + r * 0.4342944819f;
    return hh_log_edges_f32(x, y + e * 0.301025390625f);
}

/* W. Kahan's correction of log(1 + x) for the rounding of 1 + x */
static inline float hh_log1p_f32(float x)
{
    float u = 1.0f + x;
    float y = hh_log_f32(u) + (u > 0.0f ? (x - (u - 1.0f)) / u : 0.0f);
    return x > FLT_MAX ? x : y;
}

/* 2^n for -126 <= n <= 127 */
static inline float hh_power_of_two_f32(int32_t n)
{
    return hh_from_bits_f32((n + 127) << 23);
}

/* exp(r) 2^n, |r| <= log(2)/2, -126 <= n <= 128 */
static inline float hh_exp_core_f32(float r, float n)
{
    float p = 1.386372757e-03f;
    p = p * r + 8.367542675e-03f;
    p = p * r + 4.166723996e-02f;
    p = p * r + 1.666653355e-01f;
    p = p * r + 0.5f;
    p = p * (r * r) + r;
    p = p + 1.0f;
    int32_t half = (int32_t)n >> 1;
    return p * hh_power_of_two_f32(half) * hh_power_of_two_f32((int32_t)n - half);
}

/* To the nearest integer, |x| < 2^22. */
static inline float hh_round_f32(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23 */
    return (x + shift) - shift;
}

static inline float hh_exp_f32(float x)
{
    /* log(FLT_MAX), log(FLT_MIN). */
    const float high = 88.72283935546875f, low = -87.33654022216797f;
    float t = x < low ? low : x;
    t = t > high ? high : t;
    t = t == t ? t : 0.0f;
    float n = hh_round_f32(t * 1.44269504089f);
    float r = (t - n * 0.693359375f) - n * -2.12194440e-4f;
    float y = hh_exp_core_f32(r, n);
    y = x > high ? HUGE_VALF : y;
    y = x < low ? 0.0f : y;
    return x == x ? y : x;
}

static inline float hh_exp2_f32(float x)
{
    float t = x < -126.0f ? -126.0f : x;
    t = t > 127.99999f ? 127.99999f : t;
    t = t == t ? t : 0.0f;
    float n = hh_round_f32(t);
    float y = hh_exp_core_f32((t - n) * 0.69314718056f, n);
    y = x >= 128.0f ? HUGE_VALF : y;
    y = x < -126.0f ? 0.0f : y;
    return x == x ? y : x;
}

/* log x = e log 2 + log(1 + r), log(1 + r) = 2 atanh(s), s = r / (2 + r), |s| <= 0.172: ten terms
 * of the series leave 0.172^22, 2e-17. Returns r; `rest` is log(1 + r) - r, small beside it. */
static inline double hh_log_parts_f64(double x, double *e, double *rest)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcdu; /* sqrt(1/2) */
    /* the exponent, biased by 1023, becomes a double by way of the low bits of 2^52: no 64-bit
     * conversion is needed */
    uint64_t offset = (uint64_t)hh_bits_f64(x) - root_half;
    uint64_t exponent = (offset + ((uint64_t)1023 << 52)) >> 52;
    *e =
        hh_from_bits_f64((int64_t)(exponent | 0x4330000000000000u)) - (4503599627370496.0 + 1023.0);
    double r = hh_from_bits_f64((int64_t)((offset & 0x000fffffffffffffu) + root_half)) - 1.0;
    double s = r / (2.0 + r), z = s * s;
    double p = 2.0 / 21.0;
    p = p * z + 2.0 / 19.0;
    p = p * z + 2.0 / 17.0;
    p = p * z + 2.0 / 15.0;
    p = p * z + 2.0 / 13.0;
    p = p * z + 2.0 / 11.0;
    p = p * z + 2.0 / 9.0;
    p = p * z + 2.0 / 7.0;
    p = p * z + 2.0 / 5.0;
    p = p * z + 2.0 / 3.0;
    double half_square = 0.5 * r * r;
    /* 2 s = r - s r and s r = r^2/2 - s r^2/2 */
    *rest = s * (half_square + z * p) - half_square;
    return r;
}

static inline double hh_log_edges_f64(double x, double y)
{
    y = x > DBL_MAX ? x : y;
    y = x < DBL_MIN ? -HUGE_VAL : y;
    return x >= 0.0 ? y : (double)NAN;
}

static inline double hh_log_f64(double x)
{
    double e, rest, r = hh_log_parts_f64(x, &e, &rest);
    double y = rest + e * 1.90821492927058770002e-10;
    return hh_log_edges_f64(x, (y + r) + e * 6.93147180369123816490e-01);
}

static inline double hh_log10_f64(double x)
{
    double e, rest, r = hh_log_parts_f64(x, &e, &rest);
    /* log10(2) in two parts, the first short enough to make e times it exact */
    const double high = 0.3010299950838089, low = 5.801722962879576e-10,
                 scale = 0.43429448190325182765;
    double y = e * low + rest * scale;
    return hh_log_edges_f64(x, (y + r * scale) + e * high);
}

static inline double hh_exp_f64(double x)
{
    const double high = 709.78271289338397, low = -708.39641853226408,
                 shift = 6755399441055744.0; /* 1.5 * 2^52 */
    double t = x < low ? low : x;
    t = t > high ? high : t;
    t = t == t ? t : 0.0;
    double shifted = t * 1.4426950408889634 + shift;
    double n = shifted - shift;
    double r = (t - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * (r * r) + r;
    p = p + 1.0;
    /* 2^n in halves, so that neither n = 1024 nor n = -1022 with p < 1 leaves the normal numbers on
     * the way; the low bits of `shifted` hold n. Positive, because only AVX-512 shifts the sign of
     * 64 bits. */
    uint64_t n_2048 = (uint64_t)hh_bits_f64(shifted) - (uint64_t)hh_bits_f64(shift) + 2048;
    uint64_t half = n_2048 >> 1, other = n_2048 - half;
    double y = p * hh_from_bits_f64((int64_t)((half - 1) << 52)) *
               hh_from_bits_f64((int64_t)((other - 1) << 52));
    y = x > high ? HUGE_VAL : y;
    y = x < low ? 0.0 : y;
    return x == x ? y : x;
}

/* To the nearest integer, ties to even, |x| < 2^51. */
static inline double hh_round_f64(double x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    return (x + shift) - shift;
}

/* atan(t) = t + t^3 P(t^2), |t| <= tan(pi/8): P is the polynomial through eleven Chebyshev points,
 * relative error 4.7e-18. Signs of zeros count, as in C's atan2; no infinities. */
static inline double hh_atan2_f64(double y, double x)
{
    const double tan_eighth = 0.41421356237309503, pi = 3.14159265358979312,
                 pi_rest = 1.2246467991473532e-16;
    double ax = fabs(x), ay = fabs(y);
    double big = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
    /* above pi/8 the angle is pi/4 + atan((small - big) / (small + big)) */
    double upper = small > tan_eighth * big ? 1.0 : 0.0;
    double numerator = small - upper * big, denominator = big + upper * small;
    denominator = denominator == 0.0 ? 1.0 : denominator;
    double t = numerator / denominator, z = t * t;
    double p = -0.01917688711906226;
    p = p * z + 0.03923165829558719;
    p = p * z + -0.0508544973794026;
    p = p * z + 0.0585814891280221;
    p = p * z + -0.06664511447381948;
    p = p * z + 0.07692183190826087;
    p = p * z + -0.09090904578123903;
    p = p * z + 0.11111111015256361;
    p = p * z + -0.14285714284666542;
    p = p * z + 0.1999999999999552;
    p = p * z + -0.3333333333333333;
    double angle = t + t * (z * p);
    angle = (angle + upper * (0.25 * pi_rest)) + upper * (0.25 * pi);
    angle = ay > ax ? 0.5 * pi - (angle - 0.5 * pi_rest) : angle;
    angle = copysign(1.0, x) < 0.0 ? pi - (angle - pi_rest) : angle;
    return copysign(angle, y);
}

/* x = n pi/2 + r. pi/2 comes in parts of 22 bits, so that n times a part is exact up to |n| = 2^30,
 * |x| = 1.6e9; beyond that the results are those of an x changed in its last place, up to 1e15. */
static inline void hh_sin_cos_f64(double x, double *sine, double *cosine)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    double shifted = x * 0.63661977236758138 + shift, n = shifted - shift;
    double r = x - n * 1.570796012878418;
    r = r - n * 3.139164164167596e-07;
    r = r - n * 6.223371969669989e-14;
    r = r - n * 2.0222662487959506e-21;
    double z = r * r;
    double s = 1.0 / 355687428096000.0;
    s = s * z + -1.0 / 1307674368000.0;
    s = s * z + 1.0 / 6227020800.0;
    s = s * z + -1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z + -1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z + -1.0 / 6.0;
    s = r + r * (z * s);
    double c = 1.0 / 20922789888000.0;
    c = c * z + -1.0 / 87178291200.0;
    c = c * z + 1.0 / 479001600.0;
    c = c * z + -1.0 / 3628800.0;
    c = c * z + 1.0 / 40320.0;
    c = c * z + -1.0 / 720.0;
    c = c * z + 1.0 / 24.0;
    c = (c * z - 0.5) * z + 1.0;
    /* odd quarters exchange the two; the sign bit of each follows from the quarter */
    uint64_t quarter = (uint64_t)hh_bits_f64(shifted), odd = 0 - (quarter & 1);
    uint64_t s_bits = (uint64_t)hh_bits_f64(s), c_bits = (uint64_t)hh_bits_f64(c);
    uint64_t swap = (s_bits ^ c_bits) & odd;
    *sine = hh_from_bits_f64((int64_t)((s_bits ^ swap) ^ ((quarter & 2) << 62)));
    *cosine = hh_from_bits_f64((int64_t)((c_bits ^ swap) ^ (((quarter + 1) & 2) << 62)));
}

/* Through double: correct to the last place but for near ties. */
static inline float hh_pow_f32(float x, float exponent)
{
    double y = hh_exp_f64((double)exponent * hh_log_f64((double)x));
    y = exponent == 0.0f ? 1.0 : y; /* also 0^0 */
    return (float)y;
}

#endif
