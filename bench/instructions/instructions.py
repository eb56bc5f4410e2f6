#!/usr/bin/python3
"""Counts the instructions of awaitd's busiest paths with callgrind and compares them with counts.txt.

  instructions.py PROGRAM            fails when a path takes over 10 % more than counts.txt says
  instructions.py PROGRAM --update   writes what it counted to counts.txt

Counts depend on the compiler, not on the machine or its load: counts.txt is of Debian 12's gcc, with
the release preset.
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COUNTS = Path(__file__).with_name("counts.txt")
MARGIN = 0.10
ABOUT = {
    "spawn": "a coroutine is started in a scope of its own",
    "sleep": "it begins, and sleeps",
    "wake": "it wakes, and ends",
    "hi": "the whole run of /hi, without HTTP",
    "gather": "one of the 1,000 hi() of /parallel: started, asleep, awake, done",
    "call": "one of the 1,000 hi() of /sequence",
    "json-hi": "the answer of /hi",
    "json": "one of 1,000 tasks in JSON",
    "json-timeline": "the same with timeline=true",
    "text": "one of 1,000 tasks as text",
    "query": "reading count=100&delay=250ms&timeline=true&format=json",
}


def read_dump(path):
    """Returns the name of the path in a callgrind file and its instructions each time, or None."""
    text = path.read_text()
    trigger = re.search(r"^desc: Trigger: Client Request: (\S+) (\d+)$", text, re.M)
    total = re.search(r"^totals: (\d+)$", text, re.M)
    if not trigger or not total:
        return None
    return trigger[1], round(int(total[1]) / int(trigger[2]))


def count(program):
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--quiet",
                   f"--callgrind-out-file={folder}/counts", program]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = [read_dump(path) for path in Path(folder).iterdir()]
    return dict(entry for entry in found if entry)


def read_counts():
    lines = [line.split() for line in COUNTS.read_text().splitlines()]
    return {words[0]: int(words[1]) for words in lines if words and not words[0].startswith("#")}


def write_counts(counted):
    head = "# Instructions, as instructions.py --update counted them. Debian 12's gcc, release preset.\n"
    lines = [f"{name:15}{counted[name]:7}  {about}\n" for name, about in ABOUT.items()]
    COUNTS.write_text(head + "".join(lines))


def compare(counted, expected):
    """Prints all paths, and returns the names of those that got too long."""
    worse = []
    for name, about in ABOUT.items():
        change = counted[name] / expected[name] - 1
        verdict = "too many" if change > MARGIN else "fewer: --update" if change < -MARGIN else ""
        print(f"{name:15}{counted[name]:7} instead of {expected[name]:7} {change:+7.1%}  {verdict or about}")
        if change > MARGIN:
            worse.append(name)
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    counted = count(options.program)
    if set(counted) != set(ABOUT):
        sys.exit(f"counted {sorted(counted)}, and not {sorted(ABOUT)}")
    if options.update:
        write_counts(counted)
        return
    worse = compare(counted, read_counts())
    if worse:
        sys.exit(f"over {MARGIN:.0%} more instructions than in {COUNTS.name}: {', '.join(worse)}")


if __name__ == "__main__":
    main()
