/* fingerprint: bands and levels against their definitions, distance, normaliser, files. */
#include "test.h"

#include <unistd.h>

#include "fingerprint/bands.h"
#include "fingerprint/compute.h"
#include "fingerprint/levels.h"
#include "harmony/chain.h"
#include "heihachi/fingerprint.h"
#include "kernel/fft.h"

static HhFingerprint example(double shift)
{
    HhFingerprint f = {.version = HH_FINGERPRINT_VERSION, .rms_minus_0_691_lufs = -12.5};
    HhFingerprintNormaliser n;
    hh_fingerprint_normaliser_typical(&n);
    for (int i = 0; i < HH_FP_COUNT; i++)
        f.values[i] = n.low[i] + (0.3 + shift) * (n.high[i] - n.low[i]);
    return f;
}

static void names_are_unique_and_ordered(void **state)
{
    (void)state;
    assert_string_equal(hh_fingerprint_name(0), "sub_bass");
    assert_string_equal(hh_fingerprint_name(7), "loudness");
    assert_string_equal(hh_fingerprint_name(24), "phase_correlation");
    assert_null(hh_fingerprint_name(25));
    assert_null(hh_fingerprint_unit(-1));
    for (int i = 0; i < HH_FP_COUNT; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(hh_fingerprint_name(i), hh_fingerprint_name(j));
}

static void distance_of_equal_is_zero_and_contributions_sum(void **state)
{
    (void)state;
    HhFingerprint a = example(0), b = example(0.2);
    HhFingerprintComparison c;
    assert_int_equal(hh_fingerprint_compare(NULL, &a, &a, NULL, HH_FP_WEIGHTS_DEFAULT, &c), HH_OK);
    assert_true(c.distance == 0 && c.similarity == 1 && c.compared == HH_FP_COUNT);
    for (int w = HH_FP_WEIGHTS_DEFAULT; w <= HH_FP_WEIGHTS_DYNAMICS; w++) {
        assert_int_equal(hh_fingerprint_compare(NULL, &a, &b, NULL, (HhFingerprintWeights)w, &c),
                         HH_OK);
        double sum = 0;
        for (int i = 0; i < HH_FP_COUNT; i++) sum += c.contribution[i];
        assert_true(fabs(sum - c.distance * c.distance) < 1e-12);
        assert_true(fabs(c.distance - 0.2) < 1e-12); /* every dimension is 0.2 of its range apart */
    }
}

static void undefined_values_take_no_part(void **state)
{
    (void)state;
    HhFingerprint a = example(0), b = example(0.2);
    HhFingerprintComparison c;
    a.status[HH_FP_TEMPO] = HH_FP_SILENT;
    a.values[HH_FP_TEMPO] = (double)NAN;
    assert_int_equal(hh_fingerprint_compare(NULL, &a, &b, NULL, HH_FP_WEIGHTS_DEFAULT, &c), HH_OK);
    assert_int_equal(c.compared, HH_FP_COUNT - 1);
    assert_true(c.contribution[HH_FP_TEMPO] == 0 && isnan(c.normalised_a[HH_FP_TEMPO]));
    assert_true(fabs(c.distance - 0.2) < 1e-12);
    b.version = 99;
    assert_int_equal(hh_fingerprint_compare(NULL, &a, &b, NULL, HH_FP_WEIGHTS_DEFAULT, &c),
                     HH_ERROR_ARGUMENT);
    b.version = a.version;
    for (int i = 0; i < HH_FP_COUNT; i++) b.status[i] = HH_FP_ABSENT;
    assert_int_equal(hh_fingerprint_compare(NULL, &a, &b, NULL, HH_FP_WEIGHTS_DEFAULT, &c),
                     HH_ERROR_ARGUMENT);
}

static void normaliser_is_numpys_percentile(void **state)
{
    (void)state;
    HhFingerprint library[21];
    for (int k = 0; k < 21; k++) {
        library[k] = example(0);
        library[k].values[HH_FP_CREST] = 20 - k; /* 0..20: p5 = 1, p95 = 19 */
        if (k > 5) library[k].status[HH_FP_TEMPO] = HH_FP_SILENT;
    }
    HhFingerprintNormaliser n, typical;
    hh_fingerprint_normaliser_typical(&typical);
    assert_int_equal(hh_fingerprint_normaliser_fit(NULL, library, 9, &n), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_fingerprint_normaliser_fit(NULL, library, 21, &n), HH_OK);
    assert_true(fabs(n.low[HH_FP_CREST] - 1) < 1e-12 && fabs(n.high[HH_FP_CREST] - 19) < 1e-12);
    assert_true(n.min[HH_FP_CREST] == 0 && n.max[HH_FP_CREST] == 20 &&
                fabs(n.mean[HH_FP_CREST] - 10) < 1e-12);
    assert_true(fabs(n.std[HH_FP_CREST] - sqrt(440.0 / 12.0)) < 1e-9);
    assert_true(n.low[HH_FP_TEMPO] == typical.low[HH_FP_TEMPO]); /* six values are too few */
    /* a dimension without range says nothing */
    HhFingerprintComparison c;
    HhFingerprint a = library[0], b = library[1];
    b.values[HH_FP_BASS] = 0.9;
    assert_int_equal(hh_fingerprint_compare(NULL, &a, &b, &n, HH_FP_WEIGHTS_DEFAULT, &c), HH_OK);
    assert_true(c.contribution[HH_FP_BASS] == 0);
}

static void files_keep_everything(void **state)
{
    (void)state;
    char path[] = "/tmp/heihachi-fingerprint-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    HhFingerprint f = example(0.05), g;
    f.status[3] = HH_FP_TOO_SHORT;
    f.values[3] = (double)NAN;
    assert_int_equal(hh_fingerprint_write(NULL, &f, path), HH_OK);
    assert_int_equal(hh_fingerprint_read(NULL, path, &g), HH_OK);
    for (int i = 0; i < HH_FP_COUNT; i++) {
        assert_int_equal(f.status[i], g.status[i]);
        if (i != 3) assert_true(fabs(f.values[i] - g.values[i]) <= 1e-11 * fabs(f.values[i]));
    }
    assert_true(isnan(g.values[3]) && g.version == f.version);
    HhFingerprintNormaliser n, m;
    assert_int_equal(hh_fingerprint_normaliser_read(NULL, path, &m), HH_ERROR_FORMAT);
    hh_fingerprint_normaliser_typical(&n);
    n.count = 12;
    assert_int_equal(hh_fingerprint_normaliser_write(NULL, &n, path), HH_OK);
    assert_int_equal(hh_fingerprint_normaliser_read(NULL, path, &m), HH_OK);
    assert_int_equal(m.count, 12);
    assert_memory_equal(n.low, m.low, sizeof n.low);
    assert_int_equal(hh_fingerprint_read(NULL, path, &g), HH_ERROR_FORMAT);
    FILE *broken = fopen(path, "w");
    fputs("{\"version\": 1, \"values\": [", broken);
    fclose(broken);
    assert_int_equal(hh_fingerprint_read(NULL, path, &g), HH_ERROR_FORMAT);
    unlink(path);
    assert_int_equal(hh_fingerprint_read(NULL, path, &g), HH_ERROR_OPEN);
    assert_int_equal(hh_fingerprint_write(NULL, &f, "/nonexistent/folder/x.json"), HH_ERROR_WRITE);
}

/* Pink-like noise with a slow sine on top: energy in every band and a steep slope at the low
 * edges. */
static float *test_track(size_t n)
{
    float *x = malloc(n * sizeof *x);
    uint64_t seed = 7;
    double slow = 0, slower = 0;
    for (size_t i = 0; i < n; i++) {
        double white = test_noise(&seed);
        slow += 0.02 * (white - slow);
        slower += 0.004 * (white - slower);
        x[i] = (float)(0.1 * white + 0.8 * slow + 1.5 * slower +
                       0.2 * sin(6.283185307179586 * 47.0 * (double)i / 44100.0));
    }
    return x;
}

typedef struct Low {
    float *y;
    size_t count;
} Low;

static HhStatus keep_low(void *user, int level, const float *samples, size_t count)
{
    Low *low = user;
    if (level != 3) return HH_OK;
    for (size_t i = 0; i < count; i++) low->y[low->count++] = 0.25f * samples[i];
    return HH_OK;
}

/* A sixteenth of the rate, to y. */
static size_t decimate(const float *x, size_t length, float *y)
{
    HhChain *chain;
    Low low = {y, 0};
    assert_int_equal(hh_chain_create(NULL, 1, 4, keep_low, &low, &chain), HH_OK);
    assert_int_equal(hh_chain_push(chain, x, length), HH_OK);
    assert_int_equal(hh_chain_finish(chain), HH_OK);
    hh_chain_destroy(chain);
    return low.count;
}

/* By the windows for a track, by its own transform for a clip. A tone of a third of the energy is
 * added at `hz`. */
static void compare_bands(size_t n, double hz_of_tone, double bound)
{
    float *x = test_track(n);
    for (size_t i = 0; i < n; i++)
        x[i] +=
            (float)(0.05 + 0.3 * sin(6.283185307179586 * hz_of_tone * (double)i / 44100.0 + 1.0));
    HhFft *fft;
    assert_int_equal(hh_fft_create(NULL, n, &fft), HH_OK);
    double *y = malloc(n * sizeof *y), *re = malloc((n / 2 + 1) * sizeof *re),
           *im = malloc((n / 2 + 1) * sizeof *im);
    void *scratch = hh_alloc(NULL, hh_fft_scratch(fft), 1);
    for (size_t i = 0; i < n; i++) y[i] = (double)x[i];
    hh_fft_f64(fft, y, NULL, re, im, scratch);
    double want[HH_BANDS] = {0}, total = 0;
    for (size_t k = 0; k <= n / 2; k++) {
        double hz = 44100.0 * (double)k / (double)n;
        double p = (k == 0 || k == n / 2 ? 1.0 : 2.0) * (re[k] * re[k] + im[k] * im[k]) / (double)n;
        total += p;
        for (int b = 0; b < HH_BANDS; b++)
            if (hz >= hh_bands_edge(b) && hz < hh_bands_edge(b + 1)) want[b] += p;
    }

    const size_t cuts[] = {n, 65536, 777};
    double first[HH_BANDS];
    for (size_t cut = 0; cut < HH_COUNT(cuts); cut++) {
        HhBands *bands;
        assert_int_equal(hh_bands_create(NULL, &bands), HH_OK);
        float *low = malloc((n / 16 + 8) * sizeof *low);
        size_t lows = decimate(x, n, low);
        for (size_t i = 0; i < n; i += cuts[cut])
            hh_bands_push_full(bands, x + i, HH_MIN(cuts[cut], n - i));
        for (size_t i = 0; i < lows; i += cuts[cut])
            assert_int_equal(hh_bands_push_low(bands, low + i, HH_MIN(cuts[cut], lows - i)), HH_OK);
        double got[HH_BANDS];
        double constant;
        assert_int_equal(hh_bands_finish(bands, got, &constant), HH_OK);
        assert_true(fabs(constant - re[0] * re[0] / (double)n) / total < 1e-5);
        for (int b = 0; b < HH_BANDS; b++) assert_true(fabs(got[b] - want[b]) / total < bound);
        if (cut == 0) memcpy(first, got, sizeof first);
        assert_memory_equal(first, got, sizeof first); /* bit-equal for any blocks */
        free(low);
        hh_bands_destroy(bands);
    }
    hh_fft_destroy(fft);
    hh_free(NULL, scratch);
    free(x);
    free(y);
    free(re);
    free(im);
}

static void bands_are_those_of_the_whole_transform(void **state)
{
    (void)state;
    compare_bands((size_t)1 << 20, 1000.0, 5e-4);
    compare_bands((size_t)1 << 19, 1000.0, 1e-12);
    compare_bands(44100, 60.0, 1e-12);
    /* between two lines, right beside an edge: the lines of the track decide */
    const double beside[] = {20.01, 59.99, 60.003, 60.03, 60.9, 249.6, 250.01, 500.02};
    for (size_t i = 0; i < HH_COUNT(beside); i++) compare_bands((size_t)1 << 20, beside[i], 1e-3);
    hh_bands_destroy(NULL);
}

static double std_of(const double *v, size_t n)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++) sum += (v[i] - mean) * (v[i] - mean);
    return sqrt(sum / (double)n);
}

static void levels_follow_their_definition(void **state)
{
    (void)state;
    const size_t n = 7 * 11025 + 4321;
    float *l = test_track(n), *r = malloc(n * sizeof *r), *m = malloc(n * sizeof *m);
    uint64_t seed = 99;
    for (size_t i = 0; i < n; i++) {
        l[i] *= 0.2f + 0.8f * (float)(i % 30000) / 30000.0f;
        r[i] = 0.5f * l[i] + 0.05f * (float)test_noise(&seed);
        m[i] = (l[i] + r[i]) / 2;
    }
    HhLevelsResult got[3];
    const size_t cuts[] = {n, 4096, 1};
    for (int c = 0; c < 3; c++) {
        HhLevels *levels;
        assert_int_equal(hh_levels_create(NULL, &levels), HH_OK);
        for (size_t i = 0; i < n; i += cuts[c])
            assert_int_equal(hh_levels_push(levels, m + i, l + i, r + i, HH_MIN(cuts[c], n - i)),
                             HH_OK);
        assert_int_equal(hh_levels_finish(levels, &got[c]), HH_OK);
        assert_true(got[c].rms == got[0].rms && got[c].crest_std == got[0].crest_std &&
                    got[c].width == got[0].width && got[c].loudness_std == got[0].loudness_std &&
                    got[c].correlation == got[0].correlation && got[c].peak_cv == got[0].peak_cv);
        hh_levels_destroy(levels);
    }
    double squares = 0, peak = 0, sl = 0, sr = 0, mid = 0, side = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (double)m[i] * (double)m[i];
        peak = fmax(peak, fabs((double)m[i]));
        sl += (double)l[i] / (double)n;
        sr += (double)r[i] / (double)n;
        mid += pow(((double)l[i] + (double)r[i]) / 2, 2);
        side += pow(((double)l[i] - (double)r[i]) / 2, 2);
    }
    double ll = 0, rr = 0, lr = 0;
    for (size_t i = 0; i < n; i++) {
        ll += ((double)l[i] - sl) * ((double)l[i] - sl);
        rr += ((double)r[i] - sr) * ((double)r[i] - sr);
        lr += ((double)l[i] - sl) * ((double)r[i] - sr);
    }
    assert_true(fabs(got[0].rms - sqrt(squares / (double)n)) < 1e-9 && got[0].peak == peak);
    assert_true(fabs(got[0].width - side / (mid + side)) < 1e-9);
    assert_true(fabs(got[0].correlation - lr / sqrt(ll * rr)) < 1e-9);

    double crest[16], loud[16], peaks[16];
    size_t frames = 0, centres = 0, steps = 0;
    for (size_t i = 0; i + 22050 <= n; i += 11025, frames++) {
        double p = 0, s = 0;
        for (size_t j = i; j < i + 22050; j++)
            p = fmax(p, fabs((double)m[j])), s += (double)m[j] * (double)m[j];
        crest[frames] = 20 * log10(p / sqrt(s / 22050));
    }
    double loudest = 0;
    for (size_t i = 0; i <= n; i += 11025, centres++) {
        double s = 0;
        for (size_t j = i >= 1024 ? i - 1024 : 0; j < HH_MIN(i + 1024, n); j++)
            s += (double)m[j] * (double)m[j];
        loud[centres] = sqrt(s / 2048);
        loudest = fmax(loudest, loud[centres]);
    }
    for (size_t i = 0; i < centres; i++)
        loud[i] = fmax(20 * log10(fmax(loud[i], 1e-5) / loudest), -80);
    for (size_t i = 0; i < n; i += 11025, steps++) {
        peaks[steps] = 0;
        for (size_t j = i; j < HH_MIN(i + 22050, n); j++)
            peaks[steps] = fmax(peaks[steps], fabs((double)m[j]));
    }
    double mean = 0;
    for (size_t i = 0; i < steps; i++) mean += peaks[i] / (double)steps;
    assert_int_equal(got[0].frames, frames);
    assert_true(fabs(got[0].crest_std - std_of(crest, frames)) < 1e-7);
    assert_true(fabs(got[0].loudness_std - std_of(loud, centres)) < 1e-7);
    assert_true(fabs(got[0].peak_cv - std_of(peaks, steps) / mean) < 1e-9);
    free(l);
    free(r);
    free(m);
    hh_levels_destroy(NULL);
}

static void levels_of_next_to_nothing(void **state)
{
    (void)state;
    const float x[1] = {0.5f};
    HhLevels *levels;
    HhLevelsResult r;
    assert_int_equal(hh_levels_create(NULL, &levels), HH_OK);
    assert_int_equal(hh_levels_finish(levels, &r), HH_OK);
    assert_int_equal(r.samples, 0);
    assert_int_equal(hh_levels_push(levels, x, NULL, NULL, 1), HH_OK);
    assert_int_equal(hh_levels_finish(levels, &r), HH_OK);
    assert_true(r.samples == 1 && r.rms == 0.5 && r.frames == 0 && !r.stereo);
    hh_levels_destroy(levels);
}

static void median_is_numpys(void **state)
{
    (void)state;
    float v[101], work[101];
    uint64_t seed = 5;
    for (size_t n = 1; n <= 101; n++) {
        for (size_t i = 0; i < n; i++) v[i] = (float)((int)(8 * test_noise(&seed)));
        double got = hh_median(v, n, work);
        size_t below = 0, above = 0;
        for (size_t i = 0; i < n; i++) below += (double)v[i]<got, above += (double)v[i]> got;
        assert_true(below <= n / 2 && above <= n / 2);
    }
    const float pair[2] = {1, 4};
    assert_true(hh_median(pair, 2, work) == 2.5);
    assert_true(isnan(hh_median(pair, 0, work)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_ordered),
        cmocka_unit_test(distance_of_equal_is_zero_and_contributions_sum),
        cmocka_unit_test(undefined_values_take_no_part),
        cmocka_unit_test(normaliser_is_numpys_percentile),
        cmocka_unit_test(files_keep_everything),
        cmocka_unit_test(bands_are_those_of_the_whole_transform),
        cmocka_unit_test(levels_follow_their_definition),
        cmocka_unit_test(levels_of_next_to_nothing),
        cmocka_unit_test(median_is_numpys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
