/* The folder of a track: built under a temporary name beside its place and renamed when it is
 * whole.
 *
 * A rename is the only step that shows anything under a final name. An earlier result of the same
 * track is moved aside first, to ASIDE/STEM, so a kill between two renames leaves none rather than
 * half of one; the next run puts what lies aside back. Files that a person put into the folder move
 * to the new one; they are never removed, whatever fails. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"

/* What a run makes in the output folder beside its results: the folders TEMPORARY PID-N and ASIDE
 * PID-N, and the files MARK PID-N.tmp in which the library writes. */
#define MARK      ".heihachi-"
#define TEMPORARY MARK "tmp-"
#define ASIDE     MARK "old-"

static const char *const own_files[] = {"result.json",  "result.csv",  "result.yaml", "result.md",
                                        "features.npz", "report.html", "plots"};

/* ---- folders ---- */

void remove_tree(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0) return;
    if (!S_ISDIR(status.st_mode)) {
        (void)unlink(path);
        return;
    }
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *child = cli_join(path, entry->d_name);
        remove_tree(child);
        free(child);
    }
    if (dir) (void)closedir(dir);
    (void)rmdir(path);
}

static bool make_folders(const char *path)
{
    char *copy = cli_copy(path);
    int reason = 0; /* of the first part that could not be made */
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST && reason == 0) reason = errno;
        *slash = '/';
    }
    struct stat status;
    bool made = mkdir(copy, 0777) == 0 ||
                (errno == EEXIST && stat(copy, &status) == 0 && S_ISDIR(status.st_mode));
    if (!made && errno == ENOENT && reason != 0) errno = reason;
    reason = errno;
    free(copy);
    errno = reason;
    return made;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* A name of a process that is no more. */
static bool is_stale(const char *name)
{
    if (!starts_with(name, MARK)) return false;
    bool folder = starts_with(name, TEMPORARY) || starts_with(name, ASIDE);
    const char *digits = name + strlen(folder ? TEMPORARY : MARK);
    size_t length = strspn(digits, "0123456789");
    const char *end = digits + length;
    if (length == 0 || length > 9 || *end != '-') return false;
    end += 1 + strspn(end + 1, "0123456789");
    if (strcmp(end, folder ? "" : ".tmp") != 0) return false;
    long process = strtol(digits, NULL, 10);
    return process == (long)getpid() ||
           (process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH);
}

static char *temporary_name(const char *output, const char *mark, size_t index)
{
    return cli_format("%s/%s%ld-%zu", output, mark, (long)getpid(), index);
}

/* ---- what lies aside ---- */

static bool is_own_file(const char *name)
{
    for (size_t i = 0; i < sizeof own_files / sizeof *own_files; i++)
        if (strcmp(own_files[i], name) == 0) return true;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Renames, but never onto something. */
static bool move(const char *from, const char *to)
{
    struct stat status;
    return lstat(to, &status) != 0 && errno == ENOENT && rename(from, to) == 0;
}

/* Files that are not ours go on living in the other folder. False if some could not move. */
static bool carry_over(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    bool all = dir != NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (is_own_file(entry->d_name)) continue;
        char *old = cli_join(from, entry->d_name), *new = cli_join(to, entry->d_name);
        if (!move(old, new)) all = false;
        free(old);
        free(new);
    }
    if (dir) (void)closedir(dir);
    return all;
}

/* Removes the folder `from` after its successor `to` has got what is not ours. False if the folder
 * stays, with what could not move. */
static bool give_way(const char *from, const char *to)
{
    struct stat status;
    if (lstat(from, &status) != 0) return false;
    if (!S_ISDIR(status.st_mode)) return unlink(from) == 0; /* a link: its target is left alone */
    if (!carry_over(from, to)) return false;
    for (size_t i = 0; i < sizeof own_files / sizeof *own_files; i++) {
        char *path = cli_join(from, own_files[i]);
        remove_tree(path);
        free(path);
    }
    return rmdir(from) == 0;
}

/* Puts back what a killed run had put aside: the whole folder if its place is empty, else the files
 * of a person. */
static void recover(const char *output, const char *aside)
{
    DIR *dir = opendir(aside);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        char *old = cli_join(aside, entry->d_name), *final = cli_join(output, entry->d_name);
        struct stat status;
        if (entry->d_name[0] != '.' && lstat(old, &status) == 0 && !S_ISREG(status.st_mode) &&
            !move(old, final))
            (void)give_way(old, final);
        free(old);
        free(final);
    }
    if (dir) (void)closedir(dir);
    if (rmdir(aside) != 0)
        (void)cli_error(
            0, "%s: a run that was killed left this, with files that cannot be put back", aside);
}

int output_prepare(const char *folder)
{
    if (!make_folders(folder))
        return cli_error(CLI_OUTPUT, "%s: cannot make this folder: %s", folder, strerror(errno));
    DIR *dir = opendir(folder);
    if (!dir)
        return cli_error(CLI_OUTPUT, "%s: cannot read this folder: %s", folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!is_stale(entry->d_name)) continue;
        char *path = cli_join(folder, entry->d_name);
        if (starts_with(entry->d_name, ASIDE))
            recover(folder, path);
        else
            remove_tree(path);
        free(path);
    }
    (void)closedir(dir);
    char *probe = temporary_name(folder, TEMPORARY, 0);
    bool writable = mkdir(probe, 0777) == 0 && rmdir(probe) == 0;
    int code = writable ? -1
                        : cli_error(CLI_OUTPUT, "%s: cannot write into this folder: %s", folder,
                                    strerror(errno));
    free(probe);
    return code;
}

/* ---- what is there ---- */

static json_t *load_result(const char *output, const char *name)
{
    char *folder = cli_join(output, name), *path = cli_join(folder, "result.json");
    json_t *tree = json_load_file(path, 0, NULL);
    free(path);
    free(folder);
    const char *engine =
        json_string_value(json_object_get(json_object_get(tree, "engine"), "name"));
    if (engine && strcmp(engine, "heihachi") == 0) return tree;
    json_decref(tree);
    return NULL;
}

static const char *input_text(const json_t *tree, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(tree, "input"), key));
    return text ? text : "";
}

bool output_exists(const Settings *settings, const char *name)
{
    json_t *tree = load_result(settings->output, name);
    json_decref(tree);
    return tree != NULL;
}

static bool has_file(const Settings *settings, const char *name, const char *file)
{
    char *folder = cli_join(settings->output, name), *path = cli_join(folder, file);
    bool there = access(path, F_OK) == 0;
    free(path);
    free(folder);
    return there;
}

static bool has_features(const json_t *tree, unsigned wanted)
{
    static const struct {
        unsigned bit;
        const char *name;
    } known[] = {
#define FEATURE_NAME(bit, name, text, what) {HH_FEATURE_##name, text},
        HH_FEATURE_LIST(FEATURE_NAME)
#undef FEATURE_NAME
    };
    const json_t *list = json_object_get(json_object_get(tree, "parameters"), "features");
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            const char *text = json_string_value(json_array_get(list, i));
            if (text && strcmp(text, known[k].name) == 0) wanted &= ~known[k].bit;
        }
    return wanted == 0;
}

bool output_matches(const Settings *settings, const char *name, const char *hash)
{
    json_t *tree = load_result(settings->output, name);
    json_int_t version =
        json_integer_value(json_object_get(json_object_get(tree, "engine"), "analysis_version"));
    bool good = tree && strcmp(input_text(tree, "hash"), hash) == 0 &&
                version == HH_ANALYSIS_VERSION && has_features(tree, settings->features) &&
                has_file(settings, name, "features.npz") &&
                has_file(settings, name, "report.html") &&
                (!settings->plots || has_file(settings, name, "plots")) &&
                (!(settings->formats & FORMAT_CSV) || has_file(settings, name, "result.csv")) &&
                (!(settings->formats & FORMAT_YAML) || has_file(settings, name, "result.yaml")) &&
                (!(settings->formats & FORMAT_MARKDOWN) || has_file(settings, name, "result.md"));
    json_decref(tree);
    return good;
}

/* The path in a result is as it was given then, perhaps from another folder: if it leads nowhere,
 * the bytes decide. */
bool output_belongs_to(const char *output, const char *name, const char *path)
{
    json_t *tree = load_result(output, name);
    const char *theirs = input_text(tree, "path");
    struct stat a, b;
    char hash[33];
    bool ours = tree != NULL;
    if (ours && strcmp(theirs, path) != 0) {
        if (stat(theirs, &a) == 0 && stat(path, &b) == 0)
            ours = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
        else
            ours = hh_hash_file(NULL, path, hash, NULL) == HH_OK &&
                   strcmp(hash, input_text(tree, "hash")) == 0;
    }
    json_decref(tree);
    return ours;
}

/* ---- writing ---- */

/* Address of the audio as seen from the page. */
static HhStatus audio_address(HhContext *context, const char *path, char **href)
{
    char *real = realpath(path, NULL);
    HhStatus status = hh_report_href(context, real ? real : path, href);
    free(real);
    return status;
}

typedef struct Job {
    HhContext *context;
    const Settings *settings;
    const HhAnalysis *analysis;
    const HhReportRun *run;
    const char *folder;
} Job;

static HhStatus write_text(const Job *job, const char *name)
{
    char *path = cli_join(job->folder, name);
    const char *ending = strrchr(name, '.');
    HhStatus status =
        strcmp(ending, ".json") == 0   ? hh_report_json(job->context, job->analysis, job->run, path)
        : strcmp(ending, ".yaml") == 0 ? hh_report_yaml(job->context, job->analysis, job->run, path)
        : strcmp(ending, ".csv") == 0  ? hh_report_csv(job->context, job->analysis, path)
        : strcmp(ending, ".md") == 0   ? hh_report_markdown(job->context, job->analysis, path)
                                       : hh_report_npz(job->context, job->analysis, path);
    free(path);
    return status;
}

static HhStatus write_page(const Job *job, const char *audio)
{
    char *href, *path = cli_join(job->folder, "report.html");
    HhStatus status = audio_address(job->context, audio, &href);
    if (status == HH_OK) {
        status = hh_report_html(job->context, job->analysis, job->run, href, path);
        hh_report_text_free(job->context, href);
    }
    free(path);
    return status;
}

static HhStatus write_plots(const Job *job)
{
    char *path = cli_join(job->folder, "plots");
    HhStatus status = hh_report_plots(job->context, job->analysis, NULL, path, NULL);
    free(path);
    return status;
}

static HhStatus write_files(const Job *job, const char *audio)
{
    HhStatus status = write_text(job, "features.npz");
    if (status == HH_OK && (job->settings->formats & FORMAT_CSV))
        status = write_text(job, "result.csv");
    if (status == HH_OK && (job->settings->formats & FORMAT_YAML))
        status = write_text(job, "result.yaml");
    if (status == HH_OK && (job->settings->formats & FORMAT_MARKDOWN))
        status = write_text(job, "result.md");
    if (status == HH_OK && job->settings->plots) status = write_plots(job);
    if (status == HH_OK) status = write_page(job, audio);
    return status == HH_OK ? write_text(job, "result.json") : status;
}

/* Puts the finished folder in its place. NULL, or what went wrong. */
static char *put_in_place(const char *output, const char *name, const char *temporary,
                          const char *aside)
{
    char *final = cli_join(output, name), *old = cli_join(aside, name), *message = NULL;
    struct stat status;
    bool replaces = lstat(final, &status) == 0;
    if (replaces && ((mkdir(aside, 0777) != 0 && errno != EEXIST) || rename(final, old) != 0)) {
        message = cli_format("%s: %s", final, strerror(errno));
        (void)rmdir(aside);
    } else if (rename(temporary, final) != 0) {
        message = cli_format("%s: %s", final, strerror(errno));
        if (replaces && rename(old, final) == 0) (void)rmdir(aside);
    } else if (replaces && (!give_way(old, final) || rmdir(aside) != 0)) {
        message = cli_format("%s: is written, but files of the folder that was there cannot move; "
                             "they are in %s",
                             final, old);
    }
    free(final);
    free(old);
    return message;
}

HhStatus output_write(HhContext *context, const Settings *settings, const Input *input,
                      size_t index, const HhAnalysis *analysis, const HhReportRun *run,
                      char **message)
{
    char *temporary = temporary_name(settings->output, TEMPORARY, index + 1),
         *aside = temporary_name(settings->output, ASIDE, index + 1);
    Job job = {context, settings, analysis, run, temporary};
    HhStatus status = HH_OK;
    *message = NULL;
    remove_tree(temporary);
    if (mkdir(temporary, 0777) != 0)
        *message = cli_format("%s: %s", temporary, strerror(errno));
    else
        status = write_files(&job, input->path);
    if (!*message && status == HH_OK)
        *message = put_in_place(settings->output, input->name, temporary, aside);
    if (*message) status = HH_ERROR_WRITE;
    if (status != HH_OK) remove_tree(temporary);
    free(temporary);
    free(aside);
    return status;
}

/* ---- all tracks ---- */

HhStatus output_summary(HhContext *context, const Settings *settings, const Inputs *inputs,
                        const bool *has_result)
{
    HhReportEntry *entries = cli_alloc(inputs->count, sizeof *entries);
    size_t count = 0;
    HhStatus status = HH_OK;
    for (size_t i = 0; i < inputs->count && status == HH_OK; i++) {
        if (!has_result[i]) continue;
        char *folder = cli_join(settings->output, inputs->list[i].name),
             *page = cli_join(inputs->list[i].name, "report.html");
        char *href = NULL;
        status = hh_report_href(context, page, &href);
        entries[count++] = (HhReportEntry){cli_join(folder, "result.json"), href};
        free(folder);
        free(page);
    }
    char *table = cli_join(settings->output, "summary.csv"),
         *page = cli_join(settings->output, "index.html");
    if (status == HH_OK && count > 0)
        status = hh_report_summary_csv(context, entries, count, table);
    if (status == HH_OK && count > 0) status = hh_report_index_html(context, entries, count, page);
    for (size_t i = 0; i < count; i++) {
        free((char *)entries[i].result);
        hh_report_text_free(context, (char *)entries[i].href);
    }
    free(table);
    free(page);
    free(entries);
    return status;
}
