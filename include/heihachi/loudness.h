/* Loudness and peaks as broadcasters and streaming services measure them: ITU-R BS.1770-4, EBU R
 * 128, Tech 3341, 3342.
 *
 *     HhLoudnessResult result;
 *     if (hh_loudness(context, &signal, NULL, &result) != HH_OK)
 *         return complain(hh_context_message(context));
 *     printf("%.1f LUFS, range %.1f LU\n", result.integrated_lufs, result.range_lu);
 *     printf("%.1f dBTP\n", result.true_peak_dbtp);
 *
 * or, piece by piece, hh_loudness_create(), hh_loudness_push(), hh_loudness_result(),
 * hh_loudness_destroy(). The result does not depend on how the signal is cut. Values agree with
 * libebur128 within 0.01 LU and 0.1 dB.
 *
 * A level that is not defined is NaN (a range without two short-term values, a track of less than
 * 100 ms); a level of silence is -INFINITY (all below -70 LUFS, or no sample but zeros). */
#ifndef HEIHACHI_LOUDNESS_H
#define HEIHACHI_LOUDNESS_H

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a channel is, for its weight: 1, 1.41 for surround, 0 for the low-frequency channel and for
 * unused ones. */
typedef enum HhSpeaker {
    HH_SPEAKER_UNUSED,
    HH_SPEAKER_FRONT,   /* left, right, centre, mono: 1 */
    HH_SPEAKER_SURROUND /* 60 to 120 degrees to the side: 1.41 */
} HhSpeaker;

typedef struct HhLoudnessParams {
    size_t size; /* sizeof(HhLoudnessParams) */
    /* One per channel; NULL (default): 1-3 channels front; 4 = L R Ls Rs; 5 = L R C Ls Rs; 6 and
     * more = L R C LFE Ls Rs and the rest unused. */
    const HhSpeaker *speakers;
    int true_peak; /* 0 = sample peak only (true_peak_dbtp is NaN); default 1 */
} HhLoudnessParams;

HH_API void hh_loudness_defaults(HhLoudnessParams *params);

typedef struct HhLoudnessResult {
    /* Gated: blocks of 400 ms every 100 ms above -70 LUFS, then above their mean - 10 LU. */
    double integrated_lufs;
    /* Tech 3342: 10 % to 95 % of the short-term levels every 1 s, gated at -70 LUFS and -20 LU. */
    double range_lu;
    double momentary_max_lufs;  /* loudest 400 ms, every 100 ms; silence stands before the start */
    double short_term_max_lufs; /* loudest 3 s, every 100 ms; silence stands before the start */
    double sample_peak_dbfs;
    /* Between samples: 4 times the rate below 96 kHz, twice below 192 kHz, else the samples. */
    double true_peak_dbtp;
    double relative_gate_lufs; /* the threshold of the integrated value */
} HhLoudnessResult;

HH_API HhStatus hh_loudness(HhContext *context, const HhSignal *signal,
                            const HhLoudnessParams *params, HhLoudnessResult *result);

typedef struct HhLoudness HhLoudness;

/* `rate` in HH_MIN_RATE..HH_MAX_RATE Hz, `channels` in 1..HH_MAX_CHANNELS. *loudness is NULL on
 * failure. */
HH_API HhStatus hh_loudness_create(HhContext *context, double rate, int channels,
                                   const HhLoudnessParams *params, HhLoudness **loudness);
/* Takes `count` samples per channel. Memory: 8 bytes per 100 ms of sound. */
HH_API HhStatus hh_loudness_push(HhLoudness *loudness, const float *const *channel, size_t count);
/* What has been pushed so far; more may be pushed afterwards. */
HH_API HhStatus hh_loudness_result(const HhLoudness *loudness, HhLoudnessResult *result);
/* Momentary (400 ms) and short-term (3 s) levels in LUFS after each 100 ms: two columns, {blocks,
 * 2}, HH_FLOAT32. */
HH_API HhStatus hh_loudness_history(const HhLoudness *loudness, HhArray *levels);
/* Accepts NULL. */
HH_API void hh_loudness_destroy(HhLoudness *loudness);

#ifdef __cplusplus
}
#endif
#endif
