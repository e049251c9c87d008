from typing import Any, Literal, overload
from typing_extensions import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import _Prior, _Real, _Units

__all__ = ["beat_track", "plp", "tempo"]

from .feature._rhythm import tempo as tempo

# An array, or the number that was given as bpm, or 0.0 where there is no onset strength.
_Tempo: TypeAlias = NDArray[np.floating[Any]] | Any

@overload
def beat_track(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    tightness: float = 100,
    trim: bool = True,
    bpm: ArrayLike | None = None,
    prior: _Prior | None = None,
    units: Literal["frames", "samples"] = "frames",
    sparse: Literal[True] = True,
) -> tuple[_Tempo, NDArray[np.int_]]: ...
@overload
def beat_track(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    tightness: float = 100,
    trim: bool = True,
    bpm: ArrayLike | None = None,
    prior: _Prior | None = None,
    units: Literal["time"],
    sparse: Literal[True] = True,
) -> tuple[_Tempo, NDArray[np.float64]]: ...
@overload
def beat_track(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    tightness: float = 100,
    trim: bool = True,
    bpm: ArrayLike | None = None,
    prior: _Prior | None = None,
    units: _Units = "frames",
    sparse: Literal[False],
) -> tuple[_Tempo, NDArray[np.bool_]]: ...
@overload
def beat_track(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    tightness: float = 100,
    trim: bool = True,
    bpm: ArrayLike | None = None,
    prior: _Prior | None = None,
    units: _Units = "frames",
    sparse: bool = True,
) -> tuple[_Tempo, NDArray[Any]]: ...
def plp(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    tempo_min: float | None = 30,
    tempo_max: float | None = 300,
    prior: _Prior | None = None,
) -> _Real: ...
