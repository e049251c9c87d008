"""Whole tracks through Python: analyze, fingerprint, similarity. The oracle is the command `heihachi process` on the same
files (HEIHACHI names the program, default build/heihachi) and the definitions in docs/fingerprint.md."""

import concurrent.futures
import copy
import ctypes
import gc
import json
import math
import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

heihachi = pytest.importorskip("heihachi")
soundfile = pytest.importorskip("soundfile")

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("HEIHACHI", ROOT / "build/heihachi")).resolve()
SCHEMA = ROOT / "docs/result.schema.json"
RATE = 44100
ParameterError = heihachi.exceptions.ParameterError
DecodeError = heihachi.exceptions.DecodeError
Cancelled = heihachi.exceptions.Cancelled


def sound(seconds=6.0, seed=0, rate=RATE):
    """Two channels: clicks twice a second over a chord and a little noise."""
    n = np.arange(int(seconds * rate))
    generator = np.random.default_rng(seed)
    chord = sum(np.sin(2 * np.pi * f * n / rate) for f in (220.0 * 2 ** (seed % 12 / 12), 277.18, 329.63)) / 8
    clicks = np.exp(-(n % (rate // 2)) / 300.0) * generator.standard_normal(len(n)) / 3
    noise = generator.standard_normal((2, len(n))) / 200
    return (chord + clicks + noise).astype(np.float32)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    soundfile.write(folder / "track.wav", sound().T, RATE, subtype="FLOAT")
    soundfile.write(folder / "other.wav", sound(seed=5).T, RATE, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def full(place):
    return heihachi.analyze(place / "track.wav", features="full")


def without_file(result):
    """The part of a result that depends on the sound alone."""
    return {key: value for key, value in result.items() if key not in ("input", "run", "arrays", "images")}


def assert_same_arrays(a, b):
    assert set(a) == set(b)
    for name in a:
        assert a[name].dtype == b[name].dtype, name
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


# ---- what analyze returns


@pytest.mark.parametrize("features", ["fast", "default", "full", ["loudness"], ["pyin", "rhythm"]])
def test_the_result_follows_the_schema(place, features):
    jsonschema = pytest.importorskip("jsonschema")
    result = heihachi.analyze(place / "track.wav", features=features)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(result)


@pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built")
@pytest.mark.parametrize("profile", ["fast", "default", "full"])
def test_the_result_is_that_of_the_command(place, tmp_path, profile):
    command = [PROGRAM, "process", "track.wav", "--profile", profile, "-o", tmp_path]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    expected = json.loads((tmp_path / "track/result.json").read_text())
    result = heihachi.analyze(place / "track.wav", features=profile)
    assert without_file(result) == without_file(expected)
    assert {**result["input"], "path": "track.wav"} == expected["input"]
    with np.load(tmp_path / "track/features.npz") as arrays:
        assert_same_arrays(result["arrays"], dict(arrays))


def test_the_run_is_told(full):
    run = full["run"]
    assert run["seconds"] > 0 and run["threads"] == heihachi.get_num_threads()
    assert run["cpu_level"] == heihachi.cpu_level() and run["started"].endswith("Z")


def test_the_arrays_are_those_of_the_series(full):
    arrays = full["arrays"]
    for series in full["series"]:
        rows, columns = series["shape"]
        values, axis = arrays[series["name"]], arrays[series["time"]]
        assert values.dtype == np.float32 and values.shape == ((rows,) if columns == 1 else (rows, columns))
        assert values.flags.writeable and values.flags.c_contiguous
        np.testing.assert_allclose(axis, series["start_s"] + series["hop_s"] * np.arange(rows), rtol=1e-11)
    np.testing.assert_allclose(arrays["beats_s"], full["rhythm"]["beats_s"], rtol=1e-11)
    np.testing.assert_allclose(arrays["onsets_s"], full["rhythm"]["onsets_s"], rtol=1e-11)
    assert arrays["beats_s"].dtype == np.float64 and len(arrays["onsets_s"]) > 0


def test_the_arrays_outlive_the_result(place):
    result = heihachi.analyze(place / "track.wav", features="fast")
    kept = result["arrays"]["rms"]
    expected = kept.copy()
    del result
    heihachi.analyze(place / "other.wav", features="fast")
    np.testing.assert_array_equal(kept, expected)


def test_what_was_not_asked_for_is_none(place):
    result = heihachi.analyze(place / "track.wav", features=["loudness"])
    assert result["parameters"]["features"] == ["loudness"]
    assert result["rhythm"]["tempo_bpm"] is None and result["rhythm"]["beats_s"] is None
    assert result["fingerprint"] is None and result["harmony"]["key"] == "unknown"
    assert set(result["arrays"]) == {"loudness", "time_s"}
    assert result["loudness"]["integrated_lufs"] < 0


def test_silence_has_empty_lists():
    result = heihachi.analyze(np.zeros(RATE, np.float32), sr=RATE)
    assert result["rhythm"]["onsets_s"] == [] and result["arrays"]["onsets_s"].shape == (0,)
    assert result["loudness"]["integrated_lufs"] is None
    assert np.isnan(result["arrays"]["fingerprint"][heihachi.Fingerprint.names.index("loudness")])


def test_images(place):
    result = heihachi.analyze(place / "track.wav", features="fast", images=True)
    pictures = {image["name"]: image for image in result["images"]}
    assert {"spectrogram", "mel", "waveform"} <= set(pictures)
    waveform = pictures["waveform"]["values"]
    assert waveform.shape[0] == 2 and (waveform[0] <= waveform[1]).all()
    spectrogram = pictures["spectrogram"]
    rows, columns = spectrogram["values"].shape
    assert spectrogram["values"].dtype == np.float32 and spectrogram["unit"] == "dB"
    assert 0 < spectrogram["low"] < spectrogram["high"] <= RATE / 2
    assert columns * spectrogram["column_s"] == pytest.approx(6.0, abs=2 * spectrogram["column_s"] + 0.05)
    assert "images" not in heihachi.analyze(place / "track.wav", features="fast")


# ---- arrays


def test_an_array_gives_what_its_file_gives(place, full):
    result = heihachi.analyze(sound(), sr=RATE, features="full")
    assert without_file(result) == without_file(full)
    assert_same_arrays(result["arrays"], full["arrays"])
    assert result["input"]["path"] is None and result["input"]["hash"] is None
    assert (result["input"]["rate_hz"], result["input"]["channels"]) == (RATE, 2)


@pytest.mark.parametrize(
    "form",
    [
        lambda y: y.astype(np.float64),
        lambda y: np.asfortranarray(y),
        lambda y: np.repeat(y, 2, axis=1)[:, ::2],
        lambda y: y.reshape(2, 1, -1),
        lambda y: y.astype(">f4"),
    ],
)
def test_layout_and_type_do_not_matter(form):
    y = sound(2.0)
    expected = heihachi.analyze(y, sr=RATE, features="fast")
    given = form(y)
    before = given.copy()
    result = heihachi.analyze(given, sr=RATE, features="fast")
    np.testing.assert_array_equal(given, before)
    assert without_file(result) == without_file(expected)
    assert_same_arrays(result["arrays"], expected["arrays"])


def test_one_dimension_is_mono():
    y = sound(2.0)[0]
    one, two = (heihachi.analyze(x, sr=RATE, features="fast") for x in (y, y[None]))
    assert one["input"]["channels"] == 1 and without_file(one) == without_file(two)


def test_a_read_only_array_is_taken():
    y = sound(1.0)
    y.flags.writeable = False
    assert heihachi.analyze(y, sr=RATE, features="fast")["input"]["samples"] == RATE


def test_another_rate():
    y = sound(3.0, rate=22050)
    result = heihachi.analyze(y, sr=22050, features="fast")
    assert result["input"]["duration_s"] == 3.0 and result["parameters"]["rate_hz"] == 44100


# ---- errors


def test_a_missing_file_is_a_missing_file(tmp_path):
    for call in (heihachi.analyze, heihachi.fingerprint):
        with pytest.raises(FileNotFoundError) as caught:
            call(tmp_path / "not here.wav")
        assert caught.value.filename == str(tmp_path / "not here.wav") and caught.value.errno == 2
    with pytest.raises(FileNotFoundError):
        heihachi.fingerprint(tmp_path / "not here.json")
    with pytest.raises(IsADirectoryError):
        heihachi.analyze(tmp_path)
    with pytest.raises(NotADirectoryError):
        (tmp_path / "file").write_text("x")
        heihachi.analyze(tmp_path / "file" / "track.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file(tmp_path):
    (tmp_path / "track.wav").write_bytes(b"x")
    (tmp_path / "track.wav").chmod(0)
    with pytest.raises(PermissionError):
        heihachi.analyze(tmp_path / "track.wav")


def test_what_cannot_be_decoded_is_named(tmp_path):
    (tmp_path / "poem.wav").write_text("not a sound\n" * 100)
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 2), np.float32), RATE)
    soundfile.write(tmp_path / "nan.wav", np.full(RATE, np.nan, np.float32), RATE, subtype="FLOAT")
    for name in ("poem.wav", "empty.wav", "nan.wav"):
        with pytest.raises(DecodeError, match=name):
            heihachi.analyze(tmp_path / name)


def test_a_name_that_is_not_utf8(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff\xe9.wav"
    pathlib.Path(os.fsdecode(name)).write_text("not a sound")
    for path in (name, os.fsdecode(name)):
        with pytest.raises(DecodeError) as caught:
            heihachi.analyze(path)
        assert os.fsdecode(name) in str(caught.value)
    with pytest.raises(FileNotFoundError) as caught:
        heihachi.analyze(name + b"x")
    assert caught.value.filename == os.fsdecode(name + b"x")


@pytest.mark.parametrize(
    "source, options",
    [
        (sound(0.1), {}),
        (sound(0.1), {"sr": 0}),
        (sound(0.1), {"sr": float("nan")}),
        (sound(0.1), {"sr": 1000}),
        ((sound(0.1) * 1000).astype(np.int16), {"sr": RATE}),
        (sound(0.1).astype(np.complex64), {"sr": RATE}),
        (sound(0.1)[:, :0], {"sr": RATE}),
        (np.ones((), np.float32), {"sr": RATE}),
        (np.full(RATE, np.nan, np.float32), {"sr": RATE}),
        (np.full(RATE, 1e12, np.float32), {"sr": RATE}),
        (np.full(RATE, 1e60, np.float64), {"sr": RATE}),
        (sound(0.1), {"sr": RATE, "features": "rythm"}),
        (sound(0.1), {"sr": RATE, "features": []}),
        (sound(0.1), {"sr": RATE, "features": [1]}),
        ("track.wav", {"sr": RATE}),
    ],
)
def test_bad_arguments(source, options):
    with pytest.raises(ParameterError):
        heihachi.analyze(source, **options)


@pytest.mark.parametrize(
    "source, options, kind",
    [
        (None, {}, TypeError),
        ([0.0] * 100, {"sr": RATE}, TypeError),
        (3, {}, TypeError),
        (sound(0.1), {"sr": "fast"}, ValueError),
        (sound(0.1), {"sr": RATE, "progress": 3}, TypeError),
        ("a\0b", {}, ValueError),
    ],
)
def test_arguments_of_another_kind(source, options, kind):
    with pytest.raises(kind):
        heihachi.analyze(source, **options)


# ---- progress and cancellation


def test_progress_goes_up_to_the_end(place):
    calls = []
    heihachi.analyze(place / "track.wav", progress=lambda done, total: calls.append((done, total)))
    done = [call[0] for call in calls]
    assert done == sorted(set(done)) and done[-1] == 6.0
    assert all(total == 6.0 for _, total in calls)


def test_the_end_is_told_once():
    """Sound of one block, whose only call is the end; and of many."""
    for seconds in (0.5, 3.0, 40.0):
        calls = []
        heihachi.analyze(sound(seconds), sr=RATE, features="fast", progress=lambda *call: calls.append(call))
        assert calls[-1] == (seconds, seconds) and calls.count(calls[-1]) == 1


def test_progress_is_called_at_most_twenty_times_a_second():
    times = []
    started = time.monotonic()
    heihachi.analyze(sound(60.0), sr=RATE, features="fast", progress=lambda done, total: times.append(time.monotonic()))
    assert 2 <= len(times) <= 20 * (time.monotonic() - started) + 2
    assert min(np.diff(times[:-1]), default=1.0) > 0.045


def test_progress_is_called_in_the_calling_thread(place):
    seen = set()

    def work():
        heihachi.analyze(place / "track.wav", progress=lambda done, total: seen.add(threading.get_ident()))
        return threading.get_ident()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert seen == {pool.submit(work).result()} or not seen
    assert seen and threading.get_ident() not in seen


def test_false_cancels_and_other_answers_do_not(place):
    with pytest.raises(Cancelled):
        heihachi.analyze(place / "track.wav", progress=lambda done, total: False)
    for answer in (None, 0, "", True):
        assert heihachi.analyze(place / "track.wav", features="fast", progress=lambda *call: answer)


def test_an_exception_of_the_progress_function_comes_out(place, full):
    class Own(Exception):
        pass

    def stop(done, total):
        raise Own("here")

    with pytest.raises(Own, match="here"):
        heihachi.analyze(place / "track.wav", progress=stop)
    again = heihachi.analyze(place / "track.wav", features="full")
    assert without_file(again) == without_file(full)


def test_progress_may_analyse(place):
    inner = []

    def nested(done, total):
        if not inner:
            inner.append(heihachi.analyze(place / "other.wav", features="fast"))

    outer = heihachi.analyze(place / "track.wav", features="fast", progress=nested)
    assert without_file(inner[0]) == without_file(heihachi.analyze(place / "other.wav", features="fast"))
    assert without_file(outer) == without_file(heihachi.analyze(place / "track.wav", features="fast"))


def test_ctrl_c_ends_an_analysis():
    program = """
import os, signal, threading, numpy as np, heihachi
y = np.random.default_rng(0).standard_normal(44100 * 900).astype(np.float32) / 10
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    heihachi.analyze(y, sr=44100, features="full")
    print("went on")
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "interrupted\n", done.stderr


# ---- threads and memory


def test_threads_side_by_side_give_what_they_give_one_by_one(place):
    sources = [(sound(2.0, seed), RATE) for seed in range(3)]
    expected = [heihachi.analyze(y, sr=sr) for y, sr in sources]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(heihachi.analyze, y, sr=sr) for _ in range(4) for y, sr in sources]
        results = [call.result() for call in calls]
    for index, result in enumerate(results):
        assert without_file(result) == without_file(expected[index % 3])
        assert_same_arrays(result["arrays"], expected[index % 3]["arrays"])


def test_the_number_of_threads_does_not_matter(place, full):
    before = heihachi.get_num_threads()
    heihachi.set_num_threads(3)
    try:
        result = heihachi.analyze(place / "track.wav", features="full")
    finally:
        heihachi.set_num_threads(before)
    assert result["run"]["threads"] == 3 and result["run"]["cpu_seconds"] is None
    assert without_file(result) == without_file(full)
    assert_same_arrays(result["arrays"], full["arrays"])


def test_the_lock_is_not_held():
    """A thread that counts goes on counting while another analyses."""
    started, ended, counts = threading.Event(), threading.Event(), []

    def work():
        started.set()
        heihachi.analyze(sound(30.0), sr=RATE, features=["pyin"])
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    while not ended.wait(0.002):
        counts.append(time.monotonic())
    thread.join()
    assert len(counts) > 20 and max(np.diff(counts)) < (counts[-1] - counts[0]) / 2


def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class _Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks".split()]
    _fields_ += [("fordblks", ctypes.c_size_t), ("keepcost", ctypes.c_size_t)]


def allocated():
    """Bytes of malloc() in use, where glibc tells; fragmentation is no part of it."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return 0
    ask.restype = _Mallinfo2
    facts = ask()
    return facts.uordblks + facts.hblkhd


@pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="no /proc")
def test_nothing_leaks(tmp_path):
    y = sound(0.5)
    (tmp_path / "poem.wav").write_text("not a sound")
    other = heihachi.fingerprint(y[:1], sr=RATE)

    def stop(done, total):
        raise ValueError

    def once():
        result = heihachi.analyze(y, sr=RATE, features="full", images=True, progress=lambda *call: None)
        heihachi.similarity(result, other)
        heihachi.fit_normaliser([other] * 10)
        other.write(tmp_path / "other.json")
        heihachi.Fingerprint.read(tmp_path / "other.json")
        for source, options in ((y, {"sr": RATE, "progress": stop}), (y, {"sr": 0}), (tmp_path, {})):
            with pytest.raises((ValueError, ParameterError, OSError)):
                heihachi.analyze(source, **options)

    def all_of_them(times):
        for _ in range(times):
            once()
        for _ in range(times // 20):  # each starts ffmpeg
            with pytest.raises(DecodeError):
                heihachi.analyze(tmp_path / "poem.wav")
        gc.collect()
        return resident(), allocated(), sys.getallocatedblocks(), sys.getrefcount(y), sys.getrefcount(other.values)

    before = all_of_them(20)
    after = all_of_them(100)
    if "libasan" not in pathlib.Path("/proc/self/maps").read_text():  # which keeps what was freed
        assert after[0] - before[0] < 8e6  # 100 results are 17 MB
    assert after[1] - before[1] < 100e3
    assert after[2] - before[2] < 200
    assert after[3:] == before[3:]


# ---- fingerprints


def test_a_fingerprint_from_everywhere(place, full, tmp_path):
    fingerprint = heihachi.fingerprint(full)
    assert fingerprint == heihachi.fingerprint(place / "track.wav")
    assert fingerprint == heihachi.fingerprint(str(place / "track.wav"))
    assert fingerprint == heihachi.fingerprint(sound(), sr=RATE)
    assert heihachi.fingerprint(fingerprint) is fingerprint
    rounded = heihachi.fingerprint(full["fingerprint"])
    np.testing.assert_allclose(rounded.values, fingerprint.values, rtol=1e-11)
    assert fingerprint != heihachi.fingerprint(place / "other.wav")


def test_a_fingerprint_is_a_mapping(full):
    fingerprint = heihachi.fingerprint(full)
    assert len(fingerprint) == 25 and list(fingerprint) == full["fingerprint"]["names"]
    assert list(fingerprint.units) == full["fingerprint"]["units"]
    assert fingerprint.values.dtype == np.float64 and fingerprint.values.shape == (25,)
    assert fingerprint["loudness"] == fingerprint.values[7] == dict(fingerprint)["loudness"]
    assert set(fingerprint.status) == {"ok"} and fingerprint.version == full["fingerprint"]["version"]
    with pytest.raises(KeyError):
        fingerprint["nothing"]


def test_values_that_are_not_known_are_nan():
    fingerprint = heihachi.fingerprint(np.zeros(RATE, np.float32), sr=RATE)
    assert math.isnan(fingerprint["loudness"]) and "silent" in fingerprint.status
    tree = json.loads(json.dumps(fingerprint.to_dict(), allow_nan=False))
    assert tree["values"][7] is None
    assert heihachi.Fingerprint.from_dict(tree).status == fingerprint.status
    np.testing.assert_allclose(heihachi.Fingerprint.from_dict(tree).values, fingerprint.values)


def test_fingerprint_files(place, full, tmp_path):
    fingerprint = heihachi.fingerprint(full)
    fingerprint.write(tmp_path / "one.json")
    for read in (heihachi.Fingerprint.read, heihachi.fingerprint):
        back = read(tmp_path / "one.json")
        np.testing.assert_allclose(back.values, fingerprint.values, rtol=1e-11)
        assert (back.status, back.version) == (fingerprint.status, fingerprint.version)
        assert back.extras == pytest.approx(fingerprint.extras, rel=1e-11)
    tree = json.loads((tmp_path / "one.json").read_text())
    assert {"format": "heihachi-fingerprint", **fingerprint.to_dict()}.keys() == tree.keys()
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(DecodeError, match="bad.json"):
        heihachi.Fingerprint.read(tmp_path / "bad.json")
    with pytest.raises(OSError, match="nowhere"):
        fingerprint.write(tmp_path / "nowhere" / "one.json")


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree.pop("values"),
        lambda tree: tree.pop("version"),
        lambda tree: tree["values"].pop(),
        lambda tree: tree["status"].__setitem__(0, "good"),
        lambda tree: tree["names"].reverse(),
    ],
)
def test_what_is_no_fingerprint(full, change):
    tree = copy.deepcopy(full["fingerprint"])
    change(tree)
    with pytest.raises(ParameterError):
        heihachi.fingerprint(tree)


def test_an_analysis_without_the_fingerprint(place):
    with pytest.raises(ParameterError, match="features"):
        heihachi.fingerprint(heihachi.analyze(place / "track.wav", features="fast"))


# ---- similarity


def distance_by_definition(a, b, normaliser, weight):
    span = normaliser.high - normaliser.low
    x, y = (np.clip((f.values - normaliser.low) / span, 0, 1) for f in (a, b))
    return np.sqrt(np.sum(weight * (x - y) ** 2) / np.sum(weight))


def test_similarity_is_a_number_that_says_why(place, full):
    answer = heihachi.similarity(full, place / "other.wav")
    assert isinstance(answer, float) and 0.0 <= answer <= 1.0
    assert float(answer) == answer.similarity == pytest.approx(1.0 - answer.distance)
    assert sum(answer.contributions.values()) == pytest.approx(answer.distance**2)
    assert list(answer.contributions) == list(heihachi.Fingerprint.names) and answer.compared == 25
    assert answer == heihachi.similarity(place / "other.wav", heihachi.fingerprint(full))
    assert heihachi.similarity(full, full) == 1.0 and heihachi.similarity(full, full).distance == 0.0
    for again in (copy.copy(answer), pickle.loads(pickle.dumps(answer))):
        assert again == answer and again.contributions == answer.contributions


def test_weights_are_those_of_the_definition(place, full):
    a, b = heihachi.fingerprint(full), heihachi.fingerprint(place / "other.wav")
    typical = heihachi.Normaliser.typical()
    default = np.array([4, 6, 5, 6, 5, 4, 3, 10, 8, 5, 8, 4, 4, 2, 5, 4, 3, 4, 3, 2, 2, 2, 1, 2, 1]) / 100
    for name, factor in (
        ("default", 1.0),
        ("equal", 1.0 / default),
        ("frequency", np.where(np.arange(25) < 7, 2.0, 1.0)),
        ("dynamics", np.where((np.arange(25) >= 7) & (np.arange(25) < 10), 2.0, 1.0)),
    ):
        expected = distance_by_definition(a, b, typical, default * factor)
        assert heihachi.similarity(a, b, weights=name).distance == pytest.approx(expected, rel=1e-9), name
    with pytest.raises(ParameterError, match="weights"):
        heihachi.similarity(a, b, weights="loud")


def test_a_fitted_normaliser_is_percentiles(tmp_path):
    library = [heihachi.fingerprint(sound(1.0, seed), sr=RATE) for seed in range(12)]
    normaliser = heihachi.fit_normaliser(library)
    assert normaliser.count == 12
    values = np.array([f.values for f in library])
    known = ~np.isnan(values).any(axis=0)
    assert known.sum() > 15
    low, high = np.percentile(values[:, known], [5, 95], axis=0)
    np.testing.assert_allclose(normaliser.low[known], low, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(normaliser.high[known], high, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(normaliser.mean[known], values[:, known].mean(axis=0), rtol=1e-9, atol=1e-12)
    fitted = heihachi.similarity(library[0], library[1], normaliser=normaliser)
    assert fitted != heihachi.similarity(library[0], library[1])
    normaliser.write(tmp_path / "ranges.json")
    back = heihachi.Normaliser.read(tmp_path / "ranges.json")
    assert back.count == 12
    np.testing.assert_allclose(back.low, normaliser.low, rtol=1e-11)
    assert heihachi.similarity(library[0], library[1], normaliser=back) == pytest.approx(fitted)
    with pytest.raises(ParameterError, match="10"):
        heihachi.fit_normaliser(library[:9])
    with pytest.raises(FileNotFoundError):
        heihachi.Normaliser.read(tmp_path / "nothing.json")


def test_other_versions_are_not_compared(full):
    a = heihachi.fingerprint(full)
    b = heihachi.Fingerprint(a.values, a.status, a.version + 1)
    with pytest.raises(ParameterError, match="version"):
        heihachi.similarity(a, b)


@pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built")
def test_similarity_is_that_of_the_command(place):
    command = [PROGRAM, "compare-fingerprints", place / "track.wav", place / "other.wav", "--json"]
    expected = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    answer = heihachi.similarity(place / "track.wav", place / "other.wav")
    assert answer == pytest.approx(expected["similarity"], rel=1e-10)
    assert answer.distance == pytest.approx(expected["distance"], rel=1e-10)
    for value in expected["values"]:
        assert answer.contributions[value["name"]] == pytest.approx(value["contribution"], rel=1e-9, abs=1e-15)
