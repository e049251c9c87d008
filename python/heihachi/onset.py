"""Where something begins: onset strength and onsets."""

import numpy as np

from . import _core, _rounding, util
from ._arguments import audio, cast, is_positive_int, parameter_error

__all__ = ["onset_backtrack", "onset_detect", "onset_strength", "onset_strength_multi"]

# HhAggregate and HhUnits of include/heihachi/rhythm.h.
NO_AGGREGATE = 2
UNITS = {"frames": 0, "samples": 1, "time": 2}

# dB. Largest rises below it are so near to the rounding of the levels that this has to be librosa's.
_FAINT = 1.0

_PEAKS = {"pre_max", "post_max", "pre_avg", "post_avg", "delta", "wait"}


def aggregate_kind(aggregate):
    """HhAggregate of a function, or None if the C side does not have it."""
    if aggregate is np.mean:
        return 0
    return 1 if aggregate is np.median else None


def envelope_of(y, sr, onset_envelope, hop_length, aggregate=None):
    """The envelope that was given, floating, or the onset strength of the sound."""
    if onset_envelope is not None:
        envelope = np.asarray(onset_envelope)
        if envelope.dtype.kind == "c" or is_long(envelope):
            raise TypeError(f"an onset envelope of {envelope.dtype}: float32 or float64 is needed")
        if envelope.dtype == np.float16:
            return envelope.astype(np.float32)
        return envelope if envelope.dtype in (np.float32, np.float64) else envelope.astype(np.float64)
    if y is None:
        raise parameter_error("either y or onset_envelope is needed")
    return onset_strength(y=y, sr=sr, hop_length=hop_length, aggregate=aggregate)


def frames_of(y, sr, onset_envelope, hop_length, aggregate=None):
    """The same, which must have frames."""
    envelope = envelope_of(y, sr, onset_envelope, hop_length, aggregate)
    if envelope.shape[-1] == 0:
        raise ValueError(f"the onset envelope has no frames: shape {envelope.shape}")
    return envelope


def is_long(envelope):
    """In more than double precision."""
    return envelope.dtype.kind == "f" and envelope.dtype.itemsize > 8


def narrowed(onset_envelope):
    """Checked as sound is; of more than double precision librosa makes what it makes of float32."""
    if onset_envelope is None:
        return None
    envelope = audio(onset_envelope)
    return envelope.astype(np.float32) if is_long(envelope) else envelope


def is_coarse(onset_envelope):
    """Of integers, or in half precision: what librosa pads it with is rounded."""
    return onset_envelope is not None and np.asarray(onset_envelope).dtype not in (np.float32, np.float64)


def of_channels(function, envelope):
    """What a function makes of an envelope; of no channels an empty array, in the type and the shape of a channel."""
    if 0 not in envelope.shape[:-1]:
        return function(envelope)
    one = function(np.zeros(envelope.shape[-1:], envelope.dtype))
    return np.empty(envelope.shape[:-1] + one.shape, one.dtype)


def unit_kind(units):
    """HhUnits of one of librosa's names."""
    if units not in UNITS:
        raise parameter_error(f"units={units!r} is none of {', '.join(UNITS)}")
    return UNITS[units]


def onset_strength(
    *,
    y=None,
    sr=22050,
    S=None,
    lag=1,
    max_size=1,
    ref=None,
    detrend=False,
    center=True,
    feature=None,
    aggregate=None,
    **kwargs,
):
    """How much rises at each frame: the mean over bands of what the level is above that of `lag` frames before.

    S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013.

    Parameters
    ----------
    y : (..., samples) sound at `sr` Hz, or
    S : (..., bands, frames) spectrogram in dB
    lag : frames, at least 1
    max_size : bands of the maximum filter on the earlier frame, at least 1 (which is none)
    ref : spectrogram of the shape of `S` to take in place of the filtered one
    detrend : take the mean out with a first-order filter
    center : shift by n_fft // (2 * hop_length) frames, so that an onset stands where it is
    feature : function that makes a spectrogram of `y`, `sr`, `n_fft`, `hop_length` and `kwargs`; default
        melspectrogram with fmax=sr/2
    aggregate : function of an array and an axis, over bands, default numpy.mean
    kwargs : n_fft (2048), hop_length (512), and what `feature` takes

    Returns
    -------
    (..., frames), at least 0 unless `detrend`

    Raises
    ------
    ParameterError
        Neither `y` nor `S`, a lag or size below 1, a reference of another shape, aggregate=False.
    ValueError
        `y` has no channels.
    """
    if aggregate is False:
        raise parameter_error("onset strength over all bands needs a function to aggregate them: not False")
    return onset_strength_multi(
        y=y,
        sr=sr,
        S=S,
        lag=lag,
        max_size=max_size,
        ref=ref,
        detrend=detrend,
        center=center,
        feature=feature,
        aggregate=aggregate,
        channels=None,
        **kwargs,
    )[..., 0, :]


def onset_strength_multi(
    *,
    y=None,
    sr=22050,
    S=None,
    n_fft=2048,
    hop_length=512,
    lag=1,
    max_size=1,
    ref=None,
    detrend=False,
    center=True,
    feature=None,
    aggregate=None,
    channels=None,
    **kwargs,
):
    """:func:`onset_strength` of several groups of bands.

    Parameters
    ----------
    y, sr, S, lag, max_size, ref, detrend, center, feature, kwargs : as of :func:`onset_strength`
    n_fft, hop_length : of the spectrogram, in samples; for `S` they tell the shift by `center`
    aggregate : False keeps the bands
    channels : the groups, as slices or as the numbers of the bands between them; default one of all bands

    Returns
    -------
    (..., groups, frames), or (..., bands, frames) for aggregate=False

    Raises
    ------
    ParameterError
        As :func:`onset_strength`; `channels` holds neither slices nor integers only.
    """
    if not is_positive_int(lag):
        raise parameter_error(f"lag={lag} must be an integer above 0")
    if not is_positive_int(max_size):
        raise parameter_error(f"max_size={max_size} must be an integer above 0")
    if aggregate is None:
        aggregate = np.mean
    params = {"lag": lag, "max_size": max_size, "detrend": bool(detrend), "shift": bool(center)}
    faint = False
    if S is None:
        bands = {**kwargs, "n_fft": n_fft, "hop_length": hop_length}
        if ref is None and hop_length is not None and _is_mel(feature):
            strength = _strength_of_sound(y, sr, bands, channels, aggregate, params)
            faint = strength is not None and 0 < np.abs(strength).max(initial=0) < _FAINT
            if strength is not None and not faint:
                return strength
        S = _rounding.mel_levels(y, sr, **bands) if faint else _levels(y, sr, feature, n_fft, hop_length, kwargs)
    S = np.atleast_2d(S)
    groups = _groups(channels, aggregate, S.shape[-2])
    # The C side goes along frames that lie together; others are as quick, or quicker, in NumPy.
    quick = not faint and groups is not None and callable(aggregate) and (np.isfortran(S) or max_size > 1)
    if ref is not None and ref.shape != S.shape:
        raise parameter_error(f"the reference has the shape {ref.shape}, the spectrogram {S.shape}")
    if quick and S.dtype == np.float32 and S.size and (ref is None or ref.dtype == np.float32):
        # NaN and infinity, which the C side refuses, are carried on as librosa does.
        if np.isfinite(S).all() and (ref is None or np.isfinite(ref).all()):
            return _core.onset_strength_multi_from(S, ref, n_fft=n_fft, hop_length=hop_length, **params, **groups)
    if ref is None:
        ref = _maximum_filter(S, max_size)
    shift = n_fft // (2 * hop_length) if center else 0
    return _strength(S, ref, lag, int(shift), detrend, center, aggregate, channels)


def _is_mel(feature):
    if feature is None:
        return True
    from . import feature as features

    return feature is getattr(features, "melspectrogram", None)


def _groups(channels, aggregate, bands):
    """The keywords of the C side for an aggregate and the groups of bands that it is of; None if it does not have them."""
    kind = aggregate_kind(aggregate) if callable(aggregate) else NO_AGGREGATE
    if kind is None:
        return None
    if channels is None or kind == NO_AGGREGATE:
        return {"aggregate": kind}
    if not all(isinstance(item, (int, np.integer)) for item in channels):
        return None
    edges = util.fix_frames(channels, x_max=bands, pad=False)
    return {"aggregate": kind, "edges": edges} if len(edges) > 1 else None


def _strength_of_sound(y, sr, bands, channels, aggregate, params):
    """From what melspectrogram() makes with the arguments `bands`, by the C library; None where it cannot."""
    from .feature import _spectral

    request = _spectral.mel_request(sr, bands)
    if request is None:
        return None
    transform, keywords = request
    groups = _groups(channels, aggregate, keywords["n_mels"])
    if groups is None:
        return None
    strength = _spectral.ask("onset_strength_multi", y, None, transform, sr, **params, **keywords, **groups)
    return cast(strength, np.float64) if strength is not None and y.dtype == np.float64 else strength


def _levels(y, sr, feature, n_fft, hop_length, kwargs):
    """The spectrogram of `feature` in dB."""
    from . import feature as features
    from . import power_to_db

    if feature is None:
        feature = features.melspectrogram
        kwargs = {"fmax": 0.5 * sr, **kwargs}
    return power_to_db(np.abs(feature(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **kwargs)))


def _maximum_filter(S, size):
    """The largest of the `size` bands around each; the spectrogram goes on mirrored at its ends."""
    if size == 1:
        return S
    widths = [(0, 0)] * S.ndim
    widths[-2] = (size // 2, size - 1 - size // 2)
    out = np.pad(S, widths, mode="symmetric")
    width = 1  # of what each value is the maximum of
    while width < size:
        step = min(width, size - width)
        out = np.maximum(out[..., step:, :], out[..., :-step, :])
        width += step
    return out


def _strength(S, ref, lag, shift, detrend, center, aggregate, channels):
    """Any aggregate of any groups, in NumPy."""
    rise = S[..., lag:] - ref[..., :-lag]
    rise = np.maximum(rise, 0.0, out=rise if rise.dtype.kind == "f" else None)
    if callable(aggregate):
        if channels is None:
            rise = np.asarray(aggregate(rise, axis=-2), dtype=rise.dtype)[..., np.newaxis, :]
        else:
            rise = util.sync(rise, channels, aggregate=aggregate, pad=False, axis=-2)
    shape = (*rise.shape[:-1], rise.shape[-1] + lag + shift)
    out = np.empty(shape, dtype=rise.dtype, order="F" if np.isfortran(rise) else "C")
    out[..., : lag + shift] = 0
    out[..., lag + shift :] = rise
    if detrend:
        out = _core.onset_detrend(out) if out.size else out.astype(np.float64)
    return out[..., : S.shape[-1]] if center else out


def onset_detect(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    hop_length=512,
    backtrack=False,
    energy=None,
    units="frames",
    normalize=True,
    sparse=True,
    **kwargs,
):
    """Onsets: peaks of the onset strength.

    S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection methods", ISMIR 2012.

    Parameters
    ----------
    y : (samples,) sound at `sr` Hz, or
    onset_envelope : (..., frames)
    hop_length : samples from frame to frame
    backtrack : move each onset back to the minimum before it
    energy : (frames,) whose minima to move to, default the envelope
    units : "frames", "samples" or "time" (seconds)
    normalize : scale the envelope to [0, 1] first
    sparse : a list of onsets; else a flag for each frame, which allows leading axes
    kwargs : of :func:`heihachi.util.peak_pick`; defaults: 30 ms for pre_max and wait, 0 ms for post_max, 100 ms for
        pre_avg and post_avg (each post_ one frame more), delta 0.07

    Returns
    -------
    (onsets,), or bool of the shape of the envelope; none where nothing rises, or not all is finite

    Raises
    ------
    ParameterError
        Neither `y` nor an envelope; `backtrack` without `sparse`, or without any onset; another unit.
    ValueError
        With `normalize`: the envelope has no frames.
    TypeError
        The envelope is of integers, or complex.
    """
    unknown = kwargs.keys() - _PEAKS
    if unknown:
        raise TypeError(f"onset_detect() has no parameter {sorted(unknown)[0]!r}")
    envelope = envelope_of(y, sr, onset_envelope, hop_length)
    if normalize and onset_envelope is not None and envelope.size:
        _scale_first_frame(np.asarray(onset_envelope))
    rises = np.isfinite(envelope).all() and (np.ptp(envelope, axis=-1) if normalize else envelope).any()
    kind = unit_kind(units) if sparse else 0
    if not rises:
        # the other parameters are not looked at, as in librosa
        return np.array([], dtype=float if kind == 2 else int) if sparse else np.zeros(envelope.shape, dtype=bool)
    separate = backtrack and energy is not None
    if onset_envelope is not None and np.asarray(onset_envelope).dtype.kind != "f":
        raise TypeError("peaks are looked for in an onset envelope of float32 or float64")
    if sparse and envelope.ndim > 1:
        raise parameter_error(f"a list of onsets is of one envelope, not of the shape {envelope.shape}: sparse=False flags them")
    onsets = _core.onset_detect_envelope(
        envelope,
        sr,
        hop_length=hop_length,
        backtrack=bool(backtrack) and not separate,
        units=0 if separate else kind,
        normalize=bool(normalize),
        sparse=bool(sparse),
        **kwargs,
    )
    if not sparse:
        return onsets.reshape(envelope.shape)
    if backtrack and len(onsets) == 0:
        raise parameter_error("there is no onset to move back")
    if separate and len(onsets):
        onsets = onset_backtrack(onsets, energy)
        if kind:
            onsets = onsets * hop_length if kind == 1 else onsets * hop_length / float(sr)
    return onsets


def _scale_first_frame(envelope):
    """Raises what NumPy does for types that cannot be scaled in place."""
    frame = envelope[..., :1] - envelope[..., :1]
    frame /= 1.0


def onset_backtrack(events, energy):
    """Each event moved to the nearest minimum of `energy` at or before it; frame 0 counts as one.

    T. Jehan, "Creating music by listening", MIT 2005.

    Parameters
    ----------
    events : (events,) frames
    energy : (frames,) onset strength, RMS or the like

    Returns
    -------
    int (events,)

    Raises
    ------
    ParameterError
        There are no events, or one is negative.
    ValueError
        `events` has several axes.
    """
    events = np.asarray(events)
    if len(events) == 0:
        raise parameter_error("there are no events to move")
    if events.ndim > 1:
        raise ValueError(f"events are a list of frames, not of the shape {events.shape}")
    if events.min() < 0:
        raise parameter_error("an event lies before frame 0")
    falls = (energy[1:-1] <= energy[:-2]) & (energy[1:-1] < energy[2:])
    minima = util.fix_frames(1 + np.flatnonzero(falls), x_min=0)
    return minima[np.searchsorted(minima, events, side="right") - 1]
