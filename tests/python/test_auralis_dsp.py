"""The module of three functions: a program that took them from librosa goes on with the same numbers."""

import numpy as np
import pytest

import heihachi

auralis_dsp = pytest.importorskip("auralis_dsp")
librosa = pytest.importorskip("librosa")


@pytest.fixture(scope="module")
def sound():
    rate = 22050
    n = np.arange(3 * rate)
    tone = np.sin(2 * np.pi * 220 * n / rate) / 3 + np.sin(2 * np.pi * 329.63 * n / rate) / 5
    clicks = np.random.default_rng(0).standard_normal(len(n)) * np.exp(-(n % (rate // 2)) / 200.0) / 3
    return (tone + clicks).astype(np.float32), rate


def test_the_calls_of_the_plan(sound):
    audio, sr = sound
    from auralis_dsp import chroma_cqt, hpss, yin

    harmonic, percussive = hpss(audio)
    f0 = yin(audio, fmin=50, fmax=2000, sr=sr)
    chroma = chroma_cqt(y=audio, sr=sr)
    for ours, theirs in zip((harmonic, percussive), librosa.effects.hpss(audio)):
        assert ours.shape == audio.shape and ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    expected = librosa.yin(audio, fmin=50, fmax=2000, sr=sr)
    assert f0.shape == expected.shape
    assert np.mean(~np.isclose(f0, expected, rtol=1e-4)) <= 0.01
    np.testing.assert_allclose(chroma, librosa.feature.chroma_cqt(y=audio, sr=sr), atol=1e-4)


def test_a_spectrogram_is_taken_apart_as_one(sound):
    spectrogram = librosa.stft(sound[0])
    parts = auralis_dsp.hpss(spectrogram, kernel_size=(31, 31), power=2.0, margin=(1.0, 1.0))
    for ours, theirs in zip(parts, librosa.decompose.hpss(spectrogram)):
        assert ours.dtype == np.complex64
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_defaults_and_options(sound):
    audio, sr = sound
    np.testing.assert_array_equal(auralis_dsp.yin(audio), auralis_dsp.yin(audio, fmin=50, fmax=2000, sr=22050))
    options = dict(frame_length=1024, hop_length=300, trough_threshold=0.2)
    np.testing.assert_array_equal(
        auralis_dsp.yin(audio, fmin=100, sr=sr, **options), heihachi.yin(audio, fmin=100, fmax=2000, sr=sr, **options)
    )
    assert auralis_dsp.chroma_cqt(y=audio, sr=sr, n_chroma=24, bins_per_octave=48).shape[0] == 24
    with pytest.raises(heihachi.exceptions.ParameterError):
        auralis_dsp.hpss(np.arange(4096))
    assert sorted(auralis_dsp.__all__) == ["chroma_cqt", "hpss", "yin"]
