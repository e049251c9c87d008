/* NumPy arrays as the library's signals and arrays, and back, without a copy where the layout
 * allows. */
#include "core.h"

/* The object as an array of the type, its last axis contiguous and its items aligned; a new
 * reference. `requirements` are NumPy's flags. */
static PyArrayObject *as_array(PyObject *object, int type, int requirements)
{
    PyArray_Descr *descr = PyArray_DescrFromType(type);
    if (!descr) return NULL;
    return (PyArrayObject *)PyArray_FromAny(
        object, descr, 0, CORE_MAX_DIMENSIONS,
        requirements | NPY_ARRAY_ALIGNED | NPY_ARRAY_NOTSWAPPED | NPY_ARRAY_FORCECAST, NULL);
}

static bool has_type(PyObject *object, int type)
{
    return PyArray_Check(object) && PyArray_TYPE((PyArrayObject *)object) == type;
}

/* The axes before the last `own`, and their product. */
static npy_intp take_lead(CoreLead *lead, PyArrayObject *array, int own)
{
    npy_intp channels = 1;
    lead->count = PyArray_NDIM(array) - own;
    for (int i = 0; i < lead->count; i++) {
        lead->shape[i] = PyArray_DIM(array, i);
        channels *= lead->shape[i];
    }
    return channels;
}

/* ---- signals */

/* Where channel `index` starts: its place along each leading axis, last axis fastest. */
static const char *channel_start(PyArrayObject *array, npy_intp index)
{
    const char *at = PyArray_BYTES(array);
    for (int axis = PyArray_NDIM(array) - 2; axis >= 0; axis--) {
        npy_intp size = PyArray_DIM(array, axis);
        at += index % size * PyArray_STRIDE(array, axis);
        index /= size;
    }
    return at;
}

bool core_signal_open(CoreSignal *signal, PyObject *object, bool doubles)
{
    *signal = (CoreSignal){0};
    int type = doubles && has_type(object, NPY_FLOAT64) ? NPY_FLOAT64 : NPY_FLOAT32;
    PyArrayObject *array = as_array(object, type, 0);
    if (array && PyArray_NDIM(array) > 0 && PyArray_DIM(array, PyArray_NDIM(array) - 1) > 1 &&
        PyArray_STRIDE(array, PyArray_NDIM(array) - 1) != PyArray_ITEMSIZE(array)) {
        PyArrayObject *copy = (PyArrayObject *)PyArray_NewCopy(array, NPY_CORDER);
        Py_DECREF(array);
        array = copy;
    }
    if (!array) return false;
    signal->array = array;
    if (PyArray_NDIM(array) < 1) {
        PyErr_SetString(PyExc_ValueError, "a signal has at least one dimension");
        core_signal_close(signal);
        return false;
    }
    npy_intp channels = take_lead(&signal->lead, array, 1);
    if (channels > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "%zd channels: at most %d", (Py_ssize_t)channels, INT_MAX);
        core_signal_close(signal);
        return false;
    }
    signal->channel = PyMem_Malloc((size_t)(channels > 0 ? channels : 1) * sizeof(void *));
    if (!signal->channel) {
        PyErr_NoMemory();
        core_signal_close(signal);
        return false;
    }
    for (npy_intp c = 0; c < channels; c++) signal->channel[c] = channel_start(array, c);
    signal->view.channels = (int)channels;
    signal->view.length = (size_t)PyArray_DIM(array, PyArray_NDIM(array) - 1);
    if (type == NPY_FLOAT64)
        signal->view.channel_f64 = (const double *const *)signal->channel;
    else
        signal->view.channel = (const float *const *)signal->channel;
    return true;
}

void core_signal_close(CoreSignal *signal)
{
    PyMem_Free(signal->channel);
    Py_XDECREF(signal->array);
    *signal = (CoreSignal){0};
}

/* ---- arrays */

/* The library's type for NumPy's, or -1. */
static int library_type(int type)
{
    switch (type) {
    case NPY_FLOAT32:
        return HH_FLOAT32;
    case NPY_FLOAT64:
        return HH_FLOAT64;
    case NPY_COMPLEX64:
        return HH_COMPLEX64;
    case NPY_COMPLEX128:
        return HH_COMPLEX128;
    case NPY_INT64:
        return HH_INT64;
    case NPY_BOOL:
        return HH_BOOL;
    default:
        return -1;
    }
}

static int numpy_type(HhType type)
{
    switch (type) {
    case HH_FLOAT32:
        return NPY_FLOAT32;
    case HH_FLOAT64:
        return NPY_FLOAT64;
    case HH_COMPLEX64:
        return NPY_COMPLEX64;
    case HH_COMPLEX128:
        return NPY_COMPLEX128;
    case HH_INT64:
        return NPY_INT64;
    case HH_BOOL:
        return NPY_BOOL;
    }
    return NPY_VOID;
}

bool core_spectrogram_open(CoreMatrix *matrix, PyObject *object, bool doubles)
{
    *matrix = (CoreMatrix){.view = HH_ARRAY_INIT};
    bool complex_valued = PyArray_Check(object) && PyArray_ISCOMPLEX((PyArrayObject *)object);
    bool wide = doubles && (has_type(object, NPY_FLOAT64) || has_type(object, NPY_COMPLEX128));
    int type = complex_valued ? (wide ? NPY_COMPLEX128 : NPY_COMPLEX64)
                              : (wide ? NPY_FLOAT64 : NPY_FLOAT32);
    PyArrayObject *array = as_array(object, type, 0);
    if (!array) return false;
    if (PyArray_NDIM(array) < 2) {
        PyErr_SetString(PyExc_ValueError, "a spectrogram has at least two dimensions");
        Py_DECREF(array);
        return false;
    }
    PyObject *turned = PyArray_SwapAxes(array, PyArray_NDIM(array) - 2, PyArray_NDIM(array) - 1);
    Py_DECREF(array);
    if (!turned) return false;
    matrix->array = as_array(turned, type, NPY_ARRAY_C_CONTIGUOUS);
    Py_DECREF(turned);
    if (!matrix->array) return false;
    array = matrix->array;
    int n = PyArray_NDIM(array);
    matrix->view.type = (HhType)library_type(type);
    matrix->view.dimensions = 3;
    matrix->view.shape[0] = (size_t)take_lead(&matrix->lead, array, 2);
    matrix->view.shape[1] = (size_t)PyArray_DIM(array, n - 2);
    matrix->view.shape[2] = (size_t)PyArray_DIM(array, n - 1);
    matrix->view.data = PyArray_DATA(array);
    return true;
}

bool core_matrix_open(CoreMatrix *matrix, PyObject *object)
{
    *matrix = (CoreMatrix){.view = HH_ARRAY_INIT};
    if (!PyArray_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "an array is needed");
        return false;
    }
    int type = PyArray_TYPE((PyArrayObject *)object), known = library_type(type);
    if (known < 0 || PyArray_NDIM((PyArrayObject *)object) > HH_MAX_DIMENSIONS) {
        PyErr_SetString(PyExc_TypeError, "an array of a type or shape that is not supported");
        return false;
    }
    matrix->array = as_array(object, type, NPY_ARRAY_C_CONTIGUOUS);
    if (!matrix->array) return false;
    matrix->view.type = (HhType)known;
    matrix->view.dimensions = PyArray_NDIM(matrix->array);
    for (int i = 0; i < matrix->view.dimensions; i++)
        matrix->view.shape[i] = (size_t)PyArray_DIM(matrix->array, i);
    matrix->view.data = PyArray_DATA(matrix->array);
    return true;
}

void core_matrix_close(CoreMatrix *matrix)
{
    Py_XDECREF(matrix->array);
    *matrix = (CoreMatrix){.view = HH_ARRAY_INIT};
}

/* ---- results */

static const char array_capsule[] = "heihachi.array";

static void release_array(PyObject *capsule)
{
    HhArray *array = PyCapsule_GetPointer(capsule, array_capsule);
    hh_array_free(array);
    PyMem_Free(array);
}

/* The capsule that keeps the memory alive; takes `array` over. */
static PyObject *owner_of(HhArray *array)
{
    HhArray *kept = PyMem_Malloc(sizeof *kept);
    if (!kept) return PyErr_NoMemory();
    *kept = *array;
    PyObject *capsule = PyCapsule_New(kept, array_capsule, release_array);
    if (!capsule) {
        PyMem_Free(kept);
        return NULL;
    }
    *array = (HhArray)HH_ARRAY_INIT;
    return capsule;
}

PyObject *core_array_give(HhArray *array, const CoreLead *lead, CoreLayout layout)
{
    npy_intp shape[CORE_MAX_DIMENSIONS + HH_MAX_DIMENSIONS];
    npy_intp strides[CORE_MAX_DIMENSIONS + HH_MAX_DIMENSIONS];
    int own = layout == CORE_AS_IS ? 0 : 1, n = 0;
    if (layout != CORE_AS_IS)
        for (; n < lead->count; n++) shape[n] = lead->shape[n];
    for (int i = own; i < array->dimensions; i++) shape[n++] = (npy_intp)array->shape[i];
    if (n > CORE_MAX_DIMENSIONS) {
        hh_array_free(array);
        PyErr_SetString(PyExc_ValueError, "too many dimensions");
        return NULL;
    }
    npy_intp stride = (npy_intp)hh_type_bytes(array->type);
    for (int i = n - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape[i];
    }
    if (layout == CORE_TRANSPOSED) {
        npy_intp frames = shape[n - 2], step = strides[n - 2];
        shape[n - 2] = shape[n - 1], strides[n - 2] = strides[n - 1];
        shape[n - 1] = frames, strides[n - 1] = step;
    }
    int type = numpy_type(array->type);
    void *data = array->data;
    PyObject *owner = owner_of(array);
    if (!owner) {
        hh_array_free(array);
        return NULL;
    }
    PyObject *result = PyArray_New(&PyArray_Type, n, shape, type, strides, data, 0,
                                   NPY_ARRAY_WRITEABLE | NPY_ARRAY_ALIGNED, NULL);
    if (!result) {
        Py_DECREF(owner);
        return NULL;
    }
    PyArray_UpdateFlags((PyArrayObject *)result, NPY_ARRAY_UPDATE_ALL);
    /* Takes the reference to the owner, also when it fails. */
    if (PyArray_SetBaseObject((PyArrayObject *)result, owner) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}
