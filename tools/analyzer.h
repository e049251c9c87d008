/* For clang-tidy alone (.clang-tidy), which sees one file at a time: hh_fail() gives the status
 * that it is given. */
#if __has_include("base/base.h")
#include "base/base.h"
#define hh_fail(context, status, ...) ((void)hh_fail(context, status, __VA_ARGS__), (status))
#define hh_fail_memory(context)       ((void)hh_fail_memory(context), HH_ERROR_MEMORY)
#endif
