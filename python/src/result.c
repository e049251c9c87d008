/* Whole analyses and fingerprints for Python: include/heihachi/engine.h, report.h, fingerprint.h.
 *
 * An analysis comes out as the text of its result.json, which the Python module parses, so that
 * there is one producer of the result, and beside it the arrays of features.npz, which take the
 * library's memory over. */
#include "core.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0.0;
}

/* ---- errors */

/* Why a file cannot be opened, as errno has it; 0 if it is not known. */
static int reason_against(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) != 0) return errno;
    if (S_ISDIR(facts.st_mode)) return EISDIR;
    return access(path, R_OK) == 0 ? 0 : errno;
}

PyObject *core_raise_for_file(const HhContext *context, HhStatus status, const char *path)
{
    int reason = status == HH_ERROR_OPEN ? reason_against(path) : 0;
    if (reason) {
        PyObject *name = PyUnicode_DecodeFSDefault(path);
        if (!name) return NULL;
        errno = reason;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
        Py_DECREF(name);
        return NULL;
    }
    bool content =
        status == HH_ERROR_EMPTY || status == HH_ERROR_NOT_FINITE || status == HH_ERROR_TOO_SHORT;
    return core_raise(context, content ? HH_ERROR_FORMAT : status);
}

/* ---- progress */

#define PROGRESS_S 0.05 /* least time from one call of the program's function to the next */
#define SIGNALS_S  0.2  /* the same where only signals are looked for */

typedef struct Watch {
    PyThreadState *thread; /* of the caller, which does not hold the lock meanwhile */
    PyObject *progress;    /* or None */
    double next, interval;
    double told_s; /* what the function was called with last */
} Watch;

/* False with an exception set: the function's own, or Cancelled. */
static bool tell(PyObject *progress, double done_s, double total_s)
{
    if (progress == Py_None) return true;
    PyObject *answer = PyObject_CallFunction(progress, "dd", done_s, total_s);
    if (!answer) return false;
    bool go_on = answer != Py_False;
    Py_DECREF(answer);
    if (!go_on) core_set_exception("Cancelled", "the progress function returned False");
    return go_on;
}

static bool on_progress(void *user, double done_s, double total_s)
{
    Watch *watch = user;
    if (seconds_of(CLOCK_MONOTONIC) < watch->next) return true;
    PyEval_RestoreThread(watch->thread);
    bool go_on = PyErr_CheckSignals() == 0 && tell(watch->progress, done_s, total_s);
    watch->told_s = done_s;
    watch->next = seconds_of(CLOCK_MONOTONIC) + watch->interval;
    watch->thread = PyEval_SaveThread();
    return go_on;
}

/* ---- the parts of a result */

static PyObject *copy_of(const void *values, int type, int dimensions, const npy_intp *shape)
{
    PyObject *array =
        PyArray_New(&PyArray_Type, dimensions, (npy_intp *)shape, type, NULL, NULL, 0, 0, NULL);
    size_t bytes = array ? (size_t)PyArray_NBYTES((PyArrayObject *)array) : 0;
    if (bytes > 0) memcpy(PyArray_DATA((PyArrayObject *)array), values, bytes);
    return array;
}

static PyObject *doubles(const double *values, size_t count)
{
    npy_intp length = (npy_intp)count;
    return copy_of(values, NPY_FLOAT64, 1, &length);
}

/* None if it was not asked for. */
static PyObject *times(const HhAnalysis *analysis, const double *values, size_t count)
{
    if (!values && !(analysis->features & HH_FEATURE_RHYTHM)) Py_RETURN_NONE;
    return doubles(values, values ? count : 0);
}

/* Appends an item whose reference it takes; false with an exception set. */
static bool append(PyObject *list, PyObject *item)
{
    bool good = item && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return good;
}

/* [(values, start_s, hop_s)]; the values leave the analysis. */
static PyObject *take_series(HhAnalysis *analysis)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < analysis->series_count; i++) {
        HhSeries *series = &analysis->series[i];
        if (series->values.shape[1] == 1) series->values.dimensions = 1;
        PyObject *values = core_array_give(&series->values, NULL, CORE_AS_IS);
        PyObject *item =
            values ? Py_BuildValue("Ndd", values, series->start_s, series->hop_s) : NULL;
        if (!append(list, item)) Py_CLEAR(list);
    }
    return list;
}

/* [(name, unit, values, column_s, low, high, log_rows)] */
static PyObject *copy_images(const HhAnalysis *analysis)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < analysis->image_count; i++) {
        const HhImage *image = &analysis->images[i];
        npy_intp shape[2] = {(npy_intp)image->columns, (npy_intp)image->rows};
        PyObject *values = copy_of(image->values, NPY_FLOAT32, 2, shape), *item = NULL;
        if (values)
            item = Py_BuildValue("ssNdddO", image->name, image->unit, values, image->column_s,
                                 image->low, image->high, image->log_rows ? Py_True : Py_False);
        if (!append(list, item)) Py_CLEAR(list);
    }
    return list;
}

/* The text of result.json. */
static PyObject *text_of(HhContext *context, const HhAnalysis *analysis, const HhReportRun *run)
{
    char *text = NULL;
    size_t length = 0;
    HhStatus status = hh_report_text(context, analysis, run, HH_REPORT_JSON, &text, &length);
    if (status != HH_OK) return core_raise(context, status);
    PyObject *object = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "strict");
    hh_report_text_free(context, text);
    return object;
}

/* (text, series, beats or None, onsets or None, fingerprint or None, images) */
static PyObject *result_of(HhContext *context, HhAnalysis *analysis, const HhReportRun *run)
{
    PyObject *part[6] = {NULL}, *result = NULL;
    const HhRhythmSummary *rhythm = &analysis->rhythm;
    int made = 0;
    if ((part[made++] = text_of(context, analysis, run)) &&
        (part[made++] = take_series(analysis)) &&
        (part[made++] = times(analysis, rhythm->beats_s, rhythm->beats)) &&
        (part[made++] = times(analysis, rhythm->onsets_s, rhythm->onsets)) &&
        (part[made++] = analysis->fingerprint.version
                            ? doubles(analysis->fingerprint.values, HH_FP_COUNT)
                            : Py_BuildValue("")) &&
        (part[made++] = copy_images(analysis)))
        result = PyTuple_Pack(6, part[0], part[1], part[2], part[3], part[4], part[5]);
    while (made > 0) Py_XDECREF(part[--made]);
    return result;
}

/* ---- the analysis */

typedef struct Request {
    PyObject *source, *rate; /* bytes of a path and None, or an array and its rate */
    const char *path;        /* NULL for an array */
    CoreSignal signal;
    HhAnalyseParams params;
    Watch watch;
} Request;

static bool read_request(PyObject *arguments, HhContext *context, Request *request)
{
    const char *features;
    int images, signals;
    hh_analyse_defaults(&request->params);
    if (!PyArg_ParseTuple(arguments, "OOspOp", &request->source, &request->rate, &features, &images,
                          &request->watch.progress, &signals))
        return false;
    HhStatus status = hh_features_parse(context, features, &request->params.features);
    if (status != HH_OK) return core_raise(context, status) != NULL;
    request->params.images = images != 0;
    request->watch.interval = request->watch.progress == Py_None ? SIGNALS_S : PROGRESS_S;
    if (signals || request->watch.progress != Py_None) {
        request->params.progress = on_progress;
        request->params.progress_user = &request->watch;
    }
    if (request->rate == Py_None) {
        char *path;
        if (PyBytes_AsStringAndSize(request->source, &path, NULL) < 0) return false;
        request->path = path;
        return true;
    }
    double rate = PyFloat_AsDouble(request->rate);
    if (rate == -1.0 && PyErr_Occurred()) return false;
    if (!core_signal_open(&request->signal, request->source, false)) return false;
    request->signal.view.rate = rate;
    return true;
}

/* Facts of the run for the result. Processor time is known only where no other thread took part. */
static void note_run(HhContext *context, HhReportRun *run, double started, double cpu_started)
{
    run->seconds = seconds_of(CLOCK_MONOTONIC) - started;
    run->threads = hh_context_threads(context);
    run->cpu_level = hh_context_cpu(context);
    if (run->threads == 1) run->cpu_seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_started;
}

/* The last call, which the interval may have left out. */
static bool tell_end(Watch *watch, double duration_s)
{
    return watch->told_s == duration_s || tell(watch->progress, duration_s, duration_s);
}

static PyObject *outcome(HhContext *context, Request *request, HhStatus status,
                         HhAnalysis *analysis, const HhReportRun *run)
{
    if (PyErr_Occurred()) return NULL; /* from on_progress() */
    if (status == HH_OK)
        return tell_end(&request->watch, analysis->input.duration_s)
                   ? result_of(context, analysis, run)
                   : NULL;
    if (request->path) return core_raise_for_file(context, status, request->path);
    return core_raise(context, status == HH_ERROR_FORMAT ? HH_ERROR_ARGUMENT : status);
}

static PyObject *run_request(HhContext *context, Request *request)
{
    HhAnalysis *analysis = NULL;
    HhReportRun run;
    hh_report_run_defaults(&run);
    char stamp[32] = "";
    struct tm parts;
    time_t today = time(NULL);
    if (gmtime_r(&today, &parts) && strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts))
        run.started = stamp;
    double started = seconds_of(CLOCK_MONOTONIC), cpu_started = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    request->watch.thread = PyEval_SaveThread();
    HhStatus status =
        request->path
            ? hh_analyse_file(context, request->path, &request->params, &analysis)
            : hh_analyse_signal(context, &request->signal.view, &request->params, &analysis);
    note_run(context, &run, started, cpu_started);
    PyEval_RestoreThread(request->watch.thread);
    PyObject *result = outcome(context, request, status, analysis, &run);
    hh_analysis_destroy(analysis);
    return result;
}

static PyObject *analyse(PyObject *self, PyObject *arguments)
{
    (void)self;
    HhContext *context = core_context_borrow();
    if (!context) return NULL;
    Request request = {0};
    PyObject *result =
        read_request(arguments, context, &request) ? run_request(context, &request) : NULL;
    core_signal_close(&request.signal);
    core_context_return(context);
    return result;
}

/* ---- fingerprints. To Python one is the tuple (values, status, version, extra): 25 float64, 25
 * bytes of HhFingerprintStatus, an int, a float. */

static PyObject *give_fingerprint(const HhFingerprint *f)
{
    char status[HH_FP_COUNT];
    for (int i = 0; i < HH_FP_COUNT; i++) status[i] = (char)f->status[i];
    PyObject *values = doubles(f->values, HH_FP_COUNT);
    if (!values) return NULL;
    return Py_BuildValue("Ny#id", values, status, (Py_ssize_t)HH_FP_COUNT, f->version,
                         f->rms_minus_0_691_lufs);
}

/* `rows` times 25 float64; false with an exception set. */
static bool read_doubles(PyObject *object, npy_intp rows, double *values)
{
    PyArray_Descr *type = PyArray_DescrFromType(NPY_FLOAT64);
    PyObject *array =
        type ? PyArray_FromAny(object, type, 0, 0, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, NULL)
             : NULL;
    if (!array) return false;
    bool good = PyArray_SIZE((PyArrayObject *)array) == rows * HH_FP_COUNT;
    if (good)
        memcpy(values, PyArray_DATA((PyArrayObject *)array),
               (size_t)rows * HH_FP_COUNT * sizeof *values);
    else
        PyErr_Format(PyExc_ValueError, "%d values are needed", (int)rows * HH_FP_COUNT);
    Py_DECREF(array);
    return good;
}

static bool read_fingerprint(PyObject *tuple, HhFingerprint *f)
{
    PyObject *values;
    const char *status;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(tuple, "Oy#id", &values, &status, &count, &f->version,
                          &f->rms_minus_0_691_lufs) ||
        !read_doubles(values, 1, f->values))
        return false;
    for (int i = 0; i < HH_FP_COUNT; i++) {
        int code = count == HH_FP_COUNT ? status[i] : -1;
        if (code < HH_FP_OK || code > HH_FP_ABOVE_NYQUIST) {
            PyErr_SetString(PyExc_ValueError, "25 known states are needed");
            return false;
        }
        f->status[i] = (HhFingerprintStatus)code;
    }
    return true;
}

/* A normaliser is the tuple (count, ranges): 6 rows of 25 float64, in the order of the struct. */
static PyObject *give_normaliser(const HhFingerprintNormaliser *n)
{
    const double *const rows[] = {n->low, n->high, n->min, n->max, n->mean, n->std};
    double ranges[6][HH_FP_COUNT];
    for (int r = 0; r < 6; r++) memcpy(ranges[r], rows[r], sizeof ranges[r]);
    npy_intp shape[2] = {6, HH_FP_COUNT};
    PyObject *array = copy_of(ranges, NPY_FLOAT64, 2, shape);
    return array ? Py_BuildValue("nN", (Py_ssize_t)n->count, array) : NULL;
}

static bool read_normaliser(PyObject *tuple, HhFingerprintNormaliser *n)
{
    double *const rows[] = {n->low, n->high, n->min, n->max, n->mean, n->std};
    double ranges[6][HH_FP_COUNT];
    PyObject *object;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(tuple, "nO", &count, &object) || !read_doubles(object, 6, ranges[0]))
        return false;
    n->count = count > 0 ? (size_t)count : 0;
    for (int r = 0; r < 6; r++) memcpy(rows[r], ranges[r], sizeof ranges[r]);
    return true;
}

static PyObject *texts(const char *(*text)(int), int count)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < count; i++)
        if (!append(list, PyUnicode_FromString(text(i)))) Py_CLEAR(list);
    return list;
}

static const char *status_name(int code)
{
    return hh_fingerprint_status_name((HhFingerprintStatus)code);
}

static PyObject *fingerprint_texts(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    PyObject *names = texts(hh_fingerprint_name, HH_FP_COUNT),
             *units = texts(hh_fingerprint_unit, HH_FP_COUNT),
             *states = texts(status_name, HH_FP_ABOVE_NYQUIST + 1), *result = NULL;
    if (names && units && states) result = PyTuple_Pack(3, names, units, states);
    Py_XDECREF(names);
    Py_XDECREF(units);
    Py_XDECREF(states);
    return result;
}

/* Runs `work` with a context of its own and raises what it fails with. */
static PyObject *with_context(PyObject *arguments,
                              PyObject *(*work)(HhContext *context, PyObject *arguments))
{
    HhContext *context = core_context_borrow();
    if (!context) return NULL;
    PyObject *result = work(context, arguments);
    core_context_return(context);
    return result;
}

static PyObject *compare_work(HhContext *context, PyObject *arguments)
{
    PyObject *first, *second, *ranges;
    int weights;
    HhFingerprint a, b;
    HhFingerprintNormaliser normaliser;
    HhFingerprintComparison c;
    if (!PyArg_ParseTuple(arguments, "OOOi", &first, &second, &ranges, &weights) ||
        !read_fingerprint(first, &a) || !read_fingerprint(second, &b) ||
        (ranges != Py_None && !read_normaliser(ranges, &normaliser)))
        return NULL;
    HhStatus status = hh_fingerprint_compare(
        context, &a, &b, ranges == Py_None ? NULL : &normaliser, (HhFingerprintWeights)weights, &c);
    if (status != HH_OK) return core_raise(context, status);
    PyObject *contribution = doubles(c.contribution, HH_FP_COUNT);
    if (!contribution) return NULL;
    return Py_BuildValue("ddNi", c.similarity, c.distance, contribution, c.compared);
}

static PyObject *fingerprint_compare(PyObject *self, PyObject *arguments)
{
    (void)self;
    return with_context(arguments, compare_work);
}

static PyObject *fit_work(HhContext *context, PyObject *list)
{
    Py_ssize_t count = PyList_Size(list);
    if (count < 0) return NULL;
    HhFingerprint *all = PyMem_Malloc((size_t)(count > 0 ? count : 1) * sizeof *all);
    if (!all) return PyErr_NoMemory();
    PyObject *result = NULL;
    HhFingerprintNormaliser normaliser;
    Py_ssize_t i = 0;
    while (i < count && read_fingerprint(PyList_GetItem(list, i), &all[i])) i++;
    if (i == count) {
        HhStatus status = hh_fingerprint_normaliser_fit(context, all, (size_t)count, &normaliser);
        result = status == HH_OK ? give_normaliser(&normaliser) : core_raise(context, status);
    }
    PyMem_Free(all);
    return result;
}

static PyObject *normaliser_fit(PyObject *self, PyObject *list)
{
    (void)self;
    return with_context(list, fit_work);
}

static PyObject *normaliser_typical(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    HhFingerprintNormaliser normaliser;
    hh_fingerprint_normaliser_typical(&normaliser);
    return give_normaliser(&normaliser);
}

/* ---- files of these; paths are bytes */

static PyObject *fingerprint_read_work(HhContext *context, PyObject *path)
{
    char *name;
    HhFingerprint fingerprint;
    if (PyBytes_AsStringAndSize(path, &name, NULL) < 0) return NULL;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status = hh_fingerprint_read(context, name, &fingerprint);
    Py_END_ALLOW_THREADS return status == HH_OK ? give_fingerprint(&fingerprint)
                                                : core_raise_for_file(context, status, name);
}

static PyObject *fingerprint_read(PyObject *self, PyObject *path)
{
    (void)self;
    return with_context(path, fingerprint_read_work);
}

static PyObject *normaliser_read_work(HhContext *context, PyObject *path)
{
    char *name;
    HhFingerprintNormaliser normaliser;
    if (PyBytes_AsStringAndSize(path, &name, NULL) < 0) return NULL;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status = hh_fingerprint_normaliser_read(context, name, &normaliser);
    Py_END_ALLOW_THREADS return status == HH_OK ? give_normaliser(&normaliser)
                                                : core_raise_for_file(context, status, name);
}

static PyObject *normaliser_read(PyObject *self, PyObject *path)
{
    (void)self;
    return with_context(path, normaliser_read_work);
}

/* (tuple, path) */
static PyObject *write_work(HhContext *context, PyObject *arguments, bool is_normaliser)
{
    PyObject *tuple, *path;
    char *name;
    HhFingerprint fingerprint;
    HhFingerprintNormaliser normaliser;
    if (!PyArg_ParseTuple(arguments, "OO", &tuple, &path) ||
        PyBytes_AsStringAndSize(path, &name, NULL) < 0 ||
        !(is_normaliser ? read_normaliser(tuple, &normaliser)
                        : read_fingerprint(tuple, &fingerprint)))
        return NULL;
    HhStatus status;
    Py_BEGIN_ALLOW_THREADS status =
        is_normaliser ? hh_fingerprint_normaliser_write(context, &normaliser, name)
                      : hh_fingerprint_write(context, &fingerprint, name);
    Py_END_ALLOW_THREADS if (status == HH_OK) Py_RETURN_NONE;
    return core_raise(context, status);
}

static PyObject *fingerprint_write_work(HhContext *context, PyObject *arguments)
{
    return write_work(context, arguments, false);
}

static PyObject *fingerprint_write(PyObject *self, PyObject *arguments)
{
    (void)self;
    return with_context(arguments, fingerprint_write_work);
}

static PyObject *normaliser_write_work(HhContext *context, PyObject *arguments)
{
    return write_work(context, arguments, true);
}

static PyObject *normaliser_write(PyObject *self, PyObject *arguments)
{
    (void)self;
    return with_context(arguments, normaliser_write_work);
}

PyMethodDef core_result_methods[] = {
    {"analyse", analyse, METH_VARARGS,
     "analyse(path or array, None or rate, features, images, progress, signals): the parts of a "
     "result."},
    {"fingerprint_texts", fingerprint_texts, METH_NOARGS, "Names, units, names of the states."},
    {"fingerprint_compare", fingerprint_compare, METH_VARARGS,
     "fingerprint_compare(a, b, normaliser or None, weights): (similarity, distance, "
     "contributions, compared)."},
    {"fingerprint_read", fingerprint_read, METH_O, "From a fingerprint file or a result.json."},
    {"fingerprint_write", fingerprint_write, METH_VARARGS, "fingerprint_write(fingerprint, path)"},
    {"normaliser_fit", normaliser_fit, METH_O, "Fitted to a list of fingerprints."},
    {"normaliser_typical", normaliser_typical, METH_NOARGS, "The typical ranges of music."},
    {"normaliser_read", normaliser_read, METH_O, "From its file."},
    {"normaliser_write", normaliser_write, METH_VARARGS, "normaliser_write(normaliser, path)"},
    {NULL, NULL, 0, NULL}};
