/* The mean of all frames of a tempogram, without its frames.
 *
 * At lag k it is sum over m of x[m] x[m + k] g_k(m) with g_k(m) = sum over j of w[j] w[j + k]
 * u[m - j], where u[t] = 1 / energy of frame t (its lag 0, the maximum). With the Hann window w the
 * product of the weights has five terms,
 *     w[j] w[j+k] = 1/4 + cos(c)/8 - (1 + cos c)/4 cos(a j) + sin(c)/4 sin(a j)
 *                   + cos(c)/8 cos(2 a j) - sin(c)/8 sin(2 a j),    a = 2 pi / N, c = a k,
 * and from lag k + 1 to k each of their sums over j grows by one term. So a lag of a frame costs
 * some twenty operations on lanes of neighbouring m, a third of the frame's transform. Nothing is
 * ever taken off a sum: u spans many orders of magnitude where sound meets silence.
 *
 * Tolerance: 1e-12, plus 1e-16 / (w[1] w[k + 1]) in frames that hold nothing but one onset at their
 * edge. Cost: 1.3 ns per frame and lag, one core at 2.8 GHz, widest level. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"
#include "spectral/window.h"

/* Frames, or places m, of one unit of parallel work. */
#define CHUNK 1024

typedef struct Mean {
    const HhRhythmKernels *k;
    size_t win_length, frames, places;
    double *padded;  /* [places + win_length + HH_TILE] */
    double *squares; /* [win_length] of the window */
    double *weights; /* [win_length + places + HH_TILE]: u of frame 0 is at win_length */
    HhHannTerm *terms;
    double *sums; /* [chunks of places][win_length] */
    double *work; /* [workers][win_length][HH_TILE] */
} Mean;

static void mean_free(HhContext *context, Mean *m)
{
    hh_free(context, m->padded);
    hh_free(context, m->squares);
    hh_free(context, m->weights);
    hh_free(context, m->terms);
    hh_free(context, m->sums);
    hh_free(context, m->work);
}

static size_t chunks_of(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

static void make_terms(size_t n, HhHannTerm *terms)
{
    const double turn = 2.0 * 3.14159265358979323846 / (double)n;
    for (size_t i = 0; i < n; i++) {
        double c = cos(turn * (double)i), s = sin(turn * (double)i);
        terms[i] =
            (HhHannTerm){.at_place = {c, s, c * c - s * s, 2.0 * s * c},
                         .at_lag = {0.25 + c / 8.0, -0.25 * (1.0 + c), s / 4.0, c / 8.0, -s / 8.0}};
    }
}

static HhStatus mean_make(HhContext *context, size_t frames, size_t win_length, Mean *m)
{
    *m = (Mean){.k = hh_kernels(context)->rhythm,
                .win_length = win_length,
                .frames = frames,
                .places = frames + win_length - 1};
    size_t length = win_length + m->places + HH_TILE;
    m->padded = hh_zalloc(context, length, sizeof *m->padded);
    m->squares = hh_alloc(context, win_length, sizeof *m->squares);
    m->weights = hh_zalloc(context, length, sizeof *m->weights);
    m->terms = hh_alloc(context, win_length, sizeof *m->terms);
    m->sums = hh_alloc(context, chunks_of(m->places) * win_length, sizeof *m->sums);
    m->work =
        hh_alloc(context, (size_t)hh_workers(context) * win_length * HH_TILE, sizeof *m->work);
    if (!m->padded || !m->squares || !m->weights || !m->terms || !m->sums || !m->work)
        return hh_fail_memory(context);
    make_terms(win_length, m->terms);
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    HH_TRY(hh_window_make(context, &hann, win_length, true, m->squares));
    for (size_t i = 0; i < win_length; i++) m->squares[i] *= m->squares[i];
    return HH_OK;
}

static void weigh_frames(void *arg, size_t index, int worker)
{
    (void)worker;
    const Mean *m = arg;
    size_t first = index * CHUNK, end = HH_MIN(first + CHUNK, m->frames);
    for (size_t t = first; t < end; t += HH_TILE) {
        double energy[HH_TILE];
        m->k->windowed_energy(m->padded + t, m->squares, m->win_length, energy);
        for (size_t l = 0; l < HH_TILE && t + l < end; l++)
            m->weights[m->win_length + t + l] = energy[l] < DBL_MIN ? 0.0 : 1.0 / energy[l];
    }
}

static void sum_places(void *arg, size_t index, int worker)
{
    const Mean *m = arg;
    size_t first = index * CHUNK, end = HH_MIN(first + CHUNK, m->places), n = m->win_length;
    double *sum = m->work + (size_t)worker * n * HH_TILE;
    memset(sum, 0, n * HH_TILE * sizeof *sum);
    /* Behind the last place there are zeros. */
    for (size_t at = first; at < end; at += HH_TILE)
        m->k->hann_lags(m->padded + at, m->weights + n + at, m->terms, n, sum);
    for (size_t k = 0; k < n; k++) {
        double total = 0.0;
        for (size_t l = 0; l < HH_TILE; l++) total += sum[k * HH_TILE + l];
        m->sums[index * n + k] = total;
    }
}

HhStatus hh_tempogram_mean(HhContext *context, HhCurve envelope, size_t frames, size_t win_length,
                           double *mean)
{
    if (win_length < 2 || frames == 0) /* a Hann window of one frame is 1, not the formula's 0 */
        return hh_tempogram_mean_of_some(context, envelope, frames, win_length, 1, mean);
    Mean m;
    HhStatus status = mean_make(context, frames, win_length, &m);
    if (status == HH_OK) {
        hh_tempogram_pad(envelope, frames, win_length / 2, m.padded);
        hh_parallel_for(context, chunks_of(frames), weigh_frames, &m);
        hh_parallel_for(context, chunks_of(m.places), sum_places, &m);
        size_t sounding = 0; /* frames, whose lag 0 is 1 */
        for (size_t t = 0; t < frames; t++) sounding += m.weights[win_length + t] > 0.0;
        mean[0] = (double)sounding / (double)frames;
        for (size_t k = 1; k < win_length; k++) {
            double total = 0.0;
            for (size_t c = 0; c < chunks_of(m.places); c++) total += m.sums[c * win_length + k];
            mean[k] = total / (double)frames;
        }
    }
    mean_free(context, &m);
    return status;
}
