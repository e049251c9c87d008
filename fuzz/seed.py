#!/usr/bin/env python3
"""Small valid inputs for a fuzz target to start from.

    seed.py TARGET FOLDER [PROGRAM]

TARGET is fuzz_decode, fuzz_cache, ...; PROGRAM (default build/heihachi) makes results, fingerprints
and entries of the cache. Compressed sound needs ffmpeg; without it there are fewer seeds.
"""
import json
import math
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CACHE_HEADER = 40  # bytes before the analysis in an entry of the cache (cli/cache.c)
CODECS = {"flac": ["-c:a", "flac"], "ogg": ["-c:a", "libvorbis", "-q:a", "0"],
          "mp3": ["-c:a", "libmp3lame", "-b:a", "32k"], "opus": ["-c:a", "libopus", "-b:a", "16k"],
          "aiff": ["-c:a", "pcm_s16be"], "au": ["-c:a", "pcm_mulaw"], "caf": ["-c:a", "pcm_s24le"],
          "w64": ["-c:a", "pcm_s16le"], "adpcm.wav": ["-c:a", "adpcm_ima_wav"]}


def sound(seconds, rate):
    """A sine, clicks and a little noise, in [-1, 1]."""
    noise = random.Random(1)
    return [0.4 * math.sin(2 * math.pi * 220 * n / rate) + 0.1 * (noise.random() - 0.5)
            + (0.4 if n % (rate // 8) < 20 else 0)
            for n in range(int(seconds * rate))]


def wav(samples, rate, channels=1, kind="s16"):
    """A RIFF file by hand, so that every sample format is there."""
    tag, bits, pack = {"u8": (1, 8, lambda x: struct.pack("B", int(128 + 127 * x))),
                       "s16": (1, 16, lambda x: struct.pack("<h", int(32767 * x))),
                       "s24": (1, 24, lambda x: struct.pack("<i", int(8388607 * x))[:3]),
                       "f32": (3, 32, lambda x: struct.pack("<f", x)),
                       "f64": (3, 64, lambda x: struct.pack("<d", x))}[kind]
    data = b"".join(pack(x) * channels for x in samples)
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def decode(folder, _):
    short = sound(0.05, 8000)
    for kind in "u8", "s16", "s24", "f32", "f64":
        (folder / f"{kind}.wav").write_bytes(wav(short, 8000, 2, kind))
    (folder / "six.wav").write_bytes(wav(short[:50], 48000, 6))
    (folder / "empty.wav").write_bytes(wav([], 44100))
    if not shutil.which("ffmpeg"):
        return
    with tempfile.TemporaryDirectory() as room:
        source = Path(room, "source.wav")
        source.write_bytes(wav(sound(0.1, 16000), 16000))
        for ending, codec in CODECS.items():
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, *codec,
                            folder / f"sound.{ending}"], check=False)


def analysed(program, *options):
    """Runs `process` over one second of sound: the folder of the result, and that of the cache."""
    room = Path(tempfile.mkdtemp())
    (room / "a.wav").write_bytes(wav(sound(1.0, 8000), 8000))
    subprocess.run([program, "process", "-q", room / "a.wav", "-o", room / "out",
                    "--cache-dir", room / "cache", *options], check=True)
    return room


def cache(folder, program):
    for i, options in enumerate((["--profile", "fast"], ["--features", "loudness"],
                                 ["--features", "fingerprint", "--plots"])):
        room = analysed(program, *options)
        for entry in (room / "cache").rglob("*.analysis"):
            (folder / f"entry{i}").write_bytes(entry.read_bytes()[CACHE_HEADER:])
        shutil.rmtree(room)


def results(program):
    room = analysed(program)
    text = (room / "out" / "a" / "result.json").read_text()
    shutil.rmtree(room)
    return text


def result(folder, program):
    (folder / "result.json").write_text(results(program))
    little = {"input": {"path": "a/b.wav"}, "rhythm": {"tempo_bpm": 174.0}, "harmony": {"key": "C"}}
    (folder / "little.json").write_text(json.dumps(little))


def fingerprint(folder, program):
    whole = json.loads(results(program))["fingerprint"]
    zeros = [0.0] * len(whole["values"])
    (folder / "fingerprint.json").write_text(json.dumps(whole))
    (folder / "within.json").write_text(json.dumps({"fingerprint": whole}))
    (folder / "normaliser.json").write_text(json.dumps(
        {"format": "heihachi-fingerprint-normaliser", "version": whole["version"], "count": 3,
         **{name: zeros for name in ("p5", "p95", "min", "max", "mean", "std")}}))


def config(folder, _):
    texts = ["profile: full\nformat: [csv, md]\nplots: true\nthreads: 4\n",
             "features: 'loudness, rhythm'\ncache-dir: /tmp\n",
             "# nothing\n", "---\nquiet: no\n...\n",
             "verbose: yes\noutput: \"a b\"\nlog-file: |\n  x\n", "profile: &a fast\n"]
    for i, text in enumerate(texts):
        (folder / f"{i}.yaml").write_text(text)


def features(folder, _):
    texts = ["loudness,spectral,mfcc", "all", "feature.mfcc:n_mfcc=13", "effects.hpss:margin=2.0",
             "stft:n_fft=1024,hop_length=256", "feature.rms:center=false",
             "yin:fmin=65.4,fmax=2093.0", "feature.spectral_contrast:fmin=200.0,n_bands=6",
             "cqt:fmin=32.7,n_bins=84", "effects.hpss:kernel_size=31x17,power=inf"]
    for i, text in enumerate(texts):
        (folder / f"{i}.txt").write_text(text)


def share(value, low, high):
    """Two bytes for fuzz_live.c's take_float()."""
    bits = round((value - low) / (high - low) * 65535)
    return (bits - (bits % 16 == 15)).to_bytes(2, "big")


def live(folder, _):
    """Every note bank of the real-time core, and its defaults, over sines and clicks."""
    tail = bytes([0, 0, 1, 3, 2, 4, 5, 7]) + bytes(4) + b"".join(
        share(x, -1.0, 1.0) for x in sound(0.1, 8000))
    for bank in range(4):
        rate, hop = (8000, 16000, 44100, 96000)[bank], (100, 128, 16, 4096)[bank]
        (folder / f"bank{bank}").write_bytes(
            (rate - 7999).to_bytes(3, "big") + b"\0" + (hop - 15).to_bytes(2, "big")
            + bytes([bank, (64, 12, 96, 40)[bank], (12, 24, 48, 12)[bank] - 11])
            + share((55.0, 440.0, 220.0, 880.0)[bank], 15.0, 4000.0)
            + share((50.0, 30.0, 43.07, 99.9)[bank], 24.0, 101.0)
            + share(70.0, 29.0, 200.0) + share(190.0, 60.0, 301.0) + share(20.0, -210.0, 510.0)
            + (bank * 7).to_bytes(2, "big") + share(-60.0, -121.0, 1.0)
            + share(20.0, 0.0, 100.0) + tail)
        (folder / f"default{bank}").write_bytes((rate - 7999).to_bytes(3, "big") + b"\1" + tail)


def main():
    makers = {"decode": decode, "cache": cache, "result": result, "fingerprint": fingerprint,
              "config": config, "features": features, "live": live}
    name, folder = sys.argv[1].removeprefix("fuzz_"), Path(sys.argv[2])
    program = Path(sys.argv[3] if len(sys.argv) > 3 else SOURCE / "build" / "heihachi").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    makers[name](folder, program)


if __name__ == "__main__":
    main()
