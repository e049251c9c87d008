/* Prints default_tables.h, the tables of the default configuration at a sample rate:
 *     tables_generator 16000 > default_tables.h
 * For builds of the core with HH_LIVE_CONST_TABLES. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

int main(int count, char **arguments)
{
    HhLiveConfig config;
    hh_live_defaults(&config, count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 16000);
    uint32_t size = hh_live_tables_size(&config);
    float *table = hh_live_size(&config) > 0 ? malloc(size * sizeof *table) : NULL;
    if (!table) return EXIT_FAILURE;
    hh_live_tables_make(&config, table);
    printf("/* Made by tables_generator.c: tables_generator %u */\n", (unsigned)config.sample_rate);
    printf("#define HH_LIVE_CONST_TABLES_RATE %u\n", (unsigned)config.sample_rate);
    printf("static const float hh_live_default_tables[%u] = {", (unsigned)size);
    for (uint32_t i = 0; i < size; i++)
        printf("%s%af,", i % 6 == 0 ? "\n    " : " ", (double)table[i]);
    printf("\n};\n");
    free(table);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
