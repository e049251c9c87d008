/* Lane-batched transforms of one element type; included by fft_tile.c once for float and once for
 * double, with these macros:
 * - REAL, float or double.
 * - LANES, the elements in a vector register: that many frames travel together.
 * - FN(x), the name of x for this type.
 * - TABLES, the member of HhFftPlan with the twiddle factors.
 * - NARROW_INPUT, 1 for double, whose frames may come as floats, 0 for float.
 * Float comes first: double clears its tiles of power, which are of floats, by that one's function.
 *
 * The vector types and the transposing loads and stores are those of fft_transpose.h.
 *
 * Scratch holds complex elements as two neighbouring vectors, re and im. A real frame of 2n samples
 * is transformed as n complex ones, z[j] = x[2j] + i x[2j+1], which a last step takes apart again.
 * Forward, the first pass reads the frames, transposes them into lanes and applies the window; then
 * the blocks that it leaves are finished one pair after another (a and radix - a, which mirror each
 * other) while they are in the first-level cache, and the step to real spectra writes the result.
 * Inverse, the same in the opposite order. */

#define V FN(Vector)

typedef struct FN(Complex) {
    V re, im;
} FN(Complex);
#define C FN(Complex)

static inline __attribute__((always_inline)) C FN(add)(C a, C b)
{
    return (C){a.re + b.re, a.im + b.im};
}

static inline __attribute__((always_inline)) C FN(subtract)(C a, C b)
{
    return (C){a.re - b.re, a.im - b.im};
}

/* -i (a - b) */
static inline __attribute__((always_inline)) C FN(subtract_turned)(C a, C b)
{
    return (C){a.im - b.im, b.re - a.re};
}

static inline __attribute__((always_inline)) C FN(times)(C a, REAL re, REAL im)
{
    return (C){a.re * re - a.im * im, a.re * im + a.im * re};
}

static inline __attribute__((always_inline)) void FN(butterfly2)(C *a)
{
    C t = FN(subtract)(a[0], a[1]);
    a[0] = FN(add)(a[0], a[1]);
    a[1] = t;
}

static inline __attribute__((always_inline)) void FN(butterfly3)(C *a)
{
    const REAL half = (REAL)0.5, height = (REAL)0.86602540378443864676;
    C sum = FN(add)(a[1], a[2]);
    C turned = FN(subtract_turned)(a[1], a[2]);
    C middle = {a[0].re - sum.re * half, a[0].im - sum.im * half};
    C side = {turned.re * height, turned.im * height};
    a[0] = FN(add)(a[0], sum);
    a[1] = FN(add)(middle, side);
    a[2] = FN(subtract)(middle, side);
}

static inline __attribute__((always_inline)) void FN(butterfly4)(C *a0, C *a1, C *a2, C *a3)
{
    C s = FN(add)(*a0, *a2), d = FN(subtract)(*a0, *a2);
    C t = FN(add)(*a1, *a3), e = FN(subtract_turned)(*a1, *a3);
    *a0 = FN(add)(s, t);
    *a1 = FN(add)(d, e);
    *a2 = FN(subtract)(s, t);
    *a3 = FN(subtract)(d, e);
}

static inline __attribute__((always_inline)) void FN(butterfly5)(C *a)
{
    const REAL c1 = (REAL)0.30901699437494742410, c2 = (REAL)-0.80901699437494742410;
    const REAL s1 = (REAL)0.95105651629515357212, s2 = (REAL)0.58778525229247312917;
    C p = FN(add)(a[1], a[4]), u = FN(subtract_turned)(a[1], a[4]);
    C q = FN(add)(a[2], a[3]), v = FN(subtract_turned)(a[2], a[3]);
    C m1 = {a[0].re + p.re * c1 + q.re * c2, a[0].im + p.im * c1 + q.im * c2};
    C m2 = {a[0].re + p.re * c2 + q.re * c1, a[0].im + p.im * c2 + q.im * c1};
    C n1 = {u.re * s1 + v.re * s2, u.im * s1 + v.im * s2};
    C n2 = {u.re * s2 - v.re * s1, u.im * s2 - v.im * s1};
    a[0] = FN(add)(a[0], FN(add)(p, q));
    a[1] = FN(add)(m1, n1);
    a[2] = FN(add)(m2, n2);
    a[3] = FN(subtract)(m2, n2);
    a[4] = FN(subtract)(m1, n1);
}

static inline __attribute__((always_inline)) void FN(butterfly8)(C *a)
{
    const REAL root = (REAL)0.70710678118654752440;
    C b0 = FN(add)(a[0], a[4]), c0 = FN(subtract)(a[0], a[4]);
    C b1 = FN(add)(a[1], a[5]), c1 = FN(subtract)(a[1], a[5]);
    C b2 = FN(add)(a[2], a[6]), c2 = FN(subtract_turned)(a[2], a[6]);
    C b3 = FN(add)(a[3], a[7]), c3 = FN(subtract_turned)(a[3], a[7]);
    /* c1 (1 - i) / sqrt 2 and c3, turned already, the same */
    C d1 = {(c1.re + c1.im) * root, (c1.im - c1.re) * root};
    C d3 = {(c3.re + c3.im) * root, (c3.im - c3.re) * root};
    FN(butterfly4)(&b0, &b1, &b2, &b3);
    C s = FN(add)(c0, c2), d = FN(subtract)(c0, c2);
    C t = FN(add)(d1, d3), e = FN(subtract_turned)(d1, d3);
    a[0] = b0, a[2] = b1, a[4] = b2, a[6] = b3;
    a[1] = FN(add)(s, t);
    a[3] = FN(add)(d, e);
    a[5] = FN(subtract)(s, t);
    a[7] = FN(subtract)(d, e);
}

/* Four by four. */
static inline __attribute__((always_inline)) void FN(butterfly16)(C *a)
{
    const REAL root = (REAL)0.70710678118654752440;
    const REAL c = (REAL)0.92387953251128675613, s = (REAL)0.38268343236508977173;
    for (size_t j = 0; j < 4; j++) FN(butterfly4)(a + j, a + 4 + j, a + 8 + j, a + 12 + j);
    a[5] = FN(times)(a[5], c, -s);
    a[6] = (C){(a[6].re + a[6].im) * root, (a[6].im - a[6].re) * root};
    a[7] = FN(times)(a[7], s, -c);
    a[9] = (C){(a[9].re + a[9].im) * root, (a[9].im - a[9].re) * root};
    a[10] = (C){a[10].im, -a[10].re};
    a[11] = (C){(a[11].im - a[11].re) * root, -((a[11].re + a[11].im) * root)};
    a[13] = FN(times)(a[13], s, -c);
    a[14] = (C){(a[14].im - a[14].re) * root, -((a[14].re + a[14].im) * root)};
    a[15] = FN(times)(a[15], -c, s);
    for (size_t q = 0; q < 16; q += 4) FN(butterfly4)(a + q, a + q + 1, a + q + 2, a + q + 3);
    for (size_t q = 0; q < 4; q++)
        for (size_t k = q + 1; k < 4; k++) {
            C t = a[4 * q + k];
            a[4 * q + k] = a[4 * k + q];
            a[4 * k + q] = t;
        }
}

/* In place, natural order. */
static inline __attribute__((always_inline)) void FN(butterfly)(const size_t radix, C *a)
{
    switch (radix) {
    case 2:
        FN(butterfly2)(a);
        return;
    case 3:
        FN(butterfly3)(a);
        return;
    case 4:
        FN(butterfly4)(a, a + 1, a + 2, a + 3);
        return;
    case 5:
        FN(butterfly5)(a);
        return;
    case 8:
        FN(butterfly8)(a);
        return;
    case 16:
        FN(butterfly16)(a);
        return;
    default:
        return;
    }
}

static inline __attribute__((always_inline)) void FN(store_turned)(const size_t radix, const C *a,
                                                                   V *p, size_t leg, const REAL *w)
{
    p[0] = a[0].re;
    p[1] = a[0].im;
    for (size_t q = 1; q < radix; q++) {
        C t = FN(times)(a[q], w[2 * q - 2], w[2 * q - 1]);
        p[q * leg] = t.re;
        p[q * leg + 1] = t.im;
    }
}

/* `blocks` neighbouring blocks of a pass that is not the last: legs `leg` vectors apart, and `runs`
 * runs of `run` neighbouring butterflies in each. Blocks of more than one run are done one at a
 * time. */
static inline __attribute__((always_inline)) void FN(pass)(const size_t radix, V *p, size_t leg,
                                                           size_t runs, size_t run, const REAL *w,
                                                           size_t blocks)
{
    for (size_t b = 0; b < blocks; b++, p += (radix - 1) * leg) {
        const REAL *v = w;
        for (size_t s = 0; s < runs; s++) {
            for (size_t j = 0; j < run; j++, p += 2, v += 2 * (radix - 1)) {
                C a[8];
                for (size_t q = 0; q < radix; q++) a[q] = (C){p[q * leg], p[q * leg + 1]};
                FN(butterfly)(radix, a);
                FN(store_turned)(radix, a, p, leg, v);
            }
            if (runs > 1) p += 2;
        }
    }
}

static inline __attribute__((always_inline)) void FN(last_pass)(const size_t radix, V *p,
                                                                size_t blocks)
{
    for (size_t b = 0; b < blocks; b++, p += 2 * radix) {
        C a[16];
        for (size_t q = 0; q < radix; q++) a[q] = (C){p[2 * q], p[2 * q + 1]};
        FN(butterfly)(radix, a);
        for (size_t q = 0; q < radix; q++) p[2 * q] = a[q].re, p[2 * q + 1] = a[q].im;
    }
}

#define FOR_EACH_RADIX(X) X(2) X(3) X(4) X(5) X(8)

static void FN(run_pass)(const HhFftPlan *plan, int l, V *p, size_t blocks)
{
    size_t below = plan->below[l], leg = 2 * hh_fft_padded(plan, below);
    size_t run = HH_MIN(below, plan->run), runs = below / run;
    switch (plan->radix[l]) {
#define CASE(R)                                                                                    \
    case R:                                                                                        \
        FN(pass)(R, p, leg, runs, run, plan->TABLES.pass[l], blocks);                              \
        return;
        FOR_EACH_RADIX(CASE)
#undef CASE
    default:
        return;
    }
}

static void FN(run_last_pass)(size_t radix, V *p, size_t blocks)
{
    switch (radix) {
#define CASE(R)                                                                                    \
    case R:                                                                                        \
        FN(last_pass)(R, p, blocks);                                                               \
        return;
        FOR_EACH_RADIX(CASE)
        CASE(16)
#undef CASE
    default:
        return;
    }
}

/* Finishes a block that enters pass l: deep blocks first while they are large, pass after pass once
 * they fit the first-level cache. */
static void FN(finish_block)(const HhFftPlan *plan, int l, V *p)
{
    const size_t small = 16384 / sizeof(V);
    size_t size = plan->radix[l] * plan->below[l];
    if (size > small && l + 1 < plan->passes) {
        FN(run_pass)(plan, l, p, 1);
        for (size_t q = 0; q < plan->radix[l]; q++)
            FN(finish_block)(plan, l + 1, p + 2 * q * hh_fft_padded(plan, plan->below[l]));
        return;
    }
    for (; l + 1 < plan->passes; l++) {
        size_t block = plan->radix[l] * plan->below[l],
               step = HH_MAX(block, HH_MIN(size, plan->run));
        for (size_t b = 0; b < size; b += step)
            FN(run_pass)(plan, l, p + 2 * hh_fft_padded(plan, b), step / block);
    }
    size_t run = HH_MIN(size, plan->run);
    for (size_t b = 0; b < size; b += run)
        FN(run_last_pass)(plan->radix[l], p + 2 * hh_fft_padded(plan, b), run / plan->radix[l]);
}

/* Frames to read: lane l < count starts at x + l * stride. Lanes without a frame repeat the first,
 * and their results are not used. */
typedef struct FN(In) {
    const void *x; /* float if narrow, else REAL */
    ptrdiff_t stride;
    int count;
    const REAL *window;
    const void *soon[2]; /* tiles of the result of `soon_bytes` each, or NULL */
    size_t soon_bytes;
} FN(In);

/* Asks for part `part` of `parts` of the tiles that the last step is going to write: they may be
 * far from any cache, and that step alone cannot hide it. */
static inline __attribute__((always_inline)) void FN(prefetch)(const FN(In) * in, size_t part,
                                                               size_t parts)
{
    const size_t lines = in->soon_bytes / HH_ALIGNMENT;
    for (int t = 0; t < 2; t++)
        for (size_t i = lines * part / parts; in->soon[t] && i < lines * (part + 1) / parts; i++)
            __builtin_prefetch((const char *)in->soon[t] + i * HH_ALIGNMENT, 1, 2);
}

/* The loads of fft_transpose.h for up to LANES samples of up to LANES frames. */
static __attribute__((noinline)) void FN(load_some)(const FN(In) * in, bool narrow, size_t first,
                                                    size_t samples, V *out)
{
    for (size_t s = 0; s < samples; s++)
        for (int l = 0; l < LANES; l++) {
            ptrdiff_t at = (l < in->count ? l : 0) * in->stride + (ptrdiff_t)(first + s);
            REAL x = narrow ? (REAL)((const float *)in->x)[at] : ((const REAL *)in->x)[at];
            out[s][l] = in->window ? x * in->window[first + s] : x;
        }
}

static inline __attribute__((always_inline)) void
FN(load_block)(const FN(In) * in, bool narrow, size_t first, size_t samples, V *out)
{
    const REAL *window = in->window ? in->window + first : NULL;
    if (samples < LANES || in->count < LANES) FN(load_some)(in, narrow, first, samples, out);
#if NARROW_INPUT
    else if (narrow)
        FN(load_narrow)((const float *)in->x + first, in->stride, window, out);
#endif
    else
        FN(load)((const REAL *)in->x + first, in->stride, window, out);
}

/* The first pass: reads, windows and transposes LANES samples of each leg at a time. */
static inline __attribute__((always_inline)) void
FN(first_pass)(const HhFftPlan *plan, const size_t radix, const FN(In) * in, bool narrow, V *p)
{
    const size_t below = plan->below[0], leg = 2 * hh_fft_padded(plan, below);
    const REAL *w = plan->TABLES.pass[0];
    V block[8][LANES];
    size_t in_run = 0;
    for (size_t j = 0; j < below; j += LANES / 2) {
        size_t columns = HH_MIN(below - j, LANES / 2);
        FN(prefetch)(in, 2 * j / LANES, (2 * below + LANES - 1) / LANES);
        for (size_t q = 0; q < radix; q++)
            FN(load_block)(in, narrow, 2 * (q * below + j), 2 * columns, block[q]);
        for (size_t i = 0; i < columns; i++, p += 2, w += 2 * (radix - 1)) {
            C a[8];
            for (size_t q = 0; q < radix; q++) a[q] = (C){block[q][2 * i], block[q][2 * i + 1]};
            FN(butterfly)(radix, a);
            FN(store_turned)(radix, a, p, leg, w);
            if (++in_run == plan->run) p += 2, in_run = 0;
        }
    }
}

#define DEFINE_FIRST_PASS(NAME, NARROW)                                                            \
    static __attribute__((noinline)) void FN(NAME)(const HhFftPlan *plan, const FN(In) * in,       \
                                                   V * p)                                          \
    {                                                                                              \
        switch (plan->radix[0]) {                                                                  \
        case 2:                                                                                    \
            FN(first_pass)(plan, 2, in, NARROW, p);                                                \
            return;                                                                                \
        case 3:                                                                                    \
            FN(first_pass)(plan, 3, in, NARROW, p);                                                \
            return;                                                                                \
        case 4:                                                                                    \
            FN(first_pass)(plan, 4, in, NARROW, p);                                                \
            return;                                                                                \
        case 5:                                                                                    \
            FN(first_pass)(plan, 5, in, NARROW, p);                                                \
            return;                                                                                \
        case 8:                                                                                    \
            FN(first_pass)(plan, 8, in, NARROW, p);                                                \
            return;                                                                                \
        default:                                                                                   \
            return;                                                                                \
        }                                                                                          \
    }
DEFINE_FIRST_PASS(run_first_pass, false)
#if NARROW_INPUT
DEFINE_FIRST_PASS(run_first_pass_narrow, true)
#endif

/* Where a spectrum goes: columns of tiles, from the first lane of this group on. */
typedef struct FN(Out) {
    REAL *re, *im;
    float *power;
} FN(Out);

static inline __attribute__((always_inline)) void FN(put)(FN(Out) out, bool power, size_t bin, V re,
                                                          V im)
{
    if (power) {
        FN(store_rounded)(re * re + im * im, out.power + bin * HH_TILE);
    } else {
        *(FN(Loose) *)(out.re + bin * HH_TILE) = re;
        *(FN(Loose) *)(out.im + bin * HH_TILE) = im;
    }
}

/* Blocks a and radix - a of the first pass, finished, become bins a + radix k and their mirrors. */
static inline __attribute__((always_inline)) void FN(put_bins)(const HhFftPlan *plan, bool power,
                                                               size_t a, const V *p, FN(Out) out)
{
    const size_t radix = plan->radix[0], below = plan->below[0], size = plan->size;
    const V *block = p + 2 * a * hh_fft_padded(plan, below);
    const V *mirror = p + 2 * (a ? radix - a : 0) * hh_fft_padded(plan, below);
    const REAL *w = plan->TABLES.post + 2 * a * below;
    const REAL half = (REAL)0.5;
    size_t k = 0, end = 2 * a == radix ? (below + 1) / 2 : below, shift = below - 1;
    if (a == 0) {
        FN(put)(out, power, 0, block[0] + block[1], (V){0});
        FN(put)(out, power, size, block[0] - block[1], (V){0});
        k = 1;
        end = below / 2 + 1;
        shift = below;
    }
    for (; k < end; k++) {
        const V *z = block + 2 * plan->position[k], *y = mirror + 2 * plan->position[shift - k];
        V even_re = (z[0] + y[0]) * half, even_im = (z[1] - y[1]) * half;
        /* Twice the spectrum of the odd samples; w holds halves. */
        V odd_re = z[1] + y[1], odd_im = y[0] - z[0];
        V re = odd_re * w[2 * k] - odd_im * w[2 * k + 1],
          im = odd_re * w[2 * k + 1] + odd_im * w[2 * k];
        size_t bin = a + radix * k;
        FN(put)(out, power, bin, even_re + re, even_im + im);
        FN(put)(out, power, size - bin, even_re - re, im - even_im);
    }
}

/* What follows the first pass. */
static inline __attribute__((always_inline)) void FN(finish_forward)(const HhFftPlan *plan,
                                                                     bool power, FN(Out) out, V *p)
{
    const size_t radix = plan->radix[0], leg = 2 * hh_fft_padded(plan, plan->below[0]);
    for (size_t a = 0; a <= radix / 2; a++) {
        FN(finish_block)(plan, 1, p + a * leg);
        if (a && 2 * a != radix) FN(finish_block)(plan, 1, p + (radix - a) * leg);
        FN(put_bins)(plan, power, a, p, out);
    }
}

static void FN(clear_lanes)(REAL *tile, size_t values, int first)
{
    for (size_t k = 0; k < values; k += HH_TILE)
        for (int l = first; l < HH_TILE; l++) tile[k + (size_t)l] = 0;
}

static inline __attribute__((always_inline)) void FN(tile)(const HhFftPlan *plan, const void *x,
                                                           bool narrow, ptrdiff_t stride, int count,
                                                           const REAL *window, REAL *re, REAL *im,
                                                           float *power, void *scratch)
{
    const size_t bytes = sizeof(REAL) / (narrow ? 2 : 1), values = (plan->size + 1) * HH_TILE;
    for (int l = 0; l < count; l += LANES) {
        const int left = count - l; /* one frame alone: repeated, for the sake of the fast loads */
        struct FN(In) in = {.x = (const char *)x + l * stride * (ptrdiff_t)bytes,
                            .stride = left == 1 ? 0 : stride,
                            .count = left == 1 ? LANES : left,
                            .window = window};
        if (l == 0 && power)
            in.soon[0] = power, in.soon_bytes = values * sizeof *power;
        else if (l == 0)
            in.soon[0] = re, in.soon[1] = im, in.soon_bytes = values * sizeof *re;
#if NARROW_INPUT
        if (narrow)
            FN(run_first_pass_narrow)(plan, &in, scratch);
        else
#endif
            FN(run_first_pass)(plan, &in, scratch);
        if (power)
            FN(finish_forward)(plan, true, (FN(Out)){.power = power + l}, scratch);
        else
            FN(finish_forward)(plan, false, (FN(Out)){.re = re + l, .im = im + l}, scratch);
    }
    if (count == HH_TILE) return;
    if (power) {
        clear_lanes_f32(power, values, count);
    } else {
        FN(clear_lanes)(re, values, count);
        FN(clear_lanes)(im, values, count);
    }
}

/* ---- inverse */

/* Columns j and below - j of the first pass, from the bins of a spectrum and their mirrors. The
 * real part travels as imaginary part and the other way round, which makes the forward passes
 * inverse ones. */
static inline __attribute__((always_inline)) void FN(take_bins)(const HhFftPlan *plan,
                                                                const size_t radix, size_t j,
                                                                const REAL *re, const REAL *im,
                                                                C *a, C *b)
{
    const size_t below = plan->below[0], size = plan->size;
    const REAL *w = plan->TABLES.pre + 2 * radix * j;
    for (size_t q = 0; q < radix; q++) {
        size_t bin = (j + q * below) * HH_TILE, mirror = size * HH_TILE - bin;
        V x_re = *(const FN(Loose) *)(re + bin), x_im = *(const FN(Loose) *)(im + bin);
        V y_re = *(const FN(Loose) *)(re + mirror), y_im = *(const FN(Loose) *)(im + mirror);
        if (bin == 0) x_im = y_im = (V){0};
        V even_re = x_re + y_re, even_im = x_im - y_im, d_re = x_re - y_re, d_im = x_im + y_im;
        C odd = FN(times)((C){d_re, d_im}, w[2 * q], w[2 * q + 1]);
        a[q] = (C){even_im + odd.re, even_re - odd.im};
        b[radix - 1 - q] = (C){odd.re - even_im, even_re + odd.im};
    }
}

static inline __attribute__((always_inline)) void FN(first_inverse_pass)(const HhFftPlan *plan,
                                                                         const size_t radix,
                                                                         const REAL *re,
                                                                         const REAL *im, V *p)
{
    const size_t below = plan->below[0], leg = 2 * hh_fft_padded(plan, below);
    const REAL *w = plan->TABLES.pass[0];
    for (size_t j = 0; 2 * j <= below; j++) {
        C a[8], b[8];
        FN(take_bins)(plan, radix, j, re, im, a, b);
        FN(butterfly)(radix, a);
        FN(store_turned)(radix, a, p + 2 * hh_fft_padded(plan, j), leg, w + 2 * (radix - 1) * j);
        if (j == 0 || 2 * j == below) continue;
        FN(butterfly)(radix, b);
        FN(store_turned)
        (radix, b, p + 2 * hh_fft_padded(plan, below - j), leg, w + 2 * (radix - 1) * (below - j));
    }
}

static void FN(run_first_inverse_pass)(const HhFftPlan *plan, const REAL *re, const REAL *im, V *p)
{
    switch (plan->radix[0]) {
#define CASE(R)                                                                                    \
    case R:                                                                                        \
        FN(first_inverse_pass)(plan, R, re, im, p);                                                \
        return;
        FOR_EACH_RADIX(CASE)
#undef CASE
    default:
        return;
    }
}

/* Scales, applies the window and transposes back into frames, LANES samples at a time. */
static void FN(put_samples)(const HhFftPlan *plan, const V *p, const REAL *window, REAL *y,
                            ptrdiff_t stride, int count)
{
    const size_t radix = plan->radix[0], leg = 2 * hh_fft_padded(plan, plan->below[0]),
                 samples = 2 * plan->size;
    const REAL scale = (REAL)1 / (REAL)samples;
    V block[LANES];
    size_t a = 0, k = 0;
    for (size_t first = 0; first < samples; first += LANES) {
        size_t n = HH_MIN(samples - first, LANES);
        for (size_t s = 0; s < n; s += 2) {
            const V *z = p + a * leg + 2 * plan->position[k];
            block[s] = z[1] * scale;
            block[s + 1] = z[0] * scale;
            if (window) block[s] *= window[first + s], block[s + 1] *= window[first + s + 1];
            if (++a == radix) a = 0, k++;
        }
        if (n == LANES && count >= LANES)
            FN(store)(block, y + first, stride);
        else
            for (int l = 0; l < HH_MIN(count, LANES); l++)
                for (size_t s = 0; s < n; s++) y[l * stride + (ptrdiff_t)(first + s)] = block[s][l];
    }
}

static void FN(tile_inverse)(const HhFftPlan *plan, const REAL *re, const REAL *im, int count,
                             const REAL *window, REAL *y, ptrdiff_t stride, void *scratch)
{
    const size_t leg = 2 * hh_fft_padded(plan, plan->below[0]);
    V *p = scratch;
    for (int l = 0; l < count; l += LANES) {
        FN(run_first_inverse_pass)(plan, re + l, im + l, p);
        for (size_t a = 0; a < plan->radix[0]; a++) FN(finish_block)(plan, 1, p + a * leg);
        FN(put_samples)(plan, p, window, y + l * stride, stride, count - l);
    }
}

/* The first `samples` samples of all frames, as a tile: y[samples][HH_TILE]. */
static void FN(tile_inverse_lanes)(const HhFftPlan *plan, const REAL *re, const REAL *im,
                                   size_t samples, REAL *y, void *scratch)
{
    const size_t radix = plan->radix[0], leg = 2 * hh_fft_padded(plan, plan->below[0]);
    const REAL scale = (REAL)1 / (REAL)(2 * plan->size);
    V *p = scratch;
    for (int l = 0; l < HH_TILE; l += LANES) {
        FN(run_first_inverse_pass)(plan, re + l, im + l, p);
        for (size_t a = 0; a < radix; a++) FN(finish_block)(plan, 1, p + a * leg);
        size_t a = 0, k = 0;
        for (size_t s = 0; s < samples; s++) {
            const V *z = p + a * leg + 2 * plan->position[k];
            V sample = z[s % 2 ? 0 : 1] * scale;
            memcpy(y + s * HH_TILE + l, &sample, sizeof sample);
            if (s % 2 && ++a == radix) a = 0, k++;
        }
    }
}

#undef C
#undef V
#undef DEFINE_FIRST_PASS
#undef FOR_EACH_RADIX
