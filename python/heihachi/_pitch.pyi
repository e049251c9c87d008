from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import _Function, _PadMode, _Real, _StftPad, _Window

__all__ = ["yin", "pyin", "piptrack", "estimate_tuning", "pitch_tuning"]

def yin(
    y: _Real,
    *,
    fmin: float,
    fmax: float,
    sr: float = 22050,
    frame_length: int = 2048,
    win_length: Any = ...,
    hop_length: int | None = None,
    trough_threshold: float = 0.1,
    center: bool = True,
    pad_mode: _PadMode = "constant",
) -> NDArray[np.float64]: ...
def pyin(
    y: _Real,
    *,
    fmin: float,
    fmax: float,
    sr: float = 22050,
    frame_length: int = 2048,
    win_length: Any = ...,
    hop_length: int | None = None,
    n_thresholds: int = 100,
    beta_parameters: tuple[float, float] = (2, 18),
    boltzmann_parameter: float = 2,
    resolution: float = 0.1,
    max_transition_rate: float = 35.92,
    switch_prob: float = 0.01,
    no_trough_prob: float = 0.01,
    fill_na: float | None = ...,
    center: bool = True,
    pad_mode: _PadMode = "constant",
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]: ...
def piptrack(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    S: NDArray[Any] | None = None,
    n_fft: int = 2048,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    pad_mode: _StftPad = "constant",
    ref: float | _Function | None = None,
) -> tuple[_Real, _Real]: ...
def estimate_tuning(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    S: NDArray[Any] | None = None,
    n_fft: int = 2048,
    resolution: float = 0.01,
    bins_per_octave: int = 12,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    pad_mode: _StftPad = "constant",
    ref: float | _Function | None = None,
) -> float: ...
def pitch_tuning(
    frequencies: ArrayLike,
    *,
    resolution: float = 0.01,
    bins_per_octave: int = 12,
) -> float: ...
