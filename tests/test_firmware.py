"""The real-time core as a microcontroller's image, run under QEMU: the bars of instructions and
bytes, and the host's bits.

HEIHACHI names the program (default build/heihachi); the images are built in its folder by
tools/run-firmware. Skipped without gcc-arm-none-eabi and qemu-system-arm."""

import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("HEIHACHI", ROOT / "build/heihachi")).resolve().parent
pytestmark = [
    pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="no gcc-arm-none-eabi"),
    pytest.mark.skipif(not shutil.which("qemu-system-arm"), reason="no qemu-system-arm"),
    pytest.mark.skipif(not (BUILD / "build.ninja").exists(), reason="not a build folder")]

# What GCC may call: the memory functions, which the image brings, and integer arithmetic.
HELPERS = {"memcpy", "memmove", "memset", "memcmp", "__aeabi_ldivmod", "__aeabi_uldivmod",
           "__aeabi_idiv", "__aeabi_uidiv", "__aeabi_lmul", "__aeabi_llsl", "__aeabi_llsr",
           "__aeabi_lasr", "__aeabi_idiv0", "__aeabi_ldiv0"}


def runner():
    """tools/run-firmware as a module."""
    path = str(ROOT / "tools/run-firmware")
    loader = importlib.machinery.SourceFileLoader("run_firmware", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_firmware", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def firmware():
    """firmware.json of a fresh run."""
    done = subprocess.run([ROOT / "tools/run-firmware", BUILD], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning:" not in done.stderr, done.stderr
    print(done.stdout)
    return json.loads((BUILD / "firmware.json").read_text())


@pytest.fixture(params=["m4", "m7"])
def machine(request, firmware):
    return firmware if request.param == "m4" else firmware["m7"]


@pytest.fixture(params=["m4", "rom", "m7"])
def sizes(request, firmware):
    """Of every image, the one with its tables in the ROM included."""
    return firmware if request.param == "m4" else firmware[request.param]


def image(name):
    return BUILD / "firmware" / name / "heihachi.elf"


def symbols(path, *options):
    text = subprocess.run(["arm-none-eabi-nm", *options, path], capture_output=True, text=True,
                          check=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line and not line.endswith(":")}


def test_every_bit_is_the_hosts(sizes):
    assert sizes["golden_lines"] > 1500
    assert sizes["golden_identical"], sizes["golden_difference"]


def test_the_golden_vectors_say_something(firmware):
    del firmware  # has run
    golden, _ = runner().parse((BUILD / "firmware/m4.txt").read_text())
    kinds = {line.split()[0] for line in golden}
    assert kinds == {"case", "second", "beat", "onset", "tempo", "level", "silence", "note",
                     "chroma", "numbers", "beats"}
    seconds = [line for line in golden if line.startswith("second ")]
    assert len(seconds) > 80 and len(set(seconds)) > 80
    of_case = {}
    for line in golden:
        if line.startswith("case "):
            of_case[line[5:]] = case = []
        case.append(line)
    beats = [line for line in of_case["clip"] if line.startswith("beat ")]
    assert len(beats) > 30


def test_no_number_of_the_golden_vectors_is_nan_or_infinite(firmware):
    del firmware
    golden, _ = runner().parse((BUILD / "firmware/m4.txt").read_text())
    words = [word for line in golden for word in re.findall(r" ([0-9a-f]{8})\b", line)]
    assert len(words) > 5000
    assert not [word for word in words if int(word, 16) >> 23 & 0xFF == 0xFF]


def test_a_hop_costs_at_most_40_percent_of_the_plain_bank(machine):
    assert machine["plain_goertzel_steps"] == 21156
    assert machine["plain_goertzel_notes_right"] == 64
    assert 8 < machine["plain_goertzel_instructions"] / 21156 < 16
    assert 0 < machine["hop_instructions"] <= machine["hop_instructions_worst"]
    assert machine["hop_instructions"] <= 0.40 * machine["plain_goertzel_instructions"]


def test_the_stages_are_within_the_hop(machine):
    stages = sum(stage["instructions"] for stage in machine["stages"].values())
    assert 0.5 * machine["hop_instructions"] < stages < 1.01 * machine["hop_instructions"]


def test_bytes(sizes):
    assert sizes["variable_bytes"] == 0
    assert 10000 < sizes["text_bytes"] <= 64 * 1024
    assert 0 < sizes["state_bytes"] + sizes["table_bytes"] <= 48 * 1024
    assert 64 < sizes["stack_bytes"] <= sizes["stack_bytes_of_all_cases"] <= 4096


def test_tables_made_beforehand_are_in_the_rom(firmware):
    moved = firmware["state_bytes"] - firmware["rom"]["state_bytes"]
    assert moved > 1000
    assert firmware["rom"]["table_bytes"] - firmware["table_bytes"] == pytest.approx(moved, abs=16)
    assert firmware["rom"]["init_instructions"] < firmware["init_instructions"]


@pytest.mark.parametrize("name", ["m4", "rom", "m7"])
def test_no_soft_float(firmware, name):
    del firmware  # has built
    found = {symbol for symbol in symbols(image(name))
             if re.match(r"__aeabi_([dfh]|.*2[dfh]$)|__.*(sf|df|tf)\d?$", symbol)}
    assert found == set()


@pytest.mark.parametrize("name", ["m4", "rom", "m7"])
def test_the_core_needs_no_library(firmware, name):
    del firmware
    core = BUILD / "firmware" / name / "libhh_live.a"
    assert symbols(core, "-u") - symbols(core, "--defined-only") - HELPERS == set()


def test_two_runs_count_the_same(firmware):
    done = runner().qemu(firmware["board"], image("m4"), "clip")
    assert done.returncode == 0 and "= hop_total " in done.stdout
    assert (BUILD / "firmware/m4.txt").read_text().startswith(done.stdout)


@pytest.mark.parametrize("provoked", ["fault", "overflow"])
@pytest.mark.parametrize("name", ["m4", "m7"])
def test_a_fault_is_told(firmware, name, provoked):
    board = firmware["board"] if name == "m4" else firmware["m7"]["board"]
    done = runner().qemu(board, image(name), provoked, timeout=60)
    assert done.returncode == 2
    assert re.search(r"^fault: exception \d\d$", done.stdout, re.M)
