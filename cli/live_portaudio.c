/* PortAudio: ALSA, PulseAudio behind it, and what else it was built for. The callback copies into
 * the ring, as that of JACK. */
#include <fcntl.h>
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "live_device.h"

typedef struct Port {
    PaStream *pa;
    LiveStream *stream;
    int channels;
    bool initialised;
} Port;

/* ALSA and JACK write their guesses about devices that are not there to standard error: it is
 * turned away while they look. */
static int mute(void)
{
    (void)fflush(stderr);
    int kept = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY);
    if (nothing >= 0) (void)dup2(nothing, STDERR_FILENO);
    if (nothing >= 0) (void)close(nothing);
    return kept;
}

static void unmute(int kept)
{
    (void)fflush(stderr);
    if (kept < 0) return;
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
}

static bool initialise(void)
{
    int kept = mute();
    PaError error = Pa_Initialize();
    unmute(kept);
    if (error == paNoError) return true;
    (void)cli_error(0, "PortAudio: %s", Pa_GetErrorText(error));
    return false;
}

/* ---- callbacks ---- */

static int on_samples(const void *input, void *output, unsigned long count,
                      const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *user)
{
    Port *p = user;
    const float *const *planes = input;
    const float *const nothing[64] = {NULL};
    (void)output;
    if (flags & paInputOverflow) live_ring_gap(p->stream->ring);
    /* How old the first sample is; some hosts do not say. */
    double length = (double)count / p->stream->rate;
    double age =
        time->inputBufferAdcTime > 0.0 ? time->currentTime - time->inputBufferAdcTime : 0.0;
    if (!(age >= length && age < 1.0)) age = length;
    (void)live_ring_write(p->stream->ring, planes ? planes : nothing, p->channels,
                          p->stream->chosen, count, 0,
                          live_now_ns() - (int64_t)((age - length) * 1e9));
    (void)sem_post(&p->stream->ready);
    return paContinue;
}

static void on_finished(void *user)
{
    Port *p = user;
    atomic_store_explicit(&p->stream->gone, true, memory_order_release);
    (void)sem_post(&p->stream->ready);
}

/* ---- open ---- */

static char *device_name(PaDeviceIndex index)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
    const PaHostApiInfo *host = Pa_GetHostApiInfo(info->hostApi);
    return cli_format("%s: %s", host ? host->name : "?", info->name);
}

static bool contains(const char *text, const char *part)
{
    for (size_t length = strlen(part); *text; text++)
        if (strncasecmp(text, part, length) == 0) return true;
    return *part == '\0';
}

/* By the whole name, else by a part of it. */
static PaDeviceIndex find_device(const char *name)
{
    if (!name) return Pa_GetDefaultInputDevice();
    PaDeviceIndex found = paNoDevice;
    for (PaDeviceIndex i = Pa_GetDeviceCount() - 1; i >= 0; i--) {
        const PaDeviceInfo *info = Pa_GetDeviceInfo(i);
        if (info->maxInputChannels == 0) continue;
        char *full = device_name(i);
        bool whole = strcmp(info->name, name) == 0 || strcmp(full, name) == 0;
        if (whole || (found == paNoDevice && contains(full, name))) found = i;
        free(full);
        if (whole) break;
    }
    return found;
}

static void close_port(void *handle)
{
    Port *p = handle;
    int kept = mute();
    if (p->pa) (void)Pa_CloseStream(p->pa);
    if (p->initialised) (void)Pa_Terminate();
    unmute(kept);
    free(p);
}

static bool open_stream(Port *p, PaDeviceIndex index, double rate, long channels)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
    /* "default" of PulseAudio has 32 channels, all of which it makes up. */
    p->channels = channels > 0 ? (int)channels : info->maxInputChannels < 2 ? 1 : 2;
    PaStreamParameters want = {index, p->channels, paFloat32 | paNonInterleaved,
                               info->defaultLowInputLatency, NULL};
    p->stream->rate = rate != 0.0 ? rate : (double)(long)info->defaultSampleRate;
    int kept = mute();
    PaError error = Pa_OpenStream(&p->pa, &want, NULL, p->stream->rate,
                                  paFramesPerBufferUnspecified, paNoFlag, on_samples, p);
    unmute(kept);
    if (error == paNoError) return true;
    (void)cli_error(0, "%s: %s", p->stream->name, Pa_GetErrorText(error));
    return false;
}

static long mixed_channels(const LiveMix *mix, long channels)
{
    for (int c = 63; c >= 0 && channels == 0; c--)
        if (mix->chosen >> c & 1u) channels = c + 1;
    return channels;
}

static void *open_port(const char *name, double rate, long channels, const LiveMix *mix,
                       LiveStream *stream)
{
    Port *p = cli_alloc(1, sizeof *p);
    p->stream = stream;
    p->initialised = initialise();
    PaDeviceIndex index = p->initialised ? find_device(name) : paNoDevice;
    bool good = index != paNoDevice;
    if (p->initialised && !good && name)
        (void)cli_error(0, "there is no input device \"%s\"; --list-devices shows them", name);
    else if (p->initialised && !good)
        (void)cli_error(0, "there is no sound device to listen to; --file and - need none");
    if (good) {
        stream->name = device_name(index);
        good = open_stream(p, index, rate, mixed_channels(mix, channels)) &&
               live_choose_channels(mix, p->channels, stream->name, &stream->chosen);
    }
    if (good) {
        const PaStreamInfo *info = Pa_GetStreamInfo(p->pa);
        stream->input_latency_s = info ? info->inputLatency : 0.0;
        return p;
    }
    close_port(p);
    return NULL;
}

static bool start_port(void *handle)
{
    Port *p = handle;
    (void)Pa_SetStreamFinishedCallback(p->pa, on_finished);
    PaError error = Pa_StartStream(p->pa);
    if (error == paNoError) return true;
    (void)cli_error(0, "%s: %s", p->stream->name, Pa_GetErrorText(error));
    return false;
}

static bool active(void *handle)
{
    const Port *p = handle;
    return Pa_IsStreamActive(p->pa) == 1;
}

static size_t list(void)
{
    size_t count = 0;
    if (!initialise()) return 0;
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); i++) {
        const PaDeviceInfo *info = Pa_GetDeviceInfo(i);
        if (info->maxInputChannels == 0) continue;
        count++;
        char *name = cli_printable(device_name(i));
        (void)printf("portaudio:%s  (%d channel%s, %g Hz%s)\n", name, info->maxInputChannels,
                     info->maxInputChannels == 1 ? "" : "s", info->defaultSampleRate,
                     i == Pa_GetDefaultInputDevice() ? ", default" : "");
        free(name);
    }
    int kept = mute();
    (void)Pa_Terminate();
    unmute(kept);
    return count;
}

const LiveDriver live_portaudio = {"portaudio", open_port, start_port, active, close_port, list};
