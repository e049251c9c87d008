"""Frames, samples, seconds; hertz, notes, mels, octaves: what the arguments of the other functions are made of.

All take numbers or arrays of any shape unless they say otherwise, and return the like."""

import re

import numpy as np

from . import _arguments as args

__all__ = [
    "frames_to_samples",
    "samples_to_frames",
    "frames_to_time",
    "time_to_frames",
    "samples_to_time",
    "time_to_samples",
    "note_to_hz",
    "note_to_midi",
    "midi_to_note",
    "midi_to_hz",
    "hz_to_midi",
    "hz_to_note",
    "hz_to_mel",
    "mel_to_hz",
    "hz_to_octs",
    "octs_to_hz",
    "fft_frequencies",
    "mel_frequencies",
    "cqt_frequencies",
    "tempo_frequencies",
    "fourier_tempo_frequencies",
    "times_like",
    "samples_like",
]


# ---- frames, samples, seconds


def _half_frame(n_fft):
    """Samples that a frame is shifted by: none if frames are centred."""
    return 0 if n_fft is None else int(n_fft // 2)


def frames_to_samples(frames, *, hop_length=512, n_fft=None):
    """Sample at which each frame stands: ``frames * hop_length`` (samples from frame to frame), and ``n_fft // 2`` more
    with `n_fft`, for analyses that are not centred. Integers."""
    return (np.asanyarray(frames) * hop_length + _half_frame(n_fft)).astype(int)


def samples_to_frames(samples, *, hop_length=512, n_fft=None):
    """Frame in which each sample lies: the inverse of :func:`frames_to_samples`, rounded down. Integers."""
    return np.asarray(np.floor((np.asanyarray(samples) - _half_frame(n_fft)) // hop_length), dtype=int)


def samples_to_time(samples, *, sr=22050):
    """Seconds at which each sample lies, at `sr` samples per second."""
    return np.asanyarray(samples) / float(sr)


def time_to_samples(times, *, sr=22050):
    """Sample at each time in seconds, at `sr` samples per second, rounded towards zero. Integers."""
    return (np.asanyarray(times) * sr).astype(int)


def frames_to_time(frames, *, sr=22050, hop_length=512, n_fft=None):
    """Seconds at which each frame stands; see :func:`frames_to_samples`."""
    return samples_to_time(frames_to_samples(frames, hop_length=hop_length, n_fft=n_fft), sr=sr)


def time_to_frames(times, *, sr=22050, hop_length=512, n_fft=None):
    """Frame at each time in seconds; see :func:`samples_to_frames`."""
    return samples_to_frames(time_to_samples(times, sr=sr), hop_length=hop_length, n_fft=n_fft)


def samples_like(X, *, hop_length=512, n_fft=None, axis=-1):
    """Samples of the frames of an array along `axis`, or of `X` frames if it is a number.

    Returns
    -------
    ndarray (frames,) of integers
    """
    count = X if np.isscalar(X) else X.shape[axis]
    return frames_to_samples(np.arange(count), hop_length=hop_length, n_fft=n_fft)


def times_like(X, *, sr=22050, hop_length=512, n_fft=None, axis=-1):
    """The same as :func:`samples_like` in seconds.

    Returns
    -------
    ndarray (frames,)
    """
    return samples_to_time(samples_like(X, hop_length=hop_length, n_fft=n_fft, axis=axis), sr=sr)


# ---- notes

_NOTE = re.compile(
    "(?P<letter>[A-Ga-g])(?P<accidentals>[#♯𝄪b!♭𝄫♮n]*)(?P<octave>[+-]?[0-9]+)?(?P<cents>[+-][0-9]+)?"
)
_KEY = re.compile(
    "(?P<letter>[A-Ga-g])(?P<accidentals>[#♯𝄪b!♭𝄫♮n]*):"
    "(?P<scale>maj|major|min|minor|ion|ionian|dor|dorian|phr|phryg|phrygian|lyd|lydian|mix|mixolyd|mixolydian|aeo|aeol|"
    "aeolian|loc|locr|locrian)"
)
_ACCIDENTALS = {"#": 1, "♯": 1, "𝄪": 2, "b": -1, "!": -1, "♭": -1, "𝄫": -2, "♮": 0, "n": 0}
# Fifths above C, which are 7 semitones each; a sharp is 7 fifths.
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
# Fifths from a scale's tonic to that of the major scale of the same notes.
_RELATIVE_MAJOR = {"maj": 0, "ion": 0, "dor": -2, "phr": -4, "lyd": 1, "mix": -1, "aeo": -3, "min": -3, "loc": -5}


def _semitones(accidentals):
    return sum(_ACCIDENTALS[sign] for sign in accidentals)


def note_to_midi(note, *, round_midi=True):
    """MIDI number of a note's name: ``"C4"`` is 60, ``"A4"`` 69.

    Parameters
    ----------
    note : str or iterable of str
        Letter, accidentals (``# ♯ 𝄪 b ! ♭ 𝄫 ♮``), octave (0 if missing), cents with their sign.
    round_midi : bool
        Without the cents.

    Returns
    -------
    int or float, or ndarray of them

    Raises
    ------
    ParameterError
        That is no note.
    """
    if not isinstance(note, str):
        return np.array([note_to_midi(each, round_midi=round_midi) for each in note])
    match = _NOTE.fullmatch(note)
    if not match:
        raise args.parameter_error(f"{note!r} is no note: a letter, accidentals, an octave, cents")
    pitch = 7 * _FIFTHS[match["letter"].upper()] % 12 + _semitones(match["accidentals"])
    number = 12 * (int(match["octave"] or 0) + 1) + pitch + int(match["cents"] or 0) * 0.01
    return int(np.round(number)) if round_midi else number


def note_to_hz(note, **kwargs):
    """Frequency of a note's name in equal temperament, A4 at 440 Hz; arguments as of :func:`note_to_midi`."""
    return midi_to_hz(note_to_midi(note, **kwargs))


def _spelling(fifths):
    """Name of the note so many fifths above C: each 7 of them are an accidental."""
    letter, offset = "FCGDAEB"[(fifths + 1) % 7], (fifths + 1) // 7
    single, double = ("♯", "𝄪") if offset > 0 else ("♭", "𝄫")
    return letter + single * (abs(offset) % 2) + double * (abs(offset) // 2)


def _names_in_key(key, unicode):
    """Names of the 12 pitch classes from C on, as one writes them in a key.

    The names are 12 neighbours on the line of fifths. They reach from one fifth below to ten above C (F to A sharp) in
    keys with sharps and from six below to five above (G flat to B) in those with flats, and further by what the
    signature has beyond five. A tonic of several accidentals has the names of that of one, each raised or lowered."""
    match = _KEY.fullmatch(key)
    if not match:
        raise args.parameter_error(f"{key!r} is no key: a note, a colon and a scale, such as 'Eb:min'")
    scale = match["scale"][:3]
    major = _FIFTHS[match["letter"].upper()] + 7 * _semitones(match["accidentals"]) + _RELATIVE_MAJOR[scale]
    accidentals = _semitones(match["accidentals"]) if scale in ("maj", "min") else (major + 1) // 7
    further = 7 * int(np.sign(accidentals)) * max(abs(accidentals) - 1, 0)
    signature = major - further
    first = further + (max(-1, signature - 6) if signature >= 0 else min(-6, signature - 1))
    names = {7 * fifths % 12: _spelling(fifths) for fifths in range(first, first + 12)}
    if not unicode:
        plain = str.maketrans({"♯": "#", "𝄪": "##", "♭": "b", "𝄫": "bb"})
        names = {pitch: name.translate(plain) for pitch, name in names.items()}
    return names


def midi_to_note(midi, *, octave=True, cents=False, key="C:maj", unicode=True):
    """Name of the note nearest to a MIDI number: 69 is ``"A4"``.

    Parameters
    ----------
    midi : number or array
    octave : bool
        With the octave.
    cents : bool
        With the distance from that note in cents.
    key : str
        Key by whose signature notes are spelled: tonic, colon, scale or mode.
    unicode : bool
        ``♯`` and ``♭`` rather than ``#`` and ``b``.

    Returns
    -------
    str, or ndarray of str

    Raises
    ------
    ParameterError
        Cents without an octave; that is no key.
    """
    if cents and not octave:
        raise args.parameter_error("cents are told only with the octave")
    names = _names_in_key(key, unicode)

    def name(number):
        nearest = int(np.round(number))
        text = names[nearest % 12]
        if octave:
            text += str(int(nearest / 12) - 1)
        if cents:
            text += f"{int(100 * np.around(number - nearest, 2)):+02d}"
        return text

    if np.isscalar(midi):
        return name(midi)
    midi = np.asarray(midi)
    return np.array([name(number) for number in midi.ravel()], dtype=str).reshape(midi.shape)


def midi_to_hz(notes):
    """Hertz of MIDI numbers: 69 is 440 Hz."""
    return 440.0 * 2.0 ** ((np.asanyarray(notes) - 69.0) / 12.0)


def hz_to_midi(frequencies):
    """MIDI numbers, with fractions, of frequencies in Hz."""
    return 12 * (np.log2(np.asanyarray(frequencies)) - np.log2(440.0)) + 69


def hz_to_note(frequencies, **kwargs):
    """Name of the note nearest to a frequency in Hz; further arguments as of :func:`midi_to_note`."""
    return midi_to_note(hz_to_midi(frequencies), **kwargs)


# ---- mels and octaves

# Slaney's scale: 200 Hz are 3 mels below 1 kHz; from there on 27 mels are a factor of 6.4.
_HZ_PER_MEL = 200.0 / 3
_BEND_HZ = 1000.0
_BEND_MEL = _BEND_HZ / _HZ_PER_MEL
_LOG_STEP = float(np.log(6.4)) / 27.0


def hz_to_mel(frequencies, *, htk=False):
    """Mels of frequencies in Hz, by the scale of M. Slaney's Auditory Toolbox (1998), or that of HTK:
    ``2595 log10(1 + f / 700)``."""
    frequencies = np.asanyarray(frequencies)
    if htk:
        return 2595.0 * np.log10(1.0 + frequencies / 700.0)
    above = _BEND_MEL + np.log(np.maximum(frequencies, _BEND_HZ) / _BEND_HZ) / _LOG_STEP
    return np.where(frequencies >= _BEND_HZ, above, frequencies / _HZ_PER_MEL)[()]


def mel_to_hz(mels, *, htk=False):
    """Hz of mels: the inverse of :func:`hz_to_mel`."""
    mels = np.asanyarray(mels)
    if htk:
        return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    above = _BEND_HZ * np.exp(_LOG_STEP * (np.maximum(mels, _BEND_MEL) - _BEND_MEL))
    return np.where(mels >= _BEND_MEL, above, _HZ_PER_MEL * mels)[()]


def _octave_0(tuning, bins_per_octave):
    """Hz of A0, with the tuning in fractions of a bin."""
    return 440.0 * 2.0 ** (tuning / bins_per_octave) / 16


def hz_to_octs(frequencies, *, tuning=0.0, bins_per_octave=12):
    """Octaves above A0 (27.5 Hz) of frequencies in Hz; `tuning` in fractions of a bin, of `bins_per_octave`."""
    return np.log2(np.asanyarray(frequencies) / float(_octave_0(tuning, bins_per_octave)))


def octs_to_hz(octs, *, tuning=0.0, bins_per_octave=12):
    """Hz of octaves above A0: the inverse of :func:`hz_to_octs`, with the same `tuning`."""
    return float(_octave_0(tuning, bins_per_octave)) * 2.0 ** np.asanyarray(octs)


# ---- frequencies of the rows of a spectrogram


def fft_frequencies(*, sr=22050, n_fft=2048):
    """Hz of the bins of a transform of `n_fft` samples at `sr` Hz: ndarray (1 + n_fft // 2,)."""
    return np.fft.rfftfreq(n=n_fft, d=1.0 / sr)


def mel_frequencies(n_mels=128, *, fmin=0.0, fmax=11025.0, htk=False):
    """Hz that lie at equal distances in mels from `fmin` to `fmax`: ndarray (n_mels,)."""
    return mel_to_hz(np.linspace(hz_to_mel(fmin, htk=htk), hz_to_mel(fmax, htk=htk), n_mels), htk=htk)


def cqt_frequencies(n_bins, *, fmin, bins_per_octave=12, tuning=0.0):
    """Hz of the bins of a constant-Q transform from `fmin` (Hz) on, `bins_per_octave` to the octave, shifted by `tuning`
    fractions of a bin: ndarray (n_bins,)."""
    return 2.0 ** (float(tuning) / bins_per_octave) * fmin * 2.0 ** (np.arange(0, n_bins, dtype=float) / bins_per_octave)


def tempo_frequencies(n_bins, *, hop_length=512, sr=22050):
    """Beats per minute of the lags of a tempogram: ndarray (n_bins,), the first infinite."""
    tempi = np.full(int(n_bins), np.inf)
    tempi[1:] = 60.0 * sr / (hop_length * np.arange(1.0, n_bins))
    return tempi


def fourier_tempo_frequencies(*, sr=22050, win_length=384, hop_length=512):
    """Beats per minute of the rows of a Fourier tempogram: ndarray (1 + win_length // 2,)."""
    return fft_frequencies(sr=sr * 60 / float(hop_length), n_fft=win_length)
