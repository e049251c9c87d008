from collections.abc import Callable
from typing import Any

PATCHED: list[str]

def patch_librosa() -> None: ...
def unpatch_librosa() -> None: ...

unpatch = unpatch_librosa
def with_replaced_steps(name: str) -> Callable[..., Any] | None: ...
