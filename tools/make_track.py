#!/usr/bin/env python3
"""Make a drum & bass track of CC0 material: 174 BPM, A minor, an amen break, programmed drums,
sub, reese and pad.

    make_track.py --samples DIR --seconds 44 OUT.(ogg|wav|flac|mp3)

DIR holds the samples of Sonic Pi (CC0-1.0; Debian package sonic-pi-samples:
/usr/share/sonic-pi/samples). The bass and the pad are synthesised here. The same arguments give the
same samples. assets/demo.ogg is `--seconds 44`; the benchmark uses `--seconds 180`.
"""
import argparse
import os
import numpy as np
import soundfile

RATE = 44100
BPM = 174.0
BEAT = 60.0 / BPM
BAR = 4 * BEAT
ROOTS = (55.0, 55.0, 43.65, 48.99)  # A1 A1 F1 G1, one a bar


def load(folder, name):
    x, rate = soundfile.read(os.path.join(folder, name + ".flac"), dtype="float64", always_2d=True)
    x = x if x.shape[1] == 2 else np.repeat(x, 2, axis=1)
    return stretch(x, rate / RATE)


def stretch(x, speed):
    """Plays x faster by `speed`, pitch and all (linear interpolation is enough for drums)."""
    at = np.arange(int(len(x) / speed)) * speed
    return np.stack([np.interp(at, np.arange(len(x)), c) for c in x.T], axis=1)


def lay(mix, x, seconds, gain, pan=0.0):
    start = int(round(seconds * RATE))
    n = max(0, min(len(x), len(mix) - start))
    mix[start:start + n] += x[:n] * gain * np.array([1 - max(0, pan), 1 + min(0, pan)])


def envelope(n, attack, release):
    e = np.minimum(1, np.arange(n) / (attack * RATE))
    return np.minimum(e, np.minimum(1, (n - np.arange(n)) / (release * RATE)))


def reese(frequency, seconds, phase):
    """Two detuned saws through a slow low-pass: harmonics with a moving cut-off."""
    t = np.arange(int(seconds * RATE)) / RATE
    out = np.zeros((len(t), 2))
    cut = 500 + 350 * np.sin(2 * np.pi * (t / (8 * BAR) + phase))
    for k in range(1, 40):
        gain = 1 / (k * (1 + (k * frequency * 2 / cut) ** 4))
        for channel, detune in ((0, 0.994), (1, 1.006)):
            out[:, channel] += gain * np.sin(2 * np.pi * 2 * frequency * k * detune * t + k)
            angle = 2 * np.pi * 2 * frequency * k * (2 - detune) * t + 2 * k
            out[:, 1 - channel] += 0.5 * gain * np.sin(angle)
    return out * envelope(len(t), 0.01, 0.03)[:, None]


def pad(root, seconds):
    t = np.arange(int(seconds * RATE)) / RATE
    out = np.zeros((len(t), 2))
    third = 6 / 5 if root == ROOTS[0] else 5 / 4
    for i, ratio in enumerate((4, 4 * third, 6, 8)):
        for k in (1, 2, 3):
            for channel in (0, 1):
                detune = 1 + 0.0007 * (i - channel)
                out[:, channel] += np.sin(2 * np.pi * root * ratio * k * detune * t) / (k * k)
    return out * envelope(len(t), 0.15, 0.2)[:, None]


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--samples", required=True)
    p.add_argument("--seconds", type=float, default=44.0)
    p.add_argument("out")
    o = p.parse_args()
    mix = np.zeros((int(o.seconds * RATE), 2))
    names = ("bd_haus", "drum_snare_hard", "drum_cymbal_closed", "drum_cymbal_soft")
    kick, snare, hat, ride = (load(o.samples, name) for name in names)
    amen = load(o.samples, "loop_amen_full")
    amen = stretch(amen, len(amen) / RATE / (4 * BAR))
    noise = np.random.default_rng(174)
    bars = int(np.ceil(o.seconds / BAR))
    for bar in range(bars):
        # a part is four bars: intro, build, drop, drop, break, build, drop, drop
        t, part = bar * BAR, bar // 4 % 8
        root = ROOTS[bar % 4]
        drums, bass = part in (1, 2, 3, 5, 6, 7), part in (2, 3, 6, 7)
        breakbeat = part in (1, 2, 3, 6, 7)
        lay(mix, pad(root, BAR), t, 0.030 if bass else 0.045)
        if drums:
            for sixteenth in (0, 10):
                lay(mix, kick, t + sixteenth * BEAT / 4, 0.75)
            for beat in (1, 3):
                lay(mix, snare, t + beat * BEAT, 0.55)
        if breakbeat and bar % 4 == 0:
            lay(mix, amen, t, 0.45)
        for eighth in range(8):
            lay(mix, hat, t + eighth * BEAT / 2 + noise.normal(0, 0.001),
                0.16 + 0.08 * (eighth % 2), 0.2)
        if part in (3, 7):
            for beat in range(4):
                lay(mix, ride, t + beat * BEAT, 0.10, -0.3)
        if bass:
            n = np.arange(int(BAR * RATE)) / RATE
            sub = np.sin(2 * np.pi * root * n) * envelope(len(n), 0.005, 0.02)
            lay(mix, np.stack([sub, sub], axis=1), t, 0.30)
            lay(mix, reese(root, BAR, bar / 8), t, 0.10)
    mix *= envelope(len(mix), 0.005, 1.0)[:, None]
    mix = np.tanh(1.2 * mix)
    mix *= 0.89 / np.abs(mix).max()
    soundfile.write(o.out, mix.astype(np.float32), RATE)


if __name__ == "__main__":
    main()
