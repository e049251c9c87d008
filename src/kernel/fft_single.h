/* Transforms of a single frame, of one element type; included by fft_tile.c after fft_lanes.h, with
 * the same macros.
 *
 * The frame's n complex points are dealt out to HH_TILE lanes, z[lane + HH_TILE * j], which the
 * passes of fft_lanes.h transform side by side; twiddle factors and one radix-16 butterfly across
 * the lanes, transposed for it, finish. There are always HH_TILE lanes, in as many registers as
 * that takes, so that every level gives the same bits. */

#define V FN(Vector)
#define C FN(Complex)

static inline size_t FN(group)(const HhFftPlan *plan)
{
    return 2 * (hh_fft_padded(plan, plan->size) + 1);
}

static void FN(transform_residues)(const HhFftPlan *plan, const REAL *re, const REAL *im, V *p)
{
    for (int lane = 0; lane < HH_TILE; lane += LANES, p += FN(group)(plan)) {
        V *element = p;
        for (size_t b = 0; b < plan->size; b += plan->run, element += 2)
            for (size_t j = b; j < b + plan->run; j++, element += 2) {
                element[0] = *(const FN(Loose) *)(re + HH_TILE * j + lane);
                element[1] = *(const FN(Loose) *)(im + HH_TILE * j + lane);
            }
        FN(finish_block)(plan, 0, p);
    }
}

/* LANES outputs of every lane, from k on, times their twiddle factors: row i of re and im holds
 * output k + i of all. */
static inline void FN(turn_residues)(const HhFftPlan *plan, size_t k, const V *p,
                                     REAL (*re)[HH_TILE], REAL (*im)[HH_TILE])
{
    for (size_t i = 0; i < LANES; i++) {
        const REAL *w = plan->TABLES.cross + 2 * HH_TILE * (k + i);
        for (int lane = 0; lane < HH_TILE; lane += LANES) {
            const V *z = p + (size_t)(lane / LANES) * FN(group)(plan) + 2 * plan->position[k + i];
            V w_re = *(const V *)(w + lane), w_im = *(const V *)(w + HH_TILE + lane);
            *(V *)(re[i] + lane) = z[0] * w_re - z[1] * w_im;
            *(V *)(im[i] + lane) = z[0] * w_im + z[1] * w_re;
        }
    }
}

/* Complex transform of HH_TILE * size points between split arrays, in natural order. */
static void FN(complex_transform)(const HhFftPlan *plan, const REAL *re, const REAL *im,
                                  REAL *out_re, REAL *out_im, void *scratch)
{
    const size_t size = plan->size;
    V *p = scratch;
    FN(transform_residues)(plan, re, im, p);
    for (size_t k = 0; k < size; k += LANES) {
        _Alignas(HH_ALIGNMENT) REAL turned_re[LANES][HH_TILE], turned_im[LANES][HH_TILE];
        FN(turn_residues)(plan, k, p, turned_re, turned_im);
        C a[HH_TILE];
        for (int lane = 0; lane < HH_TILE; lane += LANES) {
            V block_re[LANES], block_im[LANES];
            FN(load)(turned_re[0] + lane, HH_TILE, NULL, block_re);
            FN(load)(turned_im[0] + lane, HH_TILE, NULL, block_im);
            for (int i = 0; i < LANES; i++) a[lane + i] = (C){block_re[i], block_im[i]};
        }
        FN(butterfly)(HH_TILE, a);
        for (size_t q = 0; q < HH_TILE; q++) {
            *(FN(Loose) *)(out_re + q * size + k) = a[q].re;
            *(FN(Loose) *)(out_im + q * size + k) = a[q].im;
        }
    }
}

/* Bins k and m - k for 0 < k < m / 2, where low runs up from bin 1 and high down from bin m - 1. */
static void FN(split_bins)(size_t pairs, const REAL *restrict w_re, const REAL *restrict w_im,
                           const REAL *restrict z_re, const REAL *restrict z_im,
                           const REAL *restrict y_re, const REAL *restrict y_im,
                           REAL *restrict low_re, REAL *restrict low_im, REAL *restrict high_re,
                           REAL *restrict high_im)
{
    const REAL half = (REAL)0.5;
    for (size_t i = 0; i < pairs; i++) {
        const size_t j = pairs - 1 - i;
        REAL even_re = (z_re[i] + y_re[j]) * half, even_im = (z_im[i] - y_im[j]) * half;
        REAL odd_re = z_im[i] + y_im[j], odd_im = y_re[j] - z_re[i];
        REAL re = odd_re * w_re[i] - odd_im * w_im[i], im = odd_re * w_im[i] + odd_im * w_re[i];
        low_re[i] = even_re + re;
        low_im[i] = even_im + im;
        high_re[j] = even_re - re;
        high_im[j] = im - even_im;
    }
}

/* The opposite: doubled points k and m - k of the complex spectrum, with real and imaginary parts
 * exchanged. */
static void FN(join_bins)(size_t pairs, const REAL *restrict w_re, const REAL *restrict w_im,
                          const REAL *restrict x_re, const REAL *restrict x_im,
                          const REAL *restrict y_re, const REAL *restrict y_im,
                          REAL *restrict low_re, REAL *restrict low_im, REAL *restrict high_re,
                          REAL *restrict high_im)
{
    for (size_t i = 0; i < pairs; i++) {
        const size_t j = pairs - 1 - i;
        REAL even_re = x_re[i] + y_re[j], even_im = x_im[i] - y_im[j];
        REAL d_re = (x_re[i] - y_re[j]) * 2, d_im = (x_im[i] + y_im[j]) * 2; /* w holds halves */
        REAL odd_re = d_re * w_re[i] + d_im * w_im[i], odd_im = d_im * w_re[i] - d_re * w_im[i];
        low_re[i] = even_im + odd_re;
        low_im[i] = even_re - odd_im;
        high_re[j] = odd_re - even_im;
        high_im[j] = even_re + odd_im;
    }
}

/* Four arrays of m values, and behind them what complex_transform() needs. */
typedef struct FN(Single) {
    REAL *re, *im, *out_re, *out_im;
    void *rest;
} FN(Single);

static inline FN(Single) FN(carve)(size_t m, void *scratch)
{
    REAL *p = scratch;
    return (FN(Single)){p, p + m, p + 2 * m, p + 3 * m, p + 4 * m};
}

static void FN(single)(const HhFftPlan *plan, const REAL *x, const REAL *window, REAL *re, REAL *im,
                       void *scratch)
{
    const size_t m = HH_TILE * plan->size, half = m / 2;
    const FN(Single) s = FN(carve)(m, scratch);
    REAL *restrict even = s.re, *restrict odd = s.im;
    if (window)
        for (size_t j = 0; j < m; j++)
            even[j] = x[2 * j] * window[2 * j], odd[j] = x[2 * j + 1] * window[2 * j + 1];
    else
        for (size_t j = 0; j < m; j++) even[j] = x[2 * j], odd[j] = x[2 * j + 1];
    FN(complex_transform)(plan, s.re, s.im, s.out_re, s.out_im, s.rest);
    const REAL *z_re = s.out_re, *z_im = s.out_im, *w = plan->TABLES.split;
    re[0] = z_re[0] + z_im[0];
    re[m] = z_re[0] - z_im[0];
    re[half] = z_re[half];
    im[0] = im[m] = 0;
    im[half] = -z_im[half];
    FN(split_bins)
    (half - 1, w + 1, w + half + 1, z_re + 1, z_im + 1, z_re + half + 1, z_im + half + 1, re + 1,
     im + 1, re + half + 1, im + half + 1);
}

static void FN(single_inverse)(const HhFftPlan *plan, const REAL *re, const REAL *im,
                               const REAL *window, REAL *y, void *scratch)
{
    const size_t m = HH_TILE * plan->size, half = m / 2;
    const FN(Single) s = FN(carve)(m, scratch);
    const REAL *w = plan->TABLES.split;
    s.re[0] = re[0] - re[m];
    s.im[0] = re[0] + re[m];
    s.re[half] = -2 * im[half];
    s.im[half] = 2 * re[half];
    FN(join_bins)
    (half - 1, w + 1, w + half + 1, re + 1, im + 1, re + half + 1, im + half + 1, s.re + 1,
     s.im + 1, s.re + half + 1, s.im + half + 1);
    FN(complex_transform)(plan, s.re, s.im, s.out_re, s.out_im, s.rest);
    const REAL *restrict even = s.out_im, *restrict odd = s.out_re;
    const REAL scale = (REAL)1 / (REAL)(2 * m);
    if (window)
        for (size_t j = 0; j < m; j++) {
            y[2 * j] = even[j] * scale * window[2 * j];
            y[2 * j + 1] = odd[j] * scale * window[2 * j + 1];
        }
    else
        for (size_t j = 0; j < m; j++) y[2 * j] = even[j] * scale, y[2 * j + 1] = odd[j] * scale;
}

#undef V
#undef C
