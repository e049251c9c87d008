from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import _Array, _Names, _Real, _Scalar

__all__ = [
    "frames_to_samples",
    "samples_to_frames",
    "frames_to_time",
    "time_to_frames",
    "samples_to_time",
    "time_to_samples",
    "note_to_hz",
    "note_to_midi",
    "midi_to_note",
    "midi_to_hz",
    "hz_to_midi",
    "hz_to_note",
    "hz_to_mel",
    "mel_to_hz",
    "hz_to_octs",
    "octs_to_hz",
    "fft_frequencies",
    "mel_frequencies",
    "cqt_frequencies",
    "tempo_frequencies",
    "fourier_tempo_frequencies",
    "times_like",
    "samples_like",
]

@overload
def frames_to_samples(
    frames: _Scalar,
    *,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> np.int_: ...
@overload
def frames_to_samples(
    frames: _Array,
    *,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> NDArray[np.int_]: ...
def samples_to_frames(
    samples: ArrayLike,
    *,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> NDArray[np.int_]: ...
@overload
def frames_to_time(
    frames: _Scalar,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> np.float64: ...
@overload
def frames_to_time(
    frames: _Array,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> NDArray[np.float64]: ...
def time_to_frames(
    times: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
) -> NDArray[np.int_]: ...
@overload
def samples_to_time(samples: _Scalar, *, sr: float = 22050) -> np.floating[Any]: ...
@overload
def samples_to_time(samples: _Array, *, sr: float = 22050) -> _Real: ...
@overload
def time_to_samples(times: _Scalar, *, sr: float = 22050) -> np.int_: ...
@overload
def time_to_samples(times: _Array, *, sr: float = 22050) -> NDArray[np.int_]: ...
@overload
def note_to_hz(note: str, *, round_midi: bool = True) -> np.float64: ...
@overload
def note_to_hz(note: _Names, *, round_midi: bool = True) -> NDArray[np.float64]: ...
@overload
def note_to_midi(note: str, *, round_midi: Literal[True] = True) -> int: ...
@overload
def note_to_midi(note: str, *, round_midi: bool = True) -> float: ...
@overload
def note_to_midi(note: _Names, *, round_midi: Literal[True] = True) -> NDArray[np.int_]: ...
@overload
def note_to_midi(note: _Names, *, round_midi: bool = True) -> NDArray[Any]: ...
@overload
def midi_to_note(
    midi: _Scalar,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> str: ...
@overload
def midi_to_note(
    midi: _Array,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> NDArray[np.str_]: ...
@overload
def midi_to_hz(notes: _Scalar) -> np.floating[Any]: ...
@overload
def midi_to_hz(notes: _Array) -> _Real: ...
@overload
def hz_to_midi(frequencies: _Scalar) -> np.floating[Any]: ...
@overload
def hz_to_midi(frequencies: _Array) -> _Real: ...
@overload
def hz_to_note(
    frequencies: _Scalar,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> str: ...
@overload
def hz_to_note(
    frequencies: _Array,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> NDArray[np.str_]: ...
@overload
def hz_to_mel(frequencies: _Scalar, *, htk: bool = False) -> np.floating[Any]: ...
@overload
def hz_to_mel(frequencies: _Array, *, htk: bool = False) -> _Real: ...
@overload
def mel_to_hz(mels: _Scalar, *, htk: bool = False) -> np.floating[Any]: ...
@overload
def mel_to_hz(mels: _Array, *, htk: bool = False) -> _Real: ...
@overload
def hz_to_octs(
    frequencies: _Scalar,
    *,
    tuning: float = 0.0,
    bins_per_octave: int = 12,
) -> np.floating[Any]: ...
@overload
def hz_to_octs(frequencies: _Array, *, tuning: float = 0.0, bins_per_octave: int = 12) -> _Real: ...
@overload
def octs_to_hz(
    octs: _Scalar,
    *,
    tuning: float = 0.0,
    bins_per_octave: int = 12,
) -> np.floating[Any]: ...
@overload
def octs_to_hz(octs: _Array, *, tuning: float = 0.0, bins_per_octave: int = 12) -> _Real: ...
def fft_frequencies(*, sr: float = 22050, n_fft: int = 2048) -> NDArray[np.float64]: ...
def mel_frequencies(
    n_mels: int = 128,
    *,
    fmin: float = 0.0,
    fmax: float = 11025.0,
    htk: bool = False,
) -> NDArray[np.float64]: ...
def cqt_frequencies(
    n_bins: int,
    *,
    fmin: float,
    bins_per_octave: int = 12,
    tuning: float = 0.0,
) -> NDArray[np.float64]: ...
def tempo_frequencies(
    n_bins: int,
    *,
    hop_length: int = 512,
    sr: float = 22050,
) -> NDArray[np.float64]: ...
def fourier_tempo_frequencies(
    *,
    sr: float = 22050,
    win_length: int = 384,
    hop_length: int = 512,
) -> NDArray[np.float64]: ...
def times_like(
    X: NDArray[Any] | int,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
    axis: int = -1,
) -> NDArray[np.float64]: ...
def samples_like(
    X: NDArray[Any] | int,
    *,
    hop_length: int = 512,
    n_fft: int | None = None,
    axis: int = -1,
) -> NDArray[np.int_]: ...
