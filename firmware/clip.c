/* A piece of a sound file as one channel of signed 16-bit samples at 16 kHz, without a header:
 * firmware-clip FILE START LENGTH OUT  (seconds) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "heihachi/heihachi.h"

#define RATE 16000.0

static int16_t quantise(float sample)
{
    float value = rintf(sample * 32768.0F);
    return (int16_t)fminf(fmaxf(value, -32768.0F), 32767.0F);
}

/* The samples from..to of a signal at RATE, `to` cut to the end. */
static HhStatus write_clip(const float *mono, size_t count, double start, double length,
                           const char *path)
{
    size_t from = (size_t)(start * RATE), to = (size_t)((start + length) * RATE);
    if (to > count) to = count;
    FILE *file = fopen(path, "wb");
    if (file == NULL) return HH_ERROR_OPEN;
    for (size_t n = from; n < to; n++) {
        int16_t sample = quantise(mono[n]);
        fwrite(&sample, sizeof sample, 1, file);
    }
    bool good = from < to && !ferror(file);
    return fclose(file) == 0 && good ? HH_OK : HH_ERROR_WRITE;
}

static HhStatus make_clip(const char *in, double start, double length, const char *out)
{
    HhAudio audio = HH_AUDIO_INIT;
    HhStatus status = hh_decode_file(NULL, in, NULL, &audio);
    if (status != HH_OK) return status;
    float *mono = malloc(audio.signal.length * sizeof *mono);
    HhArray resampled = HH_ARRAY_INIT;
    status = mono ? hh_mix_mono(NULL, &audio.signal, mono) : HH_ERROR_MEMORY;
    if (status == HH_OK) {
        const float *channel[] = {mono};
        HhSignal signal = audio.signal;
        signal.channel = channel;
        signal.channels = 1;
        status = hh_resample(NULL, &signal, RATE, &resampled);
    }
    if (status == HH_OK)
        status = write_clip(resampled.data, resampled.shape[1], start, length, out);
    hh_array_free(&resampled);
    hh_audio_free(&audio);
    free(mono);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: firmware-clip FILE START LENGTH OUT (seconds)\n");
        return EXIT_FAILURE;
    }
    HhStatus status = make_clip(argv[1], atof(argv[2]), atof(argv[3]), argv[4]);
    if (status != HH_OK)
        fprintf(stderr, "firmware-clip: %s to %s: %s\n", argv[1], argv[4], hh_status_text(status));
    return status == HH_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
