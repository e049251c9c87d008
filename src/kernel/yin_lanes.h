/* What YIN does with spectra and correlations, for REAL = float or double: included by yin.c with
 * REAL, V (a register of LANES of them), LOAD, STORE and FN(name) defined. */

/* Lanes of two tiles side by side, so that a lane finds its later blocks at a fixed distance. */
static inline void FN(side_by_side)(const REAL *restrict low, const REAL *restrict high,
                                    size_t bins, REAL rows[GROUP][TWO_TILES])
{
    for (size_t f = 0; f < bins; f++) {
        memcpy(rows[f], low + f * HH_TILE, HH_TILE * sizeof *low);
        memcpy(rows[f] + HH_TILE, high + f * HH_TILE, HH_TILE * sizeof *high);
    }
}

/* One bin; `sign` = (-1)^bin. A register of lanes at a time: left to the compiler, the lanes become
 * vectors only where the number of blocks is a constant. */
static inline void FN(join_row)(const REAL *re, const REAL *im, REAL sign, size_t blocks,
                                size_t step, REAL *s_re, REAL *s_im)
{
    for (size_t l = 0; l < HH_TILE; l += LANES) {
        V sum_re = {0}, sum_im = {0}, a_re = LOAD(re + l), a_im = LOAD(im + l);
        for (size_t i = 1; i < blocks; i++) {
            V b_re = LOAD(re + l + i * step), b_im = LOAD(im + l + i * step);
            sum_re += a_re * (a_re + sign * b_re) + a_im * (a_im + sign * b_im);
            sum_im += sign * (a_re * b_im - a_im * b_re);
            a_re = b_re;
            a_im = b_im;
        }
        STORE(s_re + l, sum_re + (a_re * a_re + a_im * a_im));
        STORE(s_im + l, sum_im);
    }
}

static inline void FN(join_bins)(const REAL *low_re, const REAL *low_im, const REAL *high_re,
                                 const REAL *high_im, size_t bins, size_t blocks, size_t step,
                                 REAL *s_re, REAL *s_im)
{
    REAL re[GROUP][TWO_TILES], im[GROUP][TWO_TILES];
    for (size_t f = 0; f < bins; f += GROUP) {
        size_t count = bins - f < GROUP ? bins - f : GROUP, at = f * HH_TILE;
        FN(side_by_side)(low_re + at, high_re + at, count, re);
        FN(side_by_side)(low_im + at, high_im + at, count, im);
        for (size_t i = 0; i < count; i += 2) FN(join_row)
        (re[i], im[i], (REAL)1, blocks, step, s_re + at + i * HH_TILE, s_im + at + i * HH_TILE);
        for (size_t i = 1; i < count; i += 2) FN(join_row)
        (re[i], im[i], (REAL)-1, blocks, step, s_re + at + i * HH_TILE, s_im + at + i * HH_TILE);
    }
}

/* The layouts of 2048 samples every 512 at 22.05 and 44.1 kHz are compiled for themselves: without
 * the loop over blocks they take a tenth less. */
static void FN(join_shared)(const REAL *low_re, const REAL *low_im, const REAL *high_re,
                            const REAL *high_im, size_t bins, size_t blocks, size_t step,
                            REAL *s_re, REAL *s_im)
{
    if (blocks == 4 && step == 1)
        FN(join_bins)(low_re, low_im, high_re, high_im, bins, 4, 1, s_re, s_im);
    else if (blocks == 2 && step == 2)
        FN(join_bins)(low_re, low_im, high_re, high_im, bins, 2, 2, s_re, s_im);
    else
        FN(join_bins)(low_re, low_im, high_re, high_im, bins, blocks, step, s_re, s_im);
}

#undef REAL
#undef V
#undef LANES
#undef LOAD
#undef STORE
#undef FN
