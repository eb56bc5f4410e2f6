"""What a small request notices of large ones: /hi of 10 ms on 8 connections of the one loop thread,
while a client asks for /parallel of a million tasks again and again."""
import subprocess
import threading
from contextlib import contextmanager

import turns
from load import loaded
from running import Failure, Running
from scenarios import options

NAME = "fairness"
CASE = "hi-beside-a-million"
CONNECTIONS = 8
DELAY_MS = 10


def takes(server):
    return server.is_awaitd


class Millions:
    """A client that asks for a million tasks, again and again, until it is told to stop. It lets
    the last answer end: a client that leaves is another matter."""

    def __init__(self, url):
        self.took_s, self.failures = [], 0
        # Behind wrk on their core: what is to be seen is the server, not a client in the way.
        self._command = ["nice", "-n", "19", "curl", "-s", "--max-time", "20", "-o", "/dev/null",
                         "-w", "%{http_code} %{time_total}", url]
        self._is_over = threading.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self):
        while not self._is_over.is_set():
            done = subprocess.run(self._command, capture_output=True, text=True, check=False)
            status, _, seconds = done.stdout.partition(" ")
            if done.returncode == 0 and status == "200":
                self.took_s.append(float(seconds))
            else:
                self.failures += 1
            self._begun.set()

    @contextmanager
    def asked(self):
        self._thread.start()
        self._begun.wait()  # the first one has been answered: from here on it is "again"
        try:
            yield
        finally:
            self._is_over.set()
            self._thread.join()


def measure(bench, server):
    with Running(bench, server, options.of(server, *options.MILLIONS)) as running:
        millions = Millions(running.url("parallel", 100, 1_000_000))
        with millions.asked():
            before = turns.read(running)
            row = loaded(bench, running, running.url("hi", DELAY_MS), CONNECTIONS,
                         bench.plan.load_s)
            row.update(turns.between(before, turns.read(running)))
    if millions.failures or not millions.took_s:
        raise Failure(f"{millions.failures} requests of a million failed")
    row["millions"] = len(millions.took_s)
    row["million_took_s"] = round(max(millions.took_s), 3)
    yield {"case": CASE, **row}
