"""`heihachi features`: names, keys, axes and types of the arrays against librosa; messages and
exit codes.

HEIHACHI names the program; without it the tests are skipped."""

import os
import subprocess

import librosa
import numpy as np
import pytest
import soundfile

PROGRAM = os.environ.get("HEIHACHI")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="HEIHACHI does not name the program")


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    rng = np.random.default_rng(0)
    t = np.arange(3 * 44100) / 44100
    left = 0.4 * np.sin(2 * np.pi * 220 * t) * (np.mod(t, 0.5) < 0.2)
    left += 0.01 * rng.standard_normal(t.size)
    right = 0.3 * np.sin(2 * np.pi * 330 * t) + 0.01 * rng.standard_normal(t.size)
    path = tmp_path_factory.mktemp("features") / "two.wav"
    soundfile.write(path, np.stack([left, right], axis=1).astype(np.float32), 44100,
                    subtype="FLOAT")
    return path


def run(wav, tmp_path, *arguments):
    out = tmp_path / "out.npz"
    result = subprocess.run([PROGRAM, "features", wav, *arguments, "-o", out], capture_output=True,
                            text=True)
    return result, dict(np.load(out)) if out.exists() else None


def close(a, b):
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return np.allclose(a, b, rtol=1e-5, atol=2e-6 * np.abs(b).max())


def test_mono_is_resampled_as_librosa_load(wav, tmp_path):
    y, sr = librosa.load(wav)
    _, got = run(wav, tmp_path, "--feature", "stft", "--feature", "effects.hpss:margin=2.0",
                 "--feature", "feature.rms", "--feature", "stft:n_fft=512,window=hamming",
                 "--feature", "estimate_tuning", "--feature", "feature.tempo")
    assert set(got) == {"stft", "stft#2", "effects.hpss.harmonic", "effects.hpss.percussive",
                        "feature.rms", "estimate_tuning", "feature.tempo"}
    assert close(got["stft"], librosa.stft(y))
    assert close(got["stft#2"], librosa.stft(y, n_fft=512, window="hamming"))
    harmonic, percussive = librosa.effects.hpss(y, margin=2.0)
    assert close(got["effects.hpss.harmonic"], harmonic)
    assert close(got["effects.hpss.percussive"], percussive)
    assert close(got["feature.rms"], librosa.feature.rms(y=y))
    assert got["estimate_tuning"].shape == ()
    assert got["estimate_tuning"] == librosa.estimate_tuning(y=y, sr=sr)
    assert close(got["feature.tempo"], librosa.feature.tempo(y=y, sr=sr))


def test_channels_at_the_rate_of_the_file(wav, tmp_path):
    y, sr = librosa.load(wav, sr=None, mono=False)
    _, got = run(wav, tmp_path, "--sr", "native", "--channels",
                 "--feature", "feature.melspectrogram:n_mels=40,fmax=none",
                 "--feature", "onset.onset_strength", "--feature", "feature.tempo",
                 "--feature", "reconstruct", "--feature", "beat.beat_track:sparse=false")
    assert close(got["feature.melspectrogram"],
                 librosa.feature.melspectrogram(y=y, sr=sr, n_mels=40))
    assert close(got["onset.onset_strength"], librosa.onset.onset_strength(y=y, sr=sr))
    assert close(got["feature.tempo"], librosa.feature.tempo(y=y, sr=sr))
    assert close(got["reconstruct"], y)
    tempo, beats = librosa.beat.beat_track(y=y, sr=sr, sparse=False)
    assert close(got["beat.beat_track.tempo"], tempo)
    assert np.array_equal(got["beat.beat_track.beats"], beats)
    assert got["beat.beat_track.beats"].dtype == bool


def test_every_function_runs_with_its_defaults(wav, tmp_path):
    listing = subprocess.run([PROGRAM, "features", "--list"], capture_output=True, text=True,
                             check=True).stdout
    names = [line.split()[0] for line in listing.splitlines() if not line.startswith(" ")]
    assert len(names) >= 30
    parts = {line.split()[0]: line.split("->")[1].split(",") for line in listing.splitlines()
             if "->" in line}
    result, got = run(wav, tmp_path, *(f for name in names for f in ("--feature", name)))
    assert result.returncode == 0, result.stderr
    for name in names:
        for key in [f"{name}.{p.strip()}" for p in parts[name]] if name in parts else [name]:
            assert key in got


def test_values_of_every_kind(wav, tmp_path):
    y, sr = librosa.load(wav)
    result, got = run(
        wav, tmp_path, "--feature", "effects.harmonic:kernel_size=31x13,power=inf",
        "--feature", "pyin:fmin=80,fmax=600,fill_na=none",
        "--feature", "onset.onset_detect:units=time,backtrack=true",
        "--feature", "stft:window=kaiserx14.0,pad_mode=reflect",
        "--feature", "feature.tempogram:norm=none",
        "--feature", "onset.onset_strength_multi:channels=0x32x128",
        "--feature", "feature.mfcc:norm=none,mel_norm=none",
        "--feature", "beat.beat_track:bpm=123.5")
    assert result.returncode == 0, result.stderr
    assert close(got["effects.harmonic"],
                 librosa.effects.harmonic(y, kernel_size=(31, 13), power=np.inf))
    assert not np.isnan(got["pyin.f0"]).any()
    assert np.allclose(got["onset.onset_detect"],
                       librosa.onset.onset_detect(y=y, sr=sr, units="time", backtrack=True))
    assert close(got["stft"], librosa.stft(y, window=("kaiser", 14.0), pad_mode="reflect"))
    assert close(got["feature.tempogram"], librosa.feature.tempogram(y=y, sr=sr, norm=None))
    assert close(got["onset.onset_strength_multi"],
                 librosa.onset.onset_strength_multi(y=y, sr=sr, channels=[0, 32, 128]))
    assert close(got["feature.mfcc"], librosa.feature.mfcc(y=y, sr=sr, norm=None, mel_norm=None))
    assert got["beat.beat_track.tempo"] == 123.5


def test_values_as_in_python(wav, tmp_path):
    result, got = run(wav, tmp_path, "--sr", "native",
                      "--feature", "stft:center=False", "--feature", "stft:center=false",
                      "--feature", "feature.melspectrogram:htk=True,fmax=None",
                      "--feature", "feature.melspectrogram:htk=true,fmax=none")
    assert result.returncode == 0, result.stderr
    assert np.array_equal(got["stft"], got["stft#2"])
    assert np.array_equal(got["feature.melspectrogram"], got["feature.melspectrogram#2"])
    assert run(wav, tmp_path, "--feature", "stft:center=TRUE")[0].returncode == 2


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--feature", "yin:fmin=5000,fmax=40"], "yin: fmin=5000"),
        (["--feature", "stft", "--feature", "stft:n_fft=99999999999"],
         "stft: n_fft is 99999999999"),
        (["--feature", "feature.mfcc:dct_type=9"], "type 9"),
        (["--feature", "effects.hpss:margin=0.5"], "margins are 0.5"),
        (["--feature", "mfc"], "feature.mfcc"),
        (["--feature", "feature.mfcc:n_mfc=3"], "n_mfcc"),
        (["--feature", "stft:n_fft=many"], "whole number"),
        (["--feature", "stft:n_fft"], "KEY=VALUE"),
        (["--feature", "stft:window=kaiser"], "kaiserxBETA"),
        (["--feature", "stft:center=yes"], "true or false"),
        (["--feature", "stft", "--sr", "fast"], "--sr"),
        ([], "--feature"),
    ],
)
def test_wrong_command_lines(wav, tmp_path, arguments, says):
    result, got = run(wav, tmp_path, *arguments)
    assert result.returncode == 2 and says in result.stderr and got is None


def test_failures_leave_no_file(wav, tmp_path):
    short = tmp_path / "short.wav"
    soundfile.write(short, np.ones(1, np.float32), 22050)
    result, got = run(short, tmp_path, "--feature", "stft", "--feature", "yin:center=false")
    assert result.returncode == 1 and "short.wav: yin: " in result.stderr and got is None
    short.unlink()
    result, got = run(tmp_path / "missing.wav", tmp_path, "--feature", "stft")
    assert result.returncode == 1 and "missing.wav" in result.stderr and got is None
    assert list(tmp_path.iterdir()) == []
    result = subprocess.run([PROGRAM, "features", wav, "--feature", "stft", "-o",
                             "/nonexistent/x.npz"], capture_output=True)
    assert result.returncode == 3
