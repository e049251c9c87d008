/* Files that appear whole or not at all. */
#ifndef HH_REPORT_OUTPUT_H
#define HH_REPORT_OUTPUT_H

#include "report/text.h"

/* Writes the text under a temporary name in the folder of `path`, then renames it to `path`.
 * HH_ERROR_MEMORY if the text had failed; HH_ERROR_WRITE, with the temporary file removed, when the
 * system refuses. */
HhStatus hh_output_write(HhContext *context, const char *path, const HhText *text);

#endif
