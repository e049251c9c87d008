#!/usr/bin/env python3
"""A folder of music as a table: one row for each track, shown and written as CSV.

    folder_to_table.py music/ --output tracks.csv --profile fast --jobs 4

Files that cannot be read are named and left out; the exit status is 1 then. Needs pandas.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas

import heihachi

ENDINGS = set(".wav .flac .ogg .opus .mp3 .aif .aiff .m4a .aac .wma .caf".split())
GROUPS = ("loudness", "rhythm", "harmony", "pitch", "spectral", "separation")
SHOWN = ["input.duration_s", "rhythm.tempo_bpm", "harmony.key", "loudness.integrated_lufs"]


def tracks_below(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())


def row_of(result):
    """The figures of a track, named by their place in the result; lists (beats, onsets) are left out."""
    row = {"input.duration_s": result["input"]["duration_s"], "input.rate_hz": result["input"]["rate_hz"]}
    for group in GROUPS:
        row.update({f"{group}.{name}": v for name, v in result[group].items() if not isinstance(v, list)})
    if result["fingerprint"]:
        row.update({f"fingerprint.{name}": v for name, v in heihachi.fingerprint(result).items()})
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="where the music is, also in folders below")
    parser.add_argument("--output", type=Path, default=Path("tracks.csv"), help="the table (default tracks.csv)")
    parser.add_argument("--profile", choices=("fast", "default", "full"), default="default")
    parser.add_argument("--jobs", type=int, default=2, help="tracks that are analysed at a time (default 2)")
    arguments = parser.parse_args()

    tracks = tracks_below(arguments.folder)
    if not tracks:
        parser.error(f"{arguments.folder}: no music below this folder")

    rows = {}
    # Threads are enough: the analysis does not hold Python's lock.
    with ThreadPoolExecutor(arguments.jobs) as pool:
        calls = [pool.submit(heihachi.analyze, track, features=arguments.profile) for track in tracks]
        for track, call in zip(tracks, calls):
            try:
                rows[str(track.relative_to(arguments.folder))] = row_of(call.result())
            except OSError as error:  # DecodeError, PermissionError ...
                print(f"left out: {error}", file=sys.stderr)

    table = pandas.DataFrame.from_dict(rows, orient="index").rename_axis("track")
    table.to_csv(arguments.output)
    if rows:
        print(table[SHOWN].to_string())
    print(f"{len(rows)} of {len(tracks)} tracks in {arguments.output}")
    return 0 if len(rows) == len(tracks) else 1


if __name__ == "__main__":
    sys.exit(main())
