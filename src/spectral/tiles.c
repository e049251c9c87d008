/* See tiles.h. Memory: one tile and one run of samples per thread. */
#include "spectral/tiles.h"

#include <string.h>

#include "spectral/window.h"

HhStatus hh_stft_resolve(HhContext *context, HhStftParams *stft)
{
    if (stft->n_fft < 1 || stft->n_fft > (size_t)1 << 20)
        return hh_fail(context, HH_ERROR_ARGUMENT, "n_fft is %zu: 1 to %d", stft->n_fft, 1 << 20);
    if (stft->win_length == 0) stft->win_length = stft->n_fft;
    if (stft->win_length > stft->n_fft)
        return hh_fail(context, HH_ERROR_ARGUMENT, "win_length %zu is more than n_fft %zu",
                       stft->win_length, stft->n_fft);
    if (stft->hop_length == 0) stft->hop_length = stft->win_length / 4;
    if (stft->hop_length == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a window of %zu samples needs a hop_length",
                       stft->win_length);
    return HH_OK;
}

void hh_tiles_free(HhTileSource *source)
{
    hh_fft_destroy(source->fft);
    hh_free(source->context, source->cuts);
    hh_free(source->context, source->window);
    hh_free(source->context, source->window_f32);
    *source = (HhTileSource){0};
}

static HhStatus cut_channels(HhTileSource *source, const HhSignal *y, const HhStftParams *stft)
{
    for (size_t c = 0; c < source->channels; c++)
        HH_TRY(hh_frames_of_channel(source->context, &source->cuts[c], y, c, stft->n_fft,
                                    stft->hop_length, stft->center, stft->pad));
    source->frames = source->cuts[0].count;
    return HH_OK;
}

static HhStatus prepare_signal(HhTileSource *source, const HhSignal *y, const HhStftParams *stft)
{
    HhContext *context = source->context;
    source->cuts = hh_zalloc(context, source->channels, sizeof *source->cuts);
    source->window = hh_alloc(context, source->n_fft, sizeof *source->window);
    source->window_f32 = hh_alloc(context, source->n_fft, sizeof *source->window_f32);
    if (!source->cuts || !source->window || !source->window_f32) return hh_fail_memory(context);
    HH_TRY(cut_channels(source, y, stft));
    HH_TRY(hh_window_padded(context, &stft->window, stft->win_length, stft->n_fft, source->window));
    source->kernels->vector->to_f32(source->window, source->window_f32, source->n_fft);
    return hh_fft_create(context, source->n_fft, &source->fft);
}

HhStatus hh_tiles_of_signal(HhContext *context, HhTileSource *source, const HhSignal *y,
                            const HhStftParams *stft, HhTileKind kind)
{
    *source = (HhTileSource){.context = context, .kernels = hh_kernels(context), .kind = kind};
    HhStftParams p = *stft;
    HH_TRY(hh_signal_check_either(context, y));
    HH_TRY(hh_stft_resolve(context, &p));
    if (p.center && (unsigned)p.pad >= HH_PAD_WRAP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "padding %d is not for spectra", (int)p.pad);
    source->channels = (size_t)y->channels;
    source->in_double = y->channel_f64 != NULL;
    source->n_fft = p.n_fft;
    source->bins = p.n_fft / 2 + 1;
    HhStatus status = prepare_signal(source, y, &p);
    if (status != HH_OK) hh_tiles_free(source);
    return status;
}

HhStatus hh_tiles_of_spectrogram(HhContext *context, HhTileSource *source,
                                 const HhArray *spectrogram, size_t n_fft)
{
    *source =
        (HhTileSource){.context = context, .kernels = hh_kernels(context), .kind = HH_TILE_GIVEN};
    if (!spectrogram || spectrogram->type != HH_FLOAT32 || spectrogram->dimensions != 3 ||
        !spectrogram->data)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a spectrogram is float of {channels, frames, bins}");
    source->channels = spectrogram->shape[0];
    source->frames = spectrogram->shape[1];
    source->bins = spectrogram->shape[2];
    if (source->channels == 0 || source->frames == 0 || source->bins == 0)
        return hh_fail(context, HH_ERROR_EMPTY, "an empty spectrogram");
    source->spectrogram = spectrogram->data;
    source->n_fft = n_fft / 2 + 1 == source->bins ? n_fft : 2 * (source->bins - 1);
    size_t count = hh_array_count(spectrogram);
    if (!source->kernels->vector->finite_f32(source->spectrogram, count))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the spectrogram holds NaN or infinity");
    if (!source->kernels->vector->non_negative_f32(source->spectrogram, count))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the spectrogram holds negative values");
    return HH_OK;
}

void hh_tile_power(const HhKernels *kernels, float *tile, size_t bins, double exponent)
{
    size_t count = bins * HH_TILE;
    if (exponent == 0.5)
        kernels->vector->sqrt_f32(tile, tile, count);
    else if (exponent == 2.0)
        kernels->vector->multiply_f32(tile, tile, tile, count);
    else if (exponent != 1.0)
        kernels->vector->pow_f32(tile, (float)exponent, tile, count);
}

/* ---- running */

typedef struct Run {
    const HhTileSource *source;
    HhTileBody *body;
    void *arg;
    unsigned char *memory;
    /* bytes per worker, and where its parts start */
    size_t each, tile_at, double_at, fft_at, samples_at;
} Run;

static size_t aligned(size_t bytes)
{
    return (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

static void lay_out(Run *run, size_t scratch_bytes)
{
    const HhTileSource *s = run->source;
    size_t column = s->bins * HH_TILE;
    bool power = s->kind == HH_TILE_POWER || s->kind == HH_TILE_EXACT_POWER;
    bool doubles =
        s->kind == HH_TILE_MAGNITUDE || s->kind == HH_TILE_DOUBLE || (s->in_double && !power);
    run->tile_at = aligned(scratch_bytes);
    run->double_at =
        run->tile_at + aligned(column * sizeof(float)) * (s->kind == HH_TILE_COMPLEX ? 2 : 1);
    run->fft_at = run->double_at + (doubles ? 2 * aligned(column * sizeof(double)) : 0);
    run->samples_at = run->fft_at + (s->fft ? aligned(hh_fft_scratch(s->fft)) : 0);
    size_t samples = 0;
    if (s->fft) samples = s->only ? HH_TILE * s->n_fft : hh_frames_scratch(&s->cuts[0], HH_TILE);
    run->each =
        run->samples_at + aligned(samples * (s->in_double ? sizeof(double) : sizeof(float)));
}

/* The frames of the list that the tile holds, side by side. */
#define DEFINE_CHOSEN_FRAMES(NAME, TYPE, GET)                                                      \
    static void NAME(const HhTileSource *s, const HhSpectrumTile *tile, TYPE *samples)             \
    {                                                                                              \
        for (int l = 0; l < tile->count; l++, samples += s->n_fft) {                               \
            size_t frame = s->only[tile->first + (size_t)l];                                       \
            const HhFrames *cut = &s->cuts[frame / s->frames];                                     \
            const TYPE *x = GET(cut, frame % s->frames, 1, samples);                               \
            if (x != samples) memcpy(samples, x, s->n_fft * sizeof *samples);                      \
        }                                                                                          \
    }

DEFINE_CHOSEN_FRAMES(chosen_frames, float, hh_frames_get)
DEFINE_CHOSEN_FRAMES(chosen_frames_f64, double, hh_frames_get_f64)

/* From one frame of a tile to the next. */
static ptrdiff_t stride_of(const HhTileSource *s)
{
    return (ptrdiff_t)(s->only ? s->n_fft : s->cuts[0].hop);
}

static void transform_floats(const Run *run, HhSpectrumTile *tile, unsigned char *memory)
{
    const HhTileSource *s = run->source;
    const HhFrames *cut = &s->cuts[tile->channel];
    ptrdiff_t hop = stride_of(s);
    size_t column = s->bins * HH_TILE;
    void *scratch = memory + run->fft_at;
    float *samples = (float *)(void *)(memory + run->samples_at);
    const float *x = samples;
    if (s->only)
        chosen_frames(s, tile, samples);
    else
        x = hh_frames_get(cut, tile->first, (size_t)tile->count, samples);
    if (s->kind == HH_TILE_COMPLEX) {
        tile->re = tile->value;
        tile->im = (float *)(void *)(memory + run->tile_at + aligned(column * sizeof(float)));
        hh_fft_tile_f32(s->fft, x, hop, tile->count, s->window_f32, tile->re, tile->im, scratch);
    } else if (s->kind == HH_TILE_POWER) {
        hh_fft_tile_power_f32(s->fft, x, hop, tile->count, s->window_f32, tile->value, scratch);
    } else if (s->kind == HH_TILE_EXACT_POWER) {
        hh_fft_tile_power_mixed(s->fft, x, hop, tile->count, s->window, tile->value, scratch);
    } else {
        double *re = (double *)(void *)(memory + run->double_at);
        double *im = (double *)(void *)(memory + run->double_at + aligned(column * sizeof(double)));
        hh_fft_tile_mixed(s->fft, x, hop, tile->count, s->window, re, im, scratch);
        tile->re_f64 = re;
        tile->im_f64 = im;
        if (s->kind == HH_TILE_MAGNITUDE)
            s->kernels->vector->magnitude_like_numpy(re, im, tile->value, column);
    }
}

static void transform_doubles(const Run *run, HhSpectrumTile *tile, unsigned char *memory)
{
    const HhTileSource *s = run->source;
    size_t column = s->bins * HH_TILE;
    void *scratch = memory + run->fft_at;
    double *samples = (double *)(void *)(memory + run->samples_at);
    const double *x = samples;
    if (s->only)
        chosen_frames_f64(s, tile, samples);
    else
        x = hh_frames_get_f64(&s->cuts[tile->channel], tile->first, (size_t)tile->count, samples);
    if (s->kind == HH_TILE_POWER || s->kind == HH_TILE_EXACT_POWER) {
        hh_fft_tile_power_f64(s->fft, x, stride_of(s), tile->count, s->window, tile->value,
                              scratch);
        return;
    }
    double *re = (double *)(void *)(memory + run->double_at);
    double *im = (double *)(void *)(memory + run->double_at + aligned(column * sizeof(double)));
    hh_fft_tile_f64(s->fft, x, stride_of(s), tile->count, s->window, re, im, scratch);
    tile->re_f64 = re;
    tile->im_f64 = im;
    if (s->kind == HH_TILE_MAGNITUDE)
        s->kernels->vector->magnitude_f64_f32(re, im, tile->value, column);
}

static size_t frame_count(const HhTileSource *s)
{
    return s->only ? s->only_count : s->frames;
}

static size_t tile_count(const HhTileSource *s)
{
    return (frame_count(s) + HH_TILE - 1) / HH_TILE;
}

static void run_tile(void *arg, size_t index, int worker)
{
    const Run *run = arg;
    const HhTileSource *s = run->source;
    size_t frames = frame_count(s), tiles = tile_count(s);
    unsigned char *memory = run->memory + (size_t)worker * run->each;
    HhSpectrumTile tile = {.channel = index / tiles, .first = index % tiles * HH_TILE};
    tile.count = (int)HH_MIN((size_t)HH_TILE, frames - tile.first);
    tile.value = (float *)(void *)(memory + run->tile_at);
    if (s->kind == HH_TILE_GIVEN)
        s->kernels->vector->frames_to_tile_f32(
            s->spectrogram + (tile.channel * s->frames + tile.first) * s->bins, (ptrdiff_t)s->bins,
            s->bins, tile.count, tile.value);
    else if (s->in_double)
        transform_doubles(run, &tile, memory);
    else
        transform_floats(run, &tile, memory);
    run->body(run->arg, &tile, memory);
}

HhStatus hh_tiles_run(const HhTileSource *source, size_t scratch_bytes, HhTileBody *body, void *arg)
{
    Run run = {.source = source, .body = body, .arg = arg};
    lay_out(&run, scratch_bytes);
    run.memory = hh_alloc(source->context, (size_t)hh_workers(source->context), run.each);
    if (!run.memory) return hh_fail_memory(source->context);
    size_t channels = source->only ? 1 : source->channels;
    hh_parallel_for(source->context, channels * tile_count(source), run_tile, &run);
    hh_free(source->context, run.memory);
    return HH_OK;
}
