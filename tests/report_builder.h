/* An analysis made by hand for the tests of the reports: a plausible track of any length, without
 * the engine. */
#ifndef HH_REPORT_BUILDER_H
#define HH_REPORT_BUILDER_H

#include "heihachi/report.h"

/* Everything is there but the images, unless `images`. Destroy it with builder_destroy(). */
HhAnalysis *builder_make(double duration_s, bool images);
void builder_destroy(HhAnalysis *analysis);
/* Nothing but loudness was asked for: NaN, "unknown" and NULL everywhere else. */
HhAnalysis *builder_make_bare(void);

#endif
