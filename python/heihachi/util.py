"""Small tools on arrays: frames, normalisation, local maxima, peaks, masks."""

import numpy as np

from . import _core
from ._arguments import along, checked_audio, complex_dtype, norm_number, parameter_error, real_dtype
from ._arguments import is_positive_int as _is_positive_int

__all__ = [
    "MAX_MEM_BLOCK",
    "axis_sort",
    "buf_to_float",
    "cyclic_gradient",
    "dtype_c2r",
    "dtype_r2c",
    "expand_to",
    "fix_frames",
    "fix_length",
    "frame",
    "index_to_slice",
    "is_positive_int",
    "localmax",
    "localmin",
    "normalize",
    "pad_center",
    "peak_pick",
    "softmask",
    "stack",
    "sync",
    "tiny",
    "valid_audio",
    "valid_int",
    "valid_intervals",
]

# Bytes that librosa's block-wise functions work on at a time; for programs that read it.
MAX_MEM_BLOCK = 2**18

# Types of arrays that the C side takes, and those of them that are real.
_FLOATING, _REAL = "fdFD", "fd"


# ---- what an argument may be


def valid_audio(y):
    """True if `y` is sound: a floating ndarray of one or more dimensions, finite everywhere.

    Raises
    ------
    ParameterError
        It is not.
    """
    checked_audio(y)
    return True


def valid_int(x, *, cast=None):
    """`x` as an int, rounded by `cast` (default: down)."""
    if cast is None:
        cast = np.floor
    if not callable(cast):
        raise parameter_error("cast is a function of a number")
    return int(cast(x))


def is_positive_int(x):
    """Whether `x` is an integer above 0."""
    return _is_positive_int(x)


def valid_intervals(intervals):
    """True if `intervals` is an array (n, 2) whose rows do not end before they start.

    Raises
    ------
    ParameterError
        It is not.
    """
    if intervals.ndim != 2 or intervals.shape[-1] != 2:
        raise parameter_error(f"intervals have the shape (n, 2), not {intervals.shape}")
    if (intervals[:, 0] > intervals[:, 1]).any():
        raise parameter_error("an interval ends before it starts")
    return True


def tiny(x):
    """The smallest normal number of the type of `x`; of float32 for what is not floating or complex."""
    dtype = np.asarray(x).dtype
    return np.finfo(dtype if dtype.kind in "fc" else np.float32).tiny


def dtype_r2c(d, *, default=np.complex64):
    """The complex type of the precision of `d`: float32 -> complex64, float64 -> complex128; complex types as they
    are, `default` for others."""
    return np.dtype(complex_dtype(d, default))


def dtype_c2r(d, *, default=np.float32):
    """The real type of the precision of `d`: complex64 -> float32, complex128 -> float64; floating types as they
    are, `default` for others."""
    return np.dtype(real_dtype(d, default))


# ---- shapes


def _along(ndim, axis, what):
    """An index of `ndim` axes that is `what` along one of them."""
    index = [slice(None)] * ndim
    index[axis] = what
    return tuple(index)


def frame(x, *, frame_length, hop_length, axis=-1, writeable=False, subok=False):
    """`x` cut into overlapping frames: a view, read-only unless `writeable`.

    Returns
    -------
    (..., frame_length, frames) for axis=-1, (frames, frame_length, ...) for axis=0: the new axis stands before a
    negative `axis`, behind another; frame t begins at t * hop_length.

    Raises
    ------
    ParameterError
        `x` is shorter than a frame, or the hop is below 1.
    """
    x = np.asanyarray(x) if subok else np.asarray(x)
    if x.shape[axis] < frame_length:
        raise parameter_error(f"{x.shape[axis]} values are shorter than a frame of {frame_length}")
    if hop_length < 1:
        raise parameter_error(f"hop_length={hop_length} must be at least 1")
    shape = list(x.shape)
    shape[axis] -= frame_length - 1
    framed = np.lib.stride_tricks.as_strided(
        x,
        shape=(*shape, frame_length),
        strides=(*x.strides, x.strides[axis]),
        subok=subok,
        writeable=writeable,
    )
    framed = np.moveaxis(framed, -1, axis - 1 if axis < 0 else axis + 1)
    return framed[_along(framed.ndim, axis, slice(None, None, hop_length))]


def expand_to(x, *, ndim, axes):
    """A view of `x` with `ndim` axes: its own stand at `axes` (one, or one for each), the others have length 1.

    Raises
    ------
    ParameterError
        Not as many `axes` as `x` has, or more than `ndim`.
    """
    try:
        axes = tuple(axes)
    except TypeError:
        axes = (axes,)
    if len(axes) != x.ndim:
        raise parameter_error(f"{len(axes)} axes for an array of the shape {x.shape}")
    if ndim < x.ndim:
        raise parameter_error(f"an array of the shape {x.shape} does not fit into {ndim} axes")
    shape = [1] * ndim
    for axis, length in zip(axes, x.shape):
        shape[axis] = length
    return x.reshape(shape)


def pad_center(data, *, size, axis=-1, **kwargs):
    """`data` in the middle of `size` values along `axis`; the rest by numpy.pad (`kwargs`, default zeros).

    Raises
    ------
    ParameterError
        `data` is longer than `size`.
    """
    n = data.shape[axis]
    before = int((size - n) // 2)
    if before < 0:
        raise parameter_error(f"{n} values do not fit into {size}")
    widths = [(0, 0)] * data.ndim
    widths[axis] = (before, int(size - n - before))
    return np.pad(data, widths, **{"mode": "constant", **kwargs})


def fix_length(data, *, size, axis=-1, **kwargs):
    """`data` with exactly `size` values along `axis`: cut at its end, or padded there by numpy.pad (`kwargs`, default
    zeros). Always a copy."""
    n = data.shape[axis]
    if n >= size:
        return data[_along(data.ndim, axis, slice(0, size))].copy()
    widths = [(0, 0)] * data.ndim
    widths[axis] = (0, size - n)
    return np.pad(data, widths, **{"mode": "constant", **kwargs})


def fix_frames(frames, *, x_min=0, x_max=None, pad=True):
    """Frame numbers in ascending order, without repeats, within x_min..x_max (None: no limit).

    pad : the limits themselves are in the list too, and what lies beyond moves to them instead of being dropped.

    Raises
    ------
    ParameterError
        A frame is negative.
    """
    frames = np.asarray(frames)
    if (frames < 0).any():
        raise parameter_error("a frame number is negative")
    if pad:
        limits = [x for x in (x_min, x_max) if x is not None]
        if limits:
            frames = np.clip(frames, x_min, x_max)
        frames = np.concatenate((np.asarray(limits), frames))
    if x_min is not None:
        frames = frames[frames >= x_min]
    if x_max is not None:
        frames = frames[frames <= x_max]
    return np.unique(frames).astype(int)


def index_to_slice(idx, *, idx_min=None, idx_max=None, step=None, pad=True):
    """A list of the slices between neighbouring numbers of `idx`, as :func:`fix_frames` puts them in order."""
    edges = fix_frames(idx, x_min=idx_min, x_max=idx_max, pad=pad)
    return [slice(start, end, step) for start, end in zip(edges, edges[1:])]


def axis_sort(S, *, axis=-1, index=False, value=None):
    """The rows or columns of a matrix sorted along `axis` by what `value(S, axis=the other one)` gives for each, default
    where their maximum is; with `index`, also their order.

    Raises
    ------
    ParameterError
        `S` does not have two axes.
    """
    if S.ndim != 2:
        raise parameter_error(f"a matrix can be sorted, not an array of the shape {S.shape}")
    order = np.argsort((np.argmax if value is None else value)(S, axis=(1 - axis) % 2))
    ordered = S[_along(2, axis, order)]
    return (ordered, order) if index else ordered


def stack(arrays, *, axis=0):
    """Arrays of one shape side by side along a new axis; for axis 0 in Fortran order, so that a list of channels makes
    frames whose channels lie together.

    Raises
    ------
    ParameterError
        The shapes differ, or there are no arrays.
    """
    shapes = {array.shape for array in arrays}
    if not shapes:
        raise parameter_error("there are no arrays to stack")
    if len(shapes) > 1:
        raise parameter_error(f"the arrays to stack have {len(shapes)} shapes")
    if axis != 0:
        return np.stack(arrays, axis=axis)
    out = np.empty((len(arrays), *shapes.pop()), dtype=np.result_type(*arrays), order="F")
    return np.stack(arrays, axis=0, out=out)


def sync(data, idx, *, aggregate=None, pad=True, axis=-1):
    """One value for each segment of `data` along `axis`, for example for each beat.

    Parameters
    ----------
    data : array
    idx : segments as slices, or the frame numbers between them
    aggregate : function of an array and `axis`, default numpy.mean
    pad : with frame numbers, also what is before the first and behind the last is a segment
    axis : of the segments

    Returns
    -------
    The type of `data`; as many values along `axis` as there are segments.

    Raises
    ------
    ParameterError
        `idx` holds neither slices nor integers only.
    """
    if aggregate is None:
        aggregate = np.mean
    if all(isinstance(item, slice) for item in idx):
        slices = idx
    elif all(isinstance(item, (int, np.integer)) for item in idx):
        edges = fix_frames(np.asarray(idx), x_min=0, x_max=data.shape[axis], pad=pad)
        if aggregate is np.mean and data.dtype.char in _FLOATING and len(edges) > 1 and data.size:
            return along(_core.sync, data, axis, boundary=edges)
        slices = [slice(start, end) for start, end in zip(edges, edges[1:])]
    else:
        raise parameter_error(f"segments are slices or integers, not {idx}")
    shape = list(data.shape)
    shape[axis] = len(slices)
    out = np.empty(shape, order="F" if np.isfortran(data) else "C", dtype=data.dtype)
    for i, segment in enumerate(slices):
        out[_along(data.ndim, axis, i)] = aggregate(data[_along(data.ndim, axis, segment)], axis=axis)
    return out


# ---- values


def normalize(S, *, norm=np.inf, axis=0, threshold=None, fill=None):
    """`S` over its norm along `axis` (None: over that of all values).

    Parameters
    ----------
    S : array of any numeric type; magnitudes count
    norm : p > 0, for (sum |x|^p)^(1/p); inf the largest, -inf the smallest magnitude; 0 how many are not 0; None leaves
        the values as they are
    threshold : norms below it count as 0, default :func:`tiny` of `S`
    fill : of values whose norm is that small: None leaves them, False sets 0, True makes them equal, of norm 1

    Returns
    -------
    The shape and type of `S`

    Raises
    ------
    ParameterError
        NaN or infinity in `S`; a threshold that is not above 0, another fill or norm; fill=True with norm=0.
    """
    if threshold is None:
        threshold = tiny(S)
    elif threshold <= 0:
        raise parameter_error(f"threshold={threshold} must be above 0")
    if fill not in (None, False, True):
        raise parameter_error(f"fill={fill} is none of None, False and True")
    if _is_quick(S, norm, axis, fill):
        fill = 0 if fill is None else 1 if fill else 2
        return along(_core.normalize, S, axis, norm=norm, threshold=threshold, fill=fill)
    if not np.isfinite(S).all():
        raise parameter_error("there is NaN or infinity in what is to be normalised")
    if norm is None:
        return np.array(S)
    length, equal = _norm(S, norm, axis, fill)
    small = length < threshold
    length[small] = {None: 1.0, True: np.nan, False: np.inf}[None if fill is None else bool(fill)]
    out = np.empty_like(S)
    out[...] = S / length
    if fill:
        out[np.isnan(out)] = equal
    return out


def _is_quick(S, norm, axis, fill):
    """Whether the C side takes this."""
    if not isinstance(S, np.ndarray) or S.dtype.char not in _FLOATING or S.size == 0 or S.ndim == 0:
        return False
    if norm is None or norm_number(norm) is None or (norm == 0 and fill):
        return False
    return axis is None or (isinstance(axis, (int, np.integer)) and -S.ndim <= axis < S.ndim)


def _norm(S, norm, axis, fill):
    """The norms, in double, and the value whose repetition has the norm 1."""
    magnitude = np.abs(S).astype(np.float64)
    if norm == np.inf:
        return magnitude.max(axis=axis, keepdims=True), 1.0
    if norm == -np.inf:
        return magnitude.min(axis=axis, keepdims=True), 1.0
    if norm == 0:
        if fill is True:
            raise parameter_error("fill=True has no meaning with norm=0")
        return np.sum(magnitude > 0, axis=axis, keepdims=True, dtype=np.float64), 1.0
    if np.issubdtype(type(norm), np.number) and norm > 0:
        count = magnitude.size if axis is None else magnitude.shape[axis]
        if norm == 1:
            return magnitude.sum(axis=axis, keepdims=True), count**-1.0
        return (magnitude**norm).sum(axis=axis, keepdims=True) ** (1.0 / norm), count ** (-1.0 / norm)
    raise parameter_error(f"norm={norm!r} is not known")


def localmax(x, *, axis=0):
    """Where `x` is above the value before it and not below the next, along `axis`. Never at the first value; at the
    last if it is above the one before.

    Returns
    -------
    bool, the shape of `x`
    """
    return _local(x, axis, _core.local_maxima, np.greater, np.greater_equal)


def localmin(x, *, axis=0):
    """Where `x` is below the value before it and not above the next, along `axis`. Never at the first value; at the
    last if it is below the one before.

    Returns
    -------
    bool, the shape of `x`
    """
    return _local(x, axis, _core.local_minima, np.less, np.less_equal)


def _local(x, axis, quick, beyond, not_within):
    last = x.swapaxes(-1, axis)
    if last.shape[-1] < (2 if x.size else 1):
        raise IndexError(f"a local extremum is one of two values at least, not of {last.shape[-1]}")
    if x.size and x.dtype.char in _REAL:
        return along(quick, x, axis)
    flags = np.zeros_like(x, dtype=bool)
    out = flags.swapaxes(-1, axis)
    if x.size:
        beyond(last[..., 1:-1], last[..., :-2], out=out[..., 1:-1])
        out[..., 1:-1] &= not_within(last[..., 1:-1], last[..., 2:])
        out[..., -1] = beyond(last[..., -1], last[..., -2])
    return flags


def peak_pick(x, *, pre_max, post_max, pre_avg, post_avg, delta, wait, sparse=True, axis=-1):
    """Peaks of `x`: values that are the largest from pre_max before to post_max behind them (itself counted), at least
    `delta` above the mean from pre_avg before to post_avg behind, and more than `wait` after the last peak.

    S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection methods", ISMIR 2012.

    Parameters
    ----------
    x : floating, (n,) or, unless sparse, any shape; NaN is no peak, nor has it one around it
    pre_max, pre_avg, wait : values, at least 0
    post_max, post_avg : values, above 0
    delta : at least 0
    sparse : the places of the peaks; else a flag for each value
    axis : of flags

    Returns
    -------
    int (peaks,), or bool of the shape of `x`

    Raises
    ------
    ParameterError
        A parameter is out of its range, or `x` has several axes and `sparse`.
    TypeError
        `x` is not floating.
    ValueError
        There are no values along `axis`.
    """
    for name, value in (("pre_max", pre_max), ("pre_avg", pre_avg), ("delta", delta), ("wait", wait)):
        if value < 0:
            raise parameter_error(f"{name}={value} must be at least 0")
    for name, value in (("post_max", post_max), ("post_avg", post_avg)):
        if value <= 0:
            raise parameter_error(f"{name}={value} must be above 0")
    if sparse and x.ndim != 1:
        raise parameter_error(f"a list of peaks is of one axis, not of {x.ndim}: set sparse=False")
    if x.dtype.kind != "f":
        raise TypeError(f"peaks are of floating values, not of {x.dtype}")
    flags = np.zeros_like(x, dtype=bool)
    lines = x.swapaxes(axis, -1)
    if 0 not in lines.shape[:-1]:
        if lines.shape[-1] == 0:
            raise ValueError(f"peaks along an axis of no values: shape {x.shape}")
        flags.swapaxes(axis, -1)[...] = _core.peak_flags(
            lines,
            pre_max=pre_max,
            post_max=post_max,
            pre_avg=pre_avg,
            post_avg=post_avg,
            delta=delta,
            wait=wait,
        )
    return np.flatnonzero(flags) if sparse else flags


def softmask(X, X_ref, *, power=1, split_zeros=False):
    """X^power / (X^power + X_ref^power), without overflow: how much of each value belongs to `X`.

    Parameters
    ----------
    X, X_ref : arrays of one shape, not negative
    power : above 0; inf for the binary mask X > X_ref
    split_zeros : where both are 0 the mask is 1/2 instead of 0

    Returns
    -------
    The shape and type of `X` (float32 for integers), in [0, 1]; bool for power=inf

    Raises
    ------
    ParameterError
        The shapes differ, a value is negative, or `power` is not above 0.
    """
    if X.shape != X_ref.shape:
        raise parameter_error(f"the shapes {X.shape} and {X_ref.shape} differ")
    if power <= 0:
        raise parameter_error(f"power={power} must be above 0")
    if X.dtype.char in _REAL and X.dtype == X_ref.dtype and X.size and X.ndim:
        if X.strides != X_ref.strides:
            X, X_ref = np.ascontiguousarray(X), np.ascontiguousarray(X_ref)
        return along(_core.softmask, X, None, X_ref, power=power, split_zeros=bool(split_zeros))
    if (X < 0).any() or (X_ref < 0).any():
        raise parameter_error("values to be masked must not be negative")
    if not np.isfinite(power):
        return X > X_ref
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(np.float32)
    largest = np.maximum(X, X_ref).astype(dtype)
    nothing = largest < np.finfo(dtype).tiny
    largest[nothing] = 1
    mask = (X / largest) ** power
    reference = (X_ref / largest) ** power
    np.divide(mask, mask + reference, out=mask, where=~nothing)
    mask[nothing] = 0.5 if split_zeros else 0.0
    return mask


def buf_to_float(x, *, n_bytes=2, dtype=np.float32):
    """A buffer of little-endian signed integers of `n_bytes` bytes as floats in [-1, 1)."""
    return np.frombuffer(x, f"<i{n_bytes:d}").astype(dtype) * (1.0 / float(1 << (8 * n_bytes - 1)))


def cyclic_gradient(data, *, edge_order=1, axis=-1):
    """numpy.gradient along an axis whose ends meet."""
    widths = [(0, 0)] * data.ndim
    widths[axis] = (edge_order, edge_order)
    slope = np.gradient(np.pad(data, widths, mode="wrap"), edge_order=edge_order, axis=axis)
    return slope[_along(data.ndim, axis, slice(edge_order, -edge_order))]
