"""patch_librosa(): librosa's names, wherever they were imported to, are ours; and back."""

import inspect
import sys
import types

import librosa
import librosa.beat
import librosa.core
import librosa.core.spectrum
import librosa.feature
import librosa.filters
import librosa.onset
import librosa.util
import numpy as np
import pytest
from calls import Inputs, arguments_of, resolve

import heihachi
from heihachi._patch import PATCHED


# What stands in the signature as a number, and what becomes of None in its place: librosa's layers below decide.
DECIDED_BELOW = {
    ("zero_crossings", "zero_pos"),  # a TypeError of numba's
    ("beat.beat_track", "trim"),  # the same
    ("hybrid_cqt", "n_bins"),  # a ParameterError from a later step
    ("hybrid_cqt", "hop_length"),
    ("pseudo_cqt", "n_bins"),
    ("pseudo_cqt", "hop_length"),  # counts as n_fft / 4
    ("feature.mfcc", "dct_type"),  # SciPy's TypeError
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PATCHED)
def test_none_is_no_number(name):
    theirs, ours = resolve(librosa, name), resolve(heihachi, name)
    args, kwargs = arguments_of(name, Inputs(np.random.default_rng(0).standard_normal(9000), 22050, "f4"))

    def outcome(function, keywords):
        try:
            function(*args, **keywords)
        except Exception as error:
            return type(error)
        return None

    for parameter in inspect.signature(theirs).parameters.values():
        if not isinstance(parameter.default, (int, float)) or (name, parameter.name) in DECIDED_BELOW:
            continue
        expected, found = (outcome(f, {**kwargs, parameter.name: None}) for f in (theirs, ours))
        if expected is None or found is None:
            assert expected is found, (parameter.name, expected, found)
        elif not expected.__module__.startswith("numba"):
            assert issubclass(found, expected), (parameter.name, expected, found)


@pytest.fixture
def patched():
    heihachi.patch_librosa()
    yield
    heihachi.unpatch_librosa()


@pytest.mark.parametrize("name", PATCHED)
def test_each_name_is_ours_while_patched_and_librosas_after(name):
    theirs = resolve(librosa, name)
    assert theirs.__module__.startswith("librosa")
    heihachi.patch_librosa()
    try:
        assert resolve(librosa, name) is resolve(heihachi, name)
    finally:
        heihachi.unpatch_librosa()
    assert resolve(librosa, name) is theirs


def test_names_that_modules_have_imported_are_replaced():
    program = types.ModuleType("some_program")
    exec("from librosa import stft as transform\nfrom librosa.feature import mfcc", program.__dict__)
    sys.modules[program.__name__] = program
    theirs = program.transform
    try:
        heihachi.patch_librosa()
        assert program.transform is heihachi.stft and program.mfcc is heihachi.feature.mfcc
        assert librosa.core.spectrum.stft is heihachi.stft
        heihachi.unpatch()
        assert program.transform is theirs
    finally:
        heihachi.unpatch_librosa()
        del sys.modules[program.__name__]


def test_patching_twice_is_undone_at_once():
    theirs = librosa.stft
    heihachi.patch_librosa()
    heihachi.patch_librosa()
    heihachi.unpatch_librosa()
    assert librosa.stft is theirs


def test_librosas_own_code_runs_on_ours(patched):
    y = np.random.default_rng(0).standard_normal(22050).astype("f4")
    assert librosa.feature.mfcc(y=y, sr=22050).shape == (20, 44)
    with pytest.raises(librosa.ParameterError):
        librosa.stft(y * np.nan)


def test_our_parameter_error_is_librosas():
    assert heihachi.ParameterError is librosa.ParameterError
