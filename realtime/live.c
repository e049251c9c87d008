/* The clock of the real-time core: takes samples in and calls the parts at their positions
 * (internal.h). Cost of its own: 6 to 10 instructions a sample. */
#include "internal.h"

void hh_live_defaults(HhLiveConfig *config, uint32_t sample_rate)
{
    *config = (HhLiveConfig){
        .sample_rate = sample_rate,
        .hop = (sample_rate + 62) / 125,
        .bank = HH_LIVE_BANK_OCTAVES,
        .notes = 64,
        .notes_per_octave = 12,
        .bottom_note = 110.0f,
        .novelty_rate = 50.0f,
        .bpm_low = 60.0f,
        .bpm_high = 200.0f,
        .silence_db = -60.0f,
        .level_rate = 10.0f,
    };
}

/* False for NaN. */
static bool within(float x, float low, float high)
{
    return x >= low && x <= high;
}

static bool valid(const HhLiveConfig *config)
{
    return config && config->sample_rate >= HH_LIVE_MIN_RATE &&
           config->sample_rate <= HH_LIVE_MAX_RATE && config->hop >= 16 && config->hop <= 4096 &&
           config->bank <= HH_LIVE_BANK_SLIDING && config->notes >= 1 &&
           config->notes <= HH_LIVE_MAX_NOTES && config->notes_per_octave >= 12 &&
           config->notes_per_octave <= 48 && within(config->bottom_note, 16.0f, 20000.0f) &&
           within(config->novelty_rate, 25.0f, 100.0f) && within(config->bpm_low, 30.0f, 300.0f) &&
           within(config->bpm_high, 30.0f, 300.0f) && config->bpm_low < config->bpm_high &&
           within(config->latency_ms, -200.0f, 500.0f) &&
           within(config->silence_db, -120.0f, 0.0f) &&
           within(config->level_rate, 0.0f, config->novelty_rate);
}

void hh_live_pace_start(LivePace *pace, uint32_t sample_rate, float rate)
{
    uint32_t scale = 1u << 19;
    uint32_t divisor = (uint32_t)(rate * 524288.0f);
    *pace = (LivePace){.next = INT64_MAX};
    if (divisor == 0) return;
    while (divisor % 2 == 0 && scale > 1) {
        divisor /= 2;
        scale /= 2;
    }
    pace->divisor = divisor;
    uint64_t samples = (uint64_t)sample_rate * scale;
    pace->step = samples / divisor;
    pace->step_rest = samples % divisor;
    hh_live_pace_next(pace);
}

void hh_live_pace_next(LivePace *pace)
{
    pace->whole += (int64_t)pace->step;
    pace->rest += pace->step_rest;
    if (pace->rest >= pace->divisor) {
        pace->rest -= pace->divisor;
        pace->whole++;
    }
    pace->next = pace->whole + (pace->rest > 0);
}

static void lay_out(HhLive *live, LiveArena *arena, const HhLiveConfig *config)
{
    uint32_t keep[HH_LIVE_MAX_OCTAVES];
    hh_live_bank_keep(config, keep);
    hh_live_tree_lay(live ? &live->tree : NULL, arena, config->sample_rate, keep);
    const float *tables = hh_live_tables_const(config);
    if (!tables) {
        float *made = hh_live_take(arena, hh_live_tables_size(config) * sizeof *made);
        if (live) hh_live_tables_make(config, made);
        tables = made;
    }
    hh_live_bank_lay(live ? &live->bank : NULL, arena, config, tables);
    hh_live_chroma_lay(live ? &live->chroma : NULL, arena, config, live ? &live->bank : NULL,
                       tables ? tables + hh_live_bank_table_size(config) : NULL);
}

size_t hh_live_size(const HhLiveConfig *config)
{
    if (!valid(config)) return 0;
    LiveArena arena = {0};
    (void)hh_live_take(&arena, sizeof(HhLive));
    lay_out(NULL, &arena, config);
    return arena.used;
}

/* The next position at which there is something to do. */
static void begin_chunk(HhLive *live)
{
    int64_t stop = live->sample + HH_LIVE_CHUNK;
    if (stop > live->round) stop = live->round;
    if (stop > live->tick.next) stop = live->tick.next;
    live->chunk = live->sample;
    live->stop = stop;
    live->incoming = hh_live_tree_room(&live->tree, (uint32_t)(stop - live->sample));
}

HhLive *hh_live_init(void *memory, const HhLiveConfig *config, HhLiveListener *listener, void *user)
{
    if (!memory || (uintptr_t)memory % HH_LIVE_ALIGNMENT != 0 || !valid(config)) return NULL;
    LiveArena arena = {.base = memory};
    HhLive *live = hh_live_take(&arena, sizeof *live);
    for (size_t i = 0; i < sizeof *live; i++) ((unsigned char *)memory)[i] = 0;
    live->config = *config;
    live->listener = listener;
    live->user = user;
    live->round = config->hop;
    hh_live_pace_start(&live->tick, config->sample_rate, config->novelty_rate);
    hh_live_meter_start(&live->meter, config);
    lay_out(live, &arena, config);
    hh_live_beat_start(live);
    begin_chunk(live);
    return live;
}

void hh_live_tell(HhLive *live, HhLiveEvent *event)
{
    event->told = live->sample;
    if (live->listener) live->listener(live->user, event);
}

static void clocked(uint32_t time, uint32_t *calls, uint64_t *total, uint32_t *max)
{
    (*calls)++;
    *total += time;
    if (*max < time) *max = time;
}

void hh_live_clocked(HhLive *live, HhLiveStage stage, uint32_t since)
{
    if (!live->config.clock) return;
    clocked(live->config.clock() - since, &live->profile.stage[stage].calls,
            &live->profile.stage[stage].total, &live->profile.stage[stage].max);
}

static void work_chunk(HhLive *live)
{
    uint32_t count = (uint32_t)(live->sample - live->chunk);
    const LiveOctave *input = &live->tree.octave[0];
    uint32_t since = hh_live_clock(live);
    hh_live_meter_advance(live, input->samples + input->filled - count, live->chunk, count);
    hh_live_clocked(live, HH_LIVE_STAGE_LEVEL, since);
    since = hh_live_clock(live);
    hh_live_novelty_chunk(live, input->samples + input->filled - count, count);
    hh_live_clocked(live, HH_LIVE_STAGE_NOVELTY, since);
    since = hh_live_clock(live);
    hh_live_tree_advance(&live->tree);
    hh_live_clocked(live, HH_LIVE_STAGE_DECIMATE, since);
    if (live->config.bank != HH_LIVE_BANK_SLIDING) return;
    since = hh_live_clock(live);
    hh_live_bank_advance(&live->bank, input, live->sample, count);
    hh_live_clocked(live, HH_LIVE_STAGE_BANK, since);
}

static void work_round(HhLive *live)
{
    uint32_t since = hh_live_clock(live);
    live->now.sample = live->sample;
    hh_live_bank_round(&live->bank, &live->tree, live->sample, live->config.bank, live->now.note);
    hh_live_clocked(live, HH_LIVE_STAGE_BANK, since);
    hh_live_publish(live);
    live->round += live->config.hop;
}

static void work_tick(HhLive *live)
{
    float power[HH_LIVE_MAX_OCTAVES];
    hh_live_tree_powers(&live->tree, power);
    const LiveTick tick = {.sample = live->sample, .bands = live->tree.bands, .band_power = power};
    hh_live_tempo_tick(live, &tick);
    uint32_t since = hh_live_clock(live);
    hh_live_chroma_tick(&live->chroma, &live->now);
    hh_live_clocked(live, HH_LIVE_STAGE_BANK, since);
    hh_live_pace_next(&live->tick);
}

/* The chunk is complete. */
static void work(HhLive *live)
{
    uint32_t since = hh_live_clock(live);
    bool round = live->sample == live->round;
    work_chunk(live);
    if (round) work_round(live);
    if (live->sample == live->tick.next) work_tick(live);
    begin_chunk(live);
    if (!live->config.clock) return;
    live->hop_time += live->config.clock() - since;
    if (!round) return;
    clocked(live->hop_time, &live->profile.hop.calls, &live->profile.hop.total,
            &live->profile.hop.max);
    live->hop_time = 0;
}

/* Copies samples, NaN as 0, what is beyond +-16 cut. */
static void take_in(float *to, const float *samples, size_t count)
{
    uint32_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        LiveBits sample = {.number = samples[i]};
        /* As integers floats have the order of their sizes; NaN is above infinity. */
        wrong |= (int32_t)(sample.bits & 0x7fffffffu) > 0x41800000;
        to[i] = samples[i];
    }
    if (!wrong) return;
    for (size_t i = 0; i < count; i++)
        to[i] = to[i] > 16.0f ? 16.0f : to[i] < -16.0f ? -16.0f : to[i] == to[i] ? to[i] : 0.0f;
}

void hh_live_push(HhLive *live, const float *samples, size_t count)
{
    while (count > 0) {
        /* Beats are told between chunks, to the sample. */
        int64_t stop = live->beat.due < live->stop ? live->beat.due : live->stop;
        /* A nudge or a latency may have made a beat due in the past. */
        if (stop < live->sample) stop = live->sample;
        size_t part = (size_t)(stop - live->sample);
        if (part > count) part = count;
        take_in(live->incoming + (live->sample - live->chunk), samples, part);
        live->sample += (int64_t)part;
        samples += part;
        count -= part;
        if (live->sample >= live->beat.due) hh_live_tell_beat(live);
        if (live->sample == live->stop) work(live);
    }
}

void hh_live_profile(const HhLive *live, HhLiveProfile *profile)
{
    *profile = live->profile;
}
