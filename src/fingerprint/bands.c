/* See bands.h. Power-complementary windows: J. P. Princen and A. B. Bradley, IEEE Trans. ASSP 1986.
 */
#include "fingerprint/bands.h"

#include <math.h>
#include <string.h>

#include "fingerprint/zoom.h"
#include "kernel/fft.h"
#include "kernel/kernels.h"

#define EDGES       (HH_BANDS + 1)
#define LOW_EDGES   4 /* edges that the decimated signal answers */
#define FULL_WINDOW 16384
#define LOW_WINDOW  32768
#define DECIMATION  8                 /* of the half-rate signal */
#define FIR_LENGTH  129               /* odd: the delay is a whole number of samples */
#define CLIP        ((size_t)1 << 19) /* samples at 44.1 kHz that are transformed whole */
#define LINES_S     600.0             /* longest track of which lines are computed */
static const double edges_hz[EDGES] = {20, 60, 250, 500, 2000, 4000, 6000, 20000};

/* Half-overlapping windows over a stream. Frame 0 starts half a window before the first sample. */
typedef struct Welch {
    size_t window, hop;
    double bin_hz;
    HhFft *fft;
    const HhVectorKernels *kernels;
    float *taper, *buffer;  /* [window] */
    float *re, *im, *power; /* [window / 2 + 1] */
    void *scratch;
    size_t filled; /* samples in buffer */
    double *sums;  /* [window / 2 + 1], |X|^2 over all frames */
} Welch;

struct HhBands {
    HhContext *context;
    float (*dot)(const float *a, const float *b, size_t n);
    Welch full, low;
    float fir[FIR_LENGTH];
    float history[FIR_LENGTH - 1 + 4096];
    size_t kept;  /* samples in history */
    size_t phase; /* samples until the next output is due */
    HhZoom *zoom[LOW_EDGES];
    uint64_t length; /* samples at the full rate */
    double low_sum;
    HhStatus status; /* of the pushes */
    float *clip;     /* the first samples at the full rate; NULL once there are more than CLIP */
    size_t clip_count;
};

double hh_bands_edge(int edge)
{
    return edges_hz[edge];
}

static HhStatus welch_init(HhContext *context, Welch *w, size_t window, double rate)
{
    w->window = window;
    w->hop = window / 2;
    w->bin_hz = rate / (double)window;
    HH_TRY(hh_fft_create(context, window, &w->fft));
    size_t bins = hh_fft_bins(w->fft);
    w->taper = hh_alloc(context, window, sizeof *w->taper);
    w->kernels = hh_kernels(context)->vector;
    w->buffer = hh_zalloc(context, window, sizeof *w->buffer);
    w->re = hh_alloc(context, bins, sizeof *w->re);
    w->im = hh_alloc(context, bins, sizeof *w->im);
    w->power = hh_alloc(context, bins, sizeof *w->power);
    w->sums = hh_zalloc(context, bins, sizeof *w->sums);
    w->scratch = hh_alloc(context, hh_fft_scratch(w->fft), 1);
    if (!w->taper || !w->buffer || !w->re || !w->im || !w->power || !w->sums || !w->scratch)
        return hh_fail_memory(context);
    for (size_t n = 0; n < window; n++)
        w->taper[n] = (float)sin(3.141592653589793 * ((double)n + 0.5) / (double)window);
    w->filled = w->hop;
    return HH_OK;
}

static void welch_free(HhContext *context, Welch *w)
{
    hh_fft_destroy(w->fft);
    hh_free(context, w->taper);
    hh_free(context, w->buffer);
    hh_free(context, w->re);
    hh_free(context, w->im);
    hh_free(context, w->power);
    hh_free(context, w->sums);
    hh_free(context, w->scratch);
}

static void welch_frame(Welch *w, const float *x)
{
    size_t bins = hh_fft_bins(w->fft);
    hh_fft_f32(w->fft, x, w->taper, w->re, w->im, w->scratch);
    w->kernels->power_f32(w->re, w->im, w->power, bins);
    for (size_t k = 0; k < bins; k++) w->sums[k] += (double)w->power[k];
}

/* Frames that lie whole in x are taken from there, others are put together in the buffer. */
static void welch_push(Welch *w, const float *x, size_t count)
{
    while (count > 0) {
        if (w->filled == w->hop && count >= w->window) {
            memcpy(w->buffer + w->hop, x, w->hop * sizeof *x);
            welch_frame(w, w->buffer);
            for (; count >= w->window; x += w->hop, count -= w->hop) welch_frame(w, x);
            memcpy(w->buffer, x, w->hop * sizeof *x);
            x += w->hop;
            count -= w->hop;
            continue;
        }
        size_t n = HH_MIN(count, w->window - w->filled);
        memcpy(w->buffer + w->filled, x, n * sizeof *x);
        w->filled += n;
        x += n;
        count -= n;
        if (w->filled < w->window) continue;
        welch_frame(w, w->buffer);
        memmove(w->buffer, w->buffer + w->hop, w->hop * sizeof *w->buffer);
        w->filled = w->hop;
    }
}

/* The frames that hold the last samples, with zeros after them. */
static void welch_finish(Welch *w)
{
    for (size_t left = w->filled; left > 0; left -= HH_MIN(left, w->hop)) {
        memset(w->buffer + left, 0, (w->window - left) * sizeof *w->buffer);
        welch_frame(w, w->buffer);
        memmove(w->buffer, w->buffer + w->hop, w->hop * sizeof *w->buffer);
    }
}

/* Energy of the bins, each times weight(its distance from the edge in Hz, width). */
static double welch_weighted(const Welch *w, double edge_hz, double (*weight)(double, double),
                             double width)
{
    size_t bins = w->window / 2 + 1;
    double sum = 0;
    for (size_t k = 0; k < bins; k++)
        sum += (k == 0 || k == bins - 1 ? 1.0 : 2.0) * w->sums[k] *
               weight((double)k * w->bin_hz - edge_hz, width);
    return sum / (double)w->window;
}

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel_i0(double x)
{
    double term = 1, sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

HhStatus hh_bands_create(HhContext *context, HhBands **out)
{
    *out = NULL;
    HhBands *b = hh_zalloc(context, 1, sizeof *b);
    if (!b) return hh_fail_memory(context);
    b->context = context;
    b->clip = hh_alloc(context, CLIP, sizeof *b->clip);
    b->dot = hh_kernels(context)->vector->dot_f32;
    HhStatus status = b->clip ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) status = welch_init(context, &b->full, FULL_WINDOW, 44100.0);
    if (status == HH_OK) status = welch_init(context, &b->low, LOW_WINDOW, 22050.0 / DECIMATION);
    for (int i = 0; i < LOW_EDGES && status == HH_OK; i++)
        status = hh_zoom_create(context, edges_hz[i], 22050.0 / DECIMATION, &b->zoom[i]);
    if (status != HH_OK) {
        hh_bands_destroy(b);
        return status;
    }
    /* Low-pass for the decimation: flat to 500 Hz, 100 dB down from 2256 Hz on, which folds to 500.
     * Kaiser window. */
    const double pi = 3.141592653589793, cut = 2.0 * 1378.0 / 22050.0, beta = 11.0;
    double sum = 0, taps[FIR_LENGTH];
    for (int n = 0; n < FIR_LENGTH; n++) {
        double m = n - (FIR_LENGTH - 1) / 2.0, x = pi * cut * m, u = m / ((FIR_LENGTH + 1) / 2.0);
        taps[n] = (m == 0 ? 1.0 : sin(x) / x) * bessel_i0(beta * sqrt(1 - u * u));
        sum += taps[n];
    }
    for (int n = 0; n < FIR_LENGTH; n++) b->fir[n] = (float)(taps[n] / sum);
    /* Zeros before the first sample: output m is centred on input 8 m. */
    b->kept = (FIR_LENGTH - 1) / 2;
    *out = b;
    return HH_OK;
}

void hh_bands_destroy(HhBands *bands)
{
    if (!bands) return;
    welch_free(bands->context, &bands->full);
    welch_free(bands->context, &bands->low);
    for (int i = 0; i < LOW_EDGES; i++) hh_zoom_destroy(bands->zoom[i]);
    hh_free(bands->context, bands->clip);
    hh_free(bands->context, bands);
}

/* Keeps the samples of a short clip. */
static void keep_clip(HhBands *bands, const float *full, size_t count)
{
    if (!bands->clip) return;
    if (count > CLIP - bands->clip_count) {
        hh_free(bands->context, bands->clip);
        bands->clip = NULL;
        return;
    }
    memcpy(bands->clip + bands->clip_count, full, count * sizeof *full);
    bands->clip_count += count;
}

void hh_bands_push_full(HhBands *bands, const float *full, size_t count)
{
    keep_clip(bands, full, count);
    bands->length += count;
    welch_push(&bands->full, full, count);
}

void hh_bands_push_half(HhBands *bands, const float *half, size_t count)
{
    const size_t room = sizeof bands->history / sizeof *bands->history;
    while (count > 0) {
        size_t n = HH_MIN(count, room - bands->kept);
        memcpy(bands->history + bands->kept, half, n * sizeof *half);
        bands->kept += n;
        half += n;
        count -= n;
        float low[sizeof bands->history / sizeof *bands->history / DECIMATION + 1];
        size_t made = 0, at = bands->phase;
        for (; at + FIR_LENGTH <= bands->kept; at += DECIMATION)
            low[made++] = bands->dot(bands->fir, bands->history + at, FIR_LENGTH);
        size_t drop = HH_MIN(at, bands->kept);
        memmove(bands->history, bands->history + drop,
                (bands->kept - drop) * sizeof *bands->history);
        bands->kept -= drop;
        bands->phase = at - drop;
        for (size_t i = 0; i < made; i++) bands->low_sum += (double)low[i];
        welch_push(&bands->low, low, made);
        for (int i = 0; i < LOW_EDGES && bands->status == HH_OK; i++)
            bands->status = hh_zoom_push(bands->zoom[i], low, made);
    }
}

/* The definition itself, in double. */
static HhStatus transform_clip(const HhBands *bands, double energy[HH_BANDS], double *constant)
{
    size_t n = bands->clip_count, bins = n / 2 + 1;
    HhFft *fft;
    HH_TRY(hh_fft_create(bands->context, n, &fft));
    double *x = hh_alloc(bands->context, n + 2 * bins, sizeof *x), *re = x + n, *im = re + bins;
    void *scratch = hh_alloc(bands->context, hh_fft_scratch(fft), 1);
    bool room = x && scratch;
    if (room) {
        for (size_t i = 0; i < n; i++) x[i] = (double)bands->clip[i];
        hh_fft_f64(fft, x, NULL, re, im, scratch);
        *constant = re[0] * re[0] / (double)n;
        for (int b = 0; b < HH_BANDS; b++) energy[b] = 0;
        int band = 0;
        for (size_t k = 0; k < bins; k++) {
            double hz = 44100.0 * (double)k / (double)n, power = re[k] * re[k] + im[k] * im[k];
            while (band < HH_BANDS && hz >= edges_hz[band + 1]) band++;
            bool whole = k == 0 || 2 * k == n; /* the others stand for two lines */
            if (band < HH_BANDS && hz >= edges_hz[0])
                energy[band] += (whole ? power : 2 * power) / (double)n;
        }
    }
    hh_free(bands->context, x);
    hh_free(bands->context, scratch);
    hh_fft_destroy(fft);
    return room ? HH_OK : hh_fail_memory(bands->context);
}

/* The bin that holds the edge counts in proportion. */
static double below(double hz, double bin_hz)
{
    return HH_MIN(HH_MAX(0.5 - hz / bin_hz, 0.0), 1.0);
}

static double near(double hz, double reach)
{
    return fabs(hz) < reach ? 1.0 : 0.0;
}

/* Energy of the low stream below its edge i, with the lines around the edge where that much is at
 * stake and the track not so long that they would be too many. */
static HhStatus low_energy(HhBands *b, int i, double total, double *energy)
{
    const double scale = 2.0 * DECIMATION; /* one low sample stands for 16 full ones */
    const double duration = (double)b->length / 44100.0, reach = hh_zoom_reach(duration);
    if (scale * welch_weighted(&b->low, edges_hz[i], near, reach) <= 1e-4 * total ||
        duration > LINES_S) {
        *energy = scale * welch_weighted(&b->low, edges_hz[i], below, b->low.bin_hz);
        return HH_OK;
    }
    double lines;
    HH_TRY(hh_zoom_energy(b->zoom[i], duration, &lines));
    *energy = scale * (welch_weighted(&b->low, edges_hz[i], hh_zoom_weight, reach) +
                       lines * scale / (double)b->length);
    return HH_OK;
}

HhStatus hh_bands_finish(HhBands *bands, double energy[HH_BANDS], double *constant)
{
    static const float zeros[FIR_LENGTH / 2] = {0};
    if (bands->clip && bands->clip_count > 0) return transform_clip(bands, energy, constant);
    hh_bands_push_half(bands, zeros, HH_COUNT(zeros));
    welch_finish(&bands->full);
    welch_finish(&bands->low);
    HH_TRY(bands->status);
    const double sum = 2.0 * DECIMATION * bands->low_sum;
    *constant = bands->length > 0 ? sum * sum / (double)bands->length : 0.0;
    double under[EDGES];
    for (int i = LOW_EDGES; i < EDGES; i++)
        under[i] = welch_weighted(&bands->full, edges_hz[i], below, bands->full.bin_hz);
    for (int i = 0; i < LOW_EDGES; i++) HH_TRY(low_energy(bands, i, under[EDGES - 1], &under[i]));
    for (int i = 0; i < HH_BANDS; i++) energy[i] = HH_MAX(0.0, under[i + 1] - under[i]);
    return HH_OK;
}
