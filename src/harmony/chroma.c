/* Chromagrams from constant-Q magnitudes, CENS and the tonal centroid; see heihachi/harmony.h for
 * whose ideas they are.
 *
 * A class gathers the bins nearest to it in every octave: with three bins per class, the middle one
 * and its neighbours. Frames are folded while they are in the cache, right after their transform
 * (cqt.c). Sums are single precision, norms double, as in librosa; tolerance 1e-4 of a normalised
 * frame. */
#include "harmony/chroma.h"

#include <math.h>
#include <string.h>

#include "harmony/basis.h"
#include "kernel/kernels.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

/* ---- norms */

HhStatus hh_normalize_check(HhContext *context, double p)
{
    if (isnan(p) || p >= 0.0 || isinf(p)) return HH_OK;
    return hh_fail(context, HH_ERROR_ARGUMENT, "there is no norm of order %g", p);
}

static double row_norm(const float *row, size_t columns, double p)
{
    double sum = 0.0, largest = 0.0, smallest = HUGE_VAL;
    for (size_t i = 0; i < columns; i++) {
        double magnitude = fabs((double)row[i]);
        largest = HH_MAX(largest, magnitude);
        smallest = HH_MIN(smallest, magnitude);
        if (p == 0.0)
            sum += (double)(magnitude > 0.0);
        else if (p == 1.0)
            sum += magnitude;
        else if (p == 2.0)
            sum += magnitude * magnitude;
        else if (!isinf(p))
            sum += pow(magnitude, p);
    }
    if (isinf(p)) return p > 0.0 ? largest : smallest;
    return p == 0.0 || p == 1.0 ? sum : p == 2.0 ? sqrt(sum) : pow(sum, 1.0 / p);
}

void hh_normalize_rows(float *rows, size_t count, size_t columns, double p)
{
    const double tiny = 1.1754943508222875e-38; /* rows this small stay as they are */
    if (isnan(p)) return;
    for (size_t t = 0; t < count; t++, rows += columns) {
        double norm = row_norm(rows, columns, p);
        if (norm < tiny) continue;
        for (size_t i = 0; i < columns; i++) rows[i] = (float)((double)rows[i] / norm);
    }
}

/* ---- the fold */

static HhStatus check_fold(HhContext *context, size_t n_input, const HhChromaCqtParams *p,
                           size_t bins_per_octave)
{
    if (p->n_chroma == 0 || p->n_chroma > 1024 || bins_per_octave > 1024 ||
        bins_per_octave % p->n_chroma != 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "%zu bins per octave are no multiple of %zu classes (at most 1024)",
                       bins_per_octave, p->n_chroma);
    if (n_input < p->n_chroma)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu bins are fewer than %zu classes", n_input,
                       p->n_chroma);
    if (p->fmin != 0.0 && !(isfinite(p->fmin) && p->fmin > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a lowest frequency of %g Hz is not positive",
                       p->fmin);
    if ((p->window == NULL) != (p->window_length == 0))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a window and its length are given together or not at all");
    if (isinf(p->threshold))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a threshold of %g is not possible",
                       p->threshold);
    return hh_normalize_check(context, p->norm);
}

/* Class of input bin j. */
static size_t class_of(const HhChromaCqtParams *p, size_t bins_per_octave, bool base_c, size_t j)
{
    size_t merge = bins_per_octave / p->n_chroma;
    double fmin = p->fmin > 0.0 ? p->fmin : HH_C1;
    double pitch = fmod(12.0 * (log2(fmin) - log2(440.0)) + 69.0, 12.0);
    if (pitch < 0.0) pitch += 12.0;
    double roll = nearbyint((base_c ? pitch : pitch - 9.0) * ((double)p->n_chroma / 12.0));
    ptrdiff_t classes = (ptrdiff_t)p->n_chroma;
    ptrdiff_t c = (ptrdiff_t)((j + merge / 2) / merge % p->n_chroma) + (ptrdiff_t)roll;
    return (size_t)(((c % classes) + classes) % classes);
}

/* Weight of bin j in class c: 1 in its own class, or the window around the bins of the class. */
static double weight(const HhChromaCqtParams *p, const uint32_t *class, size_t n_input, size_t c,
                     size_t j)
{
    if (!p->window) return class[j] == c ? 1.0 : 0.0;
    double sum = 0.0;
    size_t shift = (p->window_length - 1) / 2;
    for (size_t i = 0; i < p->window_length; i++)
        if (j + shift >= i && j + shift - i < n_input && class[j + shift - i] == c)
            sum += p->window[i];
    return sum;
}

static HhStatus fill_fold(HhContext *context, size_t n_input, const HhChromaCqtParams *p,
                          const uint32_t *class, HhSparse *m)
{
    size_t room = p->window ? n_input * p->n_chroma : n_input;
    *m = (HhSparse){p->n_chroma, hh_zalloc(context, p->n_chroma + 1, sizeof *m->start),
                    hh_alloc(context, room, sizeof *m->column),
                    hh_alloc(context, room, sizeof *m->re), NULL};
    if (!m->start || !m->column || !m->re) return hh_fail_memory(context);
    uint32_t at = 0;
    for (size_t c = 0; c < p->n_chroma; c++) {
        for (size_t j = 0; j < n_input; j++) {
            double w = weight(p, class, n_input, c, j);
            if (w == 0.0) continue;
            m->column[at] = (uint32_t)j;
            m->re[at++] = (float)w;
        }
        m->start[c + 1] = at;
    }
    return HH_OK;
}

HhStatus hh_chroma_fold_make(HhContext *context, size_t n_input, const HhChromaCqtParams *params,
                             bool base_c, HhChromaFold **fold)
{
    *fold = NULL;
    HhChromaCqtParams p;
    hh_chroma_cqt_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    size_t bins_per_octave = p.bins_per_octave > 0 ? p.bins_per_octave : p.n_chroma;
    HH_TRY(check_fold(context, n_input, &p, bins_per_octave));
    uint32_t *class = hh_alloc(context, n_input, sizeof *class);
    HhChromaFold *made = hh_zalloc(context, 1, sizeof *made);
    HhStatus status = class && made ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) {
        made->context = context;
        made->norm = p.norm;
        made->threshold = p.threshold;
        for (size_t j = 0; j < n_input; j++)
            class[j] = (uint32_t)class_of(&p, bins_per_octave, base_c, j);
        status = fill_fold(context, n_input, &p, class, &made->matrix);
    }
    hh_free(context, class);
    if (status == HH_OK)
        *fold = made;
    else if (made)
        hh_chroma_fold_destroy(made);
    return status;
}

HhStatus hh_chroma_fold_create(HhContext *context, const HhCqtPlan *plan,
                               const HhChromaCqtParams *params, HhChromaFold **fold)
{
    return hh_chroma_fold_make(context, hh_cqt_plan_bins(plan), params, true, fold);
}

void hh_chroma_fold_destroy(HhChromaFold *fold)
{
    if (!fold) return;
    hh_sparse_free(fold->context, &fold->matrix);
    hh_free(fold->context, fold);
}

void hh_chroma_finish(const HhChromaFold *fold, float *rows, size_t count)
{
    if (!isnan(fold->threshold)) {
        float threshold = (float)fold->threshold;
        for (size_t i = 0; i < count * fold->matrix.rows; i++)
            if (rows[i] < threshold) rows[i] = 0.0f;
    }
    hh_normalize_rows(rows, count, fold->matrix.rows, fold->norm);
}

HhStatus hh_cq_to_chroma(HhContext *context, size_t n_input, const HhChromaCqtParams *params,
                         bool base_c, HhArray *out)
{
    HhChromaFold *fold;
    HH_TRY(hh_chroma_fold_make(context, n_input, params, base_c, &fold));
    const HhSparse *m = &fold->matrix;
    HhStatus status = hh_array_make(context, out, HH_FLOAT32, 2, m->rows, n_input);
    if (status == HH_OK) {
        float *dense = out->data;
        memset(dense, 0, m->rows * n_input * sizeof *dense);
        for (size_t c = 0; c < m->rows; c++)
            for (uint32_t i = m->start[c]; i < m->start[c + 1]; i++)
                dense[c * n_input + m->column[i]] = m->re[i];
    }
    hh_chroma_fold_destroy(fold);
    return status;
}

/* ---- chroma_cqt */

void hh_chroma_cqt_defaults(HhChromaCqtParams *params)
{
    *params = (HhChromaCqtParams){
        .size = sizeof *params,
        .hop_length = 512,
        .norm = HUGE_VAL,
        .tuning = (double)NAN,
        .n_chroma = 12,
        .n_octaves = 7,
        .bins_per_octave = 36,
    };
}

static HhStatus fold_magnitudes(HhContext *context, const HhArray *magnitudes,
                                const HhChromaFold *fold, HhArray *out)
{
    const HhKernels *k = hh_kernels(context);
    size_t rows = magnitudes->shape[0] * magnitudes->shape[1], bins = magnitudes->shape[2];
    size_t classes = fold->matrix.rows;
    HH_TRY(hh_array_make(context, out, HH_FLOAT32, 3, magnitudes->shape[0], magnitudes->shape[1],
                         classes));
    float *tile = hh_alloc(context, (bins + classes) * HH_TILE, sizeof *tile);
    if (!tile) {
        hh_array_free(out);
        return hh_fail_memory(context);
    }
    float *folded = tile + bins * HH_TILE;
    for (size_t t = 0; t < rows; t += HH_TILE) {
        int count = (int)HH_MIN((size_t)HH_TILE, rows - t);
        k->vector->frames_to_tile_f32((const float *)magnitudes->data + t * bins, (ptrdiff_t)bins,
                                      bins, count, tile);
        k->harmony->sparse_real(&fold->matrix, tile, folded);
        k->vector->tile_to_frames_f32(folded, classes, count, (float *)out->data + t * classes,
                                      (ptrdiff_t)classes);
    }
    hh_free(context, tile);
    hh_chroma_finish(fold, out->data, rows);
    return HH_OK;
}

static HhStatus check_array(HhContext *context, const HhArray *array)
{
    if (array->type != HH_FLOAT32 || array->dimensions != 3 || !array->data ||
        hh_array_count(array) == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "magnitudes must be float, {channels, frames, bins}, and not empty");
    if (!hh_kernels(context)->vector->finite_f32(array->data, hh_array_count(array)))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the magnitudes hold NaN or infinity");
    return HH_OK;
}

HhStatus hh_chroma_from_cqt(HhContext *context, const HhArray *magnitudes,
                            const HhChromaCqtParams *params, HhArray *out)
{
    HH_TRY(check_array(context, magnitudes));
    HhChromaFold *fold;
    HH_TRY(hh_chroma_fold_make(context, magnitudes->shape[2], params, true, &fold));
    HhStatus status = fold_magnitudes(context, magnitudes, fold, out);
    hh_chroma_fold_destroy(fold);
    return status;
}

static HhStatus hybrid_chroma(HhContext *context, const HhSignal *y, const HhCqtParams *cqt,
                              const HhChromaFold *fold, HhArray *out)
{
    HhArray magnitudes = HH_ARRAY_INIT;
    HH_TRY(hh_hybrid_cqt(context, y, cqt, &magnitudes));
    HhStatus status = fold_magnitudes(context, &magnitudes, fold, out);
    hh_array_free(&magnitudes);
    return status;
}

static HhStatus full_chroma(HhContext *context, const HhSignal *y, const HhCqtParams *cqt,
                            const HhChromaFold *fold, HhArray *out)
{
    HhCqtPlan *plan;
    HH_TRY(hh_cqt_plan_create(context, cqt, false, y->rate, &plan));
    HhStatus status = hh_chroma_signal(context, plan, fold, y, out);
    hh_cqt_plan_destroy(plan);
    return status;
}

HhStatus hh_chroma_cqt(HhContext *context, const HhSignal *y, const HhChromaCqtParams *params,
                       HhArray *out)
{
    HhChromaCqtParams p;
    hh_chroma_cqt_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HhCqtParams cqt;
    hh_cqt_defaults(&cqt);
    cqt.hop_length = p.hop_length;
    cqt.fmin = p.fmin;
    cqt.tuning = p.tuning;
    cqt.bins_per_octave = p.bins_per_octave > 0 ? p.bins_per_octave : p.n_chroma;
    if (p.n_octaves > 64)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu octaves are more than 64", p.n_octaves);
    cqt.n_bins = p.n_octaves * cqt.bins_per_octave;
    HhChromaFold *fold;
    HH_TRY(hh_chroma_fold_make(context, cqt.n_bins, &p, true, &fold));
    HhStatus status = hh_harmony_begin(context, y, cqt.bins_per_octave, &cqt.tuning);
    if (status == HH_OK)
        status = p.cqt_mode == HH_CQT_HYBRID ? hybrid_chroma(context, y, &cqt, fold, out)
                                             : full_chroma(context, y, &cqt, fold, out);
    hh_chroma_fold_destroy(fold);
    return status;
}

/* ---- CENS */

void hh_chroma_cens_defaults(HhChromaCensParams *params)
{
    *params = (HhChromaCensParams){.size = sizeof *params, .norm = 2.0, .win_len_smooth = 41};
    hh_chroma_cqt_defaults(&params->chroma);
}

static void quantise(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float x = values[i];
        values[i] = 0.25f * (float)((x > 0.4f) + (x > 0.2f) + (x > 0.1f) + (x > 0.05f));
    }
}

/* y[t] = sum_j w[j] x[t - j + length / 2], zeros outside: one channel. */
static void smooth(const float *x, size_t frames, size_t classes, const double *w, size_t length,
                   double *sum, float *y)
{
    for (size_t t = 0; t < frames; t++) {
        memset(sum, 0, classes * sizeof *sum);
        for (size_t j = 0; j < length; j++) {
            size_t at = t + length / 2 - j; /* wraps below zero, and is then beyond the end */
            if (at >= frames) continue;
            for (size_t c = 0; c < classes; c++) sum[c] += w[j] * (double)x[at * classes + c];
        }
        for (size_t c = 0; c < classes; c++) y[t * classes + c] = (float)sum[c];
    }
}

static HhStatus smooth_all(HhContext *context, const HhChromaCensParams *p, HhArray *chroma)
{
    size_t channels = chroma->shape[0], frames = chroma->shape[1], classes = chroma->shape[2];
    size_t length = p->win_len_smooth + 2, count = hh_array_count(chroma);
    double *w = hh_alloc(context, length + classes, sizeof *w);
    float *copy = hh_alloc(context, count, sizeof *copy);
    HhStatus status = w && copy ? hh_window_make(context, &p->smoothing_window, length, false, w)
                                : hh_fail_memory(context);
    if (status == HH_OK) {
        double sum = 0.0;
        for (size_t j = 0; j < length; j++) sum += w[j];
        for (size_t j = 0; j < length; j++) w[j] /= sum;
        memcpy(copy, chroma->data, count * sizeof *copy);
        for (size_t c = 0; c < channels; c++)
            smooth(copy + c * frames * classes, frames, classes, w, length, w + length,
                   (float *)chroma->data + c * frames * classes);
    }
    hh_free(context, w);
    hh_free(context, copy);
    return status;
}

HhStatus hh_chroma_cens(HhContext *context, const HhSignal *y, const HhChromaCensParams *params,
                        HhArray *out)
{
    HhChromaCensParams p;
    hh_chroma_cens_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (p.win_len_smooth > 1u << 24)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu frames of smoothing are more than 2^24",
                       p.win_len_smooth);
    HH_TRY(hh_normalize_check(context, p.norm));
    p.chroma.norm = 1.0;
    p.chroma.threshold = 0.0;
    p.chroma.size = sizeof p.chroma;
    HH_TRY(hh_chroma_cqt(context, y, &p.chroma, out));
    quantise(out->data, hh_array_count(out));
    HhStatus status = p.win_len_smooth > 0 ? smooth_all(context, &p, out) : HH_OK;
    if (status == HH_OK)
        hh_normalize_rows(out->data, out->shape[0] * out->shape[1], out->shape[2], p.norm);
    else
        hh_array_free(out);
    return status;
}

/* ---- the tonal centroid */

void hh_tonnetz_rows(const float *chroma, size_t count, size_t n_chroma, double *tonnetz)
{
    static const double turns[6] = {7.0 / 6, 7.0 / 6, 3.0 / 2,
                                    3.0 / 2, 2.0 / 3, 2.0 / 3}; /* per semitone, half turns */
    static const double radius[6] = {1, 1, 1, 1, 0.5, 0.5};
    const double pi = 3.14159265358979323846, tiny = 1.1754943508222875e-38;
    for (int p = 0; p < 6; p++) {
        for (size_t c = 0; c < n_chroma; c++) {
            double semitones = 12.0 * (double)c / (double)n_chroma;
            double phi = radius[p] * cos(pi * (turns[p] * semitones - (p % 2 == 0 ? 0.5 : 0.0)));
            for (size_t t = 0; t < count; t++) {
                if (c == 0) tonnetz[t * 6 + (size_t)p] = 0.0;
                tonnetz[t * 6 + (size_t)p] += phi * (double)chroma[t * n_chroma + c];
            }
        }
    }
    for (size_t t = 0; t < count; t++) {
        double norm = row_norm(chroma + t * n_chroma, n_chroma, 1.0);
        for (int p = 0; p < 6 && norm >= tiny; p++) tonnetz[t * 6 + (size_t)p] /= norm;
    }
}

HhStatus hh_tonnetz_from_chroma(HhContext *context, const HhArray *chroma, HhArray *out)
{
    HH_TRY(check_array(context, chroma));
    HH_TRY(
        hh_array_make(context, out, HH_FLOAT64, 3, chroma->shape[0], chroma->shape[1], (size_t)6));
    hh_tonnetz_rows(chroma->data, chroma->shape[0] * chroma->shape[1], chroma->shape[2], out->data);
    return HH_OK;
}

HhStatus hh_tonnetz(HhContext *context, const HhSignal *y, const HhChromaCqtParams *params,
                    HhArray *out)
{
    HhArray chroma = HH_ARRAY_INIT;
    HH_TRY(hh_chroma_cqt(context, y, params, &chroma));
    HhStatus status = hh_tonnetz_from_chroma(context, &chroma, out);
    hh_array_free(&chroma);
    return status;
}
