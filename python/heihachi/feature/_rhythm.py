"""Tempograms and tempo."""

import warnings

import numpy as np

from .. import _core
from .._arguments import none_is_nan, norm_number, pad_ends, parameter_error
from .._arguments import window as window_of
from .._convert import tempo_frequencies
from .._spectrum import stft
from ..onset import NO_AGGREGATE, aggregate_kind, envelope_of, frames_of, is_coarse, narrowed, of_channels

__all__ = ["fourier_tempogram", "tempo", "tempogram", "tempogram_ratio"]


def prior_table(prior, bpm):
    """What the C side asks for the log density of each of the tempos `bpm`; None for None. They are all computed
    here, in one call."""
    if prior is None:
        return None
    return dict(zip(bpm.tolist(), np.broadcast_to(prior.logpdf(bpm), bpm.shape).tolist())).__getitem__


def lag_prior(prior, lags, sr, hop_length):
    """The same for the tempos of an autocorrelation tempogram."""
    return None if prior is None else prior_table(prior, tempo_frequencies(lags, sr=sr, hop_length=hop_length))


def tempogram(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    hop_length=512,
    win_length=384,
    center=True,
    window="hann",
    norm=np.inf,
):
    """The autocorrelation of the onset strength in a window around each frame.

    P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram - a mid-level tempo representation for music signals", ICASSP
    2010.

    Parameters
    ----------
    y : (..., samples) sound at `sr` Hz, or
    onset_envelope : (..., frames)
    hop_length : samples from frame to frame
    win_length : frames of the window
    center : the window is centred on its frame, and the envelope runs out to 0 at both ends
    window : name, (name, parameter), number, function of the length, or values
    norm : of each frame, as :func:`heihachi.util.normalize`; None: none

    Returns
    -------
    float64 (..., win_length, frames): lag k is 60 * sr / (hop_length * k) BPM

    Raises
    ------
    ParameterError
        Neither `y` nor an envelope; a window length below 1, or, without `center`, above that of the envelope; values
        of a window of another length; another norm; NaN or infinity.
    ValueError
        With `center`: the envelope has no frames.
    """
    if win_length < 1:
        raise parameter_error(f"win_length={win_length} must be at least 1")
    shape = window_of(window, win_length)
    number = norm_number(norm)
    if number is None:
        raise parameter_error(f"norm={norm!r} is not known")
    padded = center and win_length > 1
    envelope = (frames_of if padded else envelope_of)(y, sr, onset_envelope, hop_length)
    frames = envelope.shape[-1]
    if padded and is_coarse(onset_envelope):
        envelope = pad_ends(np.asarray(onset_envelope), win_length, "linear_ramp").astype(np.float64)
        center = False
    keywords = {"hop_length": hop_length, "win_length": win_length, "center": bool(center), "window": shape, "norm": number}
    found = of_channels(lambda x: _core.tempogram_envelope(x, sr, **keywords), envelope)
    return found[..., :frames] if padded else found


def fourier_tempogram(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    hop_length=512,
    win_length=384,
    center=True,
    window="hann",
):
    """The Fourier transform of the onset strength in a window around each frame.

    P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram - a mid-level tempo representation for music signals", ICASSP
    2010.

    Parameters
    ----------
    As :func:`tempogram`.

    Returns
    -------
    complex (..., win_length // 2 + 1, frames): bin k is 60 * sr * k / (hop_length * win_length) BPM

    Raises
    ------
    ParameterError
        As :func:`tempogram`.
    """
    if win_length < 1:
        raise parameter_error(f"win_length={win_length} must be at least 1")
    shape = window_of(window, win_length)
    envelope = envelope_of(y, sr, narrowed(onset_envelope), hop_length)
    if envelope.size == 0:
        return stft(envelope, n_fft=win_length, hop_length=1, center=center, window=window)
    if center and win_length > envelope.shape[-1]:
        warnings.warn(f"n_fft={win_length} is too large for an envelope of {envelope.shape[-1]} frames", stacklevel=2)
    return _core.fourier_tempogram_envelope(
        envelope, sr, hop_length=hop_length, win_length=win_length, center=bool(center), window=shape
    )


def tempo(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    tg=None,
    hop_length=512,
    start_bpm=120,
    std_bpm=1.0,
    ac_size=8.0,
    max_tempo=320.0,
    aggregate=np.mean,
    prior=None,
):
    """The tempo: the lag at which the tempogram, together with what tempos are likely, is largest.

    D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007), section 3.2.

    Parameters
    ----------
    y : (..., samples) sound at `sr` Hz, or
    onset_envelope : (..., frames), or
    tg : (..., lags, frames) autocorrelation tempogram
    hop_length : samples from frame to frame
    start_bpm, std_bpm : centre (BPM) and width (octaves) of the log-normal distribution of tempos
    ac_size : seconds of the tempogram's window
    max_tempo : BPM; None: no limit
    aggregate : function of an array, `axis` and `keepdims`, of the tempogram over time; None: a tempo for each frame
    prior : distribution of tempos, with a method ``logpdf``, in place of the log-normal one

    Returns
    -------
    BPM, (..., 1), or (..., frames) for aggregate=None

    Raises
    ------
    ParameterError
        Nothing to go by; `start_bpm` not above 0; `ac_size` shorter than a frame; NaN or infinity.
    ValueError
        The envelope has no frames.
    """
    if start_bpm <= 0:
        raise parameter_error(f"start_bpm={start_bpm} must be above 0")
    kind = NO_AGGREGATE if aggregate is None else aggregate_kind(aggregate)
    params = {
        "hop_length": hop_length,
        "start_bpm": start_bpm,
        "std_bpm": std_bpm,
        "max_tempo": none_is_nan(max_tempo),
        "aggregate": kind,
    }
    if tg is None and not (hop_length > 0 and ac_size * sr >= hop_length):
        raise parameter_error(f"ac_size={ac_size} seconds have no frame of hop_length={hop_length} samples")
    lags = int(ac_size * sr) // hop_length if tg is None else tg.shape[-2]
    params["prior"] = lag_prior(prior, lags, sr, hop_length)
    if tg is None:
        if kind is not None and not is_coarse(onset_envelope):
            envelope = frames_of(y, sr, onset_envelope, hop_length)
            bpm = of_channels(lambda x: np.asarray(_core.tempo_envelope(x, sr, ac_size=ac_size, **params)), envelope)
            return bpm if aggregate is None else bpm[..., np.newaxis]
        tg = tempogram(y=y, sr=sr, onset_envelope=onset_envelope, hop_length=hop_length, win_length=lags)
    if aggregate is not None:
        tg = aggregate(tg, axis=-1, keepdims=True)
    return _core.tempo_tempogram(np.asarray(tg, dtype=np.float64), sr, **{**params, "aggregate": NO_AGGREGATE})


def tempogram_ratio(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    tg=None,
    bpm=None,
    hop_length=512,
    win_length=384,
    start_bpm=120,
    std_bpm=1.0,
    max_tempo=320.0,
    freqs=None,
    factors=None,
    aggregate=None,
    prior=None,
    center=True,
    window="hann",
    kind="linear",
    fill_value=0,
    norm=np.inf,
):
    """The tempogram at multiples of the tempo: how the rhythm divides the beat, whatever its tempo.

    G. Peeters, "Rhythm classification using spectral rhythm patterns", ISMIR 2005; M. Prockup, A. Ehmann, F. Gouyon, E.
    Schmidt and Y. Kim, "Modeling musical rhythm at scale with the music genome project", WASPAA 2015.

    Parameters
    ----------
    y : (..., samples) sound at `sr` Hz, or
    onset_envelope : (..., frames), or
    tg : (..., lags, frames) tempogram
    bpm : (..., frames) tempos, default :func:`tempo` of each frame
    hop_length, win_length, center, window, norm : of :func:`tempogram`
    start_bpm, std_bpm, max_tempo, prior : of :func:`tempo`
    freqs : BPM of each lag, (lags,), or of the shape of `tg`
    factors : multiples of the tempo, default 4, 8/3, 3, 2, 4/3, 3/2, 1, 2/3, 3/4, 1/2, 1/3, 3/8, 1/4
    aggregate : function of an array and an axis, over time; None: each frame
    kind : of interpolation: "linear", or what scipy.interpolate.interp1d knows
    fill_value : beyond the tempos of the tempogram

    Returns
    -------
    (..., factors, frames), or (..., factors) with `aggregate`

    Raises
    ------
    ParameterError
        As :func:`tempogram`; `freqs` does not fit the tempogram.
    ValueError
        `bpm` does not fit the tempogram; `factors` is no list.
    """
    if tg is None:
        tg = tempogram(
            y=y,
            sr=sr,
            onset_envelope=onset_envelope,
            hop_length=hop_length,
            win_length=win_length,
            center=center,
            window=window,
            norm=norm,
        )
    if freqs is None:
        freqs = tempo_frequencies(tg.shape[-2], sr=sr, hop_length=hop_length)
    if bpm is None:
        bpm = tempo(
            sr=sr,
            tg=tg,
            hop_length=hop_length,
            start_bpm=start_bpm,
            std_bpm=std_bpm,
            max_tempo=max_tempo,
            aggregate=None,
            prior=prior,
        )
    if factors is None:
        factors = [4, 8 / 3, 3, 2, 4 / 3, 3 / 2, 1, 2 / 3, 3 / 4, 1 / 2, 1 / 3, 3 / 8, 1 / 4]
    factors = np.asarray(factors)
    if factors.ndim != 1:
        raise ValueError(f"factors are a list, not of the shape {factors.shape}")
    if freqs.ndim == 1 and len(freqs) == tg.shape[-2]:
        if len(np.unique(freqs)) != len(freqs):
            _warn_of_repeats()
        ratios = _read_at(tg, freqs, bpm, factors, kind, fill_value)
    elif freqs.shape == tg.shape:
        ordered = np.sort(freqs, axis=-2)
        if (ordered[..., 1:, :] == ordered[..., :-1, :]).any():
            _warn_of_repeats()
        lead = np.broadcast_shapes(np.shape(bpm), tg.shape[:-2] + tg.shape[-1:])
        columns, places = (np.broadcast_to(x.swapaxes(-2, -1), lead + x.shape[-2:-1]) for x in (tg, freqs))
        parts = [
            _read_at(columns[at][:, np.newaxis], places[at], tempo_of_frame, factors, kind, fill_value)
            for at, tempo_of_frame in zip(np.ndindex(lead), np.broadcast_to(bpm, lead).flat)
        ]
        ratios = np.reshape(parts, (*lead, len(factors))).swapaxes(-2, -1)
    else:
        raise parameter_error(f"tempos of the shape {freqs.shape} do not fit a tempogram of {tg.shape}")
    ratios = np.nan_to_num(ratios, copy=False, nan=fill_value)
    return ratios if aggregate is None else aggregate(ratios, axis=-1)


def _warn_of_repeats():
    warnings.warn("a tempo stands for two lags: what is read between them may be wrong", stacklevel=3)


def _read_at(tg, freqs, bpm, factors, kind, fill_value):
    """The tempogram (..., lags, frames), whose lags stand for the tempos `freqs`, between them: at multiples of the
    tempos `bpm` of its frames, (..., factors, frames)."""
    shape = np.broadcast_shapes(np.shape(bpm), tg.shape[:-2] + tg.shape[-1:])
    tg, bpm = np.broadcast_to(tg, shape[:-1] + (tg.shape[-2], shape[-1])), np.broadcast_to(bpm, shape)
    if kind == "linear" and isinstance(fill_value, (int, float, np.number)) and tg.dtype in (np.float32, np.float64):
        return _core.tempogram_ratio(
            tg, np.array(bpm, dtype=np.float64).reshape(-1), frequencies=freqs, factors=factors, fill_value=fill_value
        )
    finite = np.isfinite(freqs)
    wanted = np.multiply.outer(bpm, factors)
    return _read_by_scipy(tg.swapaxes(-2, -1)[..., finite], freqs[finite], wanted, kind, fill_value).swapaxes(-2, -1)


def _read_by_scipy(values, freqs, wanted, kind, fill_value):
    """values[..., f], known at freqs[f], at wanted[..., h]: by the kinds that only SciPy has."""
    from scipy.interpolate import interp1d

    read = np.empty(wanted.shape, dtype=np.result_type(values, np.float64))
    for at in np.ndindex(values.shape[:-1]):
        read[at] = interp1d(freqs, values[at], bounds_error=False, kind=kind, fill_value=fill_value)(wanted[at])
    return read
