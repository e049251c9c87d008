from typing import Any, Literal, overload, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["hpss"]

_T = TypeVar("_T", bound=np.generic)

@overload
def hpss(
    S: NDArray[_T],
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    mask: Literal[False] = False,
    margin: float | tuple[float, float] = 1.0,
) -> tuple[NDArray[_T], NDArray[_T]]: ...
@overload
def hpss(
    S: NDArray[_T],
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | tuple[float, float] = 1.0,
) -> tuple[NDArray[Any], NDArray[Any]]: ...
