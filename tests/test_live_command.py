"""heihachi live and heihachi perf from outside: lines, pacing, signals, sessions, the view on a
terminal, HTTP, and sound devices where jackd and pulseaudio are installed.

HEIHACHI names the program (default build/heihachi). What this file plays it makes itself. No test
compares a time of the wall clock with a constant: times are compared with counts of samples, or
with other times of the same run."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("HEIHACHI", ROOT / "build/heihachi")).resolve()
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built")

RATE = 16000
FIELDS = {  # of each type of line, and what its values are
    "beat": {"bpm": float, "confidence": float, "number": int, "downbeat": (bool, type(None)),
             "in_bar": (int, type(None))},
    "onset": {"band": str, "strength": float},
    "tempo": {"bpm": float, "confidence": float},
    "level": {"rms_db": float, "peak_db": float, "momentary_lufs": float, "display": float},
    "silence": {"on": bool, "contrast": bool},
}


def run(*arguments, code=0, sound=None, timeout=120, env=None):
    """Runs the program; gives (standard output, standard error)."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=sound, capture_output=True,
                          timeout=timeout, env=env, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stderr.decode())
    return done.stdout.decode(), done.stderr.decode()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def kind(events, name):
    return [event for event in events if event["type"] == name]


def click_train(seconds, bpm=120.0, rate=RATE):
    """Clicks of 10 ms that fade, the first at 0.25 s; and a little noise."""
    x = 1e-3 * np.random.default_rng(5).standard_normal(int(seconds * rate))
    click = np.sin(2 * np.pi * 1000 * np.arange(rate // 100) / rate) * np.linspace(0.9, 0, rate // 100)
    for t in np.arange(0.25, seconds - 0.02, 60 / bpm):
        at = round(t * rate)
        x[at:at + len(click)] += click
    return x.astype(np.float32)


def write_wav(path, x, rate=RATE):
    """Mono or (samples, channels), 32 bit float."""
    channels = 1 if x.ndim == 1 else x.shape[1]
    data = x.astype("<f4").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, channels,
                         rate, 4 * channels * rate, 4 * channels, 32, b"data", len(data))
    path.write_bytes(header + data)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path, method="GET", data=None):
    """(status, text) of a request; waits until someone listens."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, method=method)
    for _ in range(3000):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except urllib.error.URLError:
            time.sleep(0.02)
    raise AssertionError(f"nobody listens at port {port}")


class Live:
    """heihachi live in the background, with its lines and the times at which they came."""

    def __init__(self, *arguments, env=None, stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen([PROGRAM, "live", *map(str, arguments)], stdin=stdin, env=env,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def next_line(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        return json.loads(line)

    def until(self, wanted):
        """The first line for which wanted(line) holds, within a minute of sound."""
        while True:
            line = self.next_line()
            if wanted(line):
                return line
            assert line.get("told", 0) < 60, line

    def close_input(self):
        self.process.stdin.close()
        self.process.stdin = None

    def end(self, number=None):
        """(exit code, lines that were left, standard error), after a signal if one is given."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, lines(out.decode()), err.decode()


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    return write_wav(tmp_path_factory.mktemp("live") / "clicks.wav", click_train(12))


@pytest.fixture(scope="module")
def told(clicks):
    """What is told of the clicks, as text."""
    return run("live", "--file", clicks, "--fast", "--json")[0]


# ---- lines


def test_each_line_is_of_a_known_form(told):
    events = lines(told)
    assert {event["type"] for event in events} >= {"beat", "onset", "tempo", "level"}
    for event in events:
        fields = FIELDS[event["type"]]
        assert set(event) == {"t", "type", "told", *fields}, event
        for name, wanted in fields.items():
            value = event[name]
            assert isinstance(value, (int, float) if wanted is float else wanted), event
        assert 0 <= event["told"] <= 12.0
    stamps = [event["told"] for event in events]
    assert stamps == sorted(stamps)


def test_beats_are_where_the_clicks_are(told):
    beats = kind(lines(told), "beat")
    late = [beat for beat in beats if beat["t"] > 6]
    assert len(late) >= 10
    for beat in late:
        assert abs(beat["bpm"] - 120) < 0.5
        assert abs((beat["t"] - 0.25 + 0.25) % 0.5 - 0.25) < 0.02, beat
        assert 0 <= beat["confidence"] <= 1
        assert beat["downbeat"] is None and beat["in_bar"] is None \
            or beat["downbeat"] == (beat["in_bar"] == 1)
    assert [beat["number"] for beat in beats] == list(range(len(beats)))


def test_beats_of_music():
    """The bundled track, drum & bass of 174 beats a minute from 0 s on: an F measure of 0.9."""
    beats = kind(lines(run("live", "--file", ROOT / "assets/demo.ogg", "--fast")[0]), "beat")
    late = [beat for beat in beats if beat["t"] >= 8]
    right = [beat for beat in late if abs((beat["t"] + 0.17) % (60 / 174) - 0.17) <= 0.07]
    assert 2 * len(right) >= 0.9 * (len(late) + (44 - 8) * 174 / 60)
    assert np.median([beat["bpm"] for beat in late]) == pytest.approx(174, abs=0.5)


def test_bars_of_music():
    """The same track: every fourth beat from 0 s on is the first of a bar, whatever the latency."""
    for latency in (0, 300):
        text = run("live", "--file", ROOT / "assets/demo.ogg", "--fast", "--latency", latency)[0]
        late = [beat for beat in kind(lines(text), "beat") if beat["t"] >= 8]
        right = [beat for beat in late if beat["in_bar"] == 1 + round(beat["t"] * 174 / 60) % 4]
        assert len(right) >= 0.9 * len(late) >= 90, latency
        assert all(beat["downbeat"] == (beat["in_bar"] == 1) for beat in late)


def test_levels_come_as_often_as_asked(clicks):
    for rate in (0, 5, 10):
        levels = kind(lines(run("live", "--file", clicks, "--fast", "--levels", rate)[0]), "level")
        assert abs(len(levels) - 12 * rate) <= 1


def test_latency_tells_beats_before_they_sound(clicks):
    for latency in (0, 60, -40):
        text = run("live", "--file", clicks, "--fast", "--latency", latency)[0]
        ahead = [beat["t"] - beat["told"] for beat in kind(lines(text), "beat") if beat["t"] > 6]
        assert len(ahead) >= 10
        # A hop is 8 ms.
        assert all(latency / 1e3 - 0.0085 <= a <= latency / 1e3 + 0.0085 for a in ahead), latency


def test_silence_is_told(tmp_path):
    x = np.concatenate([click_train(4), np.zeros(3 * RATE, np.float32), click_train(2)])
    out, _ = run("live", "--file", write_wav(tmp_path / "x.wav", x), "--fast")
    changes = kind(lines(out), "silence")
    before = [e for e in changes if e["told"] < 5.0][-1]
    after = [e for e in changes if e["told"] >= 5.0][0]
    assert before["on"] and before["t"] >= 3.5 and not after["on"] and 7.0 <= after["t"] <= 8.0


# ---- inputs


def test_standard_input_gives_what_the_file_gives(clicks, told):
    x = click_train(12)
    for arguments in (["--fast"], []):
        out, _ = run("live", "--rate", RATE, *arguments, "-", sound=x.astype("=f4").tobytes())
        assert out == told
    stereo = np.stack([x, x], axis=1)
    out, _ = run("live", "--rate", RATE, "--channels", 2, "-", sound=stereo.astype("=f4").tobytes())
    assert out == told


def test_it_does_not_matter_how_standard_input_is_cut(told):
    sound = click_train(12).astype("=f4").tobytes()
    cuts = np.random.default_rng(3)
    with Live("--rate", RATE, "-", stdin=subprocess.PIPE) as live:
        at = 0
        while at < len(sound):
            size = int(cuts.integers(1, 60000))
            live.process.stdin.write(sound[at:at + size])
            live.process.stdin.flush()
            at += size
        code, events, _ = live.end()
        assert code == 0 and events == lines(told)


def test_s16_is_f32_rounded():
    x = np.round(click_train(6) * 32768) / 32768
    a, _ = run("live", "--rate", RATE, "-", sound=x.astype("=f4").tobytes())
    b, _ = run("live", "--rate", RATE, "--format", "s16", "-", sound=(x * 32768).astype("=i2").tobytes())
    assert a == b and len(a) > 0


def test_channels_are_chosen(tmp_path):
    x = click_train(6)
    other = 0.3 * np.random.default_rng(1).standard_normal(len(x)).astype(np.float32)
    path = write_wav(tmp_path / "two.wav", np.stack([other, x], axis=1))
    alone, _ = run("live", "--file", write_wav(tmp_path / "one.wav", x), "--fast")
    assert run("live", "--file", path, "--fast", "--mix", "2")[0] == alone
    mean = write_wav(tmp_path / "mean.wav", ((x + other) * np.float32(0.5)))
    assert run("live", "--file", path, "--fast")[0] == run("live", "--file", mean, "--fast")[0]
    assert "no channel 3" in run("live", "--file", path, "--fast", "--mix", "1,3", code=1)[1]


def test_an_input_that_ends_within_a_frame(told):
    sound = click_train(12).astype("=f4").tobytes()
    out, err = run("live", "--rate", RATE, "-", sound=sound + b"\1\2\3")
    assert out == told and "3 bytes are left out" in err


def test_an_empty_input():
    assert run("live", "--rate", RATE, "-", sound=b"") == ("", "")


@pytest.mark.parametrize("rate", [4000, 8000, 44100, 96000, 192000])
def test_every_rate_of_a_file(tmp_path, rate):
    path = write_wav(tmp_path / "x.wav", click_train(10, rate=rate), rate)
    beats = [b for b in kind(lines(run("live", "--file", path, "--fast")[0]), "beat") if b["t"] > 7]
    assert len(beats) >= 4 and all(abs(b["bpm"] - 120) < 0.5 for b in beats)


def test_settings_reach_the_core(clicks, told):
    for setting in (["--bank", "goertzel"], ["--bank", "lanes"], ["--bank", "sliding"],
                    ["--notes", "36", "--bottom", "220"], ["--stagger", "8"]):
        events = lines(run("live", "--file", clicks, "--fast", *setting)[0])
        assert len(kind(events, "beat")) > 5, setting
    beats = kind(lines(run("live", "--file", clicks, "--fast", "--bpm", "130-280")[0]), "beat")
    assert beats and all(130 <= beat["bpm"] <= 280 for beat in beats)
    loud = kind(lines(run("live", "--file", clicks, "--fast", "--silence", "0")[0]), "silence")
    assert any(e["on"] and not e["contrast"] for e in loud)


# ---- real time


def test_a_file_runs_in_real_time(tmp_path):
    """No line comes before its samples have sounded, and the lines are those of --fast."""
    path = write_wav(tmp_path / "x.wav", click_train(3))
    start = time.monotonic()
    with Live("--file", path) as live:
        events = []
        for line in live.process.stdout:
            event = json.loads(line)
            assert time.monotonic() - start >= event["told"] - 1e-6, event
            events.append(event)
        assert live.end()[0] == 0
    assert time.monotonic() - start >= 3.0 - 1e-6
    assert events == lines(run("live", "--file", path, "--fast")[0])


@pytest.mark.parametrize("latency", [0, 80])
def test_beats_are_sent_when_they_are_due(tmp_path, latency):
    """Not before they sound, less the latency; and each that is told but for the one that has yet to sound."""
    path = write_wav(tmp_path / "x.wav", click_train(8, bpm=140))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.05)
        start, came = time.monotonic(), []
        with Live("--file", path, "--latency", latency, "--send",
                  f"osc://127.0.0.1:{receiver.getsockname()[1]}") as live:
            while live.process.poll() is None or select.select([receiver], [], [], 0)[0]:
                try:
                    packet = receiver.recv(65536)
                except socket.timeout:
                    continue
                if b"/heihachi/beat\0" in packet:
                    came.append(time.monotonic() - start)
            beats = kind(live.end()[1], "beat")
    assert len(beats) > 8 and len(came) in (len(beats), len(beats) - 1)
    for moment, beat in zip(came, beats):
        assert moment >= beat["t"] - latency / 1e3 - 1e-4
        # Told 25 ms earlier still, but for a hop of 8 ms, so that they can be kept until they are due.
        assert beat["t"] < 6 or beat["t"] - beat["told"] - latency / 1e3 == pytest.approx(0.025, abs=0.0085)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_session_is_whole(clicks, tmp_path, number):
    session = tmp_path / "s.jsonl"
    with Live("--file", clicks, "--record", session) as live:
        live.until(lambda line: line["told"] > 0.3)
        assert not session.exists()
        assert live.end(number)[0] == 130
    recorded = lines(session.read_text())
    assert recorded[0]["heihachi_session"] == 1 and len(recorded) > 10
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl"]


def test_a_signal_ends_it_while_it_waits_for_standard_input():
    with Live("--rate", RATE, "-", stdin=subprocess.PIPE) as live:
        live.process.stdin.write(click_train(1).tobytes())
        live.process.stdin.flush()
        live.until(lambda line: line["told"] > 0.3)
        assert live.end(signal.SIGINT)[0] == 130


def test_output_that_is_closed(clicks):
    line = f"'{PROGRAM}' live --file '{clicks}' --fast --levels 50 | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)
    assert json.loads(done.stdout)["type"] in FIELDS
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([PROGRAM, "live", "--file", clicks, "--fast"], stdout=full,
                              stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 3


# ---- errors


@pytest.mark.parametrize("arguments, code, words", [
    (["--file", "/nonexistent/x.wav"], 1, "/nonexistent/x.wav"),
    (["-"], 2, "need --rate"),
    (["x.wav"], 2, "--file"),
    (["--file", "a", "--device", "b"], 2, "not more"),
    (["--fast"], 2, "--fast needs"),
    (["--rate", "7999", "-"], 2, "8000 to 96000"),
    (["--rate", "44100", "--file", "a"], 2, "--rate is for"),
    (["--bpm", "20-400", "-"], 2, "60-200"),
    (["--bpm", "120-100", "-"], 2, "60-200"),
    (["--bank", "fft", "-"], 2, "octaves"),
    (["--format", "u8", "-"], 2, "f32 or s16"),
    (["--mix", "0", "-"], 2, "from 1"),
    (["--mix", "1,", "-"], 2, "from 1"),
    (["--latency", "1e9", "-"], 2, "-200 to 400"),
    (["--http", "65536", "-"], 2, "65535"),
    (["--json", "--quiet", "--rate", "8000", "-"], 2, "not both"),
    (["--send", "carrier-pigeon://x", "--rate", "8000", "-"], 2, "no sender \"carrier-pigeon\""),
    (["--send", "osc", "--rate", "8000", "-"], 2, "--send osc"),
    (["--record", "/nonexistent/s", "--rate", "8000", "-"], 3, "/nonexistent/s"),
    (["--replay", "/nonexistent/s"], 1, "/nonexistent/s"),
])
def test_errors(arguments, code, words):
    assert words in run("live", *arguments, code=code, sound=b"")[1]


def test_a_file_that_is_no_sound(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(b"no sound at all" * 100)
    assert str(path) in run("live", "--file", path, code=1)[1]


def test_a_port_in_use(clicks):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port}" in run("live", "--file", clicks, "--fast", "--http", port, code=1)[1]


# ---- sessions


def test_a_session_is_replayed_as_it_was(clicks, told, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("live", "--file", clicks, "--fast", "--record", first)[0] == told
    assert run("live", "--replay", first, "--fast", "--record", second)[0] == told
    ours, theirs = (path.read_text().splitlines() for path in (first, second))
    assert ours[1:] == theirs[1:]
    header, again = json.loads(ours[0]), json.loads(theirs[0])
    assert header["sample_rate"] == RATE and header["source"] == str(clicks)
    assert {k: v for k, v in header.items() if k != "source"} == {k: v for k, v in again.items() if k != "source"}
    snapshots = [s for s in map(json.loads, ours[1:]) if s["type"] == "snapshot"]
    assert len(snapshots) == 12 * 50 and all(len(s["note"]) == 64 and len(s["chroma"]) == 12 for s in snapshots)


def test_a_replay_keeps_its_time(tmp_path):
    """Its lines come no sooner than they were told, in the order of the session."""
    path, session = write_wav(tmp_path / "x.wav", click_train(2)), tmp_path / "s"
    events = lines(run("live", "--file", path, "--fast", "--record", session)[0])
    start = time.monotonic()
    with Live("--replay", session) as live:
        for event in events:
            assert live.next_line() == event
            assert time.monotonic() - start >= event["told"] - 1e-6
        assert live.end() == (0, [], "")


def test_a_session_that_is_damaged(clicks, tmp_path):
    session, damaged = tmp_path / "s", tmp_path / "d"
    run("live", "--file", clicks, "--fast", "--record", session)
    good = session.read_text().splitlines()
    header = {**json.loads(good[0]), "latency_ms": 1e300}
    event = next(line for line in map(json.loads, good) if line.get("type") == "onset")
    far = [json.dumps({**event, name: 2**52}) for name in ("sample", "told_sample")]
    for number, line in ((1, "{}"), (1, "no JSON"), (1, json.dumps(header)), (7, far[0]), (8, far[1]), (4, '{"type":"beat"}'), (5, '[1]'), (6, good[6][:-9])):
        damaged.write_text("\n".join(good[:number - 1] + [line] + good[number:]) + "\n")
        err = run("live", "--replay", damaged, "--fast", code=1)[1]
        assert str(damaged) in err and (number == 1 or f"line {number}" in err), line


def test_a_record_appears_when_it_is_whole(tmp_path):
    with Live("--rate", RATE, "--quiet", "--record", tmp_path / "s", "-", stdin=subprocess.PIPE) as live:
        live.process.stdin.write(click_train(2).tobytes())
        live.process.stdin.flush()
        while not list(tmp_path.iterdir()):
            assert live.process.poll() is None
            time.sleep(0.01)
        assert not (tmp_path / "s").exists()
        live.close_input()
        assert live.process.wait(timeout=60) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


# ---- HTTP


def test_http(tmp_path):
    port = free_port()
    with Live("--rate", RATE, "--http", port, "--latency", 30, "--send", f"osc://127.0.0.1:{free_port()}", "-",
              stdin=subprocess.PIPE) as live:
        samples = click_train(8)
        live.process.stdin.write(samples.tobytes())
        live.process.stdin.flush()
        while json.loads(get(port, "/api/status")[1])["sample"] < len(samples):
            time.sleep(0.02)
        status = json.loads(get(port, "/api/status")[1])
        assert status["t"] == pytest.approx(8.0) and abs(status["bpm"] - 120) < 0.5
        assert status["source"] == "standard input" and len(status["note"]) == 64
        assert set(status) >= {"confidence", "beat_phase", "beats", "downbeat", "silent", "rms_db", "peak_db",
                               "momentary_lufs", "display", "novelty", "onset", "chroma", "tuning_cents"}
        # The counters are published every 16 hops.
        performance = json.loads(get(port, "/api/performance")[1])
        assert performance["uptime_samples"] == len(samples) and performance["hop"] == 128
        assert performance["xruns"] == performance["lost_samples"] == performance["events_lost"] == 0
        assert performance["latency_ms"] == 30 and performance["events"] > 50
        stages = performance["stages"]
        assert set(stages) == {"decimate", "bank", "level", "novelty", "tempo", "hop"}
        hops = len(samples) // 128
        assert hops - 32 <= stages["hop"]["calls"] <= hops
        assert all(0 < s["mean_us"] <= s["max_us"] for s in stages.values())
        share = stages["hop"]["mean_us"] / performance["hop_budget_us"]
        assert stages["hop"]["budget_share"] == pytest.approx(share, rel=1e-6) and performance["hop_budget_us"] == 8000
        parts = sum(s["budget_share"] for name, s in stages.items() if name != "hop")
        assert parts <= stages["hop"]["budget_share"] * 1.0001
        assert [s["name"].split(":")[0] for s in performance["senders"]] == ["osc"]
        assert performance["senders"][0]["sent"] > 0
        assert get(port, "/")[0] == 404 and get(port, "/api/../etc")[0] == 404
        assert get(port, "/api/status", "POST", b"x" * 100000)[0] == 405
        assert get(port, "/api/status", "HEAD") == (200, "")
        live.close_input()
        assert live.process.wait(timeout=60) == 0
    # It serves this machine only.
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_http_is_on_the_loopback_address_alone(clicks):
    with Live("--file", clicks, "--http", 0) as live:
        line = live.process.stderr.readline().decode()
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", line).group(1))
        assert get(port, "/api/status")[0] == 200
        table = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
        listening = [row.split()[1] for row in table.splitlines()[1:] if row.split()[3] == "0A"]
        ours = [address for address in listening if int(address.split(":")[1], 16) == port]
        assert all(address.startswith("0100007F") for address in ours)
        assert live.end(signal.SIGINT)[0] == 130


# ---- the view


class Terminal:
    """The program on a terminal of our own; the screen is kept as cells."""

    def __init__(self, *arguments, columns=80, rows=24, env=None):
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        for name in ("NO_COLOR",):
            if name not in (env or {}):
                environment.pop(name, None)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave, self.columns, self.rows = slave, columns, rows
        self.process = subprocess.Popen([PROGRAM, "live", *map(str, arguments)], stdin=slave, stdout=slave,
                                        stderr=slave, env=environment, start_new_session=True)
        self.raw = b""
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def read(self):
        """Takes what the program wrote; False if it gives nothing for a while."""
        if not select.select([self.master], [], [], 0.1)[0]:
            return False
        self.raw += os.read(self.master, 65536)
        return True

    def screen(self):
        """The cells as lines, from all that was written since the alternate screen began."""
        cells = [[" "] * self.columns for _ in range(self.rows)]
        row = column = 0
        text = self.raw.decode(errors="replace").split("\x1b[?1049h")[-1]
        for part in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|[^\x1b]", text):
            if part[0] != "\x1b":
                if row < self.rows and column < self.columns:
                    cells[row][column] = part
                column += 1
            elif part[-1] == "H":
                row, column = (int(n) - 1 for n in part[2:-1].split(";"))
        return "\n".join("".join(line).rstrip() for line in cells)

    def wait_for(self, pattern):
        """Until the screen shows it."""
        for _ in range(600):
            self.read()
            if re.search(pattern, self.screen()):
                return self.screen()
            assert self.process.poll() is None or select.select([self.master], [], [], 0)[0], self.screen()
        raise AssertionError(self.screen())

    def type(self, keys):
        os.write(self.master, keys.encode())

    def finish(self):
        """The exit code, when all is read."""
        while self.process.poll() is None:
            self.read()
        while self.read():
            pass
        return self.process.returncode

    def restored(self):
        return (self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") >= 0 and
                self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l") and
                termios.tcgetattr(self.slave) == self.before)


@pytest.mark.parametrize("columns, rows", [(40, 20), (80, 24), (120, 40), (200, 50), (60, 8), (24, 5)])
def test_the_view_at_many_sizes(clicks, columns, rows):
    with Terminal("--file", clicks, columns=columns, rows=rows) as t:
        screen = t.wait_for(r"dB" if columns >= 40 else "heihachi")
        assert "heihachi" in screen.splitlines()[0]
        t.wait_for("[▁▂▃▄▅▆▇█]")
        # Nothing is written outside.
        for move in re.findall(rb"\x1b\[(\d+);(\d+)H", t.raw):
            assert 1 <= int(move[0]) <= rows and 1 <= int(move[1]) <= columns
        t.type("q")
        assert t.finish() == 0 and t.restored()


@pytest.mark.parametrize("columns, rows", [(1, 24), (2, 20), (3, 3), (1, 1)])
def test_the_view_where_nothing_can_be_seen(clicks, columns, rows):
    with Terminal("--file", clicks, columns=columns, rows=rows) as t:
        while b";1H" not in t.raw and t.process.poll() is None:
            t.read()
        t.type("q")
        assert t.finish() == 0 and t.restored()


def test_the_view_shows_what_is_heard(clicks, tmp_path):
    """A4, and A5 20 dB below, for 3 s, in bars of 42 dB and eleven rows; then nothing. And a tempo."""
    at = np.arange(3 * RATE) / RATE
    tones = 0.5 * np.sin(2 * np.pi * 440 * at) + 0.05 * np.sin(2 * np.pi * 880 * at)
    path = write_wav(tmp_path / "x.wav", np.concatenate([tones, np.zeros(5 * RATE)]))
    with Terminal("--file", path) as t:
        def heights():
            rows = [line.ljust(t.columns) for line in t.screen().splitlines()[11:22]]
            return [sum(row[1 + note] not in " ▁" for row in rows) for note in (24, 36, 60)]
        t.wait_for(r" -9\.0 dB  peak +-5\.\d .*(?s:.*)▁")
        t.wait_for(r" 0:0[12]\.\d\n")
        assert heights() in ([11, 5, 0], [11, 6, 0])
        assert "SILENCE" in t.wait_for(r" 0:0[5-7]\.\d\n") and heights() == [0, 0, 0]
        t.type("q")
        assert t.finish() == 0
    with Terminal("--file", clicks, rows=12) as t:
        t.wait_for(r"^.*\n 1(19\.[5-9]|20\.[0-5]) BPM ")
        t.type("q")
        assert t.finish() == 0


def test_the_view_writes_only_what_changed(clicks):
    with Terminal("--file", clicks, columns=120, rows=40) as t:
        t.wait_for("LUFS")
        before, frames = len(t.raw), 0
        while frames < 30 and t.read():
            frames += 1
        # A whole screen is 4800 characters and their colours.
        assert (len(t.raw) - before) / max(frames, 1) < 4800
        t.type("q")
        assert t.finish() == 0


def test_the_keys(clicks):
    with Terminal("--file", clicks, columns=90) as t:
        t.wait_for(r"latency \+0 ms")
        t.type(">>>")
        t.wait_for(r"latency \+15 ms")
        t.type("<,,,")
        t.wait_for(r"latency -5 ms")
        t.type("t +-=[]\x1b[A\x1b[B\x1bOA\x1b[1;5C")
        t.wait_for(r"latency -5 ms")
        t.type("q")
        assert t.finish() == 0 and t.restored()


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130),
                                          (signal.SIGQUIT, -signal.SIGQUIT), (signal.SIGABRT, -signal.SIGABRT),
                                          (signal.SIGSEGV, -signal.SIGSEGV)])
def test_the_terminal_is_given_back(clicks, number, code):
    with Terminal("--file", clicks) as t:
        t.wait_for("dB")
        t.process.send_signal(number)
        assert t.finish() == code and t.restored()


def test_the_view_stops_and_goes_on(clicks):
    with Terminal("--file", clicks) as t:
        t.wait_for("dB")
        t.process.send_signal(signal.SIGTSTP)
        while t.raw.count(b"\x1b[?1049l") == 0:
            assert t.read() or t.process.poll() is None
        os.waitpid(t.process.pid, os.WUNTRACED)
        assert t.restored()
        t.process.send_signal(signal.SIGCONT)
        t.wait_for("heihachi")
        t.type("q")
        assert t.finish() == 0 and t.restored()


def test_the_view_follows_the_size(clicks):
    with Terminal("--file", clicks, columns=100, rows=30) as t:
        t.wait_for("LUFS")
        t.columns, t.rows, t.raw = 50, 18, b""
        fcntl.ioctl(t.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 18, 50, 0, 0))
        screen = t.wait_for("(?s)heihachi.*dB.*q.quit")
        assert "LUFS" not in screen
        t.type("q")
        assert t.finish() == 0 and termios.tcgetattr(t.slave) == t.before


def test_a_session_is_replayed_to_the_view(clicks, tmp_path):
    run("live", "--file", clicks, "--fast", "--record", tmp_path / "s")
    with Terminal("--replay", tmp_path / "s") as t:
        t.wait_for(r"-\d\d\.\d dB")
        assert "tap" not in t.screen()
        t.type("q")
        assert t.finish() == 0 and t.restored()


def test_the_view_ends_with_the_file(tmp_path):
    with Terminal("--file", write_wav(tmp_path / "x.wav", click_train(1))) as t:
        assert t.finish() == 0 and t.restored()


def test_no_color_and_plain_ascii(clicks):
    with Terminal("--file", clicks, env={"NO_COLOR": "1"}) as t:
        t.wait_for("dB")
        assert not re.search(rb"\x1b\[[0-9;]*3[0-9]", t.raw)
        t.type("q")
        assert t.finish() == 0
    with Terminal("--file", clicks, env={"LC_ALL": "C", "TERM": "vt100"}) as t:
        t.wait_for("dB")
        assert re.search(rb"\x1b\[3[1-7]m", t.raw) and b"38;5" not in t.raw
        assert all(byte < 0x80 for byte in t.raw)
        t.type("q")
        assert t.finish() == 0


def test_lines_go_to_a_terminal_where_asked_or_where_nothing_can_be_drawn(tmp_path):
    path = write_wav(tmp_path / "x.wav", click_train(1))
    for arguments, env in ((["--json"], {}), ([], {"TERM": "dumb"}), (["--fast"], {})):
        with Terminal("--file", path, *arguments, env=env) as t:
            assert t.finish() == 0
            assert b"\x1b" not in t.raw and all(line["type"] in FIELDS for line in lines(t.raw.decode()))


# ---- sound devices


@contextlib.contextmanager
def jack_server(name):
    """A JACK server of this name without hardware: the environment for its clients, and the server."""
    if not shutil.which("jackd"):
        pytest.skip("no jackd")
    env = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
    with subprocess.Popen(["jackd", "-n", name, "-r", "--no-mlock", "-d", "dummy", "-r", "48000", "-p", "1024"],
                          env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while "jack:" not in run("live", "--list-devices", env=env)[0]:
                if server.poll() is not None:
                    pytest.skip("jackd does not run here")
                time.sleep(0.1)
            yield env, server
        finally:
            server.terminate()  # JACK has room for eight servers, also for those that were killed


@pytest.fixture(scope="module")
def jack():
    with jack_server(f"heihachi-test-{os.getpid()}") as started:
        yield started


@pytest.fixture(scope="module")
def player():
    """A JACK client that plays clicks into a port: player PORT BPM."""
    path = PROGRAM.parent / "tests/jack_player"
    if not path.exists():
        pytest.skip("jack_player is not built")
    return path


def test_jack_is_listed_and_listened_to(jack, player):
    env, _ = jack
    listed = run("live", "--list-devices", env=env)[0].splitlines()
    assert "jack:system:capture_1" in listed
    with Live("--device", "jack:-", env=env) as live:
        with subprocess.Popen([player, "heihachi:in_1", "150"], env=env) as source:
            try:
                beat = live.until(lambda e: e["type"] == "beat" and abs(e["bpm"] - 150) < 2 and e["told"] > 6)
                assert beat["confidence"] > 0
                code, _, err = live.end(signal.SIGINT)
                assert code == 130
                # A server without real-time priority may miss a cycle; then it is told.
                assert re.fullmatch(r"(heihachi: JACK heihachi: the sound had \d+ gaps, .*\n)?", err)
            finally:
                source.kill()


def test_jack_ports_are_connected_and_errors_told(jack, tmp_path):
    env, _ = jack
    assert "\"nosuch\"" in run("live", "--device", "jack:nosuch", env=env, code=4)[1]
    assert "not 44100" in run("live", "--device", "jack", "--rate", "44100", env=env, code=4)[1]
    assert "not all that --mix names" in run("live", "--device", "jack", "--mix", "9", env=env, code=4)[1]
    port = free_port()
    with Live("--device", "jack:system", "--mix", "2", "--http", port, "--record", tmp_path / "s", env=env) as live:
        first = live.until(lambda e: e["type"] == "level")
        assert first["rms_db"] == -120
        performance = json.loads(get(port, "/api/performance")[1])
        assert performance["sample_rate"] == 48000 and performance["input_latency_ms"] > 0
        assert live.end(signal.SIGINT)[0] == 130
    assert json.loads((tmp_path / "s").read_text().splitlines()[0])["source"] == "JACK system"


def test_jack_tells_what_was_missed(jack):
    """The program is stopped for a while: what it missed is told; or the server has put it out, as it may."""
    env, _ = jack
    with Live("--device", "jack:system", env=env) as live:
        live.until(lambda e: e["type"] == "level")
        start = time.monotonic()
        live.process.send_signal(signal.SIGSTOP)
        time.sleep(1.0)
        live.process.send_signal(signal.SIGCONT)
        lines_now = map(json.loads, live.process.stdout)
        xrun = next((line for line in lines_now if line["type"] == "xrun" or line["told"] > 60), None)
        if not xrun:
            code, _, err = live.end()
            assert code == 4 and "the sound device is gone" in err
            return
        assert xrun["count"] >= 1
        assert xrun["lost_samples"] <= 48000 * (time.monotonic() - start) + 48000
        code, _, err = live.end(signal.SIGINT)
        assert code == 130 and re.search(r"the sound had \d+ gaps, \d+ samples", err)


def test_a_device_that_is_lost():
    name = f"heihachi-lost-{os.getpid()}"
    try:
        with jack_server(name) as (env, server), Live("--device", "jack", env=env) as live:
            live.until(lambda e: e["type"] == "level")
            server.terminate()
            code, _, err = live.end()
            assert code == 4 and "JACK system: the sound device is gone" in err
    finally:
        # One that ends before its clients keeps its place among JACK's eight servers, and a file for
        # each of them; one of its name that ends without clients gives the place back.
        with jack_server(name):
            pass
        for left in Path("/dev/shm").glob(f"jack_sem.*_{name}_*"):
            left.unlink()
    assert "no server" in run("live", "--device", "jack", env=env, code=4)[1]
    out, err = run("live", "--list-devices", env=env)
    assert "jack:" not in out and (out or "there is no sound device" in err)


@pytest.fixture(scope="module")
def pulse(tmp_path_factory):
    """A PulseAudio server with a null sink, whose monitor is the default device of ALSA."""
    for program in ("pulseaudio", "pacat"):
        if not shutil.which(program):
            pytest.skip(f"no {program}")
    if not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        pytest.skip("no plugin of ALSA for PulseAudio (libasound2-plugins)")
    home = tmp_path_factory.mktemp("pulse")
    (home / "run").mkdir(mode=0o700)
    (home / ".asoundrc").write_text('pcm.!default { type pulse device "stage.monitor" }\nctl.!default { type pulse }\n')
    env = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"),
           "PULSE_RUNTIME_PATH": str(home / "run"), "JACK_DEFAULT_SERVER": "none-at-all"}
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix",
               "-L", "module-null-sink sink_name=stage rate=48000"]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while not (home / "run/native").exists():
                if server.poll() is not None:
                    pytest.skip("pulseaudio does not run here")
                time.sleep(0.1)
            yield env
        finally:
            server.kill()


def test_portaudio_hears_what_pulseaudio_plays(pulse, tmp_path):
    assert "portaudio:ALSA: default" in run("live", "--list-devices", env=pulse)[0]
    (tmp_path / "clicks.raw").write_bytes(click_train(30, bpm=132, rate=48000).astype("<f4").tobytes())
    with Live("--device", "portaudio:default", "--rate", 48000, env=pulse) as live:
        play = ["pacat", "--playback", "-d", "stage", "--rate=48000", "--format=float32le", "--channels=1",
                str(tmp_path / "clicks.raw")]
        with subprocess.Popen(play, env=pulse, stderr=subprocess.DEVNULL) as source:
            try:
                live.until(lambda e: e["type"] == "beat" and abs(e["bpm"] - 132) < 1.5)
                assert live.end(signal.SIGINT)[0] == 130
            finally:
                source.kill()
    assert "no input device \"nosuch\"" in run("live", "--device", "nosuch", env=pulse, code=4)[1]


# ---- perf compare


def compare(tmp_path, before, after, *arguments, code=0):
    (tmp_path / "a.json").write_text(json.dumps(before))
    (tmp_path / "b.json").write_text(json.dumps(after))
    out, _ = run("perf", "compare", tmp_path / "a.json", tmp_path / "b.json", "--json", *arguments, code=code)
    tree = json.loads(out)
    return tree["verdict"], {m["name"]: m for m in tree["metrics"]}


def test_perf_verdicts(tmp_path):
    before = {"goertzel_avg_us": 1850, "tempo_avg_us": 1800, "free_heap_kb": 285, "calls": 10, "stages": {
        "bank": {"mean_us": 2.0, "budget_share": 0.1}}, "same_us": 7, "zero_us": 0}
    after = {"goertzel_avg_us": 1150, "tempo_avg_us": 2400, "free_heap_kb": 283, "calls": 900, "stages": {
        "bank": {"mean_us": 2.06, "budget_share": 0.05}}, "same_us": 7, "zero_us": 1}
    verdict, metrics = compare(tmp_path, before, after, code=1)
    assert verdict == "worse"
    assert {name: m["verdict"] for name, m in metrics.items()} == {
        "goertzel_avg_us": "better", "tempo_avg_us": "worse", "free_heap_kb": "same", "calls": "info",
        "stages.bank.mean_us": "same", "stages.bank.budget_share": "better", "same_us": "same", "zero_us": "worse"}
    assert metrics["goertzel_avg_us"]["change_percent"] == pytest.approx(-37.8378, abs=1e-4)
    assert metrics["tempo_avg_us"]["change_percent"] == pytest.approx(100 / 3)
    assert metrics["zero_us"]["change_percent"] is None
    assert compare(tmp_path, before, after, "--threshold", "40", "--only", "avg_us")[0] == "good"
    assert compare(tmp_path, before, after, "--threshold", "0.5", "--only", "free", code=1)[0] == "worse"
    assert compare(tmp_path, before, after, "--only", "calls", "--higher", "calls")[1]["calls"]["verdict"] == "better"
    assert compare(tmp_path, before, after, "--only", "calls", "--lower", "calls", code=1)[0] == "worse"
    assert compare(tmp_path, before, before)[0] == "good"


def test_perf_of_things_that_come_and_go(tmp_path):
    verdict, metrics = compare(tmp_path, {"a_us": 1, "n": 2}, {"b_us": 1}, code=1)
    assert verdict == "worse"
    assert {name: m["verdict"] for name, m in metrics.items()} == {"a_us": "gone", "n": "info", "b_us": "new"}


def test_perf_knows_the_rows_of_the_benchmarks(tmp_path):
    def rows(*values):
        return {"rows": [{"area": "kernel", "name": name, "ours": ours, "rival": 9.0, "unit": unit, "ratio": ratio,
                          "at_most": name == "memory", "ok": True, "note": ""} for name, ours, unit, ratio in values]}
    before = rows(("fft", 2.0, "us/frame", 2.0), ("track", 300.0, "x real time", 4.0),
                  ("memory", 50.0, "MB", 0.5))
    after = rows(("memory", 60.0, "MB", 0.6), ("track", 400.0, "x real time", 5.0), ("fft", 3.0, "us/frame", 1.5))
    _, metrics = compare(tmp_path, before, after, code=1)
    verdicts = {name: m["verdict"] for name, m in metrics.items() if m["verdict"] not in ("same", "info")}
    assert verdicts == {"rows.kernel/fft.ours": "worse", "rows.kernel/fft.ratio": "worse",
                        "rows.kernel/track.ours": "better", "rows.kernel/track.ratio": "better",
                        "rows.kernel/memory.ours": "worse", "rows.kernel/memory.ratio": "worse"}
    before = {"hop_instructions": 22000, "state_bytes": 20000, "stack_bytes": 900, "golden_identical": True,
              "ratio": 0.19, "hop_instructions_worst": 80000}
    after = {"hop_instructions": 21000, "state_bytes": 24000, "stack_bytes": 900, "golden_identical": False,
             "ratio": 0.18, "hop_instructions_worst": 90000}
    _, metrics = compare(tmp_path, before, after, "--threshold", "3", code=1)
    assert {name: m["verdict"] for name, m in metrics.items()} == {
        "hop_instructions": "better", "state_bytes": "worse", "stack_bytes": "same", "golden_identical": "worse",
        "ratio": "info", "hop_instructions_worst": "worse"}


def test_perf_table_and_errors(tmp_path):
    (tmp_path / "a.json").write_text('{"x_us": 100, "y_us": 5}')
    (tmp_path / "b.json").write_text('{"x_us": 150, "y_us": 5}')
    out, _ = run("perf", "compare", tmp_path / "a.json", tmp_path / "b.json", code=1)
    assert re.search(r"^x_us +100 +150 +\+50\.0 % +worse$", out, re.M) and "y_us" not in out
    assert re.search(r"^0 better, 1 worse, 0 gone, 1 same, .*: WORSE$", out, re.M)
    assert "y_us" in run("perf", "compare", "--all", tmp_path / "a.json", tmp_path / "b.json", code=1)[0]
    (tmp_path / "c.json").write_text('{"x": [1, }')
    (tmp_path / "d.json").write_text('{"x": "no number"}')
    for name, words in (("c.json", "c.json: line 1"), ("d.json", "no numbers"), ("e.json", "e.json: No such file"),
                        (".", "Is a directory"), ("b.json", "--only")):
        assert words in run("perf", "compare", tmp_path / "a.json", tmp_path / name, "--only", "z", code=1)[1]
    for arguments in ((), ("compare",), ("compare", "a"), ("bend", "a", "b"), ("compare", "a", "b", "c"),
                      ("compare", "a", "b", "--threshold", "-1")):
        run("perf", *arguments, code=2)


def test_perf_compares_two_answers_of_the_program(clicks, tmp_path):
    """What /api/performance gives is read, and equal to itself."""
    port = free_port()
    with Live("--file", clicks, "--http", port) as live:
        live.until(lambda e: e["told"] > 0.5)
        (tmp_path / "p.json").write_text(get(port, "/api/performance")[1])
        live.end(signal.SIGINT)
    out, _ = run("perf", "compare", "--all", "--json", tmp_path / "p.json", tmp_path / "p.json")
    metrics = {m["name"]: m["better"] for m in json.loads(out)["metrics"]}
    assert metrics["stages.hop.mean_us"] == metrics["stages.bank.max_us"] == "less"
    assert metrics["stages.hop.budget_share"] == metrics["xruns"] == metrics["lost_samples"] == "less"
    assert metrics["uptime_samples"] == metrics["stages.hop.calls"] == metrics["sample_rate"] == "none"
