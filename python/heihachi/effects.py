"""What turns sound into sound: separation, time and pitch, trimming and splitting."""

import numpy as np

from . import _arguments as args
from . import _audio, _core, _spectrum, decompose, exceptions, util
from .feature import _spectral

__all__ = ["hpss", "harmonic", "percussive", "time_stretch", "pitch_shift", "remix", "trim", "split"]


# ---- separation


def hpss(
    y,
    *,
    kernel_size=31,
    power=2.0,
    mask=False,
    margin=1.0,
    n_fft=2048,
    hop_length=None,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
):
    """Harmonic and percussive parts of a sound: :func:`heihachi.decompose.hpss` of its transform, transformed back.

    Parameters
    ----------
    y : ndarray (..., samples)
    kernel_size, power, mask, margin
        As in :func:`heihachi.decompose.hpss`. With `mask` the masks themselves are transformed back.
    n_fft, hop_length, win_length, center, pad_mode
        As in :func:`heihachi.stft`.
    window
        Is not used: the window is always Hann's, as it is in librosa.

    Returns
    -------
    harmonic, percussive : ndarray (..., samples)
        Of the shape and type of `y`.

    Raises
    ------
    ParameterError
        `y` is not finite floating sound; a parameter outside its range.

    References
    ----------
    As :func:`heihachi.decompose.hpss`.
    """
    transform = (n_fft, hop_length, win_length, center, pad_mode)
    return _separate("hpss", y, kernel_size, power, mask, margin, transform)


def harmonic(
    y,
    *,
    kernel_size=31,
    power=2.0,
    mask=False,
    margin=1.0,
    n_fft=2048,
    hop_length=None,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
):
    """The harmonic part of a sound: the first result of :func:`hpss`, whose parameters it has, in less time.

    Returns
    -------
    ndarray (..., samples)
    """
    transform = (n_fft, hop_length, win_length, center, pad_mode)
    return _separate("harmonic", y, kernel_size, power, mask, margin, transform)


def percussive(
    y,
    *,
    kernel_size=31,
    power=2.0,
    mask=False,
    margin=1.0,
    n_fft=2048,
    hop_length=None,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
):
    """The percussive part of a sound: the second result of :func:`hpss`, whose parameters it has, in less time.

    Returns
    -------
    ndarray (..., samples)
    """
    transform = (n_fft, hop_length, win_length, center, pad_mode)
    return _separate("percussive", y, kernel_size, power, mask, margin, transform)


def _separate(name, y, kernel_size, power, mask, margin, transform):
    result = _direct(name, y, kernel_size, power, mask, margin, transform)
    if result is not None:
        return result
    keywords = dict(zip(("n_fft", "hop_length", "win_length", "center"), transform))
    spectrum = _spectrum.stft(y, pad_mode=transform[4], **keywords)
    parts = decompose.hpss(spectrum, kernel_size=kernel_size, power=power, mask=mask, margin=margin)
    wanted = {"hpss": (0, 1), "harmonic": (0,), "percussive": (1,)}[name]
    sounds = tuple(_spectrum.istft(parts[i], dtype=y.dtype, length=y.shape[-1], **keywords) for i in wanted)
    return sounds if name == "hpss" else sounds[0]


def _direct(name, y, kernel_size, power, mask, margin, transform):
    """The C side's answer, or None where the way over the transform has something to say, or has another precision."""
    n_fft, hop_length, win_length, center, pad_mode = transform
    keywords = _spectral.transform_keywords(y, n_fft, hop_length, win_length, "hann", center, pad_mode)
    if keywords is None:
        return None
    widths, margins = decompose.pair(kernel_size), decompose.pair(margin)
    if not all(isinstance(width, (int, np.integer)) for width in widths):
        return None
    masks = decompose.parameters(widths, power, mask, margins)
    # a mask is as large where the sound is quiet, and an infinite power decides between medians that may be close:
    # these need the transform in double
    in_double = mask or (np.isinf(power) and y.dtype == np.float64)
    if masks is None or in_double or (y.dtype != np.float32 and not args.in_float_range(y)):
        return None
    try:
        result = getattr(_core, name)(y, **keywords, **masks)
    except exceptions.ParameterError:
        return None
    if y.dtype == np.float32:
        return result
    return tuple(part.astype(y.dtype) for part in result) if name == "hpss" else result.astype(y.dtype)


# ---- time and pitch


def time_stretch(y, *, rate, **kwargs):
    """A sound faster or slower at the same pitch, by a phase vocoder.

    Parameters
    ----------
    y : ndarray (..., samples)
    rate : float > 0
        Above 1 faster.
    **kwargs
        Of :func:`heihachi.stft`, of which :func:`heihachi.istft` has the same.

    Returns
    -------
    ndarray (..., round(samples / rate))
        Of the type of `y`.

    Raises
    ------
    ParameterError
        `rate` is not positive; and as :func:`heihachi.stft`.
    """
    if rate <= 0:
        raise args.parameter_error(f"rate is {rate}: above 0 is needed")
    spectrum = _spectrum.stft(y, **kwargs)
    stretched = _spectrum.phase_vocoder(
        spectrum, rate=rate, hop_length=kwargs.get("hop_length"), n_fft=kwargs.get("n_fft")
    )
    return _spectrum.istft(stretched, dtype=y.dtype, length=int(round(y.shape[-1] / rate)), **kwargs)


def pitch_shift(y, *, sr, n_steps, bins_per_octave=12, res_type="soxr_hq", scale=False, **kwargs):
    """A sound higher or lower at the same length: stretched in time, then resampled.

    Parameters
    ----------
    y : ndarray (..., samples)
    sr : number > 0
        Samples per second.
    n_steps : float
        Steps upwards.
    bins_per_octave : int > 0
        Steps in an octave.
    res_type, scale
        As in :func:`heihachi.resample`.
    **kwargs
        As in :func:`time_stretch`.

    Returns
    -------
    ndarray (..., samples)
        Of the shape and type of `y`.

    Raises
    ------
    ParameterError
        `bins_per_octave` is not a positive integer; and as :func:`time_stretch`.
    """
    if not args.is_positive_int(bins_per_octave):
        raise args.parameter_error(f"bins_per_octave is {bins_per_octave!r}: a positive integer is needed")
    rate = 2.0 ** (-float(n_steps) / bins_per_octave)
    shifted = _audio.resample(
        time_stretch(y, rate=rate, **kwargs),
        orig_sr=float(sr) / rate,
        target_sr=sr,
        res_type=res_type,
        scale=scale,
    )
    return util.fix_length(shifted, size=y.shape[-1])


# ---- cutting


def remix(y, intervals, *, align_zeros=True):
    """Pieces of a sound, one after the other.

    Parameters
    ----------
    y : ndarray (..., samples)
    intervals : iterable of (start, end)
        Samples, in the order in which they are wanted.
    align_zeros : bool
        Each end is moved to the nearest sign change of the channels' mean, or to the end of the sound.

    Returns
    -------
    ndarray (..., samples)

    Raises
    ------
    ParameterError
        With `align_zeros`: `y` is not finite floating sound.
    ValueError
        There are no intervals.
    """
    if align_zeros:
        mono = args.checked_audio(y)
        mono = np.mean(mono, axis=tuple(range(y.ndim - 1))) if y.ndim > 1 else mono
        places = np.append(np.flatnonzero(_audio.zero_crossings(mono)), len(mono))
        return np.concatenate([y[..., start:end] for start, end in (_nearest(ends, places) for ends in intervals)], axis=-1)
    return np.concatenate([y[..., ends[0] : ends[1]] for ends in intervals], axis=-1)


def _nearest(wanted, places):
    """For each wanted place the nearest of `places`, which ascend; of two equally near ones the later."""
    if len(wanted) == 0:
        raise args.parameter_error("an interval without ends")
    wanted = np.asarray(wanted)
    after = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
    before = np.maximum(after - 1, 0)
    earlier = np.abs(places[before] - wanted) < np.abs(places[after] - wanted)
    return places[np.where(earlier, before, after)][:2]


def _loud_frames(y, top_db, ref, frame_length, hop_length, aggregate):
    """Whether each frame is less than `top_db` below the reference in the loudest channel, or in what `aggregate` makes
    of all."""
    level = _spectral.rms(y=y, frame_length=frame_length, hop_length=hop_length)[..., 0, :]
    decibels = _spectrum.amplitude_to_db(level, ref=ref, top_db=None)
    if decibels.ndim > 1:
        leading = tuple(range(decibels.ndim - 1))
        decibels = np.squeeze(np.apply_over_axes(aggregate, decibels, leading), axis=leading)
    return decibels > -top_db


def trim(y, *, top_db=60, ref=np.max, frame_length=2048, hop_length=512, aggregate=np.max):
    """A sound without the silence at its beginning and at its end.

    Parameters
    ----------
    y : ndarray (..., samples)
    top_db : number
        Frames that are this much (dB) below the reference, or more, are silence.
    ref : number or function
        Amplitude of 0 dB, or what the function makes of the frames' :func:`heihachi.feature.rms`.
    frame_length, hop_length : int > 0
        Samples.
    aggregate : function (array, axis)
        Makes one level of the channels'.

    Returns
    -------
    trimmed : ndarray (..., samples)
    interval : ndarray (2,)
        Its first sample in `y`, and that after its last.
    """
    loud = np.flatnonzero(_loud_frames(y, top_db, ref, frame_length, hop_length, aggregate))
    start, end = 0, 0
    if loud.size > 0:
        start, end = int(loud[0] * hop_length), min(y.shape[-1], int((loud[-1] + 1) * hop_length))
    return np.array(y[..., start:end]), np.asarray([start, end])


def split(y, *, top_db=60, ref=np.max, frame_length=2048, hop_length=512, aggregate=np.max):
    """Where a sound is not silent.

    Parameters
    ----------
    y, top_db, ref, frame_length, hop_length, aggregate
        As in :func:`trim`.

    Returns
    -------
    ndarray (intervals, 2)
        The first sample of each piece, and that after its last.
    """
    loud = _loud_frames(y, top_db, ref, frame_length, hop_length, aggregate)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False]))))
    return np.minimum(edges * hop_length, y.shape[-1]).reshape(-1, 2)
