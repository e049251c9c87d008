/* The kernels of matrix.h for one type: REAL, its ABS, LARGEST, SMALLEST (the smallest normal
 * number) and ROOT, and POWER(x, p) for x >= 0. OF(name) is this type's name of a function. Loops
 * are plain C, short enough for the compiler to make vector code of them. */

static void OF(narrow)(const double *restrict x, void *output, size_t n)
{
    REAL *restrict y = output;
    for (size_t i = 0; i < n; i++) y[i] = (REAL)x[i];
}

static void OF(reduce)(HhReduction reduction, double p, const void *input, double *restrict total,
                       size_t n)
{
    const REAL *restrict x = input;
    switch (reduction) {
    case HH_REDUCE_MAX:
        for (size_t i = 0; i < n; i++) {
            double a = fabs((double)x[i]);
            total[i] = a > total[i] ? a : total[i];
        }
        break;
    case HH_REDUCE_MIN:
        for (size_t i = 0; i < n; i++) {
            double a = fabs((double)x[i]);
            total[i] = a < total[i] ? a : total[i];
        }
        break;
    case HH_REDUCE_COUNT:
        for (size_t i = 0; i < n; i++) total[i] += x[i] != (REAL)0 ? 1.0 : 0.0;
        break;
    case HH_REDUCE_SUM:
        for (size_t i = 0; i < n; i++) total[i] += fabs((double)x[i]);
        break;
    case HH_REDUCE_SQUARES:
        for (size_t i = 0; i < n; i++) total[i] += (double)x[i] * (double)x[i];
        break;
    case HH_REDUCE_POWERS:
        for (size_t i = 0; i < n; i++) total[i] += power_f64(fabs((double)x[i]), p);
        break;
    }
}

/* Four rows at a time: one load and store of a total for four values. */
static void OF(sum_rows)(const void *input, size_t stride, size_t rows, double *restrict total,
                         size_t n)
{
    const REAL *restrict x = input;
    for (size_t i = 0; i < n; i++) total[i] = 0.0;
    size_t r = 0;
    for (; r + 4 <= rows; r += 4, x += 4 * stride)
        for (size_t i = 0; i < n; i++)
            total[i] += ((double)x[i] + (double)x[stride + i]) +
                        ((double)x[2 * stride + i] + (double)x[3 * stride + i]);
    for (; r < rows; r++, x += stride)
        for (size_t i = 0; i < n; i++) total[i] += (double)x[i];
}

static double OF(sum)(const void *input, size_t n)
{
    const REAL *x = input;
    double part[PARTIAL] = {0.0};
    size_t i = 0;
    for (; i + PARTIAL <= n; i += PARTIAL)
        for (size_t l = 0; l < PARTIAL; l++) part[l] += (double)x[i + l];
    for (size_t l = 0; i + l < n; l++) part[l] += (double)x[i + l];
    return ((part[0] + part[4]) + (part[1] + part[5])) +
           ((part[2] + part[6]) + (part[3] + part[7]));
}

static double OF(dot)(const double *weight, const void *input, size_t n)
{
    enum { SUMS = 32, VECTORS = SUMS / HH_DOUBLE_LANES };
    const REAL *x = input;
    HhDoubles sum[VECTORS] = {{0}};
    double part[SUMS];
    size_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int j = 0; j < VECTORS; j++)
            sum[j] += hh_load_f64(weight + i + j * HH_DOUBLE_LANES) *
                      OF(load)(x + i + j * HH_DOUBLE_LANES);
    for (int j = 0; j < VECTORS; j++) hh_store_f64(part + j * HH_DOUBLE_LANES, sum[j]);
    for (size_t l = 0; i + l < n; l++) part[l] += weight[i + l] * (double)x[i + l];
    for (int half = SUMS / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) part[l] += part[l + half];
    return part[0];
}

static void OF(magnitudes)(const void *input, double *restrict magnitude, size_t n)
{
    const REAL *restrict x = input;
    for (size_t i = 0; i < n; i++) {
        double re = fabs((double)x[2 * i]), im = fabs((double)x[2 * i + 1]);
        double big = re > im ? re : im, small = re > im ? im : re;
        double q = small / (big > 0.0 ? big : 1.0);
        magnitude[i] = big * sqrt(1.0 + q * q);
    }
}

static void OF(divide)(const void *input, const double *restrict by, void *output, size_t n)
{
    const REAL *restrict x = input;
    REAL *restrict y = output;
    for (size_t i = 0; i < n; i++) y[i] = (REAL)((double)x[i] / by[i]);
}

static void OF(divide_complex)(const void *input, const double *restrict by, void *output, size_t n)
{
    const REAL *restrict x = input;
    REAL *restrict y = output;
    for (size_t i = 0; i < n; i++) {
        y[2 * i] = (REAL)((double)x[2 * i] / by[i]);
        y[2 * i + 1] = (REAL)((double)x[2 * i + 1] / by[i]);
    }
}

static void OF(divide_all)(const void *input, double by, void *output, size_t n)
{
    const REAL *restrict x = input;
    REAL *restrict y = output;
    for (size_t i = 0; i < n; i++) y[i] = (REAL)((double)x[i] / by);
}

#define EACH_MASK(FIRST, SECOND)                                                                   \
    for (size_t i = 0; i < n; i++) {                                                               \
        REAL z = x[i] > r[i] ? x[i] : r[i];                                                        \
        REAL scale = z < SMALLEST ? (REAL)1 : z;                                                   \
        REAL a = x[i] / scale, b = r[i] / scale;                                                   \
        REAL first = FIRST, second = SECOND;                                                       \
        REAL mask = first / (first + second);                                                      \
        y[i] = z < SMALLEST ? (REAL)nothing : mask;                                                \
    }

/* The larger of the quotients is 1 (or NaN, and stays so), so that one power does for both. */
static void OF(raised_mask)(const REAL *restrict x, const REAL *restrict r, double p,
                            double nothing, REAL *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        REAL z = x[i] > r[i] ? x[i] : r[i];
        REAL scale = z < SMALLEST ? (REAL)1 : z;
        REAL a = x[i] / scale, b = r[i] / scale;
        REAL more = a < b ? b : a, less = POWER(a < b ? a : b, p);
        REAL mask = (a < b ? less : more) / (more + less);
        y[i] = z < SMALLEST ? (REAL)nothing : mask;
    }
}

static void OF(soft_mask)(const void *input, const void *reference, double p, double nothing,
                          void *output, size_t n)
{
    const REAL *restrict x = input, *restrict r = reference;
    REAL *restrict y = output;
    if (p == 1.0)
        EACH_MASK(a, b)
    else if (p == 2.0)
        EACH_MASK(a * a, b * b)
    else if (p == 0.5)
        EACH_MASK(ROOT(a), ROOT(b))
    else
        OF(raised_mask)(x, r, p, nothing, y, n);
}
#undef EACH_MASK

static void OF(hard_mask)(const void *input, const void *reference, uint8_t *restrict y, size_t n)
{
    const REAL *restrict x = input, *restrict r = reference;
    for (size_t i = 0; i < n; i++) y[i] = x[i] > r[i];
}

#define LOCAL(NAME, BEYOND, REACHING)                                                              \
    static void OF(NAME)(const void *input, size_t stride, bool after, uint8_t *restrict y,        \
                         size_t n)                                                                 \
    {                                                                                              \
        const REAL *x = input, *before = x - stride, *behind = x + stride;                         \
        if (after)                                                                                 \
            for (size_t i = 0; i < n; i++)                                                         \
                y[i] = (x[i] BEYOND before[i]) & (x[i] REACHING behind[i]);                        \
        else                                                                                       \
            for (size_t i = 0; i < n; i++) y[i] = x[i] BEYOND before[i];                           \
    }
LOCAL(local_maxima, >, >=)
LOCAL(local_minima, <, <=)
#undef LOCAL

static void OF(crossings)(const void *input, size_t stride, double threshold, bool zero,
                          uint8_t *restrict y, size_t n)
{
    const REAL *x = input, *before = x - stride;
    REAL high = OF(at_most)(threshold), low = -high;
    if (zero)
        for (size_t i = 0; i < n; i++) {
            int a = (x[i] >= low) & (x[i] <= high), b = (before[i] >= low) & (before[i] <= high);
            int above = ((x[i] > (REAL)0) & !a) != ((before[i] > (REAL)0) & !b);
            int below = ((x[i] < (REAL)0) & !a) != ((before[i] < (REAL)0) & !b);
            int odd = (x[i] != x[i]) | (before[i] != before[i]);
            y[i] = (uint8_t)(above | below | odd);
        }
    else
        for (size_t i = 0; i < n; i++) {
            int a = (x[i] >= low) & (x[i] <= high), b = (before[i] >= low) & (before[i] <= high);
            y[i] = (uint8_t)((OF(sign)(x[i]) & !a) != (OF(sign)(before[i]) & !b));
        }
}

/* LANES values at a time, so that their sums stay in registers. */
static void OF(correlate)(const void *input, const double *restrict weight, size_t taps,
                          size_t stride, void *output, size_t n)
{
    enum { LANES = 2 * HH_LANES };
    const REAL *restrict x = input;
    REAL *restrict y = output;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        HhDoubles sum[LANES / HH_DOUBLE_LANES] = {{0}};
        for (size_t k = 0; k < taps; k++)
            for (int j = 0; j < LANES / HH_DOUBLE_LANES; j++)
                sum[j] += weight[k] * OF(load)(x + i + k * stride + j * HH_DOUBLE_LANES);
        for (int j = 0; j < LANES / HH_DOUBLE_LANES; j++)
            for (int l = 0; l < HH_DOUBLE_LANES; l++)
                y[i + (size_t)(j * HH_DOUBLE_LANES + l)] = (REAL)sum[j][l];
    }
    for (; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < taps; k++) sum += weight[k] * (double)x[i + k * stride];
        y[i] = (REAL)sum;
    }
}
