/* Fundamental frequency and voicing by probabilistic YIN. Frames are observed by groups on all
 * threads; the groups of the round before go through the Viterbi search, in order, at the same
 * time. */
#include <math.h>

#include "engine/stages.h"
#include "fingerprint/compute.h"

typedef struct PyinState {
    HhPyinPlan *plan;
    HhPyin *pyin;
    HhPyinFrames **frames[2]; /* [groups] of this round and of the one before */
    size_t groups, used[2];   /* groups of a round; those of each set that hold something */
    int now;
    char *scratch;
    size_t scratch_bytes;
} PyinState;

static HhStatus begin(HhTrack *track, void **state)
{
    PyinState *s = hh_zalloc(track->context, 1, sizeof *s);
    if (!s) return hh_fail_memory(track->context);
    *state = s;
    HhPyinParams p;
    hh_pyin_defaults(&p);
    p.frame_length = HH_FRAME;
    p.hop_length = HH_HOP;
    HH_TRY(hh_pyin_plan_create(track->context, &p, HH_CANONICAL_RATE, &s->plan));
    HH_TRY(hh_pyin_create(track->context, s->plan, &s->pyin));
    s->groups = (track->params.chunk + HH_PITCH_CHUNK - 1) / HH_PITCH_CHUNK;
    for (int set = 0; set < 2; set++) {
        s->frames[set] = hh_zalloc(track->context, s->groups, sizeof **s->frames);
        if (!s->frames[set]) return hh_fail_memory(track->context);
        for (size_t g = 0; g < s->groups; g++)
            HH_TRY(hh_pyin_frames_create(track->context, s->plan, &s->frames[set][g]));
    }
    s->scratch_bytes = (hh_pyin_scratch(s->plan) + HH_ALIGNMENT - 1) / HH_ALIGNMENT * HH_ALIGNMENT;
    s->scratch = hh_alloc(track->context, track->workers, s->scratch_bytes);
    return s->scratch ? HH_OK : hh_fail_memory(track->context);
}

static size_t groups_of(size_t frames)
{
    return (frames + HH_PITCH_CHUNK - 1) / HH_PITCH_CHUNK;
}

static size_t tasks(const HhTrack *track, const void *state)
{
    (void)state;
    return 1 + groups_of(track->count);
}

static HhStatus task(HhTrack *track, void *state, size_t index, int worker)
{
    PyinState *s = state;
    if (index == 0) {
        for (size_t g = 0; g < s->used[s->now ^ 1]; g++)
            HH_TRY(hh_pyin_push(s->pyin, s->frames[s->now ^ 1][g]));
        return HH_OK;
    }
    size_t first = (index - 1) * HH_PITCH_CHUNK,
           count = HH_MIN((size_t)HH_PITCH_CHUNK, track->count - first);
    hh_pyin_observe(s->plan, track->samples + first * HH_HOP, count, s->frames[s->now][index - 1],
                    s->scratch + (size_t)worker * s->scratch_bytes);
    return HH_OK;
}

static HhStatus join(HhTrack *track, void *state)
{
    PyinState *s = state;
    s->used[s->now] = groups_of(track->count);
    s->now ^= 1;
    return HH_OK;
}

static HhStatus read_out(HhTrack *track, PyinState *s, double *f0, bool *voiced, double *prob)
{
    size_t n = hh_pyin_count(s->pyin), voiced_count = 0;
    HhArray rows[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    HH_TRY(hh_pyin_finish(s->pyin, f0, voiced, prob));
    HH_TRY(hh_array_make(track->context, &rows[0], HH_FLOAT32, 2, n, (size_t)1));
    HhStatus status = hh_array_make(track->context, &rows[1], HH_FLOAT32, 2, n, (size_t)1);
    if (status != HH_OK) {
        hh_array_free(&rows[0]);
        return status;
    }
    /* First the voiced pitches, for their median; then the probabilities. */
    float *heard = rows[1].data;
    for (size_t t = 0; t < n; t++) {
        ((float *)rows[0].data)[t] = (float)f0[t];
        if (voiced[t]) heard[voiced_count++] = (float)f0[t];
    }
    float *work = hh_alloc(track->context, voiced_count + 1, sizeof *work);
    if (work) track->analysis->pitch.pyin_median_hz = hh_median(heard, voiced_count, work);
    hh_free(track->context, work);
    track->analysis->pitch.voiced_share = (double)voiced_count / (double)n;
    for (size_t t = 0; t < n; t++) heard[t] = (float)prob[t];
    status = work ? hh_track_series_array(track, "pyin_f0", "Hz", &rows[0], 0,
                                          HH_HOP / HH_CANONICAL_RATE)
                  : hh_fail_memory(track->context);
    if (status == HH_OK)
        status = hh_track_series_array(track, "pyin_voiced_prob", "", &rows[1], 0,
                                       HH_HOP / HH_CANONICAL_RATE);
    hh_array_free(&rows[0]);
    hh_array_free(&rows[1]);
    return status;
}

static HhStatus conclude(HhTrack *track, void *state)
{
    PyinState *s = state;
    size_t n = hh_pyin_count(s->pyin);
    double *f0 = hh_alloc(track->context, n, sizeof *f0),
           *prob = hh_alloc(track->context, n, sizeof *prob);
    bool *voiced = hh_alloc(track->context, n, sizeof *voiced);
    HhStatus status = f0 && prob && voiced ? read_out(track, s, f0, voiced, prob)
                                           : hh_fail_memory(track->context);
    hh_free(track->context, f0);
    hh_free(track->context, prob);
    hh_free(track->context, voiced);
    return status;
}

static void end(HhTrack *track, void *state)
{
    PyinState *s = state;
    hh_pyin_destroy(s->pyin);
    for (int set = 0; set < 2; set++) {
        for (size_t g = 0; s->frames[set] && g < s->groups; g++)
            hh_pyin_frames_destroy(s->frames[set][g]);
        hh_free(track->context, s->frames[set]);
    }
    hh_pyin_plan_destroy(s->plan);
    hh_free(track->context, s->scratch);
    hh_free(track->context, s);
}

const HhStage hh_stage_pyin = {.name = "pyin",
                               .features = HH_FEATURE_PYIN,
                               .begin = begin,
                               .tasks = tasks,
                               .task = task,
                               .join = join,
                               .conclude = conclude,
                               .end = end};
