/* The lines of a whole signal's spectrum around one frequency, in one pass.
 *
 * The energy below an edge is a sum over the lines k / T of a signal of T seconds. Windows blur
 * them, so that a strong tone within the blur of the edge is divided otherwise than by its lines.
 * Here the band around the edge is filtered out, decimated and kept; at the end its lines are
 * computed one by one. What the windows say is faded out towards the edge, and the lines take
 * over:
 *
 *     energy below = sum of the windows' power * hh_zoom_weight() + hh_zoom_energy() */
#ifndef HH_ZOOM_H
#define HH_ZOOM_H

#include "base/base.h"

typedef struct HhZoom HhZoom;

/* Around `hz` of a signal at `rate`, both > 0 and hz + HH_ZOOM_MOST < rate / 2. */
HhStatus hh_zoom_create(HhContext *context, double hz, double rate, HhZoom **zoom);
void hh_zoom_destroy(HhZoom *zoom); /* accepts NULL */
HhStatus hh_zoom_push(HhZoom *zoom, const float *x, size_t count);

/* Half the width of the band, Hz, at most HH_ZOOM_MOST: a few hundred lines, because the skirts of
 * a tone fall with the distance in lines. */
#define HH_ZOOM_MOST 6.0
double hh_zoom_reach(double duration_s);
/* Of what lies `hz` above the edge: 1 below the band, 0 above it, falling as half a sine within. */
double hh_zoom_weight(double hz, double reach);
/* After the last sample: sum over the lines f = k / duration of |X(f)|^2 (1 for f < edge, else 0,
 * less the weight), both signs of f. X is the transform of the samples as pushed. Cost: 10 ns per
 * thousand samples and line. */
HhStatus hh_zoom_energy(HhZoom *zoom, double duration_s, double *energy);

#endif
