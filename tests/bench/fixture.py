"""Results made by hand, small enough to reckon with on paper."""
import json

from results import Results

MACHINE = {
    "measured": "2026-01-02", "full": True, "rounds": 2, "awaitd": "awaitd 0.1.0",
    "machine": {"cpu": "A Processor <&>", "cores": 2, "memory_gb": 8.0, "kernel": "6.1", "system": "Debian"},
    "versions": {name: {} for name in ("awaitd", "rust-hyper", "go", "fastapi", "libh2o-untrimmed")},
}


def row(scenario, case, server, turn, **figures):
    return {"scenario": scenario, "case": case, "server": server, "round": turn, "others": 0.01,
            "disturbed": False, "tries": 1, **figures}


def throughput(case, server, *per_cpu_seconds):
    return [row("throughput", case, server, turn, per_cpu_second=value, per_second=value / 2, p50_ms=1.0,
                p99_ms=2.0, peak_mb=5.0, errors=0) for turn, value in enumerate(per_cpu_seconds)]


def in_flight(server, cpu_us, p99_ms, peak_mb, *errors):
    return [row("in-flight", "15000", server, turn, cpu_us_per_request=cpu_us, per_second=14000.0,
                p50_beyond_ms=1.0, p99_beyond_ms=p99_ms, peak_mb=peak_mb, errors=count)
            for turn, count in enumerate(errors)]


ROWS = [
    # The machine is twice as fast in round 2: the ratios are 1.5 and 2, those of the medians are not.
    *throughput("hi-64", "awaitd", 150.0, 400.0),
    *throughput("hi-64", "rust-hyper", 100.0, 200.0),
    *throughput("hi-64", "go", 100.0, 400.0),
    *throughput("parallel-64", "awaitd", 90.0, 90.0),
    *throughput("parallel-64", "rust-hyper", 100.0, 100.0),
    *in_flight("awaitd", 9.0, 40.0, 70.0, 0, 3),
    *in_flight("rust-hyper", 10.0, 100.0, 100.0, 0, 0),
    row("fan-out", "1000000", "awaitd", 0, took_s=0.2, cpu_s=0.1, peak_mb=100.0),
    row("fan-out", "1000000", "awaitd", 1, took_s=0.4, cpu_s=0.1, peak_mb=140.0),
    row("fan-out", "10000", "fastapi", 0, took_s=0.5, cpu_s=0.4, peak_mb=90.0),
    {"scenario": "fan-out", "case": "1000000", "server": "fastapi", "round": 0, "failed": "no answer in 20 s",
     "over_s": 20, "tries": 1, "disturbed": False},
    row("fairness", "hi-beside-a-million", "awaitd", 0, p50_ms=10.5, p99_ms=15.0, most_ms=16.0, requests=900,
        millions=9, million_took_s=0.3, turns=1000, turns_over_5ms=0, longest_turn_ms=2.5),
    row("fairness", "hi-beside-a-million", "awaitd", 1, p50_ms=10.5, p99_ms=17.0, most_ms=99.0, requests=900,
        millions=9, million_took_s=0.3, turns=1000, turns_over_5ms=2, longest_turn_ms=None),
    {**row("precision", "idle", "awaitd", 0, least_ms=0.05, p50_ms=0.1, p99_ms=0.3, most_ms=0.3, early=0,
           answers=50), "others": 0.4, "disturbed": True},
    row("scaling", "threads-1", "awaitd", 0, per_cpu_second=100.0, per_second=80.0, p99_ms=1.0, errors=0,
        balance=1.0),
    row("scaling", "threads-2", "awaitd", 0, per_cpu_second=95.0, per_second=140.0, p99_ms=1.0, errors=0,
        balance=1.8),
]


def results():
    return Results(MACHINE, json.loads(json.dumps(ROWS)))


def nothing():
    return Results(MACHINE, [])
