/* A result as one row of a table (RFC 4180). The columns are fixed: what a track does not have is
 * an empty field. A column is named by the path of its value in the JSON; where that name holds no
 * unit it follows in brackets. */
#include "report/fields.h"
#include "report/result.h"

#include <math.h>
#include <string.h>

static const char *const input_texts[] = {"path", "name", "format", "hash"};
static const char *const input_numbers[] = {"bytes", "rate_hz", "channels", "samples",
                                            "duration_s"};

/* Starts a field: a comma before all but the first. */
static void next(HhText *text, bool *first)
{
    if (!*first) hh_text_put(text, ",");
    *first = false;
}

static void heading(HhText *text, bool *first, const char *group, const char *name,
                    const char *unit)
{
    next(text, first);
    hh_text_format(text, "%s.%s", group, name);
    if (*unit) hh_text_format(text, " [%s]", unit);
}

/* Twelve digits, as in the JSON; integers whole. */
static void number(HhText *text, bool *first, double value)
{
    next(text, first);
    hh_text_number(text, value, value == floor(value) ? 17 : 12);
}

static void string(HhText *text, bool *first, const char *value)
{
    next(text, first);
    hh_text_csv(text, value);
}

void hh_result_csv_header(HhText *text)
{
    bool first = true;
    for (size_t i = 0; i < HH_COUNT(input_texts); i++)
        heading(text, &first, "input", input_texts[i], "");
    for (size_t i = 0; i < HH_COUNT(input_numbers); i++)
        heading(text, &first, "input", input_numbers[i], "");
    for (size_t i = 0; i < hh_field_count; i++)
        heading(text, &first, hh_fields[i].group, hh_fields[i].name, "");
    heading(text, &first, "rhythm", "beats", "count");
    heading(text, &first, "rhythm", "onsets", "count");
    heading(text, &first, "harmony", "key", "");
    for (size_t i = 0; i < 12; i++)
        heading(text, &first, "harmony.chroma", hh_pitch_class_names[i], "");
    for (int i = 0; i < HH_FP_COUNT; i++)
        heading(text, &first, "fingerprint", hh_fingerprint_name(i), hh_fingerprint_unit(i));
    hh_text_put(text, "\r\n");
}

/* Length of a list; NaN if it was not asked for. */
static double list_length(const json_t *tree, const char *group, const char *name)
{
    const json_t *list = json_object_get(json_object_get(tree, group), name);
    return json_is_array(list) ? (double)json_array_size(list) : (double)NAN;
}

static void list_numbers(HhText *text, bool *first, const json_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        number(text, first, json_is_number(value) ? json_number_value(value) : (double)NAN);
    }
}

void hh_result_csv_row(HhText *text, const json_t *tree)
{
    bool first = true;
    for (size_t i = 0; i < HH_COUNT(input_texts); i++)
        string(text, &first, hh_result_string(tree, "input", input_texts[i]));
    for (size_t i = 0; i < HH_COUNT(input_numbers); i++)
        number(text, &first, hh_result_number(tree, "input", input_numbers[i]));
    for (size_t i = 0; i < hh_field_count; i++)
        number(text, &first, hh_result_number(tree, hh_fields[i].group, hh_fields[i].name));
    number(text, &first, list_length(tree, "rhythm", "beats_s"));
    number(text, &first, list_length(tree, "rhythm", "onsets_s"));
    string(text, &first, hh_result_string(tree, "harmony", "key"));
    list_numbers(text, &first, json_object_get(json_object_get(tree, "harmony"), "chroma"), 12);
    list_numbers(text, &first, json_object_get(json_object_get(tree, "fingerprint"), "values"),
                 HH_FP_COUNT);
    hh_text_put(text, "\r\n");
}
