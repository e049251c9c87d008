/* Windows, in double. */
#ifndef HH_WINDOW_H
#define HH_WINDOW_H

#include "base/base.h"
#include "heihachi/spectral.h"

/* w[length]; periodic (scipy.signal.get_window with fftbins) or symmetric. HH_WINDOW_CUSTOM copies values[length]. */
HhStatus hh_window_make(HhContext *context, const HhWindow *window, size_t length, bool periodic, double *w);

#endif
