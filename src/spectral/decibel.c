/* Decibels, as librosa.power_to_db, amplitude_to_db and their inverses. Reference and top_db are
 * one for the whole array, as in librosa 0.11. Float input is computed in float (2 ulp of the
 * logarithm), double in double. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/kernels.h"
#include "spectral/tiles.h"

void hh_power_to_db_defaults(HhDbParams *params)
{
    *params = (HhDbParams){.size = sizeof *params, .reference = 1.0, .amin = 1e-10, .top_db = 80.0};
}

void hh_amplitude_to_db_defaults(HhDbParams *params)
{
    hh_power_to_db_defaults(params);
    params->amin = 1e-5;
}

/* A working copy of the input in its own precision: float or double. */
typedef struct Values {
    bool wide;
    size_t count;
    float *f32;
    double *f64;
} Values;

/* The median sorts a copy in double. */
static HhStatus median(HhContext *context, const Values *v, double *result)
{
    double *sorted = hh_alloc(context, v->count, sizeof *sorted);
    if (!sorted) return hh_fail_memory(context);
    for (size_t i = 0; i < v->count; i++) sorted[i] = v->wide ? v->f64[i] : (double)v->f32[i];
    hh_sort_f64(sorted, v->count);
    size_t half = v->count / 2;
    *result = v->count % 2 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
    hh_free(context, sorted);
    return HH_OK;
}

static double largest(const HhVectorKernels *vector, const Values *v)
{
    return v->wide ? vector->max_f64(v->f64, v->count) : (double)vector->max_f32(v->f32, v->count);
}

static HhStatus find_reference(HhContext *context, const Values *v, const HhDbParams *p,
                               double *reference)
{
    const HhVectorKernels *vector = hh_kernels(context)->vector;
    switch (p->reference_kind) {
    case HH_DB_REFERENCE_VALUE:
        *reference = fabs(p->reference);
        return HH_OK;
    case HH_DB_REFERENCE_MAX:
        *reference = largest(vector, v);
        return HH_OK;
    case HH_DB_REFERENCE_MEAN: {
        double sum =
            v->wide ? vector->sum_f64(v->f64, v->count) : vector->sum_f32_f64(v->f32, v->count);
        *reference = sum / (double)v->count;
        return HH_OK;
    }
    case HH_DB_REFERENCE_MEDIAN:
        return median(context, v, reference);
    }
    return hh_fail(context, HH_ERROR_ARGUMENT, "reference %d is not known", (int)p->reference_kind);
}

static bool is_complex(HhType type)
{
    return type == HH_COMPLEX64 || type == HH_COMPLEX128;
}

static HhStatus check(HhContext *context, const HhArray *input, const HhDbParams *p)
{
    if (!input || !input->data ||
        (input->type != HH_FLOAT32 && input->type != HH_FLOAT64 && !is_complex(input->type)))
        return hh_fail(context, HH_ERROR_ARGUMENT,
                       "decibels are those of float, double or complex numbers");
    if (!(p->amin > 0.0) || !isfinite(p->amin))
        return hh_fail(context, HH_ERROR_ARGUMENT, "amin is %g: more than 0", p->amin);
    if (!(p->top_db >= 0.0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "top_db is %g: 0 or more", p->top_db);
    if (!isfinite(p->reference))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the reference is %g", p->reference);
    return HH_OK;
}

/* Copies the input, or the magnitude of a complex one, into `out`. */
static HhStatus start(HhContext *context, const HhArray *input, HhArray *out, Values *v)
{
    bool wide = input->type == HH_FLOAT64 || input->type == HH_COMPLEX128;
    HhType type = wide ? HH_FLOAT64 : HH_FLOAT32;
    HH_TRY(hh_array_make_like(context, out, input, type));
    *v = (Values){wide, hh_array_count(input), out->data, out->data};
    if (!is_complex(input->type)) {
        memcpy(out->data, input->data, v->count * hh_type_bytes(type));
        return HH_OK;
    }
    const float *x = input->data;
    const double *x_f64 = input->data;
    for (size_t i = 0; i < v->count; i++)
        if (wide)
            v->f64[i] = hypot(x_f64[2 * i], x_f64[2 * i + 1]);
        else
            v->f32[i] = hypotf(x[2 * i], x[2 * i + 1]);
    return HH_OK;
}

/* 10 log10(x) as the kernel has it in float, so that what equals the reference is 0 dB exactly. */
static float decibel_of(const HhKernels *kernels, double x)
{
    float lanes[HH_TILE], least = FLT_MIN;
    for (int l = 0; l < HH_TILE; l++) lanes[l] = (float)fmax(x, (double)least);
    kernels->spectral->decibel(lanes, least, 0.0f, -INFINITY, lanes, HH_TILE);
    return lanes[0];
}

static void to_db(HhContext *context, const Values *v, double amin, double reference, double top_db)
{
    const HhKernels *kernels = hh_kernels(context);
    double offset = 10.0 * log10(fmax(amin, reference));
    double peak = 10.0 * log10(fmax(amin, largest(kernels->vector, v))) - offset;
    double low = peak - top_db;
    if (v->wide)
        kernels->spectral->decibel_f64(v->f64, amin, offset, low, v->f64, v->count);
    else
        kernels->spectral->decibel(v->f32, (float)fmax(amin, (double)FLT_MIN),
                                   decibel_of(kernels, fmax(amin, reference)), (float)low, v->f32,
                                   v->count);
}

static HhStatus run(HhContext *context, const HhArray *input, const HhDbParams *p, bool amplitude,
                    HhArray *out)
{
    HH_TRY(check(context, input, p));
    Values v;
    HH_TRY(start(context, input, out, &v));
    if (v.count == 0) return HH_OK;
    double reference = 1.0;
    /* of amplitudes, the reference is found before they are squared */
    HhStatus status = find_reference(context, &v, p, &reference);
    if (status != HH_OK) {
        hh_array_free(out);
        return status;
    }
    double amin = p->amin;
    if (amplitude) {
        amin *= amin;
        reference *= reference;
        for (size_t i = 0; i < v.count; i++) {
            if (v.wide)
                v.f64[i] *= v.f64[i];
            else
                v.f32[i] *= v.f32[i];
        }
    }
    to_db(context, &v, amin, reference, p->top_db);
    return HH_OK;
}

HhStatus hh_power_to_db(HhContext *context, const HhArray *power, const HhDbParams *params,
                        HhArray *out)
{
    HhDbParams p;
    hh_power_to_db_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    return run(context, power, &p, false, out);
}

HhStatus hh_amplitude_to_db(HhContext *context, const HhArray *amplitude, const HhDbParams *params,
                            HhArray *out)
{
    HhDbParams p;
    hh_amplitude_to_db_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    return run(context, amplitude, &p, true, out);
}

/* reference * 10^(scale * dB) */
static HhStatus from_db(HhContext *context, const HhArray *db, double reference, double scale,
                        HhArray *out)
{
    if (!db || !db->data || (db->type != HH_FLOAT32 && db->type != HH_FLOAT64))
        return hh_fail(context, HH_ERROR_ARGUMENT, "decibels are float or double");
    if (!isfinite(reference))
        return hh_fail(context, HH_ERROR_ARGUMENT, "the reference is %g", reference);
    Values v;
    HH_TRY(start(context, db, out, &v));
    const double log_10 = 2.302585092994045684;
    for (size_t i = 0; i < v.count; i++) {
        if (v.wide)
            v.f64[i] = reference * exp(log_10 * scale * v.f64[i]);
        else
            v.f32[i] = (float)(reference * exp(log_10 * scale * (double)v.f32[i]));
    }
    return HH_OK;
}

HhStatus hh_db_to_power(HhContext *context, const HhArray *db, double reference, HhArray *out)
{
    return from_db(context, db, reference, 0.1, out);
}

HhStatus hh_db_to_amplitude(HhContext *context, const HhArray *db, double reference, HhArray *out)
{
    /* librosa squares the reference and takes the root of the power: its sign is lost there too */
    return from_db(context, db, fabs(reference), 0.05, out);
}
