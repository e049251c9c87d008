from typing import Any

from numpy.typing import NDArray

from ._arguments import _Real

def onset_levels(y: NDArray[Any], sr: _Real, hop_length: int) -> NDArray[Any]: ...
def pulse(
    envelope: NDArray[Any],
    sr: _Real,
    hop_length: int,
    win_length: int,
    tempo_min: _Real | None,
    tempo_max: _Real | None,
    prior: Any,
) -> NDArray[Any]: ...
