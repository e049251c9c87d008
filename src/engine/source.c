/* See source.h. */
#include "engine/source.h"

#include <math.h>
#include <string.h>

#include "harmony/halfband.h"

/* 88.2 kHz is halved by our own filter. */
typedef struct Halving {
    HhHalfband *filter;
    HhHalfbandStream *stream[HH_MAX_CHANNELS];
    float *memory, *output[HH_MAX_CHANNELS]; /* room for what a block gives */
} Halving;

struct HhSource {
    HhContext *context;
    HhDecoder *decoder; /* NULL for a signal */
    const char *path;   /* the caller's, or NULL */
    HhSignal signal;
    HhAudioInfo info;
    HhResampler *resampler; /* NULL at 44.1 and 88.2 kHz */
    Halving *halving;       /* at 88.2 kHz */
    size_t native_block;    /* samples per read */
    uint64_t position;
    HhBlock *filling; /* where the resampler's output goes */
    bool ended;
};

static HhStatus prepare_halving(HhSource *s)
{
    size_t channels = (size_t)s->info.channels;
    size_t room = HH_MAX(hh_halfband_stream_room(s->native_block), hh_halfband_stream_room(0));
    Halving *h = s->halving = hh_zalloc(s->context, 1, sizeof *h);
    if (!h) return hh_fail_memory(s->context);
    h->memory = hh_alloc(s->context, channels * room, sizeof *h->memory);
    if (!h->memory) return hh_fail_memory(s->context);
    HH_TRY(hh_halfband_create(s->context, &h->filter));
    for (size_t c = 0; c < channels; c++) {
        h->output[c] = h->memory + c * room;
        HH_TRY(hh_halfband_stream_create(s->context, h->filter, &h->stream[c]));
    }
    return HH_OK;
}

static void free_halving(HhSource *s)
{
    Halving *h = s->halving;
    if (!h) return;
    for (size_t c = 0; c < HH_MAX_CHANNELS; c++) hh_halfband_stream_destroy(h->stream[c]);
    hh_halfband_destroy(h->filter);
    hh_free(s->context, h->memory);
    hh_free(s->context, h);
}

static bool converts(const HhSource *s)
{
    return s->resampler || s->halving;
}

static HhStatus prepare(HhSource *s, size_t samples)
{
    s->native_block = (size_t)ceil((double)samples * s->info.rate / HH_CANONICAL_RATE);
    if (s->native_block < 1) s->native_block = 1;
    if (s->info.rate == HH_CANONICAL_RATE) return HH_OK;
    if (s->info.rate == 2.0 * HH_CANONICAL_RATE) return prepare_halving(s);
    return hh_resampler_create(s->context, s->info.rate, HH_CANONICAL_RATE, s->info.channels,
                               &s->resampler);
}

static HhStatus new_source(HhContext *context, HhSource **source)
{
    *source = hh_zalloc(context, 1, sizeof **source);
    if (!*source) return hh_fail_memory(context);
    (*source)->context = context;
    return HH_OK;
}

static HhStatus done(HhStatus status, HhSource **source)
{
    if (status == HH_OK) return HH_OK;
    hh_source_close(*source);
    *source = NULL;
    return status;
}

HhStatus hh_source_open_file(HhContext *context, const char *path, size_t samples,
                             HhSource **source)
{
    HH_TRY(new_source(context, source));
    (*source)->path = path;
    HhStatus status = hh_decoder_open(context, path, NULL, &(*source)->decoder);
    if (status == HH_OK) {
        (*source)->info = *hh_decoder_info((*source)->decoder);
        status = prepare(*source, samples);
    }
    return done(status, source);
}

HhStatus hh_source_open_signal(HhContext *context, const HhSignal *signal, size_t samples,
                               HhSource **source)
{
    HH_TRY(hh_signal_check(context, signal));
    if (!(signal->rate >= HH_MIN_RATE && signal->rate <= HH_MAX_RATE))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a rate of %g Hz is outside %g..%g",
                       signal->rate, HH_MIN_RATE, HH_MAX_RATE);
    if (signal->channels > HH_MAX_CHANNELS)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%d channels: up to %d can be analysed",
                       signal->channels, HH_MAX_CHANNELS);
    if (signal->length == 0) return hh_fail(context, HH_ERROR_EMPTY, "the signal has no samples");
    HH_TRY(new_source(context, source));
    (*source)->signal = *signal;
    (*source)->info =
        (HhAudioInfo){signal->rate, signal->channels, signal->length, 0, "samples in memory"};
    return done(prepare(*source, samples), source);
}

void hh_source_close(HhSource *source)
{
    if (!source) return;
    hh_decoder_close(source->decoder);
    hh_resampler_destroy(source->resampler);
    free_halving(source);
    hh_free(source->context, source);
}

const HhAudioInfo *hh_source_info(const HhSource *source)
{
    return &source->info;
}

uint64_t hh_source_position(const HhSource *source)
{
    return source->position;
}

/* Room for `capacity` samples at 44.1 kHz (and the mono mean), keeping what is there. */
static HhStatus enlarge(HhContext *context, const HhSource *source, HhBlock *b, size_t capacity)
{
    size_t planes = (converts(source) ? (size_t)source->info.channels : 0) + 1;
    float *memory = hh_alloc(context, planes * capacity, sizeof *memory);
    if (!memory) return hh_fail_memory(context);
    for (size_t p = 0; p + 1 < planes; p++) {
        if (b->count > 0) memcpy(memory + p * capacity, b->channel[p], b->count * sizeof *memory);
        b->channel[p] = memory + p * capacity;
    }
    b->mono = memory + (planes - 1) * capacity;
    hh_free(context, b->resampled);
    b->resampled = memory;
    b->capacity = capacity;
    return HH_OK;
}

HhStatus hh_block_init(HhContext *context, const HhSource *source, HhBlock *b)
{
    *b = (HhBlock){0};
    size_t n = source->native_block;
    b->memory = hh_alloc(context, (size_t)source->info.channels * n, sizeof *b->memory);
    if (!b->memory) return hh_fail_memory(context);
    for (int c = 0; c < source->info.channels; c++) {
        b->native[c] = b->memory + (size_t)c * n;
        if (!converts(source)) b->channel[c] = b->native[c];
    }
    double ratio = HH_CANONICAL_RATE / source->info.rate;
    return enlarge(context, source, b, converts(source) ? (size_t)((double)n * ratio) + 8192 : n);
}

void hh_block_free(HhContext *context, HhBlock *b)
{
    hh_free(context, b->memory);
    hh_free(context, b->resampled);
    *b = (HhBlock){0};
}

static HhStatus keep_resampled(void *user, const float *const *channel, size_t count)
{
    HhSource *s = user;
    HhBlock *b = s->filling;
    if (b->count + count > b->capacity) HH_TRY(enlarge(s->context, s, b, 2 * (b->count + count)));
    for (int c = 0; c < s->info.channels; c++)
        memcpy(b->channel[c] + b->count, channel[c], count * sizeof **channel);
    b->count += count;
    return HH_OK;
}

static HhStatus halve(HhSource *s, const HhBlock *b)
{
    Halving *h = s->halving;
    size_t made = 0;
    for (int c = 0; c < s->info.channels; c++)
        made = hh_halfband_stream_push(h->stream[c], b->native[c], b->native_count, h->output[c]);
    HH_TRY(keep_resampled(s, (const float *const *)h->output, made));
    if (!s->ended) return HH_OK;
    for (int c = 0; c < s->info.channels; c++)
        made = hh_halfband_stream_finish(h->stream[c], h->output[c]);
    return keep_resampled(s, (const float *const *)h->output, made);
}

/* Squares of more would leave the range of a float. */
#define MOST_LEVEL 1e9f

static HhStatus check_levels(HhSource *s, const HhBlock *b)
{
    for (int c = 0; c < s->info.channels; c++) {
        const float *x = b->native[c];
        if (hh_kernels(s->context)->vector->max_abs_f32(x, b->native_count) <= MOST_LEVEL) continue;
        size_t i = 0;
        while (fabsf(x[i]) <= MOST_LEVEL) i++;
        return hh_fail(s->context, HH_ERROR_FORMAT,
                       "%s%ssample %llu of channel %d (at %.3f s) is %g, where full scale is 1; "
                       "repair the file or export it again",
                       s->path ? s->path : "", s->path ? ": " : "",
                       (unsigned long long)(s->position + i), c + 1,
                       (double)(s->position + i) / s->info.rate, (double)x[i]);
    }
    return HH_OK;
}

static HhStatus read_native(HhSource *s, HhBlock *b)
{
    if (s->decoder) {
        HH_TRY(hh_decoder_read(s->decoder, b->native, s->native_block, &b->native_count));
        return check_levels(s, b);
    }
    b->native_count = HH_MIN(s->native_block, s->signal.length - (size_t)s->position);
    for (int c = 0; c < s->info.channels; c++)
        memcpy(b->native[c], s->signal.channel[c] + s->position, b->native_count * sizeof(float));
    return check_levels(s, b);
}

HhStatus hh_source_read(HhSource *s, HhBlock *b, bool *end)
{
    b->native_count = b->count = 0;
    *end = true;
    if (s->ended) return HH_OK;
    HH_TRY(read_native(s, b));
    s->position += b->native_count;
    s->ended = b->native_count < s->native_block;
    s->filling = b;
    if (s->halving) {
        HH_TRY(halve(s, b));
    } else if (s->resampler) {
        HH_TRY(hh_resampler_push(s->resampler, (const float *const *)b->native, b->native_count,
                                 keep_resampled, s));
        if (s->ended) HH_TRY(hh_resampler_finish(s->resampler, keep_resampled, s));
    } else {
        b->count = b->native_count;
    }
    HhSignal canonical = {(const float *const *)b->channel, s->info.channels, b->count,
                          HH_CANONICAL_RATE};
    if (b->count > 0) HH_TRY(hh_mix_mono(s->context, &canonical, b->mono));
    *end = s->ended;
    return HH_OK;
}
