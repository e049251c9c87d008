/* A session: a header, then every event and every snapshot in the order in which the control
 * thread had them, one JSON object a line. Written under a temporary name, so that what has its
 * final name is whole. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"

#define SESSION_VERSION 1
/* Snapshots come 50 times a second: lines that are farther apart are damaged, and a replay would
 * count through the ages between them. */
#define FARTHEST_S      60

/* ---- writing ---- */

struct LiveRecord {
    FILE *file;
    char *path, *temporary;
    double rate;
    size_t notes;
    int failed; /* errno of what could not be written first, or 0 */
};

static void fail(LiveRecord *r)
{
    if (!r->failed) r->failed = errno ? errno : EIO;
}

static bool write_header(const LiveRecord *r, const LiveControlSetup *setup)
{
    const HhLiveConfig *k = &setup->config;
    char *name = cli_utf8(setup->name);
    json_t *tree = json_pack(
        "{s:i, s:s, s:s, s:i, s:i, s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:i, s:f, s:f}",
        "heihachi_session", SESSION_VERSION, "version", hh_version(), "source", name, "sample_rate",
        (int)k->sample_rate, "hop", (int)k->hop, "bank", live_bank_names[k->bank], "notes",
        (int)k->notes, "notes_per_octave", (int)k->notes_per_octave, "bottom_note",
        (double)k->bottom_note, "novelty_rate", (double)k->novelty_rate, "bpm_low",
        (double)k->bpm_low, "bpm_high", (double)k->bpm_high, "latency_ms",
        (double)setup->options->latency_ms, "tempo_bins_per_tick", (int)k->tempo_bins_per_tick,
        "silence_db", (double)k->silence_db, "level_rate", (double)k->level_rate);
    free(name);
    bool good = tree && json_dumpf(tree, r->file, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0 &&
                fputc('\n', r->file) != EOF;
    json_decref(tree);
    return good;
}

LiveRecord *live_record_create(const char *path, const LiveControlSetup *setup)
{
    LiveRecord *r = cli_alloc(1, sizeof *r);
    r->path = cli_copy(path);
    r->temporary = cli_format("%s.%ld.tmp", path, (long)getpid());
    r->rate = (double)setup->config.sample_rate;
    r->notes = setup->config.notes;
    r->file = fopen(r->temporary, "wx");
    if (r->file && write_header(r, setup)) return r;
    fail(r);
    (void)live_record_finish(r);
    return NULL;
}

static void write_line(LiveRecord *r, const LiveLine *line)
{
    if (!r->failed && fwrite(line->text, 1, line->length, r->file) != line->length) fail(r);
}

void live_record_event(LiveRecord *r, const HhLiveEvent *event)
{
    LiveLine line;
    live_line_event(&line, event, r->rate, true);
    write_line(r, &line);
}

void live_record_snapshot(LiveRecord *r, const HhLiveSnapshot *snapshot)
{
    LiveLine line;
    live_line_snapshot(&line, snapshot, r->rate, r->notes);
    write_line(r, &line);
}

bool live_record_finish(LiveRecord *r)
{
    if (r->file && fclose(r->file) != 0) fail(r);
    if (!r->failed && rename(r->temporary, r->path) != 0) fail(r);
    bool good = !r->failed;
    if (!good) {
        (void)cli_error(0, "%s: the session cannot be written: %s", r->path, strerror(r->failed));
        if (r->file) (void)unlink(r->temporary);
    }
    free(r->path);
    free(r->temporary);
    free(r);
    return good;
}

/* ---- reading ---- */

struct LiveReplay {
    FILE *file;
    char *path;
    size_t number;            /* of the line */
    int64_t sample, farthest; /* of the line before; how far the next may be from it */
    char *line;
    size_t size;
};

static int complain(const LiveReplay *r, const char *what)
{
    (void)cli_error(0, "%s: line %zu: %s", r->path, r->number, what);
    return -1;
}

/* The next line as JSON; NULL at the end, and after a complaint with *bad = true. */
static json_t *next_tree(LiveReplay *r, bool *bad)
{
    *bad = false;
    errno = 0;
    ssize_t length = getline(&r->line, &r->size, r->file);
    if (length < 0 && !ferror(r->file)) return NULL;
    r->number++;
    json_t *tree = length >= 0 ? json_loadb(r->line, (size_t)length, 0, NULL) : NULL;
    if (json_is_object(tree)) return tree;
    json_decref(tree);
    *bad = true;
    if (length < 0)
        (void)cli_error(0, "%s: %s", r->path, strerror(errno));
    else
        (void)complain(r, "is no JSON object");
    return NULL;
}

static float number_of(const json_t *tree, const char *name)
{
    return (float)json_number_value(json_object_get(tree, name));
}

static uint32_t integer_of(const json_t *tree, const char *name, uint32_t most)
{
    json_int_t value = json_integer_value(json_object_get(tree, name));
    return value >= 0 && value <= (json_int_t)most ? (uint32_t)value : 0;
}

static bool read_header(const json_t *tree, HhLiveConfig *config, float *latency_ms)
{
    if (json_integer_value(json_object_get(tree, "heihachi_session")) != SESSION_VERSION)
        return false;
    const char *bank = json_string_value(json_object_get(tree, "bank"));
    hh_live_defaults(config, integer_of(tree, "sample_rate", 96000));
    config->hop = integer_of(tree, "hop", 4096);
    if (!bank || !live_find_bank(bank, &config->bank)) return false;
    config->notes = (uint16_t)integer_of(tree, "notes", HH_LIVE_MAX_NOTES);
    config->notes_per_octave = (uint16_t)integer_of(tree, "notes_per_octave", 48);
    config->bottom_note = number_of(tree, "bottom_note");
    config->novelty_rate = number_of(tree, "novelty_rate");
    config->bpm_low = number_of(tree, "bpm_low");
    config->bpm_high = number_of(tree, "bpm_high");
    config->tempo_bins_per_tick = (uint16_t)integer_of(tree, "tempo_bins_per_tick", UINT16_MAX);
    config->silence_db = number_of(tree, "silence_db");
    config->level_rate = number_of(tree, "level_rate");
    *latency_ms = number_of(tree, "latency_ms");
    return hh_live_size(config) > 0 && *latency_ms >= -200.0f && *latency_ms <= 500.0f;
}

LiveReplay *live_replay_open(const char *path, HhLiveConfig *config, float *latency_ms)
{
    LiveReplay *r = cli_alloc(1, sizeof *r);
    bool bad = false;
    r->path = cli_copy(path);
    r->file = fopen(path, "r");
    if (!r->file) (void)cli_error(0, "%s: %s", path, strerror(errno));
    json_t *tree = r->file ? next_tree(r, &bad) : NULL;
    bool good = tree && read_header(tree, config, latency_ms);
    if (r->file && !bad && !good)
        (void)cli_error(0, "%s: is no session that heihachi live --record wrote", path);
    json_decref(tree);
    if (good) {
        r->farthest = FARTHEST_S * (int64_t)config->sample_rate;
        return r;
    }
    live_replay_close(r);
    return NULL;
}

int live_replay_next(LiveReplay *r, HhLiveEvent *event, HhLiveSnapshot *snapshot)
{
    bool bad;
    json_t *tree = next_tree(r, &bad);
    if (!tree) return bad ? -1 : 0;
    const char *type = json_string_value(json_object_get(tree, "type"));
    bool is_snapshot = type && strcmp(type, "snapshot") == 0;
    bool good = is_snapshot ? live_parse_snapshot(tree, snapshot) : live_parse_event(tree, event);
    json_decref(tree);
    if (!good) return complain(r, "is no event and no snapshot");
    int64_t sample = is_snapshot ? snapshot->sample : event->told;
    if (sample > r->sample + r->farthest || sample < r->sample - r->farthest ||
        (!is_snapshot &&
         (event->sample > sample + r->farthest || event->sample < sample - r->farthest)))
        return complain(r, "is far in time from the line before it");
    r->sample = sample;
    return is_snapshot ? 2 : 1;
}

void live_replay_close(LiveReplay *r)
{
    if (!r) return;
    if (r->file) (void)fclose(r->file);
    free(r->path);
    free(r->line);
    free(r);
}
