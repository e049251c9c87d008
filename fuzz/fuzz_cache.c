/* Entries of the cache behind a checksum that is right: the reader must not trust a single field.
 */
#include "../cli/cache.c"

#include "fuzz.h"

static double total; /* so that the reads below are not left out */

/* Touches all that a report would touch. */
static void use(const HhAnalysis *a)
{
    for (size_t i = 0; i < a->rhythm.beats && a->rhythm.beats_s; i++) total += a->rhythm.beats_s[i];
    for (size_t i = 0; i < a->rhythm.onsets && a->rhythm.onsets_s; i++)
        total += a->rhythm.onsets_s[i];
    total += (double)strlen(a->harmony.key);
    for (size_t i = 0; i < a->series_count; i++) {
        const unsigned char *data = a->series[i].values.data;
        size_t size =
            hh_array_count(&a->series[i].values) * hh_type_bytes(a->series[i].values.type);
        for (size_t k = 0; k < size; k++) total += data[k];
        total += (double)strlen(a->series[i].name);
    }
    for (size_t i = 0; i < a->image_count; i++)
        for (size_t k = 0; k < a->images[i].columns * a->images[i].rows; k++)
            total += (double)a->images[i].values[k];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Cached *cached = cli_alloc(1, sizeof *cached);
    if (posix_memalign((void **)&cached->bytes, ALIGNMENT, size + 1) != 0) abort();
    memcpy(cached->bytes, bytes, size);
    Stream stream = {.bytes = cached->bytes, .size = size};
    exchange_analysis(&stream, &cached->analysis);
    if (!stream.failed) use(&cached->analysis);
    cached_free(cached);
    return 0;
}
