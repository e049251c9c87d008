/* What the image asks of the machine: a line of text out, an exit code, an instruction counter, and
 * the depth of the stack. */
#ifndef HH_FIRMWARE_MACHINE_H
#define HH_FIRMWARE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* Semihosting: what is written appears on QEMU's standard output. */
void machine_write(const char *text);
/* `code` becomes QEMU's exit status. */
__attribute__((noreturn)) void machine_exit(int code);
/* The word that QEMU was given with -semihosting-config arg=; "" if none. */
const char *machine_argument(void);

/* The timer counts down 25 million times a second of virtual time. QEMU's -icount shift=10 lets an
 * instruction take 2^10 ns of it, which is 25.6 ticks: exact to the single instruction over
 * 2^32 / 25.6 = 167 million of them. */
void machine_start_timer(void);

/* Counts up. The compiler moves no memory access across. */
static inline uint32_t machine_ticks(void)
{
    const volatile uint32_t *const value = (const volatile uint32_t *)0x40000004;
    __asm volatile("" ::: "memory");
    uint32_t ticks = 0U - *value;
    __asm volatile("" ::: "memory");
    return ticks;
}

/* To the nearest. */
static inline uint64_t machine_instructions(uint64_t ticks)
{
    return (ticks * 10 + 128) / 256;
}

/* Calls function(a, b, c) on the core's stack. */
typedef void MachineCall(void *a, const void *b, size_t c);
void machine_on_core_stack(void *a, const void *b, size_t c, MachineCall *function);
/* Fills the core's stack with a pattern, and later tells how many bytes of it were overwritten. */
void machine_paint_stack(void);
size_t machine_stack_used(void);

#endif
