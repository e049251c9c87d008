"""Two shortcuts that a founding document proposes instead of the exact values, and how far off
they are.

    shortcuts.py BUILD [TRACK...]

`harmonic_ratio_fast`: one minus a tenth of the entropy of the whole normalised spectrogram per
cell. `pitch_stability_fast`: the largest value of the track's autocorrelation at lags from 1 on,
over that at lag 0. The first is 1 for all sound and the second tells how smooth the wave is, which
is why neither is in the library. Exact: the same track's fingerprint. Without tracks: a sine,
clicks, noise and 30 s of drum & bass.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RATE = 44100


def harmonic_ratio_fast(y):
    import librosa
    S = np.abs(librosa.stft(y))
    p = S / (S.sum() + 1e-10)
    p = p[p > 1e-10]
    return 1 - np.clip(-(p * np.log2(p)).sum() / S.size / 10, 0, 1)


def pitch_stability_fast(y):
    import scipy.fft
    size = scipy.fft.next_fast_len(2 * len(y), real=True)
    power = np.abs(scipy.fft.rfft(y.astype(float), size)) ** 2
    r = scipy.fft.irfft(power)[: len(y)]
    return r[1:].max() / (np.abs(r).max() + 1e-10)


def write_signals(folder):
    import soundfile
    t = np.arange(10 * RATE) / RATE
    clicks = np.zeros(t.size)
    clicks[:: RATE // 2] = 0.9
    signals = {"sine": 0.5 * np.sin(2 * np.pi * 440 * t), "clicks": clicks,
               "noise": 0.1 * np.random.default_rng(1).standard_normal(t.size)}
    for name, y in signals.items():
        soundfile.write(os.path.join(folder, name + ".wav"), y, RATE, subtype="FLOAT")
    music = os.path.join(folder, "drum_and_bass.wav")
    subprocess.run([sys.executable, os.path.join(ROOT, "tools", "make_track.py"), "--samples",
                    "/usr/share/sonic-pi/samples", "--seconds", "30", music], check=True)
    return [os.path.join(folder, name + ".wav") for name in signals] + [music]


def compare(program, track, folder):
    """[(name, exact, shortcut, seconds of the shortcut)]"""
    import soundfile
    out = os.path.join(folder, "result")
    subprocess.run([program, "process", track, "--output", out, "--features", "fingerprint", "-q"],
                   check=True)
    stem = os.path.splitext(os.path.basename(track))[0]
    fingerprint = json.load(open(os.path.join(out, stem, "result.json")))["fingerprint"]
    exact = dict(zip(fingerprint["names"], fingerprint["values"]))
    y = soundfile.read(track, dtype="float32", always_2d=True)[0].mean(axis=1)
    rows = []
    for name, shortcut in (("harmonic_ratio", harmonic_ratio_fast),
                           ("pitch_stability", pitch_stability_fast)):
        start = time.process_time()
        value = float(shortcut(y))
        rows.append((name, exact[name], value, time.process_time() - start))
    return rows


def report(program, tracks=()):
    print("\nshortcuts of the founding documents against the exact values; not in the library")
    print(f"  {'track':20s} {'value':16s} {'exact':>9s} {'shortcut':>9s} {'error':>9s}  "
          "CPU s of the shortcut")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for track in tracks or write_signals(folder):
            for name, exact, value, seconds in compare(program, track, folder):
                label = os.path.splitext(os.path.basename(track))[0]
                rows.append(dict(track=label, value=name, exact=exact, shortcut=value,
                                 seconds=seconds))
                known = f"{exact:9.4f}" if exact is not None else f"{'-':>9s}"
                error = f"{value - exact:+9.4f}" if exact is not None else f"{'-':>9s}"
                print(f"  {label:20s} {name:16s} {known} {value:9.4f} {error}  {seconds:.2f}")
    return rows


if __name__ == "__main__":
    report(os.path.join(sys.argv[1], "heihachi"), sys.argv[2:])
