"""awaitd as the neighbours find it: at an address that stays, whoever serves there."""
import ctypes
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys

from program import START_S, Program, eventually, free_port

SO_ATTACH_FILTER = 26  # Linux; Python has no name for it

# LISTEN_PID has to name the process that awaitd will be, which only that process knows in time.
HAND_DOWN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)


class Awaitd(Program):
    """One process. Its metrics are on a port and a connection of their own: they count nothing but
    themselves, once."""

    def __init__(self, folder, inherited=None, port=0, tls_port=0, options=()):
        self.admin_port = free_port()
        awaitd = [os.environ["AWAITD"], "--host=127.0.0.1", f"--port={port}", f"--tls-port={tls_port}",
                  f"--admin-port={self.admin_port}", "--threads=2", "--log=json",
                  "--tls-cert=cert.pem", "--tls-key=key.pem", *options]
        if inherited is None:
            super().__init__(awaitd, folder)
        else:
            launcher = [sys.executable, "-I", "-S", "-c", HAND_DOWN, str(inherited.fileno())]
            super().__init__([*launcher, *awaitd], folder, pass_fds=[inherited.fileno()])
        self.name = "awaitd"
        self.wait_for_ports([self.admin_port])  # it opens that one last
        self._admin = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=START_S)

    def metric(self, name):
        """All of that name together."""
        self._admin.request("GET", "/metrics")
        page = self._admin.getresponse().read().decode()
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+-]+)$", page, re.M)
        return round(sum(map(float, values)))

    def line_about(self, uri):
        """What the log says of the request that asked for exactly this."""
        found = []

        def is_logged():
            with open(self.log, encoding="utf-8") as log:
                lines = [json.loads(line) for line in log if line.startswith("{")]
            found.extend(line for line in lines if line.get("uri") == uri)
            return found
        return found[0] if eventually(is_logged) else None

    def becomes(self, name, value, seconds=START_S):
        return eventually(lambda: self.metric(name) == value, seconds)

    def reaches(self, name, value, seconds=START_S):
        return eventually(lambda: self.metric(name) >= value, seconds)

    def stop(self):
        self._admin.close()
        super().stop()


def can_leave_a_port():
    """Whether awaitd may attach a socket filter, without which a port that it leaves to another may
    reset a connection now and then (docs/decisions/0010-leaving-a-port.md)."""
    take_all = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0xffffffff))
    program = struct.pack("HP", 1, ctypes.addressof(take_all))
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            return True
        except PermissionError:
            return False


class Backend:
    """An address that is always served: the socket is ours, and one awaitd after the other gets it.
    For TLS, each opens the same port."""

    def __init__(self, folder, options=()):
        self._folder, self._options = folder, options
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port, self.tls_port = self._socket.getsockname()[1], free_port()
        self.awaitd = self._start()

    def _start(self):
        return Awaitd(self._folder, self._socket, tls_port=self.tls_port, options=self._options)

    def restart(self):
        """The successor serves before its predecessor is told to go; the exit status of that one."""
        old, self.awaitd = self.awaitd, self._start()
        old.signal(signal.SIGTERM)
        status = old.wait()
        old.stop()
        return status

    def close(self):
        self.awaitd.stop()
        self._socket.close()
