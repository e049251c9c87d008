/* features.npz: the arrays over time of a track, with their time axes. See docs/formats.md. */
#include "heihachi/npz.h"
#include "heihachi/report.h"
#include "report/result.h"

/* An array that belongs to somebody else. */
static HhArray view(HhType type, int dimensions, size_t rows, size_t columns, void *data)
{
    return (HhArray){type, dimensions, {rows, columns, 0, 0}, data, {NULL, NULL, NULL}};
}

/* The time of each row of series `index`, under the name that the JSON gives for it. */
static HhStatus add_axis(HhContext *context, HhNpz *npz, const HhAnalysis *a, size_t index)
{
    const HhSeries *s = &a->series[index];
    size_t rows = s->values.shape[0];
    double *times = hh_alloc(context, rows, sizeof *times);
    if (!times) return hh_fail_memory(context);
    for (size_t t = 0; t < rows; t++) times[t] = s->start_s + (double)t * s->hop_s;
    HhText name = HH_TEXT_INIT(context);
    hh_result_axis_name(&name, a, index);
    HhArray axis = view(HH_FLOAT64, 1, rows, 0, times);
    HhStatus status =
        name.failed ? hh_fail_memory(context) : hh_npz_add(npz, name.data, &axis, HH_NPZ_AS_IS);
    hh_text_free(&name);
    hh_free(context, times);
    return status;
}

static HhStatus add_series(HhContext *context, HhNpz *npz, const HhAnalysis *a)
{
    for (size_t i = 0; i < a->series_count; i++) {
        const HhArray *values = &a->series[i].values;
        size_t columns = values->shape[1];
        HhArray array =
            view(values->type, columns == 1 ? 1 : 2, values->shape[0], columns, values->data);
        HH_TRY(hh_npz_add(npz, a->series[i].name, &array, HH_NPZ_AS_IS));
        if (hh_result_axis_owner(a, i) == i) HH_TRY(add_axis(context, npz, a, i));
    }
    return HH_OK;
}

static HhStatus add_list(HhNpz *npz, const HhAnalysis *a, const char *name, double *times,
                         size_t count)
{
    double nothing = 0.0; /* so that an empty list has an address */
    if (!times && !(a->features & HH_FEATURE_RHYTHM)) return HH_OK;
    HhArray list = view(HH_FLOAT64, 1, times ? count : 0, 0, times ? times : &nothing);
    return hh_npz_add(npz, name, &list, HH_NPZ_AS_IS);
}

static HhStatus add_all(HhContext *context, HhNpz *npz, const HhAnalysis *a)
{
    HH_TRY(add_series(context, npz, a));
    HH_TRY(add_list(npz, a, "beats_s", a->rhythm.beats_s, a->rhythm.beats));
    HH_TRY(add_list(npz, a, "onsets_s", a->rhythm.onsets_s, a->rhythm.onsets));
    if (!a->fingerprint.version) return HH_OK;
    double values[HH_FP_COUNT];
    for (int i = 0; i < HH_FP_COUNT; i++) values[i] = a->fingerprint.values[i];
    HhArray fingerprint = view(HH_FLOAT64, 1, HH_FP_COUNT, 0, values);
    return hh_npz_add(npz, "fingerprint", &fingerprint, HH_NPZ_AS_IS);
}

HhStatus hh_report_npz(HhContext *context, const HhAnalysis *analysis, const char *path)
{
    if (!analysis || !path)
        return hh_fail(context, HH_ERROR_ARGUMENT, "no analysis or no path for the arrays");
    HhNpz *npz;
    HH_TRY(hh_npz_create(context, path, &npz));
    HhStatus status = add_all(context, npz, analysis);
    if (status == HH_OK) return hh_npz_close(npz);
    hh_npz_abandon(npz);
    return status;
}
