/* See peaks.h. The types of the steps are those of librosa 0.11: the parabola in double, its shift
 * rounded to float. */
#include "kernel/peaks.h"

#include <math.h>

#include "kernel/level.h"

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

/* In powers: (h + slack)^2 <= h^2 + (2 slack + slack^2 / top) * top for h <= top. */
static void candidates(const float *restrict tile, size_t bins, size_t first, size_t last,
                       float threshold, float tolerance, float *restrict top,
                       uint16_t *restrict candidates)
{
    float most[HH_TILE] = {0}, limit[HH_TILE], slack[HH_TILE];
    for (size_t k = 0; k < bins; k++)
        for (int l = 0; l < HH_TILE; l++)
            most[l] = tile[k * HH_TILE + l] > most[l] ? tile[k * HH_TILE + l] : most[l];
    const float low = threshold > tolerance ? threshold - tolerance : 0.0f;
    for (int l = 0; l < HH_TILE; l++) {
        top[l] = sqrtf(most[l]);
        limit[l] = 0.9999f * low * low * most[l];
        slack[l] = 1.0001f * tolerance * (2.0f + tolerance) * most[l];
    }
    for (size_t k = first; k < last; k++) {
        const float *here = tile + k * HH_TILE;
        uint32_t lanes = 0;
        for (int l = 0; l < HH_TILE; l++) {
            float raised = here[l] + slack[l];
            int peak = (here[l] >= limit[l]) & (raised > here[l - HH_TILE]) &
                       (raised >= here[l + HH_TILE]);
            lanes |= peak ? 1u << l : 0u;
        }
        candidates[k] = (uint16_t)lanes;
    }
}

const HhPeakKernels HH_AT_LEVEL(hh_peak_kernels) = {
    .interpolate = interpolate,
    .candidates = candidates,
};
