/* rhythm: kernels and functions against their definitions in double, click trains, independence of
 * threads, levels and blocks, refusals, failing allocation. Against librosa itself:
 * tests/librosa/test_rhythm.py. */
#include "test.h"

#include <stdatomic.h>

#include "kernel/kernels.h"
#include "rhythm/rhythm.h"

#define RATE 22050.0
#define HOP  512

static const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};

static HhContext *context_of(int threads, HhCpuLevel level)
{
    HhContextParams params = HH_CONTEXT_PARAMS_INIT;
    params.threads = threads;
    params.cpu_level = level;
    HhContext *context;
    assert_int_equal(hh_context_create(&params, &context), HH_OK);
    return context;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* ---- kernels ---- */

static void median_of_columns(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t rows = 1; rows <= 131; rows += 13)
        for (int coarse = 0; coarse < 2; coarse++) {
            float *tile = malloc(rows * HH_TILE * sizeof *tile),
                  *column = malloc(rows * sizeof *column), median[HH_TILE];
            for (size_t i = 0; i < rows * HH_TILE; i++) {
                double x = fabs(test_noise(&seed));
                tile[i] = (float)(coarse ? floor(x * 4.0) : x * 1e-20);
            }
            for (size_t l = 0; l < HH_COUNT(levels); l++) {
                const HhKernels *k = hh_kernels_at(levels[l]);
                if (!k) continue;
                k->rhythm->tile_median(tile, rows, median);
                for (size_t c = 0; c < HH_TILE; c++) {
                    for (size_t r = 0; r < rows; r++) column[r] = tile[r * HH_TILE + c];
                    qsort(column, rows, sizeof *column, compare_floats);
                    float want = rows % 2 ? column[rows / 2]
                                          : 0.5f * (column[rows / 2 - 1] + column[rows / 2]);
                    assert_memory_equal(&median[c], &want, sizeof want);
                }
            }
            free(tile);
            free(column);
        }
}

static void sums_of_rises(void **state)
{
    (void)state;
    uint64_t seed = 8;
    float now[200], before[200], rise[200], first = 0.0f;
    for (size_t n = 0; n <= 200; n += 25) {
        double want = 0.0;
        for (size_t i = 0; i < n; i++) {
            now[i] = (float)test_noise(&seed);
            before[i] = (float)test_noise(&seed);
            want += HH_MAX((double)now[i] - (double)before[i], 0.0);
        }
        for (size_t l = 0; l < HH_COUNT(levels); l++) {
            const HhKernels *k = hh_kernels_at(levels[l]);
            if (!k) continue;
            float sum = k->rhythm->rise_sum(now, before, n);
            if (l == 0) first = sum;
            assert_true(fabs((double)sum - want) <= 1e-6 * want);
            assert_memory_equal(&sum, &first, sizeof sum);
            k->rhythm->rise(now, before, rise, n);
            for (size_t i = 0; i < n; i++)
                assert_true(rise[i] == (now[i] > before[i] ? now[i] - before[i] : 0.0f));
        }
    }
}

static void best_predecessors(void **state)
{
    (void)state;
    enum { FROM = 7, TO = 30 };
    uint64_t seed = 2;
    double score[TO + HH_TILE], penalty[TO - FROM + 1], best[HH_TILE], distance[HH_TILE];
    for (size_t i = 0; i < HH_COUNT(score); i++)
        score[i] = i < 25 ? -(double)INFINITY : floor(4.0 * test_noise(&seed));
    for (size_t i = 0; i < HH_COUNT(penalty); i++)
        penalty[i] = floor(3.0 * fabs(test_noise(&seed)));
    for (size_t l = 0; l < HH_COUNT(levels); l++) {
        const HhKernels *k = hh_kernels_at(levels[l]);
        if (!k) continue;
        k->rhythm->best_predecessor(score + TO, penalty, FROM, TO, best, distance);
        for (int lane = 0; lane < HH_TILE; lane++) {
            double top = -(double)INFINITY, at = -1.0;
            for (int d = FROM; d <= TO; d++)
                if (score[TO + lane - d] - penalty[d - FROM] > top) {
                    top = score[TO + lane - d] - penalty[d - FROM];
                    at = d;
                }
            assert_true(best[lane] == top && distance[lane] == at);
        }
    }
}

/* ---- signals ---- */

/* Decaying bursts of noise at `bpm`, every fourth one louder. */
static float *clicks(double bpm, double seconds, double rate, size_t *length)
{
    *length = (size_t)(seconds * rate);
    float *y = calloc(*length, sizeof *y);
    uint64_t seed = 11;
    for (int k = 0; k * 60.0 / bpm < seconds; k++) {
        size_t start = (size_t)(k * 60.0 / bpm * rate + 0.5);
        for (size_t n = 0; n < 900 && start + n < *length; n++)
            y[start + n] +=
                (float)((k % 4 ? 0.6 : 0.9) * test_noise(&seed) * exp(-(double)n / 150.0));
    }
    return y;
}

/* Rises here and there over a floor, with many equal values. */
static void random_envelope(float *x, size_t n, uint64_t seed)
{
    for (size_t t = 0; t < n; t++) {
        double r = test_noise(&seed);
        x[t] = (float)(r > 0.7 ? floor(8.0 * r) : t % 13 == 0 ? 6.0 : 0.0);
    }
}

/* ---- tempo ---- */

static void click_trains_to_half_a_percent(void **state)
{
    (void)state;
    const double tempos[] = {60,    63.7, 70,  75,  80,  87.3, 90,  96,  100, 105, 110, 120,
                             125.4, 128,  135, 140, 145, 150,  160, 170, 174, 180, 190, 200};
    const double rates[] = {22050.0, 44100.0};
    for (size_t r = 0; r < HH_COUNT(rates); r++)
        for (size_t i = 0; i < HH_COUNT(tempos); i++) {
            size_t length;
            float *y = clicks(tempos[i], 16.0, rates[r], &length);
            const float *channel = y;
            const HhSignal signal = {&channel, 1, length, rates[r]};
            HhTempoEstimate estimate;
            HhArray beats = HH_ARRAY_INIT;
            assert_int_equal(hh_tempo_refine(NULL, &signal, NULL, &estimate, &beats), HH_OK);
            if (fabs(estimate.bpm / tempos[i] - 1.0) > 0.005)
                fail_msg("%g BPM at %g Hz is found as %g", tempos[i], rates[r], estimate.bpm);
            assert_true(estimate.confidence > 0.5 && estimate.confidence <= 1.0);
            assert_true(estimate.beat_confidence > 0.5 && estimate.beat_confidence <= 1.0);
            const double *at = beats.data;
            assert_true(beats.shape[0] >= (size_t)(14.0 * tempos[i] / 60.0));
            for (size_t b = 0; b < beats.shape[0]; b++) {
                double nearest = round(at[b] * tempos[i] / 60.0) * 60.0 / tempos[i];
                if (fabs(at[b] - nearest) > 0.040)
                    fail_msg("%g BPM at %g Hz: a beat at %g s", tempos[i], rates[r], at[b]);
            }
            hh_array_free(&beats);
            free(y);
        }
}

static double tempo_of(const float *y, size_t length)
{
    const HhSignal signal = {&y, 1, length, 44100.0};
    HhTempoEstimate estimate;
    assert_int_equal(hh_tempo_refine(NULL, &signal, NULL, &estimate, NULL), HH_OK);
    return estimate.bpm;
}

/* Clips shorter than the window of the autocorrelation: right, and the same with a little silence
 * behind them, as encoders leave it. */
static void short_clips_have_a_tempo(void **state)
{
    (void)state;
    const double tempos[] = {96, 120, 140, 174}, seconds[] = {2.5, 4.0, 7.0};
    for (size_t i = 0; i < HH_COUNT(tempos); i++)
        for (size_t k = 0; k < HH_COUNT(seconds); k++) {
            size_t length;
            float *y = clicks(tempos[i], seconds[k], 44100.0, &length);
            double whole = tempo_of(y, length), less = tempo_of(y, length - 900);
            if (fabs(whole / tempos[i] - 1.0) > 0.01 || fabs(less / whole - 1.0) > 0.005)
                fail_msg("%g BPM for %g s is found as %g, and as %g", tempos[i], seconds[k], whole,
                         less);
            free(y);
        }
    size_t length;
    float *y = clicks(150.0, 0.6, 44100.0, &length); /* two hits are no tempo yet */
    assert_true(isnan(tempo_of(y, length)));
    free(y);
}

/* What follows the music is no part of its tempo. */
static void silence_behind_the_music(void **state)
{
    (void)state;
    size_t length, silence = (size_t)(300 * RATE);
    float *y = clicks(200.0, 40.0, RATE, &length);
    for (size_t i = 0; i < length; i++) y[i] += 0.05f * (float)(rand() % 2001 - 1000) / 1000.0f;
    y = realloc(y, (length + silence) * sizeof *y);
    memset(y + length, 0, silence * sizeof *y);
    HhTempoEstimate alone, followed;
    const float *channel = y;
    HhSignal signal = {&channel, 1, length, RATE};
    assert_int_equal(hh_tempo_refine(NULL, &signal, NULL, &alone, NULL), HH_OK);
    signal.length += silence;
    assert_int_equal(hh_tempo_refine(NULL, &signal, NULL, &followed, NULL), HH_OK);
    assert_true(fabs(alone.bpm / 200.0 - 1.0) < 0.005);
    assert_true(fabs(followed.bpm / alone.bpm - 1.0) < 0.005);
    assert_true(fabs(followed.confidence - alone.confidence) < 0.1);
    free(y);
}

static void onsets_of_clicks(void **state)
{
    (void)state;
    size_t length;
    float *y = clicks(90.0, 12.0, RATE, &length);
    const float *channel = y;
    const HhSignal signal = {&channel, 1, length, RATE};
    HhOnsetDetectParams params;
    hh_onset_detect_defaults(&params);
    params.units = HH_UNITS_TIME;
    HhArray onsets = HH_ARRAY_INIT;
    assert_int_equal(hh_onset_detect(NULL, &signal, &params, &onsets), HH_OK);
    assert_int_equal(onsets.type, HH_FLOAT64);
    assert_int_equal(onsets.shape[0], 17); /* 18 clicks; nothing rises before the first */
    for (size_t i = 0; i < onsets.shape[0]; i++)
        assert_true(fabs(((double *)onsets.data)[i] - (double)(i + 1) * 60.0 / 90.0) < 0.04);
    hh_array_free(&onsets);

    /* of doubles the same, and beats too */
    double *wide = malloc(length * sizeof *wide);
    for (size_t n = 0; n < length; n++) wide[n] = (double)y[n];
    const double *channel_f64 = wide;
    const HhSignal doubles = {
        .channels = 1, .length = length, .rate = RATE, .channel_f64 = &channel_f64};
    assert_int_equal(hh_onset_detect(NULL, &doubles, &params, &onsets), HH_OK);
    assert_int_equal(onsets.shape[0], 17);
    hh_array_free(&onsets);
    HhArray tempo[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT}, beats[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    assert_int_equal(hh_beat_track(NULL, &signal, NULL, &tempo[0], &beats[0]), HH_OK);
    assert_int_equal(hh_beat_track(NULL, &doubles, NULL, &tempo[1], &beats[1]), HH_OK);
    assert_int_equal(beats[0].shape[0], beats[1].shape[0]);
    assert_memory_equal(beats[0].data, beats[1].data, beats[0].shape[0] * sizeof(int64_t));
    for (int i = 0; i < 2; i++) {
        hh_array_free(&tempo[i]);
        hh_array_free(&beats[i]);
    }
    free(wide);
    free(y);
}

/* An envelope of doubles goes the way of one of floats, and what only doubles can tell counts. */
static void envelopes_of_doubles(void **state)
{
    (void)state;
    enum { LENGTH = 400 };
    float x[LENGTH];
    double wide[LENGTH];
    random_envelope(x, LENGTH, 5);
    for (int t = 0; t < LENGTH; t++) wide[t] = (double)x[t];
    const float *channel = x;
    const double *channel_f64 = wide;
    const HhSignal envelope[2] = {
        {.channels = 1, .length = LENGTH, .rate = RATE, .channel = &channel},
        {.channels = 1, .length = LENGTH, .rate = RATE, .channel_f64 = &channel_f64}};
    HhArray onsets[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT}, pulse[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT},
            tempo[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT}, beats[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT},
            tempogram[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hh_onset_detect_envelope(NULL, &envelope[i], NULL, &onsets[i]), HH_OK);
        assert_int_equal(hh_beat_track_envelope(NULL, &envelope[i], NULL, &tempo[i], &beats[i]),
                         HH_OK);
        assert_int_equal(hh_plp_envelope(NULL, &envelope[i], NULL, &pulse[i], NULL), HH_OK);
        assert_int_equal(hh_fourier_tempogram_envelope(NULL, &envelope[i], NULL, &tempogram[i]),
                         HH_OK);
    }
    assert_true(onsets[0].shape[0] > 0 && onsets[0].shape[0] == onsets[1].shape[0]);
    assert_memory_equal(onsets[0].data, onsets[1].data, onsets[0].shape[0] * sizeof(int64_t));
    assert_true(beats[0].shape[0] > 0 && beats[0].shape[0] == beats[1].shape[0]);
    assert_memory_equal(beats[0].data, beats[1].data, beats[0].shape[0] * sizeof(int64_t));
    assert_int_equal(pulse[0].type, HH_FLOAT32);
    assert_int_equal(pulse[1].type, HH_FLOAT64);
    assert_int_equal(tempogram[0].type, HH_COMPLEX64);
    assert_int_equal(tempogram[1].type, HH_COMPLEX128);
    double largest = 0.0;
    for (int t = 0; t < LENGTH; t++) largest = HH_MAX(largest, ((double *)pulse[1].data)[t]);
    assert_true(fabs(largest - 1.0) < 1e-15);
    for (int i = 0; i < 2; i++) {
        hh_array_free(&onsets[i]);
        hh_array_free(&tempo[i]);
        hh_array_free(&beats[i]);
        hh_array_free(&pulse[i]);
        hh_array_free(&tempogram[i]);
    }

    /* A plateau in float, a peak in double; NaN is none and has none beside it. */
    double y[8] = {0.0, 0.5, 1.0, 1.0 + 1e-12, 0.5, 3.0, (double)NAN, 0.0};
    float narrow[8];
    for (int i = 0; i < 8; i++) narrow[i] = (float)y[i];
    const float *narrow_channel = narrow;
    const double *y_channel = y;
    HhPeakPickParams params;
    hh_peak_pick_defaults(&params);
    params.post_max = 2.0;
    params.wait = 0.0;
    HhArray flags = HH_ARRAY_INIT;
    const HhSignal exact = {.channels = 1, .length = 8, .rate = 1.0, .channel_f64 = &y_channel};
    assert_int_equal(hh_peak_flags(NULL, &exact, &params, &flags), HH_OK);
    for (size_t i = 0; i < 8; i++) assert_int_equal(((unsigned char *)flags.data)[i], 0);
    hh_array_free(&flags);
    y[6] = 0.0, narrow[6] = 0.0f;
    assert_int_equal(hh_peak_flags(NULL, &exact, &params, &flags), HH_OK);
    assert_memory_equal(flags.data, "\0\0\0\1\0\1\0\0", 8);
    hh_array_free(&flags);
    const HhSignal rounded = {.channels = 1, .length = 8, .rate = 1.0, .channel = &narrow_channel};
    assert_int_equal(hh_peak_flags(NULL, &rounded, &params, &flags), HH_OK);
    assert_memory_equal(flags.data, "\0\0\1\1\0\1\0\0", 8);
    hh_array_free(&flags);
}

/* Of an envelope that is there, by the recursion, whatever its type. */
static void detrending(void **state)
{
    (void)state;
    enum { LENGTH = 100 };
    float x[LENGTH];
    double wide[LENGTH], y = 0.0;
    random_envelope(x, LENGTH, 7);
    for (int t = 0; t < LENGTH; t++) wide[t] = (double)x[t];
    const float *channel = x;
    const double *channel_f64[2] = {wide, wide};
    const HhSignal floats = {.channels = 1, .length = LENGTH, .rate = 1.0, .channel = &channel};
    const HhSignal doubles = {
        .channels = 2, .length = LENGTH, .rate = 1.0, .channel_f64 = channel_f64};
    HhArray out[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
    assert_int_equal(hh_onset_detrend(NULL, &floats, &out[0]), HH_OK);
    assert_int_equal(hh_onset_detrend(NULL, &doubles, &out[1]), HH_OK);
    assert_memory_equal(out[0].data, out[1].data, LENGTH * sizeof(double));
    assert_memory_equal(out[0].data, (double *)out[1].data + LENGTH, LENGTH * sizeof(double));
    for (int t = 0; t < LENGTH; t++) {
        y = wide[t] - (t > 0 ? wide[t - 1] : 0.0) + 0.99 * y;
        assert_true(fabs(((double *)out[0].data)[t] - y) < 1e-12);
    }
    hh_array_free(&out[0]);
    hh_array_free(&out[1]);
    const HhSignal none = {.channels = 1, .length = 0, .rate = 1.0, .channel = &channel};
    assert_int_equal(hh_onset_detrend(NULL, &none, &out[0]), HH_ERROR_EMPTY);
}

static void silence_is_unknown(void **state)
{
    (void)state;
    float *y = calloc(60000, sizeof *y);
    const float *channel = y;
    const HhSignal signal = {&channel, 1, 60000, RATE};
    HhTempoEstimate estimate;
    HhArray beats = HH_ARRAY_INIT, tempo = HH_ARRAY_INIT, onsets = HH_ARRAY_INIT;
    assert_int_equal(hh_tempo_refine(NULL, &signal, NULL, &estimate, &beats), HH_OK);
    assert_true(isnan(estimate.bpm) && isnan(estimate.confidence) &&
                isnan(estimate.beat_confidence));
    assert_int_equal(beats.shape[0], 0);
    hh_array_free(&beats);
    assert_int_equal(hh_beat_track(NULL, &signal, NULL, &tempo, &beats), HH_OK);
    assert_true(*(double *)tempo.data == 0.0);
    assert_int_equal(beats.shape[0], 0);
    hh_array_free(&beats);
    hh_array_free(&tempo);
    assert_int_equal(hh_onset_detect(NULL, &signal, NULL, &onsets), HH_OK);
    assert_int_equal(onsets.shape[0], 0);
    hh_array_free(&onsets);
    free(y);
}

/* ---- onset strength ---- */

static void blocks_do_not_matter(void **state)
{
    (void)state;
    enum { FRAMES = 333, BANDS = 40 };
    uint64_t seed = 3;
    float *rows = malloc(FRAMES * BANDS * sizeof *rows), *whole = calloc(FRAMES, 4),
          *cut = calloc(FRAMES, 4);
    for (size_t i = 0; i < FRAMES * BANDS; i++) rows[i] = (float)exp(12.0 * test_noise(&seed));
    const size_t blocks[] = {1, 7, 64, 100};
    for (int aggregate = HH_AGGREGATE_MEAN; aggregate <= HH_AGGREGATE_MEDIAN; aggregate++) {
        HhOnsetSetup setup = {.bands = BANDS,
                              .frames = FRAMES,
                              .lag = 3,
                              .max_size = aggregate == HH_AGGREGATE_MEAN ? 4 : 1,
                              .shift = 2,
                              .power = true,
                              .aggregate = (HhAggregate)aggregate,
                              .maximum = (float)exp(12.0)};
        HhOnsetStream *stream;
        assert_int_equal(hh_onset_stream_create(NULL, &setup, &stream), HH_OK);
        hh_onset_stream_push(stream, rows, FRAMES, whole);
        hh_onset_stream_destroy(stream);
        double sum = 0.0;
        for (size_t t = 0; t < FRAMES; t++) sum += (double)whole[t];
        assert_true(whole[4] == 0.0f && sum > 0.0);
        for (size_t b = 0; b < HH_COUNT(blocks); b++) {
            memset(cut, 0, FRAMES * sizeof *cut);
            assert_int_equal(hh_onset_stream_create(NULL, &setup, &stream), HH_OK);
            for (size_t t = 0; t < FRAMES; t += blocks[b])
                hh_onset_stream_push(stream, rows + t * BANDS, HH_MIN(blocks[b], FRAMES - t), cut);
            hh_onset_stream_destroy(stream);
            assert_memory_equal(cut, whole, FRAMES * sizeof *cut);
        }
    }
    free(rows);
    free(whole);
    free(cut);
}

/* A spectrogram in dB of known values: strength of frame t is the mean rise since the frame
 * before. */
static void strength_by_definition(void **state)
{
    (void)state;
    enum { FRAMES = 50, BINS = 9 };
    float db[FRAMES * BINS];
    uint64_t seed = 17;
    for (size_t i = 0; i < HH_COUNT(db); i++) db[i] = (float)(40.0 * test_noise(&seed));
    const HhArray spectrogram = {HH_FLOAT32, 3, {1, FRAMES, BINS, 0}, db, {NULL, NULL, NULL}};
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_onset_strength_spectrogram(NULL, &spectrogram, NULL, NULL, &out), HH_OK);
    assert_int_equal(out.dimensions, 2);
    assert_int_equal(out.shape[1], FRAMES);
    for (size_t t = 0; t < FRAMES; t++) {
        double want = 0.0;
        for (size_t b = 0; t >= 3 && b < BINS; b++)
            want +=
                HH_MAX((double)db[(t - 2) * BINS + b] - (double)db[(t - 3) * BINS + b], 0.0) / BINS;
        assert_true(fabs((double)((float *)out.data)[t] - want) < 1e-5);
    }
    hh_array_free(&out);
}

/* ---- tempogram ---- */

static void tempogram_by_definition(void **state)
{
    (void)state;
    enum { FRAMES = 90, WIN = 24, STEP = 7 };
    float x[FRAMES], *const channel = x;
    random_envelope(x, FRAMES, 4);
    x[0] = 5.0f;
    const HhSignal envelope = {(const float *const *)&channel, 1, FRAMES, RATE};
    HhTempogramParams params;
    hh_tempogram_defaults(&params);
    params.win_length = WIN;
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_tempogram_envelope(NULL, &envelope, &params, &out), HH_OK);
    assert_int_equal(out.shape[1], FRAMES);
    double mean[WIN] = {0}, some[WIN] = {0}, got[WIN];
    for (size_t t = 0; t < FRAMES; t++) {
        double frame[WIN], lags[WIN] = {0};
        for (int n = 0; n < WIN; n++) {
            int i = (int)t + n - WIN / 2;
            double value = i < 0 ? (double)x[0] * (i + WIN / 2) / (WIN / 2)
                           : i >= FRAMES
                               ? (double)x[FRAMES - 1] * (FRAMES - 1 + WIN / 2 - i) / (WIN / 2)
                               : (double)x[i];
            frame[n] = value * (0.5 - 0.5 * cos(6.283185307179586 * n / WIN));
        }
        for (int k = 0; k < WIN; k++)
            for (int n = 0; n + k < WIN; n++) lags[k] += frame[n] * frame[n + k];
        for (int k = 0; k < WIN; k++) {
            double want = lags[0] > 0.0 ? lags[k] / lags[0] : 0.0;
            assert_true(fabs(((double *)out.data)[t * WIN + (size_t)k] - want) < 1e-6);
            mean[k] += ((double *)out.data)[t * WIN + (size_t)k] / FRAMES;
            if (t % STEP == 0)
                some[k] += ((double *)out.data)[t * WIN + (size_t)k] / ((FRAMES + STEP - 1) / STEP);
        }
    }
    assert_int_equal(hh_tempogram_mean(NULL, (HhCurve){.f32 = x}, FRAMES, WIN, got), HH_OK);
    for (size_t k = 0; k < WIN; k++) assert_true(fabs(got[k] - mean[k]) < 1e-13);
    assert_int_equal(hh_tempogram_mean_of_some(NULL, (HhCurve){.f32 = x}, FRAMES, WIN, STEP, got),
                     HH_OK);
    for (size_t k = 0; k < WIN; k++) assert_true(fabs(got[k] - some[k]) < 1e-13);
    hh_array_free(&out);
}

/* Onsets of very different heights in silence, where the weights of frames span 14 decades. */
static void the_mean_survives_silence(void **state)
{
    (void)state;
    enum { FRAMES = 2600, MOST = 400 };
    static const size_t windows[] = {1, 2, 3, 17, 400};
    float *x = calloc(FRAMES, sizeof *x);
    for (int i = 300; i < 1500; i++) x[i] = 1e-6f * (float)(i % 7);
    for (int i = 500; i < 2500; i += 170) x[i] = i % 3 == 0 ? 30.0f : 1e-3f;
    for (size_t w = 0; w < HH_COUNT(windows); w++) {
        double want[MOST], got[MOST], first[MOST] = {0};
        assert_int_equal(
            hh_tempogram_mean_of_some(NULL, (HhCurve){.f32 = x}, FRAMES, windows[w], 1, want),
            HH_OK);
        for (size_t l = 0; l < HH_COUNT(levels); l++) {
            HhContext *context = context_of(l == 1 ? 1 : 3, levels[l]);
            assert_int_equal(
                hh_tempogram_mean(context, (HhCurve){.f32 = x}, FRAMES, windows[w], got), HH_OK);
            for (size_t k = 0; k < windows[w]; k++) assert_true(fabs(got[k] - want[k]) < 1e-11);
            if (l == 0) memcpy(first, got, sizeof first);
            assert_memory_equal(got, first, windows[w] * sizeof *got);
            hh_context_destroy(context);
        }
    }
    free(x);
}

static void means_of_columns_agree_with_the_whole(void **state)
{
    (void)state;
    enum { FRAMES = 2500, WIN = 100, COLUMNS = 7 };
    float *x = malloc(FRAMES * sizeof *x);
    random_envelope(x, FRAMES, 9);
    double means[COLUMNS * WIN], whole[WIN], sum[WIN] = {0};
    HhContext *context = context_of(3, HH_CPU_BEST);
    assert_int_equal(hh_tempogram_means(context, (HhCurve){.f32 = x}, FRAMES, WIN, COLUMNS, means),
                     HH_OK);
    assert_int_equal(hh_tempogram_mean(NULL, (HhCurve){.f32 = x}, FRAMES, WIN, whole), HH_OK);
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t k = 0; k < WIN; k++)
            sum[k] += means[c * WIN + k] *
                      (double)((c + 1) * FRAMES / COLUMNS - c * FRAMES / COLUMNS) / FRAMES;
    for (size_t k = 0; k < WIN; k++) assert_true(fabs(sum[k] - whole[k]) < 1e-13);
    hh_context_destroy(context);
    free(x);
}

/* ---- beats ---- */

/* The dynamic programme as it is written down, for an envelope whose scale is known; returns the
 * score of the best path that ends at `end`. */
static double path_score(const double *local, const double *score, int end, int period,
                         double tightness)
{
    double best = -(double)INFINITY;
    for (int d = (int)nearbyint(period / 2.0); d <= 2 * period && d <= end; d++) {
        double x = log((double)d) - log((double)period);
        best = HH_MAX(best, score[end - d] - tightness * x * x);
    }
    return isinf(best) ? local[end] : local[end] + best;
}

/* The flags of hh_beat_flags() form a path of the best score that ends in its last beat. */
static void beats_are_a_best_path(void **state)
{
    (void)state;
    enum { FRAMES = 400 };
    float x[FRAMES];
    const double rate = 22050.0, tightness = 100.0;
    for (int period = 5; period <= 41; period += 9) {
        HhBeatEnd end = period % 2 ? HH_BEAT_END_LIBROSA : HH_BEAT_END_HIGHEST;
        uint64_t seed = (uint64_t)period;
        double mean = 0.0, variance = 0.0, local[FRAMES], score[FRAMES],
               bpm = 60.0 * rate / HOP / period;
        for (size_t t = 0; t < FRAMES; t++)
            mean += (double)(x[t] = (float)fabs(test_noise(&seed))) / FRAMES;
        for (size_t t = 0; t < FRAMES; t++)
            variance += ((double)x[t] - mean) * ((double)x[t] - mean) / (FRAMES - 1);
        for (int t = 0; t < FRAMES; t++) {
            local[t] = 0.0;
            for (int k = -period; k <= period; k++)
                if (t - k >= 1 && t - k < FRAMES) {
                    double g = 32.0 * k / period;
                    local[t] += exp(-0.5 * g * g) * (double)x[t - k] / sqrt(variance);
                }
            score[t] = path_score(local, score, t, period, tightness);
        }
        unsigned char flags[FRAMES];
        assert_int_equal(hh_beat_flags(NULL, (HhCurve){.f32 = x}, FRAMES, rate, HOP, &bpm, false,
                                       tightness, end, false, flags),
                         HH_OK);
        int before = -1, count = 0;
        double sum = 0.0;
        for (int t = 0; t < FRAMES; t++)
            if (flags[t]) {
                double step = before >= 0 ? log((double)(t - before)) - log((double)period) : 0.0;
                sum = before >= 0 ? sum + local[t] - tightness * step * step : score[t];
                before = t;
                count++;
            }
        assert_true(count >= FRAMES / period / 2);
        assert_true(fabs(sum - score[before]) < 1e-4 * fabs(sum));
    }
}

static void picks_and_backtracks(void **state)
{
    (void)state;
    const float x[] = {0, 3, 1, 0, 5, 5, 2, 1, 0, 9, 0};
    HhArray peaks = HH_ARRAY_INIT, moved = HH_ARRAY_INIT;
    HhPeakPickParams params;
    hh_peak_pick_defaults(&params);
    params.wait = 0.0;
    assert_int_equal(hh_peak_pick(NULL, x, HH_COUNT(x), &params, &peaks), HH_OK);
    const int64_t want[] = {1, 4, 5, 9}, back[] = {0, 3, 3, 8};
    assert_int_equal(peaks.shape[0], 4);
    assert_memory_equal(peaks.data, want, sizeof want);
    assert_int_equal(hh_onset_backtrack(NULL, want, 4, x, HH_COUNT(x), &moved), HH_OK);
    assert_memory_equal(moved.data, back, sizeof back);
    hh_array_free(&peaks);
    hh_array_free(&moved);
}

static void pulse_is_a_share_of_its_maximum(void **state)
{
    (void)state;
    enum { FRAMES = 700 };
    float x[FRAMES], *const channel = x;
    for (size_t t = 0; t < FRAMES; t++) x[t] = t % 20 == 10 ? 1.0f : 0.0f;
    const HhSignal envelope = {(const float *const *)&channel, 1, FRAMES, RATE};
    HhArray pulse = HH_ARRAY_INIT;
    assert_int_equal(hh_plp_envelope(NULL, &envelope, NULL, &pulse, NULL), HH_OK);
    const float *p = pulse.data;
    float largest = 0.0f;
    for (size_t t = 0; t < FRAMES; t++) {
        assert_true(p[t] >= 0.0f && p[t] <= 1.0f);
        largest = HH_MAX(largest, p[t]);
    }
    assert_true(largest == 1.0f);
    hh_array_free(&pulse);
}

/* Around a lone onset all components are equally strong: in every frame whose window sees it. */
static void counts_the_frames_that_rounding_decides(void **state)
{
    (void)state;
    enum { FRAMES = 700, WIN = 100, AT = 300 };
    float x[2][FRAMES] = {{0}};
    double wide[FRAMES];
    x[0][AT] = 1.0f;
    random_envelope(x[1], FRAMES, 7);
    for (size_t t = 0; t < FRAMES; t++) wide[t] = (double)x[0][t];
    const float *const channel[] = {x[0], x[1]};
    const double *const channel_f64 = wide;
    const HhSignal envelope[] = {
        {.channels = 2, .length = FRAMES, .rate = RATE, .channel = channel},
        {.channels = 1, .length = FRAMES, .rate = RATE, .channel_f64 = &channel_f64}};
    HhPlpParams params;
    hh_plp_defaults(&params);
    params.win_length = WIN;
    for (size_t i = 0; i < HH_COUNT(envelope); i++) {
        HhArray pulse = HH_ARRAY_INIT, undecided = HH_ARRAY_INIT;
        assert_int_equal(hh_plp_envelope(NULL, &envelope[i], &params, &pulse, &undecided), HH_OK);
        assert_int_equal(undecided.type, HH_INT64);
        assert_int_equal(undecided.dimensions, 1);
        assert_int_equal(undecided.shape[0], envelope[i].channels);
        const int64_t *count = undecided.data;
        assert_int_equal(count[0], WIN - 1); /* the window's first value is 0 */
        if (i == 0) assert_int_equal(count[1], 0);
        hh_array_free(&pulse);
        hh_array_free(&undecided);
    }
}

/* ---- independence ---- */

typedef HhStatus Function(HhContext *context, const HhSignal *y, HhArray out[2]);

static HhStatus strength(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HhOnsetStrengthParams params;
    hh_onset_strength_defaults(&params);
    params.aggregate = HH_AGGREGATE_MEDIAN;
    params.max_size = 3;
    HH_TRY(hh_onset_strength(context, y, &params, &out[0]));
    params.aggregate = HH_AGGREGATE_MEAN;
    params.detrend = true;
    static const size_t edges[] = {0, 30, 128};
    params.edges = edges;
    params.edge_count = 3;
    return hh_onset_strength_multi(context, y, &params, &out[1]);
}

static HhStatus onsets_and_tempo(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HhOnsetDetectParams params;
    hh_onset_detect_defaults(&params);
    params.sparse = false;
    HH_TRY(hh_onset_detect(context, y, &params, &out[0]));
    return hh_tempo(context, y, NULL, &out[1]);
}

static HhStatus tempograms(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HH_TRY(hh_tempogram(context, y, NULL, &out[0]));
    return hh_fourier_tempogram(context, y, NULL, &out[1]);
}

static HhStatus beats_of_channels(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HhBeatTrackParams params;
    hh_beat_track_defaults(&params);
    params.sparse = false;
    return hh_beat_track(context, y, &params, &out[0], &out[1]);
}

static HhStatus pulse_and_beats(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HH_TRY(hh_plp(context, y, NULL, &out[0]));
    HhTempoEstimate estimate;
    return hh_tempo_refine(context, y, NULL, &estimate, &out[1]);
}

/* The first samples for an envelope. */
static HhStatus pulse_and_undecided(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HhSignal envelope = *y;
    envelope.length = HH_MIN(y->length, (size_t)1000);
    return hh_plp_envelope(context, &envelope, NULL, &out[0], &out[1]);
}

static HhStatus tempo_of_frames(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HhTempoParams params;
    hh_tempo_defaults(&params);
    params.aggregate = HH_AGGREGATE_NONE;
    HH_TRY(hh_tempo(context, y, &params, &out[0]));
    params.aggregate = HH_AGGREGATE_MEDIAN;
    return hh_tempo(context, y, &params, &out[1]);
}

static HhStatus analysis(HhContext *context, const HhSignal *y, HhArray out[2])
{
    HH_TRY(hh_onset_strength(context, y, NULL, &out[0]));
    HhRhythm rhythm;
    HhStatus status = hh_rhythm_analyse(context, out[0].data, out[0].data, out[0].shape[1], RATE,
                                        HOP, 5, &rhythm);
    if (status != HH_OK) return status;
    assert_int_equal(rhythm.columns, 5);
    assert_true(rhythm.beats > 0 && rhythm.onsets > 0 && rhythm.librosa_beats > 0 &&
                rhythm.librosa_tempo_bpm > 0.0);
    status = hh_array_make(context, &out[1], HH_FLOAT64, 1, rhythm.columns * rhythm.lags);
    if (status == HH_OK)
        memcpy(out[1].data, rhythm.tempogram, rhythm.columns * rhythm.lags * sizeof(double));
    hh_rhythm_free(context, &rhythm);
    return status;
}

static HhStatus ratios(HhContext *context, const HhSignal *y, HhArray out[2])
{
    const double bpm[2] = {133.0, 61.5};
    HH_TRY(hh_tempogram(context, y, NULL, &out[0]));
    return hh_tempogram_ratio(context, &out[0], y->rate, bpm, 1, NULL, &out[1]);
}

static Function *const functions[] = {strength,          onsets_and_tempo, tempograms,
                                      beats_of_channels, pulse_and_beats,  pulse_and_undecided,
                                      tempo_of_frames,   analysis,         ratios};

static HhSignal two_channels(const float *channels[2], float **memory)
{
    size_t length;
    *memory = clicks(133.0, 9.0, RATE, &length);
    channels[0] = *memory;
    channels[1] = *memory + 3000;
    return (HhSignal){channels, 2, length - 3000, RATE};
}

static void threads_and_levels_do_not_matter(void **state)
{
    (void)state;
    float *memory;
    const float *channels[2];
    const HhSignal y = two_channels(channels, &memory);
    for (size_t f = 0; f < HH_COUNT(functions); f++) {
        HhArray want[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
        assert_int_equal(functions[f](NULL, &y, want), HH_OK);
        for (size_t l = 0; l < HH_COUNT(levels); l++) {
            HhContext *context = context_of(l == 1 ? 1 : 3, levels[l]);
            HhArray got[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
            assert_int_equal(functions[f](context, &y, got), HH_OK);
            for (size_t i = 0; i < 2; i++) {
                assert_int_equal(hh_array_count(&got[i]), hh_array_count(&want[i]));
                assert_memory_equal(got[i].data, want[i].data,
                                    hh_array_count(&got[i]) * hh_type_bytes(got[i].type));
                hh_array_free(&got[i]);
            }
            hh_context_destroy(context);
        }
        hh_array_free(&want[0]);
        hh_array_free(&want[1]);
    }
    free(memory);
}

/* ---- failure ---- */

typedef struct Meter {
    atomic_long left, live;
} Meter;

static void *metered_allocate(void *user, size_t alignment, size_t bytes)
{
    Meter *meter = user;
    if (atomic_fetch_sub(&meter->left, 1) <= 0) return NULL;
    void *memory = NULL;
    if (posix_memalign(&memory, HH_MAX(alignment, sizeof(void *)), HH_MAX(bytes, (size_t)1)) != 0)
        return NULL;
    atomic_fetch_add(&meter->live, 1);
    return memory;
}

static void metered_release(void *user, void *memory)
{
    Meter *meter = user;
    if (memory) atomic_fetch_sub(&meter->live, 1);
    free(memory);
}

static void failing_allocation_leaks_nothing(void **state)
{
    (void)state;
    float *memory;
    const float *channels[2];
    HhSignal y = two_channels(channels, &memory);
    y.length = 80000;
    for (size_t f = 0; f < HH_COUNT(functions); f++) {
        HhStatus status = HH_ERROR_MEMORY;
        for (long allowed = 0; status == HH_ERROR_MEMORY; allowed++) {
            assert_true(allowed < 500);
            Meter meter = {1000, 0};
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.allocator = (HhAllocator){metered_allocate, metered_release, &meter};
            HhContext *context;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            atomic_store(&meter.left, allowed);
            HhArray out[2] = {HH_ARRAY_INIT, HH_ARRAY_INIT};
            status = functions[f](context, &y, out);
            assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
            hh_array_free(&out[0]);
            hh_array_free(&out[1]);
            hh_context_destroy(context);
            assert_int_equal(atomic_load(&meter.live), 0);
        }
    }
    free(memory);
}

static void refuses_nonsense(void **state)
{
    (void)state;
    float x[40] = {0, 1, 0, 2, 0}, *const channel = x;
    HhSignal one = {(const float *const *)&channel, 1, 40, RATE}, none = {NULL, 1, 40, RATE};
    HhArray out = HH_ARRAY_INIT, other = HH_ARRAY_INIT;
    HhTempoEstimate estimate;
    assert_int_equal(hh_tempo_envelope(NULL, &none, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_tempo_envelope(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
    HhTempoParams tempo;
    hh_tempo_defaults(&tempo);
    tempo.size++;
    assert_int_equal(hh_tempo_envelope(NULL, &one, &tempo, &out), HH_ERROR_ARGUMENT);
    hh_tempo_defaults(&tempo);
    tempo.ac_size = 0.0;
    assert_int_equal(hh_tempo_envelope(NULL, &one, &tempo, &out), HH_ERROR_ARGUMENT);
    hh_tempo_defaults(&tempo);
    tempo.std_bpm = (double)NAN;
    assert_int_equal(hh_tempo_envelope(NULL, &one, &tempo, &out), HH_ERROR_ARGUMENT);
    HhTempogramParams tempogram;
    hh_tempogram_defaults(&tempogram);
    tempogram.center = false;
    assert_int_equal(hh_tempogram_envelope(NULL, &one, &tempogram, &out), HH_ERROR_TOO_SHORT);
    tempogram.norm = -2.0;
    assert_int_equal(hh_tempogram_envelope(NULL, &one, &tempogram, &out), HH_ERROR_ARGUMENT);
    HhBeatTrackParams beat;
    hh_beat_track_defaults(&beat);
    const double bpm[3] = {100.0, 100.0, 100.0};
    beat.bpm = bpm;
    beat.bpm_count = 3;
    assert_int_equal(hh_beat_track_envelope(NULL, &one, &beat, &out, &other), HH_ERROR_ARGUMENT);
    const double fast = 1e9;
    beat.bpm = &fast;
    beat.bpm_count = 1;
    assert_int_equal(hh_beat_track_envelope(NULL, &one, &beat, &out, &other), HH_ERROR_ARGUMENT);
    HhTempoRefineParams refine;
    hh_tempo_refine_defaults(&refine);
    refine.min_bpm = 300.0;
    assert_int_equal(hh_tempo_refine_envelope(NULL, &one, &refine, &estimate, NULL),
                     HH_ERROR_ARGUMENT);
    x[7] = NAN;
    assert_int_equal(hh_beat_track_envelope(NULL, &one, NULL, &out, &other), HH_ERROR_NOT_FINITE);
    assert_int_equal(hh_plp_envelope(NULL, &one, NULL, &out, NULL), HH_ERROR_NOT_FINITE);
    assert_int_equal(hh_onset_detect_envelope(NULL, &one, NULL, &out), HH_OK);
    assert_int_equal(out.shape[0], 0);
    hh_array_free(&out);
    one.length = 0;
    assert_int_equal(hh_onset_detect_envelope(NULL, &one, NULL, &out), HH_ERROR_EMPTY);
    assert_null(out.data);
    assert_null(other.data);
}

/* ---- ratios of a tempogram */

/* By looking at every pair of neighbouring lags. */
static double ratio_by_search(const double *row, const double *bpm, size_t lags, double at,
                              double outside)
{
    double best_low = -HUGE_VAL, best_high = HUGE_VAL, low = 0.0, high = 0.0;
    for (size_t k = 0; k < lags; k++) {
        if (!isfinite(bpm[k])) continue;
        if (bpm[k] <= at && bpm[k] > best_low) best_low = bpm[k], low = row[k];
        if (bpm[k] >= at && bpm[k] < best_high) best_high = bpm[k], high = row[k];
    }
    if (!isfinite(best_low) || !isfinite(best_high)) return outside;
    if (best_low == best_high) return low;
    return low + (high - low) * (at - best_low) / (best_high - best_low);
}

static void ratios_are_read_off_the_tempogram(void **state)
{
    (void)state;
    enum { CHANNELS = 2, FRAMES = 40, LAGS = 50, FACTORS = 13 };
    static const double factors[FACTORS] = {4,       8 / 3.0, 3,   2,       4 / 3.0, 1.5, 1,
                                            2 / 3.0, 0.75,    0.5, 1 / 3.0, 0.375,   0.25};
    static double tempogram[CHANNELS * FRAMES * LAGS], tempo[CHANNELS * FRAMES];
    uint64_t seed = 71;
    double bpm[LAGS], own[LAGS];
    for (size_t i = 0; i < HH_COUNT(tempogram); i++) tempogram[i] = test_noise(&seed);
    for (size_t i = 0; i < HH_COUNT(tempo); i++) tempo[i] = 300.0 * (test_noise(&seed) + 1.0);
    for (size_t k = 0; k < LAGS; k++) {
        bpm[k] = 60.0 * 22050.0 / (512.0 * (double)k);
        own[k] = k % 10 == 3 ? (double)NAN : 20.0 + (double)(k * 37 % LAGS) * 5.0;
    }
    tempo[3] = (double)NAN;
    tempo[4] = bpm[7];
    HhArray t = {.type = HH_FLOAT64, .dimensions = 3, .shape = {CHANNELS, FRAMES, LAGS}};
    t.data = tempogram;
    for (int given = 0; given < 2; given++)
        for (int whole = 0; whole < 2; whole++)
            for (int threads = 1; threads <= 3; threads += 2) {
                HhTempogramRatioParams p;
                hh_tempogram_ratio_defaults(&p);
                p.fill_value = -3.0;
                if (given) p.frequencies = own;
                HhContext *context = context_of(threads, HH_CPU_BEST);
                HhArray out = HH_ARRAY_INIT;
                assert_int_equal(
                    hh_tempogram_ratio(context, &t, 22050.0, tempo, whole ? 1 : FRAMES, &p, &out),
                    HH_OK);
                assert_int_equal(out.shape[2], FACTORS);
                for (size_t row = 0; row < CHANNELS * FRAMES; row++)
                    for (size_t f = 0; f < FACTORS; f++) {
                        double at = tempo[whole ? row / FRAMES : row] * factors[f];
                        double want = ratio_by_search(tempogram + row * LAGS, given ? own : bpm,
                                                      LAGS, at, -3.0);
                        assert_true(fabs(((double *)out.data)[row * FACTORS + f] - want) < 1e-12);
                    }
                hh_array_free(&out);
                hh_context_destroy(context);
            }
    HhArray out = HH_ARRAY_INIT;
    HhTempogramRatioParams nothing;
    hh_tempogram_ratio_defaults(&nothing);
    nothing.factors = factors; /* and a factor_count of 0 */
    assert_int_equal(hh_tempogram_ratio(NULL, &t, 22050.0, tempo, 1, &nothing, &out), HH_OK);
    assert_int_equal(out.shape[2], 0);
    hh_array_free(&out);
    assert_int_equal(hh_tempogram_ratio(NULL, &t, 22050.0, tempo, 7, NULL, &out),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_tempogram_ratio(NULL, &t, 22050.0, NULL, 1, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_tempogram_ratio(NULL, &t, -1.0, tempo, 1, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_tempogram_ratio(NULL, NULL, 22050.0, tempo, 1, NULL, &out),
                     HH_ERROR_ARGUMENT);
    t.shape[2] = 1; /* the only lag has no finite BPM */
    assert_int_equal(hh_tempogram_ratio(NULL, &t, 22050.0, tempo, 1, NULL, &out),
                     HH_ERROR_ARGUMENT);
    assert_null(out.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_are_read_off_the_tempogram),
        cmocka_unit_test(median_of_columns),
        cmocka_unit_test(sums_of_rises),
        cmocka_unit_test(best_predecessors),
        cmocka_unit_test(click_trains_to_half_a_percent),
        cmocka_unit_test(short_clips_have_a_tempo),
        cmocka_unit_test(onsets_of_clicks),
        cmocka_unit_test(envelopes_of_doubles),
        cmocka_unit_test(detrending),
        cmocka_unit_test(silence_behind_the_music),
        cmocka_unit_test(silence_is_unknown),
        cmocka_unit_test(blocks_do_not_matter),
        cmocka_unit_test(strength_by_definition),
        cmocka_unit_test(tempogram_by_definition),
        cmocka_unit_test(the_mean_survives_silence),
        cmocka_unit_test(means_of_columns_agree_with_the_whole),
        cmocka_unit_test(beats_are_a_best_path),
        cmocka_unit_test(picks_and_backtracks),
        cmocka_unit_test(pulse_is_a_share_of_its_maximum),
        cmocka_unit_test(counts_the_frames_that_rounding_decides),
        cmocka_unit_test(threads_and_levels_do_not_matter),
        cmocka_unit_test(failing_allocation_leaks_nothing),
        cmocka_unit_test(refuses_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
