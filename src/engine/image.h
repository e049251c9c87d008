/* Pictures that stay small: columns are added one by one, and when there are too many, neighbours
 * are merged. */
#ifndef HH_IMAGE_H
#define HH_IMAGE_H

#include "base/base.h"
#include "heihachi/engine.h"

#define HH_IMAGE_COLUMNS 4096

typedef enum HhImageMerge {
    HH_IMAGE_MEAN,
    HH_IMAGE_MIN_MAX /* the first half of the rows keeps the minimum, the second the maximum */
} HhImageMerge;

typedef struct HhImageBuilder {
    size_t rows, columns; /* finished columns */
    size_t group, filled; /* input columns per column, and those in the growing one */
    HhImageMerge merge;
    float *values; /* [HH_IMAGE_COLUMNS + 1][rows]; the growing column comes last */
} HhImageBuilder;

HhStatus hh_image_begin(HhContext *context, HhImageBuilder *builder, size_t rows,
                        HhImageMerge merge);
void hh_image_add(HhImageBuilder *builder, const float *column);
/* Hands the values over to `image` (columns, rows, values, column_s); the builder is empty
 * afterwards. */
void hh_image_finish(HhImageBuilder *builder, double input_column_s, HhImage *image);
void hh_image_abandon(HhContext *context, HhImageBuilder *builder);
/* Power to dB relative to the largest value, at least -100. */
void hh_image_to_decibels(HhImage *image);

/* Rows of pictures of spectra, equally spaced in log frequency: row r shows the bins first[r] to
 * last[r], at least one. */
enum { HH_LOG_ROWS = 256 };
#define HH_LOG_ROWS_LOW  20.0 /* Hz */
#define HH_LOG_ROWS_HIGH 20000.0

typedef struct HhLogRows {
    size_t first[HH_LOG_ROWS], last[HH_LOG_ROWS];
} HhLogRows;

void hh_log_rows_make(HhLogRows *rows, double bin_hz, size_t bins);

#endif
