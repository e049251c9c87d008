/* From reset to main(): vector table, floating-point unit, memory, and the end of the run.
 *
 * A fault ends QEMU with exit code 2 and one line that says which. The fault's handler runs on a
 * stack of its own, since a full stack may be why it is there. */
#include "machine.h"

extern uint32_t stack_top[];
extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[];

int main(void);
void reset(void);
void fault(void);
void report_fault(void);

/* Until the first call nothing may use the floating-point unit, hence the attribute. */
__attribute__((noreturn, target("general-regs-only"))) void reset(void)
{
    volatile uint32_t *const access_control = (volatile uint32_t *)0xE000ED88; /* CPACR */
    *access_control |= 0xFU << 20;
    __asm volatile("dsb\n isb" ::: "memory");
    for (uint32_t *to = data_begin, *from = data_image; to < data_end;) *to++ = *from++;
    for (uint32_t *to = bss_begin; to < bss_end;) *to++ = 0;
    machine_exit(main());
}

static uint64_t fault_stack[64];

__attribute__((naked)) void fault(void)
{
    __asm volatile("ldr r0, =fault_stack + 512\n"
                   "mov sp, r0\n"
                   "bl report_fault\n" ::"m"(fault_stack));
}

__attribute__((used)) void report_fault(void)
{
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    exception &= 0x1FF;
    machine_write("fault: exception ");
    machine_write(
        (char[]){(char)('0' + exception / 10 % 10), (char)('0' + exception % 10), '\n', 0});
    machine_exit(2);
}

/* The first 16 words: the stack, then the system exceptions. No interrupt is ever enabled. */
__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
};
