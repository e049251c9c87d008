/* Reassigned spectrogram, as librosa.reassigned_spectrogram.
 *
 * F. Auger and P. Flandrin, "Improving the readability of time-frequency and time-scale
 * representations by the reassignment method", IEEE Trans. Signal Processing 1995: the energy of a
 * bin is moved to its centre of gravity, which the transforms with two other windows tell. With the
 * window's derivative, the imaginary part of the quotient is the distance in frequency; with the
 * window times its time, the real part is the distance in time. One transform after the other, each
 * in double and rounded to the spectrum's precision, as librosa does. Cost: three transforms per
 * frame, two with a spectrum that is given. Tolerance: the quotients are ill-conditioned where
 * there is little energy; elsewhere 1e-6 of a bin or hop in float. */
#include <math.h>

#include "heihachi/phase.h"
#include "kernel/kernels.h"
#include "spectral/istft.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

static const double pi = 3.14159265358979323846;

void hh_reassigned_spectrogram_defaults(HhReassignedParams *params)
{
    *params = (HhReassignedParams){.size = sizeof *params,
                                   .reassign_frequencies = true,
                                   .reassign_times = true,
                                   .ref_power = 1e-6,
                                   .clip = true};
    hh_stft_defaults(&params->stft);
}

typedef struct Reassignment {
    HhContext *context;
    const HhKernels *kernels;
    const HhSignal *y;
    HhReassignedParams p; /* stft resolved */
    bool in_double;       /* that the spectrum is */
    size_t channels, frames, bins;
    void *spectrum;       /* [channels][frames][bins] complex */
    void *magnitudes;     /* real */
    double *window;       /* [n_fft] */
    double *other_window; /* [n_fft] */
    double *frequency;    /* [bins] Hz */
    /* of the pass that runs */
    HhTileSource source;
    HhReassign how;
    double *out;
} Reassignment;

/* ---- windows */

/* Central differences, the ends joined. */
static void differentiate(const double *w, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) out[i] = (w[(i + 1) % n] - w[(i + n - 1) % n]) / 2.0;
}

/* Times in samples from the middle of the window. */
static void weigh_by_time(const double *w, size_t n, double *out)
{
    size_t half = n / 2;
    double first = (n % 2 ? 0.0 : 0.5) - (double)half;
    for (size_t i = 0; i < n; i++) out[i] = w[i] * (first + (double)i);
}

/* ---- one pass: a transform, and what is done with its rows */

static double frame_time(const Reassignment *r, size_t frame)
{
    size_t offset = r->p.stft.center ? 0 : r->p.stft.n_fft / 2;
    return (double)(frame * r->p.stft.hop_length + offset) / r->y->rate;
}

/* The tile's frames, as exact as the spectrum -> rows[2 * frames * bins]. */
static void make_rows(const Reassignment *r, const HhSpectrumTile *tile, void *rows)
{
    const HhVectorKernels *vector = r->kernels->vector;
    ptrdiff_t stride = (ptrdiff_t)r->bins;
    if (r->in_double)
        vector->tile_to_frames_complex_f64(tile->re_f64, tile->im_f64, r->bins, tile->count, rows,
                                           stride);
    else
        vector->tile_to_frames_complex_f64_f32(tile->re_f64, tile->im_f64, r->bins, tile->count,
                                               rows, stride);
}

static void reassign_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Reassignment *r = arg;
    const HhPhaseKernels *phase = r->kernels->phase;
    size_t bins = r->bins, first = tile->channel * r->frames + tile->first;
    const void *rows = scratch;
    make_rows(r, tile, scratch);
    /* behind the rows */
    double *time = (double *)scratch + 2 * bins * HH_TILE;
    for (size_t l = 0; l < (size_t)tile->count; l++) {
        const double *base = r->frequency;
        if (!r->how.imaginary) {
            base = time;
            for (size_t k = 0; k < bins; k++) time[k] = frame_time(r, tile->first + l);
        }
        size_t at = (first + l) * bins;
        if (r->in_double)
            phase->reassign_f64(
                (const double *)rows + 2 * l * bins, (const double *)r->spectrum + 2 * at,
                (const double *)r->magnitudes + at, base, &r->how, r->out + at, bins);
        else
            phase->reassign_f32(
                (const float *)rows + 2 * l * bins, (const float *)r->spectrum + 2 * at,
                (const float *)r->magnitudes + at, base, &r->how, r->out + at, bins);
    }
}

static void store_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Reassignment *r = arg;
    (void)scratch;
    size_t at = (tile->channel * r->frames + tile->first) * r->bins;
    size_t bytes = hh_type_bytes(r->in_double ? HH_COMPLEX128 : HH_COMPLEX64);
    make_rows(r, tile, (unsigned char *)r->spectrum + at * bytes);
}

/* Transforms with `window` and hands the tiles to `body`. */
static HhStatus run_pass(Reassignment *r, const double *window, HhTileBody *body)
{
    HhStftParams stft = r->p.stft;
    stft.window = (HhWindow){HH_WINDOW_CUSTOM, 0.0, window};
    stft.win_length = stft.n_fft;
    HH_TRY(hh_tiles_of_signal(r->context, &r->source, r->y, &stft, HH_TILE_DOUBLE));
    HhStatus status = HH_OK;
    if (r->source.frames != r->frames)
        status = hh_fail(r->context, HH_ERROR_ARGUMENT,
                         "the spectrum has %zu frames, the transform of the sound %zu", r->frames,
                         r->source.frames);
    size_t bytes = (2 * HH_TILE + 1) * r->bins * sizeof(double);
    if (status == HH_OK) status = hh_tiles_run(&r->source, bytes, body, r);
    hh_tiles_free(&r->source);
    return status;
}

/* ---- the parts */

static void magnitude_row(void *arg, size_t row, int worker)
{
    const Reassignment *r = arg;
    (void)worker;
    size_t at = row * r->bins;
    if (r->in_double)
        r->kernels->phase->magnitude_f64((const double *)r->spectrum + 2 * at,
                                         (double *)r->magnitudes + at, r->bins);
    else
        r->kernels->vector->complex_magnitude((const float *)r->spectrum + 2 * at,
                                              (float *)r->magnitudes + at, r->bins);
}

static HhStatus make_frequencies(Reassignment *r, double *out)
{
    r->out = out;
    size_t rows = r->channels * r->frames;
    if (!r->p.reassign_frequencies) {
        for (size_t i = 0; i < rows * r->bins; i++) out[i] = r->frequency[i % r->bins];
        return HH_OK;
    }
    r->how.imaginary = true;
    r->how.scale = 0.5 * r->y->rate / pi;
    r->how.low = r->p.clip ? 0.0 : (double)-INFINITY;
    r->how.high = r->p.clip ? r->y->rate / 2.0 : (double)INFINITY;
    differentiate(r->window, r->p.stft.n_fft, r->other_window);
    return run_pass(r, r->other_window, reassign_tile);
}

static HhStatus make_times(Reassignment *r, double *out)
{
    r->out = out;
    size_t rows = r->channels * r->frames;
    if (!r->p.reassign_times) {
        for (size_t i = 0; i < rows * r->bins; i++) out[i] = frame_time(r, i / r->bins % r->frames);
        return HH_OK;
    }
    r->how.imaginary = false;
    r->how.scale = 1.0 / r->y->rate;
    r->how.low = r->p.clip ? 0.0 : (double)-INFINITY;
    r->how.high = r->p.clip ? (double)r->y->length / r->y->rate : (double)INFINITY;
    weigh_by_time(r->window, r->p.stft.n_fft, r->other_window);
    return run_pass(r, r->other_window, reassign_tile);
}

static HhStatus check_spectrum(const Reassignment *r, const HhArray *spectrum)
{
    HH_TRY(hh_spectrum_check(r->context, spectrum));
    if (spectrum->shape[0] != r->channels || spectrum->shape[2] != r->bins)
        return hh_fail(r->context, HH_ERROR_ARGUMENT,
                       "a spectrum of %zu channels and %zu bins where the sound has %zu and %zu",
                       spectrum->shape[0], spectrum->shape[2], r->channels, r->bins);
    return HH_OK;
}

static HhStatus check(Reassignment *r, const HhSignal *y)
{
    HH_TRY(hh_signal_check_either(r->context, y));
    HH_TRY(hh_rate_check(r->context, y->rate));
    HH_TRY(hh_stft_resolve(r->context, &r->p.stft));
    if (!(r->p.ref_power >= 0.0) || !isfinite(r->p.ref_power))
        return hh_fail(r->context, HH_ERROR_ARGUMENT, "ref_power is %g: at least 0",
                       r->p.ref_power);
    if (!r->p.reassign_frequencies && !r->p.reassign_times)
        return hh_fail(r->context, HH_ERROR_ARGUMENT, "neither frequencies nor times to reassign");
    r->channels = (size_t)y->channels;
    r->bins = r->p.stft.n_fft / 2 + 1;
    r->in_double = y->channel_f64 != NULL;
    r->how.least = sqrt(r->p.ref_power);
    r->how.fill = r->p.fill_nan;
    return HH_OK;
}

static HhStatus make_windows(Reassignment *r)
{
    const HhStftParams *stft = &r->p.stft;
    r->window = hh_alloc(r->context, stft->n_fft, sizeof *r->window);
    r->other_window = hh_alloc(r->context, stft->n_fft, sizeof *r->other_window);
    r->frequency = hh_alloc(r->context, r->bins, sizeof *r->frequency);
    if (!r->window || !r->other_window || !r->frequency) return hh_fail_memory(r->context);
    for (size_t k = 0; k < r->bins; k++)
        r->frequency[k] = (double)k * r->y->rate / (double)stft->n_fft;
    return hh_window_padded(r->context, &stft->window, stft->win_length, stft->n_fft, r->window);
}

/* The frames of the sound, from its transform's own count. */
static HhStatus count_frames(Reassignment *r)
{
    HhFrames cut;
    const HhStftParams *stft = &r->p.stft;
    HH_TRY(hh_frames_of_channel(r->context, &cut, r->y, 0, stft->n_fft, stft->hop_length,
                                stft->center, stft->pad));
    r->frames = cut.count;
    return HH_OK;
}

static HhStatus make_all(Reassignment *r, const HhArray *given, HhArray *own, HhArray *frequencies,
                         HhArray *times, HhArray *magnitudes)
{
    HH_TRY(make_windows(r));
    if (given) {
        r->spectrum = given->data;
    } else {
        HH_TRY(hh_array_make(r->context, own, r->in_double ? HH_COMPLEX128 : HH_COMPLEX64, 3,
                             r->channels, r->frames, r->bins));
        r->spectrum = own->data;
        HH_TRY(run_pass(r, r->window, store_tile));
    }
    HH_TRY(hh_array_make(r->context, magnitudes, r->in_double ? HH_FLOAT64 : HH_FLOAT32, 3,
                         r->channels, r->frames, r->bins));
    r->magnitudes = magnitudes->data;
    hh_parallel_for(r->context, r->channels * r->frames, magnitude_row, r);
    HH_TRY(hh_array_make(r->context, frequencies, HH_FLOAT64, 3, r->channels, r->frames, r->bins));
    HH_TRY(make_frequencies(r, frequencies->data));
    HH_TRY(hh_array_make(r->context, times, HH_FLOAT64, 3, r->channels, r->frames, r->bins));
    return make_times(r, times->data);
}

HhStatus hh_reassigned_spectrogram(HhContext *context, const HhSignal *y, const HhArray *spectrum,
                                   const HhReassignedParams *params, HhArray *frequencies,
                                   HhArray *times, HhArray *magnitudes)
{
    Reassignment r = {.context = context, .kernels = hh_kernels(context), .y = y};
    hh_reassigned_spectrogram_defaults(&r.p);
    HH_TRY(hh_params_read(context, params, &r.p, sizeof r.p));
    HH_TRY(check(&r, y));
    if (spectrum) {
        HH_TRY(check_spectrum(&r, spectrum));
        r.in_double = spectrum->type == HH_COMPLEX128;
        r.frames = spectrum->shape[1];
    } else {
        HH_TRY(count_frames(&r));
    }
    HhArray own = HH_ARRAY_INIT;
    *frequencies = *times = *magnitudes = own;
    HhStatus status = make_all(&r, spectrum, &own, frequencies, times, magnitudes);
    if (status != HH_OK) {
        hh_array_free(frequencies);
        hh_array_free(times);
        hh_array_free(magnitudes);
    }
    hh_array_free(&own);
    hh_free(context, r.window);
    hh_free(context, r.other_window);
    hh_free(context, r.frequency);
    return status;
}
