/* `heihachi features`: raw arrays of functions named as in librosa, in an NPZ file. */
#include "feature_table.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Settings {
    const CliCommand *command;
    const char *input, *output;
    double rate; /* Hz; 0 = that of the file */
    bool channels, list;
    long threads;
    FeatureRequest **requests;
    size_t count;
} Settings;

/* ---- command line ---- */

static bool add_request(Settings *s, const char *text)
{
    FeatureRequest *request = cli_alloc(1, sizeof *request);
    s->requests = cli_grow(s->requests, s->count + 1, sizeof(FeatureRequest *));
    s->requests[s->count] = request;
    if (!cli_feature_parse(text, request)) {
        free(request);
        return false;
    }
    request->occurrence = 1;
    for (size_t i = 0; i < s->count; i++)
        request->occurrence += s->requests[i]->feature == request->feature;
    s->count++;
    return true;
}

static bool set_rate(Settings *s, const char *value)
{
    char *end;
    s->rate = 0.0;
    if (strcmp(value, "native") == 0) return true;
    s->rate = strtod(value, &end);
    if (*end == '\0' && s->rate >= 1.0 && s->rate <= 1e6) return true;
    (void)cli_usage_error(s->command, "--sr %s: a rate in Hz, or native", value);
    return false;
}

static bool set_option(void *user, const CliOption *option, const char *value)
{
    Settings *s = user;
    if (!option) {
        if (s->input)
            (void)cli_usage_error(s->command, "more than one input: %s and %s", s->input, value);
        bool first = !s->input;
        s->input = value;
        return first;
    }
    if (strcmp(option->name, "feature") == 0) return add_request(s, value);
    if (strcmp(option->name, "sr") == 0) return set_rate(s, value);
    if (strcmp(option->name, "output") == 0) s->output = value;
    if (strcmp(option->name, "channels") == 0) s->channels = true;
    if (strcmp(option->name, "list") == 0) s->list = true;
    if (strcmp(option->name, "threads") == 0 && !cli_number(value, 0, 256, &s->threads)) {
        (void)cli_usage_error(s->command, "--threads %s: a number from 0 to 256", value);
        return false;
    }
    return true;
}

/* ---- sound ---- */

/* The sound as it goes into the features, with what it stands in. */
typedef struct Sound {
    HhAudio audio;
    float *mono;
    HhArray resampled;
    const float *channel[HH_MAX_CHANNELS];
    HhSignal signal;
} Sound;

static void sound_free(Sound *sound)
{
    hh_audio_free(&sound->audio);
    hh_array_free(&sound->resampled);
    free(sound->mono);
}

/* Decodes, mixes, resamples: in the order of librosa.load(). */
static HhStatus sound_load(HhContext *context, const Settings *s, Sound *sound)
{
    HhStatus status = hh_decode_file(context, s->input, NULL, &sound->audio);
    if (status != HH_OK) return status;
    sound->signal = sound->audio.signal;
    if (!s->channels && sound->signal.channels > 1) {
        sound->mono = cli_alloc(sound->signal.length, sizeof *sound->mono);
        status = hh_mix_mono(context, &sound->signal, sound->mono);
        sound->channel[0] = sound->mono;
        sound->signal.channel = sound->channel;
        sound->signal.channels = 1;
    }
    if (status != HH_OK || s->rate == 0.0 || s->rate == sound->signal.rate) return status;
    status = hh_resample(context, &sound->signal, s->rate, &sound->resampled);
    if (status != HH_OK) return status;
    size_t length = sound->resampled.shape[1];
    for (int c = 0; c < sound->signal.channels; c++)
        sound->channel[c] = (const float *)sound->resampled.data + (size_t)c * length;
    sound->signal = (HhSignal){sound->channel, sound->signal.channels, length, s->rate};
    return HH_OK;
}

/* ---- results ---- */

/* librosa's axes: none for the channels of a mono signal; a column where each channel gives one
 * number. */
static void fit_axes(const Feature *feature, int channels, HhArray *array)
{
    if (channels == 1 && array->dimensions >= 2 && array->shape[0] == 1) {
        array->dimensions--;
        memmove(array->shape, array->shape + 1, (size_t)array->dimensions * sizeof *array->shape);
    } else if (channels > 1 && feature->column && array->dimensions == 1 &&
               array->shape[0] == (size_t)channels) {
        array->dimensions = 2;
        array->shape[1] = 1;
    }
}

static HhStatus write_results(const FeatureRequest *request, int channels, HhArray *results,
                              HhNpz *npz)
{
    const Feature *feature = request->feature;
    HhStatus status = HH_OK;
    for (size_t part = 0;
         status == HH_OK && (part == 0 || (part < FEATURE_PARTS && feature->parts[part])); part++) {
        char occurrence[16] = "";
        if (request->occurrence > 1)
            (void)snprintf(occurrence, sizeof occurrence, "#%d", request->occurrence);
        char *name =
            cli_format("%s%s%s%s", feature->name, occurrence, feature->parts[part] ? "." : "",
                       feature->parts[part] ? feature->parts[part] : "");
        bool spectrum = results[part].dimensions == 3;
        fit_axes(feature, channels, &results[part]);
        status = hh_npz_add(npz, name, &results[part], spectrum ? HH_NPZ_SWAPPED : HH_NPZ_AS_IS);
        free(name);
    }
    return status;
}

/* A value outside its range is a wrong command line; what cannot be written names the output, all
 * else the input. `feature` may be NULL. */
static int complain(HhContext *context, HhStatus status, const Settings *s, const char *feature)
{
    const char *message = hh_context_message(context);
    if (!*message) message = hh_status_text(status);
    char *text = cli_format("%s%s%s", feature ? feature : "", feature ? ": " : "", message);
    int code = status == HH_ERROR_WRITE ? CLI_OUTPUT : CLI_FAILED;
    const char *path = code == CLI_OUTPUT ? s->output : s->input;
    if (status == HH_ERROR_ARGUMENT)
        code = cli_usage_error(s->command, "%s", text);
    else if (strstr(message, path))
        (void)cli_error(code, "%s", text);
    else
        (void)cli_error(code, "%s: %s", path, text);
    free(text);
    return code;
}

static int run_request(HhContext *context, const Settings *s, const FeatureRequest *request,
                       const HhSignal *signal, HhNpz *npz)
{
    HhArray results[FEATURE_PARTS] = {HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT};
    HhStatus status = request->feature->run(context, signal, request->values.bytes, results);
    if (status == HH_OK) status = write_results(request, signal->channels, results, npz);
    for (size_t i = 0; i < FEATURE_PARTS; i++) hh_array_free(&results[i]);
    return status == HH_OK ? CLI_DONE : complain(context, status, s, request->feature->name);
}

static const char *volatile unfinished; /* file */

/* Arrays may be gigabytes: nothing waits for the one that is being made. */
static void on_signal(int number)
{
    (void)number;
    if (unfinished) (void)unlink(unfinished);
    _exit(CLI_INTERRUPTED);
}

static int run(HhContext *context, const Settings *s)
{
    Sound sound = {.audio = HH_AUDIO_INIT, .resampled = HH_ARRAY_INIT};
    HhNpz *npz = NULL;
    cli_catch_signals(on_signal);
    HhStatus status = sound_load(context, s, &sound);
    if (status == HH_OK) status = hh_npz_create(context, s->output, &npz);
    int code = status == HH_OK ? CLI_DONE : complain(context, status, s, NULL);
    if (npz) unfinished = hh_npz_temporary(npz);
    for (size_t i = 0; code == CLI_DONE && i < s->count; i++)
        code = run_request(context, s, s->requests[i], &sound.signal, npz);
    cli_catch_signals(SIG_IGN); /* the few milliseconds that are left */
    unfinished = NULL;
    if (code == CLI_DONE) {
        status = hh_npz_close(npz);
        if (status != HH_OK) code = complain(context, status, s, NULL);
    } else {
        hh_npz_abandon(npz);
    }
    sound_free(&sound);
    return code;
}

static int check(const Settings *s)
{
    if (!s->input) return cli_usage_error(s->command, "no input");
    if (!s->output) return cli_usage_error(s->command, "no output: -o FILE.npz");
    if (s->count == 0) return cli_usage_error(s->command, "no --feature; --list shows them all");
    return CLI_DONE;
}

int command_features(int argc, char **argv)
{
    Settings s = {.command = cli_find_command("features"), .rate = 22050.0, .threads = 1};
    int code = cli_parse(s.command, argc, argv, set_option, &s);
    if (code < 0 && s.list)
        cli_feature_list();
    else if (code < 0 && (code = check(&s)) == CLI_DONE) {
        HhContextParams params = HH_CONTEXT_PARAMS_INIT;
        params.threads = (int)s.threads;
        HhContext *context;
        HhStatus status = hh_context_create(&params, &context);
        code = status == HH_OK ? run(context, &s)
                               : cli_error(CLI_FAILED, "%s", hh_status_text(status));
        hh_context_destroy(context);
    }
    for (size_t i = 0; i < s.count; i++) free(s.requests[i]);
    free(s.requests);
    return code < 0 ? CLI_DONE : code;
}
