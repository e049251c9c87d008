"""librosa's own tests with our functions in the place of its own.

HEIHACHI_LIBROSA_TESTS names a folder with data/ (the reference data of those tests) and needs-network.txt (the tests that
download something); the tests themselves come from librosa's source distribution. Skipped where the folder is not there."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

DATA = os.environ.get("HEIHACHI_LIBROSA_TESTS")
VERSION = "0.11.0"
FILES = "core decompose effects constantq onset beat features filters multichannel util met_features convert failures".split()
PLUGIN = """
import librosa, librosa.core, librosa.feature, librosa.effects, librosa.decompose, librosa.onset, librosa.beat
import librosa.filters, librosa.util
import heihachi
heihachi.patch_librosa()
"""
pytestmark = pytest.mark.skipif(not DATA, reason="HEIHACHI_LIBROSA_TESTS is not set")


@pytest.fixture(scope="module")
def tests(tmp_path_factory):
    """The unpacked source distribution, its data beside its tests."""
    folder = tmp_path_factory.mktemp("librosa")
    download = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
                "--no-build-isolation", "-d", folder, f"librosa=={VERSION}"]
    if subprocess.run(download, capture_output=True).returncode:
        pytest.skip("librosa's source distribution cannot be downloaded")
    with tarfile.open(folder / f"librosa-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, members=[m for m in archive.getmembers() if "/tests/" in m.name])
    root = folder / f"librosa-{VERSION}"
    shutil.copytree(Path(DATA) / "data", root / "tests/data")
    (root / "pytest.ini").write_text("[pytest]\nxfail_strict = true\n")
    (root / "rebind.py").write_text(PLUGIN)
    return root


def test_librosas_own_tests_pass(tests):
    left_out = [f"--deselect=tests/{line}" for line in (Path(DATA) / "needs-network.txt").read_text().split()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "rebind", "-p", "no:cacheprovider", "-n", str(os.cpu_count()), "-rfE",
               "--tb=line", *left_out, *[f"tests/test_{name}.py" for name in FILES]]
    done = subprocess.run(command, cwd=tests, env=dict(os.environ, PYTHONPATH=str(tests)), capture_output=True, text=True)
    counts = {kind: int(n) for n, kind in re.findall(r"(\d+) (passed|failed|error)", done.stdout.splitlines()[-1])}
    assert done.returncode == 0, done.stdout[-6000:]
    assert counts.get("passed", 0) > 12000 and not counts.get("failed") and not counts.get("error")
