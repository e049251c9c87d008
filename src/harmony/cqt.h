/* What the constant-Q files share: the plan, and frames from the levels of the decimation chain.
 * Internal to harmony/; for the method see cqt.c. */
#ifndef HH_CQT_H
#define HH_CQT_H

#include "harmony/basis.h"
#include "harmony/chain.h"
#include "harmony/chroma.h"
#include "harmony/harmony.h"
#include "kernel/kernels.h"

enum { HH_CQT_SIZES = 21 };

typedef struct HhOctave {
    size_t first, bins; /* rows of the result */
    int level;          /* of the decimation chain */
    size_t hop, n_fft;  /* samples at that level */
    const HhFft *fft;
    HhSparse basis;    /* scaled */
    double relative;   /* the basis over that of the octave above; 0: not a multiple of it */
    size_t low, count; /* bins that the basis looks at: low .. low + count - 1 */
} HhOctave;

struct HhCqtPlan {
    HhContext *context;
    const HhKernels *kernels;
    HhFft *fft[HH_CQT_SIZES]; /* by the binary logarithm of the size */
    HhOctave *octave;
    size_t octaves, bins;
    int halvings, levels;
    float undo[HH_CHAIN_LEVELS]; /* what the chain gained on the way to each level */
    HhPad pad;
};

/* Rows of one octave that are there already, as tiles of frames [octave->bins][HH_TILE]. */
typedef struct HhCqtRows {
    float *re, *im; /* NULL: they are not */
    float least;    /* a frame whose values are all smaller is transformed by itself */
} HhCqtRows;

/* What becomes of the frames. */
typedef struct HhCqtOutput {
    enum { HH_CQT_COMPLEX, HH_CQT_MAGNITUDE, HH_CQT_CHROMA } kind;
    const HhChromaFold *fold;
    float *frames;         /* the first frame's values */
    size_t stride;         /* floats from frame to frame */
    const HhCqtRows *rows; /* [octaves], from frame 0 on; NULL: none */
    size_t precise;        /* so many octaves, the lowest ones, by double transforms */
} HhCqtOutput;

HhCqtOutput hh_cqt_output(const HhCqtPlan *plan, bool magnitude, const HhChromaFold *fold,
                          float *frames);
/* Bytes of scratch for hh_cqt_of_levels(). */
size_t hh_cqt_tile_scratch(const HhCqtPlan *plan);
/* Frames first .. first + count - 1; `first` is a multiple of HH_TILE where there are rows. */
void hh_cqt_of_levels(const HhCqtPlan *plan, const HhStretch *levels, size_t first, size_t count,
                      const HhCqtOutput *output, void *scratch);
/* The samples under `count` frames from `frame` on, at the octave's level: in place, or in `copy`
 * with what is around the signal. */
const float *hh_octave_samples(const HhCqtPlan *plan, const HhOctave *octave,
                               const HhStretch *level, size_t frame, size_t count, float *copy);

#endif
