/* What cairo's SVG needs before it can be called reproducible. */
#ifndef HH_REPORT_SVG_H
#define HH_REPORT_SVG_H

#include "report/text.h"

/* Cairo numbers the surfaces and images of an SVG with a counter of the whole process, so that the
 * same picture drawn twice differs. Copies the document to `out` with those numbers replaced by 0,
 * 1, 2 ... in the order in which they appear. */
void hh_svg_renumber(HhText *out, const HhText *document);

#endif
