/* Filters of one length by overlap-save, for octaves whose frames overlap almost wholly.
 *
 * Where the hop is a small part of the filters' length, one transform of a long block serves
 * hundreds of frames: its spectrum times that of each filter, folded to the rate of the frames, and
 * a short inverse transform give the filter's output at each hop. In double throughout. */
#ifndef HH_OVERLAP_H
#define HH_OVERLAP_H

#include "base/base.h"
#include "kernel/kernels.h"

typedef struct HhOverlap HhOverlap;

/* Whether that is cheaper than a transform for each frame. */
bool hh_overlap_pays(size_t filters, size_t n_fft, size_t hop);

/* The filters whose spectra of size n_fft are the rows of `basis`. Constant after it is made; may
 * be shared by threads, and by octaves of different hops. */
HhStatus hh_overlap_create(HhContext *context, const HhSparse *basis, size_t n_fft,
                           HhOverlap **overlap);
void hh_overlap_destroy(HhOverlap *overlap); /* accepts NULL */

/* Samples of a block. */
size_t hh_overlap_block(size_t n_fft);
/* Frames of a block, a multiple of HH_TILE. */
size_t hh_overlap_frames(size_t n_fft, size_t hop);
size_t hh_overlap_scratch(const HhOverlap *overlap, size_t hop, const HhFft *inverse); /* bytes */

/* Frames of `count` <= HH_TILE blocks; those of block b follow those of block b - 1. samples: block
 * b starts at b * hh_overlap_block(). `inverse` is a transform of hh_overlap_block() / hop. Every
 * value times `gain` goes to tiles of frames, tile t at re + t * stride and im + t * stride:
 * [filters][HH_TILE]; tiles from `tiles` on are left out. */
void hh_overlap_run(const HhOverlap *overlap, size_t hop, const HhFft *inverse,
                    const float *samples, int count, double gain, float *re, float *im,
                    size_t stride, size_t tiles, void *scratch);

#endif
