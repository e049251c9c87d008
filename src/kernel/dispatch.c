/* Chooses the table of kernels for a context. */
#include "base/platform.h"
#include "kernel/kernels.h"

extern const HhKernels hh_kernel_table_base;
#if defined(__x86_64__)
extern const HhKernels hh_kernel_table_v3, hh_kernel_table_v4;
#endif

const HhKernels *hh_kernels_at(HhCpuLevel level)
{
    if (level > hh_platform_cpu_level()) return NULL;
    switch (level) {
#if defined(__x86_64__)
    case HH_CPU_X86_V4:
        return &hh_kernel_table_v4;
    case HH_CPU_X86_V3:
        return &hh_kernel_table_v3;
#endif
    case HH_CPU_BASE:
        return &hh_kernel_table_base;
    default:
        return NULL;
    }
}

const HhKernels *hh_kernels(const HhContext *context)
{
    return hh_kernels_at(hh_cpu_level(context));
}
