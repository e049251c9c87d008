/* What the pages are made of: style and behaviour as text, and the parts that both pages have. */
#ifndef HH_REPORT_PAGE_H
#define HH_REPORT_PAGE_H

#include "report/text.h"

extern const char hh_page_style[], hh_page_track_script[], hh_page_index_script[];

/* From the doctype to the opened <main>. No page loads anything: the policy in its head forbids it,
 * but for the audio. */
void hh_page_begin(HhText *text, const char *title);
void hh_page_end(HhText *text, const char *script);
/* The address, safe in an attribute; "#" if it has a scheme other than file, http or https. */
void hh_page_href(HhText *text, const char *href);
/* "3:04" or "1:02:05"; with tenths below a minute. */
void hh_page_duration(HhText *text, double seconds);

#endif
