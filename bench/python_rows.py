"""The Python package against librosa: every function that patch_librosa() replaces, in float32 and float64 and with two
threads; the time of a first call; peak memory; threads of the program side by side."""

import os
import subprocess
import sys

# A function of librosa's name, its bar in float32 on one thread (none: 1).
BARS = {
    "stft": 3, "istft": 3, "cqt": 3, "feature.spectral_centroid": 3, "beat.plp": 3, "feature.mfcc": 4,
    "feature.chroma_stft": 4, "feature.spectral_contrast": 4, "feature.tempogram": 4, "feature.melspectrogram": 5,
    "onset.onset_strength": 5, "feature.zero_crossing_rate": 5, "piptrack": 5, "beat.beat_track": 5,
    "decompose.hpss": 60, "feature.rms": 2, "effects.hpss": 50, "yin": 10, "pyin": 25, "feature.chroma_cqt": 12,
}
# What takes librosa minutes, on 30 s.
SHORT = {"pyin", "griffinlim", "effects.hpss", "effects.harmonic", "effects.percussive", "decompose.hpss", "effects.time_stretch",
         "effects.pitch_shift", "reassigned_spectrogram"}


def measure_functions(bench, y, rate):
    import heihachi
    import librosa
    from heihachi._patch import PATCHED

    from calls import Inputs, arguments_of, resolve

    from bench import best

    for label, dtype, threads in (("float32", "f4", 1), ("float32, 2 threads", "f4", 2), ("float64", "f8", 1)):
        print(f"\nthe Python package, {label}, ms")
        heihachi.set_num_threads(threads)
        whole, short = Inputs(y, rate, dtype), Inputs(y[: 30 * rate], rate, dtype)
        for name in PATCHED:
            if not bench.wants("python " + name):
                continue
            inputs = short if name in SHORT else whole
            args, kwargs = arguments_of(name, inputs)
            ours, theirs = resolve(heihachi, name), resolve(librosa, name)
            pair = [lambda: ours(*args, **kwargs), lambda: theirs(*args, **kwargs)]
            for f in pair:
                f()
            mine, other = best(pair, bench.rounds(3), 0.0 if bench.quick else 0.3)
            bar = BARS.get(name, 1) if dtype == "f4" else 1
            seconds = ", 30 s" if name in SHORT else ""
            bench.add("python", f"{name}, {label}{seconds}", mine * 1e3, other * 1e3, "ms", "librosa", bar)
    heihachi.set_num_threads(1)


FIRST = """
import sys, time; start = time.perf_counter()
import {module} as m
import numpy as np
y = np.random.default_rng(0).standard_normal(10 * 22050).astype("f4")
m.feature.chroma_cqt(y=y); m.beat.beat_track(y=y)
print(time.perf_counter() - start)
"""
MEMORY = """
import numpy as np
import {module} as m
y = np.random.default_rng(0).standard_normal(600 * 22050, dtype="f4")
call = lambda y: {call}
call(y[:22050])

def status(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))

before = status("VmRSS")
with open("/proc/self/clear_refs", "w") as f:
    f.write("5")  # the peak starts anew
result = call(y)
print(status("VmHWM") - before)
"""
MEMORY_CALLS = {
    "effects.hpss": "m.effects.hpss(y)",
    "pyin": "m.pyin(y, fmin=65.40639132514966, fmax=2093.004522404789, sr=22050)",
    "feature.chroma_cqt": "m.feature.chroma_cqt(y=y)",
}
THREADS = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
import heihachi
paths = sys.argv[1:]
heihachi.analyze(paths[0])
start = time.perf_counter(); serial = [heihachi.analyze(p) for p in paths]; one = time.perf_counter() - start
start = time.perf_counter()
with ThreadPoolExecutor(8) as pool: together = list(pool.map(heihachi.analyze, paths))
print(one, time.perf_counter() - start)
"""


def run(text, *arguments):
    """The numbers that a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def measure_whole(bench, wav):
    if bench.wants("python first"):
        print("\nimport, chroma_cqt and beat_track of 10 s in a fresh Python (librosa's compiled code is cached)")
        both = [min(run(FIRST.format(module=m))[0] for _ in range(bench.rounds(4))) for m in ("heihachi", "librosa")]
        bench.add("python-whole", "import and first calls", *both, "s", "librosa", 5)
    if bench.wants("python memory"):
        print("\npeak memory of a call on 10 minutes, above what was there before it")
        for name, call in MEMORY_CALLS.items():
            ours, theirs = (run(MEMORY.format(module=m, call=call))[0] for m in ("heihachi", "librosa"))
            bench.add("python-whole", f"memory of {name}, 10 min", ours, theirs, "MB", "librosa", 2)
    if bench.wants("python threads"):
        rounds = [run(THREADS, *[wav] * 8) for _ in range(bench.rounds(3))]
        one, eight = (min(r[i] for r in rounds) for i in (0, 1))
        bench.add("python-whole", "8 files, 8 threads", eight, one, "s", "serial", 1.8 if os.cpu_count() > 1 else None)


def measure(bench, y, rate, wav):
    measure_functions(bench, y, rate)
    measure_whole(bench, wav)
