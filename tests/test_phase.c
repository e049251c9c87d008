/* The functions of heihachi/phase.h, and autocorrelation, against their definitions in double;
 * every level and number of threads; bad input; failing memory. */
#include "test.h"

#include <limits.h>

#include "heihachi/phase.h"

static const double pi = 3.14159265358979323846;

/* ---- sounds */

enum { LENGTH = 6000, CHANNELS = 2 };

static float planes[CHANNELS][LENGTH];
static double planes_f64[CHANNELS][LENGTH];
static const float *plane_list[CHANNELS] = {planes[0], planes[1]};

static int make_sound(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int n = 0; n < LENGTH; n++) {
        planes_f64[0][n] = 0.5 * sin(0.05 * n) + 0.3 * test_noise(&seed) * exp(-(n % 3000) / 500.0);
        planes_f64[1][n] = 0.2 * test_noise(&seed);
        for (int c = 0; c < CHANNELS; c++) planes[c][n] = (float)planes_f64[c][n];
    }
    return 0;
}

static HhSignal sound(size_t length)
{
    return (HhSignal){
        .channel = plane_list, .channels = CHANNELS, .length = length, .rate = 22050.0};
}

static HhArray view(HhType type, size_t channels, size_t frames, size_t bins, const void *data)
{
    return (HhArray){.type = type,
                     .dimensions = 3,
                     .shape = {channels, frames, bins},
                     .data = (void *)(uintptr_t)data};
}

/* ---- phase vocoder */

enum { FRAMES = 40, BINS = 300, STEPS = 80 };

static float spectrum_f32[CHANNELS][FRAMES][BINS][2];
static double spectrum_f64[CHANNELS][FRAMES][BINS][2];

static void make_spectrum(void)
{
    uint64_t seed = 7;
    for (int i = 0; i < CHANNELS * FRAMES * BINS * 2; i++) {
        double value = i % 97 < 2 ? 0.0 : test_noise(&seed);
        (&spectrum_f32[0][0][0][0])[i] = (float)value;
        (&spectrum_f64[0][0][0][0])[i] = (double)(float)value;
    }
}

/* One bin of one channel by the definition; with `narrow`, angles and the running phase are
 * rounded to float. */
static void vocode(int channel, int bin, double rate, double advance, bool narrow, size_t steps,
                   double (*out)[2])
{
    double phase = 0.0;
    for (size_t t = 0; t < steps; t++) {
        double at = (double)t * rate, angle[2] = {0}, magnitude[2] = {0};
        for (size_t j = 0; j < 2; j++) {
            size_t column = (size_t)at + j;
            if (column >= FRAMES) continue;
            const double *x = spectrum_f64[channel][column][bin];
            angle[j] = atan2(x[1], x[0]);
            magnitude[j] = hypot(x[0], x[1]);
            if (narrow) angle[j] = (double)(float)angle[j];
        }
        if (t == 0) phase = angle[0];
        double between = at - floor(at);
        double size = (1.0 - between) * magnitude[0] + between * magnitude[1];
        out[t][0] = size * cos(phase);
        out[t][1] = size * sin(phase);
        double step = angle[1] - angle[0];
        if (narrow) step = (double)(float)step;
        step -= advance;
        phase += advance + (step - 2.0 * pi * rint(step / (2.0 * pi)));
        if (narrow) phase = (double)(float)phase;
    }
}

static void the_vocoder_is_its_definition(void **state)
{
    (void)state;
    make_spectrum();
    const struct {
        double rate;
        size_t n_fft, hop, steps;
    } cases[] = {{1.0, 0, 0, 40}, {1.7, 599, 100, 24}, {0.5, 598, 1, 80}, {100.0, 0, 64, 1}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int narrow = 0; narrow < 2; narrow++) {
            HhArray x = narrow ? view(HH_COMPLEX64, CHANNELS, FRAMES, BINS, spectrum_f32)
                               : view(HH_COMPLEX128, CHANNELS, FRAMES, BINS, spectrum_f64);
            HhArray out = HH_ARRAY_INIT;
            HhPhaseVocoderParams p;
            hh_phase_vocoder_defaults(&p);
            p.rate = cases[i].rate;
            p.n_fft = cases[i].n_fft;
            p.hop_length = cases[i].hop;
            assert_int_equal(hh_phase_vocoder(NULL, &x, &p, &out), HH_OK);
            size_t steps = cases[i].steps;
            assert_true(out.type == x.type && out.dimensions == 3 && out.shape[0] == CHANNELS &&
                        out.shape[1] == steps && out.shape[2] == BINS);
            double worst = 0.0, truth[STEPS][2];
            for (int c = 0; c < CHANNELS; c++)
                for (int k = 0; k < BINS; k++) {
                    double n_fft = cases[i].n_fft ? (double)cases[i].n_fft : 2.0 * (BINS - 1);
                    double hop = cases[i].hop ? (double)cases[i].hop : floor(n_fft / 4.0);
                    vocode(c, k, p.rate, hop * 2.0 * pi * k / n_fft, narrow, steps, truth);
                    for (size_t t = 0; t < steps; t++)
                        for (size_t j = 0; j < 2; j++) {
                            size_t at = 2 * (((size_t)c * steps + t) * BINS + (size_t)k) + j;
                            double got = narrow ? (double)((const float *)out.data)[at]
                                                : ((const double *)out.data)[at];
                            worst = fmax(worst, fabs(got - truth[t][j]));
                        }
                }
            /* in float the running phase reaches 3e4, whose last place is 2e-3 */
            assert_true(worst <= (narrow ? 4e-3 : 1e-10));
            hh_array_free(&out);
        }
}

/* A steady sine stays one, at every speed. */
static void the_vocoder_keeps_the_pitch(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    static float sine[LENGTH];
    const float *list[] = {sine};
    for (int n = 0; n < LENGTH; n++) sine[n] = (float)sin(2.0 * pi * 0.04 * n);
    y.channel = list;
    y.channels = 1;
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.n_fft = 512;
    HhIstftParams back;
    hh_istft_defaults(&back);
    for (double rate = 0.4; rate < 2.0; rate += 0.35) {
        HhArray x = HH_ARRAY_INIT, other = HH_ARRAY_INIT, out = HH_ARRAY_INIT;
        assert_int_equal(hh_stft(NULL, &y, &stft, &x), HH_OK);
        HhPhaseVocoderParams p;
        hh_phase_vocoder_defaults(&p);
        p.rate = rate;
        assert_int_equal(hh_phase_vocoder(NULL, &x, &p, &other), HH_OK);
        assert_int_equal(hh_istft(NULL, &other, &back, &out), HH_OK);
        const float *z = out.data;
        size_t count = out.shape[1];
        assert_true(fabs((double)count - LENGTH / rate) < 300.0);
        /* x[n-1] + x[n+1] = 2 cos(w) x[n] for a sine of w radians a sample */
        double sum = 0.0, power = 0.0;
        for (size_t n = 600; n + 600 < count; n++) {
            sum += (double)z[n] * ((double)z[n - 1] + (double)z[n + 1]);
            power += (double)z[n] * (double)z[n];
        }
        assert_true(fabs(acos(sum / power / 2.0) - 2.0 * pi * 0.04) < 1e-4);
        hh_array_free(&x);
        hh_array_free(&other);
        hh_array_free(&out);
    }
}

static void the_vocoder_refuses(void **state)
{
    (void)state;
    HhArray out = HH_ARRAY_INIT, x = view(HH_COMPLEX64, 1, FRAMES, BINS, spectrum_f32);
    HhPhaseVocoderParams p;
#define REFUSES(STATUS, CHANGE)                                                                    \
    do {                                                                                           \
        HhArray other = x;                                                                         \
        hh_phase_vocoder_defaults(&p);                                                             \
        CHANGE;                                                                                    \
        assert_int_equal(hh_phase_vocoder(NULL, &other, &p, &out), STATUS);                        \
        assert_null(out.data);                                                                     \
    } while (0)
    REFUSES(HH_ERROR_ARGUMENT, p.rate = 0.0);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = -1.0);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = (double)NAN);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = (double)INFINITY);
    REFUSES(HH_ERROR_ARGUMENT, p.rate = 1e-300);
    REFUSES(HH_ERROR_ARGUMENT, p.n_fft = 600);
    REFUSES(HH_ERROR_ARGUMENT, p.size = 4);
    REFUSES(HH_ERROR_ARGUMENT, other.type = HH_FLOAT32);
    REFUSES(HH_ERROR_ARGUMENT, other.dimensions = 2);
    REFUSES(HH_ERROR_ARGUMENT, other.shape[2] = 1);
    REFUSES(HH_ERROR_ARGUMENT, other.data = NULL);
    REFUSES(HH_ERROR_EMPTY, other.shape[0] = 0);
    REFUSES(HH_ERROR_EMPTY, other.shape[1] = 0);
    REFUSES(HH_ERROR_EMPTY, other.shape[2] = 0);
#undef REFUSES
    assert_int_equal(hh_phase_vocoder(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
}

/* ---- Griffin and Lim */

enum { SMALL = 700, SMALL_FFT = 64, SMALL_HOP = 16, SMALL_BINS = 33, SMALL_FRAMES = 44 };

/* Hann window of SMALL_FFT samples, periodic. */
static double hann(size_t n)
{
    return 0.5 - 0.5 * cos(2.0 * pi * (double)n / SMALL_FFT);
}

/* The transform and its inverse by their definitions: centred, padded with zeros. */
static void forward(const double *y, size_t length, double (*out)[SMALL_BINS][2])
{
    for (size_t t = 0; t < SMALL_FRAMES; t++)
        for (size_t k = 0; k < SMALL_BINS; k++) {
            double re = 0.0, im = 0.0;
            for (size_t n = 0; n < SMALL_FFT; n++) {
                ptrdiff_t at = (ptrdiff_t)(t * SMALL_HOP + n) - SMALL_FFT / 2;
                if (at < 0 || at >= (ptrdiff_t)length) continue;
                re += hann(n) * y[at] * cos(2.0 * pi * (double)(k * n) / SMALL_FFT);
                im -= hann(n) * y[at] * sin(2.0 * pi * (double)(k * n) / SMALL_FFT);
            }
            out[t][k][0] = re;
            out[t][k][1] = im;
        }
}

static void backward(double (*spectrum)[SMALL_BINS][2], size_t length, double *y)
{
    for (size_t i = 0; i < length; i++) {
        double sum = 0.0, weight = 0.0;
        for (size_t t = 0; t < SMALL_FRAMES; t++) {
            ptrdiff_t n = (ptrdiff_t)(i + SMALL_FFT / 2) - (ptrdiff_t)(t * SMALL_HOP);
            if (n < 0 || n >= SMALL_FFT) continue;
            double x = spectrum[t][0][0] + spectrum[t][SMALL_BINS - 1][0] * (n % 2 ? -1.0 : 1.0);
            for (size_t k = 1; k + 1 < SMALL_BINS; k++) {
                double angle = 2.0 * pi * (double)k * (double)n / SMALL_FFT;
                x += 2.0 * (spectrum[t][k][0] * cos(angle) - spectrum[t][k][1] * sin(angle));
            }
            sum += hann((size_t)n) * x / SMALL_FFT;
            weight += hann((size_t)n) * hann((size_t)n);
        }
        y[i] = weight > 0.0 ? sum / weight : sum;
    }
}

static double target_f64[SMALL_FRAMES][SMALL_BINS], start_f64[SMALL_FRAMES][SMALL_BINS][2];
static float target_f32[SMALL_FRAMES][SMALL_BINS], start_f32[SMALL_FRAMES][SMALL_BINS][2];

/* Magnitudes of a sound, and phases at random. */
static void make_target(void)
{
    static double spectrum[SMALL_FRAMES][SMALL_BINS][2];
    uint64_t seed = 3;
    forward(planes_f64[0], SMALL, spectrum);
    for (size_t t = 0; t < SMALL_FRAMES; t++)
        for (size_t k = 0; k < SMALL_BINS; k++) {
            double angle = pi * test_noise(&seed);
            target_f32[t][k] = (float)hypot(spectrum[t][k][0], spectrum[t][k][1]);
            target_f64[t][k] = (double)target_f32[t][k];
            start_f32[t][k][0] = (float)cos(angle);
            start_f32[t][k][1] = (float)sin(angle);
            for (int j = 0; j < 2; j++) start_f64[t][k][j] = (double)start_f32[t][k][j];
        }
}

/* The iteration by its definition. */
static void search(bool random, size_t iterations, double momentum, size_t length, double *y)
{
    static double angles[SMALL_FRAMES][SMALL_BINS][2], now[SMALL_FRAMES][SMALL_BINS][2],
        last[SMALL_FRAMES][SMALL_BINS][2];
    memset(last, 0, sizeof last);
    for (size_t t = 0; t < SMALL_FRAMES; t++)
        for (size_t k = 0; k < SMALL_BINS; k++) {
            angles[t][k][0] = target_f64[t][k] * (random ? start_f64[t][k][0] : 1.0);
            angles[t][k][1] = target_f64[t][k] * (random ? start_f64[t][k][1] : 0.0);
        }
    for (size_t i = 0; i < iterations; i++) {
        backward(angles, length, y);
        forward(y, length, now);
        for (size_t t = 0; t < SMALL_FRAMES; t++)
            for (size_t k = 0; k < SMALL_BINS; k++) {
                double share = momentum / (1.0 + momentum);
                double re = now[t][k][0] - share * last[t][k][0];
                double im = now[t][k][1] - share * last[t][k][1], size = hypot(re, im);
                angles[t][k][0] = size > 0.0 ? re / size * target_f64[t][k] : 0.0;
                angles[t][k][1] = size > 0.0 ? im / size * target_f64[t][k] : 0.0;
            }
        memcpy(last, now, sizeof last);
    }
    backward(angles, length, y);
}

static HhGriffinLimParams small_params(void)
{
    HhGriffinLimParams p;
    hh_griffinlim_defaults(&p);
    p.hop_length = SMALL_HOP;
    return p;
}

static void griffin_and_lim_are_their_definition(void **state)
{
    (void)state;
    make_target();
    const struct {
        bool random;
        size_t iterations, length;
        double momentum, bound;
    } cases[] = {{true, 0, 0, 0.99, 3e-7},
                 {true, 1, 0, 0.99, 1e-6},
                 {true, 6, 0, 0.99, 3e-5},
                 {false, 4, 0, 0.5, 3e-5},
                 {true, 3, SMALL, 0.0, 1e-5}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int narrow = 0; narrow < 2; narrow++) {
            HhArray x = view(narrow ? HH_FLOAT32 : HH_FLOAT64, 1, SMALL_FRAMES, SMALL_BINS,
                             narrow ? (void *)target_f32 : (void *)target_f64);
            HhArray phases = view(narrow ? HH_COMPLEX64 : HH_COMPLEX128, 1, SMALL_FRAMES,
                                  SMALL_BINS, narrow ? (void *)start_f32 : (void *)start_f64);
            HhGriffinLimParams p = small_params();
            p.n_iter = cases[i].iterations;
            p.momentum = cases[i].momentum;
            p.length = cases[i].length;
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_griffinlim(NULL, &x, cases[i].random ? &phases : NULL, &p, &out),
                             HH_OK);
            size_t length = cases[i].length ? cases[i].length : SMALL_HOP * (SMALL_FRAMES - 1);
            assert_true(out.type == x.type && out.dimensions == 2 && out.shape[0] == 1 &&
                        out.shape[1] == length);
            double truth[SMALL], worst = 0.0, peak = 0.0;
            search(cases[i].random, cases[i].iterations, cases[i].momentum, length, truth);
            for (size_t n = 0; n < length; n++) {
                double got =
                    narrow ? (double)((const float *)out.data)[n] : ((const double *)out.data)[n];
                worst = fmax(worst, fabs(got - truth[n]));
                peak = fmax(peak, fabs(truth[n]));
            }
            assert_true(worst <= (narrow ? cases[i].bound : 1e-11) * peak);
            hh_array_free(&out);
        }
}

static void griffin_and_lim_take_many_channels(void **state)
{
    (void)state;
    enum { MANY = HH_MAX_CHANNELS + 6 };
    static float many[MANY][SMALL_FRAMES][SMALL_BINS];
    make_target();
    for (size_t c = 0; c < MANY; c++) memcpy(many[c], target_f32, sizeof many[c]);
    HhGriffinLimParams p = small_params();
    p.n_iter = 1;
    HhArray one = HH_ARRAY_INIT, all = HH_ARRAY_INIT;
    HhArray x = view(HH_FLOAT32, 1, SMALL_FRAMES, SMALL_BINS, target_f32);
    assert_int_equal(hh_griffinlim(NULL, &x, NULL, &p, &one), HH_OK);
    x = view(HH_FLOAT32, MANY, SMALL_FRAMES, SMALL_BINS, many);
    assert_int_equal(hh_griffinlim(NULL, &x, NULL, &p, &all), HH_OK);
    assert_int_equal(all.shape[0], MANY);
    for (size_t c = 0; c < MANY; c++)
        assert_memory_equal((float *)all.data + c * one.shape[1], one.data,
                            one.shape[1] * sizeof(float));
    hh_array_free(&one);
    hh_array_free(&all);
}

static void griffin_and_lim_refuse(void **state)
{
    (void)state;
    make_target();
    static float bad[SMALL_FRAMES][SMALL_BINS];
    memcpy(bad, target_f32, sizeof bad);
    bad[3][3] = NAN;
    HhArray out = HH_ARRAY_INIT;
#define REFUSES(STATUS, CHANGE)                                                                    \
    do {                                                                                           \
        HhArray x = view(HH_FLOAT32, 1, SMALL_FRAMES, SMALL_BINS, target_f32);                     \
        HhArray phases = view(HH_COMPLEX64, 1, SMALL_FRAMES, SMALL_BINS, start_f32);               \
        HhGriffinLimParams p = small_params();                                                     \
        CHANGE;                                                                                    \
        assert_int_equal(hh_griffinlim(NULL, &x, &phases, &p, &out), STATUS);                      \
        assert_null(out.data);                                                                     \
    } while (0)
    REFUSES(HH_ERROR_ARGUMENT, p.momentum = -0.1);
    REFUSES(HH_ERROR_ARGUMENT, p.momentum = (double)NAN);
    REFUSES(HH_ERROR_ARGUMENT, p.n_fft = 100);
    REFUSES(HH_ERROR_ARGUMENT, p.win_length = 65);
    REFUSES(HH_ERROR_ARGUMENT, p.length = 100); /* fewer frames than the magnitudes */
    REFUSES(HH_ERROR_ARGUMENT, p.pad = HH_PAD_WRAP);
    REFUSES(HH_ERROR_ARGUMENT, x.type = HH_COMPLEX64);
    REFUSES(HH_ERROR_ARGUMENT, x.type = HH_FLOAT64);
    REFUSES(HH_ERROR_ARGUMENT, x.dimensions = 2);
    REFUSES(HH_ERROR_ARGUMENT, x.data = NULL);
    REFUSES(HH_ERROR_ARGUMENT, x.shape[0] = (size_t)INT_MAX + 1);
    REFUSES(HH_ERROR_ARGUMENT, phases.shape[1] = 1);
    REFUSES(HH_ERROR_EMPTY, x.shape[1] = 0);
    REFUSES(HH_ERROR_NOT_FINITE, x.data = bad);
#undef REFUSES
    assert_int_equal(hh_griffinlim(NULL, NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
}

/* ---- reassignment */

/* Transform of one frame of a plane of the sound, centred or not, with any window. */
static void transform(const double *window, size_t n_fft, ptrdiff_t first, size_t bin, int channel,
                      double *out)
{
    out[0] = out[1] = 0.0;
    for (size_t n = 0; n < n_fft; n++) {
        ptrdiff_t at = first + (ptrdiff_t)n;
        if (at < 0 || at >= SMALL) continue;
        double value = window[n] * planes_f64[channel][at];
        double angle = 2.0 * pi * (double)(bin * n % n_fft) / (double)n_fft;
        out[0] += value * cos(angle);
        out[1] -= value * sin(angle);
    }
}

static void reassignment_is_its_definition(void **state)
{
    (void)state;
    const double rate = 22050.0;
    const double *list[] = {planes_f64[0], planes_f64[1]};
    HhSignal y = {.channels = 2, .length = SMALL, .rate = rate, .channel_f64 = list};
    for (int i = 0; i < 16; i++) {
        bool center = i & 1, fill = i & 2, clip = i & 4;
        size_t n_fft = i & 8 ? 63 : 64, bins = n_fft / 2 + 1, hop = 20;
        HhReassignedParams p;
        hh_reassigned_spectrogram_defaults(&p);
        p.stft.n_fft = n_fft;
        p.stft.hop_length = hop;
        p.stft.center = center;
        p.stft.window.kind = HH_WINDOW_HAMMING;
        p.ref_power = 0.25;
        p.fill_nan = fill;
        p.clip = clip;
        HhArray frequencies = HH_ARRAY_INIT, times = HH_ARRAY_INIT, magnitudes = HH_ARRAY_INIT;
        assert_int_equal(
            hh_reassigned_spectrogram(NULL, &y, NULL, &p, &frequencies, &times, &magnitudes),
            HH_OK);
        size_t frames = 1 + (SMALL + (center ? n_fft / 2 * 2 : 0) - n_fft) / hop;
        assert_true(frequencies.type == HH_FLOAT64 && times.type == HH_FLOAT64 &&
                    magnitudes.type == HH_FLOAT64);
        assert_true(magnitudes.shape[0] == 2 && magnitudes.shape[1] == frames &&
                    magnitudes.shape[2] == bins);
        double window[3][64];
        for (size_t n = 0; n < n_fft; n++)
            window[0][n] = 0.54 - 0.46 * cos(2.0 * pi * (double)n / (double)n_fft);
        for (size_t n = 0; n < n_fft; n++) {
            window[1][n] = (window[0][(n + 1) % n_fft] - window[0][(n + n_fft - 1) % n_fft]) / 2.0;
            window[2][n] = window[0][n] * ((double)n - (double)(n_fft - 1) / 2.0);
        }
        size_t low = 0, sure = 0;
        for (size_t at = 0; at < 2 * frames * bins; at++) {
            size_t bin = at % bins, frame = at / bins % frames;
            ptrdiff_t first = (ptrdiff_t)(frame * hop) - (center ? (ptrdiff_t)(n_fft / 2) : 0);
            double x[3][2];
            for (int w = 0; w < 3; w++)
                transform(window[w], n_fft, first, bin, (int)(at / bins / frames), x[w]);
            double power = x[0][0] * x[0][0] + x[0][1] * x[0][1];
            double f = (double)bin * rate / (double)n_fft;
            double t = (double)(frame * hop + (center ? 0 : n_fft / 2)) / rate;
            double got[] = {((double *)frequencies.data)[at], ((double *)times.data)[at]};
            assert_true(fabs(((double *)magnitudes.data)[at] - sqrt(power)) < 1e-12);
            if (fabs(power - 0.25) < 1e-9) continue;
            if (power < 0.25) {
                low++;
                assert_true(fill ? fabs(got[0] - f) < 1e-9 && fabs(got[1] - t) < 1e-12
                                 : isnan(got[0]) && isnan(got[1]));
                continue;
            }
            sure++;
            f -= (x[1][1] * x[0][0] - x[1][0] * x[0][1]) / power * 0.5 * rate / pi;
            t += (x[2][0] * x[0][0] + x[2][1] * x[0][1]) / power / rate;
            if (clip) {
                f = fmin(fmax(f, 0.0), rate / 2.0);
                t = fmin(fmax(t, 0.0), SMALL / rate);
            }
            assert_true(fabs(got[0] - f) < 1e-7 && fabs(got[1] - t) < 1e-11);
        }
        assert_true(low > 100 && sure > 100);
        hh_array_free(&frequencies);
        hh_array_free(&times);
        hh_array_free(&magnitudes);
    }
}

/* Floats within rounding of doubles; a spectrum that is handed in changes nothing; one of the two
 * alone; silence. */
static void reassignment_in_float(void **state)
{
    (void)state;
    const float zeros[500] = {0}, *silence[] = {zeros};
    HhSignal y = sound(LENGTH), quiet = {silence, 1, 500, 22050.0, NULL};
    const double *list[] = {planes_f64[0], planes_f64[1]};
    HhReassignedParams p;
    hh_reassigned_spectrogram_defaults(&p);
    p.stft.n_fft = 256;
    p.ref_power = 1.0;
    HhArray a[3] = {HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT}, b[3], c[3], x = HH_ARRAY_INIT;
    memcpy(b, a, sizeof a);
    memcpy(c, a, sizeof a);
    assert_int_equal(hh_reassigned_spectrogram(NULL, &y, NULL, &p, &a[0], &a[1], &a[2]), HH_OK);
    assert_true(a[0].type == HH_FLOAT64 && a[1].type == HH_FLOAT64 && a[2].type == HH_FLOAT32);
    y.channel_f64 = list;
    assert_int_equal(hh_stft(NULL, &y, &p.stft, &x), HH_OK);
    assert_int_equal(hh_reassigned_spectrogram(NULL, &y, NULL, &p, &b[0], &b[1], &b[2]), HH_OK);
    assert_int_equal(hh_reassigned_spectrogram(NULL, &y, &x, &p, &c[0], &c[1], &c[2]), HH_OK);
    size_t count = hh_array_count(&x), bins = x.shape[2], frames = x.shape[1];
    for (int i = 0; i < 3; i++) assert_memory_equal(b[i].data, c[i].data, count * sizeof(double));
    for (size_t k = 0; k < count; k++) {
        double f = ((double *)b[0].data)[k], t = ((double *)b[1].data)[k];
        if (isnan(f)) continue;
        assert_true(fabs(((double *)a[0].data)[k] - f) < 1.0);
        assert_true(fabs(((double *)a[1].data)[k] - t) < 1e-5);
    }
    for (int only = 0; only < 2; only++) {
        p.reassign_frequencies = only == 0;
        p.reassign_times = only == 1;
        for (int i = 0; i < 3; i++) hh_array_free(&c[i]);
        assert_int_equal(hh_reassigned_spectrogram(NULL, &y, &x, &p, &c[0], &c[1], &c[2]), HH_OK);
        assert_memory_equal(b[only].data, c[only].data, count * sizeof(double));
        for (size_t k = 0; k < count; k++) {
            double plain = only ? (double)(k % bins) * 22050.0 / 256.0
                                : (double)(k / bins % frames * 64) / 22050.0;
            assert_true(fabs(((double *)c[1 - only].data)[k] - plain) < 1e-9);
        }
    }
    for (int i = 0; i < 3; i++) {
        hh_array_free(&a[i]);
        hh_array_free(&b[i]);
        hh_array_free(&c[i]);
    }
    p.ref_power = 0.0;
    p.reassign_frequencies = true;
    assert_int_equal(hh_reassigned_spectrogram(NULL, &quiet, NULL, &p, &a[0], &a[1], &a[2]), HH_OK);
    for (size_t k = 0; k < hh_array_count(&a[0]); k++)
        assert_true(isnan(((double *)a[0].data)[k]) && isnan(((double *)a[1].data)[k]));
    for (int i = 0; i < 3; i++) hh_array_free(&a[i]);
    hh_array_free(&x);
}

static void reassignment_refuses(void **state)
{
    (void)state;
    make_spectrum();
    HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT, c = HH_ARRAY_INIT;
#define REFUSES(STATUS, CHANGE)                                                                    \
    do {                                                                                           \
        HhSignal y = sound(LENGTH);                                                                \
        HhArray x = view(HH_COMPLEX64, CHANNELS, FRAMES, BINS, spectrum_f32), *given = NULL;       \
        HhReassignedParams p;                                                                      \
        hh_reassigned_spectrogram_defaults(&p);                                                    \
        CHANGE;                                                                                    \
        assert_int_equal(hh_reassigned_spectrogram(NULL, &y, given, &p, &a, &b, &c), STATUS);      \
        assert_true(!a.data && !b.data && !c.data);                                                \
        (void)x;                                                                                   \
    } while (0)
    REFUSES(HH_ERROR_ARGUMENT, p.ref_power = -1e-9);
    REFUSES(HH_ERROR_ARGUMENT, p.ref_power = (double)NAN);
    REFUSES(HH_ERROR_ARGUMENT, p.reassign_frequencies = p.reassign_times = false);
    REFUSES(HH_ERROR_ARGUMENT, p.stft.n_fft = 0);
    REFUSES(HH_ERROR_ARGUMENT, p.stft.pad = HH_PAD_WRAP);
    REFUSES(HH_ERROR_ARGUMENT, y.rate = 0.0);
    REFUSES(HH_ERROR_ARGUMENT, y.channels = 0);
    REFUSES(HH_ERROR_ARGUMENT, given = &x);                       /* other bins */
    REFUSES(HH_ERROR_ARGUMENT, (given = &x, p.stft.n_fft = 598)); /* other frames */
    REFUSES(HH_ERROR_ARGUMENT, (given = &x, p.stft.n_fft = 598, x.shape[0] = 1));
    REFUSES(HH_ERROR_TOO_SHORT, (y.length = 100, p.stft.center = false));
#undef REFUSES
}

/* ---- autocorrelation */

static void autocorrelation_is_its_definition(void **state)
{
    (void)state;
    const struct {
        size_t rows, length, most;
    } cases[] = {{1, 1, 0},    {2, 2, 0},     {1, 17, 5},     {3, 255, 0},    {2, 256, 0},
                 {1, 257, 0},  {2, 513, 514}, {1, 6000, 0},   {2, 6000, 700}, {1, 6000, 256},
                 {1, 6000, 1}, {40, 150, 0},  {2, 3000, 257}, {2, 3000, 511}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int narrow = 0; narrow < 2; narrow++) {
            size_t rows = cases[i].rows, length = cases[i].length;
            size_t lags = cases[i].most ? HH_MIN(cases[i].most, length) : length;
            const void *data = narrow ? (const void *)planes : (const void *)planes_f64;
            HhArray y = {.type = narrow ? HH_FLOAT32 : HH_FLOAT64,
                         .dimensions = 2,
                         .shape = {rows, length},
                         .data = (void *)(uintptr_t)data};
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_autocorrelate(NULL, &y, cases[i].most, &out), HH_OK);
            assert_true(out.type == y.type && out.dimensions == 2 && out.shape[0] == rows &&
                        out.shape[1] == lags);
            for (size_t r = 0; r < rows; r++) {
                double worst = 0.0, energy = 0.0;
                for (size_t lag = 0; lag < lags; lag++) {
                    double sum = 0.0;
                    for (size_t n = r * length; n + lag < (r + 1) * length; n++) {
                        const double *x = &planes_f64[0][0];
                        const float *z = &planes[0][0];
                        sum += narrow ? (double)z[n] * (double)z[n + lag] : x[n] * x[n + lag];
                    }
                    if (lag == 0) energy = sum;
                    size_t at = r * lags + lag;
                    double got = narrow ? (double)((const float *)out.data)[at]
                                        : ((const double *)out.data)[at];
                    worst = fmax(worst, fabs(got - sum));
                }
                assert_true(worst <= (narrow ? 6e-8 : 1e-14) * energy);
            }
            hh_array_free(&out);
        }
}

static void autocorrelation_of_odd_rows(void **state)
{
    (void)state;
    HhArray out = HH_ARRAY_INIT;
    float rows[3][700] = {{0}};
    rows[0][350] = NAN;
    rows[1][3] = 2.0f;
    rows[2][699] = INFINITY;
    HhArray y = {.type = HH_FLOAT32, .dimensions = 2, .shape = {3, 700}, .data = rows};
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_OK);
    const float *got = out.data;
    for (size_t lag = 0; lag < 700; lag++) {
        assert_true(isnan(got[lag]) && isnan(got[1400 + lag]));
        assert_true(fabsf(got[700 + lag] - (lag == 0 ? 4.0f : 0.0f)) < 1e-6f);
    }
    hh_array_free(&out);
    y.type = HH_COMPLEX64;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.type = HH_FLOAT32;
    y.dimensions = 1;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.dimensions = 2;
    y.data = NULL;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_ARGUMENT);
    y.data = rows;
    y.shape[1] = 0;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_EMPTY);
    y.shape[0] = 0;
    assert_int_equal(hh_autocorrelate(NULL, &y, 0, &out), HH_ERROR_EMPTY);
    assert_int_equal(hh_autocorrelate(NULL, NULL, 0, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
}

/* ---- everything: same bytes for any level and number of threads, clean failure without memory */

typedef HhStatus Make(HhContext *context, const HhSignal *y, HhArray *out);

static HhStatus make_vocoder(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhPhaseVocoderParams p;
    hh_phase_vocoder_defaults(&p);
    p.rate = 0.7;
    HhArray x = view(HH_COMPLEX64, CHANNELS, FRAMES, BINS, spectrum_f32);
    return hh_phase_vocoder(context, &x, &p, out);
}

static HhStatus make_vocoder_f64(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhArray x = view(HH_COMPLEX128, CHANNELS, FRAMES, BINS, spectrum_f64);
    return hh_phase_vocoder(context, &x, NULL, out);
}

static HhStatus make_autocorrelation(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray x = {.type = HH_FLOAT32,
                 .dimensions = 2,
                 .shape = {CHANNELS, y->length},
                 .data = (void *)(uintptr_t)planes};
    return hh_autocorrelate(context, &x, 5000, out);
}

static HhStatus make_autocorrelation_f64(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray x = {.type = HH_FLOAT64,
                 .dimensions = 2,
                 .shape = {9, y->length / 9},
                 .data = (void *)(uintptr_t)planes_f64};
    return hh_autocorrelate(context, &x, 0, out);
}

static HhStatus make_search(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhArray x = view(HH_FLOAT32, 1, SMALL_FRAMES, SMALL_BINS, target_f32);
    HhArray phases = view(HH_COMPLEX64, 1, SMALL_FRAMES, SMALL_BINS, start_f32);
    HhGriffinLimParams p = small_params();
    return hh_griffinlim(context, &x, &phases, &p, out);
}

static HhStatus make_search_f64(HhContext *context, const HhSignal *y, HhArray *out)
{
    (void)y;
    HhArray x = view(HH_FLOAT64, 1, SMALL_FRAMES, SMALL_BINS, target_f64);
    HhGriffinLimParams p = small_params();
    return hh_griffinlim(context, &x, NULL, &p, out);
}

static HhStatus make_frequencies(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray times = HH_ARRAY_INIT, magnitudes = HH_ARRAY_INIT;
    HhStatus status = hh_reassigned_spectrogram(context, y, NULL, NULL, out, &times, &magnitudes);
    hh_array_free(&times);
    hh_array_free(&magnitudes);
    return status;
}

static HhStatus make_times(HhContext *context, const HhSignal *y, HhArray *out)
{
    const double *list[] = {planes_f64[0], planes_f64[1]};
    HhSignal other = *y;
    other.channel_f64 = list;
    HhArray frequencies = HH_ARRAY_INIT, magnitudes = HH_ARRAY_INIT;
    HhStatus status =
        hh_reassigned_spectrogram(context, &other, NULL, NULL, &frequencies, out, &magnitudes);
    hh_array_free(&frequencies);
    hh_array_free(&magnitudes);
    return status;
}

static Make *const makers[] = {
    make_search,  make_search_f64,  make_frequencies,     make_times,
    make_vocoder, make_vocoder_f64, make_autocorrelation, make_autocorrelation_f64};

static void levels_and_threads_do_not_matter(void **state)
{
    (void)state;
    make_spectrum();
    make_target();
    HhSignal y = sound(LENGTH);
    for (size_t i = 0; i < HH_COUNT(makers); i++) {
        HhArray first = HH_ARRAY_INIT;
        for (int level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++)
            for (int threads = 1; threads <= 3; threads += 2) {
                HhContextParams p = HH_CONTEXT_PARAMS_INIT;
                p.threads = threads;
                p.cpu_level = (HhCpuLevel)level;
                HhContext *context;
                assert_int_equal(hh_context_create(&p, &context), HH_OK);
                HhArray out = HH_ARRAY_INIT;
                assert_int_equal(makers[i](context, &y, &out), HH_OK);
                if (first.data) {
                    assert_true(hh_array_count(&out) == hh_array_count(&first));
                    assert_memory_equal(out.data, first.data,
                                        hh_array_count(&out) * hh_type_bytes(out.type));
                    hh_array_free(&out);
                } else {
                    first = out;
                    first.owner = hh_allocator(NULL);
                }
                hh_context_destroy(context);
            }
        hh_array_free(&first);
    }
}

static long allocations, allowed;

static void *failing_allocate(void *user, size_t alignment, size_t bytes)
{
    HhAllocator normal = hh_allocator(NULL);
    (void)user;
    if (allowed-- <= 0) return NULL;
    allocations++;
    return normal.allocate(normal.user, alignment, bytes);
}

static void failing_release(void *user, void *memory)
{
    HhAllocator normal = hh_allocator(NULL);
    (void)user;
    allocations -= memory != NULL;
    normal.release(normal.user, memory);
}

static void out_of_memory_is_reported(void **state)
{
    (void)state;
    HhSignal y = sound(3000);
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.allocator = (HhAllocator){failing_allocate, failing_release, NULL};
    for (size_t i = 0; i < HH_COUNT(makers); i++) {
        HhStatus status = HH_ERROR_MEMORY;
        for (long n = 1; status != HH_OK; n++) {
            assert_true(n < 1000);
            allowed = n;
            HhContext *context;
            assert_int_equal(hh_context_create(&p, &context), HH_OK);
            HhArray out = HH_ARRAY_INIT;
            status = makers[i](context, &y, &out);
            if (status != HH_OK) {
                assert_int_equal(status, HH_ERROR_MEMORY);
                assert_null(out.data);
            }
            hh_array_free(&out);
            hh_context_destroy(context);
            assert_int_equal(allocations, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vocoder_is_its_definition),
        cmocka_unit_test(the_vocoder_keeps_the_pitch),
        cmocka_unit_test(the_vocoder_refuses),
        cmocka_unit_test(griffin_and_lim_are_their_definition),
        cmocka_unit_test(griffin_and_lim_take_many_channels),
        cmocka_unit_test(griffin_and_lim_refuse),
        cmocka_unit_test(reassignment_is_its_definition),
        cmocka_unit_test(reassignment_in_float),
        cmocka_unit_test(reassignment_refuses),
        cmocka_unit_test(autocorrelation_is_its_definition),
        cmocka_unit_test(autocorrelation_of_odd_rows),
        cmocka_unit_test(levels_and_threads_do_not_matter),
        cmocka_unit_test(out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_sound, NULL);
}
