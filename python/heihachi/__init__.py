"""Audio analysis for electronic music.

The functions bear librosa's names, arguments, results and exceptions (release 0.11.0), without its waiting; ``analyze``
tells everything about a track in one pass, ``fingerprint`` and ``similarity`` what sounds like it, ``patch_librosa`` puts
the functions into a program that knows only librosa.

    import heihachi

    y, sr = heihachi.load("track.flac")
    tempo, beats = heihachi.beat.beat_track(y=y, sr=sr)
    chroma = heihachi.feature.chroma_cqt(y=y, sr=sr)  # (12, frames), as librosa gives it

Calls run on one thread each unless ``set_num_threads`` says otherwise, and do not hold Python's lock, so threads of the
program work side by side.
"""

from . import beat, decompose, effects, exceptions, feature, filters, onset, util
from ._audio import *
from ._constantq import *
from ._convert import *
from ._core import cpu_level, get_num_threads, set_num_threads
from ._core import version as __version__
from ._engine import *
from ._patch import patch_librosa, unpatch, unpatch_librosa
from ._pitch import *
from ._spectrum import *


def __getattr__(name):
    if name in ("ParameterError", "LibrosaError"):
        return getattr(exceptions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
