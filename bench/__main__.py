"""script/bench: awaitd and its peers, side by side."""
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

import command_line
import install
import machine
import plot
import report
import rounds
import scenarios
import servers
from plan import Bench
from results import Results
from running import Failure

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
LATEST = FOLDER / "results/latest.jsonl"
# 15,000 connections, and a few for the program itself.
DESCRIPTORS = 15_500
FOR_THE_GOALS = ["rust-hyper", "go", "fastapi", "libh2o-untrimmed"]


def say(text):
    print(text, flush=True)


def raise_descriptors():
    """For this program, and so for all that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        say(f"  only {hard} descriptors are allowed (ulimit -Hn): in-flight will have errors")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))


def servers_for(options):
    wanted = FOR_THE_GOALS if options.quick and options.peers is None else options.peers
    return [server for server in servers.SERVERS
            if server.is_awaitd or wanted is None or server.name in wanted]


def bench_of(options):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        say("  one core for the server and the load: the figures say little")
    release = ROOT / "build/release"
    return Bench(
        plan=command_line.plan_of(options), folder=FOLDER, release=release,
        awaitd=options.awaitd or release / "awaitd", built=release / "bench",
        logs=ROOT / "build/bench", server_core=cores[0], load_core=cores[-1], port=options.port,
        servers=servers_for(options),
        asked_for={"awaitd", *options.peers} if options.peers else set())


def prepare(options):
    say("Preparing")
    raise_descriptors()
    bench = bench_of(options)
    for folder in (bench.built, bench.logs):
        folder.mkdir(parents=True, exist_ok=True)
    if not options.awaitd:
        install.build_awaitd(bench)
    install.prepare_all(bench, say)
    if not any(server.is_awaitd for server in bench.servers):
        raise Failure("without awaitd there is nothing to compare")
    os.sched_setaffinity(0, {bench.load_core})
    return bench


def progress(row):
    text = f"  round {row['round'] + 1}, {row['scenario']} {row.get('case', '')}: {row['server']}"
    if "failed" in row:
        text += f" failed: {row['failed']}"
    return text + (" (disturbed)" if row["disturbed"] else "")


def measure(bench, chosen, path, is_full):
    """Each row is written as soon as there is one: a run that is stopped has shown something."""
    say("Measuring")
    rows, about = [], machine.describe(bench, is_full)
    with open(path, "w", encoding="utf-8") as out:
        print(json.dumps(about), file=out, flush=True)

        def note(row):
            rows.append(row)
            print(json.dumps(row), file=out, flush=True)
            say(progress(row))

        rounds.run(bench, chosen, note)
    return Results(about, rows)


def show(results):
    report.print_tables(results, say)
    report.print_goals(results, say)


def keep(written, results):
    shutil.copyfile(written, LATEST)
    LATEST.with_suffix(".svg").write_text(plot.draw(results), encoding="utf-8")
    say(f"Kept as {LATEST.relative_to(ROOT)}. Now: script/readme")


def main():
    options = command_line.parse()
    if options.report:
        show(Results.load(options.report))
        return
    bench = prepare(options)
    is_full = command_line.is_full(options)
    out = options.out or bench.logs / "results.jsonl"
    results = measure(bench, [scenarios.BY_NAME[name] for name in options.scenarios], out, is_full)
    show(results)
    if is_full and not options.out:
        keep(out, results)


if __name__ == "__main__":
    # Ends as Ctrl-C does: the server that runs is stopped first.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        main()
    except (Failure, OSError) as failure:
        sys.exit(f"script/bench: {failure}")
