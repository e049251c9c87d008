/* Tuning of spectra as they pass by; see pitch.h. counts[magnitude class][residual class]: the
 * magnitude that separates the stronger half of the peaks is found at the end. Cost: that of the
 * peaks. */
#include <math.h>
#include <string.h>

#include "pitch/tuning.h"

/* Magnitude classes are the exponent and the first five bits of the mantissa of the float: 32 to an
 * octave, from 2^-40 to 2^24; what lies outside goes into the first or the last. */
enum {
    RESIDUALS = 100,
    PER_OCTAVE_BITS = 5,
    MAGNITUDE_SHIFT = 23 - PER_OCTAVE_BITS,
    LOWEST = (127 - 40) << PER_OCTAVE_BITS,
    MAGNITUDES = 64 << PER_OCTAVE_BITS
};

struct HhTuningCounter {
    HhContext *context;
    HhPeakPlan plan;
    int bins_per_octave;
    double edges[RESIDUALS + 1];
    uint32_t counts[MAGNITUDES][RESIDUALS];
};

HhStatus hh_tuning_counter_create(HhContext *context, double rate, size_t n_fft,
                                  int bins_per_octave, HhTuningCounter **out)
{
    *out = NULL;
    HhPiptrackParams p;
    hh_piptrack_defaults(&p);
    HhTuningCounter *counter = hh_zalloc(context, 1, sizeof *counter);
    if (!counter) return hh_fail_memory(context);
    counter->context = context;
    counter->bins_per_octave = bins_per_octave;
    hh_tuning_edges(counter->edges, RESIDUALS);
    HhStatus status = hh_peak_plan_init(context, &counter->plan, &p, rate, n_fft, n_fft / 2 + 1);
    if (status != HH_OK) {
        hh_free(context, counter);
        return status;
    }
    *out = counter;
    return HH_OK;
}

void hh_tuning_counter_destroy(HhTuningCounter *counter)
{
    if (counter) hh_free(counter->context, counter);
}

size_t hh_tuning_counter_scratch(const HhTuningCounter *counter)
{
    return (HH_TILE + 2) * counter->plan.bins * sizeof(float);
}

static size_t magnitude_class(float magnitude)
{
    uint32_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    int index = (int)(bits >> MAGNITUDE_SHIFT) - LOWEST; /* magnitudes of peaks are above 0 */
    return (size_t)HH_MIN(HH_MAX(index, 0), MAGNITUDES - 1);
}

static void count_peak(HhTuningCounter *counter, float hz, size_t magnitude)
{
    double residual = hh_tuning_residual(hz, counter->bins_per_octave);
    counter->counts[magnitude][hh_tuning_class(counter->edges, RESIDUALS, residual)]++;
}

void hh_tuning_counter_push(HhTuningCounter *const *counters, size_t count, const float *tile,
                            int lanes, void *scratch)
{
    const HhPeakPlan *plan = &counters[0]->plan;
    float *rows = scratch, *pitch = rows + HH_TILE * plan->bins, *magnitude = pitch + plan->bins;
    plan->kernels->vector->tile_to_frames_f32(tile, plan->bins, lanes, rows, (ptrdiff_t)plan->bins);
    for (int l = 0; l < lanes; l++) {
        hh_peaks(plan, rows + (size_t)l * plan->bins, pitch, magnitude);
        for (size_t k = plan->first; k < plan->last; k++) {
            if (!(pitch[k] > 0.0f)) continue;
            size_t class = magnitude_class(magnitude[k]);
            for (size_t i = 0; i < count; i++) count_peak(counters[i], pitch[k], class);
        }
    }
}

void hh_tuning_counter_merge(HhTuningCounter *into, const HhTuningCounter *from)
{
    for (size_t m = 0; m < MAGNITUDES; m++)
        for (size_t r = 0; r < RESIDUALS; r++) into->counts[m][r] += from->counts[m][r];
}

double hh_tuning_counter_finish(const HhTuningCounter *counter)
{
    uint64_t total = 0, above = 0, filled[RESIDUALS] = {0};
    for (size_t m = 0; m < MAGNITUDES; m++)
        for (size_t r = 0; r < RESIDUALS; r++) total += counter->counts[m][r];
    if (total == 0) return 0.0;
    /* down from the loudest, until half of the peaks are in */
    for (size_t m = MAGNITUDES; m-- > 0 && 2 * above < total;) {
        for (size_t r = 0; r < RESIDUALS; r++) {
            above += counter->counts[m][r];
            filled[r] += counter->counts[m][r];
        }
    }
    size_t best = 0;
    for (size_t r = 1; r < RESIDUALS; r++)
        if (filled[r] > filled[best]) best = r;
    return counter->edges[best];
}
