/* heihachi perf compare: two trees of numbers, metric by metric.
 *
 * A metric is a number in the tree; its name is the way to it, joined by dots. Which way is better
 * is told by words of its last parts, as names of figures carry their units: see
 * direction_of(). What names nothing known is information and has no verdict. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef enum Direction { INFORMATION, LESS, MORE } Direction;
typedef enum Verdict { SAME, BETTER, WORSE, INFO, GONE, NEW } Verdict;

static const char *const verdict_names[] = {"same", "better", "worse", "info", "gone", "new"};

typedef struct List {
    char **items;
    size_t count;
} List;

typedef struct Metric {
    char *name;
    double value;
    char *unit;      /* of the object that it is in, or NULL */
    Direction given; /* by that object */
} Metric;

typedef struct Metrics {
    Metric *list;
    size_t count, capacity;
} Metrics;

typedef struct Request {
    const CliCommand *command;
    char *files[2];
    size_t file_count;
    bool compare, all, json;
    double threshold;
    List only, more, less;
} Request;

/* ---- names ---- */

/* Words are parted by anything that is no letter and no digit, and by underscores. */
static bool has_word(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = name; (at = strstr(at, word)) != NULL; at++) {
        bool begins = at == name || !strchr("abcdefghijklmnopqrstuvwxyz0123456789", at[-1]);
        bool ends = !at[length] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789", at[length]);
        if (begins && ends) return true;
    }
    return false;
}

static bool has_one(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (has_word(name, *words)) return true;
    return false;
}

static bool contains_one(const char *name, const List *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (strstr(name, list->items[i])) return true;
    return false;
}

/* The last part of the name decides; then the unit that the object has. */
static Direction direction_of(const Request *r, const Metric *m)
{
    static const char *const more[] = {"speed", "speedup",  "throughput", "realtime", "free",
                                       "score", "accuracy", "identical",  "ok",       NULL};
    static const char *const cost[] = {"share",  "instructions", "xruns", "lost",
                                       "failed", "worst",        NULL};
    static const char *const neither[] = {"uptime", "calls",   "count",   "samples", "rate",
                                          "hop",    "t",       "bar",     "budget",  "sample",
                                          "rival",  "version", "latency", NULL};
    static const char *const unit[] = {"us",    "ms",     "ns",     "s",   "seconds", "bytes",
                                       "kb",    "mb",     "kib",    "mib", "cycles",  "time",
                                       "error", "misses", "jitter", NULL};
    if (contains_one(m->name, &r->more)) return MORE;
    if (contains_one(m->name, &r->less)) return LESS;
    if (m->given != INFORMATION) return m->given;
    const char *dot = strrchr(m->name, '.'), *last = dot ? dot + 1 : m->name;
    if (has_one(last, more)) return MORE;
    if (has_one(last, cost)) return LESS;
    if (has_one(last, neither)) return INFORMATION;
    if (has_one(last, unit)) return LESS;
    if (m->unit && strcmp(last, "ours") == 0)
        return strstr(m->unit, "/s") || m->unit[0] == 'x' ? MORE : LESS;
    return INFORMATION;
}

/* ---- trees ---- */

/* What the object that a number is in says of it: the rows of the benchmarks have a unit, and
 * ratios of which "at_most" tells which way is better. */
static Direction given_direction(const json_t *object, const char *key)
{
    const json_t *at_most = json_object_get(object, "at_most");
    if (strcmp(key, "ratio") != 0 || !json_is_boolean(at_most)) return INFORMATION;
    return json_is_true(at_most) ? LESS : MORE;
}

static void add_metric(Metrics *m, const char *name, double value, const json_t *object,
                       const char *key)
{
    const char *unit = json_string_value(json_object_get(object, "unit"));
    if (m->count == m->capacity) {
        m->capacity = 2 * m->capacity + 64;
        m->list = cli_grow(m->list, m->capacity, sizeof *m->list);
    }
    m->list[m->count++] =
        (Metric){cli_copy(name), value, unit ? cli_copy(unit) : NULL, given_direction(object, key)};
}

/* An object of a list by what it is called, else by its place. */
static char *item_name(const json_t *item, size_t place)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    const char *area = json_string_value(json_object_get(item, "area"));
    if (!name) return cli_format("%zu", place);
    return area ? cli_format("%s/%s", area, name) : cli_copy(name);
}

/* `object` is the one that `tree` is in, under `key`. */
static void collect(Metrics *m, json_t *tree, const char *name, const json_t *object,
                    const char *key)
{
    const char *inner;
    json_t *value;
    size_t i;
    if (json_is_number(tree)) add_metric(m, name, json_number_value(tree), object, key);
    if (json_is_boolean(tree)) add_metric(m, name, json_is_true(tree) ? 1.0 : 0.0, object, key);
    json_object_foreach(tree, inner, value)
    {
        char *path = *name ? cli_format("%s.%s", name, inner) : cli_copy(inner);
        collect(m, value, path, tree, inner);
        free(path);
    }
    json_array_foreach(tree, i, value)
    {
        char *item = item_name(value, i);
        char *path = *name ? cli_format("%s.%s", name, item) : cli_copy(item);
        collect(m, value, path, object, key);
        free(item);
        free(path);
    }
}

static bool read_metrics(const char *path, Metrics *m)
{
    json_error_t error;
    FILE *file = fopen(path, "r");
    json_t *tree = file ? json_loadf(file, JSON_REJECT_DUPLICATES, &error) : NULL;
    bool was_read = file && !ferror(file);
    if (!was_read)
        (void)cli_error(0, "%s: %s", path, strerror(errno));
    else if (!tree)
        (void)cli_error(0, "%s: line %d: %s", path, error.line, error.text);
    if (file) (void)fclose(file);
    if (!was_read || !tree) {
        json_decref(tree);
        return false;
    }
    collect(m, tree, "", NULL, "");
    json_decref(tree);
    if (m->count > 0) return true;
    (void)cli_error(0, "%s: there are no numbers in it", path);
    return false;
}

static void free_metrics(Metrics *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->list[i].name);
        free(m->list[i].unit);
    }
    free(m->list);
}

static const Metric *find(const Metrics *m, const char *name, size_t guess)
{
    if (guess < m->count && strcmp(m->list[guess].name, name) == 0) return &m->list[guess];
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->list[i].name, name) == 0) return &m->list[i];
    return NULL;
}

/* ---- verdicts ---- */

typedef struct Row {
    const char *name;
    const Metric *before, *after;
    double change; /* per cent, may be infinite */
    Direction direction;
    Verdict verdict;
} Row;

static double change_of(double before, double after)
{
    if (before == after) return 0.0;
    return before == 0.0 ? copysign(HUGE_VAL, after) : 100.0 * (after - before) / fabs(before);
}

static Row judge(const Request *r, const Metric *before, const Metric *after)
{
    const Metric *known = before ? before : after;
    Row row = {known->name, before, after, 0.0, direction_of(r, known), SAME};
    if (!before || !after) {
        row.verdict = after ? NEW : row.direction == INFORMATION ? INFO : GONE;
        return row;
    }
    row.change = change_of(before->value, after->value);
    double loss = row.direction == MORE ? -row.change : row.change;
    if (row.direction == INFORMATION)
        row.verdict = row.change == 0.0 ? SAME : INFO;
    else if (loss > r->threshold)
        row.verdict = WORSE;
    else if (loss < -r->threshold)
        row.verdict = BETTER;
    return row;
}

static void print_number(const Metric *m)
{
    if (m)
        (void)printf("  %12.6g", m->value);
    else
        (void)printf("  %12s", "-");
}

static void print_row(const Request *r, const Row *row)
{
    bool equal = row->before && row->after && row->before->value == row->after->value;
    if (!r->all && equal) return;
    char *name = cli_printable(cli_copy(row->name));
    (void)printf("%-48s", name);
    print_number(row->before);
    print_number(row->after);
    if (row->before && row->after && isfinite(row->change))
        (void)printf("  %+9.1f %%", row->change);
    else
        (void)printf("  %9s  ",
                     row->before && row->after ? (row->change > 0 ? "+inf" : "-inf") : "");
    (void)printf("  %s\n", verdict_names[row->verdict]);
    free(name);
}

static json_t *row_json(const Row *row)
{
    static const char *const directions[] = {"none", "less", "more"};
    json_t *change =
        row->before && row->after && isfinite(row->change) ? json_real(row->change) : json_null();
    return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s}", "name", row->name, "baseline",
                     row->before ? json_real(row->before->value) : json_null(), "new",
                     row->after ? json_real(row->after->value) : json_null(), "change_percent",
                     change, "better", directions[row->direction], "verdict",
                     verdict_names[row->verdict]);
}

typedef struct Summary {
    size_t verdicts[NEW + 1]; /* how many metrics have each */
    json_t *rows;
} Summary;

static size_t count_metrics(const Summary *s)
{
    size_t count = 0;
    for (size_t v = 0; v <= NEW; v++) count += s->verdicts[v];
    return count;
}

static void tell(const Request *r, Summary *s, const Metric *before, const Metric *after)
{
    const Metric *known = before ? before : after;
    if (r->only.count > 0 && !contains_one(known->name, &r->only)) return;
    Row row = judge(r, before, after);
    s->verdicts[row.verdict]++;
    if (r->json)
        (void)json_array_append_new(s->rows, row_json(&row));
    else
        print_row(r, &row);
}

static void print_summary(const Request *r, const Summary *s, bool worse)
{
    if (!r->json) {
        (void)printf("%zu better, %zu worse, %zu gone, %zu same, %zu without verdict (threshold %g "
                     "%%): %s\n",
                     s->verdicts[BETTER], s->verdicts[WORSE], s->verdicts[GONE], s->verdicts[SAME],
                     s->verdicts[INFO] + s->verdicts[NEW], r->threshold, worse ? "WORSE" : "good");
        return;
    }
    json_t *tree = json_pack("{s:s, s:s, s:f, s:s, s:I, s:I, s:I, s:O}", "baseline", r->files[0],
                             "new", r->files[1], "threshold_percent", r->threshold, "verdict",
                             worse ? "worse" : "good", "better", (json_int_t)s->verdicts[BETTER],
                             "worse", (json_int_t)s->verdicts[WORSE], "gone",
                             (json_int_t)s->verdicts[GONE], "metrics", s->rows);
    (void)json_dumpf(tree, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    (void)putchar('\n');
    json_decref(tree);
}

static int compare(const Request *r)
{
    Metrics before = {NULL, 0, 0}, after = {NULL, 0, 0};
    Summary s = {.rows = json_array()};
    int code = CLI_FAILED;
    if (read_metrics(r->files[0], &before) && read_metrics(r->files[1], &after)) {
        for (size_t i = 0; i < before.count; i++)
            tell(r, &s, &before.list[i], find(&after, before.list[i].name, i));
        for (size_t i = 0; i < after.count; i++)
            if (!find(&before, after.list[i].name, i)) tell(r, &s, NULL, &after.list[i]);
        bool worse = s.verdicts[WORSE] + s.verdicts[GONE] > 0;
        bool any = count_metrics(&s) > 0;
        if (any)
            print_summary(r, &s, worse);
        else
            (void)cli_error(0, "no metric has a name that --only asks for");
        code = worse || !any ? CLI_FAILED : CLI_DONE;
    }
    json_decref(s.rows);
    free_metrics(&before);
    free_metrics(&after);
    return code;
}

/* ---- the command line ---- */

static bool add_text(List *list, const char *text)
{
    list->items = cli_grow(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = cli_copy(text);
    return true;
}

static bool set_argument(Request *r, const char *value)
{
    if (!r->compare) {
        r->compare = strcmp(value, "compare") == 0;
        return r->compare ||
               cli_usage_error(r->command, "perf knows compare, not \"%s\"", value) < 0;
    }
    if (r->file_count == 2)
        return cli_usage_error(r->command, "two files, not more: \"%s\"", value) < 0;
    r->files[r->file_count++] = cli_copy(value);
    return true;
}

static bool set_option(void *user, const CliOption *option, const char *value)
{
    Request *r = user;
    char *end;
    if (!option) return set_argument(r, value);
    if (strcmp(option->name, "json") == 0) return r->json = true;
    if (strcmp(option->name, "all") == 0) return r->all = true;
    if (strcmp(option->name, "only") == 0) return add_text(&r->only, value);
    if (strcmp(option->name, "higher") == 0) return add_text(&r->more, value);
    if (strcmp(option->name, "lower") == 0) return add_text(&r->less, value);
    r->threshold = strtod(value, &end);
    return (end != value && *end == '\0' && r->threshold >= 0.0 && r->threshold <= 1e6) ||
           cli_usage_error(r->command, "--threshold: a number from 0, not \"%s\"", value) < 0;
}

static void free_list(List *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->items[i]);
    free(list->items);
}

int command_perf(int argc, char **argv)
{
    Request r = {.command = cli_find_command("perf"), .threshold = 5.0};
    int code = cli_parse(r.command, argc, argv, set_option, &r);
    if (code < 0 && (!r.compare || r.file_count < 2))
        code = cli_usage_error(r.command, "perf compare needs two files");
    if (code < 0) code = compare(&r);
    for (size_t i = 0; i < r.file_count; i++) free(r.files[i]);
    free_list(&r.only);
    free_list(&r.more);
    free_list(&r.less);
    return code;
}
