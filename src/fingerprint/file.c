/* Fingerprints and normalisers as JSON files (docs/fingerprint.md), by jansson. */
#include "heihachi/fingerprint.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

#define FINGERPRINT_FORMAT "heihachi-fingerprint"
#define NORMALISER_FORMAT  "heihachi-fingerprint-normaliser"

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *numbers(const double *values)
{
    json_t *list = json_array();
    for (int i = 0; i < HH_FP_COUNT; i++) json_array_append_new(list, number(values[i]));
    return list;
}

static json_t *texts(const char *(*text)(int))
{
    json_t *list = json_array();
    for (int i = 0; i < HH_FP_COUNT; i++) json_array_append_new(list, json_string(text(i)));
    return list;
}

/* Writes beside `path` and renames, so that `path` is whole or absent. Takes `root`. */
static HhStatus write_json(HhContext *context, json_t *root, const char *path)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof temporary, "%s.part-%ld", path, (long)getpid());
    if (!root || length < 0 || (size_t)length >= sizeof temporary) {
        json_decref(root);
        return root ? hh_fail(context, HH_ERROR_ARGUMENT, "the path is too long")
                    : hh_fail_memory(context);
    }
    int failed = json_dump_file(root, temporary, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(root);
    if (failed || rename(temporary, path) != 0) {
        (void)unlink(temporary);
        return hh_fail(context, HH_ERROR_WRITE, "cannot write %s", path);
    }
    return HH_OK;
}

HhStatus hh_fingerprint_write(HhContext *context, const HhFingerprint *f, const char *path)
{
    if (!f || !path || f->version == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no fingerprint to write");
    json_t *status = json_array();
    for (int i = 0; i < HH_FP_COUNT; i++)
        json_array_append_new(status, json_string(hh_fingerprint_status_name(f->status[i])));
    json_t *extras = json_object();
    json_object_set_new(extras, "rms_minus_0_691_lufs", number(f->rms_minus_0_691_lufs));
    json_t *root = json_object();
    json_object_set_new(root, "format", json_string(FINGERPRINT_FORMAT));
    json_object_set_new(root, "version", json_integer(f->version));
    json_object_set_new(root, "names", texts(hh_fingerprint_name));
    json_object_set_new(root, "units", texts(hh_fingerprint_unit));
    json_object_set_new(root, "values", numbers(f->values));
    json_object_set_new(root, "status", status);
    json_object_set_new(root, "extras", extras);
    return write_json(context, root, path);
}

static json_t *load(HhContext *context, const char *path, HhStatus *status)
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    *status = HH_OK;
    if (root) return root;
    bool missing = json_error_code(&error) == json_error_cannot_open_file;
    *status = missing ? hh_fail(context, HH_ERROR_OPEN, "cannot open %s", path)
                      : hh_fail(context, HH_ERROR_FORMAT, "%s is not JSON: line %d: %s", path,
                                error.line, error.text);
    return NULL;
}

static bool read_numbers(const json_t *list, double *values)
{
    if (!json_is_array(list) || json_array_size(list) != HH_FP_COUNT) return false;
    for (size_t i = 0; i < HH_FP_COUNT; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_number(item) && !json_is_null(item)) return false;
        values[i] = json_is_null(item) ? (double)NAN : json_number_value(item);
    }
    return true;
}

static bool read_status(const json_t *list, HhFingerprintStatus *status)
{
    if (!json_is_array(list) || json_array_size(list) != HH_FP_COUNT) return false;
    for (size_t i = 0; i < HH_FP_COUNT; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        int s = HH_FP_OK;
        while (text && s <= HH_FP_ABOVE_NYQUIST &&
               strcmp(text, hh_fingerprint_status_name((HhFingerprintStatus)s)) != 0)
            s++;
        if (!text || s > HH_FP_ABOVE_NYQUIST) return false;
        status[i] = (HhFingerprintStatus)s;
    }
    return true;
}

HhStatus hh_fingerprint_read(HhContext *context, const char *path, HhFingerprint *fingerprint)
{
    if (!path || !fingerprint)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no path or no fingerprint");
    HhStatus status;
    json_t *root = load(context, path, &status);
    if (!root) return status;
    const json_t *object = json_object_get(root, "fingerprint");
    if (!object) object = root;
    HhFingerprint f = {.rms_minus_0_691_lufs = (double)NAN};
    const json_t *version = json_object_get(object, "version");
    const json_t *extra =
        json_object_get(json_object_get(object, "extras"), "rms_minus_0_691_lufs");
    f.version = (int)json_integer_value(version);
    if (json_is_number(extra)) f.rms_minus_0_691_lufs = json_number_value(extra);
    bool good = json_is_integer(version) && f.version > 0 &&
                json_integer_value(version) == f.version &&
                read_numbers(json_object_get(object, "values"), f.values) &&
                read_status(json_object_get(object, "status"), f.status);
    json_decref(root);
    if (!good)
        return hh_fail(context, HH_ERROR_FORMAT,
                       "%s holds no fingerprint (25 values with their status and a version)", path);
    *fingerprint = f;
    return HH_OK;
}

HhStatus hh_fingerprint_normaliser_write(HhContext *context, const HhFingerprintNormaliser *n,
                                         const char *path)
{
    if (!n || !path) return hh_fail(context, HH_ERROR_ARGUMENT, "no normaliser or no path");
    json_t *root = json_object();
    json_object_set_new(root, "format", json_string(NORMALISER_FORMAT));
    json_object_set_new(root, "version", json_integer(HH_FINGERPRINT_VERSION));
    json_object_set_new(root, "count", json_integer((json_int_t)n->count));
    json_object_set_new(root, "names", texts(hh_fingerprint_name));
    json_object_set_new(root, "p5", numbers(n->low));
    json_object_set_new(root, "p95", numbers(n->high));
    json_object_set_new(root, "min", numbers(n->min));
    json_object_set_new(root, "max", numbers(n->max));
    json_object_set_new(root, "mean", numbers(n->mean));
    json_object_set_new(root, "std", numbers(n->std));
    return write_json(context, root, path);
}

HhStatus hh_fingerprint_normaliser_read(HhContext *context, const char *path,
                                        HhFingerprintNormaliser *normaliser)
{
    if (!path || !normaliser)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no path or no normaliser");
    HhStatus status;
    json_t *root = load(context, path, &status);
    if (!root) return status;
    HhFingerprintNormaliser n = {0};
    const char *format = json_string_value(json_object_get(root, "format"));
    json_int_t version = json_integer_value(json_object_get(root, "version"));
    json_int_t count = json_integer_value(json_object_get(root, "count"));
    n.count = count > 0 ? (size_t)count : 0;
    bool good = format && strcmp(format, NORMALISER_FORMAT) == 0 &&
                version == HH_FINGERPRINT_VERSION &&
                read_numbers(json_object_get(root, "p5"), n.low) &&
                read_numbers(json_object_get(root, "p95"), n.high) &&
                read_numbers(json_object_get(root, "min"), n.min) &&
                read_numbers(json_object_get(root, "max"), n.max) &&
                read_numbers(json_object_get(root, "mean"), n.mean) &&
                read_numbers(json_object_get(root, "std"), n.std);
    json_decref(root);
    if (!good)
        return hh_fail(context, HH_ERROR_FORMAT, "%s is not a fingerprint normaliser of version %d",
                       path, HH_FINGERPRINT_VERSION);
    *normaliser = n;
    return HH_OK;
}
