/* Semihosting, timer and stack of the MPS2 boards as QEMU models them. */
#include "machine.h"

enum { SYS_WRITE0 = 0x04, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };
enum { STOPPED_APPLICATION_EXIT = 0x20026 };
#define STACK_PAINT 0xC5C5C5C5U

extern uint32_t core_stack_bottom[], core_stack_top[];

static intptr_t semihosting(int operation, const void *argument)
{
    register intptr_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void machine_write(const char *text)
{
    semihosting(SYS_WRITE0, text);
}

void machine_exit(int code)
{
    const intptr_t block[2] = {STOPPED_APPLICATION_EXIT, code};
    semihosting(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

const char *machine_argument(void)
{
    static char line[256];
    struct {
        char *buffer;
        intptr_t size;
    } block = {line, sizeof line};
    if (semihosting(SYS_GET_CMDLINE, &block) != 0) return "";
    return line;
}

void machine_start_timer(void)
{
    volatile uint32_t *const timer = (volatile uint32_t *)0x40000000; /* CMSDK APB timer 0 */
    timer[0] = 0;                                                     /* CTRL: stop */
    timer[2] = 0xFFFFFFFF;                                            /* RELOAD */
    timer[1] = 0xFFFFFFFF;                                            /* VALUE */
    timer[0] = 1;                                                     /* CTRL: run */
}

/* void machine_on_core_stack(void *a, const void *b, size_t c, MachineCall *function) */
__asm(".section .text.machine_on_core_stack, \"ax\"\n"
      ".balign 4\n"
      ".global machine_on_core_stack\n"
      ".thumb_func\n"
      ".type machine_on_core_stack, %function\n"
      "machine_on_core_stack:\n"
      "    push {r4, lr}\n"
      "    mov r4, sp\n"
      "    ldr r12, =core_stack_top\n"
      "    mov sp, r12\n"
      "    blx r3\n"
      "    mov sp, r4\n"
      "    pop {r4, pc}\n"
      "    .ltorg\n"
      ".text\n");

void machine_paint_stack(void)
{
    for (volatile uint32_t *word = core_stack_bottom; word < core_stack_top; word++)
        *word = STACK_PAINT;
}

size_t machine_stack_used(void)
{
    const volatile uint32_t *word = core_stack_bottom;
    while (word < core_stack_top && *word == STACK_PAINT) word++;
    return (size_t)(core_stack_top - word) * sizeof *word;
}
