/* An analysis as a tree of jansson values, in a fixed order of keys. See result.h.
 *
 * A number that is not known is null; a list that was not asked for is null, one that is empty is
 * []. */
#include "report/result.h"

#include <math.h>
#include <string.h>

#include "heihachi/version.h"
#include "report/fields.h"

/* Analysis parameters of the engine (engine.h): the same in one analysis version. */
enum { RATE_HZ = 44100, FRAME_LENGTH = 2048, HOP_LENGTH = 512 };

/* A tree under construction: the first value that cannot be made marks it as failed. */
typedef struct Builder {
    HhContext *context;
    bool failed;
} Builder;

static json_t *checked(Builder *b, json_t *value)
{
    if (!value) b->failed = true;
    return value;
}

/* Takes the reference to `value`. */
static void put(Builder *b, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, checked(b, value)) != 0) b->failed = true;
}

static void append(Builder *b, json_t *list, json_t *value)
{
    if (json_array_append_new(list, checked(b, value)) != 0) b->failed = true;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value == 0.0 ? 0.0 : value) : json_null();
}

/* File names may hold any bytes; JSON holds UTF-8. */
static json_t *string(Builder *b, const char *bytes)
{
    if (!bytes) return json_null();
    HhText text = HH_TEXT_INIT(b->context);
    hh_text_utf8(&text, bytes);
    json_t *value = text.failed ? NULL : json_stringn(text.data ? text.data : "", text.length);
    hh_text_free(&text);
    return value;
}

static json_t *numbers(Builder *b, const double *values, size_t count)
{
    json_t *list = checked(b, json_array());
    for (size_t i = 0; i < count; i++) append(b, list, number(values[i]));
    return list;
}

/* A list that was asked for is [] when nothing was found. */
static json_t *times(Builder *b, const HhAnalysis *a, const double *values, size_t count)
{
    if (!values && !(a->features & HH_FEATURE_RHYTHM)) return json_null();
    return numbers(b, values, values ? count : 0);
}

static json_t *engine(Builder *b)
{
    json_t *object = checked(b, json_object());
    put(b, object, "name", json_string("heihachi"));
    put(b, object, "version", json_string(hh_version()));
    put(b, object, "analysis_version", json_integer(HH_ANALYSIS_VERSION));
    return object;
}

static json_t *input(Builder *b, const HhInput *in)
{
    json_t *object = checked(b, json_object());
    bool from_file = in->path && in->path[0];
    put(b, object, "path", from_file ? string(b, in->path) : json_null());
    put(b, object, "name", from_file ? string(b, hh_path_name(in->path)) : json_null());
    put(b, object, "format", string(b, in->format));
    put(b, object, "hash", in->hash[0] ? string(b, in->hash) : json_null());
    put(b, object, "bytes", json_integer((json_int_t)in->bytes));
    put(b, object, "rate_hz", number(in->rate));
    put(b, object, "channels", json_integer(in->channels));
    put(b, object, "samples", json_integer((json_int_t)in->samples));
    put(b, object, "duration_s", number(in->duration_s));
    return object;
}

static json_t *parameters(Builder *b, const HhAnalysis *a)
{
    json_t *object = checked(b, json_object());
    json_t *features = checked(b, json_array());
#define FEATURE(bit, name, text, what)                                                             \
    if (a->features & HH_FEATURE_##name) append(b, features, json_string(text));
    HH_FEATURE_LIST(FEATURE)
#undef FEATURE
    put(b, object, "rate_hz", json_integer(RATE_HZ));
    put(b, object, "n_fft", json_integer(FRAME_LENGTH));
    put(b, object, "hop_length", json_integer(HOP_LENGTH));
    put(b, object, "features", features);
    return object;
}

/* The numbers of the table in fields.c that belong to `group`. */
static json_t *figures(Builder *b, const HhAnalysis *a, const char *group)
{
    json_t *object = checked(b, json_object());
    for (size_t i = 0; i < hh_field_count; i++)
        if (strcmp(hh_fields[i].group, group) == 0)
            put(b, object, hh_fields[i].name, number(hh_field_value(&hh_fields[i], a)));
    return object;
}

static json_t *rhythm(Builder *b, const HhAnalysis *a)
{
    json_t *object = figures(b, a, "rhythm");
    put(b, object, "beats_s", times(b, a, a->rhythm.beats_s, a->rhythm.beats));
    put(b, object, "onsets_s", times(b, a, a->rhythm.onsets_s, a->rhythm.onsets));
    return object;
}

static json_t *harmony(Builder *b, const HhAnalysis *a)
{
    json_t *object = checked(b, json_object());
    put(b, object, "key", string(b, a->harmony.key ? a->harmony.key : "unknown"));
    json_t *rest = figures(b, a, "harmony");
    if (json_object_update(object, rest) != 0) b->failed = true;
    json_decref(rest);
    put(b, object, "chroma", numbers(b, a->harmony.chroma, 12));
    return object;
}

static json_t *spectral(Builder *b, const HhAnalysis *a)
{
    json_t *object = figures(b, a, "spectral");
    put(b, object, "contrast_db",
        numbers(b, a->spectral.contrast_db, HH_COUNT(a->spectral.contrast_db)));
    return object;
}

static json_t *fingerprint(Builder *b, const HhFingerprint *f)
{
    json_t *object = checked(b, json_object());
    json_t *names = checked(b, json_array()), *units = checked(b, json_array());
    json_t *status = checked(b, json_array());
    for (int i = 0; i < HH_FP_COUNT; i++) {
        append(b, names, json_string(hh_fingerprint_name(i)));
        append(b, units, json_string(hh_fingerprint_unit(i)));
        append(b, status, json_string(hh_fingerprint_status_name(f->status[i])));
    }
    put(b, object, "version", json_integer(f->version));
    put(b, object, "names", names);
    put(b, object, "units", units);
    put(b, object, "values", numbers(b, f->values, HH_FP_COUNT));
    put(b, object, "status", status);
    json_t *extras = checked(b, json_object());
    put(b, extras, "rms_minus_0_691_lufs", number(f->rms_minus_0_691_lufs));
    put(b, object, "extras", extras);
    return object;
}

static bool same_axis(const HhSeries *a, const HhSeries *b)
{
    return a->start_s == b->start_s && a->hop_s == b->hop_s &&
           a->values.shape[0] == b->values.shape[0];
}

size_t hh_result_axis_owner(const HhAnalysis *analysis, size_t index)
{
    size_t owner = 0;
    while (!same_axis(&analysis->series[owner], &analysis->series[index])) owner++;
    return owner;
}

/* The owner of the axis that most series have, the first of several. */
static size_t main_axis(const HhAnalysis *analysis)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < analysis->series_count; i++) {
        size_t members = 0;
        for (size_t k = 0; k < analysis->series_count; k++)
            members += same_axis(&analysis->series[i], &analysis->series[k]);
        if (members > most) best = i, most = members;
    }
    return best;
}

void hh_result_axis_name(HhText *text, const HhAnalysis *analysis, size_t index)
{
    size_t owner = hh_result_axis_owner(analysis, index);
    if (owner == main_axis(analysis))
        hh_text_put(text, "time_s");
    else
        hh_text_format(text, "%s.time_s", analysis->series[owner].name);
}

static json_t *series(Builder *b, const HhAnalysis *a)
{
    json_t *list = checked(b, json_array());
    for (size_t i = 0; i < a->series_count; i++) {
        const HhSeries *s = &a->series[i];
        json_t *object = checked(b, json_object()), *shape = checked(b, json_array());
        for (int d = 0; d < s->values.dimensions; d++)
            append(b, shape, json_integer((json_int_t)s->values.shape[d]));
        HhText axis = HH_TEXT_INIT(b->context);
        hh_result_axis_name(&axis, a, i);
        put(b, object, "name", string(b, s->name));
        put(b, object, "unit", string(b, s->unit ? s->unit : ""));
        put(b, object, "shape", shape);
        put(b, object, "start_s", number(s->start_s));
        put(b, object, "hop_s", number(s->hop_s));
        put(b, object, "time", axis.failed ? NULL : json_string(axis.data));
        hh_text_free(&axis);
        append(b, list, object);
    }
    return list;
}

static json_t *run_facts(Builder *b, const HhReportRun *run)
{
    if (!run) return json_null();
    json_t *object = checked(b, json_object());
    put(b, object, "started", string(b, run->started));
    put(b, object, "seconds", number(run->seconds));
    put(b, object, "cpu_seconds", number(run->cpu_seconds));
    put(b, object, "threads", run->threads > 0 ? json_integer(run->threads) : json_null());
    put(b, object, "cpu_level", string(b, run->cpu_level));
    return object;
}

void hh_report_run_defaults(HhReportRun *run)
{
    *run = (HhReportRun){sizeof *run, NULL, (double)NAN, (double)NAN, 0, NULL};
}

HhStatus hh_result_tree(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run,
                        json_t **tree)
{
    *tree = NULL;
    if (!analysis) return hh_fail(context, HH_ERROR_ARGUMENT, "no analysis to report");
    if (run && run->size != sizeof *run)
        return hh_fail(context, HH_ERROR_ARGUMENT, "HhReportRun of %zu bytes, not %zu", run->size,
                       sizeof *run);
    Builder b = {context, false};
    json_t *root = checked(&b, json_object());
    put(&b, root, "schema_version", json_integer(HH_RESULT_SCHEMA_VERSION));
    put(&b, root, "engine", engine(&b));
    put(&b, root, "input", input(&b, &analysis->input));
    put(&b, root, "parameters", parameters(&b, analysis));
    put(&b, root, "loudness", figures(&b, analysis, "loudness"));
    put(&b, root, "rhythm", rhythm(&b, analysis));
    put(&b, root, "harmony", harmony(&b, analysis));
    put(&b, root, "pitch", figures(&b, analysis, "pitch"));
    put(&b, root, "spectral", spectral(&b, analysis));
    put(&b, root, "separation", figures(&b, analysis, "separation"));
    bool known = analysis->fingerprint.version != 0;
    put(&b, root, "fingerprint", known ? fingerprint(&b, &analysis->fingerprint) : json_null());
    put(&b, root, "series", series(&b, analysis));
    put(&b, root, "run", run_facts(&b, run));
    if (b.failed) {
        json_decref(root);
        return hh_fail_memory(context);
    }
    *tree = root;
    return HH_OK;
}

HhStatus hh_result_read(HhContext *context, const char *path, json_t **tree)
{
    json_error_t error;
    *tree = NULL;
    json_t *root = path ? json_load_file(path, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (!root) {
        bool closed = path && json_error_code(&error) == json_error_cannot_open_file;
        return hh_fail(context, closed ? HH_ERROR_READ : HH_ERROR_FORMAT, "%s: %s",
                       path ? path : "(no path)", path ? error.text : "no result to read");
    }
    json_int_t version = json_integer_value(json_object_get(root, "schema_version"));
    if (version != HH_RESULT_SCHEMA_VERSION) {
        json_decref(root);
        return hh_fail(context, HH_ERROR_FORMAT, "%s: not a result of schema version %d", path,
                       HH_RESULT_SCHEMA_VERSION);
    }
    *tree = root;
    return HH_OK;
}

double hh_result_number(const json_t *tree, const char *group, const char *name)
{
    const json_t *value = json_object_get(json_object_get(tree, group), name);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

const char *hh_result_string(const json_t *tree, const char *group, const char *name)
{
    const char *value = json_string_value(json_object_get(json_object_get(tree, group), name));
    return value ? value : "";
}
