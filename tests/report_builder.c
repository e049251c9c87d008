/* See report_builder.h. A fade-in, a break in the middle, a four-on-the-floor bass drum and a chord
 * that moves. */
#include "report_builder.h"

#include "test.h"

static const double PI = 3.14159265358979323846;
enum { RATE = 44100, HOP = 512 };
static const double TEMPO = 174.0;
#define UNKNOWN ((double)NAN)

static char *copy(const char *string)
{
    char *made = malloc(strlen(string) + 1);
    assert_non_null(made);
    return strcpy(made, string);
}

/* Level of the track at a share of its length, [0, 1]. */
static double envelope(double share)
{
    double rise = share < 0.1 ? share / 0.1 : 1.0;
    return share > 0.45 && share < 0.55 ? 0.3 * rise : rise;
}

/* Decays from 1 after each beat. */
static double pulse(double time)
{
    double period = 60.0 / TEMPO;
    return exp(-fmod(time, period) / 0.06);
}

static HhSeries *add_series(HhAnalysis *a, const char *name, const char *unit, size_t rows,
                            size_t columns, double hop_s)
{
    HhSeries *s = &a->series[a->series_count++];
    s->name = name;
    s->unit = unit;
    s->start_s = 0.0;
    s->hop_s = hop_s;
    assert_int_equal(hh_array_make(NULL, &s->values, HH_FLOAT32, 2, rows, columns), HH_OK);
    return s;
}

static double chroma_at(double share, size_t pitch_class)
{
    static const int chords[4][3] = {{9, 0, 4}, {5, 9, 0}, {0, 4, 7}, {7, 11, 2}};
    const int *chord = chords[(int)(share * 16) % 4];
    for (int i = 0; i < 3; i++)
        if ((int)pitch_class == chord[i]) return i ? 0.7 : 1.0;
    return 0.12;
}

static void fill_series(HhAnalysis *a)
{
    double duration = a->input.duration_s;
    size_t frames = (size_t)(duration * RATE) / HOP + 1;
    double hop_s = (double)HOP / RATE;
    a->series = calloc(8, sizeof *a->series);
    assert_non_null(a->series);
    size_t blocks = (size_t)(duration / 0.1) + 1;
    float *loudness = add_series(a, "loudness_momentary", "LUFS", blocks, 1, 0.1)->values.data;
    for (size_t t = 0; t < blocks; t++)
        loudness[t] =
            t < 4 ? NAN : (float)(-9.0 + 20.0 * log10(envelope((double)t * 0.1 / duration) + 1e-3));
    float *rms = add_series(a, "rms", "", frames, 1, hop_s)->values.data;
    float *onset = add_series(a, "onset_strength", "", frames, 1, hop_s)->values.data;
    float *chroma = add_series(a, "chroma", "", frames, 12, hop_s)->values.data;
    float *centroid = add_series(a, "centroid", "Hz", frames, 1, hop_s)->values.data;
    uint64_t noise = 1;
    for (size_t t = 0; t < frames; t++) {
        double time = (double)t * hop_s, share = time / duration;
        rms[t] = (float)(0.3 * envelope(share) * (0.3 + 0.7 * pulse(time)));
        onset[t] =
            (float)(6.0 * envelope(share) * pow(pulse(time), 3.0) + 0.2 + 0.2 * test_noise(&noise));
        centroid[t] = (float)(1500.0 + 900.0 * sin(20.0 * share));
        for (size_t c = 0; c < 12; c++) chroma[12 * t + c] = (float)chroma_at(share, c);
    }
}

static HhImage *add_image(HhAnalysis *a, const char *name, const char *unit, size_t columns,
                          size_t rows, double low, double high, bool log_rows)
{
    HhImage *image = &a->images[a->image_count++];
    *image = (HhImage){name, unit, columns, rows, NULL, a->input.duration_s / (double)columns,
                       low,  high, log_rows};
    image->values = malloc(columns * rows * sizeof *image->values);
    assert_non_null(image->values);
    return image;
}

/* A bass drum, a chord of harmonics and hi-hats, in dB; `harmonic` and `percussive` weigh the
 * parts. */
static double level_at(double hz, double time, double share, double harmonic, double percussive,
                       double noise)
{
    double kick = percussive * pulse(time) * exp(-hz / 180.0);
    double hat = percussive * 0.05 * pow(pulse(2.0 * time), 2.0) * (hz > 5000.0 ? 1.0 : 0.1);
    double chord = 0.0;
    for (int h = 1; h <= 12; h++) {
        double f0 = 110.0 * pow(2.0, floor(share * 4.0) * 5.0 / 12.0 - floor(share * 4.0 / 3.0));
        double away = 12.0 * log2(hz / (f0 * h));
        chord += harmonic * 0.3 / h * exp(-away * away * 8.0);
    }
    return 20.0 * log10(envelope(share) * (kick + hat + chord) + 1e-5 * (1.5 + noise));
}

static void fill_spectra(HhAnalysis *a, size_t columns)
{
    static const struct {
        const char *name;
        double harmonic, percussive;
    } parts[] = {{"spectrogram", 1, 1}, {"harmonic", 1, 0.03}, {"percussive", 0.03, 1}};
    uint64_t noise = 7;
    for (size_t p = 0; p < HH_COUNT(parts); p++) {
        HhImage *image = add_image(a, parts[p].name, "dB", columns, 240, 20.0, 20000.0, true);
        for (size_t c = 0; c < columns; c++)
            for (size_t r = 0; r < 240; r++) {
                double hz = 20.0 * pow(1000.0, ((double)r + 0.5) / 240.0),
                       time = ((double)c + 0.5) * image->column_s;
                image->values[240 * c + r] =
                    (float)level_at(hz, time, time / a->input.duration_s, parts[p].harmonic,
                                    parts[p].percussive, test_noise(&noise));
            }
    }
    HhImage *mel = add_image(a, "mel", "dB", columns, 128, 0.0, 22050.0, false);
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < 128; r++) {
            double hz = 40.0 + 22000.0 * pow((double)r / 128.0, 2.2),
                   time = ((double)c + 0.5) * mel->column_s;
            mel->values[128 * c + r] =
                (float)level_at(hz, time, time / a->input.duration_s, 1, 1, test_noise(&noise));
        }
}

static void fill_images(HhAnalysis *a)
{
    size_t frames = (size_t)(a->input.duration_s * RATE) / HOP + 1;
    size_t columns = HH_MIN(frames, (size_t)4096);
    a->images = calloc(8, sizeof *a->images);
    assert_non_null(a->images);
    HhImage *wave = add_image(a, "waveform", "", columns, 2, -1.0, 1.0, false);
    HhImage *chroma = add_image(a, "chroma", "", columns, 12, 0.0, 12.0, false);
    HhImage *tempogram = add_image(a, "tempogram", "", columns, 200, 30.0, 320.0, true);
    uint64_t noise = 3;
    for (size_t c = 0; c < columns; c++) {
        double time = ((double)c + 0.5) * wave->column_s, share = time / a->input.duration_s;
        double level =
            envelope(share) * (0.35 + 0.55 * pulse(time)) * (0.9 + 0.1 * test_noise(&noise));
        wave->values[2 * c] = (float)(-level * 0.95);
        wave->values[2 * c + 1] = (float)level;
        for (size_t r = 0; r < 12; r++) chroma->values[12 * c + r] = (float)chroma_at(share, r);
        for (size_t r = 0; r < 200; r++) {
            double bpm = 30.0 * pow(320.0 / 30.0, ((double)r + 0.5) / 200.0);
            double cycles = 8.0 * PI * log2(bpm / TEMPO);
            tempogram->values[200 * c + r] =
                (float)(0.25 + 0.5 * envelope(share) * pow(cos(cycles / 8.0), 8.0) +
                        0.05 * test_noise(&noise));
        }
    }
    fill_spectra(a, columns);
}

static void fill_rhythm(HhAnalysis *a)
{
    size_t beats = (size_t)(a->input.duration_s * TEMPO / 60.0);
    a->rhythm.beats_s = malloc((beats + 1) * sizeof(double));
    a->rhythm.onsets_s = malloc((2 * beats + 1) * sizeof(double));
    assert_non_null(a->rhythm.beats_s);
    assert_non_null(a->rhythm.onsets_s);
    for (size_t i = 0; i < beats; i++) a->rhythm.beats_s[i] = (double)i * 60.0 / TEMPO;
    for (size_t i = 0; i < 2 * beats; i++) a->rhythm.onsets_s[i] = (double)i * 30.0 / TEMPO;
    a->rhythm.beats = beats;
    a->rhythm.onsets = 2 * beats;
    a->rhythm.tempo_bpm = TEMPO;
    a->rhythm.tempo_confidence = 0.87;
    a->rhythm.beat_confidence = 0.91;
}

static void fill_summary(HhAnalysis *a)
{
    static const double fingerprint[HH_FP_COUNT] = {
        0.11, 0.34, 0.16, 0.21,  0.09, 0.05,  0.04, -8.4, 11.3, -0.4, 174,  0.962, 0.58,
        0.04, 0.21, 0.38, 0.013, 0.44, 0.087, 0.71, 0.31, 4.2,  0.84, 0.09, 0.81};
    a->loudness = (HhLoudnessSummary){-8.4, 5.25, -5.1, -6.75, 0.32, -0.1};
    a->harmony = (HhHarmonySummary){.key = "A minor", .key_confidence = 0.74, .tuning = -0.03};
    for (size_t i = 0; i < 12; i++) a->harmony.chroma[i] = chroma_at(0.0, i) / 3.48;
    a->pitch = (HhPitchSummary){110.25, UNKNOWN, UNKNOWN};
    a->spectral =
        (HhSpectralSummary){1712.5, 2210.0, 3811.0, 0.0132, 0.0491, -14.2,
                            1800.0, 2300.0, 4000.0, 0.02,   0.05,   {18, 14, 16, 15, 17, 19, 31}};
    a->separation = (HhSeparationSummary){0.44, 0.071, 0.09};
    memcpy(a->fingerprint.values, fingerprint, sizeof fingerprint);
    a->fingerprint.version = HH_FINGERPRINT_VERSION;
    a->fingerprint.rms_minus_0_691_lufs = -11.2;
}

HhAnalysis *builder_make(double duration_s, bool images)
{
    HhAnalysis *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->features = HH_FEATURES_DEFAULT;
    a->input = (HhInput){.path = copy("music/Night Bus (VIP mix).flac"),
                         .format = copy("FLAC, PCM 16 bit"),
                         .hash = "0123456789abcdef0123456789abcdef",
                         .bytes = 31415926,
                         .rate = 48000,
                         .channels = 2,
                         .samples = (uint64_t)(duration_s * 48000),
                         .duration_s = duration_s};
    fill_summary(a);
    fill_rhythm(a);
    fill_series(a);
    if (images) fill_images(a);
    return a;
}

HhAnalysis *builder_make_bare(void)
{
    HhAnalysis *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->features = HH_FEATURE_LOUDNESS;
    a->input = (HhInput){.path = copy("tone.wav"),
                         .format = copy("WAV, float 32 bit"),
                         .bytes = 100,
                         .rate = 8000,
                         .channels = 1,
                         .samples = 4000,
                         .duration_s = 0.5};
    a->loudness = (HhLoudnessSummary){UNKNOWN, UNKNOWN, -23.0, UNKNOWN, -3.0, -3.0};
    a->rhythm.tempo_bpm = a->rhythm.tempo_confidence = a->rhythm.beat_confidence = UNKNOWN;
    a->harmony = (HhHarmonySummary){.key = "unknown", .key_confidence = UNKNOWN, .tuning = UNKNOWN};
    for (size_t i = 0; i < 12; i++) a->harmony.chroma[i] = UNKNOWN;
    a->pitch = (HhPitchSummary){UNKNOWN, UNKNOWN, UNKNOWN};
    a->spectral = (HhSpectralSummary){
        UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
        UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
        UNKNOWN, UNKNOWN, UNKNOWN, {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}};
    a->separation = (HhSeparationSummary){UNKNOWN, UNKNOWN, UNKNOWN};
    return a;
}

void builder_destroy(HhAnalysis *a)
{
    if (!a) return;
    for (size_t i = 0; i < a->series_count; i++) hh_array_free(&a->series[i].values);
    for (size_t i = 0; i < a->image_count; i++) free(a->images[i].values);
    free(a->series);
    free(a->images);
    free(a->rhythm.beats_s);
    free(a->rhythm.onsets_s);
    free(a->input.path);
    free(a->input.format);
    free(a);
}
