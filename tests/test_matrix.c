/* Functions on arrays along an axis against their definitions in double, for both types and every
 * way an axis lies; the same bytes for every number of threads and CPU level; bad input. */
#include "test.h"

#include <float.h>

#include "heihachi/matrix.h"

typedef struct Shape {
    size_t outer, length, inner;
} Shape;

static const Shape shapes[] = {{1, 1, 1},   {3, 40, 1}, {2, 37, 19},  {1, 30, 300}, {1, 4000, 1},
                               {40, 12, 1}, {2, 2, 2},  {1, 12, 777}, {70, 3, 5},   {1, 9000, 8}};
enum { SHAPES = HH_COUNT(shapes) };

static size_t count_of(Shape s)
{
    return s.outer * s.length * s.inner;
}

static HhContext *make_context(int threads, HhCpuLevel level)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = threads;
    p.cpu_level = level;
    HhContext *context;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    return context;
}

/* Noise, some of it 0, some values twice in a row; value i as a double, however it is kept. */
typedef struct Data {
    HhAxisView view;
    Shape shape;
    void *memory;
} Data;

static Data make_data(Shape s, HhType type, bool positive, uint64_t seed)
{
    Data d = {.shape = s};
    size_t parts = type == HH_COMPLEX64 || type == HH_COMPLEX128 ? 2 : 1, n = count_of(s) * parts;
    d.memory = malloc(n * 16 + 16);
    for (size_t i = 0; i < n; i++) {
        double x = test_noise(&seed);
        if (x > 0.9 || x < -0.95) x = 0.0;
        if (x < 0.0 && x > -0.1) x = -0.05;
        if (positive) x = fabs(x);
        if (type == HH_FLOAT32 || type == HH_COMPLEX64)
            ((float *)d.memory)[i] = (float)x;
        else
            ((double *)d.memory)[i] = x;
    }
    d.view = (HhAxisView){type, s.outer, s.length, s.inner, d.memory};
    return d;
}

static double number(const void *memory, HhType type, size_t i)
{
    return type == HH_FLOAT32 || type == HH_COMPLEX64 ? (double)((const float *)memory)[i]
                                                      : ((const double *)memory)[i];
}

static double value(const Data *d, size_t o, size_t i, size_t n)
{
    return number(d->memory, d->view.type, (o * d->shape.length + i) * d->shape.inner + n);
}

static double result(const HhArray *a, size_t o, size_t i, size_t n)
{
    size_t index = (o * a->shape[1] + i) * a->shape[2] + n;
    if (a->type == HH_BOOL) return ((const uint8_t *)a->data)[index];
    return number(a->data, a->type, index);
}

static double epsilon(HhType type)
{
    return type == HH_FLOAT32 || type == HH_COMPLEX64 ? 2.5e-7 : 1e-13;
}

#define EACH_LINE(s)                                                                               \
    for (size_t o = 0; o < (s).outer; o++)                                                         \
        for (size_t n = 0; n < (s).inner; n++)
#define EACH_VALUE(s) EACH_LINE(s) for (size_t i = 0; i < (s).length; i++)

/* ---- norms */

static double norm_of(const Data *d, size_t o, size_t n, double p)
{
    double sum = 0.0, most = 0.0, least = HUGE_VAL;
    for (size_t i = 0; i < d->shape.length; i++) {
        double a;
        if (d->view.type == HH_COMPLEX64 || d->view.type == HH_COMPLEX128) {
            size_t index = (o * d->shape.length + i) * d->shape.inner + n;
            a = hypot(number(d->memory, d->view.type, 2 * index),
                      number(d->memory, d->view.type, 2 * index + 1));
        } else {
            a = fabs(value(d, o, i, n));
        }
        most = fmax(most, a);
        least = fmin(least, a);
        if (p == 0.0)
            sum += a > 0.0;
        else if (!isinf(p))
            sum += pow(a, p);
    }
    if (isinf(p)) return p > 0.0 ? most : least;
    return p == 0.0 ? sum : pow(sum, 1.0 / p);
}

static void check_normalize(Shape s, HhType type, double norm, HhNormFill fill, double threshold)
{
    Data d = make_data(s, type, false, 5);
    HhNormalizeParams p;
    hh_normalize_defaults(&p);
    p.norm = norm;
    p.fill = fill;
    p.threshold = threshold;
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_normalize(NULL, &d.view, &p, &out), HH_OK);
    assert_int_equal(out.type, type);
    double least = !isnan(threshold)                            ? threshold
                   : type == HH_FLOAT32 || type == HH_COMPLEX64 ? (double)FLT_MIN
                                                                : DBL_MIN;
    size_t parts = type == HH_COMPLEX64 || type == HH_COMPLEX128 ? 2 : 1;
    double filling = isinf(norm) ? 1.0 : pow((double)s.length, -1.0 / norm);
    EACH_LINE(s)
    {
        double by = norm_of(&d, o, n, norm);
        for (size_t i = 0; i < s.length; i++)
            for (size_t c = 0; c < parts; c++) {
                size_t index = ((o * s.length + i) * s.inner + n) * parts + c;
                double x = number(d.memory, type, index), y = number(out.data, type, index);
                double want = x / by;
                if (isnan(norm) || (by < least && fill == HH_NORM_FILL_NONE))
                    want = x;
                else if (by < least)
                    want = fill == HH_NORM_FILL_ONE && c == 0 ? filling : 0.0;
                assert_true(fabs(y - want) <= epsilon(type) * fabs(want));
            }
    }
    hh_array_free(&out);
    free(d.memory);
}

static void normalize_is_division_by_the_norm(void **state)
{
    (void)state;
    const double norms[] = {(double)INFINITY, -(double)INFINITY, 0.0, 1.0, 2.0, 3.5, 0.5,
                            (double)NAN};
    const HhType types[] = {HH_FLOAT32, HH_FLOAT64, HH_COMPLEX64, HH_COMPLEX128};
    for (size_t s = 0; s < SHAPES; s++)
        for (size_t t = 0; t < HH_COUNT(types); t++)
            for (size_t p = 0; p < HH_COUNT(norms); p++)
                for (int f = HH_NORM_FILL_NONE; f <= HH_NORM_FILL_ZEROS; f++) {
                    if (norms[p] == 0.0 && f == HH_NORM_FILL_ONE) continue;
                    check_normalize(shapes[s], types[t], norms[p], (HhNormFill)f, (double)NAN);
                    check_normalize(shapes[s], types[t], norms[p], (HhNormFill)f, 1.5);
                }
}

static void normalize_keeps_small_numbers(void **state)
{
    (void)state;
    double x[3] = {0x1p-1070, 0x1p-1074, 0.0};
    HhAxisView view = {HH_FLOAT64, 1, 3, 1, x};
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_normalize(NULL, &view, NULL, &out), HH_OK);
    assert_memory_equal(out.data, x, sizeof x);
    hh_array_free(&out);
    double huge[4] = {1e300, 1e300, 0.0, 1e300};
    view = (HhAxisView){HH_COMPLEX128, 1, 2, 1, huge};
    assert_int_equal(hh_normalize(NULL, &view, NULL, &out), HH_OK);
    assert_true(fabs(number(out.data, HH_FLOAT64, 0) - sqrt(0.5)) < 1e-15);
    hh_array_free(&out);
}

/* Squares that overflow make a norm that is infinite, not one that is small. */
static void normalize_does_not_fill_the_large(void **state)
{
    (void)state;
    const double x[2][2] = {{1e200, -1e200}, {0.0, 0.0}};
    HhNormalizeParams p;
    hh_normalize_defaults(&p);
    p.norm = 2.0;
    p.fill = HH_NORM_FILL_ONE;
    for (int across = 0; across < 2; across++) {
        HhAxisView view = {HH_FLOAT64, across ? 1 : 2, 2, across ? 2 : 1, x};
        HhArray out = HH_ARRAY_INIT;
        assert_int_equal(hh_normalize(NULL, &view, &p, &out), HH_OK);
        for (size_t i = 0; i < 4; i++)
            assert_true(fabs(((double *)out.data)[i] - (!across && i >= 2 ? sqrt(0.5) : 0.0)) <
                        1e-15);
        hh_array_free(&out);
    }
}

/* ---- masks */

static void softmask_is_its_formula(void **state)
{
    (void)state;
    const double powers[] = {1.0, 2.0, 0.5, 3.0, 2.7, (double)INFINITY};
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++)
            for (size_t p = 0; p < HH_COUNT(powers); p++)
                for (int split = 0; split < 2; split++) {
                    /* the exponent has the type of the data, as NumPy's */
                    double power = t == HH_FLOAT32 ? (double)(float)powers[p] : powers[p];
                    Data x = make_data(shapes[s], (HhType)t, true, 7);
                    Data r = make_data(shapes[s], (HhType)t, true, 9);
                    HhArray out = HH_ARRAY_INIT;
                    assert_int_equal(hh_softmask(NULL, &x.view, &r.view, powers[p], split, &out),
                                     HH_OK);
                    EACH_VALUE(shapes[s])
                    {
                        double a = value(&x, o, i, n), b = value(&r, o, i, n), z = fmax(a, b);
                        double c = pow(a / z, power), d = pow(b / z, power);
                        double want = isinf(power) ? a > b : z == 0.0 ? 0.5 * split : c / (c + d);
                        double room = isinf(power) ? 0.0 : (2.0 + power) * epsilon((HhType)t);
                        assert_true(fabs(result(&out, o, i, n) - want) <= room * want);
                    }
                    hh_array_free(&out);
                    free(x.memory);
                    free(r.memory);
                }
}

/* ---- neighbours */

static void maxima_and_minima(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++) {
            Data x = make_data(shapes[s], (HhType)t, false, 11);
            HhArray high = HH_ARRAY_INIT, low = HH_ARRAY_INIT;
            assert_int_equal(hh_local_maxima(NULL, &x.view, &high), HH_OK);
            assert_int_equal(hh_local_minima(NULL, &x.view, &low), HH_OK);
            size_t last = shapes[s].length - 1;
            EACH_VALUE(shapes[s])
            {
                double v = value(&x, o, i, n);
                double before = i > 0 ? value(&x, o, i - 1, n) : v;
                double after = i < last ? value(&x, o, i + 1, n) : v;
                assert_true(result(&high, o, i, n) == (i > 0 && v > before && v >= after));
                assert_true(result(&low, o, i, n) == (i > 0 && v < before && v <= after));
            }
            hh_array_free(&high);
            hh_array_free(&low);
            free(x.memory);
        }
}

static double clipped_sign(double x, double threshold, bool zero_pos)
{
    if (x >= -threshold && x <= threshold) x = 0.0;
    if (zero_pos) return signbit(x) ? -1.0 : 1.0;
    return isnan(x) ? x : (x > 0.0) - (x < 0.0);
}

static void crossings_are_changes_of_sign(void **state)
{
    (void)state;
    const double thresholds[] = {0.0, 1e-10, 0.05, 0.1, -1.0};
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++)
            for (size_t h = 0; h < HH_COUNT(thresholds); h++)
                for (int zero_pos = 0; zero_pos < 2; zero_pos++) {
                    Data x = make_data(shapes[s], (HhType)t, false, 13);
                    for (size_t i = 3; i < count_of(shapes[s]); i += 101) {
                        double odd = i % 2 ? -0.0 : (double)NAN;
                        if (t == HH_FLOAT32)
                            ((float *)x.memory)[i] = (float)odd;
                        else
                            ((double *)x.memory)[i] = odd;
                    }
                    HhZeroCrossingsParams p;
                    hh_zero_crossings_defaults(&p);
                    p.threshold = thresholds[h];
                    p.zero_pos = zero_pos;
                    p.first = h % 2;
                    HhArray out = HH_ARRAY_INIT;
                    assert_int_equal(hh_zero_crossings(NULL, &x.view, &p, &out), HH_OK);
                    EACH_VALUE(shapes[s])
                    {
                        double v = value(&x, o, i, n), b = i > 0 ? value(&x, o, i - 1, n) : v;
                        bool want = clipped_sign(v, p.threshold, zero_pos) !=
                                    clipped_sign(b, p.threshold, zero_pos);
                        if (i == 0) want = p.first;
                        assert_true(result(&out, o, i, n) == want);
                    }
                    hh_array_free(&out);
                    free(x.memory);
                }
}

/* ---- slopes */

/* Least squares by Gauss on the normal equations, in long double: the derivative at `at`. */
static double slow_slope(const double *y, size_t width, size_t degree, size_t order, double at)
{
    long double a[8][9] = {{0}};
    size_t m = degree + 1;
    for (size_t k = 0; k < width; k++) {
        long double t = (long double)k - (long double)(width / 2), power[16] = {1};
        for (size_t j = 1; j < 2 * m; j++) power[j] = power[j - 1] * t;
        for (size_t r = 0; r < m; r++) {
            for (size_t c = 0; c < m; c++) a[r][c] += power[r + c];
            a[r][m] += power[r] * (long double)y[k];
        }
    }
    for (size_t r = 0; r < m; r++)
        for (size_t q = 0; q < m; q++) {
            if (q == r) continue;
            long double f = a[q][r] / a[r][r];
            for (size_t c = 0; c <= m; c++) a[q][c] -= f * a[r][c];
        }
    double slope = 0.0;
    for (size_t j = order; j < m; j++) {
        double term = (double)(a[j][m] / a[j][j]) * pow(at, (double)(j - order));
        for (size_t f = 0; f < order; f++) term *= (double)(j - f);
        slope += term;
    }
    return slope;
}

static double continued(const Data *d, size_t o, ptrdiff_t i, size_t n, HhDeltaMode mode,
                        double cval)
{
    ptrdiff_t length = (ptrdiff_t)d->shape.length;
    while (i < 0 || i >= length) {
        if (mode == HH_DELTA_CONSTANT) return cval;
        if (mode == HH_DELTA_NEAREST || length == 1)
            i = i < 0 ? 0 : length - 1;
        else if (mode == HH_DELTA_MIRROR)
            i = i < 0 ? -i : 2 * (length - 1) - i;
        else
            i += i < 0 ? length : -length;
    }
    return value(d, o, (size_t)i, n);
}

static void check_delta(Shape s, HhType type, const HhDeltaParams *p)
{
    Data d = make_data(s, type, false, 17);
    HhArray out = HH_ARRAY_INIT;
    HhStatus status = hh_delta(NULL, &d.view, p, &out);
    if (p->mode == HH_DELTA_INTERP && p->width > s.length) {
        assert_int_equal(status, HH_ERROR_TOO_SHORT);
        free(d.memory);
        return;
    }
    assert_int_equal(status, HH_OK);
    size_t half = p->width / 2, degree = p->poly_order ? p->poly_order : p->order;
    EACH_VALUE(s)
    {
        double y[32], at = 0.0;
        ptrdiff_t first = (ptrdiff_t)i - (ptrdiff_t)half;
        if (i > 300 && i < s.length - 300) continue; /* enough of the same */
        if (p->mode == HH_DELTA_INTERP) {
            first = HH_MAX(0, HH_MIN(first, (ptrdiff_t)(s.length - p->width)));
            at = (double)((ptrdiff_t)i - first - (ptrdiff_t)half);
        }
        for (size_t k = 0; k < p->width; k++)
            y[k] = continued(&d, o, first + (ptrdiff_t)k, n, p->mode, p->cval);
        double want = degree < p->order ? 0.0
                                        : slow_slope(y, p->width, degree, p->order, at) /
                                              pow(p->spacing, (double)p->order);
        double room = epsilon(type) * fabs(want) + 1e-12;
        assert_true(fabs(result(&out, o, i, n) - want) <= room);
    }
    hh_array_free(&out);
    free(d.memory);
}

static void delta_is_the_slope_of_a_fit(void **state)
{
    (void)state;
    const HhDeltaParams of[] = {
        {.width = 9, .order = 1, .spacing = 1.0},
        {.width = 3, .order = 1, .spacing = 0.5},
        {.width = 9, .order = 2, .spacing = 1.0, .cval = 0.75},
        {.width = 15, .order = 1, .poly_order = 3, .spacing = -2.0, .cval = -1.0},
        {.width = 7, .order = 2, .poly_order = 1, .spacing = 1.0},
    };
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++)
            for (size_t k = 0; k < HH_COUNT(of); k++)
                for (int mode = HH_DELTA_INTERP; mode <= HH_DELTA_WRAP; mode++) {
                    HhDeltaParams p = of[k];
                    p.size = sizeof p;
                    p.mode = (HhDeltaMode)mode;
                    check_delta(shapes[s], (HhType)t, &p);
                }
}

/* ---- histories */

static size_t padded_frame(HhStackPad pad, ptrdiff_t t, ptrdiff_t n)
{
    while (t < 0 || t >= n) {
        if (pad == HH_STACK_CONSTANT) return SIZE_MAX;
        if (pad == HH_STACK_EDGE || n == 1) return t < 0 ? 0 : (size_t)n - 1;
        if (pad == HH_STACK_WRAP) t += t < 0 ? n : -n;
        if (pad == HH_STACK_REFLECT) t = t < 0 ? -t : 2 * n - 2 - t;
        if (pad == HH_STACK_SYMMETRIC) t = t < 0 ? -1 - t : 2 * n - 1 - t;
    }
    return (size_t)t;
}

static void check_stack(Shape s, HhType type, const HhStackParams *p, double filling)
{
    Data d = make_data(s, type, false, 19);
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_stack_memory(NULL, &d.view, p, &out), HH_OK);
    size_t rows = p->frame_major ? s.inner : s.length, frames = p->frame_major ? s.length : s.inner;
    assert_int_equal(out.shape[p->frame_major ? 2 : 1], rows * p->n_steps);
    for (size_t o = 0; o < s.outer; o++)
        for (size_t q = 0; q < p->n_steps; q++)
            for (size_t r = 0; r < rows; r++)
                for (size_t t = 0; t < frames; t++) {
                    size_t from = padded_frame(p->pad, (ptrdiff_t)t - (ptrdiff_t)q * p->delay,
                                               (ptrdiff_t)frames);
                    double want = from == SIZE_MAX ? filling
                                  : p->frame_major ? value(&d, o, from, r)
                                                   : value(&d, o, r, from);
                    size_t row = q * rows + r;
                    assert_true(want == (p->frame_major ? result(&out, o, t, row)
                                                        : result(&out, o, row, t)));
                }
    hh_array_free(&out);
    free(d.memory);
}

static void stack_holds_the_past(void **state)
{
    (void)state;
    const ptrdiff_t delays[] = {1, -1, 3, -7, 50};
    float fill_f32 = 2.5f;
    double fill_f64 = 2.5;
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++)
            for (size_t d = 0; d < HH_COUNT(delays); d++)
                for (int pad = HH_STACK_CONSTANT; pad <= HH_STACK_WRAP; pad++)
                    for (int frame_major = 0; frame_major < 2; frame_major++) {
                        HhStackParams p;
                        hh_stack_memory_defaults(&p);
                        p.n_steps = 1 + d;
                        p.delay = delays[d];
                        p.pad = (HhStackPad)pad;
                        p.frame_major = frame_major;
                        check_stack(shapes[s], (HhType)t, &p, 0.0);
                        p.fill = t == HH_FLOAT32 ? (const void *)&fill_f32 : &fill_f64;
                        check_stack(shapes[s], (HhType)t, &p, 2.5);
                    }
}

/* ---- segments */

static void sync_gives_means(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++)
        for (int t = HH_FLOAT32; t <= HH_COMPLEX64; t++) {
            Data d = make_data(shapes[s], (HhType)t, false, 23);
            size_t length = shapes[s].length, parts = t == HH_COMPLEX64 ? 2 : 1;
            const size_t boundary[] = {0, length / 7, length / 7, length / 2, length};
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_sync(NULL, &d.view, boundary, 4, &out), HH_OK);
            EACH_LINE(shapes[s])
            for (size_t q = 0; q < 4; q++)
                for (size_t c = 0; c < parts; c++) {
                    double sum = 0.0, size = 0.0;
                    for (size_t i = boundary[q]; i < boundary[q + 1]; i++) {
                        size_t index = (o * length + i) * shapes[s].inner + n;
                        double x = number(d.memory, (HhType)t, index * parts + c);
                        sum += x;
                        size += fabs(x);
                    }
                    double count = (double)(boundary[q + 1] - boundary[q]);
                    size_t place = (o * 4 + q) * shapes[s].inner + n;
                    double y = number(out.data, (HhType)t, place * parts + c);
                    if (count == 0.0)
                        assert_true(isnan(y));
                    else
                        assert_true(fabs(y - sum / count) <=
                                    epsilon((HhType)t) * fabs(sum / count) + 1e-15 * size / count);
                }
            hh_array_free(&out);
            free(d.memory);
        }
}

/* ---- promises of all of them */

/* Every function once, one after the other, into one buffer. */
static size_t all_of(HhContext *context, Shape s, HhType type, unsigned char **bytes)
{
    Data x = make_data(s, type, true, 29), r = make_data(s, type, true, 31);
    Data z = make_data(s, type, false, 37);
    HhArray out[9] = {{0}};
    HhNormalizeParams norm;
    hh_normalize_defaults(&norm);
    norm.norm = 2.5;
    HhDeltaParams slope;
    hh_delta_defaults(&slope);
    slope.mode = HH_DELTA_MIRROR;
    const size_t boundary[] = {0, s.length / 3, s.length};
    assert_int_equal(hh_normalize(context, &z.view, &norm, &out[0]), HH_OK);
    assert_int_equal(hh_softmask(context, &x.view, &r.view, 2.5, false, &out[1]), HH_OK);
    assert_int_equal(hh_softmask(context, &x.view, &r.view, 1.0, false, &out[2]), HH_OK);
    assert_int_equal(hh_local_maxima(context, &z.view, &out[3]), HH_OK);
    assert_int_equal(hh_local_minima(context, &z.view, &out[4]), HH_OK);
    assert_int_equal(hh_zero_crossings(context, &z.view, NULL, &out[5]), HH_OK);
    assert_int_equal(hh_delta(context, &z.view, &slope, &out[6]), HH_OK);
    assert_int_equal(hh_stack_memory(context, &z.view, NULL, &out[7]), HH_OK);
    assert_int_equal(hh_sync(context, &z.view, boundary, 2, &out[8]), HH_OK);
    size_t total = 0;
    *bytes = malloc(count_of(s) * 16 * 10 + 1024);
    for (int i = 0; i < 9; i++) {
        size_t size = hh_array_count(&out[i]) * hh_type_bytes(out[i].type);
        memcpy(*bytes + total, out[i].data, size);
        total += size;
        hh_array_free(&out[i]);
    }
    free(x.memory);
    free(r.memory);
    free(z.memory);
    return total;
}

static void same_bytes_for_threads_and_levels(void **state)
{
    (void)state;
    const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
    const Shape large[] = {{3, 400, 301}, {200, 999, 1}, {1, 60000, 2}};
    for (size_t s = 0; s < HH_COUNT(large); s++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++) {
            unsigned char *one, *other;
            size_t size = all_of(NULL, large[s], (HhType)t, &one);
            for (size_t l = 0; l < HH_COUNT(levels); l++) {
                HhContext *context = make_context(3, levels[l]);
                assert_int_equal(all_of(context, large[s], (HhType)t, &other), size);
                assert_memory_equal(one, other, size);
                free(other);
                hh_context_destroy(context);
            }
            free(one);
        }
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    float x[6] = {1, -2, 3, 4, 5, 6}, odd[6] = {1, 2, (float)NAN, 4, 5, 6};
    HhContext *context = make_context(1, HH_CPU_BEST);
    HhAxisView view = {HH_FLOAT32, 1, 6, 1, x}, nan_view = {HH_FLOAT32, 1, 6, 1, odd};
    HhAxisView none = {HH_FLOAT32, 1, 6, 1, NULL}, whole = {HH_INT64, 1, 3, 1, x};
    HhAxisView huge = {HH_FLOAT32, SIZE_MAX / 2, 6, 9, x}, other = {HH_FLOAT32, 6, 1, 1, x};
    HhArray out = HH_ARRAY_INIT;
    const HhAxisView *wrong[] = {NULL, &none, &whole, &huge};
    const size_t boundary[] = {0, 3, 7}, falling[] = {3, 2, 6};
    for (size_t i = 0; i < HH_COUNT(wrong); i++) {
        assert_int_equal(hh_normalize(context, wrong[i], NULL, &out), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_softmask(context, wrong[i], &view, 1.0, false, &out),
                         HH_ERROR_ARGUMENT);
        assert_int_equal(hh_softmask(context, &view, wrong[i], 1.0, false, &out),
                         HH_ERROR_ARGUMENT);
        assert_int_equal(hh_local_maxima(context, wrong[i], &out), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_zero_crossings(context, wrong[i], NULL, &out), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_delta(context, wrong[i], NULL, &out), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_sync(context, wrong[i], boundary, 1, &out), HH_ERROR_ARGUMENT);
        if (wrong[i] != &whole)
            assert_int_equal(hh_stack_memory(context, wrong[i], NULL, &out), HH_ERROR_ARGUMENT);
        assert_null(out.data);
    }
    assert_int_equal(hh_normalize(context, &nan_view, NULL, &out), HH_ERROR_NOT_FINITE);
    assert_null(out.data);
    assert_non_null(strstr(hh_context_message(context), "NaN"));
    HhNormalizeParams norm;
    hh_normalize_defaults(&norm);
    norm.norm = -1.0;
    assert_int_equal(hh_normalize(context, &view, &norm, &out), HH_ERROR_ARGUMENT);
    norm.norm = 0.0;
    norm.fill = HH_NORM_FILL_ONE;
    assert_int_equal(hh_normalize(context, &view, &norm, &out), HH_ERROR_ARGUMENT);
    hh_normalize_defaults(&norm);
    norm.threshold = 0.0;
    assert_int_equal(hh_normalize(context, &view, &norm, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_softmask(context, &view, &view, 1.0, false, &out), HH_ERROR_ARGUMENT);
    assert_non_null(strstr(hh_context_message(context), "negative"));
    assert_int_equal(hh_softmask(context, &other, &view, 1.0, false, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_softmask(context, &nan_view, &nan_view, 0.0, false, &out),
                     HH_ERROR_ARGUMENT);
    HhDeltaParams slope;
    hh_delta_defaults(&slope);
    assert_int_equal(hh_delta(context, &view, &slope, &out), HH_ERROR_TOO_SHORT);
    slope.width = 4;
    assert_int_equal(hh_delta(context, &view, &slope, &out), HH_ERROR_ARGUMENT);
    slope.width = 3;
    slope.poly_order = 3;
    assert_int_equal(hh_delta(context, &view, &slope, &out), HH_ERROR_ARGUMENT);
    slope.poly_order = 0;
    slope.order = 0;
    assert_int_equal(hh_delta(context, &view, &slope, &out), HH_ERROR_ARGUMENT);
    HhStackParams stack;
    hh_stack_memory_defaults(&stack);
    stack.delay = 0;
    assert_int_equal(hh_stack_memory(context, &view, &stack, &out), HH_ERROR_ARGUMENT);
    stack.delay = PTRDIFF_MIN;
    assert_int_equal(hh_stack_memory(context, &view, &stack, &out), HH_ERROR_ARGUMENT);
    stack.delay = 1;
    stack.n_steps = 0;
    assert_int_equal(hh_stack_memory(context, &view, &stack, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_sync(context, &view, boundary, 2, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_sync(context, &view, falling, 2, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_sync(context, &view, NULL, 2, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
    hh_context_destroy(context);
}

static void empty_arrays_give_empty_results(void **state)
{
    (void)state;
    const Shape empty[] = {{0, 5, 5}, {5, 0, 5}, {5, 5, 0}};
    const size_t boundary[] = {0, 0, 0};
    for (size_t s = 0; s < HH_COUNT(empty); s++) {
        HhAxisView view = {HH_FLOAT64, empty[s].outer, empty[s].length, empty[s].inner, NULL};
        HhDeltaParams slope;
        hh_delta_defaults(&slope);
        slope.mode = HH_DELTA_WRAP;
        HhArray out = HH_ARRAY_INIT;
        assert_int_equal(hh_normalize(NULL, &view, NULL, &out), HH_OK);
        assert_int_equal(hh_array_count(&out), 0);
        hh_array_free(&out);
        assert_int_equal(hh_local_maxima(NULL, &view, &out), HH_OK);
        hh_array_free(&out);
        assert_int_equal(hh_delta(NULL, &view, &slope, &out), HH_OK);
        hh_array_free(&out);
        assert_int_equal(hh_sync(NULL, &view, boundary, 2, &out), HH_OK);
        for (size_t i = 0; i < hh_array_count(&out); i++)
            assert_true(isnan(number(out.data, HH_FLOAT64, i)));
        hh_array_free(&out);
    }
}

/* ---- an allocator that fails at its nth call */

typedef struct Failing {
    int left, living;
} Failing;

static void *failing_allocate(void *user, size_t alignment, size_t bytes)
{
    Failing *f = user;
    if (f->left-- <= 0) return NULL;
    f->living++;
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

static void failing_release(void *user, void *memory)
{
    Failing *f = user;
    if (memory) f->living--;
    free(memory);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    Data x = make_data((Shape){2, 40, 7}, HH_FLOAT32, true, 41);
    const size_t boundary[] = {0, 20, 40};
    for (int n = 0; n < 12; n++)
        for (int which = 0; which < 5; which++) {
            Failing f = {1000, 0};
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.allocator = (HhAllocator){failing_allocate, failing_release, &f};
            HhContext *context;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            int before = f.living;
            f.left = n;
            HhDeltaParams slope;
            hh_delta_defaults(&slope);
            slope.mode = HH_DELTA_WRAP;
            HhArray out = HH_ARRAY_INIT;
            HhStatus status = which == 0   ? hh_normalize(context, &x.view, NULL, &out)
                              : which == 1 ? hh_softmask(context, &x.view, &x.view, 2.0, true, &out)
                              : which == 2 ? hh_delta(context, &x.view, &slope, &out)
                              : which == 3 ? hh_stack_memory(context, &x.view, NULL, &out)
                                           : hh_sync(context, &x.view, boundary, 2, &out);
            assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
            assert_true((status == HH_OK) == (out.data != NULL));
            assert_true(n > 0 || status == HH_ERROR_MEMORY);
            assert_true(n < 8 || status == HH_OK);
            hh_array_free(&out);
            assert_int_equal(f.living, before);
            f.left = 1000;
            hh_context_destroy(context);
        }
    free(x.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalize_is_division_by_the_norm),
        cmocka_unit_test(normalize_keeps_small_numbers),
        cmocka_unit_test(normalize_does_not_fill_the_large),
        cmocka_unit_test(softmask_is_its_formula),
        cmocka_unit_test(maxima_and_minima),
        cmocka_unit_test(crossings_are_changes_of_sign),
        cmocka_unit_test(delta_is_the_slope_of_a_fit),
        cmocka_unit_test(stack_holds_the_past),
        cmocka_unit_test(sync_gives_means),
        cmocka_unit_test(same_bytes_for_threads_and_levels),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(empty_arrays_give_empty_results),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
