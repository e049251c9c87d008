/* base: status, context, memory, threads, arrays. */
#include "test.h"

#include <stdatomic.h>

#include "heihachi/version.h"

static void status_names(void **state)
{
    (void)state;
    assert_string_equal(hh_status_name(HH_OK), "OK");
    assert_string_equal(hh_status_name(HH_ERROR_OPEN), "ERROR_OPEN");
    assert_non_null(strstr(hh_status_text(HH_ERROR_OPEN), "opened"));
    assert_string_equal(hh_status_name((HhStatus)999), "ERROR_UNKNOWN");
    assert_non_null(hh_status_text((HhStatus)999));
    assert_string_equal(hh_version(), HH_VERSION_STRING);
}

static void context_refuses_nonsense(void **state)
{
    (void)state;
    HhContext *context = (HhContext *)1;
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = -1;
    assert_int_equal(hh_context_create(&p, &context), HH_ERROR_ARGUMENT);
    assert_null(context);
    p = (HhContextParams)HH_CONTEXT_PARAMS_INIT;
    p.size = sizeof p + 1;
    assert_int_equal(hh_context_create(&p, &context), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_context_create(NULL, NULL), HH_ERROR_ARGUMENT);
    hh_context_destroy(NULL);
}

static void messages(void **state)
{
    (void)state;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    assert_string_equal(hh_context_message(context), "");
    assert_int_equal(hh_fail(context, HH_ERROR_OPEN, "cannot open %s", "x.wav"), HH_ERROR_OPEN);
    assert_string_equal(hh_context_message(context), "cannot open x.wav");
    assert_int_equal(hh_fail(NULL, HH_ERROR_OPEN, "nowhere to keep this"), HH_ERROR_OPEN);
    assert_string_equal(hh_context_message(NULL), "");
    hh_context_destroy(context);
}

static void memory_is_aligned_and_bounded(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes < (size_t)16 << 20; bytes *= 7) {
        unsigned char *p = hh_zalloc(NULL, bytes, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % HH_ALIGNMENT, 0);
        assert_int_equal(p[0] | p[bytes - 1], 0);
        hh_free(NULL, p);
    }
    assert_null(hh_alloc(NULL, SIZE_MAX / 2, 3));
    void *empty = hh_alloc(NULL, 0, 8);
    assert_non_null(empty);
    hh_free(NULL, empty);
    hh_free(NULL, NULL);
}

typedef struct Visits {
    atomic_int seen[1000];
    atomic_int busy[64];
    atomic_int clashes;
    HhContext *context;
    atomic_int nested;
} Visits;

static void nested_visit(void *arg, size_t index, int worker)
{
    Visits *v = arg;
    (void)index;
    (void)worker;
    atomic_fetch_add(&v->nested, 1);
}

static void visit(void *arg, size_t index, int worker)
{
    Visits *v = arg;
    if (atomic_exchange(&v->busy[worker], 1)) atomic_fetch_add(&v->clashes, 1);
    atomic_fetch_add(&v->seen[index], 1);
    if (index % 100 == 0) hh_parallel_for(v->context, 3, nested_visit, v);
    atomic_store(&v->busy[worker], 0);
}

static void parallel_for_visits_each_index_once(void **state)
{
    (void)state;
    const int threads[] = {1, 2, 5};
    for (size_t t = 0; t < HH_COUNT(threads); t++) {
        HhContextParams p = HH_CONTEXT_PARAMS_INIT;
        p.threads = threads[t];
        HhContext *context;
        assert_int_equal(hh_context_create(&p, &context), HH_OK);
        assert_int_equal(hh_context_threads(context), threads[t]);
        for (int round = 0; round < 20; round++) {
            Visits *v = calloc(1, sizeof *v);
            v->context = context;
            hh_parallel_for(context, 1000, visit, v);
            for (size_t i = 0; i < 1000; i++) assert_int_equal(v->seen[i], 1);
            assert_int_equal(v->clashes, 0);
            assert_int_equal(v->nested, 30);
            free(v);
        }
        hh_parallel_for(context, 0, visit, NULL);
        hh_context_destroy(context);
    }
}

/* All memory of a context comes from its allocator and goes back there. */
typedef struct Count {
    atomic_long live, made;
} Count;

static void *counting_allocate(void *user, size_t alignment, size_t bytes)
{
    Count *count = user;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, bytes) != 0) return NULL;
    atomic_fetch_add(&count->live, 1);
    atomic_fetch_add(&count->made, 1);
    return memory;
}

static void counting_release(void *user, void *memory)
{
    Count *count = user;
    if (memory) atomic_fetch_sub(&count->live, 1);
    free(memory);
}

static void *refusing_allocate(void *user, size_t alignment, size_t bytes)
{
    Count *count = user;
    return count->made >= 1 ? NULL : counting_allocate(user, alignment, bytes);
}

static void threads_use_the_allocator(void **state)
{
    (void)state;
    Count count = {0};
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = 4;
    p.allocator = (HhAllocator){counting_allocate, counting_release, &count};
    HhContext *context;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    assert_int_equal(count.made, 2); /* the context, its workers */
    assert_int_equal(hh_workers(context), 4);
    hh_context_destroy(context);
    assert_int_equal(count.live, 0);
    /* Without memory for the workers one thread does all. */
    count.made = 0;
    p.allocator.allocate = refusing_allocate;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    assert_int_equal(hh_workers(context), 1);
    hh_context_destroy(context);
    assert_int_equal(count.live, 0);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The heap sort alone: as if all partitions had been bad. */
#define SORT_TYPE       double
#define SORT_NAME(part) part##_of_test
#include "base/sort_of.h"

/* Value i of `count` in order number `kind`. */
static double unsorted(int kind, size_t i, size_t count, uint64_t *seed)
{
    switch (kind) {
    case 0:
        return floor(1e6 * (1.0 + test_noise(seed)));
    case 1:
        return (double)i;
    case 2:
        return (double)(count - i);
    case 3:
        return 7.0;
    case 4:
        return floor(2.0 * (1.0 + test_noise(seed)));
    default:
        return (double)HH_MIN(i, count - i);
    }
}

static void sorting_is_that_of_the_library(void **state)
{
    (void)state;
    enum { MOST = 5000 };
    static double x[MOST], heaped[MOST], expected[MOST];
    static float narrow[MOST];
    static size_t sizes[MOST];
    uint64_t seed = 5;
    for (int kind = 0; kind < 6; kind++)
        for (size_t count = 0; count <= MOST; count = count < 40 ? count + 1 : 5 * count) {
            for (size_t i = 0; i < count; i++) {
                expected[i] = heaped[i] = x[i] = unsorted(kind, i, count, &seed);
                narrow[i] = (float)x[i];
                sizes[i] = (size_t)x[i];
            }
            qsort(expected, count, sizeof *expected, compare_doubles);
            hh_sort_f64(x, count);
            range_of_test(heaped, count, 0);
            hh_sort_f32(narrow, count);
            hh_sort_sizes(sizes, count);
            for (size_t i = 0; i < count; i++) {
                assert_true(x[i] == expected[i] && heaped[i] == expected[i]);
                assert_true((double)narrow[i] == expected[i]);
                assert_int_equal(sizes[i], (size_t)expected[i]);
            }
        }
}

static void signals_are_checked(void **state)
{
    (void)state;
    enum { LENGTH = 9000 };
    static float x[LENGTH];
    const float *planes[] = {x, x + 1};
    HhSignal y = {planes, 2, LENGTH - 1, 44100.0};
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    assert_int_equal(hh_signal_check(context, &y), HH_OK);
    /* the largest and the smallest numbers are finite */
    x[3] = -3.4028235e38f;
    x[4] = 1e-45f;
    assert_int_equal(hh_signal_check(context, &y), HH_OK);
    for (size_t i = 1; i < LENGTH; i += 997) {
        x[i] = i % 2 ? NAN : -INFINITY;
        assert_int_equal(hh_signal_check(context, &y), HH_ERROR_NOT_FINITE);
        assert_int_equal(hh_channels_check(context, &y), HH_OK);
        x[i] = 0.0f;
    }
    x[LENGTH - 1] = INFINITY;
    assert_int_equal(hh_signal_check(context, &y), HH_ERROR_NOT_FINITE);
    assert_string_equal(hh_context_message(context), "sample 8998 of channel 2 is infinite");
    planes[1] = NULL;
    assert_int_equal(hh_signal_check(context, &y), HH_ERROR_ARGUMENT);
    y.length = 0;
    assert_int_equal(hh_signal_check(context, &y), HH_OK);
    static const float *many[1000];
    y.channel = many;
    y.channels = 1000;
    assert_int_equal(hh_signal_check(context, &y), HH_OK);
    y.channels = -1;
    assert_int_equal(hh_signal_check(context, &y), HH_ERROR_ARGUMENT);
    y.channels = 0;
    assert_int_equal(hh_signal_check(context, &y), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_signal_check(context, NULL), HH_ERROR_ARGUMENT);
    hh_context_destroy(context);
}

static void doubles_are_taken_where_they_are_asked_for(void **state)
{
    (void)state;
    enum { LENGTH = 5000 };
    static double x[LENGTH];
    const double *planes[] = {x, x + 1};
    HhSignal y = {.channels = 2, .length = LENGTH - 1, .rate = 44100.0, .channel_f64 = planes};
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    x[3] = -1.7976931348623157e308;
    x[4] = 5e-324;
    assert_int_equal(hh_signal_check_either(context, &y), HH_OK);
    assert_int_equal(hh_signal_check(context, &y), HH_ERROR_ARGUMENT);
    assert_string_equal(hh_context_message(context),
                        "this function takes float samples, the signal has doubles");
    assert_int_equal(hh_channels_check(context, &y), HH_ERROR_ARGUMENT);
    const double bad[] = {(double)NAN, -(double)INFINITY};
    for (size_t i = 1; i < LENGTH; i += 499) {
        x[i] = bad[i % 2];
        assert_int_equal(hh_signal_check_either(context, &y), HH_ERROR_NOT_FINITE);
        x[i] = 0.0;
    }
    x[LENGTH - 1] = (double)NAN;
    assert_int_equal(hh_signal_check_either(context, &y), HH_ERROR_NOT_FINITE);
    assert_string_equal(hh_context_message(context), "sample 4998 of channel 2 is NaN");
    planes[1] = NULL;
    assert_int_equal(hh_signal_check_either(context, &y), HH_ERROR_ARGUMENT);
    y.length = 0;
    assert_int_equal(hh_signal_check_either(context, &y), HH_OK);
    y.channels = 0;
    assert_int_equal(hh_signal_check_either(context, &y), HH_ERROR_ARGUMENT);
    y.channel_f64 = NULL;
    assert_int_equal(hh_signal_check_either(context, &y), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_signal_check_either(context, NULL), HH_ERROR_ARGUMENT);
    hh_context_destroy(context);
}

static void arrays(void **state)
{
    (void)state;
    HhArray a = HH_ARRAY_INIT;
    assert_int_equal(hh_array_make(NULL, &a, HH_COMPLEX64, 3, (size_t)2, (size_t)3, (size_t)5),
                     HH_OK);
    assert_int_equal(hh_array_count(&a), 30);
    memset(a.data, 0, 30 * hh_type_bytes(a.type));
    hh_array_free(&a);
    assert_null(a.data);
    hh_array_free(&a);
    hh_array_free(NULL);
    assert_int_equal(hh_array_make(NULL, &a, HH_FLOAT32, 2, SIZE_MAX / 2, (size_t)8),
                     HH_ERROR_MEMORY);
    assert_int_equal(hh_array_make(NULL, &a, HH_FLOAT32, 5), HH_ERROR_ARGUMENT);
    assert_null(a.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_names),
        cmocka_unit_test(context_refuses_nonsense),
        cmocka_unit_test(messages),
        cmocka_unit_test(memory_is_aligned_and_bounded),
        cmocka_unit_test(parallel_for_visits_each_index_once),
        cmocka_unit_test(threads_use_the_allocator),
        cmocka_unit_test(sorting_is_that_of_the_library),
        cmocka_unit_test(signals_are_checked),
        cmocka_unit_test(doubles_are_taken_where_they_are_asked_for),
        cmocka_unit_test(arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
