/* See heihachi/separation.h: whole arrays through the object of hpss.h.
 *
 * With several threads a channel is cut into ranges of frames. Each range is pushed with as many
 * frames before and after it as its own depend on, and only its own are kept, so that the result is
 * that of one thread to the bit. */
#include "heihachi/separation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "separation/hpss.h"
#include "spectral/frames.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

void hh_hpss_defaults(HhHpssParams *params)
{
    *params = (HhHpssParams){.size = sizeof *params,
                             .harmonic_width = 31,
                             .percussive_width = 31,
                             .power = 2.0,
                             .harmonic_margin = 1.0,
                             .percussive_margin = 1.0};
    hh_stft_defaults(&params->stft);
}

static HhStatus read_params(HhContext *context, const HhHpssParams *given, HhHpssParams *p,
                            HhHpssConfig *config)
{
    hh_hpss_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (!(p->power >= (double)FLT_MIN))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the masks' power is %g: at least %g", p->power,
                       (double)FLT_MIN);
    if (!(p->harmonic_margin >= 1.0) || !(p->percussive_margin >= 1.0) ||
        isinf((float)p->harmonic_margin) || isinf((float)p->percussive_margin))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the margins are %g and %g: 1 to %g",
                       p->harmonic_margin, p->percussive_margin, (double)FLT_MAX);
    p->power = (double)(float)p->power; /* what the masks know of it: beyond float is infinite */
    *config = (HhHpssConfig){
        .harmonic_width = p->harmonic_width,
        .percussive_width = p->percussive_width,
        .mask = {(float)p->power, (float)p->harmonic_margin, (float)p->percussive_margin},
    };
    return HH_OK;
}

/* ---- ranges of frames ---- */

/* Frames [begin, end) of a channel are made out of [from, to). */
typedef struct Range {
    size_t channel, from, begin, end, to;
} Range;

typedef struct Job {
    HhContext *context;
    const HhKernels *kernels;
    HhHpssConfig config;
    size_t channels, frames, range; /* frames of a range, but for the last */
    HhStatus *status;               /* one per range */
    /* of sound */
    const HhFrames *cuts; /* [channels] */
    const double *window; /* [n_fft] of the analysis */
    size_t length;
    float *sound[2]; /* [channels][length] or NULL */
    /* of spectrograms */
    HhType type;
    const void *spectrogram;
    double scale; /* of doubles: a power of two that brings their magnitudes into float's range */
    bool mask, binary;
    void *part[2];
} Job;

static size_t ranges_of_channel(const Job *job)
{
    return (job->frames + job->range - 1) / job->range;
}

static Range range_at(const Job *job, size_t index)
{
    size_t count = ranges_of_channel(job), begin = index % count * job->range;
    size_t back = hh_hpss_reach_back(&job->config), end = HH_MIN(begin + job->range, job->frames);
    return (Range){index / count, begin > back ? begin - back : 0, begin, end,
                   HH_MIN(end + hh_hpss_reach_ahead(&job->config), job->frames)};
}

/* Runs `body` on every range; the first failure is the result. */
static HhStatus run(Job *job, HhParallelBody *body)
{
    size_t workers = (size_t)hh_workers(job->context);
    const size_t least = 256; /* below that the frames around a range cost too much */
    job->range =
        workers == 1
            ? job->frames
            : HH_MAX(least, (job->frames * job->channels + 2 * workers - 1) / (2 * workers));
    job->range = HH_MIN(job->range, job->frames);
    size_t count = job->channels * ranges_of_channel(job);
    job->status = hh_zalloc(job->context, count, sizeof *job->status);
    if (!job->status) return hh_fail_memory(job->context);
    hh_parallel_for(job->context, count, body, job);
    HhStatus status = HH_OK;
    for (size_t i = 0; i < count && status == HH_OK; i++) status = job->status[i];
    hh_free(job->context, job->status);
    return status;
}

/* ---- sound ---- */

typedef struct SoundOut {
    const Job *job;
    size_t channel;
    ptrdiff_t offset;     /* of the object's sample 0 in the signal */
    ptrdiff_t begin, end; /* samples of the signal that this range makes */
} SoundOut;

static void keep_samples(void *user, size_t first, size_t count, const float *harmonic,
                         const float *percussive)
{
    const SoundOut *out = user;
    ptrdiff_t start = out->offset + (ptrdiff_t)first;
    ptrdiff_t begin = HH_MAX(start, out->begin), end = HH_MIN(start + (ptrdiff_t)count, out->end);
    if (begin >= end) return;
    const float *part[2] = {harmonic, percussive};
    for (int i = 0; i < 2; i++)
        if (part[i])
            memcpy(out->job->sound[i] + out->channel * out->job->length + begin,
                   part[i] + (begin - start), (size_t)(end - begin) * sizeof(float));
}

/* What turns samples into tiles. */
typedef struct Analysis {
    float *samples, *magnitude;
    double *re, *im;
    void *scratch;
} Analysis;

static HhStatus make_analysis(const Job *job, const HhFrames *cut, Analysis *a)
{
    HhContext *context = job->context;
    size_t tile = job->config.bins * HH_TILE;
    a->samples = hh_alloc(context, hh_frames_scratch(cut, HH_TILE), sizeof(float));
    a->magnitude = hh_alloc(context, job->config.magnitudes ? tile : 0, sizeof(float));
    a->re = hh_alloc(context, tile, sizeof(double));
    a->im = hh_alloc(context, tile, sizeof(double));
    a->scratch = hh_alloc(context, hh_fft_scratch(job->config.fft), 1);
    bool made = a->samples && a->magnitude && a->re && a->im && a->scratch;
    return made ? HH_OK : hh_fail_memory(context);
}

static void free_analysis(HhContext *context, Analysis *a)
{
    void *owned[] = {a->samples, a->magnitude, a->re, a->im, a->scratch};
    for (size_t i = 0; i < HH_COUNT(owned); i++) hh_free(context, owned[i]);
}

static void push_tile(const Job *job, const float *x, ptrdiff_t hop, int count, Analysis *a,
                      HhHpss *hpss)
{
    const HhHpssConfig *c = &job->config;
    const HhVectorKernels *vector = job->kernels->vector;
    size_t n = c->bins * HH_TILE;
    float *re, *im;
    hh_hpss_next_tile(hpss, &re, &im);
    hh_fft_tile_mixed(c->fft, x, hop, count, job->window, a->re, a->im, a->scratch);
    if (c->magnitudes) vector->magnitude_like_numpy(a->re, a->im, a->magnitude, n);
    vector->to_f32(a->re, re, n);
    vector->to_f32(a->im, im, n);
    hh_hpss_push(hpss, re, im, c->magnitudes ? a->magnitude : NULL, count);
}

static HhStatus push_sound(const Job *job, const Range *range, HhHpss *hpss)
{
    const HhFrames *cut = &job->cuts[range->channel];
    Analysis analysis = {0};
    HhStatus status = make_analysis(job, cut, &analysis);
    for (size_t t = range->from; status == HH_OK && t < range->to; t += HH_TILE) {
        int count = (int)HH_MIN(HH_TILE, range->to - t);
        const float *x = hh_frames_get(cut, t, (size_t)count, analysis.samples);
        push_tile(job, x, (ptrdiff_t)cut->hop, count, &analysis, hpss);
    }
    free_analysis(job->context, &analysis);
    return status;
}

static void sound_range(void *arg, size_t index, int worker)
{
    (void)worker;
    const Job *job = arg;
    Range range = range_at(job, index);
    HhHpssConfig config = job->config;
    ptrdiff_t hop = (ptrdiff_t)config.hop, trim = (ptrdiff_t)config.trim,
              length = (ptrdiff_t)job->length;
    SoundOut out = {job, range.channel, 0, (ptrdiff_t)range.begin * hop - trim,
                    (ptrdiff_t)range.end * hop - trim};
    if (range.from > 0) {
        out.offset = (ptrdiff_t)range.from * hop - trim;
        config.trim = 0;
    }
    bool last = range.end == job->frames;
    out.begin = HH_MAX(out.begin, 0);
    out.end = last ? length : HH_MIN(out.end, length);
    config.user = &out;
    HhHpss *hpss;
    job->status[index] = hh_hpss_create(job->context, &config, &hpss);
    if (job->status[index] != HH_OK) return;
    job->status[index] = push_sound(job, &range, hpss);
    if (job->status[index] == HH_OK)
        hh_hpss_finish(hpss, last ? (size_t)(length - out.offset) : SIZE_MAX);
    hh_hpss_destroy(hpss);
}

/* Refuses what hh_signal_check() refuses and finds the largest magnitude, in one pass. */
static HhStatus check_signal(HhContext *context, const HhKernels *kernels, const HhSignal *y,
                             float *peak)
{
    HH_TRY(hh_channels_check(context, y));
    *peak = 0.0f;
    for (int c = 0; c < y->channels; c++) {
        float largest = kernels->vector->max_abs_f32(y->channel[c], y->length);
        if (!isfinite(largest))
            return hh_fail(context, HH_ERROR_NOT_FINITE, "channel %d holds NaN or infinity", c + 1);
        *peak = HH_MAX(*peak, largest);
    }
    return HH_OK;
}

/* The exponent of a power of two that brings the signal near 1: 0 unless its squares could leave
 * the range of float, and never so far from 0 that the power of two, its inverse or a window scaled
 * by them leaves it. (Subnormal samples count as 0, as in every hh_parallel_for().) */
static int exponent_of(float peak)
{
    const int most = 100;
    int exponent;
    (void)frexpf(peak, &exponent);
    if (peak == 0.0f || (exponent >= -24 && exponent <= 24)) return 0;
    return HH_MAX(-most, HH_MIN(exponent, most));
}

/* The Hann window, padded to n_fft, for the transforms there and back, and its square. */
typedef struct Windows {
    double *analysis, *square;
    float *synthesis;
} Windows;

static HhStatus make_windows(HhContext *context, const HhStftParams *stft, int exponent, Windows *w)
{
    size_t n = stft->n_fft, left = (n - stft->win_length) / 2;
    w->analysis = hh_zalloc(context, n, sizeof(double));
    w->square = hh_alloc(context, n, sizeof(double));
    w->synthesis = hh_alloc(context, n, sizeof(float));
    if (!w->analysis || !w->square || !w->synthesis) return hh_fail_memory(context);
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    HH_TRY(hh_window_make(context, &hann, stft->win_length, true, w->analysis + left));
    for (size_t i = 0; i < n; i++) {
        w->square[i] = w->analysis[i] * w->analysis[i];
        w->synthesis[i] = (float)w->analysis[i];
        w->analysis[i] = ldexp(w->analysis[i], -exponent);
    }
    return HH_OK;
}

static void free_windows(HhContext *context, Windows *w)
{
    hh_free(context, w->analysis);
    hh_free(context, w->square);
    hh_free(context, w->synthesis);
}

/* With everything checked and both arrays made. The transform is in double: beside a glide the
 * noise of one in float, 140 dB below it, is what the masks are made of. Where a mask is not
 * multiplied by a magnitude, or jumps, the magnitudes are librosa's to the bit as well. */
static HhStatus transform(Job *job, const HhSignal *y, float peak, const HhHpssParams *p,
                          HhFrames *cuts)
{
    HhContext *context = job->context;
    const HhStftParams *stft = &p->stft;
    for (int c = 0; c < y->channels; c++)
        HH_TRY(hh_frames_init(context, &cuts[c], y->channel[c], y->length, stft->n_fft,
                              stft->hop_length, stft->center, stft->pad));
    int exponent = exponent_of(peak);
    HhFft *fft;
    HH_TRY(hh_fft_create(context, stft->n_fft, &fft));
    Windows windows = {0};
    HhStatus status = make_windows(context, stft, exponent, &windows);
    if (status == HH_OK) {
        job->cuts = cuts;
        job->frames = cuts[0].count;
        job->window = windows.analysis;
        job->config.bins = hh_fft_bins(fft);
        job->config.samples = keep_samples;
        job->config.sound_of_masks = p->mask;
        job->config.magnitudes = p->mask || isinf(p->power);
        job->config.fft = fft;
        job->config.window = windows.synthesis;
        job->config.window_square = windows.square;
        job->config.hop = stft->hop_length;
        job->config.trim = cuts[0].pad;
        job->config.gain = p->mask ? 1.0f : ldexpf(1.0f, exponent);
        status = run(job, sound_range);
    }
    free_windows(context, &windows);
    hh_fft_destroy(fft);
    return status;
}

/* Either array may be NULL: that part is not made. */
static HhStatus separate(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                         HhArray *harmonic, HhArray *percussive)
{
    HhArray *out[2] = {harmonic, percussive};
    for (int i = 0; i < 2; i++)
        if (out[i]) *out[i] = (HhArray)HH_ARRAY_INIT;
    HhHpssParams p;
    Job job = {.context = context, .kernels = hh_kernels(context)};
    HH_TRY(read_params(context, params, &p, &job.config));
    float peak = 0.0f;
    HH_TRY(check_signal(context, job.kernels, y, &peak));
    HH_TRY(hh_stft_resolve(context, &p.stft));
    if (p.stft.center && (p.stft.pad < HH_PAD_CONSTANT || p.stft.pad >= HH_PAD_WRAP))
        return hh_fail(context, HH_ERROR_ARGUMENT, "padding %d is not for spectra",
                       (int)p.stft.pad);
    job.channels = (size_t)y->channels;
    job.length = y->length;
    job.config.harmonic = harmonic;
    job.config.percussive = percussive;
    HhStatus status = HH_OK;
    for (int i = 0; i < 2 && status == HH_OK; i++)
        if (out[i]) {
            status = hh_array_make(context, out[i], HH_FLOAT32, 2, job.channels, y->length);
            job.sound[i] = out[i]->data;
        }
    HhFrames *cuts = hh_alloc(context, job.channels, sizeof *cuts);
    if (status == HH_OK && !cuts) status = hh_fail_memory(context);
    if (status == HH_OK) status = transform(&job, y, peak, &p, cuts);
    hh_free(context, cuts);
    for (int i = 0; i < 2 && status != HH_OK; i++) hh_array_free(out[i]);
    return status;
}

HhStatus hh_hpss(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                 HhArray *harmonic, HhArray *percussive)
{
    if (!harmonic || !percussive) return hh_fail(context, HH_ERROR_ARGUMENT, "no array for a part");
    return separate(context, y, params, harmonic, percussive);
}

HhStatus hh_harmonic(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                     HhArray *harmonic)
{
    if (!harmonic) return hh_fail(context, HH_ERROR_ARGUMENT, "no array for the harmonic part");
    return separate(context, y, params, harmonic, NULL);
}

HhStatus hh_percussive(HhContext *context, const HhSignal *y, const HhHpssParams *params,
                       HhArray *percussive)
{
    if (!percussive) return hh_fail(context, HH_ERROR_ARGUMENT, "no array for the percussive part");
    return separate(context, y, params, NULL, percussive);
}

/* ---- spectrograms ---- */

typedef struct SpectrumOut {
    const Job *job;
    Range range;
    float *mask; /* [HH_TILE][bins] scratch */
} SpectrumOut;

static bool in_double(HhType type)
{
    return type == HH_FLOAT64 || type == HH_COMPLEX128;
}

/* One frame of one part out of its mask. */
static void put_mask(const Job *job, size_t at, const float *mask, void *part)
{
    size_t bins = job->config.bins;
    if (job->binary) {
        unsigned char *y = (unsigned char *)part + at;
        for (size_t b = 0; b < bins; b++) y[b] = mask[b] != 0.0f;
    } else if (in_double(job->type)) {
        job->kernels->vector->to_f64(mask, (double *)part + at, bins);
    } else {
        memcpy((float *)part + at, mask, bins * sizeof(float));
    }
}

static void put_frame(const Job *job, size_t row, const float *mask, void *part)
{
    const HhVectorKernels *vector = job->kernels->vector;
    size_t bins = job->config.bins, at = row * bins;
    const float *x = job->spectrogram;
    const double *x_f64 = job->spectrogram;
    float *y = part;
    double *y_f64 = part;
    if (job->mask)
        put_mask(job, at, mask, part);
    else if (job->type == HH_COMPLEX128)
        vector->complex_scale_f64(x_f64 + 2 * at, mask, y_f64 + 2 * at, bins);
    else if (job->type == HH_FLOAT64)
        vector->multiply_f64_f32(x_f64 + at, mask, y_f64 + at, bins);
    else if (job->type == HH_COMPLEX64)
        vector->complex_scale(x + 2 * at, mask, y + 2 * at, bins);
    else
        vector->multiply_f32(x + at, mask, y + at, bins);
}

static void keep_frames(void *user, const HhHpssTile *tile)
{
    const SpectrumOut *out = user;
    const Job *job = out->job;
    const float *mask[2] = {tile->harmonic_mask, tile->percussive_mask};
    size_t bins = job->config.bins, first = out->range.from + tile->first;
    for (int i = 0; i < 2; i++) {
        job->kernels->vector->tile_to_frames_f32(mask[i], bins, tile->count, out->mask,
                                                 (ptrdiff_t)bins);
        for (size_t l = 0; l < (size_t)tile->count; l++)
            if (first + l >= out->range.begin && first + l < out->range.end)
                put_frame(job, out->range.channel * job->frames + first + l, out->mask + l * bins,
                          job->part[i]);
    }
}

/* `count` frames from row `row` on as magnitudes, frame-major. */
static const float *magnitude_rows(const Job *job, size_t row, size_t count, float *scratch)
{
    const HhVectorKernels *vector = job->kernels->vector;
    size_t at = row * job->config.bins, n = count * job->config.bins;
    const float *x = job->spectrogram;
    const double *x_f64 = job->spectrogram;
    if (job->type == HH_COMPLEX128)
        vector->complex_magnitude_f64(x_f64 + 2 * at, job->scale, scratch, n);
    else if (job->type == HH_FLOAT64)
        vector->scale_f64_to_f32(x_f64 + at, job->scale, scratch, n);
    else if (job->type == HH_COMPLEX64)
        vector->complex_magnitude(x + 2 * at, scratch, n);
    else
        return x + at;
    return scratch;
}

static void spectrum_range(void *arg, size_t index, int worker)
{
    (void)worker;
    const Job *job = arg;
    HhContext *context = job->context;
    HhHpssConfig config = job->config;
    size_t tile = config.bins * HH_TILE;
    SpectrumOut out = {job, range_at(job, index), hh_alloc(context, tile, sizeof(float))};
    float *rows = hh_alloc(context, tile, sizeof *rows),
          *magnitude = hh_alloc(context, tile, sizeof *magnitude);
    HhHpss *hpss = NULL;
    config.user = &out;
    HhStatus status = out.mask && rows && magnitude ? HH_OK : hh_fail_memory(context);
    if (status == HH_OK) status = hh_hpss_create(context, &config, &hpss);
    for (size_t t = out.range.from; status == HH_OK && t < out.range.to; t += HH_TILE) {
        int count = (int)HH_MIN(HH_TILE, out.range.to - t);
        const float *x =
            magnitude_rows(job, out.range.channel * job->frames + t, (size_t)count, rows);
        job->kernels->vector->frames_to_tile_f32(x, (ptrdiff_t)config.bins, config.bins, count,
                                                 magnitude);
        hh_hpss_push(hpss, NULL, NULL, magnitude, count);
    }
    if (status == HH_OK) hh_hpss_finish(hpss, 0);
    hh_hpss_destroy(hpss);
    hh_free(context, out.mask);
    hh_free(context, rows);
    hh_free(context, magnitude);
    job->status[index] = status;
}

/* ---- ties of doubles
 *
 * Masks of doubles are decided on medians that are rounded to float. Rounding keeps the order, so a
 * yes-or-no mask of equal margins can only be wrong where both medians are the same float: there
 * they are taken again in double. */

typedef struct Ties {
    const Job *job;
    double *values; /* [workers][width] under a median */
    size_t width;   /* the larger of the two */
} Ties;

static double magnitude_at(const Job *job, size_t channel, size_t frame, size_t bin)
{
    size_t at = (channel * job->frames + frame) * job->config.bins + bin;
    const double *x = job->spectrogram;
    return job->type == HH_FLOAT64 ? x[at] : hypot(x[2 * at], x[2 * at + 1]);
}

/* The median around a cell along time or along frequency. */
static double median_at(const Ties *ties, size_t channel, size_t frame, size_t bin, bool time,
                        double *values)
{
    const Job *job = ties->job;
    size_t width = time ? job->config.harmonic_width : job->config.percussive_width;
    size_t length = time ? job->frames : job->config.bins;
    ptrdiff_t first = (ptrdiff_t)(time ? frame : bin) - (ptrdiff_t)(width / 2);
    bool silent = true;
    for (size_t i = 0; i < width; i++) {
        size_t at = hh_reflect(first + (ptrdiff_t)i, length);
        values[i] = magnitude_at(job, channel, time ? at : frame, time ? bin : at);
        silent &= values[i] == 0.0;
    }
    if (silent) return 0.0;
    hh_sort_f64(values, width);
    return values[width / 2];
}

/* Neither part has the cell, though there is something in it. */
static bool is_tied(const Job *job, size_t at)
{
    if (job->mask)
        return !((unsigned char *)job->part[0])[at] && !((unsigned char *)job->part[1])[at];
    size_t numbers = job->type == HH_COMPLEX128 ? 2 : 1;
    const double *x = job->spectrogram, *h = job->part[0], *p = job->part[1];
    bool empty = true, tied = true;
    for (size_t i = numbers * at; i < numbers * (at + 1); i++) {
        empty &= x[i] == 0.0;
        tied &= h[i] == 0.0 && p[i] == 0.0;
    }
    return tied && !empty;
}

static void give_cell(const Job *job, size_t at, void *part)
{
    size_t bytes = hh_type_bytes(job->type);
    if (job->mask)
        ((unsigned char *)part)[at] = 1;
    else
        memcpy((char *)part + at * bytes, (const char *)job->spectrogram + at * bytes, bytes);
}

static void settle_frame(void *arg, size_t row, int worker)
{
    const Ties *ties = arg;
    const Job *job = ties->job;
    double *values = ties->values + (size_t)worker * ties->width;
    size_t channel = row / job->frames, frame = row % job->frames;
    for (size_t b = 0; b < job->config.bins; b++) {
        size_t at = row * job->config.bins + b;
        if (!is_tied(job, at)) continue;
        double h = median_at(ties, channel, frame, b, true, values);
        double p = median_at(ties, channel, frame, b, false, values);
        if (h > p) give_cell(job, at, job->part[0]);
        if (p > h) give_cell(job, at, job->part[1]);
    }
}

static HhStatus settle_ties(const Job *job)
{
    Ties ties = {.job = job};
    ties.width = HH_MAX(job->config.harmonic_width, job->config.percussive_width);
    ties.values =
        hh_alloc(job->context, (size_t)hh_workers(job->context) * ties.width, sizeof *ties.values);
    if (!ties.values) return hh_fail_memory(job->context);
    hh_parallel_for(job->context, job->channels * job->frames, settle_frame, &ties);
    hh_free(job->context, ties.values);
    return HH_OK;
}

/* 1 where magnitudes up to about `peak` are safe in float. The power of two and its inverse are
 * normal numbers whatever the peak. */
static double scale_of(double peak)
{
    int exponent;
    (void)frexp(peak, &exponent);
    if (peak == 0.0 || (peak >= 1e-30 && peak <= 1e30)) return 1.0;
    return ldexp(1.0, -HH_MAX(-1000, HH_MIN(exponent, 1000)));
}

/* *peak: the largest real number in s. */
static HhStatus check_spectrogram(HhContext *context, const HhKernels *kernels, const HhArray *s,
                                  double *peak)
{
    if (!s || !s->data) return hh_fail(context, HH_ERROR_ARGUMENT, "there is no spectrogram");
    bool complex = s->type == HH_COMPLEX64 || s->type == HH_COMPLEX128;
    if (s->dimensions < 2 || s->dimensions > 3 ||
        (!complex && s->type != HH_FLOAT32 && s->type != HH_FLOAT64))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "a spectrogram is {channels, frames, bins} of float or complex");
    size_t count = hh_array_count(s);
    if (count == 0) return hh_fail(context, HH_ERROR_EMPTY, "the spectrogram is empty");
    size_t numbers = complex ? 2 * count : count;
    *peak = in_double(s->type) ? kernels->vector->max_abs_f64(s->data, numbers)
                               : (double)kernels->vector->max_abs_f32(s->data, numbers);
    if (!isfinite(*peak))
        return hh_fail(context, HH_ERROR_NOT_FINITE, "the spectrogram holds NaN or infinity");
    if ((s->type == HH_FLOAT32 && !kernels->vector->non_negative_f32(s->data, count)) ||
        (s->type == HH_FLOAT64 && !kernels->vector->non_negative_f64(s->data, count)))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a magnitude is negative");
    return HH_OK;
}

HhStatus hh_decompose_hpss(HhContext *context, const HhArray *spectrogram,
                           const HhHpssParams *params, HhArray *harmonic, HhArray *percussive)
{
    if (!harmonic || !percussive) return hh_fail(context, HH_ERROR_ARGUMENT, "no array for a part");
    *harmonic = *percussive = (HhArray)HH_ARRAY_INIT;
    HhHpssParams p;
    Job job = {.context = context, .kernels = hh_kernels(context)};
    HH_TRY(read_params(context, params, &p, &job.config));
    double peak = 0.0;
    HH_TRY(check_spectrogram(context, job.kernels, spectrogram, &peak));
    const size_t *shape = spectrogram->shape + spectrogram->dimensions - 2;
    job.channels = spectrogram->dimensions == 3 ? spectrogram->shape[0] : 1;
    job.frames = shape[0];
    job.config.bins = shape[1];
    job.config.magnitudes = job.config.no_spectra = true;
    job.config.frames = keep_frames;
    job.mask = p.mask;
    job.binary = isinf(p.power);
    job.type = spectrogram->type;
    job.spectrogram = spectrogram->data;
    job.scale = scale_of(peak);
    HhType soft = in_double(job.type) ? HH_FLOAT64 : HH_FLOAT32;
    HhType type = !p.mask ? job.type : job.binary ? HH_BOOL : soft;
    HhStatus status = hh_array_make_like(context, harmonic, spectrogram, type);
    if (status == HH_OK) status = hh_array_make_like(context, percussive, spectrogram, type);
    job.part[0] = harmonic->data;
    job.part[1] = percussive->data;
    if (status == HH_OK) status = run(&job, spectrum_range);
    bool even = p.harmonic_margin == 1.0 && p.percussive_margin == 1.0;
    if (status == HH_OK && job.binary && even && in_double(job.type)) status = settle_ties(&job);
    if (status != HH_OK) hh_array_free(harmonic), hh_array_free(percussive);
    return status;
}
