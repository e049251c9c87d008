/* audio: files in and out, damaged and hostile files, the child process, the resampler. */
#define _DEFAULT_SOURCE /* mkdtemp, M_PI */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sndfile.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heihachi/audio.h"

static char folder[64];
static int warnings;

static void count_warnings(void *user, HhLogLevel level, const char *message)
{
    (void)user;
    (void)message;
    warnings += level == HH_LOG_WARNING;
}

static HhContext *new_context(int threads)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = threads;
    p.log = count_warnings;
    HhContext *context;
    warnings = 0;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    return context;
}

static const char *in_folder(const char *name)
{
    static char path[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void write_bytes(const char *path, const void *bytes, size_t count)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

static void write_script(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/heihachi-audio-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.') (void)remove(in_folder(e->d_name));
    if (dir) (void)closedir(dir);
    return rmdir(folder);
}

static int entries(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) count += e->d_name[0] != '.';
    if (dir) (void)closedir(dir);
    return count;
}

typedef struct Noise {
    float *plane[HH_MAX_CHANNELS];
    HhSignal signal;
} Noise;

/* Noise at `bits` bits (0: any float). */
static Noise make_noise(int channels, size_t length, double rate, int bits)
{
    Noise n = {.signal = {.channels = channels, .length = length, .rate = rate}};
    uint64_t seed = 7;
    for (int c = 0; c < channels; c++) {
        n.plane[c] = malloc(length * sizeof(float) + 1);
        assert_non_null(n.plane[c]);
        for (size_t i = 0; i < length; i++) {
            double x = test_noise(&seed), full = bits ? ldexp(1.0, bits - 1) : 1.0;
            n.plane[c][i] = (float)(bits ? floor(x * full) / full : x);
        }
    }
    return n;
}

static void free_noise(Noise *n)
{
    for (int c = 0; c < n->signal.channels; c++) free(n->plane[c]);
}

static HhSignal view(Noise *n)
{
    n->signal.channel = (const float *const *)n->plane;
    return n->signal;
}

static void assert_same_samples(const HhSignal *a, const HhSignal *b)
{
    assert_int_equal(a->channels, b->channels);
    assert_int_equal(a->length, b->length);
    assert_true(a->rate == b->rate);
    for (int c = 0; c < a->channels; c++)
        assert_memory_equal(a->channel[c], b->channel[c], a->length * sizeof(float));
}

/* ---- round trips ---- */

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const struct {
        HhAudioFormat format;
        int bits;
        const char *name, *text;
    } cases[] = {{HH_AUDIO_WAV_16, 16, "a.wav", "WAV, PCM 16 bit"},
                 {HH_AUDIO_WAV_24, 24, "a.wav", "WAV, PCM 24 bit"},
                 {HH_AUDIO_WAV_FLOAT, 0, "a.wav", "WAV, float 32 bit"},
                 {HH_AUDIO_FLAC_16, 16, "a.flac", "FLAC, PCM 16 bit"},
                 {HH_AUDIO_FLAC_24, 24, "a.flac", "FLAC, PCM 24 bit"}};
    HhContext *context = new_context(1);
    for (size_t i = 0; i < HH_COUNT(cases); i++)
        for (int channels = 1; channels <= 8; channels += channels < 3 ? 1 : 5) {
            Noise n = make_noise(channels, 5001, i % 2 ? 44100 : 192000, cases[i].bits);
            HhSignal signal = view(&n);
            HhAudio audio;
            const char *path = in_folder(cases[i].name);
            assert_int_equal(hh_encode_file(context, path, &signal, cases[i].format), HH_OK);
            assert_int_equal(hh_decode_file(context, path, NULL, &audio), HH_OK);
            assert_same_samples(&audio.signal, &signal);
            assert_string_equal(audio.info.format, cases[i].text);
            assert_int_equal(audio.info.samples, 5001);
            assert_int_equal(entries(), 1);
            hh_audio_free(&audio);
            assert_null(audio.samples);
            assert_int_equal(unlink(path), 0);
            free_noise(&n);
        }
    assert_int_equal(warnings, 0);
    hh_context_destroy(context);
}

static void integers_are_rounded_and_clipped(void **state)
{
    (void)state;
    float x[] = {2.0f,           -2.0f, 1.0f, 0.4f / 32768.0f, 0.6f / 32768.0f, -0.6f / 32768.0f,
                 2.5f / 32768.0f};
    float expected[] = {32767.0f, -32768.0f, 32767.0f, 0.0f, 1.0f, -1.0f, 2.0f};
    const float *plane[] = {x};
    HhSignal signal = {plane, 1, HH_COUNT(x), 8000.0};
    HhAudio audio;
    assert_int_equal(hh_encode_file(NULL, in_folder("c.wav"), &signal, HH_AUDIO_WAV_16), HH_OK);
    assert_int_equal(hh_decode_file(NULL, in_folder("c.wav"), NULL, &audio), HH_OK);
    for (size_t i = 0; i < HH_COUNT(x); i++)
        assert_true(audio.signal.channel[0][i] == expected[i] / 32768.0f);
    hh_audio_free(&audio);
    assert_int_equal(unlink(in_folder("c.wav")), 0);
}

/* The same noise in every coding that libsndfile writes: integers exactly, lossy codings close. */
static void every_coding_is_read(void **state)
{
    (void)state;
    static const struct {
        int format, rate;
        double bound;
    } cases[] = {{SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8000, 0.012},
                 {SF_FORMAT_WAV | SF_FORMAT_PCM_32, 384000, 1e-7},
                 {SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 22050, 0.0},
                 {SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 0.04},
                 {SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 44100, 0.8},
                 {SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 96000, 1e-6},
                 {SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 48000, 0.0},
                 {SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, 32000, 0.012},
                 {SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 0.9},
                 {SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1.2},
                 {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 1.2}};
    const size_t length = 30000;
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        Noise n = make_noise(2, length, cases[i].rate, 0);
        float *mixed = malloc(2 * length * sizeof *mixed);
        assert_non_null(mixed);
        for (size_t k = 0; k < 2 * length; k++) {
            /* a low sine keeps lossy codings honest */
            n.plane[k % 2][k / 2] =
                (float)(0.5 * sin(0.01 * (double)(k / 2)) +
                        (cases[i].bound < 0.5 ? 0.1 : 0.0) * (double)n.plane[k % 2][k / 2]);
            mixed[k] = n.plane[k % 2][k / 2];
        }
        SF_INFO info = {.samplerate = cases[i].rate, .channels = 2, .format = cases[i].format};
        SNDFILE *file = sf_open(in_folder("coding"), SFM_WRITE, &info);
        assert_non_null(file);
        assert_int_equal(sf_writef_float(file, mixed, (sf_count_t)length), length);
        assert_int_equal(sf_close(file), 0);
        HhAudio audio;
        assert_int_equal(hh_decode_file(NULL, in_folder("coding"), NULL, &audio), HH_OK);
        assert_true(audio.signal.rate == cases[i].rate);
        assert_int_equal(audio.signal.channels, 2);
        assert_true(audio.signal.length >= length && audio.signal.length < length + 1000);
        double worst = 0.0;
        for (size_t k = 0; k < length; k++)
            worst = fmax(worst,
                         fabs((double)audio.signal.channel[k % 2][k] - (double)n.plane[k % 2][k]));
        if (worst > cases[i].bound)
            print_error("%s: %g > %g\n", audio.info.format, worst, cases[i].bound);
        assert_true(worst <= fmin(cases[i].bound, 0.25));
        assert_null(strstr(audio.info.format, "other"));
        hh_audio_free(&audio);
        free(mixed);
        free_noise(&n);
    }
    assert_int_equal(unlink(in_folder("coding")), 0);
}

/* The stated t = 0 of MP3: encoder delay and padding are cut off. */
static void mp3_keeps_time(void **state)
{
    (void)state;
    const size_t length = 44100, at = 10000;
    float *x = calloc(length, sizeof *x);
    assert_non_null(x);
    x[at] = 0.9f;
    SF_INFO info = {
        .samplerate = 44100, .channels = 1, .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
    SNDFILE *file = sf_open(in_folder("click.mp3"), SFM_WRITE, &info);
    assert_non_null(file);
    assert_int_equal(sf_writef_float(file, x, (sf_count_t)length), length);
    assert_int_equal(sf_close(file), 0);
    HhAudio audio;
    assert_int_equal(hh_decode_file(NULL, in_folder("click.mp3"), NULL, &audio), HH_OK);
    size_t loudest = 0;
    for (size_t n = 0; n < audio.signal.length; n++)
        if (fabsf(audio.signal.channel[0][n]) > fabsf(audio.signal.channel[0][loudest]))
            loudest = n;
    assert_int_equal(audio.signal.length, length);
    assert_int_equal(loudest, at);
    assert_string_equal(audio.info.format, "MP3");
    hh_audio_free(&audio);
    free(x);
    assert_int_equal(unlink(in_folder("click.mp3")), 0);
}

static void pieces_do_not_matter(void **state)
{
    (void)state;
    Noise n = make_noise(3, 20000, 48000, 24);
    HhSignal signal = view(&n);
    assert_int_equal(hh_encode_file(NULL, in_folder("p.flac"), &signal, HH_AUDIO_FLAC_24), HH_OK);
    static const size_t pieces[] = {1, 7, 4096, 4097, 50000};
    for (size_t i = 0; i < HH_COUNT(pieces); i++) {
        float buffer[3][20001];
        HhDecoder *decoder;
        assert_int_equal(hh_decoder_open(NULL, in_folder("p.flac"), NULL, &decoder), HH_OK);
        assert_int_equal(hh_decoder_info(decoder)->samples, 20000);
        size_t total = 0, got = 1;
        while (got > 0) {
            float *tail[] = {buffer[0] + total, buffer[1] + total, buffer[2] + total};
            assert_int_equal(hh_decoder_read(decoder, tail, HH_MIN(pieces[i], 20001 - total), &got),
                             HH_OK);
            total += got;
        }
        assert_int_equal(total, 20000);
        for (int c = 0; c < 3; c++)
            assert_memory_equal(buffer[c], n.plane[c], total * sizeof(float));
        hh_decoder_close(decoder);
    }
    hh_decoder_close(NULL);
    assert_int_equal(unlink(in_folder("p.flac")), 0);
    free_noise(&n);
}

/* ---- bad files ---- */

static void expect_failure(const char *path, HhStatus status, const char *words)
{
    HhContext *context = new_context(1);
    HhDecodeParams params;
    hh_decode_defaults(&params);
    params.ffmpeg = "";
    HhAudio audio;
    assert_int_equal(hh_decode_file(context, path, &params, &audio), status);
    assert_null(audio.samples);
    assert_non_null(strstr(hh_context_message(context), path));
    if (!strstr(hh_context_message(context), words))
        print_error("%s\n", hh_context_message(context));
    assert_non_null(strstr(hh_context_message(context), words));
    hh_context_destroy(context);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    expect_failure(in_folder("missing.wav"), HH_ERROR_OPEN, "No such file");
    expect_failure(folder, HH_ERROR_OPEN, "folder");
    assert_int_equal(mkfifo(in_folder("fifo.wav"), 0600), 0);
    expect_failure(in_folder("fifo.wav"), HH_ERROR_OPEN, "regular");
    expect_failure("/dev/null", HH_ERROR_OPEN, "regular");
    write_bytes(in_folder("secret.wav"), "RIFF", 4);
    if (geteuid() != 0) {
        assert_int_equal(chmod(in_folder("secret.wav"), 0), 0);
        expect_failure(in_folder("secret.wav"), HH_ERROR_OPEN, "denied");
    }
    assert_int_equal(unlink(in_folder("secret.wav")), 0);
    assert_int_equal(unlink(in_folder("fifo.wav")), 0);
}

static void what_is_no_sound_is_refused(void **state)
{
    (void)state;
    char noise[5000];
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)(int)(test_noise(&seed) * 100.0);
    write_bytes(in_folder("x.wav"), "", 0);
    expect_failure(in_folder("x.wav"), HH_ERROR_EMPTY, "empty");
    write_bytes(in_folder("x.wav"), "no sound at all\n", 16);
    expect_failure(in_folder("x.wav"), HH_ERROR_FORMAT, "ffmpeg");
    write_bytes(in_folder("x.wav"), noise, sizeof noise);
    expect_failure(in_folder("x.wav"), HH_ERROR_FORMAT, "ffmpeg");
    assert_int_equal(unlink(in_folder("x.wav")), 0);
}

static void put16(unsigned char *p, unsigned v)
{
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
}

static void put32(unsigned char *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

/* A WAV of 16 bits whose header says `claimed` bytes and which has `present`. */
static void write_wav(const char *path, unsigned channels, uint32_t rate, uint32_t claimed,
                      size_t present)
{
    unsigned char *b = calloc(1, 44 + present);
    assert_non_null(b);
    memcpy(b, "RIFF", 4);
    put32(b + 4, claimed + 36);
    memcpy(b + 8, "WAVEfmt ", 8);
    put32(b + 16, 16);
    put16(b + 20, 1);
    put16(b + 22, channels);
    put32(b + 24, rate);
    put32(b + 28, rate * channels * 2);
    put16(b + 32, channels * 2);
    put16(b + 34, 16);
    memcpy(b + 36, "data", 4);
    put32(b + 40, claimed);
    for (size_t i = 0; i < present; i++) b[44 + i] = (unsigned char)(i * 7);
    write_bytes(path, b, 44 + present);
    free(b);
}

static void headers_that_lie(void **state)
{
    (void)state;
    HhContext *context = new_context(1);
    HhAudio audio;
    write_wav(in_folder("lie.wav"), 2, 44100, 0x7ffffff0u, 4000);
    assert_int_equal(hh_decode_file(context, in_folder("lie.wav"), NULL, &audio), HH_OK);
    assert_int_equal(audio.signal.length, 1000);
    assert_int_equal(warnings, 1);
    hh_audio_free(&audio);
    write_wav(in_folder("lie.wav"), 2, 44100, 0, 0);
    expect_failure(in_folder("lie.wav"), HH_ERROR_EMPTY, "no samples");
    write_wav(in_folder("lie.wav"), 65, 44100, 65 * 2 * 10, 65 * 2 * 10);
    expect_failure(in_folder("lie.wav"), HH_ERROR_UNSUPPORTED, "65 channels");
    write_wav(in_folder("lie.wav"), 64, 44100, 64 * 2 * 10, 64 * 2 * 10);
    assert_int_equal(hh_decode_file(context, in_folder("lie.wav"), NULL, &audio), HH_OK);
    assert_int_equal(audio.signal.channels, 64);
    assert_int_equal(audio.signal.length, 10);
    hh_audio_free(&audio);
    write_wav(in_folder("lie.wav"), 1, 900, 20, 20);
    expect_failure(in_folder("lie.wav"), HH_ERROR_UNSUPPORTED, "900 Hz");
    assert_int_equal(unlink(in_folder("lie.wav")), 0);
    hh_context_destroy(context);
}

/* A FLAC cut in the middle says more than it has: what is there is used, with a warning. */
static void cut_short_is_used(void **state)
{
    (void)state;
    HhContext *context = new_context(1);
    Noise n = make_noise(1, 40000, 44100, 16);
    HhSignal signal = view(&n);
    assert_int_equal(hh_encode_file(context, in_folder("cut.flac"), &signal, HH_AUDIO_FLAC_16),
                     HH_OK);
    assert_int_equal(truncate(in_folder("cut.flac"), 50000), 0);
    HhAudio audio;
    assert_int_equal(hh_decode_file(context, in_folder("cut.flac"), NULL, &audio), HH_OK);
    assert_true(audio.signal.length > 10000 && audio.signal.length < 40000);
    assert_int_equal(audio.info.samples, audio.signal.length);
    assert_memory_equal(audio.signal.channel[0], n.plane[0], 10000 * sizeof(float));
    assert_int_equal(warnings, 1);
    hh_audio_free(&audio);
    assert_int_equal(unlink(in_folder("cut.flac")), 0);
    free_noise(&n);
    hh_context_destroy(context);
}

static void not_finite_is_located(void **state)
{
    (void)state;
    float mixed[2 * 9000];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < HH_COUNT(bad); i++) {
        memset(mixed, 0, sizeof mixed);
        mixed[2 * 8000 + 1] = bad[i];
        SF_INFO info = {
            .samplerate = 8000, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
        SNDFILE *file = sf_open(in_folder("nan.wav"), SFM_WRITE, &info);
        assert_non_null(file);
        assert_int_equal(sf_writef_float(file, mixed, 9000), 9000);
        assert_int_equal(sf_close(file), 0);
        expect_failure(in_folder("nan.wav"), HH_ERROR_NOT_FINITE,
                       "sample 8000 of channel 2 (at 1.000 s)");
    }
    assert_int_equal(unlink(in_folder("nan.wav")), 0);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    HhAudio audio;
    HhDecoder *decoder;
    HhDecodeParams params;
    hh_decode_defaults(&params);
    assert_int_equal(hh_decode_file(NULL, NULL, NULL, &audio), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_decode_file(NULL, "x", NULL, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_decoder_open(NULL, "x", NULL, NULL), HH_ERROR_ARGUMENT);
    params.ffmpeg_stall_s = 0.0;
    assert_int_equal(hh_decoder_open(NULL, "x", &params, &decoder), HH_ERROR_ARGUMENT);
    params.size = sizeof params + 8;
    assert_int_equal(hh_decoder_open(NULL, "x", &params, &decoder), HH_ERROR_ARGUMENT);
    assert_null(decoder);
    hh_audio_free(NULL);

    float x[] = {0.0f, NAN};
    const float *plane[] = {x};
    HhSignal signal = {plane, 1, 2, 8000.0};
    assert_int_equal(hh_encode_file(NULL, in_folder("n.wav"), &signal, HH_AUDIO_WAV_16),
                     HH_ERROR_NOT_FINITE);
    x[1] = 0.0f;
    assert_int_equal(hh_encode_file(NULL, in_folder("n.wav"), &signal, (HhAudioFormat)77),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_encode_file(NULL, in_folder("no/folder/n.wav"), &signal, HH_AUDIO_WAV_16),
                     HH_ERROR_WRITE);
    signal.rate = (double)NAN;
    assert_int_equal(hh_encode_file(NULL, in_folder("n.wav"), &signal, HH_AUDIO_WAV_16),
                     HH_ERROR_ARGUMENT);
    signal.rate = 700000.0;
    assert_int_equal(hh_encode_file(NULL, in_folder("n.flac"), &signal, HH_AUDIO_FLAC_16),
                     HH_ERROR_UNSUPPORTED);
    assert_int_equal(entries(), 0);
}

/* A full disk: the old file stays, and no temporary one. */
static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    Noise n = make_noise(2, 50000, 44100, 16);
    HhSignal signal = view(&n);
    write_bytes(in_folder("old.wav"), "old", 3);
    pid_t child = fork();
    if (child == 0) {
        const struct sigaction ignore = {.sa_handler = SIG_IGN};
        const struct rlimit small = {10000, 10000};
        HhContext *context = NULL;
        bool ready = sigaction(SIGXFSZ, &ignore, NULL) == 0 &&
                     setrlimit(RLIMIT_FSIZE, &small) == 0 &&
                     hh_context_create(NULL, &context) == HH_OK;
        bool failed = ready && hh_encode_file(context, in_folder("old.wav"), &signal,
                                              HH_AUDIO_WAV_16) == HH_ERROR_WRITE;
        _exit(failed && strstr(hh_context_message(context), strerror(EFBIG)) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(entries(), 1);
    struct stat now;
    assert_int_equal(stat(in_folder("old.wav"), &now), 0);
    assert_int_equal(now.st_size, 3);
    assert_int_equal(unlink(in_folder("old.wav")), 0);
    free_noise(&n);
}

/* ---- the child process ---- */

/* Stands in for ffmpeg: an AU header of 8000 Hz and two channels, then two samples 1, -1. */
#define AU_HEADER                                                                                  \
    "printf "                                                                                      \
    "'."                                                                                           \
    "snd\\000\\000\\000\\030\\377\\377\\377\\377\\000\\000\\000\\006\\000\\000\\037\\100\\000\\00" \
    "0\\000\\002'\n"
#define AU_PAIR "printf '\\077\\200\\000\\000\\277\\200\\000\\000'\n"

static HhStatus decode_with(HhContext *context, const char *script, double stall_s, HhAudio *audio)
{
    write_script(in_folder("program"), script);
    write_bytes(in_folder("odd -name%d;.xyz"), "?", 1);
    HhDecodeParams params;
    hh_decode_defaults(&params);
    params.ffmpeg = in_folder("program");
    params.ffmpeg_stall_s = stall_s;
    HhStatus status = hh_decode_file(context, in_folder("odd -name%d;.xyz"), &params, audio);
    assert_int_equal(unlink(in_folder("program")), 0);
    assert_int_equal(unlink(in_folder("odd -name%d;.xyz")), 0);
    /* whatever happened, no child is left behind */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    return status;
}

static void a_program_decodes_the_rest(void **state)
{
    (void)state;
    HhContext *context = new_context(1);
    HhAudio audio;
    assert_int_equal(
        decode_with(context, "#!/bin/sh\n" AU_HEADER AU_PAIR AU_PAIR AU_PAIR, 5.0, &audio), HH_OK);
    assert_int_equal(audio.signal.channels, 2);
    assert_int_equal(audio.signal.length, 3);
    assert_true(audio.signal.rate == 8000.0);
    for (int n = 0; n < 3; n++)
        assert_true(audio.signal.channel[0][n] == 1.0f && audio.signal.channel[1][n] == -1.0f);
    assert_string_equal(audio.info.format, "decoded by ffmpeg");
    hh_audio_free(&audio);
    /* the path arrives whole, behind "file:" */
    assert_int_equal(
        decode_with(
            context,
            "#!/bin/sh\nfor a; do case \"$a\" in file:*'/odd -name%d;.xyz') " AU_HEADER AU_PAIR
            ";; esac; done\n",
            5.0, &audio),
        HH_OK);
    assert_int_equal(audio.signal.length, 1);
    hh_audio_free(&audio);
    hh_context_destroy(context);
}

static void a_program_that_fails(void **state)
{
    (void)state;
    HhContext *context = new_context(1);
    HhAudio audio;
    assert_int_equal(
        decode_with(context, "#!/bin/sh\necho 'moov atom not found' >&2\nexit 1\n", 5.0, &audio),
        HH_ERROR_FORMAT);
    assert_non_null(strstr(hh_context_message(context), "moov atom not found"));
    assert_non_null(strstr(hh_context_message(context), ".xyz"));
    assert_int_equal(decode_with(context, "#!/bin/sh\n" AU_HEADER AU_PAIR "exit 1\n", 5.0, &audio),
                     HH_OK);
    assert_int_equal(audio.signal.length, 1);
    assert_int_equal(warnings, 1);
    hh_audio_free(&audio);
    assert_int_equal(
        decode_with(context, "#!/bin/sh\n" AU_HEADER AU_PAIR "kill -9 $$\n", 5.0, &audio),
        HH_ERROR_READ);
    assert_non_null(strstr(hh_context_message(context), "signal 9"));
    assert_int_equal(decode_with(context,
                                 "#!/bin/sh\nprintf 'no header, but some text of length'\n", 5.0,
                                 &audio),
                     HH_ERROR_READ);
    assert_int_equal(decode_with(context, "#!/bin/sh\n" AU_HEADER, 5.0, &audio), HH_ERROR_EMPTY);
    assert_int_equal(decode_with(context, "#!/nowhere/interpreter\n", 5.0, &audio),
                     HH_ERROR_FORMAT);
    /* longer than Meson lets this program run */
    assert_int_equal(
        decode_with(context, "#!/bin/sh\n" AU_HEADER AU_PAIR "exec sleep 3600\n", 0.3, &audio),
        HH_ERROR_READ);
    assert_non_null(strstr(hh_context_message(context), "0.3 s"));
    /* a flood of complaints does not block it */
    assert_int_equal(
        decode_with(
            context,
            "#!/bin/sh\ni=0; while [ $i -lt 3000 ]; do echo "
            "0123456789012345678901234567890123456789 >&2; i=$((i+1)); done\n" AU_HEADER AU_PAIR,
            20.0, &audio),
        HH_OK);
    hh_audio_free(&audio);
    hh_context_destroy(context);
}

static void the_real_ffmpeg_when_there(void **state)
{
    (void)state;
    if (system("ffmpeg -version >/dev/null 2>&1") != 0) SKIP("no ffmpeg");
    char command[600];
    (void)snprintf(command, sizeof command,
                   "ffmpeg -nostdin -v error -y -f lavfi -i "
                   "sine=frequency=441:sample_rate=44100:duration=2 -ac 2 "
                   "-c:a aac %s </dev/null",
                   in_folder("tone.m4a"));
    if (system(command) != 0) SKIP("ffmpeg cannot write the format");
    HhContext *context = new_context(1);
    HhAudio audio;
    assert_int_equal(hh_decode_file(context, in_folder("tone.m4a"), NULL, &audio), HH_OK);
    assert_int_equal(audio.signal.channels, 2);
    assert_true(audio.signal.rate == 44100.0);
    assert_true(labs((long)audio.signal.length - 88200) < 2048);
    hh_audio_free(&audio);
    /* a playlist that names another file is not followed */
    write_bytes(in_folder("list.ffconcat"), "ffconcat version 1.0\nfile tone.m4a\n", 35);
    assert_int_equal(hh_decode_file(context, in_folder("list.ffconcat"), NULL, &audio),
                     HH_ERROR_FORMAT);
    assert_int_equal(unlink(in_folder("list.ffconcat")), 0);
    assert_int_equal(unlink(in_folder("tone.m4a")), 0);
    hh_context_destroy(context);
}

/* ---- hash, mono ---- */

static void hash_of_a_file(void **state)
{
    (void)state;
    char hash[33];
    uint64_t bytes = 99;
    write_bytes(in_folder("h"), "", 0);
    assert_int_equal(hh_hash_file(NULL, in_folder("h"), hash, &bytes), HH_OK);
    /* XXH3-128 of nothing, by its specification. */
    assert_string_equal(hash, "99aa06d3014798d86001c324468d497f");
    assert_int_equal(bytes, 0);
    write_bytes(in_folder("h"), "x", 1);
    char other[33];
    assert_int_equal(hh_hash_file(NULL, in_folder("h"), other, NULL), HH_OK);
    assert_string_not_equal(hash, other);
    assert_int_equal(unlink(in_folder("h")), 0);
    assert_int_equal(hh_hash_file(NULL, in_folder("h"), hash, &bytes), HH_ERROR_OPEN);
    assert_int_equal(hh_hash_file(NULL, folder, hash, &bytes), HH_ERROR_OPEN);
    assert_int_equal(hh_hash_file(NULL, NULL, hash, &bytes), HH_ERROR_ARGUMENT);
}

static void mono_is_the_mean(void **state)
{
    (void)state;
    Noise n = make_noise(3, 1000, 44100, 0);
    HhSignal signal = view(&n);
    float mono[1000];
    assert_int_equal(hh_mix_mono(NULL, &signal, mono), HH_OK);
    for (size_t i = 0; i < 1000; i++) {
        double mean = ((double)n.plane[0][i] + (double)n.plane[1][i] + (double)n.plane[2][i]) / 3.0;
        assert_true(fabs((double)mono[i] - mean) < 3e-7);
    }
    signal.channels = 1;
    assert_int_equal(hh_mix_mono(NULL, &signal, mono), HH_OK);
    assert_memory_equal(mono, n.plane[0], sizeof mono);
    assert_int_equal(hh_mix_mono(NULL, NULL, mono), HH_ERROR_ARGUMENT);
    free_noise(&n);
}

/* ---- rate ---- */

static void resampled_sines_keep_their_shape(void **state)
{
    (void)state;
    static const double rates[][2] = {{44100, 22050}, {48000, 44100}, {44100, 48000},
                                      {96000, 44100}, {8000, 44100},  {192000, 44100},
                                      {44100, 11025}};
    for (size_t i = 0; i < HH_COUNT(rates); i++) {
        const size_t length = 20011;
        float *x = malloc(length * sizeof *x);
        assert_non_null(x);
        for (size_t n = 0; n < length; n++)
            x[n] = (float)sin(2.0 * M_PI * 1000.0 * (double)n / rates[i][0]);
        const float *plane[] = {x};
        HhSignal signal = {plane, 1, length, rates[i][0]};
        HhArray out;
        assert_int_equal(hh_resample(NULL, &signal, rates[i][1], &out), HH_OK);
        assert_int_equal(out.shape[0], 1);
        assert_int_equal(out.shape[1], (size_t)ceil((double)length * rates[i][1] / rates[i][0]));
        const float *y = out.data;
        size_t edge = out.shape[1] / 8;
        for (size_t n = edge; n < out.shape[1] - edge; n++)
            assert_true(fabs((double)y[n] - sin(2.0 * M_PI * 1000.0 * (double)n / rates[i][1])) <
                        2e-5);
        hh_array_free(&out);
        free(x);
    }
}

typedef struct Gather {
    float *plane[2];
    size_t length, room;
} Gather;

static HhStatus gather(void *user, const float *const *channel, size_t count)
{
    Gather *g = user;
    assert_true(g->length + count <= g->room);
    for (int c = 0; c < 2; c++) memcpy(g->plane[c] + g->length, channel[c], count * sizeof(float));
    g->length += count;
    return HH_OK;
}

static void resampling_does_not_depend_on_pieces(void **state)
{
    (void)state;
    static const double rates[][2] = {
        {44100, 22050}, {48000, 44100}, {8000, 44100}, {44100, 44100}, {192000, 8000}};
    static const size_t pieces[] = {1, 100, 4096, 5000, 30000};
    HhContext *context = new_context(2);
    for (size_t i = 0; i < HH_COUNT(rates); i++) {
        Noise n = make_noise(2, 30000, rates[i][0], 0);
        /* a tail of subnormals must not make a difference either */
        for (size_t k = 29000; k < 30000; k++) n.plane[0][k] = 1e-40f;
        HhSignal signal = view(&n);
        HhArray whole;
        assert_int_equal(hh_resample(context, &signal, rates[i][1], &whole), HH_OK);
        for (size_t p = 0; p < HH_COUNT(pieces); p++) {
            Gather g = {.room = whole.shape[1] + 10};
            for (int c = 0; c < 2; c++)
                assert_non_null(g.plane[c] = malloc(g.room * sizeof(float)));
            HhResampler *r;
            assert_int_equal(hh_resampler_create(NULL, rates[i][0], rates[i][1], 2, &r), HH_OK);
            for (size_t at = 0; at < 30000; at += pieces[p]) {
                const float *part[] = {n.plane[0] + at, n.plane[1] + at};
                assert_int_equal(
                    hh_resampler_push(r, part, HH_MIN(pieces[p], 30000 - at), gather, &g), HH_OK);
            }
            assert_int_equal(hh_resampler_finish(r, gather, &g), HH_OK);
            assert_int_equal(g.length, whole.shape[1]);
            for (size_t c = 0; c < 2; c++)
                assert_memory_equal(g.plane[c], (float *)whole.data + c * g.length,
                                    g.length * sizeof(float));
            hh_resampler_destroy(r);
            for (int c = 0; c < 2; c++) free(g.plane[c]);
        }
        hh_array_free(&whole);
        free_noise(&n);
    }
    hh_context_destroy(context);
}

/* As floats at levels that a float has, times a power of two beyond them. */
static void doubles_are_resampled_as_floats(void **state)
{
    (void)state;
    static const double rates[][2] = {{44100, 22050}, {48000, 44100}, {8000, 44100}, {100, 100}};
    static const int exponents[] = {0, 400, -400};
    HhContext *context = new_context(2);
    for (size_t i = 0; i < HH_COUNT(rates); i++) {
        Noise n = make_noise(2, 30000, rates[i][0], 0);
        HhSignal signal = view(&n);
        HhArray narrow, wide;
        assert_int_equal(hh_resample(context, &signal, rates[i][1], &narrow), HH_OK);
        assert_int_equal(narrow.type, HH_FLOAT32);
        double *plane[2];
        for (int c = 0; c < 2; c++) assert_non_null(plane[c] = malloc(30000 * sizeof(double)));
        HhSignal doubles = {.channel_f64 = (const double *const *)plane,
                            .channels = 2,
                            .length = 30000,
                            .rate = rates[i][0]};
        for (size_t e = 0; e < HH_COUNT(exponents); e++) {
            for (int c = 0; c < 2; c++)
                for (size_t k = 0; k < 30000; k++)
                    plane[c][k] = ldexp((double)n.plane[c][k], exponents[e]);
            assert_int_equal(hh_resample(context, &doubles, rates[i][1], &wide), HH_OK);
            assert_int_equal(wide.type, HH_FLOAT64);
            assert_int_equal(wide.shape[1], narrow.shape[1]);
            for (size_t k = 0; k < 2 * wide.shape[1]; k++)
                assert_true(fabs(ldexp(((double *)wide.data)[k], -exponents[e]) -
                                 (double)((float *)narrow.data)[k]) < 1e-6);
            hh_array_free(&wide);
        }
        plane[1][7] = (double)INFINITY;
        assert_int_equal(hh_resample(context, &doubles, rates[i][1], &wide), HH_ERROR_NOT_FINITE);
        for (int c = 0; c < 2; c++) free(plane[c]);
        hh_array_free(&narrow);
        free_noise(&n);
    }
    hh_context_destroy(context);
}

static HhStatus refuse(void *user, const float *const *channel, size_t count)
{
    (void)user;
    (void)channel;
    (void)count;
    return HH_ERROR_CANCELLED;
}

static void resampler_checks_arguments(void **state)
{
    (void)state;
    HhResampler *r;
    assert_int_equal(hh_resampler_create(NULL, 0.0, 44100, 1, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_resampler_create(NULL, (double)NAN, 44100, 1, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_resampler_create(NULL, 1.0, 44100, 1, &r), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_resampler_create(NULL, 44100, 44100, 65, &r), HH_ERROR_ARGUMENT);
    assert_null(r);
    assert_int_equal(hh_resampler_create(NULL, 44100, 22050, 1, NULL), HH_ERROR_ARGUMENT);
    hh_resampler_destroy(NULL);
    float x[9000] = {0.0f};
    const float *plane[] = {x};
    assert_int_equal(hh_resampler_create(NULL, 44100, 44100, 1, &r), HH_OK);
    assert_int_equal(hh_resampler_push(r, plane, 9000, refuse, NULL), HH_ERROR_CANCELLED);
    hh_resampler_destroy(r);
    assert_int_equal(hh_resampler_create(NULL, 44100, 22050, 1, &r), HH_OK);
    assert_int_equal(hh_resampler_finish(r, refuse, NULL), HH_OK); /* nothing in, nothing out */
    hh_resampler_destroy(r);
    HhArray out;
    HhSignal signal = {plane, 1, 0, 44100};
    assert_int_equal(hh_resample(NULL, &signal, 22050, &out), HH_ERROR_EMPTY);
    signal.length = 10;
    x[3] = NAN;
    assert_int_equal(hh_resample(NULL, &signal, 22050, &out), HH_ERROR_NOT_FINITE);
    x[3] = 0.0f;
    assert_int_equal(hh_resample(NULL, &signal, -1.0, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
}

static HhStatus ignore(void *user, const float *const *channel, size_t count)
{
    (void)user;
    (void)channel;
    (void)count;
    return HH_OK;
}

/* A channel of samples without samples is an error wherever a signal goes in; of no samples it is
 * none. */
static void missing_channels_are_refused(void **state)
{
    (void)state;
    float x[8] = {0.0f}, mono[8];
    const float *planes[] = {x, NULL};
    HhSignal signal = {planes, 2, 8, 44100.0};
    HhArray out;
    HhResampler *r;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    assert_int_equal(hh_encode_file(context, in_folder("n.wav"), &signal, HH_AUDIO_WAV_16),
                     HH_ERROR_ARGUMENT);
    assert_string_equal(hh_context_message(context), "channel 2 has no samples");
    assert_int_equal(hh_resample(context, &signal, 22050.0, &out), HH_ERROR_ARGUMENT);
    assert_string_equal(hh_context_message(context), "channel 2 has no samples");
    assert_int_equal(hh_resampler_create(context, 44100.0, 22050.0, 2, &r), HH_OK);
    assert_int_equal(hh_resampler_push(r, planes, 8, ignore, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_resampler_push(r, planes, 0, ignore, NULL), HH_OK);
    hh_resampler_destroy(r);
    assert_int_equal(hh_mix_mono(context, &signal, mono), HH_ERROR_ARGUMENT);
    planes[0] = NULL;
    assert_int_equal(hh_mix_mono(context, &signal, mono), HH_ERROR_ARGUMENT);
    assert_string_equal(hh_context_message(context), "channel 1 has no samples");
    assert_int_equal(hh_mix_mono(context, &signal, NULL), HH_ERROR_ARGUMENT);
    signal.length = 0;
    assert_int_equal(hh_mix_mono(context, &signal, mono), HH_OK);
    assert_int_equal(hh_resample(context, &signal, 22050.0, &out), HH_ERROR_EMPTY);
    signal.channel = NULL;
    assert_int_equal(hh_mix_mono(context, &signal, mono), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_resample(context, &signal, 22050.0, &out), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_encode_file(context, in_folder("n.wav"), &signal, HH_AUDIO_WAV_16),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_encode_file(context, in_folder("n.wav"), NULL, HH_AUDIO_WAV_16),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_encode_file(context, NULL, &signal, HH_AUDIO_WAV_16), HH_ERROR_ARGUMENT);
    assert_int_equal(entries(), 0);
    hh_context_destroy(context);
}

/* Every size of memory failure: no crash, no leak (the counts must balance). */
static long allocations, allowed;

static void *failing_allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    if (allowed-- <= 0) return NULL;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, bytes) != 0) return NULL;
    allocations++;
    return memory;
}

static void failing_release(void *user, void *memory)
{
    (void)user;
    allocations -= memory != NULL;
    free(memory);
}

static void out_of_memory_is_reported(void **state)
{
    (void)state;
    Noise n = make_noise(2, 3000, 44100, 16);
    HhSignal signal = view(&n);
    assert_int_equal(hh_encode_file(NULL, in_folder("m.wav"), &signal, HH_AUDIO_WAV_16), HH_OK);
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.allocator = (HhAllocator){failing_allocate, failing_release, NULL};
    bool finished = false;
    for (long limit = 1; !finished && limit < 50; limit++) {
        HhContext *context;
        HhAudio audio = HH_AUDIO_INIT;
        HhArray out = HH_ARRAY_INIT;
        char hash[33];
        allowed = limit;
        assert_int_equal(hh_context_create(&p, &context), HH_OK);
        HhStatus status = hh_decode_file(context, in_folder("m.wav"), NULL, &audio);
        if (status == HH_OK) status = hh_resample(context, &audio.signal, 22050, &out);
        if (status == HH_OK) status = hh_hash_file(context, in_folder("m.wav"), hash, NULL);
        if (status == HH_OK)
            status = hh_encode_file(context, in_folder("m2.wav"), &audio.signal, HH_AUDIO_FLAC_16);
        finished = status == HH_OK;
        if (!finished) assert_int_equal(status, HH_ERROR_MEMORY);
        hh_audio_free(&audio);
        hh_array_free(&out);
        hh_context_destroy(context);
        assert_int_equal(allocations, 0);
    }
    assert_true(finished);
    assert_int_equal(unlink(in_folder("m.wav")), 0);
    assert_int_equal(unlink(in_folder("m2.wav")), 0);
    free_noise(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(integers_are_rounded_and_clipped),
        cmocka_unit_test(every_coding_is_read),
        cmocka_unit_test(mp3_keeps_time),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(what_is_no_sound_is_refused),
        cmocka_unit_test(headers_that_lie),
        cmocka_unit_test(cut_short_is_used),
        cmocka_unit_test(not_finite_is_located),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(a_program_decodes_the_rest),
        cmocka_unit_test(a_program_that_fails),
        cmocka_unit_test(the_real_ffmpeg_when_there),
        cmocka_unit_test(hash_of_a_file),
        cmocka_unit_test(mono_is_the_mean),
        cmocka_unit_test(resampled_sines_keep_their_shape),
        cmocka_unit_test(resampling_does_not_depend_on_pieces),
        cmocka_unit_test(doubles_are_resampled_as_floats),
        cmocka_unit_test(resampler_checks_arguments),
        cmocka_unit_test(missing_channels_are_refused),
        cmocka_unit_test(out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
