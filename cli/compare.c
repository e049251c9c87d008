/* heihachi compare-fingerprints and heihachi similar. */
#define _XOPEN_SOURCE 700 /* lstat */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

#define MAX_DEPTH 64
#define NO_FINGERPRINT                                                                             \
    "without a fingerprint; --profile default or --features fingerprint makes one"

typedef struct Request {
    const CliCommand *command;
    const char *names[2];
    size_t count;
    bool json;
    long threads, shown;
} Request;

static bool set_option(void *user, const CliOption *option, const char *value)
{
    Request *r = user;
    if (!option) {
        if (r->count == 2)
            return cli_usage_error(r->command, "two arguments, not more: \"%s\"", value) < 0;
        r->names[r->count++] = value;
        return true;
    }
    if (strcmp(option->name, "json") == 0) r->json = true;
    if (strcmp(option->name, "threads") == 0 && !cli_number(value, 0, 256, &r->threads))
        return cli_usage_error(r->command, "--threads takes a number from 0 to 256, not \"%s\"",
                               value) < 0;
    if (strcmp(option->name, "count") == 0 && !cli_number(value, 0, 1000000, &r->shown))
        return cli_usage_error(r->command, "--count takes a number, not \"%s\"", value) < 0;
    return true;
}

static int read_request(const char *name, int argc, char **argv, Request *request,
                        HhContext **context)
{
    *request = (Request){.command = cli_find_command(name), .shown = 10};
    *context = NULL;
    int code = cli_parse(request->command, argc, argv, set_option, request);
    if (code >= 0) return code;
    if (request->count != 2)
        return cli_usage_error(request->command, "%s needs two arguments", name);
    HhContextParams params = HH_CONTEXT_PARAMS_INIT;
    params.threads = (int)request->threads;
    return hh_context_create(&params, context) == HH_OK ? -1
                                                        : cli_error(CLI_OUTPUT, "out of memory");
}

/* ---- where a fingerprint comes from ---- */

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static HhStatus analyse(HhContext *context, const char *path, HhFingerprint *fingerprint)
{
    HhAnalyseParams params;
    HhAnalysis *analysis;
    hh_analyse_defaults(&params);
    params.features = HH_FEATURE_FINGERPRINT;
    HhStatus status = hh_analyse_file(context, path, &params, &analysis);
    if (status != HH_OK) return status;
    *fingerprint = analysis->fingerprint;
    hh_analysis_destroy(analysis);
    return HH_OK;
}

/* From a result, a fingerprint file, a folder with a result, or a sound file. */
static HhStatus read_fingerprint(HhContext *context, const char *path, HhFingerprint *fingerprint)
{
    if (ends_with(path, ".json")) return hh_fingerprint_read(context, path, fingerprint);
    if (!is_folder(path)) return analyse(context, path, fingerprint);
    char *result = cli_join(path, "result.json");
    HhStatus status = hh_fingerprint_read(context, result, fingerprint);
    free(result);
    return status;
}

/* A result that was made without the fingerprint. */
static bool lacks_fingerprint(const char *result)
{
    json_t *tree = json_load_file(result, 0, NULL);
    bool lacks = json_is_object(json_object_get(tree, "engine")) &&
                 json_is_null(json_object_get(tree, "fingerprint"));
    json_decref(tree);
    return lacks;
}

static int fail(const HhContext *context, HhStatus status, const char *path)
{
    const char *message = hh_context_message(context);
    if (!*message) message = hh_status_text(status);
    return strstr(message, path) ? cli_error(CLI_FAILED, "%s", message)
                                 : cli_error(CLI_FAILED, "%s: %s", path, message);
}

/* The same for a failure of read_fingerprint(). */
static int fail_to_read(const HhContext *context, HhStatus status, const char *path)
{
    char *result = is_folder(path) ? cli_join(path, "result.json") : cli_copy(path);
    bool lacks = status == HH_ERROR_FORMAT && lacks_fingerprint(result);
    free(result);
    return lacks ? cli_error(CLI_FAILED, "%s: a result " NO_FINGERPRINT, path)
                 : fail(context, status, path);
}

static json_t *number(double value)
{
    return value == value ? json_real(value) : json_null();
}

/* main() looks whether standard output took it. */
static int print_json(json_t *tree)
{
    int result = json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(tree);
    (void)putchar('\n');
    return result == 0 || ferror(stdout) ? CLI_DONE : cli_error(CLI_OUTPUT, "out of memory");
}

/* ---- compare-fingerprints ---- */

static int compare_json(const Request *r, const HhFingerprint *a, const HhFingerprint *b,
                        const HhFingerprintComparison *c)
{
    json_t *values = json_array();
    for (int i = 0; i < HH_FP_COUNT; i++)
        (void)json_array_append_new(
            values,
            json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:o}", "name", hh_fingerprint_name(i), "unit",
                      hh_fingerprint_unit(i), "a", number(a->values[i]), "b", number(b->values[i]),
                      "status_a", hh_fingerprint_status_name(a->status[i]), "status_b",
                      hh_fingerprint_status_name(b->status[i]), "contribution",
                      number(c->contribution[i])));
    char *name_a = cli_utf8(r->names[0]), *name_b = cli_utf8(r->names[1]);
    json_t *tree = json_pack("{s:s, s:s, s:o, s:o, s:i, s:o}", "a", name_a, "b", name_b, "distance",
                             number(c->distance), "similarity", number(c->similarity), "compared",
                             c->compared, "values", values);
    free(name_a);
    free(name_b);
    return print_json(tree);
}

static void print_value(double value)
{
    if (value == value)
        (void)printf("%12.4f", value);
    else
        (void)printf("%12s", "-");
}

static int compare_table(const Request *r, const HhFingerprint *a, const HhFingerprint *b,
                         const HhFingerprintComparison *c)
{
    /* below what is printed of the distance there is nothing to share */
    double square = c->distance < 5e-5 ? 0.0 : c->distance * c->distance;
    char *a_name = cli_printable(cli_copy(r->names[0])),
         *b_name = cli_printable(cli_copy(r->names[1]));
    (void)printf("A  %s\nB  %s\n\ndistance    %.4f\nsimilarity  %.4f\ncompared    %d of %d "
                 "values\n\n%-26s%12s%12s%14s\n",
                 a_name, b_name, c->distance, c->similarity, c->compared, (int)HH_FP_COUNT, "", "A",
                 "B", "of distance");
    free(a_name);
    free(b_name);
    for (int i = 0; i < HH_FP_COUNT; i++) {
        (void)printf("%-26s", hh_fingerprint_name(i));
        print_value(a->values[i]);
        print_value(b->values[i]);
        (void)printf("%12.1f %%\n", square > 0.0 ? 100.0 * c->contribution[i] / square : 0.0);
    }
    return CLI_DONE;
}

static int compare(HhContext *context, const Request *r)
{
    HhFingerprint fingerprints[2];
    HhFingerprintComparison comparison;
    for (int i = 0; i < 2; i++) {
        HhStatus status = read_fingerprint(context, r->names[i], &fingerprints[i]);
        if (status != HH_OK) return fail_to_read(context, status, r->names[i]);
    }
    HhStatus status = hh_fingerprint_compare(context, &fingerprints[0], &fingerprints[1], NULL,
                                             HH_FP_WEIGHTS_DEFAULT, &comparison);
    if (status != HH_OK) return fail(context, status, r->names[1]);
    return r->json ? compare_json(r, &fingerprints[0], &fingerprints[1], &comparison)
                   : compare_table(r, &fingerprints[0], &fingerprints[1], &comparison);
}

int command_compare(int argc, char **argv)
{
    Request request;
    HhContext *context;
    int code = read_request("compare-fingerprints", argc, argv, &request, &context);
    if (code < 0) code = compare(context, &request);
    hh_context_destroy(context);
    return code;
}

/* ---- similar ---- */

typedef struct Neighbour {
    char *path; /* of its result.json */
    HhFingerprint fingerprint;
    HhFingerprintComparison comparison;
} Neighbour;

typedef struct Library {
    HhContext *context;
    Neighbour *list;
    size_t count, capacity;
    size_t failed, without; /* results that cannot be read, and those without a fingerprint */
} Library;

static void add_result(Library *l, char *path)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity * 2 + 16;
        l->list = cli_grow(l->list, l->capacity, sizeof *l->list);
    }
    Neighbour *n = &l->list[l->count];
    HhStatus status = hh_fingerprint_read(l->context, path, &n->fingerprint);
    if (status == HH_OK) {
        n->path = path;
        l->count++;
        return;
    }
    if (status == HH_ERROR_FORMAT && lacks_fingerprint(path)) {
        l->without++;
    } else {
        (void)fail(l->context, status, path);
        l->failed++;
    }
    free(path);
}

static void search(Library *l, const char *folder, int depth)
{
    DIR *dir = depth < MAX_DEPTH ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        struct stat status;
        if (entry->d_name[0] == '.') continue;
        char *path = cli_join(folder, entry->d_name);
        if (strcmp(entry->d_name, "result.json") == 0) {
            add_result(l, path);
            continue;
        }
        if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) search(l, path, depth + 1);
        free(path);
    }
    if (dir) (void)closedir(dir);
}

static int nearest_first(const void *a, const void *b)
{
    const Neighbour *x = a, *y = b;
    if (x->comparison.distance != y->comparison.distance)
        return x->comparison.distance < y->comparison.distance ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* The ranges of the library itself where it is large enough, else the typical ones. */
static const HhFingerprintNormaliser *fit(const Library *l, HhFingerprintNormaliser *normaliser)
{
    if (l->count < HH_FP_MIN_FIT) return NULL;
    HhFingerprint *all = cli_alloc(l->count, sizeof *all);
    for (size_t i = 0; i < l->count; i++) all[i] = l->list[i].fingerprint;
    HhStatus status = hh_fingerprint_normaliser_fit(l->context, all, l->count, normaliser);
    free(all);
    return status == HH_OK ? normaliser : NULL;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Compares all with the track; leaves out its own result and what cannot be compared. */
static void compare_all(Library *l, const char *track, const HhFingerprint *fingerprint)
{
    HhFingerprintNormaliser normaliser;
    const HhFingerprintNormaliser *ranges = fit(l, &normaliser);
    char *own = is_folder(track) ? cli_join(track, "result.json") : cli_copy(track);
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        Neighbour *n = &l->list[i];
        HhStatus status =
            same_file(own, n->path)
                ? HH_ERROR_ARGUMENT
                : hh_fingerprint_compare(l->context, fingerprint, &n->fingerprint, ranges,
                                         HH_FP_WEIGHTS_DEFAULT, &n->comparison);
        if (status == HH_OK)
            l->list[kept++] = *n;
        else
            free(n->path);
    }
    l->count = kept;
    if (kept > 0) qsort(l->list, kept, sizeof *l->list, nearest_first);
    free(own);
}

static bool has_hash(const char *result, const char *hash)
{
    json_t *tree = json_load_file(result, 0, NULL);
    const char *theirs = json_string_value(json_object_get(json_object_get(tree, "input"), "hash"));
    bool same = theirs && strcmp(theirs, hash) == 0;
    json_decref(tree);
    return same;
}

/* Leaves out the results of the sound file itself, as far as they would be shown. */
static void drop_itself(Library *l, const char *hash, size_t shown)
{
    size_t kept = 0, i = 0;
    for (; i < l->count && kept < shown; i++)
        if (has_hash(l->list[i].path, hash))
            free(l->list[i].path);
        else
            l->list[kept++] = l->list[i];
    for (; i < l->count; i++) free(l->list[i].path);
    l->count = kept;
}

/* The folder of a result is what a person knows the track by. */
static void cut_file_name(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash && slash != path) *slash = '\0';
}

static size_t shown_of(const Library *l, const Request *r)
{
    return r->shown > 0 && (size_t)r->shown < l->count ? (size_t)r->shown : l->count;
}

static int print_neighbours(const Library *l, const Request *r)
{
    size_t shown = shown_of(l, r);
    json_t *list = r->json ? json_array() : NULL;
    if (!r->json) (void)printf("%10s%10s  track\n", "distance", "similar");
    for (size_t i = 0; i < shown; i++) {
        const Neighbour *n = &l->list[i];
        if (!r->json) {
            char *track = cli_printable(cli_copy(n->path));
            (void)printf("%10.4f%10.4f  %s\n", n->comparison.distance, n->comparison.similarity,
                         track);
            free(track);
            continue;
        }
        char *track = cli_utf8(n->path);
        (void)json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "track", track, "distance",
                                                    number(n->comparison.distance), "similarity",
                                                    number(n->comparison.similarity)));
        free(track);
    }
    return r->json ? print_json(list) : CLI_DONE;
}

/* Says in one line each what is missing. */
static int list_neighbours(const Library *l, const Request *r, size_t found)
{
    const char *folder = r->names[1];
    int code = CLI_DONE;
    if (l->without > 0)
        code = cli_error(CLI_FAILED, "%s: %zu result%s " NO_FINGERPRINT, folder, l->without,
                         l->without == 1 ? "" : "s");
    if (l->count == 0 && (found > 0 || l->without == 0))
        return cli_error(CLI_FAILED, "%s: there is no %s", folder,
                         found > 0 ? "other result below this folder that can be compared"
                                   : "result below this folder");
    int printed = l->count > 0 ? print_neighbours(l, r) : CLI_FAILED;
    if (printed != CLI_DONE) return printed;
    return l->failed > 0 ? CLI_FAILED : code;
}

static int similar(HhContext *context, const Request *r)
{
    const char *track = r->names[0];
    HhFingerprint fingerprint;
    char hash[33] = "";
    HhStatus status = read_fingerprint(context, track, &fingerprint);
    if (status == HH_OK && !ends_with(track, ".json") && !is_folder(track))
        status = hh_hash_file(context, track, hash, NULL);
    if (status != HH_OK) return fail_to_read(context, status, track);
    if (!is_folder(r->names[1])) return cli_error(CLI_FAILED, "%s: is no folder", r->names[1]);
    Library library = {.context = context};
    search(&library, r->names[1], 0);
    size_t found = library.count;
    compare_all(&library, track, &fingerprint);
    if (hash[0]) drop_itself(&library, hash, shown_of(&library, r));
    for (size_t i = 0; i < library.count; i++) cut_file_name(library.list[i].path);
    int code = list_neighbours(&library, r, found);
    for (size_t i = 0; i < library.count; i++) free(library.list[i].path);
    free(library.list);
    return code;
}

int command_similar(int argc, char **argv)
{
    Request request;
    HhContext *context;
    int code = read_request("similar", argc, argv, &request, &context);
    if (code < 0) code = similar(context, &request);
    hh_context_destroy(context);
    return code;
}
