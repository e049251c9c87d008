"""Arguments that a generator makes up: where librosa raises, ours raises the same; where librosa answers, ours answers with the
same shape and type and, where no decision hangs on rounding, the same numbers."""

import os
import warnings

import librosa
import numpy as np
import pytest
from calls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import close

import heihachi

RATE = 22050
# The same examples each time; HEIHACHI_EXAMPLES=500 makes up that many others (pytest's --hypothesis-seed tells which).
EXAMPLES = int(os.environ.get("HEIHACHI_EXAMPLES", 0))
SETTINGS = settings(max_examples=EXAMPLES or 60, deadline=None, derandomize=not EXAMPLES, database=None,
                    suppress_health_check=list(HealthCheck))  # fmt: skip


# Not st.integers(): it also draws from the constants of whatever modules are loaded, other ones in each run.
SEEDS = range(100)


def outcome(function, args, kwargs):
    """("answer", arrays) or ("raises", exception type)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the type is what is compared
            return "raises", type(error), str(error)
    return "answer", [np.asarray(r) for r in (result if isinstance(result, tuple) else (result,))], ""


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
    if kind == "raises" and "Data type must be one of" in why and ours_kind == "answer":
        return  # soxr, by which librosa's constant Q goes to lower rates, has no half precision; ours converts it
    if name == "feature.tempogram_ratio" and kind == "raises" and "is incompatible with input shape" in why:
        # librosa counts the channels as the lags, and has another number of tempos; ours may refuse what comes after
        assert ours_kind == "answer" or issubclass(ours, (ValueError, NotImplementedError)), told
        return
    if theirs is UnboundLocalError:
        assert issubclass(ours, librosa.ParameterError), told  # a slip of librosa's: a name that it has not set
        return
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
        for got, want in zip(ours, theirs):
            # beside: all that there is of the derivative of one value is its rounding
            close(got, want, of_peak=bound, beside=1e-15 * largest(given), why=f"{name}{kwargs}")
    for a, copy in zip(args, copies):
        if isinstance(a, np.ndarray):
            assert np.array_equal(a, copy, equal_nan=a.dtype.kind in "fc"), f"{name} changed its argument"


def largest(arrays):
    """The largest finite magnitude in them, at least 1."""
    return max([1.0, *(np.abs(a[np.isfinite(a)]).max(initial=0.0) for a in arrays if a.dtype.kind in "fciu")])


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
    rng = np.random.default_rng(draw(st.sampled_from(SEEDS)))
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
    dtype = draw(st.sampled_from(["f4", "f4", "f4", "f8", "f8", "f8", "i2", "i8", "f2", "c8", "c16"]))
    with np.errstate(all="ignore"):
        x = x.astype(dtype)
    if x.dtype.kind == "c":
        x.imag = x.real[..., ::-1]
    return laid_out(x, draw(st.sampled_from(LAYOUTS)))


@st.composite
def spectrograms(draw, complex_too=False):
    bins, frames = draw(st.sampled_from([(1, 1), (2, 5), (33, 1), (65, 20), (129, 40), (1025, 9)]))
    lead = draw(st.sampled_from([(), (), (2,)]))
    rng = np.random.default_rng(draw(st.sampled_from(SEEDS)))
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


class Flaw:
    """A value that a function refuses: not together with another, since which of two librosa sees first tells nothing."""

    def __init__(self, value):
        self.value = value


def sampled(*values, flaws=()):
    return st.sampled_from([*values, *map(Flaw, flaws)])


def with_one_flaw(kwargs, flawed):
    """The parameters, flawed ones left out but for the first (for all, if what they are for is `flawed`)."""
    kept = {}
    for key, value in kwargs.items():
        if isinstance(value, Flaw):
            if flawed:
                continue
            value, flawed = value.value, True
        kept[key] = value
    return kept


def refused(y):
    """No sound that every function takes: another type or precision, not finite, or next to nothing."""
    return y.dtype.kind != "f" or y.dtype.itemsize < 4 or y.shape[-1] < 100 or not np.isfinite(y).all()


maybe = lambda *values: st.sampled_from([None, *values])  # noqa: E731
n_ffts = st.sampled_from([2048, 512, 256, 255, 100, 16, 1, 0, -4])
hops = st.sampled_from([None, 512, 256, 100, 1, 0, -1])
windows = st.sampled_from(["hann", "hamming", "boxcar", ("kaiser", 4.0), 3.5, "no such window"])
pads = st.sampled_from(["constant", "reflect", "edge", "symmetric", "wrap", "mean", "no such mode"])
CQT = dict(hop_length=sampled(512, 256, 100, flaws=[0]), n_bins=sampled(84, 24, 1, flaws=[0, -2]),
           bins_per_octave=sampled(12, 24, flaws=[0]), fmin=sampled(None, 110.0, flaws=[9000.0, 0.0]), tuning=maybe(0.0),
           filter_scale=sampled(1, 0.5, flaws=[0]), norm=maybe(1, 2), sparsity=sampled(0.01, 0.0, flaws=[1.0, -1.0]),
           window=sampled("hann", "hamming", ("kaiser", 4.0), flaws=["no such window"]), scale=st.booleans(),
           pad_mode=sampled("constant", flaws=["reflect", "edge"]))  # fmt: skip
CHROMA = dict(hop_length=sampled(512, 100, flaws=[0]), fmin=sampled(None, 110.0, flaws=[9000.0]), tuning=maybe(0.0, 0.3),
              n_chroma=sampled(12, 6, flaws=[24, 7, 0]), n_octaves=sampled(7, 2, flaws=[0]), bins_per_octave=sampled(36, 12, flaws=[None]),
              cqt_mode=sampled("full", "hybrid", flaws=["x"]))  # fmt: skip
RHYTHM = dict(win_length=sampled(384, 16, 1, flaws=[0]), center=st.booleans(), hop_length=st.sampled_from([512, 100]),
              window=sampled("hann", "hamming", ("kaiser", 4.0), flaws=["no such window"]))  # fmt: skip
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
    "piptrack": (False, dict(STFT, n_fft=st.sampled_from([2048, 512, 255, 16]), fmin=st.sampled_from([150.0, 0.0, -1.0]), fmax=st.sampled_from([4000.0, 100.0, 1e5]),
                             threshold=st.sampled_from([0.1, 0.0, -1.0, 2.0]), ref=maybe(np.max, 1.0)), None),
    "estimate_tuning": (False, dict(n_fft=st.sampled_from([2048, 512, 255, 16]), resolution=st.sampled_from([0.01, 0.3, 0.0, -1.0, 2.0]),
                                    bins_per_octave=st.sampled_from([12, 36, 0, -3])), None),
    "reassigned_spectrogram": (True, dict(n_fft=st.sampled_from([2048, 512, 255, 16]), hop_length=sampled(None, 100, flaws=[0, -1]), win_length=maybe(16),
                                          window=sampled("hann", "hamming", flaws=["no such window"]), center=st.booleans(),
                                          reassign_frequencies=st.booleans(), reassign_times=st.booleans(),
                                          ref_power=sampled(1e-6, 0.0, np.max, flaws=[-1.0]), fill_nan=st.booleans(),
                                          clip=st.booleans()), None),
    "vqt": (True, dict(CQT, gamma=sampled(None, 0.0, 5.0, flaws=[-1.0]), intervals=sampled("equal", "pythagorean", "ji5", flaws=["x", [1.0, 1.5]])), None),
    "hybrid_cqt": (True, CQT, None),
    "pseudo_cqt": (True, CQT, None),
    "feature.chroma_cqt": (False, dict(CHROMA, threshold=st.sampled_from([0.0, None, 0.5]), norm=st.sampled_from([np.inf, 2, None])), None),
    "feature.chroma_cens": (False, dict(CHROMA, win_len_smooth=sampled(41, None, 3, flaws=[0, -2, 1.5])), None),
    "feature.chroma_vqt": (False, dict(hop_length=st.sampled_from([512, 100]), intervals=sampled("equal", "ji7", flaws=["x"]),
                                       bins_per_octave=st.sampled_from([12, 24]), n_octaves=sampled(7, 2, flaws=[0])), None),
    "feature.tonnetz": (False, {}, None),
    "feature.fourier_tempogram": (False, RHYTHM, None),
    "feature.tempogram_ratio": (False, dict(bpm=sampled(None, 120.0, flaws=[0.0]), factors=maybe([1.0, 2.0]),
                                            kind=sampled("linear", "nearest", flaws=["x"])), None),
    "feature.tempo": (False, dict(hop_length=st.sampled_from([512, 100]), start_bpm=sampled(120, flaws=[0, -1]),
                                  ac_size=sampled(8.0, 1.0, flaws=[0.0]),
                                  max_tempo=sampled(320.0, None, flaws=[1.0]), aggregate=maybe(np.mean)), None),
    "beat.plp": (False, dict(win_length=sampled(384, 16, flaws=[1, 0]), tempo_min=sampled(None, 30, flaws=[500]), tempo_max=sampled(None, 300, flaws=[20])), None),
    "beat.beat_track": (False, dict(start_bpm=sampled(120.0, flaws=[0.0, -1.0]), tightness=sampled(100, flaws=[0, -1]), trim=st.booleans(),
                                    bpm=sampled(None, 100.0, flaws=[0.0, -5.0]), units=sampled("frames", "samples", "time", flaws=["x"]),
                                    sparse=st.booleans()), None),
    "onset.onset_detect": (False, dict(backtrack=st.booleans(), units=sampled("frames", "samples", "time", flaws=["x"]),
                                       normalize=st.booleans(), sparse=sampled(True, flaws=[False]), delta=sampled(0.07, flaws=[-1.0]),
                                       wait=sampled(1, 10, flaws=[-1])), None),
    "effects.split": (True, dict(top_db=st.sampled_from([60, 20]), frame_length=sampled(2048, 256, 1, flaws=[0]),
                                 hop_length=sampled(512, 100, flaws=[0])), 0),
    "effects.time_stretch": (True, dict(rate=sampled(1.5, 0.5, 1.0, flaws=[0.0, -1.0]), n_fft=st.sampled_from([2048, 512, 255, 16])), None),
    "effects.pitch_shift": (True, dict(n_steps=st.sampled_from([2, -3.5, 0]), bins_per_octave=sampled(12, 24, flaws=[0, 1.5]),
                                       scale=st.booleans()), None),
    "effects.remix": (True, dict(intervals=st.sampled_from([[(0, 10), (20, 90)], np.array([[0, 100]]), [], [(10, 0)], [(0, 10**5)], [(-50, -5)],
                                                            [(0.0, 3.5)], [5]]), align_zeros=st.booleans()), None),
    "onset.onset_strength_multi": (False, dict(n_fft=st.sampled_from([2048, 512, 255]), hop_length=sampled(512, 100, flaws=[0]),
                                               lag=sampled(1, 2, flaws=[0]), channels=maybe([0, 10, 127])), None),
    "pyin": (True, dict(fmin=sampled(200.0, flaws=[0.0, -5.0]), fmax=sampled(800.0, flaws=[50.0, 20000.0]), frame_length=st.sampled_from([1024, 2048]),
                        n_thresholds=st.sampled_from([10, 1]), resolution=sampled(0.2, 0.5, flaws=[0.0]), fill_na=maybe(0.0, np.nan),
                        center=st.booleans()), None),
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
    "griffinlim": (True, dict(n_iter=st.sampled_from([2, 1, 0]), hop_length=sampled(None, 16, flaws=[0]), center=st.booleans(), length=sampled(None, flaws=[100]),
                              init=sampled(None, "random", flaws=["x"]), momentum=sampled(0.99, 0, flaws=[1.5, -1]),
                              random_state=st.just(3)), None),
    "piptrack": (False, dict(fmin=st.sampled_from([150.0, 0.0]), threshold=st.sampled_from([0.1, 0.0]), ref=maybe(np.max, 1.0)), None),
    "estimate_tuning": (False, {}, None),
    "db_to_power": (True, dict(ref=st.sampled_from([1.0, 0.5, 0.0])), 2e-6),
    "db_to_amplitude": (True, dict(ref=st.sampled_from([1.0, 0.5])), 2e-6),
    "feature.spectral_flatness": (False, dict(amin=st.sampled_from([1e-10, 0, -1]), power=st.sampled_from([2.0, 1.0, 0.0])), None),
    "feature.rms": (False, dict(frame_length=st.sampled_from([2048, 256, 128, 64, 0])), None),
    "feature.mfcc": (False, dict(n_mfcc=st.sampled_from([20, 1, 0]), dct_type=st.sampled_from([2, 1, 3, 4, 5]),
                                 norm=st.sampled_from(["ortho", None, "x"]), lifter=st.sampled_from([0, 22, -1])), None),
    "feature.chroma_stft": (False, dict(norm=st.sampled_from([np.inf, 1, None, "x"]), n_chroma=st.sampled_from([12, 24])), None),
    "onset.onset_strength_multi": (False, dict(lag=st.sampled_from([1, 3]), channels=maybe([0, 1], [0, 10, 20]),
                                               detrend=st.booleans()), None),
    "util.sync": (True, dict(idx=st.sampled_from([[0, 1], [1, 4], [], [3, 2], [100], [slice(0, 2)], [0.5], ["x"]]),
                             aggregate=maybe(np.max, np.median, np.mean), pad=st.booleans(),
                             axis=st.sampled_from([0, 1, -1, 5])), 2e-6),
    "util.fix_length": (True, dict(size=st.sampled_from([0, 1, 7, 100, -1]), axis=st.sampled_from([0, -1, 5])), 0),
    "util.frame": (True, dict(frame_length=st.sampled_from([1, 2, 20, 0, -1]), hop_length=st.sampled_from([1, 3, 0, -1]),
                              axis=st.sampled_from([0, -1, 1])), 0),
}
# Of parameters alone.
FREQUENCIES = st.sampled_from([440.0 * 2.0 ** (np.arange(24) / 12), np.array([100.0]), np.array([]), [0.0, 10.0], [-5.0], [9000.0, 10000.0],
                               [10900.0, 11000.0]])
OF_PARAMETERS = {
    "filters.mel": (dict(sr=st.sampled_from([RATE, 8000, 0, -1]), n_fft=n_ffts, n_mels=st.sampled_from([128, 10, 1, 0, -1, 2.0]),
                         fmin=st.sampled_from([0.0, 100.0, 20000.0, -10.0]), fmax=maybe(8000.0, 50.0, 0.0), htk=st.booleans(),
                         norm=st.sampled_from(["slaney", None, 1, np.inf, 2, "x", -1]), dtype=st.sampled_from([np.float32, np.float64, np.int16])),
                    2e-6),
    "filters.chroma": (dict(sr=st.sampled_from([RATE, 8000, 0, -1]), n_fft=n_ffts, n_chroma=st.sampled_from([12, 24, 7, 1, 0, -1]),
                            tuning=st.sampled_from([0.0, 0.3, np.nan]), ctroct=st.sampled_from([5.0, 0.0]), octwidth=maybe(2, 0),
                            norm=st.sampled_from([2, np.inf, None, 1, 0, "x", -1]), base_c=st.booleans(),
                            dtype=st.sampled_from([np.float32, np.float64])), 5e-6),
    "filters.cq_to_chroma": (dict(n_input=st.sampled_from([84, 12, 1, 0, -1, 7.5]), bins_per_octave=st.sampled_from([12, 36, 24, 7, 0, -12]),
                                  n_chroma=st.sampled_from([12, 24, 6, 5, 0, -1]), fmin=maybe(110.0, 30.0, 0.0, -1.0),
                                  window=maybe([0.5, 1.0, 0.5], [[1.0, 2.0]]), base_c=st.booleans(),
                                  dtype=st.sampled_from([np.float32, np.float64])), 2e-6),
    "filters.window_sumsquare": (dict(window=windows, n_frames=st.sampled_from([1, 5, 100, 0, -1]), hop_length=st.sampled_from([512, 64, 1, 0]),
                                      win_length=maybe(128, 4096, 0), n_fft=n_ffts, dtype=st.sampled_from([np.float32, np.float64]),
                                      norm=st.sampled_from([None, 1, 2, np.inf, 0, "x", -1])), 5e-6),
    "filters.wavelet": (dict(freqs=FREQUENCIES, sr=st.sampled_from([RATE, 8000, 0]), window=windows, filter_scale=st.sampled_from([1, 0.5, 0, -1]),
                             pad_fft=st.booleans(), norm=st.sampled_from([1, 2, None, np.inf, 0, "x"]), dtype=st.sampled_from([np.complex64, np.complex128]),
                             gamma=st.sampled_from([0, 10.0, None, -1]), alpha=st.sampled_from([None, 0.1, 0.0, -1.0])), 5e-6),
    "filters.wavelet_lengths": (dict(freqs=FREQUENCIES, sr=st.sampled_from([RATE, 8000, 0]), window=windows,
                                     filter_scale=st.sampled_from([1, 0.5, 0, -1]), gamma=st.sampled_from([0, 10.0, None, -1]),
                                     alpha=st.sampled_from([None, 0.1, 0.0, -1.0])), 1e-9),
    "filters.get_window": (dict(window=windows, Nx=st.sampled_from([1, 2, 16, 17, 0, -1, 2.5]), fftbins=st.booleans()), 1e-9),
}
# Of a few real numbers in a row.
PEAKS = st.sampled_from([0, 1, 3, 100, -1, 1.5])
OF_NUMBERS = {
    "util.peak_pick": (True, dict(pre_max=PEAKS, post_max=PEAKS, pre_avg=PEAKS, post_avg=PEAKS, delta=st.sampled_from([0.0, 0.5, -1.0]), wait=PEAKS,
                                  sparse=st.booleans()), 0),
    "pitch_tuning": (True, dict(resolution=st.sampled_from([0.01, 0.3, 0.0, -1.0, 2.0]), bins_per_octave=st.sampled_from([12, 36, 0])), None),
    "feature.tempogram": ("onset_envelope", dict(RHYTHM, norm=st.sampled_from([np.inf, 1, None])), None),
    "feature.fourier_tempogram": ("onset_envelope", RHYTHM, None),
    "feature.tempo": ("onset_envelope", dict(aggregate=maybe(np.mean), max_tempo=maybe(320.0)), None),
    "beat.plp": ("onset_envelope", dict(win_length=st.sampled_from([384, 16, 1])), None),
    # not beat.beat_track: librosa's compiled tracker writes beyond its memory for NaN
    "onset.onset_detect": ("onset_envelope", dict(units=st.sampled_from(["frames", "time"]), sparse=st.booleans(), normalize=st.booleans()), None),
}
# What a call cannot do without.
REQUIRED = {
    "yin": dict(fmin=65.0, fmax=2000.0),
    "pyin": dict(fmin=200.0, fmax=800.0, n_thresholds=10, resolution=0.5),
    "resample": dict(orig_sr=RATE, target_sr=16000),
    "phase_vocoder": dict(rate=1.25),
    "griffinlim": dict(n_iter=2, random_state=3),
    "feature.chroma_vqt": dict(intervals="equal"),
    "effects.time_stretch": dict(rate=1.25),
    "effects.pitch_shift": dict(sr=RATE, n_steps=2),
    "effects.remix": dict(intervals=[(0, 10), (20, 90)]),
    "util.sync": dict(idx=[1, 4]),
    "util.fix_length": dict(size=7),
    "util.frame": dict(frame_length=2, hop_length=1),
    "util.peak_pick": dict(pre_max=3, post_max=3, pre_avg=3, post_avg=5, delta=0.5, wait=10),
    "filters.mel": dict(sr=RATE, n_fft=512),
    "filters.chroma": dict(sr=RATE, n_fft=512),
    "filters.cq_to_chroma": dict(n_input=84),
    "filters.window_sumsquare": dict(window="hann", n_frames=5),
    "filters.wavelet": dict(freqs=[440.0]),
    "filters.wavelet_lengths": dict(freqs=[440.0]),
    "filters.get_window": dict(window="hann", Nx=16),
}


@st.composite
def numbers(draw):
    """Values of an envelope, or frequencies."""
    values = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.5, -1.0, 440.0, np.nan, np.inf]), min_size=1, max_size=40))
    x = np.array(values * draw(st.sampled_from([1, 1, 10])))
    dtype = draw(st.sampled_from(["f4", "f8"]))
    with np.errstate(all="ignore"):
        x = np.broadcast_to(x.astype(dtype), (*draw(st.sampled_from([(), (), (2,)])), x.size)).copy()
        return laid_out(x, draw(st.sampled_from(LAYOUTS)))


@pytest.mark.parametrize("name", sorted(OF_SOUND))
def test_of_sound(name):
    by_position, parameters, bound = OF_SOUND[name]

    @SETTINGS
    @given(sounds(), options(**parameters))
    def check(y, kwargs):
        kwargs = {**REQUIRED.get(name, {}), **with_one_flaw(kwargs, refused(y))}
        compare(name, (y,) if by_position else (), kwargs if by_position else dict(kwargs, y=y), bound)

    check()


@pytest.mark.parametrize("name", sorted(OF_SPECTROGRAM))
def test_of_spectrograms(name):
    by_position, parameters, bound = OF_SPECTROGRAM[name]
    complex_too = name in ("istft", "magphase", "decompose.hpss", "phase_vocoder", "power_to_db", "util.normalize")

    @SETTINGS
    @given(spectrograms(complex_too), options(**parameters))
    def check(S, kwargs):
        kwargs = {**REQUIRED.get(name, {}), **with_one_flaw(kwargs, refused(S))}
        compare(name, (S,) if by_position else (), kwargs if by_position else dict(kwargs, S=S), bound)

    check()


@pytest.mark.parametrize("name", sorted(OF_PARAMETERS))
def test_of_parameters(name):
    parameters, bound = OF_PARAMETERS[name]

    @SETTINGS
    @given(options(**parameters))
    def check(kwargs):
        compare(name, (), {**REQUIRED[name], **kwargs}, bound)

    check()


@pytest.mark.parametrize("name", sorted(OF_NUMBERS))
def test_of_numbers(name):
    where, parameters, bound = OF_NUMBERS[name]

    @SETTINGS
    @given(numbers(), options(**parameters))
    def check(x, kwargs):
        kwargs = {**REQUIRED.get(name, {}), **with_one_flaw(kwargs, refused(x))}
        compare(name, (x,) if where is True else (), kwargs if where is True else {where: x, **kwargs}, bound)

    check()
