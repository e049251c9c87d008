/* The meter: true RMS and peak of the last 50 ms, momentary loudness (ITU-R BS.1770-4: K weighting,
 * mean square of the last 400 ms, -0.691 dB), a display value, and silence. All is renewed every
 * 10 ms, at exact positions.
 *
 * K weighting for any rate: the filters of BS.1770 are given as numbers for 48 kHz; those are the
 * bilinear transforms of a shelf (1681.97 Hz, 4 dB, Q 0.7072) and a high-pass (38.135 Hz, Q
 * 0.5003), which are transformed again here for the rate at hand. The high-pass has its poles so
 * close to 1 that the usual forms lose it in single precision; with S the sum of all its output y
 * and T that of all S, it is y = v - g1 S - g2 (T + S), g1 = 2 K / (Q a0), g2 = 4 K^2 / a0, a0 = 1
 * + K / Q + K^2, in which nothing cancels.
 *
 * Display: RMS level between the noise floor (falls at once, rises 1.5 dB/s) and the top of late
 * (rises at once, falls 1 dB/s), 24 dB at least; it falls slower than the level.
 *
 * Silence by level: RMS below silence_db for 150 ms, until it is 3 dB above. By contrast: RMS 24 dB
 * below the mean of the last seconds for 150 ms, until it is above that mean less 18 dB and 6 dB
 * above the noise floor: the noise of a line stays silence, while a quiet passage becomes the music
 * when it lasts. After gaps of less than a second, as between clicks, it takes longer than they
 * were, up to 850 ms.
 *
 * Cost: 19 operations a sample, 150 every 10 ms. */
#include "internal.h"

#define SLICE_RATE     100.0f
#define FLOOR_RISE     0.015f /* dB in 10 ms */
#define TOP_FALL       0.01f
#define RANGE          24.0f
#define MARGIN         3.0f    /* of the display above the noise floor */
#define FALL           0.93f   /* of the display in 10 ms */
#define PATIENCE       15      /* slices of quiet that make silence */
#define MOST_PATIENCE  85      /* after gaps: of longer ones each is a silence */
#define PROGRAM        0.0033f /* of a slice in the mean of late: 3 s */
#define SILENT_PROGRAM 0.001f  /* while there is silence: 10 s */

void hh_live_meter_start(LiveMeter *meter, const HhLiveConfig *config)
{
    float rate = (float)config->sample_rate;
    *meter = (LiveMeter){.silence_db = config->silence_db, .floor_db = 0.0f, .top_db = -120.0f};
    meter->patience = PATIENCE;
    hh_live_pace_start(&meter->slice, config->sample_rate, SLICE_RATE);
    hh_live_pace_start(&meter->tell, config->sample_rate, config->level_rate);

    /* K = tan(pi f / rate) */
    float turns = 0.5f * 1681.97445f / rate;
    float k = hh_live_sin_turns(turns) / hh_live_cos_turns(turns);
    float high = 1.58486471f, band = 1.25872093f; /* 10^(3.99984 / 20), and its power 0.499667 */
    float damped = k / 0.707175237f;
    float a0 = 1.0f + damped + k * k;
    meter->b0 = (high + band * damped + k * k) / a0;
    meter->b1 = 2.0f * (k * k - high) / a0;
    meter->b2 = (high - band * damped + k * k) / a0;
    meter->a1 = 2.0f * (k * k - 1.0f) / a0;
    meter->a2 = (1.0f - damped + k * k) / a0;

    turns = 0.5f * 38.1354709f / rate;
    k = hh_live_sin_turns(turns) / hh_live_cos_turns(turns);
    damped = k / 0.500327037f;
    a0 = 1.0f + damped + k * k;
    meter->g2 = 4.0f * k * k / a0;
    meter->keep = 1.0f - (2.0f * damped / a0 + meter->g2);
    meter->recent = 1.0f / (0.05f * rate);
    meter->momentary = 1.0f / (0.4f * rate);
}

static void take_in(LiveMeter *meter, const float *x, uint32_t count)
{
    const float b0 = meter->b0, b1 = meter->b1, b2 = meter->b2, a1 = meter->a1, a2 = meter->a2;
    const float g2 = meter->g2, keep = meter->keep;
    float v = meter->v, p1 = meter->p1, p2 = meter->p2, once = meter->once, twice = meter->twice;
    float square = meter->square, peak = meter->peak, weighted = meter->weighted;
    for (uint32_t i = 0; i < count; i++) {
        float in = x[i], size = __builtin_fabsf(in);
        square += in * in;
        peak = size > peak ? size : peak;
        /* What depends on the sample before comes last: the loop is as slow as that chain. */
        v = (b0 * in + p1) - a1 * v;
        p1 = b1 * in + p2;
        p2 = b2 * in - a2 * v;
        float sum = (v - g2 * twice) + keep * once;
        float y = sum - once;
        twice += once;
        once = sum;
        weighted += y * y;
    }
    meter->v = v;
    meter->p1 = p1;
    meter->p2 = p2;
    meter->once = once;
    meter->twice = twice;
    meter->square = square;
    meter->peak = peak;
    meter->weighted = weighted;
}

static void put_slice(LiveMeter *meter)
{
    uint32_t recent = meter->slices % HH_LIVE_RECENT, momentary = meter->slices % HH_LIVE_MOMENTARY;
    meter->recent_square[recent] = meter->square;
    meter->recent_peak[recent] = meter->peak;
    meter->momentary_square[momentary] = meter->weighted;
    meter->slices = meter->slices + 1 == HH_LIVE_MOMENTARY ? 0 : meter->slices + 1;
    meter->square = meter->peak = meter->weighted = 0.0f;
}

/* Levels from the slices. */
static void read_levels(LiveMeter *meter, HhLiveSnapshot *now)
{
    float square = 0.0f, peak = 0.0f, weighted = 0.0f;
    for (int i = 0; i < HH_LIVE_RECENT; i++) {
        square += meter->recent_square[i];
        peak = hh_live_max(peak, meter->recent_peak[i]);
    }
    for (int i = 0; i < HH_LIVE_MOMENTARY; i++) weighted += meter->momentary_square[i];
    meter->power = square * meter->recent;
    now->rms_db = hh_live_power_db(meter->power);
    now->peak_db = hh_live_power_db(peak * peak);
    now->momentary_lufs =
        hh_live_max(hh_live_power_db(weighted * meter->momentary) - 0.691f, -120.0f);
}

static void show(LiveMeter *meter, HhLiveSnapshot *now)
{
    float level = now->rms_db;
    meter->floor_db =
        hh_live_max(hh_live_min(level, meter->floor_db + FLOOR_RISE), meter->silence_db);
    meter->top_db = hh_live_max(level, meter->top_db - TOP_FALL);
    float low = hh_live_min(meter->floor_db + MARGIN, meter->top_db - RANGE);
    low = hh_live_max(low, meter->silence_db);
    float range = hh_live_max(meter->top_db - low, RANGE);
    float shown = hh_live_min(hh_live_max((level - low) / range, 0.0f), 1.0f);
    now->display = hh_live_flush(hh_live_max(shown, now->display * FALL));
}

/* How many slices of quiet make silence. A silence that ends within a second was a gap, between
 * clicks or sparse drums: the next has to be longer than that. Two seconds of sound without any
 * quiet make it as before. */
static void learn_patience(LiveMeter *meter, bool was_silent)
{
    bool silent = meter->by_level || meter->by_contrast;
    if (silent) {
        if (meter->lasted < UINT8_MAX) meter->lasted++;
        return;
    }
    uint32_t gap = (uint32_t)meter->patience + meter->lasted;
    if (was_silent && gap < (uint32_t)SLICE_RATE) {
        uint32_t longer = gap + gap / 4;
        meter->patience = (uint8_t)(longer < MOST_PATIENCE ? longer : MOST_PATIENCE);
    }
    meter->lasted = 0;
    if (meter->quiet > 0 || meter->flat > 0)
        meter->loud = 0;
    else if (++meter->loud >= 2 * (uint32_t)SLICE_RATE) {
        meter->loud = 0;
        meter->patience = PATIENCE;
    }
}

/* Silence that begins after `enough` slices of `quiet`, and ends without them. */
static bool silence(bool on, uint8_t *slices, uint32_t enough, bool quiet, bool stays)
{
    if (on) {
        *slices = 0;
        return stays;
    }
    *slices = (uint8_t)(quiet ? *slices + 1 : 0); /* `enough` fits, and is where it ends */
    return *slices >= enough;
}

static void judge(LiveMeter *meter, float level)
{
    bool was_silent = meter->by_level || meter->by_contrast;
    uint32_t enough = meter->patience;
    float program = hh_live_power_db(meter->program);
    meter->by_level = silence(meter->by_level, &meter->quiet, enough, level < meter->silence_db,
                              level < meter->silence_db + 3.0f);
    bool contrast = meter->by_contrast;
    meter->by_contrast = silence(meter->by_contrast, &meter->flat, enough, level < program - 24.0f,
                                 level < program - 18.0f || level < meter->floor_db + 6.0f);
    /* What was a quiet passage is the music now. */
    if (contrast && !meter->by_contrast)
        meter->program = hh_live_min(meter->program, 10.0f * meter->power);
    learn_patience(meter, was_silent);
    float share = meter->by_level || meter->by_contrast ? SILENT_PROGRAM : PROGRAM;
    meter->program = hh_live_flush(meter->program + share * (meter->power - meter->program));
}

static void tell_silence(HhLive *live, int64_t position)
{
    const LiveMeter *meter = &live->meter;
    bool silent = meter->by_level || meter->by_contrast;
    bool changed = silent != live->now.silent;
    live->now.silent = silent;
    live->now.silent_by_contrast = silent && !meter->by_level;
    if (!changed) return;
    HhLiveEvent event = {.type = HH_LIVE_SILENCE, .sample = position};
    event.silence.on = silent;
    event.silence.contrast = live->now.silent_by_contrast;
    hh_live_tell(live, &event);
}

static void tell_level(HhLive *live, int64_t position)
{
    const HhLiveSnapshot *now = &live->now;
    HhLiveEvent event = {.type = HH_LIVE_LEVEL, .sample = position};
    event.level.rms_db = now->rms_db;
    event.level.peak_db = now->peak_db;
    event.level.momentary_lufs = now->momentary_lufs;
    event.level.display = now->display;
    hh_live_tell(live, &event);
}

static void end_slice(HhLive *live, int64_t position)
{
    LiveMeter *meter = &live->meter;
    put_slice(meter);
    read_levels(meter, &live->now);
    show(meter, &live->now);
    judge(meter, live->now.rms_db);
    tell_silence(live, position);
    if (position < meter->tell.next) return;
    tell_level(live, position);
    hh_live_pace_next(&meter->tell);
}

void hh_live_meter_advance(HhLive *live, const float *x, int64_t position, uint32_t count)
{
    LiveMeter *meter = &live->meter;
    while (count > 0) {
        int64_t left = meter->slice.next - position;
        uint32_t part = left < (int64_t)count ? (uint32_t)left : count;
        take_in(meter, x, part);
        x += part;
        position += part;
        count -= part;
        if (position < meter->slice.next) continue;
        end_slice(live, position);
        hh_live_pace_next(&meter->slice);
    }
    meter->v = hh_live_flush(meter->v);
    meter->p1 = hh_live_flush(meter->p1);
    meter->p2 = hh_live_flush(meter->p2);
    meter->once = hh_live_flush(meter->once);
    meter->twice = hh_live_flush(meter->twice);
}
