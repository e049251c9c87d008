"""The rhythm functions through ctypes: same names and arguments as librosa's, for the tests."""

import ctypes
from ctypes import byref, c_bool, c_double, c_int, c_size_t, c_void_p

import numpy as np

from heihachi_ctypes import Array, StftParams, Window, library, signal

AGGREGATE = {"mean": 0, "median": 1, None: 2}
UNITS = {"frames": 0, "samples": 1, "time": 2}


class Mel(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("stft", StftParams),
        ("power", c_double),
        ("n_mels", c_size_t),
        ("fmin", c_double),
        ("fmax", c_double),
        ("htk", c_bool),
        ("norm", c_int),
        ("norm_power", c_double),
    ]


class OnsetStrength(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("lag", c_size_t),
        ("max_size", c_size_t),
        ("detrend", c_bool),
        ("center", c_bool),
        ("aggregate", c_int),
        ("mel", Mel),
        ("edges", c_void_p),
        ("edge_count", c_size_t),
    ]


class PeakPick(ctypes.Structure):
    _fields_ = [("size", c_size_t)] + [
        (n, c_double) for n in ("pre_max", "post_max", "pre_avg", "post_avg", "delta", "wait")
    ]


class OnsetDetect(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("hop_length", c_size_t),
        ("backtrack", c_bool),
        ("energy", c_void_p),
        ("energy_length", c_size_t),
        ("units", c_int),
        ("normalize", c_bool),
        ("sparse", c_bool),
        ("peak", PeakPick),
    ]


class Tempogram(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("hop_length", c_size_t),
        ("win_length", c_size_t),
        ("center", c_bool),
        ("window", Window),
        ("norm", c_double),
    ]


class Tempo(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("hop_length", c_size_t),
        ("start_bpm", c_double),
        ("std_bpm", c_double),
        ("ac_size", c_double),
        ("max_tempo", c_double),
        ("aggregate", c_int),
        ("prior", c_void_p),
        ("prior_user", c_void_p),
    ]


class BeatTrack(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("hop_length", c_size_t),
        ("start_bpm", c_double),
        ("tightness", c_double),
        ("trim", c_bool),
        ("bpm", c_void_p),
        ("bpm_count", c_size_t),
        ("prior", c_void_p),
        ("prior_user", c_void_p),
        ("units", c_int),
        ("sparse", c_bool),
    ]


class Plp(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("hop_length", c_size_t),
        ("win_length", c_size_t),
        ("tempo_min", c_double),
        ("tempo_max", c_double),
        ("prior", c_void_p),
        ("prior_user", c_void_p),
    ]


class TempoRefine(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("hop_length", c_size_t), ("min_bpm", c_double),
                ("max_bpm", c_double)]


class TempoEstimate(ctypes.Structure):
    _fields_ = [("bpm", c_double), ("confidence", c_double), ("beat_confidence", c_double)]


CODES = {"aggregate": AGGREGATE, "units": UNITS}
NAN_FOR_NONE = ("norm", "max_tempo", "tempo_min", "tempo_max")


def params(struct, defaults, **given):
    p = struct()
    getattr(library(), defaults)(byref(p))
    assert p.size == ctypes.sizeof(struct), f"{struct.__name__} here is not the header's"
    for name, value in given.items():
        value = CODES.get(name, {}).get(value, value)
        if name in NAN_FOR_NONE and value is None:
            value = np.nan
        for target in (p, getattr(p, "mel", None), getattr(getattr(p, "mel", None), "stft", None),
                       getattr(p, "peak", None)):
            if target is not None and hasattr(target, name):
                setattr(target, name, value)
                break
        else:
            raise TypeError(name)
    return p


def call(context, function, source, p, outputs=1):
    arrays = [Array() for _ in range(outputs)]
    context.check(getattr(library(), function)(context, source, byref(p),
                                               *(byref(a) for a in arrays)))
    taken = [a.take() for a in arrays]
    return taken[0] if outputs == 1 else taken


def either(context, name, struct, y, envelope, sr, outputs=1, **given):
    p = params(struct, name + "_defaults", **given)
    source = signal(y if envelope is None else envelope, sr)
    return call(context, name if envelope is None else name + "_envelope", source, p, outputs)


def onset_strength(context, y, sr=22050, **given):
    return call(context, "hh_onset_strength", signal(y, sr),
                params(OnsetStrength, "hh_onset_strength_defaults", **given))


def onset_strength_multi(context, y, sr=22050, channels=None, **given):
    p = params(OnsetStrength, "hh_onset_strength_defaults", **given)
    if channels is not None:
        edges = (c_size_t * len(channels))(*channels)
        p.edges, p.edge_count = ctypes.addressof(edges), len(channels)
    return call(context, "hh_onset_strength_multi", signal(y, sr), p)


def onset_strength_spectrogram(context, S, ref=None, **given):
    """S and ref: (channels, frames, bins) in dB."""
    out = Array()
    p = params(OnsetStrength, "hh_onset_strength_defaults", **given)
    s = Array.view(S)
    r = Array.view(ref) if ref is not None else None
    context.check(
        library().hh_onset_strength_spectrogram(context, byref(s), byref(r) if r else None,
                                                byref(p), byref(out))
    )
    return out.take()


def onset_detect(context, y=None, onset_envelope=None, sr=22050, energy=None, **given):
    if energy is not None:
        energy = np.ascontiguousarray(energy, np.float32)
        given.update(energy=energy.ctypes.data, energy_length=len(energy))
    return either(context, "hh_onset_detect", OnsetDetect, y, onset_envelope, sr, **given)


def peak_pick(context, x, **given):
    x = np.ascontiguousarray(x, np.float32)
    out = Array()
    p = params(PeakPick, "hh_peak_pick_defaults", **given)
    context.check(
        library().hh_peak_pick(context, c_void_p(x.ctypes.data), c_size_t(len(x)), byref(p),
                               byref(out))
    )
    return out.take()


def onset_backtrack(context, events, energy):
    events = np.ascontiguousarray(events, np.int64)
    energy = np.ascontiguousarray(energy, np.float32)
    out = Array()
    context.check(
        library().hh_onset_backtrack(
            context,
            c_void_p(events.ctypes.data),
            c_size_t(len(events)),
            c_void_p(energy.ctypes.data),
            c_size_t(len(energy)),
            byref(out),
        )
    )
    return out.take()


def tempogram(context, y=None, onset_envelope=None, sr=22050, **given):
    return either(context, "hh_tempogram", Tempogram, y, onset_envelope, sr, **given)


def fourier_tempogram(context, y=None, onset_envelope=None, sr=22050, **given):
    p = params(Tempogram, "hh_tempogram_defaults", **given)
    source = signal(y if onset_envelope is None else onset_envelope, sr)
    return call(context, "hh_fourier_tempogram" + ("" if onset_envelope is None else "_envelope"),
                source, p)


def tempo(context, y=None, onset_envelope=None, sr=22050, **given):
    return either(context, "hh_tempo", Tempo, y, onset_envelope, sr, **given)


def tempo_tempogram(context, tg, sr=22050, **given):
    """tg: (channels, frames, lags)."""
    out, view = Array(), Array.view(tg)
    p = params(Tempo, "hh_tempo_defaults", **given)
    context.check(library().hh_tempo_tempogram(context, byref(view), c_double(sr), byref(p),
                                               byref(out)))
    return out.take()


def beat_track(context, y=None, onset_envelope=None, sr=22050, bpm=None, **given):
    if bpm is not None:
        bpm = np.ascontiguousarray(np.atleast_1d(bpm), np.float64)
        given.update(bpm=bpm.ctypes.data, bpm_count=bpm.size)
    return either(context, "hh_beat_track", BeatTrack, y, onset_envelope, sr, outputs=2, **given)


def plp(context, y=None, onset_envelope=None, sr=22050, **given):
    return either(context, "hh_plp", Plp, y, onset_envelope, sr, **given)


def tempo_refine(context, y=None, onset_envelope=None, sr=22050, **given):
    """-> bpm, confidence, beat_confidence, beats in seconds."""
    p = params(TempoRefine, "hh_tempo_refine_defaults", **given)
    estimate, beats = TempoEstimate(), Array()
    name = "hh_tempo_refine" + ("" if onset_envelope is None else "_envelope")
    source = signal(y if onset_envelope is None else onset_envelope, sr)
    context.check(getattr(library(), name)(context, source, byref(p), byref(estimate),
                                           byref(beats)))
    return estimate.bpm, estimate.confidence, estimate.beat_confidence, beats.take()
