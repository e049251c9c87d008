/* Chromagrams of a variable-Q transform: see heihachi/harmony.h. A class is an interval, so that
 * the fold has no bins to merge; all else is chroma.c's. */
#include <math.h>

#include "harmony/chroma.h"

void hh_chroma_vqt_defaults(HhChromaVqtParams *params)
{
    *params = (HhChromaVqtParams){.size = sizeof *params,
                                  .hop_length = 512,
                                  .norm = HUGE_VAL,
                                  .n_octaves = 7,
                                  .bins_per_octave = 12};
}

static HhStatus read_params(HhContext *context, const HhChromaVqtParams *given,
                            HhChromaVqtParams *p, HhChromaCqtParams *fold)
{
    hh_chroma_vqt_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    hh_chroma_cqt_defaults(fold);
    fold->fmin = p->fmin;
    fold->norm = p->norm;
    fold->threshold = p->threshold;
    fold->n_chroma = p->bins_per_octave;
    fold->bins_per_octave = p->bins_per_octave;
    return HH_OK;
}

HhStatus hh_chroma_vqt(HhContext *context, const HhSignal *y, const HhChromaVqtParams *params,
                       HhArray *out)
{
    HhChromaVqtParams p;
    HhChromaCqtParams classes;
    HH_TRY(read_params(context, params, &p, &classes));
    if (p.n_octaves == 0 || p.n_octaves > 64)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu octaves are outside 1..64", p.n_octaves);
    HhCqtParams vqt;
    hh_cqt_defaults(&vqt);
    vqt.hop_length = p.hop_length;
    vqt.fmin = p.fmin;
    vqt.intervals = p.intervals;
    vqt.bins_per_octave = p.bins_per_octave;
    vqt.gamma = p.gamma;
    HhChromaFold *fold;
    vqt.n_bins = p.n_octaves * HH_MIN(p.bins_per_octave, (size_t)1025); /* beyond 1024: refused */
    HH_TRY(hh_chroma_fold_make(context, vqt.n_bins, &classes, true, &fold));
    HhCqtPlan *plan = NULL;
    HhStatus status = hh_harmony_begin(context, y, vqt.bins_per_octave, &vqt.tuning);
    if (status == HH_OK) status = hh_cqt_plan_create(context, &vqt, true, y->rate, &plan);
    if (status == HH_OK) status = hh_chroma_signal(context, plan, fold, y, out);
    hh_cqt_plan_destroy(plan);
    hh_chroma_fold_destroy(fold);
    return status;
}

HhStatus hh_chroma_from_vqt(HhContext *context, const HhArray *magnitudes,
                            const HhChromaVqtParams *params, HhArray *out)
{
    HhChromaVqtParams p;
    HhChromaCqtParams classes;
    HH_TRY(read_params(context, params, &p, &classes));
    return hh_chroma_from_cqt(context, magnitudes, &classes, out);
}
