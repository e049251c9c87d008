/* The image: golden vectors, instruction counts, stack. Writes golden lines as they are, and
 * figures as "= name value".
 *
 * A count is of the instructions that QEMU executes from the call of hh_live_push() to its return,
 * the listener included, less what the measurement itself takes. */
#include "goertzel.h"
#include "golden.h"
#include "machine.h"

#define CLIP_RATE 16000

/* The clip, linked in; see the Makefile. */
__asm(".section .clip, \"a\"\n"
      ".balign 4\n"
      "clip_begin: .incbin \"clip.s16\"\n"
      "clip_end:\n"
      ".text\n");
extern const int16_t clip_begin[], clip_end[];

static _Alignas(HH_LIVE_ALIGNMENT) unsigned char memory[2 << 20];

static void line(const char *text)
{
    machine_write(text);
    machine_write("\n");
}

static void figure(const char *name, uint64_t value)
{
    machine_write("= ");
    golden_number(line, name, value);
}

/* ---- counting */

static struct {
    uint64_t total, calls;
    uint32_t worst;
    uint32_t empty; /* ticks of measuring nothing */
} count;

static void nothing(void *a, const void *b, size_t c)
{
    (void)a;
    (void)b;
    (void)c;
}

static uint32_t ticks_of(MachineCall *function, void *a, const void *b, size_t c)
{
    uint32_t before = machine_ticks();
    machine_on_core_stack(a, b, c, function);
    return machine_ticks() - before;
}

static void start_counting(void)
{
    count.total = count.calls = count.worst = 0;
    count.empty = ticks_of(nothing, NULL, NULL, 0);
}

static uint32_t instructions_of(MachineCall *function, void *a, const void *b, size_t c)
{
    return (uint32_t)machine_instructions(ticks_of(function, a, b, c) - count.empty);
}

static void push_in(void *live, const void *samples, size_t length)
{
    hh_live_push(live, samples, length);
}

static void counted_push(HhLive *live, const float *samples, size_t length)
{
    uint32_t taken = instructions_of(push_in, live, samples, length);
    count.total += taken;
    count.calls++;
    if (taken > count.worst) count.worst = taken;
}

/* ---- the clip once more, with the profile or another bank */

static void ignore(void *user, const HhLiveEvent *event)
{
    (void)user;
    (void)event;
}

static HhLive *play(const HhLiveConfig *config, uint32_t length)
{
    static float samples[GOLDEN_HOP];
    size_t size = hh_live_size(config);
    if (size == 0 || size > sizeof memory) return NULL;
    HhLive *live = hh_live_init(memory, config, ignore, NULL);
    if (live == NULL) return NULL;
    start_counting();
    for (uint32_t at = 0; at + GOLDEN_HOP <= length; at += GOLDEN_HOP) {
        for (uint32_t n = 0; n < GOLDEN_HOP; n++)
            samples[n] = (float)clip_begin[at + n] * (1.0F / 32768.0F);
        counted_push(live, samples, GOLDEN_HOP);
    }
    return live;
}

static uint32_t count_up(void)
{
    return machine_ticks();
}

static void stage_figure(const char *stage, const char *name, uint64_t value)
{
    machine_write("= stage ");
    machine_write(stage);
    machine_write(" ");
    golden_number(line, name, value);
}

/* The stages' shares: the profile's, less what its two readings of the clock take. */
static bool stages(uint32_t length)
{
    static const char *const names[HH_LIVE_STAGES] = {"decimate", "bank", "level", "novelty",
                                                      "tempo"};
    static HhLiveConfig config;
    static HhLiveProfile profile;
    hh_live_defaults(&config, CLIP_RATE);
    config.clock = count_up;
    HhLive *live = play(&config, length);
    if (live == NULL) return false;
    hh_live_profile(live, &profile);
    uint32_t (*volatile read)(void) = count_up;
    uint32_t before = read(), empty = read() - before;
    for (int i = 0; i < HH_LIVE_STAGES; i++) {
        uint64_t overhead = (uint64_t)profile.stage[i].calls * empty;
        uint64_t total = profile.stage[i].total;
        uint32_t worst = profile.stage[i].max;
        stage_figure(names[i], "calls", profile.stage[i].calls);
        stage_figure(names[i], "total",
                     machine_instructions(total > overhead ? total - overhead : 0));
        stage_figure(names[i], "worst", machine_instructions(worst > empty ? worst - empty : 0));
    }
    figure("profiled_hops", profile.hop.calls);
    return true;
}

static bool banks(uint32_t length)
{
    static const char *const names[] = {"bank octaves", "bank goertzel", "bank lanes",
                                        "bank sliding"};
    for (int bank = HH_LIVE_BANK_OCTAVES; bank <= HH_LIVE_BANK_SLIDING; bank++) {
        static HhLiveConfig config;
        hh_live_defaults(&config, CLIP_RATE);
        config.bank = (HhLiveBank)bank;
        if (play(&config, length) == NULL) return false;
        figure(names[bank], count.total / count.calls);
    }
    return true;
}

/* ---- the plain bank */

static PlainBank plain;
static float history[PLAIN_HISTORY], power[PLAIN_NOTES];

static void plain_call(void *bank, const void *samples, size_t unused)
{
    (void)unused;
    plain_bank_measure(bank, samples, power);
}

/* Of 64 tones, how many are strongest in their own note: it does what it is counted for. */
static uint32_t plain_right(void)
{
    uint32_t right = 0;
    float step = 110.0F / CLIP_RATE * 4294967296.0F;
    for (int tone = 0; tone < PLAIN_NOTES; tone++, step *= 1.05946309F) {
        uint32_t phase = 0;
        for (int n = 0; n < PLAIN_HISTORY; n++, phase += (uint32_t)step)
            history[n] = signal_sine(phase);
        plain_bank_measure(&plain, history, power);
        int strongest = 0;
        for (int i = 1; i < PLAIN_NOTES; i++)
            if (power[i] > power[strongest]) strongest = i;
        right += strongest == tone;
    }
    return right;
}

static void plain_bank(void)
{
    plain_bank_init(&plain, CLIP_RATE, 110);
    uint32_t steps = 0;
    for (int i = 0; i < PLAIN_NOTES; i++) steps += plain.note[i].length;
    figure("plain_steps", steps);
    figure("plain_right", plain_right());
    for (int n = 0; n < PLAIN_HISTORY; n++) history[n] = (float)clip_begin[n] * (1.0F / 32768.0F);
    start_counting();
    figure("plain_goertzel_instructions", instructions_of(plain_call, &plain, history, 0));
}

/* ---- */

static void init_call(void *where, const void *config, size_t unused)
{
    (void)unused;
    hh_live_init(where, config, ignore, NULL);
}

static bool sizes(void)
{
    static HhLiveConfig config;
    hh_live_defaults(&config, CLIP_RATE);
    size_t size = hh_live_size(&config);
    figure("state_bytes", size);
    if (size == 0 || size > sizeof memory) return false;
    start_counting();
    figure("init_instructions", instructions_of(init_call, memory, &config, 0));
    return true;
}

/* Needs more stack than there is. */
static void overflow(void *a, const void *b, size_t c)
{
    static const volatile size_t depth = 1000;
    volatile char frame[256];
    frame[0] = (char)c;
    if (c < depth) overflow(a, b, c + 1);
    frame[1] = frame[0];
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

/* Exit codes: 0 all ran; 1 the core refused something; 2 a fault. The arguments "fault" and
 * "overflow" provoke the latter, to see that it is told; with "clip" and "golden" it ends early,
 * after the clip and after all golden vectors. */
int main(void)
{
    if (same(machine_argument(), "fault")) __asm volatile("udf #0");
    if (same(machine_argument(), "overflow")) machine_on_core_stack(NULL, NULL, 0, overflow);

    const uint32_t length = (uint32_t)(clip_end - clip_begin);
    const GoldenClip clip = {clip_begin, length};
    machine_start_timer();
    machine_paint_stack();
    bool good = sizes();

    start_counting();
    good &= golden_clip(memory, sizeof memory, &clip, counted_push, line);
    figure("hops", count.calls);
    figure("hop_total", count.total);
    figure("hop_worst", count.worst);
    figure("stack_bytes", machine_stack_used());
    if (same(machine_argument(), "clip")) return good ? 0 : 1;
    good &= golden_signals(memory, sizeof memory, counted_push, line);
    figure("stack_bytes_of_all_cases", machine_stack_used());

    if (same(machine_argument(), "golden")) return good ? 0 : 1;
    good &= stages(length);
    good &= banks(length < CLIP_RATE ? length : CLIP_RATE);
    plain_bank();
    return good ? 0 : 1;
}
