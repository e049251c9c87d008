/* WLED audio sync ("UDP sound sync"), format V2: lamps that run WLED 0.14 or later with the
 * AudioReactive usermod set to receive play their own effects to these numbers.
 *
 * The format is described in WLED's documentation (mm.kno.wled.ge/soundreactive/sync): a C
 * structure as the sending chip has it in memory, so numbers have their least significant byte
 * first and two pairs of bytes are left unused before a float. Byte 17, reserved there, counts the
 * packets in later versions; we count too.
 *
 * What is documented of the values is their order of magnitude alone; ours are: volume 0 to 255 is
 * the display level; a channel is the loudest note within its range, 255 being the loudest of the
 * last seconds; the magnitude of the strongest note goes to 4080, which effects divide by 16. */
#include "live_senders.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_GROUP  "239.0.0.1"
#define DEFAULT_PORT   11988
#define SMOOTH_SECONDS 0.1f
#define FULL_MAGNITUDE 4080.0f

/* Edges of WLED's channels in Hz: it says for each from where to where it goes. */
static const float edge_hz[LIVE_WLED_CHANNELS + 1] = {
    43.0f,   86.0f,   129.0f,  216.0f,  301.0f,  430.0f,  560.0f,  818.0f, 1120.0f,
    1421.0f, 1895.0f, 2412.0f, 3015.0f, 3704.0f, 4479.0f, 7106.0f, 9259.0f};

typedef struct Wled {
    LiveUdp udp;
    size_t notes;
    float note_hz[HH_LIVE_MAX_NOTES];
    LiveGain gain;
    float smooth;
    int64_t at_ns;
    bool beat, onset; /* since the last packet */
    uint8_t count;
} Wled;

/* ---- the packet ---- */

static void put_float(uint8_t *to, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(bits >> (8 * i));
}

void live_wled_packet(uint8_t packet[LIVE_WLED_BYTES], const LiveWledValues *values)
{
    memset(packet, 0, LIVE_WLED_BYTES);
    memcpy(packet, "00002", 6);
    put_float(packet + 8, values->raw);
    put_float(packet + 12, values->smooth);
    packet[16] = values->peak;
    packet[17] = values->count;
    memcpy(packet + 18, values->channel, LIVE_WLED_CHANNELS);
    put_float(packet + 36, values->magnitude);
    put_float(packet + 40, values->major_hz);
}

/* ---- the sender ---- */

void *live_wled_open(const LiveSenderSetup *setup, char **message)
{
    LiveAddress address = {.host = DEFAULT_GROUP, .path = ""};
    if (strcmp(setup->address, "//") != 0 && !live_address_parse(setup->address, &address, message))
        return NULL;
    if (*address.path != '\0' && strcmp(address.path, "/") != 0) {
        *message = cli_format("nothing may follow the host: \"%s\"", address.path);
        return NULL;
    }
    Wled *wled = cli_alloc(1, sizeof *wled);
    wled->notes = setup->notes;
    wled->at_ns = setup->now_ns;
    for (size_t i = 0; i < wled->notes; i++)
        wled->note_hz[i] = setup->bottom_note * exp2f((float)i / (float)setup->notes_per_octave);
    if (live_udp_open(&wled->udp, address.host, address.port ? address.port : DEFAULT_PORT,
                      message))
        return wled;
    free(wled);
    return NULL;
}

void live_wled_event(void *handle, const HhLiveEvent *event, const LiveTime *time)
{
    Wled *wled = handle;
    (void)time;
    if (event->type == HH_LIVE_BEAT) wled->beat = true;
    if (event->type == HH_LIVE_ONSET && event->onset.band == 0) wled->onset = true;
}

static void fill_channels(const Wled *wled, const HhLiveSnapshot *snapshot, LiveWledValues *values)
{
    size_t strongest = 0, channel = 0;
    for (size_t i = 0; i < wled->notes; i++) {
        if (snapshot->note[i] > snapshot->note[strongest]) strongest = i;
        while (channel < LIVE_WLED_CHANNELS && wled->note_hz[i] >= edge_hz[channel + 1]) channel++;
        if (channel == LIVE_WLED_CHANNELS || wled->note_hz[i] < edge_hz[0]) continue;
        uint8_t height = live_gain_byte(&wled->gain, snapshot->note[i]);
        if (height > values->channel[channel]) values->channel[channel] = height;
    }
    /* WLED's own senders give 1 Hz when there is no peak. */
    uint8_t height = live_gain_byte(&wled->gain, snapshot->note[strongest]);
    values->magnitude = (float)height / 255.0f * FULL_MAGNITUDE;
    values->major_hz = height > 0 ? wled->note_hz[strongest] : 1.0f;
}

void live_wled_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time)
{
    Wled *wled = handle;
    float seconds = 1e-9f * (float)(time->now_ns - wled->at_ns);
    float raw = (float)live_byte((double)snapshot->display);
    if (seconds > 0.0f)
        wled->smooth += (raw - wled->smooth) * (1.0f - expf(-seconds / SMOOTH_SECONDS));
    wled->at_ns = time->now_ns;
    live_gain_follow(&wled->gain, snapshot->note, wled->notes, time->now_ns);

    LiveWledValues values = {.raw = raw, .smooth = wled->smooth, .count = wled->count++};
    /* The effects that use it want one pulse a beat; before there is a tempo, the bass will do. */
    values.peak = wled->beat || (snapshot->bpm <= 0.0f && wled->onset);
    wled->beat = wled->onset = false;
    fill_channels(wled, snapshot, &values);
    uint8_t packet[LIVE_WLED_BYTES];
    live_wled_packet(packet, &values);
    live_udp_send(&wled->udp, packet, sizeof packet);
}

void live_wled_count(void *handle, LiveSenderCounts *counts)
{
    live_udp_count(&((Wled *)handle)->udp, counts);
}

void live_wled_close(void *handle, int64_t now_ns)
{
    Wled *wled = handle;
    (void)now_ns;
    /* Silence, so that the lamps do not stay as they are. */
    LiveWledValues values = {.count = wled->count, .major_hz = 1.0f};
    uint8_t packet[LIVE_WLED_BYTES];
    live_wled_packet(packet, &values);
    live_udp_send(&wled->udp, packet, sizeof packet);
    live_udp_close(&wled->udp);
    free(wled);
}
