/* The peaks of a whole signal, for its tuning.
 *
 * Whether a bin is a peak, whether it belongs to the stronger half and which class it falls into
 * are decisions, and librosa takes them on magnitudes from a double transform. A float transform
 * decides nearly all of them alike and tells which ones it may not: its error is below quick_error
 * of the frame's largest magnitude (the worst of 70 recordings, noise, clicks and tones: 3.6e-7),
 * which bounds the error of all that is made from it. Frames with a decision inside that bound are
 * transformed again in double. So the result is that of the double transform throughout, at half
 * its cost: about 3 us per frame of 2048 samples. Of a signal in float librosa rounds magnitudes
 * and what is made from them to float, of one in double nothing: the second look does the same. */
#include <math.h>
#include <string.h>

#include "pitch/tuning.h"

static const double quick_error = 1e-6;

/* Quieter or louder frames are left to the double transform: the power of their bins could leave
 * the range of float. */
static const float quick_low = 1e-12f, quick_high = 1e12f;

typedef struct Peak {
    double magnitude; /* of a signal in float, a float */
    size_t frame;     /* of all channels; EXACT: from the double transform */
    uint32_t class;
    bool split; /* another class is possible, too */
} Peak;

#define EXACT SIZE_MAX

typedef struct PeakList {
    Peak *peaks;
    size_t count;      /* SIZE_MAX: there was no memory for the list */
    uint32_t doubtful; /* lanes whose peaks are not in the list, as bits */
} PeakList;

typedef struct Job {
    HhContext *context;
    HhTileSource *source;
    const HhTuningClasses *classes;
    int bins_per_octave;
    const HhPiptrackParams *params;
    HhPeakPlan plan;
    size_t tiles;    /* of one channel */
    PeakList *lists; /* one for each tile */
} Job;

static PeakList *list_of(const Job *job, const HhSpectrumTile *tile)
{
    return &job->lists[tile->channel * job->tiles + tile->first / HH_TILE];
}

static void keep(const Job *job, PeakList *list, const Peak *peaks, size_t count)
{
    list->peaks = hh_alloc(job->context, count, sizeof *peaks);
    list->count = list->peaks ? count : SIZE_MAX;
    if (list->peaks && count > 0) memcpy(list->peaks, peaks, count * sizeof *peaks);
}

/* ---- in double */

static size_t exact_scratch(const Job *job)
{
    return (HH_TILE + 2) * job->source->bins * sizeof(float) +
           HH_TILE * job->source->bins * sizeof(Peak);
}

static void exact_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhPeakPlan *plan = &job->plan;
    size_t bins = job->source->bins, count = 0;
    Peak *peaks = scratch;
    float *rows = (float *)(void *)(peaks + HH_TILE * bins), *pitch = rows + HH_TILE * bins,
          *magnitude = pitch + bins;
    plan->kernels->vector->tile_to_frames_f32(tile->value, bins, tile->count, rows,
                                              (ptrdiff_t)bins);
    for (int l = 0; l < tile->count; l++) {
        hh_peaks(plan, rows + (size_t)l * bins, pitch, magnitude);
        for (size_t k = plan->first; k < plan->last; k++) {
            if (!(pitch[k] > 0.0f)) continue;
            double residual = hh_tuning_residual(pitch[k], job->bins_per_octave);
            size_t class = hh_tuning_class(job->classes->edges, job->classes->count, residual);
            peaks[count++] = (Peak){(double)magnitude[k], EXACT, (uint32_t) class, false};
        }
    }
    keep(job, list_of(job, tile), peaks, count);
}

static size_t exact_scratch_f64(const Job *job)
{
    return job->source->bins * (sizeof(double) + HH_TILE * sizeof(Peak));
}

static double limit_f64(const Job *job, const double *s)
{
    size_t bins = job->source->bins;
    double most = s[0], sum = s[0];
    for (size_t k = 1; k < bins; k++) {
        most = fmax(most, s[k]);
        sum += s[k];
    }
    switch (job->params->reference) {
    case HH_PEAK_MAX:
        return job->params->threshold * most;
    case HH_PEAK_MEAN:
        return job->params->threshold * (sum / (double)bins);
    default:
        return fabs(job->params->reference_value);
    }
}

/* What hh_peaks() finds in a frame, in double. The last bin has no parabola. */
static size_t exact_frame_f64(const Job *job, const double *s, Peak *peaks)
{
    const HhPeakPlan *plan = &job->plan;
    double limit = limit_f64(job, s);
    size_t count = 0;
    for (size_t k = plan->first; k < plan->last; k++) {
        bool last = k + 1 == plan->bins;
        double left = s[k - 1] > limit ? s[k - 1] : 0.0;
        if (!(s[k] > limit && s[k] > left && (last || s[k] >= s[k + 1]))) continue;
        double a = last ? 0.0 : s[k + 1] + s[k - 1] - 2.0 * s[k];
        double b = last ? 0.0 : (s[k + 1] - s[k - 1]) / 2.0;
        double shift = fabs(b) >= fabs(a) ? 0.0 : -b / a;
        double hz = ((double)k + shift) * plan->rate / plan->n_fft;
        double residual = hh_tuning_residual_f64(hz, job->bins_per_octave);
        size_t class = hh_tuning_class(job->classes->edges, job->classes->count, residual);
        peaks[count++] = (Peak){s[k] + 0.5 * b * shift, EXACT, (uint32_t) class, false};
    }
    return count;
}

static void exact_tile_f64(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    size_t bins = job->source->bins, count = 0;
    Peak *peaks = scratch;
    double *s = (double *)(void *)(peaks + HH_TILE * bins);
    for (int l = 0; l < tile->count; l++) {
        for (size_t k = 0; k < bins; k++) {
            size_t at = k * HH_TILE + (size_t)l;
            s[k] = hypot(tile->re_f64[at], tile->im_f64[at]);
        }
        count += exact_frame_f64(job, s, peaks + count);
    }
    keep(job, list_of(job, tile), peaks, count);
}

/* ---- in float, with its doubts */

static bool quick_allowed(const Job *job, const HhTuningParams *p)
{
    size_t n_fft = job->source->n_fft;
    bool power_of_two = n_fft >= 32 && n_fft <= 65536 && (n_fft & (n_fft - 1)) == 0;
    return job->source->kind == HH_TILE_MAGNITUDE && power_of_two &&
           p->piptrack.reference == HH_PEAK_MAX && p->piptrack.threshold >= 0.02 &&
           job->plan.last < job->plan.bins;
}

static size_t quick_scratch(const Job *job)
{
    return HH_TILE * job->plan.last * sizeof(Peak) + job->plan.last * sizeof(uint16_t);
}

static double residual_at(const Job *job, size_t k, double vertex)
{
    float shift = (float)vertex;
    float hz = (float)(((double)(int)k + (double)shift) * job->plan.rate / job->plan.n_fft);
    return hh_tuning_residual(hz, job->bins_per_octave);
}

/* The class of a vertex that may be off by `reach`. From the vertex to the class each step is
 * monotonic, so that all between two vertices of one class is of that class, too; and the residual
 * is safe from rounding (3e-6 of an octave) far from the edges. */
static void classify(const Job *job, size_t k, double vertex, double reach, Peak *peak)
{
    const HhTuningClasses *c = job->classes;
    double residual = residual_at(job, k, vertex);
    size_t class = hh_tuning_class(c->edges, c->count, residual);
    double margin = job->bins_per_octave * (1.5 * reach / ((double)k - 0.5) + 3e-6);
    peak->class = (uint32_t) class;
    peak->split = false;
    if (residual - c->edges[class] > margin && c->edges[class + 1] - residual > margin) return;
    peak->split = job->source->in_double; /* residual_at() rounds as librosa does in float */
    if (peak->split) return;
    double low = residual_at(job, k, vertex - reach), high = residual_at(job, k, vertex + reach);
    peak->split = hh_tuning_class(c->edges, c->count, low) != class ||
                  hh_tuning_class(c->edges, c->count, high) != class;
}

/* False if only the double transform can tell whether there is a peak. The arithmetic is that of
 * the kernel behind hh_peaks(); the errors of three magnitudes, each up to `error`, go through
 * it. */
static bool quick_peak(const Job *job, const float *at, size_t k, float top, Peak *peak)
{
    const HhPeakPlan *plan = &job->plan;
    float left = sqrtf(at[-HH_TILE]), here = sqrtf(at[0]), right = sqrtf(at[HH_TILE]);
    double error = quick_error * (double)top, twice = 2.0 * error;
    double a = (double)(right + left) - 2.0 * (double)here, b = (double)(right - left) / 2.0;
    if ((double)here - (double)left <= twice || (double)here - (double)right <= twice ||
        (double)here - (double)(plan->threshold * top) <= twice || -a <= 8.0 * error)
        return false;
    /* the vertex is off by less than (error + 4 error / 2) / (|a| - 4 error) */
    double vertex = -b / a, reach = 6.0 * error / -a;
    float shift = (float)vertex, slope = (right - left) / 2.0f;
    peak->magnitude = (double)(here + 0.5f * slope * shift);
    classify(job, k, vertex, reach, peak);
    return true;
}

static void quick_tile(void *arg, const HhSpectrumTile *tile, void *scratch)
{
    const Job *job = arg;
    const HhPeakPlan *plan = &job->plan;
    Peak *peaks = scratch;
    uint16_t *candidates = (uint16_t *)(void *)(peaks + HH_TILE * plan->last);
    float top[HH_TILE];
    size_t found = 0, kept = 0, frame = tile->channel * job->source->frames + tile->first;
    plan->kernels->peaks->candidates(tile->value, plan->bins, plan->first, plan->last,
                                     plan->threshold, 2.0f * (float)quick_error, top, candidates);
    uint32_t doubtful = 0;
    for (int l = 0; l < tile->count; l++)
        doubtful |= (uint32_t) !(top[l] >= quick_low && top[l] <= quick_high) << l;
    for (size_t k = plan->first; k < plan->last; k++) {
        uint32_t lanes = candidates[k];
        for (int l = 0; lanes >> l && l < tile->count; l++) {
            if (!((lanes & ~doubtful) >> l & 1u)) continue;
            peaks[found].frame = frame + (size_t)l;
            if (quick_peak(job, tile->value + k * HH_TILE + l, k, top[l], &peaks[found]))
                found++;
            else
                doubtful |= 1u << l;
        }
    }
    for (size_t i = 0; i < found; i++)
        if (!(doubtful >> (peaks[i].frame - frame) & 1u)) peaks[kept++] = peaks[i];
    PeakList *list = list_of(job, tile);
    list->doubtful = doubtful;
    keep(job, list, peaks, kept);
}

/* ---- all frames, then those that are looked at again */

typedef struct Peaks {
    Peak *peak;
    size_t count;
    size_t *again; /* frames for the double transform */
    size_t again_count;
} Peaks;

/* Moves the lists' peaks behind those that `all` has, and their doubtful frames into all->again. */
static HhStatus join(const Job *job, size_t lists, Peaks *all)
{
    size_t count = all->count, per_channel = job->tiles;
    for (size_t i = 0; i < lists; i++) {
        if (job->lists[i].count == SIZE_MAX) return hh_fail_memory(job->context);
        count += job->lists[i].count;
    }
    Peak *joined = hh_alloc(job->context, count, sizeof *joined);
    if (!joined) return hh_fail_memory(job->context);
    if (all->count > 0) memcpy(joined, all->peak, all->count * sizeof *joined);
    hh_free(job->context, all->peak);
    all->peak = joined;
    for (size_t i = 0; i < lists; i++) {
        const PeakList *list = &job->lists[i];
        if (list->count > 0) memcpy(joined + all->count, list->peaks, list->count * sizeof *joined);
        all->count += list->count;
        size_t frame = i / per_channel * job->source->frames + i % per_channel * HH_TILE;
        for (size_t l = 0; list->doubtful >> l; l++)
            if (list->doubtful >> l & 1u) all->again[all->again_count++] = frame + l;
    }
    return HH_OK;
}

static HhStatus run(Job *job, size_t scratch, HhTileBody *body, Peaks *all)
{
    const HhTileSource *source = job->source;
    size_t frames = source->only ? source->only_count : source->frames;
    size_t channels = source->only ? 1 : source->channels;
    job->tiles = (frames + HH_TILE - 1) / HH_TILE;
    size_t lists = channels * job->tiles;
    job->lists = hh_zalloc(job->context, lists, sizeof *job->lists);
    if (!job->lists) return hh_fail_memory(job->context);
    HhStatus status = hh_tiles_run(source, scratch, body, job);
    if (status == HH_OK) status = join(job, lists, all);
    for (size_t i = 0; i < lists; i++) hh_free(job->context, job->lists[i].peaks);
    hh_free(job->context, job->lists);
    return status;
}

static HhStatus run_exact(Job *job, Peaks *all)
{
    if (!job->source->in_double) return run(job, exact_scratch(job), exact_tile, all);
    job->source->kind = HH_TILE_DOUBLE;
    HhStatus status = run(job, exact_scratch_f64(job), exact_tile_f64, all);
    job->source->kind = HH_TILE_MAGNITUDE;
    return status;
}

/* The frames of all->again in double; empties it. */
static HhStatus run_again(Job *job, Peaks *all)
{
    if (all->again_count == 0) return HH_OK;
    job->source->only = all->again;
    job->source->only_count = all->again_count;
    HhStatus status = run_exact(job, all);
    job->source->only = NULL;
    all->again_count = 0;
    return status;
}

/* ---- the stronger half */

/* The k-th smallest; reorders x. Hoare's quickselect, C. A. R. Hoare, "Algorithm 65: FIND",
 * 1961. */
static double select_kth(double *x, size_t count, size_t k)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i > j) break;
            double swap = x[i];
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

/* As numpy.median: the mean of the two middle ones, in the precision of the signal. */
static double median(double *x, size_t count, bool in_double)
{
    double upper = select_kth(x, count, count / 2);
    if (count % 2) return upper;
    double lower = x[0];
    for (size_t i = 1; i < count / 2; i++) lower = x[i] > lower ? x[i] : lower;
    return in_double ? (lower + upper) / 2.0 : (double)(((float)lower + (float)upper) / 2.0f);
}

static HhStatus median_magnitude(const Job *job, const Peaks *all, double *result)
{
    double *magnitudes = hh_alloc(job->context, all->count, sizeof *magnitudes);
    if (!magnitudes) return hh_fail_memory(job->context);
    for (size_t i = 0; i < all->count; i++) magnitudes[i] = all->peak[i].magnitude;
    *result = median(magnitudes, all->count, job->source->in_double);
    hh_free(job->context, magnitudes);
    return HH_OK;
}

/* Which side of the median a peak is on is doubtful where the errors of both reach (the error of a
 * height is up to twice that of the magnitudes), and the class of some in the stronger half is:
 * those frames lose their peaks and go to all->again. */
static HhStatus drop_doubtful(HhContext *context, size_t frames, double middle, double threshold,
                              Peaks *all)
{
    bool *dropped = hh_zalloc(context, frames, sizeof *dropped);
    if (!dropped) return hh_fail_memory(context);
    double reach = middle * 4.0 * quick_error / threshold;
    for (size_t i = 0; i < all->count; i++) {
        const Peak *peak = &all->peak[i];
        double above = peak->magnitude - middle;
        if (peak->frame == EXACT || dropped[peak->frame] || above < -reach ||
            (above > reach && !peak->split))
            continue;
        dropped[peak->frame] = true;
        all->again[all->again_count++] = peak->frame;
    }
    size_t kept = 0;
    for (size_t i = 0; i < all->count && all->again_count > 0; i++)
        if (all->peak[i].frame == EXACT || !dropped[all->peak[i].frame])
            all->peak[kept++] = all->peak[i];
    if (all->again_count > 0) all->count = kept;
    hh_free(context, dropped);
    return HH_OK;
}

static HhStatus fill(Job *job, const HhTuningParams *p, Peaks *all, HhTuningClasses *classes)
{
    HhContext *context = job->context;
    HhTileSource *source = job->source;
    bool quick = quick_allowed(job, p);
    if (quick) {
        source->kind = HH_TILE_POWER;
        HhStatus status = run(job, quick_scratch(job), quick_tile, all);
        source->kind = HH_TILE_MAGNITUDE;
        HH_TRY(status);
        HH_TRY(run_again(job, all));
    } else {
        HH_TRY(run_exact(job, all));
    }
    if (all->count == 0) return HH_OK;
    double threshold;
    HH_TRY(median_magnitude(job, all, &threshold));
    if (quick) {
        HH_TRY(drop_doubtful(context, source->channels * source->frames, threshold,
                             p->piptrack.threshold, all));
        if (all->again_count > 0) {
            HH_TRY(run_again(job, all));
            HH_TRY(median_magnitude(job, all, &threshold));
        }
    }
    for (size_t i = 0; i < all->count; i++)
        if (all->peak[i].magnitude >= threshold) classes->filled[all->peak[i].class]++;
    return HH_OK;
}

HhStatus hh_tuning_fill(HhContext *context, HhTileSource *source, const HhTuningParams *params,
                        double rate, HhTuningClasses *classes, bool *any)
{
    Job job = {.context = context,
               .source = source,
               .classes = classes,
               .bins_per_octave = params->bins_per_octave,
               .params = &params->piptrack};
    HH_TRY(hh_peak_plan_init(context, &job.plan, &params->piptrack, rate, source->n_fft,
                             source->bins));
    Peaks all = {0};
    all.again = hh_alloc(context, source->channels * source->frames, sizeof *all.again);
    HhStatus status = all.again ? fill(&job, params, &all, classes) : hh_fail_memory(context);
    *any = status == HH_OK && all.count > 0;
    hh_free(context, all.peak);
    hh_free(context, all.again);
    return status;
}
