/* See window.h. Formulas: F. J. Harris, "On the use of windows for harmonic analysis with the
 * discrete Fourier transform", Proc. IEEE 1978; coefficients and conventions are those of
 * scipy.signal.windows, whose values are met to 1e-15. A periodic window of n samples is a
 * symmetric one of n + 1 without its last sample. */
#include "spectral/window.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* sum_k (-1)^k a[k] cos(2 pi k n / (m - 1)) */
static void cosine_sum(const double *a, int terms, size_t m, size_t length, double *w)
{
    for (size_t n = 0; n < length; n++) {
        double angle = -pi + 2.0 * pi * (double)n / (double)(m - 1);
        w[n] = 0.0;
        for (int k = 0; k < terms; k++) w[n] += a[k] * cos(k * angle);
    }
}

/* By its power series, whose terms are all positive. */
double hh_bessel_i0(double x)
{
    double term = 1.0, sum = 1.0;
    for (int k = 1; term > sum * 1e-17; k++) {
        term *= (0.5 * x / k) * (0.5 * x / k);
        sum += term;
    }
    return sum;
}

static void kaiser(double beta, size_t m, size_t length, double *w)
{
    double middle = (double)(m - 1) / 2.0, scale = hh_bessel_i0(beta);
    for (size_t n = 0; n < length; n++) {
        double x = ((double)n - middle) / middle;
        w[n] = hh_bessel_i0(beta * sqrt(fmax(0.0, 1.0 - x * x))) / scale;
    }
}

static void triangular(size_t m, size_t length, double *w)
{
    for (size_t n = 0; n < length; n++) {
        double rank = (double)(HH_MIN(n, m - 1 - n) + 1);
        w[n] = m % 2 ? 2.0 * rank / (double)(m + 1) : (2.0 * rank - 1.0) / (double)m;
    }
}

static void parzen(size_t m, size_t length, double *w)
{
    for (size_t n = 0; n < length; n++) {
        double away = fabs((double)n - (double)(m - 1) / 2.0), x = away / ((double)m / 2.0);
        w[n] = away <= (double)(m - 1) / 4.0 ? 1.0 - 6.0 * x * x + 6.0 * x * x * x
                                             : 2.0 * pow(1.0 - x, 3.0);
    }
}

static void bohman(size_t m, size_t length, double *w)
{
    for (size_t n = 0; n < length; n++) {
        double x = fabs(-1.0 + 2.0 * (double)n / (double)(m - 1));
        w[n] = n == 0 || n == m - 1 ? 0.0 : (1.0 - x) * cos(pi * x) + sin(pi * x) / pi;
    }
}

static void tukey(double taper, size_t m, size_t length, double *w)
{
    double end = (double)(m - 1);
    size_t width = (size_t)floor(taper * end / 2.0);
    for (size_t n = 0; n < length; n++) {
        double t = (double)n;
        if (n <= width)
            w[n] = 0.5 * (1.0 + cos(pi * (-1.0 + 2.0 * t / taper / end)));
        else if (n < m - width - 1)
            w[n] = 1.0;
        else
            w[n] = 0.5 * (1.0 + cos(pi * (-2.0 / taper + 1.0 + 2.0 * t / taper / end)));
    }
}

static HhStatus custom(HhContext *context, const double *values, size_t length, double *w)
{
    if (!values) return hh_fail(context, HH_ERROR_ARGUMENT, "a custom window without values");
    for (size_t n = 0; n < length; n++)
        if (!isfinite(values[n]))
            return hh_fail(context, HH_ERROR_NOT_FINITE, "value %zu of the custom window is %g", n,
                           values[n]);
    memcpy(w, values, length * sizeof *w);
    return HH_OK;
}

HhStatus hh_window_make(HhContext *context, const HhWindow *window, size_t length, bool periodic,
                        double *w)
{
    static const double hann[] = {0.5, 0.5}, hamming[] = {0.54, 0.46},
                        blackman[] = {0.42, 0.50, 0.08};
    static const double blackman_harris[] = {0.35875, 0.48829, 0.14128, 0.01168};
    static const double nuttall[] = {0.3635819, 0.4891775, 0.1365995, 0.0106411};
    static const double flat_top[] = {0.21557895, 0.41663158, 0.277263158, 0.083578947,
                                      0.006947368};
    double parameter = window->parameter;
    size_t m = periodic ? length + 1 : length;
    if (window->kind == HH_WINDOW_CUSTOM) return custom(context, window->values, length, w);
    if (!isfinite(parameter))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the window's parameter is %g", parameter);
    if (length == 1) {
        w[0] = 1.0;
        return HH_OK;
    }
    switch (window->kind) {
    case HH_WINDOW_HANN:
        cosine_sum(hann, HH_COUNT(hann), m, length, w);
        return HH_OK;
    case HH_WINDOW_HAMMING:
        cosine_sum(hamming, HH_COUNT(hamming), m, length, w);
        return HH_OK;
    case HH_WINDOW_BLACKMAN:
        cosine_sum(blackman, HH_COUNT(blackman), m, length, w);
        return HH_OK;
    case HH_WINDOW_BLACKMAN_HARRIS:
        cosine_sum(blackman_harris, HH_COUNT(blackman_harris), m, length, w);
        return HH_OK;
    case HH_WINDOW_NUTTALL:
        cosine_sum(nuttall, HH_COUNT(nuttall), m, length, w);
        return HH_OK;
    case HH_WINDOW_FLAT_TOP:
        cosine_sum(flat_top, HH_COUNT(flat_top), m, length, w);
        return HH_OK;
    case HH_WINDOW_BARTLETT:
        for (size_t n = 0; n < length; n++)
            w[n] = 2.0 * (double)HH_MIN(n, m - 1 - n) / (double)(m - 1);
        return HH_OK;
    case HH_WINDOW_BOXCAR:
        for (size_t n = 0; n < length; n++) w[n] = 1.0;
        return HH_OK;
    case HH_WINDOW_KAISER:
        if (fabs(parameter) > 700.0)
            return hh_fail(context, HH_ERROR_ARGUMENT, "a Kaiser window's beta of %g: at most 700",
                           parameter);
        kaiser(parameter, m, length, w);
        return HH_OK;
    case HH_WINDOW_GAUSSIAN:
        if (!(parameter > 0.0))
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "a Gaussian window's deviation of %g: more than 0", parameter);
        for (size_t n = 0; n < length; n++) {
            double away = ((double)n - (double)(m - 1) / 2.0) / parameter;
            w[n] = exp(-0.5 * away * away);
        }
        return HH_OK;
    case HH_WINDOW_TRIANGULAR:
        triangular(m, length, w);
        return HH_OK;
    case HH_WINDOW_PARZEN:
        parzen(m, length, w);
        return HH_OK;
    case HH_WINDOW_BOHMAN:
        bohman(m, length, w);
        return HH_OK;
    case HH_WINDOW_BARTLETT_HANN:
        for (size_t n = 0; n < length; n++) {
            double x = fabs((double)n / (double)(m - 1) - 0.5);
            w[n] = 0.62 - 0.48 * x + 0.38 * cos(2.0 * pi * x);
        }
        return HH_OK;
    case HH_WINDOW_COSINE:
        for (size_t n = 0; n < length; n++) w[n] = sin(pi / (double)m * ((double)n + 0.5));
        return HH_OK;
    case HH_WINDOW_TUKEY:
        if (parameter < 0.0 || parameter > 1.0)
            return hh_fail(context, HH_ERROR_ARGUMENT,
                           "a Tukey window's taper of %g: between 0 and 1", parameter);
        if (parameter == 1.0)
            cosine_sum(hann, HH_COUNT(hann), m, length, w);
        else if (parameter > 0.0)
            tukey(parameter, m, length, w);
        else
            for (size_t n = 0; n < length; n++) w[n] = 1.0;
        return HH_OK;
    case HH_WINDOW_CUSTOM:
        break;
    }
    return hh_fail(context, HH_ERROR_ARGUMENT, "window %d is not known", (int)window->kind);
}

HhStatus hh_window_padded(HhContext *context, const HhWindow *window, size_t length, size_t size,
                          double *w)
{
    size_t left = (size - length) / 2;
    memset(w, 0, size * sizeof *w);
    return hh_window_make(context, window, length, true, w + left);
}

HhStatus hh_window(HhContext *context, const HhWindow *window, size_t length, bool periodic,
                   HhArray *out)
{
    if (!window || length < 1 || (window->kind == HH_WINDOW_CUSTOM && !window->values))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a window of %zu values, or without them",
                       length);
    HH_TRY(hh_array_make(context, out, HH_FLOAT64, 1, length));
    HhStatus status = hh_window_make(context, window, length, periodic, out->data);
    if (status != HH_OK) hh_array_free(out);
    return status;
}
