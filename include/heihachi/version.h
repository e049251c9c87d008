/* Version of the library at compile time and at run time. */
#ifndef HEIHACHI_VERSION_H
#define HEIHACHI_VERSION_H

#include "heihachi/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HH_VERSION_MAJOR  0
#define HH_VERSION_MINOR  1
#define HH_VERSION_PATCH  0
#define HH_VERSION_STRING "0.1.0"

/* HH_VERSION_STRING of the library that is running. */
HH_API const char *hh_version(void);

#ifdef __cplusplus
}
#endif
#endif
