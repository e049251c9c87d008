from typing import Any, Literal, overload, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._arguments import _Array, _Complex, _Function, _Real, _Scalar, _StftPad, _StftPadName, _Window

__all__ = [
    "stft",
    "istft",
    "magphase",
    "power_to_db",
    "db_to_power",
    "amplitude_to_db",
    "db_to_amplitude",
    "phase_vocoder",
    "griffinlim",
    "reassigned_spectrogram",
]

_C = TypeVar("_C", bound=np.complexfloating[Any, Any])

def stft(
    y: _Real,
    *,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    dtype: DTypeLike | None = None,
    pad_mode: _StftPad = "constant",
    out: _Complex | None = None,
) -> _Complex: ...
def istft(
    stft_matrix: _Complex,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    dtype: DTypeLike | None = None,
    length: int | None = None,
    out: _Real | None = None,
) -> _Real: ...
def magphase(D: NDArray[Any], *, power: float = 1) -> tuple[_Real, _Complex]: ...
@overload
def power_to_db(
    S: complex | np.number[Any],
    *,
    ref: ArrayLike | _Function = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> np.floating[Any]: ...
@overload
def power_to_db(
    S: _Array,
    *,
    ref: ArrayLike | _Function = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> _Real: ...
@overload
def db_to_power(S_db: _Scalar, *, ref: float = 1.0) -> np.floating[Any]: ...
@overload
def db_to_power(S_db: NDArray[Any], *, ref: float = 1.0) -> _Real: ...
@overload
def amplitude_to_db(
    S: complex | np.number[Any],
    *,
    ref: ArrayLike | _Function = 1.0,
    amin: float = 1e-05,
    top_db: float | None = 80.0,
) -> np.floating[Any]: ...
@overload
def amplitude_to_db(
    S: _Array,
    *,
    ref: ArrayLike | _Function = 1.0,
    amin: float = 1e-05,
    top_db: float | None = 80.0,
) -> _Real: ...
@overload
def db_to_amplitude(S_db: _Scalar, *, ref: float = 1.0) -> np.floating[Any]: ...
@overload
def db_to_amplitude(S_db: NDArray[Any], *, ref: float = 1.0) -> _Real: ...
def phase_vocoder(
    D: NDArray[_C],
    *,
    rate: float,
    hop_length: int | None = None,
    n_fft: int | None = None,
) -> NDArray[_C]: ...
def griffinlim(
    S: NDArray[Any],
    *,
    n_iter: int = 32,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    dtype: DTypeLike | None = None,
    length: int | None = None,
    pad_mode: _StftPad = "constant",
    momentum: float = 0.99,
    init: Literal["random"] | None = "random",
    random_state: int | np.random.RandomState | np.random.Generator | None = None,
) -> _Real: ...
def reassigned_spectrogram(
    y: _Real,
    *,
    sr: float = 22050,
    S: _Complex | None = None,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    reassign_frequencies: bool = True,
    reassign_times: bool = True,
    ref_power: float | _Function = 1e-06,
    fill_nan: bool = False,
    clip: bool = True,
    dtype: DTypeLike | None = None,
    pad_mode: _StftPadName = "constant",
) -> tuple[_Real, _Real, _Real]: ...
