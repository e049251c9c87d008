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
#define LOW_RATE    (44100.0 / HH_BANDS_DECIMATION)
#define FULL_WINDOW 16384
#define LOW_WINDOW  32768
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
    Welch full, low;
    HhZoom *zoom[LOW_EDGES]; /* NULL once the track is too long */
    uint64_t length;         /* samples at the full rate */
    uint64_t low_length;
    double low_sum;
    float *clip; /* the first samples at the full rate; NULL once there are more than CLIP */
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

HhStatus hh_bands_create(HhContext *context, HhBands **out)
{
    *out = NULL;
    HhBands *b = hh_zalloc(context, 1, sizeof *b);
    if (!b) return hh_fail_memory(context);
    b->context = context;
    b->clip = hh_alloc(context, CLIP, sizeof *b->clip);
    HhStatus status = b->clip ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) status = welch_init(context, &b->full, FULL_WINDOW, 44100.0);
    if (status == HH_OK) status = welch_init(context, &b->low, LOW_WINDOW, LOW_RATE);
    for (int i = 0; i < LOW_EDGES && status == HH_OK; i++)
        status = hh_zoom_create(context, edges_hz[i], LOW_RATE, &b->zoom[i]);
    if (status != HH_OK) {
        hh_bands_destroy(b);
        return status;
    }
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

HhStatus hh_bands_push_low(HhBands *bands, const float *low, size_t count)
{
    for (size_t i = 0; i < count; i++) bands->low_sum += (double)low[i];
    bands->low_length += count;
    bool lines = (double)bands->low_length <= LINES_S * LOW_RATE;
    for (int i = 0; i < LOW_EDGES && bands->zoom[i]; i++) {
        if (lines) HH_TRY(hh_zoom_push(bands->zoom[i], low, count));
        if (lines) continue;
        hh_zoom_destroy(bands->zoom[i]);
        bands->zoom[i] = NULL;
    }
    welch_push(&bands->low, low, count);
    return HH_OK;
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
    const double scale = HH_BANDS_DECIMATION; /* one low sample stands for 16 full ones */
    const double duration = (double)b->length / 44100.0, reach = hh_zoom_reach(duration);
    if (!b->zoom[i] || scale * welch_weighted(&b->low, edges_hz[i], near, reach) <= 1e-4 * total) {
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
    if (bands->clip && bands->clip_count > 0) return transform_clip(bands, energy, constant);
    welch_finish(&bands->full);
    welch_finish(&bands->low);
    const double sum = HH_BANDS_DECIMATION * bands->low_sum;
    *constant = bands->length > 0 ? sum * sum / (double)bands->length : 0.0;
    double under[EDGES];
    for (int i = LOW_EDGES; i < EDGES; i++)
        under[i] = welch_weighted(&bands->full, edges_hz[i], below, bands->full.bin_hz);
    for (int i = 0; i < LOW_EDGES; i++) HH_TRY(low_energy(bands, i, under[EDGES - 1], &under[i]));
    for (int i = 0; i < HH_BANDS; i++) energy[i] = HH_MAX(0.0, under[i + 1] - under[i]);
    return HH_OK;
}
