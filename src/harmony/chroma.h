/* Folding constant-Q magnitudes to classes. Internal to harmony/. */
#ifndef HH_CHROMA_H
#define HH_CHROMA_H

#include "harmony/harmony.h"
#include "kernel/harmony.h"

struct HhChromaFold {
    HhContext *context;
    HhSparse matrix; /* real, a row per class */
    double norm, threshold;
};

/* For `n_input` bins. */
HhStatus hh_chroma_fold_make(HhContext *context, size_t n_input, const HhChromaCqtParams *params,
                             bool base_c, HhChromaFold **fold);
/* Cuts rows[count][classes] at the threshold and normalises them. */
void hh_chroma_finish(const HhChromaFold *fold, float *rows, size_t count);

#endif
