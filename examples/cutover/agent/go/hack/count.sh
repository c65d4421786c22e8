#!/bin/sh
# Lines of code of the agent.
cd "$(dirname "$0")/.." || exit 1
exec python3 ../../scripts/count_lines.py .
