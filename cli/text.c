/* Messages, memory and text: see cli.h. Knows nothing of the commands. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *cli_printable(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    return text;
}

void cli_complain(const char *format, va_list list)
{
    char text[16384];
    (void)vsnprintf(text, sizeof text, format, list);
    (void)fprintf(stderr, "heihachi: %s\n", cli_printable(text));
}

int cli_error(int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    cli_complain(format, list);
    va_end(list);
    return code;
}

void *cli_grow(void *memory, size_t count, size_t bytes)
{
    void *more =
        bytes == 0 || count <= SIZE_MAX / bytes ? realloc(memory, count * bytes + 1) : NULL;
    if (more) return more;
    exit(cli_error(CLI_OUTPUT, "out of memory"));
}

void *cli_alloc(size_t count, size_t bytes)
{
    return memset(cli_grow(NULL, count, bytes), 0, count * bytes + 1);
}

char *cli_copy(const char *text)
{
    size_t length = strlen(text) + 1;
    return memcpy(cli_alloc(length, 1), text, length);
}

char *cli_format(const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = cli_alloc((size_t)(length < 0 ? 0 : length) + 1, 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *cli_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    return cli_format("%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
}

/* How many bytes of the UTF-8 character with this first byte follow it, and the least and the
 * greatest that the second may be, so that no character has two forms and none is a surrogate. -1:
 * no character begins so. The Unicode Standard, table 3-7. */
static int utf8_more(unsigned char first, unsigned char *least, unsigned char *greatest)
{
    *least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80) return 0;
    if (first >= 0xc2 && first < 0xe0) return 1;
    if (first >= 0xe0 && first < 0xf0) return 2;
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

char *cli_utf8(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *copy = cli_alloc(strlen(text) + 1, sizeof replacement), *to = copy;
    while (*text) {
        unsigned char least, greatest;
        int more = utf8_more((unsigned char)*text, &least, &greatest), i = 1;
        for (; i <= more; i++) {
            unsigned char next = (unsigned char)text[i];
            if (next < least || next > greatest) break;
            least = 0x80;
            greatest = 0xbf;
        }
        bool good = i == more + 1;
        size_t length = good ? (size_t)i : sizeof replacement - 1;
        memcpy(to, good ? text : replacement, length);
        to += length;
        text += good ? i : 1;
    }
    return copy;
}

bool cli_number(const char *text, long low, long high, long *value)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= low && *value <= high;
}

/* V. Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966. */
size_t cli_edits(const char *a, size_t n, const char *b)
{
    enum { MOST = 64 };
    size_t m = strlen(b), row[MOST];
    if (n >= MOST) n = MOST - 1;
    if (m >= MOST) m = MOST - 1;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[m];
}
