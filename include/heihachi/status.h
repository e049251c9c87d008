/* Status codes: every fallible function returns one of these.
 *
 * The list below is the only place where a code, its name and its text are written; the enum,
 * hh_status_name() and hh_status_text() are all made from it. A message with the particulars of one
 * failure (which file, which value) is kept in the context: hh_context_message(). */
#ifndef HEIHACHI_STATUS_H
#define HEIHACHI_STATUS_H

#include "heihachi/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HH_STATUS_LIST(X)                                                                          \
    X(0, OK, "no error")                                                                           \
    X(1, ERROR_ARGUMENT, "an argument is outside its range")                                       \
    X(2, ERROR_MEMORY, "out of memory")                                                            \
    X(3, ERROR_OPEN, "the file cannot be opened")                                                  \
    X(4, ERROR_READ, "the file cannot be read")                                                    \
    X(5, ERROR_WRITE, "the file cannot be written")                                                \
    X(6, ERROR_FORMAT, "the data is not in a format that can be decoded")                          \
    X(7, ERROR_EMPTY, "there are no samples")                                                      \
    X(8, ERROR_NOT_FINITE, "the signal holds NaN or infinity")                                     \
    X(9, ERROR_TOO_SHORT, "the signal is too short for this analysis")                             \
    X(10, ERROR_UNSUPPORTED, "this is not supported")                                              \
    X(11, ERROR_CANCELLED, "the operation was cancelled")                                          \
    X(12, ERROR_INTERNAL, "an internal error, please report it")

typedef enum HhStatus {
#define HH_STATUS_ENUM(code, name, text) HH_##name = code,
    HH_STATUS_LIST(HH_STATUS_ENUM)
#undef HH_STATUS_ENUM
} HhStatus;

/* "ERROR_OPEN" and "the file cannot be opened"; never NULL, also for a value that is no status. */
HH_API const char *hh_status_name(HhStatus status);
HH_API const char *hh_status_text(HhStatus status);

#ifdef __cplusplus
}
#endif
#endif
