/* How much each tick sounds like a beat: a gated recurrent network (K. Cho et al., "Learning phrase
 * representations using RNN encoder-decoder", EMNLP 2014) of 24 units over the levels and rises of
 * the octaves, as S. Boeck and M. Schedl, "Enhanced beat tracking with context-aware neural
 * networks", DAFx 2011, do with larger ones, but forward in time alone.
 *
 * It has heard drum patterns and simple music that tools/beats/render.py makes, and no recording.
 * What it gives concerns the tick 60 ms ago: late enough to have heard the bass of it, which the
 * tree's filters delay and which takes its time anyway. Beats are predicted, so nothing waits.
 *
 * Weights are bytes, in 32nds; inputs and state go into the sums as integers, in 1024ths, so that
 * the sums are exact in any order. Cost: 3 multiplications of integers for each input and unit and
 * 3 sigmoids a unit: 18 500 instructions a tick on a Cortex-M4F; weights 3.1 KB. */
#include "internal.h"

#include "weights.h"

#define UNITS  HH_LIVE_UNITS
#define INPUTS (2 * HH_LIVE_PITCHES)

/* Within 2e-4: the continued fraction of tanh, cut where it passes 1. */
static float tangent(float x)
{
    if (x > 4.9f) return 1.0f;
    if (x < -4.9f) return -1.0f;
    float x2 = x * x;
    return x * (135135.0f + x2 * (17325.0f + x2 * (378.0f + x2))) /
           (135135.0f + x2 * (62370.0f + x2 * (3150.0f + x2 * 28.0f)));
}

static float sigmoid(float x)
{
    return 0.5f + 0.5f * tangent(0.5f * x);
}

_Static_assert(UNITS % 6 == 0 && INPUTS % 6 == 0, "sum_of() goes six at a time");

/* `count` is a multiple of 6. */
static int32_t sum_of(const int8_t *weights, const int16_t *values, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i += 6)
        sum += weights[i] * values[i] + weights[i + 1] * values[i + 1] +
               weights[i + 2] * values[i + 2] + weights[i + 3] * values[i + 3] +
               weights[i + 4] * values[i + 4] + weights[i + 5] * values[i + 5];
    return sum;
}

static int16_t in_1024ths(float x)
{
    x = hh_live_min(hh_live_max(x, -4.0f), 4.0f) * 1024.0f;
    return (int16_t)(x + (x < 0.0f ? -0.5f : 0.5f));
}

void hh_live_network_step(LiveNetwork *network, const float input[INPUTS], float output[2])
{
    int16_t in[INPUTS], state[UNITS];
    for (uint32_t i = 0; i < INPUTS; i++) in[i] = in_1024ths(input[i]);
    for (uint32_t i = 0; i < UNITS; i++) state[i] = in_1024ths(network->state[i]);
    const float scale = 1.0f / 32768.0f;
    for (uint32_t i = 0; i < UNITS; i++) {
        float gate[3], back[3];
        for (uint32_t g = 0; g < 3; g++) {
            uint32_t row = g * UNITS + i;
            gate[g] = (float)sum_of(input_weight[row], in, INPUTS) * scale + bias[row];
            back[g] = (float)sum_of(state_weight[row], state, UNITS) * scale;
        }
        float keep = sigmoid(gate[0] + back[0]);
        float reset = sigmoid(gate[1] + back[1]);
        float fresh = tangent(gate[2] + reset * back[2]);
        network->state[i] = hh_live_flush(keep * network->state[i] + (1.0f - keep) * fresh);
    }
    for (uint32_t o = 0; o < 2; o++) {
        output[o] = output_bias[o];
        for (uint32_t i = 0; i < UNITS; i++) output[o] += output_weight[o][i] * network->state[i];
    }
}
