/* Files and whole analyses for Python: include/heihachi/audio.h, engine.h and report.h. */
#include "core.h"

PyMethodDef core_result_methods[] = {{NULL, NULL, 0, NULL}};
