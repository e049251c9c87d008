"""The files of `report_samples` as other programs read them: JSON against
docs/result.schema.json, CSV, YAML, NPZ. And what `heihachi process` writes, against the schema.

    HEIHACHI_REPORT_SAMPLES=build/tests/report_samples HEIHACHI=build/heihachi \\
        pytest tests/test_schema.py
"""
import csv
import json
import os
import pathlib
import subprocess

import pytest

jsonschema = pytest.importorskip("jsonschema")

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("HEIHACHI_REPORT_SAMPLES", str(ROOT / "build/tests/report_samples"))
HEIHACHI = pathlib.Path(os.environ.get("HEIHACHI", ROOT / "build/heihachi")).resolve()
SCHEMA = json.loads((ROOT / "docs/result.schema.json").read_text())
TRACKS = ("track", "clip", "mix", "plain", "bare")


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    if not os.path.exists(PROGRAM):
        pytest.skip(f"{PROGRAM} is not built")
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([PROGRAM, str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    """The result of ten seconds of the bundled track, with everything that can be asked for."""
    if not HEIHACHI.exists():
        pytest.skip(f"{HEIHACHI} is not built")
    soundfile = pytest.importorskip("soundfile")
    folder = tmp_path_factory.mktemp("processed")
    sound, rate = soundfile.read(ROOT / "assets/demo.ogg", dtype="float32", frames=10 * 44100,
                                 start=4 * 44100)
    soundfile.write(folder / "clip.wav", sound, rate)
    subprocess.run([HEIHACHI, "process", "clip.wav", "--profile", "full", "--plots", "-o", "out"],
                   cwd=folder, check=True, capture_output=True)
    return json.loads((folder / "out/clip/result.json").read_text())


def load(samples, track):
    return json.loads((samples / track / "result.json").read_text())


def leaves(schema, path=""):
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part
        yield from leaves(part, f"{path}.{name}")
        yield from leaves(part.get("items", {}), f"{path}.{name}[]")


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_field_is_described_and_every_number_has_a_unit():
    for path, part in leaves(SCHEMA):
        assert part.get("description"), path
        if "number" in part.get("type", ()):
            assert part.get("unit"), path


def strict(part):
    """The schema without room for what it does not know."""
    if isinstance(part, dict):
        part = {k: strict(v) for k, v in part.items()}
        if "properties" in part:
            part["additionalProperties"] = False
    elif isinstance(part, list):
        part = [strict(v) for v in part]
    return part


@pytest.mark.parametrize("track", TRACKS)
def test_results_follow_the_schema(samples, track):
    jsonschema.Draft202012Validator(SCHEMA).validate(load(samples, track))


@pytest.mark.parametrize("track", TRACKS)
def test_results_hold_nothing_the_schema_does_not_know(samples, track):
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(load(samples, track))


def test_a_real_result_follows_the_schema_and_is_full(processed):
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(processed)
    assert processed["rhythm"]["tempo_bpm"] > 0 and processed["rhythm"]["beats_s"]
    assert set(processed["fingerprint"]["status"]) == {"ok"}
    groups = ("loudness", "rhythm", "harmony", "pitch", "spectral", "separation")
    unknown = [f"{group}.{name}" for group in groups for name, value in processed[group].items()
               if value is None]
    assert unknown == []


def test_schema_refuses_what_is_wrong(samples):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for group, name, value in (
        ("harmony", "key", "H minor"),
        ("rhythm", "tempo_confidence", 1.5),
        ("rhythm", "beats_s", "0.5"),
        ("fingerprint", "values", [0.0] * 24),
        ("input", "hash", "xyz"),
    ):
        result = load(samples, "track")
        assert validator.is_valid(result)
        result[group][name] = value
        assert not validator.is_valid(result), (group, name)
    result = load(samples, "track")
    del result["loudness"]
    assert not validator.is_valid(result)


@pytest.mark.parametrize("track", TRACKS)
def test_csv_agrees_with_json(samples, track):
    with open(samples / track / "result.csv", newline="", encoding="utf-8") as file:
        header, row = list(csv.reader(file))
    assert len(header) == len(row) == len(set(header))
    cells, result = dict(zip(header, row)), load(samples, track)
    for group in ("input", "loudness", "rhythm", "harmony", "pitch", "spectral", "separation"):
        for name, value in result[group].items():
            if isinstance(value, list) or f"{group}.{name}" not in cells:
                assert isinstance(value, list) or name.endswith("_s"), (group, name)
            elif isinstance(value, (int, float)):
                assert float(cells[f"{group}.{name}"]) == pytest.approx(value, rel=1e-11)
            else:
                assert cells[f"{group}.{name}"] == (value or "")
    fingerprint = result["fingerprint"]
    columns = [(h, c) for h, c in cells.items() if h.startswith("fingerprint.")]
    assert len(columns) == 25
    for i, (heading, cell) in enumerate(columns):
        if fingerprint is None:
            assert cell == ""
            continue
        unit = fingerprint["units"][i]
        assert heading == f"fingerprint.{fingerprint['names'][i]}" + (f" [{unit}]" if unit else "")
        assert float(cell) == fingerprint["values"][i]


@pytest.mark.parametrize("track", TRACKS)
def test_yaml_agrees_with_json(samples, track):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load((samples / track / "result.yaml").read_text()) == load(samples, track)


@pytest.mark.parametrize("track", TRACKS)
def test_npz_agrees_with_json(samples, track):
    numpy = pytest.importorskip("numpy")
    result = load(samples, track)
    with numpy.load(samples / track / "features.npz") as arrays:
        expected = set()
        for series in result["series"]:
            rows, columns = series["shape"]
            values, time = arrays[series["name"]], arrays[series["time"]]
            expected |= {series["name"], series["time"]}
            assert values.dtype == numpy.float32
            assert values.shape == ((rows,) if columns == 1 else (rows, columns))
            assert time.dtype == numpy.float64
            expected_time = series["start_s"] + series["hop_s"] * numpy.arange(rows)
            numpy.testing.assert_allclose(time, expected_time, rtol=1e-11)
        for name, value in (
            ("beats_s", result["rhythm"]["beats_s"]),
            ("onsets_s", result["rhythm"]["onsets_s"]),
            ("fingerprint", result["fingerprint"] and result["fingerprint"]["values"]),
        ):
            if value is not None:
                expected.add(name)
                numpy.testing.assert_allclose(arrays[name], numpy.array(value, float), rtol=1e-11)
        assert set(arrays.files) == expected
