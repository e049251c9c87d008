/* Novelty: how much louder each octave gets, and onsets in three bands.
 *
 * Spectral flux of logarithmic band powers (after A. Klapuri, "Sound onset detection by applying
 * psychoacoustic knowledge", ICASSP 1999, and S. Boeck, F. Krebs and M. Schedl, "Evaluating the
 * online capabilities of onset detection methods", ISMIR 2012), here over the octaves of the
 * decimation tree, which is there anyway: rise = log2(P + e) - the larger of that of the last two
 * ticks, half-wave rectified, where e follows the loudest of late, so that neither the gain nor
 * noise far below the music matters. The octaves are brought to fixed places on the pitch axis by
 * interpolation, so that all sample rates give about the same.
 *
 * A tick of 20 ms is too coarse a clock for beats. The power of the differenced input in four parts
 * of each tick says where in it the rise is.
 *
 * Cost: 6 instructions a sample, 1500 a tick. */
#include "internal.h"

#define FLOOR       3e-4f /* of the peak: what is below does not count */
#define TILT        2.0f  /* power, an octave: about what music falls by */
#define PEAK_FALL   0.1f  /* a second */
#define RISE_LIMIT  6.0f  /* log2 units: 18 dB */
#define MEMORY      5.0f  /* seconds over which the novelty is normalised */
#define ONSET_PAUSE 0.06f /* seconds between two onsets of a band, at least */

static const float weight[HH_LIVE_PITCHES] = {0.8f, 0.8f, 0.8f, 0.8f, 0.8f, 0.8f, 1.0f, 1.3f, 1.3f};

/* The band of onsets of a pitch: below 250 Hz, middle, above 2 kHz. */
static const uint8_t band_of[HH_LIVE_PITCHES] = {0, 0, 0, 1, 1, 1, 2, 2, 2};

void hh_live_novelty_chunk(HhLive *live, const float *samples, uint32_t count)
{
    LiveNovelty *novelty = &live->beat.novelty;
    /* The parts are equal shares of the tick, the first samples of which are not known: counted
     * from its end. */
    uint32_t length = live->config.sample_rate / (uint32_t)live->config.novelty_rate + 1;
    uint32_t part_length = (length + HH_LIVE_PARTS - 1) / HH_LIVE_PARTS;
    uint32_t left = (uint32_t)(live->tick.next - live->chunk);
    float previous = novelty->previous;
    while (count > 0) {
        uint32_t part = (left - 1) / part_length; /* 0 is the last of the tick */
        if (part >= HH_LIVE_PARTS) part = HH_LIVE_PARTS - 1;
        uint32_t run =
            part == HH_LIVE_PARTS - 1 ? left - part * part_length : (left - 1) % part_length + 1;
        if (run > count) run = count;
        float power = 0.0f;
        for (uint32_t i = 0; i < run; i++) {
            float difference = samples[i] - previous;
            previous = samples[i];
            power += difference * difference;
        }
        novelty->part_power[HH_LIVE_PARTS - 1 - part] += power;
        novelty->part_count[HH_LIVE_PARTS - 1 - part] += run;
        samples += run;
        count -= run;
        left -= run;
    }
    novelty->previous = previous;
}

/* Where in the tick the rise is, by the parts. */
static float find_rise(LiveNovelty *novelty)
{
    float sum = 0.0f, moment = 0.0f;
    float before = novelty->part_last, floor = novelty->peak * FLOOR + 1e-12f;
    for (uint32_t i = 0; i < HH_LIVE_PARTS; i++) {
        uint32_t count = novelty->part_count[i];
        float power = count > 0 ? novelty->part_power[i] / (float)count : 0.0f;
        float level = hh_live_log2(power + floor);
        float rise = level - before;
        if (rise > 0.0f) {
            sum += rise * rise;
            moment += rise * rise * ((float)i + 0.5f);
        }
        before = level;
        novelty->part_power[i] = 0.0f;
        novelty->part_count[i] = 0;
    }
    novelty->part_last = before;
    return sum > 0.01f ? moment / (sum * (float)HH_LIVE_PARTS) : 0.5f;
}

/* Power of each pitch from those of the bands. */
static void place(const HhLive *live, const LiveTick *tick, float power[HH_LIVE_PITCHES])
{
    float top = live->beat.top_pitch, gain = 1.0f / TILT;
    for (uint32_t i = 0; i < HH_LIVE_PITCHES; i++) {
        gain *= TILT;
        float at = top - (float)i + 1.0f; /* at least 0: top is above HH_LIVE_PITCHES - 2 */
        if (at < 0.0f) {
            power[i] = 0.0f;
            continue;
        }
        uint32_t band = (uint32_t)at; /* counted from one above the top */
        float share = at - (float)band;
        float above = band > 0 && band - 1 < tick->bands ? tick->band_power[band - 1] : 0.0f;
        float below = band < tick->bands ? tick->band_power[band] : 0.0f;
        power[i] = gain * (above + share * (below - above));
    }
}

static float take_flux(LiveNovelty *novelty, const float power[HH_LIVE_PITCHES])
{
    float floor = novelty->peak * FLOOR + 1e-12f, sum = 0.0f;
    float loudest = hh_live_log2(novelty->peak + 1e-12f);
    for (uint32_t b = 0; b < HH_LIVE_BANDS; b++) novelty->flux[b] = 0.0f;
    for (uint32_t i = 0; i < HH_LIVE_PITCHES; i++) {
        /* Few values make a power of the low octaves: smoother. */
        float share = i >= 2 ? 0.7f : 1.0f;
        novelty->smooth[i] =
            hh_live_flush(novelty->smooth[i] + share * (power[i] - novelty->smooth[i]));
        float level = hh_live_log2(novelty->smooth[i] + floor);
        float before = hh_live_max(novelty->log[0][i], novelty->log[1][i]);
        float rise = hh_live_min(hh_live_max(level - before, 0.0f), RISE_LIMIT);
        novelty->log[1][i] = novelty->log[0][i];
        novelty->log[0][i] = level;
        novelty->input[i] = (level - loudest) * (1.0f / 6.0f) + 1.0f;
        novelty->input[HH_LIVE_PITCHES + i] = rise * (1.0f / 3.0f);
        sum += weight[i] * rise;
        novelty->flux[band_of[i]] += rise;
    }
    return sum;
}

/* The novelty against its mean, in deviations, both of the last seconds. */
static float normalise(const LiveNovelty *novelty, float x, float *mean, float *variance,
                       float rate)
{
    float share = 1.0f / (float)(novelty->ticks + 1), least = 1.0f / (MEMORY * rate);
    if (share < least) share = least;
    float off = x - *mean;
    *mean = hh_live_flush(*mean + share * off);
    *variance = hh_live_flush(*variance + share * (off * off - *variance));
    return hh_live_min((x - *mean) / (hh_live_sqrt(*variance) + 0.1f), 4.0f);
}

static void tell_onsets(HhLive *live, const LiveTick *tick)
{
    LiveNovelty *novelty = &live->beat.novelty;
    float rate = live->config.novelty_rate;
    float share = 1.0f / (MEMORY * rate);
    for (uint32_t b = 0; b < HH_LIVE_BANDS; b++) {
        float flux = novelty->flux[b];
        float *peak = &novelty->band_peak[b];
        *peak = hh_live_max(hh_live_flush(*peak * (1.0f - share)), flux);
        live->now.onset[b] = hh_live_flush(live->now.onset[b] * (1.0f - 8.0f / rate));
        bool onset = novelty->band_wait[b] == 0 && flux > 1.0f + 2.0f * novelty->band_mean[b] &&
                     flux > 0.2f * *peak;
        novelty->band_mean[b] =
            hh_live_flush(novelty->band_mean[b] + share * (flux - novelty->band_mean[b]));
        if (novelty->band_wait[b] > 0) novelty->band_wait[b]--;
        if (!onset) continue;
        novelty->band_wait[b] = (uint32_t)(ONSET_PAUSE * rate + 0.5f);
        live->now.onset[b] = 1.0f;
        HhLiveEvent event = {.type = HH_LIVE_ONSET, .sample = hh_live_rise_sample(live, tick)};
        event.onset.band = (uint8_t)b;
        event.onset.strength = flux / *peak;
        hh_live_tell(live, &event);
    }
}

int64_t hh_live_rise_sample(const HhLive *live, const LiveTick *tick)
{
    float length = (float)live->config.sample_rate / live->config.novelty_rate;
    return tick->sample - (int64_t)(uint32_t)((1.0f - live->beat.novelty.rise) * length + 0.5f);
}

void hh_live_novelty_tick(HhLive *live, const LiveTick *tick)
{
    LiveNovelty *novelty = &live->beat.novelty;
    float rate = live->config.novelty_rate;
    float power[HH_LIVE_PITCHES], total = 0.0f;
    place(live, tick, power);
    for (uint32_t i = 0; i < HH_LIVE_PITCHES; i++) total += power[i];
    if (total > novelty->peak)
        novelty->peak = total;
    else
        novelty->peak = hh_live_flush(novelty->peak + PEAK_FALL / rate * (total - novelty->peak));
    float flux = take_flux(novelty, power);
    novelty->rise = find_rise(novelty);
    novelty->novelty = novelty->ticks > 0 ? flux : 0.0f;
    novelty->activation =
        normalise(novelty, novelty->novelty, &novelty->mean, &novelty->variance, rate);
    novelty->bass =
        normalise(novelty, novelty->flux[0], &novelty->bass_mean, &novelty->bass_variance, rate);
    if (novelty->ticks < 100000) novelty->ticks++;
    live->now.novelty = novelty->novelty;
    tell_onsets(live, tick);
}
