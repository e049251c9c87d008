"""The separations with librosa's names, arguments and axes, through heihachi_ctypes."""

import ctypes

import heihachi_ctypes as hh
import numpy as np

PADS = dict(constant=0, edge=1, reflect=2, symmetric=3, linear_ramp=4, wrap=5)


class Params(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("harmonic_width", ctypes.c_size_t),
        ("percussive_width", ctypes.c_size_t),
        ("power", ctypes.c_double),
        ("mask", ctypes.c_bool),
        ("harmonic_margin", ctypes.c_double),
        ("percussive_margin", ctypes.c_double),
        ("stft", hh.StftParams),
    ]


def pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def params(kernel_size=31, power=2.0, mask=False, margin=1.0, n_fft=2048, hop_length=None,
           win_length=None, center=True, pad_mode="constant"):
    p = Params()
    hh.library().hh_hpss_defaults(ctypes.byref(p))
    p.harmonic_width, p.percussive_width = pair(kernel_size)
    p.power, p.mask = power, mask
    p.harmonic_margin, p.percussive_margin = pair(margin)
    p.stft.n_fft, p.stft.hop_length, p.stft.win_length = n_fft, hop_length or 0, win_length or 0
    p.stft.center, p.stft.pad = center, PADS[pad_mode]
    return ctypes.byref(p)


def call(name, y, context, p, parts):
    y = np.asarray(y)
    with hh.Context() if context is None else context as c:
        out = [hh.Array() for _ in range(parts)]
        c.check(getattr(hh.library(), name)(c, hh.signal(y, 22050), p, *map(ctypes.byref, out)))
        return tuple(a.take().reshape(y.shape) for a in out)


def hpss(y, context=None, **arguments):
    return call("hh_hpss", y, context, params(**arguments), 2)


def harmonic(y, context=None, **arguments):
    return call("hh_harmonic", y, context, params(**arguments), 1)[0]


def percussive(y, context=None, **arguments):
    return call("hh_percussive", y, context, params(**arguments), 1)[0]


def decompose_hpss(S, context=None, **arguments):
    """S: (bins, frames) or (channels, bins, frames)."""
    with hh.Context() if context is None else context as c:
        given, out = hh.Array.view(np.swapaxes(S, -1, -2)), [hh.Array(), hh.Array()]
        c.check(hh.library().hh_decompose_hpss(c, ctypes.byref(given), params(**arguments),
                                               *map(ctypes.byref, out)))
        return tuple(np.swapaxes(a.take(), -1, -2) for a in out)
