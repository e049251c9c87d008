/* See hpss.h. D. Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010,
 * with the masks and margins of J. Driedger, M. Mueller, S. Disch, "Extending harmonic-percussive
 * separation of audio signals", ISMIR 2014, as librosa 0.11 computes them; unlike there the masks
 * multiply re and im instead of magnitude and phase (the same but for rounding), and everything is
 * float.
 *
 * Frames are taken in groups of HH_TILE, "tiles". When a tile is full, its median along frequency
 * is made at once; what is kept of it until its future is known:
 *
 *     re, im, percussive   tiles [bins][HH_TILE], rings of 1 + ahead tiles
 *     rows                 magnitudes, frame-major, for the median along time: a ring of
 *                          behind + 1 + ahead tiles
 *
 * where ahead and behind are the reach of the harmonic median in whole tiles. A tile is finished in
 * strips of bins that stay in the first-level cache: median along time, both masks, both masked
 * spectra; then each part is transformed back and added to what overlaps. */
#include "separation/hpss.h"

#include <string.h>

#include "kernel/kernels.h"

enum { STRIP = 4 * HH_TILE }; /* bins */

typedef struct Part {
    bool wanted;
    float *re, *im; /* masked spectrum of a tile */
    float *sum;     /* [n_fft + 15 * hop or more] overlapping frames, from sample `emitted` on */
} Part;

struct HhHpss {
    HhContext *context;
    const HhKernels *kernels;
    HhHpssConfig config;
    size_t rows_of_bins;  /* bins, rounded up to HH_TILE */
    size_t pitch;         /* floats from row to row */
    size_t ahead, behind; /* tiles */
    size_t pushed;        /* frames */
    size_t done;          /* frames that have been given out */

    float *re, *im, *percussive; /* rings of tiles */
    float *rows;                 /* ring of rows */
    float *padded;               /* magnitudes of one tile with the reflected bins around */
    float *harmonic;             /* tile: median along time, then the harmonic mask */
    float *time_windows, *frequency_windows;
    const float **row; /* rows under the median along time */

    Part part[2];                            /* harmonic, percussive */
    float *spectra[4];                       /* for the parts' re and im */
    float *sound;                            /* [HH_TILE][sound_pitch] inverse transforms */
    size_t sound_pitch, sum_length, overlap; /* overlap: frames over one sample */
    float *scale;                            /* [hop] of a sample that all frames reach */
    float *edge_scale;                       /* [hop] the same near the ends */
    void *scratch;
    size_t emitted; /* samples from the first frame's first on, before the trim */
    size_t end;     /* where they end, once that is known */
    size_t frames;  /* of the track, once that is known */
};

size_t hh_hpss_reach_back(const HhHpssConfig *config)
{
    size_t overlap =
        config->samples ? (hh_fft_size(config->fft) + config->hop - 1) / config->hop : 1;
    return config->harmonic_width / 2 + overlap - 1;
}

size_t hh_hpss_reach_ahead(const HhHpssConfig *config)
{
    return (config->harmonic_width - 1) / 2;
}

/* ---- making ---- */

static HhStatus make_sound(HhHpss *h)
{
    const HhHpssConfig *c = &h->config;
    size_t n_fft = hh_fft_size(c->fft), hop = c->hop;
    h->overlap = (n_fft + hop - 1) / hop;
    h->sound_pitch = n_fft + HH_TILE; /* not a multiple of the page size */
    h->sum_length = HH_MAX(n_fft, hop) + (HH_TILE - 1) * hop;
    h->part[0].wanted = c->harmonic;
    h->part[1].wanted = c->percussive;
    bool made = true;
    for (int i = 0; i < 2; i++) {
        if (!h->part[i].wanted) continue;
        h->part[i].sum = hh_zalloc(h->context, h->sum_length, sizeof(float));
        made = made && h->part[i].sum;
    }
    h->sound = hh_alloc(h->context, HH_TILE * h->sound_pitch, sizeof(float));
    h->scale = hh_alloc(h->context, hop, sizeof(float));
    h->edge_scale = hh_alloc(h->context, hop, sizeof(float));
    h->scratch = hh_alloc(h->context, hh_fft_scratch(c->fft), 1);
    made = made && h->sound && h->scale && h->edge_scale && h->scratch;
    return made ? HH_OK : hh_fail_memory(h->context);
}

static HhStatus make_rings(HhHpss *h)
{
    const HhHpssConfig *c = &h->config;
    size_t tile = h->rows_of_bins * HH_TILE, tiles = 1 + h->ahead,
           frames = (h->behind + tiles) * HH_TILE;
    if (!c->no_spectra) {
        h->re = hh_zalloc(h->context, tiles, tile * sizeof(float));
        h->im = hh_zalloc(h->context, tiles, tile * sizeof(float));
        for (int i = c->frames ? 0 : 2; i < 4; i++)
            h->spectra[i] = hh_zalloc(h->context, tile, sizeof(float));
        for (int i = 0; i < 2; i++)
            h->part[i].re = h->spectra[2 * i], h->part[i].im = h->spectra[2 * i + 1];
    }
    h->percussive = hh_zalloc(h->context, tiles, tile * sizeof(float));
    h->harmonic = hh_zalloc(h->context, tile, sizeof(float));
    h->rows = hh_zalloc(h->context, frames, h->pitch * sizeof(float));
    h->padded =
        hh_zalloc(h->context, h->rows_of_bins + c->percussive_width, HH_TILE * sizeof(float));
    h->time_windows = hh_zalloc(h->context, h->rows_of_bins, c->harmonic_width * sizeof(float));
    h->frequency_windows = hh_zalloc(h->context, c->percussive_width, HH_TILE * sizeof(float));
    h->row = hh_alloc(h->context, c->harmonic_width + HH_TILE, sizeof *h->row);
    bool spectra = c->no_spectra || (h->re && h->im && h->spectra[2] && h->spectra[3] &&
                                     (!c->frames || (h->spectra[0] && h->spectra[1])));
    bool made = spectra && h->percussive && h->harmonic && h->rows && h->padded &&
                h->time_windows && h->frequency_windows && h->row;
    return made ? HH_OK : hh_fail_memory(h->context);
}

/* What the overlapping frames of the block of `hop` samples that starts with frame `block` have to
 * be divided by: the squares of their windows, added in float as the frames are. `frames` frames
 * exist. */
static void make_scale(const HhHpss *h, size_t block, size_t frames, float *scale)
{
    const HhHpssConfig *c = &h->config;
    size_t n_fft = hh_fft_size(c->fft);
    memset(scale, 0, c->hop * sizeof *scale);
    for (size_t o = HH_MIN(h->overlap - 1, block) + 1; o-- > 0;) {
        if (block - o >= frames) continue;
        size_t count = HH_MIN(c->hop, n_fft - o * c->hop);
        for (size_t i = 0; i < count; i++)
            scale[i] = (float)((double)scale[i] + c->window_square[o * c->hop + i]);
    }
    for (size_t i = 0; i < c->hop; i++)
        scale[i] = scale[i] > 0x1p-126f ? c->gain / scale[i] : c->gain;
}

HhStatus hh_hpss_create(HhContext *context, const HhHpssConfig *config, HhHpss **hpss)
{
    *hpss = NULL;
    const size_t most = (size_t)1 << 20;
    if (config->harmonic_width < 1 || config->harmonic_width > most ||
        config->percussive_width < 1 || config->percussive_width > most)
        return hh_fail(context, HH_ERROR_ARGUMENT, "the medians' widths are %zu and %zu: 1 to %zu",
                       config->harmonic_width, config->percussive_width, most);
    HhHpss *h = hh_zalloc(context, 1, sizeof *h);
    if (!h) return hh_fail_memory(context);
    h->context = context;
    h->kernels = hh_kernels(context);
    h->config = *config;
    h->config.energies = config->energies && config->frames && !config->no_spectra;
    h->end = h->frames = SIZE_MAX;
    h->rows_of_bins = (config->bins + HH_TILE - 1) / HH_TILE * HH_TILE;
    h->pitch = h->rows_of_bins % (2 * HH_TILE) ? h->rows_of_bins : h->rows_of_bins + HH_TILE;
    h->ahead = ((config->harmonic_width - 1) / 2 + HH_TILE - 1) / HH_TILE;
    h->behind = (config->harmonic_width / 2 + 1 + HH_TILE - 1) / HH_TILE;
    HhStatus status = make_rings(h);
    if (status == HH_OK && config->samples) {
        status = make_sound(h);
        if (status == HH_OK) make_scale(h, h->overlap, SIZE_MAX, h->scale);
    }
    if (status != HH_OK)
        hh_hpss_destroy(h);
    else
        *hpss = h;
    return status;
}

void hh_hpss_destroy(HhHpss *hpss)
{
    if (!hpss) return;
    void *owned[] = {
        hpss->re,         hpss->im,          hpss->percussive,   hpss->rows,
        hpss->padded,     hpss->harmonic,    hpss->time_windows, hpss->frequency_windows,
        hpss->row,        hpss->part[0].sum, hpss->part[1].sum,  hpss->spectra[0],
        hpss->spectra[1], hpss->spectra[2],  hpss->spectra[3],   hpss->sound,
        hpss->scale,      hpss->edge_scale,  hpss->scratch};
    for (size_t i = 0; i < HH_COUNT(owned); i++) hh_free(hpss->context, owned[i]);
    hh_free(hpss->context, hpss);
}

/* ---- sound ---- */

/* Scales the next `count` samples, which begin at a multiple of hop, and hands out those between
 * the trim and the end. */
static void emit(HhHpss *h, size_t count)
{
    const HhHpssConfig *c = &h->config;
    for (size_t i = 0; i < count; i += c->hop) {
        size_t block = (h->emitted + i) / c->hop;
        const float *scale = h->scale;
        if (block + 1 < h->overlap || block >= h->frames) {
            make_scale(h, block, h->frames, h->edge_scale);
            scale = h->edge_scale;
        }
        for (int p = 0; p < 2; p++)
            if (h->part[p].wanted)
                h->kernels->vector->multiply_f32(h->part[p].sum + i, scale, h->part[p].sum + i,
                                                 HH_MIN(c->hop, count - i));
    }
    size_t first = HH_MAX(h->emitted, c->trim), last = HH_MIN(h->emitted + count, h->end),
           skip = first - h->emitted;
    h->emitted += count;
    if (first < last)
        c->samples(c->user, first - c->trim, last - first,
                   h->part[0].wanted ? h->part[0].sum + skip : NULL,
                   h->part[1].wanted ? h->part[1].sum + skip : NULL);
    for (int p = 0; p < 2; p++) {
        if (!h->part[p].wanted) continue;
        memmove(h->part[p].sum, h->part[p].sum + count, (h->sum_length - count) * sizeof(float));
        memset(h->part[p].sum + h->sum_length - count, 0, count * sizeof(float));
    }
}

/* Inverse transform and overlap-add of one part of a tile. */
static void add_sound(HhHpss *h, Part *part, const float *mask, int count)
{
    const HhHpssConfig *c = &h->config;
    const size_t hop = c->hop, n_fft = hh_fft_size(c->fft);
    if (c->sound_of_masks) {
        memcpy(part->re, mask, h->rows_of_bins * HH_TILE * sizeof(float));
        memset(part->im, 0, h->rows_of_bins * HH_TILE * sizeof(float));
    }
    hh_fft_tile_inverse_f32(c->fft, part->re, part->im, count, c->window, h->sound,
                            (ptrdiff_t)h->sound_pitch, h->scratch);
    for (size_t l = 0; l < (size_t)count; l++)
        h->kernels->vector->add_f32(h->sound + l * h->sound_pitch, part->sum + l * hop, n_fft);
}

/* ---- frames ---- */

/* Row pointers of the frames around the tile that starts at frame `first`; frames outside the track
 * are reflected. Where that is not in the ring any more (or ever), no output that counts depends on
 * it. */
static void find_rows(HhHpss *h, size_t first)
{
    size_t depth = (h->behind + 1 + h->ahead) * HH_TILE, width = h->config.harmonic_width;
    for (size_t i = 0; i < width + HH_TILE; i++) {
        ptrdiff_t frame = (ptrdiff_t)(first + i) - (ptrdiff_t)(width / 2) - 1;
        h->row[i] = h->rows + hh_reflect(frame, h->pushed) % depth * h->pitch;
    }
}

/* The masks of the bins [begin, end) of the tile that starts at frame h->done: in h->harmonic and
 * `percussive`. */
static void make_masks(HhHpss *h, size_t begin, size_t end, float *percussive)
{
    const HhMedianKernels *median = h->kernels->median;
    const size_t width = h->config.harmonic_width, at = begin * HH_TILE,
                 n = (end - begin) * HH_TILE;
    float *windows = h->time_windows + begin * width;
    if (h->done == 0) median->time_start(h->row, width, begin, end, windows);
    median->time(h->row, width, begin, end, windows, h->harmonic + at);
    h->kernels->mask->masks(&h->config.mask, h->harmonic + at, percussive + at, n, h->harmonic + at,
                            percussive + at);
}

/* The masked spectrum of the bins [begin, end) of one part, and its energies if they are asked
 * for. */
static void make_part(HhHpss *h, Part *part, const HhHpssTile *tile, const float *mask,
                      size_t begin, size_t end, double *energy)
{
    const HhMaskKernels *kernels = h->kernels->mask;
    const size_t at = begin * HH_TILE;
    kernels->apply(mask + at, tile->re + at, tile->im + at, (end - begin) * HH_TILE, part->re + at,
                   part->im + at);
    if (!h->config.energies) return;
    float sum[HH_TILE] = {0};
    kernels->energy(part->re + at, part->im + at, end - begin, sum);
    for (int l = 0; l < HH_TILE; l++) energy[l] += (double)sum[l];
}

static void finish_tile(HhHpss *h)
{
    const HhHpssConfig *c = &h->config;
    size_t slot = h->done / HH_TILE % (1 + h->ahead) * h->rows_of_bins * HH_TILE;
    float *percussive = h->percussive + slot;
    HhHpssTile tile = {.first = h->done, .count = (int)HH_MIN(HH_TILE, h->pushed - h->done)};
    tile.harmonic_mask = h->harmonic;
    tile.percussive_mask = percussive;
    if (!c->no_spectra) {
        tile.re = h->re + slot;
        tile.im = h->im + slot;
        if (!c->frames) /* Nobody will look at it: in place. */
            h->part[0].re = h->re + slot, h->part[0].im = h->im + slot;
    }
    find_rows(h, h->done);
    for (size_t b = 0; b < h->rows_of_bins; b += STRIP) {
        size_t end = HH_MIN(b + STRIP, h->rows_of_bins);
        make_masks(h, b, end, percussive);
        if (c->energies || h->part[1].wanted)
            make_part(h, &h->part[1], &tile, percussive, b, end, tile.percussive_energy);
        if (c->energies || h->part[0].wanted)
            make_part(h, &h->part[0], &tile, h->harmonic, b, end, tile.harmonic_energy);
    }
    if (c->frames) c->frames(c->user, &tile);
    if (h->part[0].wanted) add_sound(h, &h->part[0], h->harmonic, tile.count);
    if (h->part[1].wanted) add_sound(h, &h->part[1], percussive, tile.count);
    h->done += (size_t)tile.count;
    if (c->samples) emit(h, (size_t)tile.count * c->hop);
}

/* The tile whose last frame has just come: its magnitudes stand in h->padded, or its spectrum in
 * the ring. */
static void take_tile(HhHpss *h)
{
    const HhHpssConfig *c = &h->config;
    size_t below = c->percussive_width / 2, above = (c->percussive_width - 1) / 2,
           index = (h->pushed - 1) / HH_TILE;
    size_t slot = index % (1 + h->ahead) * h->rows_of_bins * HH_TILE;
    size_t row = index % (h->behind + 1 + h->ahead) * HH_TILE;
    float *magnitude = h->padded + below * HH_TILE;
    if (!c->magnitudes)
        h->kernels->vector->magnitude_f32(h->re + slot, h->im + slot, magnitude, c->bins * HH_TILE);
    h->kernels->median->to_rows(magnitude, h->rows_of_bins, h->rows + row * h->pitch, h->pitch);
    for (size_t i = 0; i < below; i++)
        memcpy(magnitude - (i + 1) * HH_TILE,
               magnitude + hh_reflect(-1 - (ptrdiff_t)i, c->bins) * HH_TILE,
               HH_TILE * sizeof(float));
    for (size_t i = c->bins; i < c->bins + above; i++)
        memcpy(magnitude + i * HH_TILE, magnitude + hh_reflect((ptrdiff_t)i, c->bins) * HH_TILE,
               HH_TILE * sizeof(float));
    h->kernels->median->frequency(h->padded, c->percussive_width, h->rows_of_bins,
                                  h->frequency_windows, h->percussive + slot);
}

static void put_lanes(const float *from, int from_lane, int count, size_t bins, float *to,
                      size_t to_lane)
{
    if (from == to) return;
    if (count == HH_TILE && from_lane == 0 && to_lane == 0) {
        memcpy(to, from, bins * HH_TILE * sizeof *to);
        return;
    }
    for (size_t b = 0; b < bins; b++)
        memcpy(to + b * HH_TILE + to_lane, from + b * HH_TILE + from_lane,
               (size_t)count * sizeof *to);
}

void hh_hpss_next_tile(HhHpss *hpss, float **re, float **im)
{
    size_t slot = hpss->pushed / HH_TILE % (1 + hpss->ahead) * hpss->rows_of_bins * HH_TILE;
    *re = hpss->re + slot;
    *im = hpss->im + slot;
}

void hh_hpss_push(HhHpss *hpss, const float *re, const float *im, const float *magnitude, int count)
{
    HhHpss *h = hpss;
    const HhHpssConfig *c = &h->config;
    for (int taken = 0; taken < count;) {
        size_t lane = h->pushed % HH_TILE;
        size_t slot = h->pushed / HH_TILE % (1 + h->ahead) * h->rows_of_bins * HH_TILE;
        int n = HH_MIN(count - taken, HH_TILE - (int)lane);
        if (c->magnitudes)
            put_lanes(magnitude, taken, n, c->bins, h->padded + c->percussive_width / 2 * HH_TILE,
                      lane);
        if (!c->no_spectra) {
            put_lanes(re, taken, n, c->bins, h->re + slot, lane);
            put_lanes(im, taken, n, c->bins, h->im + slot, lane);
        }
        taken += n;
        h->pushed += (size_t)n;
        if (h->pushed % HH_TILE) continue;
        take_tile(h);
        if (h->pushed - h->done == (1 + h->ahead) * HH_TILE) finish_tile(h);
    }
}

void hh_hpss_finish(HhHpss *hpss, size_t length)
{
    HhHpss *h = hpss;
    const HhHpssConfig *c = &h->config;
    if (c->samples) {
        h->frames = h->pushed;
        h->end = h->pushed ? (h->pushed - 1) * c->hop + hh_fft_size(c->fft) : 0;
        if (length < SIZE_MAX - c->trim) h->end = length + c->trim;
    }
    if (h->pushed % HH_TILE) take_tile(h);
    while (h->done < h->pushed) finish_tile(h);
    if (!c->samples) return;
    while (h->emitted < h->end) emit(h, HH_MIN(HH_TILE * c->hop, h->end - h->emitted));
}
