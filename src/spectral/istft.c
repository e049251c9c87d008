/* Inverse short-time Fourier transform, as librosa.istft.
 *
 * D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
 * Trans. ASSP 1984, eq. 6: the windowed inverse transforms are added up and divided by the sum of
 * the squared windows, where that is not 0. The output is cut into segments; each thread makes the
 * segments it is given from all the frames that reach into them, so a sample is always the sum of
 * its frames in ascending order, whatever the threads. A segment is long against the few frames
 * that two segments share. Cost: one inverse transform per frame and one addition per sample and
 * frame. All in the precision of the spectrum: 1e-6 of the peak in float, 1e-14 in double. */
#include <string.h>

#include "kernel/kernels.h"
#include "spectral/istft.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

void hh_istft_defaults(HhIstftParams *params)
{
    *params = (HhIstftParams){
        .size = sizeof *params, .window = {HH_WINDOW_HANN, 0.0, NULL}, .center = true};
}

struct HhInverse {
    HhContext *context;
    const HhKernels *kernels;
    bool in_double;
    const void *spectrum; /* [channels][stored][bins] complex */
    size_t channels, stored, bins;
    size_t n_fft, hop;
    size_t frames;  /* that are used */
    size_t length;  /* samples per channel */
    size_t skipped; /* samples before the first that is given */
    size_t overlap; /* frames before a segment's first that reach into it */
    size_t advance; /* frames that start in a segment */
    size_t segments;
    HhFft *fft;
    void *window;  /* [n_fft], as exact as the spectrum */
    void *squares; /* [n_fft] */
    unsigned char *memory;
    size_t each; /* bytes per worker */
    void *out;   /* [channels][length] */
};

/* ---- set-up */

static HhStatus resolve(HhContext *context, HhIstftParams *p, size_t frames, size_t bins)
{
    if (p->n_fft == 0) p->n_fft = 2 * (bins - 1);
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = p->n_fft;
    stft.hop_length = p->hop_length;
    stft.win_length = p->win_length;
    HH_TRY(hh_stft_resolve(context, &stft));
    if (stft.hop_length > HH_MAX_HOP || frames > SIZE_MAX / 64 / stft.hop_length)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "%zu frames every %zu samples: a hop of at most %zu", frames,
                       stft.hop_length, HH_MAX_HOP);
    p->hop_length = stft.hop_length;
    p->win_length = stft.win_length;
    if (p->n_fft / 2 + 1 != bins)
        return hh_fail(context, HH_ERROR_ARGUMENT, "n_fft %zu has %zu bins, the spectrum has %zu",
                       p->n_fft, p->n_fft / 2 + 1, bins);
    return HH_OK;
}

HhStatus hh_spectrum_check(HhContext *context, const HhArray *spectrum)
{
    if (!spectrum || (spectrum->type != HH_COMPLEX64 && spectrum->type != HH_COMPLEX128) ||
        spectrum->dimensions != 3 || !spectrum->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a spectrum is complex, {channels, frames, bins}");
    if (spectrum->shape[0] == 0 || spectrum->shape[1] == 0 || spectrum->shape[2] == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "an empty spectrum");
    return HH_OK;
}

static void set_lengths(HhInverse *v, const HhIstftParams *p)
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

static void fill_windows(const HhInverse *v, const double *window)
{
    double *window_f64 = v->window, *squares_f64 = v->squares;
    float *window_f32 = v->window, *squares_f32 = v->squares;
    for (size_t n = 0; n < v->n_fft; n++) {
        double square = window[n] * window[n];
        if (v->in_double) {
            window_f64[n] = window[n];
            squares_f64[n] = square;
        } else {
            window_f32[n] = (float)window[n];
            squares_f32[n] = (float)square;
        }
    }
}

static HhStatus prepare(HhInverse *v, const HhIstftParams *p)
{
    size_t real = v->in_double ? sizeof(double) : sizeof(float);
    double *window = hh_alloc(v->context, v->n_fft, sizeof *window);
    v->window = hh_alloc(v->context, v->n_fft, real);
    v->squares = hh_alloc(v->context, v->n_fft, real);
    HhStatus status = window && v->window && v->squares ? HH_OK : hh_fail_memory(v->context);
    if (status == HH_OK)
        status = hh_window_padded(v->context, &p->window, p->win_length, p->n_fft, window);
    if (status == HH_OK) {
        fill_windows(v, window);
        status = hh_fft_create(v->context, v->n_fft, &v->fft);
    }
    hh_free(v->context, window);
    if (status != HH_OK) return status;
    v->each = aligned(hh_fft_scratch(v->fft)) + 2 * aligned(v->bins * HH_TILE * real) +
              aligned(v->n_fft * HH_TILE * real) + 2 * aligned(v->advance * v->hop * real);
    v->memory = hh_alloc(v->context, (size_t)hh_workers(v->context), v->each);
    return v->memory ? HH_OK : hh_fail_memory(v->context);
}

void hh_inverse_destroy(HhInverse *v)
{
    if (!v) return;
    hh_fft_destroy(v->fft);
    hh_free(v->context, v->window);
    hh_free(v->context, v->squares);
    hh_free(v->context, v->memory);
    hh_free(v->context, v);
}

/* ---- one segment, in float and in double */

#define REAL           float
#define FN(name)       name##_f32
#define FRAMES_TO_TILE frames_to_tile_complex
#define INVERSE        hh_fft_tile_inverse_f32
#define ADD            add_f32
#define DIVIDE_WHERE   divide_where
#include "spectral/istft_segment.h"

#define REAL           double
#define FN(name)       name##_f64
#define FRAMES_TO_TILE frames_to_tile_complex_f64
#define INVERSE        hh_fft_tile_inverse_f64
#define ADD            add_f64
#define DIVIDE_WHERE   divide_where_f64
#include "spectral/istft_segment.h"

HhStatus hh_inverse_create(HhContext *context, HhType type, size_t channels, size_t frames,
                           size_t bins, const HhIstftParams *params, HhInverse **out)
{
    *out = NULL;
    HhIstftParams p = *params;
    HH_TRY(resolve(context, &p, frames, bins));
    HhInverse *v = hh_zalloc(context, 1, sizeof *v);
    if (!v) return hh_fail_memory(context);
    *v = (HhInverse){.context = context,
                     .kernels = hh_kernels(context),
                     .in_double = type == HH_COMPLEX128,
                     .channels = channels,
                     .stored = frames,
                     .bins = bins};
    set_lengths(v, &p);
    HhStatus status = prepare(v, &p);
    if (status != HH_OK)
        hh_inverse_destroy(v);
    else
        *out = v;
    return status;
}

size_t hh_inverse_length(const HhInverse *v)
{
    return v->length;
}

void hh_inverse_run(HhInverse *v, const void *spectrum, void *y)
{
    v->spectrum = spectrum;
    v->out = y;
    if (v->length > 0)
        hh_parallel_for(v->context, v->channels * v->segments,
                        v->in_double ? run_segment_f64 : run_segment_f32, v);
}

HhStatus hh_istft(HhContext *context, const HhArray *spectrum, const HhIstftParams *params,
                  HhArray *out)
{
    HhIstftParams p;
    hh_istft_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_spectrum_check(context, spectrum));
    size_t channels = spectrum->shape[0];
    HhInverse *v;
    HH_TRY(hh_inverse_create(context, spectrum->type, channels, spectrum->shape[1],
                             spectrum->shape[2], &p, &v));
    HhType type = v->in_double ? HH_FLOAT64 : HH_FLOAT32;
    HhStatus status = hh_array_make(context, out, type, 2, channels, v->length);
    if (status == HH_OK) hh_inverse_run(v, spectrum->data, out->data);
    hh_inverse_destroy(v);
    return status;
}
