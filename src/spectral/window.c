/* See window.h. Formulas: F. J. Harris, "On the use of windows for harmonic analysis with the DFT", Proc. IEEE 1978. */
#include "spectral/window.h"

#include <math.h>

HhStatus hh_window_make(HhContext *context, const HhWindow *window, size_t length, bool periodic, double *w)
{
    const double two_pi = 6.283185307179586;
    double period = (double)(periodic ? length : length - 1);
    switch (window->kind) {
    case HH_WINDOW_HANN:
        for (size_t n = 0; n < length; n++)
            w[n] = length == 1 ? 1.0 : 0.5 - 0.5 * cos(two_pi * (double)n / period);
        return HH_OK;
    case HH_WINDOW_BOXCAR:
        for (size_t n = 0; n < length; n++) w[n] = 1.0;
        return HH_OK;
    default:
        return hh_fail(context, HH_ERROR_UNSUPPORTED, "this window is not known");
    }
}
