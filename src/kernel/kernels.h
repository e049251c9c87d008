/* The kernels of one CPU level, chosen once per call: const HhKernels *k = hh_kernels(context). */
#ifndef HH_KERNELS_H
#define HH_KERNELS_H

#include "base/base.h"
#include "kernel/fft.h"
#include "kernel/fft_plan.h"
#include "kernel/rhythm.h"
#include "kernel/vector.h"

typedef struct HhKernels {
    HhCpuLevel level;
    const HhFftKernels *fft;
    const HhRhythmKernels *rhythm;
    const HhVectorKernels *vector;
} HhKernels;

const HhKernels *hh_kernels(const HhContext *context);
/* The table of one level; NULL if this build or machine lacks it. For tests and benches. */
const HhKernels *hh_kernels_at(HhCpuLevel level);

#endif
