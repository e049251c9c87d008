/* See heihachi/npz.h. PKWARE, "APPNOTE.TXT - .ZIP File Format Specification" (local headers,
 * central directory, ZIP64); NumPy, "The NPY format", version 1.0.
 *
 * An array of a single channel that is to be read with its last two axes swapped is not transposed:
 * the same memory with fortran_order says so. The check sum of a member is only known after its
 * data, so its local header is written twice. */
#include "heihachi/npz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define LIMIT_32 UINT32_C(0xFFFFFFFF)
#define MAX_NAME 1000
#define BUFFER   ((size_t)1 << 16)
/* 1 January 1980, the first day that ZIP knows. */
#define DOS_DATE 0x21u

typedef struct Member {
    char *name; /* with ".npy" */
    uint64_t offset, size;
    uint32_t crc;
} Member;

struct HhNpz {
    HhContext *context;
    char *path, *temporary;
    int file;
    HhStatus status;
    uint64_t position;
    Member *members;
    size_t count, room;
    unsigned char *buffer; /* [BUFFER] */
    size_t filled;
    uint32_t crc_table[8][256];
};

/* ---- check sum: CRC-32 (IEEE 802.3), eight bytes at a time (M. Kounavis and F. Berry, 2005)
 * ---- */

static void make_crc_table(uint32_t table[8][256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? UINT32_C(0xEDB88320) ^ (c >> 1) : c >> 1;
        table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int t = 1; t < 8; t++)
            table[t][i] = table[0][table[t - 1][i] & 255] ^ (table[t - 1][i] >> 8);
}

static uint32_t crc_of(const HhNpz *n, uint32_t crc, const unsigned char *data, size_t length)
{
    const uint32_t(*t)[256] = n->crc_table;
    crc = ~crc;
    for (; length >= 8; data += 8, length -= 8) {
        uint32_t low = crc ^ ((uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
                              (uint32_t)data[3] << 24);
        crc = t[7][low & 255] ^ t[6][low >> 8 & 255] ^ t[5][low >> 16 & 255] ^ t[4][low >> 24] ^
              t[3][data[4]] ^ t[2][data[5]] ^ t[1][data[6]] ^ t[0][data[7]];
    }
    while (length--) crc = t[0][(crc ^ *data++) & 255] ^ (crc >> 8);
    return ~crc;
}

/* ---- writing ---- */

static HhStatus fail_write(HhNpz *n, int error)
{
    char words[128];
    if (strerror_r(error, words, sizeof words) != 0)
        (void)snprintf(words, sizeof words, "error %d", error);
    n->status = hh_fail(n->context, HH_ERROR_WRITE, "%s cannot be written: %s", n->path, words);
    return n->status;
}

static HhStatus write_out(HhNpz *n, const unsigned char *data, size_t length)
{
    while (length) {
        ssize_t written = write(n->file, data, HH_MIN(length, (size_t)1 << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_write(n, errno);
        data += written;
        length -= (size_t)written;
    }
    return HH_OK;
}

static HhStatus flush(HhNpz *n)
{
    size_t filled = n->filled;
    n->filled = 0;
    return write_out(n, n->buffer, filled);
}

static HhStatus put(HhNpz *n, const void *data, size_t length)
{
    n->position += length;
    if (length >= BUFFER) {
        HH_TRY(flush(n));
        return write_out(n, data, length);
    }
    if (n->filled + length > BUFFER) HH_TRY(flush(n));
    memcpy(n->buffer + n->filled, data, length);
    n->filled += length;
    return HH_OK;
}

/* Little-endian numbers into a small record. */
typedef struct Record {
    unsigned char bytes[128];
    size_t length;
} Record;

static void number(Record *r, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) r->bytes[r->length++] = (unsigned char)(value >> (8 * i));
}

static uint64_t limited(uint64_t value)
{
    return value < LIMIT_32 ? value : LIMIT_32;
}

/* Local header without the name; the ZIP64 field is there when it is needed. */
static void local_header(const Member *m, Record *r, Record *extra)
{
    bool large = m->size >= LIMIT_32;
    r->length = extra->length = 0;
    if (large) {
        number(extra, 1, 2);
        number(extra, 16, 2);
        number(extra, m->size, 8);
        number(extra, m->size, 8);
    }
    number(r, 0x04034b50, 4);
    number(r, large ? 45 : 20, 2);
    number(r, 0, 2); /* flags */
    number(r, 0, 2); /* stored */
    number(r, 0, 2); /* time */
    number(r, DOS_DATE, 2);
    number(r, m->crc, 4);
    number(r, limited(m->size), 4);
    number(r, limited(m->size), 4);
    number(r, strlen(m->name), 2);
    number(r, extra->length, 2);
}

static HhStatus put_local_header(HhNpz *n, const Member *m)
{
    Record r, extra;
    local_header(m, &r, &extra);
    HH_TRY(put(n, r.bytes, r.length));
    HH_TRY(put(n, m->name, strlen(m->name)));
    return put(n, extra.bytes, extra.length);
}

/* The check sum stands 14 bytes into the local header. */
static HhStatus patch_crc(HhNpz *n, const Member *m)
{
    Record r = {{0}, 0};
    number(&r, m->crc, 4);
    HH_TRY(flush(n));
    if (pwrite(n->file, r.bytes, 4, (off_t)(m->offset + 14)) != 4)
        return fail_write(n, errno ? errno : EIO);
    return HH_OK;
}

static HhStatus put_central_header(HhNpz *n, const Member *m)
{
    Record r = {{0}, 0}, extra = {{0}, 0};
    if (m->size >= LIMIT_32 || m->offset >= LIMIT_32) {
        int fields = (m->size >= LIMIT_32 ? 2 : 0) + (m->offset >= LIMIT_32 ? 1 : 0);
        number(&extra, 1, 2);
        number(&extra, (uint64_t)fields * 8, 2);
        if (m->size >= LIMIT_32) {
            number(&extra, m->size, 8);
            number(&extra, m->size, 8);
        }
        if (m->offset >= LIMIT_32) number(&extra, m->offset, 8);
    }
    number(&r, 0x02014b50, 4);
    number(&r, 3 << 8 | 45, 2); /* made by: Unix */
    number(&r, extra.length ? 45 : 20, 2);
    number(&r, 0, 2);
    number(&r, 0, 2);
    number(&r, 0, 2);
    number(&r, DOS_DATE, 2);
    number(&r, m->crc, 4);
    number(&r, limited(m->size), 4);
    number(&r, limited(m->size), 4);
    number(&r, strlen(m->name), 2);
    number(&r, extra.length, 2);
    number(&r, 0, 2); /* comment */
    number(&r, 0, 2); /* disk */
    number(&r, 0, 2); /* internal attributes */
    number(&r, (uint64_t)0100644 << 16, 4);
    number(&r, limited(m->offset), 4);
    HH_TRY(put(n, r.bytes, r.length));
    HH_TRY(put(n, m->name, strlen(m->name)));
    return put(n, extra.bytes, extra.length);
}

static HhStatus put_directory(HhNpz *n)
{
    uint64_t start = n->position;
    for (size_t i = 0; i < n->count; i++) HH_TRY(put_central_header(n, &n->members[i]));
    uint64_t size = n->position - start, end = n->position;
    Record r = {{0}, 0};
    if (start >= LIMIT_32 || n->count >= 0xFFFF) {
        number(&r, 0x06064b50, 4);
        number(&r, 44, 8);
        number(&r, 3 << 8 | 45, 2);
        number(&r, 45, 2);
        number(&r, 0, 4);
        number(&r, 0, 4);
        number(&r, n->count, 8);
        number(&r, n->count, 8);
        number(&r, size, 8);
        number(&r, start, 8);
        number(&r, 0x07064b50, 4);
        number(&r, 0, 4);
        number(&r, end, 8);
        number(&r, 1, 4);
    }
    number(&r, 0x06054b50, 4);
    number(&r, 0, 2);
    number(&r, 0, 2);
    number(&r, HH_MIN(n->count, (size_t)0xFFFF), 2);
    number(&r, HH_MIN(n->count, (size_t)0xFFFF), 2);
    number(&r, limited(size), 4);
    number(&r, limited(start), 4);
    number(&r, 0, 2);
    HH_TRY(put(n, r.bytes, r.length));
    return flush(n);
}

/* ---- an array ---- */

static char *append(char *at, const char *end, const char *text)
{
    size_t length = strlen(text);
    if (length < (size_t)(end - at)) {
        memcpy(at, text, length + 1);
        at += length;
    }
    return at;
}

/* The .npy header for this shape: magic, version, length, dictionary, spaces up to a multiple
 * of 64. */
static size_t npy_header(HhType type, bool fortran, int dimensions, const size_t *shape,
                         unsigned char header[256])
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    static const char *const codes[] = {"f4", "f8", "c8", "i8", "b1"};
    char text[192], *at = text, *end = text + sizeof text, digits[32];
    at = append(at, end, "{'descr': '");
    at = append(at, end, type == HH_BOOL ? "|" : first ? "<" : ">");
    at = append(at, end, codes[type]);
    at = append(at, end,
                fortran ? "', 'fortran_order': True, 'shape': ("
                        : "', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < dimensions; i++) {
        (void)snprintf(digits, sizeof digits, i ? ", %zu" : "%zu", shape[i]);
        at = append(at, end, digits);
    }
    at = append(at, end, dimensions == 1 ? ",), }" : "), }");
    size_t length = (size_t)(at - text), total = (10 + length + 1 + 63) / 64 * 64;
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (unsigned char)((total - 10) & 255);
    header[9] = (unsigned char)((total - 10) >> 8);
    memcpy(header + 10, text, length);
    memset(header + 10 + length, ' ', total - 10 - length);
    header[total - 1] = '\n';
    return total;
}

static HhStatus put_member(HhNpz *n, Member *m, const void *data, size_t length)
{
    m->crc = crc_of(n, m->crc, data, length);
    return put(n, data, length);
}

/* data[rows][columns] of `bytes` each, column after column. */
static HhStatus put_transposed(HhNpz *n, Member *m, const unsigned char *data, size_t rows,
                               size_t columns, size_t bytes)
{
    enum { BLOCK = 4096 };
    unsigned char block[BLOCK];
    for (size_t c = 0; c < columns; c++) {
        size_t filled = 0;
        for (size_t r = 0; r < rows; r++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): NULL only if empty */
            memcpy(block + filled, data + (r * columns + c) * bytes, bytes);
            filled += bytes;
            if (filled + bytes > BLOCK) {
                HH_TRY(put_member(n, m, block, filled));
                filled = 0;
            }
        }
        HH_TRY(put_member(n, m, block, filled));
    }
    return HH_OK;
}

static HhStatus put_array(HhNpz *n, Member *m, const HhArray *a, HhNpzLayout layout)
{
    int d = a->dimensions;
    size_t bytes = hh_type_bytes(a->type), count = hh_array_count(a),
           shape[HH_MAX_DIMENSIONS] = {0}, outer = 1;
    memcpy(shape, a->shape, (size_t)d * sizeof *shape);
    bool swapped = layout == HH_NPZ_SWAPPED && d >= 2;
    if (swapped) {
        shape[d - 2] = a->shape[d - 1];
        shape[d - 1] = a->shape[d - 2];
        for (int i = 0; i < d - 2; i++) outer *= a->shape[i];
    }
    unsigned char header[256];
    bool fortran = swapped && outer == 1;
    size_t length = npy_header(a->type, fortran, d, shape, header);
    m->offset = n->position;
    m->size = (uint64_t)length + (uint64_t)count * bytes;
    HH_TRY(put_local_header(n, m));
    HH_TRY(put_member(n, m, header, length));
    if (!swapped || fortran) {
        const unsigned char *data = a->data;
        for (size_t left = count * bytes; left > 0;) {
            size_t part = HH_MIN(left, BUFFER);
            HH_TRY(put_member(n, m, data, part));
            data += part;
            left -= part;
        }
    } else {
        size_t rows = a->shape[d - 2], columns = a->shape[d - 1];
        for (size_t i = 0; i < outer; i++)
            HH_TRY(put_transposed(n, m, (const unsigned char *)a->data + i * rows * columns * bytes,
                                  rows, columns, bytes));
    }
    return patch_crc(n, m);
}

/* ---- public ---- */

static void release(HhNpz *n)
{
    if (n->file >= 0) close(n->file);
    for (size_t i = 0; i < n->count; i++) hh_free(n->context, n->members[i].name);
    hh_free(n->context, n->members);
    hh_free(n->context, n->path);
    hh_free(n->context, n->temporary);
    hh_free(n->context, n->buffer);
    hh_free(n->context, n);
}

/* Made with open() and not with mkstemp(), so that the file gets the user's usual permissions. */
static int open_beside(HhNpz *n, size_t room)
{
    const char *slash = strrchr(n->path, '/');
    int folder = slash ? (int)(slash - n->path) + 1 : 0;
    for (int attempt = 0; attempt < 1000; attempt++) {
        (void)snprintf(n->temporary, room, "%.*s.heihachi-%ld-%d.tmp", folder, n->path,
                       (long)getpid(), attempt);
        int file = open(n->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

HhStatus hh_npz_create(HhContext *context, const char *path, HhNpz **npz)
{
    *npz = NULL;
    if (!path || !*path) return hh_fail(context, HH_ERROR_ARGUMENT, "no path for the NPZ file");
    HhNpz *n = hh_zalloc(context, 1, sizeof *n);
    if (!n) return hh_fail_memory(context);
    n->context = context;
    n->file = -1;
    size_t length = strlen(path), room = length + 64;
    n->path = hh_alloc(context, length + 1, 1);
    n->temporary = hh_alloc(context, room, 1);
    n->buffer = hh_alloc(context, BUFFER, 1);
    if (!n->path || !n->temporary || !n->buffer) {
        release(n);
        return hh_fail_memory(context);
    }
    memcpy(n->path, path, length + 1);
    make_crc_table(n->crc_table);
    n->file = open_beside(n, room);
    if (n->file < 0) {
        HhStatus status = fail_write(n, errno);
        release(n);
        return status;
    }
    *npz = n;
    return HH_OK;
}

/* A new member named NAME.npy at the end of the list. */
static HhStatus new_member(HhNpz *n, const char *name, Member **member)
{
    size_t length = strlen(name);
    if (length == 0 || length > MAX_NAME)
        return hh_fail(n->context, HH_ERROR_ARGUMENT,
                       "the name of an array has 1 to %d bytes, not %zu", MAX_NAME, length);
    for (size_t i = 0; i < n->count; i++)
        if (strlen(n->members[i].name) == length + 4 &&
            strncmp(n->members[i].name, name, length) == 0)
            return hh_fail(n->context, HH_ERROR_ARGUMENT, "two arrays are named %s", name);
    if (n->count == n->room) {
        size_t room = n->room ? 2 * n->room : 16;
        Member *grown = hh_alloc(n->context, room, sizeof *grown);
        if (!grown) return hh_fail_memory(n->context);
        if (n->count) memcpy(grown, n->members, n->count * sizeof *grown);
        hh_free(n->context, n->members);
        n->members = grown;
        n->room = room;
    }
    char *copy = hh_alloc(n->context, length + 5, 1);
    if (!copy) return hh_fail_memory(n->context);
    memcpy(copy, name, length);
    memcpy(copy + length, ".npy", 5);
    *member = &n->members[n->count++];
    **member = (Member){.name = copy};
    return HH_OK;
}

HhStatus hh_npz_add(HhNpz *npz, const char *name, const HhArray *array, HhNpzLayout layout)
{
    if (!npz) return HH_ERROR_ARGUMENT;
    if (npz->status != HH_OK) return npz->status;
    if (!name || !array || array->dimensions < 0 || array->dimensions > HH_MAX_DIMENSIONS ||
        array->type > HH_BOOL || (!array->data && hh_array_count(array) > 0))
        return npz->status = hh_fail(npz->context, HH_ERROR_ARGUMENT, "no array to write");
    Member *member = NULL;
    npz->status = new_member(npz, name, &member);
    if (npz->status == HH_OK) npz->status = put_array(npz, member, array, layout);
    return npz->status;
}

HhStatus hh_npz_close(HhNpz *npz)
{
    if (!npz) return HH_ERROR_ARGUMENT;
    HhStatus status = npz->status;
    if (status == HH_OK) status = put_directory(npz);
    if (status != HH_OK) {
        hh_npz_abandon(npz);
        return status;
    }
    int file = npz->file;
    npz->file = -1;
    if (close(file) != 0)
        status = fail_write(npz, errno); /* network file systems report a full disk here */
    if (status == HH_OK && rename(npz->temporary, npz->path) != 0) status = fail_write(npz, errno);
    if (status != HH_OK) (void)unlink(npz->temporary);
    release(npz);
    return status;
}

const char *hh_npz_temporary(const HhNpz *npz)
{
    return npz->temporary;
}

void hh_npz_abandon(HhNpz *npz)
{
    if (!npz) return;
    (void)unlink(npz->temporary);
    release(npz);
}
