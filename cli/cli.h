/* What the commands of the program share: the table of commands and options, parsing, messages,
 * exit codes.
 *
 * Every option is written once, in the table of its command (commands.c): the parser, --help, the
 * configuration file and the test of the completions and the manual page read it. */
#ifndef HH_CLI_H
#define HH_CLI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heihachi/audio.h"
#include "heihachi/context.h"
#include "heihachi/engine.h"
#include "heihachi/fingerprint.h"
#include "heihachi/report.h"
#include "heihachi/status.h"
#include "heihachi/version.h"

/* Exit codes; `heihachi help` prints this list. */
#define CLI_EXIT_LIST(X)                                                                           \
    X(0, DONE, "everything was done")                                                              \
    X(1, FAILED, "some input failed and is named; the rest is done")                               \
    X(2, USAGE, "the command line or the configuration file is wrong; nothing was done")           \
    X(3, OUTPUT, "the output cannot be written; nothing half-written is left")                     \
    X(4, DEVICE, "a sound device is missing or was lost")                                          \
    X(130, INTERRUPTED, "interrupted; what was finished before is whole")

enum {
#define CLI_EXIT_ENUM(code, name, text) CLI_##name = code,
    CLI_EXIT_LIST(CLI_EXIT_ENUM)
#undef CLI_EXIT_ENUM
};

typedef struct CliOption {
    const char *name;     /* long name without "--" */
    char letter;          /* short name, or 0 */
    const char *argument; /* what follows, as --help names it: "DIR"; NULL for a flag */
    const char *values;   /* for completion: "FILE", "DIR", "fast|default|full", or NULL */
    const char *help;
} CliOption;

typedef struct CliCommand {
    const char *name;
    const char *synopsis; /* after the name of the command; lines separated by \n */
    const char *summary;  /* one line, no capital, no full stop */
    /* Paragraphs separated by \n\n; a line that starts with two spaces is kept as it is. */
    const char *text;
    const CliOption *options;
    size_t option_count;
    int (*run)(int argc, char **argv); /* argv[0] is the name of the command */
} CliCommand;

extern const CliCommand cli_commands[];
extern const size_t cli_command_count;

/* NULL if there is none. */
const CliCommand *cli_find_command(const char *name);
const CliOption *cli_find_option(const CliCommand *command, const char *name, size_t length);

/* Calls `set` for each option and for each argument that is none (option = NULL). `set` returns
 * false after it has complained with cli_usage_error(). Returns -1 to go on, or the exit code with
 * which the command ends: after --help, and after an error. "--" ends the options; -abc are
 * letters; --name=value and --name value, -ovalue and -o value. */
typedef bool CliSet(void *user, const CliOption *option, const char *value);
int cli_parse(const CliCommand *command, int argc, char **argv, CliSet *set, void *user);

/* Writes the help of a command, or of the program for NULL, to standard output. */
void cli_help(const CliCommand *command);

/* "heihachi: ..." on standard error; the second form adds where help is to be had. Both return an
 * exit code. The third leaves the code to the caller. */
int cli_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_usage_error(const CliCommand *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void cli_complain(const char *format, va_list list) __attribute__((format(printf, 1, 0)));

/* malloc() and strdup() that end the program with a message when memory runs out. */
void *cli_alloc(size_t count, size_t bytes);
void *cli_grow(void *memory, size_t count, size_t bytes);
char *cli_copy(const char *text);
char *cli_join(const char *folder, const char *name); /* "folder/name" */
char *cli_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* In place: control characters, with which a name could write to the terminal, become '?'. */
char *cli_printable(char *text);
/* A copy that JSON can hold: each byte that is no part of a UTF-8 character becomes U+FFFD. */
char *cli_utf8(const char *text);

/* A whole number in low..high; false if the text is anything else. */
bool cli_number(const char *text, long low, long high, long *value);

/* How many letters must be inserted, removed or replaced to turn a[n] into b; of both the first 63
 * letters count. */
size_t cli_edits(const char *a, size_t n, const char *b);

/* Calls `handler` for SIGINT, SIGTERM and SIGHUP. What is ignored from the start, as SIGHUP under
 * nohup, stays ignored. */
void cli_catch_signals(void (*handler)(int number));

int command_process(int argc, char **argv);
int command_features(int argc, char **argv); /* features.c */
int command_compare(int argc, char **argv);
int command_similar(int argc, char **argv);
int command_live(int argc, char **argv); /* live.c */
int command_perf(int argc, char **argv); /* perf.c */
int command_info(int argc, char **argv);
int command_version(int argc, char **argv);
int command_help(int argc, char **argv);

#endif
