/* Test signals that have the same bits everywhere: made of integers, and of float products and sums
 * that are rounded one by one. */
#ifndef HH_FIRMWARE_SIGNALS_H
#define HH_FIRMWARE_SIGNALS_H

#include <stdint.h>

typedef enum SignalKind {
    SIGNAL_SILENCE,
    SIGNAL_CHORD,   /* A2, E4, C#6 and a low 50 Hz */
    SIGNAL_CLICKS,  /* of 4 ms, at 128 BPM */
    SIGNAL_NOISE,   /* white, -12 dB peak */
    SIGNAL_MUSIC,   /* chord changes, clicks at 174 BPM and some noise */
    SIGNAL_SWEEP,   /* 20 Hz upwards, an octave a second */
    SIGNAL_FADE,    /* a chord that halves every 16 ms, down through the subnormal numbers */
    SIGNAL_PAUSE,   /* music that stops after half of each 4 s */
    SIGNAL_HOSTILE, /* NaN, infinities, 1e30, subnormal numbers, full-scale squares */
} SignalKind;

typedef struct Signal {
    SignalKind kind;
    uint32_t rate, position, random;
    uint32_t phase[4];
    float gain;
} Signal;

/* Of a phase of which 2^32 is a turn. */
float signal_sine(uint32_t phase);
void signal_start(Signal *signal, SignalKind kind, uint32_t rate);
void signal_read(Signal *signal, float *samples, uint32_t count);

#endif
