/* Where the engine's samples come from: a file or a signal in memory, cut into blocks, as it is and
 * at 44.1 kHz. */
#ifndef HH_SOURCE_H
#define HH_SOURCE_H

#include "base/base.h"
#include "heihachi/audio.h"

#define HH_CANONICAL_RATE 44100.0

/* One block of sound. The pointers are valid until the block is filled again. */
typedef struct HhBlock {
    size_t native_count; /* samples per channel at the file's rate */
    float *native[HH_MAX_CHANNELS];
    size_t count, capacity; /* samples per channel at 44.1 kHz */
    /* At 44.1 kHz; the native planes when that is the file's rate. */
    float *channel[HH_MAX_CHANNELS];
    float *mono;               /* mean of the channels, at 44.1 kHz */
    float *memory, *resampled; /* owned */
} HhBlock;

typedef struct HhSource HhSource;

/* Blocks hold about `samples` at 44.1 kHz; any number gives the same samples. */
HhStatus hh_source_open_file(HhContext *context, const char *path, size_t samples,
                             HhSource **source);
HhStatus hh_source_open_signal(HhContext *context, const HhSignal *signal, size_t samples,
                               HhSource **source);
void hh_source_close(HhSource *source); /* accepts NULL */
const HhAudioInfo *hh_source_info(const HhSource *source);
/* Samples per channel read so far, at the file's rate. */
uint64_t hh_source_position(const HhSource *source);

HhStatus hh_block_init(HhContext *context, const HhSource *source, HhBlock *block);
void hh_block_free(HhContext *context, HhBlock *block);
/* Fills the block; *end is true when it is the last one (which may be empty). Allocates only to
 * enlarge a block. */
HhStatus hh_source_read(HhSource *source, HhBlock *block, bool *end);

#endif
