/* Viterbi decoding for pYIN: A. Viterbi, "Error bounds for convolutional codes", IEEE Trans. IT
 * 13(2), 1967, with the transition matrix of librosa 0.11: transition_local(triangle) kron
 * transition_loop(2), all in log(p + DBL_MIN).
 *
 * The path is that of the full search over all 2P predecessors, ties to the lowest index included,
 * but most of the search is left out because it cannot win:
 *  - a voiced state that no candidate supports lies about 708 below the others. A frame is "sparse"
 * if none of these can be the best predecessor of anything (an upper bound of theirs is below a
 * lower bound of everything), nor any transition outside the band. Then they are not even computed.
 * Otherwise the frame is "dense": all is computed, and the best predecessor outside the band is the
 * best of all states, if it does better than the band;
 *  - within the band, the best sources of neighbours bracket each other (kernel/viterbi.c).
 *
 * Memory: predecessors are kept for BLOCK frames; then only the paths that still lead to a living
 * state are kept, and what they have in common at the beginning is decided. Digital silence leaves
 * two of them (each end of the range attracts), so a mix of two hours needs a few megabytes. */
#include "pitch/path.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 128 };

/* One band of weights with the memory behind it. */
typedef struct Weights {
    HhBandMatrix band;
    const double **rows, **columns;
    double *row_memory, *column_memory;
} Weights;

struct HhPathPlan {
    HhContext *context;
    const HhViterbiKernels *kernel;
    size_t pitches, padded;
    Weights stay, cross;          /* within a half, to the other half */
    double log_none, log_initial; /* of no probability at all, of each state at the beginning */
    /* Of all weights within bands, and of the weights to the same pitch. */
    double highest, lowest_self;
};

/* Nodes of surviving paths, list by list: node i of list t is state[offset[t] + i], its predecessor
 * is node parent[offset[t] + i] of the frame before. */
typedef struct Lists {
    size_t count;
    size_t *offset; /* [count + 1] */
    uint16_t *state, *parent;
    size_t offset_capacity, state_capacity, parent_capacity;
} Lists;

struct HhPath {
    HhContext *context;
    const HhPathPlan *plan;
    size_t frames; /* pushed */
    bool sparse;   /* of the latest frame only unvoiced[] and the active states of voiced[] count */
    /* [padded], -infinity behind the last pitch. */
    double *voiced, *unvoiced, *voiced_before, *unvoiced_before;
    double *best, *from; /* [padded] */
    /* [pitches] ascending: voiced states that a candidate supports. */
    uint16_t *active, *active_before;
    size_t active_count, active_before_count;
    double highest, lowest_unvoiced; /* of the latest frame */
    /* [BLOCK][2 * pitches]: best predecessors, of frames from pointers_base on. */
    uint16_t *pointers;
    size_t pointers_base, rows;
    Lists kept; /* of frames from kept_base on, up to pointers_base - 1 */
    size_t kept_base;
    Lists fresh;                                         /* of a compaction, latest frame first */
    uint16_t *mark, *node_of_state, *items, *next_items; /* [2 * pitches] */
    uint16_t *states;                                    /* decided: frames up to kept_base */
    size_t states_capacity;
};

/* ---- weights ---- */

/* The probabilities of row k of librosa.sequence.transition_local(pitches, width, "triangle"), from
 * p[k - left] on. */
static void triangle_row(const HhBandMatrix *band, size_t k, double *p)
{
    size_t width = band->left + band->right + 1;
    size_t low = k > band->left ? k - band->left : 0,
           high = HH_MIN(k + band->right, band->states - 1);
    double sum = 0;
    for (size_t j = low; j <= high; j++) {
        size_t m = j + band->left - k, n = HH_MIN(m, width - 1 - m);
        p[m] = width % 2 ? 2.0 * ((double)n + 1.0) / ((double)width + 1.0)
                         : (2.0 * (double)n + 1.0) / (double)width;
        sum += p[m];
    }
    for (size_t j = low; j <= high; j++) p[j + band->left - k] /= sum;
}

/* Rows that touch neither end are equal, so one is kept for them all; memory has room for the
 * others and that one. */
static void make_rows(Weights *w, double factor, double *p)
{
    const HhBandMatrix *b = &w->band;
    size_t length = b->left + b->right + 1 + 2 * HH_TILE;
    const double *shared = NULL;
    double *memory = w->row_memory;
    for (size_t k = 0; k < b->states; k++) {
        bool inside = k >= b->left && k + b->right < b->states;
        w->rows[k] = shared;
        if (inside && shared) continue;
        double *row = memory + HH_TILE + b->left;
        memory += length;
        triangle_row(b, k, p);
        for (ptrdiff_t d = -(ptrdiff_t)(b->left + HH_TILE); d <= (ptrdiff_t)(b->right + HH_TILE);
             d++) {
            ptrdiff_t j = (ptrdiff_t)k + d;
            bool band = d >= -(ptrdiff_t)b->left && d <= (ptrdiff_t)b->right && j >= 0 &&
                        j < (ptrdiff_t)b->states;
            row[d] = band ? log(p[(ptrdiff_t)b->left + d] * factor + DBL_MIN) : (double)-INFINITY;
        }
        w->rows[k] = row;
        if (inside) shared = row;
    }
}

/* A column is shared if all of its rows are. */
static void make_columns(Weights *w)
{
    const HhBandMatrix *b = &w->band;
    size_t reach = b->left + b->right;
    const double *shared = NULL;
    double *memory = w->column_memory;
    for (size_t j = 0; j < b->states; j++) {
        bool inside = j >= reach && j + reach < b->states;
        w->columns[j] = shared;
        if (inside && shared) continue;
        double *column = memory + b->right;
        memory += reach + 1 + HH_TILE;
        for (ptrdiff_t d = -(ptrdiff_t)b->right; d <= (ptrdiff_t)(b->left + HH_TILE); d++) {
            ptrdiff_t k = (ptrdiff_t)j + d;
            bool band = d <= (ptrdiff_t)b->left && k >= 0 && k < (ptrdiff_t)b->states;
            column[d] = band ? w->rows[k][-d] : (double)-INFINITY;
        }
        w->columns[j] = column;
        if (inside) shared = column;
    }
}

static HhStatus make_weights(HhContext *context, Weights *w, size_t states, size_t width,
                             double factor)
{
    HhBandMatrix *b = &w->band;
    b->states = states;
    /* where pad_center() and roll() put the triangle: an even one is not symmetric */
    b->left = states - (states - width) / 2 - states / 2 - 1;
    b->right = width - 1 - b->left;
    size_t own_rows = HH_MIN(states, width), own_columns = HH_MIN(states, 2 * width);
    w->rows = hh_alloc(context, states, sizeof *w->rows);
    w->columns = hh_alloc(context, states, sizeof *w->columns);
    w->row_memory = hh_alloc(context, own_rows, (width + 2 * HH_TILE) * sizeof(double));
    w->column_memory = hh_alloc(context, own_columns, (width + HH_TILE) * sizeof(double));
    double *p = hh_alloc(context, width, sizeof *p);
    bool made = w->rows && w->columns && w->row_memory && w->column_memory && p;
    if (made) {
        make_rows(w, factor, p);
        make_columns(w);
        b->row = w->rows;
        b->column = w->columns;
    }
    hh_free(context, p);
    return made ? HH_OK : hh_fail_memory(context);
}

static void free_weights(HhContext *context, Weights *w)
{
    hh_free(context, w->rows);
    hh_free(context, w->columns);
    hh_free(context, w->row_memory);
    hh_free(context, w->column_memory);
}

static void find_extremes(HhPathPlan *plan)
{
    plan->highest = (double)-INFINITY;
    plan->lowest_self = (double)INFINITY;
    const Weights *both[] = {&plan->stay, &plan->cross};
    for (int i = 0; i < 2; i++) {
        const HhBandMatrix *b = &both[i]->band;
        for (size_t k = 0; k < b->states; k++) {
            plan->lowest_self = HH_MIN(plan->lowest_self, b->row[k][0]);
            for (ptrdiff_t d = -(ptrdiff_t)b->left; d <= (ptrdiff_t)b->right; d++)
                plan->highest = HH_MAX(plan->highest, b->row[k][d]);
        }
    }
}

HhStatus hh_path_plan_create(HhContext *context, size_t pitches, size_t width, double switch_prob,
                             HhPathPlan **out)
{
    *out = NULL;
    if (pitches < 2 || pitches > 32767)
        return hh_fail(context, HH_ERROR_ARGUMENT, "%zu pitches, 2 to 32767 are possible", pitches);
    if (width < 1 || width > pitches)
        return hh_fail(context, HH_ERROR_ARGUMENT, "transitions over %zu of %zu pitches", width,
                       pitches);
    if (!(switch_prob > 0) || !(switch_prob < 1))
        return hh_fail(context, HH_ERROR_ARGUMENT, "a switching probability of %g is not in (0, 1)",
                       switch_prob);
    HhPathPlan *plan = hh_zalloc(context, 1, sizeof *plan);
    if (!plan) return hh_fail_memory(context);
    plan->context = context;
    plan->kernel = hh_kernels(context)->viterbi;
    plan->pitches = pitches;
    plan->padded = hh_band_padded(pitches);
    plan->log_none = log(0.0 + DBL_MIN);
    plan->log_initial = log(1.0 / (double)(2 * pitches) + DBL_MIN);
    double keep = 1.0 - switch_prob;
    HhStatus status = make_weights(context, &plan->stay, pitches, width, keep);
    if (status == HH_OK) status = make_weights(context, &plan->cross, pitches, width, 1.0 - keep);
    if (status != HH_OK) {
        hh_path_plan_destroy(plan);
        return status;
    }
    find_extremes(plan);
    *out = plan;
    return HH_OK;
}

void hh_path_plan_destroy(HhPathPlan *plan)
{
    if (!plan) return;
    free_weights(plan->context, &plan->stay);
    free_weights(plan->context, &plan->cross);
    hh_free(plan->context, plan);
}

/* ---- one frame ---- */

static uint16_t *pointers_of(HhPath *path, size_t frame)
{
    return path->pointers + (frame - path->pointers_base) * 2 * path->plan->pitches;
}

static void clear_best(HhPath *path)
{
    for (size_t j = 0; j < path->plan->padded; j++) {
        path->best[j] = (double)-INFINITY;
        path->from[j] = 0;
    }
}

/* The best of all states, over the weight that all transitions outside the band have. */
static void jump(HhPath *path)
{
    const HhPathPlan *plan = path->plan;
    double best = (double)-INFINITY, from = 0;
    for (size_t k = 0; k < 2 * plan->pitches; k++) {
        double value =
            k < plan->pitches ? path->voiced_before[k] : path->unvoiced_before[k - plan->pitches];
        if (value + plan->log_none > best) {
            best = value + plan->log_none;
            from = (double)k;
        }
    }
    for (size_t j = 0; j < plan->pitches; j++) {
        if (best > path->best[j] || (best == path->best[j] && from < path->from[j])) {
            path->best[j] = best;
            path->from[j] = from;
        }
    }
}

/* best[] and from[] of one half of the states, from all states before, in ascending order. */
static void search_half(HhPath *path, bool was_sparse, const HhBandMatrix *from_voiced,
                        const HhBandMatrix *from_unvoiced)
{
    const HhPathPlan *plan = path->plan;
    const HhViterbiKernels *kernel = plan->kernel;
    clear_best(path);
    if (was_sparse) {
        for (size_t i = 0; i < path->active_before_count; i++) {
            size_t k = path->active_before[i];
            kernel->spread_one(from_voiced, k, path->voiced_before[k], (double)k, path->best,
                               path->from);
        }
    } else {
        kernel->spread(from_voiced, path->voiced_before, 0.0, path->best, path->from);
    }
    kernel->spread(from_unvoiced, path->unvoiced_before, (double)plan->pitches, path->best,
                   path->from);
    if (!was_sparse) jump(path);
}

static void search_one_voiced(const HhPath *path, size_t j, double *best, double *from)
{
    const HhPathPlan *plan = path->plan;
    const HhBandMatrix *stay = &plan->stay.band;
    *best = (double)-INFINITY;
    *from = 0;
    for (size_t i = 0; i < path->active_before_count; i++) {
        size_t k = path->active_before[i];
        if (j + stay->left < k || j > k + stay->right) continue;
        double sum = path->voiced_before[k] + stay->row[k][(ptrdiff_t)j - (ptrdiff_t)k];
        if (sum > *best) {
            *best = sum;
            *from = (double)k;
        }
    }
    plan->kernel->gather(&plan->cross.band, path->unvoiced_before, j, (double)plan->pitches, best,
                         from);
}

static void swap_frames(HhPath *path)
{
    double *voiced = path->voiced, *unvoiced = path->unvoiced;
    uint16_t *active = path->active;
    path->voiced = path->voiced_before;
    path->unvoiced = path->unvoiced_before;
    path->active = path->active_before;
    path->voiced_before = voiced;
    path->unvoiced_before = unvoiced;
    path->active_before = active;
    path->active_before_count = path->active_count;
}

static void take_active(HhPath *path, const uint16_t *pitch, size_t count)
{
    if (count > 0) memcpy(path->active, pitch, count * sizeof *pitch);
    path->active_count = count;
}

static void push_first(HhPath *path, const uint16_t *pitch, const double *log_prob, size_t count,
                       double log_unvoiced)
{
    const HhPathPlan *plan = path->plan;
    for (size_t j = 0; j < plan->pitches; j++) {
        path->voiced[j] = plan->log_none + plan->log_initial;
        path->unvoiced[j] = log_unvoiced + plan->log_initial;
    }
    for (size_t i = 0; i < count; i++) path->voiced[pitch[i]] = log_prob[i] + plan->log_initial;
    path->highest = path->lowest_unvoiced = path->unvoiced[0];
    for (size_t i = 0; i < count; i++)
        path->highest = HH_MAX(path->highest, path->voiced[pitch[i]]);
    path->highest = HH_MAX(path->highest, path->voiced[0]);
    take_active(path, pitch, count);
    path->sparse = false; /* all values are known */
}

/* Whether no idle voiced state and no transition outside the band can matter to the next frame. */
static bool can_be_sparse(const HhPath *path, double idle_bound)
{
    const HhPathPlan *plan = path->plan;
    double sure = path->lowest_unvoiced + plan->lowest_self;
    return idle_bound + plan->highest < sure && path->highest + plan->log_none < sure;
}

static void settle_voiced(HhPath *path, const uint16_t *pitch, const double *log_prob, size_t count,
                          uint16_t *pointers)
{
    const HhPathPlan *plan = path->plan;
    double lowest, highest;
    plan->kernel->settle(path->best, path->from, plan->log_none, plan->pitches, path->voiced,
                         pointers, &lowest, &highest);
    path->highest = HH_MAX(path->highest, highest);
    for (size_t i = 0; i < count; i++) {
        path->voiced[pitch[i]] = path->best[pitch[i]] + log_prob[i];
        path->highest = HH_MAX(path->highest, path->voiced[pitch[i]]);
    }
}

static void push_next(HhPath *path, const uint16_t *pitch, const double *log_prob, size_t count,
                      double log_unvoiced)
{
    const HhPathPlan *plan = path->plan;
    bool was_sparse = path->sparse;
    double idle_bound = path->highest + plan->highest + plan->log_none;
    uint16_t *pointers = pointers_of(path, path->frames);
    swap_frames(path);
    search_half(path, was_sparse, &plan->cross.band, &plan->stay.band);
    plan->kernel->settle(path->best, path->from, log_unvoiced, plan->pitches, path->unvoiced,
                         pointers + plan->pitches, &path->lowest_unvoiced, &path->highest);
    take_active(path, pitch, count);
    path->sparse = false;
    if (was_sparse) {
        for (size_t i = 0; i < count; i++) {
            double best, from;
            search_one_voiced(path, pitch[i], &best, &from);
            path->voiced[pitch[i]] = best + log_prob[i];
            pointers[pitch[i]] = (uint16_t)from;
            path->highest = HH_MAX(path->highest, path->voiced[pitch[i]]);
        }
        path->sparse = can_be_sparse(path, idle_bound);
        if (path->sparse) return;
    }
    search_half(path, was_sparse, &plan->stay.band, &plan->cross.band);
    settle_voiced(path, pitch, log_prob, count, pointers);
    path->sparse = can_be_sparse(path, idle_bound);
}

/* ---- surviving paths ---- */

enum { UNMARKED = 0xffff };

/* Makes room for `need` elements, in steps that double. */
static HhStatus grow(HhContext *context, void *array_pointer, size_t *capacity, size_t need,
                     size_t bytes)
{
    if (need <= *capacity) return HH_OK;
    size_t more = HH_MAX(need, 2 * *capacity);
    void *old, *made = hh_alloc(context, more, bytes);
    if (!made) return hh_fail_memory(context);
    memcpy(&old, array_pointer, sizeof old);
    if (old) memcpy(made, old, *capacity * bytes);
    hh_free(context, old);
    memcpy(array_pointer, &made, sizeof made);
    *capacity = more;
    return HH_OK;
}

/* Room for one more list of n nodes. */
static HhStatus reserve_list(HhContext *context, Lists *lists, size_t n)
{
    size_t used = lists->count ? lists->offset[lists->count] : 0;
    HH_TRY(grow(context, &lists->offset, &lists->offset_capacity, lists->count + 2,
                sizeof *lists->offset));
    HH_TRY(grow(context, &lists->state, &lists->state_capacity, used + n, sizeof *lists->state));
    HH_TRY(grow(context, &lists->parent, &lists->parent_capacity, used + n, sizeof *lists->parent));
    if (lists->count == 0) lists->offset[0] = 0;
    lists->offset[lists->count + 1] = used + n;
    return HH_OK;
}

static size_t list_length(const Lists *lists, size_t i)
{
    return lists->offset[i + 1] - lists->offset[i];
}

static void free_lists(HhContext *context, Lists *lists)
{
    hh_free(context, lists->offset);
    hh_free(context, lists->state);
    hh_free(context, lists->parent);
}

/* What a compaction knows of the frame that it has come to, going back in time. */
typedef struct Walk {
    size_t frame, count;
    bool in_kept; /* items are nodes of kept lists; else states */
} Walk;

static uint16_t predecessor(HhPath *path, const Walk *walk, uint16_t item)
{
    if (walk->in_kept) {
        size_t list = walk->frame - path->kept_base;
        return path->kept.parent[path->kept.offset[list] + item];
    }
    uint16_t state = pointers_of(path, walk->frame)[item];
    return walk->frame == path->pointers_base ? path->node_of_state[state] : state;
}

/* Writes the list of one frame and finds the items of the frame before. Returns false at the first
 * frame, or where all nodes that are kept of the frame before live on, so that nothing changes from
 * there on. */
static bool walk_back(HhPath *path, Walk *walk)
{
    Lists *fresh = &path->fresh;
    const Lists *kept = &path->kept;
    uint16_t *state = fresh->state + fresh->offset[fresh->count],
             *parent = fresh->parent + fresh->offset[fresh->count];
    fresh->count++;
    size_t list = walk->frame - path->kept_base;
    for (size_t i = 0; i < walk->count; i++)
        state[i] =
            walk->in_kept ? kept->state[kept->offset[list] + path->items[i]] : path->items[i];
    memset(parent, 0, walk->count * sizeof *parent);
    if (walk->frame == 0 || (walk->in_kept && list == 0)) return false;
    size_t count = 0;
    for (size_t i = 0; i < walk->count; i++) {
        uint16_t key = parent[i] = predecessor(path, walk, path->items[i]);
        if (path->mark[key] != UNMARKED) continue;
        path->mark[key] = (uint16_t)count;
        path->next_items[count++] = key;
    }
    bool to_kept = walk->in_kept || walk->frame == path->pointers_base;
    bool all_live = to_kept && count == list_length(kept, list - 1);
    for (size_t i = 0; i < walk->count && !all_live; i++) parent[i] = path->mark[parent[i]];
    for (size_t i = 0; i < count; i++) path->mark[path->next_items[i]] = UNMARKED;
    uint16_t *swap = path->items;
    path->items = path->next_items;
    path->next_items = swap;
    *walk = (Walk){walk->frame - 1, count, to_kept};
    return !all_live;
}

/* Replaces the kept lists from frame `first` on by the fresh ones. */
static HhStatus replace_lists(HhPath *path, size_t first)
{
    Lists *kept = &path->kept;
    const Lists *fresh = &path->fresh;
    kept->count = first - path->kept_base;
    for (size_t i = fresh->count; i-- > 0;) {
        size_t n = list_length(fresh, i);
        HH_TRY(reserve_list(path->context, kept, n));
        memcpy(kept->state + kept->offset[kept->count], fresh->state + fresh->offset[i],
               n * sizeof *kept->state);
        memcpy(kept->parent + kept->offset[kept->count], fresh->parent + fresh->offset[i],
               n * sizeof *kept->parent);
        kept->count++;
    }
    return HH_OK;
}

/* All paths go through the only node of list `last`: what lies before it is decided. */
static HhStatus decide(HhPath *path, size_t last)
{
    Lists *kept = &path->kept;
    HH_TRY(grow(path->context, &path->states, &path->states_capacity, path->kept_base + last + 1,
                sizeof *path->states));
    for (size_t list = last + 1, node = 0; list-- > 0;) {
        path->states[path->kept_base + list] = kept->state[kept->offset[list] + node];
        node = kept->parent[kept->offset[list] + node];
    }
    size_t dropped = kept->offset[last], used = kept->offset[kept->count] - dropped;
    memmove(kept->state, kept->state + dropped, used * sizeof *kept->state);
    memmove(kept->parent, kept->parent + dropped, used * sizeof *kept->parent);
    kept->count -= last;
    for (size_t i = 0; i <= kept->count; i++) kept->offset[i] = kept->offset[i + last] - dropped;
    path->kept_base += last;
    return HH_OK;
}

/* From the predecessors of the latest frames to lists: path->items[count] are the states of the
 * latest frame from which the search may go on. */
static HhStatus compact(HhPath *path, size_t count)
{
    Lists *kept = &path->kept;
    if (kept->count > 0) {
        size_t list = kept->count - 1;
        for (size_t i = 0; i < list_length(kept, list); i++)
            path->node_of_state[kept->state[kept->offset[list] + i]] = (uint16_t)i;
    }
    path->fresh.count = 0;
    Walk walk = {path->frames - 1, count, false};
    size_t first;
    bool more;
    do {
        first = walk.frame;
        HH_TRY(reserve_list(path->context, &path->fresh, walk.count));
        more = walk_back(path, &walk);
    } while (more);
    HH_TRY(replace_lists(path, first));
    path->pointers_base += path->rows;
    path->rows = 0;
    for (size_t list = kept->count; list-- > first - path->kept_base;)
        if (list_length(kept, list) == 1) return decide(path, list);
    return HH_OK;
}

static HhStatus compact_block(HhPath *path)
{
    size_t pitches = path->plan->pitches, count = 0;
    if (path->sparse)
        for (size_t i = 0; i < path->active_count; i++) path->items[count++] = path->active[i];
    else
        for (size_t j = 0; j < pitches; j++) path->items[count++] = (uint16_t)j;
    for (size_t j = 0; j < pitches; j++) path->items[count++] = (uint16_t)(pitches + j);
    return compact(path, count);
}

/* ---- the object ---- */

static double *make_values(HhContext *context, size_t n)
{
    double *values = hh_alloc(context, n, sizeof *values);
    for (size_t i = 0; values && i < n; i++) values[i] = (double)-INFINITY;
    return values;
}

HhStatus hh_path_create(HhContext *context, const HhPathPlan *plan, HhPath **out)
{
    *out = NULL;
    HhPath *path = hh_zalloc(context, 1, sizeof *path);
    if (!path) return hh_fail_memory(context);
    size_t n = plan->pitches, padded = plan->padded;
    path->context = context;
    path->plan = plan;
    double **values[] = {&path->voiced,          &path->unvoiced, &path->voiced_before,
                         &path->unvoiced_before, &path->best,     &path->from};
    uint16_t **indices[] = {&path->active,        &path->active_before, &path->mark,
                            &path->node_of_state, &path->items,         &path->next_items};
    bool made = true;
    for (size_t i = 0; i < HH_COUNT(values); i++)
        made &= (*values[i] = make_values(context, padded)) != NULL;
    for (size_t i = 0; i < HH_COUNT(indices); i++)
        made &= (*indices[i] = hh_zalloc(context, 2 * n, sizeof **indices[i])) != NULL;
    path->pointers = hh_zalloc(context, (size_t)BLOCK * 2 * n, sizeof *path->pointers);
    if (!made || !path->pointers) {
        hh_path_destroy(path);
        return hh_fail_memory(context);
    }
    for (size_t i = 0; i < 2 * n; i++) path->mark[i] = UNMARKED;
    *out = path;
    return HH_OK;
}

void hh_path_destroy(HhPath *path)
{
    if (!path) return;
    void *const memory[] = {path->voiced,          path->unvoiced,      path->voiced_before,
                            path->unvoiced_before, path->best,          path->from,
                            path->active,          path->active_before, path->mark,
                            path->node_of_state,   path->items,         path->next_items,
                            path->pointers,        path->states};
    for (size_t i = 0; i < HH_COUNT(memory); i++) hh_free(path->context, memory[i]);
    free_lists(path->context, &path->kept);
    free_lists(path->context, &path->fresh);
    hh_free(path->context, path);
}

HhStatus hh_path_push(HhPath *path, const uint16_t *pitch, const double *log_prob, size_t count,
                      double log_unvoiced)
{
    if (path->rows == BLOCK) HH_TRY(compact_block(path));
    if (path->frames == 0)
        push_first(path, pitch, log_prob, count, log_unvoiced);
    else
        push_next(path, pitch, log_prob, count, log_unvoiced);
    path->frames++;
    path->rows++;
    return HH_OK;
}

/* The first state with the highest value. Idle states of a sparse frame cannot have it. */
static uint16_t final_state(const HhPath *path)
{
    size_t pitches = path->plan->pitches, best = pitches;
    double highest = path->unvoiced[0];
    for (size_t j = 1; j < pitches; j++) {
        if (path->unvoiced[j] > highest) {
            highest = path->unvoiced[j];
            best = pitches + j;
        }
    }
    size_t voiced = path->sparse ? path->active_count : pitches;
    for (size_t i = voiced; i-- > 0;) {
        size_t j = path->sparse ? path->active[i] : i;
        if (path->voiced[j] >= highest) {
            highest = path->voiced[j];
            best = j;
        }
    }
    return (uint16_t)best;
}

HhStatus hh_path_finish(HhPath *path, const uint16_t **states, size_t *frames)
{
    *frames = path->frames;
    *states = path->states;
    if (path->rows == 0) return HH_OK;
    path->items[0] = final_state(path);
    HH_TRY(compact(path, 1));
    *states = path->states;
    return HH_OK;
}

size_t hh_path_pending(const HhPath *path)
{
    size_t nodes = path->kept.count ? path->kept.offset[path->kept.count] : 0;
    return nodes * 2 * sizeof(uint16_t) + path->kept.count * sizeof(size_t);
}
