/* See peaks.h. The types of the steps are those of librosa 0.11: the parabola in double, its shift
 * rounded to float. */
#include "kernel/peaks.h"

#include <math.h>

#include "kernel/lanes.h"

extern const HhPeakKernels HH_AT_LEVEL(hh_peak_kernels);

static void interpolate(const float *restrict s, size_t first, size_t last, float limit,
                        double scale, double divisor, float *restrict pitch,
                        float *restrict magnitude)
{
    for (size_t k = first; k < last; k++) {
        float here = s[k], left = s[k - 1], right = s[k + 1];
        double a = (double)(right + left) - 2.0 * (double)here;
        double b = (double)(right - left) / 2.0;
        double vertex = fabs(b) >= fabs(a) ? 0.0 : -b / a;
        float shift = (float)vertex;
        float slope = (right - left) / 2.0f;
        float loud = here > limit ? here : 0.0f;
        float loud_left = left > limit ? left : 0.0f, loud_right = right > limit ? right : 0.0f;
        int peak = (loud > loud_left) & (loud >= loud_right);
        float hz = (float)(((double)(int)k + (double)shift) * scale / divisor);
        float height = here + 0.5f * slope * shift;
        pitch[k] = peak ? hz : 0.0f;
        magnitude[k] = peak ? height : 0.0f;
    }
}

static HhFloats maximum(const float *x, size_t rows)
{
    HhFloats a = hh_load_f32(x), b = a;
    for (size_t k = 0; k + 1 < rows; k += 2) {
        a = hh_max_f32(hh_load_f32(x + k * HH_TILE), a);
        b = hh_max_f32(hh_load_f32(x + (k + 1) * HH_TILE), b);
    }
    return hh_max_f32(hh_load_f32(x + (rows - 1) * HH_TILE), hh_max_f32(a, b));
}

/* In powers: (h + slack)^2 <= h^2 + (2 slack + slack^2 / top) * top for h <= top. */
static void candidates(const float *tile, size_t bins, size_t first, size_t last, float threshold,
                       float tolerance, float *top, uint16_t *candidates)
{
    const float low = threshold > tolerance ? threshold - tolerance : 0.0f;
    const float limit_share = 0.9999f * low * low,
                slack_share = 1.0001f * tolerance * (2.0f + tolerance);
    for (int from = 0; from < HH_TILE; from += HH_LANES) {
        const HhFloats most = maximum(tile + from, bins);
        const HhFloats limit = limit_share * most, slack = slack_share * most;
        for (int l = 0; l < HH_LANES; l++) top[from + l] = sqrtf(most[l]);
        for (size_t k = first; k < last; k++) {
            const float *row = tile + k * HH_TILE + from;
            const HhFloats here = hh_load_f32(row), raised = here + slack;
            const HhInts peak = (here >= limit) & (raised > hh_load_f32(row - HH_TILE)) &
                                (raised >= hh_load_f32(row + HH_TILE));
            const uint32_t lanes = hh_lanes_where(peak) << from;
            candidates[k] = (uint16_t)(from == 0 ? lanes : candidates[k] | lanes);
        }
    }
}

const HhPeakKernels HH_AT_LEVEL(hh_peak_kernels) = {
    .interpolate = interpolate,
    .candidates = candidates,
};
