/* See image.h. */
#include "engine/image.h"

#include <math.h>
#include <string.h>

HhStatus hh_image_begin(HhContext *context, HhImageBuilder *b, size_t rows, HhImageMerge merge)
{
    *b = (HhImageBuilder){.rows = rows, .group = 1, .merge = merge};
    b->values = hh_alloc(context, (HH_IMAGE_COLUMNS + 1) * rows, sizeof *b->values);
    return b->values ? HH_OK : hh_fail_memory(context);
}

void hh_image_abandon(HhContext *context, HhImageBuilder *b)
{
    hh_free(context, b->values);
    b->values = NULL;
}

/* to += from, or the extremes of both. */
static void combine(const HhImageBuilder *b, float *to, const float *from)
{
    for (size_t r = 0; r < b->rows; r++) {
        if (b->merge == HH_IMAGE_MEAN)
            to[r] += from[r];
        else if (r < b->rows / 2)
            to[r] = HH_MIN(to[r], from[r]);
        else
            to[r] = HH_MAX(to[r], from[r]);
    }
}

static void scale(const HhImageBuilder *b, float *column, float factor)
{
    if (b->merge == HH_IMAGE_MEAN)
        for (size_t r = 0; r < b->rows; r++) column[r] *= factor;
}

/* Twice as many input columns per column from now on. */
static void halve(HhImageBuilder *b)
{
    for (size_t c = 0; c < b->columns / 2; c++) {
        float *to = b->values + c * b->rows;
        if (c > 0) memcpy(to, b->values + 2 * c * b->rows, b->rows * sizeof *to);
        combine(b, to, b->values + (2 * c + 1) * b->rows);
        scale(b, to, 0.5f);
    }
    b->columns /= 2;
    b->group *= 2;
}

void hh_image_add(HhImageBuilder *b, const float *column)
{
    float *growing = b->values + b->columns * b->rows;
    if (b->filled == 0)
        memcpy(growing, column, b->rows * sizeof *growing);
    else
        combine(b, growing, column);
    if (++b->filled < b->group) return;
    scale(b, growing, 1.0f / (float)b->group);
    b->filled = 0;
    if (++b->columns == HH_IMAGE_COLUMNS) halve(b);
}

void hh_image_finish(HhImageBuilder *b, double input_column_s, HhImage *image)
{
    if (b->filled > 0) {
        scale(b, b->values + b->columns * b->rows, 1.0f / (float)b->filled);
        b->columns++;
        b->filled = 0;
    }
    image->columns = b->columns;
    image->rows = b->rows;
    image->values = b->values;
    image->column_s = input_column_s * (double)b->group;
    b->values = NULL;
}

void hh_image_to_decibels(HhImage *image)
{
    float top = 0;
    size_t n = image->columns * image->rows;
    for (size_t i = 0; i < n; i++) top = HH_MAX(top, image->values[i]);
    for (size_t i = 0; i < n; i++) {
        double share = top > 0 ? (double)image->values[i] / (double)top : 1.0;
        image->values[i] = (float)(10.0 * log10(HH_MAX(share, 1e-10)));
    }
}

void hh_log_rows_make(HhLogRows *rows, double bin_hz, size_t bins)
{
    const double range = HH_LOG_ROWS_HIGH / HH_LOG_ROWS_LOW;
    for (int r = 0; r < HH_LOG_ROWS; r++) {
        double low = HH_LOG_ROWS_LOW * pow(range, (double)r / HH_LOG_ROWS) / bin_hz;
        double high = HH_LOG_ROWS_LOW * pow(range, (double)(r + 1) / HH_LOG_ROWS) / bin_hz;
        size_t first = (size_t)floor(low + 0.5), last = (size_t)ceil(high - 0.5) - (high > 1.5);
        rows->first[r] = first;
        rows->last[r] = HH_MIN(HH_MAX(first, last), bins - 1);
    }
}
