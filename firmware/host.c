/* The golden vectors on this machine:  firmware-host CLIP.s16 >GOLDEN.txt */
#include <stdio.h>
#include <stdlib.h>

#include "golden.h"

static void line(const char *text)
{
    puts(text);
}

static void push(HhLive *live, const float *samples, size_t count)
{
    hh_live_push(live, samples, count);
}

int main(int argc, char **argv)
{
    static int16_t samples[2 << 20];
    static _Alignas(HH_LIVE_ALIGNMENT) unsigned char memory[4 << 20];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: firmware-host CLIP.s16 (16-bit samples of this machine's order)\n");
        return EXIT_FAILURE;
    }
    const GoldenClip clip = {
        samples, (uint32_t)fread(samples, sizeof *samples, sizeof samples / sizeof *samples, file)};
    fclose(file);
    bool good = golden_clip(memory, sizeof memory, &clip, push, line);
    good &= golden_signals(memory, sizeof memory, push, line);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
