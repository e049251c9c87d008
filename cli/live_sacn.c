/* sACN (streaming ACN): one universe of DMX by UDP, to its multicast group or to one host.
 *
 * ANSI E1.31-2018, Lightweight streaming protocol for transport of DMX512 using ACN
 * (tsp.esta.org): three layers, each begun by its length in 12 bits under the flags 0x7, all
 * numbers with the most significant byte first. Data packets: sections 4.1, 5, 6 and 7; the group
 * of a universe: 9.3.1; how often: 6.6.1 (live_dmx.c); the end, three packets with
 * Stream_Terminated: 6.2.6; every ten seconds the list of our universes: 4.3 and 8. The list goes
 * to its own multicast group, and only if the data is multicast too. */
#include "live_senders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define PORT               5568
#define HIGHEST_UNIVERSE   63999
#define DISCOVERY_UNIVERSE 64214
#define DISCOVERY_NS       10000000000
#define PRIORITY           100 /* the default of section 6.2.3 */
#define TERMINATIONS       3

#define VECTOR_ROOT_DATA      4
#define VECTOR_ROOT_EXTENDED  8
#define VECTOR_FRAME_DATA     2
#define VECTOR_FRAME_DISCOVER 2
#define VECTOR_DMP_SET        2
#define VECTOR_UNIVERSE_LIST  1

typedef struct Sacn {
    LiveDmx dmx;
    LiveUdp udp, discovery;
    LiveSacnSource source;
    uint8_t sequence;
    bool multicast;
    int64_t discovery_ns;
} Sacn;
_Static_assert(offsetof(Sacn, dmx) == 0, "live_dmx_event() takes a handle for its LiveDmx");

/* ---- packets ---- */

/* Flags and the length of the rest of the packet, these two bytes included. */
static uint8_t *put_length(uint8_t *to, const uint8_t *end)
{
    return live_put16(to, 0x7000u | (uint32_t)(end - to));
}

static uint8_t *put_bytes(uint8_t *to, const void *bytes, size_t count)
{
    memcpy(to, bytes, count);
    return to + count;
}

static uint8_t *put_root(uint8_t *to, const uint8_t *end, uint32_t vector,
                         const LiveSacnSource *source)
{
    to = live_put16(to, 0x0010); /* size of the preamble */
    to = live_put16(to, 0);      /* and of what would follow */
    to = put_bytes(to, "ASC-E1.17\0\0", 12);
    to = put_length(to, end);
    to = live_put32(to, vector);
    return put_bytes(to, source->id, sizeof source->id);
}

void live_sacn_packet(uint8_t packet[LIVE_SACN_BYTES], const LiveSacnSource *source,
                      uint8_t sequence, uint8_t options, const uint8_t slot[LIVE_DMX_SLOTS])
{
    const uint8_t *end = packet + LIVE_SACN_BYTES;
    uint8_t *to = put_root(packet, end, VECTOR_ROOT_DATA, source);

    to = put_length(to, end);
    to = live_put32(to, VECTOR_FRAME_DATA);
    to = put_bytes(to, source->name, sizeof source->name);
    *to++ = source->priority;
    to = live_put16(to, 0); /* no universe to be in step with */
    *to++ = sequence;
    *to++ = options;
    to = live_put16(to, source->universe);

    to = put_length(to, end);
    *to++ = VECTOR_DMP_SET;
    *to++ = 0xa1;           /* a range of addresses of two bytes, data of one */
    to = live_put16(to, 0); /* first address */
    to = live_put16(to, 1); /* step */
    to = live_put16(to, 1 + LIVE_DMX_SLOTS);
    *to++ = 0; /* START code: dimmer levels */
    (void)put_bytes(to, slot, LIVE_DMX_SLOTS);
}

void live_sacn_discovery(uint8_t packet[LIVE_SACN_DISCOVERY_BYTES], const LiveSacnSource *source)
{
    const uint8_t *end = packet + LIVE_SACN_DISCOVERY_BYTES;
    uint8_t *to = put_root(packet, end, VECTOR_ROOT_EXTENDED, source);

    to = put_length(to, end);
    to = live_put32(to, VECTOR_FRAME_DISCOVER);
    to = put_bytes(to, source->name, sizeof source->name);
    to = live_put32(to, 0); /* reserved */

    to = put_length(to, end);
    to = live_put32(to, VECTOR_UNIVERSE_LIST);
    *to++ = 0; /* page */
    *to++ = 0; /* the last page */
    (void)live_put16(to, source->universe);
}

/* ---- the sender ---- */

static void group(char *text, size_t room, unsigned universe)
{
    (void)snprintf(text, room, "239.255.%u.%u", universe >> 8, universe & 0xff);
}

/* A random UUID (RFC 9562, version 4): another one for each run, so that two of us are two sources
 * to a receiver. */
static void make_id(uint8_t id[16])
{
    if (getrandom(id, 16, 0) != 16) {
        struct timespec now = {0};
        (void)clock_gettime(CLOCK_REALTIME, &now);
        (void)live_put32(live_put32(id, (uint32_t)now.tv_sec), (uint32_t)now.tv_nsec);
    }
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
}

/* "//UNIVERSE[/CHANNEL]", multicast, or "//HOST[:PORT]/UNIVERSE[/CHANNEL]". A host that is a number
 * and nothing else would be an address of a kind that nobody writes. */
static bool take_address(Sacn *sacn, const LiveSenderSetup *setup, LiveAddress *address,
                         char **message)
{
    size_t first;
    if (strncmp(setup->address, "//", 2) == 0) {
        size_t digits = strspn(setup->address + 2, "0123456789");
        char next = setup->address[2 + digits];
        sacn->multicast = digits > 0 && (next == '\0' || next == '/');
    }
    if (sacn->multicast) {
        if (!live_dmx_path(setup->address + 1, 1, HIGHEST_UNIVERSE, &sacn->source.universe, &first,
                           message))
            return false;
        *address = (LiveAddress){.path = ""};
        group(address->host, sizeof address->host, sacn->source.universe);
    } else if (!live_address_parse(setup->address, address, message) ||
               !live_dmx_path(address->path, 1, HIGHEST_UNIVERSE, &sacn->source.universe, &first,
                              message)) {
        return false;
    }
    live_dmx_start(&sacn->dmx, setup, first);
    return true;
}

static bool open_sockets(Sacn *sacn, const LiveAddress *address, char **message)
{
    char host[32];
    sacn->discovery.socket = -1;
    if (!live_udp_open(&sacn->udp, address->host, address->port ? address->port : PORT, message))
        return false;
    if (!sacn->multicast) return true;
    group(host, sizeof host, DISCOVERY_UNIVERSE);
    if (live_udp_open(&sacn->discovery, host, PORT, message)) return true;
    live_udp_close(&sacn->udp);
    return false;
}

void *live_sacn_open(const LiveSenderSetup *setup, char **message)
{
    LiveAddress address;
    Sacn *sacn = cli_alloc(1, sizeof *sacn);
    sacn->discovery_ns = setup->now_ns;
    sacn->source.priority = PRIORITY;
    memcpy(sacn->source.name, "Heihachi", 9);
    make_id(sacn->source.id);
    if (take_address(sacn, setup, &address, message) && open_sockets(sacn, &address, message))
        return sacn;
    free(sacn);
    return NULL;
}

static void send_frame(Sacn *sacn, uint8_t options)
{
    uint8_t packet[LIVE_SACN_BYTES];
    live_sacn_packet(packet, &sacn->source, sacn->sequence++, options, sacn->dmx.slot);
    live_udp_send(&sacn->udp, packet, sizeof packet);
}

static void send_discovery(Sacn *sacn, int64_t now_ns)
{
    uint8_t packet[LIVE_SACN_DISCOVERY_BYTES];
    if (!sacn->multicast || now_ns < sacn->discovery_ns) return;
    sacn->discovery_ns = now_ns + DISCOVERY_NS;
    live_sacn_discovery(packet, &sacn->source);
    live_udp_send(&sacn->discovery, packet, sizeof packet);
}

int64_t live_sacn_time(void *handle, int64_t now_ns)
{
    Sacn *sacn = handle;
    int64_t next_ns;
    if (live_dmx_frame(&sacn->dmx, now_ns, &next_ns)) send_frame(sacn, 0);
    if (sacn->dmx.known) send_discovery(sacn, now_ns);
    return next_ns;
}

void live_sacn_count(void *handle, LiveSenderCounts *counts)
{
    const Sacn *sacn = handle;
    live_udp_count(&sacn->udp, counts);
    counts->sent += sacn->discovery.sent;
    counts->lost += sacn->discovery.lost;
}

void live_sacn_close(void *handle, int64_t now_ns)
{
    Sacn *sacn = handle;
    (void)now_ns;
    memset(sacn->dmx.slot, 0, sizeof sacn->dmx.slot);
    for (int i = 0; sacn->dmx.known && i < TERMINATIONS; i++)
        send_frame(sacn, LIVE_SACN_TERMINATED);
    live_udp_close(&sacn->udp);
    live_udp_close(&sacn->discovery);
    free(sacn);
}
