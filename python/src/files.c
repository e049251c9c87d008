/* Sound files for Python: include/heihachi/audio.h. */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#define READ_AT_ONCE ((size_t)1 << 16) /* samples per channel */
#define FIRST_ROOM   ((size_t)1 << 18)

/* What is kept of a file, planar; one plane if the channels are mixed. */
typedef struct Samples {
    float **plane;
    size_t planes, length, room;
} Samples;

static void samples_free(Samples *samples)
{
    for (size_t p = 0; samples->plane && p < samples->planes; p++) free(samples->plane[p]);
    free(samples->plane);
    *samples = (Samples){0};
}

/* Room for `more` samples in each plane: it doubles, so that memory follows what is found in the
 * file and not what its header claims. */
static HhStatus samples_grow(Samples *samples, size_t more)
{
    if (samples->length + more <= samples->room) return HH_OK;
    size_t room = samples->room ? 2 * samples->room : FIRST_ROOM;
    while (room < samples->length + more) room *= 2;
    for (size_t p = 0; p < samples->planes; p++) {
        float *larger = realloc(samples->plane[p], room * sizeof(float));
        if (!larger) return HH_ERROR_MEMORY;
        samples->plane[p] = larger;
    }
    samples->room = room;
    return HH_OK;
}

/* One reading of a file. */
typedef struct Reading {
    HhContext *context;
    HhDecoder *decoder;
    size_t channels;
    bool mono;
    float *block; /* [channels][READ_AT_ONCE] */
    float **channel;
    Samples samples;
} Reading;

static void reading_free(Reading *r)
{
    hh_decoder_close(r->decoder);
    free(r->block);
    free(r->channel);
    samples_free(&r->samples);
}

static HhStatus reading_start(Reading *r, const char *path)
{
    HhStatus status = hh_decoder_open(r->context, path, NULL, &r->decoder);
    if (status != HH_OK) return status;
    r->channels = (size_t)hh_decoder_info(r->decoder)->channels;
    r->samples.planes = r->mono ? 1 : r->channels;
    r->samples.plane = calloc(r->samples.planes, sizeof *r->samples.plane);
    r->block = malloc(r->channels * READ_AT_ONCE * sizeof *r->block);
    r->channel = malloc(r->channels * sizeof *r->channel);
    if (!r->samples.plane || !r->block || !r->channel) return HH_ERROR_MEMORY;
    for (size_t c = 0; c < r->channels; c++) r->channel[c] = r->block + c * READ_AT_ONCE;
    return HH_OK;
}

/* Up to `count` samples of the file into the block. A file that holds none at all is no error here,
 * the array is empty then; it is one if the format was not known and ffmpeg found none. */
static HhStatus read_block(Reading *r, size_t count, size_t *got)
{
    static const char by_program[] = "decoded by";
    HhStatus status = hh_decoder_read(r->decoder, r->channel, count, got);
    const char *format = hh_decoder_info(r->decoder)->format;
    if (status != HH_ERROR_EMPTY || strncmp(format, by_program, strlen(by_program)) == 0)
        return status;
    *got = 0;
    return HH_OK;
}

static HhStatus keep_block(Reading *r, size_t count)
{
    Samples *s = &r->samples;
    HhStatus status = samples_grow(s, count);
    if (status != HH_OK) return status;
    if (r->mono && r->channels > 1) {
        HhSignal block = {(const float *const *)r->channel, (int)r->channels, count, 1.0, NULL};
        status = hh_mix_mono(r->context, &block, s->plane[0] + s->length);
    } else {
        for (size_t p = 0; p < s->planes; p++)
            memcpy(s->plane[p] + s->length, r->channel[p], count * sizeof(float));
    }
    s->length += count;
    return status;
}

/* `skip` samples are read and left out, then `most` are kept. */
static HhStatus read_range(Reading *r, uint64_t skip, uint64_t most)
{
    while (skip + most > 0) {
        uint64_t wanted = skip ? skip : most;
        size_t got, count = wanted < READ_AT_ONCE ? (size_t)wanted : READ_AT_ONCE;
        HhStatus status = read_block(r, count, &got);
        if (status == HH_OK && !skip && got > 0) status = keep_block(r, got);
        if (status != HH_OK) return status;
        if (got < count) break;
        if (skip)
            skip -= got;
        else
            most -= got;
    }
    return HH_OK;
}

static void release_plane(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* (samples,) if there is one plane, else (channels, samples). */
static PyObject *give_samples(Samples *s)
{
    size_t count = s->planes * s->length;
    float *data = s->plane[0];
    if (s->planes > 1 || !data) {
        data = malloc((count ? count : 1) * sizeof *data);
        if (!data) return PyErr_NoMemory();
        for (size_t p = 0; p < s->planes && s->length > 0; p++)
            memcpy(data + p * s->length, s->plane[p], s->length * sizeof *data);
    } else {
        /* what is left over of the room goes back */
        float *smaller = realloc(data, (count ? count : 1) * sizeof *data);
        if (smaller) data = smaller;
        s->plane[0] = NULL;
    }
    HhArray array = {.type = HH_FLOAT32,
                     .dimensions = s->planes > 1 ? 2 : 1,
                     .shape = {s->planes > 1 ? s->planes : s->length, s->length},
                     .data = data,
                     .owner = {NULL, release_plane, NULL}};
    return core_array_give(&array, NULL, CORE_AS_IS);
}

/* A count of samples from a number of them; below 0 or NaN is `otherwise`. */
static uint64_t whole(double count, uint64_t otherwise)
{
    if (!(count >= 0.0)) return otherwise;
    return count < 1e18 ? (uint64_t)count : UINT64_MAX / 4;
}

/* decode_file(path, offset, duration, mono) -> samples, rate */
static PyObject *decode_file(PyObject *self, PyObject *arguments)
{
    (void)self;
    PyObject *path;
    double offset, duration;
    int mono;
    if (!PyArg_ParseTuple(arguments, "O&ddp", PyUnicode_FSConverter, &path, &offset, &duration,
                          &mono))
        return NULL;
    Reading reading = {.context = core_context_borrow(), .mono = mono != 0};
    if (!reading.context) {
        Py_DECREF(path);
        return NULL;
    }
    const char *name = PyBytes_AsString(path);
    double rate = 0.0;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status = reading_start(&reading, name);
    if (status == HH_OK) {
        rate = hh_decoder_info(reading.decoder)->rate;
        status =
            read_range(&reading, whole(offset * rate, 0), whole(duration * rate, UINT64_MAX / 4));
    }
    Py_END_ALLOW_THREADS PyObject *result = NULL;
    if (status == HH_ERROR_NOT_FINITE) {
        core_raise(reading.context, status); /* as of any sound that is not finite */
    } else if (status != HH_OK) {
        core_raise_for_file(reading.context, status, name);
    } else {
        PyObject *samples = give_samples(&reading.samples);
        if (samples) result = Py_BuildValue("(Nd)", samples, rate);
    }
    reading_free(&reading);
    core_context_return(reading.context);
    Py_DECREF(path);
    return result;
}

/* file_info(path) -> rate, channels, samples by the header (0: not known), format */
static PyObject *file_info(PyObject *self, PyObject *argument)
{
    (void)self;
    PyObject *path;
    if (!PyUnicode_FSConverter(argument, &path)) return NULL;
    HhContext *context = core_context_borrow();
    if (!context) {
        Py_DECREF(path);
        return NULL;
    }
    const char *name = PyBytes_AsString(path);
    HhDecoder *decoder = NULL;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status = hh_decoder_open(context, name, NULL, &decoder);
    Py_END_ALLOW_THREADS PyObject *result = NULL;
    if (status == HH_OK) {
        const HhAudioInfo *info = hh_decoder_info(decoder);
        result = Py_BuildValue("(diKs)", info->rate, info->channels,
                               (unsigned long long)info->samples, info->format);
    } else {
        core_raise_for_file(context, status, name);
    }
    hh_decoder_close(decoder);
    core_context_return(context);
    Py_DECREF(path);
    return result;
}

PyMethodDef core_file_methods[] = {
    {"decode_file", decode_file, METH_VARARGS,
     "decode_file(path, offset, duration, mono): samples (float32) and rate. Seconds; a negative "
     "duration is all."},
    {"file_info", file_info, METH_O,
     "file_info(path): rate, channels, samples per channel (0: not known), format."},
    {NULL, NULL, 0, NULL}};
