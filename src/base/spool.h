/* A growing array that moves to a temporary file when it becomes large, so that memory stays
 * bounded on long input.
 *
 * Appended at the end, read anywhere. The file is unlinked as soon as it exists: it vanishes with
 * the process. Several spools share one HhSpoolBudget; a spool that would exceed it writes its
 * further blocks to the file. Appending and reading must not overlap in time; several threads may
 * read at once. */
#ifndef HH_SPOOL_H
#define HH_SPOOL_H

#include "base/base.h"

typedef struct HhSpoolBudget {
    size_t left; /* bytes that may still be kept in memory */
} HhSpoolBudget;

typedef struct HhSpool HhSpool;

HhStatus hh_spool_create(HhContext *context, HhSpoolBudget *budget, HhSpool **spool);
void hh_spool_destroy(HhSpool *spool); /* accepts NULL */
HhStatus hh_spool_append(HhSpool *spool, const void *data, size_t bytes);
/* Reads `bytes` from byte `offset`; all of them must have been appended. */
HhStatus hh_spool_read(const HhSpool *spool, size_t offset, size_t bytes, void *data);
size_t hh_spool_bytes(const HhSpool *spool);

#endif
