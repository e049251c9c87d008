/* A terminal as cells: what changed since the last frame is written, nothing else; the terminal is
 * given back as it was on every way out. */
#ifndef HH_CLI_LIVE_SCREEN_H
#define HH_CLI_LIVE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCREEN_MOST_COLUMNS 240
#define SCREEN_MOST_ROWS    80
#define SCREEN_PLAIN        (-1) /* the terminal's own colour */

typedef struct Screen {
    int columns, rows;
    bool utf8;      /* else plain ASCII */
    int colours;    /* 0 with NO_COLOR, 8 or 256 */
    int keys;       /* descriptor of the keys, -1 if there are none */
    bool own_keys;  /* it was opened here */
    int old_errors; /* standard error, which is kept away from the screen; -1 if it is no terminal
                     */
    int errors;     /* where it is kept */
    struct Cell {
        uint32_t character; /* Unicode; 0 = as yet unknown */
        int16_t colour;     /* of 256, or SCREEN_PLAIN */
        bool bold;
    } wanted[SCREEN_MOST_ROWS][SCREEN_MOST_COLUMNS], shown[SCREEN_MOST_ROWS][SCREEN_MOST_COLUMNS];
} Screen;

/* True if standard output is a terminal that can be drawn on. */
bool screen_possible(void);
/* Takes the terminal. `keys_from_input`: standard input is free for keys. */
Screen *screen_start(bool keys_from_input);
/* Empties what is wanted, at the size that the terminal has now. */
void screen_begin(Screen *screen);
void screen_put(Screen *screen, int row, int column, uint32_t character, int colour, bool bold);
/* UTF-8. Returns the column after the text; what does not fit is left out. */
int screen_text(Screen *screen, int row, int column, int colour, bool bold, const char *text);
/* Writes what changed; false if the terminal does not take it now. */
bool screen_end(Screen *screen);
/* The next byte of a key, -1 if there is none. */
int screen_key(const Screen *screen);
/* Gives the terminal back, says what came on standard error meanwhile, and frees. */
void screen_stop(Screen *screen);
/* Gives the terminal back; may be called by a handler of signals, also if it was never taken. */
void screen_restore(void);

#endif
