"""The constant-Q and chroma families against librosa."""

import os

import harmony_ctypes as harmony
import heihachi_ctypes as hh
import librosa
import numpy as np
import pytest

CQT_CASES = [
    ("cqt", {}),
    ("cqt", dict(fmin=55.0, n_bins=60, bins_per_octave=24, hop_length=256, tuning=0.1)),
    ("cqt", dict(scale=False, norm=2, sparsity=0.0, filter_scale=0.7, window="hamming",
                 pad_mode="reflect")),
    ("cqt", dict(hop_length=144, n_bins=90, norm=None)),
    ("cqt", dict(hop_length=300, n_bins=40, tuning=None)),
    ("cqt", dict(n_bins=1, fmin=440.0)),
    ("vqt", {}),
    ("vqt", dict(n_bins=72, gamma=5.0)),
    ("vqt", dict(intervals=[1, 1.125, 1.25, 1.33, 1.5, 1.7, 1.9], n_bins=30)),
    ("pseudo_cqt", {}),
    ("pseudo_cqt", dict(scale=False, fmin=200.0, hop_length=1024, norm=np.inf)),
    ("hybrid_cqt", {}),
    ("hybrid_cqt", dict(hop_length=128, fmin=100.0, n_bins=48)),
    ("hybrid_cqt", dict(hop_length=4096, fmin=400.0, n_bins=24)),
]
CHROMA_CASES = [
    ("chroma_cqt", {}),
    ("chroma_cqt", dict(bins_per_octave=12, n_octaves=6, threshold=0.1)),
    ("chroma_cqt", dict(norm=None, window=[0.5, 1.0, 0.5])),
    ("chroma_cqt",
     dict(n_chroma=24, bins_per_octave=48, fmin=50.0, n_octaves=5, norm=2, cqt_mode="hybrid")),
    ("chroma_cqt", dict(bins_per_octave=None, threshold=None, norm=1, tuning=0.2)),
    ("chroma_stft", {}),
    ("chroma_stft", dict(tuning=0.3, n_chroma=24, octwidth=None, base_c=False, norm=1, n_fft=4096)),
    ("chroma_cens", {}),
    ("chroma_cens", dict(win_len_smooth=8, smoothing_window="hamming")),
    ("chroma_cens", dict(win_len_smooth=None, norm=np.inf)),
    ("tonnetz", {}),
    ("tonnetz", dict(n_chroma=24, bins_per_octave=24)),
]


def tones(rate, seconds=4.0, seed=1):
    """Gliding partials over noise, an odd number of samples."""
    t = np.arange(int(rate * seconds) + 1) / rate
    y = 0.05 * np.random.default_rng(seed).standard_normal(len(t))
    for f in (65.4, 220.0, 277.2, 440.0, 1000.3, 3000.0):
        y += 0.2 * np.sin(2 * np.pi * f * t * (1 + 0.01 * t))
    return (0.3 * y).astype(np.float32)


@pytest.fixture(params=[22050, 44100, 96000], scope="module")
def sound(request):
    return tones(request.param), request.param


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name,values", CQT_CASES)
def test_constant_q(sound, name, values):
    y, rate = sound
    ours = getattr(harmony, name)(y, rate, **values)
    theirs = getattr(librosa, name)(y, sr=rate, **values)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    assert np.all(np.abs(ours - theirs) <= 1e-5 * np.abs(theirs) + 2e-6 * np.abs(theirs).max())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name,values", CHROMA_CASES)
def test_chroma(sound, name, values):
    y, rate = sound
    ours = getattr(harmony, name)(y, rate, **values)
    theirs = getattr(librosa.feature, name)(y=y, sr=rate, **values)
    assert ours.shape == theirs.shape
    scale = np.abs(theirs).max() if values.get("norm", 1) is None else 1.0
    assert np.all(np.abs(ours - theirs) <= 1e-4 * scale)


@pytest.mark.parametrize("name", ["cqt", "hybrid_cqt", "pseudo_cqt"])
def test_channels_share_the_tuning(name):
    y = np.stack([tones(22050, seed=2), tones(22050, seed=3)[::-1]])
    ours = getattr(harmony, name)(y, tuning=None)
    theirs = getattr(librosa, name)(y, sr=22050, tuning=None)
    assert np.all(np.abs(ours - theirs) <= 1e-5 * np.abs(theirs) + 2e-6 * np.abs(theirs).max())


@pytest.mark.parametrize("name", ["chroma_cqt", "chroma_stft", "chroma_cens", "tonnetz"])
def test_channels_of_chroma(name):
    y = np.stack([tones(22050, seed=2), tones(22050, seed=3)[::-1]])
    ours, theirs = getattr(harmony, name)(y), getattr(librosa.feature, name)(y=y, sr=22050)
    assert ours.shape == theirs.shape and np.abs(ours - theirs).max() <= 1e-4


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("length", [1, 2, 500, 1023, 5000])
def test_short_signals(length):
    y = tones(22050)[:length]
    ours, theirs = harmony.cqt(y, 22050), librosa.cqt(y, sr=22050)
    assert ours.shape == theirs.shape
    assert np.all(np.abs(ours - theirs) <= 1e-5 * np.abs(theirs) + 2e-6 * np.abs(theirs).max())


def test_silence():
    y = np.zeros(30000, np.float32)
    for name in ("chroma_cqt", "chroma_stft", "chroma_cens", "tonnetz"):
        assert not getattr(harmony, name)(y).any(), name


@pytest.mark.parametrize("values", [{}, dict(n_chroma=24, fmin=50.0, bins_per_octave=72),
                                    dict(window=[0.25, 0.5, 0.25])])
@pytest.mark.parametrize("base_c", [True, False])
def test_cq_to_chroma(values, base_c):
    import ctypes

    params, keep, out = harmony.ChromaCqt(), [], hh.Array()
    hh.library().hh_chroma_cqt_defaults(ctypes.byref(params))
    harmony.put(params, values, keep)
    with hh.Context() as context:
        context.check(hh.library().hh_cq_to_chroma(context, ctypes.c_size_t(200),
                                                   ctypes.byref(params), ctypes.c_bool(base_c),
                                                   ctypes.byref(out)))
    window = np.array(values["window"]) if "window" in values else None
    theirs = librosa.filters.cq_to_chroma(200, base_c=base_c, **{"bins_per_octave": 36, **values,
                                                                 "window": window})
    assert np.abs(out.take() - theirs).max() < 1e-6


@pytest.mark.parametrize("values", [{}, dict(n_chroma=24, tuning=0.3),
                                    dict(octwidth=None, base_c=False, ctroct=4.0)])
def test_chroma_filters(values):
    import ctypes

    params, out = harmony.ChromaStft(), hh.Array()
    hh.library().hh_chroma_stft_defaults(ctypes.byref(params))
    harmony.put(params, values, [])
    with hh.Context() as context:
        context.check(hh.library().hh_chroma_filters(context, ctypes.c_double(22050),
                                                     ctypes.c_size_t(2048), ctypes.byref(params),
                                                     ctypes.byref(out)))
    theirs = librosa.filters.chroma(sr=22050, n_fft=2048, **values)
    assert np.abs(out.take() - theirs).max() < 1e-6


@pytest.mark.skipif("HEIHACHI_AUDIO" not in os.environ,
                    reason="needs a folder of tunes with known keys")
def test_keys_of_tunes():
    """MIREX weights: right 1, fifth 0.5, relative 0.3, parallel 0.2."""
    import ctypes
    import glob

    import soundfile

    names = "C C# D Eb E F F# G Ab A Bb B".split()
    scores = []
    for path in sorted(glob.glob(os.path.join(os.environ["HEIHACHI_AUDIO"], "chords", "*.key"))):
        word = open(path).read().split()[0]
        minor, tonic = word.endswith("m"), names.index(word.rstrip("m"))
        y, rate = soundfile.read(path[:-4] + ".ogg", dtype="float32", always_2d=True)
        key = harmony.Key()
        with hh.Context(threads=2) as context:
            context.check(hh.library().hh_key_estimate(context, hh.signal(y.mean(1), rate), None,
                                                       ctypes.byref(key)))
        found, found_minor = key.index % 12, key.index >= 12
        if key.index < 0:
            scores.append(0.0)
        elif found_minor == minor:
            scores.append({0: 1.0, 7: 0.5, 5: 0.5}.get((found - tonic) % 12, 0.0))
        else:
            relative = (found - tonic) % 12 == (3 if minor else 9)
            scores.append(0.3 if relative else 0.2 if found == tonic else 0.0)
    assert np.mean(scores) >= 0.9, scores
