/* A JACK client that writes down what comes to its MIDI input:
 *
 *     live_midi_capture NAME
 *
 * Prints "ready", waits for its standard input to end, and prints a line for each message: the
 * frame of JACK's clock at which it came, and its bytes in hexadecimal. Exit code 3: no server. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <jack/jack.h>
#include <jack/midiport.h>

#define MOST 100000

typedef struct Message {
    uint32_t frame;
    uint8_t bytes[3];
    uint8_t count;
} Message;

static Message messages[MOST];
static atomic_size_t message_count;
static jack_client_t *client;
static jack_port_t *port;

static int process(jack_nframes_t frames, void *user)
{
    (void)user;
    void *in = jack_port_get_buffer(port, frames);
    jack_nframes_t start = jack_last_frame_time(client);
    uint32_t count = jack_midi_get_event_count(in);
    size_t n = atomic_load(&message_count);
    for (uint32_t i = 0; i < count && n < MOST; i++) {
        jack_midi_event_t event;
        if (jack_midi_event_get(&event, in, i) != 0) continue;
        Message *m = &messages[n++];
        m->frame = start + event.time;
        m->count = (uint8_t)(event.size < 3 ? event.size : 3);
        memcpy(m->bytes, event.buffer, m->count);
    }
    atomic_store(&message_count, n);
    return 0;
}

static void quiet(const char *text)
{
    (void)text;
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    client = jack_client_open(argv[1], JackNoStartServer | JackUseExactName, NULL);
    if (!client) return 3;
    port = jack_port_register(client, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    if (!port || jack_set_process_callback(client, process, NULL) != 0 ||
        jack_activate(client) != 0)
        return 1;
    (void)printf("ready\n");
    (void)fflush(stdout);
    while (getchar() != EOF) continue;
    (void)jack_deactivate(client);
    for (size_t i = 0; i < atomic_load(&message_count); i++) {
        (void)printf("%" PRIu32, messages[i].frame);
        for (int k = 0; k < messages[i].count; k++) (void)printf(" %02x", messages[i].bytes[k]);
        (void)printf("\n");
    }
    return jack_client_close(client);
}
