/* Autocorrelation of long rows, as librosa.autocorrelate.
 *
 * By the Wiener-Khinchin theorem, in blocks (T. G. Stockham, "High-speed convolution and
 * correlation", AFIPS 1966): a row is cut into blocks of half a transform, and what blocks i and i
 * + d have in common belongs to lags around d blocks. Their spectra are multiplied and added up
 * over i before one inverse transform per distance d. Blocks keep the transforms far below the
 * row's length, whose tables would cost more than the transform itself, and there is no longest
 * row. Everything is done in double, whatever the rows are made of. Cost: two transforms per block
 * and length^2 / size complex products, with sizes chosen so that neither is much. Tolerance: 1e-12
 * of the energy in double; librosa transforms floats in float, 1e-7 of the energy. */
#include <math.h>
#include <string.h>

#include "heihachi/spectral.h"
#include "kernel/kernels.h"

enum {
    SMALLEST = 32,
    USUAL = 512,
    LARGEST = 1 << 20,
    CHUNK = 128 /* bins that are multiplied together */
};

typedef struct Correlation {
    const HhVectorKernels *vector;
    HhFft *fft;
    const HhArray *y;
    void *out;
    size_t length, lags;
    size_t size, bins, block; /* of a transform; samples of a block, half of it */
    size_t blocks, distances;
    unsigned char *memory;
    size_t each; /* bytes per worker */
} Correlation;

/* A worker's memory. */
typedef struct Scratch {
    double *frame;           /* [size] */
    double *sum;             /* [lags] */
    double *re, *im;         /* [blocks][bins]; in the end the products of each distance */
    double *far_re, *far_im; /* [distances][CHUNK] */
    void *fft;
} Scratch;

/* With a nanosecond for a product and a hundred for an entry of a plan's tables the sum is least at
 * about a twenty-eighth of the row, which is flat; more rows share the plan. */
static size_t choose_size(size_t rows, size_t length)
{
    double best = (double)length / 28.0 * sqrt((double)HH_MIN(rows, (size_t)1000));
    size_t size = SMALLEST;
    while (size < 2 * length && size < LARGEST && (size < USUAL || (double)size < best)) size *= 2;
    return size;
}

static size_t aligned(size_t bytes)
{
    return (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

static void *carve(unsigned char **memory, size_t bytes)
{
    void *part = *memory;
    *memory += aligned(bytes);
    return part;
}

static Scratch carve_scratch(const Correlation *c, int worker)
{
    unsigned char *memory = c->memory + (size_t)worker * c->each;
    Scratch s;
    s.frame = carve(&memory, c->size * sizeof(double));
    s.sum = carve(&memory, c->lags * sizeof(double));
    s.re = carve(&memory, c->blocks * c->bins * sizeof(double));
    s.im = carve(&memory, c->blocks * c->bins * sizeof(double));
    s.far_re = carve(&memory, c->distances * CHUNK * sizeof(double));
    s.far_im = carve(&memory, c->distances * CHUNK * sizeof(double));
    s.fft = memory;
    return s;
}

static size_t scratch_bytes(const Correlation *c)
{
    return aligned(c->size * sizeof(double)) + aligned(c->lags * sizeof(double)) +
           2 * aligned(c->blocks * c->bins * sizeof(double)) +
           2 * aligned(c->distances * CHUNK * sizeof(double)) + aligned(hh_fft_scratch(c->fft));
}

/* ---- one row */

static void transform_blocks(const Correlation *c, const Scratch *s, size_t row)
{
    memset(s->frame, 0, c->size * sizeof *s->frame);
    for (size_t i = 0; i < c->blocks; i++) {
        size_t first = i * c->block, count = HH_MIN(c->block, c->length - first);
        first += row * c->length;
        if (c->y->type == HH_FLOAT32)
            c->vector->to_f64((const float *)c->y->data + first, s->frame, count);
        else
            memcpy(s->frame, (const double *)c->y->data + first, count * sizeof *s->frame);
        memset(s->frame + count, 0, (c->block - count) * sizeof *s->frame);
        hh_fft_f64(c->fft, s->frame, NULL, s->re + i * c->bins, s->im + i * c->bins, s->fft);
    }
}

/* Product spectra of every distance, in place of the first spectra: a few bins of all blocks at a
 * time, which fit the first-level cache. */
static void multiply(const Correlation *c, const Scratch *s)
{
    for (size_t first = 0; first < c->bins; first += CHUNK) {
        size_t count = HH_MIN((size_t)CHUNK, c->bins - first);
        double *re = s->re + first, *im = s->im + first;
        memset(s->far_re, 0, c->distances * CHUNK * sizeof(double));
        memset(s->far_im, 0, c->distances * CHUNK * sizeof(double));
        for (size_t d = 0; d < c->distances; d++)
            for (size_t i = 0; i + d < c->blocks; i++)
                c->vector->add_conjugate_product_f64(
                    re + i * c->bins, im + i * c->bins, re + (i + d) * c->bins,
                    im + (i + d) * c->bins, s->far_re + d * CHUNK, s->far_im + d * CHUNK, count);
        for (size_t d = 0; d < c->distances; d++) {
            memcpy(re + d * c->bins, s->far_re + d * CHUNK, count * sizeof *re);
            memcpy(im + d * c->bins, s->far_im + d * CHUNK, count * sizeof *im);
        }
    }
}

/* Distance d gives the lags from (d - 1) * block to (d + 1) * block, the lower half at the end of
 * the inverse transform. */
static void add_lags(const Correlation *c, const Scratch *s)
{
    memset(s->sum, 0, c->lags * sizeof *s->sum);
    for (size_t d = 0; d < c->distances; d++) {
        hh_fft_inverse_f64(c->fft, s->re + d * c->bins, s->im + d * c->bins, NULL, s->frame,
                           s->fft);
        size_t middle = d * c->block;
        if (middle < c->lags)
            c->vector->add_scaled_f64(s->frame, 1.0, s->sum + middle,
                                      HH_MIN(c->block, c->lags - middle));
        if (d > 0 && middle - c->block + 1 < c->lags)
            c->vector->add_scaled_f64(s->frame + c->block + 1, 1.0, s->sum + middle - c->block + 1,
                                      HH_MIN(c->block - 1, c->lags - (middle - c->block + 1)));
    }
    if (!isfinite(s->sum[0]))
        for (size_t lag = 0; lag < c->lags; lag++) s->sum[lag] = (double)NAN;
}

static void correlate_row(void *arg, size_t row, int worker)
{
    const Correlation *c = arg;
    Scratch s = carve_scratch(c, worker);
    transform_blocks(c, &s, row);
    multiply(c, &s);
    add_lags(c, &s);
    if (c->y->type == HH_FLOAT32)
        c->vector->to_f32(s.sum, (float *)c->out + row * c->lags, c->lags);
    else
        memcpy((double *)c->out + row * c->lags, s.sum, c->lags * sizeof *s.sum);
}

HhStatus hh_autocorrelate(HhContext *context, const HhArray *y, size_t max_size, HhArray *out)
{
    if (!y || (y->type != HH_FLOAT32 && y->type != HH_FLOAT64) || y->dimensions != 2 || !y->data)
        return hh_fail(context, HH_ERROR_ARGUMENT, "rows to correlate are real, {rows, samples}");
    size_t rows = y->shape[0], length = y->shape[1];
    if (rows == 0 || length == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "%zu rows of %zu samples", rows, length);
    Correlation c = {.vector = hh_kernels(context)->vector, .y = y, .length = length};
    c.lags = max_size ? HH_MIN(max_size, length) : length;
    c.size = choose_size(rows, length);
    c.bins = c.size / 2 + 1;
    c.block = c.size / 2;
    c.blocks = (length + c.block - 1) / c.block;
    c.distances = HH_MIN(c.blocks, (c.lags - 1) / c.block + 2);
    HH_TRY(hh_fft_create(context, c.size, &c.fft));
    c.each = scratch_bytes(&c);
    c.memory = hh_alloc(context, (size_t)hh_workers(context), c.each);
    HhStatus status =
        c.memory ? hh_array_make(context, out, y->type, 2, rows, c.lags) : hh_fail_memory(context);
    if (status == HH_OK) {
        c.out = out->data;
        hh_parallel_for(context, rows, correlate_row, &c);
    }
    hh_free(context, c.memory);
    hh_fft_destroy(c.fft);
    return status;
}
