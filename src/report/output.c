/* See output.h. The rename is atomic (POSIX); the contents are not forced to the disk, so a power
 * cut may lose the file, but a full disk, a signal or a crash of the program never leaves half of
 * one. */
#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* errno as words without the global buffer of strerror(). */
static HhStatus fail_write(HhContext *context, const char *path, int error)
{
    char words[128];
    if (strerror_r(error, words, sizeof words) != 0)
        snprintf(words, sizeof words, "error %d", error);
    return hh_fail(context, HH_ERROR_WRITE, "%s cannot be written: %s", path, words);
}

/* A new file beside `path`; its name goes to `name`, which has room for it. Made with open() and
 * not with mkstemp(), so that the file gets the user's usual permissions. */
static int open_beside(const char *path, char *name, size_t room)
{
    size_t folder = (size_t)(hh_path_name(path) - path);
    for (int attempt = 0; attempt < 1000; attempt++) {
        snprintf(name, room, "%.*s.heihachi-%ld-%d.tmp", (int)folder, path, (long)getpid(),
                 attempt);
        int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

/* 0 or the error. */
static int write_all(int file, const char *data, size_t length)
{
    while (length) {
        ssize_t written = write(file, data, HH_MIN(length, (size_t)1 << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

HhStatus hh_output_write(HhContext *context, const char *path, const HhText *text)
{
    if (!path || !*path) return hh_fail(context, HH_ERROR_ARGUMENT, "no path for the report");
    if (text->failed) return hh_fail_memory(context);
    size_t room = strlen(path) + 64;
    char *name = hh_alloc(context, room, 1);
    if (!name) return hh_fail_memory(context);
    int file = open_beside(path, name, room);
    int error = file < 0 ? errno : 0;
    if (file >= 0) {
        error = write_all(file, text->data ? text->data : "", text->length);
        if (close(file) != 0 && !error)
            error = errno; /* network file systems report a full disk here */
        if (!error && rename(name, path) != 0) error = errno;
        if (error) unlink(name);
    }
    hh_free(context, name);
    return error ? fail_write(context, path, error) : HH_OK;
}
