/* See axis.h. Ticks stand on round values: 1, 2, 5 for numbers, parts of a minute for time, octaves
 * of a second for BPM. */
#include "report/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "report/fields.h"
#include "report/text.h"

/* Mel by Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above. */
static double mel(double hz)
{
    return hz < 1000.0 ? hz * 3.0 / 200.0 : 15.0 + 27.0 * log(hz / 1000.0) / log(6.4);
}

static double hertz_of_mel(double m)
{
    return m < 15.0 ? m * 200.0 / 3.0 : 1000.0 * exp((m - 15.0) * log(6.4) / 27.0);
}

static double forward(const HhAxis *axis, double value)
{
    switch (axis->scale) {
    case HH_SCALE_LOG:
        return log(value);
    case HH_SCALE_MEL:
        return mel(value);
    default:
        return value;
    }
}

double hh_axis_share(const HhAxis *axis, double value)
{
    double low = forward(axis, axis->low), high = forward(axis, axis->high);
    return (forward(axis, value) - low) / (high - low);
}

double hh_axis_value(const HhAxis *axis, double share)
{
    double low = forward(axis, axis->low), high = forward(axis, axis->high),
           at = low + share * (high - low);
    switch (axis->scale) {
    case HH_SCALE_LOG:
        return exp(at);
    case HH_SCALE_MEL:
        return hertz_of_mel(at);
    default:
        return at;
    }
}

/* ---- steps and labels */

/* The smallest round step that keeps ticks `least` apart. */
static double round_step(double least)
{
    double decade = pow(10.0, floor(log10(least)));
    double share = least / decade;
    return decade * (share <= 1.0 ? 1.0 : share <= 2.0 ? 2.0 : share <= 5.0 ? 5.0 : 10.0);
}

static double time_step(double least)
{
    static const double steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200};
    if (least < 1.0) return round_step(least);
    for (size_t i = 0; i < HH_COUNT(steps); i++)
        if (steps[i] >= least) return steps[i];
    return 3600.0 * round_step(least / 3600.0);
}

/* Numbers with a '.' in any locale. */
static void number_label(char *label, size_t room, double value, double step)
{
    int decimals = step < 1.0 ? (int)ceil(-log10(step) - 1e-9) : 0;
    snprintf(label, room, "%.*f", HH_MIN(decimals, 9), fabs(value) < 0.5 * step ? 0.0 : value);
    for (char *c = label; *c; c++)
        if (*c == ',') *c = '.';
}

static void time_label(char *label, size_t room, double value, double step, double end)
{
    if (end < 60.0) {
        number_label(label, room, value, step);
        return;
    }
    long seconds = lrint(value), hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (end >= 3600.0)
        snprintf(label, room, "%ld:%02ld:%02ld", hours, minutes, seconds % 60);
    else
        snprintf(label, room, "%ld:%02ld", minutes, seconds % 60);
}

const char *hh_axis_time_label(const HhAxis *axis)
{
    return axis->high < 60.0 ? "time (s)" : axis->high < 3600.0 ? "time (min:s)" : "time (h:min:s)";
}

static void hertz_label(char *label, size_t room, double value)
{
    if (value >= 1000.0)
        snprintf(label, room, "%ldk", lrint(value / 1000.0));
    else
        snprintf(label, room, "%ld", lrint(value));
}

/* ---- which values */

typedef struct Ticks {
    const HhAxis *axis;
    double length, spacing;
    HhTick *list;
    size_t count;
} Ticks;

/* Room for the tick of this value, or NULL if it is off the axis or too near the one before. */
static HhTick *add(Ticks *t, double value)
{
    double share = hh_axis_share(t->axis, value);
    if (!(share > -1e-6 && share < 1.0 + 1e-6) || t->count == HH_TICKS_MAX) return NULL;
    if (t->count && (share - t->list[t->count - 1].share) * t->length < t->spacing) return NULL;
    HhTick *tick = &t->list[t->count++];
    tick->share = share;
    return tick;
}

static void regular(Ticks *t)
{
    const HhAxis *axis = t->axis;
    double least = (axis->high - axis->low) * t->spacing / t->length;
    double step = axis->kind == HH_AXIS_TIME ? time_step(least) : round_step(least);
    for (double k = ceil(axis->low / step - 1e-6); k * step <= axis->high + 1e-6 * step; k++) {
        HhTick *tick = add(t, k * step);
        if (!tick) continue;
        if (axis->kind == HH_AXIS_TIME)
            time_label(tick->label, sizeof tick->label, k * step, step, axis->high);
        else
            number_label(tick->label, sizeof tick->label, k * step, step);
    }
}

static void chosen(Ticks *t, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HhTick *tick = add(t, values[i]);
        if (!tick) continue;
        if (t->axis->kind == HH_AXIS_HERTZ)
            hertz_label(tick->label, sizeof tick->label, values[i]);
        else
            number_label(tick->label, sizeof tick->label, values[i], 1.0);
    }
}

static void pitch_classes(Ticks *t)
{
    for (int i = 0; i < 12; i++) {
        HhTick *tick = add(t, i + 0.5);
        if (tick) snprintf(tick->label, sizeof tick->label, "%s", hh_pitch_class_names[i]);
    }
}

size_t hh_axis_ticks(const HhAxis *axis, double length, double spacing, HhTick ticks[HH_TICKS_MAX])
{
    static const double octaves[] = {20,   50,   100,   200,   500,   1000,
                                     2000, 5000, 10000, 20000, 50000, 100000};
    static const double mels[] = {0, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000};
    static const double bpm[] = {15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960};
    Ticks t = {axis, length, spacing, ticks, 0};
    if (axis->kind == HH_AXIS_PITCH_CLASS)
        pitch_classes(&t);
    else if (axis->kind == HH_AXIS_HERTZ && axis->scale == HH_SCALE_LOG)
        chosen(&t, octaves, HH_COUNT(octaves));
    else if (axis->kind == HH_AXIS_HERTZ)
        chosen(&t, mels, HH_COUNT(mels));
    else if (axis->kind == HH_AXIS_BPM && axis->scale == HH_SCALE_LOG)
        chosen(&t, bpm, HH_COUNT(bpm));
    else
        regular(&t);
    return t.count;
}
