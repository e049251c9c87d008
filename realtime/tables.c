/* The tables that depend on the configuration alone. One function makes them: at the start of the
 * program, in the caller's memory, or while it is being built (tables_generator.c), to be put into
 * read-only memory; the arithmetic is the same on all machines, so are the bits. */
#include "internal.h"

uint32_t hh_live_tables_size(const HhLiveConfig *config)
{
    return hh_live_bank_table_size(config) + hh_live_chroma_table_size(config);
}

void hh_live_tables_make(const HhLiveConfig *config, float *table)
{
    hh_live_bank_make_table(config, table);
    hh_live_chroma_make_table(config, table + hh_live_bank_table_size(config));
}

#ifdef HH_LIVE_CONST_TABLES

#include "default_tables.h" /* made by tables_generator.c */

const float *hh_live_tables_const(const HhLiveConfig *config)
{
    HhLiveConfig made_for;
    hh_live_defaults(&made_for, HH_LIVE_CONST_TABLES_RATE);
    bool same = config->sample_rate == made_for.sample_rate && config->hop == made_for.hop &&
                config->bank == made_for.bank && config->notes == made_for.notes &&
                config->notes_per_octave == made_for.notes_per_octave &&
                config->bottom_note == made_for.bottom_note &&
                config->novelty_rate == made_for.novelty_rate;
    return same ? hh_live_default_tables : NULL;
}

#else

const float *hh_live_tables_const(const HhLiveConfig *config)
{
    (void)config;
    return NULL;
}

#endif
