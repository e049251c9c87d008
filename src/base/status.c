/* Names and texts of the status codes, made from the one list in status.h. */
#include "heihachi/status.h"

#include "heihachi/version.h"

const char *hh_version(void)
{
    return HH_VERSION_STRING;
}

const char *hh_status_name(HhStatus status)
{
    switch (status) {
#define HH_STATUS_NAME(code, name, text)                                                           \
    case HH_##name:                                                                                \
        return #name;
        HH_STATUS_LIST(HH_STATUS_NAME)
#undef HH_STATUS_NAME
    }
    return "ERROR_UNKNOWN";
}

const char *hh_status_text(HhStatus status)
{
    switch (status) {
#define HH_STATUS_TEXT(code, name, text)                                                           \
    case HH_##name:                                                                                \
        return text;
        HH_STATUS_LIST(HH_STATUS_TEXT)
#undef HH_STATUS_TEXT
    }
    return "an unknown status";
}
