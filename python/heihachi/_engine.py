"""Whole tracks: the analysis, the fingerprint, how similar two of them are.

The numbers are those of the ``heihachi`` command: one C engine, one producer of the result."""

import os
from collections.abc import Mapping

import numpy as np

from . import _core
from ._arguments import audio, is_path, parameter_error

__all__ = ["Fingerprint", "Normaliser", "Similarity", "analyze", "fingerprint", "fit_normaliser", "similarity"]

# HH_FEATURES_FAST, HH_FEATURES_DEFAULT and HH_FEATURES_FULL of include/heihachi/engine.h by the names of their parts.
_PROFILES = {
    "fast": "loudness,spectral,rhythm",
    "default": "loudness,spectral,mfcc,rhythm,harmony,hpss,pitch,fingerprint",
    "full": "all",
}
_NAMES, _UNITS, _STATES = _core.fingerprint_texts()
_WEIGHTS = {"default": 0, "equal": 1, "frequency": 2, "dynamics": 3}
_RANGES = ("low", "high", "min", "max", "mean", "std")


def _feature_names(features):
    if isinstance(features, str):
        return _PROFILES.get(features, features)
    names = list(features)
    if not all(isinstance(name, str) for name in names):
        raise parameter_error(f"features are names, not {features!r}")
    return ",".join(_PROFILES.get(name, name) for name in names)


def analyze(source, *, sr=None, features="default", images=False, progress=None):
    """Everything about a track, decoded once and transformed once.

    The analysis runs at 44.1 kHz (other rates are resampled) on the mean of the channels, loudness and stereo figures on
    the channels themselves. The result does not depend on the number of threads. Python's lock is not held meanwhile,
    and Ctrl-C ends a long analysis with KeyboardInterrupt.

    Parameters
    ----------
    source : str, bytes, os.PathLike or np.ndarray [shape=(..., n)]
        A file that libsndfile or the ``ffmpeg`` program can decode, or samples: floating, full scale at 1, channels
        before the last axis. Doubles are rounded to float32.
    sr : number in 4000..768000, Hz
        Rate of the samples: needed with an array, refused with a file, which has its own.
    features : str or list of str
        A profile, "fast" (loudness, spectral, rhythm), "default" (everything but pyin) or "full"; or names of "loudness",
        "spectral", "mfcc", "rhythm", "harmony", "hpss", "pitch", "pyin", "fingerprint".
    images : bool
        Also reduce the spectra to pictures of at most 4096 columns.
    progress : callable(done_s, total_s), optional
        Called in this thread at most 20 times a second and once at the end, with the seconds of sound that are done and
        the length of the track (0.0 while it is not known). If it returns False the analysis ends with `Cancelled`, if
        it raises, with that.

    Returns
    -------
    result : dict
        The tree of result.json (docs/result.schema.json): what is not known is None, what was not asked for is None too.
        And beside it

        result["arrays"] : dict of np.ndarray
            what features.npz holds, under the same names: each series of ``result["series"]`` as float32, (rows) or
            (rows, columns); the float64 times of their rows, in seconds, under the name that the series gives as
            ``time``; ``beats_s``, ``onsets_s`` [s] and ``fingerprint`` (25, NaN for what is not known) as float64.
        result["images"] : list of dict
            with ``images``: ``name``, ``unit``, ``values`` (float32, (rows, columns), lowest row first), ``column_s`` [s],
            ``low`` and ``high`` (edges of the rows), ``log_rows``.

    Raises
    ------
    FileNotFoundError, PermissionError, IsADirectoryError, OSError
        The file cannot be opened.
    DecodeError
        It cannot be decoded, or has no samples, or holds NaN; the message names the file. An OSError too.
    ParameterError
        An array of integers, without samples or with NaN, no `sr`, an unknown feature.
    Cancelled
        `progress` returned False.
    """
    if is_path(source):
        if sr is not None:
            raise parameter_error("sr goes with samples; a file has its own rate")
        source = os.fsencode(source)
    elif isinstance(source, np.ndarray):
        audio(source)
        if sr is None:
            raise parameter_error("samples need their rate: analyze(y, sr=...)")
        sr = float(sr)
        with np.errstate(over="ignore"):  # doubles beyond float32 become infinite, and are refused for that
            source = source.astype(np.float32, copy=False)
    else:
        raise TypeError(f"a path or an array is analysed, not {type(source).__name__}")
    if progress is not None and not callable(progress):
        raise TypeError("progress is a function of two numbers")
    text, series, beats, onsets, values, pictures = _core.analyse(
        source, sr, _feature_names(features), bool(images), progress, _signals_come_here()
    )
    import json

    result = json.loads(text)
    arrays = result["arrays"] = {}
    for about, (data, start, hop) in zip(result["series"], series):
        arrays[about["name"]] = data
        if about["time"] not in arrays:
            arrays[about["time"]] = start + np.arange(len(data)) * hop
    for name, data in (("beats_s", beats), ("onsets_s", onsets), ("fingerprint", values)):
        if data is not None:
            arrays[name] = data
    if images:
        fields = ("name", "unit", "values", "column_s", "low", "high", "log_rows")
        result["images"] = [dict(zip(fields, picture)) for picture in pictures]
        for picture in result["images"]:
            picture["values"] = picture["values"].T
    return result


def _signals_come_here():
    """Whether this is the thread that Python delivers signals to."""
    import threading

    return threading.current_thread() is threading.main_thread()


class Fingerprint(Mapping):
    """25 numbers that say what a track sounds like (docs/fingerprint.md): a mapping of name to value.

    Attributes
    ----------
    names, units, status : tuple of 25 str
        A status is "ok", "above_nyquist" (the value is 0: the rate of the file leaves that band empty), "absent",
        "silent" or "too_short".
    values : np.ndarray [shape=(25,), float64]
        NaN where the status is neither "ok" nor "above_nyquist".
    version : int
        Of the definitions; fingerprints of different versions are not compared.
    extras : dict
        ``rms_minus_0_691_lufs``: the historical loudness, 20 log10(RMS) + 0.691.
    """

    names, units = tuple(_NAMES), tuple(_UNITS)

    def __init__(self, values, status, version, extras=None):
        self._values = np.array(values, dtype=np.float64)
        self.status = tuple(status)
        self.version = int(version)
        self.extras = {"rms_minus_0_691_lufs": float("nan"), **(extras or {})}
        if self.values.shape != (len(_NAMES),) or len(self.status) != len(_NAMES) or set(self.status) - set(_STATES):
            raise parameter_error(f"a fingerprint has {len(_NAMES)} values and as many known states")

    @property
    def values(self):
        """The numbers, in the order of `names`: an array, not the method that other mappings have under this name."""
        return self._values

    def __getitem__(self, name):
        try:
            return float(self.values[_NAMES.index(name)])
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)

    def __eq__(self, other):
        if not isinstance(other, Fingerprint):
            return NotImplemented
        return (self.version, self.status) == (other.version, other.status) and np.array_equal(
            self.values, other.values, equal_nan=True
        )

    __hash__ = None

    def __repr__(self):
        return "Fingerprint(" + ", ".join(f"{name}={value:.4g}" for name, value in self.items()) + ")"

    def to_dict(self):
        """The part "fingerprint" of a result: lists, None for what is not known; ready for json.dumps."""
        return {
            "version": self.version,
            "names": list(self.names),
            "units": list(self.units),
            "values": [_none_for_nan(value) for value in self.values.tolist()],
            "status": list(self.status),
            "extras": {name: _none_for_nan(value) for name, value in self.extras.items()},
        }

    @classmethod
    def from_dict(cls, tree):
        """From what `to_dict` or `analyze` gives; ParameterError if it is no fingerprint of these 25 values."""
        if "fingerprint" in tree and "values" not in tree:
            exact = tree.get("arrays", {}).get("fingerprint")
            tree = tree["fingerprint"]
            if tree is None:
                raise parameter_error('an analysis without its fingerprint: features="default" makes one')
            if exact is not None:  # the tree is rounded to 12 digits
                tree = {**tree, "values": exact}
        missing = {"values", "status", "version"} - set(tree)
        if missing or list(tree.get("names", _NAMES)) != _NAMES:
            raise parameter_error("no fingerprint: " + (f"no {', '.join(sorted(missing))}" if missing else "other names"))
        extras = {name: _nan_for_none(value) for name, value in (tree.get("extras") or {}).items()}
        return cls([_nan_for_none(value) for value in tree["values"]], tree["status"], tree["version"], extras)

    @classmethod
    def read(cls, path):
        """From a file that `write` wrote or from a result.json; FileNotFoundError, DecodeError."""
        return cls._from_core(_core.fingerprint_read(os.fsencode(path)))

    def write(self, path):
        """As a JSON file (docs/fingerprint.md): under its name is the whole file or the old one. OSError."""
        _core.fingerprint_write(self._for_core(), os.fsencode(path))

    @classmethod
    def _from_core(cls, parts):
        values, status, version, extra = parts
        return cls(values, [_STATES[code] for code in status], version, {"rms_minus_0_691_lufs": extra})

    def _for_core(self):
        codes = bytes(_STATES.index(state) for state in self.status)
        return self.values, codes, self.version, self.extras["rms_minus_0_691_lufs"]


def _none_for_nan(value):
    return None if value != value else value


def _nan_for_none(value):
    return float("nan") if value is None else value


class Normaliser:
    """The ranges that the distance maps values to [0, 1] by: `low` and `high` are the 5th and the 95th percentile of the
    tracks it was fitted to.

    Attributes
    ----------
    count : int
        Fingerprints it was fitted to; 0 for the typical ranges of music.
    low, high, min, max, mean, std : np.ndarray [shape=(25,), float64]
    """

    def __init__(self, count, ranges):
        self.count = count
        for name, row in zip(_RANGES, ranges):
            setattr(self, name, row)

    def __repr__(self):
        return f"<Normaliser of {self.count} fingerprints>" if self.count else "<Normaliser of typical ranges>"

    @classmethod
    def typical(cls):
        """The ranges that `similarity` uses when it is given none."""
        return cls(*_core.normaliser_typical())

    @classmethod
    def read(cls, path):
        """From a file that `write` wrote; FileNotFoundError, DecodeError."""
        return cls(*_core.normaliser_read(os.fsencode(path)))

    def write(self, path):
        """As a JSON file (docs/fingerprint.md). OSError."""
        _core.normaliser_write(self._for_core(), os.fsencode(path))

    def _for_core(self):
        return self.count, np.stack([getattr(self, name) for name in _RANGES])


class Similarity(float):
    """How similar two tracks are, in [0, 1]: a number that also says why.

    Attributes
    ----------
    similarity, distance : float
        distance = sqrt(sum of w_i (a_i - b_i)^2) over the normalised values, similarity = 1 - distance.
    contributions : dict of str to float
        w_i (a_i - b_i)^2 of each of the 25 values: they sum to distance^2; 0 where either track lacks the value.
    compared : int
        Values that took part.
    """

    def __new__(cls, similarity, distance, contributions, compared):
        made = super().__new__(cls, similarity)
        made.similarity = float(similarity)
        made.distance = distance
        made.contributions = contributions
        made.compared = compared
        return made

    def __getnewargs__(self):
        return self.similarity, self.distance, self.contributions, self.compared

    def __repr__(self):
        return f"Similarity({self.similarity:.4f}, distance={self.distance:.4f}, compared={self.compared})"


def fingerprint(source, *, sr=None):
    """The fingerprint of a track.

    Parameters
    ----------
    source : path, np.ndarray [shape=(..., n)], dict or Fingerprint
        A sound file; samples, with `sr`; what `analyze` returned; or a file of a fingerprint or result, by its ending
        ``.json``.
    sr : number, Hz
        Rate of the samples; with an array only.

    Returns
    -------
    fingerprint : Fingerprint

    Raises
    ------
    Those of `analyze`; ParameterError for an analysis that was made without the fingerprint.
    """
    if isinstance(source, (Fingerprint, Mapping)) and sr is not None:
        raise parameter_error("sr goes with samples")
    if isinstance(source, Fingerprint):
        return source
    if isinstance(source, Mapping):
        return Fingerprint.from_dict(source)
    if is_path(source) and sr is None and os.fsencode(source).lower().endswith(b".json"):
        return Fingerprint.read(source)
    return Fingerprint.from_dict(analyze(source, sr=sr, features="fingerprint"))


def similarity(a, b, *, normaliser=None, weights="default"):
    """How similar two tracks sound, by their fingerprints.

    Parameters
    ----------
    a, b : Fingerprint, dict of `analyze`, or path
        Paths of sound files are analysed; keep fingerprints where tracks are compared more than once.
    normaliser : Normaliser, optional
        The ranges of a library (`fit_normaliser`); None: typical ranges of music.
    weights : str
        "default"; "equal"; "frequency" (the seven bands count double); "dynamics" (loudness, crest and bass to mid ratio
        count double).

    Returns
    -------
    similarity : Similarity
        A float in [0, 1] with ``distance`` and ``contributions``.

    Raises
    ------
    ParameterError
        The versions of the fingerprints differ, they share no known value, or there are no such weights.
    """
    if weights not in _WEIGHTS:
        raise parameter_error(f"weights are one of {', '.join(_WEIGHTS)}, not {weights!r}")
    ranges = None if normaliser is None else normaliser._for_core()
    value, distance, contributions, compared = _core.fingerprint_compare(
        fingerprint(a)._for_core(), fingerprint(b)._for_core(), ranges, _WEIGHTS[weights]
    )
    return Similarity(value, distance, dict(zip(_NAMES, contributions.tolist())), compared)


def fit_normaliser(fingerprints):
    """The ranges of a library: linear percentiles over its fingerprints, unknown values left out.

    Parameters
    ----------
    fingerprints : iterable of Fingerprint, dict of `analyze`, or path
        At least 10. A value that fewer than 10 of them have keeps its typical range.

    Returns
    -------
    normaliser : Normaliser

    Raises
    ------
    ParameterError
        Fewer than 10 fingerprints.
    """
    return Normaliser(*_core.normaliser_fit([fingerprint(item)._for_core() for item in fingerprints]))
