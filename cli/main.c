/* The program: finds the command and runs it. It is a client of include/heihachi and holds no
 * analysis. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static bool refuse(void *user, const CliOption *option, const char *value)
{
    (void)user;
    (void)option; /* there is only --help */
    return cli_usage_error(cli_find_command("version"), "version takes no argument: \"%s\"",
                           value) < 0;
}

int command_version(int argc, char **argv)
{
    int code = cli_parse(cli_find_command("version"), argc, argv, refuse, NULL);
    if (code >= 0) return code;
    (void)printf("heihachi %s (analysis %d, fingerprint %d, result schema %d; %s)\n", hh_version(),
                 HH_ANALYSIS_VERSION, HH_FINGERPRINT_VERSION, HH_RESULT_SCHEMA_VERSION,
                 hh_context_cpu(NULL));
    return CLI_DONE;
}

/* command TAB long name TAB letter TAB argument TAB values for completion */
static void print_table(void)
{
    for (size_t i = 0; i < cli_command_count; i++)
        for (size_t k = 0; k < cli_commands[i].option_count; k++) {
            const CliOption *o = &cli_commands[i].options[k];
            (void)printf("%s\t%s\t%.1s\t%s\t%s\n", cli_commands[i].name, o->name,
                         o->letter ? &o->letter : "", o->argument ? o->argument : "",
                         o->values ? o->values : "");
        }
}

typedef struct HelpRequest {
    bool table;
    const char *command;
} HelpRequest;

static bool set_help(void *user, const CliOption *option, const char *value)
{
    HelpRequest *request = user;
    if (!option && request->command)
        return cli_usage_error(cli_find_command("help"), "one command, not more: \"%s\"", value) <
               0;
    if (option)
        request->table = true;
    else
        request->command = value;
    return true;
}

int command_help(int argc, char **argv)
{
    HelpRequest request = {false, NULL};
    int code = cli_parse(cli_find_command("help"), argc, argv, set_help, &request);
    if (code >= 0) return code;
    const CliCommand *command = request.command ? cli_find_command(request.command) : NULL;
    if (request.command && !command)
        return cli_usage_error(NULL, "there is no command \"%s\"", request.command);
    if (request.table)
        print_table();
    else
        cli_help(command);
    return CLI_DONE;
}

/* A first argument that is no command is an input of `process`; if it is no file either, perhaps a
 * command was meant. */
static int not_a_command(const char *text)
{
    struct stat status;
    if (text[0] == '-' || stat(text, &status) == 0 || strchr(text, '/') || strchr(text, '.'))
        return -1;
    for (size_t i = 0; i < cli_command_count; i++)
        if (cli_edits(text, strlen(text), cli_commands[i].name) < 3)
            return cli_usage_error(NULL, "there is no command or file \"%s\"; was \"%s\" meant?",
                                   text, cli_commands[i].name);
    return cli_usage_error(NULL, "there is no command or file \"%s\"", text);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) return cli_usage_error(NULL, "no command");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cli_help(NULL);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) return command_version(argc - 1, argv + 1);
    const CliCommand *command = cli_find_command(argv[1]);
    if (command) return command->run(argc - 1, argv + 1);
    int code = not_a_command(argv[1]);
    return code >= 0 ? code : command_process(argc, argv);
}

void cli_catch_signals(void (*handler)(int number))
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = handler}, before;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &action, NULL);
}

/* What is printed may fail late, when the buffer is written. */
int main(int argc, char **argv)
{
    int code = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    (void)cli_error(CLI_OUTPUT, "standard output cannot be written");
    return code == CLI_DONE || code == CLI_FAILED ? CLI_OUTPUT : code;
}
