/* JACK: a client "heihachi" with input ports. The callback takes the ports' memory, mixes it into
 * the ring and posts a semaphore; it allocates and locks nothing. Frames that the server skipped
 * are told by its frame time. */
#include <jack/jack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_device.h"

#define MOST_PORTS 64

typedef struct Jack {
    jack_client_t *client;
    LiveStream *stream;
    jack_port_t *ports[MOST_PORTS];
    int port_count;
    char *sources[MOST_PORTS]; /* to be connected to, or NULL */
    /* The callback's own. */
    jack_nframes_t next_frame;
    bool running;
} Jack;

static void say_nothing(const char *message)
{
    (void)message;
}

static jack_client_t *connect_client(const char *name)
{
    jack_set_error_function(say_nothing);
    jack_set_info_function(say_nothing);
    jack_status_t status;
    return jack_client_open(name, JackNoStartServer, &status);
}

bool live_jack_runs(void)
{
    jack_client_t *client = connect_client("heihachi-look");
    if (client) (void)jack_client_close(client);
    return client != NULL;
}

/* ---- callbacks ---- */

static int on_process(jack_nframes_t count, void *user)
{
    Jack *j = user;
    const float *planes[MOST_PORTS];
    for (int i = 0; i < j->port_count; i++) planes[i] = jack_port_get_buffer(j->ports[i], count);
    jack_nframes_t frame = jack_last_frame_time(j->client), skipped = frame - j->next_frame;
    size_t gap = j->running && skipped < (jack_nframes_t)1 << 30 ? skipped : 0;
    int64_t late =
        (int64_t)((double)jack_frames_since_cycle_start(j->client) * 1e9 / j->stream->rate);
    int64_t taken_in = live_now_ns() - late - (int64_t)(j->stream->input_latency_s * 1e9);
    (void)live_ring_write(j->stream->ring, planes, j->port_count, j->stream->chosen, count, gap,
                          taken_in);
    j->next_frame = frame + count;
    j->running = true;
    (void)sem_post(&j->stream->ready);
    return 0;
}

static void on_shutdown(void *user)
{
    Jack *j = user;
    atomic_store_explicit(&j->stream->gone, true, memory_order_release);
    (void)sem_post(&j->stream->ready);
}

/* ---- open ---- */

/* Output ports of this client, or with this beginning of their names; NULL = the physical ones.
 * "-": none, the ports wait for someone to connect them. */
static void find_sources(Jack *j, const char *name, long channels)
{
    if (name && strcmp(name, "-") == 0) {
        j->port_count = channels > 0 ? (int)channels : 1;
        return;
    }
    const char **found =
        jack_get_ports(j->client, NULL, JACK_DEFAULT_AUDIO_TYPE,
                       name ? JackPortIsOutput : JackPortIsOutput | JackPortIsPhysical);
    for (size_t i = 0; found && found[i] && j->port_count < MOST_PORTS; i++) {
        if (name && strncmp(found[i], name, strlen(name)) != 0) continue;
        if (channels > 0 && j->port_count == channels) break;
        j->sources[j->port_count++] = cli_copy(found[i]);
    }
    jack_free(found);
}

static bool register_ports(Jack *j)
{
    for (int i = 0; i < j->port_count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "in_%d", i + 1);
        j->ports[i] =
            jack_port_register(j->client, name, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
        if (!j->ports[i]) return false;
    }
    return true;
}

/* Frames from the air to the first source. */
static double source_latency(const Jack *j)
{
    jack_latency_range_t range = {0, 0};
    jack_port_t *port = j->sources[0] ? jack_port_by_name(j->client, j->sources[0]) : NULL;
    if (port) jack_port_get_latency_range(port, JackCaptureLatency, &range);
    return (double)range.max;
}

static void close_jack(void *handle)
{
    Jack *j = handle;
    if (j->client) (void)jack_client_close(j->client);
    for (int i = 0; i < j->port_count; i++) free(j->sources[i]);
    free(j);
}

static void *open_jack(const char *name, double rate, long channels, const LiveMix *mix,
                       LiveStream *stream)
{
    Jack *j = cli_alloc(1, sizeof *j);
    j->stream = stream;
    j->client = connect_client("heihachi");
    bool good = j->client != NULL;
    if (!good) {
        (void)cli_error(0, "JACK: no server is running");
    } else {
        stream->rate = (double)jack_get_sample_rate(j->client);
        bool waits = name && strcmp(name, "-") == 0;
        stream->name = cli_format("JACK %s", waits   ? jack_get_client_name(j->client)
                                             : !name ? "system"
                                                     : name);
        find_sources(j, name, channels);
    }
    if (good && j->port_count == 0) {
        (void)cli_error(0, "JACK: there are no outputs \"%s\"; --list-devices shows them",
                        name ? name : "of a sound card");
        good = false;
    }
    if (good && rate != 0.0 && rate != stream->rate) {
        (void)cli_error(0, "JACK: its rate is %g Hz, not %g", stream->rate, rate);
        good = false;
    }
    good = good && live_choose_channels(mix, j->port_count, "JACK", &stream->chosen);
    if (good && !register_ports(j)) {
        (void)cli_error(0, "JACK: no port can be had");
        good = false;
    }
    if (good) {
        stream->input_latency_s = source_latency(j) / stream->rate;
        return j;
    }
    close_jack(j);
    return NULL;
}

static void connect_sources(Jack *j)
{
    for (int i = 0; i < j->port_count; i++)
        if (j->sources[i] &&
            jack_connect(j->client, j->sources[i], jack_port_name(j->ports[i])) != 0)
            (void)cli_error(0, "JACK: %s cannot be connected", j->sources[i]);
}

static bool start_jack(void *handle)
{
    Jack *j = handle;
    (void)jack_set_process_callback(j->client, on_process, j);
    jack_on_shutdown(j->client, on_shutdown, j);
    if (jack_activate(j->client) != 0) {
        (void)cli_error(0, "JACK: the client cannot be started");
        return false;
    }
    connect_sources(j);
    return true;
}

static bool active(void *handle)
{
    (void)handle; /* on_shutdown() tells */
    return true;
}

static size_t list(void)
{
    jack_client_t *client = connect_client("heihachi-look");
    if (!client) return 0;
    const char **found = jack_get_ports(client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput);
    size_t count = 1;
    (void)printf("jack:-  (waits to be connected, %u Hz)\n", jack_get_sample_rate(client));
    for (size_t i = 0; found && found[i]; i++, count++) (void)printf("jack:%s\n", found[i]);
    jack_free(found);
    (void)jack_client_close(client);
    return count;
}

const LiveDriver live_jack = {"jack", open_jack, start_jack, active, close_jack, list};
