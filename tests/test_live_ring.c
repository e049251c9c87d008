/* cli/live_ring.c: what the audio callback writes comes out in order, with its time; what was lost
 * is counted and given as silence. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "../cli/live_ring.h"
#include "test.h"

#define RATE        48000.0
#define NS(samples) ((int64_t)((double)(samples)*1e9 / RATE))

static bool write_count(LiveRing *ring, size_t from, size_t count, size_t gap)
{
    float plane[4096];
    const float *const planes[] = {plane};
    for (size_t n = 0; n < count; n++) plane[n] = (float)(from + n + 1);
    return live_ring_write(ring, planes, 1, 1, count, gap, NS(from + count));
}

static void test_order_and_time(void **state)
{
    (void)state;
    LiveRing *ring = live_ring_create(1000, RATE);
    float out[300];
    int64_t end;
    size_t written = 0, read = 0;
    assert_int_equal(live_ring_read(ring, out, 300, &end), 0);
    for (int round = 0; round < 200; round++) {
        size_t count = (size_t)(1 + round * 37 % 300);
        assert_true(write_count(ring, written, count, 0));
        written += count;
        for (size_t got; (got = live_ring_read(ring, out, (size_t)(1 + round % 97), &end)) > 0;) {
            for (size_t n = 0; n < got; n++)
                assert_float_equal(out[n], (float)(read + n + 1), 0.0f);
            read += got;
            assert_true(llabs(end - NS(read)) <= 2);
        }
    }
    assert_int_equal(read, written);
    uint64_t gaps, lost;
    live_ring_losses(ring, &gaps, &lost);
    assert_int_equal(gaps, 0);
    assert_int_equal(lost, 0);
    live_ring_destroy(ring);
}

static void test_channels_are_mixed(void **state)
{
    (void)state;
    LiveRing *ring = live_ring_create(64, RATE);
    const float a[] = {1.0f, 2.0f}, b[] = {10.0f, 20.0f}, c[] = {3.0f, -2.0f};
    const float *const planes[] = {a, b, c}, *const silent[] = {a, NULL, c};
    float out[2];
    int64_t end;
    assert_true(live_ring_write(ring, planes, 3, 5, 2, 0, 0));
    assert_true(live_ring_write(ring, silent, 3, 3, 2, 0, 0));
    assert_int_equal(live_ring_read(ring, out, 2, &end), 2);
    assert_float_equal(out[0], 2.0f, 0.0f);
    assert_float_equal(out[1], 0.0f, 0.0f);
    assert_int_equal(live_ring_read(ring, out, 2, &end), 2);
    assert_float_equal(out[0], 0.5f, 0.0f);
    assert_float_equal(out[1], 1.0f, 0.0f);
    live_ring_destroy(ring);
}

/* Reads all; zeros are counted, all else must go on from *next. */
static size_t drain(LiveRing *ring, size_t *next, size_t *zeros, int64_t *end)
{
    float out[113];
    size_t got, sum = 0;
    while ((got = live_ring_read(ring, out, 113, end)) > 0) {
        sum += got;
        for (size_t n = 0; n < got; n++) {
            if (out[n] == 0.0f) {
                ++*zeros;
                continue;
            }
            assert_true(out[n] >= (float)*next);
            *next = (size_t)out[n] + 1;
        }
    }
    return sum;
}

static void test_gaps_are_silence(void **state)
{
    (void)state;
    LiveRing *ring = live_ring_create(1000, RATE);
    size_t next = 1, zeros = 0;
    int64_t end;
    uint64_t gaps, lost;
    assert_true(write_count(ring, 0, 100, 0));
    assert_true(write_count(ring, 350, 100, 250));
    assert_int_equal(drain(ring, &next, &zeros, &end), 450);
    assert_int_equal(zeros, 250);
    assert_int_equal(next, 451);
    assert_int_equal(end, NS(450));
    live_ring_losses(ring, &gaps, &lost);
    assert_int_equal(gaps, 1);
    assert_int_equal(lost, 250);
    /* Of a long one, a second. */
    assert_true(write_count(ring, 1000450, 100, 1000000));
    zeros = 0;
    assert_int_equal(drain(ring, &next, &zeros, &end), 48100);
    assert_int_equal(zeros, 48000);
    live_ring_gap(ring);
    live_ring_losses(ring, &gaps, &lost);
    assert_int_equal(gaps, 3);
    assert_int_equal(lost, 1000250);
    live_ring_destroy(ring);
}

static void test_what_does_not_fit_is_a_gap(void **state)
{
    (void)state;
    LiveRing *ring = live_ring_create(1024, RATE);
    size_t next = 1, zeros = 0, at = 0, refused = 0;
    int64_t end;
    uint64_t gaps, lost;
    for (; at < 3000; at += 100) refused += write_count(ring, at, 100, 0) ? 0 : 100;
    assert_int_equal(refused, 2000);
    live_ring_losses(ring, &gaps, &lost);
    assert_int_equal(gaps, 1);
    assert_int_equal(lost, 2000);
    assert_int_equal(drain(ring, &next, &zeros, &end), 1000);
    assert_true(write_count(ring, at, 100, 0));
    assert_int_equal(drain(ring, &next, &zeros, &end), 2100);
    assert_int_equal(zeros, 2000);
    assert_int_equal(next, 3101);
    live_ring_destroy(ring);
    /* Blocks, too, are finite. */
    ring = live_ring_create(1 << 20, RATE);
    for (at = 0; at < 5000; at++)
        if (!write_count(ring, at, 1, 0)) break;
    assert_true(at >= 1000 && at < 5000);
    next = 1;
    assert_int_equal(drain(ring, &next, &zeros, &end), at);
    live_ring_destroy(ring);
}

#define RACE 4000000u

typedef struct Race {
    LiveRing *ring;
    atomic_bool done;
} Race;

static void *write_race(void *user)
{
    Race *race = user;
    size_t at = 0;
    for (unsigned round = 0; at < RACE; round++) {
        size_t count = 1 + round * 7919u % 700;
        if (count > RACE - at) count = RACE - at;
        float plane[700];
        const float *const planes[] = {plane};
        /* Numbers that a float holds, never 0. */
        for (size_t n = 0; n < count; n++) plane[n] = (float)(1 + (at + n) % 1000003);
        if (!live_ring_write(race->ring, planes, 1, 1, count, 0, NS(at + count)) || round % 16 == 0)
            (void)sched_yield();
        at += count;
    }
    atomic_store(&race->done, true);
    return NULL;
}

/* Two threads: each sample is the one of its place, or a zero where it was lost; and every one that
 * was written is there. */
static void test_race(void **state)
{
    (void)state;
    Race race = {live_ring_create(8192, 4e6), false}; /* a gap of a second is longer than all */
    pthread_t writer;
    float out[500];
    size_t at = 0, zeros = 0;
    int64_t end;
    assert_int_equal(pthread_create(&writer, NULL, write_race, &race), 0);
    for (bool last = false;;) {
        size_t got = live_ring_read(race.ring, out, 500, &end);
        if (got == 0 && last) break;
        if (got == 0) {
            last = atomic_load(&race.done);
            (void)sched_yield();
        }
        for (size_t n = 0; n < got; n++, at++) {
            if (out[n] == 0.0f)
                zeros++;
            else if (out[n] != (float)(1 + at % 1000003))
                fail_msg("sample %zu is %g", at, (double)out[n]);
        }
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    uint64_t gaps, lost;
    live_ring_losses(race.ring, &gaps, &lost);
    /* What was lost after the last block has no silence. */
    assert_true(zeros <= lost);
    assert_int_equal(at - zeros + lost, RACE);
    live_ring_destroy(race.ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_time),
        cmocka_unit_test(test_channels_are_mixed),
        cmocka_unit_test(test_gaps_are_silence),
        cmocka_unit_test(test_what_does_not_fit_is_a_gap),
        cmocka_unit_test(test_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
