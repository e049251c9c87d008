"""Onset strength and the predominant local pulse in NumPy's operations and librosa's order of them.

Where hardly anything rises, what is left of the onset strength is how levels around 50 dB were rounded. And where the window
sees a single onset, all components of the pulse are equally strong, and roundings pick the one that is kept. Such answers
are librosa's only if every rounding is: of the same transforms, the same matrix product, the same elementwise functions. The
C library's are as exact, and others. :mod:`heihachi.onset` and :func:`heihachi.beat.plp` come here with what it says hangs
on them. About as slow as librosa."""

import numpy as np

from . import _arguments as args
from ._convert import fourier_tempo_frequencies
from ._spectrum import istft
from .filters import mel
from .util import normalize, pad_center

_BLOCK = 2**20  # values in frames that are transformed together


def _rfft(frames):
    try:
        from scipy.fft import rfft  # librosa's choice
    except ImportError:
        from numpy.fft import rfft
    return rfft(frames)


def _hann(length):
    """SciPy's, to the last bit."""
    return 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, length + 1)[:-1])


def _stft(x, n_fft, hop_length, win_length=None, window="hann", center=True, pad_mode="constant"):
    """(..., samples) -> (..., bins, frames), bins side by side: their order in memory is that of the sums over them."""
    win_length = n_fft if win_length is None else win_length
    is_hann = isinstance(window, str) and window == "hann" and win_length > 1
    values = pad_center(_hann(win_length) if is_hann else args.window_values(window, win_length), size=n_fft)
    padded = args.pad_ends(x, n_fft, pad_mode) if center else x
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft, axis=-1)[..., ::hop_length, :]
    count = frames.shape[-2]
    result = np.empty((*x.shape[:-1], 1 + n_fft // 2, count), args.complex_dtype(x.dtype), order="F")
    step = max(1, _BLOCK * count // frames.size)
    for first in range(0, count, step):
        block = slice(first, first + step)
        result[..., block] = np.swapaxes(_rfft(values * frames[..., block, :]), -1, -2)
    return result


def mel_levels(
    y,
    sr,
    *,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    power=2.0,
    **bands,
):
    """:func:`heihachi.feature.melspectrogram` in dB, no more than 80 below its maximum: (..., bands, frames)."""
    spectrum = np.abs(_stft(y, n_fft, hop_length, win_length, window, center, pad_mode)) ** power
    sums = np.einsum("...ft,mf->...mt", spectrum, mel(sr=sr, n_fft=n_fft, **bands), optimize=True)
    decibels = 10.0 * np.log10(np.maximum(1e-10, sums))
    return np.maximum(decibels, decibels.max() - 80.0)


def pulse(envelope, sr, hop_length, win_length, tempo_min, tempo_max, prior):
    """What :func:`heihachi.beat.plp` tells of."""
    spectrum = _stft(envelope, win_length, 1)
    tempos = fourier_tempo_frequencies(sr=sr, hop_length=hop_length, win_length=win_length)
    if tempo_min is not None:
        spectrum[..., tempos < tempo_min, :] = 0
    if tempo_max is not None:
        spectrum[..., tempos > tempo_max, :] = 0
    level = np.log1p(1e6 * np.abs(spectrum))
    if prior is not None:
        level += prior.logpdf(tempos[:, np.newaxis])
    spectrum[level < level.max(axis=-2, keepdims=True)] = 0
    smallest = np.finfo(spectrum.dtype).tiny
    spectrum /= smallest**0.5 + np.abs(spectrum.max(axis=-2, keepdims=True))
    waves = istft(spectrum, hop_length=1, n_fft=win_length, length=envelope.shape[-1])
    return normalize(np.maximum(waves, 0), axis=-1)
