"""beacon FILE: prints the facts of a file as JSON."""

import json
import os
import sys

from beacon.rules import BadLine, read_facts, select
from tinycolumns import count


def main():
    if len(sys.argv) != 2:
        print("usage: beacon FILE", file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    try:
        facts = select(read_facts(text), os.environ.get("BEACON_PREFIX", ""))
    except BadLine as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"count": count(facts), "facts": facts}, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
