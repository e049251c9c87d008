/* Onsets: peaks of the onset strength that stand out of their surroundings.
 *
 * S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
 * methods", ISMIR 2012 (peaks); T. Jehan, "Creating music by listening", MIT 2005 (backtracking).
 * All in float, sums from left to right, as librosa, so that ties fall the same way. Cost: a window
 * of some ten frames for each frame that is a local maximum. */
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "rhythm/envelope.h"

typedef struct Picker {
    size_t pre_max, post_max, pre_avg, post_avg, wait;
    float delta;
} Picker;

static HhStatus read_picker(HhContext *context, const HhPeakPickParams *p, Picker *picker)
{
    const double limit = 2147483648.0;
    const double values[] = {p->pre_max, p->post_max, p->pre_avg, p->post_avg, p->wait};
    const char *const names[] = {"pre_max", "post_max", "pre_avg", "post_avg", "wait"};
    size_t *const fields[] = {&picker->pre_max, &picker->post_max, &picker->pre_avg,
                              &picker->post_avg, &picker->wait};
    for (size_t i = 0; i < HH_COUNT(values); i++) {
        bool positive = i == 1 || i == 3;
        if (!(positive ? values[i] > 0.0 : values[i] >= 0.0) || values[i] > limit)
            return hh_fail(context, HH_ERROR_ARGUMENT, "%s=%g must be %s", names[i], values[i],
                           positive ? "above 0" : "at least 0");
        *fields[i] = (size_t)ceil(values[i]);
    }
    if (!(p->delta >= 0.0) || !isfinite(p->delta))
        return hh_fail(context, HH_ERROR_ARGUMENT, "delta=%g must be at least 0", p->delta);
    picker->delta = (float)p->delta;
    return HH_OK;
}

static bool is_peak(const Picker *p, const float *x, size_t length, size_t n)
{
    size_t first = n > p->pre_max ? n - p->pre_max : 0, last = HH_MIN(n + p->post_max, length);
    for (size_t i = first; i < last; i++)
        if (x[i] > x[n]) return false;
    first = n > p->pre_avg ? n - p->pre_avg : 0;
    last = HH_MIN(n + p->post_avg, length);
    float sum = 0.0f;
    for (size_t i = first; i < last; i++) sum += x[i];
    float mean = (float)((double)sum / (double)(last - first));
    return x[n] >= mean + p->delta;
}

static void pick(const Picker *p, const float *x, size_t length, unsigned char *flags)
{
    memset(flags, 0, length);
    for (size_t n = 0; n < length; n++)
        if (is_peak(p, x, length, n)) {
            flags[n] = 1;
            n += p->wait;
        }
}

void hh_peak_pick_defaults(HhPeakPickParams *params)
{
    *params = (HhPeakPickParams){sizeof *params, 1.0, 1.0, 4.0, 5.0, 0.07, 1.0};
}

HhStatus hh_peak_pick(HhContext *context, const float *x, size_t length,
                      const HhPeakPickParams *params, HhArray *peaks)
{
    HhPeakPickParams p;
    hh_peak_pick_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    Picker picker;
    HH_TRY(read_picker(context, &p, &picker));
    if (!x || length == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "there is nothing to pick peaks from");
    if (!hh_kernels(context)->vector->finite_f32(x, length))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the values hold NaN or infinity");
    unsigned char *flags = hh_alloc(context, length, 1);
    if (!flags) return hh_fail_memory(context);
    pick(&picker, x, length, flags);
    HhStatus status = hh_events_make(context, flags, length, HH_UNITS_FRAMES, 1, 1.0, peaks);
    hh_free(context, flags);
    return status;
}

/* ---- backtracking ---- */

static void backtrack(const float *energy, size_t length, const int64_t *events, size_t count,
                      int64_t *moved)
{
    for (size_t e = 0; e < count; e++) {
        int64_t i = HH_MIN(events[e], (int64_t)length - 2);
        while (i > 0 && !(energy[i] <= energy[i - 1] && energy[i] < energy[i + 1])) i--;
        moved[e] = HH_MAX(i, 0);
    }
}

HhStatus hh_onset_backtrack(HhContext *context, const int64_t *events, size_t count,
                            const float *energy, size_t length, HhArray *moved)
{
    if (!events || count == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "there are no events to move");
    if (!energy || length == 0) return hh_fail(context, HH_ERROR_EMPTY, "the energy is empty");
    for (size_t e = 0; e < count; e++)
        if (events[e] < 0)
            return hh_fail(context, HH_ERROR_ARGUMENT, "event %zu lies before frame 0", e);
    HH_TRY(hh_array_make(context, moved, HH_INT64, 1, count));
    backtrack(energy, length, events, count, moved->data);
    return HH_OK;
}

/* ---- detection ---- */

void hh_onset_detect_defaults(HhOnsetDetectParams *params)
{
    *params = (HhOnsetDetectParams){.size = sizeof *params,
                                    .hop_length = 512,
                                    .units = HH_UNITS_FRAMES,
                                    .normalize = true,
                                    .sparse = true,
                                    .peak = {sizeof(HhPeakPickParams), (double)NAN, (double)NAN,
                                             (double)NAN, (double)NAN, (double)NAN, (double)NAN}};
}

/* librosa's floor division of doubles. */
static double frames_of(double seconds, double rate, size_t hop)
{
    double samples = seconds * rate;
    return round((samples - fmod(samples, (double)hop)) / (double)hop);
}

static void fill_peak_defaults(HhPeakPickParams *p, double rate, size_t hop)
{
    if (isnan(p->pre_max)) p->pre_max = frames_of(0.03, rate, hop);
    if (isnan(p->post_max)) p->post_max = 1.0;
    if (isnan(p->pre_avg)) p->pre_avg = frames_of(0.10, rate, hop);
    if (isnan(p->post_avg)) p->post_avg = frames_of(0.10, rate, hop) + 1.0;
    if (isnan(p->wait)) p->wait = frames_of(0.03, rate, hop);
    if (isnan(p->delta)) p->delta = 0.07;
}

/* Envelope scaled to [0, 1]; true if there is anything in it. */
static bool scale(const HhKernels *k, const float *x, size_t length, bool normalize, float *y)
{
    memcpy(y, x, length * sizeof *y);
    if (normalize) {
        float low = k->vector->min_f32(x, length);
        for (size_t t = 0; t < length; t++) y[t] -= low;
        float range = k->vector->max_f32(y, length) + 1.17549435e-38f;
        for (size_t t = 0; t < length; t++) y[t] /= range;
    }
    return k->vector->max_abs_f32(y, length) > 0.0f;
}

/* Scaled envelopes and flags of all channels; no flags if nothing rises anywhere, or anything is
 * not finite. */
static void detect(HhContext *context, const HhSignal *envelope, bool normalize,
                   const Picker *picker, float *scaled, unsigned char *flags)
{
    const HhKernels *k = hh_kernels(context);
    size_t frames = envelope->length, channels = (size_t)envelope->channels;
    bool any = false;
    for (size_t c = 0; c < channels; c++) {
        if (!k->vector->finite_f32(envelope->channel[c], frames)) return;
        any |= scale(k, envelope->channel[c], frames, normalize, scaled + c * frames);
    }
    for (size_t c = 0; any && c < channels; c++)
        pick(picker, scaled + c * frames, frames, flags + c * frames);
}

static HhStatus list_onsets(HhContext *context, const HhOnsetDetectParams *p, const float *scaled,
                            size_t length, const unsigned char *flags, double rate, HhArray *onsets)
{
    HhArray frames = HH_ARRAY_INIT;
    HH_TRY(hh_events_make(context, flags, length, HH_UNITS_FRAMES, p->hop_length, rate, &frames));
    if (p->backtrack && frames.shape[0] > 0) {
        const float *energy = p->energy ? p->energy : scaled;
        backtrack(energy, p->energy ? p->energy_length : length, frames.data, frames.shape[0],
                  frames.data);
    }
    HhStatus status = hh_events_convert(context, frames.data, frames.shape[0], p->units,
                                        p->hop_length, rate, onsets);
    hh_array_free(&frames);
    return status;
}

static HhStatus read_detect(HhContext *context, const HhSignal *y, const HhOnsetDetectParams *given,
                            HhOnsetDetectParams *p)
{
    hh_onset_detect_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the hop must be at least one sample");
    if (p->backtrack && !p->sparse)
        return hh_fail(context, HH_ERROR_ARGUMENT, "backtracking needs a list of onsets (sparse)");
    if (p->energy && p->energy_length == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "the energy is empty");
    return y ? hh_events_check(context, y, p->sparse, p->units) : HH_OK;
}

HhStatus hh_onset_detect_envelope(HhContext *context, const HhSignal *envelope,
                                  const HhOnsetDetectParams *params, HhArray *onsets)
{
    HhOnsetDetectParams p;
    HH_TRY(read_detect(context, envelope, params, &p));
    HH_TRY(hh_envelope_check(context, envelope, p.hop_length, false));
    fill_peak_defaults(&p.peak, envelope->rate, p.hop_length);
    Picker picker;
    HH_TRY(read_picker(context, &p.peak, &picker));
    size_t frames = envelope->length, channels = (size_t)envelope->channels;
    unsigned char *flags = hh_zalloc(context, channels * frames, 1);
    float *scaled = hh_alloc(context, channels * frames, sizeof *scaled);
    HhStatus status = flags && scaled ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) detect(context, envelope, p.normalize, &picker, scaled, flags);
    if (status == HH_OK && p.sparse)
        status = list_onsets(context, &p, scaled, frames, flags, envelope->rate, onsets);
    else if (status == HH_OK &&
             (status = hh_array_make(context, onsets, HH_BOOL, 2, channels, frames)) == HH_OK)
        memcpy(onsets->data, flags, channels * frames);
    hh_free(context, scaled);
    hh_free(context, flags);
    return status;
}

HhStatus hh_onset_detect(HhContext *context, const HhSignal *y, const HhOnsetDetectParams *params,
                         HhArray *onsets)
{
    HhOnsetDetectParams p;
    HH_TRY(read_detect(context, y, params, &p));
    HhEnvelope envelope;
    HH_TRY(hh_envelope_make(context, y, p.hop_length, HH_AGGREGATE_MEAN, &envelope));
    HhStatus status = hh_onset_detect_envelope(context, &envelope.signal, &p, onsets);
    hh_envelope_free(&envelope);
    return status;
}
