"""Any number of channels and leading axes: the result is that of each channel by itself."""

import numpy as np
import pytest
from calls import resolve

import heihachi

RATE = 22050
# What looks at one channel at a time (decibels, tuning and what stands on them look at all).
CASES = {
    "stft": {},
    "yin": dict(fmin=100.0, fmax=2000.0, sr=RATE),
    "pyin": dict(fmin=200.0, fmax=800.0, sr=RATE, resolution=0.25),
    "cqt": dict(sr=RATE, n_bins=24, fmin=220.0),
    "effects.hpss": {},
    "effects.harmonic": {},
    "resample": dict(orig_sr=RATE, target_sr=16000),
    "zero_crossings": {},
    "autocorrelate": {},
    "feature.rms": {},
    "feature.zero_crossing_rate": {},
    "feature.melspectrogram": dict(sr=RATE),
    "feature.spectral_centroid": dict(sr=RATE),
    "feature.spectral_rolloff": dict(sr=RATE),
    "feature.chroma_cqt": dict(sr=RATE, tuning=0.0, n_octaves=2, fmin=220.0),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_seventy_channels_are_seventy_signals(name):
    y = np.random.default_rng(1).standard_normal((7, 10, 2500)).astype("f4")
    function = resolve(heihachi, name)
    call = lambda x: function(**CASES[name], y=x)  # noqa: E731
    whole = call(y)
    whole = whole if isinstance(whole, tuple) else (whole,)
    for index in ((0, 0), (3, 4), (6, 9)):
        one = call(y[index])
        one = one if isinstance(one, tuple) else (one,)
        assert all(np.array_equal(a[index], b, equal_nan=b.dtype.kind in "fc") for a, b in zip(whole, one))


def test_more_channels_than_an_int_counts_are_refused():
    y = np.broadcast_to(np.zeros(4096, np.float32), (2**31, 4096))
    with pytest.raises(ValueError, match="2147483648 channels"):
        heihachi.feature.rms(y=y)
