/* The tree as YAML 1.1 by libyaml: the same keys and values as the JSON. Every text is in double
 * quotes, so that a key "unknown", a file called "null" or a hash of digits stays a text; lists are
 * in flow style. */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "report/result.h"

static int append(void *text, unsigned char *bytes, size_t length)
{
    hh_text_bytes(text, bytes, length);
    return !((HhText *)text)->failed;
}

/* The event functions copy what they are given; emit takes the event over. */
static bool emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    return made && yaml_emitter_emit(emitter, event);
}

static bool scalar(yaml_emitter_t *emitter, const char *bytes, size_t length,
                   yaml_scalar_style_t style)
{
    yaml_event_t event;
    return emit(emitter, &event,
                yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)bytes,
                                             (int)length, 1, 1, style));
}

/* A number as YAML 1.1 reads it: a float has a point, or "1e-07" would be a text to many. */
static bool real(yaml_emitter_t *emitter, HhContext *context, double number)
{
    HhText text = HH_TEXT_INIT(context);
    hh_text_number(&text, number, 12);
    bool good = !text.failed && text.data;
    if (good) {
        size_t mantissa = strcspn(text.data, "e");
        HhText spelled = HH_TEXT_INIT(context);
        hh_text_bytes(&spelled, text.data, mantissa);
        if (!memchr(text.data, '.', mantissa)) hh_text_put(&spelled, ".0");
        hh_text_put(&spelled, text.data + mantissa);
        good = !spelled.failed &&
               scalar(emitter, spelled.data, spelled.length, YAML_PLAIN_SCALAR_STYLE);
        hh_text_free(&spelled);
    }
    hh_text_free(&text);
    return good;
}

static bool value(yaml_emitter_t *emitter, HhContext *context, const json_t *tree)
{
    yaml_event_t event;
    char digits[32];
    switch (json_typeof(tree)) {
    case JSON_OBJECT:
        if (!emit(emitter, &event,
                  yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                                      YAML_BLOCK_MAPPING_STYLE)))
            return false;
        for (void *at = json_object_iter((json_t *)tree); at;
             at = json_object_iter_next((json_t *)tree, at)) {
            const char *key = json_object_iter_key(at);
            if (!scalar(emitter, key, strlen(key), YAML_PLAIN_SCALAR_STYLE)) return false;
            if (!value(emitter, context, json_object_iter_value(at))) return false;
        }
        return emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
    case JSON_ARRAY: {
        bool block = json_is_object(json_array_get(tree, 0));
        yaml_sequence_style_t style = block ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE;
        if (!emit(emitter, &event,
                  yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style)))
            return false;
        for (size_t i = 0; i < json_array_size(tree); i++)
            if (!value(emitter, context, json_array_get(tree, i))) return false;
        return emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
    }
    case JSON_STRING:
        return scalar(emitter, json_string_value(tree), json_string_length(tree),
                      YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    case JSON_INTEGER:
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(tree));
        return scalar(emitter, digits, strlen(digits), YAML_PLAIN_SCALAR_STYLE);
    case JSON_REAL:
        return real(emitter, context, json_real_value(tree));
    case JSON_TRUE:
        return scalar(emitter, "true", 4, YAML_PLAIN_SCALAR_STYLE);
    case JSON_FALSE:
        return scalar(emitter, "false", 5, YAML_PLAIN_SCALAR_STYLE);
    case JSON_NULL:
        return scalar(emitter, "null", 4, YAML_PLAIN_SCALAR_STYLE);
    }
    return false;
}

static bool document(yaml_emitter_t *emitter, HhContext *context, const json_t *tree)
{
    yaml_event_t event;
    return emit(emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
           emit(emitter, &event,
                yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
           value(emitter, context, tree) &&
           emit(emitter, &event, yaml_document_end_event_initialize(&event, 1)) &&
           emit(emitter, &event, yaml_stream_end_event_initialize(&event));
}

void hh_result_yaml_text(HhText *text, const json_t *tree)
{
    yaml_emitter_t emitter;
    if (!yaml_emitter_initialize(&emitter)) {
        text->failed = true;
        return;
    }
    yaml_emitter_set_output(&emitter, append, text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, 100);
    if (!document(&emitter, text->context, tree)) text->failed = true;
    yaml_emitter_delete(&emitter);
}
