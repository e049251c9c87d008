/* See svg.h. An identifier is `id="image404"` where it is defined and `"#image404"` or
 * `(#image404)` where it is used; newer cairos write `image-404` and call some of them `source`. */
#include "report/svg.h"

#include <stdlib.h>
#include <string.h>

enum { IDENTIFIERS_MAX = 64 };

typedef struct Identifiers {
    unsigned long numbers[IDENTIFIERS_MAX];
    size_t count;
} Identifiers;

/* Position of the number among those seen; itself if there are too many. */
static unsigned long ordinal(Identifiers *seen, unsigned long number)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->numbers[i] == number) return i;
    if (seen->count == IDENTIFIERS_MAX) return number;
    seen->numbers[seen->count] = number;
    return seen->count++;
}

/* Length of the word before the number if an identifier of cairo's counter begins here, else 0. */
static size_t counted_word(const char *at)
{
    static const char *const words[] = {"surface", "image", "source"};
    for (size_t i = 0; i < HH_COUNT(words); i++) {
        size_t length = strlen(words[i]);
        if (strncmp(at, words[i], length) != 0) continue;
        if (at[length] == '-') length++;
        size_t digits = strspn(at + length, "0123456789");
        if (digits > 0 && digits < 10 && strchr("\")", at[length + digits]) != NULL) return length;
    }
    return 0;
}

void hh_svg_renumber(HhText *out, const HhText *document)
{
    Identifiers seen = {{0}, 0};
    const char *at = document->data ? document->data : "";
    for (const char *next; (next = strpbrk(at, "\"#")) != NULL;) {
        size_t word = counted_word(next + 1);
        hh_text_bytes(out, at, (size_t)(next - at) + 1 + word);
        at = next + 1 + word;
        if (!word) continue;
        char *end;
        hh_text_format(out, "%lu", ordinal(&seen, strtoul(at, &end, 10)));
        at = end;
    }
    hh_text_put(out, at);
    if (document->failed) out->failed = true;
}
