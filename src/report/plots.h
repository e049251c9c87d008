/* The plots of a track: what they show, and their pictures as PNG and SVG in memory. */
#ifndef HH_REPORT_PLOTS_H
#define HH_REPORT_PLOTS_H

#include "heihachi/report.h"
#include "report/canvas.h"

/* What plots are drawn from: the images of the analysis, or images made of its series where it has
 * none. */
typedef struct HhPlotData {
    HhContext *context;
    const HhAnalysis *analysis;
    const HhImage *waveform, *spectrogram, *mel, *chroma, *tempogram, *harmonic, *percussive;
    const HhSeries *onset_strength, *rms;
    HhImage made[1]; /* owned */
    size_t made_count;
} HhPlotData;

/* Keeps pointers into the analysis. */
HhStatus hh_plot_data_make(HhContext *context, const HhAnalysis *analysis, HhPlotData *data);
void hh_plot_data_free(HhPlotData *data);

/* Whether the data of plot `index` is there. */
bool hh_plot_available(const HhPlotData *data, int index);
const char *hh_plot_title(const HhPlotData *data, int index);
double hh_plot_height(int index);
/* The rectangle of the panels (all of them), and whether they have a time axis. */
HhRect hh_plot_area(int index);
bool hh_plot_has_time(int index);

typedef enum HhPlotFormat { HH_PLOT_PNG, HH_PLOT_SVG } HhPlotFormat;

/* The picture as bytes of a PNG or SVG file. `layers`: HH_LAYER_... bits. */
HhStatus hh_plot_render(const HhPlotData *data, int index, HhPlotFormat format, unsigned layers,
                        const HhTheme *theme, double scale, HhText *out);

void hh_radar_draw(HhCanvas *canvas, const HhFingerprint *fingerprint);

#endif
