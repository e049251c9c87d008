from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import _Function, _Real, _Segments, _Units

__all__ = ["onset_backtrack", "onset_detect", "onset_strength", "onset_strength_multi"]

def onset_backtrack(events: ArrayLike, energy: NDArray[Any]) -> NDArray[np.int_]: ...
@overload
def onset_detect(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: NDArray[Any] | None = None,
    units: Literal["frames", "samples"] = "frames",
    normalize: bool = True,
    sparse: Literal[True] = True,
    pre_max: int = ...,
    post_max: int = ...,
    pre_avg: int = ...,
    post_avg: int = ...,
    delta: float = 0.07,
    wait: int = ...,
) -> NDArray[np.int_]: ...
@overload
def onset_detect(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: NDArray[Any] | None = None,
    units: Literal["time"],
    normalize: bool = True,
    sparse: Literal[True] = True,
    pre_max: int = ...,
    post_max: int = ...,
    pre_avg: int = ...,
    post_avg: int = ...,
    delta: float = 0.07,
    wait: int = ...,
) -> NDArray[np.float64]: ...
@overload
def onset_detect(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: NDArray[Any] | None = None,
    units: _Units = "frames",
    normalize: bool = True,
    sparse: Literal[False],
    pre_max: int = ...,
    post_max: int = ...,
    pre_avg: int = ...,
    post_avg: int = ...,
    delta: float = 0.07,
    wait: int = ...,
) -> NDArray[np.bool_]: ...
@overload
def onset_detect(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: NDArray[Any] | None = None,
    units: _Units = "frames",
    normalize: bool = True,
    sparse: bool = True,
    pre_max: int = ...,
    post_max: int = ...,
    pre_avg: int = ...,
    post_avg: int = ...,
    delta: float = 0.07,
    wait: int = ...,
) -> NDArray[Any]: ...
def onset_strength(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    S: NDArray[Any] | None = None,
    lag: int = 1,
    max_size: int = 1,
    ref: NDArray[Any] | None = None,
    detrend: bool = False,
    center: bool = True,
    feature: _Function | None = None,
    aggregate: _Function | None = None,
    **kwargs: Any,
) -> _Real: ...
def onset_strength_multi(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    S: NDArray[Any] | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    lag: int = 1,
    max_size: int = 1,
    ref: NDArray[Any] | None = None,
    detrend: bool = False,
    center: bool = True,
    feature: _Function | None = None,
    aggregate: _Function | Literal[False] | None = None,
    channels: _Segments | None = None,
    **kwargs: Any,
) -> _Real: ...
