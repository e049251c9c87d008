"""Features of the spectrum, frame by frame.

Each function asks the C library where the arguments are such as it is made for: sound or magnitudes in float32 or float64,
one list of frequencies for all frames. What is left (frequencies that vary from frame to frame, other types, values beyond
float32's range) is computed here from the definition, in NumPy; so is what the C library refuses, which brings out
librosa's answer or exception.
"""

from functools import lru_cache

import numpy as np

from .. import _arguments as args
from .. import _convert, _core, _spectrum, exceptions, filters, util

__all__ = [
    "melspectrogram",
    "mfcc",
    "spectral_centroid",
    "spectral_bandwidth",
    "spectral_rolloff",
    "spectral_flatness",
    "spectral_contrast",
    "rms",
    "zero_crossing_rate",
    "poly_features",
]

# Magnitudes between these keep their precision, and sums over a frame their range, in float32.
_QUIETEST, _LOUDEST = 1e-25, 1e25
# What is so quiet in one frame that float32 loses it is nothing beside the others in these.
_LINEAR = frozenset(("melspectrogram",))
_MEL_NAMES = frozenset(("n_mels", "fmin", "fmax", "htk", "norm"))
_MOST_ORDER = 100  # of hh_poly_features()
# Of melspectrogram(), in the order of _arguments.transform().
_FOURIER = {"n_fft": 2048, "hop_length": 512, "win_length": None, "window": "hann", "center": True, "pad_mode": "constant"}


# ---- what the C side can be asked


def transform_keywords(y, n_fft, *transform):
    """The keywords for the C side's transform of `y`, or None where stft() has something to say or to compute first."""
    if not isinstance(y, np.ndarray) or y.dtype not in (np.float32, np.float64) or y.ndim == 0 or y.size == 0:
        return None
    if not args.is_natural(n_fft) or n_fft > min(y.shape[-1], 1 << 20):
        return None
    return args.transform(n_fft, *transform)


def _is_spectrogram(S):
    return isinstance(S, np.ndarray) and S.ndim > 1 and S.size > 0 and S.shape[-2] > 1 and S.dtype in (np.float32, np.float64)


def _bears_float32(S):
    """Of doubles: no frame is so quiet or so loud that it loses more than precision in float32."""
    if S.dtype == np.float32:
        return True
    peak = S.max(axis=-2)
    return bool(np.all((peak == 0) | ((peak > _QUIETEST) & (peak < _LOUDEST))))


def ask(name, y, S, transform, sr=None, **parameters):
    """The C side's `name`, of the spectrogram if there is one, or of the sound; None where it is not made for them."""
    if sr is not None and not sr > 0:
        return None
    rate = () if sr is None else (sr,)
    try:
        if S is not None:
            n_fft = transform[0]
            if not _is_spectrogram(S) or not (name in _LINEAR or _bears_float32(S)):
                return None
            if args.is_natural(n_fft):
                parameters["n_fft"] = n_fft
            return getattr(_core, name + "_from")(S, *rate, **parameters)
        keywords = transform_keywords(y, *transform)
        if keywords is None or (y.dtype == np.float64 and not args.in_float_range(y)):
            return None
        return getattr(_core, name)(y, *rate, **keywords, **parameters)
    except exceptions.ParameterError:
        return None


def _has_quiet_samples(y):
    """Doubles with samples so small that float32 cannot hold their spectrum."""
    if not isinstance(y, np.ndarray) or y.dtype != np.float64:
        return False
    level = np.abs(y)
    return bool(np.any((level < _QUIETEST) & (level > 0)))


def _lost(result, y, S):
    """Frames of 0 that may be the sound's, or may come of float32: only a double knows."""
    return S is None and not np.all(result) and _has_quiet_samples(y)


# ---- the definitions' common parts


def _energies(y, S, transform, feature):
    """|stft(y)|, or `S`, which must be real and not negative; and the n_fft that belongs to it."""
    S, n_fft = _spectrum.magnitudes(y, S, transform)
    if not np.isrealobj(S):
        raise args.parameter_error(f"{feature} is defined for magnitudes; these are complex")
    if np.any(S < 0):
        raise args.parameter_error(f"{feature} is defined for magnitudes; some of these are negative")
    return S, n_fft


def _frequencies(freq, sr, n_fft):
    """Hz of the bins with an axis for the frames: (bins, 1), or as they are if they have it."""
    if freq is None:
        freq = _convert.fft_frequencies(sr=sr, n_fft=n_fft)
    return freq[:, np.newaxis] if freq.ndim == 1 else freq


def _list_of_frequencies(freq, y, S):
    """`freq` can be handed to the C side: none, or one value for each bin of `S`, ascending."""
    if freq is None:
        return True
    return S is not None and freq.shape == S.shape[-2:-1] and freq.dtype == np.float64 and bool(np.all(np.diff(freq) >= 0))


# ---- mel


@lru_cache(maxsize=64)
def _has_empty_bands(sr, n_fft, n_mels, fmin, fmax, htk):
    weights = _core.mel_filters(sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=args.none_is_zero(fmax), htk=htk, mel_norm=1)
    edges = _convert.mel_frequencies(n_mels + 2, fmin=fmin, fmax=sr / 2 if fmax is None else fmax, htk=htk)
    return filters.has_empty_bands(weights, edges)


def _mel_keywords(sr, n_fft, parameters):
    """The bands for the C side, or None: bands that filters.mel() must be asked for, be it to warn that some are
    empty."""
    if not _MEL_NAMES.issuperset(parameters) or not sr > 0:
        return None
    n_mels, fmin, fmax = (parameters.get(name, default) for name, default in (("n_mels", 128), ("fmin", 0.0), ("fmax", None)))
    htk, norm = bool(parameters.get("htk", False)), parameters.get("norm", "slaney")
    if not args.is_natural(n_mels) or fmin is None or not 0 <= fmin < (sr / 2 if fmax is None else fmax):
        return None
    keywords = {"n_mels": n_mels, "fmin": fmin, "fmax": args.none_is_zero(fmax), "htk": htk, "mel_norm": 0}
    if norm is None:
        keywords["mel_norm"] = 1
    elif not isinstance(norm, str):
        if norm is True or not norm > 0:
            return None
        keywords.update(mel_norm=2, mel_norm_power=norm)
    elif norm != "slaney":
        return None
    if _has_empty_bands(float(sr), n_fft, n_mels, float(fmin), None if fmax is None else float(fmax), htk):
        return None
    return keywords


def _is_power(power):
    return isinstance(power, (int, float, np.number)) and 0 < power < 1e3


def mel_request(sr, parameters):
    """What the arguments of melspectrogram() are for the C side: (transform, keywords of the bands and the power); None
    where it cannot be asked."""
    if not _MEL_NAMES.union(_FOURIER, ("power",)).issuperset(parameters):
        return None
    bands = dict(parameters)
    power = bands.pop("power", 2.0)
    transform = tuple(bands.pop(name, default) for name, default in _FOURIER.items())
    if not args.is_natural(transform[0]) or not _is_power(power):
        return None
    keywords = _mel_keywords(sr, transform[0], bands)
    return None if keywords is None else (transform, {"power": power, **keywords})


def melspectrogram(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    power=2.0,
    **kwargs,
):
    """Spectrogram in mel bands: triangles of equal width in mels, of equal area in Hz.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., 1 + n_fft // 2, frames)
        Its power spectrogram.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    power : float
        Exponent of the magnitudes of `y`.
    **kwargs
        ``n_mels`` (128), ``fmin``, ``fmax`` (Hz), ``htk``, ``norm``, ``dtype``: as in :func:`heihachi.filters.mel`.

    Returns
    -------
    ndarray (..., n_mels, frames), real

    Raises
    ------
    ParameterError
        Neither `y` nor `S`, or one that is no sound; a parameter outside its range.

    Warns
    -----
    UserWarning
        Bands so narrow that they hold no bin of the transform.
    """
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    result = _direct_melspectrogram(y, sr, S, transform, power, kwargs)
    if result is not None:
        return result
    S, n_fft = _spectrum.magnitudes(y, S, transform, power)
    return np.matmul(filters.mel(sr=sr, n_fft=n_fft, **kwargs), S)


def _direct_melspectrogram(y, sr, S, transform, power, parameters):
    if S is None and not _is_power(power):
        return None
    n_fft = transform[0]
    if S is not None:
        if not _is_spectrogram(S):
            return None
        n_fft = n_fft if args.is_natural(n_fft) and n_fft // 2 + 1 == S.shape[-2] else 2 * (S.shape[-2] - 1)
    elif not args.is_natural(n_fft):
        return None
    bands = _mel_keywords(sr, n_fft, parameters)
    if bands is None:
        return None
    result = ask("melspectrogram", y, S, transform, sr, power=power, **bands)
    given = y if S is None else S
    if result is None or given.dtype == np.float32:
        return result
    peak = result.max()
    return result.astype(np.float64) if _QUIETEST < peak < _LOUDEST or (peak == 0 and not np.any(given)) else None


def _cosine_transform(n, kind, norm):
    """The matrix (n, n) of scipy.fft.dct: row k holds the cosines of coefficient k."""
    if kind not in (1, 2, 3, 4) or norm not in (None, "backward", "ortho", "forward") or n < 1:
        raise ValueError(f"no cosine transform of type {kind}, norm {norm!r} and length {n}")
    if kind == 1 and n == 1:
        raise RuntimeError("a cosine transform of type 1 needs two values")  # as SciPy's, which has a length of 0 then
    k, i = np.arange(n)[:, np.newaxis], np.arange(n)
    if kind == 1:
        matrix = 2.0 * np.cos(np.pi * (k * i % (2 * (n - 1))) / (n - 1))
        matrix[:, [0, -1]] /= 2
        length = 2 * (n - 1)
    else:
        # in units of pi / 4n, where whole turns are 8n
        angle = {2: 2 * k * (2 * i + 1), 3: 2 * i * (2 * k + 1), 4: (2 * k + 1) * (2 * i + 1)}[kind]
        matrix = 2.0 * np.cos(np.pi * (angle % (8 * n)) / (4 * n))
        if kind == 3:
            matrix[:, 0] /= 2
        length = 2 * n
    if norm == "forward":
        matrix /= length
    elif norm == "ortho":
        matrix /= np.sqrt(length)
        ends = {1: [0, -1], 2: [0], 3: [], 4: []}[kind]
        matrix[ends] /= np.sqrt(2.0)
        if kind in (1, 3):
            matrix[:, [0, -1] if kind == 1 else [0]] *= np.sqrt(2.0)
    return matrix


def mfcc(*, y=None, sr=22050, S=None, n_mfcc=20, dct_type=2, norm="ortho", lifter=0, mel_norm="slaney", **kwargs):
    """Mel-frequency cepstral coefficients: the cosine transform of a mel spectrogram in decibels.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bands, frames)
        Its mel spectrogram in dB.
    sr : number > 0
        Samples per second.
    n_mfcc : int
        Coefficients to give, from the lowest.
    dct_type : 1, 2, 3 or 4
    norm : "ortho", None or "forward"
        Scale of the cosine transform, as in ``scipy.fft.dct``.
    lifter : float >= 0
        L above 0 multiplies coefficient n by ``1 + L / 2 sin(pi (n + 1) / L)``.
    mel_norm : "slaney", None or float
        The `norm` of :func:`heihachi.filters.mel`.
    **kwargs
        As in :func:`melspectrogram`.

    Returns
    -------
    ndarray (..., n_mfcc, frames), real

    Raises
    ------
    ParameterError
        `lifter` is negative; and as :func:`melspectrogram`.

    References
    ----------
    S. B. Davis and P. Mermelstein, Comparison of parametric representations for monosyllabic word recognition, IEEE Trans.
    ASSP, 1980.
    """
    if S is None:
        result = _direct_mfcc(y, sr, n_mfcc, dct_type, norm, lifter, mel_norm, kwargs)
        if result is not None:
            return result
        S = _spectrum.power_to_db(melspectrogram(y=y, sr=sr, norm=mel_norm, **kwargs))
    S = np.asarray(S)
    coefficients = _cosine_transform(S.shape[-2], dct_type, norm)[:n_mfcc]
    single = S.dtype in (np.float16, np.float32, np.complex64)
    result = np.matmul(coefficients, S)
    if single:
        result = result.astype(np.complex64 if S.dtype.kind == "c" else np.float32)
    if lifter > 0:
        wave = np.sin(np.pi * np.arange(1, 1 + n_mfcc, dtype=result.dtype) / lifter)
        result *= 1 + (lifter / 2) * wave[:, np.newaxis]
    elif not lifter == 0:
        raise args.parameter_error(f"lifter is {lifter}: 0 or more is needed")
    return result


def _direct_mfcc(y, sr, n_mfcc, dct_type, norm, lifter, mel_norm, parameters):
    if "norm" in parameters or not args.is_natural(n_mfcc) or not 0 <= lifter < np.inf:
        return None
    if dct_type not in (1, 2, 3) or norm not in (None, "backward", "ortho"):
        return None
    request = mel_request(sr, {**parameters, "norm": mel_norm})
    if request is None or not max(2, n_mfcc) <= request[1]["n_mels"]:
        return None
    transform, bands = request
    result = ask(
        "mfcc",
        y,
        None,
        transform,
        sr,
        n_mfcc=n_mfcc,
        dct_type=dct_type,
        ortho=norm == "ortho",
        lifter=lifter,
        **bands,
    )
    return None if result is None else result.astype(y.dtype, copy=False)


# ---- one frame, one number


def spectral_centroid(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    freq=None,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
):
    """Mean frequency of each frame, weighted by magnitude.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    freq : ndarray (bins,) or (..., bins, frames), optional
        Hz of the bins, for all frames or for each; those of the Fourier transform.

    Returns
    -------
    ndarray (..., 1, frames), float64
        Hz; 0 where there is silence.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; an `S` that is complex, negative or not finite; a parameter outside its range.
    """
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    if _list_of_frequencies(freq, y, S):
        result = ask("spectral_centroid", y, S, transform, sr, frequencies=freq)
        if result is not None and not _lost(result, y, S):
            return result
    S, n_fft = _energies(y, S, transform, "the spectral centroid")
    return _mean_frequency(S, _frequencies(freq, sr, n_fft))


def _mean_frequency(S, freq):
    return np.sum(freq * util.normalize(S, norm=1, axis=-2), axis=-2, keepdims=True)


def spectral_bandwidth(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    freq=None,
    centroid=None,
    norm=True,
    p=2,
):
    """Spread of each frame around its centroid: ``(sum_k S[k] |f[k] - centroid|^p)^(1/p)``.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    freq : ndarray (bins,) or (..., bins, frames), optional
        Hz of the bins, for all frames or for each; those of the Fourier transform.
    centroid : ndarray (..., 1, frames), optional
        Hz; :func:`spectral_centroid`.
    norm : bool
        Magnitudes of a frame are divided by their sum.
    p : float > 0
        Exponent of the deviation.

    Returns
    -------
    ndarray (..., 1, frames), float64
        Hz.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; an `S` that is complex, negative or not finite; a parameter outside its range.
    """
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    if centroid is None and _list_of_frequencies(freq, y, S) and isinstance(p, (int, float, np.number)) and 0 < p <= 16:
        result = ask("spectral_bandwidth", y, S, transform, sr, frequencies=freq, p=p, norm=bool(norm))
        if result is not None and not _lost(result, y, S):
            return result
    S, n_fft = _energies(y, S, transform, "the spectral bandwidth")
    hertz = _frequencies(freq, sr, n_fft)
    if centroid is None:
        centroid = _mean_frequency(S, hertz)
    elif hertz is not freq:
        centroid = centroid[..., :1, :]
    if norm:
        S = util.normalize(S, norm=1, axis=-2)
    return np.sum(S * np.abs(hertz - centroid) ** p, axis=-2, keepdims=True) ** (1.0 / p)


def spectral_rolloff(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    freq=None,
    roll_percent=0.85,
):
    """Lowest frequency of each frame at which the sum of the magnitudes from below reaches a share of the whole.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    freq : ndarray (bins,) or (..., bins, frames), optional
        Hz of the bins, for all frames or for each; those of the Fourier transform.
    roll_percent : float, 0 < roll_percent < 1
        The share.

    Returns
    -------
    ndarray (..., 1, frames), float64
        Hz.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; an `S` that is complex or negative; a parameter outside its range.
    """
    if not 0.0 < roll_percent < 1.0:
        raise args.parameter_error(f"roll_percent is {roll_percent}: above 0 and below 1 is needed")
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    double = getattr(y if S is None else S, "dtype", None) == np.float64
    if not double and _list_of_frequencies(freq, y, S):
        result = ask("spectral_rolloff", y, S, transform, sr, frequencies=freq, roll_percent=roll_percent)
        if result is not None:
            return result
    S, n_fft = _energies(y, S, transform, "the spectral rolloff")
    if double and S.size > 0 and (freq is None or (freq.shape == S.shape[-2:-1] and np.all(np.diff(freq) >= 0))):
        return _rolloff_of_doubles(S, _frequencies(freq, sr, n_fft)[:, 0], roll_percent)
    running = np.cumsum(S, axis=-2)
    below = running < roll_percent * running[..., -1, :][..., np.newaxis, :]
    return np.nanmin(np.where(below, np.nan, 1) * _frequencies(freq, sr, n_fft), axis=-2, keepdims=True)


def _rolloff_of_doubles(S, freq, roll_percent):
    """In double, as which bin it is may hang on the last digit: how many running sums are below the share, some frames
    at a time that stay in the processor's cache."""
    result = np.empty(S.shape[:-2] + (1, S.shape[-1]), dtype=np.result_type(freq, S))
    step = max(1, (1 << 17) // (S.size // S.shape[-1]))
    for at in range(0, S.shape[-1], step):
        running = np.cumsum(S[..., at : at + step], axis=-2)
        below = running < roll_percent * running[..., -1:, :]
        result[..., at : at + step] = freq[np.count_nonzero(below, axis=-2, keepdims=True)]
    return result


def spectral_flatness(
    *,
    y=None,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    amin=1e-10,
    power=2.0,
):
    """How much a frame is noise rather than tones: geometric over arithmetic mean of its spectrum.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    amin : float > 0
        Smaller values of ``S ** power`` are raised to it.
    power : float
        Exponent of the magnitudes.

    Returns
    -------
    ndarray (..., 1, frames), real
        Above 0, up to 1 for a flat spectrum (silence too).

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; an `S` that is complex or negative; a parameter outside its range.

    References
    ----------
    S. Dubnov, Generalization of spectral flatness measure for non-Gaussian linear processes, IEEE Signal Processing
    Letters, 2004.
    """
    if amin <= 0:
        raise args.parameter_error(f"amin is {amin}: above 0 is needed")
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    if _QUIETEST < amin < _LOUDEST and isinstance(power, (int, float, np.number)) and 0 < power <= 16:
        result = _direct_flatness(y, S, transform, amin, power)
        if result is not None:
            return result
    S, n_fft = _energies(y, S, transform, "the spectral flatness")
    S = np.maximum(amin, S**power)
    return np.exp(np.mean(np.log(S), axis=-2, keepdims=True)) / np.mean(S, axis=-2, keepdims=True)


def _direct_flatness(y, S, transform, amin, power):
    """Of doubles, channel by channel: the C side adds up several channels in float, in librosa's order and with its
    errors, which librosa has for float32 only."""
    given = y if S is None else S
    own = 1 if S is None else 2
    if isinstance(given, np.ndarray) and given.dtype == np.float64 and given.ndim > own and given.size > 0:
        flat = given.reshape((-1,) + given.shape[-own:])
        parts = [
            _direct_flatness(x if S is None else None, None if S is None else x, transform, amin, power) for x in flat
        ]
        return None if any(part is None for part in parts) else np.stack(parts).reshape(given.shape[:-own] + parts[0].shape)
    result = ask("spectral_flatness", y, S, transform, amin=amin, power=power)
    return None if result is None else result.astype(given.dtype, copy=False)


def spectral_contrast(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    freq=None,
    fmin=200.0,
    n_bands=6,
    quantile=0.02,
    linear=False,
):
    """Peaks above valleys in octave bands: how tonal each band of a frame is.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    freq : ndarray (bins,), optional
        Hz of the bins; those of the Fourier transform.
    fmin : float > 0
        Hz: upper edge of the first band, which begins at 0; the others are the octaves above.
    n_bands : int > 0
        Octaves.
    quantile : float, 0 < quantile < 1
        Share of a band's bins that are averaged as its peak, and as its valley.
    linear : bool
        Difference of the magnitudes, instead of their decibels.

    Returns
    -------
    ndarray (..., n_bands + 1, frames), float64
        dB.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; a band above half of `sr`; a parameter outside its range.

    References
    ----------
    D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao and L.-H. Cai, Music type classification by spectral contrast feature, ICME,
    2002.
    """
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    result = None
    if freq is None and args.is_natural(n_bands) and 0.0 < quantile < 1.0 and fmin > 0:
        result = ask(
            "spectral_contrast",
            y,
            S,
            transform,
            sr,
            fmin=fmin,
            n_bands=n_bands,
            quantile=quantile,
            linear=bool(linear),
        )
    if result is not None:
        return result
    S, n_fft = _spectrum.magnitudes(y, S, transform)
    freq = np.atleast_1d(_convert.fft_frequencies(sr=sr, n_fft=n_fft) if freq is None else freq)
    if freq.shape != S.shape[-2:-1]:
        raise args.parameter_error(f"freq has the shape {freq.shape}, the spectrum {S.shape[-2]} bins")
    if n_bands < 1 or not isinstance(n_bands, (int, np.integer)):
        raise args.parameter_error(f"n_bands is {n_bands}: a positive integer is needed")
    if not 0.0 < quantile < 1.0:
        raise args.parameter_error(f"quantile is {quantile}: above 0 and below 1 is needed")
    if fmin <= 0:
        raise args.parameter_error(f"fmin is {fmin}: above 0 is needed")
    edges = np.append(0.0, fmin * 2.0 ** np.arange(n_bands + 1))
    if np.any(edges[:-1] >= 0.5 * sr):
        raise args.parameter_error(f"{n_bands} octaves from {fmin} Hz reach beyond {sr / 2} Hz")
    valley = np.empty(S.shape[:-2] + (n_bands + 1, S.shape[-1]))
    peak = np.empty_like(valley)
    for band in range(n_bands + 1):
        rows, count = _contrast_rows(freq, edges, band, quantile)
        ranked = np.sort(S[..., rows, :], axis=-2)
        valley[..., band, :] = np.mean(ranked[..., :count, :], axis=-2)
        peak[..., band, :] = np.mean(ranked[..., -count:, :], axis=-2)
    for part in (peak, valley):
        if not linear:
            part[...] = _spectrum.power_to_db(part)
    return peak - valley


def _contrast_rows(freq, edges, band, quantile):
    """The bins of an octave, and how many of them make its peak: one below the octave belongs to it, the topmost is
    counted only; the first octave begins at its edge, and the last takes all that is above."""
    last = len(edges) - 2
    member = (freq >= edges[band]) & (freq <= edges[band + 1])
    inside = np.flatnonzero(member)
    if band > 0:
        member[inside[0] - 1] = True
    if band == last:
        member[inside[-1] + 1 :] = True
    rows = np.flatnonzero(member)
    count = int(max(np.rint(quantile * len(rows)), 1))
    return rows if band == last else rows[:-1], count


# ---- energy and signs


def rms(*, y=None, S=None, frame_length=2048, hop_length=512, center=True, pad_mode="constant", dtype=np.float32):
    """Root of the mean square of each frame.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., 1 + frame_length // 2, frames)
        Its magnitudes, of a transform with a boxcar window.
    frame_length, hop_length : int > 0
        Samples.
    center : bool
        Frame t is centred on sample ``t * hop_length``; otherwise it begins there.
    pad_mode : str or function
        Of ``numpy.pad``, for what stands beyond the ends.
    dtype : real dtype
        Of the squares and of the result.

    Returns
    -------
    ndarray (..., 1, frames)

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; bins that do not fit `frame_length`; a sound shorter than a frame.
    """
    if y is not None:
        return _rms_of_sound(y, frame_length, hop_length, center, pad_mode, dtype)
    if S is None:
        raise args.parameter_error("rms needs the sound y, or a spectrogram S")
    if S.shape[-2] != frame_length // 2 + 1:
        raise args.parameter_error(f"{S.shape[-2]} bins do not belong to a frame_length of {frame_length}")
    if np.dtype(dtype) == np.float32 and _is_spectrogram(S):
        # the squares are added up without being stored
        power = np.einsum("...ft,...ft->...t", S, S)[..., np.newaxis, :]
        power -= 0.5 * np.square(S[..., :1, :])
        if frame_length % 2 == 0:
            power -= 0.5 * np.square(S[..., -1:, :])
        return np.sqrt(2 * power / frame_length**2).astype(np.float32, copy=False)
    square = _squares(S, dtype)
    square[..., 0, :] *= 0.5
    if frame_length % 2 == 0:
        square[..., -1, :] *= 0.5
    return np.sqrt(2 * np.sum(square, axis=-2, keepdims=True) / frame_length**2)


def _squares(x, dtype):
    if np.iscomplexobj(x):
        return (x.real**2 + x.imag**2).astype(dtype)
    return np.square(x, dtype=dtype)


def _rms_of_sound(y, frame_length, hop_length, center, pad_mode, dtype):
    ndim = y.ndim
    single = np.dtype(dtype) == np.float32 and ndim > 0 and y.size > 0 and y.dtype.kind in "fiu"
    if single and args.is_natural(frame_length) and args.is_natural(hop_length):
        known = center and isinstance(pad_mode, str) and pad_mode in args.PAD_MODES
        padded = args.pad_ends(y, frame_length, pad_mode) if center and not known else y
        if known or padded.shape[-1] >= frame_length:
            try:
                return _core.rms(
                    padded,
                    frame_length=frame_length,
                    hop_length=hop_length,
                    center=known,
                    pad=args.PAD_MODES[pad_mode] if known else 0,
                )
            except exceptions.ParameterError:
                pass
    if center:
        y = args.pad_ends(y, frame_length, pad_mode)
    # samples side by side are added in pairs, others one after the other
    frames = util.frame(np.asarray(y, order="C"), frame_length=frame_length, hop_length=hop_length)
    return np.sqrt(np.mean(_squares(frames, dtype), axis=-2, keepdims=True))


def zero_crossing_rate(y, *, frame_length=2048, hop_length=512, center=True, **kwargs):
    """Share of the samples of each frame whose sign is not that of the one before.

    Parameters
    ----------
    y : ndarray (..., samples)
    frame_length, hop_length : int > 0
        Samples.
    center : bool
        Frame t is centred on sample ``t * hop_length``, and the outermost samples are repeated beyond the ends; otherwise
        it begins there.
    **kwargs
        ``threshold`` (1e-10), ``ref_magnitude``, ``pad`` (False here), ``zero_pos``: as in
        :func:`heihachi.zero_crossings`.

    Returns
    -------
    ndarray (..., 1, frames), float64

    Raises
    ------
    ParameterError
        `y` is not finite floating sound, or shorter than a frame.
    """
    args.audio(y)
    threshold, pad, zero_pos, reference = _crossing_parameters(**kwargs)
    if reference is not None:
        if callable(reference):
            args.checked_audio(y)
            padded = args.pad_ends(y, frame_length, "edge") if center else y
            reference = reference(np.abs(util.frame(padded, frame_length=frame_length, hop_length=hop_length)))
        threshold = threshold * reference
    if y.shape[-1] == 0 and center:
        args.pad_ends(y, frame_length, "edge")
    if hop_length < 1 or (not center and y.shape[-1] < frame_length):
        util.frame(args.checked_audio(y), frame_length=frame_length, hop_length=hop_length)
    if threshold < 0:  # nothing is raised to 0, and -0 keeps its sign
        y, threshold = np.copysign(np.ones_like(y), args.checked_audio(y)) if zero_pos else y, 0.0
    return _core.zero_crossing_rate(
        y,
        frame_length=frame_length,
        hop_length=hop_length,
        center=bool(center),
        threshold=threshold,
        pad=bool(pad),
        zero_pos=bool(zero_pos),
    )


def _crossing_parameters(threshold=1e-10, pad=False, zero_pos=True, ref_magnitude=None, axis=-1):
    return threshold, pad, zero_pos, ref_magnitude


# ---- polynomials


def poly_features(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    order=1,
    freq=None,
):
    """The polynomial in frequency that is nearest to each frame's magnitudes, in the sense of least squares.

    Parameters
    ----------
    y : ndarray (..., samples)
        Sound; or else
    S : ndarray (..., bins, frames)
        Its magnitudes.
    sr : number > 0
        Samples per second.
    n_fft, hop_length, win_length, window, center, pad_mode
        As in :func:`heihachi.stft`.
    order : int, 0 to 100
        Degree of the polynomial.
    freq : ndarray (bins,) or (..., bins, frames), optional
        Hz of the bins, for all frames or for each; those of the Fourier transform.

    Returns
    -------
    ndarray (..., order + 1, frames), float64
        Coefficients, that of the highest power first.

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; a parameter outside its range.
    ValueError
        `order` is negative.
    numpy.linalg.LinAlgError
        A power of the frequencies is 0 everywhere, or beyond double's range.
    """
    order = int(order)
    if order < 0:
        raise ValueError(f"order is {order}: 0 or more is needed")
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    if S is None and freq is None and getattr(y, "dtype", None) == np.float32:
        result = ask("poly_features", y, None, transform, sr, order=order)
        if result is not None:
            return result
    S, n_fft = _spectrum.magnitudes(y, S, transform)
    if freq is None:
        freq = _convert.fft_frequencies(sr=sr, n_fft=n_fft)
    if freq.ndim != 1:
        freq = freq.swapaxes(-1, -2)  # frames of bins, as the C side reads them
        shape = np.broadcast_shapes(freq.shape, S.swapaxes(-1, -2).shape)
        freq = np.broadcast_to(freq, shape)
        S = np.broadcast_to(S, shape[:-2] + shape[:-3:-1])
    elif freq.shape != S.shape[-2:-1] or freq.size == 0:
        raise TypeError(f"{freq.shape} frequencies for {S.shape[-2]} bins")
    return _polynomials(S, order, frequencies=freq, per_frame=freq.ndim > 1)


def _polynomials(S, order, **keywords):
    """Coefficients are linear in the magnitudes, so that those of complex ones have two parts."""
    if S.dtype.kind == "c":
        return _polynomials(S.real, order, **keywords) + 1j * _polynomials(S.imag, order, **keywords)
    if S.dtype not in (np.float32, np.float64):
        S = S.astype(np.float64)
    if order > _MOST_ORDER:
        raise args.parameter_error(f"order is {order}: at most {_MOST_ORDER} is possible")
    try:
        return _core.poly_features_from(S, 1.0, order=order, **keywords)
    except exceptions.ParameterError as error:
        raise np.linalg.LinAlgError(str(error)) from None
