/* Spectra against their definitions in double; every level and number of threads; bad input;
 * failing memory. */
#include "test.h"

#include "kernel/kernels.h"
#include "spectral/descriptors.h"
#include "spectral/tiles.h"
#include "spectral/window.h"

static const double pi = 3.14159265358979323846;

/* ---- sounds */

enum { LENGTH = 9000, CHANNELS = 2 };

static float planes[CHANNELS][LENGTH];
static const float *plane_list[CHANNELS] = {planes[0], planes[1]};
/* The same sound as no float holds it, and as the floats are. */
static double fine[CHANNELS][LENGTH], exact[CHANNELS][LENGTH];
static const double *fine_list[CHANNELS] = {fine[0], fine[1]};

static int make_sound(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int n = 0; n < LENGTH; n++) {
        planes[0][n] =
            (float)(0.5 * sin(0.05 * n) + 0.3 * test_noise(&seed) * exp(-(n % 3000) / 500.0));
        planes[1][n] = (float)(0.2 * test_noise(&seed));
    }
    for (int c = 0; c < CHANNELS; c++)
        for (int n = 0; n < LENGTH; n++) {
            exact[c][n] = (double)planes[c][n];
            fine[c][n] = exact[c][n] + 1e-9 * test_noise(&seed);
        }
    return 0;
}

static HhSignal sound(size_t length)
{
    return (HhSignal){plane_list, CHANNELS, length, 22050.0};
}

static HhSignal sound_in_double(size_t length)
{
    return (HhSignal){
        .channels = CHANNELS, .length = length, .rate = 22050.0, .channel_f64 = fine_list};
}

/* np.pad's constant, edge, reflect and symmetric */
static double padded(const double *x, ptrdiff_t n, ptrdiff_t i, HhPad mode)
{
    if (i >= 0 && i < n) return x[i];
    if (mode == HH_PAD_CONSTANT) return 0.0;
    if (mode == HH_PAD_EDGE) return x[i < 0 ? 0 : n - 1];
    if (mode == HH_PAD_REFLECT) return x[i < 0 ? -i : 2 * (n - 1) - i];
    return x[i < 0 ? -1 - i : 2 * n - 1 - i];
}

/* One frame of the transform by its definition. */
static void transform(const double *x, size_t length, const HhStftParams *p, const double *window,
                      size_t frame, double *re, double *im)
{
    ptrdiff_t start =
        (ptrdiff_t)(frame * p->hop_length) - (p->center ? (ptrdiff_t)(p->n_fft / 2) : 0);
    for (size_t k = 0; k <= p->n_fft / 2; k++) {
        re[k] = im[k] = 0.0;
        for (size_t n = 0; n < p->n_fft; n++) {
            double value = window[n] * padded(x, (ptrdiff_t)length, start + (ptrdiff_t)n, p->pad);
            double angle = 2.0 * pi * (double)(k * n % p->n_fft) / (double)p->n_fft;
            re[k] += value * cos(angle);
            im[k] -= value * sin(angle);
        }
    }
}

static void stft_is_its_definition(void **state)
{
    (void)state;
    const struct {
        size_t n_fft, hop, win, length;
        HhWindowKind window;
        bool center;
        HhPad pad;
    } cases[] = {
        {256, 64, 256, 1000, HH_WINDOW_HANN, true, HH_PAD_CONSTANT},
        {256, 100, 200, 1111, HH_WINDOW_HAMMING, true, HH_PAD_REFLECT},
        {128, 13, 128, 300, HH_WINDOW_BLACKMAN, false, HH_PAD_CONSTANT},
        {96, 24, 96, 500, HH_WINDOW_BOXCAR, true, HH_PAD_EDGE},
        {63, 20, 50, 200, HH_WINDOW_HANN, true, HH_PAD_SYMMETRIC},
        {64, 200, 64, 1000, HH_WINDOW_HANN, true, HH_PAD_CONSTANT},
        {256, 64, 256, 10, HH_WINDOW_HANN, true, HH_PAD_CONSTANT},
        {1, 1, 1, 5, HH_WINDOW_HANN, true, HH_PAD_CONSTANT},
    };
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        HhStftParams p;
        hh_stft_defaults(&p);
        p.n_fft = cases[i].n_fft;
        p.hop_length = cases[i].hop;
        p.win_length = cases[i].win;
        p.window.kind = cases[i].window;
        p.center = cases[i].center;
        p.pad = cases[i].pad;
        HhSignal y = sound(cases[i].length), z = sound_in_double(cases[i].length);
        HhArray out = HH_ARRAY_INIT, magnitude = HH_ARRAY_INIT;
        HhArray out_f64 = HH_ARRAY_INIT, magnitude_f64 = HH_ARRAY_INIT;
        assert_int_equal(hh_stft(NULL, &y, &p, &out), HH_OK);
        assert_int_equal(hh_spectrogram(NULL, &y, &p, 1.0, &magnitude), HH_OK);
        assert_int_equal(hh_stft(NULL, &z, &p, &out_f64), HH_OK);
        assert_int_equal(hh_spectrogram(NULL, &z, &p, 1.0, &magnitude_f64), HH_OK);
        size_t bins = p.n_fft / 2 + 1, pad = p.center ? p.n_fft / 2 * 2 : 0;
        size_t frames = 1 + (cases[i].length + pad - p.n_fft) / p.hop_length;
        assert_int_equal(out.type, HH_COMPLEX64);
        assert_true(out.shape[0] == 2 && out.shape[1] == frames && out.shape[2] == bins);
        assert_int_equal(out_f64.type, HH_COMPLEX128);
        assert_int_equal(magnitude_f64.type, HH_FLOAT32);
        assert_memory_equal(out_f64.shape, out.shape, sizeof out.shape);
        double worst_f64 = 0.0, worst_magnitude_f64 = 0.0;
        double window[256], re[129], im[129], worst = 0.0, peak = 0.0, worst_magnitude = 0.0;
        assert_int_equal(hh_window_padded(NULL, &p.window, p.win_length, p.n_fft, window), HH_OK);
        for (size_t t = 0; t < 2 * frames; t++) {
            transform(exact[t / frames], cases[i].length, &p, window, t % frames, re, im);
            const float *got = (const float *)out.data + 2 * t * bins;
            const float *size = (const float *)magnitude.data + t * bins;
            for (size_t k = 0; k < bins; k++) {
                worst =
                    fmax(worst, hypot((double)got[2 * k] - re[k], (double)got[2 * k + 1] - im[k]));
                worst_magnitude =
                    fmax(worst_magnitude, fabs((double)size[k] - hypot(re[k], im[k])));
                peak = fmax(peak, hypot(re[k], im[k]));
            }
            transform(fine[t / frames], cases[i].length, &p, window, t % frames, re, im);
            const double *got_f64 = (const double *)out_f64.data + 2 * t * bins;
            const float *size_f64 = (const float *)magnitude_f64.data + t * bins;
            for (size_t k = 0; k < bins; k++) {
                double off = hypot(got_f64[2 * k] - re[k], got_f64[2 * k + 1] - im[k]);
                double want = hypot(re[k], im[k]);
                worst_f64 = fmax(worst_f64, off);
                worst_magnitude_f64 =
                    fmax(worst_magnitude_f64, fabs((double)size_f64[k] - want) - 6e-8 * want);
            }
        }
        assert_true(worst <= 1e-6 * peak);
        assert_true(worst_magnitude <= 1.5e-7 * peak);
        assert_true(worst_f64 <= 3e-13 * peak); /* -250 dB */
        assert_true(worst_magnitude_f64 <= 3e-13 * peak);
        hh_array_free(&out_f64);
        hh_array_free(&magnitude_f64);
        hh_array_free(&out);
        hh_array_free(&magnitude);
    }
}

/* The one padding that is not a copy of samples. */
static void doubles_are_padded_with_ramps(void **state)
{
    (void)state;
    enum { N = 400, PAD = 64 };
    double x[N + 2 * PAD];
    for (int i = 0; i < PAD; i++) {
        x[i] = fine[0][0] * i / PAD;
        x[PAD + N + i] = fine[0][N - 1] * (PAD - 1 - i) / PAD;
    }
    memcpy(x + PAD, fine[0], N * sizeof *x);
    const double *one[] = {x};
    HhSignal y = sound_in_double(N), z = y;
    y.channels = z.channels = 1;
    z.channel_f64 = one;
    z.length = N + 2 * PAD;
    HhStftParams p;
    hh_stft_defaults(&p);
    p.n_fft = 2 * PAD;
    p.hop_length = 10;
    p.pad = HH_PAD_LINEAR_RAMP;
    HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT;
    assert_int_equal(hh_stft(NULL, &y, &p, &a), HH_OK);
    p.center = false;
    assert_int_equal(hh_stft(NULL, &z, &p, &b), HH_OK);
    assert_memory_equal(a.shape, b.shape, sizeof a.shape);
    for (size_t i = 0; i < 2 * hh_array_count(&a); i++)
        assert_true(fabs(((double *)a.data)[i] - ((double *)b.data)[i]) < 1e-14);
    hh_array_free(&a);
    hh_array_free(&b);
}

static void short_and_empty_signals(void **state)
{
    (void)state;
    HhSignal y = sound(0);
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_stft(NULL, &y, NULL, &out), HH_OK);
    assert_true(out.shape[1] == 1 && out.shape[2] == 1025);
    for (size_t i = 0; i < 2 * hh_array_count(&out); i++)
        assert_true(((float *)out.data)[i] == 0.0f);
    hh_array_free(&out);
    HhStftParams p;
    hh_stft_defaults(&p);
    p.pad = HH_PAD_REFLECT;
    assert_int_equal(hh_stft(NULL, &y, &p, &out), HH_ERROR_EMPTY);
    p.center = false;
    assert_int_equal(hh_stft(NULL, &y, &p, &out), HH_ERROR_TOO_SHORT);
    y = sound(2047);
    assert_int_equal(hh_stft(NULL, &y, &p, &out), HH_ERROR_TOO_SHORT);
    assert_null(out.data);
    y = sound(1);
    assert_int_equal(hh_rms(NULL, &y, NULL, &out), HH_OK);
    assert_true(out.shape[1] == 1);
    double rms = fabs((double)planes[0][0]) / sqrt(2048.0);
    assert_true(fabs((double)((float *)out.data)[0] - rms) <= 1e-6 * rms);
    hh_array_free(&out);
}

/* ---- the inverse */

static void the_inverse_gives_the_sound_back(void **state)
{
    (void)state;
    const struct {
        size_t n_fft, hop, win;
        bool center;
        HhWindowKind window;
    } cases[] = {
        {512, 128, 512, true, HH_WINDOW_HANN},   {512, 100, 400, true, HH_WINDOW_HANN},
        {301, 70, 301, true, HH_WINDOW_HAMMING}, {256, 5, 256, true, HH_WINDOW_BLACKMAN},
        {96, 24, 96, true, HH_WINDOW_HANN},      {256, 64, 256, false, HH_WINDOW_HAMMING},
        {64, 64, 64, true, HH_WINDOW_BOXCAR},
    };
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        HhStftParams p;
        hh_stft_defaults(&p);
        p.n_fft = cases[i].n_fft;
        p.hop_length = cases[i].hop;
        p.win_length = cases[i].win;
        p.center = cases[i].center;
        p.window.kind = cases[i].window;
        HhSignal y = sound(LENGTH);
        HhArray spectrum = HH_ARRAY_INIT, out = HH_ARRAY_INIT;
        assert_int_equal(hh_stft(NULL, &y, &p, &spectrum), HH_OK);
        HhIstftParams q;
        hh_istft_defaults(&q);
        q.n_fft = p.n_fft % 2 ? p.n_fft : 0;
        q.hop_length = p.hop_length;
        q.win_length = p.win_length;
        q.center = p.center;
        q.window = p.window;
        size_t natural =
            p.n_fft + p.hop_length * (spectrum.shape[1] - 1) - (p.center ? p.n_fft / 2 * 2 : 0);
        const size_t lengths[] = {0, LENGTH, 100, LENGTH + 1000};
        for (size_t j = 0; j < HH_COUNT(lengths); j++) {
            q.length = lengths[j];
            assert_int_equal(hh_istft(NULL, &spectrum, &q, &out), HH_OK);
            size_t length = lengths[j] ? lengths[j] : natural;
            assert_true(out.dimensions == 2 && out.shape[0] == 2 && out.shape[1] == length);
            /* the last half frame of what the frames cover is seen through falling windows only */
            size_t sure = HH_MIN(length, natural - p.n_fft / 2);
            for (size_t c = 0; c < 2; c++)
                for (size_t n = 0; n < sure; n++)
                    assert_true(fabsf(((float *)out.data)[c * length + n] - planes[c][n]) < 2e-6f);
            for (size_t n = natural + p.n_fft; n < length; n++)
                assert_true(((float *)out.data)[n] == 0.0f);
            hh_array_free(&out);
        }
        hh_array_free(&spectrum);
    }
}

/* In double; a hop that leaves gaps, a short window, its own window, no centre. */
static void doubles_are_given_back(void **state)
{
    (void)state;
    double hill[200];
    for (int n = 0; n < 200; n++) hill[n] = 0.1 + sin(pi * (n + 0.5) / 200);
    const struct {
        size_t n_fft, hop, win;
        bool center;
        HhWindow window;
    } cases[] = {
        {512, 128, 512, true, {HH_WINDOW_HANN, 0.0, NULL}},
        {512, 100, 400, true, {HH_WINDOW_HANN, 0.0, NULL}},
        {301, 70, 200, true, {HH_WINDOW_CUSTOM, 0.0, hill}},
        {256, 64, 256, false, {HH_WINDOW_HAMMING, 0.0, NULL}},
        {1000, 3, 1000, true, {HH_WINDOW_HANN, 0.0, NULL}},
    };
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        HhStftParams p;
        hh_stft_defaults(&p);
        p.n_fft = cases[i].n_fft;
        p.hop_length = cases[i].hop;
        p.win_length = cases[i].win;
        p.center = cases[i].center;
        p.window = cases[i].window;
        HhIstftParams q;
        hh_istft_defaults(&q);
        q.n_fft = p.n_fft;
        q.hop_length = p.hop_length;
        q.win_length = p.win_length;
        q.center = p.center;
        q.window = p.window;
        HhSignal y = sound_in_double(LENGTH);
        HhArray spectrum = HH_ARRAY_INIT, out = HH_ARRAY_INIT;
        assert_int_equal(hh_stft(NULL, &y, &p, &spectrum), HH_OK);
        size_t natural =
            p.n_fft + p.hop_length * (spectrum.shape[1] - 1) - (p.center ? p.n_fft / 2 * 2 : 0);
        const size_t lengths[] = {0, LENGTH, 100, LENGTH + 1000};
        for (size_t j = 0; j < HH_COUNT(lengths); j++) {
            q.length = lengths[j];
            assert_int_equal(hh_istft(NULL, &spectrum, &q, &out), HH_OK);
            size_t length = lengths[j] ? lengths[j] : natural;
            assert_int_equal(out.type, HH_FLOAT64);
            assert_true(out.dimensions == 2 && out.shape[0] == 2 && out.shape[1] == length);
            const double *got = out.data;
            size_t sure = HH_MIN(length, natural - p.n_fft / 2);
            for (size_t c = 0; c < 2; c++)
                for (size_t n = 0; n < sure; n++)
                    assert_true(fabs(got[c * length + n] - fine[c][n]) < 3e-14);
            for (size_t n = natural + p.n_fft; n < length; n++) assert_true(got[n] == 0.0);
            hh_array_free(&out);
        }
        hh_array_free(&spectrum);
    }
}

/* Hops whose products leave size_t. */
static void the_inverse_refuses_huge_hops(void **state)
{
    (void)state;
    static float values[2][33][2];
    HhArray x = {.type = HH_COMPLEX64, .dimensions = 3, .shape = {1, 2, 33}, .data = values};
    HhArray out = HH_ARRAY_INIT;
    for (int bits = 31; bits < 64; bits++) {
        HhIstftParams p;
        hh_istft_defaults(&p);
        p.hop_length = (size_t)1 << bits;
        assert_int_equal(hh_istft(NULL, &x, &p, &out), HH_ERROR_ARGUMENT);
    }
    assert_null(out.data);
}

static void a_single_frame_inverts(void **state)
{
    (void)state;
    HhSignal y = sound(1);
    HhArray spectrum = HH_ARRAY_INIT, out = HH_ARRAY_INIT;
    assert_int_equal(hh_stft(NULL, &y, NULL, &spectrum), HH_OK);
    assert_int_equal(hh_istft(NULL, &spectrum, NULL, &out), HH_OK);
    assert_true(out.shape[0] == 2 && out.shape[1] == 0);
    hh_array_free(&out);
    HhIstftParams q;
    hh_istft_defaults(&q);
    q.length = 1;
    assert_int_equal(hh_istft(NULL, &spectrum, &q, &out), HH_OK);
    assert_true(out.shape[1] == 1 && fabsf(((float *)out.data)[0] - planes[0][0]) < 1e-6f);
    hh_array_free(&out);
    q.n_fft = 1000;
    assert_int_equal(hh_istft(NULL, &spectrum, &q, &out), HH_ERROR_ARGUMENT);
    q.n_fft = 0;
    q.win_length = 4096;
    assert_int_equal(hh_istft(NULL, &spectrum, &q, &out), HH_ERROR_ARGUMENT);
    spectrum.type = HH_FLOAT32;
    assert_int_equal(hh_istft(NULL, &spectrum, NULL, &out), HH_ERROR_ARGUMENT);
    spectrum.type = HH_COMPLEX64;
    spectrum.shape[1] = 0;
    assert_int_equal(hh_istft(NULL, &spectrum, NULL, &out), HH_ERROR_EMPTY);
    assert_int_equal(hh_istft(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
    hh_array_free(&spectrum);
}

/* ---- magnitude, phase, decibels */

static void magnitude_and_phase(void **state)
{
    (void)state;
    HhSignal y = sound(3000);
    HhArray spectrum = HH_ARRAY_INIT, magnitude = HH_ARRAY_INIT, phase = HH_ARRAY_INIT;
    assert_int_equal(hh_stft(NULL, &y, NULL, &spectrum), HH_OK);
    float *x = spectrum.data;
    x[0] = x[1] = 0.0f;
    for (int power = 1; power <= 3; power += 2) {
        assert_int_equal(hh_magphase(NULL, &spectrum, power, &magnitude, &phase), HH_OK);
        const float *m = magnitude.data, *p = phase.data;
        assert_true(m[0] == 0.0f && p[0] == 1.0f && p[1] == 0.0f);
        for (size_t i = 1; i < hh_array_count(&spectrum); i++) {
            double size = hypot((double)x[2 * i], (double)x[2 * i + 1]);
            assert_true(fabs((double)m[i] - pow(size, power)) <= 3e-7 * pow(size, power));
            assert_true(hypot((double)p[2 * i] * size - (double)x[2 * i],
                              (double)p[2 * i + 1] * size - (double)x[2 * i + 1]) <= 3e-7 * size);
        }
        hh_array_free(&magnitude);
        hh_array_free(&phase);
    }
    assert_int_equal(hh_magphase(NULL, &spectrum, -1.0, &magnitude, &phase), HH_ERROR_ARGUMENT);
    spectrum.type = HH_FLOAT32;
    assert_int_equal(hh_magphase(NULL, &spectrum, 1.0, &magnitude, &phase), HH_ERROR_ARGUMENT);
    hh_array_free(&spectrum);
}

static void magnitude_and_phase_in_double(void **state)
{
    (void)state;
    HhSignal y = sound_in_double(3000);
    HhArray spectrum = HH_ARRAY_INIT, magnitude = HH_ARRAY_INIT, phase = HH_ARRAY_INIT;
    assert_int_equal(hh_stft(NULL, &y, NULL, &spectrum), HH_OK);
    double *x = spectrum.data;
    /* zero, below the normal numbers, and where squares overflow */
    const double odd[] = {0.0, 0.0, 3e-310, -4e-310, 3e300, 4e300, 0.0, -1e-200};
    memcpy(x, odd, sizeof odd);
    for (int power = 1; power <= 3; power++) {
        assert_int_equal(hh_magphase(NULL, &spectrum, power, &magnitude, &phase), HH_OK);
        assert_true(magnitude.type == HH_FLOAT64 && phase.type == HH_COMPLEX128);
        const double *m = magnitude.data, *p = phase.data;
        assert_true(m[0] == 0.0 && p[0] == 1.0 && p[1] == 0.0);
        for (size_t i = 1; i < hh_array_count(&spectrum); i++) {
            double size = hypot(x[2 * i], x[2 * i + 1]), want = pow(size, power);
            assert_true(m[i] == want || fabs(m[i] - want) <= 2e-15 * want + 5e-324);
            assert_true(fabs(p[2 * i] - x[2 * i] / size) <= 5e-16);
            assert_true(fabs(p[2 * i + 1] - x[2 * i + 1] / size) <= 5e-16);
        }
        hh_array_free(&magnitude);
        hh_array_free(&phase);
    }
    hh_array_free(&spectrum);
}

static void subnormal_numbers_have_a_phase(void **state)
{
    (void)state;
    float x[] = {3e-40f, -4e-40f};
    HhArray spectrum = {HH_COMPLEX64, 1, {1, 0, 0, 0}, x, {NULL, NULL, NULL}};
    HhArray magnitude = HH_ARRAY_INIT, phase = HH_ARRAY_INIT;
    assert_int_equal(hh_magphase(NULL, &spectrum, 1.0, &magnitude, &phase), HH_OK);
    const float *p = phase.data;
    assert_true(((float *)magnitude.data)[0] > 4.9e-40f && fabsf(p[0] - 0.6f) < 1e-4f &&
                fabsf(p[1] + 0.8f) < 1e-4f);
    hh_array_free(&magnitude);
    hh_array_free(&phase);
}

static HhArray view(HhType type, void *data, size_t a, size_t b, size_t c)
{
    return (HhArray){type, 3, {a, b, c, 0}, data, {NULL, NULL, NULL}};
}

static void decibels(void **state)
{
    (void)state;
    double x[] = {1.0, 100.0, 1e-12, 0.5, 0.0, 3.0};
    float f[HH_COUNT(x)];
    for (size_t i = 0; i < HH_COUNT(x); i++) f[i] = (float)x[i];
    const struct {
        HhDbReference kind;
        double reference, top_db, value;
    } cases[] = {{HH_DB_REFERENCE_VALUE, 1.0, 80.0, 1.0},
                 {HH_DB_REFERENCE_VALUE, -2.0, HUGE_VAL, 2.0},
                 {HH_DB_REFERENCE_MAX, 1.0, 20.0, 100.0},
                 {HH_DB_REFERENCE_MEAN, 1.0, 0.0, (1.0 + 100.0 + 1e-12 + 0.5 + 3.0) / 6.0},
                 {HH_DB_REFERENCE_MEDIAN, 1.0, 80.0, 0.75}};
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int amplitude = 0; amplitude < 2; amplitude++)
            for (int wide = 0; wide < 2; wide++) {
                HhDbParams p;
                if (amplitude)
                    hh_amplitude_to_db_defaults(&p);
                else
                    hh_power_to_db_defaults(&p);
                assert_true(p.amin == (amplitude ? 1e-5 : 1e-10));
                p.reference_kind = cases[i].kind;
                p.reference = cases[i].reference;
                p.top_db = cases[i].top_db;
                HhArray in = wide ? view(HH_FLOAT64, x, 1, 2, 3) : view(HH_FLOAT32, f, 1, 2, 3),
                        out = HH_ARRAY_INIT;
                assert_int_equal(amplitude ? hh_amplitude_to_db(NULL, &in, &p, &out)
                                           : hh_power_to_db(NULL, &in, &p, &out),
                                 HH_OK);
                assert_true(out.type == in.type && out.dimensions == 3 && out.shape[2] == 3);
                double scale = amplitude ? 20.0 : 10.0;
                double top = scale * (log10(100.0) - log10(cases[i].value));
                for (size_t j = 0; j < HH_COUNT(x); j++) {
                    double want = scale * (log10(fmax(x[j], p.amin)) - log10(cases[i].value));
                    want = fmax(want, top - p.top_db);
                    double got = wide ? ((double *)out.data)[j] : (double)((float *)out.data)[j];
                    assert_true(fabs(got - want) <= (wide ? 1e-12 : 2e-5));
                }
                HhArray back = HH_ARRAY_INIT;
                assert_int_equal(amplitude ? hh_db_to_amplitude(NULL, &out, cases[i].value, &back)
                                           : hh_db_to_power(NULL, &out, cases[i].value, &back),
                                 HH_OK);
                double first = wide ? ((double *)back.data)[1] : (double)((float *)back.data)[1];
                assert_true(fabs(first - 100.0) < (wide ? 1e-10 : 1e-3));
                hh_array_free(&out);
                hh_array_free(&back);
            }
    float z[] = {3.0f, 4.0f, 0.0f, -1.0f};
    HhArray in = view(HH_COMPLEX64, z, 1, 1, 2), out = HH_ARRAY_INIT;
    assert_int_equal(hh_amplitude_to_db(NULL, &in, NULL, &out), HH_OK);
    assert_true(fabs((double)((float *)out.data)[0] - 20.0 * log10(5.0)) < 1e-5);
    assert_true(fabs((double)((float *)out.data)[1]) < 1e-6);
    hh_array_free(&out);
    double z_f64[] = {3.0, 4.0, 0.0, -1.0 - 1e-12};
    in = view(HH_COMPLEX128, z_f64, 1, 1, 2);
    assert_int_equal(hh_amplitude_to_db(NULL, &in, NULL, &out), HH_OK);
    assert_true(out.type == HH_FLOAT64);
    assert_true(fabs(((double *)out.data)[0] - 20.0 * log10(5.0)) < 1e-13);
    assert_true(fabs(((double *)out.data)[1] - 20.0 * log10(1.0 + 1e-12)) < 1e-14);
    hh_array_free(&out);
    HhDbParams p;
    hh_power_to_db_defaults(&p);
    p.amin = 0.0;
    assert_int_equal(hh_power_to_db(NULL, &in, &p, &out), HH_ERROR_ARGUMENT);
    p.amin = 1e-10;
    p.top_db = -1.0;
    assert_int_equal(hh_power_to_db(NULL, &in, &p, &out), HH_ERROR_ARGUMENT);
    p.top_db = 80.0;
    p.reference_kind = (HhDbReference)9;
    assert_int_equal(hh_power_to_db(NULL, &in, &p, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
    p.reference_kind = HH_DB_REFERENCE_VALUE;
    p.reference = (double)NAN;
    assert_int_equal(hh_power_to_db(NULL, &in, &p, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_db_to_power(NULL, &in, 1.0, &out), HH_ERROR_ARGUMENT);
    in.type = HH_INT64;
    assert_int_equal(hh_power_to_db(NULL, &in, NULL, &out), HH_ERROR_ARGUMENT);
}

/* ---- mel and MFCC */

static void mel_filters_have_their_area(void **state)
{
    (void)state;
    for (int norm = HH_MEL_NORM_SLANEY; norm <= HH_MEL_NORM_POWER; norm++)
        for (int htk = 0; htk < 2; htk++) {
            HhMelParams p;
            hh_mel_defaults(&p);
            p.stft.n_fft = 8192;
            p.n_mels = 40;
            p.fmin = 50.0;
            p.norm = (HhMelNorm)norm;
            p.norm_power = htk ? HUGE_VAL : 1.0;
            p.htk = htk;
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_OK);
            assert_true(out.shape[0] == 40 && out.shape[1] == 4097);
            const float *w = out.data;
            for (size_t m = 0; m < 40; m++) {
                double sum = 0.0, peak = 0.0;
                for (size_t k = 0; k < 4097; k++) {
                    sum += (double)w[m * 4097 + k];
                    peak = fmax(peak, (double)w[m * 4097 + k]);
                }
                if (norm == HH_MEL_NORM_SLANEY)
                    assert_true(fabs(sum * 22050.0 / 8192.0 - 1.0) < 0.01);
                if (norm == HH_MEL_NORM_NONE) assert_true(peak > 0.9 && peak <= 1.0);
                if (norm == HH_MEL_NORM_POWER) assert_true(fabs((htk ? peak : sum) - 1.0) < 1e-6);
            }
            hh_array_free(&out);
        }
    HhMelParams p;
    hh_mel_defaults(&p);
    HhArray out = HH_ARRAY_INIT;
    p.n_mels = 0;
    assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_ERROR_ARGUMENT);
    p.n_mels = 600; /* more bands than bins: some are empty, which is allowed */
    assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_OK);
    hh_array_free(&out);
    p.fmin = 8000.0;
    p.fmax = 7000.0;
    assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_ERROR_ARGUMENT);
    p.fmax = 0.0;
    p.norm = (HhMelNorm)7;
    assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_ERROR_ARGUMENT);
    p.norm = HH_MEL_NORM_POWER;
    p.norm_power = 0.0;
    assert_int_equal(hh_mel_filters(NULL, 22050.0, &p, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_mel_filters(NULL, -1.0, NULL, &out), HH_ERROR_ARGUMENT);
}

static void mel_is_the_matrix_product(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    for (double power = 1.0; power < 3.0; power += 0.5) {
        HhMelParams p;
        hh_mel_defaults(&p);
        p.power = power;
        p.n_mels = 50;
        HhArray filters = HH_ARRAY_INIT, S = HH_ARRAY_INIT, mel = HH_ARRAY_INIT,
                from = HH_ARRAY_INIT;
        assert_int_equal(hh_mel_filters(NULL, y.rate, &p, &filters), HH_OK);
        assert_int_equal(hh_spectrogram(NULL, &y, &p.stft, power, &S), HH_OK);
        assert_int_equal(hh_melspectrogram(NULL, &y, &p, &mel), HH_OK);
        assert_int_equal(hh_melspectrogram_from(NULL, &S, y.rate, &p, &from), HH_OK);
        assert_true(mel.shape[0] == 2 && mel.shape[1] == S.shape[1] && mel.shape[2] == 50);
        double worst = 0.0, peak = 0.0;
        for (size_t t = 0; t < 2 * S.shape[1]; t++)
            for (size_t m = 0; m < 50; m++) {
                double want = 0.0;
                for (size_t k = 0; k < 1025; k++)
                    want += (double)((float *)filters.data)[m * 1025 + k] *
                            (double)((float *)S.data)[t * 1025 + k];
                double a = (double)((float *)mel.data)[t * 50 + m],
                       b = (double)((float *)from.data)[t * 50 + m];
                worst = fmax(worst, fmax(fabs(a - want), fabs(b - want)));
                peak = fmax(peak, want);
            }
        assert_true(worst <= 1e-6 * peak);
        hh_array_free(&filters);
        hh_array_free(&S);
        hh_array_free(&mel);
        hh_array_free(&from);
    }
}

/* Orthonormal type 2 from its definition. */
static double cosine_transform(const float *x, size_t n, size_t k)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * cos(pi * (double)k * ((double)i + 0.5) / (double)n);
    return sum * sqrt((k ? 2.0 : 1.0) / (double)n);
}

static void mfcc_is_the_cosine_transform(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    HhMfccParams p;
    hh_mfcc_defaults(&p);
    p.mel.n_mels = 40;
    p.n_mfcc = 13;
    p.lifter = 22.0;
    HhArray mel = HH_ARRAY_INIT, db = HH_ARRAY_INIT, from = HH_ARRAY_INIT, mfcc = HH_ARRAY_INIT;
    assert_int_equal(hh_mel_of_signal(NULL, &y, &p.mel, HH_TILE_EXACT_POWER, &mel), HH_OK);
    assert_int_equal(hh_power_to_db(NULL, &mel, NULL, &db), HH_OK);
    assert_int_equal(hh_mfcc_from(NULL, &db, &p, &from), HH_OK);
    assert_int_equal(hh_mfcc(NULL, &y, &p, &mfcc), HH_OK);
    assert_true(mfcc.shape[1] == mel.shape[1] && mfcc.shape[2] == 13);
    for (size_t i = 0; i < hh_array_count(&mfcc); i++) {
        size_t k = i % 13;
        double want = cosine_transform((float *)db.data + i / 13 * 40, 40, k);
        want *= 1.0 + 11.0 * sin(pi * (double)(k + 1) / 22.0);
        assert_true(fabs((double)((float *)from.data)[i] - want) < 2e-3);
        assert_true(fabs((double)((float *)mfcc.data)[i] - want) < 2e-3);
    }
    /* any stretch of rows gives the same bytes */
    HhCepstrum cepstrum;
    assert_int_equal(hh_cepstrum_make(NULL, &cepstrum, 40, &p), HH_OK);
    float peak = hh_kernels(NULL)->vector->max_f32(mel.data, hh_array_count(&mel));
    size_t frames = 2 * mel.shape[1];
    float *pieces = malloc(frames * 13 * sizeof *pieces);
    assert_non_null(pieces);
    for (size_t t = 0; t < frames; t += 5)
        assert_int_equal(hh_mfcc_rows(NULL, &cepstrum, (float *)mel.data + t * 40,
                                      HH_MIN((size_t)5, frames - t), peak, pieces + t * 13),
                         HH_OK);
    assert_memory_equal(pieces, mfcc.data, frames * 13 * sizeof *pieces);
    free(pieces);
    hh_cepstrum_free(NULL, &cepstrum);
    hh_array_free(&from);
    hh_array_free(&mfcc);

    p.n_mfcc = 100; /* no more than there are bands */
    assert_int_equal(hh_mfcc_from(NULL, &db, &p, &from), HH_OK);
    assert_true(from.shape[2] == 40);
    hh_array_free(&from);
    p.n_mfcc = 0;
    assert_int_equal(hh_mfcc_from(NULL, &db, &p, &from), HH_ERROR_ARGUMENT);
    p.n_mfcc = 5;
    p.lifter = -1.0;
    assert_int_equal(hh_mfcc(NULL, &y, &p, &from), HH_ERROR_ARGUMENT);
    p.lifter = 0.0;
    p.dct_type = 4;
    assert_int_equal(hh_mfcc(NULL, &y, &p, &from), HH_ERROR_ARGUMENT);
    p.dct_type = 1;
    p.mel.n_mels = 1;
    assert_int_equal(hh_mfcc(NULL, &y, &p, &from), HH_ERROR_ARGUMENT);
    db.type = HH_FLOAT64;
    assert_int_equal(hh_mfcc_from(NULL, &db, NULL, &from), HH_ERROR_ARGUMENT);
    db.type = HH_FLOAT32;
    db.shape[1] = 0;
    assert_int_equal(hh_mfcc_from(NULL, &db, NULL, &from), HH_ERROR_EMPTY);
    hh_array_free(&mel);
    hh_array_free(&db);
}

/* Types 1 and 3 of the orthonormal transform: type 3 undoes type 2, type 1 undoes itself. */
static void cosine_transforms_invert(void **state)
{
    (void)state;
    enum { N = 12 };
    float x[N], y[N], z[N];
    uint64_t seed = 8;
    for (int i = 0; i < N; i++) x[i] = (float)test_noise(&seed);
    const int pairs[][2] = {{2, 3}, {3, 2}, {1, 1}};
    for (size_t i = 0; i < HH_COUNT(pairs); i++) {
        const float *in = x;
        for (int step = 0; step < 2; step++) {
            HhMfccParams p;
            hh_mfcc_defaults(&p);
            p.dct_type = pairs[i][step];
            HhArray rows = view(HH_FLOAT32, (float *)in, 1, 1, N), out = HH_ARRAY_INIT;
            assert_int_equal(hh_mfcc_from(NULL, &rows, &p, &out), HH_OK);
            memcpy(step ? z : y, out.data, sizeof y);
            hh_array_free(&out);
            in = y;
        }
        for (int j = 0; j < N; j++) assert_true(fabsf(z[j] - x[j]) < 1e-6f);
    }
}

/* ---- descriptors against their definitions */

static double rank(double *x, size_t n, size_t k, bool largest)
{
    double sum = 0.0;
    for (size_t i = 0; i < k; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < n; j++)
            if (largest ? x[j] > x[best] : x[j] < x[best]) best = j;
        double t = x[i];
        x[i] = x[best];
        x[best] = t;
        sum += x[i];
    }
    return sum / (double)k;
}

static void descriptors_are_their_definitions(void **state)
{
    (void)state;
    enum { BINS = 1025, BANDS = 5 };
    HhSignal y = sound(LENGTH);
    HhArray S = HH_ARRAY_INIT, centroid = HH_ARRAY_INIT, bandwidth = HH_ARRAY_INIT,
            cubic = HH_ARRAY_INIT, rolloff = HH_ARRAY_INIT, flatness = HH_ARRAY_INIT,
            contrast = HH_ARRAY_INIT;
    HhStftParams stft;
    hh_stft_defaults(&stft);
    stft.hop_length = 512;
    assert_int_equal(hh_spectrogram(NULL, &y, &stft, 1.0, &S), HH_OK);
    HhBandwidthParams b;
    hh_spectral_bandwidth_defaults(&b);
    assert_int_equal(hh_spectral_bandwidth(NULL, &y, &b, &bandwidth), HH_OK);
    b.p = 3.0;
    b.norm = false;
    assert_int_equal(hh_spectral_bandwidth_from(NULL, &S, y.rate, &b, &cubic), HH_OK);
    HhContrastParams c;
    hh_spectral_contrast_defaults(&c);
    c.n_bands = BANDS - 1;
    c.fmin = 300.0;
    c.quantile = 0.1; /* 56 of the last band: more than the kernel keeps in registers */
    c.linear = true;
    assert_int_equal(hh_spectral_contrast(NULL, &y, &c, &contrast), HH_OK);
    assert_int_equal(hh_spectral_centroid(NULL, &y, NULL, &centroid), HH_OK);
    assert_int_equal(hh_spectral_rolloff(NULL, &y, NULL, &rolloff), HH_OK);
    assert_int_equal(hh_spectral_flatness(NULL, &y, NULL, &flatness), HH_OK);
    assert_true(centroid.type == HH_FLOAT64 && flatness.type == HH_FLOAT32 &&
                contrast.shape[2] == BANDS);

    for (size_t t = 0; t < 2 * S.shape[1]; t++) {
        const float *x = (float *)S.data + t * BINS;
        double sum = 0, weighted = 0, square = 0, third = 0, logs = 0, powers = 0;
        for (size_t k = 0; k < BINS; k++) {
            double f = (double)k * 22050.0 / 2048.0,
                   power = fmax(1e-10, (double)x[k] * (double)x[k]);
            sum += (double)x[k];
            weighted += (double)x[k] * f;
            logs += log(power);
            powers += power;
        }
        double centre = weighted / sum;
        for (size_t k = 0; k < BINS; k++) {
            double away = fabs((double)k * 22050.0 / 2048.0 - centre);
            square += (double)x[k] * away * away;
            third += (double)x[k] * away * away * away;
        }
#define CLOSE(A, B, BOUND) assert_true(fabs((double)(A) - (B)) <= (BOUND)*fabs(B))
        CLOSE(((double *)centroid.data)[t], centre, 1e-6);
        CLOSE(((double *)bandwidth.data)[t], sqrt(square / sum), 1e-6);
        CLOSE(((double *)cubic.data)[t], cbrt(third), 2e-6);
        CLOSE(((float *)flatness.data)[t], exp(logs / BINS) / (powers / BINS), 1e-5);
        /* rolloff: the float running sum decides, so the true one may be off by rounding */
        double reached = 0.0, before = 0.0;
        for (size_t k = 0; (double)k * 22050.0 / 2048.0 <= ((double *)rolloff.data)[t] + 1e-6;
             k++) {
            before = reached;
            reached += (double)x[k];
        }
        assert_true(reached >= 0.85 * sum * (1.0 - 1e-6) && before <= 0.85 * sum * (1.0 + 1e-6));

        for (int i = 0; i < BANDS; i++) {
            double low = i ? 300.0 * ldexp(1.0, i - 1) : 0.0, high = 300.0 * ldexp(1.0, i),
                   column[BINS];
            size_t first = 0, n = 0;
            while ((double)first * 22050.0 / 2048.0 < low) first++;
            size_t end = first;
            while (end < BINS && (i == BANDS - 1 || (double)end * 22050.0 / 2048.0 <= high)) end++;
            if (i > 0) first--;
            size_t k = (size_t)fmax(1.0, rint(0.1 * (double)(end - first)));
            for (size_t j = first; j < end - (i < BANDS - 1); j++) column[n++] = (double)x[j];
            double peak = rank(column, n, k, true), valley = rank(column, n, k, false);
            assert_true(fabs(((double *)contrast.data)[t * BANDS + (size_t)i] - (peak - valley)) <=
                        1e-6 * peak);
        }
    }
    hh_array_free(&S);
    hh_array_free(&centroid);
    hh_array_free(&bandwidth);
    hh_array_free(&cubic);
    hh_array_free(&rolloff);
    hh_array_free(&flatness);
    hh_array_free(&contrast);
}

static void frequencies_and_centroid_may_be_given(void **state)
{
    (void)state;
    float rows[] = {1, 2, 3, 0, 0, 4};
    double f[] = {10.0, 20.0, 50.0}, centre[] = {0.0, 30.0};
    HhArray S = view(HH_FLOAT32, rows, 1, 2, 3), out = HH_ARRAY_INIT;
    HhCentroidParams c;
    hh_spectral_centroid_defaults(&c);
    c.frequencies = f;
    assert_int_equal(hh_spectral_centroid_from(NULL, &S, 8000.0, &c, &out), HH_OK);
    assert_true(fabs(((double *)out.data)[0] - 200.0 / 6.0) < 1e-4 &&
                ((double *)out.data)[1] == 50.0);
    hh_array_free(&out);
    HhBandwidthParams b;
    hh_spectral_bandwidth_defaults(&b);
    b.frequencies = f;
    b.centroid = centre;
    assert_int_equal(hh_spectral_bandwidth_from(NULL, &S, 8000.0, &b, &out), HH_OK);
    assert_true(fabs(((double *)out.data)[0] - sqrt((100.0 + 800.0 + 7500.0) / 6.0)) < 1e-4);
    assert_true(fabs(((double *)out.data)[1] - 20.0) < 1e-5);
    hh_array_free(&out);
    HhRolloffParams r;
    hh_spectral_rolloff_defaults(&r);
    r.frequencies = f;
    r.roll_percent = 0.5; /* reached exactly at the second bin */
    assert_int_equal(hh_spectral_rolloff_from(NULL, &S, 8000.0, &r, &out), HH_OK);
    assert_true(((double *)out.data)[0] == 20.0 && ((double *)out.data)[1] == 50.0);
    hh_array_free(&out);
    f[2] = 15.0;
    assert_int_equal(hh_spectral_rolloff_from(NULL, &S, 8000.0, &r, &out), HH_ERROR_ARGUMENT);
    rows[1] = -1.0f;
    assert_int_equal(hh_spectral_flatness_from(NULL, &S, NULL, &out), HH_ERROR_ARGUMENT);
    rows[1] = NAN;
    assert_int_equal(hh_spectral_flatness_from(NULL, &S, NULL, &out), HH_ERROR_NOT_FINITE);
    S.shape[2] = 0;
    assert_int_equal(hh_spectral_flatness_from(NULL, &S, NULL, &out), HH_ERROR_EMPTY);
    S.type = HH_FLOAT64;
    assert_int_equal(hh_spectral_flatness_from(NULL, &S, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_spectral_centroid(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
}

/* The engine's rows, from the double transform's magnitudes, are the whole-array functions'
 * values. */
static void tiles_agree_with_whole_arrays(void **state)
{
    (void)state;
    enum { BINS = 1025, MELS = 128, BANDS = 7 };
    HhSignal y = sound(LENGTH);
    y.channels = 1;
    HhArray S = HH_ARRAY_INIT, whole[6] = {HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT,
                                           HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT};
    HhStftParams stft;
    hh_stft_defaults(&stft);
    HhContrastParams contrast;
    hh_spectral_contrast_defaults(&contrast);
    assert_int_equal(hh_spectrogram(NULL, &y, &stft, 1.0, &S), HH_OK);
    assert_int_equal(hh_spectral_centroid(NULL, &y, NULL, &whole[0]), HH_OK);
    assert_int_equal(hh_spectral_bandwidth(NULL, &y, NULL, &whole[1]), HH_OK);
    assert_int_equal(hh_spectral_rolloff(NULL, &y, NULL, &whole[2]), HH_OK);
    assert_int_equal(hh_spectral_flatness(NULL, &y, NULL, &whole[3]), HH_OK);
    assert_int_equal(hh_spectral_contrast(NULL, &y, NULL, &whole[4]), HH_OK);
    assert_int_equal(hh_melspectrogram(NULL, &y, NULL, &whole[5]), HH_OK);

    HhMelParams mel;
    hh_mel_defaults(&mel);
    HhDescriptorParams params;
    hh_descriptor_defaults(&params, y.rate, 2048);
    params.mel = &mel;
    HhDescriptors plan;
    assert_int_equal(hh_descriptors_make(NULL, &plan, &params), HH_OK);
    const HhKernels *kernels = hh_kernels(NULL);
    void *scratch = hh_alloc(NULL, 1, hh_descriptors_scratch(&plan));
    float *tile = hh_alloc(NULL, BINS * HH_TILE, sizeof *tile),
          *power = hh_alloc(NULL, BINS * HH_TILE, sizeof *power);
    assert_true(scratch && tile && power);
    size_t frames = S.shape[1];
    for (size_t t = 0; t < frames; t += HH_TILE) {
        int count = (int)HH_MIN((size_t)HH_TILE, frames - t);
        float centroid[HH_TILE], bandwidth[HH_TILE], rolloff[HH_TILE], flatness[HH_TILE],
            bands[HH_TILE * BANDS], mels[HH_TILE * MELS], again[HH_TILE * MELS];
        HhDescriptorRows rows = {centroid, bandwidth, rolloff, flatness, bands, mels};
        kernels->vector->frames_to_tile_f32((float *)S.data + t * BINS, BINS, BINS, count, tile);
        kernels->vector->multiply_f32(tile, tile, power, BINS * HH_TILE);
        hh_descriptors_tile(&plan, kernels, tile, power, count, &rows, scratch);
        hh_descriptors_tile(&plan, kernels, tile, NULL, count, &(HhDescriptorRows){.mel = again},
                            scratch);
        assert_memory_equal(mels, again, (size_t)count * MELS * sizeof *mels);
        for (size_t l = 0; l < (size_t)count; l++) {
            assert_true((double)centroid[l] == ((double *)whole[0].data)[t + l]);
            assert_true((double)bandwidth[l] == ((double *)whole[1].data)[t + l]);
            assert_true(rolloff[l] == (float)((double *)whole[2].data)[t + l]);
            CLOSE(flatness[l], (double)((float *)whole[3].data)[t + l], 5e-6);
            for (size_t i = 0; i < BANDS; i++) /* nothing here is 80 dB below the maximum */
                CLOSE(bands[l * BANDS + i], ((double *)whole[4].data)[(t + l) * BANDS + i], 1e-5);
            for (size_t i = 0; i < MELS; i++)
                assert_true(fabsf(mels[l * MELS + i] -
                                  ((float *)whole[5].data)[(t + l) * MELS + i]) < 1e-3f);
        }
    }
    hh_free(NULL, scratch);
    hh_free(NULL, tile);
    hh_free(NULL, power);
    hh_descriptors_free(&plan);
    hh_array_free(&S);
    for (size_t i = 0; i < HH_COUNT(whole); i++) hh_array_free(&whole[i]);
}

/* A hop beyond the signal leaves one frame, at no cost; beyond HH_MAX_HOP it is refused. */
static void hops_beyond_the_signal(void **state)
{
    (void)state;
    static const size_t hops[] = {LENGTH + 1, HH_MAX_HOP, HH_MAX_HOP + 1, SIZE_MAX / 15, SIZE_MAX};
    HhSignal y = sound(LENGTH);
    for (size_t i = 0; i < HH_COUNT(hops); i++) {
        HhStatus want = hops[i] > HH_MAX_HOP ? HH_ERROR_ARGUMENT : HH_OK;
        HhStftParams stft;
        HhRmsParams rms;
        HhZeroCrossingParams zero;
        HhMelParams mel;
        hh_stft_defaults(&stft);
        hh_rms_defaults(&rms);
        hh_zero_crossing_rate_defaults(&zero);
        hh_mel_defaults(&mel);
        stft.hop_length = rms.hop_length = zero.hop_length = mel.stft.hop_length = hops[i];
        HhArray out[4] = {HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT};
        assert_int_equal(hh_stft(NULL, &y, &stft, &out[0]), want);
        assert_int_equal(hh_rms(NULL, &y, &rms, &out[1]), want);
        assert_int_equal(hh_zero_crossing_rate(NULL, &y, &zero, &out[2]), want);
        assert_int_equal(hh_melspectrogram(NULL, &y, &mel, &out[3]), want);
        for (int k = 0; k < 4; k++) {
            assert_true(want != HH_OK || out[k].shape[1] == 1);
            hh_array_free(&out[k]);
        }
    }
}

/* ---- samples */

static void rms_and_zero_crossings(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    HhRmsParams r;
    hh_rms_defaults(&r);
    r.frame_length = 300;
    r.hop_length = 70;
    r.pad = HH_PAD_WRAP;
    HhZeroCrossingParams z;
    hh_zero_crossing_rate_defaults(&z);
    z.frame_length = 300;
    z.hop_length = 70;
    z.pad = true;
    HhArray rms = HH_ARRAY_INIT, zero = HH_ARRAY_INIT;
    assert_int_equal(hh_rms(NULL, &y, &r, &rms), HH_OK);
    assert_int_equal(hh_zero_crossing_rate(NULL, &y, &z, &zero), HH_OK);
    size_t frames = 1 + LENGTH / 70;
    assert_true(rms.shape[1] == frames && zero.shape[1] == frames && rms.type == HH_FLOAT32 &&
                zero.type == HH_FLOAT64);
    for (size_t t = 0; t < 2 * frames; t++) {
        const float *x = planes[t / frames];
        ptrdiff_t start = (ptrdiff_t)(t % frames * 70) - 150;
        double sum = 0.0;
        int count = 1;
        for (ptrdiff_t i = start; i < start + 300; i++) {
            double value = (double)x[(i + LENGTH) % LENGTH];
            sum += value * value;
            if (i > start)
                count += (padded(exact[t / frames], LENGTH, i, HH_PAD_EDGE) < -1e-10) !=
                         (padded(exact[t / frames], LENGTH, i - 1, HH_PAD_EDGE) < -1e-10);
        }
        CLOSE(((float *)rms.data)[t], sqrt(sum / 300.0), 1e-6);
        assert_true(((double *)zero.data)[t] == (double)count / 300.0);
    }
    hh_array_free(&rms);
    hh_array_free(&zero);

    const float wave[] = {1, 0, 1, -1, 0, -1, 0, 0};
    const float *one[] = {wave};
    HhSignal steps = {one, 1, 8, 8000.0};
    z = (HhZeroCrossingParams){sizeof z, 8, 8, false, 0.0, false, true};
    assert_int_equal(hh_zero_crossing_rate(NULL, &steps, &z, &zero), HH_OK);
    assert_true(((double *)zero.data)[0] == 4.0 / 8.0);
    hh_array_free(&zero);
    z.zero_pos = false;
    assert_int_equal(hh_zero_crossing_rate(NULL, &steps, &z, &zero), HH_OK);
    assert_true(((double *)zero.data)[0] == 6.0 / 8.0);
    hh_array_free(&zero);
    z.threshold = -1.0;
    assert_int_equal(hh_zero_crossing_rate(NULL, &steps, &z, &zero), HH_ERROR_ARGUMENT);
    r.pad = (HhPad)17;
    assert_int_equal(hh_rms(NULL, &y, &r, &rms), HH_ERROR_ARGUMENT);
    r = (HhRmsParams){sizeof r, 0, 512, true, HH_PAD_CONSTANT};
    assert_int_equal(hh_rms(NULL, &y, &r, &rms), HH_ERROR_ARGUMENT);
    y = sound(0);
    assert_int_equal(hh_zero_crossing_rate(NULL, &y, NULL, &zero), HH_ERROR_EMPTY);

    float tile_rms[HH_TILE], tile_zero[HH_TILE];
    y = sound(LENGTH);
    hh_sample_tile(hh_kernels(NULL), planes[0] + 100, 200, 1000, 3, tile_rms, tile_zero);
    for (int l = 0; l < 3; l++) {
        double sum = 0.0;
        for (int i = 0; i < 1000; i++) sum += pow((double)planes[0][100 + 200 * l + i], 2.0);
        CLOSE(tile_rms[l], sqrt(sum / 1000.0), 1e-6);
        assert_true(tile_zero[l] > 0.0f && tile_zero[l] < 1.0f);
    }
}

static void rms_of_a_spectrogram(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    for (size_t n = 512; n < 514; n++) {
        HhStftParams p;
        hh_stft_defaults(&p);
        p.n_fft = n;
        p.hop_length = 512;
        p.window.kind = HH_WINDOW_BOXCAR;
        HhRmsParams r;
        hh_rms_defaults(&r);
        r.frame_length = n;
        HhArray S = HH_ARRAY_INIT, of_sound = HH_ARRAY_INIT, of_spectrum = HH_ARRAY_INIT;
        assert_int_equal(hh_spectrogram(NULL, &y, &p, 1.0, &S), HH_OK);
        assert_int_equal(hh_rms(NULL, &y, &r, &of_sound), HH_OK);
        assert_int_equal(hh_rms_from(NULL, &S, &r, &of_spectrum), HH_OK);
        for (size_t i = 0; i < hh_array_count(&of_sound); i++)
            CLOSE(((float *)of_spectrum.data)[i], (double)((float *)of_sound.data)[i], 2e-6);
        hh_array_free(&of_sound);
        hh_array_free(&of_spectrum);
        r.frame_length = 1024;
        assert_int_equal(hh_rms_from(NULL, &S, &r, &of_spectrum), HH_ERROR_ARGUMENT);
        hh_array_free(&S);
    }
}

/* ---- windows: scipy's values are compared in tests/librosa; here what must hold of each */

static void windows_are_symmetric(void **state)
{
    (void)state;
    const double parameter[HH_WINDOW_TUKEY + 1] = {
        [HH_WINDOW_KAISER] = 8.0, [HH_WINDOW_GAUSSIAN] = 20.0, [HH_WINDOW_TUKEY] = 0.4};
    for (int kind = 0; kind <= HH_WINDOW_TUKEY; kind++) {
        if (kind == HH_WINDOW_CUSTOM) continue;
        HhWindow window = {(HhWindowKind)kind, parameter[kind], NULL};
        for (size_t n = 1; n < 70; n++) {
            double periodic[70], symmetric[71];
            assert_int_equal(hh_window_make(NULL, &window, n, true, periodic), HH_OK);
            assert_int_equal(hh_window_make(NULL, &window, n + 1, false, symmetric), HH_OK);
            for (size_t i = 0; i < n; i++) {
                assert_true(n == 1 ? periodic[0] == 1.0 : fabs(periodic[i] - symmetric[i]) < 1e-15);
                assert_true(fabs(symmetric[i] - symmetric[n - i]) < 1e-12);
                /* The coefficients of flat top add up to 1 + 3e-9. */
                assert_true(symmetric[i] <= 1.0 + 1e-8);
            }
        }
    }
}

static void windows_are_checked(void **state)
{
    (void)state;
    double w[4], values[4] = {1.0, 2.0, (double)NAN, 0.0};
    const struct {
        HhWindow window;
        HhStatus status;
    } cases[] = {
        {{HH_WINDOW_CUSTOM, 0.0, NULL}, HH_ERROR_ARGUMENT},
        {{HH_WINDOW_CUSTOM, 0.0, values}, HH_ERROR_NOT_FINITE},
        {{HH_WINDOW_KAISER, 1e4, NULL}, HH_ERROR_ARGUMENT},
        {{HH_WINDOW_KAISER, (double)NAN, NULL}, HH_ERROR_ARGUMENT},
        {{HH_WINDOW_GAUSSIAN, 0.0, NULL}, HH_ERROR_ARGUMENT},
        {{HH_WINDOW_TUKEY, 1.5, NULL}, HH_ERROR_ARGUMENT},
        {{(HhWindowKind)99, 0.0, NULL}, HH_ERROR_ARGUMENT},
        {{HH_WINDOW_TUKEY, 0.0, NULL}, HH_OK},
        {{HH_WINDOW_TUKEY, 1.0, NULL}, HH_OK},
    };
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        assert_int_equal(hh_window_make(NULL, &cases[i].window, 4, true, w), cases[i].status);
}

/* ---- doubles: features see them as they are, and their rounding is that of one float */

static void rms_and_zero_crossings_of_doubles(void **state)
{
    (void)state;
    HhSignal y = sound_in_double(LENGTH);
    HhRmsParams r;
    hh_rms_defaults(&r);
    r.pad = HH_PAD_WRAP;
    HhZeroCrossingParams z;
    hh_zero_crossing_rate_defaults(&z);
    HhArray rms = HH_ARRAY_INIT, zero = HH_ARRAY_INIT;
    assert_int_equal(hh_rms(NULL, &y, &r, &rms), HH_OK);
    assert_int_equal(hh_zero_crossing_rate(NULL, &y, &z, &zero), HH_OK);
    size_t frames = 1 + LENGTH / 512;
    assert_true(rms.shape[1] == frames && zero.shape[1] == frames && rms.type == HH_FLOAT32 &&
                zero.type == HH_FLOAT64);
    for (size_t t = 0; t < 2 * frames; t++) {
        const double *x = fine[t / frames];
        ptrdiff_t start = (ptrdiff_t)(t % frames * 512) - 1024;
        double sum = 0.0;
        int count = 0;
        for (ptrdiff_t i = start; i < start + 2048; i++) {
            sum += pow(x[(i + LENGTH) % LENGTH], 2.0);
            if (i > start)
                count += (padded(x, LENGTH, i, HH_PAD_EDGE) < -1e-10) !=
                         (padded(x, LENGTH, i - 1, HH_PAD_EDGE) < -1e-10);
        }
        CLOSE(((float *)rms.data)[t], sqrt(sum / 2048.0), 6e-8);
        assert_true(((double *)zero.data)[t] == (double)count / 2048.0);
    }
    hh_array_free(&rms);
    hh_array_free(&zero);

    /* no float tells these apart, or from 0 */
    const double near = 1.0 + 1e-12, wave[] = {near, -near, 1.0, -near, 1e-60, -1e-60, near, -1.0};
    const double *one[] = {wave};
    HhSignal steps = {.channels = 1, .length = 8, .rate = 8000.0, .channel_f64 = one};
    const struct {
        double threshold;
        bool zero_pos;
        int crossings;
    } cases[] = {{0.0, true, 7}, {1.0, true, 4}, {1.0, false, 6}, {1e-60, false, 6}};
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        z = (HhZeroCrossingParams){sizeof z,         8, 8, false, cases[i].threshold, false,
                                   cases[i].zero_pos};
        assert_int_equal(hh_zero_crossing_rate(NULL, &steps, &z, &zero), HH_OK);
        assert_true(((double *)zero.data)[0] == cases[i].crossings / 8.0);
        hh_array_free(&zero);
    }
}

/* ---- everything: same bytes for any level and number of threads, clean failure without memory */

typedef HhStatus Make(HhContext *context, const HhSignal *y, HhArray *out);

static HhStatus make_stft(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_stft(context, y, NULL, out);
}

static HhStatus make_odd_stft(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhStftParams p;
    hh_stft_defaults(&p);
    p.n_fft = 1001;
    return hh_stft(context, y, &p, out);
}

static HhStatus make_sound_again(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray spectrum = HH_ARRAY_INIT;
    HhStftParams p;
    hh_stft_defaults(&p);
    p.n_fft = 256;
    p.hop_length = 16;
    HH_TRY(hh_stft(context, y, &p, &spectrum));
    HhIstftParams q;
    hh_istft_defaults(&q);
    q.hop_length = 16;
    HhStatus status = hh_istft(context, &spectrum, &q, out);
    hh_array_free(&spectrum);
    return status;
}

static HhStatus make_phase(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray spectrum = HH_ARRAY_INIT, magnitude = HH_ARRAY_INIT;
    HH_TRY(hh_stft(context, y, NULL, &spectrum));
    HhStatus status = hh_magphase(context, &spectrum, 1.5, &magnitude, out);
    hh_array_free(&spectrum);
    hh_array_free(&magnitude);
    return status;
}

static HhStatus make_spectrogram(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_spectrogram(context, y, NULL, 1.5, out);
}

static HhStatus make_db(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray S = HH_ARRAY_INIT;
    HH_TRY(hh_spectrogram(context, y, NULL, 2.0, &S));
    HhDbParams p;
    hh_power_to_db_defaults(&p);
    p.reference_kind = HH_DB_REFERENCE_MEDIAN;
    HhStatus status = hh_power_to_db(context, &S, &p, out);
    hh_array_free(&S);
    return status;
}

static HhStatus make_filters(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_mel_filters(context, y->rate, NULL, out);
}

static HhStatus make_mel(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_melspectrogram(context, y, NULL, out);
}

static HhStatus make_mfcc(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_mfcc(context, y, NULL, out);
}

static HhStatus make_mfcc_from(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray mel = HH_ARRAY_INIT;
    HH_TRY(hh_melspectrogram(context, y, NULL, &mel));
    HhStatus status = hh_mfcc_from(context, &mel, NULL, out);
    hh_array_free(&mel);
    return status;
}

static HhStatus make_centroid(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_spectral_centroid(context, y, NULL, out);
}

static HhStatus make_bandwidth(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhBandwidthParams p;
    hh_spectral_bandwidth_defaults(&p);
    p.p = 1.7;
    return hh_spectral_bandwidth(context, y, &p, out);
}

static HhStatus make_rolloff(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_spectral_rolloff(context, y, NULL, out);
}

static HhStatus make_flatness(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_spectral_flatness(context, y, NULL, out);
}

static HhStatus make_mono_flatness(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhSignal mono = *y;
    mono.channels = 1;
    return hh_spectral_flatness(context, &mono, NULL, out);
}

static HhStatus make_contrast(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_spectral_contrast(context, y, NULL, out);
}

static HhStatus make_rms(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_rms(context, y, NULL, out);
}

static HhStatus make_rms_from(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhArray S = HH_ARRAY_INIT;
    HH_TRY(hh_spectrogram(context, y, NULL, 1.0, &S));
    HhStatus status = hh_rms_from(context, &S, NULL, out);
    hh_array_free(&S);
    return status;
}

static HhStatus make_zero_crossings(HhContext *context, const HhSignal *y, HhArray *out)
{
    return hh_zero_crossing_rate(context, y, NULL, out);
}

static HhStatus make_poly(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhPolyParams p;
    hh_poly_features_defaults(&p);
    p.order = 3;
    return hh_poly_features(context, y, &p, out);
}

static HhStatus make_sumsquare(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhWindowSumsquareParams p;
    hh_window_sumsquare_defaults(&p);
    p.hop_length = 300;
    p.norm = 3.0;
    return hh_window_sumsquare(context, 200, &p, y->channel_f64 ? HH_FLOAT64 : HH_FLOAT32, out);
}

static Make *const makers[] = {
    make_stft,     make_odd_stft,  make_sound_again, make_phase,          make_spectrogram,
    make_db,       make_filters,   make_mel,         make_mfcc,           make_mfcc_from,
    make_centroid, make_bandwidth, make_rolloff,     make_flatness,       make_mono_flatness,
    make_contrast, make_rms,       make_rms_from,    make_zero_crossings, make_poly,
    make_sumsquare};

/* Of floats and of doubles. */
static void levels_and_threads_do_not_matter(void **state)
{
    (void)state;
    const HhSignal sounds[] = {sound(LENGTH), sound_in_double(LENGTH)};
    for (size_t run = 0; run < 2 * HH_COUNT(makers); run++) {
        const size_t i = run / 2;
        HhSignal y = sounds[run % 2];
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

/* The same samples as floats and as doubles. */
static void features_of_doubles_are_those_of_floats(void **state)
{
    (void)state;
    Make *const features[] = {make_spectrogram, make_mel,           make_mfcc,     make_centroid,
                              make_bandwidth,   make_rolloff,       make_flatness, make_contrast,
                              make_rms,         make_zero_crossings};
    const double *list[] = {exact[0], exact[1]};
    HhSignal y = sound(LENGTH);
    HhSignal z = {.channels = CHANNELS, .length = LENGTH, .rate = y.rate, .channel_f64 = list};
    for (size_t i = 0; i < HH_COUNT(features); i++) {
        HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT;
        assert_int_equal(features[i](NULL, &y, &a), HH_OK);
        assert_int_equal(features[i](NULL, &z, &b), HH_OK);
        assert_int_equal(a.type, b.type);
        assert_memory_equal(a.shape, b.shape, sizeof a.shape);
        for (size_t n = 0; n < hh_array_count(&a); n++) {
            bool wide = a.type == HH_FLOAT64;
            double want = wide ? ((double *)a.data)[n] : (double)((float *)a.data)[n];
            double got = wide ? ((double *)b.data)[n] : (double)((float *)b.data)[n];
            assert_true(fabs(got - want) <= 2e-5 * fabs(want) + 2e-5);
        }
        hh_array_free(&a);
        hh_array_free(&b);
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
    const HhSignal sounds[] = {sound(3000), sound_in_double(3000)};
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.allocator = (HhAllocator){failing_allocate, failing_release, NULL};
    for (size_t run = 0; run < 2 * HH_COUNT(makers); run++) {
        const size_t i = run / 2;
        HhSignal y = sounds[run % 2];
        HhStatus status = HH_ERROR_MEMORY;
        for (long n = 1; status != HH_OK; n++) {
            assert_true(n < 100);
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

/* Filter banks and windows alone. */
static bool hears(Make *make)
{
    return make != make_filters && make != make_sumsquare;
}

static void bad_arguments(void **state)
{
    (void)state;
    HhArray out = HH_ARRAY_INIT;
    float bad[64] = {0};
    const float *list[] = {bad};
    HhSignal y = {list, 1, 64, 22050.0};
    bad[40] = NAN;
    for (size_t i = 0; i < HH_COUNT(makers); i++) {
        HhStatus status = makers[i](NULL, &y, &out);
        assert_true(hears(makers[i]) ? status == HH_ERROR_NOT_FINITE : status == HH_OK);
        hh_array_free(&out);
    }
    double bad_f64[64] = {0};
    const double *list_f64[] = {bad_f64};
    const double not_finite[] = {(double)NAN, (double)INFINITY};
    y = (HhSignal){.channels = 1, .length = 64, .rate = 22050.0, .channel_f64 = list_f64};
    for (size_t i = 0; i < 2 * HH_COUNT(makers); i++) {
        bad_f64[40] = not_finite[i % 2];
        HhStatus status = makers[i / 2](NULL, &y, &out);
        assert_true(hears(makers[i / 2]) ? status == HH_ERROR_NOT_FINITE : status == HH_OK);
        hh_array_free(&out);
    }
    y = (HhSignal){list, 1, 64, 22050.0, NULL};
    bad[40] = 0.0f;
    y.rate = 0.0;
    assert_int_equal(hh_spectral_centroid(NULL, &y, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_melspectrogram(NULL, &y, NULL, &out), HH_ERROR_ARGUMENT);
    y.channels = 0;
    assert_int_equal(hh_stft(NULL, &y, NULL, &out), HH_ERROR_ARGUMENT);
    y.channels = HH_MAX_CHANNELS + 1;
    assert_int_equal(hh_stft(NULL, &y, NULL, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_stft(NULL, NULL, NULL, &out), HH_ERROR_ARGUMENT);
    list[0] = NULL;
    y.channels = 1;
    assert_int_equal(hh_stft(NULL, &y, NULL, &out), HH_ERROR_ARGUMENT);

    y = sound(LENGTH);
    HhStftParams s;
#define STFT_REFUSES(CHANGE)                                                                       \
    do {                                                                                           \
        hh_stft_defaults(&s);                                                                      \
        CHANGE;                                                                                    \
        assert_int_equal(hh_stft(NULL, &y, &s, &out), HH_ERROR_ARGUMENT);                          \
        assert_null(out.data);                                                                     \
    } while (0)
    STFT_REFUSES(s.n_fft = 0);
    STFT_REFUSES(s.n_fft = ((size_t)1 << 20) + 1);
    STFT_REFUSES(s.win_length = 2049);
    STFT_REFUSES(s.win_length = 3);
    STFT_REFUSES(s.pad = HH_PAD_WRAP);
    STFT_REFUSES(s.window.kind = (HhWindowKind)50);
    STFT_REFUSES(s.size = sizeof s + 8);
    STFT_REFUSES(s.size = 4);
    assert_int_equal(hh_spectrogram(NULL, &y, NULL, 0.0, &out), HH_ERROR_ARGUMENT);

    HhMelParams m;
    hh_mel_defaults(&m);
    m.power = -2.0;
    assert_int_equal(hh_melspectrogram(NULL, &y, &m, &out), HH_ERROR_ARGUMENT);
    HhBandwidthParams b;
    hh_spectral_bandwidth_defaults(&b);
    b.p = 0.0;
    assert_int_equal(hh_spectral_bandwidth(NULL, &y, &b, &out), HH_ERROR_ARGUMENT);
    HhRolloffParams r;
    hh_spectral_rolloff_defaults(&r);
    r.roll_percent = 1.0;
    assert_int_equal(hh_spectral_rolloff(NULL, &y, &r, &out), HH_ERROR_ARGUMENT);
    HhFlatnessParams f;
    hh_spectral_flatness_defaults(&f);
    f.amin = 0.0;
    assert_int_equal(hh_spectral_flatness(NULL, &y, &f, &out), HH_ERROR_ARGUMENT);
    f.amin = 1e-10;
    f.power = 0.0;
    assert_int_equal(hh_spectral_flatness(NULL, &y, &f, &out), HH_ERROR_ARGUMENT);
    HhContrastParams c;
#define CONTRAST_REFUSES(CHANGE)                                                                   \
    do {                                                                                           \
        hh_spectral_contrast_defaults(&c);                                                         \
        CHANGE;                                                                                    \
        assert_int_equal(hh_spectral_contrast(NULL, &y, &c, &out), HH_ERROR_ARGUMENT);             \
    } while (0)
    CONTRAST_REFUSES(c.fmin = 0.0);
    CONTRAST_REFUSES(c.fmin = (double)NAN);
    CONTRAST_REFUSES(c.n_bands = 0);
    CONTRAST_REFUSES(c.n_bands = 8);
    CONTRAST_REFUSES(c.n_bands = 1000);
    CONTRAST_REFUSES(c.quantile = 1.0);
    CONTRAST_REFUSES(c.stft.n_fft = 64);  /* bands without bins */
    CONTRAST_REFUSES(c.stft.n_fft = 100); /* a band of one bin */
}

/* ---- polynomials in frequency */

enum { POLY_FRAMES = 21, POLY_BINS = 65 };

static double poly_magnitude(const void *values, HhType type, size_t i)
{
    return type == HH_FLOAT32 ? (double)((const float *)values)[i] : ((const double *)values)[i];
}

/* What is left after a least-squares fit is orthogonal to all powers. */
static void check_poly(HhType type, size_t order, bool per_frame)
{
    static double values[POLY_FRAMES * POLY_BINS], frequencies[POLY_FRAMES * POLY_BINS];
    uint64_t seed = 3 + order;
    for (size_t i = 0; i < POLY_FRAMES * POLY_BINS; i++) {
        if (type == HH_FLOAT32)
            ((float *)values)[i] = (float)test_noise(&seed);
        else
            values[i] = test_noise(&seed);
        frequencies[i] = 3000.0 * (test_noise(&seed) + 1.5);
    }
    HhPolyParams p;
    hh_poly_features_defaults(&p);
    p.order = order;
    p.stft.n_fft = 2 * (POLY_BINS - 1);
    if (per_frame) p.frequencies = frequencies;
    p.per_frame = per_frame;
    HhArray s = view(type, values, 1, POLY_FRAMES, POLY_BINS), out = HH_ARRAY_INIT;
    assert_int_equal(hh_poly_features_from(NULL, &s, 8000.0, &p, &out), HH_OK);
    assert_int_equal(out.type, HH_FLOAT64);
    assert_int_equal(out.shape[2], order + 1);
    for (size_t t = 0; t < POLY_FRAMES; t++)
        for (size_t power = 0; power <= order; power++) {
            double product = 0.0, rest = 0.0, size = 0.0;
            for (size_t b = 0; b < POLY_BINS; b++) {
                double f = per_frame ? frequencies[t * POLY_BINS + b]
                                     : (double)b * 8000.0 / (2.0 * (POLY_BINS - 1));
                double fit = 0.0;
                for (size_t j = 0; j <= order; j++)
                    fit = fit * f + ((const double *)out.data)[t * (order + 1) + j];
                double r = poly_magnitude(values, type, t * POLY_BINS + b) - fit;
                product += r * pow(f, (double)power);
                rest += r * r;
                size += pow(f, 2.0 * (double)power);
            }
            assert_true(fabs(product) <= 1e-11 * sqrt(rest) * sqrt(size));
        }
    hh_array_free(&out);
}

static void polynomials_are_least_squares(void **state)
{
    (void)state;
    for (size_t order = 0; order <= 4; order++)
        for (int t = HH_FLOAT32; t <= HH_FLOAT64; t++) {
            check_poly((HhType)t, order, false);
            check_poly((HhType)t, order, true);
        }
}

static void polynomials_of_a_sound(void **state)
{
    (void)state;
    HhSignal y = sound(LENGTH);
    HhPolyParams p;
    hh_poly_features_defaults(&p);
    p.order = 2;
    HhArray magnitude = HH_ARRAY_INIT, one = HH_ARRAY_INIT, other = HH_ARRAY_INIT;
    assert_int_equal(hh_spectrogram(NULL, &y, &p.stft, 1.0, &magnitude), HH_OK);
    assert_int_equal(hh_poly_features(NULL, &y, &p, &one), HH_OK);
    const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
    for (size_t l = 0; l < HH_COUNT(levels); l++) {
        HhContextParams params = HH_CONTEXT_PARAMS_INIT;
        params.threads = 3;
        params.cpu_level = levels[l];
        HhContext *context;
        assert_int_equal(hh_context_create(&params, &context), HH_OK);
        assert_int_equal(hh_poly_features_from(context, &magnitude, y.rate, &p, &other), HH_OK);
        assert_int_equal(hh_array_count(&one), hh_array_count(&other));
        assert_memory_equal(one.data, other.data, hh_array_count(&one) * sizeof(double));
        hh_array_free(&other);
        p.order = 101;
        assert_int_equal(hh_poly_features_from(context, &magnitude, y.rate, &p, &other),
                         HH_ERROR_ARGUMENT);
        p.order = 2;
        p.per_frame = true;
        assert_int_equal(hh_poly_features_from(context, &magnitude, y.rate, &p, &other),
                         HH_ERROR_ARGUMENT);
        p.per_frame = false;
        assert_int_equal(hh_poly_features_from(context, &magnitude, 0.0, &p, &other),
                         HH_ERROR_ARGUMENT);
        assert_int_equal(hh_poly_features_from(context, NULL, y.rate, &p, &other),
                         HH_ERROR_ARGUMENT);
        assert_null(other.data);
        hh_context_destroy(context);
    }
    hh_array_free(&magnitude);
    hh_array_free(&one);
}

/* ---- squared windows */

static void check_sumsquare(size_t frames, size_t n_fft, size_t hop, size_t win, double norm)
{
    HhWindowSumsquareParams p;
    hh_window_sumsquare_defaults(&p);
    p.n_fft = n_fft;
    p.hop_length = hop;
    p.win_length = win;
    p.norm = norm;
    size_t length = n_fft + hop * (frames - 1);
    double *sum = calloc(length, sizeof *sum), peak = 0.0, scale = 0.0;
    for (size_t i = 0; i < win; i++) {
        double w = 0.5 - 0.5 * cos(2.0 * pi * (double)i / (double)win);
        scale += norm == 2.0 ? w * w : 0.0;
        scale = isinf(norm) ? fmax(scale, w) : scale;
    }
    if (norm == 2.0) scale = sqrt(scale);
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < win; i++) {
            double w =
                (0.5 - 0.5 * cos(2.0 * pi * (double)i / (double)win)) / (isnan(norm) ? 1.0 : scale);
            sum[t * hop + (n_fft - win) / 2 + i] += w * w;
        }
    for (size_t i = 0; i < length; i++) peak = fmax(peak, sum[i]);
    for (int type = HH_FLOAT32; type <= HH_FLOAT64; type++) {
        HhArray out = HH_ARRAY_INIT;
        assert_int_equal(hh_window_sumsquare(NULL, frames, &p, (HhType)type, &out), HH_OK);
        assert_int_equal(out.shape[0], length);
        for (size_t i = 0; i < length; i++)
            assert_true(fabs(poly_magnitude(out.data, (HhType)type, i) - sum[i]) <=
                        (type == HH_FLOAT32 ? 1e-6 : 1e-13) * peak);
        hh_array_free(&out);
    }
    free(sum);
}

static void squared_windows_are_added(void **state)
{
    (void)state;
    const size_t cases[][4] = {{1, 64, 16, 64}, {3, 64, 16, 50}, {40, 64, 16, 64},
                               {40, 64, 7, 33}, {9, 64, 64, 64}, {9, 64, 100, 40},
                               {2, 64, 63, 64}, {50, 63, 1, 63}, {3, 64, 200, 64}};
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        const size_t *c = cases[i];
        check_sumsquare(c[0], c[1], c[2], c[3], (double)NAN);
        check_sumsquare(c[0], c[1], c[2], c[3], 2.0);
        check_sumsquare(c[0], c[1], c[2], c[3], (double)INFINITY);
    }
    HhWindowSumsquareParams p;
    HhArray out = HH_ARRAY_INIT;
    hh_window_sumsquare_defaults(&p);
    p.hop_length = SIZE_MAX; /* which one frame does not use */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hh_window_sumsquare(NULL, 1, &p, HH_FLOAT64, &out), HH_OK);
        for (size_t n = 0; n < 2048; n++) {
            double w = 0.5 - 0.5 * cos(2.0 * pi * (double)n / 2048.0), *got = out.data;
            assert_true(fabs(got[n] - w * w) < 1e-15);
            got[n] = (double)NAN; /* that the next result may find in its memory */
        }
        hh_array_free(&out);
    }
    p.hop_length = 512;
    assert_int_equal(hh_window_sumsquare(NULL, 0, &p, HH_FLOAT32, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_window_sumsquare(NULL, SIZE_MAX, &p, HH_FLOAT32, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_window_sumsquare(NULL, 5, &p, HH_INT64, &out), HH_ERROR_ARGUMENT);
    p.hop_length = 0;
    assert_int_equal(hh_window_sumsquare(NULL, 5, &p, HH_FLOAT32, &out), HH_ERROR_ARGUMENT);
    p.hop_length = 512;
    p.win_length = 4096;
    assert_int_equal(hh_window_sumsquare(NULL, 5, &p, HH_FLOAT32, &out), HH_ERROR_ARGUMENT);
    p.win_length = 0;
    p.norm = -1.0;
    assert_int_equal(hh_window_sumsquare(NULL, 5, &p, HH_FLOAT32, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_are_least_squares),
        cmocka_unit_test(polynomials_of_a_sound),
        cmocka_unit_test(squared_windows_are_added),
        cmocka_unit_test(stft_is_its_definition),
        cmocka_unit_test(doubles_are_padded_with_ramps),
        cmocka_unit_test(short_and_empty_signals),
        cmocka_unit_test(the_inverse_gives_the_sound_back),
        cmocka_unit_test(doubles_are_given_back),
        cmocka_unit_test(the_inverse_refuses_huge_hops),
        cmocka_unit_test(a_single_frame_inverts),
        cmocka_unit_test(magnitude_and_phase),
        cmocka_unit_test(magnitude_and_phase_in_double),
        cmocka_unit_test(subnormal_numbers_have_a_phase),
        cmocka_unit_test(decibels),
        cmocka_unit_test(mel_filters_have_their_area),
        cmocka_unit_test(mel_is_the_matrix_product),
        cmocka_unit_test(mfcc_is_the_cosine_transform),
        cmocka_unit_test(cosine_transforms_invert),
        cmocka_unit_test(descriptors_are_their_definitions),
        cmocka_unit_test(frequencies_and_centroid_may_be_given),
        cmocka_unit_test(tiles_agree_with_whole_arrays),
        cmocka_unit_test(hops_beyond_the_signal),
        cmocka_unit_test(rms_and_zero_crossings),
        cmocka_unit_test(rms_and_zero_crossings_of_doubles),
        cmocka_unit_test(rms_of_a_spectrogram),
        cmocka_unit_test(windows_are_symmetric),
        cmocka_unit_test(windows_are_checked),
        cmocka_unit_test(levels_and_threads_do_not_matter),
        cmocka_unit_test(features_of_doubles_are_those_of_floats),
        cmocka_unit_test(out_of_memory_is_reported),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, make_sound, NULL);
}
