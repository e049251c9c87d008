/* Pictures for plots: waveform, spectrogram, mel, chroma, tempogram. (The separated pair is the
 * hpss stage's.) */
#include <math.h>
#include <string.h>

#include "engine/image.h"
#include "engine/stages.h"

enum {
    ROWS = HH_LOG_ROWS,
    TEMPO_ROWS = 160,
    WAVE_SAMPLES = 256, /* of one column of the waveform before any merging */
    MEL_FRAMES = 512    /* read back at a time */
};
static const double lowest_bpm = 30.0, highest_bpm = 300.0;

typedef struct Pictures {
    HhImageBuilder wave, spectrum;
    float wave_column[2];
    size_t wave_filled;
    HhLogRows bins;
} Pictures;

static HhStatus begin(HhTrack *track, void **state)
{
    Pictures *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    hh_log_rows_make(&s->bins, HH_CANONICAL_RATE / HH_FRAME, HH_BINS);
    HH_TRY(hh_image_begin(track->context, &s->wave, 2, HH_IMAGE_MIN_MAX));
    return hh_image_begin(track->context, &s->spectrum, ROWS, HH_IMAGE_MEAN);
}

/* Two tasks: the waveform of the new samples, the spectra of the round before. */
static size_t tasks(const HhTrack *track, const void *state)
{
    (void)track;
    (void)state;
    return 2;
}

static void draw_wave(Pictures *s, const HhBlock *block)
{
    for (size_t n = 0; n < block->count; n++) {
        float x = block->mono[n];
        if (s->wave_filled == 0) s->wave_column[0] = s->wave_column[1] = x;
        s->wave_column[0] = HH_MIN(s->wave_column[0], x);
        s->wave_column[1] = HH_MAX(s->wave_column[1], x);
        if (++s->wave_filled < WAVE_SAMPLES) continue;
        hh_image_add(&s->wave, s->wave_column);
        s->wave_filled = 0;
    }
}

/* The strongest bin of each row, as power. */
static void draw_spectra(const HhTrack *track, Pictures *s)
{
    float rows[ROWS][HH_TILE], columns[HH_TILE][ROWS];
    for (size_t tile = 0; tile * HH_TILE < track->before->count; tile++) {
        const float *magnitude = track->before->magnitude + tile * HH_BINS * HH_TILE;
        int lanes = hh_track_lanes(track->before->count, tile);
        for (int r = 0; r < ROWS; r++) {
            float top[HH_TILE];
            track->kernels->vector->tile_max_f32(magnitude + s->bins.first[r] * HH_TILE,
                                                 s->bins.last[r] - s->bins.first[r] + 1, top);
            for (int l = 0; l < HH_TILE; l++) rows[r][l] = top[l] * top[l];
        }
        track->kernels->vector->tile_to_frames_f32(&rows[0][0], ROWS, lanes, &columns[0][0], ROWS);
        for (int l = 0; l < lanes; l++) hh_image_add(&s->spectrum, columns[l]);
    }
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    (void)worker;
    if (index == 1)
        draw_spectra(track, state);
    else if (track->block)
        draw_wave(state, track->block);
    return HH_OK;
}

static HhStatus mel_image(HhTrack *track)
{
    const HhMelState *mel = track->states[HH_STAGE_INDEX_MEL];
    HhImageBuilder builder;
    HH_TRY(hh_image_begin(track->context, &builder, HH_MELS, HH_IMAGE_MEAN));
    float *rows = hh_alloc(track->context, MEL_FRAMES * HH_MELS, sizeof *rows);
    HhStatus status = rows ? HH_OK : hh_fail_memory(track->context);
    for (size_t first = 0; status == HH_OK && first < track->frames; first += MEL_FRAMES) {
        size_t count = HH_MIN((size_t)MEL_FRAMES, track->frames - first),
               bytes = HH_MELS * sizeof *rows;
        status = hh_spool_read(mel->power, first * bytes, count * bytes, rows);
        for (size_t t = 0; status == HH_OK && t < count; t++)
            hh_image_add(&builder, rows + t * HH_MELS);
    }
    HhImage *image;
    if (status == HH_OK) status = hh_track_image(track, "mel", "dB", &image);
    if (status == HH_OK) {
        hh_image_finish(&builder, HH_HOP / HH_CANONICAL_RATE, image);
        image->high = HH_CANONICAL_RATE / 2;
        hh_image_to_decibels(image);
    }
    hh_free(track->context, rows);
    hh_image_abandon(track->context, &builder);
    return status;
}

static HhStatus chroma_image(HhTrack *track)
{
    const HhSeries *chroma = hh_analysis_series(track->analysis, "chroma");
    HhImageBuilder builder;
    HhImage *image;
    if (!chroma) return HH_OK;
    HH_TRY(hh_image_begin(track->context, &builder, 12, HH_IMAGE_MEAN));
    const float *rows = chroma->values.data;
    for (size_t t = 0; t < chroma->values.shape[0]; t++) hh_image_add(&builder, rows + 12 * t);
    HhStatus status = hh_track_image(track, "chroma", "", &image);
    if (status == HH_OK) {
        hh_image_finish(&builder, chroma->hop_s, image);
        image->high = 12;
    }
    hh_image_abandon(track->context, &builder);
    return status;
}

/* From lags to equal steps of log tempo, by linear interpolation. */
static HhStatus tempogram_image(HhTrack *track)
{
    const HhRhythmState *state = track->states[HH_STAGE_INDEX_RHYTHM];
    const HhRhythm *r = &state->rhythm;
    if (!r->tempogram || r->lags < 3) return HH_OK;
    float *values = hh_alloc(track->context, r->columns * TEMPO_ROWS, sizeof *values);
    HhImage *image;
    if (!values) return hh_fail_memory(track->context);
    HhStatus status = hh_track_image(track, "tempogram", "", &image);
    if (status != HH_OK) {
        hh_free(track->context, values);
        return status;
    }
    for (size_t c = 0; c < r->columns; c++)
        for (size_t row = 0; row < TEMPO_ROWS; row++) {
            double bpm =
                lowest_bpm * pow(highest_bpm / lowest_bpm, ((double)row + 0.5) / TEMPO_ROWS);
            double lag = HH_MIN(60.0 * HH_CANONICAL_RATE / (HH_HOP * bpm), (double)r->lags - 1.001);
            size_t whole = (size_t)lag;
            const double *at = r->tempogram + c * r->lags + whole;
            values[c * TEMPO_ROWS + row] = (float)(at[0] + (lag - (double)whole) * (at[1] - at[0]));
        }
    *image = (HhImage){.name = "tempogram",
                       .unit = "",
                       .columns = r->columns,
                       .rows = TEMPO_ROWS,
                       .values = values,
                       .column_s =
                           (double)track->frames * HH_HOP / HH_CANONICAL_RATE / (double)r->columns,
                       .low = lowest_bpm,
                       .high = highest_bpm,
                       .log_rows = true};
    return HH_OK;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    Pictures *s = state;
    HhImage *image;
    if (s->wave_filled > 0) hh_image_add(&s->wave, s->wave_column);
    HH_TRY(hh_track_image(track, "waveform", "", &image));
    hh_image_finish(&s->wave, WAVE_SAMPLES / HH_CANONICAL_RATE, image);
    image->low = -1;
    image->high = 1;
    HH_TRY(hh_track_image(track, "spectrogram", "dB", &image));
    hh_image_finish(&s->spectrum, HH_HOP / HH_CANONICAL_RATE, image);
    image->low = HH_LOG_ROWS_LOW;
    image->high = HH_LOG_ROWS_HIGH;
    image->log_rows = true;
    hh_image_to_decibels(image);
    HH_TRY(mel_image(track));
    HH_TRY(chroma_image(track));
    return tempogram_image(track);
}

static void end(HhTrack *track, void *state)
{
    Pictures *s = state;
    hh_image_abandon(track->context, &s->wave);
    hh_image_abandon(track->context, &s->spectrum);
    hh_free(track->context, s);
}

const HhStage hh_stage_pictures = {.name = "pictures",
                                   .for_images = true,
                                   .needs = HH_STAGE_SPECTRUM | HH_STAGE_MEL | HH_STAGE_RHYTHM,
                                   .begin = begin,
                                   .tasks = tasks,
                                   .task = task,
                                   .conclude = conclude,
                                   .end = end};
