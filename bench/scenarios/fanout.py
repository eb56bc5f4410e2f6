"""One request that awaits many: /parallel of up to a million tasks, in a fresh process."""
import json
import subprocess
import tempfile

from running import Failure, Running, get, on_cores
from scenarios import options
from watch import Watch

NAME = "fan-out"
DELAY_MS = 100
AT_MOST_S = 20
TIMED_OUT = 28  # curl(1), exit codes


def takes(server):
    return not server.is_floor


def is_whole(body, count):
    """In any order: where starting them all takes longer than the delay, a scheduler may well let
    the first say World before the last says Hello."""
    said = json.loads(body)["output"]
    return said.count("Hello") == said.count("World") == count and len(said) == 2 * count


def ask(bench, running, count):
    """curl's seconds until the last byte, and the server's figures."""
    get(running, running.server.path("parallel", 0, 3))
    with tempfile.NamedTemporaryFile() as answer:
        command = ["curl", "-s", "--max-time", str(AT_MOST_S), "-o", answer.name,
                   "-w", "%{http_code} %{time_total}", running.url("parallel", DELAY_MS, count)]
        with Watch(running.pid, bench.cores) as watch, on_cores({bench.load_core}):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == TIMED_OUT:
            raise Failure(f"no answer in {AT_MOST_S} s", case=str(count), over_s=AT_MOST_S)
        status, _, seconds = done.stdout.partition(" ")
        if done.returncode != 0 or status != "200" or not is_whole(answer.read(), count):
            raise Failure(f"status {status}, curl {done.returncode}, or the answer is not whole",
                          case=str(count))
    return {**watch.figures, "took_s": round(float(seconds), 4)}


def measure(bench, server):
    if not bench.wants(server, {"awaitd", "rust-hyper"}):
        return
    for count in bench.plan.counts:
        with Running(bench, server, options.of(server, *options.A_MILLION)) as running:
            yield {"case": str(count), **ask(bench, running, count)}
