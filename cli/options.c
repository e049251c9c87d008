/* Parsing and help: see cli.h. */
#include "cli.h"
#include "live.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80u

int cli_usage_error(const CliCommand *command, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    cli_complain(format, list);
    va_end(list);
    (void)fprintf(stderr, "Try 'heihachi help%s%s'.\n", command ? " " : "",
                  command ? command->name : "");
    return CLI_USAGE;
}

/* ---- parsing ---- */

const CliCommand *cli_find_command(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++)
        if (strcmp(cli_commands[i].name, name) == 0) return &cli_commands[i];
    return NULL;
}

const CliOption *cli_find_option(const CliCommand *command, const char *name, size_t length)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strlen(command->options[i].name) == length &&
            strncmp(command->options[i].name, name, length) == 0)
            return &command->options[i];
    return NULL;
}

static const CliOption *find_letter(const CliCommand *command, char letter)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].letter == letter) return &command->options[i];
    return NULL;
}

typedef struct Parser {
    const CliCommand *command;
    int argc, at;
    char **argv;
    CliSet *set;
    void *user;
} Parser;

static int apply(Parser *p, const CliOption *option, const char *value)
{
    if (option && strcmp(option->name, "help") == 0) {
        cli_help(p->command);
        return CLI_DONE;
    }
    return p->set(p->user, option, value) ? -1 : CLI_USAGE;
}

/* The value after an option that takes one. */
static const char *next_value(Parser *p)
{
    return p->at + 1 < p->argc ? p->argv[++p->at] : NULL;
}

/* The option that was meant begins like this, or is at most two letters away. */
static int unknown_option(const Parser *p, const char *text, size_t length)
{
    for (size_t i = 0; i < p->command->option_count; i++) {
        const char *name = p->command->options[i].name;
        if ((length > 2 && strncmp(name, text, length) == 0) || cli_edits(text, length, name) < 3)
            return cli_usage_error(p->command, "there is no option --%.*s; was --%s meant?",
                                   (int)length, text, name);
    }
    return cli_usage_error(p->command, "there is no option --%.*s", (int)length, text);
}

static int parse_long(Parser *p, const char *text)
{
    size_t length = strcspn(text, "=");
    const CliOption *option = cli_find_option(p->command, text, length);
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    if (!option) return unknown_option(p, text, length);
    if (!option->argument && value)
        return cli_usage_error(p->command, "--%s takes no value", option->name);
    if (option->argument && !value) value = next_value(p);
    if (option->argument && !value)
        return cli_usage_error(p->command, "--%s needs %s", option->name, option->argument);
    return apply(p, option, value);
}

static int parse_letters(Parser *p, const char *letters)
{
    for (; *letters; letters++) {
        const CliOption *option = find_letter(p->command, *letters);
        if (!option) return cli_usage_error(p->command, "there is no option -%c", *letters);
        const char *value = NULL;
        if (option->argument) {
            value = letters[1] ? letters + 1 : next_value(p);
            if (!value)
                return cli_usage_error(p->command, "-%c needs %s", *letters, option->argument);
        }
        int code = apply(p, option, value);
        if (code >= 0 || option->argument) return code;
    }
    return -1;
}

int cli_parse(const CliCommand *command, int argc, char **argv, CliSet *set, void *user)
{
    Parser p = {command, argc, 1, argv, set, user};
    bool options = true;
    for (; p.at < argc; p.at++) {
        const char *text = argv[p.at];
        int code = -1;
        if (options && strcmp(text, "--") == 0)
            options = false;
        else if (options && strncmp(text, "--", 2) == 0)
            code = parse_long(&p, text + 2);
        else if (options && text[0] == '-' && text[1])
            code = parse_letters(&p, text + 1);
        else
            code = apply(&p, NULL, text);
        if (code >= 0) return code;
    }
    return -1;
}

/* ---- help ---- */

/* Words of one paragraph, wrapped, each line behind `indent` spaces. */
static void wrap(const char *text, size_t length, unsigned indent)
{
    unsigned column = 0;
    for (const char *end = text + length; text < end;) {
        size_t space = strspn(text, " "), word = strcspn(text + space, " ");
        if ((size_t)(end - text) < space + word) word = (size_t)(end - text) - space;
        if (column > 0 && column + 1 + word > WIDTH) {
            (void)putchar('\n');
            column = 0;
        }
        (void)printf("%*s%.*s", column == 0 ? (int)indent : 1, "", (int)word, text + space);
        column = (column == 0 ? indent : column + 1) + (unsigned)word;
        text += space + word;
    }
    (void)putchar('\n');
}

static void paragraphs(const char *text, unsigned indent)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        if (text[0] == ' ') {
            for (size_t at = 0; at < length;) {
                size_t line = strcspn(text + at, "\n");
                (void)printf("%*s%.*s\n", (int)indent, "", (int)line, text + at);
                at += line + 1;
            }
        } else {
            wrap(text, length, indent);
        }
        text += length;
        if (*text) {
            (void)putchar('\n');
            text += 2;
        }
    }
}

static void list_options(const CliCommand *command)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const CliOption *o = &command->options[i];
        (void)printf("    ");
        if (o->letter) (void)printf("-%c, ", o->letter);
        (void)printf("--%s%s%s\n", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
        wrap(o->help, strlen(o->help), 8);
        if (i + 1 < command->option_count) (void)putchar('\n');
    }
}

static void list_senders(void)
{
    (void)puts("\nSENDERS");
    for (size_t i = 0; i < live_sender_count; i++) {
        (void)printf("    %s\n", live_senders[i].form);
        wrap(live_senders[i].summary, strlen(live_senders[i].summary), 8);
    }
}

static void list_exit_codes(void)
{
#define CLI_EXIT_LINE(code, name, text) (void)printf("    %-4d%s\n", code, text);
    CLI_EXIT_LIST(CLI_EXIT_LINE)
#undef CLI_EXIT_LINE
}

static void help_program(void)
{
    (void)puts("Usage: heihachi COMMAND [OPTION...] [ARGUMENT...]\n"
               "       heihachi INPUT... -o DIR\n"
               "       heihachi --help | --version\n\n"
               "Analyses music: tempo, beats, key, loudness, spectra, fingerprints.\n\nCommands:");
    for (size_t i = 0; i < cli_command_count; i++)
        (void)printf("    %-22s%s\n", cli_commands[i].name, cli_commands[i].summary);
    (void)puts("\n'heihachi help COMMAND' explains a command and its options.\n\nExit status:");
    list_exit_codes();
}

void cli_help(const CliCommand *command)
{
    if (!command) {
        help_program();
        return;
    }
    char *line = cli_format("heihachi %s - %s", command->name, command->summary);
    (void)puts("NAME");
    wrap(line, strlen(line), 4);
    (void)printf("\nSYNOPSIS\n    heihachi %s%s%s\n\nDESCRIPTION\n", command->name,
                 *command->synopsis ? " " : "", command->synopsis);
    free(line);
    paragraphs(command->text, 4);
    (void)puts("\nOPTIONS");
    list_options(command);
    if (cli_find_option(command, "send", 4)) list_senders();
    if (cli_find_option(command, "config", 6)) {
        (void)puts("\nCONFIGURATION");
        paragraphs("A YAML file of options by their long names, each with a value; a flag takes "
                   "true or false, a list may be a YAML list. An unknown name is an error.\n\n"
                   "  profile: full\n  format: [csv, md]\n  plots: true\n  threads: 4",
                   4);
    }
    (void)puts("\nEXIT STATUS");
    list_exit_codes();
}
