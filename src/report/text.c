/* See text.h. */
#include "report/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void hh_text_free(HhText *text)
{
    hh_free(text->context, text->data);
    *text = (HhText)HH_TEXT_INIT(text->context);
}

/* Makes room for `more` bytes and the final 0. */
static bool reserve(HhText *text, size_t more)
{
    if (text->failed) return false;
    if (more < text->room && text->length < text->room - more) return true;
    size_t room = HH_MAX(text->room, (size_t)256);
    while (room <= text->length || room - text->length <= more) {
        if (room > SIZE_MAX / 4) return !(text->failed = true);
        room *= 2;
    }
    char *data = hh_alloc(text->context, room, 1);
    if (!data) return !(text->failed = true);
    if (text->length) memcpy(data, text->data, text->length);
    data[text->length] = '\0';
    hh_free(text->context, text->data);
    text->data = data;
    text->room = room;
    return true;
}

void hh_text_bytes(HhText *text, const void *bytes, size_t length)
{
    if (!reserve(text, length)) return;
    if (length) memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void hh_text_put(HhText *text, const char *string)
{
    hh_text_bytes(text, string, strlen(string));
}

void hh_text_format(HhText *text, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    if (length < 0)
        text->failed = true;
    else if (reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(list);
}

/* Appends the output of printf for one number, with '.' for the point of the locale. */
static void put_number(HhText *text, const char *printed)
{
    bool point = false;
    for (const char *p = printed; *p; p++) {
        bool plain = (*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e';
        if (plain)
            hh_text_bytes(text, p, 1);
        else if (!point) {
            hh_text_bytes(text, ".", 1);
            point = true;
        }
    }
}

void hh_text_number(HhText *text, double value, int digits)
{
    char printed[64];
    if (!isfinite(value)) return;
    snprintf(printed, sizeof printed, "%.*g", digits, value == 0.0 ? 0.0 : value);
    put_number(text, printed);
}

void hh_text_fixed(HhText *text, double value, int decimals, const char *absent)
{
    char printed[400]; /* 1e308 has 309 digits */
    if (!isfinite(value)) {
        hh_text_put(text, absent);
        return;
    }
    snprintf(printed, sizeof printed, "%.*f", decimals, value);
    if (strspn(printed, "-0.,") == strlen(printed)) /* no "-0.0" */
        snprintf(printed, sizeof printed, "%.*f", decimals, 0.0);
    put_number(text, printed);
}

/* Length of the UTF-8 character at `s`, 0 if there is none (also for surrogates and overlong
 * forms). */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) return s[0] != 0;
    size_t length = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
                    : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                    : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                  : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0;
    if (s[0] == 0xed && s[1] >= 0xa0) return 0;
    if (s[0] == 0xf0 && s[1] < 0x90) return 0;
    if (s[0] == 0xf4 && s[1] >= 0x90) return 0;
    return length;
}

void hh_text_utf8(HhText *text, const char *string)
{
    for (const unsigned char *s = (const unsigned char *)string; *s;) {
        size_t length = utf8_length(s);
        if (length)
            hh_text_bytes(text, s, length);
        else
            hh_text_put(text, "\xef\xbf\xbd");
        s += HH_MAX(length, (size_t)1);
    }
}

/* Valid UTF-8, with each ASCII character for which `replace` gives a text replaced by that text. */
static void put_replaced(HhText *text, const char *string, const char *(*replace)(unsigned char c))
{
    for (const unsigned char *s = (const unsigned char *)string; *s;) {
        size_t length = utf8_length(s);
        const char *instead = length == 1 ? replace(*s) : length ? NULL : "\xef\xbf\xbd";
        if (instead)
            hh_text_put(text, instead);
        else
            hh_text_bytes(text, s, length);
        s += HH_MAX(length, (size_t)1);
    }
}

static const char *html_character(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        /* HTML has no other control characters. */
        return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void hh_text_html(HhText *text, const char *string)
{
    put_replaced(text, string, html_character);
}

static const char *csv_character(unsigned char c)
{
    return c == '"' ? "\"\"" : NULL;
}

void hh_text_csv(HhText *text, const char *string)
{
    bool quoted = strpbrk(string, ",\"\r\n") || *string == ' ';
    if (quoted) hh_text_put(text, "\"");
    put_replaced(text, string, csv_character);
    if (quoted) hh_text_put(text, "\"");
}

static const char *markdown_character(unsigned char c)
{
    static const char marks[] = "\\`*_{}[]()#+-!|~>";
    static const char *const escaped[] = {"\\\\", "\\`", "\\*", "\\_", "\\{", "\\}",
                                          "\\[",  "\\]", "\\(", "\\)", "\\#", "\\+",
                                          "\\-",  "\\!", "\\|", "\\~", "\\>"};
    if (c == '<') return "&lt;";
    if (c == '&') return "&amp;";
    if (c < 0x20 || c == 0x7f) return " ";
    const char *found = strchr(marks, c);
    return found ? escaped[found - marks] : NULL;
}

void hh_text_markdown(HhText *text, const char *string)
{
    put_replaced(text, string, markdown_character);
}

void hh_text_base64(HhText *text, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;
    if (length > SIZE_MAX / 2) text->failed = true;
    if (!reserve(text, length / 3 * 4 + 4)) return;
    char *out = text->data + text->length;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned block = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0u) |
                         (left > 2 ? in[i + 2] : 0u);
        *out++ = digits[block >> 18];
        *out++ = digits[block >> 12 & 63];
        *out++ = left > 1 ? digits[block >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[block & 63] : '=';
    }
    *out = '\0';
    text->length = (size_t)(out - text->data);
}

const char *hh_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
