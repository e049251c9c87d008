/* See basis.h. A filter is a complex exponential under a window, normalised, centred in a frame and
 * transformed (J. Brown and M. Puckette, An efficient algorithm for the calculation of a constant Q
 * transform, 1992); what is small in its spectrum is dropped. The rounding steps are librosa's: the
 * filter and its spectrum are single precision and the decision what to drop is taken on
 * single-precision sums. */
#include "harmony/basis.h"

#include <math.h>
#include <string.h>

#include "kernel/fft.h"
#include "kernel/level.h"
#include "spectral/window.h"

static const double two_pi = 6.283185307179586;

static void frequencies(const HhCqtParams *p, const double *intervals, double *f)
{
    double fmin = (p->fmin > 0.0 ? p->fmin : HH_C1) * exp2(p->tuning / (double)p->bins_per_octave);
    for (size_t k = 0; k < p->n_bins; k++) {
        size_t octave = k / p->bins_per_octave, step = k % p->bins_per_octave;
        double ratio =
            intervals ? intervals[step] : exp2((double)step / (double)p->bins_per_octave);
        f[k] = fmin * ldexp(ratio, (int)octave);
    }
}

/* Half the relative distance between the neighbours of each bin. */
static void bandwidths(const double *f, size_t bins, size_t bins_per_octave, double *alpha)
{
    for (size_t k = 0; k < bins; k++) {
        size_t low = k > 0 ? k - 1 : 0, high = k + 1 < bins ? k + 1 : k;
        double per_bin = bins == 1 ? 1.0 / (double)bins_per_octave
                                   : (log2(f[high]) - log2(f[low])) / (double)(high - low);
        double ratio = exp2(2.0 * per_bin);
        alpha[k] = (ratio - 1.0) / (ratio + 1.0);
    }
}

/* Equivalent noise bandwidth of a window in bins: librosa's table for the named ones, else its
 * definition at 1000. */
static HhStatus window_bandwidth(HhContext *context, const HhWindow *window, double *bandwidth)
{
    enum { LENGTH = 1000 };
    switch (window->kind) {
    case HH_WINDOW_HANN:
        *bandwidth = 1.50018310546875;
        return HH_OK;
    case HH_WINDOW_HAMMING:
        *bandwidth = 1.3629455320350348;
        return HH_OK;
    case HH_WINDOW_BLACKMAN:
        *bandwidth = 1.7269681554262326;
        return HH_OK;
    case HH_WINDOW_BLACKMAN_HARRIS:
        *bandwidth = 2.0045975283585014;
        return HH_OK;
    case HH_WINDOW_BARTLETT:
        *bandwidth = 1.3334961334912805;
        return HH_OK;
    case HH_WINDOW_BOXCAR:
        *bandwidth = 1.0;
        return HH_OK;
    case HH_WINDOW_TRIANGULAR:
        *bandwidth = 1.3331706523555851;
        return HH_OK;
    case HH_WINDOW_PARZEN:
        *bandwidth = 1.9174603174603191;
        return HH_OK;
    case HH_WINDOW_BOHMAN:
        *bandwidth = 1.7859588613860062;
        return HH_OK;
    case HH_WINDOW_NUTTALL:
        *bandwidth = 1.9763500280946082;
        return HH_OK;
    case HH_WINDOW_FLAT_TOP:
        *bandwidth = 2.7762255046484143;
        return HH_OK;
    case HH_WINDOW_BARTLETT_HANN:
        *bandwidth = 1.4560255965133932;
        return HH_OK;
    case HH_WINDOW_COSINE:
        *bandwidth = 1.2337005350199792;
        return HH_OK;
    case HH_WINDOW_CUSTOM:
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "filters of many lengths cannot share one custom window");
    case HH_WINDOW_KAISER:
    case HH_WINDOW_GAUSSIAN:
    case HH_WINDOW_TUKEY:
        break;
    }
    double w[LENGTH], sum = 0.0, squares = 0.0;
    HH_TRY(hh_window_make(context, window, LENGTH, true, w));
    for (int n = 0; n < LENGTH; n++) {
        sum += w[n];
        squares += w[n] * w[n];
    }
    *bandwidth = LENGTH * squares / (sum * sum);
    return HH_OK;
}

static bool is_positive(double x)
{
    return isfinite(x) && x > 0.0;
}

static HhStatus check(HhContext *context, const HhCqtParams *p, const double *intervals,
                      double gamma)
{
    if (p->hop_length == 0 || p->hop_length > 1u << 24)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a hop of %zu samples is outside 1..2^24",
                       p->hop_length);
    if (p->n_bins == 0 || p->n_bins > 65536)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu bins are outside 1..65536", p->n_bins);
    if (p->bins_per_octave == 0 || p->bins_per_octave > 1024)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu bins per octave are outside 1..1024",
                       p->bins_per_octave);
    if (p->n_bins / p->bins_per_octave > 64)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu bins are more than 64 octaves", p->n_bins);
    if (p->fmin != 0.0 && !is_positive(p->fmin))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a lowest frequency of %g Hz is not positive",
                       p->fmin);
    if (!isfinite(p->tuning) || fabs(p->tuning) > 1e4)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a tuning of %g is not possible", p->tuning);
    if (!is_positive(p->filter_scale))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a filter scale of %g is not positive",
                       p->filter_scale);
    if (!isnan(p->norm) && !(p->norm >= 0.0) && !(p->norm < 0.0 && isinf(p->norm)))
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no norm of order %g", p->norm);
    if (!(p->sparsity >= 0.0 && p->sparsity < 1.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a sparsity of %g is outside [0, 1)",
                       p->sparsity);
    if (!isnan(gamma) && !(gamma >= 0.0 && isfinite(gamma)))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a bandwidth offset of %g Hz is not possible",
                       gamma);
    for (size_t i = 0; intervals && i < p->bins_per_octave; i++)
        if (!(intervals[i] >= 1.0 && intervals[i] < 2.0) ||
            (i > 0 && !(intervals[i] > intervals[i - 1])))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "interval %zu, %g, is not ascending within [1, 2)", i, intervals[i]);
    return HH_OK;
}

/* A grid whose arrays are still to be filled. */
static HhStatus make_grid(HhContext *context, size_t bins, const HhWindow *window,
                          double filter_scale, double norm, HhGrid *grid)
{
    double *values = hh_alloc(context, bins, 3 * sizeof *values);
    if (!values) return hh_fail_memory(context);
    *grid = (HhGrid){.context = context,
                     .bins = bins,
                     .frequency = values,
                     .alpha = values + bins,
                     .gamma = values + 2 * bins,
                     .filter_scale = filter_scale,
                     .norm = norm,
                     .window = *window};
    return HH_OK;
}

/* The bandwidth offset by hearing. */
static double hearing(double alpha)
{
    return alpha * 24.7 / 0.108;
}

static double cutoff(const HhGrid *grid, double bandwidth)
{
    double most = 0.0;
    for (size_t k = 0; k < grid->bins; k++) {
        double edge =
            grid->frequency[k] * (1.0 + 0.5 * bandwidth * grid->alpha[k] / grid->filter_scale) +
            0.5 * grid->gamma[k];
        most = HH_MAX(most, edge);
    }
    return most;
}

HhStatus hh_grid_create(HhContext *context, const HhCqtParams *params, bool equal, double gamma,
                        HhGrid *grid)
{
    memset(grid, 0, sizeof *grid);
    const double *intervals = equal ? NULL : params->intervals;
    HH_TRY(check(context, params, intervals, gamma));
    double bandwidth;
    HH_TRY(window_bandwidth(context, &params->window, &bandwidth));
    HH_TRY(make_grid(context, params->n_bins, &params->window, params->filter_scale, params->norm,
                     grid));
    grid->sparsity = params->sparsity;
    frequencies(params, intervals, grid->frequency);
    bandwidths(grid->frequency, grid->bins, params->bins_per_octave, grid->alpha);
    for (size_t k = 0; k < grid->bins; k++)
        grid->gamma[k] = isnan(gamma) ? hearing(grid->alpha[k]) : gamma;
    grid->cutoff = cutoff(grid, bandwidth);
    return HH_OK;
}

static HhStatus check_wavelets(HhContext *context, const HhWaveletParams *p)
{
    if (!p->frequencies || p->count == 0 || p->count > 65536)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu frequencies are outside 1..65536",
                       p->frequencies ? p->count : 0);
    if (p->count < 2 && !p->alpha)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "the bandwidth of one frequency is not known: alpha says it");
    HH_TRY(hh_rate_check(context, p->rate));
    if (!is_positive(p->filter_scale))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a filter scale of %g is not positive",
                       p->filter_scale);
    if (!isnan(p->norm) && !(p->norm >= 0.0) && !isinf(p->norm))
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no norm of order %g", p->norm);
    for (size_t k = 0; k < p->count; k++) {
        double gamma = p->gammas ? p->gammas[k] : isnan(p->gamma) ? 0.0 : p->gamma;
        if (!is_positive(p->frequencies[k]) || (k > 0 && p->frequencies[k] < p->frequencies[k - 1]))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "frequency %zu, %g Hz, is not positive or not ascending", k,
                           p->frequencies[k]);
        if (!(gamma >= 0.0) || !isfinite(gamma))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "a bandwidth offset of %g Hz is not possible", gamma);
    }
    return HH_OK;
}

HhStatus hh_grid_of_wavelets(HhContext *context, const HhWaveletParams *params, HhGrid *grid)
{
    memset(grid, 0, sizeof *grid);
    HH_TRY(check_wavelets(context, params));
    double bandwidth;
    HH_TRY(window_bandwidth(context, &params->window, &bandwidth));
    HH_TRY(make_grid(context, params->count, &params->window, params->filter_scale, params->norm,
                     grid));
    memcpy(grid->frequency, params->frequencies, grid->bins * sizeof *grid->frequency);
    if (params->alpha)
        memcpy(grid->alpha, params->alpha, grid->bins * sizeof *grid->alpha);
    else
        bandwidths(grid->frequency, grid->bins, 1, grid->alpha);
    for (size_t k = 0; k < grid->bins; k++) {
        double gamma = isnan(params->gamma) ? hearing(grid->alpha[k]) : params->gamma;
        grid->gamma[k] = params->gammas ? params->gammas[k] : gamma;
        double length = hh_grid_length(grid, k, params->rate);
        if (length >= 0.0 && length <= 1073741824.0) continue;
        HhStatus status = hh_fail(context, HH_ERROR_ARGUMENT, "a filter of %g samples at %g Hz",
                                  length, grid->frequency[k]);
        hh_grid_destroy(grid);
        return status;
    }
    grid->cutoff = cutoff(grid, bandwidth);
    return HH_OK;
}

void hh_grid_destroy(HhGrid *grid)
{
    hh_free(grid->context, grid->frequency);
    memset(grid, 0, sizeof *grid);
}

double hh_grid_length(const HhGrid *grid, size_t k, double rate)
{
    double alpha = grid->alpha[k];
    return grid->filter_scale / alpha * rate / (grid->frequency[k] + grid->gamma[k] / alpha);
}

size_t hh_grid_fft_size(const HhGrid *grid, size_t first, size_t count, double rate)
{
    double longest = 0.0;
    for (size_t k = first; k < first + count; k++)
        longest = HH_MAX(longest, hh_grid_length(grid, k, rate));
    double size = exp2(ceil(log2(longest)));
    return size >= 1.0 && size <= 1048576.0 ? (size_t)size : 0;
}

/* Divisor that gives the filter the norm; 1 if it has none or is nothing but zeros. */
static double divisor(const double *re, const double *im, size_t count, double p)
{
    if (isnan(p)) return 1.0;
    double sum = 0.0, largest = 0.0, smallest = HUGE_VAL;
    for (size_t n = 0; n < count; n++) {
        double magnitude = sqrt(re[n] * re[n] + im[n] * im[n]);
        largest = HH_MAX(largest, magnitude);
        smallest = HH_MIN(smallest, magnitude);
        if (!isinf(p))
            sum += p == 0.0 ? (double)(magnitude > 0.0) : p == 1.0 ? magnitude : pow(magnitude, p);
    }
    double length = isinf(p)               ? (p > 0.0 ? largest : smallest)
                    : p == 0.0 || p == 1.0 ? sum
                                           : pow(sum, 1.0 / p);
    return length < 2.2250738585072014e-308 ? 1.0 : length;
}

size_t hh_grid_samples(const HhGrid *grid, size_t k, double rate)
{
    double length = hh_grid_length(grid, k, rate);
    return (size_t)(floor(length / 2.0) - floor(-length / 2.0));
}

HhStatus hh_grid_filter(HhContext *context, const HhGrid *grid, size_t k, double rate,
                        double *window, double *re, double *im, double *scale)
{
    size_t count = hh_grid_samples(grid, k, rate);
    double start = floor(-hh_grid_length(grid, k, rate) / 2.0);
    HH_TRY(hh_window_make(context, &grid->window, count, true, window));
    for (size_t n = 0; n < count; n++) {
        double phase = (start + (double)n) * two_pi * grid->frequency[k] / rate;
        re[n] = cos(phase) * window[n];
        im[n] = sin(phase) * window[n];
    }
    *scale = divisor(re, im, count, grid->norm);
    return HH_OK;
}

/* Filter k, centred in re[n_fft] and im[n_fft]. */
static HhStatus filter_samples(HhContext *context, const HhGrid *grid, size_t k, double rate,
                               size_t n_fft, double *window, double *re, double *im)
{
    double length = hh_grid_length(grid, k, rate), scale, size = (double)n_fft;
    size_t count = hh_grid_samples(grid, k, rate);
    if (count > n_fft)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a filter of %zu samples at %g Hz does not fit its frame of %zu", count,
                       grid->frequency[k], n_fft);
    memset(re, 0, n_fft * sizeof *re);
    memset(im, 0, n_fft * sizeof *im);
    re += (n_fft - count) / 2;
    im += (n_fft - count) / 2;
    HH_TRY(hh_grid_filter(context, grid, k, rate, window, re, im, &scale));
    for (size_t n = 0; n < count; n++) {
        re[n] = (double)(float)((double)(float)(re[n] / scale) * length / size);
        im[n] = (double)(float)((double)(float)(im[n] / scale) * length / size);
    }
    return HH_OK;
}

/* Sorts x[n] ascending by merging; `spare` has n too. */
static void sort_floats(float *x, size_t n, float *spare)
{
    float *from = x, *to = spare;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t start = 0; start < n; start += 2 * width) {
            size_t i = start, middle = HH_MIN(start + width, n), j = middle,
                   end = HH_MIN(start + 2 * width, n);
            for (size_t at = start; at < end; at++)
                to[at] = i < middle && (j == end || from[i] <= from[j]) ? from[i++] : from[j++];
        }
        float *other = from;
        from = to;
        to = other;
    }
    if (from != x) memcpy(x, from, n * sizeof *x);
}

/* Below what the smallest magnitudes add up to less than the share `sparsity` of them all. Mutates
 * `sorted`. */
static float threshold(float *sorted, size_t bins, float sparsity, float *spare)
{
    double total = 0.0;
    for (size_t i = 0; i < bins; i++) total += (double)sorted[i];
    sort_floats(sorted, bins, spare);
    float sum = 0.0f, norm = (float)total;
    for (size_t i = 0; i < bins; i++) {
        sum += sorted[i] / norm;
        if (!(sum < sparsity)) return sorted[i];
    }
    return sorted[0];
}

/* What making a basis needs besides its result. */
typedef struct Workshop {
    HhContext *context;
    HhFft *fft;
    double *window, *in[2]; /* [n_fft], [HH_TILE][n_fft] */
    double *out[4];         /* tiles: spectrum of the real part, of the imaginary part */
    float *re, *im, *magnitude, *sorted, *spare; /* [bins] */
    void *scratch;
} Workshop;

static void close_workshop(Workshop *w)
{
    hh_fft_destroy(w->fft);
    hh_free(w->context, w->window);
    for (int i = 0; i < 2; i++) hh_free(w->context, w->in[i]);
    for (int i = 0; i < 4; i++) hh_free(w->context, w->out[i]);
    hh_free(w->context, w->re);
    hh_free(w->context, w->scratch);
}

static HhStatus open_workshop(HhContext *context, size_t n_fft, Workshop *w)
{
    memset(w, 0, sizeof *w);
    w->context = context;
    size_t bins = n_fft / 2 + 1;
    HH_TRY(hh_fft_create(context, n_fft, &w->fft));
    bool made = (w->window = hh_alloc(context, n_fft, sizeof(double))) != NULL;
    for (int i = 0; i < 2; i++)
        made = (w->in[i] = hh_alloc(context, HH_TILE * n_fft, sizeof(double))) && made;
    for (int i = 0; i < 4; i++)
        made = (w->out[i] = hh_alloc(context, HH_TILE * bins, sizeof(double))) && made;
    made = (w->re = hh_alloc(context, 5 * bins, sizeof(float))) && made;
    made = (w->scratch = hh_alloc(context, 1, hh_fft_scratch(w->fft))) && made;
    if (!made) {
        close_workshop(w);
        return hh_fail_memory(context);
    }
    w->im = w->re + bins;
    w->magnitude = w->im + bins;
    w->sorted = w->magnitude + bins;
    w->spare = w->sorted + bins;
    return HH_OK;
}

/* Row `lane` of the tile of spectra, in single precision, with its magnitudes. */
static void spectrum_row(Workshop *w, size_t bins, int lane)
{
    for (size_t i = 0; i < bins; i++) {
        size_t at = i * HH_TILE + (size_t)lane;
        w->re[i] = (float)(w->out[0][at] - w->out[3][at]);
        w->im[i] = (float)(w->out[1][at] + w->out[2][at]);
        double re = (double)w->re[i], im = (double)w->im[i];
        w->magnitude[i] = (float)sqrt(re * re + im * im);
    }
}

/* Appends the row to the matrix, whose arrays have room for it. */
static void append_row(const Workshop *w, size_t bins, float smallest, bool phaseless,
                       HhSparse *basis)
{
    uint32_t at = basis->start[basis->rows];
    for (size_t i = 0; i < bins; i++) {
        if (!(w->magnitude[i] >= smallest)) continue;
        basis->column[at] = (uint32_t)i;
        basis->re[at] = phaseless ? w->magnitude[i] : w->re[i];
        if (!phaseless) basis->im[at] = w->im[i];
        at++;
    }
    basis->start[++basis->rows] = at;
}

/* Makes sure that the arrays hold `entries`. */
static HhStatus reserve(HhContext *context, HhSparse *basis, size_t *room, size_t entries,
                        bool phaseless)
{
    if (entries <= *room) return HH_OK;
    size_t larger = 2 * entries, used = basis->start[basis->rows];
    uint32_t *column = hh_alloc(context, larger, sizeof *column);
    float *re = hh_alloc(context, larger, sizeof *re);
    float *im = phaseless ? NULL : hh_alloc(context, larger, sizeof *im);
    if (!column || !re || (!im && !phaseless)) {
        hh_free(context, column);
        hh_free(context, re);
        hh_free(context, im);
        return hh_fail_memory(context);
    }
    if (used > 0) {
        memcpy(column, basis->column, used * sizeof *column);
        memcpy(re, basis->re, used * sizeof *re);
        if (!phaseless) memcpy(im, basis->im, used * sizeof *im);
    }
    hh_free(context, basis->column);
    hh_free(context, basis->re);
    hh_free(context, basis->im);
    basis->column = column;
    basis->re = re;
    basis->im = im;
    *room = larger;
    return HH_OK;
}

static HhStatus fill(Workshop *w, const HhGrid *grid, size_t first, size_t count, double rate,
                     size_t n_fft, bool phaseless, HhSparse *basis)
{
    size_t bins = n_fft / 2 + 1, room = 0;
    for (size_t row = 0; row < count; row += HH_TILE) {
        int lanes = (int)HH_MIN((size_t)HH_TILE, count - row);
        for (int l = 0; l < lanes; l++)
            HH_TRY(filter_samples(w->context, grid, first + row + (size_t)l, rate, n_fft, w->window,
                                  w->in[0] + (size_t)l * n_fft, w->in[1] + (size_t)l * n_fft));
        for (int part = 0; part < 2; part++)
            hh_fft_tile_f64(w->fft, w->in[part], (ptrdiff_t)n_fft, lanes, NULL, w->out[2 * part],
                            w->out[2 * part + 1], w->scratch);
        for (int l = 0; l < lanes; l++) {
            spectrum_row(w, bins, l);
            memcpy(w->sorted, w->magnitude, bins * sizeof *w->sorted);
            float smallest = threshold(w->sorted, bins, (float)grid->sparsity, w->spare);
            HH_TRY(reserve(w->context, basis, &room, basis->start[basis->rows] + bins, phaseless));
            append_row(w, bins, smallest, phaseless, basis);
        }
    }
    return HH_OK;
}

HhStatus hh_basis_create(HhContext *context, const HhGrid *grid, size_t first, size_t count,
                         double rate, size_t n_fft, bool phaseless, HhSparse *basis)
{
    memset(basis, 0, sizeof *basis);
    Workshop workshop;
    HH_TRY(open_workshop(context, n_fft, &workshop));
    basis->start = hh_zalloc(context, count + 1, sizeof *basis->start);
    HhStatus status = basis->start
                          ? fill(&workshop, grid, first, count, rate, n_fft, phaseless, basis)
                          : hh_fail_memory(context);
    close_workshop(&workshop);
    if (status != HH_OK) hh_sparse_free(context, basis);
    return status;
}

void hh_sparse_free(HhContext *context, HhSparse *matrix)
{
    hh_free(context, matrix->start);
    hh_free(context, matrix->column);
    hh_free(context, matrix->re);
    hh_free(context, matrix->im);
    memset(matrix, 0, sizeof *matrix);
}

HhStatus hh_sparse_scaled(HhContext *context, const HhSparse *from, const double *scale,
                          HhSparse *to)
{
    size_t entries = from->start[from->rows];
    *to = (HhSparse){from->rows, hh_alloc(context, from->rows + 1, sizeof *to->start),
                     hh_alloc(context, entries, sizeof *to->column),
                     hh_alloc(context, entries, sizeof *to->re),
                     from->im ? hh_alloc(context, entries, sizeof *to->im) : NULL};
    if (!to->start || !to->column || !to->re || (from->im && !to->im)) {
        hh_sparse_free(context, to);
        return hh_fail_memory(context);
    }
    memcpy(to->start, from->start, (from->rows + 1) * sizeof *to->start);
    memcpy(to->column, from->column, entries * sizeof *to->column);
    for (size_t r = 0; r < from->rows; r++) {
        for (size_t i = from->start[r]; i < from->start[r + 1]; i++) {
            to->re[i] = (float)((double)from->re[i] * scale[r]);
            if (from->im && to->im) to->im[i] = (float)((double)from->im[i] * scale[r]);
        }
    }
    return HH_OK;
}
