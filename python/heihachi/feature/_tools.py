"""What is done to features: derivatives, memory."""

from math import prod
from operator import index

import numpy as np

from .. import _arguments as args
from .. import _core

__all__ = ["delta", "stack_memory"]

# HhDeltaMode of include/heihachi/matrix.h.
_DELTA_MODES = {"interp": 0, "nearest": 1, "mirror": 2, "constant": 3, "wrap": 4}
# HhStackPad of the same.
_STACK_PADS = {"constant": 0, "edge": 1, "reflect": 2, "symmetric": 3, "wrap": 4}
# A type of the C library for each size of a value.
_CARRIERS = {1: np.bool_, 4: np.float32, 8: np.float64, 16: np.complex128}


def delta(data, *, width=9, order=1, axis=-1, mode="interp", **kwargs):
    """Derivative of a feature, of the polynomial that is nearest to the `width` values around each.

    Parameters
    ----------
    data : ndarray
    width : int, odd, 3 or more
    order : int > 0
        Of the derivative, and of the polynomial.
    axis : int
    mode : "interp", "nearest", "mirror", "constant" or "wrap"
        What stands beyond the ends; "interp": the polynomial through the outermost values goes on to the end.
    **kwargs
        ``polyorder``: the polynomial's, if it is another. ``delta``: distance of the values, 1. ``cval``: the constant, 0.

    Returns
    -------
    ndarray of the shape of `data`
        float32 for float32, else float64.

    Raises
    ------
    ParameterError
        `width` is even, below 3, or more than there are values for "interp"; `order` is not a positive integer.
    ValueError
        `polyorder` is not below `width`; no such `mode`; for "interp" a value at an end that is not finite.

    References
    ----------
    A. Savitzky and M. J. E. Golay, Smoothing and differentiation of data by simplified least squares procedures, Analytical
    Chemistry, 1964.
    """
    data = np.atleast_1d(data)
    if mode == "interp" and width > data.shape[axis]:
        raise args.parameter_error(f"width={width} is more than the {data.shape[axis]} values that mode='interp' has")
    if width < 3 or np.mod(width, 2) != 1:
        raise args.parameter_error(f"width={width}: an odd integer, 3 or more, is needed")
    if order <= 0 or not isinstance(order, (int, np.integer)):
        raise args.parameter_error(f"order={order}: a positive integer is needed")
    kwargs.pop("deriv", None)
    polyorder, spacing, cval = _polynomial(width, **{"polyorder": order, **kwargs})
    if mode not in _DELTA_MODES:
        raise ValueError(f"no mode {mode!r}: {', '.join(_DELTA_MODES)}")
    if data.dtype not in (np.float32, np.float64):
        data = data.astype(np.float64)
    if mode == "interp":
        _check_ends(data, width, axis)
    if data.size == 0 or order > polyorder:
        return np.zeros_like(data)
    return args.along(
        _core.delta,
        data,
        axis,
        width=index(width),
        order=order,
        poly_order=polyorder,
        spacing=spacing,
        mode=_DELTA_MODES[mode],
        cval=cval,
    )


def _check_ends(data, width, axis):
    """A polynomial goes through finite values only."""
    lines = np.moveaxis(data, axis, -1)
    if data.size == 0 or not (np.isfinite(lines[..., :width]).all() and np.isfinite(lines[..., -width:]).all()):
        raise ValueError("mode='interp' needs values at the ends, and finite ones")


def _polynomial(width, polyorder, delta=1.0, cval=0.0):
    if polyorder >= width:
        raise ValueError(f"polyorder={polyorder} must be below width={width}")
    return polyorder, delta, cval


def stack_memory(data, *, n_steps=2, delay=1, **kwargs):
    """A feature with its past: below the frames t those of t - delay, t - 2 delay and so on.

    Parameters
    ----------
    data : ndarray (..., rows, frames)
    n_steps : int > 0
        Frames one below the other, the present one included.
    delay : int, not 0
        Frames from one to the next; negative: from the future.
    **kwargs
        Of ``numpy.pad``, for what stands beyond the ends: zeros.

    Returns
    -------
    ndarray (..., n_steps * rows, frames)
        Of the type of `data`.

    Raises
    ------
    ParameterError
        `n_steps` or `delay` is outside its range; there are no frames.
    TypeError
        Values that are no numbers.
    """
    if n_steps < 1:
        raise args.parameter_error(f"n_steps={n_steps}: at least 1 is needed")
    if delay == 0:
        raise args.parameter_error("delay is 0")
    data = np.atleast_2d(data)
    rows, frames = data.shape[-2:]
    if frames < 1:
        raise args.parameter_error(f"there are no frames in the shape {data.shape}")
    options = dict(kwargs)
    pad = _STACK_PADS.get(options.pop("mode", "constant"))
    if pad is not None and not options:
        return _stacked(data, n_steps, delay, pad)
    reach = int((n_steps - 1) * abs(delay))
    widths = [(0, 0)] * (data.ndim - 1) + [(reach, 0) if delay > 0 else (0, reach)]
    stacked = _stacked(np.pad(data, widths, **{"mode": "constant", **kwargs}), n_steps, delay, 0)
    return (stacked[..., reach:] if delay > 0 else stacked[..., :frames]).copy(order="K")


def _stacked(data, n_steps, delay, pad):
    """By the C side, which copies values of any type: they go in as one of its types of their size."""
    lead, (rows, frames) = data.shape[:-2], data.shape[-2:]
    if data.dtype.itemsize == 2:
        return _stacked(data.astype(np.float32), n_steps, delay, pad).astype(data.dtype)
    if data.dtype.kind not in "biufc" or data.dtype.itemsize not in _CARRIERS:
        raise TypeError(f"values of the type {data.dtype} cannot be stacked")
    frame_major = data.strides[-2] < data.strides[-1]
    data = np.ascontiguousarray(data.swapaxes(-1, -2) if frame_major else data)
    stacked = _core.stack_memory(
        data.view(_CARRIERS[data.dtype.itemsize]).reshape((prod(lead),) + data.shape[-2:]),
        n_steps=n_steps,
        delay=delay,
        pad=pad,
        frame_major=frame_major,
    ).view(data.dtype)
    if frame_major:
        stacked = stacked.swapaxes(-1, -2)
    return stacked.reshape(lead + (n_steps * rows, frames))
