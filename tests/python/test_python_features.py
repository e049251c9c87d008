"""Features of the spectrum, derivatives and memory against librosa: types, layouts, parameters, exceptions."""

import numpy as np
import pytest
from samples import DOUBLE, MAGNITUDE, NOISE, SOUNDS, SPECTRA, same

import heihachi

ROWS = np.random.default_rng(6)
SPECTRAL = (
    "melspectrogram mfcc spectral_centroid spectral_bandwidth spectral_rolloff spectral_flatness spectral_contrast "
    "poly_features rms"
).split()


@pytest.mark.parametrize("name", SPECTRAL)
@pytest.mark.parametrize("sound", SOUNDS)
def test_sounds(name, sound):
    same("feature." + name, y=SOUNDS[sound])


@pytest.mark.parametrize("name", SPECTRAL)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_spectra(name, spectrum):
    same("feature." + name, S=SPECTRA[spectrum])


@pytest.mark.parametrize("name", SPECTRAL[:-1])
@pytest.mark.parametrize(
    "transform",
    [
        {"n_fft": 1024},
        {"n_fft": 1023, "hop_length": 100},
        {"win_length": 800},
        {"window": ("kaiser", 4.0)},
        {"window": np.ones(2048)},
        {"center": False},
        {"pad_mode": "reflect"},
        {"pad_mode": "wrap"},
        {"hop_length": 0},
        {"hop_length": None},
        {"hop_length": 3.5},
        {"n_fft": None},
        {"win_length": 4000},
    ],
    ids=str,
)
def test_transforms(name, transform):
    same("feature." + name, y=NOISE, **transform)
    same("feature." + name, y=SOUNDS["stereo in double"], **transform)


FREQUENCIES = {
    "list for all frames": np.linspace(0, 9000, 1025),
    "in float": np.linspace(0, 9000, 1025, dtype=np.float32),
    "descending": np.linspace(9000, 0, 1025),
    "for each frame": np.cumsum(ROWS.random((1025, MAGNITUDE.shape[1])) * 20, axis=0),
    "one column": np.cumsum(ROWS.random((1025, 1)) * 20, axis=0),
    "too few": np.arange(5.0),
}


@pytest.mark.parametrize("name", ["spectral_centroid", "spectral_bandwidth", "spectral_rolloff", "spectral_contrast", "poly_features"])
@pytest.mark.parametrize("freq", FREQUENCIES)
def test_frequencies(name, freq):
    same("feature." + name, S=MAGNITUDE, freq=FREQUENCIES[freq])
    same("feature." + name, S=np.stack([DOUBLE, 2 * DOUBLE]), freq=FREQUENCIES[freq])
    same("feature." + name, y=NOISE, freq=FREQUENCIES[freq])


PARAMETERS = [
    ("spectral_bandwidth", {"p": 1}),
    ("spectral_bandwidth", {"p": 3.5, "norm": False}),
    ("spectral_bandwidth", {"p": 0}),
    ("spectral_bandwidth", {"centroid": np.full((1, MAGNITUDE.shape[1]), 900.0)}),
    ("spectral_rolloff", {"roll_percent": 0.1}),
    ("spectral_rolloff", {"roll_percent": 1}),
    ("spectral_flatness", {"amin": 1e-3, "power": 1}),
    ("spectral_flatness", {"amin": 1e-50}),
    ("spectral_flatness", {"amin": 0}),
    ("spectral_contrast", {"fmin": 100.0, "n_bands": 4, "quantile": 0.3}),
    ("spectral_contrast", {"linear": True}),
    ("spectral_contrast", {"n_bands": 0}),
    ("spectral_contrast", {"n_bands": 7}),
    ("spectral_contrast", {"quantile": 1}),
    ("spectral_contrast", {"fmin": 3.0}),
    ("melspectrogram", {"n_mels": 40, "fmin": 30.0, "fmax": 8000, "htk": True}),
    ("melspectrogram", {"norm": None}),
    ("melspectrogram", {"norm": 1}),
    ("melspectrogram", {"norm": "other"}),
    ("melspectrogram", {"dtype": np.float64}),
    ("melspectrogram", {"n_mels": 700}),
    ("melspectrogram", {"power": 1}),
    ("melspectrogram", {"other": 1}),
    ("mfcc", {"n_mfcc": 13, "lifter": 22}),
    ("mfcc", {"n_mfcc": 200}),
    ("mfcc", {"lifter": -1}),
    ("mfcc", {"dct_type": 1}),
    ("mfcc", {"dct_type": 3, "norm": None}),
    ("mfcc", {"dct_type": 4, "norm": "forward"}),
    ("mfcc", {"dct_type": 5}),
    ("mfcc", {"mel_norm": None, "n_mels": 40, "n_fft": 1024, "hop_length": 256}),
    ("mfcc", {"other": 1}),
    ("poly_features", {"order": 0}),
    ("poly_features", {"order": 4}),
    ("poly_features", {"order": -1}),
    ("rms", {"frame_length": 1023, "hop_length": 100}),
    ("rms", {"hop_length": 0}),
    ("rms", {"center": False}),
    ("rms", {"pad_mode": "wrap"}),
    ("rms", {"pad_mode": "mean"}),
    ("rms", {"pad_mode": "other"}),
    ("rms", {"dtype": np.float64}),
    ("rms", {"frame_length": 40000, "center": False}),
]


@pytest.mark.parametrize("name, parameters", PARAMETERS, ids=str)
def test_parameters(name, parameters):
    for y in (NOISE, SOUNDS["float64"], SOUNDS["stereo"][:, : NOISE.size]):
        same("feature." + name, y=y, **parameters)
    if "centroid" not in parameters and not {"n_mels", "other"} & set(parameters):
        same("feature." + name, S=MAGNITUDE, **parameters)
        same("feature." + name, S=DOUBLE, **parameters)


@pytest.mark.parametrize("sound", SOUNDS)
def test_zero_crossing_rate_of_sounds(sound):
    same("feature.zero_crossing_rate", SOUNDS[sound])


@pytest.mark.parametrize(
    "parameters",
    [
        {"frame_length": 1023, "hop_length": 100},
        {"center": False},
        {"hop_length": 0},
        {"threshold": 0.1},
        {"threshold": -1},
        {"pad": True, "zero_pos": False},
        {"ref_magnitude": 0.5, "threshold": 0.1},
        {"ref_magnitude": np.max, "threshold": 0.1},
        {"other": 1},
        {"frame_length": 40000, "center": False},
    ],
    ids=str,
)
def test_zero_crossing_rate(parameters):
    for y in (NOISE, SOUNDS["stereo in double"], np.round(NOISE)):
        same("feature.zero_crossing_rate", y, **parameters)


@pytest.mark.parametrize("norm", ["ortho", None, "backward", "forward", "other"])
def test_mfcc_of_one_band(norm):
    for kind in (1, 2, 3, 4):
        same("feature.mfcc", S=MAGNITUDE[:1], dct_type=kind, norm=norm)


def test_empty_mel_bands_warn():
    with pytest.warns(UserWarning):
        heihachi.feature.melspectrogram(y=NOISE, n_mels=700)
    with pytest.warns(UserWarning):
        heihachi.feature.mfcc(y=NOISE, n_mels=700)


TABLE = ROWS.standard_normal((12, 50)).astype(np.float32)
TABLES = {
    "float32": TABLE,
    "float64": TABLE.astype(np.float64),
    "frame by frame": np.ascontiguousarray(TABLE.T).T,
    "deep": np.stack([TABLE, 2 * TABLE]),
    "deep, turned": np.stack([TABLE, 2 * TABLE]).swapaxes(1, 2),
    "cut": TABLE[::2, ::-1],
    "integers": (TABLE * 10).astype(np.int64),
    "one row": TABLE[0],
    "a list": TABLE.tolist(),
    "not finite": np.where(TABLE > 2, np.nan, TABLE),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"width": 5, "axis": 0},
        {"width": 4},
        {"width": 51},
        {"width": 9.0},
        {"order": 2},
        {"order": 3, "width": 11},
        {"order": 0},
        {"mode": "nearest"},
        {"mode": "mirror"},
        {"mode": "constant", "cval": 3.0},
        {"mode": "wrap"},
        {"mode": "other"},
        {"polyorder": 3, "order": 2, "delta": 0.5},
        {"polyorder": 9},
        {"other": 1},
    ],
    ids=str,
)
def test_delta(table, parameters):
    if table == "not finite" and parameters.get("mode") == "constant":
        pytest.skip("NaN times a weight of 0 is NaN or 0 as the order of the sum has it")
    same("feature.delta", TABLES[table], **parameters)


OTHER_TABLES = {
    "short integers": (TABLE * 10).astype(np.int16),
    "complex": TABLE * (1 + 2j),
    "flags": TABLE > 0,
    "no rows": TABLE[:0],
    "no channels": np.zeros((0, 3, 4)),
}


@pytest.mark.parametrize("table", [*TABLES, *OTHER_TABLES])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n_steps": 5, "delay": 3},
        {"n_steps": 4, "delay": -7},
        {"n_steps": 4, "delay": 30},
        {"n_steps": 4, "delay": -30},
        {"n_steps": 0},
        {"delay": 0},
        {"mode": "edge", "delay": -2, "n_steps": 3},
        {"constant_values": [3]},
        {"constant_values": (1, 2), "delay": -1},
        {"mode": "wrap", "n_steps": 3},
        {"mode": "reflect", "n_steps": 3, "delay": 40},
        {"mode": "symmetric", "n_steps": 3, "delay": -40},
        {"mode": "mean"},
        {"mode": "other"},
        {"other": 1},
    ],
    ids=str,
)
def test_stack_memory(table, parameters):
    same("feature.stack_memory", {**TABLES, **OTHER_TABLES}[table], **parameters)


def test_poly_features_of_other_spectra():
    same("feature.poly_features", S=MAGNITUDE * (1 + 1j), freq=FREQUENCIES["for each frame"])
    same("feature.poly_features", S=(100 * MAGNITUDE).astype(int), order=2)
    same("feature.poly_features", S=MAGNITUDE, freq=np.zeros(1025))
    same("feature.poly_features", S=MAGNITUDE, freq=np.linspace(0, 1, 1025), order=12, slack=100)


@pytest.mark.parametrize("name", SPECTRAL)
def test_the_caller_keeps_the_array(name):
    for spectrum in (MAGNITUDE, DOUBLE):
        before = spectrum.copy()
        result = getattr(heihachi.feature, name)(S=spectrum)
        assert not np.shares_memory(result, spectrum) and np.array_equal(before, spectrum)
