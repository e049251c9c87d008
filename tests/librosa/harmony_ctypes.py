"""The harmony functions with librosa's names, arguments and axes, through heihachi_ctypes."""

import ctypes

import heihachi_ctypes as hh
import numpy as np
from spectral_ctypes import BOOL, DOUBLE, INT, POINTER, SIZE, STFT, structure, window

PADS = dict(constant=hh.CONSTANT, edge=hh.EDGE, reflect=hh.REFLECT, symmetric=hh.SYMMETRIC)
Cqt = structure(("hop_length", SIZE), ("fmin", DOUBLE), ("n_bins", SIZE), ("bins_per_octave", SIZE),
                ("intervals", POINTER), ("tuning", DOUBLE), ("gamma", DOUBLE),
                ("filter_scale", DOUBLE), ("norm", DOUBLE), ("sparsity", DOUBLE),
                ("window", hh.Window), ("scale", BOOL), ("pad_mode", INT))
ChromaCqt = structure(("hop_length", SIZE), ("fmin", DOUBLE), ("norm", DOUBLE),
                      ("threshold", DOUBLE), ("tuning", DOUBLE), ("n_chroma", SIZE),
                      ("n_octaves", SIZE), ("bins_per_octave", SIZE), ("window", POINTER),
                      ("window_length", SIZE), ("cqt_mode", INT))
ChromaStft = structure(STFT, ("norm", DOUBLE), ("tuning", DOUBLE), ("n_chroma", SIZE),
                       ("ctroct", DOUBLE), ("octwidth", DOUBLE), ("base_c", BOOL))
Cens = structure(("chroma", ChromaCqt), ("norm", DOUBLE), ("win_len_smooth", SIZE),
                 ("smoothing_window", hh.Window))
KeyParams = structure(("profile", INT))


class Key(ctypes.Structure):
    _fields_ = [("index", INT), ("confidence", DOUBLE), ("score", DOUBLE * 24)]


def put(params, values, keep):
    """Sets members by librosa's argument names; `keep` holds what they point to."""
    for name, value in values.items():
        target = params
        if not hasattr(target, name):
            of_chroma = hasattr(params, "chroma") and hasattr(params.chroma, name)
            target = params.chroma if of_chroma else params.stft
            name = {"pad_mode": "pad"}.get(name, name)
        kind = dict(target._fields_)[name]
        if kind is hh.Window:
            value = window(value)
        elif kind is POINTER:
            value = np.ascontiguousarray(value, np.float64)
            if name == "window":
                target.window_length = len(value)
            else:
                target.bins_per_octave = len(value)
            keep.append(value)
            value = value.ctypes.data
        elif name in ("pad_mode", "pad"):
            value = PADS[value]
        elif name == "cqt_mode":
            value = ["full", "hybrid"].index(value)
        elif name in ("bins_per_octave", "win_len_smooth") and value is None:
            value = 0
        elif value is None:
            value = np.nan
        setattr(target, name, value)


def call(name, params_type, y, rate, context=None, defaults=None, **values):
    """librosa's result (channel axis as in y) of hh_`name`."""
    lib = hh.library()
    params, keep = params_type(), []
    getattr(lib, "hh_%s_defaults" % (defaults or name))(ctypes.byref(params))
    put(params, values, keep)
    out = hh.Array()
    with hh.Context() as own:
        context = context or own
        context.check(getattr(lib, "hh_" + name)(context, hh.signal(y, rate), ctypes.byref(params),
                                                 ctypes.byref(out)))
        result = np.swapaxes(out.take(), -1, -2)
    return result if np.ndim(y) > 1 else result[0]


def cqt(y, sr=22050, **values):
    return call("cqt", Cqt, y, sr, **values)


def vqt(y, sr=22050, **values):
    return call("vqt", Cqt, y, sr, defaults="cqt", **values)


def pseudo_cqt(y, sr=22050, **values):
    return call("pseudo_cqt", Cqt, y, sr, defaults="cqt", **values)


def hybrid_cqt(y, sr=22050, **values):
    return call("hybrid_cqt", Cqt, y, sr, defaults="cqt", **values)


def chroma_cqt(y, sr=22050, **values):
    return call("chroma_cqt", ChromaCqt, y, sr, **values)


def chroma_stft(y, sr=22050, **values):
    return call("chroma_stft", ChromaStft, y, sr, **values)


def chroma_cens(y, sr=22050, **values):
    return call("chroma_cens", Cens, y, sr, **values)


def tonnetz(y, sr=22050, **values):
    return call("tonnetz", ChromaCqt, y, sr, defaults="chroma_cqt", **values)
