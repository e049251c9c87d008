/* See page.h. */
#include "report/page.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "heihachi/version.h"

void hh_page_begin(HhText *text, const char *title)
{
    hh_text_put(
        text,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "media-src 'self' file: blob: http: https:; style-src 'unsafe-inline'; script-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"generator\" content=\"heihachi " HH_VERSION_STRING "\">\n<title>");
    hh_text_html(text, title);
    hh_text_put(text, "</title>\n<style>\n");
    hh_text_put(text, hh_page_style);
    hh_text_put(text, "</style>\n</head>\n<body>\n");
}

void hh_page_end(HhText *text, const char *script)
{
    hh_text_put(text, "</main>\n<script>\n");
    hh_text_put(text, script);
    hh_text_put(text, "</script>\n</body>\n</html>\n");
}

void hh_page_href(HhText *text, const char *href)
{
    static const char *const schemes[] = {"file:", "http:", "https:"};
    size_t before = strcspn(href, ":/?#");
    bool safe = href[before] != ':';
    for (size_t i = 0; i < HH_COUNT(schemes); i++)
        if (strncasecmp(href, schemes[i], strlen(schemes[i])) == 0) safe = true;
    hh_text_html(text, safe ? href : "#");
}

void hh_page_duration(HhText *text, double seconds)
{
    if (!isfinite(seconds) || seconds < 0.0 || seconds > 1e9) {
        hh_text_put(text, "-");
        return;
    }
    long whole = lrint(seconds);
    if (seconds < 60.0) {
        hh_text_fixed(text, seconds, 1, "");
        hh_text_put(text, " s");
    } else if (whole < 3600)
        hh_text_format(text, "%ld:%02ld", whole / 60, whole % 60);
    else
        hh_text_format(text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}
