/* Spectral centroid, bandwidth, rolloff, flatness, contrast and mel bands of a tile of frames. See
 * descriptors.h.
 *
 * Definitions: A. Klapuri and M. Davy (ed.), "Signal Processing Methods for Music Transcription",
 * 2007, chapter 5; contrast: D.-N. Jiang et al., ICME 2002; all in the form of librosa.feature.
 * Cost with 1025 bins, all together: about 2 us per frame with 512-bit vectors; half of it is the
 * contrast. */
#include "spectral/descriptors.h"

#include <float.h>
#include <math.h>
#include <string.h>

void hh_descriptor_defaults(HhDescriptorParams *params, double rate, size_t n_fft)
{
    *params = (HhDescriptorParams){.rate = rate,
                                   .n_fft = n_fft,
                                   .bandwidth_p = 2.0,
                                   .bandwidth_norm = true,
                                   .roll_percent = 0.85,
                                   .flatness_amin = 1e-10,
                                   .contrast_fmin = 200.0,
                                   .contrast_bands = 6,
                                   .contrast_quantile = 0.02};
}

static HhStatus check(HhContext *context, const HhDescriptorParams *p)
{
    HH_TRY(hh_rate_check(context, p->rate));
    if (!(p->bandwidth_p > 0.0) || !isfinite(p->bandwidth_p))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a bandwidth of power %g: more than 0",
                       p->bandwidth_p);
    if (!(p->roll_percent > 0.0 && p->roll_percent < 1.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "roll_percent is %g: between 0 and 1",
                       p->roll_percent);
    if (!(p->flatness_amin > 0.0) || !isfinite(p->flatness_amin))
        return hh_fail(context, HH_ERROR_ARGUMENT, "amin is %g: more than 0", p->flatness_amin);
    if (p->contrast_fmin == 0.0) return HH_OK;
    if (!(p->contrast_fmin > 0.0) || !isfinite(p->contrast_fmin))
        return hh_fail(context, HH_ERROR_ARGUMENT, "contrast from %g Hz: more than 0",
                       p->contrast_fmin);
    if (p->contrast_bands < 1 || p->contrast_bands > 64)
        return hh_fail(context, HH_ERROR_ARGUMENT, "contrast in %zu octaves: 1 to 64",
                       p->contrast_bands);
    if (!(p->contrast_quantile > 0.0 && p->contrast_quantile < 1.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a quantile of %g: between 0 and 1",
                       p->contrast_quantile);
    double highest = p->contrast_fmin * ldexp(1.0, (int)p->contrast_bands - 1);
    if (highest >= 0.5 * p->rate)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "the contrast band from %g Hz is above half the rate, %g Hz", highest,
                       0.5 * p->rate);
    return HH_OK;
}

/* Bins with low <= frequency <= high, one below unless it is the first band, all above if it is the
 * last; the topmost is counted for k but not used unless it is the last. */
static HhStatus find_band(HhDescriptors *plan, const HhDescriptorParams *p, size_t index,
                          HhContrastBand *band)
{
    double low = index == 0 ? 0.0 : p->contrast_fmin * ldexp(1.0, (int)index - 1);
    double high = p->contrast_fmin * ldexp(1.0, (int)index);
    bool last = index == p->contrast_bands;
    size_t first = 0, end = plan->bins;
    while (first < plan->bins && plan->frequency_exact[first] < low) first++;
    if (!last)
        for (end = first; end < plan->bins && plan->frequency_exact[end] <= high;) end++;
    if (first >= end)
        return hh_fail(plan->context, HH_ERROR_ARGUMENT,
                       "the contrast band from %g to %g Hz holds no bin", low, high);
    if (index > 0 && first > 0) first--;
    size_t counted = end - first, used = last ? counted : counted - 1;
    if (used == 0)
        return hh_fail(plan->context, HH_ERROR_ARGUMENT,
                       "the contrast band from %g to %g Hz holds one bin", low, high);
    size_t k = (size_t)HH_MAX(1.0, rint(p->contrast_quantile * (double)counted));
    *band = (HhContrastBand){first, used, HH_MIN(k, used)};
    plan->contrast_most = HH_MAX(plan->contrast_most, used);
    return HH_OK;
}

static HhStatus fill(HhDescriptors *plan, const HhDescriptorParams *p)
{
    plan->frequency = hh_alloc(plan->context, plan->bins, sizeof *plan->frequency);
    plan->frequency_exact = hh_alloc(plan->context, plan->bins, sizeof *plan->frequency_exact);
    plan->contrast = hh_alloc(plan->context, p->contrast_bands + 1, sizeof *plan->contrast);
    if (!plan->frequency || !plan->frequency_exact || !plan->contrast)
        return hh_fail_memory(plan->context);
    for (size_t k = 0; k < plan->bins; k++) {
        double f = p->frequencies ? p->frequencies[k] : hh_bin_frequency(k, p->n_fft, p->rate);
        if (!isfinite(f) || (k > 0 && f < plan->frequency_exact[k - 1]))
            return hh_fail(plan->context, HH_ERROR_ARGUMENT,
                           "frequency %zu, %g Hz, is not above the one before", k, f);
        plan->frequency_exact[k] = f;
        plan->frequency[k] = (float)f;
    }
    if (p->contrast_fmin > 0.0) {
        for (size_t i = 0; i <= p->contrast_bands; i++)
            HH_TRY(find_band(plan, p, i, &plan->contrast[i]));
        plan->contrast_count = p->contrast_bands + 1;
    }
    return p->mel ? hh_mel_bank_make(plan->context, &plan->mel, p->rate, p->n_fft, p->mel) : HH_OK;
}

HhStatus hh_descriptors_make(HhContext *context, HhDescriptors *plan,
                             const HhDescriptorParams *params)
{
    *plan = (HhDescriptors){.context = context,
                            .bins = params->n_fft / 2 + 1,
                            .bandwidth_p = (float)params->bandwidth_p,
                            .bandwidth_norm = params->bandwidth_norm,
                            .roll_percent = (float)params->roll_percent,
                            .flatness_amin = (float)HH_MAX((double)FLT_MIN, params->flatness_amin)};
    HH_TRY(check(context, params));
    HhStatus status = fill(plan, params);
    if (status != HH_OK) hh_descriptors_free(plan);
    return status;
}

void hh_descriptors_free(HhDescriptors *plan)
{
    hh_free(plan->context, plan->frequency);
    hh_free(plan->context, plan->frequency_exact);
    hh_free(plan->context, plan->contrast);
    hh_mel_bank_free(plan->context, &plan->mel);
    *plan = (HhDescriptors){0};
}

/* ---- one tile */

void hh_tile_centroid(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                      float *centroid)
{
    float norm[HH_TILE];
    kernels->vector->tile_sum_f32(magnitude, plan->bins, norm);
    kernels->vector->tile_dot_f32(magnitude, plan->frequency, plan->bins, centroid);
    for (int l = 0; l < HH_TILE; l++)
        centroid[l] = norm[l] < FLT_MIN ? centroid[l] : centroid[l] / norm[l];
}

void hh_tile_rolloff(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                     double *rolloff)
{
    int32_t row[HH_TILE];
    kernels->spectral->rolloff(magnitude, plan->bins, plan->roll_percent, row);
    /* the running sum ends at the total, so a row was found: only a NaN could have prevented it */
    for (int l = 0; l < HH_TILE; l++)
        rolloff[l] = plan->frequency_exact[HH_MIN((size_t)row[l], plan->bins - 1)];
}

/* The means for more than HH_SELECT_MAX values, where sorting is better. */
static void sorted_means(const float *x, const HhContrastBand *band, float *low, float *high,
                         float *column)
{
    for (int l = 0; l < HH_TILE; l++) {
        for (size_t r = 0; r < band->rows; r++) column[r] = x[r * HH_TILE + (size_t)l];
        hh_sort_f32(column, band->rows);
        double lows = 0.0, highs = 0.0;
        for (size_t i = 0; i < band->k; i++) {
            lows += (double)column[i];
            highs += (double)column[band->rows - 1 - i];
        }
        low[l] = (float)(lows / (double)band->k);
        high[l] = (float)(highs / (double)band->k);
    }
}

void hh_tile_contrast(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                      float *valley, float *peak, float *scratch)
{
    for (size_t i = 0; i < plan->contrast_count; i++) {
        const HhContrastBand *band = &plan->contrast[i];
        const float *x = magnitude + band->first * HH_TILE;
        if (band->k <= HH_SELECT_MAX)
            kernels->spectral->extremes(x, band->rows, band->k, valley + i * HH_TILE,
                                        peak + i * HH_TILE);
        else
            sorted_means(x, band, valley + i * HH_TILE, peak + i * HH_TILE, scratch);
    }
}

/* Scratch, in floats: valley and peak (or the mel tile), then a column or the squares. */
static size_t front_floats(const HhDescriptors *plan)
{
    return HH_MAX(2 * plan->contrast_count, plan->mel.n_mels) * HH_TILE;
}

size_t hh_descriptors_scratch(const HhDescriptors *plan)
{
    return (front_floats(plan) + HH_MAX(plan->contrast_most, plan->bins * HH_TILE)) * sizeof(float);
}

static void contrast_rows(const HhDescriptors *plan, const HhKernels *kernels,
                          const float *magnitude, int count, float *rows, float *scratch)
{
    size_t bands = plan->contrast_count, values = bands * HH_TILE;
    float *valley = scratch, *peak = scratch + values;
    hh_tile_contrast(plan, kernels, magnitude, valley, peak, scratch + front_floats(plan));
    kernels->spectral->decibel(valley, 1e-10f, 0.0f, -FLT_MAX, valley, values);
    kernels->spectral->decibel(peak, 1e-10f, 0.0f, -FLT_MAX, peak, values);
    kernels->vector->add_scaled_f32(valley, -1.0f, peak, values);
    kernels->vector->tile_to_frames_f32(peak, bands, count, rows, (ptrdiff_t)bands);
}

void hh_descriptors_tile(const HhDescriptors *plan, const HhKernels *kernels,
                         const float *magnitude, const float *power, int count,
                         const HhDescriptorRows *rows, void *scratch)
{
    float lanes[HH_TILE], centroid[HH_TILE], *front = scratch, *square = front + front_floats(plan);
    size_t bytes = (size_t)count * sizeof(float);
    if (rows->contrast && plan->contrast_count > 0)
        contrast_rows(plan, kernels, magnitude, count, rows->contrast, scratch);
    if (!power && (rows->flatness || rows->mel)) {
        kernels->vector->multiply_f32(magnitude, magnitude, square, plan->bins * HH_TILE);
        power = square;
    }
    if (rows->centroid || rows->bandwidth) hh_tile_centroid(plan, kernels, magnitude, centroid);
    if (rows->centroid) memcpy(rows->centroid, centroid, bytes);
    if (rows->bandwidth) {
        kernels->spectral->bandwidth(magnitude, plan->frequency, plan->bins, centroid,
                                     plan->bandwidth_p, plan->bandwidth_norm, lanes);
        memcpy(rows->bandwidth, lanes, bytes);
    }
    if (rows->rolloff) {
        double rolloff[HH_TILE];
        hh_tile_rolloff(plan, kernels, magnitude, rolloff);
        for (int l = 0; l < count; l++) rows->rolloff[l] = (float)rolloff[l];
    }
    if (rows->flatness) {
        kernels->spectral->flatness(power, plan->bins, plan->flatness_amin, lanes);
        memcpy(rows->flatness, lanes, bytes);
    }
    if (rows->mel && plan->mel.n_mels > 0) {
        hh_mel_bank_tile(&plan->mel, kernels, power, front);
        kernels->vector->tile_to_frames_f32(front, plan->mel.n_mels, count, rows->mel,
                                            (ptrdiff_t)plan->mel.n_mels);
    }
}

void hh_sample_tile(const HhKernels *kernels, const float *x, ptrdiff_t hop, size_t frame_length,
                    int count, float *rms, float *zero_crossing_rate)
{
    for (int l = 0; l < count; l++) {
        const float *frame = x + l * hop;
        if (rms)
            rms[l] =
                sqrtf(kernels->vector->sum_squares_f32(frame, frame_length) / (float)frame_length);
        if (zero_crossing_rate)
            zero_crossing_rate[l] =
                (float)kernels->vector->crossings_f32(frame, frame_length, 1e-10f) /
                (float)frame_length;
    }
}
