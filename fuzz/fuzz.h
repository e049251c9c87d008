/* Fuzz targets (libFuzzer): `meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined
 * -Db_lundef=false` with CC=clang, then `build-fuzz/fuzz/fuzz_decode -max_total_time=600 CORPUS`. A
 * target takes bytes and must come back. */
#ifndef HH_FUZZ_H
#define HH_FUZZ_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The bytes as a file of this process, always under the same path. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t size, const char *ending)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "/tmp/heihachi-fuzz-%ld%s", (long)getpid(), ending);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size) abort();
    (void)close(descriptor);
    return path;
}

#endif
