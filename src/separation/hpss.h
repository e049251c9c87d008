/* Harmonic-percussive separation of one channel, frame after frame: the object behind everything
 * that separates.
 *
 *     HhHpssConfig config = {...};
 *     HhHpss *hpss;
 *     HH_TRY(hh_hpss_create(context, &config, &hpss));
 *     for each tile of the transform: hh_hpss_push(hpss, re, im, NULL, count);
 *     hh_hpss_finish(hpss, samples of the signal);
 *     hh_hpss_destroy(hpss);
 *
 * Each frame comes out again, in order, when half the harmonic width (15 of 31 frames) of what
 * follows it is there; then its two medians, its masks and the two parts of its sound are made and
 * handed to `config`'s callbacks. What comes out does not depend on how the frames are spread over
 * the pushes. At both ends of the track the medians see it reflected. Nothing is allocated after
 * create; for 2048 samples and width 31 the object is 1.1 MB, of which a tile of frames touches
 * each part once. push and finish run in the caller's thread and should run with subnormal numbers
 * flushed to zero, as in hh_parallel_for(). */
#ifndef HH_SEPARATION_HPSS_H
#define HH_SEPARATION_HPSS_H

#include "base/base.h"
#include "kernel/fft.h"
#include "kernel/mask.h"

/* What is known of up to HH_TILE neighbouring frames; tiles are [bins][HH_TILE]. Lanes from `count`
 * on are arbitrary. */
typedef struct HhHpssTile {
    size_t first; /* index of the frame in lane 0 */
    int count;
    const float *re, *im;                         /* the spectrum as it was pushed, or NULL */
    const float *harmonic_mask, *percussive_mask; /* each part's spectrum is mask * (re, im) */
    /* Sums of |mask (re, im)|^2 over the bins, if asked for. */
    double harmonic_energy[HH_TILE], percussive_energy[HH_TILE];
} HhHpssTile;

typedef struct HhHpssConfig {
    size_t bins;                             /* of a frame */
    size_t harmonic_width, percussive_width; /* 1 or more: frames and bins under the two medians */
    HhMask mask;
    bool magnitudes; /* magnitudes will be pushed, beside the spectra or alone */
    bool no_spectra; /* magnitudes alone: no sound and no energies */

    /* Called for every tile of frames, in order; or NULL. */
    void (*frames)(void *user, const HhHpssTile *tile);
    bool energies; /* fill in the energies of the tile */

    /* Called with the sound of both parts, in order: `count` samples from sample `first` on; or
     * NULL, and then the rest of this struct is not looked at. A part that is not wanted comes as
     * NULL. */
    void (*samples)(void *user, size_t first, size_t count, const float *harmonic,
                    const float *percussive);
    bool harmonic, percussive; /* which parts are wanted */
    bool sound_of_masks;       /* transform the masks themselves (librosa's mask=True) */
    /* The object keeps these three: the transform of n_fft samples, the window after the inverse
     * one, and the square of the window whose overlap the sound is divided by, both [n_fft]. */
    const HhFft *fft;
    const float *window;
    const double *window_square;
    size_t hop;  /* samples */
    size_t trim; /* samples left out at the start: n_fft / 2 if the frames are centred, else 0 */
    float gain;  /* factor on the sound, usually 1 */

    void *user; /* handed to both callbacks */
} HhHpssConfig;

typedef struct HhHpss HhHpss;

HhStatus hh_hpss_create(HhContext *context, const HhHpssConfig *config, HhHpss **hpss);
void hh_hpss_destroy(HhHpss *hpss); /* accepts NULL */

/* The next `count` (1..HH_TILE) frames: the first lanes of tiles [bins][HH_TILE]. `magnitude` is
 * NULL unless config->magnitudes, re and im are NULL if config->no_spectra. */
void hh_hpss_push(HhHpss *hpss, const float *re, const float *im, const float *magnitude,
                  int count);

/* Where the spectra of the next frames may be written, to spare push a copy: push these very
 * pointers then. Only while all pushes so far were of HH_TILE frames. */
void hh_hpss_next_tile(HhHpss *hpss, float **re, float **im);

/* After the last frame: gives out what is left, and the sound up to `length` samples, with zeros
 * where no frame reaches. SIZE_MAX: as far as the frames reach. (If hop > n_fft / 2, samples beyond
 * the length may have been given before.) */
void hh_hpss_finish(HhHpss *hpss, size_t length);

/* Frames of the past and of the future that the sound of one frame depends on (for work on a part
 * of a track). */
size_t hh_hpss_reach_back(const HhHpssConfig *config);
size_t hh_hpss_reach_ahead(const HhHpssConfig *config);

#endif
