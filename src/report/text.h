/* A text that grows: what every report is written into before it goes to a file.
 *
 * A failed allocation is remembered in `failed` and later calls do nothing, so that a writer checks
 * once, at its end. Numbers are written with '.' whatever the locale; texts are made valid UTF-8
 * where the format demands it. */
#ifndef HH_REPORT_TEXT_H
#define HH_REPORT_TEXT_H

#include "base/base.h"

typedef struct HhText {
    HhContext *context;
    char *data; /* terminated by 0, NULL while empty */
    size_t length, room;
    bool failed;
} HhText;

#define HH_TEXT_INIT(context)                                                                      \
    {                                                                                              \
        (context), NULL, 0, 0, false                                                               \
    }

void hh_text_free(HhText *text);
void hh_text_bytes(HhText *text, const void *bytes, size_t length);
void hh_text_put(HhText *text, const char *string);
/* Integers and strings only: numbers with a point go through the two below. */
void hh_text_format(HhText *text, const char *format, ...) HH_PRINTF(2, 3);
/* At most `digits` significant digits, no trailing zeros; "" if not finite. */
void hh_text_number(HhText *text, double value, int digits);
/* Exactly `decimals` digits after the point; `absent` if not finite. */
void hh_text_fixed(HhText *text, double value, int decimals, const char *absent);
/* Valid UTF-8: each byte that is not part of a character becomes U+FFFD. */
void hh_text_utf8(HhText *text, const char *string);
/* Safe in HTML text and in attributes with double quotes. */
void hh_text_html(HhText *text, const char *string);
/* One field of RFC 4180: quoted when it must be. */
void hh_text_csv(HhText *text, const char *string);
/* In a cell of a Markdown table: no character keeps a meaning. */
void hh_text_markdown(HhText *text, const char *string);
void hh_text_base64(HhText *text, const void *bytes, size_t length);

/* The last part of a path. */
const char *hh_path_name(const char *path);

#endif
