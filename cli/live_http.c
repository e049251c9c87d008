/* GET /api/performance and /api/status on 127.0.0.1, by libmicrohttpd on a thread of its own. The
 * control thread leaves what is to be told under a lock; a request makes JSON of a copy. */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

static const char *const stage_names[HH_LIVE_STAGES] = {
    [HH_LIVE_STAGE_DECIMATE] = "decimate", [HH_LIVE_STAGE_BANK] = "bank",
    [HH_LIVE_STAGE_LEVEL] = "level",       [HH_LIVE_STAGE_NOVELTY] = "novelty",
    [HH_LIVE_STAGE_TEMPO] = "tempo",
};

struct LiveHttp {
    struct MHD_Daemon *daemon;
    HhLiveConfig config;
    char *name;
    pthread_mutex_t lock;
    HhLiveSnapshot snapshot;
    LiveHttpState state;
};

void live_http_snapshot(LiveHttp *h, const HhLiveSnapshot *snapshot)
{
    (void)pthread_mutex_lock(&h->lock);
    h->snapshot = *snapshot;
    (void)pthread_mutex_unlock(&h->lock);
}

void live_http_state(LiveHttp *h, const LiveHttpState *state)
{
    (void)pthread_mutex_lock(&h->lock);
    h->state = *state;
    (void)pthread_mutex_unlock(&h->lock);
}

/* ---- JSON ---- */

static json_t *floats(const float *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, json_real((double)values[i]));
    return list;
}

static json_t *status_json(const LiveHttp *h, const HhLiveSnapshot *s)
{
    double rate = (double)h->config.sample_rate;
    return json_pack("{s:f, s:I, s:s, s:i, s:f, s:f, s:f, s:I, s:i, s:o, s:b, s:b, s:f, s:f, s:f, "
                     "s:f, s:f, s:o, s:o, s:o, s:f}",
                     "t", (double)s->sample / rate, "sample", (json_int_t)s->sample, "source",
                     h->name, "sample_rate", (int)h->config.sample_rate, "bpm", (double)s->bpm,
                     "confidence", (double)s->confidence, "beat_phase", (double)s->beat_phase,
                     "beats", (json_int_t)s->beats, "in_bar", (int)s->in_bar, "downbeat",
                     s->in_bar ? json_boolean(s->in_bar == 1) : json_null(), "silent",
                     (int)s->silent, "silent_by_contrast", (int)s->silent_by_contrast, "rms_db",
                     (double)s->rms_db, "peak_db", (double)s->peak_db, "momentary_lufs",
                     (double)s->momentary_lufs, "display", (double)s->display, "novelty",
                     (double)s->novelty, "onset", floats(s->onset, HH_LIVE_BANDS), "chroma",
                     floats(s->chroma, 12), "note", floats(s->note, h->config.notes),
                     "tuning_cents", (double)s->tuning_cents);
}

static json_t *stage_json(uint32_t calls, uint64_t total_ns, uint32_t max_ns, double share)
{
    return json_pack("{s:I, s:f, s:f, s:f}", "calls", (json_int_t)calls, "mean_us",
                     calls ? (double)total_ns / 1e3 / (double)calls : 0.0, "max_us",
                     (double)max_ns / 1e3, "budget_share", share);
}

static json_t *stages_json(const LiveHttp *h, const HhLiveProfile *p)
{
    double budget_ns = 1e9 * (double)h->config.hop / (double)h->config.sample_rate;
    double hops = (double)p->hop.calls;
    json_t *stages = json_object();
    for (size_t i = 0; i < HH_LIVE_STAGES; i++) {
        double share = hops > 0.0 ? (double)p->stage[i].total / hops / budget_ns : 0.0;
        (void)json_object_set_new(
            stages, stage_names[i],
            stage_json(p->stage[i].calls, p->stage[i].total, p->stage[i].max, share));
    }
    double share = hops > 0.0 ? (double)p->hop.total / hops / budget_ns : 0.0;
    (void)json_object_set_new(stages, "hop",
                              stage_json(p->hop.calls, p->hop.total, p->hop.max, share));
    return stages;
}

static json_t *senders_json(const LiveHttpState *state)
{
    json_t *list = json_array();
    for (size_t i = 0; i < state->sender_count; i++) {
        char *url = cli_utf8(state->senders[i].url);
        const LiveSenderCounts *n = &state->senders[i].counts;
        (void)json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:b}", "name", url, "sent", (json_int_t)n->sent,
                            "lost", (json_int_t)n->lost, "connected", (int)n->connected));
        free(url);
    }
    return list;
}

static json_t *performance_json(const LiveHttp *h, const LiveHttpState *state, int64_t samples)
{
    double rate = (double)h->config.sample_rate;
    return json_pack(
        "{s:i, s:i, s:f, s:I, s:f, s:o, s:I, s:I, s:f, s:f, s:I, s:I, s:I, s:o}", "sample_rate",
        (int)h->config.sample_rate, "hop", (int)h->config.hop, "hop_budget_us",
        1e6 * (double)h->config.hop / rate, "uptime_samples", (json_int_t)samples, "uptime_s",
        (double)samples / rate, "stages", stages_json(h, &state->profile), "xruns",
        (json_int_t)state->device.xruns, "lost_samples", (json_int_t)state->device.lost,
        "input_latency_ms", state->device.input_latency_ms, "latency_ms", (double)state->latency_ms,
        "events", (json_int_t)state->events, "events_lost", (json_int_t)state->events_lost,
        "state_bytes", (json_int_t)hh_live_size(&h->config), "senders", senders_json(state));
}

/* ---- requests ---- */

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned code, char *text,
                               const char *type)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(text);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result done = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result respond_json(struct MHD_Connection *connection, json_t *tree)
{
    char *text = tree ? json_dumps(tree, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(tree);
    if (text) return respond(connection, MHD_HTTP_OK, text, "application/json");
    return respond(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, cli_copy("no answer\n"),
                   "text/plain");
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
    static const char hint[] = "GET /api/status or /api/performance\n";
    LiveHttp *h = user;
    (void)version;
    (void)data;
    if (*size > 0) { /* a body that nobody asked for */
        *size = 0;
        return MHD_YES;
    }
    if (!*state) { /* the header alone is here */
        *state = h;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return respond(connection, MHD_HTTP_METHOD_NOT_ALLOWED, cli_copy(hint), "text/plain");
    (void)pthread_mutex_lock(&h->lock);
    HhLiveSnapshot snapshot = h->snapshot;
    LiveHttpState now = h->state;
    (void)pthread_mutex_unlock(&h->lock);
    if (strcmp(url, "/api/status") == 0) return respond_json(connection, status_json(h, &snapshot));
    if (strcmp(url, "/api/performance") == 0)
        return respond_json(connection, performance_json(h, &now, snapshot.sample));
    return respond(connection, MHD_HTTP_NOT_FOUND, cli_copy(hint), "text/plain");
}

LiveHttp *live_http_start(uint16_t port, const LiveControlSetup *setup)
{
    LiveHttp *h = cli_alloc(1, sizeof *h);
    h->config = setup->config;
    h->name = cli_utf8(setup->name);
    (void)pthread_mutex_init(&h->lock, NULL);
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    h->daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, on_request, h,
                                 MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, 32u,
                                 MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
    if (!h->daemon) {
        (void)cli_error(0, "port %u of 127.0.0.1 cannot be had: %s", (unsigned)port,
                        strerror(errno));
        live_http_stop(h);
        return NULL;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (port == 0 && info)
        (void)cli_error(0, "http://127.0.0.1:%u/api/status", (unsigned)info->port);
    return h;
}

void live_http_stop(LiveHttp *h)
{
    if (!h) return;
    if (h->daemon) MHD_stop_daemon(h->daemon);
    (void)pthread_mutex_destroy(&h->lock);
    free(h->name);
    free(h);
}
