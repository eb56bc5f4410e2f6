"""What one request costs when nothing waits: a delay of 0, connections that are kept."""
from load import loaded, wrk
from running import Running
from scenarios import options

NAME = "throughput"
# case: endpoint, count, connections, and what the goals compare with
CASES = {
    "hi-64": ("hi", None, 64, {"awaitd", "rust-hyper", "go", "fastapi", "libh2o-untrimmed"}),
    "hi-512": ("hi", None, 512, {"awaitd", "rust-hyper"}),
    "parallel-64": ("parallel", 3, 64, {"awaitd", "rust-hyper"}),
    "parallel-512": ("parallel", 3, 512, set()),
}


def takes(_server):
    return True


def measure(bench, server):
    with Running(bench, server, options.of(server)) as running:
        for case, (endpoint, count, connections, for_goals) in CASES.items():
            if bench.wants(server, for_goals) and not (server.is_floor and endpoint != "hi"):
                url = running.url(endpoint, 0, count)
                wrk(bench, url, connections, bench.plan.warm_up_s)  # compilers, pools, caches
                yield {"case": case, **loaded(bench, running, url, connections, bench.plan.load_s)}
