/* Where the library's memory comes from under Python: malloc, and a few large blocks that are kept
 * when they are freed. A spectrogram of three minutes is 64 MB; to have them from the system anew
 * for each call costs as much as half of the transform (every page is cleared). At most KEPT_BYTES
 * are kept. */
#include "core.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { KEPT_BLOCKS = 4 };
#define LARGE      ((size_t)4 << 20) /* bytes; smaller blocks are malloc's own */
#define KEPT_BYTES ((size_t)96 << 20)
#define HUGE_PAGE  ((size_t)2 << 20)

/* Stands right before the memory that is handed out. */
typedef struct Header {
    void *start; /* of the whole block */
    size_t room; /* bytes that are handed out */
} Header;

static struct {
    pthread_mutex_t lock;
    Header block[KEPT_BLOCKS];
    int count;
    size_t bytes;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static Header *header_of(void *memory)
{
    return (Header *)memory - 1;
}

static size_t offset_for(size_t alignment)
{
    return alignment > 64 ? alignment : 64;
}

static void *block_memory(const Header *block)
{
    /* Kept blocks are large ones, whose memory starts a page after the block. */
    return (char *)block->start + 4096;
}

/* A kept block with room for `bytes` of which no more than a quarter would be idle. A lock that is
 * taken, or was at a fork, counts as nothing found. */
static void *take_kept(size_t bytes)
{
    void *memory = NULL;
    if (pthread_mutex_trylock(&kept.lock) != 0) return NULL;
    for (int i = 0; i < kept.count && !memory; i++) {
        Header found = kept.block[i];
        if (found.room < bytes || found.room / 4 > bytes / 3) continue;
        kept.bytes -= found.room;
        kept.block[i] = kept.block[--kept.count];
        memory = block_memory(&found);
    }
    pthread_mutex_unlock(&kept.lock);
    return memory;
}

static bool keep(const Header *header)
{
    bool fits = false;
    if (header->room < LARGE || pthread_mutex_trylock(&kept.lock) != 0) return false;
    if (kept.count < KEPT_BLOCKS && kept.bytes + header->room <= KEPT_BYTES) {
        kept.block[kept.count++] = *header;
        kept.bytes += header->room;
        fits = true;
    }
    pthread_mutex_unlock(&kept.lock);
    return fits;
}

static void *allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    bool large = bytes >= LARGE;
    void *memory = large ? take_kept(bytes) : NULL;
    if (memory) return memory;
    size_t offset = large ? 4096 : offset_for(alignment);
    if (bytes > SIZE_MAX - offset - HUGE_PAGE) return NULL;
    void *start;
    if (posix_memalign(&start, large ? HUGE_PAGE : offset, bytes + offset) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (large) (void)madvise(start, (bytes + offset) & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
    memory = (char *)start + offset;
    *header_of(memory) = (Header){start, bytes};
    return memory;
}

static void release(void *user, void *memory)
{
    (void)user;
    if (memory && !keep(header_of(memory))) free(header_of(memory)->start);
}

HhAllocator core_allocator(void)
{
    return (HhAllocator){allocate, release, NULL};
}
