/* What stages read of each other: the states behind HhTrack.states. */
#ifndef HH_STAGES_H
#define HH_STAGES_H

#include "engine/track.h"
#include "fingerprint/bands.h"
#include "fingerprint/levels.h"
#include "harmony/chain.h"
#include "harmony/harmony.h"
#include "heihachi/loudness.h"
#include "pitch/pitch.h"
#include "rhythm/rhythm.h"
#include "spectral/descriptors.h"

typedef struct HhLoudnessState {
    /* Meters at the file's rate and, if that is another, at 44.1 kHz. */
    HhLoudness *native, *canonical;
    double canonical_lufs; /* after settle() */
} HhLoudnessState;

/* Level statistics, and the bands of the fingerprint (whose low part the octaves stage feeds). */
typedef struct HhLevelsState {
    HhLevels *levels;
    HhBands *bands;
    HhLevelsResult result; /* after settle() */
    double band_energy[HH_BANDS], constant_energy;
} HhLevelsState;

/* Rows of the shared transform; the series take them in conclude(). */
typedef struct HhSpectrumState {
    HhRows rms, zero_crossings, centroid, bandwidth, rolloff, flatness, contrast;
    float *mel; /* [chunk][HH_MELS] mel power of this round's frames; NULL if nobody needs it */
    HhFft *fft;
    HhDescriptors descriptors;
    char *scratch; /* of all workers */
    /* Of one worker: descriptors, a power tile, the transform. */
    size_t scratch_bytes, power_at, fft_at;
    float window[HH_FRAME];
} HhSpectrumState;

/* Level l of the decimation chain: the track at 22050 / 2^l Hz. */
enum { HH_OCTAVE_LEVELS = 7 };
typedef struct HhOctavesState {
    HhChain *chain;
    HhSpool *levels[HH_OCTAVE_LEVELS]; /* float */
    HhBands *bands;                    /* of the levels stage, or NULL */
} HhOctavesState;

typedef struct HhTuningState {
    HhTuningCounter **counters; /* [workers][2] */
    char *scratch;
    size_t scratch_bytes;
    double tuning; /* in bins of 36 to the octave, after settle(); 0 if there is nothing to go by */
} HhTuningState;

typedef struct HhHarmonyState {
    HhCqtPlan *plan;
    HhChromaFold *fold;
    char *scratch;
    size_t scratch_bytes;
    size_t frames;
    HhRows chroma, tonnetz;
    double chroma_mean; /* over classes and frames, after conclude() */
} HhHarmonyState;

/* Mel power of all frames. */
typedef struct HhMelState {
    HhSpool *power; /* float [frames][HH_MELS] */
    float maximum;
    HhCepstrum cepstrum;
    HhRows mfcc;
} HhMelState;

typedef struct HhRhythmState {
    HhRows onset_strength; /* empty after conclude(), which gives them to the series */
    HhRhythm rhythm;
} HhRhythmState;

#endif
