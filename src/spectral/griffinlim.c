/* Sound from magnitudes alone, as librosa.griffinlim.
 *
 * D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
 * Trans. ASSP 1984, with the momentum of N. Perraudin, P. Balazs and P. L. Soendergaard, "A fast
 * Griffin-Lim algorithm", WASPAA 2013: the spectrum with the wanted magnitudes is inverted and
 * transformed again; what the last two transforms say of the phases is kept, the magnitudes are put
 * back. Transforms are computed in double; of float magnitudes spectra and sound are rounded to
 * float in between, as librosa's are, because the iteration multiplies what is lost. Each tile of
 * frames is updated as soon as it is transformed. Cost: two transforms per frame and iteration.
 * Tolerance: 5e-7 of the peak in float and 1e-15 in double after one
 * iteration, 1e-4 and 1e-12 after 32. */
#include <limits.h>
#include <math.h>

#include "heihachi/phase.h"
#include "kernel/kernels.h"
#include "spectral/istft.h"
#include "spectral/tiles.h"

void hh_griffinlim_defaults(HhGriffinLimParams *params)
{
    *params = (HhGriffinLimParams){.size = sizeof *params,
                                   .n_iter = 32,
                                   .window = {HH_WINDOW_HANN, 0.0, NULL},
                                   .center = true,
                                   .pad = HH_PAD_CONSTANT,
                                   .momentum = 0.99};
}

typedef struct Search {
    HhContext *context;
    const HhKernels *kernels;
    bool in_double;
    const HhArray *magnitude;
    size_t count;   /* of complex numbers */
    double *angles; /* [count] complex: the spectrum with the wanted magnitudes */
    void *previous; /* [count] complex: the last transform, as exact as the magnitudes */
    double *wide;   /* NULL, or the sound before it is rounded to float */
    double momentum;
    HhInverse *inverse;
    HhTileSource source; /* of the array below */
    HhArray sound;       /* {channels, samples} */
} Search;

/* ---- one tile of an iteration */

static void update_f32(const Search *s, const HhSpectrumTile *tile, void *scratch)
{
    size_t bins = s->source.bins;
    float *rows = scratch;
    s->kernels->vector->tile_to_frames_complex_f64_f32(tile->re_f64, tile->im_f64, bins,
                                                       tile->count, rows, (ptrdiff_t)bins);
    size_t at = (tile->channel * s->source.frames + tile->first) * bins;
    s->kernels->phase->converge_f32(rows, (float *)s->previous + 2 * at,
                                    (const float *)s->magnitude->data + at, (float)s->momentum,
                                    s->angles + 2 * at, (size_t)tile->count * bins);
}

static void update_f64(const Search *s, const HhSpectrumTile *tile, void *scratch)
{
    size_t bins = s->source.bins;
    double *rows = scratch;
    s->kernels->vector->tile_to_frames_complex_f64(tile->re_f64, tile->im_f64, bins, tile->count,
                                                   rows, (ptrdiff_t)bins);
    size_t at = (tile->channel * s->source.frames + tile->first) * bins;
    s->kernels->phase->converge_f64(rows, (double *)s->previous + 2 * at,
                                    (const double *)s->magnitude->data + at, s->momentum,
                                    s->angles + 2 * at, (size_t)tile->count * bins);
}

static void update(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Search *s = arg;
    if (s->in_double)
        update_f64(s, tile, scratch);
    else
        update_f32(s, tile, scratch);
}

/* ---- set-up */

/* The spectrum to start from: magnitudes times phases, rounded as the magnitudes are. */
static void start(const Search *s, const HhArray *phases)
{
    for (size_t i = 0; i < 2 * s->count; i++) {
        double value = i % 2 ? 0.0 : 1.0;
        if (s->in_double) {
            if (phases) value = ((const double *)phases->data)[i];
            s->angles[i] = value * ((const double *)s->magnitude->data)[i / 2];
        } else {
            float narrow = phases ? ((const float *)phases->data)[i] : (float)value;
            s->angles[i] = (double)(narrow * ((const float *)s->magnitude->data)[i / 2]);
        }
    }
}

/* The sound of the spectrum. */
static void invert(const Search *s)
{
    hh_inverse_run(s->inverse, s->angles, s->wide ? s->wide : s->sound.data);
    if (s->wide) s->kernels->vector->to_f32(s->wide, s->sound.data, hh_array_count(&s->sound));
}

static bool finite(const void *x, bool in_double, size_t count)
{
    return in_double ? hh_finite_f64(x, count) : hh_finite_f32(x, count);
}

static HhStatus check(HhContext *context, const HhArray *magnitude, const HhArray *phases,
                      const HhGriffinLimParams *p)
{
    if (!magnitude || (magnitude->type != HH_FLOAT32 && magnitude->type != HH_FLOAT64) ||
        magnitude->dimensions != 3 || !magnitude->data)
        return hh_fail(context, HH_ERROR_ARGUMENT, "magnitudes are real, {channels, frames, bins}");
    size_t count = hh_array_count(magnitude);
    if (count == 0) return hh_fail(context, HH_ERROR_EMPTY, "an empty spectrogram");
    if (magnitude->shape[0] > INT_MAX)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu channels", magnitude->shape[0]);
    if (!(p->momentum >= 0.0) || !isfinite(p->momentum))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a momentum of %g: at least 0", p->momentum);
    bool in_double = magnitude->type == HH_FLOAT64;
    bool same = !phases || (phases->type == (in_double ? HH_COMPLEX128 : HH_COMPLEX64) &&
                            phases->dimensions == 3 && phases->data);
    for (int i = 0; phases && same && i < 3; i++) same = phases->shape[i] == magnitude->shape[i];
    if (!same)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "phases are complex, of the magnitudes' shape and precision");
    if (!finite(magnitude->data, in_double, count))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the magnitudes hold NaN or infinity");
    if (phases && !finite(phases->data, in_double, 2 * count))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the phases hold NaN or infinity");
    return HH_OK;
}

/* The sound as a signal, whose pointers to channels are the caller's to free. */
static HhStatus as_signal(const Search *s, HhSignal *y, void **pointers)
{
    size_t channels = s->sound.shape[0], length = s->sound.shape[1];
    *y = (HhSignal){.channels = (int)channels, .length = length, .rate = 1.0};
    const float **floats = NULL;
    const double **doubles = NULL;
    if (s->in_double)
        *pointers = doubles = hh_alloc(s->context, channels, sizeof *doubles);
    else
        *pointers = floats = hh_alloc(s->context, channels, sizeof *floats);
    if (!*pointers) return hh_fail_memory(s->context);
    for (size_t c = 0; c < channels; c++)
        if (s->in_double)
            doubles[c] = (const double *)s->sound.data + c * length;
        else
            floats[c] = (const float *)s->sound.data + c * length;
    y->channel = floats;
    y->channel_f64 = doubles;
    return HH_OK;
}

/* The transform of the sound that the inverse makes: it must have the magnitudes' frames. */
static HhStatus open_source(Search *s, const HhGriffinLimParams *p)
{
    HhSignal y;
    void *pointers;
    HH_TRY(as_signal(s, &y, &pointers));
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = p->n_fft ? p->n_fft : 2 * (s->magnitude->shape[2] - 1);
    stft.hop_length = p->hop_length;
    stft.win_length = p->win_length;
    stft.window = p->window;
    stft.center = p->center;
    stft.pad = p->pad;
    HhStatus status = hh_tiles_of_signal(s->context, &s->source, &y, &stft, HH_TILE_DOUBLE);
    hh_free(s->context, pointers);
    if (status != HH_OK) return status;
    if (s->source.frames != s->magnitude->shape[1])
        return hh_fail(s->context, HH_ERROR_ARGUMENT,
                       "a sound of %zu samples has %zu frames, the magnitudes have %zu", y.length,
                       s->source.frames, s->magnitude->shape[1]);
    return HH_OK;
}

static HhStatus prepare(Search *s, const HhGriffinLimParams *p)
{
    const size_t *shape = s->magnitude->shape;
    HhIstftParams back;
    hh_istft_defaults(&back);
    back.n_fft = p->n_fft;
    back.hop_length = p->hop_length;
    back.win_length = p->win_length;
    back.window = p->window;
    back.center = p->center;
    back.length = p->length;
    HH_TRY(hh_inverse_create(s->context, HH_COMPLEX128, shape[0], shape[1], shape[2], &back,
                             &s->inverse));
    size_t length = hh_inverse_length(s->inverse), real = hh_type_bytes(s->magnitude->type);
    s->angles = hh_alloc(s->context, s->count, 2 * sizeof *s->angles);
    s->previous = hh_zalloc(s->context, s->count, 2 * real);
    if (!s->in_double) s->wide = hh_alloc(s->context, shape[0] * length, sizeof *s->wide);
    if (!s->angles || !s->previous || (!s->in_double && !s->wide))
        return hh_fail_memory(s->context);
    return hh_array_make(s->context, &s->sound, s->magnitude->type, 2, shape[0], length);
}

static HhStatus iterate(Search *s, const HhGriffinLimParams *p)
{
    size_t column = s->magnitude->shape[2] * HH_TILE;
    size_t scratch = 2 * column * (s->in_double ? sizeof(double) : sizeof(float));
    size_t samples = hh_array_count(&s->sound);
    for (size_t i = 0; i < p->n_iter; i++) {
        invert(s);
        if (!finite(s->sound.data, s->in_double, samples))
            return hh_fail(s->context, HH_ERROR_NOT_FINITE, "iteration %zu makes NaN or infinity",
                           i);
        if (i == 0) HH_TRY(open_source(s, p));
        s->momentum = i == 0 ? 0.0 : p->momentum / (1.0 + p->momentum);
        HH_TRY(hh_tiles_run(&s->source, scratch, update, s));
    }
    invert(s);
    return HH_OK;
}

HhStatus hh_griffinlim(HhContext *context, const HhArray *magnitude, const HhArray *phases,
                       const HhGriffinLimParams *params, HhArray *out)
{
    HhGriffinLimParams p;
    hh_griffinlim_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(check(context, magnitude, phases, &p));
    Search s = {.context = context,
                .kernels = hh_kernels(context),
                .in_double = magnitude->type == HH_FLOAT64,
                .magnitude = magnitude,
                .count = hh_array_count(magnitude),
                .sound = HH_ARRAY_INIT};
    HhStatus status = prepare(&s, &p);
    if (status == HH_OK) {
        start(&s, phases);
        status = iterate(&s, &p);
    }
    if (status == HH_OK)
        *out = s.sound;
    else
        hh_array_free(&s.sound);
    hh_tiles_free(&s.source);
    hh_inverse_destroy(s.inverse);
    hh_free(context, s.angles);
    hh_free(context, s.previous);
    hh_free(context, s.wide);
    return status;
}
