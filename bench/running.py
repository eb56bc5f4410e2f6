"""A server that runs for as long as a `with` block, and asking it for one answer."""
import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import proc

READY_WITHIN_S = 20
STOPS_WITHIN_S = 3


class Failure(Exception):
    """What a server or a tool did wrong: words for the results, and figures if it has any."""

    def __init__(self, words, **figures):
        super().__init__(words)
        self.figures = figures


@contextmanager
def on_cores(cores):
    """Whatever is started in the block runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def port_for(bench, server):
    """A port of its own for each, so that one's closed connections do not count for the next. One
    that somebody else listens on would be shared with them, and so would be the load: awaitd and
    others set SO_REUSEPORT."""
    port = bench.port + bench.servers.index(server) if bench.port else 0
    try:
        with socket.create_server(("", port)) as free:
            return free.getsockname()[1]
    except OSError as error:
        raise Failure(f"port {port}: {error.strerror}; see --port") from error


class Running:
    def __init__(self, bench, server, options=(), cores=None):
        self.server, self.port = server, port_for(bench, server)
        self._log_path = bench.logs / f"{server.name}.log"
        values = bench.values(self.port)
        if server.name == "nginx-lua":
            self._write_nginx_conf(bench, values)
        self._command = [word.format(**values) for word in server.command] + list(options)
        self._environment = server.environment_for(values)
        self._cores = cores or {bench.server_core}

    def _write_nginx_conf(self, bench, values):
        text = (bench.peers / "nginx-lua/nginx.conf").read_text()
        path = bench.built / "nginx/nginx.conf"
        path.write_text(text.replace("PORT", str(values["port"])))

    def __enter__(self):
        with open(self._log_path, "ab") as log, on_cores(self._cores):
            started = time.perf_counter()
            try:
                self._process = subprocess.Popen(
                    self._command, env=self._environment, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
            except OSError as error:
                raise Failure(f"cannot be started: {error.strerror}") from error
        self.pid = self._process.pid
        try:
            self._wait_ready(started)
        except BaseException:
            self.__exit__()
            raise
        self.ready_ms = 1000 * (time.perf_counter() - started)
        return self

    def _wait_ready(self, started):
        """Asks again at once: a pause would be measured with the start."""
        while time.perf_counter() - started < READY_WITHIN_S:
            try:
                if get(self, self.server.path("hi", 0))[0] == 200:
                    return
            except OSError:
                pass
            if self._process.poll() is not None:
                raise Failure(f"ended at once with status {self._process.returncode}")
        raise Failure(f"gave no answer within {READY_WITHIN_S} s")

    def __exit__(self, *_exception):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            for pid in reversed(proc.tree(self.pid)):
                os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def url(self, endpoint, delay_ms, count=None):
        return f"http://127.0.0.1:{self.port}" + self.server.path(endpoint, delay_ms, count)


def get(running, path, timeout_s=20.0):
    """The status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP: {error}") from error
    finally:
        connection.close()
