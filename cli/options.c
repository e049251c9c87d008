/* Parsing, help and messages: see cli.h. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80u

/* ---- messages and memory ---- */

char *cli_printable(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    return text;
}

static void complain(const char *format, va_list list)
{
    char text[16384];
    (void)vsnprintf(text, sizeof text, format, list);
    (void)fprintf(stderr, "heihachi: %s\n", cli_printable(text));
}

int cli_error(int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    complain(format, list);
    va_end(list);
    return code;
}

int cli_usage_error(const CliCommand *command, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    complain(format, list);
    (void)fprintf(stderr, "Try 'heihachi help%s%s'.\n", command ? " " : "",
                  command ? command->name : "");
    va_end(list);
    return CLI_USAGE;
}

void *cli_grow(void *memory, size_t count, size_t bytes)
{
    void *more =
        bytes == 0 || count <= SIZE_MAX / bytes ? realloc(memory, count * bytes + 1) : NULL;
    if (more) return more;
    exit(cli_error(CLI_OUTPUT, "out of memory"));
}

void *cli_alloc(size_t count, size_t bytes)
{
    return memset(cli_grow(NULL, count, bytes), 0, count * bytes + 1);
}

char *cli_copy(const char *text)
{
    size_t length = strlen(text) + 1;
    return memcpy(cli_alloc(length, 1), text, length);
}

char *cli_format(const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = cli_alloc((size_t)(length < 0 ? 0 : length) + 1, 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *cli_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    return cli_format("%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
}

/* How many bytes of the UTF-8 character with this first byte follow it, and the least and the
 * greatest that the second may be, so that no character has two forms and none is a surrogate. -1:
 * no character begins so. The Unicode Standard, table 3-7. */
static int utf8_more(unsigned char first, unsigned char *least, unsigned char *greatest)
{
    *least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80) return 0;
    if (first >= 0xc2 && first < 0xe0) return 1;
    if (first >= 0xe0 && first < 0xf0) return 2;
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

char *cli_utf8(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *copy = cli_alloc(strlen(text) + 1, sizeof replacement), *to = copy;
    while (*text) {
        unsigned char least, greatest;
        int more = utf8_more((unsigned char)*text, &least, &greatest), i = 1;
        for (; i <= more; i++) {
            unsigned char next = (unsigned char)text[i];
            if (next < least || next > greatest) break;
            least = 0x80;
            greatest = 0xbf;
        }
        bool good = i == more + 1;
        size_t length = good ? (size_t)i : sizeof replacement - 1;
        memcpy(to, good ? text : replacement, length);
        to += length;
        text += good ? i : 1;
    }
    return copy;
}

bool cli_number(const char *text, long low, long high, long *value)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= low && *value <= high;
}

/* V. Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966. */
size_t cli_edits(const char *a, size_t n, const char *b)
{
    enum { MOST = 64 };
    size_t m = strlen(b), row[MOST];
    if (n >= MOST) n = MOST - 1;
    if (m >= MOST) m = MOST - 1;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[m];
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
