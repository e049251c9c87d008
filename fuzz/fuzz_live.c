/* The real-time core: the first bytes are the configuration, the rest how it is pushed and samples.
 * What is told must not depend on the sizes of the pushes, and every number must be finite. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "live.h"

#define MOST_BYTES   (64u << 20) /* of state: long blocks at the full rate take more */
#define MOST_SAMPLES 20000

static const uint8_t *at;
static size_t left;

static uint32_t take(size_t bytes)
{
    uint32_t value = 0;
    for (; bytes > 0 && left > 0; bytes--, left--) value = value << 8 | *at++;
    return value;
}

/* Any float, or one from low to high. */
static float take_float(float low, float high)
{
    uint32_t bits = take(2);
    if (bits % 16 == 15) {
        float any;
        bits = take(4);
        memcpy(&any, &bits, sizeof any);
        return any;
    }
    return low + (high - low) * (float)bits / 65535.0f;
}

static void take_configuration(HhLiveConfig *config)
{
    hh_live_defaults(config, 7999 + take(3) % 88010);
    if (take(1) % 2) return;
    config->hop = 15 + take(2) % 4090;
    config->bank = (HhLiveBank)(take(1) % 5);
    config->notes = (uint16_t)(take(1) % (HH_LIVE_MAX_NOTES + 2));
    config->notes_per_octave = (uint16_t)(11 + take(1) % 40);
    config->bottom_note = take_float(15.0f, 4000.0f);
    config->novelty_rate = take_float(24.0f, 101.0f);
    config->bpm_low = take_float(29.0f, 200.0f);
    config->bpm_high = take_float(60.0f, 301.0f);
    config->latency_ms = take_float(-210.0f, 510.0f);
    config->tempo_bins_per_tick = (uint16_t)take(2);
    config->silence_db = take_float(-121.0f, 1.0f);
    config->level_rate = take_float(0.0f, 100.0f);
}

typedef struct Told {
    HhLive *live;
    uint64_t hash;
    int64_t last;
} Told;

static void need(bool good)
{
    if (!good) abort();
}

static void add(Told *told, double number)
{
    need(isfinite(number));
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    told->hash = (told->hash ^ bits) * 1099511628211ull;
}

static void add_float(Told *told, float number)
{
    add(told, (double)number);
}

static void add_snapshot(Told *told)
{
    HhLiveSnapshot now;
    need(hh_live_read(told->live, &now));
    add(told, (double)now.sample);
    for (int i = 0; i < HH_LIVE_MAX_NOTES; i++) add_float(told, now.note[i]);
    for (int i = 0; i < 12; i++) add_float(told, now.chroma[i]);
    for (int i = 0; i < HH_LIVE_BANDS; i++) add_float(told, now.onset[i]);
    add_float(told, now.tuning_cents);
    add_float(told, now.rms_db);
    add_float(told, now.peak_db);
    add_float(told, now.momentary_lufs);
    add_float(told, now.display);
    add_float(told, now.novelty);
    add_float(told, now.bpm);
    add_float(told, now.confidence);
    add_float(told, now.beat_phase);
    add(told, now.beats);
    add(told, now.in_bar);
    add(told, now.silent + 2 * now.silent_by_contrast);
}

static void listen(void *user, const HhLiveEvent *event)
{
    Told *told = user;
    add(told, (double)event->type);
    add(told, (double)event->sample);
    add(told, (double)event->told);
    need(event->told >= told->last);
    told->last = event->told;
    switch (event->type) {
    case HH_LIVE_BEAT:
        add_float(told, event->beat.bpm);
        add_float(told, event->beat.confidence);
        add(told, event->beat.number);
        add(told, event->beat.in_bar);
        break;
    case HH_LIVE_ONSET:
        need(event->onset.band < HH_LIVE_BANDS);
        add_float(told, event->onset.strength);
        break;
    case HH_LIVE_TEMPO:
        add_float(told, event->tempo.bpm);
        add_float(told, event->tempo.confidence);
        break;
    case HH_LIVE_LEVEL:
        add_snapshot(told);
        break;
    case HH_LIVE_SILENCE:
        add(told, event->silence.on + 2 * event->silence.contrast);
        break;
    }
}

/* Between pushes, at the same samples in both runs. */
static void control(HhLive *live, uint32_t which)
{
    switch (which % 8) {
    case 0:
        hh_live_tap(live);
        break;
    case 1:
        hh_live_double(live);
        break;
    case 2:
        hh_live_half(live);
        break;
    case 3:
        hh_live_nudge(live, 60.0f * ((float)(which / 8) - 16.0f));
        break;
    case 4:
        (void)hh_live_range(live, 20.0f + (float)which, 400.0f - (float)which);
        break;
    case 5:
        hh_live_latency(live, 20.0f * ((float)which - 100.0f));
        break;
    default:
        break;
    }
}

/* Pieces of `piece` samples (0: sizes from `sizes`), a control after each of eight parts. */
static uint64_t run(const HhLiveConfig *config, const float *sound, size_t count,
                    const uint8_t controls[8], size_t piece, uint32_t sizes)
{
    size_t bytes = hh_live_size(config);
    void *memory = malloc(bytes);
    if (!memory) abort();
    Told told = {.hash = 14695981039346656037ull};
    told.live = hh_live_init(memory, config, listen, &told);
    need(told.live);
    for (size_t part = 0; part < 8; part++) {
        size_t end = count * (part + 1) / 8;
        for (size_t i = count * part / 8; i < end;) {
            sizes = sizes * 1664525u + 1013904223u;
            size_t length = piece > 0 ? piece : sizes >> 23;
            if (length > end - i) length = end - i;
            hh_live_push(told.live, sound + i, length);
            i += length;
        }
        control(told.live, controls[part]);
    }
    add_snapshot(&told);
    free(memory);
    return told.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static _Alignas(HH_LIVE_ALIGNMENT) unsigned char small[16];
    at = bytes;
    left = size;
    HhLiveConfig config;
    take_configuration(&config);
    size_t room = hh_live_size(&config);
    if (room == 0) need(!hh_live_init(small, &config, NULL, NULL));
    if (room == 0 || room > MOST_BYTES) return 0;
    /* At the full rate low notes take long. */
    bool slow = config.bank != HH_LIVE_BANK_OCTAVES;
    uint8_t controls[8];
    for (int i = 0; i < 8; i++) controls[i] = (uint8_t)take(1);
    uint32_t sizes = take(4);
    /* The samples are the rest, again and again, each time softer. */
    size_t count = slow ? MOST_SAMPLES / 10 : MOST_SAMPLES, whole = left;
    float *sound = malloc(count * sizeof *sound);
    if (!sound) abort();
    float gain = 1.0f;
    for (size_t i = 0; i < count; i++) {
        if (left == 0) {
            at -= whole;
            left = whole;
            gain *= 0.9f;
        }
        sound[i] = left > 0 ? gain * take_float(-1.0f, 1.0f) : 0.0f;
    }
    uint64_t hash = run(&config, sound, count, controls, count, 0);
    need(run(&config, sound, count, controls, 0, sizes) == hash);
    free(sound);
    return 0;
}
