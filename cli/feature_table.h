/* The functions that `heihachi features` knows: one row each, one row for each of their parameters.
 */
#ifndef HH_CLI_FEATURE_TABLE_H
#define HH_CLI_FEATURE_TABLE_H

#include "cli.h"
#include "heihachi/heihachi.h"

typedef enum FeatureKind {
    FEATURE_SIZE,        /* size_t; none is 0 */
    FEATURE_INT,         /* int */
    FEATURE_DOUBLE,      /* double; `none` says what none is */
    FEATURE_BOOL,        /* bool */
    FEATURE_CHOICE,      /* int, the index in `choices`, "a|b|c" */
    FEATURE_FLAG,        /* bool, false and true by the names in `choices` */
    FEATURE_WINDOW,      /* HhWindow: a name, kaiser and gaussian with their parameter: kaiserx14 */
    FEATURE_SIZE_PAIR,   /* size_t at `offset` and `second`: A for both, or AxB */
    FEATURE_DOUBLE_PAIR, /* the same in double */
    FEATURE_SIZE_LIST,   /* const size_t * at `offset`, their number at `second`: AxBxC */
    FEATURE_DOUBLE_LIST, /* the same in double */
    FEATURE_FILL,        /* double; none sets the bool at `second` instead */
    FEATURE_MEL_NORM,    /* HhMelNorm: slaney, none, or a number, kept at `second` */
} FeatureKind;

typedef struct FeatureParam {
    const char *name;
    FeatureKind kind;
    size_t offset, second;
    double none;         /* FEATURE_DOUBLE: the value that stands for none */
    const char *choices; /* FEATURE_CHOICE, FEATURE_FLAG */
} FeatureParam;

#define FEATURE_PARTS 3
#define FEATURE_ROOM  512 /* bytes of the largest parameter struct, or more */
#define FEATURE_LIST  256 /* numbers that a value may list */

typedef union FeatureValues {
    max_align_t align;
    unsigned char bytes[FEATURE_ROOM];
} FeatureValues;

typedef struct Feature {
    const char *name;
    /* Names of the results, the first NULL if there is one result. */
    const char *parts[FEATURE_PARTS];
    void (*defaults)(void *values);
    HhStatus (*run)(HhContext *context, const HhSignal *y, const void *values, HhArray *out);
    const FeatureParam *params;
    size_t param_count;
    bool column; /* one value for each channel reads as (channels, 1) */
} Feature;

extern const Feature cli_feature_rows[];
extern const size_t cli_feature_count;

/* One --feature of the command line. */
typedef struct FeatureRequest {
    const Feature *feature;
    FeatureValues values;
    union {
        size_t whole[FEATURE_LIST];
        double real[FEATURE_LIST];
    } list;
    int occurrence; /* 1 for the first of this name */
} FeatureRequest;

/* Reads "NAME:key=value,...". False after a message that suggests the nearest name. */
bool cli_feature_parse(const char *text, FeatureRequest *request);
/* Every name, its parameters with their defaults. */
void cli_feature_list(void);

#endif
