/* The values as channels of a DMX universe, for Art-Net and sACN alike. docs/live.md has the table
 * of channels; the order of the enum below is that of the channels.
 *
 * A frame goes out at most 43 times a second: DMX512 (ANSI E1.11) carries 44 full frames. When
 * nothing changes, three more of the same follow and then one every 0.8 s, which is what E1.31
 * section 6.6.1 asks for and Art-Net 4 advises. */
#include "live_senders.h"

#include <math.h>
#include <string.h>

#define FRAME_NS 23000000
#define IDLE_NS  800000000
#define REPEATS  3
#define FLASH_NS 250000000 /* from full to dark */
#define DB_RANGE 60.0      /* 0 is -60 dB or less, 255 is 0 dB */
#define LONG_AGO (INT64_MIN / 2)

enum {
    BEAT,
    DOWNBEAT,
    IN_BAR,
    PHASE,
    BPM,
    BPM_FINE,
    CONFIDENCE,
    LEVEL,
    RMS,
    PEAK,
    LUFS,
    ONSET_LOW,
    ONSET_MID,
    ONSET_HIGH,
    SILENCE,
    TUNING,
    CHROMA,
    NOTES = CHROMA + 12
};

void live_dmx_start(LiveDmx *dmx, const LiveSenderSetup *setup, size_t first)
{
    *dmx = (LiveDmx){.first = first, .notes = setup->notes, .next_ns = setup->now_ns};
    dmx->beat_ns = dmx->downbeat_ns = LONG_AGO;
    dmx->gain.at_ns = setup->now_ns;
}

bool live_dmx_path(const char *path, long low, long high, uint16_t *universe, size_t *first,
                   char **message)
{
    long number, channel = 1;
    size_t length = *path == '/' ? strcspn(path + 1, "/") : 0;
    if (!live_address_number(path + 1, length, low, high, &number)) {
        *message = cli_format("the universe is no number from %ld to %ld", low, high);
        return false;
    }
    const char *rest = path + 1 + length;
    if (*rest != '\0' &&
        !live_address_number(rest + 1, strlen(rest + 1), 1, LIVE_DMX_SLOTS, &channel)) {
        *message = cli_format("the channel is no number from 1 to %d", LIVE_DMX_SLOTS);
        return false;
    }
    *universe = (uint16_t)number;
    *first = (size_t)(channel - 1);
    return true;
}

void live_dmx_event(void *handle, const HhLiveEvent *event, const LiveTime *time)
{
    LiveDmx *dmx = handle;
    if (event->type != HH_LIVE_BEAT) return;
    dmx->beat_ns = time->due_ns;
    if (event->beat.in_bar == 1) dmx->downbeat_ns = time->due_ns;
    dmx->snapshot.in_bar = event->beat.in_bar;
}

void live_dmx_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time)
{
    LiveDmx *dmx = handle;
    dmx->snapshot = *snapshot;
    dmx->snapshot_ns = time->due_ns;
    dmx->known = true;
    live_gain_follow(&dmx->gain, snapshot->note, dmx->notes, time->now_ns);
}

/* ---- channels ---- */

static void set(LiveDmx *dmx, size_t index, uint8_t value)
{
    if (dmx->first + index < LIVE_DMX_SLOTS) dmx->slot[dmx->first + index] = value;
}

static uint8_t flash(int64_t since_ns, int64_t now_ns)
{
    int64_t age = now_ns - since_ns;
    return live_byte(age < 0 ? 0.0 : 1.0 - (double)age / FLASH_NS);
}

static uint8_t decibels(float db)
{
    return live_byte(1.0 + (double)db / DB_RANGE);
}

static void render_beat(LiveDmx *dmx, int64_t now_ns)
{
    const HhLiveSnapshot *s = &dmx->snapshot;
    double bpm = s->bpm > 0.0f ? (double)s->bpm : 0.0;
    double phase = (double)s->beat_phase + bpm / 60e9 * (double)(now_ns - dmx->snapshot_ns);
    long fixed = lround(256.0 * (bpm < 255.0 ? bpm : 255.0)); /* 8.8 bits */
    set(dmx, BEAT, flash(dmx->beat_ns, now_ns));
    set(dmx, DOWNBEAT, flash(dmx->downbeat_ns, now_ns));
    set(dmx, IN_BAR, s->in_bar <= 4 ? s->in_bar : 0);
    set(dmx, PHASE, bpm > 0.0 ? live_byte(phase - floor(phase)) : 0);
    set(dmx, BPM, (uint8_t)(fixed >> 8));
    set(dmx, BPM_FINE, (uint8_t)fixed);
    set(dmx, CONFIDENCE, live_byte((double)s->confidence));
}

static void render(LiveDmx *dmx, int64_t now_ns)
{
    const HhLiveSnapshot *s = &dmx->snapshot;
    render_beat(dmx, now_ns);
    set(dmx, LEVEL, live_byte((double)s->display));
    set(dmx, RMS, decibels(s->rms_db));
    set(dmx, PEAK, decibels(s->peak_db));
    set(dmx, LUFS, decibels(s->momentary_lufs));
    for (size_t i = 0; i < HH_LIVE_BANDS; i++)
        set(dmx, ONSET_LOW + i, live_byte((double)s->onset[i]));
    set(dmx, SILENCE, s->silent ? 255 : 0);
    set(dmx, TUNING, live_byte(0.5 + (double)s->tuning_cents / 100.0));
    for (size_t i = 0; i < 12; i++) set(dmx, CHROMA + i, live_byte((double)s->chroma[i]));
    for (size_t i = 0; i < dmx->notes; i++)
        set(dmx, NOTES + i, live_gain_byte(&dmx->gain, s->note[i]));
}

bool live_dmx_frame(LiveDmx *dmx, int64_t now_ns, int64_t *next_ns)
{
    *next_ns = dmx->next_ns;
    if (!dmx->known) *next_ns = LIVE_NEVER;
    if (!dmx->known || now_ns < dmx->next_ns) return false;
    uint8_t before[LIVE_DMX_SLOTS];
    memcpy(before, dmx->slot, sizeof before);
    render(dmx, now_ns);
    bool changed = memcmp(before, dmx->slot, sizeof before) != 0;
    dmx->repeats = changed ? 0 : dmx->repeats + 1;
    if (!changed && dmx->repeats > REPEATS && now_ns < dmx->idle_ns) {
        dmx->next_ns = *next_ns = now_ns + FRAME_NS;
        return false;
    }
    dmx->idle_ns = now_ns + IDLE_NS;
    dmx->next_ns = *next_ns = now_ns + FRAME_NS;
    return true;
}
