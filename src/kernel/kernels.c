/* Compiled once per level: collects the tables of the kernel files of this level. */
#include "kernel/kernels.h"

#include "kernel/level.h"

extern const HhFftKernels HH_AT_LEVEL(hh_fft_kernels);
extern const HhRhythmKernels HH_AT_LEVEL(hh_rhythm_kernels);
extern const HhVectorKernels HH_AT_LEVEL(hh_vector_kernels);
extern const HhKernels HH_AT_LEVEL(hh_kernel_table);

const HhKernels HH_AT_LEVEL(hh_kernel_table) = {
    .level = HH_LEVEL_ID,
    .rhythm = &HH_AT_LEVEL(hh_rhythm_kernels),
    .vector = &HH_AT_LEVEL(hh_vector_kernels),
    .fft = &HH_AT_LEVEL(hh_fft_kernels),
};
