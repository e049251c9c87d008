/* See compute.h. Semantics: the system of November 2025 with librosa 0.11, with these corrections:
 * BS.1770 loudness instead of unweighted RMS (kept as an extra), crest frames that start where
 * their peaks do, no invented defaults: a value that has no meaning for a track is NaN with a
 * status that says why. */
#include "fingerprint/compute.h"

#include <math.h>
#include <string.h>

#include "fingerprint/bands.h"

static void set(HhFingerprint *f, int dimension, double value,
                HhFingerprintStatus status_if_not_finite)
{
    bool good = isfinite(value);
    f->values[dimension] = good ? value : (double)NAN;
    f->status[dimension] = good ? HH_FP_OK : status_if_not_finite;
}

static double clip(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value; /* keeps NaN */
}

/* The k-th smallest by quickselect (C. A. R. Hoare, 1961); partitions `v`. */
static float select_kth(float *v, size_t count, size_t k)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = v[low + (high - low) / 2];
        ptrdiff_t i = (ptrdiff_t)low, j = (ptrdiff_t)high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i <= j) {
                float t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        if ((ptrdiff_t)k <= j)
            high = (size_t)j;
        else if ((ptrdiff_t)k >= i)
            low = (size_t)i;
        else
            break;
    }
    return v[k];
}

double hh_median(const float *values, size_t count, float *work)
{
    if (count == 0) return (double)NAN;
    memcpy(work, values, count * sizeof *work);
    double upper = (double)select_kth(work, count, count / 2);
    if (count % 2) return upper;
    float lower = work[0];
    for (size_t i = 1; i < count / 2; i++) lower = work[i] > lower ? work[i] : lower;
    return ((double)lower + upper) / 2;
}

/* 1 / (1 + scale * std / mean), population; NaN of none or of mean 0. */
static double stability(const double *x, size_t n, double scale)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return 1.0 / (1.0 + scale * sqrt(sum / (double)n) / mean);
}

/* Squares of less leave the range of a float. */
#define FAINTEST 1e-30

static bool is_silent(const HhFingerprintInputs *in)
{
    return !(in->levels.rms > FAINTEST);
}

/* Shares of the spectrum's lines from 0 Hz to the Nyquist frequency, as the reference adds them:
 * each but the first stands for two, so that a constant offset weighs double. */
static void bands(HhFingerprint *f, const HhFingerprintInputs *in, double energy)
{
    double total = is_silent(in) ? 0.0 : energy + in->constant_energy;
    for (int i = 0; i < HH_BANDS; i++) {
        set(f, HH_FP_SUB_BASS + i, total > 0 ? in->band_energy[i] / total : (double)NAN,
            HH_FP_SILENT);
        if (f->status[i] == HH_FP_OK && hh_bands_edge(i) >= in->file_rate / 2) {
            f->values[i] = 0.0;
            f->status[i] = HH_FP_ABOVE_NYQUIST;
        }
    }
    double mid = in->band_energy[2] + in->band_energy[3];
    set(f, HH_FP_BASS_MID_RATIO, total > 0 ? 10.0 * log10(in->band_energy[1] / mid) : (double)NAN,
        HH_FP_SILENT);
}

static HhStatus rhythm(HhContext *context, HhFingerprint *f, const HhFingerprintInputs *in)
{
    bool silent = is_silent(in);
    set(f, HH_FP_TEMPO, silent ? (double)NAN : clip(in->tempo_bpm, 40.0, 200.0), HH_FP_SILENT);
    double seconds = (double)in->levels.samples / 44100.0;
    set(f, HH_FP_TRANSIENT_DENSITY, HH_MIN(1.0, (double)in->onsets / seconds / 10.0),
        HH_FP_TOO_SHORT);
    if (in->beats < 3) {
        /* Fewer than three beats: the reference says 0, and it is a statement about the track, not
         * an error. */
        set(f, HH_FP_RHYTHM_STABILITY, silent ? (double)NAN : 0.0, HH_FP_SILENT);
        return HH_OK;
    }
    double *gaps = hh_alloc(context, in->beats, sizeof *gaps);
    if (!gaps) return hh_fail_memory(context);
    for (size_t i = 0; i + 1 < in->beats; i++) gaps[i] = in->beats_s[i + 1] - in->beats_s[i];
    set(f, HH_FP_RHYTHM_STABILITY, stability(gaps, in->beats - 1, 1.0), HH_FP_TOO_SHORT);
    hh_free(context, gaps);
    return HH_OK;
}

static HhStatus frames(HhContext *context, HhFingerprint *f, const HhFingerprintInputs *in)
{
    float *work = hh_alloc(context, in->frames + 1, sizeof *work);
    double *f0 = hh_alloc(context, in->frames + 1, sizeof *f0);
    if (!work || !f0) {
        hh_free(context, work);
        hh_free(context, f0);
        return hh_fail_memory(context);
    }
    float loudest = 0;
    size_t quiet = 0;
    for (size_t i = 0; i < in->frames; i++) loudest = HH_MAX(loudest, in->rms[i]);
    for (size_t i = 0; i < in->frames; i++)
        quiet += 20.0 * log10(HH_MAX((double)in->rms[i], 1e-30) / (double)loudest) < -40.0;
    bool silent = is_silent(in) || !(loudest > 0);
    double none = (double)NAN;
    set(f, HH_FP_SILENCE_RATIO, silent ? none : (double)quiet / (double)in->frames, HH_FP_SILENT);
    set(f, HH_FP_CENTROID,
        silent ? none : HH_MIN(1.0, hh_median(in->centroid_hz, in->frames, work) / 8000.0),
        HH_FP_SILENT);
    set(f, HH_FP_ROLLOFF,
        silent ? none : HH_MIN(1.0, hh_median(in->rolloff_hz, in->frames, work) / 10000.0),
        HH_FP_SILENT);
    set(f, HH_FP_FLATNESS, silent ? none : hh_median(in->flatness, in->frames, work), HH_FP_SILENT);
    for (size_t i = 0; i < in->frames; i++) f0[i] = (double)in->f0_hz[i];
    set(f, HH_FP_PITCH_STABILITY, silent ? none : stability(f0, in->frames, 10.0), HH_FP_SILENT);
    hh_free(context, work);
    hh_free(context, f0);
    return HH_OK;
}

HhStatus hh_fingerprint_compute(HhContext *context, const HhFingerprintInputs *in, HhFingerprint *f)
{
    *f = (HhFingerprint){.version = HH_FINGERPRINT_VERSION};
    const HhLevelsResult *v = &in->levels;
    bool silent = is_silent(in);
    double none = (double)NAN;
    bands(f, in, v->rms * v->rms * (double)v->samples);
    bool block = v->samples >= 17640; /* 0.4 s, what loudness is measured on */
    set(f, HH_FP_LOUDNESS, in->loudness_lufs, block ? HH_FP_SILENT : HH_FP_TOO_SHORT);
    f->rms_minus_0_691_lufs = 20.0 * log10(v->rms + 1e-10) + 0.691;
    set(f, HH_FP_CREST, silent ? none : 20.0 * log10(v->peak / (v->rms + 1e-10)), HH_FP_SILENT);
    HH_TRY(rhythm(context, f, in));
    HH_TRY(frames(context, f, in));
    set(f, HH_FP_HARMONIC_RATIO,
        silent ? none : in->harmonic_rms / (in->harmonic_rms + in->percussive_rms), HH_FP_SILENT);
    set(f, HH_FP_CHROMA_ENERGY, silent ? none : HH_MIN(1.0, in->chroma_mean / 0.4), HH_FP_SILENT);
    bool few = v->frames < 1;
    set(f, HH_FP_DYNAMIC_RANGE_VARIATION, few || silent ? none : HH_MIN(1.0, v->crest_std / 6.0),
        few ? HH_FP_TOO_SHORT : HH_FP_SILENT);
    set(f, HH_FP_LOUDNESS_VARIATION, silent ? none : HH_MIN(10.0, v->loudness_std), HH_FP_SILENT);
    set(f, HH_FP_PEAK_CONSISTENCY, silent ? none : 1.0 / (1.0 + v->peak_cv), HH_FP_SILENT);
    set(f, HH_FP_STEREO_WIDTH, v->stereo ? v->width : 0.0, HH_FP_SILENT);
    set(f, HH_FP_PHASE_CORRELATION, v->stereo ? (silent ? 1.0 : v->correlation) : 1.0,
        HH_FP_SILENT);
    return HH_OK;
}
