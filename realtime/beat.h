/* From band powers to beats: what novelty.c, tempo.c and beat.c share. A part of internal.h. */
#ifndef HH_REALTIME_BEAT_H
#define HH_REALTIME_BEAT_H

#include "live.h"

#include "arithmetic.h"

/* novelty.c */
#define HH_LIVE_PITCHES 9 /* octaves of the novelty, from 31.25 Hz up, whatever the sample rate */
#define HH_LIVE_PARTS   4 /* of a tick, in which a rise is located */

typedef struct LiveNovelty {
    /* Power of the differenced input in the parts of this tick, and how many samples. */
    float part_power[HH_LIVE_PARTS];
    uint32_t part_count[HH_LIVE_PARTS];
    float part_last;               /* log power of the last part of the tick before */
    float previous;                /* input sample */
    float peak;                    /* of the total power, falling slowly */
    float smooth[HH_LIVE_PITCHES]; /* power */
    float log[2][HH_LIVE_PITCHES]; /* log power of the last two ticks */
    float mean, variance;          /* of the novelty of late */
    float bass_mean, bass_variance;
    float band_mean[HH_LIVE_BANDS], band_peak[HH_LIVE_BANDS];
    uint32_t band_wait[HH_LIVE_BANDS]; /* ticks until the next onset may come */
    uint32_t ticks;                    /* up to some thousand */

    /* Results of the tick. */
    float input[2 * HH_LIVE_PITCHES]; /* levels and rises, about -1 to 2 */
    float novelty;                    /* log2 units, at least 0 */
    float activation, bass;    /* deviations above the mean; of the rises of the lowest octaves */
    float flux[HH_LIVE_BANDS]; /* rise of each band of onsets */
    float rise;                /* where in the tick, 0 to 1 */
} LiveNovelty;

/* network.c */
#define HH_LIVE_UNITS 24
#define HH_LIVE_LAG   3 /* steps by which its answers are late: bass is, too */

typedef struct LiveNetwork {
    float state[HH_LIVE_UNITS];
} LiveNetwork;

/* From the levels and rises of a tick how much the one HH_LIVE_LAG before is a beat, and a
 * downbeat: log odds, too high by a constant. */
void hh_live_network_step(LiveNetwork *network, const float input[2 * HH_LIVE_PITCHES],
                          float output[2]);

/* tempo.c */
#define HH_LIVE_ROWS       42   /* tempi of the state space */
#define HH_LIVE_STATES     1408 /* and time to the next beat */
#define HH_LIVE_WINDOWS    3    /* of the tempo bank: 4, 8 and 16 s */
#define HH_LIVE_BINS       144
#define HH_LIVE_BANK_TICKS 880 /* 16 s at 55 Hz */
#define HH_LIVE_HISTORY    (HH_LIVE_BANK_TICKS + 2 * HH_LIVE_BINS)

typedef struct LiveBin {
    int32_t re, im; /* sums of history times table, exact */
    uint32_t at;    /* ticks taken in */
    uint16_t k;     /* cycles in the window */
    uint8_t window;
} LiveBin;

typedef struct LiveTempo {
    float rate; /* ticks a second, at most 55 */
    uint32_t ticks;

    /* The state space: row m is a tempo, a beat of interval[m] ticks; state[first[m] + i] / sum is
     * the probability that it is the tempo and that the next beat is in i - head[m] ticks (modulo
     * length[m]). */
    uint32_t rows;
    float interval[HH_LIVE_ROWS];
    uint16_t first[HH_LIVE_ROWS], length[HH_LIVE_ROWS], head[HH_LIVE_ROWS];
    float pull[HH_LIVE_ROWS]; /* what a beat of the tempo is weighted with */
    float spread[3];          /* how a beat passes to the same tempo, its neighbours, theirs */
    float state[HH_LIVE_STATES], sum; /* of all states, after each step */
    uint32_t best_row, best_wait;     /* the most likely: tempo and ticks to the next beat */
    float best;                       /* how likely, with the likelier of its two neighbours */

    /* The tempo bank. */
    uint32_t window[HH_LIVE_WINDOWS]; /* ticks */
    uint32_t bins, bins_per_tick, next_bin;
    LiveBin bin[HH_LIVE_BINS];
    uint8_t order[HH_LIVE_BINS];
    uint16_t first_bin[HH_LIVE_WINDOWS + 1];
    int16_t history[HH_LIVE_HISTORY];           /* of the activation */
    int16_t table[HH_LIVE_BANK_TICKS];          /* a cosine */
    float strength[HH_LIVE_ROWS], strength_sum; /* of the tempi by the bank */
    uint32_t next_row;
    uint32_t start; /* tick since which the bank has listened */
} LiveTempo;

void hh_live_tempo_start(LiveTempo *tempo, float rate, float bpm_low, float bpm_high,
                         uint32_t bins_per_tick);
/* A range of tempi; forgets the state space. */
void hh_live_tempo_range(LiveTempo *tempo, float bpm_low, float bpm_high);
/* One tick with the log odds that it is a beat and how much bass begins; quiet: nothing is heard,
 * time goes on. */
void hh_live_tempo_step(LiveTempo *tempo, float odds, float flux, float bass, bool quiet);
/* Beats are of `interval` ticks, and one of them is in `wait`. */
void hh_live_tempo_set(LiveTempo *tempo, float interval, float wait);
/* Interval near `interval` by the peak of the bank nearby, or the same. */
float hh_live_tempo_refine(const LiveTempo *tempo, float interval);

/* beat.c */
typedef struct LiveBeat {
    float top_pitch; /* where band 0 is, in octaves above 31.25 to 62.5 Hz */
    LiveNovelty novelty;
    LiveNetwork network;
    float odds[2]; /* its output */
    LiveTempo tempo;
    uint32_t divide, divided;                   /* ticks of the novelty a step of the tempo */
    float input[2 * HH_LIVE_PITCHES];           /* of a step, for the network */
    float flux[HH_LIVE_LAG], bass[HH_LIVE_LAG]; /* of the last steps */

    bool running;                  /* a tempo is known */
    float period;                  /* samples a beat */
    int64_t next;                  /* the beat to be told, sample, before nudge */
    float next_rest;               /* and fraction */
    int64_t due;                   /* when to tell it; INT64_MAX: not yet */
    int64_t last;                  /* the last one told, before nudge */
    float early;                   /* latency in samples */
    float nudge;                   /* samples */
    int32_t octave;                /* above the state space: by double, half, tap or fold */
    bool held;                     /* by double, half or tap: not to be folded into the range */
    uint32_t differing;            /* steps for which the state space says otherwise */
    uint32_t agreed;               /* beats over which the phase is averaged */
    float hits;                    /* share of the last beats that had rises */
    float error_sum, error_weight; /* of the rises around this beat */
    float phase; /* at the last tick, against the beats without latency and nudge */
    float sure;  /* smoothed probability of the state */
    float pulse; /* the network's log odds at its last beats */
    float confidence;

    uint32_t quiet;      /* ticks */
    uint32_t number;     /* of the next beat */
    float bar[4];        /* log odds that each beat of the bar is the first, of late */
    float first;         /* those of the beat that the network is speaking of ... */
    bool hearing;        /* ... if it is of one */
    uint8_t bar_at, one; /* of this beat, of the first */

    int64_t tap[2]; /* the last, the first of a row */
    uint32_t taps;
    float told_bpm, told_confidence;
    uint32_t told_wait; /* ticks until the next HH_LIVE_TEMPO may come */
} LiveBeat;

#endif
