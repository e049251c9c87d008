/* Open Sound Control 1.0 over UDP: what happens as messages of its own when it is due, and all
 * values some fifty times a second, each packet a bundle with the time at which it holds.
 *
 * M. Wright, The Open Sound Control 1.0 Specification, 2002 (opensoundcontrol.stanford.edu):
 * numbers have their most significant byte first, strings end with one to four zeros so that all
 * is a multiple of four bytes, a bundle is "#bundle", an NTP time, and messages each after its
 * length. An address names a method or holds others, never both; so the level is /level and its
 * companions are /rms, /peak and /lufs.
 *
 * The packets are made here and not by liblo, whose sockets may wait; liblo reads them in the
 * tests. */
#include "live_senders.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_PORT   9000
#define DEFAULT_PREFIX "/heihachi"
/* What an Ethernet frame holds after the headers of IPv4 and UDP; with a prefix of this length and
 * HH_LIVE_MAX_NOTES notes the values take 1284 bytes. */
#define PACKET_ROOM    1472
#define PREFIX_ROOM    32
#define NTP_AT_ONCE    1u
#define NTP_TO_UNIX    2208988800u /* seconds from 1900 to 1970 */

typedef struct Osc {
    LiveUdp udp;
    char prefix[PREFIX_ROOM];
    size_t notes;
    bool real_time;
} Osc;

/* ---- packets ---- */

void live_osc_bundle(LiveOsc *osc, uint8_t *bytes, size_t room, uint64_t ntp)
{
    *osc = (LiveOsc){bytes, room, 16, room < 16};
    if (osc->full) return;
    memcpy(bytes, "#bundle", 8);
    (void)live_put32(live_put32(bytes + 8, (uint32_t)(ntp >> 32)), (uint32_t)ntp);
}

/* Bytes that a string of this length takes: at least one zero, and a multiple of four. */
static size_t padded(size_t length)
{
    return (length + 4) & ~(size_t)3;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void live_osc_message(LiveOsc *osc, const char *prefix, const char *name, const char *types,
                      const double *values)
{
    size_t before = strlen(prefix), after = strlen(name), count = strlen(types);
    size_t length = padded(before + after) + padded(1 + count) + 4 * count;
    if (osc->full || osc->length + 4 + length > osc->room) {
        osc->full = true;
        return;
    }
    uint8_t *to = live_put32(osc->bytes + osc->length, (uint32_t)length);
    memset(to, 0, length);
    memcpy(to, prefix, before);
    memcpy(to + before, name, after);
    to += padded(before + after);
    to[0] = ',';
    memcpy(to + 1, types, count);
    to += padded(1 + count);
    for (size_t i = 0; i < count; i++)
        to = live_put32(to, types[i] == 'i' ? (uint32_t)(int32_t)values[i]
                                            : float_bits((float)values[i]));
    osc->length += 4 + length;
}

/* ---- the sender ---- */

/* 32 bits of seconds since 1900, 32 of their fraction. */
static uint64_t ntp_time(int64_t unix_ns)
{
    uint64_t seconds = (uint64_t)(unix_ns / 1000000000), rest = (uint64_t)(unix_ns % 1000000000);
    return ((seconds + NTP_TO_UNIX) << 32) | ((rest << 32) / 1000000000u);
}

/* The time of day at `due_ns`. Without real time nobody waits: at once. */
static uint64_t time_tag(const Osc *osc, const LiveTime *time)
{
    struct timespec now;
    int64_t ahead_ns = time->due_ns - live_now_ns();
    if (!osc->real_time || clock_gettime(CLOCK_REALTIME, &now) != 0) return NTP_AT_ONCE;
    return ntp_time((int64_t)now.tv_sec * 1000000000 + now.tv_nsec + ahead_ns);
}

/* "/PREFIX": characters that an address may have, no empty part, no '/' at the end. */
static bool take_prefix(Osc *osc, const char *path, char **message)
{
    if (*path == '\0' || strcmp(path, "/") == 0) path = DEFAULT_PREFIX;
    size_t length = strlen(path);
    bool good = length < PREFIX_ROOM && path[length - 1] != '/' && !strstr(path, "//");
    for (size_t i = 0; i < length; i++)
        good = good && path[i] > ' ' && path[i] < 0x7f && !strchr("#*,?[]{}", path[i]);
    if (good)
        memcpy(osc->prefix, path, length + 1);
    else
        *message = cli_copy("the prefix is no OSC address of at most 31 characters");
    return good;
}

void *live_osc_open(const LiveSenderSetup *setup, char **message)
{
    LiveAddress address;
    if (!live_address_parse(setup->address, &address, message)) return NULL;
    Osc *osc = cli_alloc(1, sizeof *osc);
    osc->notes = setup->notes;
    osc->real_time = setup->real_time;
    if (take_prefix(osc, address.path, message) &&
        live_udp_open(&osc->udp, address.host, address.port ? address.port : DEFAULT_PORT, message))
        return osc;
    free(osc);
    return NULL;
}

static void add(LiveOsc *packet, const Osc *osc, const char *name, double value)
{
    live_osc_message(packet, osc->prefix, name, "f", &value);
}

static void add_many(LiveOsc *packet, const Osc *osc, const char *name, const float *values,
                     size_t count)
{
    char types[HH_LIVE_MAX_NOTES + 1] = "";
    double copy[HH_LIVE_MAX_NOTES];
    for (size_t i = 0; i < count; i++) {
        types[i] = 'f';
        copy[i] = (double)values[i];
    }
    live_osc_message(packet, osc->prefix, name, types, copy);
}

static void add_beat(LiveOsc *packet, const Osc *osc, const HhLiveEvent *event)
{
    const double values[] = {(double)(event->beat.number & 0x7fffffff), event->beat.in_bar,
                             (double)event->beat.bpm, (double)event->beat.confidence};
    live_osc_message(packet, osc->prefix, "/beat", "iiff", values);
    if (event->beat.in_bar == 1) live_osc_message(packet, osc->prefix, "/downbeat", "i", values);
}

void live_osc_event(void *handle, const HhLiveEvent *event, const LiveTime *time)
{
    static const char *const onset[HH_LIVE_BANDS] = {"/onset/low", "/onset/mid", "/onset/high"};
    Osc *osc = handle;
    uint8_t bytes[PACKET_ROOM];
    LiveOsc packet;
    live_osc_bundle(&packet, bytes, sizeof bytes, time_tag(osc, time));
    switch (event->type) {
    case HH_LIVE_BEAT:
        add_beat(&packet, osc, event);
        break;
    case HH_LIVE_ONSET:
        if (event->onset.band >= HH_LIVE_BANDS) return;
        add(&packet, osc, onset[event->onset.band], (double)event->onset.strength);
        break;
    case HH_LIVE_TEMPO:
        add(&packet, osc, "/bpm", (double)event->tempo.bpm);
        add(&packet, osc, "/confidence", (double)event->tempo.confidence);
        break;
    case HH_LIVE_SILENCE: {
        const double on = event->silence.on;
        live_osc_message(&packet, osc->prefix, "/silence", "i", &on);
        break;
    }
    case HH_LIVE_LEVEL:
        return; /* the snapshots have it, and more often */
    }
    live_udp_send(&osc->udp, bytes, packet.length);
}

void live_osc_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time)
{
    Osc *osc = handle;
    uint8_t bytes[PACKET_ROOM];
    LiveOsc packet;
    live_osc_bundle(&packet, bytes, sizeof bytes, time_tag(osc, time));
    add(&packet, osc, "/level", (double)snapshot->display);
    add(&packet, osc, "/rms", (double)snapshot->rms_db);
    add(&packet, osc, "/peak", (double)snapshot->peak_db);
    add(&packet, osc, "/lufs", (double)snapshot->momentary_lufs);
    add(&packet, osc, "/bpm", (double)snapshot->bpm);
    add(&packet, osc, "/confidence", (double)snapshot->confidence);
    add(&packet, osc, "/phase", (double)snapshot->beat_phase);
    add(&packet, osc, "/novelty", (double)snapshot->novelty);
    add(&packet, osc, "/flash/low", (double)snapshot->onset[0]);
    add(&packet, osc, "/flash/mid", (double)snapshot->onset[1]);
    add(&packet, osc, "/flash/high", (double)snapshot->onset[2]);
    add(&packet, osc, "/tuning", (double)snapshot->tuning_cents);
    add_many(&packet, osc, "/chroma", snapshot->chroma, 12);
    add_many(&packet, osc, "/notes", snapshot->note, osc->notes);
    live_udp_send(&osc->udp, bytes, packet.length);
}

void live_osc_count(void *handle, LiveSenderCounts *counts)
{
    live_udp_count(&((Osc *)handle)->udp, counts);
}

void live_osc_close(void *handle, int64_t now_ns)
{
    (void)now_ns;
    live_udp_close(&((Osc *)handle)->udp);
    free(handle);
}
