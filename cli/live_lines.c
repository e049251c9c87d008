/* Events and snapshots as lines of JSON, and back. Each number is written with the fewest digits
 * that give the same float again, so that what is read back is what was written; notes and chroma,
 * which are most of a session, keep five. Cost: some microseconds a line. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

static const char *const type_names[] = {
    [HH_LIVE_BEAT] = "beat",   [HH_LIVE_ONSET] = "onset",     [HH_LIVE_TEMPO] = "tempo",
    [HH_LIVE_LEVEL] = "level", [HH_LIVE_SILENCE] = "silence",
};
static const char *const band_names[HH_LIVE_BANDS] = {"low", "middle", "high"};
const char *const live_bank_names[] = {
    [HH_LIVE_BANK_OCTAVES] = "octaves",
    [HH_LIVE_BANK_GOERTZEL] = "goertzel",
    [HH_LIVE_BANK_LANES] = "lanes",
    [HH_LIVE_BANK_SLIDING] = "sliding",
};

/* ---- writing ---- */

static void put(LiveLine *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(LiveLine *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, list);
    va_end(list);
    if (more > 0 && (size_t)more < sizeof line->text - line->length) line->length += (size_t)more;
}

static void put_float(LiveLine *line, float value)
{
    char text[24];
    if (!isfinite(value)) {
        put(line, "null");
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) break;
    }
    put(line, "%s", text);
}

static void put_field(LiveLine *line, const char *name, float value)
{
    put(line, ",\"%s\":", name);
    put_float(line, value);
}

static const char *yes_no(bool value)
{
    return value ? "true" : "false";
}

static void put_beat(LiveLine *line, const HhLiveEvent *event)
{
    put_field(line, "bpm", event->beat.bpm);
    put_field(line, "confidence", event->beat.confidence);
    put(line, ",\"number\":%" PRIu32, event->beat.number);
    if (event->beat.in_bar)
        put(line, ",\"downbeat\":%s,\"in_bar\":%d", yes_no(event->beat.in_bar == 1),
            event->beat.in_bar);
    else
        put(line, ",\"downbeat\":null,\"in_bar\":null");
}

static void put_particulars(LiveLine *line, const HhLiveEvent *event)
{
    switch (event->type) {
    case HH_LIVE_BEAT:
        put_beat(line, event);
        break;
    case HH_LIVE_ONSET:
        put(line, ",\"band\":\"%s\"", band_names[event->onset.band % HH_LIVE_BANDS]);
        put_field(line, "strength", event->onset.strength);
        break;
    case HH_LIVE_TEMPO:
        put_field(line, "bpm", event->tempo.bpm);
        put_field(line, "confidence", event->tempo.confidence);
        break;
    case HH_LIVE_LEVEL:
        put_field(line, "rms_db", event->level.rms_db);
        put_field(line, "peak_db", event->level.peak_db);
        put_field(line, "momentary_lufs", event->level.momentary_lufs);
        put_field(line, "display", event->level.display);
        break;
    case HH_LIVE_SILENCE:
        put(line, ",\"on\":%s,\"contrast\":%s", yes_no(event->silence.on),
            yes_no(event->silence.contrast));
        break;
    }
}

void live_line_event(LiveLine *line, const HhLiveEvent *event, double rate, bool samples)
{
    line->length = 0;
    put(line, "{\"t\":%.6f,\"type\":\"%s\"", (double)event->sample / rate, type_names[event->type]);
    put_particulars(line, event);
    put(line, ",\"told\":%.6f", (double)event->told / rate);
    if (samples)
        put(line, ",\"sample\":%" PRId64 ",\"told_sample\":%" PRId64, event->sample, event->told);
    put(line, "}\n");
}

void live_line_xrun(LiveLine *line, int64_t sample, double rate, uint64_t count, uint64_t lost)
{
    line->length = 0;
    put(line, "{\"t\":%.6f,\"type\":\"xrun\",\"count\":%" PRIu64 ",\"lost_samples\":%" PRIu64 "}\n",
        (double)sample / rate, count, lost);
}

static void put_array(LiveLine *line, const char *name, const float *values, size_t count)
{
    put(line, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        put(line, "%s%.5g", i ? "," : "", isfinite(values[i]) ? (double)values[i] : 0.0);
    put(line, "]");
}

void live_line_snapshot(LiveLine *line, const HhLiveSnapshot *s, double rate, size_t notes)
{
    line->length = 0;
    put(line, "{\"t\":%.6f,\"type\":\"snapshot\",\"sample\":%" PRId64, (double)s->sample / rate,
        s->sample);
    put_field(line, "rms_db", s->rms_db);
    put_field(line, "peak_db", s->peak_db);
    put_field(line, "momentary_lufs", s->momentary_lufs);
    put_field(line, "display", s->display);
    put_field(line, "novelty", s->novelty);
    put_field(line, "bpm", s->bpm);
    put_field(line, "confidence", s->confidence);
    put_field(line, "beat_phase", s->beat_phase);
    put(line, ",\"beats\":%" PRIu32 ",\"in_bar\":%d,\"silent\":%s,\"silent_by_contrast\":%s",
        s->beats, s->in_bar, yes_no(s->silent), yes_no(s->silent_by_contrast));
    put_field(line, "tuning_cents", s->tuning_cents);
    put_array(line, "onset", s->onset, HH_LIVE_BANDS);
    put_array(line, "chroma", s->chroma, 12);
    put_array(line, "note", s->note, notes);
    put(line, "}\n");
}

/* ---- reading ---- */

bool live_find_bank(const char *name, HhLiveBank *bank)
{
    for (int i = HH_LIVE_BANK_OCTAVES; i <= HH_LIVE_BANK_SLIDING; i++)
        if (strcmp(name, live_bank_names[i]) == 0) {
            *bank = (HhLiveBank)i;
            return true;
        }
    return false;
}

static bool get_float(const json_t *tree, const char *name, float *value)
{
    const json_t *number = json_object_get(tree, name);
    *value = (float)json_number_value(number);
    return json_is_number(number) && isfinite(*value);
}

static bool get_integer(const json_t *tree, const char *name, int64_t low, int64_t high,
                        int64_t *value)
{
    const json_t *number = json_object_get(tree, name);
    *value = (int64_t)json_integer_value(number);
    return json_is_integer(number) && *value >= low && *value <= high;
}

static bool get_bool(const json_t *tree, const char *name, bool *value)
{
    const json_t *found = json_object_get(tree, name);
    *value = json_is_true(found);
    return json_is_boolean(found);
}

static bool get_array(const json_t *tree, const char *name, float *values, size_t most)
{
    const json_t *list = json_object_get(tree, name);
    if (!json_is_array(list) || json_array_size(list) > most) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        values[i] = (float)json_number_value(json_array_get(list, i));
        if (!json_is_number(json_array_get(list, i)) || !isfinite(values[i])) return false;
    }
    return true;
}

static bool get_beat(const json_t *tree, HhLiveEvent *event)
{
    int64_t number, in_bar = 0;
    const json_t *place = json_object_get(tree, "in_bar");
    bool good = get_float(tree, "bpm", &event->beat.bpm) &&
                get_float(tree, "confidence", &event->beat.confidence) &&
                get_integer(tree, "number", 0, UINT32_MAX, &number) &&
                (json_is_null(place) || get_integer(tree, "in_bar", 1, 4, &in_bar));
    event->beat.number = good ? (uint32_t)number : 0;
    event->beat.in_bar = good ? (uint8_t)in_bar : 0;
    return good;
}

static bool get_onset(const json_t *tree, HhLiveEvent *event)
{
    const char *name = json_string_value(json_object_get(tree, "band"));
    for (uint8_t i = 0; name && i < HH_LIVE_BANDS; i++)
        if (strcmp(name, band_names[i]) == 0) {
            event->onset.band = i;
            return get_float(tree, "strength", &event->onset.strength);
        }
    return false;
}

static bool get_particulars(const json_t *tree, HhLiveEvent *event)
{
    switch (event->type) {
    case HH_LIVE_BEAT:
        return get_beat(tree, event);
    case HH_LIVE_ONSET:
        return get_onset(tree, event);
    case HH_LIVE_TEMPO:
        return get_float(tree, "bpm", &event->tempo.bpm) &&
               get_float(tree, "confidence", &event->tempo.confidence);
    case HH_LIVE_LEVEL:
        return get_float(tree, "rms_db", &event->level.rms_db) &&
               get_float(tree, "peak_db", &event->level.peak_db) &&
               get_float(tree, "momentary_lufs", &event->level.momentary_lufs) &&
               get_float(tree, "display", &event->level.display);
    case HH_LIVE_SILENCE:
        return get_bool(tree, "on", &event->silence.on) &&
               get_bool(tree, "contrast", &event->silence.contrast);
    }
    return false;
}

bool live_parse_event(const json_t *tree, HhLiveEvent *event)
{
    const char *type = json_string_value(json_object_get(tree, "type"));
    memset(event, 0, sizeof *event);
    for (int i = HH_LIVE_BEAT; type && i <= HH_LIVE_SILENCE; i++)
        if (strcmp(type, type_names[i]) == 0) event->type = (HhLiveEventType)i;
    return event->type != 0 &&
           get_integer(tree, "sample", -LIVE_MOST_SAMPLES, LIVE_MOST_SAMPLES, &event->sample) &&
           get_integer(tree, "told_sample", 0, LIVE_MOST_SAMPLES, &event->told) &&
           get_particulars(tree, event);
}

bool live_parse_snapshot(const json_t *tree, HhLiveSnapshot *s)
{
    int64_t beats, in_bar;
    memset(s, 0, sizeof *s);
    bool good =
        get_integer(tree, "sample", 0, LIVE_MOST_SAMPLES, &s->sample) &&
        get_float(tree, "rms_db", &s->rms_db) && get_float(tree, "peak_db", &s->peak_db) &&
        get_float(tree, "momentary_lufs", &s->momentary_lufs) &&
        get_float(tree, "display", &s->display) && get_float(tree, "novelty", &s->novelty) &&
        get_float(tree, "bpm", &s->bpm) && get_float(tree, "confidence", &s->confidence) &&
        get_float(tree, "beat_phase", &s->beat_phase) &&
        get_integer(tree, "beats", 0, UINT32_MAX, &beats) &&
        get_integer(tree, "in_bar", 0, 4, &in_bar) && get_bool(tree, "silent", &s->silent) &&
        get_bool(tree, "silent_by_contrast", &s->silent_by_contrast) &&
        get_float(tree, "tuning_cents", &s->tuning_cents) &&
        get_array(tree, "onset", s->onset, HH_LIVE_BANDS) &&
        get_array(tree, "chroma", s->chroma, 12) &&
        get_array(tree, "note", s->note, HH_LIVE_MAX_NOTES);
    s->beats = good ? (uint32_t)beats : 0;
    s->in_bar = good ? (uint8_t)in_bar : 0;
    return good;
}
