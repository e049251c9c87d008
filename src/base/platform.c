/* See platform.h. x86-64 and Linux are the measured target; the other branches are plain POSIX C.
 */
#define _GNU_SOURCE /* madvise, MADV_HUGEPAGE */
#include "base/platform.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>
#endif

static const struct {
    HhCpuLevel level;
    const char *name;
} level_names[] = {
#if defined(__x86_64__)
    {HH_CPU_BASE, "x86-64"},
    {HH_CPU_X86_V3, "x86-64-v3"},
    {HH_CPU_X86_V4, "x86-64-v4"},
#else
    {HH_CPU_BASE, "generic"},
#endif
};

#define LEVELS (sizeof level_names / sizeof *level_names)

#if defined(__x86_64__)
/* The instructions of x86-64-v3 that __builtin_cpu_supports does not know by name in every compiler
 * (gcc 12, clang 14). A virtual machine may mask them one by one. */
static bool has_scalar_v3(void)
{
    const unsigned basic = bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 |
                           bit_MOVBE | bit_POPCNT | bit_F16C;
    const unsigned extended = bit_LAHF_LM | bit_LZCNT;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & basic) != basic) return false;
    return __get_cpuid(0x80000001u, &a, &b, &c, &d) && (c & extended) == extended;
}
#endif

static HhCpuLevel find_level(void)
{
#if defined(__x86_64__)
    /* __builtin_cpu_supports also asks the system whether it saves the wide registers (xgetbv). */
    __builtin_cpu_init();
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && has_scalar_v3();
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl");
    return v4 ? HH_CPU_X86_V4 : v3 ? HH_CPU_X86_V3 : HH_CPU_BASE;
#else
    return HH_CPU_BASE;
#endif
}

/* Asked once: cpuid takes microseconds in a virtual machine. */
HhCpuLevel hh_platform_cpu_level(void)
{
    static atomic_int known;
    int level = atomic_load_explicit(&known, memory_order_relaxed);
    if (level == 0) {
        level = (int)find_level();
        atomic_store_explicit(&known, level, memory_order_relaxed);
    }
    return (HhCpuLevel)level;
}

const char *hh_platform_cpu_name(HhCpuLevel level)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (level_names[i].level == level) return level_names[i].name;
    return "unknown";
}

HhCpuLevel hh_platform_cpu_from_name(const char *name)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (strcmp(level_names[i].name, name) == 0) return level_names[i].level;
    return HH_CPU_BEST;
}

int hh_platform_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

void hh_platform_advise_large(void *memory, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const size_t page = (size_t)1 << 21;
    uintptr_t first = ((uintptr_t)memory + page - 1) & ~(uintptr_t)(page - 1);
    uintptr_t last = ((uintptr_t)memory + bytes) & ~(uintptr_t)(page - 1);
    if (last > first) (void)madvise((void *)first, last - first, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

uint32_t hh_platform_flush_subnormals(void)
{
#if defined(__x86_64__)
    uint32_t mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040u); /* FTZ and DAZ */
    return mode;
#else
    return 0;
#endif
}

uint32_t hh_platform_keep_subnormals(void)
{
#if defined(__x86_64__)
    uint32_t mode = _mm_getcsr();
    _mm_setcsr(mode & ~0x8040u);
    return mode;
#else
    return 0;
#endif
}

void hh_platform_restore_subnormals(uint32_t mode)
{
#if defined(__x86_64__)
    _mm_setcsr(mode);
#else
    (void)mode;
#endif
}

void hh_platform_relax(void)
{
#if defined(__x86_64__)
    _mm_pause();
#endif
}

double hh_platform_clock_seconds(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) return 0.0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
