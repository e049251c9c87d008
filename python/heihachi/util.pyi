from collections.abc import Callable
from collections.abc import Iterable, Sequence
from typing import Any, Literal, overload, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._arguments import _Function, _Real, _Segments

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

_T = TypeVar("_T", bound=np.generic)

MAX_MEM_BLOCK: int

@overload
def axis_sort(
    S: NDArray[_T],
    *,
    axis: int = -1,
    index: Literal[False] = False,
    value: _Function | None = None,
) -> NDArray[_T]: ...
@overload
def axis_sort(
    S: NDArray[_T],
    *,
    axis: int = -1,
    index: Literal[True],
    value: _Function | None = None,
) -> tuple[NDArray[_T], NDArray[np.intp]]: ...
def buf_to_float(
    x: bytes | bytearray | memoryview | NDArray[Any],
    *,
    n_bytes: int = 2,
    dtype: DTypeLike = ...,
) -> _Real: ...
def cyclic_gradient(
    data: NDArray[Any],
    *,
    edge_order: Literal[1, 2] = 1,
    axis: int = -1,
) -> _Real: ...
def dtype_c2r(d: DTypeLike, *, default: DTypeLike = ...) -> np.dtype[Any]: ...
def dtype_r2c(d: DTypeLike, *, default: DTypeLike = ...) -> np.dtype[Any]: ...
def expand_to(x: NDArray[_T], *, ndim: int, axes: int | Iterable[int]) -> NDArray[_T]: ...
def fix_frames(
    frames: ArrayLike,
    *,
    x_min: int | None = 0,
    x_max: int | None = None,
    pad: bool = True,
) -> NDArray[np.int_]: ...
def fix_length(data: NDArray[_T], *, size: int, axis: int = -1, **kwargs: Any) -> NDArray[_T]: ...
@overload
def frame(
    x: NDArray[_T],
    *,
    frame_length: int,
    hop_length: int,
    axis: int = -1,
    writeable: bool = False,
    subok: bool = False,
) -> NDArray[_T]: ...
@overload
def frame(
    x: Sequence[Any],
    *,
    frame_length: int,
    hop_length: int,
    axis: int = -1,
    writeable: bool = False,
    subok: bool = False,
) -> NDArray[Any]: ...
def index_to_slice(
    idx: ArrayLike,
    *,
    idx_min: int | None = None,
    idx_max: int | None = None,
    step: int | None = None,
    pad: bool = True,
) -> list[slice]: ...
def is_positive_int(x: object) -> bool: ...
def localmax(x: NDArray[Any], *, axis: int = 0) -> NDArray[np.bool_]: ...
def localmin(x: NDArray[Any], *, axis: int = 0) -> NDArray[np.bool_]: ...
def normalize(
    S: NDArray[_T],
    *,
    norm: float | None = ...,
    axis: int | None = 0,
    threshold: float | None = None,
    fill: bool | None = None,
) -> NDArray[_T]: ...
def pad_center(data: NDArray[_T], *, size: int, axis: int = -1, **kwargs: Any) -> NDArray[_T]: ...
@overload
def peak_pick(
    x: NDArray[Any],
    *,
    pre_max: float,
    post_max: float,
    pre_avg: float,
    post_avg: float,
    delta: float,
    wait: float,
    sparse: Literal[True] = True,
    axis: int = -1,
) -> NDArray[np.intp]: ...
@overload
def peak_pick(
    x: NDArray[Any],
    *,
    pre_max: float,
    post_max: float,
    pre_avg: float,
    post_avg: float,
    delta: float,
    wait: float,
    sparse: Literal[False],
    axis: int = -1,
) -> NDArray[np.bool_]: ...
@overload
def peak_pick(
    x: NDArray[Any],
    *,
    pre_max: float,
    post_max: float,
    pre_avg: float,
    post_avg: float,
    delta: float,
    wait: float,
    sparse: bool = True,
    axis: int = -1,
) -> NDArray[Any]: ...
def softmask(
    X: NDArray[Any],
    X_ref: NDArray[Any],
    *,
    power: float = 1,
    split_zeros: bool = False,
) -> NDArray[Any]: ...
def stack(arrays: Sequence[NDArray[_T]], *, axis: int = 0) -> NDArray[_T]: ...
def sync(
    data: NDArray[_T],
    idx: _Segments,
    *,
    aggregate: _Function | None = None,
    pad: bool = True,
    axis: int = -1,
) -> NDArray[_T]: ...
def tiny(x: ArrayLike) -> np.floating[Any]: ...
def valid_audio(y: NDArray[Any]) -> bool: ...
def valid_int(x: float, *, cast: Callable[[Any], Any] | None = None) -> int: ...
def valid_intervals(intervals: NDArray[Any]) -> bool: ...
