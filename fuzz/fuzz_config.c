/* The YAML configuration of `heihachi process`. Run with -close_fd_mask=2: it prints many messages.
 */
#include "../cli/process.h"
#include "fuzz.h"

static bool take(void *user, const CliOption *option, const char *value)
{
    size_t *taken = user;
    if (!option || (option->argument && !value)) abort();
    return ++*taken % 7 != 0; /* a refusal now and then */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t taken = 0;
    (void)config_parse(cli_find_command("process"), "fuzz.yaml", bytes, size, take, &taken);
    return 0;
}
