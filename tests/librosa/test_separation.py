"""Harmonic-percussive separation against librosa 0.11."""

import os
from pathlib import Path

import heihachi_ctypes as hh
import librosa
import numpy as np
import pytest
import separation_ctypes as separation

LEVELS = [hh.CPU_BASE, hh.CPU_X86_V3, hh.CPU_X86_V4]
CASES = [
    {},
    dict(kernel_size=17, margin=3.0),
    dict(kernel_size=(31, 13)),
    dict(kernel_size=(8, 3), power=1.0),
    dict(margin=(1.0, 5.0)),
    dict(power=np.inf, n_fft=1024),
    dict(power=1.5, hop_length=700, win_length=1500),
    dict(pad_mode="reflect", n_fft=1000, kernel_size=(101, 7)),
]


def synthetic(channels):
    rng = np.random.default_rng(5)
    t = np.arange(3 * 22050) / 22050
    y = np.zeros((channels, t.size))
    for c in range(channels):
        y[c] = 0.3 * np.sin(2 * np.pi * (300 + 170 * c) * t)
        y[c] += 0.1 * np.sin(2 * np.pi * (900 * t + 120 * t * t))
        y[c, 500 + 99 * c :: 5512] += 0.8
        y[c] += 0.01 * rng.standard_normal(t.size)
    return (y if channels > 1 else y[0]).astype(np.float32)


def clips():
    """Real clips, mono and stereo, if HEIHACHI_AUDIO names a folder of sound files."""
    folder = os.environ.get("HEIHACHI_AUDIO")
    if not folder:
        return []
    names = sorted(p for p in Path(folder).rglob("*") if p.suffix in (".wav", ".flac", ".ogg"))
    return names[:: max(1, len(names) // 3)][:3]


def excess(a, b):
    """Worst error as a multiple of 1e-5 |b| + 2e-6 max |b|."""
    assert a.shape == b.shape and a.dtype == b.dtype
    peak = np.abs(b).max()
    if not peak > 0:
        return float(np.abs(a).max() > 0)
    return float((np.abs(a - b) / (1e-5 * np.abs(b) + 2e-6 * peak)).max())


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("channels", [1, 2])
def test_sound(case, channels):
    y = synthetic(channels)
    for ours, theirs in zip(separation.hpss(y, **case), librosa.effects.hpss(y, **case)):
        assert excess(ours, theirs) < 1


def test_glide():
    """Beside it there is nothing but what the transforms round to, and the masks are made of that."""
    t = np.arange(4 * 22050) / 22050
    y = (0.5 * np.sin(2 * np.pi * (50 * t + 600 * t * t))).astype(np.float32)
    case = dict(kernel_size=17, margin=3.0)
    for ours, theirs in zip(separation.hpss(y, **case), librosa.effects.hpss(y, **case)):
        assert excess(ours, theirs) < 0.2


@pytest.mark.parametrize("path", clips(), ids=lambda p: p.name)
def test_real_sound(path):
    y, _ = librosa.load(path, sr=22050, mono=False, duration=10)
    for case in CASES:
        for ours, theirs in zip(separation.hpss(y, **case), librosa.effects.hpss(y, **case)):
            assert excess(ours, theirs) < 1, case


def test_one_part():
    y = synthetic(1)
    assert excess(separation.harmonic(y, margin=2.0), librosa.effects.harmonic(y, margin=2.0)) < 1
    theirs = librosa.effects.percussive(y, kernel_size=(31, 13))
    assert excess(separation.percussive(y, kernel_size=(31, 13)), theirs) < 1


@pytest.mark.parametrize("case", [{}, dict(margin=2.0, kernel_size=(9, 40)), dict(power=np.inf),
                                  dict(power=3.0)], ids=str)
@pytest.mark.parametrize("mask", [False, True])
def test_decompose(case, mask):
    D = librosa.stft(synthetic(2))
    D[0, 100:300, 40:60] = 0
    for S in (D, D[0], np.abs(D)):
        for ours, theirs in zip(
            separation.decompose_hpss(S, mask=mask, **case),
            librosa.decompose.hpss(S, mask=mask, **case)
        ):
            assert ours.dtype == theirs.dtype
            if ours.dtype == bool:
                assert np.array_equal(ours, theirs)
            else:
                assert excess(ours, theirs) < 1


def test_medians_are_scipys():
    """With one median of width 1 a binary mask tells the other one's rank to the bit."""
    S = np.abs(librosa.stft(synthetic(1)))[:400]
    for width in (2, 5, 31, 32):
        for kernel in ((width, 1), (1, width)):
            ours = separation.decompose_hpss(S, kernel_size=kernel, power=np.inf, mask=True)
            theirs = librosa.decompose.hpss(S, kernel_size=kernel, power=np.inf, mask=True)
            assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])


@pytest.mark.parametrize("length", [1, 2048, 2600, 5000])
def test_short_sound(length):
    """Not 600 or 1100 samples: SciPy 1.10 reads outside an axis that is shorter than a quarter of
    the window."""
    y = synthetic(1)[:length]
    for ours, theirs in zip(separation.hpss(y), librosa.effects.hpss(y)):
        assert excess(ours, theirs) < 1


def test_threads_and_levels():
    y = np.tile(synthetic(2), 3)
    expected = separation.hpss(y)
    for level in LEVELS:
        for threads in (1, 3):
            ours = separation.hpss(y, context=hh.Context(threads=threads, cpu=level))
            assert all(np.array_equal(a, b) for a, b in zip(ours, expected))


def test_refusals():
    y = synthetic(1)
    for case in (dict(margin=0.5), dict(power=0.0), dict(kernel_size=0), dict(win_length=4000)):
        with pytest.raises(hh.Failure, match="ERROR_ARGUMENT"):
            separation.hpss(y, **case)
    with pytest.raises(hh.Failure, match="NOT_FINITE"):
        separation.hpss(np.where(np.arange(y.size) == 7, np.nan, y))
