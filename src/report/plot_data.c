/* Where the data of the plots comes from: see plots.h. */
#include <math.h>
#include <string.h>

#include "report/plots.h"

/* More columns than a plot has pixels at the usual scale. */
enum { COLUMNS = 2048 };

static const HhImage *find_image(const HhAnalysis *analysis, const char *name, size_t least_rows)
{
    for (size_t i = 0; i < analysis->image_count; i++) {
        const HhImage *image = &analysis->images[i];
        if (strcmp(image->name, name) == 0)
            return image->values && image->columns && image->rows >= least_rows &&
                           image->column_s > 0.0
                       ? image
                       : NULL;
    }
    return NULL;
}

static const HhSeries *find_series(const HhAnalysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->series_count; i++) {
        const HhSeries *series = &analysis->series[i];
        if (strcmp(series->name, name) == 0)
            return series->values.type == HH_FLOAT32 && series->values.dimensions == 2 &&
                           series->values.shape[0]
                       ? series
                       : NULL;
    }
    return NULL;
}

/* Mean over the rows first..last-1 of one column of a series. */
static float mean_of(const HhSeries *series, size_t first, size_t last, size_t column)
{
    const float *values = series->values.data;
    double sum = 0.0;
    for (size_t t = first; t < last; t++)
        sum += (double)values[t * series->values.shape[1] + column];
    return (float)(sum / (double)(last - first));
}

/* An image of the series `name` with one row for each of its columns. */
static HhStatus image_of_series(HhPlotData *data, const char *name, double high,
                                const HhImage **result)
{
    const HhSeries *series = find_series(data->analysis, name);
    if (!series || series->values.shape[1] != (size_t)high) return HH_OK;
    size_t frames = series->values.shape[0], rows = series->values.shape[1],
           columns = HH_MIN(frames, (size_t)COLUMNS);
    HhImage image = {name, series->unit, columns,
                     rows, NULL,         series->hop_s * (double)frames / (double)columns,
                     0.0,  high,         false};
    image.values = hh_alloc(data->context, columns * rows, sizeof *image.values);
    if (!image.values) return hh_fail_memory(data->context);
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++)
            image.values[c * rows + r] =
                mean_of(series, c * frames / columns, (c + 1) * frames / columns, r);
    data->made[data->made_count] = image;
    *result = &data->made[data->made_count++];
    return HH_OK;
}

HhStatus hh_plot_data_make(HhContext *context, const HhAnalysis *analysis, HhPlotData *data)
{
    *data = (HhPlotData){.context = context, .analysis = analysis};
    if (!analysis) return hh_fail(context, HH_ERROR_ARGUMENT, "no analysis to plot");
    data->waveform = find_image(analysis, "waveform", 2);
    data->spectrogram = find_image(analysis, "spectrogram", 2);
    data->mel = find_image(analysis, "mel", 2);
    data->chroma = find_image(analysis, "chroma", 12);
    data->tempogram = find_image(analysis, "tempogram", 2);
    data->harmonic = find_image(analysis, "harmonic", 2);
    data->percussive = find_image(analysis, "percussive", 2);
    data->onset_strength = find_series(analysis, "onset_strength");
    data->rms = find_series(analysis, "rms");
    HhStatus status = HH_OK;
    if (!data->chroma) status = image_of_series(data, "chroma", 12.0, &data->chroma);
    if (status != HH_OK) hh_plot_data_free(data);
    return status;
}

void hh_plot_data_free(HhPlotData *data)
{
    for (size_t i = 0; i < data->made_count; i++) hh_free(data->context, data->made[i].values);
    data->made_count = 0;
}
