/* What a person leaves open on a stage: tempo in digits that can be read from afar, a lamp that
 * flashes on the beat, the place in the bar, confidence, onsets, level, notes. Thirty frames a
 * second; live_screen.c writes what changed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "live_screen.h"

#define FRAME_NS      33333333
#define FLOOR_DB      -60.0f /* of the level */
#define NOTE_RANGE_DB 42.0f
#define FALL          1.6f /* heights a second by which bars fall */
#define DIGIT_ROWS    5

enum {
    GREY = 244,
    DIM = 238,
    TEXT = SCREEN_PLAIN,
    GREEN = 77,
    YELLOW = 220,
    RED = 196,
    AMBER = 214,
    ACCENT = 81
};

struct LiveView {
    Screen *screen;
    char *name;
    double rate;
    size_t notes;
    uint16_t notes_per_octave;
    float bottom_note, latency_ms;
    bool controls; /* there is an analysis that can be tapped */
    int64_t next_ns, drawn_ns;
    HhLiveSnapshot now;
    float height[HH_LIVE_MAX_NOTES], chroma[12], note_top_db, peak_db;
    int64_t beat_ns, onset_ns[HH_LIVE_BANDS];
    uint8_t in_bar;
    uint64_t xruns;
};

/* ---- small parts ---- */

static float clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* 1 at `since_ns`, 0 after `length_s`. */
static float fading(int64_t since_ns, int64_t now_ns, float length_s)
{
    if (since_ns == 0) return 0.0f;
    float age_s = (float)(now_ns - since_ns) * 1e-9f;
    return age_s < 0.0f ? 1.0f : clamp(1.0f - age_s / length_s, 0.0f, 1.0f);
}

/* A cell that is filled by so many eighths from below. */
static uint32_t column_part(const Screen *s, int eighths)
{
    static const char plain[] = " .:-=+*##";
    if (eighths <= 0) return ' ';
    if (eighths > 8) eighths = 8;
    return s->utf8 ? 0x2580u + (uint32_t)eighths : (uint32_t)plain[eighths];
}

/* ... from the left. */
static uint32_t row_part(const Screen *s, int eighths)
{
    if (eighths <= 0) return ' ';
    if (s->utf8) return 0x2590u - (uint32_t)(eighths > 8 ? 8 : eighths);
    return eighths < 4 ? '-' : '#';
}

static uint32_t shade(const Screen *s, float brightness)
{
    static const char plain[] = " .:+#";
    static const uint32_t block[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
    int step = (int)(brightness * 4.99f);
    return s->utf8 ? block[step] : (uint32_t)plain[step];
}

/* Cell i of a bar that is filled by a share of its width. */
static void bar_cell(Screen *s, int row, int column, int i, int width, float share, int colour)
{
    int part = (int)(clamp(share, 0.0f, 1.0f) * 8.0f * (float)width + 0.5f) - 8 * i;
    if (part > 0)
        screen_put(s, row, column + i, row_part(s, part), colour, false);
    else
        screen_put(s, row, column + i, s->utf8 ? 0xb7 : '.', DIM, false);
}

/* A bar that stands on the last of `rows` rows. */
static void column_bar(Screen *s, int top, int rows, int column, int width, float share, int colour)
{
    int eighths = (int)(share * 8.0f * (float)rows + 0.5f);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < width; x++) {
            int part = eighths - 8 * (rows - 1 - y);
            if (part > 0)
                screen_put(s, top + y, column + x, column_part(s, part), colour, false);
            else if (y == rows - 1)
                screen_put(s, top + y, column + x, s->utf8 ? 0x2581 : '_', DIM, false);
        }
}

/* ---- the parts of the picture ---- */

static void draw_title(const LiveView *v)
{
    Screen *s = v->screen;
    char right[64], xruns[32] = "";
    long tenths = (long)(10.0 * (double)v->now.sample / v->rate);
    if (v->xruns > 0)
        (void)snprintf(xruns, sizeof xruns, "%llu xrun%s  ", (unsigned long long)v->xruns,
                       v->xruns == 1 ? "" : "s");
    (void)snprintf(right, sizeof right, "%s%ld:%02ld.%ld", xruns, tenths / 600, tenths / 10 % 60,
                   tenths % 10);
    int at = s->columns - 1 - (int)strlen(right);
    int end = screen_text(s, 0, 1, ACCENT, true, "heihachi");
    (void)screen_text(s, 0, end + 2, GREY, false, v->name);
    for (int c = at - 2; c < s->columns; c++) screen_put(s, 0, c, ' ', TEXT, false);
    (void)screen_text(s, 0, at, v->xruns ? YELLOW : GREY, false, right);
}

/* Five rows of three pixels, the highest bit at the top left. */
static const uint16_t digits[] = {075557, 026227, 071747, 071717, 055711,
                                  074717, 074757, 071222, 075757, 075717};

static int draw_glyph(Screen *s, int row, int column, char c, int pixel, int colour)
{
    uint32_t full = s->utf8 ? 0x2588 : '#';
    if (c == '.') {
        for (int x = 0; x < pixel; x++) screen_put(s, row + 4, column + x, full, colour, false);
        return column + 2 * pixel;
    }
    for (int y = 0; y < DIGIT_ROWS; y++)
        for (int x = 0; x < 3 * pixel; x++) {
            bool on =
                c == '-' ? y == 2 : c != ' ' && (digits[c - '0'] >> (14 - 3 * y - x / pixel) & 1);
            if (on) screen_put(s, row + y, column + x, full, colour, false);
        }
    return column + 4 * pixel;
}

static void tempo_text(const LiveView *v, char *text, size_t size)
{
    if (v->now.bpm > 0.0f && v->now.bpm < 999.0f)
        (void)snprintf(text, size, "%5.1f", (double)v->now.bpm);
    else
        (void)snprintf(text, size, "  -.-");
}

/* Returns the column after it. */
static int draw_tempo(const LiveView *v, int row)
{
    Screen *s = v->screen;
    char text[16];
    int pixel = s->columns >= 76 ? 2 : 1, column = 1;
    bool sure = v->now.confidence >= 0.5f;
    tempo_text(v, text, sizeof text);
    for (const char *c = text; *c; c++)
        column = draw_glyph(s, row, column, *c, pixel, sure ? TEXT : GREY);
    return column;
}

/* Brightness in steps of grey or of the colour of the beat. */
static int lamp_colour(const Screen *s, float brightness, bool downbeat)
{
    static const int beat[] = {235, 58, 94, 136, 178, 214};
    static const int first[] = {235, 52, 88, 124, 160, 196};
    if (s->colours != 256) return downbeat ? 1 : 3;
    return (downbeat ? first : beat)[(int)(brightness * 5.99f)];
}

static float beat_light(const LiveView *v, int64_t now_ns)
{
    float period = v->now.bpm > 0.0f ? 60.0f / v->now.bpm : 0.5f;
    return fading(v->beat_ns, now_ns, 0.8f * period);
}

static int draw_lamp(const LiveView *v, int row, int column, int64_t now_ns)
{
    Screen *s = v->screen;
    int width = s->columns >= 76 ? 10 : 6;
    float light = beat_light(v, now_ns);
    int colour = lamp_colour(s, light, v->in_bar == 1);
    uint32_t fill = s->colours == 256 ? (s->utf8 ? 0x2588 : (uint32_t)(light > 0.02f ? '#' : '.'))
                                      : shade(s, light);
    for (int y = 0; y < DIGIT_ROWS; y++)
        for (int x = 0; x < width; x++) screen_put(s, row + y, column + x, fill, colour, false);
    return column + width;
}

static void draw_place(const LiveView *v, int row, int column, int64_t now_ns)
{
    Screen *s = v->screen;
    float light = beat_light(v, now_ns);
    for (int i = 1; i <= 4; i++) {
        bool here = v->in_bar == i && light > 0.0f;
        uint32_t on = s->utf8 ? 0x25cf : '@', off = s->utf8 ? 0x25cb : 'o';
        screen_put(s, row, column + 2 * (i - 1), here ? on : off,
                   here ? (i == 1 ? RED : AMBER) : DIM, here);
    }
}

static void draw_onsets(const LiveView *v, int row, int column, int64_t now_ns)
{
    static const char *const names[] = {"low", "mid", "high"}, *const letters[] = {"l", "m", "h"};
    Screen *s = v->screen;
    bool room = s->columns - column >= 20;
    for (int i = 0; i < HH_LIVE_BANDS; i++) {
        float light = fading(v->onset_ns[i], now_ns, 0.15f);
        bool lit = light > 0.0f;
        screen_put(s, row, column, lit ? (s->utf8 ? 0x25a0 : '*') : (s->utf8 ? 0xb7 : '.'),
                   lit ? ACCENT : DIM, lit);
        column = screen_text(s, row, column + 1 + room, lit ? TEXT : GREY, lit,
                             room ? names[i] : letters[i]) +
                 1 + room;
    }
}

static void draw_state(const LiveView *v, int row, int column, int64_t now_ns)
{
    Screen *s = v->screen;
    int room = s->columns - column - 1;
    char text[48];
    draw_place(v, row, column, now_ns);
    (void)snprintf(text, sizeof text, "%3.0f %%", 100.0 * (double)v->now.confidence);
    bool label = room >= 26;
    int at = label ? screen_text(s, row + 1, column, GREY, false, "confidence ") : column;
    int width = room - (at - column) - 6;
    if (width > 24) width = 24;
    for (int i = 0; i < width; i++) bar_cell(s, row + 1, at, i, width, v->now.confidence, GREEN);
    (void)screen_text(s, row + 1, at + (width > 0 ? width + 1 : 0), TEXT, false, text);
    draw_onsets(v, row + 2, column, now_ns);
    (void)snprintf(text, sizeof text, room >= 14 ? "latency %+g ms" : "%+g ms",
                   (double)v->latency_ms);
    (void)screen_text(s, row + 3, column, GREY, false, text);
    if (v->now.silent)
        (void)screen_text(s, row + 4, column, YELLOW, true,
                          v->now.silent_by_contrast ? "STILL" : "SILENCE");
}

static int level_colour(float db)
{
    return db >= -3.0f ? RED : db >= -12.0f ? YELLOW : GREEN;
}

static void draw_level(const LiveView *v, int row)
{
    Screen *s = v->screen;
    char text[80];
    (void)snprintf(text, sizeof text, "%6.1f dB", (double)v->now.rms_db);
    if (s->columns >= 70)
        (void)snprintf(text, sizeof text, "%6.1f dB  peak %6.1f  %6.1f LUFS", (double)v->now.rms_db,
                       (double)v->now.peak_db, (double)v->now.momentary_lufs);
    int width = s->columns - 3 - (int)strlen(text);
    float share = (v->now.rms_db - FLOOR_DB) / -FLOOR_DB;
    for (int i = 0; i < width; i++) {
        float db = FLOOR_DB * (1.0f - ((float)i + 0.5f) / (float)width);
        bar_cell(s, row, 1, i, width, share, level_colour(db));
    }
    float peak = (v->peak_db - FLOOR_DB) / -FLOOR_DB;
    int at = (int)(clamp(peak, 0.0f, 1.0f) * (float)(width - 1));
    if (peak > 0.0f)
        screen_put(s, row, 1 + at, s->utf8 ? 0x2502 : '|', level_colour(v->peak_db), true);
    (void)screen_text(s, row, width + 2, TEXT, false, text);
}

/* Once round the circle of colours in an octave, C red. */
static int class_colour(const Screen *s, int pitch_class)
{
    static const int hues[] = {203, 209, 215, 221, 191, 119, 84, 86, 81, 75, 141, 207};
    static const int eight[] = {1, 1, 3, 3, 3, 2, 2, 6, 6, 4, 4, 5};
    return (s->colours == 256 ? hues : eight)[pitch_class];
}

static int note_colour(const LiveView *v, size_t note)
{
    float octaves = log2f(v->bottom_note / 440.0f) + (float)note / (float)v->notes_per_octave;
    int pitch = (int)lroundf(12.0f * octaves) + 9 + 1200; /* A is 9 */
    return class_colour(v->screen, pitch % 12);
}

/* Columns of a note, its gap included, times the notes that share them. */
static void note_layout(const LiveView *v, int *width, int *shared)
{
    int room = v->screen->columns > 3 ? v->screen->columns - 2 : 1, notes = (int)v->notes;
    *shared = (notes + room - 1) / room;
    *width = room / ((notes + *shared - 1) / *shared);
    if (*width > 4) *width = 4;
}

static void draw_notes(const LiveView *v, int top, int rows)
{
    Screen *s = v->screen;
    int width, shared;
    note_layout(v, &width, &shared);
    int filled = width > 2 ? width - 1 : width;
    for (size_t i = 0; i < v->notes; i += (size_t)shared) {
        float height = 0.0f;
        for (size_t k = i; k < v->notes && k < i + (size_t)shared; k++)
            if (v->height[k] > height) height = v->height[k];
        int column = 1 + (int)(i / (size_t)shared) * width;
        column_bar(s, top, rows, column, filled, height, note_colour(v, i));
    }
}

/* The twelve pitch classes, where the notes leave room for them. */
static void draw_chroma(const LiveView *v, int top, int rows)
{
    static const char *const names[] = {"C",  "C#", "D",  "D#", "E",  "F",
                                        "F#", "G",  "G#", "A",  "A#", "B"};
    Screen *s = v->screen;
    int width, shared;
    note_layout(v, &width, &shared);
    int left = 1 + ((int)v->notes + shared - 1) / shared * width + 3, step = 3;
    if (s->columns - 1 - left < 12 * step - 1) step = 2;
    if (s->columns - 1 - left < 12 * step) return;
    for (int i = 0; i < 12; i++) {
        column_bar(s, top, rows, left + step * i, 2, v->chroma[i], class_colour(s, i));
        if (step == 3 || !names[i][1])
            (void)screen_text(s, top + rows, left + step * i, GREY, false, names[i]);
    }
}

/* C of every octave below the bars. */
static void draw_note_names(const LiveView *v, int row)
{
    int width, shared, free_from = 0;
    note_layout(v, &width, &shared);
    float first = 69.0f + 12.0f * log2f(v->bottom_note / 440.0f);
    for (size_t i = 0; i < v->notes; i++) {
        float midi = first + 12.0f * (float)i / (float)v->notes_per_octave;
        int whole = (int)lroundf(midi);
        int column = 1 + (int)(i / (size_t)shared) * width;
        if (fabsf(midi - (float)whole) > 0.01f || whole % 12 != 0 || column < free_from) continue;
        char text[16];
        (void)snprintf(text, sizeof text, "C%d", whole / 12 - 1);
        free_from = screen_text(v->screen, row, column, GREY, false, text) + 1;
    }
}

static void draw_keys(const LiveView *v, int row)
{
    static const char *const plain[] = {
        "space tap   +/- double, half   [ ] nudge 5 ms   < > latency 5 ms   q quit",
        "space tap  +/- x2  [ ] nudge  < > latency  q quit", "tap:space +/- [] <> q:quit"};
    const char *text = !v->controls ? "q quit" : plain[2];
    for (int i = 1; i >= 0 && v->controls; i--)
        if ((int)strlen(plain[i]) + 2 <= v->screen->columns) text = plain[i];
    (void)screen_text(v->screen, row, 1, GREY, false, text);
}

static void draw_small(const LiveView *v, int row, int64_t now_ns)
{
    Screen *s = v->screen;
    char text[16];
    tempo_text(v, text, sizeof text);
    int at = screen_text(s, row, 1, TEXT, true, text);
    at = screen_text(s, row, at, GREY, false, " BPM ");
    float light = beat_light(v, now_ns);
    for (int x = 0; x < 3; x++)
        screen_put(s, row, at + x, shade(s, light), lamp_colour(s, light, v->in_bar == 1), false);
    draw_place(v, row, at + 4, now_ns);
    if (v->now.silent) (void)screen_text(s, row, at + 13, YELLOW, true, "SILENCE");
}

static void draw_all(LiveView *v, int64_t now_ns)
{
    int rows = v->screen->rows, row = 2;
    draw_title(v);
    if (rows >= 16) {
        int column = draw_tempo(v, row);
        column = draw_lamp(v, row, column + 1, now_ns);
        draw_state(v, row, column + 2, now_ns);
        (void)screen_text(v->screen, row + DIGIT_ROWS, 1, GREY, false, "BPM");
        row += DIGIT_ROWS + 2;
    } else {
        row = 1;
        draw_small(v, row++, now_ns);
    }
    draw_level(v, row);
    row += rows >= 16 ? 2 : 1;
    int bars = rows - row - 2;
    if (bars > 0) draw_notes(v, row, bars);
    if (bars > 0) draw_note_names(v, rows - 2);
    if (bars > 0) draw_chroma(v, row, bars);
    draw_keys(v, rows - 1);
}

/* ---- motion ---- */

/* Bars rise at once and fall slowly; the loudest note of late stands at the top. */
static void move_bars(LiveView *v, float elapsed_s)
{
    float top = -50.0f;
    v->note_top_db -= 6.0f * elapsed_s;
    for (size_t i = 0; i < v->notes; i++) {
        float db = 20.0f * log10f(v->now.note[i] + 1e-9f);
        if (db > top) top = db;
    }
    if (top > v->note_top_db) v->note_top_db = top;
    for (size_t i = 0; i < v->notes; i++) {
        float db = 20.0f * log10f(v->now.note[i] + 1e-9f);
        float height = clamp(1.0f + (db - v->note_top_db) / NOTE_RANGE_DB, 0.0f, 1.0f);
        float fallen = v->height[i] - FALL * elapsed_s;
        v->height[i] = height > fallen ? height : fallen;
    }
    for (size_t i = 0; i < 12; i++) {
        float fallen = v->chroma[i] - FALL * elapsed_s;
        v->chroma[i] = v->now.chroma[i] > fallen ? v->now.chroma[i] : fallen;
    }
    v->peak_db -= 12.0f * elapsed_s;
    if (v->now.peak_db > v->peak_db) v->peak_db = v->now.peak_db;
}

void live_view_event(LiveView *v, const HhLiveEvent *event, int64_t now_ns)
{
    if (event->type == HH_LIVE_BEAT) {
        v->beat_ns = now_ns;
        v->in_bar = event->beat.in_bar;
    } else if (event->type == HH_LIVE_ONSET) {
        v->onset_ns[event->onset.band % HH_LIVE_BANDS] = now_ns;
    }
}

void live_view_snapshot(LiveView *v, const HhLiveSnapshot *snapshot)
{
    v->now = *snapshot;
}

void live_view_latency(LiveView *v, float ms)
{
    v->latency_ms = ms;
}

void live_view_xruns(LiveView *v, uint64_t count)
{
    v->xruns = count;
}

void live_view_draw(LiveView *v, int64_t now_ns)
{
    if (now_ns < v->next_ns) return;
    float elapsed_s = v->drawn_ns ? (float)(now_ns - v->drawn_ns) * 1e-9f : 0.0f;
    v->next_ns = now_ns + FRAME_NS;
    v->drawn_ns = now_ns;
    move_bars(v, clamp(elapsed_s, 0.0f, 0.2f));
    screen_begin(v->screen);
    draw_all(v, now_ns);
    (void)screen_end(v->screen);
}

int64_t live_view_next(const LiveView *v)
{
    return v->next_ns;
}

/* ---- keys ---- */

int live_view_keys(const LiveView *v)
{
    return v ? v->screen->keys : -1;
}

static LiveKey meaning(int c)
{
    switch (c) {
    case ' ':
    case 't':
        return (LiveKey){LIVE_KEY_TAP, 0.0f};
    case '+':
    case '=':
        return (LiveKey){LIVE_KEY_DOUBLE, 0.0f};
    case '-':
        return (LiveKey){LIVE_KEY_HALF, 0.0f};
    case '[':
        return (LiveKey){LIVE_KEY_NUDGE, -5.0f};
    case ']':
        return (LiveKey){LIVE_KEY_NUDGE, 5.0f};
    case '<':
    case ',':
        return (LiveKey){LIVE_KEY_LATENCY, -5.0f};
    case '>':
    case '.':
        return (LiveKey){LIVE_KEY_LATENCY, 5.0f};
    case 'q':
    case 'Q':
        return (LiveKey){LIVE_KEY_QUIT, 0.0f};
    default:
        return (LiveKey){LIVE_KEY_NONE, 0.0f};
    }
}

/* Arrows are ESC [ A or ESC O A: up, and B: down. Other sequences are read and left alone. */
static int arrow(const LiveView *v)
{
    int c = screen_key(v->screen);
    if (c != '[' && c != 'O') return c;
    do c = screen_key(v->screen);
    while (c >= '0' && c <= ';');
    return c == 'A' ? '+' : c == 'B' ? '-' : 0;
}

bool live_view_key(LiveView *v, LiveKey *key)
{
    int c = screen_key(v->screen);
    if (c < 0) return false;
    *key = meaning(c == '\033' ? arrow(v) : c);
    return true;
}

/* ---- begin and end ---- */

LiveView *live_view_start(const LiveControlSetup *setup)
{
    LiveView *v = cli_alloc(1, sizeof *v);
    v->name = cli_printable(cli_utf8(setup->name));
    v->rate = (double)setup->config.sample_rate;
    v->notes = setup->config.notes;
    v->notes_per_octave = setup->config.notes_per_octave;
    v->bottom_note = setup->config.bottom_note;
    v->latency_ms = setup->options->latency_ms;
    v->controls = setup->analysis != NULL;
    v->note_top_db = -50.0f;
    v->peak_db = v->now.rms_db = v->now.peak_db = v->now.momentary_lufs = -120.0f;
    v->screen = screen_start(!setup->options->raw);
    return v;
}

void live_view_stop(LiveView *v)
{
    screen_stop(v->screen);
    free(v->name);
    free(v);
}
