"""docs/python.md and the README's lines of Python: the code runs, in the order of the page, and what is named exists."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

heihachi = pytest.importorskip("heihachi")
soundfile = pytest.importorskip("soundfile")

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE, README = ROOT / "docs/python.md", ROOT / "README.md"


def code_of(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the pages speak of."""
    folder = tmp_path_factory.mktemp("docs")
    sound, rate = soundfile.read(ROOT / "assets/demo.ogg", dtype="float32")
    for name, start in (("track.flac", 4), ("a.flac", 4), ("b.flac", 20)):
        soundfile.write(folder / name, sound[start * rate : (start + 6) * rate], rate)
    (folder / "poem.txt").write_text("not a sound\n" * 20)
    return folder


@pytest.mark.parametrize("page, least", [(PAGE, 9), (README, 1)], ids=["python.md", "README.md"])
def test_the_code_runs(page, least, place):
    pytest.importorskip("librosa")
    code = code_of(page)
    assert len(code) >= least
    done = subprocess.run([sys.executable, "-W", "error::SyntaxWarning", "-c", "\n".join(code)], cwd=place,
                          env=dict(os.environ), capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_names_exist():
    names = set(re.findall(r"`(heihachi(?:\.\w+)+)", PAGE.read_text())) - {"heihachi.display"}
    assert len(names) >= 8
    for name in names:
        thing = heihachi
        for part in name.split(".")[1:]:
            thing = getattr(thing, part)
    top = re.search(r"^\| `heihachi` \| (.*?) \|$", PAGE.read_text(), re.M).group(1)
    for name in re.findall(r"`(\w+)`", top):
        assert callable(getattr(heihachi, name)), name


def test_every_public_name_of_the_analysis_is_told():
    from heihachi import _engine

    text = PAGE.read_text()
    assert [name for name in _engine.__all__ if name.lower() not in text.lower()] == []
