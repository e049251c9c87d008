/* The note bank: the amplitude of each note over a block of samples that ends now.
 *
 * A block has 24 cycles of the lowest note of its group (more where there are more than 12 notes an
 * octave, in proportion) and at least the last one and a half rounds, up to 256 samples of its
 * rate, under one window: w(m) = 1/2 - 1/2 cos(2 pi (m + 1/2) / N), m = 0 .. N - 1 (Hann's, without
 * its zeros). The frequencies are the notes' own, not those of a DFT of N points. With 24 cycles
 * the next semitone is 1.35 bins of 1/N away or more and reads -11.9 dB or less.
 *
 * OCTAVES, the default: each note in the octave of the tree with the lowest rate that still has it
 * below 0.4, so that no block is longer than 120 samples or one and a half rounds; G. Goertzel's
 * recurrence ("An algorithm for the evaluation of finite trigonometric series", Am. Math. Monthly
 * 65, 1958) on groups of four notes, which share block and window: the recurrence of one note is a
 * chain of dependent operations, several fill the pipeline. Where there are registers of four
 * floats, four groups go side by side. A group is evaluated every 1, 2, 4 ... rounds, such that
 * half of its block at least is in the next one too and 40 ms are not exceeded, in turn. Cost: 4
 * operations a note and sample of the block; 4500 of these a round at the defaults at 16 kHz.
 *
 * GOERTZEL and LANES: the same blocks at the full rate, where frequencies are low compared with it
 * and the recurrence is that of C. Reinsch (in J. Stoer, R. Bulirsch, "Introduction to Numerical
 * Analysis", 1980), whose error does not grow as the frequency falls. The window comes from a
 * rotation. LANES takes four notes side by side, GOERTZEL one; their results are the same bits.
 *
 * SLIDING: sums over the block of x e^(-i phase), the modulated sliding DFT (K. Duda, "Accurate,
 * guaranteed stable, sliding discrete Fourier transform", IEEE Signal Processing Magazine 27,
 * 2010), in integers: what came in goes out exactly, there is no drift. The window is applied to
 * three neighbouring frequencies. Cost: 12 products a note and sample of the input; for very short
 * hops. */
#include "internal.h"

#define CYCLES         24.0f /* of the lowest note of a group, in a block, at 12 notes an octave */
#define HIGHEST        0.4f  /* frequency of a note in its octave of the tree */
#define LONGEST        256   /* samples of a block, for the sake of rounds */
#define SLOWEST        0.04f /* s from one evaluation to the next, at most */
#define SINE_BITS      12
#define AMPLITUDE_BITS 23 /* of a sample of 1 in the sliding DFT: 16 fits */

float hh_live_note_frequency(const HhLiveConfig *config, uint32_t note)
{
    uint32_t octave = note / config->notes_per_octave;
    uint32_t step = note - octave * config->notes_per_octave;
    /* Octaves are exact, so that they can share windows. */
    return config->bottom_note * hh_live_exp2((float)step / (float)config->notes_per_octave) *
           (float)(1u << octave);
}

static uint32_t count_notes(const HhLiveConfig *config)
{
    uint32_t notes = config->notes;
    while (notes > 0 &&
           hh_live_note_frequency(config, notes - 1) > 0.45f * (float)config->sample_rate)
        notes--;
    return notes;
}

static uint32_t octave_of(const HhLiveConfig *config, float frequency)
{
    uint32_t bands = hh_live_tree_bands(config->sample_rate);
    float limit = HIGHEST * (float)config->sample_rate;
    uint32_t octave = 0;
    while (octave < bands && frequency <= 0.5f * limit) {
        limit *= 0.5f;
        octave++;
    }
    return octave;
}

/* The group whose highest note is `above` - 1: up to four notes of one octave. */
static LiveGroup group_below(const HhLiveConfig *config, uint32_t above)
{
    LiveGroup group = {.first = (uint8_t)(above - 1), .count = 1};
    float frequency = hh_live_note_frequency(config, above - 1);
    group.octave = (uint8_t)octave_of(config, frequency);
    while (group.first > 0 && group.count < HH_LIVE_GROUP) {
        float lower = hh_live_note_frequency(config, group.first - 1u);
        if (octave_of(config, lower) != group.octave) break;
        frequency = lower;
        group.first--;
        group.count++;
    }
    /* A group of fewer has the block that four would have: one window less to keep. */
    float missing = (float)(HH_LIVE_GROUP - group.count) / (float)config->notes_per_octave;
    frequency *= hh_live_exp2(-missing);
    float rate = (float)config->sample_rate / (float)(1u << group.octave);
    float cycles = CYCLES / 12.0f * (float)config->notes_per_octave;
    group.length = (uint32_t)(cycles * rate / frequency + 0.5f);
    uint32_t rounds = 3 * config->hop / 2 >> group.octave;
    if (rounds > LONGEST) rounds = LONGEST;
    if (group.length < rounds) group.length = rounds;
    group.length = (group.length + 3) & ~3u; /* the loops take four samples at a time */
    float most = SLOWEST * (float)config->sample_rate;
    group.period = 1;
    for (uint32_t next = 2 * config->hop;
         2 * next <= group.length << group.octave && (float)next <= most && group.period < 64;
         next *= 2)
        group.period = (uint8_t)(2 * group.period);
    return group;
}

uint32_t hh_live_bank_groups(const HhLiveConfig *config, LiveGroup *group)
{
    uint32_t groups = 0;
    for (uint32_t above = count_notes(config); above > 0; above = group[groups++].first)
        group[groups] = group_below(config, above);
    for (uint32_t g = 0; g < groups / 2; g++) {
        LiveGroup lower = group[groups - 1 - g];
        group[groups - 1 - g] = group[g];
        group[g] = lower;
    }
    if (config->bank != HH_LIVE_BANK_OCTAVES)
        for (uint32_t g = 0; g < groups; g++) {
            /* The same blocks at the full rate. */
            group[g].length <<= group[g].octave;
            group[g].octave = 0;
        }
    return groups;
}

/* Windows of the default bank; groups of the same length share one. Returns their size. */
static uint32_t share_windows(const HhLiveConfig *config, LiveGroup *group, uint32_t groups)
{
    uint32_t size = 0;
    if (config->bank != HH_LIVE_BANK_OCTAVES) return 0;
    for (uint32_t g = 0; g < groups; g++) {
        uint32_t same = 0;
        while (group[same].length != group[g].length) same++;
        group[g].window = (uint16_t)(same < g ? group[same].window : size);
        if (same == g) size += group[g].length;
    }
    return size;
}

/* Longest first, so that those which are worked on together begin one after the other. */
static void sort_by_length(LiveGroup *group, uint32_t groups)
{
    for (uint32_t g = 1; g < groups; g++) {
        LiveGroup moved = group[g];
        uint32_t to = g;
        for (; to > 0 && group[to - 1].length < moved.length; to--) group[to] = group[to - 1];
        group[to] = moved;
    }
}

/* Spreads the groups that are not evaluated in every round, so that all rounds have about the same
 * to do: the longest periods last, each where there is least. */
static void take_turns(LiveGroup *group, uint32_t groups)
{
    uint32_t load[64] = {0};
    for (uint32_t period = 1; period <= 64; period *= 2)
        for (uint32_t g = 0; g < groups; g++) {
            if (group[g].period != period) continue;
            uint32_t turn = 0;
            for (uint32_t t = 1; t < period; t++)
                if (load[t] < load[turn]) turn = t;
            group[g].turn = (uint8_t)turn;
            for (uint32_t round = turn; round < 64; round += period)
                load[round] += group[g].length * group[g].count;
        }
}

void hh_live_bank_keep(const HhLiveConfig *config, uint32_t keep[HH_LIVE_MAX_OCTAVES])
{
    LiveGroup group[HH_LIVE_MAX_GROUPS];
    uint32_t groups = hh_live_bank_groups(config, group);
    for (uint32_t o = 0; o < HH_LIVE_MAX_OCTAVES; o++) keep[o] = 0;
    /* The sliding DFT takes out what leaves the block at the start of a chunk. */
    uint32_t more = config->bank == HH_LIVE_BANK_SLIDING ? HH_LIVE_CHUNK : 0;
    for (uint32_t g = 0; g < groups; g++)
        if (keep[group[g].octave] < group[g].length + more)
            keep[group[g].octave] = group[g].length + more;
}

uint32_t hh_live_bank_table_size(const HhLiveConfig *config)
{
    LiveGroup group[HH_LIVE_MAX_GROUPS];
    uint32_t groups = hh_live_bank_groups(config, group);
    return share_windows(config, group, groups) + config->notes + HH_LIVE_GROUP;
}

static void make_window(float *window, uint32_t length)
{
    /* Its mean is 1/2, and half of a sine's amplitude is at its positive frequency. */
    float gain = 4.0f / (float)length;
    for (uint32_t m = 0; m < length; m++)
        window[m] = gain * (0.5f - 0.5f * hh_live_cos_turns(((float)m + 0.5f) / (float)length));
}

void hh_live_bank_make_table(const HhLiveConfig *config, float *table)
{
    LiveGroup group[HH_LIVE_MAX_GROUPS];
    uint32_t groups = hh_live_bank_groups(config, group);
    float *coefficient = table + share_windows(config, group, groups);
    bool full_rate = config->bank != HH_LIVE_BANK_OCTAVES;
    if (!full_rate)
        for (uint32_t g = 0; g < groups; g++) make_window(table + group[g].window, group[g].length);
    for (uint32_t i = 0; i < (uint32_t)config->notes + HH_LIVE_GROUP; i++) coefficient[i] = 0.0f;
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t i = group[g].first; i < group[g].first + (uint32_t)group[g].count; i++) {
            float turns = hh_live_note_frequency(config, i) / (float)config->sample_rate;
            float sine = hh_live_sin_turns(0.5f * turns);
            coefficient[i] = full_rate
                                 ? 4.0f * sine * sine
                                 : 2.0f * hh_live_cos_turns(turns * (float)(1u << group[g].octave));
        }
}

static void lay_sliding(LiveBank *bank, LiveArena *arena, const HhLiveConfig *config)
{
    LiveSliding *sliding = hh_live_take(arena, config->notes * sizeof *sliding);
    int16_t *sine = hh_live_take(arena, sizeof *sine << SINE_BITS);
    if (!bank) return;
    bank->sliding = sliding;
    bank->sine = sine;
    for (uint32_t i = 0; i < 1u << SINE_BITS; i++) {
        float x = 32767.0f * hh_live_sin_turns((float)i / (float)(1u << SINE_BITS));
        sine[i] = (int16_t)(x < 0.0f ? x - 0.5f : x + 0.5f);
    }
    for (uint32_t g = 0; g < bank->groups; g++) {
        uint32_t cycle = UINT32_MAX / bank->group[g].length + 1;
        bank->group[g].period = 1; /* it is up to date anyway */
        for (uint32_t i = 0; i < bank->group[g].count; i++) {
            uint32_t note = bank->group[g].first + i;
            float turns = hh_live_note_frequency(config, note) / (float)config->sample_rate;
            uint32_t step = (uint32_t)(turns * 4294967296.0f);
            sliding[note] = (LiveSliding){.step = {step, step - cycle, step + cycle}};
        }
    }
}

void hh_live_bank_lay(LiveBank *bank, LiveArena *arena, const HhLiveConfig *config,
                      const float *tables)
{
    LiveGroup made[HH_LIVE_MAX_GROUPS];
    uint32_t groups = hh_live_bank_groups(config, made);
    uint32_t windows = share_windows(config, made, groups);
    LiveGroup *group = hh_live_take(arena, groups * sizeof *group);
    if (bank) {
        *bank = (LiveBank){
            .group = group, .groups = groups, .window = tables, .coefficient = tables + windows};
        take_turns(made, groups);
        sort_by_length(made, groups);
        for (uint32_t g = 0; g < groups; g++) group[g] = made[g];
    }
    if (config->bank == HH_LIVE_BANK_SLIDING) lay_sliding(bank, arena, config);
}

/* ---- The default: Goertzel, side by side ---- */

#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL _Pragma("GCC unroll 4")
#else
#define UNROLL
#endif
#define INLINE  static inline __attribute__((always_inline))
#define STRANDS 4 /* groups under way at a time */

static float amplitude(float q1, float q2, float coefficient)
{
    float power = (q1 * q1 + q2 * q2) - coefficient * q1 * q2;
    return power > 0.0f ? hh_live_sqrt(power) : 0.0f;
}

#if HH_LIVE_VECTORS

/* A group under way: what is left of its block begins at x and w. */
typedef struct Strand {
    const float *x, *w;
    Lanes k, q1, q2;
} Strand;

#define ALL_OF(lanes, i) __builtin_shufflevector(lanes, lanes, i, i, i, i)

INLINE void run(Strand *strand, uint32_t steps, unsigned count)
{
    Lanes k[STRANDS], q1[STRANDS], q2[STRANDS];
    const float *x[STRANDS], *w[STRANDS];
    for (unsigned s = 0; s < count; s++) {
        k[s] = strand[s].k;
        q1[s] = strand[s].q1;
        q2[s] = strand[s].q2;
        x[s] = strand[s].x;
        w[s] = strand[s].w;
    }
    for (uint32_t i = 0; i < steps; i += 4)
        for (unsigned s = 0; s < count; s++) {
            Lanes y = hh_live_load(x[s] + i) * hh_live_load(w[s] + i);
            q2[s] = (ALL_OF(y, 0) - q2[s]) + k[s] * q1[s];
            q1[s] = (ALL_OF(y, 1) - q1[s]) + k[s] * q2[s];
            q2[s] = (ALL_OF(y, 2) - q2[s]) + k[s] * q1[s];
            q1[s] = (ALL_OF(y, 3) - q1[s]) + k[s] * q2[s];
        }
    for (unsigned s = 0; s < count; s++) {
        strand[s].q1 = q1[s];
        strand[s].q2 = q2[s];
        strand[s].x = x[s] + steps;
        strand[s].w = w[s] + steps;
    }
}

/* Up to four groups at once; the first has the longest block, all end together. */
static void evaluate(const LiveBank *bank, const LiveTree *tree, const LiveGroup *const *group,
                     unsigned count, float *note)
{
    Strand strand[STRANDS];
    uint32_t left[STRANDS + 1] = {0};
    for (unsigned s = 0; s < count; s++) {
        Strand *to = &strand[s];
        const LiveOctave *octave = &tree->octave[group[s]->octave];
        left[s] = group[s]->length;
        to->x = octave->samples + octave->filled - left[s];
        to->w = bank->window + group[s]->window;
        to->k = hh_live_load(bank->coefficient + group[s]->first);
        to->q1 = to->q2 = (Lanes){0};
    }
    run(strand, left[0] - left[1], 1);
    if (count > 1) run(strand, left[1] - left[2], 2);
    if (count > 2) run(strand, left[2] - left[3], 3);
    if (count > 3) run(strand, left[3], 4);
    for (unsigned s = 0; s < count; s++)
        for (unsigned i = 0; i < group[s]->count; i++)
            note[group[s]->first + i] = amplitude(strand[s].q1[i], strand[s].q2[i], strand[s].k[i]);
}

#else

INLINE void recur(const float *x, const float *w, uint32_t length, const float *coefficient,
                  unsigned lanes, float *note)
{
    float k[HH_LIVE_GROUP], q1[HH_LIVE_GROUP], q2[HH_LIVE_GROUP];
    UNROLL for (unsigned l = 0; l < lanes; l++)
    {
        k[l] = coefficient[l];
        q1[l] = q2[l] = 0.0f;
    }
    for (const float *end = x + length; x < end; x += 4, w += 4) {
        float y0 = x[0] * w[0], y1 = x[1] * w[1], y2 = x[2] * w[2], y3 = x[3] * w[3];
        UNROLL for (unsigned l = 0; l < lanes; l++) q2[l] = (y0 - q2[l]) + k[l] * q1[l];
        UNROLL for (unsigned l = 0; l < lanes; l++) q1[l] = (y1 - q1[l]) + k[l] * q2[l];
        UNROLL for (unsigned l = 0; l < lanes; l++) q2[l] = (y2 - q2[l]) + k[l] * q1[l];
        UNROLL for (unsigned l = 0; l < lanes; l++) q1[l] = (y3 - q1[l]) + k[l] * q2[l];
    }
    UNROLL for (unsigned l = 0; l < lanes; l++) note[l] = amplitude(q1[l], q2[l], k[l]);
}

static void evaluate(const LiveBank *bank, const LiveTree *tree, const LiveGroup *const *group,
                     unsigned count, float *note)
{
    for (unsigned g = 0; g < count; g++) {
        const LiveOctave *octave = &tree->octave[group[g]->octave];
        uint32_t length = group[g]->length;
        const float *x = octave->samples + octave->filled - length;
        const float *w = bank->window + group[g]->window;
        const float *coefficient = bank->coefficient + group[g]->first;
        float *to = note + group[g]->first;
        switch (group[g]->count) {
        case 4:
            recur(x, w, length, coefficient, 4, to);
            break;
        case 3:
            recur(x, w, length, coefficient, 3, to);
            break;
        case 2:
            recur(x, w, length, coefficient, 2, to);
            break;
        default:
            recur(x, w, length, coefficient, 1, to);
            break;
        }
    }
}

#endif

static bool due(const LiveGroup *group, uint32_t round)
{
    return (round & (group->period - 1u)) == group->turn;
}

static void octaves_round(const LiveBank *bank, const LiveTree *tree, float *note)
{
    const LiveGroup *ready[STRANDS];
    unsigned count = 0;
    for (uint32_t g = 0; g < bank->groups; g++) {
        if (!due(&bank->group[g], bank->round)) continue;
        ready[count++] = &bank->group[g];
        if (count < STRANDS) continue;
        evaluate(bank, tree, ready, count, note);
        count = 0;
    }
    if (count > 0) evaluate(bank, tree, ready, count, note);
}

/* ---- At the full rate ---- */

/* `lanes` notes over one block. The window's angle advances by a rotation. */
INLINE void full_rate(const float *x, uint32_t length, const float *coefficient, unsigned lanes,
                      float *note)
{
    float k[HH_LIVE_GROUP], q[HH_LIVE_GROUP], d[HH_LIVE_GROUP];
    float turn = 1.0f / (float)length;
    float cosine = hh_live_cos_turns(0.5f * turn), sine = hh_live_sin_turns(0.5f * turn);
    float turn_cosine = hh_live_cos_turns(turn), turn_sine = hh_live_sin_turns(turn);
    UNROLL for (unsigned l = 0; l < lanes; l++)
    {
        k[l] = coefficient[l];
        q[l] = d[l] = 0.0f;
    }
    for (uint32_t i = 0; i < length; i++) {
        float y = x[i] * (0.5f - 0.5f * cosine);
        float next = cosine * turn_cosine - sine * turn_sine;
        sine = sine * turn_cosine + cosine * turn_sine;
        cosine = next;
        UNROLL for (unsigned l = 0; l < lanes; l++)
        {
            d[l] = (y - k[l] * q[l]) + d[l];
            q[l] = q[l] + d[l];
        }
    }
    for (unsigned l = 0; l < lanes; l++) {
        float power = d[l] * d[l] + k[l] * q[l] * (q[l] - d[l]);
        note[l] = power > 0.0f ? 4.0f / (float)length * hh_live_sqrt(power) : 0.0f;
    }
}

static void full_rate_round(const LiveBank *bank, const LiveOctave *input, bool lanes, float *note)
{
    const float *end = input->samples + input->filled;
    for (const LiveGroup *group = bank->group; group < bank->group + bank->groups; group++) {
        const float *x = end - group->length;
        const float *coefficient = bank->coefficient + group->first;
        float *to = note + group->first;
        if (!due(group, bank->round)) continue;
        if (lanes && group->count == 4)
            full_rate(x, group->length, coefficient, 4, to);
        else
            for (unsigned i = 0; i < group->count; i++)
                full_rate(x, group->length, coefficient + i, 1, to + i);
    }
}

/* ---- The sliding DFT ---- */

static int32_t cosine_of(const int16_t *sine, uint32_t phase)
{
    return sine[(phase + 0x40000000u) >> (32 - SINE_BITS)];
}

static int32_t sine_of(const int16_t *sine, uint32_t phase)
{
    return sine[phase >> (32 - SINE_BITS)];
}

static int32_t to_integer(float x)
{
    return (int32_t)(x * (float)(1 << AMPLITUDE_BITS));
}

static void slide(LiveSliding *note, const int16_t *sine, const float *in, uint32_t length,
                  uint32_t sample, uint32_t count)
{
    for (int f = 0; f < 3; f++) {
        int64_t real = note->real[f], imaginary = note->imaginary[f];
        uint32_t step = note->step[f];
        uint32_t enters = sample * step + (1u << (31 - SINE_BITS));
        uint32_t leaves = enters - length * step;
        for (uint32_t i = 0; i < count; i++, enters += step, leaves += step) {
            int64_t newest = to_integer(in[i]),
                    oldest = to_integer(in[(ptrdiff_t)i - (ptrdiff_t)length]);
            real += newest * cosine_of(sine, enters) - oldest * cosine_of(sine, leaves);
            imaginary -= newest * sine_of(sine, enters) - oldest * sine_of(sine, leaves);
        }
        note->real[f] = real;
        note->imaginary[f] = imaginary;
    }
}

void hh_live_bank_advance(LiveBank *bank, const LiveOctave *input, int64_t sample, uint32_t count)
{
    if (!bank->sliding) return;
    const float *in = input->samples + input->filled - count;
    for (uint32_t g = 0; g < bank->groups; g++)
        for (uint32_t i = 0; i < bank->group[g].count; i++)
            slide(&bank->sliding[bank->group[g].first + i], bank->sine, in, bank->group[g].length,
                  (uint32_t)(sample - count), count);
}

/* Without the 64-bit conversion of a compiler's library for floats in software. */
static float to_float(int64_t x)
{
    return (float)(int32_t)(x >> 32) * 4294967296.0f + (float)(uint32_t)x;
}

/* The window is the frequency itself less a half of its neighbours, turned to the block's start. */
static float sliding_amplitude(const LiveSliding *note, uint32_t length, uint32_t start)
{
    uint32_t cycle = note->step[2] - note->step[0];
    float turns = (float)(start * cycle - (cycle >> 1)) / 4294967296.0f;
    float c = hh_live_cos_turns(turns), s = hh_live_sin_turns(turns);
    float re[3], im[3];
    for (int f = 0; f < 3; f++) {
        re[f] = to_float(note->real[f]);
        im[f] = to_float(note->imaginary[f]);
    }
    float real = re[0] - 0.5f * ((re[1] + re[2]) * c + (im[1] - im[2]) * s);
    float imaginary = im[0] - 0.5f * ((im[1] + im[2]) * c + (re[2] - re[1]) * s);
    float scale = 2.0f / (float)length / (32767.0f * (float)(1 << AMPLITUDE_BITS));
    real *= scale;
    imaginary *= scale;
    return hh_live_sqrt(real * real + imaginary * imaginary);
}

static void sliding_round(const LiveBank *bank, int64_t sample, float *note)
{
    for (uint32_t g = 0; g < bank->groups; g++) {
        uint32_t length = bank->group[g].length;
        for (uint32_t i = 0; i < bank->group[g].count; i++)
            note[bank->group[g].first + i] = sliding_amplitude(
                &bank->sliding[bank->group[g].first + i], length, (uint32_t)sample - length);
    }
}

void hh_live_bank_round(LiveBank *bank, const LiveTree *tree, int64_t sample, HhLiveBank kind,
                        float *note)
{
    switch (kind) {
    case HH_LIVE_BANK_OCTAVES:
        octaves_round(bank, tree, note);
        break;
    case HH_LIVE_BANK_GOERTZEL:
        full_rate_round(bank, &tree->octave[0], false, note);
        break;
    case HH_LIVE_BANK_LANES:
        full_rate_round(bank, &tree->octave[0], true, note);
        break;
    case HH_LIVE_BANK_SLIDING:
        sliding_round(bank, sample, note);
        break;
    }
    bank->round++;
}
