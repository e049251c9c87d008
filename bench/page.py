"""docs/performance.md, from the rows that bench.py measured: the same rows give the same page."""

import itertools

INTRODUCTION = """\
# Performance

Written by `bench/bench.py build --markdown docs/performance.md` from `build/bench.json`, which
`make bench` measures.

One thread everywhere but where a row says otherwise. Ours and the rival are measured in one run, on
the same input. Each figure is the best of its rounds, in which ours and the rival take turns after
a warm-up (librosa compiles on its first call):

- nine for the Fourier transforms; for the medians nine of ours, then two of scipy; both without a
  warm-up
- two to seven for librosa's functions, but ten for `chroma_cqt` and one for `pyin`, which takes it a minute
- three for the fingerprint, in each of which ours is repeated for five seconds; three for aubio
- five for the whole command against decoding; two, without a warm-up, for two threads against one;
  one for the two-hour mix

The input is 180 s of drum & bass that `tools/make_track.py` builds from CC0 samples, and noise for
the kernels. A ratio is the rival's figure over ours: more is better. Where the goal says "at most"
it is ours over the rival's: less is better.
"""

AREAS = {
    "kernel": ("Kernels", "The inner loops alone, in memory."),
    "librosa": (
        "librosa's functions",
        "Calls of one function with librosa's defaults, 180 s at 22.05 kHz, "
        "on arrays that are in memory; results inside the bounds of `make parity`.",
    ),
    "fingerprint": (
        "The fingerprint",
        "All 25 values from the file, against the same recipe as librosa calls "
        "(`bench/recipe.py`).",
    ),
    "process": (
        "heihachi process",
        "The whole command with its default profile on a 3-minute MP3, everything written.",
    ),
    "python": (
        "The Python package",
        "`heihachi.NAME` against `librosa.NAME` in one process, with librosa's defaults, 180 s at 22.05 kHz (30 s where "
        "the row says so): each repeated for a second in each of three rounds (`bench/python_rows.py`). NumPy and "
        "librosa have one thread.",
    ),
    "python-whole": (
        "The Python package: starting, memory, threads",
        "Whole processes.",
    ),
    "aubio": (
        "aubio's commands",
        "CPU time of whole processes on the same WAV file, decoding included.",
    ),
}


def figure(value):
    """About three significant digits."""
    for limit, decimals in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:.{decimals}f}"
    return f"{value:.3g}"


def cells(row):
    goal = "" if row["bar"] is None else f"{'at most ' if row['at_most'] else ''}{row['bar']:g}"
    goal += " (missed)" if row["ok"] is False else ""
    if not row["rival_name"]:  # a figure of its own, not a comparison
        return [row["name"], f"{figure(row['ours'])} {row['unit']}", "", "", goal, row["note"]]
    rival = f"{row['rival_name']} {figure(row['rival'])} {row['unit']}"
    return [
        row["name"],
        f"{figure(row['ours'])} {row['unit']}",
        rival,
        figure(row["ratio"]),
        goal,
        row["note"],
    ]


def shortcuts(rows):
    """What the shortcuts of bench/shortcuts.py give, beside the exact values."""
    if not rows:
        return []
    lines = [
        "",
        "## Shortcuts that are not taken",
        "",
        "Two values of the fingerprint by the shortcuts that a founding document proposes, "
        "beside the exact ones (`bench/shortcuts.py`).",
        "",
        "| track | value | exact | shortcut |",
        "|---|---|---:|---:|",
    ]
    for row in rows:
        exact = "none" if row["exact"] is None else f"{row['exact']:.4f}"
        lines.append(f"| {row['track']} | `{row['value']}` | {exact} | {row['shortcut']:.4f} |")
    return lines


def page(result):
    """The page as text; `result` is what bench.json holds."""
    machine = result["machine"]
    lines = [
        INTRODUCTION,
        f"Machine: {machine['processor']}; librosa {machine['librosa']}, NumPy {machine['numpy']}.",
    ]
    for area, rows in itertools.groupby(result["rows"], key=lambda row: row["area"]):
        title, words = AREAS.get(area, (area, ""))
        lines += [
            "",
            f"## {title}",
            "",
            words,
            "",
            "| | ours | rival | ratio | goal | |",
            "|---|---:|---:|---:|---:|---|",
        ]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join(lines + shortcuts(result.get("shortcuts", []))) + "\n"
