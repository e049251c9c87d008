/* Names, normaliser and distance of fingerprints: see fingerprint.h.
 *
 * The weights and the percentile normaliser are those of the founding system (November 2025); what
 * is ours: a dimension without a value is left out instead of being replaced by a plausible one,
 * and versions are checked. */
#include "heihachi/fingerprint.h"

#include <math.h>

#include "base/base.h"

static const struct {
    const char *name, *unit;
    double weight;
    double low, high; /* typical range */
} dimensions[HH_FP_COUNT] = {
#define DIMENSION(index, id, name, unit, weight) [index] = {name, unit, weight, 0.0, 1.0},
    HH_FINGERPRINT_LIST(DIMENSION)
#undef DIMENSION
};

/* Typical ranges where they are not [0, 1]. */
static const struct {
    int dimension;
    double low, high;
} typical[] = {
    {HH_FP_SUB_BASS, 0.00, 0.30},
    {HH_FP_BASS, 0.05, 0.50},
    {HH_FP_LOW_MID, 0.05, 0.40},
    {HH_FP_MID, 0.05, 0.50},
    {HH_FP_UPPER_MID, 0.02, 0.30},
    {HH_FP_PRESENCE, 0.00, 0.20},
    {HH_FP_AIR, 0.00, 0.25},
    {HH_FP_LOUDNESS, -40.0, -6.0},
    {HH_FP_CREST, 5.0, 22.0},
    {HH_FP_BASS_MID_RATIO, -10.0, 20.0},
    {HH_FP_TEMPO, 40.0, 200.0},
    {HH_FP_LOUDNESS_VARIATION, 0.0, 10.0},
    {HH_FP_PHASE_CORRELATION, -1.0, 1.0},
};

const char *hh_fingerprint_name(int dimension)
{
    return dimension < 0 || dimension >= HH_FP_COUNT ? NULL : dimensions[dimension].name;
}

const char *hh_fingerprint_unit(int dimension)
{
    return dimension < 0 || dimension >= HH_FP_COUNT ? NULL : dimensions[dimension].unit;
}

const char *hh_fingerprint_status_name(HhFingerprintStatus status)
{
    switch (status) {
    case HH_FP_OK:
        return "ok";
    case HH_FP_ABSENT:
        return "absent";
    case HH_FP_SILENT:
        return "silent";
    case HH_FP_TOO_SHORT:
        return "too_short";
    case HH_FP_ABOVE_NYQUIST:
        return "above_nyquist";
    }
    return "unknown";
}

static bool defined(const HhFingerprint *f, int dimension)
{
    return (f->status[dimension] == HH_FP_OK || f->status[dimension] == HH_FP_ABOVE_NYQUIST) &&
           isfinite(f->values[dimension]);
}

void hh_fingerprint_normaliser_typical(HhFingerprintNormaliser *normaliser)
{
    *normaliser = (HhFingerprintNormaliser){0};
    for (int i = 0; i < HH_FP_COUNT; i++) normaliser->high[i] = 1.0;
    for (size_t i = 0; i < HH_COUNT(typical); i++) {
        normaliser->low[typical[i].dimension] = typical[i].low;
        normaliser->high[typical[i].dimension] = typical[i].high;
    }
    for (int i = 0; i < HH_FP_COUNT; i++) {
        normaliser->min[i] = normaliser->low[i];
        normaliser->max[i] = normaliser->high[i];
        normaliser->mean[i] = normaliser->std[i] = (double)NAN;
    }
}

/* numpy.percentile(sorted, 100 * q), method "linear". */
static double quantile(const double *sorted, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t i = (size_t)at;
    double part = at - (double)i;
    return i + 1 < count ? sorted[i] + part * (sorted[i + 1] - sorted[i]) : sorted[i];
}

static void fit_dimension(const double *sorted, size_t n, int i,
                          HhFingerprintNormaliser *normaliser)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) sum += sorted[k];
    double mean = sum / (double)n;
    for (size_t k = 0; k < n; k++) squares += (sorted[k] - mean) * (sorted[k] - mean);
    normaliser->low[i] = quantile(sorted, n, 0.05);
    normaliser->high[i] = quantile(sorted, n, 0.95);
    normaliser->min[i] = sorted[0];
    normaliser->max[i] = sorted[n - 1];
    normaliser->mean[i] = mean;
    normaliser->std[i] = sqrt(squares / (double)n);
}

HhStatus hh_fingerprint_normaliser_fit(HhContext *context, const HhFingerprint *fingerprints,
                                       size_t count, HhFingerprintNormaliser *normaliser)
{
    if (!fingerprints || !normaliser || count < HH_FP_MIN_FIT)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a normaliser needs %d fingerprints, not %zu",
                       HH_FP_MIN_FIT, count);
    double *values = hh_alloc(context, count, sizeof *values);
    if (!values) return hh_fail_memory(context);
    hh_fingerprint_normaliser_typical(normaliser);
    normaliser->count = count;
    for (int i = 0; i < HH_FP_COUNT; i++) {
        size_t n = 0;
        for (size_t k = 0; k < count; k++)
            if (defined(&fingerprints[k], i)) values[n++] = fingerprints[k].values[i];
        if (n < HH_FP_MIN_FIT) continue;
        hh_sort_f64(values, n);
        fit_dimension(values, n, i, normaliser);
    }
    hh_free(context, values);
    return HH_OK;
}

static double weight_of(int dimension, HhFingerprintWeights weights)
{
    double w = dimensions[dimension].weight;
    switch (weights) {
    case HH_FP_WEIGHTS_EQUAL:
        return 1.0;
    case HH_FP_WEIGHTS_FREQUENCY:
        return dimension <= HH_FP_AIR ? 2 * w : w;
    case HH_FP_WEIGHTS_DYNAMICS:
        return dimension >= HH_FP_LOUDNESS && dimension <= HH_FP_BASS_MID_RATIO ? 2 * w : w;
    case HH_FP_WEIGHTS_DEFAULT:
        break;
    }
    return w;
}

static double normalise(const HhFingerprintNormaliser *n, int i, double value)
{
    double range = n->high[i] - n->low[i];
    if (!(range > 1e-6)) return 0.5;
    double z = (value - n->low[i]) / range;
    return z < 0 ? 0 : z > 1 ? 1 : z;
}

HhStatus hh_fingerprint_compare(HhContext *context, const HhFingerprint *a, const HhFingerprint *b,
                                const HhFingerprintNormaliser *normaliser,
                                HhFingerprintWeights weights, HhFingerprintComparison *comparison)
{
    if (!a || !b || !comparison) return hh_fail(context, HH_ERROR_ARGUMENT, "no fingerprint");
    if (a->version != b->version || a->version != HH_FINGERPRINT_VERSION)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "fingerprints of version %d and %d cannot be compared by version %d: "
                       "analyse the tracks again",
                       a->version, b->version, HH_FINGERPRINT_VERSION);
    HhFingerprintNormaliser ranges;
    if (!normaliser) {
        hh_fingerprint_normaliser_typical(&ranges);
        normaliser = &ranges;
    }
    *comparison = (HhFingerprintComparison){0};
    double total = 0, sum = 0;
    for (int i = 0; i < HH_FP_COUNT; i++) {
        if (!defined(a, i) || !defined(b, i)) {
            comparison->normalised_a[i] = comparison->normalised_b[i] = (double)NAN;
            continue;
        }
        double x = normalise(normaliser, i, a->values[i]),
               y = normalise(normaliser, i, b->values[i]);
        double w = weight_of(i, weights);
        comparison->normalised_a[i] = x;
        comparison->normalised_b[i] = y;
        comparison->contribution[i] = w * (x - y) * (x - y);
        comparison->compared++;
        total += w;
    }
    if (comparison->compared == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the two fingerprints share no defined value");
    for (int i = 0; i < HH_FP_COUNT; i++) {
        comparison->contribution[i] /= total;
        sum += comparison->contribution[i];
    }
    comparison->distance = HH_MIN(sqrt(sum), 1.0);
    comparison->similarity = 1.0 - comparison->distance;
    return HH_OK;
}
