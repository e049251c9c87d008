/* The normalised difference of YIN out of a correlation of REAL and of samples of SAMPLE (both
 * float or double), in double: included by yin.c with these, TINY (what keeps silence from dividing
 * by zero) and FN(name) defined. */

static void FN(difference)(const REAL *restrict r, const SAMPLE *restrict x, size_t first,
                           size_t last, HhYinReal *restrict y)
{
    HhYinReal energy[HH_TILE] = {0}, sum[HH_TILE] = {0};
    for (size_t k = 1; k <= last; k++) {
        const REAL *rk = r + k * HH_TILE;
        const SAMPLE *before = x + (k - 1) * HH_TILE;
        HhYinReal d[HH_TILE], reciprocal = (HhYinReal)1 / (HhYinReal)k;
        /* librosa: the energy of the first sample is missing from the difference at lag 1, and only
         * there. */
        HhYinReal counted = k == 1 ? (HhYinReal)0 : (HhYinReal)1;
        for (int l = 0; l < HH_TILE; l++) {
            energy[l] += (HhYinReal)before[l] * (HhYinReal)before[l];
            d[l] = (HhYinReal)2 * ((HhYinReal)r[l] - (HhYinReal)rk[l]) - counted * energy[l];
            sum[l] += d[l];
        }
        if (k < first) continue;
        HhYinReal *row = y + (k - first) * HH_TILE;
        for (int l = 0; l < HH_TILE; l++) row[l] = d[l] / (sum[l] * reciprocal + (HhYinReal)TINY);
    }
}

static inline void FN(full_difference)(const REAL *restrict r, const SAMPLE *restrict x,
                                       const SAMPLE *restrict tail, size_t first, size_t last,
                                       HhYinReal *restrict y, HhYinReal *restrict raw)
{
    HhYinReal energy[HH_TILE] = {0}, sum[HH_TILE] = {0};
    for (size_t k = 1; k <= last; k++) {
        const REAL *rk = r + k * HH_TILE;
        const SAMPLE *before = x + (k - 1) * HH_TILE, *after = tail + (last - k) * HH_TILE;
        HhYinReal reciprocal = (HhYinReal)1 / (HhYinReal)k;
        size_t row = (k > first ? k - first : 0) * HH_TILE;
        for (int l = 0; l < HH_TILE; l++) {
            energy[l] += (HhYinReal)before[l] * (HhYinReal)before[l] +
                         (HhYinReal)after[l] * (HhYinReal)after[l];
            HhYinReal d = (HhYinReal)2 * ((HhYinReal)r[l] - (HhYinReal)rk[l]) - energy[l];
            sum[l] += d;
            raw[row + (size_t)l] = d;
            y[row + (size_t)l] = d / (sum[l] * reciprocal + (HhYinReal)TINY);
        }
    }
}

#undef REAL
#undef SAMPLE
#undef TINY
#undef FN
