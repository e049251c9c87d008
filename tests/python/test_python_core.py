"""Transforms, decibels, phases, sound in and out, unit conversions: the same as librosa's."""

import io
import os
import warnings

import heihachi
import librosa
import numpy as np
import pytest
from samples import close

pytestmark = pytest.mark.filterwarnings("ignore:n_fft=")


def noise(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def check(ours, theirs, tolerance):
    """Within `tolerance` of the largest value."""
    close(ours, theirs, 0, tolerance)


def outcome(function, *arguments, **keywords):
    """The type of the exception, or None."""
    try:
        function(*arguments, **keywords)
    except Exception as error:
        return type(error)
    return None


TYPES = [np.float32, np.float64]
PRECISION = {np.float32: 2e-7, np.float64: 1e-14}

STFT_CASES = [
    {},
    dict(n_fft=1023, hop_length=100),
    dict(center=False, n_fft=512),
    dict(pad_mode="reflect"),
    dict(pad_mode="edge"),
    dict(pad_mode="linear_ramp"),
    dict(pad_mode="symmetric"),
    dict(pad_mode=lambda row, width, axis, keywords: None),
    dict(n_fft=1024, win_length=300, window=("kaiser", 4.0)),
    dict(window=np.hanning(2048)),
    dict(window=np.hanning),
    dict(window=3.0),
    dict(window=("general_gaussian", 1.5, 500)),
    dict(n_fft=8192),
    dict(n_fft=8192, pad_mode="reflect"),
]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("parameters", STFT_CASES)
def test_stft(parameters, dtype):
    y = noise(5000, dtype=dtype)
    theirs = librosa.stft(y, **parameters)
    ours = heihachi.stft(y, **parameters)
    check(ours, theirs, PRECISION[dtype])
    assert ours.flags.f_contiguous


def test_stft_is_exact_in_weak_bins():
    """The transform is in double also of float samples."""
    y = (np.sin(0.3 * np.arange(22050)) + 1e-4 * noise(22050, dtype=np.float64)).astype(np.float32)
    ours, theirs = heihachi.stft(y), librosa.stft(y)
    assert np.abs(ours - theirs).max() <= 1e-7 * np.abs(theirs).max()
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("wanted", [None, np.complex64, np.complex128])
def test_stft_types(dtype, wanted):
    y = noise(2, 3, 3000).astype(dtype)
    theirs = librosa.stft(y, dtype=wanted, n_fft=512)
    check(heihachi.stft(y, dtype=wanted, n_fft=512), theirs, 2e-7)


@pytest.mark.parametrize("view", [np.s_[::2], np.s_[::-1], np.s_[5:-3]])
def test_stft_strides(view):
    y = noise(2, 6000)[:, view]
    before = y.copy()
    check(heihachi.stft(y, n_fft=256), librosa.stft(y, n_fft=256), 2e-7)
    assert np.array_equal(y, before)


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("more", [0, 4])
def test_stft_out(order, more):
    y = noise(2, 4000)
    expected = librosa.stft(y)
    out = np.empty(expected.shape[:-1] + (expected.shape[-1] + more,), dtype=np.complex64, order=order)
    result = heihachi.stft(y, out=out)
    assert np.shares_memory(result, out)
    check(result, expected, 2e-7)
    wrong = np.empty(expected.shape[:-1] + (1,), dtype=np.complex64)
    for bad in (wrong, np.empty(expected.shape)):
        with pytest.raises(librosa.ParameterError):
            heihachi.stft(y, out=bad)


@pytest.mark.parametrize(
    "y",
    [np.zeros(10, int), [0.0, 1.0], np.array(1.0), np.array([0.0, np.nan]), np.array([np.inf, 0.0]), np.zeros(10)],
    ids=["integers", "list", "scalar", "nan", "infinity", "sound"],
)
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(center=False),
        dict(hop_length=0),
        dict(hop_length=-3),
        dict(hop_length=2.5),
        dict(win_length=4096),
        dict(pad_mode="wrap"),
        dict(pad_mode="median"),
        dict(pad_mode="nonsense"),
        dict(window="nonsense"),
        dict(window=np.ones(7)),
        dict(window={}),
    ],
)
def test_stft_exceptions(y, parameters):
    assert outcome(heihachi.stft, y, **parameters) == outcome(librosa.stft, y, **parameters)


def test_stft_of_nothing():
    for shape in ((0,), (2, 0), (0, 4000)):
        y = np.zeros(shape, dtype=np.float32)
        check(heihachi.stft(y), librosa.stft(y), 0.0)
    assert outcome(heihachi.stft, np.zeros(0), pad_mode="reflect") == ValueError
    with pytest.warns(UserWarning):
        heihachi.stft(np.zeros(100))


@pytest.mark.parametrize("hop_length", [1, 2, 3, 12])
def test_stft_of_single_samples(hop_length):
    for length in (1, 10, 11):
        y = noise(length)
        parameters = dict(n_fft=1, hop_length=hop_length)
        assert outcome(heihachi.stft, y, **parameters) == outcome(librosa.stft, y, **parameters)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(length=3000),
        dict(length=4500),
        dict(n_fft=1023, hop_length=100),
        dict(win_length=1000, window="hamming"),
        dict(window=np.hamming),
        dict(dtype=np.float64),
        dict(dtype=np.float32),
        dict(n_fft=1500),
        dict(n_fft=3000, hop_length=500),
    ],
)
def test_istft(parameters, dtype):
    forward = {name: value for name, value in parameters.items() if name not in ("length", "dtype")}
    if forward.get("n_fft") in (1500, 3000):  # bins that do not fit are cut off or zero
        forward = dict(n_fft=2048, hop_length=500)
    D = librosa.stft(noise(2, 5000), **forward).astype(dtype)
    theirs = librosa.istft(D, **parameters)
    # what is seen by the ends of windows only is noise divided by almost nothing
    sure = min(theirs.shape[-1], 4000)
    tolerance = 1e-12 if dtype == np.complex128 and theirs.dtype == np.float64 else 5e-6
    for layout in (D, np.ascontiguousarray(D)):
        ours = heihachi.istft(layout, **parameters)
        assert ours.shape == theirs.shape
        check(ours[..., :sure], theirs[..., :sure], tolerance)
    out = np.ones(theirs.shape, dtype=theirs.dtype)
    assert heihachi.istft(D, out=out, **parameters) is out
    check(out[..., :sure], theirs[..., :sure], tolerance)


def test_istft_of_magnitudes():
    D = np.abs(librosa.stft(noise(3000)))
    for S in (D, D.astype(np.float64), (100 * D).astype(int)):
        check(heihachi.istft(S), librosa.istft(S), 5e-6)


def test_istft_exceptions():
    D = librosa.stft(noise(3000))
    for parameters in (dict(out=np.zeros(7)), dict(win_length=4096), dict(window="nonsense")):
        assert outcome(heihachi.istft, D, **parameters) == outcome(librosa.istft, D, **parameters)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("power", [1, 2, 0.5, 0, -1])
def test_magphase(dtype, power):
    stereo = librosa.stft(noise(2, 3000)).astype(dtype)
    stereo[:, 3] = 0
    for D in (stereo, stereo[0], np.ascontiguousarray(stereo[0]), stereo[0, ::2, ::3], stereo[0, 5]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for ours, theirs in zip(heihachi.magphase(D, power=power), librosa.magphase(D, power=power)):
                finite = np.isfinite(theirs)
                assert np.array_equal(finite, np.isfinite(ours))
                check(np.where(finite, ours, 0), np.where(finite, theirs, 0), 3e-7 if dtype == np.complex64 else 1e-15)


def test_magphase_of_reals():
    for D in (noise(4, 5), noise(4, 5, dtype=np.float64)):
        for ours, theirs in zip(heihachi.magphase(D), librosa.magphase(D)):
            check(ours, theirs, 1e-7)


DECIBELS = [
    {},
    dict(ref=np.max),
    dict(ref=np.median),
    dict(ref=lambda S: S.max(axis=-1, keepdims=True)),
    dict(top_db=None),
    dict(top_db=0),
    dict(amin=1e-3, top_db=20),
    dict(amin=np.float64(1e-4)),
    dict(amin=1e-30, top_db=None),
    dict(ref=np.float32(0.3)),
    dict(ref=-2.0),
]


@pytest.mark.parametrize("name", ["power_to_db", "amplitude_to_db"])
@pytest.mark.parametrize("parameters", DECIBELS)
def test_decibels(name, parameters):
    ours, theirs = getattr(heihachi, name), getattr(librosa, name)
    S = np.abs(librosa.stft(noise(2, 4000))) ** 2
    for values in (S, S[0], S[1, ::3, ::2], S.astype(np.float64), -S[0] + 1, np.round(S[0]).astype(int), S[0, 0]):
        before = values.copy()
        check(ours(values, **parameters), theirs(values, **parameters), 1e-6)
        assert np.array_equal(values, before)


@pytest.mark.parametrize("name", ["power_to_db", "amplitude_to_db"])
def test_decibels_of_odd_values(name):
    ours, theirs = getattr(heihachi, name), getattr(librosa, name)
    odd = [3.0, 2, np.float32(2), [1, 2, 3], np.zeros(5, np.float32), np.array([np.nan, 1, 2]), np.array([1e300, 1e-300])]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for values in odd:
            check(ours(values), theirs(values), 1e-6)
            assert np.isscalar(ours(values)) == np.isscalar(theirs(values))
    for parameters in (dict(top_db=-1), dict(amin=0)):
        with pytest.raises(librosa.ParameterError):
            ours(np.ones(3), **parameters)
    for complex_values in (np.array([1j, 2]), np.array([1j, 2], np.complex64)):
        with pytest.warns(UserWarning, match=f"{name} was called on complex input"):
            result = ours(complex_values)
        with pytest.warns(UserWarning):
            check(result, theirs(complex_values), 1e-6)


@pytest.mark.parametrize("name", ["db_to_power", "db_to_amplitude"])
def test_from_decibels(name):
    for values in (noise(3, 4) * 30, noise(3, 4, dtype=np.float64) * 30, 12.0, -3):
        for ref in (1.0, 0.5):
            check(getattr(heihachi, name)(values, ref=ref), getattr(librosa, name)(values, ref=ref), 1e-6)


# ---- phases


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("parameters", [dict(rate=1.5), dict(rate=0.7), dict(rate=1.0, hop_length=300)])
def test_phase_vocoder(dtype, parameters):
    D = librosa.stft(noise(2, 8000, dtype=dtype))
    theirs = librosa.phase_vocoder(D, **parameters)
    check(heihachi.phase_vocoder(D, **parameters), theirs, 1e-3 if dtype == np.float32 else 1e-10)


@pytest.mark.parametrize("parameters", [dict(rate=0), dict(rate=-1.0), dict(rate=1.0, n_fft=100)])
def test_phase_vocoder_edges(parameters):
    D = librosa.stft(noise(3000))
    assert outcome(heihachi.phase_vocoder, D, **parameters) == outcome(librosa.phase_vocoder, D, **parameters)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("bins", [1, 2, 3])
def test_istft_of_few_bins(bins, center):
    """A quarter of a window of less than 4 samples is a hop of 0."""
    D = noise(bins, 5) + 1j * noise(bins, 5, seed=1)
    expected = outcome(librosa.istft, D, center=center)
    assert outcome(heihachi.istft, D, center=center) == expected
    if expected is None:
        check(heihachi.istft(D, center=center, window="boxcar"), librosa.istft(D, center=center, window="boxcar"), 1e-5)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "parameters",
    [
        dict(n_iter=3, random_state=1),
        dict(n_iter=2, init=None, momentum=0, length=8000),
        dict(n_iter=2, random_state=3, dtype=np.float64),
        dict(n_iter=2, init=None, pad_mode="reflect", window="hamming"),
        dict(n_iter=2, init=None, pad_mode=lambda row, width, axis, keywords: None),
        dict(n_iter=0, init=None),
    ],
)
def test_griffinlim(dtype, parameters):
    S = np.abs(librosa.stft(np.sin(0.1 * np.arange(8000)).astype(dtype)))
    theirs = librosa.griffinlim(S, **parameters)
    # phases of bins without energy are rounding errors, of which single precision has more
    check(heihachi.griffinlim(S, **parameters), theirs, 0.1 if dtype == np.float32 else 1e-6)


def test_griffinlim_without_iterations_carries_on_nan():
    S = np.ones((65, 20), dtype=np.float32)
    S[3, 7] = np.nan
    for n_iter in (0, -1):
        check(heihachi.griffinlim(S, n_iter=n_iter, init=None), librosa.griffinlim(S, n_iter=n_iter, init=None), 1e-5)


@pytest.mark.parametrize("parameters", [dict(momentum=-1), dict(init="ones"), dict(random_state="1"), dict(momentum=2)])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_griffinlim_exceptions(parameters):
    S = np.ones((65, 20), dtype=np.float32)
    assert outcome(heihachi.griffinlim, S, n_iter=1, **parameters) == outcome(
        librosa.griffinlim, S, n_iter=1, **parameters
    )


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(center=False),
        dict(center=False, pad_mode="wrap"),
        dict(fill_nan=True),
        dict(clip=False),
        dict(reassign_times=False),
        dict(reassign_frequencies=False),
        dict(ref_power=np.median),
        dict(n_fft=1023, hop_length=200, window="hamming"),
        dict(dtype=np.complex64),
        dict(sr=8000),
    ],
)
def test_reassigned_spectrogram(dtype, parameters):
    y = noise(8000, dtype=dtype)
    theirs = librosa.reassigned_spectrogram(y, **parameters)
    S = librosa.stft(y, **{k: v for k, v in parameters.items() if k in ("center", "n_fft", "hop_length", "window")})
    for given in (None, S):
        for ours, expected in zip(heihachi.reassigned_spectrogram(y, S=given, **parameters), theirs):
            if given is None:
                check(ours, expected, 1e-4 if dtype == np.float32 or "dtype" in parameters else 1e-8)
            else:
                assert ours.shape == expected.shape


def test_reassigned_spectrogram_exceptions():
    y = noise(3000)
    for parameters in (dict(ref_power=-1), dict(reassign_times=False, reassign_frequencies=False)):
        with pytest.raises(librosa.ParameterError):
            heihachi.reassigned_spectrogram(y, **parameters)


# ---- samples


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "parameters",
    [
        dict(orig_sr=22050, target_sr=16000),
        dict(orig_sr=44100, target_sr=22050),
        dict(orig_sr=8000, target_sr=44100, scale=True),
        dict(orig_sr=100.5, target_sr=77.3, fix=False),
        dict(orig_sr=3, target_sr=2, fix=False),
        dict(orig_sr=1, target_sr=7, fix=False, axis=0),
        dict(orig_sr=48000, target_sr=44100, axis=1, mode="edge"),
        dict(orig_sr=10, target_sr=10),
        dict(orig_sr=22050, target_sr=16000, res_type="fft"),
        dict(orig_sr=22050, target_sr=16000, res_type="polyphase"),
        dict(orig_sr=22050, target_sr=16000, res_type="soxr_vhq"),
    ],
)
def test_resample(dtype, parameters):
    y = noise(2, 3, 4001, dtype=dtype)
    for length in (4001, 4000, 7, 1):
        piece = y[..., :length]
        ours = heihachi.resample(piece, **parameters)
        check(ours, librosa.resample(piece, **parameters), 2e-7 if dtype == np.float32 else 1e-12)
        assert not np.shares_memory(ours, y)


def test_resample_far_from_one():
    y = noise(4000, dtype=np.float64)
    expected = librosa.resample(y, orig_sr=3, target_sr=2)
    for scale in (2.0**400, 2.0**-400):
        check(heihachi.resample(scale * y, orig_sr=3, target_sr=2) / scale, expected, 1e-6)


def test_resample_exceptions():
    y = noise(100)
    for parameters in (
        dict(orig_sr=100, target_sr=100.1, res_type="polyphase"),
        dict(orig_sr=2, target_sr=1, res_type="sinc_nonsense"),
    ):
        theirs = outcome(librosa.resample, y, **parameters)
        assert theirs is not None
        assert outcome(heihachi.resample, y, **parameters) == theirs
    bad = y.copy()
    bad[7] = np.nan
    for values in (bad, np.arange(10), [1.0, 2.0]):
        with pytest.raises(librosa.ParameterError):
            heihachi.resample(values, orig_sr=2, target_sr=1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, int, np.complex64, np.complex128])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("max_size", [None, 0, 5, 1000])
def test_autocorrelate(dtype, axis, max_size):
    y = (10 * noise(4, 3, 100)).astype(dtype)
    if np.dtype(dtype).kind == "c":
        y = y * dtype(1 + 0.5j) + noise(4, 3, 100, seed=1).astype(dtype) * dtype(1j)
    check(
        heihachi.autocorrelate(y, axis=axis, max_size=max_size),
        librosa.autocorrelate(y, axis=axis, max_size=max_size),
        1e-12 if dtype in (np.float64, np.complex128, int) else 1e-5,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("length", [1, 2, 3, 7, 31, 1000, 2049])
@pytest.mark.parametrize("values", [(np.nan,), (np.inf,), (-np.inf, np.inf), (1e30,)])
def test_autocorrelate_of_what_is_not_finite(dtype, length, values):
    """NaN and infinity are where the butterflies of the one padded transform put them."""
    y = noise(3, length).astype(dtype)
    rng = np.random.default_rng(length)
    y[0, 0] = values[0]
    y[1, rng.integers(length, size=len(values))] = values
    with np.errstate(all="ignore"):
        ours, theirs = heihachi.autocorrelate(y), librosa.autocorrelate(y)
    assert ours.dtype == theirs.dtype
    assert np.array_equal(np.where(np.isfinite(ours), 0, ours), np.where(np.isfinite(theirs), 0, theirs), equal_nan=True)


@pytest.mark.parametrize("max_size", [-1, -20])
def test_autocorrelate_less_the_end(max_size):
    y = noise(2, 9)
    check(heihachi.autocorrelate(y, max_size=max_size), librosa.autocorrelate(y, max_size=max_size), 1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, int])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(zero_pos=False),
        dict(threshold=3.0),
        dict(threshold=0.1, ref_magnitude=np.max),
        dict(threshold=0.1, ref_magnitude=4.0),
        dict(pad=False),
        dict(threshold=0),
    ],
)
def test_zero_crossings(dtype, axis, parameters):
    y = (4 * noise(4, 3, 100)).astype(dtype)
    y[:, :, 10:20] = 0
    ours = heihachi.zero_crossings(y, axis=axis, **parameters)
    assert ours.dtype == bool
    assert np.array_equal(ours, librosa.zero_crossings(y, axis=axis, **parameters))


# ---- files


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Paths of short files in four formats."""
    import soundfile

    folder = tmp_path_factory.mktemp("sounds")
    y = 0.5 * np.sin(np.outer([0.05, 0.11], np.arange(30000))) + 0.01 * noise(2, 30000)
    paths = []
    for name, rate, kind in (("a.wav", 44100, "PCM_16"), ("b.flac", 22050, "PCM_24"), ("c.ogg", 44100, "VORBIS")):
        paths.append(os.path.join(folder, name))
        soundfile.write(paths[-1], y.T, rate, subtype=kind)
    paths.append(os.path.join(folder, "mono.wav"))
    soundfile.write(paths[-1], y[0], 48000, subtype="FLOAT")
    return paths


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(sr=None),
        dict(sr=None, mono=False),
        dict(sr=None, mono=False, offset=0.2, duration=0.1),
        dict(sr=16000, dtype=np.float64, duration=0.5),
        dict(sr=None, offset=0.25),
        dict(duration=0),
    ],
)
def test_load(sounds, parameters):
    for path in sounds:
        theirs, rate = librosa.load(path, **parameters)
        ours, our_rate = heihachi.load(path, **parameters)
        check(ours, theirs, 3e-6)
        assert (our_rate, type(our_rate)) == (rate, type(rate))
        assert heihachi.get_samplerate(path) == librosa.get_samplerate(path)
        assert heihachi.get_duration(path=path) == pytest.approx(librosa.get_duration(path=path))


def test_load_sources(sounds):
    import pathlib

    import soundfile

    path = sounds[0]
    expected = heihachi.load(path)[0]
    with open(path, "rb") as file:
        content = file.read()
    descriptor = os.open(path, os.O_RDONLY)
    with open(path, "rb") as file:
        for source in (file, io.BytesIO(content), descriptor, os.fsencode(path), pathlib.Path(path)):
            assert np.array_equal(heihachi.load(source)[0], expected)
    os.close(descriptor)
    check(heihachi.load(soundfile.SoundFile(path))[0], expected, 1e-7)


def test_load_exceptions(tmp_path, sounds):
    with pytest.raises(FileNotFoundError):
        heihachi.load(tmp_path / "none.wav")
    with pytest.raises(IsADirectoryError):
        heihachi.load(tmp_path)
    (tmp_path / "text.wav").write_text("this is no sound" * 100)
    with pytest.raises(heihachi.exceptions.DecodeError):
        heihachi.load(tmp_path / "text.wav")
    assert heihachi.load(sounds[0], offset=100.0)[0].size == 0
    for parameters in (dict(offset=-1.0), dict(dtype=np.int16)):
        with pytest.raises(librosa.ParameterError):
            heihachi.load(sounds[0], **parameters)


def test_duration():
    S = np.zeros((1025, 40))
    for parameters in (dict(S=S), dict(S=S, center=False, sr=8000), dict(y=np.zeros((2, 500)), sr=100)):
        assert heihachi.get_duration(**parameters) == librosa.get_duration(**parameters)
    with pytest.raises(librosa.ParameterError):
        heihachi.get_duration()


def test_to_mono():
    for y in (noise(2, 3, 100), noise(100)):
        ours = heihachi.to_mono(y)
        check(ours, librosa.to_mono(y), 1e-7)
        assert not np.shares_memory(ours, y)
    with pytest.raises(librosa.ParameterError):
        heihachi.to_mono(np.arange(10))


# ---- units


@pytest.mark.parametrize("accidentals", ["", "#", "b", "##", "bb", "♯♯♯", "♭𝄫", "𝄪", "!", "#b"])
@pytest.mark.parametrize("scale", "maj minor ion dor phr lyd mix aeo locrian".split())
def test_spelling_in_keys(accidentals, scale):
    for letter in "ABCDEFGc":
        key = f"{letter}{accidentals}:{scale}"
        for unicode in (True, False):
            expected = librosa.midi_to_note(np.arange(12), key=key, unicode=unicode)
            assert np.array_equal(heihachi.midi_to_note(np.arange(12), key=key, unicode=unicode), expected)


def test_notes():
    for midi in (60, 60.3, -3, 61.77, np.arange(30).reshape(2, 15), [1, 2]):
        for parameters in ({}, dict(cents=True), dict(octave=False)):
            ours, theirs = heihachi.midi_to_note(midi, **parameters), librosa.midi_to_note(midi, **parameters)
            assert type(ours) is type(theirs)
            assert np.array_equal(ours, theirs)
    for note in ("C4", "a#-1", "Bb", "B!3", "F𝄪5+20", "G𝄫2-31", ["C", "D9"]):
        for exact in (True, False):
            assert np.array_equal(
                heihachi.note_to_midi(note, round_midi=exact), librosa.note_to_midi(note, round_midi=exact)
            )
        assert np.array_equal(heihachi.note_to_hz(note), librosa.note_to_hz(note))
    for call in (
        lambda m: m.note_to_midi("H4"),
        lambda m: m.midi_to_note(60, cents=True, octave=False),
        lambda m: m.midi_to_note(60, key="C"),
    ):
        for module in (heihachi, librosa):
            with pytest.raises(librosa.ParameterError):
                call(module)


HZ = np.array([1.0, 20, 440, 999.9, 1000, 1000.1, 20000])


@pytest.mark.parametrize(
    "name, values",
    [
        ("hz_to_mel", [HZ, HZ.astype(np.float32), 1500.0, 200, [1, 2000], 0.0]),
        ("mel_to_hz", [HZ / 100, 15.0, 3, [1, 2, 30]]),
        ("hz_to_midi", [HZ, 440]),
        ("midi_to_hz", [HZ / 1000, [60, 61], 60]),
        ("hz_to_note", [[440.0, 443.0], 440.0]),
        ("hz_to_octs", [HZ, [1, 2]]),
        ("octs_to_hz", [HZ / 1e4, 3]),
        ("frames_to_samples", [3, [1, 2], np.ones((2, 2))]),
        ("samples_to_frames", [3, [1000, 2000], 1024.5 * np.ones((2, 2))]),
        ("frames_to_time", [3, [1, 2]]),
        ("time_to_frames", [3.2, [1, 2]]),
        ("samples_to_time", [5, [3, 4]]),
        ("time_to_samples", [5.3, [0.1, 0.2]]),
        ("mel_frequencies", [10, 128]),
        ("tempo_frequencies", [20]),
        ("times_like", [5, np.zeros((3, 7))]),
        ("samples_like", [5, np.zeros((3, 7))]),
    ],
)
def test_units(name, values):
    for value in values:
        ours, theirs = getattr(heihachi, name)(value), getattr(librosa, name)(value)
        assert type(ours) is type(theirs)
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.fft_frequencies(sr=44100, n_fft=999),
        lambda m: m.cqt_frequencies(84, fmin=32.7, bins_per_octave=13, tuning=0.2),
        lambda m: m.mel_frequencies(40, fmin=10, fmax=8000, htk=True),
        lambda m: m.fourier_tempo_frequencies(sr=44100, win_length=200, hop_length=256),
        lambda m: m.hz_to_mel(HZ, htk=True),
        lambda m: m.mel_to_hz(HZ, htk=True),
        lambda m: m.hz_to_octs(HZ, tuning=0.3, bins_per_octave=24),
        lambda m: m.octs_to_hz(HZ / 1e4, tuning=0.3, bins_per_octave=24),
        lambda m: m.frames_to_time(HZ, n_fft=2048, hop_length=100, sr=8000),
        lambda m: m.time_to_frames(HZ, n_fft=2048, hop_length=100, sr=8000),
        lambda m: m.times_like(np.zeros((7, 3)), axis=0, n_fft=512),
    ],
)
def test_units_with_parameters(call):
    assert np.array_equal(call(heihachi), call(librosa))
