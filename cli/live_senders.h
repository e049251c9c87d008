/* What the senders of `heihachi live` share: addresses, sockets, and the builders of packets, which
 * are pure functions so that they can be tested byte by byte. */
#ifndef HH_CLI_LIVE_SENDERS_H
#define HH_CLI_LIVE_SENDERS_H

#include "live.h"

/* ---- live_net.c: addresses and sockets. No call waits, except for a name to be resolved when a
 * sender is opened. */

/* "//HOST[:PORT][/PATH]" */
typedef struct LiveAddress {
    char host[254];   /* a name, or an address; IPv6 without its brackets */
    uint16_t port;    /* 0: none was given */
    const char *path; /* from its '/' on, or "" */
} LiveAddress;

/* False with *message, to be freed, if the text is anything else. */
bool live_address_parse(const char *text, LiveAddress *address, char **message);
/* Digits alone, low..high. */
bool live_address_number(const char *text, size_t length, long low, long high, long *value);

typedef struct LiveUdp {
    int socket;
    uint64_t sent, lost;
} LiveUdp;

bool live_udp_open(LiveUdp *udp, const char *host, uint16_t port, char **message);
void live_udp_send(LiveUdp *udp, const void *packet, size_t bytes);
void live_udp_count(const LiveUdp *udp, LiveSenderCounts *counts);
void live_udp_close(LiveUdp *udp);

/* Most significant byte first, as networks have it. */
static inline uint8_t *live_put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static inline uint8_t *live_put32(uint8_t *to, uint32_t value)
{
    return live_put16(live_put16(to, value >> 16), value & 0xffff);
}

/* ---- what several senders show ---- */

/* A gain that follows the loudest note: 255 is the largest amplitude of the last seconds. */
typedef struct LiveGain {
    float peak;
    int64_t at_ns;
} LiveGain;

void live_gain_follow(LiveGain *gain, const float *amplitude, size_t count, int64_t now_ns);
/* 0 to 255: the square root of the share of the peak, so that 20 dB less is still 81. */
uint8_t live_gain_byte(const LiveGain *gain, float amplitude);
/* 0 to 1 becomes 0 to 255; what lies outside, or is not a number, goes to the nearer end or 0. */
uint8_t live_byte(double share);

/* The tracker only guesses where bars begin, and may guess anew at every beat. Whoever counts bars
 * moves when the guess has been elsewhere by the same distance for so many beats. */
typedef struct LiveBars {
    unsigned shift, times;
} LiveBars;

/* By how many beats, 0 to 3, the bar is to be moved, now that a beat was told as `in_bar` and is
 * counted as the beat `number` (bars begin at multiples of four). */
unsigned live_bars_shift(LiveBars *bars, unsigned in_bar, int64_t number, unsigned beats);

/* ---- live_osc.c ---- */

typedef struct LiveOsc {
    uint8_t *bytes;
    size_t room, length;
    bool full; /* something did not fit and was left out */
} LiveOsc;

/* A bundle with this NTP time (1: at once); messages are then added to it. */
void live_osc_bundle(LiveOsc *osc, uint8_t *bytes, size_t room, uint64_t ntp);
/* `types` is of 'i' and 'f'; values[] has one number for each. */
void live_osc_message(LiveOsc *osc, const char *prefix, const char *name, const char *types,
                      const double *values);

/* ---- live_wled.c ---- */

#define LIVE_WLED_BYTES    44
#define LIVE_WLED_CHANNELS 16

typedef struct LiveWledValues {
    float raw, smooth; /* 0 to 255 */
    bool peak;
    uint8_t count; /* of packets */
    uint8_t channel[LIVE_WLED_CHANNELS];
    float magnitude; /* 0 to 4080 */
    float major_hz;
} LiveWledValues;

void live_wled_packet(uint8_t packet[LIVE_WLED_BYTES], const LiveWledValues *values);

/* ---- live_os2l.c ---- */

/* The bytes of one message; `text` gets a zero as well. */
size_t live_os2l_beat(char *text, size_t room, bool change, int64_t position, double bpm,
                      double strength);

/* ---- live_dmx.c: the values as DMX channels, and when to send them ---- */

#define LIVE_DMX_SLOTS 512

typedef struct LiveDmx {
    uint8_t slot[LIVE_DMX_SLOTS];
    size_t first; /* slot of the first value */
    size_t notes;
    bool known; /* there has been a snapshot */
    HhLiveSnapshot snapshot;
    int64_t snapshot_ns, beat_ns, downbeat_ns;
    LiveGain gain;
    unsigned repeats;         /* frames since the last one that was different */
    int64_t next_ns, idle_ns; /* the next frame; and if it is no different */
} LiveDmx;

void live_dmx_start(LiveDmx *dmx, const LiveSenderSetup *setup, size_t first);
/* Rows of live_senders[] for handles whose first member is a LiveDmx. */
void live_dmx_event(void *handle, const HhLiveEvent *event, const LiveTime *time);
void live_dmx_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time);
/* True if slot[] is to be sent now. *next_ns is when to ask again. */
bool live_dmx_frame(LiveDmx *dmx, int64_t now_ns, int64_t *next_ns);
/* "/UNIVERSE[/CHANNEL]" */
bool live_dmx_path(const char *path, long low, long high, uint16_t *universe, size_t *first,
                   char **message);

/* ---- live_artnet.c ---- */

#define LIVE_ARTNET_BYTES (18 + LIVE_DMX_SLOTS)

void live_artnet_packet(uint8_t packet[LIVE_ARTNET_BYTES], uint8_t sequence, uint16_t universe,
                        const uint8_t slot[LIVE_DMX_SLOTS]);

/* ---- live_sacn.c ---- */

#define LIVE_SACN_BYTES           (126 + LIVE_DMX_SLOTS)
#define LIVE_SACN_DISCOVERY_BYTES 122
#define LIVE_SACN_TERMINATED      0x40 /* an option: this source sends no more */

typedef struct LiveSacnSource {
    uint8_t id[16]; /* a UUID: the component's */
    char name[64];  /* UTF-8, with its zero */
    uint16_t universe;
    uint8_t priority;
} LiveSacnSource;

void live_sacn_packet(uint8_t packet[LIVE_SACN_BYTES], const LiveSacnSource *source,
                      uint8_t sequence, uint8_t options, const uint8_t slot[LIVE_DMX_SLOTS]);
void live_sacn_discovery(uint8_t packet[LIVE_SACN_DISCOVERY_BYTES], const LiveSacnSource *source);

/* ---- live_clock.c: MIDI clock ---- */

#define LIVE_CLOCK_PPQN 24

/* The first byte of a message; that of the position has two more. */
enum {
    LIVE_MIDI_POSITION = 0xf2,
    LIVE_MIDI_CLOCK = 0xf8,
    LIVE_MIDI_START = 0xfa,
    LIVE_MIDI_CONTINUE = 0xfb,
    LIVE_MIDI_STOP = 0xfc
};

typedef struct LiveClockMessage {
    int64_t at_ns; /* never less than that of the message before */
    uint8_t bytes[3];
    uint8_t count;
} LiveClockMessage;

typedef struct LiveClock {
    /* Pulse `pulse` comes at next_ns; those before `lock` follow in steps of step_ns, those after
     * it in steps of nominal_ns. Beats are at multiples of LIVE_CLOCK_PPQN. */
    int64_t pulse, lock;
    double next_ns, step_ns, nominal_ns;
    int64_t last_ns; /* of the message before */
    bool ticking;    /* there is a tempo */

    bool running;          /* between Start or Continue and Stop */
    bool start_pending;    /* to be told before pulse `start` */
    unsigned stage;        /* messages of it that are told */
    int64_t start, origin; /* the song began at pulse `origin` */
    bool started;          /* a Start has been told: Continue from now on */
    bool stop_pending;
    int64_t stop_ns, stopped_at; /* song position in pulses */

    bool silent;
    double last_beat_ns;
    unsigned beats; /* since the tempo came */
    LiveBars bars;
} LiveClock;

void live_clock_beat(LiveClock *clock, const HhLiveEvent *event, int64_t due_ns, int64_t now_ns);
void live_clock_silence(LiveClock *clock, bool silent, int64_t due_ns);
void live_clock_stop(LiveClock *clock, int64_t at_ns);
/* The next message if it comes before `until_ns`. */
bool live_clock_next(LiveClock *clock, int64_t until_ns, LiveClockMessage *message);

/* ---- live_midi.c: where the messages of the clock go ---- */

typedef struct LiveMidiPort {
    const char *name;                                  /* "jack": what follows "midi:" */
    void *(*open)(const char *target, char **message); /* `target`: a port to connect to, or "" */
    bool (*send)(void *port, const LiveClockMessage *message);
    bool (*connected)(void *port);
    void (*close)(void *port); /* after the last message has gone out, or a fifth of a second */
} LiveMidiPort;

extern const LiveMidiPort live_midi_jack; /* live_midi_jack.c */
extern const LiveMidiPort live_midi_alsa; /* live_midi_alsa.c */

/* ---- the functions of the rows of live_senders[] ---- */

/* What every row has. */
#define LIVE_SENDER_FUNCTIONS(name)                                                                \
    void *live_##name##_open(const LiveSenderSetup *setup, char **message);                        \
    void live_##name##_count(void *handle, LiveSenderCounts *counts);                              \
    void live_##name##_close(void *handle, int64_t now_ns)

LIVE_SENDER_FUNCTIONS(osc);
LIVE_SENDER_FUNCTIONS(midi);
LIVE_SENDER_FUNCTIONS(wled);
LIVE_SENDER_FUNCTIONS(os2l);
LIVE_SENDER_FUNCTIONS(artnet);
LIVE_SENDER_FUNCTIONS(sacn);

/* And what some have; those of DMX share live_dmx_event() and live_dmx_snapshot(). */
void live_osc_event(void *handle, const HhLiveEvent *event, const LiveTime *time);
void live_midi_event(void *handle, const HhLiveEvent *event, const LiveTime *time);
void live_wled_event(void *handle, const HhLiveEvent *event, const LiveTime *time);
void live_os2l_event(void *handle, const HhLiveEvent *event, const LiveTime *time);

void live_osc_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time);
void live_wled_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time);
void live_os2l_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time);

int64_t live_midi_time(void *handle, int64_t now_ns);
int64_t live_artnet_time(void *handle, int64_t now_ns);
int64_t live_sacn_time(void *handle, int64_t now_ns);

#endif
