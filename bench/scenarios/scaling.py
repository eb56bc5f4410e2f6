"""Two loop threads against one. On a machine of two cores the load has no core of its own, so this
does not race: see goals.speed_up() for what is made of the figures."""
from load import loaded, wrk
from running import Running
from scenarios import options

NAME = "scaling"
CONNECTIONS = 256
LOAD_THREADS = 2


def takes(server):
    return server.is_awaitd


def measure(bench, server):
    how = {"cores": bench.cores, "threads": LOAD_THREADS}
    for threads in (1, 2):
        started = options.of(server, threads=threads)
        with Running(bench, server, started, cores=bench.cores) as running:
            url = running.url("hi", 0)
            wrk(bench, url, CONNECTIONS, bench.plan.warm_up_s, **how)
            row = loaded(bench, running, url, CONNECTIONS, bench.plan.load_s, **how)
        loops_s = row["busiest_threads_s"][:threads]
        row["balance"] = round(sum(loops_s) / max(loops_s), 3)  # threads, were they evenly busy
        yield {"case": f"threads-{threads}", **row}
