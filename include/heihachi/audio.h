/* Sound in and out of files, and from one rate to another.
 *
 *     HhAudio audio = HH_AUDIO_INIT;
 *     if (hh_decode_file(context, "track.mp3", NULL, &audio) != HH_OK)
 *         return complain(hh_context_message(context));
 *     printf("%s, %g Hz\n", audio.info.format, audio.info.rate);
 *     printf("%zu samples a channel\n", audio.signal.length);
 *     // audio.signal goes into any analysis
 *     hh_audio_free(&audio);
 *
 * A long file is read piece by piece instead: hh_decoder_open(), hh_decoder_read() until it gives 0
 * samples, hh_decoder_close(). WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and their kin are decoded by
 * libsndfile; what it refuses goes to the `ffmpeg` program, if there is one, in a child process
 * with limits.
 *
 * Samples are float, planar, full scale at 1. Integer formats are divided by 2^(bits-1); float
 * formats come as they are, also beyond full scale. Where time 0 is: at the first sample that the
 * encoder was given. For MP3 the encoder delay and the padding that the LAME tag names are cut off,
 * as are the 529 samples of the decoder (a click encoded at sample 10000 is found at sample 10000,
 * and the length is kept); an MP3 without the tag starts at its first decoded sample, which
 * encoders of before 1999 put about 1105 samples late. Opus and AAC pre-roll is cut off as their
 * containers say. */
#ifndef HEIHACHI_AUDIO_H
#define HEIHACHI_AUDIO_H

#include <stdbool.h>
#include <stdint.h>

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rates that are accepted, in Hz; a file outside gives HH_ERROR_UNSUPPORTED. */
#define HH_MIN_RATE 4000.0
#define HH_MAX_RATE 768000.0

/* ---- reading */

typedef struct HhDecodeParams {
    size_t size; /* sizeof(HhDecodeParams) */
    /* Program for what libsndfile refuses: a path or a name looked up on PATH; default "ffmpeg"; ""
     * = never start a program. */
    const char *ffmpeg;
    /* The program is killed when it gives nothing for so long; > 0, default 20. */
    double ffmpeg_stall_s;
} HhDecodeParams;

HH_API void hh_decode_defaults(HhDecodeParams *params);

/* What a file says about itself. */
typedef struct HhAudioInfo {
    double rate;  /* Hz */
    int channels; /* 1..HH_MAX_CHANNELS */
    /* Per channel, by the header; 0 = not known. hh_decode_file() sets what was there. */
    uint64_t samples;
    uint64_t bytes;  /* size of the file */
    char format[64]; /* "WAV, PCM 16 bit", "MP3", "FLAC, 24 bit", "decoded by ffmpeg" */
} HhAudioInfo;

/* A whole file in memory. `signal` is a view of memory that belongs to this object. */
typedef struct HhAudio {
    HhAudioInfo info;
    HhSignal signal;
    float **planes;
    float *samples;
    HhAllocator owner;
} HhAudio;

#define HH_AUDIO_INIT                                                                              \
    {                                                                                              \
        {0, 0, 0, 0, ""}, {NULL, 0, 0, 0, NULL}, NULL, NULL,                                       \
        {                                                                                          \
            NULL, NULL, NULL                                                                       \
        }                                                                                          \
    }

/* Reads a file whole. `params` may be NULL. The message names the file. On failure `audio` is
 * empty.
 *
 *     HH_ERROR_OPEN         no such file, it may not be read, or it is a folder, pipe or device
 *     HH_ERROR_READ         the decoder stopped without an end
 *     HH_ERROR_FORMAT       neither libsndfile nor ffmpeg can decode it
 *     HH_ERROR_EMPTY        it holds no samples
 *     HH_ERROR_NOT_FINITE   a sample is NaN or infinite; the message says where
 *     HH_ERROR_UNSUPPORTED  more than HH_MAX_CHANNELS channels,
 *                           or a rate outside HH_MIN_RATE..HH_MAX_RATE
 *
 * A file cut short gives the samples that are there, and a warning in the log. Memory grows with
 * the samples that are found, never with the length that a header claims. */
HH_API HhStatus hh_decode_file(HhContext *context, const char *path, const HhDecodeParams *params,
                               HhAudio *audio);
/* Accepts NULL and an empty object; leaves it empty. */
HH_API void hh_audio_free(HhAudio *audio);

/* A file read piece by piece. One thread at a time. */
typedef struct HhDecoder HhDecoder;

/* Fails as hh_decode_file() does. `context` must outlive the decoder. *decoder is NULL on
 * failure. */
HH_API HhStatus hh_decoder_open(HhContext *context, const char *path, const HhDecodeParams *params,
                                HhDecoder **decoder);
HH_API const HhAudioInfo *hh_decoder_info(const HhDecoder *decoder);
/* Reads up to `count` samples per channel to channel[0..channels-1] and puts their number into
 * *got: less than `count` only at the end, then 0. The samples do not depend on `count`. Does not
 * allocate. */
HH_API HhStatus hh_decoder_read(HhDecoder *decoder, float *const *channel, size_t count,
                                size_t *got);
/* Accepts NULL. */
HH_API void hh_decoder_close(HhDecoder *decoder);

/* XXH3-128 of a file's bytes as 32 hexadecimal digits and a zero; *bytes (may be NULL) gets the
 * size. */
HH_API HhStatus hh_hash_file(HhContext *context, const char *path, char hash[33], uint64_t *bytes);

/* ---- writing */

typedef enum HhAudioFormat {
    HH_AUDIO_WAV_16,
    HH_AUDIO_WAV_24,
    HH_AUDIO_WAV_FLOAT,
    HH_AUDIO_FLAC_16,
    HH_AUDIO_FLAC_24
} HhAudioFormat;

/* Writes a signal under a temporary name in the same folder and renames it: `path` is whole or
 * as it was before. The rate is rounded to a whole number of Hz. Integer formats: sample *
 * 2^(bits-1), to the nearest, ties to even, clipped to full scale; what hh_decode_file() read
 * from an integer format of no more bits is written back bit for bit. FLAC takes at most 8
 * channels and 655350 Hz. */
HH_API HhStatus hh_encode_file(HhContext *context, const char *path, const HhSignal *signal,
                               HhAudioFormat format);

/* ---- channels */

/* mono[n] = the mean over the channels in float, added in the order of the channels:
 * librosa.to_mono. */
HH_API HhStatus hh_mix_mono(HhContext *context, const HhSignal *signal, float *mono);

/* ---- rate */

/* Signal at another rate by the SoX resampler, quality HQ (20 bit, linear phase): librosa.resample
 * with its defaults. `out` becomes {channels, ceil(length * rate / signal->rate)} in the type of
 * the samples; doubles are worked on in single precision, as librosa's are, at any level. An equal
 * rate copies. `rate` above 0 Hz and within a factor of 256 of the signal's. */
HH_API HhStatus hh_resample(HhContext *context, const HhSignal *signal, double rate, HhArray *out);

/* The same piece by piece. The samples do not depend on how the input is cut. */
typedef struct HhResampler HhResampler;

/* `push` is called with the output as it comes: `count` samples per channel, the memory is the
 * resampler's. A status other than HH_OK stops and is handed on. */
typedef HhStatus HhResamplerSink(void *user, const float *const *channel, size_t count);

HH_API HhStatus hh_resampler_create(HhContext *context, double from_rate, double to_rate,
                                    int channels, HhResampler **resampler);
/* Takes `count` samples per channel. Does not allocate. */
HH_API HhStatus hh_resampler_push(HhResampler *resampler, const float *const *channel, size_t count,
                                  HhResamplerSink *sink, void *user);
/* Gives what is left, so that the whole output has ceil(input * to_rate / from_rate) samples. The
 * resampler is then spent. */
HH_API HhStatus hh_resampler_finish(HhResampler *resampler, HhResamplerSink *sink, void *user);
/* Accepts NULL. */
HH_API void hh_resampler_destroy(HhResampler *resampler);

#ifdef __cplusplus
}
#endif
#endif
