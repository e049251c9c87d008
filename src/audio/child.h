/* The ffmpeg program as a decoder: a child process that writes samples into a pipe. */
#ifndef HH_CHILD_H
#define HH_CHILD_H

#include "base/base.h"
#include "heihachi/audio.h"

typedef struct HhChild HhChild;

/* True if `program` (a path, or a name on PATH) can be started; its path goes to `found`. */
bool hh_child_find(const char *program, char *found, size_t size);

/* Starts `program` on `path` and waits for the description of the sound; fills info->rate and
 * info->channels. HH_ERROR_FORMAT if the program refuses the file; `reason` then holds what it
 * said. */
HhStatus hh_child_open(HhContext *context, const char *program, const char *path, double stall_s,
                       HhAudioInfo *info, char *reason, size_t reason_size, HhChild **child);
/* Reads up to `count` interleaved samples; less only at the end. */
HhStatus hh_child_read(HhChild *child, const char *path, float *interleaved, size_t count,
                       size_t *got);
/* Kills the program if it still runs, and reaps it. Accepts NULL. */
void hh_child_close(HhChild *child);

#endif
