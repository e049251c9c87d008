"""YIN, pYIN, piptrack and tuning against librosa 0.11, at every CPU level. HEIHACHI_AUDIO, if
set, names a folder of music that is tested too."""

import os
import pathlib
import warnings

import heihachi_ctypes as hh
import librosa
import numpy as np
import pitch_ctypes as pitch
import pytest
import soundfile

RATE = 22050
LEVELS = [hh.CPU_BASE, hh.CPU_X86_V3, hh.CPU_X86_V4]
warnings.filterwarnings("ignore", category=UserWarning)


def melody(seconds, seed):
    """A gliding tone with overtones, pauses and some noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(220 * 2 ** np.sin(2.1 * t)) / RATE
    level = 0.3 * (np.sin(9 * t) > -0.4)
    y = level * (np.sin(phase) + 0.4 * np.sin(2 * phase + 1)) + 0.01 * rng.standard_normal(t.size)
    return y.astype(np.float32)


def noise(seconds, seed):
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (0.1 * samples).astype(np.float32)


def sine(hz):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(2 * RATE) / RATE)).astype(np.float32)


SIGNALS = {
    "melody": melody(4, 1),
    "noise": noise(3, 2),
    "sine70": sine(70),
    "sine440": sine(440),
    "sine1999": sine(1999),
    "silence": np.zeros(RATE, np.float32),
    "stereo": np.stack([melody(3, 3), melody(3, 4)]),
    "short": melody(0.01, 5),
}


def music():
    folder = os.environ.get("HEIHACHI_AUDIO")
    if not folder:
        return []
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".flac", ".ogg")
                   and "robust" not in p.parts)
    return [p for p in files if soundfile.info(p).duration >= 9][::12]


@pytest.fixture(params=[*SIGNALS, *music()], ids=lambda p: getattr(p, "name", p))
def y(request):
    if isinstance(request.param, str):
        return SIGNALS[request.param]
    return librosa.load(request.param, sr=RATE, mono=False, offset=3, duration=6)[0]


def assert_equal_frames(ours, theirs):
    """Within 1e-5, but for 2 frames in 1000 (near-ties)."""
    assert ours.shape == theirs.shape
    different = ~np.isclose(ours.astype(float), theirs.astype(float), rtol=1e-5, atol=1e-4,
                            equal_nan=True)
    assert different.sum() <= max(2e-3 * theirs.size, 1)


def assert_close(ours, theirs):
    assert ours.shape == theirs.shape
    peak = np.abs(theirs).max()
    assert np.all(np.abs(ours - theirs) <= 1e-5 * np.abs(theirs) + 2e-6 * peak)


YIN = [
    dict(fmin=65.40639132514966, fmax=2093.004522404789),
    dict(fmin=40.0, fmax=800.0, frame_length=4096, hop_length=300, trough_threshold=0.2),
    dict(fmin=100.0, fmax=4000.0, frame_length=1000, pad_mode="reflect"),
    dict(fmin=200.0, fmax=1000.0, frame_length=512, hop_length=64, pad_mode="edge"),
    dict(fmin=82.0, fmax=11025.0, hop_length=1024, pad_mode="symmetric"),
    dict(fmin=150.0, fmax=900.0, frame_length=2048, hop_length=2048, pad_mode="wrap"),
]


@pytest.mark.parametrize("values", YIN, ids=lambda v: f"{v['fmin']:.0f}")
def test_yin(y, values):
    """Librosa's float32 bit by bit: its rounding noise decides up to 1 frame in 100."""
    assert np.array_equal(pitch.yin(y, **values), librosa.yin(y, sr=RATE, **values))


def test_yin_not_centred():
    y = SIGNALS["melody"]
    values = dict(fmin=65.0, fmax=2000.0, center=False)
    assert np.array_equal(pitch.yin(y, **values), librosa.yin(y, sr=RATE, **values))


# Sizes of the transform with every mix of the factors 4, 2, 3 and 5, even and odd.
FRAMES = [4, 5, 7, 8, 12, 13, 23, 40, 50, 61, 100, 122, 300, 777, 1000, 1024, 1500, 3001, 4096,
          5000]


@pytest.mark.parametrize("cpu", LEVELS)
@pytest.mark.parametrize("frame", FRAMES)
def test_yin_of_any_frame(frame, cpu):
    y = SIGNALS["stereo"][:, : max(24 * frame, RATE // 4)]
    values = dict(fmin=RATE / (frame - 1.5), fmax=RATE / 2.0, frame_length=frame,
                  hop_length=frame // 3 + 1)
    expected = librosa.yin(y, sr=RATE, **values)
    for threads in (1, 3):
        ours = pitch.yin(y, context=hh.Context(threads=threads, cpu=cpu), **values)
        assert np.array_equal(ours, expected)


def test_yin_of_whispers_and_shouts():
    """Float32 has little room: subnormal squares at the one end, large ones at the other."""
    for gain in (1e-20, 1e-8, 1e8):
        y = (SIGNALS["melody"] * gain).astype(np.float32)
        values = dict(fmin=65.0, fmax=2000.0)
        assert np.array_equal(pitch.yin(y, **values), librosa.yin(y, sr=RATE, **values))


@pytest.mark.parametrize("cpu", LEVELS)
@pytest.mark.parametrize("threads", [1, 3])
def test_levels_and_threads(cpu, threads):
    y = SIGNALS["stereo"]
    context = lambda: hh.Context(threads=threads, cpu=cpu)
    assert np.array_equal(pitch.yin(y), pitch.yin(y, context=context()))
    for ours, other in zip(pitch.pyin(y), pitch.pyin(y, context=context())):
        assert np.array_equal(ours, other, equal_nan=ours.dtype == float)
    for ours, other in zip(pitch.piptrack(y), pitch.piptrack(y, context=context())):
        assert np.array_equal(ours, other)
    assert pitch.estimate_tuning(y) == pitch.estimate_tuning(y, context=context())


PYIN = [
    dict(fmin=65.40639132514966, fmax=2093.004522404789),
    dict(fmin=80.0, fmax=600.0, resolution=0.2, switch_prob=0.05),
    dict(
        fmin=100.0,
        fmax=1000.0,
        resolution=0.5,
        max_transition_rate=20.0,
        hop_length=700,
        n_thresholds=37,
        beta_parameters=(1.3, 7.0),
        boltzmann_parameter=0.7,
        no_trough_prob=0.2,
    ),
    dict(fmin=100.0, fmax=500.0, resolution=0.35, fill_na=None),
    dict(fmin=100.0, fmax=500.0, resolution=0.35, fill_na=-1.0, max_transition_rate=0.0),
]


@pytest.mark.parametrize("values", PYIN,
                         ids=lambda v: f"{v['fmin']:.0f}-{v['fmax']:.0f}-{v.get('fill_na', '')}")
def test_pyin(y, values):
    if y.shape[-1] > 4 * RATE:
        y = y[..., : 3 * RATE]  # librosa needs a second for each second
    ours, theirs = pitch.pyin(y, **values), librosa.pyin(y, sr=RATE, **values)
    assert_equal_frames(ours[0], theirs[0])
    assert_equal_frames(ours[1], theirs[1])
    assert_close(ours[2], theirs[2])


def test_pyin_puts_troughs_on_the_side_of_a_threshold_that_librosa_does():
    """Which its rounding decides where they are near one: the answers for the same samples in double are others."""
    values = dict(fmin=80.0, fmax=1000.0, frame_length=2048, center=False)

    def frames(shares):
        return (sine(100.0)[:2048] + np.multiply.outer(shares, noise(1, 11)[:2048])).astype(np.float32)

    def voiced(y):
        return librosa.pyin(y, sr=RATE, **values)[2][..., 0]

    low, high = 0.2, 0.4  # of noise; the deepest trough passes a threshold somewhere between
    assert voiced(frames(low)) > voiced(frames(high))
    while high - low > 1e-8:
        share = 0.5 * (low + high)
        low, high = (share, high) if voiced(frames(share)) == voiced(frames(low)) else (low, share)
    y = frames(low + np.linspace(-1e-6, 1e-6, 101))
    assert (np.abs(voiced(y) - voiced(y.astype(float))) > 1e-3).sum() > 5
    for ours, theirs in zip(pitch.pyin(y, **values), librosa.pyin(y, sr=RATE, **values)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_pyin_when_an_improbable_candidate_overwrites():
    y = noise(2, 7) + 0.12 * sine(100.0)
    values = dict(fmin=80.0, fmax=600.0, resolution=0.2, boltzmann_parameter=6.0)
    ours, theirs = pitch.pyin(y, **values), librosa.pyin(y, sr=RATE, **values)
    assert (theirs[2] < 1e-6).any()  # where it happens
    assert_equal_frames(ours[0], theirs[0])
    assert_close(ours[2], theirs[2])


PIPTRACK = [
    dict(),
    dict(fmin=0.0, fmax=1e6, threshold=0.01, n_fft=1024, hop_length=300),
    dict(n_fft=1023, fmax=20000.0, threshold=0.5, win_length=800),
    dict(center=False),
]


@pytest.mark.parametrize("values", PIPTRACK, ids=str)
def test_piptrack(y, values):
    if not values.get("center", True) and y.shape[-1] < 2048:
        pytest.skip("not one whole frame")
    ours, theirs = pitch.piptrack(y, **values), librosa.piptrack(y=y, sr=RATE, **values)
    assert_close(ours[0], theirs[0])
    assert_close(ours[1], theirs[1])


def test_piptrack_of_a_spectrogram():
    y = SIGNALS["stereo"]
    power = np.abs(librosa.stft(y)) ** 2
    for kind, value, ref in ((0, 0.0, None), (1, 0.0, np.mean), (2, 0.7, 0.7)):
        ours = pitch.piptrack(S=power, reference=kind, reference_value=value)
        theirs = librosa.piptrack(S=power, sr=RATE, ref=ref)
        assert_close(ours[0], theirs[0])
        assert_close(ours[1], theirs[1])


@pytest.mark.parametrize("bins_per_octave", [12, 36])
@pytest.mark.parametrize("resolution", [0.01, 0.07])
def test_estimate_tuning(y, bins_per_octave, resolution):
    values = dict(bins_per_octave=bins_per_octave, resolution=resolution)
    assert pitch.estimate_tuning(y, **values) == librosa.estimate_tuning(y=y, sr=RATE, **values)


def test_estimate_tuning_of_a_spectrogram():
    S = np.abs(librosa.stft(SIGNALS["stereo"], n_fft=4096))
    values = dict(fmin=100.0, fmax=3000.0, threshold=0.2)
    assert pitch.estimate_tuning(S=S, **values) == librosa.estimate_tuning(S=S, sr=RATE, **values)


def test_pitch_tuning():
    rng = np.random.default_rng(0)
    for count in (1, 10, 1000):
        hz = rng.uniform(-50, 5000, count)
        for values in (dict(), dict(resolution=0.03), dict(bins_per_octave=24)):
            assert pitch.pitch_tuning(hz, **values) == librosa.pitch_tuning(hz, **values)
    assert pitch.pitch_tuning(np.zeros(3)) == 0.0


@pytest.mark.parametrize(
    "values",
    [
        dict(fmin=65.0, fmax=12000.0),
        dict(fmin=500.0, fmax=500.0),
        dict(fmin=-1.0, fmax=500.0),
        dict(fmin=10.0, fmax=500.0),
    ],
    ids=str,
)
def test_bad_ranges(values):
    y = SIGNALS["noise"]
    for ours, theirs in ((pitch.yin, librosa.yin), (pitch.pyin, librosa.pyin)):
        with pytest.raises(librosa.ParameterError):
            theirs(y, sr=RATE, **values)
        with pytest.raises(hh.Failure, match="ERROR_ARGUMENT"):
            ours(y, **values)


def test_bad_signals():
    y = SIGNALS["noise"].copy()
    y[100] = np.nan
    for function in (pitch.yin, pitch.pyin, pitch.piptrack, pitch.estimate_tuning):
        with pytest.raises(hh.Failure, match="NOT_FINITE"):
            function(y)
    with pytest.raises(hh.Failure, match="TOO_SHORT"):
        pitch.yin(SIGNALS["short"], center=False)
    with pytest.raises(hh.Failure, match="ARGUMENT"):
        pitch.pyin(SIGNALS["noise"], fmin=400.0, fmax=700.0)
