/* The chromagram and the tuning, from the note bank.
 *
 * Chroma: the power of the notes, summed over those of one pitch class, C first, divided by the
 * largest. Tuning: a note that is higher than both neighbours is interpolated between its own bin
 * and the higher of the two: the logarithm of their ratio, which the main lobe of the window gives
 * for a tone in the middle and for one 25 cents to that side, is taken as linear in between (within
 * 4 cents for a single tone). Notes whose block is so long that the neighbours are outside the lobe
 * are left out. The deviations from the nearest semitone are averaged on a circle of 100 cents,
 * weighted by power, over the last 4 s or so.
 *
 * Cost: 7 operations a note, 60 a peak. */
#include "internal.h"

#define SECONDS 4.0f
#define QUIET   1e-10f  /* power of a pitch class that is nothing */
#define PEAK    0.0625f /* of the strongest note's power: weaker ones say nothing of the tuning */
#define CENTS   25.0f
#define LOBE    1.85f /* bins of 1/N; the main lobe ends at 2 */

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

static const LiveGroup *group_of(const LiveBank *bank, uint32_t note)
{
    const LiveGroup *group = bank->group;
    while (group->first + (uint32_t)group->count <= note) group++;
    return group;
}

/* Bins from the middle of a note to a frequency. */
static float distance(const HhLiveConfig *config, const LiveGroup *group, uint32_t note,
                      float frequency)
{
    float rate = (float)config->sample_rate / (float)(1u << group->octave);
    return (frequency - hh_live_note_frequency(config, note)) * (float)group->length / rate;
}

/* Sets slope and offset towards neighbour `other`: cents = slope * (log2(other / own) - offset). */
static void calibrate(LiveSide *side, const HhLiveConfig *config, const LiveBank *bank,
                      uint32_t note, uint32_t other)
{
    const LiveGroup *own = group_of(bank, note), *group = group_of(bank, other);
    float cents = CENTS * 12.0f / (float)config->notes_per_octave;
    float middle = hh_live_note_frequency(config, note);
    float towards = middle * hh_live_exp2((other < note ? -cents : cents) / 1200.0f);
    float far = distance(config, group, other, middle);
    if (far > LOBE || far < -LOBE) return;
    side->offset = lobe(far);
    float ratio =
        lobe(distance(config, group, other, towards)) - lobe(distance(config, own, note, towards));
    side->slope = cents / (ratio - side->offset);
}

void hh_live_chroma_lay(LiveChroma *chroma, LiveArena *arena, const HhLiveConfig *config,
                        const LiveBank *bank)
{
    LivePeak *peak = hh_live_take(arena, config->notes * sizeof *peak);
    uint8_t *pitch_class = hh_live_take(arena, config->notes);
    if (!chroma) return;
    uint32_t notes = 0;
    for (uint32_t g = 0; g < bank->groups; g++) notes += bank->group[g].count;
    *chroma = (LiveChroma){.pitch_class = pitch_class, .peak = peak, .notes = notes};
    chroma->forget =
        hh_live_exp2(-1.44269504f * (float)config->hop / (SECONDS * (float)config->sample_rate));
    for (uint32_t i = 0; i < notes; i++) {
        /* A4 is 9 semitones above C4; 120 keeps it positive. */
        float semitones = 12.0f * hh_live_log2(hh_live_note_frequency(config, i) / 440.0f) + 129.0f;
        uint32_t nearest = (uint32_t)(semitones + 0.5f);
        pitch_class[i] = (uint8_t)(nearest % 12);
        peak[i] = (LivePeak){.centre = 100.0f * (semitones - (float)nearest)};
        if (i == 0 || i + 1 == notes) continue;
        calibrate(&peak[i].lower, config, bank, i, i - 1);
        calibrate(&peak[i].upper, config, bank, i, i + 1);
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
static float towards(const LiveSide *side, float own, float other)
{
    return other > 0.0f ? side->slope * (0.5f * hh_live_log2(other / own) - side->offset) : -100.0f;
}

static void add_peak(LiveChroma *chroma, const LivePeak *peak, const float *power)
{
    if (!(peak->lower.slope > 0.0f && peak->upper.slope > 0.0f)) return;
    float down = towards(&peak->lower, power[0], power[-1]);
    float up = towards(&peak->upper, power[0], power[1]);
    float cents = up > down ? hh_live_max(up, 0.0f) : -hh_live_max(down, 0.0f);
    float turns = 0.01f * (peak->centre + cents);
    chroma->real += power[0] * hh_live_cos_turns(turns);
    chroma->imaginary += power[0] * hh_live_sin_turns(turns);
}

void hh_live_chroma_round(LiveChroma *chroma, HhLiveSnapshot *now)
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
            add_peak(chroma, &chroma->peak[i], power + i);
    now->tuning_cents = 100.0f * hh_live_angle_turns(chroma->imaginary, chroma->real);
}
