/* Arrays of numbers, seen along one axis: norms, masks, local maxima, slopes, histories, means.
 *
 *     HhAxisView mel = {HH_FLOAT32, 1, 128, frames, data};  // 128 bands x frames, along the bands
 *     HhArray unit = HH_ARRAY_INIT;
 *     HhNormalizeParams params;
 *     hh_normalize_defaults(&params);
 *     params.norm = 2.0;
 *     if (hh_normalize(context, &mel, &params, &unit) != HH_OK) ...
 *
 * The numbers are those of librosa 0.11's functions of the same names. Results are arrays of
 * {outer, length, inner}, or what is said; they are HH_OK and empty where the input has no values.
 * Subnormal numbers are kept. */
#ifndef HEIHACHI_MATRIX_H
#define HEIHACHI_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An array of any number of axes as {outer, length, inner}: `length` values along the axis that is
 * meant, `outer` the product of the axes before it and `inner` of those after it, so that value i
 * of line (o, n) is data[(o * length + i) * inner + n]. A view: the memory is the caller's. */
typedef struct HhAxisView {
    HhType type; /* HH_FLOAT32 or HH_FLOAT64, others where it is said */
    size_t outer, length, inner;
    const void *data;
} HhAxisView;

/* What becomes of a line whose norm is below the threshold. */
typedef enum HhNormFill {
    HH_NORM_FILL_NONE, /* it stays as it is */
    HH_NORM_FILL_ONE,  /* all its values become equal, and its norm 1 */
    HH_NORM_FILL_ZEROS
} HhNormFill;

typedef struct HhNormalizeParams {
    size_t size; /* sizeof(HhNormalizeParams) */
    /* p > 0: (sum |x|^p)^(1/p); INFINITY: the largest |x|, the default; -INFINITY: the smallest; 0:
     * how many are not 0 (not with HH_NORM_FILL_ONE); NAN: the values are only copied. */
    double norm;
    double threshold; /* above 0; default NAN: the smallest normal number of the real type */
    HhNormFill fill;  /* default HH_NORM_FILL_NONE */
} HhNormalizeParams;

HH_API void hh_normalize_defaults(HhNormalizeParams *params);
/* Every line divided by its norm, which is computed in double -> the type of x, also HH_COMPLEX64
 * and HH_COMPLEX128. NaN and infinities are refused with HH_ERROR_NOT_FINITE. */
HH_API HhStatus hh_normalize(HhContext *context, const HhAxisView *x,
                             const HhNormalizeParams *params, HhArray *out);

/* x^power / (x^power + reference^power), elementwise, so that nothing overflows; power > 0, of
 * values that are not negative. Where both are below the smallest normal number: 0, or 0.5 with
 * split_zeros. -> the type of both, which have one shape. power = INFINITY: x > reference ->
 * HH_BOOL. */
HH_API HhStatus hh_softmask(HhContext *context, const HhAxisView *x, const HhAxisView *reference,
                            double power, bool split_zeros, HhArray *out);

/* Values above (below) the one before and not below (above) the one after. The first of a line is
 * none; of the last only the first half is asked. -> HH_BOOL */
HH_API HhStatus hh_local_maxima(HhContext *context, const HhAxisView *x, HhArray *out);
HH_API HhStatus hh_local_minima(HhContext *context, const HhAxisView *x, HhArray *out);

typedef struct HhZeroCrossingsParams {
    size_t size;      /* sizeof(HhZeroCrossingsParams) */
    double threshold; /* |x| up to it counts as +0; default 1e-10 */
    bool first;       /* what the first of a line is, default true (librosa's `pad`) */
    /* Default true: 0 is positive, and a sign is the sign bit. Else 0 is a third sign. */
    bool zero_pos;
} HhZeroCrossingsParams;

HH_API void hh_zero_crossings_defaults(HhZeroCrossingsParams *params);
/* Values whose sign is not that of the one before -> HH_BOOL. */
HH_API HhStatus hh_zero_crossings(HhContext *context, const HhAxisView *x,
                                  const HhZeroCrossingsParams *params, HhArray *out);

/* How hh_delta() goes on beyond the ends. */
typedef enum HhDeltaMode {
    HH_DELTA_INTERP,   /* the polynomial through the outermost `width` values, as far as the end */
    HH_DELTA_NEAREST,  /* a a a | a b c d | d d d */
    HH_DELTA_MIRROR,   /* d c b | a b c d | c b a */
    HH_DELTA_CONSTANT, /* cval */
    HH_DELTA_WRAP      /* b c d | a b c d | a b c */
} HhDeltaMode;

typedef struct HhDeltaParams {
    size_t size;       /* sizeof(HhDeltaParams) */
    size_t width;      /* values under the polynomial: odd, 3 to 4095, default 9 */
    size_t order;      /* of the derivative, at least 1, default 1 */
    size_t poly_order; /* of the polynomial, below the width; default 0 = order */
    double spacing;    /* between values, not 0, default 1 */
    HhDeltaMode mode;  /* default HH_DELTA_INTERP, which wants length >= width */
    double cval;       /* default 0 */
} HhDeltaParams;

HH_API void hh_delta_defaults(HhDeltaParams *params);
/* The derivative of the polynomial that is nearest, in the sense of least squares, to the `width`
 * values around each: A. Savitzky, M. Golay, "Smoothing and differentiation of data by simplified
 * least squares procedures", 1964. -> the type of x. */
HH_API HhStatus hh_delta(HhContext *context, const HhAxisView *x, const HhDeltaParams *params,
                         HhArray *out);

/* What stands before (or after) the frames in hh_stack_memory(). */
typedef enum HhStackPad {
    HH_STACK_CONSTANT,
    HH_STACK_EDGE,
    HH_STACK_REFLECT,   /* d c b | a b c d | c b a */
    HH_STACK_SYMMETRIC, /* c b a | a b c d | d c b */
    HH_STACK_WRAP
} HhStackPad;

typedef struct HhStackParams {
    size_t size;      /* sizeof(HhStackParams) */
    size_t n_steps;   /* 1 or more, default 2 */
    ptrdiff_t delay;  /* frames, not 0, default 1; negative: from the future */
    HhStackPad pad;   /* default HH_STACK_CONSTANT */
    const void *fill; /* one value of the type of x for HH_STACK_CONSTANT; default NULL: zero */
    bool frame_major; /* the axis of x is the frames and `inner` the rows; default false */
} HhStackParams;

HH_API void hh_stack_memory_defaults(HhStackParams *params);
/* Frames with their past: frame t, then frame t - delay, to frame t - (n_steps - 1) delay, one
 * below the other. x is {outer, rows, frames} -> {outer, n_steps * rows, frames}, or, frame-major,
 * {outer, frames, rows} -> {outer, frames, n_steps * rows}. Of any type. HH_ERROR_TOO_SHORT: there
 * are no frames. */
HH_API HhStatus hh_stack_memory(HhContext *context, const HhAxisView *x,
                                const HhStackParams *params, HhArray *out);

/* Means over segments: segment s is the values boundary[s] to before boundary[s + 1] of a line,
 * boundaries ascending and at most `length`; an empty one gives NaN. -> {outer, segments, inner} of
 * the type of x, also HH_COMPLEX64 and HH_COMPLEX128. Summed in double. */
HH_API HhStatus hh_sync(HhContext *context, const HhAxisView *x, const size_t *boundary,
                        size_t segments, HhArray *out);

#ifdef __cplusplus
}
#endif
#endif
