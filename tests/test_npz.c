/* NPZ files: read back byte by byte by their specification; nothing half-written under the final
 * name. */
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "heihachi/npz.h"

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/heihachi-npz-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/a.npz", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

/* Entries of the folder but . and .. */
static int entries(void)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    int count = -2;
    while (readdir(d)) count++;
    closedir(d);
    return count;
}

static unsigned char *read_file(size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *length = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

static uint64_t number(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* CRC-32 bit by bit. */
static uint32_t crc32_of(const unsigned char *data, size_t length)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1;
    }
    return ~crc;
}

/* Finds a member through the central directory, checks every field, and returns its .npy data. */
static const unsigned char *member(const unsigned char *zip, size_t length, const char *name,
                                   char *header, size_t room, size_t *data_length)
{
    const unsigned char *end = zip + length - 22;
    assert_int_equal(number(end, 4), 0x06054b50);
    uint64_t count = number(end + 10, 2), size = number(end + 12, 4), start = number(end + 16, 4);
    assert_int_equal(start + size + 22, length);
    const unsigned char *at = zip + start;
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(number(at, 4), 0x02014b50);
        size_t name_length = (size_t)number(at + 28, 2);
        if (name_length == strlen(name) && memcmp(at + 46, name, name_length) == 0) {
            const unsigned char *local = zip + number(at + 42, 4);
            assert_int_equal(number(local, 4), 0x04034b50);
            assert_int_equal(number(local + 8, 2), 0);
            assert_memory_equal(local + 14, at + 16, 12); /* check sum and sizes */
            assert_memory_equal(local + 30, name, name_length);
            const unsigned char *npy = local + 30 + name_length + number(local + 28, 2);
            size_t bytes = (size_t)number(at + 20, 4), head = (size_t)number(npy + 8, 2);
            assert_int_equal(number(at + 16, 4), crc32_of(npy, bytes));
            assert_memory_equal(npy, "\x93NUMPY\x01\x00", 8);
            assert_int_equal((10 + head) % 64, 0);
            assert_true(head < room && npy[10 + head - 1] == '\n');
            memcpy(header, npy + 10, head);
            header[strcspn((const char *)npy + 10, "}") + 1] = '\0';
            *data_length = bytes - 10 - head;
            return npy + 10 + head;
        }
        at += 46 + name_length + number(at + 30, 2) + number(at + 32, 2);
    }
    fail_msg("there is no member %s", name);
    return NULL;
}

static void arrays_come_back(void **state)
{
    (void)state;
    float frames[2 * 3 * 5]; /* channels, frames, bins */
    for (size_t i = 0; i < HH_COUNT(frames); i++) frames[i] = (float)i;
    double scalar = 0.25;
    int64_t whole[3] = {1, -2, 3};
    HhArray one = {HH_FLOAT32, 2, {3, 5, 0, 0}, frames, {NULL, NULL, NULL}};
    HhArray two = {HH_FLOAT32, 3, {2, 3, 5, 0}, frames, {NULL, NULL, NULL}};
    HhArray none = {HH_FLOAT64, 0, {0, 0, 0, 0}, &scalar, {NULL, NULL, NULL}};
    HhArray list = {HH_INT64, 1, {3, 0, 0, 0}, whole, {NULL, NULL, NULL}};
    HhArray empty = {HH_BOOL, 1, {0, 0, 0, 0}, whole, {NULL, NULL, NULL}};
    HhNpz *npz;
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(hh_npz_add(npz, "one", &one, HH_NPZ_SWAPPED), HH_OK);
    assert_int_equal(hh_npz_add(npz, "two", &two, HH_NPZ_SWAPPED), HH_OK);
    assert_int_equal(hh_npz_add(npz, "as.it.is", &two, HH_NPZ_AS_IS), HH_OK);
    assert_int_equal(hh_npz_add(npz, "scalar", &none, HH_NPZ_SWAPPED), HH_OK);
    assert_int_equal(hh_npz_add(npz, "list", &list, HH_NPZ_SWAPPED), HH_OK);
    assert_int_equal(hh_npz_add(npz, "empty", &empty, HH_NPZ_AS_IS), HH_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(hh_npz_close(npz), HH_OK);
    assert_int_equal(entries(), 1);
    size_t length, bytes;
    unsigned char *zip = read_file(&length);
    char header[256];
    const unsigned char *data = member(zip, length, "one.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '<f4', 'fortran_order': True, 'shape': (5, 3), }");
    assert_int_equal(bytes, 60);
    assert_memory_equal(data, frames, 60);
    data = member(zip, length, "two.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5, 3), }");
    for (size_t c = 0; c < 2; c++)
        for (size_t b = 0; b < 5; b++)
            for (size_t t = 0; t < 3; t++)
                assert_memory_equal(data + 4 * ((c * 5 + b) * 3 + t), &frames[(c * 3 + t) * 5 + b],
                                    4);
    data = member(zip, length, "as.it.is.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 5), }");
    assert_memory_equal(data, frames, sizeof frames);
    data = member(zip, length, "scalar.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
    assert_memory_equal(data, &scalar, sizeof scalar);
    data = member(zip, length, "list.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }");
    assert_memory_equal(data, whole, sizeof whole);
    (void)member(zip, length, "empty.npy", header, sizeof header, &bytes);
    assert_string_equal(header, "{'descr': '|b1', 'fortran_order': False, 'shape': (0,), }");
    assert_int_equal(bytes, 0);
    free(zip);
}

/* Larger than the buffer, and transposed through many blocks. */
static void large_arrays_come_back(void **state)
{
    (void)state;
    enum { FRAMES = 1111, BINS = 67 };
    double *x = malloc(2 * FRAMES * BINS * sizeof *x);
    for (size_t i = 0; i < 2 * FRAMES * BINS; i++) x[i] = (double)i;
    HhArray two = {HH_FLOAT64, 3, {2, FRAMES, BINS, 0}, x, {NULL, NULL, NULL}};
    HhNpz *npz;
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(hh_npz_add(npz, "x", &two, HH_NPZ_SWAPPED), HH_OK);
    assert_int_equal(hh_npz_add(npz, "y", &two, HH_NPZ_AS_IS), HH_OK);
    assert_int_equal(hh_npz_close(npz), HH_OK);
    size_t length, bytes;
    unsigned char *zip = read_file(&length);
    char header[256];
    const unsigned char *data = member(zip, length, "y.npy", header, sizeof header, &bytes);
    assert_memory_equal(data, x, bytes);
    data = member(zip, length, "x.npy", header, sizeof header, &bytes);
    for (size_t i = 0; i < 2 * FRAMES * BINS; i++) {
        size_t c = i / (FRAMES * BINS), b = i / FRAMES % BINS, t = i % FRAMES;
        assert_memory_equal(data + 8 * i, &x[(c * FRAMES + t) * BINS + b], 8);
    }
    free(zip);
    free(x);
}

static void failures_leave_what_was_there(void **state)
{
    (void)state;
    float value = 1.0f;
    HhArray a = {HH_FLOAT32, 1, {1, 0, 0, 0}, &value, {NULL, NULL, NULL}}, nothing = HH_ARRAY_INIT;
    nothing.dimensions = 1;
    nothing.shape[0] = 5;
    FILE *file = fopen(path, "w");
    assert_true(fputs("before", file) >= 0);
    fclose(file);
    HhNpz *npz;
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(hh_npz_add(npz, "a", &a, HH_NPZ_AS_IS), HH_OK);
    assert_int_equal(hh_npz_add(npz, "a", &a, HH_NPZ_AS_IS), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_npz_add(npz, "b", &a, HH_NPZ_AS_IS), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_npz_close(npz), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(hh_npz_add(npz, "", &a, HH_NPZ_AS_IS), HH_ERROR_ARGUMENT);
    hh_npz_abandon(npz);
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(hh_npz_add(npz, "n", &nothing, HH_NPZ_AS_IS), HH_ERROR_ARGUMENT);
    hh_npz_abandon(npz);
    hh_npz_abandon(NULL);
    assert_int_equal(entries(), 1);
    size_t length;
    unsigned char *bytes = read_file(&length);
    assert_int_equal(length, 6);
    assert_memory_equal(bytes, "before", 6);
    free(bytes);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(hh_npz_create(NULL, "", &npz), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_npz_create(NULL, "/nonexistent/a.npz", &npz), HH_ERROR_WRITE);
    assert_null(npz);
    assert_int_equal(hh_npz_close(NULL), HH_ERROR_ARGUMENT);
}

/* A file that may not grow stands for a full disk. */
static void a_full_disk_is_reported(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    float *x = calloc(COUNT, sizeof *x);
    HhArray a = {HH_FLOAT32, 1, {COUNT, 0, 0, 0}, x, {NULL, NULL, NULL}};
    struct rlimit before, limit;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100000;
    HhNpz *npz;
    assert_int_equal(hh_npz_create(NULL, path, &npz), HH_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    HhStatus status = hh_npz_add(npz, "x", &a, HH_NPZ_AS_IS), closed = hh_npz_close(npz);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(status, HH_ERROR_WRITE);
    assert_int_equal(closed, HH_ERROR_WRITE);
    assert_int_equal(entries(), 0);
    free(x);
}

static void a_failed_rename_is_reported(void **state)
{
    (void)state;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    HhNpz *npz;
    assert_int_equal(hh_npz_create(context, path, &npz), HH_OK);
    (void)unlink(path);
    assert_int_equal(mkdir(path, 0700), 0); /* the rename must fail: a folder stands there */
    assert_int_equal(hh_npz_close(npz), HH_ERROR_WRITE);
    assert_non_null(strstr(hh_context_message(context), path));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(entries(), 0);
    hh_context_destroy(context);
}

typedef struct Meter {
    long left, live;
} Meter;

static void *metered_allocate(void *user, size_t alignment, size_t bytes)
{
    Meter *meter = user;
    void *memory = NULL;
    if (meter->left-- <= 0 ||
        posix_memalign(&memory, HH_MAX(alignment, sizeof(void *)), bytes) != 0)
        return NULL;
    meter->live++;
    return memory;
}

static void metered_release(void *user, void *memory)
{
    if (memory) ((Meter *)user)->live--;
    free(memory);
}

static void failing_allocation_leaks_nothing(void **state)
{
    (void)state;
    float value = 1.0f;
    HhArray a = {HH_FLOAT32, 1, {1, 0, 0, 0}, &value, {NULL, NULL, NULL}};
    HhStatus status = HH_ERROR_MEMORY;
    for (long allowed = 0; status == HH_ERROR_MEMORY; allowed++) {
        Meter meter = {100, 0};
        HhContextParams params = HH_CONTEXT_PARAMS_INIT;
        params.allocator = (HhAllocator){metered_allocate, metered_release, &meter};
        HhContext *context;
        assert_int_equal(hh_context_create(&params, &context), HH_OK);
        meter.left = allowed;
        HhNpz *npz;
        char name[16];
        status = hh_npz_create(context, path, &npz);
        for (int i = 0; status == HH_OK && i < 20; i++) {
            (void)snprintf(name, sizeof name, "a%d", i);
            status = hh_npz_add(npz, name, &a, HH_NPZ_AS_IS);
        }
        if (status == HH_OK)
            status = hh_npz_close(npz);
        else
            hh_npz_abandon(npz);
        hh_context_destroy(context);
        assert_int_equal(meter.live, 0);
        assert_int_equal(entries(), status == HH_OK ? 1 : 0);
    }
    assert_int_equal(status, HH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_come_back),
        cmocka_unit_test(large_arrays_come_back),
        cmocka_unit_test(failures_leave_what_was_there),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_failed_rename_is_reported),
        cmocka_unit_test(failing_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
