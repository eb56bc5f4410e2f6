"""The table of README.md, made from a file of results: python3 bench/readme.py FILE. With --plot,
the picture instead."""
import sys

import plot
import servers
from results import Results

# heading, scenario, case, field, decimals
COLUMNS = [
    ("`/hi`, requests per CPU second", "throughput", "hi-64", "per_cpu_second", 0),
    ("`/parallel`, requests per CPU second", "throughput", "parallel-64", "per_cpu_second", 0),
    ("15,000 in flight: p99 beyond 1 s", "in-flight", "15000", "p99_beyond_ms", 0),
    ("peak memory", "in-flight", "15000", "peak_mb", 0),
    ("a million tasks of 100 ms", "fan-out", "1000000", "took_s", 2),
    ("peak memory", "fan-out", "1000000", "peak_mb", 0),
]
UNITS = {"p99_beyond_ms": " ms", "peak_mb": " MB", "took_s": " s"}
EXPLAINED = {
    "libh2o-untrimmed": "constant answer on bare libh2o",
    "libh2o-evloop-untrimmed": "the same on libh2o's own loop",
}


def cell(results, server, scenario, case, field, decimals):
    value = results.median(scenario, case, server.name, field)
    if value is not None:
        return f"{value:,.{decimals}f}{UNITS.get(field, '')}"
    over_s = results.over_s(scenario, server.name)
    return f"over {over_s} s" if over_s and field == "took_s" else ""


def row(results, server):
    cells = [cell(results, server, *column[1:]) for column in COLUMNS]
    title = EXPLAINED.get(server.name, server.title)
    return [f"**{title}**" if server.is_awaitd else title, *cells]


def table(results):
    shown = [server for server in servers.SERVERS
             if (not server.is_floor or server.name in EXPLAINED)
             and results.median("throughput", "hi-64", server.name, "per_cpu_second")]
    rows = [["", *(column[0] for column in COLUMNS)], ["---", *["--:"] * len(COLUMNS)]]
    rows += [row(results, server) for server in shown]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def source(results):
    machine, day = results.machine["machine"], results.machine["measured"]
    return (f"Measured {day} on {machine['cores']} cores of {machine['cpu']}, {machine['system']}, Linux {machine['kernel']}.")


if __name__ == "__main__":
    loaded = Results.load(sys.argv[1])
    if sys.argv[2:] == ["--plot"]:
        print(plot.draw(loaded), end="")
    else:
        print(table(loaded), source(loaded), sep="\n\n")
