/* The wrapper of the decoders: whatever the bytes, a status and, with HH_OK, samples as described.
 */
#include <math.h>

#include "fuzz.h"
#include "heihachi/audio.h"

#define PIECE  1000u
#define ENOUGH 200000u /* samples; a few bytes of FLAC can stand for hours */

static void check(const HhAudioInfo *info)
{
    if (info->channels < 1 || info->channels > HH_MAX_CHANNELS ||
        !(info->rate >= HH_MIN_RATE && info->rate <= HH_MAX_RATE))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static float room[HH_MAX_CHANNELS][PIECE];
    const char *path = fuzz_file(bytes, size, ".audio");
    HhDecodeParams params;
    HhDecoder *decoder;
    hh_decode_defaults(&params);
    params.ffmpeg = "";
    if (hh_decoder_open(NULL, path, &params, &decoder) == HH_OK) {
        float *channel[HH_MAX_CHANNELS];
        size_t got = 1, total = 0;
        for (int c = 0; c < HH_MAX_CHANNELS; c++) channel[c] = room[c];
        check(hh_decoder_info(decoder));
        while (got > 0 && total < ENOUGH &&
               hh_decoder_read(decoder, channel, PIECE, &got) == HH_OK) {
            for (int c = 0; c < hh_decoder_info(decoder)->channels; c++)
                for (size_t n = 0; n < got; n++)
                    if (!isfinite(room[c][n])) abort();
            total += got;
        }
        hh_decoder_close(decoder);
    }
    (void)unlink(path);
    return 0;
}
