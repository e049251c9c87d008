/* A canvas: the picture of one plot, 1200 units wide, on cairo. What all plots share is drawn here:
 * title, axes, heat map, colour scale. A picture has two layers, so that a page can show the data
 * once under the ink of either theme. */
#ifndef HH_REPORT_CANVAS_H
#define HH_REPORT_CANVAS_H

#include <cairo.h>

#include "base/base.h"
#include "heihachi/engine.h"
#include "report/axis.h"
#include "report/text.h"

#define HH_CANVAS_WIDTH 1200.0
/* All panels have the same sides, so that the time axes of plots under each other are in line. */
#define HH_PANEL_LEFT   92.0
#define HH_PANEL_RIGHT  1080.0

enum { HH_LAYER_BACKGROUND = 1, HH_LAYER_DATA = 2, HH_LAYER_INK = 4, HH_LAYER_ALL = 7 };

typedef struct HhColor {
    double r, g, b;
} HhColor;

typedef struct HhTheme {
    HhColor background, ink, muted, grid;
} HhTheme;

extern const HhTheme hh_theme_light, hh_theme_dark;
/* Data that is not a heat map; these can be told apart on both themes. */
extern const HhColor hh_color_data, hh_color_accent;

typedef struct HhRect {
    double left, top, right, bottom;
} HhRect;

typedef struct HhCanvas {
    HhContext *context;
    cairo_t *cr;
    const HhTheme *theme;
    unsigned layers;
    double height; /* units */
    double scale;  /* pixels of a unit in heat maps */
    bool failed;   /* out of memory */
} HhCanvas;

typedef enum HhAlign { HH_ALIGN_LEFT, HH_ALIGN_CENTER, HH_ALIGN_RIGHT } HhAlign;

void hh_canvas_color(HhCanvas *canvas, HhColor color, double alpha);
/* Ink-layer text; `y` is the middle of the letters. Returns the width. */
double hh_canvas_text(HhCanvas *canvas, double x, double y, double size, HhAlign align,
                      HhColor color, bool bold, const char *text);
double hh_canvas_text_width(HhCanvas *canvas, double size, bool bold, const char *text);
/* Title at the top left, and the track's name beside it as far as it fits. */
void hh_canvas_title(HhCanvas *canvas, const char *title, const char *track);
/* Frame, ticks and labels. `x_label` NULL: no labels below. Faint grid lines lie over the data. */
void hh_canvas_axes(HhCanvas *canvas, HhRect rect, const HhAxis *x, const char *x_label,
                    const HhAxis *y, const char *y_label);
/* The values as colours from `low` to `high`; rows are spaced as `rows` and shown as `y` say. */
void hh_canvas_heat(HhCanvas *canvas, HhRect rect, const HhAxis *x, const HhAxis *y,
                    const HhImage *image, const HhAxis *rows, double low, double high);
/* The colour scale to the right of `rect`. */
void hh_canvas_scale(HhCanvas *canvas, HhRect rect, double low, double high, const char *label);

#endif
