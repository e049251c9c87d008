/* See spool.h. Invariant: every block but the last is full; block i is in memory if blocks[i] is
 * not NULL, else at i * BLOCK in the file; the last, growing block is always in memory. */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 20)

struct HhSpool {
    HhContext *context;
    HhSpoolBudget *budget;
    unsigned char **blocks;
    size_t count, capacity; /* blocks */
    size_t bytes;
    int file; /* -1: none yet */
};

HhStatus hh_spool_create(HhContext *context, HhSpoolBudget *budget, HhSpool **spool)
{
    *spool = hh_zalloc(context, 1, sizeof **spool);
    if (!*spool) return hh_fail_memory(context);
    (*spool)->context = context;
    (*spool)->budget = budget;
    (*spool)->file = -1;
    return HH_OK;
}

void hh_spool_destroy(HhSpool *spool)
{
    if (!spool) return;
    for (size_t i = 0; i < spool->count; i++) hh_free(spool->context, spool->blocks[i]);
    hh_free(spool->context, spool->blocks);
    if (spool->file >= 0) close(spool->file);
    hh_free(spool->context, spool);
}

size_t hh_spool_bytes(const HhSpool *spool)
{
    return spool->bytes;
}

static HhStatus open_file(HhSpool *spool)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int length =
        snprintf(path, sizeof path, "%s/heihachi-XXXXXX", folder && *folder ? folder : "/tmp");
    if (length < 0 || (size_t)length >= sizeof path)
        return hh_fail(spool->context, HH_ERROR_WRITE, "TMPDIR is too long");
    spool->file = mkstemp(path);
    if (spool->file < 0)
        return hh_fail(spool->context, HH_ERROR_WRITE,
                       "cannot make a temporary file %s: set TMPDIR to a folder with room", path);
    (void)fcntl(spool->file, F_SETFD, FD_CLOEXEC); /* not for the ffmpeg child */
    (void)unlink(path);
    return HH_OK;
}

static HhStatus write_block(HhSpool *spool, size_t index)
{
    if (spool->file < 0) HH_TRY(open_file(spool));
    size_t done = 0;
    while (done < BLOCK) {
        ssize_t n = pwrite(spool->file, spool->blocks[index] + done, BLOCK - done,
                           (off_t)(index * BLOCK + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return hh_fail(
                spool->context, HH_ERROR_WRITE,
                "the temporary file cannot grow beyond %zu MB: set TMPDIR to a folder with room",
                index * BLOCK >> 20);
        done += (size_t)n;
    }
    return HH_OK;
}

/* Makes room for a new last block; the one that was last, now full, goes to the file if the budget
 * is spent. */
static HhStatus add_block(HhSpool *spool)
{
    unsigned char *recycled = NULL;
    if (spool->count > 0) {
        if (spool->budget->left >= BLOCK) {
            spool->budget->left -= BLOCK;
        } else {
            HH_TRY(write_block(spool, spool->count - 1));
            recycled = spool->blocks[spool->count - 1];
            spool->blocks[spool->count - 1] = NULL;
        }
    }
    if (spool->count == spool->capacity) {
        size_t capacity = spool->capacity ? 2 * spool->capacity : 64;
        unsigned char **blocks = hh_alloc(spool->context, capacity, sizeof *blocks);
        if (!blocks) {
            hh_free(spool->context, recycled);
            return hh_fail_memory(spool->context);
        }
        if (spool->count > 0) memcpy(blocks, spool->blocks, spool->count * sizeof *blocks);
        hh_free(spool->context, spool->blocks);
        spool->blocks = blocks;
        spool->capacity = capacity;
    }
    unsigned char *block = recycled ? recycled : hh_alloc(spool->context, BLOCK, 1);
    if (!block) return hh_fail_memory(spool->context);
    spool->blocks[spool->count++] = block;
    return HH_OK;
}

HhStatus hh_spool_append(HhSpool *spool, const void *data, size_t bytes)
{
    const unsigned char *from = data;
    while (bytes > 0) {
        size_t at = spool->bytes % BLOCK;
        if (at == 0 && spool->bytes == spool->count * BLOCK) HH_TRY(add_block(spool));
        size_t n = HH_MIN(bytes, BLOCK - at);
        memcpy(spool->blocks[spool->count - 1] + at, from, n);
        spool->bytes += n;
        from += n;
        bytes -= n;
    }
    return HH_OK;
}

HhStatus hh_spool_read(const HhSpool *spool, size_t offset, size_t bytes, void *data)
{
    unsigned char *to = data;
    if (offset > spool->bytes || bytes > spool->bytes - offset)
        return hh_fail(spool->context, HH_ERROR_INTERNAL, "a read beyond the end of a spool");
    while (bytes > 0) {
        size_t index = offset / BLOCK, at = offset % BLOCK, n = HH_MIN(bytes, BLOCK - at);
        if (spool->blocks[index]) {
            memcpy(to, spool->blocks[index] + at, n);
        } else {
            ssize_t got = pread(spool->file, to, n, (off_t)offset);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0)
                return hh_fail(spool->context, HH_ERROR_READ,
                               "the temporary file cannot be read back");
            n = (size_t)got;
        }
        to += n;
        offset += n;
        bytes -= n;
    }
    return HH_OK;
}
