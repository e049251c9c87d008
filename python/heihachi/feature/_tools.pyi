from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arguments import _Real

__all__ = ["delta", "stack_memory"]

_T = TypeVar("_T", bound=np.generic)

def delta(
    data: ArrayLike,
    *,
    width: int = 9,
    order: int = 1,
    axis: int = -1,
    mode: Literal["interp", "nearest", "mirror", "constant", "wrap"] = "interp",
    polyorder: int = ...,
    delta: float = 1.0,
    cval: float = 0.0,
) -> _Real: ...
def stack_memory(
    data: NDArray[_T],
    *,
    n_steps: int = 2,
    delay: int = 1,
    **kwargs: Any,
) -> NDArray[_T]: ...
