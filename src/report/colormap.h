/* The colour scale of the heat maps. */
#ifndef HH_REPORT_COLORMAP_H
#define HH_REPORT_COLORMAP_H

#include <stdint.h>

/* Colour 0 (darkest) to 255 (lightest) as 0xffRRGGBB. */
void hh_colormap(uint32_t colors[256]);
/* Lightness of a colour in Oklab, [0, 1]. */
double hh_colormap_lightness(uint32_t color);

#endif
