/* Harmonic and percussive sound: its level per hop, over the track, and both spectrograms for
 * plots. One round behind the spectra that it separates. */
#include <math.h>
#include <string.h>

#include "engine/image.h"
#include "engine/stages.h"
#include "separation/hpss.h"
#include "spectral/window.h"

/* Rows of the pictures: groups of 4 bins up to 1024. */

/* One of the two parts. */
typedef struct Part {
    float hop[HH_HOP]; /* samples of the hop that is being filled */
    double squares;
    HhRows level; /* RMS of each hop of samples */
    HhImageBuilder image;
} Part;

typedef struct HpssState {
    HhTrack *track;
    HhHpss *hpss;
    HhFft *fft;
    float window[HH_FRAME];
    double window_square[HH_FRAME];
    Part parts[2]; /* harmonic, percussive */
    HhLogRows bins;
    size_t filled;
    uint64_t samples;
    HhStatus status; /* of the callbacks */
} HpssState;

static const struct {
    const char *series, *image;
} names[2] = {{"harmonic_rms", "harmonic"}, {"percussive_rms", "percussive"}};

static HhStatus end_hop(HpssState *s)
{
    const HhKernels *k = s->track->kernels;
    size_t row = s->parts[0].level.count;
    for (int p = 0; p < 2; p++) {
        Part *part = &s->parts[p];
        double squares = k->vector->sum_squares_f32_f64(part->hop, s->filled);
        part->squares += squares;
        HH_TRY(hh_rows_reserve(s->track->context, &part->level, row + 1));
        part->level.count = row + 1;
        *hh_rows_at(&part->level, row) = (float)sqrt(squares / (double)s->filled);
    }
    s->samples += s->filled;
    s->filled = 0;
    return HH_OK;
}

static void take_samples(void *user, size_t first, size_t count, const float *harmonic,
                         const float *percussive)
{
    (void)first;
    HpssState *s = user;
    while (count > 0 && s->status == HH_OK) {
        size_t n = HH_MIN(count, HH_HOP - s->filled);
        memcpy(s->parts[0].hop + s->filled, harmonic, n * sizeof *harmonic);
        memcpy(s->parts[1].hop + s->filled, percussive, n * sizeof *percussive);
        s->filled += n;
        harmonic += n;
        percussive += n;
        count -= n;
        if (s->filled == HH_HOP) s->status = end_hop(s);
    }
}

static void take_frames(void *user, const HhHpssTile *tile)
{
    HpssState *s = user;
    const float *masks[2] = {tile->harmonic_mask, tile->percussive_mask};
    for (int p = 0; p < 2; p++)
        for (int l = 0; l < tile->count; l++) {
            float column[HH_LOG_ROWS];
            for (size_t r = 0; r < HH_LOG_ROWS; r++) {
                float top = 0;
                for (size_t b = s->bins.first[r]; b <= s->bins.last[r]; b++) {
                    size_t i = b * HH_TILE + (size_t)l;
                    float power = tile->re[i] * tile->re[i] + tile->im[i] * tile->im[i];
                    top = HH_MAX(top, masks[p][i] * masks[p][i] * power);
                }
                column[r] = top;
            }
            hh_image_add(&s->parts[p].image, column);
        }
}

static HhStatus begin(HhTrack *track, void **state)
{
    HpssState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    s->track = track;
    hh_log_rows_make(&s->bins, HH_CANONICAL_RATE / HH_FRAME, HH_BINS);
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    HH_TRY(hh_fft_create(track->context, HH_FRAME, &s->fft));
    HH_TRY(hh_window_make(track->context, &hann, HH_FRAME, true, s->window_square));
    for (size_t n = 0; n < HH_FRAME; n++) {
        s->window[n] = (float)s->window_square[n];
        s->window_square[n] *= s->window_square[n];
    }
    for (int p = 0; p < 2; p++) {
        HH_TRY(hh_rows_init(track->context, &s->parts[p].level, 1, track->expected_frames));
        if (track->params.images)
            HH_TRY(hh_image_begin(track->context, &s->parts[p].image, HH_LOG_ROWS, HH_IMAGE_MEAN));
    }
    HhHpssConfig config = {
        .bins = HH_BINS,
        .harmonic_width = 31,
        .percussive_width = 31,
        .mask = {.power = 2.0f, .harmonic_margin = 1.0f, .percussive_margin = 1.0f},
        .frames = track->params.images ? take_frames : NULL,
        .samples = take_samples,
        .harmonic = true,
        .percussive = true,
        .fft = s->fft,
        .window = s->window,
        .window_square = s->window_square,
        .hop = HH_HOP,
        .trim = HH_FRAME / 2,
        .gain = 1.0f,
        .user = s};
    return hh_hpss_create(track->context, &config, &s->hpss);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return track->before->count > 0 ? 1 : 0;
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)index;
    (void)worker;
    HpssState *s = state;
    const HhSpectra *spectra = track->before;
    for (size_t tile = 0; tile * HH_TILE < spectra->count; tile++)
        hh_hpss_push(s->hpss, spectra->re + tile * HH_BINS * HH_TILE,
                     spectra->im + tile * HH_BINS * HH_TILE, NULL,
                     hh_track_lanes(spectra->count, tile));
    return s->status;
}

static size_t close_tasks(const HhTrack *track, const void *state)
{
    (void)track;
    (void)state;
    return 1;
}

static HhStatus close_task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)index;
    (void)worker;
    HpssState *s = state;
    hh_hpss_finish(s->hpss, (size_t)track->length);
    if (s->status == HH_OK && s->filled > 0) s->status = end_hop(s);
    return s->status;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HpssState *s = state;
    HhSeparationSummary *summary = &track->analysis->separation;
    summary->harmonic_rms = sqrt(s->parts[0].squares / (double)s->samples);
    summary->percussive_rms = sqrt(s->parts[1].squares / (double)s->samples);
    double both = summary->harmonic_rms + summary->percussive_rms;
    if (both > 0) summary->harmonic_ratio = summary->harmonic_rms / both;
    for (int p = 0; p < 2; p++) {
        HhArray level = HH_ARRAY_INIT;
        HH_TRY(hh_rows_take(track->context, &s->parts[p].level, &level));
        /* row t is the level of samples 512 t .. 512 t + 511: its middle is half a hop later */
        HH_TRY(hh_track_series_array(track, names[p].series, "", &level,
                                     HH_HOP / 2.0 / HH_CANONICAL_RATE, HH_HOP / HH_CANONICAL_RATE));
        if (!track->params.images) continue;
        HhImage *image;
        HH_TRY(hh_track_image(track, names[p].image, "dB", &image));
        hh_image_finish(&s->parts[p].image, HH_HOP / HH_CANONICAL_RATE, image);
        image->low = HH_LOG_ROWS_LOW;
        image->high = HH_LOG_ROWS_HIGH;
        image->log_rows = true;
        hh_image_to_decibels(image);
    }
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    HpssState *s = state;
    hh_hpss_destroy(s->hpss);
    hh_fft_destroy(s->fft);
    for (int p = 0; p < 2; p++) {
        hh_rows_free(track->context, &s->parts[p].level);
        hh_image_abandon(track->context, &s->parts[p].image);
    }
    hh_free(track->context, s);
}

const HhStage hh_stage_hpss = {.name = "hpss",
                               .features = HH_FEATURE_HPSS,
                               .for_images = true,
                               .needs = HH_STAGE_SPECTRUM,
                               .begin = begin,
                               .tasks = tasks,
                               .task = task,
                               .close_tasks = close_tasks,
                               .close_task = close_task,
                               .conclude = conclude,
                               .end = end};
