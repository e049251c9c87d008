/* Inverse short-time Fourier transform, as librosa.istft.
 *
 * D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
 * Trans. ASSP 1984, eq. 6: the windowed inverse transforms are added up and divided by the sum of
 * the squared windows, where that is not 0. The output is cut into segments; each thread makes the
 * segments it is given from all the frames that reach into them, so a sample is always the sum of
 * its frames in ascending order, whatever the threads. A segment is long against the few frames
 * that two segments share. Cost: one inverse transform per frame and one addition per sample and
 * frame. Tolerance: float, 1e-6 of the peak. */
#include <string.h>

#include "kernel/kernels.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

void hh_istft_defaults(HhIstftParams *params)
{
    *params = (HhIstftParams){
        .size = sizeof *params, .window = {HH_WINDOW_HANN, 0.0, NULL}, .center = true};
}

typedef struct Inverse {
    HhContext *context;
    const HhKernels *kernels;
    const float *spectrum; /* [channels][stored][bins] complex */
    size_t channels, stored, bins;
    size_t n_fft, hop;
    size_t frames;  /* that are used */
    size_t length;  /* samples per channel */
    size_t skipped; /* samples before the first that is given */
    size_t overlap; /* frames before a segment's first that reach into it */
    size_t advance; /* frames that start in a segment */
    size_t segments;
    HhFft *fft;
    float *window;  /* [n_fft] */
    float *squares; /* [n_fft] */
    unsigned char *memory;
    size_t each; /* bytes per worker */
    float *out;  /* [channels][length] */
} Inverse;

/* ---- set-up */

static HhStatus resolve(HhContext *context, HhIstftParams *p, size_t bins)
{
    if (p->n_fft == 0) p->n_fft = 2 * (bins - 1);
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = p->n_fft;
    stft.hop_length = p->hop_length;
    stft.win_length = p->win_length;
    HH_TRY(hh_stft_resolve(context, &stft));
    p->hop_length = stft.hop_length;
    p->win_length = stft.win_length;
    if (p->n_fft / 2 + 1 != bins)
        return hh_fail(context, HH_ERROR_ARGUMENT, "n_fft %zu has %zu bins, the spectrum has %zu",
                       p->n_fft, p->n_fft / 2 + 1, bins);
    return HH_OK;
}

static HhStatus check_spectrum(HhContext *context, const HhArray *spectrum)
{
    if (!spectrum || spectrum->type != HH_COMPLEX64 || spectrum->dimensions != 3 || !spectrum->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a spectrum is complex, {channels, frames, bins}");
    if (spectrum->shape[0] == 0 || spectrum->shape[1] == 0 || spectrum->shape[2] == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "an empty spectrum");
    return HH_OK;
}

static void set_lengths(Inverse *v, const HhIstftParams *p)
{
    v->n_fft = p->n_fft;
    v->hop = p->hop_length;
    v->skipped = p->center ? p->n_fft / 2 : 0;
    v->frames = v->stored;
    v->length = v->n_fft + v->hop * (v->frames - 1) - 2 * v->skipped;
    if (p->length > 0) {
        size_t padded = p->length + 2 * v->skipped;
        v->frames = HH_MIN(v->stored, (padded + v->hop - 1) / v->hop);
        v->length = p->length;
    }
    v->overlap = (v->n_fft + v->hop - 1) / v->hop - 1;
    size_t tiles = (HH_MAX((size_t)112, 4 * v->overlap) + v->overlap + HH_TILE - 1) / HH_TILE;
    v->advance = tiles * HH_TILE - v->overlap;
    v->segments = (v->skipped + v->length + v->advance * v->hop - 1) / (v->advance * v->hop);
}

static size_t aligned(size_t bytes)
{
    return (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

static HhStatus prepare(Inverse *v, const HhIstftParams *p)
{
    double *window = hh_alloc(v->context, v->n_fft, sizeof *window);
    v->window = hh_alloc(v->context, v->n_fft, sizeof *v->window);
    v->squares = hh_alloc(v->context, v->n_fft, sizeof *v->squares);
    HhStatus status = window && v->window && v->squares ? HH_OK : hh_fail_memory(v->context);
    if (status == HH_OK)
        status = hh_window_padded(v->context, &p->window, p->win_length, p->n_fft, window);
    if (status == HH_OK) {
        for (size_t n = 0; n < v->n_fft; n++) {
            v->window[n] = (float)window[n];
            v->squares[n] = (float)(window[n] * window[n]);
        }
        status = hh_fft_create(v->context, v->n_fft, &v->fft);
    }
    hh_free(v->context, window);
    if (status != HH_OK) return status;
    v->each = aligned(hh_fft_scratch(v->fft)) + 2 * aligned(v->bins * HH_TILE * sizeof(float)) +
              aligned(v->n_fft * HH_TILE * sizeof(float)) +
              2 * aligned(v->advance * v->hop * sizeof(float));
    v->memory = hh_alloc(v->context, (size_t)hh_workers(v->context), v->each);
    return v->memory ? HH_OK : hh_fail_memory(v->context);
}

static void release(Inverse *v)
{
    hh_fft_destroy(v->fft);
    hh_free(v->context, v->window);
    hh_free(v->context, v->squares);
    hh_free(v->context, v->memory);
}

/* ---- one segment */

/* Adds x[n_fft], which starts at sample `at` of the padded signal, to sum[first .. first +
 * size). */
static void add_clipped(const Inverse *v, const float *x, size_t at, size_t first, size_t size,
                        float *sum)
{
    size_t begin = HH_MAX(at, first), end = HH_MIN(at + v->n_fft, first + size);
    if (begin < end)
        v->kernels->vector->add_f32(x + (begin - at), sum + (begin - first), end - begin);
}

static void run_segment(void *arg, size_t index, int worker)
{
    const Inverse *v = arg;
    size_t channel = index / v->segments, segment = index % v->segments;
    size_t size = v->advance * v->hop, first = segment * size;
    unsigned char *memory = v->memory + (size_t)worker * v->each;
    void *scratch = memory;
    memory += aligned(hh_fft_scratch(v->fft));
    float *re = (float *)(void *)memory;
    memory += aligned(v->bins * HH_TILE * sizeof(float));
    float *im = (float *)(void *)memory;
    memory += aligned(v->bins * HH_TILE * sizeof(float));
    float *frame = (float *)(void *)memory;
    memory += aligned(v->n_fft * HH_TILE * sizeof(float));
    float *sum = (float *)(void *)memory,
          *weight = (float *)(void *)(memory + aligned(size * sizeof(float)));
    memset(sum, 0, size * sizeof *sum);
    memset(weight, 0, size * sizeof *weight);

    size_t start = segment * v->advance, end = HH_MIN(start + v->advance, v->frames);
    start -= HH_MIN(start, v->overlap);
    for (size_t t = start; t < end; t += HH_TILE) {
        int count = (int)HH_MIN((size_t)HH_TILE, end - t);
        v->kernels->vector->frames_to_tile_complex(v->spectrum +
                                                       2 * (channel * v->stored + t) * v->bins,
                                                   (ptrdiff_t)v->bins, v->bins, count, re, im);
        hh_fft_tile_inverse_f32(v->fft, re, im, count, v->window, frame, (ptrdiff_t)v->n_fft,
                                scratch);
        for (int l = 0; l < count; l++) {
            size_t at = (t + (size_t)l) * v->hop;
            add_clipped(v, frame + (size_t)l * v->n_fft, at, first, size, sum);
            add_clipped(v, v->squares, at, first, size, weight);
        }
    }
    /* first .. first + size of the padded signal, without what lies before and after the samples
     * that are given */
    size_t from = HH_MAX(first, v->skipped), to = HH_MIN(first + size, v->skipped + v->length);
    if (from < to)
        v->kernels->spectral->divide_where(sum + (from - first), weight + (from - first),
                                           v->out + channel * v->length + (from - v->skipped),
                                           to - from);
}

HhStatus hh_istft(HhContext *context, const HhArray *spectrum, const HhIstftParams *params,
                  HhArray *out)
{
    HhIstftParams p;
    hh_istft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(check_spectrum(context, spectrum));
    HH_TRY(resolve(context, &p, spectrum->shape[2]));
    Inverse v = {.context = context,
                 .kernels = hh_kernels(context),
                 .spectrum = spectrum->data,
                 .channels = spectrum->shape[0],
                 .stored = spectrum->shape[1],
                 .bins = spectrum->shape[2]};
    set_lengths(&v, &p);
    HhStatus status = prepare(&v, &p);
    if (status == HH_OK) status = hh_array_make(context, out, HH_FLOAT32, 2, v.channels, v.length);
    if (status == HH_OK && v.length > 0) {
        v.out = out->data;
        hh_parallel_for(context, v.channels * v.segments, run_segment, &v);
    }
    release(&v);
    return status;
}
