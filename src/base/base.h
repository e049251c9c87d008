/* Floor 0 for the other floors: memory, failure messages, threads, result arrays, checks of
 * arguments, the processor.
 *
 * Knows no more of sound than what a signal is. Everything here accepts a NULL context. */
#ifndef HH_BASE_H
#define HH_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heihachi/array.h"
#include "heihachi/context.h"
#include "heihachi/status.h"

#define HH_ALIGNMENT    64
#define HH_MIN(a, b)    ((a) < (b) ? (a) : (b))
#define HH_MAX(a, b)    ((a) > (b) ? (a) : (b))
#define HH_COUNT(array) (sizeof(array) / sizeof *(array))

/* Returns from the enclosing function with a status that is not HH_OK. */
#define HH_TRY(expression)                                                                         \
    do {                                                                                           \
        HhStatus hh_try_status = (expression);                                                     \
        if (hh_try_status != HH_OK) return hh_try_status;                                          \
    } while (0)

#if defined(__GNUC__)
#define HH_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define HH_PRINTF(text, first)
#endif

/* ---- failure: keeps the message in the context and returns `status`, so that a function ends with
 * `return hh_fail(...)` */
HhStatus hh_fail(HhContext *context, HhStatus status, const char *format, ...) HH_PRINTF(3, 4);
void hh_log(HhContext *context, HhLogLevel level, const char *format, ...) HH_PRINTF(3, 4);

/* ---- memory: aligned to HH_ALIGNMENT; overflow of count * bytes gives NULL; count 0 gives a
 * pointer that may be freed. hh_zalloc() zeroes. May be called inside hh_parallel_for(). On NULL
 * the caller returns hh_fail_memory(context). */
void *hh_alloc(HhContext *context, size_t count, size_t bytes);
void *hh_zalloc(HhContext *context, size_t count, size_t bytes);
void hh_free(HhContext *context, void *memory);
HhStatus hh_fail_memory(HhContext *context);
HhAllocator hh_allocator(const HhContext *context);

/* ---- sorting, ascending, in place: no memory, no NaN. */
void hh_sort_f32(float *x, size_t count);
void hh_sort_f64(double *x, size_t count);
void hh_sort_sizes(size_t *x, size_t count);

/* ---- result arrays: fills `array` (contents not set) or leaves it empty. */
HhStatus hh_array_make(HhContext *context, HhArray *array, HhType type, int dimensions,
                       ...); /* shape as size_t */
/* An array of the same shape. */
HhStatus hh_array_make_like(HhContext *context, HhArray *array, const HhArray *model, HhType type);

/* ---- arguments */
/* Copies a caller's parameters over the defaults in *params (both start with their size); NULL
 * copies nothing. */
HhStatus hh_params_read(HhContext *context, const void *given, void *params, size_t bytes);
/* HH_OK if y has channels of float samples, none of them NULL (of no samples: all may be). */
HhStatus hh_channels_check(HhContext *context, const HhSignal *y);
/* The same, and that all samples are finite. */
HhStatus hh_signal_check(HhContext *context, const HhSignal *y);
/* The same for functions that also take doubles: y->channel_f64 is looked at where it is there. */
HhStatus hh_signal_check_either(HhContext *context, const HhSignal *y);
HhStatus hh_rate_check(HhContext *context, double rate);
bool hh_finite_f32(const float *x, size_t count); /* no NaN, no infinity */
bool hh_finite_f64(const double *x, size_t count);

/* ---- threads. Calls body(arg, index, worker) for every index in [0, count); worker in [0,
 * hh_workers(context)) is stable within one call of body and never shared by two running bodies, so
 * it may pick a scratch area. Work is handed out in ascending order. Called from inside a body it
 * runs serially. Subnormal numbers are flushed to zero inside. A body that fails keeps its status
 * in `arg`. */
typedef void HhParallelBody(void *arg, size_t index, int worker);
void hh_parallel_for(HhContext *context, size_t count, HhParallelBody *body, void *arg);
int hh_workers(const HhContext *context);

/* ---- the processor level in use, resolved: never HH_CPU_BEST. */
HhCpuLevel hh_cpu_level(const HhContext *context);

#endif
