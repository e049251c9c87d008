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
 * The chain (chain.h) gives each halved signal a root of 2, as librosa does; it is taken back from
 * the rows. The root by which librosa scales the filters of an octave and the division by the root
 * of the filter's length are in the entries of the sparse basis. Sixteen frames travel in the lanes
 * of a tile: transform, then one multiplication per entry of the basis. Of whole signals the
 * octaves whose hop is short beside the filters are made by overlap-save instead (overlap.h), but
 * for frames so faint that the rounding of the block's loud ones shows.
 *
 * Departure: transforms are single precision for ranges of frames, and for the chroma of whole
 * signals but in the lowest octave (librosa: double, rounded). Tolerance against librosa: 1e-5 of a
 * value plus 2e-6 of the largest; of ranges, and of bins beside a sound that is 50 dB above them
 * and not among them, 4e-6 of the largest. Cost per frame: a transform for each octave that is not
 * made by overlap-save. */
#include "harmony/cqt.h"

#include <math.h>
#include <string.h>

#include "spectral/frames.h"

size_t hh_cqt_frame_count(const HhCqtPlan *plan, size_t length)
{
    size_t frames = SIZE_MAX;
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        size_t samples = hh_chain_length(length, o->level);
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
                        size_t frame, int count, bool precise, float *re, float *im,
                        const TileScratch *s)
{
    const HhKernels *k = plan->kernels;
    const float *x = hh_octave_samples(plan, o, level, frame, (size_t)count, s->input);
    if (precise) {
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

/* Whether any of the first `count` lanes is below rows->least throughout. */
static bool faint(const float *re, const float *im, size_t bins, int count, float least)
{
    float most[HH_TILE] = {0};
    for (size_t k = 0; k < bins; k++)
        for (int l = 0; l < HH_TILE; l++) {
            float a = fabsf(re[k * HH_TILE + l]), b = fabsf(im[k * HH_TILE + l]);
            float larger = a > b ? a : b;
            most[l] = larger > most[l] ? larger : most[l];
        }
    bool any = false;
    for (int l = 0; l < count; l++) any |= most[l] < least;
    return any;
}

/* Squares of values far below this are no longer normal floats. */
static const float squarable = 1e-12f;

static void magnitudes(const HhCqtPlan *plan, int count, const TileScratch *s)
{
    size_t values = plan->bins * HH_TILE;
    if (!faint(s->rows_re, s->rows_im, plan->bins, count, squarable)) {
        plan->kernels->vector->magnitude_f32(s->rows_re, s->rows_im, s->magnitude, values);
        return;
    }
    for (size_t i = 0; i < values; i++) s->magnitude[i] = hypotf(s->rows_re[i], s->rows_im[i]);
}

/* Copies the rows of an octave that are there already. False if they are not, or are no better than
 * the rounding of louder frames beside them, in the same block. */
static bool copy_rows(const HhOctave *o, const HhCqtRows *rows, size_t frame, int count, float *re,
                      float *im)
{
    if (!rows->re) return false;
    size_t values = o->bins * HH_TILE, at = frame / HH_TILE * values;
    if (faint(rows->re + at, rows->im + at, o->bins, count, rows->least)) return false;
    memcpy(re, rows->re + at, values * sizeof *re);
    memcpy(im, rows->im + at, values * sizeof *im);
    return true;
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
        if (output->rows && copy_rows(o, &output->rows[i], frame, count, re, im)) continue;
        bool precise = i + output->precise >= plan->octaves || (output->rows && output->rows[i].re);
        octave_rows(plan, o, &levels[o->level], frame, count, precise, re, im, s);
        if (plan->undo[o->level] == 1.0f) continue;
        k->vector->scale_f32(re, plan->undo[o->level], re, values);
        k->vector->scale_f32(im, plan->undo[o->level], im, values);
    }
    if (output->kind == HH_CQT_COMPLEX) {
        k->vector->tile_to_frames_complex(s->rows_re, s->rows_im, plan->bins, count, out,
                                          (ptrdiff_t)plan->bins);
        return;
    }
    magnitudes(plan, count, s);
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

/* ---- ranges: of every level what lies under the frames asked for */

/* Most samples of a level under `count` frames. */
static size_t reach(const HhCqtPlan *plan, int level, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        if (o->level == level) most = HH_MAX(most, (count - 1) * o->hop + o->n_fft);
    }
    return (most + HH_TILE - 1) / HH_TILE * HH_TILE;
}

/* The stretch of a level under frames first .. first + count - 1. */
static HhStretch under_range(const HhCqtPlan *plan, int level, size_t length, size_t first,
                             size_t count)
{
    ptrdiff_t begin = PTRDIFF_MAX, end = 0, whole = (ptrdiff_t)hh_chain_length(length, level);
    for (size_t i = 0; i < plan->octaves; i++) {
        const HhOctave *o = &plan->octave[i];
        if (o->level != level) continue;
        ptrdiff_t start = (ptrdiff_t)(first * o->hop) - (ptrdiff_t)(o->n_fft / 2);
        begin = HH_MIN(begin, start);
        end = HH_MAX(end, start + (ptrdiff_t)((count - 1) * o->hop + o->n_fft));
    }
    begin = HH_MIN(HH_MAX(begin, 0), whole);
    end = HH_MIN(HH_MAX(end, begin), whole);
    return (HhStretch){NULL, (size_t)begin, (size_t)(end - begin), (size_t)whole};
}

size_t hh_cqt_scratch(const HhCqtPlan *plan, size_t count)
{
    size_t floats = 0;
    for (int l = 0; l < plan->levels; l++) floats += reach(plan, l, HH_MAX(count, 1));
    return floats * sizeof(float) + hh_cqt_tile_scratch(plan);
}

static HhStatus range(const HhCqtPlan *plan, HhReadSamples *read, void *user, size_t length,
                      size_t first, size_t count, const HhCqtOutput *output, void *scratch)
{
    if (count == 0) return HH_OK;
    HhStretch levels[HH_CHAIN_LEVELS];
    float *at = scratch;
    for (int l = 0; l < plan->levels; l++) {
        levels[l] = under_range(plan, l, length, first, count);
        levels[l].x = at;
        HH_TRY(read(user, l, levels[l].first, levels[l].count, at));
        at += reach(plan, l, count);
    }
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
