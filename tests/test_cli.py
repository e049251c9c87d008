#!/usr/bin/env python3
"""The program from outside: commands, exit codes, names, cache, resume, kills, full disks,
completions, manual page.

HEIHACHI names the program (default build/heihachi). Needs nothing but Python's standard library."""

import json
import math
import os
import pty
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import wave
import zipfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("HEIHACHI", SOURCE / "build/heihachi")).resolve()


def run(*arguments, code=0, cwd=None, **options):
    """Runs the program, checks the exit code, and gives (stdout, stderr)."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120, **options)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    if done.returncode < 0:
        raise AssertionError(f"{arguments}: killed by signal {-done.returncode}\n{done.stderr}")
    return done.stdout, done.stderr


def write_wav(path, seconds=1.0, hz=220.0, seed=0, rate=22050):
    """A sine with clicks and a little noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = random.Random(seed)
    frames = bytearray()
    for n in range(int(seconds * rate)):
        x = 0.4 * math.sin(2 * math.pi * hz * n / rate) + 0.05 * (noise.random() - 0.5)
        if n % (rate // 2) < 20:
            x += 0.4
        frames += struct.pack("<h", int(32767 * max(-1.0, min(1.0, x))))
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(rate)
        w.writeframes(bytes(frames))
    return path


def names(folder):
    return sorted(entry.name for entry in Path(folder).iterdir())


def result(folder):
    return json.loads((Path(folder) / "result.json").read_text())


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="heihachi-cli-"))
        self.out = self.folder / "out"

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def process(self, *arguments, code=0, **options):
        return run("process", "--profile", "fast", "-o", self.out, *arguments, code=code, **options)


class Help(Case):
    def test_every_command_has_help(self):
        overview, _ = run("help")
        for command in {line.split("\t")[0] for line in run("help", "--table")[0].splitlines()}:
            self.assertIn(command, overview)
            text, _ = run("help", command)
            self.assertEqual(text, run(command, "--help")[0])
            for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"):
                self.assertIn(heading + "\n", text)
            self.assertLessEqual(max(map(len, text.splitlines())), 90)
        self.assertEqual(overview, run("--help")[0])

    def test_version(self):
        self.assertRegex(run("version")[0], r"^heihachi \d+\.\d+\.\d+ \(analysis \d+, ")
        self.assertEqual(run("--version"), run("version"))

    def test_standard_output_that_cannot_be_written(self):
        if not Path("/dev/full").exists():
            self.skipTest("no /dev/full")
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        for arguments in (["version"], ["help"], ["info", path], ["info", "--json", path], ["features", "--list"],
                          ["process", "--profile", "fast", path, "-o", self.out],
                          ["compare-fingerprints", "--json", path, path]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual(done.returncode, 3, arguments)
            self.assertEqual(done.stderr, "heihachi: standard output cannot be written\n")

    def test_wrong_usage(self):
        for arguments, words in [
            ((), "no command"),
            (("proces",), 'was "process" meant'),
            (("process",), "needs a sound file"),
            (("process", "x.wav"), "needs --output"),
            (("process", "--nonsense"), "no option --nonsense"),
            (("process", "--profil", "fast"), "was --profile meant?"),
            (("process", "--cashe-dir", "x"), "was --cache-dir meant?"),
            (("process", "-z"), "no option -z"),
            (("process", "--output"), "--output needs DIR"),
            (("process", "--plots=yes"), "takes no value"),
            (("process", "--profile", "slow"), 'no profile "slow"'),
            (("process", "--format", "json,xml"), 'no format "xml"'),
            (("process", "--threads", "1e3"), "number from 0 to 256"),
            (("process", "--features", "loudness,nothing"), "nothing"),
            (("compare-fingerprints", "a"), "two arguments"),
            (("similar", "a", "b", "--count", "x"), "number"),
            (("info",), "needs a sound file"),
            (("help", "nothing"), "no command"),
            (("help", "info", "similar"), "one command, not more"),
            (("features", "x.wav", "--feature", "stft:hop_length=0", "-o", "x.npz"), "a whole number from 1"),
            (("features", "x.wav", "--feature", "stft:hop_lenght=9", "-o", "x.npz"), "hop_length"),
            (("features", "x.wav", "--feature", "stft:n_fft=2k", "-o", "x.npz"), 'not "2k"'),
            (("version", "extra"), 'takes no argument: "extra"'),
            (("--version", "extra"), 'takes no argument: "extra"'),
        ]:
            self.assertIn(words, run(*arguments, code=2)[1], arguments)


class Documents(Case):
    """Completions and the manual page against the table of options in the program."""

    def table(self):
        return [line.split("\t") for line in run("help", "--table")[0].splitlines()]

    def test_completions_know_every_option(self):
        bash = (SOURCE / "completions/heihachi.bash").read_text()
        zsh = (SOURCE / "completions/_heihachi").read_text()
        fish = (SOURCE / "completions/heihachi.fish").read_text()
        for command, option, letter, argument, values in self.table():
            line = re.search(rf"^\s+{re.escape(command)}\) options='([^']*)'", bash, re.M)
            self.assertTrue(line, command)
            self.assertIn(f"--{option}", line.group(1).split())
            block = re.search(rf"^\s+{re.escape(command)}\)\n(.*?);;", zsh, re.M | re.S)
            self.assertTrue(block, command)
            self.assertRegex(block.group(1), rf"--{option}[\[=}}']")
            here = "-n __heihachi_process " if command == "process" else f"__fish_seen_subcommand_from {command}'"
            known = [l for l in fish.splitlines() if here in l]
            line = [l for l in known if re.search(rf"-l {option}\b", l)]
            self.assertEqual(len(line), 1, (command, option))
            self.assertEqual(bool(letter), f"-s {letter}" in line[0] if letter else " -s " in line[0])
            if argument:
                self.assertRegex(line[0], r" -[xr]")
            if "|" in values:
                for value in values.split("|"):
                    for text in (bash, zsh, fish):
                        self.assertRegex(text, rf"\b{value}\b")

    def test_completions_know_nothing_else(self):
        known = {option for _, option, *_ in self.table()} | {"version"}
        for name in ("heihachi.bash", "_heihachi"):
            text = (SOURCE / "completions" / name).read_text()
            text = "\n".join(l for l in text.splitlines() if not l.lstrip().startswith("#"))
            for option in re.findall(r"(?<![\w-])--([a-z][a-z-]*)", text):
                self.assertIn(option, known, name)
        for option in re.findall(r" -l ([a-z-]+)", (SOURCE / "completions/heihachi.fish").read_text()):
            self.assertIn(option, known)

    def test_bash_completion_works(self):
        bash = shutil.which("bash")
        if not bash:
            self.skipTest("no bash")
        (self.folder / "track.wav").touch()

        def complete(*words):
            quoted = " ".join(f"'{word}'" for word in ("heihachi", *words))
            script = (f"source '{SOURCE}/completions/heihachi.bash'; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; "
                      'COMPREPLY=(none); _heihachi; printf "%s\\n" "${COMPREPLY[@]}"')
            return subprocess.run([bash, "--norc", "-c", script], capture_output=True, text=True, check=True,
                                  cwd=self.folder).stdout.split()

        self.assertEqual(complete("process", "--pro"), ["--profile"])
        self.assertEqual(complete("process", "--profile", "fa"), ["fast"])
        self.assertEqual(complete("process", "--profile", "=", "fa"), ["fast"])
        self.assertEqual(complete("comp"), ["compare-fingerprints"])
        self.assertEqual(complete("--v"), ["--version"])
        self.assertEqual(complete("process", "--features", "loudness,sp"), ["loudness,spectral"])
        self.assertEqual(complete("process", "--format", "=", "csv,"), ["csv,json", "csv,csv", "csv,yaml", "csv,md"])
        self.assertEqual(complete("track.wav", "--pl"), ["--plots"])
        self.assertEqual(complete("similar", "t"), ["track.wav"])
        for option in ("-n", "--count", "--threads"):
            self.assertEqual(complete("similar", option, ""), [])
        self.assertEqual(complete("version", ""), [])

    def test_fish_completion_works(self):
        fish = shutil.which("fish")
        if not fish:
            self.skipTest("no fish")

        def complete(line):
            script = f"source '{SOURCE}/completions/heihachi.fish'; complete -C '{line}'"
            done = subprocess.run([fish, "--no-config", "-c", script], capture_output=True, text=True, check=True, cwd=self.folder,
                                  env={**os.environ, "HOME": str(self.folder)})
            return [found.split("\t")[0] for found in done.stdout.splitlines()]

        self.assertEqual(complete("heihachi comp"), ["compare-fingerprints"])
        self.assertEqual(complete("heihachi --v"), ["--version"])
        self.assertEqual(complete("heihachi track.wav --pl"), ["--plots"])
        self.assertEqual(complete("heihachi process --profile fa"), ["fast"])
        self.assertEqual(complete("heihachi info --pl"), [])
        self.assertEqual(complete("heihachi similar --js"), ["--json"])

    def test_manual_page_names_every_option(self):
        """Each under its command, with its letter and argument; and none that the program does not have."""
        page = (SOURCE / "docs/heihachi.1").read_text().replace("\\-", "-")
        parts = re.split(r"(?m)^\.SS heihachi (\S+)\n", page.split(".SH CONFIGURATION")[0])
        sections = dict(zip(parts[1::2], parts[2::2]))
        options = {command: {} for command in sections}
        for command, option, letter, argument, _ in self.table():
            if option != "help":  # which every command takes, as the page says once
                options[command][option] = (letter, argument)
        for command, section in sections.items():
            found = {}
            for tag in re.findall(r"(?m)^\.TP\n(.*)$", section):
                tag = re.sub(r"\\f.", "", re.sub(r"^\.(B|BR) ", "", tag)).replace('"', "").replace(" , ", ", ")
                match = re.fullmatch(r"(?:-(\w),? +)?--([a-z-]+)(?: +(\S+))?", tag)
                self.assertTrue(match, (command, tag))
                found[match.group(2)] = (match.group(1) or "", match.group(3) or "")
            self.assertEqual(found, options[command], command)
        self.assertRegex(page.split(".SH COMMANDS")[0], r"(?m)^\.B -h\nand\n\.BR --help \.$")
        self.assertIn(".B --version", page)
        for code in ("0", "1", "2", "3", "4", "130"):
            self.assertRegex(page, rf"(?m)^\.B {code}$")

    def test_manual_page_examples_are_one_line_each(self):
        page = (SOURCE / "docs/heihachi.1").read_text()
        for block in re.findall(r"(?s)\.nf\n(.*?)\.fi", page):
            for line in block.splitlines():
                self.assertTrue(line.startswith("    "), line)

    def test_help_and_manual_page_tell_of_values_and_variables(self):
        page = (SOURCE / "docs/heihachi.1").read_text().replace("\\-", "-")
        for text in (run("help", "features")[0], page):
            for words in ("kernel_size=31x13", "channels=0x32x128", "kaiserx", "inf", "None", "#2"):
                self.assertIn(words, text)
        self.assertIn("--version", run("help")[0])
        for variable in ("HEIHACHI_CPU", "NO_COLOR", "PATH", "TMPDIR"):
            self.assertRegex(page, rf"(?m)^\.B {variable}$")
        for text in (page, (SOURCE / "docs/formats.md").read_text()):
            for name in (".heihachi-tmp-PID-N", ".heihachi-old-PID-N", ".heihachi-PID-N.tmp"):
                self.assertIn(name, text)


class Process(Case):
    def test_silence_has_no_figures(self):
        path = self.folder / "silence.wav"
        with wave.open(str(path), "wb") as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(22050)
            w.writeframes(bytes(2 * 22050))
        self.process(path, "--plots")
        silence = result(self.out / "silence")
        self.assertIsNone(silence["pitch"]["median_hz"])
        self.assertIsNone(silence["loudness"]["integrated_lufs"])
        self.assertIsNone(silence["rhythm"]["tempo_bpm"])
        self.assertEqual(silence["harmony"]["key"], "unknown")

    def test_the_last_line_names_the_page_to_open(self):
        paths = [write_wav(self.folder / name, seconds=0.5) for name in ("a.wav", "b.wav")]
        for inputs, page in ((paths[:1], "a/report.html"), (paths, "index.html")):
            out, _ = self.process(*inputs)
            self.assertEqual(out.splitlines()[-1], f"open {self.out / page}")
            self.assertTrue((self.out / page).exists())
        shutil.rmtree(self.out)
        for path in paths:
            path.write_bytes(b"")
        self.assertNotIn("open ", self.process(*paths, code=1)[0])
        self.assertEqual(names(self.out), [])

    def test_one_file(self):
        path = write_wav(self.folder / "tone.wav")
        out, err = self.process(path)
        self.assertEqual(err, "")
        self.assertIn("tone.wav", out)
        self.assertEqual(names(self.out), ["tone"])
        self.assertEqual(names(self.out / "tone"), ["features.npz", "report.html", "result.json"])
        self.assertEqual(result(self.out / "tone")["input"]["path"], str(path))
        with zipfile.ZipFile(self.out / "tone" / "features.npz") as archive:
            self.assertIsNone(archive.testzip())

    def test_plain_form_formats_and_plots(self):
        path = write_wav(self.folder / "tone.wav")
        run(path, "-o", self.out, "--format", "json,csv,yaml,md", "--plots", "--features", "spectral,rhythm", "-q")
        self.assertEqual(names(self.out / "tone"), ["features.npz", "plots", "report.html", "result.csv", "result.json",
                                                    "result.md", "result.yaml"])
        plots = names(self.out / "tone" / "plots")
        self.assertIn("waveform.png", plots)
        self.assertIn("waveform.svg", plots)

    def test_folders_and_equal_stems(self):
        music = self.folder / "music"
        for i, name in enumerate(["a/x.wav", "b/x.wav", "b/deep/x.WAV", "y.wav", ".hidden.wav", "summary.csv.wav"]):
            write_wav(music / name, seed=i, hz=200 + 50 * i)
        (music / "notes.txt").write_text("no sound")
        self.process(music)
        self.assertEqual(names(self.out), ["index.html", "summary.csv", "summary.csv-2", "x", "x-2", "x-3", "y"])
        owners = {name: result(self.out / name)["input"]["path"] for name in ("x", "x-2", "x-3")}
        self.assertEqual(owners, {"x": str(music / "a/x.wav"), "x-2": str(music / "b/deep/x.WAV"), "x-3": str(music / "b/x.wav")})
        rows = (self.out / "summary.csv").read_text().splitlines()
        self.assertEqual(len(rows), 6)
        # a file that sorts first and comes later takes no other's place
        write_wav(music / "0/x.wav", seed=9, hz=900)
        self.process(music)
        self.assertEqual(result(self.out / "x-4")["input"]["path"], str(music / "0/x.wav"))
        for name, path in owners.items():
            self.assertEqual(result(self.out / name)["input"]["path"], path)
        # the same file twice is one input
        self.process(music / "y.wav", music, music / "../music/y.wav")
        self.assertNotIn("y-2", names(self.out))

    def test_inputs_of_two_runs_do_not_overwrite(self):
        first, second = write_wav(self.folder / "a/x.wav"), write_wav(self.folder / "b/x.wav", hz=500)
        self.process(first)
        self.process(second)
        self.assertEqual(result(self.out / "x")["input"]["path"], str(first))
        self.assertEqual(result(self.out / "x-2")["input"]["path"], str(second))
        self.process(second)
        self.assertEqual(names(self.out), ["x", "x-2"])

    def test_foreign_folders_are_left_alone(self):
        path = write_wav(self.folder / "x.wav")
        (self.out / "x").mkdir(parents=True)
        (self.out / "x" / "precious.txt").write_text("mine")
        self.process(path)
        self.assertEqual(names(self.out), ["x", "x-2"])
        self.assertEqual((self.out / "x" / "precious.txt").read_text(), "mine")
        (self.out / "x-2" / "notes.txt").write_text("kept")  # and so is what is put into ours
        self.process(path)
        self.assertEqual((self.out / "x-2" / "notes.txt").read_text(), "kept")

    def test_files_that_cannot_move_stay_aside(self):
        # at this depth notes... fits below x/ but not below .heihachi-old-PID-N/x/
        deep = self.folder
        while len(str(deep)) < 3700:
            deep = deep / ("d" * 200)
        deep = deep / ("e" * (3940 - len(str(deep))))
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        run("process", "--profile", "fast", path, "-o", deep)
        precious = "notes" + "n" * 130
        (deep / "x" / precious).write_text("mine")
        out, err = run("process", "--profile", "fast", path, "-o", deep, code=3)
        [aside] = [n for n in names(deep) if n.startswith(".heihachi-old-")]
        self.assertIn(f"{aside}/x", err)
        here = os.open(deep / aside / "x", os.O_RDONLY)
        self.addCleanup(os.close, here)
        with os.fdopen(os.open(precious, os.O_RDONLY, dir_fd=here)) as file:
            self.assertEqual(file.read(), "mine")
        self.assertEqual(result(deep / "x")["input"]["path"], str(path))

    def test_what_a_killed_run_put_aside_comes_back(self):
        dead = subprocess.Popen(["true"])
        dead.wait()
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        other = write_wav(self.folder / "y.wav", seconds=0.5, hz=300)
        self.process(path)
        (self.out / "x" / "notes.txt").write_text("mine")
        before = (self.out / "x" / "result.json").read_bytes()
        aside = self.out / f".heihachi-old-{dead.pid}-7"
        # between the two renames: the place is empty
        aside.mkdir()
        (self.out / "x").rename(aside / "x")
        self.process(other)
        self.assertEqual(names(self.out), ["x", "y"])
        self.assertEqual((self.out / "x" / "notes.txt").read_text(), "mine")
        self.assertEqual((self.out / "x" / "result.json").read_bytes(), before)
        # after them: the place is taken by the new result
        aside.mkdir()
        (self.out / "x").rename(aside / "x")
        shutil.copytree(aside / "x", self.out / "x", ignore=lambda *_: ["notes.txt"])
        self.process(other)
        self.assertEqual(names(self.out), ["x", "y"])
        self.assertEqual((self.out / "x" / "notes.txt").read_text(), "mine")
        # a name that is taken again, and what this program would not have put there
        (aside / "x").mkdir(parents=True)
        (aside / "x" / "notes.txt").write_text("also mine")
        (aside / "stray.txt").write_text("whose?")
        self.assertIn(aside.name, self.process(other)[1])
        self.assertEqual((self.out / "x" / "notes.txt").read_text(), "mine")
        self.assertEqual((aside / "x" / "notes.txt").read_text(), "also mine")
        self.assertEqual((aside / "stray.txt").read_text(), "whose?")

    def test_what_killed_runs_left_is_removed(self):
        dead = subprocess.Popen(["true"])
        dead.wait()
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        (self.out / f".heihachi-tmp-{dead.pid}-3" / "plots").mkdir(parents=True)
        (self.out / f".heihachi-{dead.pid}-0.tmp").write_text("half")
        kept = [f".heihachi-{os.getpid()}-0.tmp", f".heihachi-{dead.pid}.tmp", f".heihachi-{dead.pid}-0.tmp.txt"]
        for name in kept:
            (self.out / name).write_text("not left by a dead run")
        self.process(path)
        self.assertEqual(names(self.out), sorted([*kept, "x"]))

    def test_a_failure_is_reported_under_its_own_name(self):
        stem = "s" * 254  # the folder of the second would be STEM-2, too long a name
        (self.folder / "a.wav").write_bytes(b"RIFF" + bytes(50))
        for folder in ("b", "c"):
            write_wav(self.folder / folder / "x.wav", seconds=0.5).rename(self.folder / folder / stem)
        _, err = self.process("--threads", "1", self.folder / "a.wav", self.folder / "b" / stem, self.folder / "c" / stem, code=3)
        lines = err.splitlines()
        self.assertEqual(len(lines), 2, err)
        self.assertIn("a.wav", lines[0])
        self.assertRegex(lines[1], rf"/c/{stem}: .*/{stem}-2: File name too long$")
        self.assertNotIn("a.wav", lines[1])

    def test_odd_names(self):
        for i, name in enumerate(["-dash.wav", "sp ace & <b>'\".wav", "100%s.wav", "ünï.wav", "..wav", "new\nline.wav", "noending"]):
            write_wav(self.folder / "in" / name, seed=i)
        os.rename(self.folder / "in" / "noending", self.folder / "in" / "bare")
        self.process("--", "-dash.wav", "..wav", "bare", ".", cwd=self.folder / "in")
        made = names(self.out)
        self.assertEqual(len(made), 9)
        self.assertIn("ünï", made)
        self.assertIn("bare", made)
        page = (self.out / "index.html").read_text()
        self.assertNotIn("<b>'", page)

    def test_names_cannot_write_to_the_terminal(self):
        good = write_wav(self.folder / "\033[31mred\n.wav")
        bad = self.folder / "\033[2Jbad.wav"
        bad.write_bytes(b"")
        out, err = self.process(good, bad, code=1)
        for text in (out, err, run("info", good)[0]):
            self.assertNotIn("\033", text)
        self.assertIn("?[31mred?.wav", out)
        self.assertIn("?[2Jbad.wav", err)
        self.assertEqual(len(out.splitlines()), 3, out)

    def test_folders_that_cannot_be_made_say_why(self):
        (self.folder / "file").write_bytes(b"")
        path = write_wav(self.folder / "x.wav")
        err = run("process", path, "-o", self.folder / "file" / "a" / "b", code=3)[1]
        self.assertIn("Not a directory", err)
        err = run("process", path, "-o", self.folder / "out", "--cache-dir", self.folder / "file" / "c", code=3)[1]
        self.assertIn("Not a directory", err)

    def test_bad_files_are_reported_and_the_batch_goes_on(self):
        good = write_wav(self.folder / "in/good.wav")
        (self.folder / "in/bad.wav").write_bytes(b"RIFF" + bytes(50))
        (self.folder / "in/empty.wav").write_bytes(b"")
        out, err = self.process(self.folder / "in", self.folder / "missing.wav", code=1)
        for name in ("bad.wav", "empty.wav", "missing.wav"):
            self.assertEqual(len(re.findall(rf"heihachi: .*{name}", err)), 1, err)
        self.assertEqual(names(self.out), ["good", "index.html", "summary.csv"])
        self.assertIn("1 analysed, 0 left alone, 3 failed", out)
        self.assertEqual(result(self.out / "good")["input"]["path"], str(good))

    def test_folder_without_sound(self):
        (self.folder / "in").mkdir()
        self.assertIn("no sound file", self.process(self.folder / "in", code=1)[1])

    def test_quiet_verbose_and_log(self):
        path = write_wav(self.folder / "x.wav")
        log = self.folder / "log.txt"
        self.assertEqual(self.process("-q", "--log-file", log, path), ("", ""))
        self.assertRegex(log.read_text(), r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ done .*x\.wav")
        self.assertIn("left alone", self.process("-v", "--skip-existing", path)[0])

    def test_threads_do_not_change_the_result(self):
        for i in range(3):
            write_wav(self.folder / f"in/{i}.wav", seed=i, hz=100 + 100 * i, seconds=2)
        trees = []
        for threads in (1, 3):
            self.process("--threads", threads, "--format", "csv", self.folder / "in")
            tree = {}
            for name in "012":
                parts = result(self.out / name)
                parts.pop("run")
                tree[name] = (parts, (self.out / name / "features.npz").read_bytes(), (self.out / name / "result.csv").read_bytes())
            trees.append((tree, (self.out / "summary.csv").read_bytes()))
            shutil.rmtree(self.out)
        self.assertEqual(trees[0], trees[1])


class Configuration(Case):
    def config(self, text, code=0, *arguments):
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        (self.folder / "config.yaml").write_text(text)
        return run("process", path, "--config", self.folder / "config.yaml", *arguments, code=code)

    def test_options_and_precedence(self):
        self.config(f"output: {self.out}\nprofile: fast\nformat: [csv, md]\nthreads: 1\nquiet: true\nplots: no\n")
        self.assertEqual(names(self.out / "x"), ["features.npz", "report.html", "result.csv", "result.json", "result.md"])
        self.config(f"output: {self.folder}/elsewhere\nformat: csv\nprofile: fast\n", 0, "-o", self.out, "--format", "yaml")
        self.assertEqual(names(self.out / "x"), ["features.npz", "report.html", "result.json", "result.yaml"])

    def test_the_list_of_features_wins_over_the_profile(self):
        def features(text, *arguments):
            self.config(f"output: {self.out}\n{text}", 0, *arguments)
            return result(self.out / "x")["parameters"]["features"]

        for text, arguments in (("", ("--features", "loudness", "--profile", "full")),
                                ("", ("--profile", "full", "--features", "loudness")),
                                ("features: loudness\n", ("--profile", "fast")),
                                ("profile: fast\n", ("--features", "loudness")),
                                ("features: [loudness, rhythm]\n", ("--features", "loudness"))):
            self.assertEqual(features(text, *arguments), ["loudness"], (text, arguments))
        self.assertEqual(features("profile: full\n", "--profile", "fast"), ["loudness", "spectral", "rhythm"])

    def test_errors_name_the_line(self):
        for text, words in [
            ("profile: fast\nprofil: x\n", 'config.yaml:2: there is no option "profil"'),
            ("profile: fast\n\nthreads: many\n", "config.yaml:3"),
            ("plots: maybe\n", "config.yaml:1: plots takes true or false"),
            ("- a\n- b\n", 'config.yaml:1: expected "option: value"'),
            ("profile: {a: b}\n", "config.yaml:1: profile takes a plain value"),
            ("format: [[csv]]\n", "config.yaml:1: format takes a plain list"),
            ("profile: 'fast\n", "config.yaml:"),
            ("config: other.yaml\n", "config.yaml:1"),
            ("a: &x 1\nb: *x\n", "config.yaml:1"),
        ]:
            self.assertIn(words, self.config(text, 2, "-o", self.out)[1], text)
        run("process", "x.wav", "-o", self.out, "--config", self.folder / "missing.yaml", code=2)

    def test_empty_file(self):
        self.config("# nothing\n", 0, "-o", self.out, "--profile", "fast")


class Resuming(Case):
    def setUp(self):
        super().setUp()
        for i in range(4):
            write_wav(self.folder / f"in/{i}.wav", seed=i, hz=100 + 100 * i, seconds=0.5)

    def test_skip_existing_and_resume(self):
        self.process(self.folder / "in")
        self.assertIn("0 analysed, 4 left alone", self.process("--skip-existing", self.folder / "in")[0])
        self.assertIn("0 analysed, 4 left alone", self.process("--resume", self.folder / "in")[0])
        rows = (self.out / "summary.csv").read_text()
        self.assertEqual(len(rows.splitlines()), 5)
        write_wav(self.folder / "in/2.wav", hz=999, seconds=0.5)
        (self.out / "3" / "features.npz").unlink()
        self.assertIn("2 analysed, 2 left alone", self.process("--resume", self.folder / "in")[0])
        self.assertIn("4 analysed", self.process("--resume", "--format", "csv", self.folder / "in")[0])
        self.assertIn("0 analysed", self.process("--resume", "--format", "csv", self.folder / "in")[0])

    def test_cache(self):
        cache = self.folder / "cache"
        first, _ = self.process("--cache-dir", cache, self.folder / "in")
        self.assertNotIn("from the cache", first)
        before = {n: (self.out / n / "features.npz").read_bytes() for n in "0123"}
        shutil.rmtree(self.out)
        second, _ = self.process("--cache-dir", cache, self.folder / "in")
        self.assertEqual(second.count("from the cache"), 4)
        self.assertEqual(before, {n: (self.out / n / "features.npz").read_bytes() for n in "0123"})
        # another name and another format, but the same bytes: still no analysis
        os.rename(self.folder / "in/0.wav", self.folder / "in/renamed.wav")
        third, _ = self.process("--cache-dir", cache, "--format", "csv", self.folder / "in")
        self.assertEqual(third.count("from the cache"), 4)
        self.assertEqual(result(self.out / "renamed")["input"]["path"], str(self.folder / "in/renamed.wav"))
        # other parameters: no hit
        self.assertNotIn("from the cache", run("process", "--features", "loudness", "--cache-dir", cache, self.folder / "in", "-o", self.out)[0])

    def test_damaged_cache_entries_are_made_anew(self):
        cache = self.folder / "cache"
        self.process("--cache-dir", cache, self.folder / "in")
        good = {n: (self.out / n / "features.npz").read_bytes() for n in "0123"}
        entries = sorted(cache.rglob("*.analysis"))
        self.assertEqual(len(entries), 4)
        entries[0].write_bytes(entries[0].read_bytes()[:-7])
        damaged = bytearray(entries[1].read_bytes())
        damaged[len(damaged) // 2] ^= 1
        entries[1].write_bytes(damaged)
        entries[2].write_bytes(b"")
        shutil.rmtree(self.out)
        self.assertEqual(self.process("--cache-dir", cache, self.folder / "in")[0].count("from the cache"), 1)
        self.assertEqual(good, {n: (self.out / n / "features.npz").read_bytes() for n in "0123"})
        self.assertEqual(self.process("--cache-dir", cache, self.folder / "in")[0].count("from the cache"), 4)

    def test_a_cache_that_cannot_be_written(self):
        (self.folder / "file").write_text("")
        self.process("--cache-dir", self.folder / "file", self.folder / "in", code=3)


class Trouble(Case):
    def whole(self, folder):
        """Every folder under a final name is complete."""
        for entry in Path(folder).iterdir():
            if entry.is_dir() and not entry.name.startswith("."):
                self.assertEqual(names(entry), ["features.npz", "report.html", "result.json"], entry)
                result(entry)
                with zipfile.ZipFile(entry / "features.npz") as archive:
                    self.assertIsNone(archive.testzip())
                self.assertTrue((entry / "report.html").read_text().rstrip().endswith("</html>"))

    def make_inputs(self, count, seconds):
        one = write_wav(self.folder / "in/000.wav", seconds=seconds)
        for i in range(1, count):
            shutil.copy(one, self.folder / f"in/{i:03}.wav")

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, "process", self.folder / "in", "-o", self.out, *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def wait_for_results(self, process, count):
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            if self.out.is_dir() and len([n for n in names(self.out) if not n.startswith(".")]) >= count:
                return
            time.sleep(0.002)

    def start_until_pipe(self, *arguments, **options):
        """Starts on ten tracks, one after another; the fourth is a pipe, where the program waits for release()."""
        self.make_inputs(10, 1.0)
        pipe = self.folder / "in/003.wav"
        pipe.unlink()
        os.mkfifo(pipe)
        process = subprocess.Popen([PROGRAM, "process", self.folder / "in", pipe, "-o", self.out, "--threads", "1", *arguments],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.wait_for_results(process, 3)
        self.assertIsNone(process.poll())
        return process, pipe

    def release(self, process, pipe):
        """Gives the program an empty file whenever it opens the pipe."""
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            try:
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                time.sleep(0.002)
        return process.communicate(timeout=60)

    def test_interrupt_then_resume(self):
        process, pipe = self.start_until_pipe()
        process.send_signal(signal.SIGINT)
        out, _ = self.release(process, pipe)
        self.assertEqual(process.returncode, 130)
        self.assertIn(", interrupted;", out)
        self.whole(self.out)
        self.assertEqual(names(self.out), ["000", "001", "002", "index.html", "summary.csv"])
        shutil.copy(self.folder / "in/000.wav", self.folder / "in/fourth.wav")
        pipe.unlink()
        (self.folder / "in/fourth.wav").rename(pipe)
        out, _ = run("process", "--resume", self.folder / "in", "-o", self.out)
        self.assertIn("7 analysed, 3 left alone", out)
        self.whole(self.out)

    def test_interrupt_within_a_track(self):
        """The track comes from a decoder of ours that stops in the middle until it is told to go on."""
        tools, gate, started = self.folder / "tools", self.folder / "gate", self.folder / "started"
        tools.mkdir()
        os.mkfifo(gate)
        opened = os.open(gate, os.O_RDWR)
        self.addCleanup(os.close, opened)
        silence = bytes(4 * 22050 * 5)
        (self.folder / "begin").write_bytes(struct.pack(">4s5I", b".snd", 24, 0xFFFFFFFF, 6, 22050, 1) + silence)
        (self.folder / "rest").write_bytes(20 * silence)
        (tools / "ffmpeg").write_text(f"#!/bin/sh\ncd '{self.folder}'\ncat begin\n: > started\nread line < gate\nexec cat rest\n")
        (tools / "ffmpeg").chmod(0o755)
        (self.folder / "x.wma").write_bytes(b"a format that only the decoder knows")
        process = subprocess.Popen([PROGRAM, "process", self.folder / "x.wma", "-o", self.out, "--profile", "fast"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
        until = time.monotonic() + 60
        while not started.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        os.write(opened, b"go on\n")
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (130, "", ""))
        self.assertEqual(names(self.out), [])

    def test_interrupted_features_leave_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.out.mkdir(exist_ok=True)
            process = subprocess.Popen([PROGRAM, "features", SOURCE / "assets/demo.ogg", "--feature", "stft:hop_length=4",
                                        "-o", self.out / "x.npz"])
            until = time.monotonic() + 60
            while not names(self.out) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.002)
            process.send_signal(number)
            process.wait(timeout=60)
            self.assertEqual((process.returncode, names(self.out)), (130, []))

    def test_a_signal_that_is_ignored_stays_ignored(self):
        process, pipe = self.start_until_pipe(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        out, err = self.release(process, pipe)
        self.assertEqual(process.returncode, 1, out + err)  # for the pipe
        self.assertIn("9 analysed, 0 left alone, 1 failed;", out)

    def test_kill_then_resume(self):
        self.make_inputs(40, 2.0)
        for pause in (0.0, 0.005, 0.013):
            process = self.start("--threads", "2", "--resume")
            self.wait_for_results(process, 2)
            time.sleep(pause)
            process.kill()
            process.communicate()
            self.whole(self.out)
        run("process", "--resume", self.folder / "in", "-o", self.out)
        self.whole(self.out)
        self.assertEqual(len([n for n in names(self.out) if not n.startswith(".")]), 42)
        self.assertFalse([n for n in names(self.out) if n.startswith(".")])

    def test_full_disk(self):
        self.make_inputs(2, 2.0)

        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        _, err = self.process(self.folder / "in", code=3, preexec_fn=small_files, restore_signals=False)
        self.assertIn("000.wav", err)
        self.assertEqual(names(self.out), [])
        self.process(self.folder / "in")
        self.whole(self.out)

    def test_output_that_cannot_be_made(self):
        path = write_wav(self.folder / "x.wav")
        (self.folder / "file").write_text("")
        _, err = run("process", path, "-o", self.folder / "file" / "out", code=3)
        self.assertIn("file/out", err)
        if os.geteuid() != 0:
            (self.folder / "locked").mkdir(mode=0o500)
            run("process", path, "-o", self.folder / "locked", code=3)

    def test_progress_bar_on_a_terminal(self):
        self.make_inputs(3, 1.0)
        leader, follower = pty.openpty()
        process = subprocess.Popen([PROGRAM, "process", self.folder / "in", "-o", self.out], stdout=subprocess.DEVNULL, stderr=follower)
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(leader)
        self.assertEqual(process.wait(), 0)
        self.assertRegex(seen.decode(), r"\r\[[#.]*\] +\d+ %  \d/3  \d+x real time  [-\d:]+ left")


class Comparing(Case):
    def test_compare_and_similar(self):
        for i in range(3):
            write_wav(self.folder / f"in/{i}.wav", seed=i, hz=80 * 3**i, seconds=6)
        run("process", self.folder / "in", "-o", self.out, "-q")
        same, _ = run("compare-fingerprints", self.out / "0", self.out / "0" / "result.json", "--json")
        self.assertEqual(json.loads(same)["distance"], 0.0)
        other = json.loads(run("compare-fingerprints", self.out / "0", self.out / "2", "--json")[0])
        self.assertGreater(other["distance"], 0.0)
        self.assertEqual(len(other["values"]), 25)
        self.assertAlmostEqual(sum(v["contribution"] for v in other["values"]), other["distance"] ** 2, places=9)
        direct = json.loads(run("compare-fingerprints", self.folder / "in/0.wav", self.out / "0", "--json")[0])
        self.assertLess(direct["distance"], 1e-6)
        self.assertIn("similarity", run("compare-fingerprints", self.out / "0", self.out / "1")[0])
        near = json.loads(run("similar", self.out / "0", self.out, "--json")[0])
        self.assertEqual({entry["track"] for entry in near}, {str(self.out / "1"), str(self.out / "2")})
        self.assertLessEqual(near[0]["distance"], near[1]["distance"])
        self.assertEqual(len(run("similar", self.folder / "in/0.wav", self.out, "-n1")[0].splitlines()), 2)
        # nor is the result of a sound file near to the file
        for arguments in ((), ("-n2",), ("-n0",)):
            near = json.loads(run("similar", self.folder / "in/0.wav", self.out, "--json", *arguments)[0])
            self.assertEqual({entry["track"] for entry in near}, {str(self.out / "1"), str(self.out / "2")})

    def test_results_without_a_fingerprint(self):
        for i in range(3):
            write_wav(self.folder / f"in/{i}.wav", seed=i, hz=80 * 3**i, seconds=6)
        self.process(self.folder / "in")
        words = "without a fingerprint; --profile default or --features fingerprint makes one"
        _, err = run("similar", self.folder / "in/0.wav", self.out, code=1)
        self.assertEqual(err, f"heihachi: {self.out}: 3 results {words}\n")
        run("process", self.folder / "in/1.wav", "-o", self.out, "--features", "fingerprint")
        out, err = run("similar", self.folder / "in/0.wav", self.out, "--json", code=1)
        self.assertEqual([entry["track"] for entry in json.loads(out)], [str(self.out / "1")])
        self.assertEqual(err, f"heihachi: {self.out}: 2 results {words}\n")
        for arguments in (("compare-fingerprints", self.out / "1", self.out / "0"), ("similar", self.out / "0", self.out)):
            self.assertEqual(run(*arguments, code=1)[1], f"heihachi: {self.out / '0'}: a result {words}\n")

    def test_names_that_are_not_utf8(self):
        for i, name in enumerate((b"\xffa.wav", b"b\xe9\xa0.wav", "ü\U0001f600".encode() + b"\xed\xa0\x80.wav")):
            write_wav(self.folder / "plain.wav", seed=i, hz=100 + 200 * i, seconds=6)
            os.rename(self.folder / "plain.wav", os.fsencode(self.folder) + b"/" + name)
        folder = os.fsencode(self.folder)
        paths = sorted(entry for entry in os.listdir(folder) if entry.endswith(b".wav"))
        shown = ["b\ufffd\ufffd.wav", "ü\U0001f600\ufffd\ufffd\ufffd.wav", "\ufffda.wav"]  # one for each byte

        def ask(*arguments):
            done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
            return done.stdout.decode()

        self.assertEqual([json.loads(line)["path"] for line in ask("info", "--json", *paths).splitlines()], shown)
        compared = json.loads(ask("compare-fingerprints", "--json", paths[0], paths[2]))
        self.assertEqual([compared["a"], compared["b"]], [shown[0], shown[2]])
        ask("process", "-q", "-o", "out", *paths)
        for path, name in zip(paths, shown):
            tree = json.loads(Path(os.fsdecode(folder + b"/out/" + path[:-4] + b"/result.json")).read_text())
            self.assertEqual(tree["input"]["path"], name)
        near = json.loads(ask("similar", "--json", paths[0], "out"))
        self.assertEqual({entry["track"] for entry in near}, {"out/" + name.removesuffix(".wav") for name in shown[1:]})

    def test_errors(self):
        path = write_wav(self.folder / "x.wav")
        (self.folder / "wrong.json").write_text("{}")
        self.assertIn("wrong.json", run("compare-fingerprints", self.folder / "wrong.json", path, code=1)[1])
        self.assertIn("missing", run("similar", self.folder / "missing.wav", self.folder, code=1)[1])
        self.assertIn("no folder", run("similar", path, path, code=1)[1])
        self.assertIn("there is no result below", run("similar", path, self.folder, code=1)[1])
        run("process", "-q", path, "-o", self.out)
        self.assertIn("there is no other result below", run("similar", path, self.out, code=1)[1])


class Features(Case):
    """Without librosa; tests/librosa/test_features.py looks at the arrays."""

    def test_exit_codes_and_names(self):
        path = write_wav(self.folder / "x.wav", seconds=0.5)
        short = write_wav(self.folder / "short.wav", seconds=1 / 22050)
        array = self.folder / "x.npz"
        for value, words in (("stft:n_fft=99999999999", "n_fft is 99999999999"), ("feature.mfcc:dct_type=9", "type 9"),
                             ("effects.hpss:margin=0.5", "margins are 0.5"), ("stft:center=TRUE", "true or false")):
            _, err = run("features", path, "--feature", value, "-o", array, code=2)
            self.assertIn(words, err)
            self.assertIn("Try 'heihachi help features'", err)
        _, err = run("features", short, "--feature", "yin:center=false", "-o", array, code=1)
        self.assertIn(f"heihachi: {short}: yin: ", err)
        self.assertEqual(names(self.folder), ["short.wav", "x.wav"])
        run("features", path, "--feature", "stft:center=False", "--feature", "feature.melspectrogram:htk=True,fmax=None", "-o", array)
        with zipfile.ZipFile(array) as archive:
            self.assertEqual(archive.namelist(), ["stft.npy", "feature.melspectrogram.npy"])


class Info(Case):
    def test_info(self):
        path = write_wav(self.folder / "x.wav", seconds=61)
        text, _ = run("info", path)
        for words in ("WAV, PCM 16 bit", "22050 Hz", "1:01.000", "channels  1"):
            self.assertIn(words, text)
        tree = json.loads(run("info", "--json", path)[0])
        self.assertEqual((tree["rate_hz"], tree["channels"], tree["samples"], tree["duration_s"]), (22050, 1, 61 * 22050, 61))
        self.assertIn("missing.wav", run("info", path, self.folder / "missing.wav", code=1)[1])


if __name__ == "__main__":
    unittest.main()
