"""Constant-Q and variable-Q transforms."""

import warnings
from functools import lru_cache

import numpy as np

from . import _arguments as args
from . import _core, filters
from ._audio import resample
from ._pitch import estimate_tuning, tuning_keyword
from ._spectrum import stft

__all__ = ["cqt", "vqt", "hybrid_cqt", "pseudo_cqt"]


# ---- the grid of frequencies


@lru_cache(maxsize=64)
def _crystal(primes, count):
    """`count` ratios of products of powers of `primes`, brought into one octave, unsorted.

    The set grows from 1 by the neighbour (one prime factor more or less) with the least sum of harmonic distances to
    all that are in it: J. Tenney, On 'crystal growth' in harmonic space, 1998. Of equal sums the least distance to 1
    wins, then the neighbour that was found first.
    """
    logs = np.log2(np.asarray(primes, dtype=float))
    steps = [tuple(sign * (i == j) for j in range(len(primes))) for i in range(len(primes)) for sign in (1, -1)]

    def distance(a, b):
        return np.around(np.abs(np.subtract(a, b)) @ logs, 6)

    points = [(0,) * len(primes)]
    frontier = {step: distance(step, points[0]) for step in steps}
    while len(points) < count:
        best, least = None, np.inf
        for point, total in frontier.items():
            close = best is not None and np.isclose(total, least)
            if total < least or (close and np.abs(point) @ logs < np.abs(best) @ logs):
                best, least = point, total
        del frontier[best]
        points.append(best)
        for point in frontier:
            frontier[point] += distance(point, best)
        for step in steps:
            point = tuple(int(p) for p in np.add(best, step))
            if point not in points and point not in frontier:
                total = 0.0
                for other in points:
                    total += distance(point, other)
                frontier[point] = total
    octaves = np.array(points[:count], dtype=float) @ logs
    return 2.0 ** (octaves - np.floor(octaves))


_PRIMES = {"ji3": (3,), "ji5": (3, 5), "ji7": (3, 5, 7)}


def interval_ratios(intervals, bins_per_octave):
    """The ratios of one octave to its first note, ascending: of a named set, or those that are given, as they are."""
    if not isinstance(intervals, str):
        return np.array(intervals, dtype=float)
    if intervals == "equal":
        return 2.0 ** (np.arange(bins_per_octave, dtype=float) / bins_per_octave)
    if intervals == "pythagorean":
        fifths = np.arange(bins_per_octave) * np.log2(3)
        return 2.0 ** np.sort(fifths - np.floor(fifths))
    if intervals in _PRIMES:
        return np.sort(_crystal(_PRIMES[intervals], bins_per_octave))
    raise args.parameter_error(f"no set of intervals {intervals!r}: equal, pythagorean, ji3, ji5, ji7, or the ratios")


def within_octave(ratios):
    """Whether the ratios ascend from 1 or more and end below 2, as the C side wants them."""
    return ratios.ndim == 1 and len(ratios) > 0 and 1 <= ratios[0] and ratios[-1] < 2 and np.all(np.diff(ratios) > 0)


def _frequencies(n_bins, fmin, ratios):
    octaves = 2.0 ** np.arange(np.ceil(n_bins / len(ratios)))
    return np.sort(np.multiply.outer(octaves, ratios).flatten()[:n_bins]) * fmin


def _bandwidths(freqs, bins_per_octave):
    """Relative bandwidth of each filter; of a single one by the equal step."""
    if len(freqs) > 1:
        return filters._relative_bandwidth(freqs)
    ratio = 2.0 ** (2.0 / bins_per_octave)
    return np.atleast_1d((ratio - 1) / (ratio + 1))


# ---- what the C library takes, and the rest


class _Call:
    """One transform: its arguments, checked, as the C side and as the NumPy side take them."""

    def __init__(
        self,
        y,
        *,
        sr,
        hop_length,
        fmin,
        n_bins,
        bins_per_octave,
        tuning,
        filter_scale,
        norm,
        sparsity,
        window,
        scale,
        pad_mode,
        dtype,
        res_type="soxr_hq",
        gamma=0,
        intervals="equal",
        no_bins=ValueError,
    ):
        self.y = args.signal(y)
        if not args.is_positive_int(hop_length):
            raise args.parameter_error(f"hop_length is {hop_length!r}: a positive integer is needed")
        if not isinstance(n_bins, (int, np.integer)):
            raise TypeError(f"n_bins is {n_bins!r}: an integer is needed")
        if bins_per_octave == 0:
            raise ZeroDivisionError("bins_per_octave=0: at least 1 is needed")
        if n_bins < 1:
            raise no_bins(f"n_bins={n_bins}: at least 1 is needed")
        if bins_per_octave < 1:
            raise args.parameter_error(f"bins_per_octave={bins_per_octave}: at least 1 is needed")
        if fmin is not None and not fmin > 0:
            raise args.parameter_error(f"fmin={fmin} has to be above 0")
        if not 0 <= sparsity < 1:
            raise args.parameter_error(f"sparsity={sparsity} has to be in [0, 1)")
        if res_type is None:
            warnings.warn("Support for VQT with res_type=None will end: it is soxr_hq", FutureWarning, stacklevel=3)
            res_type = "soxr_hq"
        self.sr, self.hop_length, self.n_bins, self.bins_per_octave = sr, hop_length, n_bins, bins_per_octave
        self.fmin = filters._C1 if fmin is None else fmin
        self.tuning, self.filter_scale, self.norm, self.sparsity = tuning, filter_scale, norm, sparsity
        self.window, self.scale, self.pad_mode, self.res_type, self.gamma = window, scale, pad_mode, res_type, gamma
        equal = isinstance(intervals, str) and intervals == "equal"
        self.ratios = None if equal else interval_ratios(intervals, bins_per_octave)
        self.dtype = args.complex_dtype(self.y.dtype) if dtype is None else np.dtype(dtype)
        if callable(pad_mode) or pad_mode in ("wrap", "maximum", "mean", "median", "minimum"):
            raise args.parameter_error(f"the transforms cannot pad by {pad_mode!r}")

    def keywords(self, resamples=True):
        """Of the C side; None if only NumPy can do it."""
        known, norm = args.known_window(self.window), args.norm_number(self.norm)
        if self.ratios is not None and not within_octave(self.ratios):
            return None
        if known is None or norm is None or norm < 0 or self.pad_mode not in args.PAD_MODES or self.y.size == 0:
            return None
        if resamples and self.res_type != "soxr_hq":
            return None
        if self.bins_per_octave > 1024 or self.n_bins > 65536 or not args.in_float_range(self.y):
            return None
        return {
            "hop_length": self.hop_length,
            "fmin": self.fmin,
            "n_bins": self.n_bins,
            "bins_per_octave": self.bins_per_octave,
            "tuning": tuning_keyword(self.y, self.sr, self.tuning, self.bins_per_octave),
            "filter_scale": self.filter_scale,
            "norm": norm,
            "sparsity": self.sparsity,
            "window": known,
            "scale": bool(self.scale),
            "pad": args.PAD_MODES[self.pad_mode],
        }

    def tuned(self):
        """The lowest frequency with the tuning, which is estimated now if it has to be."""
        if self.tuning is None:
            self.tuning = estimate_tuning(y=self.y, sr=self.sr, bins_per_octave=self.bins_per_octave)
        self.fmin, self.tuning = self.fmin * 2.0 ** (self.tuning / self.bins_per_octave), 0.0
        return self.fmin

    def lengths(self, freqs, sr, alpha):
        return filters.wavelet_lengths(
            freqs=freqs, sr=sr, window=self.window, filter_scale=self.filter_scale, gamma=self.gamma, alpha=alpha
        )

    def spectra(self, freqs, sr, alpha, shortest=1):
        """The filters' spectra, sparse ones by zeros: (bins of the transform, n_fft), and the filters' lengths."""
        basis, lengths = filters.wavelet(
            freqs=freqs,
            sr=sr,
            window=self.window,
            filter_scale=self.filter_scale,
            norm=self.norm,
            gamma=self.gamma,
            alpha=alpha,
        )
        n_fft = max(basis.shape[1], shortest)
        basis *= (lengths / float(n_fft))[:, np.newaxis]
        spectra = np.fft.fft(basis, n=n_fft, axis=1)[:, : n_fft // 2 + 1].astype(np.complex64, copy=False)
        return _sparse(spectra, self.sparsity).astype(self.dtype), n_fft

    def response(self, y, n_fft, hop_length, spectra, window="ones", phase=True):
        """The filters' outputs: (..., filters, frames)."""
        D = stft(y, n_fft=n_fft, hop_length=hop_length, window=window, pad_mode=self.pad_mode, dtype=self.dtype)
        if not phase:
            D = np.abs(D)
        used = np.flatnonzero(np.any(spectra != 0, axis=0))
        if used.size == 0:
            return np.zeros(D.shape[:-2] + (len(spectra), D.shape[-1]), dtype=D.dtype)
        span = slice(used[0], used[-1] + 1)
        return np.matmul(spectra[:, span], D[..., span, :])


def _sparse(spectra, quantile):
    """The smallest values of each row, `quantile` of its sum of magnitudes, become 0."""
    magnitude = np.abs(spectra)
    ordered = np.sort(magnitude, axis=1)
    total = np.sum(magnitude, axis=1, keepdims=True)
    share = np.cumsum(ordered / total, axis=1)
    least = ordered[np.arange(len(ordered)), np.argmin(share < quantile, axis=1)]
    return np.where(magnitude >= least[:, np.newaxis], spectra, 0)


def _twos(number):
    count = 0
    while number > 0 and number % 2 == 0:
        number, count = number // 2, count + 1
    return count


def _variable(call):
    """The transform in NumPy: for windows, resamplings and intervals that the C library does not have."""
    args.checked_audio(call.y)
    y, sr, hop = call.y, call.sr, call.hop_length
    fmin = call.tuned()
    ratios = interval_ratios("equal", call.bins_per_octave) if call.ratios is None else call.ratios
    freqs = _frequencies(call.n_bins, fmin, ratios)
    alpha = _bandwidths(freqs, call.bins_per_octave)
    _, cutoff = call.lengths(freqs, sr, alpha)
    if cutoff > sr / 2.0:
        raise args.parameter_error(f"the filters reach to {cutoff:.1f} Hz, beyond half the sample rate of {sr}")
    octaves = int(np.ceil(float(call.n_bins) / call.bins_per_octave))
    early = max(0, int(np.ceil(np.log2(sr / 2.0 / cutoff))) - 2)
    early = min(early, max(0, _twos(hop) - octaves + 1))
    if early > 0:
        factor = 2**early
        if y.shape[-1] < factor:
            raise args.parameter_error(f"{y.shape[-1]} samples are too few for {octaves} octaves")
        hop //= factor
        y = resample(y, orig_sr=factor, target_sr=1, res_type=call.res_type, scale=True)
        if not call.scale:
            y = y * np.sqrt(factor).astype(y.dtype)
        sr = sr / float(factor)
    parts, rate, end = [], sr, call.n_bins
    for octave in range(octaves):
        begin = max(0, end - min(call.bins_per_octave, call.n_bins))
        spectra, n_fft = call.spectra(freqs[begin:end], rate, alpha[begin:end])
        spectra *= np.sqrt(sr / rate)
        parts.append(call.response(y, n_fft, hop, spectra))
        end = begin
        if hop % 2 == 0 and octave + 1 < octaves:
            hop //= 2
            rate /= 2.0
            y = resample(y, orig_sr=2, target_sr=1, res_type=call.res_type, scale=True)
    result = _stacked(parts[::-1], call.dtype)
    if call.scale:
        lengths, _ = call.lengths(freqs, sr, alpha)
        result /= np.sqrt(lengths)[:, np.newaxis]
    return result


def _stacked(parts, dtype):
    """The parts one above the other, as long as the shortest; frames side by side in memory."""
    frames = min(part.shape[-1] for part in parts)
    shape = parts[0].shape[:-2] + (frames, sum(part.shape[-2] for part in parts))
    result = np.empty(shape, dtype=dtype).swapaxes(-1, -2)
    np.concatenate([part[..., :frames] for part in parts], axis=-2, out=result, casting="unsafe")
    return result


def _pseudo(call):
    """pseudo_cqt in NumPy."""
    args.checked_audio(call.y)
    freqs = _frequencies(call.n_bins, call.tuned(), interval_ratios("equal", call.bins_per_octave))
    alpha = _bandwidths(freqs, call.bins_per_octave)
    lengths, _ = call.lengths(freqs, call.sr, alpha)
    shortest = int(2.0 ** (1 + np.ceil(np.log2(call.hop_length))))
    spectra, n_fft = call.spectra(freqs, call.sr, alpha, shortest)
    result = call.response(call.y, n_fft, call.hop_length, np.abs(spectra), window="hann", phase=False)
    if call.scale:
        result /= np.sqrt(n_fft)
    else:
        result *= np.sqrt(lengths / n_fft)[:, np.newaxis]
    return result


def _hybrid(call):
    """hybrid_cqt in NumPy: short filters by the pseudo transform, long ones by the full one."""
    args.checked_audio(call.y)
    fmin = call.tuned()
    freqs = _frequencies(call.n_bins, fmin, interval_ratios("equal", call.bins_per_octave))
    alpha = _bandwidths(freqs, call.bins_per_octave)
    lengths, _ = call.lengths(freqs, call.sr, alpha)
    short = 2.0 ** np.ceil(np.log2(lengths)) < 2 * call.hop_length
    count, parts = int(np.sum(short)), []
    all_bins = call.n_bins
    if count < all_bins:
        call.n_bins = all_bins - count
        parts.append(np.abs(_variable(call)))
    if count > 0:
        call.n_bins, call.fmin = count, np.min(freqs[short])
        parts.append(_pseudo(call))
    return _stacked(parts, parts[0].dtype)


# ---- librosa's functions

_PARAMETERS = """
    Parameters
    ----------
    y : ndarray (..., samples), floating
    sr : number > 0, Hz
    hop_length : int > 0, samples
        Frame t is centred on sample ``t * hop_length``.
    fmin : float > 0, Hz, optional
        Lowest frequency, before the tuning; C1, 32.7 Hz.
    n_bins : int > 0
    bins_per_octave : int > 0{intervals}
    tuning : float or None
        Deviation as a part of a bin; None: estimated, over all channels.
    filter_scale : float > 0
        Below 1: shorter filters.
    norm : number or None
        Of each filter.
    sparsity : float in [0, 1)
        Share of each filter's spectrum that is dropped.
    window : str, tuple, number or function
        Of the filters.
    scale : bool
        Divide each bin by the square root of its filter's length.
    pad_mode : str
        As of :func:`heihachi.stft`.{res_type}
    dtype : complex dtype, optional
        Of the transform; by default complex64 for float32 and complex128 for float64 sound.
"""
_RES_TYPE = """
    res_type : str
        How the sound is resampled for the lower octaves, as of :func:`heihachi.resample`."""
_INTERVALS = """
        Not used with `intervals` of one's own.
    intervals : str or array_like
        The steps of an octave: "equal", "pythagorean", "ji3", "ji5", "ji7" (just intonation of 3, 5 or 7 limit), or the
        ratios to its first note, 1 among them.
    gamma : float >= 0 or None
        Hz that are added to each bandwidth, which shortens the low filters; None: the equivalent rectangular bandwidths
        of hearing."""
_RAISES = """
    Raises
    ------
    ParameterError
        A parameter outside its range; filters that reach beyond half the sample rate; samples that are not finite.
"""


def _documented(intervals="", res_type=_RES_TYPE):
    def put(function):
        if function.__doc__ is None:  # python -OO
            return function
        function.__doc__ = function.__doc__.replace(
            "    PARAMETERS\n", _PARAMETERS.format(intervals=intervals, res_type=res_type).lstrip("\n")
        ).replace("    RAISES\n", _RAISES.lstrip("\n"))
        return function

    return put


@_documented()
def cqt(
    y,
    *,
    sr=22050,
    hop_length=512,
    fmin=None,
    n_bins=84,
    bins_per_octave=12,
    tuning=0.0,
    filter_scale=1,
    norm=1,
    sparsity=0.01,
    window="hann",
    scale=True,
    pad_mode="constant",
    res_type="soxr_hq",
    dtype=None,
):
    """Constant-Q transform: bins at equal musical steps, each as wide as its frequency asks.

    PARAMETERS

    Returns
    -------
    ndarray (..., n_bins, frames), complex

    RAISES

    References
    ----------
    J. Brown, Calculation of a constant Q spectral transform, JASA 89, 1991; C. Schoerkhuber and A. Klapuri, Constant-Q
    transform toolbox for music processing, 2010.
    """
    call = _Call(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
        norm=norm,
        sparsity=sparsity,
        window=window,
        scale=scale,
        pad_mode=pad_mode,
        res_type=res_type,
        dtype=dtype,
    )
    keywords = call.keywords()
    if keywords is None:
        return _variable(call)
    return args.cast(_core.cqt(call.y, sr, **keywords), call.dtype)


@_documented(_INTERVALS)
def vqt(
    y,
    *,
    sr=22050,
    hop_length=512,
    fmin=None,
    n_bins=84,
    intervals="equal",
    gamma=None,
    bins_per_octave=12,
    tuning=0.0,
    filter_scale=1,
    norm=1,
    sparsity=0.01,
    window="hann",
    scale=True,
    pad_mode="constant",
    res_type="soxr_hq",
    dtype=None,
):
    """Variable-Q transform: a constant-Q transform whose low filters are shorter, or whose steps are other ones.

    PARAMETERS

    Returns
    -------
    ndarray (..., n_bins, frames), complex

    RAISES

    References
    ----------
    C. Schoerkhuber, A. Klapuri, N. Holighaus and M. Doerfler, A Matlab toolbox for efficient perfect reconstruction
    time-frequency transforms with log-frequency resolution, 2014.
    """
    if not isinstance(intervals, str):
        bins_per_octave = len(intervals)
    call = _Call(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
        norm=norm,
        sparsity=sparsity,
        window=window,
        scale=scale,
        pad_mode=pad_mode,
        res_type=res_type,
        dtype=dtype,
        gamma=gamma,
        intervals=intervals,
    )
    keywords = call.keywords()
    if keywords is None:
        return _variable(call)
    result = _core.vqt(call.y, sr, gamma=args.none_is_nan(gamma), intervals=call.ratios, **keywords)
    return args.cast(result, call.dtype)


@_documented()
def hybrid_cqt(
    y,
    *,
    sr=22050,
    hop_length=512,
    fmin=None,
    n_bins=84,
    bins_per_octave=12,
    tuning=0.0,
    filter_scale=1,
    norm=1,
    sparsity=0.01,
    window="hann",
    scale=True,
    pad_mode="constant",
    res_type="soxr_hq",
    dtype=None,
):
    """Magnitudes of the constant-Q transform, with :func:`pseudo_cqt` where filters are shorter than two hops.

    PARAMETERS

    Returns
    -------
    ndarray (..., n_bins, frames), real

    RAISES
    """
    call = _Call(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
        norm=norm,
        sparsity=sparsity,
        window=window,
        scale=scale,
        pad_mode=pad_mode,
        res_type=res_type,
        dtype=dtype,
        no_bins=args.parameter_error,  # librosa asks for the bandwidths of the frequencies first
    )
    keywords = call.keywords()
    if keywords is None:
        return _hybrid(call)
    return args.cast(_core.hybrid_cqt(call.y, sr, **keywords), args.real_dtype(call.dtype))


@_documented(res_type="")
def pseudo_cqt(
    y,
    *,
    sr=22050,
    hop_length=512,
    fmin=None,
    n_bins=84,
    bins_per_octave=12,
    tuning=0.0,
    filter_scale=1,
    norm=1,
    sparsity=0.01,
    window="hann",
    scale=True,
    pad_mode="constant",
    dtype=None,
):
    """Magnitudes of a constant-Q transform from one short-time Fourier transform for all bins.

    PARAMETERS

    Returns
    -------
    ndarray (..., n_bins, frames), real

    RAISES
    """
    call = _Call(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        tuning=tuning,
        filter_scale=filter_scale,
        norm=norm,
        sparsity=sparsity,
        window=window,
        scale=scale,
        pad_mode=pad_mode,
        dtype=dtype,
        no_bins=args.parameter_error,  # librosa asks for the bandwidths of the frequencies first
    )
    keywords = call.keywords(resamples=False)
    if keywords is None:
        return _pseudo(call)
    return args.cast(_core.pseudo_cqt(call.y, sr, **keywords), args.real_dtype(call.dtype))
