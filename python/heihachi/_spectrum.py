"""The short-time Fourier transform, its inverse and its kin; decibels."""

import warnings

import numpy as np

from . import _arguments as args
from . import _core, _patch

__all__ = [
    "stft",
    "istft",
    "magphase",
    "power_to_db",
    "db_to_power",
    "amplitude_to_db",
    "db_to_amplitude",
    "phase_vocoder",
    "griffinlim",
    "reassigned_spectrogram",
]

# numpy.pad's modes that look further into the signal than its ends: librosa pads the two ends apart, and refuses these.
_WHOLE_SIGNAL_PADS = ("wrap", "maximum", "mean", "median", "minimum")


def stft(
    y,
    *,
    n_fft=2048,
    hop_length=None,
    win_length=None,
    window="hann",
    center=True,
    dtype=None,
    pad_mode="constant",
    out=None,
):
    """Short-time Fourier transform.

    ``D[..., k, t] = sum_n w[n] y[..., t * hop_length + n] exp(-2j pi k n / n_fft)``, with the phase counted from the
    frame's first sample and without any scaling.

    Parameters
    ----------
    y : ndarray (..., samples), floating
    n_fft : int > 0
        Samples of a frame; any size, even or odd.
    hop_length : int > 0, optional
        Samples from frame to frame; a quarter of `win_length`.
    win_length : int <= n_fft, optional
        Samples that the window covers, in the middle of the frame; `n_fft`.
    window : str, tuple, number, function or ndarray (win_length,)
        A periodic window: a name of ``scipy.signal.get_window``, with its parameter if it has one, the beta of a Kaiser
        window, a function of the length, or the values.
    center : bool
        Frame t is centred on sample ``t * hop_length``, and the signal is padded by ``n_fft // 2`` at both ends;
        otherwise the frame begins there.
    dtype : complex dtype, optional
        Of the result; by default complex64 for float32 and complex128 for float64 sound. The transform is computed in
        the wider of the two precisions: in float32 errors are about 1e-7 of the frame's peak.
    pad_mode : str or function
        As of ``numpy.pad``, without wrap, maximum, mean, median and minimum.
    out : complex ndarray (..., 1 + n_fft // 2, at least frames), optional
        Receives the result, of which a view is returned.

    Returns
    -------
    ndarray (..., 1 + n_fft // 2, frames), complex
        Each frame lies side by side in memory.

    Raises
    ------
    ParameterError
        `y` is not finite floating sound, or is shorter than a frame that is not centred; a parameter outside its range;
        `out` does not fit.
    ValueError
        A window of no samples, or one that is not known.

    Warns
    -----
    UserWarning
        A centred frame is longer than the signal.

    References
    ----------
    J. B. Allen and L. R. Rabiner, A unified approach to short-time Fourier analysis and synthesis, Proc. IEEE, 1977.
    """
    if win_length is None:
        win_length = n_fft
    if hop_length is None:
        hop_length = int(win_length // 4)
    elif not args.is_positive_int(hop_length):
        raise args.parameter_error(f"hop_length is {hop_length!r}: a positive integer is needed")
    args.audio(y)
    try:
        values = args.window(window, win_length)
        _check_sizes(n_fft, win_length)
    except Exception:
        args.checked_audio(y)  # which comes first
        raise
    if center:
        if isinstance(pad_mode, str) and pad_mode in _WHOLE_SIGNAL_PADS:
            raise args.parameter_error(f"stft cannot pad by {pad_mode!r}")
        if n_fft > y.shape[-1]:
            warnings.warn(f"n_fft={n_fft} is longer than the signal of {y.shape[-1]} samples", stacklevel=2)
        if hop_length == 0:
            args.checked_audio(y)
            raise ZeroDivisionError("a hop of 0 samples: a window of less than 4 needs a hop_length")
        if n_fft == 1 and y[..., : 2 - hop_length].shape[-1] == 0:  # what librosa cuts off the beginning to pad it
            args.checked_audio(y)
            args.pad_ends(y, n_fft, pad_mode)
            raise args.parameter_error(f"a signal of {y.shape[-1]} samples is too short for frames of one, {hop_length} apart")
        if callable(pad_mode) or pad_mode not in args.PAD_MODES or (y.shape[-1] == 0 and pad_mode != "constant"):
            args.checked_audio(y)
            y = args.pad_ends(y, n_fft, pad_mode)
            center = False
    length = y.shape[-1] + (2 * (n_fft // 2) if center else 0)
    if length < n_fft:
        raise args.parameter_error(f"a signal of {y.shape[-1]} samples is shorter than n_fft={n_fft}")
    if hop_length < 1:
        raise args.parameter_error(f"hop_length is {hop_length}: a positive integer is needed")
    shape = y.shape[:-1] + (1 + n_fft // 2, 1 + (length - n_fft) // hop_length)
    dtype = args.complex_dtype(y.dtype) if dtype is None else np.dtype(dtype)
    if out is not None:
        _check_out(out, shape)
        if out.dtype == np.complex128:
            dtype = out.dtype

    if y.dtype != np.float64 and (y.dtype.itemsize > 8 or dtype.itemsize > 8):
        y = y.astype(np.float64)
    if 0 in y.shape[:-1]:
        result = np.zeros(shape, dtype=dtype)
    else:
        result = _core.stft(
            y,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=values,
            center=bool(center),
            pad=args.PAD_MODES[pad_mode] if center else 0,
        )
    if out is None:
        return args.cast(result, dtype)
    if out.shape[-1] != shape[-1]:
        out = out[..., : shape[-1]]
    out[...] = result
    return out


def _check_sizes(n_fft, win_length):
    if win_length < 1:
        raise ValueError(f"a window of {win_length} samples: 1 or more are needed")
    if win_length > n_fft:
        raise args.parameter_error(f"a window of {win_length} samples is longer than n_fft={n_fft}")


def _check_out(out, shape):
    """librosa's two conditions: the axes fit, with room for all frames; complex."""
    if not (np.allclose(out.shape[:-1], shape[:-1]) and out.shape[-1] >= shape[-1]):
        raise args.parameter_error(f"out has the shape {out.shape}, the result {shape}")
    if not np.iscomplexobj(out):
        raise args.parameter_error(f"out is {out.dtype}, the result is complex")


def magnitudes(y, S, transform, power=1):
    """|stft(y)| ** power, or `S` as it is, and the n_fft that belongs to it. `transform` are the arguments of stft() from
    n_fft to pad_mode."""
    n_fft = transform[0]
    if S is not None:
        return S, n_fft if n_fft is not None and n_fft // 2 + 1 == S.shape[-2] else 2 * (S.shape[-2] - 1)
    if n_fft is None or y is None:
        raise args.parameter_error("a spectrum needs the sound y and n_fft, or a spectrogram S")
    names = ("n_fft", "hop_length", "win_length", "window", "center", "pad_mode")
    S = np.abs(stft(y, **dict(zip(names, transform))))
    return S if power == 1 else S**power, n_fft


def istft(
    stft_matrix,
    *,
    hop_length=None,
    win_length=None,
    n_fft=None,
    window="hann",
    center=True,
    dtype=None,
    length=None,
    out=None,
):
    """Inverse short-time Fourier transform: the sound whose transform is nearest to `stft_matrix` in the least squares.

    Parameters
    ----------
    stft_matrix : ndarray (..., bins, frames), complex
    hop_length : int > 0, optional
        Samples from frame to frame; a quarter of `win_length`.
    win_length : int <= n_fft, optional
        Samples that the window covers; `n_fft`.
    n_fft : int > 0, optional
        Samples of a frame; ``2 * (bins - 1)``, so that odd sizes have to be given.
    window : str, tuple, number, function or ndarray (win_length,)
        That of the forward transform.
    center : bool
        The frames are centred, as in :func:`stft`.
    dtype : real dtype, optional
        Of the result; by default float32 for complex64, float64 for complex128.
    length : int > 0, optional
        Samples to give: what is more is cut off, what is missing is zero. Without it, as many as the frames reach.
    out : ndarray (..., samples), optional
        Receives the result and is returned.

    Returns
    -------
    ndarray (..., samples)
        Samples that no window reaches are zero.

    Raises
    ------
    ParameterError
        A parameter outside its range; `out` does not fit.

    References
    ----------
    D. W. Griffin and J. S. Lim, Signal estimation from modified short-time Fourier transform, IEEE Trans. ASSP, 1984,
    equation 6.
    """
    bins, frames = stft_matrix.shape[-2:]
    if n_fft is None:
        n_fft = 2 * (bins - 1)
    if win_length is None:
        win_length = n_fft
    if hop_length is None:
        hop_length = int(win_length // 4)
    values = args.window(window, win_length)
    _check_sizes(n_fft, win_length)
    if hop_length == 0 and not center and not length:
        # all frames lie on each other: their sum, over the sum of as many windows, is that of their mean
        stft_matrix, hop_length, frames = stft_matrix.mean(axis=-1, keepdims=True), 1, 1
    if hop_length == 0:
        raise ZeroDivisionError("a hop of 0 samples: a window of less than 4 needs a hop_length")
    if hop_length < 0:
        raise args.parameter_error(f"hop_length is {hop_length}: a positive integer is needed")
    dtype = args.real_dtype(stft_matrix.dtype) if dtype is None else np.dtype(dtype)
    samples = length if length else n_fft + hop_length * (frames - 1) - (2 * (n_fft // 2) if center else 0)
    shape = stft_matrix.shape[:-2] + (samples,)
    if out is not None and not np.allclose(out.shape, shape):
        raise args.parameter_error(f"out has the shape {out.shape}, the result {shape}")

    if frames == 0 or 0 in shape:
        result = np.zeros(shape, dtype=dtype)
    else:
        if bins != 1 + n_fft // 2:
            stft_matrix = _fit_bins(stft_matrix, 1 + n_fft // 2)
        wide = dtype.itemsize > 4 or stft_matrix.dtype.itemsize > 8 or stft_matrix.dtype.kind not in "fc"
        if stft_matrix.dtype != (np.complex128 if wide else np.complex64):
            stft_matrix = stft_matrix.astype(np.complex128 if wide else np.complex64)
        result = _core.istft(
            stft_matrix,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=values,
            center=bool(center),
            length=args.none_is_zero(length),
        )
    if out is None:
        return args.cast(result, dtype)
    out[...] = result
    return out


def _fit_bins(matrix, bins):
    """The lowest `bins`, with zeros for those that are missing."""
    fitted = np.zeros(matrix.shape[:-2] + (matrix.shape[-1], bins), dtype=matrix.dtype).swapaxes(-1, -2)
    kept = min(bins, matrix.shape[-2])
    fitted[..., :kept, :] = matrix[..., :kept, :]
    return fitted


def magphase(D, *, power=1):
    """A complex spectrogram as magnitude and phase: ``D = magnitude * phase`` for `power` 1.

    Parameters
    ----------
    D : ndarray of any shape, complex
    power : float
        Exponent of the magnitude.

    Returns
    -------
    magnitude : ndarray, real
        ``|D| ** power``, of the precision of `D`.
    phase : ndarray, complex
        ``D / |D|``; 1 where `D` is 0.
    """
    if isinstance(D, np.ndarray) and D.dtype in (np.complex64, np.complex128) and D.ndim > 0 and D.size > 0:
        direct = isinstance(power, (int, float, np.number)) and 0 < power < np.inf
        magnitude, phase = args.elementwise(_core.magphase, D, float(power) if direct else 1.0)
        if not direct:
            magnitude **= power
        return magnitude, phase
    magnitude = np.abs(D)
    zero = magnitude == 0
    phase = np.empty_like(D, dtype=args.complex_dtype(D.dtype))
    phase.real = D.real / (magnitude + zero) + zero
    phase.imag = D.imag / (magnitude + zero)
    magnitude **= power
    return magnitude, phase


def power_to_db(S, *, ref=1.0, amin=1e-10, top_db=80.0):
    """Power in decibels: ``10 log10(max(amin, S) / max(amin, ref))``, not lower than `top_db` below the largest.

    Parameters
    ----------
    S : number or ndarray of any shape
    ref : number or function
        Power that is 0 dB, by its absolute value, or what the function makes of `S`, as ``numpy.max`` does.
    amin : float > 0
        Smaller powers are raised to it.
    top_db : float >= 0 or None
        Range below the largest value of all `S`; None keeps all.

    Returns
    -------
    ndarray or number of the shape and precision of `S`, dB

    Raises
    ------
    ParameterError
        `amin` is not positive, or `top_db` is negative.

    Warns
    -----
    UserWarning
        `S` is complex: its magnitude (not its power) is taken.
    """
    S = np.asarray(S)
    if amin <= 0:
        raise args.parameter_error(f"amin is {amin}: above 0 is needed")
    if S.dtype.kind == "c":
        warnings.warn("power_to_db was called on complex input: its magnitude is taken, not its power", stacklevel=2)
        S = np.abs(S)
    return _to_db(_core.power_to_db, 10.0, S, ref, amin, top_db)


def amplitude_to_db(S, *, ref=1.0, amin=1e-5, top_db=80.0):
    """Amplitude in decibels: :func:`power_to_db` of ``S ** 2``, with `ref` and `amin` as amplitudes.

    Parameters
    ----------
    S : number or ndarray of any shape
        Its absolute value is taken.
    ref : number or function
        Amplitude that is 0 dB, or what the function makes of ``|S|``.
    amin : float > 0
        Smaller amplitudes are raised to it.
    top_db : float >= 0 or None
        Range below the largest value of all `S`; None keeps all.

    Returns
    -------
    ndarray or number of the shape and precision of `S`, dB

    Raises
    ------
    ParameterError
        `amin` is 0, or `top_db` is negative.

    Warns
    -----
    UserWarning
        `S` is complex, and its phase is lost.
    """
    S = np.asarray(S)
    if S.dtype.kind == "c":
        warnings.warn("amplitude_to_db was called on complex input: its phase is lost", stacklevel=2)
    if S.dtype.kind == "c" or S.dtype not in (np.float32, np.float64):
        S = np.abs(S)
    if amin == 0:
        raise args.parameter_error("amin is 0: above 0 is needed")
    return _to_db(_core.amplitude_to_db, 20.0, S, ref, abs(amin), top_db)


def _to_db(function, factor, S, ref, amin, top_db):
    """`factor` 10: `S` is power; 20: amplitude, of either sign."""
    if top_db is not None and top_db < 0:
        raise args.parameter_error(f"top_db is {top_db}: 0 or more is needed")
    if isinstance(S, np.ndarray) and S.ndim > 0 and S.size > 0 and S.dtype in (np.float32, np.float64):
        result = _array_to_db(function, factor, S, ref, amin, top_db)
        if result is not None:
            return result
    if factor == 20.0:
        S = np.abs(S)
    reference = ref(S) if callable(ref) else np.abs(ref)
    if factor == 20.0:
        S, reference, amin = np.square(S), reference**2, amin**2
    decibels = 10.0 * np.log10(np.maximum(amin, S))
    decibels -= 10.0 * np.log10(np.maximum(amin, reference))
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - top_db)


def _array_to_db(function, factor, S, ref, amin, top_db):
    """The C side's result, or None for what it is not made for: values or references that are not finite, references
    that differ from place to place, floors below the range of the type."""
    peak = float(S.max())
    if factor == 20.0:
        peak = max(peak, -float(S.min()))
    limits = np.finfo(S.dtype)
    smallest, largest = (float(limit) ** (10.0 / factor) for limit in (limits.tiny, limits.max))
    if not peak <= largest or not smallest <= amin <= largest:
        return None
    if np.maximum(amin, np.ones(1, dtype=S.dtype)).dtype != S.dtype:
        return None
    reference = ref
    if ref is np.max or ref is np.amax:
        reference = peak
    elif callable(ref):
        reference = ref(np.abs(S) if factor == 20.0 else S)
    if np.ndim(reference) != 0 or not np.isfinite(reference):
        return None
    if callable(ref) and factor == 10.0:
        reference = max(reference, 0.0)
    return args.elementwise(
        function,
        S,
        reference=float(abs(reference)),
        amin=float(amin),
        top_db=np.inf if top_db is None else float(top_db),
    )


def db_to_power(S_db, *, ref=1.0):
    """Decibels as power: ``ref * 10 ** (S_db / 10)``.

    Parameters
    ----------
    S_db : number or ndarray of any shape, dB
    ref : number
        Power at 0 dB.

    Returns
    -------
    ndarray or number of the shape and precision of `S_db`
    """
    power = S_db * 0.1
    if isinstance(power, np.ndarray) and power.dtype.kind == "f":
        power = np.power(10.0, power, out=power)
        if isinstance(ref, (int, float)):
            return power if ref == 1.0 else np.multiply(ref, power, out=power)
    else:
        power = np.power(10.0, power)
    return ref * power


def db_to_amplitude(S_db, *, ref=1.0):
    """Decibels as amplitude: ``|ref| * 10 ** (S_db / 20)``.

    Parameters
    ----------
    S_db : number or ndarray of any shape, dB
    ref : number
        Amplitude at 0 dB.

    Returns
    -------
    ndarray or number of the shape and precision of `S_db`
    """
    power = db_to_power(S_db, ref=ref**2)
    if isinstance(power, np.ndarray) and power.dtype.kind == "f":
        return np.sqrt(power, out=power)
    return power**0.5


# ---- phases


def phase_vocoder(D, *, rate, hop_length=None, n_fft=None):
    """A spectrogram slower or faster, at the same pitch.

    Magnitudes are interpolated between frames, phases advance as they do in `D`.

    Parameters
    ----------
    D : ndarray (..., bins, frames), complex
    rate : float
        Speed: 2 leaves half of the frames; nothing is left below 0.
    hop_length : int > 0, optional
        Samples between the frames of `D`; a quarter of `n_fft`.
    n_fft : int > 0, optional
        Samples of a frame; ``2 * (bins - 1)``, so that odd sizes have to be given.

    Returns
    -------
    ndarray (..., bins, ceil(frames / rate)) of the type of `D`

    Raises
    ------
    ZeroDivisionError
        `rate` is 0.
    ValueError
        `n_fft` does not fit the bins.

    References
    ----------
    J. L. Flanagan and R. M. Golden, Phase vocoder, Bell System Technical Journal, 1966. M. Dolson, The phase vocoder: a
    tutorial, Computer Music Journal, 1986.
    """
    if n_fft is None:
        n_fft = 2 * (D.shape[-2] - 1)
    if hop_length is None:
        hop_length = int(n_fft // 4)
    if n_fft == 0:
        raise ZeroDivisionError("a transform of 0 samples: one bin needs an n_fft")
    if D.shape[-2] != 1 + n_fft // 2:
        raise ValueError(f"n_fft={n_fft} has {1 + n_fft // 2} bins, the spectrogram {D.shape[-2]}")
    if rate == 0:
        raise ZeroDivisionError("a rate of 0: the result would have no end")
    if rate < 0 or 0 in D.shape:
        frames = 0 if rate < 0 else int(np.ceil(D.shape[-1] / rate))
        return np.zeros(D.shape[:-1] + (frames,), dtype=D.dtype)
    wide = D if D.dtype in (np.complex64, np.complex128) else D.astype(np.complex128)
    result = _core.phase_vocoder(wide, rate=rate, hop_length=hop_length, n_fft=n_fft)
    return args.cast(result, D.dtype)


def griffinlim(
    S,
    *,
    n_iter=32,
    hop_length=None,
    win_length=None,
    n_fft=None,
    window="hann",
    center=True,
    dtype=None,
    length=None,
    pad_mode="constant",
    momentum=0.99,
    init="random",
    random_state=None,
):
    """Sound of which only the magnitudes of the transform are known.

    Parameters
    ----------
    S : ndarray (..., bins, frames), not negative
    n_iter : int
        Rounds of inverse and forward transform.
    hop_length, win_length, n_fft, window, center, pad_mode
        Of the transform that `S` is the magnitude of; see :func:`istft`.
    dtype : real dtype, optional
        Of the result; by default that of `S`.
    length : int > 0, optional
        Samples to give.
    momentum : float >= 0
        0 is the original algorithm; above 1 it may not converge.
    init : "random" or None
        The phases to start from: random, or 0.
    random_state : int, numpy.random.RandomState or numpy.random.Generator, optional
        Where random phases come from.

    Returns
    -------
    ndarray (..., samples)

    Raises
    ------
    ParameterError
        A parameter outside its range.

    Warns
    -----
    UserWarning
        `momentum` is above 1.

    References
    ----------
    D. W. Griffin and J. S. Lim, Signal estimation from modified short-time Fourier transform, IEEE Trans. ASSP, 1984.
    N. Perraudin, P. Balazs and P. L. Sondergaard, A fast Griffin-Lim algorithm, WASPAA, 2013.
    """
    random = _random_source(random_state)
    if momentum > 1:
        warnings.warn(f"Griffin-Lim may not converge with a momentum of {momentum}, above 1", stacklevel=2)
    elif momentum < 0:
        raise args.parameter_error(f"momentum is {momentum}: 0 or more is needed")
    if init not in ("random", None):
        raise args.parameter_error(f"init is {init!r}: 'random' or None is needed")
    if n_fft is None:
        n_fft = 2 * (S.shape[-2] - 1)
    phases = None
    if init == "random":
        angles = 2 * np.pi * random.random(size=S.shape)
        phases = np.empty(S.shape, dtype=args.complex_dtype(S.dtype))
        phases.real = np.cos(angles)
        phases.imag = np.sin(angles)
    plain = S.dtype.kind != "c" and not callable(pad_mode) and pad_mode in args.PAD_MODES
    if hop_length is None:
        hop_length = int((n_fft if win_length is None else win_length) // 4)
    if length and n_iter and hop_length > 0 and (center or length >= n_fft):
        frames = 1 + (length - (0 if center else n_fft)) // hop_length
        if frames != S.shape[-1]:
            raise ValueError(f"a sound of {length} samples has {frames} frames, the magnitudes have {S.shape[-1]}")
    # a hop of 0, or one frame, of which no sample may be left, end as the transforms do; so does what is not iterated
    if not plain or 0 in S.shape or hop_length == 0 or S.shape[-1] == 1 or n_iter < 1:
        transform = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length, "window": window}
        return _griffinlim(S, phases, n_iter, momentum, {**transform, "center": center}, pad_mode, length, dtype)
    if S.dtype not in (np.float32, np.float64):
        S = S.astype(np.float32)
    result = _core.griffinlim(
        S,
        phases,
        n_iter=n_iter,
        n_fft=n_fft,
        hop_length=hop_length,
        win_length=args.none_is_zero(win_length),
        window=args.window(window, n_fft if win_length is None else win_length),
        center=bool(center),
        pad=args.pad_mode(pad_mode, refused=_WHOLE_SIGNAL_PADS),
        length=args.none_is_zero(length),
        momentum=float(momentum),
    )
    return result if dtype is None else args.cast(result, dtype)


def _random_source(random_state):
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, int):
        return np.random.RandomState(seed=random_state)
    if isinstance(random_state, (np.random.RandomState, np.random.Generator)):
        return random_state
    raise args.parameter_error(f"random_state is {random_state!r}: a number or a generator of NumPy is needed")


def _griffinlim(S, phases, n_iter, momentum, transform, pad_mode, length, dtype):
    """The same for what the C side does not take: the fast Griffin-Lim algorithm from transforms back and forth."""
    inverse = {**transform, "length": length, "dtype": dtype}
    complex_type = args.complex_dtype(S.dtype)
    spectrum = S.astype(complex_type) if phases is None else S * phases
    before = None
    for _ in range(n_iter):
        rebuilt = stft(istft(spectrum, **inverse), pad_mode=pad_mode, **transform).astype(complex_type, copy=False)
        target = rebuilt if before is None else rebuilt - momentum / (1 + momentum) * before
        spectrum = target / (np.abs(target) + np.finfo(complex_type).tiny) * S
        before = rebuilt
    return istft(spectrum, **inverse)


def reassigned_spectrogram(
    y,
    *,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=None,
    win_length=None,
    window="hann",
    center=True,
    reassign_frequencies=True,
    reassign_times=True,
    ref_power=1e-6,
    fill_nan=False,
    clip=True,
    dtype=None,
    pad_mode="constant",
):
    """A spectrogram that says of each bin where its energy really lies in frequency and time.

    Parameters
    ----------
    y : ndarray (..., samples), floating
    sr : number
        Its rate, Hz.
    S : ndarray (..., bins, frames), complex, optional
        The transform of `y` with the same parameters, if it is there already.
    n_fft, hop_length, win_length, window, center, pad_mode
        Of the transform; see :func:`stft`.
    reassign_frequencies, reassign_times : bool
        At least one of the two. What is not reassigned is the bin's frequency or the frame's time.
    ref_power : float >= 0 or function
        Power below which a bin has no place, NaN; or what the function makes of all powers.
    fill_nan : bool
        The bin's frequency and the frame's time instead of NaN.
    clip : bool
        Frequencies to 0..sr / 2, times to 0..duration.
    dtype : complex dtype, optional
        Of the transform.

    Returns
    -------
    freqs : ndarray (..., bins, frames), Hz
    times : ndarray (..., bins, frames), s
    mags : ndarray (..., bins, frames)

    Raises
    ------
    ParameterError
        `ref_power` is negative; neither frequency nor time is reassigned; as :func:`stft`.

    References
    ----------
    F. Auger and P. Flandrin, Improving the readability of time-frequency and time-scale representations by the
    reassignment method, IEEE Trans. Signal Processing, 1995. S. A. Fulop and K. Fitz, Algorithms for computing the
    time-corrected instantaneous frequency (reassigned) spectrogram, JASA, 2006.
    """
    theirs = _patch.with_replaced_steps("reassigned_spectrogram")
    if theirs is not None:
        return theirs(
            y,
            sr=sr,
            S=S,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=center,
            reassign_frequencies=reassign_frequencies,
            reassign_times=reassign_times,
            ref_power=ref_power,
            fill_nan=fill_nan,
            clip=clip,
            dtype=dtype,
            pad_mode=pad_mode,
        )
    if not callable(ref_power) and ref_power < 0:
        raise args.parameter_error(f"ref_power is {ref_power}: 0 or more, or a function, is needed")
    if not reassign_frequencies and not reassign_times:
        raise args.parameter_error("frequencies or times are to be reassigned: one of them at least")
    if win_length is None:
        win_length = n_fft
    if hop_length is None:
        hop_length = int(win_length // 4)
    y = args.signal(y)
    if dtype is not None or S is not None:
        kind = np.dtype(S.dtype if dtype is None else dtype)
        y = y.astype(np.float64 if kind.itemsize > 8 else np.float32, copy=False)
    transform = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length, "center": center}
    if S is None:
        S = stft(y, window=window, pad_mode=pad_mode, **transform)
    elif S.dtype != args.complex_dtype(y.dtype):
        S = S.astype(args.complex_dtype(y.dtype))
    if callable(ref_power):
        ref_power = ref_power(np.abs(S) ** 2)
    if center and pad_mode not in args.PAD_MODES:
        raise args.parameter_error(f"pad_mode {pad_mode!r} is not supported here")
    return _core.reassigned_spectrogram(
        y,
        float(sr),
        S,
        reassign_frequencies=bool(reassign_frequencies),
        reassign_times=bool(reassign_times),
        ref_power=float(ref_power),
        fill_nan=bool(fill_nan),
        clip=bool(clip),
        window=args.window(window, win_length),
        pad=args.PAD_MODES[pad_mode] if center else 0,
        **transform,
    )
