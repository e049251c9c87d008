/* Reading and printing the parameters of feature_table.h. */
#include "feature_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char window_names[] =
    "hann|hamming|blackman|blackmanharris|bartlett|boxcar|kaiser|gaussian";

/* ---- names ---- */

/* Index of text[length] in "a|b|c", or -1. */
static int index_of(const char *names, const char *text, size_t length)
{
    for (int index = 0;; index++) {
        size_t n = strcspn(names, "|");
        if (n == length && strncmp(names, text, n) == 0) return index;
        if (names[n] == '\0') return -1;
        names += n + 1;
    }
}

static void print_name(const char *names, int index)
{
    while (index-- > 0) names += strcspn(names, "|") + 1;
    (void)printf("%.*s", (int)strcspn(names, "|"), names);
}

/* How unlike: edits, but a name after the last dot that is the same counts as near. */
static size_t distance(const char *text, size_t length, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t whole = cli_edits(text, length, name),
           last = dot ? cli_edits(text, length, dot + 1) + 1 : whole;
    return last < whole ? last : whole;
}

static const Feature *find_feature(const char *text, size_t length)
{
    const Feature *nearest = cli_feature_rows;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < cli_feature_count; i++) {
        const Feature *f = &cli_feature_rows[i];
        if (strlen(f->name) == length && strncmp(f->name, text, length) == 0) return f;
        size_t away = distance(text, length, f->name);
        if (away < least) {
            least = away;
            nearest = f;
        }
    }
    (void)cli_usage_error(cli_find_command("features"),
                          "there is no feature %.*s; the nearest name is %s", (int)length, text,
                          nearest->name);
    return NULL;
}

static const FeatureParam *find_param(const Feature *feature, const char *text, size_t length)
{
    const FeatureParam *nearest = feature->params;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < feature->param_count; i++) {
        const FeatureParam *p = &feature->params[i];
        if (strlen(p->name) == length && strncmp(p->name, text, length) == 0) return p;
        size_t away = distance(text, length, p->name);
        if (away < least) {
            least = away;
            nearest = p;
        }
    }
    (void)cli_usage_error(cli_find_command("features"),
                          "%s has no parameter %.*s; the nearest name is %s", feature->name,
                          (int)length, text, nearest->name);
    return NULL;
}

/* ---- values ---- */

/* A number (inf and nan are numbers) that ends at *end. */
static bool read_double(const char *text, const char **end, double *value)
{
    char *stop;
    *value = strtod(text, &stop);
    *end = stop;
    return stop != text;
}

static bool read_size(const char *text, const char **end, size_t *value)
{
    char *stop;
    if (*text < '0' || *text > '9') return false;
    *value = (size_t)strtoull(text, &stop, 10);
    *end = stop;
    return *value < SIZE_MAX / 4;
}

static bool read_window(const char *text, HhWindow *window)
{
    size_t length = strlen(text);
    int kind = strcmp(text, "ones") == 0 ? HH_WINDOW_BOXCAR : index_of(window_names, text, length);
    window->parameter = 0.0;
    for (size_t i = length; kind < 0 && i-- > 1;) {
        const char *end;
        if (text[i] != 'x' || !read_double(text + i + 1, &end, &window->parameter) || *end)
            continue;
        kind = index_of(window_names, text, i);
        if (kind != HH_WINDOW_KAISER && kind != HH_WINDOW_GAUSSIAN) kind = -1;
    }
    bool needs = kind == HH_WINDOW_KAISER || kind == HH_WINDOW_GAUSSIAN;
    if (kind < 0 || (needs && window->parameter == 0.0)) return false;
    window->kind = (HhWindowKind)kind;
    window->values = NULL;
    return true;
}

/* AxBxC into a list of size_t or double; returns how many, 0 on anything else. */
static size_t read_list(const char *text, size_t most, size_t *whole, double *real)
{
    for (size_t count = 0; count < most;) {
        if (whole ? !read_size(text, &text, &whole[count])
                  : !read_double(text, &text, &real[count]))
            return 0;
        count++;
        if (*text == '\0') return count;
        if (*text++ != 'x') return 0;
    }
    return 0;
}

static bool set_pair(const FeatureParam *p, unsigned char *at, const char *text)
{
    size_t whole[2];
    double real[2];
    bool sizes = p->kind == FEATURE_SIZE_PAIR;
    size_t count = sizes ? read_list(text, 2, whole, NULL) : read_list(text, 2, NULL, real);
    size_t last = count == 2 ? 1 : 0;
    if (count == 0) return false;
    memcpy(at + p->offset, sizes ? (void *)&whole[0] : (void *)&real[0],
           sizes ? sizeof *whole : sizeof *real);
    memcpy(at + p->second, sizes ? (void *)&whole[last] : (void *)&real[last],
           sizes ? sizeof *whole : sizeof *real);
    return true;
}

static bool set_list(const FeatureParam *p, FeatureRequest *request, const char *text)
{
    bool sizes = p->kind == FEATURE_SIZE_LIST;
    size_t count = sizes ? read_list(text, FEATURE_LIST, request->list.whole, NULL)
                         : read_list(text, FEATURE_LIST, NULL, request->list.real);
    const void *list = &request->list;
    if (strcmp(text, "none") == 0)
        list = NULL;
    else if (count == 0)
        return false;
    memcpy(request->values.bytes + p->offset, &list, sizeof list);
    memcpy(request->values.bytes + p->second, &count, sizeof count);
    return true;
}

static bool set_number(const FeatureParam *p, unsigned char *at, const char *text)
{
    const char *end = text + strlen(text);
    bool none = strcmp(text, "none") == 0;
    size_t whole = 0;
    double real = p->none;
    if (p->kind == FEATURE_SIZE) {
        if (!none && (!read_size(text, &end, &whole) || *end || whole == 0)) return false;
        memcpy(at + p->offset, &whole, sizeof whole);
    } else if (p->kind == FEATURE_INT) {
        long value;
        if (!cli_number(text, -1000000000L, 1000000000L, &value)) return false;
        int number = (int)value;
        memcpy(at + p->offset, &number, sizeof number);
    } else {
        if (!none && (!read_double(text, &end, &real) || *end)) return false;
        memcpy(at + p->offset, &real, sizeof real);
    }
    return true;
}

static bool set_fill(const FeatureParam *p, unsigned char *at, const char *text)
{
    bool keep = strcmp(text, "none") == 0;
    memcpy(at + p->second, &keep, sizeof keep);
    return keep || set_number(p, at, text);
}

static bool set_mel_norm(const FeatureParam *p, unsigned char *at, const char *text)
{
    HhMelNorm norm = strcmp(text, "slaney") == 0 ? HH_MEL_NORM_SLANEY
                     : strcmp(text, "none") == 0 ? HH_MEL_NORM_NONE
                                                 : HH_MEL_NORM_POWER;
    const char *end = "";
    double power = 1.0;
    if (norm == HH_MEL_NORM_POWER && (!read_double(text, &end, &power) || *end)) return false;
    memcpy(at + p->offset, &norm, sizeof norm);
    memcpy(at + p->second, &power, sizeof power);
    return true;
}

static bool set_bool(const FeatureParam *p, unsigned char *at, const char *text)
{
    int index = index_of(p->kind == FEATURE_FLAG ? p->choices : "false|true", text, strlen(text));
    bool value = index == 1;
    memcpy(at + p->offset, &value, sizeof value);
    return index >= 0;
}

static bool set_choice(const FeatureParam *p, unsigned char *at, const char *text)
{
    int index = index_of(p->choices, text, strlen(text));
    memcpy(at + p->offset, &index, sizeof index);
    return index >= 0;
}

static bool set_window(const FeatureParam *p, unsigned char *at, const char *text)
{
    HhWindow window;
    if (!read_window(text, &window)) return false;
    memcpy(at + p->offset, &window, sizeof window);
    return true;
}

static bool set_value(const FeatureParam *p, FeatureRequest *request, const char *text)
{
    unsigned char *at = request->values.bytes;
    switch (p->kind) {
    case FEATURE_SIZE:
    case FEATURE_INT:
    case FEATURE_DOUBLE:
        return set_number(p, at, text);
    case FEATURE_BOOL:
    case FEATURE_FLAG:
        return set_bool(p, at, text);
    case FEATURE_CHOICE:
        return set_choice(p, at, text);
    case FEATURE_WINDOW:
        return set_window(p, at, text);
    case FEATURE_SIZE_PAIR:
    case FEATURE_DOUBLE_PAIR:
        return set_pair(p, at, text);
    case FEATURE_SIZE_LIST:
    case FEATURE_DOUBLE_LIST:
        return set_list(p, request, text);
    case FEATURE_FILL:
        return set_fill(p, at, text);
    case FEATURE_MEL_NORM:
        return set_mel_norm(p, at, text);
    }
    return false;
}

/* True, False and None may be written as in Python. */
static const char *as_written(const char *text)
{
    static const char *const words[][2] = {{"True", "true"}, {"False", "false"}, {"None", "none"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i][0]) == 0) return words[i][1];
    return text;
}

/* What a value may look like, for the message. */
static const char *expected(const FeatureParam *p)
{
    switch (p->kind) {
    case FEATURE_SIZE:
        return "a whole number from 1 or none";
    case FEATURE_INT:
        return "a whole number";
    case FEATURE_DOUBLE:
        return "a number, inf or none";
    case FEATURE_BOOL:
        return "true or false";
    case FEATURE_CHOICE:
    case FEATURE_FLAG:
        return p->choices;
    case FEATURE_WINDOW:
        return "hann|hamming|blackman|blackmanharris|bartlett|boxcar|kaiserxBETA|gaussianxSIGMA";
    case FEATURE_SIZE_PAIR:
    case FEATURE_DOUBLE_PAIR:
        return "a number, or two as AxB";
    case FEATURE_SIZE_LIST:
    case FEATURE_DOUBLE_LIST:
        return "numbers as AxBxC, or none";
    case FEATURE_FILL:
        return "a number, nan or none";
    case FEATURE_MEL_NORM:
        return "slaney, none or a number";
    }
    return "";
}

/* One "key=value" of text[length]. */
static bool set_param(FeatureRequest *request, const char *text, size_t length)
{
    const char *sign = memchr(text, '=', length);
    if (!sign) {
        (void)cli_usage_error(cli_find_command("features"), "%s: \"%.*s\" is not KEY=VALUE",
                              request->feature->name, (int)length, text);
        return false;
    }
    const FeatureParam *p = find_param(request->feature, text, (size_t)(sign - text));
    if (!p) return false;
    char *value = cli_format("%.*s", (int)(text + length - sign - 1), sign + 1);
    bool good = set_value(p, request, as_written(value));
    if (!good)
        (void)cli_usage_error(cli_find_command("features"), "%s: %s takes %s, not \"%s\"",
                              request->feature->name, p->name, expected(p), value);
    free(value);
    return good;
}

bool cli_feature_parse(const char *text, FeatureRequest *request)
{
    size_t length = strcspn(text, ":");
    request->feature = find_feature(text, length);
    if (!request->feature) return false;
    request->feature->defaults(request->values.bytes);
    if (text[length] == '\0') return true;
    for (text += length + 1;; text += length + 1) {
        length = strcspn(text, ",");
        if (!set_param(request, text, length)) return false;
        if (text[length] == '\0') return true;
    }
}

/* ---- the list ---- */

static void print_double(double value, double none)
{
    if (value == none || (isnan(value) && isnan(none)))
        (void)printf("none");
    else
        (void)printf("%.10g", value);
}

static void print_window(const unsigned char *at)
{
    HhWindow window;
    memcpy(&window, at, sizeof window);
    print_name(window_names, (int)window.kind);
}

static void print_value(const FeatureParam *p, const unsigned char *values)
{
    const unsigned char *at = values + p->offset;
    size_t whole = 0;
    double real = 0.0;
    int number = 0;
    bool flag = false;
    switch (p->kind) {
    case FEATURE_SIZE:
    case FEATURE_SIZE_PAIR:
        memcpy(&whole, at, sizeof whole);
        if (whole)
            (void)printf("%zu", whole);
        else
            (void)printf("none");
        break;
    case FEATURE_INT:
        memcpy(&number, at, sizeof number);
        (void)printf("%d", number);
        break;
    case FEATURE_DOUBLE:
        memcpy(&real, at, sizeof real);
        print_double(real, p->none);
        break;
    case FEATURE_FILL:
        memcpy(&real, at, sizeof real);
        (void)printf("%g", real);
        break;
    case FEATURE_DOUBLE_PAIR:
        memcpy(&real, at, sizeof real);
        (void)printf("%g", real);
        memcpy(&real, values + p->second, sizeof real);
        (void)printf("x%g", real);
        break;
    case FEATURE_BOOL:
    case FEATURE_FLAG:
        memcpy(&flag, at, sizeof flag);
        print_name(p->kind == FEATURE_FLAG ? p->choices : "false|true", flag);
        break;
    case FEATURE_CHOICE:
        memcpy(&number, at, sizeof number);
        print_name(p->choices, number);
        break;
    case FEATURE_WINDOW:
        print_window(at);
        break;
    case FEATURE_SIZE_LIST:
    case FEATURE_DOUBLE_LIST:
        (void)printf("none");
        break;
    case FEATURE_MEL_NORM:
        (void)printf("slaney");
        break;
    }
}

void cli_feature_list(void)
{
    for (size_t i = 0; i < cli_feature_count; i++) {
        const Feature *f = &cli_feature_rows[i];
        FeatureValues values;
        f->defaults(values.bytes);
        (void)printf("%s", f->name);
        for (size_t part = 0; part < FEATURE_PARTS && f->parts[part]; part++)
            (void)printf("%s%s", part ? ", " : "  -> ", f->parts[part]);
        (void)putchar('\n');
        for (size_t k = 0; k < f->param_count; k++) {
            (void)printf("    %s=", f->params[k].name);
            print_value(&f->params[k], values.bytes);
            if (f->params[k].choices) (void)printf("    (%s)", f->params[k].choices);
            (void)putchar('\n');
        }
    }
}
