/* Sound of a file or of standard input, mixed to one channel: the mean of the chosen ones. What is
 * outside the rates of the real-time core goes through the library's resampler. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"

#define BLOCK      4096u
#define OTHER_RATE 48000.0

struct LiveInput {
    HhContext *context;
    LiveMix mix;
    double rate; /* of what is handed on */
    int channels;
    /* A file. */
    HhDecoder *decoder;
    HhResampler *resampler; /* NULL at a rate that the core takes */
    float **planes;
    float *memory;
    /* Standard input. */
    bool raw;
    LiveFormat format;
    unsigned char *bytes; /* BLOCK frames */
    size_t byte_count;    /* of a frame that is not yet whole */
    /* What the decoder or the resampler gave and nobody has taken. */
    float *ready;
    size_t ready_count, ready_at, ready_size;
    bool ended;
};

static bool chosen(const LiveInput *in, int channel)
{
    return in->mix.chosen == 0 || (channel < 64 && (in->mix.chosen >> channel & 1u));
}

static int count_chosen(const LiveInput *in)
{
    int count = 0;
    for (int c = 0; c < in->channels; c++) count += chosen(in, c);
    return count;
}

/* False after a complaint: none of the channels that were asked for is there. */
static bool check_mix(const LiveInput *in, const char *name)
{
    int highest = 0;
    for (int c = 0; c < 64; c++)
        if (in->mix.chosen >> c & 1u) highest = c + 1;
    if (highest <= in->channels) return true;
    (void)cli_error(0, "%s: there is no channel %d, only %d", name, highest, in->channels);
    return false;
}

/* ---- a file ---- */

static void complain(const HhContext *context, HhStatus status)
{
    const char *message = hh_context_message(context);
    (void)cli_error(0, "%s", *message ? message : hh_status_text(status));
}

static HhStatus keep(void *user, const float *const *channel, size_t count)
{
    LiveInput *in = user;
    if (in->ready_count + count > in->ready_size) {
        in->ready_size = 2 * (in->ready_count + count);
        in->ready = cli_grow(in->ready, in->ready_size, sizeof *in->ready);
    }
    memcpy(in->ready + in->ready_count, channel[0], count * sizeof **channel);
    in->ready_count += count;
    return HH_OK;
}

static void mix_planes(const LiveInput *in, float *mono, size_t count)
{
    float scale = 1.0f / (float)count_chosen(in);
    memset(mono, 0, count * sizeof *mono);
    for (int c = 0; c < in->channels; c++)
        if (chosen(in, c))
            for (size_t n = 0; n < count; n++) mono[n] += in->planes[c][n];
    for (size_t n = 0; n < count; n++) mono[n] *= scale;
}

/* The next samples of the file to `ready`. */
static bool fill(LiveInput *in)
{
    size_t got = 0;
    in->ready_count = in->ready_at = 0;
    while (in->ready_count == 0 && !in->ended) {
        HhStatus status = hh_decoder_read(in->decoder, in->planes, BLOCK, &got);
        if (status == HH_OK && got > 0) {
            float *mono = in->planes[in->channels];
            const float *const one[] = {mono};
            mix_planes(in, mono, got);
            status = in->resampler ? hh_resampler_push(in->resampler, one, got, keep, in)
                                   : keep(in, one, got);
        } else if (status == HH_OK) {
            in->ended = true;
            if (in->resampler) status = hh_resampler_finish(in->resampler, keep, in);
        }
        if (status != HH_OK) {
            complain(in->context, status);
            return false;
        }
    }
    return true;
}

static long read_file(LiveInput *in, float *mono, size_t count)
{
    if (in->ready_at == in->ready_count && !fill(in)) return -1;
    size_t left = in->ready_count - in->ready_at;
    if (count > left) count = left;
    memcpy(mono, in->ready + in->ready_at, count * sizeof *mono);
    in->ready_at += count;
    return (long)count;
}

LiveInput *live_input_file(HhContext *context, const char *path, const LiveMix *mix)
{
    LiveInput *in = cli_alloc(1, sizeof *in);
    in->context = context;
    in->mix = *mix;
    HhStatus status = hh_decoder_open(context, path, NULL, &in->decoder);
    if (status == HH_OK) {
        const HhAudioInfo *info = hh_decoder_info(in->decoder);
        in->rate = info->rate;
        in->channels = info->channels;
        if (!check_mix(in, path)) {
            live_input_close(in);
            return NULL;
        }
        size_t planes = (size_t)in->channels + 1; /* the last one for the mix */
        in->memory = cli_alloc(planes * BLOCK, sizeof *in->memory);
        in->planes = cli_alloc(planes, sizeof *in->planes);
        for (size_t c = 0; c < planes; c++) in->planes[c] = in->memory + c * BLOCK;
        /* The core counts whole samples a second. */
        if (in->rate < HH_LIVE_MIN_RATE || in->rate > HH_LIVE_MAX_RATE ||
            in->rate != (double)(long)in->rate) {
            status = hh_resampler_create(context, in->rate, OTHER_RATE, 1, &in->resampler);
            in->rate = OTHER_RATE;
        }
    }
    if (status == HH_OK) return in;
    complain(context, status);
    live_input_close(in);
    return NULL;
}

/* ---- standard input ---- */

static size_t frame_bytes(const LiveInput *in)
{
    return (in->format == LIVE_F32 ? sizeof(float) : sizeof(int16_t)) * (size_t)in->channels;
}

static float raw_sample(const LiveInput *in, const unsigned char *frame, int channel)
{
    float value;
    int16_t word;
    if (in->format == LIVE_F32) {
        memcpy(&value, frame + (size_t)channel * sizeof value, sizeof value);
        return value;
    }
    memcpy(&word, frame + (size_t)channel * sizeof word, sizeof word);
    return (float)word / 32768.0f;
}

static void mix_frames(const LiveInput *in, float *mono, size_t count)
{
    float scale = 1.0f / (float)count_chosen(in);
    for (size_t n = 0; n < count; n++) {
        const unsigned char *frame = in->bytes + n * frame_bytes(in);
        float sum = 0.0f;
        for (int c = 0; c < in->channels; c++)
            if (chosen(in, c)) sum += raw_sample(in, frame, c);
        mono[n] = sum * scale;
    }
}

/* Waits for samples; false if `stop` came first. */
static bool wait_for_bytes(int stop)
{
    struct pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {stop, POLLIN, 0}};
    while (poll(wait, stop >= 0 ? 2 : 1, -1) < 0 && errno == EINTR) {
    }
    return !(stop >= 0 && (wait[1].revents & POLLIN));
}

static long read_raw(LiveInput *in, float *mono, size_t count, int stop)
{
    size_t frame = frame_bytes(in), most = (count < BLOCK ? count : BLOCK) * frame;
    while (in->byte_count < frame) {
        if (!wait_for_bytes(stop)) return 0;
        ssize_t got = read(STDIN_FILENO, in->bytes + in->byte_count, most - in->byte_count);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) {
            (void)cli_error(0, "standard input: %s", strerror(errno));
            return -1;
        }
        if (got == 0) {
            if (in->byte_count > 0)
                (void)cli_error(0, "standard input: ends within a frame, %zu bytes are left out",
                                in->byte_count);
            in->byte_count = 0;
            return 0;
        }
        in->byte_count += (size_t)got;
    }
    size_t frames = in->byte_count / frame;
    mix_frames(in, mono, frames);
    in->byte_count -= frames * frame;
    memmove(in->bytes, in->bytes + frames * frame, in->byte_count);
    return (long)frames;
}

LiveInput *live_input_raw(double rate, int channels, LiveFormat format, const LiveMix *mix)
{
    LiveInput *in = cli_alloc(1, sizeof *in);
    in->raw = true;
    in->mix = *mix;
    in->rate = rate;
    in->channels = channels;
    in->format = format;
    in->bytes = cli_alloc(BLOCK, frame_bytes(in));
    if (check_mix(in, "standard input")) return in;
    live_input_close(in);
    return NULL;
}

/* ---- both ---- */

double live_input_rate(const LiveInput *in)
{
    return in->rate;
}

long live_input_read(LiveInput *in, float *mono, size_t count, int stop)
{
    return in->raw ? read_raw(in, mono, count, stop) : read_file(in, mono, count);
}

void live_input_close(LiveInput *in)
{
    if (!in) return;
    hh_decoder_close(in->decoder);
    hh_resampler_destroy(in->resampler);
    free(in->planes);
    free(in->memory);
    free(in->bytes);
    free(in->ready);
    free(in);
}
