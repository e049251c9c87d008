/* The fingerprint as a radar: one spoke for each value, from the low end of its typical range at
 * the centre to the high end at the rim. The ranges are documentation of what music has
 * (docs/formats.md), not limits: values outside stand at the end of their spoke, and their number
 * is written in full. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/plots.h"

static const double PI = 3.14159265358979323846;
static const double RADIUS = 300.0, CENTER_X = 600.0, CENTER_Y = 452.0;

static const struct {
    const char *title;
    int first; /* dimension; a group ends where the next begins */
    HhColor color;
} groups[] = {
    {"Spectrum", HH_FP_SUB_BASS, {0.27, 0.49, 0.78}},
    {"Dynamics", HH_FP_LOUDNESS, {0.86, 0.34, 0.08}},
    {"Rhythm", HH_FP_TEMPO, {0.16, 0.58, 0.35}},
    {"Timbre", HH_FP_CENTROID, {0.56, 0.36, 0.75}},
    {"Harmony", HH_FP_HARMONIC_RATIO, {0.75, 0.22, 0.38}},
    {"Variation", HH_FP_DYNAMIC_RANGE_VARIATION, {0.60, 0.48, 0.10}},
    {"Stereo", HH_FP_STEREO_WIDTH, {0.10, 0.55, 0.62}},
};

static size_t group_of(int dimension)
{
    size_t group = 0;
    while (group + 1 < HH_COUNT(groups) && groups[group + 1].first <= dimension) group++;
    return group;
}

static double angle_of(double dimension)
{
    return 2.0 * PI * dimension / HH_FP_COUNT - 0.5 * PI;
}

/* Place of the value in its typical range, [0, 1]; NaN if there is no value. */
static double share_of(const HhFingerprint *f, int dimension)
{
    HhFingerprintNormaliser typical;
    hh_fingerprint_normaliser_typical(&typical);
    if (!isfinite(f->values[dimension])) return (double)NAN;
    double low = typical.low[dimension], high = typical.high[dimension];
    return fmin(fmax((f->values[dimension] - low) / (high - low), 0.0), 1.0);
}

static void move(HhCanvas *canvas, double angle, double radius)
{
    cairo_line_to(canvas->cr, CENTER_X + radius * cos(angle), CENTER_Y + radius * sin(angle));
}

static void web(HhCanvas *canvas)
{
    cairo_set_line_width(canvas->cr, 1.0);
    for (int ring = 1; ring <= 4; ring++) {
        hh_canvas_color(canvas, canvas->theme->grid, ring == 4 ? 0.8 : 0.35);
        cairo_new_path(canvas->cr);
        for (int i = 0; i < HH_FP_COUNT; i++) move(canvas, angle_of(i), 0.25 * ring * RADIUS);
        cairo_close_path(canvas->cr);
        cairo_stroke(canvas->cr);
    }
    for (int i = 0; i < HH_FP_COUNT; i++) {
        hh_canvas_color(canvas, groups[group_of(i)].color, 0.45);
        cairo_new_path(canvas->cr);
        move(canvas, angle_of(i), 0.0);
        move(canvas, angle_of(i), RADIUS);
        cairo_stroke(canvas->cr);
    }
}

/* A coloured arc around each group of spokes. */
static void arcs(HhCanvas *canvas)
{
    cairo_set_line_width(canvas->cr, 5.0);
    for (size_t g = 0; g < HH_COUNT(groups); g++) {
        int last = (g + 1 < HH_COUNT(groups) ? groups[g + 1].first : HH_FP_COUNT) - 1;
        hh_canvas_color(canvas, groups[g].color, 1.0);
        cairo_new_path(canvas->cr);
        cairo_arc(canvas->cr, CENTER_X, CENTER_Y, RADIUS + 9.0, angle_of(groups[g].first - 0.4),
                  angle_of(last + 0.4));
        cairo_stroke(canvas->cr);
    }
}

static void shape(HhCanvas *canvas, const HhFingerprint *f)
{
    cairo_new_path(canvas->cr);
    for (int i = 0; i < HH_FP_COUNT; i++) {
        double share = share_of(f, i);
        if (isfinite(share)) move(canvas, angle_of(i), share * RADIUS);
    }
    cairo_close_path(canvas->cr);
    hh_canvas_color(canvas, hh_color_data, 0.22);
    cairo_fill_preserve(canvas->cr);
    hh_canvas_color(canvas, hh_color_data, 1.0);
    cairo_set_line_width(canvas->cr, 2.0);
    cairo_stroke(canvas->cr);
    for (int i = 0; i < HH_FP_COUNT; i++) {
        double share = share_of(f, i), angle = angle_of(i);
        if (!isfinite(share)) continue;
        cairo_new_path(canvas->cr);
        cairo_arc(canvas->cr, CENTER_X + share * RADIUS * cos(angle),
                  CENTER_Y + share * RADIUS * sin(angle), 5.0, 0, 2.0 * PI);
        hh_canvas_color(canvas, groups[group_of(i)].color, 1.0);
        cairo_fill(canvas->cr);
    }
}

/* "-8.40 LUFS", "21.0 %", "4.39 kHz": about three significant digits, and the unit as people use
 * it. */
static void put_value(HhText *text, double value, const char *unit)
{
    if (!isfinite(value)) {
        hh_text_put(text, "unknown");
        return;
    }
    if (strncmp(unit, "share of ", 9) == 0) {
        hh_text_fixed(text, 100.0 * value, 1, "");
        hh_text_put(text, " %");
        return;
    }
    char *rest;
    long parts = strtol(unit, &rest, 10); /* "8 kHz": the value is in parts of that */
    if (rest != unit) {
        value *= (double)parts;
        unit = rest + strspn(rest, " ");
    }
    double magnitude = fabs(value);
    if (magnitude < 1.0)
        hh_text_number(text, value, 3);
    else
        hh_text_fixed(text, value, magnitude >= 100.0 ? 1 : 2, "");
    if (*unit) hh_text_format(text, " %s", unit);
}

static void label(HhCanvas *canvas, const HhFingerprint *f, int dimension)
{
    double angle = angle_of(dimension), x = CENTER_X + (RADIUS + 24.0) * cos(angle);
    /* Labels at the top and the bottom stand close together: those in the middle are moved
     * outwards. */
    double y = CENTER_Y + (RADIUS + (fabs(cos(angle)) < 0.13 ? 74.0 : 38.0)) * sin(angle);
    HhAlign align = fabs(cos(angle)) < 0.12 ? HH_ALIGN_CENTER
                    : cos(angle) > 0.0      ? HH_ALIGN_LEFT
                                            : HH_ALIGN_RIGHT;
    char words[64];
    snprintf(words, sizeof words, "%s", hh_fingerprint_name(dimension));
    for (char *c = words; *c; c++)
        if (*c == '_') *c = ' ';
    HhText value = HH_TEXT_INIT(canvas->context);
    put_value(&value, f->values[dimension], hh_fingerprint_unit(dimension));
    if (value.failed)
        canvas->failed = true;
    else {
        hh_canvas_text(canvas, x, y - 9.0, 15.0, align, canvas->theme->ink, true, words);
        hh_canvas_text(canvas, x, y + 9.0, 14.0, align, canvas->theme->muted, false, value.data);
    }
    hh_text_free(&value);
}

static void legend(HhCanvas *canvas)
{
    double x = 110.0, y = 878.0;
    for (size_t g = 0; g < HH_COUNT(groups); g++) {
        hh_canvas_color(canvas, groups[g].color, 1.0);
        cairo_rectangle(canvas->cr, x, y - 7.0, 14.0, 14.0);
        cairo_fill(canvas->cr);
        hh_canvas_text(canvas, x + 22.0, y, 15.0, HH_ALIGN_LEFT, canvas->theme->ink, false,
                       groups[g].title);
        x += 146.0;
    }
}

void hh_radar_draw(HhCanvas *canvas, const HhFingerprint *fingerprint)
{
    if (canvas->layers & HH_LAYER_INK) web(canvas);
    if (canvas->layers & HH_LAYER_DATA) {
        arcs(canvas);
        shape(canvas, fingerprint);
    }
    if (!(canvas->layers & HH_LAYER_INK)) return;
    for (int i = 0; i < HH_FP_COUNT; i++) label(canvas, fingerprint, i);
    legend(canvas);
    hh_canvas_text(canvas, 600.0, 910.0, 15.0, HH_ALIGN_CENTER, canvas->theme->muted, false,
                   "centre to rim: the typical range of each value");
}
