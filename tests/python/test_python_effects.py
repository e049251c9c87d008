"""Separation, time, pitch and cutting against librosa: types, layouts, parameters, exceptions."""

import librosa
import numpy as np
import pytest
from samples import DOUBLE, MAGNITUDE, NOISE, SOUNDS, SPECTRA, same

import heihachi

PARTS = ("hpss", "harmonic", "percussive")
TRANSFORM = heihachi.stft(NOISE)
# Kernels beyond six times the axis are not asked for: scipy's median filter, on which librosa stands, reflects wrongly then.
SEPARATIONS = [
    {},
    {"kernel_size": 17},
    {"kernel_size": (5, 31)},
    {"kernel_size": [6, 8]},
    {"kernel_size": 0},
    {"kernel_size": -1},
    {"kernel_size": 2.0},
    {"kernel_size": (3,)},
    {"kernel_size": 101},
    {"power": 1},
    {"power": np.inf},
    {"power": 0},
    {"power": 3.3},
    {"margin": 3.0},
    {"margin": (1.0, 2.0)},
    {"margin": 0.5},
]
# librosa's own inverse transform does not know these types; the harmonic part of a stroke that fades is its noise.
UNKNOWN = ("half", "fading")
# Phases that are added up in float, frame after frame: librosa's own float32 is 3e-4 of the peak from its float64.
PHASES = 100


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("sound", [sound for sound in SOUNDS if sound not in UNKNOWN])
def test_separation_of_sounds(part, sound):
    same("effects." + part, SOUNDS[sound])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "parameters",
    SEPARATIONS
    + [
        {"n_fft": 1024},
        {"n_fft": 1023},
        {"hop_length": 300, "win_length": 1000},
        {"window": "boxcar"},
        {"pad_mode": "reflect"},
        {"pad_mode": "wrap"},
        {"hop_length": 0},
    ],
    ids=str,
)
def test_separation(part, parameters):
    for y in (NOISE, SOUNDS["stereo in double"]):
        same("effects." + part, y, **parameters)


@pytest.mark.parametrize("part", PARTS)
def test_masks_as_sound(part):
    same("effects." + part, SOUNDS["stereo in double"], mask=True)
    same("effects." + part, NOISE, mask=True, slack=10)  # the sum of a frame's mask cancels: 2 for librosa's own float32


@pytest.mark.parametrize("parameters", SEPARATIONS + [{"mask": True}, {"mask": True, "power": np.inf}], ids=str)
def test_separation_of_spectra(parameters):
    for name, spectrum in SPECTRA.items():
        if name != "not finite":  # which of two NaN is the larger?
            same("decompose.hpss", spectrum, **parameters)
    for spectrum in (TRANSFORM, TRANSFORM.astype(np.complex128), np.stack([TRANSFORM, TRANSFORM]), (MAGNITUDE * 9).astype(int)):
        same("decompose.hpss", spectrum, **parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"top_db": 20},
        {"ref": 1},
        {"ref": np.median},
        {"frame_length": 1000, "hop_length": 100},
        {"aggregate": np.mean},
        {"hop_length": 0},
        {"top_db": -3},
    ],
    ids=str,
)
@pytest.mark.parametrize("sound", SOUNDS)
def test_silence(sound, parameters):
    same("effects.trim", SOUNDS[sound], **parameters)
    same("effects.split", SOUNDS[sound], **parameters)


def test_trim_gives_memory_of_its_own():
    result, _ = heihachi.effects.trim(NOISE)
    assert not np.shares_memory(result, NOISE)


@pytest.mark.parametrize("sound", ["float32", "float64", "stereo", "deep", "backwards", "silent", "not finite", "integers"])
@pytest.mark.parametrize("align_zeros", [True, False])
@pytest.mark.parametrize("intervals", [[(100, 5000), (900, 1200), (0, 12000)], [(40000, 50000)], [(5000, 100)], []], ids=str)
def test_remix(sound, align_zeros, intervals):
    same("effects.remix", SOUNDS[sound], np.array(intervals, dtype=int).reshape(-1, 2), align_zeros=align_zeros)


def test_remix_moves_to_the_nearest_change_of_sign():
    y = np.repeat(np.array([1.0, -1.0, 1.0], np.float32), (4, 4, 4))
    assert np.array_equal(heihachi.effects.remix(y, [(3, 9)]), y[4:8])
    assert np.array_equal(heihachi.effects.remix(y, [(3, 9)], align_zeros=False), y[3:9])


@pytest.mark.parametrize("sound", ["float32", "float64", "stereo", "deep", "short", "silent", "not finite", "integers", "a list"])
@pytest.mark.parametrize("rate", [0.5, 1.0, 1.7, 0, -1])
def test_time_stretch(sound, rate):
    same("effects.time_stretch", SOUNDS[sound], rate=rate, slack=1 if sound == "float64" else PHASES)


@pytest.mark.parametrize("parameters", [{"n_fft": 1024}, {"hop_length": 300}, {"window": "hamming"}, {"other": 1}], ids=str)
def test_time_stretch_transform(parameters):
    same("effects.time_stretch", NOISE, rate=1.3, slack=PHASES, **parameters)
    same("effects.time_stretch", SOUNDS["stereo in double"], rate=1.3, **parameters)


@pytest.mark.parametrize("sound", ["float32", "float64", "stereo", "deep", "silent", "not finite", "integers", "a list"])
@pytest.mark.parametrize("n_steps", [-3, 0, 2.5])
def test_pitch_shift(sound, n_steps):
    same("effects.pitch_shift", SOUNDS[sound], sr=22050, n_steps=n_steps, slack=1 if sound == "float64" else PHASES)


@pytest.mark.parametrize(
    "parameters", [{"bins_per_octave": 24}, {"bins_per_octave": 0}, {"bins_per_octave": 12.0}, {"scale": True}, {"n_fft": 1024}], ids=str
)
def test_pitch_shift_parameters(parameters):
    same("effects.pitch_shift", NOISE, sr=22050, n_steps=1, slack=PHASES, **parameters)
    same("effects.pitch_shift", SOUNDS["stereo in double"], sr=22050, n_steps=1, **parameters)


def test_the_caller_keeps_the_array():
    for y in (NOISE, SOUNDS["float64"], TRANSFORM, MAGNITUDE, DOUBLE):
        before = y.copy()
        for result in (heihachi.effects if y.ndim == 1 else heihachi.decompose).hpss(y):
            assert not np.shares_memory(result, y)
        assert np.array_equal(before, y)


def test_hard_masks_of_doubles_are_decided_in_double():
    sound = np.random.default_rng(8).standard_normal(22050)
    expected = librosa.effects.hpss(sound, power=np.inf, n_fft=1024)
    for result, reference in zip(heihachi.effects.hpss(sound, power=np.inf, n_fft=1024), expected):
        assert np.abs(result - reference).max() <= 1e-12 * np.abs(reference).max()
