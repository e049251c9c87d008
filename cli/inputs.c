/* Which files a run is about, and how the folder of each is called. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "process.h"

#define MAX_DEPTH 64

static const char *const endings[] = {"wav",  "wave", "aif", "aiff", "aifc", "flac", "ogg", "oga",
                                      "opus", "mp3",  "mp2", "mpa",  "m4a",  "m4b",  "mp4", "aac",
                                      "alac", "wma",  "ape", "wv",   "tta",  "mpc",  "mka", "webm",
                                      "caf",  "au",   "snd", "w64",  "rf64", "ac3",  "dts", "amr",
                                      "dsf",  "mov",  "mkv", "voc",  "spx",  "bwf"};

typedef struct Search {
    Inputs *inputs;
    size_t capacity;
} Search;

static void add(Search *s, const char *path)
{
    if (s->inputs->count == s->capacity) {
        s->capacity = s->capacity * 2 + 64;
        s->inputs->list = cli_grow(s->inputs->list, s->capacity, sizeof *s->inputs->list);
    }
    s->inputs->list[s->inputs->count++] = (Input){cli_copy(path), NULL, 0};
}

static bool has_sound_ending(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot + 1, endings[i]) == 0) return true;
    return false;
}

/* Hidden files and folders are left out, links to folders are not followed. */
static bool search_folder(Search *s, const char *folder, int depth)
{
    DIR *dir = depth < MAX_DEPTH ? opendir(folder) : NULL;
    if (!dir) return false;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char *path = cli_join(folder, entry->d_name);
        struct stat here, behind;
        if (lstat(path, &here) == 0 && S_ISDIR(here.st_mode)) {
            if (!search_folder(s, path, depth + 1))
                (void)cli_error(0, "%s: folder cannot be read, left out", path);
        } else if (has_sound_ending(entry->d_name) && stat(path, &behind) == 0 &&
                   S_ISREG(behind.st_mode)) {
            add(s, path);
        }
        free(path);
    }
    (void)closedir(dir);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const Input *)a)->path, ((const Input *)b)->path);
}

typedef struct Place {
    char *real;
    size_t index;
} Place;

static int by_place(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    int order = strcmp(x->real, y->real);
    return order ? order : x->index < y->index ? -1 : 1;
}

/* A file that was reached twice is kept under the first of its paths. */
static void drop_duplicates(Inputs *inputs)
{
    Place *places = cli_alloc(inputs->count, sizeof *places);
    for (size_t i = 0; i < inputs->count; i++) {
        char *real = realpath(inputs->list[i].path, NULL);
        places[i] = (Place){real ? real : cli_copy(inputs->list[i].path), i};
    }
    qsort(places, inputs->count, sizeof *places, by_place);
    for (size_t i = 1; i < inputs->count; i++) {
        if (strcmp(places[i].real, places[i - 1].real) != 0) continue;
        free(inputs->list[places[i].index].path);
        inputs->list[places[i].index].path = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < inputs->count; i++)
        if (inputs->list[i].path) inputs->list[kept++] = inputs->list[i];
    for (size_t i = 0; i < inputs->count; i++) free(places[i].real);
    inputs->count = kept;
    free(places);
}

void inputs_find(char *const *paths, size_t count, Inputs *inputs, size_t *failed)
{
    *inputs = (Inputs){0};
    Search search = {inputs, 0};
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (stat(paths[i], &status) != 0 || !S_ISDIR(status.st_mode)) {
            add(&search, paths[i]); /* what is missing is reported when its turn comes */
            continue;
        }
        size_t before = inputs->count;
        inputs->several = true;
        if (!search_folder(&search, paths[i], 0)) {
            (void)cli_error(0, "%s: %s", paths[i], strerror(errno));
            ++*failed;
        } else if (inputs->count == before) {
            (void)cli_error(0, "%s: there is no sound file in this folder", paths[i]);
            ++*failed;
        }
    }
    if (inputs->count > 0) qsort(inputs->list, inputs->count, sizeof *inputs->list, by_path);
    drop_duplicates(inputs);
    inputs->several = inputs->several || inputs->count > 1;
    for (size_t i = 0; i < inputs->count; i++) {
        struct stat status;
        if (stat(inputs->list[i].path, &status) == 0)
            inputs->list[i].bytes = (uint64_t)status.st_size;
    }
}

/* ---- names ---- */

/* The last part of the path without its ending. A name that starts with a dot would be hidden, or
 * be "..". */
static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    char *stem = length > 0 ? cli_format("%.*s", (int)length, base) : cli_copy("track");
    if (stem[0] == '.') stem[0] = '_';
    return stem;
}

/* A set of names, so that many files of one name stay quick. */
typedef struct Names {
    char **slots;
    size_t size; /* a power of two, at least twice the number of names */
} Names;

/* Where this name is, or would be. */
static char **slot(Names *names, const char *name)
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (const char *p = name; *p; p++) hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    size_t i = (size_t)hash & (names->size - 1);
    while (names->slots[i] && strcmp(names->slots[i], name) != 0) i = (i + 1) & (names->size - 1);
    return &names->slots[i];
}

/* The folder is not there, or holds an earlier result of this very file. */
static bool is_free(const char *output, const char *name, const char *path)
{
    struct stat status;
    char *folder = cli_join(output, name);
    bool exists = lstat(folder, &status) == 0;
    free(folder);
    return !exists || output_belongs_to(output, name, path);
}

void inputs_name(Inputs *inputs, const char *output)
{
    static char summary[] = "summary.csv", page[] = "index.html";
    Names names = {NULL, 64};
    while (names.size < 4 * inputs->count) names.size *= 2;
    names.slots = cli_alloc(names.size, sizeof *names.slots);
    *slot(&names, summary) = summary;
    *slot(&names, page) = page;
    for (size_t i = 0; i < inputs->count; i++) {
        char *stem = stem_of(inputs->list[i].path), *name = cli_copy(stem);
        for (size_t number = 2; *slot(&names, name) || !is_free(output, name, inputs->list[i].path);
             number++) {
            free(name);
            name = cli_format("%s-%zu", stem, number);
        }
        inputs->list[i].name = *slot(&names, name) = name;
        free(stem);
    }
    free(names.slots);
}

void inputs_free(Inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->list[i].path);
        free(inputs->list[i].name);
    }
    free(inputs->list);
    *inputs = (Inputs){0};
}
