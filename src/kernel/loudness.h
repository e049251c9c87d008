/* Loudness: the K-weighting filter of two channels with its energy, and the largest sample between
 * samples. */
#ifndef HH_KERNEL_LOUDNESS_H
#define HH_KERNEL_LOUDNESS_H

#include <stddef.h>

/* Two biquads in series, denominators normalised to 1: y = b0 v[n] + b1 v[n-1] + b2 v[n-2], v[n] =
 * x - a1 v[n-1] - a2 v[n-2] (direct form II: its one slow chain is a multiplication and a
 * subtraction). */
typedef struct HhKWeighting {
    double b[2][3], a[2][2];
} HhKWeighting;

/* v[n-1] and v[n-2] of each biquad for two channels, and the sum of squares since it was last
 * zeroed. */
typedef struct HhKState {
    double v1[2][2], v2[2][2]; /* [biquad][channel] */
    double energy[2];
} HhKState;

#define HH_PEAK_TAPS     12
#define HH_PEAK_BRANCHES 3

/* A windowed sinc between samples, one branch per position. */
typedef struct HhPeakFilter {
    int branches; /* 3 (four times the rate), 1 (twice) or 0 */
    float gain;   /* no output can be larger than gain times the largest sample */
    float taps[HH_PEAK_BRANCHES][2 * HH_PEAK_TAPS];
    size_t length; /* taps of a branch: HH_PEAK_TAPS, or twice as many for twice the rate */
} HhPeakFilter;

/* Samples before x[0] that are read: the longest branch, in whole vectors. */
#define HH_PEAK_HISTORY 32

typedef struct HhLoudnessKernels {
    /* Adds the energies of left[0..count) and right[0..count) after K-weighting to
     * state->energy. */
    void (*k_weight)(const HhKWeighting *filter, HhKState *state, const float *left,
                     const float *right, size_t count);
    /* The largest of `peak` and |sample| for x[0..count). */
    float (*sample_peak)(const float *x, size_t count, float peak);
    /* The same with the outputs of the branches, of which there are some; reads
     * x[-HH_PEAK_HISTORY..count). Blocks that cannot beat `peak` are skipped, which does not change
     * the result. */
    float (*true_peak)(const HhPeakFilter *filter, const float *x, size_t count, float peak);
} HhLoudnessKernels;

#endif
