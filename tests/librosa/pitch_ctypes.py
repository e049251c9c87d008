"""The pitch functions with librosa's signatures and results, through heihachi_ctypes."""

import ctypes

import heihachi_ctypes as hh
import numpy as np


class YinParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("fmin", ctypes.c_double),
        ("fmax", ctypes.c_double),
        ("frame_length", ctypes.c_size_t),
        ("hop_length", ctypes.c_size_t),
        ("trough_threshold", ctypes.c_double),
        ("center", ctypes.c_bool),
        ("pad", ctypes.c_int),
        ("difference", ctypes.c_int),
    ]


class PyinParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("fmin", ctypes.c_double),
        ("fmax", ctypes.c_double),
        ("frame_length", ctypes.c_size_t),
        ("hop_length", ctypes.c_size_t),
        ("n_thresholds", ctypes.c_int),
        ("beta_parameters", ctypes.c_double * 2),
        ("boltzmann_parameter", ctypes.c_double),
        ("resolution", ctypes.c_double),
        ("max_transition_rate", ctypes.c_double),
        ("switch_prob", ctypes.c_double),
        ("no_trough_prob", ctypes.c_double),
        ("fill_na", ctypes.c_double),
        ("keep_unvoiced", ctypes.c_bool),
        ("center", ctypes.c_bool),
        ("pad", ctypes.c_int),
    ]


class PiptrackParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("stft", hh.StftParams),
        ("fmin", ctypes.c_double),
        ("fmax", ctypes.c_double),
        ("threshold", ctypes.c_double),
        ("reference", ctypes.c_int),
        ("reference_value", ctypes.c_double),
    ]


class TuningParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("resolution", ctypes.c_double),
        ("bins_per_octave", ctypes.c_int),
        ("piptrack", PiptrackParams),
        ("none", ctypes.c_double),
    ]


PADS = {"constant": hh.CONSTANT, "edge": hh.EDGE, "reflect": hh.REFLECT, "symmetric": hh.SYMMETRIC,
        "wrap": hh.WRAP}


def _fill(params, values):
    for key, value in values.items():
        if key == "pad_mode":
            params.pad = PADS[value]
        elif key == "beta_parameters":
            params.beta_parameters[:] = value
        elif hasattr(params, key):
            setattr(params, key, value)
        else:
            _fill(params.stft, {key: value})
    return params


def _defaults(kind, name):
    params = kind()
    getattr(hh.library(), name)(ctypes.byref(params))
    assert params.size == ctypes.sizeof(kind)
    return params


def _like(y, result):
    return result[0] if np.ndim(y) == 1 else result


def yin(y, sr=22050, context=None, **values):
    params = _fill(_defaults(YinParams, "hh_yin_defaults"), values)
    with context or hh.Context() as c:
        f0 = hh.Array()
        c.check(hh.library().hh_yin(c, hh.signal(y, sr), ctypes.byref(params), ctypes.byref(f0)))
    return _like(y, f0.take())


def pyin(y, sr=22050, context=None, **values):
    params = _defaults(PyinParams, "hh_pyin_defaults")
    if values.get("fill_na", 0) is None:
        del values["fill_na"]
        params.keep_unvoiced = True
    _fill(params, values)
    out = [hh.Array() for _ in range(3)]
    with context or hh.Context() as c:
        c.check(hh.library().hh_pyin(c, hh.signal(y, sr), ctypes.byref(params),
                                     *map(ctypes.byref, out)))
    return tuple(_like(y, a.take()) for a in out)


def piptrack(y=None, sr=22050, S=None, context=None, **values):
    params = _fill(_defaults(PiptrackParams, "hh_piptrack_defaults"), values)
    out = [hh.Array() for _ in range(2)]
    tail = [ctypes.byref(params), *map(ctypes.byref, out)]
    with context or hh.Context() as c:
        if S is None:
            c.check(hh.library().hh_piptrack(c, hh.signal(y, sr), *tail))
        else:
            s = hh.Array.view(np.swapaxes(S, -1, -2).astype(np.float32))
            c.check(hh.library().hh_piptrack_spectrogram(c, ctypes.byref(s), ctypes.c_double(sr),
                                                         *tail))
    shape = (1,) if np.ndim(y if S is None else S[..., 0]) == 1 else (0,)
    pitches, magnitudes = (np.swapaxes(a.take(), -1, -2) for a in out)
    return (pitches[0], magnitudes[0]) if shape == (1,) else (pitches, magnitudes)


def pitch_tuning(frequencies, context=None, **values):
    params = _fill(_defaults(TuningParams, "hh_tuning_defaults"), values)
    f = np.ascontiguousarray(frequencies, dtype=np.float64)
    tuning = ctypes.c_double()
    with context or hh.Context() as c:
        c.check(
            hh.library().hh_pitch_tuning(
                c, ctypes.c_void_p(f.ctypes.data), ctypes.c_size_t(f.size), ctypes.byref(params),
                ctypes.byref(tuning)
            )
        )
    return tuning.value


def estimate_tuning(y=None, sr=22050, S=None, context=None, resolution=0.01, bins_per_octave=12,
                    **values):
    params = _defaults(TuningParams, "hh_tuning_defaults")
    params.resolution, params.bins_per_octave = resolution, bins_per_octave
    _fill(params.piptrack, values)
    tuning = ctypes.c_double()
    tail = [ctypes.byref(params), ctypes.byref(tuning)]
    with context or hh.Context() as c:
        if S is None:
            c.check(hh.library().hh_estimate_tuning(c, hh.signal(y, sr), *tail))
        else:
            s = hh.Array.view(np.swapaxes(S, -1, -2).astype(np.float32))
            c.check(hh.library().hh_estimate_tuning_spectrogram(c, ctypes.byref(s),
                                                                ctypes.c_double(sr), *tail))
    return tuning.value
