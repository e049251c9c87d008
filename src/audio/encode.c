/* Signals to WAV and FLAC files by libsndfile, whole or not at all.
 *
 * Integers are made here and not in libsndfile, whose float path scales by 2^(bits-1) - 1 and would
 * not give back the samples that were read. The PEAK chunk is left out: it holds the time of day.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "heihachi/audio.h"

#define BLOCK 4096u

static const struct {
    int format;
    int bits; /* 0: float */
} formats[] = {
    [HH_AUDIO_WAV_16] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16},
    [HH_AUDIO_WAV_24] = {SF_FORMAT_WAV | SF_FORMAT_PCM_24, 24},
    [HH_AUDIO_WAV_FLOAT] = {SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0},
    [HH_AUDIO_FLAC_16] = {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16},
    [HH_AUDIO_FLAC_24] = {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24},
};

/* libsndfile takes 32-bit integers and keeps the upper `bits`. */
static int to_integer(float x, int bits)
{
    double full = (double)(1 << (bits - 1)), y = nearbyint((double)x * full);
    y = y > full - 1.0 ? full - 1.0 : y < -full ? -full : y;
    return (int)y * (1 << (32 - bits));
}

static bool write_block(SNDFILE *file, const HhSignal *s, size_t offset, size_t count, int bits,
                        void *block)
{
    size_t channels = (size_t)s->channels;
    float *as_float = block;
    int *as_integer = block;
    for (size_t c = 0; c < channels; c++) {
        const float *x = s->channel[c] + offset;
        for (size_t n = 0; n < count; n++) {
            if (bits)
                as_integer[n * channels + c] = to_integer(x[n], bits);
            else
                as_float[n * channels + c] = x[n];
        }
    }
    sf_count_t written = bits ? sf_writef_int(file, as_integer, (sf_count_t)count)
                              : sf_writef_float(file, as_float, (sf_count_t)count);
    return written == (sf_count_t)count;
}

static HhStatus write_all(HhContext *context, const char *path, int descriptor, const HhSignal *s,
                          HhAudioFormat format)
{
    int bits = formats[format].bits;
    uint64_t bytes = (uint64_t)s->length * (uint64_t)s->channels * (uint64_t)(bits ? bits / 8 : 4);
    SF_INFO info = {0};
    info.samplerate = (int)lrint(s->rate);
    info.channels = s->channels;
    info.format = formats[format].format;
    /* Lengths in a WAV header have 32 bits. */
    if ((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV && bytes > 0xffff0000u)
        info.format = SF_FORMAT_RF64 | (info.format & SF_FORMAT_SUBMASK);
    void *block = hh_alloc(context, (size_t)BLOCK * (size_t)s->channels, 4);
    if (!block) return hh_fail_memory(context);
    SNDFILE *file = sf_open_fd(descriptor, SFM_WRITE, &info, SF_FALSE);
    if (!file) {
        hh_free(context, block);
        return hh_fail(context, HH_ERROR_UNSUPPORTED, "%s: cannot write %d channels at %g Hz: %s",
                       path, s->channels, s->rate, sf_strerror(NULL));
    }
    (void)sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    bool good = true;
    errno = 0; /* libsndfile may fail without setting it */
    for (size_t n = 0; good && n < s->length; n += BLOCK)
        good = write_block(file, s, n, HH_MIN(s->length - n, BLOCK), bits, block);
    good = sf_close(file) == 0 && good && fsync(descriptor) == 0;
    int error = errno;
    hh_free(context, block);
    if (good) return HH_OK;
    return hh_fail(context, HH_ERROR_WRITE, "%s: cannot be written: %s", path,
                   error ? strerror(error) : "libsndfile reports an error");
}

static HhStatus check(HhContext *context, const char *path, const HhSignal *s, HhAudioFormat format)
{
    if (!path) return hh_fail(context, HH_ERROR_ARGUMENT, "no path");
    if ((unsigned)format >= HH_COUNT(formats))
        return hh_fail(context, HH_ERROR_ARGUMENT, "no such format: %d", (int)format);
    HH_TRY(hh_signal_check(context, s));
    if (!(s->rate >= HH_MIN_RATE && s->rate <= HH_MAX_RATE))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a rate of %g Hz cannot be written", s->rate);
    return HH_OK;
}

HhStatus hh_encode_file(HhContext *context, const char *path, const HhSignal *signal,
                        HhAudioFormat format)
{
    static atomic_uint counter;
    HH_TRY(check(context, path, signal, format));
    size_t size = strlen(path) + 48;
    char *temporary = hh_alloc(context, size, 1);
    if (!temporary) return hh_fail_memory(context);
    (void)snprintf(temporary, size, "%s.%ld-%u.tmp", path, (long)getpid(),
                   atomic_fetch_add(&counter, 1));
    int descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    HhStatus status = descriptor >= 0
                          ? write_all(context, path, descriptor, signal, format)
                          : hh_fail(context, HH_ERROR_WRITE, "%s: %s", path, strerror(errno));
    if (descriptor >= 0 && close(descriptor) != 0 && status == HH_OK)
        status = hh_fail(context, HH_ERROR_WRITE, "%s: %s", path, strerror(errno));
    if (status == HH_OK && rename(temporary, path) != 0)
        status = hh_fail(context, HH_ERROR_WRITE, "%s: %s", path, strerror(errno));
    if (descriptor >= 0 && status != HH_OK) (void)unlink(temporary);
    hh_free(context, temporary);
    return status;
}
