/* What the files of this room share: parameters, envelopes, events. */
#ifndef HH_ENVELOPE_H
#define HH_ENVELOPE_H

#include "rhythm/rhythm.h"
#include "spectral/tiles.h"

/* An envelope with the memory behind it. */
typedef struct HhEnvelope {
    HhArray array;
    const float **channel; /* or */
    const double **channel_f64;
    HhSignal signal;
    HhContext *context;
} HhEnvelope;

/* Channel `channel` of an envelope. */
HhCurve hh_curve(const HhSignal *envelope, int channel);

/* hh_onset_strength() with these and otherwise default parameters, in double if y is. Leaves
 * nothing to free on failure. */
HhStatus hh_envelope_make(HhContext *context, const HhSignal *y, size_t hop_length,
                          HhAggregate aggregate, HhEnvelope *envelope);
void hh_envelope_free(HhEnvelope *envelope);

/* At least one channel and frame, a rate and hop above 0; with `finite`, no NaN or infinity. */
HhStatus hh_envelope_check(HhContext *context, const HhSignal *envelope, size_t hop_length,
                           bool finite);
/* HH_ERROR_ARGUMENT if a list of events is wanted for several channels. */
HhStatus hh_events_check(HhContext *context, const HhSignal *envelope, bool sparse, HhUnits units);
/* The frames whose flag is set, in `units`. */
HhStatus hh_events_make(HhContext *context, const unsigned char *flags, size_t frames,
                        HhUnits units, size_t hop_length, double rate, HhArray *events);
/* Frames as they are, turned into `units` in a new array. */
HhStatus hh_events_convert(HhContext *context, const int64_t *frames, size_t count, HhUnits units,
                           size_t hop_length, double rate, HhArray *events);

#endif
