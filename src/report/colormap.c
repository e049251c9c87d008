/* A perceptually uniform colour scale, computed and not a table: a path through Oklab (Bjorn
 * Ottosson, "A perceptual color space for image processing", 2020) whose lightness rises in equal
 * steps from near black to a pale yellow, while the hue turns from indigo over magenta and orange
 * to yellow. It survives a grey printer, and readers who see two of three primaries still see its
 * order. The chroma is as high as sRGB allows, up to a bound. */
#include "report/colormap.h"

#include <math.h>
#include <stdbool.h>

static const double PI = 3.14159265358979323846;

typedef struct Rgb {
    double r, g, b; /* linear light */
} Rgb;

static Rgb from_oklab(double lightness, double a, double b)
{
    double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
    double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    return (Rgb){4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                 -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                 -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

static bool inside(Rgb c)
{
    return fmin(fmin(c.r, c.g), c.b) >= 0.0 && fmax(fmax(c.r, c.g), c.b) <= 1.0;
}

/* sRGB transfer function, to 0..255. */
static uint32_t encode(double linear)
{
    double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1.0 / 2.4) - 0.055;
    return (uint32_t)lrint(255.0 * fmin(fmax(v, 0.0), 1.0));
}

static double decode(uint32_t byte)
{
    double v = (double)byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* The most colourful point of this lightness and hue in sRGB, up to `bound`, by bisection. */
static Rgb most_colorful(double lightness, double hue, double bound)
{
    double low = 0.0, high = bound, a = cos(hue), b = sin(hue);
    if (inside(from_oklab(lightness, bound * a, bound * b)))
        return from_oklab(lightness, bound * a, bound * b);
    for (int i = 0; i < 30; i++) {
        double middle = 0.5 * (low + high);
        if (inside(from_oklab(lightness, middle * a, middle * b)))
            low = middle;
        else
            high = middle;
    }
    return from_oklab(lightness, low * a, low * b);
}

void hh_colormap(uint32_t colors[256])
{
    for (int i = 0; i < 256; i++) {
        double x = i / 255.0, lightness = 0.16 + 0.80 * x;
        /* Indigo 285, magenta 0, yellow 110. */
        double hue = (285.0 + 185.0 * pow(x, 0.95)) * PI / 180.0;
        Rgb c = most_colorful(lightness, hue, 0.05 + 0.13 * sin(PI * (0.12 + 0.72 * x)));
        colors[i] = 0xff000000u | encode(c.r) << 16 | encode(c.g) << 8 | encode(c.b);
    }
}

double hh_colormap_lightness(uint32_t color)
{
    double r = decode(color >> 16 & 255), g = decode(color >> 8 & 255), b = decode(color & 255);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
}
