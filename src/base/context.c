/* The context: allocator, message, log, CPU level and the thread pool.
 *
 * Invariant of the pool: workers wait until `ticket` changes; hh_parallel_for() publishes the job,
 * raises the ticket, works itself as worker 0 and returns when `running` is back at zero. Indices
 * are taken from one atomic counter. Whoever waits looks again and again for a moment before it
 * sleeps: rounds of an analysis follow each other within a fraction of a millisecond, and waking a
 * sleeper takes longer than that, above all in a virtual machine. */
#include "base/base.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"

typedef struct Worker {
    struct Pool *pool;
    int number;
    pthread_t thread;
} Worker;

typedef struct Pool {
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
    Worker *workers;
    int count;                   /* workers beside the caller */
    atomic_uint_fast64_t ticket; /* written under the mutex, like `running` and `stop` */
    atomic_int running;
    atomic_bool stop;
    HhParallelBody *body;
    void *arg;
    size_t total;
    atomic_size_t next;
} Pool;

struct HhContext {
    HhAllocator allocator;
    HhCpuLevel cpu_level;
    void (*log)(void *user, HhLogLevel level, const char *message);
    void *log_user;
    int threads;
    pthread_mutex_t message_mutex;
    char message[1024];
    Pool pool;
};

/* True in a thread that runs a body, so that a nested hh_parallel_for() runs serially. */
static _Thread_local bool inside_body;

/* ---- memory ---- */

static void *system_allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    const size_t large = (size_t)4 << 20;
    void *memory = NULL;
    if (bytes >= large) alignment = 4096;
    if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment,
                       bytes ? bytes : 1) != 0)
        return NULL;
    if (bytes >= large) hh_platform_advise_large(memory, bytes);
    return memory;
}

static void system_release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

HhAllocator hh_allocator(const HhContext *context)
{
    if (context) return context->allocator;
    return (HhAllocator){system_allocate, system_release, NULL};
}

void *hh_alloc(HhContext *context, size_t count, size_t bytes)
{
    if (bytes != 0 && count > (SIZE_MAX / 2) / bytes) return NULL;
    HhAllocator a = hh_allocator(context);
    size_t size = count * bytes;
    return a.allocate(a.user, HH_ALIGNMENT, size ? size : 1);
}

void *hh_zalloc(HhContext *context, size_t count, size_t bytes)
{
    void *memory = hh_alloc(context, count, bytes);
    if (memory) memset(memory, 0, count * bytes);
    return memory;
}

void hh_free(HhContext *context, void *memory)
{
    HhAllocator a = hh_allocator(context);
    a.release(a.user, memory);
}

/* ---- messages: the names in brackets, since tools/analyzer.h has macros of them ---- */

HhStatus(hh_fail)(HhContext *context, HhStatus status, const char *format, ...)
{
    if (!context) return status;
    va_list list;
    va_start(list, format);
    pthread_mutex_lock(&context->message_mutex);
    (void)vsnprintf(context->message, sizeof context->message, format, list);
    pthread_mutex_unlock(&context->message_mutex);
    va_end(list);
    return status;
}

HhStatus(hh_fail_memory)(HhContext *context)
{
    return hh_fail(context, HH_ERROR_MEMORY, "out of memory");
}

void hh_log(HhContext *context, HhLogLevel level, const char *format, ...)
{
    if (!context || !context->log) return;
    char text[1024];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    context->log(context->log_user, level, text);
}

const char *hh_context_message(const HhContext *context)
{
    return context ? context->message : "";
}

/* ---- threads ---- */

/* Waits up to PATIENCE_S for pool->ticket != seen or, with `seen` NULL, for pool->running == 0. The
 * processor is offered to others all the while. */
#define PATIENCE_S 0.0005
static void look_for_a_moment(Pool *pool, const uint64_t *seen)
{
    double end = hh_platform_clock_seconds() + PATIENCE_S;
    do {
        for (int i = 0; i < 32; i++) {
            if (seen ? atomic_load(&pool->ticket) != *seen || atomic_load(&pool->stop)
                     : atomic_load(&pool->running) == 0)
                return;
            hh_platform_relax();
        }
        (void)sched_yield();
    } while (hh_platform_clock_seconds() < end);
}

static void work(Pool *pool, HhParallelBody *body, void *arg, size_t total, int worker)
{
    inside_body = true;
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= total) break;
        body(arg, index, worker);
    }
    inside_body = false;
}

static void *worker_main(void *of_worker)
{
    const Worker *worker = of_worker;
    Pool *pool = worker->pool;
    uint64_t seen = 0;
    bool patient = true;
    (void)hh_platform_flush_subnormals();
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->stop && pool->ticket == seen) {
            if (!patient) {
                pthread_cond_wait(&pool->wake, &pool->mutex);
                continue;
            }
            pthread_mutex_unlock(&pool->mutex);
            look_for_a_moment(pool, &seen);
            pthread_mutex_lock(&pool->mutex);
            patient = false;
        }
        if (pool->stop) break;
        seen = pool->ticket;
        patient = true;
        HhParallelBody *body = pool->body;
        void *arg = pool->arg;
        size_t total = pool->total;
        pthread_mutex_unlock(&pool->mutex);
        work(pool, body, arg, total, worker->number);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->running == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* Starts up to `count` workers; fewer when the system or the allocator refuses, which costs speed
 * and nothing else. */
static void pool_start(HhContext *context, int count)
{
    Pool *pool = &context->pool;
    pool->workers = hh_zalloc(context, (size_t)count, sizeof *pool->workers);
    if (!pool->workers) return;
    for (int i = 0; i < count; i++) {
        Worker *worker = &pool->workers[i];
        worker->pool = pool;
        worker->number = i + 1;
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) return;
        pool->count++;
    }
}

static void pool_stop(HhContext *context)
{
    Pool *pool = &context->pool;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->count; i++) pthread_join(pool->workers[i].thread, NULL);
    hh_free(context, pool->workers);
}

void hh_parallel_for(HhContext *context, size_t count, HhParallelBody *body, void *arg)
{
    if (count == 0) return;
    if (inside_body) {
        for (size_t i = 0; i < count; i++) body(arg, i, 0);
        return;
    }
    uint32_t mode = hh_platform_flush_subnormals();
    Pool *pool = context ? &context->pool : NULL;
    if (!pool || pool->count == 0 || count == 1) {
        inside_body = true;
        for (size_t i = 0; i < count; i++) body(arg, i, 0);
        inside_body = false;
        hh_platform_restore_subnormals(mode);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->body = body;
    pool->arg = arg;
    pool->total = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    pool->running = pool->count;
    pool->ticket++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    work(pool, body, arg, count, 0);
    look_for_a_moment(pool, NULL);
    pthread_mutex_lock(&pool->mutex);
    while (pool->running > 0) pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    hh_platform_restore_subnormals(mode);
}

int hh_workers(const HhContext *context)
{
    return context ? context->pool.count + 1 : 1;
}

/* ---- the context itself ---- */

/* HEIHACHI_CPU lowers the level for tests; what the machine lacks is never chosen. */
static HhCpuLevel resolve_level(HhCpuLevel wanted)
{
    HhCpuLevel best = hh_platform_cpu_level();
    const char *name = getenv("HEIHACHI_CPU");
    if (wanted == HH_CPU_BEST && name) wanted = hh_platform_cpu_from_name(name);
    return wanted == HH_CPU_BEST || wanted > best || wanted < HH_CPU_BASE ? best : wanted;
}

HhCpuLevel hh_cpu_level(const HhContext *context)
{
    if (context) return context->cpu_level;
    static _Atomic int cached = 0;
    int level = atomic_load_explicit(&cached, memory_order_relaxed);
    if (level == 0) {
        level = (int)resolve_level(HH_CPU_BEST);
        atomic_store_explicit(&cached, level, memory_order_relaxed);
    }
    return (HhCpuLevel)level;
}

HhStatus hh_context_create(const HhContextParams *params, HhContext **context)
{
    if (!context) return HH_ERROR_ARGUMENT;
    *context = NULL;
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    HH_TRY(hh_params_read(NULL, params, &p, sizeof p));
    if (p.threads < 0 || p.threads > 256) return HH_ERROR_ARGUMENT;
    if (!p.allocator.allocate != !p.allocator.release) return HH_ERROR_ARGUMENT;
    if (!p.allocator.allocate) p.allocator = hh_allocator(NULL);
    HhContext *c = p.allocator.allocate(p.allocator.user, HH_ALIGNMENT, sizeof *c);
    if (!c) return HH_ERROR_MEMORY;
    memset(c, 0, sizeof *c);
    c->allocator = p.allocator;
    c->cpu_level = resolve_level(p.cpu_level);
    c->log = p.log;
    c->log_user = p.log_user;
    c->threads = p.threads ? p.threads : hh_platform_processors();
    pthread_mutex_init(&c->message_mutex, NULL);
    pthread_mutex_init(&c->pool.mutex, NULL);
    pthread_cond_init(&c->pool.wake, NULL);
    pthread_cond_init(&c->pool.done, NULL);
    if (c->threads > 1) pool_start(c, c->threads - 1);
    *context = c;
    return HH_OK;
}

void hh_context_destroy(HhContext *context)
{
    if (!context) return;
    pool_stop(context);
    pthread_cond_destroy(&context->pool.done);
    pthread_cond_destroy(&context->pool.wake);
    pthread_mutex_destroy(&context->pool.mutex);
    pthread_mutex_destroy(&context->message_mutex);
    HhAllocator a = context->allocator;
    a.release(a.user, context);
}

int hh_context_threads(const HhContext *context)
{
    return context ? context->threads : 1;
}

const char *hh_context_cpu(const HhContext *context)
{
    return hh_platform_cpu_name(hh_cpu_level(context));
}
