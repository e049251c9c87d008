/* The key of a track: see heihachi/harmony.h for the profiles and who made them.
 *
 * Method (C. Krumhansl, Cognitive Foundations of Musical Pitch, 1990): the correlation of the
 * track's mean chroma with each of the 24 rotations of a profile; the largest wins. Departures,
 * because tracks without a key have to be told from those that have one, and a correlation does not
 * see how flat the chroma is:
 *
 * - evidence: the largest correlation times (1 - mean of the chroma). Frames of noise and
 *   drums have all classes nearly alike, so their mean is 0.6 to 0.8; frames of chords have a
 *   few strong ones (0.2 to 0.5). Drum recordings stay below 0.21, tracks with a key are above
 *   0.23 and mostly above 0.3.
 * - classes: at least three must reach a quarter of the strongest: one tone, or a kick drum, has
 *   no key.
 * - margin: how far the second-best key is behind; together with the evidence it gives the
 *   confidence. */
#include <math.h>
#include <string.h>

#include "harmony/basis.h"
#include "harmony/harmony.h"
#include "spectral/tiles.h"

static const double least_evidence = 0.22, full_evidence = 0.7, half_margin = 0.05,
                    least_class = 0.25;

static const double profiles[][2][12] = {
    [HH_KEY_EDM] = {{1.0000, 0.1573, 0.4200, 0.1570, 0.5296, 0.3669, 0.1632, 0.7711, 0.1676, 0.3827,
                     0.2113, 0.2965},
                    {1.0000, 0.2330, 0.3615, 0.3905, 0.2925, 0.3777, 0.1961, 0.7425, 0.2701, 0.2161,
                     0.4228, 0.2272}},
    [HH_KEY_KRUMHANSL] = {{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
                          {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}},
    [HH_KEY_TEMPERLEY] = {{0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366,
                           0.057, 0.400},
                          {0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067,
                           0.133, 0.330}},
    [HH_KEY_ALBRECHT] = {{0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080,
                          0.008, 0.081},
                         {0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022,
                          0.061, 0.052}},
};

void hh_key_defaults(HhKeyParams *params)
{
    *params = (HhKeyParams){sizeof *params, HH_KEY_EDM};
}

const char *hh_key_name(int index)
{
    static const char *const names[24] = {"C major",  "C# major", "D major",  "D# major", "E major",
                                          "F major",  "F# major", "G major",  "G# major", "A major",
                                          "A# major", "B major",  "C minor",  "C# minor", "D minor",
                                          "D# minor", "E minor",  "F minor",  "F# minor", "G minor",
                                          "G# minor", "A minor",  "A# minor", "B minor"};
    return index >= 0 && index < 24 ? names[index] : "unknown";
}

void hh_chroma_mean_add(HhChromaMean *mean, const float *rows, size_t count)
{
    for (size_t t = 0; t < count; t++, rows += 12) {
        bool silent = true;
        for (int c = 0; c < 12; c++) {
            mean->sum[c] += (double)rows[c];
            silent = silent && rows[c] == 0.0f;
        }
        mean->frames += !silent;
    }
}

void hh_chroma_mean_get(const HhChromaMean *mean, double chroma[12])
{
    for (int c = 0; c < 12; c++)
        chroma[c] = mean->frames > 0 ? mean->sum[c] / (double)mean->frames : 0.0;
}

/* Pearson's correlation of the chroma, counted from the tonic, with a profile; 0 if the chroma is
 * flat. */
static double correlation(const double chroma[12], int tonic, const double profile[12])
{
    double mean_c = 0.0, mean_p = 0.0, cc = 0.0, pp = 0.0, cp = 0.0;
    for (int i = 0; i < 12; i++) {
        mean_c += chroma[i] / 12.0;
        mean_p += profile[i] / 12.0;
    }
    for (int i = 0; i < 12; i++) {
        double c = chroma[(i + tonic) % 12] - mean_c, p = profile[i] - mean_p;
        cc += c * c;
        pp += p * p;
        cp += c * p;
    }
    return cc > 1e-18 ? cp / sqrt(cc * pp) : 0.0;
}

static bool has_classes(const double chroma[12])
{
    double largest = 0.0;
    for (int c = 0; c < 12; c++) largest = HH_MAX(largest, chroma[c]);
    int strong = 0;
    for (int c = 0; c < 12; c++) strong += chroma[c] > 0.0 && chroma[c] >= least_class * largest;
    return strong >= 3;
}

static void decide(const double chroma[12], HhKey *key)
{
    int best = 0;
    double second = -1.0, mean = 0.0;
    for (int k = 1; k < 24; k++)
        if (key->score[k] > key->score[best]) best = k;
    for (int k = 0; k < 24; k++)
        if (k != best) second = HH_MAX(second, key->score[k]);
    for (int c = 0; c < 12; c++) mean += chroma[c] / 12.0;
    double evidence = key->score[best] * (1.0 - mean), margin = key->score[best] - second;
    if (!has_classes(chroma) || evidence < least_evidence) return;
    double strength = HH_MIN(1.0, (evidence - least_evidence) / (full_evidence - least_evidence));
    key->index = best;
    key->confidence = sqrt(strength * margin / (margin + half_margin));
}

HhStatus hh_key_from_chroma(HhContext *context, const double chroma[12], const HhKeyParams *params,
                            HhKey *key)
{
    HhKeyParams p;
    hh_key_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    if ((int)p.profile < 0 || (size_t)p.profile >= HH_COUNT(profiles))
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no key profile %d", (int)p.profile);
    for (int c = 0; c < 12; c++)
        if (!(chroma[c] >= 0.0 && chroma[c] <= 1.0 + 1e-6))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "the chroma of class %d is %g, not in [0, 1]", c, chroma[c]);
    *key = (HhKey){.index = -1};
    for (int k = 0; k < 24; k++)
        key->score[k] = correlation(chroma, k % 12, profiles[p.profile][k / 12]);
    decide(chroma, key);
    return HH_OK;
}

HhStatus hh_key_estimate(HhContext *context, const HhSignal *y, const HhKeyParams *params,
                         HhKey *key)
{
    HH_TRY(hh_harmony_check(context, y));
    HhChromaCqtParams p;
    hh_chroma_cqt_defaults(&p);
    while (p.n_octaves > 0 && HH_C1 * ldexp(1.05, (int)p.n_octaves) > 0.5 * y->rate) p.n_octaves--;
    HhChromaMean mean = {{0}, 0};
    if (p.n_octaves >= 4) {
        HhArray chroma = HH_ARRAY_INIT;
        HH_TRY(hh_chroma_cqt(context, y, &p, &chroma));
        hh_chroma_mean_add(&mean, chroma.data, chroma.shape[0] * chroma.shape[1]);
        hh_array_free(&chroma);
    }
    double weights[12];
    hh_chroma_mean_get(&mean, weights);
    return hh_key_from_chroma(context, weights, params, key);
}
