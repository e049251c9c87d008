/* The sum of squared windows: see heihachi/spectral.h.
 *
 * Added frame by frame in the result's type as librosa does. After the first n_fft / hop_length
 * frames every hop of the sum is made of the same windows in the same order until the last frame,
 * so that it is computed once and copied: the cost is that of writing the result. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "spectral/window.h"

void hh_window_sumsquare_defaults(HhWindowSumsquareParams *params)
{
    *params = (HhWindowSumsquareParams){
        .size = sizeof *params, .n_fft = 2048, .hop_length = 512, .norm = (double)NAN};
}

static HhStatus read_params(HhContext *context, const HhWindowSumsquareParams *given,
                            size_t n_frames, HhType type, HhWindowSumsquareParams *p)
{
    hh_window_sumsquare_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (p->win_length == 0) p->win_length = p->n_fft;
    if (p->n_fft == 0 || p->n_fft > 1u << 20 || p->win_length > p->n_fft)
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "n_fft=%zu must be 1 to 2^20, win_length=%zu at most that", p->n_fft,
                       p->win_length);
    if (p->hop_length == 0) return hh_fail(context, HH_ERROR_ARGUMENT, "hop_length=0");
    if (n_frames == 0 || (n_frames - 1) > (SIZE_MAX / 64 - p->n_fft) / p->hop_length)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu frames every %zu samples", n_frames,
                       p->hop_length);
    if (type != HH_FLOAT32 && type != HH_FLOAT64)
        return hh_fail(context, HH_ERROR_ARGUMENT, "sums of type %d: floats or doubles", (int)type);
    return HH_OK;
}

/* w[n_fft]: the window, its norm 1 if there is one, squared, in the middle. */
static HhStatus make_square(HhContext *context, const HhWindowSumsquareParams *p, double *w)
{
    double *middle = w + (p->n_fft - p->win_length) / 2;
    memset(w, 0, p->n_fft * sizeof *w);
    HH_TRY(hh_window_make(context, &p->window, p->win_length, true, middle));
    double norm = 1.0;
    if (!isnan(p->norm)) {
        double sum = 0.0, most = 0.0, least = HUGE_VAL;
        if (p->norm < 0.0 && !isinf(p->norm))
            return hh_fail(context, HH_ERROR_ARGUMENT, "there is no norm of order %g", p->norm);
        for (size_t i = 0; i < p->win_length; i++) {
            double a = fabs(middle[i]);
            most = HH_MAX(most, a);
            least = HH_MIN(least, a);
            if (!isinf(p->norm)) sum += p->norm == 0.0 ? (double)(a > 0.0) : pow(a, p->norm);
        }
        if (isinf(p->norm))
            norm = p->norm > 0.0 ? most : least;
        else
            norm = p->norm == 0.0 ? sum : pow(sum, 1.0 / p->norm);
        if (norm < DBL_MIN) norm = 1.0;
    }
    for (size_t i = 0; i < p->win_length; i++) {
        double x = middle[i] / norm;
        middle[i] = x * x;
    }
    return HH_OK;
}

static void add_frames(const HhWindowSumsquareParams *p, const double *w, size_t frames,
                       HhType type, void *out)
{
    for (size_t t = 0; t < frames; t++) {
        float *f32 = (float *)out + t * p->hop_length;
        double *f64 = (double *)out + t * p->hop_length;
        if (type == HH_FLOAT32)
            for (size_t i = 0; i < p->n_fft; i++) f32[i] = (float)((double)f32[i] + w[i]);
        else
            for (size_t i = 0; i < p->n_fft; i++) f64[i] += w[i];
    }
}

/* After `begin` frames: what comes after the last frame's hop moves to the end of n_frames, and
 * every hop between is the one before it. */
static void repeat(const HhWindowSumsquareParams *p, size_t begin, size_t n_frames, size_t bytes,
                   unsigned char *out)
{
    size_t hop = p->hop_length * bytes, tail = begin * hop;
    size_t total = (p->n_fft + p->hop_length * (begin - 1)) * bytes;
    size_t shift = (n_frames - begin) * hop, left = total > tail ? total - tail : 0;
    if (left > 0) memmove(out + tail + shift, out + tail, left);
    unsigned char *end = out + total + shift - left;
    for (unsigned char *to = out + tail; to < end; to += hop)
        memcpy(to, to - hop, HH_MIN(hop, (size_t)(end - to)));
}

HhStatus hh_window_sumsquare(HhContext *context, size_t n_frames,
                             const HhWindowSumsquareParams *params, HhType type, HhArray *out)
{
    HhWindowSumsquareParams p;
    HH_TRY(read_params(context, params, n_frames, type, &p));
    double *w = hh_alloc(context, p.n_fft, sizeof *w);
    if (!w) return hh_fail_memory(context);
    HhStatus status = make_square(context, &p, w);
    size_t length = p.n_fft + p.hop_length * (n_frames - 1), bytes = hh_type_bytes(type);
    if (status == HH_OK) status = hh_array_make(context, out, type, 1, length);
    if (status == HH_OK) {
        size_t begin = HH_MIN(n_frames, (p.n_fft - 1) / p.hop_length + 2);
        size_t made = begin < n_frames ? p.n_fft + p.hop_length * begin : length;
        memset(out->data, 0, made * bytes);
        add_frames(&p, w, begin, type, out->data);
        if (begin < n_frames) repeat(&p, begin, n_frames, bytes, out->data);
    }
    hh_free(context, w);
    return status;
}
