/* The one-pass analysis: see engine.h for what, track.h for how.
 *
 * Memory: two blocks of samples, two rounds of spectra, the per-frame rows of the result (220 bytes
 * a frame), and what the spools may keep. Nothing else grows with the duration. */
#include "heihachi/engine.h"

#include <math.h>
#include <string.h>

#include "base/platform.h"
#include "engine/track.h"

static const HhStage *const table[HH_STAGE_COUNT] = {
#define STAGE_POINTER(name, file) &hh_stage_##file,
    HH_STAGE_LIST(STAGE_POINTER)
#undef STAGE_POINTER
};

/* ---- parameters ---- */

void hh_analyse_defaults(HhAnalyseParams *params)
{
    *params = (HhAnalyseParams){.size = sizeof *params,
                                .features = HH_FEATURES_DEFAULT,
                                .memory = (size_t)30 << 20,
                                .chunk = 128};
}

HhStatus hh_features_parse(HhContext *context, const char *names, unsigned *features)
{
    static const struct {
        const char *name;
        unsigned bits;
    } known[] = {
#define FEATURE_NAME(bit, name, text, what) {text, HH_FEATURE_##name},
        HH_FEATURE_LIST(FEATURE_NAME)
#undef FEATURE_NAME
            {"all", HH_FEATURES_FULL},
    };
    *features = 0;
    for (const char *p = names; *p;) {
        size_t length = strcspn(p, ","), i = 0;
        while (i < HH_COUNT(known) &&
               (strlen(known[i].name) != length || strncmp(known[i].name, p, length) != 0))
            i++;
        if (i == HH_COUNT(known))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "there is no feature \"%.*s\"; known are loudness, spectral, mfcc, "
                           "rhythm, harmony, hpss, "
                           "pitch, pyin, fingerprint and all",
                           (int)HH_MIN(length, (size_t)64), p);
        *features |= known[i].bits;
        p += length;
        if (*p == ',') p++;
    }
    return *features ? HH_OK : hh_fail(context, HH_ERROR_ARGUMENT, "the list of features is empty");
}

static HhStatus check_params(HhContext *context, const HhAnalyseParams *params,
                             HhAnalyseParams *out)
{
    hh_analyse_defaults(out);
    HH_TRY(hh_params_read(context, params, out, sizeof *out));
    if (out->features == 0 || (out->features & ~(unsigned)HH_FEATURES_FULL))
        return hh_fail(context, HH_ERROR_ARGUMENT, "feature bits 0x%x", out->features);
    if (out->chunk < 1 || out->chunk > 65536)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a chunk of %zu frames is outside 1..65536",
                       out->chunk);
    out->chunk = (out->chunk + HH_TILE - 1) / HH_TILE * HH_TILE;
    return HH_OK;
}

/* ---- results ---- */

HhStatus hh_track_series_array(HhTrack *track, const char *name, const char *unit, HhArray *values,
                               double start_s, double hop_s)
{
    HhAnalysis *a = track->analysis;
    HhSeries *list = hh_alloc(track->context, a->series_count + 1, sizeof *list);
    if (!list) {
        hh_array_free(values);
        return hh_fail_memory(track->context);
    }
    if (a->series_count > 0) memcpy(list, a->series, a->series_count * sizeof *list);
    hh_free(track->context, a->series);
    a->series = list;
    list[a->series_count++] = (HhSeries){name, unit, *values, start_s, hop_s};
    *values = (HhArray)HH_ARRAY_INIT;
    return HH_OK;
}

HhStatus hh_track_series(HhTrack *track, const char *name, const char *unit, HhRows *rows,
                         double hop_s)
{
    HhArray values = HH_ARRAY_INIT;
    HH_TRY(hh_rows_take(track->context, rows, &values));
    return hh_track_series_array(track, name, unit, &values, 0.0, hop_s);
}

HhStatus hh_track_image(HhTrack *track, const char *name, const char *unit, HhImage **image)
{
    HhAnalysis *a = track->analysis;
    HhImage *list = hh_alloc(track->context, a->image_count + 1, sizeof *list);
    if (!list) return hh_fail_memory(track->context);
    if (a->image_count > 0) memcpy(list, a->images, a->image_count * sizeof *list);
    hh_free(track->context, a->images);
    a->images = list;
    *image = &list[a->image_count++];
    **image = (HhImage){.name = name, .unit = unit};
    return HH_OK;
}

const HhSeries *hh_analysis_series(const HhAnalysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->series_count; i++)
        if (strcmp(analysis->series[i].name, name) == 0) return &analysis->series[i];
    return NULL;
}

const HhImage *hh_analysis_image(const HhAnalysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->image_count; i++)
        if (strcmp(analysis->images[i].name, name) == 0) return &analysis->images[i];
    return NULL;
}

void hh_analysis_destroy(HhAnalysis *a)
{
    if (!a) return;
    HhContext *context = a->context;
    for (size_t i = 0; i < a->series_count; i++) hh_array_free(&a->series[i].values);
    for (size_t i = 0; i < a->image_count; i++) hh_free(context, a->images[i].values);
    hh_free(context, a->series);
    hh_free(context, a->images);
    hh_free(context, a->rhythm.beats_s);
    hh_free(context, a->rhythm.onsets_s);
    hh_free(context, a->input.path);
    hh_free(context, a->input.format);
    hh_free(context, a);
}

static char *copy_text(HhContext *context, const char *text)
{
    size_t length = strlen(text) + 1;
    char *copy = hh_alloc(context, length, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

/* Everything unknown. */
static HhStatus new_analysis(HhContext *context, const char *path, const HhAudioInfo *info,
                             unsigned features, HhAnalysis **analysis)
{
    const double unknown = (double)NAN;
    HhAnalysis *a = hh_zalloc(context, 1, sizeof *a);
    if (!a) return hh_fail_memory(context);
    a->context = context;
    a->features = features;
    a->input.path = copy_text(context, path);
    a->input.format = copy_text(context, info->format);
    a->input.rate = info->rate;
    a->input.channels = info->channels;
    a->input.bytes = info->bytes;
    a->loudness = (HhLoudnessSummary){unknown, unknown, unknown, unknown, unknown, unknown};
    a->rhythm.tempo_bpm = a->rhythm.tempo_confidence = a->rhythm.beat_confidence = unknown;
    a->harmony.key = "unknown";
    a->harmony.key_confidence = a->harmony.tuning = unknown;
    for (int i = 0; i < 12; i++) a->harmony.chroma[i] = unknown;
    a->pitch = (HhPitchSummary){unknown, unknown, unknown};
    a->spectral = (HhSpectralSummary){.centroid_hz = unknown,
                                      .bandwidth_hz = unknown,
                                      .rolloff_hz = unknown,
                                      .flatness = unknown,
                                      .zero_crossing_rate = unknown,
                                      .rms_dbfs = unknown,
                                      .centroid_mean_hz = unknown,
                                      .bandwidth_mean_hz = unknown,
                                      .rolloff_mean_hz = unknown,
                                      .flatness_mean = unknown,
                                      .zero_crossing_rate_mean = unknown};
    for (int i = 0; i < 7; i++) a->spectral.contrast_db[i] = unknown;
    a->separation = (HhSeparationSummary){unknown, unknown, unknown};
    for (int i = 0; i < HH_FP_COUNT; i++) {
        a->fingerprint.values[i] = unknown;
        a->fingerprint.status[i] = HH_FP_ABSENT;
    }
    a->fingerprint.rms_minus_0_691_lufs = unknown;
    if (!a->input.path || !a->input.format) {
        hh_analysis_destroy(a);
        return hh_fail_memory(context);
    }
    *analysis = a;
    return HH_OK;
}

/* ---- stages ---- */

static unsigned choose_stages(const HhAnalyseParams *params)
{
    unsigned chosen = 0;
    for (int i = 0; i < HH_STAGE_COUNT; i++)
        if ((table[i]->features & params->features) || (params->images && table[i]->for_images))
            chosen |= 1u << i;
    for (int i = HH_STAGE_COUNT - 1; i >= 0; i--)
        if (chosen & 1u << i) chosen |= table[i]->needs;
    return chosen;
}

static HhStatus begin_stages(HhTrack *track)
{
    for (int i = 0; i < HH_STAGE_COUNT; i++)
        if ((track->stages & 1u << i) && table[i]->begin)
            HH_TRY(table[i]->begin(track, &track->states[i]));
    return HH_OK;
}

static void end_stages(HhTrack *track)
{
    for (int i = 0; i < HH_STAGE_COUNT; i++)
        if (track->states && track->states[i] && table[i]->end)
            table[i]->end(track, track->states[i]);
}

enum { JOIN, SETTLE, CONCLUDE };

static HhStatus serially(HhTrack *track, int step)
{
    for (int i = 0; i < HH_STAGE_COUNT; i++) {
        if (!(track->stages & 1u << i)) continue;
        HhStatus (*const steps[])(HhTrack *, void *) = {table[i]->join, table[i]->settle,
                                                        table[i]->conclude};
        if (steps[step]) HH_TRY(steps[step](track, track->states[i]));
    }
    return HH_OK;
}

/* ---- parallel rounds ---- */

typedef struct Round {
    HhTrack *track;
    bool closing;
    HhBlock *next; /* block to decode, or NULL */
    bool *end;
    size_t counts[HH_STAGE_COUNT];
    int order[HH_STAGE_COUNT]; /* of the stages: those of few, large pieces first */
    /* The first failure of each stage; the last is that of decoding. */
    HhStatus statuses[HH_STAGE_COUNT + 1];
} Round;

static void round_task(void *arg, size_t index, int worker)
{
    Round *r = arg;
    HhTrack *track = r->track;
    double start = hh_platform_clock_seconds();
    /* Decoding comes first: the others do not wait for it, the next round does. */
    int stage = HH_STAGE_COUNT;
    HhStatus status;
    if (r->next && index == 0) {
        status = hh_source_read(track->source, r->next, r->end);
    } else {
        if (r->next) index--;
        int i = 0;
        while (index >= r->counts[r->order[i]]) index -= r->counts[r->order[i++]];
        stage = r->order[i];
        status = (r->closing ? table[stage]->close_task
                             : table[stage]->task)(track, track->states[stage], index, worker);
    }
    if (status != HH_OK) /* Any failure ends the analysis; which one is told is not fixed. */
        r->statuses[stage] = status;
    track->seconds[(size_t)worker * (HH_STAGE_COUNT + 1) + (size_t)stage] +=
        hh_platform_clock_seconds() - start;
}

/* A large piece that starts last is waited for by all. */
static void order_stages(Round *r)
{
    for (int i = 0; i < HH_STAGE_COUNT; i++) {
        int k = i;
        for (; k > 0 && r->counts[r->order[k - 1]] > r->counts[i]; k--)
            r->order[k] = r->order[k - 1];
        r->order[k] = i;
    }
}

static HhStatus run_round(HhTrack *track, bool closing, HhBlock *next, bool *end)
{
    Round r = {.track = track, .closing = closing, .next = next, .end = end};
    size_t total = next ? 1 : 0;
    for (int i = 0; i < HH_STAGE_COUNT; i++) {
        if (!(track->stages & 1u << i)) continue;
        size_t (*count)(const HhTrack *, const void *) =
            closing ? table[i]->close_tasks : table[i]->tasks;
        if (count) r.counts[i] = count(track, track->states[i]);
        total += r.counts[i];
    }
    order_stages(&r);
    hh_parallel_for(track->context, total, round_task, &r);
    for (int i = 0; i <= HH_STAGE_COUNT; i++)
        if (r.statuses[i] != HH_OK) return r.statuses[i];
    return closing ? HH_OK : serially(track, JOIN);
}

/* ---- reading ---- */

/* The samples that frames still need: a window on the track, with the zeros of both ends. */
typedef struct Window {
    float *samples;
    size_t count, capacity;
    uint64_t length; /* samples of the track so far */
    size_t next;     /* first frame not yet analysed; samples[0] is where it starts */
    bool ended;
} Window;

static HhStatus window_append(HhContext *context, Window *w, const float *x, size_t count)
{
    if (w->count + count > w->capacity) {
        size_t capacity = 2 * (w->count + count);
        float *samples = hh_alloc(context, capacity, sizeof *samples);
        if (!samples) return hh_fail_memory(context);
        if (w->count > 0) memcpy(samples, w->samples, w->count * sizeof *samples);
        hh_free(context, w->samples);
        w->samples = samples;
        w->capacity = capacity;
    }
    if (x)
        memcpy(w->samples + w->count, x, count * sizeof *x);
    else
        memset(w->samples + w->count, 0, count * sizeof *w->samples);
    w->count += count;
    return HH_OK;
}

/* Frames that can be analysed now: whole tiles until the end is known. */
static size_t window_frames(const Window *w)
{
    if (w->ended) return (size_t)(1 + w->length / HH_HOP) - w->next;
    if (w->count < HH_FRAME) return 0;
    return ((w->count - HH_FRAME) / HH_HOP + 1) / HH_TILE * HH_TILE;
}

static void window_drop(Window *w, size_t frames)
{
    size_t drop = frames * HH_HOP;
    memmove(w->samples, w->samples + drop, (w->count - drop) * sizeof *w->samples);
    w->count -= drop;
    w->next += frames;
}

static void swap_spectra(HhTrack *track)
{
    HhSpectra *t = track->now;
    track->now = track->before;
    track->before = t;
    track->now->count = 0;
}

static HhStatus report_progress(HhTrack *track)
{
    if (!track->params.progress) return HH_OK;
    const HhAudioInfo *info = hh_source_info(track->source);
    double done = (double)hh_source_position(track->source) / info->rate;
    if (track->params.progress(track->params.progress_user, done,
                               (double)info->samples / info->rate))
        return HH_OK;
    return hh_fail(track->context, HH_ERROR_CANCELLED, "cancelled after %.1f s", done);
}

/* All rounds of one block; the first also decodes the next block. */
static HhStatus run_block(HhTrack *track, Window *w, const HhBlock *block, HhBlock *next,
                          bool *next_is_last)
{
    HH_TRY(window_append(track->context, w, block->mono, block->count));
    w->length += block->count;
    if (track->last_block) {
        w->ended = true;
        HH_TRY(window_append(track->context, w, NULL, HH_FRAME));
    }
    bool first = true;
    for (;;) {
        size_t frames = HH_MIN(window_frames(w), track->params.chunk);
        if (frames == 0 && !first) return HH_OK;
        track->block = first ? block : NULL;
        track->first = w->next;
        track->count = frames;
        track->samples = w->samples;
        track->now->first = w->next;
        track->now->count = frames;
        HH_TRY(run_round(track, false, first ? next : NULL, next_is_last));
        window_drop(w, frames);
        swap_spectra(track);
        first = false;
    }
}

static HhStatus read_all(HhTrack *track, HhBlock blocks[2], Window *w)
{
    bool last = false;
    /* Zeros before the first sample. */
    HH_TRY(window_append(track->context, w, NULL, HH_FRAME / 2));
    HH_TRY(hh_source_read(track->source, &blocks[0], &last));
    for (int current = 0;; current ^= 1) {
        bool next_is_last = true;
        track->last_block = last;
        HH_TRY(run_block(track, w, &blocks[current], last ? NULL : &blocks[current ^ 1],
                         &next_is_last));
        HH_TRY(report_progress(track));
        if (last) break;
        last = next_is_last;
    }
    track->length = w->length;
    track->frames = (size_t)(1 + w->length / HH_HOP);
    if (w->length == 0)
        return hh_fail(track->context, HH_ERROR_EMPTY, "%s holds no samples",
                       track->analysis->input.path);
    track->block = NULL;
    track->first = track->frames;
    track->count = 0;
    return run_round(track, false, NULL, NULL); /* for the stages that run one round behind */
}

static void log_seconds(const HhTrack *track)
{
    for (int i = 0; i <= HH_STAGE_COUNT; i++) {
        double sum = 0;
        for (size_t w = 0; w < track->workers; w++)
            sum += track->seconds[w * (HH_STAGE_COUNT + 1) + (size_t)i];
        if (sum > 0)
            hh_log(track->context, HH_LOG_DEBUG, "stage %s %.6f s",
                   i < HH_STAGE_COUNT ? table[i]->name : "decode", sum);
    }
}

/* Frames by the header, and a round more; at most three hours of them, for headers that lie. */
static size_t expect_frames(const HhAudioInfo *info, size_t chunk)
{
    double frames = (double)info->samples / info->rate * HH_CANONICAL_RATE / HH_HOP;
    return (size_t)HH_MIN(frames, 1e6) + HH_TILE + chunk;
}

static HhStatus run(HhTrack *track, HhBlock blocks[2], Window *window)
{
    HH_TRY(hh_block_init(track->context, track->source, &blocks[0]));
    HH_TRY(hh_block_init(track->context, track->source, &blocks[1]));
    track->expected_frames = expect_frames(hh_source_info(track->source), track->params.chunk);
    track->states = hh_zalloc(track->context, HH_STAGE_COUNT, sizeof *track->states);
    track->seconds =
        hh_zalloc(track->context, track->workers * (HH_STAGE_COUNT + 1), sizeof *track->seconds);
    if (!track->states || !track->seconds) return hh_fail_memory(track->context);
    HH_TRY(begin_stages(track));
    HH_TRY(read_all(track, blocks, window));
    HhInput *input = &track->analysis->input;
    input->samples = hh_source_position(track->source);
    input->duration_s = (double)input->samples / input->rate;
    HH_TRY(serially(track, SETTLE));
    HH_TRY(run_round(track, true, NULL, NULL));
    log_seconds(track);
    return serially(track, CONCLUDE);
}

/* Takes the source. */
static HhStatus analyse(HhContext *context, HhSource *source, const char *path,
                        const HhAnalyseParams *params, HhAnalysis **analysis)
{
    HhSpectra spectra[2] = {{0}, {0}};
    HhBlock blocks[2] = {{0}, {0}};
    Window window = {0};
    HhTrack track = {.context = context,
                     .kernels = hh_kernels(context),
                     .params = *params,
                     .source = source,
                     .stages = choose_stages(params),
                     .budget = {params->memory},
                     .workers = (size_t)hh_workers(context),
                     .now = &spectra[0],
                     .before = &spectra[1]};
    HhStatus status =
        new_analysis(context, path, hh_source_info(source), params->features, &track.analysis);
    if (status == HH_OK) status = run(&track, blocks, &window);
    end_stages(&track);
    hh_free(context, track.states);
    hh_free(context, track.seconds);
    hh_free(context, window.samples);
    hh_block_free(context, &blocks[0]);
    hh_block_free(context, &blocks[1]);
    hh_source_close(source);
    if (status == HH_OK)
        *analysis = track.analysis;
    else
        hh_analysis_destroy(track.analysis);
    return status;
}

HhStatus hh_analyse_file(HhContext *context, const char *path, const HhAnalyseParams *params,
                         HhAnalysis **analysis)
{
    if (!path || !analysis) return hh_fail(context, HH_ERROR_ARGUMENT, "no path or no analysis");
    *analysis = NULL;
    HhAnalyseParams p;
    HhSource *source;
    HH_TRY(check_params(context, params, &p));
    HH_TRY(hh_source_open_file(context, path, p.chunk * HH_HOP, &source));
    HH_TRY(analyse(context, source, path, &p, analysis));
    HhStatus status =
        hh_hash_file(context, path, (*analysis)->input.hash, &(*analysis)->input.bytes);
    if (status == HH_OK) return HH_OK;
    hh_analysis_destroy(*analysis);
    *analysis = NULL;
    return status;
}

HhStatus hh_analyse_signal(HhContext *context, const HhSignal *signal,
                           const HhAnalyseParams *params, HhAnalysis **analysis)
{
    if (!analysis) return hh_fail(context, HH_ERROR_ARGUMENT, "no analysis");
    *analysis = NULL;
    HhAnalyseParams p;
    HhSource *source;
    HH_TRY(check_params(context, params, &p));
    HH_TRY(hh_source_open_signal(context, signal, p.chunk * HH_HOP, &source));
    return analyse(context, source, "", &p, analysis);
}
