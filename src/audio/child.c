/* ffmpeg as a decoder for what libsndfile refuses (AAC, ALAC, WMA, Matroska, ...).
 *
 * A child process, and not a library: a crash, a hang or a leak in a codec stays there, and so does
 * its licence. No shell; the program sees the path after "file:", only local files and only sound
 * containers (no playlists, which could name other files). Limits on processor time, memory, open
 * files and file size are set between fork and exec. The sound comes as an AU stream, because its
 * header is 24 bytes of big-endian words that say rate and channels, and takes any length. The
 * child has its own process group: a Ctrl-C at the terminal ends us, not half of our input.
 *
 * The descriptors are marked close-on-exec under a lock, so that two children started at once do
 * not inherit each other's pipes (a pipe held by a stranger never ends). */
#include "audio/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/platform.h"

#define CPU_LIMIT_S  1800u
#define MEMORY_LIMIT ((rlim_t)3 << 30)
#define BUFFER_BYTES 65536u

#define CONTAINERS                                                                                 \
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,ac3,eac3,asf,xwma,ape,wv,tta,tak,mpc,mpc8,mp3,ogg," \
    "flac,wav,w64,aiff,"                                                                           \
    "caf,au,amr,dsf,iff,dts,dtshd,truehd,mlp,mpeg,mpegts,avi,flv,rm,shn,oma,voc,loas,gsm,rso,sox," \
    "swf,wtv,xa,ircam,"                                                                            \
    "nistsphere,pvf"

struct HhChild {
    HhContext *context;
    pid_t pid;
    int sound, complaint; /* read ends of the child's stdout and stderr; -1 when they have ended */
    double stall_s;
    size_t begin, end; /* unread part of `buffer` */
    size_t said_length;
    char said[512]; /* the first words on stderr */
    unsigned char buffer[BUFFER_BYTES];
};

bool hh_child_find(const char *program, char *found, size_t size)
{
    if (program[0] == '\0') return false;
    if (strchr(program, '/')) {
        int length = snprintf(found, size, "%s", program);
        return length > 0 && (size_t)length < size && access(found, X_OK) == 0;
    }
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t length = strcspn(path, ":");
        int written = snprintf(found, size, "%.*s/%s", (int)length, path, program);
        struct stat status;
        if (length > 0 && written > 0 && (size_t)written < size && access(found, X_OK) == 0 &&
            stat(found, &status) == 0 && S_ISREG(status.st_mode))
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

/* ---- start ---- */

static void limit(int resource, rlim_t value)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
        value = now.rlim_max;
    (void)setrlimit(resource, &(struct rlimit){value, value});
}

/* In the child: only calls that are safe after fork() in a program with threads. */
static _Noreturn void become(const char *program, char *const *arguments, int sound, int complaint,
                             int null)
{
    (void)setpgid(0, 0);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(null, 0) < 0 || dup2(sound, 1) < 0 || dup2(complaint, 2) < 0) _exit(127);
    limit(RLIMIT_CPU, CPU_LIMIT_S);
    limit(RLIMIT_AS, MEMORY_LIMIT);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 64);
    (void)execv(program, arguments);
    _exit(127);
}

static bool make_pipe(int ends[2])
{
    if (pipe(ends) != 0) return false;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

static void close_pair(int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0) (void)close(ends[i]);
}

/* dup2() onto itself would keep close-on-exec: all our descriptors must lie above the three
 * standard ones, which the caller may have closed. */
static int above_standard(int descriptor)
{
    if (descriptor < 0 || descriptor > 2) return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    (void)close(descriptor);
    return moved;
}

static bool start(HhChild *child, const char *program, char *const *arguments)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int sound[2] = {-1, -1}, complaint[2] = {-1, -1}, null = -1;
    pthread_mutex_lock(&lock);
    bool ready = make_pipe(sound) && make_pipe(complaint);
    if (ready) null = above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC));
    for (int i = 0; ready && i < 2; i++) {
        sound[i] = above_standard(sound[i]);
        complaint[i] = above_standard(complaint[i]);
        ready = sound[i] >= 0 && complaint[i] >= 0;
    }
    pid_t pid = ready && null >= 0 ? fork() : -1;
    if (pid == 0) become(program, arguments, sound[1], complaint[1], null);
    pthread_mutex_unlock(&lock);
    if (null >= 0) (void)close(null);
    if (pid < 0) {
        close_pair(sound);
        close_pair(complaint);
        return false;
    }
    (void)close(sound[1]);
    (void)close(complaint[1]);
    (void)fcntl(complaint[0], F_SETFL, O_NONBLOCK);
    child->pid = pid;
    child->sound = sound[0];
    child->complaint = complaint[0];
    return true;
}

/* ---- read ---- */

/* Keeps the first words that the child says and drops the rest. */
static void listen(HhChild *child)
{
    char text[512];
    ssize_t length;
    while ((length = read(child->complaint, text, sizeof text)) > 0) {
        size_t room = sizeof child->said - 1 - child->said_length;
        size_t kept = HH_MIN((size_t)length, room);
        memcpy(child->said + child->said_length, text, kept);
        child->said_length += kept;
        child->said[child->said_length] = '\0';
    }
    if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
        (void)close(child->complaint);
        child->complaint = -1;
    }
}

/* Fills the empty buffer. *ended: there is no more. */
static HhStatus fill(HhChild *child, const char *path, bool *ended)
{
    double deadline = hh_platform_clock_seconds() + child->stall_s;
    child->begin = child->end = 0;
    *ended = false;
    for (;;) {
        double left = deadline - hh_platform_clock_seconds();
        if (left <= 0.0)
            return hh_fail(child->context, HH_ERROR_READ, "%s: ffmpeg gave nothing for %g s", path,
                           child->stall_s);
        struct pollfd wait[2] = {{child->sound, POLLIN, 0}, {child->complaint, POLLIN, 0}};
        if (poll(wait, 2, (int)(HH_MIN(left, 60.0) * 1000.0) + 1) < 0 && errno != EINTR)
            return hh_fail(child->context, HH_ERROR_READ, "%s: cannot wait for ffmpeg", path);
        if (wait[1].revents && child->complaint >= 0) listen(child);
        if (!wait[0].revents) continue;
        ssize_t length = read(child->sound, child->buffer, sizeof child->buffer);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0)
            return hh_fail(child->context, HH_ERROR_READ, "%s: cannot read from ffmpeg", path);
        child->end = (size_t)length;
        *ended = length == 0;
        return HH_OK;
    }
}

static HhStatus take(HhChild *child, const char *path, void *bytes, size_t count, size_t *got)
{
    *got = 0;
    while (*got < count) {
        if (child->begin == child->end) {
            bool ended;
            HH_TRY(fill(child, path, &ended));
            if (ended) break;
        }
        size_t part = HH_MIN(child->end - child->begin, count - *got);
        memcpy((char *)bytes + *got, child->buffer + child->begin, part);
        child->begin += part;
        *got += part;
    }
    return HH_OK;
}

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

/* Magic, offset of the samples, length, encoding (6 = float), rate, channels; then a note up to the
 * offset. */
static HhStatus read_header(HhChild *child, const char *path, HhAudioInfo *info, bool *there)
{
    unsigned char header[24], skipped;
    size_t got;
    *there = false;
    HH_TRY(take(child, path, header, sizeof header, &got));
    if (got < sizeof header) return HH_OK;
    uint32_t offset = big_endian(header + 4);
    if (memcmp(header, ".snd", 4) != 0 || big_endian(header + 12) != 6 || offset < 24 ||
        offset > 65536)
        return hh_fail(child->context, HH_ERROR_READ, "%s: ffmpeg gave an unexpected header", path);
    for (uint32_t i = 24; i < offset; i++) HH_TRY(take(child, path, &skipped, 1, &got));
    info->rate = (double)big_endian(header + 16);
    info->channels = (int)HH_MIN(big_endian(header + 20), 65535u);
    *there = true;
    return HH_OK;
}

/* One line of what the child said, without the path that it repeats. */
static void tell_reason(HhChild *child, char *reason, size_t size)
{
    if (child->complaint >= 0) listen(child);
    char *line = child->said, *colon;
    if (line[0] == '[' && strstr(line, "] ")) line = strstr(line, "] ") + 2;
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "file:", 5) == 0 && (colon = strrchr(line, ':')) != NULL) line = colon + 1;
    while (*line == ' ') line++;
    (void)snprintf(reason, size, "%s", *line ? line : "no sound in it");
}

HhStatus hh_child_open(HhContext *context, const char *program, const char *path, double stall_s,
                       HhAudioInfo *info, char *reason, size_t reason_size, HhChild **child)
{
    *child = NULL;
    size_t length = strlen(path) + sizeof "file:";
    HhChild *c = hh_zalloc(context, 1, sizeof *c);
    char *url = hh_alloc(context, length, 1);
    if (!c || !url) {
        hh_free(context, c);
        hh_free(context, url);
        return hh_fail_memory(context);
    }
    (void)snprintf(url, length, "file:%s", path);
    char *arguments[] = {"ffmpeg",
                         "-nostdin",
                         "-hide_banner",
                         "-v",
                         "error",
                         "-threads",
                         "1",
                         "-protocol_whitelist",
                         "file",
                         "-format_whitelist",
                         CONTAINERS,
                         "-i",
                         url,
                         "-map",
                         "0:a:0",
                         "-vn",
                         "-sn",
                         "-dn",
                         "-c:a",
                         "pcm_f32be",
                         "-f",
                         "au",
                         "-protocol_whitelist",
                         "pipe",
                         "pipe:1",
                         NULL};
    c->context = context;
    c->sound = c->complaint = -1;
    c->stall_s = stall_s;
    bool started = start(c, program, arguments), there = false;
    hh_free(context, url);
    HhStatus status = started
                          ? read_header(c, path, info, &there)
                          : hh_fail(context, HH_ERROR_READ, "%s: cannot start %s", path, program);
    if (status == HH_OK && !there) {
        tell_reason(c, reason, reason_size);
        status = HH_ERROR_FORMAT;
    }
    if (status != HH_OK) {
        hh_child_close(c);
        return status;
    }
    *child = c;
    return HH_OK;
}

/* After the last sample: an end that a signal caused is a failure, one that ffmpeg reports is a
 * file cut short. */
static HhStatus reap(HhChild *child, const char *path)
{
    int status = 0;
    pid_t done;
    do done = waitpid(child->pid, &status, 0);
    while (done < 0 && errno == EINTR);
    child->pid = 0;
    if (done > 0 && WIFSIGNALED(status))
        return hh_fail(child->context, HH_ERROR_READ, "%s: ffmpeg was stopped by signal %d", path,
                       WTERMSIG(status));
    if (done > 0 && WEXITSTATUS(status) != 0)
        hh_log(child->context, HH_LOG_WARNING,
               "%s: ffmpeg reports damage; using what could be decoded", path);
    return HH_OK;
}

HhStatus hh_child_read(HhChild *child, const char *path, float *interleaved, size_t count,
                       size_t *got)
{
    size_t bytes;
    *got = 0;
    HH_TRY(take(child, path, interleaved, count * sizeof *interleaved, &bytes));
    *got = bytes / sizeof *interleaved;
    for (size_t i = 0; i < *got; i++) {
        unsigned char word[4];
        memcpy(word, interleaved + i, sizeof word);
        uint32_t bits = big_endian(word);
        memcpy(interleaved + i, &bits, sizeof bits);
    }
    return *got < count && child->pid > 0 ? reap(child, path) : HH_OK;
}

void hh_child_close(HhChild *child)
{
    if (!child) return;
    if (child->sound >= 0) (void)close(child->sound);
    if (child->complaint >= 0) (void)close(child->complaint);
    if (child->pid > 0) {
        (void)kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
    }
    hh_free(child->context, child);
}
