/* A ring of samples and a ring of blocks that lie in it. The writer alone moves `head`, the reader
 * alone `tail` and `free_from`; each publishes with release what the other reads with acquire, so
 * that a block that is seen is whole. Positions count for ever and are taken modulo the size. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "live_ring.h"

#define BLOCKS 1024u /* of 64 samples at 48 kHz: 1.4 s */

typedef struct Block {
    size_t start, count, gap;
    int64_t end_ns;
} Block;

struct LiveRing {
    float *samples;
    size_t size; /* a power of two */
    double rate;
    Block blocks[BLOCKS];
    atomic_size_t head;    /* blocks written */
    size_t write_at, lost; /* the writer's own: samples written; lost since the last block */
    atomic_uint_fast64_t gaps, lost_samples;
    atomic_size_t tail;      /* blocks read */
    atomic_size_t free_from; /* samples read */
    size_t taken, silence;   /* the reader's own: of the block at tail */
    bool begun;
};

LiveRing *live_ring_create(size_t samples, double rate)
{
    LiveRing *ring = calloc(1, sizeof *ring);
    if (!ring) return NULL;
    ring->rate = rate;
    for (ring->size = 64; ring->size < samples; ring->size *= 2) {
    }
    ring->samples = calloc(ring->size, sizeof *ring->samples);
    if (ring->samples) return ring;
    free(ring);
    return NULL;
}

void live_ring_destroy(LiveRing *ring)
{
    if (ring) free(ring->samples);
    free(ring);
}

/* ---- the writer ---- */

static void mix(LiveRing *ring, const float *const *planes, int count_planes, uint64_t chosen,
                size_t count)
{
    int mixed = 0;
    for (int c = 0; c < count_planes; c++) mixed += (int)(chosen >> c & 1u);
    float scale = mixed > 0 ? 1.0f / (float)mixed : 0.0f;
    for (size_t n = 0; n < count; n++) {
        float sum = 0.0f;
        for (int c = 0; c < count_planes; c++)
            if ((chosen >> c & 1u) && planes[c]) sum += planes[c][n];
        ring->samples[(ring->write_at + n) & (ring->size - 1)] = sum * scale;
    }
}

bool live_ring_write(LiveRing *ring, const float *const *planes, int count_planes, uint64_t chosen,
                     size_t count, size_t gap, int64_t end_ns)
{
    if (count == 0) return true;
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    size_t used = ring->write_at - atomic_load_explicit(&ring->free_from, memory_order_acquire);
    if (gap > 0) {
        atomic_fetch_add_explicit(&ring->gaps, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&ring->lost_samples, gap, memory_order_relaxed);
    }
    if (head - tail >= BLOCKS || used + count > ring->size) {
        if (ring->lost == 0) atomic_fetch_add_explicit(&ring->gaps, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&ring->lost_samples, count, memory_order_relaxed);
        ring->lost += gap + count;
        return false;
    }
    mix(ring, planes, count_planes, chosen, count);
    ring->blocks[head % BLOCKS] = (Block){ring->write_at, count, gap + ring->lost, end_ns};
    ring->write_at += count;
    ring->lost = 0;
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

void live_ring_gap(LiveRing *ring)
{
    atomic_fetch_add_explicit(&ring->gaps, 1, memory_order_relaxed);
}

void live_ring_losses(const LiveRing *ring, uint64_t *gaps, uint64_t *samples)
{
    *gaps = atomic_load_explicit(&ring->gaps, memory_order_relaxed);
    *samples = atomic_load_explicit(&ring->lost_samples, memory_order_relaxed);
}

/* ---- the reader ---- */

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Nanoseconds that so many samples take. */
static int64_t duration(const LiveRing *ring, size_t samples)
{
    return (int64_t)((double)samples * 1e9 / ring->rate);
}

static size_t read_samples(LiveRing *ring, const Block *block, float *samples, size_t count)
{
    count = at_most(count, block->count - ring->taken);
    for (size_t n = 0; n < count; n++)
        samples[n] = ring->samples[(block->start + ring->taken + n) & (ring->size - 1)];
    ring->taken += count;
    return count;
}

size_t live_ring_read(LiveRing *ring, float *samples, size_t count, int64_t *end_ns)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire)) return 0;
    const Block *block = &ring->blocks[tail % BLOCKS];
    if (!ring->begun) {
        ring->begun = true;
        ring->taken = 0;
        ring->silence = at_most(block->gap, (size_t)ring->rate);
    }
    if (ring->silence > 0) {
        count = at_most(count, ring->silence);
        memset(samples, 0, count * sizeof *samples);
        ring->silence -= count;
        *end_ns = block->end_ns - duration(ring, block->count + ring->silence);
        return count;
    }
    count = read_samples(ring, block, samples, count);
    *end_ns = block->end_ns - duration(ring, block->count - ring->taken);
    if (ring->taken == block->count) {
        size_t free_from = block->start + block->count;
        ring->begun = false;
        atomic_store_explicit(&ring->free_from, free_from, memory_order_release);
        atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    }
    return count;
}
