/* The 25 values from what the engine has gathered: the definitions in one place. */
#ifndef HH_FINGERPRINT_COMPUTE_H
#define HH_FINGERPRINT_COMPUTE_H

#include "base/base.h"
#include "fingerprint/levels.h"
#include "heihachi/fingerprint.h"

/* All at 44.1 kHz, frames of 2048 every 512. Rows are one value per frame. */
typedef struct HhFingerprintInputs {
    double file_rate; /* Hz: what lies above half of it is empty */
    double band_energy[7], constant_energy;
    double loudness_lufs; /* integrated; -inf or NaN for silence */
    HhLevelsResult levels;
    double tempo_bpm;      /* librosa's, NaN if there is none */
    const double *beats_s; /* librosa's */
    size_t beats;
    size_t onsets;
    size_t frames;
    const float *rms; /* [frames] */
    const float *centroid_hz, *rolloff_hz, *flatness;
    const float *f0_hz; /* YIN */
    double harmonic_rms, percussive_rms;
    double chroma_mean; /* over all classes and frames of the max-normalised CQT chromagram */
} HhFingerprintInputs;

HhStatus hh_fingerprint_compute(HhContext *context, const HhFingerprintInputs *inputs,
                                HhFingerprint *fingerprint);

/* Median as numpy.median of `count` values (mean of the two middle ones); NaN of none. `work` holds
 * count floats. */
double hh_median(const float *values, size_t count, float *work);

#endif
