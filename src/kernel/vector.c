/* See vector.h. The loops over elements are plain C and left to the compiler; sums and transposes
 * are written with registers, because their order of addition is part of the result. */
#include "kernel/vector.h"

#include <float.h>
#include <math.h>

#include "kernel/elementary.h"
#include "kernel/lanes.h"

/* ---- sums of arrays: 32 partial sums, element i in sum i % 32 */

enum {
    PARTIAL = 32,
    FLOAT_VECTORS = PARTIAL / HH_LANES,
    DOUBLE_VECTORS = PARTIAL / HH_DOUBLE_LANES
};

static float combine_f32(float *s)
{
    for (int half = PARTIAL / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    return s[0];
}

static double combine_f64(double *s)
{
    for (int half = PARTIAL / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    return s[0];
}

/* TERM_VECTOR gives one vector at offset o, TERM_ONE the single term at offset o. */
#define DEFINE_SUM_F32(NAME, PARAMETERS, TERM_VECTOR, TERM_ONE)                                    \
    static float NAME PARAMETERS                                                                   \
    {                                                                                              \
        HhFloats v[FLOAT_VECTORS] = {{0}};                                                         \
        float s[PARTIAL];                                                                          \
        size_t i = 0;                                                                              \
        for (; i + PARTIAL <= n; i += PARTIAL)                                                     \
            for (int j = 0; j < FLOAT_VECTORS; j++) {                                              \
                size_t o = i + (size_t)(j * HH_LANES);                                             \
                v[j] += TERM_VECTOR;                                                               \
            }                                                                                      \
        for (int j = 0; j < FLOAT_VECTORS; j++) hh_store_f32(s + j * HH_LANES, v[j]);              \
        for (size_t o = i; o < n; o++) s[o - i] += TERM_ONE;                                       \
        return combine_f32(s);                                                                     \
    }

#define DEFINE_SUM_F64(NAME, PARAMETERS, TERM_VECTOR, TERM_ONE)                                    \
    static double NAME PARAMETERS                                                                  \
    {                                                                                              \
        HhDoubles v[DOUBLE_VECTORS] = {{0}};                                                       \
        double s[PARTIAL];                                                                         \
        size_t i = 0;                                                                              \
        for (; i + PARTIAL <= n; i += PARTIAL)                                                     \
            for (int j = 0; j < DOUBLE_VECTORS; j++) {                                             \
                size_t o = i + (size_t)(j * HH_DOUBLE_LANES);                                      \
                v[j] += TERM_VECTOR;                                                               \
            }                                                                                      \
        for (int j = 0; j < DOUBLE_VECTORS; j++) hh_store_f64(s + j * HH_DOUBLE_LANES, v[j]);      \
        for (size_t o = i; o < n; o++) s[o - i] += TERM_ONE;                                       \
        return combine_f64(s);                                                                     \
    }

DEFINE_SUM_F32(dot_f32, (const float *a, const float *b, size_t n),
               hh_load_f32(a + o) * hh_load_f32(b + o), a[o] * b[o])
DEFINE_SUM_F32(sum_squares_f32, (const float *x, size_t n), hh_load_f32(x + o) * hh_load_f32(x + o),
               x[o] * x[o])
DEFINE_SUM_F64(sum_f64, (const double *x, size_t n), hh_load_f64(x + o), x[o])
DEFINE_SUM_F64(sum_f32_f64, (const float *x, size_t n), hh_load_f32_f64(x + o), (double)x[o])
DEFINE_SUM_F64(dot_f32_f64, (const float *a, const float *b, size_t n),
               hh_load_f32_f64(a + o) * hh_load_f32_f64(b + o), (double)a[o] * (double)b[o])
DEFINE_SUM_F64(sum_squares_f32_f64, (const float *x, size_t n),
               hh_load_f32_f64(x + o) * hh_load_f32_f64(x + o), (double)x[o] * (double)x[o])
DEFINE_SUM_F64(sum_squares_f64, (const double *x, size_t n),
               hh_load_f64(x + o) * hh_load_f64(x + o), x[o] * x[o])

/* The largest: the order only decides which of two zeros is returned. HH_TILE candidates,
 * whatever the level. The compilers leave a loop over lanes scalar here: the instructions by
 * name. */
#define DEFINE_MAX(NAME, TYPE, VECTOR, LANES, LOAD, STORE, PICK)                                   \
    static TYPE NAME(const TYPE *x, size_t n)                                                      \
    {                                                                                              \
        enum { VECTORS = HH_TILE / LANES };                                                        \
        TYPE best[HH_TILE];                                                                        \
        VECTOR v[VECTORS];                                                                         \
        for (int l = 0; l < HH_TILE; l++) best[l] = x[0];                                          \
        for (int j = 0; j < VECTORS; j++) v[j] = LOAD(best + j * LANES);                           \
        size_t i = 0;                                                                              \
        for (; i + HH_TILE <= n; i += HH_TILE)                                                     \
            for (int j = 0; j < VECTORS; j++)                                                      \
                v[j] = PICK(LOAD(x + i + (size_t)(j * LANES)), v[j]);                              \
        for (int j = 0; j < VECTORS; j++) STORE(best + j * LANES, v[j]);                           \
        for (; i < n; i++) best[0] = x[i] > best[0] ? x[i] : best[0];                              \
        for (int l = 1; l < HH_TILE; l++) best[0] = best[l] > best[0] ? best[l] : best[0];         \
        return best[0];                                                                            \
    }

DEFINE_MAX(max_f32, float, HhFloats, HH_LANES, hh_load_f32, hh_store_f32, hh_max_f32)
DEFINE_MAX(max_f64, double, HhDoubles, HH_DOUBLE_LANES, hh_load_f64, hh_store_f64, hh_max_f64)

/* Without their signs floats are ordered like the integers that hold them, infinity and NaN above
 * the others. */
static float max_abs_f32(const float *x, size_t n)
{
    int32_t most = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t bits = hh_bits_f32(x[i]) & 0x7fffffff;
        most = bits > most ? bits : most;
    }
    return hh_from_bits_f32(most);
}

static double max_abs_f64(const double *x, size_t n)
{
    int64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        bits &= INT64_MAX;
        most = bits > most ? bits : most;
    }
    double largest;
    memcpy(&largest, &most, sizeof largest);
    return largest;
}

static bool finite_f32(const float *x, size_t n)
{
    const int32_t exponent = 0x7f800000;
    for (size_t i = 0; i < n;) {
        size_t end = n - i > 4096 ? i + 4096 : n;
        int32_t odd = 0;
        for (; i < end; i++) odd |= (hh_bits_f32(x[i]) & exponent) == exponent;
        if (odd) return false;
    }
    return true;
}

static bool finite_f64(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(x[i]) <= DBL_MAX)) return false;
    return true;
}

static bool non_negative_f32(const float *x, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t end = n - i > 4096 ? i + 4096 : n;
        int32_t odd = 0;
        for (; i < end; i++) odd |= x[i] < 0.0f;
        if (odd) return false;
    }
    return true;
}

static bool non_negative_f64(const double *x, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t end = n - i > 4096 ? i + 4096 : n;
        int64_t odd = 0;
        for (; i < end; i++) odd |= x[i] < 0.0;
        if (odd) return false;
    }
    return true;
}

static size_t crossings_f32(const float *x, size_t n, float threshold)
{
    size_t total = 0;
    for (size_t i = 1; i < n;) {
        size_t end = n - i > 4096 ? i + 4096 : n;
        int32_t count = 0;
        for (; i < end; i++) count += (x[i - 1] < -threshold) ^ (x[i] < -threshold);
        total += (size_t)count;
    }
    return total;
}

static size_t crossings_f64(const double *x, size_t n, double threshold)
{
    size_t total = 0;
    for (size_t i = 1; i < n;) {
        size_t end = n - i > 4096 ? i + 4096 : n;
        int64_t count = 0;
        for (; i < end; i++) count += (x[i - 1] < -threshold) ^ (x[i] < -threshold);
        total += (size_t)count;
    }
    return total;
}

/* ---- elementwise */

#define DEFINE_MAP(NAME, PARAMETERS, STATEMENT)                                                    \
    static void NAME PARAMETERS                                                                    \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) STATEMENT;                                                  \
    }

DEFINE_MAP(multiply_f32, (const float *a, const float *b, float *y, size_t n), y[i] = a[i] * b[i])
DEFINE_MAP(scale_f32, (const float *x, float factor, float *y, size_t n), y[i] = x[i] * factor)
DEFINE_MAP(scale_f32_f64, (const float *x, double factor, float *y, size_t n),
           y[i] = (float)((double)x[i] * factor))
DEFINE_MAP(scale_f64, (const double *x, double factor, double *y, size_t n), y[i] = x[i] * factor)
DEFINE_MAP(scale_f64_to_f32, (const double *restrict x, double factor, float *restrict y, size_t n),
           y[i] = (float)(x[i] * factor))
DEFINE_MAP(multiply_f64_f32, (const double *a, const float *b, double *y, size_t n),
           y[i] = a[i] * (double)b[i])
DEFINE_MAP(add_f32, (const float *x, float *y, size_t n), y[i] += x[i])
DEFINE_MAP(add_f64, (const double *x, double *y, size_t n), y[i] += x[i])
DEFINE_MAP(add_scaled_f32, (const float *x, float factor, float *y, size_t n),
           y[i] += factor * x[i])
DEFINE_MAP(add_scaled_f64, (const double *x, double factor, double *y, size_t n),
           y[i] += factor * x[i])
DEFINE_MAP(clamp_below_f32, (const float *x, float low, float *y, size_t n),
           y[i] = x[i] > low ? x[i] : low)
DEFINE_MAP(to_f64, (const float *restrict x, double *restrict y, size_t n), y[i] = (double)x[i])
DEFINE_MAP(to_f32, (const double *restrict x, float *restrict y, size_t n), y[i] = (float)x[i])

DEFINE_MAP(sqrt_array_f32, (const float *x, float *y, size_t n), y[i] = sqrtf(x[i]))
DEFINE_MAP(log_array_f32, (const float *x, float *y, size_t n), y[i] = hh_log_f32(x[i]))
DEFINE_MAP(log10_array_f32, (const float *x, float *y, size_t n), y[i] = hh_log10_f32(x[i]))
DEFINE_MAP(log1p_array_f32, (const float *x, float *y, size_t n), y[i] = hh_log1p_f32(x[i]))
DEFINE_MAP(exp_array_f32, (const float *x, float *y, size_t n), y[i] = hh_exp_f32(x[i]))
DEFINE_MAP(pow_array_f32, (const float *x, float exponent, float *y, size_t n),
           y[i] = hh_pow_f32(x[i], exponent))
DEFINE_MAP(power_f32,
           (const float *restrict re, const float *restrict im, float *restrict power, size_t n),
           power[i] = re[i] * re[i] + im[i] * im[i])
DEFINE_MAP(magnitude_f32,
           (const float *restrict re, const float *restrict im, float *restrict magnitude,
            size_t n),
           magnitude[i] = sqrtf(re[i] * re[i] + im[i] * im[i]))
DEFINE_MAP(power_f64,
           (const double *restrict re, const double *restrict im, double *restrict power, size_t n),
           power[i] = re[i] * re[i] + im[i] * im[i])
DEFINE_MAP(magnitude_f64_f32,
           (const double *restrict re, const double *restrict im, float *restrict magnitude,
            size_t n),
           magnitude[i] = (float)sqrt(re[i] * re[i] + im[i] * im[i]))
DEFINE_MAP(add_conjugate_product_f64,
           (const double *a_re, const double *a_im, const double *b_re, const double *b_im,
            double *restrict sum_re, double *restrict sum_im, size_t n),
           (sum_re[i] += a_re[i] * b_re[i] + a_im[i] * b_im[i],
            sum_im[i] += a_re[i] * b_im[i] - a_im[i] * b_re[i]))
/* NumPy's vector code scales by the larger part and fuses 1 + q^2; in double the square is
 * exact, so that rounding the sum to float does what the fused operation does (but for ties, one
 * in 2^29). */
static void magnitude_like_numpy(const double *restrict re, const double *restrict im,
                                 float *restrict magnitude, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float a = fabsf((float)re[i]), b = fabsf((float)im[i]);
        float big = a > b ? a : b, small = a > b ? b : a;
        float q = big > 0.0f ? small / big : 0.0f;
        float scale = (float)(1.0 + (double)q * (double)q);
        magnitude[i] = big * sqrtf(scale);
    }
}

static void complex_magnitude(const float *restrict x, float *restrict magnitude, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double re = (double)x[2 * i], im = (double)x[2 * i + 1];
        magnitude[i] = (float)sqrt(re * re + im * im);
    }
}

static void complex_scale(const float *restrict x, const float *restrict factor, float *restrict y,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[2 * i] = factor[i] * x[2 * i];
        y[2 * i + 1] = factor[i] * x[2 * i + 1];
    }
}

static void complex_magnitude_f64(const double *restrict x, double factor,
                                  float *restrict magnitude, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double re = factor * x[2 * i], im = factor * x[2 * i + 1];
        magnitude[i] = (float)sqrt(re * re + im * im);
    }
}

static void complex_scale_f64(const double *restrict x, const float *restrict factor,
                              double *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[2 * i] = (double)factor[i] * x[2 * i];
        y[2 * i + 1] = (double)factor[i] * x[2 * i + 1];
    }
}

static void complex_phase(const float *restrict x, float *restrict magnitude, float *restrict phase,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float re = x[2 * i], im = x[2 * i + 1];
        float size = (float)sqrt((double)re * (double)re + (double)im * (double)im);
        float zero = size == 0.0f ? 1.0f : 0.0f;
        magnitude[i] = size;
        phase[2 * i] = re / (size + zero) + zero;
        phase[2 * i + 1] = im / (size + zero);
    }
}

static void complex_phase_f64(const double *restrict x, double *restrict magnitude,
                              double *restrict phase, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double re = x[2 * i], im = x[2 * i + 1], a = fabs(re), b = fabs(im);
        double big = a > b ? a : b, small = a > b ? b : a;
        double zero = big == 0.0 ? 1.0 : 0.0, q = small / (big + zero);
        double size = big * sqrt(1.0 + q * q);
        magnitude[i] = size;
        phase[2 * i] = re / (size + zero) + zero;
        phase[2 * i + 1] = im / (size + zero);
    }
}

/* ---- down the columns: each group of lanes by itself, so that the partial sums stay in
 * registers */

#define DEFINE_TILE_SUM(NAME, TYPE, VECTOR, LOAD, STORE, LANES, PARAMETERS, TERM)                  \
    static void NAME PARAMETERS                                                                    \
    {                                                                                              \
        for (int g = 0; g < HH_TILE; g += LANES) {                                                 \
            VECTOR s[4] = {{0}};                                                                   \
            size_t r = 0;                                                                          \
            for (; r + 4 <= rows; r += 4)                                                          \
                for (size_t j = 0; j < 4; j++)                                                     \
                    s[j] += LOAD(tile + (r + j) * HH_TILE + g) TERM(r + j);                        \
            for (size_t j = 0; r + j < rows; j++)                                                  \
                s[j] += LOAD(tile + (r + j) * HH_TILE + g) TERM(r + j);                            \
            STORE(sum + g, (s[0] + s[1]) + (s[2] + s[3]));                                         \
        }                                                                                          \
    }
#define NO_TERM(row)
#define WEIGHT_TERM(row) *weight[row]

DEFINE_TILE_SUM(tile_sum_f32, float, HhFloats, hh_load_f32, hh_store_f32, HH_LANES,
                (const float *tile, size_t rows, float *sum), NO_TERM)
DEFINE_TILE_SUM(tile_sum_f64, double, HhDoubles, hh_load_f64, hh_store_f64, HH_DOUBLE_LANES,
                (const double *tile, size_t rows, double *sum), NO_TERM)
DEFINE_TILE_SUM(tile_dot_f32, float, HhFloats, hh_load_f32, hh_store_f32, HH_LANES,
                (const float *tile, const float *weight, size_t rows, float *sum), WEIGHT_TERM)
/* One group of lanes over one block of at most 128 rows. */
static HhFloats block_sum(const float *x, size_t rows)
{
    HhFloats s = {0}, part[8];
    size_t r = 0;
    if (rows >= 8) {
        for (size_t j = 0; j < 8; j++) part[j] = hh_load_f32(x + j * HH_TILE);
        for (r = 8; r + 8 <= rows; r += 8)
            for (size_t j = 0; j < 8; j++) part[j] += hh_load_f32(x + (r + j) * HH_TILE);
        s = ((part[0] + part[1]) + (part[2] + part[3])) +
            ((part[4] + part[5]) + (part[6] + part[7]));
    }
    for (; r < rows; r++) s += hh_load_f32(x + r * HH_TILE);
    return s;
}

static HhFloats pairwise_sum(const float *x, size_t rows)
{
    if (rows <= 128) return block_sum(x, rows);
    size_t half = rows / 2 / 8 * 8;
    return pairwise_sum(x, half) + pairwise_sum(x + half * HH_TILE, rows - half);
}

static void tile_sum_like_numpy(const float *tile, size_t rows, bool pairwise, float *sum)
{
    for (int g = 0; g < HH_TILE; g += HH_LANES) {
        HhFloats s = {0};
        if (pairwise)
            s = pairwise_sum(tile + g, rows);
        else
            for (size_t r = 0; r < rows; r++) s += hh_load_f32(tile + r * HH_TILE + g);
        hh_store_f32(sum + g, s);
    }
}

static void tile_max_f32(const float *tile, size_t rows, float *max)
{
    for (int g = 0; g < HH_TILE; g += HH_LANES) {
        HhFloats best = hh_load_f32(tile + g);
        for (size_t r = 1; r < rows; r++)
            best = hh_max_f32(hh_load_f32(tile + r * HH_TILE + g), best);
        hh_store_f32(max + g, best);
    }
}

/* ---- between tiles and frames: blocks of 4 bins by 4 lanes are turned in registers */

typedef float Quad __attribute__((vector_size(16)));

static inline Quad load_quad(const float *x)
{
    Quad v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void store_quad(float *x, Quad v)
{
    memcpy(x, &v, sizeof v);
}

static inline void transpose_4x4(Quad v[4])
{
    Quad a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5); /* 00 10 01 11 */
    Quad b = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5); /* 20 30 21 31 */
    Quad c = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7); /* 02 12 03 13 */
    Quad d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7); /* 22 32 23 33 */
    v[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    v[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    v[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    v[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

/* Frames often lie a multiple of 4096 bytes or nearly so apart, and then share the few ways of one
 * cache set: only four of them are written at a time, in runs of RUN bins. */
enum { RUN = 64 };

static void tile_to_frames_f32(const float *tile, size_t bins, int count, float *frames,
                               ptrdiff_t stride)
{
    for (size_t first = 0; first < bins; first += RUN) {
        size_t end = bins - first > RUN ? first + RUN : bins;
        int l = 0;
        for (; l + 4 <= count; l += 4) {
            size_t b = first;
            for (; b + 4 <= end; b += 4) {
                Quad v[4];
                for (int i = 0; i < 4; i++) v[i] = load_quad(tile + (b + (size_t)i) * HH_TILE + l);
                transpose_4x4(v);
                for (int i = 0; i < 4; i++) store_quad(frames + (l + i) * stride + b, v[i]);
            }
            for (; b < end; b++)
                for (int i = l; i < l + 4; i++)
                    frames[i * stride + (ptrdiff_t)b] = tile[b * HH_TILE + (size_t)i];
        }
        for (; l < count; l++)
            for (size_t b = first; b < end; b++)
                frames[l * stride + (ptrdiff_t)b] = tile[b * HH_TILE + (size_t)l];
    }
}

static void frames_to_tile_f32(const float *frames, ptrdiff_t stride, size_t bins, int count,
                               float *tile)
{
    size_t b = 0;
    for (; b + 4 <= bins; b += 4) {
        int l = 0;
        for (; l + 4 <= count; l += 4) {
            Quad v[4];
            for (int i = 0; i < 4; i++) v[i] = load_quad(frames + (l + i) * stride + b);
            transpose_4x4(v);
            for (int i = 0; i < 4; i++) store_quad(tile + (b + (size_t)i) * HH_TILE + l, v[i]);
        }
        for (; l < HH_TILE; l++)
            for (size_t i = b; i < b + 4; i++)
                tile[i * HH_TILE + (size_t)l] =
                    l < count ? frames[l * stride + (ptrdiff_t)i] : 0.0f;
    }
    for (; b < bins; b++)
        for (int l = 0; l < HH_TILE; l++)
            tile[b * HH_TILE + (size_t)l] = l < count ? frames[l * stride + (ptrdiff_t)b] : 0.0f;
}

/* Rounds to float. */
static inline Quad load_quad_f64(const double *x)
{
    double v __attribute__((vector_size(32)));
    memcpy(&v, x, sizeof v);
    return __builtin_convertvector(v, Quad);
}

#define DEFINE_TILE_TO_FRAMES_COMPLEX(NAME, TYPE, LOAD)                                            \
    static void NAME(const TYPE *re, const TYPE *im, size_t bins, int count, float *frames,        \
                     ptrdiff_t stride)                                                             \
    {                                                                                              \
        for (size_t first = 0; first < bins; first += RUN) {                                       \
            size_t end = bins - first > RUN ? first + RUN : bins;                                  \
            int l = 0;                                                                             \
            for (; l + 4 <= count; l += 4) {                                                       \
                size_t b = first;                                                                  \
                for (; b + 4 <= end; b += 4) {                                                     \
                    Quad v[4], w[4];                                                               \
                    for (int i = 0; i < 4; i++) {                                                  \
                        v[i] = LOAD(re + (b + (size_t)i) * HH_TILE + l);                           \
                        w[i] = LOAD(im + (b + (size_t)i) * HH_TILE + l);                           \
                    }                                                                              \
                    transpose_4x4(v);                                                              \
                    transpose_4x4(w);                                                              \
                    for (int i = 0; i < 4; i++) {                                                  \
                        float *out = frames + 2 * ((l + i) * stride + (ptrdiff_t)b);               \
                        store_quad(out, __builtin_shufflevector(v[i], w[i], 0, 4, 1, 5));          \
                        store_quad(out + 4, __builtin_shufflevector(v[i], w[i], 2, 6, 3, 7));      \
                    }                                                                              \
                }                                                                                  \
                for (; b < end; b++)                                                               \
                    for (int i = l; i < l + 4; i++) {                                              \
                        float *out = frames + 2 * (i * stride + (ptrdiff_t)b);                     \
                        out[0] = (float)re[b * HH_TILE + (size_t)i];                               \
                        out[1] = (float)im[b * HH_TILE + (size_t)i];                               \
                    }                                                                              \
            }                                                                                      \
            for (; l < count; l++)                                                                 \
                for (size_t b = first; b < end; b++) {                                             \
                    float *out = frames + 2 * (l * stride + (ptrdiff_t)b);                         \
                    out[0] = (float)re[b * HH_TILE + (size_t)l];                                   \
                    out[1] = (float)im[b * HH_TILE + (size_t)l];                                   \
                }                                                                                  \
        }                                                                                          \
    }

DEFINE_TILE_TO_FRAMES_COMPLEX(tile_to_frames_complex, float, load_quad)
DEFINE_TILE_TO_FRAMES_COMPLEX(tile_to_frames_complex_f64_f32, double, load_quad_f64)

static void frames_to_tile_complex(const float *frames, ptrdiff_t stride, size_t bins, int count,
                                   float *re, float *im)
{
    size_t b = 0;
    for (; b + 4 <= bins; b += 4) {
        int l = 0;
        for (; l + 4 <= count; l += 4) {
            Quad v[4], w[4];
            for (int i = 0; i < 4; i++) {
                const float *in = frames + 2 * ((l + i) * stride + (ptrdiff_t)b);
                Quad low = load_quad(in), high = load_quad(in + 4);
                v[i] = __builtin_shufflevector(low, high, 0, 2, 4, 6);
                w[i] = __builtin_shufflevector(low, high, 1, 3, 5, 7);
            }
            transpose_4x4(v);
            transpose_4x4(w);
            for (int i = 0; i < 4; i++) {
                store_quad(re + (b + (size_t)i) * HH_TILE + l, v[i]);
                store_quad(im + (b + (size_t)i) * HH_TILE + l, w[i]);
            }
        }
        for (; l < HH_TILE; l++)
            for (size_t i = b; i < b + 4; i++) {
                const float *in = frames + 2 * (l * stride + (ptrdiff_t)i);
                re[i * HH_TILE + (size_t)l] = l < count ? in[0] : 0.0f;
                im[i * HH_TILE + (size_t)l] = l < count ? in[1] : 0.0f;
            }
    }
    for (; b < bins; b++)
        for (int l = 0; l < HH_TILE; l++) {
            const float *in = frames + 2 * (l * stride + (ptrdiff_t)b);
            re[b * HH_TILE + (size_t)l] = l < count ? in[0] : 0.0f;
            im[b * HH_TILE + (size_t)l] = l < count ? in[1] : 0.0f;
        }
}

/* In double two numbers fill 128 bits: nothing to turn but a pair of real and imaginary parts. */
typedef double Pair __attribute__((vector_size(16)));

static inline Pair load_pair(const double *x)
{
    Pair v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void store_pair(double *x, Pair v)
{
    memcpy(x, &v, sizeof v);
}

static void tile_to_frames_complex_f64(const double *re, const double *im, size_t bins, int count,
                                       double *frames, ptrdiff_t stride)
{
    for (size_t first = 0; first < bins; first += RUN) {
        size_t end = bins - first > RUN ? first + RUN : bins;
        int l = 0;
        for (; l + 2 <= count; l += 2) {
            double *even = frames + 2 * l * stride, *odd = even + 2 * stride;
            for (size_t b = first; b < end; b++) {
                Pair v = load_pair(re + b * HH_TILE + l), w = load_pair(im + b * HH_TILE + l);
                store_pair(even + 2 * b, __builtin_shufflevector(v, w, 0, 2));
                store_pair(odd + 2 * b, __builtin_shufflevector(v, w, 1, 3));
            }
        }
        for (; l < count; l++)
            for (size_t b = first; b < end; b++) {
                frames[2 * (l * stride + (ptrdiff_t)b)] = re[b * HH_TILE + (size_t)l];
                frames[2 * (l * stride + (ptrdiff_t)b) + 1] = im[b * HH_TILE + (size_t)l];
            }
    }
}

static void frames_to_tile_f64(const double *frames, ptrdiff_t stride, size_t bins, int count,
                               double *tile)
{
    size_t b = 0;
    for (; b + 2 <= bins; b += 2) {
        double *row = tile + b * HH_TILE;
        int l = 0;
        for (; l + 2 <= count; l += 2) {
            Pair v = load_pair(frames + l * stride + (ptrdiff_t)b);
            Pair w = load_pair(frames + (l + 1) * stride + (ptrdiff_t)b);
            store_pair(row + l, __builtin_shufflevector(v, w, 0, 2));
            store_pair(row + HH_TILE + l, __builtin_shufflevector(v, w, 1, 3));
        }
        for (; l < HH_TILE; l++)
            for (ptrdiff_t i = 0; i < 2; i++)
                row[i * HH_TILE + l] = l < count ? frames[l * stride + (ptrdiff_t)b + i] : 0.0;
    }
    for (int l = 0; b < bins && l < HH_TILE; l++)
        tile[b * HH_TILE + (size_t)l] = l < count ? frames[l * stride + (ptrdiff_t)b] : 0.0;
}

static void frames_to_tile_complex_f64(const double *frames, ptrdiff_t stride, size_t bins,
                                       int count, double *re, double *im)
{
    for (size_t b = 0; b < bins; b++) {
        double *row_re = re + b * HH_TILE, *row_im = im + b * HH_TILE;
        const double *in = frames + 2 * b;
        int l = 0;
        for (; l + 2 <= count; l += 2, in += 4 * stride) {
            Pair v = load_pair(in), w = load_pair(in + 2 * stride);
            store_pair(row_re + l, __builtin_shufflevector(v, w, 0, 2));
            store_pair(row_im + l, __builtin_shufflevector(v, w, 1, 3));
        }
        for (; l < HH_TILE; l++, in += 2 * stride) {
            row_re[l] = l < count ? in[0] : 0.0;
            row_im[l] = l < count ? in[1] : 0.0;
        }
    }
}

const HhVectorKernels HH_AT_LEVEL(hh_vector_kernels) = {
    .dot_f32 = dot_f32,
    .dot_f32_f64 = dot_f32_f64,
    .sum_f64 = sum_f64,
    .sum_f32_f64 = sum_f32_f64,
    .sum_squares_f32 = sum_squares_f32,
    .sum_squares_f32_f64 = sum_squares_f32_f64,
    .sum_squares_f64 = sum_squares_f64,
    .max_f32 = max_f32,
    .max_f64 = max_f64,
    .max_abs_f32 = max_abs_f32,
    .max_abs_f64 = max_abs_f64,
    .finite_f32 = finite_f32,
    .finite_f64 = finite_f64,
    .non_negative_f32 = non_negative_f32,
    .non_negative_f64 = non_negative_f64,
    .crossings_f32 = crossings_f32,
    .crossings_f64 = crossings_f64,
    .multiply_f32 = multiply_f32,
    .scale_f32 = scale_f32,
    .scale_f32_f64 = scale_f32_f64,
    .scale_f64 = scale_f64,
    .scale_f64_to_f32 = scale_f64_to_f32,
    .multiply_f64_f32 = multiply_f64_f32,
    .add_f32 = add_f32,
    .add_f64 = add_f64,
    .add_scaled_f32 = add_scaled_f32,
    .add_scaled_f64 = add_scaled_f64,
    .clamp_below_f32 = clamp_below_f32,
    .to_f64 = to_f64,
    .to_f32 = to_f32,
    .sqrt_f32 = sqrt_array_f32,
    .log_f32 = log_array_f32,
    .log10_f32 = log10_array_f32,
    .log1p_f32 = log1p_array_f32,
    .exp_f32 = exp_array_f32,
    .pow_f32 = pow_array_f32,
    .power_f32 = power_f32,
    .magnitude_f32 = magnitude_f32,
    .power_f64 = power_f64,
    .add_conjugate_product_f64 = add_conjugate_product_f64,
    .magnitude_like_numpy = magnitude_like_numpy,
    .magnitude_f64_f32 = magnitude_f64_f32,
    .complex_magnitude = complex_magnitude,
    .complex_scale = complex_scale,
    .complex_magnitude_f64 = complex_magnitude_f64,
    .complex_scale_f64 = complex_scale_f64,
    .complex_phase = complex_phase,
    .complex_phase_f64 = complex_phase_f64,
    .tile_sum_f32 = tile_sum_f32,
    .tile_sum_f64 = tile_sum_f64,
    .tile_sum_like_numpy = tile_sum_like_numpy,
    .tile_dot_f32 = tile_dot_f32,
    .tile_max_f32 = tile_max_f32,
    .tile_to_frames_f32 = tile_to_frames_f32,
    .frames_to_tile_f32 = frames_to_tile_f32,
    .tile_to_frames_complex = tile_to_frames_complex,
    .frames_to_tile_complex = frames_to_tile_complex,
    .frames_to_tile_f64 = frames_to_tile_f64,
    .tile_to_frames_complex_f64 = tile_to_frames_complex_f64,
    .tile_to_frames_complex_f64_f32 = tile_to_frames_complex_f64_f32,
    .frames_to_tile_complex_f64 = frames_to_tile_complex_f64,
};
