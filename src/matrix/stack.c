/* Frames stacked with their past or future: see heihachi/matrix.h. Copies of memory only. */
#include <string.h>

#include "matrix/along.h"

void hh_stack_memory_defaults(HhStackParams *params)
{
    *params = (HhStackParams){.size = sizeof *params, .n_steps = 2, .delay = 1};
}

/* What frame `t` of n is, which may lie outside: a frame of them, or n for the filling. */
static size_t source_frame(HhStackPad pad, ptrdiff_t t, ptrdiff_t n)
{
    if (t >= 0 && t < n) return (size_t)t;
    ptrdiff_t period;
    switch (pad) {
    case HH_STACK_EDGE:
        return t < 0 ? 0 : (size_t)n - 1;
    case HH_STACK_WRAP:
        return (size_t)((t % n + n) % n);
    case HH_STACK_REFLECT:
        if (n == 1) return 0;
        period = 2 * n - 2;
        t = (t % period + period) % period;
        return (size_t)(t < n ? t : period - t);
    case HH_STACK_SYMMETRIC:
        period = 2 * n;
        t = (t % period + period) % period;
        return (size_t)(t < n ? t : period - 1 - t);
    case HH_STACK_CONSTANT:
        break;
    }
    return (size_t)n;
}

typedef struct Job {
    HhStackParams p;
    size_t rows, frames, bytes; /* of a value */
    const unsigned char *x, *filling;
    unsigned char *out;
} Job;

/* `count` values all the same. */
static void spread(unsigned char *out, const unsigned char *value, size_t bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) memcpy(out + i * bytes, value, bytes);
}

/* One row of one step: what is inside in one piece, the rest frame by frame. */
static void stack_row(void *arg, size_t index, int worker)
{
    (void)worker;
    const Job *job = arg;
    size_t stacked = job->rows * job->p.n_steps, row = index % stacked % job->rows;
    size_t step = index % stacked / job->rows, bytes = job->bytes;
    ptrdiff_t n = (ptrdiff_t)job->frames, shift = -(ptrdiff_t)step * job->p.delay;
    const unsigned char *x = job->x + (index / stacked * job->rows + row) * job->frames * bytes;
    unsigned char *out = job->out + index * job->frames * bytes;
    ptrdiff_t begin = HH_MIN(HH_MAX(-shift, 0), n), end = HH_MAX(HH_MIN(n - shift, n), begin);
    for (ptrdiff_t t = 0; t < n; t++) {
        if (t == begin) t = end;
        if (t >= n) break;
        size_t from = source_frame(job->p.pad, t + shift, n);
        memcpy(out + (size_t)t * bytes, from < job->frames ? x + from * bytes : job->filling,
               bytes);
    }
    if (begin < end)
        memcpy(out + (size_t)begin * bytes, x + (size_t)(begin + shift) * bytes,
               (size_t)(end - begin) * bytes);
}

/* One frame of frame-major data. */
static void stack_frame(void *arg, size_t index, int worker)
{
    (void)worker;
    const Job *job = arg;
    size_t row_bytes = job->rows * job->bytes, t = index % job->frames;
    const unsigned char *x = job->x + index / job->frames * job->frames * row_bytes;
    unsigned char *out = job->out + index * job->p.n_steps * row_bytes;
    for (size_t step = 0; step < job->p.n_steps; step++, out += row_bytes) {
        size_t from = source_frame(job->p.pad, (ptrdiff_t)t - (ptrdiff_t)step * job->p.delay,
                                   (ptrdiff_t)job->frames);
        if (from < job->frames)
            memcpy(out, x + from * row_bytes, row_bytes);
        else
            spread(out, job->filling, job->bytes, job->rows);
    }
}

static HhStatus check(HhContext *context, const HhAxisView *x, const HhStackParams *p, Job *job)
{
    if (!x || hh_type_bytes(x->type) == 0)
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no array, or of no type");
    HhAxisView widest = *x;
    widest.type = HH_COMPLEX128; /* one that the check knows */
    HH_TRY(hh_view_check(context, &widest, true));
    *job = (Job){.p = *p,
                 .rows = p->frame_major ? x->inner : x->length,
                 .frames = p->frame_major ? x->length : x->inner,
                 .bytes = hh_type_bytes(x->type),
                 .x = x->data};
    if (p->n_steps < 1) return hh_fail(context, HH_ERROR_ARGUMENT, "n_steps must be positive");
    if (p->delay == 0) return hh_fail(context, HH_ERROR_ARGUMENT, "delay must not be 0");
    if ((unsigned)p->pad > HH_STACK_WRAP)
        return hh_fail(context, HH_ERROR_ARGUMENT, "there is no padding %d", (int)p->pad);
    if (job->frames == 0) return hh_fail(context, HH_ERROR_TOO_SHORT, "there are no frames");
    size_t delay = p->delay < 0 ? 0 - (size_t)p->delay : (size_t)p->delay;
    size_t total = HH_MAX(job->rows, (size_t)1);
    if (p->n_steps > PTRDIFF_MAX / total || delay > (size_t)PTRDIFF_MAX / 2 / p->n_steps)
        return hh_fail(context, HH_ERROR_ARGUMENT, "n_steps=%zu with a delay of %td frames",
                       p->n_steps, p->delay);
    return HH_OK;
}

HhStatus hh_stack_memory(HhContext *context, const HhAxisView *x, const HhStackParams *params,
                         HhArray *out)
{
    static const unsigned char zero[16];
    HhStackParams p;
    Job job;
    hh_stack_memory_defaults(&p);
    HH_TRY(hh_params_read(context, params, &p, sizeof p));
    HH_TRY(check(context, x, &p, &job));
    size_t stacked = job.rows * p.n_steps;
    HH_TRY(hh_array_make(context, out, x->type, 3, x->outer, p.frame_major ? job.frames : stacked,
                         p.frame_major ? stacked : job.frames));
    job.filling = p.fill ? p.fill : zero;
    job.out = out->data;
    if (hh_array_count(out) == 0) return HH_OK;
    if (p.frame_major)
        hh_parallel_for(context, x->outer * job.frames, stack_frame, &job);
    else
        hh_parallel_for(context, x->outer * stacked, stack_row, &job);
    return HH_OK;
}
