#!/usr/bin/env python3
"""Make music with known beats for train.py: drum patterns, bass, chords and melodies, rendered.

    tools/beats/render.py FEATURES OUT.npz --first 0 --count 600 [--shots DIR] [--style NAME]

FEATURES is build/tools/beats/live_features. Each number from --first on is the seed of one clip of
32 s.
DIR holds drum sounds and labels.tsv (file, class); the ones used were Sonic Pi's, which are CC0.
Without it all drums are synthesised. Styles: all (default), hard (loud off-beats, slow grooves with
fast hi-hats), metronome. Needs numpy, scipy and, for --shots, ffmpeg.
"""
import argparse
import os
import subprocess

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter

RATE = 44100
SECONDS = 32
TICKS = 1599

# Name, BPM, kicks, snares, hi-hats of a bar in sixteenths by velocity, weight. "." is silence.
STYLES = (
    ("rock", (85, 185),
     ("9.......9.......", "9.......9.9.....", "9......89.......", "9.9.....9.......",
      "9.....9.9.......", "9.....9...9.....", "9.....9.9.....9."),
     ("....9.......9...", "....9.......9..3"),
     ("7.5.7.5.7.5.7.5.", "7...7...7...7..."), 8),
    ("pop", (75, 130),
     ("9.......9.......", "9..9....9.......", "9.....9...9.....", "9......99..9...."),
     ("....9.......9...", "....9..3.3..9..."), ("7.5.7.5.7.5.7.5.", "7353735373537353"), 6),
    ("house", (110, 145), ("9...9...9...9...",),
     ("................", "....9.......9...", "....7.......7..4"),
     ("..8...8...8...8.", "7.8.7.8.7.8.7.8.", "5385538553855385", "................"), 8),
    ("trance", (125, 150), ("9...9...9...9...",), ("....6.......6...", "................"),
     ("..8...8...8...8.", "5385538553855385"), 4),
    ("techno", (120, 160), ("9...9...9...9...", "9...9...9..79..."),
     ("................", "............9...", "....9.......9..."),
     ("..8...8...8...8.", "5555555555555555"), 4),
    ("hiphop", (78, 105),
     ("9......8..9.....", "9.9.......9.....", "9..9......99....", "9......9.9......",
      "9.....99..9....."),
     ("....9.......9...", "....9..2.2..9..2"), ("7.5.7.5.7.5.7.5.", "7.557.5.7.557.5."), 6),
    ("trap", (65, 80), ("9.....9...9.....", "9..9......9....."), ("....9.......9...",),
     ("5555555555555555", "5.5.55555.5.5555"), 2),
    ("trap2", (130, 160), ("9.........9.....", "9.....9........."), ("........9.......",),
     ("5.5.5.5.5.5.5.5.", "5.5.5.555.5.5555"), 3),
    ("halftime", (120, 180),
     ("9.....9.........", "9...............", "9..9......9.....", "9.....9...9....."),
     ("........9.......",), ("7.5.7.5.7.5.7.5.", "7...7...7...7..."), 6),
    ("dnb", (155, 182),
     ("9.........9.....", "9.9.......9.....", "9.....9...9.....", "9.......9.9....."),
     ("....9.......9...", "....9..3.3..9...", "....9..4.4..9..4"),
     ("7.5.7.5.7.5.7.5.", "5555555555555555", "7...7...7...7..."), 10),
    ("breakbeat", (135, 180), ("9.9.......99....", "9.9.......9....."),
     ("....9..3.3..9..3", "....9..4.4....9."), ("7.5.7.5.7.5.7.5.", "7.7.7.7.7.7.7.7."), 6),
    ("breaks", (110, 145), ("9.........9.....", "9..9......9.....", "9......9..9....."),
     ("....9.......9...", "....9..4.4..9..."), ("7.5.7.5.7.5.7.5.", "5555555555555555"), 5),
    ("punk", (130, 215), ("9.......9.......", "9.....9.9.......", "9.......9.9....."),
     ("....9.......9...",), ("7.5.7.5.7.5.7.5.", "9...9...9...9..."), 4),
    ("skank", (95, 160), ("9...9...9...9...", "9...9..99...9..."), ("..9...9...9...9.",),
     ("7.7.7.7.7.7.7.7.", "9...9...9...9...", "................"), 7),
    ("metal", (100, 190),
     ("9.9.9.9.9.9.9.9.", "9999999999999999", "9..99..99..99..9", "9.999.999.999.99",
      "99..99..99..99.."),
     ("....9.......9...", "..9...9...9...9.", "........9......."),
     ("7...7...7...7...", "7.7.7.7.7.7.7.7."), 8),
    ("disco", (105, 132), ("9...9...9...9...",), ("....9.......9...",),
     ("7.9.7.9.7.9.7.9.", "..9...9...9...9."), 4),
    ("funk", (85, 120),
     ("9.9.......9..9..", "9..9..9...9.....", "9.....9..99.....", "9.9....9..9....."),
     ("....9..3.3..9..3", "....9..4.4.4.9..", "....9.3..3..9..."),
     ("7575757575757575", "7.5.7.5.7.5.7.5.", "7.557.557.557.55"), 8),
    ("afro", (85, 125), ("9.....9...9.....", "9...9...9...9...", "9..9..9...9....."),
     ("......6.....9...", "...6..6....6.6..", "..6...6...6...6."),
     ("7.57.57.57.57.5.", "7.5.57.57.5.57.5", "9..9..9...9.9..."), 6),
    ("latin", (85, 130),
     ("9..69..69..69..6", "9...9...9...9...", "9.....96......96", "....9.......9..."),
     ("9..9..9...9.9...", "..9.9...9..9..9.", "...6..6....6..6."),
     ("9.99.99.9.99.9.9", "7.5.7.5.7.5.7.5.", "9.7.79.7.7.79.7."), 8),
    ("reggae", (65, 95), ("........9.......", "9.......9.......", "9...9...9...9..."),
     ("........9.......", "....5...9...5..."), ("7.5.7.5.7.5.7.5.", "..7...7...7...7."), 4),
    ("reggaeton", (85, 105), ("9...9...9...9...",), ("...9..9....9..9.",),
     ("7.5.7.5.7.5.7.5.", "................"), 3),
    ("jazzfunk", (95, 130), ("9..9......9.....", "9.......9..9....", "9.9.....9..9...."),
     ("....7..3.3..7..3", "....7.....4.7..."),
     ("9...7.5.9...7.5.", "9..97..79..97..7", "7.7.7.7.7.7.7.7."), 6),
    ("four", (80, 175), ("9...............", "9.......9.......", "................"),
     ("................",), ("9...9...9...9...", "9.......9.......", "7.7.7.7.7.7.7.7."), 4),
)
HARD_STYLES = (
    ("skank", (110, 185),
     ("9...9...9...9...", "9...9..99...9...", "9.9.9.9.9.9.9.9.", "9.7.9.7.9.7.9.7.",
      "9...9.9.9...9.9.", "9..99...9..99..."),
     ("..9...9...9...9.", "..9...9...9..99."),
     ("7.7.7.7.7.7.7.7.", "9...9...9...9...", "................", "..9...9...9...9."), 9),
    ("offhat", (120, 180), ("9...9...9...9...", "9...9...9...9.6."),
     ("................", "....6.......6...", "....9.......9..."),
     ("..9...9...9...9.", "5.9.5.9.5.9.5.9."), 6),
    ("eighthkick", (120, 180), ("9.9.9.9.9.9.9.9.", "9.9.9.999.9.9.99"),
     ("....9.......9...", "..9...9...9...9.", "................"),
     ("9...9...9...9...", "..9...9...9...9.", "7.7.7.7.7.7.7.7."), 5),
    ("dnb", (150, 182), ("9.........9.....", "9.9.......9.....", "9..9......9....."),
     ("....9.......9...", "....9..4.4..9..4"),
     ("7.5.7.5.7.5.7.5.", "5555555555555555", "..7...7...7...7."), 4),
    ("hiphop", (80, 108),
     ("9......8..9.....", "9.9.......9.....", "9..9......99....", "9......9.9......"),
     ("....9.......9...", "....9..2.2..9..2"),
     ("7.5.7.5.7.5.7.5.", "7.7.7.7.7.7.7.7.", "7575757575757575"), 7),
    ("slowpop", (80, 108),
     ("9.......9.......", "9.......9.9.....", "9.9.....9.9.....", "9..9....9..9...."),
     ("....9.......9...",),
     ("7.7.7.7.7.7.7.7.", "7575757575757575", "7.5.7.5.7.5.7.5."), 7),
    ("slowfour", (80, 108), ("9...9...9...9...", "9...9...9...9.7."),
     ("....9.......9...", "................"),
     ("..9...9...9...9.", "7575757575757575", "7.7.7.7.7.7.7.7."), 4),
)
CLASS_OF = {"kick": "kick", "snare": "snare", "clap": "snare", "hat": "hihat", "ride": "cymbal",
            "crash": "cymbal", "tom": "tom", "perc": "perc"}


# ---- sounds ----

def fade(count, seconds):
    return np.exp(-np.arange(count) / (seconds * RATE))


def noise(random, count):
    return random.standard_normal(count)


def band(sound, low, high):
    edges = [max(20.0, low) / (RATE / 2), min(high, 20000.0) / (RATE / 2)]
    return lfilter(*butter(2, edges, "band"), sound)


def kick(random):
    count = int(RATE * 0.4)
    time = np.arange(count) / RATE
    low, fall, sweep = random.uniform(38, 70), random.uniform(100, 300), random.uniform(0.01, 0.05)
    turns = np.cumsum(low + fall * np.exp(-time / sweep)) / RATE
    sound = np.sin(2 * np.pi * turns) * fade(count, random.uniform(0.05, 0.2))
    click = int(0.01 * RATE)
    sound[:click] += random.uniform(0, 0.6) * noise(random, click) * np.linspace(1, 0, click)
    return np.tanh(sound * random.uniform(0.8, 3))


def snare(random):
    count = int(RATE * 0.35)
    time = np.arange(count) / RATE
    body = np.sin(2 * np.pi * random.uniform(150, 260) * time) * fade(count, random.uniform(0.02, 0.1))
    wires = band(noise(random, count), random.uniform(200, 2000), random.uniform(6000, 15000))
    return (body * random.uniform(0.2, 1) +
            wires * fade(count, random.uniform(0.03, 0.15)) * random.uniform(0.5, 2))


def clap(random):
    count = int(RATE * 0.3)
    sound = np.zeros(count)
    for hand in range(3):
        start = int(hand * random.uniform(0.008, 0.014) * RATE)
        length = 0.01 if hand < 2 else random.uniform(0.04, 0.12)
        sound[start:] += (band(noise(random, count), 800, 3500) * fade(count, length))[:count - start]
    return sound


def hat(random, is_open=False):
    count = int(RATE * (0.5 if is_open else 0.12))
    length = random.uniform(0.1, 0.3) if is_open else random.uniform(0.01, 0.04)
    return band(noise(random, count), random.uniform(4000, 8000),
                random.uniform(12000, 18000)) * fade(count, length)


def tom(random):
    count = int(RATE * 0.4)
    time = np.arange(count) / RATE
    turns = np.cumsum(random.uniform(70, 250) * (1 + 0.5 * np.exp(-time / 0.03))) / RATE
    return np.sin(2 * np.pi * turns) * fade(count, random.uniform(0.08, 0.2))


def perc(random):
    count = int(RATE * 0.2)
    time, pitch = np.arange(count) / RATE, random.uniform(300, 3000)
    sound = np.sin(2 * np.pi * pitch * time) + 0.6 * np.sin(3 * np.pi * pitch * time)
    return sound * fade(count, random.uniform(0.01, 0.08))


SYNTHS = {"kick": kick, "snare": snare, "clap": clap, "hat": hat, "tom": tom, "perc": perc,
          "ride": lambda random: hat(random, True), "crash": lambda random: hat(random, True)}


class Shots:
    """Drum sounds of a folder, by class."""

    def __init__(self, folder):
        self.folder, self.names, self.sounds = folder, {}, {}
        if not folder:
            return
        with open(os.path.join(folder, "labels.tsv"), encoding="utf-8") as lines:
            for line in lines:
                if line[0] != "#":
                    name, kind = line.split()
                    self.names.setdefault(kind, []).append(name)

    def load(self, name):
        if name not in self.sounds:
            raw = subprocess.run(["ffmpeg", "-v", "error", "-i", os.path.join(self.folder, name),
                                  "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
                                 check=True, stdout=subprocess.PIPE).stdout
            self.sounds[name] = np.frombuffer(raw, np.float32)[:2 * RATE].astype(float)
        return self.sounds[name]

    def pick(self, random, drum):
        names = self.names.get(CLASS_OF[drum])
        if names and random.random() < 0.5:
            shot, speed = self.load(random.choice(names)), 2 ** random.uniform(-0.25, 0.25)
            sound = np.interp(np.arange(int(len(shot) / speed)) * speed, np.arange(len(shot)), shot)
        else:
            sound = SYNTHS[drum](random)
        if random.random() < 0.4:
            sound = sound + lfilter([0.1], [1, -0.9], sound) * random.uniform(-0.6, 1.5)
        sound = sound[:int(0.8 * RATE)] / max(1e-6, np.abs(sound).max())
        end = min(len(sound), 800)
        sound[-end:] *= np.linspace(1, 0, end)
        return sound


# ---- music ----

def pattern(text):
    return [int(step) if step.isdigit() else 0 for step in text]


class Clip:
    """One clip: a clock of beats, and what is played by it."""

    def __init__(self, random, bpm):
        self.random = random
        self.sound = np.zeros(RATE * SECONDS)
        self.swing = random.uniform(0.03, 0.17) if random.random() < 0.22 else 0.0
        self.human = random.choice([0, 0, 0.004, 0.01, 0.016])
        drift, period = random.choice([0, 0, 0, 0.002, 0.006]), 60.0 / bpm
        beats, length = [-random.uniform(0, 4 * period)], period
        while beats[-1] < SECONDS + 2:
            length *= 1 + random.normal() * drift
            length += 0.05 * (period - length)
            beats.append(beats[-1] + length)
        self.beats = np.array(beats)
        self.first = int(random.integers(0, 4))  # place in the bar of beat 0

    def places(self):
        """Number of the beat, bar, place in the bar."""
        for beat in range(len(self.beats) - 1):
            yield beat, (beat + self.first) // 4, (beat + self.first) % 4

    def length(self, beat):
        return self.beats[beat + 1] - self.beats[beat]

    def time(self, beat, step):
        share = step / 4
        if self.swing and step in (1, 3):
            share += self.swing / 2
        late = self.random.normal() * self.human if self.human else 0.0
        return self.beats[beat] + share * self.length(beat) + late

    def add(self, sound, time, gain):
        at = int(time * RATE)
        if 0 <= at < len(self.sound):
            count = min(len(sound), len(self.sound) - at)
            self.sound[at:at + count] += sound[:count] * gain


def sections(random, bars, every):
    """What plays in each section of `every` bars."""
    plays = [{"kick": random.random() < 0.93, "snare": random.random() < 0.92,
              "hat": random.random() < 0.85, "drums": random.random() < 0.94,
              "bass": random.random() < 0.85, "chords": random.random() < 0.8,
              "variant": int(random.integers(2))} for _ in range(bars // every + 2)]
    if random.random() < 0.2:
        plays[0]["kick"] = plays[0]["snare"] = False
    return plays


def play_drums(clip, style, shots, plays, every):
    random = clip.random
    gains = {"kick": random.uniform(0.5, 1), "snare": random.uniform(0.35, 1),
             "hat": random.uniform(0.08, 0.5), "ride": random.uniform(0.1, 0.4), "tom": 0.6,
             "crash": random.uniform(0.2, 0.6), "perc": random.uniform(0.1, 0.5)}
    claps = style[0] in ("house", "techno", "trance", "disco") and random.random() < 0.6
    kit = {drum: shots.pick(random, "clap" if claps and drum == "snare" else drum) for drum in gains}
    kicks = [pattern(random.choice(style[2])) for _ in range(2)]
    snares = [pattern(random.choice(style[3])) for _ in range(2)]
    hats = pattern(random.choice(style[4]))
    if random.random() < 0.25:
        for steps in kicks + snares:
            if random.random() < 0.5:
                steps[int(random.integers(16))] = int(random.integers(3, 9))
    percs = [int(random.integers(3, 9)) if random.random() < 0.3 else 0 for _ in range(16)] \
        if random.random() < 0.25 else [0] * 16
    metal = "hat" if random.random() < 0.75 else "ride"
    triplets, fills = random.random() < 0.05, random.uniform(0, 0.6)
    filled = {bar for bar in range(every - 1, 400, every) if random.random() < fills}

    def strike(drum, beat, step, velocity):
        clip.add(kit[drum], clip.time(beat, step),
                 gains[drum] * velocity / 9 * random.uniform(0.7, 1))

    for beat, bar, place in clip.places():
        now = plays[bar // every]
        if bar % every == 0 and place == 0 and random.random() < 0.6:
            strike("crash", beat, 0, 9)
        for step in range(4) if now["drums"] else ():
            if triplets and step in (1, 3):
                continue
            at, i = (8 / 3 if triplets and step == 2 else step), 4 * place + step
            if bar in filled and place >= 2:
                if random.random() < 0.7:
                    strike("tom" if random.random() < 0.6 else "snare", beat, at, 7)
                if random.random() < 0.3:
                    strike("kick", beat, at, 7)
                continue
            parts = (("kick", kicks[now["variant"]], now["kick"]),
                     ("snare", snares[now["variant"]], now["snare"]),
                     (metal, hats, now["hat"]), ("perc", percs, True))
            for drum, steps, playing in parts:
                if playing and steps[i]:
                    soft = 0.6 if drum == "snare" and steps[i] < 5 else 1.0
                    strike(drum, beat, at, steps[i] * soft)
    return kicks[0]


def tone(random, pitch, seconds, wave, decay, attack=0.004):
    count = max(int(seconds * RATE), 64)
    time = np.arange(count) / RATE
    turns = pitch * time
    sound = (np.sin(2 * np.pi * turns), 2 * (turns % 1) - 1, np.sign(turns % 1 - 0.5) * 0.7,
             np.tanh(3 * np.sin(2 * np.pi * turns) + np.sin(4 * np.pi * turns)))[wave]
    sound = sound * np.exp(-time / decay)
    start, end = min(count, max(1, int(attack * RATE))), min(count, 200)
    sound[:start] *= np.linspace(0, 1, start)
    sound[-end:] *= np.linspace(1, 0, end)
    return sound


def play_notes(clip, plays, every, kicks, alone):
    """Bass, chords and a melody."""
    random = clip.random
    root, scale = random.uniform(38, 75), (0, 2, 3, 5, 7, 8, 10, 12)
    roots = random.choice([0, 3, 5, 7, -2, -4, -5], size=4)
    if random.random() < 0.3:
        roots[:] = roots[0]
    bass = random.choice(["eighths", "kick", "off", "free", "long", "sixteenths", "gallop", "none"],
                         p=[0.2, 0.15, 0.12, 0.18, 0.1, 0.1, 0.05, 0.1])
    chords = random.choice(["pad", "stabs", "off", "arpeggio", "guitar", "melody", "none"],
                           p=[0.17, 0.15, 0.13, 0.15, 0.2, 0.1, 0.1])
    free = [[random.random() < (first if i == 0 else beat if i % 4 == 0 else 0.4 if i % 2 == 0 else off)
             for i in range(16)] for first, beat, off in ((0.85, 0.5, 0.25), (0.7, 0.45, 0.2))]
    bass_wave, bass_gain = int(random.integers(4)), random.uniform(0.1, 0.6)
    bass_decay = random.choice([0.1, 0.3, 1.0])
    wave, gain = int(random.integers(1, 4)), random.uniform(0.03, 0.25)
    decay, attack = random.choice([0.08, 0.3, 2.0]), random.choice([0.003, 0.01, 0.05])
    sings, song_wave = random.random() < 0.4, int(random.integers(3))
    song_gain = random.uniform(0.05, 0.25)
    for beat, bar, place in clip.places():
        now, pitch = plays[bar // every], root * 2 ** (roots[bar % 4] / 12)
        length = clip.length(beat)
        for step in range(4):
            i, time = 4 * place + step, clip.time(beat, step)
            hit = {"eighths": step % 2 == 0, "kick": kicks[i] > 0, "off": step == 2,
                   "free": free[0][i], "long": i == 0, "sixteenths": True, "gallop": step != 1,
                   "none": False}[bass]
            if hit and (now["bass"] or alone):
                beats = {"long": 4, "eighths": 0.48, "sixteenths": 0.24, "off": 0.4}.get(
                    bass, random.uniform(0.2, 0.6))
                clip.add(tone(random, pitch, beats * length, bass_wave, bass_decay), time,
                         bass_gain * random.uniform(0.8, 1))
            weight = 0.6 if step == 0 else 0.3 if step == 2 else 0.1
            triad = (1, 1.5, 2 ** (random.choice([3, 4]) / 12))
            notes = {"pad": (triad, 3.9, 20.0, 0.4, i == 0),
                     "stabs": (triad, 0.3, decay, 0.5, free[1][i]),
                     "off": (triad, 0.25, decay, 0.6, step == 2),
                     "arpeggio": ((2 ** (scale[3 * i % 8] / 12),), 0.25, decay, 0.7, True),
                     "guitar": ((0.5, 0.75, 1.0), random.choice([0.2, 0.45]), 0.5, 0.8,
                                free[1][i] or (step % 2 == 0 and random.random() < 0.5)),
                     "melody": ((2 ** (random.choice(scale) / 12),), random.choice([0.25, 0.5, 1]),
                                1.0, 1.0, random.random() < weight)}.get(chords)
            if notes and notes[4] and (now["chords"] or alone):
                for ratio in notes[0]:
                    clip.add(tone(random, 4 * pitch * ratio, notes[1] * length,
                                  3 if chords == "guitar" else wave, notes[2],
                                  0.05 if chords == "pad" else attack), time, gain * notes[3])
            if sings and random.random() < 0.7 * weight:
                clip.add(tone(random, 8 * pitch * 2 ** (random.choice(scale) / 12),
                              length * random.choice([0.25, 0.5, 1]), song_wave, 1.0, 0.02),
                         time + random.normal() * 0.01, song_gain)


def root_mean_square(sound):
    return np.sqrt(np.mean(sound * sound)) + 1e-6


def produce(random, sound):
    """Noise, a room, distortion, a poor line."""
    count = len(sound)
    if random.random() < 0.3:
        sound = sound + noise(random, count) * 10 ** (random.uniform(-70, -35) / 20)
    if random.random() < 0.3:
        length = int(random.uniform(0.05, 0.25) * RATE)
        room = fftconvolve(sound, noise(random, length) * fade(length, length / RATE / 4))[:count]
        sound = sound + room / max(1e-6, np.abs(room).max()) * np.abs(sound).max() * \
            random.uniform(0.1, 0.6)
    if random.random() < 0.5:
        sound = np.tanh(sound / np.abs(sound).max() * random.uniform(1, 4))
    if random.random() < 0.15:
        sound = lfilter(*butter(2, random.uniform(3000, 12000) / (RATE / 2)), sound)
    if random.random() < 0.15:
        sound = lfilter(*butter(1, random.uniform(40, 200) / (RATE / 2), "high"), sound)
    return sound


def make_music(random, shots, styles):
    weights = np.array([style[5] for style in styles], float)
    style = styles[random.choice(len(styles), p=weights / weights.sum())]
    clip = Clip(random, random.uniform(*style[1]))
    drums_alone = random.random() < 0.3
    notes_alone = not drums_alone and random.random() < 0.06
    every = int(random.choice([2, 4, 8]))
    plays = sections(random, len(clip.beats) // 4 + 2, every)
    kicks = play_drums(clip, style, shots, plays, every)
    drums = np.zeros_like(clip.sound) if notes_alone else clip.sound
    if not drums_alone:
        clip.sound = np.zeros_like(drums)
        play_notes(clip, plays, every, kicks, notes_alone)
        if random.random() < 0.5:
            share = random.uniform(0.02, 0.4)
            clip.sound = lfilter([share], [1, share - 1], clip.sound)
        if not notes_alone:
            clip.sound *= 10 ** (random.uniform(-14, 4) / 20) * root_mean_square(drums) / \
                root_mean_square(clip.sound)
        drums = drums + clip.sound
    return produce(random, drums), [(clip.beats[beat], place) for beat, _, place in clip.places()]


def make_metronome(random, shots):
    period = 60 / np.exp(random.uniform(np.log(56), np.log(206)))
    times = np.arange(random.uniform(0, period), SECONDS - 0.1, period)
    count = int(0.04 * RATE)
    click = (np.ones(1), noise(random, count) * fade(count, 0.004),
             np.sin(2 * np.pi * random.uniform(500, 3000) * np.arange(count) / RATE) *
             fade(count, 0.01), shots.pick(random, "kick"),
             shots.pick(random, "perc"))[random.integers(5)]
    accented, sound = random.random() < 0.25, np.zeros(RATE * SECONDS)
    for i, time in enumerate(times):
        part = sound[int(time * RATE):][:len(click)]
        part += click[:len(part)] * (0.5 if accented and i % 4 else 1.0)
    if random.random() < 0.3:
        sound += noise(random, len(sound)) * 10 ** (random.uniform(-75, -50) / 20)
    return sound, [(time, 0 if accented and i % 4 == 0 else 1) for i, time in enumerate(times)]


def hear(features, sound):
    sound = (sound * 0.7 / max(1e-6, np.abs(sound).max())).astype(np.float32)
    done = subprocess.run([features, str(RATE)], input=sound.tobytes(), check=True,
                          stdout=subprocess.PIPE)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 18)[:TICKS].astype(np.float16)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("features")
    parser.add_argument("out")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--shots")
    parser.add_argument("--style", choices=("all", "hard", "metronome"), default="all")
    options = parser.parse_args()
    shots, inputs, marks = Shots(options.shots), [], []
    for seed in range(options.first, options.first + options.count):
        random = np.random.default_rng(seed)
        sound, beats = make_metronome(random, shots) if options.style == "metronome" else \
            make_music(random, shots, STYLES if options.style == "all" else HARD_STYLES)
        inputs.append(hear(options.features, sound))
        mark = np.zeros(TICKS, np.uint8)  # 1 a beat, 2 the first of a bar
        for time, place in beats:
            if 0 <= int(time * 50) < TICKS:
                mark[int(time * 50)] = 2 if place == 0 else 1
        marks.append(mark)
    np.savez(options.out, inputs=np.array(inputs), beats=np.array(marks))


if __name__ == "__main__":
    main()
