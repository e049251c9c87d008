/* The figures of a result: one table from which the JSON, the CSV columns and the tables that
 * people read are made. Adding a figure to HhAnalysis means one row in fields.c and its description
 * in docs/result.schema.json. */
#ifndef HH_REPORT_FIELDS_H
#define HH_REPORT_FIELDS_H

#include <stddef.h>

#include "heihachi/engine.h"

typedef struct HhField {
    const char *group; /* object in the JSON */
    const char *name;  /* key in that object */
    const char *title; /* for people */
    const char *unit;  /* "" for a ratio */
    int decimals;      /* shown to people */
    size_t offset;     /* of the double in HhAnalysis */
} HhField;

extern const HhField hh_fields[];
extern const size_t hh_field_count;
extern const char *const hh_pitch_class_names[12]; /* "C" ... "B", sharps */

double hh_field_value(const HhField *field, const HhAnalysis *analysis);

#endif
