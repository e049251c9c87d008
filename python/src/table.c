/* One call: reads the positional arguments and the keywords as a row says, runs the library without
 * the Python lock, gives the results. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

static const Rows *const areas[] = {&spectral_rows, &phase_rows,      &pitch_rows, &harmony_rows,
                                    &rhythm_rows,   &separation_rows, &audio_rows, &matrix_rows};

enum { CALL_KEPT = 8 };

/* What the parameters of a call point to. */
typedef struct Kept {
    PyObject *object[CALL_KEPT];
    void *memory[CALL_KEPT];
    int objects, memories;
} Kept;

typedef union Params {
    max_align_t align;
    unsigned char bytes[CALL_ROOM];
} Params;

/* ---- keywords */

static PyArrayObject *keep_array(Kept *kept, PyObject *value, int type)
{
    if (kept->objects == CALL_KEPT) {
        PyErr_SetString(PyExc_RuntimeError, "too many arrays in one call");
        return NULL;
    }
    PyObject *array = PyArray_FromAny(value, PyArray_DescrFromType(type), 0, 0,
                                      NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST, NULL);
    if (array) kept->object[kept->objects++] = array;
    return (PyArrayObject *)array;
}

/* The place of a field: parameters are plain memory until they are handed on. */
static void put(Params *params, size_t offset, const void *value, size_t bytes)
{
    memcpy(params->bytes + offset, value, bytes);
}

static bool read_window(Kept *kept, const Field *field, PyObject *value, Params *params)
{
    HhWindow window = {HH_WINDOW_HANN, 0.0, NULL};
    if (PyTuple_Check(value)) {
        int kind;
        if (!PyArg_ParseTuple(value, "id", &kind, &window.parameter)) return false;
        window.kind = (HhWindowKind)kind;
    } else {
        PyArrayObject *array = keep_array(kept, value, NPY_FLOAT64);
        if (!array) return false;
        window.kind = HH_WINDOW_CUSTOM;
        window.values = PyArray_DATA(array);
    }
    put(params, field->offset, &window, sizeof window);
    return true;
}

static bool read_numbers(Kept *kept, const Field *field, PyObject *value, Params *params)
{
    PyArrayObject *array = keep_array(kept, value, NPY_FLOAT64);
    if (!array) return false;
    const void *data = PyArray_DATA(array);
    size_t count = (size_t)PyArray_SIZE(array);
    put(params, field->offset, &data, sizeof data);
    if (field->second) put(params, field->second, &count, sizeof count);
    return true;
}

static bool read_sizes(Kept *kept, const Field *field, PyObject *value, Params *params)
{
    PyArrayObject *array = keep_array(kept, value, NPY_INT64);
    if (!array) return false;
    size_t count = (size_t)PyArray_SIZE(array);
    const npy_int64 *from = PyArray_DATA(array);
    size_t *sizes = PyMem_Malloc((count ? count : 1) * sizeof *sizes);
    if (!sizes) {
        PyErr_NoMemory();
        return false;
    }
    kept->memory[kept->memories++] = sizes; /* as many as arrays at most */
    for (size_t i = 0; i < count; i++) sizes[i] = from[i] < 0 ? 0 : (size_t)from[i];
    put(params, field->offset, &sizes, sizeof sizes);
    put(params, field->second, &count, sizeof count);
    return true;
}

/* Called without the Python lock. A failed call leaves its exception with the lock's next holder:
 * it is printed, and the tempo counts as impossible. */
static double call_prior(void *user, double bpm)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyObject_CallFunction(user, "d", bpm);
    double value = result ? PyFloat_AsDouble(result) : -1.0;
    Py_XDECREF(result);
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(user);
        value = -Py_HUGE_VAL;
    }
    PyGILState_Release(state);
    return value;
}

static bool read_number(const Field *field, PyObject *value, Params *params)
{
    if (field->kind == FIELD_DOUBLE) {
        double number = PyFloat_AsDouble(value);
        if (number == -1.0 && PyErr_Occurred()) return false;
        put(params, field->offset, &number, sizeof number);
        return true;
    }
    if (field->kind == FIELD_BOOL) {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) return false;
        bool flag = truth != 0;
        put(params, field->offset, &flag, sizeof flag);
        return true;
    }
    PyObject *index = PyNumber_Index(value);
    if (!index) return false;
    if (field->kind == FIELD_SIZE) {
        size_t size = PyLong_AsSize_t(index);
        put(params, field->offset, &size, sizeof size);
    } else if (field->kind == FIELD_OFFSET) {
        ptrdiff_t steps = PyLong_AsSsize_t(index);
        put(params, field->offset, &steps, sizeof steps);
    } else {
        long number = PyLong_AsLong(index);
        int whole = number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;
        put(params, field->offset, &whole, sizeof whole);
    }
    Py_DECREF(index);
    return !PyErr_Occurred();
}

/* None leaves the default of what is no number. */
static bool read_field(Kept *kept, const Field *field, PyObject *value, Params *params)
{
    if (value == Py_None && field->kind >= FIELD_WINDOW) return true;
    switch (field->kind) {
    case FIELD_WINDOW:
        return read_window(kept, field, value, params);
    case FIELD_DOUBLES:
        return read_numbers(kept, field, value, params);
    case FIELD_SIZES:
        return read_sizes(kept, field, value, params);
    case FIELD_PRIOR: {
        HhTempoPrior *prior = call_prior;
        put(params, field->offset, &prior, sizeof prior);
        put(params, field->second, &value, sizeof value); /* the keywords hold the reference */
        return true;
    }
    default:
        return read_number(field, value, params);
    }
}

static bool read_keywords(const Row *row, PyObject *keywords, Kept *kept, Params *params)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (keywords && PyDict_Next(keywords, &position, &key, &value)) {
        const Field *field = NULL;
        for (size_t i = 0; i < row->field_count && !field; i++)
            if (PyUnicode_CompareWithASCIIString(key, row->fields[i].name) == 0)
                field = &row->fields[i];
        if (!field) {
            PyErr_Format(PyExc_TypeError, "%s() has no parameter %R", row->name, key);
            return false;
        }
        if (!read_field(kept, field, value, params)) return false;
    }
    return true;
}

static void let_go(Kept *kept)
{
    while (kept->objects > 0) Py_DECREF(kept->object[--kept->objects]);
    while (kept->memories > 0) PyMem_Free(kept->memory[--kept->memories]);
}

/* ---- positional arguments */

static bool read_matrix(Inputs *in, char kind, PyObject *object)
{
    int index = in->matrices++;
    if (object == Py_None) return true;
    CoreMatrix *matrix = &in->matrix[index];
    in->given[index] = kind == 'm' ? core_matrix_open(matrix, object)
                                   : core_spectrogram_open(matrix, object, kind == 'S');
    return in->given[index];
}

static bool read_inputs(const Row *row, PyObject *arguments, Inputs *in)
{
    size_t count = strlen(row->inputs);
    if ((size_t)PyTuple_Size(arguments) != count) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zu positional arguments", row->name, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *object = PyTuple_GetItem(arguments, (Py_ssize_t)i);
        char kind = row->inputs[i];
        bool good = true;
        if (kind == 'y' || kind == 'Y') {
            good = core_signal_open(&in->signal, object, kind == 'Y');
        } else if (kind == 'd') {
            double number = PyFloat_AsDouble(object);
            good = !(number == -1.0 && PyErr_Occurred());
            in->number[in->numbers++] = number;
        } else {
            good = read_matrix(in, kind, object);
        }
        if (!good) return false;
    }
    in->lead = in->signal.array ? in->signal.lead : in->matrix[0].lead;
    in->signal.view.rate = in->numbers > 0 ? in->number[0] : 1.0;
    return true;
}

static void close_inputs(Inputs *in)
{
    core_signal_close(&in->signal);
    for (int i = 0; i < CALL_ARRAYS; i++) core_matrix_close(&in->matrix[i]);
}

/* ---- results */

static PyObject *give(const Row *row, const Inputs *in, HhArray *out)
{
    size_t count = strlen(row->results);
    if (count == 1) return core_array_give(&out[0], &in->lead, (CoreLayout)row->results[0]);
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *array = core_array_give(&out[i], &in->lead, (CoreLayout)row->results[i]);
        if (!array || PyTuple_SetItem(tuple, (Py_ssize_t)i, array) < 0) {
            Py_DECREF(tuple);
            tuple = NULL;
        }
    }
    return tuple;
}

static PyObject *run(const Row *row, const Inputs *in, const Params *params)
{
    HhArray out[CALL_RESULTS] = {HH_ARRAY_INIT, HH_ARRAY_INIT, HH_ARRAY_INIT};
    HhContext *context = core_context_borrow();
    if (!context) return NULL;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status =
        row->run(context, in, row->defaults ? params->bytes : NULL, out);
    Py_END_ALLOW_THREADS PyObject *result =
        status == HH_OK ? give(row, in, out) : core_raise(context, status);
    core_context_return(context);
    for (int i = 0; i < CALL_RESULTS; i++) hh_array_free(&out[i]);
    return result;
}

static const char row_capsule[] = "heihachi.row";

static PyObject *call(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    const Row *row = PyCapsule_GetPointer(self, row_capsule);
    if (!row) return NULL;
    Inputs in = {0};
    Kept kept = {0};
    Params params;
    if (row->defaults) row->defaults(params.bytes);
    PyObject *result = NULL;
    if (read_inputs(row, arguments, &in) && read_keywords(row, keywords, &kept, &params))
        result = run(row, &in, &params);
    let_go(&kept);
    close_inputs(&in);
    return result;
}

static void release_scalar(void *user, void *memory)
{
    (void)user;
    free(memory);
}

HhStatus core_scalar(double value, HhArray *out)
{
    double *data = malloc(sizeof *data);
    if (!data) return HH_ERROR_MEMORY;
    *data = value;
    *out = (HhArray){.type = HH_FLOAT64, .data = data, .owner = {NULL, release_scalar, NULL}};
    return HH_OK;
}

/* ---- the functions of the module */

static int add_row(PyObject *module, const Row *row, PyMethodDef *method)
{
    *method = (PyMethodDef){row->name, (PyCFunction)(void (*)(void))call,
                            METH_VARARGS | METH_KEYWORDS, NULL};
    PyObject *self = PyCapsule_New((void *)row, row_capsule, NULL);
    if (!self) return -1;
    PyObject *function = PyCFunction_NewEx(method, self, NULL);
    Py_DECREF(self);
    if (!function) return -1;
    if (PyModule_AddObject(module, row->name, function) == 0) return 0;
    Py_DECREF(function);
    return -1;
}

enum { MOST_ROWS = 160 };

int core_table_add(PyObject *module)
{
    static PyMethodDef methods[MOST_ROWS]; /* live as long as the functions */
    size_t used = 0;
    for (size_t a = 0; a < COUNT(areas); a++)
        for (size_t i = 0; i < areas[a]->count; i++) {
            if (used == MOST_ROWS) {
                PyErr_SetString(PyExc_SystemError, "raise MOST_ROWS");
                return -1;
            }
            if (add_row(module, &areas[a]->row[i], &methods[used++]) < 0) return -1;
        }
    return 0;
}
