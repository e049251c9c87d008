/* Addresses, UDP sockets, scaling and bars, which several senders share. Sockets never wait: what
 * the system does not take at once is counted as lost. */
#include "live_senders.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define GAIN_FLOOR     0.001f /* -60 dB: what is softer than that is not blown up */
#define GAIN_SECONDS   5.0f   /* in which the peak falls to 1/e */
#define SOCKET_SENDING (256 * 1024)

int64_t live_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- addresses ---- */

bool live_address_number(const char *text, size_t length, long low, long high, long *value)
{
    if (length == 0 || length > 9) return false;
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *value = 10 * *value + (text[i] - '0');
    }
    return *value >= low && *value <= high;
}

static bool refuse(char **message, const char *why)
{
    *message = cli_copy(why);
    return false;
}

/* The length of HOST at the start of the text, and where it begins. */
static size_t host_length(const char **text)
{
    static const char in_names[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (**text != '[') return strspn(*text, in_names);
    ++*text;
    size_t length = strspn(*text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEF:.%");
    return (*text)[length] == ']' ? length : 0;
}

bool live_address_parse(const char *text, LiveAddress *address, char **message)
{
    *address = (LiveAddress){.path = ""};
    if (strncmp(text, "//", 2) != 0) return refuse(message, "\"//\" is missing before the host");
    const char *at = text + 2;
    bool brackets = *at == '[';
    size_t length = host_length(&at);
    if (length == 0 || length >= sizeof address->host)
        return refuse(message, "the host is no name and no address");
    memcpy(address->host, at, length);
    at += length + brackets;
    if (*at == ':') {
        long port;
        size_t digits = strcspn(++at, "/");
        if (!live_address_number(at, digits, 1, 65535, &port))
            return refuse(message, "the port is no number from 1 to 65535");
        address->port = (uint16_t)port;
        at += digits;
    }
    if (*at != '\0' && *at != '/') return refuse(message, "the host is no name and no address");
    address->path = at;
    return true;
}

/* ---- UDP ---- */

static int connected_socket(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int on = 1, bytes = SOCKET_SENDING;
    /* A person may mean a broadcast address; without this it would be refused. */
    (void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

bool live_udp_open(LiveUdp *udp, const char *host, uint16_t port, char **message)
{
    *udp = (LiveUdp){.socket = -1};
    char service[8];
    (void)snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV}, *list;
    int code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) {
        *message = cli_format("%s: %s", host, gai_strerror(code));
        return false;
    }
    for (const struct addrinfo *a = list; a && udp->socket < 0; a = a->ai_next)
        udp->socket = connected_socket(a);
    if (udp->socket < 0) *message = cli_format("%s, port %u: %s", host, port, strerror(errno));
    freeaddrinfo(list);
    return udp->socket >= 0;
}

void live_udp_send(LiveUdp *udp, const void *packet, size_t bytes)
{
    ssize_t done = send(udp->socket, packet, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    /* This tells that nobody received an earlier packet; this one has not been tried. */
    if (done < 0 && errno == ECONNREFUSED) {
        udp->lost++;
        udp->sent -= udp->sent > 0;
        done = send(udp->socket, packet, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (done == (ssize_t)bytes)
        udp->sent++;
    else
        udp->lost++;
}

void live_udp_count(const LiveUdp *udp, LiveSenderCounts *counts)
{
    *counts = (LiveSenderCounts){udp->sent, udp->lost, true};
}

void live_udp_close(LiveUdp *udp)
{
    if (udp->socket >= 0) (void)close(udp->socket);
    udp->socket = -1;
}

/* ---- scaling ---- */

void live_gain_follow(LiveGain *gain, const float *amplitude, size_t count, int64_t now_ns)
{
    float seconds = 1e-9f * (float)(now_ns - gain->at_ns);
    gain->peak *= seconds > 0.0f ? expf(-seconds / GAIN_SECONDS) : 1.0f;
    gain->at_ns = now_ns;
    if (!(gain->peak > GAIN_FLOOR)) gain->peak = GAIN_FLOOR;
    for (size_t i = 0; i < count; i++)
        if (amplitude[i] > gain->peak) gain->peak = amplitude[i];
}

uint8_t live_byte(double share)
{
    if (!(share > 0.0)) return 0;
    return share < 1.0 ? (uint8_t)lround(255.0 * share) : 255;
}

uint8_t live_gain_byte(const LiveGain *gain, float amplitude)
{
    return gain->peak > 0.0f && amplitude > 0.0f ? live_byte(sqrt((double)(amplitude / gain->peak)))
                                                 : 0;
}

/* ---- bars ---- */

unsigned live_bars_shift(LiveBars *bars, unsigned in_bar, int64_t number, unsigned beats)
{
    if (in_bar == 0) return 0; /* no guess */
    unsigned shift = (unsigned)((in_bar - 1 - number) & 3);
    bars->times = shift != 0 && shift == bars->shift ? bars->times + 1 : 1;
    bars->shift = shift;
    return bars->times >= beats ? shift : 0;
}
