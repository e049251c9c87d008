#!/usr/bin/env python3
"""Many files in threads, and what that saves.

    batch_threads.py one.flac two.mp3 three.wav --threads 4

Each call works on one thread and does not hold Python's lock, so a pool of threads keeps as many processors busy; there
is no need for processes, whose results would be copied. For a single long file heihachi.set_num_threads() is the way.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor

import heihachi


def analyse(path):
    return heihachi.analyze(path, features="fast")


def tempo_of(result):
    return result["rhythm"]["tempo_bpm"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="default: one for each processor")
    arguments = parser.parse_args()

    started = time.perf_counter()
    serial = [analyse(path) for path in arguments.files]
    serial_s = time.perf_counter() - started

    started = time.perf_counter()
    with ThreadPoolExecutor(arguments.threads) as pool:
        parallel = list(pool.map(analyse, arguments.files))
    parallel_s = time.perf_counter() - started

    for path, result in zip(arguments.files, parallel):
        tempo = tempo_of(result)
        print(f"{path}: " + ("no tempo" if tempo is None else f"{tempo:.2f} BPM"))
    assert [tempo_of(result) for result in serial] == [tempo_of(result) for result in parallel]
    print(
        f"one by one {serial_s:.2f} s, {arguments.threads} threads {parallel_s:.2f} s: "
        f"{serial_s / parallel_s:.2f} times as fast"
    )


if __name__ == "__main__":
    main()
