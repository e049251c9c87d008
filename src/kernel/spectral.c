/* See spectral.h. */
#include "kernel/spectral.h"

#include "kernel/elementary.h"
#include "kernel/lanes.h"

static void bank(const float *tile, const HhBand *bands, size_t band_count, const float *weights, float *out)
{
    for (size_t b = 0; b < band_count; b++) {
        const float *x = tile + bands[b].first * HH_TILE, *w = weights + bands[b].weight;
        size_t count = bands[b].count;
        for (int g = 0; g < HH_TILE; g += HH_LANES) {
            HhFloats s[4] = {{0}};
            size_t r = 0;
            for (; r + 4 <= count; r += 4)
                for (size_t j = 0; j < 4; j++) s[j] += hh_load_f32(x + (r + j) * HH_TILE + g) * w[r + j];
            for (size_t j = 0; r + j < count; j++) s[j] += hh_load_f32(x + (r + j) * HH_TILE + g) * w[r + j];
            hh_store_f32(out + b * HH_TILE + g, (s[0] + s[1]) + (s[2] + s[3]));
        }
    }
}

static void decibel(const float *x, float amin, float offset, float low, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float value = x[i] > amin ? x[i] : amin;
        value = 10.0f * hh_log10_f32(value) - offset;
        y[i] = value > low ? value : low;
    }
}

const HhSpectralKernels HH_AT_LEVEL(hh_spectral_kernels) = {
    .bank = bank,
    .decibel = decibel,
};
