/* Tuning, as librosa.pitch_tuning and librosa.estimate_tuning: where between two bins most of the
 * stronger peaks lie.
 *
 * residual = bins_per_octave * log2(f / 27.5 Hz) modulo 1, wrapped into [-0.5, 0.5); the fullest of
 * 1 / resolution equal classes wins, and its lower edge is the answer. The peaks of a signal are
 * those of piptrack whose magnitude is at least the median (tuning_peaks.c). Frequencies of spectra
 * of a signal in float are float, and so is their residual in librosa: a class edge is compared
 * with exactly that value. */
#include "pitch/tuning.h"

#include <math.h>
#include <string.h>

static const double a0_hz = 27.5;

void hh_tuning_defaults(HhTuningParams *params)
{
    memset(params, 0, sizeof *params);
    params->size = sizeof *params;
    params->resolution = 0.01;
    params->bins_per_octave = 12;
    hh_piptrack_defaults(&params->piptrack);
}

static HhStatus read_params(HhContext *context, const HhTuningParams *given, HhTuningParams *p)
{
    hh_tuning_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (!(p->resolution >= 1e-6) || !isfinite(p->resolution))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a resolution of %g; at least 1e-6 is possible",
                       p->resolution);
    if (p->bins_per_octave < 1 || p->bins_per_octave > 100000)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%d bins per octave", p->bins_per_octave);
    return HH_OK;
}

/* ---- classes of residuals */

void hh_tuning_edges(double *edges, size_t count)
{
    double step = 1.0 / (double)count;
    for (size_t i = 0; i < count; i++) edges[i] = (double)i * step - 0.5;
    edges[count] = 0.5;
}

size_t hh_tuning_class(const double *edges, size_t count, double residual)
{
    double guess = (residual + 0.5) * (double)count;
    size_t i = guess > 0.0 ? HH_MIN((size_t)guess, count - 1) : 0;
    while (i > 0 && residual < edges[i]) i--;
    while (i + 1 < count && residual >= edges[i + 1]) i++;
    return i;
}

static void classes_free(HhContext *context, HhTuningClasses *c)
{
    hh_free(context, c->edges);
    hh_free(context, c->filled);
    *c = (HhTuningClasses){0};
}

static HhStatus classes_make(HhContext *context, HhTuningClasses *c, double resolution)
{
    c->count = (size_t)ceil(1.0 / resolution);
    c->edges = hh_alloc(context, c->count + 1, sizeof *c->edges);
    c->filled = hh_zalloc(context, c->count, sizeof *c->filled);
    if (!c->edges || !c->filled) {
        classes_free(context, c);
        return hh_fail_memory(context);
    }
    hh_tuning_edges(c->edges, c->count);
    return HH_OK;
}

static double fullest(const HhTuningClasses *c)
{
    size_t best = 0;
    for (size_t i = 1; i < c->count; i++)
        if (c->filled[i] > c->filled[best]) best = i;
    return c->edges[best];
}

static double wrap(double residual)
{
    return residual >= 0.5 ? residual - 1.0 : residual;
}

double hh_tuning_residual_f64(double hz, int bins_per_octave)
{
    double r = fmod((double)bins_per_octave * log2(hz / a0_hz), 1.0);
    return wrap(r < 0.0 ? r + 1.0 : r);
}

double hh_tuning_residual(float hz, int bins_per_octave)
{
    float octaves = (float)log2((double)(hz / (float)a0_hz));
    float r = (float)bins_per_octave * octaves;
    r -= (float)(int)r; /* fmodf(r, 1): exact, and no call */
    if (r < 0.0f) r += 1.0f;
    return (double)(r >= 0.5f ? r - 1.0f : r);
}

HhStatus hh_pitch_tuning(HhContext *context, const double *frequencies, size_t count,
                         const HhTuningParams *params, double *tuning)
{
    if (!tuning || (!frequencies && count > 0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "no frequencies, or no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    HhTuningClasses classes;
    HH_TRY(classes_make(context, &classes, p.resolution));
    size_t used = 0;
    HhStatus status = HH_OK;
    for (size_t i = 0; i < count && status == HH_OK; i++) {
        if (!isfinite(frequencies[i]))
            status = hh_fail(context, HH_ERROR_NOT_FINITE, "frequency %zu is not finite", i);
        if (status != HH_OK || !(frequencies[i] > 0.0)) continue;
        classes
            .filled[hh_tuning_class(classes.edges, classes.count,
                                    hh_tuning_residual_f64(frequencies[i], p.bins_per_octave))]++;
        used++;
    }
    if (used == 0)
        hh_log(context, HH_LOG_WARNING, "the tuning of no frequencies at all is taken to be %g",
               p.none);
    *tuning = used ? fullest(&classes) : p.none;
    classes_free(context, &classes);
    return status;
}

static HhStatus estimate(HhContext *context, HhTileSource *source, const HhTuningParams *p,
                         double rate, double *tuning)
{
    HhTuningClasses classes;
    HH_TRY(classes_make(context, &classes, p->resolution));
    bool any = false;
    HhStatus status = hh_tuning_fill(context, source, p, rate, &classes, &any);
    if (status == HH_OK && !any)
        hh_log(context, HH_LOG_WARNING,
               "a signal without spectral peaks: its tuning is taken to be %g", p->none);
    *tuning = any ? fullest(&classes) : p->none;
    classes_free(context, &classes);
    return status;
}

HhStatus hh_estimate_tuning(HhContext *context, const HhSignal *y, const HhTuningParams *params,
                            double *tuning)
{
    if (!tuning) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p.piptrack.stft, HH_TILE_MAGNITUDE));
    HhStatus status = estimate(context, &source, &p, y->rate, tuning);
    hh_tiles_free(&source);
    return status;
}

HhStatus hh_estimate_tuning_spectrogram(HhContext *context, const HhArray *s, double rate,
                                        const HhTuningParams *params, double *tuning)
{
    if (!tuning) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_spectrogram(context, &source, s, p.piptrack.stft.n_fft));
    HhStatus status = estimate(context, &source, &p, rate, tuning);
    hh_tiles_free(&source);
    return status;
}
