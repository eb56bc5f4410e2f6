"""How exactly a sleep ends, as the server itself tells it: alone, and with 10,000 in flight."""
import http.client
import json
import statistics

from load import wrk
from running import Failure, Running
from scenarios import options
from watch import Watch

NAME = "precision"
IDLE, LOADED = "idle", "10000-in-flight"
IDLE_DELAY_MS = 100
LOADED_DELAY_MS = 1000
CONNECTIONS = 10_000


def takes(server):
    return not server.is_floor


def percentile(values, part):
    """The nearest rank."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def told_ms(running, requests):
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    try:
        for _ in range(requests):
            connection.request("GET", running.server.path("hi", IDLE_DELAY_MS))
            yield 1000 * json.loads(connection.getresponse().read())["elapsed_seconds"]
    finally:
        connection.close()


def measure_idle(bench, running):
    with Watch(running.pid, bench.cores) as watch:
        beyond = [ms - IDLE_DELAY_MS for ms in told_ms(running, bench.plan.asked_in_turn)]
    return {**watch.figures, "answers": len(beyond), "early": sum(ms < 0 for ms in beyond),
            "least_ms": round(min(beyond), 4), "p50_ms": round(statistics.median(beyond), 4),
            "p99_ms": round(percentile(beyond, 0.99), 4), "most_ms": round(max(beyond), 4)}


def measure_loaded(bench, running):
    with Watch(running.pid, bench.cores) as watch:
        row = wrk(bench, running.url("hi", LOADED_DELAY_MS), CONNECTIONS, bench.plan.in_flight_s,
                  "told.lua", [LOADED_DELAY_MS, CONNECTIONS])
    if not row["answers"]:
        raise Failure("answered nothing")
    return {**watch.figures, **row}


def measure(bench, server):
    if bench.wants(server, {"awaitd"}):
        with Running(bench, server, options.of(server)) as running:
            yield {"case": IDLE, **measure_idle(bench, running)}
            yield {"case": LOADED, **measure_loaded(bench, running)}
