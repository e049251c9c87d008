#include "golden.h"

typedef struct Case {
    const char *name;
    SignalKind signal;
    uint16_t seconds;
    enum { STEADY, RAGGED, CONTROLLED } how; /* see run_case() */
    uint32_t rate;
    HhLiveBank bank;
    uint16_t tempo_bins_per_tick;
    uint16_t notes, notes_per_octave; /* 0: the default */
} Case;

static const Case cases[] = {
    {"silence", SIGNAL_SILENCE, 3, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"chord", SIGNAL_CHORD, 3, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"clicks", SIGNAL_CLICKS, 8, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"noise", SIGNAL_NOISE, 3, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"sweep", SIGNAL_SWEEP, 4, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"fade", SIGNAL_FADE, 4, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"pause", SIGNAL_PAUSE, 6, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"hostile", SIGNAL_HOSTILE, 3, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"ragged", SIGNAL_MUSIC, 6, RAGGED, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"staggered", SIGNAL_MUSIC, 6, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 8, 0, 0},
    {"controls", SIGNAL_MUSIC, 10, CONTROLLED, 16000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"quarter-tones", SIGNAL_MUSIC, 2, STEADY, 16000, HH_LIVE_BANK_OCTAVES, 0, 96, 24},
    {"goertzel", SIGNAL_MUSIC, 1, STEADY, 16000, HH_LIVE_BANK_GOERTZEL, 0, 0, 0},
    {"lanes", SIGNAL_MUSIC, 1, STEADY, 16000, HH_LIVE_BANK_LANES, 0, 0, 0},
    {"sliding", SIGNAL_MUSIC, 1, STEADY, 16000, HH_LIVE_BANK_SLIDING, 0, 0, 0},
    {"8 kHz", SIGNAL_MUSIC, 4, STEADY, 8000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"44.1 kHz", SIGNAL_MUSIC, 3, RAGGED, 44100, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"48 kHz", SIGNAL_MUSIC, 2, STEADY, 48000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
    {"96 kHz", SIGNAL_MUSIC, 1, STEADY, 96000, HH_LIVE_BANK_OCTAVES, 0, 0, 0},
};

/* ---- text */

/* A line as it grows; what does not fit is dropped. */
typedef struct Text {
    char text[240];
    size_t length;
} Text;

static void add(Text *text, const char *word)
{
    while (*word && text->length + 1 < sizeof text->text) text->text[text->length++] = *word++;
    text->text[text->length] = 0;
}

static void add_decimal(Text *text, uint64_t value)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    add(text, digits + at);
}

static void add_hex(Text *text, uint64_t value, int digits)
{
    char word[17];
    for (int i = 0; i < digits; i++)
        word[i] = "0123456789abcdef"[(value >> (4 * (digits - 1 - i))) & 15];
    word[digits] = 0;
    add(text, word);
}

/* Samples may lie before the first one. */
static void add_sample(Text *text, int64_t sample)
{
    add(text, sample < 0 ? " -" : " ");
    add_decimal(text, (uint64_t)(sample < 0 ? -sample : sample));
}

static uint32_t bits(float value)
{
    union {
        float value;
        uint32_t bits;
    } both = {value};
    return both.bits;
}

static void add_float(Text *text, float value)
{
    add(text, " ");
    add_hex(text, bits(value), 8);
}

void golden_number(GoldenLine *line, const char *key, uint64_t value)
{
    Text text = {.length = 0};
    add(&text, key);
    add(&text, " ");
    add_decimal(&text, value);
    line(text.text);
}

/* ---- events */

/* Kept as they come and written later, so that no text is made on the stack of the core. */
typedef struct Events {
    HhLiveEvent event[256];
    size_t count, lost;
} Events;

static void keep(void *user, const HhLiveEvent *event)
{
    Events *events = user;
    if (events->count < sizeof events->event / sizeof *events->event)
        events->event[events->count++] = *event;
    else
        events->lost++;
}

static void write_event(const HhLiveEvent *event, GoldenLine *line)
{
    static const char *const names[] = {"?", "beat", "onset", "tempo", "level", "silence"};
    Text text = {.length = 0};
    add(&text, names[event->type <= HH_LIVE_SILENCE ? event->type : 0]);
    add_sample(&text, event->sample);
    add_sample(&text, event->told);
    switch (event->type) {
    case HH_LIVE_BEAT:
        add_float(&text, event->beat.bpm);
        add_float(&text, event->beat.confidence);
        add_sample(&text, event->beat.number);
        add_sample(&text, event->beat.in_bar);
        break;
    case HH_LIVE_ONSET:
        add_sample(&text, event->onset.band);
        add_float(&text, event->onset.strength);
        break;
    case HH_LIVE_TEMPO:
        add_float(&text, event->tempo.bpm);
        add_float(&text, event->tempo.confidence);
        break;
    case HH_LIVE_LEVEL:
        add_float(&text, event->level.rms_db);
        add_float(&text, event->level.peak_db);
        add_float(&text, event->level.momentary_lufs);
        add_float(&text, event->level.display);
        break;
    case HH_LIVE_SILENCE:
        add_sample(&text, event->silence.on);
        add_sample(&text, event->silence.contrast);
        break;
    }
    line(text.text);
}

/* ---- snapshots */

/* FNV-1a by words of 32 bits. */
static void hash_word(uint64_t *hash, uint32_t word)
{
    *hash = (*hash ^ word) * 0x100000001B3U;
}

static void hash_floats(uint64_t *hash, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) hash_word(hash, bits(values[i]));
}

static void hash_snapshot(uint64_t *hash, const HhLiveSnapshot *now)
{
    hash_word(hash, (uint32_t)now->sample);
    hash_word(hash, (uint32_t)((uint64_t)now->sample >> 32));
    hash_floats(hash, now->note, HH_LIVE_MAX_NOTES);
    hash_floats(hash, now->chroma, 12);
    const float numbers[] = {now->tuning_cents, now->rms_db,  now->peak_db, now->momentary_lufs,
                             now->display,      now->novelty, now->bpm,     now->confidence,
                             now->beat_phase};
    hash_floats(hash, numbers, sizeof numbers / sizeof *numbers);
    hash_floats(hash, now->onset, HH_LIVE_BANDS);
    hash_word(hash, now->beats);
    hash_word(hash,
              (uint32_t)now->in_bar << 2 | (uint32_t)now->silent << 1 | now->silent_by_contrast);
}

static void write_floats(const char *name, const float *values, size_t count, GoldenLine *line)
{
    for (size_t at = 0; at < count; at += 12) {
        Text text = {.length = 0};
        add(&text, name);
        add_sample(&text, (int64_t)at);
        for (size_t i = at; i < count && i < at + 12; i++) add_float(&text, values[i]);
        line(text.text);
    }
}

static void write_snapshot(const HhLiveSnapshot *now, GoldenLine *line)
{
    write_floats("note", now->note, HH_LIVE_MAX_NOTES, line);
    write_floats("chroma", now->chroma, 12, line);
    const float numbers[] = {now->tuning_cents, now->rms_db,   now->peak_db,  now->momentary_lufs,
                             now->display,      now->novelty,  now->bpm,      now->confidence,
                             now->beat_phase,   now->onset[0], now->onset[1], now->onset[2]};
    write_floats("numbers", numbers, sizeof numbers / sizeof *numbers, line);
    golden_number(line, "beats", now->beats);
}

/* ---- a run */

typedef struct Run {
    HhLive *live;
    GoldenPush *push;
    GoldenLine *line;
    uint32_t rate;
    uint64_t hash;
    uint32_t position, second; /* samples pushed; whole seconds written */
} Run;

/* One at a time, and large: not on the stack. */
static Events events;
static HhLiveSnapshot snapshot;

static bool start(Run *run, const char *name, void *memory, size_t memory_size,
                  const HhLiveConfig *config, GoldenPush *push, GoldenLine *line)
{
    Text text = {.length = 0};
    add(&text, "case ");
    add(&text, name);
    line(text.text);
    events.count = events.lost = 0;
    *run =
        (Run){.push = push, .line = line, .rate = config->sample_rate, .hash = 0xCBF29CE484222325U};
    size_t size = hh_live_size(config);
    if (size > 0 && size <= memory_size) run->live = hh_live_init(memory, config, keep, &events);
    if (run->live == NULL) line("refused");
    return run->live != NULL;
}

static void take_in(Run *run, const float *samples, uint32_t count)
{
    run->push(run->live, samples, count);
    run->position += count;
    for (size_t i = 0; i < events.count; i++) write_event(&events.event[i], run->line);
    if (events.lost) golden_number(run->line, "lost", events.lost);
    events.count = events.lost = 0;
    if (!hh_live_read(run->live, &snapshot)) run->line("not read");
    hash_snapshot(&run->hash, &snapshot);
    for (; (run->second + 1) * run->rate <= run->position; run->second++) {
        Text text = {.length = 0};
        add(&text, "second ");
        add_decimal(&text, run->second);
        add(&text, " ");
        add_hex(&text, run->hash, 16);
        run->line(text.text);
    }
}

/* All of them, at whole seconds. */
static void control(HhLive *live, uint32_t second, GoldenLine *line)
{
    switch (second) {
    case 3:
        hh_live_double(live);
        break;
    case 4:
        hh_live_half(live);
        break;
    case 5:
        if (!hh_live_range(live, 50.0F, 160.0F)) line("range refused");
        if (hh_live_range(live, 160.0F, 50.0F)) line("range taken");
        break;
    case 6:
        hh_live_nudge(live, 25.0F);
        hh_live_latency(live, 40.0F);
        break;
    case 7:
    case 8:
    case 9:
        hh_live_tap(live);
        break;
    default:
        break;
    }
}

/* STEADY: pushes of 128 samples; RAGGED: of 1, 7, 64, 128 and 1000 in turn; CONTROLLED: steady, and
 * every control is used. */
static bool run_case(const Case *the, void *memory, size_t memory_size, GoldenPush *push,
                     GoldenLine *line)
{
    static const uint32_t ragged[] = {1, 7, 64, 128, 1000};
    static float samples[1000];
    static Signal signal;
    static HhLiveConfig config;
    hh_live_defaults(&config, the->rate);
    config.bank = the->bank;
    config.tempo_bins_per_tick = the->tempo_bins_per_tick;
    if (the->notes) config.notes = the->notes;
    if (the->notes_per_octave) config.notes_per_octave = the->notes_per_octave;
    Run run;
    if (!start(&run, the->name, memory, memory_size, &config, push, line)) return false;
    signal_start(&signal, the->signal, the->rate);
    uint32_t length = the->seconds * the->rate;
    for (uint32_t i = 0; run.position < length; i++) {
        uint32_t count = the->how == RAGGED ? ragged[i % 5] : 128;
        if (count > length - run.position) count = length - run.position;
        signal_read(&signal, samples, count);
        uint32_t second = run.second;
        take_in(&run, samples, count);
        if (the->how == CONTROLLED && run.second > second) control(run.live, run.second, line);
    }
    write_snapshot(&snapshot, line);
    return true;
}

bool golden_signals(void *memory, size_t memory_size, GoldenPush *push, GoldenLine *line)
{
    bool good = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        good &= run_case(&cases[i], memory, memory_size, push, line);
    return good;
}

bool golden_clip(void *memory, size_t memory_size, const GoldenClip *clip, GoldenPush *push,
                 GoldenLine *line)
{
    static float samples[GOLDEN_HOP];
    static HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    Run run;
    if (!start(&run, "clip", memory, memory_size, &config, push, line)) return false;
    for (uint32_t at = 0; at + GOLDEN_HOP <= clip->length; at += GOLDEN_HOP) {
        for (uint32_t n = 0; n < GOLDEN_HOP; n++)
            samples[n] = (float)clip->samples[at + n] * (1.0F / 32768.0F);
        take_in(&run, samples, GOLDEN_HOP);
    }
    write_snapshot(&snapshot, line);
    return true;
}
