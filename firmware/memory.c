/* The four functions that GCC calls even in freestanding code. Whole words where both ends are
 * aligned. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

typedef uint32_t __attribute__((may_alias)) Word;

static int aligned(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & 3) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (aligned(to, from)) {
        Word *out_word = to;
        const Word *in_word = from;
        for (; count >= 16; count -= 16, out_word += 4, in_word += 4) {
            Word a = in_word[0], b = in_word[1], c = in_word[2], d = in_word[3];
            out_word[0] = a;
            out_word[1] = b;
            out_word[2] = c;
            out_word[3] = d;
        }
        for (; count >= 4; count -= 4) *out_word++ = *in_word++;
        out = (unsigned char *)out_word;
        in = (const unsigned char *)in_word;
    }
    while (count--) *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to - (uintptr_t)from >= count) return memcpy(to, from, count);
    /* `to` lies inside the source: from the end. */
    unsigned char *out = (unsigned char *)to + count;
    const unsigned char *in = (const unsigned char *)from + count;
    if (aligned(out, in)) {
        for (; count >= 4; count -= 4) {
            out -= 4;
            in -= 4;
            *(Word *)(void *)out = *(const Word *)(const void *)in;
        }
    }
    while (count--) *--out = *--in;
    return to;
}

void *memset(void *to, int value, size_t count)
{
    unsigned char *out = to;
    const Word pattern = (unsigned char)value * 0x01010101U;
    if (aligned(to, to)) {
        Word *word = to;
        for (; count >= 16; count -= 16, word += 4) {
            word[0] = pattern;
            word[1] = pattern;
            word[2] = pattern;
            word[3] = pattern;
        }
        for (; count >= 4; count -= 4) *word++ = pattern;
        out = (unsigned char *)word;
    }
    while (count--) *out++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const unsigned char *x = a, *y = b;
    for (; count--; x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}
