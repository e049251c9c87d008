/* What the parts of the real-time core share. live.c owns the clock: it takes samples in, and at
 * exact sample positions calls the parts, always in this order:
 *   chunk    every 256 samples and before each of the two below: the tree, the meter
 *   round    every `hop` samples: the note bank, the chromagram, then the snapshot is published
 *   tick     number n at sample ceil(n * sample_rate / novelty_rate), n = 1, 2, ...: novelty,
 * onsets, tempo, beats These positions depend on the configuration alone, so the arithmetic,
 * flushes of tiny values included, is the same for all push sizes. */
#ifndef HH_REALTIME_INTERNAL_H
#define HH_REALTIME_INTERNAL_H

#include <stdatomic.h>

#include "live.h"

#include "arithmetic.h"

#define HH_LIVE_MAX_OCTAVES 12  /* of the tree: 96 kHz halved eleven times, and what is left */
#define HH_LIVE_CHUNK       256 /* samples processed at once, at most */

/* The caller's memory, handed out from its start. base NULL: only count. */
typedef struct LiveArena {
    unsigned char *base;
    size_t used;
} LiveArena;

/* The next `bytes`, 8-byte aligned; NULL when counting. */
static inline void *hh_live_take(LiveArena *arena, size_t bytes)
{
    void *taken = arena->base ? arena->base + arena->used : NULL;
    arena->used += (bytes + 7) & ~(size_t)7;
    return taken;
}

/* Sample positions ceil(n * sample_rate / rate), n = 1, 2, ..., exactly and without division. */
typedef struct LivePace {
    int64_t next;   /* the position to come */
    int64_t number; /* its n */
    int64_t whole;  /* floor of n * step */
    uint64_t rest;  /* and what it lacks, in units of 1 / divisor */
    uint64_t step, step_rest, divisor;
} LivePace;

void hh_live_pace_start(LivePace *pace, uint32_t sample_rate, float rate);
void hh_live_pace_next(LivePace *pace);

/* decimate.c: octave 0 is the input, octave o has sample_rate / 2^o. */
typedef struct LiveOctave {
    float *samples; /* oldest first */
    uint32_t room, filled;
    uint32_t keep;  /* so many of the newest are always there */
    uint32_t split; /* index of the first that has not been halved yet */
    float state[6]; /* of the two all-pass chains that halve it */
    float power;    /* sum of squares of its upper half since the last tick */
    uint32_t count; /* of how many values */
} LiveOctave;

typedef struct LiveTree {
    LiveOctave octave[HH_LIVE_MAX_OCTAVES];
    uint32_t bands; /* octave 0 to bands - 1 are halved; band b is sample_rate / 2^(b+2) to /
                       2^(b+1) */
} LiveTree;

uint32_t hh_live_tree_bands(uint32_t sample_rate);
/* keep[o]: samples of octave o, 0 to bands, that the note bank needs. tree NULL: only count. */
void hh_live_tree_lay(LiveTree *tree, LiveArena *arena, uint32_t sample_rate,
                      const uint32_t keep[HH_LIVE_MAX_OCTAVES]);
/* Where the next `count` (at most HH_LIVE_CHUNK) samples of the input go. */
float *hh_live_tree_room(LiveTree *tree, uint32_t count);
/* Halves what came in since the last call. */
void hh_live_tree_advance(LiveTree *tree);
/* Mean squares of the bands since the last call. */
void hh_live_tree_powers(LiveTree *tree, float power[HH_LIVE_MAX_OCTAVES]);

/* What a tick of the novelty gets. */
typedef struct LiveTick {
    int64_t number; /* counts from 1 */
    int64_t sample; /* taken in until now: the tick is at the end of sample `sample` - 1 */
    uint32_t bands;
    /* Mean square of each octave band since the last tick; 0 is the top octave. A band is heard
     * late, by about hh_live_band_delay() samples. At 50 Hz the lowest have 2 or 3 values a tick.
     */
    const float *band_power;
    uint32_t notes;
    const float *note; /* amplitudes of the last round */
} LiveTick;

/* Group delay of band b in input samples, in its middle. */
float hh_live_band_delay(uint32_t band);

/* snapshot.c */
#define HH_LIVE_SNAPSHOT_WORDS (sizeof(HhLiveSnapshot) / sizeof(uint32_t))

typedef struct LivePublished {
    _Atomic unsigned sequence; /* odd while being written */
    _Atomic uint32_t word[HH_LIVE_SNAPSHOT_WORDS];
} LivePublished;

void hh_live_publish(HhLive *live);

struct HhLive {
    HhLiveConfig config;
    HhLiveListener *listener;
    void *user;
    int64_t sample;  /* taken in */
    int64_t chunk;   /* position at which the chunk begins */
    int64_t stop;    /* and ends */
    int64_t round;   /* position of the next round */
    LivePace tick;   /* positions of the ticks */
    float *incoming; /* where sample number `chunk` is */
    LiveTree tree;
    HhLiveSnapshot now; /* being made; every part writes its own fields */
    LivePublished published;
    HhLiveProfile profile;
    uint32_t hop_time; /* of this round so far */
};

/* Calls the listener; fills in `told`. */
void hh_live_tell(HhLive *live, HhLiveEvent *event);

/* The profile: a stage's time runs from hh_live_clock() to hh_live_clocked(). */
static inline uint32_t hh_live_clock(const HhLive *live)
{
    return live->config.clock ? live->config.clock() : 0;
}

void hh_live_clocked(HhLive *live, HhLiveStage stage, uint32_t since);

#endif
