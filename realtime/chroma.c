/* The chromagram and the tuning, from the note bank, at each tick.
 *
 * Chroma: the power of the notes, summed over those of one pitch class, C first, divided by the
 * largest. Tuning: a note that is higher than both neighbours is interpolated between its own bin
 * and the higher of the two, from the logarithm of their ratio: a parabola through the values that
 * the main lobe of the window gives for tones 0, 15 and 30 cents to that side (right within 3 cents
 * for a single tone). Notes whose block is so long that the neighbours are outside the lobe are
 * left out. The deviations from the nearest semitone are averaged on a circle of 100 cents,
 * weighted by power, over the last 4 s or so.
 *
 * Cost: 7 operations a note, 60 a peak. */
#include "internal.h"

#define SECONDS 4.0f
#define QUIET   1e-10f  /* power of a pitch class that is nothing */
#define PEAK    0.0625f /* of the strongest note's power: weaker ones say nothing of the tuning */
#define LOBE    1.85f   /* bins of 1/N; the main lobe ends at 2 */

/* log2 of the response of Hann's window to a tone `bins` / N off. */
static float lobe(float bins)
{
    bins = bins < 0.0f ? -bins : bins;
    if (bins < 0.01f) return 0.0f;
    float rest = 1.0f - bins * bins;
    if (rest < 0.01f && rest > -0.01f) return -1.0f;
    float response = hh_live_sin_turns(0.5f * bins) / (3.14159265f * bins * rest);
    return hh_live_log2(response);
}

static const LiveGroup *group_of(const LiveGroup *group, uint32_t note)
{
    while (note < group->first || note >= group->first + (uint32_t)group->count) group++;
    return group;
}

/* Bins from the middle of a note to a frequency. */
static float distance(const HhLiveConfig *config, const LiveGroup *group, uint32_t note,
                      float frequency)
{
    group = group_of(group, note);
    float rate = (float)config->sample_rate / (float)(1u << group->octave);
    return (frequency - hh_live_note_frequency(config, note)) * (float)group->length / rate;
}

/* log2 of how much more `other` reads than `note` of a tone `cents` towards it. */
static float ratio(const HhLiveConfig *config, const LiveGroup *group, uint32_t note,
                   uint32_t other, float cents)
{
    float tone = hh_live_note_frequency(config, note) *
                 hh_live_exp2((other < note ? -cents : cents) / 1200.0f);
    return lobe(distance(config, group, other, tone)) - lobe(distance(config, group, note, tone));
}

/* side[3]: an offset, a slope and a bend. With u = log2(other / own) - offset a tone is
 * u (slope + bend u) cents towards `other`, right at 0, 15 and 30 cents (of a step of 100). Slope
 * 0: unknown. */
static void calibrate(float *side, const HhLiveConfig *config, const LiveGroup *group,
                      uint32_t note, uint32_t other)
{
    float far = distance(config, group, other, hh_live_note_frequency(config, note));
    if (far > LOBE || far < -LOBE) return;
    float cents = 15.0f * 12.0f / (float)config->notes_per_octave;
    side[0] = ratio(config, group, note, other, 0.0f);
    float near = ratio(config, group, note, other, cents) - side[0];
    float wide = ratio(config, group, note, other, 2.0f * cents) - side[0];
    side[2] = (2.0f * cents / wide - cents / near) / (wide - near);
    side[1] = cents / near - side[2] * near;
}

uint32_t hh_live_chroma_table_size(const HhLiveConfig *config)
{
    return 6u * config->notes;
}

void hh_live_chroma_make_table(const HhLiveConfig *config, float *table)
{
    LiveGroup group[HH_LIVE_MAX_GROUPS];
    uint32_t groups = hh_live_bank_groups(config, group), notes = 0;
    for (uint32_t g = 0; g < groups; g++) notes += group[g].count;
    for (uint32_t i = 0; i < 6u * config->notes; i++) table[i] = 0.0f;
    for (uint32_t i = 1; i + 1 < notes; i++) {
        calibrate(table + 6 * i, config, group, i, i - 1);
        calibrate(table + 6 * i + 3, config, group, i, i + 1);
    }
}

void hh_live_chroma_lay(LiveChroma *chroma, LiveArena *arena, const HhLiveConfig *config,
                        const LiveBank *bank, const float *table)
{
    int16_t *centre = hh_live_take(arena, config->notes * sizeof *centre);
    uint8_t *pitch_class = hh_live_take(arena, config->notes);
    if (!chroma) return;
    uint32_t notes = 0;
    for (uint32_t g = 0; g < bank->groups; g++) notes += bank->group[g].count;
    *chroma =
        (LiveChroma){.pitch_class = pitch_class, .centre = centre, .side = table, .notes = notes};
    chroma->forget = hh_live_exp2(-1.44269504f / (SECONDS * config->novelty_rate));
    for (uint32_t i = 0; i < notes; i++) {
        /* A4 is 9 semitones above C4; 120 keeps it positive. */
        float semitones = 12.0f * hh_live_log2(hh_live_note_frequency(config, i) / 440.0f) + 129.0f;
        uint32_t nearest = (uint32_t)(semitones + 0.5f);
        pitch_class[i] = (uint8_t)(nearest % 12);
        centre[i] = (int16_t)(25600.0f * (semitones - (float)nearest));
    }
}

static void sum_classes(const LiveChroma *chroma, const float *power, float *classes)
{
    float max = QUIET;
    for (int c = 0; c < 12; c++) classes[c] = 0.0f;
    for (uint32_t i = 0; i < chroma->notes; i++) classes[chroma->pitch_class[i]] += power[i];
    for (int c = 0; c < 12; c++) max = hh_live_max(max, classes[c]);
    for (int c = 0; c < 12; c++) classes[c] = max > QUIET ? classes[c] / max : 0.0f;
}

/* Cents towards a neighbour, from the powers; negative if it is on the other side. */
static float towards(const float *side, float own, float other)
{
    if (!(other > 0.0f)) return -1.0f;
    float u = 0.5f * hh_live_log2(other / own) - side[0];
    return u > 0.0f ? u * (side[1] + side[2] * u) : -1.0f;
}

static void add_peak(LiveChroma *chroma, uint32_t note, const float *power)
{
    const float *lower = chroma->side + 6 * note, *upper = lower + 3;
    if (!(lower[1] > 0.0f && upper[1] > 0.0f)) return;
    float down = towards(lower, power[note], power[note - 1]);
    float up = towards(upper, power[note], power[note + 1]);
    float cents = up > down ? hh_live_max(up, 0.0f) : -hh_live_max(down, 0.0f);
    float turns = 0.01f * ((float)chroma->centre[note] / 256.0f + cents);
    chroma->real += power[note] * hh_live_cos_turns(turns);
    chroma->imaginary += power[note] * hh_live_sin_turns(turns);
}

void hh_live_chroma_tick(LiveChroma *chroma, HhLiveSnapshot *now)
{
    float power[HH_LIVE_MAX_NOTES], max = QUIET;
    for (uint32_t i = 0; i < chroma->notes; i++) {
        power[i] = now->note[i] * now->note[i];
        max = hh_live_max(max, power[i]);
    }
    sum_classes(chroma, power, now->chroma);
    chroma->real = hh_live_flush(chroma->real * chroma->forget);
    chroma->imaginary = hh_live_flush(chroma->imaginary * chroma->forget);
    for (uint32_t i = 1; i + 1 < chroma->notes; i++)
        if (power[i] > PEAK * max && power[i] >= power[i - 1] && power[i] > power[i + 1])
            add_peak(chroma, i, power);
    now->tuning_cents = 100.0f * hh_live_angle_turns(chroma->imaginary, chroma->real);
}
