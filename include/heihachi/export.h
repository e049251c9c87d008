/* Symbol visibility: everything is hidden but what carries HH_API. */
#ifndef HEIHACHI_EXPORT_H
#define HEIHACHI_EXPORT_H

#if defined(__GNUC__)
#define HH_API __attribute__((visibility("default")))
#else
#define HH_API
#endif

#endif
