/* The real-time core: notes, level, novelty, onsets, tempo and beats of a sound as it comes in, in
 * memory that the caller owns.
 *
 *     static void on_event(void *user, const HhLiveEvent *event)
 *     {
 *         if (event->type == HH_LIVE_BEAT) schedule_flash(event->sample, event->beat.bpm);
 *     }
 *
 *     HhLiveConfig config;
 *     hh_live_defaults(&config, 48000);
 *     void *memory = malloc(hh_live_size(&config));              // or a static array
 *     HhLive *live = hh_live_init(memory, &config, on_event, &lamps);
 *     while (read_samples(block, 64)) hh_live_push(live, block, 64);
 *
 * Freestanding C11: no allocation, no globals, no library but the compiler's own. The memory needs
 * the alignment HH_LIVE_ALIGNMENT and nothing else; to stop, let go of it.
 *
 * Time is counted in samples pushed since hh_live_init() and never read from a clock, so the same
 * samples give the same bits, however they are cut into pushes. Every `hop` samples one round of
 * work is done inside the push that completes them; the work of a round is bounded.
 *
 * Levels are dB relative to full scale: a full-scale sine has a peak of 0 dB and an RMS level of
 * -3.01 dB. Amplitudes are linear: a steady sine of amplitude A at a note reads A in its bin. */
#ifndef HH_REALTIME_LIVE_H
#define HH_REALTIME_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HH_LIVE_ALIGNMENT 16
#define HH_LIVE_MIN_RATE  8000 /* Hz, of the samples */
#define HH_LIVE_MAX_RATE  96000
#define HH_LIVE_MAX_NOTES 96
#define HH_LIVE_BANDS     3 /* of onsets: low (below 250 Hz), middle, high (above 2 kHz) */

/* How the note bank computes. All give amplitudes of the same notes. */
typedef enum HhLiveBank {
    HH_LIVE_BANK_OCTAVES,  /* half-band decimation by octaves, short blocks: the default */
    HH_LIVE_BANK_GOERTZEL, /* one windowed Goertzel recurrence a note at the full rate */
    HH_LIVE_BANK_LANES,    /* the same, several notes side by side */
    HH_LIVE_BANK_SLIDING   /* sliding DFT at the full rate */
} HhLiveBank;

/* Every field has its default after hh_live_defaults(); change what you need. */
typedef struct HhLiveConfig {
    uint32_t sample_rate; /* Hz, HH_LIVE_MIN_RATE to HH_LIVE_MAX_RATE: 8000 to 96000 */
    uint32_t hop;         /* samples between rounds, 16 to 4096; default 8 ms: 128 at 16 kHz */

    HhLiveBank bank;
    uint16_t notes;            /* 1 to HH_LIVE_MAX_NOTES; default 64 */
    uint16_t notes_per_octave; /* 12 to 48; default 12 */
    float bottom_note; /* Hz, the lowest; default 110 (A2). Notes above 0.45 * sample_rate read 0 */

    float novelty_rate; /* Hz, 25 to 100; default 50 */

    float bpm_low, bpm_high; /* the range of answers, within 30 to 300; default 60 to 200 */
    /* A beat is told this long before it sounds (negative: after), -200 to 500 ms; default 0. */
    float latency_ms;
    /* Slow chips: tempo bins worked on in each tick of the novelty, strongest first, every one at
     * least once in each cycle; 0 (default) = all of them in every tick. */
    uint16_t tempo_bins_per_tick;

    float silence_db;        /* RMS level below which there is silence; default -60 */
    float level_rate;        /* HH_LIVE_LEVEL events a second, 0 to novelty_rate; default 10 */
    uint32_t (*clock)(void); /* for the profile: counts up, any unit; NULL (default): no profile */
} HhLiveConfig;

typedef enum HhLiveEventType {
    HH_LIVE_BEAT = 1, /* one for each beat, predicted */
    HH_LIVE_ONSET,    /* one for each onset in each band */
    HH_LIVE_TEMPO,    /* when the tempo or its confidence changes, at most 4 a second */
    HH_LIVE_LEVEL,    /* level_rate times a second */
    HH_LIVE_SILENCE   /* when it begins and when it ends */
} HhLiveEventType;

typedef struct HhLiveEvent {
    HhLiveEventType type;
    int64_t sample; /* when it sounds, counted from the first sample; of a beat: maybe in the future
                     */
    int64_t told;   /* samples that had been taken in when it was told */
    union {
        struct {
            float bpm;
            float confidence; /* 0 to 1: the share of beats told with it that are right (70 ms) */
            uint32_t number;  /* counts from 0 */
            uint8_t in_bar;   /* 1 to 4, a guess; 1 = downbeat; 0 = unknown */
        } beat;
        struct {
            uint8_t band;   /* 0 low, 1 middle, 2 high */
            float strength; /* above 0; 1 = the strongest of late */
        } onset;
        struct {
            float bpm, confidence;
        } tempo;
        struct {
            float rms_db, peak_db; /* of the last 50 ms; at least -120 */
            float momentary_lufs;  /* ITU-R BS.1770, last 400 ms, one channel; at least -120 */
            float display;         /* 0 to 1, auto-ranged above the noise floor */
        } level;
        struct {
            bool on;       /* true: begins */
            bool contrast; /* by lack of contrast, the level being above silence_db */
        } silence;
    };
} HhLiveEvent;

typedef void HhLiveListener(void *user, const HhLiveEvent *event);

/* All that is known at one instant. */
typedef struct HhLiveSnapshot {
    int64_t sample;                /* samples taken in */
    float note[HH_LIVE_MAX_NOTES]; /* amplitude, 0 beyond the configured number */
    float chroma[12];   /* power by pitch class, C first; the largest is 1, or all are 0 */
    float tuning_cents; /* -50 to 50, of A4 = 440 Hz */
    float rms_db, peak_db, momentary_lufs, display;
    float novelty;              /* of the last tick, at least 0 */
    float onset[HH_LIVE_BANDS]; /* 1 at an onset, then falling */
    float bpm, confidence;      /* bpm 0: none yet */
    float beat_phase;           /* 0 to 1, 0 on the beat (latency_ms included) */
    uint32_t beats;             /* told so far */
    uint8_t in_bar;
    bool silent, silent_by_contrast;
} HhLiveSnapshot;

typedef enum HhLiveStage {
    HH_LIVE_STAGE_DECIMATE,
    HH_LIVE_STAGE_BANK,
    HH_LIVE_STAGE_LEVEL,
    HH_LIVE_STAGE_NOVELTY,
    HH_LIVE_STAGE_TEMPO,
    HH_LIVE_STAGES
} HhLiveStage;

typedef struct HhLiveProfile {
    struct {
        uint32_t calls;
        uint64_t total; /* in units of the clock */
        uint32_t max;
    } stage[HH_LIVE_STAGES], hop;
} HhLiveProfile;

typedef struct HhLive HhLive;

void hh_live_defaults(HhLiveConfig *config, uint32_t sample_rate);
/* Bytes of state for this configuration, tables that are computed at the start included; 0 if a
 * field is out of its range. */
size_t hh_live_size(const HhLiveConfig *config);
/* NULL if the configuration is invalid or the memory not aligned. `listener` may be NULL. */
HhLive *hh_live_init(void *memory, const HhLiveConfig *config, HhLiveListener *listener,
                     void *user);
/* Takes in samples[count], one channel, full scale 1. NaN counts as 0, and what is beyond +-16 is
 * cut. Calls the listener for each event, in order. Allocates nothing. */
void hh_live_push(HhLive *live, const float *samples, size_t count);

/* Controls, from the thread that pushes. A nudge beyond +-1000 ms and a latency beyond its range
 * change nothing. */
void hh_live_tap(HhLive *live);    /* a beat is now; two or more set the tempo */
void hh_live_double(HhLive *live); /* twice the tempo, held until the tempo changes */
void hh_live_half(HhLive *live);
void hh_live_nudge(HhLive *live, float ms); /* all beats later (or earlier) by this, in sum by at
                                             * most 1000 ms */
bool hh_live_range(HhLive *live, float bpm_low, float bpm_high); /* false: out of range, nothing
                                                                    changed */
void hh_live_latency(HhLive *live, float ms);

/* From any thread at any time: false if the writer was in the way four times; try again later. */
bool hh_live_read(const HhLive *live, HhLiveSnapshot *snapshot);
/* From the thread that pushes. */
void hh_live_profile(const HhLive *live, HhLiveProfile *profile);

#ifdef __cplusplus
}
#endif
#endif
