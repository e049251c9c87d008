/* What every test program includes: cmocka with the headers it needs before it. */
#ifndef HH_TEST_H
#define HH_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* Reproducible noise in [-1, 1): xorshift64*. */
static inline double test_noise(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)(int64_t)(*state * 2685821657736338717ull) / 9223372036854775808.0;
}

/* Ends a test that needs what is not there. The skip() of cmocka 1.1.5 prints "not ok ... # SKIP",
 * which Meson counts as a failure; this prints a diagnostic that tools/run-tests counts. */
#define SKIP(why)                                                                                  \
    do {                                                                                           \
        print_message("# skipped: %s: %s\n", __func__, why);                                       \
        return;                                                                                    \
    } while (0)

#endif
