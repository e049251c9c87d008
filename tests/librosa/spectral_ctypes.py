"""The spectral functions with librosa's names, arguments and axes, through heihachi_ctypes."""

import ctypes

import heihachi_ctypes as hh
import numpy as np

SIZE, DOUBLE, BOOL = ctypes.c_size_t, ctypes.c_double, ctypes.c_bool
INT, POINTER = ctypes.c_int, ctypes.c_void_p
PADS = dict(constant=0, edge=1, reflect=2, symmetric=3, linear_ramp=4, wrap=5)
WINDOWS = ("hann hamming blackman blackmanharris bartlett boxcar kaiser gaussian custom triang "
           "parzen bohman nuttall flattop barthann cosine tukey").split()


def structure(*fields):
    """A parameter structure of these (name, type) pairs, after its size."""
    return type("Params", (ctypes.Structure,), {"_fields_": [("size", SIZE), *fields]})


STFT = ("stft", hh.StftParams)
FREQUENCIES = ("frequencies", POINTER)
Istft = structure(("n_fft", SIZE), ("hop_length", SIZE), ("win_length", SIZE),
                  ("window", hh.Window), ("center", BOOL), ("length", SIZE))
Db = structure(("reference_kind", INT), ("reference", DOUBLE), ("amin", DOUBLE), ("top_db", DOUBLE))
Mel = structure(STFT, ("power", DOUBLE), ("n_mels", SIZE), ("fmin", DOUBLE), ("fmax", DOUBLE),
                ("htk", BOOL), ("norm", INT), ("norm_power", DOUBLE))
Mfcc = structure(("mel", Mel), ("n_mfcc", SIZE), ("dct_type", INT), ("ortho", BOOL),
                 ("lifter", DOUBLE))
Centroid = structure(STFT, FREQUENCIES)
Bandwidth = structure(STFT, ("p", DOUBLE), ("norm", BOOL), ("centroid", POINTER), FREQUENCIES)
Rolloff = structure(STFT, ("roll_percent", DOUBLE), FREQUENCIES)
Flatness = structure(STFT, ("amin", DOUBLE), ("power", DOUBLE))
Contrast = structure(STFT, ("fmin", DOUBLE), ("n_bands", SIZE), ("quantile", DOUBLE),
                     ("linear", BOOL), FREQUENCIES)
ZeroCrossing = structure(("frame_length", SIZE), ("hop_length", SIZE), ("center", BOOL),
                         ("threshold", DOUBLE), ("pad", BOOL), ("zero_pos", BOOL))
Rms = structure(("frame_length", SIZE), ("hop_length", SIZE), ("center", BOOL), ("pad", INT))


def window(spec):
    """HhWindow of a librosa window argument; it keeps the values alive."""
    if isinstance(spec, (int, float)):
        spec = ("kaiser", spec)
    if isinstance(spec, np.ndarray):
        values = np.ascontiguousarray(spec, np.float64)
        result = hh.Window(WINDOWS.index("custom"), 0.0, values.ctypes.data)
        result.keep = values
        return result
    name, parameter = spec if isinstance(spec, tuple) else (spec, 0.0)
    return hh.Window(WINDOWS.index(name), parameter, None)


def put(params, values):
    """Sets members by librosa's argument names; those of the transform are found in .stft or
    .mel.stft."""
    for key, value in values.items():
        if value is None:
            continue
        key = {"pad_mode": "pad", "freq": "frequencies"}.get(key, key)
        target = params
        for inner in ("mel", "stft"):
            if not hasattr(target, key) and hasattr(target, inner):
                target = getattr(target, inner)
        if key == "window":
            value = window(value)
        elif key == "pad" and isinstance(value, str):
            value = PADS[value]
        elif isinstance(value, np.ndarray):
            value = np.ascontiguousarray(value, np.float64)
            params.keep = getattr(params, "keep", []) + [value]
            value = value.ctypes.data
        setattr(target, key, value)
    return params


def made(kind, defaults, values):
    params = kind()
    getattr(hh.library(), defaults)(ctypes.byref(params))
    return put(params, values)


class Spectral:
    """One context's functions. A result has librosa's axes; its channel axis is dropped for input
    without one."""

    def __init__(self, threads=1, cpu=hh.CPU_BEST):
        self.context = hh.Context(threads, cpu)

    def call(self, name, *arguments, outputs=1):
        results = [hh.Array() for _ in range(outputs)]
        self.context.check(getattr(hh.library(), name)(self.context, *arguments,
                                                       *map(ctypes.byref, results)))
        values = [r.take() for r in results]
        return values[0] if outputs == 1 else values

    def of_signal(self, name, y, sr, params):
        out = self.call(name, hh.signal(y, sr), ctypes.byref(params)).swapaxes(-1, -2)
        return out if np.ndim(y) == 2 else out[0]

    def of_array(self, name, S, *arguments):
        """S with librosa's axes, (bins, frames) or (channels, bins, frames)."""
        view = hh.Array.view(np.asarray(S).reshape((-1, *np.shape(S)[-2:])).swapaxes(-1, -2))
        out = self.call(name, ctypes.byref(view), *arguments).swapaxes(-1, -2)
        return out if np.ndim(S) == 3 else out[0]

    def feature(self, name, kind, y, S, sr, values):
        params = made(kind, f"hh_{name}_defaults", values)
        if y is not None:
            return self.of_signal(f"hh_{name}", y, sr, params)
        rate = () if kind in (Flatness, Rms) else (DOUBLE(sr),)
        return self.of_array(f"hh_{name}_from", S, *rate, ctypes.byref(params))

    def stft(self, y, **values):
        return self.of_signal("hh_stft", y, 22050.0,
                              made(hh.StftParams, "hh_stft_defaults", values))

    def spectrogram(self, y, power=1.0, **values):
        params = made(hh.StftParams, "hh_stft_defaults", values)
        out = self.call("hh_spectrogram", hh.signal(y, 22050.0), ctypes.byref(params),
                        DOUBLE(power)).swapaxes(-1, -2)
        return out if np.ndim(y) == 2 else out[0]

    def istft(self, D, **values):
        params = made(Istft, "hh_istft_defaults", values)
        view = hh.Array.view(np.asarray(D).reshape((-1, *np.shape(D)[-2:])).swapaxes(-1, -2))
        out = self.call("hh_istft", ctypes.byref(view), ctypes.byref(params))
        return out if np.ndim(D) == 3 else out[0]

    def magphase(self, D, power=1.0):
        return self.call("hh_magphase", ctypes.byref(hh.Array.view(D)), DOUBLE(power), outputs=2)

    def db(self, name, S, **values):
        params = made(Db, f"hh_{name}_defaults", values)
        return self.call(f"hh_{name}", ctypes.byref(hh.Array.view(S)), ctypes.byref(params))

    def from_db(self, name, S, reference=1.0):
        return self.call(f"hh_{name}", ctypes.byref(hh.Array.view(S)), DOUBLE(reference))

    def mel_filters(self, sr, **values):
        return self.call("hh_mel_filters", DOUBLE(sr),
                         ctypes.byref(made(Mel, "hh_mel_defaults", values)))

    def melspectrogram(self, y=None, S=None, sr=22050, **values):
        params = made(Mel, "hh_mel_defaults", values)
        if y is not None:
            return self.of_signal("hh_melspectrogram", y, sr, params)
        return self.of_array("hh_melspectrogram_from", S, DOUBLE(sr), ctypes.byref(params))

    def mfcc(self, y=None, S=None, sr=22050, **values):
        params = made(Mfcc, "hh_mfcc_defaults", values)
        if y is not None:
            return self.of_signal("hh_mfcc", y, sr, params)
        return self.of_array("hh_mfcc_from", S, ctypes.byref(params))

    def spectral_centroid(self, y=None, S=None, sr=22050, **values):
        return self.feature("spectral_centroid", Centroid, y, S, sr, values)

    def spectral_bandwidth(self, y=None, S=None, sr=22050, **values):
        return self.feature("spectral_bandwidth", Bandwidth, y, S, sr, values)

    def spectral_rolloff(self, y=None, S=None, sr=22050, **values):
        return self.feature("spectral_rolloff", Rolloff, y, S, sr, values)

    def spectral_flatness(self, y=None, S=None, **values):
        return self.feature("spectral_flatness", Flatness, y, S, 22050, values)

    def spectral_contrast(self, y=None, S=None, sr=22050, **values):
        return self.feature("spectral_contrast", Contrast, y, S, sr, values)

    def zero_crossing_rate(self, y, **values):
        return self.feature("zero_crossing_rate", ZeroCrossing, y, None, 22050, values)

    def rms(self, y=None, S=None, **values):
        return self.feature("rms", Rms, y, S, 22050, values)


def excess(ours, theirs, rtol=1e-5, atol=2e-6):
    """Worst error as a multiple of the parity bound rtol |b| + atol max|b|; infinite for a wrong
    shape."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    error = np.abs(ours.astype(np.complex128) - theirs)
    bound = rtol * np.abs(theirs) + atol * np.abs(theirs).max(initial=0.0)
    return float(np.max(error / np.maximum(bound, 1e-12), initial=0.0))
