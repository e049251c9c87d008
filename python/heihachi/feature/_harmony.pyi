from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._arguments import _Intervals, _Real, _StftPad, _Window

__all__ = ["chroma_stft", "chroma_cqt", "chroma_cens", "chroma_vqt", "tonnetz"]

def chroma_stft(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    S: _Real | None = None,
    norm: float | None = ...,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    pad_mode: _StftPad = "constant",
    tuning: float | None = None,
    n_chroma: int = 12,
    ctroct: float = 5.0,
    octwidth: float | None = 2,
    base_c: bool = True,
    dtype: DTypeLike = ...,
) -> _Real: ...
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
def chroma_cens(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    C: _Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    tuning: float | None = None,
    n_chroma: int = 12,
    n_octaves: int = 7,
    bins_per_octave: int | None = 36,
    cqt_mode: Literal["full", "hybrid"] = "full",
    window: ArrayLike | None = None,
    norm: float | None = 2,
    win_len_smooth: int | None = 41,
    smoothing_window: _Window = "hann",
) -> _Real: ...
def chroma_vqt(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    V: _Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    intervals: _Intervals,
    norm: float | None = ...,
    threshold: float | None = 0.0,
    n_octaves: int = 7,
    bins_per_octave: int = 12,
    gamma: float | None = 0,
) -> _Real: ...
def tonnetz(
    *,
    y: _Real | None = None,
    sr: float = 22050,
    chroma: _Real | None = None,
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
) -> NDArray[np.float64]: ...
