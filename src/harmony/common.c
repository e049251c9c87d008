/* What the functions of this folder begin with. */
#include <math.h>

#include "harmony/harmony.h"
#include "heihachi/pitch.h"
#include "spectral/tiles.h"

static HhStatus check_rest(HhContext *context, const HhSignal *y)
{
    HH_TRY(hh_rate_check(context, y->rate));
    if (y->length == 0) return hh_fail(context, HH_ERROR_EMPTY, "the signal has no samples");
    return HH_OK;
}

HhStatus hh_harmony_check(HhContext *context, const HhSignal *y)
{
    HH_TRY(hh_signal_check(context, y));
    return check_rest(context, y);
}

HhStatus hh_harmony_check_either(HhContext *context, const HhSignal *y)
{
    HH_TRY(hh_signal_check_either(context, y));
    return check_rest(context, y);
}

HhStatus hh_harmony_begin(HhContext *context, const HhSignal *y, size_t bins_per_octave,
                          double *tuning)
{
    if (!isnan(*tuning)) return hh_harmony_check(context, y);
    if (bins_per_octave == 0 || bins_per_octave > 1024)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu bins per octave are outside 1..1024",
                       bins_per_octave);
    HH_TRY(hh_channels_check(context, y)); /* the tuning would also be found of doubles */
    if (y->length == 0) return hh_fail(context, HH_ERROR_EMPTY, "the signal has no samples");
    HhTuningParams params;
    hh_tuning_defaults(&params);
    params.bins_per_octave = (int)bins_per_octave;
    return hh_estimate_tuning(context, y, &params, tuning);
}
