"""Rhythm against librosa 0.11.0: same arguments, |a - b| <= 1e-5 |b| + 2e-6 max |b|, events
equal, plp within 1e-4."""

import os
from pathlib import Path

import librosa
import numpy as np
import pytest
import rhythm_ctypes as ours
from heihachi_ctypes import CPU_BASE, CPU_BEST, CPU_X86_V3, Context, Failure

SR = 22050


def clicks(bpm, seconds=20.0, sr=SR):
    """A train of short decaying noise bursts."""
    rng = np.random.default_rng(7)
    burst = rng.standard_normal(800) * np.exp(-np.arange(800) / 120.0)
    y = np.zeros(int(seconds * sr) + 800)
    for k in range(int(seconds * bpm / 60.0)):
        start = int(round(k * 60.0 / bpm * sr))
        y[start : start + 800] += burst
    return y[: int(seconds * sr)].astype(np.float32)


def drums(bpm=126.0, seconds=14.0):
    """Kick, snare and hat with noise between: uneven levels, a tempo that drifts by 1 %."""
    rng = np.random.default_rng(3)
    n = int(seconds * SR)
    y = 0.002 * rng.standard_normal(n)
    step = 60.0 / bpm / 2.0
    at = 0.31
    for k in range(int(seconds / step)):
        start = int(at * SR)
        length = min(4000, n - start)
        if length <= 0:
            break
        t = np.arange(length) / SR
        if k % 4 == 0:
            falling = np.sin(2 * np.pi * 60 * t * (1 + 2 * np.exp(-t * 40)))
            y[start : start + length] += falling * np.exp(-t * 20)
        if k % 4 == 2:
            y[start : start + length] += 0.6 * rng.standard_normal(length) * np.exp(-t * 35)
        y[start : start + length] += 0.2 * rng.standard_normal(length) * np.exp(-t * 90)
        at += step * (1 + 0.01 * np.sin(k / 17.0))
    return y.astype(np.float32)


def tones():
    t = np.arange(int(6 * SR)) / SR
    y = sum(np.sin(2 * np.pi * f * t) * (np.mod(t * r, 1) < 0.5)
            for f, r in ((220, 1.7), (554, 2.3), (1200, 3.1)))
    return (0.2 * y).astype(np.float32)


def knocks():
    """A low tone that dies away, and nothing beside it: in most bands the level is that of the
    transform's window, 60 to 100 dB down."""
    t = np.arange(3 * SR) / SR
    since = [np.maximum(t - start, 0) for start in (0.2, 0.9, 1.7)]
    return sum(0.7 * np.sin(2 * np.pi * 180 * u) * np.exp(-6 * u) for u in since).astype(np.float32)


def real_clips():
    folder = os.environ.get("HEIHACHI_AUDIO")
    names = sorted(Path(folder).glob("**/*.ogg"))[::9] if folder else []
    for name in names:
        whole = librosa.get_duration(path=name)
        y, _ = librosa.load(name, sr=SR, mono=False, offset=max(0.0, min(20.0, whole - 12.0)),
                            duration=12.0)
        yield name.stem, np.atleast_2d(y)


def signals():
    yield "drums", drums()
    yield "clicks", clicks(140.0, 12.0)
    yield "tones", tones()
    yield "knocks", knocks()
    yield "stereo", np.stack([drums(), np.roll(drums(100.0), 100) * np.float32(1e-4)])
    yield from real_clips()


SIGNALS = dict(signals())
MONO = {name: y if y.ndim == 1 else y.mean(axis=0) for name, y in SIGNALS.items()}


@pytest.fixture(params=[(1, CPU_BEST), (3, CPU_BASE), (1, CPU_X86_V3)],
                ids=["best", "base-3-threads", "v3"])
def context(request):
    with Context(*request.param) as c:
        yield c


# One band's rise is the difference of two levels of up to 80 dB, each rounded to float by librosa
# after a logarithm and a product that round too: where no mean over bands takes this away, it is
# the least that two programs can differ by.
LEVEL_ROUNDING = 3 * float(np.spacing(np.float32(80.0)))


def assert_close(a, b, unit=False, rounding=0.0):
    b = np.asarray(b)
    a = np.asarray(a).reshape(b.shape)
    assert a.dtype == b.dtype
    near = 1e-5 * np.abs(b) + 2e-6 * np.abs(b).max(initial=0) + rounding
    bound = np.full(b.shape, 1e-4) if unit else near
    worst = float((np.abs(a - b) - bound).max(initial=-1))
    assert worst <= 0, f"beyond the bound by {worst:.3g}"


def rows(x):
    """librosa's (..., bins, frames) as (channels, frames, bins)."""
    x = np.asarray(x)
    return np.ascontiguousarray(np.swapaxes(x.reshape((-1,) + x.shape[-2:]), -1, -2))


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(
    "args",
    [
        {},
        dict(lag=2, max_size=3, hop_length=256),
        dict(lag=3, max_size=4, center=False, n_fft=1024),
        dict(aggregate="median"),
        dict(aggregate="median", n_mels=45, fmin=100.0, fmax=6000.0, htk=True),
        dict(detrend=True),
        dict(lag=40, hop_length=2000),
        dict(lag=100000, center=False),
    ],
    ids=str,
)
def test_onset_strength(context, name, args):
    theirs = {**args}
    if "aggregate" in args:
        theirs["aggregate"] = np.median
    y = SIGNALS[name]
    rounding = LEVEL_ROUNDING if "aggregate" in args else 0.0
    want = librosa.onset.onset_strength(y=y, sr=SR, **theirs)
    assert_close(ours.onset_strength(context, y, **args), want, rounding=rounding)


def test_onset_strength_of_spectrogram(context):
    rng = np.random.default_rng(0)
    S = (rng.standard_normal((2, 30, 77)) * 20).astype(np.float32)
    ref = (rng.standard_normal((2, 30, 77)) * 20).astype(np.float32)
    assert_close(ours.onset_strength_spectrogram(context, rows(S), max_size=5),
                 librosa.onset.onset_strength(S=S, max_size=5))
    assert_close(
        ours.onset_strength_spectrogram(context, rows(S), rows(ref), lag=3, aggregate="median"),
        librosa.onset.onset_strength(S=S, ref=ref, lag=3, aggregate=np.median),
    )


@pytest.mark.parametrize("aggregate", ["mean", "median", None])
def test_onset_strength_multi(context, aggregate):
    y = SIGNALS["stereo"]
    channels = [64, 0, 32, 97, 97, 128, 400]
    function = {"mean": np.mean, "median": np.median, None: False}[aggregate]
    want = librosa.onset.onset_strength_multi(y=y, sr=SR, aggregate=function, channels=channels)
    assert_close(ours.onset_strength_multi(context, y, aggregate=aggregate, channels=channels),
                 rows(want), rounding=LEVEL_ROUNDING)


@pytest.mark.parametrize("name", MONO)
@pytest.mark.parametrize(
    "args",
    [
        {},
        dict(backtrack=True, delta=0.05),
        dict(units="time", hop_length=256),
        dict(units="samples", normalize=False, wait=5, pre_max=2.5),
        dict(pre_avg=0, post_avg=1, delta=0.0, post_max=3),
    ],
    ids=str,
)
def test_onset_detect(context, name, args):
    want = librosa.onset.onset_detect(y=MONO[name], sr=SR, **args)
    got = ours.onset_detect(context, MONO[name], **args)
    assert np.array_equal(got, want)
    assert len(want) > 0


def test_onset_detect_of_envelope(context):
    envelope = librosa.onset.onset_strength(y=SIGNALS["stereo"], sr=SR)
    want = librosa.onset.onset_detect(onset_envelope=envelope, sr=SR, sparse=False)
    assert np.array_equal(ours.onset_detect(context, onset_envelope=envelope, sparse=False), want)
    energy = librosa.feature.rms(y=SIGNALS["stereo"][0])[0]
    want = librosa.onset.onset_detect(onset_envelope=envelope[0], sr=SR, backtrack=True,
                                      energy=energy)
    assert np.array_equal(ours.onset_detect(context, onset_envelope=envelope[0], backtrack=True,
                                            energy=energy), want)
    for bad in (np.zeros(50), np.full(50, np.nan), np.full(50, 3.0)):
        assert len(ours.onset_detect(context, onset_envelope=bad)) == 0
        assert len(librosa.onset.onset_detect(onset_envelope=bad.astype(np.float32), sr=SR)) == 0


@pytest.mark.parametrize("levels", [4, 1000])
def test_peak_pick_with_ties(context, levels):
    rng = np.random.default_rng(levels)
    for trial in range(60):
        x = (rng.integers(0, levels, 200) / np.float32(levels)).astype(np.float32)
        args = dict(
            pre_max=float(rng.integers(0, 5)),
            post_max=float(rng.integers(1, 5)),
            pre_avg=float(rng.integers(0, 9)),
            post_avg=rng.random() * 5 + 0.1,
            delta=float(rng.choice([0, 0.05, 0.25])),
            wait=float(rng.integers(0, 7)),
        )
        want = librosa.util.peak_pick(x, **args)
        got = ours.peak_pick(context, x, **args)
        assert np.array_equal(got, want)
        if len(want):
            assert np.array_equal(ours.onset_backtrack(context, want, x),
                                  librosa.onset.onset_backtrack(want, x))


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(
    "args", [{}, dict(win_length=97, center=False, norm=None), dict(win_length=50, norm=2.0),
             dict(win_length=1)], ids=str
)
def test_tempogram(context, name, args):
    y = SIGNALS[name]
    want = rows(librosa.feature.tempogram(y=y, sr=SR, **args))
    assert_close(ours.tempogram(context, y, **args), want)


@pytest.mark.parametrize("norm", [np.inf, -np.inf, 0, 1, 2.5, None])
def test_tempogram_norms(context, norm):
    envelope = librosa.onset.onset_strength(y=SIGNALS["drums"], sr=SR)
    want = librosa.feature.tempogram(onset_envelope=envelope, sr=SR, norm=norm, win_length=64)
    got = ours.tempogram(context, onset_envelope=envelope, norm=norm, win_length=64)
    if norm in (0,
                -np.inf):  # the count and the minimum hang on rounding; what they divide does not
        want, got = (x / np.abs(x).max(axis=a, keepdims=True) for x, a in ((want, -2), (got, -1)))
    assert_close(got, rows(want))


@pytest.mark.parametrize("args", [{}, dict(win_length=100, center=False), dict(win_length=33)],
                         ids=str)
def test_fourier_tempogram(context, args):
    y = SIGNALS["stereo"]
    assert_close(ours.fourier_tempogram(context, y, **args),
                 rows(librosa.feature.fourier_tempogram(y=y, sr=SR, **args)))


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(
    "args",
    [{}, dict(start_bpm=174.0, std_bpm=0.5), dict(max_tempo=None, hop_length=256),
     dict(ac_size=4.0), dict(aggregate="median"), dict(aggregate=None)],
    ids=str,
)
def test_tempo(context, name, args):
    y = SIGNALS[name]
    theirs = {**args}
    if "aggregate" in args:
        theirs["aggregate"] = {"median": np.median, None: None}[args["aggregate"]]
    want = librosa.feature.tempo(y=y, sr=SR, **theirs)
    got = ours.tempo(context, y, **args).reshape(want.shape)
    if args.get("aggregate", "mean") is None:  # a few of the frames are ties
        assert np.mean(~np.isclose(got, want, rtol=1e-12)) <= 2e-3
    else:
        assert np.allclose(got, want, rtol=1e-12)


def test_tempo_of_tempogram(context):
    tg = librosa.feature.tempogram(y=SIGNALS["stereo"], sr=SR, win_length=200)
    want = librosa.feature.tempo(tg=tg, sr=SR)
    assert np.allclose(ours.tempo_tempogram(context, rows(tg)).reshape(want.shape), want,
                       rtol=1e-12)


@pytest.mark.parametrize("name", MONO)
@pytest.mark.parametrize(
    "args",
    [
        {},
        dict(start_bpm=174.0, tightness=400.0, trim=False),
        dict(units="time", hop_length=256),
        dict(units="samples", bpm=97.0),
        dict(tightness=3.0, start_bpm=60.0),
    ],
    ids=str,
)
def test_beat_track(context, name, args):
    tempo, beats = librosa.beat.beat_track(y=MONO[name], sr=SR, **args)
    got_tempo, got_beats = ours.beat_track(context, MONO[name], **args)
    assert np.allclose(got_tempo, tempo, rtol=1e-12)
    assert np.array_equal(got_beats, beats)
    assert len(beats) > 0


def test_beat_track_with_tempo_for_each_frame(context):
    envelope = librosa.onset.onset_strength(y=SIGNALS["stereo"], sr=SR, aggregate=np.median)
    bpm = np.linspace(90.0, 140.0, envelope.size).reshape(envelope.shape)
    _, want = librosa.beat.beat_track(onset_envelope=envelope, sr=SR, bpm=bpm, sparse=False)
    _, got = ours.beat_track(context, onset_envelope=envelope, bpm=bpm, sparse=False)
    assert np.array_equal(got, want)
    tempo, want = librosa.beat.beat_track(onset_envelope=envelope, sr=SR, sparse=False)
    got_tempo, got = ours.beat_track(context, onset_envelope=envelope, sparse=False)
    assert np.array_equal(got, want) and np.allclose(got_tempo, np.ravel(tempo), rtol=1e-12)


@pytest.mark.parametrize("trial", range(6))
def test_beat_track_of_random_envelopes(context, trial):
    """Sparse spikes: many frames without any strength, and many ties."""
    rng = np.random.default_rng(trial)
    envelope = np.where(rng.random(900) < 0.1, rng.integers(1, 4, 900), 0).astype(np.float32)
    bpm = float(rng.uniform(40, 300))
    _, want = librosa.beat.beat_track(onset_envelope=envelope, sr=SR, bpm=bpm, trim=bool(trial % 2))
    _, got = ours.beat_track(context, onset_envelope=envelope, bpm=bpm, trim=bool(trial % 2))
    assert np.array_equal(got, want)


def test_silence(context):
    y = np.zeros(3 * SR, np.float32)
    tempo, beats = ours.beat_track(context, y)
    assert librosa.beat.beat_track(y=y, sr=SR)[0] == 0.0 and tempo[0] == 0.0 and len(beats) == 0
    assert len(ours.onset_detect(context, y)) == 0
    assert_close(ours.plp(context, y), librosa.beat.plp(y=y, sr=SR), unit=True)
    assert np.allclose(ours.tempo(context, y), librosa.feature.tempo(y=y, sr=SR))
    bpm, confidence, beat_confidence, beats = ours.tempo_refine(context, y)
    assert np.isnan([bpm, confidence, beat_confidence]).all() and len(beats) == 0


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("args", [{}, dict(tempo_min=None, tempo_max=None, win_length=101),
                                  dict(tempo_max=150.0, hop_length=256)], ids=str)
def test_plp(context, name, args):
    y = SIGNALS[name]
    want = librosa.beat.plp(y=y, sr=SR, **args)
    got = ours.plp(context, y, **args)
    # A window that holds a single onset has a flat spectrum, and rounding picks its largest bin.
    settled = np.abs(want - librosa.beat.plp(y=y.astype(float), sr=SR, **args)).max() < 1e-4
    assert settled or name == "knocks", "only of lone onsets does librosa have two opinions"
    assert got.size == want.size
    if settled:
        assert_close(got, want, unit=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: ours.onset_strength(c, drums(), lag=0),
        lambda c: ours.onset_strength(c, drums(), max_size=0),
        lambda c: ours.onset_strength(c, drums(), aggregate=None),
        lambda c: ours.onset_detect(c, drums(), backtrack=True, sparse=False),
        lambda c: ours.onset_detect(c, SIGNALS["stereo"]),
        lambda c: ours.beat_track(c, SIGNALS["stereo"]),
        lambda c: ours.beat_track(c, drums(), bpm=-3.0),
        lambda c: ours.beat_track(c, drums(), tightness=0.0),
        lambda c: ours.tempo(c, drums(), start_bpm=0.0),
        lambda c: ours.tempogram(c, drums(), win_length=0),
        lambda c: ours.plp(c, drums(), tempo_min=100.0, tempo_max=100.0),
        lambda c: ours.peak_pick(c, np.ones(5), post_max=0.0),
        lambda c: ours.peak_pick(c, np.ones(5), delta=-1.0),
        lambda c: ours.onset_backtrack(c, [], np.ones(5)),
        lambda c: ours.onset_strength(c, np.full(9000, np.nan, np.float32)),
    ],
)
def test_refusals(context, call):
    with pytest.raises(Failure):
        call(context)


def test_results_do_not_depend_on_threads_or_level():
    def everything(threads, cpu):
        with Context(threads, cpu) as c:
            y = SIGNALS["stereo"]
            parts = [
                ours.onset_strength(c, y),
                ours.onset_strength(c, y, aggregate="median", max_size=3),
                ours.tempogram(c, y),
                ours.fourier_tempogram(c, y),
                ours.tempo(c, y),
                *ours.beat_track(c, y, sparse=False),
                ours.plp(c, y),
                np.array(ours.tempo_refine(c, y)[:3]),
            ]
        return [p.tobytes() for p in parts]

    want = everything(1, CPU_BEST)
    for threads, cpu in ((3, CPU_BEST), (1, CPU_X86_V3), (2, CPU_BASE)):
        assert everything(threads, cpu) == want
