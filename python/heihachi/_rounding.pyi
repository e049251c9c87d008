from typing import Any

from numpy.typing import NDArray

from ._arguments import _Real, _StftPad, _Window

def mel_levels(
    y: NDArray[Any],
    sr: _Real,
    *,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: _Window = "hann",
    center: bool = True,
    pad_mode: _StftPad = "constant",
    power: float = 2.0,
    **bands: Any,
) -> NDArray[Any]: ...
def pulse(
    envelope: NDArray[Any],
    sr: _Real,
    hop_length: int,
    win_length: int,
    tempo_min: _Real | None,
    tempo_max: _Real | None,
    prior: Any,
) -> NDArray[Any]: ...
