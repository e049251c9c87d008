/* Polynomials in frequency fitted to spectra: see heihachi/spectral.h.
 *
 * The powers of the frequencies are the columns of a matrix A, each divided by its norm. One-sided
 * Jacobi rotations (M. R. Hestenes, "Inversion of matrices by biorthogonalization and related
 * results", 1958) make the columns orthogonal, A V = W, which gives the singular values and the
 * pseudo-inverse V S^-2 W'. The coefficients of a frame are then as many dot products. As in
 * numpy.polyfit singular values below a share of the largest count as 0. Tolerance against it: the
 * condition of A times 1e-16 or so. Cost: the dot products, and, where the frequencies vary by
 * frame, the rotations for each: order^2 / 2 a sweep, of some six sweeps. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "heihachi/spectral.h"

enum { MOST_ORDER = 100, MOST_SWEEPS = 60, UNIT = 16 /* frames */ };

void hh_poly_features_defaults(HhPolyParams *params)
{
    *params = (HhPolyParams){.size = sizeof *params, .order = 1};
    hh_stft_defaults(&params->stft);
    params->stft.hop_length = 512;
}

/* One matrix at work. */
typedef struct Fit {
    size_t bins, terms; /* terms = order + 1 */
    double *column;     /* [terms][bins] */
    double *rotation;   /* [terms][terms]: V, by columns */
    double *inverse;    /* [terms][bins] */
    double scale[MOST_ORDER + 1];
} Fit;

static size_t fit_values(size_t bins, size_t terms)
{
    return 2 * terms * bins + terms * terms;
}

static Fit fit_at(size_t bins, size_t terms, double *memory)
{
    Fit fit = {.bins = bins, .terms = terms, .column = memory};
    fit.inverse = memory + terms * bins;
    fit.rotation = fit.inverse + terms * bins;
    return fit;
}

static void rotate(double *a, double *b, double c, double s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
}

/* Makes columns p and q orthogonal; true if they were not. */
static bool rotate_pair(const HhMatrixKernels *k, Fit *fit, size_t p, size_t q)
{
    double *a = fit->column + p * fit->bins, *b = fit->column + q * fit->bins;
    double aa = k->dot(a, a, fit->bins), bb = k->dot(b, b, fit->bins);
    double ab = k->dot(a, b, fit->bins);
    if (!(fabs(ab) > 1e-15 * sqrt(aa) * sqrt(bb))) return false;
    double zeta = (bb - aa) / (2.0 * ab);
    double t = copysign(1.0, zeta) / (fabs(zeta) + sqrt(1.0 + zeta * zeta));
    double c = 1.0 / sqrt(1.0 + t * t), s = c * t;
    rotate(a, b, c, s, fit->bins);
    rotate(fit->rotation + p * fit->terms, fit->rotation + q * fit->terms, c, s, fit->terms);
    return true;
}

/* Powers of x, the highest first, each divided by its norm; false if one cannot be. */
static bool make_columns(const HhMatrixKernels *k, const double *x, Fit *fit)
{
    for (size_t j = fit->terms; j-- > 0;) {
        double *column = fit->column + j * fit->bins, *lower = column + fit->bins;
        for (size_t i = 0; i < fit->bins; i++)
            column[i] = j + 1 == fit->terms ? 1.0 : lower[i] * x[i];
    }
    for (size_t j = 0; j < fit->terms; j++) {
        double *column = fit->column + j * fit->bins;
        fit->scale[j] = sqrt(k->dot(column, column, fit->bins));
        if (!(fit->scale[j] > 0.0) || !isfinite(fit->scale[j])) return false;
        for (size_t i = 0; i < fit->bins; i++) column[i] /= fit->scale[j];
    }
    return true;
}

/* inverse[i] = sum over the singular values that count of V[i][j] W[j] / s[j]^2 / scale[i]. */
static void make_inverse(const HhKernels *k, double rcond, Fit *fit)
{
    double square[MOST_ORDER + 1], most = 0.0;
    for (size_t j = 0; j < fit->terms; j++) {
        const double *w = fit->column + j * fit->bins;
        square[j] = k->matrix[1].dot(w, w, fit->bins);
        most = HH_MAX(most, square[j]);
    }
    memset(fit->inverse, 0, fit->terms * fit->bins * sizeof *fit->inverse);
    for (size_t j = 0; j < fit->terms; j++) {
        if (!(sqrt(square[j]) > rcond * sqrt(most))) continue;
        for (size_t i = 0; i < fit->terms; i++)
            k->vector->add_scaled_f64(fit->column + j * fit->bins,
                                      fit->rotation[j * fit->terms + i] / square[j] / fit->scale[i],
                                      fit->inverse + i * fit->bins, fit->bins);
    }
}

static bool make_fit(const HhKernels *k, const double *x, double rcond, Fit *fit)
{
    if (!make_columns(&k->matrix[1], x, fit)) return false;
    memset(fit->rotation, 0, fit->terms * fit->terms * sizeof *fit->rotation);
    for (size_t j = 0; j < fit->terms; j++) fit->rotation[j * fit->terms + j] = 1.0;
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
        rotated = false;
        for (size_t p = 0; p + 1 < fit->terms; p++)
            for (size_t q = p + 1; q < fit->terms; q++)
                rotated = rotate_pair(&k->matrix[1], fit, p, q) || rotated;
    }
    make_inverse(k, rcond, fit);
    return true;
}

typedef struct Job {
    const HhKernels *k;
    const HhArray *spectrogram;
    const double *frequencies; /* [rows][bins], or NULL: `fit` serves for all */
    double rcond;
    size_t rows, terms;
    Fit fit;
    double *memory; /* [workers] fits */
    bool *failed;   /* [workers] */
    double *out;
} Job;

static void fit_unit(void *arg, size_t index, int worker)
{
    Job *job = arg;
    const HhArray *s = job->spectrogram;
    size_t bins = s->shape[2], bytes = hh_type_bytes(s->type);
    const HhMatrixKernels *k = &job->k->matrix[s->type == HH_FLOAT64 ? 1 : 0];
    for (size_t t = index * UNIT; t < HH_MIN((index + 1) * UNIT, job->rows); t++) {
        Fit fit = job->fit;
        if (job->frequencies) {
            fit = fit_at(bins, job->terms,
                         job->memory + (size_t)worker * fit_values(bins, job->terms));
            if (!make_fit(job->k, job->frequencies + t * bins, job->rcond, &fit)) {
                job->failed[worker] = true;
                return;
            }
        }
        for (size_t j = 0; j < job->terms; j++)
            job->out[t * job->terms + j] = k->dot(
                fit.inverse + j * bins, (const unsigned char *)s->data + t * bins * bytes, bins);
    }
}

static HhStatus bad_frequencies(HhContext *context)
{
    return hh_fail(context, HH_ERROR_ARGUMENT,
                   "the powers of the frequencies are all 0 or not finite");
}

/* The default frequencies, or the caller's. */
static bool make_common_fit(Job *job, const HhPolyParams *p, double rate, double *frequencies)
{
    size_t bins = job->spectrogram->shape[2];
    size_t n_fft = p->stft.n_fft / 2 + 1 == bins ? p->stft.n_fft : 2 * (bins - 1);
    for (size_t i = 0; i < bins; i++)
        frequencies[i] = p->frequencies ? p->frequencies[i]
                         : n_fft > 0    ? (double)i * rate / (double)n_fft
                                        : 0.0;
    return make_fit(job->k, frequencies, job->rcond, &job->fit);
}

static HhStatus run(HhContext *context, Job *job, const HhPolyParams *p, double rate)
{
    size_t bins = job->spectrogram->shape[2], workers = (size_t)hh_workers(context);
    double *frequencies = hh_alloc(context, bins, sizeof *frequencies);
    job->memory = hh_alloc(context, workers, fit_values(bins, job->terms) * sizeof *job->memory);
    job->failed = hh_zalloc(context, workers, sizeof *job->failed);
    HhStatus status = frequencies && job->memory && job->failed ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK && !job->frequencies) {
        job->fit = fit_at(bins, job->terms, job->memory);
        if (!make_common_fit(job, p, rate, frequencies)) status = bad_frequencies(context);
    }
    if (status == HH_OK) hh_parallel_for(context, (job->rows + UNIT - 1) / UNIT, fit_unit, job);
    for (size_t w = 0; w < workers && status == HH_OK; w++)
        if (job->failed[w]) status = bad_frequencies(context);
    hh_free(context, frequencies);
    hh_free(context, job->memory);
    hh_free(context, job->failed);
    return status;
}

HhStatus hh_poly_features_from(HhContext *context, const HhArray *spectrogram, double rate,
                               const HhPolyParams *params, HhArray *out)
{
    HhPolyParams p;
    hh_poly_features_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    const HhArray *s = spectrogram;
    if (!s || (s->type != HH_FLOAT32 && s->type != HH_FLOAT64) || s->dimensions != 3 || !s->data ||
        s->shape[2] == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a spectrogram is of floats or doubles, {channels, frames, bins}");
    if (p.order > MOST_ORDER)
        return hh_fail(context, HH_ERROR_ARGUMENT, "order=%zu must be 0 to %d", p.order,
                       MOST_ORDER);
    if (p.per_frame && !p.frequencies)
        return hh_fail(context, HH_ERROR_ARGUMENT, "there are no frequencies of the frames");
    if (!(p.rcond >= 0.0 && p.rcond < 1.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "rcond=%g must be in [0, 1)", p.rcond);
    if (!p.frequencies) HH_TRY(hh_rate_check(context, rate));
    size_t terms = p.order + 1;
    HH_TRY(hh_array_make(context, out, HH_FLOAT64, 3, s->shape[0], s->shape[1], terms));
    Job job = {.k = hh_kernels(context),
               .spectrogram = s,
               .frequencies = p.per_frame ? p.frequencies : NULL,
               .rcond = p.rcond > 0.0 ? p.rcond : (double)s->shape[2] * DBL_EPSILON,
               .rows = s->shape[0] * s->shape[1],
               .terms = terms,
               .out = out->data};
    HhStatus status = run(context, &job, &p, rate);
    if (status != HH_OK) hh_array_free(out);
    return status;
}

HhStatus hh_poly_features(HhContext *context, const HhSignal *y, const HhPolyParams *params,
                          HhArray *out)
{
    HhPolyParams p;
    hh_poly_features_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhArray magnitudes = HH_ARRAY_INIT;
    HH_TRY(hh_spectrogram(context, y, &p.stft, 1.0, &magnitudes));
    HhStatus status = hh_poly_features_from(context, &magnitudes, y->rate, &p, out);
    hh_array_free(&magnitudes);
    return status;
}
