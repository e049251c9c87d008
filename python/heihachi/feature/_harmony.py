"""Chroma and the tonal centroid."""

import numpy as np

from .. import _arguments as args
from .. import _constantq as constantq
from .. import _core, filters
from .._pitch import _plain_signal, _warn_long, estimate_tuning, tuning_keyword
from .._spectrum import magnitudes
from ..util import normalize

__all__ = ["chroma_stft", "chroma_cqt", "chroma_cens", "chroma_vqt", "tonnetz"]

# HhCqtMode of include/heihachi/harmony.h.
_CQT_MODES = {"full": 0, "hybrid": 1}


def _normalized(values, norm):
    """Each frame of the norm."""
    return normalize(values, norm=norm, axis=-2)


def _folded(weights, spectrum, threshold, norm):
    """Classes of each frame, those below the threshold zero, normalised."""
    classes = np.matmul(weights, spectrum)
    if threshold is not None:
        classes[classes < threshold] = 0
    return _normalized(classes, norm)


def chroma_stft(
    *,
    y=None,
    sr=22050,
    S=None,
    norm=np.inf,
    n_fft=2048,
    hop_length=512,
    win_length=None,
    window="hann",
    center=True,
    pad_mode="constant",
    tuning=None,
    n_chroma=12,
    **kwargs,
):
    """Chroma from the power spectrum.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `S` is given.
    sr : number > 0, Hz
    S : ndarray (..., bins, frames)
        A power spectrogram.
    norm : number or None
        Of each frame: ``numpy.inf`` makes the largest class 1.
    n_fft, hop_length, win_length, window, center, pad_mode
        As of :func:`heihachi.stft`. An `n_fft` that does not fit `S` counts as ``2 * (bins - 1)``.
    tuning : float or None
        Deviation from A4 = 440 Hz as a part of a class; None: estimated, over all channels.
    n_chroma : int > 0
    **kwargs
        More parameters of :func:`heihachi.filters.chroma`.

    Returns
    -------
    ndarray (..., n_chroma, frames), of the precision of the sound

    Raises
    ------
    ParameterError
        Neither `y` nor `S`; a parameter outside its range; samples that are not finite.

    References
    ----------
    D. P. W. Ellis, Chroma feature analysis and synthesis, 2007.
    """
    transform = (n_fft, hop_length, win_length, window, center, pad_mode)
    if S is None and y is not None and n_fft is not None:
        y = args.signal(y)
        found = _chroma_stft_fast(y, sr, norm, tuning, n_chroma, transform, **kwargs)
        if found is not None:
            return found
    S, n_fft = magnitudes(y, S, transform, 2)
    if tuning is None:
        tuning = estimate_tuning(S=S, sr=sr, bins_per_octave=n_chroma)
    weights = filters.chroma(sr=sr, n_fft=n_fft, tuning=tuning, n_chroma=n_chroma, **kwargs)
    return _folded(weights, S, None, norm)


def _chroma_stft_fast(
    y, sr, norm, tuning, n_chroma, transform, *, ctroct=5.0, octwidth=2, base_c=True, dtype=np.float32
):
    """By the C library; None where it cannot."""
    keywords = args.transform(*transform)
    number = args.norm_number(norm)
    if keywords is None or number is None or np.dtype(dtype) != np.float32 or not _plain_signal(y):
        return None
    if tuning is None and y.dtype == np.float64:
        return None
    if not args.is_positive_int(n_chroma) or n_chroma > 1024 or not (octwidth is None or octwidth > 0):
        return None
    _warn_long(y, keywords["n_fft"], keywords["center"])
    found = _core.chroma_stft(
        y,
        sr,
        norm=number,
        tuning=args.none_is_nan(tuning),
        n_chroma=n_chroma,
        ctroct=ctroct,
        octwidth=args.none_is_nan(octwidth),
        base_c=bool(base_c),
        **keywords,
    )
    return args.cast(found, y.dtype)


def _result_dtype(y, window):
    """That of a product of the weights, float32 before they are smoothed, and the sound's magnitudes."""
    return y.dtype if window is None else np.result_type(y.dtype, np.float32, np.asarray(window).dtype)


def _bins_per_octave(bins_per_octave, n_chroma):
    if bins_per_octave is None:
        return n_chroma
    if n_chroma != 0 and np.remainder(bins_per_octave, n_chroma) != 0:
        raise args.parameter_error(f"{bins_per_octave} bins per octave are not a multiple of {n_chroma} classes")
    return bins_per_octave


def _chroma_keywords(y, sr, hop_length, fmin, tuning, n_chroma, n_octaves, window, bins_per_octave, cqt_mode):
    """Of the C library's chroma; None where it cannot. `y` is checked."""
    whole = all(args.is_positive_int(value) for value in (hop_length, n_chroma, n_octaves, bins_per_octave))
    if not whole or n_octaves > 64 or bins_per_octave > 1024 or n_chroma > 1024:
        return None
    if (window is not None and np.ndim(window) > 1) or (fmin is not None and not fmin > 0):
        return None
    if y.size == 0 or not args.in_float_range(y):
        return None
    return {
        "hop_length": hop_length,
        "fmin": args.none_is_zero(fmin),
        "tuning": tuning_keyword(y, sr, tuning, bins_per_octave),
        "n_chroma": n_chroma,
        "n_octaves": n_octaves,
        "bins_per_octave": bins_per_octave,
        "fold_window": None if window is None else np.atleast_1d(window),
        "cqt_mode": _CQT_MODES[cqt_mode],
    }


def chroma_cqt(
    *,
    y=None,
    sr=22050,
    C=None,
    hop_length=512,
    fmin=None,
    norm=np.inf,
    threshold=0.0,
    tuning=None,
    n_chroma=12,
    n_octaves=7,
    window=None,
    bins_per_octave=36,
    cqt_mode="full",
):
    """Chroma from the constant-Q transform.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `C` is given.
    sr : number > 0, Hz
    C : ndarray (..., bins, frames)
        Constant-Q magnitudes.
    hop_length : int > 0, samples
    fmin : float > 0, Hz, optional
        Lowest frequency, before the tuning; C1.
    norm : number or None
        Of each frame: ``numpy.inf`` makes the largest class 1.
    threshold : float or None
        Smaller values become 0 before the frame is normalised.
    tuning : float or None
        Deviation as a part of a constant-Q bin; None: estimated, over all channels.
    n_chroma, n_octaves : int > 0
    window : array_like, optional
        Weights that smooth the fold across constant-Q bins.
    bins_per_octave : int > 0 or None
        A multiple of `n_chroma`; None: `n_chroma`.
    cqt_mode : {"full", "hybrid"}

    Returns
    -------
    ndarray (..., n_chroma, frames), of the precision of the sound

    Raises
    ------
    ParameterError
        Neither `y` nor `C`; a parameter outside its range; filters that reach beyond half the sample rate; samples that
        are not finite.
    KeyError
        `cqt_mode` is not known.
    """
    bins_per_octave = _bins_per_octave(bins_per_octave, n_chroma)
    if C is None:
        if y is None:
            raise args.parameter_error("neither a signal y nor constant-Q magnitudes C are given")
        transform = {"full": constantq.cqt, "hybrid": constantq.hybrid_cqt}[cqt_mode]
        y = args.signal(y)
        keywords = _chroma_keywords(
            y, sr, hop_length, fmin, tuning, n_chroma, n_octaves, window, bins_per_octave, cqt_mode
        )
        number = args.norm_number(norm)
        if keywords is not None and number is not None:
            found = _core.chroma_cqt(y, sr, norm=number, threshold=args.none_is_nan(threshold), **keywords)
            return args.cast(found, _result_dtype(y, window))
        C = np.abs(
            transform(
                y,
                sr=sr,
                hop_length=hop_length,
                fmin=fmin,
                n_bins=n_octaves * bins_per_octave,
                bins_per_octave=bins_per_octave,
                tuning=tuning,
            )
        )
    number = args.norm_number(norm)
    plain = norm is not None and number is not None and window is None and (fmin is None or fmin > 0)
    if plain and _frames_in_memory(C) and C.shape[-2] >= n_chroma > 0:
        return _core.chroma_from_cqt(
            C,
            fmin=args.none_is_zero(fmin),
            n_chroma=n_chroma,
            bins_per_octave=bins_per_octave,
            norm=number,
            threshold=args.none_is_nan(threshold),
        )
    weights = filters.cq_to_chroma(
        C.shape[-2], bins_per_octave=bins_per_octave, n_chroma=n_chroma, fmin=fmin, window=window
    )
    return _folded(weights, C, threshold, norm)


def _frames_in_memory(C):
    """Whether it is float32 as the C side has it, each frame side by side."""
    return isinstance(C, np.ndarray) and C.dtype == np.float32 and C.ndim > 1 and C.size > 0 and C.strides[-2] == 4


def chroma_cens(
    *,
    y=None,
    sr=22050,
    C=None,
    hop_length=512,
    fmin=None,
    tuning=None,
    n_chroma=12,
    n_octaves=7,
    bins_per_octave=36,
    cqt_mode="full",
    window=None,
    norm=2,
    win_len_smooth=41,
    smoothing_window="hann",
):
    """Chroma energy normalised statistics: constant-Q chroma whose shares are quantised to five steps and smoothed in
    time, for matching recordings of the same music.

    Parameters
    ----------
    y, sr, C, hop_length, fmin, tuning, n_chroma, n_octaves, bins_per_octave, cqt_mode, window
        As of :func:`chroma_cqt`.
    norm : number or None
        Of each frame.
    win_len_smooth : int > 0 or None, frames
        None: no smoothing.
    smoothing_window : str, tuple, number, function or ndarray (win_len_smooth + 2,)

    Returns
    -------
    ndarray (..., n_chroma, frames), of the precision of the sound

    Raises
    ------
    ParameterError
        Neither `y` nor `C`; a parameter outside its range; filters that reach beyond half the sample rate; samples that
        are not finite.

    References
    ----------
    M. Mueller and S. Ewert, Chroma Toolbox: Matlab implementations for extracting variants of chroma-based audio
    features, ISMIR 2011.
    """
    if win_len_smooth is not None and not args.is_positive_int(win_len_smooth):
        raise args.parameter_error(f"win_len_smooth={win_len_smooth!r}: a positive integer or None is needed")
    smoothing = None
    if C is None and y is not None:
        y = args.signal(y)
        bins_per_octave = _bins_per_octave(bins_per_octave, n_chroma)
        keywords = _chroma_keywords(
            y, sr, hop_length, fmin, tuning, n_chroma, n_octaves, window, bins_per_octave, cqt_mode
        )
        number = args.norm_number(norm)
        if keywords is not None and number is not None:
            if win_len_smooth is not None:
                smoothing = args.known_window(smoothing_window) if isinstance(smoothing_window, str) else None
                if smoothing is None:
                    smoothing = _smoothing_values(smoothing_window, win_len_smooth)
            found = _core.chroma_cens(
                y, sr, norm=number, win_len_smooth=win_len_smooth or 0, smoothing_window=smoothing, **keywords
            )
            return args.cast(found, _result_dtype(y, window))
    shares = _normalized(
        chroma_cqt(
            y=y,
            C=C,
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            bins_per_octave=bins_per_octave,
            tuning=tuning,
            norm=None,
            n_chroma=n_chroma,
            n_octaves=n_octaves,
            cqt_mode=cqt_mode,
            window=window,
        ),
        1,
    )
    steps = np.zeros_like(shares)
    for least in (0.4, 0.2, 0.1, 0.05):
        steps += (shares > least) * 0.25
    if win_len_smooth is not None:
        weights = _smoothing_values(smoothing_window, win_len_smooth)
        steps = _convolved(steps, weights / np.sum(weights))
    return _normalized(steps, norm)


def _smoothing_values(window, frames):
    return args.window_values(window, frames + 2, fftbins=False)


def _convolved(values, weights):
    """Convolution along the last axis with zeros around, centred."""
    frames, begin = values.shape[-1], len(weights) // 2
    result = np.empty(values.shape, dtype=values.dtype)
    for row, smooth in zip(values.reshape(-1, frames), result.reshape(-1, frames)):
        smooth[:] = np.convolve(row, weights)[begin : begin + frames]
    return result


def chroma_vqt(
    *,
    y=None,
    sr=22050,
    V=None,
    hop_length=512,
    fmin=None,
    intervals,
    norm=np.inf,
    threshold=0.0,
    n_octaves=7,
    bins_per_octave=12,
    gamma=0,
):
    """Chroma from the variable-Q transform: a class for each step of the octave, whatever the intervals.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `V` is given.
    sr : number > 0, Hz
    V : ndarray (..., bins, frames)
        Variable-Q magnitudes.
    hop_length : int > 0, samples
    fmin : float > 0, Hz, optional
        C1.
    intervals : str or array_like
        As of :func:`heihachi.vqt`.
    norm : number or None
        Of each frame: ``numpy.inf`` makes the largest class 1.
    threshold : float or None
        Smaller values become 0 before the frame is normalised.
    n_octaves : int > 0
    bins_per_octave : int > 0
        Classes, if `intervals` is a name.
    gamma : float >= 0 or None
        As of :func:`heihachi.vqt`.

    Returns
    -------
    ndarray (..., classes, frames), of the precision of the sound

    Raises
    ------
    ParameterError
        Neither `y` nor `V`; a parameter outside its range; filters that reach beyond half the sample rate; samples that
        are not finite.
    """
    if not isinstance(intervals, str):
        bins_per_octave = len(intervals)
    if V is None:
        if y is None:
            raise args.parameter_error("neither a signal y nor variable-Q magnitudes V are given")
        y = args.signal(y)
        common = _chroma_keywords(
            y, sr, hop_length, fmin, 0.0, bins_per_octave, n_octaves, None, bins_per_octave, "full"
        )
        number = args.norm_number(norm)
        ratios = None if common is None else constantq.interval_ratios(intervals, bins_per_octave)
        if number is not None and ratios is not None and constantq.within_octave(ratios):
            wanted = ("hop_length", "fmin", "n_octaves", "bins_per_octave")
            found = _core.chroma_vqt(
                y,
                sr,
                intervals=ratios,
                gamma=args.none_is_nan(gamma),
                norm=number,
                threshold=args.none_is_nan(threshold),
                **{name: common[name] for name in wanted},
            )
            return args.cast(found, y.dtype)
        V = np.abs(
            constantq.vqt(
                y,
                sr=sr,
                hop_length=hop_length,
                fmin=fmin,
                intervals=intervals,
                n_bins=n_octaves * bins_per_octave,
                bins_per_octave=bins_per_octave,
                gamma=gamma,
            )
        )
    number = args.norm_number(norm)
    plain = norm is not None and number is not None and (fmin is None or fmin > 0)
    if plain and _frames_in_memory(V) and V.shape[-2] >= bins_per_octave:
        return _core.chroma_from_vqt(
            V,
            fmin=args.none_is_zero(fmin),
            bins_per_octave=bins_per_octave,
            norm=number,
            threshold=args.none_is_nan(threshold),
        )
    weights = filters.cq_to_chroma(
        V.shape[-2], bins_per_octave=bins_per_octave, n_chroma=bins_per_octave, fmin=fmin
    )
    return _folded(weights, V, threshold, norm)


def tonnetz(*, y=None, sr=22050, chroma=None, **kwargs):
    """The tonal centroid: chroma as a point on the circles of fifths, minor thirds and major thirds.

    Parameters
    ----------
    y : ndarray (..., samples), floating
        The signal; not used if `chroma` is given.
    sr : number > 0, Hz
    chroma : ndarray (..., n_chroma, frames)
    **kwargs
        More parameters of :func:`chroma_cqt`.

    Returns
    -------
    ndarray (..., 6, frames), float64
        x and y on the circle of fifths, of minor thirds, of major thirds.

    Raises
    ------
    ParameterError
        Neither `y` nor `chroma`; what :func:`chroma_cqt` refuses.

    References
    ----------
    C. Harte, M. Sandler and M. Gasser, Detecting harmonic change in musical audio, 2006.
    """
    if y is None and chroma is None:
        raise args.parameter_error("neither a signal y nor chroma are given")
    if chroma is None:
        chroma = chroma_cqt(y=y, sr=sr, **kwargs)
    classes = np.linspace(0, 12, num=chroma.shape[-2], endpoint=False)
    angle = np.multiply.outer([7.0 / 6, 7.0 / 6, 3.0 / 2, 3.0 / 2, 2.0 / 3, 2.0 / 3], classes)
    angle[::2] -= 0.5
    radius = np.array([1, 1, 1, 1, 0.5, 0.5])
    return np.matmul(radius[:, np.newaxis] * np.cos(np.pi * angle), _normalized(chroma, 1))
