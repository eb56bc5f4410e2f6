"""script/bench: awaitd and its peers, side by side."""
import argparse
import dataclasses
import json
import os
import resource
import signal
import sys
from pathlib import Path

import install
import machine
import plot
import report
import rounds
import scenarios
import servers
from plan import FULL, QUICK, Bench
from results import Results
from running import Failure

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
LATEST = FOLDER / "results/latest.jsonl"
# 15,000 connections, and a few for the program itself.
DESCRIPTORS = 15_500

ABOUT = """\
Runs awaitd and the same service in other stacks side by side on this machine, and prints medians,
ratios and the goals that awaitd is to reach. Installs and builds what that takes. The server has
one core, wrk the other; everything stays on 127.0.0.1.

A full run takes about half an hour on two cores that have nothing else to do. It replaces
bench/results/latest.jsonl and latest.svg; script/readme then brings README.md in step."""
EXAMPLES = """\
examples:
  script/bench                                      all, three rounds
  script/bench --quick                              the goals only, under 2 minutes
  script/bench --peers go,rust-hyper --scenarios throughput
  script/bench --report bench/results/latest.jsonl  the tables of a run, again"""


def names_of(known):
    def parse(text):
        names = [name for name in text.split(",") if name and name != "none"]
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(known)}")
        return names
    return parse


def at_least_one(text):
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 100")
    return int(text)


def port(text):
    if not text.isdigit() or not (int(text) == 0 or 1024 <= int(text) <= 32000):
        raise argparse.ArgumentTypeError(f"'{text}' is not 0 or a port from 1024 to 32000")
    return int(text)


def parse_options():
    peers = [server.name for server in servers.SERVERS if not server.is_awaitd]
    parser = argparse.ArgumentParser(prog="script/bench", description=ABOUT, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="one short round of what the goals need; keeps no results")
    parser.add_argument("--peers", type=names_of(peers), metavar="A,B",
                        help=f"beside awaitd; none, or some of {', '.join(peers)}; default all")
    parser.add_argument("--scenarios", type=names_of(scenarios.BY_NAME), metavar="A,B",
                        help=f"some of {', '.join(scenarios.BY_NAME)}; default all")
    parser.add_argument("--rounds", type=at_least_one, metavar="N",
                        help="default 3; 1 with --quick; 1 to 100")
    parser.add_argument("--seconds", type=at_least_one, metavar="N",
                        help="of each load, in place of 5 (10 in flight); 1 to 100")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="where the results go: JSON lines; without it only a full run keeps any")
    parser.add_argument("--port", type=port, default=18080, metavar="NUMBER",
                        help="the first of a dozen; 0: free ones; default 18080")
    parser.add_argument("--awaitd", type=Path, metavar="FILE",
                        help="this binary, in place of building the release preset")
    parser.add_argument("--report", type=Path, metavar="FILE",
                        help="print the tables and goals of these results, and measure nothing")
    return parser.parse_args()


def plan_of(options):
    plan = QUICK if options.quick else FULL
    if options.rounds:
        plan = dataclasses.replace(plan, rounds=options.rounds)
    if options.seconds:
        plan = dataclasses.replace(plan, load_s=options.seconds, in_flight_s=options.seconds)
    return plan


def raise_descriptors(say):
    """For this program, and so for all that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        say(f"  only {hard} descriptors are allowed (ulimit -Hn): in-flight will have errors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def bench_of(options, say):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        say("  one core for the server and the load: the figures say little")
    release = ROOT / "build/release"
    bench = Bench(plan_of(options), FOLDER, release, options.awaitd or release / "awaitd",
                  release / "bench", ROOT / "build/bench", cores[0], cores[-1], options.port)
    for folder in (bench.built, bench.logs):
        folder.mkdir(parents=True, exist_ok=True)
    wanted = options.peers
    if wanted is None and options.quick:
        wanted = ["rust-hyper", "go", "fastapi", "libh2o-untrimmed"]
    bench.asked_for = set(options.peers or [])
    bench.servers = [server for server in servers.SERVERS
                     if server.is_awaitd or wanted is None or server.name in wanted]
    return bench


def measure(bench, chosen, path, is_full, say):
    rows = []
    about = machine.describe(bench, is_full)
    with open(path, "w", encoding="utf-8") as out:
        print(json.dumps(about), file=out, flush=True)

        def note(row):
            rows.append(row)
            print(json.dumps(row), file=out, flush=True)
            say(f"  round {row['round'] + 1}, {row['scenario']} {row.get('case', '')}:"
                f" {row['server']}{' failed: ' + row['failed'] if 'failed' in row else ''}"
                f"{' (disturbed)' if row.get('disturbed') else ''}")

        rounds.run(bench, chosen, note)
    return Results(about, rows)


def main():
    options = parse_options()

    def say(text):
        print(text, flush=True)

    if options.report:
        results = Results.load(options.report)
        report.print_tables(results, say)
        report.print_goals(results, say)
        return 0
    say("Preparing")
    raise_descriptors(say)
    bench = bench_of(options, say)
    if not options.awaitd:
        install.build_awaitd(bench)
    install.prepare_all(bench, say)
    if not any(server.is_awaitd for server in bench.servers):
        return 1
    say("Measuring")
    chosen = [scenarios.BY_NAME[name] for name in options.scenarios or scenarios.BY_NAME]
    is_full = not (options.quick or options.peers is not None or options.scenarios)
    os.sched_setaffinity(0, {bench.load_core})
    unfinished = options.out or bench.logs / "results.jsonl"
    results = measure(bench, chosen, unfinished, is_full, say)
    report.print_tables(results, say)
    report.print_goals(results, say)
    if is_full and not options.out:
        LATEST.write_text(unfinished.read_text(encoding="utf-8"), encoding="utf-8")
        LATEST.with_suffix(".svg").write_text(plot.draw(results), encoding="utf-8")
        say(f"Kept as {LATEST.relative_to(ROOT)}. Now: script/readme")
    return 0


if __name__ == "__main__":
    # Ends as Ctrl-C does: the server that runs is stopped first.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"script/bench: {failure}")
