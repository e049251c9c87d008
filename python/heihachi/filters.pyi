from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._arguments import _Complex, _MelNorm, _Real, _Window

__all__ = [
    "mel",
    "chroma",
    "cq_to_chroma",
    "wavelet",
    "wavelet_lengths",
    "window_sumsquare",
    "get_window",
]

def mel(
    *,
    sr: float,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: _MelNorm = "slaney",
    dtype: DTypeLike = ...,
) -> _Real: ...
def chroma(
    *,
    sr: float,
    n_fft: int,
    n_chroma: int = 12,
    tuning: float = 0.0,
    ctroct: float = 5.0,
    octwidth: float | None = 2,
    norm: float | None = 2,
    base_c: bool = True,
    dtype: DTypeLike = ...,
) -> _Real: ...
def cq_to_chroma(
    n_input: int,
    *,
    bins_per_octave: int = 12,
    n_chroma: int = 12,
    fmin: float | None = None,
    window: ArrayLike | None = None,
    base_c: bool = True,
    dtype: DTypeLike = ...,
) -> _Real: ...
def wavelet(
    *,
    freqs: ArrayLike,
    sr: float = 22050,
    window: _Window = "hann",
    filter_scale: float = 1,
    pad_fft: bool = True,
    norm: float | None = 1,
    dtype: DTypeLike = ...,
    gamma: float | None = 0,
    alpha: float | NDArray[Any] | None = None,
    **kwargs: Any,
) -> tuple[_Complex, NDArray[np.float64]]: ...
def wavelet_lengths(
    *,
    freqs: ArrayLike,
    sr: float = 22050,
    window: _Window = "hann",
    filter_scale: float = 1,
    gamma: float | None = 0,
    alpha: float | NDArray[Any] | None = None,
) -> tuple[NDArray[np.float64], float]: ...
def window_sumsquare(
    *,
    window: _Window,
    n_frames: int,
    hop_length: int = 512,
    win_length: int | None = None,
    n_fft: int = 2048,
    dtype: DTypeLike = ...,
    norm: float | None = None,
) -> _Real: ...
def get_window(window: _Window, Nx: int, *, fftbins: bool = True) -> NDArray[Any]: ...
