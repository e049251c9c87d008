import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, type_check_only

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from typing_extensions import TypeAlias

# ---- the types of the public functions' arguments and results

_Real: TypeAlias = NDArray[np.floating[Any]]
_Complex: TypeAlias = NDArray[np.complexfloating[Any, Any]]
# One value, and arrays of them: where the result is the like.
_Scalar: TypeAlias = float | np.number[Any]
_Array: TypeAlias = NDArray[Any] | Sequence[Any]
_Names: TypeAlias = list[str] | tuple[str, ...] | set[str] | NDArray[np.str_]
# Of arrays, such as numpy.max, numpy.mean.
_Function: TypeAlias = Callable[..., Any]
# A name, (name, parameter), beta of a Kaiser window, a function of the length, the values.
_Window: TypeAlias = str | tuple[Any, ...] | float | Callable[[int], Any] | Sequence[float] | NDArray[Any]
_StftPadName: TypeAlias = Literal["constant", "edge", "linear_ramp", "reflect", "symmetric", "empty"]
_StftPad: TypeAlias = _StftPadName | _Function
_PadMode: TypeAlias = _StftPad | Literal["maximum", "mean", "median", "minimum", "wrap"]
_Intervals: TypeAlias = Literal["equal", "pythagorean", "ji3", "ji5", "ji7"] | Sequence[float] | NDArray[Any]
_MelNorm: TypeAlias = Literal["slaney"] | float | None
_Units: TypeAlias = Literal["frames", "samples", "time"]
_Segments: TypeAlias = Sequence[int] | Sequence[slice] | NDArray[np.integer[Any]]
_Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]

@type_check_only
class _Readable(Protocol):
    def read(self, size: int, /) -> Any: ...

@type_check_only
class _AudioreadFile(Protocol):
    @property
    def samplerate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...

# A path, a descriptor, a binary file, soundfile.SoundFile, a file of the audioread package.
_SoundSource: TypeAlias = _Path | int | _Readable | _AudioreadFile

# A distribution of scipy.stats, for example.
@type_check_only
class _Prior(Protocol):
    def logpdf(self, x: NDArray[np.float64], /) -> Any: ...

# ---- the module's own functions, for the package

PAD_MODES: dict[str, int]

def parameter_error(text: str) -> Exception: ...
def is_positive_int(value: object) -> bool: ...
def real_dtype(dtype: DTypeLike, default: DTypeLike = ...) -> np.dtype[Any]: ...
def complex_dtype(dtype: DTypeLike, default: DTypeLike = ...) -> np.dtype[Any]: ...
def audio(y: object) -> _Real: ...
def checked_audio(y: object) -> _Real: ...
def signal(y: object) -> _Real: ...
def in_float_range(y: _Real) -> bool: ...
def window_values(window: _Window, length: int, fftbins: bool = True) -> NDArray[Any]: ...
def known_window(window: Any) -> tuple[int, float] | None: ...
def window(window: _Window, length: int) -> tuple[int, float] | NDArray[np.float64]: ...
def pad_mode(mode: Any, refused: Iterable[str] = ()) -> int: ...
def transform(
    n_fft: object, hop_length: object, win_length: object, window_: _Window, center: object, pad: object
) -> dict[str, Any] | None: ...
def cast(result: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]: ...
def none_is_nan(value: float | None) -> float: ...
def along(
    function: _Function, array: NDArray[Any], axis: int | None, *others: NDArray[Any], **keywords: Any
) -> NDArray[Any]: ...
