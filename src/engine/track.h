/* One analysis under way, and the stages that it consists of.
 *
 * The track is read in blocks. For each block there are one or more rounds; in a round every stage
 * may have tasks, all tasks of all stages (and the decoding of the next block) run in one
 * hh_parallel_for(), then join() runs serially. A stage that works on spectra sees those of this
 * round in `now` (being written) and may only read those of the round before in `before`; after the
 * last block there is one more round without new frames for such stages. When all is read: settle()
 * serially, close tasks in parallel, conclude() serially in the order of the table.
 *
 * Frame f of the track starts at sample 512 f - 1024; zeros stand before the first and after the
 * last sample. */
#ifndef HH_TRACK_H
#define HH_TRACK_H

#include "base/base.h"
#include "base/spool.h"
#include "engine/rows.h"
#include "engine/source.h"
#include "heihachi/engine.h"
#include "kernel/fft.h"
#include "kernel/kernels.h"

enum { HH_FRAME = 2048, HH_HOP = 512, HH_BINS = HH_FRAME / 2 + 1, HH_MELS = 128 };

/* The spectra of one round: tiles of HH_TILE frames, [tile][bin][lane]. */
typedef struct HhSpectra {
    size_t first, count; /* frames; `first` is a multiple of HH_TILE */
    float *re, *im, *magnitude;
} HhSpectra;

typedef struct HhStage HhStage;

typedef struct HhTrack {
    HhContext *context;
    const HhKernels *kernels;
    HhAnalyseParams params;
    HhSource *source;
    unsigned stages; /* bit i: stage i of the table takes part */
    void **states;   /* [number of stages] */
    HhSpoolBudget budget;
    size_t workers;
    size_t expected_frames; /* by the file's header, with limits: a hint */
    double *seconds; /* [workers][HH_STAGE_COUNT + 1] spent in tasks; the last column is decoding */

    /* this round */
    const HhBlock *block; /* new samples; NULL in the further rounds of a block */
    bool last_block;      /* `block` is the last one */
    size_t first, count;  /* frames */
    const float *samples; /* of frame `first`; the next frame starts HH_HOP later */
    HhSpectra *now, *before;

    /* known from the end of reading on */
    uint64_t length; /* samples at 44.1 kHz */
    size_t frames;
    HhAnalysis *analysis;
} HhTrack;

struct HhStage {
    const char *name;
    unsigned features; /* HH_FEATURE_... bits that need this stage */
    bool for_images;   /* also needed when pictures are asked for */
    /* Stages that must run too, HH_STAGE_... bits; they stand earlier in the table. */
    unsigned needs;
    HhStatus (*begin)(HhTrack *track, void **state);
    size_t (*tasks)(const HhTrack *track, const void *state); /* NULL: none */
    HhStatus (*task)(HhTrack *track, void *state, size_t index, int worker);
    HhStatus (*join)(HhTrack *track, void *state);
    HhStatus (*settle)(HhTrack *track, void *state);
    size_t (*close_tasks)(const HhTrack *track, const void *state);
    HhStatus (*close_task)(HhTrack *track, void *state, size_t index, int worker);
    HhStatus (*conclude)(HhTrack *track, void *state);
    void (*end)(HhTrack *track, void *state); /* `state` may be half made, never NULL */
};

/* The table, in the order in which results depend on each other. */
#define HH_STAGE_LIST(X)                                                                           \
    X(LOUDNESS, loudness)                                                                          \
    X(LEVELS, levels)                                                                              \
    X(SPECTRUM, spectrum)                                                                          \
    X(OCTAVES, octaves)                                                                            \
    X(HPSS, hpss)                                                                                  \
    X(PITCH, pitch)                                                                                \
    X(PYIN, pyin)                                                                                  \
    X(TUNING, tuning)                                                                              \
    X(HARMONY, harmony)                                                                            \
    X(MEL, mel)                                                                                    \
    X(RHYTHM, rhythm)                                                                              \
    X(PICTURES, pictures)                                                                          \
    X(FINGERPRINT, fingerprint)

enum {
#define HH_STAGE_INDEX(name, file) HH_STAGE_INDEX_##name,
    HH_STAGE_LIST(HH_STAGE_INDEX)
#undef HH_STAGE_INDEX
        HH_STAGE_COUNT
};
enum {
#define HH_STAGE_BIT(name, file) HH_STAGE_##name = 1u << HH_STAGE_INDEX_##name,
    HH_STAGE_LIST(HH_STAGE_BIT)
#undef HH_STAGE_BIT
};
#define HH_STAGE_DECLARE(name, file) extern const HhStage hh_stage_##file;
HH_STAGE_LIST(HH_STAGE_DECLARE)
#undef HH_STAGE_DECLARE

static inline bool hh_track_has(const HhTrack *track, unsigned stage_bit)
{
    return (track->stages & stage_bit) != 0;
}
static inline bool hh_track_wants(const HhTrack *track, unsigned feature_bits)
{
    return (track->params.features & feature_bits) != 0;
}
/* Tiles of this round's frames, and the frames of one of them. */
static inline size_t hh_track_tiles(const HhTrack *track)
{
    return (track->count + HH_TILE - 1) / HH_TILE;
}
static inline int hh_track_lanes(size_t count, size_t tile)
{
    return (int)HH_MIN((size_t)HH_TILE, count - tile * HH_TILE);
}

/* Adds a series to the analysis and takes the rows. Names and units are constant strings. */
HhStatus hh_track_series(HhTrack *track, const char *name, const char *unit, HhRows *rows,
                         double hop_s);
/* The same of a finished array, which is taken; row t stands at start_s + t * hop_s. */
HhStatus hh_track_series_array(HhTrack *track, const char *name, const char *unit, HhArray *values,
                               double start_s, double hop_s);
/* A new picture in the analysis, to be filled in. */
HhStatus hh_track_image(HhTrack *track, const char *name, const char *unit, HhImage **image);

#endif
