/* Files to planar float, by libsndfile or by ffmpeg (child.c).
 *
 * The file is opened here and given to libsndfile as a descriptor, so that a folder, pipe or device
 * is refused before anything waits on it. Every sample is checked for NaN and infinity on its
 * way. */
#include "heihachi/audio.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/child.h"
#include "base/base.h"

#define BLOCK 4096u /* samples per channel that are read at once */

struct HhDecoder {
    HhContext *context;
    HhAudioInfo info;
    SNDFILE *file;
    int descriptor;
    HhChild *child;
    uint64_t position; /* samples per channel handed out */
    bool ended;
    float *block; /* interleaved */
    char path[];
};

void hh_decode_defaults(HhDecodeParams *params)
{
    *params = (HhDecodeParams){sizeof *params, "ffmpeg", 20.0};
}

/* ---- open ---- */

static void describe(const SF_INFO *info, char *text, size_t size)
{
    static const struct {
        int format;
        const char *name;
    } containers[] = {{SF_FORMAT_WAV, "WAV"},   {SF_FORMAT_WAVEX, "WAV"}, {SF_FORMAT_AIFF, "AIFF"},
                      {SF_FORMAT_FLAC, "FLAC"}, {SF_FORMAT_OGG, "Ogg"},   {SF_FORMAT_W64, "W64"},
                      {SF_FORMAT_RF64, "RF64"}, {SF_FORMAT_CAF, "CAF"},   {SF_FORMAT_AU, "AU"},
                      {SF_FORMAT_MPEG, ""}},
      codings[] = {{SF_FORMAT_PCM_S8, "PCM 8 bit"},    {SF_FORMAT_PCM_U8, "PCM 8 bit"},
                   {SF_FORMAT_PCM_16, "PCM 16 bit"},   {SF_FORMAT_PCM_24, "PCM 24 bit"},
                   {SF_FORMAT_PCM_32, "PCM 32 bit"},   {SF_FORMAT_FLOAT, "float 32 bit"},
                   {SF_FORMAT_DOUBLE, "float 64 bit"}, {SF_FORMAT_ULAW, "mu-law"},
                   {SF_FORMAT_ALAW, "A-law"},          {SF_FORMAT_IMA_ADPCM, "IMA ADPCM"},
                   {SF_FORMAT_MS_ADPCM, "MS ADPCM"},   {SF_FORMAT_VORBIS, "Vorbis"},
                   {SF_FORMAT_OPUS, "Opus"},           {SF_FORMAT_MPEG_LAYER_I, "MP1"},
                   {SF_FORMAT_MPEG_LAYER_II, "MP2"},   {SF_FORMAT_MPEG_LAYER_III, "MP3"},
                   {SF_FORMAT_GSM610, "GSM 6.10"},     {SF_FORMAT_ALAC_16, "ALAC 16 bit"},
                   {SF_FORMAT_ALAC_24, "ALAC 24 bit"}};
    const char *container = "sound file", *coding = "other coding";
    for (size_t i = 0; i < HH_COUNT(containers); i++)
        if (containers[i].format == (info->format & SF_FORMAT_TYPEMASK))
            container = containers[i].name;
    for (size_t i = 0; i < HH_COUNT(codings); i++)
        if (codings[i].format == (info->format & SF_FORMAT_SUBMASK)) coding = codings[i].name;
    (void)snprintf(text, size, "%s%s%s", container, *container ? ", " : "", coding);
}

/* Refuses what is no regular file. O_NONBLOCK: a pipe without a writer would else hold us here. */
static HhStatus open_regular(HhContext *context, const char *path, int *descriptor, uint64_t *bytes)
{
    struct stat status;
    *descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*descriptor < 0) return hh_fail(context, HH_ERROR_OPEN, "%s: %s", path, strerror(errno));
    const char *problem = fstat(*descriptor, &status) != 0 ? "cannot be examined"
                          : S_ISDIR(status.st_mode)        ? "is a folder, not a sound file"
                          : !S_ISREG(status.st_mode)       ? "is not a regular file"
                                                           : NULL;
    if (problem) {
        (void)close(*descriptor);
        *descriptor = -1;
        return hh_fail(context, HH_ERROR_OPEN, "%s: %s", path, problem);
    }
    *bytes = (uint64_t)status.st_size;
    return HH_OK;
}

/* libsndfile takes a WAV or AIFF that ends before its samples do for a shorter one; only its log
 * tells. */
static void warn_if_cut(HhDecoder *d)
{
    static const char *const chunks[] = {"\ndata : ", "\n SSND : "};
    char text[4096] = "";
    (void)sf_command(d->file, SFC_GET_LOG_INFO, text, sizeof text);
    for (size_t i = 0; i < HH_COUNT(chunks); i++) {
        const char *line = strstr(text, chunks[i]);
        const char *wrong = line ? strstr(line + 1, "should be") : NULL;
        if (wrong && wrong < line + 1 + strcspn(line + 1, "\n"))
            hh_log(d->context, HH_LOG_WARNING,
                   "%s: cut short: the header promises more samples than there are", d->path);
    }
}

/* Leaves d->file NULL and the reason in `reason` when libsndfile refuses. */
static void open_sndfile(HhDecoder *d, char *reason, size_t size)
{
    SF_INFO info = {0};
    d->file = sf_open_fd(d->descriptor, SFM_READ, &info, SF_FALSE);
    if (!d->file) {
        (void)snprintf(reason, size, "%s", sf_strerror(NULL));
        reason[strcspn(reason, "\n")] = '\0';
        size_t length = strlen(reason);
        if (length > 0 && reason[length - 1] == '.') reason[length - 1] = '\0';
        return;
    }
    d->info.rate = (double)info.samplerate;
    d->info.channels = info.channels;
    d->info.samples = info.frames > 0 && info.frames < SF_COUNT_MAX ? (uint64_t)info.frames : 0;
    describe(&info, d->info.format, sizeof d->info.format);
    warn_if_cut(d);
}

static HhStatus open_child(HhDecoder *d, const HhDecodeParams *params, const char *refusal)
{
    char program[4096], reason[256];
    if (!hh_child_find(params->ffmpeg, program, sizeof program))
        return hh_fail(d->context, HH_ERROR_FORMAT,
                       "%s: libsndfile cannot decode it (%s); other formats need the ffmpeg "
                       "program, which is not there",
                       d->path, refusal);
    HhStatus status = hh_child_open(d->context, program, d->path, params->ffmpeg_stall_s, &d->info,
                                    reason, sizeof reason, &d->child);
    if (status == HH_ERROR_FORMAT)
        return hh_fail(
            d->context, status,
            "%s: neither libsndfile (%s) nor ffmpeg (%s) can decode it; is it a sound file?",
            d->path, refusal, reason);
    (void)snprintf(d->info.format, sizeof d->info.format, "decoded by ffmpeg");
    return status;
}

static HhStatus open_decoder(HhDecoder *d, const HhDecodeParams *params)
{
    char refusal[256] = "";
    HH_TRY(open_regular(d->context, d->path, &d->descriptor, &d->info.bytes));
    if (d->info.bytes == 0)
        return hh_fail(d->context, HH_ERROR_EMPTY, "%s: the file is empty (0 bytes)", d->path);
    open_sndfile(d, refusal, sizeof refusal);
    if (!d->file) HH_TRY(open_child(d, params, refusal));
    if (d->info.channels < 1 || d->info.channels > HH_MAX_CHANNELS)
        return hh_fail(d->context, HH_ERROR_UNSUPPORTED, "%s: %d channels; 1 to %d are supported",
                       d->path, d->info.channels, HH_MAX_CHANNELS);
    if (!(d->info.rate >= HH_MIN_RATE && d->info.rate <= HH_MAX_RATE))
        return hh_fail(d->context, HH_ERROR_UNSUPPORTED,
                       "%s: a rate of %g Hz; %g to %g are supported", d->path, d->info.rate,
                       HH_MIN_RATE, HH_MAX_RATE);
    d->block = hh_alloc(d->context, (size_t)BLOCK * (size_t)d->info.channels, sizeof *d->block);
    return d->block ? HH_OK : hh_fail_memory(d->context);
}

HhStatus hh_decoder_open(HhContext *context, const char *path, const HhDecodeParams *params,
                         HhDecoder **decoder)
{
    if (!decoder) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the decoder");
    *decoder = NULL;
    HhDecodeParams p;
    hh_decode_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if (!path || !p.ffmpeg || !(p.ffmpeg_stall_s > 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "no path, no ffmpeg, or a stall time of %g s",
                       p.ffmpeg_stall_s);
    size_t length = strlen(path) + 1;
    HhDecoder *d = hh_zalloc(context, 1, sizeof *d + length);
    if (!d) return hh_fail_memory(context);
    memcpy(d->path, path, length);
    d->context = context;
    d->descriptor = -1;
    HhStatus status = open_decoder(d, &p);
    if (status != HH_OK) {
        hh_decoder_close(d);
        return status;
    }
    *decoder = d;
    return HH_OK;
}

const HhAudioInfo *hh_decoder_info(const HhDecoder *decoder)
{
    return &decoder->info;
}

void hh_decoder_close(HhDecoder *decoder)
{
    if (!decoder) return;
    hh_child_close(decoder->child);
    if (decoder->file) (void)sf_close(decoder->file);
    if (decoder->descriptor >= 0) (void)close(decoder->descriptor);
    hh_free(decoder->context, decoder->block);
    hh_free(decoder->context, decoder);
}

/* ---- read ---- */

static HhStatus fail_not_finite(const HhDecoder *d, size_t count)
{
    size_t channels = (size_t)d->info.channels, i = 0;
    while (i < count && isfinite(d->block[i])) i++;
    uint64_t sample = d->position + i / channels;
    return hh_fail(d->context, HH_ERROR_NOT_FINITE,
                   "%s: sample %llu of channel %zu (at %.3f s) is %s; repair the file or export it "
                   "again",
                   d->path, (unsigned long long)sample, i % channels + 1,
                   (double)sample / d->info.rate, isnan(d->block[i]) ? "NaN" : "infinite");
}

static void split(const float *restrict block, size_t channels, size_t count, float *const *channel,
                  size_t offset)
{
    if (channels == 1) {
        memcpy(channel[0] + offset, block, count * sizeof *block);
    } else if (channels == 2) {
        float *restrict left = channel[0] + offset, *restrict right = channel[1] + offset;
        for (size_t n = 0; n < count; n++) {
            left[n] = block[2 * n];
            right[n] = block[2 * n + 1];
        }
    } else {
        for (size_t c = 0; c < channels; c++)
            for (size_t n = 0; n < count; n++) channel[c][offset + n] = block[n * channels + c];
    }
}

/* Up to BLOCK samples per channel into d->block. */
static HhStatus read_block(HhDecoder *d, size_t count, size_t *got)
{
    size_t channels = (size_t)d->info.channels;
    if (d->child) {
        HH_TRY(hh_child_read(d->child, d->path, d->block, count * channels, got));
        *got /= channels;
        return HH_OK;
    }
    sf_count_t read = sf_readf_float(d->file, d->block, (sf_count_t)count);
    *got = read > 0 ? (size_t)read : 0;
    return HH_OK;
}

static HhStatus at_end(HhDecoder *d)
{
    d->ended = true;
    if (d->position == 0)
        return hh_fail(d->context, HH_ERROR_EMPTY,
                       "%s: there are no samples in it, or it is cut short before the first",
                       d->path);
    if (d->file && (sf_error(d->file) != SF_ERR_NO_ERROR || d->position < d->info.samples))
        hh_log(d->context, HH_LOG_WARNING,
               "%s: cut short or damaged: %llu of %llu samples could be decoded", d->path,
               (unsigned long long)d->position, (unsigned long long)d->info.samples);
    return HH_OK;
}

HhStatus hh_decoder_read(HhDecoder *decoder, float *const *channel, size_t count, size_t *got)
{
    *got = 0;
    size_t channels = (size_t)decoder->info.channels;
    while (*got < count && !decoder->ended) {
        size_t part, wanted = HH_MIN(count - *got, BLOCK);
        HH_TRY(read_block(decoder, wanted, &part));
        if (!hh_finite_f32(decoder->block, part * channels))
            return fail_not_finite(decoder, part * channels);
        split(decoder->block, channels, part, channel, *got);
        decoder->position += part;
        *got += part;
        if (part < wanted) HH_TRY(at_end(decoder));
    }
    return HH_OK;
}

/* ---- whole files ---- */

/* Planes of `capacity` samples each, with the samples that `audio` has. */
static HhStatus resize(HhContext *context, HhAudio *audio, size_t channels, size_t capacity)
{
    if (capacity > SIZE_MAX / channels) return hh_fail_memory(context);
    float *samples = hh_alloc(context, channels * capacity, sizeof *samples);
    if (!samples) return hh_fail_memory(context);
    for (size_t c = 0; c < channels; c++) {
        float *plane = samples + c * capacity;
        if (audio->samples) memcpy(plane, audio->planes[c], audio->signal.length * sizeof *plane);
        audio->planes[c] = plane;
    }
    hh_free(context, audio->samples);
    audio->samples = samples;
    return HH_OK;
}

/* How much to reserve at first: what the header says, if a file of this size can hold it at all (64
 * samples per byte is Opus at 6 kbit/s); more is found by growing. */
static size_t first_capacity(const HhAudioInfo *info)
{
    uint64_t most = HH_MAX(info->bytes * 64 / (uint64_t)info->channels, 65536);
    return (size_t)HH_MIN(info->samples ? info->samples + 1 : 65536, most);
}

static HhStatus read_whole(HhContext *context, HhDecoder *decoder, HhAudio *audio)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): hh_fail() never gives HH_OK */
    size_t channels = (size_t)decoder->info.channels, capacity = first_capacity(&decoder->info);
    float *tail[HH_MAX_CHANNELS];
    audio->owner = hh_allocator(context);
    audio->info = decoder->info;
    audio->planes = hh_zalloc(context, channels, sizeof *audio->planes);
    if (!audio->planes) return hh_fail_memory(context);
    HH_TRY(resize(context, audio, channels, capacity));
    for (;;) {
        size_t got, room = capacity - audio->signal.length;
        for (size_t c = 0; c < channels; c++) tail[c] = audio->planes[c] + audio->signal.length;
        HH_TRY(hh_decoder_read(decoder, tail, room, &got));
        audio->signal.length += got;
        if (got < room) break;
        if (capacity > SIZE_MAX / 4) return hh_fail_memory(context);
        capacity += capacity / 2;
        HH_TRY(resize(context, audio, channels, capacity));
    }
    audio->info.samples = audio->signal.length;
    audio->signal.channel = (const float *const *)audio->planes;
    audio->signal.channels = decoder->info.channels;
    audio->signal.rate = decoder->info.rate;
    return HH_OK;
}

HhStatus hh_decode_file(HhContext *context, const char *path, const HhDecodeParams *params,
                        HhAudio *audio)
{
    if (!audio) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the sound");
    *audio = (HhAudio)HH_AUDIO_INIT;
    HhDecoder *decoder;
    HH_TRY(hh_decoder_open(context, path, params, &decoder));
    HhStatus status = read_whole(context, decoder, audio);
    hh_decoder_close(decoder);
    if (status != HH_OK) hh_audio_free(audio);
    return status;
}

void hh_audio_free(HhAudio *audio)
{
    if (!audio) return;
    if (audio->owner.release) {
        audio->owner.release(audio->owner.user, audio->samples);
        audio->owner.release(audio->owner.user, audio->planes);
    }
    *audio = (HhAudio)HH_AUDIO_INIT;
}

HhStatus hh_mix_mono(HhContext *context, const HhSignal *signal, float *mono)
{
    HH_TRY(hh_channels_check(context, signal));
    if (!mono) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the mean");
    if (signal->length == 0) return HH_OK;
    float channels = (float)signal->channels;
    memcpy(mono, signal->channel[0], signal->length * sizeof *mono);
    if (signal->channels == 1) return HH_OK;
    for (int c = 1; c < signal->channels; c++) {
        const float *restrict x = signal->channel[c];
        for (size_t n = 0; n < signal->length; n++) mono[n] += x[n];
    }
    for (size_t n = 0; n < signal->length; n++) mono[n] /= channels;
    return HH_OK;
}
