from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ._arguments import _Function, _Real, _StftPad, _Window

__all__ = [
    "hpss",
    "harmonic",
    "percussive",
    "time_stretch",
    "pitch_shift",
    "remix",
    "trim",
    "split",
]

_T = TypeVar("_T", bound=np.generic)
_F = TypeVar("_F", bound=np.floating[Any])

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
def harmonic(
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
) -> NDArray[_F]: ...
def percussive(
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
) -> NDArray[_F]: ...
def time_stretch(
    y: NDArray[_F],
    *,
    rate: float,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
) -> NDArray[_F]: ...
def pitch_shift(
    y: NDArray[_F],
    *,
    sr: float,
    n_steps: float,
    bins_per_octave: int = 12,
    res_type: str = "soxr_hq",
    scale: bool = False,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
) -> NDArray[_F]: ...
def remix(
    y: NDArray[_T],
    intervals: Iterable[Sequence[int] | NDArray[np.integer[Any]]],
    *,
    align_zeros: bool = True,
) -> NDArray[_T]: ...
def trim(
    y: NDArray[_F],
    *,
    top_db: float = 60,
    ref: float | _Function = ...,
    frame_length: int = 2048,
    hop_length: int = 512,
    aggregate: _Function = ...,
) -> tuple[NDArray[_F], NDArray[np.int_]]: ...
def split(
    y: _Real,
    *,
    top_db: float = 60,
    ref: float | _Function = ...,
    frame_length: int = 2048,
    hop_length: int = 512,
    aggregate: _Function = ...,
) -> NDArray[np.int_]: ...
