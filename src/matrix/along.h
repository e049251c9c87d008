/* Private to matrix/: checks of views, and how the work on one is cut up. */
#ifndef HH_ALONG_H
#define HH_ALONG_H

#include "base/base.h"
#include "heihachi/matrix.h"
#include "kernel/kernels.h"

/* HH_OK if x is there, its size fits memory and its type is float or double, or, if `complex`, one
 * of the complex ones. */
HhStatus hh_view_check(HhContext *context, const HhAxisView *x, bool complex);
bool hh_view_complex(const HhAxisView *x);
bool hh_view_double(const HhAxisView *x);
/* The kernels for the real type of x. */
const HhMatrixKernels *hh_view_kernels(const HhContext *context, const HhAxisView *x);
/* Of `count` numbers of the real type of x: no NaN and no infinity; none below zero. */
bool hh_view_finite(const HhContext *context, const HhAxisView *x, const void *numbers,
                    size_t count);
bool hh_view_non_negative(const HhContext *context, const HhAxisView *x, const void *numbers,
                          size_t count);

/* A piece of the work: places [begin, end) along the axis and [first, first + count) across it, of
 * block `outer`. */
typedef struct HhPiece {
    size_t outer, begin, end, first, count;
} HhPiece;

typedef void HhPieceBody(void *arg, const HhPiece *piece);
/* Calls body on pieces that cover the array once, whole in `inner` and cut along the axis (one run
 * of memory each). Subnormal numbers are kept inside. */
void hh_each_run(HhContext *context, const HhAxisView *x, HhPieceBody *body, void *arg);
/* The same, whole along the axis and cut across it: at most HH_LINES lines each. */
void hh_each_line(HhContext *context, const HhAxisView *x, HhPieceBody *body, void *arg);

enum { HH_LINES = 256 };

#endif
