"""Phase vocoder, Griffin-Lim, reassigned spectrogram and autocorrelation against librosa 0.11."""

import ctypes

import heihachi_ctypes as hh
import librosa
import numpy as np
import pytest

RATE = 22050


class VocoderParams(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("rate", ctypes.c_double),
                ("hop_length", ctypes.c_size_t), ("n_fft", ctypes.c_size_t)]


class GriffinLimParams(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("n_iter", ctypes.c_size_t), ("n_fft", ctypes.c_size_t),
                ("hop_length", ctypes.c_size_t), ("win_length", ctypes.c_size_t),
                ("window", hh.Window), ("center", ctypes.c_bool), ("pad", ctypes.c_int),
                ("length", ctypes.c_size_t), ("momentum", ctypes.c_double)]


class ReassignedParams(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("stft", hh.StftParams),
                ("reassign_frequencies", ctypes.c_bool), ("reassign_times", ctypes.c_bool),
                ("ref_power", ctypes.c_double), ("fill_nan", ctypes.c_bool),
                ("clip", ctypes.c_bool)]


def sound(seconds, dtype):
    rng = np.random.default_rng(1)
    t = np.arange(int(seconds * RATE)) / RATE
    beats = np.exp(-(t % 0.5) * 8) * rng.standard_normal(t.size)
    y = 0.3 * np.sin(1382 * t + 3 * np.sin(t)) + 0.2 * beats + 0.01 * rng.standard_normal(t.size)
    return y.astype(dtype)


def frame_major(x):
    return hh.Array.view(np.swapaxes(x, -1, -2)[np.newaxis])


def call(name, *args, results=1):
    out = [hh.Array() for _ in range(results)]
    with hh.Context() as context:
        context.check(getattr(hh.library(), name)(context, *args, *map(ctypes.byref, out)))
    taken = [x.take() for x in out]
    return taken if results > 1 else taken[0]


def defaults(params, name):
    getattr(hh.library(), name + "_defaults")(ctypes.byref(params))
    return params


def close(got, want, bound):
    assert got.shape == want.shape and got.dtype == want.dtype
    assert np.array_equal(np.isnan(got), np.isnan(want))
    scale = np.nanmax(np.abs(want))
    assert np.nanmax(np.abs(got - want)) <= bound * scale


def vocode(spectrum, rate, hop, real):
    """The phase vocoder's definition in double, with angles, running phase, cosine and sine rounded to `real`."""
    advance = hop * librosa.fft_frequencies(sr=2 * np.pi, n_fft=2 * (len(spectrum) - 1))
    padded = np.pad(spectrum.astype(complex), ((0, 0), (0, 2)))
    angle, magnitude = np.angle(padded).astype(real), np.abs(padded).astype(real)
    phase, frames = angle[:, 0], []
    for step in np.arange(0, spectrum.shape[1], rate):
        now, between = int(step), step % 1
        size = (1 - between) * magnitude[:, now].astype(float) + between * magnitude[:, now + 1]
        wide = phase.astype(float)
        frames.append(size * (np.cos(wide).astype(real) + 1j * np.sin(wide).astype(real)))
        beyond = (angle[:, now + 1] - angle[:, now]).astype(float) - advance
        beyond -= 2 * np.pi * np.round(beyond / (2 * np.pi))
        phase = (phase + (advance + beyond)).astype(real)
    return np.array(frames).T


def rms(x):
    return np.sqrt(np.mean(np.abs(x) ** 2))


@pytest.mark.parametrize("rate", [0.7, 1.0, 1.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_phase_vocoder(dtype, rate):
    spectrum = librosa.stft(sound(6, dtype), hop_length=512)
    params = defaults(VocoderParams(), "hh_phase_vocoder")
    params.rate = rate
    params.hop_length = 512
    got = call("hh_phase_vocoder", ctypes.byref(frame_major(spectrum)), ctypes.byref(params))
    want = librosa.phase_vocoder(spectrum, rate=rate, hop_length=512)
    got = np.swapaxes(got[0], 0, 1)
    if dtype == np.float64:
        close(got, want, 1e-10)
        return
    # The error is that of a running phase in float, which loses 2^-24 of itself a frame; ours and librosa's share it.
    # Ours are the definition's bits, but for ties of a rounding; NumPy's functions of floats are up to 3 ulp off, and
    # one such angle moves a bin's phase by an ulp from there on: far less than float phases cost, taken as a whole.
    in_float = vocode(spectrum, rate, 512, np.float32).astype(np.complex64)
    lost = rms(in_float - vocode(spectrum, rate, 512, np.float64))
    assert np.mean(got != in_float) <= 1e-5
    assert got.dtype == want.dtype and got.shape == want.shape
    assert rms(got - want) <= 0.05 * lost


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("iterations, bound", [(0, 1e-6), (1, 2e-6), (4, 1e-5), (32, 1e-3)])
def test_griffinlim(dtype, iterations, bound):
    magnitude = np.abs(librosa.stft(sound(3, dtype)))
    random = np.random.RandomState(seed=5).random(size=magnitude.shape)
    angles = np.exp(2j * np.pi * random).astype(librosa.util.dtype_r2c(dtype))
    params = defaults(GriffinLimParams(), "hh_griffinlim")
    params.n_iter = iterations
    got = call("hh_griffinlim", ctypes.byref(frame_major(magnitude)),
               ctypes.byref(frame_major(angles)), ctypes.byref(params))
    want = librosa.griffinlim(magnitude, n_iter=iterations, random_state=5)
    close(got[0], want, bound if dtype == np.float32 else 1e-10)


@pytest.mark.parametrize("options", [{}, {"fill_nan": True, "clip": False}, {"ref_power": 0.01},
                                     {"reassign_times": False}, {"center": False}])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_reassigned_spectrogram(dtype, options):
    y = sound(3, dtype)
    params = defaults(ReassignedParams(), "hh_reassigned_spectrogram")
    for name, value in options.items():
        setattr(params.stft if name == "center" else params, name, value)
    got = call("hh_reassigned_spectrogram", hh.signal(y, RATE, dtype), None, ctypes.byref(params),
               results=3)
    want = librosa.reassigned_spectrogram(y, sr=RATE, **options)
    for ours, theirs in zip(got, want):
        close(np.swapaxes(ours[0], 0, 1), theirs, 1e-6 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize("rows, length, lags", [(1, 1, None), (3, 257, 100), (2, 22050, None),
                                                (1, 700000, 4096)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_autocorrelate(dtype, rows, length, lags):
    y = np.random.default_rng(2).standard_normal((rows, length)).astype(dtype)
    got = call("hh_autocorrelate", ctypes.byref(hh.Array.view(y)), ctypes.c_size_t(lags or 0))
    close(got, librosa.autocorrelate(y, max_size=lags), 1e-6 if dtype == np.float32 else 1e-13)
