/* heihachi info: what a file says about itself. */
#include <math.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct Request {
    bool json;
    char **paths;
    size_t count;
} Request;

static bool set_option(void *user, const CliOption *option, const char *value)
{
    Request *r = user;
    if (option) {
        r->json = true;
        return true;
    }
    r->paths = cli_grow(r->paths, r->count + 1, sizeof *r->paths);
    r->paths[r->count++] = cli_copy(value);
    return true;
}

static void print_text(const char *path, const HhAudioInfo *info, const char *hash)
{
    char *shown = cli_printable(cli_copy(path));
    (void)printf("%s\n    format    %s\n    rate      %g Hz\n    channels  %d\n", shown,
                 info->format, info->rate, info->channels);
    free(shown);
    if (info->samples > 0) {
        long long ms = llround(1000.0 * (double)info->samples / info->rate);
        (void)printf("    length    %lld:%02lld.%03lld (%llu sample%s)\n", ms / 60000,
                     ms / 1000 % 60, ms % 1000, (unsigned long long)info->samples,
                     info->samples == 1 ? "" : "s");
    } else {
        (void)printf("    length    not known before it is decoded\n");
    }
    (void)printf("    size      %llu bytes\n    hash      %s\n", (unsigned long long)info->bytes,
                 hash);
}

static void print_json(const char *path, const HhAudioInfo *info, const char *hash)
{
    char *name = cli_utf8(path);
    json_t *samples = info->samples > 0 ? json_integer((json_int_t)info->samples) : json_null();
    json_t *seconds =
        info->samples > 0 ? json_real((double)info->samples / info->rate) : json_null();
    json_t *tree =
        json_pack("{s:s, s:s, s:f, s:i, s:o, s:o, s:I, s:s}", "path", name, "format", info->format,
                  "rate_hz", info->rate, "channels", info->channels, "samples", samples,
                  "duration_s", seconds, "bytes", (json_int_t)info->bytes, "hash", hash);
    (void)json_dumpf(tree, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
    (void)putchar('\n');
    json_decref(tree);
    free(name);
}

static bool inform(HhContext *context, const char *path, bool json)
{
    HhDecoder *decoder;
    char hash[33];
    HhStatus status = hh_decoder_open(context, path, NULL, &decoder);
    if (status == HH_OK) status = hh_hash_file(context, path, hash, NULL);
    if (status == HH_OK)
        (json ? print_json : print_text)(path, hh_decoder_info(decoder), hash);
    else
        (void)cli_error(CLI_FAILED, "%s", hh_context_message(context));
    hh_decoder_close(decoder);
    return status == HH_OK;
}

int command_info(int argc, char **argv)
{
    Request request = {0};
    const CliCommand *command = cli_find_command("info");
    HhContext *context = NULL;
    int code = cli_parse(command, argc, argv, set_option, &request);
    if (code < 0 && request.count == 0) code = cli_usage_error(command, "info needs a sound file");
    if (code < 0)
        code = hh_context_create(NULL, &context) == HH_OK ? CLI_DONE
                                                          : cli_error(CLI_OUTPUT, "out of memory");
    for (size_t i = 0; i < request.count; i++) {
        if (context && !inform(context, request.paths[i], request.json)) code = CLI_FAILED;
        free(request.paths[i]);
    }
    free(request.paths);
    hh_context_destroy(context);
    return code;
}
