/* What a kernel source needs to be compiled once per CPU level.
 *
 * The build compiles each file of kernel/ named in `kernel_sources` once per level, with that
 * level's flags and two macros:
 * - HH_LEVEL, the suffix of the level's symbols: base, v3 or v4.
 * - HH_LANES, the floats in one vector register: 4, 8 or 16.
 *
 * Such a file exports one constant table of function pointers, named HH_AT_LEVEL(hh_..._kernels);
 * kernels.c collects them. The arithmetic of one lane must not depend on HH_LANES, so that every
 * level gives the same bits: no contraction (-ffp-contract=off), and a sum over elements has the
 * same number of partial sums at every level. */
#ifndef HH_KERNEL_LEVEL_H
#define HH_KERNEL_LEVEL_H

#include <stddef.h>
#include <stdint.h>

/* Frames that travel together: a tile is an array [bin][HH_TILE], each column ("lane") another
 * frame. Fixed, so that data in tiles looks the same at every level. */
#define HH_TILE 16

#ifdef HH_LEVEL
#define HH_PASTE_(a, b)   a##_##b
#define HH_PASTE(a, b)    HH_PASTE_(a, b)
#define HH_AT_LEVEL(name) HH_PASTE(name, HH_LEVEL)
#endif

#endif
