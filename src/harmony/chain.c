/* See chain.h. libsoxr's recipe HQ at 2^n:1, in single precision; each level is made piece by piece
 * from the one above while that is in the cache. Cost: 4 ns per sample that goes into a level. */
#include "harmony/chain.h"

#include <math.h>
#include <soxr.h>
#include <string.h>

#include "kernel/kernels.h"

enum { PIECE = 8192 }; /* samples that a level gives out at a time */

typedef struct Step {
    soxr_t soxr;
    int halvings;
    double gain;
    size_t taken, made; /* samples in and out */
    float *piece;       /* [PIECE] */
} Step;

struct HhChain {
    HhContext *context;
    const HhVectorKernels *vector;
    HhTakeLevel *take;
    void *user;
    int levels;
    Step step[HH_CHAIN_LEVELS]; /* how each level is made */
};

size_t hh_chain_length(size_t length, int halvings)
{
    for (int i = 0; i < halvings && length > 1; i++) length = length / 2 + length % 2;
    return length;
}

static HhStatus step_create(HhContext *context, Step *step, int halvings)
{
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    soxr_error_t error = NULL;
    step->halvings = halvings;
    step->gain = 1.0 / sqrt(ldexp(1.0, -halvings));
    step->piece = hh_alloc(context, PIECE, sizeof *step->piece);
    if (!step->piece) return hh_fail_memory(context);
    step->soxr = soxr_create(ldexp(1.0, halvings), 1.0, 1, &error, &io, &quality, NULL);
    if (!error) return HH_OK;
    step->soxr = NULL;
    return hh_fail(context, HH_ERROR_INTERNAL, "decimation by %g: %s", ldexp(1.0, halvings), error);
}

HhStatus hh_chain_create(HhContext *context, int early, int levels, HhTakeLevel *take, void *user,
                         HhChain **chain)
{
    *chain = NULL;
    HhChain *c = hh_zalloc(context, 1, sizeof *c);
    if (!c) return hh_fail_memory(context);
    *c = (HhChain){.context = context,
                   .vector = hh_kernels(context)->vector,
                   .take = take,
                   .user = user,
                   .levels = levels};
    HhStatus status = HH_OK;
    for (int l = early > 0 ? 0 : 1; l < levels && status == HH_OK; l++)
        status = step_create(context, &c->step[l], l == 0 ? early : 1);
    if (status == HH_OK)
        *chain = c;
    else
        hh_chain_destroy(c);
    return status;
}

void hh_chain_destroy(HhChain *chain)
{
    if (!chain) return;
    for (int l = 0; l < chain->levels; l++) {
        soxr_delete(chain->step[l].soxr);
        hh_free(chain->context, chain->step[l].piece);
    }
    hh_free(chain->context, chain);
}

static HhStatus push(HhChain *chain, int level, const float *x, size_t count);

/* Gives out `count` samples of the level's piece and halves them on. */
static HhStatus give(HhChain *chain, int level, size_t count)
{
    Step *s = &chain->step[level];
    s->made += count;
    HH_TRY(chain->take(chain->user, level, s->piece, count));
    return push(chain, level + 1, s->piece, count);
}

/* Samples of the level above, or with x NULL its end: makes as much of the level as follows, and
 * never more than its length. */
static HhStatus run(HhChain *chain, int level, const float *x, size_t count)
{
    Step *s = &chain->step[level];
    s->taken += count;
    size_t most = hh_chain_length(s->taken, s->halvings), taken = 0, used = 1, made = 0;
    while ((used > 0 || made > 0) && s->made < most) {
        soxr_error_t error = soxr_process(s->soxr, x ? x + taken : NULL, count - taken, &used,
                                          s->piece, HH_MIN(most - s->made, (size_t)PIECE), &made);
        if (error)
            return hh_fail(chain->context, HH_ERROR_INTERNAL, "decimation failed: %s", error);
        taken += used;
        chain->vector->scale_f32_f64(s->piece, s->gain, s->piece, made);
        if (made > 0) HH_TRY(give(chain, level, made));
    }
    return HH_OK;
}

static HhStatus push(HhChain *chain, int level, const float *x, size_t count)
{
    if (level >= chain->levels) return HH_OK;
    return chain->step[level].soxr ? run(chain, level, x, count) : push(chain, level + 1, x, count);
}

HhStatus hh_chain_push(HhChain *chain, const float *samples, size_t count)
{
    return push(chain, 0, samples, count);
}

HhStatus hh_chain_finish(HhChain *chain)
{
    for (int l = 0; l < chain->levels; l++) {
        Step *s = &chain->step[l];
        if (!s->soxr) continue;
        size_t wanted = hh_chain_length(s->taken, s->halvings);
        HH_TRY(run(chain, l, NULL, 0));
        while (s->made < wanted) {
            size_t count = HH_MIN(wanted - s->made, (size_t)PIECE);
            memset(s->piece, 0, count * sizeof *s->piece);
            HH_TRY(give(chain, l, count));
        }
    }
    return HH_OK;
}

const float *hh_stretch_samples(const HhStretch *x, ptrdiff_t begin, size_t count, float *copy)
{
    ptrdiff_t first = (ptrdiff_t)x->first, end = first + (ptrdiff_t)x->count;
    if (begin >= first && begin + (ptrdiff_t)count <= end) return x->x + (begin - first);
    memset(copy, 0, count * sizeof *copy);
    ptrdiff_t low = HH_MAX(begin, first), high = HH_MIN(begin + (ptrdiff_t)count, end);
    if (low < high)
        memcpy(copy + (low - begin), x->x + (low - first), (size_t)(high - low) * sizeof *copy);
    return copy;
}
