/* A JACK client for tests/test_live_command.py: plays clicks at BPM into PORT until it is killed.
 *
 *     jack_player PORT BPM */
#include <jack/jack.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct Player {
    jack_port_t *port;
    double period, at, rate; /* in samples: of a beat, and since the last click */
} Player;

static int on_process(jack_nframes_t count, void *user)
{
    Player *p = user;
    float *out = jack_port_get_buffer(p->port, count);
    for (jack_nframes_t n = 0; n < count; n++) {
        double t = p->at / p->rate;
        out[n] = t < 0.01 ? (float)(0.9 * (1.0 - t / 0.01) * sin(6283.185307 * t)) : 0.0f;
        p->at += 1.0;
        if (p->at >= p->period) p->at -= p->period;
    }
    return 0;
}

int main(int argc, char **argv)
{
    Player p = {NULL, 0.0, 0.0, 0.0};
    if (argc != 3) return 2;
    jack_client_t *client = jack_client_open("player", JackNoStartServer, NULL);
    if (!client) return 1;
    p.rate = (double)jack_get_sample_rate(client);
    p.period = 60.0 * p.rate / atof(argv[2]);
    p.port = jack_port_register(client, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    (void)jack_set_process_callback(client, on_process, &p);
    if (!p.port || jack_activate(client) != 0) return 1;
    const struct timespec pause = {0, 20000000};
    while (jack_connect(client, jack_port_name(p.port), argv[1]) != 0)
        (void)nanosleep(&pause, NULL);
    for (;;) (void)nanosleep(&pause, NULL);
}
