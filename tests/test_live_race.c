/* The snapshot, read by other threads while it is written. Under ThreadSanitizer this also shows
 * that there is no data race (tools/run-tests-long threads). */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "test.h"

#include "live.h"

#define HOPS    4000
#define READERS 3

typedef struct Race {
    HhLive *live;
    uint64_t hash[HOPS + 1]; /* of the snapshot after each hop */
    uint32_t hop;
    atomic_int stop;
    atomic_llong reads;
} Race;

typedef struct Reader {
    Race *race;
    pthread_t thread;
    int64_t read, gone, refused, torn, back;
} Reader;

static uint64_t hash_of(const HhLiveSnapshot *snapshot)
{
    uint64_t hash = 14695981039346656037ull;
    for (size_t i = 0; i < sizeof *snapshot; i++)
        hash = (hash ^ ((const unsigned char *)snapshot)[i]) * 1099511628211ull;
    return hash;
}

static float sound(int64_t i)
{
    double t = (double)i / 8000.0, beat = fmod(t, 0.5);
    return (float)(0.3 * sin(700.0 * t * (1.0 + 0.1 * sin(t))) +
                   0.5 * exp(-40.0 * beat) * sin(9000.0 * t));
}

static void push_hop(Race *race, int hop)
{
    float samples[64];
    for (uint32_t i = 0; i < race->hop; i++) samples[i] = sound((int64_t)hop * race->hop + i);
    hh_live_push(race->live, samples, race->hop);
}

static void *read_on(void *argument)
{
    Reader *reader = argument;
    Race *race = reader->race;
    int64_t last = 0;
    while (!atomic_load(&race->stop)) {
        HhLiveSnapshot snapshot;
        memset(&snapshot, 0, sizeof snapshot);
        if (!hh_live_read(race->live, &snapshot)) {
            reader->refused++;
            continue;
        }
        int64_t hop = snapshot.sample / race->hop;
        reader->read++;
        atomic_fetch_add(&race->reads, 1);
        reader->gone += snapshot.sample != last;
        reader->back += snapshot.sample < last;
        reader->torn += hop > HOPS || hash_of(&snapshot) != race->hash[hop];
        last = snapshot.sample;
    }
    return NULL;
}

/* Each snapshot that a reader gets is, in every byte, one that was there between two hops. */
static void snapshots_are_whole(void **state)
{
    (void)state;
    static Race race;
    HhLiveConfig config;
    hh_live_defaults(&config, 8000);
    race.hop = config.hop;
    assert_int_equal(race.hop, 64);
    size_t size = (hh_live_size(&config) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(HH_LIVE_ALIGNMENT, size);
    assert_non_null(memory);
    /* Alone first, to know what there is to read. */
    race.live = hh_live_init(memory, &config, NULL, NULL);
    HhLiveSnapshot snapshot;
    for (int hop = 0; hop <= HOPS; hop++) {
        memset(&snapshot, 0, sizeof snapshot);
        assert_true(hh_live_read(race.live, &snapshot));
        assert_int_equal(snapshot.sample, (int64_t)hop * race.hop);
        race.hash[hop] = hash_of(&snapshot);
        if (hop < HOPS) push_hop(&race, hop);
    }
    assert_true(race.hash[HOPS] != race.hash[HOPS - 1]);

    race.live = hh_live_init(memory, &config, NULL, NULL);
    Reader readers[READERS] = {{0}};
    for (int r = 0; r < READERS; r++) {
        readers[r].race = &race;
        assert_int_equal(pthread_create(&readers[r].thread, NULL, read_on, &readers[r]), 0);
    }
    for (int hop = 0; hop < HOPS; hop++) {
        push_hop(&race, hop);
        if (hop % 100) continue;
        /* On a busy machine the readers may not have had their turn. */
        long long before = atomic_load(&race.reads);
        while (atomic_load(&race.reads) < before + READERS) (void)sched_yield();
    }
    atomic_store(&race.stop, 1);
    int64_t read = 0, gone = 0;
    for (int r = 0; r < READERS; r++) {
        assert_int_equal(pthread_join(readers[r].thread, NULL), 0);
        assert_int_equal(readers[r].torn, 0);
        assert_int_equal(readers[r].back, 0);
        read += readers[r].read;
        gone += readers[r].gone;
    }
    print_message("# %lld snapshots read, %lld of them new, during %d writes\n", (long long)read,
                  (long long)gone, HOPS);
    /* They did run at the same time. */
    assert_true(gone > HOPS / 100 - 2);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(snapshots_are_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
