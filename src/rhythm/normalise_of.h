/* An envelope of REAL, float or double, over its standard deviation; included by beat.c once for
 * each. NAME(x) is the function's name for it. */

/* numpy's pairwise summation, so that the scale has librosa's bits. */
static REAL NAME(pairwise_sum)(const REAL *x, size_t n)
{
    if (n > 128) {
        size_t half = n / 2;
        half -= half % 8;
        return NAME(pairwise_sum)(x, half) + NAME(pairwise_sum)(x + half, n - half);
    }
    REAL sum = 0;
    size_t i = 0;
    if (n >= 8) {
        REAL r[8];
        for (size_t l = 0; l < 8; l++) r[l] = x[l];
        for (i = 8; i + 8 <= n; i += 8)
            for (size_t l = 0; l < 8; l++) r[l] += x[i + l];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++) sum += x[i];
    return sum;
}

/* y = x / (standard deviation + smallest normal number); `y` also serves as work space. */
static void NAME(normalise)(const REAL *x, size_t n, REAL *y)
{
    REAL mean = NAME(pairwise_sum)(x, n) / (REAL)n;
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - mean) * (x[i] - mean);
    REAL deviation = ROOT(NAME(pairwise_sum)(y, n) / (REAL)(n - 1)) + REAL_MIN;
    for (size_t i = 0; i < n; i++) y[i] = x[i] / deviation;
}

#undef REAL
#undef REAL_MIN
#undef ROOT
#undef NAME
