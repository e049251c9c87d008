from typing import Any, Literal, TypeVar, overload

import numpy as np
from heihachi._arguments import _PadMode, _Real, _StftPad, _Window
from numpy.typing import ArrayLike, NDArray

__all__ = ["chroma_cqt", "hpss", "yin"]

_F = TypeVar("_F", bound=np.floating[Any])
_C = TypeVar("_C", bound=np.complexfloating[Any, Any])

@overload
def hpss(
    y: NDArray[_F],
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | tuple[float, float] = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    pad_mode: _StftPad = "constant",
) -> tuple[NDArray[_F], NDArray[_F]]: ...
@overload
def hpss(
    y: NDArray[_C],
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    mask: Literal[False] = False,
    margin: float | tuple[float, float] = 1.0,
) -> tuple[NDArray[_C], NDArray[_C]]: ...
@overload
def hpss(
    y: NDArray[_C],
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    mask: bool,
    margin: float | tuple[float, float] = 1.0,
) -> tuple[NDArray[Any], NDArray[Any]]: ...
def yin(
    y: _Real,
    *,
    fmin: float = 50.0,
    fmax: float = 2000.0,
    sr: float = 22050,
    frame_length: int = 2048,
    win_length: Any = ...,
    hop_length: int | None = None,
    trough_threshold: float = 0.1,
    center: bool = True,
    pad_mode: _PadMode = "constant",
) -> NDArray[np.float64]: ...
def chroma_cqt(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    C: _Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    norm: float | None = ...,
    threshold: float | None = 0.0,
    tuning: float | None = None,
    n_chroma: int = 12,
    n_octaves: int = 7,
    window: ArrayLike | None = None,
    bins_per_octave: int | None = 36,
    cqt_mode: Literal["full", "hybrid"] = "full",
) -> _Real: ...
