/* See live_screen.h. ECMA-48 sequences, of which every terminal since the VT100 knows those that
 * are used; the alternate screen is xterm's. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "live_screen.h"

static const char enter_screen[] = "\033[?1049h\033[?25l\033[2J";
static const char leave_screen[] = "\033[0m\033[?25h\033[?1049l";

/* What a handler of signals needs: the terminal is one. */
static struct {
    volatile sig_atomic_t taken, continued;
    int keys;
    bool has_keys;
    struct termios before, raw;
} terminal;

/* ---- taking and giving back ---- */

static void say(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, text, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return;
        text += done;
        length -= (size_t)done;
    }
}

static void take(void)
{
    if (terminal.has_keys) (void)tcsetattr(terminal.keys, TCSANOW, &terminal.raw);
    say(enter_screen, sizeof enter_screen - 1);
    terminal.taken = 1;
}

void screen_restore(void)
{
    if (!terminal.taken) return;
    terminal.taken = 0;
    say(leave_screen, sizeof leave_screen - 1);
    if (terminal.has_keys) (void)tcsetattr(terminal.keys, TCSANOW, &terminal.before);
}

static void on_fatal(int number)
{
    screen_restore();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_stop(int number)
{
    int kept = errno;
    (void)number;
    screen_restore();
    (void)raise(SIGSTOP); /* goes on here after SIGCONT */
    take();
    terminal.continued = 1;
    errno = kept;
}

static void catch_signals(void)
{
    static const int fatal[] = {SIGQUIT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_handler = on_fatal};
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        (void)sigaction(fatal[i], &action, NULL);
    action.sa_handler = on_stop;
    action.sa_flags = SA_RESTART;
    (void)sigaction(SIGTSTP, &action, NULL);
}

static void find_keys(Screen *s, bool from_input)
{
    s->keys = from_input && isatty(STDIN_FILENO) ? STDIN_FILENO : -1;
    if (s->keys < 0) {
        s->keys = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
        s->own_keys = s->keys >= 0;
    }
    terminal.keys = s->keys;
    terminal.has_keys = s->keys >= 0 && tcgetattr(s->keys, &terminal.before) == 0;
    if (!terminal.has_keys) return;
    terminal.raw = terminal.before;
    terminal.raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    terminal.raw.c_cc[VMIN] = 0;
    terminal.raw.c_cc[VTIME] = 0;
}

/* Standard error goes into a pipe while the view is there: what is written to the screen by others
 * would spoil it, and be gone with it. */
static void keep_errors(Screen *s)
{
    int ends[2];
    s->old_errors = s->errors = -1;
    if (!isatty(STDERR_FILENO) || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
    s->old_errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    s->errors = ends[0];
    if (s->old_errors >= 0) (void)dup2(ends[1], STDERR_FILENO);
    (void)close(ends[1]);
}

static void release_errors(Screen *s)
{
    char text[4096];
    if (s->old_errors < 0) return;
    (void)fflush(stderr);
    (void)dup2(s->old_errors, STDERR_FILENO);
    (void)close(s->old_errors);
    for (ssize_t got; (got = read(s->errors, text, sizeof text)) > 0;)
        (void)fwrite(text, 1, (size_t)got, stderr);
    (void)close(s->errors);
}

bool screen_possible(void)
{
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static int colours(void)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM"), *more = getenv("COLORTERM");
    if (none && *none) return 0;
    return (more && *more) || (term && strstr(term, "256")) ? 256 : 8;
}

Screen *screen_start(bool keys_from_input)
{
    static bool registered;
    Screen *s = cli_alloc(1, sizeof *s);
    (void)setlocale(LC_CTYPE, "");
    s->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    s->colours = colours();
    find_keys(s, keys_from_input);
    keep_errors(s);
    if (!registered) (void)atexit(screen_restore);
    registered = true;
    take();
    catch_signals();
    return s;
}

void screen_stop(Screen *s)
{
    screen_restore();
    release_errors(s);
    if (s->own_keys) (void)close(s->keys);
    free(s);
}

int screen_key(const Screen *s)
{
    unsigned char byte;
    return terminal.has_keys && read(s->keys, &byte, 1) == 1 ? byte : -1;
}

/* ---- cells ---- */

void screen_begin(Screen *s)
{
    struct winsize size;
    int columns = 80, rows = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        columns = size.ws_col;
        rows = size.ws_row;
    }
    if (columns > SCREEN_MOST_COLUMNS) columns = SCREEN_MOST_COLUMNS;
    if (rows > SCREEN_MOST_ROWS) rows = SCREEN_MOST_ROWS;
    if (columns != s->columns || rows != s->rows || terminal.continued) {
        memset(s->shown, 0, sizeof s->shown);
        terminal.continued = 0;
        s->columns = columns;
        s->rows = rows;
    }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) s->wanted[r][c] = (struct Cell){' ', SCREEN_PLAIN, false};
}

void screen_put(Screen *s, int row, int column, uint32_t character, int colour, bool bold)
{
    if (row < 0 || row >= s->rows || column < 0 || column >= s->columns) return;
    s->wanted[row][column] = (struct Cell){character, (int16_t)colour, bold};
}

/* The character that begins here, which is good UTF-8, and the one after it. */
static const char *decode(const char *text, uint32_t *character)
{
    unsigned char first = (unsigned char)*text++;
    int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    *character = more == 0 ? first : first & (0x3fu >> more);
    for (; more > 0 && *text; more--)
        *character = *character << 6 | ((unsigned char)*text++ & 0x3f);
    return text;
}

int screen_text(Screen *s, int row, int column, int colour, bool bold, const char *text)
{
    while (*text) {
        uint32_t character;
        text = decode(text, &character);
        if (character < ' ' || character == 0x7f) character = '?';
        if (character > '~' && !s->utf8) character = '?';
        screen_put(s, row, column++, character, colour, bold);
    }
    return column;
}

/* ---- writing ---- */

typedef struct Out {
    char text[1 << 16];
    size_t length;
} Out;

static void add(Out *o, const char *text)
{
    size_t length = strlen(text);
    if (o->length + length > sizeof o->text) {
        say(o->text, o->length);
        o->length = 0;
    }
    memcpy(o->text + o->length, text, length);
    o->length += length;
}

static void add_character(Out *o, uint32_t c)
{
    char text[5] = "";
    if (c < 0x80) {
        text[0] = (char)c;
    } else if (c < 0x800) {
        text[0] = (char)(0xc0 | c >> 6);
        text[1] = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        text[0] = (char)(0xe0 | c >> 12);
        text[1] = (char)(0x80 | (c >> 6 & 0x3f));
        text[2] = (char)(0x80 | (c & 0x3f));
    } else {
        text[0] = (char)(0xf0 | c >> 18);
        text[1] = (char)(0x80 | (c >> 12 & 0x3f));
        text[2] = (char)(0x80 | (c >> 6 & 0x3f));
        text[3] = (char)(0x80 | (c & 0x3f));
    }
    add(o, text);
}

/* The nearest of the eight colours to one of the 256. */
static int of_eight(int colour)
{
    if (colour < 8) return colour;
    if (colour < 16) return colour - 8;
    if (colour >= 232) return colour < 238 ? 0 : 7;
    int cube = colour - 16, r = cube / 36, g = cube / 6 % 6, b = cube % 6;
    int most = r > g ? (r > b ? r : b) : (g > b ? g : b);
    if (most == 0) return 0;
    return (2 * r > most) | (2 * g > most) << 1 | (2 * b > most) << 2;
}

static void add_style(Out *o, const Screen *s, const struct Cell *cell)
{
    char text[32];
    add(o, cell->bold ? "\033[0;1m" : "\033[0m");
    if (cell->colour == SCREEN_PLAIN || s->colours == 0) return;
    if (s->colours == 256)
        (void)snprintf(text, sizeof text, "\033[38;5;%dm", cell->colour);
    else
        (void)snprintf(text, sizeof text, "\033[3%dm", of_eight(cell->colour));
    add(o, text);
}

static bool same(const struct Cell *a, const struct Cell *b)
{
    return a->character == b->character && a->colour == b->colour && a->bold == b->bold;
}

bool screen_end(Screen *s)
{
    static Out out; /* one thread draws */
    struct pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
    if (poll(&ready, 1, 0) <= 0) return false;
    out.length = 0;
    const struct Cell *style = NULL;
    for (int r = 0; r < s->rows; r++) {
        int at = -1; /* where the cursor is in this row */
        for (int c = 0; c < s->columns; c++) {
            const struct Cell *want = &s->wanted[r][c];
            if (same(want, &s->shown[r][c])) continue;
            if (at != c) {
                char move[24];
                (void)snprintf(move, sizeof move, "\033[%d;%dH", r + 1, c + 1);
                add(&out, move);
            }
            if (!style || style->colour != want->colour || style->bold != want->bold)
                add_style(&out, s, want);
            style = want;
            add_character(&out, want->character);
            s->shown[r][c] = *want;
            at = c + 1;
        }
    }
    say(out.text, out.length);
    return true;
}
