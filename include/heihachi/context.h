/* The context: what a call may use of the machine.
 *
 * Every function takes an HhContext as its first argument. NULL is allowed everywhere and means:
 * malloc, one thread, the best CPU level of this machine, no log. Make one to use several threads
 * or to read the message of a failure:
 *
 *     HhContextParams params = HH_CONTEXT_PARAMS_INIT;
 *     params.threads = 0;                                  // as many as there are processors
 *     HhContext *context;
 *     if (hh_context_create(&params, &context) != HH_OK) ...
 *     if (hh_decode_file(context, "track.flac", NULL, &audio) != HH_OK)
 *         fprintf(stderr, "%s\n", hh_context_message(context));
 *     hh_context_destroy(context);
 *
 * Parameters are structures that begin with `size`, their own sizeof, which hh_..._defaults() (here
 * HH_CONTEXT_PARAMS_INIT) sets: new fields go to the end, and a program built with an older header
 * gets their defaults. A structure that is embedded in another keeps its layout for good, since a
 * new field would move what stands behind it; its own `size` is not read there.
 *
 * A context serves one call at a time; threads that call the library concurrently use one context
 * each. Results do not depend on the context: any number of threads and any CPU level give the same
 * bytes. */
#ifndef HEIHACHI_CONTEXT_H
#define HEIHACHI_CONTEXT_H

#include <stddef.h>

#include "heihachi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct HhContext HhContext;

/* Memory comes from here. `allocate` returns memory aligned to at least `alignment` (a power of
 * two, at most 4096) or NULL; `release` accepts NULL. Both may be called from several threads at
 * once. */
typedef struct HhAllocator {
    void *(*allocate)(void *user, size_t alignment, size_t bytes);
    void (*release)(void *user, void *memory);
    void *user;
} HhAllocator;

typedef enum HhLogLevel { HH_LOG_ERROR, HH_LOG_WARNING, HH_LOG_INFO, HH_LOG_DEBUG } HhLogLevel;

typedef enum HhCpuLevel {
    HH_CPU_BEST = 0,   /* the best that this machine and build have, or what HEIHACHI_CPU says */
    HH_CPU_BASE = 1,   /* x86-64 (SSE2); plain C elsewhere */
    HH_CPU_X86_V3 = 2, /* x86-64-v3 (AVX2) */
    HH_CPU_X86_V4 = 3  /* x86-64-v4 (AVX-512) */
} HhCpuLevel;

typedef struct HhContextParams {
    size_t size;           /* sizeof(HhContextParams) */
    HhAllocator allocator; /* all NULL: malloc */
    int threads;           /* 1 (default); 0 = one per processor; at most 256 */
    HhCpuLevel cpu_level;  /* a level above what the machine has is lowered to what it has */
    void (*log)(void *user, HhLogLevel level, const char *message);
    void *log_user;
} HhContextParams;

#define HH_CONTEXT_PARAMS_INIT                                                                     \
    {                                                                                              \
        sizeof(HhContextParams), {NULL, NULL, NULL}, 1, HH_CPU_BEST, NULL, NULL                    \
    }

/* `params` may be NULL. *context is NULL on failure. */
HH_API HhStatus hh_context_create(const HhContextParams *params, HhContext **context);
HH_API void hh_context_destroy(HhContext *context);

/* The particulars of the last failure in this context: "" if there was none. Valid until the next
 * call. */
HH_API const char *hh_context_message(const HhContext *context);
HH_API int hh_context_threads(const HhContext *context);
/* The level in use: "x86-64", "x86-64-v3", "x86-64-v4" or "generic". NULL asks for that of NULL
 * contexts. */
HH_API const char *hh_context_cpu(const HhContext *context);

#ifdef __cplusplus
}
#endif
#endif
