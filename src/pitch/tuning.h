/* What the estimates of tuning share: classes of residuals, and the peaks of whole signals. */
#ifndef HH_TUNING_H
#define HH_TUNING_H

#include "pitch/pitch.h"
#include "spectral/tiles.h"

typedef struct HhTuningClasses {
    size_t count;
    double *edges;    /* [count + 1]: -0.5 .. 0.5 */
    uint64_t *filled; /* [count] */
} HhTuningClasses;

void hh_tuning_edges(double *edges, size_t count);
/* The class with edges[i] <= residual < edges[i + 1]. */
size_t hh_tuning_class(const double *edges, size_t count, double residual);
/* Each step rounded to float. */
double hh_tuning_residual(float hz, int bins_per_octave);
double hh_tuning_residual_f64(double hz, int bins_per_octave);

/* Counts the stronger half of the peaks of all frames into the classes; *any is false if there was
 * no peak. `source` is of kind HH_TILE_MAGNITUDE or HH_TILE_GIVEN. */
HhStatus hh_tuning_fill(HhContext *context, HhTileSource *source, const HhTuningParams *params,
                        double rate, HhTuningClasses *classes, bool *any);

#endif
