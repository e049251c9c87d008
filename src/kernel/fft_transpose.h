/* Vector types of the Fourier kernels, and the loads and stores that turn frames into lanes and
 * back.
 *
 * load_T(x, stride, window, out): lane l of out[s] = x[l * stride + s] * window[s]; no window if
 * that is NULL. store_T is the inverse, without a window; store_rounded_T puts one vector, as
 * floats. A block of lanes x lanes is gathered in pieces of 128 bits, one from each of several rows
 * in one register, and then transposed within each piece: one shuffle across a register per vector
 * instead of four. */
#ifndef HH_FFT_TRANSPOSE_H
#define HH_FFT_TRANSPOSE_H

#include <stddef.h>
#if HH_LANES > 4
#include <immintrin.h>
#endif

#include "kernel/level.h"

#define HH_LANES_F64 (HH_LANES / 2)

#define HH_VECTOR_TYPES(NAME, TYPE, LANES)                                                         \
    typedef TYPE Vector_##NAME __attribute__((vector_size((LANES) * sizeof(TYPE))));               \
    typedef TYPE Loose_##NAME                                                                      \
        __attribute__((vector_size((LANES) * sizeof(TYPE)), aligned(sizeof(TYPE)), may_alias));
HH_VECTOR_TYPES(f32, float, HH_LANES)
HH_VECTOR_TYPES(f64, double, HH_LANES_F64)
HH_VECTOR_TYPES(f32x4, float, 4)
HH_VECTOR_TYPES(f64x2, double, 2)
HH_VECTOR_TYPES(f32_of_f64, float, HH_LANES_F64)

#define HH_INLINE  static inline __attribute__((always_inline))
#define HH_SHUFFLE __builtin_shufflevector

#if HH_LANES == 16
#define HH_LOW_PAIRS(a, b)                                                                         \
    HH_SHUFFLE(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HH_HIGH_PAIRS(a, b)                                                                        \
    HH_SHUFFLE(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define HH_LOW_F64(a, b)  HH_SHUFFLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define HH_HIGH_F64(a, b) HH_SHUFFLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#elif HH_LANES == 8
#define HH_LOW_PAIRS(a, b)  HH_SHUFFLE(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HH_HIGH_PAIRS(a, b) HH_SHUFFLE(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define HH_LOW_F64(a, b)    HH_SHUFFLE(a, b, 0, 4, 2, 6)
#define HH_HIGH_F64(a, b)   HH_SHUFFLE(a, b, 1, 5, 3, 7)
#define HH_PIECE_F32(v, b)  HH_SHUFFLE(v, v, 4 * (b), 4 * (b) + 1, 4 * (b) + 2, 4 * (b) + 3)
#define HH_PIECE_F64(v, b)  HH_SHUFFLE(v, v, 2 * (b), 2 * (b) + 1)
#else
#define HH_LOW_PAIRS(a, b)  HH_SHUFFLE(a, b, 0, 4, 1, 5)
#define HH_HIGH_PAIRS(a, b) HH_SHUFFLE(a, b, 2, 6, 3, 7)
#define HH_LOW_F64(a, b)    HH_SHUFFLE(a, b, 0, 2)
#define HH_HIGH_F64(a, b)   HH_SHUFFLE(a, b, 1, 3)
#define HH_PIECE_F32(v, b)  (v)
#define HH_PIECE_F64(v, b)  (v)
#endif

/* Four floats of rows i, i + 4, i + 8, ... side by side. */
HH_INLINE Vector_f32 hh_gather_f32(const float *x, ptrdiff_t stride)
{
#define PIECE(l) _mm_loadu_ps(x + (l)*stride)
#if HH_LANES == 16
    __m512 v = _mm512_castps128_ps512(PIECE(0));
    v = _mm512_mask_broadcast_f32x4(v, 0x00f0, PIECE(4));
    v = _mm512_mask_broadcast_f32x4(v, 0x0f00, PIECE(8));
    return (Vector_f32)_mm512_mask_broadcast_f32x4(v, 0xf000, PIECE(12));
#elif HH_LANES == 8
    return (Vector_f32)_mm256_insertf128_ps(_mm256_castps128_ps256(PIECE(0)), PIECE(4), 1);
#else
    (void)stride;
    return *(const Loose_f32 *)x;
#endif
#undef PIECE
}

/* Two doubles of rows i, i + 2, i + 4, ... side by side. */
HH_INLINE Vector_f64 hh_gather_f64(const double *x, ptrdiff_t stride)
{
#define PIECE(l) _mm_loadu_pd(x + (l)*stride)
#if HH_LANES == 16
    __m512d v = _mm512_castpd128_pd512(PIECE(0));
    v = _mm512_mask_broadcast_f64x2(v, 0x0c, PIECE(2));
    v = _mm512_mask_broadcast_f64x2(v, 0x30, PIECE(4));
    return (Vector_f64)_mm512_mask_broadcast_f64x2(v, 0xc0, PIECE(6));
#elif HH_LANES == 8
    return (Vector_f64)_mm256_insertf128_pd(_mm256_castpd128_pd256(PIECE(0)), PIECE(2), 1);
#else
    (void)stride;
    return *(const Loose_f64 *)x;
#endif
#undef PIECE
}

/* Transposes each 4 x 4 floats that share a 128-bit column of v[0..3]. */
HH_INLINE void hh_transpose4_f32(Vector_f32 *v)
{
    Vector_f32 a = HH_LOW_PAIRS(v[0], v[1]), b = HH_HIGH_PAIRS(v[0], v[1]);
    Vector_f32 c = HH_LOW_PAIRS(v[2], v[3]), d = HH_HIGH_PAIRS(v[2], v[3]);
    /* halves of 64 bits: as doubles, for the compilers know those shuffles */
    v[0] = (Vector_f32)HH_LOW_F64((Vector_f64)a, (Vector_f64)c);
    v[1] = (Vector_f32)HH_HIGH_F64((Vector_f64)a, (Vector_f64)c);
    v[2] = (Vector_f32)HH_LOW_F64((Vector_f64)b, (Vector_f64)d);
    v[3] = (Vector_f32)HH_HIGH_F64((Vector_f64)b, (Vector_f64)d);
}

HH_INLINE void load_f32(const float *x, ptrdiff_t stride, const float *window, Vector_f32 *out)
{
    for (ptrdiff_t s = 0; s < HH_LANES; s += 4) {
        Vector_f32 v[4];
        for (ptrdiff_t i = 0; i < 4; i++) v[i] = hh_gather_f32(x + i * stride + s, stride);
        hh_transpose4_f32(v);
        for (ptrdiff_t i = 0; i < 4; i++) out[s + i] = window ? v[i] * window[s + i] : v[i];
    }
}

HH_INLINE void load_f64(const double *x, ptrdiff_t stride, const double *window, Vector_f64 *out)
{
    for (ptrdiff_t s = 0; s < HH_LANES_F64; s += 2) {
        Vector_f64 a = hh_gather_f64(x + s, stride), b = hh_gather_f64(x + stride + s, stride);
        Vector_f64 low = HH_LOW_F64(a, b), high = HH_HIGH_F64(a, b);
        out[s] = window ? low * window[s] : low;
        out[s + 1] = window ? high * window[s + 1] : high;
    }
}

/* From float frames into lanes of double: four samples of each frame at a time, transposed as
 * floats. */
HH_INLINE void load_narrow_f64(const float *x, ptrdiff_t stride, const double *window,
                               Vector_f64 *out)
{
#if HH_LANES == 16
    for (ptrdiff_t s = 0; s < HH_LANES_F64; s += 4) {
        __m256 r[4];
        for (ptrdiff_t i = 0; i < 4; i++)
            r[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(x + i * stride + s)),
                                        _mm_loadu_ps(x + (i + 4) * stride + s), 1);
        __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r[0], r[1])),
                b = _mm256_castps_pd(_mm256_unpacklo_ps(r[2], r[3]));
        __m256d c = _mm256_castps_pd(_mm256_unpackhi_ps(r[0], r[1])),
                d = _mm256_castps_pd(_mm256_unpackhi_ps(r[2], r[3]));
        const __m256d v[4] = {_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b),
                              _mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d)};
        for (ptrdiff_t i = 0; i < 4; i++) {
            Vector_f64 wide = (Vector_f64)_mm512_cvtps_pd(_mm256_castpd_ps(v[i]));
            out[s + i] = window ? wide * window[s + i] : wide;
        }
    }
#elif HH_LANES == 8
    __m128 r[4];
    for (ptrdiff_t i = 0; i < 4; i++) r[i] = _mm_loadu_ps(x + i * stride);
    _MM_TRANSPOSE4_PS(r[0], r[1], r[2], r[3]);
    for (ptrdiff_t i = 0; i < 4; i++) {
        Vector_f64 wide = (Vector_f64)_mm256_cvtps_pd(r[i]);
        out[i] = window ? wide * window[i] : wide;
    }
#else
    for (ptrdiff_t s = 0; s < HH_LANES_F64; s++) {
        Vector_f64 wide = {(double)x[s], (double)x[stride + s]};
        out[s] = window ? wide * window[s] : wide;
    }
#endif
}

HH_INLINE void store_f32(const Vector_f32 *block, float *y, ptrdiff_t stride)
{
#if HH_LANES == 16
    /* Whole rows, though it takes twice the shuffles: frames are often a multiple of 4096 bytes
     * apart, and a quarter of each of 16 lines at a time would evict every line before it is
     * full. */
    Vector_f32 v[16];
    for (int s = 0; s < 16; s++) v[s] = block[s];
    for (int s = 0; s < 16; s += 4)
        hh_transpose4_f32(v + s); /* v[s + i]: samples s.. of rows i, i + 4, i + 8, i + 12 */
    for (int i = 0; i < 4; i++) {
        __m512 a = _mm512_shuffle_f32x4((__m512)v[i], (__m512)v[i + 4], 0x44);
        __m512 b = _mm512_shuffle_f32x4((__m512)v[i + 8], (__m512)v[i + 12], 0x44);
        __m512 c = _mm512_shuffle_f32x4((__m512)v[i], (__m512)v[i + 4], 0xee);
        __m512 d = _mm512_shuffle_f32x4((__m512)v[i + 8], (__m512)v[i + 12], 0xee);
        float *p = y + i * stride;
        _mm512_storeu_ps(p, _mm512_shuffle_f32x4(a, b, 0x88));
        _mm512_storeu_ps(p + 4 * stride, _mm512_shuffle_f32x4(a, b, 0xdd));
        _mm512_storeu_ps(p + 8 * stride, _mm512_shuffle_f32x4(c, d, 0x88));
        _mm512_storeu_ps(p + 12 * stride, _mm512_shuffle_f32x4(c, d, 0xdd));
    }
#else
    for (int s = 0; s < HH_LANES; s += 4) {
        Vector_f32 v[4] = {block[s], block[s + 1], block[s + 2], block[s + 3]};
        hh_transpose4_f32(v);
        for (int i = 0; i < 4; i++) {
            float *p = y + i * stride + s;
            *(Loose_f32x4 *)p = HH_PIECE_F32(v[i], 0);
#if HH_LANES == 8
            *(Loose_f32x4 *)(p + 4 * stride) = HH_PIECE_F32(v[i], 1);
#endif
        }
    }
#endif
}

HH_INLINE void store_rounded_f32(Vector_f32 v, float *y)
{
    *(Loose_f32 *)y = v;
}

HH_INLINE void store_rounded_f64(Vector_f64 v, float *y)
{
    *(Loose_f32_of_f64 *)y = __builtin_convertvector(v, Vector_f32_of_f64);
}

HH_INLINE void store_f64(const Vector_f64 *block, double *y, ptrdiff_t stride)
{
#if HH_LANES == 16
    Vector_f64 v[8];
    for (int s = 0; s < 8; s += 2) { /* v[s], v[s + 1]: samples s, s + 1 of even and of odd rows */
        v[s] = HH_LOW_F64(block[s], block[s + 1]);
        v[s + 1] = HH_HIGH_F64(block[s], block[s + 1]);
    }
    for (int i = 0; i < 2; i++) {
        __m512d a = _mm512_shuffle_f64x2((__m512d)v[i], (__m512d)v[i + 2], 0x44);
        __m512d b = _mm512_shuffle_f64x2((__m512d)v[i + 4], (__m512d)v[i + 6], 0x44);
        __m512d c = _mm512_shuffle_f64x2((__m512d)v[i], (__m512d)v[i + 2], 0xee);
        __m512d d = _mm512_shuffle_f64x2((__m512d)v[i + 4], (__m512d)v[i + 6], 0xee);
        double *p = y + i * stride;
        _mm512_storeu_pd(p, _mm512_shuffle_f64x2(a, b, 0x88));
        _mm512_storeu_pd(p + 2 * stride, _mm512_shuffle_f64x2(a, b, 0xdd));
        _mm512_storeu_pd(p + 4 * stride, _mm512_shuffle_f64x2(c, d, 0x88));
        _mm512_storeu_pd(p + 6 * stride, _mm512_shuffle_f64x2(c, d, 0xdd));
    }
#else
    for (int s = 0; s < HH_LANES_F64; s += 2) {
        const Vector_f64 v[2] = {HH_LOW_F64(block[s], block[s + 1]),
                                 HH_HIGH_F64(block[s], block[s + 1])};
        for (int i = 0; i < 2; i++) {
            double *p = y + i * stride + s;
            *(Loose_f64x2 *)p = HH_PIECE_F64(v[i], 0);
#if HH_LANES == 8
            *(Loose_f64x2 *)(p + 2 * stride) = HH_PIECE_F64(v[i], 1);
#endif
        }
    }
#endif
}

#endif
