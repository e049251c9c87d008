/* Goertzel's recurrence (G. Goertzel, An Algorithm for the Evaluation of Finite Trigonometric
 * Series, 1958) over 64 semitones, the way small light controllers run it: block length fs / B with
 * B = 4 times the distance to the neighbouring quarter-tone, down to a multiple of 4; a Gaussian
 * window of 4096 entries, looked up at a float position that is cut to a whole number; power
 * without a root. At 16 kHz from 110 Hz: 1220 to 32 samples, 21 156 steps in all.
 *
 * Cost: one step is a load of the sample, one of the window, the position's conversion and advance,
 * and 4 operations of the recurrence. It is compiled as the compiler likes best, with fused
 * products (the core does without, to give the host's bits). */
#include "goertzel.h"

/* Set-up only, by the power series; good to some 1e-6 for |x| < 4. */
static float cosine(float x)
{
    float term = 1, sum = 1;
    for (int k = 1; k < 14; k++) {
        term *= -x * x / (float)((2 * k - 1) * (2 * k));
        sum += term;
    }
    return sum;
}

static float exponential(float x)
{
    float term = 1, sum = 1;
    for (int k = 1; k < 24; k++) {
        term *= x / (float)k;
        sum += term;
    }
    return sum;
}

void plain_bank_init(PlainBank *bank, float sample_rate, float bottom_note)
{
    const float semitone = 1.05946309F, pi = 3.14159265F;
    float frequency = bottom_note;
    for (int i = 0; i < PLAIN_NOTES; i++, frequency *= semitone) {
        /* The quarter-tone above is the mean of the two semitones. */
        float distance = 0.5F * (semitone - 1) * frequency;
        uint32_t length = (uint32_t)(sample_rate / (4 * distance));
        length -= length % 4;
        bank->note[i] = (PlainNote){.length = length,
                                    .coefficient = 2 * cosine(2 * pi * frequency / sample_rate),
                                    .window_step = (float)PLAIN_WINDOW / (float)length,
                                    .scale = 2 / (float)length};
    }
    for (int i = 0; i < PLAIN_WINDOW; i++) {
        float x = ((float)i + 0.5F) / (0.5F * PLAIN_WINDOW) - 1;
        bank->window[i] = exponential(-0.5F * x * x / (0.4F * 0.4F));
    }
}

void plain_bank_measure(const PlainBank *bank, const float history[PLAIN_HISTORY],
                        float power[PLAIN_NOTES])
{
    for (int i = 0; i < PLAIN_NOTES; i++) {
        const PlainNote *note = &bank->note[i];
        const float *sample = history + PLAIN_HISTORY - note->length;
        const float coefficient = note->coefficient, step = note->window_step;
        float q1 = 0, q2 = 0, position = 0;
        for (uint32_t n = 0; n < note->length; n++) {
            float q0 = coefficient * q1 - q2 + bank->window[(uint32_t)position] * sample[n];
            q2 = q1;
            q1 = q0;
            position += step;
        }
        power[i] = (q1 * q1 + q2 * q2 - coefficient * q1 * q2) * note->scale;
    }
}
