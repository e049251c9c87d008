/* The tree as JSON: objects one key per line, lists in one line (a list of objects one object per
 * line), so that a file with thousands of onsets stays readable. Twelve significant digits: a
 * nanosecond in two hours. */
#include "report/result.h"

static const size_t FLAGS = JSON_ENCODE_ANY | JSON_REAL_PRECISION(12);

static int append(const char *bytes, size_t length, void *text)
{
    hh_text_bytes(text, bytes, length);
    return ((HhText *)text)->failed ? -1 : 0;
}

static void indent(HhText *text, int depth)
{
    hh_text_put(text, "\n");
    for (int i = 0; i < depth; i++) hh_text_put(text, "  ");
}

static void value(HhText *text, const json_t *tree, int depth)
{
    if (json_is_object(tree) && json_object_size(tree)) {
        const char *before = "{";
        for (void *at = json_object_iter((json_t *)tree); at;
             at = json_object_iter_next((json_t *)tree, at)) {
            hh_text_put(text, before);
            indent(text, depth + 1);
            /* Our own keys: nothing to escape. */
            hh_text_format(text, "\"%s\": ", json_object_iter_key(at));
            value(text, json_object_iter_value(at), depth + 1);
            before = ",";
        }
        indent(text, depth);
        hh_text_put(text, "}");
        return;
    }
    if (json_is_array(tree) && json_is_object(json_array_get(tree, 0))) {
        for (size_t i = 0; i < json_array_size(tree); i++) {
            hh_text_put(text, i ? "," : "[");
            indent(text, depth + 1);
            if (json_dump_callback(json_array_get(tree, i), append, text, FLAGS) != 0)
                text->failed = true;
        }
        indent(text, depth);
        hh_text_put(text, "]");
        return;
    }
    if (json_dump_callback(tree, append, text, FLAGS) != 0) text->failed = true;
}

void hh_result_json_text(HhText *text, const json_t *tree)
{
    value(text, tree, 0);
    hh_text_put(text, "\n");
}
