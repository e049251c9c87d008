/* Onsets: peaks of the onset strength that stand out of their surroundings.
 *
 * S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
 * methods", ISMIR 2012 (peaks); T. Jehan, "Creating music by listening", MIT 2005 (backtracking).
 * All in the type of the envelope, sums from left to right, as librosa, so that ties fall the same
 * way. Cost: a window of some ten frames for each frame that is a local maximum. */
#include <float.h>
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

#define REAL     float
#define REAL_MIN FLT_MIN
#define NAME(x)  x##_f32
#include "rhythm/peaks_of.h"
#define REAL     double
#define REAL_MIN DBL_MIN
#define NAME(x)  x##_f64
#include "rhythm/peaks_of.h"

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
    pick_f32(&picker, x, length, flags);
    HhStatus status = hh_events_make(context, flags, length, HH_UNITS_FRAMES, 1, 1.0, peaks);
    hh_free(context, flags);
    return status;
}

HhStatus hh_peak_flags(HhContext *context, const HhSignal *x, const HhPeakPickParams *params,
                       HhArray *flags)
{
    HhPeakPickParams p;
    hh_peak_pick_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    Picker picker;
    HH_TRY(read_picker(context, &p, &picker));
    HH_TRY(hh_envelope_check(context, x, 1, false));
    size_t channels = (size_t)x->channels, length = x->length;
    HH_TRY(hh_array_make(context, flags, HH_BOOL, 2, channels, length));
    unsigned char *flag = flags->data;
    for (size_t c = 0; c < channels; c++, flag += length)
        if (x->channel_f64)
            pick_f64(&picker, x->channel_f64[c], length, flag);
        else
            pick_f32(&picker, x->channel[c], length, flag);
    return HH_OK;
}

/* ---- backtracking ---- */

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
    backtrack_f32(energy, length, events, count, moved->data);
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

/* The envelopes of all channels, scaled to [0, 1], in the type that they have. */
typedef struct Scaled {
    float *f32;
    double *f64;
} Scaled;

static HhStatus scaled_make(HhContext *context, const HhSignal *envelope, Scaled *scaled)
{
    size_t count = (size_t)envelope->channels * envelope->length;
    *scaled = (Scaled){0};
    if (envelope->channel_f64)
        scaled->f64 = hh_alloc(context, count, sizeof(double));
    else
        scaled->f32 = hh_alloc(context, count, sizeof(float));
    return scaled->f32 || scaled->f64 ? HH_OK : hh_fail_memory(context);
}

static bool all_finite(const HhSignal *envelope)
{
    for (int c = 0; c < envelope->channels; c++)
        if (envelope->channel_f64 ? !hh_finite_f64(envelope->channel_f64[c], envelope->length)
                                  : !hh_finite_f32(envelope->channel[c], envelope->length))
            return false;
    return true;
}

/* Scaled envelopes and flags of all channels; no flags if nothing rises anywhere, or anything is
 * not finite. */
static void detect(const HhSignal *envelope, bool normalize, const Picker *picker,
                   const Scaled *scaled, unsigned char *flags)
{
    size_t frames = envelope->length, channels = (size_t)envelope->channels;
    bool any = false;
    if (!all_finite(envelope)) return;
    for (size_t c = 0; c < channels; c++)
        any |=
            scaled->f64
                ? scale_f64(envelope->channel_f64[c], frames, normalize, scaled->f64 + c * frames)
                : scale_f32(envelope->channel[c], frames, normalize, scaled->f32 + c * frames);
    for (size_t c = 0; any && c < channels; c++)
        if (scaled->f64)
            pick_f64(picker, scaled->f64 + c * frames, frames, flags + c * frames);
        else
            pick_f32(picker, scaled->f32 + c * frames, frames, flags + c * frames);
}

static HhStatus list_onsets(HhContext *context, const HhOnsetDetectParams *p, const Scaled *scaled,
                            size_t length, const unsigned char *flags, double rate, HhArray *onsets)
{
    HhArray frames = HH_ARRAY_INIT;
    HH_TRY(hh_events_make(context, flags, length, HH_UNITS_FRAMES, p->hop_length, rate, &frames));
    size_t count = frames.shape[0];
    if (p->backtrack && count > 0) {
        if (p->energy)
            backtrack_f32(p->energy, p->energy_length, frames.data, count, frames.data);
        else if (scaled->f64)
            backtrack_f64(scaled->f64, length, frames.data, count, frames.data);
        else
            backtrack_f32(scaled->f32, length, frames.data, count, frames.data);
    }
    HhStatus status =
        hh_events_convert(context, frames.data, count, p->units, p->hop_length, rate, onsets);
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
    Scaled scaled;
    HhStatus status = scaled_make(context, envelope, &scaled);
    if (!flags) status = hh_fail_memory(context);
    if (status == HH_OK) detect(envelope, p.normalize, &picker, &scaled, flags);
    if (status == HH_OK && p.sparse)
        status = list_onsets(context, &p, &scaled, frames, flags, envelope->rate, onsets);
    else if (status == HH_OK &&
             (status = hh_array_make(context, onsets, HH_BOOL, 2, channels, frames)) == HH_OK)
        memcpy(onsets->data, flags, channels * frames);
    hh_free(context, scaled.f32);
    hh_free(context, scaled.f64);
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
