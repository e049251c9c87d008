/* Compiled once per level: collects the tables of the kernel files of this level. */
#include "kernel/kernels.h"

#include "kernel/level.h"

extern const HhFftKernels HH_AT_LEVEL(hh_fft_kernels);
extern const HhFftpackKernels HH_AT_LEVEL(hh_fftpack_kernels);
extern const HhHarmonyKernels HH_AT_LEVEL(hh_harmony_kernels);
extern const HhMaskKernels HH_AT_LEVEL(hh_mask_kernels);
extern const HhMatrixTables HH_AT_LEVEL(hh_matrix_kernels);
extern const HhMedianKernels HH_AT_LEVEL(hh_median_kernels);
extern const HhLoudnessKernels HH_AT_LEVEL(hh_loudness_kernels);
extern const HhPeakKernels HH_AT_LEVEL(hh_peak_kernels);
extern const HhPhaseKernels HH_AT_LEVEL(hh_phase_kernels);
extern const HhRhythmKernels HH_AT_LEVEL(hh_rhythm_kernels);
extern const HhSpectralKernels HH_AT_LEVEL(hh_spectral_kernels);
extern const HhVectorKernels HH_AT_LEVEL(hh_vector_kernels);
extern const HhViterbiKernels HH_AT_LEVEL(hh_viterbi_kernels);
extern const HhYinKernels HH_AT_LEVEL(hh_yin_kernels);
extern const HhKernels HH_AT_LEVEL(hh_kernel_table);

const HhKernels HH_AT_LEVEL(hh_kernel_table) = {
    .level = HH_LEVEL_ID,
    .harmony = &HH_AT_LEVEL(hh_harmony_kernels),
    .mask = &HH_AT_LEVEL(hh_mask_kernels),
    .matrix = HH_AT_LEVEL(hh_matrix_kernels),
    .median = &HH_AT_LEVEL(hh_median_kernels),
    .loudness = &HH_AT_LEVEL(hh_loudness_kernels),
    .peaks = &HH_AT_LEVEL(hh_peak_kernels),
    .phase = &HH_AT_LEVEL(hh_phase_kernels),
    .rhythm = &HH_AT_LEVEL(hh_rhythm_kernels),
    .spectral = &HH_AT_LEVEL(hh_spectral_kernels),
    .vector = &HH_AT_LEVEL(hh_vector_kernels),
    .viterbi = &HH_AT_LEVEL(hh_viterbi_kernels),
    .yin = &HH_AT_LEVEL(hh_yin_kernels),
    .fft = &HH_AT_LEVEL(hh_fft_kernels),
    .fftpack = &HH_AT_LEVEL(hh_fftpack_kernels),
};
