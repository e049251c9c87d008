/* The golden vectors: signals through the core, and every bit of what it says as lines of text.
 *
 * The same source is compiled for the host and for the microcontroller; the two texts must be
 * equal. A case gives one line for each event with the bits of its numbers, one for each second
 * with a hash over the snapshots since the start of the case, and the numbers of its last
 * snapshot. */
#ifndef HH_FIRMWARE_GOLDEN_H
#define HH_FIRMWARE_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

#include "live.h"
#include "signals.h"

#define GOLDEN_HOP 128 /* of the clip, samples */

/* One channel of signed 16-bit samples at 16 kHz. */
typedef struct GoldenClip {
    const int16_t *samples;
    uint32_t length;
} GoldenClip;

/* Where the lines go: text without its newline. */
typedef void GoldenLine(const char *text);
/* A whole push of the core, so that a caller can measure it. */
typedef void GoldenPush(HhLive *live, const float *samples, size_t count);

/* All but the clip: tones, clicks, silence, noise, wrong numbers; several rates, every bank, the
 * staggered tempo, ragged pushes. False if the core refused a configuration or the memory was too
 * small for one; a line says which. */
bool golden_signals(void *memory, size_t memory_size, GoldenPush *push, GoldenLine *line);
/* The clip in pushes of one hop, default configuration at 16 kHz. */
bool golden_clip(void *memory, size_t memory_size, const GoldenClip *clip, GoldenPush *push,
                 GoldenLine *line);

/* "key value" in decimal. */
void golden_number(GoldenLine *line, const char *key, uint64_t value);

#endif
