/* The shared transform, tile by tile, and everything that is read off a frame while it is in cache.
 */
#include <math.h>

#include "engine/stages.h"
#include "fingerprint/compute.h"
#include "spectral/window.h"

enum { SERIES = 7 };

static size_t rounded(size_t bytes)
{
    return (bytes + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
}

/* The series, their names, and where their summary goes (offsets of doubles in HhSpectralSummary;
 * contrast apart). */
static const struct {
    const char *name, *unit;
    size_t rows;
    bool summarised; /* by its median and mean */
    size_t median, mean;
} series[SERIES] = {
    {"rms", "", offsetof(HhSpectrumState, rms), false, 0, 0},
    {"zero_crossing_rate", "", offsetof(HhSpectrumState, zero_crossings), true,
     offsetof(HhSpectralSummary, zero_crossing_rate),
     offsetof(HhSpectralSummary, zero_crossing_rate_mean)},
    {"spectral_centroid", "Hz", offsetof(HhSpectrumState, centroid), true,
     offsetof(HhSpectralSummary, centroid_hz), offsetof(HhSpectralSummary, centroid_mean_hz)},
    {"spectral_bandwidth", "Hz", offsetof(HhSpectrumState, bandwidth), true,
     offsetof(HhSpectralSummary, bandwidth_hz), offsetof(HhSpectralSummary, bandwidth_mean_hz)},
    {"spectral_rolloff", "Hz", offsetof(HhSpectrumState, rolloff), true,
     offsetof(HhSpectralSummary, rolloff_hz), offsetof(HhSpectralSummary, rolloff_mean_hz)},
    {"spectral_flatness", "", offsetof(HhSpectrumState, flatness), true,
     offsetof(HhSpectralSummary, flatness), offsetof(HhSpectralSummary, flatness_mean)},
    {"spectral_contrast", "dB", offsetof(HhSpectrumState, contrast), false, 0, 0},
};

static HhRows *rows_of(HhSpectrumState *s, int i)
{
    return (HhRows *)(void *)((char *)s + series[i].rows);
}

/* How many of the series are made. The fingerprint has no contrast, which stands last. */
static int described(const HhTrack *track)
{
    return hh_track_wants(track, HH_FEATURE_SPECTRAL)      ? SERIES
           : hh_track_wants(track, HH_FEATURE_FINGERPRINT) ? SERIES - 1
                                                           : 0;
}

static HhStatus make_room(HhTrack *track, HhSpectrumState *s)
{
    size_t tiles = track->params.chunk / HH_TILE;
    HhSpectra *both[2] = {track->now, track->before};
    for (int i = 0; i < 2; i++) {
        float **parts[3] = {&both[i]->re, &both[i]->im, &both[i]->magnitude};
        for (int p = 0; p < 3; p++) {
            *parts[p] = hh_alloc(track->context, tiles * HH_BINS * HH_TILE, sizeof **parts[p]);
            if (!*parts[p]) return hh_fail_memory(track->context);
        }
    }
    s->power_at = rounded(hh_descriptors_scratch(&s->descriptors));
    s->fft_at = s->power_at + HH_BINS * HH_TILE * sizeof(float);
    s->scratch_bytes = s->fft_at + rounded(hh_fft_scratch(s->fft));
    s->scratch = hh_alloc(track->context, track->workers, s->scratch_bytes);
    if (!s->scratch) return hh_fail_memory(track->context);
    if (!hh_track_has(track, HH_STAGE_MEL)) return HH_OK;
    s->mel = hh_alloc(track->context, track->params.chunk * HH_MELS, sizeof *s->mel);
    return s->mel ? HH_OK : hh_fail_memory(track->context);
}

static HhStatus begin(HhTrack *track, void **state)
{
    HhSpectrumState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HhMelParams mel;
    HhDescriptorParams p;
    hh_mel_defaults(&mel);
    mel.n_mels = HH_MELS;
    hh_descriptor_defaults(&p, HH_CANONICAL_RATE, HH_FRAME);
    p.mel = &mel;
    HH_TRY(hh_fft_create(track->context, HH_FRAME, &s->fft));
    HH_TRY(hh_descriptors_make(track->context, &s->descriptors, &p));
    double window[HH_FRAME];
    const HhWindow hann = {.kind = HH_WINDOW_HANN};
    HH_TRY(hh_window_make(track->context, &hann, HH_FRAME, true, window));
    for (size_t n = 0; n < HH_FRAME; n++) s->window[n] = (float)window[n];
    for (int i = 0; i < described(track); i++) {
        size_t columns = i == SERIES - 1 ? s->descriptors.contrast_count : 1;
        HH_TRY(hh_rows_init(track->context, rows_of(s, i), columns,
                            HH_MAX(track->expected_frames, track->params.chunk)));
    }
    return make_room(track, s);
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return hh_track_tiles(track);
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    HhSpectrumState *s = state;
    const HhKernels *k = track->kernels;
    const float *x = track->samples + index * HH_TILE * HH_HOP;
    size_t frame = track->first + index * HH_TILE, at = index * HH_BINS * HH_TILE;
    int lanes = hh_track_lanes(track->count, index);
    char *scratch = s->scratch + (size_t)worker * s->scratch_bytes;
    float *power = (float *)(void *)(scratch + s->power_at);
    float *re = track->now->re + at, *im = track->now->im + at,
          *magnitude = track->now->magnitude + at;
    hh_fft_tile_f32(s->fft, x, HH_HOP, lanes, s->window, re, im, scratch + s->fft_at);
    k->vector->power_f32(re, im, power, HH_BINS * HH_TILE);
    k->vector->sqrt_f32(power, magnitude, HH_BINS * HH_TILE);
    HhDescriptorRows rows = {.mel = s->mel ? s->mel + index * HH_TILE * HH_MELS : NULL};
    if (described(track)) {
        rows.centroid = hh_rows_at(&s->centroid, frame);
        rows.bandwidth = hh_rows_at(&s->bandwidth, frame);
        rows.rolloff = hh_rows_at(&s->rolloff, frame);
        rows.flatness = hh_rows_at(&s->flatness, frame);
        if (described(track) == SERIES) rows.contrast = hh_rows_at(&s->contrast, frame);
        hh_sample_tile(k, x, HH_HOP, HH_FRAME, lanes, hh_rows_at(&s->rms, frame),
                       hh_rows_at(&s->zero_crossings, frame));
    }
    hh_descriptors_tile(&s->descriptors, k, magnitude, power, lanes, &rows, scratch);
    return HH_OK;
}

static HhStatus join(HhTrack *track, void *state)
{
    HhSpectrumState *s = state;
    for (int i = 0; i < described(track); i++) {
        HhRows *rows = rows_of(s, i);
        rows->count = track->first + track->count;
        HH_TRY(hh_rows_reserve(track->context, rows, rows->count + track->params.chunk));
    }
    return HH_OK;
}

static void put(HhSpectralSummary *summary, size_t offset, double value)
{
    *(double *)(void *)((char *)summary + offset) = value;
}

static void summarise(HhTrack *track, float *work)
{
    HhSpectralSummary *summary = &track->analysis->spectral;
    for (int i = 0; i < described(track); i++) {
        const HhArray *values = &hh_analysis_series(track->analysis, series[i].name)->values;
        const float *v = values->data;
        size_t n = values->shape[0];
        double squares = 0;
        if (i == 0) {
            for (size_t t = 0; t < n; t++) squares += (double)v[t] * (double)v[t];
            summary->rms_dbfs = 10.0 * log10(squares / (double)n);
        } else if (series[i].summarised) {
            put(summary, series[i].median, hh_median(v, n, work));
            put(summary, series[i].mean, track->kernels->vector->sum_f32_f64(v, n) / (double)n);
        } else {
            for (size_t band = 0; band < values->shape[1] && band < 7; band++) {
                double sum = 0;
                for (size_t t = 0; t < n; t++) sum += (double)v[t * values->shape[1] + band];
                summary->contrast_db[band] = sum / (double)n;
            }
        }
    }
}

static HhStatus conclude(HhTrack *track, void *state)
{
    HhSpectrumState *s = state;
    if (!described(track)) return HH_OK;
    for (int i = 0; i < described(track); i++)
        HH_TRY(hh_track_series(track, series[i].name, series[i].unit, rows_of(s, i),
                               HH_HOP / HH_CANONICAL_RATE));
    float *work = hh_alloc(track->context, track->frames, sizeof *work);
    if (!work) return hh_fail_memory(track->context);
    summarise(track, work);
    hh_free(track->context, work);
    return HH_OK;
}

static void end(HhTrack *track, void *state)
{
    HhSpectrumState *s = state;
    HhSpectra *both[2] = {track->now, track->before};
    for (int i = 0; i < 2; i++) {
        hh_free(track->context, both[i]->re);
        hh_free(track->context, both[i]->im);
        hh_free(track->context, both[i]->magnitude);
    }
    for (int i = 0; i < SERIES; i++) hh_rows_free(track->context, rows_of(s, i));
    hh_fft_destroy(s->fft);
    hh_descriptors_free(&s->descriptors);
    hh_free(track->context, s->scratch);
    hh_free(track->context, s->mel);
    hh_free(track->context, s);
}

const HhStage hh_stage_spectrum = {.name = "spectrum",
                                   .features = HH_FEATURE_SPECTRAL | HH_FEATURE_FINGERPRINT,
                                   .begin = begin,
                                   .tasks = tasks,
                                   .task = task,
                                   .join = join,
                                   .conclude = conclude,
                                   .end = end};
