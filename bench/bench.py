#!/usr/bin/env python3
"""Measure Heihachi against its rivals, in one run, as ratios.

    bench.py BUILD [--quick] [--only REGEX]
    bench.py BUILD --markdown FILE

BUILD is a build folder made with -Dbench=true. Prints a table per area and writes BUILD/bench.json:
{"machine": ..., "rows": [{"area", "name", "ours", "rival", "unit", "rival_name", "ratio", "bar",
"ok"}]}. `ratio` is rival / ours (larger is better) except where the row says "at most". One thread
everywhere but in the rows that say so. How the rounds are run, and which rows have only one, is in
the introduction of page.py. The input is 180 s of drum & bass (tools/make_track.py) and, where
named, noise.

The second form measures nothing: it writes the rows of BUILD/bench.json as a page.
"""
import argparse
import ctypes
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
for folder in ("librosa", "python"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
SAMPLES = "/usr/share/sonic-pi/samples"
SECONDS = 180


def best(functions, rounds, seconds=0.0):
    """Least wall seconds of each function, taken in turn; one that is done sooner is repeated for
    so many seconds of each round."""
    least = [float("inf")] * len(functions)
    for _ in range(rounds):
        for i, f in enumerate(functions):
            begun = time.perf_counter()
            while True:
                start = time.perf_counter()
                f()
                now = time.perf_counter()
                least[i] = min(least[i], now - start)
                if now - begun >= seconds:
                    break
    return least


def cpu_seconds(args):
    """Processor time of a process, which must succeed."""
    child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status:
        raise RuntimeError(f"{' '.join(args)}: status {status}")
    return usage.ru_utime + usage.ru_stime


def median_noise():
    """The matrix of median_bench.c, as librosa holds it: float32 [1025 bins][8000 frames]."""
    import numpy as np
    bins, pitch, frames = 1025, 1040, 8000
    powers = np.cumprod(np.full(frames * pitch, 1664525, np.uint32), dtype=np.uint32)
    sums = np.cumsum(np.concatenate(([1], powers[:-1])), dtype=np.uint32)
    noise = powers + np.uint32(1013904223) * sums  # of the generator that starts at 1
    x = (noise >> np.uint32(8)).astype(np.float32).reshape(frames, pitch)
    return np.ascontiguousarray(x[:, :bins].T)


class Bench:
    def __init__(self, build, only, quick):
        import heihachi_ctypes as ours
        self.build, self.only, self.quick, self.rows = build, re.compile(only), quick, []
        self.ours, self.lib = ours, ours.library()
        self.context = ours.Context(threads=1)
        self.context.__enter__()
        self.program = os.path.join(build, "heihachi")
        self.tmp = tempfile.mkdtemp(prefix="heihachi-bench-")

    def wants(self, name):
        return bool(self.only.search(name))

    def rounds(self, count):
        return 1 if self.quick else count

    def add(self, area, name, ours, rival, unit, rival_name, bar=None, at_most=False, note=""):
        ratio = ours / rival if at_most else rival / ours
        ok = None if bar is None else (ratio <= bar if at_most else ratio >= bar)
        self.rows.append(dict(area=area, name=name, ours=ours, rival=rival, unit=unit,
                              rival_name=rival_name, ratio=ratio, bar=bar, at_most=at_most, ok=ok,
                              note=note))
        mark = "" if ok is None else "  ok" if ok else "  BELOW THE BAR"
        limit = "" if bar is None else f"  ({'at most' if at_most else 'bar'} {bar:g})"
        print(f"  {name:44s} {ours:11.4g} {unit:8s} {rival_name:14s} {rival:11.4g}   "
              f"{ratio:7.2f}x{limit}{mark}  {note}", flush=True)

    # ---- one call of the library; outputs are freed
    def call(self, name, signal, params=None, outputs=1):
        arrays = [self.ours.Array() for _ in range(outputs)]
        function = getattr(self.lib, name)
        results = [ctypes.byref(a) for a in arrays]
        self.context.check(function(self.context, signal, params, *results))
        for a in arrays:
            self.lib.hh_array_free(ctypes.byref(a))

    def librosa_rows(self, y, rate):
        import librosa
        signal = self.ours.signal(y, rate)
        frames = 1 + len(y) // 512
        voice = dict(fmin=librosa.note_to_hz("C2"), fmax=librosa.note_to_hz("C7"))

        def case(name, bar, rounds, outputs=1, takes_y=True, takes_rate=True, **arguments):
            """(name, ours, librosa, bar, rounds) of librosa's function of that name"""
            function = librosa
            for part in name.split("."):
                function = getattr(function, part)
            if takes_rate:
                arguments["sr"] = rate
            ours = "hh_" + name.split(".")[-1]
            theirs = (lambda: function(y=y, **arguments)) if takes_y else lambda: function(y)
            return name, lambda: self.call(ours, signal, outputs=outputs), theirs, bar, rounds

        cases = [
            case("stft", 3, 7, takes_rate=False),
            case("feature.melspectrogram", 5, 7),
            case("feature.mfcc", None, 3),
            case("feature.spectral_contrast", None, 3),
            case("effects.hpss", 50, 2, outputs=2, takes_y=False),
            case("yin", 10, 4, **voice),
            case("pyin", 25, 1, outputs=3, **voice),
            case("feature.chroma_cqt", 12, 10),
            case("cqt", None, 3),
            case("onset.onset_strength", None, 5),
            case("beat.beat_track", 5, 5, outputs=2),
            case("feature.tempogram", None, 3),
        ]
        print(f"\nlibrosa's functions, {SECONDS} s at {rate} Hz, ms; "
              "us per frame of ours at the end of the line")
        times = {}
        for name, a, b, bar, rounds in cases:
            if not self.wants(name):
                continue
            a(), b()
            times[name] = best([a, b], self.rounds(rounds))
            mine, theirs = times[name]
            self.add("librosa", name, mine * 1e3, theirs * 1e3, "ms", "librosa", bar,
                     note=f"{mine / frames * 1e6:.2f} us/frame")
        three = ("effects.hpss", "yin", "feature.chroma_cqt")
        if all(n in times for n in three):
            mine, theirs = (sum(times[n][i] for n in three) for i in (0, 1))
            self.add("librosa", "hpss + yin + chroma_cqt", mine * 1e3, theirs * 1e3, "ms",
                     "librosa", 35)

    def program_rows(self, name):
        """What a program of bench/ measured: an object a line; nothing if it is not built."""
        path = os.path.join(self.build, "bench", name)
        if not os.path.exists(path):
            return []
        done = subprocess.run([path, "--json"], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def kernel_rows(self):
        """The programs of bench/ measure; scipy is timed here, on the noise of median_bench.c."""
        print("\nkernels")
        if self.wants("fft"):
            for r in self.program_rows("fft_bench"):
                self.add("kernel", r["name"], r["ours"], r["rival"], r["unit"], "FFTW",
                         1.5 if r.get("bar") else None)
        ours = self.program_rows("median_bench") if self.wants("median") else []
        if ours:
            import scipy.ndimage
            x = median_noise()[:, :400 if self.quick else None].copy()
            times = best([lambda: scipy.ndimage.median_filter(x, size=(1, 31), mode="reflect"),
                          lambda: scipy.ndimage.median_filter(x, size=(31, 1), mode="reflect")],
                         self.rounds(2))
            scipy_ns = [t / x.size * 1e9 for t in times]
            for r, rival in zip(ours, scipy_ns):
                self.add("kernel", r["name"], r["ours"], rival, "ns", "scipy")
            self.add("kernel", "median of 31, both axes, per element", sum(r["ours"] for r in ours),
                     sum(scipy_ns), "ns", "scipy", 250)

    def fingerprint_row(self, wav):
        if not self.wants("fingerprint"):
            return
        from recipe import fingerprint
        params, features, analysis = (ctypes.c_size_t * 32)(), ctypes.c_uint(), ctypes.c_void_p()
        self.lib.hh_analyse_defaults(params)
        self.context.check(
            self.lib.hh_features_parse(self.context, b"fingerprint", ctypes.byref(features)))
        member = ctypes.addressof(params) + ctypes.sizeof(ctypes.c_size_t)
        ctypes.memmove(member, ctypes.byref(features), 4)

        def ours():
            self.context.check(self.lib.hh_analyse_file(self.context, wav.encode(), params,
                                                        ctypes.byref(analysis)))
            self.lib.hh_analysis_destroy(analysis)
        ours()
        fingerprint(wav)
        mine, theirs = best([ours, lambda: fingerprint(wav)], self.rounds(3), 5.0)
        print("\nthe fingerprint of a 3-minute track, from the file")
        self.add("fingerprint", "25 values", mine, theirs, "s", "librosa", 40)

    def process(self, path, options=(), threads=1):
        """CPU seconds, wall seconds, peak MB and stage seconds of one run of `heihachi process`."""
        out = os.path.join(self.tmp, "out")
        subprocess.run(["rm", "-rf", out])
        log = os.path.join(self.tmp, "log")
        # A parent of a few MB: the peak that a process reports includes what it was forked from.
        run = ("import json, os, sys, time; t = time.perf_counter();"
               "_, s, u = os.wait4(os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:]), 0);"
               "w = time.perf_counter() - t;"
               "json.dump([s, u.ru_utime + u.ru_stime, w, u.ru_maxrss / 1024],"
               "          open(sys.argv[1], 'w'))")
        usage = os.path.join(self.tmp, "usage")
        with open(log, "w") as sink:
            subprocess.run([sys.executable, "-S", "-c", run, usage, self.program, "process", path,
                            "--output", out, "--threads", str(threads), "-vv", *options],
                           stdout=sink, stderr=sink, check=True)
        status, cpu, wall, peak = json.load(open(usage))
        if status:
            raise RuntimeError(open(log).read())
        stages = dict(re.findall(r"stage (\w+) ([0-9.]+) s", open(log).read()))
        return cpu, wall, peak, {k: float(v) for k, v in stages.items()}

    def process_rows(self, mp3):
        if not self.wants("process"):
            return
        print("\nprocess, default profile, 3-minute MP3")
        decode = [os.path.join(self.build, "bench", "decode_bench"), mp3]
        self.process(mp3)
        cpu, alone, walls = [], [], {1: [], 2: []}
        for _ in range(2 if self.quick else 5):
            done = subprocess.run(decode, capture_output=True, text=True, check=True)
            alone.append(float(done.stdout))
            seconds, wall, _, stages = self.process(mp3)
            cpu.append(seconds)
            walls[1].append(wall)
            walls[2].append(self.process(mp3, threads=2)[1])
        self.add("process", "CPU time over that of decoding alone", min(cpu), min(alone), "s",
                 "libsndfile", 6, at_most=True)
        total = sum(stages.values())
        for name, seconds in sorted(stages.items(), key=lambda item: -item[1]):
            print(f"    {name:20s} {seconds * 1e3:9.1f} ms {100 * seconds / total:6.1f} %")
        long = os.path.join(self.tmp, "long.wav")
        repeat = ["ffmpeg", "-v", "error", "-y", "-stream_loop"]
        subprocess.run([*repeat, "4", "-i", mp3, long], check=True)
        one, two = ([self.process(long, threads=n)[1] for _ in range(2)] for n in (1, 2))
        self.add("process", "two threads against one, 15 minutes, wall", min(two), min(one), "s",
                 "one thread", 1.6)
        if not self.quick:
            subprocess.run([*repeat, "39", "-i", mp3, "-c", "copy", long + ".mp3"], check=True)
            _, wall, memory, _ = self.process(long + ".mp3", threads=2)
            self.add("process", "peak memory on a two-hour mix", memory, 1, "MB", "", 256,
                     at_most=True, note=f"{wall:.1f} s, two threads")

    def aubio_rows(self, wav):
        """aubio's own commands, whole processes, decoding included on both sides."""
        import shutil
        if not self.wants("aubio") or not shutil.which("aubioonset"):
            return
        print("\naubio's commands on the same track, CPU seconds of the whole process")
        out = os.path.join(self.tmp, "a.npz")
        cases = (("onset.onset_detect", "aubioonset"), ("beat.beat_track", "aubiotrack"),
                 ("yin:fmin=65.4,fmax=2093", "aubiopitch", "-p", "yinfast"))
        for feature, command, *options in cases:
            both = ([self.program, "features", wav, "--sr", "native", "--feature", feature,
                     "-o", out], [command, "-i", wav, *options])
            for args in both:
                cpu_seconds(args)
            rounds = [[cpu_seconds(args) for args in both] for _ in range(self.rounds(3))]
            ours, theirs = (min(seconds) for seconds in zip(*rounds))
            self.add("aubio", f"{feature.split(':')[0]} / {command}", ours, theirs, "s", "aubio")


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build")
    p.add_argument("--quick", action="store_true", help="one round, no two-hour mix")
    p.add_argument("--only", default=".", metavar="REGEX")
    p.add_argument("--markdown", metavar="FILE",
                   help="write the page of BUILD/bench.json; nothing is measured")
    o = p.parse_args()
    if o.markdown:
        from page import page
        with open(os.path.join(o.build, "bench.json")) as rows, open(o.markdown, "w") as f:
            f.write(page(json.load(rows)))
        return 0
    warnings.filterwarnings("ignore")
    os.environ["HEIHACHI_LIBRARY"] = os.path.join(o.build, "src", "libheihachi.so")
    import librosa
    import numpy as np
    bench = Bench(o.build, o.only, o.quick)
    wav, mp3 = os.path.join(bench.tmp, "track.wav"), os.path.join(bench.tmp, "track.mp3")
    subprocess.run([sys.executable, os.path.join(ROOT, "tools", "make_track.py"), "--samples",
                    SAMPLES, "--seconds", str(SECONDS), wav], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", wav, "-b:a", "192k", mp3], check=True)
    y, rate = librosa.load(wav, sr=22050)
    bench.kernel_rows()
    bench.librosa_rows(np.ascontiguousarray(y, np.float32), rate)
    bench.fingerprint_row(wav)
    bench.process_rows(mp3)
    bench.aubio_rows(wav)
    if bench.wants("python"):
        import python_rows
        python_rows.measure(bench, y, rate, wav)
    shortcut_rows = []
    if bench.wants("shortcuts"):
        import shortcuts
        shortcut_rows = shortcuts.report(bench.program)
    below = [r["name"] for r in bench.rows if r["ok"] is False]
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    machine = dict(processor=names[0] if names else platform.machine(),
                   librosa=librosa.__version__, numpy=np.__version__)
    with open(os.path.join(o.build, "bench.json"), "w") as f:
        json.dump(dict(machine=machine, rows=bench.rows, shortcuts=shortcut_rows), f, indent=1)
    print(f"\n{len(bench.rows)} rows in {os.path.join(o.build, 'bench.json')}; "
          f"below their bar: {', '.join(below) or 'none'}")
    subprocess.run(["rm", "-rf", bench.tmp])
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
