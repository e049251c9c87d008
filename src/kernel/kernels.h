/* The kernels of one CPU level, chosen once per call: const HhKernels *k = hh_kernels(context). */
#ifndef HH_KERNELS_H
#define HH_KERNELS_H

#include "base/base.h"
#include "kernel/fft.h"
#include "kernel/fft_plan.h"
#include "kernel/fftpack.h"
#include "kernel/harmony.h"
#include "kernel/mask.h"
#include "kernel/matrix.h"
#include "kernel/median.h"
#include "kernel/loudness.h"
#include "kernel/peaks.h"
#include "kernel/phase.h"
#include "kernel/rhythm.h"
#include "kernel/spectral.h"
#include "kernel/vector.h"
#include "kernel/viterbi.h"
#include "kernel/yin.h"

typedef struct HhKernels {
    HhCpuLevel level;
    const HhFftKernels *fft;
    const HhFftpackKernels *fftpack;
    const HhHarmonyKernels *harmony;
    const HhMaskKernels *mask;
    const HhMatrixKernels *matrix; /* [2]: of float, of double */
    const HhMedianKernels *median;
    const HhLoudnessKernels *loudness;
    const HhPeakKernels *peaks;
    const HhPhaseKernels *phase;
    const HhRhythmKernels *rhythm;
    const HhSpectralKernels *spectral;
    const HhVectorKernels *vector;
    const HhViterbiKernels *viterbi;
    const HhYinKernels *yin;
} HhKernels;

const HhKernels *hh_kernels(const HhContext *context);
/* The table of one level; NULL if this build or machine lacks it. For tests and benches. */
const HhKernels *hh_kernels_at(HhCpuLevel level);

#endif
