/* Arrays in an NPZ file, as numpy.load() reads it: a ZIP archive, not compressed, of one .npy file
 * for each array.
 *
 *     HhNpz *npz;
 *     if (hh_npz_create(context, "features.npz", &npz) != HH_OK)
 *         return complain(hh_context_message(context));
 *     hh_npz_add(npz, "tempo", &tempo, HH_NPZ_AS_IS);
 *     // {channels, frames, bins} reads as (channels, bins, frames)
 *     hh_npz_add(npz, "stft", &spectrum, HH_NPZ_SWAPPED);
 *     // tells of the first failure of all; only now the file is there, whole
 *     if (hh_npz_close(npz) != HH_OK)
 *         return complain(hh_context_message(context));
 *
 * Everything goes to a temporary file in the same folder, which hh_npz_close() renames; before
 * that, and after any failure, `path` is as it was. Files and arrays may be larger than 4 GiB
 * (ZIP64). The bytes of the file depend on names and arrays alone: no time is written. */
#ifndef HEIHACHI_NPZ_H
#define HEIHACHI_NPZ_H

#include "heihachi/array.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct HhNpz HhNpz;

typedef enum HhNpzLayout {
    HH_NPZ_AS_IS,  /* the shape as it is */
    HH_NPZ_SWAPPED /* the last two axes swapped: frame-major data read as (..., bins, frames) */
} HhNpzLayout;

/* *npz is NULL on failure. */
HH_API HhStatus hh_npz_create(HhContext *context, const char *path, HhNpz **npz);
/* Writes an array under `name`, which must be new, not empty and at most 1000 bytes. After a
 * failure every further call fails with the same status. */
HH_API HhStatus hh_npz_add(HhNpz *npz, const char *name, const HhArray *array, HhNpzLayout layout);
/* Where it is written until it is closed: for a handler of signals to remove. */
HH_API const char *hh_npz_temporary(const HhNpz *npz);
/* Completes the file and gives it its name. Frees `npz` whatever happens. */
HH_API HhStatus hh_npz_close(HhNpz *npz);
/* Removes the temporary file and frees `npz`; accepts NULL. */
HH_API void hh_npz_abandon(HhNpz *npz);

#ifdef __cplusplus
}
#endif
#endif
