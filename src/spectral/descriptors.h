/* Descriptors of single frames, for the one-pass engine and for the librosa-named functions: tiles
 * of frames in, one row per frame out.
 *
 *     HhDescriptors plan = {0};
 *     HhDescriptorParams params;
 *     hh_descriptor_defaults(&params, 44100.0, 2048);
 *     HH_TRY(hh_descriptors_make(context, &plan, &params));
 *     void *scratch = hh_alloc(context, 1, hh_descriptors_scratch(&plan));   // one per thread
 *     hh_descriptors_tile(&plan, kernels, magnitude, power, count, &rows, scratch);
 *
 * A plan is constant once made and may be shared by threads; nothing is allocated per tile. The
 * arithmetic is float. From magnitudes of a double transform the results are librosa's to 2e-6.
 * From a float transform, largest differences from the double one over music at 44.1 kHz: centroid
 * 5e-5, bandwidth 1e-3, flatness 4e-3 (relative), rolloff none, mel 5e-7 of the frame's largest
 * band, contrast 3 dB in bands that lie below the float transform's noise, 130 dB under the frame's
 * peak, and 0.02 dB where there is no such band. Half of all frames differ by less than 1e-6
 * (flatness 1e-4). */
#ifndef HH_DESCRIPTORS_H
#define HH_DESCRIPTORS_H

#include "spectral/mel.h"

typedef struct HhDescriptorParams {
    double rate; /* Hz */
    size_t n_fft;
    const double *frequencies; /* Hz, [bins], ascending; NULL = those of the transform */
    double bandwidth_p;        /* default 2 */
    bool bandwidth_norm;       /* default true */
    double roll_percent;       /* default 0.85 */
    double flatness_amin;      /* default 1e-10 */
    double contrast_fmin;      /* Hz, default 200; 0 = no contrast */
    /* Default 6; if the highest reach beyond rate / 2, see hh_descriptors_make(). */
    size_t contrast_bands;
    double contrast_quantile; /* default 0.02 */
    const HhMelParams *mel;   /* NULL = no mel bands */
} HhDescriptorParams;

/* Rows first..first+bins-1 of a tile; the k smallest and largest of them count. */
typedef struct HhContrastBand {
    size_t first, rows, k;
} HhContrastBand;

typedef struct HhDescriptors {
    HhContext *context;
    size_t bins;
    float *frequency;        /* [bins] */
    double *frequency_exact; /* [bins] */
    float bandwidth_p, roll_percent, flatness_amin;
    bool bandwidth_norm;
    HhContrastBand *contrast;
    size_t contrast_count; /* contrast_bands + 1, or 0 */
    size_t contrast_most;  /* rows of the largest band */
    HhMelBank mel;
} HhDescriptors;

/* Where the results of lane 0 go, those of lane l one row further each: rows of 1, contrast_count
 * and n_mels values. NULL = not wanted. */
typedef struct HhDescriptorRows {
    float *centroid, *bandwidth, *rolloff, *flatness; /* Hz, Hz, Hz, (0, 1] */
    float *contrast; /* dB, each mean at least 1e-10; not cut off at 80 dB */
    float *mel;      /* power */
} HhDescriptorRows;

void hh_descriptor_defaults(HhDescriptorParams *params, double rate, size_t n_fft);
/* HH_ERROR_ARGUMENT where librosa raises: an octave that starts at or above rate / 2, a band
 * without bins. */
HhStatus hh_descriptors_make(HhContext *context, HhDescriptors *plan,
                             const HhDescriptorParams *params);
void hh_descriptors_free(HhDescriptors *plan);
size_t hh_descriptors_scratch(const HhDescriptors *plan); /* bytes */

/* magnitude[bins][HH_TILE], power[bins][HH_TILE] (NULL: squares of `magnitude` are made where they
 * are needed); `count` lanes are written. */
void hh_descriptors_tile(const HhDescriptors *plan, const HhKernels *kernels,
                         const float *magnitude, const float *power, int count,
                         const HhDescriptorRows *rows, void *scratch);

/* One result per lane. */
void hh_tile_centroid(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                      float *centroid);
void hh_tile_rolloff(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                     double *rolloff);
/* valley[contrast_count][HH_TILE] and peak: means of the band's smallest and largest magnitudes. */
void hh_tile_contrast(const HhDescriptors *plan, const HhKernels *kernels, const float *magnitude,
                      float *valley, float *peak, float *scratch);

/* ---- frames of samples: frame l starts at x + l * hop. NULL = not wanted. Rate of zero crossings
 * as hh_zero_crossing_rate() with its defaults, by samples divided by frame_length; rms as
 * hh_rms(). */
void hh_sample_tile(const HhKernels *kernels, const float *x, ptrdiff_t hop, size_t frame_length,
                    int count, float *rms, float *zero_crossing_rate);

#endif
