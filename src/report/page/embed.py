"""Writes text files as C strings:  embed.py OUTPUT.c NAME=FILE ...   (the build runs it)"""
import sys

out, parts = sys.argv[1], [argument.split("=", 1) for argument in sys.argv[2:]]
lines = ["/* Made by embed.py from the files beside it. */", '#include "report/page.h"']
for name, path in parts:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines.append(f"\nconst char {name}[] =")
    for line in text.splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'    "{escaped}\\n"')
    lines[-1] += ";"
with open(out, "w", encoding="utf-8") as file:
    file.write("\n".join(lines) + "\n")
