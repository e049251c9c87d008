/* From the audio callback to the analysis: blocks of mono samples with the time of their end.
 * One thread writes, one reads; neither waits for the other, and nothing is allocated after
 * live_ring_create(). Needs nothing of the rest of the command. */
#ifndef HH_CLI_LIVE_RING_H
#define HH_CLI_LIVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct LiveRing LiveRing;

/* Of at least `samples` samples and as many blocks as they may come in; NULL without memory. */
LiveRing *live_ring_create(size_t samples, double rate);
void live_ring_destroy(LiveRing *ring); /* accepts NULL */

/* The writer. Mixes the chosen planes (bit c of `chosen`: planes[c]; a NULL plane is silent) to
 * their mean. `gap`: samples that the device lost before this block. False if there was no room:
 * the block is lost, and becomes part of the gap before the next. */
bool live_ring_write(LiveRing *ring, const float *const *planes, int count_planes, uint64_t chosen,
                     size_t count, size_t gap, int64_t end_ns);

/* The reader. Up to `count` samples of one block, 0 if there are none; *end_ns is when the last of
 * them was taken in. A gap is given as silence, so that time goes on, but at most a second of it.
 */
size_t live_ring_read(LiveRing *ring, float *samples, size_t count, int64_t *end_ns);

/* From any thread: gaps, whatever their reason, and the samples that are missing. */
void live_ring_losses(const LiveRing *ring, uint64_t *gaps, uint64_t *samples);
/* The writer: a gap of unknown length. */
void live_ring_gap(LiveRing *ring);

#endif
