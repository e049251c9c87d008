"""The spectral functions against librosa 0.11.0 itself, and the windows against SciPy."""

import glob
import os
import warnings

import heihachi_ctypes as hh
import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal
from spectral_ctypes import WINDOWS, Spectral, excess, window

F = librosa.feature
RATE = 22050


def synthetic():
    """Tones, decaying noise, a weak band, silence: what stresses logarithms and thresholds."""
    random = np.random.default_rng(0)
    t = np.arange(5 * RATE) / RATE
    bursts = random.standard_normal(len(t)) * np.exp(-(t % 0.5) * 20)
    first = 0.5 * np.sin(2 * np.pi * 220 * t) + 0.3 * bursts
    second = scipy.signal.lfilter(*scipy.signal.butter(8, 0.2),
                                  0.3 * random.standard_normal(len(t)))
    first[3 * RATE : int(3.6 * RATE)] = 0
    second[3 * RATE : int(3.4 * RATE)] = 0
    return np.stack([first, second]).astype(np.float32)


def clips():
    """Synthetic stereo and mono, and with HEIHACHI_AUDIO up to six recordings below that folder."""
    y = synthetic()
    yield "stereo", y
    yield "mono", y[0]
    folder = os.environ.get("HEIHACHI_AUDIO")
    if not folder:
        return
    files = sorted(f for e in ("wav", "flac", "ogg", "mp3")
                   for f in glob.glob(f"{folder}/**/*.{e}", recursive=True))
    files = [f for f in files if "robust" not in f and os.path.getsize(f) > 200000]
    for path in files[:: max(1, len(files) // 6)]:
        sound, _ = librosa.load(path, sr=RATE, mono=False, duration=10)
        yield os.path.basename(path), sound


CLIPS = dict(clips())


@pytest.fixture(scope="module")
def ours():
    return Spectral()


@pytest.fixture(params=list(CLIPS), scope="module")
def y(request):
    return CLIPS[request.param]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def same(a, b, bound=1.0):
    worst = excess(a, b)
    assert worst <= bound, f"{worst:.3g} times the bound"


STFT = [
    {},
    dict(n_fft=1024, hop_length=100, window="blackman", center=False),
    dict(n_fft=2048, win_length=1200, hop_length=441, pad_mode="reflect"),
    dict(n_fft=1536, hop_length=384),
    dict(n_fft=999, hop_length=250, pad_mode="edge"),
    dict(n_fft=512, win_length=301, pad_mode="linear_ramp", window=("kaiser", 6.0)),
    dict(n_fft=400, hop_length=500, pad_mode="symmetric", window=("gaussian", 60.0)),
    dict(n_fft=256, window=np.linspace(0.1, 1.0, 256)),
]


@pytest.mark.parametrize("arguments", STFT)
def test_stft(ours, y, arguments):
    same(ours.stft(y, **arguments), librosa.stft(y, **arguments))


@pytest.mark.parametrize("length", [0, 1, 2, 700, 1023, 1024, 1025, 2047, 2048, 2049, 5000])
@pytest.mark.parametrize("pad", ["constant", "reflect", "edge", "symmetric", "linear_ramp"])
def test_stft_of_short_signals(ours, length, pad):
    y = synthetic()[0][:length]
    if length == 0 and pad != "constant":
        with pytest.raises(hh.Failure):
            ours.stft(y, pad_mode=pad)
        return
    same(ours.stft(y, pad_mode=pad), librosa.stft(y, pad_mode=pad))


@pytest.mark.parametrize(
    "arguments", [{}, dict(n_fft=1024, hop_length=200, win_length=900),
                  dict(n_fft=501, hop_length=120), dict(n_fft=600)]
)
@pytest.mark.parametrize("length", [None, 40000])
def test_istft(ours, y, arguments, length):
    spectrum = librosa.stft(y, **arguments)
    theirs = librosa.istft(spectrum, length=length, **arguments)
    got = ours.istft(spectrum, length=length, **arguments)
    assert got.shape == theirs.shape
    # where the windows fade out at the end, both divide rounding errors by next to nothing
    sure = min(theirs.shape[-1], y.shape[-1]) - arguments.get("n_fft", 2048)
    same(got[..., :sure], theirs[..., :sure])


def test_reconstruct(ours, y):
    theirs = librosa.istft(librosa.stft(y), length=y.shape[-1])
    same(ours.istft(ours.stft(y), length=y.shape[-1]), theirs)


def test_istft_uncentered(ours):
    y = synthetic()
    spectrum = librosa.stft(y, center=False, window="hamming")
    same(
        ours.istft(spectrum, center=False, window="hamming"),
        librosa.istft(spectrum, center=False, window="hamming")
    )


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
def test_magphase(ours, y, power):
    spectrum = librosa.stft(y)
    magnitude, phase = librosa.magphase(spectrum, power=power)
    got = ours.magphase(spectrum, power)
    same(got[0], magnitude)
    same(got[1], phase)


def test_spectrogram_is_equal(ours, y):
    """From the double transform, magnitudes equal librosa's but for the last bit of a few: where
    two double transforms may differ, at 1e-16 of the peak, is next to the boundary between two
    floats."""
    theirs = np.abs(librosa.stft(y))
    got = ours.spectrogram(y)
    strong = theirs > 1e-4 * theirs.max()
    assert np.mean(got[strong] != theirs[strong]) < 1e-4
    np.testing.assert_allclose(got, theirs, rtol=2e-7, atol=1e-14 * theirs.max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
def test_decibels(ours, y, dtype):
    S = librosa.stft(y) if dtype == np.complex64 else np.abs(librosa.stft(y)).astype(dtype)
    same(ours.db("power_to_db", S), librosa.power_to_db(S))
    same(ours.db("amplitude_to_db", S), librosa.amplitude_to_db(S))
    for kind, reference in ((1, np.max), (2, np.mean), (3, np.median)):
        same(ours.db("power_to_db", S, reference_kind=kind), librosa.power_to_db(S, ref=reference))
        same(ours.db("amplitude_to_db", S, reference_kind=kind),
             librosa.amplitude_to_db(S, ref=reference))
    same(
        ours.db("power_to_db", S, reference=0.3, amin=1e-4, top_db=np.inf),
        librosa.power_to_db(S, ref=0.3, amin=1e-4, top_db=None),
    )
    if dtype != np.complex64:
        db = librosa.power_to_db(S)
        same(ours.from_db("db_to_power", db, 2.0), librosa.db_to_power(db, ref=2.0))
        same(ours.from_db("db_to_amplitude", db, 2.0), librosa.db_to_amplitude(db, ref=2.0))
    assert ours.db("power_to_db", S).dtype == librosa.power_to_db(S).dtype


@pytest.mark.parametrize(
    "arguments",
    [{}, dict(n_mels=40, fmin=30.0, fmax=8000.0, htk=True), dict(n_mels=10, n_fft=512),
     dict(n_mels=300), dict(n_fft=999)],
)
@pytest.mark.parametrize("norm", ["slaney", None, 1, 2.0, np.inf])
def test_mel_filters(ours, arguments, norm):
    named = {"slaney": dict(norm=0), None: dict(norm=1)}
    ours_norm = named.get(norm, dict(norm=2, norm_power=norm))
    theirs = librosa.filters.mel(sr=RATE, norm=norm, **{"n_fft": 2048, **arguments})
    got = ours.mel_filters(RATE, **arguments, **ours_norm)
    assert got.dtype == theirs.dtype
    np.testing.assert_allclose(got, theirs, rtol=3e-7, atol=1e-7 * theirs.max())


MEL = [
    {},
    dict(n_mels=64, fmin=30.0, fmax=8000.0, htk=True, power=1.0),
    dict(power=1.5, n_fft=1000, hop_length=300, window="hamming", center=False),
]


@pytest.mark.parametrize("arguments", MEL)
def test_melspectrogram(ours, y, arguments):
    same(ours.melspectrogram(y, **arguments), F.melspectrogram(y=y, sr=RATE, **arguments))


def test_melspectrogram_of_a_spectrogram(ours, y):
    S = np.abs(librosa.stft(y, n_fft=1024)) ** 2
    same(ours.melspectrogram(S=S), F.melspectrogram(S=S, sr=RATE))


MFCC = [{}, dict(n_mfcc=13, lifter=22, n_mels=40), dict(dct_type=3), dict(dct_type=1),
        dict(n_mfcc=200, n_fft=1024)]


@pytest.mark.parametrize("arguments", MFCC)
def test_mfcc(ours, y, arguments):
    same(ours.mfcc(y, **arguments), F.mfcc(y=y, sr=RATE, **arguments))


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("ortho", [True, False])
def test_mfcc_of_decibels(ours, kind, ortho):
    S = np.random.default_rng(4).uniform(-60, 20, (40, 100)).astype(np.float32)
    got = ours.mfcc(S=S, n_mfcc=40, dct_type=kind, ortho=ortho)
    theirs = scipy.fft.dct(S.astype(np.float64), axis=0, type=kind, norm="ortho" if ortho else None)
    same(got, theirs)
    theirs = F.mfcc(S=S, n_mfcc=40, dct_type=kind, norm="ortho" if ortho else None)
    same(got, theirs)


TRANSFORM = [{}, dict(n_fft=1000, hop_length=300, win_length=800, window="blackmanharris",
                      pad_mode="reflect")]


@pytest.mark.parametrize("arguments", TRANSFORM)
@pytest.mark.parametrize("name", ["centroid", "bandwidth", "rolloff", "flatness", "contrast"])
def test_descriptors(ours, y, name, arguments):
    rate = {} if name == "flatness" else dict(sr=RATE)
    theirs = getattr(F, f"spectral_{name}")(y=y, **arguments, **rate)
    got = getattr(ours, f"spectral_{name}")(y, **arguments, **rate)
    assert got.dtype == theirs.dtype
    same(got, theirs)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("centroid", {}),
        ("bandwidth", {}),
        ("bandwidth", dict(p=1.0)),
        ("bandwidth", dict(p=3.5, norm=False)),
        ("rolloff", dict(roll_percent=0.1)),
        ("rolloff", dict(roll_percent=0.99)),
        ("flatness", dict(power=1.0, amin=1e-3)),
        ("flatness", dict(power=3.0)),
        ("contrast", dict(n_bands=4, fmin=100.0, quantile=0.2)),
        ("contrast", dict(linear=True)),
        ("contrast", dict(quantile=0.9, n_bands=3)),
    ],
)
def test_descriptors_of_a_spectrogram(ours, y, name, arguments):
    S = np.abs(librosa.stft(y))
    rate = {} if name == "flatness" else dict(sr=RATE)
    same(
        getattr(ours, f"spectral_{name}")(S=S, **arguments, **rate),
        getattr(F, f"spectral_{name}")(S=S, **arguments, **rate),
    )


@pytest.mark.parametrize("name", ["centroid", "bandwidth", "rolloff", "contrast"])
def test_frequencies_may_be_given(ours, name):
    S = np.abs(librosa.stft(synthetic()))
    frequencies = np.linspace(10.0, 15000.0, 1025)
    same(
        getattr(ours, f"spectral_{name}")(S=S, sr=RATE, freq=frequencies),
        getattr(F, f"spectral_{name}")(S=S, sr=RATE, freq=frequencies),
    )


def test_bandwidth_about_a_given_centroid(ours):
    S = np.abs(librosa.stft(synthetic()))
    centroid = np.random.default_rng(2).uniform(500, 3000, (2, 1, S.shape[-1]))
    same(ours.spectral_bandwidth(S=S, centroid=centroid),
         F.spectral_bandwidth(S=S, centroid=centroid))


@pytest.mark.parametrize("channels", [1, 2])
def test_silence(ours, channels):
    """Digital silence has defined values; with several channels librosa's flatness drifts, and so
    does this one's."""
    y = np.zeros((2, 20000), np.float32)
    y[:, :3000] = 0.1
    y = y if channels == 2 else y[0]
    for name in ("centroid", "bandwidth", "rolloff", "flatness", "contrast"):
        same(getattr(ours, f"spectral_{name}")(y), getattr(F, f"spectral_{name}")(y=y))
    same(ours.mfcc(y), F.mfcc(y=y))
    same(ours.zero_crossing_rate(y), F.zero_crossing_rate(y))
    same(ours.rms(y), F.rms(y=y))


@pytest.mark.parametrize(
    "arguments",
    [{}, dict(frame_length=999, hop_length=100), dict(center=False), dict(threshold=0.05),
     dict(pad=True), dict(zero_pos=False)],
)
def test_zero_crossing_rate(ours, y, arguments):
    theirs = F.zero_crossing_rate(y, **arguments)
    assert np.array_equal(ours.zero_crossing_rate(y, **arguments), theirs)


@pytest.mark.parametrize(
    "arguments", [{}, dict(frame_length=999, hop_length=100, pad_mode="wrap"), dict(center=False),
                  dict(pad_mode="reflect")]
)
def test_rms(ours, y, arguments):
    theirs = F.rms(y=y, **arguments)
    got = ours.rms(y, **arguments)
    assert got.dtype == theirs.dtype
    same(got, theirs)


@pytest.mark.parametrize("n_fft", [2048, 1001])
def test_rms_of_a_spectrogram(ours, y, n_fft):
    S = np.abs(librosa.stft(y, n_fft=n_fft))
    same(ours.rms(S=S, frame_length=n_fft), F.rms(S=S, frame_length=n_fft))


PARAMETERS = dict(kaiser=8.6, gaussian=37.0, tukey=0.3)


@pytest.mark.parametrize("name", [w for w in WINDOWS if w != "custom"])
@pytest.mark.parametrize("length", [2, 3, 16, 255, 1024])
def test_windows(ours, name, length):
    """An impulse under the window's every place, through the transform: the window itself comes
    out."""
    spec = (name, PARAMETERS[name]) if name in PARAMETERS else name
    theirs = scipy.signal.get_window(spec, length)
    constant = np.ones(length, np.float32)
    got = ours.stft(constant, n_fft=length, hop_length=1, window=spec, center=False)[:, 0]
    same(got, np.fft.rfft(theirs))


def test_wrong_arguments_are_refused(ours):
    y = synthetic()
    for arguments in (dict(win_length=4096), dict(pad_mode="wrap"), dict(n_fft=0)):
        with pytest.raises(hh.Failure, match="ERROR_ARGUMENT"):
            ours.stft(y, **arguments)
    y[1, 77] = np.inf
    with pytest.raises(hh.Failure, match="ERROR_NOT_FINITE"):
        ours.melspectrogram(y)


def test_custom_window_is_kept_alive():
    values = np.hanning(16)
    assert window(values).kind == WINDOWS.index("custom")
