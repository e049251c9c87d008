/* Tempo: a state space of tempo and time to the next beat, and a bank of sliding Fourier
 * transforms.
 *
 * State space: the forward pass of a hidden Markov model, after F. Krebs, S. Boeck and G. Widmer,
 * "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015: all states of a
 * tempo move one step each tick, and the tempo changes at beats alone, the less likely the more.
 * Here the tempi are spaced evenly in their logarithm (a beat that falls between two ticks is
 * shared by both), the move is that of a ring's head, and a tick multiplies only the states at or
 * near the beat by the likelihood of what is heard there against that of hearing it anywhere,
 * exp(GAIN (log odds - THRESHOLD) + FLUX_ON flux), and those half a beat away by that of a beat's
 * being divided there.
 *
 * Bank: the Fourier transform of the last 4, 8 and 16 s of the activation at all multiples of the
 * windows' frequencies in the range of tempi, brought up to date by what comes in and what falls
 * out (E. Jacobsen and R. Lyons, "The sliding DFT", IEEE Signal Processing Magazine 20(2), 2003),
 * here without the rotation: values and table are integers and the phase is that of absolute time,
 * so the sums are exact for ever. What is late is caught up with later and gives the same bits,
 * which is the staggered schedule. Hann window by neighbours. The bank says where a tempo may come
 * from that the state space does not follow, and how fast exactly.
 *
 * Cost: some 13 instructions a state and 48 a bin in each tick, on a Cortex-M4F. */
#include "internal.h"

/* Found by search, over music that the network's trainer makes and over the clips of
 * bench/live_beats.py, and rounded. */
#define GAIN          0.4f  /* weight of the network's log odds ... */
#define THRESHOLD     -1.4f /* ... against these */
#define NEAR          0.4f  /* share of the evidence that counts one tick off the beat */
#define STIFFNESS     80.0f
#define PRIOR_BPM     120.0f
#define PRIOR_WIDTH   0.6f  /* octaves */
#define LEAST         1e-7f /* probability of a tempo: what it takes to come back */
#define FLUX_ON       0.3f  /* weight of rises on the beat, in deviations ... */
#define FLUX_HALF     0.3f  /* ... between two beats: a beat is where it divides ... */
#define BASS_HALF     0.3f  /* ... but not of bass */
#define ODDS_HALF     0.3f  /* ... nor of beats */
#define PULL          0.35f /* weight of the prior at each beat */
#define NOTHING       -1.8f /* deviations: what no rise on the beat counts as */
#define LIMIT         4.0f
#define ROWS_PER_TICK 4 /* whose strength is read from the bank */

/* --- The state space --- */

static float prior(float bpm)
{
    float octaves = (hh_live_log2(bpm) - hh_live_log2(PRIOR_BPM)) * (1.0f / PRIOR_WIDTH);
    return hh_live_exp2(-0.72f * octaves * octaves);
}

/* Lays out `rows` tempi; false if they have not the room. */
static bool lay_rows(LiveTempo *tempo, float slowest, float ratio, uint32_t rows)
{
    uint32_t used = 0;
    float interval = slowest;
    for (uint32_t m = 0; m < rows; m++) {
        uint32_t length = (uint32_t)interval + 2;
        if (used + length > HH_LIVE_STATES) return false;
        tempo->interval[m] = interval;
        tempo->first[m] = (uint16_t)used;
        tempo->length[m] = (uint16_t)length;
        tempo->head[m] = 0;
        used += length;
        interval /= ratio;
    }
    tempo->rows = rows;
    return true;
}

static void scatter(LiveTempo *tempo)
{
    float sum = 0.0f;
    for (uint32_t m = 0; m < tempo->rows; m++) {
        float share = prior(60.0f * tempo->rate / tempo->interval[m]) / tempo->interval[m];
        float *state = tempo->state + tempo->first[m];
        for (uint32_t i = 0; i < tempo->length[m]; i++) {
            state[i] = (float)i < tempo->interval[m] ? share : 0.0f;
            sum += state[i];
        }
        tempo->strength[m] = 1.0f;
        tempo->pull[m] =
            hh_live_exp2(PULL * hh_live_log2(prior(60.0f * tempo->rate / tempo->interval[m])));
    }
    tempo->strength_sum = (float)tempo->rows;
    for (uint32_t m = 0; m < tempo->rows; m++)
        for (uint32_t i = 0; i < tempo->length[m]; i++) tempo->state[tempo->first[m] + i] /= sum;
    tempo->sum = 1.0f;
    tempo->best_row = tempo->best_wait = 0;
    tempo->best = 0.0f;
}

static void lay_bins(LiveTempo *tempo, float slowest, float fastest);

void hh_live_tempo_range(LiveTempo *tempo, float bpm_low, float bpm_high)
{
    /* A little beyond the range, so that its ends are peaks too. */
    float slowest = 60.0f * tempo->rate / bpm_low * 1.03f;
    float fastest = hh_live_max(60.0f * tempo->rate / bpm_high / 1.03f, 4.0f);
    float octaves = hh_live_log2(slowest / fastest);
    uint32_t rows = (uint32_t)(octaves * 24.0f) + 1;
    if (rows < 3) rows = 3;
    if (rows > HH_LIVE_ROWS) rows = HH_LIVE_ROWS;
    float ratio = hh_live_exp2(octaves / (float)(rows - 1));
    while (!lay_rows(tempo, slowest, ratio, rows)) {
        rows--;
        ratio = hh_live_exp2(octaves / (float)(rows - 1));
    }
    float sum = 0.0f;
    for (int32_t d = 0; d < 3; d++) {
        tempo->spread[d] = hh_live_exp2(
            -1.442695f * STIFFNESS * (hh_live_exp2(octaves / (float)(rows - 1) * (float)d) - 1.0f));
        sum += d > 0 ? 2.0f * tempo->spread[d] : 1.0f;
    }
    for (int32_t d = 0; d < 3; d++) tempo->spread[d] /= sum;
    scatter(tempo);
    lay_bins(tempo, slowest, fastest);
}

/* Row m + d, or the end's. */
static uint32_t neighbour(const LiveTempo *tempo, uint32_t m, int32_t d)
{
    int32_t n = (int32_t)m + d;
    return n < 0 ? 0 : n >= (int32_t)tempo->rows ? tempo->rows - 1 : (uint32_t)n;
}

/* The state of row m whose beat is in `wait` ticks, less than length[m]. */
static float *state_at(LiveTempo *tempo, uint32_t m, uint32_t wait)
{
    uint32_t i = tempo->head[m] + wait;
    if (i >= tempo->length[m]) i -= tempo->length[m];
    return &tempo->state[tempo->first[m] + i];
}

/* A tick passes: all beats are one nearer, and those that were now begin anew. */
static void move(LiveTempo *tempo, bool quiet)
{
    float beat[HH_LIVE_ROWS];
    for (uint32_t m = 0; m < tempo->rows; m++) {
        float *now = state_at(tempo, m, 0);
        beat[m] = *now;
        *now = 0.0f;
        if (++tempo->head[m] == tempo->length[m]) tempo->head[m] = 0;
    }
    for (uint32_t m = 0; m < tempo->rows; m++) {
        float in = beat[m];
        if (!quiet) {
            in *= tempo->spread[0];
            for (int32_t d = 1; d < 3; d++)
                in += tempo->spread[d] *
                      (beat[neighbour(tempo, m, -d)] + beat[neighbour(tempo, m, d)]);
        }
        in *= tempo->pull[m];
        float wait = tempo->interval[m] - 1.0f;
        uint32_t whole = (uint32_t)wait;
        float rest = wait - (float)whole;
        *state_at(tempo, m, whole) += in * (1.0f - rest);
        *state_at(tempo, m, whole + 1) += in * rest;
    }
}

static void observe(LiveTempo *tempo, float odds, float flux, float bass)
{
    odds = hh_live_min(hh_live_max(odds, -LIMIT), LIMIT);
    float evidence = 1.442695f * GAIN * (odds - THRESHOLD);
    bass *= 1.442695f;
    /* Nothing at all where a beat should be says more than its distance from the mean. */
    float heard = 1.442695f * (flux < 0.0f ? NOTHING : flux);
    flux *= 1.442695f;
    float on = hh_live_exp2(evidence + FLUX_ON * heard), near = hh_live_exp2(NEAR * evidence);
    float half =
        hh_live_exp2(FLUX_HALF * flux - BASS_HALF * bass - ODDS_HALF * hh_live_max(evidence, 0.0f));
    for (uint32_t m = 0; m < tempo->rows; m++) {
        *state_at(tempo, m, 0) *= on;
        *state_at(tempo, m, 1) *= near;
        *state_at(tempo, m, (uint32_t)tempo->interval[m] - 1) *= near;
        *state_at(tempo, m, (uint32_t)(0.5f * tempo->interval[m] + 0.5f)) *= half;
    }
}

/* Makes the probabilities add up to about 1 (by the sum of the tick before: one pass), none of them
 * 0. */
static void settle(LiveTempo *tempo)
{
    float scale = 1.0f / tempo->sum, sum = 0.0f;
    for (uint32_t m = 0; m < tempo->rows; m++) {
        float *state = tempo->state + tempo->first[m];
        uint32_t length = tempo->length[m];
        float least = LEAST * tempo->strength[m] / (tempo->strength_sum * tempo->interval[m]);
        float row = 0.0f;
        for (uint32_t i = 0; i < length; i++) {
            float p = state[i] * scale;
            p = p < least ? least : p;
            state[i] = p;
            row += p;
        }
        sum += row;
    }
    tempo->sum = sum;
}

/* Finds the most likely two neighbours, and of these the likelier, and the sum of all. */
static void find_best(LiveTempo *tempo)
{
    float best = -1.0f, sum = 0.0f;
    uint32_t best_at = 0;
    for (uint32_t m = 0; m < tempo->rows; m++) {
        const float *state = tempo->state + tempo->first[m];
        uint32_t length = tempo->length[m], found = length;
        float before = state[length - 1], row = 0.0f;
        for (uint32_t i = 0; i < length; i++) {
            float p = state[i];
            row += p;
            if (p + before > best) {
                best = p + before;
                found = i;
            }
            before = p;
        }
        sum += row;
        if (found == length) continue;
        tempo->best_row = m;
        best_at = found;
    }
    tempo->sum = sum;
    tempo->best = best / sum;
    uint32_t m = tempo->best_row, length = tempo->length[m], head = tempo->head[m];
    const float *state = tempo->state + tempo->first[m];
    uint32_t other = best_at > 0 ? best_at - 1 : length - 1;
    if (state[other] > state[best_at]) best_at = other;
    tempo->best_wait = best_at >= head ? best_at - head : best_at + length - head;
}

static void find_nearer(LiveTempo *tempo)
{
    uint32_t interval = (uint32_t)(tempo->interval[tempo->best_row] + 0.5f);
    tempo->best_wait = (tempo->best_wait > 0 ? tempo->best_wait : interval) - 1;
}

void hh_live_tempo_set(LiveTempo *tempo, float interval, float wait)
{
    uint32_t nearest = 0;
    for (uint32_t m = 1; m < tempo->rows; m++) {
        float off = tempo->interval[m] / interval, best = tempo->interval[nearest] / interval;
        off = off > 1.0f ? off : 1.0f / off;
        best = best > 1.0f ? best : 1.0f / best;
        if (off < best) nearest = m;
    }
    float scale = 0.01f / tempo->sum;
    for (uint32_t m = 0; m < tempo->rows; m++)
        for (uint32_t i = 0; i < tempo->length[m]; i++) tempo->state[tempo->first[m] + i] *= scale;
    wait -= tempo->interval[nearest] * (float)(int32_t)(wait / tempo->interval[nearest]);
    if (wait < 0.0f) wait += tempo->interval[nearest];
    uint32_t whole = (uint32_t)wait;
    float rest = wait - (float)whole;
    *state_at(tempo, nearest, whole) += 0.99f * (1.0f - rest);
    *state_at(tempo, nearest, whole + 1) += 0.99f * rest;
    tempo->sum = 1.0f;
    tempo->best_row = nearest;
    tempo->best_wait = rest > 0.5f ? whole + 1 : whole;
    tempo->best = 0.99f;
}

/* --- The bank --- */

static void lay_bins(LiveTempo *tempo, float slowest, float fastest)
{
    uint32_t count = 0;
    for (uint32_t w = 0; w < HH_LIVE_WINDOWS; w++) {
        /* One beyond either end for the Hann window, and one for the interpolation. */
        uint32_t low = (uint32_t)((float)tempo->window[w] / slowest);
        uint32_t high = (uint32_t)((float)tempo->window[w] / fastest) + 2;
        tempo->first_bin[w] = (uint16_t)count;
        for (uint32_t k = low > 1 ? low - 1 : 1; k <= high && count < HH_LIVE_BINS; k++) {
            tempo->order[count] = (uint8_t)count;
            tempo->bin[count++] =
                (LiveBin){.k = (uint16_t)k, .window = (uint8_t)w, .at = tempo->ticks};
        }
    }
    tempo->first_bin[HH_LIVE_WINDOWS] = (uint16_t)count;
    tempo->bins = count;
    tempo->next_bin = tempo->next_row = 0;
    tempo->start = tempo->ticks;
}

/* Products are cut to integers one by one, so that what falls out is what came in. */
static int32_t product(int32_t x, int32_t y)
{
    return x * y / 64;
}

/* The bin takes in a value and lets go of another; `angle` is that of its wave. */
static void exchange(const LiveTempo *tempo, LiveBin *bin, int32_t in, int32_t out, uint32_t angle)
{
    uint32_t length = tempo->window[HH_LIVE_WINDOWS - 1]; /* of the table */
    uint32_t quarter = length / 4;
    int32_t cosine = tempo->table[angle];
    int32_t sine = tempo->table[angle >= quarter ? angle - quarter : angle + length - quarter];
    bin->re += product(in, cosine) - product(out, cosine);
    bin->im -= product(in, sine) - product(out, sine);
    bin->at++;
}

/* What falls out of a window when tick `at` comes in. */
static int32_t falling_out(const LiveTempo *tempo, uint32_t window, uint32_t at)
{
    if (at - tempo->start < window) return 0;
    return tempo->history[(at - window) % HH_LIVE_HISTORY];
}

/* Takes in all ticks that the bin has not seen. */
static void catch_up(const LiveTempo *tempo, LiveBin *bin)
{
    uint32_t length = tempo->window[HH_LIVE_WINDOWS - 1];
    uint32_t window = tempo->window[bin->window];
    uint32_t step = (uint32_t)bin->k << (HH_LIVE_WINDOWS - 1 - bin->window);
    uint32_t angle = bin->at % length * step % length;
    while (bin->at != tempo->ticks) {
        int32_t in = tempo->history[bin->at % HH_LIVE_HISTORY];
        exchange(tempo, bin, in, falling_out(tempo, window, bin->at), angle);
        angle += step;
        if (angle >= length) angle -= length;
    }
}

/* All bins, each of which lacks the last tick. */
static void take_tick(LiveTempo *tempo)
{
    uint32_t last = tempo->ticks - 1, length = tempo->window[HH_LIVE_WINDOWS - 1];
    uint32_t turn = last % length;
    int32_t in = tempo->history[last % HH_LIVE_HISTORY];
    for (uint32_t w = 0; w < HH_LIVE_WINDOWS; w++) {
        int32_t out = falling_out(tempo, tempo->window[w], last);
        for (uint32_t b = tempo->first_bin[w]; b < tempo->first_bin[w + 1]; b++) {
            LiveBin *bin = &tempo->bin[b];
            uint32_t step = (uint32_t)bin->k << (HH_LIVE_WINDOWS - 1 - w);
            exchange(tempo, bin, in, out, turn * step % length);
        }
    }
}

/* Amplitude of bin k of a window, after Hann; 0 beyond the bins. */
static float amplitude(const LiveTempo *tempo, uint32_t window, uint32_t k)
{
    const LiveBin *first = &tempo->bin[tempo->first_bin[window]];
    uint32_t count = (uint32_t)(tempo->first_bin[window + 1] - tempo->first_bin[window]);
    if (k <= first->k || k + 1 >= first->k + count) return 0.0f;
    const LiveBin *bin = first + (k - first->k);
    float re = (float)bin[0].re - 0.5f * ((float)bin[-1].re + (float)bin[1].re);
    float im = (float)bin[0].im - 0.5f * ((float)bin[-1].im + (float)bin[1].im);
    return hh_live_sqrt(re * re + im * im) / (float)tempo->window[window];
}

/* What the bank says of the tempo of a row, all windows together. */
static float row_strength(const LiveTempo *tempo, uint32_t m)
{
    float sum = 0.0f;
    for (uint32_t w = 0; w < HH_LIVE_WINDOWS; w++) {
        float k = (float)tempo->window[w] / tempo->interval[m];
        uint32_t whole = (uint32_t)k;
        float rest = k - (float)whole;
        sum += (1.0f - rest) * amplitude(tempo, w, whole) + rest * amplitude(tempo, w, whole + 1);
    }
    return sum * sum;
}

float hh_live_tempo_refine(const LiveTempo *tempo, float interval)
{
    for (uint32_t w = HH_LIVE_WINDOWS; w-- > 0;) {
        uint32_t window = tempo->window[w];
        if (tempo->ticks - tempo->start < window) continue;
        float k = (float)window / interval;
        uint32_t best = (uint32_t)(k + 0.5f);
        float most = amplitude(tempo, w, best);
        for (uint32_t i = best - 1; i <= best + 1; i++) {
            float here = amplitude(tempo, w, i);
            if (here > most) {
                most = here;
                best = i;
            }
        }
        if (!(most > 0.0f)) return interval;
        /* Between two bins of a Hann window amplitudes go as (1 + d) to (2 - d). */
        float above = amplitude(tempo, w, best + 1), below = amplitude(tempo, w, best - 1);
        float ratio = (above > below ? above : below) / most;
        float shift = (2.0f * ratio - 1.0f) / (ratio + 1.0f);
        float fine = (float)window / ((float)best + (above > below ? shift : -shift));
        return fine > 0.96f * interval && fine < 1.04f * interval ? fine : interval;
    }
    return interval;
}

static float bin_power(const LiveTempo *tempo, uint32_t bin)
{
    float re = (float)tempo->bin[bin].re, im = (float)tempo->bin[bin].im;
    float length = (float)tempo->window[tempo->bin[bin].window];
    return (re * re + im * im) / (length * length);
}

/* The strongest bins first in the next cycle. */
static void sort_bins(LiveTempo *tempo)
{
    for (uint32_t i = 1; i < tempo->bins; i++) {
        uint8_t bin = tempo->order[i];
        float mine = bin_power(tempo, bin);
        uint32_t j = i;
        for (; j > 0 && bin_power(tempo, tempo->order[j - 1]) < mine; j--)
            tempo->order[j] = tempo->order[j - 1];
        tempo->order[j] = bin;
    }
}

static void run_bank(LiveTempo *tempo, float odds)
{
    float p = 1.0f / (1.0f + hh_live_exp2(-1.442695f * odds));
    tempo->history[tempo->ticks % HH_LIVE_HISTORY] = (int16_t)(p * 1024.0f + 0.5f);
    tempo->ticks++;
    if (tempo->bins_per_tick == 0 || tempo->bins_per_tick >= tempo->bins) {
        take_tick(tempo);
    } else {
        for (uint32_t i = 0; i < tempo->bins_per_tick; i++) {
            if (tempo->next_bin == 0) sort_bins(tempo);
            catch_up(tempo, &tempo->bin[tempo->order[tempo->next_bin]]);
            if (++tempo->next_bin == tempo->bins) tempo->next_bin = 0;
        }
    }
    for (uint32_t i = 0; i < ROWS_PER_TICK; i++) {
        float *strength = &tempo->strength[tempo->next_row];
        *strength = row_strength(tempo, tempo->next_row) + 1e-3f;
        if (++tempo->next_row >= tempo->rows) tempo->next_row = 0;
    }
    tempo->strength_sum = 0.0f;
    for (uint32_t m = 0; m < tempo->rows; m++) tempo->strength_sum += tempo->strength[m];
}

void hh_live_tempo_start(LiveTempo *tempo, float rate, float bpm_low, float bpm_high,
                         uint32_t bins_per_tick)
{
    tempo->rate = rate;
    tempo->bins_per_tick = bins_per_tick;
    uint32_t shortest = (uint32_t)(4.0f * rate + 0.5f);
    for (uint32_t w = 0; w < HH_LIVE_WINDOWS; w++) tempo->window[w] = shortest << w;
    uint32_t length = tempo->window[HH_LIVE_WINDOWS - 1];
    for (uint32_t i = 0; i < length; i++) {
        float cosine = hh_live_cos_turns((float)i / (float)length) * 16384.0f;
        tempo->table[i] = (int16_t)(cosine + (cosine < 0.0f ? -0.5f : 0.5f));
    }
    hh_live_tempo_range(tempo, bpm_low, bpm_high);
}

void hh_live_tempo_step(LiveTempo *tempo, float odds, float flux, float bass, bool quiet)
{
    run_bank(tempo, quiet ? -20.0f : odds);
    move(tempo, quiet);
    if (!quiet) observe(tempo, odds, flux, bass);
    /* One of the two in turn: the best stays what it was and comes nearer, and one tick's evidence
     * is far from the ends of the numbers. */
    if (tempo->ticks % 2 == 0) {
        settle(tempo);
        find_nearer(tempo);
    } else {
        find_best(tempo);
    }
}
