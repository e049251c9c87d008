"""Arguments that a generator makes up: where librosa raises, ours raises the same; where librosa answers, ours answers with the
same shape and type and, where no decision hangs on rounding, the same numbers."""

import warnings

import librosa
import numpy as np
import pytest
from calls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import heihachi

RATE = 22050
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def outcome(function, args, kwargs):
    """("answer", arrays) or ("raises", exception type)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the type is what is compared
            return "raises", type(error), str(error)
    return "answer", [np.asarray(r) for r in (result if isinstance(result, tuple) else (result,))], ""


def close(a, b, bound):
    if a.dtype.kind in "biu" or b.size == 0:
        return np.array_equal(a, b)
    odd = ~np.isfinite(b)
    if not np.array_equal(a[odd], b[odd], equal_nan=True):
        return False
    a, b = np.where(odd, 0, a), np.where(odd, 0, b)
    peak = np.abs(b).max()
    with np.errstate(all="ignore"):
        return bool((np.abs(a - b) <= 1e-5 * np.abs(b) + bound * peak + 1e-15).all())


def native(x):
    """The same array as NumPy makes one: librosa's compiled parts misread others."""
    return np.ascontiguousarray(x).astype(x.dtype.newbyteorder("=")) if isinstance(x, np.ndarray) else x


def compare(name, args, kwargs, bound):
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    plain = {key: native(value) for key, value in kwargs.items()}
    kind, theirs, why = outcome(resolve(librosa, name), [native(a) for a in args], plain)
    ours_kind, ours, ours_why = outcome(resolve(heihachi, name), args, kwargs)
    told = f"{name}{kwargs}: librosa {kind} {theirs if kind == 'raises' else ''} {why}, ours {ours_kind} {ours if ours_kind == 'raises' else ''} {ours_why}"
    if kind == "raises" and (theirs is NotImplementedError or theirs.__module__.startswith("numba")):
        return  # a layer below librosa cannot do what its definition says; ours may
    assert kind == ours_kind, told
    if kind == "raises":
        assert ours is theirs or issubclass(ours, theirs), told
        return
    assert [a.shape for a in ours] == [b.shape for b in theirs], name
    given = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    if any(not a.dtype.isnative for a in given):
        return  # librosa's tables of types do not know such; its answers have another precision
    assert [a.dtype for a in ours] == [b.dtype for b in theirs], name
    not_ordered = "hpss" in name and any(np.isnan(a).any() for a in given)
    if bound is not None and not not_ordered and not longer_than_an_axis(name, kwargs, theirs[0]):
        assert all(close(a, b, bound) for a, b in zip(ours, theirs)), f"{name}{kwargs}"
    for a, copy in zip(args, copies):
        if isinstance(a, np.ndarray):
            assert np.array_equal(a, copy, equal_nan=a.dtype.kind in "fc"), f"{name} changed its argument"


def longer_than_an_axis(name, kwargs, result):
    """A median over more values than there are: SciPy 1.17 reads beyond its memory then, and librosa's numbers are random."""
    if "hpss" not in name:
        return False
    widths = np.broadcast_to(kwargs.get("kernel_size", 31), 2)
    frames, bins = (1 + result.shape[-1] // 512, 1025) if name == "effects.hpss" else (result.shape[-1], result.shape[-2])
    return widths[0] > frames or widths[1] > bins


# ---- arrays

LAYOUTS = ("plain", "reversed", "every other", "fortran", "transposed", "read-only", "byte-swapped", "unaligned")


def laid_out(x, layout):
    """The values of x in memory as told."""
    if layout == "reversed":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    if layout == "every other":
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == "fortran":
        return np.asfortranarray(x)
    if layout == "transposed":
        return np.ascontiguousarray(x.T).T
    if layout == "byte-swapped":
        return x.astype(x.dtype.newbyteorder())
    if layout == "unaligned":
        raw = np.zeros(x.nbytes + 1, np.uint8)
        view = raw[1:].view(x.dtype).reshape(x.shape) if x.dtype.kind in "fc" else x
        view[...] = x
        return view
    x = x.copy()
    x.flags.writeable = layout != "read-only"
    return x


@st.composite
def sounds(draw, shortest=0, longest=6000):
    length = draw(st.sampled_from([0, 1, 2, 31, 100, 1000, 2047, 2048, 2049, 4000, 6000]).filter(
        lambda n: shortest <= n <= longest))
    lead = draw(st.sampled_from([(), (), (1,), (2,), (2, 3)]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.standard_normal((*lead, length)) * 0.3
    content = draw(st.sampled_from(["noise", "noise", "tone", "silence", "constant", "loud", "faint", "nan", "infinity"]))
    if content == "tone":
        x = 0.1 * x + np.sin(2 * np.pi * 440 / RATE * np.arange(length))
    elif content == "silence":
        x = x * 0
    elif content == "constant":
        x = x * 0 + 0.25
    elif content == "loud":
        x = x * 1e6
    elif content == "faint":
        x = x * 1e-6
    elif content in ("nan", "infinity") and x.size:
        x.flat[rng.integers(x.size)] = np.nan if content == "nan" else np.inf
    dtype = draw(st.sampled_from(["f4", "f4", "f8", "f8", "i2", "i8"]))
    with np.errstate(all="ignore"):
        x = x.astype(dtype)
    return laid_out(x, draw(st.sampled_from(LAYOUTS)))


@st.composite
def spectrograms(draw, complex_too=False):
    bins, frames = draw(st.sampled_from([(1, 1), (2, 5), (33, 1), (65, 20), (129, 40), (1025, 9)]))
    lead = draw(st.sampled_from([(), (), (2,)]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = np.abs(rng.standard_normal((*lead, bins, frames)))
    content = draw(st.sampled_from(["noise", "noise", "zeros", "some zeros", "negative", "nan"]))
    if content == "zeros":
        x = x * 0
    elif content == "some zeros":
        x = x * (x > 0.7)
    elif content == "negative":
        x = -x
    elif content == "nan":
        x.flat[0] = np.nan
    dtype = draw(st.sampled_from(["f4", "f8"] + (["c8", "c16"] if complex_too else [])))
    x = x.astype(dtype)
    if x.dtype.kind == "c":
        x = x * np.exp(2j * np.pi * rng.random(x.shape)).astype(dtype)
    return laid_out(x, draw(st.sampled_from(LAYOUTS)))


maybe = lambda *values: st.sampled_from([None, *values])  # noqa: E731
n_ffts = st.sampled_from([2048, 512, 256, 255, 100, 16, 0, -4])
hops = st.sampled_from([None, 512, 256, 100, 1, 0, -1])
windows = st.sampled_from(["hann", "hamming", "boxcar", ("kaiser", 4.0), 3.5, "no such window"])
pads = st.sampled_from(["constant", "reflect", "edge", "symmetric", "wrap", "mean", "no such mode"])
STFT = dict(n_fft=n_ffts, hop_length=hops, win_length=maybe(128, 4096), window=windows, center=st.booleans(), pad_mode=pads)


def options(**strategies):
    """Each parameter now and then, else its default."""
    return st.fixed_dictionaries({}, optional=strategies)


# name: (first argument is y by position, parameters, bound over the maximum or None: a decision hangs on rounding)
OF_SOUND = {
    "stft": (True, STFT, 2e-6),
    "zero_crossings": (True, dict(threshold=st.sampled_from([1e-10, 0.1, 0, -1]), pad=st.booleans(), zero_pos=st.booleans()), 0),
    "autocorrelate": (True, dict(max_size=maybe(1, 10, 10**6, 0)), 2e-6),
    "resample": (True, dict(orig_sr=st.just(RATE), target_sr=st.sampled_from([22050, 11025, 16000, 44100, 8000]),
                            fix=st.booleans(), scale=st.booleans()), 2e-6),
    "yin": (True, dict(fmin=st.sampled_from([65.0, 20.0, 0.0, -5.0]), fmax=st.sampled_from([2000.0, 50.0, 20000.0]),
                       frame_length=st.sampled_from([2048, 1024]), hop_length=hops, center=st.booleans()), None),
    "effects.hpss": (True, dict(kernel_size=st.sampled_from([31, 5, (3, 7)]), margin=st.sampled_from([1.0, 2.0, 0.5, (1.0, 3.0)]),
                                power=st.sampled_from([2.0, 1.0, np.inf, 0.0, -1.0])), 5e-6),
    "effects.trim": (True, dict(top_db=st.sampled_from([60, 20]), frame_length=st.sampled_from([2048, 256])), 2e-6),
    "feature.zero_crossing_rate": (True, dict(frame_length=st.sampled_from([2048, 100, 1]), hop_length=st.sampled_from([512, 64]),
                                              center=st.booleans()), 1e-9),
    "feature.rms": (False, dict(frame_length=st.sampled_from([2048, 100, 1]), hop_length=st.sampled_from([512, 64]),
                                center=st.booleans(), pad_mode=pads), 2e-6),
    "feature.melspectrogram": (False, dict(STFT, n_mels=st.sampled_from([128, 10, 1]), power=st.sampled_from([2.0, 1.0])), 2e-6),
    "feature.mfcc": (False, dict(n_mfcc=st.sampled_from([20, 5]), lifter=st.sampled_from([0, 22, -1]), n_fft=n_ffts), None),
    "feature.spectral_centroid": (False, STFT, None),
    "feature.spectral_flatness": (False, STFT, None),
    "feature.chroma_stft": (False, dict(n_fft=st.sampled_from([2048, 512]), n_chroma=st.sampled_from([12, 24, 6]),
                                        norm=st.sampled_from([np.inf, 1, 2, None]), tuning=st.just(0.0)), None),
    "cqt": (True, dict(hop_length=st.sampled_from([512, 256, 100]), n_bins=st.sampled_from([84, 24, 1]),
                       bins_per_octave=st.sampled_from([12, 24]), fmin=maybe(110.0, 9000.0), tuning=st.just(0.0)), 2e-6),
    "onset.onset_strength": (False, dict(lag=st.sampled_from([1, 2, 0]), max_size=st.sampled_from([1, 3, 0]), detrend=st.booleans(),
                                         center=st.booleans()), None),
    "feature.tempogram": (False, dict(win_length=st.sampled_from([384, 16, 1, 0]), center=st.booleans(),
                                      norm=st.sampled_from([np.inf, 1, None])), None),
}
OF_SPECTROGRAM = {
    "istft": (True, dict(hop_length=st.sampled_from([None, 16, 1, 0]), center=st.booleans(), length=maybe(100, 5000),
                         window=windows, win_length=maybe(16, 4096)), 5e-6),
    "magphase": (True, dict(power=st.sampled_from([1, 2, 0.5])), 2e-6),
    "decompose.hpss": (True, dict(kernel_size=st.sampled_from([31, 5, (3, 8)]), margin=st.sampled_from([1.0, 2.0, 0.5]),
                                  power=st.sampled_from([2.0, np.inf, 0.0]), mask=st.booleans()), 5e-6),
    "phase_vocoder": (True, dict(rate=st.sampled_from([1.0, 1.5, 0.5, 0.0, -1.0]), hop_length=maybe(16, 100)), None),
    "power_to_db": (True, dict(ref=st.sampled_from([1.0, np.max, np.median, 0.5]), amin=st.sampled_from([1e-10, 1e-3, 0, -1]),
                               top_db=st.sampled_from([80.0, None, 10.0, -1.0])), 2e-6),
    "amplitude_to_db": (True, dict(ref=st.sampled_from([1.0, np.max]), top_db=st.sampled_from([80.0, None])), 2e-6),
    "util.normalize": (True, dict(norm=st.sampled_from([np.inf, -np.inf, 0, 1, 2, None, -3, "x"]), axis=st.sampled_from([0, 1, -1, None]),
                                  fill=maybe(True, False), threshold=maybe(0.5, 0.0, -1.0)), 2e-6),
    "util.localmax": (True, dict(axis=st.sampled_from([0, 1, -1])), 0),
    "util.localmin": (True, dict(axis=st.sampled_from([0, 1, -1])), 0),
    "feature.delta": (True, dict(width=st.sampled_from([9, 3, 5, 4, 1]), order=st.sampled_from([1, 2, 0]),
                                 mode=st.sampled_from(["interp", "nearest", "mirror", "constant", "wrap"])), 5e-6),
    "feature.stack_memory": (True, dict(n_steps=st.sampled_from([2, 5, 0]), delay=st.sampled_from([1, -2, 0]),
                                        mode=st.sampled_from(["constant", "edge", "reflect"])), 0),
    "feature.spectral_centroid": (False, {}, None),
    "feature.spectral_bandwidth": (False, dict(p=st.sampled_from([2, 1, 3.5]), norm=st.booleans()), None),
    "feature.spectral_rolloff": (False, dict(roll_percent=st.sampled_from([0.85, 0.5, 0.0, 1.0])), None),
    "feature.spectral_contrast": (False, dict(n_bands=st.sampled_from([6, 2, 0]), quantile=st.sampled_from([0.02, 0.5, 0.0])), None),
    "feature.poly_features": (False, dict(order=st.sampled_from([1, 0, 2])), None),
    "feature.melspectrogram": (False, dict(n_mels=st.sampled_from([40, 1])), 5e-6),
    "onset.onset_strength": (False, dict(lag=st.sampled_from([1, 3]), max_size=st.sampled_from([1, 5])), None),
}


@pytest.mark.parametrize("name", sorted(OF_SOUND))
def test_of_sound(name):
    by_position, parameters, bound = OF_SOUND[name]

    @SETTINGS
    @given(sounds(), options(**parameters))
    def check(y, kwargs):
        if name in ("yin", "resample"):
            required = dict(fmin=65.0, fmax=2000.0) if name == "yin" else dict(orig_sr=RATE, target_sr=16000)
            kwargs = {**required, **kwargs}
        compare(name, (y,) if by_position else (), kwargs if by_position else dict(kwargs, y=y), bound)

    check()


@pytest.mark.parametrize("name", sorted(OF_SPECTROGRAM))
def test_of_spectrograms(name):
    by_position, parameters, bound = OF_SPECTROGRAM[name]
    complex_too = name in ("istft", "magphase", "decompose.hpss", "phase_vocoder", "power_to_db", "util.normalize")

    @SETTINGS
    @given(spectrograms(complex_too), options(**parameters))
    def check(S, kwargs):
        if name == "phase_vocoder":
            kwargs = {"rate": 1.25, **kwargs}
        compare(name, (S,) if by_position else (), kwargs if by_position else dict(kwargs, S=S), bound)

    check()
