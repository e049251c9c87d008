/* A bar with rate and time left where standard error is a terminal, one plain line per track on
 * standard output in any case, and the log file. One lock guards it all; the bar is drawn at most
 * ten times a second. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

struct Progress {
    const Settings *settings;
    const Inputs *inputs;
    pthread_mutex_t lock;
    FILE *log;
    bool bar, drawn;
    double started, last_drawn;
    double *share, *heard_s; /* of each track: part done in [0, 1], seconds of sound done */
    double total_bytes, done_bytes, skipped_bytes, sound_s;
    size_t finished, failed, cached, skipped;
};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* At least one byte, so that files which cannot be examined count too. */
static double bytes_of(const Progress *p, size_t index)
{
    return (double)p->inputs->list[index].bytes + 1.0;
}

Progress *progress_start(const Settings *settings, const Inputs *inputs)
{
    Progress *p = cli_alloc(1, sizeof *p);
    p->settings = settings;
    p->inputs = inputs;
    p->bar = !settings->quiet && isatty(STDERR_FILENO);
    p->started = now();
    p->share = cli_alloc(inputs->count, sizeof *p->share);
    p->heard_s = cli_alloc(inputs->count, sizeof *p->heard_s);
    for (size_t i = 0; i < inputs->count; i++) p->total_bytes += bytes_of(p, i);
    (void)pthread_mutex_init(&p->lock, NULL);
    if (settings->log_path) p->log = fopen(settings->log_path, "a");
    if (settings->log_path && !p->log)
        (void)cli_error(0, "%s: cannot be written, going on without it: %s", settings->log_path,
                        strerror(errno));
    return p;
}

/* ---- the bar ---- */

static void clock_text(double seconds, char *text, size_t size)
{
    long s = seconds < 359999.0 ? (long)(seconds + 0.5) : 359999;
    if (s >= 3600)
        (void)snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void clear(Progress *p)
{
    if (p->drawn) (void)fputs("\r\033[K", stderr);
    p->drawn = false;
}

static void draw(Progress *p)
{
    double time = now(), elapsed = time - p->started, todo = p->total_bytes - p->skipped_bytes;
    if (!p->bar || time - p->last_drawn < 0.1) return;
    p->last_drawn = time;
    double share = todo > 0.0 ? (p->done_bytes - p->skipped_bytes) / todo : 1.0;
    char text[160], left[32] = "-:--";
    if (share > 0.005 && elapsed > 0.5)
        clock_text(elapsed * (1.0 - share) / share, left, sizeof left);
    (void)snprintf(text, sizeof text, " %3.0f %%  %zu/%zu  %.0fx real time  %s left", 100.0 * share,
                   p->finished, p->inputs->count, elapsed > 0.0 ? p->sound_s / elapsed : 0.0, left);
    int width = terminal_width() - (int)strlen(text) - 3;
    width = width > 40 ? 40 : width < 0 ? 0 : width;
    (void)fputs("\r[", stderr);
    for (int i = 0; i < width; i++) (void)fputc(i < (int)(share * width) ? '#' : '.', stderr);
    (void)fprintf(stderr, "]%s\033[K", text);
    (void)fflush(stderr);
    p->drawn = true;
}

static void advance(Progress *p, size_t index, double share, double heard_s)
{
    p->done_bytes += (share - p->share[index]) * bytes_of(p, index);
    p->sound_s += heard_s - p->heard_s[index];
    p->share[index] = share;
    p->heard_s[index] = heard_s;
}

void progress_at(Progress *p, size_t index, double done_s, double total_s)
{
    double share = total_s > 0.0 ? done_s / total_s : 0.0;
    (void)pthread_mutex_lock(&p->lock);
    advance(p, index, share < 1.0 ? share : 1.0, done_s);
    draw(p);
    (void)pthread_mutex_unlock(&p->lock);
}

/* ---- lines ---- */

static void write_log(Progress *p, const char *kind, const char *message)
{
    if (!p->log) return;
    char stamp[32];
    time_t time_now = time(NULL);
    struct tm parts;
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time_now, &parts));
    (void)fprintf(p->log, "%s %s %s\n", stamp, kind, message);
    (void)fflush(p->log);
}

void progress_finish(Progress *p, size_t index, double duration_s, Finish how, const char *line)
{
    const bool skipped = how == FINISH_LEFT_ALONE;
    char *shown = cli_printable(cli_copy(line));
    (void)pthread_mutex_lock(&p->lock);
    p->finished++;
    p->skipped += skipped;
    p->cached += how == FINISH_CACHED;
    if (skipped) p->skipped_bytes += bytes_of(p, index);
    advance(p, index, 1.0, skipped ? 0.0 : duration_s);
    clear(p);
    write_log(p, skipped ? "skipped" : "done", shown);
    if (!p->settings->quiet && (!skipped || p->settings->verbose > 0 || p->inputs->count == 1)) {
        if (p->inputs->count > 1) (void)printf("[%zu/%zu] ", p->finished, p->inputs->count);
        (void)puts(shown);
        (void)fflush(stdout);
    }
    draw(p);
    (void)pthread_mutex_unlock(&p->lock);
    free(shown);
}

void progress_fail(Progress *p, size_t index, const char *message)
{
    (void)pthread_mutex_lock(&p->lock);
    p->finished++;
    p->failed++;
    advance(p, index, 1.0, 0.0);
    clear(p);
    write_log(p, "failed", message);
    (void)cli_error(0, "%s", message);
    draw(p);
    (void)pthread_mutex_unlock(&p->lock);
}

void progress_log(Progress *p, HhLogLevel level, const char *message)
{
    static const char *const kinds[] = {"error", "warning", "info", "debug"};
    (void)pthread_mutex_lock(&p->lock);
    write_log(p, kinds[level], message);
    if (!p->settings->quiet && (int)level <= HH_LOG_WARNING + p->settings->verbose) {
        clear(p);
        (void)cli_error(0, "%s: %s", kinds[level], message);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void progress_end(Progress *p, bool interrupted)
{
    clear(p);
    double elapsed = now() - p->started;
    char text[240], clock[32], cached[48] = "";
    clock_text(elapsed, clock, sizeof clock);
    if (p->cached > 0) (void)snprintf(cached, sizeof cached, "%zu cached, ", p->cached);
    (void)snprintf(text, sizeof text,
                   "%zu tracks: %zu analysed, %s%zu left alone, %zu failed%s; %s (%.0fx real time)",
                   p->inputs->count, p->finished - p->failed - p->skipped - p->cached, cached,
                   p->skipped, p->failed, interrupted ? ", interrupted" : "", clock,
                   elapsed > 0.0 ? p->sound_s / elapsed : 0.0);
    write_log(p, "end", text);
    if (!p->settings->quiet && p->inputs->count > 1) (void)puts(text);
    bool lost = p->log && ferror(p->log) != 0;
    if (p->log && (fclose(p->log) != 0 || lost))
        (void)cli_error(0, "%s: not all of the log could be written", p->settings->log_path);
    (void)pthread_mutex_destroy(&p->lock);
    free(p->share);
    free(p->heard_s);
    free(p);
}
