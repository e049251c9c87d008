/* Vectors of one register, for kernels that a compiler would not turn into vector code by itself.
 *
 * HhFloats holds HH_LANES floats, HhInts as many integers, HhDoubles HH_LANES / 2 doubles, HhLongs
 * as many integers; loads and stores need no alignment. +, -, * and / work on them (a vector
 * extension of gcc and clang).
 */
#ifndef HH_KERNEL_LANES_H
#define HH_KERNEL_LANES_H

#include <string.h>

#include "kernel/level.h"

enum { HH_DOUBLE_LANES = HH_LANES / 2 };

typedef float HhFloats __attribute__((vector_size(4 * HH_LANES)));
typedef int32_t HhInts __attribute__((vector_size(4 * HH_LANES)));
typedef double HhDoubles __attribute__((vector_size(4 * HH_LANES)));
typedef int64_t HhLongs __attribute__((vector_size(4 * HH_LANES)));

static inline HhFloats hh_load_f32(const float *x)
{
    HhFloats v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hh_store_f32(float *x, HhFloats v)
{
    memcpy(x, &v, sizeof v);
}

static inline HhDoubles hh_load_f64(const double *x)
{
    HhDoubles v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hh_store_f64(double *x, HhDoubles v)
{
    memcpy(x, &v, sizeof v);
}

/* HH_LANES / 2 floats, widened. */
static inline HhDoubles hh_load_f32_f64(const float *x)
{
    HhDoubles v;
    for (int l = 0; l < HH_DOUBLE_LANES; l++) v[l] = (double)x[l];
    return v;
}

/* a < b ? a : b and a > b ? a : b in each lane: what minps and maxps do. C has no selection between
 * vectors, and gcc does not find the instruction in a loop over lanes once that is inlined, so it
 * is named where there is one. */
#if defined(__AVX512F__) && HH_LANES == 16
#include <immintrin.h>
#define HH_MIN_INSTRUCTION      _mm512_min_ps
#define HH_MAX_INSTRUCTION      _mm512_max_ps
#define HH_MAX_F64_INSTRUCTION  _mm512_max_pd
#define HH_SIGNS_INSTRUCTION(v) _mm512_movepi32_mask((__m512i)(v))
#elif defined(__AVX__) && HH_LANES == 8
#include <immintrin.h>
#define HH_MIN_INSTRUCTION      _mm256_min_ps
#define HH_MAX_INSTRUCTION      _mm256_max_ps
#define HH_MAX_F64_INSTRUCTION  _mm256_max_pd
#define HH_SIGNS_INSTRUCTION(v) _mm256_movemask_ps((__m256)(v))
#elif defined(__SSE2__) && HH_LANES == 4
#include <immintrin.h>
#define HH_MIN_INSTRUCTION      _mm_min_ps
#define HH_MAX_INSTRUCTION      _mm_max_ps
#define HH_MAX_F64_INSTRUCTION  _mm_max_pd
#define HH_SIGNS_INSTRUCTION(v) _mm_movemask_ps((__m128)(v))
#endif

static inline HhFloats hh_min_f32(HhFloats a, HhFloats b)
{
#ifdef HH_MIN_INSTRUCTION
    return HH_MIN_INSTRUCTION(a, b);
#else
    for (int l = 0; l < HH_LANES; l++) a[l] = a[l] < b[l] ? a[l] : b[l];
    return a;
#endif
}

static inline HhFloats hh_max_f32(HhFloats a, HhFloats b)
{
#ifdef HH_MAX_INSTRUCTION
    return HH_MAX_INSTRUCTION(a, b);
#else
    for (int l = 0; l < HH_LANES; l++) a[l] = a[l] > b[l] ? a[l] : b[l];
    return a;
#endif
}

static inline HhDoubles hh_max_f64(HhDoubles a, HhDoubles b)
{
#ifdef HH_MAX_F64_INSTRUCTION
    return HH_MAX_F64_INSTRUCTION(a, b);
#else
    for (int l = 0; l < HH_DOUBLE_LANES; l++) a[l] = a[l] > b[l] ? a[l] : b[l];
    return a;
#endif
}

/* a where a comparison says -1, b where it says 0. */
static inline HhInts hh_select_i32(HhInts where, HhInts a, HhInts b)
{
    return (where & a) | (~where & b);
}

static inline HhDoubles hh_select_f64(HhLongs where, HhDoubles a, HhDoubles b)
{
    return (HhDoubles)((where & (HhLongs)a) | (~where & (HhLongs)b));
}

/* Bit l: what a comparison of vectors says of lane l (-1 or 0). */
static inline uint32_t hh_lanes_where(HhInts v)
{
#ifdef HH_SIGNS_INSTRUCTION
    return (uint32_t)HH_SIGNS_INSTRUCTION(v);
#else
    uint32_t bits = 0;
    for (int l = 0; l < HH_LANES; l++) bits |= (uint32_t)(v[l] & 1) << l;
    return bits;
#endif
}

#endif
