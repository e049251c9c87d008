"""Exceptions. ``ParameterError`` and ``LibrosaError`` are librosa's own classes where librosa is installed, so that
``except librosa.ParameterError`` goes on working; librosa is imported only when one of them is needed."""


class DecodeError(OSError):
    """A file that does not hold what it should: neither libsndfile nor ffmpeg can decode it, it has no samples, or it is
    not the fingerprint that it was said to be. The message names the file."""


class Cancelled(Exception):
    """The progress function of an analysis returned False."""


def _librosa_classes():
    try:
        from librosa.util import exceptions as librosa_exceptions
    except ImportError:
        root = type("LibrosaError", (Exception,), {"__module__": __name__, "__doc__": "Root of the errors of arguments."})
        return root, type(
            "ParameterError", (root,), {"__module__": __name__, "__doc__": "An argument is outside its range."}
        )
    return librosa_exceptions.LibrosaError, librosa_exceptions.ParameterError


def __getattr__(name):
    if name not in ("LibrosaError", "ParameterError"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["LibrosaError"], globals()["ParameterError"] = _librosa_classes()
    return globals()[name]
