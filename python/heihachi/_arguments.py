"""What all modules ask of their arguments before the C library sees them.

The semantics, and which exception says no, are those of librosa 0.11.0. Functions end in what the C side takes: see
``python/src/table.h``."""

import os
from math import prod

import numpy as np

from . import _core, exceptions

# HhPad of include/heihachi/spectral.h.
PAD_MODES = {"constant": 0, "edge": 1, "reflect": 2, "symmetric": 3, "linear_ramp": 4, "wrap": 5, "empty": 0}

# HhWindowKind: the names that scipy.signal.get_window knows a window by, and its parameter's default (None: obligatory).
_WINDOWS = {}
for _kind, _default, _names in (
    (0, 0.0, "hann han"),
    (1, 0.0, "hamming hamm ham"),
    (2, 0.0, "blackman black blk"),
    (3, 0.0, "blackmanharris blackharr bkh"),
    (4, 0.0, "bartlett bart brt"),
    (5, 0.0, "boxcar box ones rect rectangular"),
    (6, None, "kaiser ksr"),
    (7, None, "gaussian gauss gss"),
    (9, 0.0, "triangle triang tri"),
    (10, 0.0, "parzen parz par"),
    (11, 0.0, "bohman bman bmn"),
    (12, 0.0, "nuttall nutl nut"),
    (13, 0.0, "flattop flat flt"),
    (14, 0.0, "barthann brthan bth"),
    (15, 0.0, "cosine halfcosine"),
    (16, 0.5, "tukey tuk"),
):
    for _name in _names.split():
        _WINDOWS[_name] = (_kind, _default)


def parameter_error(text):
    """The exception to raise for an argument: librosa's class where librosa is installed."""
    return exceptions.ParameterError(text)


def is_path(source):
    return isinstance(source, (str, bytes, os.PathLike))


def is_positive_int(value):
    return isinstance(value, (int, np.integer)) and value > 0


def is_natural(value):
    """The same, and not True."""
    return is_positive_int(value) and not isinstance(value, bool)


def real_dtype(dtype, default=np.float32):
    """The real type of the precision of `dtype`: complex64 -> float32, complex128 -> float64; others as they are
    if they are floating, else `default`."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return dtype
    return {np.dtype(np.complex64): np.dtype(np.float32), np.dtype(np.complex128): np.dtype(np.float64)}.get(
        dtype, np.dtype(default)
    )


def complex_dtype(dtype, default=np.complex64):
    """The complex type of the precision of `dtype`."""
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return dtype
    return {np.dtype(np.float32): np.dtype(np.complex64), np.dtype(np.float64): np.dtype(np.complex128)}.get(
        dtype, np.dtype(default)
    )


def audio(y):
    """`y` if it is sound: a floating ndarray of at least one dimension. That it is finite is checked where the
    samples are read."""
    if not isinstance(y, np.ndarray):
        raise parameter_error(f"audio is a numpy.ndarray, not {type(y).__name__}")
    if y.dtype.kind != "f":
        raise parameter_error(f"audio is floating, not {y.dtype}")
    if y.ndim == 0:
        raise parameter_error("audio has at least one dimension")
    return y


def checked_audio(y):
    """The same, and finite: for functions that do not hand `y` on to the C library as it is."""
    if not np.isfinite(audio(y)).all():
        raise parameter_error("audio is finite everywhere; this holds NaN or infinity")
    return y


def window_values(window, length, fftbins=True):
    """The `length` values of a window in float64, as librosa.filters.get_window.

    window : a name, (name, parameter), a number (beta of a Kaiser window), a function of the length, or the values.
    """
    if callable(window):
        return window(length)
    if isinstance(window, (str, tuple)) or np.isscalar(window):
        known = known_window(window)
        if known is not None and is_positive_int(length):
            return _core.window(float(length), kind=known[0], parameter=known[1], periodic=bool(fftbins))
        return _scipy_window(window, length, fftbins)
    if isinstance(window, (np.ndarray, list)):
        if len(window) == length:
            return np.asarray(window)
        raise parameter_error(f"a window of {len(window)} values where {length} are needed")
    raise parameter_error(f"no window: {window!r}")


def known_window(window):
    """(kind, parameter) if the C library has it, else None."""
    if isinstance(window, str):
        kind, parameter = _WINDOWS.get(window, (None, None))
        return None if parameter is None else (kind, parameter)
    if isinstance(window, tuple):
        if not window or not isinstance(window[0], str) or window[0] not in _WINDOWS or len(window) > 2:
            return None
        kind, parameter = _WINDOWS[window[0]]
        if len(window) == 2:
            if kind not in (6, 7, 16) or not isinstance(window[1], (int, float, np.number)):
                return None
            parameter = float(window[1])
            sensible = {6: parameter >= 0.0, 7: parameter > 0.0, 16: 0.0 <= parameter <= 1.0}[kind]
            return (kind, parameter) if sensible else None
        return None if parameter is None else (kind, parameter)
    if not np.isscalar(window):
        return None
    try:
        return (6, float(window)) if float(window) >= 0.0 else None
    except (TypeError, ValueError):
        return None


def _scipy_window(window, length, fftbins):
    """A window that only SciPy has, or its complaint."""
    try:
        from scipy.signal import get_window
    except ImportError:
        raise parameter_error(f"no window {window!r}; with SciPy installed there are more") from None
    return get_window(window, length, fftbins=fftbins)


def window(window, length):
    """A periodic window of `length` for the C side: (kind, parameter), or its values in float64."""
    known = known_window(window)
    if known is not None:
        if length < 1:
            raise ValueError(f"a window of {length} samples")
        return known
    return np.asarray(window_values(window, length), dtype=np.float64)


def pad_mode(mode, refused=()):
    """HhPad of one of numpy.pad's modes."""
    if callable(mode) or mode in refused or mode not in PAD_MODES:
        raise parameter_error(f"pad_mode {mode!r} is not supported here")
    return PAD_MODES[mode]


def pad_ends(y, frame_length, mode):
    """Half a frame at both ends, by numpy.pad: for the modes that the C side does not have."""
    half = int(frame_length // 2)
    return np.pad(y, [(0, 0)] * (y.ndim - 1) + [(half, half)], mode=mode)


def transform(n_fft, hop_length, win_length, window_, center, pad):
    """Keywords of the Fourier transform within a C function, from the arguments of stft(); None where only stft() itself
    can do it, or has to refuse it."""
    if center and (not isinstance(pad, str) or pad not in PAD_MODES or pad == "wrap"):
        return None
    win_length = n_fft if win_length is None else win_length
    if not is_natural(n_fft) or not is_natural(win_length):
        return None
    hop_length = win_length // 4 if hop_length is None else hop_length
    if n_fft < 2 or win_length > n_fft or not is_natural(hop_length):
        return None
    try:
        values = window(window_, win_length)
    except Exception:  # of the window's function, or of SciPy
        return None
    return {
        "n_fft": n_fft,
        "hop_length": hop_length,
        "win_length": win_length,
        "window": values,
        "center": bool(center),
        "pad": PAD_MODES[pad] if center else 0,
    }


def cast(result, dtype):
    """The same array if it is of that type."""
    return result if result.dtype == dtype else result.astype(dtype)


def none_is_nan(value):
    """For parameters whose None is NaN on the C side."""
    return float("nan") if value is None else value


def none_is_zero(value):
    """The same of 0, by which the C side means its default."""
    return 0 if value is None else value


def norm_number(norm):
    """A norm for the C side, where none is NaN; None if it has no such norm."""
    if norm is None:
        return np.nan
    known = isinstance(norm, (int, float, np.number)) and norm is not True and (norm >= 0 or norm == -np.inf)
    return float(norm) if known else None


def signal(y):
    """The same as :func:`audio`, in a type that the C side reads without loss where there is one: float32 for half
    precision, float64 for more than double."""
    y = audio(y)
    if y.dtype.itemsize in (4, 8):
        return y
    return y.astype(np.float32 if y.dtype.itemsize < 4 else np.float64)


def in_float_range(y):
    """Whether double samples, and their spectra, are far from the ends of float32's range. True too for what is not
    finite: that is refused where it is read."""
    if y.size == 0:
        return True
    peak = max(float(y.max()), -float(y.min()))
    return not (0.0 < peak < 1e-15 or 1e15 < peak < np.inf)


def _laid(array):
    """The axes of an array in the order in which they lie in memory, and the array with them in that order, in one piece:
    itself if its values lie side by side in any order of the axes, otherwise a copy."""
    order = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    laid = array.transpose(order)
    if laid.flags.c_contiguous:
        return order, laid
    return list(range(array.ndim)), np.ascontiguousarray(array)


def elementwise(function, array, *numbers, **keywords):
    """A function of the C side that treats each value by itself, on an array of any layout, which the results have too."""
    order, laid = _laid(array)
    results = function(laid.reshape(-1), *numbers, **keywords)
    back = np.argsort(order)
    if isinstance(results, tuple):
        return tuple(result.reshape(laid.shape).transpose(back) for result in results)
    return results.reshape(laid.shape).transpose(back)


def along(function, array, axis, *others, **keywords):
    """A function of the C side on {outer, length, inner}, `length` along an axis of `array` (None: along all of it), whose
    layout in memory is kept. `others` are arrays of its shape. The function may change the length."""
    order, laid = _laid(array)
    at = None if axis is None else order.index(axis % array.ndim)
    shape = (1, -1, 1) if at is None else (prod(laid.shape[:at]), laid.shape[at], prod(laid.shape[at + 1 :]))
    others = [other.transpose(order).reshape(shape) for other in others]
    result = function(laid.reshape(shape), *others, **keywords)
    if at is None or result.shape[1] == shape[1]:
        shape = laid.shape
    else:
        shape = laid.shape[:at] + (result.shape[1],) + laid.shape[at + 1 :]
    return result.reshape(shape).transpose(np.argsort(order))
