#!/usr/bin/env python3
"""How well heihachi live tells beats, against aubiotrack, on music whose beats are known.

    bench/live_beats.py AUDIO [--program build/heihachi] [--json OUT]

AUDIO holds folders of clips with their beats: X.beats (seconds, maybe the place in the bar) or
X.rows.tsv (rows of a tracker module: a beat is 4 or 8 rows, whichever agrees better and has an
accepted tempo). Both programs hear the whole clip from its start, in mono.

Beats: F measure within 70 ms after the first 5 s (the definition of mir_eval). Ours are told
ahead, with a latency of 0: the time that is judged is never before the time of telling. Stable:
the first second from which the tempo stays for 4 s within 4 % of the true one, its half or its
double. First: F of the beats told as the first of a bar, where the truth tells these.
Reliability: of the beats told with a confidence, the share that is right.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

FOLDERS = ("lmms", "tracker", "charts", "drums_midi")
ACCEPTED = {"LEBEN_D_B": (102.1, 204.2), "MICT_TIER": (77.5, 154.9), "ALONE_GIRL": (112.0, 224.1),
            "HOAST_EIS": (80.0, 160.0), "TRASH2_D_B1": (160.0,)}


def matches(truth, told, within=0.07):
    """Which of the told times hit a true one, each of which counts once."""
    hits, i = [False] * len(told), 0
    for j, time in enumerate(told):
        while i < len(truth) and truth[i] < time - within:
            i += 1
        if i < len(truth) and abs(truth[i] - time) <= within:
            hits[j] = True
            i += 1
    return hits


def f_measure(truth, told):
    truth = [time for time in truth if time >= 5.0]
    told = sorted(time for time in told if time >= 5.0)
    if not truth or not told:
        return 0.0
    return 2.0 * sum(matches(truth, told)) / (len(truth) + len(told))


def tempo_of(beats):
    gaps = [b - a for a, b in zip(beats, beats[1:]) if b > a]
    return 60.0 / statistics.median(gaps) if gaps else 0.0


def column(path):
    with open(path, encoding="utf-8") as lines:
        return [line.split() for line in lines if line.strip() and line[0] != "#"]


def truths(folder, name):
    """The accepted lists of beats."""
    path = os.path.join(folder, name)
    if os.path.exists(path + ".beats"):
        return [[float(fields[0]) for fields in column(path + ".beats")]]
    rows = column(path + ".rows.tsv")
    lists = [[float(row[0]) for row in rows if int(row[2]) % length == 0] for length in (4, 8)]
    accepted = next((tempi for key, tempi in ACCEPTED.items() if key in name), None)
    def is_accepted(beats):
        return accepted is None or any(abs(tempo_of(beats) / tempo - 1.0) < 0.03 for tempo in accepted)

    kept = [beats for beats in lists if is_accepted(beats)]
    if not kept:
        sys.exit(f"{path}.rows.tsv: no tempo near {accepted} with 4 or 8 rows to the beat")
    return kept


def first_beats(folder, name):
    """Those of the bars; empty where the truth does not say."""
    path = os.path.join(folder, name + ".beats")
    fields = column(path) if os.path.exists(path) else []
    return [float(line[0]) for line in fields if len(line) > 1 and line[1] in ("1", "1.0")]


def hear(program, wav):
    """The beats that heihachi live tells: (seconds, tempo, confidence, place in the bar)."""
    done = subprocess.run([program, "live", "--file", wav, "--fast", "--json"], check=True,
                          stdout=subprocess.PIPE, text=True)
    events = (json.loads(line) for line in done.stdout.splitlines())
    return [(e["t"], e["bpm"], e["confidence"], e["in_bar"]) for e in events
            if e.get("type") == "beat"]


def hear_aubio(wav):
    done = subprocess.run(["aubiotrack", "-i", wav], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return [float(line.split()[0]) for line in done.stdout.splitlines() if line.strip()]


def stable_at(beats, bpm):
    """None: never."""
    right = [min(abs(tempo / (bpm * times) - 1.0) for times in (0.5, 1.0, 2.0)) < 0.04
             for _, tempo, *_ in beats]
    for i, (start, *_) in enumerate(beats):
        if all(r for r, (time, *_) in zip(right[i:], beats[i:]) if time < start + 4.0):
            return start
    return None


def mono(path, wav):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, "-ac", "1", wav], check=True)


def measure(program, folder, name, wav):
    beats = hear(program, wav)
    times = [time for time, *_ in beats]
    lists = truths(folder, name)
    truth = max(lists, key=lambda beats: f_measure(beats, times))
    row = {"folder": os.path.basename(folder), "clip": name, "bpm": tempo_of(truth),
           "told_bpm": statistics.median(t for _, t, *_ in beats[len(beats) // 2:]) if beats else 0.0,
           "f": f_measure(truth, times), "stable": stable_at(beats, tempo_of(truth))}
    first = first_beats(folder, name)
    if first:
        row["first"] = f_measure(first, [time for time, _, _, place in beats if place == 1])
    late = [(time, sure) for time, _, sure, _ in beats if time >= 5.0]
    row["reliability"] = list(zip([sure for _, sure in late],
                                  matches(truth, [time for time, _ in late])))
    if shutil.which("aubiotrack"):
        theirs = hear_aubio(wav)
        row["aubio"] = max(f_measure(beats, theirs) for beats in lists)
    return row


def print_tables(rows):
    def mean(rows, key):
        values = [row[key] for row in rows if key in row]
        return f"{statistics.mean(values):6.3f}" if values else "     -"

    print(f"{'clip':44s} {'true':>6s} {'told':>6s} {'stable':>6s} {'F':>6s} {'aubio':>6s} {'first':>6s}")
    for row in rows:
        stable = f"{row['stable']:6.1f}" if row["stable"] is not None else "     -"
        print(f"{row['clip']:44s} {row['bpm']:6.1f} {row['told_bpm']:6.1f} {stable} "
              f"{row['f']:6.3f} {mean([row], 'aubio')} {mean([row], 'first')}")
    means = []
    for folder in dict.fromkeys(row["folder"] for row in rows):
        ours = [row for row in rows if row["folder"] == folder]
        means.append(statistics.mean(row["f"] for row in ours))
        print(f"mean of {folder:36s} {'':20s} {means[-1]:6.3f} {mean(ours, 'aubio')} "
              f"{mean(ours, 'first')}")
    print(f"mean of the folders {'':45s} {statistics.mean(means):6.3f}")
    times = [row["stable"] if row["stable"] is not None else float("inf") for row in rows]
    print(f"time to a stable tempo: median {statistics.median(times):.1f} s")
    pairs = [pair for row in rows for pair in row["reliability"]]
    print("confidence   beats   right")
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        here = [hit for sure, hit in pairs if low <= sure < low + 0.2 or (low == 0.8 and sure >= 1)]
        if here:
            print(f"{low:.1f} to {low + 0.2:.1f}  {len(here):6d}  {sum(here) / len(here):6.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("audio")
    parser.add_argument("--program", default="build/heihachi")
    parser.add_argument("--folders", default=",".join(FOLDERS))
    parser.add_argument("--json")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        wav = os.path.join(scratch, "clip.wav")
        for name in options.folders.split(","):
            folder = os.path.join(options.audio, name)
            for clip in sorted(os.listdir(folder)):
                stem, kind = os.path.splitext(clip)
                known = any(os.path.exists(os.path.join(folder, stem + end))
                            for end in (".beats", ".rows.tsv"))
                if kind not in (".ogg", ".flac", ".wav") or not known:
                    continue
                mono(os.path.join(folder, clip), wav)
                rows.append(measure(options.program, folder, stem, wav))
    print_tables(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(rows, out, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
