/* The functions of the module, one row each: what goes in, which parameters, what comes out. */
#ifndef HH_PYTHON_TABLE_H
#define HH_PYTHON_TABLE_H

#include "core.h"

typedef enum FieldKind {
    FIELD_SIZE,   /* size_t */
    FIELD_INT,    /* int, and enums */
    FIELD_OFFSET, /* ptrdiff_t */
    FIELD_DOUBLE, /* double */
    FIELD_BOOL,   /* bool */
    /* None is possible from here on. */
    FIELD_WINDOW,  /* HhWindow: (kind, parameter), or a float64 array of its values */
    FIELD_DOUBLES, /* const double * at `offset`: a float64 array; its length at `second` if not 0
                    */
    FIELD_SIZES,   /* const size_t * at `offset`, their number at `second`: a sequence */
    FIELD_PRIOR    /* HhTempoPrior * at `offset`, its user at `second`: a function of a float */
} FieldKind;

typedef struct Field {
    const char *name;
    FieldKind kind;
    size_t offset, second;
} Field;

#define CALL_ARRAYS  3
#define CALL_RESULTS 3
#define CALL_ROOM    768 /* bytes of the largest parameter struct, or more */

/* The positional arguments of one call. */
typedef struct Inputs {
    CoreSignal signal;
    CoreMatrix matrix[CALL_ARRAYS];
    bool given[CALL_ARRAYS]; /* not None */
    int matrices;
    double number[CALL_ARRAYS]; /* the first is also the signal's rate */
    int numbers;
    CoreLead lead; /* of the first array */
} Inputs;

static inline const HhArray *input_array(const Inputs *in, int index)
{
    return in->given[index] ? &in->matrix[index].view : NULL;
}

typedef struct Row {
    const char *name;
    /* A letter for each positional argument:
     *   y  signal (..., samples), float64 narrowed to float32    Y  the same, float64 as it is
     *   s  spectrogram (..., bins, frames), narrowed, or None    S  the same, doubles as they are
     *   m  array of the type and shape that it has, or None      d  number (the first: rate) */
    const char *inputs;
    /* A CoreLayout for each result. */
    const char *results;
    void (*defaults)(void *params); /* NULL: there are no parameters */
    HhStatus (*run)(HhContext *context, const Inputs *in, const void *params, HhArray *out);
    const Field *fields;
    size_t field_count;
} Row;

/* Lists of rows: one for each area. */
typedef struct Rows {
    const Row *row;
    size_t count;
} Rows;
extern const Rows spectral_rows, phase_rows, pitch_rows, harmony_rows, rhythm_rows, separation_rows,
    audio_rows, matrix_rows;

/* ---- for the lists */

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIELD(TYPE, NAME, KIND, MEMBER)                                                            \
    {                                                                                              \
        NAME, KIND, offsetof(TYPE, MEMBER), 0                                                      \
    }
#define FIELD_TWO(TYPE, NAME, KIND, FIRST, SECOND)                                                 \
    {                                                                                              \
        NAME, KIND, offsetof(TYPE, FIRST), offsetof(TYPE, SECOND)                                  \
    }
#define SIZE(TYPE, NAME)   FIELD(TYPE, #NAME, FIELD_SIZE, NAME)
#define INT(TYPE, NAME)    FIELD(TYPE, #NAME, FIELD_INT, NAME)
#define DOUBLE(TYPE, NAME) FIELD(TYPE, #NAME, FIELD_DOUBLE, NAME)
#define BOOL(TYPE, NAME)   FIELD(TYPE, #NAME, FIELD_BOOL, NAME)
/* The parameters of the transform that is the member AT (with its dot) of TYPE. */
#define STFT_FIELDS(TYPE, AT)                                                                      \
    FIELD(TYPE, "n_fft", FIELD_SIZE, AT n_fft),                                                    \
        FIELD(TYPE, "hop_length", FIELD_SIZE, AT hop_length),                                      \
        FIELD(TYPE, "win_length", FIELD_SIZE, AT win_length),                                      \
        FIELD(TYPE, "window", FIELD_WINDOW, AT window), FIELD(TYPE, "pad", FIELD_INT, AT pad),     \
        FIELD(TYPE, "center", FIELD_BOOL, AT center)
#define MEL_FIELDS(TYPE, AT)                                                                       \
    FIELD(TYPE, "power", FIELD_DOUBLE, AT power), FIELD(TYPE, "n_mels", FIELD_SIZE, AT n_mels),    \
        FIELD(TYPE, "fmin", FIELD_DOUBLE, AT fmin), FIELD(TYPE, "fmax", FIELD_DOUBLE, AT fmax),    \
        FIELD(TYPE, "htk", FIELD_BOOL, AT htk), FIELD(TYPE, "mel_norm", FIELD_INT, AT norm),       \
        FIELD(TYPE, "mel_norm_power", FIELD_DOUBLE, AT norm_power)

/* FUNCTION_defaults with an untyped argument. */
#define DEFAULTS(FUNCTION, TYPE)                                                                   \
    _Static_assert(sizeof(TYPE) <= CALL_ROOM, "raise CALL_ROOM");                                  \
    static void FUNCTION##_any(void *params)                                                       \
    {                                                                                              \
        TYPE *typed = params;                                                                      \
        FUNCTION(typed);                                                                           \
    }
/* A function of one signal or of one array (and the rate), one result. */
#define RUN_SIGNAL(FUNCTION)                                                                       \
    static HhStatus FUNCTION##_run(HhContext *context, const Inputs *in, const void *params,       \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, &in->signal.view, params, out);                                   \
    }
#define RUN_ARRAY(FUNCTION)                                                                        \
    static HhStatus FUNCTION##_run(HhContext *context, const Inputs *in, const void *params,       \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, input_array(in, 0), params, out);                                 \
    }
#define RUN_ARRAY_RATE(FUNCTION)                                                                   \
    static HhStatus FUNCTION##_run(HhContext *context, const Inputs *in, const void *params,       \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, input_array(in, 0), in->number[0], params, out);                  \
    }
#define RUN_SIGNAL_PAIR(FUNCTION)                                                                  \
    static HhStatus FUNCTION##_run(HhContext *context, const Inputs *in, const void *params,       \
                                   HhArray *out)                                                   \
    {                                                                                              \
        return FUNCTION(context, &in->signal.view, params, &out[0], &out[1]);                      \
    }

/* An array of one number, for results that the library gives by pointer. */
HhStatus core_scalar(double value, HhArray *out);

#endif
