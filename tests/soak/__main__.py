"""A soak: one awaitd, many kinds of clients for a long time, a sample each second, a verdict."""
import argparse
import asyncio
import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

import machine
import picture
import proc
import verdict
from crowd import Crowd
from sampling import Sampler
from service import Service

FOLDER = Path(__file__).resolve().parents[2]
REST_PATIENCE_S = 10
FIRST_VISITS = 64  # so many that each loop has had one, and libuv its spare descriptor there


def options():
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.add_argument("--awaitd", default="build/release/awaitd", help="the binary")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=60, help="visits of clients per second")
    parser.add_argument("--keep", action="store_true", help="results go to bench/results")
    parser.add_argument("--output", type=Path, help="folder for the results")
    return parser.parse_args()


def describe(given, service):
    """Nothing in it tells which machine it was, only of which kind."""
    return {
        "measured": datetime.date.today().isoformat(),
        "minutes": given.minutes,
        "visits_per_second": given.rate,
        "awaitd": machine.said(given.awaitd, "--version"),
        "options": service.options,
        "cpu": machine.first(r"^model name\s*: (.+)$", proc.read("/proc/cpuinfo")),
        "cores": os.cpu_count(),
        "system": machine.first(r'^PRETTY_NAME="(.+)"$', proc.read("/etc/os-release")),
    }


async def rest(sampler, before=None):
    """Until nobody is left but who asks, or patience ends."""
    for _ in range(REST_PATIENCE_S * 5):
        sample = sampler.take()
        if not [*verdict.judge_rest(before or sample, sample)]:
            break
        await asyncio.sleep(0.2)
    return sample


def show(sample, minutes):
    """On a terminal one line that changes."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{sample['at_seconds'] / 60:.1f} of {minutes:g} minutes: "
              f"{sample['requests']} requests, {sample['connections']} connections, "
              f"{sample['tasks']} tasks, {sample['rss_mb']} MB", end="", file=sys.stderr, flush=True)


async def soak(service, given):
    sampler = Sampler(service)
    for _ in range(FIRST_VISITS):
        sampler.take()
    before = await rest(sampler)
    samples = []
    crowd = Crowd(service, given.rate)
    work = asyncio.create_task(crowd.run(given.minutes * 60))
    while not work.done():
        if not crowd.is_complete:
            samples.append(sampler.take())
            show(samples[-1], given.minutes)
        await asyncio.wait([work], timeout=1)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    work.result()
    after = await rest(sampler, before)
    return before, samples, after, crowd


def write(folder, head, samples, tail):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "soak.jsonl", "w", encoding="ascii") as file:
        for line in [head, *samples, tail]:
            file.write(json.dumps(line) + "\n")
    (folder / "soak.svg").write_text(picture.draw(head, samples), encoding="ascii")


def main():
    given = options()
    output = given.output or FOLDER / ("bench/results" if given.keep else "build/soak")
    with tempfile.TemporaryDirectory() as scratch, Service(given.awaitd, scratch) as service:
        head = describe(given, service)
        before, samples, after, crowd = asyncio.run(soak(service, given))
        status = service.stop()
    faults = verdict.judge(before, samples, after, crowd)
    if status != 0:
        faults.append(f"awaitd ended with status {status}")
    tail = {"before": before, "after": after, "visits": crowd.visits, "answers": crowd.answers,
            "faults": faults}
    write(output, head, samples, tail)
    print(f"{sum(crowd.visits.values())} visits, {sum(crowd.answers.values())} answers: "
          + ("flat" if not faults else "NOT flat"))
    for fault in faults:
        print("  " + fault)
    return 1 if faults else 0


sys.exit(main())
