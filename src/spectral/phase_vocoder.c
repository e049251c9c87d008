/* Phase vocoder, as librosa.phase_vocoder.
 *
 * J. L. Flanagan and R. M. Golden, "Phase vocoder", Bell System Technical Journal, 1966, in the
 * form of D. P. W. Ellis, "A phase vocoder in Matlab", 2002: the result's frame t lies at column t
 * * rate of the spectrum, its magnitudes are interpolated between the two columns there, and its
 * phases are the sum of the phase steps between such columns. A bin knows nothing of its
 * neighbours, so threads share out blocks of bins. Angles and magnitudes of a column are computed
 * once and kept while it is in use. Cost: an arctangent per value that is read, a sine and a cosine
 * per value that is made. Tolerance: of double spectra 1e-9 of the peak over a thousand frames; of
 * float spectra an angle that is rounded to the other side moves the running phase by its last
 * place, in librosa as here. */
#include <math.h>

#include "heihachi/phase.h"
#include "kernel/kernels.h"
#include "spectral/istft.h"

void hh_phase_vocoder_defaults(HhPhaseVocoderParams *params)
{
    *params = (HhPhaseVocoderParams){.size = sizeof *params, .rate = 1.0};
}

enum { BLOCK = 256 }; /* bins that travel together */

typedef struct Vocoder {
    const HhPhaseKernels *kernels;
    const void *spectrum;
    void *out;
    size_t frames, bins, steps, blocks;
    double rate;
    const double *advance; /* [bins] radians from one frame to the next at the bin's centre */
} Vocoder;

/* One block of bins of one channel. Slot c % 2 holds column c in polar form; behind the spectrum
 * lie zeros. */
#define DEFINE_RUN(NAME, TYPE, POLAR, VOCODE)                                                      \
    static void NAME(void *arg, size_t index, int worker)                                          \
    {                                                                                              \
        const Vocoder *v = arg;                                                                    \
        (void)worker;                                                                              \
        size_t channel = index / v->blocks, first = index % v->blocks * BLOCK;                     \
        size_t count = HH_MIN((size_t)BLOCK, v->bins - first);                                     \
        const TYPE *x = (const TYPE *)v->spectrum + 2 * (channel * v->frames * v->bins + first);   \
        TYPE *y = (TYPE *)v->out + 2 * (channel * v->steps * v->bins + first);                     \
        TYPE angle[2][BLOCK], magnitude[2][BLOCK], phase[BLOCK];                                   \
        v->kernels->POLAR(x, phase, magnitude[0], count);                                          \
        size_t made = 0; /* columns below it are made or passed */                                 \
        for (size_t t = 0; t < v->steps; t++) {                                                    \
            double at = (double)t * v->rate, between = at - floor(at);                             \
            size_t column = (size_t)at;                                                            \
            for (size_t c = HH_MAX(made, column); c < column + 2; c++) {                           \
                if (c < v->frames) {                                                               \
                    v->kernels->POLAR(x + 2 * c * v->bins, angle[c % 2], magnitude[c % 2], count); \
                } else {                                                                           \
                    for (size_t i = 0; i < count; i++) angle[c % 2][i] = magnitude[c % 2][i] = 0;  \
                }                                                                                  \
            }                                                                                      \
            made = column + 2;                                                                     \
            size_t now = column % 2, next = 1 - now;                                               \
            v->kernels->VOCODE(angle[now], angle[next], magnitude[now], magnitude[next], between,  \
                               v->advance + first, phase, y + 2 * t * v->bins, count);             \
        }                                                                                          \
    }

DEFINE_RUN(run_f32, float, polar_f32, vocode_f32)
DEFINE_RUN(run_f64, double, polar_f64, vocode_f64)

/* Fills in n_fft and hop_length. */
static HhStatus resolve(HhContext *context, HhPhaseVocoderParams *p, size_t frames, size_t bins)
{
    if (p->n_fft == 0) p->n_fft = 2 * (bins - 1);
    if (p->hop_length == 0) p->hop_length = p->n_fft / 4;
    if (p->n_fft / 2 + 1 != bins || p->n_fft == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "n_fft %zu does not fit a spectrum of %zu bins",
                       p->n_fft, bins);
    if (!(p->rate > 0.0) || !isfinite(p->rate))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a rate of %g: more than 0", p->rate);
    if ((double)frames / p->rate > 1e15)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu frames at a rate of %g are too many",
                       frames, p->rate);
    return HH_OK;
}

HhStatus hh_phase_vocoder(HhContext *context, const HhArray *spectrum,
                          const HhPhaseVocoderParams *params, HhArray *out)
{
    HhPhaseVocoderParams p;
    hh_phase_vocoder_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(hh_spectrum_check(context, spectrum));
    size_t channels = spectrum->shape[0], frames = spectrum->shape[1], bins = spectrum->shape[2];
    HH_TRY(resolve(context, &p, frames, bins));
    size_t steps = (size_t)ceil((double)frames / p.rate);
    HH_TRY(hh_array_make(context, out, spectrum->type, 3, channels, steps, bins));
    double *advance = hh_alloc(context, bins, sizeof *advance);
    if (!advance) {
        hh_array_free(out);
        return hh_fail_memory(context);
    }
    /* rounded as numpy.fft.rfftfreq rounds: the running phase shows the last place */
    const double turn = 6.28318530717958623;
    double unit = 1.0 / ((double)p.n_fft * (1.0 / turn));
    for (size_t k = 0; k < bins; k++) advance[k] = (double)p.hop_length * ((double)k * unit);
    Vocoder v = {hh_kernels(context)->phase, spectrum->data, out->data, frames, bins, steps,
                 (bins + BLOCK - 1) / BLOCK, p.rate,         advance};
    hh_parallel_for(context, channels * v.blocks,
                    spectrum->type == HH_COMPLEX64 ? run_f32 : run_f64, &v);
    hh_free(context, advance);
    return HH_OK;
}
