/* An inverse short-time Fourier transform that is prepared once and run often. */
#ifndef HH_ISTFT_H
#define HH_ISTFT_H

#include "base/base.h"
#include "heihachi/spectral.h"

typedef struct HhInverse HhInverse;

/* For spectra {channels, frames, bins} of HH_COMPLEX64 or HH_COMPLEX128; `params` as hh_istft()'s,
 * read already. */
HhStatus hh_inverse_create(HhContext *context, HhType type, size_t channels, size_t frames,
                           size_t bins, const HhIstftParams *params, HhInverse **inverse);
void hh_inverse_destroy(HhInverse *inverse);        /* accepts NULL */
size_t hh_inverse_length(const HhInverse *inverse); /* samples per channel */
/* `y` is [channels][length], float or double as the spectrum. */
void hh_inverse_run(HhInverse *inverse, const void *spectrum, void *y);

/* HH_OK if `spectrum` is complex {channels, frames, bins}, none of them 0. */
HhStatus hh_spectrum_check(HhContext *context, const HhArray *spectrum);

#endif
