/* See halfband.h.
 *
 * The taps: h = Fc sinc(Fc z) I0(beta sqrt(1 - (z / 194.5)^2)) / I0(beta), z = -194 .. 194 (J.
 * Kaiser 1974), with the cut-off and beta to which libsoxr's HQ (20 bits, pass-band to 0.914 of the
 * new Nyquist frequency) comes at 2:1. It is not a half-band filter in the strict sense (no tap but
 * the even ones' would vanish only for Fc = 1/2), and 389 multiplications per sample are five times
 * dearer than transforms of 2048 samples. Their response is real, because the taps are centred on
 * sample 0; taking every other sample folds the upper half of the spectrum onto the lower. Within
 * 4e-7 of the largest sample of the definition in double (test_harmony.c). Cost: 2.5 transforms of
 * 1024 per 830 samples that come out. */
#include "harmony/halfband.h"

#include <math.h>
#include <string.h>

#include "kernel/harmony.h"
#include "spectral/window.h"

enum {
    HALF = HH_HALFBAND_SIZE / 2,
    TILE_INPUT = (HH_TILE - 1) * HH_HALFBAND_STEP + HH_HALFBAND_SIZE
};

struct HhHalfband {
    HhContext *context;
    const HhHarmonyKernels *kernels;
    HhFft *forward, *inverse;
    float *pass, *fold; /* [HALF / 2 + 1] */
};

static double tap(int z)
{
    const double pi = 3.14159265358979323846, cutoff = 0.4784359133, beta = 13.0400357575;
    double y = z / (HH_HALFBAND_REACH + 0.5);
    double sinc = z == 0 ? 1.0 : sin(pi * cutoff * z) / (pi * cutoff * z);
    return cutoff * sinc * hh_bessel_i0(beta * sqrt(1.0 - y * y)) / hh_bessel_i0(beta);
}

/* The real response of the centred taps at each bin; half of it, because of the folding. */
static void respond(float *pass, float *fold)
{
    double h[HH_HALFBAND_REACH + 1];
    for (int z = 0; z <= HH_HALFBAND_REACH; z++) h[z] = tap(z);
    double turn[HH_HALFBAND_SIZE];
    for (int i = 0; i < HH_HALFBAND_SIZE; i++)
        turn[i] = cos(2.0 * 3.14159265358979323846 * i / HH_HALFBAND_SIZE);
    for (int k = 0; k <= HALF; k++) {
        double sum = h[0];
        for (int z = 1; z <= HH_HALFBAND_REACH; z++)
            sum += 2.0 * h[z] * turn[(k * z) % HH_HALFBAND_SIZE];
        if (k <= HALF / 2) pass[k] = (float)(0.5 * sum);
        if (HALF - k <= HALF / 2) fold[HALF - k] = (float)(0.5 * sum);
    }
}

HhStatus hh_halfband_create(HhContext *context, HhHalfband **halfband)
{
    *halfband = NULL;
    HhHalfband *h = hh_zalloc(context, 1, sizeof *h);
    if (!h) return hh_fail_memory(context);
    h->context = context;
    h->kernels = hh_kernels(context)->harmony;
    h->pass = hh_alloc(context, HALF / 2 + 1, sizeof *h->pass);
    h->fold = hh_alloc(context, HALF / 2 + 1, sizeof *h->fold);
    HhStatus status = h->pass && h->fold ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) status = hh_fft_create(context, HH_HALFBAND_SIZE, &h->forward);
    if (status == HH_OK) status = hh_fft_create(context, HALF, &h->inverse);
    if (status != HH_OK) {
        hh_halfband_destroy(h);
        return status;
    }
    respond(h->pass, h->fold);
    *halfband = h;
    return HH_OK;
}

void hh_halfband_destroy(HhHalfband *halfband)
{
    if (!halfband) return;
    hh_fft_destroy(halfband->forward);
    hh_fft_destroy(halfband->inverse);
    hh_free(halfband->context, halfband->pass);
    hh_free(halfband->context, halfband->fold);
    hh_free(halfband->context, halfband);
}

/* The scratch of one tile: input, spectrum, folded spectrum (output over the spectrum, which is no
 * longer needed), the transforms' own. All parts are multiples of 64 bytes. */
enum {
    INPUT_FLOATS = (TILE_INPUT + 15) / 16 * 16,
    SPECTRUM_FLOATS = (HALF + 1) * HH_TILE,
    FOLDED_FLOATS = (HALF / 2 + 1) * HH_TILE
};

size_t hh_halfband_scratch(const HhHalfband *halfband)
{
    size_t fft = HH_MAX(hh_fft_scratch(halfband->forward), hh_fft_scratch(halfband->inverse));
    return sizeof(float) * (INPUT_FLOATS + 2 * SPECTRUM_FLOATS + 2 * FOLDED_FLOATS) + fft;
}

static void tile_of_blocks(const HhHalfband *h, const HhStretch *x, size_t first, int count,
                           float *y, void *scratch)
{
    float *input = scratch;
    float *re = input + INPUT_FLOATS, *im = re + SPECTRUM_FLOATS;
    float *y_re = im + SPECTRUM_FLOATS, *y_im = y_re + FOLDED_FLOATS;
    void *fft_scratch = y_im + FOLDED_FLOATS;
    const float *from =
        hh_stretch_samples(x, (ptrdiff_t)(first * HH_HALFBAND_STEP) - HH_HALFBAND_REACH,
                           (size_t)(count - 1) * HH_HALFBAND_STEP + HH_HALFBAND_SIZE, input);
    hh_fft_tile_f32(h->forward, from, HH_HALFBAND_STEP, count, NULL, re, im, fft_scratch);
    h->kernels->fold_spectrum(re, im, h->pass, h->fold, HALF, y_re, y_im);
    float *out = re;
    hh_fft_tile_inverse_f32(h->inverse, y_re, y_im, count, NULL, out, HALF, fft_scratch);
    size_t total = x->length / 2 + x->length % 2;
    for (int l = 0; l < count; l++) {
        size_t at = (first + (size_t)l) * HH_HALFBAND_BLOCK;
        if (at >= total) break;
        /* the first and last REACH / 2 samples wrapped around */
        memcpy(y + (size_t)l * HH_HALFBAND_BLOCK, out + (size_t)l * HALF + HH_HALFBAND_REACH / 2,
               HH_MIN((size_t)HH_HALFBAND_BLOCK, total - at) * sizeof *y);
    }
}

void hh_halfband_blocks(const HhHalfband *halfband, const HhStretch *x, size_t first, size_t count,
                        float *y, void *scratch)
{
    for (size_t b = 0; b < count; b += HH_TILE)
        tile_of_blocks(halfband, x, first + b, (int)HH_MIN((size_t)HH_TILE, count - b),
                       y + b * HH_HALFBAND_BLOCK, scratch);
}

/* The stream keeps the input of one tile, the first sample being that with which the tile begins;
 * it starts with the zeros before the signal. */
struct HhHalfbandStream {
    HhContext *context;
    const HhHalfband *halfband;
    float *input;  /* [TILE_INPUT] */
    size_t filled; /* of input */
    size_t first;  /* block with which input begins */
    size_t length; /* samples pushed */
    void *scratch;
};

HhStatus hh_halfband_stream_create(HhContext *context, const HhHalfband *halfband,
                                   HhHalfbandStream **stream)
{
    *stream = NULL;
    HhHalfbandStream *s = hh_zalloc(context, 1, sizeof *s);
    if (!s) return hh_fail_memory(context);
    *s = (HhHalfbandStream){
        context, halfband, hh_zalloc(context, TILE_INPUT, sizeof(float)),      HH_HALFBAND_REACH,
        0,       0,        hh_alloc(context, 1, hh_halfband_scratch(halfband))};
    if (!s->input || !s->scratch) {
        hh_halfband_stream_destroy(s);
        return hh_fail_memory(context);
    }
    *stream = s;
    return HH_OK;
}

void hh_halfband_stream_destroy(HhHalfbandStream *stream)
{
    if (!stream) return;
    hh_free(stream->context, stream->input);
    hh_free(stream->context, stream->scratch);
    hh_free(stream->context, stream);
}

size_t hh_halfband_stream_room(size_t count)
{
    return (count / 2 + TILE_INPUT) / HH_HALFBAND_BLOCK * HH_HALFBAND_BLOCK + HH_HALFBAND_BLOCK;
}

/* Makes the samples of `blocks` blocks, as many as the signal so far has, and drops their input. */
static size_t emit(HhHalfbandStream *s, size_t blocks, size_t length, float *y)
{
    size_t start = s->first * HH_HALFBAND_STEP; /* of the signal, had it REACH zeros in front */
    size_t skip = start >= HH_HALFBAND_REACH ? 0 : HH_HALFBAND_REACH - start;
    HhStretch x = {s->input + skip, start + skip - HH_HALFBAND_REACH, s->filled - skip, length};
    hh_halfband_blocks(s->halfband, &x, s->first, blocks, y, s->scratch);
    size_t total = length / 2 + length % 2, from = s->first * HH_HALFBAND_BLOCK;
    s->first += blocks;
    return HH_MIN(total - from, blocks * HH_HALFBAND_BLOCK);
}

size_t hh_halfband_stream_push(HhHalfbandStream *stream, const float *x, size_t count, float *y)
{
    size_t made = 0;
    while (count > 0) {
        size_t take = HH_MIN(count, (size_t)TILE_INPUT - stream->filled);
        memcpy(stream->input + stream->filled, x, take * sizeof *x);
        stream->filled += take;
        stream->length += take;
        x += take;
        count -= take;
        if (stream->filled < (size_t)TILE_INPUT) break;
        made += emit(stream, HH_TILE, SIZE_MAX, y + made);
        stream->filled = (size_t)TILE_INPUT - HH_TILE * HH_HALFBAND_STEP;
        memmove(stream->input, stream->input + HH_TILE * HH_HALFBAND_STEP,
                stream->filled * sizeof(float));
    }
    return made;
}

size_t hh_halfband_stream_finish(HhHalfbandStream *stream, float *y)
{
    size_t total = stream->length / 2 + stream->length % 2,
           done = stream->first * HH_HALFBAND_BLOCK;
    if (total <= done) return 0;
    return emit(stream, (total - done + HH_HALFBAND_BLOCK - 1) / HH_HALFBAND_BLOCK, stream->length,
                y);
}
