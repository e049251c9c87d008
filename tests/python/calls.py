"""A call of every function that patch_librosa() replaces, for the tests and for bench/python_rows.py."""

import librosa
import numpy as np

PITCHES = 32.70319566257483 * 2 ** (np.arange(84) / 12)  # Hz, C1 and up
VOICE = dict(fmin=65.40639132514966, fmax=2093.004522404789)


class Inputs:
    """What the functions are called on, made once by librosa for each length and type."""

    def __init__(self, y, rate, dtype):
        self.y, self.sr = y.astype(dtype), rate
        self.D = librosa.stft(self.y)
        self.S = np.abs(self.D)
        self.db = librosa.power_to_db(self.S**2)
        self.envelope = librosa.onset.onset_strength(y=self.y, sr=rate)
        self.onsets = librosa.onset.onset_detect(onset_envelope=self.envelope, sr=rate)
        self.chroma = librosa.feature.chroma_stft(S=self.S**2, sr=rate)
        self.beats = librosa.beat.beat_track(onset_envelope=self.envelope, sr=rate)[1]
        self.pitches = librosa.piptrack(S=self.S[:, :200], sr=rate)[0]


def positional(**more):
    return lambda i: ((i.y,), more)


def with_rate(**more):
    return lambda i: ((i.y,), dict(sr=i.sr, **more))


def keywords(**more):
    return lambda i: ((), dict(y=i.y, **more))


def of(member, **more):
    """A call on one of the Inputs."""
    return lambda i: ((getattr(i, member),), more)


CALLS = {
    "stft": positional(),
    "istft": of("D"),
    "magphase": of("D"),
    "power_to_db": of("S"),
    "amplitude_to_db": of("S"),
    "db_to_power": of("db"),
    "db_to_amplitude": of("db"),
    "griffinlim": of("S", n_iter=4, random_state=0),
    "phase_vocoder": of("D", rate=1.3),
    "reassigned_spectrogram": with_rate(),
    "resample": lambda i: ((i.y,), dict(orig_sr=i.sr, target_sr=16000)),
    "autocorrelate": lambda i: ((i.y[: 30 * i.sr],), dict(max_size=5000)),
    "zero_crossings": positional(),
    "yin": with_rate(**VOICE),
    "pyin": with_rate(**VOICE),
    "pitch_tuning": lambda i: ((i.pitches[i.pitches > 0],), {}),
    "cqt": with_rate(),
    "vqt": with_rate(),
    "hybrid_cqt": with_rate(),
    "pseudo_cqt": with_rate(),
    "effects.hpss": positional(),
    "effects.harmonic": positional(),
    "effects.percussive": positional(),
    "effects.time_stretch": positional(rate=1.3),
    "effects.pitch_shift": with_rate(n_steps=3.0),
    "effects.trim": positional(),
    "effects.split": positional(),
    "effects.remix": lambda i: ((i.y, [np.array([a * 512, a * 512 + 8192]) for a in i.beats[:-1]]), {}),
    "decompose.hpss": of("D"),
    "feature.spectral_flatness": keywords(),
    "feature.rms": keywords(),
    "feature.zero_crossing_rate": positional(),
    "feature.delta": of("chroma"),
    "feature.stack_memory": of("chroma", n_steps=4),
    "feature.chroma_vqt": lambda i: ((), dict(y=i.y, sr=i.sr, intervals="equal", bins_per_octave=12)),
    "feature.poly_features": lambda i: ((), dict(S=i.S, sr=i.sr)),
    "onset.onset_backtrack": lambda i: ((i.onsets, i.envelope), {}),
    "util.peak_pick": of("envelope", pre_max=3, post_max=3, pre_avg=3, post_avg=5, delta=0.5, wait=10),
    "util.localmax": of("S"),
    "util.localmin": of("S"),
    "util.softmask": lambda i: ((i.S, i.S[::-1]), dict(power=2)),
    "util.normalize": of("S"),
    "util.sync": lambda i: ((i.S, list(i.beats)), {}),
    "filters.mel": lambda i: ((), dict(sr=i.sr, n_fft=2048)),
    "filters.chroma": lambda i: ((), dict(sr=i.sr, n_fft=2048)),
    "filters.cq_to_chroma": lambda i: ((252,), dict(bins_per_octave=36)),
    "filters.window_sumsquare": lambda i: ((), dict(window="hann", n_frames=i.S.shape[1])),
    "filters.wavelet": lambda i: ((), dict(freqs=PITCHES, sr=i.sr)),
    "filters.wavelet_lengths": lambda i: ((), dict(freqs=PITCHES, sr=i.sr)),
}


def arguments_of(name, inputs):
    """(args, kwargs) of a call of that name; what is not in the table takes y and sr."""
    return CALLS.get(name, keywords(sr=inputs.sr))(inputs)


def resolve(module, name):
    for part in name.split("."):
        module = getattr(module, part)
    return module
