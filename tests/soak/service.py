"""The awaitd that is soaked: on ports of the kernel's choice, with TLS, its log in a file."""
import re
import subprocess
import time
from pathlib import Path

START_S = 10
STOP_S = 30


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", f"{folder}/key.pem",
         "-out", f"{folder}/cert.pem"], check=True, capture_output=True)


class Service:
    # Few blocking ones, so that a crowd of them is refused; the time-out ends clients that idle.
    options = ["--max-blocking=4", "--idle-timeout=5s", "--log=json"]

    def __init__(self, awaitd, scratch):
        make_certificate(scratch)
        self._log = Path(scratch) / "log"
        command = [awaitd, "--host=127.0.0.1", "--port=0", "--tls-port=0",
                   f"--tls-cert={scratch}/cert.pem", f"--tls-key={scratch}/key.pem"]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(command + self.options, stdout=log)
        self.pid = self._process.pid

    def __enter__(self):
        until = time.monotonic() + START_S
        ports = {}
        while "https" not in ports and time.monotonic() < until:
            time.sleep(0.02)
            ports = dict(re.findall(r"(https?)://127\.0\.0\.1:(\d+)", self._log.read_text()))
        if "https" not in ports:
            self.__exit__()
            raise RuntimeError("awaitd did not say where it listens")
        self.port, self.tls_port = int(ports["http"]), int(ports["https"])
        return self

    def stop(self):
        """Its exit status after SIGTERM."""
        self._process.terminate()
        return self._process.wait(STOP_S)

    def __exit__(self, *_exception):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
