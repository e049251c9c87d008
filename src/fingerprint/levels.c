/* See levels.h. Everything is kept per step of 250 ms: a 500 ms frame is two neighbouring steps. */
#include "fingerprint/levels.h"

#include <math.h>
#include <string.h>

#include "kernel/kernels.h"

#define STEP 11025 /* 250 ms at 44.1 kHz */
#define HALF 1024  /* half of the 2048 samples around each step's first sample */

typedef struct Step {
    double squares; /* of the step's samples */
    double centre;  /* of the samples from HALF before to HALF after the step's first sample */
    float peak;
} Step;

struct HhLevels {
    HhContext *context;
    const HhVectorKernels *kernels;
    Step *steps;
    size_t count, capacity; /* steps begun */
    uint64_t samples;       /* of whole regions */
    double sum_l, sum_r, sum_ll, sum_rr, sum_lr;
    bool stereo;
    float region[3][STEP]; /* mono, left, right of the region that is being filled */
    size_t filled;
};

HhStatus hh_levels_create(HhContext *context, HhLevels **levels)
{
    *levels = hh_zalloc(context, 1, sizeof **levels);
    if (!*levels) return hh_fail_memory(context);
    (*levels)->context = context;
    (*levels)->kernels = hh_kernels(context)->vector;
    return HH_OK;
}

void hh_levels_destroy(HhLevels *levels)
{
    if (!levels) return;
    hh_free(levels->context, levels->steps);
    hh_free(levels->context, levels);
}

/* Room for the step that holds sample `at` and for the one after it. */
static HhStatus reserve(HhLevels *v, size_t index)
{
    if (index + 2 > v->capacity) {
        size_t capacity = HH_MAX(index + 2, v->capacity ? 2 * v->capacity : 1024);
        Step *steps = hh_zalloc(v->context, capacity, sizeof *steps);
        if (!steps) return hh_fail_memory(v->context);
        if (v->count > 0) memcpy(steps, v->steps, (v->count + 1) * sizeof *steps);
        hh_free(v->context, v->steps);
        v->steps = steps;
        v->capacity = capacity;
    }
    v->count = HH_MAX(v->count, index + 1);
    return HH_OK;
}

/* The sums of a whole region of n samples, always the same whatever the block sizes were. */
static HhStatus add_region(HhLevels *v, const float *mono, const float *l, const float *r, size_t n)
{
    size_t index = (size_t)(v->samples / STEP), at = (size_t)(v->samples % STEP);
    if (n == 0) return HH_OK;
    HH_TRY(reserve(v, index));
    const HhVectorKernels *k = v->kernels;
    double squares = k->sum_squares_f32_f64(mono, n);
    float peak = k->max_abs_f32(mono, n);
    Step *step = &v->steps[index];
    step->squares += squares;
    step->peak = HH_MAX(step->peak, peak);
    if (at < HALF)
        step->centre += squares;
    else if (at >= STEP - HALF)
        step[1].centre += squares;
    if (v->stereo) {
        v->sum_l += k->sum_f32_f64(l, n);
        v->sum_r += k->sum_f32_f64(r, n);
        v->sum_ll += k->sum_squares_f32_f64(l, n);
        v->sum_rr += k->sum_squares_f32_f64(r, n);
        v->sum_lr += k->dot_f32_f64(l, r, n);
    }
    v->samples += n;
    return HH_OK;
}

static HhStatus add_filled(HhLevels *v)
{
    size_t n = v->filled;
    v->filled = 0;
    return add_region(v, v->region[0], v->region[1], v->region[2], n);
}

HhStatus hh_levels_push(HhLevels *v, const float *mono, const float *left, const float *right,
                        size_t count)
{
    v->stereo = left && right;
    for (size_t done = 0; done < count;) {
        /* A region ends where the head, the middle or the tail of a step ends. */
        size_t at = (size_t)(v->samples % STEP);
        size_t end = at < HALF ? HALF : at < STEP - HALF ? STEP - HALF : STEP;
        size_t n = HH_MIN(count - done, end - at - v->filled);
        if (at + n == end) { /* the whole region: as it lies */
            HH_TRY(add_region(v, mono + done, v->stereo ? left + done : NULL,
                              v->stereo ? right + done : NULL, n));
            done += n;
            continue;
        }
        memcpy(v->region[0] + v->filled, mono + done, n * sizeof *mono);
        if (v->stereo) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): stereo has left and right */
            memcpy(v->region[1] + v->filled, left + done, n * sizeof *left);
            memcpy(v->region[2] + v->filled, right + done, n * sizeof *right);
        }
        v->filled += n;
        done += n;
        if (at + v->filled == end) HH_TRY(add_filled(v));
    }
    return HH_OK;
}

static double population_std(const double *x, size_t n)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)n);
}

HhStatus hh_levels_finish(HhLevels *v, HhLevelsResult *r)
{
    HH_TRY(add_filled(v));
    *r = (HhLevelsResult){.samples = v->samples, .stereo = v->stereo, .correlation = (double)NAN};
    if (v->samples == 0) return HH_OK;
    double n = (double)v->samples, squares = 0;
    double *values = hh_alloc(v->context, v->count + 1, sizeof *values);
    if (!values) return hh_fail_memory(v->context);
    for (size_t i = 0; i < v->count; i++) {
        squares += v->steps[i].squares;
        r->peak = HH_MAX(r->peak, (double)v->steps[i].peak);
    }
    r->rms = sqrt(squares / n);
    if (v->stereo) {
        /* mid = (l + r) / 2, side = (l - r) / 2 */
        double energy = (v->sum_ll + v->sum_rr) / 2;
        double side = (v->sum_ll + v->sum_rr - 2 * v->sum_lr) / 4;
        r->width = energy > 0 ? HH_MAX(side, 0.0) / energy : 0.0;
        double cov = v->sum_lr - v->sum_l * v->sum_r / n;
        double var_l = v->sum_ll - v->sum_l * v->sum_l / n,
               var_r = v->sum_rr - v->sum_r * v->sum_r / n;
        if (var_l > 0 && var_r > 0) r->correlation = cov / sqrt(var_l * var_r);
    }

    size_t whole = (size_t)(v->samples / STEP);
    r->frames = whole >= 2 ? whole - 1 : 0;
    for (size_t i = 0; i < r->frames; i++) {
        double peak = (double)HH_MAX(v->steps[i].peak, v->steps[i + 1].peak);
        double rms = sqrt((v->steps[i].squares + v->steps[i + 1].squares) / (2.0 * STEP));
        values[i] = 20.0 * log10(HH_MAX(peak, 1e-10) / HH_MAX(rms, 1e-10));
    }
    if (r->frames > 0) r->crest_std = population_std(values, r->frames);

    size_t centres = 1 + (size_t)(v->samples / STEP);
    double loudest = 0;
    for (size_t i = 0; i < centres; i++) {
        values[i] = sqrt((i < v->capacity ? v->steps[i].centre : 0.0) / (2.0 * HALF));
        loudest = HH_MAX(loudest, values[i]);
    }
    if (loudest > 0) {
        double reference = 20 * log10(HH_MAX(loudest, 1e-5));
        for (size_t i = 0; i < centres; i++)
            values[i] = HH_MAX(20 * log10(HH_MAX(values[i], 1e-5)) - reference, -80.0);
        r->loudness_std = population_std(values, centres);
    }

    double mean = 0;
    for (size_t i = 0; i < v->count; i++) {
        float next = i + 1 < v->count ? v->steps[i + 1].peak : 0.0f;
        values[i] = (double)HH_MAX(v->steps[i].peak, next);
        mean += values[i] / (double)v->count;
    }
    if (mean > 0) r->peak_cv = population_std(values, v->count) / mean;
    hh_free(v->context, values);
    return HH_OK;
}
