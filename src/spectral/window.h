/* Windows, in double. */
#ifndef HH_WINDOW_H
#define HH_WINDOW_H

#include "base/base.h"
#include "heihachi/spectral.h"

/* w[length], length >= 1; periodic (scipy.signal.get_window with fftbins) or symmetric.
 * HH_WINDOW_CUSTOM copies values[length]. */
HhStatus hh_window_make(HhContext *context, const HhWindow *window, size_t length, bool periodic,
                        double *w);

/* A periodic window of `length` in the middle of w[size], (size - length) / 2 zeros before it;
 * length <= size. */
HhStatus hh_window_padded(HhContext *context, const HhWindow *window, size_t length, size_t size,
                          double *w);

/* Modified Bessel function of the first kind, order 0: Kaiser windows. */
double hh_bessel_i0(double x);

#endif
