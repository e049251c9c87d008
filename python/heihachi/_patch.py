"""Heihachi's functions in the place of librosa's, in a program that knows only librosa."""

import sys

# librosa's qualified names of what is replaced: all that is here under the same name and is a computation.
PATCHED = """
stft istft magphase power_to_db amplitude_to_db db_to_power db_to_amplitude griffinlim phase_vocoder
reassigned_spectrogram resample autocorrelate zero_crossings
yin pyin piptrack estimate_tuning pitch_tuning cqt vqt hybrid_cqt pseudo_cqt
effects.hpss effects.harmonic effects.percussive effects.time_stretch effects.pitch_shift effects.trim effects.split
effects.remix
decompose.hpss
feature.melspectrogram feature.mfcc feature.chroma_stft feature.chroma_cqt feature.chroma_cens feature.chroma_vqt
feature.spectral_centroid feature.spectral_bandwidth feature.spectral_rolloff feature.spectral_flatness
feature.spectral_contrast feature.rms feature.zero_crossing_rate feature.tonnetz feature.poly_features feature.delta
feature.stack_memory feature.tempogram feature.fourier_tempogram feature.tempogram_ratio feature.tempo
onset.onset_strength onset.onset_strength_multi onset.onset_detect onset.onset_backtrack beat.beat_track beat.plp
util.peak_pick util.localmax util.localmin util.softmask util.normalize util.sync
filters.mel filters.chroma filters.cq_to_chroma filters.window_sumsquare filters.wavelet filters.wavelet_lengths
""".split()

# (module, attribute, librosa's function) of each place that was changed.
_changed = []

# Private steps of librosa's functions that a program may have replaced, as librosa's own tests do: {name: (module, steps)}.
_STEPS = {"reassigned_spectrogram": ("librosa.core.spectrum", ("__reassign_frequencies", "__reassign_times"))}
# What they were when librosa was patched: {name: (librosa's function, {step: function})}.
_steps = {}


def _resolve(root, name):
    for part in name.split("."):
        root = getattr(root, part)
    return root


def patch_librosa():
    """Put Heihachi's functions in the place of librosa's, in librosa and in every module that has imported them.

    Call it after the program's imports. A name that is bound later, inside a function, is found too, as it comes from
    librosa's own modules; a function that was stored elsewhere (in a list, a partial, a class) is not replaced. Calling
    it twice does no harm. :func:`unpatch_librosa` takes it back.

    Raises
    ------
    ImportError
        librosa is not installed.
    """
    import librosa
    import librosa.beat
    import librosa.core
    import librosa.decompose
    import librosa.effects
    import librosa.feature
    import librosa.filters
    import librosa.onset
    import librosa.util

    import heihachi

    ours = {}
    for name in PATCHED:
        theirs = _resolve(librosa, name)
        if theirs.__module__.partition(".")[0] != "heihachi":
            # By identity: what else programs hold may not be hashable.
            ours[id(theirs)] = _resolve(heihachi, name)
            if name in _STEPS:
                module, steps = _STEPS[name]
                _steps[name] = theirs, {step: getattr(sys.modules[module], step) for step in steps}
    for module in list(sys.modules.values()):
        space = getattr(module, "__dict__", None)
        if space is None or getattr(module, "__name__", "").partition(".")[0] == "heihachi":
            continue
        for attribute, value in list(space.items()):
            mine = ours.get(id(value))
            if mine is not None:
                _changed.append((module, attribute, value))
                setattr(module, attribute, mine)


def unpatch_librosa():
    """Take :func:`patch_librosa` back: librosa's functions are in their places again."""
    _steps.clear()
    while _changed:
        module, attribute, theirs = _changed.pop()
        setattr(module, attribute, theirs)


def with_replaced_steps(name):
    """librosa's function of that name, if the program has replaced one of its private steps since librosa was patched and
    so expects them to be called; else None."""
    if name not in _steps:
        return None
    theirs, steps = _steps[name]
    module = sys.modules[_STEPS[name][0]]
    return theirs if any(getattr(module, step) is not function for step, function in steps.items()) else None


unpatch = unpatch_librosa
