"""Beats and the predominant pulse."""

import warnings

import numpy as np

from . import _core, _rounding, util
from ._arguments import none_is_nan, parameter_error
from .feature._rhythm import lag_prior, prior_table, tempo
from .onset import envelope_of, frames_of, is_coarse, narrowed, of_channels, onset_strength, unit_kind

__all__ = ["beat_track", "plp", "tempo"]

# Where rounding decides in some frames the envelope is gone through in NumPy; but not if these are less than one in 200 of a
# long one (more than 8 windows): then they seldom show, and the quick way is worth more.
_LONG, _FEW = 8, 1 / 200


def beat_track(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    hop_length=512,
    start_bpm=120.0,
    tightness=100,
    trim=True,
    bpm=None,
    prior=None,
    units="frames",
    sparse=True,
):
    """Tempo and beats: the path through the onset strength that has strong frames and an even pace.

    D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007).

    Parameters
    ----------
    y : (samples,) sound at `sr` Hz, or
    onset_envelope : (..., frames)
    hop_length : samples from frame to frame
    start_bpm : BPM, centre of what tempos are likely
    tightness : weight of the even pace, above 0
    trim : drop weak beats at both ends
    bpm : the tempo if it is known: a number, or an array of one for each channel or for each frame
    prior : distribution of tempos, with a method ``logpdf``, in place of that around `start_bpm`
    units : of beats: "frames", "samples" or "time" (seconds)
    sparse : a list of beats; else a flag for each frame, which allows leading axes

    Returns
    -------
    tempo : BPM, (..., 1); `bpm` if it was given; 0 where there is no onset strength at all
    beats : (beats,), or bool of the shape of the envelope

    Raises
    ------
    ParameterError
        Neither `y` nor an envelope; leading axes with `sparse`; tightness or a tempo not above 0; tempos that do not
        fit the envelope; another unit.
    """
    envelope = envelope_of(y, sr, onset_envelope, hop_length, aggregate=np.median)
    if sparse and envelope.ndim != 1:
        raise parameter_error(f"a list of beats is of one axis, not of {envelope.ndim}: mix down, or set sparse=False")
    if not envelope.any():
        if sparse:
            return 0.0, np.array([], dtype=int)
        return np.zeros(envelope.shape[:-1]), np.zeros_like(envelope, dtype=bool)
    if bpm is None and is_coarse(onset_envelope):
        bpm = tempo(onset_envelope=onset_envelope, sr=sr, hop_length=hop_length, start_bpm=start_bpm, prior=prior)
    if bpm is None:
        tempos = {"start_bpm": start_bpm, "prior": lag_prior(prior, _lags(sr, hop_length), sr, hop_length)}
    else:
        tempos = {"bpm": _tempos(bpm, envelope.shape)}
    found, beats = _core.beat_track_envelope(
        envelope,
        sr,
        hop_length=hop_length,
        tightness=tightness,
        trim=bool(trim),
        units=unit_kind(units) if sparse else 0,
        sparse=bool(sparse),
        **tempos,
    )
    if bpm is None:
        bpm = found[..., np.newaxis]
    elif isinstance(bpm, np.ndarray):
        bpm = bpm.copy()
    return bpm, beats if sparse else beats.reshape(envelope.shape)


def _lags(sr, hop_length):
    """Frames of the window of 8 s in which the tempo is looked for."""
    return int(8.0 * sr) // hop_length


def _tempos(bpm, shape):
    """A tempo for each channel, or for each frame, of an envelope of this shape."""
    bpm = np.atleast_1d(bpm)
    bpm = util.expand_to(bpm, ndim=len(shape), axes=range(bpm.ndim))
    if (bpm <= 0).any():
        raise parameter_error(f"bpm={bpm} must be above 0")
    if bpm.shape[-1] not in (1, shape[-1]):
        raise parameter_error(f"tempos of the shape {bpm.shape} do not fit an envelope of {shape}")
    return np.broadcast_to(bpm, (*shape[:-1], bpm.shape[-1])).reshape(-1)


def plp(
    *,
    y=None,
    sr=22050,
    onset_envelope=None,
    hop_length=512,
    win_length=384,
    tempo_min=30,
    tempo_max=300,
    prior=None,
):
    """The predominant local pulse: of the Fourier tempogram of each frame the strongest component, as a sinusoid,
    overlapped and added; its positive half.

    Where rounding picks the component, as around a lone onset, whose components are all as strong, the envelope is gone
    through in NumPy, with librosa's roundings and as slow as librosa; but not for a few such frames of a long one.

    P. Grosche and M. Mueller, "Extracting predominant local pulse information from music recordings", IEEE TASLP 19
    (2011).

    Parameters
    ----------
    y : (..., samples) sound at `sr` Hz, or
    onset_envelope : (..., frames)
    hop_length : samples from frame to frame
    win_length : frames of the tempogram's window
    tempo_min, tempo_max : BPM between which a pulse is looked for; None: no limit
    prior : distribution of tempos, with a method ``logpdf``; default all alike

    Returns
    -------
    (..., frames), in [0, 1]

    Raises
    ------
    ParameterError
        Neither `y` nor an envelope, or not of floats; tempo_max not above tempo_min; NaN or infinity.
    ValueError
        The envelope has no frames.
    """
    onset_envelope = narrowed(onset_envelope)
    envelope = frames_of(y, sr, onset_envelope, hop_length, aggregate=np.median)
    if tempo_min is not None and tempo_max is not None and tempo_max <= tempo_min:
        raise parameter_error(f"tempo_max={tempo_max} must be above tempo_min={tempo_min}")
    if win_length < 1:
        raise parameter_error(f"win_length={win_length} must be at least 1")
    if win_length > envelope.shape[-1]:
        warnings.warn(f"n_fft={win_length} is too large for an envelope of {envelope.shape[-1]} frames", stacklevel=2)
    bins = np.arange(1 + win_length // 2) * (sr * 60.0 / hop_length / win_length)
    keywords = {
        "hop_length": hop_length,
        "win_length": win_length,
        "tempo_min": none_is_nan(tempo_min),
        "tempo_max": none_is_nan(tempo_max),
        "prior": prior_table(prior, bins),
    }

    def of(x):
        pulse, undecided = _core.plp_envelope(x, sr, **keywords)
        frames = x.shape[-1]
        # With 0 BPM among the tempos that is the strongest, and in phase; a frame where it is not outweighs all others.
        seldom_shows = frames > _LONG * win_length and tempo_min is not None and tempo_min > 0
        if undecided.max() <= (_FEW * frames if seldom_shows else 0):
            return pulse
        rounded = onset_envelope
        if rounded is None:
            levels = _rounding.mel_levels(y, sr, hop_length=hop_length)
            rounded = onset_strength(S=levels, sr=sr, hop_length=hop_length, aggregate=np.median)
        return _rounding.pulse(rounded, sr, hop_length, win_length, tempo_min, tempo_max, prior)

    return of_channels(of, envelope)
