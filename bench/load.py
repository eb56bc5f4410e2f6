"""Load from wrk, on the load's core, and what a run of it cost the server."""
import json
import subprocess

from running import Failure, on_cores
from watch import Watch

# Well above every delay that is asked for.
TIMEOUT_S = 10


def wrk(bench, url, connections, seconds, script="report.lua", arguments=(), cores=None, threads=1):
    """wrk's figures, as the script says them."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s",
               "--timeout", f"{TIMEOUT_S}s", "-s", str(bench.folder / "lua" / script), url]
    command += ["--", *map(str, arguments)] if arguments else []
    with on_cores(cores or {bench.load_core}):
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              timeout=seconds + 4 * TIMEOUT_S)
    for line in done.stdout.splitlines():
        if line.startswith("WRK "):
            return json.loads(line[4:])
    raise Failure(f"wrk: {(done.stderr or done.stdout).strip()[-200:]}")


def loaded(bench, running, url, connections, seconds, **how):
    """wrk's figures with the server's: requests a second, and a second of its CPU."""
    with Watch(running.pid, bench.cores) as watch:
        row = wrk(bench, url, connections, seconds, **how)
    row.update(watch.figures)
    if not row["requests"] or not row["cpu_s"]:
        raise Failure("answered nothing")
    row["per_second"] = round(row["requests"] / row["duration_s"], 1)
    row["per_cpu_second"] = round(row["requests"] / row["cpu_s"], 1)
    row["busiest_threads_s"] = [round(seconds, 3) for seconds in watch.threads_s[:2]]
    return row
