/* Heihachi: audio analysis for electronic music. Includes every public header. */
#ifndef HEIHACHI_H
#define HEIHACHI_H

#include "heihachi/array.h"
#include "heihachi/audio.h"
#include "heihachi/context.h"
#include "heihachi/engine.h"
#include "heihachi/export.h"
#include "heihachi/fingerprint.h"
#include "heihachi/harmony.h"
#include "heihachi/loudness.h"
#include "heihachi/matrix.h"
#include "heihachi/npz.h"
#include "heihachi/phase.h"
#include "heihachi/pitch.h"
#include "heihachi/report.h"
#include "heihachi/rhythm.h"
#include "heihachi/separation.h"
#include "heihachi/spectral.h"
#include "heihachi/status.h"
#include "heihachi/version.h"

#endif
