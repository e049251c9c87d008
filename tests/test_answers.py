"""What `heihachi process` says about sounds whose answers are known: tones, clicks, pitch classes,
copies of one sound.

HEIHACHI names the program (default build/heihachi). Needs nothing but Python's standard library."""

import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import wave
import zipfile
from array import array
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("HEIHACHI", SOURCE / "build/heihachi")).resolve()
RATE = 44100


def write_wav(path, samples, rate=RATE):
    data = array("h", (round(32767 * max(-1.0, min(1.0, x))) for x in samples))
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data.tobytes())


def sine(hz, seconds, rate=RATE):
    """With 0.1 s of fade at both ends: an abrupt end is a click."""
    count = int(seconds * rate)
    ramp = rate // 10
    for n in range(count):
        fade = min(1.0, n / ramp, (count - 1 - n) / ramp)
        yield 0.5 * fade * math.sin(2 * math.pi * hz * n / rate)


def clicks(bpm, seconds, rate=RATE):
    samples = [0.0] * int(seconds * rate)
    for k in range(int(seconds * bpm / 60)):
        start = round(k * 60 / bpm * rate)
        for n in range(200):
            if start + n < len(samples):
                samples[start + n] = 0.8 * math.exp(-n / 40) * math.cos(n / 2)
    return samples


def read_npz(path, name):
    """(shape, values) of one array of floats or doubles."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(name + ".npy")
    size = struct.unpack_from("<H", data, 8)[0]
    header = data[10 : 10 + size].decode()
    shape = tuple(int(n) for n in header.split("'shape': (")[1].split(")")[0].split(",")
                  if n.strip())
    kind = {"<f4": "f", "<f8": "d"}[header.split("'descr': '")[1].split("'")[0]]
    values = array(kind, data[10 + size :])
    if sys.byteorder == "big":
        values.byteswap()
    return shape, list(values)


class Answers(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="heihachi-answers-"))
        self.sounds = self.folder / "sounds"
        self.sounds.mkdir()

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def process(self, features):
        out = self.folder / "out"
        subprocess.run([PROGRAM, "process", "-q", self.sounds, "-o", out, "--features", features],
                       check=True, timeout=120)
        return {path.name: json.loads((path / "result.json").read_text()) for path in out.iterdir()
                if path.is_dir()}

    def test_a_sine_is_harmonic_and_clicks_are_not(self):
        write_wav(self.sounds / "sine.wav", sine(440, 6))
        write_wav(self.sounds / "clicks.wav", clicks(240, 6))
        results = self.process("hpss,fingerprint")
        for name, low, high in (("sine", 0.99, 1.0), ("clicks", 0.0, 0.01)):
            part = results[name]["separation"]
            harmonic, percussive = part["harmonic_rms"] ** 2, part["percussive_rms"] ** 2
            share = harmonic / (harmonic + percussive)
            for value in (share, part["harmonic_ratio"],
                          results[name]["fingerprint"]["values"][17]):
                self.assertTrue(low <= value <= high, (name, value))

    def test_yin_finds_tones_within_a_cent(self):
        for hz in (110, 220, 440, 880):
            path = self.sounds / f"{hz}.wav"
            write_wav(path, sine(hz, 2))
            out = self.folder / "f0.npz"
            subprocess.run([PROGRAM, "features", path, "--sr", "native",
                            "--feature", "yin:difference=full", "-o", out],
                           check=True, timeout=60)
            _, f0 = read_npz(out, "yin")
            steady = f0[20:-20]  # beyond the fades
            self.assertGreater(len(steady), 100)
            for value in steady:
                self.assertLess(abs(1200 * math.log2(value / hz)), 1.0, (hz, value))

    def test_the_median_pitch_is_within_a_cent_or_unknown(self):
        tones = (66, 110, 220, 440, 880, 2000)
        for hz in tones:
            write_wav(self.sounds / f"{hz}.wav", sine(hz, 2))
        write_wav(self.sounds / "clicks.wav", clicks(240, 6))
        write_wav(self.sounds / "constant.wav", [0.5] * RATE)
        write_wav(self.sounds / "noise.wav", (0.5 * math.sin(n * n * 0.61803) for n in range(RATE)))
        results = self.process("pitch")
        for hz in tones:
            median = results[str(hz)]["pitch"]["median_hz"]
            self.assertLess(abs(1200 * math.log2(median / hz)), 1.0, (hz, median))
        for name in ("clicks", "constant", "noise"):
            self.assertIsNone(results[name]["pitch"]["median_hz"], name)

    def test_a_steady_tone_has_no_tempo(self):
        for hz in (66, 110, 440):
            path = self.sounds / f"{hz}.wav"
            write_wav(path, (0.5 * math.sin(2 * math.pi * hz * n / RATE) for n in range(10 * RATE)))
        write_wav(self.sounds / "clicks.wav", clicks(120, 10))
        for name, result in self.process("rhythm").items():
            rhythm = result["rhythm"]
            self.assertEqual(rhythm["tempo_bpm"] is None, name != "clicks", name)
            self.assertEqual(rhythm["beats_s"] == [], name != "clicks", name)

    def test_every_pitch_class_has_its_slot(self):
        for k in range(12):
            write_wav(self.sounds / f"{k:02d}.wav", sine(261.6255653 * 2 ** (k / 12), 2))
        self.assertEqual(len(self.process("harmony")), 12)
        for k in range(12):
            shape, values = read_npz(self.folder / f"out/{k:02d}/features.npz", "chroma")
            self.assertIn(12, shape)
            frames = len(values) // 12
            by_class = ([sum(values[c * frames : (c + 1) * frames]) for c in range(12)]
                        if shape[0] == 12
                        else [sum(values[c::12]) for c in range(12)])
            self.assertEqual(by_class.index(max(by_class)), k)

    def test_click_trains_to_half_a_percent(self):
        tempos = (60, 75, 87.5, 100, 120, 128, 140, 174, 200)
        for bpm in tempos:
            write_wav(self.sounds / f"{bpm:g}bpm.wav", clicks(bpm, 16))
        results = self.process("rhythm")
        for bpm in tempos:
            self.assertLess(abs(results[f"{bpm:g}bpm"]["rhythm"]["tempo_bpm"] / bpm - 1), 0.005,
                            bpm)

    def test_one_tempo_at_every_rate_and_with_a_little_silence(self):
        for rate in (8000, 11025, 22050, 44100, 48000, 96000):
            write_wav(self.sounds / f"at{rate}.wav", clicks(140, 3, rate), rate)
        write_wav(self.sounds / "padded.wav", clicks(140, 3) + [0.0] * 1000)
        tempos = {name: r["rhythm"]["tempo_bpm"] for name, r in self.process("rhythm").items()}
        for name, bpm in tempos.items():
            self.assertIsNotNone(bpm, name)
            self.assertLess(abs(bpm / tempos["at44100"] - 1), 0.005, tempos)


if __name__ == "__main__":
    unittest.main()
