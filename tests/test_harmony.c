/* harmony: decimator, constant-Q family, chroma family, key. Parity with librosa:
 * librosa/test_harmony.py. */
#include "test.h"

#include "harmony/chain.h"
#include "harmony/halfband.h"
#include "harmony/harmony.h"
#include "harmony/overlap.h"
#include "kernel/kernels.h"

#define PI   3.14159265358979323846
#define RATE 22050.0

static HhContext *make_context(int threads, HhCpuLevel level)
{
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.threads = threads;
    p.cpu_level = level;
    HhContext *context;
    assert_int_equal(hh_context_create(&p, &context), HH_OK);
    return context;
}

static float *noise(size_t length, uint64_t seed)
{
    float *x = malloc(HH_MAX(length, (size_t)1) * sizeof *x);
    for (size_t n = 0; n < length; n++) x[n] = (float)(0.3 * test_noise(&seed));
    return x;
}

static HhSignal mono(const float *const *x, size_t length, double rate)
{
    return (HhSignal){x, 1, length, rate};
}

/* ---- filters by overlap-save */

typedef struct Overlap {
    size_t filters, n_fft, hop, frames; /* frames: of all blocks, more than 16 of them */
    float *re, *im;                     /* tiles */
} Overlap;

/* Two groups of blocks, the second with a few blocks only and more tiles than are wanted. */
static void run_overlap(HhContext *context, const HhSparse *basis, const float *x, Overlap *o)
{
    HhOverlap *overlap;
    HhFft *inverse;
    size_t block = hh_overlap_block(o->n_fft), frames = hh_overlap_frames(o->n_fft, o->hop);
    assert_int_equal(hh_overlap_create(context, basis, o->n_fft, &overlap), HH_OK);
    assert_int_equal(hh_fft_create(context, block / o->hop, &inverse), HH_OK);
    float *samples = calloc(HH_TILE * block, sizeof *samples);
    void *scratch = hh_alloc(context, hh_overlap_scratch(overlap, o->hop, inverse), 1);
    size_t tiles = o->frames / HH_TILE, stride = o->filters * HH_TILE;
    for (size_t first = 0; first < o->frames; first += HH_TILE * frames) {
        int count = 0;
        for (size_t t = first; t < o->frames && count < HH_TILE; t += frames, count++)
            memcpy(samples + (size_t)count * block, x + t * o->hop, block * sizeof *x);
        size_t tile = first / HH_TILE;
        hh_overlap_run(overlap, o->hop, inverse, samples, count, 0.5, o->re + tile * stride,
                       o->im + tile * stride, stride, tiles - tile, scratch);
    }
    free(samples);
    hh_free(context, scratch);
    hh_fft_destroy(inverse);
    hh_overlap_destroy(overlap);
}

/* Each frame's transform times the basis, in double. */
static double overlap_error(const HhSparse *basis, const float *x, const Overlap *o)
{
    double worst = 0.0, most = 0.0;
    for (size_t t = 0; t < o->frames; t += 41) {
        for (size_t r = 0; r < o->filters; r++) {
            double re = 0.0, im = 0.0;
            for (uint32_t i = basis->start[r]; i < basis->start[r + 1]; i++) {
                double x_re = 0.0, x_im = 0.0;
                for (size_t n = 0; n < o->n_fft; n++) {
                    double angle =
                        2.0 * PI * (double)(basis->column[i] * n % o->n_fft) / (double)o->n_fft;
                    x_re += (double)x[t * o->hop + n] * cos(angle);
                    x_im -= (double)x[t * o->hop + n] * sin(angle);
                }
                re += 0.5 * ((double)basis->re[i] * x_re - (double)basis->im[i] * x_im);
                im += 0.5 * ((double)basis->re[i] * x_im + (double)basis->im[i] * x_re);
            }
            size_t at = (t / HH_TILE * o->filters + r) * HH_TILE + t % HH_TILE;
            worst = fmax(worst, hypot(re - (double)o->re[at], im - (double)o->im[at]));
            most = fmax(most, hypot(re, im));
        }
    }
    return worst / most;
}

static void overlap_save_is_its_definition(void **state)
{
    (void)state;
    static const struct {
        size_t filters, n_fft, hop;
    } cases[] = {{3, 64, 2}, {9, 128, 4}, {20, 256, 8}, {5, 512, 64}};
    for (size_t c = 0; c < HH_COUNT(cases); c++) {
        Overlap o = {cases[c].filters, cases[c].n_fft, cases[c].hop, 0, NULL, NULL};
        /* 18 blocks, the last one with one tile only */
        o.frames = 17 * hh_overlap_frames(o.n_fft, o.hop) + HH_TILE;
        size_t values = o.frames * o.filters, length = o.frames * o.hop + 8 * o.n_fft;
        float *x = noise(length, 11 + c), *entries = noise(8 * o.filters, 5 + c);
        uint32_t *start = malloc((o.filters + 1) * sizeof *start),
                 *column = malloc(4 * o.filters * sizeof *column);
        for (size_t r = 0; r <= o.filters; r++) start[r] = (uint32_t)(4 * r);
        for (size_t i = 0; i < 4 * o.filters; i++) /* among them both ends of the spectrum */
            column[i] = (uint32_t)(i % 4 == 3 ? o.n_fft / 2 - i / 4 % (o.n_fft / 8)
                                              : i % 4 * (o.n_fft / 8) + i / 4 % (o.n_fft / 8));
        HhSparse basis = {o.filters, start, column, entries, entries + 4 * o.filters};
        o.re = malloc(values * sizeof *o.re);
        o.im = malloc(values * sizeof *o.im);
        float *base_re = malloc(values * sizeof *o.re), *base_im = malloc(values * sizeof *o.im);
        for (int level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
            HhContext *context = make_context(1, (HhCpuLevel)level);
            run_overlap(context, &basis, x, &o);
            hh_context_destroy(context);
            if (level == HH_CPU_BASE) {
                assert_true(overlap_error(&basis, x, &o) < 1e-7);
                memcpy(base_re, o.re, values * sizeof *o.re);
                memcpy(base_im, o.im, values * sizeof *o.im);
            }
            assert_memory_equal(o.re, base_re, values * sizeof *o.re);
            assert_memory_equal(o.im, base_im, values * sizeof *o.im);
        }
        free(x);
        free(entries);
        free(start);
        free(column);
        free(o.re);
        free(o.im);
        free(base_re);
        free(base_im);
    }
}

/* ---- the decimator */

static double bessel(double x)
{
    double sum = 0.0, term = 1.0;
    for (int k = 1; k < 200; k++) {
        sum += term;
        term *= x * x / (4.0 * k * k);
    }
    return sum;
}

static double halved_sample(const float *x, size_t length, size_t m)
{
    double sum = 0.0;
    for (int z = -194; z <= 194; z++) {
        ptrdiff_t n = 2 * (ptrdiff_t)m + z;
        if (n < 0 || n >= (ptrdiff_t)length) continue;
        double y = z / 194.5, fc = 0.4784359133, angle = PI * fc * z;
        sum += fc * (z == 0 ? 1.0 : sin(angle) / angle) *
               bessel(13.0400357575 * sqrt(1.0 - y * y)) / bessel(13.0400357575) * (double)x[n];
    }
    return sum;
}

/* The whole signal: y[(length + 1) / 2]. */
static void halve(const HhHalfband *halfband, const float *x, size_t length, float *y)
{
    const HhStretch stretch = {x, 0, length, length};
    void *scratch = hh_alloc(NULL, 1, hh_halfband_scratch(halfband));
    assert_non_null(scratch);
    hh_halfband_blocks(halfband, &stretch, 0,
                       (length / 2 + length % 2 + HH_HALFBAND_BLOCK - 1) / HH_HALFBAND_BLOCK, y,
                       scratch);
    hh_free(NULL, scratch);
}

static void decimator_is_its_definition(void **state)
{
    (void)state;
    const size_t lengths[] = {1, 2, 389, 1660, 1661, 30001};
    HhHalfband *h;
    assert_int_equal(hh_halfband_create(NULL, &h), HH_OK);
    for (size_t i = 0; i < HH_COUNT(lengths); i++) {
        size_t length = lengths[i], half = (length + 1) / 2;
        float *x = noise(length, 3), *y = malloc(half * sizeof *y);
        halve(h, x, length, y);
        for (size_t m = 0; m < half; m += 1 + half / 300)
            assert_true(fabs((double)y[m] - halved_sample(x, length, m)) < 4e-7 * 0.3);
        free(x);
        free(y);
    }
    hh_halfband_destroy(h);
    hh_halfband_destroy(NULL);
}

/* The gain in dB for a sine of `frequency` times the input rate; a multiple of 1/16000 is measured
 * over whole periods. */
static double gain_db(const HhHalfband *h, double frequency)
{
    enum { LENGTH = 20000 };
    float *x = malloc(LENGTH * sizeof *x), *y = malloc(LENGTH / 2 * sizeof *y);
    for (int n = 0; n < LENGTH; n++) x[n] = (float)sin(2.0 * PI * frequency * n);
    halve(h, x, LENGTH, y);
    double energy = 0.0;
    for (int m = 1000; m < LENGTH / 2 - 1000; m++) energy += (double)y[m] * (double)y[m];
    free(x);
    free(y);
    return 10.0 * log10(2.0 * energy / (LENGTH / 2 - 2000) + 1e-30);
}

static void decimator_passes_and_stops(void **state)
{
    (void)state;
    HhHalfband *h;
    assert_int_equal(hh_halfband_create(NULL, &h), HH_OK);
    for (double f = 0.01; f < 0.22; f += 0.0135) assert_true(fabs(gain_db(h, f)) < 1e-4);
    assert_true(fabs(gain_db(h, 0.25 * 0.9137)) < 0.02);
    for (double f = 0.2501; f < 0.5; f += 0.0171) assert_true(gain_db(h, f) < -115.0);
    hh_halfband_destroy(h);
}

static void decimator_streams_the_same_bytes(void **state)
{
    (void)state;
    const size_t lengths[] = {0, 1, 700, 26948, 60001, 131072}, chunks[] = {1, 777, 4096, 70000};
    HhHalfband *h;
    assert_int_equal(hh_halfband_create(NULL, &h), HH_OK);
    for (size_t i = 0; i < HH_COUNT(lengths); i++) {
        size_t length = lengths[i], half = (length + 1) / 2;
        float *x = noise(length, 5), *whole = malloc((half + 1) * sizeof *whole);
        if (length > 0) halve(h, x, length, whole);
        for (size_t c = 0; c < HH_COUNT(chunks); c++) {
            HhHalfbandStream *stream;
            assert_int_equal(hh_halfband_stream_create(NULL, h, &stream), HH_OK);
            float *y = malloc((half + hh_halfband_stream_room(chunks[c])) * sizeof *y);
            size_t made = 0;
            for (size_t n = 0; n < length; n += chunks[c]) {
                size_t got =
                    hh_halfband_stream_push(stream, x + n, HH_MIN(chunks[c], length - n), y + made);
                assert_true(got <= hh_halfband_stream_room(chunks[c]));
                made += got;
            }
            made += hh_halfband_stream_finish(stream, y + made);
            assert_int_equal(made, half);
            assert_memory_equal(y, whole, half * sizeof *y);
            hh_halfband_stream_destroy(stream);
            free(y);
        }
        free(x);
        free(whole);
    }
    hh_halfband_stream_destroy(NULL);
    hh_halfband_destroy(h);
}

/* ---- the constant-Q transform against its definition */

/* sqrt(L) * sum over the window of w(m) exp(i omega m) x[centre - m], w normalised: one bin at full
 * rate. */
static void direct_bin(const float *x, size_t length, double frequency, double bandwidth,
                       size_t centre, double *re, double *im)
{
    double filter_length = RATE / (bandwidth * frequency), sum = 0.0;
    ptrdiff_t start = (ptrdiff_t)floor(-filter_length / 2.0),
              count = (ptrdiff_t)floor(filter_length / 2.0) - start;
    *re = *im = 0.0;
    for (ptrdiff_t i = 0; i < count; i++) {
        double w = 0.5 - 0.5 * cos(2.0 * PI * (double)i / (double)count);
        ptrdiff_t n = (ptrdiff_t)centre - start - i;
        sum += w;
        if (n < 0 || n >= (ptrdiff_t)length) continue;
        double phase = 2.0 * PI * frequency * (double)(start + i) / RATE;
        *re += w * cos(phase) * (double)x[n];
        *im += w * sin(phase) * (double)x[n];
    }
    *re *= sqrt(filter_length) / sum;
    *im *= sqrt(filter_length) / sum;
}

static void cqt_is_its_definition(void **state)
{
    (void)state;
    enum { LENGTH = 60000, BINS = 252 };
    float *x = noise(LENGTH, 7);
    HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
    HhCqtParams p;
    hh_cqt_defaults(&p);
    p.n_bins = BINS;
    p.bins_per_octave = 36;
    p.sparsity = 0.0;
    double frequencies[BINS], ratio = exp2(2.0 / 36.0), bandwidth = (ratio - 1.0) / (ratio + 1.0);
    assert_int_equal(hh_cqt_frequencies(NULL, &p, frequencies), HH_OK);
    HhArray out = HH_ARRAY_INIT;
    assert_int_equal(hh_cqt(NULL, &y, &p, &out), HH_OK);
    assert_int_equal(out.type, HH_COMPLEX64);
    assert_int_equal(out.shape[0], 1);
    assert_int_equal(out.shape[1], 1 + LENGTH / 512);
    assert_int_equal(out.shape[2], BINS);
    double largest = 0.0;
    for (size_t i = 0; i < 2 * hh_array_count(&out); i++)
        largest = HH_MAX(largest, fabs((double)((float *)out.data)[i]));
    for (size_t t = 0; t < out.shape[1]; t += 13) {
        for (size_t k = 0; k < BINS; k += 7) {
            double re, im;
            direct_bin(x, LENGTH, frequencies[k], bandwidth, t * 512, &re, &im);
            const float *c = (const float *)out.data + (t * BINS + k) * 2;
            double error = hypot((double)c[0] - re, (double)c[1] - im);
            /* the top octave is the definition itself but for the filters' negative frequencies;
             * filters of the octaves below are sampled at lower rates, and cut at both ends of the
             * sound where its halved form is */
            assert_true(error < (k >= 216 ? 1e-5 : 0.02) * largest);
        }
    }
    hh_array_free(&out);
    free(x);
}

/* ---- ranges, threads, levels: the same bytes */

typedef struct Reader {
    float *level[8];
    size_t made[8];
} Reader;

static HhStatus keep_level(void *user, int level, const float *samples, size_t count)
{
    Reader *r = user;
    memcpy(r->level[level] + r->made[level], samples, count * sizeof *samples);
    r->made[level] += count;
    return HH_OK;
}

/* The chain of a signal, pushed in pieces. */
static Reader make_chain(const float *x, size_t length, int early, int levels, size_t piece)
{
    Reader r = {{NULL}, {0}};
    HhChain *chain;
    for (int l = 0; l < levels; l++) r.level[l] = calloc(length + 1, sizeof(float));
    assert_int_equal(hh_chain_create(NULL, early, levels, keep_level, &r, &chain), HH_OK);
    for (size_t n = 0; n < length; n += piece)
        assert_int_equal(hh_chain_push(chain, x + n, HH_MIN(piece, length - n)), HH_OK);
    assert_int_equal(hh_chain_finish(chain), HH_OK);
    hh_chain_destroy(chain);
    return r;
}

static void free_chain(Reader *r)
{
    for (size_t l = 0; l < HH_COUNT(r->level); l++) free(r->level[l]);
}

static HhStatus read_samples(void *user, int level, size_t first, size_t count, float *samples)
{
    Reader *r = user;
    assert_true(first + count <= r->made[level]);
    memcpy(samples, r->level[level] + first, count * sizeof *samples);
    return HH_OK;
}

/* Its levels have the lengths of the definition and the same bytes for any pieces; a tone in the
 * pass-band keeps its energy. */
static void chain_halves_and_keeps_energy(void **state)
{
    (void)state;
    const size_t lengths[] = {0, 1, 2, 3, 999, 40000, 100001}, pieces[] = {1, 777, 16384, 200000};
    for (size_t i = 0; i < HH_COUNT(lengths); i++) {
        for (int early = 0; early <= 2; early++) {
            size_t length = lengths[i];
            float *x = noise(length, 3 + i);
            Reader whole = make_chain(x, length, early, 5, HH_MAX(length, (size_t)1));
            for (int l = early > 0 ? 0 : 1; l < 5; l++)
                assert_int_equal(whole.made[l], hh_chain_length(length, early + l));
            for (size_t p = length > 2000 ? 1 : 0; p < HH_COUNT(pieces); p++) {
                Reader cut = make_chain(x, length, early, 5, pieces[p]);
                for (int l = early > 0 ? 0 : 1; l < 5; l++)
                    assert_memory_equal(cut.level[l], whole.level[l],
                                        whole.made[l] * sizeof(float));
                free_chain(&cut);
            }
            free_chain(&whole);
            free(x);
        }
    }
    float *tone = malloc(65536 * sizeof *tone);
    for (size_t n = 0; n < 65536; n++) tone[n] = (float)(0.5 * sin(2.0 * PI * 0.01 * (double)n));
    Reader r = make_chain(tone, 65536, 2, 3, 5000);
    for (int l = 0; l < 3; l++) {
        double energy = 0.0;
        for (size_t n = 0; n < r.made[l]; n++) energy += pow((double)r.level[l][n], 2.0);
        assert_true(fabs(energy / (65536.0 / 8.0) - 1.0) < 2e-3);
    }
    free_chain(&r);
    free(tone);
    hh_chain_destroy(NULL);
}

static HhStatus read_nothing(void *user, int level, size_t first, size_t count, float *samples)
{
    (void)user, (void)level, (void)first, (void)count, (void)samples;
    return HH_ERROR_READ;
}

static void ranges_are_parts_of_the_whole(void **state)
{
    (void)state;
    enum { LENGTH = 300001, BINS = 252 };
    float *x = noise(LENGTH, 11);
    HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
    HhCqtParams p;
    hh_cqt_defaults(&p);
    p.n_bins = BINS;
    p.bins_per_octave = 36;
    p.tuning = 0.13;
    HhCqtPlan *plan;
    HhChromaFold *fold;
    assert_int_equal(hh_cqt_plan_create(NULL, &p, false, RATE, &plan), HH_OK);
    assert_int_equal(hh_chroma_fold_create(NULL, plan, NULL, &fold), HH_OK);
    assert_int_equal(hh_cqt_plan_halvings(plan), 0);
    assert_int_equal(hh_cqt_plan_levels(plan), 7);
    HhArray signal = HH_ARRAY_INIT;
    assert_int_equal(hh_cqt_signal(NULL, plan, &y, true, &signal), HH_OK);
    size_t frames = signal.shape[1];
    assert_int_equal(hh_cqt_frame_count(plan, LENGTH), frames);
    Reader all = make_chain(x, LENGTH, 0, 7, LENGTH);
    memcpy(all.level[0], x, LENGTH * sizeof *x); /* which no halving makes */
    all.made[0] = LENGTH;
    float *whole = malloc(frames * BINS * sizeof *whole),
          *complex_whole = malloc(frames * BINS * 2 * sizeof *whole),
          *chroma_whole = malloc(frames * 12 * sizeof *whole);
    void *room = hh_alloc(NULL, 1, hh_cqt_scratch(plan, frames));
    assert_int_equal(hh_cqt_frames(plan, read_samples, &all, LENGTH, 0, frames, true, whole, room),
                     HH_OK);
    assert_int_equal(
        hh_cqt_frames(plan, read_samples, &all, LENGTH, 0, frames, false, complex_whole, room),
        HH_OK);
    assert_int_equal(
        hh_chroma_frames(plan, fold, read_samples, &all, LENGTH, 0, frames, chroma_whole, room),
        HH_OK);
    hh_free(NULL, room);
    /* Of a whole signal the lower octaves are made by overlap-save. */
    const float *s = signal.data;
    float most = 0.0f;
    for (size_t i = 0; i < frames * BINS; i++) most = HH_MAX(most, s[i]);
    for (size_t i = 0; i < frames * BINS; i++) assert_true(fabsf(whole[i] - s[i]) <= 2e-6f * most);
    const size_t starts[] = {0, 1, 250, 300, frames - 1}, counts[] = {1, 17, 64, frames};
    for (size_t i = 0; i < HH_COUNT(starts); i++) {
        for (size_t j = 0; j < HH_COUNT(counts); j++) {
            size_t first = starts[i], count = HH_MIN(counts[j], frames - starts[i]);
            void *scratch = hh_alloc(NULL, 1, hh_cqt_scratch(plan, count));
            float *out = malloc(count * BINS * 2 * sizeof *out);
            assert_int_equal(
                hh_cqt_frames(plan, read_samples, &all, LENGTH, first, count, true, out, scratch),
                HH_OK);
            assert_memory_equal(out, whole + first * BINS, count * BINS * sizeof *out);
            assert_int_equal(
                hh_cqt_frames(plan, read_samples, &all, LENGTH, first, count, false, out, scratch),
                HH_OK);
            assert_memory_equal(out, complex_whole + first * BINS * 2,
                                count * BINS * 2 * sizeof *out);
            assert_int_equal(hh_chroma_frames(plan, fold, read_samples, &all, LENGTH, first, count,
                                              out, scratch),
                             HH_OK);
            assert_memory_equal(out, chroma_whole + first * 12, count * 12 * sizeof *out);
            assert_int_equal(
                hh_cqt_frames(plan, read_nothing, NULL, LENGTH, first, count, true, out, scratch),
                HH_ERROR_READ);
            hh_free(NULL, scratch);
            free(out);
        }
    }
    free_chain(&all);
    hh_array_free(&signal);
    free(whole);
    free(complex_whole);
    free(chroma_whole);
    hh_chroma_fold_destroy(fold);
    hh_cqt_plan_destroy(plan);
    hh_chroma_fold_destroy(NULL);
    hh_cqt_plan_destroy(NULL);
    free(x);
}

static HhStatus vqt_chroma(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhChromaVqtParams p;
    hh_chroma_vqt_defaults(&p);
    p.bins_per_octave = 7;
    p.n_octaves = 5;
    p.gamma = 4.0;
    return hh_chroma_vqt(context, y, &p, out);
}

static HhStatus wavelets(HhContext *context, HhArray *out)
{
    static const double f[5] = {60.0, 90.0, 300.0, 1000.0, 5000.0};
    HhWaveletParams p;
    hh_wavelet_defaults(&p);
    p.frequencies = f;
    p.count = 5;
    p.norm = 2.0;
    HhArray lengths = HH_ARRAY_INIT;
    HhStatus status = hh_wavelets(context, &p, out, &lengths);
    assert_true((status == HH_OK) == (lengths.data != NULL));
    hh_array_free(&lengths);
    return status;
}

static void run_all(HhContext *context, const HhSignal *y, HhArray *out)
{
    HhCqtParams p;
    hh_cqt_defaults(&p);
    p.tuning = (double)NAN;
    assert_int_equal(hh_cqt(context, y, &p, out), HH_OK);
    p.tuning = 0.25;
    assert_int_equal(hh_vqt(context, y, &p, out + 1), HH_OK);
    assert_int_equal(hh_pseudo_cqt(context, y, &p, out + 2), HH_OK);
    assert_int_equal(hh_hybrid_cqt(context, y, &p, out + 3), HH_OK);
    assert_int_equal(hh_chroma_cqt(context, y, NULL, out + 4), HH_OK);
    assert_int_equal(hh_chroma_stft(context, y, NULL, out + 5), HH_OK);
    assert_int_equal(hh_chroma_cens(context, y, NULL, out + 6), HH_OK);
    assert_int_equal(hh_tonnetz(context, y, NULL, out + 7), HH_OK);
    assert_int_equal(vqt_chroma(context, y, out + 8), HH_OK);
    assert_int_equal(wavelets(context, out + 9), HH_OK);
}

static void levels_and_threads_give_the_same_bytes(void **state)
{
    (void)state;
    enum { LENGTH = 100000, RESULTS = 10 };
    float *x[2] = {noise(LENGTH, 13), noise(LENGTH, 17)};
    HhSignal y = {(const float *const *)x, 2, LENGTH, 44100.0};
    HhArray first[RESULTS] = {HH_ARRAY_INIT};
    run_all(NULL, &y, first);
    for (int threads = 1; threads <= 3; threads += 2) {
        for (HhCpuLevel level = HH_CPU_BASE; level <= HH_CPU_X86_V4; level++) {
            HhContext *context = make_context(threads, level);
            HhArray out[RESULTS] = {HH_ARRAY_INIT};
            run_all(context, &y, out);
            for (int i = 0; i < RESULTS; i++) {
                assert_int_equal(hh_array_count(&out[i]), hh_array_count(&first[i]));
                assert_memory_equal(out[i].data, first[i].data,
                                    hh_array_count(&out[i]) * hh_type_bytes(out[i].type));
                hh_array_free(&out[i]);
            }
            hh_context_destroy(context);
        }
    }
    for (int i = 0; i < RESULTS; i++) hh_array_free(&first[i]);
    free(x[0]);
    free(x[1]);
}

/* ---- chroma */

/* Adds a note: `partials` harmonics falling off as 1 / h, over samples begin .. end - 1. */
static void add_note(float *x, size_t begin, size_t end, double midi, int partials, double rate)
{
    double f = 440.0 * exp2((midi - 69.0) / 12.0);
    for (size_t n = begin; n < end; n++)
        for (int h = 1; h <= partials; h++)
            x[n] += (float)(0.1 / h * sin(2.0 * PI * f * h * (double)n / rate));
}

static int strongest(const float *row, int count)
{
    int best = 0;
    for (int i = 1; i < count; i++)
        if (row[i] > row[best]) best = i;
    return best;
}

static void every_class_lands_in_its_slot(void **state)
{
    (void)state;
    enum { LENGTH = 30000 };
    for (int partials = 1; partials <= 5; partials += 4) {
        for (int midi = 40; midi < 76; midi++) {
            float *x = calloc(LENGTH, sizeof *x);
            add_note(x, 0, LENGTH, midi, partials, RATE);
            HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
            HhArray out = HH_ARRAY_INIT;
            assert_int_equal(hh_chroma_cqt(NULL, &y, NULL, &out), HH_OK);
            assert_int_equal(strongest((float *)out.data + 30 * 12, 12), midi % 12);
            assert_true(((float *)out.data)[30 * 12 + midi % 12] == 1.0f);
            hh_array_free(&out);
            if (midi >= 57) { /* below, semitones are closer than bins */
                assert_int_equal(hh_chroma_stft(NULL, &y, NULL, &out), HH_OK);
                assert_int_equal(strongest((float *)out.data + 30 * 12, 12), midi % 12);
                hh_array_free(&out);
            }
            free(x);
        }
    }
}

static void from_magnitudes_as_from_sound(void **state)
{
    (void)state;
    enum { LENGTH = 40000 };
    float *x = noise(LENGTH, 19);
    HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
    HhCqtParams p;
    hh_cqt_defaults(&p);
    p.n_bins = 252;
    p.bins_per_octave = 36;
    HhCqtPlan *plan;
    assert_int_equal(hh_cqt_plan_create(NULL, &p, false, RATE, &plan), HH_OK);
    HhArray magnitudes = HH_ARRAY_INIT, folded = HH_ARRAY_INIT, chroma = HH_ARRAY_INIT,
            centroid = HH_ARRAY_INIT, centroid2 = HH_ARRAY_INIT;
    assert_int_equal(hh_cqt_signal(NULL, plan, &y, true, &magnitudes), HH_OK);
    HhChromaCqtParams c;
    hh_chroma_cqt_defaults(&c);
    c.tuning = 0.0;
    assert_int_equal(hh_chroma_from_cqt(NULL, &magnitudes, &c, &folded), HH_OK);
    assert_int_equal(hh_chroma_cqt(NULL, &y, &c, &chroma), HH_OK);
    /* the transforms of chroma are single precision above the lowest octave */
    for (size_t i = 0; i < hh_array_count(&chroma); i++)
        assert_true(fabsf(((float *)folded.data)[i] - ((float *)chroma.data)[i]) < 1e-5f);
    assert_int_equal(hh_tonnetz_from_chroma(NULL, &chroma, &centroid), HH_OK);
    assert_int_equal(hh_tonnetz(NULL, &y, &c, &centroid2), HH_OK);
    assert_int_equal(centroid.type, HH_FLOAT64);
    assert_int_equal(centroid.shape[2], 6);
    assert_memory_equal(centroid.data, centroid2.data, hh_array_count(&centroid) * sizeof(double));
    ((float *)magnitudes.data)[5] = NAN;
    hh_array_free(&folded);
    assert_int_equal(hh_chroma_from_cqt(NULL, &magnitudes, &c, &folded), HH_ERROR_NOT_FINITE);
    assert_int_equal(hh_tonnetz_from_chroma(NULL, &centroid, &folded), HH_ERROR_ARGUMENT);
    assert_null(folded.data);
    hh_array_free(&magnitudes);
    hh_array_free(&chroma);
    hh_array_free(&centroid);
    hh_array_free(&centroid2);
    hh_cqt_plan_destroy(plan);
    free(x);
}

/* ---- the key */

static HhKey key_of(const float *x, size_t length)
{
    HhSignal y = mono(&x, length, RATE);
    HhKey key;
    assert_int_equal(hh_key_estimate(NULL, &y, NULL, &key), HH_OK);
    return key;
}

/* I IV V I, or i iv V i: only the tonic's mode and the scale tell the key. */
static void cadences_in_every_key(void **state)
{
    (void)state;
    enum { CHORD = 16384, CHORDS = 4 };
    static const int roots[CHORDS] = {0, 5, 7, 0};
    for (int k = 0; k < 24; k++) {
        float *x = calloc(CHORD * CHORDS, sizeof *x);
        for (int c = 0; c < CHORDS; c++) {
            int third = k < 12 || c == 2 ? 4 : 3, root = 48 + k % 12 + roots[c];
            const int notes[] = {root - 12, root, root + third, root + 7};
            for (int i = 0; i < 4; i++)
                add_note(x, (size_t)c * CHORD, (size_t)(c + 1) * CHORD, notes[i], 4, RATE);
        }
        HhKey key = key_of(x, CHORD * CHORDS);
        assert_int_equal(key.index, k);
        assert_true(key.confidence > 0.3 && key.confidence <= 1.0);
        free(x);
    }
}

/* Kick (a falling sine), snare (noise and 190 Hz) and hat (noise) in eighths. */
static float *drums(size_t length)
{
    float *x = calloc(length, sizeof *x);
    uint64_t seed = 23;
    const size_t eighth = 5000;
    for (size_t hit = 0; hit * eighth < length; hit++) {
        double phase = 0.0;
        for (size_t i = 0; i < eighth && hit * eighth + i < length; i++) {
            double t = (double)i / RATE, r = test_noise(&seed), v = 0.1 * r * exp(-80.0 * t);
            phase += 2.0 * PI * (50.0 + 150.0 * exp(-30.0 * t)) / RATE;
            if (hit % 4 == 0) v += 0.7 * sin(phase) * exp(-15.0 * t);
            if (hit % 4 == 2) v += (0.4 * r + 0.2 * sin(2.0 * PI * 190.0 * t)) * exp(-20.0 * t);
            x[hit * eighth + i] = (float)v;
        }
    }
    return x;
}

static void no_key_in_noise_drums_and_tones(void **state)
{
    (void)state;
    enum { LENGTH = 110250 };
    float *x = noise(LENGTH, 29);
    for (int i = 0; i < 2; i++) {
        HhKey key = key_of(x, LENGTH);
        assert_int_equal(key.index, -1);
        assert_true(key.confidence == 0.0);
        free(x);
        x = drums(LENGTH);
    }
    memset(x, 0, LENGTH * sizeof *x);
    assert_int_equal(key_of(x, LENGTH).index, -1);
    assert_int_equal(key_of(x, 1).index, -1);
    add_note(x, 0, LENGTH, 57.0, 1, RATE);
    assert_int_equal(key_of(x, LENGTH).index, -1);
    HhKey key;
    HhSignal y = mono((const float *const *)&x, LENGTH, 800.0);
    assert_int_equal(hh_key_estimate(NULL, &y, NULL, &key), HH_OK);
    assert_int_equal(key.index, -1);
    assert_string_equal(hh_key_name(key.index), "unknown");
    assert_string_equal(hh_key_name(24), "unknown");
    assert_string_equal(hh_key_name(6), "F# major");
    assert_string_equal(hh_key_name(21), "A minor");
    free(x);
}

static void silent_frames_do_not_count(void **state)
{
    (void)state;
    float rows[4 * 12] = {0};
    for (int i = 0; i < 12; i++) rows[12 + i] = 1.0f, rows[24 + i] = i == 3 ? 1.0f : 0.0f;
    HhChromaMean mean = {{0}, 0};
    hh_chroma_mean_add(&mean, rows, 4);
    double chroma[12];
    hh_chroma_mean_get(&mean, chroma);
    assert_true(chroma[3] == 1.0 && chroma[4] == 0.5);
    mean = (HhChromaMean){{0}, 0};
    hh_chroma_mean_get(&mean, chroma);
    assert_true(chroma[0] == 0.0);
}

static void profiles_agree_on_a_scale(void **state)
{
    (void)state;
    /* D major with a strong tonic triad */
    const double chroma[12] = {0.05, 0.4, 1.0, 0.05, 0.5, 0.1, 0.7, 0.45, 0.05, 0.9, 0.05, 0.4};
    HhKeyParams p;
    hh_key_defaults(&p);
    assert_int_equal(p.profile, HH_KEY_EDM);
    HhKey key;
    for (int profile = HH_KEY_EDM; profile <= HH_KEY_ALBRECHT; profile++) {
        p.profile = (HhKeyProfile)profile;
        assert_int_equal(hh_key_from_chroma(NULL, chroma, &p, &key), HH_OK);
        assert_int_equal(key.index, 2);
    }
    p.profile = (HhKeyProfile)99;
    assert_int_equal(hh_key_from_chroma(NULL, chroma, &p, &key), HH_ERROR_ARGUMENT);
    double bad[12] = {(double)NAN};
    assert_int_equal(hh_key_from_chroma(NULL, bad, NULL, &key), HH_ERROR_ARGUMENT);
}

/* ---- bad input */

/* hh_chroma_stft() takes doubles, tuning and all; what stands on the constant-Q transform does not,
 * not even after it has found the tuning of doubles. */
static void doubles_where_the_transform_is_that_of_spectra(void **state)
{
    (void)state;
    enum { LENGTH = 20000 };
    float *x = noise(LENGTH, 31);
    static double wide[LENGTH];
    for (size_t n = 0; n < LENGTH; n++) wide[n] = (double)x[n];
    const double *channel = wide;
    HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
    HhSignal z = {.channels = 1, .length = LENGTH, .rate = RATE, .channel_f64 = &channel};
    HhArray a = HH_ARRAY_INIT, b = HH_ARRAY_INIT;
    HhChromaStftParams p;
    hh_chroma_stft_defaults(&p);
    for (int i = 0; i < 2; i++, p.tuning = 0.1) {
        assert_int_equal(hh_chroma_stft(NULL, &y, &p, &a), HH_OK);
        assert_int_equal(hh_chroma_stft(NULL, &z, &p, &b), HH_OK);
        assert_memory_equal(a.shape, b.shape, sizeof a.shape);
        for (size_t n = 0; n < hh_array_count(&a); n++)
            assert_true(fabsf(((float *)a.data)[n] - ((float *)b.data)[n]) < 2e-6f);
        hh_array_free(&a);
        hh_array_free(&b);
    }
    HhKey key;
    HhCqtParams q;
    hh_cqt_defaults(&q);
    for (int i = 0; i < 2; i++, q.tuning = (double)NAN) {
        assert_int_equal(hh_vqt(NULL, &z, &q, &a), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_cqt(NULL, &z, &q, &a), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_pseudo_cqt(NULL, &z, &q, &a), HH_ERROR_ARGUMENT);
    }
    assert_int_equal(hh_chroma_cqt(NULL, &z, NULL, &a), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_key_estimate(NULL, &z, NULL, &key), HH_ERROR_ARGUMENT);
    wide[100] = (double)NAN;
    assert_int_equal(hh_chroma_stft(NULL, &z, NULL, &b), HH_ERROR_NOT_FINITE);
    free(x);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    enum { LENGTH = 5000 };
    float *x = noise(LENGTH, 31);
    HhSignal y = mono((const float *const *)&x, LENGTH, RATE);
    HhArray out = HH_ARRAY_INIT;
    HhContext *context = make_context(1, HH_CPU_BEST);
    HhCqtParams p;
#define REFUSED(status, setting)                                                                   \
    hh_cqt_defaults(&p);                                                                           \
    setting;                                                                                       \
    assert_int_equal(hh_vqt(context, &y, &p, &out), status);                                       \
    assert_true(strlen(hh_context_message(context)) > 0);                                          \
    assert_null(out.data)
    REFUSED(HH_ERROR_ARGUMENT, p.hop_length = 0);
    REFUSED(HH_ERROR_ARGUMENT, p.hop_length = SIZE_MAX);
    REFUSED(HH_ERROR_ARGUMENT, p.n_bins = 0);
    REFUSED(HH_ERROR_ARGUMENT, p.n_bins = SIZE_MAX);
    REFUSED(HH_ERROR_ARGUMENT, p.n_bins = 120);
    REFUSED(HH_ERROR_ARGUMENT, p.bins_per_octave = 0);
    REFUSED(HH_ERROR_ARGUMENT, p.fmin = -1.0);
    REFUSED(HH_ERROR_ARGUMENT, p.fmin = (double)NAN);
    REFUSED(HH_ERROR_ARGUMENT, (p.gamma = 0.0, p.fmin = 1e-9));
    REFUSED(HH_ERROR_ARGUMENT, p.tuning = HUGE_VAL);
    REFUSED(HH_ERROR_ARGUMENT, p.gamma = -1.0);
    REFUSED(HH_ERROR_ARGUMENT, p.filter_scale = 0.0);
    REFUSED(HH_ERROR_ARGUMENT, p.norm = -1.0);
    REFUSED(HH_ERROR_ARGUMENT, p.sparsity = 1.0);
    REFUSED(HH_ERROR_ARGUMENT, p.window.kind = HH_WINDOW_CUSTOM);
    REFUSED(HH_ERROR_ARGUMENT, p.size = 1);
    const double intervals[12] = {1.0, 1.2, 1.1};
    REFUSED(HH_ERROR_ARGUMENT, p.intervals = intervals);
    REFUSED(HH_ERROR_ARGUMENT, y.rate = 0.0);
    y.rate = RATE;
    REFUSED(HH_ERROR_ARGUMENT, y.channels = 0);
    y.channels = 1;
    REFUSED(HH_ERROR_EMPTY, y.length = 0);
    y.length = LENGTH;
    x[77] = (float)HUGE_VAL;
    REFUSED(HH_ERROR_NOT_FINITE, (void)0);
    x[77] = 0.0f;
#undef REFUSED
    HhChromaCqtParams c;
    hh_chroma_cqt_defaults(&c);
    c.n_chroma = 7;
    assert_int_equal(hh_chroma_cqt(context, &y, &c, &out), HH_ERROR_ARGUMENT);
    hh_chroma_cqt_defaults(&c);
    c.n_octaves = 0;
    assert_int_equal(hh_chroma_cqt(context, &y, &c, &out), HH_ERROR_ARGUMENT);
    c.n_octaves = 9;
    assert_int_equal(hh_chroma_cqt(context, &y, &c, &out), HH_ERROR_ARGUMENT);
    hh_chroma_cqt_defaults(&c);
    c.norm = -2.0;
    assert_int_equal(hh_tonnetz(context, &y, &c, &out), HH_ERROR_ARGUMENT);
    HhChromaStftParams s;
    hh_chroma_stft_defaults(&s);
    s.n_chroma = 0;
    assert_int_equal(hh_chroma_stft(context, &y, &s, &out), HH_ERROR_ARGUMENT);
    hh_chroma_stft_defaults(&s);
    s.octwidth = 0.0;
    assert_int_equal(hh_chroma_stft(context, &y, &s, &out), HH_ERROR_ARGUMENT);
    HhChromaCensParams e;
    hh_chroma_cens_defaults(&e);
    e.norm = -3.0;
    assert_int_equal(hh_chroma_cens(context, &y, &e, &out), HH_ERROR_ARGUMENT);
    assert_null(out.data);
    /* The size of an embedded structure is not read. */
    hh_chroma_stft_defaults(&s);
    s.stft.size = 0;
    assert_int_equal(hh_chroma_stft(context, &y, &s, &out), HH_OK);
    hh_array_free(&out);
    hh_chroma_cens_defaults(&e);
    e.chroma.size = SIZE_MAX;
    assert_int_equal(hh_chroma_cens(context, &y, &e, &out), HH_OK);
    hh_array_free(&out);
    hh_context_destroy(context);
    free(x);
}

/* ---- memory runs out at every possible place */

typedef struct Meter {
    long allowed, live;
} Meter;

static void *meter_allocate(void *user, size_t alignment, size_t bytes)
{
    Meter *m = user;
    if (m->allowed-- <= 0) return NULL;
    m->live++;
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

static void meter_release(void *user, void *memory)
{
    ((Meter *)user)->live -= memory != NULL;
    free(memory);
}

static void failing_memory_is_reported_and_not_lost(void **state)
{
    (void)state;
    enum { LENGTH = 20000 };
    float *x = noise(LENGTH, 37);
    HhSignal y = mono((const float *const *)&x, LENGTH, 44100.0);
    for (int which = 0; which < 8; which++) {
        bool done = false;
        for (long allowed = 1; !done; allowed++) {
            Meter meter = {allowed, 0};
            HhContextParams p = HH_CONTEXT_PARAMS_INIT;
            p.allocator = (HhAllocator){meter_allocate, meter_release, &meter};
            HhContext *context;
            if (hh_context_create(&p, &context) != HH_OK) continue;
            HhArray out = HH_ARRAY_INIT;
            HhKey key;
            HhStatus status = which == 0   ? hh_cqt(context, &y, NULL, &out)
                              : which == 1 ? hh_hybrid_cqt(context, &y, NULL, &out)
                              : which == 2 ? hh_chroma_stft(context, &y, NULL, &out)
                              : which == 3 ? hh_chroma_cens(context, &y, NULL, &out)
                              : which == 4 ? hh_tonnetz(context, &y, NULL, &out)
                              : which == 5 ? vqt_chroma(context, &y, &out)
                              : which == 6 ? wavelets(context, &out)
                                           : hh_key_estimate(context, &y, NULL, &key);
            done = status == HH_OK;
            assert_true(done || status == HH_ERROR_MEMORY);
            assert_true(done || out.data == NULL);
            hh_array_free(&out);
            hh_context_destroy(context);
            assert_int_equal(meter.live, 0);
            assert_true(allowed < 2000);
        }
    }
    free(x);
}

/* ---- chromagrams of a variable-Q transform, and its filters */

static void vqt_chroma_folds_octaves(void **state)
{
    (void)state;
    static const double intervals[5] = {1.0, 1.15, 1.3, 1.5, 1.75};
    const size_t length = 30000;
    float *x = noise(length, 77);
    const float *channel = x;
    HhSignal y = mono(&channel, length, 22050.0);
    HhChromaVqtParams p;
    hh_chroma_vqt_defaults(&p);
    p.intervals = intervals;
    p.bins_per_octave = 5;
    p.n_octaves = 6;
    p.gamma = 3.0;
    HhCqtParams v;
    hh_cqt_defaults(&v);
    v.intervals = intervals;
    v.bins_per_octave = 5;
    v.n_bins = 30;
    v.gamma = 3.0;
    HhArray spectrum = HH_ARRAY_INIT, chroma = HH_ARRAY_INIT, again = HH_ARRAY_INIT,
            magnitudes = HH_ARRAY_INIT;
    assert_int_equal(hh_vqt(NULL, &y, &v, &spectrum), HH_OK);
    HhContext *context = make_context(3, HH_CPU_BASE);
    assert_int_equal(hh_chroma_vqt(context, &y, &p, &chroma), HH_OK);
    hh_context_destroy(context);
    assert_int_equal(chroma.shape[1], spectrum.shape[1]);
    assert_int_equal(chroma.shape[2], 5);
    assert_int_equal(hh_array_make_like(NULL, &magnitudes, &spectrum, HH_FLOAT32), HH_OK);
    for (size_t t = 0; t < chroma.shape[1]; t++) {
        double sum[5] = {0}, most = 0.0;
        for (size_t k = 0; k < 30; k++) {
            const float *z = (const float *)spectrum.data + 2 * (t * 30 + k);
            double size = hypot((double)z[0], (double)z[1]);
            ((float *)magnitudes.data)[t * 30 + k] = (float)size;
            sum[k % 5] += size;
        }
        for (int c = 0; c < 5; c++) most = fmax(most, sum[c]);
        for (int c = 0; c < 5; c++)
            assert_true(fabs((double)((float *)chroma.data)[t * 5 + (size_t)c] - sum[c] / most) <
                        1e-5);
    }
    assert_int_equal(hh_chroma_from_vqt(NULL, &magnitudes, &p, &again), HH_OK);
    for (size_t i = 0; i < hh_array_count(&chroma); i++)
        assert_true(fabsf(((float *)chroma.data)[i] - ((float *)again.data)[i]) < 1e-5f);
    hh_array_free(&again);
    p.n_octaves = 0;
    assert_int_equal(hh_chroma_vqt(NULL, &y, &p, &again), HH_ERROR_ARGUMENT);
    p.n_octaves = 6;
    p.bins_per_octave = SIZE_MAX / 2;
    assert_int_equal(hh_chroma_vqt(NULL, &y, &p, &again), HH_ERROR_ARGUMENT);
    assert_null(again.data);
    hh_array_free(&spectrum);
    hh_array_free(&chroma);
    hh_array_free(&magnitudes);
    free(x);
}

/* A Hann window over a complex exponential, the sum of its moduli 1, in the middle of the row. */
static void check_wavelet(const float *row, size_t longest, double length, double f, double rate)
{
    double first = floor(-length / 2.0), last = floor(length / 2.0), sum = 0.0;
    size_t count = (size_t)(last - first), at = (longest - count) / 2;
    for (size_t n = 0; n < count; n++) sum += 0.5 - 0.5 * cos(2.0 * PI * (double)n / (double)count);
    for (size_t n = 0; n < longest; n++) {
        double re = 0.0, im = 0.0;
        if (n >= at && n < at + count) {
            double i = (double)(n - at), w = 0.5 - 0.5 * cos(2.0 * PI * i / (double)count);
            re = w / sum * cos(2.0 * PI * (first + i) * f / rate);
            im = w / sum * sin(2.0 * PI * (first + i) * f / rate);
        }
        assert_true(fabs((double)row[2 * n] - re) < 1e-8 &&
                    fabs((double)row[2 * n + 1] - im) < 1e-8);
    }
}

static void wavelets_are_windowed_exponentials(void **state)
{
    (void)state;
    static const double f[4] = {110.0, 150.0, 230.0, 900.0}, alpha[4] = {0.1, 0.2, 0.05, 0.3};
    static const double gammas[4] = {0.0, 5.0, 10.0, 20.0};
    for (int given = 0; given < 2; given++)
        for (int pad = 0; pad < 2; pad++) {
            HhWaveletParams p;
            hh_wavelet_defaults(&p);
            p.frequencies = f;
            p.count = 4;
            p.pad_fft = pad;
            if (given) p.alpha = alpha, p.gammas = gammas;
            HhArray rows = HH_ARRAY_INIT, lengths = HH_ARRAY_INIT, same = HH_ARRAY_INIT;
            double cutoff, highest = 0.0, longest = 0.0;
            HhContext *context = make_context(3, HH_CPU_BEST);
            assert_int_equal(hh_wavelets(context, &p, &rows, &lengths), HH_OK);
            hh_context_destroy(context);
            assert_int_equal(hh_wavelet_lengths(NULL, &p, &same, &cutoff), HH_OK);
            for (size_t k = 0; k < 4; k++) {
                size_t low = k > 0 ? k - 1 : 0, high = k < 3 ? k + 1 : 3;
                double step = pow(f[high] / f[low], 2.0 / (double)(high - low));
                double a = given ? alpha[k] : (step - 1.0) / (step + 1.0);
                double g = given ? gammas[k] : 0.0, length = 22050.0 / (a * f[k] + g);
                assert_true(fabs(((double *)lengths.data)[k] / length - 1.0) < 1e-12);
                assert_true(((double *)same.data)[k] == ((double *)lengths.data)[k]);
                highest = fmax(highest, f[k] * (1.0 + 0.5 * 1.50018310546875 * a) + 0.5 * g);
                longest = fmax(longest, length);
            }
            assert_true(fabs(cutoff / highest - 1.0) < 1e-12);
            size_t columns = (size_t)(pad ? exp2(ceil(log2(longest))) : ceil(longest));
            assert_int_equal(rows.shape[1], columns);
            for (size_t k = 0; k < 4; k++)
                check_wavelet((const float *)rows.data + 2 * k * columns, columns,
                              ((double *)lengths.data)[k], f[k], 22050.0);
            hh_array_free(&rows);
            hh_array_free(&lengths);
            hh_array_free(&same);
        }
}

/* A length of an ulp above a power of two, whose logarithm is whole. */
static void wavelets_fit_their_row(void **state)
{
    (void)state;
    const double f = 1024.0, alpha = 1.0;
    HhWaveletParams p;
    hh_wavelet_defaults(&p);
    p.frequencies = &f;
    p.count = 1;
    p.alpha = &alpha;
    p.rate = nextafter(16384.0, 20000.0);
    HhArray rows = HH_ARRAY_INIT, lengths = HH_ARRAY_INIT;
    assert_int_equal(hh_wavelets(NULL, &p, &rows, &lengths), HH_OK);
    assert_true(((double *)lengths.data)[0] > 16.0 && log2(((double *)lengths.data)[0]) == 4.0);
    assert_int_equal(rows.shape[1], 32);
    check_wavelet(rows.data, 32, ((double *)lengths.data)[0], f, p.rate);
    hh_array_free(&rows);
    hh_array_free(&lengths);
}

static void bad_wavelets_are_refused(void **state)
{
    (void)state;
    const double f[3] = {100.0, 200.0, 150.0}, equal[2] = {100.0, 100.0}, negative[2] = {-1.0, 5.0};
    HhWaveletParams good, p;
    hh_wavelet_defaults(&good);
    good.frequencies = f;
    good.count = 2;
    HhArray out = HH_ARRAY_INIT, none = HH_ARRAY_INIT;
    assert_int_equal(hh_wavelets(NULL, NULL, &out, &none), HH_ERROR_ARGUMENT);
    for (int i = 0; i < 9; i++) {
        p = good;
        if (i == 0) p.count = 3;
        if (i == 1) p.count = 1;
        if (i == 2) p.frequencies = equal;
        if (i == 3) p.frequencies = negative;
        if (i == 4) p.filter_scale = 0.0;
        if (i == 5) p.gamma = -1.0;
        if (i == 6) p.window.kind = HH_WINDOW_CUSTOM;
        if (i == 7) p.norm = -2.0;
        if (i == 8) p.rate = 0.0;
        assert_int_equal(hh_wavelets(NULL, &p, &out, &none), HH_ERROR_ARGUMENT);
        assert_int_equal(hh_wavelet_lengths(NULL, &p, &none, NULL), HH_ERROR_ARGUMENT);
        assert_null(out.data);
        assert_null(none.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vqt_chroma_folds_octaves),
        cmocka_unit_test(wavelets_are_windowed_exponentials),
        cmocka_unit_test(wavelets_fit_their_row),
        cmocka_unit_test(bad_wavelets_are_refused),
        cmocka_unit_test(overlap_save_is_its_definition),
        cmocka_unit_test(decimator_is_its_definition),
        cmocka_unit_test(decimator_passes_and_stops),
        cmocka_unit_test(decimator_streams_the_same_bytes),
        cmocka_unit_test(cqt_is_its_definition),
        cmocka_unit_test(chain_halves_and_keeps_energy),
        cmocka_unit_test(ranges_are_parts_of_the_whole),
        cmocka_unit_test(levels_and_threads_give_the_same_bytes),
        cmocka_unit_test(every_class_lands_in_its_slot),
        cmocka_unit_test(from_magnitudes_as_from_sound),
        cmocka_unit_test(cadences_in_every_key),
        cmocka_unit_test(no_key_in_noise_drums_and_tones),
        cmocka_unit_test(silent_frames_do_not_count),
        cmocka_unit_test(profiles_agree_on_a_scale),
        cmocka_unit_test(doubles_where_the_transform_is_that_of_spectra),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(failing_memory_is_reported_and_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
