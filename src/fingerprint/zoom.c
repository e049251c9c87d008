/* See zoom.h. A complex band-pass (a Kaiser-windowed sinc times a rotation; J. F. Kaiser 1974), of
 * which every STEP-th output is kept: the band stands alone then but for images 70 dB down. Its
 * response is divided out of the lines. */
#include "fingerprint/zoom.h"

#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "spectral/window.h"

enum { STEP = 64, REACH = 200, TAPS = 2 * REACH + 1, HISTORY = 4096, LINES = 8 };

static const double pi = 3.14159265358979323846;

struct HhZoom {
    HhContext *context;
    float (*dot)(const float *a, const float *b, size_t n);
    double hz, rate;
    double low_pass[REACH + 1]; /* taps from the middle on */
    float re[TAPS], im[TAPS];   /* the band-pass */
    float history[TAPS + HISTORY];
    size_t kept;  /* samples in history */
    double *band; /* [count][2] */
    size_t count, room;
};

HhStatus hh_zoom_create(HhContext *context, double hz, double rate, HhZoom **zoom)
{
    *zoom = NULL;
    HhZoom *z = hh_zalloc(context, 1, sizeof *z);
    if (!z) return hh_fail_memory(context);
    z->context = context;
    z->dot = hh_kernels(context)->vector->dot_f32;
    z->hz = hz;
    z->rate = rate;
    const double cut = 1.0 / STEP, beta = 7.0; /* the cut-off is at half of the new rate */
    for (int n = 0; n <= REACH; n++) {
        double u = n / (REACH + 1.0), angle = pi * cut * n, turn = 2 * pi * hz * n / rate;
        z->low_pass[n] = (n == 0 ? 1 : sin(angle) / angle) * hh_bessel_i0(beta * sqrt(1 - u * u));
        z->re[REACH + n] = z->re[REACH - n] = (float)(z->low_pass[n] * cos(turn));
        z->im[REACH + n] = (float)(-z->low_pass[n] * sin(turn));
        z->im[REACH - n] = -z->im[REACH + n];
    }
    /* Output m is centred on input STEP m, the first one as far before the signal as it reaches. */
    z->kept = 2 * REACH / STEP * STEP;
    *zoom = z;
    return HH_OK;
}

void hh_zoom_destroy(HhZoom *zoom)
{
    if (!zoom) return;
    hh_free(zoom->context, zoom->band);
    hh_free(zoom->context, zoom);
}

static HhStatus emit(HhZoom *z, const float *x)
{
    if (z->count == z->room) {
        size_t room = HH_MAX(2 * z->room, (size_t)1024);
        double *band = hh_alloc(z->context, 2 * room, sizeof *band);
        if (!band) return hh_fail_memory(z->context);
        if (z->count > 0) memcpy(band, z->band, 2 * z->count * sizeof *band);
        hh_free(z->context, z->band);
        z->band = band;
        z->room = room;
    }
    z->band[2 * z->count] = (double)z->dot(z->re, x, TAPS);
    z->band[2 * z->count + 1] = (double)z->dot(z->im, x, TAPS);
    z->count++;
    return HH_OK;
}

HhStatus hh_zoom_push(HhZoom *zoom, const float *x, size_t count)
{
    HhZoom *z = zoom;
    while (count > 0) {
        size_t n = HH_MIN(count, HH_COUNT(z->history) - z->kept), at = 0;
        memcpy(z->history + z->kept, x, n * sizeof *x);
        z->kept += n;
        x += n;
        count -= n;
        for (; at + TAPS <= z->kept; at += STEP) HH_TRY(emit(z, z->history + at));
        memmove(z->history, z->history + at, (z->kept - at) * sizeof *x);
        z->kept -= at;
    }
    return HH_OK;
}

double hh_zoom_reach(double duration_s)
{
    return HH_MIN(HH_MAX(240.0 / duration_s, 1.0), HH_ZOOM_MOST);
}

double hh_zoom_weight(double hz, double reach)
{
    double x = hz / reach;
    return x <= -1 ? 1 : x >= 1 ? 0 : 0.5 * (1 - sin(0.5 * pi * x));
}

/* What the low-pass does to a tone `hz` off its middle. */
static double response(const HhZoom *z, double hz)
{
    const double turn = 2 * cos(2 * pi * hz / z->rate);
    double before = 1, now = 0.5 * turn, sum = z->low_pass[0];
    for (int n = 1; n <= REACH; n++) {
        sum += 2 * z->low_pass[n] * now;
        double next = turn * now - before;
        before = now;
        now = next;
    }
    return sum;
}

/* power[l] = |sum over m of band[m] exp(-i angle[l] m)|^2; several lines at once, because each
 * waits for its own last rotation. */
static void powers_at(const HhZoom *z, const double angle[LINES], double power[LINES])
{
    double c[LINES], s[LINES], turn_re[LINES], turn_im[LINES], re[LINES], im[LINES];
    for (int l = 0; l < LINES; l++) {
        c[l] = cos(angle[l]);
        s[l] = sin(angle[l]);
        turn_re[l] = 1;
        turn_im[l] = re[l] = im[l] = 0;
    }
    for (size_t m = 0; m < z->count; m++) {
        const double a = z->band[2 * m], b = z->band[2 * m + 1];
        for (int l = 0; l < LINES; l++) {
            const double p = turn_re[l], q = turn_im[l];
            re[l] += a * p + b * q;
            im[l] += b * p - a * q;
            turn_re[l] = p * c[l] - q * s[l];
            turn_im[l] = q * c[l] + p * s[l];
        }
    }
    for (int l = 0; l < LINES; l++) power[l] = re[l] * re[l] + im[l] * im[l];
}

HhStatus hh_zoom_energy(HhZoom *zoom, double duration_s, double *energy)
{
    static const float zeros[2 * TAPS] = {0};
    HH_TRY(hh_zoom_push(zoom, zeros, HH_COUNT(zeros)));
    *energy = 0;
    const double reach = hh_zoom_reach(duration_s);
    long first = lrint(fmax(ceil((zoom->hz - reach) * duration_s), 1)),
         last = lrint(floor((zoom->hz + reach) * duration_s));
    for (long k = first; k <= last; k += LINES) {
        double angle[LINES], power[LINES];
        for (int l = 0; l < LINES; l++)
            angle[l] = 2 * pi * (double)(k + l) / duration_s * STEP / zoom->rate;
        powers_at(zoom, angle, power);
        for (int l = 0; l < LINES && k + l <= last; l++) {
            double off = (double)(k + l) / duration_s - zoom->hz, gain = response(zoom, off) / STEP;
            double share = (off < 0 ? 1 : 0) - hh_zoom_weight(off, reach);
            *energy += 2 * share * power[l] / (gain * gain);
        }
    }
    return HH_OK;
}
