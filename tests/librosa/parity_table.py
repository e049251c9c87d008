#!/usr/bin/env python3
"""Print how far `heihachi features` is from librosa, function by function.

    parity_table.py PROGRAM [--only REGEX]

Every function that `heihachi features --list` names is called with librosa's defaults and with
some other parameters, on synthetic music and on assets/demo.ogg, mono and stereo, at 22050 Hz. A
row shows the worst error over those signals as a multiple of its bound, and where it is. With b
for librosa's array, the bounds are

    near      |a - b| <= 1e-5 |b| + 2e-6 max|b|
    frame     |a - b| <= 1e-4, for arrays that are normalised frame by frame
    equal     equal but for 2 values in 1000, for what is decided: f0, flags, tempo, beats, onsets

Exit status 1 if a row is over its bound, or if a function has no row.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import librosa
import numpy as np
import soundfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RATE = 22050
VOICE = {"fmin": librosa.note_to_hz("C2"), "fmax": librosa.note_to_hz("C7")}
PYIN = ("f0", "voiced_flag", "voiced_prob")
PAIR = ("harmonic", "percussive")


class Row:
    """One call: librosa's qualified name, its arguments, the bound, the names of its results."""

    def __init__(self, name, bound="near", parts=(), stereo=True, **arguments):
        self.name, self.bound, self.parts = name, bound, parts
        self.stereo, self.arguments = stereo, arguments

    def spelling(self):
        """As --feature takes it."""
        values = ",".join(f"{key}={spell(value)}" for key, value in self.arguments.items())
        return self.name + (":" + values if values else "")

    def keys(self, occurrence):
        """Keys of the NPZ, of the n-th call of this function."""
        name = self.name if occurrence == 1 else f"{self.name}#{occurrence}"
        return [f"{name}.{part}" for part in self.parts] or [name]

    def bounds(self):
        return ["near" if part == "voiced_prob" else self.bound for part in self.parts or ("",)]


ROWS = [
    Row("stft"),
    Row("stft", n_fft=1024, hop_length=200, window="hamming", center=False),
    Row("stft", n_fft=1500, win_length=1000, pad_mode="reflect"),
    Row("reconstruct"),
    Row("reconstruct", n_fft=512, hop_length=100),
    Row("effects.hpss", parts=PAIR),
    Row("effects.hpss", parts=PAIR, kernel_size=(13, 25), margin=(1.5, 3.0), power=1.0),
    Row("effects.harmonic"),
    Row("effects.harmonic", margin=4.0, n_fft=1024),
    Row("effects.percussive"),
    Row("effects.percussive", power=float("inf"), kernel_size=9),
    Row("decompose.hpss", parts=PAIR),
    # No mask=True: where both medians are rounding noise (above the lowpass of a lossy file) a mask
    # is the quotient of two noises, in librosa as here. The parts show what a mask lets through.
    Row("decompose.hpss", parts=PAIR, margin=(2.0, 5.0), power=1.0),
    Row("yin", "equal", **VOICE),
    Row("yin", "equal", fmin=50.0, fmax=1000.0, frame_length=4096, trough_threshold=0.15),
    Row("pyin", "equal", PYIN, **VOICE),
    Row("pyin", "equal", PYIN, fmin=60.0, fmax=500.0, resolution=0.25, no_trough_prob=0.05),
    Row("piptrack", parts=("pitches", "magnitudes")),
    Row("piptrack", parts=("pitches", "magnitudes"), n_fft=4096, fmin=60.0, threshold=0.05),
    Row("estimate_tuning", "equal"),
    Row("estimate_tuning", "equal", resolution=0.02, bins_per_octave=24),
    Row("cqt"),
    Row("cqt", fmin=65.0, n_bins=48, bins_per_octave=16, hop_length=256, tuning=-0.2),
    Row("vqt"),
    Row("vqt", n_bins=60, gamma=10.0, filter_scale=0.8),
    Row("hybrid_cqt"),
    Row("hybrid_cqt", n_bins=60, hop_length=256),
    Row("pseudo_cqt"),
    Row("pseudo_cqt", n_bins=48, fmin=110.0),
    Row("feature.chroma_cqt", "frame"),
    Row("feature.chroma_cqt", "frame", bins_per_octave=24, n_octaves=5, threshold=0.2),
    Row("feature.chroma_stft", "frame"),
    Row("feature.chroma_stft", "frame", n_fft=4096, tuning=0.0, octwidth=3.0),
    Row("feature.chroma_cens", "frame"),
    Row("feature.chroma_cens", "frame", win_len_smooth=21, hop_length=1024),
    Row("feature.tonnetz", "frame"),
    Row("feature.tonnetz", "frame", hop_length=1024),
    Row("feature.melspectrogram"),
    Row("feature.melspectrogram", n_mels=80, fmin=50.0, htk=True, power=1.0),
    Row("feature.mfcc"),
    Row("feature.mfcc", n_mfcc=30, dct_type=3, lifter=10),
    Row("feature.spectral_centroid"),
    Row("feature.spectral_centroid", n_fft=1024, hop_length=256),
    Row("feature.spectral_bandwidth"),
    Row("feature.spectral_bandwidth", p=3.0, norm=False),
    Row("feature.spectral_rolloff"),
    Row("feature.spectral_rolloff", roll_percent=0.5),
    Row("feature.spectral_flatness"),
    Row("feature.spectral_flatness", power=1.0, n_fft=1024),
    Row("feature.spectral_contrast"),
    Row("feature.spectral_contrast", n_bands=4, quantile=0.1, linear=True),
    Row("feature.zero_crossing_rate"),
    Row("feature.zero_crossing_rate", frame_length=1024, hop_length=300),
    Row("feature.rms"),
    Row("feature.rms", frame_length=1000, hop_length=250, pad_mode="reflect"),
    Row("onset.onset_strength"),
    Row("onset.onset_strength", lag=3, max_size=5, detrend=True),
    Row("onset.onset_strength_multi"),
    Row("onset.onset_strength_multi", channels=[0, 20, 60, 128]),
    Row("onset.onset_detect", "equal", stereo=False),
    Row("onset.onset_detect", "equal", stereo=False, backtrack=True, units="time", wait=10),
    Row("onset.onset_detect", "equal", sparse=False),
    Row("feature.tempogram"),
    Row("feature.tempogram", win_length=200, hop_length=1024),
    Row("feature.fourier_tempogram"),
    Row("feature.fourier_tempogram", win_length=256),
    Row("feature.tempo", "equal"),
    Row("feature.tempo", "equal", start_bpm=170.0, std_bpm=0.5, ac_size=4.0),
    Row("beat.beat_track", "equal", ("tempo", "beats"), stereo=False),
    Row("beat.beat_track", "equal", ("tempo", "beats"), stereo=False, bpm=174.0, trim=False),
    Row("beat.beat_track", "equal", ("tempo", "beats"), sparse=False, tightness=300.0),
    Row("beat.plp", "frame"),
    Row("beat.plp", "frame", tempo_min=80.0, tempo_max=200.0),
]
# Functions without a rate among their parameters.
RATELESS = re.compile(r"stft|effects\.|feature\.(spectral_flatness|zero_crossing_rate|rms)")


def spell(value):
    if isinstance(value, (tuple, list)):
        return "x".join(spell(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def by_librosa(row, y):
    """The results of a row as a list of arrays."""
    if row.name == "reconstruct":
        hop = row.arguments.get("hop_length")
        spectrum = librosa.stft(y, **row.arguments)
        return [librosa.istft(spectrum, hop_length=hop, length=y.shape[-1])]
    if row.name == "decompose.hpss":
        return list(librosa.decompose.hpss(librosa.stft(y), **row.arguments))
    function = librosa
    for part in row.name.split("."):
        function = getattr(function, part)
    rate = {} if RATELESS.match(row.name) else {"sr": RATE}
    by_name = "." in row.name and not row.name.startswith("effects.")
    if by_name or row.name in ("piptrack", "estimate_tuning"):
        result = function(y=y, **rate, **row.arguments)
    else:
        result = function(y, **rate, **row.arguments)
    return list(result) if row.parts else [result]


def excess(a, b, bound):
    """The worst error as a multiple of its bound; infinite where the shapes differ."""
    a, b = np.asarray(a), np.asarray(b)
    if a.size == b.size == 1:  # a tempo that was given comes back from librosa without an axis
        a = a.reshape(b.shape)
    if bound == "equal" and a.ndim == b.ndim == 1 and a.shape != b.shape:
        return np.setxor1d(a, b).size / (2e-3 * max(b.size, 1))
    if a.shape != b.shape:
        return np.inf
    if b.size == 0:
        return 0.0
    if bound == "equal":
        same = np.isclose(a.astype(float), b.astype(float), rtol=1e-5, atol=1e-8, equal_nan=True)
        return float(np.mean(~same) / 2e-3)
    wide = complex if np.iscomplexobj(b) else float
    a, b = a.astype(wide), b.astype(wide)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return np.inf
    size = np.abs(b)
    limit = np.full(b.shape, 1e-4) if bound == "frame" else 1e-5 * size + 2e-6 * np.nanmax(size)
    error = np.abs(a - b)
    if not np.nanmax(size) > 0:
        return 0.0 if not np.nanmax(error) > 0 else np.inf
    return float(np.nanmax(error / limit))


def synthetic():
    """8 s of two channels: four chords, a bass line, kicks and hats at 150 BPM."""
    rng = np.random.default_rng(20)
    time = np.arange(8 * RATE) / RATE
    beat, bar = 60.0 / 150.0, 4 * 60.0 / 150.0
    chords = np.array([[57, 60, 64], [53, 57, 60], [48, 55, 64], [55, 59, 62]])
    now = (time / bar).astype(int) % 4
    tone = lambda notes: np.sin(np.cumsum(2 * np.pi * librosa.midi_to_hz(notes)) / RATE)
    pad = sum(tone(chords[now, i]) + 0.3 * tone(chords[now, i] + 12) for i in range(3))
    bass = np.tanh(3 * tone(chords[now, 0] - 24)) * np.exp(-4 * np.mod(time, beat / 2))
    since = np.mod(time, beat)
    kick = np.sin(2 * np.pi * (50 * since - 12 * np.exp(-25 * since))) * np.exp(-12 * since)
    hat = rng.standard_normal(time.size) * np.exp(-60 * np.mod(time + beat / 2, beat))
    left = 0.08 * pad + 0.2 * bass + 0.5 * kick + 0.05 * hat
    right = 0.08 * np.roll(pad, 300) + 0.2 * bass + 0.4 * kick + 0.09 * np.roll(hat, 40)
    return np.stack([left, right]).astype(np.float32)


def signals():
    """(name, samples) of what the table is measured on."""
    demo, _ = librosa.load(os.path.join(ROOT, "assets", "demo.ogg"), sr=RATE, mono=False,
                           offset=6.0, duration=12.0)
    for name, stereo in (("synthetic", synthetic()), ("demo.ogg", demo)):
        yield f"{name}, mono", np.ascontiguousarray(stereo.mean(axis=0))
        yield f"{name}, stereo", np.ascontiguousarray(stereo)


def by_heihachi(program, rows, y):
    """(arrays by key, message): one run for all rows."""
    with tempfile.TemporaryDirectory() as folder:
        wav, out = os.path.join(folder, "a.wav"), os.path.join(folder, "a.npz")
        soundfile.write(wav, y.T, RATE, subtype="FLOAT")
        command = [program, "features", wav, "--sr", "native", "-o", out]
        command += ["--channels"] if y.ndim == 2 else []
        for row in rows:
            command += ["--feature", row.spelling()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (dict(np.load(out)) if done.returncode == 0 else {}), done.stderr.strip()


def measure(program, rows):
    """{row: (worst multiple, where)}."""
    worst = {row: (-1.0, "") for row in rows}
    for where, y in signals():
        mine = [row for row in rows if row.stereo or y.ndim == 1]
        ours, message = by_heihachi(program, mine, y)
        if message:
            print(message, file=sys.stderr)
        calls = {}
        for row in mine:
            calls[row.name] = calls.get(row.name, 0) + 1
            results = zip(row.keys(calls[row.name]), by_librosa(row, y), row.bounds())
            for key, theirs, bound in results:
                multiple = excess(ours[key], theirs, bound) if key in ours else np.inf
                worst[row] = max(worst[row], (multiple, where))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="build/heihachi")
    parser.add_argument("--only", default=".", metavar="REGEX", help="functions to compare")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    listed = subprocess.run([options.program, "features", "--list"], capture_output=True,
                            text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines() if line[:1].strip()]
    missing = [name for name in names if name not in {row.name for row in ROWS}]
    rows = [row for row in ROWS if re.search(options.only, row.name)]
    print(f"worst error against librosa {librosa.__version__}, as a multiple of the bound\n")
    over = 0
    for row, (multiple, where) in measure(options.program, rows).items():
        over += not multiple <= 1
        mark = "" if multiple <= 1 else "  OVER"
        print(f"{multiple:8.3f}  {row.bound:6s} {row.spelling():68s} {where}{mark}")
    print(f"\n{len(rows) - over} of {len(rows)} rows inside their bound")
    for name in missing:
        print(f"no row compares {name}")
    return 1 if over or missing else 0


if __name__ == "__main__":
    sys.exit(main())
