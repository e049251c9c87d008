"""The documents: what they name exists, what they show runs, and what is written is documented.

HEIHACHI names the program (default build/heihachi), HEIHACHI_LIBRARY the library."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("HEIHACHI", ROOT / "build/heihachi")).resolve()
LIBRARY = Path(os.environ.get("HEIHACHI_LIBRARY", PROGRAM.parent / "src/libheihachi.so")).resolve()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "assets/README.md",
         ROOT / "firmware/esp32s3/README.md"]
README, FORMATS, LIVE = ROOT / "README.md", ROOT / "docs/formats.md", ROOT / "docs/live.md"
FINGERPRINT = ROOT / "docs/fingerprint.md"
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built")


def blocks(page):
    """(language, text) of the code blocks of a page: fenced, or indented by four spaces."""
    text = page.read_text()
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    indented = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", rest, re.M)
    return fenced + [("", re.sub(r"^    ", "", block, flags=re.M)) for block in indented]


def commands(page):
    """The lines of indented blocks that call the program."""
    lines = [line for text in examples(page, "") for line in text.splitlines()]
    lines = [line.removeprefix("$ ") for line in lines]
    return [line for line in lines if re.match(r"(build/)?heihachi ", line)]


def examples(page, language):
    return [text for kind, text in blocks(page) if kind == language]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the documents speak of, and results in out/."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg to make the tracks with")
    folder = tmp_path_factory.mktemp("docs")
    for name in ("track.wav", "track.flac", "track.mp3", "track.opus", "a.flac", "b.flac",
                 "music/one.ogg", "music/two.mp3", "assets/demo.ogg"):
        (folder / name).parent.mkdir(exist_ok=True)
        start = "20" if name.startswith("b") else "4"
        source = ["-ss", start, "-t", "6", "-i", ROOT / "assets/demo.ogg"]
        subprocess.run(["ffmpeg", "-v", "error", *source, folder / name], check=True)
    for name in ("baseline.json", "new.json"):
        (folder / name).write_text('{"hop_us": 2.5}')
    (folder / "build").mkdir()
    (folder / "build/heihachi").symlink_to(PROGRAM)
    subprocess.run([PROGRAM, "process", "track.flac", "a.flac", "--profile", "full", "--format",
                    "yaml,csv,md", "-o", "out"], cwd=folder, check=True, capture_output=True)
    return folder


def shell(line, folder):
    path = f"{folder / 'build'}:{os.environ['PATH']}"
    return subprocess.run(["bash", "-euc", line], cwd=folder, env=dict(os.environ, PATH=path),
                          capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("page, least", [(README, 9), (FINGERPRINT, 4), (LIVE, 1)], ids=["README", "fingerprint", "live"])
def test_every_command_runs(place, page, least):
    lines = commands(page)
    assert len(lines) >= least
    for line in lines:
        done = shell(line, place)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_what_the_readme_says_is_written_is_written(place):
    shell("heihachi process music track.mp3 --output written --plots", place)
    table = re.search(r"^\| file \| what \|\n(.*?)\n\n", README.read_text(), re.M | re.S).group(1)
    for name in re.findall(r"`([\w./]+)`", re.sub(r"\]\(.*?\)", "", table)):
        if not name.startswith("-"):
            of_track, of_all = place / "written/track" / name, place / "written" / name
            assert of_track.exists() or of_all.exists(), name


@pytest.mark.skipif(LIBRARY.exists() and b"__asan_init" in LIBRARY.read_bytes(),
                    reason="a plain program cannot load a library under ASan")
def test_the_c_example_compiles_and_runs(place):
    code = [text for _, text in blocks(README) if "#include <heihachi/heihachi.h>" in text]
    assert len(code) == 1
    (place / "example.c").write_text(code[0])
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", ROOT / "include",
                    "example.c", "-o", "example", "-L", LIBRARY.parent, "-lheihachi",
                    f"-Wl,-rpath,{LIBRARY.parent}"], cwd=place, check=True)
    done = subprocess.run(["./example"], cwd=place, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"[0-9.]+ BPM, -?[0-9.]+ LUFS\n", done.stdout)


@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_every_header_is_c_and_cplusplus():
    for header in sorted((ROOT / "include/heihachi").glob("*.h")):
        for compiler in (["g++", "-x", "c++", "-std=c++11"], ["gcc", "-x", "c", "-std=c11"]):
            subprocess.run([*compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I",
                            ROOT / "include", "-include", header, os.devnull], check=True)


def test_the_python_examples_run(place):
    code = examples(FORMATS, "python")
    assert len(code) >= 3
    for text in code:
        subprocess.run([sys.executable, "-c", text], cwd=place, check=True)


@pytest.mark.skipif(not shutil.which("jq"), reason="no jq")
def test_the_shell_examples_run(place):
    for text in examples(FORMATS, "sh") + examples(LIVE, "sh"):
        for line in text.splitlines():
            done = shell(line, place)
            assert done.returncode == 0 and done.stdout.strip(), f"{line}\n{done.stderr}"


def keys(tree):
    """Every key of a JSON tree, once."""
    if isinstance(tree, list):
        return set().union(*(keys(item) for item in tree)) if tree else set()
    if isinstance(tree, dict):
        return set(tree) | keys(list(tree.values()))
    return set()


def test_every_key_is_documented(place):
    words = set(re.findall(r"`([\w.]+)`", FORMATS.read_text()))
    result = json.loads((place / "out/track/result.json").read_text())
    assert keys(result) - words == set()
    with np.load(place / "out/track/features.npz") as arrays:
        grids = {name for name in arrays if name.endswith(".time_s")}
        assert set(arrays) - grids - words == set()
        assert {name.removesuffix(".time_s") for name in grids} <= set(arrays)


def test_links_and_paths_exist():
    rooms = {entry.name for entry in ROOT.iterdir()}
    for page in PAGES:
        text = page.read_text()
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
        folders = "src|include|tests|docs|cli|bench|fuzz|tools|assets|examples|python|realtime|firmware|completions"
        for path in re.findall(rf"`((?:{folders})/[\w./]*)`", text):
            assert path.split("/")[0] in rooms and (ROOT / path).exists() or "NAME" in path, \
                f"{page.name}: {path}"


def test_every_make_target_exists():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([\w-]+):", makefile, re.M))
    named = set()
    for page in PAGES:
        named |= set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.M))
    assert named >= {"run", "test", "bench", "install"} and named <= targets
    listed = set(re.findall(r"^#   make ([a-z-]+) ", makefile, re.M))
    assert listed <= targets and named <= listed


def test_architecture_names_every_room():
    text = (ROOT / "docs/architecture.md").read_text()
    for folder in sorted(entry for entry in (ROOT / "src").iterdir() if entry.is_dir()):
        assert f"  {folder.name}/" in text, folder.name
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                             check=False).stdout
    for name in {line.split("/")[0] for line in io.StringIO(tracked) if "/" in line}:
        assert name.startswith(".") or f"{name}/" in text, name
