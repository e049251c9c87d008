/* What the core is compared with: a plain bank of 64 windowed Goertzel recurrences at the full
 * rate, each with a block length of its own. */
#ifndef HH_FIRMWARE_GOERTZEL_H
#define HH_FIRMWARE_GOERTZEL_H

#include <stdint.h>

#define PLAIN_NOTES   64
#define PLAIN_HISTORY 4096 /* samples */
#define PLAIN_WINDOW  4096 /* entries */

typedef struct PlainNote {
    uint32_t length; /* samples, a multiple of 4 */
    float coefficient;
    float window_step; /* entries a sample */
    float scale;
} PlainNote;

typedef struct PlainBank {
    float window[PLAIN_WINDOW];
    PlainNote note[PLAIN_NOTES];
} PlainBank;

void plain_bank_init(PlainBank *bank, float sample_rate, float bottom_note);
/* Power of each note in the newest samples of a history. */
void plain_bank_measure(const PlainBank *bank, const float history[PLAIN_HISTORY],
                        float power[PLAIN_NOTES]);

#endif
