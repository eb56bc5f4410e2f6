"""The house keeps its order: each room uses only rooms below it, and no file needs itself in a circle.

  rooms.py SOURCES OBJECTS

Looks at what every file includes, and, by the symbols of its object file, at what it calls and whose
address it takes. (A struct by value needs its header.) Prints each line or name that may not stand
where it stands, and fails if there is one.
"""
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

# From the ground up: a room, and the rooms that it may use. What is above is not in reach.
ROOMS = {
    "text": [],
    "async": [],
    "config": ["text"],
    "plans": ["text"],
    "handlers": ["async", "plans", "text"],
    "views": ["handlers", "plans", "text"],
    "server/base": [],
    "server/ports": ["config", "text", "server/base"],
    "server/telemetry": ["async", "config", "text", "server/base"],
    "server/loop": ["async", "config", "text", "server/base", "server/ports", "server/telemetry"],
}
ROOMS["server/http"] = ROOMS["server/loop"] + ["handlers", "plans", "server/loop"]
ROOMS["server/http2"] = ROOMS["server/http"] + ["server/http"]
ROOMS["server/guard"] = ROOMS["server/http2"] + ["server/http2"]
ROOMS["server/accept"] = ROOMS["server/guard"] + ["server/guard"]
ROOMS["server/recorder"] = ROOMS["server/loop"] + ["handlers", "plans", "views", "server/loop"]
ROOMS["server/runs"] = ROOMS["server/http"] + ["views", "server/http", "server/recorder"]
ROOMS["server/api"] = ROOMS["server/runs"] + ["server/runs"]
ROOMS["server"] = list(ROOMS)

C = ("assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg "
     "stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype")
POSIX = "dirent fcntl netdb poll pthread sched strings sys/timerfd unistd"

# What else a room may include; a room that is not named here may include what it likes.
SYSTEM = {
    "text": f"{C} arpa/inet",
    "async": f"{C} {POSIX} uv",
    "config": f"{C} {POSIX} jansson",
    "plans": C,
    "handlers": C,
    "views": C,
}

# A view shows a timeline, and knows of no coroutine.
SHOWN = ("handlers/plan.h", "handlers/timeline.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])(\S+)[>"]', re.M)


def room_of(path):
    """The room that a file of the product lies in, or None."""
    folder = str(Path(path).parent)
    while folder not in ROOMS and folder != ".":
        folder = str(Path(folder).parent)
    return folder if folder in ROOMS else None


def unit_of(path):
    """A source and its header are one unit."""
    return re.sub(r"\.(c|h|c\.o)$", "", str(path))


def files_of(sources):
    for top in ("async", "config", "handlers", "server", "text", "views"):
        yield from sorted(path.relative_to(sources) for path in Path(sources, top).rglob("*.[ch]"))


def check_includes(sources, uses):
    """Yields offences, and notes in `uses` which unit uses which."""
    for path in files_of(sources):
        room = room_of(path)
        for kind, header in INCLUDE.findall(Path(sources, path).read_text()):
            if room == "views" and header.startswith("handlers/") and header not in SHOWN:
                yield f"{path} includes {header}; a view sees {' and '.join(SHOWN)} alone"
            if kind == '"' and Path(sources, header).exists():
                uses[unit_of(path)].add(unit_of(header))
                if room_of(header) not in ROOMS[room] + [room]:
                    yield f"{path} includes {header}, which is not below {room}/"
            elif room in SYSTEM and header.removesuffix(".h") not in SYSTEM[room].split():
                yield f"{path} includes {header}, which {room}/ does without"
            elif room == "async" and header == "uv.h" and unit_of(path) != "async/uv":
                yield f"{path} includes {header}, which is for async/uv.h alone"
    for path in sorted(Path(sources, "tests").rglob("*.[ch]")):
        for _, header in INCLUDE.findall(path.read_text()):
            if "h2o" in header:
                yield f"{path.relative_to(sources)} includes {header}, which no test sees"


def symbols_of(sources, objects):
    """For each unit the names that it defines for others, and those that it needs from others."""
    units = {}
    for path in sorted(Path(objects).glob("CMakeFiles/awaitd*.dir/**/*.c.o")):
        unit = unit_of(re.sub(r"^CMakeFiles/[^/]*/", "", str(path.relative_to(objects))))
        if room_of(unit) and Path(sources, f"{unit}.c").exists():
            units[str(path)] = unit
    defined, needed = {}, defaultdict(set)
    listed = subprocess.run(["nm", "-A", *units], check=True, capture_output=True, text=True) if units else None
    for line in listed.stdout.splitlines() if listed else []:
        path, symbol = line.split(":", 1)
        kind, name = symbol.split()[-2:]
        if kind == "U":
            needed[units[path]].add(name)
        elif kind.isupper():
            defined[name] = units[path]
    return defined, needed


def check_symbols(sources, objects, uses):
    defined, needed = symbols_of(sources, objects)
    if not defined:
        yield f"{objects} has no object files"
    for unit, names in needed.items():
        room = room_of(unit)
        for name in sorted(names):
            other = defined.get(name, unit)
            if other == unit:
                continue
            uses[unit].add(other)
            if room_of(other) not in ROOMS[room] + [room]:
                yield f"{unit}.c uses {name}() of {other}.c, which is not below {room}/"


def circles(uses):
    """The sets of units that need each other (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(unit):
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        for other in sorted(uses.get(unit, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[unit] = min(low[unit], low[other])
        if low[unit] == index[unit]:
            at = stack.index(unit)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for unit in sorted(uses):
        if unit not in index:
            visit(unit)
    return found


def offences(sources, objects):
    uses = defaultdict(set)
    yield from check_includes(sources, uses)
    yield from check_symbols(sources, objects, uses)
    for circle in circles(uses):
        arrows = [f"{a} -> {b}" for a in circle for b in sorted(uses[a] & set(circle)) if a != b]
        if arrows:
            yield f"a circle of {len(circle)} files: {', '.join(arrows)}"


def main():
    found = list(offences(*sys.argv[1:]))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
