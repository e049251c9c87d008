/* OS2L, Open Sound to Light (os2l.org): a TCP connection to the lighting program, and on each beat
 * one JSON object. Its "pos" is a multiple of four on the first beat of a bar, once the bars have
 * been told alike for some beats; "change" is true where the beats do not go on from those before:
 * the first one, a new tempo, a jump in time or in the bar. "strength" is the greatest display
 * level since the beat before.
 *
 * The program finds lighting programs by DNS-SD in other hands; here the address is given. What
 * comes back (feedback of buttons) is read and dropped. A lost connection is tried again, without
 * ever waiting for it; beats meanwhile count as lost. */
#include "live_senders.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_PORT  9996 /* that of QLC+; OS2L itself names none */
#define RETRY_NS      1000000000
#define TEMPO_CHANGED 0.01 /* as a share of the tempo */
#define PHASE_CHANGED 0.1  /* in beats */
#define CONSENT       8    /* beats told alike for the bar to be moved */
#define MESSAGE_ROOM  160

typedef enum State { WAITING, CONNECTING, CONNECTED } State;

typedef struct Os2l {
    struct sockaddr_storage address;
    socklen_t address_length;
    int socket;
    State state;
    int64_t retry_ns;
    char unsent[MESSAGE_ROOM]; /* the rest of a message that the system did not take whole */
    size_t unsent_length;
    int64_t position; /* of the next beat */
    int64_t next_ns;  /* when that is expected */
    double bpm;       /* of the beat before; 0: none */
    LiveBars bars;
    double strength;
    uint64_t sent, lost;
} Os2l;

/* ---- the message ---- */

size_t live_os2l_beat(char *text, size_t room, bool change, int64_t position, double bpm,
                      double strength)
{
    /* In integers, so that the decimal point is one in every locale. */
    long hundredths = lround(bpm * 100.0), thousandths = lround(strength * 1000.0);
    int length = snprintf(
        text, room,
        "{\"evt\":\"beat\",\"change\":%s,\"pos\":%lld,\"bpm\":%ld.%02ld,\"strength\":%ld.%03ld}\n",
        change ? "true" : "false", (long long)position, hundredths / 100, hundredths % 100,
        thousandths / 1000, thousandths % 1000);
    return length > 0 && (size_t)length < room ? (size_t)length : 0;
}

/* ---- the connection ---- */

static void disconnect(Os2l *os2l, int64_t now_ns)
{
    if (os2l->socket >= 0) (void)close(os2l->socket);
    os2l->socket = -1;
    os2l->state = WAITING;
    os2l->retry_ns = now_ns + RETRY_NS;
    os2l->unsent_length = 0;
    os2l->bpm = 0.0;
}

static void reach(Os2l *os2l, int64_t now_ns)
{
    int on = 1;
    os2l->socket = socket(os2l->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (os2l->socket < 0) {
        disconnect(os2l, now_ns);
        return;
    }
    /* A beat must not wait for the next one to fill the packet. */
    (void)setsockopt(os2l->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int code = connect(os2l->socket, (struct sockaddr *)&os2l->address, os2l->address_length);
    if (code == 0 || errno == EINPROGRESS)
        os2l->state = code == 0 ? CONNECTED : CONNECTING;
    else
        disconnect(os2l, now_ns);
}

/* A connection on its way is there once the socket has the address of the other end. */
static void look(Os2l *os2l, int64_t now_ns)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer, size = sizeof(int);
    int error = 0;
    (void)getsockopt(os2l->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        disconnect(os2l, now_ns);
    else if (getpeername(os2l->socket, (struct sockaddr *)&peer, &length) == 0)
        os2l->state = CONNECTED;
}

/* Reads what has come, and sees whether the other end has gone. */
static void listen_to(Os2l *os2l, int64_t now_ns)
{
    char dropped[1024];
    ssize_t got;
    while ((got = recv(os2l->socket, dropped, sizeof dropped, MSG_DONTWAIT)) > 0) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        disconnect(os2l, now_ns);
}

static void flush(Os2l *os2l, int64_t now_ns)
{
    if (os2l->unsent_length == 0) return;
    ssize_t done =
        send(os2l->socket, os2l->unsent, os2l->unsent_length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        disconnect(os2l, now_ns);
    } else if (done > 0) {
        os2l->unsent_length -= (size_t)done;
        memmove(os2l->unsent, os2l->unsent + done, os2l->unsent_length);
    }
}

static void keep_up(Os2l *os2l, int64_t now_ns)
{
    if (os2l->state == WAITING && now_ns >= os2l->retry_ns) reach(os2l, now_ns);
    if (os2l->state == CONNECTING) look(os2l, now_ns);
    if (os2l->state == CONNECTED) listen_to(os2l, now_ns);
    if (os2l->state == CONNECTED) flush(os2l, now_ns);
}

/* ---- the sender ---- */

static bool resolve(Os2l *os2l, const LiveAddress *address, char **message)
{
    char service[8];
    (void)snprintf(service, sizeof service, "%u",
                   address->port ? (unsigned)address->port : (unsigned)DEFAULT_PORT);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list;
    int code = getaddrinfo(address->host, service, &hints, &list);
    if (code != 0) {
        *message = cli_format("%s: %s", address->host, gai_strerror(code));
        return false;
    }
    os2l->address_length = list->ai_addrlen;
    memcpy(&os2l->address, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return true;
}

void *live_os2l_open(const LiveSenderSetup *setup, char **message)
{
    LiveAddress address;
    if (!live_address_parse(setup->address, &address, message)) return NULL;
    if (*address.path != '\0' && strcmp(address.path, "/") != 0) {
        *message = cli_format("nothing may follow the host and the port: \"%s\"", address.path);
        return NULL;
    }
    Os2l *os2l = cli_alloc(1, sizeof *os2l);
    os2l->socket = -1;
    if (!resolve(os2l, &address, message)) {
        free(os2l);
        return NULL;
    }
    reach(os2l, setup->now_ns);
    return os2l;
}

/* True if this beat does not go on from the one before. Moves `position` to it. */
static bool place(Os2l *os2l, const HhLiveEvent *event, int64_t due_ns)
{
    double bpm = (double)event->beat.bpm, beat_ns = 60e9 / bpm;
    bool change = os2l->bpm <= 0.0 || fabs(bpm - os2l->bpm) > TEMPO_CHANGED * os2l->bpm ||
                  fabs((double)(due_ns - os2l->next_ns)) > PHASE_CHANGED * beat_ns;
    unsigned shift = live_bars_shift(&os2l->bars, event->beat.in_bar, os2l->position, CONSENT);
    os2l->position += shift;
    os2l->bpm = bpm;
    os2l->next_ns = due_ns + (int64_t)beat_ns;
    return change || shift != 0;
}

void live_os2l_event(void *handle, const HhLiveEvent *event, const LiveTime *time)
{
    Os2l *os2l = handle;
    if (event->type != HH_LIVE_BEAT || !(event->beat.bpm > 0.0f)) return;
    keep_up(os2l, time->now_ns);
    if (os2l->state != CONNECTED || os2l->unsent_length > 0) {
        os2l->lost++;
        return;
    }
    bool change = place(os2l, event, time->due_ns);
    os2l->unsent_length = live_os2l_beat(os2l->unsent, sizeof os2l->unsent, change,
                                         os2l->position++, (double)event->beat.bpm, os2l->strength);
    os2l->sent++;
    os2l->strength = 0.0;
    flush(os2l, time->now_ns);
}

void live_os2l_snapshot(void *handle, const HhLiveSnapshot *snapshot, const LiveTime *time)
{
    Os2l *os2l = handle;
    double level = (double)snapshot->display;
    if (level > os2l->strength) os2l->strength = level < 1.0 ? level : 1.0;
    keep_up(os2l, time->now_ns);
}

void live_os2l_count(void *handle, LiveSenderCounts *counts)
{
    const Os2l *os2l = handle;
    *counts = (LiveSenderCounts){os2l->sent, os2l->lost, os2l->state == CONNECTED};
}

void live_os2l_close(void *handle, int64_t now_ns)
{
    disconnect(handle, now_ns);
    free(handle);
}
