/* Vectors of one register, for kernels that a compiler would not turn into vector code by itself.
 *
 * HhFloats holds HH_LANES floats, HhDoubles HH_LANES / 2 doubles; loads and stores need no alignment. +, -, * and / work
 * on them (a vector extension of gcc and clang). */
#ifndef HH_KERNEL_LANES_H
#define HH_KERNEL_LANES_H

#include <string.h>

#include "kernel/level.h"

enum { HH_DOUBLE_LANES = HH_LANES / 2 };

typedef float HhFloats __attribute__((vector_size(4 * HH_LANES)));
typedef double HhDoubles __attribute__((vector_size(4 * HH_LANES)));

static inline HhFloats hh_load_f32(const float *x)
{
    HhFloats v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hh_store_f32(float *x, HhFloats v)
{
    memcpy(x, &v, sizeof v);
}

static inline HhDoubles hh_load_f64(const double *x)
{
    HhDoubles v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hh_store_f64(double *x, HhDoubles v)
{
    memcpy(x, &v, sizeof v);
}

/* HH_LANES / 2 floats, widened. */
static inline HhDoubles hh_load_f32_f64(const float *x)
{
    HhDoubles v;
    for (int l = 0; l < HH_DOUBLE_LANES; l++) v[l] = (double)x[l];
    return v;
}

/* The comparison is written so that one minps or maxps does it. */
static inline HhFloats hh_min_f32(HhFloats a, HhFloats b)
{
    HhFloats v;
    for (int l = 0; l < HH_LANES; l++) v[l] = a[l] < b[l] ? a[l] : b[l];
    return v;
}

static inline HhFloats hh_max_f32(HhFloats a, HhFloats b)
{
    HhFloats v;
    for (int l = 0; l < HH_LANES; l++) v[l] = a[l] > b[l] ? a[l] : b[l];
    return v;
}

#endif
