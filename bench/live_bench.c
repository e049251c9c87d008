/* Cost of the real-time core on this machine:  live_bench [SAMPLE_RATE [HOP]]
 * Minute-long synthetic music, pushed hop by hop, twenty times; the least time of each stage a hop,
 * with the clock read around each stage, and the least time of the whole without. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "live.h"

#define SECONDS 60
#define RUNS    20
#define PI      3.14159265358979323846

static uint32_t nanoseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec;
}

/* A kick on each beat of 128 a minute, a hiss between, a chord. */
static void make_music(float *sound, size_t count, double rate)
{
    uint32_t seed = 1;
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / rate, beat = fmod(t, 60.0 / 128.0);
        seed = seed * 1664525u + 1013904223u;
        double noise = (double)seed / 2147483648.0 - 1.0;
        double kick = exp(-beat * 25.0) * sin(2.0 * PI * (50.0 * beat - 8.0 * exp(-beat * 40.0)));
        double hiss = 0.1 * noise * exp(-fabs(beat - 0.234) * 60.0);
        double chord =
            sin(2.0 * PI * 220.0 * t) + sin(2.0 * PI * 277.18 * t) + sin(2.0 * PI * 659.26 * t);
        sound[i] = (float)(0.5 * kick + hiss + 0.08 * chord);
    }
}

/* Microseconds a hop: of the whole, and of the stages if the configuration has a clock. Batches of
 * 100 hops; of each the least time of all runs, so that what else the machine does matters little.
 */
typedef struct Cost {
    double whole, stage[HH_LIVE_STAGES];
} Cost;

static void keep_least(double *least, double nanos, int run)
{
    if (run == 0 || nanos < *least) *least = nanos;
}

static Cost measure(const HhLiveConfig *config, const float *sound, size_t count)
{
    size_t batch = 100 * config->hop, batches = count / batch;
    void *memory = aligned_alloc(HH_LIVE_ALIGNMENT, (hh_live_size(config) + 15) & ~(size_t)15);
    Cost *least = calloc(batches, sizeof *least), cost = {0.0, {0.0}};
    if (!memory || !least) exit(EXIT_FAILURE);
    for (int run = 0; run < RUNS; run++) {
        HhLive *live = hh_live_init(memory, config, NULL, NULL);
        HhLiveProfile before, after;
        if (!live) exit(EXIT_FAILURE);
        hh_live_profile(live, &before);
        for (size_t b = 0; b < batches; b++, before = after) {
            uint32_t since = nanoseconds();
            for (size_t i = 0; i < 100; i++)
                hh_live_push(live, sound + b * batch + i * config->hop, config->hop);
            keep_least(&least[b].whole, nanoseconds() - since, run);
            hh_live_profile(live, &after);
            for (int s = 0; s < HH_LIVE_STAGES; s++)
                keep_least(&least[b].stage[s],
                           (double)(after.stage[s].total - before.stage[s].total), run);
        }
    }
    for (size_t b = 0; b < batches; b++) {
        cost.whole += least[b].whole / 1e5 / (double)batches;
        for (int s = 0; s < HH_LIVE_STAGES; s++)
            cost.stage[s] += least[b].stage[s] / 1e5 / (double)batches;
    }
    free(least);
    free(memory);
    return cost;
}

int main(int count, char **arguments)
{
    static const char *const names[HH_LIVE_STAGES] = {"decimate", "bank", "level", "novelty",
                                                      "tempo"};
    static const char *const banks[] = {"octaves", "goertzel", "lanes", "sliding"};
    HhLiveConfig config;
    hh_live_defaults(&config, count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 16000);
    if (count > 2) config.hop = (uint32_t)strtoul(arguments[2], NULL, 10);
    size_t samples = (size_t)config.sample_rate * SECONDS;
    float *sound = malloc(samples * sizeof *sound);
    if (!sound || hh_live_size(&config) == 0) return EXIT_FAILURE;
    make_music(sound, samples, config.sample_rate);
    printf("%u Hz, hop %u: microseconds a hop\n", config.sample_rate, config.hop);
    for (int bank = 0; bank < 4; bank++) {
        config.bank = (HhLiveBank)bank;
        config.clock = NULL;
        size_t part = bank == 0 ? samples : samples / 20;
        printf("  with the bank %-9s %8.2f\n", banks[bank], measure(&config, sound, part).whole);
        if (bank > 0) continue;
        config.clock = nanoseconds;
        Cost cost = measure(&config, sound, part);
        for (int s = 0; s < HH_LIVE_STAGES; s++)
            printf("    %-9s %8.2f\n", names[s], cost.stage[s]);
    }
    free(sound);
    return EXIT_SUCCESS;
}
