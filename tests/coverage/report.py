"""What gcovr counted, room by room and file by file; fails where a room has too little."""
import argparse
import json
import sys
from collections import defaultdict

LEAST = {"async": 90, "handlers": 90, "config": 90, "server": 90}
NOT_COUNTED = "gcovr/noncode"


class Count:
    def __init__(self):
        self.lines = self.lines_run = self.branches = self.branches_taken = 0
        self.missing = []

    def add(self, line):
        if line.get(NOT_COUNTED):
            return
        self.lines += 1
        self.lines_run += line["count"] > 0
        self.branches += len(line["branches"])
        self.branches_taken += sum(branch["count"] > 0 for branch in line["branches"])
        if line["count"] == 0:
            self.missing.append(line["line_number"])

    def __iadd__(self, other):
        for name in ("lines", "lines_run", "branches", "branches_taken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def percent(self):
        return 100 * self.lines_run / self.lines if self.lines else 100.0

    def __str__(self):
        branches = f"{100 * self.branches_taken / self.branches:6.1f} %" if self.branches else "-"
        return f"{self.percent:6.1f} % {self.lines:6} {branches:>9} {self.branches:6}"


def ranges(numbers):
    """1, 2, 3, 7 as "1-3 7"."""
    found = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(f"{first}-{last}" if last > first else str(first) for first, last in found)


def read(path):
    """{room: {file: Count}}"""
    rooms = defaultdict(dict)
    with open(path, encoding="utf-8") as file:
        for of_file in json.load(file)["files"]:
            count = Count()
            for line in of_file["lines"]:
                count.add(line)
            if count.lines:
                rooms[of_file["file"].partition("/")[0]][of_file["file"]] = count
    return rooms


def report(rooms, with_missing):
    """Prints it. Returns what is wrong, in words."""
    print(f"{'':32} {'lines':>8} {'of':>6} {'branches':>9} {'of':>6}")
    for room, files in sorted(rooms.items()):
        whole = Count()
        for name, count in sorted(files.items()):
            whole += count
            lines = f"   {ranges(count.missing)}" if with_missing and count.missing else ""
            print(f"{name:32} {count}{lines}")
        print(f"{room + '/':32} {whole}\n")
        if whole.percent < LEAST.get(room, 0):
            yield f"{room}/: {whole.percent:.1f} % of its lines, below {LEAST[room]} %"
    for room in set(LEAST) - set(rooms):
        yield f"{room}/: nothing was counted"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="name the lines that never ran")
    parser.add_argument("json", help="gcovr's")
    given = parser.parse_args()
    faults = list(report(read(given.json), given.missing))
    for fault in faults:
        print(f"coverage: {fault}", file=sys.stderr)
    return 1 if faults else 0


sys.exit(main())
