/* Our Fourier transforms against FFTW (planned with FFTW_MEASURE) in the same run, one thread:
 * fft_bench [--json].
 *
 * Each row does one job on `frames` overlapping frames of noise, hop 512: window, transform and
 * power for the whole matrix of 8000 frames, or with every result overwritten by the next ("in
 * cache": how the engine uses it). Rounds alternate between ours and FFTW; the least time of each
 * counts. FFTW's loops around its calls are compiled for this machine. Prints microseconds per
 * frame and the ratio, or with --json one object a line. */
#include <fftw3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/fft.h"
#include "kernel/kernels.h"

#define HOP 512

typedef enum Job { POWER, POWER_IN_CACHE, INVERSE, SPECTRUM_F64, SINGLE } Job;

typedef struct Case {
    const char *name;
    Job job;
    size_t size, frames;
    HhCpuLevel level;
    bool bar; /* the figure that a change must not lose */
} Case;

static const Case cases[] = {
    {"window + fft 2048 + power, 8000 frames", POWER, 2048, 8000, HH_CPU_BEST, true},
    {"window + fft 2048 + power, in cache", POWER_IN_CACHE, 2048, 8000, HH_CPU_BEST, true},
    {"window + fft 2048 + power, in cache, AVX2", POWER_IN_CACHE, 2048, 8000, HH_CPU_X86_V3, false},
    {"window + fft 2048 + power, in cache, SSE2", POWER_IN_CACHE, 2048, 8000, HH_CPU_BASE, false},
    {"window + fft 512 + power, in cache", POWER_IN_CACHE, 512, 8000, HH_CPU_BEST, false},
    {"window + fft 1024 + power, in cache", POWER_IN_CACHE, 1024, 8000, HH_CPU_BEST, false},
    {"window + fft 1536 + power, in cache", POWER_IN_CACHE, 1536, 8000, HH_CPU_BEST, false},
    {"window + fft 4096 + power, in cache", POWER_IN_CACHE, 4096, 4000, HH_CPU_BEST, false},
    {"window + fft 32768 + power, in cache", POWER_IN_CACHE, 32768, 160, HH_CPU_BEST, false},
    {"inverse fft 2048 + window", INVERSE, 2048, 2000, HH_CPU_BEST, false},
    {"window + fft 2048 in double", SPECTRUM_F64, 2048, 2000, HH_CPU_BEST, false},
    {"one frame: window + fft 2048", SINGLE, 2048, 4000, HH_CPU_BEST, false},
};

typedef struct Bench {
    Case c;
    size_t bins;
    HhContext *context;
    HhFft *fft;
    float *x, *window, *re, *im, *power, *y;
    double *window64, *re64, *im64;
    void *scratch;
    fftwf_plan plan, inverse;
    fftw_plan plan64;
    float *in;
    fftwf_complex *out;
    double *in64;
    fftw_complex *out64;
} Bench;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *filled(size_t count, size_t bytes)
{
    void *memory = hh_zalloc(NULL, count, bytes); /* and so touched before the clock runs */
    if (!memory) {
        fprintf(stderr, "fft_bench: no memory\n");
        exit(1);
    }
    return memory;
}

static void open_bench(Bench *b)
{
    const size_t n = b->c.size, frames = b->c.frames;
    HhContextParams p = HH_CONTEXT_PARAMS_INIT;
    p.cpu_level = b->c.level;
    if (hh_context_create(&p, &b->context) != HH_OK ||
        hh_fft_create(b->context, n, &b->fft) != HH_OK)
        exit(1);
    b->bins = n / 2 + 1;
    size_t kept = b->c.job == POWER ? frames : HH_TILE;
    b->x = filled(n + frames * HOP, sizeof *b->x);
    b->window = filled(n, sizeof *b->window);
    b->window64 = filled(n, sizeof *b->window64);
    b->power = filled(kept * b->bins, sizeof *b->power);
    b->re = filled(HH_TILE * b->bins, sizeof *b->re);
    b->im = filled(HH_TILE * b->bins, sizeof *b->im);
    b->re64 = filled(HH_TILE * b->bins, sizeof *b->re64);
    b->im64 = filled(HH_TILE * b->bins, sizeof *b->im64);
    b->y = filled(HH_TILE * n, sizeof *b->y);
    b->scratch = filled(hh_fft_scratch(b->fft), 1);
    b->in = fftwf_alloc_real(n);
    b->out = fftwf_alloc_complex(b->bins);
    b->in64 = fftw_alloc_real(n);
    b->out64 = fftw_alloc_complex(b->bins);
    b->plan = fftwf_plan_dft_r2c_1d((int)n, b->in, b->out, FFTW_MEASURE);
    b->inverse = fftwf_plan_dft_c2r_1d((int)n, b->out, b->in, FFTW_MEASURE);
    b->plan64 = fftw_plan_dft_r2c_1d((int)n, b->in64, b->out64, FFTW_MEASURE);
    uint32_t noise = 1;
    for (size_t i = 0; i < n + frames * HOP; i++) {
        noise = noise * 1664525u + 1013904223u;
        b->x[i] = (float)noise / 4294967296.0f - 0.5f;
    }
    for (size_t i = 0; i < n; i++) {
        b->window[i] = (float)(i % 97) * 0.01f;
        b->window64[i] = (double)b->window[i];
    }
    hh_fft_tile_f32(b->fft, b->x, 0, HH_TILE, b->window, b->re, b->im, b->scratch);
}

static void close_bench(Bench *b)
{
    void *ours[] = {b->x,  b->window, b->window64, b->power, b->re,
                    b->im, b->re64,   b->im64,     b->y,     b->scratch};
    for (size_t i = 0; i < HH_COUNT(ours); i++) hh_free(NULL, ours[i]);
    fftwf_destroy_plan(b->plan);
    fftwf_destroy_plan(b->inverse);
    fftw_destroy_plan(b->plan64);
    fftwf_free(b->in);
    fftwf_free(b->out);
    fftw_free(b->in64);
    fftw_free(b->out64);
    hh_fft_destroy(b->fft);
    hh_context_destroy(b->context);
}

static void ours(Bench *b)
{
    for (size_t f = 0; f < b->c.frames; f += HH_TILE) {
        const float *x = b->x + f * HOP;
        switch (b->c.job) {
        case POWER:
        case POWER_IN_CACHE:
            hh_fft_tile_power_f32(b->fft, x, HOP, HH_TILE, b->window,
                                  b->power + (b->c.job == POWER ? f * b->bins : 0), b->scratch);
            break;
        case INVERSE:
            hh_fft_tile_inverse_f32(b->fft, b->re, b->im, HH_TILE, b->window, b->y,
                                    (ptrdiff_t)b->c.size, b->scratch);
            break;
        case SPECTRUM_F64:
            hh_fft_tile_mixed(b->fft, x, HOP, HH_TILE, b->window64, b->re64, b->im64, b->scratch);
            break;
        case SINGLE:
            for (size_t l = 0; l < HH_TILE; l++)
                hh_fft_f32(b->fft, x + l * HOP, b->window, b->re, b->im, b->scratch);
            break;
        }
    }
}

static void theirs(Bench *b)
{
    const size_t n = b->c.size, bins = b->bins;
    for (size_t f = 0; f < b->c.frames; f++) {
        const float *x = b->x + f * HOP;
        float *power = b->power + (b->c.job == POWER ? f : f % HH_TILE) * bins;
        switch (b->c.job) {
        case POWER:
        case POWER_IN_CACHE:
            for (size_t i = 0; i < n; i++) b->in[i] = x[i] * b->window[i];
            fftwf_execute(b->plan);
            for (size_t k = 0; k < bins; k++)
                power[k] = b->out[k][0] * b->out[k][0] + b->out[k][1] * b->out[k][1];
            break;
        case INVERSE: { /* its transform to real destroys the spectrum, so it works on a copy */
            memcpy(b->out, b->re, bins * sizeof *b->out);
            fftwf_execute(b->inverse);
            float *y = b->y + f % HH_TILE * n, scale = 1.0f / (float)n;
            for (size_t i = 0; i < n; i++) y[i] = b->in[i] * scale * b->window[i];
            break;
        }
        case SPECTRUM_F64:
            for (size_t i = 0; i < n; i++) b->in64[i] = (double)x[i] * b->window64[i];
            fftw_execute(b->plan64);
            break;
        case SINGLE:
            for (size_t i = 0; i < n; i++) b->in[i] = x[i] * b->window[i];
            fftwf_execute(b->plan);
            break;
        }
    }
}

static double least(double before, void (*work)(Bench *), Bench *b)
{
    double start = seconds();
    work(b);
    double used = seconds() - start;
    return used < before ? used : before;
}

int main(int argc, char **argv)
{
    const bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    if (!json) printf("%-46s %9s %9s %7s\n", "microseconds per frame", "ours", "FFTW", "ratio");
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        if (cases[i].level != HH_CPU_BEST && !hh_kernels_at(cases[i].level)) continue;
        Bench b = {.c = cases[i]};
        open_bench(&b);
        double mine = 1e9, rival = 1e9;
        for (int round = 0; round < 9; round++) {
            mine = least(mine, ours, &b);
            rival = least(rival, theirs, &b);
        }
        double scale = 1e6 / (double)b.c.frames;
        if (json)
            printf("{\"name\": \"%s\", \"ours\": %.4f, \"rival\": %.4f, \"unit\": \"us/frame\", "
                   "\"bar\": %s}\n",
                   b.c.name, mine * scale, rival * scale, b.c.bar ? "true" : "false");
        else
            printf("%-46s %9.3f %9.3f %7.2f\n", b.c.name, mine * scale, rival * scale,
                   rival / mine);
        fflush(stdout);
        close_bench(&b);
    }
    return 0;
}
