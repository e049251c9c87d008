"""The examples run, on the bundled track, and print and write what they say."""

import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

heihachi = pytest.importorskip("heihachi")
soundfile = pytest.importorskip("soundfile")

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples/python"


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Two pieces of the track, one in a folder below, and a file that is none."""
    folder = tmp_path_factory.mktemp("music")
    (folder / "below").mkdir()
    sound, rate = soundfile.read(ROOT / "assets/demo.ogg", dtype="float32")
    soundfile.write(folder / "one.wav", sound[4 * rate : 12 * rate], rate)
    soundfile.write(folder / "below/two.flac", sound[20 * rate : 28 * rate], rate)
    (folder / "broken.mp3").write_text("not a sound\n" * 20)
    (folder / "notes.txt").write_text("left alone")
    return folder


def run(name, *arguments, cwd):
    # An empty MPLCONFIGDIR: matplotlib's cache goes there and not into a home folder.
    env = dict(os.environ, MPLCONFIGDIR=str(cwd))
    return subprocess.run([sys.executable, EXAMPLES / name, *map(str, arguments)], cwd=cwd, env=env, capture_output=True,
                          text=True, timeout=300, check=False)  # fmt: skip


def test_every_example_is_tested():
    text = pathlib.Path(__file__).read_text()
    assert all(f'run("{path.name}"' in text for path in EXAMPLES.glob("*.py"))


def test_a_folder_becomes_a_table(music, tmp_path):
    pytest.importorskip("pandas")
    done = run("folder_to_table.py", music, "--output", "tracks.csv", cwd=tmp_path)
    assert done.returncode == 1, done.stderr  # one is broken
    assert done.stderr.count("\n") == 1 and "broken.mp3" in done.stderr and "Traceback" not in done.stderr
    assert "2 of 3 tracks in tracks.csv" in done.stdout
    with open(tmp_path / "tracks.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["track"] for row in rows] == [str(pathlib.Path("below/two.flac")), "one.wav"]
    for row, path in zip(rows, (music / "below/two.flac", music / "one.wav")):
        result = heihachi.analyze(path)
        assert float(row["rhythm.tempo_bpm"]) == result["rhythm"]["tempo_bpm"]
        assert row["harmony.key"] == result["harmony"]["key"]
        assert float(row["fingerprint.loudness"]) == heihachi.fingerprint(result)["loudness"]


def test_a_folder_without_bad_files(music, tmp_path):
    pytest.importorskip("pandas")
    done = run("folder_to_table.py", music / "below", "--profile", "fast", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == "" and (tmp_path / "tracks.csv").exists()


def test_a_folder_without_music(tmp_path):
    pytest.importorskip("pandas")
    done = run("folder_to_table.py", tmp_path, cwd=tmp_path)
    assert done.returncode == 2 and "no music" in done.stderr


def test_a_batch_in_threads(music, tmp_path):
    done = run("batch_threads.py", music / "one.wav", music / "below/two.flac", "--threads", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and lines[0].startswith(str(music / "one.wav"))
    assert re.fullmatch(r"one by one [\d.]+ s, 2 threads [\d.]+ s: [\d.]+ times as fast", lines[2])


def test_a_track_is_plotted(music, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("librosa")
    shutil.copy(music / "one.wav", tmp_path / "track.wav")
    done = run("plot_track.py", "track.wav", "track.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    picture = (tmp_path / "track.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 20000
