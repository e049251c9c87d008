/* The configuration file: one YAML mapping of long option names to scalars or lists of scalars. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "process.h"

#define MAX_BYTES ((size_t)1 << 20)

typedef struct Reader {
    const CliCommand *command;
    const char *name;
    yaml_parser_t parser;
    CliSet *set;
    void *user;
} Reader;

static int line_of(const yaml_event_t *event)
{
    return (int)event->start_mark.line + 1;
}

/* False after a complaint: the file is no YAML. */
static bool next(Reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) return true;
    (void)cli_error(CLI_USAGE, "%s:%d: %s", r->name, (int)r->parser.problem_mark.line + 1,
                    r->parser.problem ? r->parser.problem : "not YAML");
    return false;
}

static bool is_scalar(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT &&
           strlen((const char *)event->data.scalar.value) == event->data.scalar.length;
}

static char *scalar(const yaml_event_t *event)
{
    return cli_copy((const char *)event->data.scalar.value);
}

/* One of the spellings of a YAML truth value: 1 or 0, else -1. */
static int truth(const char *text)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"no", "yes"}, {"off", "on"}, {"False", "True"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int value = 0; value < 2; value++)
            if (strcmp(text, words[i][value]) == 0) return value;
    return -1;
}

static bool give(Reader *r, const CliOption *option, const char *value, int line)
{
    if (!option->argument) {
        int on = truth(value);
        if (on < 0) {
            (void)cli_error(CLI_USAGE, "%s:%d: %s takes true or false, not \"%s\"", r->name, line,
                            option->name, value);
            return false;
        }
        return on == 0 || r->set(r->user, option, NULL);
    }
    if (r->set(r->user, option, value)) return true;
    (void)cli_error(CLI_USAGE, "%s:%d: this is where it stands", r->name, line);
    return false;
}

/* [a, b] becomes "a,b". NULL after a complaint. */
static char *read_list(Reader *r, const CliOption *option, int line)
{
    char *list = cli_copy("");
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event)) break;
        bool ended = event.type == YAML_SEQUENCE_END_EVENT, good = is_scalar(&event);
        if (good) {
            char *longer =
                cli_format("%s%s%s", list, *list ? "," : "", (const char *)event.data.scalar.value);
            free(list);
            list = longer;
        }
        yaml_event_delete(&event);
        if (ended) return list;
        if (!good) {
            (void)cli_error(CLI_USAGE, "%s:%d: %s takes a plain list", r->name, line, option->name);
            break;
        }
    }
    free(list);
    return NULL;
}

static bool read_value(Reader *r, const CliOption *option)
{
    yaml_event_t event;
    if (!next(r, &event)) return false;
    int line = line_of(&event);
    char *value = NULL;
    if (is_scalar(&event))
        value = scalar(&event);
    else if (event.type == YAML_SEQUENCE_START_EVENT && option->argument)
        value = read_list(r, option, line);
    else
        (void)cli_error(CLI_USAGE, "%s:%d: %s takes a plain value", r->name, line, option->name);
    yaml_event_delete(&event);
    bool good = value && give(r, option, value, line);
    free(value);
    return good;
}

/* From the start of the mapping to its end. */
static bool read_mapping(Reader *r)
{
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event)) return false;
        int line = line_of(&event);
        bool ended = event.type == YAML_MAPPING_END_EVENT, good = is_scalar(&event);
        char *key = good ? scalar(&event) : NULL;
        yaml_event_delete(&event);
        if (ended) return true;
        const CliOption *option = key ? cli_find_option(r->command, key, strlen(key)) : NULL;
        if (option && (strcmp(key, "config") == 0 || strcmp(key, "help") == 0)) option = NULL;
        if (!option)
            (void)cli_error(CLI_USAGE, "%s:%d: there is no option \"%s\"", r->name, line,
                            key ? key : "(not a plain name)");
        free(key);
        if (!option || !read_value(r, option)) return false;
    }
}

/* An empty document is a null scalar. */
static bool read_document(Reader *r)
{
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event)) return false;
        yaml_event_type_t type = event.type;
        int line = line_of(&event);
        bool empty = is_scalar(&event) && event.data.scalar.length == 0;
        yaml_event_delete(&event);
        switch (type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_STREAM_END_EVENT:
            return true;
        case YAML_MAPPING_START_EVENT:
            if (!read_mapping(r)) return false;
            break;
        default:
            if (empty) break;
            (void)cli_error(CLI_USAGE, "%s:%d: expected \"option: value\"", r->name, line);
            return false;
        }
    }
}

int config_parse(const CliCommand *command, const char *name, const unsigned char *bytes,
                 size_t length, CliSet *set, void *user)
{
    Reader r = {.command = command, .name = name, .set = set, .user = user};
    if (!yaml_parser_initialize(&r.parser)) return cli_error(CLI_USAGE, "%s: out of memory", name);
    yaml_parser_set_input_string(&r.parser, bytes, length);
    bool good = read_document(&r);
    yaml_parser_delete(&r.parser);
    return good ? -1 : CLI_USAGE;
}

int config_read(const CliCommand *command, const char *path, CliSet *set, void *user)
{
    FILE *file = fopen(path, "rb");
    if (!file) return cli_error(CLI_USAGE, "%s: %s", path, strerror(errno));
    unsigned char *bytes = cli_alloc(MAX_BYTES, 1);
    size_t length = fread(bytes, 1, MAX_BYTES, file);
    bool good = !ferror(file) && feof(file);
    (void)fclose(file);
    int code = good ? config_parse(command, path, bytes, length, set, user)
                    : cli_error(CLI_USAGE, "%s: cannot be read, or is no configuration file", path);
    free(bytes);
    return code;
}
