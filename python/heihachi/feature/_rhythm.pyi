from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arguments import _Complex, _Function, _Prior, _Real, _Window

__all__ = ["fourier_tempogram", "tempo", "tempogram", "tempogram_ratio"]

def fourier_tempogram(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: _Real | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    center: bool = True,
    window: _Window = "hann",
) -> _Complex: ...
def tempo(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    tg: _Real | None = None,
    hop_length: int = 512,
    start_bpm: float = 120,
    std_bpm: float = 1.0,
    ac_size: float = 8.0,
    max_tempo: float | None = 320.0,
    aggregate: _Function | None = ...,
    prior: _Prior | None = None,
) -> _Real: ...
def tempogram(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    center: bool = True,
    window: _Window = "hann",
    norm: float | None = ...,
) -> NDArray[np.float64]: ...
def tempogram_ratio(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    onset_envelope: ArrayLike | None = None,
    tg: _Real | None = None,
    bpm: ArrayLike | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    start_bpm: float = 120,
    std_bpm: float = 1.0,
    max_tempo: float | None = 320.0,
    freqs: NDArray[Any] | None = None,
    factors: ArrayLike | None = None,
    aggregate: _Function | None = None,
    prior: _Prior | None = None,
    center: bool = True,
    window: _Window = "hann",
    kind: str = "linear",
    fill_value: float = 0,
    norm: float | None = ...,
) -> NDArray[np.float64]: ...
