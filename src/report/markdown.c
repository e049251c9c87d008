/* A result as a page of Markdown: the figures as tables. Values that are not known are a dash. */
#include "report/fields.h"
#include "report/result.h"

#include <string.h>

static const char absent[] = "-";

static void table_head(HhText *text, const char *title)
{
    hh_text_format(text, "\n## %s\n\n| | value | unit |\n|---|---:|---|\n", title);
}

static void row(HhText *text, const char *title, double value, int decimals, const char *unit)
{
    hh_text_format(text, "| %s | ", title);
    hh_text_fixed(text, value, decimals, absent);
    bool multiple = *unit >= '0' && *unit <= '9'; /* "8 kHz": the value is in parts of it */
    hh_text_format(text, " | %s%s |\n", multiple ? "\xc3\x97 " : "", unit);
}

static void input(HhText *text, const HhInput *in)
{
    hh_text_put(text, "# ");
    hh_text_markdown(text, in->path ? hh_path_name(in->path) : "(a signal from memory)");
    hh_text_put(text, "\n\n");
    if (in->format) {
        hh_text_markdown(text, in->format);
        hh_text_put(text, ", ");
    }
    hh_text_number(text, in->rate, 9);
    hh_text_format(text, " Hz, %d channel%s, ", in->channels, in->channels == 1 ? "" : "s");
    hh_text_fixed(text, in->duration_s, 3, absent);
    hh_text_put(text, " s\n");
}

static void group(HhText *text, const HhAnalysis *a, const char *name, const char *title)
{
    table_head(text, title);
    for (size_t i = 0; i < hh_field_count; i++)
        if (strcmp(hh_fields[i].group, name) == 0)
            row(text, hh_fields[i].title, hh_field_value(&hh_fields[i], a), hh_fields[i].decimals,
                hh_fields[i].unit);
}

static void fingerprint(HhText *text, const HhFingerprint *f)
{
    table_head(text, "Fingerprint");
    for (int i = 0; i < HH_FP_COUNT; i++)
        row(text, hh_fingerprint_name(i), f->values[i], 4, hh_fingerprint_unit(i));
}

void hh_result_markdown_text(HhText *text, const HhAnalysis *a)
{
    input(text, &a->input);
    if (a->features & HH_FEATURE_LOUDNESS) group(text, a, "loudness", "Loudness");
    if (a->features & HH_FEATURE_RHYTHM) {
        group(text, a, "rhythm", "Rhythm");
        hh_text_format(text, "| Beats | %zu | |\n| Onsets | %zu | |\n", a->rhythm.beats,
                       a->rhythm.onsets);
    }
    if (a->features & HH_FEATURE_HARMONY) {
        group(text, a, "harmony", "Harmony");
        hh_text_format(text, "| Key | %s | |\n", a->harmony.key ? a->harmony.key : "unknown");
    }
    if (a->features & (HH_FEATURE_PITCH | HH_FEATURE_PYIN)) group(text, a, "pitch", "Pitch");
    if (a->features & HH_FEATURE_SPECTRAL) group(text, a, "spectral", "Spectrum");
    if (a->features & HH_FEATURE_HPSS)
        group(text, a, "separation", "Harmonic and percussive parts");
    if (a->fingerprint.version) fingerprint(text, &a->fingerprint);
}
