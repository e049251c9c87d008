/* pitch: YIN and pYIN against their definitions in double, Viterbi against the full search, tuning,
 * bad input. */
#include "test.h"

#include <float.h>

#include "pitch/path.h"
#include "pitch/pitch.h"
#include "pitch/tuning.h"

static const double two_pi = 6.283185307179586;

static float *tone(size_t length, double rate, double hz, double amplitude)
{
    float *y = malloc(length * sizeof *y);
    for (size_t n = 0; n < length; n++)
        y[n] = (float)(amplitude * sin(two_pi * hz * (double)n / rate));
    return y;
}

/* A melody with pauses and some noise. */
static float *melody(size_t length, double rate, uint64_t seed)
{
    float *y = malloc(length * sizeof *y);
    double phase = 0;
    for (size_t n = 0; n < length; n++) {
        double t = (double)n / rate;
        phase += two_pi * 220.0 * exp2(sin(t * 2.1)) / rate;
        double level = sin(t * 9.0) > -0.4 ? 0.3 : 0.0;
        y[n] =
            (float)(level * (sin(phase) + 0.4 * sin(2.0 * phase + 1.0)) + 0.01 * test_noise(&seed));
    }
    return y;
}

static HhSignal mono(const float *const *channel, size_t length, double rate)
{
    return (HhSignal){channel, 1, length, rate};
}

/* The samples as doubles, with what no float holds added. */
static double *widened(const float *y, size_t length, double added)
{
    double *wide = malloc(length * sizeof *wide);
    uint64_t seed = 99;
    for (size_t n = 0; n < length; n++) wide[n] = (double)y[n] + added * test_noise(&seed);
    return wide;
}

static HhSignal mono_f64(const double *const *channel, size_t length, double rate)
{
    return (HhSignal){.channels = 1, .length = length, .rate = rate, .channel_f64 = channel};
}

/* ---- YIN ---- */

/* The definition, for frame `frame` of the padded signal, without any transform; `tiny` keeps
 * silence from dividing by 0. */
static double yin_of_definition(const double *y, size_t length, size_t frame, double rate,
                                const HhYinParams *p, double tiny)
{
    size_t n = p->frame_length, hop = p->hop_length ? p->hop_length : n / 4;
    size_t first = (size_t)floor(rate / p->fmax), last = (size_t)ceil(rate / p->fmin);
    if (last > n - 1) last = n - 1;
    bool full = p->difference == HH_YIN_FULL;
    double *x = calloc(n, sizeof *x), *d = calloc(last + 1, sizeof *d),
           *raw = calloc(last + 1, sizeof *raw);
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t at = (ptrdiff_t)(frame * hop + i) - (ptrdiff_t)(p->center ? n / 2 : 0);
        x[i] = at >= 0 && at < (ptrdiff_t)length ? y[at] : 0.0;
    }
    double r0 = 0, energy = 0, sum = 0;
    for (size_t i = 0; i < n; i++) r0 += x[i] * x[i];
    for (size_t k = 1; k <= last; k++) {
        double r = 0;
        for (size_t i = 0; i + k < n; i++) r += x[i] * x[i + k];
        energy += x[k - 1] * x[k - 1] + (full ? x[n - k] * x[n - k] : 0);
        raw[k] = 2 * (r0 - r) - (k == 1 && !full ? 0 : energy);
        sum += raw[k];
        d[k] = raw[k] / (sum / (double)k + tiny);
    }
    size_t best = first, trough = 0;
    for (size_t k = first; k <= last; k++) {
        if (d[k] < d[best]) best = k;
        bool low =
            k == first ? d[k] < d[k + 1] : d[k] < d[k - 1] && (k == last || d[k] <= d[k + 1]);
        if (low && d[k] < p->trough_threshold && trough == 0) trough = k;
    }
    size_t k = trough ? trough : best;
    double shift = 0;
    if (k > first && k < last) {
        const double *at = full ? raw + k : d + k;
        double a = at[1] + at[-1] - 2 * at[0], b = (at[1] - at[-1]) / 2;
        if (fabs(b) < fabs(a)) shift = -b / a;
    }
    free(x);
    free(d);
    free(raw);
    return rate / ((double)k + shift);
}

/* What the double plan gives for every frame. */
static double *yin_in_double(const float *y, size_t length, double rate, const HhYinParams *p,
                             size_t count)
{
    size_t n = p->frame_length, before = p->center ? n / 2 : 0;
    float *padded = calloc(length + 2 * before, sizeof *padded);
    memcpy(padded + before, y, length * sizeof *y);
    HhYinPlan *plan;
    assert_int_equal(hh_yin_plan_create(NULL, p, rate, &plan), HH_OK);
    void *scratch = hh_alloc(NULL, hh_yin_scratch(plan), 1);
    double *f0 = calloc(count, sizeof *f0);
    hh_yin_frames(plan, padded, count, f0, NULL, scratch);
    hh_yin_plan_destroy(plan);
    hh_free(NULL, scratch);
    free(padded);
    return f0;
}

static void yin_follows_its_definition(void **state)
{
    (void)state;
    /* blocks shared between frames, blocks of a frame alone, an odd frame, a single block, a hop
     * beyond the frame */
    const struct {
        size_t frame, hop;
        double fmin, fmax, threshold;
        bool center;
        HhYinDifference difference;
    } cases[] = {
        {2048, 0, 65.4, 2093.0, 0.1, true, HH_YIN_LIBROSA},
        {2048, 512, 40.0, 1000.0, 0.3, true, HH_YIN_LIBROSA},
        {4096, 300, 40.0, 800.0, 0.2, true, HH_YIN_LIBROSA},
        {1023, 200, 100.0, 4000.0, 0.1, false, HH_YIN_LIBROSA},
        {512, 64, 60.0, 8000.0, 0.05, true, HH_YIN_LIBROSA},
        {600, 1000, 200.0, 900.0, 0.1, false, HH_YIN_LIBROSA},
        {2048, 512, 65.4, 2093.0, 0.1, true, HH_YIN_FULL},
        {1023, 200, 100.0, 4000.0, 0.1, false, HH_YIN_FULL},
    };
    size_t length = 30000;
    float *y = melody(length, 22050.0, 7);
    const float *channel[] = {y};
    HhSignal signal = mono(channel, length, 22050.0);
    /* far below the squares that a float holds */
    double *exact = widened(y, length, 0.0), *wide = widened(y, length, 1e-10);
    for (size_t n = 0; n < length; n++) wide[n] *= 1e-22;
    const double *wide_channel[] = {wide};
    HhSignal wide_signal = mono_f64(wide_channel, length, 22050.0);
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        HhYinParams p;
        hh_yin_defaults(&p);
        p.frame_length = cases[i].frame;
        p.hop_length = cases[i].hop;
        p.fmin = cases[i].fmin;
        p.fmax = cases[i].fmax;
        p.trough_threshold = cases[i].threshold;
        p.center = cases[i].center;
        p.difference = cases[i].difference;
        HhArray f0 = HH_ARRAY_INIT, of_doubles = HH_ARRAY_INIT;
        assert_int_equal(hh_yin(NULL, &signal, &p, &f0), HH_OK);
        assert_int_equal(f0.type, HH_FLOAT64);
        assert_int_equal(f0.dimensions, 2);
        assert_int_equal(hh_yin(NULL, &wide_signal, &p, &of_doubles), HH_OK);
        assert_int_equal(of_doubles.shape[1], f0.shape[1]);
        double *in_double = yin_in_double(y, length, 22050.0, &p, f0.shape[1]);
        /* in float as librosa; the other one is in double always */
        double bound = p.difference == HH_YIN_FULL ? 1e-9 : 1e-4;
        size_t stride = f0.shape[1] / 40 + 1;
        for (size_t t = 0; t < f0.shape[1]; t += stride) {
            double expected = yin_of_definition(exact, length, t, 22050.0, &p, (double)FLT_MIN);
            assert_true(fabs(in_double[t] - expected) <= 1e-9 * expected);
            assert_true(fabs(((double *)f0.data)[t] - expected) <= bound * expected);
            expected = yin_of_definition(wide, length, t, 22050.0, &p, DBL_MIN);
            assert_true(fabs(((double *)of_doubles.data)[t] - expected) <= 1e-9 * expected);
        }
        free(in_double);
        hh_array_free(&f0);
        hh_array_free(&of_doubles);
    }
    free(y);
    free(exact);
    free(wide);
}

/* pYIN of float samples is librosa's, whose rounding puts a trough here and there on the other side
 * of one of the thresholds. */
static void pyin_of_floats_is_near_that_of_doubles(void **state)
{
    (void)state;
    size_t length = 60000;
    float *y = melody(length, 22050.0, 3);
    double *wide = widened(y, length, 0.0);
    const float *channel[] = {y};
    const double *wide_channel[] = {wide};
    HhSignal signals[] = {mono(channel, length, 22050.0), mono_f64(wide_channel, length, 22050.0)};
    HhArray f0[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT}, flag[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT},
            prob[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    for (int i = 0; i < 2; i++)
        assert_int_equal(hh_pyin(NULL, &signals[i], NULL, &f0[i], &flag[i], &prob[i]), HH_OK);
    size_t voiced = 0, other_pitch = 0, other_side = 0;
    for (size_t t = 0; t < f0[0].shape[1]; t++) {
        bool here = ((bool *)flag[0].data)[t];
        voiced += here;
        assert_int_equal(((bool *)flag[1].data)[t], here);
        double pitch[2] = {((double *)f0[0].data)[t], ((double *)f0[1].data)[t]};
        if (here) assert_true(fabs(log2(pitch[0] / pitch[1])) < 1.01 / 120); /* one pitch */
        other_pitch += here && pitch[0] != pitch[1];
        other_side += fabs(((double *)prob[0].data)[t] - ((double *)prob[1].data)[t]) >= 1e-9;
    }
    assert_true(voiced > 30 && voiced < f0[0].shape[1]);
    assert_true(50 * other_pitch <= voiced);
    assert_true(50 * other_side <= f0[0].shape[1]);
    for (int i = 0; i < 2; i++) {
        hh_array_free(&f0[i]);
        hh_array_free(&flag[i]);
        hh_array_free(&prob[i]);
    }
    free(y);
    free(wide);
}

static void yin_finds_tones_within_a_cent(void **state)
{
    (void)state;
    const double hz[] = {110.0, 220.0, 440.0, 880.0}, rates[] = {22050.0, 44100.0};
    for (size_t r = 0; r < HH_COUNT(rates); r++) {
        for (size_t i = 0; i < HH_COUNT(hz); i++) {
            size_t length = 20000;
            float *y = tone(length, rates[r], hz[i], 0.5);
            const float *channel[] = {y};
            HhSignal signal = mono(channel, length, rates[r]);
            HhYinParams p;
            hh_yin_defaults(&p);
            HhArray f0 = HH_ARRAY_INIT;
            /* librosa's difference is some cents too high for low tones, as librosa is */
            for (p.difference = HH_YIN_LIBROSA; p.difference <= HH_YIN_FULL; p.difference++) {
                assert_int_equal(hh_yin(NULL, &signal, &p, &f0), HH_OK);
                for (size_t t = 2; t + 4 < f0.shape[1]; t++) {
                    double cents = 1200.0 * log2(((double *)f0.data)[t] / hz[i]);
                    assert_true(fabs(cents) < (p.difference == HH_YIN_FULL ? 1.0 : 16.0));
                }
                hh_array_free(&f0);
            }
            free(y);
        }
    }
}

static void silence_has_no_pitch(void **state)
{
    (void)state;
    float *y = calloc(22050, sizeof *y);
    const float *channel[] = {y};
    HhSignal signal = mono(channel, 22050, 22050.0);
    HhArray f0 = HH_ARRAY_INIT, flag = HH_ARRAY_INIT, prob = HH_ARRAY_INIT;
    assert_int_equal(hh_yin(NULL, &signal, NULL, &f0), HH_OK);
    assert_int_equal(f0.shape[1], 44);
    for (size_t t = 0; t < 44; t++) assert_true(((double *)f0.data)[t] == 22050.0 / 10.0);
    hh_array_free(&f0);
    assert_int_equal(hh_pyin(NULL, &signal, NULL, &f0, &flag, &prob), HH_OK);
    for (size_t t = 0; t < 44; t++) {
        assert_true(isnan(((double *)f0.data)[t]));
        assert_false(((bool *)flag.data)[t]);
        assert_true(((double *)prob.data)[t] == 0.0);
    }
    hh_array_free(&f0);
    hh_array_free(&flag);
    hh_array_free(&prob);
    double tuning = 1.0;
    assert_int_equal(hh_estimate_tuning(NULL, &signal, NULL, &tuning), HH_OK);
    assert_true(tuning == 0.0);
    free(y);
    /* of doubles, and of no samples at all, which padding makes a frame of */
    double *wide = calloc(22050, sizeof *wide);
    const double *wide_channel[] = {wide}, *no_channel[] = {NULL};
    const HhSignal silent[] = {mono_f64(wide_channel, 22050, 22050.0),
                               mono_f64(no_channel, 0, 22050.0)};
    for (size_t i = 0; i < HH_COUNT(silent); i++) {
        assert_int_equal(hh_yin(NULL, &silent[i], NULL, &f0), HH_OK);
        assert_int_equal(f0.shape[1], i ? 1 : 44);
        for (size_t t = 0; t < f0.shape[1]; t++)
            assert_true(((double *)f0.data)[t] == 22050.0 / 10.0);
        hh_array_free(&f0);
    }
    free(wide);
}

/* ---- Viterbi ---- */

/* log of the transition matrix of librosa, in full. */
static double *full_transitions(size_t pitches, size_t width, double switch_prob)
{
    size_t n = 2 * pitches;
    double *matrix = malloc(n * n * sizeof *matrix), *row = malloc(pitches * sizeof *row);
    size_t pad = (pitches - width) / 2;
    double keep = 1.0 - switch_prob;
    for (size_t i = 0; i < pitches; i++) {
        memset(row, 0, pitches * sizeof *row);
        for (size_t m = 0; m < width; m++) {
            size_t q = m < width - 1 - m ? m : width - 1 - m;
            row[(pad + m + pitches / 2 + i + 1) % pitches] =
                width % 2 ? 2.0 * (double)(q + 1) / (double)(width + 1)
                          : (double)(2 * q + 1) / (double)width;
        }
        double sum = 0;
        for (size_t j = 0; j < pitches; j++) {
            if (j >= i + width / 2 + 1 || j + width / 2 < i) row[j] = 0;
            sum += row[j];
        }
        for (size_t j = 0; j < n; j++)
            for (size_t half = 0; half < 2; half++)
                matrix[(half * pitches + i) * n + j] = log(
                    row[j % pitches] / sum * (j / pitches == half ? keep : 1.0 - keep) + DBL_MIN);
    }
    free(row);
    return matrix;
}

typedef struct Observations {
    size_t pitches, frames;
    uint16_t *pitch; /* [frames][8] */
    double *log_prob;
    size_t *count;
    double *log_unvoiced;
} Observations;

/* Stretches of melody, of certainty (no unvoiced probability at all), of noise and of nothing. */
static Observations observe(size_t pitches, size_t frames, uint64_t seed)
{
    Observations o = {.pitches = pitches, .frames = frames};
    o.pitch = malloc(frames * 8 * sizeof *o.pitch);
    o.log_prob = malloc(frames * 8 * sizeof *o.log_prob);
    o.count = malloc(frames * sizeof *o.count);
    o.log_unvoiced = malloc(frames * sizeof *o.log_unvoiced);
    for (size_t t = 0; t < frames; t++) {
        int kind = (int)(t / 37 % 5);
        size_t count = kind == 0   ? 0
                       : kind == 1 ? 1
                                   : (size_t)(2.0 + 3.0 * fabs(test_noise(&seed)));
        double voiced = 0;
        size_t at = 0, used = 0;
        for (size_t i = 0; i < count; i++) {
            double step = fabs(test_noise(&seed)) * (double)pitches / (double)(count + 1);
            at += 1 + (size_t)step;
            if (at >= pitches) break;
            double prob = kind == 1 ? 1.0 : fabs(test_noise(&seed)) / (double)(count + 1);
            o.pitch[t * 8 + used] = (uint16_t)at;
            o.log_prob[t * 8 + used++] = log(prob + DBL_MIN);
            voiced += prob;
        }
        o.count[t] = used;
        o.log_unvoiced[t] = log((1.0 - (voiced > 1 ? 1 : voiced)) / (double)pitches + DBL_MIN);
    }
    return o;
}

static void free_observations(Observations *o)
{
    free(o->pitch);
    free(o->log_prob);
    free(o->count);
    free(o->log_unvoiced);
}

/* All predecessors of all states, the lowest index wins. */
static void full_search(const Observations *o, const double *matrix, uint16_t *path)
{
    size_t n = 2 * o->pitches;
    double *value = malloc(n * sizeof *value), *next = malloc(n * sizeof *next),
           *observed = malloc(n * sizeof *observed);
    uint16_t *pointer = malloc(o->frames * n * sizeof *pointer);
    for (size_t t = 0; t < o->frames; t++) {
        for (size_t j = 0; j < n; j++)
            observed[j] = j < o->pitches ? log(0.0 + DBL_MIN) : o->log_unvoiced[t];
        for (size_t i = 0; i < o->count[t]; i++)
            observed[o->pitch[t * 8 + i]] = o->log_prob[t * 8 + i];
        for (size_t j = 0; j < n; j++) {
            size_t best = 0;
            for (size_t k = 1; k < n && t > 0; k++)
                if (value[k] + matrix[k * n + j] > value[best] + matrix[best * n + j]) best = k;
            pointer[t * n + j] = (uint16_t)best;
            next[j] = observed[j] +
                      (t ? value[best] + matrix[best * n + j] : log(1.0 / (double)n + DBL_MIN));
        }
        memcpy(value, next, n * sizeof *value);
    }
    size_t state = 0;
    for (size_t j = 1; j < n; j++)
        if (value[j] > value[state]) state = j;
    for (size_t t = o->frames; t-- > 0;) {
        path[t] = (uint16_t)state;
        state = pointer[t * n + state];
    }
    free(value);
    free(next);
    free(observed);
    free(pointer);
}

static void viterbi_is_the_full_search(void **state)
{
    (void)state;
    const struct {
        size_t pitches, width, frames;
        double switch_prob;
    } cases[] = {{61, 11, 700, 0.01}, {50, 20, 400, 0.05}, {37, 20, 300, 0.6},
                 {33, 33, 150, 0.1},  {16, 1, 200, 0.01},  {2, 1, 300, 0.2},
                 {90, 51, 129, 0.01}, {48, 31, 128, 0.01}, {20, 5, 1, 0.5}};
    for (HhCpuLevel level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        HhContextParams params = HH_CONTEXT_PARAMS_INIT;
        params.cpu_level = level;
        HhContext *context;
        assert_int_equal(hh_context_create(&params, &context), HH_OK);
        for (size_t i = 0; i < HH_COUNT(cases); i++) {
            Observations o = observe(cases[i].pitches, cases[i].frames, 11 + i);
            double *matrix =
                full_transitions(cases[i].pitches, cases[i].width, cases[i].switch_prob);
            uint16_t *expected = malloc(o.frames * sizeof *expected);
            full_search(&o, matrix, expected);
            HhPathPlan *plan;
            HhPath *path;
            assert_int_equal(hh_path_plan_create(context, cases[i].pitches, cases[i].width,
                                                 cases[i].switch_prob, &plan),
                             HH_OK);
            assert_int_equal(hh_path_create(context, plan, &path), HH_OK);
            for (size_t t = 0; t < o.frames; t++)
                assert_int_equal(hh_path_push(path, o.pitch + 8 * t, o.log_prob + 8 * t, o.count[t],
                                              o.log_unvoiced[t]),
                                 HH_OK);
            const uint16_t *states;
            size_t frames;
            assert_int_equal(hh_path_finish(path, &states, &frames), HH_OK);
            assert_int_equal(frames, o.frames);
            assert_memory_equal(states, expected, frames * sizeof *states);
            hh_path_destroy(path);
            hh_path_plan_destroy(plan);
            free(expected);
            free(matrix);
            free_observations(&o);
        }
        hh_context_destroy(context);
    }
}

/* Silence is the worst case: the paths along both ends of the range never meet. */
static void trellis_stays_small(void **state)
{
    (void)state;
    HhPathPlan *plan;
    HhPath *path;
    assert_int_equal(hh_path_plan_create(NULL, 601, 101, 0.01, &plan), HH_OK);
    assert_int_equal(hh_path_create(NULL, plan, &path), HH_OK);
    const size_t frames = 20000;
    double log_unvoiced = log(1.0 / 601.0);
    for (size_t t = 0; t < frames; t++)
        assert_int_equal(hh_path_push(path, NULL, NULL, 0, log_unvoiced), HH_OK);
    assert_true(hh_path_pending(path) < frames * 40);
    const uint16_t *states;
    size_t count;
    assert_int_equal(hh_path_finish(path, &states, &count), HH_OK);
    assert_int_equal(count, frames);
    for (size_t t = 0; t < frames; t++) assert_true(states[t] >= 601);
    hh_path_destroy(path);
    hh_path_plan_destroy(plan);
}

/* ---- pYIN ---- */

static void pyin_hears_a_voice_and_its_pauses(void **state)
{
    (void)state;
    size_t length = 3 * 22050;
    float *y = tone(length, 22050.0, 330.0, 0.5);
    for (size_t n = 22050; n < 2 * 22050; n++) y[n] = 0.0f;
    const float *channel[] = {y};
    HhSignal signal = mono(channel, length, 22050.0);
    HhArray f0 = HH_ARRAY_INIT, flag = HH_ARRAY_INIT, prob = HH_ARRAY_INIT;
    assert_int_equal(hh_pyin(NULL, &signal, NULL, &f0, &flag, &prob), HH_OK);
    assert_int_equal(flag.type, HH_BOOL);
    for (size_t t = 4; t < f0.shape[1] - 4; t++) {
        double second = (double)t * 512.0 / 22050.0;
        if (fabs(second - 1.0) < 0.15 || fabs(second - 2.0) < 0.15) continue;
        bool voiced = second < 1.0 || second > 2.0;
        assert_int_equal(((bool *)flag.data)[t], voiced);
        if (voiced) assert_true(fabs(12.0 * log2(((double *)f0.data)[t] / 330.0)) <= 0.051);
        if (!voiced) assert_true(isnan(((double *)f0.data)[t]));
        assert_true(((double *)prob.data)[t] >= 0.0 && ((double *)prob.data)[t] <= 1.0);
    }
    hh_array_free(&flag);
    hh_array_free(&prob);
    HhArray guess = HH_ARRAY_INIT;
    HhPyinParams p;
    hh_pyin_defaults(&p);
    p.keep_unvoiced = true;
    assert_int_equal(hh_pyin(NULL, &signal, &p, &guess, NULL, NULL), HH_OK);
    for (size_t t = 0; t < guess.shape[1]; t++) {
        double with_guess = ((double *)guess.data)[t], without = ((double *)f0.data)[t];
        assert_true(with_guess >= p.fmin && with_guess <= p.fmax * 1.01);
        assert_true(isnan(without) || with_guess == without);
    }
    hh_array_free(&guess);
    hh_array_free(&f0);
    hh_pyin_defaults(&p);
    p.n_thresholds = 0;
    assert_int_equal(hh_pyin(NULL, &signal, &p, &f0, &flag, &prob), HH_OK);
    for (size_t t = 0; t < f0.shape[1]; t++) {
        assert_false(((bool *)flag.data)[t]);
        assert_true(isnan(((double *)f0.data)[t]) && ((double *)prob.data)[t] == 0.0);
    }
    hh_array_free(&f0);
    hh_array_free(&flag);
    hh_array_free(&prob);
    free(y);
}

/* ---- tuning ---- */

static void tuning_of_frequencies(void **state)
{
    (void)state;
    double hz[12], tuning;
    for (int i = 0; i < 12; i++) hz[i] = 440.0 * exp2((i - 5 + 0.253) / 12.0);
    assert_int_equal(hh_pitch_tuning(NULL, hz, 12, NULL, &tuning), HH_OK);
    assert_true(fabs(tuning - 0.25) < 1e-12);
    HhTuningParams p;
    hh_tuning_defaults(&p);
    p.bins_per_octave = 36;
    for (int i = 0; i < 12; i++) hz[i] = 440.0 * exp2((i * 3 - 0.117) / 36.0);
    hz[3] = 0.0;
    hz[4] = -100.0;
    assert_int_equal(hh_pitch_tuning(NULL, hz, 12, &p, &tuning), HH_OK);
    assert_true(fabs(tuning + 0.12) < 1e-12);
    tuning = 1.0;
    assert_int_equal(hh_pitch_tuning(NULL, hz + 3, 2, &p, &tuning), HH_OK);
    assert_true(tuning == 0.0);
    p.none = 7.0;
    assert_int_equal(hh_pitch_tuning(NULL, hz + 3, 2, &p, &tuning), HH_OK);
    assert_true(tuning == 7.0);
    p.resolution = 1.5; /* one class for all */
    assert_int_equal(hh_pitch_tuning(NULL, hz, 12, &p, &tuning), HH_OK);
    assert_true(tuning == -0.5);
    hz[0] = (double)NAN;
    assert_int_equal(hh_pitch_tuning(NULL, hz, 12, &p, &tuning), HH_ERROR_NOT_FINITE);
    p.resolution = 0.0;
    assert_int_equal(hh_pitch_tuning(NULL, hz + 1, 11, &p, &tuning), HH_ERROR_ARGUMENT);
}

/* A chord, mistuned by `cents`. */
static float *chord(size_t length, double rate, double cents)
{
    static const double notes[] = {220.0, 277.1826309768721, 329.6275569128699, 440.0,
                                   554.3652619537442};
    uint64_t seed = 3;
    float *y = malloc(length * sizeof *y);
    for (size_t n = 0; n < length; n++) {
        double x = 0.001 * test_noise(&seed);
        for (size_t i = 0; i < HH_COUNT(notes); i++)
            x += 0.1 * sin(two_pi * notes[i] * exp2(cents / 1200.0) * (double)n / rate + (double)i);
        y[n] = (float)x;
    }
    return y;
}

static void tuning_of_a_signal_and_of_its_stream(void **state)
{
    (void)state;
    const double cents[] = {-31.5, 0.5, 22.5};
    size_t length = 44100;
    for (size_t i = 0; i < HH_COUNT(cents); i++) {
        float *y = chord(length, 44100.0, cents[i]);
        const float *channel[] = {y};
        HhSignal signal = mono(channel, length, 44100.0);
        double tuning;
        assert_int_equal(hh_estimate_tuning(NULL, &signal, NULL, &tuning), HH_OK);
        assert_true(fabs(100.0 * tuning - cents[i]) < 4.0);
        HhStftParams stft;
        hh_stft_defaults(&stft);
        HhArray s = HH_ARRAY_INIT;
        assert_int_equal(hh_spectrogram(NULL, &signal, &stft, 1.0, &s), HH_OK);
        double of_spectrogram;
        assert_int_equal(hh_estimate_tuning_spectrogram(NULL, &s, 44100.0, NULL, &of_spectrogram),
                         HH_OK);
        assert_true(of_spectrogram == tuning);
        HhTuningCounter *counters[2];
        size_t frames = s.shape[1], bins = s.shape[2];
        for (int c = 0; c < 2; c++)
            assert_int_equal(hh_tuning_counter_create(NULL, 44100.0, 2048, 12, &counters[c]),
                             HH_OK);
        void *scratch = hh_alloc(NULL, hh_tuning_counter_scratch(counters[0]), 1);
        float *tile = hh_alloc(NULL, bins * HH_TILE, sizeof *tile);
        for (size_t first = 0; first < frames; first += HH_TILE) {
            int lanes = (int)HH_MIN((size_t)HH_TILE, frames - first);
            for (size_t k = 0; k < bins; k++)
                for (int l = 0; l < lanes; l++)
                    tile[k * HH_TILE + (size_t)l] =
                        ((float *)s.data)[(first + (size_t)l) * bins + k];
            hh_tuning_counter_push(&counters[first / HH_TILE % 2], 1, tile, lanes, scratch);
        }
        hh_tuning_counter_merge(counters[0], counters[1]);
        assert_true(fabs(hh_tuning_counter_finish(counters[0]) - tuning) < 0.011);
        assert_true(fabs(100.0 * hh_tuning_counter_finish(counters[0]) - cents[i]) < 4.0);
        for (int c = 0; c < 2; c++) hh_tuning_counter_destroy(counters[c]);
        hh_free(NULL, scratch);
        hh_free(NULL, tile);
        hh_array_free(&s);
        free(y);
    }
}

/* Peaks are where a spectrum that is known has them. */
static void fill_classes(HhTileSource *source, const HhTuningParams *p, uint64_t *filled)
{
    enum { CLASSES = 2000 };
    double edges[CLASSES + 1];
    bool any;
    HhTuningClasses classes = {CLASSES, edges, filled};
    memset(filled, 0, CLASSES * sizeof *filled);
    hh_tuning_edges(edges, CLASSES);
    assert_int_equal(hh_tuning_fill(NULL, source, p, 44100.0, &classes, &any), HH_OK);
    assert_true(any);
}

/* The float transform with its doubts against the double transform throughout: every peak of the
 * stronger half in the same one of 2000 narrow classes. */
static void float_tuning_counts_as_double(void **state)
{
    (void)state;
    const size_t length = 60000;
    float *left = chord(length, 44100.0, 12.0), *right = malloc(length * sizeof *right);
    const float *channel[] = {left, right};
    HhSignal y = mono(channel, length, 44100.0);
    y.channels = 2;
    for (int kind = 0; kind < 5; kind++) {
        uint64_t seed = 7 + (uint64_t)kind, quick[2000], exact[2000];
        for (size_t n = 0; n < length; n++) {
            double noise = test_noise(&seed);
            if (kind == 1) noise = n % 977 == 0 ? noise : 0.0;  /* clicks: flat spectra */
            if (kind == 2) noise *= n < length / 2 ? 0.0 : 0.3; /* digital silence before */
            if (kind == 3) noise *= 1e-15;                      /* powers below float's range */
            if (kind == 4) noise *= 1e15;
            right[n] = (float)noise;
        }
        HhTuningParams p;
        hh_tuning_defaults(&p);
        p.bins_per_octave = 36;
        HhTileSource source;
        assert_int_equal(hh_tiles_of_signal(NULL, &source, &y, &p.piptrack.stft, HH_TILE_MAGNITUDE),
                         HH_OK);
        fill_classes(&source, &p, quick);
        hh_tiles_free(&source);
        HhArray s = HH_ARRAY_INIT;
        assert_int_equal(hh_spectrogram(NULL, &y, &p.piptrack.stft, 1.0, &s), HH_OK);
        assert_int_equal(hh_tiles_of_spectrogram(NULL, &source, &s, 2048), HH_OK);
        fill_classes(&source, &p, exact);
        hh_tiles_free(&source);
        hh_array_free(&s);
        assert_memory_equal(quick, exact, sizeof exact);
    }
    free(left);
    free(right);
}

static void peaks_of_a_spectrum(void **state)
{
    (void)state;
    float s[2][9] = {{9, 0, 1, 3, 2, 0, 0.2f, 0.1f, 5}, {0, 1, 1, 0, 0, 0, 0, 0, 0}};
    HhArray array = {HH_FLOAT32, 3, {1, 2, 9, 0}, s, {NULL, NULL, NULL}}, pitches, magnitudes;
    HhPiptrackParams p;
    hh_piptrack_defaults(&p);
    p.fmin = 0.0;
    p.fmax = 1e9;
    p.stft.n_fft = 17; /* 9 bins as well: then the last one lies below half the rate */
    assert_int_equal(hh_piptrack_spectrogram(NULL, &array, 1700.0, &p, &pitches, &magnitudes),
                     HH_OK);
    const float *hz = pitches.data, *height = magnitudes.data;
    double shift = -((2.0 - 1.0) / 2.0) / (2.0 + 1.0 - 6.0);
    for (int k = 0; k < 9; k++) {
        double expected = k == 3 ? (3.0 + shift) * 100.0 : k == 8 ? 800.0 : 0.0;
        assert_true(fabs((double)hz[k] - expected) < 1e-4);
    }
    assert_true(fabs((double)height[3] - (3.0 + 0.5 * 0.5 * shift)) < 1e-6);
    assert_true(height[8] == 5.0f);
    /* of two equal neighbours the first is the peak, and its parabola's vertex is half way */
    assert_true(fabs((double)hz[9 + 1] - 150.0) < 1e-4 && hz[9 + 2] == 0.0f);
    hh_array_free(&pitches);
    hh_array_free(&magnitudes);
    p.reference = HH_PEAK_VALUE;
    p.reference_value = -3.0; /* its absolute value: the 3 does not exceed it */
    assert_int_equal(hh_piptrack_spectrogram(NULL, &array, 1700.0, &p, &pitches, &magnitudes),
                     HH_OK);
    for (int k = 0; k < 18; k++) assert_true((((float *)pitches.data)[k] > 0) == (k == 8));
    hh_array_free(&pitches);
    hh_array_free(&magnitudes);
}

/* ---- the same bytes everywhere ---- */

enum { RESULTS = 7 };

static void all_of(HhContext *context, const HhSignal *y, HhArray results[RESULTS], double *tuning)
{
    HhYinParams alone;
    hh_yin_defaults(&alone);
    alone.hop_length = 300;
    for (int i = 0; i < RESULTS; i++) results[i] = (HhArray)HH_ARRAY_INIT;
    assert_int_equal(hh_yin(context, y, NULL, &results[0]), HH_OK);
    assert_int_equal(hh_yin(context, y, &alone, &results[1]), HH_OK);
    assert_int_equal(hh_pyin(context, y, NULL, &results[2], &results[3], &results[4]), HH_OK);
    assert_int_equal(hh_piptrack(context, y, NULL, &results[5], &results[6]), HH_OK);
    assert_int_equal(hh_estimate_tuning(context, y, NULL, tuning), HH_OK);
}

/* The same bytes for every level and number of threads, and with the first channel or without. */
static void agree(HhSignal y, HhSignal second)
{
    HhArray expected[RESULTS], results[RESULTS];
    double expected_tuning, tuning;
    all_of(NULL, &y, expected, &expected_tuning);
    assert_int_equal(expected[0].shape[0], 2);
    for (HhCpuLevel level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
        for (int threads = 1; threads <= 3; threads += 2) {
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.cpu_level = level;
            params.threads = threads;
            HhContext *context;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            all_of(context, &y, results, &tuning);
            assert_true(tuning == expected_tuning);
            for (int i = 0; i < RESULTS; i++) {
                size_t bytes = hh_array_count(&expected[i]) * hh_type_bytes(expected[i].type);
                assert_int_equal(hh_array_count(&results[i]), hh_array_count(&expected[i]));
                assert_memory_equal(results[i].data, expected[i].data, bytes);
                hh_array_free(&results[i]);
            }
            hh_context_destroy(context);
        }
    }
    HhArray alone = HH_ARRAY_INIT;
    assert_int_equal(hh_yin(NULL, &second, NULL, &alone), HH_OK);
    assert_memory_equal(alone.data, (double *)expected[0].data + alone.shape[1],
                        alone.shape[1] * sizeof(double));
    hh_array_free(&alone);
    for (int i = 0; i < RESULTS; i++) hh_array_free(&expected[i]);
}

static void levels_and_threads_agree(void **state)
{
    (void)state;
    size_t length = 150000;
    float *left = melody(length, 22050.0, 1), *right = melody(length, 22050.0, 2);
    const float *channel[] = {left, right};
    agree((HhSignal){channel, 2, length, 22050.0, NULL}, mono(channel + 1, length, 22050.0));
    double *wide_left = widened(left, length, 1e-10), *wide_right = widened(right, length, 1e-10);
    const double *wide[] = {wide_left, wide_right};
    HhSignal both = mono_f64(wide, length, 22050.0);
    both.channels = 2;
    agree(both, mono_f64(wide + 1, length, 22050.0));
    free(left);
    free(right);
    free(wide_left);
    free(wide_right);
}

/* Float transforms give the periods of double ones, and the same bits for any portion and level. */
static void quick_is_near_double(void **state)
{
    (void)state;
    static const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
    static const struct {
        size_t frame, hop;
        HhYinDifference difference;
    } cases[] = {{2048, 512, HH_YIN_LIBROSA},
                 {4096, 256, HH_YIN_LIBROSA},
                 {2048, 600, HH_YIN_LIBROSA}, /* no shared blocks: double */
                 {2048, 512, HH_YIN_FULL}};   /* double */
    const size_t length = 60000;
    float *y = melody(length, 44100.0, 11);
    for (size_t i = 0; i < length; i++) y[i] += 0.2f * sinf(0.0075f * (float)i); /* a sub bass */
    for (size_t c = 0; c < HH_COUNT(cases); c++) {
        HhYinParams p;
        hh_yin_defaults(&p);
        p.center = false;
        p.frame_length = cases[c].frame;
        p.hop_length = cases[c].hop;
        p.difference = cases[c].difference;
        size_t count = (length - p.frame_length) / p.hop_length + 1;
        double *want = yin_in_double(y, length, 44100.0, &p, count), *first = NULL;
        for (size_t l = 0; l < HH_COUNT(levels); l++) {
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.cpu_level = levels[l];
            HhContext *context;
            HhYinPlan *plan;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            assert_int_equal(hh_yin_plan_create_quick(context, &p, 44100.0, &plan), HH_OK);
            void *scratch = hh_alloc(NULL, hh_yin_scratch(plan), 1);
            double *f0 = calloc(count, sizeof *f0), piece[64];
            hh_yin_frames(plan, y, count, f0, NULL, scratch);
            for (size_t t = 0; t < count; t++) assert_true(fabs(f0[t] / want[t] - 1) < 1e-4);
            for (size_t t = 0, n = 1; t < count; t += n, n = n * 5 % 61 + 1) {
                n = HH_MIN(n, count - t);
                hh_yin_frames(plan, y + t * p.hop_length, n, piece, NULL, scratch);
                assert_memory_equal(piece, f0 + t, n * sizeof *f0);
            }
            if (first) assert_memory_equal(f0, first, count * sizeof *f0);
            if (first)
                free(f0);
            else
                first = f0;
            hh_yin_plan_destroy(plan);
            hh_free(NULL, scratch);
            hh_context_destroy(context);
        }
        free(first);
        free(want);
    }
    free(y);
}

/* The difference itself, under a sub bass and beside a constant, where little of the energy is in
 * it; and frames whose energy is none for a float, which are done in double. */
static void quick_keeps_its_bound(void **state)
{
    (void)state;
    enum { FRAMES = 40, LENGTH = (FRAMES - 1) * 512 + 2048 };
    static const float scales[] = {1e18f, 1e-17f, 1e-25f};
    HhYinParams p;
    hh_yin_defaults(&p);
    p.hop_length = 512;
    HhYinPlan *plans[2];
    void *scratch[2];
    assert_int_equal(hh_yin_plan_create(NULL, &p, 44100.0, &plans[0]), HH_OK);
    assert_int_equal(hh_yin_plan_create_quick(NULL, &p, 44100.0, &plans[1]), HH_OK);
    for (int i = 0; i < 2; i++) scratch[i] = hh_alloc(NULL, hh_yin_scratch(plans[i]), 1);
    float *y = malloc(LENGTH * sizeof *y);
    double worst = 0;
    for (int kind = 0; kind < 4; kind++) {
        for (int n = 0; n < LENGTH; n++) {
            double t = n / 44100.0, low = kind == 0 ? 20 : kind == 1 ? 45 : 30;
            double bass = kind == 3 ? 0.9 : 0.9 * sin(two_pi * low * t);
            y[n] = (float)(bass + (kind > 0 ? 0.02 * sin(two_pi * 440 * t) : 0));
        }
        HhYinTiles tiles[2];
        for (int i = 0; i < 2; i++) hh_yin_tiles_begin(&tiles[i], plans[i], y, FRAMES, scratch[i]);
        while (hh_yin_tiles_next(&tiles[0]) && hh_yin_tiles_next(&tiles[1]))
            for (size_t k = 0; k < hh_yin_lags(plans[0]); k++)
                for (int l = 0; l < tiles[0].lanes; l++) {
                    size_t at = k * HH_TILE + (size_t)l;
                    worst = fmax(worst, fabs(tiles[1].difference[at] - tiles[0].difference[at]));
                }
    }
    if (!(worst > 0 && worst < 1e-3)) fail_msg("the difference is off by %g", worst);
    for (size_t s = 0; s < HH_COUNT(scales); s++) {
        double f0[2][FRAMES];
        for (int n = 0; n < LENGTH; n++) y[n] = scales[s] * (float)sin(two_pi * 220 * n / 44100.0);
        for (int i = 0; i < 2; i++) hh_yin_frames(plans[i], y, FRAMES, f0[i], NULL, scratch[i]);
        assert_memory_equal(f0[0], f0[1], sizeof f0[0]);
        /* the smallest number of a float, which librosa adds to the mean, outweighs the last one */
        assert_true(s == 2 || fabs(f0[1][7] / 220 - 1) < 0.01);
    }
    for (int i = 0; i < 2; i++) {
        hh_yin_plan_destroy(plans[i]);
        hh_free(NULL, scratch[i]);
    }
    free(y);
}

/* A stream that takes frames in any portion gives what the whole array gives. */
static void portions_do_not_matter(void **state)
{
    (void)state;
    size_t length = 60000;
    float *y = melody(length, 44100.0, 9);
    HhYinParams p;
    hh_yin_defaults(&p);
    p.hop_length = 512;
    p.center = false;
    const float *channel[] = {y};
    HhSignal signal = mono(channel, length, 44100.0);
    for (p.difference = HH_YIN_LIBROSA; p.difference <= HH_YIN_FULL; p.difference++) {
        HhArray whole = HH_ARRAY_INIT;
        assert_int_equal(hh_yin(NULL, &signal, &p, &whole), HH_OK);
        HhYinPlan *plan;
        assert_int_equal(hh_yin_plan_create_float(NULL, &p, 44100.0, &plan), HH_OK);
        void *scratch = hh_alloc(NULL, hh_yin_scratch(plan), 1);
        double f0[64];
        size_t portion = 1;
        for (size_t t = 0; t < whole.shape[1]; t += portion, portion = portion * 5 % 61 + 1) {
            size_t count = HH_MIN(portion, whole.shape[1] - t);
            hh_yin_frames(plan, y + t * 512, count, f0, NULL, scratch);
            assert_memory_equal(f0, (double *)whole.data + t, count * sizeof *f0);
        }
        hh_yin_plan_destroy(plan);
        hh_free(NULL, scratch);
        hh_array_free(&whole);
    }
    free(y);
}

/* ---- bad input ---- */

static HhStatus yin_with(HhContext *context, const HhSignal *y, double fmin, double fmax,
                         size_t frame)
{
    HhYinParams p;
    hh_yin_defaults(&p);
    p.fmin = fmin;
    p.fmax = fmax;
    p.frame_length = frame;
    HhArray f0 = HH_ARRAY_INIT;
    HhStatus status = hh_yin(context, y, &p, &f0);
    hh_array_free(&f0);
    return status;
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    float *y = tone(22050, 22050.0, 200.0, 0.5);
    const float *channel[] = {y};
    HhSignal signal = mono(channel, 22050, 22050.0);
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    assert_int_equal(yin_with(context, &signal, 65.0, 12000.0, 2048), HH_ERROR_ARGUMENT);
    assert_non_null(strstr(hh_context_message(context), "12000"));
    assert_int_equal(yin_with(context, &signal, 500.0, 500.0, 2048), HH_ERROR_ARGUMENT);
    assert_int_equal(yin_with(context, &signal, 0.0, 500.0, 2048), HH_ERROR_ARGUMENT);
    assert_int_equal(yin_with(context, &signal, 10.0, 500.0, 2048), HH_ERROR_ARGUMENT);
    assert_int_equal(yin_with(context, &signal, (double)NAN, 500.0, 2048), HH_ERROR_ARGUMENT);
    assert_int_equal(yin_with(context, &signal, 65.0, (double)NAN, 2048), HH_ERROR_ARGUMENT);
    assert_int_equal(yin_with(context, &signal, 65.0, 500.0, 0), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_yin(context, &signal, NULL, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_yin(context, NULL, NULL, &(HhArray)HH_ARRAY_INIT), HH_ERROR_ARGUMENT);

    HhPyinParams p;
    HhArray f0 = HH_ARRAY_INIT;
    hh_pyin_defaults(&p);
    p.fmin = 400.0;
    p.fmax = 700.0; /* fewer pitches than one hop may cross */
    assert_int_equal(hh_pyin(context, &signal, &p, &f0, NULL, NULL), HH_ERROR_ARGUMENT);
    hh_pyin_defaults(&p);
    p.switch_prob = 1.0;
    assert_int_equal(hh_pyin(context, &signal, &p, &f0, NULL, NULL), HH_ERROR_ARGUMENT);
    hh_pyin_defaults(&p);
    p.n_thresholds = -1;
    assert_int_equal(hh_pyin(context, &signal, &p, &f0, NULL, NULL), HH_ERROR_ARGUMENT);
    hh_pyin_defaults(&p);
    p.size = 3;
    assert_int_equal(hh_pyin(context, &signal, &p, &f0, NULL, NULL), HH_ERROR_ARGUMENT);

    HhSignal empty = mono(channel, 0, 22050.0);
    HhYinParams q;
    hh_yin_defaults(&q);
    q.center = false;
    assert_int_equal(hh_yin(context, &empty, &q, &f0), HH_ERROR_TOO_SHORT);
    y[7777] = INFINITY;
    double tuning;
    assert_int_equal(hh_yin(context, &signal, NULL, &f0), HH_ERROR_NOT_FINITE);
    assert_int_equal(hh_pyin(context, &signal, NULL, &f0, NULL, NULL), HH_ERROR_NOT_FINITE);
    assert_int_equal(hh_estimate_tuning(context, &signal, NULL, &tuning), HH_ERROR_NOT_FINITE);
    assert_null(f0.data);
    double *wide = widened(y, 22050, 0.0);
    const double *wide_channel[] = {wide};
    HhSignal wide_signal = mono_f64(wide_channel, 22050, 22050.0);
    assert_int_equal(hh_yin(context, &wide_signal, NULL, &f0), HH_ERROR_NOT_FINITE);
    assert_string_equal(hh_context_message(context), "sample 7777 of channel 1 is infinite");
    assert_int_equal(hh_pyin(context, &wide_signal, NULL, &f0, NULL, NULL), HH_ERROR_NOT_FINITE);
    wide[7777] = 0.0;
    wide_signal.rate = 0.0;
    assert_int_equal(hh_yin(context, &wide_signal, NULL, &f0), HH_ERROR_ARGUMENT);
    assert_null(f0.data);
    hh_context_destroy(context);
    free(y);
    free(wide);
}

/* An allocator that refuses its n-th request. */
typedef struct Miser {
    long left, open;
} Miser;

static void *miser_allocate(void *user, size_t alignment, size_t bytes)
{
    Miser *miser = user;
    void *memory = NULL;
    if (miser->left-- <= 0 || posix_memalign(&memory, alignment, bytes) != 0) return NULL;
    miser->open++;
    return memory;
}

static void miser_release(void *user, void *memory)
{
    if (memory) ((Miser *)user)->open--;
    free(memory);
}

static void want_of_memory_is_survived(void **state)
{
    (void)state;
    size_t length = 70000;
    float *y = melody(length, 22050.0, 4);
    const float *channel[] = {y};
    HhSignal signal = mono(channel, length, 22050.0);
    HhPyinParams p;
    hh_pyin_defaults(&p);
    p.resolution = 0.5;
    p.max_transition_rate = 10.0;
    bool enough = false;
    for (long allowed = 1; !enough; allowed++) {
        assert_true(allowed < 500);
        Miser miser = {allowed, 0};
        HhContextParams params = HH_CONTEXT_PARAMS_INIT;
        params.allocator = (HhAllocator){miser_allocate, miser_release, &miser};
        HhContext *context;
        assert_int_equal(hh_context_create(&params, &context), HH_OK);
        HhArray f0 = HH_ARRAY_INIT, flag = HH_ARRAY_INIT, prob = HH_ARRAY_INIT;
        double tuning;
        HhStatus status = hh_pyin(context, &signal, &p, &f0, &flag, &prob);
        if (status == HH_OK) status = hh_estimate_tuning(context, &signal, NULL, &tuning);
        assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
        enough = status == HH_OK;
        hh_array_free(&f0);
        hh_array_free(&flag);
        hh_array_free(&prob);
        hh_context_destroy(context);
        assert_int_equal(miser.open, 0);
    }
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yin_follows_its_definition),
        cmocka_unit_test(yin_finds_tones_within_a_cent),
        cmocka_unit_test(pyin_of_floats_is_near_that_of_doubles),
        cmocka_unit_test(silence_has_no_pitch),
        cmocka_unit_test(viterbi_is_the_full_search),
        cmocka_unit_test(trellis_stays_small),
        cmocka_unit_test(pyin_hears_a_voice_and_its_pauses),
        cmocka_unit_test(tuning_of_frequencies),
        cmocka_unit_test(tuning_of_a_signal_and_of_its_stream),
        cmocka_unit_test(float_tuning_counts_as_double),
        cmocka_unit_test(peaks_of_a_spectrum),
        cmocka_unit_test(levels_and_threads_agree),
        cmocka_unit_test(quick_is_near_double),
        cmocka_unit_test(quick_keeps_its_bound),
        cmocka_unit_test(portions_do_not_matter),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(want_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
