/* Peaks of envelopes of REAL, float or double, whose smallest normal number is REAL_MIN; included
 * by onset_detect.c once for each. NAME(x) is the function's name for it. */

/* A NaN is not the largest, nor is anything beside it, nor is it at least a mean. */
static bool NAME(is_peak)(const Picker *p, const REAL *x, size_t length, size_t n)
{
    size_t first = n > p->pre_max ? n - p->pre_max : 0, last = HH_MIN(n + p->post_max, length);
    for (size_t i = first; i < last; i++)
        if (!(x[i] <= x[n])) return false;
    first = n > p->pre_avg ? n - p->pre_avg : 0;
    last = HH_MIN(n + p->post_avg, length);
    REAL sum = 0;
    for (size_t i = first; i < last; i++) sum += x[i];
    REAL mean = (REAL)((double)sum / (double)(last - first));
    return x[n] >= mean + (REAL)p->delta;
}

static void NAME(pick)(const Picker *p, const REAL *x, size_t length, unsigned char *flags)
{
    memset(flags, 0, length);
    for (size_t n = 0; n < length; n++)
        if (NAME(is_peak)(p, x, length, n)) {
            flags[n] = 1;
            n += p->wait;
        }
}

/* Envelope scaled to [0, 1] -> y; true if there is anything in it. */
static bool NAME(scale)(const REAL *x, size_t length, bool normalize, REAL *y)
{
    REAL low = x[0], high = x[0];
    for (size_t t = 1; t < length; t++) {
        low = HH_MIN(low, x[t]);
        high = HH_MAX(high, x[t]);
    }
    REAL range = high - low + REAL_MIN;
    bool any = false;
    for (size_t t = 0; t < length; t++) {
        y[t] = normalize ? (x[t] - low) / range : x[t];
        any |= y[t] < 0 || y[t] > 0;
    }
    return any;
}

/* Each event moved to the nearest minimum at or before it. */
static void NAME(backtrack)(const REAL *energy, size_t length, const int64_t *events, size_t count,
                            int64_t *moved)
{
    for (size_t e = 0; e < count; e++) {
        int64_t i = HH_MIN(events[e], (int64_t)length - 2);
        while (i > 0 && !(energy[i] <= energy[i - 1] && energy[i] < energy[i + 1])) i--;
        moved[e] = HH_MAX(i, 0);
    }
}

#undef REAL
#undef REAL_MIN
#undef NAME
