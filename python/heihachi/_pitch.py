"""Fundamental frequency, spectral peaks, tuning."""

import warnings

import numpy as np

from . import _arguments as args
from . import _convert, _core, _spectrum, util

__all__ = ["yin", "pyin", "piptrack", "estimate_tuning", "pitch_tuning"]

# HhPeakReference of include/heihachi/pitch.h.
_PEAK_MAX, _PEAK_MEAN, _PEAK_VALUE = 0, 1, 2


class _Deprecated:
    """The default of a parameter that has no effect any more."""

    def __repr__(self):
        return "<deprecated>"


# ---- YIN and pYIN


def _frames_of(y, fmin, fmax, sr, frame_length, win_length, hop_length, center, pad_mode):
    """The common beginning of yin and pyin: the signal that the C side takes, and its keywords."""
    if fmin is None or fmax is None:
        raise args.parameter_error("fmin and fmax have to be given, in Hz")
    if not isinstance(win_length, _Deprecated):
        warnings.warn("win_length is deprecated: it has no effect", category=FutureWarning, stacklevel=4)
    if fmax > sr / 2:
        raise args.parameter_error(f"fmax={fmax} is above half the sample rate, {sr / 2}")
    if fmin >= fmax:
        raise args.parameter_error(f"fmin={fmin} has to be below fmax={fmax}")
    if fmin <= 0:
        raise args.parameter_error(f"fmin={fmin} has to be above 0")
    if sr / fmin >= frame_length - 1:
        raise args.parameter_error(
            f"a period of fmin={fmin} does not fit into frame_length={frame_length}: at least "
            f"fmin={sr / (frame_length - 1):.3f} or frame_length={int(np.ceil(sr / fmin) + 1)} is needed"
        )
    if sr / fmin >= frame_length // 2:
        warnings.warn(
            f"less than two periods of fmin={fmin} fit into frame_length={frame_length}: low pitches may be wrong; with "
            f"fmin={2 * sr / frame_length:.3f} or frame_length={int(np.ceil(sr / fmin) * 2 + 1)} they fit",
            stacklevel=4,
        )
    if hop_length is not None and hop_length < 1:
        raise args.parameter_error(f"hop_length={hop_length}: at least 1 is needed")
    y = args.signal(y)
    if center and (callable(pad_mode) or pad_mode not in args.PAD_MODES or y.shape[-1] == 0):
        args.checked_audio(y)
        y = args.pad_ends(y, frame_length, pad_mode)
        center = False
    return y, {
        "fmin": fmin,
        "fmax": fmax,
        "frame_length": frame_length,
        "hop_length": args.none_is_zero(hop_length),
        "center": bool(center),
        "pad": args.PAD_MODES[pad_mode] if center else 0,
    }


def yin(
    y,
    *,
    fmin,
    fmax,
    sr=22050,
    frame_length=2048,
    win_length=_Deprecated(),
    hop_length=None,
    trough_threshold=0.1,
    center=True,
    pad_mode="constant",
):
    """Fundamental frequency of a voice or an instrument, frame by frame, by YIN.

    The period is the first lag at which the normalised difference between the frame and itself has a trough below a
    threshold, or else the deepest trough. Whether a frame has a pitch at all, it does not tell: see :func:`pyin`.

    Parameters
    ----------
    y : ndarray (..., samples), floating
    fmin, fmax : float, Hz
        Range of the result: ``0 < fmin < fmax <= sr / 2``, and a period of `fmin` is shorter than a frame. Obligatory.
    sr : number > 0, Hz
    frame_length : int, samples
        Two periods of `fmin` should fit.
    win_length : deprecated, without effect
    hop_length : int > 0, optional
        Samples from frame to frame; a quarter of `frame_length`.
    trough_threshold : float
        Of the normalised difference.
    center : bool
        Frame t is centred on sample ``t * hop_length``; otherwise it begins there.
    pad_mode : str or function
        As of ``numpy.pad``, for `center`.

    Returns
    -------
    ndarray (..., frames), float64, Hz

    Raises
    ------
    ParameterError
        A frequency outside its range, samples that are not finite, a signal shorter than a frame.

    Warns
    -----
    UserWarning
        Less than two periods of `fmin` fit into a frame.
    FutureWarning
        `win_length` is given.

    References
    ----------
    A. de Cheveigne and H. Kawahara, YIN, a fundamental frequency estimator for speech and music, JASA 111, 2002.
    """
    y, keywords = _frames_of(y, fmin, fmax, sr, frame_length, win_length, hop_length, center, pad_mode)
    return _core.yin(y, sr, trough_threshold=trough_threshold, **keywords)


def pyin(
    y,
    *,
    fmin,
    fmax,
    sr=22050,
    frame_length=2048,
    win_length=_Deprecated(),
    hop_length=None,
    n_thresholds=100,
    beta_parameters=(2, 18),
    boltzmann_parameter=2,
    resolution=0.1,
    max_transition_rate=35.92,
    switch_prob=0.01,
    no_trough_prob=0.01,
    fill_na=np.nan,
    center=True,
    pad_mode="constant",
):
    """Fundamental frequency and voicing by probabilistic YIN: the candidates of YIN under many thresholds, and the most
    probable path through them.

    Parameters
    ----------
    y : ndarray (..., samples), floating
    fmin, fmax : float, Hz
        Range of the result: ``0 < fmin < fmax <= sr / 2``, and a period of `fmin` is shorter than a frame. Obligatory.
    sr : number > 0, Hz
    frame_length : int, samples
        Two periods of `fmin` should fit.
    win_length : deprecated, without effect
    hop_length : int > 0, optional
        Samples from frame to frame; a quarter of `frame_length`.
    n_thresholds : int >= 0, at most 1000
        0 voices nothing.
    beta_parameters : (float, float) > 0
        Shape of the prior of the threshold, a Beta distribution.
    boltzmann_parameter : float > 0
        The larger, the more shorter periods are favoured.
    resolution : float > 0, semitones
        Step between the pitches that are possible.
    max_transition_rate : float >= 0, octaves per second
    switch_prob : float in (0, 1)
        Probability that voiced turns to unvoiced or back, from frame to frame.
    no_trough_prob : float in [0, 1]
        Probability of the deepest trough where none is below a threshold.
    fill_na : float or None
        The result of unvoiced frames; None leaves the best guess there.
    center : bool
        Frame t is centred on sample ``t * hop_length``; otherwise it begins there.
    pad_mode : str or function
        As of ``numpy.pad``, for `center`.

    Returns
    -------
    f0 : ndarray (..., frames), float64, Hz
    voiced_flag : ndarray (..., frames), bool
    voiced_probs : ndarray (..., frames), float64
        Probability that the frame is voiced.

    Raises
    ------
    ParameterError
        A parameter outside its range, samples that are not finite, a signal shorter than a frame.

    Warns
    -----
    UserWarning
        Less than two periods of `fmin` fit into a frame.
    FutureWarning
        `win_length` is given.

    References
    ----------
    M. Mauch and S. Dixon, pYIN: a fundamental frequency estimator using probabilistic threshold distributions,
    ICASSP 2014.
    """
    y, keywords = _frames_of(y, fmin, fmax, sr, frame_length, win_length, hop_length, center, pad_mode)
    if resolution == 0:
        _core.yin(y, sr, **keywords)  # refuses samples that pyin would refuse first
        raise ZeroDivisionError("a resolution of 0 semitones: above 0 is needed")
    return _core.pyin(
        y,
        sr,
        n_thresholds=n_thresholds,
        beta_a=beta_parameters[0],
        beta_b=beta_parameters[1],
        boltzmann_parameter=boltzmann_parameter,
        resolution=resolution,
        max_transition_rate=max_transition_rate,
        switch_prob=switch_prob,
        no_trough_prob=no_trough_prob,
        fill_na=args.none_is_nan(fill_na),
        keep_unvoiced=fill_na is None,
        **keywords,
    )


# ---- peaks of the spectrum


def _reference(ref):
    """(HhPeakReference, value) of what peaks are compared with, or None if only Python can tell."""
    if ref is None or ref is np.max or ref is np.amax:
        return _PEAK_MAX, 0.0
    if ref is np.mean:
        return _PEAK_MEAN, 0.0
    if not callable(ref) and np.ndim(ref) == 0 and np.isfinite(ref):
        return _PEAK_VALUE, float(abs(ref))
    return None


def _warn_long(y, n_fft, center):
    """What stft says of frames that are longer than the signal."""
    if center and n_fft > y.shape[-1]:
        warnings.warn(f"n_fft={n_fft} is longer than the signal of {y.shape[-1]} samples", stacklevel=4)


def _plain_spectrogram(S):
    """Whether the C side takes it: magnitudes in float32's range, not negative, finite."""
    if not isinstance(S, np.ndarray) or S.ndim < 2 or S.size == 0 or S.dtype not in (np.float32, np.float64):
        return False
    lowest, highest = S.min(), S.max()
    return lowest >= 0 and (highest < np.inf if S.dtype == np.float32 else 1e-15 < highest < 1e15 or highest == 0)


def _plain_signal(y):
    """Whether the C side takes it: float32, or doubles whose spectra are in float32's range."""
    return y.shape[-1] > 0 and y.size > 0 and (y.dtype == np.float32 or args.in_float_range(y))


def _peaks(function, y, sr, S, n_fft, ref, transform, keywords):
    """What the C functions `function` (of a signal) and `function`_from (of a spectrogram) give, or None."""
    kind = _reference(ref)
    fmin, fmax, threshold = (float(keywords[name]) for name in ("fmin", "fmax", "threshold"))
    if kind is None or not (np.isfinite(fmin) and np.isfinite(threshold)) or np.isnan(fmax):
        return None
    keywords = dict(keywords, reference=kind[0], reference_value=kind[1], fmax=min(fmax, float(sr) / 2))
    if S is not None:
        if not _plain_spectrogram(S) or S.shape[-2] < 2:
            return None
        bins = S.shape[-2]
        if n_fft is None or n_fft // 2 + 1 != bins:
            n_fft = 2 * (bins - 1)
        return getattr(_core, function + "_from")(S, sr, n_fft=n_fft, **keywords)
    transform = args.transform(n_fft, *transform)
    if transform is None or not _plain_signal(y):
        return None
    _warn_long(y, n_fft, transform["center"])
    return getattr(_core, function)(y, sr, **transform, **keywords)


def piptrack(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=None,
    fmin=150.0,
    fmax=4000.0,
    threshold=0.1,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    ref=None,
):
    """Peaks of the spectrum, with frequency and magnitude of the parabola through the peak and its neighbours.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `S` is given.
    sr : number > 0, Hz
    S : ndarray (..., bins, frames)
        A magnitude or power spectrogram (of complex values, the magnitude is taken).
    n_fft, hop_length, win_length, window, center, pad_mode
        As of :func:`heihachi.stft`. An `n_fft` that does not fit `S` counts as ``2 * (bins - 1)``.
    fmin, fmax : float, Hz
        Bins of ``fmin <= frequency < fmax`` are looked at.
    threshold : float
        A peak is above `threshold` times the reference.
    ref : function or number, optional
        The reference of a frame: a function that is called with the spectrogram and ``axis=-2``, by default
        ``numpy.max``; or a number with whose absolute value alone peaks are compared, whatever `threshold`.

    Returns
    -------
    pitches, magnitudes : ndarray (..., bins, frames), real, of the precision of the sound
        Frequency in Hz and interpolated magnitude where there is a peak, 0 elsewhere.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; a parameter outside its range.

    References
    ----------
    J. O. Smith, Spectral Audio Signal Processing, 2011: quadratic interpolation of spectral peaks.
    """
    if S is None:
        y = _required(y, n_fft)
    transform = (hop_length, win_length, window, center, pad_mode)
    limits = {"fmin": fmin, "fmax": fmax, "threshold": threshold}
    found = _peaks("piptrack", y, sr, S, n_fft, ref, transform, limits)
    if found is not None:
        dtype = np.dtype(np.float64) if (y if S is None else S).dtype == np.float64 else np.dtype(np.float32)
        return tuple(args.cast(part, dtype) for part in found)
    S, n_fft = _spectrum.magnitudes(y, S, (n_fft, *transform))
    S = np.abs(S)
    return _piptrack_any(S, sr, n_fft, fmin, fmax, threshold, ref)


def _required(y, n_fft):
    if n_fft is None:
        raise args.parameter_error("n_fft is None: without a spectrogram it is needed")
    if y is None:
        raise args.parameter_error("neither a signal y nor a spectrogram S is given")
    return args.signal(y)


def _piptrack_any(S, sr, n_fft, fmin, fmax, threshold, ref):
    """piptrack in NumPy, in the precision of `S`: for functions as reference, and for values that C refuses."""
    bins = S.shape[-2]
    bin_hz = np.fft.rfftfreq(n_fft, 1.0 / sr)
    wanted = (bin_hz >= max(fmin, 0)) & (bin_hz < min(fmax, float(sr) / 2))
    if callable(ref) or ref is None:
        level = np.expand_dims(threshold * (np.max if ref is None else ref)(S, axis=-2), -2)
    else:
        level = np.abs(ref)
    above = S * (S > level)
    peak = util.localmax(above, axis=-2) if bins > 1 else np.zeros(S.shape, dtype=bool)
    peak &= wanted[:, np.newaxis]
    where = np.nonzero(peak)
    row = where[-2]

    def neighbour(step):
        return S[where[:-2] + (np.clip(row + step, 0, bins - 1), where[-1])]

    value, below, beyond = S[where], neighbour(-1), neighbour(1)
    inside = (row > 0) & (row < bins - 1)
    curve = beyond + below - 2 * value
    half = (beyond - below) / 2
    good = inside & (np.abs(half) < np.abs(curve))
    shift = np.where(good, -half / np.where(good, curve, 1), 0).astype(S.dtype)
    pitches, magnitudes = np.zeros_like(S), np.zeros_like(S)
    pitches[where] = (row + shift) * float(sr) / n_fft
    magnitudes[where] = value + (0.5 * half * shift).astype(S.dtype)
    return pitches, magnitudes


# ---- tuning


def estimate_tuning(*, y=None, sr=22050, S=None, n_fft=2048, resolution=0.01, bins_per_octave=12, **kwargs):
    """How far a recording is from A4 = 440 Hz: the fullest class of the stronger half of its spectral peaks.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `S` is given.
    sr : number > 0, Hz
    S : ndarray (..., bins, frames)
        A magnitude or power spectrogram.
    n_fft : int > 0
    resolution : float > 0
        Width of a class, as a part of a bin.
    bins_per_octave : int > 0
    **kwargs
        More parameters of :func:`piptrack`.

    Returns
    -------
    float in [-0.5, 0.5)
        Deviation as a part of a bin; one number over all channels. 0 if there are no peaks.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; a parameter outside its range.

    Warns
    -----
    UserWarning
        There are no peaks.
    """
    return _tuning(y, sr, S, n_fft, resolution, bins_per_octave, **kwargs)


def _tuning(
    y,
    sr,
    S,
    n_fft,
    resolution,
    bins_per_octave,
    *,
    hop_length=None,
    fmin=150.0,
    fmax=4000.0,
    threshold=0.1,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    ref=None,
):
    if S is None:
        y = _required(y, n_fft)
    transform = (hop_length, win_length, window, center, pad_mode)
    keywords = {"fmin": fmin, "fmax": fmax, "threshold": threshold}
    # which class is the fullest may hang on the last bits of a spectrum in double
    narrowed = S is not None and np.asarray(S).dtype == np.float64
    if args.is_positive_int(bins_per_octave) and resolution >= 1e-6 and not narrowed:
        keywords.update(resolution=resolution, bins_per_octave=bins_per_octave, none=np.nan)
        found = _peaks("estimate_tuning", y, sr, S, n_fft, ref, transform, keywords)
        if found is not None:
            return _known(np.float64(found))
    S, n_fft = _spectrum.magnitudes(y, S, (n_fft, *transform))
    S = np.abs(S)
    pitches, magnitudes = _piptrack_any(S, sr, n_fft, fmin, fmax, threshold, ref)
    found = pitches > 0
    least = np.median(magnitudes[found]) if found.any() else 0.0
    return _pitch_tuning(pitches[(magnitudes >= least) & found], resolution, bins_per_octave)


def tuning_keyword(y, sr, tuning, bins_per_octave):
    """The `tuning` of the C side, whose NaN is an estimate from samples in float: of doubles it is estimated here."""
    if tuning is None and y.dtype == np.float64:
        return estimate_tuning(y=y, sr=sr, bins_per_octave=bins_per_octave)
    return args.none_is_nan(tuning)


def _known(tuning):
    """NaN stands for no frequencies."""
    if np.isnan(tuning):
        warnings.warn("Trying to estimate tuning from an empty set of frequencies: it is taken to be 0", stacklevel=4)
        return 0.0
    return tuning


def pitch_tuning(frequencies, *, resolution=0.01, bins_per_octave=12):
    """How far a set of frequencies is from the grid through A4 = 440 Hz: the fullest class of their deviations.

    Parameters
    ----------
    frequencies : array_like, Hz
        What is not positive is left out.
    resolution : float > 0
        Width of a class, as a part of a bin.
    bins_per_octave : int > 0

    Returns
    -------
    float in [-0.5, 0.5)
        Deviation as a part of a bin, the lower edge of the class; 0 if there are no frequencies.

    Warns
    -----
    UserWarning
        There are no frequencies.
    """
    return _pitch_tuning(frequencies, resolution, bins_per_octave)


def _pitch_tuning(frequencies, resolution, bins_per_octave):
    frequencies = np.atleast_1d(frequencies)
    frequencies = frequencies[frequencies > 0]
    if frequencies.size == 0:
        return _known(np.nan)
    bins = bins_per_octave * _convert.hz_to_octs(frequencies)
    deviation = bins - np.floor(bins)
    deviation -= deviation >= 0.5
    edges = np.linspace(-0.5, 0.5, int(np.ceil(1.0 / resolution)) + 1)
    counts, _ = np.histogram(deviation, edges)
    return edges[np.argmax(counts)]
