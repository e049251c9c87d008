/* Elementary functions in single precision from + - * / and sqrt alone, each correctly rounded on
 * every machine with IEEE 754 floats: the same bits everywhere, given -ffp-contract=off. Bounds as
 * measured by the tests. */
#ifndef HH_REALTIME_ARITHMETIC_H
#define HH_REALTIME_ARITHMETIC_H

#include <stdint.h>

#define HH_LIVE_TINY 1e-15f /* what a state holds below this is nothing: -300 dB */

/* Recursions that decay end in subnormal numbers, which cost much on some processors. */
static inline float hh_live_flush(float x)
{
    return x < HH_LIVE_TINY && x > -HH_LIVE_TINY ? 0.0f : x;
}

static inline float hh_live_sqrt(float x)
{
    return __builtin_sqrtf(x);
}

static inline float hh_live_min(float a, float b)
{
    return a < b ? a : b;
}

static inline float hh_live_max(float a, float b)
{
    return a > b ? a : b;
}

typedef union LiveBits {
    float number;
    uint32_t bits;
} LiveBits;

/* Where the machine has registers of four floats, loops may be written with them: lane by lane the
 * same operations in the same order, so the same bits. */
#if (defined(__SSE__) || defined(__ARM_NEON)) && !defined(HH_LIVE_NO_VECTORS)
#define HH_LIVE_VECTORS 1
typedef float Lanes __attribute__((vector_size(16)));

static inline Lanes hh_live_load(const float *from)
{
    Lanes lanes;
    __builtin_memcpy(&lanes, from, sizeof lanes);
    return lanes;
}
#else
#define HH_LIVE_VECTORS 0
#endif

/* Base 2 logarithm of a positive normal number, error below 2e-7 + 1e-7 |result|: with
 * x = 2^e m, m within sqrt(1/2) .. sqrt(2), and t = (m - 1) / (m + 1), it is
 * e + 2 / ln 2 (t + t^3 / 3 + t^5 / 5 + ...). */
static inline float hh_live_log2(float x)
{
    LiveBits value = {.number = x};
    uint32_t shifted = value.bits - 0x3f3504f3u; /* sqrt(1/2) */
    int32_t exponent = (int32_t)shifted >> 23;
    value.bits -= (uint32_t)exponent << 23;
    float t = (value.number - 1.0f) / (value.number + 1.0f);
    float t2 = t * t;
    float series =
        2.88539008f +
        t2 * (0.961796694f + t2 * (0.577078016f + t2 * (0.412198583f + t2 * 0.320598898f)));
    return (float)exponent + t * series;
}

/* 2^x for x within -126 to 127, cut to that; relative error below 2e-7. */
static inline float hh_live_exp2(float x)
{
    x = x < -126.0f ? -126.0f : x > 127.0f ? 127.0f : x;
    int32_t whole = (int32_t)(x + (x < 0.0f ? -0.5f : 0.5f));
    float f = x - (float)whole; /* -0.5 to 0.5 */
    float series =
        1.0f +
        f * (0.693147181f +
             f * (0.240226507f +
                  f * (0.0555041087f +
                       f * (0.00961812911f +
                            f * (0.00133335581f + f * (0.000154035304f + f * 0.0000152527338f))))));
    LiveBits scale = {.bits = (uint32_t)(whole + 127) << 23};
    return series * scale.number;
}

/* Sine of a quarter turn's share: sin(pi/2 x), x within -1 to 1; error below 1.5e-7. */
static inline float hh_live_sin_quarter(float x)
{
    float x2 = x * x;
    return x *
           (1.57079633f +
            x2 * (-0.645964098f +
                  x2 * (0.0796926262f + x2 * (-0.00468175414f +
                                              x2 * (0.000160441185f + x2 * -0.00000359884324f)))));
}

/* sin(2 pi turns) and cos(2 pi turns); |turns| up to 2^20. Error below 3e-7 beyond that of the
 * argument. */
static inline float hh_live_sin_turns(float turns)
{
    float t = turns - (float)(int32_t)turns; /* -1 to 1, exact */
    t = t > 0.5f ? t - 1.0f : t < -0.5f ? t + 1.0f : t;
    t = t > 0.25f ? 0.5f - t : t < -0.25f ? -0.5f - t : t; /* a quarter turn at most */
    return hh_live_sin_quarter(4.0f * t);
}

static inline float hh_live_cos_turns(float turns)
{
    float t = turns - (float)(int32_t)turns;
    t = t < 0.0f ? -t : t;
    t = t > 0.5f ? 1.0f - t : t; /* 0 to half a turn */
    return hh_live_sin_quarter(4.0f * (0.25f - t));
}

/* Angle of the point (x, y) in turns, -0.5 to 0.5; 0 for the origin. Error below 1e-6. */
static inline float hh_live_angle_turns(float y, float x)
{
    float ax = x < 0.0f ? -x : x, ay = y < 0.0f ? -y : y;
    float high = ax > ay ? ax : ay, low = ax > ay ? ay : ax;
    if (!(high > 0.0f)) return 0.0f;
    /* atan of 0 .. 1 about 0.5: atan(r) = atan(1/2) + atan((r - 1/2) / (1 + r/2)). */
    float r = low / high;
    float t = (r - 0.5f) / (1.0f + 0.5f * r);
    float t2 = t * t;
    float series =
        t * (0.159154943f +
             t2 * (-0.0530516477f +
                   t2 * (0.0318309886f +
                         t2 * (-0.0227364204f + t2 * (0.0176838826f - t2 * 0.0144686312f)))));
    float angle = 0.0737918088f + series;
    if (ay > ax) angle = 0.25f - angle;
    if (x < 0.0f) angle = 0.5f - angle;
    return y < 0.0f ? -angle : angle;
}

/* Level in dB of a mean square, at least -120. */
static inline float hh_live_power_db(float power)
{
    return power > 1e-12f ? 3.01029996f * hh_live_log2(power) : -120.0f;
}

#endif
