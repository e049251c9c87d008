"""Sound in and out: files, rates, channels; and what is read off samples without a transform."""

import os
import sys
import tempfile

import numpy as np

from . import _arguments as args
from . import _core, util

__all__ = [
    "load",
    "get_duration",
    "get_samplerate",
    "to_mono",
    "resample",
    "autocorrelate",
    "zero_crossings",
]


# ---- files


class _OnDisk:
    """A file object, or an open descriptor, as a path: what is left of it is copied into a temporary file."""

    def __init__(self, source):
        self._source = source

    def __enter__(self):
        if args.is_path(self._source):
            self._copy = None
            return os.fspath(self._source)
        self._copy = tempfile.NamedTemporaryFile(prefix="heihachi-")
        source = self._source
        if isinstance(source, int):
            source = os.fdopen(os.dup(source), "rb")
        while block := source.read(1 << 20):
            self._copy.write(block)
        self._copy.flush()
        return self._copy.name

    def __exit__(self, *exception):
        if self._copy is not None:
            self._copy.close()


def _is_soundfile(source):
    module = sys.modules.get("soundfile")
    return module is not None and isinstance(source, module.SoundFile)


def _is_audioread(source):
    module = sys.modules.get("audioread")
    return module is not None and isinstance(source, tuple(module.available_backends()))


def _read_soundfile(source, offset, duration, dtype):
    """From an open soundfile.SoundFile, which is closed as librosa closes it."""
    with source as sound:
        if offset:
            sound.seek(int(offset * sound.samplerate))
        count = -1 if duration is None else int(duration * sound.samplerate)
        return sound.read(frames=count, dtype=np.dtype(dtype).name).T, sound.samplerate


def _read_audioread(source, offset, duration, dtype):
    """From an open file of the audioread package: blocks of interleaved 16 bit integers."""
    with source as sound:
        blocks = [np.frombuffer(block, dtype="<i2") for block in sound]
        rate, channels = sound.samplerate, sound.channels
    samples = np.concatenate(blocks) if blocks else np.empty(0, dtype="<i2")
    first = int(rate * offset) * channels
    last = None if duration is None else first + int(rate * duration) * channels
    samples = samples[first:last].astype(dtype) / np.dtype(dtype).type(32768)
    return (samples.reshape(-1, channels).T if channels > 1 else samples), rate


def load(path, *, sr=22050, mono=True, offset=0.0, duration=None, dtype=np.float32, res_type="soxr_hq"):
    """Read a sound file.

    WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and their kin; what else the ``ffmpeg`` program can decode, if there is one.
    Time 0 is the first sample that the encoder was given.

    Parameters
    ----------
    path : str, bytes, path, open descriptor, binary file object, soundfile.SoundFile or file of audioread
    sr : number or None
        Rate to resample to, Hz; None keeps that of the file.
    mono : bool
        Mix the channels to one.
    offset : float
        Seconds to leave out at the beginning.
    duration : float or None
        Seconds to read; None reads all.
    dtype : floating dtype
    res_type : str
        As of :func:`resample`.

    Returns
    -------
    y : ndarray (samples,), or (channels, samples) if there are more and `mono` is False
        Full scale is 1. Empty if `offset` lies behind the end.
    sr : number
        Its rate, Hz.

    Raises
    ------
    OSError
        The file cannot be opened (FileNotFoundError and its kin) or read.
    DecodeError
        It is no sound that can be decoded.
    ParameterError
        It holds NaN or infinity; a parameter outside its range.
    """
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise args.parameter_error(f"sound is read as a floating type, not {dtype}")
    if _is_soundfile(path):
        y, rate = _read_soundfile(path, offset, duration, dtype)
    elif _is_audioread(path):
        y, rate = _read_audioread(path, offset, duration, dtype)
    else:
        if offset < 0:
            raise args.parameter_error(f"offset is {offset} s: 0 or more is needed")
        with _OnDisk(path) as name:
            y, rate = _core.decode_file(name, float(offset), -1.0 if duration is None else float(duration), bool(mono))
        y = y.astype(dtype, copy=False)
        rate = int(rate) if rate == int(rate) else rate
    if mono and y.ndim > 1:
        y = to_mono(y)
    if sr is None or sr == rate:
        return y, rate if sr is None else sr
    return resample(y, orig_sr=rate, target_sr=sr, res_type=res_type), sr


def get_samplerate(path):
    """Rate of a sound file in Hz, without reading the sound; `path` as of :func:`load`."""
    if _is_soundfile(path):
        return path.samplerate
    with _OnDisk(path) as name:
        rate = _core.file_info(name)[0]
    return int(rate) if rate == int(rate) else rate


def get_duration(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, center=True, path=None, filename=None):
    """Seconds of a signal, of what a spectrogram was made from, or of a file.

    Parameters
    ----------
    y : ndarray (..., samples), optional
    sr : number
        Its rate, Hz.
    S : ndarray (..., bins, frames), optional
        Asked if there is no `y`: as much as its frames cover; `n_fft`, `hop_length` and `center` are those of its
        transform.
    path : optional
        Asked before both: a file, as of :func:`load`.
    filename : optional
        An older name of `path`.

    Returns
    -------
    float, s

    Raises
    ------
    ParameterError
        There is neither.
    OSError, DecodeError
        As :func:`load`.
    """
    path = filename if path is None else path
    if path is not None:
        with _OnDisk(path) as name:
            rate, _, samples, _ = _core.file_info(name)
            if samples == 0:  # the header does not say
                samples = _core.decode_file(name, 0.0, -1.0, True)[0].size
        return samples / rate
    if y is not None:
        return float(y.shape[-1]) / sr
    if S is None:
        raise args.parameter_error("a signal, a spectrogram or a file is needed")
    return float(n_fft + hop_length * (S.shape[-1] - 1) - (2 * int(n_fft // 2) if center else 0)) / sr


# ---- channels and rates


def to_mono(y):
    """The mean of all channels.

    Parameters
    ----------
    y : ndarray (..., samples), floating and finite

    Returns
    -------
    ndarray (samples,)
    """
    args.audio(y)
    with np.errstate(all="ignore"):
        mono = np.mean(y, axis=tuple(range(y.ndim - 1))) if y.ndim > 1 else y.copy()
    if not np.isfinite(mono).all():
        args.checked_audio(y)
    return mono


# How far the rates may lie apart for the C library.
_LARGEST_RATIO = 256.0
_SAMPLERATE_TYPES = ("linear", "zero_order_hold", "sinc_best", "sinc_medium", "sinc_fastest")


def resample(y, *, orig_sr, target_sr, res_type="soxr_hq", fix=True, scale=False, axis=-1, **kwargs):
    """Sound at another rate.

    Parameters
    ----------
    y : ndarray, floating and finite
    orig_sr, target_sr : number > 0
        Rates, Hz.
    res_type : str
        ``soxr_hq`` is the SoX resampler at 20 bit, linear phase, pass band to 0.91 of the lower half rate, and comes
        with this package. Others need the package that has them, as in librosa: ``soxr_*`` (soxr), ``fft``, ``scipy``,
        ``polyphase`` (scipy), ``linear``, ``zero_order_hold``, ``sinc_*`` (samplerate), ``kaiser_*`` (resampy).
    fix : bool
        Give exactly ``ceil(samples * target_sr / orig_sr)`` samples.
    scale : bool
        Keep the energy rather than the level.
    axis : int
        Of time.
    **kwargs
        To ``numpy.pad`` where `fix` has to add samples.

    Returns
    -------
    ndarray of the type of `y`

    Raises
    ------
    ParameterError
        `y` is not finite floating sound; rates that are not whole for ``polyphase``.
    TypeError
        SoX's resampler takes single and double precision only.
    ValueError
        `y` has no channels.
    ImportError
        The package for `res_type` is missing.
    """
    args.audio(y)
    if orig_sr == target_sr:
        return args.checked_audio(y).copy()
    if res_type.startswith("soxr") and y.dtype.itemsize not in (4, 8):
        args.checked_audio(y)
        raise TypeError(f"soxr takes float32 and float64, not {y.dtype}")
    ratio = float(target_sr) / orig_sr
    length = y.shape[axis]
    wanted = int(np.ceil(length * ratio))
    if y.size == 0 and length > 0 and res_type.startswith("soxr"):
        raise ValueError(f"a sound of no channels: shape {y.shape}")
    ours = res_type == "soxr_hq" and 1 / _LARGEST_RATIO <= ratio <= _LARGEST_RATIO
    if ours and length > 0:
        result = _core.resample(np.moveaxis(y, axis, -1), float(orig_sr), float(target_sr))
        exact = int(length * ratio + 0.5)  # what the resampler itself gives
        if not fix or kwargs:
            result = result[..., :exact]
        result = np.moveaxis(result, -1, axis)
    else:
        result = _resample_by_packages(args.checked_audio(y), orig_sr, target_sr, res_type, wanted, axis)
    if fix and result.shape[axis] != wanted:
        result = util.fix_length(result, size=wanted, axis=axis, **kwargs)
    if scale:
        result = result / np.sqrt(ratio)
    return np.asarray(result, dtype=y.dtype)


def _resample_by_packages(y, orig_sr, target_sr, res_type, wanted, axis):
    """The resamplers of other packages, asked for by librosa's names."""
    ratio = float(target_sr) / orig_sr
    if res_type in ("scipy", "fft"):
        import scipy.signal

        return scipy.signal.resample(y, wanted, axis=axis)
    if res_type == "polyphase":
        if int(orig_sr) != orig_sr or int(target_sr) != target_sr:
            raise args.parameter_error("polyphase resampling needs whole rates")
        import scipy.signal

        divisor = np.gcd(int(orig_sr), int(target_sr))
        return scipy.signal.resample_poly(y, int(target_sr) // divisor, int(orig_sr) // divisor, axis=axis)
    if res_type in _SAMPLERATE_TYPES:
        import samplerate

        return np.apply_along_axis(samplerate.resample, axis=axis, arr=y, ratio=ratio, converter_type=res_type)
    if res_type.startswith("soxr"):
        if y.shape[axis] == 0:
            return np.zeros_like(y)
        import soxr

        return np.apply_along_axis(
            soxr.resample, axis=axis, arr=y, in_rate=orig_sr, out_rate=target_sr, quality=res_type
        )
    import resampy

    return resampy.resample(y, orig_sr, target_sr, filter=res_type, axis=axis)


# ---- read off the samples


def _fast_length(least, primes):
    """The least number from `least` on that has no prime factor but `primes`."""
    while True:
        rest = least
        for prime in primes:
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return least
        least += 1


def _autocorrelate_by_transform(rows, lags):
    """Autocorrelation by one transform of the padded rows, which decides where complex or infinite rows are NaN.

    The lengths are those of `scipy.fft.next_fast_len`, so that the butterflies are librosa's too.
    """
    length = rows.shape[-1]
    if np.iscomplexobj(rows):
        padded = _fast_length(2 * length - 1, (2, 3, 5, 7, 11))
        spectrum = np.fft.fft(rows, n=padded, axis=-1)
        result = np.fft.ifft(spectrum.real**2 + spectrum.imag**2, axis=-1)
    else:
        padded = _fast_length(2 * length - 1, (2, 3, 5))
        spectrum = np.fft.rfft(rows, n=padded, axis=-1)
        result = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, n=padded, axis=-1)
    return result[..., :lags].astype(rows.dtype, copy=False)


def autocorrelate(y, *, max_size=None, axis=-1):
    """Autocorrelation: ``sum_n y[n + lag] conj(y[n])`` for lags from 0 on.

    Parameters
    ----------
    y : ndarray
    max_size : int or None
        Lags to give, at most as many as there are values; None gives all. A negative number leaves out as many of
        the padded transform's end.
    axis : int
        Along which.

    Returns
    -------
    ndarray of the shape of `y` but for the lags along `axis`, and of its precision; float64 for integers

    Raises
    ------
    ValueError
        There are no values along `axis`.
    """
    length = y.shape[axis]
    lags = int(length if max_size is None else min(max_size, length))
    if length == 0:
        raise ValueError("an autocorrelation needs at least one value")
    rows = np.moveaxis(y, axis, -1)
    if y.dtype.kind != "c" and y.dtype not in (np.float32, np.float64):
        rows = rows.astype(np.float32 if y.dtype == np.float16 else np.float64)
    if y.dtype.kind == "c" or lags <= 0 or rows.size == 0:
        return np.moveaxis(_autocorrelate_by_transform(rows, lags), -1, axis)
    flat = np.ascontiguousarray(rows).reshape(-1, length)
    result = _core.autocorrelate(flat, lags)
    odd = ~np.isfinite(result[:, 0])  # an energy of NaN or infinity: the engine answers NaN for every lag, or overflowed
    if odd.any():
        with np.errstate(all="ignore"):
            result[odd] = _autocorrelate_by_transform(flat[odd], lags)
    return np.moveaxis(result.reshape(rows.shape[:-1] + (lags,)), -1, axis)


def zero_crossings(y, *, threshold=1e-10, ref_magnitude=None, pad=True, zero_pos=True, axis=-1):
    """Where the sign is not that of the value before.

    Parameters
    ----------
    y : ndarray, real
    threshold : float >= 0
        Values up to it count as 0.
    ref_magnitude : float or function, optional
        What `threshold` is in units of, or what the function makes of ``|y|``.
    pad : bool
        What the first value of each line is.
    zero_pos : bool
        0 is positive (and the sign is the sign bit); otherwise it is a third sign.
    axis : int

    Returns
    -------
    ndarray of bool, of the shape of `y`

    Raises
    ------
    IndexError
        There are no values along `axis`.
    TypeError
        `y` is complex.
    """
    if callable(ref_magnitude):
        threshold = threshold * ref_magnitude(np.abs(y))
    elif ref_magnitude is not None:
        threshold = threshold * ref_magnitude
    if y.dtype not in (np.float32, np.float64):
        y = y.astype(np.float32 if y.dtype == np.float16 else np.float64, casting="safe")
    if y.shape[axis] == 0:
        raise IndexError(f"zero crossings along an axis of no values: shape {y.shape}")
    if np.ndim(threshold) == 0 and y.size > 0:
        return args.along(
            _core.zero_crossings, y, axis, threshold=float(threshold), first=bool(pad), zero_pos=bool(zero_pos)
        )
    lines = np.moveaxis(y, axis, -1)
    lines = np.where(np.abs(lines) <= np.asarray(threshold)[..., np.newaxis], y.dtype.type(0), lines)
    signs = np.signbit(lines) if zero_pos else np.sign(lines)
    crossings = np.empty(lines.shape, dtype=bool)
    crossings[..., 0] = pad
    crossings[..., 1:] = signs[..., 1:] != signs[..., :-1]
    return np.moveaxis(crossings, -1, axis)
