"""Spectrograms taken apart."""

from operator import index

import numpy as np

from . import _core, _spectrum, exceptions, util
from . import _arguments as args

__all__ = ["hpss"]


def hpss(S, *, kernel_size=31, power=2.0, mask=False, margin=1.0):
    """Harmonic and percussive parts of a spectrogram.

    A median filter along time keeps what sounds on, one along frequency what strikes. Each part is the spectrogram times
    a soft mask that tells how much of a cell is the one median and how much the other.

    Parameters
    ----------
    S : ndarray (..., bins, frames)
        Magnitudes, or a complex spectrogram, whose phase the parts share.
    kernel_size : int > 0 or (int, int)
        Frames under the median along time, and bins under that along frequency.
    power : float > 0
        Exponent of the masks; infinite: each cell belongs to one part, or to none.
    mask : bool
        Give the masks instead of the parts.
    margin : float >= 1 or (float, float)
        By how much the one median must exceed the other, for the harmonic and for the percussive part. Above 1, what is
        neither is in neither part.

    Returns
    -------
    harmonic, percussive : ndarray (..., bins, frames)
        Of the type of `S`; as masks real, or bool for an infinite power. With margins of 1 they add up to `S`.

    Raises
    ------
    ParameterError
        A margin below 1, a power that is not positive, negative magnitudes.
    IndexError
        `S` has less than two dimensions.

    References
    ----------
    D. Fitzgerald, Harmonic/percussive separation using median filtering, DAFx, 2010. J. Driedger, M. Mueller and S. Disch,
    Extending harmonic-percussive separation of audio signals, ISMIR, 2014.
    """
    widths = pair(kernel_size)
    margins = pair(margin)
    if margins[0] < 1 or margins[1] < 1:
        raise args.parameter_error(f"margin is {margin}: at least 1 is needed")
    if S.ndim < 2:
        raise IndexError("a spectrogram has at least two dimensions")
    widths = tuple(index(width) for width in widths)
    result = _direct(S, parameters(widths, power, mask, margins))
    return _by_definition(S, widths, power, mask, margins) if result is None else result


def pair(value):
    return (value[0], value[1]) if isinstance(value, (tuple, list)) else (value, value)


def parameters(widths, power, mask, margins):
    """The keywords of the C side, or None if it is not made for them."""
    numbers = (int, float, np.number)
    if not all(isinstance(number, numbers) for number in (power, *margins)):
        return None
    if not all(0 < width <= 1 << 20 for width in widths) or not all(1 <= value < 1e6 for value in margins):
        return None
    if not 1e-3 <= power:
        return None
    return {
        "harmonic_width": widths[0],
        "percussive_width": widths[1],
        "power": power,
        "mask": bool(mask),
        "harmonic_margin": margins[0],
        "percussive_margin": margins[1],
    }


def _direct(S, keywords):
    """The C side's answer, or None: for other types than its own, and what it refuses."""
    if keywords is None or S.size == 0 or S.dtype not in (np.float32, np.float64, np.complex64, np.complex128):
        return None
    if keywords["mask"] and S.dtype.itemsize > (4 if S.dtype.kind == "f" else 8) and _fades(S):
        return None
    try:
        return _core.decompose_hpss(S, **keywords)
    except exceptions.ParameterError:
        return None


def _fades(S):
    """Doubles with cells so far below the loudest that a float cannot hold both, while their masks are as large."""
    level = np.abs(S)
    return bool(np.any((level < level.max() * 1e-30) & (level > 0)))


def _by_definition(S, widths, power, mask, margins):
    phase = 1
    if np.iscomplexobj(S):
        S, phase = _spectrum.magphase(S)
    harmonic, percussive = _median(S, widths[0], -1), _median(S, widths[1], -2)
    split_zeros = margins[0] == 1 and margins[1] == 1
    masks = (
        util.softmask(harmonic, percussive * margins[0], power=power, split_zeros=split_zeros),
        util.softmask(percussive, harmonic * margins[1], power=power, split_zeros=split_zeros),
    )
    return masks if mask else tuple(S * part * phase for part in masks)


def _median(S, width, axis):
    """The upper median of `width` values around each along an axis, which is continued by reflection (c b a | a b c)."""
    if width < 1:
        raise (RuntimeError if width == 0 else ValueError)(f"a median of {width} values")
    if S.size == 0:
        return S.copy()
    S = np.moveaxis(S, axis, -1)
    result = np.empty_like(S)
    before = width // 2
    for at in np.ndindex(S.shape[:-1]):
        line = np.pad(S[at], (before, width - 1 - before), mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(line, width)
        result[at] = np.partition(windows, width // 2, axis=-1)[:, width // 2]
    return np.moveaxis(result, -1, axis)
