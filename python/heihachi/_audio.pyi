from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ._arguments import _Function, _Real, _SoundSource

__all__ = [
    "load",
    "get_duration",
    "get_samplerate",
    "to_mono",
    "resample",
    "autocorrelate",
    "zero_crossings",
]

_F = TypeVar("_F", bound=np.floating[Any])

def load(
    path: _SoundSource,
    *,
    sr: float | None = 22050,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    dtype: DTypeLike = ...,
    res_type: str = "soxr_hq",
) -> tuple[_Real, float]: ...
def get_duration(
    *,
    y: NDArray[Any] | None = None,
    sr: float = 22050,
    S: NDArray[Any] | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    path: _SoundSource | None = None,
    filename: _SoundSource | None = None,
) -> float: ...
def get_samplerate(path: _SoundSource) -> float: ...
def to_mono(y: NDArray[_F]) -> NDArray[_F]: ...
def resample(
    y: NDArray[_F],
    *,
    orig_sr: float,
    target_sr: float,
    res_type: str = "soxr_hq",
    fix: bool = True,
    scale: bool = False,
    axis: int = -1,
    **kwargs: Any,
) -> NDArray[_F]: ...
def autocorrelate(
    y: NDArray[Any],
    *,
    max_size: int | None = None,
    axis: int = -1,
) -> NDArray[np.inexact[Any]]: ...
def zero_crossings(
    y: NDArray[Any],
    *,
    threshold: float = 1e-10,
    ref_magnitude: float | _Function | None = None,
    pad: bool = True,
    zero_pos: bool = True,
    axis: int = -1,
) -> NDArray[np.bool_]: ...
