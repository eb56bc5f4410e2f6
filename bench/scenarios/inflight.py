"""What it costs to wait: 15,000 connections, each of which asks for /hi of 1 s again and again."""
import time

from load import loaded
from running import Running
from scenarios import options

NAME = "in-flight"
CASE = "15000"
CONNECTIONS = 15_000
DELAY_MS = 1000


def takes(server):
    return not server.is_floor


def measure(bench, server):
    if not bench.wants(server, {"awaitd", "rust-hyper"}):
        return
    with Running(bench, server, options.of(server)) as running:
        url = running.url("hi", DELAY_MS)
        row = loaded(bench, running, url, CONNECTIONS, bench.plan.in_flight_s)
        time.sleep(1)  # what is left over from wrk's end is not the next one's
    row["cpu_us_per_request"] = round(1e6 * row["cpu_s"] / row["requests"], 2)
    row["p50_beyond_ms"] = round(row["p50_ms"] - DELAY_MS, 3)
    row["p99_beyond_ms"] = round(row["p99_ms"] - DELAY_MS, 3)
    yield {"case": CASE, **row}
