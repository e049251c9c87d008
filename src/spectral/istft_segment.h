/* What hh_istft() does with one segment, for REAL = float or double: included by istft.c with REAL,
 * FN(name) and the kernels FRAMES_TO_TILE, INVERSE, ADD and DIVIDE_WHERE defined. */

/* Adds x[n_fft], which starts at sample `at` of the padded signal, to sum[first .. first +
 * size). */
static void FN(add_clipped)(const HhInverse *v, const REAL *x, size_t at, size_t first, size_t size,
                            REAL *sum)
{
    size_t begin = HH_MAX(at, first), end = HH_MIN(at + v->n_fft, first + size);
    if (begin < end) v->kernels->vector->ADD(x + (begin - at), sum + (begin - first), end - begin);
}

static void FN(run_segment)(void *arg, size_t index, int worker)
{
    const HhInverse *v = arg;
    const HhVectorKernels *vector = v->kernels->vector;
    size_t channel = index / v->segments, segment = index % v->segments;
    size_t size = v->advance * v->hop, first = segment * size;
    unsigned char *memory = v->memory + (size_t)worker * v->each;
    void *scratch = memory;
    memory += aligned(hh_fft_scratch(v->fft));
    REAL *re = (REAL *)(void *)memory;
    memory += aligned(v->bins * HH_TILE * sizeof(REAL));
    REAL *im = (REAL *)(void *)memory;
    memory += aligned(v->bins * HH_TILE * sizeof(REAL));
    REAL *frame = (REAL *)(void *)memory;
    memory += aligned(v->n_fft * HH_TILE * sizeof(REAL));
    REAL *sum = (REAL *)(void *)memory,
         *weight = (REAL *)(void *)(memory + aligned(size * sizeof(REAL)));
    memset(sum, 0, size * sizeof *sum);
    memset(weight, 0, size * sizeof *weight);

    size_t start = segment * v->advance, end = HH_MIN(start + v->advance, v->frames);
    start -= HH_MIN(start, v->overlap);
    for (size_t t = start; t < end; t += HH_TILE) {
        int count = (int)HH_MIN((size_t)HH_TILE, end - t);
        const REAL *frames = (const REAL *)v->spectrum + 2 * (channel * v->stored + t) * v->bins;
        vector->FRAMES_TO_TILE(frames, (ptrdiff_t)v->bins, v->bins, count, re, im);
        INVERSE(v->fft, re, im, count, v->window, frame, (ptrdiff_t)v->n_fft, scratch);
        for (int l = 0; l < count; l++) {
            size_t at = (t + (size_t)l) * v->hop;
            FN(add_clipped)(v, frame + (size_t)l * v->n_fft, at, first, size, sum);
            FN(add_clipped)(v, v->squares, at, first, size, weight);
        }
    }
    /* first .. first + size of the padded signal, without what lies before and after the samples
     * that are given */
    size_t from = HH_MAX(first, v->skipped), to = HH_MIN(first + size, v->skipped + v->length);
    if (from < to)
        v->kernels->spectral->DIVIDE_WHERE(
            sum + (from - first), weight + (from - first),
            (REAL *)v->out + channel * v->length + (from - v->skipped), to - from);
}

#undef REAL
#undef FN
#undef FRAMES_TO_TILE
#undef INVERSE
#undef ADD
#undef DIVIDE_WHERE
