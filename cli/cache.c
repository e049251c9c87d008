/* The cache: whole analyses, so that another path or format does not need a new one.
 *
 * An entry is FOLDER/hh/KEY.analysis, KEY being the hash of the audio's bytes, of what else the
 * numbers depend on, and of whether the analysis has the pictures that --plots draws, hh its first
 * two digits. It holds a header, then the fields of the analysis in the order of
 * exchange_analysis(), as they lie in the memory of this kind of machine; the header has a checksum
 * of them. Anything unexpected makes it worthless: it is removed and the track analysed. Entries
 * are written under a temporary name and renamed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "process.h"

#define ALIGNMENT 64u
#define MAX_ITEMS ((uint64_t)1 << 32)

typedef struct Header {
    char magic[8];
    uint64_t layout; /* size of HhAnalysis: another build may lay it out otherwise */
    uint64_t bytes;
    uint64_t checksum[2];
} Header;

static const char magic[8] = {'H', 'H', 'c', 'a', 'c', 'h', 'e', '1'};

struct Cached {
    HhAnalysis analysis;
    unsigned char *bytes; /* strings and arrays of the analysis lie in here */
};

/* Writes to, or reads from, one block of memory. After a failure nothing more happens. */
typedef struct Stream {
    bool writing, failed;
    unsigned char *bytes;
    size_t at, size;
} Stream;

/* ---- one description of the layout, for both directions ---- */

/* `count` items at the next multiple of ALIGNMENT: where they lie when reading. */
static void *exchange_block(Stream *s, const void *items, uint64_t count, size_t item)
{
    size_t begin = (s->at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (s->failed || count > MAX_ITEMS) {
        s->failed = true;
        return NULL;
    }
    size_t bytes = (size_t)count * item;
    if (s->writing) {
        if (begin + bytes > s->size) {
            s->size = (begin + bytes) * 2;
            s->bytes = cli_grow(s->bytes, s->size, 1);
        }
        memset(s->bytes + s->at, 0, begin - s->at);
        if (bytes > 0) memcpy(s->bytes + begin, items, bytes);
    } else if (begin > s->size || bytes > s->size - begin) {
        s->failed = true;
        return NULL;
    }
    s->at = begin + bytes;
    return s->bytes + begin;
}

/* A plain value, copied both ways. */
static void exchange(Stream *s, void *value, size_t bytes)
{
    void *there = exchange_block(s, value, 1, bytes);
    if (there && !s->writing) memcpy(value, there, bytes);
}

#define EXCHANGE(s, value) exchange(s, &(value), sizeof(value))

static void exchange_text(Stream *s, const char **text)
{
    uint64_t length = s->writing && *text ? strlen(*text) + 1 : 0;
    EXCHANGE(s, length);
    const char *there = exchange_block(s, *text, length, 1);
    if (s->writing || s->failed) return;
    if (length > 0 && there[length - 1] != '\0') s->failed = true;
    *text = length > 0 && !s->failed ? there : NULL;
}

static void exchange_doubles(Stream *s, double **values, size_t *count)
{
    uint64_t length = *values ? *count : 0, there = *values != NULL;
    EXCHANGE(s, there);
    EXCHANGE(s, length);
    double *block = exchange_block(s, *values, length, sizeof **values);
    if (s->writing) return;
    *values = there && !s->failed ? block : NULL;
    *count = (size_t)length;
}

static void exchange_series(Stream *s, HhSeries *series)
{
    exchange_text(s, &series->name);
    exchange_text(s, &series->unit);
    EXCHANGE(s, series->start_s);
    EXCHANGE(s, series->hop_s);
    EXCHANGE(s, series->values.type);
    EXCHANGE(s, series->values.dimensions);
    EXCHANGE(s, series->values.shape);
    uint64_t count = 1;
    if ((unsigned)series->values.dimensions > HH_MAX_DIMENSIONS || !series->name || !series->unit)
        s->failed = true;
    for (int i = 0; i < series->values.dimensions && !s->failed; i++) {
        uint64_t length = series->values.shape[i];
        if (length > MAX_ITEMS || (length > 0 && count > MAX_ITEMS / length)) s->failed = true;
        count *= length;
    }
    void *block = exchange_block(s, series->values.data, count, hh_type_bytes(series->values.type));
    if (!s->writing) series->values.data = block;
}

static void exchange_image(Stream *s, HhImage *image)
{
    exchange_text(s, &image->name);
    exchange_text(s, &image->unit);
    EXCHANGE(s, image->columns);
    EXCHANGE(s, image->rows);
    EXCHANGE(s, image->column_s);
    EXCHANGE(s, image->low);
    EXCHANGE(s, image->high);
    EXCHANGE(s, image->log_rows);
    if (image->columns > 1u << 20 || image->rows > 1u << 20 || !image->name || !image->unit)
        s->failed = true;
    float *block = exchange_block(s, image->values, (uint64_t)image->columns * image->rows,
                                  sizeof *image->values);
    if (!s->writing) image->values = block;
}

static void exchange_input(Stream *s, HhInput *input)
{
    const char *format = input->format;
    exchange_text(s, &format);
    EXCHANGE(s, input->hash);
    EXCHANGE(s, input->bytes);
    EXCHANGE(s, input->rate);
    EXCHANGE(s, input->channels);
    EXCHANGE(s, input->samples);
    EXCHANGE(s, input->duration_s);
    if (!s->writing) input->format = (char *)format;
}

static void exchange_rhythm(Stream *s, HhRhythmSummary *rhythm)
{
    EXCHANGE(s, rhythm->tempo_bpm);
    EXCHANGE(s, rhythm->tempo_confidence);
    EXCHANGE(s, rhythm->beat_confidence);
    exchange_doubles(s, &rhythm->beats_s, &rhythm->beats);
    exchange_doubles(s, &rhythm->onsets_s, &rhythm->onsets);
}

static void exchange_harmony(Stream *s, HhHarmonySummary *harmony)
{
    exchange_text(s, &harmony->key);
    EXCHANGE(s, harmony->key_confidence);
    EXCHANGE(s, harmony->tuning);
    EXCHANGE(s, harmony->chroma);
    if (!harmony->key) s->failed = true;
}

/* Everything but the path, which is the new one's, and the context. */
static void exchange_analysis(Stream *s, HhAnalysis *a)
{
    EXCHANGE(s, a->features);
    exchange_input(s, &a->input);
    EXCHANGE(s, a->loudness);
    exchange_rhythm(s, &a->rhythm);
    exchange_harmony(s, &a->harmony);
    EXCHANGE(s, a->pitch);
    EXCHANGE(s, a->spectral);
    EXCHANGE(s, a->separation);
    EXCHANGE(s, a->fingerprint);
    EXCHANGE(s, a->series_count);
    EXCHANGE(s, a->image_count);
    if (a->series_count > 1000 || a->image_count > 1000) s->failed = true;
    if (s->failed) return;
    if (!s->writing) {
        a->series = cli_alloc(a->series_count, sizeof *a->series);
        a->images = cli_alloc(a->image_count, sizeof *a->images);
    }
    for (size_t i = 0; i < a->series_count && !s->failed; i++) exchange_series(s, &a->series[i]);
    for (size_t i = 0; i < a->image_count && !s->failed; i++) exchange_image(s, &a->images[i]);
}

/* ---- files ---- */

static char *entry_path(const Settings *settings, const char *hash)
{
    char *text = cli_format("%s %s %d %d %u %d", hash, hh_version(), HH_ANALYSIS_VERSION,
                            HH_FINGERPRINT_VERSION, settings->features, settings->plots);
    XXH128_hash_t key = XXH3_128bits(text, strlen(text));
    free(text);
    return cli_format("%s/%02x/%016llx%016llx.analysis", settings->cache_folder,
                      (unsigned)(key.high64 >> 56), (unsigned long long)key.high64,
                      (unsigned long long)key.low64);
}

static Header header_of(const unsigned char *bytes, size_t length)
{
    XXH128_hash_t sum = XXH3_128bits(bytes, length);
    Header header = {
        .layout = sizeof(HhAnalysis), .bytes = length, .checksum = {sum.low64, sum.high64}};
    memcpy(header.magic, magic, sizeof magic);
    return header;
}

static bool read_fully(int descriptor, void *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        ssize_t length = read(descriptor, (char *)bytes + at, count - at);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return false;
        at += (size_t)length;
    }
    return true;
}

static bool write_fully(int descriptor, const void *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        ssize_t length = write(descriptor, (const char *)bytes + at, count - at);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return false;
        at += (size_t)length;
    }
    return true;
}

/* The checked content of an entry, or NULL. */
static unsigned char *read_entry(int descriptor, size_t *length)
{
    Header header, right;
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
        !read_fully(descriptor, &header, sizeof header) ||
        header.bytes != (uint64_t)status.st_size - sizeof header)
        return NULL;
    unsigned char *bytes = NULL; /* aligned, since arrays are used where they lie */
    if (posix_memalign((void **)&bytes, ALIGNMENT, (size_t)header.bytes + 1) != 0) return NULL;
    *length = (size_t)header.bytes;
    bool good = read_fully(descriptor, bytes, *length);
    if (good) right = header_of(bytes, *length);
    if (good && memcmp(&right, &header, sizeof header) == 0) return bytes;
    free(bytes);
    return NULL;
}

Cached *cache_load(const Settings *settings, const char *path, const char *hash)
{
    char *entry = entry_path(settings, hash);
    int descriptor = open(entry, O_RDONLY | O_CLOEXEC);
    Cached *cached = NULL;
    if (descriptor >= 0) {
        Stream stream = {0};
        cached = cli_alloc(1, sizeof *cached);
        cached->bytes = stream.bytes = read_entry(descriptor, &stream.size);
        stream.failed = stream.bytes == NULL;
        exchange_analysis(&stream, &cached->analysis);
        cached->analysis.input.path = cli_copy(path);
        (void)close(descriptor);
        if (stream.failed || strcmp(cached->analysis.input.hash, hash) != 0) {
            cached_free(cached);
            cached = NULL;
            (void)unlink(entry);
        }
    }
    free(entry);
    return cached;
}

HhAnalysis *cached_analysis(Cached *cached)
{
    return &cached->analysis;
}

void cached_free(Cached *cached)
{
    if (!cached) return;
    free(cached->analysis.input.path);
    free(cached->analysis.series);
    free(cached->analysis.images);
    free(cached->bytes);
    free(cached);
}

static bool write_entry(const char *entry, const Stream *content)
{
    char *temporary = cli_format("%s.%ld.%zx.tmp", entry, (long)getpid(), (size_t)content);
    Header header = header_of(content->bytes, content->at);
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = descriptor >= 0 && write_fully(descriptor, &header, sizeof header) &&
                write_fully(descriptor, content->bytes, content->at);
    if (descriptor >= 0 && close(descriptor) != 0) good = false;
    if (good) good = rename(temporary, entry) == 0;
    if (!good) (void)unlink(temporary);
    free(temporary);
    return good;
}

bool cache_store(const Settings *settings, const HhAnalysis *analysis)
{
    /* exchange() does not change what it writes, but takes it as changeable. */
    HhAnalysis copy = *analysis;
    Stream stream = {.writing = true};
    exchange_analysis(&stream, &copy);
    char *entry = entry_path(settings, analysis->input.hash), *slash = strrchr(entry, '/');
    *slash = '\0';
    (void)mkdir(entry, 0777);
    *slash = '/';
    bool good = !stream.failed && analysis->input.hash[0] && write_entry(entry, &stream);
    free(entry);
    free(stream.bytes);
    return good;
}
