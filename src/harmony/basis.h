/* The filters of the constant-Q transforms: frequencies, lengths, and their sparse spectra.
 * Internal to harmony/. */
#ifndef HH_BASIS_H
#define HH_BASIS_H

#include "base/base.h"
#include "heihachi/harmony.h"
#include "kernel/harmony.h"

#define HH_C1 32.70319566257483 /* Hz */

/* A row of filters; the arrays have `bins` values and belong to the grid. */
typedef struct HhGrid {
    HhContext *context;
    size_t bins;
    double *frequency; /* Hz, tuned, ascending */
    double *alpha;     /* bandwidth over frequency */
    double *gamma;     /* Hz, per bin */
    double filter_scale, norm, sparsity;
    HhWindow window;
    double cutoff; /* Hz: where the highest filter ends */
} HhGrid;

/* `equal`: ignore the intervals; `gamma` NAN: by hearing. params->tuning must be a number. */
HhStatus hh_grid_create(HhContext *context, const HhCqtParams *params, bool equal, double gamma,
                        HhGrid *grid);
/* Of any frequencies: copies what the parameters, which are checked here, point to. */
HhStatus hh_grid_of_wavelets(HhContext *context, const HhWaveletParams *params, HhGrid *grid);
void hh_grid_destroy(HhGrid *grid);

/* Length in samples of filter k, seldom whole. */
double hh_grid_length(const HhGrid *grid, size_t k, double rate);
/* The transform size for filters first .. first + count - 1: a power of two, 0 if there is none. */
size_t hh_grid_fft_size(const HhGrid *grid, size_t first, size_t count, double rate);

/* Samples of filter k at this rate, which says how many there are. */
size_t hh_grid_samples(const HhGrid *grid, size_t k, double rate);
/* Filter k: re[count], im[count] of hh_grid_samples(), and *scale, by which they are still to be
 * divided for the norm. `window` has room for count. */
HhStatus hh_grid_filter(HhContext *context, const HhGrid *grid, size_t k, double rate,
                        double *window, double *re, double *im, double *scale);

/* Spectra of filters first .. first + count - 1 at this rate; their magnitudes if `phaseless`. */
HhStatus hh_basis_create(HhContext *context, const HhGrid *grid, size_t first, size_t count,
                         double rate, size_t n_fft, bool phaseless, HhSparse *basis);
/* A copy with row r times scale[r]. */
HhStatus hh_sparse_scaled(HhContext *context, const HhSparse *from, const double *scale,
                          HhSparse *to);
void hh_sparse_free(HhContext *context, HhSparse *matrix);

#endif
