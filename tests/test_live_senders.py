#!/usr/bin/env python3
"""The senders of `heihachi live` before receivers of other hands, on the loopback: oscdump of liblo,
the dissectors of Wireshark (tshark), the lighting server olad, a JACK server; OS2L and WLED, for
which there are no such programs, are read here by their public descriptions.

tests/live_sender_run, beside the program (HEIHACHI) in the build folder, plays beats into a sender.
A test whose receiver is not installed is skipped and says so. Needs nothing but Python's standard
library."""

import contextlib
import json
import math
import os
import pwd
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import wave
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("HEIHACHI", SOURCE / "build/heihachi")).resolve()
RUN = PROGRAM.parent / "tests/live_sender_run"
CAPTURE = PROGRAM.parent / "tests/live_midi_capture"


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise unittest.SkipTest(f"{program} is not installed")


def arguments(url, bpm, seconds, *more):
    return [RUN, url, *map(str, (bpm, seconds, *more))]


def play(url, bpm, seconds, *more, code=0):
    """Plays beats into a sender; what it prints."""
    done = subprocess.run(arguments(url, bpm, seconds, *more), capture_output=True, text=True, timeout=120)
    if done.returncode != code:
        raise AssertionError(f"{url}: exit code {done.returncode}, not {code}\n{done.stderr}")
    return json.loads(done.stdout) if code == 0 else done.stderr


class Udp:
    """A socket on the loopback that keeps all packets until close()."""

    def __init__(self, group=None, port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("" if group else "127.0.0.1", port))
        if group:
            member = socket.inet_aton(group) + socket.inet_aton("0.0.0.0")
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        self.port = self.socket.getsockname()[1]
        self.socket.settimeout(0.2)
        self.packets, self.ends = [], False
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while True:
            try:
                self.packets.append(self.socket.recv(65536))
            except TimeoutError:
                if self.ends:
                    return

    def close(self):
        self.ends = True
        self.thread.join()
        self.socket.close()
        return self.packets


def received(url, *how):
    """The packets that a sender sends to url % port, and what the run printed."""
    udp = Udp()
    try:
        told = play(url % udp.port, *how)
    finally:
        packets = udp.close()
    return packets, told


def dissect(packets, port, fields, *options):
    """The fields of each packet, as tshark reads them; "" where a packet has none. The packets are
    written as a capture file with the protocol's own port, so nothing is captured and no privilege
    is needed."""
    need("tshark")
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for packet in packets:
            udp = struct.pack(">HHHH", 40000, port, 8 + len(packet), 0) + packet
            home = bytes([127, 0, 0, 1])
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, home, home) + udp
            file.write(struct.pack("<IIII", 0, 0, len(ip), len(ip)) + ip)
        file.flush()
        command = ["tshark", "-r", file.name, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;", *options]
        for field in [*fields, "_ws.malformed", "_ws.expert.severity"]:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines()]
    assert len(rows) == len(packets)
    for row in rows:
        assert row[-2:] == ["", ""], f"tshark complains: {row}"
    return [row[:-2] for row in rows]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not RUN.exists():
            raise unittest.SkipTest(f"{RUN.name} is not built")


class Urls(Case):
    def refused(self, url, message):
        self.assertRegex(play(url, 120, 0.1, code=1), message)

    def test_wrong_addresses(self):
        for url, message in {
            "osc:localhost": '"//" is missing',
            "osc://": "no name and no address",
            "osc://127.0.0.1:99999": "the port is no number from 1 to 65535",
            "osc://127.0.0.1/a b": "no OSC address",
            "osc://127.0.0.1/a/": "no OSC address",
            "osc://127.0.0.1/" + "a" * 40: "no OSC address of at most 31 characters",
            "wled://127.0.0.1/1": "nothing may follow the host",
            "os2l://127.0.0.1:1/x": "nothing may follow the host",
            "os2l://": "no name and no address",
            "artnet://127.0.0.1": "the universe is no number from 0 to 32767",
            "artnet://127.0.0.1/32768": "the universe is no number from 0 to 32767",
            "artnet://127.0.0.1/1/513": "the channel is no number from 1 to 512",
            "sacn://0": "the universe is no number from 1 to 63999",
            "sacn://64000": "the universe is no number from 1 to 63999",
            "sacn://127.0.0.1": "the universe is no number from 1 to 63999",
            "sacn://1/0": "the channel is no number from 1 to 512",
            "midi:": "midi:jack or midi:alsa is wanted",
            "midi://jack": "midi:jack or midi:alsa is wanted",
            "midi:jack:": "midi:jack or midi:alsa is wanted",
            "smoke://signal": "no such sender",
        }.items():
            with self.subTest(url=url):
                self.refused(url, message)

    def test_unknown_host(self):
        self.refused("osc://host.invalid:9000", "host.invalid: ")

    def test_midi_without_real_time(self):
        self.assertRegex(play("midi:jack", 120, 1, "fast", code=1), "MIDI needs real time")

    def test_alsa_without_a_sequencer(self):
        if os.path.exists("/dev/snd/seq"):
            self.skipTest("this machine has an ALSA sequencer")
        self.refused("midi:alsa", "the ALSA sequencer cannot be opened .*|built without ALSA")

    def test_nobody_listens(self):
        """Nothing waits and nothing fails; what was refused is counted."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        told = play(f"osc://127.0.0.1:{port}", 120, 1)
        self.assertGreater(told["lost"], 40)


class Osc(Case):
    values = {"level", "rms", "peak", "lufs", "bpm", "confidence", "phase", "novelty", "tuning",
              "flash/low", "flash/mid", "flash/high", "chroma", "notes"}

    def dumped(self, url, *how):
        """[(time in seconds, address, types, arguments)] as oscdump prints them."""
        need("oscdump")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with tempfile.TemporaryFile("w+") as out:
            dump = subprocess.Popen(["oscdump", "-L", str(port)], stdout=out)
            try:
                inode_of(port)
                told = play(url % port, *how)
                settle(out)
            finally:
                dump.terminate()
                dump.wait(10)
            out.seek(0)
            lines = [line.split() for line in out]
        messages = []
        for stamp, address, *rest in lines:
            seconds, fraction = (int(part, 16) for part in stamp.split("."))
            types = rest[0] if rest else ""
            messages.append((seconds + fraction / 2**32, address, types, [float(text) for text in rest[1:]]))
        return messages, told

    def check_beats(self, messages, told):
        beats = [m for m in messages if m[1] == "/heihachi/beat"]
        self.assertEqual([m[2] for m in beats], ["iiff"] * len(told["beats"]))
        self.assertEqual([m[3] for m in beats], [[n, n % 4 + 1, 150.0, 0.75] for n in range(len(beats))])
        self.assertEqual([m[3] for m in messages if m[1] == "/heihachi/downbeat"],
                         [[n] for n in range(0, len(beats), 4)])
        # The time tags, seconds since 1900, are the beats' own times, however late the packets came.
        to_ntp = time.time() - time.monotonic() + 2208988800
        off = [beat[0] - to_ntp - due * 1e-9 for beat, due in zip(beats, told["beats"])]
        self.assertAlmostEqual(statistics.median(off), 0, delta=0.01)

    def test_oscdump(self):
        messages, told = self.dumped("osc://127.0.0.1:%d", 150, 3)
        self.check_beats(messages, told)
        self.assertEqual(told["lost"], 0)
        onsets = [m for m in messages if m[1] == "/heihachi/onset/low"]
        self.assertEqual([m[2:] for m in onsets], [("f", [0.5])] * len(told["beats"]))
        by_name = {}
        for _, address, types, values in messages:
            by_name.setdefault(address.removeprefix("/heihachi/"), []).append((types, values))
        self.assertEqual(set(by_name) - {"beat", "downbeat", "onset/low"}, self.values)
        self.assertEqual(by_name["rms"][0], ("f", [-20.0]))
        self.assertEqual(by_name["tuning"][0], ("f", [-12.5]))
        self.assertEqual(by_name["chroma"][0], ("f" * 12, [0.0] * 9 + [1.0] + [0.0] * 2))
        self.assertEqual(by_name["notes"][0], ("f" * 64, [0.5 if i == 24 else 0.0 for i in range(64)]))

    def test_early(self):
        """Packets that come before their time: liblo keeps each until then."""
        messages, told = self.dumped("osc-early://127.0.0.1:%d", 150, 3, 300)
        beats = [m for m in messages if m[1] == "/heihachi/beat"]
        self.assertGreaterEqual(len(beats), 6)
        self.assertEqual([m[3][0] for m in beats], list(range(len(beats))))
        packets, told = received("osc-early://127.0.0.1:%d", 150, 2, 300)
        self.assertEqual(sum(b"/beat\0" in packet for packet in packets), len(told["beats"]))

    def test_prefix_and_silence(self):
        messages, _ = self.dumped("osc://localhost:%d/stage/left", 120, 2, 0, 0.7, 1.2)
        names = {m[1] for m in messages}
        self.assertTrue(all(name.startswith("/stage/left/") for name in names), names)
        self.assertEqual([m[2:] for m in messages if m[1].endswith("/silence")], [("i", [1.0]), ("i", [0.0])])

    def test_ipv6(self):
        try:
            receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            receiver.bind(("::1", 0))
        except OSError as error:
            self.skipTest(f"no IPv6 here: {error}")
        with receiver:
            play(f"osc://[::1]:{receiver.getsockname()[1]}", 120, 0.2)
            receiver.settimeout(10)
            self.assertEqual(receiver.recv(2000)[:8], b"#bundle\0")

    def test_the_largest_bundle(self):
        """docs/live.md says how large: with the longest prefix and all notes."""
        udp = Udp()
        try:
            run = [PROGRAM, "live", "--rate", "8000", "--fast", "--quiet", "--notes", "96", "-", "--send",
                   f"osc://127.0.0.1:{udp.port}/{'a' * 30}"]
            subprocess.run(run, input=bytes(4 * 8000), check=True, timeout=60)
        finally:
            packets = udp.close()
        told = re.search(r"one bundle of at most (\d+) bytes", (SOURCE / "docs/live.md").read_text())
        self.assertEqual(max(map(len, packets)), int(told.group(1)))

    def test_tshark(self):
        packets, told = received("osc://127.0.0.1:%d", 150, 2)
        self.assertEqual(told["sent"], len(packets))
        self.assertLessEqual(max(map(len, packets)), 1472)
        rows = dissect(packets, 9000, ["osc.bundle", "osc.bundle.timetag", "osc.message.header.path",
                                       "osc.message.header.format"], "--enable-heuristic", "osc_udp")
        paths = [path for row in rows for path in row[2].split(";")]
        self.assertEqual(paths.count("/heihachi/beat"), len(told["beats"]))
        self.assertEqual({path.removeprefix("/heihachi/") for path in paths},
                         self.values | {"beat", "downbeat", "onset/low"})
        self.assertTrue(all(row[1] for row in rows))


def inode_of(port):
    """Waits until someone listens at this UDP port."""
    wanted = f"0100007F:{port:04X} 00000000:{port:04X} {'0' * 32}:{port:04X}".split()
    for _ in range(1000):
        tables = Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text()
        if any(address in tables for address in wanted):
            return
        time.sleep(0.01)
    raise unittest.SkipTest("the receiver did not start")


def settle(file):
    """Waits until nothing is added to the file any more."""
    size = -1
    while size != os.fstat(file.fileno()).st_size:
        size = os.fstat(file.fileno()).st_size
        time.sleep(0.3)


class Wled(Case):
    def check(self, packets, told):
        self.assertGreater(len(packets), 50)
        seen = []
        for packet in packets:
            self.assertEqual(len(packet), 44)
            header, raw, smooth, peak, count, *channels, gap, magnitude, hz = struct.unpack("<6s2xff18BHff", packet)
            self.assertEqual((header, packet[6:8], gap), (b"00002\0", b"\0\0", 0))
            seen.append((raw, smooth, peak, count, channels, magnitude, hz))
        # The last one says silence.
        self.assertEqual(seen.pop()[4:], ([0] * 16, 0.0, 1.0))
        self.assertEqual([s[3] for s in seen], [n % 256 for n in range(len(seen))])
        self.assertEqual(sum(s[2] for s in seen), len(told["beats"]))
        for raw, smooth, _, _, channels, magnitude, hz in seen:
            self.assertTrue(0 <= raw <= 255 and 0 <= smooth <= 255)
            # A4 lies in the channel from 430 to 560 Hz.
            self.assertEqual(channels, [255 if i == 5 else 0 for i in range(16)])
            self.assertEqual(magnitude, 4080.0)
            self.assertAlmostEqual(hz, 440.0, delta=0.01)
        # The level falls to 1/e in 0.1 s after each beat; smoothed over as long it gets to 94.
        self.assertGreater(max(s[0] for s in seen), 200)
        self.assertIn(int(max(s[1] for s in seen)), range(60, 120))

    def test_unicast(self):
        self.check(*received("wled://127.0.0.1:%d", 120, 2.2))

    def test_multicast(self):
        try:
            udp = Udp("239.0.0.1", 11988)
        except OSError as error:
            self.skipTest(f"no multicast here: {error}")
        try:
            told = play("wled://", 120, 2.2)
        finally:
            packets = udp.close()
        if not packets:
            self.skipTest("multicast does not come back to this machine")
        self.check(packets, told)


class Tcp:
    """A server on the loopback that takes one connection after the other."""

    def __init__(self, port=0, room=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen(1)
        self.port = self.socket.getsockname()[1]

    def lines(self, most=None):
        """What comes on the next connection, until its end or so many lines."""
        self.socket.settimeout(30)
        connection, _ = self.socket.accept()
        with connection, connection.makefile() as file:
            lines = []
            for line in file:
                lines.append(line)
                if len(lines) == most:
                    break
            return lines


class Os2l(Case):
    def test_beats(self):
        server = Tcp()
        with subprocess.Popen(arguments(f"os2l://127.0.0.1:{server.port}", 120, 3), stdout=subprocess.PIPE) as run:
            lines = server.lines()
            told = json.loads(run.stdout.read())
        server.socket.close()
        beats = [json.loads(line) for line in lines]
        self.assertEqual((len(beats), told["lost"], told["connected"]), (len(told["beats"]), 0, True))
        for n, beat in enumerate(beats):
            self.assertEqual(list(beat), ["evt", "change", "pos", "bpm", "strength"])
            strength = beat.pop("strength")
            self.assertTrue(0 <= strength <= 1)
            self.assertEqual(beat, {"evt": "beat", "change": n == 0, "pos": n, "bpm": 120})
            self.assertIs(type(beat["change"]), bool)
            self.assertIs(type(beat["pos"]), int)

    def test_comes_back(self):
        """The lighting program ends and is started again: the beats go on, with "change"."""
        server = Tcp()
        with subprocess.Popen(arguments(f"os2l://127.0.0.1:{server.port}", 240, 5), stdout=subprocess.PIPE) as run:
            first = server.lines(3)
            second = server.lines()
            run.stdout.read()
        server.socket.close()
        first, second = ([json.loads(line) for line in lines] for lines in (first, second))
        self.assertGreater(len(second), 2)
        self.assertEqual([beat["change"] for beat in second[:2]], [True, False])
        self.assertGreater(second[0]["pos"], first[-1]["pos"])

    def test_nobody_there(self):
        server = Tcp()
        server.socket.close()
        told = play(f"os2l://127.0.0.1:{server.port}", 240, 2)
        self.assertEqual((told["sent"], told["connected"]), (0, False))
        self.assertEqual(told["lost"], len(told["beats"]))

    def test_a_server_that_reads_nothing(self):
        """When all buffers are full beats are lost, whole ones, and nothing waits."""
        server = Tcp(room=4096)
        run = subprocess.Popen(arguments(f"os2l://127.0.0.1:{server.port}", 60000, 200, "fast"),
                               stdout=subprocess.PIPE, text=True)
        connection, _ = server.socket.accept()
        told = json.loads(run.communicate(timeout=60)[0])
        self.assertGreater(told["lost"], 0)
        self.assertGreater(told["sent"], 0)
        text = b""
        while piece := connection.recv(1 << 20):
            text += piece
        connection.close()
        server.socket.close()
        *whole, rest = text.decode().split("\n")
        for line in whole:
            self.assertEqual(json.loads(line)["evt"], "beat")
        self.assertTrue('{"evt":"beat","change":'.startswith(rest[:20]), rest)


class Artnet(Case):
    def test_tshark(self):
        packets, told = received("artnet://127.0.0.1:%d/300", 120, 3)
        rows = dissect(packets, 6454, ["artnet.header.id", "artnet.header.opcode", "artnet.header.protver",
                                       "artnet.output.sequence", "artnet.output.universe", "artnet.output.length"])
        self.assertEqual(len(rows), told["sent"] + 1)  # and the dark one at the end
        for n, row in enumerate(rows):
            self.assertEqual((row[0], int(row[1], 0), int(row[2], 0)), ("Art-Net", 0x5000, 14))
            self.assertEqual([int(text, 0) for text in row[3:]], [n % 255 + 1, 300, 512])
        self.check_channels([packet[18:] for packet in packets], len(told["beats"]))

    def check_channels(self, frames, beats):
        """The map of docs/live.md."""
        *frames, last = frames
        self.assertEqual(last, bytes(512))
        # Flashes begin at 255 or, a frame later, a little below, and are over 250 ms later.
        rises = sum(b[0] > a[0] for a, b in zip(frames, frames[1:]))
        self.assertEqual(rises, beats)
        self.assertEqual(sum(b[1] > a[1] for a, b in zip(frames, frames[1:])), (beats + 3) // 4)
        self.assertEqual(max(frame[2] for frame in frames), min(beats, 4))
        for frame in frames:
            self.assertEqual(frame[4:7], bytes([120, 0, 191]))
            self.assertEqual(frame[8:11], bytes([170, 213, 157]))
            self.assertEqual(frame[14:16], bytes([0, 96]))
            self.assertEqual(frame[16:28], bytes([0] * 9 + [255] + [0] * 2))
            self.assertEqual(frame[28:28 + 64], bytes(255 if i == 24 else 0 for i in range(64)))
            self.assertEqual(frame[92:], bytes(512 - 92))

    def test_offset(self):
        packets, _ = received("artnet://127.0.0.1:%d/0/101", 120, 1)
        for packet in packets[:-1]:
            self.assertEqual(packet[18:118], bytes(100))
            self.assertEqual(packet[18 + 104:18 + 107], bytes([120, 0, 191]))


class Sacn(Case):
    fields = ["acn.cid", "acn.dmx.source_name", "acn.dmx.priority", "acn.dmx.seq_number", "acn.dmx.options",
              "acn.dmx.universe", "acn.dmx.count", "acn.dmx.start_code2", "acn.dmp_vector", "acn.dmx.increment",
              "acn.pdu.length"]

    def test_tshark(self):
        packets, told = received("sacn://127.0.0.1:%d/7", 120, 3)
        rows = dissect(packets, 5568, self.fields, "--enable-heuristic", "acn", "-o", "acn.dmx_enable:TRUE")
        self.assertEqual(len(rows), told["sent"] + 3)
        self.assertEqual(len({row[0] for row in rows}), 1)
        self.assertRegex(rows[0][0], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        for n, row in enumerate(rows):
            ends = n >= len(rows) - 3
            self.assertEqual(row[1:3], ["Heihachi", "100"])
            self.assertEqual([int(text, 0) for text in row[3:10]], [n % 256, 0x40 if ends else 0, 7, 513, 0, 2, 1])
            self.assertEqual(row[10], "622;600;523")
        frames = [packet[126:] for packet in packets]
        Artnet.check_channels(self, frames[:-2], len(told["beats"]))

    def test_two_runs_are_two_sources(self):
        ids = {received("sacn://127.0.0.1:%d/7", 120, 0.2)[0][0][22:38] for _ in range(2)}
        self.assertEqual(len(ids), 2)

    def test_multicast(self):
        """The group of the universe, and the list of universes in its own."""
        try:
            data, lists = Udp("239.255.1.44", 5568), Udp("239.255.250.214", 5568)
        except OSError as error:
            self.skipTest(f"no multicast here: {error}")
        try:
            play("sacn://300", 120, 1)
        finally:
            # Both sockets have the same port, so each may get what the other asked for.
            packets = data.close() + lists.close()
        if not packets:
            self.skipTest("multicast does not come back to this machine")
        universes = {struct.unpack(">H", p[113:115])[0] for p in packets if len(p) == 638}
        self.assertEqual(universes, {300})
        found = {p for p in packets if len(p) == 122}
        self.assertEqual(len(found), 1)
        self.assertEqual(found.pop()[112:], bytes([0x70, 10, 0, 0, 0, 1, 0, 0, 1, 44]))


class Ola(Case):
    """olad, the server of the Open Lighting Architecture, listens to Art-Net and sACN."""

    plugins = ("dummy", "espnet", "ftdidmx", "gpio", "karate", "kinet", "milinst", "opendmx", "openpixelcontrol",
               "osc", "pathport", "renard", "sandnet", "shownet", "spi", "stageprofi", "uartdmx", "usbdmx",
               "usbpro", "usbserial")

    def setUp(self):
        need("olad", "ola_patch", "ola_recorder", "ola_dev_info")
        self.folder = Path(tempfile.mkdtemp(prefix="heihachi-ola-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        for plugin in self.plugins:
            (self.folder / f"ola-{plugin}.conf").write_text("enabled = false\n")
        for plugin in ("artnet", "e131"):
            (self.folder / f"ola-{plugin}.conf").write_text("enabled = true\nip = 127.0.0.1\ninput_ports = 2\n")
        self.start()

    def start(self):
        """olad does not run as root: then as its own user."""
        user = {}
        if os.geteuid() == 0:
            try:
                pwd.getpwnam("olad")
            except KeyError:
                self.skipTest("there is no user olad")
            user = {"user": "olad", "extra_groups": []}
            self.folder.chmod(0o777)
            for file in self.folder.iterdir():
                file.chmod(0o666)
        if subprocess.run(["ola_dev_info"], capture_output=True, timeout=30).returncode == 0:
            self.skipTest("another olad runs here")
        log = open(self.folder / "log", "w")
        self.addCleanup(log.close)
        command = ["olad", "-c", self.folder, "--no-http", "--no-register-with-dns-sd"]
        self.server = subprocess.Popen(command, stdout=log, stderr=log, **user)
        self.addCleanup(self.server.wait, 30)
        self.addCleanup(self.server.terminate)
        for _ in range(200):
            info = subprocess.run(["ola_dev_info"], capture_output=True, text=True, timeout=30).stdout
            devices = dict(re.findall(r"Device (\d+): (Art|E1)", info))
            if len(devices) == 2:
                self.device = {name: number for number, name in devices.items()}
                return
            if self.server.poll() is not None:
                break
            time.sleep(0.1)
        self.skipTest("olad does not start: " + (self.folder / "log").read_text()[-500:])

    def recorded(self, device, universe, url):
        """The frames that olad takes on this universe while a sender sends."""
        subprocess.run(["ola_patch", "-d", self.device[device], "-p", "0", "-i", "-u", str(universe)], check=True,
                       capture_output=True, timeout=30)
        show = self.folder / "show"
        with subprocess.Popen(["ola_recorder", "-r", show, "-u", str(universe)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as recorder:
            while not show.exists():
                time.sleep(0.05)
            time.sleep(0.5)
            told = play(url, 120, 2.2)
            time.sleep(0.5)
            recorder.send_signal(signal.SIGINT)
        lines = [line.split() for line in show.read_text().splitlines() if line.startswith(f"{universe} ")]
        return [bytes(map(int, line[1].split(","))) for line in lines], told

    def check(self, frames, told):
        self.assertGreater(len(frames), 40)
        self.assertEqual({len(frame) for frame in frames}, {512})
        lit = [frame for frame in frames if any(frame)]
        self.assertEqual({frame[4:7] for frame in lit}, {bytes([120, 0, 191])})
        self.assertEqual(sum(b[0] > a[0] for a, b in zip(lit, lit[1:])), len(told["beats"]))
        return frames

    def test_artnet(self):
        frames, told = self.recorded("Art", 3, "artnet://127.0.0.1/3")
        self.check(frames, told)
        self.assertEqual(frames[-1], bytes(512))

    def test_sacn(self):
        frames, told = self.recorded("E1", 7, "sacn://127.0.0.1/7")
        self.check(frames, told)


@contextlib.contextmanager
def running_out(seconds, act):
    """Does `act` if what is within takes longer."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Jack(Case):
    """A JACK server of our own without hardware, and a client that writes down what comes.

    All is counted in frames of the server's clock. A busy machine may keep the control thread from
    running for longer than it plans ahead; then pulses come late and in a heap. So the spacing is
    judged by its median, and what must never go wrong, the messages and their order, in whole."""

    period = 1024

    def setUp(self):
        need("jackd")
        if not CAPTURE.exists():
            self.skipTest(f"{CAPTURE} is not built")
        name = f"heihachi-{os.getpid()}"
        self.environment = dict(os.environ, JACK_DEFAULT_SERVER=name, JACK_NO_AUDIO_RESERVATION="1")
        command = ["jackd", "-n", name, "-r", "-m", "-d", "dummy", "-r", "48000", "-p", str(self.period)]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=self.environment)
        self.addCleanup(self.server.wait, 30)
        self.addCleanup(self.server.terminate)
        for _ in range(100):
            self.capture = subprocess.Popen([CAPTURE, "capture"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True, env=self.environment)
            if self.capture.stdout.readline() == "ready\n":
                self.addCleanup(self.end)
                return
            self.end()
            time.sleep(0.1)
        self.skipTest("the JACK server does not start")

    def end(self):
        self.capture.kill()
        self.capture.communicate()

    def taken(self, bpm, seconds, *how):
        """[(frame, bytes)] of all messages of a run."""
        done = subprocess.run(arguments("midi:jack:capture:in", bpm, seconds, *how), capture_output=True, text=True,
                              timeout=60, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        out, _ = self.capture.communicate(timeout=30)
        told = json.loads(done.stdout)
        self.assertEqual((told["lost"], told["connected"]), (0, True))
        messages = [(int(frame), bytes.fromhex("".join(data))) for frame, *data in map(str.split, out.splitlines())]
        self.assertEqual([m[0] for m in messages], sorted(m[0] for m in messages))
        return messages, told

    def test_clock(self):
        bpm = 123
        messages, told = self.taken(bpm, 8, 60, 3, 4)
        names = {0xF8: "clock", 0xFA: "start", 0xFB: "continue", 0xFC: "stop", 0xF2: "position"}
        order = [names[data[0]] for _, data in messages]
        transport = [name for name in order if name != "clock"]
        self.assertEqual(transport, ["start", "stop", "position", "continue", "stop"])
        # The song begins with the first beat and stands from 3 s on, 2.5 s later: after five beats
        # and a bit of 60/123 s, and what was planned ahead. It goes on at the next bar of the song.
        start, stop, go_on = (order.index(name) for name in ("start", "stop", "continue"))
        self.assertEqual(order[start + 1], "clock")
        least = 1 + int(2.5 * bpm / 60 * 24)
        self.assertIn(order[start:stop].count("clock"), range(least, least + 24))
        position = messages[order.index("position")][1]
        self.assertEqual(position[1] | position[2] << 7, 2 * 16)
        self.assertEqual(order[go_on + 1], "clock")

        clocks = [frame for frame, data in messages if data == b"\xf8"]
        steps = [b - a for a, b in zip(clocks, clocks[1:])]
        nominal = 48000 * 60 / bpm / 24
        wander = statistics.median(abs(b - a) for a, b in zip(steps, steps[1:]))
        print(f"\nJACK: {len(clocks)} pulses, spacing {min(steps)} to {max(steps)} frames, median "
              f"{statistics.median(steps)}, nominal {nominal:.1f}; from one to the next {wander}, "
              f"the server's period is {self.period}")
        # Within a twentieth: the clock of a server without hardware on a busy machine is no better.
        self.assertAlmostEqual(statistics.median(steps), nominal, delta=nominal / 20)
        # Pulses are not where periods begin: they would be 1024 or 0 frames apart.
        self.assertLess(wander, self.period / 16)

    def test_no_such_port(self):
        done = subprocess.run(arguments("midi:jack:nobody:in", 120, 1), capture_output=True, text=True, timeout=60,
                              env=self.environment)
        self.assertEqual(done.returncode, 1)
        self.assertIn('JACK has no MIDI input "nobody:in"', done.stderr)

    def test_server_ends(self):
        """The sender goes on without it and counts."""
        with subprocess.Popen(arguments("midi:jack", 120, 4), stdout=subprocess.PIPE, text=True,
                              env=self.environment) as run:
            with running_out(60, run.kill):
                opened = run.stdout.readline()
                self.server.kill()
                told = json.loads(opened + run.stdout.read())
        self.assertFalse(told["connected"])
        self.assertGreater(told["lost"], 0)
        # JACK has room for eight servers, also for those that were killed: the next of its name,
        # which ends in order, gives the place back.
        self.end()
        self.server.wait(30)
        self.setUp()


class JackMissing(Case):
    def test_no_server(self):
        environment = dict(os.environ, JACK_DEFAULT_SERVER=f"heihachi-none-{os.getpid()}")
        done = subprocess.run(arguments("midi:jack", 120, 1), capture_output=True, text=True, timeout=60,
                              env=environment)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "there is no JACK server that runs")


class Command(Case):
    """The whole way: a sound, `heihachi live`, a receiver."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(tempfile.mkdtemp(prefix="heihachi-live-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.sound = cls.folder / "clicks.wav"
        rate, period = 16000, 16000 * 60 // 125
        frames = bytearray()
        for n in range(12 * rate):
            at = n % period / rate
            x = 0.6 * math.exp(-80 * at) * math.sin(2 * math.pi * 80 * at)
            x += 0.3 * math.exp(-400 * at) * math.sin(2 * math.pi * 3000 * at)
            frames += struct.pack("<h", int(32767 * x))
        with wave.open(str(cls.sound), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(bytes(frames))

    def live(self, *options, environment=None):
        """The lines that the command prints while it sends."""
        done = subprocess.run([PROGRAM, "live", "--file", self.sound, "--json", *options], capture_output=True,
                              text=True, timeout=120, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_osc_says_what_the_lines_say(self):
        udp = Udp()
        try:
            lines = self.live("--fast", "--send", f"osc://127.0.0.1:{udp.port}/x")
        finally:
            packets = udp.close()
        beats = [line for line in lines if line["type"] == "beat"]
        self.assertGreater(len(beats), 15)
        sent = [packet for packet in packets if packet[20:].startswith(b"/x/beat\0")]
        self.assertEqual(len(sent), len(beats))
        for packet, beat in zip(sent, beats):
            self.assertEqual(packet[:16], b"#bundle\0" + bytes([0] * 7 + [1]))
            self.assertEqual(packet[28:36], b",iiff\0\0\0")
            number, in_bar, bpm, confidence = struct.unpack(">iiff", packet[36:52])
            self.assertEqual((number, in_bar), (beat["number"], beat["in_bar"] or 0))
            self.assertAlmostEqual(bpm, beat["bpm"], places=3)
            self.assertAlmostEqual(confidence, beat["confidence"], places=5)
        values = [packet for packet in packets if packet[20:].startswith(b"/x/level\0")]
        self.assertGreater(len(values), 12 * 40)

    def test_midi_clock_of_a_sound(self):
        """In real time, through JACK: the pulses have the tempo of the clicks."""
        need("jackd")
        jack = Jack("test_clock")
        jack.setUp()
        self.addCleanup(jack.doCleanups)
        lines = self.live("--send", "midi:jack:capture:in", environment=jack.environment)
        out, _ = jack.capture.communicate(timeout=30)
        messages = [(int(frame), data) for frame, *data in map(str.split, out.splitlines())]
        order = [data[0] for _, data in messages]
        self.assertEqual(order.count("fa"), 1)
        self.assertEqual(order[-1], "fc")
        clocks = [frame for frame, data in messages if data == ["f8"]]
        steps = [b - a for a, b in zip(clocks, clocks[1:])]
        bpm = [line["bpm"] for line in lines if line["type"] == "beat"]
        nominal = 48000 * 60 / statistics.median(bpm) / 24
        self.assertAlmostEqual(statistics.median(steps), nominal, delta=nominal / 20)

    def test_wrong_url(self):
        done = subprocess.run([PROGRAM, "live", "--file", self.sound, "--fast", "--send", "artnet://127.0.0.1/x"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("artnet://127.0.0.1/x", done.stderr)
        self.assertIn("the universe is no number from 0 to 32767", done.stderr)


if __name__ == "__main__":
    unittest.main()
