/* What the network of realtime/network.c hears of raw samples: 18 floats a tick to standard output.
 *
 *     live_features RATE <SAMPLES >FEATURES      (32-bit floats, one channel) */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

int main(int count, char **arguments)
{
    HhLiveConfig config;
    hh_live_defaults(&config, count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 44100);
    config.notes = 1;
    size_t size = hh_live_size(&config);
    void *memory = size > 0 ? aligned_alloc(HH_LIVE_ALIGNMENT, (size + 15) & ~(size_t)15) : NULL;
    HhLive *live = hh_live_init(memory, &config, NULL, NULL);
    if (!live) {
        (void)fputs("live_features: a sample rate from 8000 to 96000\n", stderr);
        return 2;
    }
    static float samples[8192];
    for (;;) {
        size_t want = (size_t)(live->tick.next - live->sample);
        if (fread(samples, sizeof *samples, want, stdin) != want) break;
        hh_live_push(live, samples, want);
        const float *input = live->beat.novelty.input;
        if (fwrite(input, sizeof *input, 2 * HH_LIVE_PITCHES, stdout) != 2 * HH_LIVE_PITCHES)
            return 1;
    }
    free(memory);
    return fflush(stdout) == 0 ? 0 : 1;
}
