"""The three functions that a program takes from librosa by

    from auralis_dsp import hpss, yin, chroma_cqt

instead: Heihachi's functions of librosa's names, with librosa's arguments and results. A thin alias: everything that
``heihachi`` promises holds here too.
"""

import numpy as np

import heihachi

__all__ = ["chroma_cqt", "hpss", "yin"]


def hpss(y, **options):
    """Harmonic and percussive parts: of a sound, or of its spectrogram.

    Parameters
    ----------
    y : np.ndarray
        Sound, real, (..., n): what `heihachi.effects.hpss` does, the parts are sounds of the same length. Or a complex
        spectrogram of `heihachi.stft`, (..., bins, frames): what `heihachi.decompose.hpss` does, the parts are
        spectrograms, and the caller goes back to sound by `heihachi.istft`. (A spectrogram of magnitudes looks like
        sound of many channels: give those to `heihachi.decompose.hpss`.)
    **options
        Those of the function: ``kernel_size`` (31 or (harmonic, percussive)), ``power`` (2.0), ``margin`` (1.0 or
        (harmonic, percussive)), ``mask`` ...

    Returns
    -------
    harmonic, percussive : np.ndarray
        Of the shape of `y`.
    """
    is_spectrogram = isinstance(y, np.ndarray) and y.dtype.kind == "c"
    return (heihachi.decompose.hpss if is_spectrogram else heihachi.effects.hpss)(y, **options)


def yin(y, *, fmin=50.0, fmax=2000.0, sr=22050, **options):
    """Fundamental frequency by YIN: `heihachi.yin` with a default range.

    Two things are as in librosa, whose place this takes, and not otherwise: `sr` is 22050 Hz unless it is given, and
    every frame has a number. YIN does not say which frames are unvoiced: `heihachi.pyin` does.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)]
    fmin, fmax, sr : number, Hz
    **options
        ``frame_length`` (2048), ``hop_length`` (a quarter of it), ``trough_threshold`` (0.1), ``center``, ``pad_mode``.

    Returns
    -------
    f0 : np.ndarray [shape=(..., frames)], Hz
    """
    return heihachi.yin(y, fmin=fmin, fmax=fmax, sr=sr, **options)


def chroma_cqt(**options):
    """Pitch classes by the constant-Q transform: `heihachi.feature.chroma_cqt`, to be called as ``chroma_cqt(y=y, sr=sr)``.

    It is the transform itself, 7 octaves of 36 bins, and no stand-in by the short-time Fourier transform: that is
    `heihachi.feature.chroma_stft`.

    Returns
    -------
    chroma : np.ndarray [shape=(..., 12, frames)]
        C first, the largest of a frame 1.
    """
    return heihachi.feature.chroma_cqt(**options)
