"""Sounds and spectra of every kind, and whether a function makes the same of them as librosa's."""

import warnings

import numpy as np
import pytest
from calls import resolve

import heihachi

librosa = pytest.importorskip("librosa")

NOISE = (np.random.default_rng(5).standard_normal(12000) * np.hanning(12000)).astype(np.float32)
SOUNDS = {
    "float32": NOISE,
    "float64": NOISE.astype(np.float64),
    "half": NOISE.astype(np.float16),
    "stereo": np.stack([NOISE, 0.3 * NOISE[::-1]]),
    "stereo in double": np.stack([NOISE, 0.3 * NOISE[::-1]]).astype(np.float64),
    "deep": np.tile(NOISE[:6000], (2, 1, 1)),
    "strided": np.repeat(NOISE, 2)[::2],
    "backwards": NOISE[::-1],
    "short": NOISE[:300],
    "empty": NOISE[:0],
    "silent": np.zeros(5000, np.float32),
    "silent in double": np.zeros(5000),
    "tiny": NOISE.astype(np.float64) * 1e-60,
    "huge": NOISE.astype(np.float64) * 1e60,
    "fading": NOISE * np.exp(-np.arange(12000) / 40.0),
    "integers": (NOISE * 1000).astype(np.int64),
    "not finite": np.where(np.arange(12000) == 5, np.nan, NOISE),
    "a number": np.array(1.0),
    "a list": [0.0, 1.0],
    "nothing": None,
}
# By ours: librosa's would be compiled while the tests are collected.
MAGNITUDE = np.abs(heihachi.stft(NOISE))
DOUBLE = np.abs(heihachi.stft(NOISE.astype(np.float64)))
SPECTRA = {
    "float32": MAGNITUDE,
    "float64": DOUBLE,
    "stereo": np.stack([MAGNITUDE, 2 * MAGNITUDE]),
    "row-major": np.ascontiguousarray(MAGNITUDE),
    "negative": -MAGNITUDE,
    "complex": MAGNITUDE * (1 + 1j),
    "not finite": np.where(np.arange(24) == 3, np.nan, MAGNITUDE),
    "one axis": MAGNITUDE[0],
    "no frames": MAGNITUDE[:, :0],
    "three bins": MAGNITUDE[:3],
    "tiny": DOUBLE * 1e-60,
    "huge": DOUBLE * 1e60,
    "fading": DOUBLE * np.logspace(0, -60, DOUBLE.shape[1]),
    "silent": 0 * MAGNITUDE,
}


def outcome(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return error


def close(got, want, of_value=1e-5, of_peak=2e-6, beside=0.0, why=""):
    """Of one shape and type; integers equal, others within `of_value` of each value + `of_peak` of the largest finite one
    (by default the bound that the project keeps with librosa) + `beside`. NaN and infinity are in the same places."""
    got, want = np.asarray(got), np.asarray(want)
    assert (got.shape, got.dtype) == (want.shape, want.dtype), why
    if want.dtype.kind in "biu":
        of_value = of_peak = beside = 0.0
    peak = float(np.abs(want[np.isfinite(want)]).max(initial=0))
    np.testing.assert_allclose(got, want, rtol=of_value, atol=of_peak * peak + beside, err_msg=why)


def same(function, *args, slack=1, **kwargs):
    """The function of both modules gives the same array, of the same type, or the same exception. `slack`: in multiples of
    the bound that holds everywhere else."""
    want, got = (outcome(resolve(module, function), *args, **kwargs) for module in (librosa, heihachi))
    if isinstance(want, Exception) or isinstance(got, Exception):
        assert type(got) is type(want), f"{got!r} instead of {want!r}"
        return
    wants, gots = (value if isinstance(value, tuple) else (value,) for value in (want, got))
    for want, got in zip(wants, gots):
        close(got, want, 1e-5 * slack, 2e-6 * slack)
