/* The snapshot that other threads read: a sequence lock (used in Linux by S. Hemminger; in the
 * terms of C11: H.-J. Boehm, "Can seqlocks get along with programming language memory models?",
 * MSPC 2012). The payload goes through relaxed atomic words, so that a reader in the middle of a
 * write reads old and new words mixed, which it finds out and forgets, but there is no data race.
 * The writer never waits. Cost: 4 instructions a word. */
#include "internal.h"

void hh_live_publish(HhLive *live)
{
    LivePublished *published = &live->published;
    unsigned sequence = atomic_load_explicit(&published->sequence, memory_order_relaxed);
    atomic_store_explicit(&published->sequence, sequence + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    const unsigned char *from = (const unsigned char *)&live->now;
    for (size_t i = 0; i < HH_LIVE_SNAPSHOT_WORDS; i++) {
        uint32_t word;
        __builtin_memcpy(&word, from + 4 * i, 4);
        atomic_store_explicit(&published->word[i], word, memory_order_relaxed);
    }
    atomic_store_explicit(&published->sequence, sequence + 2, memory_order_release);
}

/* False if a write was under way. */
static bool try_read(const LivePublished *published, HhLiveSnapshot *snapshot)
{
    unsigned before = atomic_load_explicit(&published->sequence, memory_order_acquire);
    if (before % 2 != 0) return false;
    unsigned char *to = (unsigned char *)snapshot;
    for (size_t i = 0; i < HH_LIVE_SNAPSHOT_WORDS; i++) {
        uint32_t word = atomic_load_explicit(&published->word[i], memory_order_relaxed);
        __builtin_memcpy(to + 4 * i, &word, 4);
    }
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&published->sequence, memory_order_relaxed) == before;
}

bool hh_live_read(const HhLive *live, HhLiveSnapshot *snapshot)
{
    for (int i = 0; i < 4; i++)
        if (try_read(&live->published, snapshot)) return true;
    return false;
}
