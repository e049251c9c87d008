/* The senders of `heihachi live` without a network but for a connection of OS2L: addresses, packets
 * byte by byte, the channels of DMX and when they are sent, and the MIDI clock against the grid of
 * beats it was told. Receivers of other hands judge the packets in test_live_senders.py. */
#include "test.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../cli/live_senders.h"

#define MS 1000000ll
#define S  1000000000ll

static const LiveSenderSetup setup = {.address = "",
                                      .sample_rate = 48000.0,
                                      .notes = 64,
                                      .bottom_note = 110.0f,
                                      .notes_per_octave = 12,
                                      .real_time = true};

/* ---- addresses ---- */

static void check_address(const char *text, const char *host, unsigned port, const char *path)
{
    LiveAddress a;
    char *message = NULL;
    assert_true(live_address_parse(text, &a, &message));
    assert_null(message);
    assert_string_equal(a.host, host);
    assert_int_equal(a.port, port);
    assert_string_equal(a.path, path);
}

static void test_addresses(void **state)
{
    (void)state;
    check_address("//127.0.0.1:9000/name", "127.0.0.1", 9000, "/name");
    check_address("//lamp-1.local", "lamp-1.local", 0, "");
    check_address("//[::1]:65535", "::1", 65535, "");
    check_address("//[fe80::1%eth0]/3/1", "fe80::1%eth0", 0, "/3/1");
    check_address("//a:1/", "a", 1, "/");
}

static void test_wrong_addresses(void **state)
{
    static const char *const wrong[] = {
        "",         "localhost",   "/localhost", "//",     "///name",          "//:9000",
        "//a:",     "//a:0",       "//a:65536",  "//a:+1", "//a: 1",           "//a:1x",
        "//a:0x10", "//a b",       "//a?x",      "//[::1", "//[]:1",           "//[::1]x",
        "//a:1:2",  "//user@host", "//a\n",      "//a#x",  "//a:000000000001",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        LiveAddress a;
        char *message = NULL;
        if (live_address_parse(wrong[i], &a, &message)) fail_msg("accepted: \"%s\"", wrong[i]);
        assert_non_null(message);
        free(message);
    }
}

static void test_long_host(void **state)
{
    char text[300] = "//";
    LiveAddress a;
    char *message = NULL;
    (void)state;
    memset(text + 2, 'a', 253);
    assert_true(live_address_parse(text, &a, &message));
    text[255] = 'a';
    assert_false(live_address_parse(text, &a, &message));
    free(message);
}

static void test_universes(void **state)
{
    static const char *const wrong[] = {"",     "/",      "/x",     "/0",  "/64000", "/1/",
                                        "/1/0", "/1/513", "/1/2/3", "/-1", "/1x"};
    uint16_t universe = 0;
    size_t first = 99;
    char *message = NULL;
    (void)state;
    assert_true(live_dmx_path("/63999", 1, 63999, &universe, &first, &message));
    assert_int_equal(universe, 63999);
    assert_int_equal(first, 0);
    assert_true(live_dmx_path("/7/512", 1, 63999, &universe, &first, &message));
    assert_int_equal(universe, 7);
    assert_int_equal(first, 511);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (live_dmx_path(wrong[i], 1, 63999, &universe, &first, &message))
            fail_msg("accepted: \"%s\"", wrong[i]);
        free(message);
    }
}

/* ---- packets ---- */

/* The first message is the example of the OSC 1.0 specification. */
static void test_osc_bytes(void **state)
{
    static const uint8_t expected[] = {
        '#',  'b',  'u', 'n',  'd', 'l', 'e',  0,    0x83, 0xaa, 0x7e, 0x80, 0x40, 0,   0,   0,
        0,    0,    0,   0x20, '/', 'o', 's',  'c',  'i',  'l',  'l',  'a',  't',  'o', 'r', '/',
        '4',  '/',  'f', 'r',  'e', 'q', 'u',  'e',  'n',  'c',  'y',  0,    ',',  'f', 0,   0,
        0x43, 0xdc, 0,   0,    0,   0,   0,    0x14, '/',  'f',  'o',  'o',  0,    0,   0,   0,
        ',',  'i',  'i', 0,    0,   0,   0x03, 0xe8, 0xff, 0xff, 0xff, 0xff};
    uint8_t bytes[128];
    LiveOsc osc;
    const double pitch = 440.0, numbers[] = {1000.0, -1.0};
    (void)state;
    live_osc_bundle(&osc, bytes, sizeof bytes, 0x83aa7e8040000000u); /* 1970, and a quarter */
    live_osc_message(&osc, "/oscillator", "/4/frequency", "f", &pitch);
    live_osc_message(&osc, "/", "foo", "ii", numbers);
    assert_false(osc.full);
    assert_int_equal(osc.length, sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
}

static void test_osc_leaves_out_what_does_not_fit(void **state)
{
    uint8_t bytes[61];
    LiveOsc osc;
    const double pitch = 440.0;
    (void)state;
    memset(bytes, 0xee, sizeof bytes);
    live_osc_bundle(&osc, bytes, 60, 1);
    live_osc_message(&osc, "/oscillator", "/4/frequency", "f", &pitch);
    assert_int_equal(osc.length, 52);
    live_osc_message(&osc, "/a", "", "f", &pitch);
    assert_true(osc.full);
    assert_int_equal(osc.length, 52);
    assert_int_equal(bytes[60], 0xee);
}

static void test_wled_bytes(void **state)
{
    LiveWledValues values = {1.0f, 2.0f, true, 200, {0}, 4080.0f, 440.0f};
    uint8_t p[LIVE_WLED_BYTES];
    (void)state;
    for (int i = 0; i < LIVE_WLED_CHANNELS; i++) values.channel[i] = (uint8_t)(10 * i);
    memset(p, 0xee, sizeof p);
    live_wled_packet(p, &values);
    assert_memory_equal(p, "00002\0\0\0", 8);
    assert_memory_equal(p + 8, "\0\0\x80\x3f\0\0\0\x40\x01\xc8", 10);
    assert_memory_equal(p + 18, values.channel, LIVE_WLED_CHANNELS);
    assert_memory_equal(p + 34, "\0\0\0\0\x7f\x45\0\0\xdc\x43", 10);
}

static void test_artnet_bytes(void **state)
{
    uint8_t slot[LIVE_DMX_SLOTS], p[LIVE_ARTNET_BYTES];
    (void)state;
    for (int i = 0; i < LIVE_DMX_SLOTS; i++) slot[i] = (uint8_t)(i * 7);
    live_artnet_packet(p, 255, 0x7f12, slot);
    assert_memory_equal(p, "Art-Net\0\x00\x50\x00\x0e\xff\x00\x12\x7f\x02\x00", 18);
    assert_memory_equal(p + 18, slot, sizeof slot);
}

/* The lengths of a full data packet are in E1.31, tables 4-1 to 4-3 worked out for 512 slots. */
static void test_sacn_bytes(void **state)
{
    LiveSacnSource source = {.name = "name", .universe = 0x1234, .priority = 100};
    uint8_t slot[LIVE_DMX_SLOTS], p[LIVE_SACN_BYTES];
    (void)state;
    for (int i = 0; i < 16; i++) source.id[i] = (uint8_t)(i + 1);
    for (int i = 0; i < LIVE_DMX_SLOTS; i++) slot[i] = (uint8_t)(i * 7);
    live_sacn_packet(p, &source, 9, LIVE_SACN_TERMINATED, slot);
    assert_memory_equal(p, "\0\x10\0\0ASC-E1.17\0\0\0\x72\x6e\0\0\0\x04", 22);
    assert_memory_equal(p + 22, source.id, 16);
    assert_memory_equal(p + 38, "\x72\x58\0\0\0\x02name\0", 11);
    assert_memory_equal(p + 108, "\x64\0\0\x09\x40\x12\x34", 7);
    assert_memory_equal(p + 115, "\x72\x0b\x02\xa1\0\0\0\x01\x02\x01\0", 11);
    assert_memory_equal(p + 126, slot, sizeof slot);
}

static void test_sacn_discovery_bytes(void **state)
{
    LiveSacnSource source = {.name = "name", .universe = 0x1234};
    uint8_t p[LIVE_SACN_DISCOVERY_BYTES];
    (void)state;
    live_sacn_discovery(p, &source);
    assert_memory_equal(p + 16, "\x70\x6a\0\0\0\x08", 6);
    assert_memory_equal(p + 38, "\x70\x54\0\0\0\x02name\0", 11);
    assert_memory_equal(p + 112, "\x70\x0a\0\0\0\x01\0\0\x12\x34", 10);
}

static void test_os2l_text(void **state)
{
    char text[160];
    (void)state;
    size_t length = live_os2l_beat(text, sizeof text, true, -3, 128.046, 0.5);
    assert_string_equal(
        text, "{\"evt\":\"beat\",\"change\":true,\"pos\":-3,\"bpm\":128.05,\"strength\":0.500}\n");
    assert_int_equal(length, strlen(text));
    assert_int_equal(live_os2l_beat(text, 20, true, 0, 120.0, 0.5), 0);
}

/* What is sent of beats that do not all go on from those before: a tempo 0.8 % and one 2.5 % off,
 * a beat 0.05 and one 0.17 of a beat late, and bars that begin two beats later than counted. */
static void test_os2l_changes(void **state)
{
    enum { BEATS = 18 };
    static const double at[] = {0.0, 0.5, 1.0, 1.52, 2.1, 2.596};
    static const float bpm[] = {120.0f, 120.0f, 121.0f, 121.0f, 121.0f, 124.0f};
    char expected[BEATS * 80] = "", got[BEATS * 80] = "", address[32];
    size_t length = 0, read_so_far = 0;
    (void)state;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof here;
    const struct timeval patience = {.tv_sec = 10};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(bind(server, (struct sockaddr *)&here, size), 0);
    assert_int_equal(listen(server, 1), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&here, &size), 0);
    (void)snprintf(address, sizeof address, "//127.0.0.1:%d", ntohs(here.sin_port));
    char *message = NULL;
    void *os2l = live_os2l_open(&(LiveSenderSetup){.address = address}, &message);
    assert_non_null(os2l);
    for (int n = 0; n < BEATS; n++) {
        double seconds = n < 6 ? at[n] : at[5] + (n - 5) * 60.0 / 124.0;
        HhLiveEvent beat = {.type = HH_LIVE_BEAT, .beat = {.bpm = bpm[n < 6 ? n : 5]}};
        if (n >= 6) beat.beat.in_bar = (uint8_t)((n + 2) % 4 + 1);
        const LiveTime time = {seconds, llround(seconds * 1e9), llround(seconds * 1e9)};
        live_os2l_event(os2l, &beat, &time);
        /* The eighth that tells of other bars moves them. */
        bool change = n == 0 || n == 4 || n == 5 || n == 13;
        length += live_os2l_beat(expected + length, sizeof expected - length, change,
                                 n < 13 ? n : n + 2, (double)beat.beat.bpm, 0.0);
    }
    live_os2l_close(os2l, 0);
    int client = accept(server, NULL, NULL);
    assert_true(client >= 0);
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    for (ssize_t part; (part = read(client, got + read_so_far, sizeof got - 1 - read_so_far)) > 0;)
        read_so_far += (size_t)part;
    assert_string_equal(got, expected);
    assert_int_equal(close(client) | close(server), 0);
}

static void test_gain(void **state)
{
    LiveGain gain = {0};
    const float loud[] = {0.0f, 0.5f, NAN}, soft[] = {0.02f};
    (void)state;
    live_gain_follow(&gain, loud, 3, 0);
    assert_int_equal(live_gain_byte(&gain, 0.5f), 255);
    assert_int_equal(live_gain_byte(&gain, 0.02f), 51);
    assert_int_equal(live_gain_byte(&gain, 0.0f), 0);
    assert_int_equal(live_gain_byte(&gain, NAN), 0);
    live_gain_follow(&gain, soft, 1, 60 * S);
    assert_int_equal(live_gain_byte(&gain, 0.02f), 255);
    live_gain_follow(&gain, loud, 1, 600 * S); /* silence: nothing is blown up */
    assert_int_equal(live_gain_byte(&gain, 0.00004f), 51);
    assert_int_equal(live_byte((double)NAN), 0);
    assert_int_equal(live_byte(2.0), 255);
    assert_int_equal(live_byte(-1.0), 0);
}

/* A guess that wavers moves nothing; one that stays does, once. */
static void test_bars(void **state)
{
    LiveBars bars = {0, 0};
    (void)state;
    for (int64_t n = 0; n < 40; n++)
        assert_int_equal(live_bars_shift(&bars, (unsigned)(n * n) % 4 + 1, n, 8), 0);
    for (int64_t n = 40; n < 60; n++) assert_int_equal(live_bars_shift(&bars, 0, n, 8), 0);
    bars = (LiveBars){0, 0};
    for (int64_t n = 0; n < 7; n++)
        assert_int_equal(live_bars_shift(&bars, (unsigned)(n + 3) % 4 + 1, n, 8), 0);
    assert_int_equal(live_bars_shift(&bars, 10 % 4 + 1, 7, 8), 3);
    for (int64_t n = 11; n < 40; n++)
        assert_int_equal(live_bars_shift(&bars, (unsigned)n % 4 + 1, n, 8), 0);
}

/* ---- DMX ---- */

static HhLiveSnapshot a_snapshot(void)
{
    HhLiveSnapshot s = {.rms_db = -30.0f,
                        .peak_db = 3.0f,
                        .momentary_lufs = -120.0f,
                        .display = 0.5f,
                        .bpm = 128.25f,
                        .confidence = 1.0f,
                        .tuning_cents = 50.0f,
                        .beat_phase = 0.25f};
    for (int i = 0; i < 64; i++) s.note[i] = i == 63 ? 0.25f : 0.0f;
    s.chroma[0] = 1.0f;
    s.chroma[11] = 0.2f;
    s.onset[2] = 0.4f;
    return s;
}

static void test_dmx_channels(void **state)
{
    LiveDmx dmx;
    int64_t next;
    const HhLiveSnapshot snapshot = a_snapshot();
    const LiveTime at = {0.0, 1 * S, 1 * S};
    const HhLiveEvent beat = {.type = HH_LIVE_BEAT, .beat = {.bpm = 128.25f, .in_bar = 1}};
    static const uint8_t expected[] = {255, 255, 1, 64, 128, 64, 255, 128, 128,
                                       255, 0,   0, 0,  102, 0,  255, 255};
    (void)state;
    live_dmx_start(&dmx, &setup, 100);
    live_dmx_snapshot(&dmx, &snapshot, &at);
    live_dmx_event(&dmx, &beat, &at);
    assert_true(live_dmx_frame(&dmx, 1 * S, &next));
    assert_memory_equal(dmx.slot + 100, expected, sizeof expected);
    assert_int_equal(dmx.slot[100 + 27], 51);
    assert_int_equal(dmx.slot[100 + 28], 0);
    assert_int_equal(dmx.slot[100 + 28 + 63], 255);
    assert_int_equal(dmx.slot[99], 0);
    /* Half of the flash is over; the phase has gone on. */
    assert_true(live_dmx_frame(&dmx, 1 * S + 125 * MS, &next));
    assert_int_equal(dmx.slot[100], 128);
    assert_int_equal(dmx.slot[101], 128);
    assert_int_equal(dmx.slot[103], (int)lround(255.0 * (0.25 + 0.125 * 128.25 / 60.0)));
    assert_true(live_dmx_frame(&dmx, 1 * S + 250 * MS, &next));
    assert_int_equal(dmx.slot[100], 0);
}

static void test_dmx_ends_with_the_universe(void **state)
{
    LiveDmx dmx;
    int64_t next;
    const HhLiveSnapshot snapshot = a_snapshot();
    const LiveTime at = {0.0, 1 * S, 1 * S};
    (void)state;
    live_dmx_start(&dmx, &setup, 511);
    live_dmx_snapshot(&dmx, &snapshot, &at);
    assert_true(live_dmx_frame(&dmx, 1 * S, &next));
    assert_int_equal(dmx.slot[511], 0);
    assert_int_equal(dmx.slot[0], 0);
}

/* Frames while something moves, three more after it stands, then one every 0.8 s. */
static void test_dmx_rate(void **state)
{
    LiveDmx dmx;
    HhLiveSnapshot still = {.rms_db = -120.0f, .peak_db = -120.0f, .display = 0.5f};
    int64_t next = 0, last = -S;
    int moving = 0, standing = 0;
    (void)state;
    live_dmx_start(&dmx, &setup, 0);
    assert_false(live_dmx_frame(&dmx, 0, &next));
    assert_true(next == LIVE_NEVER);
    for (int64_t now = 0; now < 10 * S; now += MS) {
        const LiveTime at = {0.0, now, now};
        if (now < S) still.display = (float)now / (float)S;
        if (now % (20 * MS) == 0) live_dmx_snapshot(&dmx, &still, &at);
        if (!live_dmx_frame(&dmx, now, &next)) continue;
        assert_true(now - last >= 23 * MS); /* 44 frames a second at the most */
        last = now;
        if (now < S)
            moving++;
        else
            standing++;
    }
    assert_in_range(moving, 42, 44);
    /* The last change may show in the first frame after; then three, then 9 s / 0.8 s. */
    assert_in_range(standing, 3 + 10, 1 + 3 + 12);
}

/* ---- MIDI clock ---- */

enum { CLOCK = 0xf8, START = 0xfa, CONTINUE = 0xfb, STOP = 0xfc, POSITION = 0xf2 };

typedef struct Take {
    LiveClockMessage message[40000];
    size_t count;
} Take;

static Take take;

static void tell_until(LiveClock *clock, int64_t until)
{
    LiveClockMessage m;
    while (live_clock_next(clock, until, &m)) {
        assert_true(take.count < 40000);
        assert_true(m.at_ns < until);
        if (take.count > 0) assert_true(m.at_ns >= take.message[take.count - 1].at_ns);
        take.message[take.count++] = m;
    }
}

static HhLiveEvent beat_event(double bpm, unsigned in_bar)
{
    return (HhLiveEvent){
        .type = HH_LIVE_BEAT,
        .beat = {.bpm = (float)bpm, .confidence = 0.9f, .in_bar = (uint8_t)in_bar}};
}

/* Tells a beat at `due`, `lead` before it, with the messages of 50 ms ahead taken every 10 ms. */
static void run_beat(LiveClock *clock, int64_t *now, int64_t due, int64_t lead,
                     const HhLiveEvent *event)
{
    for (; *now < due - lead; *now += 10 * MS) tell_until(clock, *now + 50 * MS);
    live_clock_beat(clock, event, due, due - lead);
}

/* The same of `count` beats of 120 a minute from 1 s on, whose bars are unknown; all that a clock
 * says of them is taken. */
static void run_beats(LiveClock *clock, int count, float confidence)
{
    int64_t now = 0;
    take.count = 0;
    for (int n = 0; n < count; n++) {
        HhLiveEvent e = beat_event(120.0, 0);
        e.beat.confidence = confidence;
        run_beat(clock, &now, S + n * 500 * MS, 0, &e);
    }
}

static size_t find(uint8_t status, size_t from)
{
    while (from < take.count && take.message[from].bytes[0] != status) from++;
    return from;
}

/* Pulse k of the k-th message of CLOCK from here lies on the grid that begins at its first. */
static double worst_on_grid(size_t from, double period_ns, double first_ns, size_t *pulses)
{
    double worst = 0.0;
    *pulses = 0;
    for (size_t i = from; i < take.count; i++) {
        if (take.message[i].bytes[0] != CLOCK) continue;
        double expected = first_ns + (double)(*pulses)++ * period_ns / 24.0;
        worst = fmax(worst, fabs((double)take.message[i].at_ns - expected));
    }
    return worst;
}

static void test_clock_steady(void **state)
{
    static const int64_t leads[] = {0, 30 * MS, 200 * MS};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        for (double bpm = 60.0; bpm <= 200.0; bpm += 17.3) {
            LiveClock clock = {0};
            int64_t now = 0;
            double period = 60e9 / bpm;
            take.count = 0;
            for (int n = 0; n < 40; n++) {
                HhLiveEvent e = beat_event(bpm, (unsigned)(n + 2) % 4 + 1);
                run_beat(&clock, &now, S + llround(n * period), leads[k], &e);
            }
            size_t start = find(START, 0), pulses;
            /* Start comes before the first beat of a bar, which is the beat 2, or 6 if there was
             * no time for it, and nothing lies between it and that beat's pulse. */
            assert_true(start < take.count);
            assert_int_equal(take.message[start + 1].bytes[0], CLOCK);
            double first = (double)take.message[start + 1].at_ns;
            int beat = (int)lround((first - (double)S) / period);
            assert_int_equal(beat, 2);
            double worst = worst_on_grid(start + 1, period, (double)S + beat * period, &pulses);
            /* bpm is a float: half a unit in its last place is 4e-8 of 20 beats' time. */
            if (worst > 1000.0) fail_msg("%g bpm: %g ns off the grid", bpm, worst);
            assert_true(pulses > 24 * 36);
            assert_int_equal(find(START, start + 1), take.count);
            assert_int_equal(find(STOP, 0), take.count);
        }
    }
}

/* Beats told with an error: the pulses of the beats are no worse than what was told, and pulses
 * never come closer together than half, nor farther apart than twice the nominal distance. */
static void test_clock_jitter(void **state)
{
    (void)state;
    uint64_t noise = 7;
    const double period = 60e9 / 126.0, error = 8e6;
    LiveClock clock = {0};
    int64_t now = 0;
    take.count = 0;
    for (int n = 0; n < 400; n++) {
        HhLiveEvent e = beat_event(126.0, 0);
        int64_t due = S + llround(n * period + error * test_noise(&noise));
        run_beat(&clock, &now, due, 0, &e);
    }
    size_t start = find(START, 0), pulse = 0;
    double worst = 0.0, sum = 0.0, shortest = 1e18, longest = 0.0;
    for (size_t i = start + 1; i < take.count; i++) {
        assert_int_equal(take.message[i].bytes[0], CLOCK);
        double at = (double)take.message[i].at_ns;
        if (i > start + 1) {
            shortest = fmin(shortest, at - (double)take.message[i - 1].at_ns);
            longest = fmax(longest, at - (double)take.message[i - 1].at_ns);
        }
        double beats = (at - (double)S) / period;
        if (pulse++ % 24 != 0) continue;
        double off = period * (beats - floor(beats + 0.5));
        worst = fmax(worst, fabs(off));
        sum += off * off;
    }
    double rms = sqrt(sum / ((double)pulse / 24.0));
    print_message("# beats told within +-8 ms: pulses of beats at most %.2f ms off, rms %.2f ms; "
                  "spacing %.2f to %.2f ms, nominal %.2f\n",
                  worst * 1e-6, rms * 1e-6, shortest * 1e-6, longest * 1e-6, period / 24e6);
    assert_true(worst <= error + 1e3);
    assert_true(rms <= error / sqrt(3.0) * 1.1);
    assert_true(shortest >= 0.5 * period / 24.0 - 1.0);
    assert_true(longest <= 2.0 * period / 24.0 + 1.0);
}

/* A tempo that glides from 90 to 150 within 64 beats. */
static void test_clock_glide(void **state)
{
    LiveClock clock = {0};
    int64_t now = 0;
    double at = 1e9, beats[64];
    (void)state;
    take.count = 0;
    for (int n = 0; n < 64; n++) {
        double bpm = 90.0 + 60.0 * n / 63.0;
        HhLiveEvent e = beat_event(bpm, 0);
        beats[n] = at;
        run_beat(&clock, &now, llround(at), 0, &e);
        at += 60e9 / bpm;
    }
    size_t start = find(START, 0), pulse = 0;
    for (size_t i = start + 1; i < take.count; i++, pulse++) {
        size_t n = pulse / 24;
        if (pulse % 24 != 0 || n >= 64) continue;
        /* Each beat predicts the next by the tempo that holds there: exactly. */
        assert_true(fabs((double)take.message[i].at_ns - beats[n]) < 1e3);
    }
    assert_true(pulse > 24 * 61);
}

/* The tempo jumps, with the beats or between them: three beats later the pulses of beats are on the
 * new grid again, and none was left out or doubled on the way. */
static void test_clock_new_tempo(void **state)
{
    static const double jump[][3] = {/* bpm before and after; the first beat after, in beats */
                                     {120.0, 174.0, 1.0}, {174.0, 87.0, 1.0},  {87.0, 174.0, 0.5},
                                     {126.0, 126.0, 0.5}, {126.0, 126.0, 1.3}, {60.0, 200.0, 0.2}};
    (void)state;
    for (size_t k = 0; k < sizeof jump / sizeof *jump; k++) {
        LiveClock clock = {0};
        int64_t now = 0, due = S;
        take.count = 0;
        for (int n = 0; n < 40; n++) {
            double bpm = jump[k][n >= 20];
            HhLiveEvent e = beat_event(bpm, 0);
            run_beat(&clock, &now, due, 25 * MS, &e);
            due += llround(60e9 / jump[k][0] * (n == 19 ? jump[k][2] : n < 19 ? 1.0 : 0.0));
            if (n >= 20) due += llround(60e9 / bpm);
        }
        int64_t last = due - llround(60e9 / jump[k][1]),
                begin = last - llround(16 * 60e9 / jump[k][1]);
        double shortest = 2.5e9 / fmax(jump[k][0], jump[k][1]);
        double longest = 2.5e9 / fmin(jump[k][0], jump[k][1]);
        size_t start = find(START, 0), pulse = 0, checked = 0;
        for (size_t i = start + 1; i < take.count; i++) {
            assert_int_equal(take.message[i].bytes[0], CLOCK);
            double step = (double)(take.message[i].at_ns - take.message[i - 1].at_ns);
            if (i > start + 1)
                assert_true(step >= 0.5 * shortest - 1.0 && step <= 2.0 * longest + 1.0);
            if (pulse++ % 24 != 0 || take.message[i].at_ns < begin) continue;
            double beats = (double)(take.message[i].at_ns - last) * jump[k][1] / 60e9;
            if (fabs(beats - round(beats)) > 1e-3)
                fail_msg("jump %zu: %g beats off", k, beats - round(beats));
            checked++;
        }
        assert_true(checked >= 16);
    }
}

/* Beats at random times of one tempo or of random ones, silences, late and early: pulses keep their
 * distance, time never runs backwards (tell_until() sees to that), transport messages alternate,
 * Start comes once. */
static void test_clock_anything(void **state)
{
    (void)state;
    const double fastest = 230.0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        uint64_t noise = seed;
        LiveClock clock = {0};
        int64_t now = (int64_t)(seed % 3) * 1000000000000ll;
        take.count = 0;
        for (int n = 0; n < 120; n++) {
            double bpm = fastest - 0.5 * fastest * (double)(seed % 2) * (1.0 + test_noise(&noise));
            HhLiveEvent e = beat_event(bpm, (unsigned)(2.5 + 2.5 * test_noise(&noise)) % 5);
            e.beat.confidence = (float)(0.5 + 0.5 * test_noise(&noise));
            int64_t due = now + llround(6e8 * test_noise(&noise));
            live_clock_beat(&clock, &e, due, now);
            double chance = test_noise(&noise);
            if (chance > 0.9) live_clock_silence(&clock, true, due);
            if (chance < -0.8) live_clock_silence(&clock, false, due);
            now += llround(3e8 * (1.0 + test_noise(&noise)));
            tell_until(&clock, now + 50 * MS);
        }
        live_clock_stop(&clock, now);
        tell_until(&clock, now + S);
        bool runs = false;
        size_t starts = 0;
        int64_t pulse_ns = INT64_MIN / 2;
        const double closest = 0.5 * 2.5e9 / fastest - 2.0;
        for (size_t i = 0; i < take.count; i++) {
            const uint8_t *b = take.message[i].bytes;
            if (b[0] == STOP) assert_true(runs);
            if (b[0] == START || b[0] == CONTINUE || b[0] == POSITION) assert_false(runs);
            if (b[0] == START) assert_int_equal(starts++, 0);
            if (b[0] == CLOCK) {
                assert_true((double)(take.message[i].at_ns - pulse_ns) >= closest);
                pulse_ns = take.message[i].at_ns;
            }
            if (b[0] == CONTINUE) assert_int_equal(take.message[i - 1].bytes[0], POSITION);
            if (b[0] == POSITION) assert_true(b[1] < 128 && b[2] < 128);
            runs = b[0] == STOP ? false : b[0] == START || b[0] == CONTINUE ? true : runs;
            assert_int_equal(take.message[i].count, b[0] == POSITION ? 3 : 1);
        }
        assert_false(runs);
    }
}

/* Pulses since Start, Stops left out. */
static long song_pulses(size_t to)
{
    long pulses = 0;
    for (size_t i = find(START, 0), runs = 0; i < to; i++) {
        const uint8_t *b = take.message[i].bytes;
        if (b[0] == POSITION) pulses = 6 * (b[1] + 128l * b[2]);
        runs = b[0] == START || b[0] == CONTINUE ? 1 : b[0] == STOP ? 0 : runs;
        pulses += runs && b[0] == CLOCK;
    }
    return pulses;
}

static void test_clock_silence(void **state)
{
    LiveClock clock = {0};
    int64_t now = 0;
    (void)state;
    take.count = 0;
    /* Bars begin at the beats 0, 4, 8 ...; the sound ends after beat 9 and returns at beat 21. */
    for (int n = 0; n < 32; n++) {
        HhLiveEvent e = beat_event(120.0, (unsigned)n % 4 + 1);
        int64_t due = S + n * 500 * MS;
        if (n == 10) live_clock_silence(&clock, true, due - 200 * MS);
        if (n == 21) live_clock_silence(&clock, false, due - 10 * MS);
        if (n < 10 || n >= 21) run_beat(&clock, &now, due, 0, &e);
    }
    size_t start = find(START, 0), stop = find(STOP, 0), go_on = find(CONTINUE, 0);
    assert_true(start < stop && stop < go_on && go_on < take.count);
    assert_int_equal(find(STOP, stop + 1), take.count);
    assert_int_equal(take.message[start + 1].at_ns, S);
    assert_int_equal(song_pulses(stop), 24 * 10 - 9); /* 200 ms before beat 10: 9.6 pulses */
    /* Clocks go on in between. */
    assert_true(go_on - stop > 24 * 10);
    /* It continues at the next beat of a bar, at the beginning of the bar after the one in which
     * it stopped: beats 0 to 11 are three bars. */
    assert_int_equal(take.message[go_on - 1].bytes[0], POSITION);
    assert_int_equal(take.message[go_on - 1].bytes[1], 48);
    assert_int_equal(take.message[go_on - 1].bytes[2], 0);
    assert_int_equal(take.message[go_on + 1].at_ns, S + 24 * 500 * MS);
    assert_true(take.message[go_on - 1].at_ns < take.message[go_on].at_ns);
    assert_true(take.message[go_on].at_ns < take.message[go_on + 1].at_ns);
}

/* The song position has 14 bits: bar 1041 is 272 sixteenths after the beginning. */
static void test_clock_long_song(void **state)
{
    LiveClock clock = {0};
    int64_t now = 0;
    (void)state;
    for (int n = 0; n < 4170; n++) {
        HhLiveEvent e = beat_event(120.0, (unsigned)n % 4 + 1);
        if (n % 1000 == 0) take.count = 0;
        if (n == 4161) live_clock_silence(&clock, true, S + n * 500 * MS);
        if (n == 4163) live_clock_silence(&clock, false, S + n * 500 * MS);
        if (n < 4161 || n > 4163) run_beat(&clock, &now, S + n * 500 * MS, 0, &e);
    }
    size_t position = find(POSITION, 0);
    assert_true(position < take.count);
    assert_int_equal(take.message[position].bytes[1] + 128 * take.message[position].bytes[2], 272);
}

static void test_clock_stops_without_beats(void **state)
{
    LiveClock clock = {0};
    (void)state;
    run_beats(&clock, 12, 0.9f);
    tell_until(&clock, 30 * S);
    size_t stop = find(STOP, 0);
    assert_true(stop < take.count);
    assert_in_range(take.message[stop].at_ns, S + (11 + 8) * 500 * MS,
                    S + (11 + 8) * 500 * MS + 21 * MS);
}

/* A doubtful tracker: the clock starts after eight beats. */
static void test_clock_waits_for_confidence(void **state)
{
    LiveClock clock = {0};
    (void)state;
    run_beats(&clock, 12, 0.1f);
    size_t start = find(START, 0);
    assert_true(start < take.count);
    assert_int_equal(take.message[start + 1].at_ns, S + 9 * 500 * MS);
}

/* The bars turn out to begin two beats later: after sixteen beats that agree, the song moves. */
static void test_clock_moves_the_bars(void **state)
{
    LiveClock clock = {0};
    int64_t now = 0;
    (void)state;
    take.count = 0;
    for (int n = 0; n < 48; n++) {
        HhLiveEvent e = beat_event(120.0, (unsigned)(n + (n >= 8 ? 2 : 0)) % 4 + 1);
        run_beat(&clock, &now, S + n * 500 * MS, 0, &e);
    }
    size_t stop = find(STOP, 0), go_on = find(CONTINUE, 0);
    assert_true(stop < go_on && go_on < take.count);
    assert_int_equal(go_on - stop, 2);
    assert_int_equal(find(STOP, stop + 1), take.count);
    long beat = (long)((take.message[go_on + 1].at_ns - S) / (500 * MS));
    assert_int_equal(take.message[go_on + 1].at_ns, S + beat * 500 * MS);
    assert_int_equal((beat + 2) % 4, 0);
    assert_in_range(beat, 8 + 16, 8 + 16 + 4);
    assert_int_equal(song_pulses(go_on) % 96, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_wrong_addresses),
        cmocka_unit_test(test_long_host),
        cmocka_unit_test(test_universes),
        cmocka_unit_test(test_osc_bytes),
        cmocka_unit_test(test_osc_leaves_out_what_does_not_fit),
        cmocka_unit_test(test_wled_bytes),
        cmocka_unit_test(test_artnet_bytes),
        cmocka_unit_test(test_sacn_bytes),
        cmocka_unit_test(test_sacn_discovery_bytes),
        cmocka_unit_test(test_os2l_text),
        cmocka_unit_test(test_os2l_changes),
        cmocka_unit_test(test_gain),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_dmx_channels),
        cmocka_unit_test(test_dmx_ends_with_the_universe),
        cmocka_unit_test(test_dmx_rate),
        cmocka_unit_test(test_clock_steady),
        cmocka_unit_test(test_clock_jitter),
        cmocka_unit_test(test_clock_glide),
        cmocka_unit_test(test_clock_new_tempo),
        cmocka_unit_test(test_clock_anything),
        cmocka_unit_test(test_clock_silence),
        cmocka_unit_test(test_clock_long_song),
        cmocka_unit_test(test_clock_stops_without_beats),
        cmocka_unit_test(test_clock_waits_for_confidence),
        cmocka_unit_test(test_clock_moves_the_bars),
    };
    return cmocka_run_group_tests_name("live_senders", tests, NULL, NULL);
}
