#!/usr/bin/env python3
"""count_lines.py DIRECTORY: counts lines of code, without what is vendored."""

import pathlib
import sys

root = pathlib.Path(sys.argv[1])
files = [path for path in root.rglob("*") if path.suffix in {".go", ".py"} and "vendor" not in path.parts]
print(sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files))
