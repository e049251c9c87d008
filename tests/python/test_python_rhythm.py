"""heihachi's onsets, beats and tempo against librosa's: arguments, types, axes, exceptions."""

import librosa
import numpy as np
import pytest
import scipy.stats
from calls import resolve
from librosa import ParameterError
from samples import close, same

import heihachi

SR = 22050


def music(seconds=6.0, dtype=np.float32, bpm=128.0, channels=0):
    numbers = np.random.default_rng(int(bpm))
    y = 0.01 * numbers.standard_normal((max(channels, 1), int(seconds * SR)))
    for c, channel in enumerate(y):
        for start in np.arange(0.1 * c, seconds - 0.2, 60.0 / (bpm + 7 * c)):
            at = int(start * SR)
            channel[at : at + 3000] += numbers.standard_normal(3000) * np.exp(-np.arange(3000) / 500.0)
    return (y if channels else y[0]).astype(dtype)


def envelope(frames=400, dtype=np.float64, seed=0):
    numbers = np.random.default_rng(seed)
    x = numbers.random(frames) ** 3
    x[:: int(numbers.integers(12, 40))] += 1 + numbers.random()
    return x.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [0, 2])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"aggregate": np.median},
        {"aggregate": np.max},
        {"lag": 2, "max_size": 3, "hop_length": 256},
        {"lag": 3, "center": False, "n_fft": 1024},
        {"detrend": True},
        {"aggregate": np.max, "detrend": True, "max_size": 4},
        {"fmin": 100, "fmax": 8000.0, "n_mels": 40, "htk": True},
        {"fmax": None, "power": 1.0, "window": "hamming", "win_length": 1500},
        {"feature": librosa.feature.chroma_stft},
        {"feature": heihachi.feature.melspectrogram, "norm": None},
    ],
)
def test_onset_strength(dtype, channels, arguments):
    y = music(2.0, dtype, channels=channels)
    got = heihachi.onset.onset_strength(y=y, sr=SR, **arguments)
    if arguments.get("feature") is heihachi.feature.melspectrogram:
        arguments = {**arguments, "feature": librosa.feature.melspectrogram}
    close(got, librosa.onset.onset_strength(y=y, sr=SR, **arguments))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("aggregate", [None, np.median, np.max, False])
@pytest.mark.parametrize("channels", [None, [0, 10, 30, 64], [64, 10, 10, 0], [slice(0, 10), slice(5, 40)], [7]])
@pytest.mark.parametrize("more", [{}, {"max_size": 5, "lag": 2}, {"detrend": True, "center": False}])
def test_onset_strength_multi(dtype, order, aggregate, channels, more):
    numbers = np.random.default_rng(3)
    S = np.asarray(-80 * numbers.random((2, 64, 90)), dtype=dtype, order=order)
    arguments = {"S": S, "sr": SR, "aggregate": aggregate, "channels": channels, **more}
    close(heihachi.onset.onset_strength_multi(**arguments), librosa.onset.onset_strength_multi(**arguments))
    if "max_size" not in more:
        arguments["ref"] = S[:, ::-1] - 3
        close(heihachi.onset.onset_strength_multi(**arguments), librosa.onset.onset_strength_multi(**arguments))


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize(
    "arguments",
    [
        {"n_mels": 40.0},
        {"n_mels": None},
        {"n_mels": -1},
        {"n_mels": 0},
        {"n_mels": 700},
        {"fmin": None},
        {"fmin": -5},
        {"fmin": 20000.0},
        {"fmax": None},
        {"fmax": 0},
        {"power": None},
        {"power": 0},
        {"power": -1},
        {"power": 1},
        {"norm": None, "htk": True},
        {"norm": 2},
        {"win_length": 1000, "window": "hamming"},
        {"pad_mode": "reflect"},
        {"hop_length": None},
        {"hop_length": 0},
        {"n_fft": 1023},
    ],
)
def test_onset_strength_takes_what_melspectrogram_takes(arguments):
    for dtype in (np.float32, np.float64):
        same("onset.onset_strength", y=music(1.0).astype(dtype), **arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"lag": 2, "max_size": 3, "hop_length": 256},
        {"n_fft": 1024, "win_length": 800, "window": "blackman", "pad_mode": "reflect", "power": 1.0, "n_mels": 40},
        {"n_mels": 12, "htk": True, "detrend": True},
        {"window": np.hanning(2048), "channels": [0, 40, 128]},
    ],
)
def test_onset_strength_where_hardly_anything_rises(dtype, arguments):
    """Less than 1 dB: what is left is how librosa rounds levels around 50 dB, and ours has to."""
    swell = np.linspace(1.0, 1.05, 3 * SR)
    steady = np.stack([0.6 * swell, 0.3 * swell * np.sin(0.1 * np.arange(3 * SR))]).astype(dtype)[:, SR:]
    for y in (steady, steady[0], steady[1]):
        name = "onset.onset_strength_multi" if "channels" in arguments else "onset.onset_strength"
        want = resolve(librosa, name)(y=y, sr=SR, **arguments)
        got = resolve(heihachi, name)(y=y, sr=SR, **arguments)
        assert want.dtype == got.dtype and 0 < np.abs(want).max() < 1
        close(got, want)


def test_onset_strength_of_groups_beyond_the_bands():
    S = np.asfortranarray(-80 * np.random.default_rng(5).random((12, 30)).astype(np.float32))
    for channels in ([0, 20, 40], [20, 40], [0, 5, 40], [3, 12]):
        same("onset.onset_strength_multi", S=S, channels=channels)
        same("onset.onset_strength_multi", y=music(1.0), n_mels=12, channels=channels)


def test_onset_strength_of_what_is_odd():
    S = -80 * np.random.default_rng(5).random((20, 30)).astype(np.float32)
    S[3, 4] = np.nan
    close(heihachi.onset.onset_strength(S=S), librosa.onset.onset_strength(S=S))
    short = np.zeros((20, 2), dtype=np.float32)
    close(heihachi.onset.onset_strength(S=short, lag=5), librosa.onset.onset_strength(S=short, lag=5))
    whole = np.arange(60).reshape(6, 10)
    close(heihachi.onset.onset_strength(S=whole), librosa.onset.onset_strength(S=whole))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"S": np.zeros((3, 3)), "lag": 0},
        {"S": np.zeros((3, 3)), "max_size": 0},
        {"S": np.zeros((3, 3)), "lag": 1.5},
        {"S": np.zeros((3, 3)), "aggregate": False},
        {"S": np.zeros((3, 3)), "ref": np.zeros((3, 2))},
        {"y": np.zeros(4000, dtype=int)},
        {"y": np.full(4000, np.nan)},
        {"y": np.zeros(4000), "hop_length": 0},
    ],
)
def test_onset_strength_refuses(arguments):
    for module in (heihachi, librosa):
        with pytest.raises(ParameterError):
            module.onset.onset_strength(**arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "arguments",
    [{}, {"backtrack": True, "units": "time"}, {"normalize": False, "delta": 0.3, "wait": 4, "units": "samples"}],
)
def test_onset_detect(dtype, seed, arguments):
    x = envelope(dtype=dtype, seed=seed)
    close(
        heihachi.onset.onset_detect(onset_envelope=x, sr=SR, **arguments),
        librosa.onset.onset_detect(onset_envelope=x, sr=SR, **arguments),
    )
    energy = envelope(seed=seed + 100)
    arguments = {**arguments, "backtrack": True, "energy": energy}
    close(
        heihachi.onset.onset_detect(onset_envelope=x, sr=SR, **arguments),
        librosa.onset.onset_detect(onset_envelope=x, sr=SR, **arguments),
    )


def test_onset_detect_flags():
    x = np.stack([envelope(seed=s) for s in range(4)]).reshape(2, 2, -1)
    close(
        heihachi.onset.onset_detect(onset_envelope=x, sparse=False),
        librosa.onset.onset_detect(onset_envelope=x, sparse=False),
    )
    assert len(heihachi.onset.onset_detect(onset_envelope=np.zeros(50))) == 0
    with_nan = envelope()
    with_nan[3] = np.nan
    assert len(heihachi.onset.onset_detect(onset_envelope=with_nan)) == 0
    with pytest.raises(ParameterError):
        heihachi.onset.onset_detect(onset_envelope=envelope(), units="bars")
    with pytest.raises(ParameterError):
        heihachi.onset.onset_detect(onset_envelope=envelope(), backtrack=True, sparse=False)
    with pytest.raises(TypeError):
        heihachi.onset.onset_detect(onset_envelope=envelope(), threshold=3)


def test_onset_backtrack():
    energy = envelope(seed=3)
    events = np.array([0, 5, 77, 399])
    close(heihachi.onset.onset_backtrack(events, energy), librosa.onset.onset_backtrack(events, energy))
    with pytest.raises(ParameterError):
        heihachi.onset.onset_backtrack(events[:0], energy)
    for module in (heihachi, librosa):
        with pytest.raises(ValueError):
            module.onset.onset_backtrack(events.reshape(2, 2), energy)


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
@pytest.mark.parametrize(
    "name, arguments",
    [
        ("onset.onset_detect", {}),
        ("onset.onset_detect", {"normalize": False}),
        ("onset.onset_detect", {"normalize": False, "sparse": False}),
        ("beat.beat_track", {"sparse": False}),
        ("beat.plp", {}),
        ("feature.tempogram", {}),
        ("feature.tempogram", {"center": False}),
        ("feature.tempogram", {"win_length": 1}),
        ("feature.fourier_tempogram", {}),
        ("feature.fourier_tempogram", {"center": False}),
        ("feature.tempo", {}),
        ("feature.tempo", {"aggregate": np.max}),
        ("feature.tempogram_ratio", {}),
    ],
)
@pytest.mark.filterwarnings("ignore:n_fft=")
def test_of_no_frames(shape, name, arguments):
    for dtype in (np.float32, np.float64):
        same(name, onset_envelope=np.zeros(shape, dtype), **arguments)


def test_of_no_channels():
    for name in ("onset_strength", "onset_strength_multi", "onset_detect"):
        same(f"onset.{name}", y=np.zeros((0, 4000)))
    for arguments in ({}, {"normalize": False}, {"sparse": False}):
        same("onset.onset_detect", onset_envelope=np.zeros((0, 50)), **arguments)
    for name in ("feature.fourier_tempogram", "feature.tempogram", "feature.tempo", "beat.plp"):
        for dtype in (np.float32, np.float64):
            same(name, onset_envelope=np.zeros((0, 500), dtype))


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.uint8, bool])
@pytest.mark.parametrize("aggregate", [np.mean, np.max, None])
def test_envelopes_of_other_types(dtype, aggregate):
    """Of integers librosa rounds the ramp that it pads with."""
    x = (40 * envelope(dtype=np.float64, seed=3)).astype(dtype)
    same("feature.tempo", onset_envelope=x, aggregate=aggregate)
    same("feature.tempogram", onset_envelope=x)
    same("feature.tempogram", onset_envelope=x, win_length=33)
    if dtype in (np.int64, np.uint8):
        same("beat.beat_track", onset_envelope=x)
    if dtype == np.float16:
        same("feature.fourier_tempogram", onset_envelope=x)
        same("beat.plp", onset_envelope=x)


@pytest.mark.parametrize("hop_length, ac_size", [(0, 8.0), (-5, 8.0), (512, 0.001), (512, 0.0)])
def test_tempo_in_a_window_of_no_frames(hop_length, ac_size):
    for x in (np.ones(100), np.ones(0)):
        same("feature.tempo", onset_envelope=x, hop_length=hop_length, ac_size=ac_size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(25))
def test_beat_track(dtype, seed):
    x = envelope(dtype=dtype, seed=seed)
    for arguments in (
        {},
        {"start_bpm": 174.0, "tightness": 400, "trim": False},
        {"bpm": 140, "units": "time"},
        {"bpm": np.linspace(100, 160, len(x)), "units": "samples"},
        {"prior": scipy.stats.uniform(60, 240)},
    ):
        got = heihachi.beat.beat_track(onset_envelope=x, sr=SR, **arguments)
        want = librosa.beat.beat_track(onset_envelope=x, sr=SR, **arguments)
        close(got[0], want[0])
        close(got[1], want[1])


def test_beat_track_of_channels():
    x = np.stack([envelope(seed=s) for s in range(6)]).reshape(2, 3, -1)
    for bpm in (None, 120.0, np.array([100.0, 150.0]), np.full((2, 3), 133.0), np.full(x.shape, 90.0)):
        got = heihachi.beat.beat_track(onset_envelope=x, sparse=False, bpm=bpm)
        want = librosa.beat.beat_track(onset_envelope=x, sparse=False, bpm=bpm)
        close(got[0], want[0])
        close(got[1], want[1])


@pytest.mark.parametrize("sparse", [True, False])
def test_no_beats_in_silence(sparse):
    got = heihachi.beat.beat_track(onset_envelope=np.zeros(99, dtype=np.float32), sparse=sparse)
    want = librosa.beat.beat_track(onset_envelope=np.zeros(99, dtype=np.float32), sparse=sparse)
    close(got[0], want[0])
    close(got[1], want[1])


@pytest.mark.parametrize(
    "arguments",
    [
        {"onset_envelope": None},
        {"onset_envelope": np.ones((2, 50))},
        {"tightness": 0},
        {"bpm": -3},
        {"bpm": np.ones(7)},
        {"start_bpm": 0},
        {"units": "bars"},
    ],
)
def test_beat_track_refuses(arguments):
    for module in (heihachi, librosa):
        with pytest.raises(ParameterError):
            module.beat.beat_track(**{"onset_envelope": envelope(), **arguments})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"tempo_min": None, "tempo_max": 240},
        {"win_length": 193, "hop_length": 256, "tempo_max": None},
        {"prior": scipy.stats.lognorm(s=1, loc=np.log(120), scale=120)},
    ],
)
def test_plp(dtype, arguments):
    x = np.stack([envelope(500, dtype, seed) for seed in range(3)])
    got = heihachi.beat.plp(onset_envelope=x, sr=SR, **arguments)
    want = librosa.beat.plp(onset_envelope=x, sr=SR, **arguments)
    assert got.dtype == want.dtype and got.shape == want.shape
    np.testing.assert_allclose(got, want, atol=1e-4)
    with pytest.raises(ParameterError):
        heihachi.beat.plp(onset_envelope=x, tempo_min=100, tempo_max=90)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"tempo_min": None, "win_length": 100},
        {"win_length": 193, "hop_length": 256, "tempo_max": None},
        {"prior": scipy.stats.lognorm(s=1, loc=np.log(120), scale=120)},
    ],
)
@pytest.mark.parametrize("seconds", [[0.1], [0.1, 0.35], [7.0, 7.2]])
def test_plp_of_what_rounding_decides(dtype, arguments, seconds):
    """Sounds with so few onsets that all components of a frame are equally strong, in librosa as in ours."""
    rng = np.random.default_rng(3)
    y = np.zeros((2, int((seconds[-1] + 0.4) * SR)), dtype)
    for at in seconds:
        for channel in y:
            channel[int(at * SR) :][: SR // 4] += rng.normal(size=SR // 4) * np.exp(-np.arange(SR // 4) / 900)
    for sound in (y, y[0]):
        same_pulse(heihachi.beat.plp(y=sound, sr=SR, **arguments), librosa.beat.plp(y=sound, sr=SR, **arguments))
    x = librosa.onset.onset_strength(y=y, sr=SR)
    same_pulse(heihachi.beat.plp(onset_envelope=x, sr=SR, **arguments), librosa.beat.plp(onset_envelope=x, sr=SR, **arguments))


def same_pulse(got, want):
    assert got.dtype == want.dtype and got.shape == want.shape
    np.testing.assert_allclose(got, want, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.int64, np.int16, np.uint8, bool, np.longdouble, np.complex64])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("onset.onset_detect", {}),
        ("onset.onset_detect", {"normalize": False}),
        ("onset.onset_detect", {"backtrack": True, "sparse": False}),
        ("beat.beat_track", {}),
        ("beat.plp", {}),
        ("feature.fourier_tempogram", {}),
        ("feature.tempogram", {}),
        ("feature.tempo", {}),
        ("feature.tempogram_ratio", {}),
    ],
)
def test_types_of_envelopes_that_librosa_refuses(dtype, name, arguments):
    x = (20 * envelope(400, np.float32, 1)).astype(dtype)
    theirs, ours = resolve(librosa, name), resolve(heihachi, name)
    try:
        want = theirs(onset_envelope=x, **arguments)
    except (TypeError, ParameterError) as error:
        with pytest.raises(type(error)):
            ours(onset_envelope=x, **arguments)
        return
    if np.dtype(dtype).kind == "c":  # a tempogram of complex numbers: nothing that one would ask for
        with pytest.raises(TypeError, match="complex64"):
            ours(onset_envelope=x, **arguments)
    else:
        got = ours(onset_envelope=x, **arguments)
        assert [np.asarray(a).dtype for a in got] == [np.asarray(b).dtype for b in want]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"win_length": 101, "norm": None},
        {"window": np.ones, "norm": 2},
        {"window": ("kaiser", 4.0), "norm": 1},
        {"window": np.hamming(64), "win_length": 64, "norm": 0},
    ],
)
def test_tempogram(dtype, center, arguments):
    x = np.stack([envelope(500, dtype, seed) for seed in range(2)])
    arguments = {"onset_envelope": x, "sr": SR, "center": center, **arguments}
    close(heihachi.feature.tempogram(**arguments), librosa.feature.tempogram(**arguments))
    arguments.pop("norm", None)
    close(heihachi.feature.fourier_tempogram(**arguments), librosa.feature.fourier_tempogram(**arguments))


@pytest.mark.parametrize(
    "arguments",
    [{"onset_envelope": None}, {"win_length": 0}, {"window": np.ones(3)}, {"norm": -3}, {"norm": "max"}],
)
def test_tempogram_refuses(arguments):
    for module in (heihachi, librosa):
        with pytest.raises(ParameterError):
            module.feature.tempogram(**{"onset_envelope": envelope(), **arguments})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("aggregate", [np.mean, np.median, np.max, None])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"prior": scipy.stats.uniform(60, 240)}, {"max_tempo": None, "start_bpm": 170, "std_bpm": 0.5}],
)
def test_tempo(dtype, aggregate, arguments):
    x = np.stack([envelope(500, dtype, seed) for seed in range(4)])
    arguments = {"sr": SR, "aggregate": aggregate, **arguments}
    close(
        heihachi.feature.tempo(onset_envelope=x, ac_size=5.0, **arguments),
        librosa.feature.tempo(onset_envelope=x, ac_size=5.0, **arguments),
    )
    tg = librosa.feature.tempogram(onset_envelope=x[0])
    close(heihachi.feature.tempo(tg=tg, **arguments), librosa.feature.tempo(tg=tg, **arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"bpm": np.full(300, 117.0), "factors": np.array([0.5, 1.0, 7.0]), "fill_value": -1.0},
        {"aggregate": np.median, "kind": "nearest"},
        {"freqs": np.linspace(40, 400, 384)},
        {"bpm": np.where(np.arange(300) % 7 == 0, np.nan, 90.0), "fill_value": 2.0},
        {"bpm": [100.0] * 300, "factors": []},
        {"bpm": np.linspace(60, 200, 3)[:, np.newaxis] + np.arange(300), "factors": [1.0]},
        {"bpm": np.ones(7)},
        {"bpm": 120.0, "factors": 2.0},
        {"bpm": 120.0, "factors": np.ones((2, 2))},
    ],
)
def test_tempogram_ratio(arguments):
    same("feature.tempogram_ratio", tg=librosa.feature.tempogram(onset_envelope=envelope(300)), **arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
def test_tempogram_ratio_of_channels(dtype):
    tg = np.stack([librosa.feature.tempogram(onset_envelope=envelope(90, seed=seed), win_length=50) for seed in range(4)])
    tg = (tg * (1 + 1j)).astype(dtype) if dtype is np.complex64 else tg.astype(dtype)
    for bpm in (120.0, np.linspace(60, 200, 90), np.linspace(60, 200, 4)[:, np.newaxis] + np.arange(90)):
        arguments = {"tg": tg, "bpm": bpm, "factors": np.array([1, 2, 0.5]), "freqs": np.linspace(30, 300, 50)}
        close(heihachi.feature.tempogram_ratio(**arguments), librosa.feature.tempogram_ratio(**arguments))


def test_tempogram_ratio_with_tempos_of_each_frame():
    tg = librosa.feature.tempogram(onset_envelope=envelope(120), win_length=50)
    freqs = np.multiply.outer(np.linspace(30, 300, 50), np.linspace(1, 1.2, 120))
    for bpm in (90.0, np.full(120, 90.0), np.full((3, 1), 90.0)):
        for factors in (None, [], [1, 2]):
            same("feature.tempogram_ratio", tg=tg, freqs=freqs, bpm=bpm, factors=factors)
    same("feature.tempogram_ratio", tg=tg, freqs=freqs[:, :5], bpm=90.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bpm", [90.0, 128.0, 174.0])
def test_from_sound(dtype, bpm):
    y = music(10.0, dtype, bpm)
    close(heihachi.onset.onset_detect(y=y, sr=SR), librosa.onset.onset_detect(y=y, sr=SR))
    for got, want in zip(heihachi.beat.beat_track(y=y, sr=SR), librosa.beat.beat_track(y=y, sr=SR)):
        close(got, want)
    close(heihachi.feature.tempo(y=y, sr=SR), librosa.feature.tempo(y=y, sr=SR))
    close(heihachi.feature.tempogram(y=y, sr=SR), librosa.feature.tempogram(y=y, sr=SR))
