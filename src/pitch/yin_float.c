/* Which size librosa transforms a frame at, and SciPy's factors of it. Twiddle factors are computed
 * in double and rounded, as SciPy's are. */
#include "pitch/yin_float.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925286766559

static size_t without_factor(size_t n, size_t factor)
{
    while (n % factor == 0) n /= factor;
    return n;
}

/* The smallest 2^a 3^b 5^c that holds `length` samples and as many zeros, less one. */
static size_t fast_size(size_t length)
{
    size_t size = 2 * length - 1;
    while (without_factor(without_factor(without_factor(size, 2), 3), 5) != 1) size++;
    return size;
}

static size_t append(HhFftpackPass *passes, size_t count, size_t radix, size_t *rest)
{
    for (; *rest % radix == 0; *rest /= radix) passes[count++].radix = radix;
    return count;
}

/* Factors 4, with the one 2 that may be left exchanged with the first of them, then 3 and 5. */
static void factorise(HhYinFloat *plan)
{
    size_t rest = plan->size, count = append(plan->passes, 0, 4, &rest);
    if (rest % 2 == 0) {
        rest /= 2;
        plan->passes[count++].radix = plan->passes[0].radix;
        plan->passes[0].radix = 2;
    }
    count = append(plan->passes, count, 3, &rest);
    plan->count = append(plan->passes, count, 5, &rest);
    size_t stride = 1;
    for (size_t i = 0; i < plan->count; i++) {
        HhFftpackPass *pass = &plan->passes[i];
        pass->stride = stride;
        stride *= pass->radix;
        pass->length = plan->size / stride;
    }
}

/* Points of a spectrum that have a conjugate partner. */
static size_t paired(const HhFftpackPass *pass)
{
    return (pass->length + 1) / 2 - 1;
}

static float *fill(const HhFftpackPass *pass, float *w)
{
    double step = TWO_PI / (double)(pass->radix * pass->length);
    for (size_t f = 1; f <= paired(pass); f++) {
        for (size_t q = 1; q < pass->radix; q++) {
            *w++ = (float)cos(step * (double)(f * q));
            *w++ = (float)sin(step * (double)(f * q));
        }
    }
    return w;
}

HhStatus hh_yin_float_create(HhContext *context, size_t frame_length, HhYinFloat **out)
{
    *out = NULL;
    HhYinFloat *plan = hh_zalloc(context, 1, sizeof *plan);
    if (!plan) return hh_fail_memory(context);
    plan->size = fast_size(frame_length);
    factorise(plan);
    size_t total = 1;
    for (size_t i = 0; i < plan->count; i++)
        total += 2 * paired(&plan->passes[i]) * (plan->passes[i].radix - 1);
    plan->twiddles = hh_alloc(context, total, sizeof *plan->twiddles);
    if (!plan->twiddles) {
        hh_free(context, plan);
        return hh_fail_memory(context);
    }
    float *w = plan->twiddles;
    for (size_t i = 0; i < plan->count; i++) {
        plan->passes[i].twiddles = w;
        w = fill(&plan->passes[i], w);
    }
    *out = plan;
    return HH_OK;
}

void hh_yin_float_destroy(HhContext *context, HhYinFloat *plan)
{
    if (!plan) return;
    hh_free(context, plan->twiddles);
    hh_free(context, plan);
}
