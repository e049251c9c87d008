/* The octave tree: the input at half the rate, a quarter, an eighth ..., and the power of each half
 * that was split off.
 *
 * Each halving is a two-path all-pass half-band filter (R. A. Valenzuela and A. G. Constantinides,
 * "Digital signal processing schemes for efficient interpolation and decimation", IEE Proc. G 130,
 * 1983): with A0 and A1 two all-pass filters in z^-2 the low half is (A0 + z^-1 A1) / 2 and the
 * high half (A0 - z^-1 A1) / 2, both at half the rate and for the price of one. They are power
 * complementary: the powers of the bands add up to that of the input.
 *
 * The coefficients are the elliptic half-band design of order 9 with the edges 0.2 and 0.3 of the
 * rate that comes in: with k = tan(0.2 pi)^2, K the complete elliptic integral of k,
 * w_i = sqrt(k) sn(2 i K / 9, k), v_i = sqrt((1 - k w_i^2) (1 - w_i^2 / k)) and
 * c_i = 2 v_i / (1 + w_i^2), a_i = (2 - c_i) / (2 + c_i), i = 4, 3, 2, 1. Stop band: -70.0 dB and
 * less; pass band: within 1e-6 dB. So a tone below 0.4 of the rate of an octave is right in it, and
 * what folds onto it is 70 dB down. Delay: 2.3 samples of the rate that comes in near 0 Hz, 5.7 at
 * the edge. A linear-phase filter of this steepness takes 15, which makes low notes late.
 *
 * Cost: 16 additions and multiplications for each value at half the rate and 3 for its power; the
 * whole tree as many values as the input has samples. */
#include "internal.h"

/* Even numbers act on the newer sample of a pair, odd ones on the older. */
static const float coefficient[4] = {0.0798663965f, 0.283829345f, 0.545323732f, 0.834411901f};

uint32_t hh_live_tree_bands(uint32_t sample_rate)
{
    uint32_t bands = 1;
    while ((sample_rate >> (bands + 1)) > 40) bands++;
    return bands;
}

void hh_live_tree_lay(LiveTree *tree, LiveArena *arena, uint32_t sample_rate,
                      const uint32_t keep[HH_LIVE_MAX_OCTAVES])
{
    uint32_t bands = hh_live_tree_bands(sample_rate);
    if (tree) *tree = (LiveTree){.bands = bands};
    for (uint32_t o = 0; o <= bands; o++) {
        /* What is kept is moved to the front when the room is full: seldom, if there is more of it.
         */
        uint32_t chunk = (HH_LIVE_CHUNK >> o) + 2;
        uint32_t room = keep[o] + (chunk > keep[o] / 4 ? chunk : keep[o] / 4);
        float *samples = hh_live_take(arena, room * sizeof *samples);
        if (!tree) continue;
        tree->octave[o] = (LiveOctave){.samples = samples, .room = room, .keep = keep[o]};
        /* Before the beginning there was silence. */
        for (uint32_t i = 0; i < keep[o]; i++) samples[i] = 0.0f;
        tree->octave[o].filled = tree->octave[o].split = keep[o];
    }
}

typedef struct Four {
    float sample[4];
} Four;

/* Moves samples towards the front, four at a time where there are as many. */
static void move(float *to, const float *from, uint32_t count)
{
    for (; count >= 4; count -= 4, to += 4, from += 4) {
        Four four = *(const Four *)from;
        *(Four *)to = four;
    }
    for (uint32_t i = 0; i < count; i++) to[i] = from[i];
}

static float *room_for(LiveOctave *octave, uint32_t count)
{
    if (octave->filled + count > octave->room) {
        uint32_t from = octave->filled - octave->keep;
        if (from > octave->split) from = octave->split;
        octave->filled -= from;
        octave->split -= from;
        move(octave->samples, octave->samples + from, octave->filled);
    }
    return octave->samples + octave->filled;
}

float *hh_live_tree_room(LiveTree *tree, uint32_t count)
{
    float *room = room_for(&tree->octave[0], count);
    tree->octave[0].filled += count;
    return room;
}

/* Halves `pairs` pairs of samples; the low half goes to `low`, the power of the high half is
 * summed. The state: of each chain what came in, between its two sections, what came out, one pair
 * ago. A section is a (x - y) + x', the product of y last: the loop is as slow as that chain. */
#if HH_LIVE_VECTORS

/* Both chains at once: lane 0 is the older sample's, lane 1 the newer's. */
static void halve(LiveOctave *octave, const float *restrict in, float *restrict low, uint32_t pairs)
{
    const Lanes a = {coefficient[1], coefficient[0]}, b = {coefficient[3], coefficient[2]};
    float *state = octave->state, power = octave->power;
    Lanes last = {state[3], state[0]}, mid = {state[4], state[1]}, out = {state[5], state[2]};
    for (uint32_t i = 0; i < pairs; i++) {
        Lanes x = {in[2 * i], in[2 * i + 1]};
        Lanes next = (a * x + last) - a * mid;
        out = (b * next + mid) - b * out;
        last = x;
        mid = next;
        float high = out[1] - out[0];
        low[i] = 0.5f * (out[1] + out[0]);
        power += high * high;
    }
    for (int chain = 0; chain < 2; chain++) {
        state[3 - 3 * chain] = last[chain];
        state[4 - 3 * chain] = hh_live_flush(mid[chain]);
        state[5 - 3 * chain] = hh_live_flush(out[chain]);
    }
    octave->power = power;
    octave->count += pairs;
}

#else

static void halve(LiveOctave *octave, const float *restrict in, float *restrict low, uint32_t pairs)
{
    const float a0 = coefficient[0], a1 = coefficient[1], a2 = coefficient[2], a3 = coefficient[3];
    float in0 = octave->state[0], mid0 = octave->state[1], out0 = octave->state[2];
    float in1 = octave->state[3], mid1 = octave->state[4], out1 = octave->state[5];
    float power = octave->power;
    for (uint32_t i = 0; i < pairs; i++) {
        float older = in[2 * i], newer = in[2 * i + 1];
        float next0 = (a0 * newer + in0) - a0 * mid0, next1 = (a1 * older + in1) - a1 * mid1;
        out0 = (a2 * next0 + mid0) - a2 * out0;
        out1 = (a3 * next1 + mid1) - a3 * out1;
        in0 = newer;
        in1 = older;
        mid0 = next0;
        mid1 = next1;
        float high = out0 - out1;
        low[i] = 0.5f * (out0 + out1);
        power += high * high;
    }
    octave->state[0] = in0;
    octave->state[1] = hh_live_flush(mid0);
    octave->state[2] = hh_live_flush(out0);
    octave->state[3] = in1;
    octave->state[4] = hh_live_flush(mid1);
    octave->state[5] = hh_live_flush(out1);
    octave->power = power;
    octave->count += pairs;
}

#endif

void hh_live_tree_advance(LiveTree *tree)
{
    for (uint32_t o = 0; o < tree->bands; o++) {
        LiveOctave *octave = &tree->octave[o], *next = octave + 1;
        uint32_t pairs = (octave->filled - octave->split) / 2;
        if (pairs == 0) break;
        halve(octave, octave->samples + octave->split, room_for(next, pairs), pairs);
        octave->split += 2 * pairs;
        next->filled += pairs;
    }
    /* The last octave is not halved. */
    tree->octave[tree->bands].split = tree->octave[tree->bands].filled;
}

void hh_live_tree_powers(LiveTree *tree, float power[HH_LIVE_MAX_OCTAVES])
{
    for (uint32_t b = 0; b < tree->bands; b++) {
        LiveOctave *octave = &tree->octave[b];
        /* The high half is twice what it should be, its square four times. */
        power[b] = octave->count > 0 ? 0.25f * octave->power / (float)octave->count : 0.0f;
        octave->power = 0.0f;
        octave->count = 0;
    }
}
