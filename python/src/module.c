/* The module itself: contexts, exceptions, the list of functions. */
#define HH_PYTHON_IMPORTS_NUMPY
#include "core.h"

#include <unistd.h>

/* ---- contexts. A library context serves one call at a time, so calls that run side by side have
 * one each; those at rest are kept here. Guarded by the Python lock. The threads of a context do
 * not survive a fork: a child forgets the contexts of its parent. */

enum { KEPT_CONTEXTS = 32 };

static struct {
    HhContext *free[KEPT_CONTEXTS];
    int count;
    int threads; /* that contexts are made with: 1.., or 0 = one per processor */
    pid_t process;
} pool = {.threads = 1};

static void forget_after_fork(void)
{
    if (pool.process == getpid()) return;
    pool.process = getpid();
    if (pool.threads != 1) pool.count = 0; /* not destroyed: their threads are not here */
}

HhContext *core_context_borrow(void)
{
    forget_after_fork();
    if (pool.count > 0) return pool.free[--pool.count];
    HhContextParams params = HH_CONTEXT_PARAMS_INIT;
    params.allocator = core_allocator();
    params.threads = pool.threads;
    HhContext *context = NULL;
    if (hh_context_create(&params, &context) != HH_OK) PyErr_NoMemory();
    return context;
}

void core_context_return(HhContext *context)
{
    bool fits = pool.threads == 0 || hh_context_threads(context) == pool.threads;
    if (fits && pool.count < KEPT_CONTEXTS)
        pool.free[pool.count++] = context;
    else
        hh_context_destroy(context);
}

static PyObject *set_num_threads(PyObject *self, PyObject *argument)
{
    (void)self;
    long threads = PyLong_AsLong(argument);
    if (threads == -1 && PyErr_Occurred()) return NULL;
    if (threads < 0 || threads > 256) {
        PyErr_Format(PyExc_ValueError, "%ld threads: 0 (one per processor) to 256", threads);
        return NULL;
    }
    forget_after_fork();
    while (pool.count > 0) hh_context_destroy(pool.free[--pool.count]);
    pool.threads = (int)threads;
    Py_RETURN_NONE;
}

static PyObject *get_num_threads(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    HhContext *context = core_context_borrow();
    if (!context) return NULL;
    int threads = hh_context_threads(context);
    core_context_return(context);
    return PyLong_FromLong(threads);
}

static PyObject *cpu_level(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    return PyUnicode_FromString(hh_context_cpu(NULL));
}

/* ---- exceptions */

/* ParameterError is librosa's own class where librosa is installed, so it is looked up when it is
 * needed. */
static PyObject *exception_class(const char *name)
{
    PyObject *module = PyImport_ImportModule("heihachi.exceptions");
    if (!module) return NULL;
    PyObject *type = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return type;
}

static void set_text(PyObject *type, const char *text)
{
    PyObject *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
    if (!message) return;
    PyErr_SetObject(type, message);
    Py_DECREF(message);
}

void core_set_exception(const char *name, const char *text)
{
    PyObject *type = exception_class(name);
    if (!type) return;
    set_text(type, text);
    Py_DECREF(type);
}

PyObject *core_raise(const HhContext *context, HhStatus status)
{
    const char *text = hh_context_message(context);
    if (!text || !*text) text = hh_status_text(status);
    switch (status) {
    case HH_ERROR_MEMORY:
        return PyErr_NoMemory();
    case HH_ERROR_ARGUMENT:
    case HH_ERROR_EMPTY:
    case HH_ERROR_NOT_FINITE:
    case HH_ERROR_TOO_SHORT:
        core_set_exception("ParameterError", text);
        return NULL;
    case HH_ERROR_OPEN:
    case HH_ERROR_READ:
    case HH_ERROR_WRITE:
        set_text(PyExc_OSError, text);
        return NULL;
    case HH_ERROR_FORMAT:
    case HH_ERROR_UNSUPPORTED:
        core_set_exception("DecodeError", text);
        return NULL;
    case HH_ERROR_CANCELLED:
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_KeyboardInterrupt, text);
        return NULL;
    default:
        PyErr_SetString(PyExc_RuntimeError, text);
        return NULL;
    }
}

/* ---- the module */

static PyMethodDef methods[] = {
    {"set_num_threads", set_num_threads, METH_O,
     "set_num_threads(n): threads of each later call, 1 at first; 0 = one per processor. "
     "ValueError: not 0 to 256."},
    {"get_num_threads", get_num_threads, METH_NOARGS, "Threads of each call."},
    {"cpu_level", cpu_level, METH_NOARGS,
     "The processor level in use: \"x86-64\", \"x86-64-v3\", \"x86-64-v4\" or \"generic\"."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        "heihachi._core",
                                        "The C library on NumPy arrays; see the heihachi package.",
                                        -1,
                                        methods,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};

PyMODINIT_FUNC PyInit__core(void);

PyMODINIT_FUNC PyInit__core(void)
{
    import_array();
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    if (PyModule_AddFunctions(module, core_result_methods) < 0 ||
        PyModule_AddFunctions(module, core_file_methods) < 0 || core_table_add(module) < 0 ||
        PyModule_AddStringConstant(module, "version", hh_version()) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
