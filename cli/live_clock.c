/* MIDI clock from beats: 24 pulses a quarter note, Start, Stop, Continue and the song position.
 *
 * The MIDI 1.0 Detailed Specification (MIDI Association), "System Real Time Messages" and "Song
 * Position Pointer": a receiver starts at the first clock after Start; the position counts
 * sixteenth notes, 6 clocks each, in 14 bits, and is told while the receiver stands; clocks may go
 * on between Stop and Continue, so that receivers keep the tempo.
 *
 * A phase-locked loop of the simplest kind. Pulses are numbered, and beats are pulses divisible by
 * 24. Each beat that the tracker tells predicts the next one; the pulses from now until that
 * prediction are spaced evenly so that the pulse of the beat falls on it, and after it they go on
 * at the tempo told. So the pulses follow the predicted beats exactly, a beat that comes elsewhere
 * than predicted moves the clock within one beat, and time never runs backwards: a late beat makes
 * the spacing wider, an early one narrower, and neither by more than a factor of two. The beat that
 * belongs to a pulse is the nearest one.
 *
 * Nothing is told that the caller has not asked for: messages come out in order, up to a time.
 * Cost: a few operations a pulse. */
#include "live_senders.h"

#include <math.h>

#define PPQN           LIVE_CLOCK_PPQN
#define BAR            (4 * PPQN)
#define PULSES_OF_UNIT 6     /* of the song position */
#define POSITIONS      16384 /* 14 bits */
#define SURE           0.5f  /* confidence with which the clock starts at once ... */
#define PATIENCE       8     /* ... and the beats after which it starts anyway */
#define LOST_BEATS     8.0   /* beats that did not come after which it stops */
#define CONSENT        16    /* beats that must agree that the bars are elsewhere */
#define FASTEST        0.5   /* least and greatest spacing, as a share of the nominal one */
#define SLOWEST        2.0

static int64_t round_up(int64_t value, int64_t step)
{
    return (value + step - 1) / step * step;
}

/* ---- phase ---- */

/* The clock is free to jump while nobody counts its pulses: the beat is pulse 0, and the next pulse
 * is the first that is still to come. */
static void jump(LiveClock *c, double beat_ns, double now_ns)
{
    double least = fmax(now_ns, (double)c->last_ns + FASTEST * c->nominal_ns);
    double pulses = ceil((least - beat_ns) / c->nominal_ns);
    c->pulse = c->lock = (int64_t)pulses; /* negative before a beat to come */
    c->next_ns = beat_ns + (double)c->pulse * c->nominal_ns;
    c->step_ns = c->nominal_ns;
}

/* The pulse, a multiple of PPQN, that is nearest to the beat. */
static int64_t nearest(const LiveClock *c, double beat_ns)
{
    double phase = (double)c->pulse - (c->next_ns - beat_ns) / c->step_ns;
    return (int64_t)floor(phase / PPQN + 0.5) * PPQN;
}

/* Spaces the pulses so that the one of a beat to come falls on it: of this beat or of a later one,
 * so that at least half a beat is left for it. */
static void follow(LiveClock *c, int64_t pulse, double beat_ns)
{
    double period_ns = PPQN * c->nominal_ns;
    while (beat_ns - c->next_ns < 0.5 * period_ns || pulse <= c->pulse) {
        beat_ns += period_ns;
        pulse += PPQN;
    }
    double step = (beat_ns - c->next_ns) / (double)(pulse - c->pulse);
    c->step_ns = fmin(fmax(step, FASTEST * c->nominal_ns), SLOWEST * c->nominal_ns);
    c->lock = pulse;
}

/* ---- transport ---- */

/* The place in the bar, 0 to 3, of the beat so many beats after one that was told as `in_bar`. */
static unsigned bar_place(unsigned in_bar, int64_t beats)
{
    return (unsigned)((in_bar - 1 + beats) & 3);
}

/* Start or Continue before the next beat, if that is the first of a bar or the bars are unknown. */
static void try_start(LiveClock *c, const HhLiveEvent *event, int64_t pulse)
{
    bool ready = event->beat.confidence >= SURE || c->beats > PATIENCE;
    int64_t start = round_up(c->pulse, PPQN);
    unsigned in_bar = event->beat.in_bar;
    if (!ready || (in_bar > 0 && bar_place(in_bar, (start - pulse) / PPQN) != 0)) return;
    int64_t position = c->started ? round_up(c->stopped_at, in_bar > 0 ? BAR : PPQN) : 0;
    c->running = c->start_pending = true;
    c->stage = 0;
    c->start = start;
    c->origin = start - position;
    c->bars = (LiveBars){0, 0};
}

/* Where the tracker has said for long enough that the bars begin elsewhere, the song moves there:
 * Stop, position and Continue before the first beat of a bar. */
static void watch_bars(LiveClock *c, const HhLiveEvent *event, int64_t pulse)
{
    unsigned in_bar = event->beat.in_bar;
    if (in_bar == 0 || c->start_pending) return;
    unsigned shift = live_bars_shift(&c->bars, in_bar, (pulse - c->origin) / PPQN, CONSENT);
    int64_t start = round_up(c->pulse, PPQN);
    if (shift == 0 || bar_place(in_bar, (start - pulse) / PPQN) != 0) return;
    c->stopped_at = start - c->origin;
    c->stop_pending = true;
    c->stop_ns = 0; /* right after the pulse before */
    c->start_pending = true;
    c->stage = 0;
    c->start = start;
    c->origin = start - round_up(c->stopped_at, BAR);
    c->bars = (LiveBars){0, 0};
}

void live_clock_beat(LiveClock *c, const HhLiveEvent *event, int64_t due_ns, int64_t now_ns)
{
    if (event->type != HH_LIVE_BEAT || !(event->beat.bpm > 0.0f)) return;
    double beat_ns = (double)due_ns;
    c->nominal_ns = 60e9 / (double)event->beat.bpm / PPQN;
    c->last_beat_ns = beat_ns;
    c->beats++;
    int64_t pulse = 0;
    if (c->running || c->stop_pending) {
        pulse = nearest(c, beat_ns);
        follow(c, pulse, beat_ns);
        if (c->running) watch_bars(c, event, pulse);
    } else {
        jump(c, beat_ns, (double)now_ns);
        c->ticking = true;
        if (!c->silent) try_start(c, event, pulse);
    }
}

void live_clock_stop(LiveClock *c, int64_t at_ns)
{
    if (!c->running) return;
    c->running = false;
    c->beats = 0;
    bool told = !c->start_pending || c->stop_pending;
    c->start_pending = false;
    if (!told) return;
    c->stop_pending = true;
    c->stop_ns = at_ns;
}

void live_clock_silence(LiveClock *c, bool silent, int64_t due_ns)
{
    c->silent = silent;
    if (silent) live_clock_stop(c, due_ns);
}

/* ---- messages ---- */

static void one_byte(LiveClockMessage *message, double at_ns, uint8_t byte)
{
    *message = (LiveClockMessage){.at_ns = llround(at_ns), .bytes = {byte}, .count = 1};
}

/* Start at half way between two pulses, or the position at a third and Continue at two. */
static void start_message(const LiveClock *c, LiveClockMessage *message)
{
    double gap = c->next_ns - (double)c->last_ns;
    gap = fmin(gap, c->nominal_ns);
    if (!c->started) {
        one_byte(message, c->next_ns - gap / 2.0, LIVE_MIDI_START);
    } else if (c->stage == 1) {
        one_byte(message, c->next_ns - gap / 2.0, LIVE_MIDI_CONTINUE);
    } else {
        int64_t units = (c->start - c->origin) / PULSES_OF_UNIT % POSITIONS;
        *message =
            (LiveClockMessage){llround(c->next_ns - gap * 2.0 / 3.0),
                               {LIVE_MIDI_POSITION, (uint8_t)(units & 0x7f), (uint8_t)(units >> 7)},
                               3};
    }
}

static void told_start(LiveClock *c, const LiveClockMessage *message)
{
    c->stage++;
    if (message->bytes[0] == LIVE_MIDI_POSITION) return;
    c->start_pending = false;
    c->started = true;
}

static void told_pulse(LiveClock *c)
{
    c->pulse++;
    c->next_ns += c->pulse <= c->lock ? c->step_ns : c->nominal_ns;
    double lost_ns = LOST_BEATS * PPQN * c->nominal_ns;
    if (c->running && c->next_ns - c->last_beat_ns > lost_ns)
        live_clock_stop(c, llround(c->next_ns));
}

bool live_clock_next(LiveClock *c, int64_t until_ns, LiveClockMessage *message)
{
    if (!c->ticking) return false;
    enum { PULSE, BEGIN, END } kind = PULSE;
    one_byte(message, c->next_ns, LIVE_MIDI_CLOCK);
    bool due = c->start_pending && c->pulse == c->start;
    if (c->stop_pending && (due || !c->start_pending) && (double)c->stop_ns <= c->next_ns) {
        one_byte(message, (double)c->stop_ns, LIVE_MIDI_STOP);
        kind = END;
    } else if (due) {
        start_message(c, message);
        kind = BEGIN;
    }
    if (message->at_ns < c->last_ns) message->at_ns = c->last_ns;
    if (message->at_ns >= until_ns) return false;
    c->last_ns = message->at_ns;
    if (kind == PULSE) told_pulse(c);
    if (kind == BEGIN) told_start(c, message);
    if (kind == END) {
        c->stop_pending = false;
        if (!c->start_pending) c->stopped_at = c->pulse - c->origin;
    }
    return true;
}
