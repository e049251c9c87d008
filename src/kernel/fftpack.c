/* Autocorrelation of real frames by the Fourier transform, in float: the passes of P. N.
 * Swarztrauber, "Vectorizing the FFTs", in Parallel Computations, 1982 (FFTPACK), written from the
 * formulas.
 *
 * There are faster ways to a correlation, and more exact ones (yin.c takes one). This one is for
 * results that must equal those of librosa on float samples, where a threshold turns the last bit
 * of the correlation into another pitch. librosa calls SciPy, which runs FFTPACK's passes; a sum in
 * another order, a twiddle factor of another precision or a fused multiplication would be another
 * last bit. So here are the same operations in the same order: decimation in time forward (the
 * smallest spectra first), in frequency backward, factors 4, at most one 2 (the largest spectra),
 * then 3 and 5; twiddle factors are rounded from double. Left out is only what cannot change a bit:
 * backward, spectra of samples behind the last lag wanted.
 *
 * A row is one element of HH_TILE frames. A spectrum of n real samples lies in n rows: re[0],
 * re[1], im[1], re[2], ... and, for even n, re[n / 2]. Cost: 12 passes over 4096 rows, from
 * 256 KB to 256 KB, with librosa's defaults, of which the last two are short; the second-level
 * cache sets the speed.
 *
 * Compiled once per CPU level; a lane never meets another, so every level gives the same bits. */
#include "kernel/fftpack.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/level.h"

extern const HhFftpackKernels HH_AT_LEVEL(hh_fftpack_kernels);

typedef float Row __attribute__((vector_size(4 * HH_TILE)));

typedef struct Complex {
    Row re, im;
} Complex;

static const float half_sqrt_2 = 0.707106781186547524400844362104849F;
static const float sqrt_2 = 1.41421356237309504880168872420969808F;
static const float sin_60 = 0.866025403784438646763723170752936F;
static const float cos_72 = 0.309016994374947424102293417182819F;
static const float sin_72 = 0.951056516295153572116439333379382F;
static const float cos_144 = -0.809016994374947424102293417182819F;
static const float sin_144 = 0.587785252292473129168705954639073F;

static inline Complex add(Complex a, Complex b)
{
    return (Complex){a.re + b.re, a.im + b.im};
}

static inline Complex subtract(Complex a, Complex b)
{
    return (Complex){a.re - b.re, a.im - b.im};
}

static inline Complex scale(float factor, Complex a)
{
    return (Complex){factor * a.re, factor * a.im};
}

/* a + i b */
static inline Complex add_turned(Complex a, Complex b)
{
    return (Complex){a.re - b.im, a.im + b.re};
}

/* a - i b */
static inline Complex subtract_turned(Complex a, Complex b)
{
    return (Complex){a.re + b.im, a.im - b.re};
}

static inline Complex times(const float *w, Complex a)
{
    return (Complex){w[0] * a.re - w[1] * a.im, w[0] * a.im + w[1] * a.re};
}

static inline Complex times_conjugate(const float *w, Complex a)
{
    return (Complex){w[0] * a.re + w[1] * a.im, w[0] * a.im - w[1] * a.re};
}

/* Point f of a spectrum, 0 < f < its size / 2. */
static inline Complex get(const Row *spectrum, size_t f)
{
    return (Complex){spectrum[2 * f - 1], spectrum[2 * f]};
}

static inline Complex get_conjugate(const Row *spectrum, size_t f)
{
    return (Complex){spectrum[2 * f - 1], -spectrum[2 * f]};
}

static inline void put(Row *spectrum, size_t f, Complex a)
{
    spectrum[2 * f - 1] = a.re;
    spectrum[2 * f] = a.im;
}

static inline void put_conjugate(Row *spectrum, size_t f, Complex a)
{
    spectrum[2 * f - 1] = a.re;
    spectrum[2 * f] = -a.im;
}

/* ---- the transforms of 3 and 5 points. Forward and backward differ in which of a pair is which:
 * that of a[q] with exp(-...) is that of a[radix - q] with exp(+...). */

static inline void transform3(const Complex a[3], Complex b[3])
{
    Complex sum = add(a[1], a[2]), middle = add(a[0], scale(-0.5F, sum));
    Complex turned = scale(sin_60, subtract(a[1], a[2]));
    b[0] = add(a[0], sum);
    b[1] = subtract_turned(middle, turned);
    b[2] = add_turned(middle, turned);
}

static inline void transform5(const Complex a[5], Complex b[5])
{
    Complex sum1 = add(a[1], a[4]), sum2 = add(a[2], a[3]);
    Complex gap1 = subtract(a[1], a[4]), gap2 = subtract(a[2], a[3]);
    Complex middle1 = add(add(a[0], scale(cos_72, sum1)), scale(cos_144, sum2));
    Complex middle2 = add(add(a[0], scale(cos_144, sum1)), scale(cos_72, sum2));
    Complex turned1 = add(scale(sin_72, gap1), scale(sin_144, gap2));
    Complex turned2 = subtract(scale(sin_144, gap1), scale(sin_72, gap2));
    b[0] = add(add(a[0], sum1), sum2);
    b[1] = subtract_turned(middle1, turned1);
    b[2] = subtract_turned(middle2, turned2);
    b[3] = add_turned(middle2, turned2);
    b[4] = add_turned(middle1, turned1);
}

static inline void transform_odd(size_t radix, const Complex *a, Complex *b)
{
    if (radix == 3)
        transform3(a, b);
    else
        transform5(a, b);
}

/* ---- forward: in[q * apart] is spectrum q of `length` points, out the one of radix * length */

static inline void forward4(const Row *in, size_t apart, size_t length, const float *w, Row *out)
{
    Row even = in[0] + in[2 * apart], odd = in[3 * apart] + in[apart];
    out[0] = even + odd;
    out[2 * length - 1] = in[0] - in[2 * apart];
    out[2 * length] = in[3 * apart] - in[apart];
    out[4 * length - 1] = even - odd;
    for (size_t f = 1; f < (length + 1) / 2; f++, w += 6) {
        Complex a0 = get(in, f), a1 = times_conjugate(w, get(in + apart, f));
        Complex a2 = times_conjugate(w + 2, get(in + 2 * apart, f));
        Complex a3 = times_conjugate(w + 4, get(in + 3 * apart, f));
        Complex sum02 = add(a0, a2), gap02 = subtract(a0, a2);
        Complex sum13 = add(a1, a3), gap13 = subtract(a1, a3);
        put(out, f, add(sum02, sum13));
        put(out, length + f, subtract_turned(gap02, gap13));
        put_conjugate(out, 2 * length - f, subtract(sum02, sum13));
        put_conjugate(out, length - f, add_turned(gap02, gap13));
    }
    if (length % 2) return;
    const Row *last = in + length - 1;
    Row re = half_sqrt_2 * (last[apart] - last[3 * apart]);
    Row im = -half_sqrt_2 * (last[apart] + last[3 * apart]);
    put(out, length / 2, (Complex){last[0] + re, im - last[2 * apart]});
    put(out, length + length / 2, (Complex){last[0] - re, im + last[2 * apart]});
}

static inline void forward2(const Row *in, size_t apart, size_t length, const float *w, Row *out)
{
    out[0] = in[0] + in[apart];
    out[2 * length - 1] = in[0] - in[apart];
    for (size_t f = 1; f < (length + 1) / 2; f++, w += 2) {
        Complex a0 = get(in, f), a1 = times_conjugate(w, get(in + apart, f));
        put(out, f, add(a0, a1));
        put_conjugate(out, length - f, subtract(a0, a1));
    }
    if (length % 2) return;
    out[length - 1] = in[length - 1];
    out[length] = -in[apart + length - 1];
}

/* 3 and 5 come first, on odd lengths. */
static inline void forward_odd(size_t radix, const Row *in, size_t apart, size_t length,
                               const float *w, Row *out)
{
    Complex a[5], b[5];
    for (size_t f = 0; f < (length + 1) / 2; f++) {
        for (size_t q = 0; q < radix; q++)
            a[q] = f ? get(in + q * apart, f) : (Complex){in[q * apart], (Row){0}};
        for (size_t q = 1; f && q < radix; q++, w += 2) a[q] = times_conjugate(w, a[q]);
        transform_odd(radix, a, b);
        if (f)
            put(out, f, b[0]);
        else
            out[0] = b[0].re;
        for (size_t q = 1; q <= radix / 2; q++) {
            put(out, q * length + f, b[q]);
            if (f) put_conjugate(out, q * length - f, b[radix - q]);
        }
    }
}

static void forward(const HhFftpackPass *pass, const Row *in, Row *out)
{
    size_t apart = pass->length * pass->stride;
    for (size_t k = 0; k < pass->stride; k++) {
        const Row *from = in + k * pass->length;
        Row *to = out + k * pass->length * pass->radix;
        if (pass->radix == 4)
            forward4(from, apart, pass->length, pass->twiddles, to);
        else if (pass->radix == 2)
            forward2(from, apart, pass->length, pass->twiddles, to);
        else
            forward_odd(pass->radix, from, apart, pass->length, pass->twiddles, to);
    }
}

/* ---- backward: the other way round; only the first `wanted` of the spectra are written */

static inline void backward4(const Row *in, size_t apart, size_t length, size_t wanted,
                             const float *w, Row *out)
{
    Row sum = in[0] + in[4 * length - 1], gap = in[0] - in[4 * length - 1];
    Row re = in[2 * length - 1] + in[2 * length - 1], im = in[2 * length] + in[2 * length];
    out[0] = sum + re;
    if (wanted > 1) out[apart] = gap - im;
    if (wanted > 2) out[2 * apart] = sum - re;
    if (wanted > 3) out[3 * apart] = gap + im;
    for (size_t f = 1; f < (length + 1) / 2; f++, w += 6) {
        Complex a0 = get(in, f), a1 = get(in, length + f);
        Complex a2 = get_conjugate(in, 2 * length - f), a3 = get_conjugate(in, length - f);
        Complex sum02 = add(a0, a2), gap02 = subtract(a0, a2);
        Complex sum13 = add(a1, a3), gap13 = subtract(a1, a3);
        put(out, f, add(sum02, sum13));
        if (wanted > 1) put(out + apart, f, times(w, add_turned(gap02, gap13)));
        if (wanted > 2) put(out + 2 * apart, f, times(w + 2, subtract(sum02, sum13)));
        if (wanted > 3) put(out + 3 * apart, f, times(w + 4, subtract_turned(gap02, gap13)));
    }
    if (length % 2) return;
    Complex low = get(in, length / 2), high = get(in, length + length / 2);
    Row *last = out + length - 1;
    Row re_sum = low.re + high.re, re_gap = low.re - high.re;
    Row im_sum = high.im + low.im, im_gap = high.im - low.im;
    last[0] = re_sum + re_sum;
    if (wanted > 1) last[apart] = sqrt_2 * (re_gap - im_sum);
    if (wanted > 2) last[2 * apart] = im_gap + im_gap;
    if (wanted > 3) last[3 * apart] = -sqrt_2 * (re_gap + im_sum);
}

static inline void backward2(const Row *in, size_t apart, size_t length, size_t wanted,
                             const float *w, Row *out)
{
    out[0] = in[0] + in[2 * length - 1];
    if (wanted > 1) out[apart] = in[0] - in[2 * length - 1];
    for (size_t f = 1; f < (length + 1) / 2; f++, w += 2) {
        Complex a0 = get(in, f), a1 = get_conjugate(in, length - f);
        put(out, f, add(a0, a1));
        if (wanted > 1) put(out + apart, f, times(w, subtract(a0, a1)));
    }
    if (length % 2) return;
    out[length - 1] = in[length - 1] + in[length - 1];
    if (wanted > 1) out[apart + length - 1] = -(in[length] + in[length]);
}

static inline void backward_odd(size_t radix, const Row *in, size_t apart, size_t length,
                                size_t wanted, const float *w, Row *out)
{
    Complex a[5], b[5];
    for (size_t f = 0; f < (length + 1) / 2; f++) {
        a[0] = f ? get(in, f) : (Complex){in[0], (Row){0}};
        for (size_t q = 1; q <= radix / 2; q++) {
            a[radix - q] = get(in, q * length + f);
            a[q] = get_conjugate(in, q * length - f);
            if (f == 0) a[q] = (Complex){a[radix - q].re, -a[radix - q].im};
        }
        transform_odd(radix, a, b);
        if (f)
            put(out, f, b[0]);
        else
            out[0] = b[0].re;
        for (size_t q = 1; q < wanted; q++) {
            if (f)
                put(out + q * apart, f, times(w + 2 * (q - 1), b[q]));
            else
                out[q * apart] = b[q].re;
        }
        if (f) w += 2 * (radix - 1);
    }
}

/* Spectrum k of a pass is that of the samples k, k + stride, k + 2 stride, ... */
static void backward(const HhFftpackPass *pass, size_t last, const Row *in, Row *out)
{
    size_t apart = pass->length * pass->stride;
    for (size_t k = 0; k < pass->stride && k <= last; k++) {
        const Row *from = in + k * pass->length * pass->radix;
        Row *to = out + k * pass->length;
        size_t wanted = (last - k) / pass->stride + 1;
        if (wanted > pass->radix) wanted = pass->radix;
        if (pass->radix == 4)
            backward4(from, apart, pass->length, wanted, pass->twiddles, to);
        else if (pass->radix == 2)
            backward2(from, apart, pass->length, wanted, pass->twiddles, to);
        else
            backward_odd(pass->radix, from, apart, pass->length, wanted, pass->twiddles, to);
    }
}

static void power(Row *x, size_t size)
{
    x[0] = x[0] * x[0];
    for (size_t f = 1; f < (size + 1) / 2; f++) {
        Complex a = get(x, f);
        put(x, f, (Complex){a.re * a.re + a.im * a.im, (Row){0}});
    }
    if (size % 2 == 0) x[size - 1] = x[size - 1] * x[size - 1];
}

static void correlate(const HhFftpackPass *passes, size_t count, size_t size, size_t last,
                      float *samples, float *work)
{
    Row *x = (Row *)samples, *y = (Row *)work;
    for (size_t i = 0; i < count; i++) {
        forward(&passes[count - 1 - i], i % 2 ? y : x, i % 2 ? x : y);
    }
    power(count % 2 ? y : x, size);
    for (size_t i = 0; i < count; i++) {
        bool from_y = (count + i) % 2;
        backward(&passes[i], last, from_y ? y : x, from_y ? x : y);
    }
    float factor = (float)(1.0 / (double)size);
    for (size_t k = 0; k <= last; k++) x[k] *= factor;
}

/* librosa: sums in float, the mean and what follows in double; the energy of the first sample is
 * missing from the difference at lag 1, and only there. */
static void difference(const float *restrict r, const float *restrict x, size_t first, size_t last,
                       double *restrict y)
{
    float energy[HH_TILE] = {0}, sum[HH_TILE] = {0};
    for (size_t k = 1; k <= last; k++) {
        const float *rk = r + k * HH_TILE, *before = x + (k - 1) * HH_TILE;
        float d[HH_TILE], counted = k == 1 ? 0.0F : 1.0F;
        for (int l = 0; l < HH_TILE; l++) {
            energy[l] += before[l] * before[l];
            d[l] = 2.0F * (r[l] - rk[l]) - counted * energy[l];
            sum[l] += d[l];
        }
        if (k < first) continue;
        double *row = y + (k - first) * HH_TILE;
        for (int l = 0; l < HH_TILE; l++)
            row[l] = (double)d[l] / ((double)sum[l] / (double)k + DBL_MIN);
    }
}

const HhFftpackKernels HH_AT_LEVEL(hh_fftpack_kernels) = {
    .correlate = correlate,
    .difference = difference,
};
