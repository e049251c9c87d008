/* Sliding medians of a magnitude matrix [frames][bins] along time and along frequency, matrix in,
 * matrix out, one thread: median_bench [WIDTH] [--json].
 *
 * The reference is a sorted window, one value out and one in per step, as a textbook has it, on a
 * part of the matrix. Prints nanoseconds per element and axis for each CPU level, the least of nine
 * rounds; with --json one object a line for each axis at the best level. Fails if a result is not
 * the reference's. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernels.h"

enum { BINS = 1025, PITCH = 1040, FRAMES = 8000, ROUNDS = 9, SOME_BINS = 40, SOME_FRAMES = 200 };

typedef struct Bench {
    const HhKernels *kernels;
    size_t width;
    float *x, *y, *padded, *tile, *sorted; /* x, y: [FRAMES][PITCH] */
    const float **row;
} Bench;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void along_time(Bench *b)
{
    const HhKernels *k = b->kernels;
    for (size_t t = 0; t < FRAMES; t += HH_TILE) {
        for (size_t i = 0; i < b->width + HH_TILE; i++)
            b->row[i] =
                b->x +
                hh_reflect((ptrdiff_t)(t + i) - (ptrdiff_t)(b->width / 2) - 1, FRAMES) * PITCH;
        if (t == 0) k->median->time_start(b->row, b->width, 0, PITCH, b->sorted);
        k->median->time(b->row, b->width, 0, PITCH, b->sorted, b->tile);
        k->median->to_rows(b->tile, PITCH, b->y + t * PITCH, PITCH);
    }
}

static void along_frequency(Bench *b)
{
    const HhKernels *k = b->kernels;
    size_t below = b->width / 2, above = (b->width - 1) / 2;
    float *middle = b->padded + below * HH_TILE;
    for (size_t t = 0; t < FRAMES; t += HH_TILE) {
        k->vector->frames_to_tile_f32(b->x + t * PITCH, PITCH, BINS, HH_TILE, middle);
        for (size_t i = 0; i < below; i++)
            memcpy(b->padded + i * HH_TILE,
                   middle + hh_reflect((ptrdiff_t)i - (ptrdiff_t)below, BINS) * HH_TILE,
                   HH_TILE * sizeof(float));
        for (size_t i = BINS; i < BINS + above; i++)
            memcpy(middle + i * HH_TILE, middle + hh_reflect((ptrdiff_t)i, BINS) * HH_TILE,
                   HH_TILE * sizeof(float));
        k->median->frequency(b->padded, b->width, PITCH, b->sorted, b->tile);
        k->median->to_rows(b->tile, PITCH, b->y + t * PITCH, PITCH);
    }
}

/* The reference: n values `step` apart. */
static void sorted_window(const float *x, size_t n, size_t step, size_t width, float *y)
{
    float window[1024];
    size_t count = 0;
    ptrdiff_t low = (ptrdiff_t)(width / 2);
    for (ptrdiff_t i = -low; i < (ptrdiff_t)(n + (width - 1) / 2); i++) {
        if (count == width) {
            float out = x[hh_reflect(i - (ptrdiff_t)width, n) * step];
            size_t at = 0;
            while (window[at] != out) at++;
            memmove(window + at, window + at + 1, (--count - at) * sizeof *window);
        }
        float in = x[hh_reflect(i, n) * step];
        size_t at = count++;
        for (; at > 0 && window[at - 1] > in; at--) window[at] = window[at - 1];
        window[at] = in;
        if (count == width) y[(size_t)(i + low + 1 - (ptrdiff_t)width) * step] = window[width / 2];
    }
}

/* Nanoseconds per element; 0 if the first `frames` x `bins` of the result are not the
 * reference's. */
static double measure(Bench *b, void (*work)(Bench *), const float *expected, size_t frames,
                      size_t bins)
{
    double least = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        work(b);
        double elapsed = seconds() - start;
        least = elapsed < least ? elapsed : least;
    }
    for (size_t t = 0; t < frames; t++)
        for (size_t k = 0; k < bins; k++)
            if (b->y[t * PITCH + k] != expected[t * PITCH + k]) return 0;
    return least * 1e9 / ((double)FRAMES * BINS);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[argc - 1], "--json") == 0;
    size_t width = argc > 1 + json ? (size_t)strtoul(argv[1], NULL, 10) : 31;
    if (width < 1 || width > 1024) return 2;
    Bench b = {.width = width};
    b.x = hh_zalloc(NULL, FRAMES * PITCH, sizeof(float));
    b.y = hh_zalloc(NULL, FRAMES * PITCH, sizeof(float));
    float *time = hh_zalloc(NULL, FRAMES * PITCH, sizeof(float));
    float *frequency = hh_zalloc(NULL, FRAMES * PITCH, sizeof(float));
    b.padded = hh_zalloc(NULL, (PITCH + width) * HH_TILE, sizeof(float));
    b.tile = hh_zalloc(NULL, PITCH * HH_TILE, sizeof(float));
    b.sorted = hh_zalloc(NULL, PITCH * (width + HH_TILE), sizeof(float));
    b.row = hh_zalloc(NULL, width + HH_TILE, sizeof *b.row);
    if (!b.x || !b.y || !time || !frequency || !b.padded || !b.tile || !b.sorted || !b.row)
        return 1;
    uint32_t noise = 1;
    for (size_t i = 0; i < (size_t)FRAMES * PITCH; i++) {
        noise = noise * 1664525u + 1013904223u;
        b.x[i] = (float)(noise >> 8);
    }
    double start = seconds();
    for (size_t k = 0; k < SOME_BINS; k++) sorted_window(b.x + k, FRAMES, PITCH, width, time + k);
    double middle = seconds();
    for (size_t t = 0; t < SOME_FRAMES; t++)
        sorted_window(b.x + t * PITCH, BINS, 1, width, frequency + t * PITCH);
    double end = seconds();
    const char *format =
        "median %zu, %-9s along time %7.3f ns, along frequency %7.3f ns per element\n";
    if (!json)
        printf(format, width, "reference", (middle - start) * 1e9 / ((double)FRAMES * SOME_BINS),
               (end - middle) * 1e9 / ((double)SOME_FRAMES * BINS));
    const HhCpuLevel levels[] = {HH_CPU_BASE, HH_CPU_X86_V3, HH_CPU_X86_V4};
    const char *names[] = {"SSE2", "AVX2", "AVX-512"};
    bool right = true;
    for (size_t i = 0; i < HH_COUNT(levels); i++) {
        b.kernels = hh_kernels_at(levels[i]);
        if (!b.kernels || (json && b.kernels != hh_kernels(NULL))) continue;
        double t = measure(&b, along_time, time, FRAMES, SOME_BINS);
        double f = measure(&b, along_frequency, frequency, SOME_FRAMES, BINS);
        right = right && t > 0 && f > 0;
        if (!json)
            printf(format, width, names[i], t, f);
        else
            printf("{\"name\": \"median of %zu along time\", \"ours\": %.4f}\n"
                   "{\"name\": \"median of %zu along frequency\", \"ours\": %.4f}\n",
                   width, t, width, f);
    }
    void *owned[] = {b.x, b.y, time, frequency, b.padded, b.tile, b.sorted, b.row};
    for (size_t i = 0; i < HH_COUNT(owned); i++) hh_free(NULL, owned[i]);
    return right ? 0 : 1;
}
