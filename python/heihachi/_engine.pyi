from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import Self, TypeAlias

from ._arguments import _Path, _Real

__all__ = ["Fingerprint", "Normaliser", "Similarity", "analyze", "fingerprint", "fit_normaliser", "similarity"]

_Part: TypeAlias = Literal[
    "loudness", "spectral", "mfcc", "rhythm", "harmony", "hpss", "pitch", "pyin", "fingerprint"
]
_Feature: TypeAlias = Literal["fast", "default", "full"] | _Part
# done_s, total_s; False ends the analysis.
_Progress: TypeAlias = Callable[[float, float], object]
_State: TypeAlias = Literal["ok", "above_nyquist", "absent", "silent", "too_short"]
_Weights: TypeAlias = Literal["default", "equal", "frequency", "dynamics"]

@overload
def analyze(
    source: _Path,
    *,
    sr: None = None,
    features: _Feature | Iterable[_Feature] = "default",
    images: bool = False,
    progress: _Progress | None = None,
) -> dict[str, Any]: ...
@overload
def analyze(
    source: _Real,
    *,
    sr: float,
    features: _Feature | Iterable[_Feature] = "default",
    images: bool = False,
    progress: _Progress | None = None,
) -> dict[str, Any]: ...

class Fingerprint(Mapping[str, float]):
    names: ClassVar[tuple[str, ...]]
    units: ClassVar[tuple[str, ...]]
    status: tuple[_State, ...]
    version: int
    extras: dict[str, float]
    def __init__(
        self,
        values: ArrayLike,
        status: Iterable[str],
        version: int,
        extras: Mapping[str, float] | None = None,
    ) -> None: ...
    @property
    def values(self) -> NDArray[np.float64]: ...  # type: ignore[override]
    def __getitem__(self, name: str) -> float: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def to_dict(self) -> dict[str, Any]: ...
    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> Self: ...
    @classmethod
    def read(cls, path: _Path) -> Self: ...
    def write(self, path: _Path) -> None: ...

class Normaliser:
    count: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    def __init__(self, count: int, ranges: Iterable[NDArray[np.float64]]) -> None: ...
    @classmethod
    def typical(cls) -> Self: ...
    @classmethod
    def read(cls, path: _Path) -> Self: ...
    def write(self, path: _Path) -> None: ...

class Similarity(float):
    similarity: float
    distance: float
    contributions: dict[str, float]
    compared: int
    def __new__(
        cls, similarity: float, distance: float, contributions: dict[str, float], compared: int
    ) -> Self: ...
    def __getnewargs__(self) -> tuple[float, float, dict[str, float], int]: ...  # type: ignore[override]

@overload
def fingerprint(
    source: Fingerprint | Mapping[str, Any] | _Path, *, sr: None = None
) -> Fingerprint: ...
@overload
def fingerprint(source: _Real, *, sr: float) -> Fingerprint: ...
def similarity(
    a: Fingerprint | Mapping[str, Any] | _Path,
    b: Fingerprint | Mapping[str, Any] | _Path,
    *,
    normaliser: Normaliser | None = None,
    weights: _Weights = "default",
) -> Similarity: ...
def fit_normaliser(
    fingerprints: Iterable[Fingerprint | Mapping[str, Any] | _Path],
) -> Normaliser: ...
