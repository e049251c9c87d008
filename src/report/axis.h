/* Axes: where a value stands, and which values get a tick. No drawing. */
#ifndef HH_REPORT_AXIS_H
#define HH_REPORT_AXIS_H

#include <stddef.h>

typedef enum HhScale { HH_SCALE_LINEAR, HH_SCALE_LOG, HH_SCALE_MEL } HhScale;
typedef enum HhAxisKind {
    HH_AXIS_NUMBER,
    HH_AXIS_TIME,
    HH_AXIS_HERTZ,
    HH_AXIS_BPM,
    HH_AXIS_PITCH_CLASS
} HhAxisKind;

typedef struct HhAxis {
    HhScale scale;
    HhAxisKind kind;
    double low, high; /* low < high; both > 0 for HH_SCALE_LOG */
} HhAxis;

typedef struct HhTick {
    double share; /* position, [0, 1] */
    char label[32];
} HhTick;

#define HH_TICKS_MAX 24

double hh_axis_share(const HhAxis *axis, double value);
double hh_axis_value(const HhAxis *axis, double share);
/* Ticks for an axis of `length` units that stand at least `spacing` apart; returns their number. */
size_t hh_axis_ticks(const HhAxis *axis, double length, double spacing, HhTick ticks[HH_TICKS_MAX]);
/* "time (s)", or with minutes or hours, as the ticks have it. */
const char *hh_axis_time_label(const HhAxis *axis);

#endif
