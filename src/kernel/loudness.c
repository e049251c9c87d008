/* See loudness.h. K-weighting works on a pair of channels in two lanes of double: a filter cannot
 * run across time, and the two biquads overlap in the processor because neither waits for the
 * other's past. Cost on one core at 2.8 GHz: see the head of loudness/loudness.c. */
#include "kernel/loudness.h"

#include <math.h>

#include "kernel/lanes.h"
#include "kernel/level.h"

typedef double Pair __attribute__((vector_size(16)));

static inline Pair both(double x)
{
    return (Pair){x, x};
}

static void k_weight(const HhKWeighting *filter, HhKState *state, const float *left,
                     const float *right, size_t count)
{
    const Pair b00 = both(filter->b[0][0]), b01 = both(filter->b[0][1]),
               b02 = both(filter->b[0][2]);
    const Pair b10 = both(filter->b[1][0]), b11 = both(filter->b[1][1]),
               b12 = both(filter->b[1][2]);
    const Pair a01 = both(filter->a[0][0]), a02 = both(filter->a[0][1]);
    const Pair a11 = both(filter->a[1][0]), a12 = both(filter->a[1][1]);
    Pair p1 = {state->v1[0][0], state->v1[0][1]}, p2 = {state->v2[0][0], state->v2[0][1]};
    Pair q1 = {state->v1[1][0], state->v1[1][1]}, q2 = {state->v2[1][0], state->v2[1][1]};
    Pair energy = {state->energy[0], state->energy[1]};
    for (size_t n = 0; n < count; n++) {
        Pair x = {(double)left[n], (double)right[n]};
        Pair p = (x - a02 * p2) - a01 * p1;
        Pair y = (b02 * p2 + b01 * p1) + b00 * p;
        Pair q = (y - a12 * q2) - a11 * q1;
        Pair z = (b12 * q2 + b11 * q1) + b10 * q;
        p2 = p1;
        p1 = p;
        q2 = q1;
        q1 = q;
        energy += z * z;
    }
    for (int c = 0; c < 2; c++) {
        state->v1[0][c] = p1[c];
        state->v2[0][c] = p2[c];
        state->v1[1][c] = q1[c];
        state->v2[1][c] = q2[c];
        state->energy[c] = energy[c];
    }
}

static inline HhFloats all(float x)
{
    return x - (HhFloats){0}; /* x to the bit, in one instruction; gcc fills a loop lane by lane */
}

static inline HhFloats larger(HhFloats peak, HhFloats x)
{
    return hh_max_f32(peak, hh_max_f32(x, -x));
}

static inline float largest(HhFloats v)
{
    float peak = v[0];
    for (int l = 1; l < HH_LANES; l++) peak = v[l] > peak ? v[l] : peak;
    return peak;
}

/* The largest of `most` and |sample| over a multiple of HH_PEAK_HISTORY samples, in maxima that do
 * not wait for each other. */
static inline HhFloats scan(const float *x, size_t count, HhFloats most)
{
    enum { APART = HH_LANES == 16 ? 2 : 4, STEP = APART * HH_LANES };
    HhFloats part[APART];
    for (int j = 0; j < APART; j++) part[j] = most;
    for (size_t n = 0; n < count; n += STEP)
        for (int j = 0; j < APART; j++)
            part[j] = larger(part[j], hh_load_f32(x + n + (size_t)(j * HH_LANES)));
    for (int j = 1; j < APART; j++) part[0] = hh_max_f32(part[0], part[j]);
    return part[0];
}

static float sample_peak(const float *x, size_t count, float peak)
{
    size_t n = count - count % HH_PEAK_HISTORY;
    peak = largest(scan(x, n, all(peak)));
    for (; n < count; n++) peak = fabsf(x[n]) > peak ? fabsf(x[n]) : peak;
    return peak;
}

/* Outputs of HH_LANES positions; `length` is a constant where it is called. */
static inline HhFloats branch(const float *taps, const float *x, ptrdiff_t length)
{
    HhFloats sum = all(taps[0]) * hh_load_f32(x);
    for (ptrdiff_t k = 1; k < length; k++) sum += all(taps[k]) * hh_load_f32(x - k);
    return sum;
}

static inline HhFloats between_three(const HhPeakFilter *f, const float *x, HhFloats most)
{
    HhFloats now = hh_load_f32(x), a = all(f->taps[0][0]) * now, b = all(f->taps[1][0]) * now,
             c = all(f->taps[2][0]) * now;
    for (int k = 1; k < HH_PEAK_TAPS; k++) {
        now = hh_load_f32(x - k);
        a += all(f->taps[0][k]) * now;
        b += all(f->taps[1][k]) * now;
        c += all(f->taps[2][k]) * now;
    }
    return larger(larger(larger(most, a), b), c);
}

static inline HhFloats between(const HhPeakFilter *f, const float *x, HhFloats most)
{
    if (f->branches == 3) return between_three(f, x, most);
    return larger(most, branch(f->taps[0], x, 2 * HH_PEAK_TAPS));
}

static float one_between(const HhPeakFilter *f, const float *x, float peak)
{
    for (int b = 0; b < f->branches; b++) {
        float sum = f->taps[b][0] * x[0];
        for (size_t k = 1; k < f->length; k++) sum += f->taps[b][k] * *(x - k);
        peak = fabsf(sum) > peak ? fabsf(sum) : peak;
    }
    return peak;
}

static float true_peak(const HhPeakFilter *filter, const float *x, size_t count, float peak)
{
    enum { STEP = 64 };
    HhFloats most = all(peak); /* the peak in every lane: most blocks need one comparison */
    size_t n = 0;
    for (; n + STEP <= count; n += STEP) {
        HhFloats here = scan(x + n, STEP, all(0.0f));
        HhFloats bound = scan(x + n - HH_PEAK_HISTORY, HH_PEAK_HISTORY, here) * filter->gain;
        if (!hh_lanes_where(hh_max_f32(bound, here) > most)) continue;
        most = all(largest(hh_max_f32(most, here)));
        if (!hh_lanes_where(bound > most)) continue;
        for (size_t i = 0; i < STEP; i += HH_LANES) most = between(filter, x + n + i, most);
        most = all(largest(most));
    }
    peak = most[0];
    for (; n < count; n++) {
        peak = fabsf(x[n]) > peak ? fabsf(x[n]) : peak;
        peak = one_between(filter, x + n, peak);
    }
    return peak;
}

const HhLoudnessKernels HH_AT_LEVEL(hh_loudness_kernels) = {k_weight, sample_peak, true_peak};
