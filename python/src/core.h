/* The extension module heihachi._core: the library's functions on NumPy arrays.
 *
 * It knows include/heihachi only and holds no analysis. Arguments have been checked and defaulted
 * by the Python modules; what is checked here is what would otherwise crash. Every function is a
 * row of a table (table.h): which arrays it takes, which parameters, how its results are laid out.
 * The Python lock is not held while the library works. */
#ifndef HH_PYTHON_CORE_H
#define HH_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API  NPY_1_22_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL heihachi_numpy
#ifndef HH_PYTHON_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

#include "heihachi/heihachi.h"

/* ---- contexts (module.c). A call borrows one and gives it back; both with the Python lock. NULL
 * with an exception set. */
HhContext *core_context_borrow(void);
void core_context_return(HhContext *context);
/* Sets the exception that the status means, with the context's message. Returns NULL. */
PyObject *core_raise(const HhContext *context, HhStatus status);
/* The exception for a file: that of the system where the system is the reason, DecodeError where
 * the content is. Returns NULL. */
PyObject *core_raise_for_file(const HhContext *context, HhStatus status, const char *path);
/* Sets the exception of this name in heihachi.exceptions. Bytes of the text that are not UTF-8 (of
 * file names) become surrogates, as in os.fsdecode(). */
void core_set_exception(const char *name, const char *text);

/* ---- memory (memory.c) */
HhAllocator core_allocator(void);

/* ---- arrays (arrays.c) */

#define CORE_MAX_DIMENSIONS 32

/* The axes before those that the library knows; its channels are their product. */
typedef struct CoreLead {
    int count;
    npy_intp shape[CORE_MAX_DIMENSIONS];
} CoreLead;

/* A signal of the library that views a NumPy array of the shape (..., samples). */
typedef struct CoreSignal {
    HhSignal view;
    CoreLead lead;
    PyArrayObject *array;
    const void **channel;
} CoreSignal;

/* `object` is float32 or float64; the latter is narrowed unless `doubles`. False with an exception
 * set. What does not have its samples side by side in memory is copied. */
bool core_signal_open(CoreSignal *signal, PyObject *object, bool doubles);
void core_signal_close(CoreSignal *signal);

/* An array of the library that views a NumPy array. */
typedef struct CoreMatrix {
    HhArray view;
    CoreLead lead;
    PyArrayObject *array;
} CoreMatrix;

/* (..., bins, frames) as {channels, frames, bins}, of float32 or complex64; with `doubles` also
 * float64 and complex128, which are narrowed otherwise. */
bool core_spectrogram_open(CoreMatrix *matrix, PyObject *object, bool doubles);
/* An array of any shape up to HH_MAX_DIMENSIONS in C order, of the types that the library has. */
bool core_matrix_open(CoreMatrix *matrix, PyObject *object);
void core_matrix_close(CoreMatrix *matrix);

/* How a result is laid out for Python. */
typedef enum CoreLayout {
    CORE_PLAIN = 'p',      /* {channels, n...} as (..., n...) */
    CORE_TRANSPOSED = 't', /* {channels, frames, values} as (..., values, frames) */
    CORE_AS_IS = 'v'       /* the array's own shape */
} CoreLayout;

/* A NumPy array that owns the memory of `array`, which is empty afterwards; NULL with an exception
 * set. */
PyObject *core_array_give(HhArray *array, const CoreLead *lead, CoreLayout layout);

/* ---- other parts of the module: NULL-terminated method lists */
extern PyMethodDef core_result_methods[]; /* result.c */
extern PyMethodDef core_file_methods[];   /* files.c */
/* Adds a function for each row of the table (table.c). */
int core_table_add(PyObject *module);

#endif
