/* Tuning, as librosa.pitch_tuning and librosa.estimate_tuning: where between two bins most of the
 * stronger peaks lie.
 *
 * residual = bins_per_octave * log2(f / 27.5 Hz) modulo 1, wrapped into [-0.5, 0.5); the fullest of
 * 1 / resolution equal classes wins, and its lower edge is the answer. The peaks of a signal are
 * those of piptrack whose magnitude is at least the median. Frequencies of spectra are float, and
 * so is their residual in librosa: a class edge is compared with exactly that value. Cost: about
 * that of piptrack. */
#include <math.h>
#include <string.h>

#include "pitch/pitch.h"
#include "spectral/tiles.h"

static const double a0_hz = 27.5;

void hh_tuning_defaults(HhTuningParams *params)
{
    memset(params, 0, sizeof *params);
    params->size = sizeof *params;
    params->resolution = 0.01;
    params->bins_per_octave = 12;
    hh_piptrack_defaults(&params->piptrack);
}

static HhStatus read_params(HhContext *context, const HhTuningParams *given, HhTuningParams *p)
{
    hh_tuning_defaults(p);
    HH_TRY(hh_params_read(context, given, p, sizeof *p));
    if (!(p->resolution > 0.0) || !(p->resolution < 1.0) || p->resolution < 1e-6)
        return hh_fail(context, HH_ERROR_ARGUMENT, "a resolution of %g is not in (0, 1)",
                       p->resolution);
    if (p->bins_per_octave < 1 || p->bins_per_octave > 100000)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%d bins per octave", p->bins_per_octave);
    return HH_OK;
}

/* ---- classes of residuals: edges[0] = -0.5 .. edges[count] = 0.5 ---- */

typedef struct Classes {
    size_t count;
    double *edges;
    uint64_t *filled;
} Classes;

static void classes_free(HhContext *context, Classes *c)
{
    hh_free(context, c->edges);
    hh_free(context, c->filled);
    *c = (Classes){0};
}

static HhStatus classes_make(HhContext *context, Classes *c, double resolution)
{
    c->count = (size_t)ceil(1.0 / resolution);
    c->edges = hh_alloc(context, c->count + 1, sizeof *c->edges);
    c->filled = hh_zalloc(context, c->count, sizeof *c->filled);
    if (!c->edges || !c->filled) {
        classes_free(context, c);
        return hh_fail_memory(context);
    }
    double step = 1.0 / (double)c->count;
    for (size_t i = 0; i < c->count; i++) c->edges[i] = (double)i * step - 0.5;
    c->edges[c->count] = 0.5;
    return HH_OK;
}

/* The class with edges[i] <= residual < edges[i + 1]. */
static size_t class_of(const double *edges, size_t count, double residual)
{
    double guess = (residual + 0.5) * (double)count;
    size_t i = guess > 0.0 ? HH_MIN((size_t)guess, count - 1) : 0;
    while (i > 0 && residual < edges[i]) i--;
    while (i + 1 < count && residual >= edges[i + 1]) i++;
    return i;
}

static double fullest(const Classes *c)
{
    size_t best = 0;
    for (size_t i = 1; i < c->count; i++)
        if (c->filled[i] > c->filled[best]) best = i;
    return c->edges[best];
}

static double wrap(double residual)
{
    return residual >= 0.5 ? residual - 1.0 : residual;
}

static double residual_of(double hz, int bins_per_octave)
{
    double r = fmod((double)bins_per_octave * log2(hz / a0_hz), 1.0);
    return wrap(r < 0.0 ? r + 1.0 : r);
}

/* Each step rounded to float. */
static double residual_of_float(float hz, int bins_per_octave)
{
    float octaves = (float)log2((double)(hz / (float)a0_hz));
    float r = fmodf((float)bins_per_octave * octaves, 1.0f);
    if (r < 0.0f) r += 1.0f;
    return (double)(r >= 0.5f ? r - 1.0f : r);
}

HhStatus hh_pitch_tuning(HhContext *context, const double *frequencies, size_t count,
                         const HhTuningParams *params, double *tuning)
{
    if (!tuning || (!frequencies && count > 0))
        return hh_fail(context, HH_ERROR_ARGUMENT, "no frequencies, or no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    Classes classes;
    HH_TRY(classes_make(context, &classes, p.resolution));
    size_t used = 0;
    HhStatus status = HH_OK;
    for (size_t i = 0; i < count && status == HH_OK; i++) {
        if (!isfinite(frequencies[i]))
            status = hh_fail(context, HH_ERROR_NOT_FINITE, "frequency %zu is not finite", i);
        if (status != HH_OK || !(frequencies[i] > 0.0)) continue;
        classes.filled[class_of(classes.edges, classes.count,
                                residual_of(frequencies[i], p.bins_per_octave))]++;
        used++;
    }
    if (used == 0)
        hh_log(context, HH_LOG_WARNING, "the tuning of no frequencies at all is taken to be 0");
    *tuning = used ? fullest(&classes) : 0.0;
    classes_free(context, &classes);
    return status;
}

/* ---- whole signals: all peaks are kept, for the exact median ---- */

typedef struct Peak {
    float hz, magnitude;
} Peak;

typedef struct PeakList {
    Peak *peaks;
    size_t count;
} PeakList;

typedef struct Job {
    const HhTileSource *source;
    HhPeakPlan plan;
    size_t tiles;    /* of one channel */
    PeakList *lists; /* one for each tile */
} Job;

/* Keeps the peaks of one tile. A list that there was no memory for is marked by its count. */
static void collect(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    Job *job = arg;
    size_t bins = job->source->bins;
    float *rows = scratch, *pitch = rows + HH_TILE * bins, *magnitude = pitch + HH_TILE * bins;
    PeakList *list = &job->lists[tile->channel * job->tiles + tile->first / HH_TILE];
    job->source->kernels->vector->tile_to_frames_f32(tile->value, bins, tile->count, rows,
                                                     (ptrdiff_t)bins);
    size_t count = 0;
    for (int l = 0; l < tile->count; l++) {
        size_t at = (size_t)l * bins;
        hh_peaks(&job->plan, rows + at, pitch + at, magnitude + at);
        for (size_t k = job->plan.first; k < job->plan.last; k++) count += pitch[at + k] > 0.0f;
    }
    list->peaks = hh_alloc(job->source->context, count, sizeof *list->peaks);
    list->count = list->peaks ? count : SIZE_MAX;
    if (!list->peaks) return;
    Peak *out = list->peaks;
    for (int l = 0; l < tile->count; l++)
        for (size_t k = job->plan.first, at = (size_t)l * bins; k < job->plan.last; k++)
            if (pitch[at + k] > 0.0f) *out++ = (Peak){pitch[at + k], magnitude[at + k]};
}

/* The k-th smallest; reorders x. Hoare's quickselect, C. A. R. Hoare, "Algorithm 65: FIND",
 * 1961. */
static float select_kth(float *x, size_t count, size_t k)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i > j) break;
            float swap = x[i];
            x[i++] = x[j];
            x[j] = swap;
            if (j-- == 0) break;
        }
        if (j != SIZE_MAX && k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return x[k];
}

/* As numpy.median of float: the mean of the two middle ones, in float. */
static float median(float *x, size_t count)
{
    float upper = select_kth(x, count, count / 2);
    if (count % 2) return upper;
    float lower = x[0];
    for (size_t i = 1; i < count / 2; i++) lower = x[i] > lower ? x[i] : lower;
    return (lower + upper) / 2.0f;
}

static HhStatus tuning_of_lists(HhContext *context, const PeakList *lists, size_t count,
                                const HhTuningParams *p, double *tuning)
{
    size_t total = 0, n = 0;
    for (size_t i = 0; i < count; i++) {
        if (lists[i].count == SIZE_MAX) return hh_fail_memory(context);
        total += lists[i].count;
    }
    *tuning = 0.0;
    if (total == 0) {
        hh_log(context, HH_LOG_WARNING,
               "a signal without spectral peaks: its tuning is taken to be 0");
        return HH_OK;
    }
    float *magnitudes = hh_alloc(context, total, sizeof *magnitudes);
    if (!magnitudes) return hh_fail_memory(context);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < lists[i].count; j++) magnitudes[n++] = lists[i].peaks[j].magnitude;
    float threshold = median(magnitudes, total);
    hh_free(context, magnitudes);
    Classes classes;
    HH_TRY(classes_make(context, &classes, p->resolution));
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lists[i].count; j++) {
            Peak peak = lists[i].peaks[j];
            if (peak.magnitude < threshold) continue;
            double residual = residual_of_float(peak.hz, p->bins_per_octave);
            classes.filled[class_of(classes.edges, classes.count, residual)]++;
        }
    }
    *tuning = fullest(&classes);
    classes_free(context, &classes);
    return HH_OK;
}

static HhStatus estimate(HhContext *context, const HhTileSource *source, const HhTuningParams *p,
                         double rate, double *tuning)
{
    Job job = {.source = source, .tiles = (source->frames + HH_TILE - 1) / HH_TILE};
    HH_TRY(hh_peak_plan_init(context, &job.plan, &p->piptrack, rate, source->n_fft, source->bins));
    size_t count = source->channels * job.tiles;
    job.lists = hh_zalloc(context, count, sizeof *job.lists);
    if (!job.lists) return hh_fail_memory(context);
    HhStatus status =
        hh_tiles_run(source, 3 * HH_TILE * source->bins * sizeof(float), collect, &job);
    if (status == HH_OK) status = tuning_of_lists(context, job.lists, count, p, tuning);
    for (size_t i = 0; i < count; i++) hh_free(context, job.lists[i].peaks);
    hh_free(context, job.lists);
    return status;
}

HhStatus hh_estimate_tuning(HhContext *context, const HhSignal *y, const HhTuningParams *params,
                            double *tuning)
{
    if (!tuning) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_signal(context, &source, y, &p.piptrack.stft, HH_TILE_MAGNITUDE));
    HhStatus status = estimate(context, &source, &p, y->rate, tuning);
    hh_tiles_free(&source);
    return status;
}

HhStatus hh_estimate_tuning_spectrogram(HhContext *context, const HhArray *s, double rate,
                                        const HhTuningParams *params, double *tuning)
{
    if (!tuning) return hh_fail(context, HH_ERROR_ARGUMENT, "no place for the result");
    HhTuningParams p;
    HH_TRY(read_params(context, params, &p));
    HhTileSource source;
    HH_TRY(hh_tiles_of_spectrogram(context, &source, s, p.piptrack.stft.n_fft));
    HhStatus status = estimate(context, &source, &p, rate, tuning);
    hh_tiles_free(&source);
    return status;
}

/* ---- streams: counts[magnitude class][residual class] ---- */

/* Magnitude classes are the exponent and the first five bits of the mantissa of the float: 32 to an
 * octave, from 2^-40 to 2^24; what lies outside goes into the first or the last. */
enum {
    RESIDUALS = 100,
    PER_OCTAVE_BITS = 5,
    MAGNITUDE_SHIFT = 23 - PER_OCTAVE_BITS,
    LOWEST = (127 - 40) << PER_OCTAVE_BITS,
    MAGNITUDES = 64 << PER_OCTAVE_BITS
};

struct HhTuningCounter {
    HhContext *context;
    HhPeakPlan plan;
    int bins_per_octave;
    double edges[RESIDUALS + 1];
    uint32_t counts[MAGNITUDES][RESIDUALS];
};

HhStatus hh_tuning_counter_create(HhContext *context, double rate, size_t n_fft,
                                  int bins_per_octave, HhTuningCounter **out)
{
    *out = NULL;
    HhPiptrackParams p;
    hh_piptrack_defaults(&p);
    HhTuningCounter *counter = hh_zalloc(context, 1, sizeof *counter);
    if (!counter) return hh_fail_memory(context);
    counter->context = context;
    counter->bins_per_octave = bins_per_octave;
    for (int i = 0; i <= RESIDUALS; i++) counter->edges[i] = (double)i * (1.0 / RESIDUALS) - 0.5;
    HhStatus status = hh_peak_plan_init(context, &counter->plan, &p, rate, n_fft, n_fft / 2 + 1);
    if (status != HH_OK) {
        hh_free(context, counter);
        return status;
    }
    *out = counter;
    return HH_OK;
}

void hh_tuning_counter_destroy(HhTuningCounter *counter)
{
    if (counter) hh_free(counter->context, counter);
}

size_t hh_tuning_counter_scratch(const HhTuningCounter *counter)
{
    return (HH_TILE + 2) * counter->plan.bins * sizeof(float);
}

static size_t magnitude_class(float magnitude)
{
    uint32_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    int index = (int)(bits >> MAGNITUDE_SHIFT) - LOWEST; /* magnitudes of peaks are above 0 */
    return (size_t)HH_MIN(HH_MAX(index, 0), MAGNITUDES - 1);
}

static void count_peak(HhTuningCounter *counter, float hz, size_t magnitude)
{
    double residual = residual_of_float(hz, counter->bins_per_octave);
    counter->counts[magnitude][class_of(counter->edges, RESIDUALS, residual)]++;
}

void hh_tuning_counter_push(HhTuningCounter *const *counters, size_t count, const float *tile,
                            int lanes, void *scratch)
{
    const HhPeakPlan *plan = &counters[0]->plan;
    float *rows = scratch, *pitch = rows + HH_TILE * plan->bins, *magnitude = pitch + plan->bins;
    plan->kernels->vector->tile_to_frames_f32(tile, plan->bins, lanes, rows, (ptrdiff_t)plan->bins);
    for (int l = 0; l < lanes; l++) {
        hh_peaks(plan, rows + (size_t)l * plan->bins, pitch, magnitude);
        for (size_t k = plan->first; k < plan->last; k++) {
            if (!(pitch[k] > 0.0f)) continue;
            size_t class = magnitude_class(magnitude[k]);
            for (size_t i = 0; i < count; i++) count_peak(counters[i], pitch[k], class);
        }
    }
}

void hh_tuning_counter_merge(HhTuningCounter *into, const HhTuningCounter *from)
{
    for (size_t m = 0; m < MAGNITUDES; m++)
        for (size_t r = 0; r < RESIDUALS; r++) into->counts[m][r] += from->counts[m][r];
}

double hh_tuning_counter_finish(const HhTuningCounter *counter)
{
    uint64_t total = 0, above = 0, filled[RESIDUALS] = {0};
    for (size_t m = 0; m < MAGNITUDES; m++)
        for (size_t r = 0; r < RESIDUALS; r++) total += counter->counts[m][r];
    if (total == 0) return 0.0;
    /* down from the loudest, until half of the peaks are in */
    for (size_t m = MAGNITUDES; m-- > 0 && 2 * above < total;) {
        for (size_t r = 0; r < RESIDUALS; r++) {
            above += counter->counts[m][r];
            filled[r] += counter->counts[m][r];
        }
    }
    size_t best = 0;
    for (size_t r = 1; r < RESIDUALS; r++)
        if (filled[r] > filled[best]) best = r;
    return counter->edges[best];
}
