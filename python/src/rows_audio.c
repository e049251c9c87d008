/* include/heihachi/audio.h for Python: arrays only; files are in files.c. */
#include "table.h"

/* From the rate of the first number to that of the second. */
static HhStatus resample_run(HhContext *context, const Inputs *in, const void *params, HhArray *out)
{
    (void)params;
    return hh_resample(context, &in->signal.view, in->number[1], out);
}

static const Row rows[] = {
    {"resample", "Ydd", "p", NULL, resample_run, NULL, 0},
};

const Rows audio_rows = {rows, COUNT(rows)};
