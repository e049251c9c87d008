/* The tables that are built in: this program's core is compiled with HH_LIVE_CONST_TABLES, as one
 * for a microcontroller is. The scalar loops of the note bank are taken too. */
#include "test.h"

#include "internal.h"

static void built_in_and_made_at_the_start_are_the_same_bits(void **state)
{
    (void)state;
    HhLiveConfig config;
    hh_live_defaults(&config, 16000);
    const float *built_in = hh_live_tables_const(&config);
    assert_non_null(built_in);
    uint32_t size = hh_live_tables_size(&config);
    float *made = malloc(size * sizeof *made);
    assert_true(made && size > 500);
    hh_live_tables_make(&config, made);
    assert_memory_equal(built_in, made, size * sizeof *made);
    /* Windows, coefficients, tuning: not all nothing. */
    for (uint32_t i = 0; i < 400; i++) assert_true(made[i] > 0.0f);
    free(made);
}

static void other_configurations_make_theirs(void **state)
{
    (void)state;
    HhLiveConfig config, good;
    hh_live_defaults(&good, 16000);
    size_t size = hh_live_size(&good);
#define OTHER(field, value)                                                                        \
    config = good;                                                                                 \
    config.field = value;                                                                          \
    assert_true(hh_live_size(&config) > 0);                                                        \
    assert_null(hh_live_tables_const(&config));
    OTHER(sample_rate, 16001)
    OTHER(hop, 129)
    OTHER(bank, HH_LIVE_BANK_LANES)
    OTHER(notes, 63)
    OTHER(notes_per_octave, 13)
    OTHER(bottom_note, 110.5f)
#undef OTHER
    config = good;
    config.notes = 63;
    assert_true(hh_live_size(&config) > size + 500 * sizeof(float));
}

/* A tone is heard with them. */
static void they_work(void **state)
{
    (void)state;
    static _Alignas(HH_LIVE_ALIGNMENT) unsigned char memory[65536];
    HhLiveConfig config;
    HhLiveSnapshot now;
    hh_live_defaults(&config, 16000);
    HhLive *live = hh_live_init(memory, &config, NULL, NULL);
    assert_non_null(live);
    for (int i = 0; i < 16000; i++) {
        float sample = (float)(0.5 * sin(2.0 * 3.14159265358979 * 440.0 * i / 16000.0));
        hh_live_push(live, &sample, 1);
    }
    assert_true(hh_live_read(live, &now));
    assert_true(fabs((double)now.note[24] - 0.5) < 1e-3 && now.chroma[9] == 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_and_made_at_the_start_are_the_same_bits),
        cmocka_unit_test(other_configurations_make_theirs),
        cmocka_unit_test(they_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
