/* Art-Net 4: one universe of DMX as ArtDmx packets to one node.
 *
 * Artistic Licence, Specification for the Art-Net 4 Ethernet Communication Protocol
 * (art-net.org.uk), "ArtDmx": the operation's code has its least significant byte first, the
 * protocol version (14) and the length their most significant; the sequence runs from 1 to 255 (0
 * would say that there is none); the universe is a Port-Address of 15 bits. Always all 512
 * channels. Art-Net II and later want ArtDmx sent to the node and not broadcast; a broadcast
 * address is taken all the same, for nodes of old. */
#include "live_senders.h"

#include <stdlib.h>
#include <string.h>

#define PORT             6454
#define OP_DMX           0x5000
#define PROTOCOL_VERSION 14
#define HIGHEST_UNIVERSE 32767

typedef struct Artnet {
    LiveDmx dmx;
    LiveUdp udp;
    uint16_t universe;
    uint8_t sequence;
} Artnet;
_Static_assert(offsetof(Artnet, dmx) == 0, "live_dmx_event() takes a handle for its LiveDmx");

void live_artnet_packet(uint8_t packet[LIVE_ARTNET_BYTES], uint8_t sequence, uint16_t universe,
                        const uint8_t slot[LIVE_DMX_SLOTS])
{
    memcpy(packet, "Art-Net", 8);
    packet[8] = OP_DMX & 0xff;
    packet[9] = OP_DMX >> 8;
    (void)live_put16(packet + 10, PROTOCOL_VERSION);
    packet[12] = sequence;
    packet[13] = 0; /* the physical input: none */
    packet[14] = (uint8_t)universe;
    packet[15] = (uint8_t)(universe >> 8);
    (void)live_put16(packet + 16, LIVE_DMX_SLOTS);
    memcpy(packet + 18, slot, LIVE_DMX_SLOTS);
}

void *live_artnet_open(const LiveSenderSetup *setup, char **message)
{
    LiveAddress address;
    uint16_t universe;
    size_t first;
    if (!live_address_parse(setup->address, &address, message)) return NULL;
    if (!live_dmx_path(address.path, 0, HIGHEST_UNIVERSE, &universe, &first, message)) return NULL;
    Artnet *artnet = cli_alloc(1, sizeof *artnet);
    artnet->universe = universe;
    live_dmx_start(&artnet->dmx, setup, first);
    if (live_udp_open(&artnet->udp, address.host, address.port ? address.port : PORT, message))
        return artnet;
    free(artnet);
    return NULL;
}

static void send_frame(Artnet *artnet)
{
    uint8_t packet[LIVE_ARTNET_BYTES];
    artnet->sequence = artnet->sequence == 255 ? 1 : (uint8_t)(artnet->sequence + 1);
    live_artnet_packet(packet, artnet->sequence, artnet->universe, artnet->dmx.slot);
    live_udp_send(&artnet->udp, packet, sizeof packet);
}

int64_t live_artnet_time(void *handle, int64_t now_ns)
{
    Artnet *artnet = handle;
    int64_t next_ns;
    if (live_dmx_frame(&artnet->dmx, now_ns, &next_ns)) send_frame(artnet);
    return next_ns;
}

void live_artnet_count(void *handle, LiveSenderCounts *counts)
{
    live_udp_count(&((Artnet *)handle)->udp, counts);
}

void live_artnet_close(void *handle, int64_t now_ns)
{
    Artnet *artnet = handle;
    (void)now_ns;
    /* A node holds the last frame: it must not be a flash. */
    memset(artnet->dmx.slot, 0, sizeof artnet->dmx.slot);
    if (artnet->dmx.known) send_frame(artnet);
    live_udp_close(&artnet->udp);
    free(artnet);
}
