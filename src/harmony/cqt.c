/* See harmony.h and heihachi/harmony.h: cqt and vqt.
 *
 * Octave by octave from the top (C. Schoerkhuber and A. Klapuri, Constant-Q transform toolbox for
 * music processing, 2010): each octave's filters look at a signal of half the rate of the octave
 * above, so all octaves use transforms of the same size. Rates, hops, sizes and scales are
 * librosa's:
 *
 *     early    while the highest filter leaves more than two octaves free and the hop has factors
 *              of two to spare, the signal is halved before anything else
 *     level i  of the decimation chain has rate / 2^i and hop / 2^i; the chain stops where the hop
 *              is odd
 *
 * A whole signal is halved by libsoxr, with the root of 2 that librosa gives each halved signal; it
 * is taken back from the rows. Ranges (the engine's) go through the decimator of halfband.h. The
 * root by which librosa scales the filters of an octave and the division by the root of the
 * filter's length are in the entries of the sparse basis. Sixteen frames travel in the lanes of a
 * tile: transform, then one multiplication per entry of the basis. Of whole signals the octaves
 * whose hop is short beside the filters are made by overlap-save instead (overlap.h).
 *
 * Departure: transforms are single precision but for the lowest octave (librosa: double, rounded).
 * Tolerance against librosa: 1e-5 of a value plus 2e-6 of the largest. Cost per frame of the
 * default: seven transforms of 1024 samples, of whole signals four. */
#include "harmony/cqt.h"

#include <math.h>
#include <string.h>

#include "spectral/frames.h"

size_t hh_cqt_half(size_t length)
{
    return length / 2 + length % 2;
}

size_t hh_cqt_frame_count(const HhCqtPlan *plan, size_t length)
{
    size_t frames = SIZE_MAX;
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        size_t samples = length;
        for (int l = 0; l < o->level; l++) samples = hh_cqt_half(samples);
        frames = HH_MIN(frames, 1 + (samples - o->n_fft % 2) / o->hop);
    }
    return frames;
}

/* ---- frames from the levels of the decimation chain */

HhCqtOutput hh_cqt_output(const HhCqtPlan *plan, bool magnitude, const HhChromaFold *fold,
                          float *frames)
{
    if (fold) return (HhCqtOutput){HH_CQT_CHROMA, fold, frames, fold->matrix.rows};
    return magnitude ? (HhCqtOutput){HH_CQT_MAGNITUDE, NULL, frames, plan->bins}
                     : (HhCqtOutput){HH_CQT_COMPLEX, NULL, frames, 2 * plan->bins};
}

/* The scratch of one tile of frames. */
typedef struct TileScratch {
    float *input, *re, *im; /* samples; spectrum */
    double *precise_re, *precise_im;
    float *rows_re, *rows_im, *magnitude; /* tiles of plan->bins rows */
    void *fft;
    size_t bytes;
} TileScratch;

/* Lays the areas out from `base`; with base NULL only to know the size. */
static TileScratch tile_scratch(const HhCqtPlan *plan, void *base)
{
    size_t input = 0, bins = 0, fft = 0, rows = plan->bins * HH_TILE;
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        input = HH_MAX(input, (HH_TILE - 1) * o->hop + o->n_fft);
        bins = HH_MAX(bins, hh_fft_bins(o->fft));
        fft = HH_MAX(fft, hh_fft_scratch(o->fft));
    }
    TileScratch s = {0};
    const size_t floats[] = {input, bins * HH_TILE, bins * HH_TILE,    rows,
                             rows,  rows,           4 * bins * HH_TILE};
    float *precise = NULL;
    float **areas[] = {&s.input, &s.re, &s.im, &s.rows_re, &s.rows_im, &s.magnitude, &precise};
    for (size_t i = 0; i < HH_COUNT(floats); i++) {
        if (base) *areas[i] = (float *)(void *)((char *)base + s.bytes);
        s.bytes += (floats[i] + HH_TILE - 1) / HH_TILE * HH_TILE * sizeof(float);
    }
    s.precise_re = (double *)(void *)precise;
    s.precise_im = base ? s.precise_re + bins * HH_TILE : NULL;
    if (base) s.fft = (char *)base + s.bytes;
    s.bytes += (fft + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return s;
}

const float *hh_octave_samples(const HhCqtPlan *plan, const HhOctave *o, const HhStretch *level,
                               size_t frame, size_t count, float *copy)
{
    if (plan->pad != HH_PAD_CONSTANT) { /* whole signals only */
        HhFrames frames = {level->x, level->length, o->n_fft, o->hop, o->n_fft / 2, plan->pad, 0};
        return hh_frames_get(&frames, frame, count, copy);
    }
    ptrdiff_t begin = (ptrdiff_t)(frame * o->hop) - (ptrdiff_t)(o->n_fft / 2);
    return hh_stretch_samples(level, begin, (count - 1) * o->hop + o->n_fft, copy);
}

size_t hh_cqt_tile_scratch(const HhCqtPlan *plan)
{
    return tile_scratch(plan, NULL).bytes;
}

/* The rows of one octave for one tile of frames. */
static void octave_rows(const HhCqtPlan *plan, const HhOctave *o, const HhStretch *level,
                        size_t frame, int count, float *re, float *im, const TileScratch *s)
{
    const HhKernels *k = plan->kernels;
    const float *x = hh_octave_samples(plan, o, level, frame, (size_t)count, s->input);
    if (o->precise) {
        size_t from = o->low * HH_TILE, values = o->count * HH_TILE;
        hh_fft_tile_mixed(o->fft, x, (ptrdiff_t)o->hop, count, NULL, s->precise_re, s->precise_im,
                          s->fft);
        k->vector->to_f32(s->precise_re + from, s->re + from, values);
        k->vector->to_f32(s->precise_im + from, s->im + from, values);
    } else {
        hh_fft_tile_f32(o->fft, x, (ptrdiff_t)o->hop, count, NULL, s->re, s->im, s->fft);
    }
    k->harmony->sparse_complex(&o->basis, s->re, s->im, re, im);
}

/* Frames frame .. frame + count - 1, count <= HH_TILE, to `out`. */
static void tile_of_frames(const HhCqtPlan *plan, const HhStretch *levels, size_t frame, int count,
                           const HhCqtOutput *output, float *out, const TileScratch *s)
{
    const HhKernels *k = plan->kernels;
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        size_t values = o->bins * HH_TILE;
        float *re = s->rows_re + o->first * HH_TILE, *im = s->rows_im + o->first * HH_TILE;
        if (output->rows && output->rows[i].re) {
            memcpy(re, output->rows[i].re + frame / HH_TILE * values, values * sizeof *re);
            memcpy(im, output->rows[i].im + frame / HH_TILE * values, values * sizeof *im);
            continue;
        }
        octave_rows(plan, o, &levels[o->level], frame, count, re, im, s);
        if (output->undo && output->undo[o->level] != 1.0f) {
            k->vector->scale_f32(re, output->undo[o->level], re, values);
            k->vector->scale_f32(im, output->undo[o->level], im, values);
        }
    }
    if (output->kind == HH_CQT_COMPLEX) {
        k->vector->tile_to_frames_complex(s->rows_re, s->rows_im, plan->bins, count, out,
                                          (ptrdiff_t)plan->bins);
        return;
    }
    k->vector->magnitude_f32(s->rows_re, s->rows_im, s->magnitude, plan->bins * HH_TILE);
    if (output->kind == HH_CQT_MAGNITUDE) {
        k->vector->tile_to_frames_f32(s->magnitude, plan->bins, count, out, (ptrdiff_t)plan->bins);
        return;
    }
    const HhChromaFold *fold = output->fold;
    float *folded = s->rows_re; /* no longer needed, and has at least as many rows */
    k->harmony->sparse_real(&fold->matrix, s->magnitude, folded);
    k->vector->tile_to_frames_f32(folded, fold->matrix.rows, count, out,
                                  (ptrdiff_t)fold->matrix.rows);
    hh_chroma_finish(fold, out, (size_t)count);
}

void hh_cqt_of_levels(const HhCqtPlan *plan, const HhStretch *levels, size_t first, size_t count,
                      const HhCqtOutput *output, void *scratch)
{
    TileScratch s = tile_scratch(plan, scratch);
    for (size_t t = 0; t < count; t += HH_TILE)
        tile_of_frames(plan, levels, first + t, (int)HH_MIN((size_t)HH_TILE, count - t), output,
                       output->frames + t * output->stride, &s);
}

/* ---- ranges: every level just long enough for the frames asked for */

/* Stretches of the levels for a range; level i + 1 is made in whole blocks of the decimator. */
static void range_levels(const HhCqtPlan *plan, size_t length, size_t first, size_t count,
                         HhStretch *levels)
{
    size_t samples = length;
    for (int l = 0; l < plan->levels; l++) {
        levels[l] = (HhStretch){NULL, 0, 0, samples};
        samples = hh_cqt_half(samples);
    }
    for (int l = plan->levels - 1; l >= 0; l--) {
        ptrdiff_t begin = PTRDIFF_MAX, end = 0;
        for (size_t i = 0; i < plan->octaves; i++) {
            const HhOctave *o = &plan->octave[i];
            if (o->level != l) continue;
            ptrdiff_t centre = (ptrdiff_t)(first * o->hop), reach = (ptrdiff_t)(o->n_fft / 2);
            begin = HH_MIN(begin, centre - reach);
            end = HH_MAX(end, centre + (ptrdiff_t)((count - 1) * o->hop + o->n_fft) - reach);
        }
        if (l + 1 < plan->levels) {
            const HhStretch *below = &levels[l + 1];
            begin = HH_MIN(begin, 2 * (ptrdiff_t)below->first - HH_HALFBAND_REACH);
            end = HH_MAX(end, 2 * (ptrdiff_t)(below->first + below->count) + HH_HALFBAND_REACH);
        }
        ptrdiff_t block = l > 0 ? HH_HALFBAND_BLOCK : 1, whole = (ptrdiff_t)levels[l].length;
        begin = HH_MIN(HH_MAX(begin, 0), whole) / block * block;
        end = HH_MIN((HH_MAX(end, 0) + block - 1) / block * block, whole);
        levels[l].first = (size_t)begin;
        levels[l].count = (size_t)HH_MAX(end - begin, 0);
    }
}

/* Most samples that each level of a range can have. */
static void range_bounds(const HhCqtPlan *plan, size_t count, size_t *bounds)
{
    size_t below = 0;
    for (int l = plan->levels - 1; l >= 0; l--) {
        size_t reach = below, hop = 0;
        for (size_t i = 0; i < plan->octaves; i++) {
            if (plan->octave[i].level != l) continue;
            reach = HH_MAX(reach, plan->octave[i].n_fft);
            hop = plan->octave[i].hop;
        }
        reach += HH_HALFBAND_BLOCK;
        bounds[l] = (count * hop + 2 * reach + HH_TILE - 1) / HH_TILE * HH_TILE;
        below = 2 * reach + HH_HALFBAND_REACH;
    }
}

size_t hh_cqt_scratch(const HhCqtPlan *plan, size_t count)
{
    size_t bounds[HH_CQT_LEVELS], floats = 0;
    range_bounds(plan, count, bounds);
    for (int l = 0; l < plan->levels; l++) floats += bounds[l];
    size_t halfband =
        (hh_halfband_scratch(plan->halfband) + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return floats * sizeof(float) + HH_MAX(halfband, hh_cqt_tile_scratch(plan));
}

static HhStatus range(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                      size_t first, size_t count, const HhCqtOutput *output, void *scratch)
{
    if (count == 0) return HH_OK;
    HhStretch levels[HH_CQT_LEVELS];
    size_t bounds[HH_CQT_LEVELS];
    range_levels(plan, length, first, count, levels);
    range_bounds(plan, count, bounds);
    float *x[HH_CQT_LEVELS], *at = scratch;
    for (int l = 0; l < plan->levels; l++) {
        levels[l].x = x[l] = at;
        at += bounds[l];
    }
    HH_TRY(read(user, levels[0].first, levels[0].count, x[0]));
    for (int l = 1; l < plan->levels; l++)
        hh_halfband_blocks(plan->halfband, &levels[l - 1], levels[l].first / HH_HALFBAND_BLOCK,
                           (levels[l].count + HH_HALFBAND_BLOCK - 1) / HH_HALFBAND_BLOCK, x[l], at);
    hh_cqt_of_levels(plan, levels, first, count, output, at);
    return HH_OK;
}

HhStatus hh_cqt_frames(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                       size_t first, size_t count, bool magnitude, float *out, void *scratch)
{
    HhCqtOutput output = hh_cqt_output(plan, magnitude, NULL, out);
    return range(plan, read, user, length, first, count, &output, scratch);
}

HhStatus hh_chroma_frames(const HhCqtPlan *plan, const HhChromaFold *fold, HhReadSamples *read,
                          void *user, size_t length, size_t first, size_t count, float *out,
                          void *scratch)
{
    HhCqtOutput output = hh_cqt_output(plan, true, fold, out);
    return range(plan, read, user, length, first, count, &output, scratch);
}
