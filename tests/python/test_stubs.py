"""The type stubs: they say what the package is at run time, and a type checker takes from them what it should."""

import ast
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

heihachi = pytest.importorskip("heihachi")
pytest.importorskip("mypy")

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = [pathlib.Path(heihachi.__file__).parent, pathlib.Path(heihachi.__file__).parents[1] / "auralis_dsp"]

RIGHT = '''
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

import heihachi
from auralis_dsp import chroma_cqt, hpss, yin
from heihachi import feature, onset, util

Sound = NDArray[np.floating[Any]]


def beats_of(path: Path) -> NDArray[np.float64]:
    y, sr = heihachi.load(path, sr=None, mono=False, duration=30.0)
    mono = heihachi.to_mono(y)
    assert_type(mono, Sound)
    tempo, beats = heihachi.beat.beat_track(y=mono, sr=sr, units="time")
    print(f"{tempo[0]:.1f} BPM")
    return beats


def features_of(y: NDArray[np.float32], sr: int) -> list[Sound]:
    D = heihachi.stft(y, n_fft=4096, window=("kaiser", 4.0), pad_mode=np.pad)
    magnitude, phase = heihachi.magphase(D)
    f0, voiced, probability = heihachi.pyin(y, fmin=heihachi.note_to_hz("C2"), fmax=2000, sr=sr)
    assert_type(voiced, NDArray[np.bool_])
    mel = feature.melspectrogram(S=magnitude**2, sr=sr, n_mels=64, fmax=8000, norm=None)
    return [
        heihachi.power_to_db(mel, ref=np.max),
        feature.mfcc(y=y, sr=sr, n_mfcc=13, n_mels=64),
        feature.chroma_cqt(y=y, sr=sr, norm=None),
        chroma_cqt(y=y, sr=sr),
        util.sync(mel, onset.onset_detect(y=y, sr=sr), aggregate=np.median),
        f0[voiced],
    ]


def kinds(y: NDArray[np.float32], peaks: NDArray[np.float64]) -> None:
    # what keeps the type
    assert_type(heihachi.resample(y, orig_sr=44100, target_sr=22050), NDArray[np.float32])
    assert_type(heihachi.effects.time_stretch(y, rate=2, n_fft=1024), NDArray[np.float32])
    assert_type(heihachi.effects.hpss(y, margin=(1.0, 5.0)), tuple[NDArray[np.float32], NDArray[np.float32]])
    assert_type(hpss(y), tuple[NDArray[np.float32], NDArray[np.float32]])
    assert_type(util.normalize(y, norm=2, axis=None), NDArray[np.float32])
    # what hangs on a flag
    assert_type(onset.onset_detect(y=y, delta=0.1), NDArray[np.int_])
    assert_type(onset.onset_detect(y=y, units="time"), NDArray[np.float64])
    assert_type(onset.onset_detect(y=y, sparse=False), NDArray[np.bool_])
    assert_type(util.axis_sort(peaks), NDArray[np.float64])
    assert_type(util.axis_sort(peaks, index=True), tuple[NDArray[np.float64], NDArray[np.intp]])
    # numbers for numbers, arrays for arrays
    assert_type(heihachi.note_to_midi("A4"), int)
    assert_type(heihachi.note_to_midi(["A4", "C5"]), NDArray[np.int_])
    assert_type(heihachi.midi_to_note(69.2, cents=True), str)
    assert_type(heihachi.hz_to_note(peaks, unicode=False), NDArray[np.str_])
    assert_type(heihachi.yin(y, fmin=50, fmax=500), NDArray[np.float64])
    assert_type(yin(y), NDArray[np.float64])


def compare(paths: list[str]) -> float:
    heihachi.set_num_threads(1)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(heihachi.analyze, paths))
    prints = [heihachi.fingerprint(result) for result in results]
    alike = heihachi.similarity(prints[0], paths[1], weights="equal")
    assert_type(prints[0]["loudness"], float)
    assert_type(prints[0].values, NDArray[np.float64])
    return max(alike, alike.distance, sum(alike.contributions.values()))


def careful(y: NDArray[np.float64]) -> None:
    try:
        heihachi.analyze(y, sr=48000, features=["rhythm", "mfcc"], progress=lambda done, total: done < 10)
    except (heihachi.ParameterError, heihachi.exceptions.Cancelled) as error:
        print(error)
    except heihachi.exceptions.DecodeError as error:
        print(error.errno)
'''

WRONG = [
    ("heihachi.stft([0.0, 1.0])", "arg-type"),
    ("heihachi.stft(integers)", "arg-type"),
    ("heihachi.stft(y, 1024)", "call-arg"),
    ("heihachi.stft(y, n_ftt=1024)", "call-arg"),
    ('heihachi.stft(y, pad_mode="wrap")', "arg-type"),
    ("heihachi.yin(y, fmin=50)", "call-arg"),
    ('heihachi.feature.chroma_cqt(y=y, cqt_mode="half")', "arg-type"),
    ('heihachi.feature.melspectrogram(y=y, mels=3)', "call-arg"),
    ("heihachi.feature.mfcc(y=y, dct_type=5)", "arg-type"),
    ('heihachi.onset.onset_detect(y=y, units="beats")', "call-overload"),
    ("heihachi.effects.hpss(y)[2]", "misc"),
    ("heihachi.analyze(y)", "call-overload"),
    ('heihachi.analyze("track.wav", sr=44100)', "call-overload"),
    ('heihachi.analyze("track.wav", features="everything")', "arg-type"),
    ("heihachi.set_num_threads(1.5)", "arg-type"),
    ("heihachi.stift(y)", "attr-defined"),
    ("heihachi.fingerprint(y, sr=44100).values()", "operator"),
]


def results_in_stub(function):
    """The annotations of what a function returns: one, or one for each overload."""
    stub = pathlib.Path(sys.modules[function.__module__].__file__).with_suffix(".pyi")
    nodes = ast.parse(stub.read_text()).body
    return [node.returns for node in nodes if isinstance(node, ast.FunctionDef) and node.name == function.__name__]


def is_of(value, annotation):
    """Whether a result is of the type that an annotation of the stubs says."""
    text = ast.unparse(annotation)
    aliases = {"_Real": "NDArray[np.floating[Any]]", "_Complex": "NDArray[np.complexfloating[Any, Any]]"}
    if text in aliases:
        return is_of(value, ast.parse(aliases[text]).body[0].value)
    if text.startswith("tuple["):
        parts = annotation.slice.elts
        return isinstance(value, tuple) and len(value) == len(parts) and all(map(is_of, value, parts))
    if text.startswith("NDArray["):
        kind = text[len("NDArray[") : -1].partition("[")[0]
        return isinstance(value, np.ndarray) and (
            not kind.startswith("np.") or np.issubdtype(value.dtype, getattr(np, kind[3:]))
        )
    return isinstance(value, {"float": float, "_Tempo": np.ndarray, "np.floating[Any]": np.floating}[text])


def mypy(folder, *arguments):
    done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", "cache", "--hide-error-context", *arguments],
                          cwd=folder, env=dict(os.environ, MYPYPATH=""), capture_output=True, text=True, timeout=300,
                          check=False)  # fmt: skip
    assert done.returncode in (0, 1) and not done.stderr, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One for all tests: the second run of mypy finds the cache of the first."""
    return tmp_path_factory.mktemp("stubs")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_the_stubs_are_installed(package):
    assert (package / "py.typed").exists()
    for module in package.rglob("*.py"):
        assert module.with_suffix(".pyi").exists(), module


def test_the_stubs_tell_what_is_there(folder):
    # The C side's rows come and go, all of one signature, and only the package calls them.
    (folder / "allowed").write_text("heihachi\\._core\\..*\n")
    options = ["--allowlist", "allowed", "--ignore-unused-allowlist", "--concise"]
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "heihachi", "auralis_dsp", *options], cwd=folder,
                          capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_are_what_the_stubs_say(dtype):
    pytest.importorskip("librosa")
    from calls import Inputs, arguments_of, resolve
    from heihachi._patch import PATCHED

    rate = 22050
    n = np.arange(4 * rate)
    clicks = np.random.default_rng(5).standard_normal(len(n)) * np.exp(-(n % (rate // 2)) / 300.0)
    inputs = Inputs(0.3 * np.sin(2 * np.pi * 330 * n / rate) + 0.3 * clicks, rate, dtype)
    for name in PATCHED:
        arguments, options = arguments_of(name, inputs)
        function = resolve(heihachi, name)
        result = function(*arguments, **options)
        annotations = results_in_stub(function)
        assert annotations and any(is_of(result, each) for each in annotations), (name, result)


def test_a_right_program_passes(folder):
    (folder / "right.py").write_text(RIGHT)
    out = mypy(folder, "--strict", "right.py")
    assert out.startswith("Success"), out


def test_each_mistake_is_found(folder):
    head = ["import heihachi", "import numpy as np", "y = np.zeros(4096, dtype=np.float32)",
            "integers = np.zeros(4096, dtype=np.int16)"]  # fmt: skip
    (folder / "wrong.py").write_text("\n".join(head + [line for line, _ in WRONG]) + "\n")
    out = [line for line in mypy(folder, "--strict", "wrong.py").splitlines() if ": error: " in line]
    found = {int(line.split(":")[1]) - len(head) - 1: line.rpartition("[")[2].rstrip("]") for line in out}
    assert found == {i: code for i, (_, code) in enumerate(WRONG)}, "\n".join(out)


def test_the_examples_pass(folder):
    examples = sorted(str(path) for path in (ROOT / "examples/python").glob("*.py"))
    assert examples
    out = mypy(folder, "--check-untyped-defs", "--ignore-missing-imports", *examples)
    ours = [line for line in out.splitlines() if ": error: " in line and "import-untyped" not in line]
    assert not ours, out
