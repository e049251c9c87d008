/* What the parts of the real-time core share. live.c owns the clock: it takes samples in, and at
 * exact sample positions calls the parts, always in this order:
 *
 *   chunk    every 128 samples and before each of the two below: the meter, the novelty's filters,
 *            the tree
 *
 *   round    every `hop` samples: the note bank, then the snapshot is published
 *
 *   tick     number n at sample ceil(n * sample_rate / novelty_rate), n = 1, 2, ...:
 *            novelty, onsets, tempo, beats, the chromagram
 *
 * These positions depend on the configuration alone, so the arithmetic, flushes of tiny values
 * included, is the same for all push sizes. */
#ifndef HH_REALTIME_INTERNAL_H
#define HH_REALTIME_INTERNAL_H

#include <stdatomic.h>

#include "live.h"

#include "arithmetic.h"
#include "beat.h"

#define HH_LIVE_MAX_OCTAVES 12  /* of the tree: 96 kHz halved eleven times, and what is left */
#define HH_LIVE_CHUNK       128 /* samples processed at once, at most */

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

/* Sample positions ceil(n * sample_rate / rate), n = 1, 2, ..., without division; exactly for a
 * rate that is a multiple of 2^-19, as all floats from 16 are. Never if it is below that. */
typedef struct LivePace {
    int64_t next;  /* the position to come, that of n */
    int64_t whole; /* floor of n * step */
    uint64_t rest; /* and what it lacks, in units of 1 / divisor */
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

/* bank.c: neighbours that one loop works on, all with the same block. */
#define HH_LIVE_GROUP      4
#define HH_LIVE_MAX_GROUPS (HH_LIVE_MAX_NOTES / HH_LIVE_GROUP + HH_LIVE_MAX_OCTAVES)

typedef struct LiveGroup {
    uint8_t first, count; /* notes */
    uint8_t octave;       /* of the tree */
    uint8_t period;       /* rounds from one evaluation to the next, a power of two */
    uint8_t turn;         /* the first round of each period is number 0 */
    uint16_t window;      /* index in the table */
    uint32_t length;      /* of the block, in samples of the octave */
} LiveGroup;

/* Of one note of the sliding DFT: sums of x e^(-i phase) over the block at the frequency of the
 * note and at one cycle a block below and above. */
typedef struct LiveSliding {
    uint32_t step[3]; /* of the phase, 2^32 a turn */
    int64_t real[3], imaginary[3];
} LiveSliding;

typedef struct LiveBank {
    LiveGroup *group; /* longest block first */
    uint32_t groups;
    const float *window; /* of all groups, with the gain that makes a sine of amplitude 1 read 1 */
    const float *coefficient; /* of each note: 2 cos w; of the banks at the full rate: 4 sin(w/2)^2
                               */
    LiveSliding *sliding;     /* of each note */
    int16_t *sine;            /* one turn */
    uint32_t round;           /* number of the next */
} LiveBank;

/* Makes the groups, lowest note first; room for HH_LIVE_MAX_GROUPS. Returns how many. */
uint32_t hh_live_bank_groups(const HhLiveConfig *config, LiveGroup *group);
/* Samples of each octave that the bank looks back on. */
void hh_live_bank_keep(const HhLiveConfig *config, uint32_t keep[HH_LIVE_MAX_OCTAVES]);
void hh_live_bank_lay(LiveBank *bank, LiveArena *arena, const HhLiveConfig *config,
                      const float *tables);
/* Of a chunk that has come in: only the sliding DFT has something to do. */
void hh_live_bank_advance(LiveBank *bank, const LiveOctave *input, int64_t sample, uint32_t count);
void hh_live_bank_round(LiveBank *bank, const LiveTree *tree, int64_t sample, HhLiveBank kind,
                        float *note);
/* Floats of tables, and the tables. */
uint32_t hh_live_bank_table_size(const HhLiveConfig *config);
void hh_live_bank_make_table(const HhLiveConfig *config, float *table);
float hh_live_note_frequency(const HhLiveConfig *config, uint32_t note);

/* chroma.c */
typedef struct LiveChroma {
    uint8_t *pitch_class; /* of each note, C = 0 */
    int16_t *centre;      /* of each note, above the nearest semitone of A4 = 440 Hz, cents / 256 */
    const float *side;    /* how the neighbours tell where a tone is, six for each note */
    uint32_t notes;
    float real, imaginary; /* of the tuning: where on the circle of 100 cents the notes are */
    float forget;          /* of it, a round */
} LiveChroma;

uint32_t hh_live_chroma_table_size(const HhLiveConfig *config);
void hh_live_chroma_make_table(const HhLiveConfig *config, float *table);
void hh_live_chroma_lay(LiveChroma *chroma, LiveArena *arena, const HhLiveConfig *config,
                        const LiveBank *bank, const float *table);
void hh_live_chroma_tick(LiveChroma *chroma, HhLiveSnapshot *now);

/* level.c; slices are of 10 ms */
#define HH_LIVE_RECENT    5  /* slices that RMS and peak are of */
#define HH_LIVE_MOMENTARY 40 /* and momentary loudness */

typedef struct LiveMeter {
    LivePace slice, tell;
    float b0, b1, b2, a1, a2, g2, keep; /* of the K weighting */
    float v, p1, p2, once, twice;       /* its state */
    float square, peak, weighted;       /* of the slice so far */
    float recent, momentary;            /* 1 / samples */
    float recent_square[HH_LIVE_RECENT], recent_peak[HH_LIVE_RECENT];
    float momentary_square[HH_LIVE_MOMENTARY];
    uint32_t slices; /* modulo HH_LIVE_MOMENTARY */
    float power;     /* mean square of the recent slices */
    float silence_db, floor_db, top_db;
    float program;       /* mean square of the last seconds */
    uint8_t quiet, flat; /* slices since it is below the level, and the contrast, of silence */
    uint8_t patience;    /* slices of quiet that make silence */
    uint8_t lasted;      /* slices of the silence that is on */
    uint8_t loud;        /* slices without quiet */
    bool by_level, by_contrast;
} LiveMeter;

void hh_live_meter_start(LiveMeter *meter, const HhLiveConfig *config);
/* Samples position .. position + count - 1. */
void hh_live_meter_advance(HhLive *live, const float *x, int64_t position, uint32_t count);

/* tables.c: tables that depend on the configuration alone, the bank's, the chromagram's. */
uint32_t hh_live_tables_size(const HhLiveConfig *config);
void hh_live_tables_make(const HhLiveConfig *config, float *table);
/* Those in read-only memory, where the program has them for this configuration; or NULL. */
const float *hh_live_tables_const(const HhLiveConfig *config);

/* What a tick of the novelty gets. */
typedef struct LiveTick {
    int64_t sample; /* taken in until now: the tick is at the end of sample `sample` - 1 */
    uint32_t bands;
    /* Mean square of each octave band since the last tick; 0 is the top octave. Band b is heard
     * late, by about 5 * 2^b samples. At 50 Hz the lowest have 2 or 3 values a tick. */
    const float *band_power;
} LiveTick;

/* novelty.c and beat.c: the ticks. */
void hh_live_beat_start(HhLive *live);
/* What came in since the last chunk: `count` samples up to now. */
void hh_live_novelty_chunk(HhLive *live, const float *samples, uint32_t count);
void hh_live_novelty_tick(HhLive *live, const LiveTick *tick);
/* Position of the rise that the tick holds, if any. */
int64_t hh_live_rise_sample(const HhLive *live, const LiveTick *tick);
/* All of it: novelty, onsets, tempo, beats. */
void hh_live_tempo_tick(HhLive *live, const LiveTick *tick);
/* At sample beat.due. */
void hh_live_tell_beat(HhLive *live);

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
    LiveBank bank;
    LiveChroma chroma;
    LiveMeter meter;
    LiveBeat beat;
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
