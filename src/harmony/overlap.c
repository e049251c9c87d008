/* See overlap.h. T. G. Stockham, "High-speed convolution and correlation", 1966; the fold is
 * decimation by aliasing, after which the circular part of the block, n_fft - 1 samples at its end,
 * is not used.
 *
 * Frame t is y[t] = sum_n x[t hop + n] g[n] with the filter's taps g, the transform of its sparse
 * spectrum; their real and imaginary parts are two real filters. Sixteen blocks run side by side in
 * the lanes. Cost: per sample of a block a complex multiplication for each filter, whatever the
 * hop; hh_overlap_pays() weighs that against a transform for each frame. */
#include "harmony/overlap.h"

#include <string.h>

enum { BLOCK_LENGTHS = 4, LARGEST = 2048 };

struct HhOverlap {
    HhContext *context;
    const HhKernels *kernels;
    HhFft *fft; /* of a block */
    size_t filters, n_fft, bins;
    double *spectrum; /* [filters][real re, real im, imaginary re, imaginary im][bins], conjugate */
};

bool hh_overlap_pays(size_t filters, size_t n_fft, size_t hop)
{
    bool power_of_two = hop >= 2 && (hop & (hop - 1)) == 0;
    return power_of_two && n_fft >= 64 && n_fft <= LARGEST && 8 * hop <= n_fft &&
           4 * filters * hop <= 3 * n_fft;
}

size_t hh_overlap_block(size_t n_fft)
{
    return BLOCK_LENGTHS * n_fft;
}

size_t hh_overlap_frames(size_t n_fft, size_t hop)
{
    return ((BLOCK_LENGTHS - 1) * n_fft / hop + 1) / HH_TILE * HH_TILE;
}

void hh_overlap_destroy(HhOverlap *overlap)
{
    if (!overlap) return;
    hh_fft_destroy(overlap->fft);
    hh_free(overlap->context, overlap->spectrum);
    hh_free(overlap->context, overlap);
}

/* ---- the filters */

/* With B = a + ib at bin k, taps are g[n] = sum_k B exp(-2 pi i k n / n_fft): the inverse real
 * transform of n_fft / 2 (a - ib) gives their real part, that of n_fft / 2 (b + ia) the imaginary
 * one. */
static void filter_spectrum(const HhSparse *basis, size_t row, size_t n_fft, bool imaginary,
                            double *re, double *im)
{
    for (uint32_t i = basis->start[row]; i < basis->start[row + 1]; i++) {
        size_t at = (size_t)basis->column[i] * HH_TILE;
        bool edge = basis->column[i] == 0 || basis->column[i] == n_fft / 2;
        double factor = edge ? (double)n_fft : 0.5 * (double)n_fft;
        re[at] = factor * (double)(imaginary ? basis->im[i] : basis->re[i]);
        im[at] = factor * (double)(imaginary ? basis->re[i] : -basis->im[i]);
    }
}

typedef struct Making {
    HhFft *fft; /* of n_fft */
    double *re, *im, *taps;
    void *scratch;
} Making;

/* Real filters first .. first + count - 1: two to a row of the basis. */
static void make_filters(HhOverlap *o, const HhSparse *basis, size_t first, size_t count,
                         const Making *m)
{
    size_t block = hh_overlap_block(o->n_fft);
    memset(m->re, 0, o->bins * HH_TILE * sizeof *m->re);
    memset(m->im, 0, o->bins * HH_TILE * sizeof *m->im);
    memset(m->taps, 0, block * HH_TILE * sizeof *m->taps);
    for (size_t f = 0; f < count; f++)
        filter_spectrum(basis, (first + f) / 2, o->n_fft, (first + f) % 2, m->re + f, m->im + f);
    hh_fft_tile_inverse_f64(m->fft, m->re, m->im, HH_TILE, NULL, m->taps, (ptrdiff_t)block,
                            m->scratch);
    hh_fft_tile_f64(o->fft, m->taps, (ptrdiff_t)block, HH_TILE, NULL, m->re, m->im, m->scratch);
    for (size_t f = 0; f < count; f++) {
        double *re = o->spectrum + (first + f) * 2 * o->bins, *im = re + o->bins;
        for (size_t k = 0; k < o->bins; k++) {
            re[k] = m->re[k * HH_TILE + f];
            im[k] = -m->im[k * HH_TILE + f];
        }
    }
}

HhStatus hh_overlap_create(HhContext *context, const HhSparse *basis, size_t n_fft,
                           HhOverlap **overlap)
{
    *overlap = NULL;
    HhOverlap *o = hh_zalloc(context, 1, sizeof *o);
    if (!o) return hh_fail_memory(context);
    size_t block = hh_overlap_block(n_fft);
    *o = (HhOverlap){.context = context,
                     .kernels = hh_kernels(context),
                     .filters = basis->rows,
                     .n_fft = n_fft,
                     .bins = block / 2 + 1};
    Making m = {0};
    HhStatus status = hh_fft_create(context, block, &o->fft);
    if (status == HH_OK) status = hh_fft_create(context, n_fft, &m.fft);
    if (status == HH_OK) {
        o->spectrum = hh_alloc(context, basis->rows * 4 * o->bins, sizeof *o->spectrum);
        m.re = hh_alloc(context, o->bins * HH_TILE, sizeof *m.re);
        m.im = hh_alloc(context, o->bins * HH_TILE, sizeof *m.im);
        m.taps = hh_alloc(context, block * HH_TILE, sizeof *m.taps);
        m.scratch = hh_alloc(context, HH_MAX(hh_fft_scratch(o->fft), hh_fft_scratch(m.fft)), 1);
        if (!o->spectrum || !m.re || !m.im || !m.taps || !m.scratch)
            status = hh_fail_memory(context);
    }
    for (size_t f = 0; f < 2 * basis->rows && status == HH_OK; f += HH_TILE)
        make_filters(o, basis, f, HH_MIN((size_t)HH_TILE, 2 * basis->rows - f), &m);
    hh_fft_destroy(m.fft);
    hh_free(context, m.re);
    hh_free(context, m.im);
    hh_free(context, m.taps);
    hh_free(context, m.scratch);
    if (status == HH_OK)
        *overlap = o;
    else
        hh_overlap_destroy(o);
    return status;
}

/* ---- blocks */

typedef struct Scratch {
    double *re, *im;   /* spectra of the blocks */
    double *folded[4]; /* real re, im; imaginary re, im */
    double *output;    /* [frames][HH_TILE blocks] */
    float *rounded;    /* the same */
    float *series;     /* [HH_TILE blocks][frames] */
    void *fft;
    size_t bytes;
} Scratch;

static size_t take(Scratch *s, size_t bytes)
{
    size_t at = s->bytes;
    s->bytes += (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    return at;
}

static Scratch lay_out(const HhOverlap *o, size_t hop, const HhFft *inverse, char *base)
{
    Scratch s = {0};
    size_t column = HH_TILE * sizeof(double), frames = hh_overlap_frames(o->n_fft, hop);
    size_t re = take(&s, o->bins * column), im = take(&s, o->bins * column), folded[4];
    for (int i = 0; i < 4; i++) folded[i] = take(&s, hh_fft_bins(inverse) * column);
    size_t output = take(&s, frames * column), rounded = take(&s, frames * column / 2),
           series = take(&s, frames * column / 2),
           fft = take(&s, HH_MAX(hh_fft_scratch(o->fft), hh_fft_scratch(inverse)));
    if (!base) return s;
    s.re = (double *)(void *)(base + re);
    s.im = (double *)(void *)(base + im);
    for (int i = 0; i < 4; i++) s.folded[i] = (double *)(void *)(base + folded[i]);
    s.output = (double *)(void *)(base + output);
    s.rounded = (float *)(void *)(base + rounded);
    s.series = (float *)(void *)(base + series);
    s.fft = base + fft;
    return s;
}

size_t hh_overlap_scratch(const HhOverlap *overlap, size_t hop, const HhFft *inverse)
{
    return lay_out(overlap, hop, inverse, NULL).bytes;
}

/* One real filter's folded spectrum to its row of the tiles. */
static void finish_filter(const HhOverlap *o, size_t frames, const HhFft *inverse, int count,
                          const double *re, const double *im, double gain, float *row,
                          size_t stride, size_t tiles, const Scratch *s)
{
    const HhVectorKernels *vector = o->kernels->vector;
    size_t each = frames / HH_TILE;
    hh_fft_tile_inverse_lanes_f64(inverse, re, im, frames, s->output, s->fft);
    vector->scale_f64(s->output, gain, s->output, frames * HH_TILE);
    vector->to_f32(s->output, s->rounded, frames * HH_TILE);
    vector->tile_to_frames_f32(s->rounded, frames, count, s->series, (ptrdiff_t)frames);
    for (size_t t = 0; t < HH_MIN(each * (size_t)count, tiles); t++)
        memcpy(row + t * stride, s->series + t * HH_TILE, HH_TILE * sizeof *row);
}

void hh_overlap_run(const HhOverlap *o, size_t hop, const HhFft *inverse, const float *samples,
                    int count, double gain, float *re, float *im, size_t stride, size_t tiles,
                    void *scratch)
{
    Scratch s = lay_out(o, hop, inverse, scratch);
    size_t block = hh_overlap_block(o->n_fft), frames = hh_overlap_frames(o->n_fft, hop);
    gain /= (double)hop; /* the fold adds `hop` aliases, where decimation would take their mean */
    hh_fft_tile_mixed(o->fft, samples, (ptrdiff_t)block, count, NULL, s.re, s.im, s.fft);
    for (size_t r = 0; r < o->filters; r++) {
        o->kernels->harmony->filter_fold(s.re, s.im, o->spectrum + r * 4 * o->bins, block / 2, hop,
                                         s.folded[0], s.folded[1], s.folded[2], s.folded[3]);
        finish_filter(o, frames, inverse, count, s.folded[0], s.folded[1], gain, re + r * HH_TILE,
                      stride, tiles, &s);
        finish_filter(o, frames, inverse, count, s.folded[2], s.folded[3], gain, im + r * HH_TILE,
                      stride, tiles, &s);
    }
}
