"""Banks of filters and windows: librosa.filters' functions."""

import warnings

import numpy as np

from . import _arguments as args
from . import _convert, _core
from .util import normalize

__all__ = [
    "mel",
    "chroma",
    "cq_to_chroma",
    "wavelet",
    "wavelet_lengths",
    "window_sumsquare",
    "get_window",
]

_C1 = 32.70319566257483  # Hz

# HhMelNorm of include/heihachi/spectral.h.
_MEL_SLANEY, _MEL_NONE = 0, 1

# Equivalent noise bandwidth in bins of the windows by HhWindowKind, as librosa has them; of others it is computed.
_BANDWIDTHS = {
    0: 1.50018310546875,
    1: 1.3629455320350348,
    2: 1.7269681554262326,
    3: 2.0045975283585014,
    4: 1.3334961334912805,
    5: 1.0,
    9: 1.3331706523555851,
    10: 1.9174603174603191,
    11: 1.7859588613860062,
    12: 1.9763500280946082,
    13: 2.7762255046484143,
    14: 1.4560255965133932,
    15: 1.2337005350199792,
}


def get_window(window, Nx, *, fftbins=True):
    """The values of a window.

    Parameters
    ----------
    window : str, tuple, number, function or array_like (Nx,)
        A name of ``scipy.signal.get_window``, with its parameter if it has one, the beta of a Kaiser window, a function
        of the length, or the values themselves.
    Nx : int > 0
    fftbins : bool
        Periodic, for transforms; otherwise symmetric. Names and Kaiser windows only.

    Returns
    -------
    ndarray (Nx,)

    Raises
    ------
    ParameterError
        No window; values of another number than `Nx`.
    """
    values = args.window_values(window, Nx, fftbins)
    return values.copy() if values is window else values


# ---- spectra to bands


def has_empty_bands(weights, edges):
    """Whether a mel band lies between two bins of the spectrum. The bands begin at edges[:-2] Hz; one that begins at 0
    does not count."""
    return not np.all((edges[:-2] == 0) | (weights.max(axis=1) > 0))


def mel(*, sr, n_fft, n_mels=128, fmin=0.0, fmax=None, htk=False, norm="slaney", dtype=np.float32):
    """Weights that turn a spectrum into mel bands: overlapping triangles, evenly spaced in mel.

    Parameters
    ----------
    sr : number > 0, Hz
    n_fft : int > 0
    n_mels : int > 0
    fmin, fmax : float, Hz
        Lower edge of the lowest and upper edge of the highest band; `fmax` None: ``sr / 2``.
    htk : bool
        HTK's mel scale instead of Slaney's.
    norm : {"slaney", None} or number
        "slaney": triangles of equal area; a number p: of p-norm 1; None: of peak 1.
    dtype : real dtype

    Returns
    -------
    ndarray (n_mels, 1 + n_fft // 2)

    Raises
    ------
    ParameterError
        `norm` is not known.

    Warns
    -----
    UserWarning
        A triangle lies between two bins of the spectrum, so that its band is always 0.

    References
    ----------
    M. Slaney, Auditory Toolbox, 1998; S. Young et al., The HTK Book.
    """
    n_mels = int(n_mels)
    if n_mels < 0 or n_fft // 2 < -1:
        raise ValueError(f"n_mels={n_mels} bands of a transform of n_fft={n_fft}")
    fmax = float(sr) / 2 if fmax is None else fmax
    edges = _convert.mel_frequencies(n_mels + 2, fmin=float(fmin), fmax=float(fmax), htk=htk)
    weights = _mel_weights(sr, n_fft, n_mels, fmin, fmax, htk, norm, np.dtype(dtype), edges)
    if has_empty_bands(weights, edges):
        warnings.warn(
            "Empty filters detected: mel bands that lie between two bins of the spectrum are always 0; a longer "
            "transform, fewer bands or a higher fmax fills them",
            stacklevel=2,
        )
    return weights


def _mel_weights(sr, n_fft, n_mels, fmin, fmax, htk, norm, dtype, edges):
    sensible = sr > 0 and 0 <= fmin < fmax and args.is_positive_int(n_fft) and n_mels > 0 and n_fft > 1
    if dtype == np.float32 and norm in (None, "slaney") and sensible:
        return _core.mel_filters(
            sr,
            n_fft=n_fft,
            n_mels=n_mels,
            fmin=fmin,
            fmax=fmax,
            htk=bool(htk),
            mel_norm=_MEL_NONE if norm is None else _MEL_SLANEY,
        )
    width = np.diff(edges)
    distance = np.subtract.outer(edges, np.fft.rfftfreq(n_fft, 1.0 / sr))
    rising = -distance[:-2] / width[:-1, np.newaxis]
    falling = distance[2:] / width[1:, np.newaxis]
    weights = np.maximum(0, np.minimum(rising, falling)).astype(dtype)
    if isinstance(norm, str):
        if norm != "slaney":
            raise args.parameter_error(f"no mel norm {norm!r}")
        weights *= (2.0 / (edges[2:] - edges[:-2]))[:, np.newaxis]
        return weights
    return normalize(weights, norm=norm, axis=-1)


def chroma(
    *, sr, n_fft, n_chroma=12, tuning=0.0, ctroct=5.0, octwidth=2, norm=2, base_c=True, dtype=np.float32
):
    """Weights that turn a spectrum into chroma: for each bin a Gaussian bump over the classes, for each octave a weight.

    Parameters
    ----------
    sr : number > 0, Hz
    n_fft : int > 0
    n_chroma : int > 0
    tuning : float
        Deviation from A4 = 440 Hz, as a part of a class.
    ctroct : float
        Octave above 27.5 Hz on which the weights of the octaves are centred.
    octwidth : float > 0 or None
        Their standard deviation in octaves; None: all octaves weigh the same.
    norm : number or None
        Of each bin's weights.
    base_c : bool
        Class 0 is C; otherwise A.
    dtype : real dtype

    Returns
    -------
    ndarray (n_chroma, 1 + n_fft // 2)

    References
    ----------
    D. P. W. Ellis, Chroma feature analysis and synthesis, 2007.
    """
    plain = np.dtype(dtype) == np.float32 and norm == 2 and args.is_positive_int(n_fft) and n_fft > 1
    plain = plain and np.isfinite(tuning)
    if plain and args.is_positive_int(n_chroma) and n_chroma <= 1024 and (octwidth is None or octwidth > 0):
        return _core.chroma_filters(
            sr,
            n_fft,
            n_fft=n_fft,
            n_chroma=n_chroma,
            tuning=tuning,
            ctroct=ctroct,
            octwidth=args.none_is_nan(octwidth),
            base_c=bool(base_c),
        )
    if n_chroma < 0 or n_fft < 0:
        raise ValueError(f"n_chroma={n_chroma} classes of a transform of n_fft={n_fft}")
    hz = np.linspace(0, sr, n_fft, endpoint=False)[1:]
    place = n_chroma * _convert.hz_to_octs(hz, tuning=tuning, bins_per_octave=n_chroma)
    # 0 Hz is put one and a half octaves below the first bin
    place = np.concatenate(([place[0] - 1.5 * n_chroma], place))
    width = np.concatenate((np.maximum(np.diff(place), 1.0), [1.0]))
    half = np.round(n_chroma / 2.0)
    distance = np.remainder(place - np.arange(n_chroma)[:, np.newaxis] + half + 10 * n_chroma, n_chroma) - half
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights = normalize(weights, norm=norm, axis=0)
    if octwidth is not None:
        weights *= np.exp(-0.5 * ((place / n_chroma - ctroct) / octwidth) ** 2)
    if base_c:
        weights = np.roll(weights, -3 * (n_chroma // 12), axis=0)
    return np.ascontiguousarray(weights[:, : int(1 + n_fft / 2)], dtype=dtype)


def cq_to_chroma(
    n_input, *, bins_per_octave=12, n_chroma=12, fmin=None, window=None, base_c=True, dtype=np.float32
):
    """Weights that fold constant-Q bins into chroma: each class is the sum of the bins around it in all octaves.

    Parameters
    ----------
    n_input : int > 0
        Constant-Q bins.
    bins_per_octave : int > 0
        A multiple of `n_chroma`.
    n_chroma : int > 0
    fmin : float > 0, Hz, optional
        Frequency of the first bin; C1.
    window : array_like, optional
        Weights that smooth the fold across the bins.
    base_c : bool
        Class 0 is C; otherwise A.
    dtype : real dtype

    Returns
    -------
    ndarray (n_chroma, n_input)

    Raises
    ------
    ParameterError
        `bins_per_octave` is not a multiple of `n_chroma`.
    """
    merged = float(bins_per_octave) / n_chroma
    if np.mod(merged, 1) != 0:
        raise args.parameter_error(f"{bins_per_octave} bins per octave are not a multiple of {n_chroma} classes")
    if n_chroma < 0:
        raise ValueError(f"n_chroma={n_chroma} classes")
    merged = int(merged)
    octaves = int(np.ceil(float(n_input) / bins_per_octave))
    fold = np.roll(np.repeat(np.eye(n_chroma), merged, axis=1), -(merged // 2), axis=1)
    fold = np.tile(fold, octaves)[:, :n_input]
    first = np.mod(_convert.hz_to_midi(_C1 if fmin is None else fmin), 12)
    if not base_c:
        first = first - 9
    fold = np.roll(fold, int(np.round(first * (n_chroma / 12.0))), axis=0).astype(dtype)
    return fold if window is None else _smoothed(fold, np.atleast_2d(window))


def _smoothed(matrix, kernel):
    """Convolution in two dimensions with zeros around, as large as `matrix` and centred."""
    height, width = kernel.shape
    if kernel.size == 0:
        raise ValueError("a window of no values")
    padded = np.zeros((matrix.shape[0] + 2 * height, matrix.shape[1] + 2 * width), dtype=matrix.dtype)
    padded[height:-height, width:-width] = matrix
    result = np.zeros(matrix.shape, dtype=np.result_type(matrix, kernel))
    for i in range(height):
        for j in range(width):
            down, right = height + (height - 1) // 2 - i, width + (width - 1) // 2 - j
            result += kernel[i, j] * padded[down : down + matrix.shape[0], right : right + matrix.shape[1]]
    return result


# ---- constant-Q filters


def _bandwidth(window):
    """Equivalent noise bandwidth of a window in bins."""
    name = getattr(window, "__name__", window)
    known = args.known_window(name) if isinstance(name, str) else None
    if known is not None and known[0] in _BANDWIDTHS:
        return _BANDWIDTHS[known[0]]
    values = args.window_values(window, 1000)
    return 1000 * np.sum(values**2) / (np.sum(values) ** 2 + np.finfo(np.float64).tiny)


def _relative_bandwidth(freqs):
    """Half the relative distance between the neighbours of each frequency."""
    if len(freqs) <= 1:
        raise args.parameter_error(f"the bandwidths of {len(freqs)} frequencies: at least 2 are needed, or alpha")
    octaves = np.log2(freqs)
    step = np.empty(len(octaves))
    step[0], step[-1] = octaves[1] - octaves[0], octaves[-1] - octaves[-2]
    step[1:-1] = (octaves[2:] - octaves[:-2]) / 2
    ratio = 2.0 ** (2 * step)
    return (ratio - 1) / (ratio + 1)


def wavelet_lengths(*, freqs, sr=22050, window="hann", filter_scale=1, gamma=0, alpha=None):
    """Lengths of constant-Q filters, and how far up they reach.

    Parameters
    ----------
    freqs : array_like (filters,), Hz
        Positive, ascending.
    sr : number > 0, Hz
    window : str, tuple, number or function
    filter_scale : float > 0
        Below 1: shorter filters.
    gamma : float >= 0 or None
        Hz that are added to each bandwidth; None: the equivalent rectangular bandwidths of hearing (Glasberg and Moore,
        1990).
    alpha : float or ndarray (filters,), optional
        Relative bandwidth of each filter; by default from the distance of its neighbours, for which two frequencies are
        needed.

    Returns
    -------
    lengths : ndarray (filters,), samples
        With fractions.
    f_cutoff : float, Hz
        Upper end of the highest pass-band.

    Raises
    ------
    ParameterError
        A parameter outside its range; frequencies that do not ascend.

    References
    ----------
    C. Schoerkhuber and A. Klapuri, Constant-Q transform toolbox for music processing, 2010.
    """
    freqs = np.asarray(freqs)
    if filter_scale <= 0:
        raise args.parameter_error(f"filter_scale={filter_scale} has to be above 0")
    if gamma is not None and gamma < 0:
        raise args.parameter_error(f"gamma={gamma} has to be 0 or more")
    if np.any(freqs <= 0):
        raise args.parameter_error("frequencies have to be above 0")
    if len(freqs) > 1 and np.any(freqs[:-1] > freqs[1:]):
        raise args.parameter_error("frequencies have to ascend")
    alpha = _relative_bandwidth(freqs) if alpha is None else np.asarray(alpha)
    if gamma is None:
        gamma = alpha * 24.7 / 0.108
    quality = float(filter_scale) / alpha
    f_cutoff = np.max(freqs * (1 + 0.5 * _bandwidth(window) / quality) + 0.5 * gamma)
    return quality * sr / (freqs + gamma / alpha), f_cutoff


def wavelet(
    *,
    freqs,
    sr=22050,
    window="hann",
    filter_scale=1,
    pad_fft=True,
    norm=1,
    dtype=np.complex64,
    gamma=0,
    alpha=None,
    **kwargs,
):
    """Constant-Q filters in the time domain: windowed complex exponentials, each in the middle of its row.

    Parameters
    ----------
    freqs, sr, window, filter_scale, gamma, alpha
        As of :func:`wavelet_lengths`.
    pad_fft : bool
        Rows as long as the next power of two, for transforms; otherwise as the longest filter.
    norm : number or None
        Of each filter.
    dtype : complex dtype
    **kwargs
        Of ``numpy.pad``, for what is beside the filters.

    Returns
    -------
    filters : ndarray (filters, samples)
    lengths : ndarray (filters,), samples
        With fractions.

    Raises
    ------
    ParameterError
        A parameter outside its range; frequencies that do not ascend.

    References
    ----------
    J. Brown, Calculation of a constant Q spectral transform, JASA 89, 1991.
    """
    lengths, _ = wavelet_lengths(
        freqs=freqs, sr=sr, window=window, filter_scale=filter_scale, gamma=gamma, alpha=alpha
    )
    known, number = args.known_window(window), args.norm_number(norm)
    plain = number is not None and not number < 0
    possible = sr > 0 and np.isfinite(lengths).all() and (lengths > 0).all()
    if known is not None and plain and possible and np.dtype(dtype) == np.complex64 and not kwargs:
        return _core.wavelets(
            frequencies=freqs,
            rate=sr,
            window=known,
            filter_scale=filter_scale,
            pad_fft=bool(pad_fft),
            norm=number,
            gamma=args.none_is_nan(gamma),
            alpha=None if alpha is None else np.broadcast_to(alpha, lengths.shape),
        )
    if not possible:
        raise ValueError(f"filters of {lengths} samples")
    longest = np.max(lengths)
    size = int(2.0 ** np.ceil(np.log2(longest))) if pad_fft else int(np.ceil(longest))
    filters = np.zeros((len(lengths), size), dtype=dtype)
    for row, length, hz in zip(filters, lengths, freqs):
        angle = np.arange(-length // 2, length // 2, dtype=float) * 2 * np.pi * hz / sr
        values = np.empty(len(angle), dtype=np.complex128)
        values.real, values.imag = np.cos(angle), np.sin(angle)
        values *= args.window_values(window, len(angle))
        if norm is not None:
            values = normalize(values, norm=norm)
        before = (size - len(values)) // 2
        if before < 0:
            raise args.parameter_error(f"a filter of {len(values)} samples does not fit into {size}")
        if kwargs:
            row[:] = np.pad(values, (before, size - len(values) - before), **kwargs)
        else:
            row[before : before + len(values)] = values
    return filters, lengths


def window_sumsquare(
    *, window, n_frames, hop_length=512, win_length=None, n_fft=2048, dtype=np.float32, norm=None
):
    """Sum of the squared windows of overlapping frames: what an overlap-add of windowed frames is divided by.

    Parameters
    ----------
    window : str, tuple, number, function or array_like (win_length,)
    n_frames : int > 0
    hop_length : int > 0, samples
    win_length : int <= n_fft, optional
        Samples that the window covers, in the middle of the frame; `n_fft`.
    n_fft : int > 0, samples
    dtype : real dtype
        Of the result, and of the sums.
    norm : number or None
        Of the window, before it is squared.

    Returns
    -------
    ndarray (n_fft + hop_length * (n_frames - 1),)

    Raises
    ------
    ParameterError
        `win_length` is longer than `n_fft`; `hop_length` is below 0.
    ValueError
        The result would have fewer than 0 samples.
    """
    win_length = n_fft if win_length is None else win_length
    size = n_fft + hop_length * (n_frames - 1)
    if size < 0:
        raise ValueError(f"{n_frames} frames every {hop_length} of n_fft={n_fft} samples have {size}")
    whole = all(args.is_positive_int(value) for value in (n_frames, hop_length, win_length, n_fft))
    number = args.norm_number(norm)
    plain = number is not None and not number < 0
    if whole and plain and win_length <= n_fft <= 1 << 20 and np.dtype(dtype) in (np.float32, np.float64):
        return _core.window_sumsquare(
            n_frames,
            np.dtype(dtype) == np.float64,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=args.window(window, win_length),
            norm=number,
        )
    values = args.window_values(window, win_length)
    if norm is not None:
        values = normalize(values, norm=norm)
    before = (n_fft - len(values)) // 2
    if before < 0:
        raise args.parameter_error(f"a window of {len(values)} samples does not fit into n_fft={n_fft}")
    if hop_length < 0:
        raise args.parameter_error(f"hop_length={hop_length} is below 0")
    if hop_length == 0:  # all frames in one place
        total = np.zeros(n_fft, dtype=dtype)
        for _ in range(n_frames):
            total[before : before + len(values)] += values**2
        return total
    blocks = -(-n_fft // hop_length)
    squares = np.zeros(blocks * hop_length)
    squares[before : before + len(values)] = values**2
    total = np.zeros((max(n_frames, 0) + blocks, hop_length), dtype=dtype)
    # Block by block of the window, the last one first: each sample sums its frames in their order.
    for block in range(blocks - 1, -1, -1):
        total[block : block + max(n_frames, 0)] += squares[block * hop_length : (block + 1) * hop_length]
    return total.reshape(-1)[:size]
