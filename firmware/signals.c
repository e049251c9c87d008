#include "signals.h"

#include <float.h>

/* Phase steps per sample of a frequency in mHz: 2^32 is a turn. */
static uint32_t step(uint32_t millihertz, uint32_t rate)
{
    return (uint32_t)(((uint64_t)millihertz << 32) / ((uint64_t)rate * 1000));
}

/* The sine by a polynomial of degree 5, good to 2e-4; what counts is that its bits are the same. */
float signal_sine(uint32_t phase)
{
    /* A quarter of a turn to both sides of the zero crossing that is nearest. */
    int32_t turn = (int32_t)(phase + 0x40000000U < 0x80000000U ? phase : 0x80000000U - phase);
    float x = (float)turn * (1.0F / 1073741824.0F);
    float xx = x * x;
    return x * (1.570628F + xx * (-0.643236F + xx * 0.072710F));
}

static float white(Signal *signal)
{
    uint32_t r = signal->random;
    r ^= r << 13;
    r ^= r >> 17;
    r ^= r << 5;
    signal->random = r;
    return (float)(int32_t)r * (1.0F / 2147483648.0F);
}

/* Four tones, mHz. */
static float chord(Signal *signal, const uint32_t tones[4])
{
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        sum += signal_sine(signal->phase[i]);
        signal->phase[i] += step(tones[i], signal->rate);
    }
    return 0.2F * sum;
}

/* Decays over 4 ms from each beat. */
static float click(Signal *signal, uint32_t beats_per_1000_minutes)
{
    uint32_t period = (uint32_t)((uint64_t)signal->rate * 60000 / beats_per_1000_minutes);
    uint32_t since = signal->position % period, length = signal->rate / 250;
    if (since >= length) return 0;
    return white(signal) * (float)(length - since) / (float)length;
}

static float music(Signal *signal)
{
    static const uint32_t chords[4][4] = {{110000, 220000, 261626, 329628},
                                          {87307, 220000, 261626, 349228},
                                          {130813, 195998, 261626, 329628},
                                          {97999, 195998, 246942, 293665}};
    uint32_t bar = (uint32_t)((uint64_t)signal->position * 174 / 240 / signal->rate);
    return 0.4F * chord(signal, chords[bar & 3]) + 0.5F * click(signal, 174000) +
           0.01F * white(signal);
}

static float hostile(Signal *signal)
{
    static const float values[8] = {__builtin_nanf(""),
                                    __builtin_inff(),
                                    -__builtin_inff(),
                                    1e30F,
                                    -1e30F,
                                    1e-41F,
                                    -1e-45F,
                                    FLT_MAX};
    float noise = white(signal);
    if ((signal->random & 15) == 0) return values[(signal->random >> 4) & 7];
    if (signal->position / 2000 % 2) return signal->position / 20 % 2 ? 1.0F : -1.0F;
    return noise;
}

void signal_start(Signal *signal, SignalKind kind, uint32_t rate)
{
    *signal = (Signal){.kind = kind, .rate = rate, .random = 2463534242U, .gain = 1};
}

static float next(Signal *signal)
{
    static const uint32_t tones[4] = {50000, 110000, 329628, 1108731};
    switch (signal->kind) {
    case SIGNAL_SILENCE:
        return 0;
    case SIGNAL_CHORD:
        return chord(signal, tones);
    case SIGNAL_CLICKS:
        return 0.8F * click(signal, 128000);
    case SIGNAL_NOISE:
        return 0.25F * white(signal);
    case SIGNAL_MUSIC:
        return music(signal);
    case SIGNAL_PAUSE:
        return signal->position / signal->rate % 4 < 2 ? music(signal) : 0.0F;
    case SIGNAL_HOSTILE:
        return hostile(signal);
    case SIGNAL_SWEEP:
        /* phase[1] is the step: it grows by a 2^-k share of itself. */
        if (signal->phase[1] == 0) signal->phase[1] = step(20000, signal->rate);
        signal->phase[0] += signal->phase[1];
        if (signal->position % 16 == 0) signal->phase[1] += signal->phase[1] / (signal->rate / 11);
        return 0.5F * signal_sine(signal->phase[0]);
    case SIGNAL_FADE:
        if (signal->position % (signal->rate / 64) == 0) signal->gain *= 0.5F;
        return signal->gain * chord(signal, tones);
    }
    return 0;
}

void signal_read(Signal *signal, float *samples, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++) {
        samples[n] = next(signal);
        signal->position++;
    }
}
