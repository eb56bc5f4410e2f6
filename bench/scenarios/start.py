"""From the start of a process to its first answer, and its memory when it had no other."""
import statistics
import time

import proc
from running import Running
from scenarios import options
from watch import Watch

NAME = "start"
CASE = "first-answer"
THREADS = 2
SETTLED_AFTER_S = 1


def takes(server):
    return not server.is_floor


def measure(bench, server):
    if not bench.wants(server, {"awaitd"}):
        return
    started = options.of(server, threads=THREADS)
    ready_ms = []
    for _ in range(bench.plan.starts - 1):
        with Running(bench, server, started) as running:
            ready_ms.append(running.ready_ms)
    with Running(bench, server, started) as running:
        ready_ms.append(running.ready_ms)
        with Watch(running.pid, bench.cores) as watch:
            time.sleep(SETTLED_AFTER_S)
        resident_mb = proc.memory_mb(running.pid, "VmRSS")
    yield {"case": CASE, **watch.figures, "ready_ms": round(statistics.median(ready_ms), 2),
           "least_ms": round(min(ready_ms), 2), "most_ms": round(max(ready_ms), 2),
           "resident_mb": round(resident_mb, 2)}
