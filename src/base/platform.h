/* What the library asks of the processor and the system: a port starts here. docs/architecture.md
 * names the other files that a port touches. */
#ifndef HH_PLATFORM_H
#define HH_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heihachi/context.h"

/* The best level that this processor runs and this build holds. */
HhCpuLevel hh_platform_cpu_level(void);
/* Name of a level, and level of a name (HH_CPU_BEST if unknown). */
const char *hh_platform_cpu_name(HhCpuLevel level);
HhCpuLevel hh_platform_cpu_from_name(const char *name);

int hh_platform_processors(void);

/* Tells the system that a large block will be used whole (huge pages save most page faults). A
 * hint. */
void hh_platform_advise_large(void *memory, size_t bytes);

/* Flush subnormal results to zero (an IIR filter or a fade-out would else run 100 times slower);
 * returns the old mode. */
uint32_t hh_platform_flush_subnormals(void);
/* The other way round, for results that must be those of code which keeps them. */
uint32_t hh_platform_keep_subnormals(void);
void hh_platform_restore_subnormals(uint32_t mode);

/* Between two looks at a variable that another thread will change. */
void hh_platform_relax(void);

/* Seconds of a monotonic clock. */
double hh_platform_clock_seconds(void);

#endif
