/* Beats: an oscillator that runs freely, is put right by the rises near its beats, and jumps where
 * the state space of tempo.c says for a while that the beats are elsewhere.
 *
 * Near the beats it is an alpha-beta filter of expanding memory (the least-squares line through the
 * last n rises; R. K. Brookner, "Tracking and Kalman Filtering Made Easy", 1998, section 1.2.10):
 * after n beats the phase moves by 2 (2n - 1) / (n (n + 1)) of the error and the period by
 * 6 / (n (n + 1)), n growing to a limit. It has the parts of a tick as resolution, where the state
 * space has ticks.
 *
 * A beat is told when the samples up to it, less the latency, have come in, to the sample. */
#include "internal.h"

#define AGREE_TEMPO 0.08f /* of the state space with the oscillator: share of the period */
#define AGREE_PHASE 0.2f
#define JUMP_AFTER  0.17f /* seconds of disagreement */
#define JUMP_LATER  0.5f  /* where there are rises on most beats */
#define START_AFTER 1.0f  /* seconds: too early for a tempo */
#define START_SURE  0.05f
#define MEMORY      24    /* beats */
#define WINDOW      0.06f /* seconds around a beat in which rises are its own */
#define LAG         HH_LIVE_LAG
#define SWING       0.002f /* share of the tempo, at the ends of the range */
#define BAR_MEMORY  0.97f  /* of a beat, at the next */
#define BAR_WINDOW  0.12f  /* periods around a beat in which the network may say that of it */
#define BAR_MARGIN  1.0f   /* log odds */
#define BAR_LIMIT   6.0f
#define TAP_FIRST   150  /* ms: a finger that bounces before, ... */
#define TAP_LAST    2500 /* ... a new row of taps after */
#define NEVER       INT64_MAX

static float tick_length(const HhLive *live)
{
    return (float)live->config.sample_rate / live->beat.tempo.rate;
}

/* How far `sample` is behind the beat to be told, in samples. */
static float since_next(const LiveBeat *beat, int64_t sample)
{
    return (float)(int32_t)(sample - beat->next) - beat->next_rest;
}

static void shift_next(LiveBeat *beat, float samples)
{
    float rest = beat->next_rest + samples;
    int32_t whole = (int32_t)rest;
    if ((float)whole > rest) whole--;
    beat->next += whole;
    beat->next_rest = rest - (float)whole;
}

/* To -0.5 .. 0.5. */
static float wrap(float turns)
{
    turns -= (float)(int32_t)turns;
    return turns > 0.5f ? turns - 1.0f : turns < -0.5f ? turns + 1.0f : turns;
}

static void set_due(LiveBeat *beat)
{
    float rest = beat->next_rest - beat->early + beat->nudge;
    int32_t whole = (int32_t)rest;
    if ((float)whole > rest) whole--;
    beat->due = beat->running ? beat->next + whole : NEVER;
}

/* At the ends of the range the oscillator swings about them: what it is told to be stays inside. */
static float bpm_of(const HhLive *live)
{
    const LiveBeat *beat = &live->beat;
    if (!beat->running) return 0.0f;
    float bpm = 60.0f * (float)live->config.sample_rate / beat->period;
    float low = live->config.bpm_low, high = live->config.bpm_high;
    if (bpm < low && bpm > (1.0f - SWING) * low) return low;
    if (bpm > high && bpm < (1.0f + SWING) * high) return high;
    return bpm;
}

/* The beat after the next; not twice the same. */
static void keep_ahead(LiveBeat *beat)
{
    if (beat->number == 0) return;
    for (int i = 0; i < 16 && (float)(int32_t)(beat->next - beat->last) < 0.5f * beat->period; i++)
        shift_next(beat, beat->period);
}

static void jump(LiveBeat *beat, int64_t sample, float rest, float period)
{
    beat->next = sample;
    beat->next_rest = 0.0f;
    shift_next(beat, rest);
    beat->period = period;
    beat->running = true;
    beat->differing = 0;
    beat->agreed = 0;
    beat->hits = 0.5f;
    beat->error_sum = beat->error_weight = 0.0f;
    beat->first = -BAR_LIMIT;
    beat->hearing = false;
    /* What is long past needs no telling. */
    if (since_next(beat, sample) > 0.1f * period) shift_next(beat, period);
    keep_ahead(beat);
}

/* What the state space says, against the oscillator. */
static void compare(HhLive *live, const LiveTick *tick)
{
    LiveBeat *beat = &live->beat;
    const LiveTempo *tempo = &beat->tempo;
    float length = tick_length(live);
    float wait = ((float)tempo->best_wait - (float)LAG - 0.5f) * length;
    float interval = tempo->interval[tempo->best_row];
    float share = 2.0f / tempo->rate;
    beat->sure += share * (tempo->best - beat->sure);
    if (tempo->best_wait == 0)
        beat->pulse += 0.1f * (hh_live_min(hh_live_max(beat->odds[0], -4.0f), 4.0f) - beat->pulse);
    if (!beat->running) {
        if ((float)tempo->ticks > START_AFTER * tempo->rate && tempo->best > START_SURE)
            jump(beat, tick->sample, wait, hh_live_tempo_refine(tempo, interval) * length);
        return;
    }
    float period = interval * length * hh_live_exp2((float)-beat->octave);
    float ratio = period / beat->period - 1.0f;
    float grid = hh_live_min(interval * length, beat->period);
    float off = wrap((since_next(beat, tick->sample) + wait) / grid);
    if (ratio < AGREE_TEMPO && ratio > -AGREE_TEMPO && off < AGREE_PHASE && off > -AGREE_PHASE) {
        beat->differing = 0;
        /* Rises on the beats know better; without them this is what there is. */
        float pull = 0.05f * (1.0f - hh_live_min(2.0f * beat->hits, 1.0f));
        if (off > 0.08f || off < -0.08f) shift_next(beat, pull * off * grid);
        if (ratio > 0.025f || ratio < -0.025f) beat->period *= 1.0f + pull * ratio;
        return;
    }
    float patience = beat->hits > 0.7f ? JUMP_LATER : JUMP_AFTER;
    if ((float)++beat->differing < patience * tempo->rate) return;
    if (!(ratio < AGREE_TEMPO && ratio > -AGREE_TEMPO)) {
        beat->octave = 0;
        beat->held = false;
    }
    period = hh_live_tempo_refine(tempo, interval) * length * hh_live_exp2((float)-beat->octave);
    jump(beat, tick->sample, wait, period);
}

/* How much the network says that a beat is the first of a bar. Its answers are late, at fast tempi
 * and slow ticks by more than half a period. */
static void learn_bar(LiveBeat *beat, int64_t sample, float late)
{
    float turns = (since_next(beat, sample) - late) / beat->period;
    float off = wrap(turns);
    if (off < BAR_WINDOW && off > -BAR_WINDOW) {
        beat->first = hh_live_max(beat->first, beat->odds[1]);
        beat->hearing = true;
    } else if (beat->hearing && off > 0.0f) {
        /* With a latency other beats have been told since, or this one not yet. */
        int32_t ahead = (int32_t)(8.0f - turns) - 8;
        for (uint32_t k = 0; k < 4; k++) beat->bar[k] *= BAR_MEMORY;
        beat->bar[(uint32_t)(beat->bar_at - ahead) % 4] += beat->first;
        beat->first = -BAR_LIMIT;
        beat->hearing = false;
    }
}

/* Rises near a beat are collected, and used when the beat is half a period past. */
static void correct(HhLive *live, const LiveTick *tick)
{
    LiveBeat *beat = &live->beat;
    const LiveNovelty *novelty = &beat->novelty;
    float rate = (float)live->config.sample_rate;
    float off = wrap(since_next(beat, hh_live_rise_sample(live, tick)) / beat->period);
    float window = hh_live_min(WINDOW * rate / beat->period, 0.12f);
    float distance = off < 0.0f ? -off : off;
    if (distance < window && novelty->activation > 0.3f) {
        float near = 1.0f - distance / window * (distance / window);
        float weight = novelty->activation * near;
        beat->error_sum += weight * off;
        beat->error_weight += weight;
    }
    learn_bar(beat, tick->sample, (float)LAG * tick_length(live));
    float phase = wrap(since_next(beat, tick->sample) / beat->period);
    if (phase < 0.0f && beat->phase >= 0.0f) {
        float hit = beat->error_weight > 0.5f ? 1.0f : 0.0f;
        beat->hits += 0.2f * (hit - beat->hits);
        if (beat->error_weight > 0.0f) {
            if (beat->agreed < MEMORY) beat->agreed++;
            float n = (float)beat->agreed;
            float error = beat->error_sum / beat->error_weight;
            error *= beat->error_weight / (beat->error_weight + 0.1f);
            float scale = 1.0f / (n * (n + 1.0f));
            float change = beat->agreed > 1 ? 6.0f * scale * error * beat->period : 0.0f;
            shift_next(beat, 2.0f * (2.0f * n - 1.0f) * scale * error * beat->period + change);
            float shortest = 0.195f * rate;
            beat->period = hh_live_min(hh_live_max(beat->period + change, shortest), 2.1f * rate);
        }
        beat->error_sum = beat->error_weight = 0.0f;
    }
    beat->phase = phase;
}

/* The place in a bar of four by what the network has said of the last bars; another beat is the
 * first when it is clearly more so. */
static uint8_t in_bar(LiveBeat *beat)
{
    if (beat->number < 8) return 0;
    uint8_t most = 0;
    for (uint8_t k = 1; k < 4; k++)
        if (beat->bar[k] > beat->bar[most]) most = k;
    if (beat->bar[most] > beat->bar[beat->one] + BAR_MARGIN) beat->one = most;
    return (uint8_t)((beat->bar_at + 4u - beat->one) % 4 + 1);
}

void hh_live_tell_beat(HhLive *live)
{
    LiveBeat *beat = &live->beat;
    int64_t sample = beat->next + (int32_t)(beat->nudge + (beat->nudge < 0.0f ? -0.5f : 0.5f));
    int64_t least = live->sample + (beat->early < 0.0f ? (int32_t)beat->early : 0);
    beat->bar_at = (uint8_t)((beat->bar_at + 1) % 4);
    HhLiveEvent event = {.type = HH_LIVE_BEAT, .sample = sample < least ? least : sample};
    event.beat.bpm = bpm_of(live);
    event.beat.confidence = beat->confidence;
    event.beat.number = beat->number++;
    event.beat.in_bar = in_bar(beat);
    live->now.beats = beat->number;
    live->now.in_bar = event.beat.in_bar;
    beat->last = beat->next;
    shift_next(beat, beat->period);
    set_due(beat);
    hh_live_tell(live, &event);
}

static void tell_tempo(HhLive *live)
{
    LiveBeat *beat = &live->beat;
    if (beat->told_wait > 0) beat->told_wait--;
    if (beat->told_wait > 0 || !beat->running) return;
    float bpm = bpm_of(live), change = bpm - beat->told_bpm;
    float surer = beat->confidence - beat->told_confidence;
    if (change < 0.02f && change > -0.02f && surer < 0.05f && surer > -0.05f) return;
    beat->told_bpm = bpm;
    beat->told_confidence = beat->confidence;
    beat->told_wait = (uint32_t)(0.25f * live->config.novelty_rate) + 1;
    HhLiveEvent event = {.type = HH_LIVE_TEMPO, .sample = live->sample};
    event.tempo.bpm = bpm;
    event.tempo.confidence = beat->confidence;
    hh_live_tell(live, &event);
}

/* The share of beats that are right where the state space is so sure and the network's log odds on
 * the last beats are such, in noise low: fitted to what bench/live_beats.py gives, by lines. */
static float calibrated(float sure, float pulse)
{
    float line = hh_live_min(8.0f * sure, 1.0f) * (0.48f + 0.48f * sure);
    float share = hh_live_min(hh_live_max(0.85f + 0.15f * pulse, 0.4f), 1.0f);
    return hh_live_min(line * share, 1.0f);
}

/* Nothing heard for a while. */
static bool quiet(HhLive *live, const LiveTick *tick)
{
    LiveBeat *beat = &live->beat;
    float power = 0.0f;
    for (uint32_t b = 0; b < tick->bands; b++) power += tick->band_power[b];
    if (hh_live_power_db(power) >= live->config.silence_db)
        beat->quiet = 0;
    else if (beat->quiet < UINT32_MAX)
        beat->quiet++;
    return (float)beat->quiet > 2.5f * live->config.novelty_rate;
}

/* At high rates of the novelty two ticks make a step: the larger of each. */
static void collect(LiveBeat *beat)
{
    for (uint32_t i = 0; i < 2 * HH_LIVE_PITCHES; i++) {
        float input = beat->novelty.input[i];
        if (beat->divided == 0 || input > beat->input[i]) beat->input[i] = input;
    }
}

/* The network's answer is about LAG steps ago, so what the rises say is kept as long; bass is heard
 * late by about a step. */
static void step(LiveBeat *beat, bool silent)
{
    hh_live_network_step(&beat->network, beat->input, beat->odds);
    float bass = hh_live_max(beat->bass[0], beat->bass[1]);
    hh_live_tempo_step(&beat->tempo, beat->odds[0], beat->flux[LAG - 1], bass, silent);
    for (uint32_t i = LAG - 1; i > 0; i--) {
        beat->flux[i] = beat->flux[i - 1];
        beat->bass[i] = beat->bass[i - 1];
    }
    beat->flux[0] = beat->novelty.activation;
    beat->bass[0] = beat->novelty.bass;
}

/* Period by 2^-change, if that is a tempo. */
static void change_octave(HhLive *live, int32_t change)
{
    LiveBeat *beat = &live->beat;
    float period = beat->period * hh_live_exp2((float)-change);
    float bpm = 60.0f * (float)live->config.sample_rate / period;
    if (!beat->running || !(bpm >= 30.0f && bpm <= 300.0f)) return;
    beat->octave += change;
    beat->period = period;
    if (change > 0 && since_next(beat, live->sample) < -period) shift_next(beat, -period);
    keep_ahead(beat);
    set_due(beat);
}

/* By how many octaves the tempo is above the range; 0 if it is in none of its octaves. */
static int32_t octaves_above(const HhLive *live)
{
    float low = live->config.bpm_low, high = live->config.bpm_high, bpm = bpm_of(live);
    int32_t octaves = 0;
    while (bpm < low) bpm *= 2.0f, octaves--;
    while (bpm > high) bpm *= 0.5f, octaves++;
    return bpm >= low ? octaves : 0;
}

/* The rows of tempi reach a little beyond the range, and an oscillator may be drawn out of it: such
 * a beat is told in the octave that is inside, if there is one, unless it was asked for. */
static void fold_into_range(HhLive *live)
{
    const LiveBeat *beat = &live->beat;
    if (!beat->running || beat->octave != 0 || beat->held) return;
    change_octave(live, -octaves_above(live));
}

void hh_live_tempo_tick(HhLive *live, const LiveTick *tick)
{
    LiveBeat *beat = &live->beat;
    uint32_t since = hh_live_clock(live);
    hh_live_novelty_tick(live, tick);
    hh_live_clocked(live, HH_LIVE_STAGE_NOVELTY, since);

    since = hh_live_clock(live);
    bool silent = quiet(live, tick);
    collect(beat);
    if (++beat->divided >= beat->divide) {
        step(beat, silent);
        beat->divided = 0;
        if (!silent) compare(live, tick);
    }
    if (beat->running && !silent) correct(live, tick);
    if (silent) beat->sure *= 1.0f - 0.1f / live->config.novelty_rate;
    beat->confidence = calibrated(beat->sure, beat->pulse);
    fold_into_range(live);
    set_due(beat);
    while (beat->due <= live->sample) hh_live_tell_beat(live);
    tell_tempo(live);
    live->now.bpm = bpm_of(live);
    live->now.confidence = beat->confidence;
    if (beat->running) {
        float phase =
            wrap((since_next(beat, tick->sample) + beat->early - beat->nudge) / beat->period);
        live->now.beat_phase = phase < 0.0f ? phase + 1.0f : phase;
    }
    hh_live_clocked(live, HH_LIVE_STAGE_TEMPO, since);
}

void hh_live_beat_start(HhLive *live)
{
    LiveBeat *beat = &live->beat;
    const HhLiveConfig *config = &live->config;
    beat->divide = config->novelty_rate > 55.0f ? 2 : 1;
    beat->top_pitch = hh_live_log2((float)config->sample_rate / 62.5f) - 1.0f;
    beat->due = NEVER;
    beat->first = -BAR_LIMIT;
    hh_live_tempo_start(&beat->tempo, config->novelty_rate / (float)beat->divide, config->bpm_low,
                        config->bpm_high, config->tempo_bins_per_tick);
    hh_live_latency(live, config->latency_ms);
}

/* To the beats of the oscillator, which it hears LAG ticks late; the last tick was half a tick ago,
 * on average. */
static void set_state_space(HhLive *live)
{
    LiveBeat *beat = &live->beat;
    float length = tick_length(live);
    float wait = -since_next(beat, live->sample) / length + (float)LAG + 1.0f;
    float interval = beat->period / length * hh_live_exp2((float)beat->octave);
    hh_live_tempo_set(&beat->tempo, interval, wait);
}

void hh_live_tap(HhLive *live)
{
    LiveBeat *beat = &live->beat;
    /* In whole numbers: between floats and 64 bits a Cortex-M converts by software. */
    int64_t rate = live->config.sample_rate, pause = 1000 * (live->sample - beat->tap[0]);
    if (beat->taps == 0 || pause > TAP_LAST * rate) {
        beat->tap[1] = live->sample;
        beat->taps = 0;
    } else if (pause < TAP_FIRST * rate) {
        return;
    }
    beat->tap[0] = live->sample;
    beat->taps++;
    if (beat->taps > 1)
        beat->period = (float)(int32_t)(beat->tap[0] - beat->tap[1]) / (float)(beat->taps - 1);
    else if (!beat->running)
        return;
    beat->nudge = 0.0f;
    jump(beat, live->sample, beat->period, beat->period);
    beat->octave = octaves_above(live);
    beat->held = true;
    set_state_space(live);
    set_due(beat);
}

void hh_live_double(HhLive *live)
{
    live->beat.held = live->beat.running;
    change_octave(live, 1);
}

void hh_live_half(HhLive *live)
{
    live->beat.held = live->beat.running;
    change_octave(live, -1);
}

void hh_live_nudge(HhLive *live, float ms)
{
    if (!(ms >= -1000.0f && ms <= 1000.0f)) return;
    LiveBeat *beat = &live->beat;
    float most = (float)live->config.sample_rate; /* a second */
    float nudge = beat->nudge + 0.001f * ms * most;
    beat->nudge = hh_live_min(hh_live_max(nudge, -most), most);
    set_due(beat);
}

bool hh_live_range(HhLive *live, float bpm_low, float bpm_high)
{
    if (!(bpm_low >= 30.0f && bpm_low < bpm_high && bpm_high <= 300.0f)) return false;
    LiveBeat *beat = &live->beat;
    live->config.bpm_low = bpm_low;
    live->config.bpm_high = bpm_high;
    hh_live_tempo_range(&beat->tempo, bpm_low, bpm_high);
    beat->octave = 0;
    beat->held = false;
    fold_into_range(live);
    beat->octave = 0;
    float bpm = bpm_of(live);
    if (bpm >= bpm_low && bpm <= bpm_high) set_state_space(live);
    return true;
}

void hh_live_latency(HhLive *live, float ms)
{
    if (!(ms >= -200.0f && ms <= 500.0f)) return;
    live->config.latency_ms = ms;
    live->beat.early = ms * 0.001f * (float)live->config.sample_rate;
    set_due(&live->beat);
}
